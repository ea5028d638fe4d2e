//! Everything the lab in memory is, and what it looks like from outside.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::cluster::{Cluster, takes_tasks};
use super::machines::{Ground, Machine, registry_of};
use super::wish::Service;
use crate::check::Via;
use crate::lab::{ImageRow, LabError, Plan, PsRow};
use crate::model::compose::{split_reference, with_tag};
use crate::model::{
    Answer, Container, ContainerState, Engine, LocalSwarm, Snapshot, SpareSet, Unanswered,
};

/// The version its engines say they are.
pub const VERSION: &str = "28.2.2";

/// A lab in memory: its machines and the swarms they make.
#[derive(Default)]
pub struct World {
    pub ground: Ground,
    pub clusters: Vec<Cluster>,
    pub plan: Plan,
    pub up: bool,
    /// The spare set.
    pub spare: Option<SpareSet>,
    /// Whether the routing mesh works in this world.
    has_mesh: bool,
    /// What is known of it: nothing before the first published service runs.
    mesh: Option<bool>,
    began: Option<tokio::time::Instant>,
}

impl World {
    /// Nothing is there yet.
    pub fn new(has_mesh: bool) -> World {
        World {
            has_mesh,
            began: Some(tokio::time::Instant::now()),
            ..World::default()
        }
    }

    /// `docker compose up -d`
    pub fn make(&mut self, plan: &Plan) {
        self.plan = plan.clone();
        self.ground.make(&plan.compose, &plan.images);
    }

    /// All containers go, and the swarms with them; how many there were.
    pub fn remove(&mut self) -> usize {
        self.up = false;
        self.mesh = None;
        self.clusters.clear();
        self.ground.host_images.clear();
        std::mem::take(&mut self.ground.machines).len()
    }

    /// What the swarms run and keep goes, and what the machines have gathered;
    /// who belongs to the swarms stays, but for those that are made `anew`.
    pub fn clear(&mut self, plan: &Plan, anew: &BTreeSet<String>) {
        let machines = &mut self.ground.machines;
        machines.retain(|machine| !anew.contains(machine.name()));
        if !anew.is_empty() {
            for cluster in &mut self.clusters {
                let ground = &self.ground;
                cluster
                    .nodes
                    .retain(|member| ground.member(&member.row.id).is_some());
            }
            self.clusters.retain(|cluster| !cluster.nodes.is_empty());
            self.make(plan);
        }
        self.ground.clear(&plan.images);
        for cluster in &mut self.clusters {
            for member in &mut cluster.nodes {
                member.row.availability = "active".to_owned();
                member.row.labels.clear();
            }
            cluster.services.clear();
            cluster.tasks.clear();
            cluster.networks.clear();
            cluster.secrets.clear();
            cluster.configs.clear();
        }
    }

    /// One look later.
    pub fn tick(&mut self) {
        self.ground.tick();
        for cluster in &mut self.clusters {
            cluster.tick(&mut self.ground);
        }
    }

    /// The swarm that a machine belongs to.
    pub fn cluster_of(&self, machine: &Machine) -> Option<usize> {
        let id = machine.member.as_ref()?;
        self.clusters
            .iter()
            .position(|cluster| cluster.row(id).is_some())
    }

    /// What there is to see now.
    pub fn seen(&mut self) -> Snapshot {
        let machines = &self.ground.machines;
        let mut containers: BTreeMap<String, Container> = self
            .plan
            .compose
            .services
            .iter()
            .map(|service| {
                let container = Container {
                    is_node: service.is_node(),
                    ..Container::default()
                };
                (service.name.clone(), container)
            })
            .collect();
        for machine in machines.iter().filter(|_| self.up) {
            let ports = machine
                .service
                .ports
                .iter()
                .map(|port| (port.host, port.container));
            let container = Container {
                state: machine.state,
                is_node: machine.service.is_node(),
                address: machine.connected.then_some(machine.address),
                home: Some(machine.home),
                engine: (machine.answers() && machine.service.is_node())
                    .then(|| self.engine(machine)),
                ports: ports.collect(),
            };
            containers.insert(machine.name().to_owned(), container);
        }
        let asked = machines.iter().filter(|_| self.up).find_map(|machine| {
            let cluster = &self.clusters[self.cluster_of(machine)?];
            let row = cluster.row(machine.member.as_deref()?)?;
            let answers = row.manager && machine.answers() && cluster.has_quorum(&self.ground);
            answers.then(|| cluster.seen(machine.name()))
        });
        let published_runs = asked.as_ref().is_some_and(|swarm| {
            swarm.services.iter().any(|service| {
                let meshed = service.ports.iter().any(|port| !port.host_mode);
                let running =
                    |task: &&crate::model::Task| task.state == crate::model::TaskState::Running;
                meshed && swarm.tasks_of(&service.id).any(|task| running(&task))
            })
        });
        if published_runs {
            self.mesh = Some(self.has_mesh);
        }
        Snapshot {
            at: Duration::ZERO,
            up: self.up,
            containers,
            swarm: asked,
            registry: self
                .ground
                .registry()
                .filter(|_| self.up)
                .map(|held| held.iter().cloned().collect()),
            mesh: self.mesh,
            network_gone: self.ground.harmed.network_gone,
            cuts: match self.up {
                true => self.cuts(),
                false => Vec::new(),
            },
            wall: Some(self.wall()),
            disk_free: self.ground.harmed.disk_free,
            memory_free: self.ground.harmed.memory_free,
            spare: self.spare.clone(),
        }
    }

