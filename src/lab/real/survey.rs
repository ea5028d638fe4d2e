//! What the outer engine is, and what of ours lies on it: for `doctor`.

use std::collections::HashMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use bollard::query_parameters::{
    ListContainersOptionsBuilder, ListImagesOptionsBuilder, ListNetworksOptionsBuilder,
    RemoveImageOptionsBuilder,
};
use http::Method;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::super::LabError;
use super::images::{Made, OURS};
use super::remove::remove_container;
use super::subnet::{self, Net};
use super::{RealLab, engine_error, is_missing, label, raw_error};
use crate::lab::connect::{ConnectError, RawError};
use crate::lab::image::{STAND_IN, digest};
use crate::model::compose::registry_of;

/// An engine answers the first question at once, also a busy one.
const FIRST_ANSWER: Duration = Duration::from_secs(20);

/// A registry that takes longer is as good as none.
const REGISTRY_WITHIN: Duration = Duration::from_secs(8);

/// How long a registry that did not answer is left alone.
const SILENT_FOR: Duration = Duration::from_secs(60);

/// The outer engine.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Survey {
    /// What answers, e.g. `Docker Engine - Community` or `Podman Engine`; empty
    /// where it does not say.
    pub product: String,
    /// Its version.
    pub version: String,
    /// The newest API it speaks, e.g. `1.41`.
    pub api: String,
    /// `linux` or `windows`.
    pub os: String,
    /// `amd64`
    pub arch: String,
    /// e.g. `Debian GNU/Linux 12 (bookworm)`.
    pub system: String,
    /// The storage driver.
    pub storage: String,
    /// `1` or `2`; empty where it does not say.
    pub cgroup: String,
    /// `systemd` or `cgroupfs`.
    pub cgroup_driver: String,
    /// e.g. `apparmor`, `seccomp`, `selinux`, `rootless`, `userns`.
    pub security: Vec<String>,
    /// Bytes of memory it may use.
    pub memory: u64,
    /// Where its images and containers lie, on its own file system.
    pub root: PathBuf,
    /// It goes out by a proxy.
    pub proxy: bool,
    /// It is on this machine and in its kernel: what we see of disk, memory,
    /// ports and modules is what it has.
    pub local: bool,
}

/// Something of ours on the engine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Relic {
    /// The lab it belongs to.
    pub lab: String,
    /// What it is.
    pub kind: RelicKind,
    /// The engine's id of it.
    pub id: String,
    /// Where the lab's progress lies; `None`: it does not say, or it is on
    /// another machine.
    pub state: Option<PathBuf>,
}

/// Kinds of things that a lab makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RelicKind {
    /// A container, with its volumes.
    Container,
    /// A network.
    Network,
}

/// An image that an older program, or this one for an older engine, made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OldImage {
    /// Its name, below `swarmlings/`.
    pub name: String,
    /// Bytes.
    pub size: u64,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Version {
    platform: Named,
    components: Vec<Named>,
    version: String,
    api_version: String,
    os: String,
    arch: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Named {
    name: String,
}

/// Read bare: bollard's types refuse values that they do not know.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Info {
    driver: String,
    cgroup_version: String,
    cgroup_driver: String,
    operating_system: String,
    kernel_version: String,
    #[serde(rename = "OSType")]
    os_type: String,
    mem_total: u64,
    docker_root_dir: PathBuf,
    security_options: Option<Vec<String>>,
    http_proxy: String,
    https_proxy: String,
}

/// `socket`: it listens on a socket of this machine; Docker Desktop and the like
/// do, and run in a machine of their own (or, in WSL, a distribution of their own).
fn survey_of(version: Version, info: Info, socket: bool, kernel: &str) -> Survey {
    let local = socket
        && info.operating_system != "Docker Desktop"
        && (info.kernel_version.is_empty() || info.kernel_version == kernel);
    let components = version.components.into_iter().map(|part| part.name);
    let product = [version.platform.name]
        .into_iter()
        .chain(components)
        .find(|name| !name.is_empty());
    Survey {
        product: product.unwrap_or_default(),
        version: version.version,
        api: version.api_version,
        os: match info.os_type.is_empty() {
            true => version.os,
            false => info.os_type,
        },
        arch: version.arch,
        system: info.operating_system,
        storage: info.driver,
        cgroup: info.cgroup_version,
        cgroup_driver: info.cgroup_driver,
        security: info
            .security_options
            .unwrap_or_default()
            .iter()
            .map(|option| security_name(option).to_owned())
            .collect(),
        memory: info.mem_total,
        root: info.docker_root_dir,
        proxy: !(info.http_proxy.is_empty() && info.https_proxy.is_empty()),
        local,
    }
}

