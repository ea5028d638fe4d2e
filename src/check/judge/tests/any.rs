//! Whatever was seen, a check is judged: never a panic, never an empty answer.

use std::collections::BTreeMap;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use super::*;
use crate::check::Via;
use crate::model::{
    CommandRecord, Container, Engine, HttpProbe, Node, Port, ProbeRun, Service, ServiceMode, Task,
    TaskState, Unanswered, UpdateState,
};

fn one_of<T: Clone + std::fmt::Debug + 'static>(values: &[T]) -> impl Strategy<Value = T> {
    prop::sample::select(values.to_vec())
}

fn name() -> impl Strategy<Value = String> {
    one_of(&["manager", "worker01", "worker02", "worker03", "other", ""]).prop_map(s)
}

fn word() -> impl Strategy<Value = String> {
    one_of(&[
        "web",
        "wep",
        "a:1",
        "a",
        "b@sha256:00",
        "localhost:5000/a",
        "docker",
        "-f",
        "ps",
        "ready",
        "down",
        "active",
        "drain",
        "node.role==manager",
        "node.labels.x != 1",
        "no suitable node",
        "가",
    ])
    .prop_map(s)
}

fn words() -> impl Strategy<Value = Vec<String>> {
    vec(word(), 0..4)
}

fn local() -> impl Strategy<Value = LocalSwarm> {
    one_of(&[
        LocalSwarm::Inactive,
        LocalSwarm::Pending,
        LocalSwarm::Active,
        LocalSwarm::Locked,
        LocalSwarm::Error,
    ])
}

fn task_state() -> impl Strategy<Value = TaskState> {
    one_of(&[
        TaskState::New,
        TaskState::Pending,
        TaskState::Ready,
        TaskState::Running,
        TaskState::Complete,
        TaskState::Shutdown,
        TaskState::Failed,
        TaskState::Rejected,
    ])
}

fn update() -> impl Strategy<Value = UpdateState> {
    one_of(&[
        UpdateState::Updating,
        UpdateState::Paused,
        UpdateState::Completed,
        UpdateState::RollbackPaused,
        UpdateState::RollbackCompleted,
    ])
}

fn via() -> impl Strategy<Value = Option<Via>> {
    one_of(&[None, Some(Via::Mesh), Some(Via::Node), Some(Via::Task)])
}

fn mode() -> impl Strategy<Value = ServiceMode> {
    prop_oneof![
        (0..9u64).prop_map(ServiceMode::Replicated),
        Just(ServiceMode::Global),
        Just(ServiceMode::Job),
    ]
}

fn container_state() -> impl Strategy<Value = ContainerState> {
    one_of(&[
        ContainerState::Missing,
        ContainerState::Created,
        ContainerState::Running,
        ContainerState::Paused,
        ContainerState::Exited(137),
    ])
}

prop_compose! {
    fn engine()(
        swarm in local(), manager: bool, node_id in option::of(name()), images in words(),
    ) -> Engine {
        Engine { swarm, manager, node_id, images, ..Engine::default() }
    }
}

prop_compose! {
    fn container()(state in container_state(), engine in option::of(engine())) -> Container {
        Container { state, engine, ..Container::default() }
    }
}

prop_compose! {
    fn node()(
        id in name(), hostname in name(), manager: bool, leader: bool, state in word(),
        availability in word(),
    ) -> Node {
        Node { id, hostname, manager, leader, state, availability, ..Node::default() }
    }
}

prop_compose! {
    fn swarm_service()(
        id in word(), name in word(), mode in mode(), image in word(),
        update in option::of(update()), constraints in words(), networks in words(),
    ) -> Service {
        let ports = vec![Port { published: 80, target: 80, udp: false, host_mode: false }];
        Service { id, name, mode, image, update, constraints, networks, ports, ..Service::default() }
    }
}

prop_compose! {
    fn task()(
        service in word(), slot in 0..3u64, node in option::of(name()), state in task_state(),
        desired in task_state(), error in option::of(word()), image in word(),
    ) -> Task {
        Task { service, slot, node, state, desired, error, image, ..Task::default() }
    }
}

prop_compose! {
    fn swarm()(
        seen_from in name(), nodes in vec(node(), 0..6), services in vec(swarm_service(), 0..3),
        tasks in vec(task(), 0..8), secrets in words(), configs in words(),
    ) -> Swarm {
        Swarm { seen_from, nodes, services, tasks, secrets, configs, ..Swarm::default() }
    }
}

