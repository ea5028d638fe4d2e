//! Judges the nodes of the swarm: who joined, as what, and how they are.
//!
//! Nodes are told apart by hostname. A node that left and came back has two
//! rows; the one that is ready counts, and the other is named as a ghost.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{ContainerState, LocalSwarm, Node, Snapshot, Swarm};

use super::judge::{Findings, Look, Seen, stopped};
use super::{CountOrNames, Fault, Gap};

/// What `node:` wants of a node that exists.
pub(super) struct Want<'a> {
    pub manager: Option<bool>,
    pub availability: Option<&'a str>,
    pub state: Option<&'a str>,
    pub labels: &'a BTreeMap<String, String>,
}

/// `nodes: N` or a list of names.
pub(super) fn all(
    look: &Look,
    want: &CountOrNames,
    ready: bool,
    managers: Option<usize>,
    workers: &[String],
) -> Findings {
    let swarm = match look.swarm_or() {
        Ok(swarm) => swarm,
        Err(findings) => return findings,
    };
    let mut findings = Findings::default();
    let (members, gone) = members(look, swarm);

    // Who is expected, where that can be told by name.
    let mut expected: Vec<&String> = match want {
        CountOrNames::Names(names) => names.iter().collect(),
        CountOrNames::Count(count) if *count == look.lab.nodes.len() => {
            look.lab.nodes.iter().collect()
        }
        CountOrNames::Count(_) => Vec::new(),
    };
    expected.extend(
        workers
            .iter()
            .filter(|name| !expected.contains(name))
            .collect::<Vec<_>>(),
    );

    let missing: Vec<&String> = expected
        .iter()
        .filter(|name| !members.contains_key(name.as_str()))
        .copied()
        .collect();
    not_joined(look, swarm, &missing, &mut findings);
    match want {
        CountOrNames::Count(count) if members.len() != *count && missing.is_empty() => {
            findings.gaps.push(Gap::NodeCount {
                have: members.len(),
                want: *count,
            });
            // A node that went astray may be the one that is missing.
            let strays = look
                .lab
                .nodes
                .iter()
                .filter_map(|node| astray(look, swarm, node));
            findings.faults.extend(strays);
        }
        CountOrNames::Names(names) => {
            for row in members.values() {
                if !names.contains(&row.hostname) {
                    findings.gaps.push(Gap::NodeStillThere {
                        node: row.hostname.clone(),
                        state: row.state.clone(),
                    });
                }
            }
        }
        CountOrNames::Count(_) => {}
    }

    if ready {
        for row in members.values().filter(|row| row.state != "ready") {
            state(look, row, "ready", &mut findings);
        }
    }
    roles(look, swarm, &members, managers, workers, &mut findings);

    if findings.clear() && !gone.is_empty() {
        findings.faults.push(Fault::GhostRows {
            rows: gone
                .iter()
                .map(|row| (row.hostname.clone(), row.id.clone()))
                .collect(),
            manager: a_manager(swarm, None),
        });
    }
    findings
}

/// `node: NAME`.
pub(super) fn one(look: &Look, name: &str, exists: bool, want: &Want) -> Findings {
    let swarm = match look.swarm() {
        Seen::Swarm(swarm) => swarm,
        Seen::None if !exists => return Findings::default(),
        Seen::None => return Findings::gap(Gap::NoSwarm),
        Seen::Unknown(findings) => return findings,
    };
    let row = best(swarm, name);
    if !exists {
        return match row {
            None => Findings::default(),
            Some(row) => Findings::gap(Gap::NodeStillThere {
                node: name.to_owned(),
                state: row.state.clone(),
            }),
        };
    }
    let mut findings = Findings::default();
    let row = match row {
        Some(row) if want.state == Some("down") || !left(look, row) => row,
        _ => {
            if want.manager == Some(true)
                && let Some(at) = made_elsewhere(swarm, name)
            {
                findings.faults.push(Fault::SwarmElsewhere {
                    node: name.to_owned(),
                    at,
                });
            } else {
                not_joined(look, swarm, &[&name.to_owned()], &mut findings);
            }
            return findings;
        }
    };
    match want.manager {
        Some(false) if row.manager => joined_as_manager(look, swarm, row, &mut findings),
        Some(true) if !row.manager => findings.gaps.push(Gap::Role {
            node: name.to_owned(),
            is_manager: false,
        }),
        _ => {}
    }
    if let Some(availability) = want.availability
        && row.availability != availability
    {
        findings.gaps.push(Gap::Availability {
            node: name.to_owned(),
            have: row.availability.clone(),
            want: availability.to_owned(),
        });
    }
    if let Some(wanted) = want.state
        && row.state != wanted
    {
        state(look, row, wanted, &mut findings);
    }
    for (key, value) in want.labels {
        let have = row.labels.get(key);
        if have != Some(value) {
            findings.gaps.push(Gap::NodeLabel {
                node: name.to_owned(),
                key: key.clone(),
                have: have.cloned(),
                want: value.clone(),
            });
        }
    }
    if want.manager == Some(true) && findings.clear() {
        // The one swarm of the lab, or somebody has founded another.
        let others = look.lab.nodes.iter();
        let strays = others.filter_map(|other| astray(look, swarm, other));
        let founders = strays.filter(|stray| matches!(stray, Fault::OwnSwarm { .. }));
        findings.faults.extend(founders);
    }
    findings
}

