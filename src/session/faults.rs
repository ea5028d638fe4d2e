//! What of the lab's faults the learner is told: each once, when it has lasted,
//! and none that they made themselves or that their step makes on purpose.

use std::collections::BTreeSet;
use std::time::Duration;

use super::{Session, entry};
use crate::check::{Kind, Verdict};
use crate::model::fault::{Fault, clock_jump, faults};
use crate::model::{CommandRecord, Snapshot};
use crate::shell::{Action, ComposeAction, HostAction, Lifecycle, understand};

/// So long after a command of the learner's in a node a fault may be its doing:
/// Swarm takes its time to miss a node that drops packets.
const OWN_WITHIN: Duration = Duration::from_secs(30);

/// So long after one on the containers: that shows at once, but for an engine
/// that starts.
const OWN_OUTSIDE: Duration = Duration::from_secs(10);

/// What happens to several within this time is told together: looks that come
/// every few milliseconds see them go one after another.
const TOGETHER: Duration = Duration::from_secs(1);

/// What is known of the lab's faults.
#[derive(Clone, Debug, Default)]
pub struct Watch {
    known: Vec<Known>,
    acts: Vec<Act>,
    before: Option<Snapshot>,
}

#[derive(Clone, Debug)]
struct Known {
    fault: Fault,
    since: Duration,
    /// Told, or known to the learner anyway.
    told: bool,
}

impl Known {
    fn due_at(&self) -> Duration {
        self.since + self.fault.lasts()
    }

    /// It is to be told about now, and others of its kind may be about to follow.
    fn is_fresh(&self, now: Duration) -> bool {
        !self.told && now < self.due_at() + TOGETHER && self.due_at() < now + TOGETHER
    }
}

/// A command of the learner's that can make a fault.
#[derive(Clone, Debug)]
struct Act {
    /// Until then a fault may be its doing.
    until: Duration,
    /// `None`: to all containers.
    node: Option<String>,
    /// It was done to the container, not typed in the node.
    outside: bool,
}

impl Watch {
    /// Takes a look in: the faults that are to be told now, those of a kind together.
    fn look(
        &mut self,
        now: &Snapshot,
        on_purpose: impl Fn() -> BTreeSet<String>,
    ) -> Vec<Vec<Fault>> {
        let found = faults(now);
        self.known
            .retain(|known| found.iter().any(|fault| fault.same(&known.fault)));
        for fault in found {
            match self.known.iter_mut().find(|known| known.fault.same(&fault)) {
                Some(known) => known.fault = fault,
                None => self.known.push(Known {
                    told: self.is_own(&fault, now.at),
                    fault,
                    since: now.at,
                }),
            }
        }
        // Looks that are further apart have seen together what happened together.
        let close = |before: &Snapshot| now.at < before.at + TOGETHER;
        let gathering: Vec<Fault> = match self.before.as_ref().is_some_and(close) {
            true => {
                let fresh = self.known.iter().filter(|known| known.is_fresh(now.at));
                fresh.map(|known| known.fault.clone()).collect()
            }
            false => Vec::new(),
        };
        let due = |known: &Known| {
            let more = gathering.iter().any(|fault| fault.same_kind(&known.fault));
            !known.told && known.due_at() <= now.at && !more
        };
        if self.known.iter().any(due) {
            let on_purpose = on_purpose();
            for known in &mut self.known {
                let nodes = known.fault.nodes();
                known.told |= nodes.iter().any(|node| on_purpose.contains(*node));
                // The step has nodes leave or be stopped, the manager may be one.
                known.told |= known.fault == Fault::NoManager && !on_purpose.is_empty();
            }
        }
        let mut news: Vec<Vec<Fault>> = Vec::new();
        for known in self.known.iter_mut().filter(|known| due(known)) {
            known.told = true;
            match news.iter_mut().find(|kind| kind[0].same_kind(&known.fault)) {
                Some(kind) => kind.push(known.fault.clone()),
                None => news.push(vec![known.fault.clone()]),
            }
        }
        if let Some(before) = &self.before {
            news.extend(clock_jump(before, now).map(|jump| vec![jump]));
        }
        self.before = Some(Snapshot {
            at: now.at,
            wall: now.wall,
            ..Snapshot::default()
        });
        news
    }

