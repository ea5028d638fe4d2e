#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::time::Duration;

use super::*;
use crate::check::{Cause, CountOrNames, Fault, Gap, Kind, ServiceWant, Via};
use crate::model::{ServiceMode, TaskState, Unanswered, UpdateState};

fn s(text: &str) -> String {
    text.to_owned()
}

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| s(name)).collect()
}

fn gaps() -> Vec<Gap> {
    let name = || s("web");
    let node = || s("worker01");
    let url = || s("http://manager:5678/");
    let words = || names(&["docker", "node", "ls"]);
    vec![
        Gap::NothingSeen,
        Gap::LabNotUp,
        Gap::ContainerNot {
            name: node(),
            state: ContainerState::Missing,
        },
        Gap::ContainerNot {
            name: node(),
            state: ContainerState::Created,
        },
        Gap::EngineSilent { node: node() },
        Gap::LabStillUp {
            names: names(&["manager", "worker01"]),
        },
        Gap::NoSwarm,
        Gap::NoLeader,
        Gap::SwarmGone,
        Gap::Joining { node: node() },
        Gap::NotJoined {
            nodes: names(&["worker03"]),
        },
        Gap::NotJoined {
            nodes: names(&["worker02", "worker03"]),
        },
        Gap::NotJoined {
            nodes: names(&["worker01", "worker02", "worker03"]),
        },
        Gap::NodeCount { have: 1, want: 4 },
        Gap::ManagerCount { have: 2, want: 1 },
        Gap::Role {
            node: node(),
            is_manager: true,
        },
        Gap::Role {
            node: node(),
            is_manager: false,
        },
        Gap::NodeState {
            node: node(),
            have: s("down"),
            want: s("ready"),
        },
        Gap::Availability {
            node: node(),
            have: s("active"),
            want: s("drain"),
        },
        Gap::NodeLabel {
            node: node(),
            key: s("disk"),
            have: None,
            want: s("ssd"),
        },
        Gap::NodeLabel {
            node: node(),
            key: s("disk"),
            have: Some(s("hdd")),
            want: s("ssd"),
        },
        Gap::NodeStillThere {
            node: node(),
            state: s("ready"),
        },
        Gap::NodeStillThere {
            node: node(),
            state: s("down"),
        },
        Gap::NoService {
            name: s("test_swarm"),
            similar: None,
        },
        Gap::NoService {
            name: s("test_swarm"),
            similar: Some(s("test-swarm")),
        },
        Gap::ServiceStillThere { name: name() },
        Gap::TasksEnding {
            name: name(),
            left: 1,
        },
        Gap::TasksEnding {
            name: name(),
            left: 3,
        },
        Gap::ReplicasWanted {
            name: s("test_swarm"),
            have: 1,
            want: 6,
        },
        Gap::ReplicasWanted {
            name: s("test_swarm"),
            have: 9,
            want: 6,
        },
        Gap::ReplicasRunning {
            name: s("test_swarm"),
            have: 4,
            want: 6,
            others: vec![(TaskState::Preparing, 1), (TaskState::Starting, 1)],
        },
        Gap::ReplicasRunning {
            name: s("test_swarm"),
            have: 0,
            want: 1,
            others: vec![],
        },
        Gap::ReplicasRunning {
            name: s("test_swarm"),
            have: 7,
            want: 6,
            others: vec![],
        },
        Gap::NotStable {
            held: Duration::from_millis(1250),
            want: Duration::from_secs(3),
        },
        Gap::ImageIs {
            name: name(),
            have: s("swarmlings/web:1"),
            want: s("swarmlings/web:2"),
        },
        Gap::OldTasks {
            name: name(),
            image: s("swarmlings/web:2"),
            left: 2,
        },
        Gap::NotPublished {
            name: name(),
            published: 5678,
            target: 5678,
            have: vec![(80, 5678)],
        },
        Gap::NotPublished {
            name: name(),
            published: 5678,
            target: 5678,
            have: vec![],
        },
        Gap::Spread {
            name: name(),
            per_node: vec![(s("manager"), 3), (s("worker01"), 0)],
            want: 1,
        },
        Gap::Update {
            name: name(),
            have: None,
            want: UpdateState::Completed,
        },
        Gap::Update {
            name: name(),
            have: Some(UpdateState::Updating),
            want: UpdateState::RollbackCompleted,
        },
        Gap::Update {
            name: name(),
            have: Some(UpdateState::RollbackStarted),
            want: UpdateState::Paused,
        },
        Gap::ServiceLacks {
            name: name(),
            what: "constraint",
            value: s("node.role==worker"),
        },
        Gap::ServiceLacks {
            name: name(),
            what: "network",
            value: s("backend"),
        },
        Gap::ImageMissing {
            reference: s("registry:5000/hashicorp/http-echo"),
            nodes: names(&["worker01"]),
        },
        Gap::ImageMissing {
            reference: s("alpine"),
            nodes: names(&["worker01", "worker02"]),
        },
        Gap::NotInRegistry {
            reference: s("hashicorp/http-echo:latest"),
            have: vec![],
        },
        Gap::NotInRegistry {
            reference: s("hashicorp/http-echo:latest"),
            have: names(&["alpine:3"]),
        },
        Gap::StillInRegistry {
            reference: s("alpine:3"),
        },
        Gap::RegistrySilent,
        Gap::NoSuch {
            what: "secret",
            name: s("db_pasword"),
            similar: Some(s("db_password")),
        },
        Gap::NoSuch {
            what: "stack",
            name: s("shop"),
            similar: None,
        },
        Gap::StillThere {
            what: "config",
            name: s("site"),
        },
        Gap::StackServices {
            name: s("shop"),
            have: 1,
            want: 2,
        },
        Gap::HttpSilent {
            url: url(),
            error: s("connection refused").into(),
        },
        Gap::HttpSilent {
            url: url(),
            error: Unanswered::NoManager,
        },
        Gap::HttpSilent {
            url: url(),
            error: Unanswered::NoService(5678),
        },
        Gap::HttpSilent {
            url: url(),
            error: Unanswered::NoTask(s("web")),
        },
        Gap::HttpStatus {
            url: url(),
            have: 503,
            want: 200,
        },
        Gap::HttpBody {
            url: url(),
            want: s("hello"),
            have: s("v2"),
        },
        Gap::HttpBody {
            url: url(),
            want: s("hello"),
            have: s(""),
        },
        Gap::HttpAsking { url: url() },
        Gap::ProbeAsking {
            service: name(),
            during_update: true,
        },
        Gap::ProbeAsking {
            service: name(),
            during_update: false,
        },
        Gap::ProbeLost {
            service: name(),
            lost: 3,
            sent: 120,
            allowed: 0,
        },
        Gap::ProbeLost {
            service: name(),
            lost: 3,
            sent: 120,
            allowed: 2,
        },
        Gap::NotRun {
            words: words(),
            node: None,
        },
        Gap::NotRun {
            words: words(),
            node: Some(s("manager")),
        },
        Gap::RanBadly {
            words: words(),
            exit: 1,
        },
        Gap::RanElsewhere {
            words: words(),
            have: Some(node()),
            want: s("manager"),
        },
        Gap::RanElsewhere {
            words: words(),
            have: None,
            want: s("manager"),
        },
    ]
}