/// The row of a hostname that counts: the ready one, else the last.
pub(super) fn best<'a>(swarm: &'a Swarm, hostname: &str) -> Option<&'a Node> {
    let mut rows = swarm.nodes.iter().filter(|row| row.hostname == hostname);
    let first = rows.next()?;
    Some(rows.fold(first, |best, row| {
        let better = match (best.state.as_str(), row.state.as_str()) {
            ("ready", _) => false,
            (_, "ready") => true,
            (_, state) => state != "down" || best.state == "down",
        };
        if better { row } else { best }
    }))
}

/// A manager to give commands to, other than `except` where there is one: the
/// leader, else one that is ready, else the one that was asked.
pub(super) fn a_manager(swarm: &Swarm, except: Option<&str>) -> String {
    let others = || {
        swarm
            .nodes
            .iter()
            .filter(|row| row.manager && Some(row.hostname.as_str()) != except)
    };
    others()
        .find(|row| row.leader)
        .or_else(|| others().find(|row| row.state == "ready"))
        .map_or_else(|| swarm.seen_from.clone(), |row| row.hostname.clone())
}

/// The members by hostname, and the rows that are ghosts: second rows of a
/// hostname, and rows of nodes that the lab does not have.
fn members<'a>(look: &Look, swarm: &'a Swarm) -> (BTreeMap<&'a str, &'a Node>, Vec<&'a Node>) {
    let hostnames: BTreeSet<&str> = swarm
        .nodes
        .iter()
        .map(|row| row.hostname.as_str())
        .collect();
    let mut members = BTreeMap::new();
    for hostname in hostnames {
        let in_lab = look.lab.nodes.iter().any(|node| node == hostname);
        if let Some(row) = best(swarm, hostname)
            && !left(look, row)
            && (in_lab || row.state != "down")
        {
            members.insert(hostname, row);
        }
    }
    let ghosts = swarm
        .nodes
        .iter()
        .filter(|row| {
            let member = members.get(row.hostname.as_str());
            member.is_none_or(|member| member.id != row.id)
        })
        .collect();
    (members, ghosts)
}

/// Whether this row is what is left of a node whose engine is no longer part of this swarm.
fn left(look: &Look, row: &Node) -> bool {
    row.state == "down"
        && look
            .now
            .engine(&row.hostname)
            .is_some_and(|engine| match engine.swarm {
                LocalSwarm::Inactive | LocalSwarm::Pending => true,
                LocalSwarm::Active => engine.node_id.as_ref().is_some_and(|id| *id != row.id),
                LocalSwarm::Locked | LocalSwarm::Error => false,
            })
}

/// Says why nodes are missing: each that went astray, is stopped, or is still
/// joining for itself, the rest in one gap.
fn not_joined(look: &Look, swarm: &Swarm, missing: &[&String], findings: &mut Findings) {
    let mut waiting = Vec::new();
    for &node in missing {
        let engine = look.now.engine(node);
        let state = look.container(node);
        if let Some(fault) = astray(look, swarm, node) {
            findings.faults.push(fault);
        } else if stopped(state) {
            findings.faults.push(Fault::ContainerEnded {
                name: node.clone(),
                state,
            });
        } else {
            match engine.map(|engine| engine.swarm) {
                Some(LocalSwarm::Pending) => {
                    findings.gaps.push(Gap::Joining { node: node.clone() });
                }
                Some(LocalSwarm::Error) => {
                    findings
                        .faults
                        .push(Fault::SwarmError { node: node.clone() });
                }
                Some(LocalSwarm::Locked) => {
                    findings.faults.push(Fault::Locked { node: node.clone() });
                }
                Some(LocalSwarm::Inactive | LocalSwarm::Active) | None => {
                    waiting.push(node.clone());
                }
            }
        }
    }
    if !waiting.is_empty() {
        findings.gaps.push(Gap::NotJoined { nodes: waiting });
    }
}

