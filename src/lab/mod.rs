//! The lab: the practice cluster of nodes, real (`real`) or in memory (`memory`).
//!
//! This is the only room that knows Docker's API. It gives the model's plain
//! data out and takes a plan and argv in; it knows nothing of lessons' prose,
//! of the prompt or of progress.

pub mod connect;
pub mod find;
pub mod image;
pub mod machine;
mod memory;
mod real;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::{mpsc, watch};

use crate::check::Via;
use crate::model::{Answer, Compose, ContainerState, Files, Mend, Snapshot, Swarm};
use crate::shell::{Exec, Lifecycle, Logs};

pub use memory::{Harm, MemoryLab, MemoryOptions};
pub use real::{
    Loaded, OldImage, RealLab, RealOptions, Relic, RelicKind, Saved, Stock, Stocked, Survey,
};

/// The service images that the program can make itself where none can be pulled.
pub const MAKES: [&str; 1] = [image::service::HTTP_ECHO];

/// What a lab is to be: the compose file and the images its lessons need.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plan {
    /// The compose file.
    pub compose: Compose,
    /// Images preloaded into every node, as the lessons write them.
    pub images: Vec<String>,
}

/// What a way goes on with once engines are clean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next<'a> {
    /// Nothing, before all of them are there.
    Nothing,
    /// Commands, as soon as there is one for this node.
    First(&'a str),
    /// They are to be one swarm, of which this node alone is a manager: a spare set that
    /// is that already does.
    Swarm(&'a str),
}

/// What took the place of a lab's engines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Renewed {
    /// There was a container that was kept.
    pub kept: bool,
    /// They are the swarm that was asked for.
    pub swarm: bool,
}

/// A lab, behind one door.
#[derive(Clone)]
pub enum Lab {
    /// Four real engines.
    Real(Arc<RealLab>),
    /// A model of them, for tests and for trying lessons without Docker.
    Memory(Arc<MemoryLab>),
}

/// A way to a step, see [`Lab::hurry`].
pub struct Hurry(Lab);

impl Drop for Hurry {
    fn drop(&mut self) {
        if let Lab::Real(lab) = &self.0 {
            lab.hurried();
        }
    }
}

/// Bytes of memory that a node takes. Measured: 90 MiB idle, 150 to 170 MiB with
/// tasks of a service of six.
pub const NODE_MEMORY: u64 = 160 * 1_000_000;

/// What making a lab would take, to be told before it is done.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Needs {
    /// Containers to be made.
    pub containers: usize,
    /// The node image has to be put together from the host's engine (`~bytes`).
    pub assemble: bool,
    /// Images to pull from a registry.
    pub pull: Vec<String>,
    /// Stand-ins that the program makes itself, by the name they stand in for.
    pub stand_ins: Vec<String>,
    /// Which engine, as found.
    pub engine: String,
}

impl Needs {
    /// Whether there is anything to ask the learner about.
    pub fn anything(&self) -> bool {
        self.containers > 0
    }
}

/// News while a lab is made, changed or ended.
#[derive(Clone, Debug, PartialEq)]
pub enum News {
    /// The node image is being put together from the host's own engine.
    Assembling,
    /// An image is being pulled: bytes so far, and of how many.
    Pulling {
        /// The image.
        image: String,
        /// Bytes so far.
        done: u64,
        /// Bytes in all, as far as known.
        total: u64,
    },
    /// An image is being written into a file, or read out of one: bytes so far,
    /// and of about how many.
    Copying {
        /// The image.
        image: String,
        /// Bytes so far.
        done: u64,
        /// Bytes in all, as far as known.
        total: u64,
    },
    /// A container has come to a new state.
    Container {
        /// The compose service.
        name: String,
        /// What it is at.
        phase: Phase,
    },
    /// A published port was taken and another is used.
    PortMoved {
        /// The compose service.
        name: String,
        /// The port of the compose file.
        from: u16,
        /// The one used; `None`: none was free.
        to: Option<u16>,
    },
    /// `privileged: true` is honoured by capabilities.
    PrivilegedNarrowed,
    /// An image is a stand-in that the program made.
    StandIn {
        /// The image it stands in for.
        image: String,
    },
    /// An image of the lessons can't be had here.
    ImageMissing {
        /// The image.
        image: String,
        /// Why.
        why: String,
    },
}

