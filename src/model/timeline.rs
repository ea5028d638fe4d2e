//! What happened in the lab since a step began: snapshots with their times,
//! the commands that ran, and what the program's own requests were answered.
//!
//! Checks are pure functions of it, so `stable_for`, `ran` and lost requests
//! need no clock of their own.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use super::Snapshot;

/// How many snapshots are kept. At one every 50 ms that is 30 s, which is
/// longer than any `stable_for` a lesson may ask (10 s).
pub const KEPT: usize = 600;

/// The story of a step so far. Oldest first.
#[derive(Clone, Debug, Default)]
pub struct Timeline {
    /// Snapshots, oldest first.
    pub snapshots: VecDeque<Arc<Snapshot>>,
    /// Commands that ended since the step's entry, oldest first.
    pub commands: Vec<CommandRecord>,
    /// Answers to the program's own HTTP requests, the newest of each URL and way.
    pub http: Vec<HttpProbe>,
    /// The program's streams of requests, the newest of each service and window.
    pub probes: Vec<ProbeRun>,
    /// When the step was entered, since the start of the program.
    pub entered: Duration,
    /// The first snapshot of the step. Kept when older ones are forgotten, so
    /// that a check can tell a wrong turn from how the step began.
    pub entry: Option<Arc<Snapshot>>,
}

/// A command that ran in the lab and ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandRecord {
    /// When it ended.
    pub at: Duration,
    /// The node it ran in; `None` for the lab's own (`docker ps`, `docker compose up`).
    pub node: Option<String>,
    /// What ran, `docker exec` unwrapped.
    pub argv: Vec<String>,
    /// Its exit code.
    pub exit: i64,
}

/// Where an HTTP request of the program's own asks from and to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Via {
    /// The published port, from inside the node the URL names.
    Mesh,
    /// The same request, whatever answers on that node (`mode=host` ports).
    Node,
    /// A running task's own address, from inside the node it runs on.
    Task,
}

/// Status and the first 64 KiB of the body, or why there was no answer.
pub type Answer = Result<(u16, String), Unanswered>;

/// Why a request of the program's own has no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unanswered {
    /// No manager answers that could say where the service runs.
    NoManager,
    /// No service publishes the port.
    NoService(u16),
    /// No task of the service runs.
    NoTask(String),
    /// In the words of what asked.
    Said(String),
}

impl From<String> for Unanswered {
    fn from(said: String) -> Self {
        Unanswered::Said(said)
    }
}

impl From<&str> for Unanswered {
    fn from(said: &str) -> Self {
        Unanswered::Said(said.to_owned())
    }
}

/// The answer to one HTTP request of the program's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpProbe {
    /// When the answer was there.
    pub at: Duration,
    /// The URL as the check has it.
    pub url: String,
    /// The way it was asked, as the check has it.
    pub via: Option<Via>,
    /// What came of it.
    pub answer: Answer,
}

/// A stream of the program's own requests to a service, counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProbeRun {
    /// The service asked.
    pub service: String,
    /// Requests sent in the window.
    pub sent: usize,
    /// Those of them that were not answered.
    pub lost: usize,
    /// The window is the service's last update, instead of the whole step.
    pub during_update: bool,
}

impl Timeline {
    /// A new story that begins at `entered`.
    pub fn starting_at(entered: Duration) -> Self {
        Timeline {
            entered,
            ..Timeline::default()
        }
    }

    /// Adds a snapshot and forgets those that are too old to matter.
    pub fn push(&mut self, snapshot: Arc<Snapshot>) {
        self.entry.get_or_insert_with(|| Arc::clone(&snapshot));
        self.snapshots.push_back(snapshot);
        while self.snapshots.len() > KEPT {
            self.snapshots.pop_front();
        }
    }

    /// Keeps the newest answer of each URL and way.
    pub fn push_http(&mut self, probe: HttpProbe) {
        self.http
            .retain(|old| old.url != probe.url || old.via != probe.via);
        self.http.push(probe);
    }

    /// Keeps the newest count of each service and window.
    pub fn push_probe(&mut self, run: ProbeRun) {
        self.probes
            .retain(|old| old.service != run.service || old.during_update != run.during_update);
        self.probes.push(run);
    }

    /// The newest snapshot.
    pub fn last(&self) -> Option<&Snapshot> {
        self.snapshots.back().map(AsRef::as_ref)
    }
}
