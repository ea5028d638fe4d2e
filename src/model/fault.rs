//! What can be wrong with a lab, whoever did it: found in one snapshot, by name,
//! each thing once and under its nearest cause.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;
use std::time::Duration;

use super::snapshot::{Container, ContainerState, LocalSwarm, Reachability, Snapshot, TaskState};

/// Less than this free where Docker keeps its data is short: an image or a
/// raft log more, and engines fail.
pub const DISK_SHORT: u64 = 300_000_000;

/// Less than this left for programs is short: the next task may be killed.
pub const MEMORY_SHORT: u64 = 200_000_000;

/// Swarm renews a certificate before half of its 90 days are left, as long as
/// the node runs; one that ends so soon belongs to a node that can't renew.
const EXPIRES_SOON: i64 = 3 * 24 * 3600;

/// Something that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// The lab's network is not there.
    NoNetwork,
    /// The container is not there.
    Removed {
        /// The compose service.
        node: String,
        /// No manager is left, and the others were in a swarm.
        last_manager: bool,
    },
    /// The container does not run.
    Stopped {
        /// The compose service.
        node: String,
        /// Its exit code, if it ever ran.
        code: Option<i64>,
    },
    /// The container is paused.
    Paused {
        /// The compose service.
        node: String,
    },
    /// The container is on no network of the lab.
    OffNetwork {
        /// The compose service.
        node: String,
    },
    /// The container has another address than the lab gave it.
    Moved {
        /// The compose service.
        node: String,
        /// The lab's.
        from: Ipv4Addr,
        /// The one it has.
        to: Ipv4Addr,
    },
    /// The engine does not answer, and its container runs.
    Silent {
        /// The node.
        node: String,
    },
    /// None of the other nodes hears it.
    CutOff {
        /// The node.
        node: String,
    },
    /// Two nodes do not hear each other.
    Cut {
        /// One of them.
        one: String,
        /// The other one.
        other: String,
    },
    /// Its certificate has expired: the swarm does not let it in.
    Expired {
        /// The node.
        node: String,
    },
    /// Its certificate expires soon and was not renewed.
    Expiring {
        /// The node.
        node: String,
        /// Whole hours left.
        hours: i64,
    },
    /// Its engine is in no swarm, and the swarm still has its row.
    Outside {
        /// The node.
        node: String,
    },
    /// Its engine answers, and the swarm says it is not there.
    Down {
        /// The node.
        node: String,
    },
    /// Managers run and have no leader: too few of them are left.
    NoLeader,
    /// Nodes are in a swarm that none of the lab's nodes manages any more.
    NoManager,
    /// An engine in a node finds no space to write.
    NoSpace {
        /// The node.
        node: String,
    },
    /// Little space where Docker keeps its data.
    DiskShort {
        /// Bytes free.
        free: u64,
    },
    /// Little memory on the host.
    MemoryShort {
        /// Bytes free.
        free: u64,
    },
    /// The clock went on, or back, by more than the time that has passed.
    ClockJumped {
        /// Seconds; negative: back.
        by: i64,
    },
}

impl Fault {
    /// The containers it is about.
    pub fn nodes(&self) -> Vec<&str> {
        match self {
            Fault::Removed { node, .. }
            | Fault::Stopped { node, .. }
            | Fault::Paused { node }
            | Fault::OffNetwork { node }
            | Fault::Moved { node, .. }
            | Fault::Silent { node }
            | Fault::CutOff { node }
            | Fault::Expired { node }
            | Fault::Expiring { node, .. }
            | Fault::Outside { node }
            | Fault::Down { node }
            | Fault::NoSpace { node } => vec![node],
            Fault::Cut { one, other } => vec![one, other],
            Fault::NoNetwork
            | Fault::NoLeader
            | Fault::NoManager
            | Fault::DiskShort { .. }
            | Fault::MemoryShort { .. }
            | Fault::ClockJumped { .. } => Vec::new(),
        }
    }

    /// Whether both tell of the same kind of thing.
    pub fn same_kind(&self, other: &Fault) -> bool {
        std::mem::discriminant(self) == std::mem::discriminant(other)
    }

    /// Whether both are the same fault, whatever its figures.
    pub fn same(&self, other: &Fault) -> bool {
        self.same_kind(other) && self.nodes() == other.nodes()
    }

