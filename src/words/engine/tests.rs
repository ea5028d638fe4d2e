use std::path::PathBuf;

use super::*;
use crate::lab::connect::Endpoint;
use crate::lab::find::Os;

fn path() -> PathBuf {
    PathBuf::from("/var/run/docker.sock")
}

fn troubles() -> Vec<Trouble> {
    let connects = [
        ConnectError::NoSocket(path()),
        ConnectError::Denied(path()),
        ConnectError::NotASocket(path()),
        ConnectError::Refused("unix:///var/run/docker.sock".into()),
        ConnectError::TimedOut("tcp://box:2375".into()),
        ConnectError::UnknownHost {
            host: "box".into(),
            cause: "Name or service not known".into(),
        },
        ConnectError::Certificate {
            path: "/certs/ca.pem".into(),
            cause: "no certificate in it".into(),
        },
        ConnectError::Tls {
            at: "tcp://box:2376".into(),
            cause: "invalid peer certificate: UnknownIssuer".into(),
        },
        ConnectError::WantsTls("tcp://box:2376".into()),
        ConnectError::NoTls("tcp://box:2375".into()),
        ConnectError::NotAnEngine {
            at: "tcp://box:80".into(),
            said: "HTTP 404".into(),
        },
        ConnectError::Silent("unix:///var/run/docker.sock".into()),
        ConnectError::Unwell {
            at: "unix:///var/run/docker.sock".into(),
            status: 503,
            message: "Docker Desktop is manually paused".into(),
        },
        ConnectError::NoSsh,
        ConnectError::Ssh {
            to: "box".into(),
            said: "ann@box: Permission denied (publickey).".into(),
        },
        ConnectError::Node {
            node: "manager".into(),
            said: String::new(),
        },
        ConnectError::Io {
            at: "tcp://box:1".into(),
            cause: "No route to host".into(),
        },
    ];
    let becauses = [
        Because::DefaultSocket,
        Because::Option,
        Because::DockerHost,
        Because::DockerContext("colima".into()),
        Because::CurrentContext("colima".into()),
        Because::RootlessSocket,
        Because::DesktopSocket,
    ];
    let mut troubles: Vec<Trouble> = connects
        .into_iter()
        .zip(becauses.into_iter().cycle())
        .map(|(error, because)| Trouble::Connect {
            found: Found {
                endpoint: Endpoint::Unix(path()),
                because,
            },
            error,
        })
        .collect();
    let bad_host = |host: &str, problem| FindError::BadHost {
        host: host.into(),
        because: Because::DockerHost,
        problem,
    };
    let finds = [
        FindError::NoContext {
            name: "colma".into(),
            because: Because::DockerContext("colma".into()),
            known: vec!["colima".into(), "default".into()],
        },
        FindError::BadFile {
            path: "/home/ann/.docker/contexts/meta/1/meta.json".into(),
            cause: "EOF while parsing".into(),
        },
        FindError::NoEndpoint {
            name: "cloud".into(),
        },
        FindError::NoSocket {
            looked: vec![path()],
        },
        bad_host("npipe:////./pipe/docker_engine", HostProblem::NamedPipe),
        bad_host("fd://", HostProblem::Scheme("fd".into())),
        bad_host("ssh://", HostProblem::NoHost),
        bad_host("tcp://a:x", HostProblem::Port("x".into())),
        bad_host("unix://a", HostProblem::RelativeSocket),
        bad_host("tcp://a:1/b", HostProblem::Path("/b".into())),
        bad_host("ssh://a:b@c", HostProblem::Password),
        bad_host("tcp://a b", HostProblem::Character(' ')),
    ];
    troubles.extend(finds.into_iter().map(Trouble::Find));
    troubles.extend([
        Trouble::WindowsContainers,
        Trouble::NotDocker("Podman Engine".into()),
        Trouble::Rootless,
        Trouble::UserNamespaces,
    ]);
    troubles
}

#[test]
fn troubles_and_their_cures() {
    use crate::lab::find::{System, diagnose};
    let system = System {
        os: Os::Debian,
        user: Some("ann".into()),
        engine: true,
        in_docker_group: false,
        systemd: true,
    };
    let mut text = String::new();
    for trouble in troubles() {
        let cure = diagnose(&trouble, &system);
        for lang in [Lang::En, Lang::Ko] {
            text.push_str(&self::trouble(&trouble, lang));
            text.push_str("\n  ");
            text.push_str(remedy(&cure.remedy, lang));
            text.push('\n');
        }
        for command in &cure.commands {
            text.push_str("      ");
            text.push_str(command);
            text.push('\n');
        }
        text.push('\n');
    }
    insta::assert_snapshot!(text);
}

#[test]
fn what_ssh_says_of_a_changed_key_is_short() {
    let said = "@@@@@@\n@  WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!  @\n@@@@@@\n\
        IT IS POSSIBLE THAT SOMEONE IS DOING SOMETHING NASTY!\nand\nmany\nmore\n\
        Host key for box has changed and you have requested strict checking.\n\
        Host key verification failed.";
    assert_eq!(
        of_ssh(said),
        "Host key for box has changed and you have requested strict checking.\n\
         Host key verification failed."
    );
    assert_eq!(of_ssh("one line"), "one line");
}

#[test]
fn images() {
    let errors = [
        ImageError::Missing(vec!["dockerd".into(), "runc".into()]),
        ImageError::MissingLibraries(vec!["libz.so.1".into()]),
        ImageError::Ldd("No such file or directory (os error 2)".into()),
        ImageError::Read {
            path: "/usr/bin/dockerd".into(),
            cause: "Permission denied".into(),
        },
        ImageError::Changed("/usr/bin/dockerd".into()),
        ImageError::Write {
            path: "/home/ann/.cache/swarmlings".into(),
            cause: "No space left on device".into(),
        },
        ImageError::OtherMachine {
            engine: "linux/arm64".into(),
            here: "linux/amd64".into(),
        },
    ];
    let text: Vec<String> = errors
        .iter()
        .flat_map(|error| [Lang::En, Lang::Ko].map(|lang| image_error(error, lang)))
        .collect();
    insta::assert_snapshot!(text.join("\n"));
}
