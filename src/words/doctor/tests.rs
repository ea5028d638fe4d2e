use super::*;
use crate::doctor::{Folder, IpVs, LangFrom, Terminal};
use crate::lab::connect::{ConnectError, Endpoint};
use crate::lab::find::{self, Because, Found, Os, System, Trouble};
use crate::lab::{LabError, OldImage, Stock, Stocked, Survey};
use crate::progress::Why;

fn cured(trouble: Trouble) -> (Trouble, find::Cure) {
    let system = System {
        os: Os::Debian,
        user: Some("ann".to_owned()),
        engine: true,
        in_docker_group: false,
        systemd: true,
    };
    let cure = find::diagnose(&trouble, &system);
    (trouble, cure)
}

fn image(node: bool, stocked: Stocked) -> Finding {
    Finding::Image(Stock {
        image: if node { "docker:dind" } else { "registry:2" }.to_owned(),
        node,
        stocked,
        size: None,
    })
}

fn not_up() -> LabError {
    LabError::NotUp {
        node: "manager".to_owned(),
        log: "failed to mount overlay: operation not permitted".to_owned(),
        cause: None,
    }
}

/// One of each kind, and of each that has its own sentence.
fn all() -> Vec<Finding> {
    let found = || Found {
        endpoint: Endpoint::Unix("/var/run/docker.sock".into()),
        because: Because::DefaultSocket,
    };
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    let (trouble, cure) = cured(Trouble::Connect {
        found: found(),
        error: ConnectError::Denied("/var/run/docker.sock".into()),
    });
    let mesh = |ip_vs, lessons: &[&str]| Finding::Mesh {
        ip_vs,
        lessons: names(lessons),
        root: crate::doctor::Root::No,
    };
    let memory = |have, never| Finding::Memory {
        have,
        need: 520_000_000,
        never,
    };
    let disk = |have| Finding::Disk {
        have,
        need: 1_500_000_000,
        root: "/var/lib/docker".into(),
    };
    let registry = |silent: bool, needed| Finding::Registry {
        registry: "docker.io".to_owned(),
        silent: silent.then(|| "dial tcp: no route to host".to_owned()),
        needed,
    };
    let confined = |rootless, ran| Finding::Confined { rootless, ran };
    let terminal = |interactive, width, colour, unicode| {
        Finding::Terminal(Terminal {
            interactive,
            width,
            colour,
            unicode,
        })
    };
    let missing = || Stocked::Missing("no route to host".to_owned());
    let mut all = vec![
        Finding::Engine {
            found: found(),
            survey: Survey {
                version: "28.5.1".to_owned(),
                api: "1.51".to_owned(),
                os: "linux".to_owned(),
                arch: "amd64".to_owned(),
                ..Survey::default()
            },
        },
        Finding::NoEngine(trouble, cure),
        Finding::EngineFails(LabError::Engine {
            doing: "answer /info".to_owned(),
            message: "internal error".to_owned(),
            status: Some(500),
        }),
        Finding::OldApi("1.39".to_owned()),
        Finding::Cgroup("2".to_owned(), "systemd".to_owned()),
        Finding::Security(Vec::new()),
        Finding::Security(names(&["seccomp", "apparmor"])),
        confined(true, true),
        confined(true, false),
        confined(false, true),
        confined(false, false),
        Finding::NodeRuns(1.92),
        Finding::NodeFails {
            error: not_up(),
            cause: None,
        },
        Finding::NodeFails {
            error: not_up(),
            cause: Some(cured(Trouble::Rootless)),
        },
        Finding::NodeNotTried(true),
        Finding::NodeNotTried(false),
        Finding::NodeStopped,
        Finding::Unconfined,
        image(true, Stocked::There),
        image(
            true,
            Stocked::StandIn("swarmlings/node:28-0.1.0".to_owned()),
        ),
        image(true, Stocked::Makeable),
        image(true, Stocked::Pullable),
        image(true, missing()),
        image(false, missing()),
        registry(false, true),
        registry(true, false),
        registry(true, true),
        mesh(Some(IpVs::Loaded), &[]),
        mesh(Some(IpVs::Loadable), &[]),
        mesh(Some(IpVs::Missing), &["service", "update"]),
        mesh(Some(IpVs::Missing), &[]),
        mesh(None, &[]),
        memory(8_000_000_000, false),
        memory(300_000_000, false),
        memory(400_000_000, true),
        disk(68_000_000_000),
        disk(900_000_000),
        Finding::PortsFree(vec![5000, 8000]),
        Finding::PortsTaken(vec![
            (5000, "registry".to_owned()),
            (8000, "manager".to_owned()),
        ]),
        Finding::Subnet("10.213.100.0/24".to_owned()),
        Finding::NoSubnet,
        Finding::Proxy(names(&["HTTPS_PROXY", "Docker Engine"])),
        Finding::DockerCli(true),
        Finding::DockerCli(false),
        Finding::Leftover {
            lab: "old".to_owned(),
            containers: 4,
            networks: 1,
        },
        Finding::OldImages(vec![OldImage {
            name: "swarmlings/node:27-0.1.0".to_owned(),
            size: 226_000_000,
        }]),
        terminal(false, 80, false, false),
        terminal(true, 120, true, true),
        terminal(true, 60, false, true),
        terminal(true, 80, true, false),
        Finding::Language(Lang::En, LangFrom::Locale, None),
        Finding::Language(Lang::Ko, LangFrom::Locale, Some("ko_KR.UTF-8".to_owned())),
        Finding::Language(Lang::Ko, LangFrom::CommandLine, Some("C.UTF-8".to_owned())),
        Finding::Language(Lang::Ko, LangFrom::Settings, None),
    ];
    for slow in [false, true] {
        let driver = if slow { "vfs" } else { "overlay2" }.to_owned();
        all.push(Finding::Storage { driver, slow });
    }
    let path = || "/home/ann/x/swarmlings".into();
    for folder in [Folder::State, Folder::Config, Folder::Cache] {
        all.push(Finding::Folder(folder, path(), None));
        all.push(Finding::Folder(folder, path(), Some(Why::Permission)));
    }
    for why in [
        Why::ReadOnly,
        Why::Full,
        Why::NotAFolder,
        Why::Other("Input/output error".to_owned()),
    ] {
        all.push(Finding::Folder(Folder::Cache, path(), Some(why)));
    }
    all
}

