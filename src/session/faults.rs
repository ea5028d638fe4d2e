//! What went wrong in the lab while nobody touched it: containers that ended,
//! were paused or removed, and engines that no longer answer.

use std::time::Duration;

use crate::model::{CommandRecord, Container, ContainerState, Snapshot, Timeline};

/// Something that happened to one container behind the learner's back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lost {
    /// It does not run any more.
    Container {
        /// The compose service.
        name: String,
        /// What it is now.
        state: ContainerState,
    },
    /// It runs, and its engine has not answered for a while.
    Engine {
        /// The node.
        name: String,
    },
}

/// An engine may miss a look or two on a busy machine.
const SILENT_FOR: Duration = Duration::from_secs(5);

/// What the newest snapshot shows that the one before did not, the learner's
/// own `docker stop` and the like left out.
pub fn since_last(timeline: &Timeline) -> Vec<Lost> {
    let mut snapshots = timeline.snapshots.iter().rev();
    let (Some(new), Some(old)) = (snapshots.next(), snapshots.next()) else {
        return Vec::new();
    };
    if !old.up || !new.up {
        return Vec::new();
    }
    let own = |name: &str| {
        let recent = timeline.commands.iter().rev();
        recent
            .take_while(|command| command.at + SILENT_FOR >= old.at)
            .any(|command| is_own(command, name))
    };
    let mut lost = Vec::new();
    for (name, container) in &new.containers {
        let Some(before) = old.containers.get(name) else {
            continue;
        };
        if own(name) {
            continue;
        }
        let ran = before.state == ContainerState::Running;
        if ran && container.state != ContainerState::Running {
            lost.push(Lost::Container {
                name: name.clone(),
                state: container.state,
            });
        } else if falls_silent(timeline, name, old, new) {
            lost.push(Lost::Engine { name: name.clone() });
        }
    }
    lost
}

/// Whether the silence of a node's engine became too long with this very look.
fn falls_silent(timeline: &Timeline, name: &str, old: &Snapshot, new: &Snapshot) -> bool {
    let silent = |container: Option<&Container>| {
        container.is_some_and(|container| {
            container.is_node
                && container.state == ContainerState::Running
                && container.engine.is_none()
        })
    };
    if !silent(new.containers.get(name)) {
        return false;
    }
    let answered = timeline
        .snapshots
        .iter()
        .rev()
        .find(|snapshot| !silent(snapshot.containers.get(name)));
    let Some(answered) = answered.filter(|snapshot| snapshot.engine(name).is_some()) else {
        return false;
    };
    let too_long = |at: Duration| at.saturating_sub(answered.at) > SILENT_FOR;
    too_long(new.at) && !too_long(old.at)
}

/// Whether a command was the learner's own doing to that container.
fn is_own(command: &CommandRecord, name: &str) -> bool {
    if command.node.is_some() {
        return false;
    }
    let words: Vec<&str> = command.argv.iter().map(String::as_str).collect();
    let lifecycle = [
        "stop",
        "kill",
        "pause",
        "restart",
        "down",
        "up",
        "rm",
        "disconnect",
    ];
    match words.as_slice() {
        ["docker", "compose", verb, rest @ ..] => {
            lifecycle.contains(verb) && (rest.is_empty() || rest.contains(&name) || rest == ["-d"])
        }
        ["docker", "network", verb, rest @ ..] | ["docker", verb, rest @ ..] => {
            lifecycle.contains(verb) && rest.contains(&name)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::model::Engine;

    fn snapshot(at: u64, state: ContainerState, answers: bool) -> Arc<Snapshot> {
        let container = Container {
            state,
            is_node: true,
            engine: answers.then(Engine::default),
            ..Container::default()
        };
        Arc::new(Snapshot {
            at: Duration::from_secs(at),
            up: true,
            containers: [("worker02".to_owned(), container)].into(),
            ..Snapshot::default()
        })
    }

    fn timeline(snapshots: &[(u64, ContainerState, bool)]) -> Timeline {
        let mut timeline = Timeline::default();
        for (at, state, answers) in snapshots {
            timeline.push(snapshot(*at, *state, *answers));
        }
        timeline
    }

    #[test]
    fn a_killed_container_is_told_once() {
        use ContainerState::{Exited, Running};
        let mut story = timeline(&[(1, Running, true), (2, Exited(137), false)]);
        let lost = Lost::Container {
            name: "worker02".into(),
            state: Exited(137),
        };
        assert_eq!(since_last(&story), [lost]);
        story.push(snapshot(4, Exited(137), false));
        assert_eq!(since_last(&story), []);
    }

    #[test]
    fn what_the_learner_did_is_not_news() {
        use ContainerState::{Exited, Running};
        let mut story = timeline(&[(1, Running, true), (2, Exited(0), false)]);
        story.commands.push(CommandRecord {
            at: Duration::from_secs(2),
            node: None,
            argv: ["docker", "stop", "worker02"].map(str::to_owned).to_vec(),
            exit: 0,
        });
        assert_eq!(since_last(&story), []);
    }

    #[test]
    fn an_engine_is_silent_after_a_while_and_told_once() {
        use ContainerState::Running;
        let mut story = timeline(&[(1, Running, true), (3, Running, false)]);
        assert_eq!(since_last(&story), []);
        story.push(snapshot(5, Running, false));
        assert_eq!(since_last(&story), []);
        story.push(snapshot(7, Running, false));
        let lost = Lost::Engine {
            name: "worker02".into(),
        };
        assert_eq!(since_last(&story), [lost]);
        story.push(snapshot(9, Running, false));
        assert_eq!(since_last(&story), []);
    }
}
