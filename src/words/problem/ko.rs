//! The sentences in Korean.

use super::super::Lang;
use super::super::korean::{Particle, with};
use super::detail::{compose_cure, compose_message, expected, path_fault, twin_part};
use super::detail::{yaml_cure, yaml_message};
use super::{code_point, listed, mib};
use crate::lesson::problem::{Place, ProblemKind};

pub(super) fn message(kind: &ProblemKind) -> String {
    use ProblemKind as K;
    match kind {
        K::TooLarge(limit) => format!("파일이 너무 큽니다. {}까지 읽습니다.", mib(*limit)),
        K::NotUtf8 => "이 바이트는 UTF-8이 아닙니다.".to_owned(),
        K::Empty => "내용이 없는 파일입니다.".to_owned(),
        K::Binary => "NUL 바이트가 있습니다. 텍스트 파일이 아닙니다.".to_owned(),
        K::ControlCharacter(c) => {
            let c = with(&code_point(*c), Particle::Subject);
            format!("보이지 않는 제어 문자 {c} 있습니다.")
        }
        K::TooDeep(limit) => format!("목록이나 인용이 {limit}단계보다 깊게 중첩되어 있습니다."),
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
                _ => format!("`{key}`에 `{found}` 값은 쓸 수 없습니다. 쓸 수 있는 값: {wanted}."),
            }
        }
        K::NoTitle => "레슨에 제목이 없습니다.".to_owned(),
        K::SecondTitle { first_line } => {
            format!("H1이 하나 더 있습니다. 레슨 제목은 {first_line}번째 줄에 있습니다.")
        }
        K::EmptyHeading => "내용이 없는 제목입니다.".to_owned(),
        K::StepIdMissing { id } => {
            format!(
                "단계에 정해 준 id가 없어 {} 부릅니다.",
                quoted(id, Particle::Direction)
            )
        }
        K::DuplicateStepId { id, first_line } => {
            format!(
                "단계 id {} {first_line}번째 줄의 단계가 이미 쓰고 있습니다.",
                quoted(id, Particle::Topic)
            )
        }
        K::MisplacedStepId => "어느 제목에도 속하지 않는 단계 id입니다.".to_owned(),
        K::NearMissDirective { found, meant } => {
            format!(
                "{} 지시어가 아닙니다. 혹시 {} 쓰려던 것인가요?",
                quoted(found, Particle::Topic),
                quoted(meant, Particle::Object)
            )
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
                quoted(word, Particle::Topic)
            )
        }
        K::NearMissFence { found, meant } => {
            format!(
                "`{found}` 블록은 보여 주기만 합니다. 혹시 {} 쓰려던 것인가요?",
                quoted(meant, Particle::Object)
            )
        }
        K::CommandsNotConsole { language } if language.is_empty() => {
            "`console`이 없는 블록의 명령은 보여 주기만 합니다.".to_owned()
        }
        K::CommandsNotConsole { language } => {
            format!("`{language}` 블록의 명령은 보여 주기만 합니다.")
        }
        K::SecondCompose { first_line } => format!(
            "컴포즈 파일이 하나 더 있습니다. 실습 환경은 {first_line}번째 줄의 파일로 만듭니다."
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
        K::EmptyCheck => "조건이 없는 check 블록입니다.".to_owned(),
        K::NoKind { .. } => "무엇을 확인하는 조건인지 적혀 있지 않습니다.".to_owned(),
        K::TwoKinds { first, second } => {
            format!(
                "조건 하나에 {} {} 함께 있습니다.",
                quoted(first, Particle::And),
                quoted(second, Particle::Subject)
            )
        }
        K::StableTooLong { seconds } => {
            format!("`stable_for`는 {seconds}s까지입니다. 그동안 학습자가 기다려야 합니다.")
        }
        K::WithinTooShort => "`within`이 `stable_for`보다 길지 않아 통과할 수 없습니다.".to_owned(),
        K::FieldOfNothing(field) => {
            format!("없어야 하는 대상에 `{field}` 항목이 있습니다.")
        }
        K::ReplicasOfGlobal => "전역(global) 서비스에는 레플리카 수가 없습니다.".to_owned(),
        K::RanWrapped => {
            "`ran`에는 `docker exec NODE`나 `on NODE` 다음의 명령부터 적습니다.".to_owned()
        }
        K::UnknownNode { name, .. } => {
            format!(
                "실습 환경에 {} 노드가 없습니다.",
                quoted(name, Particle::Called)
            )
        }
        K::MistakeWithoutCheck => "조건이 없는 단계에 mistake가 있습니다.".to_owned(),
        K::CommandsWithoutCheck => {
            "명령은 있는데 조건이 없어, 끝났는지 학습자에게 알려 줄 수 없는 단계입니다.".to_owned()
        }
        K::CheckWithoutCommands => {
            "조건은 있는데 명령이 없어, `run`과 `solve`로 통과할 수 없는 단계입니다.".to_owned()
        }
        K::Compose(fault) => compose_message(fault, Lang::Ko),
        K::DuplicateLessonId { id, other } => {
            format!(
                "레슨 id {} {other} 파일이 이미 쓰고 있습니다.",
                quoted(id, Particle::Topic)
            )
        }
        K::UnknownRequirement { name, .. } => {
            format!("`{name}`: 이 과정에 그런 레슨이나 단계가 없습니다.")
        }
        K::RequirementRing(ring) => {
            format!("레슨의 `requires`가 순환합니다: {}.", ring.join(" -> "))
        }
        K::NotAnnotated => "과정에 든 레슨인데 `format: 1`이 없습니다.".to_owned(),
        K::TwinMissing { other } => format!("짝이 되는 레슨 {other} 파일이 없습니다."),
        K::TwinSteps { other, here, there } => match (here, there) {
            (Some(here), Some(there)) => format!(
                "{other}에는 `{there}` 단계가 있는 자리에 여기에는 `{here}` 단계가 있습니다."
            ),
            (Some(here), None) => format!("`{here}` 단계가 {other}에 없습니다."),
            (None, Some(there)) => format!("{other}의 `{there}` 단계가 여기에 없습니다."),
            (None, None) => format!("{other} 파일과 단계가 다릅니다."),
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

fn similar_to(similar: Option<&str>, otherwise: &str) -> String {
    match similar {
        Some(similar) => format!("혹시 `{similar}`인가요?"),
        None => otherwise.to_owned(),
    }
}

pub(super) fn cure(kind: &ProblemKind) -> String {
    use ProblemKind as K;
    match kind {
        K::TooLarge(_) => "여러 레슨으로 나누세요.",
        K::NotUtf8 => "파일을 UTF-8로 저장하세요.",
        K::Empty => "제목과 내용을 쓰거나 다른 파일을 지정하세요.",
        K::Binary => "Markdown 파일을 지정하세요.",
        K::ControlCharacter(_) => "지우세요. 편집기에 따라 따로 켜야 보입니다.",
        K::TooDeep(_) => "중첩을 줄이세요.",
        K::TooManySteps(_) => "여러 레슨으로 나누세요.",
        K::TooManyProblems(_) => "먼저 위의 문제를 고치세요.",
        K::FrontMatterNotClosed => "머리말 뒤에 `---` 줄을 넣으세요.",
        K::UnknownFormat(_) => "`format: 1`로 적거나 더 새로운 swarmlings를 쓰세요.",
        K::Yaml(fault) => yaml_cure(fault, Lang::Ko),
        K::UnknownKey { similar, known, .. } => {
            let known = format!("쓸 수 있는 키: {}.", listed(known));
            return similar_to(similar.as_deref(), &known);
        }
        K::MissingKey { key, .. } => {
            return format!(
                "{} 추가하세요.",
                quoted(&format!("{key}:"), Particle::Object)
            );
        }
        K::WrongValue { .. } => "",
        K::NoTitle => "`# 제목` 줄로 시작하세요.",
        K::SecondTitle { .. } => "단계인 H2(`##`)로 바꾸세요.",
        K::EmptyHeading => "내용을 적거나 지우세요.",
        K::StepIdMissing { .. } => {
            "제목에 `<!-- step: ID -->`를 붙이세요. 다른 언어의 레슨과 학습자의 진행 상황에는 바뀌지 \
             않는 이름이 필요합니다."
        }
        K::DuplicateStepId { .. } => "둘 중 하나의 id를 바꾸세요.",
        K::MisplacedStepId => "H2 줄의 끝이나 바로 아래에, 단계마다 하나씩 두세요.",
        K::NearMissDirective { .. } => "다른 주석은 무시합니다.",
        K::UnclosedComment => "`-->`로 닫으세요.",
        K::UnclosedFence => "시작할 때와 같은 수의 백틱으로 된 줄로 닫으세요.",
        K::FenceNested(_) => "왼쪽 끝으로 옮기세요.",
        K::FenceInDetails(_) => "`<details>`는 선택해서 읽는 곳이므로 밖으로 옮기세요.",
        K::UnknownFenceWord { similar, .. } => {
            return similar_to(*similar, "그 단어를 지우세요.");
        }
        K::NearMissFence { .. } => "그렇게 적거나 다른 언어 이름을 쓰세요.",
        K::CommandsNotConsole { .. } => {
            "입력할 명령에는 `console`을, 보여 주기만 할 때는 `text`를 쓰세요."
        }
        K::SecondCompose { .. } => "다른 파일은 그냥 `yaml`로 보여 주세요.",
        K::BadPath { .. } => "실습 환경 폴더 아래의 `web/index.html` 같은 경로를 적으세요.",
        K::DetailsNoBlankLine => "`</summary>` 뒤에 빈 줄을 넣으세요.",
        K::DetailsNotClosed => "`</details>`를 따로 한 줄에 적으세요.",
        K::DetailsNotOpened => "지우거나 앞에 `<details>`를 넣으세요.",
        K::DetailsNoSummary => {
            "`<summary>...</summary>`를 넣으세요. `힌트`로 시작하면 힌트가 됩니다."
        }
        K::NoCommand => "명령은 `$ `로 시작하세요. 보여 주기만 할 내용에는 `text`를 쓰세요.",
        K::RefusedPrompt(_) => {
            "명령은 `$ `로 시작하고 줄은 `\\`로 이으세요. root 셸이라도 프롬프트는 같습니다."
        }
        K::Heredoc => "내용을 `file=PATH` 블록에 두고 그 파일을 쓰세요.",
        K::UnfinishedCommand => "`\\`를 지우거나 나머지를 다음 줄에 적으세요.",
        K::SpaceAfterBackslash => "공백을 지우세요.",
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
        K::QuizNoList => "지시어 아래에 `- [x]`, `- [ ]` 목록을 두세요.",
        K::QuizTooFew => "`- [ ]` 보기를 두 개 이상 두세요.",
        K::QuizNoneRight => "정답에 `[x]`를 표시하세요.",
        K::QuizItemNoBox => "`[ ]`나 `[x]`로 시작하세요.",
        K::EmptyCheck => "`lab: running`처럼 하나를 적으세요.",
        K::NoKind { similar } => {
            return similar_to(
                *similar,
                "`lab`, `nodes`, `node`, `service`, `image`, `registry`, `stack`, `network`, \
                 `secret`, `config`, `http`, `probe`, `ran` 가운데 하나를 적으세요.",
            );
        }
        K::TwoKinds { .. } => "앞에 `- `를 붙여 두 조건의 목록으로 만드세요.",
        K::StableTooLong { .. } | K::WithinTooShort => "시간을 고치세요.",
        K::FieldOfNothing(_) => "`exists: false`만 남기거나 그것을 지우세요.",
        K::ReplicasOfGlobal => "노드마다 하나씩 돌아가므로 `replicas`를 지우세요.",
        K::RanWrapped => "명령만 적고, 어느 노드인지는 `node:`에 적으세요.",
        K::UnknownNode { similar, .. } => {
            return similar_to(
                similar.as_deref(),
                "실습 환경의 컴포즈 파일에 있는 서비스 이름을 적으세요.",
            );
        }
        K::MistakeWithoutCheck => "`says:`가 말하는 조건을 추가하세요.",
        K::CommandsWithoutCheck => {
            "`yaml check` 블록을 추가하세요. 살펴보기만 하는 명령이라면 `ran: ...`을 쓰면 됩니다."
        }
        K::CheckWithoutCommands => "`console` 블록에 명령을 추가하세요.",
        K::Compose(fault) => return compose_cure(fault, Lang::Ko),
        K::DuplicateLessonId { .. } => "둘 중 하나의 `id`를 바꾸세요.",
        K::UnknownRequirement { similar, .. } => {
            return similar_to(
                similar.as_deref(),
                "이 과정의 id로 `lesson` 또는 `lesson/step`을 적으세요.",
            );
        }
        K::RequirementRing(_) => "그 가운데 하나를 지우세요.",
        K::NotAnnotated => "머리말에 `format: 1`과 `id`를 적으세요.",
        K::TwinMissing { .. } => "같은 이름으로 다른 언어의 레슨을 쓰세요.",
        K::TwinSteps { .. } => "언어가 달라도 단계와 순서는 같아야 합니다.",
        K::TwinStepUnnamed { .. } => "두 언어의 제목에 `<!-- step: ID -->`를 붙이세요.",
        K::TwinDiffers { .. } => "본문, 제목, 퀴즈 문구, `fail`, `says`, 주석만 다를 수 있습니다.",
    }
    .to_owned()
}

fn place_ko(place: Place) -> String {
    match place {
        Place::FrontMatter => "머리말(front matter)".to_owned(),
        Place::Check("") => "조건".to_owned(),
        Place::Check(kind) => format!("`{kind}` 조건"),
        Place::Mistake => "`yaml mistake`".to_owned(),
        Place::ComposeFile => "실습 환경의 컴포즈 파일".to_owned(),
        Place::ComposeService => "컴포즈 파일의 서비스".to_owned(),
    }
}

/// `` `word` `` with its particle.
pub(super) fn quoted(word: &str, particle: Particle) -> String {
    with(&format!("`{word}`"), particle)
}