/// Whether a node is part of a swarm that is not this one. An engine and the
/// rows are asked one after the other, so a node that joins in between looks
/// astray for one look: the look before must agree.
fn astray(look: &Look, swarm: &Swarm, node: &str) -> Option<Fault> {
    let outside = |snapshot: &Snapshot, swarm: &Swarm| {
        let engine = snapshot.engine(node)?;
        let id = engine.node_id.as_ref()?;
        let outside = engine.swarm == LocalSwarm::Active
            && swarm.nodes.iter().all(|row| row.id != *id)
            && best(swarm, node).is_none_or(|row| row.state != "ready");
        outside.then_some(engine.manager)
    };
    let manager = outside(look.now, swarm)?;
    let before = look
        .timeline
        .snapshots
        .iter()
        .rev()
        .find(|snapshot| snapshot.at < look.now.at);
    if let Some(before) = before
        && let Some(swarm) = &before.swarm
    {
        outside(before, swarm)?;
    }
    let node = node.to_owned();
    Some(if manager {
        Fault::OwnSwarm { node }
    } else {
        Fault::OtherSwarm { node }
    })
}

/// The node the swarm was made on, if it is the only one in it and another than `name`.
fn made_elsewhere(swarm: &Swarm, name: &str) -> Option<String> {
    let mut hostnames = swarm.nodes.iter().map(|row| row.hostname.as_str());
    let first = hostnames.next()?;
    let alone = hostnames.all(|hostname| hostname == first);
    (alone && first != name).then(|| first.to_owned())
}

/// Judges `managers` and `workers`.
fn roles(
    look: &Look,
    swarm: &Swarm,
    members: &BTreeMap<&str, &Node>,
    managers: Option<usize>,
    workers: &[String],
    findings: &mut Findings,
) {
    let mut named: BTreeSet<&str> = BTreeSet::new();
    for name in workers {
        if let Some(row) = members.get(name.as_str())
            && row.manager
        {
            named.insert(name);
            let intended = look.lab.nodes.iter().find(|node| !workers.contains(node));
            match intended {
                Some(node) if made_elsewhere(swarm, node).is_some() => {
                    findings.faults.push(Fault::SwarmElsewhere {
                        node: node.clone(),
                        at: name.clone(),
                    });
                }
                _ => joined_as_manager(look, swarm, row, findings),
            }
        }
    }
    let Some(want) = managers else {
        return;
    };
    let have = members.values().filter(|row| row.manager).count();
    if have < want {
        findings.gaps.push(Gap::ManagerCount { have, want });
    } else if have - named.len() > want {
        // In the lab's order the first are the ones meant to be managers.
        let in_order = look
            .lab
            .nodes
            .iter()
            .filter_map(|node| members.get(node.as_str()))
            .filter(|row| row.manager && !named.contains(row.hostname.as_str()));
        let before = findings.faults.len() + findings.gaps.len();
        for row in in_order.skip(want) {
            joined_as_manager(look, swarm, row, findings);
        }
        if findings.faults.len() + findings.gaps.len() == before {
            findings.gaps.push(Gap::ManagerCount { have, want });
        }
    }
}

/// A manager that should be a worker: a wrong turn, unless the step began so.
fn joined_as_manager(look: &Look, swarm: &Swarm, row: &Node, findings: &mut Findings) {
    let was_so = look.so_at_entry(|entry| {
        entry
            .swarm
            .as_ref()
            .and_then(|swarm| best(swarm, &row.hostname))
            .is_some_and(|old| old.manager)
    });
    if was_so {
        findings.gaps.push(Gap::Role {
            node: row.hostname.clone(),
            is_manager: true,
        });
    } else {
        findings.faults.push(Fault::JoinedAsManager {
            node: row.hostname.clone(),
            manager: a_manager(swarm, Some(&row.hostname)),
        });
    }
}

/// A member in another state than wanted. One that is down comes back by
/// itself only while its container runs.
fn state(look: &Look, row: &Node, want: &str, findings: &mut Findings) {
    let container = look.container(&row.hostname);
    let known = look.now.containers.contains_key(&row.hostname);
    let lost = row.state == "down"
        && want == "ready"
        && known
        && !(container == ContainerState::Running && look.now.engine(&row.hostname).is_some());
    let was_so = lost
        && look.so_at_entry(|entry| {
            entry
                .swarm
                .as_ref()
                .and_then(|swarm| best(swarm, &row.hostname))
                .is_some_and(|old| old.state == "down")
        });
    if lost && !was_so {
        findings.faults.push(Fault::NodeDown {
            node: row.hostname.clone(),
            state: container,
        });
    } else {
        findings.gaps.push(Gap::NodeState {
            node: row.hostname.clone(),
            have: row.state.clone(),
            want: want.to_owned(),
        });
    }
}
