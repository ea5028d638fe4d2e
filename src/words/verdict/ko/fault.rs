//! Faults in Korean: what went wrong, and the command that is the way out.

use crate::check::Fault;
use crate::model::{ServiceMode, TaskState};
use crate::words::korean::Particle::{Direction, Object, Subject, Topic};
use crate::words::korean::with;
use crate::words::verdict::{exec, join_anew, resume, revive, satisfy};

use super::{container, list_with_subject};

pub(in crate::words::verdict) fn fault(fault: &Fault) -> String {
    match fault {
        Fault::ContainerEnded { name, state } => format!(
            "{}: {}. `{}` 명령으로 되살리세요.",
            name,
            container(*state),
            revive(name, *state)
        ),
        Fault::JoinedAsManager { node, manager } => format!(
            "{} 워커가 아니라 매니저로 합류했습니다. `{}` 명령을 실행하면 워커가 됩니다.",
            with(node, Subject),
            exec(manager, &format!("node demote {node}"))
        ),
        Fault::OwnSwarm { node } => format!(
            "{} 합류하지 않고 자신만의 스웜을 만들었습니다. 다음 명령을 차례로 실행하세요: {}.",
            with(node, Subject),
            join_anew(node)
        ),
        Fault::OtherSwarm { node } => format!(
            "{} 아직 다른 스웜에 속해 있습니다. 다음 명령을 차례로 실행하세요: {}.",
            with(node, Subject),
            join_anew(node)
        ),
        Fault::SwarmElsewhere { node, at } => format!(
            "스웜이 {} 아니라 {at}에 만들어졌습니다. `{}`, `{}` 명령을 차례로 실행하세요.",
            with(node, Subject),
            exec(at, "swarm leave --force"),
            exec(node, "swarm init")
        ),
        Fault::NodeDown { node, state } => format!(
            "{} 스웜에 있지만 down 상태입니다. {}. `{}` 명령으로 되살리세요.",
            with(node, Topic),
            container(*state),
            revive(node, *state)
        ),
        Fault::GhostRows { rows, manager } => format!(
            "`docker node ls`에 스웜을 떠난 노드의 줄이 남아 있습니다: {}. `{}` 명령으로 지우세요.",
            rows.iter()
                .map(|(hostname, _)| hostname.as_str())
                .collect::<Vec<_>>()
                .join(", "),
            exec(manager, &format!("node rm --force {}", ids(rows)))
        ),
        Fault::Locked { node } => format!(
            "엔진이 다시 시작되어 {node}의 스웜이 잠겨 있습니다. \
             `docker exec -it {node} docker swarm unlock` 명령을 실행하고 잠금 해제 키를 입력하세요."
        ),
        Fault::SwarmError { node } => format!(
            "{node}의 엔진이 스웜의 일원으로 동작하지 못하고 있습니다. 인증서가 만료되었을 수 있습니다. \
             `repair` 명령으로 실습 환경을 고치세요."
        ),
        Fault::TooManyReplicas {
            name,
            have,
            want,
            manager,
        } => format!(
            "{name}의 레플리카가 {want}개가 아니라 {have}개로 설정되어 있습니다. `{}` 명령으로 바로잡으세요.",
            exec(manager, &format!("service scale {name}={want}"))
        ),
        Fault::TasksFail {
            name,
            state,
            error,
            image,
            updated,
            manager,
        } => {
            let what = match state {
                TaskState::Rejected => "거부되고 있습니다",
                _ => "계속 실패하고 있습니다",
            };
            let out = if *updated {
                format!(
                    "`{}` 명령으로 이전 상태로 되돌리세요.",
                    exec(manager, &format!("service rollback {name}"))
                )
            } else {
                format!(
                    "`{}` 명령으로 지우고, 동작하는 이미지로 다시 만드세요.",
                    exec(manager, &format!("service rm {name}"))
                )
            };
            format!("{name}({image})의 태스크가 {what}: {error}. {out}")
        }
        Fault::NoSuitableNode {
            name,
            message,
            constraints,
            node,
            manager,
        } => {
            let says = format!("{name}의 태스크를 둘 노드가 없습니다: {message}.");
            match constraints.first() {
                Some(first) => format!(
                    "{says} {} 만족하는 Ready 상태의 노드가 없습니다. `{}` 명령으로 해결하세요.",
                    with(&constraints.join(", "), Object),
                    satisfy(manager, name, first, node.as_deref())
                ),
                None => format!(
                    "{says} `{}` 명령으로 Ready이고 Active인 노드가 있는지 확인하세요.",
                    exec(manager, "node ls")
                ),
            }
        }
        Fault::WrongMode {
            name,
            have,
            manager,
        } => {
            let (is, anew) = match have {
                ServiceMode::Global => (
                    "복제(replicated) 모드가 아니라 전역(global) 모드",
                    "`--mode global` 없이",
                ),
                ServiceMode::Replicated(_) => (
                    "전역(global) 모드가 아니라 복제(replicated) 모드",
                    "`--mode global`을 붙여",
                ),
                ServiceMode::Job => ("끝나면 종료되는 잡(job)", "잡 모드의 `--mode` 없이"),
            };
            format!(
                "{} {is}이고, 서비스의 모드는 바꿀 수 없습니다. `{}` 명령으로 지우고 {anew} 다시 만드세요.",
                with(name, Topic),
                exec(manager, &format!("service rm {name}"))
            )
        }
        Fault::WrongImage {
            name,
            have,
            want,
            manager,
        } => format!(
            "{} {} 아니라 {} 만들어졌습니다. `{}` 명령으로 바꾸세요.",
            with(name, Topic),
            with(want, Subject),
            with(have, Direction),
            exec(manager, &format!("service update --image {want} {name}"))
        ),
        Fault::UpdatePaused {
            name,
            rollback,
            message,
            manager,
        } => {
            let (what, does) = if *rollback {
                ("롤백이", "다시 시도하세요")
            } else {
                ("업데이트가", "이전 상태로 되돌리세요")
            };
            format!(
                "{name}의 {what} 일시 정지되었습니다{}. `{}` 명령으로 {does}.",
                said(message),
                resume(manager, name, *rollback)
            )
        }
        Fault::NoQuorum { stopped } if stopped.is_empty() => {
            "스웜이 쿼럼을 잃었습니다. 매니저 하나가 나가서 남은 매니저만으로는 과반수가 되지 않아 \
             리더를 뽑을 수 없습니다. `repair`는 매니저 하나가 스웜을 이어 가게 하고, `reset`은 실습 \
             환경을 이 단계에 맞게 다시 만듭니다."
                .into()
        }
        Fault::NoQuorum { stopped } => {
            let names: Vec<String> = stopped.iter().map(|(name, _)| name.clone()).collect();
            let commands: Vec<String> = stopped
                .iter()
                .map(|(name, state)| format!("`{}`", revive(name, *state)))
                .collect();
            format!(
                "스웜이 쿼럼을 잃었습니다. 매니저의 과반수가 응답해야 하는데 {} 응답하지 않습니다. \
                 {} 명령으로 되살리세요.",
                list_with_subject(&names),
                commands.join(", ")
            )
        }
    }
}

fn said(message: &str) -> String {
    if message.is_empty() {
        String::new()
    } else {
        format!(": {}", message.trim_end_matches('.'))
    }
}

fn ids(rows: &[(String, String)]) -> String {
    let ids: Vec<&str> = rows.iter().map(|(_, id)| id.as_str()).collect();
    ids.join(" ")
}