    /// How long it must last before it is one: an engine may miss a look on a
    /// busy machine, and Swarm takes its time to hear of a node again.
    pub fn lasts(&self) -> Duration {
        Duration::from_secs(match self {
            Fault::Silent { .. } | Fault::Down { .. } => 5,
            Fault::Outside { .. } | Fault::NoManager | Fault::MemoryShort { .. } => 4,
            Fault::NoLeader => 8,
            // One that goes with its network is not named alone.
            Fault::Stopped { code: None, .. } | Fault::OffNetwork { .. } => 2,
            _ => 0,
        })
    }
}

/// What has to be done about a fault.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mend {
    /// The lab's network is made again and the containers connected to it.
    Network,
    /// Unpaused.
    Unpause(String),
    /// Started.
    Start(String),
    /// Connected to the lab's network at its own address.
    Reconnect(String),
    /// The container is restarted, which gives it an engine and a network of
    /// its own without what was done to them.
    Restart(String),
    /// The same of one of two, and of the other where that does not help.
    RestartOneOf(String, String),
    /// A manager goes on alone with what it knows of the swarm.
    NewCluster(String),
    /// Made anew, and into the swarm again as it was, if it was in it.
    Anew(String),
}

/// What is wrong now. `ClockJumped` takes two looks and is not among it.
pub fn faults(now: &Snapshot) -> Vec<Fault> {
    if !now.up {
        return Vec::new();
    }
    let mut found = Vec::new();
    if now.network_gone {
        found.push(Fault::NoNetwork);
    }
    for (name, container) in &now.containers {
        found.extend(of_container(now, name, container));
    }
    let cuts = cuts(now);
    found.extend(cuts.iter().cloned());
    let cut: BTreeSet<&str> = cuts.iter().flat_map(Fault::nodes).collect();
    // What a manager says that nobody hears is no news of the others.
    let asked = now.swarm.as_ref().map(|swarm| swarm.seen_from.as_str());
    let alone = asked.is_some_and(|asked| {
        !now.containers.get(asked).is_some_and(fit)
            || cuts.contains(&Fault::CutOff {
                node: asked.to_owned(),
            })
    });
    for (name, container) in &now.containers {
        if fit(container) && !cut.contains(name.as_str()) {
            let fault = of_member(now, name, container);
            found.extend(fault.filter(|fault| !alone || !matches!(fault, Fault::Down { .. })));
        }
    }
    let mut nodes = now.containers.values().filter(|c| c.is_node);
    let knows_the_swarm = |c: &Container| {
        let engine = c.engine.as_ref();
        engine
            .is_some_and(|e| e.manager || e.manager_certificate && e.swarm != LocalSwarm::Inactive)
    };
    let leaderless = (now.swarm.is_none() || most_managers_left(now))
        && nodes.clone().any(knows_the_swarm)
        && nodes.all(fit)
        && !found
            .iter()
            .any(|fault| matches!(fault, Fault::Expired { .. } | Fault::NoNetwork));
    if leaderless && cuts.is_empty() {
        found.retain(|fault| !matches!(fault, Fault::Outside { .. } | Fault::Down { .. }));
        found.push(Fault::NoLeader);
    }
    let told = |fault: &Fault| matches!(fault, Fault::Removed { .. } | Fault::Expired { .. });
    if headless(now) && !found.iter().any(told) {
        found.push(Fault::NoManager);
    }
    found.extend(of_host(now));
    found
}

/// What the outer engine alone says of a container.
fn of_container(now: &Snapshot, name: &str, container: &Container) -> Option<Fault> {
    let node = name.to_owned();
    Some(match (container.state, container.address, container.home) {
        (ContainerState::Missing, ..) => Fault::Removed {
            node,
            last_manager: container.is_node && headless(now),
        },
        (ContainerState::Created, ..) => Fault::Stopped { node, code: None },
        (ContainerState::Exited(code), ..) => Fault::Stopped {
            node,
            code: Some(code),
        },
        (ContainerState::Paused, ..) => Fault::Paused { node },
        (ContainerState::Running, None, _) if now.network_gone => return None,
        (ContainerState::Running, None, _) => Fault::OffNetwork { node },
        (ContainerState::Running, Some(to), Some(from)) if from != to => {
            Fault::Moved { node, from, to }
        }
        (ContainerState::Running, ..) if container.is_node && container.engine.is_none() => {
            Fault::Silent { node }
        }
        (ContainerState::Running, ..) => return None,
    })
}

