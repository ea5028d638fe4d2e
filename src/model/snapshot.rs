//! One look at the lab: its containers from the outer engine, their engines
//! and the swarm from the engines themselves.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::time::Duration;

/// The lab at one moment. Everything that could not be seen is `None`, never guessed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Snapshot {
    /// When it was taken, since the start of the program.
    pub at: Duration,
    /// Whether `docker compose up` has been done (or was found done).
    pub up: bool,
    /// The lab's containers by compose service name; an absent one is `Missing`.
    pub containers: BTreeMap<String, Container>,
    /// The swarm as a manager that answers sees it. `None`: there is no swarm,
    /// or no manager answers.
    pub swarm: Option<Swarm>,
    /// What the lab's registry holds, as `repository:tag`. `None`: no registry, or no answer.
    pub registry: Option<Vec<String>>,
    /// Whether the routing mesh (IP_VS) works here. `None`: not known before
    /// the first published service.
    pub mesh: Option<bool>,
    /// The lab's network on the host was looked for and is not there.
    pub network_gone: bool,
    /// Pairs of nodes that did not hear each other when they were asked last.
    pub cuts: Vec<(String, String)>,
    /// The clock of the engines, seconds since the epoch.
    pub wall: Option<i64>,
    /// Bytes free where the outer engine keeps its data. `None`: can't be seen.
    pub disk_free: Option<u64>,
    /// Bytes of memory that programs may still take. `None`: can't be seen.
    pub memory_free: Option<u64>,
    /// The spare set that stands ready beside the lab.
    pub spare: Option<SpareSet>,
}

/// Nodes that stand ready beside the lab, one for each of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SpareSet {
    /// Clean engines.
    Engines,
    /// One swarm of them all, of which only this node is a manager.
    Swarm {
        /// The compose service.
        manager: String,
    },
}

/// A container of the lab, as the outer engine sees it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Container {
    /// What the outer engine says of it.
    pub state: ContainerState,
    /// Whether it is a node (runs an engine).
    pub is_node: bool,
    /// Its address in the lab's network.
    pub address: Option<Ipv4Addr>,
    /// The address that the lab gave it.
    pub home: Option<Ipv4Addr>,
    /// The engine inside. `None`: not a node, or it did not answer.
    pub engine: Option<Engine>,
    /// Published ports as `(host, container)`, as they really are.
    pub ports: Vec<(u16, u16)>,
}

/// A container's state, in Docker's words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ContainerState {
    /// No such container.
    #[default]
    Missing,
    /// Created or restarting, not running yet.
    Created,
    /// Running.
    Running,
    /// Paused.
    Paused,
    /// Ended, with its exit code.
    Exited(i64),
}

/// The engine inside a node.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Engine {
    /// e.g. `28.2.2`.
    pub version: String,
    /// The engine's own view of its membership.
    pub swarm: LocalSwarm,
    /// Whether it is a manager that can be asked about the swarm.
    pub manager: bool,
    /// Its id in the swarm.
    pub node_id: Option<String>,
    /// Why it can't take part in its swarm, in its own words.
    pub error: Option<String>,
    /// When its certificate in the swarm ends, seconds since the epoch.
    pub certificate_until: Option<i64>,
    /// That certificate is a manager's.
    pub manager_certificate: bool,
    /// It has not been in any swarm. One that left keeps networks of the swarm,
    /// and does not come into another as a new one would.
    pub never_joined: bool,
    /// Image references present, as `repository:tag`.
    pub images: Vec<String>,
}

/// `docker info`'s Swarm state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LocalSwarm {
    /// Part of no swarm.
    #[default]
    Inactive,
    /// Joining.
    Pending,
    /// Part of a swarm.
    Active,
    /// Locked by autolock.
    Locked,
    /// In error, e.g. its certificate expired.
    Error,
}

