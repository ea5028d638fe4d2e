//! The fields of a YAML mapping, taken one by one with their types checked;
//! what is left over is not known.

use std::ops::Range;
use std::time::Duration;

use super::problem::{Expected, Place, ProblemKind, Severity};
use super::source::{Problems, nearest};
use super::yaml::{Key, Node, Value, shorten};

/// A mapping being read.
pub(crate) struct Fields<'n> {
    pub span: Range<usize>,
    pub place: Place,
    /// How bad an unknown key or a wrong value is.
    pub severity: Severity,
    entries: Vec<(&'n Key, &'n Node, bool)>,
}

/// A field that was taken.
#[derive(Clone, Copy)]
pub(crate) struct Field<'n> {
    pub key: &'n Key,
    pub node: &'n Node,
}

impl<'n> Fields<'n> {
    /// `None`, reported, where the node is no mapping.
    pub fn of(
        node: &'n Node,
        what: &str,
        place: Place,
        severity: Severity,
        problems: &mut Problems,
    ) -> Option<Self> {
        let Value::Map(entries) = &node.value else {
            let kind = ProblemKind::WrongValue {
                key: what.to_owned(),
                expected: Expected::Mapping,
                found: node.shown(),
            };
            problems.add(node.span.clone(), severity, kind);
            return None;
        };
        Some(Fields {
            span: node.span.clone(),
            place,
            severity,
            entries: entries
                .iter()
                .map(|(key, node)| (key, node, false))
                .collect(),
        })
    }