    /// What is wrong now is known to the learner.
    fn acknowledge(&mut self, now: &Snapshot) {
        self.look(now, BTreeSet::new);
        for known in &mut self.known {
            known.told = true;
        }
        self.acts.clear();
    }

    /// Notes what the learner did, where it can make a fault.
    fn act(&mut self, record: &CommandRecord) {
        self.acts.retain(|act| act.until >= record.at);
        let within = match record.node {
            Some(_) => OWN_WITHIN,
            None => OWN_OUTSIDE,
        };
        let names = done_to(record);
        self.acts.extend(names.into_iter().map(|node| Act {
            until: record.at + within,
            node,
            outside: record.node.is_none(),
        }));
    }

    fn is_own(&self, fault: &Fault, now: Duration) -> bool {
        let nodes = fault.nodes();
        let mut recent = self.acts.iter().filter(|act| act.until >= now);
        match fault {
            // Whoever stopped a manager knows why there is no leader; what it means
            // that one has left, few know.
            Fault::NoLeader | Fault::NoManager | Fault::NoNetwork => recent.any(|act| act.outside),
            Fault::DiskShort { .. } | Fault::MemoryShort { .. } | Fault::ClockJumped { .. } => {
                false
            }
            _ => recent.any(|act| {
                let node = act.node.as_deref();
                node.is_none_or(|node| nodes.contains(&node))
            }),
        }
    }
}

/// The containers that a command may have harmed; `None`: all of them.
fn done_to(record: &CommandRecord) -> Vec<Option<String>> {
    let words: Vec<&str> = record.argv.iter().map(String::as_str).collect();
    if let Some(node) = &record.node {
        let harms = match words.as_slice() {
            ["docker", "swarm", "leave" | "init" | "join" | "ca", ..] => true,
            [
                "docker",
                "node",
                "rm" | "demote" | "promote" | "update",
                name,
                ..,
            ] => {
                return [Some(node.clone()), Some((*name).to_owned())].to_vec();
            }
            ["docker", ..] => false,
            [program, ..] => {
                let name = program.rsplit('/').next().unwrap_or(program);
                let tools = [
                    "iptables",
                    "ip6tables",
                    "nft",
                    "ip",
                    "tc",
                    "route",
                    "ifconfig",
                    "kill",
                    "pkill",
                    "killall",
                    "sh",
                    "ash",
                    "bash",
                    "date",
                    "rm",
                    "reboot",
                    "halt",
                    "poweroff",
                ];
                tools.contains(&name)
            }
            [] => false,
        };
        return match harms {
            true => vec![Some(node.clone())],
            false => Vec::new(),
        };
    }
    let changes = [
        "stop",
        "start",
        "restart",
        "kill",
        "pause",
        "unpause",
        "down",
        "up",
        "rm",
        "disconnect",
        "connect",
    ];
    let named = |names: &[&str]| -> Vec<Option<String>> {
        let names: Vec<&&str> = names.iter().filter(|name| !name.starts_with('-')).collect();
        match names.is_empty() {
            true => vec![None],
            false => names.iter().map(|name| Some((**name).to_owned())).collect(),
        }
    };
    match words.as_slice() {
        ["docker", "compose" | "network", verb, rest @ ..] | ["docker", verb, rest @ ..]
            if changes.contains(verb) =>
        {
            named(rest)
        }
        _ => Vec::new(),
    }
}

impl Session {
    /// What is wrong with the lab and not meant to be so at this step.
    pub fn faults(&self) -> Vec<Fault> {
        let Some(now) = self.timeline.last() else {
            return Vec::new();
        };
        let wanted = self.wanted_down();
        let meant = |fault: &Fault| fault.nodes().iter().any(|node| wanted.contains(*node));
        let found = faults(now).into_iter();
        found.filter(|fault| !meant(fault)).collect()
    }

    /// What is wrong at the first look is told by whoever compares it with
    /// progress, not once more while the learner works.
    pub fn acknowledge_faults(&mut self) {
        if let Some(now) = self.timeline.snapshots.back().cloned() {
            self.watch.acknowledge(&now);
        }
    }

