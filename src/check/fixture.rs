//! Labs by values, for tests: a snapshot is built by what was done in the lab.

#![allow(clippy::unwrap_used)]

use std::sync::Arc;
use std::time::Duration;

use crate::model::{
    Container, ContainerState, Engine, LocalSwarm, Node, Port, Reachability, Service, ServiceMode,
    Snapshot, Swarm, Task, TaskState, Timeline,
};

use super::LabShape;

/// The nodes of the lab.
pub const NODES: [&str; 4] = ["manager", "worker01", "worker02", "worker03"];

/// Four nodes and nothing else.
pub fn shape() -> LabShape {
    LabShape {
        nodes: NODES.map(str::to_owned).to_vec(),
        others: Vec::new(),
    }
}

/// Snapshots one second apart, as a timeline.
pub fn timeline(looks: impl IntoIterator<Item = Build>) -> Timeline {
    let mut timeline = Timeline::default();
    for (second, mut look) in looks.into_iter().enumerate() {
        look.0.at = Duration::from_secs(second as u64);
        timeline.push(Arc::new(look.0));
    }
    timeline
}

/// A snapshot in the making.
#[derive(Clone, Debug, Default)]
pub struct Build(pub Snapshot);

impl Build {
    /// Nothing is up.
    pub fn down() -> Build {
        Build::default()
    }

    /// `docker compose up -d`.
    pub fn up() -> Build {
        let mut snapshot = Snapshot {
            up: true,
            ..Snapshot::default()
        };
        for (n, name) in NODES.iter().enumerate() {
            snapshot.containers.insert(
                (*name).into(),
                Container {
                    state: ContainerState::Running,
                    is_node: true,
                    address: Some([10, 0, 0, n as u8 + 2].into()),
                    engine: Some(Engine::default()),
                    ..Container::default()
                },
            );
        }
        Build(snapshot)
    }

    /// `docker swarm init` on the manager.
    pub fn init() -> Build {
        Build::up().init_on("manager")
    }

    /// `docker swarm init` on a node.
    pub fn init_on(mut self, node: &str) -> Build {
        self.0.swarm = Some(Swarm {
            id: "swarm".into(),
            seen_from: node.into(),
            ..Swarm::default()
        });
        self.join(node, true)
    }

    /// All four joined, as they should.
    pub fn four() -> Build {
        NODES[1..]
            .iter()
            .fold(Build::init(), |lab, node| lab.join(node, false))
    }

    /// `docker swarm join`.
    pub fn join(self, node: &str, manager: bool) -> Build {
        self.row(node, &format!("id-{node}"), manager, "ready")
            .engine(node, |engine| {
                engine.swarm = LocalSwarm::Active;
                engine.manager = manager;
                engine.node_id = Some(format!("id-{node}"));
            })
    }

    /// One more row of `node ls`.
    pub fn row(self, hostname: &str, id: &str, manager: bool, state: &str) -> Build {
        self.swarm(|swarm| {
            swarm.nodes.push(Node {
                id: id.into(),
                hostname: hostname.into(),
                manager,
                reachability: manager.then_some(Reachability::Reachable),
                leader: manager && swarm.nodes.is_empty(),
                state: state.into(),
                availability: "active".into(),
                ..Node::default()
            });
        })
    }

    /// A service and no task of it.
    pub fn service(self, name: &str, replicas: u64) -> Build {
        self.swarm(|swarm| {
            swarm.services.push(Service {
                id: format!("id-{name}"),
                name: name.into(),
                mode: ServiceMode::Replicated(replicas),
                image: "hashicorp/http-echo:latest".into(),
                ports: vec![Port {
                    published: 5678,
                    target: 5678,
                    udp: false,
                    host_mode: false,
                }],
                ..Service::default()
            });
        })
    }

    /// Running tasks of a service, one on each node named.
    pub fn running(self, service: &str, nodes: &[&str]) -> Build {
        nodes.iter().enumerate().fold(self, |lab, (n, node)| {
            lab.task(service, n as u64 + 1, Some(node), TaskState::Running, "")
        })
    }

    /// One task. One that ended is wanted shut down, any other running.
    pub fn task(
        self,
        service: &str,
        slot: u64,
        node: Option<&str>,
        state: TaskState,
        error: &str,
    ) -> Build {
        self.swarm(|swarm| {
            let id = format!("task-{}", swarm.tasks.len());
            swarm.tasks.push(Task {
                id,
                service: format!("id-{service}"),
                slot,
                node: node.map(|node| format!("id-{node}")),
                state,
                desired: if state.ended() {
                    TaskState::Shutdown
                } else {
                    TaskState::Running
                },
                error: (!error.is_empty()).then(|| error.to_owned()),
                image: "hashicorp/http-echo:latest".into(),
                ..Task::default()
            });
        })
    }

    /// `docker kill NODE`, and the swarm has noticed.
    pub fn killed(self, node: &str) -> Build {
        self.container(node, |container| {
            container.state = ContainerState::Exited(137);
            container.engine = None;
        })
        .node(node, |row| row.state = "down".into())
    }

    pub fn container(mut self, name: &str, edit: impl FnOnce(&mut Container)) -> Build {
        edit(self.0.containers.entry(name.into()).or_default());
        self
    }

    pub fn engine(self, node: &str, edit: impl FnOnce(&mut Engine)) -> Build {
        self.container(node, |container| edit(container.engine.as_mut().unwrap()))
    }

    pub fn node(self, hostname: &str, edit: impl FnOnce(&mut Node)) -> Build {
        self.swarm(|swarm| {
            let row = swarm.nodes.iter_mut().find(|row| row.hostname == hostname);
            edit(row.unwrap());
        })
    }

    pub fn spec(self, service: &str, edit: impl FnOnce(&mut Service)) -> Build {
        self.swarm(|swarm| {
            let spec = swarm.services.iter_mut().find(|spec| spec.name == service);
            edit(spec.unwrap());
        })
    }

    pub fn swarm(mut self, edit: impl FnOnce(&mut Swarm)) -> Build {
        edit(self.0.swarm.as_mut().unwrap());
        self
    }

    pub fn edit(mut self, edit: impl FnOnce(&mut Snapshot)) -> Build {
        edit(&mut self.0);
        self
    }
}
