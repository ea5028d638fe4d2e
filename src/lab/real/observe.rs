//! Looking at the lab: containers from the outer engine, engines and the swarm
//! from the nodes.
//!
//! The requests to one node go one after another over a kept connection
//! (a request beside it would dial again, and a dial is an exec); the nodes are
//! asked at the same time, and no two looks are. A slow machine is left alone
//! between two looks for as long as a look takes. What changes only by a command
//! (images, networks, secrets) is asked for again after a command or when it is
//! old. `GET /info` is dear (the engine starts other programs to answer it), so
//! a node is asked for it only when its answer to `GET /swarm` has changed.

use std::collections::{BTreeMap, HashMap};
use std::time::{Duration, Instant};

use bollard::models::{ContainerSummary, ContainerSummaryStateEnum};
use futures_util::future::join_all;

use super::super::LabError;
use super::super::connect::RawError;
use super::node::NodeEngine;
use super::wire::{self, Info, Named, Parts, WireNetwork, WireNode, WireService, WireTask};
use super::{RealLab, label};
use crate::model::{Container, ContainerState, Engine, LocalSwarm, Snapshot, Swarm};

/// How old may be what a command alone changes: at first little, then the more
/// the longer nobody has typed one.
const OLD: std::ops::Range<Duration> = Duration::from_millis(900)..Duration::from_secs(6);

/// A node that takes longer is taken as not answering.
const ANSWER_WITHIN: Duration = Duration::from_secs(4);

/// The same for one that is asked for the first time: on a slow machine it takes
/// a while until the way into the node is there.
const FIRST_ANSWER_WITHIN: Duration = Duration::from_secs(12);

/// One that did not answer the last time keeps the look at the others waiting
/// no longer than this.
const SILENT_WITHIN: Duration = Duration::from_secs(1);

/// The network that an engine makes when it comes into a swarm and keeps ever after.
const OF_MEMBERS: &str = "docker_gwbridge";

/// A look that takes no longer costs the machine little.
const QUICK: Duration = Duration::from_millis(500);

/// The longest rest after a look.
const REST: Duration = Duration::from_secs(2);

/// When the next look may begin.
pub struct Rest {
    until: tokio::time::Instant,
}

impl Default for Rest {
    fn default() -> Self {
        Rest {
            until: tokio::time::Instant::now(),
        }
    }
}

impl Rest {
    fn after(&mut self, took: Duration) {
        let rest = match took > QUICK {
            true => took.min(REST),
            false => Duration::ZERO,
        };
        self.until = tokio::time::Instant::now() + rest;
    }
}

/// What was read by the looks before, with its age.
#[derive(Default)]
pub struct Before {
    nodes: HashMap<String, Seen>,
    /// Grows with each command: what was asked before it is not kept.
    commands: u64,
    commanded: Option<Instant>,
}

impl Before {
    fn command_ended(&mut self) {
        self.commands += 1;
        self.commanded = Some(Instant::now());
    }

    /// Nothing is kept.
    pub fn forget(&mut self) {
        self.command_ended();
        self.nodes.clear();
    }
}

/// What was read of a node last.
#[derive(Clone, Default)]
struct Seen {
    engine: Option<(Instant, Membership, Engine)>,
    /// What the engine called itself then; the inner `None`: it does not.
    role: Option<Option<String>>,
    images: Option<(Instant, Vec<String>)>,
    still: Option<(Instant, Still)>,
}

/// What `GET /swarm` says of a node's place in a swarm.
#[derive(Clone, PartialEq)]
enum Membership {
    /// The swarm's id.
    Manager(String),
    /// Why it has no swarm to show: it is a worker, or part of none.
    Refused(String),
}

/// The parts of a swarm that only commands change.
#[derive(Clone, Default)]
struct Still {
    networks: Vec<(String, String, crate::model::Network, bool)>,
    secrets: Vec<String>,
    configs: Vec<String>,
}

/// A node that answered.
struct Answered {
    engine: Engine,
    /// The swarm it manages.
    cluster: Option<wire::Cluster>,
}

