//! What this machine can and cannot do, judged from facts.
//!
//! Facts in, findings out: nothing here asks an engine, the disk or the
//! environment, and no sentence is made here (`words::doctor` does).

use std::path::PathBuf;

use crate::lab::connect::Endpoint;
use crate::lab::find::{self, Found, System, Trouble};
use crate::lab::{LabError, OldImage, Relic, RelicKind, Stock, Stocked, Survey};
use crate::progress::Why;
use crate::words::Lang;

/// An idle node takes 65 to 120 MiB; its tasks a few more.
const NODE_MEMORY: u64 = 130 * 1_000_000;

/// Node image, preloaded images in every node, and room for a lesson's work.
const DISK: u64 = 1_500_000_000;

/// What a lab takes once its images are there.
const DISK_WITH_IMAGES: u64 = 500_000_000;

/// The oldest API that labs were tried with.
const OLDEST_API: (u32, u32) = (1, 41);

/// Narrower terminals break the tables of Docker's commands.
const NARROW: usize = 80;

/// Everything that is judged.
#[derive(Debug)]
pub struct Facts {
    /// The engine, or why it can't be used.
    pub engine: Result<Engine, Unusable>,
    /// The machine, as far as cures depend on it.
    pub system: System,
    /// This machine.
    pub host: Host,
    /// What the course asks for.
    pub course: Course,
}

/// Why there is nothing to be known of the engine.
#[derive(Debug)]
pub enum Unusable {
    /// It is not there, or not what a lab needs.
    Trouble(Trouble),
    /// It is there and gives an error.
    Error(LabError),
}

/// What the engine told.
#[derive(Debug)]
pub struct Engine {
    /// Which, and who chose it.
    pub found: Found,
    /// What it is.
    pub survey: Survey,
    /// The images of the course.
    pub stock: Vec<Stock>,
    /// Whether the node image's registry answers; the engine's words.
    pub registry: Result<(), String>,
    /// Ports at which this lab's own containers are published.
    pub published: Vec<u16>,
    /// The network that the lab has or would get.
    pub subnet: Option<String>,
    /// Bytes free where the engine keeps its data, where that can be seen.
    pub disk: Option<u64>,
    /// What labs left there, with whether somebody may still want it.
    pub relics: Vec<(Relic, bool)>,
    /// Images of the program that it would not use any more.
    pub old_images: Vec<OldImage>,
    /// What became of a throw-away node.
    pub trial: Trial,
}

/// What became of a throw-away node.
#[derive(Debug)]
pub enum Trial {
    /// It was not tried.
    NotTried,
    /// Its engine answered after so many seconds.
    Runs(f64),
    /// Ctrl-C ended it; the node is removed.
    Stopped,
    /// It did not.
    Fails(LabError),
}

/// This machine.
#[derive(Clone, Debug, Default)]
pub struct Host {
    /// How we may load a module into the kernel.
    pub root: Root,
    /// The kernel's IP_VS; `None`: not this machine's kernel, or not Linux.
    pub ip_vs: Option<IpVs>,
    /// Bytes of memory that programs may still take.
    pub memory: Option<u64>,
    /// Ports of the course that something listens on.
    pub taken: Vec<u16>,
    /// Proxy variables that are set.
    pub proxies: Vec<String>,
    /// There is a `docker` command.
    pub docker_cli: bool,
    /// Our folders, and why each can't be written.
    pub folders: Vec<(Folder, PathBuf, Option<Why>)>,
    /// The terminal.
    pub terminal: Terminal,
    /// The locale as set.
    pub locale: Option<String>,
    /// The language that is used.
    pub lang: Lang,
}

/// Whether we may do what only root may.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Root {
    /// We are root.
    Ours,
    /// `sudo` lets us, and asks for no password.
    BySudo,
    /// We are not, or that was not tried.
    #[default]
    No,
}

/// What the kernel can do for the routing mesh.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IpVs {
    /// It is there.
    Loaded,
    /// It is a module that is loaded on first use.
    Loadable,
    /// It is not there.
    Missing,
}

/// The folders that we write to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Folder {
    /// Progress and the lab's files.
    State,
    /// Settings.
    Config,
    /// Images that the program makes.
    Cache,
}

