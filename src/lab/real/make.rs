//! Bringing containers up.

use std::collections::{BTreeMap, HashMap};
use std::time::{Duration, Instant};

use bollard::models::{
    ContainerCreateBody, ContainerInspectResponse, ContainerStateStatusEnum, EndpointIpamConfig,
    EndpointSettings, HostConfig, Mount, MountType, MountVolumeOptions, NetworkingConfig,
    PortBinding,
};
use bollard::query_parameters::{
    CreateContainerOptionsBuilder, InspectContainerOptions, StartContainerOptions,
};
use futures_util::future::try_join_all;
use sha2::{Digest, Sha256};

use super::super::{LabError, Needs, News, Phase, Plan, Tell};
use super::observe::label_of;
use super::ports::{port_key, taken_port};
use super::subnet::Net;
use super::{RealLab, engine_error, is_missing, label};
use crate::lab::image::node::{COMMAND, ENTRYPOINT};
use crate::model::ComposeService;

/// How long the engine may still carry out a request whose sender is gone.
pub(super) const IN_FLIGHT: Duration = Duration::from_secs(2);

/// What dockerd says when its containerd took longer than it waits.
const SLOW_START: &str = "timeout waiting for containerd to start";

/// Nodes reach no registry but the lab's own: everything else goes to a port
/// where nothing listens, and fails at once instead of being resolved away
/// from the preloaded image.
const DEAD_PROXY: &str = "http://127.0.0.1:1";

/// An engine looks Docker Hub's name up before each pull, resolved tag and task,
/// also where a proxy stands before it. In a room whose DNS does not answer that
/// takes 10 s each time (measured: `service create -d` 10.3 s, with this 1.0 s).
/// The address is one that no host has (RFC 5737).
const NO_HUB: &str = "docker.io:192.0.2.1";

/// An engine at its start, and the part of itself that it runs for each network it
/// makes, spend a third of their time on collecting garbage that would fit into memory
/// (20.10: 40 ms of a processor, 30 with this). At rest it holds 3 to 5 MB more for it.
pub(super) const GARBAGE: &str = "GOGC=200";

/// The first node's last number in the lab's /24; .1 is the gateway.
pub(super) const FIRST_ADDRESS: u8 = 11;

/// Where a node keeps what its engine knows: images, tasks, its swarm.
pub(super) const NODE_DATA: &str = "/var/lib/docker";

/// What a container gets of its lab.
pub(super) struct Seat {
    pub net: Net,
    /// In the lab's network.
    pub address: String,
    /// See [`RealLab::config_hash`].
    pub config: String,
    /// The volume with a node's data; none: a new one.
    pub volume: Option<String>,
}

impl RealLab {
    /// What `up` would take.
    pub async fn needs(&self, plan: &Plan) -> Result<Needs, LabError> {
        let there = self.summaries().await?;
        let missing = plan
            .compose
            .services
            .iter()
            .filter(|service| {
                !there
                    .iter()
                    .any(|summary| label_of(summary, label::NODE).as_ref() == Some(&service.name))
            })
            .count();
        let mut needs = Needs {
            containers: missing,
            engine: self.options.endpoint.to_string(),
            ..Needs::default()
        };
        if missing > 0 {
            self.image_needs(plan, &mut needs).await?;
        }
        Ok(needs)
    }

    /// Containers of the plan are made and their engines answer.
    pub async fn prepare(&self, plan: &Plan, tell: &Tell) -> Result<(), LabError> {
        let _one = self.alone().await;
        self.made_as_new(plan, tell).await?;
        self.remove_aside().await
    }

    /// `docker compose up -d`
    pub async fn up(&self, plan: &Plan, tell: &Tell) -> Result<(), LabError> {
        let _one = self.alone().await;
        let renewed = self.lock().renewed.take();
        // What has just been made anew need not be gone over once more.
        if renewed.as_ref() != Some(plan) {
            self.made_as_new(plan, tell).await?;
        }
        if renewed.is_none() {
            self.remove_aside().await?;
        }
        self.keep(|kept| {
            kept.up = true;
            kept.compose = plan.compose.clone();
        })?;
        self.forget_all();
        Ok(())
    }

