#![allow(clippy::unwrap_used)]

use std::fs;

use tempfile::TempDir;

use super::*;

/// A home folder, and nothing set.
fn empty() -> (TempDir, Environment) {
    let dir = tempfile::tempdir().unwrap();
    let environment = Environment {
        option: None,
        vars: BTreeMap::new(),
        home: Some(dir.path().to_owned()),
        default_socket: dir.path().join("default.sock"),
    };
    (dir, environment)
}

fn set(environment: &mut Environment, name: &str, value: &str) {
    environment.vars.insert(name.to_owned(), value.to_owned());
}

fn add_context(home: &Path, name: &str, json: &str) -> PathBuf {
    let id = crate::lab::image::digest::hex(name.as_bytes());
    let contexts = home.join(".docker/contexts");
    let meta = contexts.join("meta").join(&id);
    fs::create_dir_all(&meta).unwrap();
    fs::write(meta.join("meta.json"), json).unwrap();
    contexts.join("tls").join(id).join("docker")
}

#[test]
fn the_folder_of_a_context_is_what_the_cli_makes() {
    // The folder that Docker Desktop makes.
    assert_eq!(
        crate::lab::image::digest::hex(b"desktop-linux"),
        "fe9c6bd7a66301f49ca9b6a70b217107cd1284598bfc254700c989b916da791e"
    );
}

#[test]
fn the_order_is_the_clis() {
    let (dir, mut environment) = empty();
    let home = dir.path();
    assert_eq!(
        find(&environment),
        Err(FindError::NoSocket {
            looked: vec![
                home.join("default.sock"),
                home.join(".docker/run/docker.sock"),
                home.join(".docker/desktop/docker.sock"),
            ]
        })
    );

    fs::create_dir_all(home.join(".docker/run")).unwrap();
    fs::write(home.join(".docker/run/docker.sock"), "").unwrap();
    assert_eq!(find(&environment).unwrap().because, Because::DesktopSocket);

    fs::create_dir_all(home.join("run")).unwrap();
    fs::write(home.join("run/docker.sock"), "").unwrap();
    set(
        &mut environment,
        "XDG_RUNTIME_DIR",
        home.join("run").to_str().unwrap(),
    );
    assert_eq!(find(&environment).unwrap().because, Because::RootlessSocket);

    fs::write(home.join("default.sock"), "").unwrap();
    assert_eq!(find(&environment).unwrap().because, Because::DefaultSocket);

    fs::write(
        home.join(".docker/config.json"),
        r#"{"auths": {}, "currentContext": "colima"}"#,
    )
    .unwrap();
    add_context(
        home,
        "colima",
        r#"{"Name":"colima","Metadata":{},"Endpoints":{"docker":{"Host":"unix:///c.sock","SkipTLSVerify":false}}}"#,
    );
    let found = find(&environment).unwrap();
    assert_eq!(found.because, Because::CurrentContext("colima".to_owned()));
    assert_eq!(found.endpoint, Endpoint::Unix("/c.sock".into()));

    set(&mut environment, "DOCKER_CONTEXT", "default");
    assert_eq!(find(&environment).unwrap().because, Because::DefaultSocket);

    set(&mut environment, "DOCKER_HOST", "tcp://127.0.0.1:1");
    assert_eq!(find(&environment).unwrap().because, Because::DockerHost);

    environment.option = Some("colima".to_owned());
    assert_eq!(
        find(&environment).unwrap().because,
        Because::OptionContext("colima".to_owned())
    );
    environment.option = Some("ssh://box".to_owned());
    assert_eq!(find(&environment).unwrap().because, Because::Option);
}

#[test]
fn an_empty_variable_is_unset() {
    let (dir, mut environment) = empty();
    fs::write(dir.path().join("default.sock"), "").unwrap();
    set(&mut environment, "DOCKER_HOST", "");
    set(&mut environment, "DOCKER_CONTEXT", "");
    assert_eq!(find(&environment).unwrap().because, Because::DefaultSocket);
}