    /// The time of day in this world.
    fn wall(&self) -> i64 {
        let passed = self.began.map_or(0, |began| began.elapsed().as_secs());
        1_800_000_000 + i64::try_from(passed).unwrap_or_default() + self.ground.harmed.clock
    }

    fn engine(&self, machine: &Machine) -> Engine {
        let row = self
            .cluster_of(machine)
            .and_then(|at| self.clusters[at].row(machine.member.as_deref()?));
        let manager = row.is_some_and(|row| row.manager);
        Engine {
            version: VERSION.to_owned(),
            swarm: match machine.member {
                Some(_) if machine.expired => LocalSwarm::Error,
                Some(_) => LocalSwarm::Active,
                None => LocalSwarm::Inactive,
            },
            manager: manager && !machine.expired,
            node_id: machine.member.clone(),
            error: machine
                .expired
                .then(|| "x509: certificate has expired or is not yet valid".to_owned()),
            certificate_until: None,
            manager_certificate: manager,
            never_joined: !machine.has_joined,
            images: machine.images.iter().cloned().collect(),
        }
    }

    /// `docker ps`
    pub fn ps(&self) -> Vec<PsRow> {
        let machines = self.ground.machines.iter().filter(|_| self.up);
        let row = |machine: &Machine| PsRow {
            id: machine.id.clone(),
            name: machine.name().to_owned(),
            image: machine.service.image.clone(),
            command: match machine.service.is_node() {
                true => "dockerd --host=unix:…".to_owned(),
                false => "/entrypoint.sh".to_owned(),
            },
            // This lab has no clock: ages stand still.
            age: Some(4),
            status: match machine.state {
                ContainerState::Running => "Up 3 seconds".to_owned(),
                ContainerState::Paused => "Up 3 seconds (Paused)".to_owned(),
                ContainerState::Exited(code) => format!("Exited ({code}) 3 seconds ago"),
                ContainerState::Created | ContainerState::Missing => "Created".to_owned(),
            },
            ports: ports_in_words(machine),
            state: machine.state,
        };
        machines.map(row).collect()
    }

    /// `docker images`
    pub fn images(&self) -> Vec<ImageRow> {
        let images = self.ground.host_images.iter().filter(|_| self.up);
        images
            .map(|name| {
                let (repository, tag) = split_reference(name);
                ImageRow {
                    repository: repository.to_owned(),
                    tag: tag.unwrap_or("latest").to_owned(),
                    id: super::machines::image_id(name),
                    age: Some(172_800),
                    size: 5_460_000,
                }
            })
            .collect()
    }

    /// `docker tag SOURCE localhost:5000/...`
    pub fn tag(&mut self, source: &str, target: &str) -> Result<(), LabError> {
        let source = with_tag(source);
        if !self.ground.host_images.contains(&source) {
            return Err(LabError::NoLabImage(source));
        }
        self.registry_answers()?;
        self.ground.host_images.insert(with_tag(target));
        Ok(())
    }

    /// `docker push localhost:5000/...`: what it prints.
    pub fn push(&mut self, reference: &str) -> Result<String, LabError> {
        let name = with_tag(reference);
        if !self.ground.host_images.contains(&name) {
            return Err(LabError::NoLabImage(name));
        }
        self.registry_answers()?;
        let (_, path) = registry_of(&name);
        let (repository, tag) = split_reference(&name);
        let tag = tag.unwrap_or("latest");
        let id = super::machines::image_id(&name);
        let layer: String = id.chars().skip(7).take(12).collect();
        self.ground.stored.insert(path.to_owned());
        Ok(format!(
            "The push refers to repository [{repository}]\n{layer}: Pushed\n\
             {tag}: digest: {id} size: 527\n"
        ))
    }