    /// Notes a command before what came of it is looked at.
    pub fn note_act(&mut self, record: &CommandRecord) {
        self.watch.act(record);
    }

    pub(super) fn new_faults(&mut self) -> Vec<Vec<Fault>> {
        let Some(now) = self.timeline.snapshots.back().cloned() else {
            return Vec::new();
        };
        let mut watch = std::mem::take(&mut self.watch);
        let news = watch.look(&now, || self.away());
        self.watch = watch;
        news
    }

    /// Nodes that a check of this step wants down, and that are.
    fn wanted_down(&self) -> BTreeSet<String> {
        let checks = self.step().map_or(&[][..], |step| &step.checks);
        let down = |kind: &Kind| match kind {
            Kind::Node {
                name,
                state: Some(state),
                ..
            } if state != "ready" => Some(name.clone()),
            _ => None,
        };
        let judged = checks.iter().zip(&self.verdicts);
        judged
            .filter(|(_, verdict)| Verdict::passes(verdict))
            .filter_map(|(check, _)| down(&check.kind))
            .collect()
    }

    /// Containers that the steps done so far leave stopped or cut off, or that
    /// this step speaks of being so.
    fn away(&self) -> BTreeSet<String> {
        let course = self.course();
        let scope = self.scope_with_values();
        let mut away = BTreeSet::new();
        for place in entry::path(course, self.place)
            .into_iter()
            .chain([self.place])
        {
            let Some(step) = place.step(course) else {
                continue;
            };
            let here = place == self.place;
            let commands = step.setup.iter().chain(step.solution_on(self.mesh()));
            for command in commands.chain(step.cleanup.iter().filter(|_| !here)) {
                let Ok(action) = understand(&self.mended(command).0, &scope) else {
                    continue;
                };
                match ends(&action) {
                    Some((true, names)) => away.extend(names),
                    // A step that starts what the one before stopped begins with it stopped.
                    Some((false, names)) if !here => away.retain(|name| !names.contains(name)),
                    _ => {}
                }
            }
            for check in &step.checks {
                if let Kind::Node {
                    name,
                    state: Some(state),
                    ..
                } = &check.kind
                {
                    match state == "ready" {
                        false => {
                            away.insert(name.clone());
                        }
                        true if !here => {
                            away.remove(name);
                        }
                        true => {}
                    }
                }
            }
        }
        away
    }
}