fn said(lang: Lang) -> String {
    let mut text = String::new();
    for finding in all() {
        let level = level(lang, finding.level());
        text.push_str(&format!("{level} {}\n", says(lang, &finding)));
        for line in cure(lang, &finding).into_iter().chain(finding.commands()) {
            text.push_str(&format!("    {line}\n"));
        }
    }
    for fix in [
        Fixed::Images(3),
        Fixed::NoImages("x.".to_owned()),
        Fixed::Modprobe,
        Fixed::NoModprobe("module not found".to_owned()),
        Fixed::Leftovers(4, 1),
        Fixed::NoLeftovers("x.".to_owned()),
        Fixed::OldImages(2),
    ] {
        text.push_str(&format!("fixed: {}\n", fixed(lang, &fix)));
    }
    for (problems, notes) in [(0, 0), (0, 1), (0, 2), (1, 0), (2, 3)] {
        text.push_str(&format!("{}\n", conclusion(lang, problems, notes)));
    }
    text
}

#[test]
fn in_english() {
    insta::assert_snapshot!(said(Lang::En));
}

#[test]
fn in_korean() {
    insta::assert_snapshot!(said(Lang::Ko));
}

#[test]
fn what_is_bad_has_a_cure() {
    for finding in all() {
        let told_with_it = matches!(finding, Finding::EngineFails(_));
        if finding.level() > Level::Ok && !told_with_it {
            for lang in [Lang::En, Lang::Ko] {
                assert!(cure(lang, &finding).is_some(), "{finding:?}");
            }
        }
    }
}