    fn registry_answers(&self) -> Result<(), LabError> {
        let services = &self.plan.compose.services;
        let registry = services.iter().find(|service| service.is_registry());
        let registry = registry.ok_or(LabError::NoRegistry)?;
        match self.ground.registry() {
            Some(_) => Ok(()),
            None => Err(LabError::NotRunning(registry.name.clone())),
        }
    }

    /// An HTTP request from inside a node to a port of it.
    pub fn request(&self, node: &str, port: u16) -> Result<(u16, String), String> {
        let refused =
            || format!("can't connect to remote host (127.0.0.1:{port}): Connection refused");
        let machine = self
            .ground
            .machine(node)
            .filter(|machine| machine.answers());
        let machine = machine.ok_or_else(refused)?;
        let at = self.cluster_of(machine).ok_or_else(refused)?;
        let cluster = &self.clusters[at];
        let own = machine.member.as_deref();
        for service in &cluster.services {
            let Some(found) = service.wish.ports.iter().find(|p| p.published == port) else {
                continue;
            };
            if !found.host_mode && !self.has_mesh {
                continue;
            }
            let near = |task: &crate::model::Task| !found.host_mode || task.node.as_deref() == own;
            let answer = cluster
                .tasks
                .iter()
                .filter(|work| work.task.service == service.id && work.runs())
                .find(|work| near(&work.task) && self.is_reachable(work.task.node.as_deref()));
            return answer
                .map(|work| (200, work.answer() + "\n"))
                .ok_or_else(refused);
        }
        Err(refused())
    }

    fn is_reachable(&self, node: Option<&str>) -> bool {
        node.and_then(|id| self.ground.member(id))
            .is_some_and(Machine::heard)
    }

    /// A request of the program's own, the way the check wants it.
    pub fn http(&self, url: &str, via: Option<Via>) -> Answer {
        let (host, port) = host_and_port(url).ok_or_else(|| format!("not a URL: {url}"))?;
        let node = self.ground.machine(host).or(self.ground.machines.first());
        let node = node
            .map(|machine| machine.name().to_owned())
            .ok_or("no node")?;
        let of_task = || {
            let swarms = self.clusters.iter();
            let found = swarms.flat_map(|cluster| {
                let publishing =
                    |service: &&Service| service.wish.ports.iter().any(|p| p.published == port);
                let services = cluster.services.iter().filter(publishing);
                services.flat_map(|service| {
                    let of_it = |work: &&super::tasks::Work| work.task.service == service.id;
                    cluster.tasks.iter().filter(of_it)
                })
            });
            let mut running = found.filter(|work| work.runs());
            let answer = running.next().map(|work| (200, work.answer() + "\n"));
            answer.ok_or(Unanswered::NoService(port))
        };
        match via {
            Some(Via::Task) => of_task(),
            None if self.mesh != Some(true) => of_task(),
            _ => self.request(&node, port).map_err(Unanswered::from),
        }
    }

    /// Whether tasks of a service are where its wish wants them: `(running, wanted)`.
    pub fn progress(&self, cluster: &Cluster, service: &Service) -> (u64, u64) {
        let of_it = cluster
            .tasks
            .iter()
            .filter(|work| work.task.service == service.id);
        let running = of_it.filter(|work| work.runs()).count() as u64;
        let wanted = match service.wish.mode {
            crate::model::ServiceMode::Replicated(wanted) => wanted,
            crate::model::ServiceMode::Job => 1,
            crate::model::ServiceMode::Global => {
                let rows = cluster.nodes.iter().map(|node| &node.row);
                rows.filter(|row| takes_tasks(row)).count() as u64
            }
        };
        (running, wanted)
    }
}

/// `http://HOST:PORT/PATH` -> host and port.
pub fn host_and_port(url: &str) -> Option<(&str, u16)> {
    let rest = url.strip_prefix("http://").unwrap_or(url);
    let authority = rest.split('/').next()?;
    match authority.rsplit_once(':') {
        Some((host, port)) => Some((host, port.parse().ok()?)),
        None => Some((authority, 80)),
    }
}

fn ports_in_words(machine: &Machine) -> String {
    let published = machine.service.ports.iter().map(|port| {
        let kind = if port.udp { "udp" } else { "tcp" };
        format!("127.0.0.1:{}->{}/{kind}", port.host, port.container)
    });
    let exposed = machine
        .service
        .expose
        .iter()
        .map(|port| match port.contains('/') {
            true => port.clone(),
            false => format!("{port}/tcp"),
        });
    let mut words: Vec<String> = published.chain(exposed).collect();
    words.sort();
    words.dedup();
    words.join(", ")
}
