//! The only place where worlds meet: it feeds events to the session and carries
//! its effects out on the lab, the terminal and the files.
//!
//! `repl` is the loop at a prompt or over a script, `player` plays steps
//! without anybody typing (`run`), `travel` makes the lab as a step begins, and
//! `headless` is the rest of the command line.

mod compose_file;
mod courses;
mod execute;
pub mod headless;

mod listing;
pub mod log;
mod looking;
mod mending;
mod opening;
mod player;
pub mod repl;
mod replay;
mod screen;
mod travel;

use std::time::Duration;

use tokio::time::Instant;

use crate::lab::LabError;
use crate::progress::{LabLock, LockError, Store};
use crate::words::Lang;

pub use crate::doctor::LangFrom;
pub use courses::{Courses, embedded, open_file};
pub use opening::Options;
pub use screen::{Screen, Transcript};

pub use crate::shell::Speed;

/// How the program ended, as its exit code has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// 0
    Done,
    /// 1: a check is not met.
    NotMet,
    /// 2: usage, or problems in lessons.
    Usage,
    /// 3: no Docker, no space, no permission.
    Environment,
}

impl From<End> for std::process::ExitCode {
    fn from(end: End) -> Self {
        std::process::ExitCode::from(match end {
            End::Done => 0,
            End::NotMet => 1,
            End::Usage => 2,
            End::Environment => 3,
        })
    }
}

/// Why a command of the command line could not be carried out.
#[derive(Debug)]
pub enum Failure {
    /// The lab or its engine.
    Lab(LabError),
    /// Already in words.
    Told(End, String),
}

impl From<LabError> for Failure {
    fn from(error: LabError) -> Self {
        Failure::Lab(error)
    }
}

impl Failure {
    /// What to tell, and how to end.
    pub fn told(self, lang: Lang) -> (End, String) {
        match self {
            Failure::Lab(error) => (End::Environment, crate::words::lab::error(lang, &error)),
            Failure::Told(end, text) => (end, text),
        }
    }
}

/// Time since the program began; the one clock of the program. It is tokio's,
/// so that a test can pause it and wait for nothing.
#[derive(Clone, Copy, Debug)]
pub struct Clock(Instant);

impl Clock {
    /// Begins now.
    pub fn start() -> Clock {
        Clock(Instant::now())
    }

    /// Since the start.
    pub fn now(&self) -> Duration {
        self.0.elapsed()
    }
}

/// The lab's lock; none where the folder can't be written, which is told and
/// is no reason not to go on.
fn lock(store: &Store, lang: Lang) -> Result<Option<LabLock>, Failure> {
    match LabLock::acquire(store.folder()) {
        Ok(lock) => Ok(Some(lock)),
        Err(error @ LockError::Held { .. }) => {
            let text = crate::words::progress::locked(lang, &error).join("\n");
            Err(Failure::Told(End::Environment, text))
        }
        Err(error @ LockError::Disk(_)) => {
            eprintln!(
                "{}",
                crate::words::progress::locked(lang, &error).join("\n")
            );
            Ok(None)
        }
    }
}
