//! Ways to a step that can't be gone: names that mean none or several, a lab
//! that another program is at work on, an engine that is away. Each is told,
//! and nothing is lost.

use std::io::{Read, Write};
use std::net::Shutdown;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use super::docker::{docker, wait};
use super::place::Place;
use super::terminal::{CTRL_C, CTRL_D, Terminal};

/// What progress says.
fn kept(place: &Place) -> String {
    std::fs::read_to_string(place.state().join("progress.json")).unwrap()
}

/// The same on the command line as at the prompt: exit 2, similar names, and
/// progress and lab as they were.
pub fn names() {
    let place = Place::new("names");
    place.must(&["goto", "cluster/plan", "--yes"]);
    let before = kept(&place);
    for (name, told) in [
        ("servcie/create", "service/create"),
        ("scal", "service/scale"),
        ("intro-of-nothing-at-all", "intro-of-nothing-at-all"),
        ("lab-down", "registry/lab-down"),
        ("", ""),
    ] {
        for verb in ["goto", "reset", "replay"] {
            let output = place.run(&[verb, name, "--yes"]);
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            assert_eq!(output.status.code(), Some(2), "{verb} {name}: {output:?}");
            assert!(said.contains(told), "{verb} {name}: {said}");
            assert_eq!(kept(&place), before, "{verb} {name}");
        }
    }
    assert_eq!(place.containers(), [""; 0]);
    place.must(&["down"]);
    place.nothing_is_left();
}

/// A command runs at the prompt: a `reset` from elsewhere is refused, and the
/// command goes on.
pub fn while_a_command_runs() {
    let place = Place::new("runs");
    place.must(&["goto", "cluster/look", "--yes"]);
    let containers = place.containers();
    let mut terminal = Terminal::start(&place, &["--yes"]);
    terminal.rest();
    terminal.line("docker exec manager sleep 100");
    let sleeps = || {
        place
            .in_node("manager", &["ps", "ax"])
            .contains("sleep 100")
    };
    wait("sleep in the manager", sleeps);
    let before = kept(&place);
    for refused in [&["reset"][..], &["goto", "service/create"], &["replay"]] {
        let output = place.run(&[refused, &["--yes"]].concat());
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(3), "{refused:?}: {said}");
        let pid = terminal.process().to_string();
        assert!(said.contains(&pid), "{refused:?}: {said}");
    }
    assert!(sleeps());
    assert_eq!(kept(&place), before);
    assert_eq!(place.containers(), containers);
    // A line that is typed meanwhile waits for its turn.
    terminal.keys(CTRL_C);
    terminal.rest();
    terminal.line("reset");
    terminal.expect("The lab is as cluster/look begins");
    terminal.rest();
    terminal.keys(CTRL_D);
    assert_eq!(terminal.end(), 0);
    place.must(&["down"]);
    place.nothing_is_left();
}

/// A way to the engine that can be closed.
struct Door {
    path: PathBuf,
    open: Arc<Mutex<Vec<UnixStream>>>,
}

impl Door {
    fn open(path: &Path) -> Door {
        let _ = std::fs::remove_file(path);
        let listener = UnixListener::bind(path).unwrap();
        let open: Arc<Mutex<Vec<UnixStream>>> = Arc::default();
        let streams = Arc::clone(&open);
        std::thread::spawn(move || {
            for inside in listener.incoming().flatten() {
                let Ok(outside) = UnixStream::connect("/var/run/docker.sock") else {
                    continue;
                };
                for (from, to) in [(&inside, &outside), (&outside, &inside)] {
                    let (from, to) = (from.try_clone().unwrap(), to.try_clone().unwrap());
                    std::thread::spawn(move || pour(from, to));
                }
                streams.lock().unwrap().extend([inside, outside]);
            }
        });
        Door {
            path: path.to_owned(),
            open,
        }
    }

    /// What goes through ends, and nobody comes in any more.
    fn close(&self) {
        let _ = std::fs::remove_file(&self.path);
        for stream in self.open.lock().unwrap().drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }
}

fn pour(mut from: UnixStream, mut to: UnixStream) {
    let mut bytes = [0; 64 * 1024];
    while let Ok(read @ 1..) = from.read(&mut bytes) {
        if to.write_all(&bytes[..read]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Write);
}

/// The engine goes away under the prompt: `reset` says so, the learner stays
/// where they are, and once it is back `reset` does it.
pub fn without_an_engine() {
    let place = Place::new("away");
    place.must(&["goto", "swarm/token", "--yes"]);
    let before = kept(&place);
    let path = place.folder().join("d.sock");
    let host = format!("unix://{}", path.display());
    let door = Door::open(&path);
    let mut terminal = Terminal::start(&place, &["--yes", "--docker", &host]);
    terminal.rest();
    door.close();
    terminal.line("reset");
    terminal.expect("The Docker Engine does not answer");
    terminal.rest();
    assert!(
        !terminal.since().contains("is gone"),
        "{}",
        terminal.since()
    );
    // From the command line as well.
    let output = place.run(&["status", "--docker", &host]);
    assert_eq!(output.status.code(), Some(3), "{output:?}");
    let _again = Door::open(&path);
    terminal.line("reset");
    terminal.expect("The lab is as swarm/token begins");
    terminal.rest();
    terminal.keys(CTRL_D);
    assert_eq!(terminal.end(), 0);
    let current = |text: &str| -> serde_json::Value {
        serde_json::from_str::<serde_json::Value>(text).unwrap()["current"].clone()
    };
    assert_eq!(current(&kept(&place)), current(&before));
    let nodes = place.in_node("manager", &["docker", "node", "ls", "-q"]);
    assert_eq!(nodes.lines().count(), 1, "{nodes}");

    // Without one from the start.
    let output = place.run(&["reset", "--yes", "--docker", "unix:///nowhere/docker.sock"]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert!(said.contains("/nowhere/docker.sock"), "{said}");
    assert_eq!(
        docker(&[
            "ps",
            "-q",
            "--filter",
            &format!("label=io.swarmlings.lab={}", place.lab)
        ])
        .lines()
        .count(),
        4
    );
    place.must(&["down"]);
    place.nothing_is_left();
}
