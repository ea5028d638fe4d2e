#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use super::super::{ComposeAction, Grace, HostAction, Lifecycle, Listing, Logs, Speed, unwrap};
use super::*;
use crate::shell::property::{self, scope};
use crate::words::Lang;

fn on(node: &str) -> Scope {
    Scope {
        on: Some(node.into()),
        ..scope()
    }
}

fn understood(line: &str) -> Action {
    understand(line, &scope()).unwrap_or_else(|refusal| panic!("{line}: {refusal:?}"))
}

fn refused(line: &str) -> Refusal {
    match understand(line, &scope()) {
        Err(refusal) => refusal,
        Ok(action) => panic!("{line}: {action:?}"),
    }
}

fn exec(node: &str, argv: &[&str]) -> Exec {
    Exec {
        node: node.into(),
        argv: argv.iter().map(|word| (*word).to_string()).collect(),
        ..Exec::default()
    }
}

#[test]
fn verbs_and_their_fixed_aliases() {
    let step = |name: &str| Some(name.to_string());
    for (line, verb) in [
        ("help", Verb::Help(None)),
        ("?", Verb::Help(None)),
        ("? hint", Verb::Help(step("hint"))),
        ("help n", Verb::Help(step("next"))),
        ("help docker exec", Verb::Help(step("docker exec"))),
        ("help docker ps", Verb::Help(step("docker"))),
        ("  next  ", Verb::Next),
        ("n", Verb::Next),
        ("h", Verb::Hint),
        ("c # now", Verb::Check),
        ("r", Verb::Run),
        ("q", Verb::Quit),
        ("exit", Verb::Quit),
        ("clear", Verb::Clear),
        ("$ status", Verb::Status),
        ("goto scale", Verb::Goto("scale".into())),
        ("goto basics/scale", Verb::Goto("basics/scale".into())),
        ("reset", Verb::Reset(None)),
        (
            "replay scale",
            Verb::Replay {
                step: step("scale"),
                speed: Speed::default(),
            },
        ),
        ("on worker01", Verb::On(step("worker01"))),
        ("on", Verb::On(None)),
        ("on host", Verb::On(None)),
        ("lang", Verb::Lang(vec![])),
        ("lang en,ko", Verb::Lang(vec![Lang::En, Lang::Ko])),
        ("lang ko", Verb::Lang(vec![Lang::Ko])),
        ("2", Verb::Answer(vec![2])),
        ("1 3", Verb::Answer(vec![1, 3])),
        ("answer 1,3", Verb::Answer(vec![1, 3])),
        ("docker", Verb::Help(step("docker"))),
        ("docker --help", Verb::Help(step("docker"))),
        ("docker compose", Verb::Help(step("docker compose"))),
    ] {
        assert_eq!(understood(line), Action::Verb(verb), "{line}");
    }
    for line in ["", "   ", "# a comment", "$", "$ "] {
        assert_eq!(understood(line), Action::Nothing, "{line:?}");
    }
    for (line, verb) in [
        ("next 2", "next"),
        ("goto", "goto"),
        ("goto a b", "goto"),
        ("answer x", "answer"),
        ("answer 0", "answer"),
        ("lang fr", "lang"),
    ] {
        assert_eq!(refused(line), Refusal::VerbUsage(verb), "{line}");
    }
}

