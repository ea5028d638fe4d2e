//! Nodes: who joined, as what, and the wrong turns on the way.

use std::collections::BTreeMap;

use super::*;

fn node(name: &str, manager: Option<bool>) -> Kind {
    Kind::Node {
        name: s(name),
        exists: true,
        manager,
        availability: None,
        state: None,
        labels: BTreeMap::new(),
    }
}

fn absent(name: &str) -> Kind {
    Kind::Node {
        name: s(name),
        exists: false,
        manager: None,
        availability: None,
        state: None,
        labels: BTreeMap::new(),
    }
}

fn nodes(want: CountOrNames, managers: Option<usize>, workers: &[&str]) -> Kind {
    Kind::Nodes {
        want,
        ready: true,
        managers,
        workers: workers.iter().map(|name| s(name)).collect(),
    }
}

fn not_joined(nodes: &[&str]) -> Gap {
    Gap::NotJoined {
        nodes: nodes.iter().map(|name| s(name)).collect(),
    }
}

/// `worker03` left and joined again: a second row.
fn came_back() -> Build {
    Build::four()
        .node("worker03", |row| {
            row.id = s("old");
            row.state = s("down");
        })
        .join("worker03", false)
}

#[test]
fn from_nothing_to_four() {
    let three = Build::init()
        .join("worker01", false)
        .join("worker02", false);
    for (look, verdict) in [
        (Build::down(), gap(Gap::LabNotUp)),
        (Build::up(), gap(Gap::NoSwarm)),
        (
            Build::init(),
            gap(not_joined(&["worker01", "worker02", "worker03"])),
        ),
        (three, gap(not_joined(&["worker03"]))),
        (Build::four(), Verdict::Met),
    ] {
        assert_eq!(judged(four_nodes(), [look]), verdict);
    }
}

#[test]
fn a_lower_count_names_nobody() {
    let two = || nodes(CountOrNames::Count(2), None, &[]);
    assert_eq!(
        judged(two(), [Build::init()]),
        gap(Gap::NodeCount { have: 1, want: 2 })
    );
    assert_eq!(
        judged(two(), [Build::init().join("worker02", false)]),
        Verdict::Met
    );
    assert_eq!(
        judged(two(), [Build::four()]),
        gap(Gap::NodeCount { have: 4, want: 2 })
    );
}

#[test]
fn by_names_others_are_too_many() {
    let named = || {
        let names = vec![s("manager"), s("worker01")];
        nodes(CountOrNames::Names(names), None, &[])
    };
    assert_eq!(
        judged(named(), [Build::init().join("worker01", false)]),
        Verdict::Met
    );
    assert_eq!(
        judged(named(), [Build::init().join("worker02", false)]),
        Verdict::NotYet(vec![
            not_joined(&["worker01"]),
            Gap::NodeStillThere {
                node: s("worker02"),
                state: s("ready"),
            },
        ])
    );
}

#[test]
fn joined_with_the_managers_token() {
    let look = Build::init()
        .join("worker01", true)
        .join("worker02", false)
        .join("worker03", false);
    let fault = broken(Fault::JoinedAsManager {
        node: s("worker01"),
        manager: s("manager"),
    });
    let by_workers = nodes(CountOrNames::Count(4), None, &["worker01", "worker02"]);
    for kind in [four_nodes(), node("worker01", Some(false)), by_workers] {
        assert_eq!(judged(kind.clone(), [look.clone()]), fault);
        assert_eq!(judged(kind, [Build::init(), look.clone()]), fault);
    }
    // A step that begins so is there to change it.
    assert_eq!(
        judged(node("worker01", Some(false)), [look.clone(), look]),
        gap(Gap::Role {
            node: s("worker01"),
            is_manager: true,
        })
    );
}

#[test]
fn a_manager_is_missing() {
    assert_eq!(
        judged(nodes(CountOrNames::Count(4), Some(2), &[]), [Build::four()]),
        gap(Gap::ManagerCount { have: 1, want: 2 })
    );
    assert_eq!(
        judged(node("worker01", Some(true)), [Build::four()]),
        gap(Gap::Role {
            node: s("worker01"),
            is_manager: false,
        })
    );
}

