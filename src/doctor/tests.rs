#![allow(clippy::unwrap_used)]

use super::*;
use crate::lab::connect::{ConnectError, Endpoint};
use crate::lab::find::{Because, Os};
use crate::lab::{RelicKind, Stocked};

fn found() -> Found {
    Found {
        endpoint: Endpoint::Unix("/var/run/docker.sock".into()),
        because: Because::DefaultSocket,
    }
}

fn system() -> System {
    System {
        os: Os::Debian,
        user: Some("ann".to_owned()),
        engine: true,
        in_docker_group: true,
        systemd: true,
    }
}

fn stock(image: &str, node: bool, stocked: Stocked) -> Stock {
    Stock {
        image: image.to_owned(),
        node,
        size: None,
        stocked,
    }
}

/// A machine on which all is well.
fn facts() -> Facts {
    Facts {
        engine: Ok(engine()),
        system: system(),
        host: Host {
            ip_vs: Some(IpVs::Loaded),
            memory: Some(8_000_000_000),
            docker_cli: true,
            folders: vec![(Folder::State, "/s".into(), None)],
            ..Host::default()
        },
        course: Course {
            nodes: 4,
            ports: vec![(8000, "manager".to_owned()), (5000, "registry".to_owned())],
            mesh_lessons: vec!["service".to_owned()],
        },
    }
}

fn engine() -> Engine {
    Engine {
        found: found(),
        survey: Survey {
            version: "28.0".to_owned(),
            api: "1.48".to_owned(),
            os: "linux".to_owned(),
            storage: "overlay2".to_owned(),
            cgroup: "2".to_owned(),
            memory: 16_000_000_000,
            local: true,
            ..Survey::default()
        },
        stock: vec![
            stock("docker:dind", true, Stocked::There),
            stock("registry:2", false, Stocked::Makeable),
        ],
        registry: Err("no route".to_owned()),
        published: Vec::new(),
        subnet: Some("10.213.100.0/24".to_owned()),
        disk: Some(50_000_000_000),
        relics: Vec::new(),
        old_images: Vec::new(),
        trial: Trial::Runs(1.5),
    }
}

/// What is not as it should be, as `id level`.
fn bad(facts: Facts) -> Vec<String> {
    judge(facts)
        .iter()
        .filter(|finding| finding.level() > Level::Ok)
        .map(|finding| format!("{} {:?}", finding.id(), finding.level()))
        .collect()
}

fn with(change: impl FnOnce(&mut Engine)) -> Vec<String> {
    let mut facts = facts();
    change(facts.engine.as_mut().unwrap());
    bad(facts)
}

fn with_host(change: impl FnOnce(&mut Host)) -> Vec<String> {
    let mut facts = facts();
    change(&mut facts.host);
    bad(facts)
}

#[test]
fn where_all_is_well_nothing_is_bad() {
    let findings = judge(facts());
    assert!(can_run(&findings));
    assert_eq!(bad(facts()), [""; 0]);
    assert!(findings.iter().all(|finding| finding.commands().is_empty()));
}

#[test]
fn without_an_engine_what_can_be_told_is_told() {
    let mut none = facts();
    none.engine = Err(Unusable::Trouble(Trouble::Connect {
        found: found(),
        error: ConnectError::NoSocket("/var/run/docker.sock".into()),
    }));
    let findings = judge(none);
    assert!(!can_run(&findings));
    let ids: Vec<&str> = findings.iter().map(Finding::id).collect();
    assert_eq!(
        ids,
        [
            "engine",
            "memory",
            "docker_cli",
            "state_folder",
            "terminal",
            "locale"
        ]
    );
    assert_eq!(
        findings[0].commands(),
        ["sudo systemctl enable --now docker"]
    );
}

