//! What the learner does from outside the nodes: `docker ps`, `images`, `logs`,
//! `stop`, `tag`, `push`, on this lab's own things alone.

use std::collections::BTreeMap;
use std::time::Duration;

use bollard::models::{
    EndpointIpamConfig, EndpointSettings, NetworkConnectRequest, NetworkDisconnectRequest,
};
use bollard::query_parameters::{
    InspectContainerOptions, KillContainerOptionsBuilder, LogsOptionsBuilder,
    PushImageOptionsBuilder, RemoveImageOptionsBuilder, RestartContainerOptions,
    StartContainerOptions, StopContainerOptions, TagImageOptionsBuilder,
};
use futures_util::StreamExt;
use tokio::sync::mpsc;

use super::super::{ImageRow, LabError, Output, Pipes, PsRow};
use super::observe::{container_state, label_of};
use super::{RealLab, age, engine_error, gone, is_missing, label};
use crate::model::compose::{split_reference, with_tag};
use crate::shell::{Lifecycle, Logs};

impl RealLab {
    /// The containers of the lab; those that were only prepared are not there yet.
    pub async fn ps(&self) -> Result<Vec<PsRow>, LabError> {
        if !self.is_up() {
            return Ok(Vec::new());
        }
        let now = age::now();
        let mut rows: Vec<PsRow> = self
            .summaries()
            .await?
            .into_iter()
            .map(|summary| PsRow {
                name: label_of(&summary, label::NODE).unwrap_or_default(),
                image: label_of(&summary, label::IMAGE).unwrap_or_default(),
                command: match label_of(&summary, label::KIND).as_deref() {
                    Some("node") => "dockerd --host=unix:…".to_owned(),
                    _ => summary.command.clone().unwrap_or_default(),
                },
                age: summary.created.and_then(|created| age::since(now, created)),
                status: summary.status.clone().unwrap_or_default(),
                state: container_state(&summary),
                ports: ports_in_words(summary.ports.as_deref().unwrap_or_default()),
                id: summary.id.unwrap_or_default(),
            })
            .collect();
        let order = self.shape();
        let place = |name: &str| order.iter().position(|(other, _)| other == name);
        rows.sort_by_key(|row| place(&row.name).unwrap_or(usize::MAX));
        Ok(rows)
    }

    /// Containers' logs. With several containers each line carries its name.
    pub async fn logs(&self, logs: &Logs, mut pipes: Pipes) -> Result<(), LabError> {
        let names = match logs.names.is_empty() {
            true => self.shape().into_iter().map(|(name, _)| name).collect(),
            false => logs.names.clone(),
        };
        let tail = logs.tail.map_or("all".to_owned(), |n| n.to_string());
        let streams = names.iter().map(|name| {
            let options = LogsOptionsBuilder::default()
                .stdout(true)
                .stderr(true)
                .follow(logs.follow)
                .tail(&tail)
                .timestamps(logs.timestamps)
                .build();
            let prefix = (names.len() > 1).then(|| format!("{name}  | "));
            let stream = self.docker.logs(&self.container_name(name), Some(options));
            stream.map(move |line| (prefix.clone(), line)).boxed()
        });
        let mut all = futures_util::stream::select_all(streams);
        loop {
            let line = tokio::select! {
                line = all.next() => line,
                () = closed_or_interrupted(&mut pipes.interrupt) => return Ok(()),
            };
            match line {
                None => return Ok(()),
                Some((_, Err(error))) => return Err(engine_error("read logs", error)),
                Some((prefix, Ok(line))) => {
                    let mut bytes = prefix.unwrap_or_default().into_bytes();
                    bytes.extend_from_slice(&line.into_bytes());
                    if pipes.out.send(Output::Out(bytes)).await.is_err() {
                        return Ok(());
                    }
                }
            }
        }
    }

