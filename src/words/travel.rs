//! What going to a step will change, and what is said on the way.

use super::Lang;
use super::korean::{Particle, with};
use crate::model::SpareSet;
use crate::session::{Change, LabWill};

/// What going to a step will change, before it is done.
pub fn will(lang: Lang, step: &str, change: &Change) -> String {
    let parts = match lang {
        Lang::En => english(change),
        Lang::Ko => korean(change),
    };
    let seconds = change.seconds.ceil().max(1.0);
    match (lang, parts.is_empty()) {
        (Lang::En, true) => format!("To `{step}`: about {seconds} s."),
        (Lang::En, false) => format!("To `{step}`: {}: about {seconds} s.", parts.join(", ")),
        (Lang::Ko, true) => format!("`{step}` 단계로 이동합니다(약 {seconds}초)."),
        (Lang::Ko, false) => format!(
            "`{step}` 단계로 이동합니다: {}(약 {seconds}초).",
            parts.join(", ")
        ),
    }
}

fn english(change: &Change) -> Vec<String> {
    let mut parts = Vec::new();
    if !change.removes.is_empty() {
        parts.push(format!("removes {}", quoted(&change.removes)));
    }
    match &change.lab {
        LabWill::Stay => {}
        LabWill::BeNewInPart { nodes } => {
            parts.push(format!("makes {} anew", quoted(nodes)));
        }
        LabWill::BeNew {
            spare: Some(spare), ..
        } => parts.push(match spare {
            SpareSet::Engines => "takes the spare nodes".to_owned(),
            SpareSet::Swarm { .. } => "takes the spare nodes with their swarm".to_owned(),
        }),
        LabWill::BeNew {
            count, all_nodes, ..
        } => {
            let what = if *all_nodes { "nodes" } else { "containers" };
            parts.push(format!("makes {count} fresh {what}"));
        }
        LabWill::Go => parts.push("takes the lab down".to_owned()),
    }
    match (change.init, change.joins) {
        (false, 0) => {}
        (false, joins) => parts.push(format!("joins {joins}")),
        (true, 0) => parts.push("makes a swarm".to_owned()),
        (true, joins) => parts.push(format!("makes a swarm and joins {joins}")),
    }
    for (name, replicas) in &change.creates {
        parts.push(match replicas {
            Some(1) | None => format!("creates `{name}`"),
            Some(replicas) => format!("creates `{name}` with {replicas} replicas"),
        });
    }
    if change.more {
        parts.push("does the rest of what the steps before it do".to_owned());
    }
    parts
}

fn korean(change: &Change) -> Vec<String> {
    let mut parts = Vec::new();
    if !change.removes.is_empty() {
        parts.push(format!("{} 삭제", quoted(&change.removes)));
    }
    match &change.lab {
        LabWill::Stay => {}
        LabWill::BeNewInPart { nodes } => {
            parts.push(format!("{} 새로 생성", quoted(nodes)));
        }
        LabWill::BeNew {
            spare: Some(spare), ..
        } => parts.push(match spare {
            SpareSet::Engines => "예비 노드로 교체".to_owned(),
            SpareSet::Swarm { .. } => "스웜을 이룬 예비 노드로 교체".to_owned(),
        }),
        LabWill::BeNew {
            count, all_nodes, ..
        } => {
            let what = if *all_nodes { "노드" } else { "컨테이너" };
            parts.push(format!("{what} {count}개를 새로 생성"));
        }
        LabWill::Go => parts.push("실습 환경 내리기".to_owned()),
    }
    match (change.init, change.joins) {
        (false, 0) => {}
        (false, joins) => parts.push(format!("노드 {joins}개 합류")),
        (true, 0) => parts.push("스웜 생성".to_owned()),
        (true, joins) => parts.push(format!("스웜을 만들고 노드 {joins}개 합류")),
    }
    for (name, replicas) in &change.creates {
        parts.push(match replicas {
            Some(1) | None => format!("`{name}` 생성"),
            Some(replicas) => format!("`{name}` 생성(레플리카 {replicas}개)"),
        });
    }
    if change.more {
        parts.push("앞 단계의 나머지 작업 실행".to_owned());
    }
    parts
}

