//! Containers, engines, images, the registry; stacks and the like; requests.

use super::*;
use crate::check::Via;
use crate::model::{HttpProbe, Network, ProbeRun};

#[test]
fn lab_running() {
    let running = |nodes: &[&str]| Kind::LabRunning {
        nodes: nodes.iter().map(|node| s(node)).collect(),
    };
    assert_eq!(judged(running(&[]), [Build::up()]), Verdict::Met);
    assert_eq!(judged(running(&[]), [Build::down()]), gap(Gap::LabNotUp));
    let silent = || Build::up().container("worker02", |container| container.engine = None);
    assert_eq!(
        judged(running(&[]), [silent()]),
        gap(Gap::EngineSilent {
            node: s("worker02")
        })
    );
    assert_eq!(judged(running(&["manager"]), [silent()]), Verdict::Met);
    let state = ContainerState::Exited(137);
    assert_eq!(
        judged(
            running(&[]),
            [silent().container("worker02", |container| container.state = state)]
        ),
        broken(Fault::ContainerEnded {
            name: s("worker02"),
            state,
        })
    );
    let missing = Build::up().edit(|snapshot| {
        snapshot.containers.remove("worker03");
    });
    assert_eq!(
        judged(running(&[]), [missing]),
        gap(Gap::ContainerNot {
            name: s("worker03"),
            state: ContainerState::Missing,
        })
    );
}

#[test]
fn lab_down() {
    assert_eq!(judged(Kind::LabDown, [Build::down()]), Verdict::Met);
    let gone = Build::down().container("manager", |_| {});
    assert_eq!(judged(Kind::LabDown, [gone]), Verdict::Met);
    let left = Build::down().container("manager", |container| {
        container.state = ContainerState::Exited(0);
    });
    assert_eq!(
        judged(Kind::LabDown, [left]),
        gap(Gap::LabStillUp {
            names: vec![s("manager")]
        })
    );
}

#[test]
fn images_by_any_name() {
    let image = |reference: &str, on: &[&str]| Kind::Image {
        reference: s(reference),
        on: on.iter().map(|node| s(node)).collect(),
    };
    let pulled = Build::up().engine("worker01", |engine| {
        engine.images = vec![s("registry:5000/a/b:latest"), s("alpine:latest")];
    });
    for reference in [
        "registry:5000/a/b",
        "alpine",
        "docker.io/library/alpine:latest",
    ] {
        let kind = image(reference, &["worker01"]);
        assert_eq!(judged(kind, [pulled.clone()]), Verdict::Met);
    }
    let missing = |reference: &str, nodes: &[&str]| {
        gap(Gap::ImageMissing {
            reference: s(reference),
            nodes: nodes.iter().map(|node| s(node)).collect(),
        })
    };
    assert_eq!(
        judged(image("alpine:3", &["worker01"]), [pulled.clone()]),
        missing("alpine:3", &["worker01"])
    );
    assert_eq!(
        judged(image("alpine", &[]), [pulled]),
        missing("alpine", &["manager", "worker02", "worker03"])
    );
}

#[test]
fn the_registry() {
    let echo = "hashicorp/http-echo:latest";
    let lab = LabShape {
        others: vec![s("registry")],
        ..shape()
    };
    let held = |held: Option<&[&str]>| {
        let held = held.map(|held| held.iter().map(|tag| s(tag)).collect());
        Build::up()
            .container("registry", |container| {
                container.state = ContainerState::Running;
            })
            .edit(|snapshot| snapshot.registry = held)
    };
    let judged = |reference: &str, exists, look: Build, lab: &LabShape| {
        let check = Check::new(Kind::Registry {
            reference: s(reference),
            exists,
        });
        judge(&check, &timeline([look]), lab)
    };
    for reference in [
        echo,
        "hashicorp/http-echo",
        "localhost:5000/hashicorp/http-echo",
    ] {
        assert_eq!(
            judged(reference, true, held(Some(&[echo])), &lab),
            Verdict::Met
        );
    }
    assert_eq!(judged(echo, false, held(Some(&[])), &lab), Verdict::Met);
    assert_eq!(
        judged(echo, true, held(Some(&["a:1"])), &lab),
        gap(Gap::NotInRegistry {
            reference: s(echo),
            have: vec![s("a:1")],
        })
    );
    assert_eq!(
        judged(echo, false, held(Some(&[echo])), &lab),
        gap(Gap::StillInRegistry { reference: s(echo) })
    );
    assert_eq!(
        judged(echo, true, held(None), &lab),
        gap(Gap::RegistrySilent)
    );
    let state = ContainerState::Exited(1);
    let ended = held(None).container("registry", |container| container.state = state);
    assert_eq!(
        judged(echo, true, ended, &lab),
        broken(Fault::ContainerEnded {
            name: s("registry"),
            state,
        })
    );
    assert_eq!(
        judged(echo, true, Build::up(), &shape()),
        Verdict::NotMeasured(Cause::NoRegistry)
    );
}

