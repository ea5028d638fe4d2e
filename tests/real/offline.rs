//! Nodes reach no registry but the lab's own, also where one answers: a tag is
//! never resolved away from the image that was put into the node.

use std::io::{BufRead, BufReader, Write};
use std::net::{IpAddr, SocketAddr, TcpListener};
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::docker::{docker, wait};
use super::place::Place;

/// How fast a pull must fail. Without the dead proxy an engine without a
/// network waits for 15 s, and one with a network pulls.
const AT_ONCE: Duration = Duration::from_secs(5);

/// A registry in name: it answers every request and remembers its path.
struct Registry {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Registry {
    fn start(ip: IpAddr) -> Registry {
        let listener = TcpListener::bind((ip, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let asked: Arc<Mutex<Vec<String>>> = Arc::default();
        let seen = Arc::clone(&asked);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let mut line = String::new();
                let _ = BufReader::new(&stream).read_line(&mut line);
                seen.lock().unwrap().push(line.trim().to_owned());
                let _ = (&stream).write_all(
                    b"HTTP/1.1 200 OK\r\nDocker-Distribution-Api-Version: registry/2.0\r\n\
                      Content-Type: application/json\r\nContent-Length: 2\r\n\
                      Connection: close\r\n\r\n{}",
                );
            }
        });
        Registry { address, asked }
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

/// A network of the test's own on the host: its gateway is an address of this
/// machine that nodes can reach and that is none of theirs, nor of the lab's /24.
struct Outside {
    name: String,
    gateway: IpAddr,
}

impl Outside {
    fn new(place: &Place) -> Outside {
        let name = format!("{}-outside", place.lab);
        let third = std::process::id() % 250;
        let subnet = format!("10.214.{third}.0/24");
        let gateway = format!("10.214.{third}.1");
        docker(&[
            "network",
            "create",
            "--subnet",
            &subnet,
            "--gateway",
            &gateway,
            &name,
        ]);
        let gateway = gateway.parse().unwrap();
        Outside { name, gateway }
    }
}

impl Drop for Outside {
    fn drop(&mut self) {
        let _ = Command::new("docker")
            .args(["network", "rm", &self.name])
            .output();
    }
}

pub fn a_registry_that_answers_is_not_asked() {
    let place = Place::new("offline");
    place.must(&["goto", "swarm/token", "--yes"]);
    let outside = Outside::new(&place);
    let registry = Registry::start(outside.gateway);
    let url = format!("http://{}", registry.address);
    // The learner's own compose file: every engine is told that this registry
    // mirrors Docker Hub, and that it need not be HTTPS.
    let compose = compose_file(&place);
    let text = std::fs::read_to_string(&compose).unwrap();
    let command = format!(
        "    tty: true\n    command: \"--registry-mirror={url} --insecure-registry={}\"\n",
        registry.address
    );
    std::fs::write(&compose, text.replace("    tty: true\n", &command)).unwrap();
    place.must(&["up", "--yes"]);

    // The control: the node reaches it, and the engine knows of it.
    let answer = place.in_node("manager", &["wget", "-qO-", &format!("{url}/v2/")]);
    assert_eq!(answer, "{}");
    assert_eq!(registry.asked().len(), 1);
    let info = place.in_node(
        "manager",
        &["docker", "info", "-f", "{{.RegistryConfig.Mirrors}}"],
    );
    assert!(info.contains(&url), "{info}");

    for image in [
        "hashicorp/http-echo:latest".to_owned(),
        format!("{}/hashicorp/http-echo:latest", registry.address),
    ] {
        let began = Instant::now();
        let pull = Command::new("docker")
            .args([
                "exec",
                &place.container("manager"),
                "docker",
                "pull",
                &image,
            ])
            .output()
            .unwrap();
        assert!(!pull.status.success(), "{image}: {pull:?}");
        assert!(began.elapsed() < AT_ONCE, "{image}: {:?}", began.elapsed());
    }

    let id = |reference: &str| {
        let argv = ["docker", "inspect", "-f", "{{.Id}}", reference];
        place.in_node("manager", &argv).trim().to_owned()
    };
    let preloaded = id("hashicorp/http-echo:latest");
    place.in_node("manager", &["docker", "swarm", "init"]);
    let create = "docker service create -d --name echo hashicorp/http-echo:latest";
    place.in_node("manager", &create.split(' ').collect::<Vec<_>>());
    let running = ["docker", "ps", "-q", "--filter", "name=echo"];
    wait("a task", || {
        !place.in_node("manager", &running).trim().is_empty()
    });
    let task = place.in_node("manager", &running);
    let argv = ["docker", "inspect", "-f", "{{.Image}}", task.trim()];
    assert_eq!(place.in_node("manager", &argv).trim(), preloaded);
    let argv = [
        "docker",
        "service",
        "inspect",
        "-f",
        "{{.Spec.TaskTemplate.ContainerSpec.Image}}",
        "echo",
    ];
    assert_eq!(
        place.in_node("manager", &argv).trim(),
        "hashicorp/http-echo:latest"
    );
    assert_eq!(id("hashicorp/http-echo:latest"), preloaded);
    assert_eq!(
        registry.asked(),
        ["GET /v2/ HTTP/1.1"],
        "by the control alone"
    );

    place.must(&["down"]);
    place.nothing_is_left();
}

/// The lab's copy of the compose file, wherever in the state folder it lies.
fn compose_file(place: &Place) -> std::path::PathBuf {
    let mut folders = vec![place.folder().join("state")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.file_name().is_some_and(|name| name == "compose.yaml") {
                return path;
            }
        }
    }
    panic!("no compose.yaml");
}
