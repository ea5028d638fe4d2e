//! What every refusal can say of itself: where it points and what to type instead.

use super::Refusal;

impl Refusal {
    /// The line to type instead.
    pub fn suggestion(&self) -> Option<&str> {
        match self {
            Refusal::LookAlike { suggestion, .. }
            | Refusal::InNode { suggestion, .. }
            | Refusal::NearImage { suggestion, .. }
            | Refusal::NotLabNetwork { suggestion, .. } => Some(suggestion),
            Refusal::ShellSyntax { suggestion, .. }
            | Refusal::UnknownCommand { suggestion, .. }
            | Refusal::UnknownDocker { suggestion, .. }
            | Refusal::UnknownFlag { suggestion, .. }
            | Refusal::NotOnHost { suggestion, .. }
            | Refusal::UnknownNode { suggestion, .. } => suggestion.as_deref(),
            Refusal::UnclosedQuote(_)
            | Refusal::UnfinishedLine
            | Refusal::TooLong
            | Refusal::ControlCharacter(..)
            | Refusal::UnknownVariable { .. }
            | Refusal::NoValueYet(_)
            | Refusal::VerbUsage(_)
            | Refusal::NotANode(_)
            | Refusal::UnknownStep { .. }
            | Refusal::Usage(_)
            | Refusal::NotLabRegistry(_)
            | Refusal::FlagNotHere { .. }
            | Refusal::FilterNotHere { .. }
            | Refusal::FieldNotHere { .. } => None,
        }
    }

    /// The byte of the line that it points at.
    pub fn position(&self) -> Option<usize> {
        match self {
            Refusal::UnclosedQuote(at)
            | Refusal::ControlCharacter(at, _)
            | Refusal::LookAlike { at, .. }
            | Refusal::ShellSyntax { at, .. } => Some(*at),
            _ => None,
        }
    }

    /// The same refusal with another line to type instead.
    pub(super) fn suggesting(mut self, line: String) -> Refusal {
        match &mut self {
            Refusal::LookAlike { suggestion, .. }
            | Refusal::InNode { suggestion, .. }
            | Refusal::NearImage { suggestion, .. }
            | Refusal::NotLabNetwork { suggestion, .. } => *suggestion = line,
            Refusal::ShellSyntax { suggestion, .. }
            | Refusal::UnknownCommand { suggestion, .. }
            | Refusal::UnknownDocker { suggestion, .. }
            | Refusal::UnknownFlag { suggestion, .. }
            | Refusal::NotOnHost { suggestion, .. }
            | Refusal::UnknownNode { suggestion, .. } => *suggestion = Some(line),
            _ => {}
        }
        self
    }
}
