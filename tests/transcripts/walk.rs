//! Walks over the course by chance: whatever a learner did, and whatever went
//! wrong, `reset`, `goto` and `replay` give the very state that was written down
//! for that entry. Thousands of actions, on a lab in memory.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use futures_util::FutureExt;
use swarmlings::lab::{Lab, Output, Pipes};
use swarmlings::model::{ContainerState, ServiceMode, Snapshot, TaskState};
use swarmlings::shell::Exec;
use swarmlings::terminal::prompt::Input;
use swarmlings::words::Lang;
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;

use super::proof::actions::{Action, Deck, Kind, Map, WRONG, seed};
use super::proof::facts::{Container, Engine, Facts, Node, Service, Swarm};
use super::proof::golden::{END, all, golden};
use super::stage::{Stage, line};

/// Looks until a lab in memory has come to rest.
const RESTS: usize = 60;

/// What happens to the lab's containers here: `docker` at the prompt does it.
const FAULTS: &[(&str, &str)] = &[
    ("killed", "docker kill worker02"),
    ("the manager killed", "docker kill manager"),
    ("stopped", "docker stop worker01"),
    ("paused", "docker pause worker03"),
    ("cut off", "docker network disconnect swarmlings worker02"),
];

fn deck(seed: u64) -> Deck {
    use Kind::{
        Back, Fault, Goto, Mistake, Next, Reopen, Repair, Replay, Reset, ResetTo, Skip, Solve,
    };
    let mut kinds = vec![
        Solve,
        Solve,
        Solve,
        Solve,
        Next,
        Next,
        Next,
        Back,
        Skip,
        Mistake,
        Mistake,
        Mistake,
        Reset,
        Reset,
        Reset,
        ResetTo,
        ResetTo,
        Goto,
        Goto,
        Goto,
        Replay,
        Replay,
        Repair,
        Reopen,
        Kind::Kill,
        Kind::Kill,
        Kind::Kill,
    ];
    // Nodes in memory run the swarm's containers alone.
    let real_only = [
        "a container in a node",
        "a volume in a node",
        "a bridge in a node",
    ];
    let wrong = WRONG.iter().copied();
    kinds.extend(
        wrong.filter(|kind| !matches!(kind, Kind::Wrong(name, ..) if real_only.contains(name))),
    );
    kinds.extend(FAULTS.iter().map(|(name, _)| Fault(name)));
    Deck::new(seed, kinds)
}

/// What can't be seen in memory is not compared.
fn blind(facts: &mut Facts) {
    for container in facts.containers.values_mut() {
        if let Some(engine) = &mut container.engine {
            engine.networks.clear();
        }
    }
}

/// A lab in memory as an observer sees it, a moment later than before.
fn observed(lab: &Lab) -> Facts {
    let seen = lab.observe().now_or_never().unwrap().unwrap();
    if !seen.up {
        return Facts::default();
    }
    let containers = seen.containers.iter().map(|(name, container)| {
        let state = match container.state {
            ContainerState::Running => "running".to_owned(),
            other => format!("{other:?}").to_lowercase(),
        };
        let engine = container.engine.as_ref().map(|engine| Engine {
            swarm: match engine.manager {
                true => "active manager".to_owned(),
                false => format!("{:?}", engine.swarm).to_lowercase(),
            },
            images: engine.images.clone(),
            leftovers: leftovers(lab, name),
            ..Engine::default()
        });
        (name.clone(), Container { state, engine })
    });
    Facts {
        containers: containers.collect(),
        swarm: swarm(&seen),
        registry: seen.registry.clone(),
    }
}

/// The containers in a node that do not run.
fn leftovers(lab: &Lab, node: &str) -> Vec<String> {
    let format = "{{.Status}} {{.Names}}";
    let argv = ["docker", "ps", "-a", "--format", format];
    let exec = Exec {
        node: node.to_owned(),
        argv: argv.map(str::to_owned).to_vec(),
        ..Exec::default()
    };
    let (out, mut printed) = mpsc::channel(8);
    let pipes = Pipes {
        out,
        input: None,
        tty: None,
        interrupt: None,
    };
    // Not even the runtime's budget may make it wait.
    let ran = tokio::task::unconstrained(lab.exec(&exec, pipes));
    ran.now_or_never().unwrap().unwrap();
    let mut text = String::new();
    while let Ok(Output::Out(bytes) | Output::Err(bytes)) = printed.try_recv() {
        text.push_str(&String::from_utf8_lossy(&bytes));
    }
    let ended = text.lines().filter(|line| !line.starts_with("Up "));
    ended.map(str::to_owned).collect()
}