/// This machine among those of one name, where it says: a part of a digest, as
/// systemd asks for, since the id itself is nobody's business.
pub(super) fn machine() -> Option<String> {
    let id = std::fs::read_to_string("/etc/machine-id").ok()?;
    let id = id.trim();
    (!id.is_empty()).then(|| digest::hex(format!("swarmlings {id}").as_bytes())[..16].to_owned())
}

/// Why there is no answer to the first question.
fn no_engine(at: String, error: RawError) -> ConnectError {
    match error {
        RawError::Connect(error) => error,
        // Go's server says this to a request in the clear, with status 400.
        RawError::Engine { message, .. } if message.contains("to an HTTPS server") => {
            ConnectError::WantsTls(at)
        }
        // An engine has `/version`, and gives its errors in JSON, as words.
        RawError::Engine { status, message }
            if status < 500
                && (status == 404 || message.is_empty() || message.starts_with('<')) =>
        {
            ConnectError::NotAnEngine {
                at,
                said: format!("HTTP {status}"),
            }
        }
        RawError::Engine { status, message } => ConnectError::Unwell {
            at,
            status,
            message: in_short(&message),
        },
        RawError::Http(cause) => ConnectError::NotAnEngine { at, said: cause },
    }
}

/// The first line of what something says, and not too much of it.
fn in_short(words: &str) -> String {
    const MUCH: usize = 200;
    let line = words.trim().lines().next().unwrap_or_default();
    let shown: String = line
        .chars()
        .filter(|c| !c.is_control())
        .take(MUCH)
        .collect();
    match shown.len() < line.len() {
        true => format!("{shown}..."),
        false => shown,
    }
}

/// `name=seccomp,profile=default` -> `seccomp`; older engines say the name alone.
fn security_name(option: &str) -> &str {
    let first = option.split(',').next().unwrap_or(option);
    first.strip_prefix("name=").unwrap_or(first)
}

impl RealLab {
    /// Looks at the engine.
    pub async fn survey(&self) -> Result<Survey, LabError> {
        let version = self.first_answer().await?;
        let info: Info = self.read("/info").await?;
        let kernel = rustix::system::uname();
        let kernel = kernel.release().to_string_lossy();
        Ok(survey_of(version, info, self.is_local(), &kernel))
    }

    /// What the outer engine runs containers of: `linux` or `windows`. The
    /// cheapest question that tells whether it answers: for its version it
    /// starts other programs. What gives no good answer is asked properly.
    pub async fn system(&self) -> Result<String, LabError> {
        let at = self.options.endpoint.to_string();
        match tokio::time::timeout(FIRST_ANSWER, self.raw.ping()).await {
            Ok(Ok(pong)) if !pong.api.is_empty() && !pong.system.is_empty() => Ok(pong.system),
            Ok(_) => Ok(self.first_answer().await?.os),
            Err(_) => Err(LabError::Unreachable(ConnectError::Silent(at))),
        }
    }

    /// The first question. What listens there may be anything, and an engine
    /// that is starting, paused or hung takes connections as well.
    async fn first_answer(&self) -> Result<Version, LabError> {
        let at = self.options.endpoint.to_string();
        let null = serde_json::Value::Null;
        let asking = self.raw.send(Method::GET, "/version", &null);
        let answer = match tokio::time::timeout(FIRST_ANSWER, asking).await {
            Ok(answer) => answer,
            Err(_) => return Err(LabError::Unreachable(ConnectError::Silent(at))),
        };
        let body = answer.map_err(|error| LabError::Unreachable(no_engine(at.clone(), error)))?;
        match serde_json::from_slice::<Version>(&body) {
            Ok(version) if !version.api_version.is_empty() => Ok(version),
            _ => Err(LabError::Unreachable(ConnectError::NotAnEngine {
                at,
                said: in_short(&String::from_utf8_lossy(&body)),
            })),
        }
    }

    async fn read<T: DeserializeOwned>(&self, path: &str) -> Result<T, LabError> {
        let null = serde_json::Value::Null;
        let doing = format!("answer {path}");
        let body = self
            .raw
            .send(Method::GET, path, &null)
            .await
            .map_err(|error| raw_error(&doing, error))?;
        serde_json::from_slice(&body).map_err(|error| LabError::Engine {
            doing,
            message: error.to_string(),
            status: None,
        })
    }

