//! Judges one check on a timeline: which snapshot counts, for how long it must
//! hold, and what may be called a wrong turn. What each kind wants is judged
//! by its own module beside this one.

use std::time::Duration;

use crate::model::timeline::KEPT;
use crate::model::{Compose, ContainerState, LocalSwarm, Snapshot, Swarm, Timeline};

use super::{Cause, Check, Fault, Gap, Kind, Verdict, lab, nodes, ran, requests, service, things};

/// The lab's containers by compose service, in the order of the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LabShape {
    /// Those that run an engine. The first is where the swarm is expected.
    pub nodes: Vec<String>,
    /// The others, e.g. `registry`.
    pub others: Vec<String>,
}

impl LabShape {
    /// The shape of a compose file.
    pub fn of(compose: &Compose) -> LabShape {
        let (nodes, others): (Vec<_>, Vec<_>) = compose
            .services
            .iter()
            .partition(|service| service.is_node());
        let names = |services: Vec<&crate::model::ComposeService>| {
            services
                .iter()
                .map(|service| service.name.clone())
                .collect()
        };
        LabShape {
            nodes: names(nodes),
            others: names(others),
        }
    }

    /// Nodes and others.
    pub fn all(&self) -> impl Iterator<Item = &String> {
        self.nodes.iter().chain(&self.others)
    }
}

/// Judges one check on what has been seen since the step's entry.
///
/// `stable_for` is measured on the snapshots: the check must hold in each of
/// them, without a break, from the newest back for that long. `ran`, `http`
/// and `probe` are events, which can't stop being true; it does not apply.
pub fn judge(check: &Check, timeline: &Timeline, lab: &LabShape) -> Verdict {
    if let Kind::Ran { words, node } = &check.kind {
        return ran::judge(words, node.as_deref(), timeline).into_verdict();
    }
    let Some(now) = timeline.last() else {
        return Verdict::NotYet(vec![Gap::NothingSeen]);
    };
    let findings = look(&check.kind, now, timeline, lab);
    if !findings.clear() || matches!(check.kind, Kind::Http { .. } | Kind::Probe { .. }) {
        return findings.into_verdict();
    }
    let held = held_for(&check.kind, timeline, lab, check.stable_for);
    if held < check.stable_for {
        return Verdict::NotYet(vec![Gap::NotStable {
            held,
            want: check.stable_for,
        }]);
    }
    Verdict::Met
}

/// Judges all checks of a step, in their order.
pub fn judge_all(checks: &[Check], timeline: &Timeline, lab: &LabShape) -> Vec<Verdict> {
    checks
        .iter()
        .map(|check| judge(check, timeline, lab))
        .collect()
}

/// How long the check has held, counted back from the newest snapshot; at
/// most a little over `want`.
fn held_for(kind: &Kind, timeline: &Timeline, lab: &LabShape, want: Duration) -> Duration {
    let Some(newest) = timeline.last() else {
        return Duration::ZERO;
    };
    let mut held = Duration::ZERO;
    for snapshot in timeline.snapshots.iter().rev() {
        if held >= want {
            return held;
        }
        if !look(kind, snapshot, timeline, lab).clear() {
            return held;
        }
        held = newest.at.saturating_sub(snapshot.at);
    }
    // Held in everything that a full timeline remembers: more can't be asked.
    if timeline.snapshots.len() >= KEPT {
        held.max(want)
    } else {
        held
    }
}

/// What one snapshot lacks of what a check wants.
fn look(kind: &Kind, now: &Snapshot, timeline: &Timeline, lab: &LabShape) -> Findings {
    let look = Look { now, timeline, lab };
    match kind {
        Kind::LabRunning { nodes } => lab::running(&look, nodes),
        Kind::LabDown => lab::down(&look),
        Kind::Nodes {
            want,
            ready,
            managers,
            workers,
        } => nodes::all(&look, want, *ready, *managers, workers),
        Kind::Node {
            name,
            exists,
            manager,
            availability,
            state,
            labels,
        } => nodes::one(
            &look,
            name,
            *exists,
            &nodes::Want {
                manager: *manager,
                availability: availability.as_deref(),
                state: state.as_deref(),
                labels,
            },
        ),
        Kind::Service(want) => service::judge(&look, want),
        Kind::Image { reference, on } => lab::image(&look, reference, on),
        Kind::Registry { reference, exists } => lab::registry(&look, reference, *exists),
        Kind::Stack {
            name,
            exists,
            services,
        } => things::stack(&look, name, *exists, *services),
        Kind::Network { name, exists } => things::named(&look, "network", name, *exists),
        Kind::Secret { name, exists } => things::named(&look, "secret", name, *exists),
        Kind::Config { name, exists } => things::named(&look, "config", name, *exists),
        Kind::Http {
            url,
            status,
            contains,
            via,
        } => requests::http(&look, url, *status, contains.as_deref(), *via),
        Kind::Probe {
            service,
            lost,
            during_update,
        } => requests::probe(&look, service, *lost, *during_update),
        Kind::Ran { words, node } => ran::judge(words, node.as_deref(), timeline),
    }
}

