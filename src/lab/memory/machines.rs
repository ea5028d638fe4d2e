//! What the containers of the lab are: machines with an engine, or a registry,
//! on one network. Knows nothing of what a swarm does with them.

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;

use super::harm::Harmed;
use super::ids::{self, Ids};
use crate::model::compose::{split_reference, with_tag};
use crate::model::{Compose, ComposeService, ContainerState};
use crate::shell::Lifecycle;

/// The registry's port inside its container.
const REGISTRY_PORT: u16 = 5000;

/// Looks until an engine answers again after its container has started.
const BOOTS_FOR: u8 = 2;

/// All that there is but the swarms.
#[derive(Default)]
pub struct Ground {
    /// In the order of the compose file.
    pub machines: Vec<Machine>,
    /// What the registry's folder holds, `repository:tag`; it outlives the containers.
    pub stored: BTreeSet<String>,
    /// Images on the host by the name they are shown under.
    pub host_images: BTreeSet<String>,
    pub ids: Ids,
    pub harmed: Harmed,
}

/// One container of the lab.
pub struct Machine {
    pub service: ComposeService,
    pub id: String,
    pub address: Ipv4Addr,
    /// The address it was made with.
    pub home: Ipv4Addr,
    pub state: ContainerState,
    /// It is on the lab's network.
    pub connected: bool,
    /// Its engine hangs.
    pub hung: bool,
    /// Its packets are dropped.
    pub isolated: bool,
    /// Its certificate in the swarm has expired.
    pub expired: bool,
    /// Its id in a swarm.
    pub member: Option<String>,
    /// It is in a swarm or was.
    pub has_joined: bool,
    pub images: BTreeSet<String>,
    /// Files by path.
    pub files: BTreeMap<String, String>,
    /// The containers in it died with its engine, and nobody has noticed yet.
    pub bereft: bool,
    boots: u8,
}

impl Machine {
    pub fn name(&self) -> &str {
        &self.service.name
    }

    /// Whether the engine in it answers those who ask from outside.
    pub fn answers(&self) -> bool {
        self.state == ContainerState::Running && self.boots == 0 && !self.hung
    }

    /// Whether the other machines hear of it.
    pub fn heard(&self) -> bool {
        self.answers() && self.connected && !self.isolated && !self.expired
    }

    fn trusts_plain(&self, host: &str) -> bool {
        let mut words = self.service.command.iter().map(String::as_str);
        let joined = format!("--insecure-registry={host}");
        while let Some(word) = words.next() {
            if word == joined || (word == "--insecure-registry" && words.next() == Some(host)) {
                return true;
            }
        }
        false
    }
}

impl Ground {
    /// The machines that the compose file describes; those that are there stay.
    pub fn make(&mut self, compose: &Compose, images: &[String]) {
        let mut old: Vec<Machine> = std::mem::take(&mut self.machines);
        for (number, service) in compose.services.iter().enumerate() {
            let there = old.iter().position(|machine| machine.service == *service);
            let mut machine = match there {
                Some(at) => old.swap_remove(at),
                None => Machine {
                    service: service.clone(),
                    id: self.ids.engine(),
                    address: address_of(number),
                    home: address_of(number),
                    state: ContainerState::Created,
                    connected: true,
                    hung: false,
                    isolated: false,
                    expired: false,
                    member: None,
                    has_joined: false,
                    images: BTreeSet::new(),
                    files: BTreeMap::new(),
                    bereft: false,
                    boots: 0,
                },
            };
            if machine.state != ContainerState::Running {
                machine.state = ContainerState::Running;
            }
            if service.is_node() {
                machine
                    .images
                    .extend(images.iter().map(|image| with_tag(image)));
            }
            self.machines.push(machine);
        }
        self.host_images
            .extend(images.iter().map(|image| with_tag(image)));
        let of_machines = compose
            .services
            .iter()
            .map(|service| with_tag(&service.image));
        self.host_images.extend(of_machines);
    }

    /// Nodes have these images and no other, the registry holds nothing, and
    /// the learner's tags are gone.
    pub fn clear(&mut self, images: &[String]) {
        self.stored.clear();
        self.host_images
            .retain(|name| !name.starts_with("localhost:"));
        let images: BTreeSet<String> = images.iter().map(|image| with_tag(image)).collect();
        let nodes = self.machines.iter_mut();
        for machine in nodes.filter(|machine| machine.service.is_node()) {
            machine.images.clone_from(&images);
        }
    }

    pub fn machine(&self, name: &str) -> Option<&Machine> {
        self.machines.iter().find(|machine| machine.name() == name)
    }

    pub fn machine_mut(&mut self, name: &str) -> Option<&mut Machine> {
        self.machines
            .iter_mut()
            .find(|machine| machine.name() == name)
    }

    pub fn change(&mut self, name: &str, how: impl FnOnce(&mut Machine)) {
        if let Some(machine) = self.machine_mut(name) {
            how(machine);
        }
    }

    pub fn member(&self, node: &str) -> Option<&Machine> {
        let is = |machine: &&Machine| machine.member.as_deref() == Some(node);
        self.machines.iter().find(is)
    }

