//! The commands of a console fence: lines that begin `$ `, joined at a
//! trailing `\`. Words are only looked at as far as a lesson's reader must;
//! what a command means is the shell room's business.

use std::collections::HashSet;
use std::ops::Range;

use super::checks::NodeNames;
use super::problem::ProblemKind;
use super::source::{Problems, Snip, nearest};
use super::{Command, Condition};

/// The variables that a command may use, without `$`.
pub const VARIABLES: [&str; 5] = [
    "WORKER_TOKEN",
    "MANAGER_TOKEN",
    "MANAGER_IP",
    "MANAGER_ADDR",
    "LAB",
];

/// A logical line.
#[derive(Debug, PartialEq)]
pub(crate) struct Line {
    /// Prompt cut off, continuations joined by one space.
    pub text: String,
    /// In the source, prompt excluded.
    pub span: Range<usize>,
    /// The `\` that nothing follows, in the source.
    pub unfinished: Option<Range<usize>>,
    /// Blanks after a `\`, in the source.
    pub blanks: Option<Range<usize>>,
    /// A `> ` before a joined line, in the source.
    pub prompt: Option<Range<usize>>,
}

/// The logical lines of a fence and the other lines with their offsets in
/// `snip`. `prompted`: only lines that begin `$ ` are logical lines.
pub(crate) fn lines(snip: &Snip, prompted: bool) -> (Vec<Line>, Vec<(usize, &str)>) {
    let mut logical = Vec::new();
    let mut others = Vec::new();
    let mut lines = snip.lines().peekable();
    while let Some((start, line)) = lines.next() {
        let Some(skip) = command_start(line, prompted) else {
            others.push((start, line));
            continue;
        };
        let mut joined = Line {
            text: String::new(),
            span: 0..0,
            unfinished: None,
            blanks: None,
            prompt: None,
        };
        let (mut start, mut line, mut skip) = (start, line, skip);
        let from = start + skip;
        let mut end;
        loop {
            let part = line[skip..].trim_end();
            end = start + skip + part.len();
            let continues = part.bytes().rev().take_while(|b| *b == b'\\').count() % 2 == 1;
            let word = match continues {
                true => part[..part.len() - 1].trim_end(),
                false => part,
            };
            if !joined.text.is_empty() && !word.is_empty() {
                joined.text.push(' ');
            }
            joined.text.push_str(word);
            if !continues {
                break;
            }
            if line[skip..].len() > part.len() && joined.blanks.is_none() {
                joined.blanks = Some(snip.span(end..start + line.len()));
            }
            let follows = lines.peek().is_some_and(|(_, next)| {
                !next.trim().is_empty() && command_start(next, true).is_none()
            });
            let Some((next_start, next)) = lines.next_if(|_| follows) else {
                joined.unfinished = Some(snip.span(end - 1..end));
                break;
            };
            (start, line) = (next_start, next);
            skip = line.len() - line.trim_start().len();
            if line[skip..].starts_with("> ") {
                joined.prompt = Some(snip.span(start + skip..start + skip + 1));
                skip += 2;
                skip += line[skip..].len() - line[skip..].trim_start().len();
            }
        }
        joined.span = snip.span(from..end.max(from));
        if !joined.text.is_empty() {
            logical.push(joined);
        }
    }
    (logical, others)
}

/// Where the command of a line begins, if it is one.
fn command_start(line: &str, prompted: bool) -> Option<usize> {
    let indent = line.len() - line.trim_start().len();
    let rest = &line[indent..];
    if prompted {
        let after = rest.strip_prefix('$')?;
        let blanks = after.len() - after.trim_start().len();
        (blanks > 0 || after.is_empty()).then_some(indent + 1 + blanks)
    } else {
        (!rest.is_empty()).then_some(indent)
    }
}