#[test]
fn docker_exec_with_its_flags() {
    let it = |mut exec: Exec| {
        (exec.tty, exec.interactive) = (true, true);
        exec
    };
    for (line, wanted) in [
        (
            "docker exec manager docker node ls",
            exec("manager", &["docker", "node", "ls"]),
        ),
        (
            "$ docker exec -it manager docker node ls",
            it(exec("manager", &["docker", "node", "ls"])),
        ),
        (
            "sudo docker container exec -i -t worker01 sh",
            it(exec("worker01", &["sh"])),
        ),
        (
            "docker exec -itd -e A=1 --env=B=2 -w/srv -u root manager -- sh -c 'ls | wc'",
            Exec {
                detach: true,
                env: vec!["A=1".into(), "B=2".into()],
                workdir: Some("/srv".into()),
                user: Some("root".into()),
                ..it(exec("manager", &["--", "sh", "-c", "ls | wc"]))
            },
        ),
        (
            "docker exec --tty=false -i -- manager ls -la",
            Exec {
                interactive: true,
                ..exec("manager", &["ls", "-la"])
            },
        ),
        (
            "docker exec worker01 docker swarm join --token $WORKER_TOKEN $MANAGER_ADDR",
            exec(
                "worker01",
                &[
                    "docker",
                    "swarm",
                    "join",
                    "--token",
                    "SWMTKN-1-abc",
                    "10.9.0.2:2377",
                ],
            ),
        ),
        (
            "docker compose exec manager docker node ls",
            it(exec("manager", &["docker", "node", "ls"])),
        ),
        (
            "docker-compose exec -T manager ls",
            Exec {
                interactive: true,
                ..exec("manager", &["ls"])
            },
        ),
        (
            "docker exec registry ls /var",
            exec("registry", &["ls", "/var"]),
        ),
        (
            "docker exec manager frobnicate -x",
            exec("manager", &["frobnicate", "-x"]),
        ),
        (
            "docker exec manager docker sbom x",
            exec("manager", &["docker", "sbom", "x"]),
        ),
        (
            "docker exec manager docker service create --brand-new-thing x img",
            exec(
                "manager",
                &[
                    "docker",
                    "service",
                    "create",
                    "--brand-new-thing",
                    "x",
                    "img",
                ],
            ),
        ),
    ] {
        assert_eq!(understood(line), Action::Exec(wanted), "{line}");
    }
}

#[test]
fn the_labs_own_containers_on_the_host() {
    let names = |words: &[&str]| words.iter().map(|w| (*w).to_string()).collect::<Vec<_>>();
    for (line, action) in [
        (
            "docker compose up -d",
            Action::Compose(ComposeAction::Up { detach: true }),
        ),
        (
            "docker-compose up",
            Action::Compose(ComposeAction::Up { detach: false }),
        ),
        (
            "docker compose -f docker-compose.yaml up --detach",
            Action::Compose(ComposeAction::Up { detach: true }),
        ),
        (
            "docker compose ps",
            Action::Compose(ComposeAction::Ps(Listing::default())),
        ),
        (
            "docker compose down -v",
            Action::Compose(ComposeAction::Down),
        ),
        (
            "docker compose logs -f --tail 20 manager",
            Action::Compose(ComposeAction::Logs(Logs {
                names: names(&["manager"]),
                follow: true,
                tail: Some(20),
                timestamps: false,
            })),
        ),
        (
            "docker compose stop",
            Action::Compose(ComposeAction::Lifecycle(
                Lifecycle::Stop(Grace::default()),
                vec![],
            )),
        ),
        (
            "docker ps -aq",
            Action::Host(HostAction::Ps(Listing {
                all: true,
                quiet: true,
                words: names(&["-aq"]),
                ..Listing::default()
            })),
        ),
        (
            "docker container ls",
            Action::Host(HostAction::Ps(Listing::default())),
        ),
        (
            "docker images",
            Action::Host(HostAction::Images(Listing::default())),
        ),
        (
            "docker logs --tail=all registry",
            Action::Host(HostAction::Logs(Logs {
                names: names(&["registry"]),
                ..Logs::default()
            })),
        ),
        (
            "docker stop worker01 worker02 worker01",
            Action::Host(HostAction::Lifecycle(
                Lifecycle::Stop(Grace::default()),
                names(&["worker01", "worker02"]),
            )),
        ),
        (
            "docker restart --time 3 -s INT worker01",
            Action::Host(HostAction::Lifecycle(
                Lifecycle::Restart(Grace {
                    seconds: Some(3),
                    signal: Some("INT".into()),
                }),
                names(&["worker01"]),
            )),
        ),
        (
            "docker kill -s KILL worker03",
            Action::Host(HostAction::Lifecycle(
                Lifecycle::Kill(Some("KILL".into())),
                names(&["worker03"]),
            )),
        ),
        (
            "docker network disconnect lab_default worker01",
            Action::Host(HostAction::Disconnect("worker01".into())),
        ),
        (
            "docker network ls",
            Action::Host(HostAction::Networks(Listing::default())),
        ),
        (
            "docker tag hashicorp/http-echo localhost:5000/hashicorp/http-echo",
            Action::Host(HostAction::Tag {
                source: "hashicorp/http-echo".into(),
                target: "localhost:5000/hashicorp/http-echo".into(),
            }),
        ),
        (
            "docker image push 127.0.0.1:5000/web:1",
            Action::Host(HostAction::Push("127.0.0.1:5000/web:1".into())),
        ),
        ("docker version", Action::Host(HostAction::Version)),
        ("docker --version", Action::Host(HostAction::Version)),
        ("docker system info", Action::Host(HostAction::Version)),
    ] {
        assert_eq!(understood(line), action, "{line}");
    }
}

