//! The lab as the lesson's compose fence describes it: a strict subset of the
//! Compose format.

use std::path::PathBuf;

/// A whole compose file, services in the order of the file.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Compose {
    /// The services, each of which becomes one container of the lab.
    pub services: Vec<ComposeService>,
}

/// One service of the compose file: a node of the lab, or a helper such as a registry.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct ComposeService {
    /// The key below `services:`; the container's hostname and network alias too.
    pub name: String,
    /// The image as written, e.g. `docker:dind`.
    pub image: String,
    /// `privileged: true` was asked for. Honoured by capabilities, see the lab room.
    pub privileged: bool,
    /// Ports published on the host.
    pub ports: Vec<PortMapping>,
    /// Ports exposed between the containers, as written (`7946/udp`).
    pub expose: Vec<String>,
    /// Bind mounts from below the lab's folder.
    pub volumes: Vec<Bind>,
    /// Services that are started before this one.
    pub depends_on: Vec<String>,
    /// Words of `command:`; for a node, further flags of its `dockerd`.
    pub command: Vec<String>,
    /// `environment:` in the order of the file.
    pub environment: Vec<(String, String)>,
}

/// `HOST:CONTAINER[/udp]`; always published on 127.0.0.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct PortMapping {
    /// Port on the host, 1 to 65535.
    pub host: u16,
    /// Port in the container, 1 to 65535.
    pub container: u16,
    /// `udp` instead of `tcp`.
    pub udp: bool,
}

/// A bind mount.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Bind {
    /// Relative to the lab's folder, without `..`.
    pub source: PathBuf,
    /// Absolute path in the container.
    pub target: String,
    /// `:ro` was asked for.
    pub read_only: bool,
}

impl ComposeService {
    /// Whether this service is a node, that is, runs an engine: its image is
    /// some `docker` with a `dind` tag.
    pub fn is_node(&self) -> bool {
        let (repository, tag) = split_reference(&self.image);
        let last = repository.rsplit('/').next().unwrap_or(repository);
        last == "docker" && tag.is_some_and(|tag| tag.contains("dind"))
    }

    /// Whether this service is the lab's own registry.
    pub fn is_registry(&self) -> bool {
        let (repository, _) = split_reference(&self.image);
        repository.rsplit('/').next() == Some("registry")
    }
}

impl Compose {
    /// The services that are nodes, in the order of the file.
    pub fn nodes(&self) -> impl Iterator<Item = &ComposeService> {
        self.services.iter().filter(|service| service.is_node())
    }

    /// The service called `name`.
    pub fn service(&self, name: &str) -> Option<&ComposeService> {
        self.services.iter().find(|service| service.name == name)
    }
}

/// Splits `host:5000/repo/name:tag` into repository and tag; a digest stays
/// with the repository.
pub fn split_reference(reference: &str) -> (&str, Option<&str>) {
    match reference.rsplit_once(':') {
        Some((repository, tag)) if !tag.contains('/') && !repository.contains('@') => {
            (repository, Some(tag))
        }
        _ => (reference, None),
    }
}

/// The reference with `:latest` where it has neither tag nor digest.
pub fn with_tag(reference: &str) -> String {
    match split_reference(reference) {
        (_, Some(_)) => reference.to_owned(),
        _ if reference.contains('@') => reference.to_owned(),
        (repository, None) => format!("{repository}:latest"),
    }
}

/// Docker Hub, where an image names no registry.
pub const DOCKER_HUB: &str = "docker.io";

/// The registry of an image: what stands before the first `/`, where that can
/// be a host.
pub fn registry_of(image: &str) -> String {
    match image.split_once('/') {
        Some((host, _)) if host.contains(['.', ':']) || host == "localhost" => host.to_owned(),
        _ => DOCKER_HUB.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_split_at_the_tag_not_at_the_port() {
        assert_eq!(split_reference("docker:dind"), ("docker", Some("dind")));
        assert_eq!(
            split_reference("localhost:5000/hashicorp/http-echo"),
            ("localhost:5000/hashicorp/http-echo", None)
        );
        assert_eq!(with_tag("registry:5000/a/b"), "registry:5000/a/b:latest");
        assert_eq!(with_tag("a@sha256:00"), "a@sha256:00");
    }

    #[test]
    fn a_node_is_a_service_of_a_dind_image() {
        let service = |image: &str| ComposeService {
            image: image.into(),
            ..ComposeService::default()
        };
        assert!(service("docker:dind").is_node());
        assert!(service("docker:28-dind-rootless").is_node());
        assert!(!service("docker:28-cli").is_node());
        assert!(service("registry:latest").is_registry());
        assert!(service("registry:2").is_registry());
    }

    #[test]
    fn an_image_names_its_registry() {
        for (image, registry) in [
            ("docker:dind", "docker.io"),
            ("hashicorp/http-echo:latest", "docker.io"),
            ("localhost:5000/a/b", "localhost:5000"),
            ("localhost/a", "localhost"),
            ("ghcr.io/a/b:1", "ghcr.io"),
        ] {
            assert_eq!(registry_of(image), registry, "{image}");
        }
    }
}
