//! The choice of what is done next in a walk over the course: by chance, out of
//! a deck in which every kind of action lies at least once.

use std::collections::BTreeMap;

use swarmlings::driver::embedded;

use super::facts::Facts;
use super::golden::{END, golden};

/// Chance that a seed repeats (SplitMix64).
pub struct Chance(u64);

impl Chance {
    pub fn new(seed: u64) -> Chance {
        Chance(seed)
    }

    pub fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let z = z ^ (z >> 31);
        usize::try_from(z % end as u64).unwrap()
    }

    pub fn of<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }
}

/// The seed of the environment: SWARMLINGS_WALK_SEED, a number, or `any` for one
/// of the clock. Otherwise the `usual` one, so that what fails was changed.
pub fn seed(usual: u64) -> u64 {
    match std::env::var("SWARMLINGS_WALK_SEED").as_deref() {
        Ok("any") => {
            let now = std::time::SystemTime::now();
            let since = now.duration_since(std::time::UNIX_EPOCH).unwrap();
            u64::try_from(since.as_nanos() % 1_000_000_007).unwrap()
        }
        Ok(seed) => seed.parse().expect("SWARMLINGS_WALK_SEED is a number"),
        Err(_) => usual,
    }
}

/// How a replay is made as quick as it can be.
pub const AT_ONCE: [&str; 2] = ["--speed", "100"];

/// What an action finds useful to be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    Nothing,
    /// The lab is up.
    Lab,
    /// There is a swarm.
    Swarm,
    /// There are workers in it.
    Workers,
    /// There is a service.
    Service,
    /// The lesson foresees a wrong turn here.
    Mistake,
    /// The lab is as a step begins, or as its solution leaves it: where a
    /// solution does not fit, one would wait for its checks in vain.
    Exact,
}

/// A kind of action: its name, what it needs, and what is typed for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Solve,
    Reset,
    ResetTo,
    Goto,
    Replay,
    Next,
    Back,
    Skip,
    /// A wrong turn that the lesson foresees.
    Mistake,
    /// Any other: a name, and a line at the prompt.
    Wrong(&'static str, Needs, &'static str),
    /// Something that goes wrong outside; how is the walker's business.
    Fault(&'static str),
    /// `repair`, typed.
    Repair,
    /// The program ends and is opened again.
    Reopen,
    /// A way somewhere, without a prompt.
    #[allow(
        dead_code,
        reason = "there are no commands of the command line in memory"
    )]
    Headless(&'static str),
    /// SIGKILL in the middle of a way somewhere, or of a solution.
    Kill,
}

/// What learners do that no lesson asks for.
pub const WRONG: &[Kind] = &[
    Kind::Wrong(
        "a service of their own",
        Needs::Swarm,
        "docker exec manager docker service create -d --name extra hashicorp/http-echo:latest",
    ),
    Kind::Wrong(
        "scaled otherwise",
        Needs::Service,
        "docker exec manager docker service scale -d test_swarm=3",
    ),
    Kind::Wrong(
        "another port",
        Needs::Service,
        "docker exec manager docker service update -d --publish-add 8081:5678 test_swarm",
    ),
    Kind::Wrong(
        "a node drained",
        Needs::Workers,
        "docker exec manager docker node update --availability drain worker01",
    ),
    Kind::Wrong(
        "a node promoted",
        Needs::Workers,
        "docker exec manager docker node promote worker01",
    ),
    Kind::Wrong(
        "a node labelled",
        Needs::Workers,
        "docker exec manager docker node update --label-add zone=a worker01",
    ),
    Kind::Wrong(
        "a node left",
        Needs::Workers,
        "docker exec worker01 docker swarm leave",
    ),
    Kind::Wrong(
        "the swarm left",
        Needs::Swarm,
        "docker exec manager docker swarm leave --force",
    ),
    Kind::Wrong(
        "an overlay network",
        Needs::Swarm,
        "docker exec manager docker network create -d overlay --attachable extra-net",
    ),
    Kind::Wrong(
        "a secret",
        Needs::Swarm,
        "docker exec manager sh -c 'echo hush | docker secret create extra-secret -'",
    ),
    Kind::Wrong(
        "a config",
        Needs::Swarm,
        "docker exec manager sh -c 'echo loud | docker config create extra-config -'",
    ),
    Kind::Wrong(
        "a container in a node",
        Needs::Lab,
        "docker exec worker02 docker run -d --name extra hashicorp/http-echo:latest",
    ),
    Kind::Wrong(
        "an image removed in a node",
        Needs::Lab,
        "docker exec worker03 docker rmi -f hashicorp/http-echo:latest",
    ),
    Kind::Wrong(
        "an image named in a node",
        Needs::Lab,
        "docker exec worker02 docker tag hashicorp/http-echo:latest extra:1",
    ),
    Kind::Wrong(
        "a volume in a node",
        Needs::Lab,
        "docker exec worker02 docker volume create extra-volume",
    ),
    Kind::Wrong(
        "a bridge in a node",
        Needs::Lab,
        "docker exec worker02 docker network create extra-bridge",
    ),
    Kind::Wrong(
        "a file in a node",
        Needs::Lab,
        "docker exec worker02 sh -c 'mkdir -p /srv/extra; echo mine >/srv/extra/note'",
    ),
    Kind::Wrong(
        "a file of a node taken away",
        Needs::Lab,
        "docker exec worker03 rm -f /etc/os-release",
    ),
    Kind::Wrong("a node restarted", Needs::Lab, "docker restart worker02"),
    Kind::Wrong("all stopped", Needs::Lab, "docker compose stop"),
    Kind::Wrong("the lab taken down", Needs::Lab, "docker compose down"),
];