/// The swarm, as one of its managers sees it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Swarm {
    /// The cluster's id.
    pub id: String,
    /// The lab node that was asked.
    pub seen_from: String,
    /// `docker swarm update`, or an option of `init`, has set something otherwise
    /// than a plain `docker swarm init` does.
    pub set_otherwise: bool,
    /// The token a worker joins with.
    pub worker_token: String,
    /// The token a manager joins with.
    pub manager_token: String,
    /// Where to join, `IP:2377`.
    pub manager_addr: Option<String>,
    /// The rows of `node ls`. A node that left and came back has two.
    pub nodes: Vec<Node>,
    /// The services.
    pub services: Vec<Service>,
    /// All tasks, past ones included.
    pub tasks: Vec<Task>,
    /// Swarm-scoped networks other than `ingress`.
    pub networks: Vec<Network>,
    /// Names of the secrets.
    pub secrets: Vec<String>,
    /// Names of the configs.
    pub configs: Vec<String>,
}

/// A row of `node ls`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Node {
    /// The node's id.
    pub id: String,
    /// The hostname, which in a lab is the compose service's name.
    pub hostname: String,
    /// Role wanted: manager instead of worker.
    pub manager: bool,
    /// For a manager: what the others say of it.
    pub reachability: Option<Reachability>,
    /// The leader of the managers.
    pub leader: bool,
    /// `ready`, `down`, `unknown`, `disconnected`.
    pub state: String,
    /// `active`, `pause`, `drain`.
    pub availability: String,
    /// The address the manager sees it at.
    pub address: String,
    /// Node labels.
    pub labels: BTreeMap<String, String>,
}

impl Node {
    /// One of the managers that choose a leader; a manager that others have gone on
    /// without is none.
    pub fn has_a_voice(&self) -> bool {
        self.manager && (self.leader || self.reachability.is_some())
    }
}

/// A manager's reachability.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reachability {
    /// Answers the other managers.
    Reachable,
    /// Does not.
    Unreachable,
}

/// A service of the swarm.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Service {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its mode, with the replicas wanted.
    pub mode: ServiceMode,
    /// The image as the spec has it, digest cut off.
    pub image: String,
    /// Published ports.
    pub ports: Vec<Port>,
    /// The state of its last update, if there was one.
    pub update: Option<UpdateState>,
    /// What Swarm says of that update.
    pub update_message: Option<String>,
    /// Placement constraints.
    pub constraints: Vec<String>,
    /// Names of the networks it is attached to.
    pub networks: Vec<String>,
    /// Names of its secrets.
    pub secrets: Vec<String>,
    /// Names of its configs.
    pub configs: Vec<String>,
    /// Service labels.
    pub labels: BTreeMap<String, String>,
    /// The version index of the spec; grows with every change.
    pub version: u64,
}

/// A service's mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServiceMode {
    /// So many tasks.
    Replicated(u64),
    /// One task on each node.
    Global,
    /// A job, replicated or global.
    Job,
}

impl Default for ServiceMode {
    fn default() -> Self {
        ServiceMode::Replicated(0)
    }
}

/// A published port of a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Port {
    /// The port on every node (`ingress`) or on the task's node (`host`). 0: not chosen yet.
    pub published: u16,
    /// The port in the container.
    pub target: u16,
    /// UDP instead of TCP.
    pub udp: bool,
    /// `mode=host` instead of the routing mesh.
    pub host_mode: bool,
}

/// The state of a service's update.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UpdateState {
    /// Under way.
    Updating,
    /// Paused, mostly after a failure.
    Paused,
    /// Done.
    Completed,
    /// Rolling back.
    RollbackStarted,
    /// The rollback paused.
    RollbackPaused,
    /// Rolled back.
    RollbackCompleted,
}

