//! Looking at the lab, a command at the prompt, and how soon a verdict comes.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use swarmlings::lab::{Lab, RealLab, RealOptions, find};
use swarmlings::model::{Snapshot, TaskState};

use crate::docker::docker;
use crate::place::Place;
use crate::report::{Report, Times, timed};
use crate::terminal::{CTRL_D, Terminal};

/// The lab of a place, in this process.
fn lab_of(place: &Place) -> Lab {
    let folder = place
        .folder()
        .join("state/swarmlings/labs")
        .join(&place.lab);
    let environment = find::Environment::of_process(None);
    let label = |label: &str| {
        let format = format!("{{{{index .Config.Labels \"io.swarmlings.{label}\"}}}}");
        let container = place.container("manager");
        docker(&["inspect", "-f", &format, &container])
            .trim()
            .to_owned()
    };
    let options = RealOptions {
        name: place.lab.clone(),
        dir: folder.join("lab"),
        state: folder,
        cache: place.folder().join("cache"),
        endpoint: find::find(&environment).unwrap().endpoint,
        node_image: None,
        privileged: false,
        user: label("user"),
        host: label("host"),
    };
    Lab::Real(RealLab::new(options).unwrap().into())
}

fn block_on<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(work)
}

/// One look at all nodes, beside one `docker node ls` by CLI.
pub fn look(report: &mut Report) {
    let place = Place::new("look");
    place.must(&["goto", "service/where", "--yes"]);
    let lab = lab_of(&place);
    let ours = block_on(async {
        let mut times = Times::default();
        for _ in 0..51 {
            let began = Instant::now();
            let seen = lab.observe().await.unwrap();
            times.push(began.elapsed());
            assert_eq!(seen.swarm.map(|swarm| swarm.nodes.len()), Some(4));
        }
        times
    });
    let manager = place.container("manager");
    let by_hand = Times::of(11, || {
        timed(|| docker(&["exec", &manager, "docker", "node", "ls"])).1
    });
    let what = "a look at four nodes, beside one `docker exec manager docker node ls`";
    report.compare(what, &ours, &by_hand, "0.1 a node");
    place.must(&["down"]);
}

/// From Enter to the next prompt, the look and the verdict included.
pub fn typed(report: &mut Report) {
    let place = Place::new("typing");
    place.must(&["goto", "swarm/four-nodes", "--yes"]);
    let manager = place.container("manager");
    let mut terminal = Terminal::start(&place, &[]);
    terminal.until_prompt("swarm 6/6>");
    for (typed, by_hand) in [
        ("docker exec manager true", vec!["exec", &manager, "true"]),
        (
            "docker exec -it manager docker info",
            vec!["exec", "-t", &manager, "docker", "info"],
        ),
    ] {
        let (mut ours, mut theirs) = (Times::default(), Times::default());
        for _ in 0..16 {
            theirs.push(timed(|| docker(&by_hand)).1);
            let began = Instant::now();
            terminal.line(typed);
            terminal.prompt("swarm 6/6>");
            ours.push(began.elapsed());
        }
        report.compare(&format!("`{typed}`"), &ours, &theirs, "1");
    }
    terminal.keys(CTRL_D);
    terminal.end();
    place.must(&["down"]);
}

/// A lesson of steps that are met by a number of tasks, with nothing to hold.
fn lesson(steps: u32) -> String {
    let mut text = String::from(
        "---\nformat: 1\nid: bench\nimages: [\"hashicorp/http-echo:latest\"]\n---\n\n# Bench\n\n",
    );
    text.push_str(COMPOSE);
    for step in 1..=steps {
        let replicas = wanted(step);
        text.push_str(&format!(
            "\n## Step {step} <!-- step: s{step} -->\n\nTasks.\n\n```yaml check\nservice: bench\n\
             replicas: {replicas}\nstable_for: 0s\n```\n"
        ));
    }
    text
}

const COMPOSE: &str = "## Nodes <!-- step: nodes -->\n\nOne.\n\n```yaml compose\nservices:\n  \
    manager:\n    hostname: manager\n    image: docker:dind\n    privileged: true\n```\n\n\
    ```console\n$ docker exec manager docker node ls\n```\n";

/// Up and down by one, so that each step needs a change.
fn wanted(step: u32) -> u32 {
    1 + step % 2
}

