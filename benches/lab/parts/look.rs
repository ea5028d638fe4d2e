//! Looking at the lab, a command at the prompt, and how soon a verdict comes.

use std::time::{Duration, Instant};

use swarmlings::lab::{Lab, RealLab, RealOptions, find};
use swarmlings::model::{Snapshot, TaskState};

use crate::docker::{PATIENCE, docker};
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
    let mut text = String::from("---\nformat: 1\nid: bench\nrequires: []\n---\n\n# Bench\n\n");
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
    const STEPS: u32 = 13;
    let place = Place::new("verdict");
    let file = place.folder().join("bench.md");
    let images = "images: [\"hashicorp/http-echo:latest\"]\n---\n\n#";
    std::fs::write(
        &file,
        lesson(STEPS).replacen("requires: []\n---\n\n#", images, 1),
    )
    .unwrap();
    let mut terminal = Terminal::start(&place, &["--yes", "open", file.to_str().unwrap()]);
    terminal.enter_until("bench 1/14>");
    terminal.line("docker compose up -d");
    terminal.expect("manager ready");
    terminal.prompt("bench 1/14>");
    terminal.line("docker exec manager docker swarm init");
    terminal.prompt("bench 1/14>");
    terminal.line(
        "docker exec manager docker service create -d --name bench hashicorp/http-echo:latest",
    );
    terminal.prompt("bench 1/14>");
    terminal.line("docker exec manager docker node ls");
    terminal.expect("Done.");
    let lab = lab_of(&place);
    let (mut typing, mut beside) = (Times::default(), Times::default());
    for step in 1..=STEPS {
        let prompt = format!("bench {}/14>", step + 1);
        terminal.enter_until(&prompt);
        let scale = format!("docker service scale -d bench={}", wanted(step));
        let times = match step % 3 {
            // Changed from outside, while the learner sits there.
            0 => {
                let manager = place.container("manager");
                let mut args = vec!["exec", &manager];
                args.extend(scale.split_whitespace());
                terminal.keys("");
                docker(&args);
                &mut beside
            }
            _ => {
                terminal.line(&format!("docker exec manager {scale}"));
                &mut typing
            }
        };
        let holds = std::thread::scope(|scope| {
            let watching = scope.spawn(|| block_on(until_running(&lab, wanted(step))));
            terminal.expect("Done.");
            let told = Instant::now();
            told.saturating_duration_since(watching.join().unwrap())
        });
        times.push(holds);
    }
    report.alone(
        "verdict after its condition holds, command typed",
        &typing,
        "100 ms",
    );
    report.alone("the same, changed from another window", &beside, "");
    terminal.keys(CTRL_D);
    terminal.end();
    place.must(&["down"]);
}

/// When so many tasks, and no more, were first seen to run.
async fn until_running(lab: &Lab, wanted: u32) -> Instant {
    let deadline = Instant::now() + PATIENCE;
    let mut pause = tokio::time::interval(Duration::from_millis(5));
    loop {
        pause.tick().await;
        let seen = lab.observe().await.unwrap();
        if running(&seen) == Some(wanted as usize) {
            return Instant::now();
        }
        assert!(Instant::now() < deadline, "never {wanted} tasks");
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
