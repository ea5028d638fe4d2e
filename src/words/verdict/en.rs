//! Verdicts in English.

mod fault;

use crate::check::{Cause, Gap};
use crate::model::{ContainerState, TaskState, Unanswered, UpdateState};

use super::{exec, seconds};

pub(super) use fault::fault;

pub(super) fn gap(gap: &Gap) -> String {
    match gap {
        Gap::NothingSeen => "The lab has not been looked at yet.".into(),
        Gap::LabNotUp => "The lab is not up yet; `docker compose up -d` starts it.".into(),
        Gap::ContainerNot { name, state } => match state {
            ContainerState::Missing => {
                format!("{name} has no container; `docker compose up -d` makes it.")
            }
            _ => format!("{name} is not running: it is {}.", container(*state)),
        },
        Gap::EngineSilent { node } => {
            format!("{node} is running, but its Docker engine does not answer yet.")
        }
        Gap::LabStillUp { names } => format!(
            "The lab is not down: {} {} still there.",
            list(names),
            are(names.len())
        ),
        Gap::NoSwarm => "There is no swarm yet.".into(),
        Gap::SwarmGone => "The swarm is gone: no node manages it any more. Those that still \
                           think they are in it can leave (`docker swarm leave`), or `reset` makes \
                           the lab as this step needs it."
            .into(),
        Gap::NoLeader => {
            "The swarm has no leader: its managers are choosing one, or can't reach each other."
                .into()
        }
        Gap::Joining { node } => format!(
            "{node} is still trying to join. If that doesn't end, the address was wrong: \
             `{}`, and join again with `$MANAGER_ADDR`.",
            exec(node, "swarm leave --force")
        ),
        Gap::NotJoined { nodes } => {
            format!("{} {} not joined the swarm.", list(nodes), has(nodes.len()))
        }
        Gap::NodeCount { have, want } => format!("{}, not {want}.", count(*have, "node")),
        Gap::ManagerCount { have, want } => format!("{}, not {want}.", count(*have, "manager")),
        Gap::Role {
            node,
            is_manager: true,
        } => format!("{node} is a manager, not a worker."),
        Gap::Role {
            node,
            is_manager: false,
        } => format!("{node} is a worker, not a manager."),
        Gap::NodeState { node, have, want } => format!("{node} is {have}, not {want}."),
        Gap::Availability { node, have, want } => {
            format!("{node} has availability {have}, not {want}.")
        }
        Gap::NodeLabel {
            node,
            key,
            have: None,
            want,
        } => {
            format!("{node} lacks the label {key}={want}.")
        }
        Gap::NodeLabel {
            node,
            key,
            have: Some(have),
            want,
        } => {
            format!("{node} has the label {key}={have}, not {key}={want}.")
        }
        Gap::NodeStillThere { node, state } if state == "down" => {
            format!("{node} is down, and still listed by `docker node ls`.")
        }
        Gap::NodeStillThere { node, .. } => format!("{node} is still in the swarm."),
        Gap::NoService { name, similar } => {
            format!("There is no service {name}.{}", similar_there(similar))
        }
        Gap::ServiceStillThere { name } => format!("The service {name} is still there."),
        Gap::TasksEnding { name, left } => format!(
            "{name} is removed, and {} of it {} still ending.",
            count(*left, "task"),
            are(*left)
        ),
        Gap::ReplicasWanted { name, have, want } => {
            format!(
                "{name} is set to {}, not {want}.",
                count(*have as usize, "replica")
            )
        }
        Gap::ReplicasRunning {
            name,
            have,
            want,
            others,
        } => running(name, *have, *want, others),
        Gap::NotStable { held, want } => format!(
            "It is as it should be, for {} s now; it must stay so for {} s.",
            seconds(*held),
            seconds(*want)
        ),
        Gap::ImageIs { name, have, want } => format!("{name} runs {have}, not {want}."),
        Gap::OldTasks { name, image, left } => format!(
            "{} of {name} {} not on {image} yet.",
            count(*left, "task"),
            are(*left)
        ),
        Gap::NotPublished {
            name,
            published,
            target,
            have,
        } => format!(
            "{name} does not publish {published}:{target}. It publishes {}. Remove it \
             (`docker service rm {name}`) and create it again with `-p {published}:{target}`.",
            ports(have)
        ),
        Gap::Spread {
            name,
            per_node,
            want,
        } => format!(
            "The tasks of {name} are spread unevenly: {}. At most {want} apart is wanted.",
            per_node
                .iter()
                .map(|(node, tasks)| format!("{node} {tasks}"))
                .collect::<Vec<_>>()
                .join(", ")
        ),
        Gap::Update {
            name,
            have: None,
            want,
        } => format!("{name} has not been updated; {} is wanted.", update(*want)),
        Gap::Update {
            name,
            have: Some(have),
            want,
        } => format!("{name} has {}; {} is wanted.", update(*have), update(*want)),
        Gap::ServiceLacks { name, what, value } => format!("{name} lacks the {what} {value}."),
        Gap::ImageMissing { reference, nodes } => format!(
            "{} {} not have the image {reference}.",
            list(nodes),
            if nodes.len() == 1 { "does" } else { "do" }
        ),
        Gap::NotInRegistry { reference, have } if have.is_empty() => {
            format!("The registry does not hold {reference}. It is empty.")
        }
        Gap::NotInRegistry { reference, have } => {
            format!(
                "The registry does not hold {reference}. It holds {}.",
                list(have)
            )
        }
        Gap::StillInRegistry { reference } => format!("The registry still holds {reference}."),
        Gap::RegistrySilent => "The registry does not answer yet.".into(),
        Gap::NoSuch {
            what,
            name,
            similar,
        } => {
            format!("There is no {what} {name}.{}", similar_there(similar))
        }
        Gap::StillThere { what, name } => format!("The {what} {name} is still there."),
        Gap::StackServices { name, have, want } => {
            format!(
                "The stack {name} has {}, not {want}.",
                count(*have, "service")
            )
        }
        Gap::HttpSilent { url, error } => format!("{url} does not answer: {}.", unanswered(error)),
        Gap::HttpStatus { url, have, want } => {
            format!("{url} answers with status {have}, not {want}.")
        }
        Gap::HttpBody { url, want, have } if have.is_empty() => {
            format!("{url} answers with an empty text, without \"{want}\".")
        }
        Gap::HttpBody { url, want, have } => {
            format!("{url} answers without \"{want}\". It says: {have}")
        }
        Gap::HttpAsking { url } => format!("{url} has been asked and has not answered yet."),
        Gap::ProbeAsking {
            service,
            during_update: true,
        } => {
            format!("{service} has not been updated yet while requests were sent to it.")
        }
        Gap::ProbeAsking {
            service,
            during_update: false,
        } => {
            format!("No request has been sent to {service} yet.")
        }
        Gap::ProbeLost {
            service,
            lost,
            sent,
            allowed,
        } => format!(
            "{service} left {lost} of {sent} requests without an answer; {} may be. \
             The next update is counted anew.",
            if *allowed == 0 {
                "none".to_owned()
            } else {
                allowed.to_string()
            }
        ),
        Gap::NotRun { words, node: None } => format!("`{}` has not been run yet.", words.join(" ")),
        Gap::NotRun {
            words,
            node: Some(node),
        } => {
            format!("`{}` has not been run in {node} yet.", words.join(" "))
        }
        Gap::RanBadly { words, exit } => {
            format!(
                "`{}` ended with exit code {exit}, not 0. Run it again when the rest is right.",
                words.join(" ")
            )
        }
        Gap::RanElsewhere {
            words,
            have: Some(have),
            want,
        } => {
            format!("`{}` ran in {have}, not in {want}.", words.join(" "))
        }
        Gap::RanElsewhere {
            words,
            have: None,
            want,
        } => {
            format!(
                "`{}` ran outside the nodes, not in {want}.",
                words.join(" ")
            )
        }
    }
}