/// From the moment when the tasks run, as another one sees who looks all the
/// time, to the verdict on the learner's screen.
pub fn verdict(report: &mut Report) {
    const STEPS: u32 = 16;
    /// The last ones are met by somebody else, while the learner only reads.
    const READING: u32 = 6;
    let place = Place::new("verdict");
    let file = place.folder().join("bench.md");
    std::fs::write(&file, lesson(STEPS)).unwrap();
    let open = ["--yes", "open", file.to_str().unwrap()];
    let prompt = |step: u32| format!("bench {}/{}>", step + 1, STEPS + 1);
    let mut terminal = Terminal::start(&place, &open);
    terminal.enter_until(&prompt(0));
    for command in [
        "docker compose up -d",
        "docker exec manager docker swarm init",
        "docker exec manager docker service create -d --name bench hashicorp/http-echo:latest",
        "docker exec manager docker node ls",
    ] {
        terminal.line(command);
        terminal.prompt(&prompt(0));
    }
    let watch = Watch::start(lab_of(&place));
    let mut typing = Times::default();
    for step in 1..=STEPS - READING {
        terminal.enter_until(&prompt(step));
        let change = Instant::now();
        let scale = format!("docker service scale -d bench={}", wanted(step));
        terminal.line(&format!("docker exec manager {scale}"));
        terminal.expect("Done.");
        typing.push(watch.since(wanted(step), change));
    }
    let what = "a verdict after its condition holds, a command typed";
    report.alone(what, &typing, "100 ms");

    terminal.prompt(&prompt(STEPS - READING));
    terminal.keys(CTRL_D);
    terminal.end();
    let mut terminal = Terminal::start(&place, &open);
    terminal.until_prompt(&prompt(STEPS - READING));
    let manager = place.container("manager");
    let mut reading = Times::default();
    for step in STEPS - READING + 1..=STEPS {
        terminal.enter_until(&prompt(step));
        let change = Instant::now();
        terminal.keys("");
        let scale = format!("bench={}", wanted(step));
        docker(&["exec", &manager, "docker", "service", "scale", "-d", &scale]);
        terminal.expect("Done.");
        reading.push(watch.since(wanted(step), change));
    }
    report.alone("the same, changed from another window", &reading, "");
    drop(watch);
    terminal.keys(CTRL_D);
    terminal.end();
    place.must(&["down"]);
}

/// Somebody who looks at the lab all the time, over a connection of their own,
/// and notes when the number of running tasks changed.
struct Watch {
    changes: Arc<Mutex<Vec<(Instant, usize)>>>,
    stop: Arc<AtomicBool>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Watch {
    fn start(lab: Lab) -> Watch {
        let changes: Arc<Mutex<Vec<(Instant, usize)>>> = Arc::default();
        let stop = Arc::new(AtomicBool::new(false));
        let (noted, stopped) = (Arc::clone(&changes), Arc::clone(&stop));
        let thread = std::thread::spawn(move || {
            block_on(async move {
                let mut pause = tokio::time::interval(Duration::from_millis(10));
                while !stopped.load(Ordering::Relaxed) {
                    pause.tick().await;
                    let Some(now) = running(&lab.observe().await.unwrap()) else {
                        continue;
                    };
                    let mut noted = noted.lock().unwrap();
                    if noted.last().is_none_or(|(_, before)| *before != now) {
                        noted.push((Instant::now(), now));
                    }
                }
            });
        });
        Watch {
            changes,
            stop,
            thread: Some(thread),
        }
    }

    /// How long ago so many tasks came to run, after a change was asked for.
    fn since(&self, wanted: u32, change: Instant) -> Duration {
        let told = Instant::now();
        let changes = self.changes.lock().unwrap();
        let met = changes
            .iter()
            .find(|(at, count)| *at > change && *count == wanted as usize);
        // Not seen yet: the program was quicker than the one who watches.
        met.map_or(Duration::ZERO, |(at, _)| told - *at)
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn running(seen: &Snapshot) -> Option<usize> {
    let swarm = seen.swarm.as_ref()?;
    let service = swarm
        .services
        .iter()
        .find(|service| service.name == "bench")?;
    let tasks = swarm.tasks_of(&service.id);
    Some(
        tasks
            .filter(|task| task.state == TaskState::Running)
            .count(),
    )
}
