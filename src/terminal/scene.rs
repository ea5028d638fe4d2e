//! What there is to see on the live map: a snapshot read into nodes, the tasks
//! on them, totals and errors. Knows nothing of how it is drawn.

use std::collections::{BTreeMap, BTreeSet};

use super::look::Tone;
use crate::model::{
    ContainerState, LocalSwarm, Node, Reachability, Service, ServiceMode, Snapshot, Swarm, Task,
    TaskState,
};
use crate::words::Lang;
use crate::words::screen::{self, Doing, Nothing, Outside};

/// At most so many kinds of errors are shown; the rest are in `service ps`.
const ERRORS: usize = 3;

/// What there is to draw.
pub(super) struct Scene<'a> {
    pub(super) lang: Lang,
    pub(super) nothing: Option<Nothing>,
    pub(super) totals: Vec<Total<'a>>,
    pub(super) rows: Vec<Row<'a>>,
    /// Tasks on no node.
    pub(super) unplaced: Vec<Spot<'a>>,
    /// Service, error, how often.
    pub(super) errors: Vec<(&'a str, &'a str, usize)>,
}

/// How many tasks of a service run, and should.
pub(super) struct Total<'a> {
    pub(super) name: &'a str,
    pub(super) running: u64,
    pub(super) wanted: u64,
    pub(super) update: Option<&'static str>,
}

/// A node.
pub(super) struct Row<'a> {
    pub(super) name: &'a str,
    pub(super) role: &'static str,
    pub(super) state: String,
    pub(super) tone: Tone,
    pub(super) spots: Vec<Spot<'a>>,
}

/// A task.
#[derive(Clone, Copy)]
pub(super) struct Spot<'a> {
    pub(super) service: &'a str,
    pub(super) slot: u64,
    pub(super) doing: Doing,
}

impl<'a> Scene<'a> {
    pub(super) fn of(snapshot: &'a Snapshot, nodes: &'a [String], lang: Lang) -> Self {
        let swarm = snapshot.swarm.as_ref();
        let placed = swarm.map(spots).unwrap_or_default();
        let mut on: BTreeMap<Option<&str>, Vec<Spot>> = BTreeMap::new();
        for (node, spot) in placed {
            on.entry(node).or_default().push(spot);
        }
        let mut rows = Vec::new();
        for name in nodes {
            let node = swarm.and_then(|swarm| swarm.node(name));
            rows.push(match node {
                Some(node) => Row {
                    spots: on.remove(&Some(node.id.as_str())).unwrap_or_default(),
                    ..Row::member(node).in_container(snapshot, lang)
                },
                None => Row {
                    name,
                    role: "-",
                    state: screen::outside(lang, why_outside(snapshot, name)),
                    tone: Tone::Warn,
                    spots: Vec::new(),
                },
            });
        }
        // Rows that are no node of the lab's (any more), and what still lies on them.
        for node in swarm.iter().flat_map(|swarm| &swarm.nodes) {
            let shown = |name: &String| {
                *name == node.hostname
                    && swarm.and_then(|swarm| swarm.node(name)).map(|n| &n.id) == Some(&node.id)
            };
            if !nodes.iter().any(shown) {
                let member = Row::member(node);
                rows.push(Row {
                    spots: on.remove(&Some(node.id.as_str())).unwrap_or_default(),
                    state: format!("{}, {}", member.state, screen::left_behind(lang)),
                    tone: Tone::Dim,
                    ..member
                });
            }
        }
        let unplaced = on.into_values().flatten().collect();
        let totals: Vec<Total> = swarm.map(totals).unwrap_or_default();
        let nothing = match swarm {
            None if snapshot.up && managed(snapshot) => Some(Nothing::Leader),
            None if snapshot.up => Some(Nothing::Swarm),
            None => Some(Nothing::Lab),
            Some(swarm) => swarm.services.is_empty().then_some(Nothing::Services),
        };
        Scene {
            lang,
            nothing,
            rows,
            unplaced,
            errors: swarm.map(errors).unwrap_or_default(),
            totals,
        }
    }
}

/// Whether an engine says that it manages a swarm.
fn managed(snapshot: &Snapshot) -> bool {
    let engines = snapshot
        .containers
        .values()
        .filter_map(|c| c.engine.as_ref());
    engines.into_iter().any(|engine| engine.manager)
}

impl<'a> Row<'a> {
    /// A row of `node ls`.
    fn member(node: &'a Node) -> Row<'a> {
        let role = match (node.leader, node.manager) {
            (true, _) => "leader",
            (_, true) => "manager",
            _ => "worker",
        };
        let mut state = node.state.clone();
        if node.availability != "active" && !node.availability.is_empty() {
            state = format!("{state}, {}", node.availability);
        }
        let cut_off = node.reachability == Some(Reachability::Unreachable);
        if cut_off {
            state = format!("{state}, unreachable");
        }
        let tone = match (node.state.as_str(), cut_off) {
            ("ready", false) if node.availability == "active" => Tone::Good,
            ("ready", false) => Tone::Warn,
            _ => Tone::Bad,
        };
        Row {
            name: &node.hostname,
            role,
            state,
            tone,
            spots: Vec::new(),
        }
    }
}

impl Row<'_> {
    /// Swarm takes seconds to notice that a node is gone; its container tells at once.
    fn in_container(mut self, snapshot: &Snapshot, lang: Lang) -> Self {
        let container = snapshot.containers.get(self.name);
        if let Some(state) = container.map(|container| container.state)
            && state != ContainerState::Running
        {
            let outside = screen::outside(lang, Outside::Container(state));
            self.state = format!("{}, {outside}", self.state);
            self.tone = Tone::Bad;
        }
        self
    }
}

