//! Services: replicas, images, ports, updates, spread, and tasks in trouble.

use super::*;
use crate::check::fixture::NODES;
use crate::model::{ServiceMode, TaskState, UpdateState};

const ECHO: &str = "hashicorp/http-echo:latest";

fn web(count: u64) -> Build {
    Build::four().service("web", count)
}

fn runs(have: u64, want: u64, others: &[(TaskState, u64)]) -> Verdict {
    gap(Gap::ReplicasRunning {
        name: s("web"),
        have,
        want,
        others: others.to_vec(),
    })
}

#[test]
fn there_or_gone() {
    let there = || service(|_| {});
    let gone = || service(|want| want.exists = false);
    let none = |similar: Option<&str>| {
        gap(Gap::NoService {
            name: s("web"),
            similar: similar.map(s),
        })
    };
    assert_eq!(judged(there(), [web(1)]), Verdict::Met);
    assert_eq!(judged(gone(), [web(1), Build::four()]), Verdict::Met);
    assert_eq!(judged(gone(), [Build::up()]), Verdict::Met);
    assert_eq!(
        judged(gone(), [web(1)]),
        gap(Gap::ServiceStillThere { name: s("web") })
    );
    let near = Build::four().service("wep", 1);
    assert_eq!(judged(there(), [near]), none(Some("wep")));
    let far = Build::four().service("database", 1);
    assert_eq!(judged(there(), [far]), none(None));
}

#[test]
fn gone_means_that_its_tasks_are_given_up() {
    let gone = || service(|want| want.exists = false);
    let ending = || Build::four().running("web", &["worker01", "worker02"]);
    let left = gap(Gap::TasksEnding {
        name: s("web"),
        left: 2,
    });
    assert_eq!(judged(gone(), [web(2), ending()]), left);
    assert_eq!(judged(gone(), [ending()]), left);
    // They take a few seconds to end; the service is gone all the same.
    let given_up = ending().swarm(|swarm| {
        for task in &mut swarm.tasks {
            task.desired = TaskState::Remove;
        }
    });
    assert_eq!(judged(gone(), [web(2), given_up]), Verdict::Met);
    // Those of another service that is gone as well are not its tasks.
    let other = Build::four().service("api", 1);
    let api_ends = Build::four().running("api", &["worker01"]);
    assert_eq!(judged(gone(), [other, api_ends]), Verdict::Met);
    let lost = ending().killed("worker01").killed("worker02");
    assert_eq!(judged(gone(), [web(2), lost]), Verdict::Met);
    let ended = Build::four().task("web", 1, Some("worker01"), TaskState::Shutdown, "");
    assert_eq!(judged(gone(), [web(1), ended]), Verdict::Met);
}

#[test]
fn replicas_wanted_and_running() {
    let full = web(4).running("web", &NODES);
    assert_eq!(judged(replicas(4), [full]), Verdict::Met);
    assert_eq!(judged(replicas(0), [web(0)]), Verdict::Met);
    assert_eq!(
        judged(replicas(6), [web(1).running("web", &["manager"])]),
        gap(Gap::ReplicasWanted {
            name: s("web"),
            have: 1,
            want: 6,
        })
    );
    let starting = web(4)
        .running("web", &["manager", "worker01"])
        .task("web", 3, Some("worker02"), TaskState::Starting, "")
        .task("web", 4, Some("worker03"), TaskState::Preparing, "");
    assert_eq!(
        judged(replicas(4), [starting]),
        runs(2, 4, &[(TaskState::Preparing, 1), (TaskState::Starting, 1)])
    );
}

#[test]
fn nine_are_not_six() {
    let fault = broken(Fault::TooManyReplicas {
        name: s("web"),
        have: 9,
        want: 6,
        manager: s("manager"),
    });
    assert_eq!(judged(replicas(6), [web(9)]), fault);
    assert_eq!(judged(replicas(6), [web(1), web(9)]), fault);
    // A step that scales down begins with more.
    assert_eq!(
        judged(replicas(6), [web(9), web(9)]),
        gap(Gap::ReplicasWanted {
            name: s("web"),
            have: 9,
            want: 6,
        })
    );
}

#[test]
fn tasks_that_do_not_count() {
    let two = || web(2).running("web", &["worker01", "worker02"]);
    assert_eq!(
        judged(replicas(2), [two().killed("worker02")]),
        runs(1, 2, &[(TaskState::Orphaned, 1)])
    );
    let shutting_down = two()
        .swarm(|swarm| swarm.tasks[1].desired = TaskState::Shutdown)
        .spec("web", |spec| spec.mode = ServiceMode::Replicated(1));
    assert_eq!(judged(replicas(1), [shutting_down]), Verdict::Met);
    let lost_row = two().swarm(|swarm| swarm.nodes.retain(|row| row.hostname != "worker01"));
    assert!(!judged(replicas(2), [lost_row]).passes());
}