/// A task: one container of a service, past or present.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Task {
    /// Its id.
    pub id: String,
    /// The service's id.
    pub service: String,
    /// The slot of a replicated service, from 1; 0 for a global one.
    pub slot: u64,
    /// The id of the node it was put on.
    pub node: Option<String>,
    /// Where it is in its life.
    pub state: TaskState,
    /// Where Swarm wants it to be.
    pub desired: TaskState,
    /// The error of a failed or rejected task.
    pub error: Option<String>,
    /// What Swarm says of its state.
    pub message: String,
    /// The image it runs, digest cut off.
    pub image: String,
    /// Its container's id, short of nothing.
    pub container: Option<String>,
    /// Its addresses in overlay networks, without the prefix length.
    pub addresses: Vec<String>,
}

/// A task's state, in the order of its life.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum TaskState {
    /// Just created.
    #[default]
    New,
    /// Waiting for resources.
    Pending,
    /// Put on a node.
    Assigned,
    /// Taken by the node.
    Accepted,
    /// Being prepared; images are pulled here.
    Preparing,
    /// Prepared.
    Ready,
    /// Starting.
    Starting,
    /// Running.
    Running,
    /// Ended well.
    Complete,
    /// Stopped by Swarm.
    Shutdown,
    /// Ended with an error.
    Failed,
    /// The node refused it.
    Rejected,
    /// Its node was down too long.
    Orphaned,
    /// To be removed with its service.
    Remove,
}

/// A network of the swarm.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Network {
    /// Its name.
    pub name: String,
    /// Its driver.
    pub driver: String,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
}

impl Snapshot {
    /// So many of these managers answer and are in no swarm that those that stay
    /// can't choose a leader.
    pub fn most_have_left<'m>(&self, managers: impl Iterator<Item = &'m str>) -> bool {
        let (mut all, mut left) = (0, 0);
        for name in managers {
            let engine = self.engine(name);
            all += 1;
            left += usize::from(engine.is_some_and(|e| e.swarm == LocalSwarm::Inactive));
        }
        left > 0 && 2 * left >= all
    }

    /// Every service runs what it wants, no task comes or goes, and no update is
    /// under way.
    pub fn at_rest(&self) -> bool {
        let Some(swarm) = &self.swarm else {
            return true;
        };
        let moving = swarm.tasks.iter().any(|task| {
            let wanted = task.desired == TaskState::Running;
            (wanted && task.state < TaskState::Running)
                || (!wanted
                    && task.desired > TaskState::Running
                    && task.state == TaskState::Running
                    && !swarm.is_lost(task))
        });
        let updating = swarm.services.iter().any(|service| {
            matches!(
                service.update,
                Some(UpdateState::Updating | UpdateState::RollbackStarted)
            )
        });
        let short = swarm.services.iter().any(|service| {
            let wanted = match service.mode {
                ServiceMode::Replicated(wanted) => wanted,
                _ => 0,
            };
            let running = swarm
                .tasks_of(&service.id)
                .filter(|task| {
                    task.desired == TaskState::Running && task.state == TaskState::Running
                })
                .count() as u64;
            running < wanted
        });
        !moving && !updating && !short && swarm.tasks_left().next().is_none()
    }
}

impl Snapshot {
    /// A service has too few tasks, they were refused or failed, and none is on
    /// its way: Swarm tries again and again.
    pub fn fails(&self) -> bool {
        let Some(swarm) = &self.swarm else {
            return false;
        };
        let is_on_its_way = |task: &Task| {
            task.desired == TaskState::Running
                && (TaskState::Assigned..TaskState::Running).contains(&task.state)
        };
        swarm.services.iter().any(|service| {
            let ServiceMode::Replicated(wanted) = service.mode else {
                return false;
            };
            let runs = |task: &&Task| {
                task.desired == TaskState::Running && task.state == TaskState::Running
            };
            let running = swarm.tasks_of(&service.id).filter(runs).count() as u64;
            let refused =
                |task: &Task| matches!(task.state, TaskState::Rejected | TaskState::Failed);
            running < wanted
                && swarm.tasks_of(&service.id).any(refused)
                && !swarm.tasks_of(&service.id).any(is_on_its_way)
        })
    }