/// How far a container is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// Being created.
    Creating,
    /// Started; its engine is coming up.
    Starting,
    /// Images are being loaded into it.
    Loading,
    /// Answers and has its images.
    Ready,
    /// Being removed.
    Removing,
    /// Gone.
    Gone,
}

/// Where news goes. A receiver that went away is no error.
pub type Tell = mpsc::UnboundedSender<News>;

/// A piece of what a command prints.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// Standard output, or all of a TTY's.
    Out(Vec<u8>),
    /// Standard error.
    Err(Vec<u8>),
}

/// The ends of a command that runs in the lab.
pub struct Pipes {
    /// What it prints. Closed by the lab when the command has ended.
    pub out: mpsc::Sender<Output>,
    /// What is typed into it; none: standard input is not attached.
    pub input: Option<mpsc::Receiver<Vec<u8>>>,
    /// The terminal's `(columns, rows)`; none: no TTY.
    pub tty: Option<watch::Receiver<(u16, u16)>>,
    /// Each message is one Ctrl-C of a learner whose command has no TTY: the
    /// first is SIGINT to it, the second SIGKILL.
    pub interrupt: Option<mpsc::Receiver<()>>,
}

/// A container of the lab as `docker ps` shows it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PsRow {
    /// The container's id, 64 hex digits.
    pub id: String,
    /// The compose service's name.
    pub name: String,
    /// The image as the compose file has it.
    pub image: String,
    /// The command, shortened.
    pub command: String,
    /// Seconds since it was made, where the engine says when.
    pub age: Option<i64>,
    /// Docker's words, e.g. `Up 3 seconds`.
    pub status: String,
    /// Published and exposed ports, in Docker's words.
    pub ports: String,
    /// Whether it runs, and how it ended.
    pub state: ContainerState,
}

/// An image of the lab as `docker images` shows it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImageRow {
    /// Repository, as the lessons write it.
    pub repository: String,
    /// Tag.
    pub tag: String,
    /// Id, `sha256:...`.
    pub id: String,
    /// Seconds since it was made, where its maker says when.
    pub age: Option<i64>,
    /// Bytes.
    pub size: i64,
}

/// What `down` removed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Removed {
    /// Containers.
    pub containers: usize,
    /// Networks.
    pub networks: usize,
    /// Tags and images.
    pub images: usize,
    /// Images that are still in use.
    pub kept: Vec<String>,
}

/// Why the lab could not do something. `words::lab` makes the sentence.
#[derive(Debug, thiserror::Error)]
pub enum LabError {
    /// The outer engine can't be reached.
    #[error("the Docker Engine does not answer")]
    Unreachable(#[from] connect::ConnectError),
    /// The outer engine refused.
    #[error("{doing}: {message}")]
    Engine {
        /// What was being done, e.g. `create container manager`.
        doing: String,
        /// Docker's message.
        message: String,
        /// The HTTP status, if there was one.
        status: Option<u16>,
    },
    /// The engine in a node does not answer.
    #[error("the engine in {node} does not answer: {message}")]
    NodeSilent {
        /// The node.
        node: String,
        /// Why.
        message: String,
    },
    /// A container with our name belongs to somebody else.
    #[error("a container named {name} is not of this lab")]
    NameTaken {
        /// The container's name.
        name: String,
    },
    /// No free subnet.
    #[error("no free /24 network")]
    NoSubnet,
    /// Neither an image nor a way to make one.
    #[error("no image {image}: {why}")]
    NoImage {
        /// The image.
        image: String,
        /// Why it can't be pulled or made.
        why: String,
    },
    /// The program could not put an image together.
    #[error("{image}: {error}")]
    Unmade {
        /// The image.
        image: String,
        /// Why.
        error: image::ImageError,
    },
    /// A node's engine did not come up.
    #[error("{node} did not come up")]
    NotUp {
        /// The node.
        node: String,
        /// The last lines of its log.
        log: String,
        /// What of the outer engine is the likely cause.
        cause: Option<Box<find::Trouble>>,
    },
    /// No container of that name, or not made yet.
    #[error("{0} is not running")]
    NotRunning(String),
    /// A container of the lab was removed.
    #[error("{0} has no container")]
    Gone(String),
    /// A command in that node did not end, and is no longer waited for.
    #[error("a command in {0} does not end")]
    NoEnd(String),
    /// A file of the lab.
    #[error("{path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The tag exists and is the learner's own.
    #[error("the tag {0} is not the lab's")]
    TagTaken(String),
    /// The image is not in the lab.
    #[error("no such image in the lab: {0}")]
    NoLabImage(String),
    /// No manager answers for a swarm.
    #[error("no manager answers for the swarm")]
    NoSwarm,
    /// The lab has no registry.
    #[error("no registry in this lab")]
    NoRegistry,
    /// A file of images can't be used.
    #[error("{path}: {fault:?}")]
    Bundle {
        /// The file.
        path: PathBuf,
        /// Why.
        fault: image::bundle::BundleFault,
    },
}

impl Lab {
    /// What `up` would take.
    pub async fn needs(&self, plan: &Plan) -> Result<Needs, LabError> {
        match self {
            Lab::Real(lab) => lab.needs(plan).await,
            Lab::Memory(lab) => lab.needs(plan).await,
        }
    }