fn swarm(seen: &Snapshot) -> Option<Swarm> {
    let swarm = seen.swarm.as_ref()?;
    let nodes = swarm.nodes.iter().map(|node| Node {
        hostname: node.hostname.clone(),
        role: if node.manager { "manager" } else { "worker" }.to_owned(),
        availability: node.availability.clone(),
        state: node.state.clone(),
        leader: node.leader,
        labels: node.labels.clone(),
    });
    let mut nodes: Vec<Node> = nodes.collect();
    nodes.sort_by(|a, b| (&a.hostname, &a.state).cmp(&(&b.hostname, &b.state)));
    let services = swarm.services.iter().map(|service| {
        let on = |node: &str| {
            let running = swarm.tasks_of(&service.id).filter(|task| {
                task.state == TaskState::Running && task.node.as_deref() == Some(node)
            });
            running.count()
        };
        let counts: Vec<usize> = swarm.nodes.iter().map(|node| on(&node.id)).collect();
        let ports = service.ports.iter().map(|port| {
            format!(
                "{}:{}/{} {}",
                port.published,
                port.target,
                if port.udp { "udp" } else { "tcp" },
                if port.host_mode { "host" } else { "ingress" }
            )
        });
        Service {
            name: service.name.clone(),
            image: service.image.clone(),
            mode: match service.mode {
                ServiceMode::Replicated(wanted) => format!("replicated {wanted}"),
                ServiceMode::Global => "global".to_owned(),
                ServiceMode::Job => "job".to_owned(),
            },
            running: counts.iter().sum(),
            on_a_node: (
                counts.iter().min().copied().unwrap_or_default(),
                counts.iter().max().copied().unwrap_or_default(),
            ),
            ports: ports.collect(),
            networks: service.networks.clone(),
            secrets: service.secrets.clone(),
            configs: service.configs.clone(),
            constraints: service.constraints.clone(),
            labels: service.labels.clone(),
            ..Service::default()
        }
    });
    let mut services: Vec<Service> = services.collect();
    services.sort_by(|a, b| a.name.cmp(&b.name));
    let networks = swarm.networks.iter().map(|network| network.name.clone());
    Some(Swarm {
        nodes,
        services,
        networks: networks.collect(),
        secrets: swarm.secrets.clone(),
        configs: swarm.configs.clone(),
    })
}

/// A walk under way.
struct Walk {
    seed: u64,
    stage: Rc<Stage>,
    map: Map,
    deck: Deck,
    /// All actions so far, told.
    told: Vec<String>,
    /// How many are still to come.
    left: usize,
    /// What is typed before the next action is chosen.
    lines: Vec<String>,
    /// The action whose lines were typed last.
    last: Option<Action>,
    /// The golden state the lab is in, as long as it can be known.
    exact: Option<String>,
    /// When the program is killed, if at all.
    kill: watch::Sender<Option<Instant>>,
}

impl Walk {
    fn fail(&self, why: &str) -> ! {
        panic!(
            "{why}\nSWARMLINGS_WALK_SEED={} after {} actions:\n{}\nshown since it was opened:\n{}",
            self.seed,
            self.told.len(),
            self.told.join("\n"),
            self.stage.shown()
        );
    }

    /// `lesson/step` as progress has it.
    fn here(&self) -> String {
        let current = self.stage.progress().current.unwrap_or_default();
        match current.split_once('/') {
            Some((_, here)) => here.to_owned(),
            None => "orchestration/intro".to_owned(),
        }
    }

    /// What followed from the last action is looked at.
    fn judge(&mut self) {
        let Some(action) = self.last.take() else {
            return;
        };
        // Done before its moment.
        let _ = self.kill.send(None);
        let here = self.here();
        if let Some(to) = &action.to
            && *to != here
        {
            self.fail(&format!("not at {to} but at {here}"));
        }
        let before = self.exact.take();
        self.exact = match action.kind {
            Kind::Solve => before
                .filter(|before| self.map.golden(before) == self.map.golden(&here))
                .map(|_| self.map.end_of(&here)),
            Kind::Next | Kind::Back | Kind::Skip | Kind::Reopen => before,
            _ => action.leads_to(&self.map),
        };
        if let Some(exact) = &self.exact {
            self.must_be(exact);
        }
    }