#[test]
fn a_swarm_of_its_own() {
    let astray = Build::init()
        .join("worker01", false)
        .join("worker03", false)
        .engine("worker02", |engine| {
            engine.swarm = LocalSwarm::Active;
            engine.manager = true;
            engine.node_id = Some(s("elsewhere"));
        });
    let fault = broken(Fault::OwnSwarm {
        node: s("worker02"),
    });
    assert_eq!(judged(four_nodes(), [astray.clone()]), fault);
    assert_eq!(judged(node("worker02", None), [astray.clone()]), fault);
    // There is to be one swarm in the lab, and this one is not alone.
    assert_eq!(judged(node("manager", Some(true)), [astray.clone()]), fault);
    // Joining shows in the engine before it shows in the rows.
    assert_eq!(
        judged(four_nodes(), [Build::init(), astray.clone()]),
        gap(not_joined(&["worker02"]))
    );
    assert_eq!(
        judged(four_nodes(), [Build::init(), astray.clone(), astray]),
        fault
    );
}

#[test]
fn a_worker_of_a_swarm_that_is_gone() {
    let look = Build::init().engine("worker01", |engine| {
        engine.swarm = LocalSwarm::Active;
        engine.node_id = Some(s("elsewhere"));
    });
    assert_eq!(
        judged(node("worker01", None), [look]),
        broken(Fault::OtherSwarm {
            node: s("worker01")
        })
    );
}

#[test]
fn the_swarm_was_made_on_a_worker() {
    let look = Build::up().init_on("worker01");
    let fault = Fault::SwarmElsewhere {
        node: s("manager"),
        at: s("worker01"),
    };
    assert_eq!(
        judged(node("manager", Some(true)), [look.clone()]),
        broken(fault.clone())
    );
    let roles = nodes(CountOrNames::Count(4), Some(1), &["worker01", "worker02"]);
    assert_eq!(judged(roles, [look]), broken(fault));
}

#[test]
fn a_join_that_hangs() {
    let look = Build::init().engine("worker01", |engine| engine.swarm = LocalSwarm::Pending);
    assert_eq!(
        judged(node("worker01", None), [look]),
        gap(Gap::Joining {
            node: s("worker01")
        })
    );
}

#[test]
fn a_node_is_down() {
    let down = Build::four().killed("worker02");
    assert_eq!(
        judged(four_nodes(), [down.clone()]),
        broken(Fault::NodeDown {
            node: s("worker02"),
            state: ContainerState::Exited(137),
        })
    );
    let not_ready = |state: &str| {
        gap(Gap::NodeState {
            node: s("worker02"),
            have: s(state),
            want: s("ready"),
        })
    };
    // Its engine is back, or the step began so.
    let back = Build::four().node("worker02", |row| row.state = s("down"));
    assert_eq!(judged(four_nodes(), [back]), not_ready("down"));
    assert_eq!(
        judged(four_nodes(), [down.clone(), down.clone()]),
        not_ready("down")
    );
    let unknown = Build::four().node("worker02", |row| row.state = s("unknown"));
    assert_eq!(judged(four_nodes(), [unknown]), not_ready("unknown"));
    let wanted_down = Kind::Node {
        name: s("worker02"),
        exists: true,
        manager: None,
        availability: None,
        state: Some(s("down")),
        labels: BTreeMap::new(),
    };
    assert_eq!(judged(wanted_down.clone(), [down]), Verdict::Met);
    assert!(!judged(wanted_down, [Build::four()]).passes());
}

#[test]
fn of_two_rows_the_ready_one_counts_and_the_ghost_is_named() {
    let ghost = |hostname: &str, id: &str| {
        broken(Fault::GhostRows {
            rows: vec![(s(hostname), s(id))],
            manager: s("manager"),
        })
    };
    assert_eq!(
        judged(four_nodes(), [came_back()]),
        ghost("worker03", "old")
    );
    assert_eq!(
        judged(node("worker03", Some(false)), [came_back()]),
        Verdict::Met
    );
    let stranger = Build::four().row("4f2d1c", "id-x", false, "down");
    assert_eq!(judged(four_nodes(), [stranger]), ghost("4f2d1c", "id-x"));
}