    /// Engines that were started come up, look by look.
    pub fn tick(&mut self) {
        for machine in &mut self.machines {
            if machine.state == ContainerState::Running {
                machine.boots = machine.boots.saturating_sub(1);
            }
        }
    }

    /// `docker stop` and the like; the engine's words where it can't be done.
    pub fn lifecycle(&mut self, what: &Lifecycle, name: &str) -> Result<(), String> {
        let machine = self
            .machine_mut(name)
            .ok_or_else(|| format!("No such container: {name}"))?;
        let running = machine.state == ContainerState::Running;
        let paused = machine.state == ContainerState::Paused;
        let end = |machine: &mut Machine, code| {
            machine.state = ContainerState::Exited(code);
            machine.bereft = true;
        };
        let begin = |machine: &mut Machine| {
            machine.state = ContainerState::Running;
            machine.hung = false;
            machine.isolated = false;
            machine.boots = if machine.service.is_node() {
                BOOTS_FOR
            } else {
                0
            };
        };
        match what {
            Lifecycle::Stop(_) if running || paused => end(machine, 0),
            Lifecycle::Start if paused => {
                return Err("cannot start a paused container, try unpause instead".to_owned());
            }
            Lifecycle::Start if !running => begin(machine),
            Lifecycle::Stop(_) | Lifecycle::Start => {}
            Lifecycle::Restart(_) => {
                machine.bereft = true;
                begin(machine);
            }
            Lifecycle::Kill(signal) if running || paused => {
                let kills = [
                    "KILL", "SIGKILL", "9", "TERM", "SIGTERM", "15", "INT", "SIGINT", "2",
                ];
                match signal.as_deref() {
                    None => end(machine, 137),
                    Some("KILL" | "SIGKILL" | "9") => end(machine, 137),
                    Some(signal) if kills.contains(&signal) => end(machine, 0),
                    Some(_) => {}
                }
            }
            Lifecycle::Kill(_) => {
                return Err(format!(
                    "cannot kill container: {name}: container {} is not running",
                    machine.id
                ));
            }
            Lifecycle::Pause if running => machine.state = ContainerState::Paused,
            Lifecycle::Pause => {
                return Err(format!("container {} is not running", machine.id));
            }
            Lifecycle::Unpause if paused => machine.state = ContainerState::Running,
            Lifecycle::Unpause => return Err(format!("Container {} is not paused", machine.id)),
        }
        Ok(())
    }

    /// The machine that a host name or an address means.
    pub fn by_host(&self, host: &str) -> Option<&Machine> {
        self.machines
            .iter()
            .find(|machine| machine.name() == host || machine.address.to_string() == host)
    }

    /// The lab's registry, when it answers: what it holds.
    pub fn registry(&self) -> Option<&BTreeSet<String>> {
        let registry = self.machines.iter().find(|m| m.service.is_registry())?;
        registry.heard().then_some(&self.stored)
    }

    /// Brings an image into a node, out of the lab's registry; the engine's words
    /// where it can't be had. `true`: it was not there before.
    pub fn pull(&mut self, node: &str, reference: &str) -> Result<bool, String> {
        let wanted = with_tag(reference);
        let (host, path) = registry_of(&wanted);
        let machine = self.machine(node).ok_or("no such node")?;
        let Some(host) = host else {
            return Err(
                "Get \"https://registry-1.docker.io/v2/\": proxyconnect tcp: dial tcp 127.0.0.1:1: \
                 connect: connection refused"
                    .to_owned(),
            );
        };
        let (name, port) = host.split_once(':').unwrap_or((host, "443"));
        if matches!(name, "localhost" | "127.0.0.1") {
            return Err(format!(
                "Get \"http://{host}/v2/\": dial tcp 127.0.0.1:{port}: connect: connection refused"
            ));
        }
        let there = self
            .by_host(name)
            .filter(|machine| machine.service.is_registry());
        let answers = there.is_some_and(Machine::heard) && port == REGISTRY_PORT.to_string();
        if !answers {
            return Err(format!(
                "Get \"https://{host}/v2/\": dial tcp: lookup {name}: no such host"
            ));
        }
        if !machine.trusts_plain(host) {
            return Err(format!(
                "Get \"https://{host}/v2/\": http: server gave HTTP response to HTTPS client"
            ));
        }
        if !self.stored.contains(path) {
            let (path, _) = split_reference(path);
            return Err(format!(
                "manifest for {wanted} not found: manifest unknown: manifest unknown (repository {path})"
            ));
        }
        let machine = self.machine_mut(node).ok_or("no such node")?;
        Ok(machine.images.insert(wanted))
    }
}

fn address_of(number: usize) -> Ipv4Addr {
    Ipv4Addr::new(10, 211, 7, 11 + u8::try_from(number).unwrap_or(200))
}

/// `registry:5000/a/b:1` -> the registry's host, and what it calls the image.
pub fn registry_of(reference: &str) -> (Option<&str>, &str) {
    match reference.split_once('/') {
        Some((host, path)) if host.contains([':', '.']) || host == "localhost" => {
            (Some(host), path)
        }
        _ => (None, reference),
    }
}

/// The id of an image: that of what it is, whatever registry's name is before it.
pub fn image_id(reference: &str) -> String {
    ids::of_image(registry_of(reference).1)
}
