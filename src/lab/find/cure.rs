//! From what is wrong with the engine to what to do about it, on this kind of
//! machine. Facts in, enums and commands out; `words::engine` makes sentences.

use std::collections::BTreeMap;
use std::path::Path;

use super::{Because, FindError, Found};
use crate::lab::connect::{ConnectError, Endpoint};

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// No endpoint could be named.
    Find(FindError),
    /// The endpoint does not answer.
    Connect {
        /// Which.
        found: Found,
        /// Why.
        error: ConnectError,
    },
    /// The engine runs Windows containers (`OSType` is `windows`).
    WindowsContainers,
    /// Something else answers there, e.g. Podman, which has no swarm mode.
    NotDocker(String),
    /// The engine runs rootless, and could not run a node.
    Rootless,
    /// The engine maps users (`userns-remap`), and could not run a node.
    UserNamespaces,
}

/// The machine as far as a cure depends on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct System {
    /// Which kind.
    pub os: Os,
    /// The user's name, where it is plain enough to stand in a command.
    pub user: Option<String>,
    /// An engine is installed here (`dockerd` is there).
    pub engine: bool,
    /// The user is in the group `docker` by `/etc/group`; a session from before
    /// that is not.
    pub in_docker_group: bool,
    /// systemd runs the services.
    pub systemd: bool,
}

/// Kinds of machines that have cures of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Os {
    /// Debian, Ubuntu and their children.
    Debian,
    /// Fedora and its kin.
    Fedora,
    /// Any other Linux.
    Linux,
    /// macOS.
    MacOs,
    /// A Linux in WSL 2.
    Wsl,
}

/// What to do, and the commands that do it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cure {
    /// What.
    pub remedy: Remedy,
    /// To be typed by the user, in this order; empty where no command does it.
    pub commands: Vec<String>,
}

/// What to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Remedy {
    /// Install Docker.
    Install(Os),
    /// Start the engine.
    Start(Os),
    /// Join the group `docker`.
    JoinGroup,
    /// The group is joined; this session does not know yet.
    RenewSession,
    /// A socket that is neither default nor ours: ask its owner, or use another.
    OtherSocket,
    /// `DOCKER_HOST` points at nothing that answers: mend it or unset it.
    MendDockerHost,
    /// `DOCKER_CONTEXT` does: unset it.
    MendDockerContext,
    /// The current context does: choose another.
    ChooseContext,
    /// `--docker` does: leave it out or give another.
    MendOption,
    /// Mend a file of the docker CLI.
    MendFile,
    /// ssh's own trouble.
    Ssh(SshProblem),
    /// Certificates do not fit.
    Certificates,
    /// The name has no address, or nothing answers there.
    CheckAddress,
    /// It wants TLS: say where the certificates are.
    UseTls,
    /// It speaks no TLS: don't ask for it.
    NoTls,
    /// It may be starting, be paused, or hang.
    WaitOrRestart(Os),
    /// Switch Docker Desktop to Linux containers.
    LinuxContainers,
    /// Use Docker's own engine.
    UseDocker(Os),
    /// Use an engine that runs as root.
    UseRootful,
    /// Take `userns-remap` out of `daemon.json`.
    NoUserNamespaces,
}

/// What ssh stumbled over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SshProblem {
    /// There is no `ssh` here.
    Missing,
    /// No key that the host takes; we can't ask for passwords.
    Key,
    /// The host is not known.
    HostKey,
    /// The host shows another key than before.
    ChangedKey,
    /// ssh works; there is no docker on the other side.
    NoDocker,
    /// ssh and docker work; the user there may not use the engine.
    Denied,
    /// ssh and docker work; no engine listens there.
    NotRunning,
    /// Anything else.
    Other,
}

impl System {
    /// This machine.
    pub fn of_machine() -> System {
        let vars = super::Environment::of_process(None).vars;
        System::read(Path::new("/"), std::env::consts::OS == "macos", &vars)
    }

    /// The machine whose files lie under `root`.
    pub fn read(root: &Path, macos: bool, vars: &BTreeMap<String, String>) -> System {
        let text = |path: &str| std::fs::read_to_string(root.join(path)).unwrap_or_default();
        let user = ["USER", "LOGNAME"]
            .iter()
            .find_map(|name| vars.get(*name))
            .filter(|user| is_plain(user))
            .cloned();
        System {
            os: match macos {
                true => Os::MacOs,
                false => os(&text("proc/version"), &text("etc/os-release")),
            },
            engine: [
                "usr/bin/dockerd",
                "usr/sbin/dockerd",
                "usr/local/bin/dockerd",
            ]
            .iter()
            .any(|path| root.join(path).exists()),
            in_docker_group: user
                .as_deref()
                .is_some_and(|user| is_member(&text("etc/group"), user)),
            user,
            systemd: root.join("run/systemd/system").is_dir(),
        }
    }
}