pub(super) fn not_measured(cause: Cause) -> String {
    format!("Not measured: {}.", because(cause))
}

pub(super) fn skipped(cause: Cause) -> String {
    format!("Skipped: {}.", because(cause))
}

fn because(cause: Cause) -> &'static str {
    match cause {
        Cause::NoMesh => "this host's kernel has no IP_VS, so published ports don't answer",
        Cause::NoRegistry => "this lab has no registry",
        Cause::ByLearner => "you skipped this step",
    }
}

fn running(name: &str, have: u64, want: u64, others: &[(TaskState, u64)]) -> String {
    if have > want {
        return format!(
            "{} of {name} {} running, not {want}.",
            count(have as usize, "task"),
            are(have as usize)
        );
    }
    let rest: Vec<String> = others
        .iter()
        .map(|(state, tasks)| format!("{tasks} {}", state.word().to_lowercase()))
        .collect();
    let rest = if rest.is_empty() {
        String::new()
    } else {
        format!(" ({})", rest.join(", "))
    };
    format!("{name} runs {have} of {want}{rest}.")
}

fn container(state: ContainerState) -> String {
    match state {
        ContainerState::Missing => "gone".into(),
        ContainerState::Created => "created, not started".into(),
        ContainerState::Running => "running, without an engine that answers".into(),
        ContainerState::Paused => "paused".into(),
        ContainerState::Exited(code) => format!("stopped (exit code {code})"),
    }
}

fn update(state: UpdateState) -> &'static str {
    match state {
        UpdateState::Updating => "an update under way",
        UpdateState::Paused => "a paused update",
        UpdateState::Completed => "a completed update",
        UpdateState::RollbackStarted => "a rollback under way",
        UpdateState::RollbackPaused => "a paused rollback",
        UpdateState::RollbackCompleted => "a completed rollback",
    }
}

fn similar_there(similar: &Option<String>) -> String {
    similar
        .as_ref()
        .map(|name| format!(" There is {name}."))
        .unwrap_or_default()
}

fn ports(have: &[(u16, u16)]) -> String {
    if have.is_empty() {
        return "nothing".into();
    }
    let ports: Vec<String> = have
        .iter()
        .map(|(published, target)| format!("{published}:{target}"))
        .collect();
    ports.join(", ")
}

pub(super) fn count(count: usize, noun: &str) -> String {
    if count == 1 {
        format!("1 {noun}")
    } else {
        format!("{count} {noun}s")
    }
}

fn are(count: usize) -> &'static str {
    if count == 1 { "is" } else { "are" }
}

fn has(count: usize) -> &'static str {
    if count == 1 { "has" } else { "have" }
}

pub(super) fn list(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

fn unanswered(why: &Unanswered) -> String {
    match why {
        Unanswered::NoManager => "no manager answers".into(),
        Unanswered::NoService(port) => format!("no service publishes {port}"),
        Unanswered::NoTask(service) => format!("no task of {service} runs"),
        Unanswered::Said(said) => said.clone(),
    }
}