    /// Brings the plan's containers up.
    pub(super) async fn make(&self, plan: &Plan, tell: &Tell) -> Result<(), LabError> {
        std::fs::create_dir_all(&self.options.dir).map_err(|source| LabError::File {
            path: self.options.dir.clone(),
            source,
        })?;
        self.lock().compose = plan.compose.clone();
        self.keep(|kept| kept.making = true)?;
        // What is told of a new lab is no news of one that is there.
        let there = self.summaries().await?.len();
        let silent = no_one();
        let once = match there < plan.compose.services.len() {
            true => tell,
            false => &silent,
        };
        let (images, net) = tokio::join!(self.container_images(plan, tell), self.network_made());
        let (images, net) = (images?, net?);
        self.remove_strangers(plan, &images, net, tell).await?;
        if plan.compose.services.iter().any(|s| s.privileged) && !self.options.privileged {
            let _ = once.send(News::PrivilegedNarrowed);
        }
        let preload = self.preload_set(plan, once).await?;
        let one_by_one = &tokio::sync::Mutex::new(());
        let making = plan
            .compose
            .services
            .iter()
            .enumerate()
            .map(|(n, service)| {
                let image = images.get(&service.name).cloned().unwrap_or_default();
                let address = address_of(net, n);
                let preload = &preload;
                async move {
                    let id = self
                        .container_made(service, &image, net, address.to_string(), tell)
                        .await?;
                    if service.is_node() {
                        match self.engine_answers(&service.name, &id).await {
                            // On a slow machine four engines at once keep each
                            // other from starting within dockerd's 15 s.
                            Err(LabError::NotUp { log, .. }) if log.contains(SLOW_START) => {
                                let _alone = one_by_one.lock().await;
                                self.started(&id, &service.name).await?;
                                self.engine_answers(&service.name, &id).await?;
                            }
                            answered => answered?,
                        }
                        say(tell, &service.name, Phase::Loading);
                        self.load_into(&service.name, &id, preload).await?;
                    }
                    say(tell, &service.name, Phase::Ready);
                    Ok::<(), LabError>(())
                }
            });
        try_join_all(making).await?;
        self.keep(|kept| kept.making = false)
    }

    /// Containers of this lab that the plan does not have are removed, as
    /// `docker compose up --remove-orphans` would, and those that it has
    /// otherwise: one that is made may get an address that another one had.
    async fn remove_strangers(
        &self,
        plan: &Plan,
        images: &BTreeMap<String, String>,
        net: Net,
        tell: &Tell,
    ) -> Result<(), LabError> {
        let there = self.summaries().await?;
        let strangers = there.iter().filter_map(|summary| {
            let name = label_of(summary, label::NODE).unwrap_or_default();
            let services = &plan.compose.services;
            let place = services.iter().position(|service| service.name == name);
            let config = place.map(|n| {
                let image = images.get(&name).cloned().unwrap_or_default();
                self.config_hash(&services[n], &image, &address_of(net, n).to_string())
            });
            let as_planned = config.is_some() && config == label_of(summary, label::CONFIG);
            let id = summary.id.clone().unwrap_or_default();
            (!as_planned).then_some((id, name))
        });
        let removals =
            strangers.map(|(id, name)| async move { self.remove_one(&id, &name, tell).await });
        try_join_all(removals).await.map(|_| ())
    }