prop_compose! {
    fn snapshot()(
        at in 0..9u64, up in prop::bool::weighted(0.9),
        containers in prop::collection::btree_map(name(), container(), 0..5),
        swarm in option::weighted(0.8, swarm()), registry in option::of(words()),
        mesh in any::<Option<bool>>(),
    ) -> Snapshot {
        Snapshot { at: Duration::from_secs(at), up, containers, swarm, registry, mesh, ..Snapshot::default() }
    }
}

prop_compose! {
    fn story()(
        snapshots in vec(snapshot(), 0..4),
        commands in vec((words(), option::of(name()), 0..2i64), 0..3),
        http in vec((word(), via(), option::of((0..600u16, word()))), 0..3),
        probes in vec((word(), 0..3usize, 0..3usize, any::<bool>()), 0..3),
        entered in 0..3u64,
    ) -> Timeline {
        let mut timeline = Timeline::starting_at(Duration::from_secs(entered));
        for snapshot in snapshots {
            timeline.push(snapshot.into());
        }
        let at = Duration::from_secs(2);
        for (argv, node, exit) in commands {
            timeline.commands.push(CommandRecord { at, node, argv, exit });
        }
        for (url, via, answer) in http {
            let answer = answer.ok_or_else(|| s("refused"));
            let answer = answer.map_err(Unanswered::from);
            timeline.push_http(HttpProbe { at, url, via, answer });
        }
        for (service, sent, lost, during_update) in probes {
            timeline.push_probe(ProbeRun { service, sent, lost, during_update });
        }
        timeline
    }
}

prop_compose! {
    fn wanted_service()(
        name in word(), exists: bool, global in any::<Option<bool>>(),
        replicas in option::of(0..9u64), image in option::of(word()),
        spread in option::of(0..3u64), update in option::of(update()), constraints in words(),
        networks in words(),
    ) -> Kind {
        Kind::Service(ServiceWant {
            name, exists, global, replicas, image, spread, update, constraints, networks,
            publishes: vec![(80, 80)],
            ..ServiceWant::default()
        })
    }
}

prop_compose! {
    fn wanted_nodes()(
        want in prop_oneof![
            (0..6usize).prop_map(CountOrNames::Count),
            vec(name(), 0..4).prop_map(CountOrNames::Names),
        ],
        ready: bool, managers in option::of(0..4usize), workers in vec(name(), 0..3),
    ) -> Kind {
        Kind::Nodes { want, ready, managers, workers }
    }
}

prop_compose! {
    fn wanted_node()(
        name in name(), exists: bool, manager in any::<Option<bool>>(),
        availability in option::of(word()), state in option::of(word()),
    ) -> Kind {
        let labels = BTreeMap::from([(s("x"), s("1"))]);
        Kind::Node { name, exists, manager, availability, state, labels }
    }
}

prop_compose! {
    fn wanted_other()(
        which in 0..11usize, name in word(), exists: bool, nodes in vec(name(), 0..3),
        services in option::of(0..3usize), status in 0..600u16, contains in option::of(word()),
        via in via(), lost in 0..2usize, during_update: bool, words in words(),
        node in option::of(name()),
    ) -> Kind {
        match which {
            0 => Kind::LabRunning { nodes },
            1 => Kind::LabDown,
            2 => Kind::Image { reference: name, on: nodes },
            3 => Kind::Registry { reference: name, exists },
            4 => Kind::Stack { name, exists, services },
            5 => Kind::Network { name, exists },
            6 => Kind::Secret { name, exists },
            7 => Kind::Config { name, exists },
            8 => Kind::Http { url: name, status, contains, via },
            9 => Kind::Probe { service: name, lost, during_update },
            _ => Kind::Ran { words, node },
        }
    }
}

fn kind() -> impl Strategy<Value = Kind> {
    prop_oneof![
        wanted_service(),
        wanted_nodes(),
        wanted_node(),
        wanted_other()
    ]
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 1000,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn every_check_gets_an_answer_that_says_something(
        kind in kind(), story in story(), stable in 0..4u64,
    ) {
        let check = Check {
            stable_for: Duration::from_secs(stable),
            ..Check::new(kind)
        };
        for lab in [shape(), LabShape::default()] {
            let verdict = judge(&check, &story, &lab);
            match &verdict {
                Verdict::Met => prop_assert!(verdict.passes()),
                Verdict::NotYet(gaps) => prop_assert!(!gaps.is_empty() && !verdict.passes()),
                Verdict::Broken(faults) => prop_assert!(!faults.is_empty() && !verdict.passes()),
                Verdict::NotMeasured(_) | Verdict::Skipped(_) => prop_assert!(verdict.passes()),
            }
            prop_assert_eq!(&verdict, &judge(&check, &story, &lab));
        }
    }
}