impl RealLab {
    /// Looks once. An error: the outer engine could not be asked.
    pub async fn observe(&self) -> Result<Snapshot, LabError> {
        let mut rest = self.looking.lock().await;
        tokio::time::sleep_until(rest.until).await;
        let began = Instant::now();
        let (seen, first) = self.look().await?;
        // The first look at a node takes longer only because of the way into it.
        if !first {
            rest.after(began.elapsed());
        }
        Ok(seen)
    }

    /// The lab now, and whether some node was asked for the first time.
    async fn look(&self) -> Result<(Snapshot, bool), LabError> {
        let mut summaries = self.everything().await?;
        let spare = self.has_spare(&summaries);
        summaries.retain(|summary| self.is_current(summary));
        let shape = self.shape();
        let mut containers: BTreeMap<String, Container> = shape
            .iter()
            .map(|(name, is_node)| {
                let container = Container {
                    is_node: *is_node,
                    ..Container::default()
                };
                (name.clone(), container)
            })
            .collect();
        let shown = self.is_up();
        let mut running = Vec::new();
        for summary in &summaries {
            let Some(name) = label_of(summary, label::NODE) else {
                continue;
            };
            let is_node = label_of(summary, label::KIND).as_deref() == Some("node");
            let container = container_of(summary, is_node, &self.network_name());
            if is_node && container.state == ContainerState::Running {
                let id = summary.id.clone().unwrap_or_default();
                running.push((name.clone(), id));
            }
            containers.insert(name, container);
        }
        if !shown {
            // Prepared in the background, and not there for the learner before `up`.
            for container in containers.values_mut() {
                *container = Container {
                    is_node: container.is_node,
                    ..Container::default()
                };
            }
            running.clear();
        }
        let first = {
            let inner = self.lock();
            let mut ids = running.iter().map(|(_, id)| id);
            ids.any(|id| !inner.answered.contains_key(id))
        };
        let asking = join_all(running.iter().map(|(name, id)| self.look_at(name, id)));
        let (answers, ()) = tokio::join!(asking, self.certificates_ahead(&running));
        let mut managed = BTreeMap::new();
        for ((name, _), answer) in running.iter().zip(answers) {
            let Some(answer) = answer else { continue };
            if let Some(container) = containers.get_mut(name) {
                container.engine = Some(answer.engine);
            }
            managed.extend(answer.cluster.map(|cluster| (name.as_str(), cluster)));
        }
        let mut swarm = None;
        for (name, _) in &shape {
            let (Some(cluster), Ok(engine)) = (managed.remove(name.as_str()), self.engine_of(name))
            else {
                continue;
            };
            if let Ok(found) = self.swarm(&engine, cluster).await {
                swarm = Some(found);
                break;
            }
        }
        let registry = match shown {
            true => self.registry_holds().await,
            false => None,
        };
        let mesh = self.mesh(swarm.as_ref()).await;
        if let Some(swarm) = &swarm {
            self.lock().rows.clone_from(&swarm.nodes);
        }
        let mut now = Snapshot {
            up: shown,
            containers,
            swarm,
            registry,
            mesh,
            spare,
            ..Snapshot::default()
        };
        self.watched(&mut now, &summaries).await;
        Ok((now, first))
    }

    /// The swarm that this node manages.
    pub async fn swarm_of(&self, node: &str) -> Option<Swarm> {
        let engine = self.engine_of(node).ok()?;
        let cluster = swarm_of(FIRST_ANSWER_WITHIN, &engine).await.ok()??;
        self.swarm(&engine, cluster).await.ok()
    }

    /// A command has ended: the next look asks for what it may have changed.
    pub fn forget_seen(&self) {
        let mut inner = self.lock();
        inner.before.command_ended();
        for seen in inner.before.nodes.values_mut() {
            seen.images = None;
            seen.still = None;
        }
    }

    /// Containers came, went or began anew: the next look asks for everything.
    pub fn forget_all(&self) {
        self.lock().before.forget();
    }

