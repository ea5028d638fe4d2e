//! What a check wants, in a few words: `4 nodes, all ready`.

use crate::check::{Check, CountOrNames, Kind, ServiceWant};
use crate::model::UpdateState;
use crate::words::Lang;
use crate::words::korean::Particle::{Subject, Topic};
use crate::words::korean::with;

use super::{en, ko};

/// What the check wants, in a few words, without a full stop.
pub fn check_title(lang: Lang, check: &Check) -> String {
    match lang {
        Lang::En => english(&check.kind),
        Lang::Ko => korean(&check.kind),
    }
}

fn english(kind: &Kind) -> String {
    let there = |what: &str, name: &str, exists: bool| {
        if exists {
            format!("the {what} {name} is there")
        } else {
            format!("the {what} {name} is gone")
        }
    };
    match kind {
        Kind::LabRunning { nodes } if nodes.is_empty() => "the lab is running".into(),
        Kind::LabRunning { nodes } => format!(
            "{} {} running",
            en::list(nodes),
            if nodes.len() == 1 { "is" } else { "are" }
        ),
        Kind::LabDown => "the lab is down".into(),
        Kind::Nodes {
            want,
            ready,
            managers,
            workers,
        } => {
            let mut parts = vec![match want {
                CountOrNames::Count(want) => en::count(*want, "node"),
                CountOrNames::Names(names) => en::list(names),
            }];
            if *ready {
                let one = matches!(want, CountOrNames::Count(1));
                parts.push(if one { "ready" } else { "all ready" }.into());
            }
            parts.extend(managers.map(|managers| en::count(managers, "manager")));
            if !workers.is_empty() {
                let noun = if workers.len() == 1 {
                    "worker"
                } else {
                    "workers"
                };
                parts.push(format!("{} as {noun}", en::list(workers)));
            }
            parts.join(", ")
        }
        Kind::Node {
            name,
            exists: false,
            ..
        } => format!("{name} is out of the swarm"),
        Kind::Node {
            name,
            manager,
            availability,
            state,
            labels,
            ..
        } => {
            let mut parts = Vec::new();
            parts.extend(
                manager.map(|manager| if manager { "a manager" } else { "a worker" }.to_owned()),
            );
            parts.extend(state.clone());
            parts.extend(
                availability
                    .as_ref()
                    .map(|value| format!("availability {value}")),
            );
            parts.extend(
                labels
                    .iter()
                    .map(|(key, value)| format!("label {key}={value}")),
            );
            if parts.is_empty() {
                format!("{name} is in the swarm")
            } else {
                format!("{name}: {}", parts.join(", "))
            }
        }
        Kind::Service(want) if !want.exists => format!("{} is gone", want.name),
        Kind::Service(want) => service_english(want),
        Kind::Image { reference, on } if on.is_empty() => format!("every node has {reference}"),
        Kind::Image { reference, on } => format!(
            "{} {} {reference}",
            en::list(on),
            if on.len() == 1 { "has" } else { "have" }
        ),
        Kind::Registry {
            reference,
            exists: true,
        } => format!("the registry holds {reference}"),
        Kind::Registry {
            reference,
            exists: false,
        } => {
            format!("the registry holds no {reference}")
        }
        Kind::Stack {
            name,
            exists: true,
            services: Some(services),
        } => {
            format!("the stack {name} has {}", en::count(*services, "service"))
        }
        Kind::Stack { name, exists, .. } => there("stack", name, *exists),
        Kind::Network { name, exists } => there("network", name, *exists),
        Kind::Secret { name, exists } => there("secret", name, *exists),
        Kind::Config { name, exists } => there("config", name, *exists),
        Kind::Http {
            url,
            status,
            contains,
            ..
        } => {
            let mut title = format!("{url} answers");
            if *status != 200 {
                title += &format!(" with {status}");
            }
            if let Some(text) = contains {
                title += &format!(" \"{text}\"");
            }
            title
        }
        Kind::Probe {
            service,
            lost,
            during_update,
        } => format!(
            "{service} loses {}{}",
            match lost {
                0 => "no request".to_owned(),
                lost => format!("at most {}", en::count(*lost, "request")),
            },
            if *during_update {
                " during its update"
            } else {
                ""
            }
        ),
        Kind::Ran { words, node: None } => format!("`{}` was run", words.join(" ")),
        Kind::Ran {
            words,
            node: Some(node),
        } => {
            format!("`{}` was run in {node}", words.join(" "))
        }
    }
}

fn service_english(want: &ServiceWant) -> String {
    let name = &want.name;
    let mut parts = Vec::new();
    parts.extend(
        want.global
            .map(|global| if global { "global" } else { "replicated" }.to_owned()),
    );
    parts.extend(want.image.as_ref().map(|image| format!("image {image}")));
    parts.extend(
        want.publishes
            .iter()
            .map(|(published, target)| format!("publishes {published}:{target}")),
    );
    parts.extend(
        want.spread
            .map(|spread| format!("spread to within {spread}")),
    );
    parts.extend(want.update.map(|update| update_english(update).to_owned()));
    for (what, values) in attached(want) {
        parts.extend(values.iter().map(|value| format!("{what} {value}")));
    }
    match want.replicas {
        Some(replicas) => {
            parts.insert(0, format!("{name} runs {replicas} of {replicas}"));
            parts.join(", ")
        }
        None if parts.is_empty() => format!("{name} is there"),
        None => format!("{name}: {}", parts.join(", ")),
    }
}