    pub fn keys(&self) -> impl Iterator<Item = &'n Key> {
        self.entries.iter().map(|(key, ..)| *key)
    }

    /// The field, if it is there. A second one with that name was reported
    /// when the YAML was read.
    pub fn take(&mut self, name: &str) -> Option<Field<'n>> {
        let mut found = None;
        for (key, node, taken) in &mut self.entries {
            if key.name == name {
                *taken = true;
                found.get_or_insert(Field { key, node });
            }
        }
        found
    }

    fn wrong<T>(&self, field: Field, expected: Expected, problems: &mut Problems) -> Option<T> {
        let kind = ProblemKind::WrongValue {
            key: shorten(&field.key.name),
            expected,
            found: field.node.shown(),
        };
        // What is not there has no place of its own.
        let span = match field.node.is_null() {
            true => field.key.span.clone(),
            false => field.node.span.clone(),
        };
        problems.add(span, self.severity, kind);
        None
    }

    /// A text for which `valid` holds.
    pub fn text_if(
        &mut self,
        name: &str,
        expected: Expected,
        valid: impl Fn(&str) -> bool,
        problems: &mut Problems,
    ) -> Option<String> {
        let field = self.take(name)?;
        match text(field.node) {
            Some(text) if valid(text) => Some(text.to_owned()),
            _ => self.wrong(field, expected, problems),
        }
    }

    /// A text that is not blank.
    pub fn text(&mut self, name: &str, problems: &mut Problems) -> Option<String> {
        let valid = |text: &str| !text.trim().is_empty();
        self.text_if(name, Expected::Text, valid, problems)
    }

    pub fn boolean(&mut self, name: &str, problems: &mut Problems) -> Option<bool> {
        let field = self.take(name)?;
        match plain(field.node) {
            Some("true") => Some(true),
            Some("false") => Some(false),
            _ => self.wrong(field, Expected::Boolean, problems),
        }
    }

    pub fn number(
        &mut self,
        name: &str,
        range: std::ops::RangeInclusive<u64>,
        problems: &mut Problems,
    ) -> Option<u64> {
        let field = self.take(name)?;
        match number(field.node).filter(|number| range.contains(number)) {
            Some(number) => Some(number),
            None => {
                let expected = Expected::Number(*range.start(), *range.end());
                self.wrong(field, expected, problems)
            }
        }
    }

    /// `500ms`, `10s`, `2m`, at most `most`.
    pub fn duration(
        &mut self,
        name: &str,
        most: Duration,
        problems: &mut Problems,
    ) -> Option<(Duration, Range<usize>)> {
        let field = self.take(name)?;
        match text(field.node).and_then(duration) {
            Some(duration) if duration <= most => Some((duration, field.node.span.clone())),
            _ => self.wrong(field, Expected::Duration(most.as_secs()), problems),
        }
    }

    pub fn one_of(
        &mut self,
        name: &str,
        words: &'static [&'static str],
        problems: &mut Problems,
    ) -> Option<&'static str> {
        let field = self.take(name)?;
        let found = text(field.node).and_then(|text| words.iter().find(|word| **word == text));
        match found {
            Some(word) => Some(word),
            None => self.wrong(field, Expected::OneOf(words), problems),
        }
    }

    /// A text or a list of texts for each of which `valid` holds.
    pub fn texts_if(
        &mut self,
        name: &str,
        expected: Expected,
        valid: impl Fn(&str) -> bool,
        problems: &mut Problems,
    ) -> Vec<(String, Range<usize>)> {
        let Some(field) = self.take(name) else {
            return Vec::new();
        };
        let items: Vec<&Node> = match &field.node.value {
            Value::List(items) => items.iter().collect(),
            Value::Scalar { .. } => vec![field.node],
            Value::Map(_) => {
                self.wrong::<()>(field, expected, problems);
                return Vec::new();
            }
        };
        let mut texts = Vec::new();
        for item in items {
            match text(item) {
                Some(text) if valid(text) => texts.push((text.to_owned(), item.span.clone())),
                _ => {
                    let key = field.key;
                    self.wrong::<()>(Field { key, node: item }, expected, problems);
                }
            }
        }
        texts
    }

    /// A text or a list of texts, none of them blank.
    pub fn texts(&mut self, name: &str, problems: &mut Problems) -> Vec<String> {
        let valid = |text: &str| !text.trim().is_empty();
        self.texts_if(name, Expected::Texts, valid, problems)
            .into_iter()
            .map(|(text, _)| text)
            .collect()
    }

    /// A mapping of keys to texts, or a list of `KEY=VALUE`.
    pub fn pairs(
        &mut self,
        name: &str,
        problems: &mut Problems,
    ) -> Vec<(String, String, Range<usize>)> {
        let Some(field) = self.take(name) else {
            return Vec::new();
        };
        let mut pairs = Vec::new();
        match &field.node.value {
            Value::Map(entries) => {
                for (key, node) in entries {
                    match text(node) {
                        _ if node.is_null() => {
                            pairs.push((key.name.clone(), String::new(), key.span.clone()));
                        }
                        Some(text) => {
                            pairs.push((key.name.clone(), text.to_owned(), key.span.clone()));
                        }
                        None => {
                            self.wrong::<()>(Field { key, node }, Expected::Text, problems);
                        }
                    }
                }
            }
            Value::List(items) => {
                for item in items {
                    match text(item).and_then(|text| text.split_once('=')) {
                        Some((key, value)) => {
                            pairs.push((key.to_owned(), value.to_owned(), item.span.clone()));
                        }
                        None => {
                            let key = field.key;
                            let field = Field { key, node: item };
                            self.wrong::<()>(field, Expected::Mapping, problems);
                        }
                    }
                }
            }
            Value::Scalar { .. } => {
                self.wrong::<()>(field, Expected::Mapping, problems);
            }
        }
        pairs
    }

    /// Reports a key that must be there; `span` is where to point.
    pub fn missing(&self, key: &'static str, span: Range<usize>, problems: &mut Problems) {
        let place = self.place;
        problems.add(span, self.severity, ProblemKind::MissingKey { key, place });
    }

    /// Reports what was not taken.
    pub fn finish(self, known: &[&'static str], problems: &mut Problems) {
        for (key, _, taken) in self.entries {
            if taken {
                continue;
            }
            let kind = ProblemKind::UnknownKey {
                key: shorten(&key.name),
                place: self.place,
                similar: nearest(&key.name, known.iter().copied()).map(str::to_owned),
                known: known.to_vec(),
            };
            problems.add(key.span.clone(), self.severity, kind);
        }
    }
}

/// The text of a scalar that is not null.
pub(crate) fn text(node: &Node) -> Option<&str> {
    match &node.value {
        Value::Scalar { text, .. } if !node.is_null() => Some(text),
        _ => None,
    }
}

/// The text of a scalar without quotes.
pub(crate) fn plain(node: &Node) -> Option<&str> {
    match &node.value {
        Value::Scalar { text, plain: true } => Some(text),
        _ => None,
    }
}

/// A whole number without sign.
pub(crate) fn number(node: &Node) -> Option<u64> {
    let text = plain(node)?;
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

/// `500ms`, `10s`, `2m`.
pub(crate) fn duration(text: &str) -> Option<Duration> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let number: u64 = text[..digits].parse().ok()?;
    match &text[digits..] {
        "ms" => Some(Duration::from_millis(number)),
        "s" => Some(Duration::from_secs(number)),
        "m" => number.checked_mul(60).map(Duration::from_secs),
        _ => None,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_a_unit() {
        assert_eq!(duration("500ms"), Some(Duration::from_millis(500)));
        assert_eq!(duration("10s"), Some(Duration::from_secs(10)));
        assert_eq!(duration("2m"), Some(Duration::from_secs(120)));
        for wrong in ["", "10", "s", "-1s", "1h", "1.5s", "99999999999999999999s"] {
            assert_eq!(duration(wrong), None, "{wrong}");
        }
    }
}