/// What was found wrong. Nothing: the check is met.
#[derive(Clone, Debug, Default)]
pub(super) struct Findings {
    pub gaps: Vec<Gap>,
    pub faults: Vec<Fault>,
    pub cause: Option<Cause>,
}

impl Findings {
    pub fn gap(gap: Gap) -> Findings {
        Findings {
            gaps: vec![gap],
            ..Findings::default()
        }
    }

    pub fn faults(faults: Vec<Fault>) -> Findings {
        Findings {
            faults,
            ..Findings::default()
        }
    }

    pub fn not_measured(cause: Cause) -> Findings {
        Findings {
            cause: Some(cause),
            ..Findings::default()
        }
    }

    pub fn clear(&self) -> bool {
        self.gaps.is_empty() && self.faults.is_empty() && self.cause.is_none()
    }

    /// A fault outweighs the gaps: waiting for them would be in vain.
    fn into_verdict(self) -> Verdict {
        if let Some(cause) = self.cause {
            Verdict::NotMeasured(cause)
        } else if !self.faults.is_empty() {
            Verdict::Broken(self.faults)
        } else if !self.gaps.is_empty() {
            Verdict::NotYet(self.gaps)
        } else {
            Verdict::Met
        }
    }
}

/// One snapshot, with what came before it and the lab's shape.
pub(super) struct Look<'a> {
    pub now: &'a Snapshot,
    pub timeline: &'a Timeline,
    pub lab: &'a LabShape,
}

/// The swarm as far as it can be told.
pub(super) enum Seen<'a> {
    /// A manager answered.
    Swarm(&'a Swarm),
    /// Every engine answered, and none is part of a swarm.
    None,
    /// It can't be told, and this is why.
    Unknown(Findings),
}

impl<'a> Look<'a> {
    /// Whether the step began like this. A wrong turn is one that was taken
    /// since; what a step finds is what it is there to change. After a single
    /// look that can't be told, and is taken for a wrong turn.
    pub fn so_at_entry(&self, was: impl Fn(&Snapshot) -> bool) -> bool {
        let entry = self
            .timeline
            .entry
            .as_deref()
            .or_else(|| self.timeline.snapshots.front().map(AsRef::as_ref));
        entry.is_some_and(|entry| entry.at < self.now.at && was(entry))
    }

    /// The swarm, or why it can't be looked at.
    pub fn swarm(&self) -> Seen<'a> {
        if !self.now.up {
            return Seen::Unknown(Findings::gap(Gap::LabNotUp));
        }
        if let Some(swarm) = &self.now.swarm {
            // It takes a leader some seconds to notice that it is one no more.
            let managers = swarm.nodes.iter().filter(|node| node.has_a_voice());
            let names = managers.map(|node| node.hostname.as_str());
            return match self.now.most_have_left(names) {
                true => {
                    let stopped = Vec::new();
                    Seen::Unknown(Findings::faults(vec![Fault::NoQuorum { stopped }]))
                }
                false => Seen::Swarm(swarm),
            };
        }
        let member = |state: LocalSwarm| {
            self.lab.nodes.iter().filter(move |node| {
                self.now
                    .engine(node)
                    .is_some_and(|engine| engine.swarm == state)
            })
        };
        let locked: Vec<_> = member(LocalSwarm::Locked)
            .map(|node| Fault::Locked { node: node.clone() })
            .collect();
        if !locked.is_empty() {
            return Seen::Unknown(Findings::faults(locked));
        }
        let stopped: Vec<_> = self
            .lab
            .nodes
            .iter()
            .map(|node| (node.clone(), self.container(node)))
            .filter(|(_, state)| stopped(*state))
            .collect();
        let manager = member(LocalSwarm::Active)
            .any(|node| self.now.engine(node).is_some_and(|engine| engine.manager));
        let worker = member(LocalSwarm::Active).next().is_some();
        if manager {
            let known = self.last_managers();
            let stopped: Vec<_> = stopped
                .into_iter()
                .filter(|(node, _)| known.as_ref().is_none_or(|known| known.contains(node)))
                .collect();
            let lost = known.is_some_and(|known| {
                let names = known.iter().map(String::as_str);
                self.now.most_have_left(names)
            });
            let choosing = stopped.is_empty() && !lost && !self.without_leader_for_long();
            return Seen::Unknown(match choosing {
                true => Findings::gap(Gap::NoLeader),
                false => Findings::faults(vec![Fault::NoQuorum { stopped }]),
            });
        }
        let in_error: Vec<_> = member(LocalSwarm::Error)
            .map(|node| Fault::SwarmError { node: node.clone() })
            .collect();
        if !in_error.is_empty() {
            return Seen::Unknown(Findings::faults(in_error));
        }