    /// `docker stop` and the like on one container of the lab.
    pub async fn lifecycle(&self, what: &Lifecycle, name: &str) -> Result<(), LabError> {
        let id = self.container_name(name);
        let docker = &self.docker;
        let done = match what {
            Lifecycle::Stop(grace) => {
                let options = StopContainerOptions {
                    t: grace.seconds,
                    signal: grace.signal.clone(),
                };
                docker.stop_container(&id, Some(options)).await
            }
            Lifecycle::Start => {
                docker
                    .start_container(&id, None::<StartContainerOptions>)
                    .await
            }
            Lifecycle::Restart(grace) => {
                let options = RestartContainerOptions {
                    t: grace.seconds,
                    signal: grace.signal.clone(),
                };
                docker.restart_container(&id, Some(options)).await
            }
            Lifecycle::Kill(signal) => {
                let signal = signal.as_deref().unwrap_or("SIGKILL");
                let options = KillContainerOptionsBuilder::default()
                    .signal(signal)
                    .build();
                docker.kill_container(&id, Some(options)).await
            }
            Lifecycle::Pause => docker.pause_container(&id).await,
            Lifecycle::Unpause => docker.unpause_container(&id).await,
        };
        self.forget_all();
        let verb = what.verb();
        done.map_err(|error| gone(engine_error(&format!("{verb} {name}"), error), name))
    }

    /// Cuts a container off the lab's network, or puts it back at the address
    /// it had: managers don't survive a change of it.
    pub async fn network(&self, connect: bool, name: &str) -> Result<(), LabError> {
        let network = self.network_name();
        let container = self.container_name(name);
        self.forget_seen();
        if !connect {
            let request = NetworkDisconnectRequest {
                container,
                force: Some(true),
            };
            return self
                .docker
                .disconnect_network(&network, request)
                .await
                .map_err(|error| gone(engine_error(&format!("disconnect {name}"), error), name));
        }
        let inspect = self
            .docker
            .inspect_network(
                &network,
                None::<bollard::query_parameters::InspectNetworkOptions>,
            )
            .await
            .map_err(|error| engine_error("inspect the lab's network", error))?;
        let subnet = inspect
            .ipam
            .and_then(|ipam| ipam.config?.first()?.subnet.clone())
            .and_then(|text| super::subnet::Net::parse(&text))
            .ok_or(LabError::NoSubnet)?;
        let place = self.shape().iter().position(|(other, _)| other == name);
        let place = place.ok_or_else(|| LabError::NotRunning(name.to_owned()))?;
        let address = subnet.host(super::make::FIRST_ADDRESS + u8::try_from(place).unwrap_or(200));
        let request = NetworkConnectRequest {
            container,
            endpoint_config: Some(EndpointSettings {
                aliases: Some(vec![name.to_owned()]),
                ipam_config: Some(EndpointIpamConfig {
                    ipv4_address: Some(address.to_string()),
                    ..EndpointIpamConfig::default()
                }),
                ..EndpointSettings::default()
            }),
        };
        self.docker
            .connect_network(&network, request)
            .await
            .map_err(|error| engine_error(name, error))
    }

    /// The images of the lab on the host: what its containers and services are
    /// made of, and the tags the learner gave.
    pub async fn images(&self) -> Result<Vec<ImageRow>, LabError> {
        let now = age::now();
        let mut shown: Vec<(String, String)> = Vec::new();
        for (name, reference) in self.host_images().await {
            shown.push((name, reference));
        }
        for (name, reference) in &self.lock().kept.tags {
            shown.push((name.clone(), reference.clone()));
        }
        let mut rows = Vec::new();
        for (name, reference) in shown {
            let Ok(found) = self.docker.inspect_image(&reference).await else {
                continue;
            };
            let name = with_tag(&name);
            let (repository, tag) = split_reference(&name);
            rows.push(ImageRow {
                repository: repository.to_owned(),
                tag: tag.unwrap_or("latest").to_owned(),
                id: found.id.unwrap_or_default(),
                age: found
                    .created
                    .as_deref()
                    .and_then(age::seconds_of)
                    .and_then(|created| age::since(now, created)),
                size: found.size.unwrap_or_default(),
            });
        }
        rows.sort_by(|a, b| (&a.repository, &a.tag).cmp(&(&b.repository, &b.tag)));
        rows.dedup();
        Ok(rows)
    }