    /// Makes the containers and their engines ready without showing them, so
    /// that `up` is immediate. Idempotent.
    pub async fn prepare(&self, plan: &Plan, tell: &Tell) -> Result<(), LabError> {
        match self {
            Lab::Real(lab) => lab.prepare(plan, tell).await,
            Lab::Memory(lab) => lab.prepare(plan, tell).await,
        }
    }

    /// `docker compose up -d`: what the plan says is there and answers. Idempotent.
    pub async fn up(&self, plan: &Plan, tell: &Tell) -> Result<(), LabError> {
        match self {
            Lab::Real(lab) => lab.up(plan, tell).await,
            Lab::Memory(lab) => lab.up(plan, tell).await,
        }
    }

    /// Adds to a look what those of a way to a step leave out.
    pub async fn closer(&self, now: &mut Snapshot) -> Result<(), LabError> {
        match self {
            Lab::Real(lab) => lab.closer(now).await,
            Lab::Memory(_) => Ok(()),
        }
    }

    /// A way to a step begins: until what is returned is dropped, looks leave out what
    /// takes long and changes seldom.
    pub fn hurry(&self) -> Hurry {
        if let Lab::Real(lab) = self {
            lab.hurry();
        }
        Hurry(self.clone())
    }

    /// The swarm as this node tells of it, also while the lab is not shown yet.
    pub async fn swarm_of(&self, node: &str) -> Option<Swarm> {
        match self {
            Lab::Real(lab) => lab.swarm_of(node).await,
            // Nothing runs in it before it is shown.
            Lab::Memory(_) => None,
        }
    }

    /// The next look asks for what a command may have changed, here or elsewhere.
    pub fn forget_seen(&self) {
        match self {
            Lab::Real(lab) => lab.forget_seen(),
            Lab::Memory(_) => {}
        }
    }

    /// What the nodes hold that no look shows, by name: containers that are no
    /// tasks, volumes, networks of one node.
    pub async fn things(&self) -> Vec<String> {
        match self {
            Lab::Real(lab) => lab.things().await,
            // It has none.
            Lab::Memory(_) => Vec::new(),
        }
    }

    /// What was changed among the nodes' own files.
    pub async fn files(&self) -> Files {
        match self {
            Lab::Real(lab) => lab.files().await,
            // Its nodes have none.
            Lab::Memory(_) => Files::default(),
        }
    }

    /// Asks what a look alone leaves out or knows from some seconds ago, so that
    /// the next look holds it.
    pub async fn look_closely(&self) -> Result<(), LabError> {
        match self {
            Lab::Real(lab) => lab.look_closely().await,
            Lab::Memory(_) => Ok(()),
        }
    }