        let silent: Vec<_> = self
            .lab
            .nodes
            .iter()
            .filter(|node| self.now.engine(node).is_none())
            .collect();
        if silent.is_empty() {
            return if worker {
                Seen::Unknown(Findings::gap(Gap::SwarmGone))
            } else {
                Seen::None
            };
        }
        if !stopped.is_empty() {
            let ended = stopped
                .into_iter()
                .map(|(name, state)| Fault::ContainerEnded { name, state })
                .collect();
            return Seen::Unknown(Findings::faults(ended));
        }
        Seen::Unknown(Findings {
            gaps: silent
                .into_iter()
                .map(|node| match self.container(node) {
                    ContainerState::Running => Gap::EngineSilent { node: node.clone() },
                    state => Gap::ContainerNot {
                        name: node.clone(),
                        state,
                    },
                })
                .collect(),
            ..Findings::default()
        })
    }

    /// The managers, as they were when the swarm was last seen.
    /// Managers answer and no leader has been found for so long that none will be:
    /// a manager has left, and those that stayed are no majority.
    fn without_leader_for_long(&self) -> bool {
        const AN_ELECTION_TAKES: std::time::Duration = std::time::Duration::from_secs(15);
        let snapshots = self.timeline.snapshots.iter().rev();
        let without = snapshots.take_while(|snapshot| {
            snapshot.swarm.is_none()
                && snapshot.containers.values().any(|container| {
                    let engine = container.engine.as_ref();
                    engine.is_some_and(|engine| engine.manager)
                })
        });
        let first = without.last();
        first.is_some_and(|first| self.now.at.saturating_sub(first.at) > AN_ELECTION_TAKES)
    }

    fn last_managers(&self) -> Option<Vec<String>> {
        let swarm = self
            .timeline
            .snapshots
            .iter()
            .rev()
            .chain(&self.timeline.entry)
            .find_map(|snapshot| snapshot.swarm.as_ref())?;
        let managers = swarm.nodes.iter().filter(|node| node.manager);
        Some(managers.map(|node| node.hostname.clone()).collect())
    }

    /// The swarm; without one, the findings that say so.
    pub fn swarm_or(&self) -> Result<&'a Swarm, Findings> {
        match self.swarm() {
            Seen::Swarm(swarm) => Ok(swarm),
            Seen::None => Err(Findings::gap(Gap::NoSwarm)),
            Seen::Unknown(findings) => Err(findings),
        }
    }

    /// What the outer engine says of a container.
    pub fn container(&self, name: &str) -> ContainerState {
        self.now
            .containers
            .get(name)
            .map(|container| container.state)
            .unwrap_or_default()
    }
}

/// Ended or paused: only a command brings it back.
pub(super) fn stopped(state: ContainerState) -> bool {
    matches!(state, ContainerState::Exited(_) | ContainerState::Paused)
}

/// A name out of `names` that is so near to `wanted` that it may be a slip of the pen.
pub(super) fn similar<'a>(
    wanted: &str,
    names: impl IntoIterator<Item = &'a str>,
) -> Option<String> {
    names
        .into_iter()
        .map(|name| (strsim::normalized_damerau_levenshtein(wanted, name), name))
        .filter(|(likeness, name)| *likeness >= 0.6 && *name != wanted)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, name)| name.to_owned())
}

#[cfg(test)]
mod tests;
