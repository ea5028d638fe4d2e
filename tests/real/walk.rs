//! Walks over the course by chance on real engines: whatever a learner did, and
//! whatever went wrong outside, `reset`, `goto` and `replay` give the very state
//! that was taken by hand for that entry, as an observer of the tests' own sees it.

use std::time::{Duration, Instant};

use serde_json::Value;

use super::faults_found::{Harm, NODES};
use super::observer::{containers_of, look};
use super::place::Place;
use super::proof::actions::{Action, Deck, Kind, Map, WRONG, seed};
use super::proof::facts::Facts;
use super::terminal::{CTRL_D, Terminal};

/// Actions of one walk. Two go side by side, and together take some eight
/// minutes on two cores.
const ACTIONS: usize = 80;

/// How long a lab that was said to be there may take to come to rest: Swarm
/// forgets ended tasks, and engines their containers, a little later. An engine
/// killed right after it joined gets its part of the routing mesh only when the
/// others have forgotten who it was before (some 40 s).
const SETTLES: Duration = Duration::from_secs(90);

/// What goes wrong outside.
const FAULTS: &[(&str, Fault)] = &[
    ("killed", |harm, node| harm.kill(node)),
    ("stopped", |harm, node| harm.stop(node)),
    ("paused", |harm, node| harm.pause(node)),
    ("removed", |harm, node| harm.remove(node)),
    ("its engine killed", |harm, node| harm.die(node)),
    ("its engine hung", |harm, node| harm.hang(node)),
    ("cut off", |harm, node| harm.disconnect(node)),
    ("isolated", |harm, node| harm.isolate(node)),
    ("cut from another", |harm, node| {
        let other = NODES.iter().find(|other| **other != node);
        harm.cut(node, other.unwrap());
    }),
    ("at another address", |harm, node| harm.readdress(node)),
    ("without a network", |harm, _| harm.remove_network()),
];

/// Done to one node; to one that is stopped already it does nothing.
type Fault = fn(&Harm, &str);

fn deck(seed: u64) -> Deck {
    let mut kinds = vec![
        Kind::Solve,
        Kind::Solve,
        Kind::Next,
        Kind::Next,
        Kind::Back,
        Kind::Skip,
        Kind::Mistake,
        Kind::Mistake,
        Kind::Reset,
        Kind::Reset,
        Kind::ResetTo,
        Kind::Goto,
        Kind::Goto,
        Kind::Replay,
        Kind::Repair,
        Kind::Reopen,
        Kind::Headless("goto"),
        Kind::Headless("reset"),
        Kind::Headless("replay"),
        Kind::Kill,
        Kind::Kill,
    ];
    kinds.extend(WRONG);
    kinds.extend(FAULTS.iter().map(|(name, _)| Kind::Fault(name)));
    Deck::new(seed, kinds)
}

/// Tells the sequence where the walk ends in a panic.
struct Told {
    seed: u64,
    actions: Vec<String>,
}

impl Drop for Told {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!(
                "SWARMLINGS_WALK_SEED={} after {} actions:\n{}",
                self.seed,
                self.actions.len(),
                self.actions.join("\n")
            );
        }
    }
}

struct Walk<'p> {
    place: &'p Place,
    map: Map,
    deck: Deck,
    told: Told,
    terminal: Terminal,
    /// The golden state the lab is in, as long as it can be known.
    exact: Option<String>,
    /// What the lab is, roughly.
    believed: Facts,
    /// Something is broken: a command in a node might never end.
    broken: bool,
}

fn open(place: &Place) -> Terminal {
    let mut terminal = Terminal::start(place, &["--yes"]);
    terminal.rest();
    terminal
}

/// `lesson/step` where the learner is, as progress has it.
pub fn here(place: &Place) -> String {
    let file = place.state().join("progress.json");
    // Nothing was done yet.
    let text = std::fs::read_to_string(file).unwrap_or_else(|_| "{}".to_owned());
    let progress: Value = serde_json::from_str(&text).expect("progress is whole");
    let current = progress["current"].as_str().unwrap_or_default();
    match current.split_once('/') {
        Some((_, here)) => here.to_owned(),
        None => "orchestration/intro".to_owned(),
    }
}

