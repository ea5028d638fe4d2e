#![allow(clippy::unwrap_used)]

use std::sync::Arc;

use tokio::sync::mpsc;

use super::super::{Lab, Output, Pipes, Plan};
use super::{MemoryLab, MemoryOptions};
use crate::model::{
    Compose, ComposeService, ContainerState, ServiceMode, Snapshot, TaskState, UpdateState,
};
use crate::shell::{Exec, Grace, Lifecycle};

const ECHO: &str = "hashicorp/http-echo:latest";

/// A lab with what was said last.
struct Bench {
    lab: Lab,
}

impl Bench {
    async fn new() -> Bench {
        Bench::with(MemoryOptions::default()).await
    }

    async fn with(options: MemoryOptions) -> Bench {
        let lab = Lab::Memory(Arc::new(MemoryLab::new(options)));
        let service = |name: &str, image: &str| ComposeService {
            name: name.into(),
            image: image.into(),
            command: vec!["--insecure-registry".into(), "registry:5000".into()],
            ..ComposeService::default()
        };
        let mut services: Vec<_> = ["manager", "worker01", "worker02", "worker03"]
            .map(|name| service(name, "docker:dind"))
            .into();
        services.push(service("registry", "registry:latest"));
        let plan = Plan {
            compose: Compose { services },
            images: [
                ECHO,
                "swarmlings/web:1",
                "swarmlings/web:2",
                "swarmlings/web:broken",
            ]
            .map(str::to_owned)
            .into(),
        };
        let (tell, _) = mpsc::unbounded_channel();
        lab.up(&plan, &tell).await.unwrap();
        Bench { lab }
    }

    /// With the swarm of the lessons.
    async fn swarm() -> Bench {
        let bench = Bench::new().await;
        bench.ok("manager", "docker swarm init").await;
        let token = bench.token(false).await;
        for worker in ["worker01", "worker02", "worker03"] {
            let join = format!("docker swarm join --token {token} manager:2377");
            bench.ok(worker, &join).await;
        }
        bench
    }

    async fn run(&self, node: &str, line: &str) -> (i64, String) {
        let (out, mut received) = mpsc::channel(64);
        let exec = Exec {
            node: node.into(),
            argv: line.split(' ').map(str::to_owned).collect(),
            ..Exec::default()
        };
        let pipes = Pipes {
            out,
            input: None,
            tty: None,
            interrupt: None,
        };
        let reading = async {
            let mut text = String::new();
            while let Some(Output::Out(bytes) | Output::Err(bytes)) = received.recv().await {
                text.push_str(&String::from_utf8(bytes).unwrap());
            }
            text
        };
        let (exit, text) = tokio::join!(self.lab.exec(&exec, pipes), reading);
        (exit.unwrap(), text)
    }

    async fn ok(&self, node: &str, line: &str) -> String {
        let (exit, text) = self.run(node, line).await;
        assert_eq!(exit, 0, "{line}: {text}");
        text
    }

    async fn fails(&self, node: &str, line: &str, says: &str) {
        let (exit, text) = self.run(node, line).await;
        assert_ne!(exit, 0, "{line}: {text}");
        assert!(text.contains(says), "{line}: {text}");
    }

    async fn token(&self, manager: bool) -> String {
        let swarm = self.look(1).await.swarm.unwrap();
        if manager {
            swarm.manager_token
        } else {
            swarm.worker_token
        }
    }

    async fn look(&self, times: u32) -> Snapshot {
        let mut last = Snapshot::default();
        for _ in 0..times {
            last = self.lab.observe().await.unwrap();
        }
        last
    }

    /// Tasks of a service that run, on each node in the order of the rows.
    async fn spread(&self, service: &str, looks: u32) -> Vec<usize> {
        let swarm = self.look(looks).await.swarm.unwrap();
        let id = swarm.service(service).unwrap().id.clone();
        let on = |node: &str| {
            let tasks = swarm.tasks_of(&id);
            tasks
                .filter(|task| {
                    task.state == TaskState::Running && task.desired == TaskState::Running
                })
                .filter(|task| task.node.as_deref() == Some(node))
                .count()
        };
        swarm.nodes.iter().map(|node| on(&node.id)).collect()
    }

    async fn stop(&self, what: Lifecycle, name: &str) {
        self.lab.lifecycle(&what, name).await.unwrap();
    }
}