    /// How old may be now what a command alone changes.
    pub(super) fn old(&self) -> Duration {
        let commanded = self.lock().before.commanded;
        let since = commanded.map_or(OLD.end, |at| at.elapsed());
        (since / 4).clamp(OLD.start, OLD.end)
    }

    /// What is kept of a node, and after which command.
    fn seen_before(&self, engine: &NodeEngine) -> (Seen, u64) {
        let inner = self.lock();
        let seen = inner.before.nodes.get(&engine.container);
        (seen.cloned().unwrap_or_default(), inner.before.commands)
    }

    /// Keeps what was read, unless a command ended meanwhile: that may have
    /// been before or after it.
    fn keep_seen(&self, engine: &NodeEngine, commands: u64, change: impl FnOnce(&mut Seen)) {
        let mut inner = self.lock();
        if inner.before.commands == commands {
            change(
                inner
                    .before
                    .nodes
                    .entry(engine.container.clone())
                    .or_default(),
            );
        }
    }

    async fn look_at(&self, name: &str, id: &str) -> Option<Answered> {
        let engine = self.engine_for(name, id).ok()?;
        let answered = self.lock().answered.get(id).copied();
        let asked = match answered {
            Some(false) => {
                let asking = self.ask_engine(&engine, ANSWER_WITHIN);
                tokio::time::timeout(SILENT_WITHIN, asking).await
            }
            Some(true) => Ok(self.ask_engine(&engine, ANSWER_WITHIN).await),
            None => Ok(self.ask_engine(&engine, FIRST_ANSWER_WITHIN).await),
        };
        let seen = match asked {
            Ok(Ok(seen)) => Some(seen),
            Ok(Err(error)) => {
                tracing::trace!(node = name, %error, "engine does not answer");
                None
            }
            Err(_) => None,
        };
        self.lock().answered.insert(id.to_owned(), seen.is_some());
        seen
    }

    async fn ask_engine(
        &self,
        engine: &NodeEngine,
        within: Duration,
    ) -> Result<Answered, RawError> {
        let (seen, commands) = self.seen_before(engine);
        let old = self.old();
        // Who is no manager writes an error into its log, which a learner may read,
        // whenever it is asked for its swarm: so not while its role is the same.
        let was_manager = matches!(seen.engine, Some((_, Membership::Manager(_), _)));
        let role = match &seen.role {
            Some(None) => None,
            _ if was_manager => None,
            _ => in_time(within, engine.role()).await?,
        };
        // One that manages may refuse for a moment, and is asked again.
        let plain = matches!(role.as_deref(), Some("inactive" | "active/worker"));
        let same = plain && seen.role.as_ref() == Some(&role);
        let (membership, cluster) = match &seen.engine {
            Some((_, Membership::Refused(message), _)) if same => {
                (Some(Membership::Refused(message.clone())), None)
            }
            _ => match swarm_of(within, engine).await {
                Ok(Some(cluster)) => (Some(Membership::Manager(cluster.id.clone())), Some(cluster)),
                Err(RawError::Engine { message, .. }) => (Some(Membership::Refused(message)), None),
                Ok(None) => (None, None),
                Err(error) => return Err(error),
            },
        };
        if !was_manager && matches!(membership, Some(Membership::Refused(_))) {
            self.keep_seen(engine, commands, |seen| seen.role = Some(role));
        }
        // One that waits for a leader knows no more than it did.
        let waits = membership.is_none();
        let kept = seen.engine.clone().filter(|(at, then, engine)| {
            let same = at.elapsed() < old && Some(then) == membership.as_ref();
            same || waits && engine.manager
        });
        let mut found = match kept {
            Some((_, _, engine)) => engine,
            None => {
                let mut found = match in_time(within, self.ask_info(engine)).await {
                    Ok(found) => found,
                    // A manager that has lost the others lets this one wait as well.
                    Err(error) => match seen.engine {
                        Some((_, _, then)) if then.manager && answers(within, engine).await => then,
                        _ => return Err(error),
                    },
                };
                if found.swarm == LocalSwarm::Inactive {
                    let networks: Vec<WireNetwork> =
                        in_time(within, engine.get("/networks")).await?;
                    found.never_joined = !networks.iter().any(|n| n.name == OF_MEMBERS);
                }
                // The others are on their way to another one.
                let settled = matches!(found.swarm, LocalSwarm::Active | LocalSwarm::Inactive);
                if let Some(membership) = membership.filter(|_| settled) {
                    let kept = (Instant::now(), membership, found.clone());
                    self.keep_seen(engine, commands, |seen| seen.engine = Some(kept));
                }
                found
            }
        };
        found.images = match fresh(&seen.images, old) {
            Some(images) => images,
            None => {
                let images: Vec<wire::Image> = in_time(within, engine.get("/images/json")).await?;
                let images: Vec<String> = images
                    .into_iter()
                    .flat_map(|image| image.repo_tags.unwrap_or_default())
                    .filter(|tag| tag != "<none>:<none>")
                    .collect();
                let kept = (Instant::now(), images.clone());
                self.keep_seen(engine, commands, |seen| seen.images = Some(kept));
                images
            }
        };
        let cluster = cluster.filter(|_| found.manager);
        Ok(Answered {
            engine: found,
            cluster,
        })
    }