#[test]
fn what_is_no_docker_for_linux_is_the_one_thing_said_of_it() {
    for (product, os) in [("Podman Engine", "linux"), ("", "windows")] {
        let said = with(|engine| {
            engine.survey.product = product.to_owned();
            engine.survey.os = os.to_owned();
        });
        assert_eq!(said, ["engine Problem"]);
    }
}

#[test]
fn images_matter_as_far_as_they_can_be_had() {
    let missing = || Stocked::Missing("offline".to_owned());
    assert_eq!(
        with(|engine| engine.stock = vec![stock("docker:dind", true, missing())]),
        ["image Problem", "registry Note"]
    );
    assert_eq!(
        with(|engine| engine.stock[1].stocked = missing()),
        ["image Note", "registry Note"]
    );
    assert_eq!(
        with(|engine| {
            engine.stock[0].stocked = Stocked::Pullable;
            engine.registry = Ok(());
            engine.trial = Trial::NotTried;
        }),
        ["image Note", "node Note"]
    );
}

#[test]
fn what_can_not_be_had_is_told_once_and_no_cure_promises_it() {
    let mut facts = facts();
    let engine = facts.engine.as_mut().unwrap();
    let why = "no route; not on this machine: dockerd".to_owned();
    engine.stock = vec![stock("docker:dind", true, Stocked::Missing(why))];
    engine.trial = Trial::NotTried;
    let findings = judge(facts);
    let missing = findings.iter().find_map(|finding| match finding {
        Finding::Image(image) => Some(&image.stocked),
        _ => None,
    });
    let rest = Stocked::Missing("not on this machine: dockerd".to_owned());
    assert_eq!(missing, Some(&rest));
    let node = findings.iter().find(|finding| finding.id() == "node");
    assert!(node.unwrap().commands().is_empty());
}

#[test]
fn a_node_that_does_not_come_up_is_a_problem_with_its_cause() {
    let fails = || {
        Trial::Fails(LabError::NotUp {
            node: "manager".to_owned(),
            log: "x".to_owned(),
            cause: None,
        })
    };
    assert_eq!(with(|engine| engine.trial = fails()), ["node Problem"]);
    let mut rootless = facts();
    let engine = rootless.engine.as_mut().unwrap();
    engine.trial = fails();
    engine.survey.security = vec!["rootless".to_owned()];
    let findings = judge(rootless);
    let node = findings
        .iter()
        .find(|finding| finding.id() == "node")
        .unwrap();
    assert!(matches!(
        node,
        Finding::NodeFails {
            cause: Some((Trouble::Rootless, _)),
            ..
        }
    ));
    // What is no fault of the engine is not blamed on it.
    let taken = with(|engine| {
        engine.survey.security = vec!["userns".to_owned()];
        engine.trial = Trial::Fails(LabError::NameTaken { name: "x".into() });
    });
    assert_eq!(taken, ["node Problem"]);
    let untried = with(|engine| {
        engine.survey.security = vec!["rootless".to_owned()];
        engine.trial = Trial::NotTried;
    });
    assert_eq!(untried, ["node Note", "rootless Note"]);
}

#[test]
fn memory_and_disk() {
    assert_eq!(
        with_host(|host| host.memory = Some(300_000_000)),
        ["memory Note"]
    );
    assert_eq!(
        with(|engine| engine.survey.memory = 400_000_000),
        ["memory Problem"]
    );
    assert_eq!(
        with(|engine| engine.disk = Some(1_000_000_000)),
        ["disk Problem"]
    );
    // What is free here is nothing to an engine elsewhere.
    let mut remote = facts();
    remote.host.memory = Some(300_000_000);
    remote.engine.as_mut().unwrap().survey.local = false;
    assert_eq!(bad(remote), [""; 0]);
    let ready = with(|engine| {
        engine.disk = Some(1_000_000_000);
        engine.stock[1].stocked = Stocked::There;
    });
    assert_eq!(ready, [""; 0]);
    assert_eq!(with(|engine| engine.disk = None), [""; 0]);
}