fn faults() -> Vec<Fault> {
    let name = || s("test_swarm");
    let node = || s("worker02");
    let manager = || s("manager");
    let exited = ContainerState::Exited(137);
    let ended = |state| Fault::ContainerEnded {
        name: s("worker02"),
        state,
    };
    let fails = |state, error: &str, updated| Fault::TasksFail {
        name: s("test_swarm"),
        state,
        error: s(error),
        image: s("hashicorp/http-echo:latest"),
        updated,
        manager: s("manager"),
    };
    let stranded = |constraints: &[&str]| Fault::NoSuitableNode {
        name: s("test_swarm"),
        message: s("no suitable node (scheduling constraints not satisfied on 4 nodes)"),
        constraints: names(constraints),
        node: Some(s("worker01")),
        manager: s("manager"),
    };
    let mode = |have| Fault::WrongMode {
        name: s("test_swarm"),
        have,
        manager: s("manager"),
    };
    vec![
        ended(exited),
        ended(ContainerState::Paused),
        ended(ContainerState::Missing),
        Fault::JoinedAsManager {
            node: s("worker01"),
            manager: manager(),
        },
        Fault::OwnSwarm { node: node() },
        Fault::OtherSwarm { node: node() },
        Fault::SwarmElsewhere {
            node: manager(),
            at: node(),
        },
        Fault::NodeDown {
            node: node(),
            state: exited,
        },
        Fault::NodeDown {
            node: node(),
            state: ContainerState::Running,
        },
        Fault::GhostRows {
            rows: vec![(s("worker03"), s("k2x0"))],
            manager: manager(),
        },
        Fault::GhostRows {
            rows: vec![(s("worker02"), s("k2x0")), (s("worker03"), s("p7af"))],
            manager: manager(),
        },
        Fault::Locked { node: manager() },
        Fault::SwarmError { node: manager() },
        Fault::TooManyReplicas {
            name: name(),
            have: 9,
            want: 6,
            manager: manager(),
        },
        fails(
            TaskState::Rejected,
            "No such image: hashicorp/http-echo:latest",
            false,
        ),
        fails(TaskState::Failed, "task: non-zero exit (1)", true),
        stranded(&["node.labels.disk == ssd"]),
        stranded(&["node.hostname==worker09", "node.role==manager"]),
        stranded(&["node.role == nobody"]),
        stranded(&[]),
        mode(ServiceMode::Global),
        mode(ServiceMode::Replicated(1)),
        mode(ServiceMode::Job),
        Fault::WrongImage {
            name: name(),
            have: s("hashicorp/http-echo:latest"),
            want: s("swarmlings/web:1"),
            manager: manager(),
        },
        Fault::UpdatePaused {
            name: name(),
            rollback: false,
            message: s("update paused due to failure or early termination of task k2x0"),
            manager: manager(),
        },
        Fault::UpdatePaused {
            name: name(),
            rollback: true,
            message: s(""),
            manager: manager(),
        },
        Fault::NoQuorum { stopped: vec![] },
        Fault::NoQuorum {
            stopped: vec![(s("worker01"), exited)],
        },
        Fault::NoQuorum {
            stopped: vec![
                (s("worker01"), exited),
                (s("worker02"), ContainerState::Paused),
            ],
        },
    ]
}