    async fn ask_info(&self, engine: &NodeEngine) -> Result<Engine, RawError> {
        let info: Info = engine.get("/info").await?;
        self.note_clock(&info.system_time);
        Ok(Engine {
            version: info.server_version.clone(),
            swarm: info.swarm.state(),
            manager: info.swarm.control_available && info.swarm.state() == LocalSwarm::Active,
            // One that comes back and finds no leader stays pending.
            manager_certificate: info.swarm.control_available,
            node_id: Some(info.swarm.node_id).filter(|id| !id.is_empty()),
            error: Some(info.swarm.error).filter(|error| !error.is_empty()),
            ..Engine::default()
        })
    }

    async fn swarm(&self, engine: &NodeEngine, cluster: wire::Cluster) -> Result<Swarm, RawError> {
        let nodes: Vec<WireNode> = in_time(ANSWER_WITHIN, engine.get("/nodes")).await?;
        let services: Vec<WireService> = in_time(ANSWER_WITHIN, engine.get("/services")).await?;
        let tasks: Vec<WireTask> = in_time(ANSWER_WITHIN, engine.get("/tasks")).await?;
        let (seen, commands) = self.seen_before(engine);
        let still = match fresh(&seen.still, self.old()) {
            Some(still) => still,
            None => {
                let still = self.ask_still(engine).await?;
                let kept = (Instant::now(), still.clone());
                self.keep_seen(engine, commands, |seen| seen.still = Some(kept));
                still
            }
        };
        let mut swarm = Parts {
            seen_from: engine.node.clone(),
            cluster,
            nodes,
            services,
            tasks,
            networks: still
                .networks
                .iter()
                .map(|(id, name, _, _)| WireNetwork {
                    id: id.clone(),
                    name: name.clone(),
                    ..WireNetwork::default()
                })
                .collect(),
            secrets: Vec::new(),
            configs: Vec::new(),
        }
        .into_model();
        swarm.networks = still
            .networks
            .into_iter()
            .filter(|(_, _, _, of_users)| *of_users)
            .map(|(_, _, network, _)| network)
            .collect();
        {
            let mut inner = self.lock();
            let listed = |id: &String| swarm.tasks.iter().any(|task| task.id == *id);
            inner.cleared.retain(listed);
            swarm.tasks.retain(|task| !inner.cleared.contains(&task.id));
        }
        swarm.secrets = still.secrets;
        swarm.configs = still.configs;
        Ok(swarm)
    }

    async fn ask_still(&self, engine: &NodeEngine) -> Result<Still, RawError> {
        let networks: Vec<WireNetwork> = in_time(ANSWER_WITHIN, engine.get("/networks")).await?;
        let secrets: Vec<Named> = in_time(ANSWER_WITHIN, engine.get("/secrets")).await?;
        let configs: Vec<Named> = in_time(ANSWER_WITHIN, engine.get("/configs")).await?;
        let names = |list: Vec<Named>| list.into_iter().map(|named| named.spec.name).collect();
        Ok(Still {
            networks: networks
                .into_iter()
                .map(|network| {
                    let (id, name) = (network.id.clone(), network.name.clone());
                    let of_users = network.of_users();
                    let is = of_users.is_some();
                    (id, name, of_users.unwrap_or_default(), is)
                })
                .collect(),
            secrets: names(secrets),
            configs: names(configs),
        })
    }
}