#[test]
fn with_on_docker_runs_in_that_node() {
    let scope = on("worker01");
    let got = |line: &str| understand(line, &scope).unwrap();
    for line in [
        "docker service ls",
        "docker ps -a --format {{.ID}}",
        "docker run -it alpine sh",
        "docker exec web.1.abc ls",
        "docker tag a b",
        "docker logs web.1.abc",
    ] {
        let Action::Exec(exec) = got(line) else {
            panic!("{line}")
        };
        assert_eq!(exec.node, "worker01");
        assert_eq!(exec.argv.join(" "), line);
        assert!(exec.tty && exec.interactive);
    }
    assert_eq!(
        got("docker exec manager docker node ls"),
        Action::Exec(exec("manager", &["docker", "node", "ls"]))
    );
    assert_eq!(
        got("docker compose ps"),
        Action::Compose(ComposeAction::Ps(Listing::default()))
    );
    assert!(matches!(
        got("docker stop worker02"),
        Action::Host(HostAction::Lifecycle(Lifecycle::Stop(_), _))
    ));
    assert!(matches!(
        understand("docker serivce ls", &scope),
        Err(Refusal::UnknownDocker { suggestion: Some(line), .. }) if line == "docker service ls"
    ));
}

#[test]
fn suggestions_mend_the_line_and_keep_the_rest() {
    for (line, suggestion) in [
        (
            "docker exec -it manager docker serivce rm  'test_swarm'",
            "docker exec -it manager docker service rm  'test_swarm'",
        ),
        (
            "docker serivce rm test_swarm",
            "docker exec -it manager docker service rm test_swarm",
        ),
        (
            "$ docker exec -it work01 docker serivce sl",
            "docker exec -it worker01 docker service ls",
        ),
        ("docker exec woker1 ls", "docker exec worker01 ls"),
        ("dokcer exec manager ls", "docker exec manager ls"),
        (
            "docker exec manager dokcer ps",
            "docker exec manager docker ps",
        ),
        (
            "docker exec -it manager swarm init",
            "docker exec -it manager docker swarm init",
        ),
        (
            "docker exec -it docker swarm init",
            "docker exec -it manager docker swarm init",
        ),
        (
            "docker service ls",
            "docker exec -it manager docker service ls",
        ),
        (
            "sudo docker service ls",
            "docker exec -it manager docker service ls",
        ),
        (
            "docker swarm join --token $WORKER_TOKEN $MANAGER_ADDR",
            "docker exec -it worker01 docker swarm join --token $WORKER_TOKEN $MANAGER_ADDR",
        ),
        ("node ls", "docker exec -it manager docker node ls"),
        ("compose up -d", "docker compose up -d"),
        ("docker compose pu -d", "docker compose up -d"),
        (
            "docker run -d nginx",
            "docker exec -it manager docker run -d nginx",
        ),
        (
            "docker logs test_swarm",
            "docker exec -it manager docker service logs test_swarm",
        ),
        (
            "docker exec manager docker service create --replcias=3 --name web nginx",
            "docker exec manager docker service create --replicas=3 --name web nginx",
        ),
        (
            "docker exec manager docker service create -name web nginx",
            "docker exec manager docker service create --name web nginx",
        ),
        (
            "docker exec manager docker service create --name web hashcorp/http-echo:latest -text=hi",
            "docker exec manager docker service create --name web hashicorp/http-echo:latest -text=hi",
        ),
        (
            "docker exec manager docker service update --image hashicrp/http-echo web",
            "docker exec manager docker service update --image hashicorp/http-echo web",
        ),
        (
            "docker exec manager docker node update --availability drain work01",
            "docker exec manager docker node update --availability drain worker01",
        ),
        (
            "docker tag hashcorp/http-echo localhost:5000/x",
            "docker tag hashicorp/http-echo localhost:5000/x",
        ),
        (
            "docker network disconnect lab worker1",
            "docker network disconnect lab_default worker01",
        ),
        (
            "docker network connect worker01 lab_default",
            "docker network connect lab_default worker01",
        ),
        ("on work01", "on worker01"),
        ("hnit", "hint"),
        ("hel", "help"),
        ("bye", "quit"),
        ("ls /var", "docker exec -it manager ls /var"),
        ("help hnit", "help hint"),
        (
            "docker exec -it manager docker service ps web | grep Running",
            "docker exec -it manager sh -c 'docker service ps web | grep Running'",
        ),
        (
            "docker exec manager docker rm $(docker ps -q)",
            "docker exec manager sh -c 'docker rm $(docker ps -q)'",
        ),
        (
            "docker exec –it manager docker ps",
            "docker exec -it manager docker ps",
        ),
        ("Docker exec manager ls", "docker exec manager ls"),
        ("ls | wc", "docker exec -it manager sh -c 'ls | wc'"),
        (
            "docker service ls | grep web",
            "docker exec -it manager sh -c 'docker service ls | grep web'",
        ),
        ("ㅜㄷㅌㅅ", "next"),
        ("애찯ㄱ ㄷㅌㄷㅊ manager ls", "docker exec manager ls"),
    ] {
        let refusal = refused(line);
        assert_eq!(
            refusal.suggestion(),
            Some(suggestion),
            "{line}: {refusal:?}"
        );
        assert!(understand(suggestion, &scope()).is_ok(), "{suggestion}");
    }
}