fn kinds() -> Vec<Kind> {
    let web = |edit: &dyn Fn(&mut ServiceWant)| {
        let mut want = ServiceWant {
            name: s("test_swarm"),
            exists: true,
            ..ServiceWant::default()
        };
        edit(&mut want);
        Kind::Service(want)
    };
    let nodes = |want, managers, workers: &[&str]| Kind::Nodes {
        want,
        ready: true,
        managers,
        workers: names(workers),
    };
    let node = |exists| Kind::Node {
        name: s("worker01"),
        exists,
        manager: None,
        availability: None,
        state: None,
        labels: BTreeMap::new(),
    };
    let http = |status, contains: Option<&str>| Kind::Http {
        url: s("http://manager:5678/"),
        status,
        contains: contains.map(s),
        via: Some(Via::Mesh),
    };
    let probe = |lost, during_update| Kind::Probe {
        service: s("web"),
        lost,
        during_update,
    };
    let mut kinds = vec![
        Kind::LabRunning { nodes: vec![] },
        Kind::LabRunning {
            nodes: names(&["manager", "worker01"]),
        },
        Kind::LabDown,
        nodes(CountOrNames::Count(4), None, &[]),
        nodes(CountOrNames::Count(1), Some(1), &[]),
        nodes(
            CountOrNames::Names(names(&["manager", "worker01"])),
            Some(1),
            &["worker01"],
        ),
        node(true),
        node(false),
        Kind::Node {
            name: s("worker01"),
            exists: true,
            manager: Some(false),
            availability: Some(s("drain")),
            state: Some(s("ready")),
            labels: BTreeMap::from([(s("disk"), s("ssd"))]),
        },
        web(&|_| {}),
        web(&|want| want.exists = false),
        web(&|want| want.replicas = Some(6)),
        web(&|want| {
            want.replicas = Some(6);
            want.image = Some(s("swarmlings/web:2"));
            want.update = Some(UpdateState::Completed);
        }),
        web(&|want| {
            want.global = Some(true);
            want.publishes = vec![(5678, 5678)];
            want.spread = Some(1);
            want.constraints = names(&["node.role==worker"]);
            want.networks = names(&["backend"]);
            want.secrets = names(&["key"]);
            want.configs = names(&["site"]);
        }),
        Kind::Image {
            reference: s("alpine"),
            on: vec![],
        },
        Kind::Image {
            reference: s("alpine"),
            on: names(&["worker01"]),
        },
        Kind::Stack {
            name: s("shop"),
            exists: true,
            services: Some(2),
        },
        http(200, None),
        http(404, Some("hello")),
        probe(0, true),
        probe(2, false),
        Kind::Ran {
            words: names(&["docker", "node", "ls"]),
            node: None,
        },
        Kind::Ran {
            words: names(&["docker", "node", "ls"]),
            node: Some(s("manager")),
        },
    ];
    for exists in [true, false] {
        let name = s("backend");
        kinds.extend([
            Kind::Registry {
                reference: s("alpine:3"),
                exists,
            },
            Kind::Stack {
                name: name.clone(),
                exists,
                services: None,
            },
            Kind::Network {
                name: name.clone(),
                exists,
            },
            Kind::Secret {
                name: name.clone(),
                exists,
            },
            Kind::Config { name, exists },
        ]);
    }
    kinds
}

