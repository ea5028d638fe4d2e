//! A place for one test: a lab's name, XDG folders of its own, and the proof
//! that nothing of it is left at the end.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::Mutex;

use super::docker::{docker, words};

/// The program under test.
pub const PROGRAM: &str = env!("CARGO_BIN_EXE_swarmlings");

/// The folder of this run, with a folder for each place below it.
fn folder() -> PathBuf {
    std::env::temp_dir().join(format!("swarmlings-test-{}", std::process::id()))
}

/// Removes what this run put into the temporary folder.
pub fn remove_folders() {
    let _ = std::fs::remove_dir_all(folder());
}

/// A lab's name with folders of its own.
pub struct Place {
    /// The lab.
    pub lab: String,
    /// Another engine than the machine's.
    pub docker_host: Option<String>,
    folder: PathBuf,
    volumes: Mutex<BTreeSet<String>>,
}

impl Place {
    pub fn new(name: &str) -> Place {
        let folder = folder().join(name);
        std::fs::create_dir_all(&folder).unwrap();
        Place {
            lab: format!("test-{}-{name}", std::process::id()),
            docker_host: None,
            folder,
            volumes: Mutex::default(),
        }
    }

    /// A folder for files of the test's own.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Where the program keeps what it knows of the lab.
    pub fn state(&self) -> PathBuf {
        self.folder.join("state/swarmlings/labs").join(&self.lab)
    }

    /// The lab's network on the outer engine.
    pub fn network(&self) -> String {
        format!("swarmlings-{}", self.lab)
    }

    /// The variables that keep the program in its place. Images that it makes
    /// are kept for all places of this run.
    pub fn env(&self) -> Vec<(&'static str, PathBuf)> {
        let mut env = vec![
            ("XDG_STATE_HOME", self.folder.join("state")),
            ("XDG_CONFIG_HOME", self.folder.join("config")),
            ("XDG_CACHE_HOME", folder().join("cache")),
        ];
        let host = self.docker_host.as_ref();
        env.extend(host.map(|host| ("DOCKER_HOST", PathBuf::from(host))));
        env
    }

    /// The arguments that every call has.
    pub fn arguments(&self) -> [&str; 4] {
        ["--lab", &self.lab, "--lang", "en"]
    }

    /// The program in this place, without a terminal.
    pub fn program(&self, args: &[&str]) -> Command {
        let mut command = Command::new(PROGRAM);
        command
            .args(self.arguments())
            .args(args)
            .envs(self.env())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// The program to its end.
    pub fn run(&self, args: &[&str]) -> Output {
        self.program(args).output().unwrap()
    }

    /// The same; it must succeed. What it printed.
    pub fn must(&self, args: &[&str]) -> String {
        let output = self.run(args);
        let (out, err) = (
            String::from_utf8_lossy(&output.stdout).into_owned(),
            String::from_utf8_lossy(&output.stderr),
        );
        assert!(
            output.status.success(),
            "{args:?}: {}\n{out}\n{err}",
            output.status
        );
        out
    }

    /// The container of a node on the outer engine.
    pub fn container(&self, node: &str) -> String {
        let label = format!("label=io.swarmlings.node={node}");
        let lab = self.label();
        let format = "{{.ID}} {{.Names}}";
        let printed = docker(&[
            "ps", "-a", "--filter", &lab, "--filter", &label, "--format", format,
        ]);
        // Spare ones, and those that make room, are not the node.
        let is_it = |line: &&str| !line.contains(".spare.") && !line.contains(".old.");
        let ids: Vec<&str> = printed.lines().filter(is_it).collect();
        assert_eq!(ids.len(), 1, "containers of {node}: {ids:?}");
        let id = ids[0].split_whitespace().next();
        id.unwrap_or_default().to_owned()
    }

    /// What a command in a node prints, by Docker's own CLI.
    pub fn in_node(&self, node: &str, argv: &[&str]) -> String {
        let container = self.container(node);
        docker(&[&["exec", &container], argv].concat())
    }

    fn label(&self) -> String {
        format!("label=io.swarmlings.lab={}", self.lab)
    }

    /// The lab's containers; their volumes are remembered.
    pub fn containers(&self) -> Vec<String> {
        let ids = words(&["ps", "-aq", "--no-trunc", "--filter", &self.label()]);
        if !ids.is_empty() {
            let format = r#"{{range .Mounts}}{{if eq .Type "volume"}}{{.Name}} {{end}}{{end}}"#;
            let mut args = vec!["inspect", "-f", format];
            args.extend(ids.iter().map(String::as_str));
            // One may go between the two calls, so a failure is no failure.
            let output = Command::new("docker").args(args).output().unwrap();
            let text = String::from_utf8_lossy(&output.stdout);
            let volumes = text.split_whitespace().map(str::to_owned);
            self.volumes.lock().unwrap().extend(volumes);
        }
        ids
    }

    fn networks(&self) -> Vec<String> {
        words(&["network", "ls", "-q", "--filter", &self.label()])
    }

    /// Whatever the lab once had is gone.
    pub fn nothing_is_left(&self) {
        assert_eq!(self.containers(), [""; 0], "containers");
        assert_eq!(self.networks(), [""; 0], "networks");
        let there: BTreeSet<String> = words(&["volume", "ls", "-q"]).into_iter().collect();
        let ours = self.volumes.lock().unwrap();
        let left: Vec<&String> = ours.intersection(&there).collect();
        assert!(left.is_empty(), "volumes {left:?}");
        let lab = self.state().join("lab");
        assert!(!lab.exists(), "{} is left", lab.display());
    }
}

impl Drop for Place {
    /// Also where the test failed.
    fn drop(&mut self) {
        let containers = self.containers();
        if !containers.is_empty() {
            let _ = Command::new("docker")
                .args(["rm", "-fv"])
                .args(containers)
                .output();
        }
        for network in self.networks() {
            let _ = Command::new("docker")
                .args(["network", "rm", &network])
                .output();
        }
    }
}
