//! Bringing four nodes up, and the whole of the course's commands.

use std::path::PathBuf;

use crate::docker::docker;
use crate::hand::{Hand, IMAGE};
use crate::place::Place;
use crate::report::{Report, Times, timed};

/// The archive of the service's image, out of a node of the lab.
pub fn service_image(place: &Place) -> PathBuf {
    let path = place.folder().join("service.tar");
    let output = std::process::Command::new("docker")
        .args(["exec", &place.container("manager"), "docker", "save", IMAGE])
        .output()
        .unwrap();
    assert!(output.status.success());
    std::fs::write(&path, output.stdout).unwrap();
    path
}

/// Four answering engines. Ours also load the service's image and hold a network
/// with fixed addresses; by hand that is beside it.
pub fn up(report: &mut Report) {
    let place = Place::new("up");
    let (_, cold) = timed(|| place.must(&["up", "--yes"]));
    let hand = Hand::like(&place);
    let archive = service_image(&place);
    let mut ours = Times::default();
    ours.push(cold);
    place.must(&["down"]);
    let (mut by_hand, mut with_image) = (Times::default(), Times::default());
    for _ in 0..5 {
        let engines = hand.up();
        let loaded = hand.load(&archive);
        by_hand.push(engines);
        with_image.push(engines + loaded);
        hand.down();
        ours.push(timed(|| place.must(&["up", "--yes"])).1);
        place.must(&["down"]);
    }
    let target = "1 (engines alone)";
    report.compare("`up`, beside `docker run` x4", &ours, &by_hand, target);
    report.compare(
        "`up`, beside the same and `docker load`",
        &ours,
        &with_image,
        "",
    );
}

/// The lessons' commands from `compose up` to `compose down`: ours with all
/// checks, by hand one after another with none.
pub fn course(report: &mut Report) {
    let place = Place::new("course");
    place.must(&["up", "--yes"]);
    let hand = Hand::like(&place);
    let archive = service_image(&place);
    place.must(&["down"]);
    let (mut ours, mut fast, mut by_hand) = <(Times, Times, Times)>::default();
    for _ in 0..4 {
        by_hand.push(timed(|| typed_by_hand(&hand, &archive)).1);
        let run = ["run", "--yes", "cluster", "swarm", "service"];
        ours.push(timed(|| place.must(&run)).1);
        let run = ["run", "--yes", "--fast", "cluster", "swarm", "service"];
        fast.push(timed(|| place.must(&run)).1);
    }
    report.compare("the course's commands", &ours, &by_hand, "1");
    report.compare("the same, `run --fast`", &fast, &by_hand, "0.5");
}

fn typed_by_hand(hand: &Hand, archive: &std::path::Path) {
    hand.up();
    hand.load(archive);
    docker(&["ps"]);
    hand.swarm();
    hand.exec("manager", "docker node ls");
    hand.create();
    hand.exec("manager", "docker service ls");
    hand.scale();
    for command in [
        "docker service ls",
        "docker service ps test_swarm",
        "docker service inspect --pretty test_swarm",
        "docker service rm test_swarm",
    ] {
        hand.exec("manager", command);
    }
    hand.down();
}
