//! What a check wants, and what its verdict says: one sentence for each gap
//! and each fault, with the way out of a fault as a command of this lab.
//!
//! A sentence names the thing first, in the words of `docker`, so that it can
//! be found again in what `docker node ls` or `docker service ps` prints.

mod en;
mod ko;
mod title;

use crate::check::{Check, Verdict};
use crate::model::ContainerState;

use super::Lang;

pub use title::check_title;

/// What a verdict says, a sentence an entry. For a check that is not met the
/// lesson's own words come first, then what was seen. Empty for `Met`.
pub fn verdict(lang: Lang, check: &Check, verdict: &Verdict) -> Vec<String> {
    let seen: Vec<String> = match verdict {
        Verdict::Met => return Vec::new(),
        Verdict::NotYet(gaps) => gaps.iter().map(|gap| one_gap(lang, gap)).collect(),
        Verdict::Broken(faults) => faults.iter().map(|fault| one_fault(lang, fault)).collect(),
        Verdict::NotMeasured(cause) => {
            return vec![match lang {
                Lang::En => en::not_measured(*cause),
                Lang::Ko => ko::not_measured(*cause),
            }];
        }
        Verdict::Skipped(cause) => {
            return vec![match lang {
                Lang::En => en::skipped(*cause),
                Lang::Ko => ko::skipped(*cause),
            }];
        }
    };
    check.fail.clone().into_iter().chain(seen).collect()
}

fn one_gap(lang: Lang, gap: &crate::check::Gap) -> String {
    match lang {
        Lang::En => en::gap(gap),
        Lang::Ko => ko::gap(gap),
    }
}

fn one_fault(lang: Lang, fault: &crate::check::Fault) -> String {
    match lang {
        Lang::En => en::fault(fault),
        Lang::Ko => ko::fault(fault),
    }
}

/// The command that brings a container back.
fn revive(name: &str, state: ContainerState) -> String {
    match state {
        ContainerState::Missing => "docker compose up -d".to_owned(),
        ContainerState::Paused => format!("docker unpause {name}"),
        ContainerState::Running => format!("docker restart {name}"),
        ContainerState::Created | ContainerState::Exited(_) => format!("docker start {name}"),
    }
}

/// `docker exec -it NODE docker ...`, as the lessons write it.
fn exec(node: &str, command: &str) -> String {
    format!("docker exec -it {node} docker {command}")
}

const JOIN: &str = "swarm join --token $WORKER_TOKEN $MANAGER_ADDR";

/// The commands that take a node out of whatever swarm it is in and into this
/// one. Without the restart an engine that left keeps its old networks, and
/// tasks hang on it (seen with engine 20.10).
fn join_anew(node: &str) -> String {
    format!(
        "`{}`, `docker restart {node}`, `{}`",
        exec(node, "swarm leave --force"),
        exec(node, JOIN)
    )
}

/// The command that makes a constraint fit: a label put on a node, where the
/// constraint asks for one, else the constraint taken away.
fn satisfy(manager: &str, service: &str, constraint: &str, node: Option<&str>) -> String {
    let tight: String = constraint.split_whitespace().collect();
    let label = tight
        .strip_prefix("node.labels.")
        .and_then(|label| label.split_once("=="));
    if let (Some((key, value)), Some(node)) = (label, node) {
        return exec(
            manager,
            &format!("node update --label-add {key}={value} {node}"),
        );
    }
    // Docker takes away only what is written just the same.
    let quote = if tight == constraint { "" } else { "'" };
    exec(
        manager,
        &format!("service update --constraint-rm {quote}{constraint}{quote} {service}"),
    )
}

/// The command that takes up an update or a rollback that paused.
fn resume(manager: &str, service: &str, rollback: bool) -> String {
    let command = if rollback {
        format!("service update --force {service}")
    } else {
        format!("service rollback {service}")
    };
    exec(manager, &command)
}

/// A duration in seconds, to a tenth: `3`, `2.5`.
fn seconds(duration: std::time::Duration) -> String {
    let tenths = duration.as_millis() / 100;
    match (tenths / 10, tenths % 10) {
        (whole, 0) => whole.to_string(),
        (whole, part) => format!("{whole}.{part}"),
    }
}

#[cfg(test)]
mod tests;
