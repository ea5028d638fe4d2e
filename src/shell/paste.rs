//! Texts of more than one line: a pasted block, and a line that goes on.

/// The logical lines of a pasted block: line ends of every kind, `$ ` prompts
/// cut off, continuations joined, blank lines dropped. Where the block shows
/// prompts, lines without one are output and are dropped too.
pub fn pasted(text: &str) -> Vec<String> {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let text = text.trim_start_matches('\u{feff}');
    let prompts = text.lines().any(|line| after_prompt(line).is_some());
    let mut lines = Vec::new();
    let mut raw = text.split('\n');
    while let Some(first) = raw.next() {
        let mut line = match (after_prompt(first), prompts) {
            (Some(command), _) => command.to_string(),
            (None, true) => continue,
            (None, false) => first.to_string(),
        };
        while let Some(open) = open_end(&line) {
            let Some(next) = raw.next() else { break };
            join(&mut line, next, open, prompts);
        }
        let line = line.trim();
        if !line.is_empty() && line != "$" {
            lines.push(line.to_string());
        }
    }
    lines
}

/// Whether what was typed goes on in the next line: it ends in `\`, or a quote is open.
pub fn is_unfinished(text: &str) -> bool {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    open_end(&text).is_some()
}

/// Whether a line that is typed, or a pasted block, goes on in the next line: it
/// ends in `\`. A block comes as a whole, so a quote that is open in it, or in what
/// was typed, was forgotten.
pub fn is_continued(text: &str) -> bool {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    open_end(&text) == Some(Open::Backslash)
}

/// Why a text goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Open {
    Backslash,
    Quote,
}

fn after_prompt(line: &str) -> Option<&str> {
    let line = line.trim_start();
    match line {
        "$" => Some(""),
        _ => line.strip_prefix("$ ").or_else(|| line.strip_prefix("$\t")),
    }
}

/// Why the last logical line of `text` goes on, if it does. Blanks after a last
/// `\` are overlooked: they come with text copied from a page.
fn open_end(text: &str) -> Option<Open> {
    let mut quote = None;
    let mut word_begins = true;
    let mut comment = false;
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match (quote, c) {
            (_, '\n') if quote.is_none() => {
                word_begins = true;
                comment = false;
                continue;
            }
            _ if comment => continue,
            (None, '#') if word_begins => comment = true,
            (None, '\'' | '"') => quote = Some(c),
            (Some(open), _) if open == c => quote = None,
            (None | Some('"'), '\\') => {
                if quote.is_none() && text[at + 1..].trim().is_empty() {
                    return Some(Open::Backslash);
                }
                chars.next();
            }
            _ => {}
        }
        word_begins = quote.is_none() && c.is_whitespace();
    }
    quote.map(|_| Open::Quote)
}

fn join(line: &mut String, next: &str, open: Open, prompts: bool) {
    match open {
        Open::Quote => {
            line.push('\n');
            line.push_str(next);
        }
        Open::Backslash => {
            // A terminal shows its second prompt, `> `, where a line goes on.
            let next = match prompts {
                true => next.strip_prefix("> ").unwrap_or(next),
                false => next,
            };
            line.truncate(line.trim_end().len());
            line.pop();
            let kept = line.trim_end().len();
            let blank = kept < line.len() || next.starts_with([' ', '\t']);
            line.truncate(kept);
            if blank {
                line.push(' ');
            }
            line.push_str(next.trim_start());
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn blocks_become_logical_lines() {
        for (text, lines) in [
            ("", &[][..]),
            ("docker ps", &["docker ps"]),
            ("docker ps\r\n\r\nhint\r", &["docker ps", "hint"]),
            (
                "docker exec -it manager \\\n    docker node ls\nnext\n",
                &["docker exec -it manager docker node ls", "next"],
            ),
            (
                "docker exec manager \\  \r\nls",
                &["docker exec manager ls"],
            ),
            ("ab\\\ncd", &["abcd"]),
            (
                "$ docker node ls\nID   HOSTNAME\nx *  don't\n$ docker ps\n$\n",
                &["docker node ls", "docker ps"],
            ),
            (
                "$ docker exec manager \\\n> docker ps\noutput",
                &["docker exec manager docker ps"],
            ),
            ("sh -c 'a\nb'\nnext", &["sh -c 'a\nb'", "next"]),
            (
                "# it's a comment\ndocker ps",
                &["# it's a comment", "docker ps"],
            ),
            ("docker ps \\", &["docker ps \\"]),
        ] {
            assert_eq!(pasted(text), lines, "{text:?}");
        }
    }

    #[test]
    fn a_line_that_goes_on_is_seen() {
        for line in ["a \\", "a \\ ", "sh -c 'x", "say \"x", "a\nb \\", "a 'b\nc"] {
            assert!(is_unfinished(line), "{line:?}");
        }
        for line in [
            "", "a", "a \\\\", "'\\'", "a # it's", "a | b", "a\\'b", "a\nb", "a \\\nb",
        ] {
            assert!(!is_unfinished(line), "{line:?}");
        }
    }

    #[test]
    fn at_a_terminal_an_open_quote_does_not_go_on() {
        for line in ["a \\", "a\nb \\"] {
            assert!(is_continued(line), "{line:?}");
        }
        for line in ["a", "sh -c 'x", "say \"x", "a 'b\nc", "a \\\nb"] {
            assert!(!is_continued(line), "{line:?}");
        }
    }

    proptest! {
        #[test]
        fn never_panics(text in "[\\PC\n\r\\\\'\"$ >#]{0,60}") {
            let _ = is_unfinished(&text);
            for line in pasted(&text) {
                prop_assert!(!line.trim().is_empty());
            }
        }
    }
}
