//! The real lab: Docker engines in containers (docker-in-docker).
//!
//! `make` brings containers up and `starting` waits for their engines,
//! `observe` looks, `exec` runs commands in nodes, `requests` asks services
//! and the registry, `host` is what the learner does to the lab's own containers and
//! images from outside. `clear` and `renew` are the two ways back to an entry, `mend` is
//! `repair`, `ports` gives a node another published port. What is removed is found by label.

mod afresh;
mod age;
mod bundle;
mod certificate;
mod clear;
mod clear_node;
mod exec;
mod host;
mod images;
mod make;
mod mend;
mod network;
mod node;
mod observe;
mod ports;
mod remove;
mod renew;
mod requests;
mod root;
mod spare;
mod spare_swarm;
mod starting;
mod subnet;
mod survey;
mod watch;
mod wire;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bollard::models::ContainerSummary;
use bollard::query_parameters::ListContainersOptionsBuilder;

use super::connect::{self, ConnectError, Connector, Endpoint, RawClient};
use super::{LabError, Plan};
use crate::model::Compose;
use node::NodeEngine;

pub use bundle::{Loaded, Saved, Stock, Stocked};
pub use survey::{OldImage, Relic, RelicKind, Survey};

/// The labels that everything of ours carries.
pub(crate) mod label {
    /// Always `swarmlings`: what is ours at all.
    pub const OWNER: &str = "io.swarmlings.owner";
    /// The lab's name.
    pub const LAB: &str = "io.swarmlings.lab";
    /// The compose service.
    pub const NODE: &str = "io.swarmlings.node";
    /// `node` or `other`.
    pub const KIND: &str = "io.swarmlings.kind";
    /// The user who made it.
    pub const USER: &str = "io.swarmlings.user";
    /// The host it was made from; engines may be shared.
    pub const HOST: &str = "io.swarmlings.host";
    /// The machine it was made from, beyond its name.
    pub const MACHINE: &str = "io.swarmlings.machine";
    /// The folder where the lab's progress lies. A lab whose folder is gone is
    /// a leftover.
    pub const STATE: &str = "io.swarmlings.state";
    /// A hash of what the container was made from.
    pub const CONFIG: &str = "io.swarmlings.config";
    /// The address that the lab gave it.
    pub const ADDRESS: &str = "io.swarmlings.address";
    /// The image as the compose file has it.
    pub const IMAGE: &str = "io.swarmlings.image";
}

/// How a lab is to be made.
#[derive(Clone, Debug)]
pub struct RealOptions {
    /// The lab's name, `[a-z0-9-]`.
    pub name: String,
    /// The lab's folder: compose file, files of lessons, bind mounts.
    pub dir: PathBuf,
    /// Where the program's own notes on the lab lie; not below `dir`, of which
    /// nodes may mount a part.
    pub state: PathBuf,
    /// Where images that the program makes are kept.
    pub cache: PathBuf,
    /// The engine.
    pub endpoint: Endpoint,
    /// `--node-image`.
    pub node_image: Option<String>,
    /// `--privileged`: for hosts where the narrow capabilities do not do.
    pub privileged: bool,
    /// The user's name, for the labels.
    pub user: String,
    /// The host's name, for the labels.
    pub host: String,
}

/// A lab of real engines.
pub struct RealLab {
    options: RealOptions,
    docker: bollard::Docker,
    raw: RawClient,
    inner: Mutex<Inner>,
    /// One preparation at a time: `up` waits for the one in the background.
    making: tokio::sync::Mutex<()>,
    /// Read while the engine makes something, see [`RealLab::carried`].
    under_way: Arc<tokio::sync::RwLock<()>>,
    /// The spare set is made or used by one at a time.
    sparing: tokio::sync::Mutex<()>,
    /// One look at a time: two at once would dial into each node twice.
    looking: tokio::sync::Mutex<observe::Rest>,
}

#[derive(Default)]
struct Inner {
    compose: Compose,
    kept: Kept,
    engines: HashMap<String, NodeEngine>,
    before: observe::Before,
    mesh: Option<bool>,
    /// Registries that did not answer, when, and the engine's words.
    silent: HashMap<String, (std::time::Instant, String)>,
    registry: Option<(std::time::Instant, Option<Vec<String>>)>,
    preloaded: Vec<String>,
    preload: Option<images::Found<Vec<images::Preload>>>,
    /// References on the outer engine, by the image that a compose file wants.
    on_host: Option<images::Found<BTreeMap<String, String>>>,
    watched: watch::Watched,
    /// By the container's id: whether its engine answered the last time.
    answered: HashMap<String, bool>,
    /// The newest rows of `node ls` that were seen: what members were, when
    /// nobody can be asked any more.
    rows: Vec<crate::model::Node>,
    /// Tasks whose service and container `clear` has removed: Swarm keeps their
    /// rows as running for some seconds more.
    cleared: HashSet<String>,
    /// By the container's id: when its files were seen to be those of its image.
    plain: HashMap<String, std::time::Instant>,
    /// The engines were made anew for this plan: who did that removes what was put
    /// aside when there is nothing else to do.
    renewed: Option<Plan>,
    /// Spare nodes could not become a swarm here, and stay clean engines.
    spare_alone: bool,
    /// Removals that go on behind the lab.
    leaving: Vec<tokio::task::JoinHandle<()>>,
}