/// The commands of an annotated fence, all that is wrong reported. `fence`
/// is where to point when there is no command at all.
pub(crate) fn commands(
    snip: &Snip,
    fence: Range<usize>,
    condition: Option<Condition>,
    nodes: &mut NodeNames,
    problems: &mut Problems,
) -> Vec<Command> {
    let (logical, others) = lines(snip, true);
    for (start, line) in others {
        let mut chars = line.chars();
        if let (Some(mark @ ('>' | '#')), None | Some(' ')) = (chars.next(), chars.next()) {
            let span = snip.span(start..start + 1);
            problems.error(span, ProblemKind::RefusedPrompt(mark));
        }
    }
    if logical.is_empty() {
        problems.error(fence, ProblemKind::NoCommand);
    }
    logical
        .into_iter()
        .map(|line| {
            if let Some(span) = &line.unfinished {
                problems.error(span.clone(), ProblemKind::UnfinishedCommand);
            }
            if let Some(span) = &line.blanks {
                problems.error(span.clone(), ProblemKind::SpaceAfterBackslash);
            }
            if let Some(span) = &line.prompt {
                problems.error(span.clone(), ProblemKind::RefusedPrompt('>'));
            }
            look_at_words(&line, problems);
            let words: Vec<&str> = line.text.split_whitespace().collect();
            if let Some(node) = exec_node(&words).map(|at| words[at])
                && !node.contains(['$', '\'', '"', '\\'])
            {
                nodes.push((node.to_owned(), word_of(&line, node, problems)));
            }
            Command {
                line: problems.source.line(line.span.start),
                span: problems.source.original_span(&line.span),
                text: line.text,
                condition,
                ..Command::default()
            }
        })
        .collect()
}

/// Heredocs and unknown variables.
fn look_at_words(line: &Line, problems: &mut Problems) {
    let mut quote = None;
    let mut told = HashSet::new();
    let mut rest = line.text.char_indices().peekable();
    while let Some((at, c)) = rest.next() {
        match (quote, c) {
            (Some('\''), '\'') | (Some('"'), '"') => quote = None,
            (None, '\'' | '"') => quote = Some(c),
            (None | Some('"'), '\\') => {
                rest.next();
            }
            (None, '<') if line.text[at..].starts_with("<<") => {
                problems.error(part(problems, line, "<<"), ProblemKind::Heredoc);
                return;
            }
            (None | Some('"'), '$') => {
                let name: String = line.text[at + 1..]
                    .chars()
                    .take_while(|c| c.is_ascii_alphanumeric() || *c == '_')
                    .collect();
                let first = name.chars().next();
                if first.is_none_or(|c| c.is_ascii_digit()) || VARIABLES.contains(&name.as_str()) {
                    continue;
                }
                if !told.insert(name.clone()) {
                    continue;
                }
                let span = part(problems, line, &format!("${name}"));
                let similar = nearest(&name, VARIABLES);
                problems.error(span, ProblemKind::UnknownVariable { name, similar });
            }
            _ => {}
        }
    }
}

/// Where `needle` stands in the source of a logical line; else the whole line.
fn part(problems: &Problems, line: &Line, needle: &str) -> Range<usize> {
    match problems.source.text[line.span.clone()].find(needle) {
        Some(at) => line.span.start + at..line.span.start + at + needle.len(),
        None => line.span.clone(),
    }
}

/// Where a word stands in the source of a logical line; else the whole line.
fn word_of(line: &Line, word: &str, problems: &Problems) -> Range<usize> {
    let text = &problems.source.text[line.span.clone()];
    let mut at = 0;
    for found in text.split(char::is_whitespace) {
        if found == word {
            return line.span.start + at..line.span.start + at + word.len();
        }
        at += found.len();
        at += text[at..].chars().next().map_or(0, char::len_utf8);
    }
    line.span.clone()
}