#[test]
fn tls_comes_from_the_environment_or_with_the_context() {
    let (dir, mut environment) = empty();
    let certs = dir.path().join("certs");
    fs::create_dir_all(&certs).unwrap();
    for name in ["ca.pem", "cert.pem", "key.pem"] {
        fs::write(certs.join(name), "").unwrap();
    }
    set(&mut environment, "DOCKER_HOST", "tcp://box");
    set(&mut environment, "DOCKER_TLS_VERIFY", "1");
    set(
        &mut environment,
        "DOCKER_CERT_PATH",
        certs.to_str().unwrap(),
    );
    assert_eq!(
        find(&environment).unwrap().endpoint,
        Endpoint::Tls {
            host: "box".to_owned(),
            port: 2376,
            certs: Certs {
                ca: Some(certs.join("ca.pem")),
                cert: Some(certs.join("cert.pem")),
                key: Some(certs.join("key.pem")),
                verify: true,
            },
        }
    );

    let (dir, mut environment) = empty();
    let tls = add_context(
        dir.path(),
        "far",
        r#"{"Name":"far","Endpoints":{"docker":{"Host":"tcp://far:2376"}}}"#,
    );
    fs::create_dir_all(&tls).unwrap();
    fs::write(tls.join("ca.pem"), "").unwrap();
    set(&mut environment, "DOCKER_CONTEXT", "far");
    let Endpoint::Tls { certs, .. } = find(&environment).unwrap().endpoint else {
        panic!("no TLS");
    };
    assert_eq!(certs.ca, Some(tls.join("ca.pem")));
    assert_eq!(certs.cert, None);
    assert!(certs.verify);
}

#[test]
fn a_context_that_is_not_there_names_those_that_are() {
    let (dir, mut environment) = empty();
    add_context(dir.path(), "colima", r#"{"Name":"colima","Endpoints":{}}"#);
    set(&mut environment, "DOCKER_CONTEXT", "colma");
    assert_eq!(
        find(&environment),
        Err(FindError::NoContext {
            name: "colma".to_owned(),
            because: Because::DockerContext("colma".to_owned()),
            known: vec!["colima".to_owned(), "default".to_owned()],
        })
    );
    set(&mut environment, "DOCKER_CONTEXT", "colima");
    assert_eq!(
        find(&environment),
        Err(FindError::NoEndpoint {
            name: "colima".to_owned()
        })
    );
}

#[test]
fn a_damaged_config_of_the_cli_is_left_out_as_the_cli_does() {
    let (dir, mut environment) = empty();
    fs::create_dir_all(dir.path().join(".docker")).unwrap();
    fs::write(dir.path().join(".docker/config.json"), "{").unwrap();
    environment.default_socket = dir.path().join("docker.sock");
    fs::write(&environment.default_socket, "").unwrap();
    assert_eq!(find(&environment).unwrap().because, Because::DefaultSocket);
}

#[test]
fn a_damaged_context_is_named() {
    let (dir, mut environment) = empty();
    environment.option = Some("colima".to_owned());
    add_context(dir.path(), "colima", "{");
    assert!(matches!(
        find(&environment),
        Err(FindError::BadFile { path, .. }) if path.ends_with("meta.json")
    ));
}

fn system(os: Os) -> System {
    System {
        os,
        user: Some("ann".to_owned()),
        engine: true,
        in_docker_group: false,
        systemd: true,
    }
}

fn cannot(because: Because, endpoint: &str, error: ConnectError) -> Trouble {
    Trouble::Connect {
        found: Found {
            endpoint: host::parse(endpoint, None).unwrap(),
            because,
        },
        error,
    }
}

use crate::lab::connect::ConnectError;

#[test]
fn a_socket_that_is_not_for_us() {
    let denied = cannot(
        Because::DefaultSocket,
        "unix://",
        ConnectError::Denied("/var/run/docker.sock".into()),
    );
    let cure = diagnose(&denied, &system(Os::Debian));
    assert_eq!(cure.remedy, Remedy::JoinGroup);
    assert_eq!(
        cure.commands,
        ["sudo usermod -aG docker ann", "newgrp docker"]
    );
    let joined = System {
        in_docker_group: true,
        ..system(Os::Debian)
    };
    assert_eq!(diagnose(&denied, &joined).remedy, Remedy::RenewSession);
}

#[test]
fn not_installed_and_not_running_are_two_things() {
    let none = Trouble::Find(FindError::NoSocket { looked: Vec::new() });
    assert_eq!(
        diagnose(&none, &system(Os::Debian)).commands,
        ["sudo systemctl enable --now docker"]
    );
    let bare = System {
        engine: false,
        ..system(Os::Debian)
    };
    let cure = diagnose(&none, &bare);
    assert_eq!(cure.remedy, Remedy::Install(Os::Debian));
    assert_eq!(cure.commands[1], "sudo apt-get install -y docker.io");
    assert_eq!(
        diagnose(&none, &system(Os::MacOs)).commands,
        ["open -a Docker"]
    );
    let old = System {
        systemd: false,
        ..system(Os::Wsl)
    };
    assert_eq!(
        diagnose(&none, &old).commands,
        ["sudo service docker start"]
    );
}

#[test]
fn a_dead_docker_host_is_unset() {
    let dead = cannot(
        Because::DockerHost,
        "unix:///tmp/gone.sock",
        ConnectError::NoSocket("/tmp/gone.sock".into()),
    );
    let cure = diagnose(&dead, &system(Os::Debian));
    assert_eq!(cure.remedy, Remedy::MendDockerHost);
    assert_eq!(cure.commands, ["unset DOCKER_HOST"]);
}

#[test]
fn what_ssh_says_is_understood() {
    for (said, problem) in [
        ("ann@box: Permission denied (publickey).", SshProblem::Key),
        ("Host key verification failed.", SshProblem::HostKey),
        (
            "bash: line 1: docker: command not found",
            SshProblem::NoDocker,
        ),
        (
            "permission denied while trying to connect to unix:///var/run/docker.sock",
            SshProblem::Denied,
        ),
        (
            "kex_exchange_identification: Connection closed",
            SshProblem::Other,
        ),
    ] {
        let error = ConnectError::Ssh {
            to: "box".to_owned(),
            said: said.to_owned(),
        };
        let trouble = cannot(Because::Option, "ssh://ann@box:2222", error);
        let cure = diagnose(&trouble, &system(Os::Debian));
        assert_eq!(cure.remedy, Remedy::Ssh(problem), "{said}");
        assert!(
            cure.commands
                .last()
                .unwrap()
                .starts_with("ssh -p 2222 ann@box"),
            "{cure:?}"
        );
    }
}

#[test]
fn a_machine_is_told_by_its_files() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path();
    for folder in ["proc", "etc", "usr/bin", "run/systemd/system"] {
        fs::create_dir_all(root.join(folder)).unwrap();
    }
    fs::write(
        root.join("etc/os-release"),
        "NAME=x\nID=linuxmint\nID_LIKE=\"ubuntu debian\"\n",
    )
    .unwrap();
    fs::write(root.join("proc/version"), "Linux version 6.1 (gcc)").unwrap();
    fs::write(root.join("etc/group"), "root:x:0:\ndocker:x:998:bob,ann\n").unwrap();
    fs::write(root.join("usr/bin/dockerd"), "").unwrap();
    let vars = BTreeMap::from([("USER".to_owned(), "ann".to_owned())]);
    assert_eq!(
        System::read(root, false, &vars),
        System {
            os: Os::Debian,
            user: Some("ann".to_owned()),
            engine: true,
            in_docker_group: true,
            systemd: true,
        }
    );
    fs::write(
        root.join("proc/version"),
        "Linux 5.15-microsoft-standard-WSL2",
    )
    .unwrap();
    assert_eq!(System::read(root, false, &vars).os, Os::Wsl);
    let odd = BTreeMap::from([("USER".to_owned(), "a;rm -rf".to_owned())]);
    assert_eq!(System::read(root, false, &odd).user, None);
}