    /// `docker tag SOURCE localhost:5000/...`: on the outer engine as
    /// `127.0.0.1:PORT/...`, wherever the lab's registry really is, so that no
    /// tag of the learner's is ever in the way.
    pub async fn tag(&self, source: &str, target: &str) -> Result<(), LabError> {
        let source = with_tag(source);
        let reference = {
            let tags = self.lock().kept.tags.get(&source).cloned();
            match tags {
                Some(reference) => reference,
                None => self.host_reference(&source).await?,
            }
        };
        let target = with_tag(target);
        let real = self.registry_reference(&target).await?;
        let ours = self.lock().kept.tags.values().any(|tag| *tag == real);
        if !ours && self.docker.inspect_image(&real).await.is_ok() {
            return Err(LabError::TagTaken(real));
        }
        // Noted before it is made, so that a killed program still removes it.
        self.keep(|kept| {
            kept.tags.insert(target.clone(), real.clone());
        })?;
        let (repository, tag) = split_reference(&real);
        let options = TagImageOptionsBuilder::default()
            .repo(repository)
            .tag(tag.unwrap_or("latest"))
            .build();
        self.docker
            .tag_image(&reference, Some(options))
            .await
            .map_err(|error| engine_error(&format!("tag {source}"), error))
    }

    /// `docker push localhost:5000/...`
    pub async fn push(&self, reference: &str, out: mpsc::Sender<Output>) -> Result<(), LabError> {
        let name = with_tag(reference);
        let real = self.lock().kept.tags.get(&name).cloned();
        let real = real.ok_or_else(|| LabError::NoLabImage(name.clone()))?;
        let (repository, tag) = split_reference(&real);
        let options = PushImageOptionsBuilder::default()
            .tag(tag.unwrap_or("latest"))
            .build();
        let (shown, _) = split_reference(&name);
        let line = format!("The push refers to repository [{shown}]\n");
        let _ = out.send(Output::Out(line.into_bytes())).await;
        let mut progress = self.docker.push_image(repository, Some(options), None);
        while let Some(step) = progress.next().await {
            let step = step.map_err(|error| engine_error(&format!("push {name}"), error))?;
            if let Some(detail) = step.error_detail.and_then(|detail| detail.message) {
                return Err(LabError::Engine {
                    doing: format!("push {name}"),
                    message: detail,
                    status: None,
                });
            }
            let status = step.status.unwrap_or_default();
            // The bar's own updates are left out, and so is Docker's line that
            // names the real address.
            let known =
                status.is_empty() || status == "Pushing" || status.starts_with("The push refers");
            if !known {
                let line = format!("{status}\n");
                let _ = out.send(Output::Out(line.into_bytes())).await;
            }
        }
        self.lock().registry = None;
        Ok(())
    }

    /// The tags made for the learner go, the images they name stay.
    pub(super) async fn remove_tags(&self) -> Result<usize, LabError> {
        let tags: Vec<(String, String)> = {
            let inner = self.lock();
            inner.kept.tags.clone().into_iter().collect()
        };
        for (_, real) in &tags {
            let options = RemoveImageOptionsBuilder::default().noprune(true).build();
            let removed = self.docker.remove_image(real, Some(options), None).await;
            match removed.map_err(|error| engine_error(&format!("untag {real}"), error)) {
                Err(error) if !is_missing(&error) => return Err(error),
                _ => {}
            }
        }
        self.keep(|kept| kept.tags.clear())?;
        Ok(tags.len())
    }