    /// The node's own engine, when it answered.
    pub fn engine(&self, node: &str) -> Option<&Engine> {
        self.containers.get(node)?.engine.as_ref()
    }

    /// The service called `name`.
    pub fn service(&self, name: &str) -> Option<&Service> {
        self.swarm.as_ref()?.service(name)
    }

    /// Whether nodes that were started have found together again: each engine
    /// tells of itself, and the swarm of those that are in one sees them ready.
    /// An engine answers a ping many seconds before that.
    pub fn settled(&self) -> bool {
        let running = |container: &&Container| {
            container.is_node && container.state == ContainerState::Running
        };
        let nodes = || self.containers.values().filter(running);
        let engines = || nodes().filter_map(|container| container.engine.as_ref());
        // Waiting mends neither.
        let stuck =
            |engine: &Engine| matches!(engine.swarm, LocalSwarm::Locked | LocalSwarm::Error);
        if engines().any(stuck) {
            return true;
        }
        nodes().count() == engines().count()
            && engines().all(|engine| match engine.swarm {
                LocalSwarm::Active => self.sees_ready(engine),
                other => other != LocalSwarm::Pending,
            })
    }

    fn sees_ready(&self, engine: &Engine) -> bool {
        self.swarm.as_ref().is_some_and(|swarm| {
            let rows = || swarm.nodes.iter();
            // One that the swarm has forgotten is not waited for.
            let known = rows().any(|node| Some(&node.id) == engine.node_id.as_ref());
            !known
                || rows()
                    .any(|node| Some(&node.id) == engine.node_id.as_ref() && node.state == "ready")
        })
    }
}

impl Swarm {
    /// The service called `name`.
    pub fn service(&self, name: &str) -> Option<&Service> {
        self.services.iter().find(|service| service.name == name)
    }

    /// The row of a node by hostname; of two rows, the one that is not `down`.
    pub fn node(&self, hostname: &str) -> Option<&Node> {
        let mut rows = self.nodes.iter().filter(|node| node.hostname == hostname);
        let first = rows.next()?;
        Some(rows.fold(
            first,
            |best, row| {
                if best.state == "ready" { best } else { row }
            },
        ))
    }

    /// The hostname of a node by its id.
    pub fn hostname(&self, id: &str) -> Option<&str> {
        self.nodes
            .iter()
            .find(|node| node.id == id)
            .map(|node| node.hostname.as_str())
    }

    /// Tasks that have not ended, of services that are gone; but for those on
    /// lost nodes.
    pub fn tasks_left(&self) -> impl Iterator<Item = &Task> {
        self.tasks.iter().filter(|task| {
            let gone = self.services.iter().all(|s| s.id != task.service);
            gone && !task.state.ended() && !self.is_lost(task)
        })
    }

    /// Tasks of a service that are, or come to be, where Swarm put them.
    pub fn placed(&self, service: &str) -> u64 {
        let found = self.service(service);
        let tasks = found.into_iter().flat_map(|found| self.tasks_of(&found.id));
        tasks
            .filter(|task| task.desired <= TaskState::Running)
            .count() as u64
    }

    /// Every task that Swarm wants of a service runs, and there are enough.
    pub fn runs_all(&self, service: &str) -> bool {
        let Some(service) = self.service(service) else {
            return false;
        };
        let wanted = |task: &&Task| task.desired <= TaskState::Running;
        let wanted: Vec<&Task> = self.tasks_of(&service.id).filter(wanted).collect();
        let enough = match service.mode {
            ServiceMode::Replicated(replicas) => wanted.len() as u64 >= replicas,
            _ => true,
        };
        enough && wanted.iter().all(|task| task.state == TaskState::Running)
    }

