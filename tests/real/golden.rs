//! The golden states, taken by hand: the course's commands one after another
//! with Docker's CLI, on engines that `docker run` made. The program lends the
//! images and nothing else.

use std::collections::BTreeMap;
use std::process::{Command, Stdio};

use swarmlings::driver::embedded;

use super::docker::{docker, wait, words};
use super::observer::look;
use super::place::Place;
use super::proof::facts::Facts;
use super::proof::golden::{END, Golden, write};

/// A step of a lesson, and what is typed for it.
type Step = (&'static str, &'static [&'static str]);

/// The lessons' commands, step by step, as one types them without the program.
/// `run NAME...` is `docker run` of nodes, `registry` that of the registry;
/// other lines are `NODE COMMAND`.
const BY_HAND: &[(&str, &[Step])] = &[
    (
        "orchestration",
        &[
            ("intro", &[]),
            ("problem", &[]),
            ("promises", &[]),
            ("words", &[]),
        ],
    ),
    (
        "cluster",
        &[
            ("intro", &[]),
            ("plan", &[]),
            ("up", &["run manager worker01 worker02 worker03"]),
            ("look", &[]),
        ],
    ),
    (
        "swarm",
        &[
            ("intro", &[]),
            ("init", &["manager docker swarm init"]),
            ("token", &[]),
            (
                "join-first",
                &["worker01 docker swarm join --token TOKEN MANAGER:2377"],
            ),
            (
                "join-rest",
                &[
                    "worker02 docker swarm join --token TOKEN MANAGER:2377",
                    "worker03 docker swarm join --token TOKEN MANAGER:2377",
                ],
            ),
            ("four-nodes", &[]),
        ],
    ),
    (
        "service",
        &[
            ("intro", &[]),
            ("form", &[]),
            (
                "create",
                &[
                    "manager docker service create --name test_swarm -p 5678:5678 hashicorp/http-echo:latest",
                ],
            ),
            ("list", &[]),
            ("scale", &["manager docker service scale test_swarm=6"]),
            ("where", &[]),
            ("call", &[]),
            ("remove", &["manager docker service rm test_swarm"]),
            ("lab-down", &["rm"]),
        ],
    ),
    (
        "registry",
        &[
            ("intro", &[]),
            ("plan", &[]),
            (
                "up",
                &["registry", "run manager worker01 worker02 worker03"],
            ),
            (
                "push",
                &[
                    // From a node, as the host's own images are nobody's to touch.
                    "manager docker tag hashicorp/http-echo:latest registry:5000/hashicorp/http-echo:latest",
                    "manager docker push registry:5000/hashicorp/http-echo:latest",
                    "manager docker rmi registry:5000/hashicorp/http-echo:latest",
                ],
            ),
            (
                "pull",
                &["worker01 docker pull registry:5000/hashicorp/http-echo:latest"],
            ),
            ("lab-down", &["rm"]),
        ],
    ),
];

/// Containers of `docker run`, on a network of their own.
struct Hand {
    name: String,
    node: String,
    registry: String,
    /// `docker save` of the image that the lessons preload.
    archive: std::path::PathBuf,
}

impl Hand {
    fn container(&self, name: &str) -> String {
        format!("{}-{name}", self.name)
    }

    fn containers(&self) -> BTreeMap<String, String> {
        let filter = format!("network={}", self.name);
        let found = docker(&[
            "ps",
            "-a",
            "--filter",
            &filter,
            "--format",
            "{{.ID}} {{.Names}}",
        ]);
        let prefix = format!("{}-", self.name);
        let pairs = found.lines().filter_map(|line| line.split_once(' '));
        pairs
            .map(|(id, name)| (name.trim_start_matches(&prefix).to_owned(), id.to_owned()))
            .collect()
    }

    fn does(&self, line: &str) {
        let (first, rest) = line.split_once(' ').unwrap_or((line, ""));
        match first {
            "run" => rest.split(' ').for_each(|node| self.run(node)),
            "registry" => self.run_registry(),
            "rm" => self.remove(),
            node => {
                let token = match line.contains("TOKEN") {
                    true => docker(&[
                        "exec",
                        &self.container("manager"),
                        "docker",
                        "swarm",
                        "join-token",
                        "-q",
                        "worker",
                    ]),
                    false => String::new(),
                };
                let command = rest
                    .replace("TOKEN", token.trim())
                    .replace("MANAGER", &self.address("manager"));
                let container = self.container(node);
                let mut args = vec!["exec", container.as_str()];
                args.extend(command.split(' '));
                docker(&args);
            }
        }
    }

    fn address(&self, name: &str) -> String {
        let format = "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}";
        words(&["inspect", "-f", format, &self.container(name)]).concat()
    }

    fn run(&self, node: &str) {
        let name = self.container(node);
        let entrypoint = include_str!("../../src/lab/image/entrypoint.sh");
        let mut args: Vec<&str> = "run -d --cap-add NET_ADMIN --cap-add SYS_ADMIN \
             --security-opt seccomp=unconfined --security-opt apparmor=unconfined \
             --security-opt systempaths=unconfined --tmpfs /run:rw,exec,nosuid,nodev,mode=755"
            .split_whitespace()
            .collect();
        args.extend(["--name", &name, "--hostname", node, "--network", &self.name]);
        args.extend(["--network-alias", node, "--entrypoint", "sh", &self.node]);
        args.extend(["-c", entrypoint, "sh", "dockerd"]);
        args.extend(["--host=unix:///var/run/docker.sock"]);
        args.extend(["--insecure-registry", "registry:5000"]);
        docker(&args);
        wait("an engine", || {
            let info = Command::new("docker")
                .args(["exec", &name, "docker", "info"])
                .output();
            info.unwrap().status.success()
        });
        let load = Command::new("docker")
            .args(["exec", "-i", &name, "docker", "load", "-q"])
            .stdin(std::fs::File::open(&self.archive).unwrap())
            .stdout(Stdio::null())
            .status();
        assert!(load.unwrap().success());
    }

    fn run_registry(&self) {
        let name = self.container("registry");
        let alias = ["--hostname", "registry", "--network-alias", "registry"];
        let run = ["run", "-d", "--name", &name, "--network", &self.name];
        docker(&[&run[..], &alias, &[&self.registry]].concat());
    }

    fn remove(&self) {
        let ids: Vec<String> = self.containers().into_values().collect();
        let ids = ids.iter().map(String::as_str);
        docker(&["rm", "-fv"].into_iter().chain(ids).collect::<Vec<_>>());
    }
}

impl Drop for Hand {
    fn drop(&mut self) {
        for id in self.containers().into_values() {
            let _ = Command::new("docker").args(["rm", "-fv", &id]).output();
        }
        let _ = Command::new("docker")
            .args(["network", "rm", &self.name])
            .output();
    }
}

/// The program's images, out of a lab that is taken down again.
fn borrowed(place: &Place) -> Hand {
    place.must(&["goto", "registry/push", "--yes"]);
    let image = |name: &str| {
        let container = place.container(name);
        docker(&["inspect", "-f", "{{.Config.Image}}", &container])
            .trim()
            .to_owned()
    };
    let archive = place.folder().join("service.tar");
    let save = Command::new("docker")
        .args(["exec", &place.container("manager"), "docker", "save"])
        .arg("hashicorp/http-echo:latest")
        .stdout(std::fs::File::create(&archive).unwrap())
        .status();
    assert!(save.unwrap().success());
    let hand = Hand {
        name: format!("{}-hand", place.lab),
        node: image("manager"),
        registry: image("registry"),
        archive,
    };
    place.must(&["down"]);
    docker(&["network", "create", &hand.name]);
    hand
}

/// Looks in a row that have to see the same: a node makes its bridge to the
/// overlays a moment after it is in the swarm.
const RESTS: usize = 5;

/// The lab once it rests.
fn at_rest(hand: &Hand) -> Facts {
    let mut last = look(&hand.containers());
    let mut same = 1;
    for _ in 0..50 {
        let now = look(&hand.containers());
        same = if now == last { same + 1 } else { 1 };
        if same == RESTS {
            return now;
        }
        last = now;
    }
    panic!("the lab does not come to rest: {last:#?}");
}

/// Takes all golden states and writes them into `tests/golden`.
pub fn write_all() {
    let place = Place::new("golden");
    let hand = borrowed(&place);
    let (_, course) = embedded().twins.into_iter().next().unwrap();
    for (lesson, steps) in BY_HAND {
        let mut lesson_so_far = Vec::new();
        let found = course.lessons.iter().find(|one| one.id == *lesson).unwrap();
        for (step, commands) in *steps {
            write(&Golden {
                at: format!("{lesson}/{step}"),
                lesson_so_far: lesson_so_far.clone(),
                facts: at_rest(&hand),
            });
            let read = found.steps.iter().find(|one| one.id == *step).unwrap();
            lesson_so_far.extend(read.solution.iter().map(|command| command.text.clone()));
            for command in *commands {
                hand.does(command);
            }
        }
        write(&Golden {
            at: format!("{lesson}/{END}"),
            lesson_so_far,
            facts: at_rest(&hand),
        });
    }
}
