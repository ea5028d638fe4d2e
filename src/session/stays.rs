//! What of a lab can stay on the way to a step: the nodes that are as its entry
//! wants them, or have not been anything yet. Whatever can't be told apart does
//! not stay; clean engines are the exact way.

use std::collections::BTreeSet;

use super::forecast::Forecast;
use super::{Place, Session, entry};
use crate::model::fault::{Fault, faults};
use crate::model::{ContainerState, LocalSwarm, Node, Snapshot, Swarm};

/// What has to be done to the nodes of a lab that stays.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Stays {
    /// These get clean engines.
    pub anew: BTreeSet<String>,
    /// These come into the swarm, or make it.
    pub joining: BTreeSet<String>,
}

impl Session {
    /// What stays of the lab as it is now on the way to the entry of `to`; none:
    /// all of it has to be made anew.
    pub(super) fn stays(&self, to: Place, wanted: &Forecast) -> Option<Stays> {
        let course = self.course();
        let now = self.timeline.last().filter(|now| now.up)?;
        let lab = |place| entry::lab_of(course, place).map(|lesson| &lesson.id);
        if !wanted.plain || lab(self.place) != lab(to) || !is_of_shape(now, self.shape().all()) {
            return None;
        }
        let mut anew = self.files.spoilt.clone();
        for fault in faults(now) {
            match fault {
                // Who of the two drops the packets is not known.
                Fault::Cut { .. } | Fault::NoNetwork | Fault::NoLeader => return None,
                other => anew.extend(other.nodes().into_iter().map(str::to_owned)),
            }
        }
        let nodes = || {
            let containers = now.containers.iter();
            containers.filter(|(_, container)| container.is_node)
        };
        if anew
            .iter()
            .any(|name| nodes().all(|(node, _)| node != name))
        {
            return None;
        }
        let members = match &now.swarm {
            Some(swarm) => members_that_stay(now, swarm, wanted, &anew)?,
            None => BTreeSet::new(),
        };
        for (name, container) in nodes() {
            let fresh = container
                .engine
                .as_ref()
                .is_some_and(|engine| engine.swarm == LocalSwarm::Inactive && engine.never_joined);
            if !fresh && !members.contains(name) {
                anew.insert(name.clone());
            }
        }
        let joining = wanted.members.keys();
        let joining = joining.filter(|name| !members.contains(*name));
        let joining = joining.cloned().collect();
        // Where none stays, the whole lab is as quickly made.
        (anew.len() < nodes().count()).then_some(Stays { anew, joining })
    }
}

/// Those whose place in the swarm is the one that is wanted. None of them: the
/// swarm goes with its nodes. No answer: it can't be made what is wanted.
fn members_that_stay(
    now: &Snapshot,
    swarm: &Swarm,
    wanted: &Forecast,
    anew: &BTreeSet<String>,
) -> Option<BTreeSet<String>> {
    let stays = |row: &&Node| {
        let own = now
            .engine(&row.hostname)
            .and_then(|engine| engine.node_id.as_ref());
        row.state == "ready"
            && wanted.members.get(&row.hostname) == Some(&row.manager)
            && !anew.contains(&row.hostname)
            && own == Some(&row.id)
    };
    let (kept, others): (Vec<&Node>, Vec<&Node>) = swarm.nodes.iter().partition(stays);
    if !kept.iter().any(|row| row.manager) || swarm.set_otherwise {
        return Some(BTreeSet::new());
    }
    // A manager is not simply replaced: the others have to agree.
    if others.iter().any(|row| row.manager) {
        return None;
    }
    Some(kept.into_iter().map(|row| row.hostname.clone()).collect())
}

/// There are the containers that the compose file has and no others, and what
/// is no node runs.
fn is_of_shape<'n>(now: &Snapshot, mut names: impl Iterator<Item = &'n String>) -> bool {
    let count = now.containers.len();
    let mut seen = 0;
    names.all(|name| {
        seen += 1;
        now.containers.get(name).is_some_and(|container| {
            container.is_node || container.state == ContainerState::Running
        })
    }) && seen == count
}