    /// The container of a service runs as the plan has it; its id.
    async fn container_made(
        &self,
        service: &ComposeService,
        image: &str,
        net: Net,
        address: String,
        tell: &Tell,
    ) -> Result<String, LabError> {
        let name = self.container_name(&service.name);
        let config = self.config_hash(service, image, &address);
        match self.found(&name).await {
            Ok(found) => {
                let labels = found.config.and_then(|c| c.labels).unwrap_or_default();
                let of_lab = labels.get(label::LAB) == Some(&self.options.name)
                    && labels.get(label::USER) == Some(&self.options.user)
                    && labels.get(label::HOST) == Some(&self.options.host);
                if !of_lab {
                    return Err(LabError::NameTaken { name });
                }
                let id = found.id.unwrap_or_default();
                let state = found.state.unwrap_or_default();
                // A removal that Docker did not finish leaves a dead one.
                let leaves = matches!(
                    state.status,
                    Some(ContainerStateStatusEnum::DEAD | ContainerStateStatusEnum::REMOVING)
                );
                if labels.get(label::CONFIG) == Some(&config) && !leaves {
                    if state.paused == Some(true) {
                        self.docker
                            .unpause_container(&id)
                            .await
                            .map_err(|error| engine_error(&format!("unpause {name}"), error))?;
                    }
                    if state.running == Some(true) {
                        return Ok(id);
                    }
                    say(tell, &service.name, Phase::Starting);
                    match self.started(&id, &name).await {
                        Ok(()) => return Ok(id),
                        // Taken since it was made: it is made anew with another port.
                        Err(error) if taken_port(&error, service).is_some() => {}
                        Err(error) => return Err(error),
                    }
                }
                self.remove_one(&id, &service.name, tell).await?;
            }
            Err(error) if is_missing(&error) => {}
            Err(error) => return Err(error),
        }
        let seat = Seat {
            net,
            address,
            config,
            volume: None,
        };
        let made = self
            .created(service, image, &seat, BTreeMap::new(), tell)
            .await?;
        match made {
            Some(id) => Ok(id),
            None => {
                // Also by a container of ours that a killed program had
                // asked for and that can't be seen yet.
                self.appears(&name).await?;
                let again = self.container_made(service, image, net, seat.address, tell);
                Box::pin(again).await
            }
        }
    }

    /// A new container that runs, on other ports of this machine where those of
    /// `moved` or of the plan are taken; its id, or none where its name is taken.
    pub(super) async fn created(
        &self,
        service: &ComposeService,
        image: &str,
        seat: &Seat,
        mut moved: BTreeMap<u16, u16>,
        tell: &Tell,
    ) -> Result<Option<String>, LabError> {
        let name = self.container_name(&service.name);
        say(tell, &service.name, Phase::Creating);
        loop {
            let body = self.create_body(service, image, seat, &moved);
            let options = CreateContainerOptionsBuilder::default().name(&name).build();
            let docker = self.docker.clone();
            let made = self
                .carried(async move { docker.create_container(Some(options), body).await })
                .await
                .map_err(|error| engine_error(&format!("create {}", service.name), error));
            let id = match made {
                Ok(made) => made.id,
                Err(LabError::Engine {
                    status: Some(409), ..
                }) => return Ok(None),
                Err(error) => return Err(error),
            };
            say(tell, &service.name, Phase::Starting);
            let Err(error) = self.started(&id, &name).await else {
                self.report_moved(&id, service, &moved, tell).await;
                return Ok(Some(id));
            };
            self.remove_one(&id, &service.name, tell).await?;
            match taken_port(&error, service) {
                Some(port) if !moved.contains_key(&port) => moved.insert(port, 0),
                _ => return Err(self.of_its_kind(service, error).await),
            };
        }
    }

    /// A container that the engine would not start, with the engine's kind as
    /// the cause where such a one often can't run nodes.
    async fn of_its_kind(&self, service: &ComposeService, error: LabError) -> LabError {
        if !service.is_node() {
            return error;
        }
        match (error, self.cannot_run_nodes().await) {
            (LabError::Engine { message, .. }, Some(cause)) => LabError::NotUp {
                node: service.name.clone(),
                log: message,
                cause: Some(Box::new(cause)),
            },
            (error, _) => error,
        }
    }

    pub(super) async fn found(&self, name: &str) -> Result<ContainerInspectResponse, LabError> {
        self.docker
            .inspect_container(name, None::<InspectContainerOptions>)
            .await
            .map_err(|error| engine_error(&format!("inspect {name}"), error))
    }

