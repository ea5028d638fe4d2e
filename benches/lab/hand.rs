//! The same by hand: Docker's CLI, one command after another, with nothing that
//! looks, checks or waits but the CLI itself.

use std::process::{Command, Stdio};
use std::time::Duration;

use super::docker::{docker, wait};
use super::place::Place;
use super::report::timed;

pub const NODES: [&str; 4] = ["manager", "worker01", "worker02", "worker03"];

pub const IMAGE: &str = "hashicorp/http-echo:latest";

const SERVICE: &str = "--name test_swarm -p 5678:5678 hashicorp/http-echo:latest";

/// Four nodes made by `docker run`, as those of a lab are.
pub struct Hand {
    name: String,
    image: String,
    entrypoint: String,
    /// What stands behind the image in `docker run`.
    arguments: Vec<String>,
}

impl Hand {
    /// Like the nodes of this lab, which is up.
    pub fn like(place: &Place) -> Hand {
        let container = place.container("manager");
        let of = |format: &str| docker(&["inspect", "-f", format, &container]);
        let list = |format: &str| -> Vec<String> { serde_json::from_str(&of(format)).unwrap() };
        let mut entrypoint = list("{{json .Config.Entrypoint}}");
        let first = entrypoint.remove(0);
        // What makes our engines start sooner, nobody would think of.
        let cmd = list("{{json .Config.Cmd}}");
        entrypoint.extend(cmd.into_iter().filter(|word| !word.starts_with("GOGC=")));
        Hand {
            name: format!("{}-hand", place.lab),
            image: of("{{.Image}}").trim().to_owned(),
            entrypoint: first,
            arguments: entrypoint,
        }
    }

    pub fn node(&self, node: &str) -> String {
        format!("{}-{node}", self.name)
    }

    /// Four `docker run -d` at once, each until `docker info` in it answers.
    pub fn up(&self) -> Duration {
        let (_, time) = timed(|| {
            docker(&["network", "create", &self.name]);
            std::thread::scope(|scope| {
                for node in NODES {
                    scope.spawn(move || self.up_one(node));
                }
            });
        });
        time
    }

    fn up_one(&self, node: &str) {
        let name = self.node(node);
        let mut args: Vec<&str> = "run -d --cap-add NET_ADMIN --cap-add SYS_ADMIN \
             --security-opt seccomp=unconfined --security-opt apparmor=unconfined \
             --security-opt systempaths=unconfined -e DOCKER_SERVICE_PREFER_OFFLINE_IMAGE=1"
            .split_whitespace()
            .collect();
        args.extend(["--name", &name, "--hostname", node, "--network", &self.name]);
        args.extend(["--entrypoint", &self.entrypoint, &self.image]);
        args.extend(self.arguments.iter().map(String::as_str));
        docker(&args);
        // No pause between two asks: the CLI takes long enough by itself.
        while !answers(&name) {}
    }

    /// An image, given to all four at once.
    pub fn load(&self, archive: &std::path::Path) -> Duration {
        let (_, time) = timed(|| {
            std::thread::scope(|scope| {
                for node in NODES {
                    scope.spawn(move || {
                        let status = Command::new("docker")
                            .args(["exec", "-i", &self.node(node), "docker", "load", "-q"])
                            .stdin(std::fs::File::open(archive).unwrap())
                            .stdout(Stdio::null())
                            .status();
                        assert!(status.unwrap().success());
                    });
                }
            });
        });
        time
    }

    pub fn down(&self) -> Duration {
        let names = NODES.map(|node| self.node(node));
        let (_, time) = timed(|| {
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            docker(&[&["rm", "-fv"], names.as_slice()].concat());
            docker(&["network", "rm", &self.name]);
        });
        time
    }

    /// `swarm init`, and the three joins one after another.
    pub fn swarm(&self) {
        self.exec("manager", "docker swarm init");
        let token = self.exec("manager", "docker swarm join-token -q worker");
        let format = "{{.Swarm.NodeAddr}}";
        let address = self.exec("manager", &format!("docker info -f {format}"));
        let (token, address) = (token.trim(), address.trim());
        for node in &NODES[1..] {
            let join = format!("docker swarm join --token {token} {address}:2377");
            self.exec(node, &join);
        }
    }

    /// The service of one task, as it is typed.
    pub fn create(&self) {
        self.exec("manager", &format!("docker service create {SERVICE}"));
    }

    /// Six of it, as it is typed.
    pub fn scale(&self) {
        self.exec("manager", "docker service scale test_swarm=6");
    }

    /// What Swarm alone needs for one task and then six: nothing is watched for
    /// longer than until it runs.
    pub fn swarm_alone(&self) -> Duration {
        let name = "docker service ls -f name=test_swarm --format {{.Replicas}}";
        let until = |wanted: &str| {
            let script = format!("until [ \"$({name})\" = {wanted} ]; do :; done");
            docker(&["exec", &self.node("manager"), "sh", "-c", &script]);
        };
        timed(|| {
            self.exec("manager", &format!("docker service create -d {SERVICE}"));
            until("1/1");
            self.exec("manager", "docker service scale -d test_swarm=6");
            until("6/6");
        })
        .1
    }

    /// No service, and no task of it.
    pub fn clear(&self) {
        self.exec("manager", "docker service rm test_swarm");
        wait("the tasks' end", || {
            NODES
                .iter()
                .all(|node| self.exec(node, "docker ps -q").trim().is_empty())
        });
    }

    /// `docker exec NODE` and the words of a command.
    pub fn exec(&self, node: &str, command: &str) -> String {
        let node = self.node(node);
        let mut args = vec!["exec", &node];
        args.extend(command.split_whitespace());
        docker(&args)
    }
}

/// Also where a measurement failed.
impl Drop for Hand {
    fn drop(&mut self) {
        let names = NODES.map(|node| self.node(node));
        let _ = Command::new("docker")
            .args(["rm", "-fv"])
            .args(names)
            .output();
        let _ = Command::new("docker")
            .args(["network", "rm", &self.name])
            .output();
    }
}

fn answers(container: &str) -> bool {
    let info = Command::new("docker")
        .args(["exec", container, "docker", "info"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    info.unwrap().success()
}