#[test]
fn things_by_name() {
    let lab = || {
        Build::four().swarm(|swarm| {
            swarm.secrets.push(s("db_password"));
            swarm.configs.push(s("site.conf"));
            swarm.networks.push(Network {
                name: s("backend"),
                ..Network::default()
            });
        })
    };
    let network = |name: &str, exists| Kind::Network {
        name: s(name),
        exists,
    };
    let secret = |name: &str, exists| Kind::Secret {
        name: s(name),
        exists,
    };
    let config = |name: &str, exists| Kind::Config {
        name: s(name),
        exists,
    };
    for kind in [
        network("backend", true),
        secret("db_password", true),
        config("site.conf", true),
        network("frontend", false),
        secret("x", false),
        config("x", false),
    ] {
        assert_eq!(judged(kind, [lab()]), Verdict::Met);
    }
    assert_eq!(
        judged(secret("db_pasword", true), [lab()]),
        gap(Gap::NoSuch {
            what: "secret",
            name: s("db_pasword"),
            similar: Some(s("db_password")),
        })
    );
    assert_eq!(
        judged(network("backend", false), [lab()]),
        gap(Gap::StillThere {
            what: "network",
            name: s("backend"),
        })
    );
    // Without any swarm nothing is there; without a look nothing is known.
    let look = |exists, lab| judged(secret("x", exists), [lab]);
    assert_eq!(look(false, Build::up()), Verdict::Met);
    assert_eq!(look(true, Build::up()), gap(Gap::NoSwarm));
    assert_eq!(look(false, Build::down()), gap(Gap::LabNotUp));
}

#[test]
fn stacks_by_label() {
    let stack = |exists, services| Kind::Stack {
        name: s("shop"),
        exists,
        services,
    };
    let deployed = || {
        ["shop_web", "shop_db"]
            .iter()
            .fold(Build::four(), |lab, name| {
                lab.service(name, 1).spec(name, |spec| {
                    spec.labels
                        .insert(s("com.docker.stack.namespace"), s("shop"));
                })
            })
    };
    assert_eq!(judged(stack(true, None), [deployed()]), Verdict::Met);
    assert_eq!(judged(stack(true, Some(2)), [deployed()]), Verdict::Met);
    assert_eq!(
        judged(stack(true, Some(3)), [deployed()]),
        gap(Gap::StackServices {
            name: s("shop"),
            have: 2,
            want: 3,
        })
    );
    assert!(!judged(stack(true, None), [Build::four()]).passes());
    assert!(!judged(stack(false, None), [deployed()]).passes());
    assert_eq!(
        judged(stack(false, None), [deployed(), Build::four()]),
        Verdict::Met
    );
    let ending = Build::four().running("shop_web", &["worker01"]);
    assert_eq!(
        judged(stack(false, None), [deployed(), ending]),
        gap(Gap::TasksEnding {
            name: s("shop"),
            left: 1,
        })
    );
}

#[test]
fn http_by_its_newest_answer() {
    type Answer = crate::model::Answer;
    let url = || s("http://manager:5678/");
    let judged = |via, mesh, answer: Option<Answer>| {
        let check = Check::new(Kind::Http {
            url: url(),
            status: 200,
            contains: Some(s("hello")),
            via,
        });
        let mut timeline = timeline([Build::four().edit(|snapshot| snapshot.mesh = mesh)]);
        if let Some(answer) = answer {
            timeline.push_http(HttpProbe {
                at: Duration::from_secs(1),
                url: url(),
                via,
                answer,
            });
        }
        judge(&check, &timeline, &shape())
    };
    let ok = || Some(Ok((200, s("hello world\n"))));
    assert_eq!(judged(None, None, ok()), Verdict::Met);
    assert_eq!(judged(Some(Via::Mesh), Some(true), ok()), Verdict::Met);
    assert_eq!(
        judged(Some(Via::Mesh), Some(false), None),
        Verdict::NotMeasured(Cause::NoMesh)
    );
    assert_eq!(
        judged(None, None, None),
        gap(Gap::HttpAsking { url: url() })
    );
    assert_eq!(
        judged(None, None, Some(Ok((503, s("hello"))))),
        gap(Gap::HttpStatus {
            url: url(),
            have: 503,
            want: 200,
        })
    );
    assert_eq!(
        judged(None, None, Some(Ok((200, s("by\x1be\n"))))),
        gap(Gap::HttpBody {
            url: url(),
            want: s("hello"),
            have: s("by e"),
        })
    );
    assert_eq!(
        judged(None, None, Some(Err(s("connection refused").into()))),
        gap(Gap::HttpSilent {
            url: url(),
            error: s("connection refused").into(),
        })
    );
}

#[test]
fn a_probe_needs_the_mesh() {
    let judged = |mesh, lost: Option<usize>| {
        let check = Check::new(Kind::Probe {
            service: s("web"),
            lost: 0,
            during_update: true,
        });
        let mut timeline = timeline([Build::four().edit(|snapshot| snapshot.mesh = mesh)]);
        if let Some(lost) = lost {
            timeline.push_probe(ProbeRun {
                service: s("web"),
                sent: 100,
                lost,
                during_update: true,
            });
        }
        judge(&check, &timeline, &shape())
    };
    assert_eq!(judged(Some(true), Some(0)), Verdict::Met);
    assert_eq!(
        judged(Some(true), Some(3)),
        gap(Gap::ProbeLost {
            service: s("web"),
            lost: 3,
            sent: 100,
            allowed: 0,
        })
    );
    assert_eq!(
        judged(Some(true), None),
        gap(Gap::ProbeAsking {
            service: s("web"),
            during_update: true,
        })
    );
    for mesh in [None, Some(false)] {
        assert_eq!(judged(mesh, Some(0)), Verdict::NotMeasured(Cause::NoMesh));
    }
}