#[test]
fn refusals_say_what_it_was() {
    assert!(matches!(
        refused("docker service ls"),
        Refusal::InNode { command, .. } if command == "docker service ls"
    ));
    assert!(matches!(
        refused("docker build ."),
        Refusal::NotOnHost { command, suggestion: None } if command == "docker build"
    ));
    assert!(matches!(
        refused("docker rm -f worker01"),
        Refusal::NotOnHost {
            suggestion: None,
            ..
        }
    ));
    assert!(matches!(
        refused("docker ps | wc"),
        Refusal::ShellSyntax {
            at: 10,
            suggestion: None,
            ..
        }
    ));
    // No shell has a use for what marks a value.
    for line in [
        "docker exec worker01 docker swarm join --token (value) manager:2377",
        "docker exec worker01 docker swarm join --token <value> manager:2377",
    ] {
        assert_eq!(refused(line).suggestion(), None, "{line}");
    }
    assert!(
        refused("docker exec worker01 cat < /x > /y")
            .suggestion()
            .is_some()
    );
    assert!(matches!(
        refused("docker exec worker04 ls"),
        Refusal::UnknownNode { similar: None, suggestion: None, known, .. } if known.len() == 5
    ));
    assert_eq!(
        refused("docker exec registry docker ps"),
        Refusal::NotANode("registry".into())
    );
    assert_eq!(refused("on registry"), Refusal::NotANode("registry".into()));
    assert_eq!(
        refused("docker exec -it manager"),
        Refusal::Usage("docker exec [-it] NODE COMMAND...".into())
    );
    assert_eq!(
        refused("docker stop"),
        Refusal::Usage("docker stop [OPTIONS] NODE...".into())
    );
    assert_eq!(
        refused("docker tag hashicorp/http-echo web:1"),
        Refusal::NotLabRegistry("web:1".into())
    );
    assert_eq!(
        refused("docker push docker.io/me/web"),
        Refusal::NotLabRegistry("docker.io/me/web".into())
    );
    assert_eq!(
        refused("docker ps --size"),
        Refusal::FlagNotHere {
            command: "docker ps".into(),
            flag: "--size".into()
        }
    );
    assert_eq!(
        refused("docker -H tcp://x ps"),
        Refusal::FlagNotHere {
            command: "docker".into(),
            flag: "--host".into()
        }
    );
    assert!(matches!(
        refused("docker frobnicate"),
        Refusal::UnknownDocker {
            suggestion: None,
            ..
        }
    ));
    assert_eq!(
        refused("re"),
        Refusal::UnknownCommand {
            word: "re".into(),
            suggestion: None,
            prefix_of: vec!["reset", "replay", "repair"]
        }
    );
    assert!(matches!(
        refused("goto scal"),
        Refusal::UnknownStep { similar, .. } if similar == ["scale", "basics/scale"]
    ));
    assert_eq!(
        refused("docker exec manager echo $MANAGER_TOKEN"),
        Refusal::NoValueYet("MANAGER_TOKEN".into())
    );
}

