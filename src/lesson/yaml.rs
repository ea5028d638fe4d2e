//! YAML as a small tree whose nodes know where they stand. Anchors, aliases,
//! tags and duplicate keys are refused, so nothing can be larger than it looks.
//!
//! Knows nothing of what the keys mean.

use std::collections::HashMap;
use std::ops::Range;

use granit_parser::{ErrorKind, Event, Options, Parser, ScalarStyle};

use super::problem::{ProblemKind, YamlFault};
use super::source::{Problems, Snip};

const MAX_DEPTH: usize = 24;
const MAX_NODES: usize = 5000;

/// A value with its place in the source.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Node {
    pub span: Range<usize>,
    pub value: Value,
}

/// A key with its place in the source.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Key {
    pub name: String,
    pub span: Range<usize>,
}

/// What a node is.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    Scalar {
        text: String,
        /// Without quotes, so that it may be a number or a boolean.
        plain: bool,
    },
    List(Vec<Node>),
    Map(Vec<(Key, Node)>),
}

impl Node {
    /// No value at all: nothing, `~` or `null`.
    pub fn is_null(&self) -> bool {
        matches!(&self.value, Value::Scalar { text, plain: true }
            if matches!(text.as_str(), "" | "~" | "null"))
    }

    /// How it is shown in a message.
    pub fn shown(&self) -> String {
        match &self.value {
            Value::Scalar { .. } if self.is_null() => String::new(),
            Value::Scalar { text, .. } => shorten(text),
            Value::List(_) => "[...]".to_owned(),
            Value::Map(_) => "{...}".to_owned(),
        }
    }
}

/// At most 60 characters of a text, on one line.
pub(crate) fn shorten(text: &str) -> String {
    let mut chars = text.chars();
    let mut short: String = chars
        .by_ref()
        .take(60)
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    if chars.next().is_some() {
        short.push('…');
    }
    short
}

/// Reads one document. `None`: it is empty, or a problem was reported that
/// leaves nothing to go on with.
pub(crate) fn read(snip: &Snip, problems: &mut Problems) -> Option<Node> {
    let mut builder = Builder {
        snip,
        problems,
        open: Vec::new(),
        root: None,
        nodes: 0,
        documents: 0,
    };
    let mut options = Options::default();
    options.emit_anchor_events = true;
    options.emit_unresolved_aliases = true;
    options.set_emit_comments(false);
    options.flow_nesting_limit = MAX_DEPTH;
    options.block_nesting_limit = MAX_DEPTH;
    for next in Parser::new_from_str_with_options(&snip.text, options) {
        let (event, span) = match next {
            Ok(next) => next,
            Err(error) => {
                let at = error.marker().byte_offset().unwrap_or(snip.text.len());
                let fault = scan_fault(error.kind());
                let at = match fault {
                    // Told is the byte after the tab, or where the text begins
                    // that the tab is in.
                    YamlFault::Tab => match snip.text.get(..at) {
                        Some(before) if before.ends_with('\t') => at - 1,
                        _ => snip
                            .text
                            .get(at..)
                            .and_then(|rest| rest.find('\t'))
                            .map_or(at, |tab| at + tab),
                    },
                    _ => at,
                };
                builder.fault(end_of(snip, at), fault);
                return None;
            }
        };
        let span = span.byte_range().unwrap_or(0..0);
        if let Some(tag) = event.tag() {
            builder.fault(span.clone(), YamlFault::Tag(shorten(&tag.original())));
        }
        if builder.event(event, span).is_err() {
            return None;
        }
    }
    builder.root
}

/// Where to point for a fault at `at`: the character there, or the last one.
fn end_of(snip: &Snip, at: usize) -> Range<usize> {
    let text = &snip.text;
    let mut start = at.min(text.len());
    while !text.is_char_boundary(start) {
        start -= 1;
    }
    if text[start..].trim().is_empty() {
        let last = text[..start].trim_end().len();
        return last..last;
    }
    let width = text[start..].chars().next().map_or(0, char::len_utf8);
    start..start + width
}

/// A list or map that is not closed yet.
struct Open {
    start: usize,
    value: Value,
    key: Option<Key>,
    /// Line of each key.
    seen: HashMap<String, usize>,
}

struct Builder<'p, 's, 'q> {
    snip: &'p Snip,
    problems: &'q mut Problems<'s>,
    open: Vec<Open>,
    root: Option<Node>,
    nodes: usize,
    documents: usize,
}

