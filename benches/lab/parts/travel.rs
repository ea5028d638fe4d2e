//! Going to a step, beside tearing all down and typing the steps again.

use std::time::Duration;

use crate::hand::Hand;
use crate::place::Place;
use crate::report::{self, Report, Times};
use crate::terminal::{CTRL_D, Terminal};

const ROUNDS: usize = 4;

/// The machine has come to rest after what was made before, as after a learner's
/// last command; nodes that have just joined are busy for a while.
const REST: Duration = Duration::from_secs(3);

/// How long something takes from rest.
fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    std::thread::sleep(REST);
    report::timed(work)
}

/// What was done to the lab before.
#[derive(Clone, Copy)]
enum Mess {
    /// A node has made a swarm where none should be.
    Swarm,
    /// All nodes are in a swarm where none should be.
    Whole,
    /// A service of the learner's own: the swarm itself is as it should be.
    Service,
    /// A node has left the swarm: it has to be made anew.
    Left,
    /// The only manager has left the swarm: all have to be made anew.
    Headless,
}

impl Mess {
    fn make(self, place: &Place) {
        let (node, command) = match self {
            Mess::Whole => {
                place.must(&["goto", "swarm/four-nodes", "--yes"]);
                return;
            }
            Mess::Swarm => ("manager", "docker swarm init"),
            Mess::Service => (
                "manager",
                "docker service create -d --replicas 2 --name own hashicorp/http-echo:latest",
            ),
            Mess::Left => ("worker03", "docker swarm leave"),
            Mess::Headless => ("manager", "docker swarm leave --force"),
        };
        let argv: Vec<&str> = command.split_whitespace().collect();
        place.in_node(node, &argv);
    }
}

/// A step, what its lab is, and the ways there that are measured: what lies
/// there before, and how the lab comes to be made.
struct Goal {
    step: &'static str,
    what: &'static str,
    ways: &'static [(Mess, &'static str)],
    by_hand: fn(&Hand),
    target: &'static str,
}

/// Clean engines stand ready; the way takes them and makes no further ones.
const WITH_SPARE: &str = "a spare set";

const ANEW: (Mess, &str) = (Mess::Headless, "engines anew");
const ONE: (Mess, &str) = (Mess::Left, "one engine anew");
const SPARE: (Mess, &str) = (Mess::Headless, WITH_SPARE);
const IN_PLACE: (Mess, &str) = (Mess::Service, "in place");

const GOALS: [Goal; 4] = [
    Goal {
        step: "swarm/init",
        what: "no swarm",
        ways: &[
            (Mess::Whole, "engines anew"),
            (Mess::Whole, WITH_SPARE),
            (Mess::Swarm, "one engine anew"),
        ],
        by_hand: |_| {},
        target: "0.6",
    },
    Goal {
        step: "swarm/four-nodes",
        what: "a swarm of 4",
        ways: &[ANEW, SPARE, ONE, IN_PLACE],
        by_hand: Hand::swarm,
        target: "0.5",
    },
    Goal {
        step: "service/list",
        what: "a service 1/1",
        ways: &[ANEW, SPARE, ONE, IN_PLACE],
        by_hand: |hand| {
            hand.swarm();
            hand.create();
        },
        target: "0.33",
    },
    Goal {
        step: "service/where",
        what: "a service 6/6",
        ways: &[ANEW, SPARE, ONE, IN_PLACE],
        by_hand: |hand| {
            hand.swarm();
            hand.create();
            hand.scale();
        },
        target: "0.33",
    },
];

/// Who goes there.
#[derive(Clone, Copy, PartialEq)]
enum Traveller {
    /// `swarmlings goto STEP`, which has to look at the lab first.
    Headless,
    /// `goto STEP` at a prompt that has the lab before it.
    AtThePrompt,
}

