//! A task list under `<!-- quiz -->` or `<!-- predict -->`, as a question with
//! answers.

use std::ops::Range;

use super::markdown::{Document, Item};
use super::problem::ProblemKind;
use super::source::Problems;
use super::{Quiz, QuizOption};

/// Reads the list. `at` is the directive, where to point at what is missing.
pub(crate) fn read(
    document: &Document,
    items: &[Item],
    predict: bool,
    question: Option<Range<usize>>,
    at: Range<usize>,
    problems: &mut Problems,
) -> Quiz {
    let source = problems.source;
    let mut options = Vec::new();
    for item in items {
        let Some(right) = item.checked else {
            let text = &source.text[item.span.clone()];
            let line = text.lines().next().unwrap_or_default().trim_end();
            let span = item.span.start..item.span.start + line.len();
            problems.error(span, ProblemKind::QuizItemNoBox);
            continue;
        };
        let text = one_line(&document.prose(source, item.text.clone()));
        let explanation = item
            .nested
            .clone()
            .map(|nested| unbulleted(&document.prose(source, nested)))
            .filter(|text| !text.is_empty());
        options.push(QuizOption {
            text,
            right,
            explanation,
        });
    }
    if items.len() < 2 {
        problems.error(at.clone(), ProblemKind::QuizTooFew);
    }
    if !options.iter().any(|option| option.right) {
        problems.error(at, ProblemKind::QuizNoneRight);
    }
    Quiz {
        predict,
        question: question.map_or_else(String::new, |span| document.prose(source, span)),
        options,
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The items of a list as one line, without their marks.
fn unbulleted(list: &str) -> String {
    let items = list.lines().map(|line| {
        let line = line.trim_start();
        let number = line.len() - line.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let mark = match line[number..].chars().next() {
            Some('-' | '*' | '+') if number == 0 => 1,
            Some('.' | ')') if number > 0 => number + 1,
            _ => return line,
        };
        match line[mark..].strip_prefix([' ', '\t']) {
            Some(text) => text,
            None => line,
        }
    });
    one_line(&items.collect::<Vec<_>>().join(" "))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn an_explanation_is_one_line() {
        assert_eq!(unbulleted("- a\n  b\n- c\n"), "a b c");
        assert_eq!(unbulleted("1. a\n2) b"), "a b");
        assert_eq!(unbulleted("-a 10 b"), "-a 10 b");
    }
}
