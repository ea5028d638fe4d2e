//! What a compose file may say, and every way to say too much.

use super::super::problem::VolumeFault;
use super::*;

const NODES: &str = "version: \"3\"\nservices:\n  manager:\n    image: docker:dind\n";

fn faults(text: &str) -> Vec<(usize, usize, ProblemKind)> {
    let (compose, problems) = read("compose.yaml", text);
    assert_eq!(compose.is_none(), !problems.is_empty(), "{text}");
    let problems = problems.into_iter();
    problems.map(|p| (p.line, p.column, p.kind)).collect()
}

/// Lines of the manager, from line 5.
fn with(lines: &str) -> Vec<(usize, usize, ProblemKind)> {
    faults(&format!("{NODES}{lines}"))
}

fn lenient(text: &str) -> (Option<Compose>, Vec<Problem>) {
    let (source, _) = Source::new("a", text);
    let mut problems = Problems::new(&source);
    let snip = Snip::of(&source, 0..source.text.len());
    let compose = read_snip(&snip, 0..0, Severity::Warning, &mut problems);
    (compose, problems.finish())
}

#[test]
fn everything_that_is_allowed() {
    let (compose, problems) = read(
        "compose.yaml",
        "version: \"3\"
services:
  registry:
    container_name: registry
    image: registry:latest
    restart: always
    ports: [\"5000:5000\"]
    environment: {A: 1, B: }
    volumes: [\"./registry-data:/var/lib/registry:ro\"]
  manager:
    container_name: manager
    hostname: manager
    image: docker:dind
    privileged: true
    tty: true
    ports:
      - 8000:80
      - 127.0.0.1:9000:9000/udp
    depends_on:
      - registry
    expose:
      - 3375
      - 7946/udp
    command: \"dockerd --insecure-registry registry:5000 --label=zone=a -D\"
    environment:
      - X=y=z
    volumes:
      - \"./stack:/stack\"
",
    );
    assert_eq!(problems, []);
    let compose = compose.unwrap();
    let registry = &compose.services[0];
    assert_eq!(
        registry.environment,
        [
            ("A".to_owned(), "1".to_owned()),
            ("B".to_owned(), String::new())
        ]
    );
    assert_eq!(
        registry.volumes,
        [Bind {
            source: "registry-data".into(),
            target: "/var/lib/registry".into(),
            read_only: true
        }]
    );
    let manager = &compose.services[1];
    assert!(manager.privileged && manager.is_node());
    assert_eq!(manager.depends_on, ["registry"]);
    assert_eq!(manager.expose, ["3375", "7946/udp"]);
    assert_eq!(
        manager.ports,
        [
            PortMapping {
                host: 8000,
                container: 80,
                udp: false
            },
            PortMapping {
                host: 9000,
                container: 9000,
                udp: true
            }
        ]
    );
    assert_eq!(
        manager.command,
        [
            "--insecure-registry",
            "registry:5000",
            "--label=zone=a",
            "-D"
        ]
    );
    assert_eq!(manager.environment, [("X".to_owned(), "y=z".to_owned())]);
}

#[test]
fn every_fault_has_its_place() {
    use ComposeFault::*;
    let volume = |volume: &str, fault| BadVolume {
        volume: volume.to_owned(),
        fault,
    };
    let text = |text: &str| text.to_owned();
    for (lines, line, column, fault) in [
        ("    ports: [80]", 5, 13, BadPort(text("80"))),
        (
            "    ports: [\"80-81:80\"]",
            5,
            13,
            BadPort(text("80-81:80")),
        ),
        ("    ports: [\"0:80\"]", 5, 13, BadPort(text("0:80"))),
        (
            "    ports: [\"0.0.0.0:80:80\"]",
            5,
            13,
            PortAddress(text("0.0.0.0:80:80")),
        ),
        ("    ports: [\"80:80\", \"80:81\"]", 5, 22, PortTwice(80)),
        ("    ports: [\"${P}:80\"]", 5, 13, Variable(text("${P}:80"))),
        ("    expose: [a]", 5, 14, BadExpose(text("a"))),
        (
            "    volumes: [\"/:/host\"]",
            5,
            15,
            volume("/:/host", VolumeFault::Absolute),
        ),
        (
            "    volumes: [\"~/x:/x\"]",
            5,
            15,
            volume("~/x:/x", VolumeFault::Absolute),
        ),
        (
            "    volumes: [\"./a/../../b:/x\"]",
            5,
            15,
            volume("./a/../../b:/x", VolumeFault::Parent),
        ),
        (
            "    volumes: [\"data:/x\"]",
            5,
            15,
            volume("data:/x", VolumeFault::Named),
        ),
        (
            "    volumes: [\"./:/x\"]",
            5,
            15,
            volume("./:/x", VolumeFault::Shape),
        ),
        (
            "    volumes: [\"./a:x\"]",
            5,
            15,
            volume("./a:x", VolumeFault::Shape),
        ),
        (
            "    volumes: [\"./a:/x:z\"]",
            5,
            15,
            volume("./a:/x:z", VolumeFault::Shape),
        ),
        (
            "    volumes: [\"./a:/var//run/./docker.sock\"]",
            5,
            15,
            volume("./a:/var//run/./docker.sock", VolumeFault::Target),
        ),
        (
            "    volumes: [\"./a:/\"]",
            5,
            15,
            volume("./a:/", VolumeFault::Target),
        ),
        (
            "    depends_on: [regstry]\n  registry:\n    image: registry",
            5,
            18,
            UnknownService {
                name: text("regstry"),
                similar: Some(text("registry")),
            },
        ),
        (
            "    depends_on: [manager]",
            5,
            18,
            DependencyRing(vec![text("manager"), text("manager")]),
        ),
        (
            "    depends_on: [b]\n  b:\n    image: docker:dind\n    depends_on: [manager]",
            8,
            18,
            DependencyRing(vec![text("b"), text("manager"), text("b")]),
        ),
        (
            "    command: --host tcp://0.0.0.0",
            5,
            14,
            FlagRefused(text("--host")),
        ),
        ("    command: sh -c x", 5, 14, FlagRefused(text("sh"))),
        ("    command: [--label]", 5, 14, FlagValue(text("--label"))),
        (
            "    command: --log-level loud",
            5,
            14,
            FlagValue(text("--log-level")),
        ),
        (
            "    command: [--label, \"a b\"]",
            5,
            14,
            FlagValue(text("--label")),
        ),
        (
            "    command: --label $X",
            5,
            14,
            Variable(text("--label $X")),
        ),
        (
            "    environment: {https_proxy: x}",
            5,
            19,
            EnvironmentRefused(text("https_proxy")),
        ),
        (
            "    environment: {LD_PRELOAD: x}",
            5,
            19,
            EnvironmentRefused(text("LD_PRELOAD")),
        ),
        (
            "    environment: [\"A B=1\"]",
            5,
            19,
            BadEnvironment(text("A B")),
        ),
        (
            "    hostname: other",
            5,
            15,
            NameDiffers {
                key: "hostname",
                value: text("other"),
                service: text("manager"),
            },
        ),
        (
            "  r:\n    image: registry:2\n    privileged: true",
            7,
            5,
            PrivilegedHelper(text("r")),
        ),
        ("  r:\n    tty: true", 5, 3, NoImage(text("r"))),
        (
            "  \"a/b\":\n    image: x",
            5,
            3,
            BadServiceName(text("a/b")),
        ),
    ] {
        assert_eq!(
            with(lines),
            [(line, column, ProblemKind::Compose(fault))],
            "{lines}"
        );
    }
}

#[test]
fn keys_are_known_or_refused() {
    for (lines, line, similar) in [
        ("    build: .", 5, None),
        ("    privilged: true", 5, Some("privileged")),
        ("    network_mode: host", 5, None),
        ("    pid: host", 5, None),
        ("    cap_add: [ALL]", 5, None),
        ("volumes: {}", 5, None),
        ("serivces: {}", 5, Some("services")),
    ] {
        let faults = with(lines);
        let [(at, _, ProblemKind::UnknownKey { similar: found, .. })] = &faults[..] else {
            panic!("{lines}: {faults:?}");
        };
        assert_eq!((*at, found.as_deref()), (line, similar), "{lines}");
    }
    let long = "    ports:\n      - {target: 80, published: 80}";
    assert!(matches!(
        with(long)[..],
        [(6, 9, ProblemKind::WrongValue { .. })]
    ));
    assert!(matches!(
        with("    depends_on: {a: {condition: x}}")[..],
        [(5, 17, ProblemKind::WrongValue { .. })]
    ));
}

#[test]
fn a_lab_needs_a_node() {
    use ComposeFault::*;
    for (text, fault) in [
        ("", NoServices),
        ("services:\n", NoServices),
        ("services: {}\n", NoServices),
        ("version: 3\n", NoServices),
        ("services:\n  a:\n    image: nginx\n", NoNode),
    ] {
        let faults = faults(text);
        assert_eq!(faults.len(), 1, "{text}");
        assert_eq!(faults[0].2, ProblemKind::Compose(fault), "{text}");
    }
    let mut many = "services:\n".to_owned();
    for n in 0..20 {
        many += &format!("  n{n}: {{image: \"docker:dind\"}}\n");
    }
    assert_eq!(
        faults(&many),
        [(18, 3, ProblemKind::Compose(TooManyServices(MAX_SERVICES)))]
    );
}

#[test]
fn a_tutorial_keeps_what_fits() {
    let (compose, problems) = lenient(
        "services:
  mgr:
    container_name: manager
    hostname: whatever
    image: docker:dind
    depends_on: [registry]
    volumes: [\"/var/run/docker.sock:/var/run/docker.sock\", \"./stack:/stack\"]
    build: .
  w1:
    image: docker:dind
    depends_on:
      mgr: {condition: service_started}
",
    );
    assert!(problems.iter().all(|problem| !problem.is_error()));
    assert_eq!(problems.len(), 3);
    let compose = compose.unwrap();
    assert_eq!(compose.services[0].name, "manager");
    assert_eq!(compose.services[0].volumes.len(), 1);
    assert!(compose.services[0].depends_on.is_empty());
    assert_eq!(compose.services[1].depends_on, ["manager"]);
}

#[test]
fn hostile_texts_end_quickly() {
    let bomb = "a: &a [x,x]\nb: &b [*a,*a]\nservices: *b\n";
    assert!(read("a", bomb).0.is_none());
    assert!(read("a", &"[".repeat(100_000)).0.is_none());
    assert!(read("a", &"a: ".repeat(100_000)).0.is_none());
    assert!(
        read("a", &"x".repeat(super::super::MAX_BYTES + 1))
            .0
            .is_none()
    );
    assert!(read("a", "services:\n  a\u{1b}b: 1\n").0.is_none());
}