impl Walk<'_> {
    fn step(&mut self) {
        let here = here(self.place);
        let exact = self.exact.is_some();
        let mut action = self
            .deck
            .deal(&self.map, &here, &self.believed, exact, self.broken);
        let began = Instant::now();
        let number = self.told.actions.len() + 1;
        self.told
            .actions
            .push(format!("{number:4}. {action} at {here}"));
        match action.kind {
            Kind::Fault(name) => self.fault(name),
            Kind::Reopen => {
                self.close();
                self.terminal = open(self.place);
            }
            Kind::Headless(verb) => {
                self.close();
                let to = action.to.clone().unwrap();
                let mut args = vec![verb, &to, "--yes"];
                if verb == "replay" {
                    args.extend(super::proof::actions::AT_ONCE);
                }
                self.place.must(&args);
                self.follow(&mut action, &here);
                self.terminal = open(self.place);
            }
            Kind::Kill => {
                self.terminal.line(&action.lines[0]);
                let after = self.deck.chance.below(7_000) as u64;
                self.terminal.reads_for(Duration::from_millis(after));
                self.terminal.kill();
                self.told
                    .actions
                    .push(format!("      killed after {after} ms"));
                self.terminal = open(self.place);
            }
            _ => {
                for line in &action.lines {
                    self.terminal.line(line);
                    self.terminal.rest();
                }
            }
        }
        if !matches!(action.kind, Kind::Headless(_)) {
            self.follow(&mut action, &here);
        }
        let seconds = began.elapsed().as_secs_f64();
        if let Some(last) = self.told.actions.last_mut() {
            last.push_str(&format!("  [{seconds:.1} s]"));
        }
    }

    fn close(&mut self) {
        self.terminal.keys(CTRL_D);
        assert_eq!(self.terminal.end(), 0);
    }

    fn fault(&mut self, name: &str) {
        let containers = containers_of(&self.place.lab);
        let nodes: Vec<&str> = NODES
            .into_iter()
            .filter(|node| containers.contains_key(*node))
            .collect();
        if nodes.is_empty() {
            return;
        }
        let node = *self.deck.chance.of(&nodes);
        self.told.actions.push(format!("      {node}"));
        let (_, how) = FAULTS.iter().find(|(other, _)| *other == name).unwrap();
        how(&Harm::more(self.place), node);
        self.broken = true;
    }

    /// What the lab has to be by now, and whether it is.
    fn follow(&mut self, action: &mut Action, before: &str) {
        if let Some(to) = &action.to {
            let shown = self.terminal.on_screen();
            assert_eq!(*to, here(self.place), "where the learner is:\n{shown}");
        }
        let was = self.exact.take();
        let leads = action.leads_to(&self.map);
        if leads.is_some() {
            self.broken = false;
        }
        self.exact = match action.kind {
            Kind::Solve => was
                .clone()
                .filter(|was| self.map.golden(was) == self.map.golden(before))
                .map(|_| self.map.end_of(before)),
            Kind::Next | Kind::Back | Kind::Skip | Kind::Reopen => was.clone(),
            _ => leads,
        };
        match &self.exact {
            Some(exact) => {
                self.believed = self.map.golden(exact).clone();
                // Looked at again only where something may have changed it.
                if self.exact != was || action.to.is_some() {
                    let shown = self.terminal.on_screen();
                    must_be(self.place, &self.map, exact, &shown);
                }
            }
            None if action.kind == Kind::Kill => self.believed = Facts::default(),
            None if matches!(action.kind, Kind::Wrong("the lab taken down", ..)) => {
                self.believed = Facts::default();
            }
            None => {}
        }
    }
}

/// The lab is as golden at `at`, or comes to be so in a moment.
pub fn must_be(place: &Place, map: &Map, at: &str, when: &str) {
    let golden = map.golden(at);
    let deadline = Instant::now() + SETTLES;
    loop {
        let seen = look(&containers_of(&place.lab));
        let differences = match golden.containers.is_empty() {
            true => not_down(place, map, &seen),
            false => Facts::differences(golden, &seen),
        };
        if differences.is_empty() {
            return;
        }
        assert!(
            Instant::now() < deadline,
            "the lab is not as golden at {at} ({when}):\n  {}",
            differences.join("\n  "),
        );
    }
}

/// A lab that is down may be prepared already, out of sight: clean engines.
fn not_down(place: &Place, map: &Map, seen: &Facts) -> Vec<String> {
    let clean = [map.golden("cluster/look"), map.golden("registry/push")];
    let mut differences = Vec::new();
    for (name, container) in &seen.containers {
        let fits = clean.iter().any(|clean| {
            let wanted = clean.containers.get(name);
            wanted.is_some_and(|wanted| container.engine.is_none() || wanted == container)
        });
        if !fits {
            differences.push(format!("{name} should be clean and is {container:?}"));
        }
    }
    let status: Value = serde_json::from_str(&place.must(&["status", "--json"])).unwrap();
    if status["up"] != false {
        differences.push("the lab should be down".to_owned());
    }
    differences
}

fn walk(name: &str, usual: u64) {
    walk_of(name, seed(usual));
}

fn walk_of(name: &str, seed: u64) {
    let place = Place::new(name);
    let asked = std::env::var("SWARMLINGS_WALK_ACTIONS");
    let actions = asked.map_or(ACTIONS, |asked| asked.parse().unwrap());
    let mut walk = Walk {
        place: &place,
        map: Map::new(),
        deck: deck(seed),
        told: Told {
            seed,
            actions: Vec::new(),
        },
        terminal: open(&place),
        exact: None,
        believed: Facts::default(),
        broken: false,
    };
    let began = Instant::now();
    for _ in 0..actions {
        walk.step();
    }
    walk.close();
    eprintln!(
        "{name}: {actions} actions in {:.0} s, seed {seed}",
        began.elapsed().as_secs_f64()
    );
    if std::env::var_os("SWARMLINGS_WALK_TELL").is_some() {
        eprintln!("{}", walk.told.actions.join("\n"));
    }
    if actions >= ACTIONS {
        assert_eq!(walk.deck.never_dealt(), [], "kinds of actions not tried");
    }
    place.must(&["down"]);
    place.nothing_is_left();
}

pub fn one() {
    walk("walk1", 11);
}

pub fn another() {
    walk("walk2", 12);
}

/// For a night: one walk after another, each of another seed.
pub fn all_night() {
    let first = seed(1_000);
    (first..first + 100).for_each(|seed| walk_of("night", seed));
}