impl Traveller {
    /// Makes the mess and goes to the step, timed.
    fn goes(self, place: &Place, step: &str, mess: Mess, way: &str) -> Duration {
        let spare = if way == WITH_SPARE { "on" } else { "off" };
        if way == WITH_SPARE {
            place.must(&["goto", step, "--yes", "--spare", spare]);
        }
        if self == Traveller::Headless {
            mess.make(place);
            return timed(|| place.must(&["goto", step, "--yes"])).1;
        }
        // This one is a way of its own, for which a prompt must not hold the lab.
        if let Mess::Whole = mess {
            mess.make(place);
        }
        let mut terminal = Terminal::start(place, &["--yes", "--spare", spare]);
        terminal.rest();
        if !matches!(mess, Mess::Whole) {
            mess.make(place);
        }
        let line = format!("goto {step}");
        let took = timed(|| {
            terminal.line(&line);
            terminal.rest();
        });
        let said = terminal.since();
        assert!(!said.contains('✗'), "{said}");
        terminal.keys(CTRL_D);
        terminal.end();
        took.1
    }
}

pub fn goto(report: &mut Report) {
    travel(report, Traveller::AtThePrompt);
}

pub fn headless(report: &mut Report) {
    travel(report, Traveller::Headless);
}

fn travel(report: &mut Report, traveller: Traveller) {
    let place = Place::new("goto");
    place.must(&["up", "--yes"]);
    let hand = Hand::like(&place);
    let archive = super::bring::service_image(&place);
    hand.up();
    for goal in &GOALS {
        let mut by_hand = Times::default();
        let mut ours: Vec<Times> = goal.ways.iter().map(|_| Times::default()).collect();
        place.must(&["goto", goal.step, "--yes"]);
        for _ in 0..ROUNDS {
            by_hand.push(again(&hand, &archive, goal.by_hand));
            for ((mess, way), times) in goal.ways.iter().zip(&mut ours) {
                times.push(traveller.goes(&place, goal.step, *mess, way));
            }
        }
        for ((_, way), times) in goal.ways.iter().zip(&ours) {
            let what = match traveller {
                Traveller::AtThePrompt => format!("`goto` {}, {way}", goal.what),
                Traveller::Headless => format!("`swarmlings goto`: {}, {way}", goal.what),
            };
            let target = match *way {
                WITH_SPARE => "0.25",
                _ => goal.target,
            };
            report.compare(&what, times, &by_hand, target);
        }
    }
    hand.down();
    place.must(&["down"]);
}

/// All down, and the steps again.
fn again(hand: &Hand, archive: &std::path::Path, steps: fn(&Hand)) -> Duration {
    let work = || {
        hand.down();
        hand.up();
        hand.load(archive);
        steps(hand);
    };
    timed(work).1
}

/// Services made anew in a swarm that is as it should be, beside the time in
/// which Swarm alone starts the same tasks.
pub fn reset(report: &mut Report) {
    let place = Place::new("reset");
    place.must(&["goto", "service/where", "--yes"]);
    let hand = Hand::like(&place);
    let archive = super::bring::service_image(&place);
    hand.up();
    hand.load(&archive);
    hand.swarm();
    let (mut ours, mut own, mut headless) = <(Times, Times, Times)>::default();
    for _ in 0..ROUNDS {
        own.push(hand.swarm_alone());
        hand.clear();
        nine(&place);
        headless.push(timed(|| place.must(&["reset", "--yes"])).1);
        let mut terminal = Terminal::start(&place, &["--yes", "--spare", "off"]);
        terminal.rest();
        nine(&place);
        let took = timed(|| {
            terminal.line("reset");
            terminal.rest();
        });
        ours.push(took.1);
        terminal.keys(CTRL_D);
        terminal.end();
    }
    let what = "`reset` of services in place (6/6), over Swarm's own";
    report.over(what, &ours, &own, "1.0 s");
    let what = "the same, `swarmlings reset`";
    report.over(what, &headless, &own, "");
    hand.down();
    place.must(&["down"]);
}

/// Three tasks more than there should be.
fn nine(place: &Place) {
    let scale = "docker service scale -d test_swarm=9";
    let argv: Vec<&str> = scale.split_whitespace().collect();
    place.in_node("manager", &argv);
}
