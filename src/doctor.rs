//! What this machine can and cannot do, judged from facts.
//!
//! Facts in, findings out: nothing here asks an engine, the disk or the
//! environment, and no sentence is made here (`words::doctor` does).

use std::path::PathBuf;

use crate::lab::find::{Found, System, Trouble};
use crate::lab::{LabError, OldImage, Relic, Stock, Survey};
use crate::progress::Why;
use crate::words::Lang;

mod finding;
mod judge;

pub use finding::Finding;
pub use judge::{can_run, judge, leftovers};

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
    /// Who chose it.
    pub lang_from: LangFrom,
}

/// What the language of our own sentences comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LangFrom {
    /// `--lang`
    CommandLine,
    /// The user's settings.
    Settings,
    /// The locale, or that there is none.
    #[default]
    Locale,
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
    /// What was to be done was tried just now, and failed.
    InVain,
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