    /// Waits until the container whose name is taken can be seen.
    async fn appears(&self, name: &str) -> Result<(), LabError> {
        let deadline = Instant::now() + IN_FLIGHT;
        let mut pause = tokio::time::interval(Duration::from_millis(100));
        while Instant::now() < deadline {
            pause.tick().await;
            if self.found(name).await.is_ok() {
                return Ok(());
            }
        }
        let name = name.to_owned();
        Err(LabError::NameTaken { name })
    }

    pub(super) async fn started(&self, id: &str, name: &str) -> Result<(), LabError> {
        let (docker, id) = (self.docker.clone(), id.to_owned());
        let started = self.carried(async move {
            docker
                .start_container(&id, None::<StartContainerOptions>)
                .await
        });
        started
            .await
            .map_err(|error| engine_error(&format!("start {name}"), error))
    }

    pub(super) fn config_hash(
        &self,
        service: &ComposeService,
        image: &str,
        address: &str,
    ) -> String {
        let what =
            serde_json::json!([service, image, address, self.options.privileged, ENTRYPOINT,]);
        let digest = Sha256::digest(what.to_string().as_bytes());
        digest.iter().take(8).map(|b| format!("{b:02x}")).collect()
    }

    pub(super) fn create_body(
        &self,
        service: &ComposeService,
        image: &str,
        seat: &Seat,
        moved: &BTreeMap<u16, u16>,
    ) -> ContainerCreateBody {
        let is_node = service.is_node();
        let mut labels = self.labels();
        let kind = if is_node { "node" } else { "other" };
        for (key, value) in [
            (label::NODE, service.name.as_str()),
            (label::KIND, kind),
            (label::CONFIG, &seat.config),
            (label::IMAGE, service.image.as_str()),
            (label::ADDRESS, &seat.address),
        ] {
            labels.insert(key.to_owned(), value.to_owned());
        }
        let mut exposed: Vec<String> = service
            .expose
            .iter()
            .map(|port| match port.contains('/') {
                true => port.clone(),
                false => format!("{port}/tcp"),
            })
            .collect();
        let mut bindings = HashMap::new();
        for mapping in &service.ports {
            let key = port_key(mapping.container, mapping.udp);
            exposed.push(key.clone());
            let host = moved.get(&mapping.host).copied().unwrap_or(mapping.host);
            let binding = PortBinding {
                host_ip: Some("127.0.0.1".to_owned()),
                host_port: Some(host.to_string()),
            };
            bindings
                .entry(key)
                .or_insert_with(|| Some(Vec::new()))
                .get_or_insert_with(Vec::new)
                .push(binding);
        }
        let env: Vec<String> = service
            .environment
            .iter()
            .map(|(key, value)| format!("{key}={value}"))
            .collect();
        let mut host = HostConfig {
            port_bindings: Some(bindings),
            network_mode: Some(self.network_name()),
            binds: Some(self.binds(service)),
            security_opt: Some(vec!["label=disable".to_owned()]),
            // Where the engine maps users, a node still needs root's own rights.
            userns_mode: is_node.then(|| "host".to_owned()),
            ..HostConfig::default()
        };
        let (entrypoint, cmd, user) = if is_node {
            host.extra_hosts = Some(vec![NO_HUB.to_owned()]);
            // As on a machine that boots: what a killed engine left in /run is gone.
            // (Removed and made again on the container's own layer, fuse-overlayfs
            // has been seen to take a new folder there for no folder.)
            let run = "rw,exec,nosuid,nodev,mode=755".to_owned();
            host.tmpfs = Some(HashMap::from([("/run".to_owned(), run)]));
            // The volume that the image asks for, with a label: whoever removes the
            // container by hand and leaves its volume leaves it to `down`.
            host.mounts = Some(vec![Mount {
                typ: Some(MountType::VOLUME),
                target: Some(NODE_DATA.to_owned()),
                source: seat.volume.clone(),
                volume_options: Some(MountVolumeOptions {
                    labels: Some(self.labels()),
                    ..MountVolumeOptions::default()
                }),
                ..Mount::default()
            }]);
            if self.options.privileged {
                host.privileged = Some(true);
            } else {
                host.cap_add = Some(vec!["NET_ADMIN".to_owned(), "SYS_ADMIN".to_owned()]);
                host.security_opt = Some(
                    ["seccomp=unconfined", "apparmor=unconfined", "label=disable"]
                        .map(str::to_owned)
                        .to_vec(),
                );
                host.masked_paths = Some(Vec::new());
                host.readonly_paths = Some(Vec::new());
            }
            let entrypoint = ["sh", "-c", ENTRYPOINT, "sh"].map(str::to_owned);
            let mut cmd = vec!["env".to_owned()];
            for name in ["HTTP_PROXY", "HTTPS_PROXY"] {
                cmd.push(format!("{name}={DEAD_PROXY}"));
            }
            let others: Vec<String> = self
                .lock()
                .compose
                .services
                .iter()
                .filter(|other| !other.is_node())
                .map(|other| other.name.clone())
                .collect();
            let mut direct = vec!["localhost".to_owned(), "127.0.0.0/8".to_owned()];
            direct.extend(others);
            direct.push(seat.net.to_string());
            cmd.push(format!("NO_PROXY={}", direct.join(",")));
            cmd.push(GARBAGE.to_owned());
            cmd.extend(COMMAND.map(str::to_owned));
            cmd.extend(service.command.iter().cloned());
            (Some(entrypoint.to_vec()), Some(cmd), None)
        } else {
            let cmd = (!service.command.is_empty()).then(|| service.command.clone());
            (None, cmd, self.owner_of_binds(service))
        };
        ContainerCreateBody {
            hostname: Some(service.name.clone()),
            image: Some(image.to_owned()),
            tty: Some(false),
            env: Some(env),
            user,
            entrypoint,
            cmd,
            exposed_ports: Some(exposed),
            labels: Some(labels),
            host_config: Some(host),
            networking_config: Some(NetworkingConfig {
                endpoints_config: Some(HashMap::from([(
                    self.network_name(),
                    endpoint(&service.name, &seat.address),
                )])),
            }),
            ..ContainerCreateBody::default()
        }
    }