    fn must_be(&self, at: &str) {
        let golden = self.map.golden(at);
        let mut differences = Vec::new();
        for _ in 0..RESTS {
            let mut seen = observed(&self.stage.lab);
            blind(&mut seen);
            differences = Facts::differences(golden, &seen);
            if differences.is_empty() {
                return;
            }
        }
        self.fail(&format!(
            "the lab is not as golden at {at}:\n  {}",
            differences.join("\n  ")
        ));
    }

    /// The next line that is typed; none: the program ends.
    fn next_line(&mut self) -> Option<String> {
        if self.lines.is_empty() {
            self.judge();
            if self.left == 0 {
                return None;
            }
            self.left -= 1;
            let here = self.here();
            let seen = observed(&self.stage.lab);
            let exact = self.exact.is_some();
            let mut action = self.deck.deal(&self.map, &here, &seen, exact, false);
            if let Kind::Fault(name) = action.kind {
                let found = FAULTS.iter().find(|(other, _)| *other == name);
                action.lines = vec![found.unwrap().1.to_owned()];
            }
            self.told
                .push(format!("{:4}. {action} at {here}", self.told.len() + 1));
            if action.kind == Kind::Kill {
                let after = self.deck.chance.below(8_000) as u64;
                let _ = self
                    .kill
                    .send(Some(Instant::now() + Duration::from_millis(after)));
            }
            self.lines.clone_from(&action.lines);
            self.last = Some(action);
            if self.lines.is_empty() {
                // `Reopen`
                return None;
            }
        }
        Some(self.lines.remove(0))
    }
}

/// Comes when the moment has come that is told last.
async fn moment(mut told: watch::Receiver<Option<Instant>>) {
    loop {
        let at = *told.borrow_and_update();
        let changed = match at {
            None => Ok(told.changed().await),
            Some(at) => tokio::time::timeout_at(at, told.changed()).await,
        };
        match changed {
            Ok(Ok(())) => {}
            Ok(Err(_)) => return std::future::pending().await,
            Err(_) => return,
        }
    }
}

fn walk(seed: u64, actions: usize) {
    let stage = Rc::new(Stage::new(Lang::En));
    let mut map = Map::new();
    map.blind(blind);
    let (kill, _) = watch::channel(None);
    let walk = Rc::new(RefCell::new(Walk {
        seed,
        stage: Rc::clone(&stage),
        map,
        deck: deck(seed),
        told: Vec::new(),
        left: actions,
        lines: Vec::new(),
        last: None,
        exact: None,
        kill,
    }));
    loop {
        let (kill, killed) = watch::channel(None);
        walk.borrow_mut().kill = kill;
        let typist = Rc::clone(&walk);
        let typed = std::iter::from_fn(move || Some(line(&typist.borrow_mut().next_line()?)));
        let typed: Box<dyn Iterator<Item = Input>> = Box::new(typed);
        stage.types_until(typed, moment(killed));
        let mut walk = walk.borrow_mut();
        walk.lines.clear();
        if walk.left == 0 && walk.last.is_none() {
            assert_eq!(walk.deck.never_dealt(), [], "kinds of actions not tried");
            return;
        }
    }
}

/// Actions of one walk; a long one is had by the variable.
fn actions() -> usize {
    let asked = std::env::var("SWARMLINGS_WALK_ACTIONS");
    asked.map_or(300, |asked| {
        asked.parse().expect("SWARMLINGS_WALK_ACTIONS is a number")
    })
}

// Two tests, for two cores.

#[test]
fn every_entry_is_golden_whatever_happened_before() {
    walk(seed(1), actions());
    walk(seed(2), actions());
}

#[test]
fn every_entry_is_golden_whatever_else_happened_before() {
    walk(seed(3), actions());
    walk(seed(4), actions());
}

#[test]
fn every_step_has_a_golden_state_of_its_present_text() {
    let (_, course) = swarmlings::driver::embedded().twins.remove(0);
    let mut names = Vec::new();
    for lesson in &course.lessons {
        let mut so_far: Vec<String> = Vec::new();
        let steps = lesson
            .steps
            .iter()
            .map(|step| (step.id.as_str(), Some(step)));
        for (id, step) in steps.chain([(END, None)]) {
            let at = format!("{}/{id}", lesson.id);
            let golden = golden(&at);
            assert_eq!(golden.at, at);
            assert_eq!(
                golden.lesson_so_far, so_far,
                "the lesson has changed: take the golden states anew (tests/proof/golden.rs says how)"
            );
            names.push(at.replace('/', "."));
            let solution = step.into_iter().flat_map(|step| &step.solution);
            so_far.extend(solution.map(|command| command.text.clone()));
        }
    }
    names.sort();
    assert_eq!(all(), names, "golden states of steps that there are");
}
