//! Code as it is shown: commands, YAML, anything else. Lines are kept as they
//! are; one that is too long is broken for display only, and says so.

use super::look::{Look, Tone};
use super::text::{Line, Span, clean, split_at_width, width};

/// Columns a tab goes to the next multiple of.
const TAB: usize = 4;

/// The lines of a fence in its language, each at most so many columns.
pub(super) fn fence(language: &str, text: &str, columns: usize, look: &Look) -> Vec<Line> {
    match language.to_ascii_lowercase().as_str() {
        "yaml" | "yml" => {
            let lines = code_lines(text).map(|line| yaml(&line));
            lines.flat_map(|line| broken(line, columns, look)).collect()
        }
        "" | "console" | "sh" | "bash" | "shell" | "zsh" if has_prompts(text) => {
            console(text, columns, look)
        }
        "sh" | "bash" | "shell" | "zsh" => {
            let lines = code_lines(text).map(|line| Line::of(Tone::Command, &line));
            lines.flat_map(|line| broken(line, columns, look)).collect()
        }
        _ => {
            let lines = code_lines(text).map(|line| Line::of(Tone::Text, &line));
            lines.flat_map(|line| broken(line, columns, look)).collect()
        }
    }
}

/// How far code stands in where so many columns are left.
pub(super) fn indent(columns: usize) -> &'static str {
    if columns < 50 { "  " } else { "    " }
}

/// The lines, each behind this indent.
pub(super) fn indented(lines: Vec<Line>, indent: &str) -> Vec<Line> {
    let shift = |line| {
        let mut shown = Line::of(Tone::Text, indent);
        shown.append(line);
        shown
    };
    lines.into_iter().map(shift).collect()
}

/// The lines of a console fence: commands after `$ ` with their continuations,
/// or, where no line has a prompt, those that begin `docker`; the rest is output.
pub(super) fn console(text: &str, columns: usize, look: &Look) -> Vec<Line> {
    let prompts = has_prompts(text);
    let mut continued = false;
    let mut lines = Vec::new();
    for line in code_lines(text) {
        let (prompt, command) = match line.strip_prefix("$ ") {
            Some(command) => ("$ ", Some(command)),
            None if continued => ("", Some(line.as_str())),
            None if !prompts && is_docker(&line) => ("", Some(line.as_str())),
            None => ("", None),
        };
        continued = command.is_some_and(|command| command.ends_with('\\'));
        match command {
            Some(command) => lines.extend(command_lines(prompt, command, columns, look)),
            None => lines.extend(broken(Line::of(Tone::Dim, &line), columns, look)),
        }
    }
    lines
}

/// One command. Too long, it is broken between words with a `\`, so that what
/// is shown can be typed or copied as it stands.
fn command_lines(prompt: &str, command: &str, columns: usize, look: &Look) -> Vec<Line> {
    let whole = |prompt: &str, text: &str| {
        let mut line = Line::of(Tone::Dim, prompt);
        line.push(Tone::Command, text);
        line
    };
    if width(prompt) + width(command) <= columns {
        return vec![whole(prompt, command)];
    }
    const INDENT: &str = "    ";
    const CONTINUED: &str = " \\";
    let mut lines = Vec::new();
    let (mut lead, mut current) = (prompt, String::new());
    for word in phrases(&shell_words(command), columns / 2) {
        let needed = width(lead) + width(&current) + 1 + width(&word) + CONTINUED.len();
        if !current.trim().is_empty() && needed > columns {
            lines.extend(broken(whole(lead, &(current + CONTINUED)), columns, look));
            (lead, current) = (INDENT, String::new());
        }
        if !current.is_empty() {
            current.push(' ');
        }
        current.push_str(&word);
    }
    lines.extend(broken(whole(lead, &current), columns, look));
    lines
}

/// Words that are best kept on one line: a flag and what follows it, where
/// both are not too long.
fn phrases(words: &[&str], most: usize) -> Vec<String> {
    let mut phrases: Vec<String> = Vec::new();
    let mut after_flag = false;
    for word in words {
        let flag = word.starts_with('-');
        match phrases.last_mut() {
            Some(last) if after_flag && !flag && width(last) + 1 + width(word) <= most => {
                last.push(' ');
                last.push_str(word);
            }
            _ => phrases.push((*word).to_owned()),
        }
        after_flag = flag && !word.contains('=');
    }
    phrases
}

