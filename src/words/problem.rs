//! What is wrong with a lesson, and what to do about it.

mod detail;
mod en;
mod ko;

use super::Lang;
use crate::lesson::problem::{Place, ProblemKind, Severity};

/// `error`, `warning`.
pub fn severity(severity: Severity, lang: Lang) -> &'static str {
    match (severity, lang) {
        (Severity::Error, Lang::En) => "error",
        (Severity::Error, Lang::Ko) => "오류",
        (Severity::Warning, Lang::En) => "warning",
        (Severity::Warning, Lang::Ko) => "경고",
    }
}

/// The word before a cure.
pub fn help(lang: Lang) -> &'static str {
    match lang {
        Lang::En => "help",
        Lang::Ko => "도움말",
    }
}

/// `2 errors, 1 warning`.
pub fn totals(errors: usize, warnings: usize, lang: Lang) -> String {
    let plural = |count: usize| if count == 1 { "" } else { "s" };
    match (lang, errors, warnings) {
        (Lang::En, 0, 0) => "No problems.".to_owned(),
        (Lang::En, 0, _) => format!("{warnings} warning{}.", plural(warnings)),
        (Lang::En, _, 0) => format!("{errors} error{}.", plural(errors)),
        (Lang::En, ..) => format!(
            "{errors} error{}, {warnings} warning{}.",
            plural(errors),
            plural(warnings)
        ),
        (Lang::Ko, 0, 0) => "문제가 없습니다.".to_owned(),
        (Lang::Ko, 0, _) => format!("경고 {warnings}개."),
        (Lang::Ko, _, 0) => format!("오류 {errors}개."),
        (Lang::Ko, ..) => format!("오류 {errors}개, 경고 {warnings}개."),
    }
}

/// What is wrong: one sentence.
pub fn message(kind: &ProblemKind, lang: Lang) -> String {
    match lang {
        Lang::En => en::message(kind),
        Lang::Ko => ko::message(kind),
    }
}

/// What to do about it: one sentence or two, or nothing where the message says it.
pub fn cure(kind: &ProblemKind, severity: Severity, lang: Lang) -> String {
    let left_out = match kind {
        ProblemKind::Compose(_) => true,
        ProblemKind::UnknownKey { place, .. } | ProblemKind::MissingKey { place, .. } => {
            matches!(place, Place::ComposeFile | Place::ComposeService)
        }
        ProblemKind::WrongValue { .. } => true,
        _ => false,
    };
    match (lang, severity) {
        // A tutorial is mended, not corrected.
        (Lang::En, Severity::Warning) if left_out => "It is left out here.".to_owned(),
        (Lang::Ko, Severity::Warning) if left_out => "여기서는 빼고 진행합니다.".to_owned(),
        (Lang::En, _) => en::cure(kind),
        (Lang::Ko, _) => ko::cure(kind),
    }
}

fn mib(bytes: usize) -> String {
    const MIB: usize = 1024 * 1024;
    match bytes % MIB {
        0 => format!("{} MiB", bytes / MIB),
        _ => format!("{}.{} MiB", bytes / MIB, bytes % MIB * 10 / MIB),
    }
}

fn code_point(c: char) -> String {
    format!("U+{:04X}", c as u32)
}

/// `` `a`, `b` ``
fn listed(words: &[impl AsRef<str>]) -> String {
    let quoted: Vec<String> = words.iter().map(|w| format!("`{}`", w.as_ref())).collect();
    quoted.join(", ")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