#[test]
fn an_engine_of_the_users_own_is_started_by_the_user() {
    let connect = |because, error| Trouble::Connect {
        found: Found {
            endpoint: Endpoint::Unix("/run/user/1000/docker.sock".into()),
            because,
        },
        error,
    };
    let refused = || ConnectError::Refused("unix".to_owned());
    let of = |trouble: &Trouble| diagnose(trouble, &system(Os::Debian)).commands;
    assert_eq!(
        of(&connect(Because::RootlessSocket, refused())),
        ["systemctl --user start docker"]
    );
    assert_eq!(
        of(&connect(Because::DesktopSocket, refused())),
        ["systemctl --user start docker-desktop"]
    );
    assert_eq!(
        of(&connect(
            Because::RootlessSocket,
            ConnectError::Silent("unix".to_owned())
        )),
        [
            "systemctl --user status docker",
            "systemctl --user restart docker"
        ]
    );
    let mac = connect(Because::DesktopSocket, refused());
    assert_eq!(
        diagnose(&mac, &system(Os::MacOs)).commands,
        ["open -a Docker"]
    );
}

#[test]
fn what_a_shell_would_read_is_not_put_into_a_command() {
    let trouble = |host: &str| Trouble::Connect {
        found: Found {
            endpoint: Endpoint::Ssh {
                user: None,
                host: host.to_owned(),
                port: Some(2222),
                path: None,
            },
            because: Because::DockerHost,
        },
        error: ConnectError::Ssh {
            to: host.to_owned(),
            said: "REMOTE HOST IDENTIFICATION HAS CHANGED!".to_owned(),
        },
    };
    let of = |host: &str| diagnose(&trouble(host), &system(Os::Debian)).commands;
    assert_eq!(of("box"), ["ssh-keygen -R '[box]:2222'", "ssh -p 2222 box"]);
    assert!(of("box;reboot").is_empty());
}
