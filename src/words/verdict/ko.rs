//! Verdicts in Korean.

mod fault;

use crate::check::{Cause, Gap};
use crate::model::{ContainerState, TaskState, Unanswered, UpdateState};
use crate::words::korean::Particle::{And, Direction, Subject, Topic};
use crate::words::korean::with;

use super::{exec, seconds};

pub(super) use fault::fault;

pub(super) fn gap(gap: &Gap) -> String {
    match gap {
        Gap::NothingSeen => "아직 실습 환경의 상태를 확인하지 못했습니다.".into(),
        Gap::LabNotUp => {
            "실습 환경이 아직 떠 있지 않습니다. `docker compose up -d`를 실행하면 시작됩니다."
                .into()
        }
        Gap::ContainerNot { name, state } => match state {
            ContainerState::Missing => format!(
                "{name} 컨테이너가 없습니다. `docker compose up -d`를 실행하면 만들어집니다."
            ),
            _ => format!(
                "{} 실행 중이 아닙니다. {}.",
                with(name, Subject),
                container(*state)
            ),
        },
        Gap::EngineSilent { node } => format!(
            "{} 실행 중이지만 그 안의 도커 엔진이 아직 응답하지 않습니다.",
            with(node, Topic)
        ),
        Gap::LabStillUp { names } => {
            format!(
                "실습 환경이 아직 다 내려가지 않았습니다. 남아 있는 것: {}.",
                names.join(", ")
            )
        }
        Gap::NoSwarm => "아직 스웜이 없습니다.".into(),
        Gap::SwarmGone => "스웜이 사라졌습니다. 매니저인 노드가 하나도 없습니다. 아직 스웜에 속해 \
                           있다고 여기는 노드에서 `docker swarm leave`를 실행하거나, `reset`으로 실습 \
                           환경을 이 단계에 맞게 다시 만드세요."
            .into(),
        Gap::NoLeader => {
            "스웜에 리더가 없습니다. 매니저들이 리더를 뽑는 중이거나 서로 연결되지 않습니다.".into()
        }
        Gap::Joining { node } => format!(
            "{} 아직 합류를 시도하는 중입니다. 끝나지 않으면 주소가 틀린 것이니 `{}`를 실행하고 \
             `$MANAGER_ADDR`로 다시 합류하세요.",
            with(node, Subject),
            exec(node, "swarm leave --force")
        ),
        Gap::NotJoined { nodes } => {
            format!(
                "{} 아직 스웜에 합류하지 않았습니다.",
                list_with_subject(nodes)
            )
        }
        Gap::NodeCount { have, want } => format!("노드가 {want}개가 아니라 {have}개입니다."),
        Gap::ManagerCount { have, want } => format!("매니저가 {want}개가 아니라 {have}개입니다."),
        Gap::Role {
            node,
            is_manager: true,
        } => {
            format!("{} 워커가 아니라 매니저입니다.", with(node, Subject))
        }
        Gap::Role {
            node,
            is_manager: false,
        } => {
            format!("{} 매니저가 아니라 워커입니다.", with(node, Subject))
        }
        Gap::NodeState { node, have, want } => {
            format!(
                "{node}의 상태가 {} 아니라 {have}입니다.",
                with(want, Subject)
            )
        }
        Gap::Availability { node, have, want } => {
            format!(
                "{node}의 가용성(availability)이 {} 아니라 {have}입니다.",
                with(want, Subject)
            )
        }
        Gap::NodeLabel {
            node,
            key,
            have: None,
            want,
        } => {
            format!("{node}에 레이블 {key}={} 없습니다.", with(want, Subject))
        }
        Gap::NodeLabel {
            node,
            key,
            have: Some(have),
            want,
        } => {
            format!(
                "{node}의 레이블이 {key}={} 아니라 {key}={have}입니다.",
                with(want, Subject)
            )
        }
        Gap::NodeStillThere { node, state } if state == "down" => format!(
            "{} down 상태이지만 `docker node ls`에 아직 남아 있습니다.",
            with(node, Topic)
        ),
        Gap::NodeStillThere { node, .. } => {
            format!("{} 아직 스웜에 있습니다.", with(node, Subject))
        }
        Gap::NoService { name, similar } => {
            format!(
                "서비스 {} 없습니다.{}",
                with(name, Subject),
                similar_there(similar)
            )
        }
        Gap::ServiceStillThere { name } => {
            format!("서비스 {} 아직 남아 있습니다.", with(name, Subject))
        }
        Gap::TasksEnding { name, left } => format!(
            "{} 삭제되었지만 태스크 {left}개가 아직 종료되는 중입니다.",
            with(name, Topic)
        ),
        Gap::ReplicasWanted { name, have, want } => {
            format!("{name}의 레플리카가 {want}개가 아니라 {have}개로 설정되어 있습니다.")
        }
        Gap::ReplicasRunning {
            name,
            have,
            want,
            others,
        } => running(name, *have, *want, others),
        Gap::NotStable { held, want } => format!(
            "원하는 상태가 된 지 {}초 지났습니다. {}초 동안 유지되어야 합니다.",
            seconds(*held),
            seconds(*want)
        ),
        Gap::ImageIs { name, have, want } => format!(
            "{}의 이미지가 {} 아니라 {have}입니다.",
            name,
            with(want, Subject)
        ),
        Gap::OldTasks { name, image, left } => {
            format!(
                "{name}의 태스크 {left}개가 아직 {} 바뀌지 않았습니다.",
                with(image, Direction)
            )
        }
        Gap::NotPublished {
            name,
            published,
            target,
            have,
        } => format!(
            "{} {published}:{target} 포트를 공개하지 않습니다. 공개한 포트: {}. \
             `docker service rm {name}` 명령으로 지우고 `-p {published}:{target}` 옵션으로 다시 만드세요.",
            with(name, Topic),
            ports(have)
        ),
        Gap::Spread {
            name,
            per_node,
            want,
        } => format!(
            "{name}의 태스크가 고르게 분산되지 않았습니다: {}. 노드 간 차이는 {want}개 이하여야 합니다.",
            per_node
                .iter()
                .map(|(node, tasks)| format!("{node} {tasks}개"))
                .collect::<Vec<_>>()
                .join(", ")
        ),
        Gap::Update {
            name,
            have: None,
            want,
        } => format!(
            "{} 아직 업데이트된 적이 없습니다. 원하는 상태: {}.",
            with(name, Topic),
            update(*want)
        ),
        Gap::Update {
            name,
            have: Some(have),
            want,
        } => format!(
            "{name}의 업데이트 상태: {}. 원하는 상태: {}.",
            update(*have),
            update(*want)
        ),
        Gap::ServiceLacks { name, what, value } => {
            format!(
                "{name}에 {} {} 없습니다.",
                thing(what),
                with(value, Subject)
            )
        }
        Gap::ImageMissing { reference, nodes } => format!(
            "{}에 이미지 {} 없습니다.",
            nodes.join(", "),
            with(reference, Subject)
        ),
        Gap::NotInRegistry { reference, have } if have.is_empty() => format!(
            "레지스트리에 {} 없습니다. 레지스트리가 비어 있습니다.",
            with(reference, Subject)
        ),
        Gap::NotInRegistry { reference, have } => format!(
            "레지스트리에 {} 없습니다. 들어 있는 것: {}.",
            with(reference, Subject),
            have.join(", ")
        ),
        Gap::StillInRegistry { reference } => {
            format!(
                "레지스트리에 {} 아직 남아 있습니다.",
                with(reference, Subject)
            )
        }
        Gap::RegistrySilent => "레지스트리가 아직 응답하지 않습니다.".into(),
        Gap::NoSuch {
            what,
            name,
            similar,
        } => format!(
            "{} {} 없습니다.{}",
            thing(what),
            with(name, Subject),
            similar_there(similar)
        ),
        Gap::StillThere { what, name } => {
            format!(
                "{} {} 아직 남아 있습니다.",
                thing(what),
                with(name, Subject)
            )
        }
        Gap::StackServices { name, have, want } => {
            format!("스택 {name}의 서비스가 {want}개가 아니라 {have}개입니다.")
        }
        Gap::HttpSilent { url, error } => {
            format!("{url}에서 응답이 없습니다: {}.", unanswered(error))
        }
        Gap::HttpStatus { url, have, want } => {
            format!(
                "{url}의 응답 상태 코드가 {} 아니라 {have}입니다.",
                with(&want.to_string(), Subject)
            )
        }
        Gap::HttpBody { url, want, have } if have.is_empty() => {
            format!("{url}의 응답이 비어 있어 \"{want}\" 문구가 없습니다.")
        }
        Gap::HttpBody { url, want, have } => {
            format!("{url}의 응답에 \"{want}\" 문구가 없습니다. 응답: {have}")
        }
        Gap::HttpAsking { url } => format!("{url}에 요청을 보내고 응답을 기다리고 있습니다."),
        Gap::ProbeAsking {
            service,
            during_update: true,
        } => format!(
            "요청을 보내는 동안 {} 아직 업데이트되지 않았습니다.",
            with(service, Subject)
        ),
        Gap::ProbeAsking {
            service,
            during_update: false,
        } => {
            format!("{service}에 아직 요청을 보내지 않았습니다.")
        }
        Gap::ProbeLost {
            service,
            lost,
            sent,
            allowed,
        } => format!(
            "{service}에 보낸 요청 {sent}개 중 {lost}개가 응답을 받지 못했습니다. {} \
             다음 업데이트부터 다시 셉니다.",
            if *allowed == 0 {
                "하나도 놓치면 안 됩니다.".to_owned()
            } else {
                format!("{allowed}개까지 허용됩니다.")
            }
        ),
        Gap::NotRun { words, node: None } => {
            format!("아직 `{}` 명령을 실행하지 않았습니다.", words.join(" "))
        }
        Gap::NotRun {
            words,
            node: Some(node),
        } => {
            format!(
                "아직 {node}에서 `{}` 명령을 실행하지 않았습니다.",
                words.join(" ")
            )
        }
        Gap::RanBadly { words, exit } => format!(
            "`{}` 명령이 0이 아닌 종료 코드 {} 끝났습니다. 나머지를 바로잡고 다시 실행하세요.",
            words.join(" "),
            with(&exit.to_string(), Direction)
        ),
        Gap::RanElsewhere {
            words,
            have: Some(have),
            want,
        } => {
            format!(
                "`{}` 명령을 {have}에서 실행했습니다. {want}에서 실행해야 합니다.",
                words.join(" ")
            )
        }
        Gap::RanElsewhere {
            words,
            have: None,
            want,
        } => {
            format!(
                "`{}` 명령을 노드 밖에서 실행했습니다. {want}에서 실행해야 합니다.",
                words.join(" ")
            )
        }
    }
}

