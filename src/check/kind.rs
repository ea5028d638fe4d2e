//! The kinds of checks of lesson format 1, as data.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::model::{UpdateState, Via};

/// One check of a step.
#[derive(Clone, Debug, PartialEq)]
pub struct Check {
    /// What is wanted.
    pub kind: Kind,
    /// How long it may take to come true; a learner is told after it, a
    /// headless run gives up. 60 s unless the lesson says otherwise.
    pub within: Duration,
    /// How long it must hold without a break. 0 unless the lesson says
    /// otherwise; 3 s for a check of replicas.
    pub stable_for: Duration,
    /// The lesson's own words for when it is not met.
    pub fail: Option<String>,
    /// Where it stands in its file: 1-based line of its kind key.
    pub line: usize,
}

/// What a check wants.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// `lab: running`: containers up, engines answering.
    LabRunning {
        /// Nodes that must run; empty: every service of the compose file.
        nodes: Vec<String>,
    },
    /// `lab: down`: no container of the lab is left.
    LabDown,
    /// `nodes: N` or a list of names.
    Nodes {
        /// How many, or which.
        want: CountOrNames,
        /// Whether each must be `ready`.
        ready: bool,
        /// How many of them are managers.
        managers: Option<usize>,
        /// Which of them must be workers.
        workers: Vec<String>,
    },
    /// `node: NAME`.
    Node {
        /// The hostname.
        name: String,
        /// `false`: it must not be in the swarm.
        exists: bool,
        /// `Some(true)`: a manager, `Some(false)`: a worker.
        manager: Option<bool>,
        /// `active`, `pause`, `drain`.
        availability: Option<String>,
        /// `ready`, `down`.
        state: Option<String>,
        /// Labels it must carry.
        labels: BTreeMap<String, String>,
    },
    /// `service: NAME`.
    Service(ServiceWant),
    /// `image: REF`.
    Image {
        /// The reference as written.
        reference: String,
        /// The nodes that must have it; empty: every node.
        on: Vec<String>,
    },
    /// `registry: REPO:TAG`.
    Registry {
        /// Repository and tag, without the registry's host.
        reference: String,
        /// `false`: it must not be there.
        exists: bool,
    },
    /// `stack: NAME`.
    Stack {
        /// Its name.
        name: String,
        /// `false`: it must not be there.
        exists: bool,
        /// How many services it has.
        services: Option<usize>,
    },
    /// `network: NAME`.
    Network {
        /// Its name.
        name: String,
        /// `false`: it must not be there.
        exists: bool,
    },
    /// `secret: NAME`.
    Secret {
        /// Its name.
        name: String,
        /// `false`: it must not be there.
        exists: bool,
    },
    /// `config: NAME`.
    Config {
        /// Its name.
        name: String,
        /// `false`: it must not be there.
        exists: bool,
    },
    /// `http: URL`.
    Http {
        /// The URL, `http://HOST:PORT/PATH`; HOST is a node or 127.0.0.1.
        url: String,
        /// The status wanted; 200 unless the lesson says otherwise.
        status: u16,
        /// A text the body must hold.
        contains: Option<String>,
        /// Where it asks from and to. `None`: the mesh where there is one, else a task.
        via: Option<Via>,
    },
    /// `probe: SERVICE`: the program's stream of requests.
    Probe {
        /// The service asked.
        service: String,
        /// Most requests that may be lost.
        lost: usize,
        /// `during: update`: only requests while an update ran count.
        during_update: bool,
    },
    /// `ran: WORDS`: the learner looked.
    Ran {
        /// A prefix of the argv, after `docker exec` and `on` are unwrapped.
        words: Vec<String>,
        /// The node it must have run in.
        node: Option<String>,
    },
}

/// `nodes:` takes a number or names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CountOrNames {
    /// So many.
    Count(usize),
    /// Exactly these hostnames.
    Names(Vec<String>),
}

/// The fields of `service:`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ServiceWant {
    /// Its name.
    pub name: String,
    /// `false`: it must not be there (and no other field is set).
    pub exists: bool,
    /// `Some(true)`: global, `Some(false)`: replicated.
    pub global: Option<bool>,
    /// So many wanted and so many running.
    pub replicas: Option<u64>,
    /// The image as written.
    pub image: Option<String>,
    /// Published ports as `(published, target)`.
    pub publishes: Vec<(u16, u16)>,
    /// Most tasks on a node minus fewest, over the eligible nodes, at most this.
    pub spread: Option<u64>,
    /// How its last update ended.
    pub update: Option<UpdateState>,
    /// Placement constraints it must have.
    pub constraints: Vec<String>,
    /// Networks it must be attached to.
    pub networks: Vec<String>,
    /// Secrets it must have.
    pub secrets: Vec<String>,
    /// Configs it must have.
    pub configs: Vec<String>,
}

impl Check {
    /// A check with the format's defaults.
    pub fn new(kind: Kind) -> Self {
        let stable_for = match &kind {
            Kind::Service(want) if want.replicas.is_some_and(|n| n > 0) => Duration::from_secs(3),
            _ => Duration::ZERO,
        };
        Check {
            kind,
            within: Duration::from_secs(60),
            stable_for,
            fail: None,
            line: 0,
        }
    }
}