#[test]
fn a_node_that_left() {
    let left = Build::four()
        .node("worker03", |row| row.state = s("down"))
        .engine("worker03", |engine| *engine = Default::default());
    assert_eq!(
        judged(four_nodes(), [left.clone()]),
        gap(not_joined(&["worker03"]))
    );
    assert_eq!(
        judged(absent("worker03"), [left]),
        gap(Gap::NodeStillThere {
            node: s("worker03"),
            state: s("down"),
        })
    );
    assert_eq!(judged(absent("worker03"), [Build::init()]), Verdict::Met);
    assert_eq!(judged(absent("manager"), [Build::up()]), Verdict::Met);
}

#[test]
fn availability_and_labels() {
    let kind = |availability: &str, label: &str| Kind::Node {
        name: s("worker01"),
        exists: true,
        manager: Some(false),
        availability: Some(s(availability)),
        state: Some(s("ready")),
        labels: BTreeMap::from([(s("disk"), s(label))]),
    };
    let look = Build::four().node("worker01", |row| {
        row.availability = s("drain");
        row.labels.insert(s("disk"), s("ssd"));
    });
    assert_eq!(judged(kind("drain", "ssd"), [look.clone()]), Verdict::Met);
    assert_eq!(
        judged(kind("active", "hdd"), [look]),
        Verdict::NotYet(vec![
            Gap::Availability {
                node: s("worker01"),
                have: s("drain"),
                want: s("active"),
            },
            Gap::NodeLabel {
                node: s("worker01"),
                key: s("disk"),
                have: Some(s("ssd")),
                want: s("hdd"),
            },
        ])
    );
}

#[test]
fn no_manager_answers() {
    let silent = |lab: Build| lab.edit(|snapshot| snapshot.swarm = None);
    assert_eq!(
        judged(four_nodes(), [silent(Build::four())]),
        gap(Gap::NoLeader)
    );
    let two = || Build::four().node("worker01", |row| row.manager = true);
    assert_eq!(
        judged(four_nodes(), [two(), silent(two().killed("worker01"))]),
        broken(Fault::NoQuorum {
            stopped: vec![(s("worker01"), ContainerState::Exited(137))],
        })
    );
    let alone = |lab: Build| lab.engine("worker01", |engine| engine.swarm = LocalSwarm::Inactive);
    assert_eq!(
        judged(four_nodes(), [two(), alone(silent(two()))]),
        broken(Fault::NoQuorum { stopped: vec![] })
    );
    // The only one has left the others.
    let left = |engine: &mut crate::model::Engine| {
        engine.swarm = LocalSwarm::Inactive;
        engine.manager = false;
    };
    assert_eq!(
        judged(
            four_nodes(),
            [Build::four(), silent(Build::four().engine("manager", left))]
        ),
        gap(Gap::SwarmGone)
    );
    // A worker that is stopped has no voice.
    assert_eq!(
        judged(
            four_nodes(),
            [Build::four(), silent(Build::four().killed("worker01"))]
        ),
        gap(Gap::NoLeader)
    );
    assert_eq!(
        judged(four_nodes(), [silent(Build::four().killed("manager"))]),
        broken(Fault::ContainerEnded {
            name: s("manager"),
            state: ContainerState::Exited(137),
        })
    );
    let engine_says = |state| Build::up().engine("manager", |engine| engine.swarm = state);
    let node = s("manager");
    assert_eq!(
        judged(four_nodes(), [engine_says(LocalSwarm::Locked)]),
        broken(Fault::Locked { node: node.clone() })
    );
    assert_eq!(
        judged(four_nodes(), [engine_says(LocalSwarm::Error)]),
        broken(Fault::SwarmError { node })
    );
}