/// What the terminal can show.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Terminal {
    /// Input and output are a terminal.
    pub interactive: bool,
    /// Columns.
    pub width: usize,
    /// Colours are used.
    pub colour: bool,
    /// Signs beyond ASCII are used.
    pub unicode: bool,
}

/// What the course asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Course {
    /// Most nodes of a lab.
    pub nodes: usize,
    /// Published ports with the service that has them.
    pub ports: Vec<(u16, String)>,
    /// Lessons in which something shows only with the routing mesh.
    pub mesh_lessons: Vec<String>,
}

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// As it should be.
    Ok,
    /// A lab runs all the same; worth knowing.
    Note,
    /// No lab runs until it is mended.
    Problem,
}

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
    /// A port is somebody else's.
    PortTaken(u16, String),
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
    /// The language, and the locale it is from.
    Locale(Lang, Option<String>),
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
            | Finding::Locale(..) => Level::Ok,
            Finding::OldApi(_)
            | Finding::NodeNotTried(_)
            | Finding::NodeStopped
            | Finding::Proxy(_)
            | Finding::PortTaken(..)
            | Finding::Leftover { .. }
            | Finding::OldImages(_) => Level::Note,
            Finding::Confined { ran, .. } => note(!ran),
            Finding::Storage { slow, .. } => note(*slow),
            Finding::Image(stock) => match (&stock.stocked, stock.node) {
                (Stocked::Missing(_), true) => Level::Problem,
                (Stocked::Missing(_) | Stocked::Pullable, _) => Level::Note,
                (Stocked::There | Stocked::StandIn(_) | Stocked::Makeable, _) => Level::Ok,
            },
            Finding::Registry { silent, needed } => note(silent.is_some() && *needed),
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
            Finding::PortsFree(_) | Finding::PortTaken(..) => "ports",
            Finding::Subnet(_) | Finding::NoSubnet => "subnet",
            Finding::Proxy(_) => "proxy",
            Finding::DockerCli(_) => "docker_cli",
            Finding::Leftover { .. } => "leftovers",
            Finding::OldImages(_) => "old_images",
            Finding::Terminal(_) => "terminal",
            Finding::Locale(..) => "locale",
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
            Finding::PortTaken(port, _) => vec![match cfg!(target_os = "macos") {
                true => format!("lsof -iTCP:{port} -sTCP:LISTEN"),
                false => format!("ss -ltnp 'sport = :{port}'"),
            }],
            _ => Vec::new(),
        }
    }
}

/// The findings, in the order of telling.
pub fn judge(facts: Facts) -> Vec<Finding> {
    let Facts {
        engine,
        system,
        mut host,
        course,
    } = facts;
    let mut findings = Vec::new();
    match engine {
        Ok(engine) if engine.survey.proxy => {
            host.proxies.push("Docker Engine".to_owned());
            of_engine(engine, &system, &host, &course, &mut findings);
        }
        Ok(engine) => of_engine(engine, &system, &host, &course, &mut findings),
        Err(Unusable::Trouble(trouble)) => {
            let cure = find::diagnose(&trouble, &system);
            // What is free here says nothing of an engine elsewhere.
            let elsewhere = matches!(
                &trouble,
                Trouble::Connect { found, .. } if !matches!(found.endpoint, Endpoint::Unix(_))
            );
            findings.push(Finding::NoEngine(trouble, cure));
            if !elsewhere {
                findings.extend(memory(host.memory, None, &course));
            }
        }
        Err(Unusable::Error(error)) => findings.push(Finding::EngineFails(error)),
    }
    of_host(host, &mut findings);
    findings
}

/// Whether a lab can run here.
pub fn can_run(findings: &[Finding]) -> bool {
    findings
        .iter()
        .all(|finding| finding.level() < Level::Problem)
}

/// Of these, what nobody can want any more: the lab's folder is gone. One that
/// does not say where on this machine its folder is, is not judged.
pub fn leftovers(relics: &[(Relic, bool)]) -> impl Iterator<Item = &Relic> {
    relics
        .iter()
        .filter(|(relic, there)| relic.state.is_some() && !there)
        .map(|(relic, _)| relic)
}

