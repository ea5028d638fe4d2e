//! A file's text made plain (no BOM, LF only, no control characters), the way
//! back from there to the bytes of the file, and the list of problems found.
//!
//! Knows nothing of Markdown or YAML.

use std::ops::Range;

use super::problem::{Problem, ProblemKind, Severity};

/// More problems than this are not listed: nobody reads them.
pub(crate) const MAX_PROBLEMS: usize = 200;

/// A text as the readers see it. Offsets are bytes of `text` unless they are
/// called original.
#[derive(Debug)]
pub(crate) struct Source {
    pub file: String,
    pub text: String,
    /// Bytes of a BOM.
    head: usize,
    /// Offsets in `text` of the line feeds that had a CR before them.
    crs: Vec<usize>,
    /// Offsets where lines begin.
    lines: Vec<usize>,
}

impl Source {
    /// Control characters are replaced by harmless ones of the same length,
    /// so that a lesson can't drive the learner's terminal; they are returned
    /// with their offsets.
    pub fn new(file: &str, original: &str) -> (Source, Vec<(usize, char)>) {
        let body = original.strip_prefix('\u{feff}').unwrap_or(original);
        let mut text = String::with_capacity(body.len());
        let mut crs = Vec::new();
        let mut lines = vec![0];
        let mut controls = Vec::new();
        let mut chars = body.chars().peekable();
        while let Some(c) = chars.next() {
            match c {
                '\r' if chars.peek() == Some(&'\n') => crs.push(text.len()),
                '\r' | '\n' => {
                    text.push('\n');
                    lines.push(text.len());
                }
                '\t' => text.push(c),
                _ if is_hidden(c) => {
                    controls.push((text.len(), c));
                    text.push(match c.len_utf8() {
                        1 => ' ',
                        2 => '\u{a0}',
                        _ => '\u{fffd}',
                    });
                }
                _ => text.push(c),
            }
        }
        let source = Source {
            file: file.to_owned(),
            text,
            head: original.len() - body.len(),
            crs,
            lines,
        };
        (source, controls)
    }

    /// The byte of the file.
    pub fn original(&self, offset: usize) -> usize {
        offset + self.head + self.crs.partition_point(|cr| *cr < offset)
    }

    /// The bytes of the file.
    pub fn original_span(&self, span: &Range<usize>) -> Range<usize> {
        self.original(span.start)..self.original(span.end)
    }

    /// The 1-based line.
    pub fn line(&self, offset: usize) -> usize {
        self.lines.partition_point(|start| *start <= offset).max(1)
    }

    /// The 1-based column in characters.
    pub fn column(&self, offset: usize) -> usize {
        let start = self.lines[self.line(offset) - 1];
        let end = offset.min(self.text.len());
        self.text
            .get(start..end)
            .map_or(1, |before| before.chars().count() + 1)
    }
}

/// Characters that steer a terminal or hide text from a reader (the latter:
/// Unicode's bidirectional embeddings, overrides and isolates).
fn is_hidden(c: char) -> bool {
    c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The problems of one source, as they are found.
pub(crate) struct Problems<'a> {
    pub source: &'a Source,
    list: Vec<Problem>,
    errors: usize,
}

impl<'a> Problems<'a> {
    pub fn new(source: &'a Source) -> Self {
        Problems {
            source,
            list: Vec::new(),
            errors: 0,
        }
    }

    pub fn error(&mut self, span: Range<usize>, kind: ProblemKind) {
        self.add(span, Severity::Error, kind);
    }

    pub fn warning(&mut self, span: Range<usize>, kind: ProblemKind) {
        self.add(span, Severity::Warning, kind);
    }

    pub fn add(&mut self, span: Range<usize>, severity: Severity, kind: ProblemKind) {
        if severity == Severity::Error {
            self.errors += 1;
        }
        if self.list.len() > MAX_PROBLEMS {
            return;
        }
        let (severity, kind) = match self.list.len() {
            MAX_PROBLEMS => (Severity::Error, ProblemKind::TooManyProblems(MAX_PROBLEMS)),
            _ => (severity, kind),
        };
        self.list.push(Problem {
            file: self.source.file.clone(),
            span: self.source.original_span(&span),
            line: self.source.line(span.start),
            column: self.source.column(span.start),
            severity,
            kind,
        });
    }

