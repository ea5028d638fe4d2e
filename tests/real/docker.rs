//! The outer engine, asked through Docker's own CLI: what the tests compare the
//! program with.

use std::collections::BTreeSet;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// How long anything that a test waits for may take on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(120);

/// Why there is no engine; none: there is one.
pub fn no_engine() -> Option<String> {
    let answer = Command::new("docker")
        .args(["version", "--format", "{{.Server.Version}}"])
        .stdin(Stdio::null())
        .output();
    match answer {
        Ok(output) if output.status.success() => None,
        Ok(output) => {
            let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
            Some(format!("no Docker Engine answers: {said}"))
        }
        Err(error) => Some(format!("no docker CLI to ask for an engine: {error}")),
    }
}

/// What `docker ARGS` prints. It must succeed.
pub fn docker(args: &[&str]) -> String {
    let output = Command::new("docker")
        .args(args)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "docker {args:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// The same as words.
pub fn words(args: &[&str]) -> Vec<String> {
    docker(args).split_whitespace().map(str::to_owned).collect()
}

/// Waits for a condition outside the program, looking ten times a second.
pub fn wait(what: &str, met: impl Fn() -> bool) {
    let (looks, look) = std::sync::mpsc::channel::<()>();
    let deadline = Instant::now() + PATIENCE;
    while !met() {
        assert!(Instant::now() < deadline, "waited for {what}");
        // Nobody sends: a pause between two looks, not a wait for the condition.
        let _ = look.recv_timeout(Duration::from_millis(100));
    }
    drop(looks);
}

/// Everything that a test could leave on an engine.
#[derive(Debug)]
pub struct Things {
    containers: BTreeSet<String>,
    networks: BTreeSet<String>,
    volumes: BTreeSet<String>,
    tags: BTreeSet<String>,
}

impl Things {
    /// What there is now, without the labs that others have on this engine and
    /// the volumes that are theirs.
    pub fn now() -> Things {
        let set = |args: &[&str]| words(args).into_iter().collect();
        let not_of_others = |args: &[&str]| -> BTreeSet<String> {
            let ours = format!("test-{}-", std::process::id());
            let printed = docker(args);
            let of_others = |lab: &str| !lab.is_empty() && !lab.starts_with(&ours);
            let things = printed.lines().filter_map(|line| line.split_once(' '));
            let things = things.filter(|(_, lab)| !of_others(lab.trim()));
            things.map(|(id, _)| id.to_owned()).collect()
        };
        let format = "{{.ID}} {{.Label \"io.swarmlings.lab\"}}";
        Things {
            containers: not_of_others(&["ps", "-a", "--no-trunc", "--format", format]),
            networks: not_of_others(&["network", "ls", "--no-trunc", "--format", format]),
            volumes: set(&["volume", "ls", "-q", "--filter", "dangling=true"]),
            tags: set(&["images", "--format", "{{.Repository}}:{{.Tag}}"]),
        }
    }

    /// What is there now and was not then.
    pub fn left_behind(&self) -> Vec<String> {
        let now = Things::now();
        let kinds = [
            ("container", &self.containers, &now.containers),
            ("network", &self.networks, &now.networks),
            ("volume", &self.volumes, &now.volumes),
            ("image", &self.tags, &now.tags),
        ];
        let news = kinds.iter().flat_map(|(kind, then, now)| {
            now.difference(then)
                .map(move |name| format!("{kind} {name}"))
        });
        news.collect()
    }

    /// The images that the program made meanwhile are shared by all labs, so no
    /// `down` of one lab removes them. Those in use by others stay.
    pub fn remove_new_images(&self) {
        for tag in Things::now().tags.difference(&self.tags) {
            if tag.starts_with("swarmlings/") {
                let _ = Command::new("docker").args(["rmi", tag]).output();
            }
        }
    }
}
