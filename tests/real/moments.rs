//! The program killed (SIGKILL) at the moments that matter: each time the same
//! command again comes to its end, the lab is as golden there, and nothing is
//! left after `down`. A moment is seen from outside, in the outer engine's
//! events or in what it or a node holds; the program knows nothing of it.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use super::docker::{PATIENCE, docker};
use super::observer::containers_of;
use super::place::Place;
use super::proof::actions::{Chance, Map, seed};
use super::terminal::{CTRL_C, CTRL_D, Terminal};
use super::walk::{here, must_be};

/// How a moment is seen.
enum Sees {
    /// So many events of the lab that begin so.
    Events(&'static str, usize),
    /// A look at the lab.
    Look(fn(&Place) -> bool),
}

/// A moment in the middle of a command.
struct Moment {
    name: &'static str,
    /// What was done before, if anything.
    before: &'static [&'static str],
    command: &'static [&'static str],
    sees: Sees,
    /// The state in which the same command again has to end.
    golden: &'static str,
}

const DOWN: &[&str] = &["down"];
const FOUR: &[&str] = &["goto", "cluster/look", "--yes"];
const NONE: &[&str] = &["goto", "swarm/init", "--yes"];
const MEMBERS: &[&str] = &["goto", "swarm/four-nodes", "--yes"];
const ONE: &[&str] = &["goto", "service/list", "--yes"];
const SIX: &[&str] = &["goto", "service/where", "--yes"];
const RESET: &[&str] = &["reset", "--yes"];

const MOMENTS: &[Moment] = &[
    Moment {
        name: "the network made",
        before: DOWN,
        command: FOUR,
        sees: Sees::Events("network create", 1),
        golden: "cluster/look",
    },
    Moment {
        name: "the first container made",
        before: DOWN,
        command: FOUR,
        sees: Sees::Events("container create", 1),
        golden: "cluster/look",
    },
    Moment {
        name: "the third container made",
        before: DOWN,
        command: FOUR,
        sees: Sees::Events("container create", 3),
        golden: "cluster/look",
    },
    Moment {
        name: "the first container started",
        before: DOWN,
        command: FOUR,
        sees: Sees::Events("container start", 1),
        golden: "cluster/look",
    },
    Moment {
        name: "an engine asked for the first time",
        before: DOWN,
        command: FOUR,
        sees: Sees::Events("container exec_start: docker system dial-stdio", 1),
        golden: "cluster/look",
    },
    Moment {
        name: "an image in one node and not in all",
        before: DOWN,
        command: FOUR,
        sees: Sees::Look(some_image),
        golden: "cluster/look",
    },
    Moment {
        name: "swarm init sent",
        before: FOUR,
        command: MEMBERS,
        sees: Sees::Events("container exec_start: docker swarm init", 1),
        golden: "swarm/four-nodes",
    },
    Moment {
        name: "the first join sent",
        before: FOUR,
        command: MEMBERS,
        sees: Sees::Events("container exec_start: docker swarm join", 1),
        golden: "swarm/four-nodes",
    },
    Moment {
        name: "the last join sent",
        before: FOUR,
        command: MEMBERS,
        sees: Sees::Events("container exec_start: docker swarm join", 3),
        golden: "swarm/four-nodes",
    },
    Moment {
        name: "service create sent",
        before: MEMBERS,
        command: ONE,
        sees: Sees::Events("container exec_start: docker service create", 1),
        golden: "service/list",
    },
    Moment {
        name: "service scale sent",
        before: MEMBERS,
        command: SIX,
        sees: Sees::Events("container exec_start: docker service scale", 1),
        golden: "service/where",
    },
    Moment {
        name: "services cleared away",
        before: SIX,
        command: RESET,
        sees: Sees::Look(no_service),
        golden: "service/where",
    },
    Moment {
        name: "the first engine told to start afresh",
        before: MEMBERS,
        command: NONE,
        sees: Sees::Events("container kill", 1),
        golden: "swarm/init",
    },
    Moment {
        name: "the last engine told to start afresh",
        before: MEMBERS,
        command: NONE,
        sees: Sees::Events("container kill", 4),
        golden: "swarm/init",
    },
    Moment {
        name: "progress being written",
        before: SIX,
        command: ONE,
        sees: Sees::Look(progress_written),
        golden: "service/list",
    },
    Moment {
        name: "what is kept of the lab being written",
        before: DOWN,
        command: FOUR,
        sees: Sees::Look(lab_written),
        golden: "cluster/look",
    },
    Moment {
        name: "the solution of a replay sent",
        before: MEMBERS,
        command: &["replay", "service/create", "--yes"],
        sees: Sees::Events("container exec_start: docker service create", 1),
        golden: "service/list",
    },
    Moment {
        name: "the first container of a lab that goes away killed",
        before: FOUR,
        command: DOWN,
        sees: Sees::Events("container kill", 1),
        golden: "cluster/intro",
    },
    Moment {
        name: "its third container gone",
        before: FOUR,
        command: DOWN,
        sees: Sees::Events("container destroy", 3),
        golden: "cluster/intro",
    },
    Moment {
        name: "its network gone",
        before: FOUR,
        command: DOWN,
        sees: Sees::Events("network destroy", 1),
        golden: "cluster/intro",
    },
];

