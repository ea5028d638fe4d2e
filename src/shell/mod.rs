//! The prompt's language: one typed line -> one action, or one reason why not.
//!
//! Nothing here runs anything, and nothing here ever reaches a shell of the
//! host: a line becomes words with their spans and quoting, and words become
//! an argv. `Scope` is all it knows of the lab.

use std::collections::BTreeMap;
use std::ops::Range;

pub mod complete;
pub mod docker;
mod host;
mod keyboard;
pub mod listing;
mod meant;
mod paste;
#[cfg(any(test, fuzzing))]
pub mod property;
mod refusal;
mod similar;
mod touches;

mod understand;
mod unwrap;
pub mod verbs;
pub mod words;

pub use complete::{Candidate, complete};
pub use listing::Listing;
pub use paste::{is_continued, is_unfinished, pasted};
pub use touches::{Touches, touches};
pub use understand::understand;
pub use unwrap::unwrap;

/// What the words of a line may refer to.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    /// Compose services that run an engine, e.g. `manager`, `worker01`.
    pub nodes: Vec<String>,
    /// Compose services that don't, e.g. `registry`.
    pub others: Vec<String>,
    /// Services of the swarm.
    pub services: Vec<String>,
    /// Stacks, networks, secrets and configs of the swarm, for completion.
    pub stacks: Vec<String>,
    /// Networks of the swarm.
    pub networks: Vec<String>,
    /// Secrets of the swarm.
    pub secrets: Vec<String>,
    /// Configs of the swarm.
    pub configs: Vec<String>,
    /// Images in the lab, `repository:tag`.
    pub images: Vec<String>,
    /// Variables by name without `$`; `None`: known, no value yet.
    pub variables: BTreeMap<String, Option<String>>,
    /// `on NODE`.
    pub on: Option<String>,
    /// Step names for `goto`, `reset`, `replay`: `step` and `lesson/step`.
    pub steps: Vec<String>,
    /// The lab's network, as `docker network` commands name it.
    pub network: String,
}

/// What a line asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// An empty line or a comment.
    Nothing,
    /// A verb of ours.
    Verb(Verb),
    /// `docker exec NODE CMD...`, or any `docker ...` with `on NODE`.
    Exec(Exec),
    /// `docker compose ...`.
    Compose(ComposeAction),
    /// `docker ps`, `docker stop NODE`... on the lab's own containers.
    Host(HostAction),
}

/// How quickly a replay types, in percent of the pace at which one can read along.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Speed(pub u32);

impl Default for Speed {
    fn default() -> Self {
        Speed(100)
    }
}

impl std::str::FromStr for Speed {
    type Err = ();

    /// `2`, `0.5` or `1.5x`, from a tenth to a hundred times.
    fn from_str(text: &str) -> Result<Self, ()> {
        let number: f64 = text.trim_end_matches('x').parse().map_err(|_| ())?;
        match (0.1..=100.0).contains(&number) {
            true => Ok(Speed((number * 100.0).round() as u32)),
            false => Err(()),
        }
    }
}

/// The verbs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verb {
    /// `help [VERB]`
    Help(Option<String>),
    /// `list`
    List,
    /// `status`
    Status,
    /// `more`
    More,
    /// `next`
    Next,
    /// `back`
    Back,
    /// `skip`
    Skip,
    /// `goto STEP`, a name out of `Scope::steps`
    Goto(String),
    /// `hint`
    Hint,
    /// `check`
    Check,
    /// `run`
    Run,
    /// `solve`
    Solve,
    /// `reset [STEP]`
    Reset(Option<String>),
    /// `replay [STEP]`
    Replay {
        /// The step; none: the current one.
        step: Option<String>,
        /// How quickly.
        speed: Speed,
    },
    /// `watch`
    Watch,
    /// `on NODE`; `on` or `on host` leaves it
    On(Option<String>),
    /// `lang en`, `lang ko`, `lang en,ko`; none: tell
    Lang(Vec<crate::words::Lang>),
    /// `play`
    Play,
    /// `repair`
    Repair,
    /// `answer 2` or a bare number while a quiz is open; 1-based
    Answer(Vec<usize>),
    /// `clear`
    Clear,
    /// `quit`
    Quit,
}