/// Nodes are in a swarm, all that are there answer, and none of them manages it.
fn headless(now: &Snapshot) -> bool {
    let mut there = now
        .containers
        .values()
        .filter(|container| container.is_node && container.state != ContainerState::Missing);
    let engines = || now.containers.values().filter_map(|c| c.engine.as_ref());
    now.swarm.is_none()
        && there.all(|container| container.engine.is_some())
        && engines().any(|engine| engine.swarm == LocalSwarm::Active)
        && !engines().any(|engine| engine.manager || engine.manager_certificate)
}

/// A leader goes on for some seconds after so many managers have left that none can
/// be chosen any more.
fn most_managers_left(now: &Snapshot) -> bool {
    let rows = now.swarm.iter().flat_map(|swarm| &swarm.nodes);
    let managers = rows.filter(|row| row.has_a_voice());
    now.most_have_left(managers.map(|row| row.hostname.as_str()))
}

/// It runs, answers, and is where it should be.
fn fit(container: &Container) -> bool {
    container.state == ContainerState::Running
        && container.engine.is_some()
        && container.address.is_some()
        && container
            .home
            .is_none_or(|home| container.address == Some(home))
}

/// Nodes that do not hear each other; one that nobody hears is named alone.
fn cuts(now: &Snapshot) -> Vec<Fault> {
    let fit = |name: &str| now.containers.get(name).is_some_and(fit);
    let mut pairs: Vec<&(String, String)> = now
        .cuts
        .iter()
        .filter(|(one, other)| fit(one) && fit(other))
        .collect();
    let all = now
        .containers
        .values()
        .filter(|c| c.is_node && self::fit(c))
        .count();
    let mut found = Vec::new();
    // With two nodes nobody can say which of them is cut off.
    let mut names: Vec<&String> = match all > 2 {
        true => now.containers.keys().collect(),
        false => Vec::new(),
    };
    loop {
        let touching = |name: &str, pairs: &[&(String, String)]| {
            pairs
                .iter()
                .filter(|(one, other)| one == name || other == name)
                .count()
        };
        let lonely = names
            .iter()
            .position(|name| touching(name, &pairs) >= all - 1);
        let Some(at) = lonely else { break };
        let node = names.swap_remove(at).clone();
        pairs.retain(|(one, other)| *one != node && *other != node);
        found.push(Fault::CutOff { node });
    }
    found.extend(pairs.into_iter().map(|(one, other)| Fault::Cut {
        one: one.clone(),
        other: other.clone(),
    }));
    found
}

/// What the swarm, and the engine itself, say of a node that is fit.
fn of_member(now: &Snapshot, name: &str, container: &Container) -> Option<Fault> {
    let engine = container.engine.as_ref()?;
    let node = name.to_owned();
    let left = match (engine.certificate_until, now.wall) {
        (Some(until), Some(wall)) => Some(until - wall),
        _ => None,
    };
    let refused = engine.swarm == LocalSwarm::Error
        && engine
            .error
            .as_ref()
            .is_some_and(|e| e.contains("certificate"));
    if refused || left.is_some_and(|left| left <= 0) {
        return Some(Fault::Expired { node });
    }
    let swarm = now.swarm.as_ref();
    let row = swarm.and_then(|swarm| swarm.node(name));
    let tasks = swarm.into_iter().flat_map(|swarm| &swarm.tasks);
    let full = tasks
        .filter(|task| task.desired <= TaskState::Running)
        .filter(|task| row.is_some_and(|row| task.node.as_deref() == Some(row.id.as_str())))
        .any(|task| task.error.as_deref().is_some_and(says_full));
    if full || engine.error.as_deref().is_some_and(says_full) {
        return Some(Fault::NoSpace { node });
    }
    if let Some(row) = row {
        // The swarm takes a while to notice that an engine is a new one.
        if engine.swarm == LocalSwarm::Inactive {
            return Some(Fault::Outside { node });
        }
        if row.state != "ready" || row.reachability == Some(Reachability::Unreachable) {
            return Some(Fault::Down { node });
        }
    }
    left.filter(|left| *left < EXPIRES_SOON)
        .map(|left| Fault::Expiring {
            node,
            hours: left / 3600,
        })
}

fn says_full(error: &str) -> bool {
    error.contains("no space left on device")
}