/// What must outlive the program and is in no label.
#[derive(Clone, Debug, Default, serde::Serialize, serde::Deserialize)]
#[serde(default)]
struct Kept {
    /// `up` was done; containers without it were only prepared.
    up: bool,
    /// Containers were being made, and that did not come to its end (yet).
    making: bool,
    /// The compose file the lab was made from.
    compose: Compose,
    /// Tags made on the outer engine, by the reference the lessons use.
    tags: BTreeMap<String, String>,
    /// The spare nodes are one swarm, of which this one is the manager.
    spare_swarm: Option<String>,
}

impl RealLab {
    /// Nothing is asked of the engine yet.
    pub fn new(options: RealOptions) -> Result<RealLab, LabError> {
        let (docker, raw) = connect::docker(Connector::to(options.endpoint.clone()))
            .map_err(|error| engine_error("connect", error))?;
        let lab = RealLab {
            options,
            docker,
            raw,
            inner: Mutex::default(),
            making: tokio::sync::Mutex::default(),
            under_way: Arc::default(),
            sparing: tokio::sync::Mutex::default(),
            looking: tokio::sync::Mutex::default(),
        };
        let kept = lab.read_kept();
        let mut inner = lab.lock();
        inner.compose = kept.compose.clone();
        inner.kept = kept;
        drop(inner);
        Ok(lab)
    }

