//! The seed's tutorial as a learner types it, from the first prompt to the end,
//! with the slips that people make.

use std::time::Duration;

use super::docker::{docker, wait};
use super::place::Place;
use super::terminal::{CTRL_C, CTRL_D, Terminal};

pub fn tutorial() {
    let place = Place::new("typed");
    let mut terminal = Terminal::start(&place, &[]);
    terminal.expect("Prepare the lab now?");
    terminal.keys("\r");
    terminal.enter_until("cluster 3/4>");

    terminal.line("docker compose up -d");
    terminal.expect("the lab is running");
    terminal.expect("Done.");
    assert_eq!(place.containers().len(), 4);
    terminal.enter_until("cluster 4/4>");
    terminal.keys("\r");
    terminal.expect("docker ps");
    terminal.prompt("cluster 4/4>");
    terminal.line("docker ps");
    for node in ["manager", "worker01", "worker02", "worker03"] {
        terminal.expect(node);
    }
    terminal.expect("Done.");

    swarm(&place, &mut terminal);
    service(&mut terminal);
    shell_in_a_node(&place, &mut terminal);

    terminal.keys(CTRL_D);
    terminal.expect("the lab keeps running");
    assert_eq!(terminal.end(), 0);
    let containers = place.containers();
    let mut terminal = Terminal::start(&place, &[]);
    resumed(&mut terminal);
    assert_eq!(
        place.containers(),
        containers,
        "the lab was found, not made again"
    );

    terminal.line("quit");
    terminal.expect("the lab keeps running");
    assert_eq!(terminal.end(), 0);
    let said = place.must(&["down"]);
    assert!(said.contains("4 containers"), "{said}");
    place.nothing_is_left();
}

/// From four engines to `4 nodes`.
fn swarm(place: &Place, terminal: &mut Terminal) {
    terminal.enter_until("swarm 2/6>");
    // Two lines of the post, pasted in one write.
    terminal.keys("docker exec -it manager \\\rdocker swarm init\r");
    terminal.expect("is now a manager");
    terminal.prompt("swarm 2/6>");
    terminal.line("docker exec -it manager docker node ls");
    terminal.expect("Done.");

    terminal.enter_until("swarm 3/6>");
    terminal.line("docker exec -it manager docker swarm join-token worker");
    terminal.expect("Done.");
    terminal.prompt("swarm 3/6>");
    let join = join_command(&terminal.on_screen());

    terminal.enter_until("swarm 4/6>");
    interrupts(place, terminal);
    // A wrong turn: the verdict names it, and its way out leads out.
    terminal
        .line("docker exec -it worker01 docker swarm join --token $MANAGER_TOKEN $MANAGER_ADDR");
    terminal.expect("worker01 joined as a manager, not as a worker.");
    terminal.prompt("swarm 4/6>");
    let way_out = between(&terminal.since(), "not as a worker. ", " makes it");
    assert!(way_out.contains("demote worker01"), "{way_out}");
    terminal.line(&way_out);
    terminal.expect("Done.");

    terminal.enter_until("swarm 5/6>");
    terminal.keys(&format!("docker exec -it worker02 \\\r{join}\r"));
    terminal.expect("This node joined a swarm as a worker.");
    terminal.prompt("swarm 5/6>");
    // As terminals mark a paste: nothing runs until Enter.
    terminal.keys(&format!(
        "\x1b[200~docker exec -it worker03 \\\r{join}\x1b[201~"
    ));
    terminal.expect("worker03");
    terminal.keys("\r");
    terminal.expect("This node joined a swarm as a worker.");
    terminal.expect("4 nodes, all ready");
    terminal.expect("Done.");

    terminal.enter_until("swarm 6/6>");
    terminal.keys("docker exec -it manager \\\rdocker node ls\r");
    terminal.expect("Done.");
    let listed = terminal.since();
    let rows = listed.matches(" Ready Active ").count();
    assert_eq!(rows, 4, "{listed}");
}

/// Ctrl-C ends a command, inside the node too, and never the session.
fn interrupts(place: &Place, terminal: &mut Terminal) {
    for command in [
        "docker exec manager sleep 100",
        "docker exec -it manager sleep 100",
    ] {
        terminal.line(command);
        wait("sleep in the manager", || sleeps(place));
        terminal.keys(CTRL_C);
        terminal.prompt("swarm 4/6>");
        wait("no sleep in the manager", || !sleeps(place));
    }
    // Of a node that hangs nothing comes any more, and the prompt comes back.
    for command in [
        "docker exec manager sleep 100",
        "docker exec -it manager sleep 100",
    ] {
        terminal.line(command);
        wait("sleep in the manager", || sleeps(place));
        let container = place.container("manager");
        docker(&["pause", &container]);
        // Keys that come at once are one signal; a finger takes longer.
        let mut pressed = 0;
        while !terminal.since().contains("is no longer waited for") {
            pressed += 1;
            assert!(pressed < 20, "{}", terminal.on_screen());
            terminal.keys(CTRL_C);
            terminal.reads_for(Duration::from_millis(300));
        }
        docker(&["unpause", &container]);
        terminal.prompt("swarm 4/6>");
        wait("no sleep in the manager", || !sleeps(place));
    }
    terminal.keys(&format!("half a line{CTRL_C}"));
    terminal.expect("Ctrl-C ends a running command");
    terminal.prompt("swarm 4/6>");
}