#[test]
fn tasks_that_fail_again_and_again() {
    let fault = |state, error: &str, updated| {
        broken(Fault::TasksFail {
            name: s("web"),
            state,
            error: s(error),
            image: s(ECHO),
            updated,
            manager: s("manager"),
        })
    };
    let no_image = "No such image: hashicorp/http-echo:latest";
    let rejected = web(1)
        .task("web", 1, Some("worker01"), TaskState::Rejected, no_image)
        .task("web", 1, Some("worker02"), TaskState::Preparing, "");
    assert_eq!(
        judged(replicas(1), [rejected.clone()]),
        fault(TaskState::Rejected, no_image, false)
    );
    assert_eq!(judged(service(|_| {}), [rejected]), Verdict::Met);

    let exit = "task: non-zero exit (1)";
    let once = web(1)
        .task("web", 1, Some("worker01"), TaskState::Failed, exit)
        .task("web", 1, Some("worker02"), TaskState::Ready, "");
    assert_eq!(
        judged(replicas(1), [once.clone()]),
        runs(0, 1, &[(TaskState::Ready, 1)])
    );
    let twice = once.task("web", 1, Some("worker03"), TaskState::Failed, exit);
    assert_eq!(
        judged(replicas(1), [twice.clone()]),
        fault(TaskState::Failed, exit, false)
    );
    let updated = twice
        .clone()
        .spec("web", |spec| spec.update = Some(UpdateState::Updating));
    assert_eq!(
        judged(replicas(1), [updated.clone()]),
        fault(TaskState::Failed, exit, true)
    );
    // A check that waits for the update to fail finds no fault in it.
    let paused = service(|want| {
        want.replicas = Some(1);
        want.update = Some(UpdateState::Paused);
    });
    assert!(matches!(judged(paused, [updated]), Verdict::NotYet(_)));
    // What failed is past once one runs, or once the image is another.
    let runs_now = twice
        .clone()
        .task("web", 1, Some("manager"), TaskState::Running, "");
    assert_eq!(judged(replicas(1), [runs_now]), Verdict::Met);
    let mended = twice.spec("web", |spec| spec.image = s("hashicorp/http-echo:1"));
    assert!(matches!(judged(replicas(1), [mended]), Verdict::NotYet(_)));
}

#[test]
fn no_suitable_node() {
    let says = "no suitable node (scheduling constraints not satisfied on 4 nodes)";
    let stranded = web(1)
        .spec("web", |spec| {
            spec.constraints = vec![s("node.labels.disk == ssd")];
        })
        .task("web", 1, None, TaskState::Pending, says);
    let fault = broken(Fault::NoSuitableNode {
        name: s("web"),
        message: s(says),
        constraints: vec![s("node.labels.disk == ssd")],
        node: Some(s("worker01")),
        manager: s("manager"),
    });
    assert_eq!(judged(replicas(1), [stranded.clone()]), fault);
    assert_eq!(
        judged(replicas(1), [Build::four(), stranded.clone()]),
        fault
    );
    assert_eq!(
        judged(replicas(1), [stranded.clone(), stranded]),
        runs(0, 1, &[(TaskState::Pending, 1)])
    );
}

#[test]
fn modes() {
    let wanted = |global| service(|want| want.global = Some(global));
    let mode = |lab: Build, mode| lab.spec("web", |spec| spec.mode = mode);
    let everywhere = || mode(web(0), ServiceMode::Global);
    let all = everywhere().running("web", &NODES);
    assert_eq!(judged(wanted(true), [all]), Verdict::Met);
    let three = || everywhere().running("web", &NODES[..3]);
    assert_eq!(judged(wanted(true), [three()]), runs(3, 4, &[]));
    let drained = three().node("worker03", |row| row.availability = s("drain"));
    assert_eq!(judged(wanted(true), [drained]), Verdict::Met);
    let constrained = everywhere()
        .spec("web", |spec| {
            spec.constraints = vec![s("node.role==manager")];
        })
        .running("web", &["manager"]);
    assert_eq!(judged(wanted(true), [constrained]), Verdict::Met);

    assert_eq!(judged(wanted(false), [web(1)]), Verdict::Met);
    for (kind, look, have) in [
        (wanted(true), web(1), ServiceMode::Replicated(1)),
        (replicas(1), everywhere(), ServiceMode::Global),
        (
            replicas(1),
            mode(web(1), ServiceMode::Job),
            ServiceMode::Job,
        ),
    ] {
        let fault = Fault::WrongMode {
            name: s("web"),
            have,
            manager: s("manager"),
        };
        let verdict = judged(kind, [look]);
        assert!(
            matches!(&verdict, Verdict::Broken(faults) if faults.contains(&fault)),
            "{verdict:?}"
        );
    }
}