fn of_engine(
    engine: Engine,
    system: &System,
    host: &Host,
    course: &Course,
    findings: &mut Vec<Finding>,
) {
    let survey = engine.survey;
    if survey.product.to_ascii_lowercase().contains("podman") {
        return unusable(Trouble::NotDocker(survey.product), system, findings);
    }
    if survey.os == "windows" {
        return unusable(Trouble::WindowsContainers, system, findings);
    }
    findings.push(Finding::Engine {
        found: engine.found,
        survey: survey.clone(),
    });
    if version_of(&survey.api).is_some_and(|api| api < OLDEST_API) {
        findings.push(Finding::OldApi(survey.api.clone()));
    }
    findings.push(Finding::Storage {
        driver: survey.storage.clone(),
        slow: survey.storage == "vfs",
    });
    if !survey.cgroup.is_empty() {
        findings.push(Finding::Cgroup(
            survey.cgroup.clone(),
            survey.cgroup_driver.clone(),
        ));
    }
    let has = |name: &str| survey.security.iter().any(|option| option == name);
    let kept = ["seccomp", "apparmor", "selinux"];
    let kept = kept.iter().filter(|name| has(name));
    findings.push(Finding::Security(
        kept.map(|name| (*name).to_owned()).collect(),
    ));
    let ready = engine
        .stock
        .iter()
        .all(|image| matches!(image.stocked, Stocked::There | Stocked::StandIn(_)));
    let needed = engine
        .stock
        .iter()
        .any(|image| matches!(image.stocked, Stocked::Pullable | Stocked::Missing(_)));
    let fetchable = engine
        .stock
        .iter()
        .any(|image| image.node && !matches!(image.stocked, Stocked::Missing(_)));
    let silent = engine.registry.as_ref().err();
    let stock = engine.stock.into_iter().map(|mut image| {
        // What the registry says of itself is said once, of the registry.
        if let (Stocked::Missing(why), Some(silent)) = (&mut image.stocked, silent) {
            let rest = why.replacen(silent.as_str(), "", 1);
            *why = rest.trim_start_matches([';', ' ']).to_owned();
        }
        Finding::Image(image)
    });
    findings.extend(stock.collect::<Vec<_>>());
    findings.push(Finding::Registry {
        silent: engine.registry.err(),
        needed,
    });
    let confined = [(true, "rootless"), (false, "userns")];
    let confined = confined
        .iter()
        .find(|(_, name)| has(name))
        .map(|(it, _)| *it);
    if confined.is_none() {
        findings.push(Finding::Unconfined);
    }
    trial(engine.trial, fetchable, confined, system, findings);
    let free = host.memory.filter(|_| survey.local);
    findings.extend(memory(free, Some(survey.memory), course));
    if let Some(have) = engine.disk {
        findings.push(Finding::Disk {
            have,
            need: if ready { DISK_WITH_IMAGES } else { DISK },
            root: survey.root.clone(),
        });
    }
    findings.push(match engine.subnet {
        Some(net) => Finding::Subnet(net),
        None => Finding::NoSubnet,
    });
    if survey.local {
        ports(host, course, &engine.published, findings);
    }
    findings.push(Finding::Mesh {
        ip_vs: host.ip_vs.filter(|_| survey.local),
        lessons: course.mesh_lessons.clone(),
        root: host.root,
    });
    lost_labs(&engine.relics, findings);
    if !engine.old_images.is_empty() {
        findings.push(Finding::OldImages(engine.old_images));
    }
}

fn unusable(trouble: Trouble, system: &System, findings: &mut Vec<Finding>) {
    let cure = find::diagnose(&trouble, system);
    findings.push(Finding::NoEngine(trouble, cure));
}

/// `1.41` -> `(1, 41)`
fn version_of(text: &str) -> Option<(u32, u32)> {
    let (major, minor) = text.split_once('.')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}