/// What is done about the lab that is there.
#[derive(Clone, Debug)]
pub struct Action {
    pub kind: Kind,
    /// What is typed for it.
    pub lines: Vec<String>,
    /// The step it names, `lesson/step`.
    pub to: Option<String>,
}

impl Action {
    /// Whether the lab has to be as golden afterwards, and as which.
    pub fn leads_to(&self, map: &Map) -> Option<String> {
        let to = self.to.as_ref()?;
        match self.kind {
            Kind::Replay => Some(map.end_of(to)),
            Kind::Headless("replay") => Some(map.end_of(to)),
            Kind::Reset | Kind::ResetTo | Kind::Goto | Kind::Headless(_) => Some(to.clone()),
            _ => None,
        }
    }
}

impl std::fmt::Display for Action {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}", self.kind)?;
        if let Some(to) = &self.to {
            write!(f, " {to}")?;
        }
        self.lines
            .iter()
            .try_for_each(|line| write!(f, "\n      > {line}"))
    }
}

/// The course as a walk needs it: steps in order with their wrong turns, and
/// the golden states.
pub struct Map {
    steps: Vec<(String, Vec<Vec<String>>)>,
    golden: BTreeMap<String, Facts>,
}

impl Map {
    pub fn new() -> Map {
        let (_, course) = embedded().twins.into_iter().next().unwrap();
        let mut map = Map {
            steps: Vec::new(),
            golden: BTreeMap::new(),
        };
        for lesson in &course.lessons {
            for step in &lesson.steps {
                let name = format!("{}/{}", lesson.id, step.id);
                let mistakes = step.mistakes.iter().map(|one| one.run.clone());
                map.golden.insert(name.clone(), golden(&name).facts);
                map.steps.push((name, mistakes.collect()));
            }
            let end = format!("{}/{END}", lesson.id);
            map.golden.insert(end.clone(), golden(&end).facts);
        }
        map
    }

    pub fn golden(&self, at: &str) -> &Facts {
        &self.golden[at]
    }

    /// Leaves out what an observer can't see.
    #[allow(dead_code, reason = "engines show all of it")]
    pub fn blind(&mut self, blind: impl Fn(&mut Facts)) {
        self.golden.values_mut().for_each(blind);
    }

    pub fn names(&self) -> impl Iterator<Item = &String> {
        self.steps.iter().map(|(name, _)| name)
    }

    fn mistakes(&self, at: &str) -> &[Vec<String>] {
        let found = self.steps.iter().find(|(name, _)| name == at);
        found.map_or(&[], |(_, mistakes)| mistakes)
    }

    /// Where the lab is when the step's solution was carried out at its entry.
    pub fn end_of(&self, at: &str) -> String {
        let (lesson, _) = at.split_once('/').unwrap();
        let here = self.steps.iter().position(|(name, _)| name == at).unwrap();
        match self.steps.get(here + 1) {
            Some((next, _)) if next.starts_with(&format!("{lesson}/")) => next.clone(),
            _ => format!("{lesson}/{END}"),
        }
    }

    fn has(&self, needs: Needs, at: &str, lab: &Facts, exact: bool) -> bool {
        let swarm = lab.swarm.as_ref();
        match needs {
            Needs::Nothing => true,
            Needs::Lab => !lab.containers.is_empty(),
            Needs::Swarm => swarm.is_some(),
            Needs::Workers => swarm.is_some_and(|swarm| swarm.nodes.len() > 1),
            Needs::Service => swarm.is_some_and(|swarm| !swarm.services.is_empty()),
            Needs::Mistake => !self.mistakes(at).is_empty(),
            Needs::Exact => exact,
        }
    }
}