#[test]
fn images() {
    let image = |reference: &str| service(|want| want.image = Some(s(reference)));
    for same in [
        "hashicorp/http-echo",
        ECHO,
        "docker.io/hashicorp/http-echo:latest",
    ] {
        assert_eq!(judged(image(same), [web(1)]), Verdict::Met);
    }
    // A tag that is not there yet is the next thing to do; another image is a slip.
    assert_eq!(
        judged(image("hashicorp/http-echo:1"), [web(1)]),
        gap(Gap::ImageIs {
            name: s("web"),
            have: s(ECHO),
            want: s("hashicorp/http-echo:1"),
        })
    );
    assert_eq!(
        judged(image("hashcorp/http-echo"), [Build::four(), web(1)]),
        broken(Fault::WrongImage {
            name: s("web"),
            have: s(ECHO),
            want: s("hashcorp/http-echo"),
            manager: s("manager"),
        })
    );
    assert!(matches!(
        judged(image("other"), [web(1), web(1)]),
        Verdict::NotYet(_)
    ));
    let halfway = web(2)
        .running("web", &["manager", "worker01"])
        .swarm(|swarm| swarm.tasks[0].image = s("hashicorp/http-echo:old"));
    assert_eq!(
        judged(image(ECHO), [halfway]),
        gap(Gap::OldTasks {
            name: s("web"),
            image: s(ECHO),
            left: 1,
        })
    );
}

#[test]
fn ports_and_attachments() {
    let publishes = |published| service(|want| want.publishes = vec![(published, 5678)]);
    assert_eq!(judged(publishes(5678), [web(1)]), Verdict::Met);
    assert_eq!(
        judged(publishes(80), [web(1)]),
        gap(Gap::NotPublished {
            name: s("web"),
            published: 80,
            target: 5678,
            have: vec![(5678, 5678)],
        })
    );
    let attached = service(|want| {
        want.constraints = vec![s("node.role==worker")];
        want.networks = vec![s("backend")];
        want.secrets = vec![s("key")];
        want.configs = vec![s("site")];
    });
    let full = web(1).spec("web", |spec| {
        spec.constraints = vec![s("node.role == worker")];
        spec.networks = vec![s("backend")];
        spec.secrets = vec![s("key")];
        spec.configs = vec![s("site")];
    });
    assert_eq!(judged(attached.clone(), [full]), Verdict::Met);
    let lacks = [
        ("constraint", "node.role==worker"),
        ("network", "backend"),
        ("secret", "key"),
        ("config", "site"),
    ]
    .map(|(what, value)| Gap::ServiceLacks {
        name: s("web"),
        what,
        value: s(value),
    });
    assert_eq!(judged(attached, [web(1)]), Verdict::NotYet(lacks.to_vec()));
}

#[test]
fn updates() {
    let wanted = |state| service(|want| want.update = Some(state));
    let updated = |state| {
        web(1).spec("web", |spec| {
            spec.update = state;
            spec.update_message = Some(s("update paused due to failure"));
        })
    };
    for state in [
        UpdateState::Completed,
        UpdateState::Paused,
        UpdateState::RollbackCompleted,
    ] {
        assert_eq!(judged(wanted(state), [updated(Some(state))]), Verdict::Met);
        assert_eq!(
            judged(wanted(state), [updated(None)]),
            gap(Gap::Update {
                name: s("web"),
                have: None,
                want: state,
            })
        );
    }
    let paused = || updated(Some(UpdateState::Paused));
    assert_eq!(
        judged(wanted(UpdateState::Completed), [web(1), paused()]),
        broken(Fault::UpdatePaused {
            name: s("web"),
            rollback: false,
            message: s("update paused due to failure"),
            manager: s("manager"),
        })
    );
    // A step that begins with a paused update is there to mend it.
    for want in [UpdateState::Completed, UpdateState::RollbackCompleted] {
        let verdict = judged(wanted(want), [paused(), paused()]);
        assert!(matches!(verdict, Verdict::NotYet(_)), "{verdict:?}");
    }
}

#[test]
fn spread_over_the_nodes_that_may_take_tasks() {
    let even = || service(|want| want.spread = Some(1));
    let six = [&NODES[..], &NODES[..2]].concat();
    assert_eq!(judged(even(), [web(6).running("web", &six)]), Verdict::Met);
    let lumped = || web(3).running("web", &["worker01"; 3]);
    assert_eq!(
        judged(even(), [lumped()]),
        gap(Gap::Spread {
            name: s("web"),
            per_node: vec![
                (s("manager"), 0),
                (s("worker01"), 3),
                (s("worker02"), 0),
                (s("worker03"), 0),
            ],
            want: 1,
        })
    );
    let constrained = lumped().spec("web", |spec| {
        spec.constraints = vec![s("node.hostname==worker01")];
    });
    assert_eq!(judged(even(), [constrained]), Verdict::Met);
    assert_eq!(judged(even(), [web(3)]), runs(0, 1, &[]));
}