    /// Mends what `model::fault::mends` found, keeping the swarm and what it
    /// runs. What can't be mended is in the next look.
    pub async fn repair(&self, plan: &Plan, mends: &[Mend], tell: &Tell) -> Result<(), LabError> {
        match self {
            Lab::Real(lab) => lab.repair(plan, mends, tell).await,
            Lab::Memory(lab) => lab.repair(plan, mends, tell).await,
        }
    }

    /// Removes everything of the lab; `images`: also what the program made itself.
    pub async fn down(&self, images: bool, tell: &Tell) -> Result<Removed, LabError> {
        match self {
            Lab::Real(lab) => lab.down(images, tell).await,
            Lab::Memory(lab) => lab.down(images, tell).await,
        }
    }

    /// Removes what `prepare` made when it was never shown.
    pub async fn discard_prepared(&self) -> Result<(), LabError> {
        match self {
            Lab::Real(lab) => lab.discard_prepared().await,
            Lab::Memory(lab) => lab.discard_prepared().await,
        }
    }

    /// The containers and the swarm's members stay as they are; all else goes:
    /// services, networks, secrets, configs, what nodes were told to be, tags,
    /// what the registry holds, and in the nodes all but the plan's images.
    /// Those of `anew` do not stay: they get clean engines, which are in no swarm
    /// yet, and where no manager is left the swarm is gone.
    pub async fn clear(
        &self,
        plan: &Plan,
        anew: &BTreeSet<String>,
        tell: &Tell,
    ) -> Result<(), LabError> {
        match self {
            Lab::Real(lab) => lab.clear(plan, anew, tell).await,
            Lab::Memory(lab) => lab.clear(plan, anew).await,
        }
    }

    /// Clean engines take the place of whatever there is, the spare ones where
    /// they are ready. Not shown before `up`, as after `prepare`. `keep`: a
    /// container that is as planned stays, and its engine starts afresh. `next`: what
    /// the way goes on with.
    pub async fn renew(
        &self,
        plan: &Plan,
        keep: bool,
        next: Next<'_>,
        tell: &Tell,
    ) -> Result<Renewed, LabError> {
        match self {
            Lab::Real(lab) => lab.renew(plan, keep, next, tell).await,
            Lab::Memory(lab) => lab.renew(plan, tell).await.map(|()| Renewed::default()),
        }
    }

    /// Empties the folders of the lab's folder in which helpers such as the
    /// registry keep what they hold: they outlive `down`, as with Docker's compose.
    pub async fn wipe(&self, plan: &Plan) -> Result<(), LabError> {
        match self {
            Lab::Real(lab) => lab.wipe(plan),
            Lab::Memory(lab) => lab.wipe().await,
        }
    }

    /// Makes a spare set beside the lab: of clean engines, or where this can be done
    /// one swarm of them all with this manager. Idempotent.
    pub async fn prepare_spare(&self, plan: &Plan, manager: Option<&str>) -> Result<(), LabError> {
        match self {
            Lab::Real(lab) => lab.prepare_spare(plan, manager).await,
            Lab::Memory(lab) => lab.prepare_spare(plan).await,
        }
    }

    /// Whether the engine is on this machine.
    pub fn is_local(&self) -> bool {
        match self {
            Lab::Real(lab) => lab.is_local(),
            Lab::Memory(_) => false,
        }
    }

    /// Removes the spare set.
    pub async fn discard_spare(&self) -> Result<(), LabError> {
        match self {
            Lab::Real(lab) => lab.discard_spare().await,
            Lab::Memory(lab) => lab.discard_spare().await,
        }
    }

    /// Begins to remove what `renew` and `clear` put aside, behind the lab.
    pub async fn remove_aside(&self) -> Result<(), LabError> {
        match self {
            Lab::Real(lab) => lab.remove_aside().await,
            Lab::Memory(_) => Ok(()),
        }
    }

    /// The program may end without waiting for what goes on behind the lab.
    pub async fn let_go(&self) {
        match self {
            Lab::Real(lab) => lab.let_go().await,
            Lab::Memory(_) => {}
        }
    }

    /// Waits for what goes on behind the lab.
    pub async fn settle(&self) {
        match self {
            Lab::Real(lab) => lab.settle().await,
            Lab::Memory(_) => {}
        }
    }