/// Deals actions.
pub struct Deck {
    pub chance: Chance,
    kinds: Vec<Kind>,
    left: Vec<Kind>,
    pub dealt: Vec<Kind>,
}

impl Deck {
    /// A deck of these kinds, each as often as it is named.
    pub fn new(seed: u64, kinds: Vec<Kind>) -> Deck {
        Deck {
            chance: Chance::new(seed),
            kinds,
            left: Vec::new(),
            dealt: Vec::new(),
        }
    }

    /// The kinds that have not been dealt at all.
    pub fn never_dealt(&self) -> Vec<Kind> {
        let mut never: Vec<Kind> = Vec::new();
        for kind in &self.kinds {
            if !self.dealt.contains(kind) && !never.contains(kind) {
                never.push(*kind);
            }
        }
        never
    }

    /// The next action where the learner is at `at` and the lab probably is so;
    /// none that types into nodes where one of them is `broken`.
    pub fn deal(&mut self, map: &Map, at: &str, lab: &Facts, exact: bool, broken: bool) -> Action {
        if self.left.is_empty() {
            self.left.clone_from(&self.kinds);
            for last in (1..self.left.len()).rev() {
                let other = self.chance.below(last + 1);
                self.left.swap(last, other);
            }
        }
        let types = |kind: &Kind| matches!(kind, Kind::Solve | Kind::Mistake | Kind::Wrong(..));
        let fits = |kind: &Kind| {
            let hangs = broken && (types(kind) || matches!(kind, Kind::Fault(_)));
            map.has(needs(*kind), at, lab, exact) && !hangs
        };
        match self.left.iter().position(fits) {
            Some(found) => {
                let kind = self.left.remove(found);
                self.dealt.push(kind);
                self.action(kind, map, at)
            }
            // Nothing of what is left makes sense here: to where the first does.
            None => {
                let wanted = needs(self.left[0]);
                let fit: Vec<&String> = map
                    .names()
                    .filter(|name| map.has(wanted, name, map.golden(name), true))
                    .collect();
                let to = (*self.chance.of(&fit)).clone();
                self.to(Kind::Goto, "goto", to)
            }
        }
    }

    fn to(&self, kind: Kind, verb: &str, to: String) -> Action {
        Action {
            kind,
            lines: vec![format!("{verb} {to}")],
            to: Some(to),
        }
    }

    fn action(&mut self, kind: Kind, map: &Map, at: &str) -> Action {
        let names: Vec<String> = map.names().cloned().collect();
        let plain = |lines: &[&str]| Action {
            kind,
            lines: lines.iter().map(|&line| line.to_owned()).collect(),
            to: None,
        };
        match kind {
            Kind::Solve => plain(&["solve"]),
            Kind::Reset => Action {
                to: Some(at.to_owned()),
                ..plain(&["reset"])
            },
            Kind::ResetTo => {
                let to = self.chance.of(&names).clone();
                self.to(kind, "reset", to)
            }
            Kind::Goto => {
                let to = self.chance.of(&names).clone();
                self.to(kind, "goto", to)
            }
            Kind::Replay => {
                let to = self.chance.of(&names).clone();
                let mut replay = self.to(kind, "replay", to);
                for word in AT_ONCE {
                    replay.lines[0] += &format!(" {word}");
                }
                replay
            }
            Kind::Headless(_) => {
                let to = self.chance.of(&names).clone();
                Action {
                    to: Some(to),
                    ..plain(&[])
                }
            }
            Kind::Next => plain(&["next"]),
            Kind::Back => plain(&["back"]),
            Kind::Skip => plain(&["skip"]),
            Kind::Mistake => Action {
                lines: self.chance.of(map.mistakes(at)).clone(),
                ..plain(&[])
            },
            Kind::Wrong(_, _, line) => plain(&[line]),
            Kind::Repair => plain(&["repair"]),
            Kind::Fault(_) | Kind::Reopen => plain(&[]),
            Kind::Kill => match self.chance.below(3) {
                0 => plain(&["solve"]),
                _ => {
                    let to = self.chance.of(&names).clone();
                    plain(&[&format!("goto {to}")])
                }
            },
        }
    }
}

fn needs(kind: Kind) -> Needs {
    match kind {
        Kind::Wrong(_, needs, _) => needs,
        Kind::Mistake => Needs::Mistake,
        Kind::Fault(_) => Needs::Lab,
        Kind::Solve => Needs::Exact,
        _ => Needs::Nothing,
    }
}