    /// Bind mounts, below the lab's folder and only where the engine shares it.
    fn binds(&self, service: &ComposeService) -> Vec<String> {
        if !self.is_local() {
            return Vec::new();
        }
        service
            .volumes
            .iter()
            .filter_map(|bind| {
                let source = self.options.dir.join(&bind.source);
                std::fs::create_dir_all(&source).ok()?;
                let mode = if bind.read_only { ":ro" } else { "" };
                Some(format!("{}:{}{mode}", source.display(), bind.target))
            })
            .collect()
    }

    /// A helper that writes into a bind mount does so as the learner, so that
    /// its files can be removed again without root.
    fn owner_of_binds(&self, service: &ComposeService) -> Option<String> {
        let (user, group) = (rustix::process::getuid(), rustix::process::getgid());
        (self.is_local() && !user.is_root() && !service.volumes.is_empty())
            .then(|| format!("{}:{}", user.as_raw(), group.as_raw()))
    }
}

/// A container's place on the lab's network: its name as an alias, its address.
pub(super) fn endpoint(name: &str, address: &str) -> EndpointSettings {
    EndpointSettings {
        aliases: Some(vec![name.to_owned()]),
        ipam_config: Some(EndpointIpamConfig {
            ipv4_address: Some(address.to_owned()),
            ..EndpointIpamConfig::default()
        }),
        ..EndpointSettings::default()
    }
}

/// The fixed address of the n-th service.
pub(super) fn address_of(net: Net, n: usize) -> std::net::Ipv4Addr {
    net.host(FIRST_ADDRESS + u8::try_from(n).unwrap_or(200))
}

pub(super) fn say(tell: &Tell, name: &str, phase: Phase) {
    let _ = tell.send(News::Container {
        name: name.to_owned(),
        phase,
    });
}

/// Nobody listens.
pub(super) fn no_one() -> Tell {
    tokio::sync::mpsc::unbounded_channel().0
}