fn in_both(check: &Check, said: &Verdict) -> String {
    [Lang::En, Lang::Ko]
        .map(|lang| verdict(lang, check, said).join("\n"))
        .join("\n")
}

fn any_check() -> Check {
    Check::new(Kind::LabDown)
}

#[test]
fn gaps_in_both_languages() {
    let text: Vec<String> = gaps()
        .into_iter()
        .map(|gap| in_both(&any_check(), &Verdict::NotYet(vec![gap])))
        .collect();
    insta::assert_snapshot!(text.join("\n\n"));
}

#[test]
fn faults_in_both_languages() {
    let text: Vec<String> = faults()
        .into_iter()
        .map(|fault| in_both(&any_check(), &Verdict::Broken(vec![fault])))
        .collect();
    insta::assert_snapshot!(text.join("\n\n"));
}

#[test]
fn what_was_not_judged_in_both_languages() {
    let text: Vec<String> = [Cause::NoMesh, Cause::NoRegistry, Cause::ByLearner]
        .into_iter()
        .flat_map(|cause| [Verdict::NotMeasured(cause), Verdict::Skipped(cause)])
        .map(|verdict| in_both(&any_check(), &verdict))
        .collect();
    insta::assert_snapshot!(text.join("\n\n"));
}

#[test]
fn titles_in_both_languages() {
    let text: Vec<String> = kinds()
        .into_iter()
        .map(|kind| {
            let check = Check::new(kind);
            [Lang::En, Lang::Ko]
                .map(|lang| check_title(lang, &check))
                .join("\n")
        })
        .collect();
    insta::assert_snapshot!(text.join("\n\n"));
}

#[test]
fn the_lessons_own_words_come_first() {
    let check = Check {
        fail: Some(s("Three workers are to join.")),
        ..any_check()
    };
    let said = Verdict::NotYet(vec![Gap::NoSwarm]);
    assert_eq!(
        verdict(Lang::En, &check, &said),
        ["Three workers are to join.", "There is no swarm yet."]
    );
    assert!(verdict(Lang::En, &check, &Verdict::Met).is_empty());
}

/// The snapshots show every variant only as long as the lists above hold it.
#[test]
fn every_variant_is_shown() {
    fn shown<T: Debug>(values: &[T]) -> BTreeSet<String> {
        values
            .iter()
            .map(|value| {
                let debug = format!("{value:?}");
                let end = debug.find([' ', '(']).unwrap_or(debug.len());
                debug[..end].to_owned()
            })
            .collect()
    }
    fn declared(source: &str, name: &str) -> BTreeSet<String> {
        let start = source.find(&format!("pub enum {name} {{")).unwrap();
        source[start..]
            .lines()
            .skip(1)
            .take_while(|line| *line != "}")
            .filter_map(|line| line.strip_prefix("    "))
            .filter(|line| line.starts_with(|c: char| c.is_ascii_uppercase()))
            .map(|line| line.trim_end_matches([' ', '{', ',', '(']).to_owned())
            .map(|line| line.split('(').next().unwrap().to_owned())
            .collect()
    }
    let verdicts = include_str!("../../check/verdict.rs");
    assert_eq!(shown(&gaps()), declared(verdicts, "Gap"));
    assert_eq!(shown(&faults()), declared(verdicts, "Fault"));
    let kinds_source = include_str!("../../check/kind.rs");
    assert_eq!(shown(&kinds()), declared(kinds_source, "Kind"));
}
