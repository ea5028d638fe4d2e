//! Sentences of ours on the screen: wrapped, with what stands in backticks
//! told apart; hints; and what the checks say.

use std::collections::BTreeSet;

use super::look::{Look, Mark, Tone};
use super::markdown;
use super::text::{Line, paint_all};
use super::wrap::Inline;
use crate::check::Verdict;
use crate::words::{Lang, screen};

/// A check as the learner meets it.
#[derive(Clone, Debug, PartialEq)]
pub struct Judged<'a> {
    /// What it wants, one sentence.
    pub title: String,
    /// How it was judged.
    pub verdict: &'a Verdict,
    /// What there is to say about that.
    pub lines: Vec<String>,
}

/// A text of ours, wrapped, each line with its line end. Backticks make code
/// of what is between them; a line end in it stays.
pub fn say(tone: Tone, text: &str, look: &Look) -> String {
    paint_all(&sentence(tone, text, look).wrap(look.measure()), look)
}

/// A text of lines `USAGE   what it does`, each with its line end: what does
/// not fit is wrapped under the second column, or under the indent where there
/// is none.
pub fn two_columns(text: &str, look: &Look) -> String {
    let mut out = String::new();
    for line in text.lines() {
        let start = line.len() - line.trim_start().len();
        let gap = line[start..].find("  ").map(|at| start + at);
        let second = gap.map_or(start, |at| line.len() - line[at..].trim_start().len());
        let indent = super::text::width(&line[..second]);
        let narrow = indent * 2 > look.columns();
        let hang = " ".repeat(if narrow { start + 2 } else { indent });
        let first = match (narrow, gap) {
            (true, Some(gap)) => {
                out.push_str(&line[..gap]);
                out.push('\n');
                hang.as_str()
            }
            _ => &line[..second],
        };
        let options = textwrap::Options::new(look.columns())
            .subsequent_indent(&hang)
            .word_separator(textwrap::WordSeparator::AsciiSpace)
            .word_splitter(textwrap::WordSplitter::NoHyphenation)
            .initial_indent(first);
        for wrapped in textwrap::wrap(&line[second..], options) {
            out.push_str(wrapped.trim_end());
            out.push('\n');
        }
    }
    if look.colour {
        out = code_painted(&out, look);
    }
    out
}

/// What stands in backticks on one line, in the tone of code instead.
fn code_painted(text: &str, look: &Look) -> String {
    let painted = |line: &str| -> String {
        let parts = line.split('`').enumerate();
        parts
            .map(|(at, part)| match at % 2 {
                1 => look.paint(Tone::Code, part),
                _ => part.to_owned(),
            })
            .collect()
    };
    text.lines()
        .map(|line| match line.matches('`').count() % 2 {
            0 => painted(line) + "\n",
            _ => format!("{line}\n"),
        })
        .collect()
}

/// A hint (Markdown), which one it is, and whether there are more; each line
/// with its line end.
pub fn hint(markdown: &str, (number, total): (usize, usize), look: &Look, lang: Lang) -> String {
    let caption = screen::hint_caption(lang, number, total);
    let mut lines = sentence(Tone::Heading, &caption, look).wrap(look.measure());
    lines.extend(markdown::lines(markdown, look.columns(), look));
    if number < total {
        lines.push(Line::default());
        lines.extend(sentence(Tone::Dim, screen::hint_more(lang), look).wrap(look.measure()));
    }
    paint_all(&lines, look)
}

/// An item of a list: a sign, sentences below each other, and commands to be
/// copied, each line with its line end. Commands are not wrapped.
pub fn listed(
    (sign, tone): (&str, Tone),
    sentences: &[String],
    commands: &[String],
    look: &Look,
) -> String {
    let mut lead = Line::default();
    lead.push(tone, sign);
    lead.push(Tone::Text, " ");
    let indent = Line::default().pad_to(lead.width()).clone();
    let mut lines = Vec::new();
    for (number, text) in sentences.iter().enumerate() {
        let lead = if number == 0 { &lead } else { &indent };
        lines.extend(hanging(
            lead,
            &indent,
            &sentence(Tone::Text, text, look),
            look.measure(),
        ));
    }
    let mut out = paint_all(&lines, look);
    for command in commands {
        let command = look.paint(Tone::Command, command);
        out.push_str(&format!("{}    {command}\n", " ".repeat(indent.width())));
    }
    out
}

