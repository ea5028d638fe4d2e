//! Faults in English: what went wrong, and the command that is the way out.

use crate::check::Fault;
use crate::model::{ServiceMode, TaskState};
use crate::words::verdict::{exec, join_anew, resume, revive, satisfy};

use super::{container, count, list};

pub(in crate::words::verdict) fn fault(fault: &Fault) -> String {
    match fault {
        Fault::ContainerEnded { name, state } => format!(
            "{name} is {}. `{}` brings it back.",
            container(*state),
            revive(name, *state)
        ),
        Fault::JoinedAsManager { node, manager } => format!(
            "{node} joined as a manager, not as a worker. `{}` makes it a worker.",
            exec(manager, &format!("node demote {node}"))
        ),
        Fault::OwnSwarm { node } => format!(
            "{node} made a swarm of its own and did not join. The way back, one after the other: {}.",
            join_anew(node)
        ),
        Fault::OtherSwarm { node } => format!(
            "{node} is still part of another swarm. The way out of it, one after the other: {}.",
            join_anew(node)
        ),
        Fault::SwarmElsewhere { node, at } => format!(
            "The swarm was made on {at}, not on {node}. `{}`, then `{}`.",
            exec(at, "swarm leave --force"),
            exec(node, "swarm init")
        ),
        Fault::NodeDown { node, state } => format!(
            "{node} is in the swarm and is down: its container is {}. `{}` brings it back.",
            container(*state),
            revive(node, *state)
        ),
        Fault::GhostRows { rows, manager } => format!(
            "`docker node ls` lists {} that left: {}. `{}` removes {}.",
            if rows.len() == 1 { "a node" } else { "nodes" },
            list(
                &rows
                    .iter()
                    .map(|(hostname, _)| hostname.clone())
                    .collect::<Vec<_>>()
            ),
            exec(manager, &format!("node rm --force {}", ids(rows))),
            if rows.len() == 1 {
                "its row"
            } else {
                "their rows"
            }
        ),
        Fault::Locked { node } => format!(
            "The swarm on {node} is locked since its engine restarted. \
             `docker exec -it {node} docker swarm unlock` asks for its key."
        ),
        Fault::SwarmError { node } => format!(
            "The engine of {node} can't take part in its swarm; its certificate may have expired. \
             `repair` mends the lab."
        ),
        Fault::TooManyReplicas {
            name,
            have,
            want,
            manager,
        } => format!(
            "{name} is set to {}, not {want}. `{}` sets it right.",
            count(*have as usize, "replica"),
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
                TaskState::Rejected => "are rejected",
                _ => "fail again and again",
            };
            let out = if *updated {
                format!(
                    "`{}` goes back to what ran before.",
                    exec(manager, &format!("service rollback {name}"))
                )
            } else {
                format!(
                    "`{}` removes it, to be made again from an image that works.",
                    exec(manager, &format!("service rm {name}"))
                )
            };
            format!("The tasks of {name} ({image}) {what}: {error}. {out}")
        }
        Fault::NoSuitableNode {
            name,
            message,
            constraints,
            node,
            manager,
        } => {
            let says = format!("Swarm finds no node for the tasks of {name}: {message}.");
            match constraints.first() {
                Some(first) => format!(
                    "{says} No ready node satisfies {}. `{}` mends that.",
                    list(constraints),
                    satisfy(manager, name, first, node.as_deref())
                ),
                None => format!(
                    "{says} `{}` shows which nodes are ready and active.",
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
                ServiceMode::Global => ("global, not replicated", "without `--mode global`"),
                ServiceMode::Replicated(_) => ("replicated, not global", "with `--mode global`"),
                ServiceMode::Job => ("a job, which ends", "without a job's `--mode`"),
            };
            format!(
                "{name} is {is}, and a service's mode can't be changed. `{}`, then create it {anew}.",
                exec(manager, &format!("service rm {name}"))
            )
        }
        Fault::WrongImage {
            name,
            have,
            want,
            manager,
        } => format!(
            "{name} was made from {have}, not from {want}. `{}` changes it.",
            exec(manager, &format!("service update --image {want} {name}"))
        ),
        Fault::UpdatePaused {
            name,
            rollback,
            message,
            manager,
        } => {
            let (what, does) = if *rollback {
                ("rollback", "tries again")
            } else {
                ("update", "goes back to what ran before")
            };
            format!(
                "The {what} of {name} has paused{}. `{}` {does}.",
                said(message),
                resume(manager, name, *rollback)
            )
        }
        Fault::NoQuorum { stopped } if stopped.is_empty() => {
            "The swarm has lost its quorum: a manager has left, and those that stayed are no \
             majority, so no leader can be chosen any more. `repair` lets one of them go on alone; \
             `reset` makes the lab as this step needs it."
                .into()
        }
        Fault::NoQuorum { stopped } => {
            let names: Vec<String> = stopped.iter().map(|(name, _)| name.clone()).collect();
            let commands: Vec<String> = stopped
                .iter()
                .map(|(name, state)| format!("`{}`", revive(name, *state)))
                .collect();
            format!(
                "The swarm has lost its quorum: more than half of its managers must answer, and \
                 {} {} not. {} {} back.",
                list(&names),
                if names.len() == 1 { "does" } else { "do" },
                commands.join(", "),
                if names.len() == 1 {
                    "brings it"
                } else {
                    "bring them"
                }
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