/// A command in a node.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exec {
    /// The compose service.
    pub node: String,
    /// What runs; never empty.
    pub argv: Vec<String>,
    /// `-t`
    pub tty: bool,
    /// `-i`
    pub interactive: bool,
    /// `-d`
    pub detach: bool,
    /// `-e K=V`
    pub env: Vec<String>,
    /// `-w DIR`
    pub workdir: Option<String>,
    /// `-u USER`
    pub user: Option<String>,
}

/// `docker compose ...`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ComposeAction {
    /// `up -d`. `detach` is false for a plain `up`, which is done detached with a word about it.
    Up {
        /// `-d` was given.
        detach: bool,
    },
    /// `ps`
    Ps(Listing),
    /// `down`
    Down,
    /// `logs [-f] [--tail N] [SERVICE...]`
    Logs(Logs),
    /// `stop`, `start`, `restart`, `kill`, `pause`, `unpause` with services; empty: all
    Lifecycle(Lifecycle, Vec<String>),
}

/// Logs of containers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Logs {
    /// Compose services; empty: all.
    pub names: Vec<String>,
    /// `-f`
    pub follow: bool,
    /// `--tail N`
    pub tail: Option<u32>,
    /// `-t`
    pub timestamps: bool,
}

/// What can be done to a container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lifecycle {
    /// `docker stop [-t SECONDS] [-s SIGNAL]`
    Stop(Grace),
    /// `docker start`
    Start,
    /// `docker restart [-t SECONDS] [-s SIGNAL]`
    Restart(Grace),
    /// `docker kill [-s SIGNAL]`
    Kill(Option<String>),
    /// `docker pause`
    Pause,
    /// `docker unpause`
    Unpause,
}

impl Lifecycle {
    /// Docker's word for it.
    pub fn verb(&self) -> &'static str {
        match self {
            Lifecycle::Stop(_) => "stop",
            Lifecycle::Start => "start",
            Lifecycle::Restart(_) => "restart",
            Lifecycle::Kill(_) => "kill",
            Lifecycle::Pause => "pause",
            Lifecycle::Unpause => "unpause",
        }
    }
}

/// How a container is asked to end before it is killed; what is not given is
/// the container's own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Grace {
    /// `-t`: below 0 is for ever.
    pub seconds: Option<i32>,
    /// `-s`
    pub signal: Option<String>,
}

/// Docker commands on the host that act on this lab's own things alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HostAction {
    /// `docker ps`, also `docker container ls`
    Ps(Listing),
    /// `docker images [REPOSITORY]`, also `docker image ls`
    Images(Listing),
    /// `docker logs NODE`
    Logs(Logs),
    /// `docker stop NODE...` and the like
    Lifecycle(Lifecycle, Vec<String>),
    /// `docker network disconnect NETWORK NODE`
    Disconnect(String),
    /// `docker network connect NETWORK NODE`
    Connect(String),
    /// `docker network ls`
    Networks(Listing),
    /// `docker tag SOURCE TARGET`
    Tag {
        /// An image of the lab.
        source: String,
        /// `localhost:5000/...`
        target: String,
    },
    /// `docker push localhost:5000/...`
    Push(String),
    /// `docker version` or `docker info`: the outer engine, in short
    Version,
}

/// A word of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// Its text, quotes taken off and variables expanded.
    pub text: String,
    /// Its bytes in the line.
    pub span: Range<usize>,
    /// Any part of it was quoted or escaped.
    pub quoted: bool,
}