fn sleeps(place: &Place) -> bool {
    place
        .in_node("manager", &["ps", "ax"])
        .contains("sleep 100")
}

/// One, then `6/6`.
fn service(terminal: &mut Terminal) {
    terminal.enter_until("service 3/9>");
    terminal.keys(
        "docker exec -it manager \\\rdocker service create --name test_swarm \
         -p 5678:5678 hashicorp/http-echo:latest\r",
    );
    terminal.expect("test_swarm runs 1 of 1");
    terminal.expect("Done.");
    terminal.enter_until("service 4/9>");
    terminal.keys("docker exec -it manager \\\rdocker service ls\r");
    terminal.expect("1/1");
    terminal.expect("Done.");
    terminal.enter_until("service 5/9>");
    terminal.keys("docker exec -it manager \\\rdocker service scale test_swarm=6\r");
    terminal.expect("test_swarm runs 6 of 6");
    terminal.expect("Done.");
    terminal.prompt("service 5/9>");
    terminal.keys("docker exec -it manager \\\rdocker service ls\r");
    terminal.expect("6/6");
    terminal.prompt("service 5/9>");
}

/// A shell in a node is a real one: it follows the window.
fn shell_in_a_node(place: &Place, terminal: &mut Terminal) {
    terminal.line("docker exec -it manager sh");
    terminal.expect("manager:/");
    let size = "stty size 2>/dev/null || { ls / >/dev/null; echo \"$LINES $COLUMNS\"; }";
    says_size(terminal, size, "40 100");
    terminal.resize(30, 90);
    says_size(terminal, size, "30 90");
    terminal.line("sleep 100");
    wait("sleep in the manager", || sleeps(place));
    terminal.keys(CTRL_C);
    terminal.expect(":/# ");
    assert!(!sleeps(place));
    terminal.keys(CTRL_D);
    terminal.prompt("service 5/9>");
    terminal.resize(40, 100);
}

/// The engine takes a size a moment after the shell or the window has it.
fn says_size(terminal: &mut Terminal, asking: &str, size: &str) {
    let mut tries = 0;
    while !terminal.since().contains(size) {
        tries += 1;
        assert!(tries < 50, "{}", terminal.on_screen());
        terminal.line(asking);
        terminal.expect(":/# ");
    }
}

/// Started again: the same step, the same lab, and on to the end.
fn resumed(terminal: &mut Terminal) {
    terminal.enter_until("service 5/9>");
    assert!(
        !terminal.since().contains("Prepare the lab"),
        "{}",
        terminal.since()
    );
    terminal.line("docker exec -it manager docker service ls");
    terminal.expect("6/6");
    assert!(
        !terminal.since().contains("not as you left it"),
        "{}",
        terminal.since()
    );
    // Judged anew, with what is there.
    terminal.enter_until("service 6/9>");
    terminal.line("docker exec -it worker01 docker service ps test_swarm");
    terminal.prompt("service 6/9>");
    terminal.line("check");
    terminal.expect("exit code 1");
    terminal.prompt("service 6/9>");
    terminal.line("docker exec -it manager docker service ps test_swarm");
    terminal.expect("Done.");
    terminal.enter_until("service 7/9>");
    terminal.line("solve");
    terminal.expect("Done.");
    terminal.enter_until("service 8/9>");
    terminal.keys("docker exec -it manager \\\rdocker serivce rm test_swarm\r");
    terminal.expect("docker service rm");
    terminal.prompt("service 8/9>");
    terminal.keys("docker exec -it manager \\\rdocker service rm test_swarm\r");
    terminal.expect("test_swarm is gone");
    terminal.expect("Done.");
    terminal.prompt("service 8/9>");
}

/// The real command on the screen, token and address included.
fn join_command(screen: &str) -> String {
    let words: Vec<&str> = screen.split_whitespace().collect();
    let at = words.iter().rposition(|word| word.starts_with("SWMTKN-1-"));
    let at = at.unwrap_or_else(|| panic!("no token on the screen:\n{screen}"));
    let command = words[at - 4..=at + 1].join(" ");
    assert!(
        command.starts_with("docker swarm join --token ") && command.ends_with(":2377"),
        "{command}"
    );
    command
}

fn between(text: &str, from: &str, to: &str) -> String {
    let (_, rest) = text
        .split_once(from)
        .unwrap_or_else(|| panic!("no {from} in {text}"));
    rest.split_once(to).unwrap().0.to_owned()
}