pub(super) fn not_measured(cause: Cause) -> String {
    format!("측정하지 않음: {}.", because(cause))
}

pub(super) fn skipped(cause: Cause) -> String {
    format!("건너뜀: {}.", because(cause))
}

fn because(cause: Cause) -> &'static str {
    match cause {
        Cause::NoMesh => "이 호스트의 커널에 IP_VS가 없어 공개한 포트가 응답하지 않습니다",
        Cause::NoRegistry => "이 실습 환경에는 레지스트리가 없습니다",
        Cause::ByLearner => "이 단계를 건너뛰었습니다",
    }
}

fn running(name: &str, have: u64, want: u64, others: &[(TaskState, u64)]) -> String {
    if have > want {
        return format!("{name}의 태스크가 {want}개가 아니라 {have}개 실행 중입니다.");
    }
    let rest: Vec<String> = others
        .iter()
        .map(|(state, tasks)| format!("{} {tasks}개", state.word().to_lowercase()))
        .collect();
    let rest = if rest.is_empty() {
        String::new()
    } else {
        format!("({})", rest.join(", "))
    };
    format!(
        "{} {want}개 중 {have}개가 실행 중입니다{rest}.",
        with(name, Topic)
    )
}

fn container(state: ContainerState) -> String {
    match state {
        ContainerState::Missing => "컨테이너가 없습니다".into(),
        ContainerState::Created => "컨테이너가 만들어졌지만 시작되지 않았습니다".into(),
        ContainerState::Running => "컨테이너는 실행 중이지만 엔진이 응답하지 않습니다".into(),
        ContainerState::Paused => "컨테이너가 일시 정지되어 있습니다".into(),
        ContainerState::Exited(code) => format!("컨테이너가 멈췄습니다(종료 코드 {code})"),
    }
}