fn of_host(now: &Snapshot) -> Vec<Fault> {
    let disk = now.disk_free.filter(|free| *free < DISK_SHORT);
    let memory = now.memory_free.filter(|free| *free < MEMORY_SHORT);
    let disk = disk.map(|free| Fault::DiskShort { free });
    disk.into_iter()
        .chain(memory.map(|free| Fault::MemoryShort { free }))
        .collect()
}

/// How the clock of the engines went between two looks, where that is not how
/// time did.
pub fn clock_jump(before: &Snapshot, now: &Snapshot) -> Option<Fault> {
    // A look at a lab with engines that hang takes its seconds, too.
    const TELLS: i64 = 30;
    let passed = i64::try_from(now.at.checked_sub(before.at)?.as_secs()).ok()?;
    let by = now.wall? - before.wall? - passed;
    (by.abs() >= TELLS).then_some(Fault::ClockJumped { by })
}

/// What has to be done about faults, in this order. What nobody can mend from
/// here (a full disk, the clock, a swarm that no node knows) is not among it.
pub fn mends(faults: &[Fault], now: &Snapshot) -> Vec<Mend> {
    let manager = |name: &str| {
        let engine = now.containers.get(name).and_then(|c| c.engine.as_ref());
        let row = now.swarm.as_ref().and_then(|swarm| swarm.node(name));
        engine.is_some_and(|engine| engine.manager) || row.is_some_and(|row| row.manager)
    };
    let mut mends: Vec<Mend> = Vec::new();
    for fault in faults {
        mends.extend(match fault.clone() {
            Fault::NoNetwork => Some(Mend::Network),
            Fault::Removed { node, .. } | Fault::Outside { node } => Some(Mend::Anew(node)),
            Fault::Stopped { node, .. } => Some(Mend::Start(node)),
            Fault::Paused { node } => Some(Mend::Unpause(node)),
            Fault::OffNetwork { node } | Fault::Moved { node, .. } => Some(Mend::Reconnect(node)),
            Fault::Silent { node } | Fault::CutOff { node } | Fault::Down { node } => {
                Some(Mend::Restart(node))
            }
            // A manager is the last to be restarted.
            Fault::Cut { one, other } => Some(match manager(&one) && !manager(&other) {
                true => Mend::RestartOneOf(other, one),
                false => Mend::RestartOneOf(one, other),
            }),
            // A manager goes on alone where none is left whose certificate holds,
            // though it may still answer: as soon as it ends it comes back no more.
            Fault::Expired { node } if !led(faults, now) && was_manager(now, &node) => {
                let founded = mends.iter().any(|mend| matches!(mend, Mend::NewCluster(_)));
                Some(match founded {
                    false => Mend::NewCluster(node),
                    true => Mend::Anew(node),
                })
            }
            Fault::Expired { node } => Some(Mend::Anew(node)),
            Fault::NoLeader => {
                // One that is in it knows what it was; who has left does not.
                let engine = |name: &String| now.containers.get(name)?.engine.as_ref();
                let names = now.containers.keys();
                let knows = names.filter(|name| was_manager(now, name));
                let mut knows = knows.filter(|name| {
                    engine(name).is_some_and(|engine| engine.swarm != LocalSwarm::Inactive)
                });
                knows.next().cloned().map(Mend::NewCluster)
            }
            Fault::Expiring { node, .. } => Some(Mend::Restart(node)),
            Fault::NoManager
            | Fault::NoSpace { .. }
            | Fault::DiskShort { .. }
            | Fault::MemoryShort { .. }
            | Fault::ClockJumped { .. } => None,
        });
    }
    mends.sort();
    mends.dedup();
    mends
}

/// Whether a manager has a certificate that holds.
fn led(faults: &[Fault], now: &Snapshot) -> bool {
    let expired = |name: &str| {
        let mut faults = faults.iter();
        faults.any(|fault| matches!(fault, Fault::Expired { node } if node == name))
    };
    let mut all = now.containers.iter();
    all.any(|(name, container)| {
        let manages = container.engine.as_ref().is_some_and(|e| e.manager);
        manages && !expired(name)
    })
}