    /// `localhost:5000/a/b:c` -> `127.0.0.1:PORT/a/b:c`
    async fn registry_reference(&self, target: &str) -> Result<String, LabError> {
        let (_, rest) = target.split_once('/').ok_or(LabError::NoRegistry)?;
        let (name, container_port) = {
            let inner = self.lock();
            let registry = inner.compose.services.iter().find(|s| s.is_registry());
            let registry = registry.ok_or(LabError::NoRegistry)?;
            let port = registry.ports.first().map_or(5000, |p| p.container);
            (registry.name.clone(), port)
        };
        let inspect = self
            .docker
            .inspect_container(&self.container_name(&name), None::<InspectContainerOptions>)
            .await
            .map_err(|error| engine_error(&name, error))?;
        let port = inspect
            .network_settings
            .and_then(|settings| settings.ports)
            .and_then(|ports| {
                let bindings = ports.get(&format!("{container_port}/tcp"))?.clone()?;
                bindings.first()?.host_port.clone()
            })
            .ok_or(LabError::NotRunning(name))?;
        Ok(format!("127.0.0.1:{port}/{rest}"))
    }

    /// A lesson's file: below the lab's folder, and in the first node's `/stack`.
    pub async fn put_file(&self, path: &str, text: &str) -> Result<(), LabError> {
        let target = self.dir().join("stack").join(path);
        let write = || {
            if let Some(folder) = target.parent() {
                std::fs::create_dir_all(folder)?;
            }
            std::fs::write(&target, text)
        };
        write().map_err(|source| LabError::File {
            path: target.clone(),
            source,
        })?;
        let bound = {
            let inner = self.lock();
            let first = inner.compose.nodes().next();
            first.map(|node| {
                let bound = node.volumes.iter().any(|bind| bind.target == "/stack");
                (node.name.clone(), bound)
            })
        };
        let Some((node, bound)) = bound else {
            return Ok(());
        };
        if bound && self.is_local() {
            return Ok(());
        }
        let container = self.container_name(&node);
        let argv = [
            "sh",
            "-c",
            "mkdir -p \"$(dirname \"$1\")\" && printf %s \"$2\" > \"$1\"",
            "sh",
            &format!("/stack/{path}"),
            text,
        ];
        self.run_in(&container, &argv, Duration::from_secs(10))
            .await
            .map(|_| ())
    }

    /// The outer engine in short.
    pub async fn engine(&self) -> Result<BTreeMap<&'static str, String>, LabError> {
        let info = self
            .docker
            .info()
            .await
            .map_err(|error| engine_error("info", error))?;
        let mut found = BTreeMap::new();
        found.insert("endpoint", self.options.endpoint.to_string());
        for (key, value) in [
            ("version", info.server_version),
            ("os", info.operating_system),
            ("os_type", info.os_type),
            ("architecture", info.architecture),
            ("driver", info.driver),
            ("kernel", info.kernel_version),
        ] {
            found.insert(key, value.unwrap_or_default());
        }
        found.insert("memory", info.mem_total.unwrap_or_default().to_string());
        found.insert(
            "security",
            info.security_options.unwrap_or_default().join(","),
        );
        Ok(found)
    }
}

async fn closed_or_interrupted(interrupt: &mut Option<mpsc::Receiver<()>>) {
    match interrupt {
        Some(receiver) => {
            receiver.recv().await;
        }
        None => std::future::pending().await,
    }
}

fn ports_in_words(ports: &[bollard::models::PortSummary]) -> String {
    let mut words: Vec<String> = ports
        .iter()
        .map(|port| {
            let kind = port.typ.map_or("tcp".to_owned(), |kind| kind.to_string());
            match (&port.ip, port.public_port) {
                (Some(ip), Some(public)) => {
                    format!("{ip}:{public}->{}/{kind}", port.private_port)
                }
                _ => format!("{}/{kind}", port.private_port),
            }
        })
        .collect();
    words.sort();
    words.dedup();
    words.join(", ")
}