/// Why a line is not understood. `words::refusal` makes the sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// A quote that is never closed; the byte where it opens.
    UnclosedQuote(usize),
    /// The line ends in `\`.
    UnfinishedLine,
    /// Longer than `MAX_LINE` bytes.
    TooLong,
    /// A control character or one that cannot be seen, with its byte.
    ControlCharacter(usize, char),
    /// A character that looks like another one (`‐`, `“`, `：`), with what was meant.
    LookAlike {
        /// Its byte.
        at: usize,
        /// What stands there.
        found: char,
        /// What was meant.
        meant: char,
        /// The whole line mended.
        suggestion: String,
    },
    /// Shell syntax (`|`, `>`, `&&`, `;`, `$(`, backtick, `*`): runs only in a shell inside a node.
    ShellSyntax {
        /// Its byte.
        at: usize,
        /// e.g. `&&`.
        operator: String,
        /// The line that has a node's shell do it.
        suggestion: Option<String>,
    },
    /// A variable that does not exist; a similar one.
    UnknownVariable {
        /// Its name without `$`.
        name: String,
        /// A similar one.
        similar: Option<String>,
    },
    /// A variable that has no value yet.
    NoValueYet(String),
    /// Not a verb and not a lab command.
    UnknownCommand {
        /// The first word.
        word: String,
        /// The whole line mended, where one word was misspelt.
        suggestion: Option<String>,
        /// Verbs that begin so (prefixes only suggest).
        prefix_of: Vec<&'static str>,
    },
    /// A verb with words it does not take, or without one it needs; its name.
    VerbUsage(&'static str),
    /// `docker` with a subcommand that Docker does not have.
    UnknownDocker {
        /// As typed, e.g. `serivce`.
        word: String,
        /// The whole line mended.
        suggestion: Option<String>,
    },
    /// A flag that the subcommand does not have.
    UnknownFlag {
        /// e.g. `docker exec`.
        command: String,
        /// As typed.
        flag: String,
        /// The whole line mended.
        suggestion: Option<String>,
    },
    /// A docker command on the host that belongs into a node, e.g. `docker service ls`:
    /// the line that would do it.
    InNode {
        /// e.g. `docker service`.
        command: String,
        /// `docker exec -it manager docker service ls`.
        suggestion: String,
    },
    /// A docker command that is not available on the host here, e.g. `docker run`.
    NotOnHost {
        /// e.g. `docker run`.
        command: String,
        /// The line that runs it in a node, where that makes sense.
        suggestion: Option<String>,
    },
    /// Not a container of this lab.
    UnknownNode {
        /// As typed.
        name: String,
        /// A similar one.
        similar: Option<String>,
        /// The whole line mended.
        suggestion: Option<String>,
        /// Those of this lab.
        known: Vec<String>,
    },
    /// A container of the lab that runs no engine or cannot be used this way.
    NotANode(String),
    /// Not a step.
    UnknownStep {
        /// As typed.
        name: String,
        /// Similar ones, or those it could be.
        similar: Vec<String>,
    },
    /// The subcommand needs more words; its usage line.
    Usage(String),
    /// `docker tag`/`push` to something other than the lab's registry.
    NotLabRegistry(String),
    /// A flag that Docker has and the lab's own version of the command has not.
    FlagNotHere {
        /// e.g. `docker ps`.
        command: String,
        /// e.g. `--format`.
        flag: String,
    },
    /// A filter that Docker has, or not, and the lab's own listing has not.
    FilterNotHere {
        /// e.g. `docker ps`.
        command: String,
        /// e.g. `label`.
        filter: String,
        /// Those it has.
        known: Vec<&'static str>,
    },
    /// A template with more in it than fields that the lab's own listing has.
    FieldNotHere {
        /// e.g. `docker ps`.
        command: String,
        /// e.g. `{{.Label}}`.
        field: String,
        /// Those it has.
        known: Vec<&'static str>,
    },
    /// An image that is not there while one with nearly the same name is.
    NearImage {
        /// As typed.
        name: String,
        /// The one that is there.
        similar: String,
        /// The whole line mended.
        suggestion: String,
    },
    /// `docker network connect`/`disconnect` with a network that is not the lab's.
    NotLabNetwork {
        /// As typed.
        name: String,
        /// The whole line with the lab's network.
        suggestion: String,
    },
}

/// The longest line that is read, in bytes.
pub const MAX_LINE: usize = 64 * 1024;