/// An engine whose certificate is refused does not say what it was; the role is
/// in the certificate.
fn was_manager(now: &Snapshot, node: &str) -> bool {
    let engine = now.containers.get(node).and_then(|c| c.engine.as_ref());
    engine.is_some_and(|engine| engine.manager || engine.manager_certificate)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::model::{Engine, Node, Swarm};

    /// A lab of two managers and a worker, the named ones with a certificate that
    /// has expired.
    fn lab(expired: &[&str]) -> (Vec<Fault>, Snapshot) {
        let engine = |name: &str| Engine {
            swarm: LocalSwarm::Active,
            manager: name != "worker",
            certificate_until: Some(if expired.contains(&name) {
                50
            } else {
                9_000_000
            }),
            ..Engine::default()
        };
        let container = |name: &&str| {
            let container = Container {
                state: ContainerState::Running,
                is_node: true,
                address: Some(Ipv4Addr::LOCALHOST),
                engine: Some(engine(name)),
                ..Container::default()
            };
            ((*name).to_owned(), container)
        };
        let now = Snapshot {
            up: true,
            wall: Some(100),
            containers: ["manager", "other", "worker"]
                .iter()
                .map(container)
                .collect(),
            swarm: Some(Swarm::default()),
            ..Snapshot::default()
        };
        (faults(&now), now)
    }

    #[test]
    fn a_swarm_whose_manager_left_is_gone_for_those_that_are_in_it() {
        let mut now = lab(&[]).1;
        now.swarm = None;
        assert_eq!(faults(&now), [Fault::NoLeader]);
        for name in ["manager", "other"] {
            let container = now.containers.get_mut(name).unwrap();
            container.engine = Some(Engine::default());
        }
        assert_eq!(faults(&now), [Fault::NoManager]);
        assert_eq!(mends(&faults(&now), &now), []);
        // Nobody can say so while one does not answer: it may be a manager.
        now.containers.get_mut("other").unwrap().engine = None;
        assert!(!faults(&now).contains(&Fault::NoManager));
    }

    #[test]
    fn where_most_managers_have_left_the_one_that_stays_goes_on_alone() {
        let mut now = lab(&[]).1;
        let row = |name: &str| Node {
            hostname: name.to_owned(),
            manager: true,
            leader: name == "manager",
            reachability: Some(Reachability::Reachable),
            state: "ready".to_owned(),
            ..Node::default()
        };
        let rows = vec![row("manager"), row("other")];
        now.swarm = Some(Swarm {
            nodes: rows,
            ..Swarm::default()
        });
        assert_eq!(faults(&now), []);
        let leaves = |now: &mut Snapshot, name: &str| {
            let container = now.containers.get_mut(name).unwrap();
            container.engine = Some(Engine::default());
        };
        // The leader does not know yet that it is none any more.
        leaves(&mut now, "other");
        assert_eq!(faults(&now), [Fault::NoLeader]);
        let alone = |name: &str| [Mend::NewCluster(name.to_owned())];
        assert_eq!(mends(&faults(&now), &now), alone("manager"));
        // It goes on alone: who has left has no voice, and is taken in again.
        let swarm = now.swarm.as_mut().unwrap();
        swarm.nodes[1].reachability = None;
        let outside = Fault::Outside {
            node: "other".to_owned(),
        };
        assert_eq!(faults(&now), [outside]);
        // The leader itself has left, and the other one waits for it.
        let mut now = lab(&[]).1;
        now.swarm = None;
        leaves(&mut now, "manager");
        let other = now.containers.get_mut("other").unwrap();
        let engine = other.engine.as_mut().unwrap();
        engine.manager = false;
        engine.manager_certificate = true;
        engine.swarm = LocalSwarm::Pending;
        assert_eq!(faults(&now), [Fault::NoLeader]);
        assert_eq!(mends(&faults(&now), &now), alone("other"));
    }

    #[test]
    fn with_all_managers_expired_one_goes_on_alone_though_it_answers() {
        let (faults, now) = lab(&["manager", "other", "worker"]);
        let anew = |name: &str| Mend::Anew(name.to_owned());
        let alone = Mend::NewCluster("manager".to_owned());
        assert_eq!(mends(&faults, &now), [alone, anew("other"), anew("worker")]);
    }

    #[test]
    fn an_expired_one_joins_anew_where_a_manager_is_left() {
        let (faults, now) = lab(&["manager", "worker"]);
        let anew = |name: &str| Mend::Anew(name.to_owned());
        assert_eq!(mends(&faults, &now), [anew("manager"), anew("worker")]);
    }
}
