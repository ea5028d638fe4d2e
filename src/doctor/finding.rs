//! What there is to find, how bad each is, and the commands that mend it.

use std::path::PathBuf;

use super::{Folder, IpVs, LangFrom, Level, Root, Terminal};
use crate::lab::find::{self, Found, Trouble};
use crate::lab::{LabError, OldImage, Stock, Stocked, Survey};
use crate::progress::Why;
use crate::words::Lang;

/// Narrower terminals break the tables of Docker's commands.
const NARROW: usize = 80;

/// One finding. `words::doctor` says it and its cure.
#[derive(Debug)]
pub enum Finding {
    /// An engine answers.
    Engine {
        /// Which, and who chose it.
        found: Found,
        /// What it is.
        survey: Survey,
    },
    /// None can be used.
    NoEngine(Trouble, find::Cure),
    /// It gives an error.
    EngineFails(LabError),
    /// An API older than labs were tried with.
    OldApi(String),
    /// How it keeps images; and whether slowly.
    Storage {
        /// The driver.
        driver: String,
        /// `vfs` copies everything.
        slow: bool,
    },
    /// Control groups: version, driver.
    Cgroup(String, String),
    /// Seccomp, AppArmor, SELinux, whichever are on.
    Security(Vec<String>),
    /// The engine is rootless or maps users, and a node ran or was not tried.
    Confined {
        /// Which of the two.
        rootless: bool,
        /// A node ran.
        ran: bool,
    },
    /// A throw-away node's engine answered after so many seconds.
    NodeRuns(f64),
    /// It did not; with what is known of the cause.
    NodeFails {
        /// What happened.
        error: LabError,
        /// The engine's nature is the cause.
        cause: Option<(Trouble, find::Cure)>,
    },
    /// It was not tried, since its image is not here; whether `--fix` gets it.
    NodeNotTried(bool),
    /// The trial was interrupted; nothing is left of it.
    NodeStopped,
    /// The engine is root's own and maps no users.
    Unconfined,
    /// An image of the course.
    Image(Stock),
    /// Whether a registry answers; what was asked for; whether it matters.
    Registry {
        /// Which.
        registry: String,
        /// The engine's words where none does.
        silent: Option<String>,
        /// Every image is there or can be made.
        needed: bool,
    },
    /// The routing mesh.
    Mesh {
        /// What the kernel has; `None`: known after the first published service.
        ip_vs: Option<IpVs>,
        /// The lessons it matters to.
        lessons: Vec<String>,
        /// Whether we may load the module.
        root: Root,
    },
    /// Memory, in bytes.
    Memory {
        /// Free, or all that there is where that is not known.
        have: u64,
        /// What a lab takes.
        need: u64,
        /// `have` is all there is: too little at any time.
        never: bool,
    },
    /// Free space for the engine's data, in bytes.
    Disk {
        /// Free.
        have: u64,
        /// What a lab takes.
        need: u64,
        /// Where.
        root: PathBuf,
    },
    /// All of the course's ports are free or the lab's own.
    PortsFree(Vec<u16>),
    /// Ports are somebody else's, with the services that would have them.
    PortsTaken(Vec<(u16, String)>),
    /// The lab's network.
    Subnet(String),
    /// None is free.
    NoSubnet,
    /// Proxies are set.
    Proxy(Vec<String>),
    /// The `docker` command, which is not needed.
    DockerCli(bool),
    /// What a lab left whose folder is gone.
    Leftover {
        /// Its name.
        lab: String,
        /// Containers.
        containers: usize,
        /// Networks.
        networks: usize,
    },
    /// Images that are not used any more.
    OldImages(Vec<OldImage>),
    /// The terminal.
    Terminal(Terminal),
    /// The language, what it is from, and the locale.
    Language(Lang, LangFrom, Option<String>),
    /// A folder of ours.
    Folder(Folder, PathBuf, Option<Why>),
}