fn trial(
    trial: Trial,
    fetchable: bool,
    rootless: Option<bool>,
    system: &System,
    findings: &mut Vec<Finding>,
) {
    match trial {
        Trial::NotTried | Trial::Stopped => {
            findings.push(match trial {
                Trial::Stopped => Finding::NodeStopped,
                _ => Finding::NodeNotTried(fetchable),
            });
            findings.extend(rootless.map(|rootless| Finding::Confined {
                rootless,
                ran: false,
            }));
        }
        Trial::Runs(seconds) => {
            findings.push(Finding::NodeRuns(seconds));
            findings.extend(rootless.map(|rootless| Finding::Confined {
                rootless,
                ran: true,
            }));
        }
        Trial::Fails(error) => {
            // What the engine is only explains a node that does not come up.
            let came_up = !matches!(error, LabError::NotUp { .. } | LabError::Engine { .. });
            let trouble = rootless
                .filter(|_| !came_up)
                .map(|rootless| match rootless {
                    true => Trouble::Rootless,
                    false => Trouble::UserNamespaces,
                });
            let cause = trouble.map(|trouble| {
                let cure = find::diagnose(&trouble, system);
                (trouble, cure)
            });
            findings.push(Finding::NodeFails { error, cause });
        }
    }
}

/// `free`: what this machine has left, where the engine is on it.
fn memory(free: Option<u64>, engine: Option<u64>, course: &Course) -> Option<Finding> {
    let need = NODE_MEMORY * u64::try_from(course.nodes).unwrap_or_default();
    let all = engine.filter(|bytes| *bytes > 0);
    if let Some(have) = all.filter(|all| *all < need) {
        return Some(Finding::Memory {
            have,
            need,
            never: true,
        });
    }
    // An engine elsewhere, or in a machine of its own, has memory of its own.
    let have = match (free, all) {
        (Some(free), Some(all)) => free.min(all),
        (Some(free), None) => free,
        (None, all) => all?,
    };
    Some(Finding::Memory {
        have,
        need,
        never: false,
    })
}

fn ports(host: &Host, course: &Course, published: &[u16], findings: &mut Vec<Finding>) {
    let taken = |port: &u16| host.taken.contains(port) && !published.contains(port);
    let mut free: Vec<u16> = course.ports.iter().map(|(port, _)| *port).collect();
    free.sort_unstable();
    free.dedup();
    free.retain(|port| !taken(port));
    if !free.is_empty() {
        findings.push(Finding::PortsFree(free));
    }
    for (port, service) in course.ports.iter().filter(|(port, _)| taken(port)) {
        findings.push(Finding::PortTaken(*port, service.clone()));
    }
}

fn lost_labs(relics: &[(Relic, bool)], findings: &mut Vec<Finding>) {
    let mut labs: Vec<&str> = leftovers(relics).map(|relic| relic.lab.as_str()).collect();
    labs.sort_unstable();
    labs.dedup();
    for lab in labs {
        let count = |kind: RelicKind| {
            leftovers(relics)
                .filter(|relic| relic.lab == lab && relic.kind == kind)
                .count()
        };
        findings.push(Finding::Leftover {
            lab: lab.to_owned(),
            containers: count(RelicKind::Container),
            networks: count(RelicKind::Network),
        });
    }
}

fn of_host(host: Host, findings: &mut Vec<Finding>) {
    if !host.proxies.is_empty() {
        findings.push(Finding::Proxy(host.proxies));
    }
    findings.push(Finding::DockerCli(host.docker_cli));
    for (folder, path, why) in host.folders {
        findings.push(Finding::Folder(folder, path, why));
    }
    findings.push(Finding::Terminal(host.terminal));
    findings.push(Finding::Locale(host.lang, host.locale));
}

/// What the kernel has, from whether its files in `/proc` are there and from
/// the lists of its modules, as far as they can be read.
pub fn ip_vs(in_proc: bool, builtin: Option<&str>, modules: Option<&str>) -> IpVs {
    let names = |list: Option<&str>| {
        list.is_some_and(|list| {
            list.lines().any(|line| {
                let path = line.split(':').next().unwrap_or(line).trim();
                let name = path.rsplit('/').next().unwrap_or(path);
                // Modules may be compressed: ip_vs.ko.xz
                name == "ip_vs.ko" || name.starts_with("ip_vs.ko.")
            })
        })
    };
    if in_proc || names(builtin) {
        IpVs::Loaded
    } else if names(modules) {
        IpVs::Loadable
    } else {
        IpVs::Missing
    }
}

#[cfg(test)]
mod tests;
