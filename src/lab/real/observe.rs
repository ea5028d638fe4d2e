//! Looking at the lab: containers from the outer engine, engines and the swarm
//! from the nodes.
//!
//! The requests to one node go one after another over one kept connection
//! (a request beside it would dial again, and a dial is an exec); the nodes are
//! asked at the same time. What changes only by a command (images, tokens,
//! networks, secrets) is asked for again after a command or when it is old.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use bollard::models::{ContainerSummary, ContainerSummaryStateEnum};
use futures_util::future::join_all;

use super::super::LabError;
use super::super::connect::RawError;
use super::node::NodeEngine;
use super::wire::{self, Info, Named, Parts, WireNetwork, WireNode, WireService, WireTask};
use super::{RealLab, label};
use crate::model::{Container, ContainerState, Engine, LocalSwarm, Snapshot, Swarm};

/// How old may be what a command alone changes.
const SLOW: Duration = Duration::from_millis(900);

/// How old may be an engine's own view of its membership, while the managers
/// are asked every time.
const MEMBERSHIP: Duration = Duration::from_millis(150);

/// A node that takes longer is taken as not answering.
const ANSWER_WITHIN: Duration = Duration::from_secs(4);

/// One that did not answer the last time keeps the look at the others waiting
/// no longer than this.
const SILENT_WITHIN: Duration = Duration::from_secs(1);

/// What was read of a node last, with its age.
#[derive(Clone, Default)]
pub struct Seen {
    engine: Option<(Instant, Engine)>,
    images: Option<(Instant, Vec<String>)>,
    still: Option<(Instant, Still)>,
}

/// The parts of a swarm that only commands change.
#[derive(Clone, Default)]
struct Still {
    id: String,
    worker: String,
    manager: String,
    networks: Vec<(String, String, crate::model::Network, bool)>,
    secrets: Vec<String>,
    configs: Vec<String>,
}