/// A user's name as `useradd` makes it: nothing in it that a shell would read.
fn is_plain(user: &str) -> bool {
    !user.is_empty()
        && !user.starts_with('-')
        && user
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'))
}

fn os(version: &str, release: &str) -> Os {
    if version.to_ascii_lowercase().contains("microsoft") {
        return Os::Wsl;
    }
    let ids: Vec<&str> = release
        .lines()
        .filter_map(|line| line.strip_prefix("ID=").or(line.strip_prefix("ID_LIKE=")))
        .flat_map(|ids| ids.trim_matches('"').split_ascii_whitespace())
        .collect();
    if ids.iter().any(|id| matches!(*id, "debian" | "ubuntu")) {
        Os::Debian
    } else if ids.iter().any(|id| matches!(*id, "fedora" | "rhel")) {
        Os::Fedora
    } else {
        Os::Linux
    }
}

fn is_member(groups: &str, user: &str) -> bool {
    groups
        .lines()
        .filter_map(|line| line.strip_prefix("docker:"))
        .filter_map(|rest| rest.rsplit(':').next())
        .flat_map(|members| members.split(','))
        .any(|member| member == user)
}

/// The cure for `trouble` on `system`.
pub fn diagnose(trouble: &Trouble, system: &System) -> Cure {
    match trouble {
        Trouble::Find(error) => of_find(error, system),
        Trouble::Connect { found, error } => of_connect(found, error, system),
        Trouble::WindowsContainers => cure(
            Remedy::LinuxContainers,
            &[r#"& "$Env:ProgramFiles\Docker\Docker\DockerCli.exe" -SwitchLinuxEngine"#],
        ),
        Trouble::NotDocker(_) => install(Remedy::UseDocker(system.os), system),
        Trouble::Rootless => cure(
            Remedy::UseRootful,
            &["swarmlings --docker unix:///var/run/docker.sock"],
        ),
        Trouble::UserNamespaces => cure(Remedy::NoUserNamespaces, &[]),
    }
}

fn of_find(error: &FindError, system: &System) -> Cure {
    match error {
        FindError::NoSocket { .. } => absent(system),
        FindError::BadFile { .. } => cure(Remedy::MendFile, &[]),
        FindError::NoContext { because, .. } | FindError::BadHost { because, .. } => {
            other_choice(because)
        }
        FindError::NoEndpoint { .. } => {
            cure(Remedy::ChooseContext, &["docker context use default"])
        }
    }
}

fn of_connect(found: &Found, error: &ConnectError, system: &System) -> Cure {
    let usual = matches!(
        found.because,
        Because::DefaultSocket | Because::RootlessSocket | Because::DesktopSocket
    ) || found.endpoint == Endpoint::Unix(super::host::DEFAULT_SOCKET.into());
    match error {
        ConnectError::NoSocket(_) | ConnectError::Refused(_) if usual => {
            match service_of(found, system) {
                Some(service) => cure(
                    Remedy::Start(system.os),
                    &[&format!("systemctl --user start {service}")],
                ),
                None => absent(system),
            }
        }
        ConnectError::NoSocket(_)
        | ConnectError::Refused(_)
        | ConnectError::NotASocket(_)
        | ConnectError::NotAnEngine { .. }
        | ConnectError::Node { .. }
        | ConnectError::Io { .. } => other_choice(&found.because),
        ConnectError::Denied(_) if usual => permission(system),
        ConnectError::Denied(_) => cure(Remedy::OtherSocket, &[]),
        ConnectError::TimedOut(_) | ConnectError::UnknownHost { .. } => {
            cure(Remedy::CheckAddress, &[])
        }
        ConnectError::Certificate { .. } | ConnectError::Tls { .. } => {
            cure(Remedy::Certificates, &[])
        }
        ConnectError::WantsTls(_) => cure(Remedy::UseTls, &["export DOCKER_TLS_VERIFY=1"]),
        ConnectError::NoTls(_) => match found.because {
            Because::Option | Because::DockerHost => {
                cure(Remedy::NoTls, &["unset DOCKER_TLS_VERIFY DOCKER_TLS"])
            }
            _ => other_choice(&found.because),
        },
        ConnectError::Silent(_) | ConnectError::Unwell { .. } => {
            let by_user = service_of(found, system).map(|service| {
                ["status", "restart"].map(|verb| format!("systemctl --user {verb} {service}"))
            });
            let by_root = (system.systemd && usual).then(|| {
                ["systemctl status docker", "sudo systemctl restart docker"].map(str::to_owned)
            });
            Cure {
                remedy: Remedy::WaitOrRestart(system.os),
                commands: by_user.or(by_root).map(Vec::from).unwrap_or_default(),
            }
        }
        ConnectError::NoSsh => cure(Remedy::Ssh(SshProblem::Missing), &[]),
        ConnectError::Ssh { said, .. } => ssh(&found.endpoint, said),
    }
}

/// The service of the user's own that listens at this socket, where systemd
/// runs it.
fn service_of(found: &Found, system: &System) -> Option<&'static str> {
    match found.because {
        _ if !system.systemd || system.os == Os::MacOs => None,
        Because::RootlessSocket => Some("docker"),
        Because::DesktopSocket => Some("docker-desktop"),
        _ => None,
    }
}

