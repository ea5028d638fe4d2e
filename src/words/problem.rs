//! What is wrong with a lesson, and what to do about it.

mod detail;

use super::Lang;
use super::korean::{Particle, with};
use crate::lesson::problem::{Place, ProblemKind, Severity};

use detail::{compose_cure, compose_message, expected, path_fault, twin_part};
use detail::{yaml_cure, yaml_message};

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
        Lang::En => message_en(kind),
        Lang::Ko => message_ko(kind),
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
        (Lang::En, _) => cure_en(kind),
        (Lang::Ko, _) => cure_ko(kind),
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

fn place_ko(place: Place) -> String {
    match place {
        Place::FrontMatter => "머리말(front matter)".to_owned(),
        Place::Check("") => "검사".to_owned(),
        Place::Check(kind) => format!("`{kind}` 검사"),
        Place::Mistake => "`yaml mistake`".to_owned(),
        Place::ComposeFile => "실습 환경의 compose 파일".to_owned(),
        Place::ComposeService => "compose 파일의 서비스".to_owned(),
    }
}

fn message_en(kind: &ProblemKind) -> String {
    use ProblemKind as K;
    match kind {
        K::TooLarge { bytes, limit } => format!(
            "the file has {}; a lesson may have {}.",
            mib(*bytes),
            mib(*limit)
        ),
        K::NotUtf8 => "this byte is not UTF-8.".to_owned(),
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

fn similar_en(similar: Option<&str>, otherwise: &str) -> String {
    match similar {
        Some(similar) => format!("Did you mean `{similar}`?"),
        None => otherwise.to_owned(),
    }
}

fn cure_en(kind: &ProblemKind) -> String {
    use ProblemKind as K;
    match kind {
        K::TooLarge { .. } => "Make several lessons of it.",
        K::NotUtf8 => "Save the file as UTF-8.",
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
            return similar_en(similar.as_deref(), &known);
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
            return similar_en(*similar, "Take it away.");
        }
        K::NearMissFence { .. } => "",
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
            return similar_en(
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
            return similar_en(
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
            return similar_en(
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

fn message_ko(kind: &ProblemKind) -> String {
    use ProblemKind as K;
    match kind {
        K::TooLarge { bytes, limit } => format!(
            "파일 크기가 {}입니다. 레슨은 {}까지 읽습니다.",
            mib(*bytes),
            mib(*limit)
        ),
        K::NotUtf8 => "이 바이트는 UTF-8이 아닙니다.".to_owned(),
        K::Binary => "NUL 바이트가 있습니다. 텍스트 파일이 아닙니다.".to_owned(),
        K::ControlCharacter(c) => {
            format!("보이지 않는 제어 문자 {}가 있습니다.", code_point(*c))
        }
        K::TooDeep(limit) => format!("목록이나 인용이 {limit}단계보다 깊게 겹쳐 있습니다."),
        K::TooManySteps(limit) => {
            format!("레슨에는 단계를 {limit}개까지 둘 수 있는데, 여기서 그 수를 넘습니다.")
        }
        K::TooManyProblems(limit) => {
            format!("문제가 {limit}개를 넘어 나머지는 표시하지 않습니다.")
        }
        K::FrontMatterNotClosed => "머리말(front matter)이 시작되지만 끝나지 않습니다.".to_owned(),
        K::UnknownFormat(found) => {
            format!("`format: {found}` 형식은 이 프로그램이 알지 못합니다.")
        }
        K::Yaml(fault) => yaml_message(fault, Lang::Ko),
        K::UnknownKey { key, place, .. } => {
            format!("{}에는 `{key}` 키를 쓸 수 없습니다.", place_ko(*place))
        }
        K::MissingKey { key, place } => {
            format!("{}에 `{key}` 키가 없습니다.", place_ko(*place))
        }
        K::WrongValue {
            key,
            expected: wanted,
            found,
        } => {
            let wanted = expected(*wanted, Lang::Ko);
            match found.as_str() {
                "" => format!("`{key}`에 값이 없습니다. 쓸 수 있는 값: {wanted}."),
                _ => format!("`{key}`에 `{found}`. 쓸 수 있는 값: {wanted}."),
            }
        }
        K::NoTitle => "레슨에 제목이 없습니다.".to_owned(),
        K::SecondTitle { first_line } => {
            format!("H1이 하나 더 있습니다. 레슨 제목은 {first_line}번째 줄에 있습니다.")
        }
        K::EmptyHeading => "내용이 없는 제목입니다.".to_owned(),
        K::StepIdMissing { id } => {
            format!("단계에 정해 준 id가 없어 `{id}`로 부릅니다.")
        }
        K::DuplicateStepId { id, first_line } => {
            format!("단계 id `{id}`는 {first_line}번째 줄의 단계가 이미 쓰고 있습니다.")
        }
        K::MisplacedStepId => "어느 제목에도 속하지 않는 단계 id입니다.".to_owned(),
        K::NearMissDirective { found, meant } => {
            format!("`{found}`는 지시어가 아닙니다. 혹시 `{meant}`를 쓰려던 것인가요?")
        }
        K::UnclosedComment => "주석이 닫히지 않아 뒤의 내용이 모두 가려집니다.".to_owned(),
        K::UnclosedFence => "코드 블록이 닫히지 않았습니다.".to_owned(),
        K::FenceNested(info) => {
            format!("목록이나 인용 안의 `{info}` 블록은 읽지 않습니다.")
        }
        K::FenceInDetails(info) => {
            format!("`<details>` 안의 `{info}` 블록은 읽지 않습니다.")
        }
        K::UnknownFenceWord { word, .. } => {
            format!(
                "이 블록에서 {} 뜻이 없습니다.",
                with(&format!("`{word}`"), Particle::Topic)
            )
        }
        K::NearMissFence { found, meant } => {
            format!("`{found}` 블록은 보여 주기만 합니다. 혹시 `{meant}`를 쓰려던 것인가요?")
        }
        K::CommandsNotConsole { language } if language.is_empty() => {
            "`console`이 없는 블록의 명령은 보여 주기만 합니다.".to_owned()
        }
        K::CommandsNotConsole { language } => {
            format!("`{language}` 블록의 명령은 보여 주기만 합니다.")
        }
        K::SecondCompose { first_line } => format!(
            "compose 파일이 하나 더 있습니다. 실습 환경은 {first_line}번째 줄의 파일로 만듭니다."
        ),
        K::BadPath { path, fault } => match path.as_str() {
            "" => "`file=`에 경로가 없습니다.".to_owned(),
            _ => format!("`file={path}`: {}.", path_fault(*fault, Lang::Ko)),
        },
        K::DetailsNoBlankLine => {
            "`<summary>` 바로 아래의 글은 Markdown이 본문이 아니라 HTML로 봅니다.".to_owned()
        }
        K::DetailsNotClosed => "`<details>`가 닫히지 않았습니다.".to_owned(),
        K::DetailsNotOpened => "`</details>`에 짝이 되는 `<details>`가 없습니다.".to_owned(),
        K::DetailsNoSummary => "`<details>`에 `<summary>`가 없습니다.".to_owned(),
        K::NoCommand => "명령이 없는 console 블록입니다.".to_owned(),
        K::RefusedPrompt(mark) => format!("`{mark} ` 프롬프트로 시작하는 줄입니다."),
        K::Heredoc => "heredoc은 프롬프트에 입력할 수 없습니다.".to_owned(),
        K::UnfinishedCommand => "줄이 `\\`로 끝나지만 이어질 줄이 없습니다.".to_owned(),
        K::SpaceAfterBackslash => {
            "`\\` 뒤에 공백이 있어 셸에서는 줄이 이어지지 않습니다.".to_owned()
        }
        K::UnknownVariable { name, .. } => format!("`${name}` 변수는 없습니다."),
        K::QuizNoList => "뒤에 작업 목록(task list)이 없습니다.".to_owned(),
        K::QuizTooFew => "보기가 두 개가 안 되는 퀴즈입니다.".to_owned(),
        K::QuizNoneRight => "정답이 없는 퀴즈입니다.".to_owned(),
        K::QuizItemNoBox => "`[ ]`나 `[x]`가 없는 보기입니다.".to_owned(),
        K::EmptyCheck => "검사가 없는 check 블록입니다.".to_owned(),
        K::NoKind { .. } => "무엇을 검사하는지 적혀 있지 않습니다.".to_owned(),
        K::TwoKinds { first, second } => {
            format!("검사 하나에 `{first}`와 `{second}`가 함께 있습니다.")
        }
        K::StableTooLong { seconds } => {
            format!("`stable_for`는 {seconds}s까지입니다. 그동안 학습자가 기다려야 합니다.")
        }
        K::WithinTooShort => "`within`이 `stable_for`보다 길지 않아 통과할 수 없습니다.".to_owned(),
        K::FieldOfNothing(field) => {
            format!("없어야 하는 대상에 `{field}` 조건이 있습니다.")
        }
        K::ReplicasOfGlobal => "global 서비스에는 replica 수가 없습니다.".to_owned(),
        K::RanWrapped => {
            "`ran`에는 `docker exec NODE`나 `on NODE` 다음의 명령부터 적습니다.".to_owned()
        }
        K::UnknownNode { name, .. } => {
            format!(
                "실습 환경에 {} 노드가 없습니다.",
                with(&format!("`{name}`"), Particle::Called)
            )
        }
        K::MistakeWithoutCheck => "검사가 없는 단계에 mistake가 있습니다.".to_owned(),
        K::CommandsWithoutCheck => {
            "명령은 있는데 검사가 없어, 끝났는지 학습자에게 알려 줄 수 없는 단계입니다.".to_owned()
        }
        K::CheckWithoutCommands => {
            "검사는 있는데 명령이 없어, `run`과 `solve`로 통과할 수 없는 단계입니다.".to_owned()
        }
        K::Compose(fault) => compose_message(fault, Lang::Ko),
        K::DuplicateLessonId { id, other } => {
            format!("레슨 id `{id}`는 {other} 파일이 이미 쓰고 있습니다.")
        }
        K::UnknownRequirement { name, .. } => {
            format!("`{name}`: 이 과정에 그런 레슨이나 단계가 없습니다.")
        }
        K::RequirementRing(ring) => {
            format!(
                "레슨들이 서로를 돌아가며 요구합니다: {}.",
                ring.join(" -> ")
            )
        }
        K::NotAnnotated => "과정에 든 레슨인데 `format: 1`이 없습니다.".to_owned(),
        K::TwinMissing { other } => format!("짝이 되는 레슨 {other} 파일이 없습니다."),
        K::TwinSteps { other, here, there } => match (here, there) {
            (Some(here), Some(there)) => format!(
                "{other}에는 `{there}` 단계가 있는 자리에 여기에는 `{here}` 단계가 있습니다."
            ),
            (Some(here), None) => format!("`{here}` 단계가 {other}에 없습니다."),
            (None, Some(there)) => format!("{other}의 `{there}` 단계가 여기에 없습니다."),
            (None, None) => format!("{other}와 단계가 다릅니다."),
        },
        K::TwinStepUnnamed { other } => {
            format!("id가 없는 단계는 {other}의 단계와 짝지을 수 없습니다.")
        }
        K::TwinDiffers {
            other,
            part,
            here,
            there,
        } => format!(
            "{other} 파일과 {} 다릅니다. 여기: `{here}`, 저쪽: `{there}`.",
            with(twin_part(*part, Lang::Ko), Particle::Subject)
        ),
    }
}

fn similar_ko(similar: Option<&str>, otherwise: &str) -> String {
    match similar {
        Some(similar) => format!("혹시 `{similar}`인가요?"),
        None => otherwise.to_owned(),
    }
}

fn cure_ko(kind: &ProblemKind) -> String {
    use ProblemKind as K;
    match kind {
        K::TooLarge { .. } => "여러 레슨으로 나누십시오.",
        K::NotUtf8 => "파일을 UTF-8로 저장하십시오.",
        K::Binary => "Markdown 파일을 지정하십시오.",
        K::ControlCharacter(_) => "지우십시오. 편집기에 따라 따로 켜야 보입니다.",
        K::TooDeep(_) => "단계를 줄이십시오.",
        K::TooManySteps(_) => "여러 레슨으로 나누십시오.",
        K::TooManyProblems(_) => "먼저 위의 문제를 고치십시오.",
        K::FrontMatterNotClosed => "머리말 뒤에 `---` 줄을 넣으십시오.",
        K::UnknownFormat(_) => "`format: 1`로 적거나 더 새로운 swarmlings를 쓰십시오.",
        K::Yaml(fault) => yaml_cure(fault, Lang::Ko),
        K::UnknownKey { similar, known, .. } => {
            let known = format!("쓸 수 있는 키: {}.", listed(known));
            return similar_ko(similar.as_deref(), &known);
        }
        K::MissingKey { key, .. } => return format!("`{key}:`를 추가하십시오."),
        K::WrongValue { .. } => "",
        K::NoTitle => "`# 제목` 줄로 시작하십시오.",
        K::SecondTitle { .. } => "단계인 H2(`##`)로 바꾸십시오.",
        K::EmptyHeading => "내용을 적거나 지우십시오.",
        K::StepIdMissing { .. } => {
            "제목에 `<!-- step: ID -->`를 붙이십시오. 다른 언어의 레슨과 학습자의 진도에는 바뀌지 \
             않는 이름이 필요합니다."
        }
        K::DuplicateStepId { .. } => "둘 중 하나의 id를 바꾸십시오.",
        K::MisplacedStepId => "H2 줄의 끝이나 바로 아래에, 단계마다 하나씩 두십시오.",
        K::NearMissDirective { .. } => "다른 주석은 무시합니다.",
        K::UnclosedComment => "`-->`로 닫으십시오.",
        K::UnclosedFence => "시작할 때와 같은 수의 백틱으로 된 줄로 닫으십시오.",
        K::FenceNested(_) => "왼쪽 끝으로 옮기십시오.",
        K::FenceInDetails(_) => "`<details>`는 선택해서 읽는 곳이므로 밖으로 옮기십시오.",
        K::UnknownFenceWord { similar, .. } => {
            return similar_ko(*similar, "그 낱말을 지우십시오.");
        }
        K::NearMissFence { .. } => "",
        K::CommandsNotConsole { .. } => {
            "입력할 명령에는 `console`을, 보여 주기만 할 때는 `text`를 쓰십시오."
        }
        K::SecondCompose { .. } => "다른 파일은 그냥 `yaml`로 보여 주십시오.",
        K::BadPath { .. } => "실습 폴더 아래의 `web/index.html` 같은 경로를 적으십시오.",
        K::DetailsNoBlankLine => "`</summary>` 뒤에 빈 줄을 넣으십시오.",
        K::DetailsNotClosed => "`</details>`를 따로 한 줄에 적으십시오.",
        K::DetailsNotOpened => "지우거나 앞에 `<details>`를 넣으십시오.",
        K::DetailsNoSummary => {
            "`<summary>...</summary>`를 넣으십시오. `힌트`로 시작하면 힌트가 됩니다."
        }
        K::NoCommand => "명령은 `$ `로 시작하십시오. 보여 주기만 할 내용에는 `text`를 쓰십시오.",
        K::RefusedPrompt(_) => {
            "명령은 `$ `로 시작하고 줄은 `\\`로 이으십시오. root 셸이라도 프롬프트는 같습니다."
        }
        K::Heredoc => "내용을 `file=PATH` 블록에 두고 그 파일을 쓰십시오.",
        K::UnfinishedCommand => "`\\`를 지우거나 나머지를 다음 줄에 적으십시오.",
        K::SpaceAfterBackslash => "공백을 지우십시오.",
        K::UnknownVariable { similar, .. } => {
            return match similar {
                Some(similar) => format!("혹시 `${similar}`인가요?"),
                None => {
                    let known = crate::lesson::VARIABLES.map(|name| format!("${name}"));
                    format!(
                        "쓸 수 있는 변수: {}. 작은따옴표 안의 `$`는 그대로 둡니다.",
                        listed(&known)
                    )
                }
            };
        }
        K::QuizNoList => "지시어 아래에 `- [x]`, `- [ ]` 목록을 두십시오.",
        K::QuizTooFew => "`- [ ]` 보기를 두 개 이상 두십시오.",
        K::QuizNoneRight => "정답에 `[x]`를 표시하십시오.",
        K::QuizItemNoBox => "`[ ]`나 `[x]`로 시작하십시오.",
        K::EmptyCheck => "`lab: running`처럼 하나를 적으십시오.",
        K::NoKind { similar } => {
            return similar_ko(
                *similar,
                "`lab`, `nodes`, `node`, `service`, `image`, `registry`, `stack`, `network`, \
                 `secret`, `config`, `http`, `probe`, `ran` 가운데 하나를 적으십시오.",
            );
        }
        K::TwoKinds { .. } => "앞에 `- `를 붙여 두 검사의 목록으로 만드십시오.",
        K::StableTooLong { .. } | K::WithinTooShort => "시간을 고치십시오.",
        K::FieldOfNothing(_) => "`exists: false`만 남기거나 그것을 지우십시오.",
        K::ReplicasOfGlobal => "노드마다 하나씩 돌아가므로 `replicas`를 지우십시오.",
        K::RanWrapped => "명령만 적고, 어느 노드인지는 `node:`에 적으십시오.",
        K::UnknownNode { similar, .. } => {
            return similar_ko(
                similar.as_deref(),
                "실습 환경의 compose 파일에 있는 서비스 이름을 적으십시오.",
            );
        }
        K::MistakeWithoutCheck => "`says:`가 말하는 검사를 추가하십시오.",
        K::CommandsWithoutCheck => {
            "`yaml check` 블록을 추가하십시오. 살펴보기만 하는 명령이라면 `ran: ...`을 쓰면 됩니다."
        }
        K::CheckWithoutCommands => "`console` 블록에 명령을 추가하십시오.",
        K::Compose(fault) => return compose_cure(fault, Lang::Ko),
        K::DuplicateLessonId { .. } => "둘 중 하나의 `id`를 바꾸십시오.",
        K::UnknownRequirement { similar, .. } => {
            return similar_ko(
                similar.as_deref(),
                "이 과정의 id로 `lesson` 또는 `lesson/step`을 적으십시오.",
            );
        }
        K::RequirementRing(_) => "그 가운데 하나를 지우십시오.",
        K::NotAnnotated => "머리말에 `format: 1`과 `id`를 적으십시오.",
        K::TwinMissing { .. } => "같은 이름으로 다른 언어의 레슨을 쓰십시오.",
        K::TwinSteps { .. } => "언어가 달라도 단계와 순서는 같아야 합니다.",
        K::TwinStepUnnamed { .. } => "두 언어의 제목에 `<!-- step: ID -->`를 붙이십시오.",
        K::TwinDiffers { .. } => "본문, 제목, 퀴즈 문구, `fail`, `says`, 주석만 다를 수 있습니다.",
    }
    .to_owned()
}