    /// Asks the image's registry for it; the inner error is the engine's words.
    /// A registry that was silent is not asked again for a while: each question
    /// may take as long as the engine waits for a network that is not there.
    pub async fn registry_answers(&self, image: &str) -> Result<Result<(), String>, LabError> {
        let registry = registry_of(image);
        if let Some((at, why)) = self.lock().silent.get(&registry)
            && at.elapsed() < SILENT_FOR
        {
            return Ok(Err(why.clone()));
        }
        let asking = self.docker.inspect_registry_image(image, None);
        let why = match tokio::time::timeout(REGISTRY_WITHIN, asking).await {
            Ok(Ok(_)) => return Ok(Ok(())),
            Ok(Err(error)) => match engine_error("ask the registry", error) {
                // It speaks of this image, not of itself.
                LabError::Engine {
                    message,
                    status: Some(401 | 403 | 404 | 429),
                    ..
                } => return Ok(Err(message)),
                LabError::Engine { message, .. } => message,
                other => return Err(other),
            },
            Err(_) => format!("{registry}: timeout ({} s)", REGISTRY_WITHIN.as_secs()),
        };
        let said = (Instant::now(), why.clone());
        self.lock().silent.insert(registry, said);
        Ok(Err(why))
    }

    /// Ports of this machine at which the lab's own containers are published.
    pub async fn published(&self) -> Result<Vec<u16>, LabError> {
        let summaries = self.summaries().await?;
        let ports = summaries.iter().flat_map(|c| c.ports.iter().flatten());
        Ok(ports.filter_map(|port| port.public_port).collect())
    }

    /// The lab's network, or the one that it would get.
    pub async fn subnet(&self) -> Result<String, LabError> {
        let networks = self
            .docker
            .list_networks(None::<bollard::query_parameters::ListNetworksOptions>)
            .await
            .map_err(|error| engine_error("list networks", error))?;
        let name = self.network_name();
        let mut taken = Vec::new();
        for network in networks {
            let configs = network
                .ipam
                .and_then(|ipam| ipam.config)
                .unwrap_or_default();
            let subnets = configs.iter().filter_map(|config| config.subnet.as_deref());
            let nets: Vec<Net> = subnets.filter_map(Net::parse).collect();
            if let Some(ours) = nets.first()
                && network.name.as_ref() == Some(&name)
            {
                return Ok(ours.to_string());
            }
            taken.extend(nets);
        }
        if self.is_local()
            && let Ok(text) = std::fs::read_to_string("/proc/net/route")
        {
            taken.extend(subnet::routes(&text));
        }
        subnet::choose(&taken)
            .map(|net| net.to_string())
            .ok_or(LabError::NoSubnet)
    }

    /// Everything on the engine that this user made from this host, of all labs.
    pub async fn relics(&self) -> Result<Vec<Relic>, LabError> {
        let mine: Vec<String> = [
            (label::OWNER, "swarmlings"),
            (label::USER, self.options.user.as_str()),
            (label::HOST, self.options.host.as_str()),
        ]
        .iter()
        .map(|(key, value)| format!("{key}={value}"))
        .collect();
        let filters = HashMap::from([("label".to_owned(), mine)]);
        let options = ListContainersOptionsBuilder::default()
            .all(true)
            .filters(&filters)
            .build();
        let containers = self
            .docker
            .list_containers(Some(options))
            .await
            .map_err(|error| engine_error("list containers", error))?;
        let options = ListNetworksOptionsBuilder::default()
            .filters(&filters)
            .build();
        let networks = self
            .docker
            .list_networks(Some(options))
            .await
            .map_err(|error| engine_error("list networks", error))?;
        let containers = containers
            .into_iter()
            .map(|found| (RelicKind::Container, found.id, found.labels));
        let networks = networks
            .into_iter()
            .map(|found| (RelicKind::Network, found.id, found.labels));
        Ok(containers
            .chain(networks)
            .filter_map(|(kind, id, labels)| {
                let labels = labels?;
                // A path means nothing on another machine, and names of hosts
                // and users come twice: all WSL distributions have Windows' name.
                let here = labels.get(label::MACHINE) == machine().as_ref();
                Some(Relic {
                    lab: labels.get(label::LAB)?.clone(),
                    kind,
                    id: id?,
                    state: labels.get(label::STATE).filter(|_| here).map(PathBuf::from),
                })
            })
            .collect())
    }