impl Finding {
    /// How bad it is.
    pub fn level(&self) -> Level {
        let note = |is: bool| if is { Level::Note } else { Level::Ok };
        match self {
            Finding::NoEngine(..)
            | Finding::EngineFails(_)
            | Finding::NodeFails { .. }
            | Finding::NoSubnet => Level::Problem,
            Finding::Engine { .. }
            | Finding::Cgroup(..)
            | Finding::Security(_)
            | Finding::NodeRuns(_)
            | Finding::Unconfined
            | Finding::PortsFree(_)
            | Finding::Subnet(_)
            | Finding::DockerCli(_)
            | Finding::Language(..) => Level::Ok,
            Finding::OldApi(_)
            | Finding::NodeNotTried(_)
            | Finding::NodeStopped
            | Finding::Proxy(_)
            | Finding::PortsTaken(_)
            | Finding::Leftover { .. }
            | Finding::OldImages(_) => Level::Note,
            Finding::Confined { ran, .. } => note(!ran),
            Finding::Storage { slow, .. } => note(*slow),
            Finding::Image(stock) => match (&stock.stocked, stock.node) {
                (Stocked::Missing(_), true) => Level::Problem,
                (Stocked::Missing(_) | Stocked::Pullable, _) => Level::Note,
                (Stocked::There | Stocked::StandIn(_) | Stocked::Makeable, _) => Level::Ok,
            },
            Finding::Registry { silent, needed, .. } => note(silent.is_some() && *needed),
            Finding::Mesh { ip_vs, lessons, .. } => {
                note(*ip_vs == Some(IpVs::Missing) && !lessons.is_empty())
            }
            Finding::Memory { have, need, never } => match (have < need, never) {
                (false, _) => Level::Ok,
                (true, false) => Level::Note,
                (true, true) => Level::Problem,
            },
            Finding::Disk { have, need, .. } => match have < need {
                true => Level::Problem,
                false => Level::Ok,
            },
            Finding::Terminal(terminal) => {
                note(terminal.interactive && (terminal.width < NARROW || !terminal.unicode))
            }
            Finding::Folder(folder, _, why) => match (why, folder) {
                (None, _) => Level::Ok,
                // Nothing but settings is lost.
                (Some(_), Folder::Config) => Level::Note,
                (Some(_), Folder::State | Folder::Cache) => Level::Problem,
            },
        }
    }

    /// Its name in JSON; stable.
    pub fn id(&self) -> &'static str {
        match self {
            Finding::Engine { .. } | Finding::NoEngine(..) | Finding::EngineFails(_) => "engine",
            Finding::OldApi(_) => "api",
            Finding::Storage { .. } => "storage",
            Finding::Cgroup(..) => "cgroup",
            Finding::Security(_) => "security",
            Finding::Confined { rootless: true, .. } => "rootless",
            Finding::Confined { .. } => "userns",
            Finding::Unconfined => "users",
            Finding::NodeRuns(_)
            | Finding::NodeFails { .. }
            | Finding::NodeNotTried(_)
            | Finding::NodeStopped => "node",
            Finding::Image(_) => "image",
            Finding::Registry { .. } => "registry",
            Finding::Mesh { .. } => "mesh",
            Finding::Memory { .. } => "memory",
            Finding::Disk { .. } => "disk",
            Finding::PortsFree(_) | Finding::PortsTaken(_) => "ports",
            Finding::Subnet(_) | Finding::NoSubnet => "subnet",
            Finding::Proxy(_) => "proxy",
            Finding::DockerCli(_) => "docker_cli",
            Finding::Leftover { .. } => "leftovers",
            Finding::OldImages(_) => "old_images",
            Finding::Terminal(_) => "terminal",
            Finding::Language(..) => "locale",
            Finding::Folder(Folder::State, ..) => "state_folder",
            Finding::Folder(Folder::Config, ..) => "config_folder",
            Finding::Folder(Folder::Cache, ..) => "cache_folder",
        }
    }

    /// Commands that mend it, to be typed by the user.
    pub fn commands(&self) -> Vec<String> {
        let fix = || vec!["swarmlings doctor --fix".to_owned()];
        match self {
            Finding::NoEngine(_, cure)
            | Finding::NodeFails {
                cause: Some((_, cure)),
                ..
            } => cure.commands.clone(),
            Finding::NodeFails { cause: None, .. } => {
                vec!["swarmlings doctor --privileged".to_owned()]
            }
            Finding::Leftover { .. } | Finding::OldImages(_) | Finding::NodeNotTried(true) => fix(),
            Finding::NodeStopped => vec!["swarmlings doctor".to_owned()],
            Finding::Image(stock) if stock.stocked == Stocked::Pullable => fix(),
            Finding::Mesh { root, .. } if self.level() == Level::Note => match root {
                Root::Ours => vec!["modprobe ip_vs".to_owned()],
                Root::BySudo | Root::No => vec!["sudo modprobe ip_vs".to_owned()],
                Root::InVain => Vec::new(),
            },
            Finding::Disk { .. } if self.level() == Level::Problem => {
                // Not `docker system prune`: it removes labs that are stopped.
                [
                    "docker system df",
                    "docker builder prune",
                    "docker image prune",
                ]
                .map(str::to_owned)
                .to_vec()
            }
            Finding::NoSubnet => {
                vec![
                    "docker network ls".to_owned(),
                    "docker network prune".to_owned(),
                ]
            }
            Finding::PortsTaken(ports) => {
                let each = |text: &dyn Fn(u16) -> String, between: &str| {
                    let each: Vec<String> = ports.iter().map(|(port, _)| text(*port)).collect();
                    each.join(between)
                };
                vec![match cfg!(target_os = "macos") {
                    true => {
                        let ports = each(&|port| port.to_string(), ",");
                        format!("lsof -iTCP:{ports} -sTCP:LISTEN")
                    }
                    false => {
                        let ports = each(&|port| format!("sport = :{port}"), " or ");
                        format!("ss -ltnp '{ports}'")
                    }
                }]
            }
            _ => Vec::new(),
        }
    }
}