/// What an engine inside a node prints; nothing where there is none.
fn in_node(place: &Place, node: &str, argv: &[&str]) -> Option<String> {
    let containers = containers_of(&place.lab);
    let output = Command::new("docker")
        .args(["exec", containers.get(node)?, "docker"])
        .args(argv)
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    output.status.success().then_some(text)
}

fn some_image(place: &Place) -> bool {
    let nodes = ["manager", "worker01", "worker02", "worker03"];
    let mut images = nodes
        .iter()
        .map(|node| in_node(place, node, &["images", "-q"]));
    images.any(|images| images.is_some_and(|images| !images.is_empty()))
}

fn no_service(place: &Place) -> bool {
    in_node(place, "manager", &["service", "ls", "-q"]).is_some_and(|ids| ids.is_empty())
}

/// Whether a file of the state folder is new, or about to be.
fn written(place: &Place, name: &str) -> bool {
    let fresh = |path: &Path| {
        let changed = path.metadata().and_then(|meta| meta.modified());
        changed.is_ok_and(|at| {
            at.elapsed()
                .is_ok_and(|ago| ago < Duration::from_millis(20))
        })
    };
    let folder = place.state();
    let entries = std::fs::read_dir(&folder).into_iter().flatten().flatten();
    let mut names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
    names.any(|name| name.starts_with(".tmp")) || fresh(&folder.join(name))
}

fn progress_written(place: &Place) -> bool {
    written(place, "progress.json")
}

fn lab_written(place: &Place) -> bool {
    written(place, "lab.json")
}

/// The outer engine's events of one lab.
struct Events {
    child: Child,
    lines: Receiver<String>,
    lab: String,
}

impl Events {
    /// Those from now on.
    fn of(place: &Place) -> Events {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        let since = format!("{}.{:09}", now.as_secs(), now.subsec_nanos());
        let format = "{{.Type}} {{.Action}} {{.Actor.Attributes.name}}";
        let mut child = Command::new("docker")
            .args(["events", "--since", &since, "--format", format])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let stdout = child.stdout.take().unwrap();
        let (send, lines) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                if send.send(line).is_err() {
                    return;
                }
            }
        });
        Events {
            child,
            lines,
            lab: place.lab.clone(),
        }
    }
}

