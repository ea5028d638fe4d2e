//! The sentences in English.

use super::super::Lang;
use super::detail::{compose_cure, compose_message, expected, path_fault, twin_part};
use super::detail::{yaml_cure, yaml_message};
use super::{code_point, listed, mib};
use crate::lesson::problem::{Place, ProblemKind};

fn place_en(place: Place) -> String {
    match place {
        Place::FrontMatter => "the front matter".to_owned(),
        Place::Check("") => "a check".to_owned(),
        Place::Check(kind) => format!("a `{kind}` check"),
        Place::Mistake => "a `yaml mistake`".to_owned(),
        Place::ComposeFile => "the lab's compose file".to_owned(),
        Place::ComposeService => "a service of the lab's compose file".to_owned(),
    }
}

pub(super) fn message(kind: &ProblemKind) -> String {
    use ProblemKind as K;
    match kind {
        K::TooLarge(limit) => {
            format!(
                "the file is too large: {} is the most that is read.",
                mib(*limit)
            )
        }
        K::NotUtf8 => "this byte is not UTF-8.".to_owned(),
        K::Empty => "there is nothing in this file.".to_owned(),
        K::Binary => "there is a NUL byte here: this is not a text file.".to_owned(),
        K::ControlCharacter(c) => format!("a hidden control character, {}.", code_point(*c)),
        K::TooDeep(limit) => format!("lists or quotes nest deeper than {limit} levels here."),
        K::TooManySteps(limit) => format!("a lesson may have {limit} steps; here begins one more."),
        K::TooManyProblems(limit) => {
            format!("there are more than {limit} problems; the others are not listed.")
        }
        K::FrontMatterNotClosed => "the front matter begins here and never ends.".to_owned(),
        K::UnknownFormat(found) => format!("`format: {found}` is not known to this program."),
        K::Yaml(fault) => yaml_message(fault, Lang::En),
        K::UnknownKey { key, place, .. } => {
            format!("`{key}` is not a key of {}.", place_en(*place))
        }
        K::MissingKey { key, place } => format!("`{key}` is missing in {}.", place_en(*place)),
        K::WrongValue {
            key,
            expected: wanted,
            found,
        } => match found.as_str() {
            "" => format!(
                "`{key}` has no value; it takes {}.",
                expected(*wanted, Lang::En)
            ),
            _ => format!(
                "`{key}` takes {}, not `{found}`.",
                expected(*wanted, Lang::En)
            ),
        },
        K::NoTitle => "the lesson has no title.".to_owned(),
        K::SecondTitle { first_line } => {
            format!("a second H1; the lesson's title is on line {first_line}.")
        }
        K::EmptyHeading => "a heading without a text.".to_owned(),
        K::StepIdMissing { id } => format!("the step has no id of its own and is called `{id}`."),
        K::DuplicateStepId { id, first_line } => {
            format!("the step id `{id}` is taken by the step on line {first_line}.")
        }
        K::MisplacedStepId => "a step id that belongs to no heading.".to_owned(),
        K::NearMissDirective { found, meant } => {
            format!("`{found}` is not a directive; was `{meant}` meant?")
        }
        K::UnclosedComment => "a comment that is never closed hides all that follows.".to_owned(),
        K::UnclosedFence => "a fence that is never closed.".to_owned(),
        K::FenceNested(info) => {
            format!("a `{info}` fence in a list or a quote is not read.")
        }
        K::FenceInDetails(info) => format!("a `{info}` fence in `<details>` is not read."),
        K::UnknownFenceWord { word, .. } => format!("`{word}` means nothing on this fence."),
        K::NearMissFence { found, meant } => {
            format!("a `{found}` fence is only shown; was `{meant}` meant?")
        }
        K::CommandsNotConsole { language } if language.is_empty() => {
            "commands in a fence without `console` are only shown.".to_owned()
        }
        K::CommandsNotConsole { language } => {
            format!("commands in a `{language}` fence are only shown.")
        }
        K::SecondCompose { first_line } => {
            format!("a second compose file; the lab is the one on line {first_line}.")
        }
        K::BadPath { path, fault } => match path.as_str() {
            "" => "`file=` has no path.".to_owned(),
            _ => format!("`file={path}`: {}.", path_fault(*fault, Lang::En)),
        },
        K::DetailsNoBlankLine => {
            "text right under `<summary>` is raw HTML to Markdown, not prose.".to_owned()
        }
        K::DetailsNotClosed => "`<details>` is never closed.".to_owned(),
        K::DetailsNotOpened => "`</details>` closes nothing.".to_owned(),
        K::DetailsNoSummary => "`<details>` has no `<summary>`.".to_owned(),
        K::NoCommand => "a console fence without a command.".to_owned(),
        K::RefusedPrompt(mark) => format!("a line with a `{mark} ` prompt."),
        K::Heredoc => "a heredoc can't be typed at the prompt.".to_owned(),
        K::UnfinishedCommand => "the line ends in `\\`, and nothing to join follows.".to_owned(),
        K::SpaceAfterBackslash => "blanks after `\\`: a shell would not join the lines.".to_owned(),
        K::UnknownVariable { name, .. } => format!("there is no variable `${name}`."),
        K::QuizNoList => "no task list follows.".to_owned(),
        K::QuizTooFew => "a quiz with fewer than two answers.".to_owned(),
        K::QuizNoneRight => "a quiz without a right answer.".to_owned(),
        K::QuizItemNoBox => "an answer without `[ ]` or `[x]`.".to_owned(),
        K::EmptyCheck => "a check fence without a check.".to_owned(),
        K::NoKind { .. } => "the check does not say what it checks.".to_owned(),
        K::TwoKinds { first, second } => {
            format!("one check for both `{first}` and `{second}`.")
        }
        K::StableTooLong { seconds } => {
            format!("`stable_for` is at most {seconds}s: the learner waits for it.")
        }
        K::WithinTooShort => {
            "`within` is not longer than `stable_for`: this can't be met.".to_owned()
        }
        K::FieldOfNothing(field) => format!("`{field}` of something that must not exist."),
        K::ReplicasOfGlobal => "a global service has no number of replicas.".to_owned(),
        K::RanWrapped => "`ran` begins after `docker exec NODE` and `on NODE`.".to_owned(),
        K::UnknownNode { name, .. } => format!("the lab has no node `{name}`."),
        K::MistakeWithoutCheck => "a mistake in a step without a check.".to_owned(),
        K::CommandsWithoutCheck => {
            "the step has commands and no check: nothing tells the learner that it is done."
                .to_owned()
        }
        K::CheckWithoutCommands => {
            "the step has a check and no command: `run` and `solve` can't meet it.".to_owned()
        }
        K::Compose(fault) => compose_message(fault, Lang::En),
        K::DuplicateLessonId { id, other } => format!("the lesson id `{id}` is taken by {other}."),
        K::UnknownRequirement { name, .. } => {
            format!("`{name}` is not a lesson or step of this course.")
        }
        K::RequirementRing(ring) => {
            format!(
                "lessons require each other in a ring: {}.",
                ring.join(" -> ")
            )
        }
        K::NotAnnotated => "a lesson of a course without `format: 1`.".to_owned(),
        K::TwinMissing { other } => format!("the lesson has no twin {other}."),
        K::TwinSteps { other, here, there } => match (here, there) {
            (Some(here), Some(there)) => {
                format!("here is the step `{here}` where {other} has `{there}`.")
            }
            (Some(here), None) => format!("the step `{here}` is missing in {other}."),
            (None, Some(there)) => format!("the step `{there}` of {other} is missing here."),
            (None, None) => format!("the steps differ from those of {other}."),
        },
        K::TwinStepUnnamed { other } => {
            format!("without an id the step can't be matched with {other}.")
        }
        K::TwinDiffers {
            other,
            part,
            here,
            there,
        } => format!(
            "{} differ from {other}: here `{here}`, there `{there}`.",
            twin_part(*part, Lang::En)
        ),
    }
}

