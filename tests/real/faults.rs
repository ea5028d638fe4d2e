//! What goes wrong outside: no engine, and a node that dies under the prompt.

use super::docker::docker;
use super::killed::answering;
use super::place::Place;
use super::terminal::{CTRL_D, Terminal};

/// Exit code 3, what was tried, and what to do.
pub fn no_engine() {
    let place = Place::new("none");
    let socket = place.folder().join("no-docker.sock");
    let host = format!("unix://{}", socket.display());
    for args in [
        &[][..],
        &["up", "--yes"],
        &["down"],
        &["status"],
        &["run", "--yes", "--json"],
    ] {
        let output = place
            .program(args)
            .env("DOCKER_HOST", &host)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(3), "{args:?}: {said}");
        assert!(output.stdout.is_empty(), "{args:?}: {output:?}");
        assert!(said.contains(&host), "{args:?} does not say where: {said}");
        assert!(
            said.contains("DOCKER_HOST"),
            "{args:?} does not say why: {said}"
        );
        // The last line is a command to type.
        let cure = said.lines().last().unwrap_or_default();
        assert!(cure.starts_with("    "), "{args:?} has no cure: {said}");
    }
    // What needs no engine works without.
    let listed = place
        .program(&["list"])
        .env("DOCKER_HOST", &host)
        .output()
        .unwrap();
    assert!(listed.status.success(), "{listed:?}");
}

/// A node killed from outside while the learner sits at the prompt: the session
/// goes on, says it, and mends it.
pub fn a_node_dies() {
    let place = Place::new("dies");
    place.must(&["goto", "swarm/four-nodes", "--yes"]);
    let mut terminal = Terminal::start(&place, &["--yes"]);
    terminal.enter_until("swarm 6/6>");
    docker(&["kill", &place.container("worker02")]);
    terminal.line("docker exec worker02 docker ps");
    terminal.expect("worker02");
    terminal.expect("docker start worker02");
    terminal.prompt("swarm 6/6>");
    terminal.line("status");
    terminal.expect("worker02 worker ready, exited (137)");
    terminal.prompt("swarm 6/6>");
    terminal.line("repair");
    terminal.expect("all containers of the lab run and answer.");
    terminal.prompt("swarm 6/6>");
    assert_eq!(answering(&place), 4);
    // Gone altogether, as by `docker rm -f` in another window.
    docker(&["rm", "-fv", &place.container("worker03")]);
    terminal.line("docker exec worker03 docker ps");
    terminal.expect("worker03");
    terminal.prompt("swarm 6/6>");
    terminal.line("reset");
    terminal.expect("The lab is as swarm/four-nodes begins");
    terminal.enter_until("swarm 6/6>");
    terminal.line("docker exec -it manager docker node ls");
    terminal.expect("Done.");
    let rows = terminal.since().matches(" Ready Active ").count();
    assert_eq!(rows, 4, "{}", terminal.since());
    terminal.prompt("swarm 6/6>");
    terminal.keys(CTRL_D);
    assert_eq!(terminal.end(), 0);
    place.must(&["down"]);
    place.nothing_is_left();
}