    /// Takes over what was found in another reading of the same source, as
    /// warnings.
    pub fn absorb(&mut self, other: Problems) {
        for mut problem in other.finish() {
            if self.list.len() >= MAX_PROBLEMS {
                return;
            }
            problem.severity = Severity::Warning;
            self.list.push(problem);
        }
    }

    /// How many errors were found, those not listed included.
    pub fn errors(&self) -> usize {
        self.errors
    }

    /// In the order of the file.
    pub fn finish(mut self) -> Vec<Problem> {
        self.list
            .sort_by_key(|problem| (problem.line, problem.column));
        self.list
    }
}

/// A text taken out of a source, such as the inside of a fence, that knows
/// where its pieces stood.
#[derive(Clone, Debug, Default)]
pub(crate) struct Snip {
    pub text: String,
    /// Where it begins in the source, also when it is empty.
    start: usize,
    /// `(offset in text, offset in source)` of each piece, ascending.
    pieces: Vec<(usize, usize)>,
}

impl Snip {
    pub fn new(start: usize) -> Self {
        Snip {
            start,
            ..Snip::default()
        }
    }

    /// A contiguous part of the source.
    pub fn of(source: &Source, span: Range<usize>) -> Self {
        let mut snip = Snip::new(span.start);
        snip.push(&source.text[span.clone()], span.start);
        snip
    }

    pub fn push(&mut self, text: &str, at: usize) {
        self.pieces.push((self.text.len(), at));
        self.text.push_str(text);
    }

    /// The offset in the source.
    pub fn at(&self, offset: usize) -> usize {
        let index = self.pieces.partition_point(|(start, _)| *start <= offset);
        match index
            .checked_sub(1)
            .and_then(|index| self.pieces.get(index))
        {
            Some((start, at)) => at + (offset - start),
            None => self.start,
        }
    }

    /// The span in the source.
    pub fn span(&self, span: Range<usize>) -> Range<usize> {
        let start = self.at(span.start);
        let end = match span.end > span.start {
            true => self.at(span.end - 1) + 1,
            false => start,
        };
        start..end.max(start)
    }

    /// The lines without their line feeds, each with its offset in `text`.
    pub fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        let mut offset = 0;
        self.text.split_inclusive('\n').map(move |line| {
            let start = offset;
            offset += line.len();
            (start, line.strip_suffix('\n').unwrap_or(line))
        })
    }
}

/// The nearest of `known`, where it is near enough to have been meant.
pub(crate) fn nearest<'k>(word: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    let length = word.chars().count();
    // Nothing we know is longer than this; edit distance is quadratic.
    if length > 100 {
        return None;
    }
    let limit = match length {
        0..=2 => 1,
        3..=5 => 2,
        _ => 3,
    };
    known
        .into_iter()
        .map(|candidate| (strsim::osa_distance(word, candidate), candidate))
        .filter(|(distance, candidate)| *distance <= limit && *distance < candidate.chars().count())
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn positions_are_those_of_the_file() {
        let (source, controls) = Source::new("a.md", "\u{feff}하나\r\n둘 x\r\n\u{1b}end\rz");
        assert_eq!(source.text, "하나\n둘 x\n end\nz");
        assert_eq!(controls, [(13, '\u{1b}')]);
        let x = source.text.find('x').unwrap();
        assert_eq!((source.line(x), source.column(x)), (2, 3));
        assert_eq!(source.original(x), 3 + 6 + 2 + 4);
        let z = source.text.find('z').unwrap();
        assert_eq!((source.line(z), source.column(z)), (4, 1));
        assert_eq!(source.original(z), 3 + 6 + 2 + 5 + 2 + 4 + 1);
    }

    #[test]
    fn a_snip_knows_where_it_stood() {
        let (source, _) = Source::new("a.md", "  ab\n  cd\n");
        let mut snip = Snip::new(2);
        snip.push("ab\n", 2);
        snip.push("cd\n", 7);
        assert_eq!(snip.text, "ab\ncd\n");
        assert_eq!(snip.span(3..5), 7..9);
        assert_eq!(snip.span(0..3), 2..5);
        assert_eq!(&source.text[snip.span(3..5)], "cd");
    }

    #[test]
    fn the_nearest_is_offered_only_when_it_is_near() {
        let known = ["replicas", "image", "mode"];
        assert_eq!(nearest("replcias", known), Some("replicas"));
        assert_eq!(nearest("imag", known), Some("image"));
        assert_eq!(nearest("constraints", known), None);
    }
}