    /// Has the engine make something, to its end also when nobody waits for it any
    /// more: a request that is given up is carried out all the same, and whoever
    /// looks a moment later would not see what comes.
    async fn carried<T: Send + 'static>(
        &self,
        making: impl Future<Output = T> + Send + 'static,
    ) -> T {
        let busy = Arc::clone(&self.under_way).read_owned().await;
        let task = tokio::spawn(async move {
            let made = making.await;
            drop(busy);
            made
        });
        match task.await {
            Ok(made) => made,
            Err(failed) => std::panic::resume_unwind(failed.into_panic()),
        }
    }

    /// The turn of whoever makes or removes the lab, with nothing of an earlier
    /// one under way.
    async fn alone(&self) -> tokio::sync::MutexGuard<'_, ()> {
        let turn = self.making.lock().await;
        drop(self.under_way.write().await);
        turn
    }

    /// The lab's folder.
    pub fn dir(&self) -> &std::path::Path {
        &self.options.dir
    }

    /// Whether the engine shares this machine's file system.
    pub fn is_local(&self) -> bool {
        cfg!(target_os = "linux") && matches!(self.options.endpoint, Endpoint::Unix(_))
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // Nothing that is held under this lock can be left half-changed by a panic.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_up(&self) -> bool {
        self.lock().kept.up
    }

    /// Services of the compose file with whether each is a node.
    fn shape(&self) -> Vec<(String, bool)> {
        let inner = self.lock();
        inner
            .compose
            .services
            .iter()
            .map(|service| (service.name.clone(), service.is_node()))
            .collect()
    }

    /// The name of a container on the outer engine.
    fn container_name(&self, service: &str) -> String {
        format!("{}-{service}", self.prefix())
    }

    /// What names of containers and the network begin with.
    fn prefix(&self) -> String {
        match self.options.name.as_str() {
            "swarmlings" => "swarmlings".to_owned(),
            name => format!("swarmlings-{name}"),
        }
    }

    fn network_name(&self) -> String {
        self.prefix()
    }

    /// Labels for a new thing of this lab.
    fn labels(&self) -> HashMap<String, String> {
        let mut labels = self.telling_labels();
        let state = self.options.state.display().to_string();
        labels.insert(label::STATE.to_owned(), state);
        if let Some(machine) = survey::machine() {
            labels.insert(label::MACHINE.to_owned(), machine);
        }
        labels
    }

    /// The labels that tell what is this lab's.
    fn telling_labels(&self) -> HashMap<String, String> {
        [
            (label::OWNER, "swarmlings"),
            (label::LAB, self.options.name.as_str()),
            (label::USER, self.options.user.as_str()),
            (label::HOST, self.options.host.as_str()),
        ]
        .into_iter()
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .collect()
    }

    /// A filter that finds what is this lab's.
    fn label_filter(&self) -> HashMap<String, Vec<String>> {
        let wanted = self
            .telling_labels()
            .into_iter()
            .map(|(key, value)| format!("{key}={value}"))
            .collect();
        HashMap::from([("label".to_owned(), wanted)])
    }

    /// The containers that are the lab, running or not: neither those that were
    /// put aside nor the spare ones.
    async fn summaries(&self) -> Result<Vec<ContainerSummary>, LabError> {
        let mut all = self.everything().await?;
        all.retain(|summary| self.is_current(summary));
        Ok(all)
    }

    /// Whether a container has the name that its service has in the lab.
    fn is_current(&self, summary: &ContainerSummary) -> bool {
        let Some(service) = observe::label_of(summary, label::NODE) else {
            return false;
        };
        let name = format!("/{}", self.container_name(&service));
        summary.names.iter().flatten().any(|other| *other == name)
    }

    /// Every container that carries this lab's labels.
    async fn everything(&self) -> Result<Vec<ContainerSummary>, LabError> {
        let options = ListContainersOptionsBuilder::default()
            .all(true)
            .filters(&self.label_filter())
            .build();
        self.docker
            .list_containers(Some(options))
            .await
            .map_err(|error| engine_error("list containers", error))
    }

    /// The client of a running node, dialled in that very container.
    fn engine_for(&self, name: &str, container: &str) -> Result<NodeEngine, LabError> {
        let mut inner = self.lock();
        if let Some(engine) = inner.engines.get(name)
            && engine.container == container
        {
            return Ok(engine.clone());
        }
        let engine = NodeEngine::new(&self.docker, name, container)?;
        inner.engines.insert(name.to_owned(), engine.clone());
        Ok(engine)
    }

    /// The client of a node that was seen before.
    fn engine_of(&self, name: &str) -> Result<NodeEngine, LabError> {
        let inner = self.lock();
        let engine = inner.engines.get(name).cloned();
        engine.ok_or_else(|| LabError::NotRunning(name.to_owned()))
    }

    fn kept_file(&self) -> PathBuf {
        self.options.state.join("lab.json")
    }

    fn read_kept(&self) -> Kept {
        // Unreadable: taken as a lab that was never up; its containers are found by label.
        std::fs::read(self.kept_file())
            .ok()
            .and_then(|bytes| serde_json::from_slice(&bytes).ok())
            .unwrap_or_default()
    }

    /// Changes what outlives the program, and writes it in one move.
    fn keep(&self, change: impl FnOnce(&mut Kept)) -> Result<(), LabError> {
        let kept = {
            let mut inner = self.lock();
            change(&mut inner.kept);
            inner.kept.clone()
        };
        let path = self.kept_file();
        let write = || {
            std::fs::create_dir_all(&self.options.state)?;
            let mut file = tempfile::NamedTempFile::new_in(&self.options.state)?;
            serde_json::to_writer_pretty(&mut file, &kept)?;
            file.persist(&path)?;
            std::io::Result::Ok(())
        };
        write().map_err(|source| LabError::File { path, source })
    }
}

/// A bollard error with the operation that failed.
/// What is said of a container of the lab that is not there.
fn gone(error: LabError, name: &str) -> LabError {
    match error {
        LabError::Engine {
            status: Some(404),
            ref message,
            ..
        } if message.contains("No such container") => LabError::Gone(name.to_owned()),
        other => other,
    }
}

fn engine_error(doing: &str, error: bollard::errors::Error) -> LabError {
    if let Some(found) = ConnectError::of(&error) {
        return LabError::Unreachable(found.clone());
    }
    match error {
        bollard::errors::Error::DockerResponseServerError {
            status_code,
            message,
        } => LabError::Engine {
            doing: doing.to_owned(),
            message,
            status: Some(status_code),
        },
        bollard::errors::Error::DockerStreamError { error } => LabError::Engine {
            doing: doing.to_owned(),
            message: error,
            status: None,
        },
        other => LabError::Engine {
            doing: doing.to_owned(),
            message: other.to_string(),
            status: None,
        },
    }
}

/// A raw client's error with the operation that failed.
fn raw_error(doing: &str, error: connect::RawError) -> LabError {
    match error {
        connect::RawError::Connect(found) => LabError::Unreachable(found),
        connect::RawError::Engine { status, message } => LabError::Engine {
            doing: doing.to_owned(),
            message,
            status: Some(status),
        },
        connect::RawError::Http(message) => LabError::Engine {
            doing: doing.to_owned(),
            message,
            status: None,
        },
    }
}

/// Whether the engine said that there is no such thing.
fn is_missing(error: &LabError) -> bool {
    matches!(
        error,
        LabError::Engine {
            status: Some(404),
            ..
        }
    )
}