/// The swarm that an engine manages; `None`: it lets this wait, as a manager without
/// a leader does, and answers what no swarm is needed for.
async fn swarm_of(
    within: Duration,
    engine: &NodeEngine,
) -> Result<Option<wire::Cluster>, RawError> {
    let mut swarm = std::pin::pin!(in_time(within, engine.get::<wire::Cluster>("/swarm")));
    // Asked beside it, so that a hung engine is known after no more than `within`.
    let there = async {
        tokio::time::sleep(within / 2).await;
        answers(within / 2, engine).await
    };
    tokio::select! {
        told = &mut swarm => told.map(Some),
        there = there => match (swarm.await, there) {
            (Err(RawError::Http(_)), true) => Ok(None),
            (told, _) => told.map(Some),
        },
    }
}

/// Whether the engine answers what no swarm is needed for.
async fn answers(within: Duration, engine: &NodeEngine) -> bool {
    in_time(within, engine.role()).await.is_ok()
}

/// An answer that comes too late is none.
async fn in_time<T>(
    within: Duration,
    asking: impl Future<Output = Result<T, RawError>>,
) -> Result<T, RawError> {
    match tokio::time::timeout(within, asking).await {
        Ok(answer) => answer,
        Err(_) => Err(RawError::Http("no answer in time".to_owned())),
    }
}

fn fresh<T: Clone>(kept: &Option<(Instant, T)>, at_most: Duration) -> Option<T> {
    kept.as_ref()
        .filter(|(at, _)| at.elapsed() < at_most)
        .map(|(_, value)| value.clone())
}

/// A label of a container.
pub fn label_of(summary: &ContainerSummary, key: &str) -> Option<String> {
    summary.labels.as_ref()?.get(key).cloned()
}

/// A container's state; how it ended stands in Docker's words alone.
pub fn container_state(summary: &ContainerSummary) -> ContainerState {
    let status = summary.status.as_deref().unwrap_or_default();
    match summary.state {
        Some(ContainerSummaryStateEnum::RUNNING) => ContainerState::Running,
        Some(ContainerSummaryStateEnum::PAUSED) => ContainerState::Paused,
        Some(ContainerSummaryStateEnum::EXITED) => {
            ContainerState::Exited(exit_code(status).unwrap_or(-1))
        }
        // On its way out: it can only be made anew.
        Some(ContainerSummaryStateEnum::DEAD | ContainerSummaryStateEnum::REMOVING) | None => {
            ContainerState::Missing
        }
        Some(_) => ContainerState::Created,
    }
}

fn container_of(summary: &ContainerSummary, is_node: bool, network: &str) -> Container {
    let state = container_state(summary);
    let address = summary
        .network_settings
        .as_ref()
        .and_then(|settings| settings.networks.as_ref())
        .and_then(|networks| networks.get(network))
        .and_then(|endpoint| endpoint.ip_address.as_ref())
        .and_then(|address| address.parse().ok());
    let ports = summary
        .ports
        .iter()
        .flatten()
        .filter_map(|port| Some((port.public_port?, port.private_port)))
        .collect();
    Container {
        state,
        is_node,
        address,
        home: label_of(summary, label::ADDRESS).and_then(|home| home.parse().ok()),
        engine: None,
        ports,
    }
}

/// `Exited (137) 3 seconds ago` -> 137
fn exit_code(status: &str) -> Option<i64> {
    let (_, rest) = status.split_once('(')?;
    let (code, _) = rest.split_once(')')?;
    code.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_exit_code_is_read_out_of_dockers_status() {
        assert_eq!(exit_code("Exited (137) 3 seconds ago"), Some(137));
        assert_eq!(exit_code("Up 3 seconds"), None);
    }
}