    /// Removes exactly these, containers before networks.
    pub async fn remove_relics(&self, relics: &[Relic]) -> Result<(), LabError> {
        let mut relics: Vec<&Relic> = relics.iter().collect();
        relics.sort_by_key(|relic| relic.kind);
        for relic in relics {
            let doing = format!("remove a leftover of the lab {}", relic.lab);
            match relic.kind {
                RelicKind::Container => {
                    remove_container(&self.docker, &relic.id, true, &doing).await?;
                }
                RelicKind::Network => {
                    let removed = self.docker.remove_network(&relic.id).await;
                    match removed.map_err(|error| engine_error(&doing, error)) {
                        Err(error) if !is_missing(&error) => return Err(error),
                        _ => {}
                    }
                }
            }
        }
        Ok(())
    }

    /// Images that the program made and would not use any more.
    pub async fn old_images(&self) -> Result<Vec<OldImage>, LabError> {
        let mut current = Vec::new();
        for made in [Made::Node, Made::Registry] {
            current.push(self.own_name(made, "").await?);
        }
        let filters = HashMap::from([("label".to_owned(), vec![STAND_IN.to_owned()])]);
        let options = ListImagesOptionsBuilder::default()
            .filters(&filters)
            .build();
        let images = self
            .docker
            .list_images(Some(options))
            .await
            .map_err(|error| engine_error("list images", error))?;
        let mut old = Vec::new();
        for image in images {
            for name in &image.repo_tags {
                if is_old(name, &current) {
                    old.push(OldImage {
                        name: name.clone(),
                        size: u64::try_from(image.size).unwrap_or_default(),
                    });
                }
            }
        }
        Ok(old)
    }

    /// Removes names of ours; one in use is kept. The names that are gone.
    pub async fn remove_old_images(&self, old: &[OldImage]) -> Vec<String> {
        let mut gone = Vec::new();
        for image in old.iter().filter(|image| image.name.starts_with(OURS)) {
            let options = RemoveImageOptionsBuilder::default().build();
            match self
                .docker
                .remove_image(&image.name, Some(options), None)
                .await
            {
                Ok(_) => gone.push(image.name.clone()),
                Err(error) => tracing::info!(image.name, %error, "image kept"),
            }
        }
        gone
    }
}

/// The same repository as one of the current names, with another tag.
fn is_old(name: &str, current: &[String]) -> bool {
    let repository = |name: &str| {
        name.rsplit_once(':')
            .map(|(repository, _)| repository.to_owned())
    };
    name.starts_with(OURS)
        && current
            .iter()
            .any(|other| other != name && repository(other) == repository(name))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn an_engines_answers_are_read() {
        let version = serde_json::from_str(
            r#"{"Platform":{"Name":""},"Components":[{"Name":"Podman Engine"}],"Version":"5.1","ApiVersion":"1.41","Os":"linux","Arch":"arm64","New":{}}"#,
        );
        let info = serde_json::from_str(
            r#"{"Driver":"overlay2","CgroupVersion":"2","SecurityOptions":["name=seccomp,profile=builtin","name=rootless","apparmor"],"MemTotal":5,"HttpProxy":"http://p:3128","OSType":"linux"}"#,
        );
        let survey = survey_of(version.unwrap(), info.unwrap(), true, "6.1");
        assert_eq!(survey.product, "Podman Engine");
        assert_eq!(survey.security, ["seccomp", "rootless", "apparmor"]);
        assert_eq!((survey.memory, survey.proxy), (5, true));
        assert_eq!(
            (survey.os.as_str(), survey.arch.as_str()),
            ("linux", "arm64")
        );
    }

    #[test]
    fn an_engine_in_a_machine_of_its_own_is_not_here() {
        let of = |system: &str, kernel: &str, socket| {
            let info = Info {
                operating_system: system.to_owned(),
                kernel_version: kernel.to_owned(),
                ..Info::default()
            };
            survey_of(Version::default(), info, socket, "6.1.0-9").local
        };
        assert!(of("Debian GNU/Linux 12", "6.1.0-9", true));
        assert!(!of("Debian GNU/Linux 12", "6.1.0-9", false));
        assert!(!of("Debian GNU/Linux 12", "6.10-linuxkit", true));
        // WSL's distributions share their kernel.
        assert!(!of("Docker Desktop", "6.1.0-9", true));
    }

    #[test]
    fn only_other_tags_of_our_own_images_are_old() {
        let current = ["swarmlings/node:28-2".to_owned()];
        assert!(is_old("swarmlings/node:20-1", &current));
        assert!(!is_old("swarmlings/node:28-2", &current));
        assert!(!is_old("swarmlings/loaded/docker:dind", &current));
        assert!(!is_old("learner/node:1", &current));
    }
}