    /// A service's replicas, and how many of them too few nodes carry for others;
    /// `None`: they are spread evenly, or the service is not of replicas.
    pub fn uneven(&self, service: &str) -> Option<(u64, u64)> {
        let service = self.service(service)?;
        let ServiceMode::Replicated(replicas) = service.mode else {
            return None;
        };
        let may = |node: &&Node| node.state == "ready" && node.availability == "active";
        let nodes: Vec<&Node> = self.nodes.iter().filter(may).collect();
        let share = replicas.checked_div(nodes.len() as u64)?;
        let missing = nodes.iter().map(|node| {
            let tasks = self.tasks_of(&service.id);
            let here = tasks.filter(|task| {
                task.desired <= TaskState::Running && task.node.as_deref() == Some(&node.id)
            });
            share.saturating_sub(here.count() as u64)
        });
        let missing: u64 = missing.sum();
        (missing > 0).then_some((replicas, missing))
    }

    /// Whether a task stands on a node that is down or no longer there: nobody
    /// knows whether it runs.
    pub fn is_lost(&self, task: &Task) -> bool {
        task.node.as_ref().is_some_and(|id| {
            let node = self.nodes.iter().find(|node| node.id == *id);
            node.is_none_or(|node| node.state == "down")
        })
    }

    /// The tasks of a service, by its id.
    pub fn tasks_of(&self, service_id: &str) -> impl Iterator<Item = &Task> {
        self.tasks
            .iter()
            .filter(move |task| task.service == service_id)
    }
}

impl TaskState {
    /// Whether the task has ended, well or badly.
    pub fn ended(self) -> bool {
        self > TaskState::Running
    }

    /// Docker's word for it, as `docker service ps` prints it.
    pub fn word(self) -> &'static str {
        match self {
            TaskState::New => "New",
            TaskState::Pending => "Pending",
            TaskState::Assigned => "Assigned",
            TaskState::Accepted => "Accepted",
            TaskState::Preparing => "Preparing",
            TaskState::Ready => "Ready",
            TaskState::Starting => "Starting",
            TaskState::Running => "Running",
            TaskState::Complete => "Complete",
            TaskState::Shutdown => "Shutdown",
            TaskState::Failed => "Failed",
            TaskState::Rejected => "Rejected",
            TaskState::Orphaned => "Orphaned",
            TaskState::Remove => "Remove",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn snapshot(swarm: LocalSwarm, state: Option<&str>) -> Snapshot {
        let engine = |id: &str| Container {
            state: ContainerState::Running,
            is_node: true,
            engine: Some(Engine {
                swarm,
                node_id: Some(id.to_owned()),
                ..Engine::default()
            }),
            ..Container::default()
        };
        Snapshot {
            containers: ["a", "b"].map(|id| (id.to_owned(), engine(id))).into(),
            swarm: state.map(|state| Swarm {
                nodes: vec![
                    Node {
                        id: "a".to_owned(),
                        state: "ready".to_owned(),
                        ..Node::default()
                    },
                    Node {
                        id: "b".to_owned(),
                        state: state.to_owned(),
                        ..Node::default()
                    },
                ],
                ..Swarm::default()
            }),
            ..Snapshot::default()
        }
    }

    #[test]
    fn nodes_have_found_together_when_the_swarm_sees_them_ready() {
        assert!(snapshot(LocalSwarm::Inactive, None).settled());
        assert!(snapshot(LocalSwarm::Active, Some("ready")).settled());
        assert!(!snapshot(LocalSwarm::Active, Some("down")).settled());
        assert!(!snapshot(LocalSwarm::Active, None).settled());
        assert!(!snapshot(LocalSwarm::Pending, None).settled());
        assert!(snapshot(LocalSwarm::Locked, None).settled());
        let mut silent = snapshot(LocalSwarm::Inactive, None);
        if let Some(container) = silent.containers.get_mut("b") {
            container.engine = None;
        }
        assert!(!silent.settled());
        // One that is stopped is not waited for.
        if let Some(container) = silent.containers.get_mut("b") {
            container.state = ContainerState::Exited(0);
        }
        assert!(silent.settled());
    }
}