impl RealLab {
    /// Looks once. An error: the outer engine could not be asked.
    pub async fn observe(&self) -> Result<Snapshot, LabError> {
        let summaries = self.summaries().await?;
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
        let engines = join_all(running.iter().map(|(name, id)| self.look_at(name, id))).await;
        for ((name, _), engine) in running.iter().zip(engines) {
            if let Some(container) = containers.get_mut(name) {
                container.engine = engine;
            }
        }
        let managers: Vec<&str> = shape
            .iter()
            .map(|(name, _)| name.as_str())
            .filter(|name| {
                containers
                    .get(*name)
                    .and_then(|container| container.engine.as_ref())
                    .is_some_and(|engine| engine.manager)
            })
            .collect();
        let mut swarm = None;
        for manager in managers {
            let Ok(engine) = self.engine_of(manager) else {
                continue;
            };
            if let Ok(Ok(found)) = tokio::time::timeout(ANSWER_WITHIN, self.swarm(&engine)).await {
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
            ..Snapshot::default()
        };
        self.watched(&mut now, &summaries).await;
        Ok(now)
    }

    /// The next look asks for everything again.
    pub fn forget_seen(&self) {
        self.lock().seen.clear();
    }

    async fn look_at(&self, name: &str, id: &str) -> Option<Engine> {
        let engine = self.engine_for(name, id).ok()?;
        let was_silent = self.lock().unanswering.contains(id);
        let within = match was_silent {
            true => SILENT_WITHIN,
            false => ANSWER_WITHIN,
        };
        let seen = match tokio::time::timeout(within, self.ask_engine(&engine)).await {
            Ok(Ok(seen)) => Some(seen),
            Ok(Err(error)) => {
                tracing::debug!(node = name, %error, "engine does not answer");
                None
            }
            Err(_) => None,
        };
        let mut inner = self.lock();
        match seen {
            Some(_) => inner.unanswering.remove(id),
            None => inner.unanswering.insert(id.to_owned()),
        };
        seen
    }

    async fn ask_engine(&self, engine: &NodeEngine) -> Result<Engine, RawError> {
        let (old, images) = {
            let inner = self.lock();
            let seen = inner.seen.get(&engine.container).cloned();
            let seen = seen.unwrap_or_default();
            (fresh(&seen.engine, MEMBERSHIP), fresh(&seen.images, SLOW))
        };
        let mut found = match old {
            Some(engine) => engine,
            None => {
                let info: Info = engine.get("/info").await?;
                self.note_clock(&info.system_time);
                Engine {
                    version: info.server_version.clone(),
                    swarm: info.swarm.state(),
                    manager: info.swarm.control_available
                        && info.swarm.state() == LocalSwarm::Active,
                    node_id: Some(info.swarm.node_id).filter(|id| !id.is_empty()),
                    error: Some(info.swarm.error).filter(|error| !error.is_empty()),
                    ..Engine::default()
                }
            }
        };
        found.images = match images {
            Some(images) => images,
            None => {
                let images: Vec<wire::Image> = engine.get("/images/json").await?;
                images
                    .into_iter()
                    .flat_map(|image| image.repo_tags.unwrap_or_default())
                    .filter(|tag| tag != "<none>:<none>")
                    .collect()
            }
        };
        let now = Instant::now();
        let mut inner = self.lock();
        let seen = inner.seen.entry(engine.container.clone()).or_default();
        if fresh(&seen.engine, MEMBERSHIP).is_none() {
            seen.engine = Some((now, found.clone()));
        }
        if fresh(&seen.images, SLOW).is_none() {
            seen.images = Some((now, found.images.clone()));
        }
        Ok(found)
    }

    async fn swarm(&self, engine: &NodeEngine) -> Result<Swarm, RawError> {
        let nodes: Vec<WireNode> = engine.get("/nodes").await?;
        let services: Vec<WireService> = engine.get("/services").await?;
        let tasks: Vec<WireTask> = engine.get("/tasks").await?;
        let still = {
            let inner = self.lock();
            let seen = inner.seen.get(&engine.container);
            seen.and_then(|seen| fresh(&seen.still, SLOW))
        };
        let still = match still {
            Some(still) => still,
            None => {
                let still = self.ask_still(engine).await?;
                let mut inner = self.lock();
                let seen = inner.seen.entry(engine.container.clone()).or_default();
                seen.still = Some((Instant::now(), still.clone()));
                still
            }
        };
        let mut swarm = Parts {
            seen_from: engine.node.clone(),
            cluster: wire::Cluster {
                id: still.id,
                join_tokens: wire::Tokens {
                    worker: still.worker,
                    manager: still.manager,
                },
            },
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
        swarm.secrets = still.secrets;
        swarm.configs = still.configs;
        Ok(swarm)
    }

    async fn ask_still(&self, engine: &NodeEngine) -> Result<Still, RawError> {
        let cluster: wire::Cluster = engine.get("/swarm").await?;
        let networks: Vec<WireNetwork> = engine.get("/networks").await?;
        let secrets: Vec<Named> = engine.get("/secrets").await?;
        let configs: Vec<Named> = engine.get("/configs").await?;
        let names = |list: Vec<Named>| list.into_iter().map(|named| named.spec.name).collect();
        Ok(Still {
            id: cluster.id,
            worker: cluster.join_tokens.worker,
            manager: cluster.join_tokens.manager,
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

fn fresh<T: Clone>(kept: &Option<(Instant, T)>, at_most: Duration) -> Option<T> {
    kept.as_ref()
        .filter(|(at, _)| at.elapsed() < at_most)
        .map(|(_, value)| value.clone())
}

/// A label of a container.
pub fn label_of(summary: &ContainerSummary, key: &str) -> Option<String> {
    summary.labels.as_ref()?.get(key).cloned()
}

fn container_of(summary: &ContainerSummary, is_node: bool, network: &str) -> Container {
    let status = summary.status.as_deref().unwrap_or_default();
    let state = match summary.state {
        Some(ContainerSummaryStateEnum::RUNNING) => ContainerState::Running,
        Some(ContainerSummaryStateEnum::PAUSED) => ContainerState::Paused,
        Some(ContainerSummaryStateEnum::EXITED | ContainerSummaryStateEnum::DEAD) => {
            ContainerState::Exited(exit_code(status).unwrap_or(-1))
        }
        Some(_) => ContainerState::Created,
        None => ContainerState::Missing,
    };
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
