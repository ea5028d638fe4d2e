//! Any Markdown file with docker commands in it, that knows nothing of the
//! program: played without anybody, and read at the prompt.

use std::path::{Path, PathBuf};

use super::course::{steps, text};
use super::place::Place;
use super::terminal::{CTRL_D, Terminal};

fn file() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/plain.md")
}

/// A value that only the reader knows stops it with a reason; with the value in
/// the text all of it is played.
pub fn headless() {
    let place = Place::new("plain");
    let original = file();
    let asked = place.run(&[
        "run",
        "--json",
        "--yes",
        "--file",
        original.to_str().unwrap(),
    ]);
    assert_eq!(asked.status.code(), Some(1), "{asked:?}");
    let played = steps(&String::from_utf8_lossy(&asked.stdout));
    let last = played.last().unwrap();
    assert_eq!(text(last, "status"), "not_met");
    let why = last["commands"].as_array().unwrap().last().unwrap();
    assert!(text(why, "error").contains("<how many>"), "{last:#}");
    for step in &played[..played.len() - 1] {
        assert_eq!(text(step, "status"), "met", "{step:#}");
    }

    let known = place.folder().join("plain.md");
    let markdown = std::fs::read_to_string(original).unwrap();
    std::fs::write(&known, markdown.replace("<how many>", "3")).unwrap();
    let all = steps(&place.must(&["run", "--json", "--yes", "--file", known.to_str().unwrap()]));
    for step in &all {
        assert_eq!(text(step, "status"), "met", "{step:#}");
    }
    let commands: Vec<&str> = all
        .iter()
        .flat_map(|step| step["commands"].as_array().unwrap())
        .map(|command| text(command, "command"))
        .collect();
    // Slips of the text are mended, also two in one line.
    let removal = "docker exec -it manager docker service rm test_swarm";
    assert_eq!(commands.last(), Some(&removal), "{commands:#?}");
    place.must(&["down"]);
    place.nothing_is_left();
}

/// With Enter and `run` alone, and one value given.
pub fn at_the_prompt() {
    let place = Place::new("open");
    let mut terminal = Terminal::start(&place, &["--yes", "open", file().to_str().unwrap()]);
    terminal.enter_until("plain 4/7>");
    terminal.line("run");
    terminal.expect("worker01 ready");
    terminal.prompt("plain 4/7>");
    terminal.line("run");
    terminal.expect("NAMES");
    terminal.expect("Done.");
    terminal.enter_until("plain 5/7>");
    terminal.line("run");
    terminal.expect("is now a manager");
    terminal.expect("Done.");
    terminal.enter_until("plain 6/7>");
    // The token and the address of this very swarm.
    terminal.line("run");
    terminal.expect("This node joined a swarm as a worker.");
    terminal.prompt("plain 6/7>");
    terminal.line("run");
    terminal.expect("Done.");
    assert_eq!(terminal.since().matches(" Ready Active ").count(), 2);
    terminal.enter_until("plain 7/7>");
    terminal.line("run");
    terminal.expect("hashicorp/http-echo:latest");
    terminal.expect("converged");
    terminal.prompt("plain 7/7>");
    terminal.line("run");
    terminal.expect("A value for <how many>:");
    terminal.line("2");
    terminal.expect("docker service scale test_swarm=2");
    terminal.expect("converged");
    terminal.prompt("plain 7/7>");
    terminal.line("run");
    // The slip is told, and mended.
    terminal.expect("serivce");
    terminal.expect("docker service rm test_swarm");
    terminal.expect("Done.");
    terminal.prompt("plain 7/7>");
    terminal.keys(CTRL_D);
    assert_eq!(terminal.end(), 0);
    place.must(&["down"]);
    place.nothing_is_left();
}
