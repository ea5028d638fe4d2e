//! Comments that mean something: `step:`, `note:`, `quiz`, `predict`.

use super::problem::ProblemKind;

/// What a comment says.
#[derive(Debug, PartialEq)]
pub(crate) enum Directive {
    Step(String),
    Note(String),
    Quiz,
    Predict,
    /// Almost one of the above: what stands there, what was meant.
    NearMiss(String, &'static str),
    /// Somebody's remark.
    Remark,
}

const NAMES: [(&str, &str); 4] = [
    ("step", "<!-- step: ID -->"),
    ("note", "<!-- note: TEXT -->"),
    ("quiz", "<!-- quiz -->"),
    ("predict", "<!-- predict -->"),
];

/// Reads what stands between `<!--` and `-->`, trimmed.
pub(crate) fn read(text: &str) -> Directive {
    match text {
        "quiz" => return Directive::Quiz,
        "predict" => return Directive::Predict,
        _ => {}
    }
    if let Some(id) = text.strip_prefix("step:") {
        return Directive::Step(id.trim().to_owned());
    }
    if let Some(note) = text.strip_prefix("note:") {
        return Directive::Note(note.trim().to_owned());
    }
    near_miss(text).unwrap_or(Directive::Remark)
}

/// `Step: x`, `steps: x`, `step x`, `quiz:`, `predcit`. Not `note that ...`,
/// which people write.
fn near_miss(text: &str) -> Option<Directive> {
    let word_end = text
        .find(|c: char| c == ':' || c.is_whitespace())
        .unwrap_or(text.len());
    let word = &text[..word_end];
    if word.len() > 12 {
        return None;
    }
    let rest = text[word_end..].trim_start();
    let lower = word.to_lowercase();
    let (name, meant) = NAMES
        .into_iter()
        .find(|(name, _)| strsim::osa_distance(&lower, name) <= 1)?;
    let likely = match name {
        "quiz" | "predict" => rest.trim_start_matches(':').is_empty(),
        "step" => rest.starts_with(':') || rest.split_whitespace().count() <= 1,
        _ => rest.starts_with(':'),
    };
    likely.then(|| Directive::NearMiss(word.to_owned(), meant))
}

impl Directive {
    /// The problem of a near miss.
    pub fn problem(self) -> Option<ProblemKind> {
        match self {
            Directive::NearMiss(found, meant) => {
                Some(ProblemKind::NearMissDirective { found, meant })
            }
            _ => None,
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn comments_are_directives_only_when_they_are_written_so() {
        let near = |found: &str, meant| Directive::NearMiss(found.to_owned(), meant);
        for (text, expected) in [
            (
                "step: create-service",
                Directive::Step("create-service".into()),
            ),
            ("step:", Directive::Step(String::new())),
            ("note: one\ntwo", Directive::Note("one\ntwo".into())),
            ("quiz", Directive::Quiz),
            ("predict", Directive::Predict),
            ("Step: a", near("Step", NAMES[0].1)),
            ("setp: a", near("setp", NAMES[0].1)),
            ("step a", near("step", NAMES[0].1)),
            ("step : a", near("step", NAMES[0].1)),
            ("notes: a", near("notes", NAMES[1].1)),
            ("quiz:", near("quiz", NAMES[2].1)),
            ("predcit", near("predcit", NAMES[3].1)),
            ("note that this is old", Directive::Remark),
            ("step by step is better", Directive::Remark),
            ("quiz follows later", Directive::Remark),
            ("TODO: more", Directive::Remark),
            ("", Directive::Remark),
        ] {
            assert_eq!(read(text), expected, "{text:?}");
        }
    }
}