impl Drop for Events {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Waits for the moment; false: the program came to its end before.
fn comes(sees: &Sees, place: &Place, events: &Events, mut ended: impl FnMut() -> bool) -> bool {
    let deadline = Instant::now() + PATIENCE;
    let mut count = 0;
    let mut last = false;
    loop {
        assert!(Instant::now() < deadline, "the moment does not come");
        match sees {
            Sees::Look(look) if look(place) => return true,
            Sees::Look(_) => {}
            Sees::Events(wanted, many) => {
                // Whatever is there, without a pause; then a short wait for more.
                match events.lines.recv_timeout(Duration::from_millis(20)) {
                    Ok(line) => {
                        let ours = line.contains(&events.lab);
                        count += usize::from(ours && line.starts_with(wanted));
                        if count == *many {
                            return true;
                        }
                        continue;
                    }
                    Err(RecvTimeoutError::Timeout) => {}
                    Err(RecvTimeoutError::Disconnected) => panic!("no events"),
                }
            }
        }
        // An event may come a little after the program's end.
        if last {
            return false;
        }
        last = ended();
    }
}

/// Whether the program was alive when it was killed.
fn killed_at(place: &Place, moment: &Moment) -> bool {
    let events = Events::of(place);
    let mut program = place.program(moment.command).spawn().unwrap();
    let came = comes(&moment.sees, place, &events, || {
        program.try_wait().unwrap().is_some()
    });
    assert!(came, "{}: never", moment.name);
    let alive = program.try_wait().unwrap().is_none();
    program.kill().unwrap();
    program.wait().unwrap();
    alive
}

/// A way that was cut off is told of, and `repair` goes it to its end.
pub fn finished_by_repair() {
    let place = Place::new("finished");
    let moment = Moment {
        name: "the first join sent",
        before: FOUR,
        command: SIX,
        sees: Sees::Events("container exec_start: docker swarm join", 1),
        golden: "service/where",
    };
    place.must(moment.before);
    assert!(killed_at(&place, &moment), "it was at its end");
    let told = place.must(&["status"]);
    assert!(told.contains("service/where"), "{told}");
    assert!(told.contains("repair"), "{told}");
    place.must(&["repair", "--yes"]);
    must_be(&place, &Map::new(), moment.golden, moment.name);
    let told = place.must(&["status"]);
    assert!(!told.contains("cut off"), "{told}");

    // Who brings the lab up instead finds new engines.
    let begun = Moment {
        name: "swarm init sent while the others start",
        sees: Sees::Events("container exec_start: docker swarm init", 1),
        ..moment
    };
    in_node(&place, "manager", &["swarm", "leave", "--force"]).expect("it leaves");
    assert!(killed_at(&place, &begun), "it was at its end");
    place.must(&["up", "--yes"]);
    must_be(&place, &Map::new(), "cluster/look", begun.name);
}

/// At the command line.
pub fn named() {
    let place = Place::new("moments");
    let map = Map::new();
    let mut alive = 0;
    for moment in MOMENTS {
        let began = Instant::now();
        place.must(moment.before);
        alive += usize::from(killed_at(&place, moment));
        let killed = began.elapsed().as_secs_f64();
        place.must(moment.command);
        let again = began.elapsed().as_secs_f64() - killed;
        if moment.command == DOWN {
            place.nothing_is_left();
        } else {
            must_be(&place, &map, moment.golden, moment.name);
        }
        if std::env::var_os("SWARMLINGS_WALK_TELL").is_some() {
            eprintln!(
                "{}: killed after {killed:.1} s, again {again:.1} s",
                moment.name
            );
        }
    }
    // Who dies a moment after the last of its work proves nothing.
    assert!(alive >= 15, "only {alive} were alive when they were killed");
    place.must(DOWN);
    place.nothing_is_left();
}

/// At the prompt: while the lab is prepared, while it is mended, in a replay.
pub fn at_the_prompt() {
    let place = Place::new("prompt");
    let map = Map::new();
    let events = Events::of(&place);
    let mut terminal = Terminal::start(&place, &["--yes"]);
    assert!(comes(
        &Sees::Events("container create", 2),
        &place,
        &events,
        || false
    ));
    terminal.kill();
    let mut terminal = Terminal::start(&place, &["--yes"]);
    terminal.rest();
    terminal.keys(CTRL_D);
    assert_eq!(terminal.end(), 0);
    must_be(&place, &map, "orchestration/intro", "prepared");

    place.must(MEMBERS);
    let worker = containers_of(&place.lab)["worker02"].clone();
    let mut terminal = Terminal::start(&place, &["--yes"]);
    terminal.rest();
    docker(&["kill", &worker]);
    let events = Events::of(&place);
    terminal.line("repair");
    assert!(comes(
        &Sees::Events("container start", 1),
        &place,
        &events,
        || false
    ));
    terminal.kill();
    let mut terminal = Terminal::start(&place, &["--yes"]);
    terminal.rest();
    terminal.line("repair");
    terminal.rest();
    must_be(&place, &map, "swarm/four-nodes", "mended");

    let events = Events::of(&place);
    terminal.line("replay service/create");
    let sees = Sees::Events("container exec_start: docker service create", 1);
    assert!(comes(&sees, &place, &events, || false));
    terminal.kill();
    let mut terminal = Terminal::start(&place, &["--yes"]);
    terminal.rest();
    terminal.line("reset service/create");
    terminal.rest();
    must_be(&place, &map, "service/create", "replayed");

    // Ctrl-C hands over, and what was typed so far is not run.
    terminal.line("replay service/create");
    terminal.expect("service 3/9> docker exec -it manager docker service cre");
    terminal.keys(CTRL_C);
    terminal.expect("Over to you");
    terminal.rest();
    must_be(&place, &map, "service/create", "handed over");
    terminal.keys(CTRL_D);
    assert_eq!(terminal.end(), 0);
    place.must(DOWN);
    place.nothing_is_left();
}

/// For a night: fifty moments by chance of a run of the whole course.
pub fn by_chance() {
    let place = Place::new("chance");
    let map = Map::new();
    let seed = seed(1);
    let mut chance = Chance::new(seed);
    for number in 0..50 {
        let mut program = place.program(&["run", "--json", "--yes"]).spawn().unwrap();
        let deadline = Instant::now() + Duration::from_millis(chance.below(45_000) as u64);
        let (_never, lives) = channel::<()>();
        let left = deadline.saturating_duration_since(Instant::now());
        let _ = lives.recv_timeout(left);
        let _ = program.kill();
        program.wait().unwrap();
        place.must(RESET);
        must_be(
            &place,
            &map,
            &here(&place),
            &format!("seed {seed}, kill {number}"),
        );
    }
    place.must(&["run", "--json", "--yes"]);
    place.must(DOWN);
    place.nothing_is_left();
}
