//! Bringing four nodes up, and the whole of the course's commands.

use std::path::PathBuf;
use std::time::{Duration, SystemTime};

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

/// Four answering engines, and those with the service's image.
pub fn up(report: &mut Report) {
    let place = Place::new("up");
    let (mut engines, mut ours) = <(Times, Times)>::default();
    let mut up = || {
        let (alone, whole) = ours_up(&place);
        engines.push(alone);
        ours.push(whole);
    };
    up();
    let hand = Hand::like(&place);
    let archive = service_image(&place);
    place.must(&["down"]);
    let (mut by_hand, mut with_image) = (Times::default(), Times::default());
    for _ in 0..5 {
        let engines = hand.up();
        let loaded = hand.load(&archive);
        by_hand.push(engines);
        with_image.push(engines + loaded);
        hand.down();
        up();
        place.must(&["down"]);
    }
    let what = "`up` to four answering engines, beside `docker run` x4";
    report.compare(what, &engines, &by_hand, "1");
    let what = "`up` to its end, beside the same and `docker load`";
    report.compare(what, &ours, &with_image, "1");
}

/// `up`: until the last engine answers, as the program's log has it, and to its end.
fn ours_up(place: &Place) -> (Duration, Duration) {
    let began = SystemTime::now();
    let (_, whole) = timed(|| place.must(&["up", "--yes"]));
    let log = std::fs::read_to_string(place.state().join("swarmlings.log")).unwrap();
    let answers = log.lines().rev().find(|line| line.contains(" answers "));
    let at = time_of_day(&answers.unwrap()[11..26]);
    let day = Duration::from_secs(24 * 3600);
    let since = began.duration_since(SystemTime::UNIX_EPOCH).unwrap();
    let began = Duration::from_nanos((since.as_nanos() % day.as_nanos()) as u64);
    // Also over midnight.
    let alone = (at + day - began).as_nanos() % day.as_nanos();
    (Duration::from_nanos(alone as u64), whole)
}

/// `12:34:56.789012`
fn time_of_day(text: &str) -> Duration {
    let parts = text.split(':').map(|part| part.parse::<f64>().unwrap());
    Duration::from_secs_f64(parts.fold(0.0, |sum, part| sum * 60.0 + part))
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