/// The command split at spaces outside quotes; nothing else is changed in it.
fn shell_words(command: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let (mut start, mut quote, mut escaped) = (0, None, false);
    for (at, c) in command.char_indices() {
        match (quote, c) {
            _ if escaped => escaped = false,
            (None | Some('"'), '\\') => escaped = true,
            (None, '\'' | '"') => quote = Some(c),
            (Some(open), c) if open == c => quote = None,
            (None, ' ') => {
                words.push(&command[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    words.push(&command[start..]);
    words
}

/// One line of YAML, its key, its dash and its comment told apart.
fn yaml(text: &str) -> Line {
    let mut line = Line::default();
    let body = text.trim_start_matches([' ', '-']);
    let (lead, _) = text.split_at(text.len() - body.len());
    line.push(Tone::Text, lead);
    let (body, comment) = match body.find('#') {
        Some(0) => ("", body),
        Some(at) if body[..at].ends_with(' ') && !body[..at].contains(['"', '\'']) => {
            body.split_at(at)
        }
        _ => (body, ""),
    };
    match body.split_once(':') {
        Some((key, value))
            if (value.is_empty() || value.starts_with(' ')) && !key.contains(['"', '\'', '{']) =>
        {
            line.push(Tone::Code, key).push(Tone::Text, ":");
            line.push(Tone::Text, value);
        }
        _ => {
            line.push(Tone::Text, body);
        }
    }
    line.push(Tone::Dim, comment);
    line
}

/// The line hard-broken at so many columns; each further piece begins with a
/// sign, which is no part of the text.
pub(super) fn broken(line: Line, columns: usize, look: &Look) -> Vec<Line> {
    let columns = columns.max(8);
    if line.width() <= columns {
        return vec![line];
    }
    let sign = look.sign("↪ ", "> ");
    let mut lines = Vec::new();
    let mut current = Line::default();
    for span in line.spans() {
        let mut rest = span.text();
        while !rest.is_empty() {
            let room = columns.saturating_sub(current.width());
            let (mut fits, mut over) = split_at_width(rest, room);
            // Behind a space where there is one near the end: words stay whole.
            if !over.is_empty()
                && let Some(at) = fits.rfind(' ')
                && width(&fits[at..]) <= columns / 3
            {
                (fits, over) = rest.split_at(at + 1);
            }
            current.push_span(Span::new(span.tone(), fits));
            if !over.is_empty() {
                lines.push(std::mem::replace(&mut current, Line::of(Tone::Dim, sign)));
            }
            rest = over;
        }
    }
    lines.push(current);
    lines
}

/// The text's lines, clean, with tabs expanded, without blank lines at its end.
fn code_lines(text: &str) -> impl Iterator<Item = String> {
    text.trim_end().lines().map(|line| {
        let mut expanded = String::with_capacity(line.len());
        for c in line.chars() {
            if c == '\t' {
                let missing = TAB - width(&expanded) % TAB;
                expanded.extend(std::iter::repeat_n(' ', missing));
            } else {
                expanded.push(c);
            }
        }
        clean(&expanded)
    })
}

fn has_prompts(text: &str) -> bool {
    text.lines().any(|line| line.starts_with("$ "))
}

fn is_docker(line: &str) -> bool {
    matches!(line.split(' ').next(), Some("docker" | "docker-compose"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(lines: Vec<Line>) -> Vec<String> {
        let look = Look::plain(80);
        lines.iter().map(|line| line.paint(&look)).collect()
    }

    #[test]
    fn a_long_command_is_broken_so_that_it_can_be_typed() {
        let look = Look::plain(80);
        let command = "$ docker service create --name web -e 'A=b c' hashicorp/http-echo";
        assert_eq!(
            shown(console(command, 32, &look)),
            [
                "$ docker service create \\",
                "    --name web -e 'A=b c' \\",
                "    hashicorp/http-echo"
            ]
        );
    }

    #[test]
    fn other_lines_are_broken_with_a_sign() {
        let look = Look::plain(80);
        assert_eq!(
            shown(fence("text", "abcdefghijkl\n\tx\n\n", 10, &look)),
            ["abcdefghij", "> kl", "    x"]
        );
    }

    #[test]
    fn output_and_commands_are_told_apart() {
        let tones = |text: &str| {
            let lines = console(text, 80, &Look::plain(80));
            let last = |line: &Line| line.spans().last().map(Span::tone);
            lines.iter().map(last).collect::<Vec<_>>()
        };
        let (command, output) = (Some(Tone::Command), Some(Tone::Dim));
        assert_eq!(
            tones("$ docker exec \\\ndocker node ls\nID  HOSTNAME"),
            [command, command, output]
        );
        assert_eq!(tones("docker node ls\nID  HOSTNAME"), [command, output]);
    }

    #[test]
    fn yaml_keys_stand_out_and_values_stay() {
        let line = yaml("  - image: docker:dind # a node");
        let texts: Vec<_> = line.spans().iter().map(|s| (s.tone(), s.text())).collect();
        assert_eq!(
            texts,
            [
                (Tone::Text, "  - "),
                (Tone::Code, "image"),
                (Tone::Text, ": docker:dind "),
                (Tone::Dim, "# a node")
            ]
        );
        assert_eq!(yaml("- \"a: b # c\"").spans().len(), 1);
    }
}