#[test]
fn the_command_log_gets_plain_commands() {
    for (line, node, argv) in [
        (
            "docker exec -it manager docker node list",
            Some("manager"),
            "docker node ls",
        ),
        (
            "docker exec manager docker -D container ls -q",
            Some("manager"),
            "docker ps -q",
        ),
        (
            "docker exec manager sh -c 'docker node ls'",
            Some("manager"),
            "docker node ls",
        ),
        (
            "docker exec manager sh -c 'ls | wc'",
            Some("manager"),
            "sh -c ls | wc",
        ),
        ("docker-compose up", None, "docker compose up -d"),
        (
            "docker container stop worker01",
            None,
            "docker stop worker01",
        ),
        ("docker image ls", None, "docker images"),
    ] {
        let (got_node, got) = unwrap(&understood(line)).unwrap();
        assert_eq!(got_node.as_deref(), node, "{line}");
        assert_eq!(got.join(" "), argv, "{line}");
    }
    let exec = understand("docker service ls", &on("manager")).unwrap();
    assert_eq!(unwrap(&exec).unwrap().1.join(" "), "docker service ls");
    assert_eq!(unwrap(&Action::Verb(Verb::Next)), None);
}

/// Lines made of the words that the grammar knows, with slips.
fn line() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        8 => prop::sample::select(vec![
            "docker", "exec", "-it", "manager", "work01", "service", "serivce", "ls", "create", "compose",
            "up", "-d", "--name", "web", "--replicas=3", "scale", "swarm", "init", "network", "connect",
            "lab_default", "tag", "push", "localhost:5000/", "hashcorp/http-echo", "logs", "stop", "sudo", "on",
            "goto", "help", "?", "$", "|", "'", "\"", "\\", "--", "-", "$WORKER_TOKEN", "sh", "-c", "-e", "--help",
            "docker-compose", "registry", "--format", "{{.ID}}", "–", "kill", "-s", "version", "run", "node", "#",
        ]).prop_map(str::to_string),
        1 => "\\PC{0,6}",
    ];
    prop::collection::vec(word, 0..9).prop_map(|words| words.join(" "))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn any_line_has_an_answer(line in line()) {
        property::any_line_has_an_answer(&line);
    }

    #[test]
    fn any_text_has_an_answer(text in "(\\PC|\n|\\\\|'){0,60}") {
        property::any_text_has_an_answer(&text);
    }
}
