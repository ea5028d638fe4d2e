//! The front matter: cut off before Markdown is read, then read as YAML.

use std::ops::Range;

use super::fields::{self, Fields};
use super::problem::{Expected, Place, ProblemKind, Severity};
use super::source::{Problems, Snip, Source, nearest};
use super::yaml::{self, Value, shorten};
use super::{Lesson, Need};

const KEYS: [&str; 8] = [
    "format", "id", "title", "summary", "minutes", "requires", "images", "needs",
];

/// Where the front matter stands.
#[derive(Debug, PartialEq)]
pub(crate) struct Cut {
    /// Between the two lines.
    pub yaml: Range<usize>,
    /// Where Markdown begins.
    pub body: usize,
}

/// How the lesson is to be read.
#[derive(Debug, PartialEq)]
pub(crate) enum Format {
    Annotated,
    Plain,
}

/// Places that later rules point at.
#[derive(Debug, Default)]
pub(crate) struct Marks {
    pub id: Range<usize>,
    pub requires: Vec<(String, Range<usize>)>,
}

/// Finds the front matter: first line `---` to the next `---`.
pub(crate) fn cut(source: &Source, problems: &mut Problems) -> Option<Cut> {
    let mut lines = source.text.split_inclusive('\n');
    let first = lines.next().filter(|line| line.trim_end() == "---")?;
    let mut at = first.len();
    for line in lines {
        if line.trim_end() == "---" {
            return Some(Cut {
                yaml: first.len()..at,
                body: at + line.len(),
            });
        }
        at += line.len();
    }
    problems.error(0..3, ProblemKind::FrontMatterNotClosed);
    None
}

/// Reads the front matter into the lesson.
pub(crate) fn read(
    source: &Source,
    cut: &Cut,
    lesson: &mut Lesson,
    marks: &mut Marks,
    problems: &mut Problems,
) -> Format {
    let snip = Snip::of(source, cut.yaml.clone());
    marks.id = 0..3;
    // Somebody's tutorial may have any front matter; only a `format` is ours.
    let mut unheard = Problems::new(source);
    let root = yaml::read(&snip, &mut unheard);
    let says_format = snip.lines().any(|(_, line)| line.starts_with("format:"));
    let Some(root) = root else {
        if !says_format {
            return Format::Plain;
        }
        yaml::read(&snip, problems);
        return Format::Annotated;
    };
    let Value::Map(entries) = &root.value else {
        return Format::Plain;
    };
    if !entries.iter().any(|(key, _)| key.name == "format") {
        let near = entries
            .iter()
            .find(|(key, _)| nearest(&key.name, ["format"]).is_some());
        if let Some((key, _)) = near {
            let kind = ProblemKind::UnknownKey {
                key: shorten(&key.name),
                place: Place::FrontMatter,
                similar: Some("format".to_owned()),
                known: KEYS.to_vec(),
            };
            problems.warning(key.span.clone(), kind);
        }
        let title = entries.iter().find(|(key, _)| key.name == "title");
        if let Some(title) = title.and_then(|(_, node)| fields::text(node)) {
            lesson.title = title.trim().to_owned();
        }
        return Format::Plain;
    }
    // Once more, now that its problems count.
    yaml::read(&snip, problems);
    let place = Place::FrontMatter;
    if let Some(fields) = Fields::of(&root, "", place, Severity::Error, problems) {
        annotated(fields, lesson, marks, problems);
    }
    Format::Annotated
}

fn annotated(mut fields: Fields, lesson: &mut Lesson, marks: &mut Marks, problems: &mut Problems) {
    if let Some(format) = fields.take("format")
        && fields::text(format.node) != Some("1")
    {
        let kind = ProblemKind::UnknownFormat(format.node.shown());
        problems.error(format.node.span.clone(), kind);
    }
    match fields.take("id") {
        None => fields.missing("id", 0..3, problems),
        Some(field) => {
            marks.id = field.node.span.clone();
            let id = fields.text_if("id", Expected::Id, is_id, problems);
            lesson.id = id.unwrap_or_default();
        }
    }
    lesson.title = fields.text("title", problems).unwrap_or_default();
    lesson.summary = fields.text("summary", problems).unwrap_or_default();
    lesson.minutes = fields
        .number("minutes", 1..=600, problems)
        .and_then(|minutes| u32::try_from(minutes).ok());
    let requirement = |text: &str| {
        let mut parts = text.splitn(2, '/');
        parts.all(is_id)
    };
    marks.requires = fields.texts_if("requires", Expected::Requirement, requirement, problems);
    lesson.requires = marks
        .requires
        .iter()
        .map(|(name, _)| name.clone())
        .collect();
    lesson.images = fields
        .texts_if("images", Expected::Image, is_image, problems)
        .into_iter()
        .map(|(image, _)| image)
        .collect();
    let need = |text: &str| NEEDS.contains(&text);
    for (word, _) in fields.texts_if("needs", Expected::OneOf(&NEEDS), need, problems) {
        let need = match word.as_str() {
            "mesh" => Need::Mesh,
            _ => Need::Registry,
        };
        if !lesson.needs.contains(&need) {
            lesson.needs.push(need);
        }
    }
    fields.finish(&KEYS, problems);
}

const NEEDS: [&str; 2] = ["mesh", "registry"];

/// `[a-z0-9-]+`
pub(crate) fn is_id(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 64
        && text
            .bytes()
            .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'))
}

/// Whether a text can be an image's reference: `[HOST[:PORT]/]NAME[:TAG][@DIGEST]`.
pub(crate) fn is_image(text: &str) -> bool {
    let first = text.chars().next();
    let last = text.chars().next_back();
    text.len() <= 255
        && first.is_some_and(|c| c.is_ascii_alphanumeric())
        && last.is_some_and(|c| c.is_ascii_alphanumeric())
        && !text.contains("//")
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '/' | ':' | '@'))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_front_matter_ends_at_the_next_rule() {
        let cut_of = |text: &str| {
            let (source, _) = Source::new("a", text);
            let mut problems = Problems::new(&source);
            let cut = cut(&source, &mut problems);
            (cut, problems.finish().len())
        };
        let cut = Cut {
            yaml: 4..9,
            body: 13,
        };
        assert_eq!(cut_of("---\na: 1\n---\n# A\n---\n"), (Some(cut), 0));
        assert_eq!(cut_of("# A\n---\na\n---\n"), (None, 0));
        assert_eq!(cut_of("---\na: 1\n"), (None, 1));
        assert_eq!(cut_of(""), (None, 0));
    }

    #[test]
    fn images_are_names() {
        for good in [
            "a",
            "hashicorp/http-echo:latest",
            "localhost:5000/a/b",
            "docker:dind",
        ] {
            assert!(is_image(good), "{good}");
        }
        for bad in ["", "-a", "a b", "a:", "http://x", "$IMAGE", "이미지"] {
            assert!(!is_image(bad), "{bad}");
        }
    }
}
