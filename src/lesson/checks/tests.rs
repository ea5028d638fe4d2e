//! Every kind with every field, and every way to get one wrong.

use super::super::source::Source;
use super::*;

fn read_text(text: &str) -> (Vec<Check>, Vec<(usize, usize, ProblemKind)>) {
    let (source, _) = Source::new("a", text);
    let mut problems = Problems::new(&source);
    let snip = Snip::of(&source, 0..source.text.len());
    let checks = read(&snip, 0..0, &mut Vec::new(), &mut problems);
    let problems = problems.finish().into_iter();
    (
        checks,
        problems.map(|p| (p.line, p.column, p.kind)).collect(),
    )
}

fn kind(text: &str) -> Kind {
    let (mut checks, problems) = read_text(text);
    assert_eq!(problems, [], "{text}");
    assert_eq!(checks.len(), 1, "{text}");
    checks.remove(0).kind
}

fn strings(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

#[test]
fn every_kind_is_read() {
    for (text, expected) in [
        (
            "lab: running\nnodes: [manager, worker01]",
            Kind::LabRunning {
                nodes: strings(&["manager", "worker01"]),
            },
        ),
        ("lab: down", Kind::LabDown),
        (
            "nodes: 4\nready: true\nmanagers: 1\nworkers: [worker01]",
            Kind::Nodes {
                want: CountOrNames::Count(4),
                ready: true,
                managers: Some(1),
                workers: strings(&["worker01"]),
            },
        ),
        (
            "nodes: [a, b]",
            Kind::Nodes {
                want: CountOrNames::Names(strings(&["a", "b"])),
                ready: false,
                managers: None,
                workers: vec![],
            },
        ),
        (
            "node: worker01\nrole: manager\navailability: drain\nstate: ready\nlabels: {zone: a, ssd: true}",
            Kind::Node {
                name: "worker01".into(),
                exists: true,
                manager: Some(true),
                availability: Some("drain".into()),
                state: Some("ready".into()),
                labels: [("ssd".into(), "true".into()), ("zone".into(), "a".into())].into(),
            },
        ),
        (
            "node: worker01\nexists: false",
            Kind::Node {
                name: "worker01".into(),
                exists: false,
                manager: None,
                availability: None,
                state: None,
                labels: BTreeMap::new(),
            },
        ),
        (
            "service: web\nmode: replicated\nreplicas: 6\nimage: hashicorp/http-echo\npublishes: [\"5678:5678\", 80:8080/tcp]\nspread: 1\nupdate: rollback_completed\nconstraints: node.role==worker\nnetworks: [n]\nsecrets: [s]\nconfigs: [c]",
            Kind::Service(ServiceWant {
                name: "web".into(),
                exists: true,
                global: Some(false),
                replicas: Some(6),
                image: Some("hashicorp/http-echo".into()),
                publishes: vec![(5678, 5678), (80, 8080)],
                spread: Some(1),
                update: Some(UpdateState::RollbackCompleted),
                constraints: strings(&["node.role==worker"]),
                networks: strings(&["n"]),
                secrets: strings(&["s"]),
                configs: strings(&["c"]),
            }),
        ),
        (
            "image: a/b:1\non: [w]",
            Kind::Image {
                reference: "a/b:1".into(),
                on: strings(&["w"]),
            },
        ),
        (
            "registry: a/b:1\nexists: false",
            Kind::Registry {
                reference: "a/b:1".into(),
                exists: false,
            },
        ),
        (
            "stack: s\nservices: 2",
            Kind::Stack {
                name: "s".into(),
                exists: true,
                services: Some(2),
            },
        ),
        (
            "network: n",
            Kind::Network {
                name: "n".into(),
                exists: true,
            },
        ),
        (
            "secret: n",
            Kind::Secret {
                name: "n".into(),
                exists: true,
            },
        ),
        (
            "config: n\nexists: false",
            Kind::Config {
                name: "n".into(),
                exists: false,
            },
        ),
        (
            "http: http://manager:8000/x\nstatus: 404\ncontains: hi\nvia: node",
            Kind::Http {
                url: "http://manager:8000/x".into(),
                status: 404,
                contains: Some("hi".into()),
                via: Some(Via::Node),
            },
        ),
        (
            "probe: web\nlost: 2\nduring: update",
            Kind::Probe {
                service: "web".into(),
                lost: 2,
                during_update: true,
            },
        ),
        (
            "ran: docker  node ls\nnode: manager",
            Kind::Ran {
                words: strings(&["docker", "node", "ls"]),
                node: Some("manager".into()),
            },
        ),
        (
            "ran: [docker, node, ls]",
            Kind::Ran {
                words: strings(&["docker", "node", "ls"]),
                node: None,
            },
        ),
    ] {
        assert_eq!(kind(text), expected, "{text}");
    }
}

#[test]
fn the_fields_of_every_check() {
    let (checks, problems) = read_text(
        "- service: web\n  replicas: 3\n- lab: down\n  within: 2m\n  stable_for: 500ms\n  fail: Down with it\n",
    );
    assert_eq!(problems, []);
    assert_eq!(checks[0].within, Duration::from_secs(60));
    assert_eq!(checks[0].stable_for, Duration::from_secs(3));
    assert_eq!((checks[0].line, checks[1].line), (1, 3));
    assert_eq!(checks[1].within, Duration::from_secs(120));
    assert_eq!(checks[1].stable_for, Duration::from_millis(500));
    assert_eq!(checks[1].fail.as_deref(), Some("Down with it"));
}

#[test]
fn every_slip_has_its_place() {
    use ProblemKind::*;
    let wrong = |key: &str, expected: Expected, found: &str| WrongValue {
        key: key.to_owned(),
        expected,
        found: found.to_owned(),
    };
    for (text, expected) in [
        ("", vec![(1, 1, EmptyCheck)]),
        ("# only a comment\n", vec![(1, 1, EmptyCheck)]),
        ("[]", vec![(1, 1, EmptyCheck)]),
        (
            "just words",
            vec![(1, 1, wrong("check", Expected::Mapping, "just words"))],
        ),
        (
            "servise: web\nreplicas: 1\n",
            vec![(
                1,
                1,
                NoKind {
                    similar: Some("service"),
                },
            )],
        ),
        ("replicas: 1\n", vec![(1, 1, NoKind { similar: None })]),
        (
            "service: a\nstack: b\n",
            vec![(
                2,
                1,
                TwoKinds {
                    first: "service",
                    second: "stack",
                },
            )],
        ),
        (
            "lab: on",
            vec![(1, 6, wrong("lab", Expected::OneOf(&LAB), "on"))],
        ),
        (
            "service: a\nreplicas: six\n",
            vec![(
                2,
                11,
                wrong("replicas", Expected::Number(0, MAX_COUNT), "six"),
            )],
        ),
        (
            "service: a\nreplicas: \"6\"\n",
            vec![(
                2,
                11,
                wrong("replicas", Expected::Number(0, MAX_COUNT), "6"),
            )],
        ),
        (
            "service: a\nexists: yes\n",
            vec![(2, 9, wrong("exists", Expected::Boolean, "yes"))],
        ),
        (
            "service: a b\n",
            vec![(1, 10, wrong("service", Expected::Name, "a b"))],
        ),
        (
            "service:\n",
            vec![(1, 1, wrong("service", Expected::Name, ""))],
        ),
        (
            "service: a\npublishes: [5678, 0:1]\n",
            vec![
                (2, 13, wrong("publishes", Expected::PortPair, "5678")),
                (2, 19, wrong("publishes", Expected::PortPair, "0:1")),
            ],
        ),
        (
            "service: a\nmode: globl\n",
            vec![(2, 7, wrong("mode", Expected::OneOf(&MODES), "globl"))],
        ),
        (
            "service: a\nmode: global\nreplicas: 1\n",
            vec![(1, 1, ReplicasOfGlobal)],
        ),
        (
            "service: a\nexists: false\nreplicas: 1\n",
            vec![(3, 1, FieldOfNothing("replicas".into()))],
        ),
        (
            "node: a\nexists: false\nrole: worker\n",
            vec![(3, 1, FieldOfNothing("role".into()))],
        ),
        (
            "stack: a\nexists: false\nservices: 2\n",
            vec![(1, 1, FieldOfNothing("services".into()))],
        ),
        (
            "nodes: many\n",
            vec![(1, 8, wrong("nodes", Expected::NumberOrNames, "many"))],
        ),
        (
            "registry: a/b\n",
            vec![(1, 11, wrong("registry", Expected::Tagged, "a/b"))],
        ),
        (
            "http: https://a\n",
            vec![(1, 7, wrong("http", Expected::Url, "https://a"))],
        ),
        (
            "http: http://a:0/\n",
            vec![(1, 7, wrong("http", Expected::Url, "http://a:0/"))],
        ),
        ("ran: docker exec a ls\n", vec![(1, 6, RanWrapped)]),
        (
            "lab: down\nwithin: 10\n",
            vec![(2, 9, wrong("within", Expected::Duration(600), "10"))],
        ),
        (
            "lab: down\nstable_for: 11s\n",
            vec![(2, 13, StableTooLong { seconds: 10 })],
        ),
        (
            "service: a\nreplicas: 1\nwithin: 2s\n",
            vec![(3, 9, WithinTooShort)],
        ),
        (
            "lab: down\nfail: [a]\n",
            vec![(2, 7, wrong("fail", Expected::Text, "[...]"))],
        ),
        (
            "node: a\nlabels: 3\n",
            vec![(2, 9, wrong("labels", Expected::Mapping, "3"))],
        ),
    ] {
        assert_eq!(read_text(text).1, expected, "{text:?}");
    }
}

#[test]
fn an_unknown_key_names_the_nearest() {
    let (checks, problems) = read_text("service: a\nreplcas: 1\n");
    assert_eq!(checks.len(), 1);
    let [(2, 1, ProblemKind::UnknownKey { place, similar, .. })] = &problems[..] else {
        panic!("{problems:?}");
    };
    assert_eq!(*place, Place::Check("service"));
    assert_eq!(similar.as_deref(), Some("replicas"));
}
