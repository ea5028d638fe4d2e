//! The outer engine ends and comes back under a learner's prompt. It is a further
//! engine of the test's own, with a network and data of its own: the machine's
//! is left alone.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use super::docker::wait;
use super::place::Place;
use super::terminal::{CTRL_D, Terminal};

struct Engine {
    folder: PathBuf,
    child: Child,
}

impl Engine {
    fn host(folder: &Path) -> String {
        format!("unix://{}", folder.join("docker.sock").display())
    }

    fn start(folder: &Path) -> Engine {
        let engine = Engine {
            folder: folder.to_owned(),
            child: Engine::spawn(folder),
        };
        wait("the test's own engine", || engine.answers());
        engine
    }

    fn spawn(folder: &Path) -> Child {
        let at = |name: &str| folder.join(name).display().to_string();
        std::fs::create_dir_all(folder).unwrap();
        // The machine's own settings are not this one's, but for how it stores.
        let driver = super::docker::docker(&["info", "--format", "{{.Driver}}"]);
        let config = format!("{{\"storage-driver\": \"{}\"}}", driver.trim());
        std::fs::write(folder.join("daemon.json"), config).unwrap();
        let log = std::fs::File::options()
            .create(true)
            .append(true)
            .open(folder.join("log"))
            .unwrap();
        let script = "ip link set lo up; exec dockerd \"$@\"";
        Command::new("unshare")
            .args(["--net", "sh", "-c", script, "sh"])
            .arg(format!("--config-file={}", at("daemon.json")))
            .arg(format!("--data-root={}", at("data")))
            .arg(format!("--exec-root={}", at("exec")))
            .arg(format!("--pidfile={}", at("pid")))
            .arg(format!("--host={}", Engine::host(folder)))
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap()
    }

    fn docker(&self, args: &[&str]) -> Option<String> {
        let mut command = Command::new("docker");
        command
            .env("DOCKER_HOST", Engine::host(&self.folder))
            .args(args);
        let output = command.output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        output.status.success().then_some(text)
    }

    fn answers(&self) -> bool {
        self.docker(&["version"]).is_some()
    }

    fn stop(&mut self) {
        let id = self.child.id().to_string();
        let _ = Command::new("kill").arg(id).status();
        let _ = self.child.wait();
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        if let Some(ids) = self.docker(&["ps", "-aq"]) {
            let ids: Vec<&str> = ids.split_whitespace().collect();
            let _ = self.docker(&[&["rm", "-fv"], ids.as_slice()].concat());
        }
        self.stop();
    }
}

/// The prompt says that it sees nothing, once; then that it does, and what of
/// the lab is no longer running; `repair` brings it back with its swarm.
pub fn goes_and_comes_back() {
    let may = Command::new("unshare").args(["--net", "true"]).output();
    if !may.is_ok_and(|output| output.status.success()) {
        eprintln!("no network of its own can be made here for a further engine: not tried");
        return;
    }
    let mut place = Place::new("outer");
    let folder = place.folder().join("engine");
    let mut engine = Engine::start(&folder);
    place.docker_host = Some(Engine::host(&folder));
    place.must(&["goto", "swarm/four-nodes", "--yes"]);
    let prompt = "swarm 6/6>";
    let mut terminal = Terminal::start(&place, &["--yes"]);
    terminal.enter_until(prompt);
    terminal.line("# before");
    terminal.prompt(prompt);
    engine.stop();
    terminal.expect("The Docker Engine does not answer");
    engine.child = Engine::spawn(&folder);
    wait("the engine again", || engine.answers());
    terminal.expect("have stopped");
    terminal.line("repair");
    terminal.expect("Mended in");
    terminal.prompt(prompt);
    terminal.line("docker exec -it manager docker node ls");
    terminal.expect("Done.");
    assert_eq!(terminal.since().matches(" Ready Active ").count(), 4);
    terminal.prompt(prompt);
    terminal.keys(CTRL_D);
    assert_eq!(terminal.end(), 0);
    place.must(&["down"]);
    drop(engine);
}