/// Whether an action takes containers away (`true`) or brings them back.
fn ends(action: &Action) -> Option<(bool, Vec<String>)> {
    let of_lifecycle = |what: &Lifecycle| match what {
        Lifecycle::Stop(_) | Lifecycle::Kill(_) | Lifecycle::Pause => Some(true),
        Lifecycle::Start | Lifecycle::Unpause => Some(false),
        Lifecycle::Restart(_) => None,
    };
    match action {
        Action::Host(HostAction::Lifecycle(what, names))
        | Action::Compose(ComposeAction::Lifecycle(what, names)) => {
            Some((of_lifecycle(what)?, names.clone()))
        }
        Action::Host(HostAction::Disconnect(name)) => Some((true, vec![name.clone()])),
        Action::Host(HostAction::Connect(name)) => Some((false, vec![name.clone()])),
        Action::Exec(exec) => {
            let words: Vec<&str> = exec.argv.iter().map(String::as_str).collect();
            match words.get(..3)? {
                ["docker", "swarm", "leave"] => Some((true, vec![exec.node.clone()])),
                ["docker", "swarm", "join"] => Some((false, vec![exec.node.clone()])),
                _ => None,
            }
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Container, ContainerState, Engine};

    fn snapshot(at: u64, state: ContainerState, answers: bool) -> Snapshot {
        let container = Container {
            state,
            is_node: true,
            address: Some(std::net::Ipv4Addr::LOCALHOST),
            engine: answers.then(Engine::default),
            ..Container::default()
        };
        let names = ["worker01", "worker02"];
        Snapshot {
            at: Duration::from_secs(at),
            up: true,
            containers: names
                .map(|name| (name.to_owned(), container.clone()))
                .into(),
            ..Snapshot::default()
        }
    }

    fn told(watch: &mut Watch, now: &Snapshot) -> Vec<Vec<Fault>> {
        watch.look(now, BTreeSet::new)
    }

    fn stopped(node: &str) -> Fault {
        Fault::Stopped {
            node: node.into(),
            code: Some(137),
        }
    }

    #[test]
    fn what_happens_to_several_is_told_together_and_once() {
        use ContainerState::{Exited, Running};
        let mut watch = Watch::default();
        assert!(told(&mut watch, &snapshot(1, Running, true)).is_empty());
        let both = vec![vec![stopped("worker01"), stopped("worker02")]];
        assert_eq!(told(&mut watch, &snapshot(3, Exited(137), false)), both);
        assert!(told(&mut watch, &snapshot(5, Exited(137), false)).is_empty());
        // Mended, and broken once more, is news again.
        assert!(told(&mut watch, &snapshot(7, Running, true)).is_empty());
        assert_eq!(told(&mut watch, &snapshot(9, Exited(137), false)), both);
    }

    #[test]
    fn what_goes_one_after_another_within_a_second_is_told_together() {
        use ContainerState::{Exited, Running};
        let at = |millis: u64, stopped: usize| {
            let mut now = snapshot(0, Running, true);
            now.at = Duration::from_millis(millis);
            for container in now.containers.values_mut().take(stopped) {
                container.state = Exited(137);
            }
            now
        };
        let mut watch = Watch::default();
        for (millis, count) in [
            (1000, 0),
            (1050, 1),
            (1300, 1),
            (1700, 2),
            (2200, 2),
            (2650, 2),
        ] {
            let news = told(&mut watch, &at(millis, count));
            assert!(news.is_empty(), "at {millis} ms: {news:?}");
        }
        let news = told(&mut watch, &at(2710, 2));
        assert_eq!(news, [[stopped("worker01"), stopped("worker02")]]);
        assert!(told(&mut watch, &at(2760, 2)).is_empty());
    }

    #[test]
    fn what_the_learner_did_is_not_news() {
        use ContainerState::{Exited, Running};
        let mut watch = Watch::default();
        told(&mut watch, &snapshot(1, Running, true));
        watch.act(&CommandRecord {
            at: Duration::from_secs(2),
            node: None,
            argv: ["docker", "stop", "worker02"].map(str::to_owned).to_vec(),
            exit: 0,
        });
        let news = told(&mut watch, &snapshot(2, Exited(137), false));
        assert_eq!(news, [[stopped("worker01")]]);
        assert!(told(&mut watch, &snapshot(60, Exited(137), false)).is_empty());
    }

    #[test]
    fn what_a_step_makes_on_purpose_is_not_news() {
        let mut watch = Watch::default();
        let now = snapshot(3, ContainerState::Exited(137), false);
        let on_purpose = || BTreeSet::from(["worker01".to_owned()]);
        assert_eq!(watch.look(&now, on_purpose), [[stopped("worker02")]]);
    }

    #[test]
    fn an_engine_is_silent_after_a_while() {
        use ContainerState::Running;
        let mut watch = Watch::default();
        told(&mut watch, &snapshot(1, Running, true));
        assert!(told(&mut watch, &snapshot(3, Running, false)).is_empty());
        assert!(told(&mut watch, &snapshot(7, Running, false)).is_empty());
        assert_eq!(told(&mut watch, &snapshot(8, Running, false))[0].len(), 2);
        assert!(told(&mut watch, &snapshot(10, Running, false)).is_empty());
    }

    #[test]
    fn a_clock_that_jumps_is_told() {
        let at = |at: u64, wall: i64| Snapshot {
            wall: Some(wall),
            ..snapshot(at, ContainerState::Running, true)
        };
        let mut watch = Watch::default();
        assert!(told(&mut watch, &at(1, 1_000)).is_empty());
        assert!(told(&mut watch, &at(3, 1_002)).is_empty());
        let news = told(&mut watch, &at(5, 8_204));
        assert_eq!(news, [[Fault::ClockJumped { by: 7200 }]]);
        assert!(told(&mut watch, &at(7, 8_206)).is_empty());
        let news = told(&mut watch, &at(9, 1_000));
        assert_eq!(news, [[Fault::ClockJumped { by: -7208 }]]);
    }
}