/// A way that a killed program had begun is gone to its end.
pub fn taken_up(lang: Lang, step: &str) -> String {
    match lang {
        Lang::En => format!(
            "The way to `{step}` was cut off when the program ended last, so the lab is half-made. It is being finished."
        ),
        Lang::Ko => format!(
            "지난번에 {} 이동하던 중 프로그램이 끝나 실습 환경 준비가 중간에 끊겼습니다. 이어서 준비합니다.",
            with(&format!("`{step}`"), Particle::Direction)
        ),
    }
}

/// The same, said by `swarmlings status`.
pub fn cut_off(lang: Lang, step: &str) -> String {
    match lang {
        Lang::En => format!(
            "The way to `{step}` was cut off, so the lab is half-made; `swarmlings repair` finishes it."
        ),
        Lang::Ko => format!(
            "{} 이동하던 중 끊겨 실습 환경 준비가 덜 되었습니다. `swarmlings repair`로 마저 준비할 수 있습니다.",
            with(&format!("`{step}`"), Particle::Direction)
        ),
    }
}

/// What was to be kept is broken.
pub fn not_in_place(lang: Lang) -> &'static str {
    match lang {
        Lang::En => "What was there is broken, so the nodes are made anew after all…",
        Lang::Ko => "남아 있던 것이 망가져 있어 노드를 새로 만듭니다…",
    }
}

/// Before the first command of a replay, where keys can steer it.
pub fn steering(lang: Lang) -> &'static str {
    match lang {
        Lang::En => "Replay: space pauses and goes on, Ctrl-C gives you the prompt.",
        Lang::Ko => {
            "다시 보기: 스페이스로 멈추고 이어 갑니다. Ctrl-C를 누르면 프롬프트로 돌아옵니다."
        }
    }
}

/// Shown while a replay is paused.
pub fn paused(lang: Lang) -> &'static str {
    match lang {
        Lang::En => "(paused: space goes on)",
        Lang::Ko => "(멈춤: 스페이스를 누르면 이어 갑니다)",
    }
}

/// The prompt is the learner's again in the middle of a replay.
pub fn handed_over(lang: Lang) -> &'static str {
    match lang {
        Lang::En => "Over to you. `run` types the next command, `solve` the rest.",
        Lang::Ko => "이제 직접 해 보세요. `run`은 다음 명령을, `solve`는 나머지를 입력합니다.",
    }
}

fn quoted(names: &[String]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_told_in_one_sentence() {
        let clean = Change {
            lab: LabWill::BeNew {
                count: 4,
                all_nodes: true,
                spare: None,
            },
            removes: Vec::new(),
            init: true,
            joins: 3,
            creates: vec![("test_swarm".into(), Some(6))],
            more: false,
            seconds: 5.95,
        };
        let in_place = Change {
            lab: LabWill::Stay,
            removes: vec!["web".into()],
            init: false,
            joins: 0,
            creates: vec![("test_swarm".into(), Some(1))],
            more: true,
            seconds: 0.4,
        };
        let down = Change {
            lab: LabWill::Go,
            creates: Vec::new(),
            init: false,
            joins: 0,
            ..clean.clone()
        };
        let in_part = Change {
            lab: LabWill::BeNewInPart {
                nodes: vec!["worker02".into(), "worker03".into()],
            },
            joins: 2,
            ..in_place.clone()
        };
        let spare = Change {
            lab: LabWill::BeNew {
                count: 4,
                all_nodes: true,
                spare: Some(SpareSet::Swarm {
                    manager: "manager".into(),
                }),
            },
            init: false,
            joins: 0,
            ..clean.clone()
        };
        let mut said = Vec::new();
        for lang in [Lang::En, Lang::Ko] {
            for change in [&clean, &in_place, &in_part, &down, &spare] {
                said.push(will(lang, "service/where", change));
            }
        }
        insta::assert_snapshot!(said.join("\n"));
    }
}