fn korean(kind: &Kind) -> String {
    let there = |what: &str, name: &str, exists: bool| {
        let end = if exists { "있음" } else { "없음" };
        format!("{} {} {end}", ko::thing(what), with(name, Subject))
    };
    match kind {
        Kind::LabRunning { nodes } if nodes.is_empty() => "실습 환경 실행 중".into(),
        Kind::LabRunning { nodes } => format!("{} 실행 중", nodes.join(", ")),
        Kind::LabDown => "실습 환경 내려감".into(),
        Kind::Nodes {
            want,
            ready,
            managers,
            workers,
        } => {
            let mut parts = vec![match want {
                CountOrNames::Count(want) => format!("노드 {want}개"),
                CountOrNames::Names(names) => format!("노드 {}", names.join(", ")),
            }];
            if *ready {
                let one = matches!(want, CountOrNames::Count(1));
                parts.push(if one { "ready" } else { "모두 ready" }.into());
            }
            parts.extend(managers.map(|managers| format!("매니저 {managers}개")));
            if !workers.is_empty() {
                parts.push(format!("워커는 {}", workers.join(", ")));
            }
            parts.join(", ")
        }
        Kind::Node {
            name,
            exists: false,
            ..
        } => format!("{} 스웜에 없음", with(name, Subject)),
        Kind::Node {
            name,
            manager,
            availability,
            state,
            labels,
            ..
        } => {
            let mut parts = Vec::new();
            parts.extend(manager.map(|manager| if manager { "매니저" } else { "워커" }.to_owned()));
            parts.extend(state.clone());
            parts.extend(availability.as_ref().map(|value| format!("가용성 {value}")));
            parts.extend(
                labels
                    .iter()
                    .map(|(key, value)| format!("레이블 {key}={value}")),
            );
            if parts.is_empty() {
                format!("{} 스웜에 있음", with(name, Subject))
            } else {
                format!("{name}: {}", parts.join(", "))
            }
        }
        Kind::Service(want) if !want.exists => format!("서비스 {} 없음", with(&want.name, Subject)),
        Kind::Service(want) => service_korean(want),
        Kind::Image { reference, on } if on.is_empty() => {
            format!("모든 노드에 {} 있음", with(reference, Subject))
        }
        Kind::Image { reference, on } => {
            format!("{}에 {} 있음", on.join(", "), with(reference, Subject))
        }
        Kind::Registry { reference, exists } => format!(
            "레지스트리에 {} {}",
            with(reference, Subject),
            if *exists { "있음" } else { "없음" }
        ),
        Kind::Stack {
            name,
            exists: true,
            services: Some(services),
        } => {
            format!("스택 {name}의 서비스 {services}개")
        }
        Kind::Stack { name, exists, .. } => there("stack", name, *exists),
        Kind::Network { name, exists } => there("network", name, *exists),
        Kind::Secret { name, exists } => there("secret", name, *exists),
        Kind::Config { name, exists } => there("config", name, *exists),
        Kind::Http {
            url,
            status,
            contains,
            ..
        } => {
            let status = match status {
                200 => String::new(),
                status => format!(" {status}"),
            };
            match contains {
                Some(text) => format!("{url} 응답{status}: \"{text}\""),
                None => format!("{url} 응답{status}"),
            }
        }
        Kind::Probe {
            service,
            lost,
            during_update,
        } => format!(
            "{}{} {}",
            if *during_update {
                "업데이트 중 "
            } else {
                ""
            },
            with(service, Subject),
            match lost {
                0 => "요청을 하나도 놓치지 않음".to_owned(),
                lost => format!("놓친 요청 {lost}개 이하"),
            }
        ),
        Kind::Ran { words, node: None } => format!("`{}` 실행함", words.join(" ")),
        Kind::Ran {
            words,
            node: Some(node),
        } => {
            format!("{node}에서 `{}` 실행함", words.join(" "))
        }
    }
}

fn service_korean(want: &ServiceWant) -> String {
    let name = &want.name;
    let mut parts = Vec::new();
    parts.extend(want.global.map(|global| {
        if global {
            "전역(global)"
        } else {
            "복제(replicated)"
        }
        .to_owned()
    }));
    parts.extend(want.image.as_ref().map(|image| format!("이미지 {image}")));
    parts.extend(
        want.publishes
            .iter()
            .map(|(published, target)| format!("{published}:{target} 공개")),
    );
    parts.extend(
        want.spread
            .map(|spread| format!("노드 간 차이 {spread}개 이하")),
    );
    parts.extend(want.update.map(|update| ko::update(update).to_owned()));
    for (what, values) in attached(want) {
        parts.extend(
            values
                .iter()
                .map(|value| format!("{} {value}", ko::thing(what))),
        );
    }
    match want.replicas {
        Some(replicas) => {
            parts.insert(
                0,
                format!("{} {replicas}개 중 {replicas}개 실행", with(name, Topic)),
            );
            parts.join(", ")
        }
        None if parts.is_empty() => format!("서비스 {} 있음", with(name, Subject)),
        None => format!("{name}: {}", parts.join(", ")),
    }
}

fn attached(want: &ServiceWant) -> [(&'static str, &[String]); 4] {
    [
        ("constraint", &want.constraints),
        ("network", &want.networks),
        ("secret", &want.secrets),
        ("config", &want.configs),
    ]
}

fn update_english(state: UpdateState) -> &'static str {
    match state {
        UpdateState::Updating => "update under way",
        UpdateState::Paused => "update paused",
        UpdateState::Completed => "update completed",
        UpdateState::RollbackStarted => "rollback under way",
        UpdateState::RollbackPaused => "rollback paused",
        UpdateState::RollbackCompleted => "rollback completed",
    }
}