/// The index of the node among the words of `docker exec [flags] NODE CMD...`.
pub(crate) fn exec_node(words: &[&str]) -> Option<usize> {
    let rest = match words {
        ["docker", "exec", ..] => 2,
        ["docker", "container", "exec", ..] => 3,
        _ => return None,
    };
    let mut at = rest;
    while let Some(word) = words.get(at).filter(|word| word.starts_with('-')) {
        let takes_value = matches!(
            *word,
            "-e" | "--env" | "-w" | "--workdir" | "-u" | "--user" | "--env-file" | "--detach-keys"
        );
        at += 1 + usize::from(takes_value);
    }
    (at < words.len()).then_some(at)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::source::Source;
    use super::*;

    fn read(text: &str) -> (Vec<Command>, Vec<(usize, usize, ProblemKind)>) {
        let (source, _) = Source::new("a", text);
        let mut problems = Problems::new(&source);
        let snip = Snip::of(&source, 0..source.text.len());
        let commands = commands(&snip, 0..0, None, &mut Vec::new(), &mut problems);
        let problems = problems.finish().into_iter();
        (
            commands,
            problems.map(|p| (p.line, p.column, p.kind)).collect(),
        )
    }

    #[test]
    fn lines_are_joined_and_output_is_left() {
        let text = "$ docker exec -it manager \\\n    docker swarm init\nSwarm initialized\n\n$  docker ps\n";
        let (commands, problems) = read(text);
        assert_eq!(problems, []);
        assert_eq!(commands.len(), 2);
        assert_eq!(
            commands[0].text,
            "docker exec -it manager docker swarm init"
        );
        assert_eq!(
            &text[commands[0].span.clone()],
            "docker exec -it manager \\\n    docker swarm init"
        );
        assert_eq!(
            (commands[1].text.as_str(), commands[1].line),
            ("docker ps", 5)
        );
    }

    #[test]
    fn spans_are_bytes_of_the_file() {
        let text = "\u{feff}$ 가 \\\r\n나\r\n$ b\r\n";
        let (commands, _) = read(text);
        assert_eq!(&text[commands[0].span.clone()], "가 \\\r\n나");
        assert_eq!(&text[commands[1].span.clone()], "b");
    }

    #[test]
    fn what_is_refused_has_its_place() {
        use ProblemKind::*;
        let variable = |name: &str, similar| UnknownVariable {
            name: name.to_owned(),
            similar,
        };
        for (text, expected) in [
            ("output\n", vec![(1, 1, NoCommand)]),
            ("$\n", vec![(1, 1, NoCommand)]),
            ("$ a\n# b\n", vec![(2, 1, RefusedPrompt('#'))]),
            ("$ a\n> b\n", vec![(2, 1, RefusedPrompt('>'))]),
            ("$ a \\\n> b\n", vec![(2, 1, RefusedPrompt('>'))]),
            ("$ a \\\n", vec![(1, 5, UnfinishedCommand)]),
            ("$ a \\\n$ b\n", vec![(1, 5, UnfinishedCommand)]),
            ("$ a \\ \nb\n", vec![(1, 6, SpaceAfterBackslash)]),
            ("$ cat <<EOF\n", vec![(1, 7, Heredoc)]),
            ("$ echo '<<' \"<<\"\n", vec![]),
            (
                "$ a $WORKER_TOKN\n",
                vec![(1, 5, variable("WORKER_TOKN", Some("WORKER_TOKEN")))],
            ),
            ("$ a \"$X1\"\n", vec![(1, 6, variable("X1", None))]),
            ("$ a '$X' \\$X $1 $LAB $\n", vec![]),
            ("#nospace\n$ a\n", vec![]),
        ] {
            assert_eq!(read(text).1, expected, "{text:?}");
        }
    }

    #[test]
    fn the_node_of_an_exec_is_found() {
        let node = |line: &str| {
            let words: Vec<&str> = line.split_whitespace().collect();
            exec_node(&words).map(|at| words[at].to_owned())
        };
        assert_eq!(
            node("docker exec -it -e A=b --user root n1 ls").as_deref(),
            Some("n1")
        );
        assert_eq!(node("docker container exec n1").as_deref(), Some("n1"));
        assert_eq!(node("docker exec -it"), None);
        assert_eq!(node("docker ps"), None);
    }
}