impl Spot<'_> {
    /// `service.slot`; a global service's task has no slot.
    pub(super) fn name(&self) -> String {
        match self.slot {
            0 => self.service.to_owned(),
            slot => format!("{}.{slot}", self.service),
        }
    }
}

/// The tasks that matter now, with the id of their node, by service and slot:
/// all that live, and the failed one of a slot where none does.
fn spots(swarm: &Swarm) -> Vec<(Option<&str>, Spot<'_>)> {
    let names: BTreeMap<&str, &Service> = swarm
        .services
        .iter()
        .map(|service| (service.id.as_str(), service))
        .collect();
    // A slot, or for a global service a node, has one task after another.
    let place = |task: &Task| {
        let node = if task.slot == 0 {
            task.node.clone()
        } else {
            None
        };
        (task.service.clone(), task.slot, node)
    };
    let alive: BTreeSet<_> = swarm
        .tasks
        .iter()
        .filter(|task| !task.state.ended())
        .map(place)
        .collect();
    let mut failed = BTreeSet::new();
    let mut spots = Vec::new();
    for task in &swarm.tasks {
        let Some(service) = names.get(task.service.as_str()) else {
            continue;
        };
        let doing = match task.state {
            _ if !task.state.ended() && task.desired > TaskState::Running => Doing::Stopping,
            TaskState::Running => Doing::Running,
            TaskState::Complete if service.mode == ServiceMode::Job => Doing::Complete,
            TaskState::Failed | TaskState::Rejected
                if !alive.contains(&place(task)) && failed.insert(place(task)) =>
            {
                Doing::Failed
            }
            TaskState::New | TaskState::Pending => Doing::Pending,
            state if !state.ended() => Doing::Starting,
            _ => continue,
        };
        spots.push((
            task.node.as_deref(),
            Spot {
                service: &service.name,
                slot: task.slot,
                doing,
            },
        ));
    }
    spots.sort_by_key(|(_, spot)| (spot.service, spot.slot, spot.doing));
    spots
}

fn totals<'a>(swarm: &'a Swarm) -> Vec<Total<'a>> {
    let count = |service: &Service, counts: &dyn Fn(&Task) -> bool| {
        swarm
            .tasks_of(&service.id)
            .filter(|task| counts(task))
            .count() as u64
    };
    let live = |task: &Task| !task.state.ended() && task.desired <= TaskState::Running;
    let total = |service: &'a Service| {
        let Service {
            name, mode, update, ..
        } = service;
        let running = count(service, &|task| {
            live(task) && task.state == TaskState::Running
        });
        Total {
            name,
            running,
            wanted: match mode {
                ServiceMode::Replicated(wanted) => *wanted,
                ServiceMode::Global | ServiceMode::Job => count(service, &live),
            },
            update: update.and_then(screen::update_word),
        }
    };
    let mut totals: Vec<Total> = swarm.services.iter().map(total).collect();
    totals.sort_by_key(|total| total.name);
    totals
}

/// The errors of services that don't run as wanted, most frequent first.
fn errors(swarm: &Swarm) -> Vec<(&str, &str, usize)> {
    let mut counted: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for total in totals(swarm)
        .iter()
        .filter(|total| total.running < total.wanted)
    {
        let Some(service) = swarm.service(total.name) else {
            continue;
        };
        for task in swarm.tasks_of(&service.id) {
            let failed = matches!(task.state, TaskState::Failed | TaskState::Rejected);
            let waiting = task.state == TaskState::Pending && task.node.is_none();
            if let Some(error) = task
                .error
                .as_deref()
                .filter(|e| !e.is_empty() && (failed || waiting))
            {
                *counted.entry((&service.name, error)).or_default() += 1;
            }
        }
    }
    let mut errors: Vec<_> = counted.into_iter().map(|((s, e), n)| (s, e, n)).collect();
    errors.sort_by_key(|(_, _, times)| std::cmp::Reverse(*times));
    errors.truncate(ERRORS);
    errors
}

fn why_outside(snapshot: &Snapshot, name: &str) -> Outside {
    let Some(container) = snapshot.containers.get(name) else {
        return Outside::Container(ContainerState::Missing);
    };
    match (container.state, &container.engine) {
        (ContainerState::Running, Some(engine)) => match engine.swarm {
            LocalSwarm::Inactive | LocalSwarm::Pending => Outside::NotJoined,
            LocalSwarm::Active | LocalSwarm::Locked | LocalSwarm::Error => Outside::Unconfirmed,
        },
        (ContainerState::Running, None) => Outside::Silent,
        (state, _) => Outside::Container(state),
    }
}
