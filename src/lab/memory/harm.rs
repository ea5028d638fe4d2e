//! Faults made on purpose, each as it would look from outside, and their mending:
//! for tests that want to see one found, told and mended.

use std::collections::BTreeMap;

use super::machines::Ground;
use super::world::World;
use crate::lab::{LabError, connect::ConnectError};
use crate::model::{ContainerState, Mend};
use crate::shell::{Grace, Lifecycle};

/// How long a node's certificate lasts, seconds.
const CERTIFICATE: i64 = 90 * 24 * 3600;

/// Something bad that is done to a lab in memory behind the learner's back
/// (`MemoryLab::harm`). A name that is not in the lab does nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Harm {
    /// `docker kill`, or the node's first process ends: exit code 137.
    Kill(String),
    /// `docker stop`
    Stop(String),
    /// `docker pause`
    Pause(String),
    /// `docker rm -fv`
    Remove(String),
    /// The engine hangs: its container runs and it answers nobody.
    Hang(String),
    /// `docker network disconnect`
    Disconnect(String),
    /// All packets of a node are dropped; its engine answers those outside.
    Isolate(String),
    /// Two nodes no longer hear each other.
    Cut(String, String),
    /// The container comes back with another address.
    Move(String),
    /// All containers are disconnected, and the lab's network is removed.
    RemoveNetwork,
    /// The outer engine ends, and every container with it.
    StopEngine,
    /// It is there again; the containers are not running.
    StartEngine,
    /// So many bytes are left where Docker keeps its data.
    Disk(u64),
    /// So many bytes of memory are left.
    Memory(u64),
    /// The clock jumps by so many seconds; past the end of their certificates
    /// the nodes have expired ones.
    Clock(i64),
    /// All nodes' certificates expire.
    ExpireCertificates,
}

/// What is harmed beyond single machines.
#[derive(Default)]
pub struct Harmed {
    pub cuts: Vec<(String, String)>,
    pub network_gone: bool,
    pub engine_gone: bool,
    pub disk_free: Option<u64>,
    pub memory_free: Option<u64>,
    /// Seconds that the clock has jumped.
    pub clock: i64,
}

impl Harmed {
    pub fn is_cut(&self, one: &str, other: &str) -> bool {
        let is = |(a, b): &(String, String)| (a == one && b == other) || (a == other && b == one);
        self.cuts.iter().any(is)
    }
}

/// An engine that can't be reached.
pub fn unreachable() -> LabError {
    LabError::Unreachable(ConnectError::Refused("memory".to_owned()))
}

impl World {
    /// Does it.
    pub fn harm(&mut self, harm: Harm) {
        let kill = |ground: &mut Ground, code: i64| {
            for machine in &mut ground.machines {
                if machine.state == ContainerState::Running {
                    machine.state = ContainerState::Exited(code);
                    machine.bereft = true;
                }
            }
        };
        let ground = &mut self.ground;
        match harm {
            Harm::Kill(name) => {
                let _ = ground.lifecycle(&Lifecycle::Kill(None), &name);
            }
            Harm::Stop(name) => {
                let _ = ground.lifecycle(&Lifecycle::Stop(Grace::default()), &name);
            }
            Harm::Pause(name) => {
                let _ = ground.lifecycle(&Lifecycle::Pause, &name);
            }
            Harm::Remove(name) => ground.machines.retain(|machine| machine.name() != name),
            Harm::Hang(name) => ground.change(&name, |machine| machine.hung = true),
            Harm::Disconnect(name) => ground.change(&name, |machine| machine.connected = false),
            Harm::Isolate(name) => ground.change(&name, |machine| machine.isolated = true),
            Harm::Cut(one, other) => ground.harmed.cuts.push((one, other)),
            Harm::Move(name) => ground.change(&name, |machine| {
                let [a, b, c, d] = machine.home.octets();
                machine.address = std::net::Ipv4Addr::new(a, b, c, d.wrapping_add(40));
            }),
            Harm::RemoveNetwork => {
                ground.harmed.network_gone = true;
                for machine in &mut ground.machines {
                    machine.connected = false;
                }
            }
            Harm::StopEngine => {
                ground.harmed.engine_gone = true;
                kill(ground, 137);
            }
            Harm::StartEngine => ground.harmed.engine_gone = false,
            Harm::Disk(free) => ground.harmed.disk_free = Some(free),
            Harm::Memory(free) => ground.harmed.memory_free = Some(free),
            Harm::Clock(by) => {
                ground.harmed.clock += by;
                if ground.harmed.clock > CERTIFICATE {
                    self.expire();
                }
            }
            Harm::ExpireCertificates => self.expire(),
        }
    }