#[tokio::test]
async fn a_swarm_is_made_and_joined() {
    let bench = Bench::new().await;
    let not_yet = "docker swarm init\" or \"docker swarm join\" to connect this node";
    bench.fails("manager", "docker node ls", not_yet).await;
    bench.ok("manager", "docker swarm init").await;
    bench
        .fails("manager", "docker swarm init", "already part of a swarm")
        .await;
    let token = bench.token(false).await;
    let join = |token: &str| format!("docker swarm join --token {token} 10.211.7.11:2377");
    bench
        .fails(
            "worker01",
            &join("SWMTKN-1-not-the-token"),
            "invalid join token",
        )
        .await;
    let nearly = format!("{}0", &token[..token.len() - 1]);
    bench
        .fails(
            "worker01",
            &join(&nearly),
            "A valid join token is necessary",
        )
        .await;
    let told = bench.ok("worker01", &join(&token)).await;
    assert_eq!(told, "This node joined a swarm as a worker.\n");
    bench
        .fails("worker01", "docker node ls", "Worker nodes can't be used")
        .await;
    bench
        .fails("worker01", &join(&token), "already part of a swarm")
        .await;
    let told = bench.ok("worker02", &join(&bench.token(true).await)).await;
    assert_eq!(told, "This node joined a swarm as a manager.\n");
    let snapshot = bench.look(2).await;
    let swarm = snapshot.swarm.unwrap();
    let rows: Vec<(&str, bool, &str)> = swarm
        .nodes
        .iter()
        .map(|row| (row.hostname.as_str(), row.manager, row.state.as_str()))
        .collect();
    assert_eq!(
        rows,
        [
            ("manager", true, "ready"),
            ("worker01", false, "ready"),
            ("worker02", true, "ready")
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn tables_are_dockers() {
    let bench = Bench::swarm().await;
    bench.look(2).await;
    let create = format!("docker service create --name web -p 5678:5678 {ECHO}");
    let created = bench.ok("manager", &create).await;
    let bad = "docker service create -d --name bad hashicorp/http-echo:lastest";
    bench.ok("manager", bad).await;
    bench.look(8).await;
    let mut text = created;
    for line in [
        "docker node ls",
        "docker service ls",
        "docker service ps web",
        "docker service ps bad",
        "docker service inspect --pretty web",
        "docker ps",
        "docker images",
        "docker network ls",
        "docker swarm join-token worker",
        "docker service ls -q",
        "docker node inspect -f {{.Status.State}} self",
        "wget -qO- http://127.0.0.1:5678",
    ] {
        text += &format!("$ {line}\n{}", bench.ok("manager", line).await);
    }
    insta::assert_snapshot!(text);
}

#[tokio::test(start_paused = true)]
async fn tasks_are_spread_and_move_when_a_node_dies() {
    let bench = Bench::swarm().await;
    let create = format!("docker service create -d --name web --replicas 6 {ECHO}");
    bench.ok("manager", &create).await;
    assert_eq!(bench.spread("web", 10).await, [2, 2, 1, 1]);
    bench.stop(Lifecycle::Kill(None), "worker01").await;
    let spread = bench.spread("web", 20).await;
    let swarm = bench.look(1).await.swarm.unwrap();
    assert_eq!(swarm.node("worker01").unwrap().state, "down");
    // What ran there is still shown as running, but not wanted any more.
    assert_eq!(spread, [2, 0, 2, 2]);
    bench.stop(Lifecycle::Start, "worker01").await;
    let swarm = bench.look(10).await.swarm.unwrap();
    assert_eq!(swarm.node("worker01").unwrap().state, "ready");
    bench
        .ok(
            "manager",
            "docker node update --availability drain worker02",
        )
        .await;
    let spread = bench.spread("web", 10).await;
    assert_eq!((spread.iter().sum::<usize>(), spread[2]), (6, 0));
    bench.ok("manager", "docker service scale -d web=2").await;
    let spread = bench.spread("web", 5).await;
    assert_eq!(spread.iter().sum::<usize>(), 2);
    bench.ok("manager", "docker service rm web").await;
    let swarm = bench.look(4).await.swarm.unwrap();
    assert_eq!((swarm.services.len(), swarm.tasks.len()), (0, 0));
}

#[tokio::test]
async fn a_killed_container_is_made_up_for() {
    let bench = Bench::swarm().await;
    bench
        .ok(
            "manager",
            &format!("docker service create -d --name web {ECHO}"),
        )
        .await;
    bench.look(10).await;
    let id = bench.ok("manager", "docker ps -q").await;
    bench
        .fails(
            "manager",
            &format!("docker rm {}", id.trim()),
            "container is running",
        )
        .await;
    bench
        .ok("manager", &format!("docker rm -f {}", id.trim()))
        .await;
    assert_eq!(bench.spread("web", 1).await, [0; 4]);
    let spread = bench.spread("web", 20).await;
    assert_eq!(spread.iter().sum::<usize>(), 1);
}

#[tokio::test]
async fn an_image_that_is_not_there_is_rejected_again_and_again() {
    let bench = Bench::swarm().await;
    let create = "docker service create -d --name web hashicorp/http-echo:lastest";
    bench.ok("manager", create).await;
    let swarm = bench.look(20).await.swarm.unwrap();
    let rejected = swarm
        .tasks
        .iter()
        .filter(|task| task.state == TaskState::Rejected);
    assert!(rejected.clone().count() >= 2, "{:?}", swarm.tasks);
    for task in rejected {
        let error = task.error.as_deref();
        assert_eq!(error, Some("No such image: hashicorp/http-echo:lastest"));
    }
    assert!(bench.look(200).await.swarm.unwrap().tasks.len() <= 5);
}

#[tokio::test(start_paused = true)]
async fn updates_go_on_pause_or_go_back() {
    let bench = Bench::swarm().await;
    let create = "docker service create -d --name web --replicas 3 -p 80:5678 swarmlings/web:1";
    bench.ok("manager", create).await;
    bench.look(10).await;
    let state = async |looks| {
        let snapshot = bench.look(looks).await;
        let service = snapshot.service("web").unwrap().clone();
        (service.update, service.image)
    };
    let update =
        |image: &str| format!("docker service update -d --image swarmlings/web:{image} web");
    bench.ok("manager", &update("2")).await;
    assert_eq!(state(2).await.0, Some(UpdateState::Updating));
    assert_eq!(state(40).await.0, Some(UpdateState::Completed));
    assert_eq!(bench.spread("web", 1).await.iter().sum::<usize>(), 3);
    assert_eq!(
        bench.ok("worker03", "wget -qO- http://127.0.0.1:80").await,
        "swarmlings/web:2\n"
    );

    bench.ok("manager", &update("broken")).await;
    assert_eq!(state(40).await.0, Some(UpdateState::Paused));
    assert_eq!(bench.spread("web", 1).await.iter().sum::<usize>(), 2);
    let told = bench.ok("manager", "docker service rollback web").await;
    assert!(told.ends_with("rollback: rollback completed\n"), "{told}");
    let (update_state, image) = state(1).await;
    assert_eq!(update_state, Some(UpdateState::RollbackCompleted));
    assert_eq!(image, "swarmlings/web:2");

    let by_itself =
        "docker service update --update-failure-action rollback --image swarmlings/web:broken web";
    bench.ok("manager", by_itself).await;
    assert_eq!(state(1).await.1, "swarmlings/web:2");
}

#[tokio::test(start_paused = true)]
async fn waiting_for_what_never_comes_ends_too() {
    let bench = Bench::swarm().await;
    let told = bench
        .ok("manager", "docker service create --name web nothing:at-all")
        .await;
    assert!(
        told.contains("Operation continuing in background."),
        "{told}"
    );
}

#[tokio::test]
async fn without_a_quorum_nothing_is_decided() {
    let bench = Bench::swarm().await;
    bench.look(2).await;
    bench
        .ok("manager", "docker node promote worker01 worker02")
        .await;
    bench
        .stop(Lifecycle::Stop(Grace::default()), "manager")
        .await;
    let swarm = bench.look(8).await.swarm.unwrap();
    assert_eq!(swarm.seen_from, "worker01");
    let leader = swarm.nodes.iter().find(|row| row.leader).unwrap();
    assert_eq!(leader.hostname, "worker01");
    bench.stop(Lifecycle::Pause, "worker02").await;
    assert_eq!(bench.look(1).await.swarm, None);
    bench
        .fails(
            "worker01",
            "docker node ls",
            "The swarm does not have a leader",
        )
        .await;
    bench.stop(Lifecycle::Unpause, "worker02").await;
    assert!(bench.look(1).await.swarm.is_some());
    bench
        .fails(
            "worker01",
            "docker swarm leave",
            "participating as a manager",
        )
        .await;
    bench.ok("worker01", "docker swarm leave --force").await;
}

#[tokio::test]
async fn a_node_that_left_can_be_removed() {
    let bench = Bench::swarm().await;
    bench.look(2).await;
    bench
        .fails(
            "manager",
            "docker node rm worker01",
            "is not down and can't be removed",
        )
        .await;
    bench.ok("worker01", "docker swarm leave").await;
    let snapshot = bench.look(1).await;
    assert_eq!(
        snapshot.swarm.unwrap().node("worker01").unwrap().state,
        "down"
    );
    bench.ok("manager", "docker node rm worker01").await;
    bench
        .fails("manager", "docker node demote manager", "the last manager")
        .await;
}

#[tokio::test]
async fn the_registry_hands_images_on() {
    let bench = Bench::new().await;
    let there = format!("localhost:5000/{ECHO}");
    bench.lab.tag(ECHO, &there).await.unwrap();
    let (out, mut said) = mpsc::channel(8);
    bench.lab.push(&there, out).await.unwrap();
    assert!(said.recv().await.is_some());
    assert_eq!(bench.look(1).await.registry.unwrap(), [ECHO]);
    bench
        .fails(
            "worker01",
            &format!("docker pull {there}"),
            "connection refused",
        )
        .await;
    bench
        .ok("worker01", &format!("docker pull registry:5000/{ECHO}"))
        .await;
    bench
        .fails("worker01", &format!("docker pull {ECHO}"), "127.0.0.1:1")
        .await;
    bench
        .fails(
            "worker01",
            "docker pull registry:5000/a/b",
            "manifest unknown",
        )
        .await;
    let images = bench
        .look(1)
        .await
        .engine("worker01")
        .unwrap()
        .images
        .clone();
    assert!(images.contains(&format!("registry:5000/{ECHO}")));
    bench
        .stop(Lifecycle::Stop(Grace::default()), "registry")
        .await;
    assert_eq!(bench.look(1).await.registry, None);
}

#[tokio::test]
async fn a_stack_is_made_of_its_file_and_removed() {
    let bench = Bench::swarm().await;
    let file = "services:\n  web:\n    image: swarmlings/web:1\n    ports: ['8080:5678']\n    \
                deploy:\n      replicas: 3\n";
    bench.lab.put_file("shop.yaml", file).await.unwrap();
    let told = bench
        .ok("manager", "docker stack deploy -c /stack/shop.yaml shop")
        .await;
    assert_eq!(
        told,
        "Creating network shop_default\nCreating service shop_web\n"
    );
    let snapshot = bench.look(10).await;
    let service = snapshot.service("shop_web").unwrap();
    assert_eq!(service.mode, ServiceMode::Replicated(3));
    assert_eq!(
        bench
            .lab
            .http("http://manager:8080/", None)
            .await
            .unwrap()
            .0,
        200
    );
    bench.ok("manager", "docker stack rm shop").await;
    let swarm = bench.look(4).await.swarm.unwrap();
    assert!(swarm.services.is_empty() && swarm.tasks.is_empty() && swarm.networks.is_empty());
}

#[tokio::test]
async fn what_is_not_modelled_says_so() {
    let bench = Bench::swarm().await;
    let (exit, said) = bench.run("manager", "vim compose.yaml").await;
    assert_eq!((exit, said.as_str()), (127, "sh: vim: not found\n"));
    bench
        .fails("manager", "docker run alpine", "knows no `docker run`")
        .await;
    bench
        .fails(
            "manager",
            "docker serivce ls",
            "unknown command: docker serivce",
        )
        .await;
    bench
        .fails(
            "manager",
            "docker service create --nme x y",
            "unknown flag: --nme",
        )
        .await;
    bench
        .fails("registry", "docker ps", "docker: not found")
        .await;
    assert_eq!(bench.ok("worker02", "hostname").await, "worker02\n");
    bench
        .stop(Lifecycle::Stop(Grace::default()), "worker01")
        .await;
    let state = bench.look(1).await.containers["worker01"].state;
    assert_eq!(state, ContainerState::Exited(0));
}