/// What each check says, each line with its line end.
pub fn verdicts(judged: &[Judged<'_>], look: &Look) -> String {
    let mut lines = Vec::new();
    let mut said = BTreeSet::new();
    for check in judged {
        let mark = match check.verdict {
            Verdict::Met => Mark::Done,
            Verdict::NotYet(_) => Mark::Waiting,
            Verdict::Broken(_) => Mark::Broken,
            Verdict::NotMeasured(_) => Mark::Unmeasured,
            Verdict::Skipped(_) => Mark::Skipped,
        };
        let lead = marked(mark, look);
        let indent = Line::default().pad_to(lead.width()).clone();
        lines.extend(hanging(
            &lead,
            &indent,
            &sentence(Tone::Text, &check.title, look),
            look.measure(),
        ));
        // What several lack for the same reason is said once.
        let news = check.lines.iter().filter(|line| said.insert(line.as_str()));
        for line in news {
            let text = sentence(Tone::Text, line, look);
            lines.extend(hanging(&indent, &indent, &text, look.measure()));
        }
    }
    paint_all(&lines, look)
}

/// A mark and a space.
pub(super) fn marked(mark: Mark, look: &Look) -> Line {
    let (sign, tone) = look.mark(mark);
    let mut line = Line::of(tone, sign);
    line.push(Tone::Text, " ");
    line
}

/// Running text behind a lead on its first line and another on the lines after it.
pub(super) fn hanging(first: &Line, rest: &Line, text: &Inline, columns: usize) -> Vec<Line> {
    let room = columns.saturating_sub(first.width().max(rest.width()));
    let wrapped = text.wrap(room);
    let lead = |(index, line)| {
        let mut shown = if index == 0 { first } else { rest }.clone();
        shown.append(line);
        shown
    };
    wrapped.into_iter().enumerate().map(lead).collect()
}

/// A text of ours in a tone, with code in backticks.
pub(super) fn sentence(tone: Tone, text: &str, look: &Look) -> Inline {
    let mut inline = Inline::default();
    for (index, row) in text.trim_end().split('\n').enumerate() {
        if index > 0 {
            inline.hard_break();
        }
        let mut rest = row;
        while let Some((before, code, after)) = code_span(rest) {
            inline.push(tone, before);
            inline.push_code(code, look);
            rest = after;
        }
        inline.push(tone, rest);
    }
    inline
}

/// The first pair of backticks: what is before, in and after it.
fn code_span(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once('`')?;
    let (code, after) = rest.split_once('`')?;
    Some((before, code, after))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::{Cause, Gap};

    #[test]
    fn backticks_that_are_not_paired_stay() {
        let look = Look::plain(80);
        assert_eq!(
            say(Tone::Text, "run `a b`, then `c", &look),
            "run `a b`, then `c\n"
        );
    }

    #[test]
    fn each_verdict_has_its_mark_and_hangs_its_lines() {
        let judged = [
            Judged {
                title: "The swarm has 4 nodes".into(),
                verdict: &Verdict::Met,
                lines: vec![],
            },
            Judged {
                title: "`test_swarm` runs 6 of 6 tasks".into(),
                verdict: &Verdict::NotYet(vec![Gap::NothingSeen]),
                lines: vec!["4 of 6 run, 2 are preparing.".into()],
            },
            Judged {
                title: "The published port answers".into(),
                verdict: &Verdict::NotMeasured(Cause::NoMesh),
                lines: vec![],
            },
        ];
        assert_eq!(
            verdicts(&judged, &Look::plain(30)),
            "[ok] The swarm has 4 nodes\n[--] `test_swarm` runs 6 of 6\n     tasks\n     4 of 6 run, 2 are\n     preparing.\n[??] The published port\n     answers\n"
        );
    }

    #[test]
    fn hints_say_whether_there_are_more() {
        let look = Look::plain(80);
        let first = hint("Try `docker node ls`.", (1, 2), &look, Lang::En);
        assert_eq!(
            first,
            "Hint 1 of 2\nTry `docker node ls`.\n\nStill stuck? `hint` gives the next one.\n"
        );
        assert!(!hint("x", (2, 2), &look, Lang::Ko).contains("막히면"));
    }
}
