//! The program killed at a bad moment, and two of them on one lab.

use std::process::Stdio;

use serde_json::Value;

use super::docker::wait;
use super::place::Place;
use super::terminal::{CTRL_C, CTRL_D, Terminal};

/// Killed while it makes the lab, each time at another point; the next start
/// finds what is there and goes on.
pub fn while_making_the_lab() {
    let place = Place::new("killed");
    for containers in [1, 3, 4] {
        let mut program = place.program(&["up", "--yes"]).spawn().unwrap();
        wait("containers", || place.containers().len() >= containers);
        program.kill().unwrap();
        program.wait().unwrap();
    }
    place.must(&["up", "--yes"]);
    assert_eq!(answering(&place), 4);
    place.must(&["down"]);
    place.nothing_is_left();

    // And nothing is left without an `up` in between.
    let mut program = place.program(&["up", "--yes"]).spawn().unwrap();
    wait("containers", || place.containers().len() >= 2);
    program.kill().unwrap();
    program.wait().unwrap();
    place.must(&["down"]);
    place.nothing_is_left();
}

/// The same at the prompt, in the middle of `docker compose up -d`.
pub fn at_the_prompt() {
    let place = Place::new("kill9");
    let mut terminal = Terminal::start(&place, &["--yes", "goto", "cluster/up"]);
    assert_eq!(terminal.end(), 0);
    let mut terminal = Terminal::start(&place, &["--yes"]);
    terminal.enter_until("cluster 3/4>");
    terminal.line("docker compose up -d");
    wait("containers", || place.containers().len() >= 2);
    terminal.kill();

    let mut terminal = Terminal::start(&place, &["--yes"]);
    terminal.enter_until("cluster 3/4>");
    terminal.line("docker compose up -d");
    terminal.expect("Done.");
    // Ctrl-C in the middle is no harm either.
    terminal.enter_until("cluster 4/4>");
    terminal.line("docker compose down");
    terminal.prompt("cluster 4/4>");
    terminal.line("docker compose up -d");
    wait("a container", || !place.containers().is_empty());
    terminal.keys(CTRL_C);
    terminal.prompt("cluster 4/4>");
    terminal.line("docker compose up -d");
    terminal.expect("worker03 ready");
    terminal.prompt("cluster 4/4>");
    assert_eq!(answering(&place), 4);
    terminal.keys(CTRL_D);
    assert_eq!(terminal.end(), 0);
    place.must(&["down"]);
    place.nothing_is_left();
}

/// One process drives a lab; others may look.
pub fn another_one_is_told() {
    let place = Place::new("second");
    let mut terminal = Terminal::start(&place, &[]);
    terminal.expect("Prepare the lab now?");
    let pid = terminal.process().to_string();
    for refused in [
        &[][..],
        &["up", "--yes"],
        &["down"],
        &["run", "--yes"],
        &["reset"],
    ] {
        let output = place.run(refused);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(3), "{refused:?}: {said}");
        assert!(
            said.contains(&pid),
            "{refused:?} does not name {pid}: {said}"
        );
        assert!(said.contains("--lab"), "{refused:?} has no way out: {said}");
    }
    let status: Value = serde_json::from_str(&place.must(&["status", "--json"])).unwrap();
    assert_eq!(status["lab"], place.lab.as_str());
    assert_eq!(status["up"], false);
    place.must(&["list"]);
    let looked = place.run(&["check"]);
    assert!(looked.stderr.is_empty(), "{looked:?}");
    terminal.keys("n\r");
    terminal.expect("Nothing was started.");
    terminal.prompt("orchestration 1/4>");
    terminal.keys(CTRL_D);
    assert_eq!(terminal.end(), 0);
    // A lock dies with its process.
    let again = place
        .program(&["--yes"])
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert!(again.status.success(), "{again:?}");
    place.must(&["down"]);
    place.nothing_is_left();
}

/// How many nodes' engines answer, as `status --json` has it.
pub fn answering(place: &Place) -> usize {
    let status: Value = serde_json::from_str(&place.must(&["status", "--json"])).unwrap();
    let containers = status["containers"].as_array().unwrap();
    let answers = |container: &&Value| {
        container["state"] == "running"
            && container["node"] == true
            && container["engine"].is_string()
    };
    containers.iter().filter(answers).count()
}