#[test]
fn a_port_of_the_labs_own_is_not_taken() {
    assert_eq!(with_host(|host| host.taken = vec![8000]), ["ports Note"]);
    let mut ours = facts();
    ours.host.taken = vec![8000];
    ours.engine.as_mut().unwrap().published = vec![8000];
    assert_eq!(bad(ours), [""; 0]);
}

#[test]
fn the_mesh_matters_to_lessons_that_show_it() {
    assert_eq!(
        with_host(|host| host.ip_vs = Some(IpVs::Missing)),
        ["mesh Note"]
    );
    assert_eq!(with_host(|host| host.ip_vs = Some(IpVs::Loadable)), [""; 0]);
    let mut none = facts();
    none.host.ip_vs = Some(IpVs::Missing);
    none.course.mesh_lessons.clear();
    assert_eq!(bad(none), [""; 0]);
    // Another machine's engine has another kernel.
    let mut remote = facts();
    remote.host.ip_vs = Some(IpVs::Missing);
    remote.engine.as_mut().unwrap().survey.local = false;
    assert_eq!(bad(remote), [""; 0]);
}

#[test]
fn ip_vs_is_found_where_kernels_have_it() {
    let missing = Some("kernel/net/ipv4/ip_vti.ko.xz: kernel/a.ko\n");
    let builtin = Some("kernel/net/netfilter/ipvs/ip_vs.ko\n");
    let module = Some("kernel/net/netfilter/ipvs/ip_vs.ko.zst: kernel/net/b.ko\n");
    let other = Some("kernel/x/y.ko: kernel/net/netfilter/ipvs/ip_vs.ko\n");
    assert_eq!(ip_vs(true, None, None), IpVs::Loaded);
    assert_eq!(ip_vs(false, builtin, missing), IpVs::Loaded);
    assert_eq!(ip_vs(false, None, module), IpVs::Loadable);
    assert_eq!(ip_vs(false, missing, other), IpVs::Missing);
    assert_eq!(ip_vs(false, None, None), IpVs::Missing);
}

#[test]
fn only_labs_whose_folder_is_gone_left_something() {
    let relic = |lab: &str, kind, state: Option<&str>| Relic {
        lab: lab.to_owned(),
        kind,
        id: "0".to_owned(),
        state: state.map(PathBuf::from),
    };
    let relics = vec![
        (relic("gone", RelicKind::Container, Some("/gone")), false),
        (relic("gone", RelicKind::Network, Some("/gone")), false),
        (relic("here", RelicKind::Container, Some("/here")), true),
        (relic("silent", RelicKind::Container, None), false),
    ];
    assert_eq!(leftovers(&relics).count(), 2);
    assert_eq!(with(|engine| engine.relics = relics), ["leftovers Note"]);
}

#[test]
fn the_rest_of_the_machine() {
    let unwritable = |folder| {
        with_host(|host| host.folders = vec![(folder, "/x".into(), Some(Why::Permission))])
    };
    assert_eq!(unwritable(Folder::State), ["state_folder Problem"]);
    assert_eq!(unwritable(Folder::Config), ["config_folder Note"]);
    assert_eq!(
        with_host(|host| host.proxies = vec!["HTTP_PROXY".into()]),
        ["proxy Note"]
    );
    assert_eq!(with(|engine| engine.survey.proxy = true), ["proxy Note"]);
    assert_eq!(
        with(|engine| engine.survey.api = "1.40".into()),
        ["api Note"]
    );
    assert_eq!(
        with(|engine| engine.survey.storage = "vfs".into()),
        ["storage Note"]
    );
    assert_eq!(with(|engine| engine.subnet = None), ["subnet Problem"]);
    let narrow = Terminal {
        interactive: true,
        width: 60,
        colour: true,
        unicode: true,
    };
    assert_eq!(with_host(|host| host.terminal = narrow), ["terminal Note"]);
}
