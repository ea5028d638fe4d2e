//! One file's bytes -> a lesson and all its problems. Never panics, and ends
//! in a time that grows with the size: what could grow faster is refused.

use std::ops::Range;

use super::checks::NodeNames;
use super::front::{self, Format, Marks};
use super::problem::{Problem, ProblemKind};
use super::source::{Problems, Source, nearest};
use super::{Lesson, annotated, markdown, plain};
use crate::model::Compose;

/// The largest file that is read, in bytes.
pub const MAX_BYTES: usize = 1024 * 1024;
/// The most steps of a lesson.
pub const MAX_STEPS: usize = 500;

/// What became of a file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Read {
    /// What could be read. `None`: not a text, too large, or too deep. With
    /// errors among the problems it is not to be used for more than a look.
    pub lesson: Option<Lesson>,
    /// In the order of the file.
    pub problems: Vec<Problem>,
}

impl Read {
    /// Whether the lesson can be used.
    pub fn is_usable(&self) -> bool {
        self.lesson.is_some() && !self.problems.iter().any(Problem::is_error)
    }
}

/// Reads a lesson. `file` is the name for messages; an un-annotated lesson
/// gets its id from it.
pub fn read(file: &str, bytes: &[u8]) -> Read {
    Whole::read(file, bytes).0
}

/// What rules across files need beside the lesson.
pub(crate) struct Whole {
    pub source: Source,
    pub marks: Marks,
    /// The nodes an annotated lesson without a compose file names.
    pub nodes: NodeNames,
}

impl Whole {
    pub fn read(file: &str, bytes: &[u8]) -> (Read, Whole) {
        if bytes.len() > MAX_BYTES {
            return refused(file, "", 0..0, ProblemKind::TooLarge(MAX_BYTES));
        }
        let text = match std::str::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => {
                let at = error.valid_up_to();
                let valid = std::str::from_utf8(&bytes[..at]).unwrap_or_default();
                return match valid.find('\0') {
                    Some(at) => refused(file, &valid[..at], at..at, ProblemKind::Binary),
                    None => refused(file, valid, at..at, ProblemKind::NotUtf8),
                };
            }
        };
        if let Some(at) = text.find('\0') {
            return refused(file, &text[..at], at..at, ProblemKind::Binary);
        }
        let (source, controls) = Source::new(file, text);
        read_source(source, &controls)
    }
}

/// Nothing can be read; the problem stands at the end of `before`.
fn refused(file: &str, before: &str, at: Range<usize>, kind: ProblemKind) -> (Read, Whole) {
    let (source, _) = Source::new(file, before);
    let mut problems = Problems::new(&source);
    let end = source.text.len();
    problems.error(end..end, kind);
    let mut problems = problems.finish();
    for problem in &mut problems {
        problem.span = at.start..at.end + usize::from(at.end > 0);
    }
    done(source, None, problems, Marks::default(), Vec::new())
}

fn done(
    source: Source,
    lesson: Option<Lesson>,
    problems: Vec<Problem>,
    marks: Marks,
    nodes: NodeNames,
) -> (Read, Whole) {
    let whole = Whole {
        source,
        marks,
        nodes,
    };
    (Read { lesson, problems }, whole)
}

fn read_source(source: Source, controls: &[(usize, char)]) -> (Read, Whole) {
    let mut problems = Problems::new(&source);
    let mut lesson = Lesson {
        file: source.file.clone(),
        ..Lesson::default()
    };
    let mut marks = Marks::default();
    let cut = front::cut(&source, &mut problems);
    let (format, body) = match &cut {
        None => (Format::Plain, 0),
        Some(cut) => (
            front::read(&source, cut, &mut lesson, &mut marks, &mut problems),
            cut.body,
        ),
    };
    // One is enough to find the place; a damaged file has thousands.
    if let Some((at, c)) = controls.first() {
        let span = *at..*at + c.len_utf8();
        let kind = ProblemKind::ControlCharacter(*c);
        match format {
            Format::Annotated => problems.error(span, kind),
            Format::Plain => problems.warning(span, kind),
        }
    }
    if let Some(at) = markdown::too_deep(&source.text[body..]) {
        let at = body + at;
        problems.error(at..at, ProblemKind::TooDeep(markdown::MAX_NESTING));
        let problems = problems.finish();
        return done(source, None, problems, marks, Vec::new());
    }
    let mut nodes = match format {
        Format::Annotated => {
            lesson.annotated = true;
            annotated::read(&source, body, &mut lesson, &mut problems)
        }
        Format::Plain => {
            plain::read(&source, body, &mut lesson, &mut problems);
            Vec::new()
        }
    };
    if let Some(compose) = &lesson.compose {
        unknown_nodes(std::mem::take(&mut nodes), compose, &mut problems);
    }
    let problems = problems.finish();
    done(source, Some(lesson), problems, marks, nodes)
}

/// Holds names of nodes against the compose file.
pub(crate) fn unknown_nodes(nodes: NodeNames, compose: &Compose, problems: &mut Problems) {
    for (name, span) in nodes {
        if compose.service(&name).is_some() {
            continue;
        }
        let names = compose.services.iter().map(|service| service.name.as_str());
        let similar = nearest(&name, names).map(str::to_owned);
        problems.error(span, ProblemKind::UnknownNode { name, similar });
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