pub(super) fn update(state: UpdateState) -> &'static str {
    match state {
        UpdateState::Updating => "업데이트 진행 중",
        UpdateState::Paused => "업데이트 일시 정지됨",
        UpdateState::Completed => "업데이트 완료됨",
        UpdateState::RollbackStarted => "롤백 진행 중",
        UpdateState::RollbackPaused => "롤백 일시 정지됨",
        UpdateState::RollbackCompleted => "롤백 완료됨",
    }
}

/// The Korean for `what` in gaps, which carry Docker's word for it.
pub(super) fn thing(what: &str) -> &str {
    match what {
        "stack" => "스택",
        "network" => "네트워크",
        "secret" => "시크릿",
        "config" => "컨피그",
        "constraint" => "제약 조건",
        other => other,
    }
}

fn similar_there(similar: &Option<String>) -> String {
    similar
        .as_ref()
        .map(|name| format!(" {} 있습니다.", with(name, Topic)))
        .unwrap_or_default()
}

fn ports(have: &[(u16, u16)]) -> String {
    if have.is_empty() {
        return "없음".into();
    }
    let ports: Vec<String> = have
        .iter()
        .map(|(published, target)| format!("{published}:{target}"))
        .collect();
    ports.join(", ")
}

/// `worker01과 worker02가`, `a, b, c가`.
fn list_with_subject(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [first, second] => format!("{} {}", with(first, And), with(second, Subject)),
        [.., last] => {
            let before: String = names[..names.len() - 1]
                .iter()
                .map(|name| format!("{name}, "))
                .collect();
            format!("{before}{}", with(last, Subject))
        }
    }
}

fn unanswered(why: &Unanswered) -> String {
    match why {
        Unanswered::NoManager => "응답하는 매니저가 없습니다".into(),
        Unanswered::NoService(port) => format!("{port}번 포트를 공개한 서비스가 없습니다"),
        Unanswered::NoTask(service) => {
            format!("`{service}` 서비스의 태스크가 하나도 실행 중이 아닙니다")
        }
        Unanswered::Said(said) => said.clone(),
    }
}