    /// Looks at everything once.
    pub async fn observe(&self) -> Result<Snapshot, LabError> {
        match self {
            Lab::Real(lab) => lab.observe().await,
            Lab::Memory(lab) => lab.observe().await,
        }
    }

    /// Runs a command in a node to its end and gives its exit code.
    pub async fn exec(&self, exec: &Exec, pipes: Pipes) -> Result<i64, LabError> {
        match self {
            Lab::Real(lab) => lab.exec(exec, pipes).await,
            Lab::Memory(lab) => lab.exec(exec, pipes).await,
        }
    }

    /// The containers of the lab.
    pub async fn ps(&self) -> Result<Vec<PsRow>, LabError> {
        match self {
            Lab::Real(lab) => lab.ps().await,
            Lab::Memory(lab) => lab.ps().await,
        }
    }

    /// The images of the lab on the host.
    pub async fn images(&self) -> Result<Vec<ImageRow>, LabError> {
        match self {
            Lab::Real(lab) => lab.images().await,
            Lab::Memory(lab) => lab.images().await,
        }
    }

    /// Containers' logs, merged, into `pipes.out`.
    pub async fn logs(&self, logs: &Logs, pipes: Pipes) -> Result<(), LabError> {
        match self {
            Lab::Real(lab) => lab.logs(logs, pipes).await,
            Lab::Memory(lab) => lab.logs(logs, pipes).await,
        }
    }

    /// `docker stop` and the like on one container.
    pub async fn lifecycle(&self, what: &Lifecycle, name: &str) -> Result<(), LabError> {
        match self {
            Lab::Real(lab) => lab.lifecycle(what, name).await,
            Lab::Memory(lab) => lab.lifecycle(what, name).await,
        }
    }

    /// Cuts a container off the lab's network, or puts it back at its address.
    pub async fn network(&self, connect: bool, name: &str) -> Result<(), LabError> {
        match self {
            Lab::Real(lab) => lab.network(connect, name).await,
            Lab::Memory(lab) => lab.network(connect, name).await,
        }
    }

    /// Whether a registry can be had here, as this image or made by the program.
    pub async fn has_registry(&self, image: &str) -> bool {
        match self {
            Lab::Real(lab) => lab.has_registry(image).await,
            Lab::Memory(lab) => lab.has_registry(image).await,
        }
    }

    /// The lab's networks on the host, `(id, name)`.
    pub async fn networks(&self) -> Result<Vec<(String, String)>, LabError> {
        match self {
            Lab::Real(lab) => lab.networks().await,
            Lab::Memory(lab) => lab.networks().await,
        }
    }

    /// `docker tag SOURCE localhost:5000/...`
    pub async fn tag(&self, source: &str, target: &str) -> Result<(), LabError> {
        match self {
            Lab::Real(lab) => lab.tag(source, target).await,
            Lab::Memory(lab) => lab.tag(source, target).await,
        }
    }

    /// `docker push localhost:5000/...`; the progress goes to `out`.
    pub async fn push(&self, reference: &str, out: mpsc::Sender<Output>) -> Result<(), LabError> {
        match self {
            Lab::Real(lab) => lab.push(reference, out).await,
            Lab::Memory(lab) => lab.push(reference, out).await,
        }
    }

    /// One HTTP request of the program's own: status and body, or why there was no answer.
    pub async fn http(&self, url: &str, via: Option<Via>) -> Answer {
        match self {
            Lab::Real(lab) => lab.http(url, via).await,
            Lab::Memory(lab) => lab.http(url, via).await,
        }
    }

    /// Puts a lesson's file below the lab's folder and into `manager:/stack`.
    pub async fn put_file(&self, path: &str, text: &str) -> Result<(), LabError> {
        match self {
            Lab::Real(lab) => lab.put_file(path, text).await,
            Lab::Memory(lab) => lab.put_file(path, text).await,
        }
    }

    /// The outer engine, `(name, version)`, for `docker version`.
    pub async fn engine(&self) -> Result<BTreeMap<&'static str, String>, LabError> {
        match self {
            Lab::Real(lab) => lab.engine().await,
            Lab::Memory(lab) => lab.engine().await,
        }
    }
}