/// No engine where one usually is: not installed, or not running.
fn absent(system: &System) -> Cure {
    if !system.engine && !matches!(system.os, Os::MacOs) {
        return install(Remedy::Install(system.os), system);
    }
    let remedy = Remedy::Start(system.os);
    match system.os {
        Os::MacOs => cure(remedy, &["open -a Docker"]),
        _ if system.systemd => cure(remedy, &["sudo systemctl enable --now docker"]),
        _ => cure(remedy, &["sudo service docker start"]),
    }
}

fn install(remedy: Remedy, system: &System) -> Cure {
    let mut commands: Vec<String> = match system.os {
        Os::Debian | Os::Wsl => vec![
            "sudo apt-get update".to_owned(),
            "sudo apt-get install -y docker.io".to_owned(),
        ],
        Os::Fedora => vec![
            "sudo dnf install -y moby-engine docker-cli".to_owned(),
            "sudo systemctl enable --now docker".to_owned(),
        ],
        // What Linux has no name for here, and what macOS has no command for.
        Os::Linux => return cure(remedy, &[]),
        Os::MacOs => {
            return cure(
                remedy,
                &["brew install --cask docker-desktop", "open -a Docker"],
            );
        }
    };
    commands.extend(permission(system).commands);
    Cure { remedy, commands }
}

fn permission(system: &System) -> Cure {
    if system.in_docker_group {
        return cure(Remedy::RenewSession, &["newgrp docker"]);
    }
    let user = system.user.as_deref().unwrap_or("$USER");
    Cure {
        remedy: Remedy::JoinGroup,
        commands: vec![
            format!("sudo usermod -aG docker {user}"),
            "newgrp docker".to_owned(),
        ],
    }
}

fn other_choice(because: &Because) -> Cure {
    match because {
        Because::Option | Because::OptionContext(_) => {
            cure(Remedy::MendOption, &["docker context ls"])
        }
        Because::DockerHost => cure(Remedy::MendDockerHost, &["unset DOCKER_HOST"]),
        Because::DockerContext(_) => cure(Remedy::MendDockerContext, &["unset DOCKER_CONTEXT"]),
        Because::CurrentContext(_) => cure(
            Remedy::ChooseContext,
            &["docker context ls", "docker context use default"],
        ),
        Because::DefaultSocket | Because::RootlessSocket | Because::DesktopSocket => {
            cure(Remedy::OtherSocket, &[])
        }
    }
}

fn ssh(endpoint: &Endpoint, said: &str) -> Cure {
    let said = said.to_ascii_lowercase();
    let problem = if said.contains("remote host identification has changed") {
        SshProblem::ChangedKey
    } else if said.contains("host key verification failed") {
        SshProblem::HostKey
    } else if said.contains("docker.sock") && said.contains("permission denied") {
        SshProblem::Denied
    } else if said.contains("permission denied") || said.contains("too many authentication") {
        SshProblem::Key
    } else if said.contains("not found") && said.contains("docker") {
        SshProblem::NoDocker
    } else if said.contains("dial unix") || said.contains("docker daemon running") {
        SshProblem::NotRunning
    } else {
        SshProblem::Other
    };
    let Endpoint::Ssh {
        user, host, port, ..
    } = endpoint
    else {
        return cure(Remedy::Ssh(problem), &[]);
    };
    // What a shell would read as more than a name is not put into a command.
    let named = |text: &str| is_plain(&text.replace(':', "."));
    if !named(host) || !user.as_deref().is_none_or(named) {
        return cure(Remedy::Ssh(problem), &[]);
    }
    let at = *port;
    let port = port.map(|p| format!("-p {p} ")).unwrap_or_default();
    let user = user.as_ref().map(|u| format!("{u}@")).unwrap_or_default();
    let login = format!("ssh {port}{user}{host}");
    let commands = match problem {
        SshProblem::Key => vec!["ssh-add".to_owned(), format!("{login} docker version")],
        SshProblem::HostKey => vec![login],
        // As `known_hosts` has it: with the port where it is not the usual one.
        SshProblem::ChangedKey => {
            let known = match at {
                Some(at) if at != 22 => format!("'[{host}]:{at}'"),
                _ => host.clone(),
            };
            vec![format!("ssh-keygen -R {known}"), login]
        }
        _ => vec![format!("{login} docker version")],
    };
    Cure {
        remedy: Remedy::Ssh(problem),
        commands,
    }
}

fn cure(remedy: Remedy, commands: &[&str]) -> Cure {
    Cure {
        remedy,
        commands: commands.iter().map(|c| (*c).to_owned()).collect(),
    }
}