    fn expire(&mut self) {
        for machine in &mut self.ground.machines {
            machine.expired = machine.member.is_some();
        }
    }

    /// Mends what was harmed.
    pub fn mend(&mut self, mends: &[Mend]) {
        for mend in mends {
            match mend {
                Mend::Network => {
                    self.ground.harmed.network_gone = false;
                    for machine in &mut self.ground.machines {
                        machine.connected = true;
                        machine.address = machine.home;
                    }
                }
                Mend::Unpause(name) => {
                    let _ = self.ground.lifecycle(&Lifecycle::Unpause, name);
                }
                Mend::Start(name) => self.ground.change(name, |machine| {
                    machine.state = ContainerState::Running;
                }),
                Mend::Reconnect(name) => self.ground.change(name, |machine| {
                    machine.connected = true;
                    machine.address = machine.home;
                }),
                Mend::Restart(name) | Mend::RestartOneOf(name, _) => self.restart(name),
                Mend::NewCluster(name) => self.leads_alone(name),
                Mend::Anew(name) => self.anew(name),
            }
        }
    }

    fn restart(&mut self, name: &str) {
        self.ground.change(name, |machine| {
            machine.state = ContainerState::Running;
            machine.bereft = true;
            machine.hung = false;
            machine.isolated = false;
        });
        let cuts = &mut self.ground.harmed.cuts;
        cuts.retain(|(one, other)| one != name && other != name);
    }

    /// `swarm init --force-new-cluster`; the other managers come in anew.
    fn leads_alone(&mut self, name: &str) {
        let Some(machine) = self.ground.machine(name) else {
            return;
        };
        let Some(at) = self.cluster_of(machine) else {
            return;
        };
        let own = machine.member.clone();
        self.ground.change(name, |machine| machine.expired = false);
        let others: Vec<String> = self.clusters[at]
            .managers()
            .filter(|row| Some(&row.id) != own.as_ref())
            .map(|row| row.hostname.clone())
            .collect();
        for other in others {
            self.anew(&other);
        }
    }

    fn anew(&mut self, name: &str) {
        self.restart(name);
        self.ground
            .machines
            .retain(|machine| machine.name() != name);
        let plan = self.plan.clone();
        self.make(&plan);
        let row_of = |cluster: &super::cluster::Cluster| {
            let mut rows = cluster.nodes.iter().map(|node| &node.row);
            rows.rfind(|row| row.hostname == name).cloned()
        };
        let found = self.clusters.iter().map(row_of).enumerate();
        let Some((at, row)) = found.filter_map(|(at, row)| Some((at, row?))).next_back() else {
            return;
        };
        let cluster = &mut self.clusters[at];
        cluster.nodes.retain(|node| node.row.hostname != name);
        if cluster.managers().next().is_none() {
            // Nobody is left who knows the swarm.
            self.clusters.remove(at);
            return;
        }
        let ids = &mut self.ground.ids;
        let mut machines = self.ground.machines.iter_mut();
        let Some(machine) = machines.find(|machine| machine.name() == name) else {
            return;
        };
        cluster.admit(machine, row.manager, &row.availability, ids);
        if let Some(member) = cluster.nodes.last_mut() {
            member.row.state = "ready".to_owned();
            member.row.labels = row.labels;
        }
    }

    /// Nodes that do not hear each other when they ask.
    pub fn cuts(&self) -> Vec<(String, String)> {
        let asks = |machine: &&super::machines::Machine| {
            machine.service.is_node() && machine.answers() && machine.connected
        };
        let names: BTreeMap<&str, bool> = self
            .ground
            .machines
            .iter()
            .filter(asks)
            .map(|machine| (machine.name(), machine.isolated))
            .collect();
        let mut cuts = Vec::new();
        for (one, alone) in &names {
            for (other, _) in names.iter().filter(|(other, _)| one < *other) {
                if *alone || names[other] || self.ground.harmed.is_cut(one, other) {
                    cuts.push(((*one).to_owned(), (*other).to_owned()));
                }
            }
        }
        cuts
    }
}