/// Reading can't go on; the reason has been reported.
struct Stop;

impl Builder<'_, '_, '_> {
    fn fault(&mut self, span: Range<usize>, fault: YamlFault) {
        let span = self.snip.span(span);
        self.problems.error(span, ProblemKind::Yaml(fault));
    }

    fn event(&mut self, event: Event, span: Range<usize>) -> Result<(), Stop> {
        match event {
            Event::DocumentStart(..) => {
                self.documents += 1;
                if self.documents > 1 {
                    self.fault(span, YamlFault::SecondDocument);
                    return Err(Stop);
                }
            }
            Event::Anchor(_, name) => self.fault(span, YamlFault::Anchor(shorten(&name))),
            Event::Alias(_) | Event::UnresolvedAlias(_) => {
                let name = self.snip.text.get(span.clone()).unwrap_or_default();
                let name = shorten(name.trim_start_matches('*'));
                self.fault(span.clone(), YamlFault::Alias(name));
                self.node(span, Value::List(Vec::new()))?;
            }
            Event::Scalar(text, style, ..) => {
                let plain = style == ScalarStyle::Plain;
                let text = text.into_owned();
                self.node(span, Value::Scalar { text, plain })?;
            }
            Event::SequenceStart(..) => self.start(span, Value::List(Vec::new()))?,
            Event::MappingStart(..) => self.start(span, Value::Map(Vec::new()))?,
            Event::SequenceEnd | Event::MappingEnd => {
                if let Some(open) = self.open.pop() {
                    let end = span.end.max(open.start);
                    let trimmed = self.snip.text[open.start..end].trim_end().len();
                    let node = Node {
                        span: self.snip.span(open.start..open.start + trimmed),
                        value: open.value,
                    };
                    self.add(node);
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn start(&mut self, span: Range<usize>, value: Value) -> Result<(), Stop> {
        self.count(&span)?;
        if self.open.len() >= MAX_DEPTH {
            self.fault(span, YamlFault::TooDeep(MAX_DEPTH));
            return Err(Stop);
        }
        if self.awaits_key() {
            self.fault(span.clone(), YamlFault::KeyNotText);
            return Err(Stop);
        }
        self.open.push(Open {
            start: span.start,
            value,
            key: None,
            seen: HashMap::new(),
        });
        Ok(())
    }

    fn count(&mut self, span: &Range<usize>) -> Result<(), Stop> {
        self.nodes += 1;
        if self.nodes > MAX_NODES {
            self.fault(span.clone(), YamlFault::TooBig(MAX_NODES));
            return Err(Stop);
        }
        Ok(())
    }

    fn awaits_key(&self) -> bool {
        self.open
            .last()
            .is_some_and(|open| matches!(open.value, Value::Map(_)) && open.key.is_none())
    }

    fn node(&mut self, span: Range<usize>, value: Value) -> Result<(), Stop> {
        self.count(&span)?;
        let span = self.snip.span(span);
        if !self.awaits_key() {
            self.add(Node { span, value });
            return Ok(());
        }
        let Value::Scalar { text: name, .. } = value else {
            self.problems
                .error(span, ProblemKind::Yaml(YamlFault::KeyNotText));
            return Err(Stop);
        };
        let line = self.problems.source.line(span.start);
        if let Some(open) = self.open.last_mut() {
            if let Some(first_line) = open.seen.insert(name.clone(), line) {
                let key = shorten(&name);
                self.problems.error(
                    span.clone(),
                    ProblemKind::Yaml(YamlFault::DuplicateKey { key, first_line }),
                );
            }
            open.key = Some(Key { name, span });
        }
        Ok(())
    }

    fn add(&mut self, node: Node) {
        let Some(open) = self.open.last_mut() else {
            self.root.get_or_insert(node);
            return;
        };
        match &mut open.value {
            Value::List(items) => items.push(node),
            Value::Map(entries) => {
                if let Some(key) = open.key.take() {
                    entries.push((key, node));
                }
            }
            Value::Scalar { .. } => {}
        }
    }
}

fn scan_fault(kind: &ErrorKind) -> YamlFault {
    use ErrorKind as K;
    match kind {
        K::TabNotAllowed
        | K::TabInBlockIndentation
        | K::TabAtBlockScalarStart
        | K::TabInIndentation
        | K::TabInPlainScalar => YamlFault::Tab,
        K::UnclosedQuotedScalar | K::DocumentIndicatorInQuotedScalar => YamlFault::UnclosedQuote,
        K::MisplacedFlowCollectionEnd
        | K::MismatchedFlowCollectionEnd { .. }
        | K::UnclosedFlowCollection { .. }
        | K::UnexpectedEofFlowMapping
        | K::UnexpectedEofImplicitFlowMapping
        | K::UnexpectedEofFlowSequence
        | K::ExpectedFlowMappingSeparator
        | K::ExpectedFlowSequenceSeparator
        | K::InvalidColonPlacement => YamlFault::UnclosedBracket,
        K::InvalidIndentation
        | K::InvalidBlockScalarIndent
        | K::InvalidQuotedScalarIndent
        | K::InvalidFlowScalarIndent
        | K::ExpectedBlockMappingKey
        | K::ExpectedBlockSequenceEntry
        | K::SimpleKeyExpected
        | K::InvalidSimpleKey
        | K::BlockSequenceEntryNotAllowed => YamlFault::Indentation,
        K::MappingValueNotAllowed | K::MappingKeyNotAllowed => YamlFault::ColonInText,
        K::RecursionLimitExceeded => YamlFault::TooDeep(MAX_DEPTH),
        other => YamlFault::Syntax(other.to_string()),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::source::Source;
    use super::*;

    fn faults(text: &str) -> Vec<(usize, usize, YamlFault)> {
        let (source, _) = Source::new("a", text);
        let mut problems = Problems::new(&source);
        read(&Snip::of(&source, 0..source.text.len()), &mut problems);
        problems
            .finish()
            .into_iter()
            .map(|problem| match problem.kind {
                ProblemKind::Yaml(fault) => (problem.line, problem.column, fault),
                other => panic!("{other:?}"),
            })
            .collect()
    }

    #[test]
    fn nodes_know_their_places() {
        let (source, _) = Source::new("a", "키: 값\nlist:\n  - \"a b\"\n  - {x: 1}\n");
        let mut problems = Problems::new(&source);
        let root = read(&Snip::of(&source, 0..source.text.len()), &mut problems).unwrap();
        assert_eq!(problems.finish(), []);
        let Value::Map(entries) = root.value else {
            panic!("not a map");
        };
        let at = |span: &Range<usize>| &source.text[span.clone()];
        assert_eq!(at(&entries[0].0.span), "키");
        assert_eq!(at(&entries[0].1.span), "값");
        let Value::List(items) = &entries[1].1.value else {
            panic!("not a list");
        };
        assert_eq!(at(&items[0].span), "\"a b\"");
        assert_eq!(at(&items[1].span), "{x: 1}");
    }

    #[test]
    fn faults_are_placed() {
        use YamlFault::*;
        for (text, expected) in [
            (
                "a: &x 1\nb: *x\nc: *y\n",
                vec![
                    (1, 4, Anchor("x".into())),
                    (2, 4, Alias("x".into())),
                    (3, 4, Alias("y".into())),
                ],
            ),
            ("a: !!str 1\n", vec![(1, 10, Tag("!!str".into()))]),
            (
                "a: 1\nb: 2\na: 3\n",
                vec![(
                    3,
                    1,
                    DuplicateKey {
                        key: "a".into(),
                        first_line: 1,
                    },
                )],
            ),
            ("a: 1\n---\nb: 1\n", vec![(2, 1, SecondDocument)]),
            ("[a, b]: 1\n", vec![(1, 1, KeyNotText)]),
            ("a: b: c\n", vec![(1, 5, ColonInText)]),
            ("a: [1, 2\nb: 3\n", vec![(2, 2, UnclosedBracket)]),
            ("a:\n\tb: 1\n", vec![(2, 1, Tab)]),
        ] {
            assert_eq!(faults(text), expected, "{text:?}");
        }
        let deep = "[".repeat(300);
        assert_eq!(faults(&deep), [(1, 25, TooDeep(MAX_DEPTH))]);
        let wide = "- 1\n".repeat(MAX_NODES + 10);
        assert_eq!(faults(&wide), [(MAX_NODES, 3, TooBig(MAX_NODES))]);
    }

    #[test]
    fn an_unclosed_quote_is_named() {
        assert!(matches!(
            faults("a: \"b\nc: 1\n")[..],
            [(_, _, YamlFault::UnclosedQuote)]
        ));
    }
}
