//! Going to a step, beside tearing all down and typing the steps again.

use std::time::Duration;

use crate::docker::docker;
use crate::hand::Hand;
use crate::place::Place;
use crate::report::{Report, Times, timed};

const ROUNDS: usize = 4;

/// What was done to the lab before.
#[derive(Clone, Copy)]
enum Mess {
    /// A swarm where none should be.
    Swarm,
    /// A service of the learner's own: the swarm itself is as it should be.
    Service,
    /// A node has left the swarm: it has to be made anew.
    Left,
}

impl Mess {
    fn make(self, place: &Place) {
        let (node, command) = match self {
            Mess::Swarm => ("manager", "docker swarm init"),
            Mess::Service => (
                "manager",
                "docker service create -d --replicas 2 --name own hashicorp/http-echo:latest",
            ),
            Mess::Left => ("worker03", "docker swarm leave"),
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

const ANEW: (Mess, &str) = (Mess::Left, "engines anew");
const SPARE: (Mess, &str) = (Mess::Left, WITH_SPARE);
const IN_PLACE: (Mess, &str) = (Mess::Service, "in place");

const GOALS: [Goal; 4] = [
    Goal {
        step: "swarm/init",
        what: "no swarm",
        ways: &[(Mess::Swarm, "engines anew"), (Mess::Swarm, WITH_SPARE)],
        by_hand: |_| {},
        target: "0.6",
    },
    Goal {
        step: "swarm/four-nodes",
        what: "a swarm of 4",
        ways: &[ANEW, SPARE, IN_PLACE],
        by_hand: Hand::swarm,
        target: "0.5",
    },
    Goal {
        step: "service/list",
        what: "a service 1/1",
        ways: &[ANEW, SPARE, IN_PLACE],
        by_hand: |hand| {
            hand.swarm();
            hand.create();
        },
        target: "0.33",
    },
    Goal {
        step: "service/where",
        what: "a service 6/6",
        ways: &[ANEW, SPARE, IN_PLACE],
        by_hand: |hand| {
            hand.swarm();
            hand.create();
            hand.scale();
        },
        target: "0.33",
    },
];

pub fn goto(report: &mut Report) {
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
                if *way == WITH_SPARE {
                    place.must(&["goto", goal.step, "--yes", "--spare", "on"]);
                }
                mess.make(&place);
                times.push(timed(|| place.must(&["goto", goal.step, "--yes"])).1);
            }
        }
        for ((_, way), times) in goal.ways.iter().zip(&ours) {
            let what = format!("`goto` {}, {way}", goal.what);
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
    let (mut ours, mut own) = <(Times, Times)>::default();
    for _ in 0..ROUNDS {
        own.push(hand.swarm_alone());
        hand.clear();
        let manager = place.container("manager");
        docker(&[
            "exec",
            &manager,
            "docker",
            "service",
            "scale",
            "-d",
            "test_swarm=9",
        ]);
        ours.push(timed(|| place.must(&["reset", "--yes"])).1);
    }
    let what = "`reset` of services in place (6/6), over Swarm's own";
    report.over(what, &ours, &own, "1.0 s");
    hand.down();
    place.must(&["down"]);
}