fn similar_to(similar: Option<&str>, otherwise: &str) -> String {
    match similar {
        Some(similar) => format!("Did you mean `{similar}`?"),
        None => otherwise.to_owned(),
    }
}

pub(super) fn cure(kind: &ProblemKind) -> String {
    use ProblemKind as K;
    match kind {
        K::TooLarge(_) => "Make several lessons of it.",
        K::NotUtf8 => "Save the file as UTF-8.",
        K::Empty => "Write a heading and some text, or give another file.",
        K::Binary => "Give a Markdown file.",
        K::ControlCharacter(_) => "Delete it; some editors show it only on request.",
        K::TooDeep(_) => "Use fewer levels.",
        K::TooManySteps(_) => "Make several lessons of it.",
        K::TooManyProblems(_) => "Mend these first.",
        K::FrontMatterNotClosed => "Put a line `---` after it.",
        K::UnknownFormat(_) => "Write `format: 1`, or get a newer swarmlings.",
        K::Yaml(fault) => yaml_cure(fault, Lang::En),
        K::UnknownKey { similar, known, .. } => {
            let known = format!("Keys here: {}.", listed(known));
            return similar_to(similar.as_deref(), &known);
        }
        K::MissingKey { key, .. } => return format!("Add `{key}:`."),
        K::WrongValue { .. } => "",
        K::NoTitle => "Begin with a line `# Title`.",
        K::SecondTitle { .. } => "Make it an H2 (`##`), which is a step.",
        K::EmptyHeading => "Give it a text, or delete it.",
        K::StepIdMissing { .. } => {
            "Add `<!-- step: ID -->` to the heading: its twins and the learners' progress need a \
             name that stays."
        }
        K::DuplicateStepId { .. } => "Give one of them another id.",
        K::MisplacedStepId => {
            "Put it at the end of an H2's line, or as the first thing under it; one for each step."
        }
        K::NearMissDirective { .. } => "Other comments are ignored.",
        K::UnclosedComment => "Close it with `-->`.",
        K::UnclosedFence => "Close it with a line of as many backticks as it opens with.",
        K::FenceNested(_) => "Move it out to the left margin.",
        K::FenceInDetails(_) => "Move it out of `<details>`, which is optional reading.",
        K::UnknownFenceWord { similar, .. } => {
            return similar_to(*similar, "Take it away.");
        }
        K::NearMissFence { .. } => "Write it so, or name another language.",
        K::CommandsNotConsole { .. } => {
            "Use `console` for commands to type; use `text` where they are only shown."
        }
        K::SecondCompose { .. } => "Show further ones as plain `yaml`.",
        K::BadPath { .. } => "Write a path such as `web/index.html`, below the lab's folder.",
        K::DetailsNoBlankLine => "Put a blank line after `</summary>`.",
        K::DetailsNotClosed => "Add `</details>` on a line of its own.",
        K::DetailsNotOpened => "Take it away, or add its `<details>`.",
        K::DetailsNoSummary => "Add `<summary>...</summary>`; with `Hint` in front it is a hint.",
        K::NoCommand => "Begin each command with `$ `; use `text` for what is only shown.",
        K::RefusedPrompt(_) => {
            "Begin commands with `$ ` and join lines with `\\`; a root shell needs no other prompt."
        }
        K::Heredoc => "Put the text into a `file=PATH` fence and name the file.",
        K::UnfinishedCommand => "Take the `\\` away, or put the rest on the next line.",
        K::SpaceAfterBackslash => "Delete the blanks.",
        K::UnknownVariable { similar, .. } => {
            return match similar {
                Some(similar) => format!("Did you mean `${similar}`?"),
                None => {
                    let known = crate::lesson::VARIABLES.map(|name| format!("${name}"));
                    format!("There are {}; single quotes keep a `$`.", listed(&known))
                }
            };
        }
        K::QuizNoList => "Put a list of `- [x]` and `- [ ]` items under the directive.",
        K::QuizTooFew => "Give at least two `- [ ]` items.",
        K::QuizNoneRight => "Mark the right one with `[x]`.",
        K::QuizItemNoBox => "Begin it with `[ ]` or `[x]`.",
        K::EmptyCheck => "Write one, for example `lab: running`.",
        K::NoKind { similar } => {
            return similar_to(
                *similar,
                "Give one of `lab`, `nodes`, `node`, `service`, `image`, `registry`, `stack`, \
                 `network`, `secret`, `config`, `http`, `probe`, `ran`.",
            );
        }
        K::TwoKinds { .. } => "Make a list of two checks, each with a `- ` in front.",
        K::StableTooLong { .. } | K::WithinTooShort => "Choose another duration.",
        K::FieldOfNothing(_) => "Keep `exists: false` alone, or take it away.",
        K::ReplicasOfGlobal => "Take `replicas` away: it runs once on each node.",
        K::RanWrapped => "Write only the command itself; `node:` says where.",
        K::UnknownNode { similar, .. } => {
            return similar_to(
                similar.as_deref(),
                "Name a service of the lab's compose file.",
            );
        }
        K::MistakeWithoutCheck => "Add the check whose verdict `says:` is about.",
        K::CommandsWithoutCheck => "Add a `yaml check` fence; `ran: ...` if they only look.",
        K::CheckWithoutCommands => "Add the commands in a `console` fence.",
        K::Compose(fault) => return compose_cure(fault, Lang::En),
        K::DuplicateLessonId { .. } => "Give one of them another `id`.",
        K::UnknownRequirement { similar, .. } => {
            return similar_to(
                similar.as_deref(),
                "Write `lesson` or `lesson/step`, with the ids of this course.",
            );
        }
        K::RequirementRing(_) => "Take one of these requirements away.",
        K::NotAnnotated => "Put `format: 1` and an `id` into its front matter.",
        K::TwinMissing { .. } => "Write it in the other language under the same name.",
        K::TwinSteps { .. } => "Twins have the same steps in the same order.",
        K::TwinStepUnnamed { .. } => "Add `<!-- step: ID -->` to its heading in both languages.",
        K::TwinDiffers { .. } => {
            "Only prose, titles, quiz words, `fail`, `says` and comments may differ."
        }
    }
    .to_owned()
}
