//! The spare set: clean engines of the lab's own kind, kept warm beside it, so that a
//! lab can be made anew without waiting for engines to start.
//!
//! They start on a network of their own, an internal one, because on such a one Docker
//! publishes no ports: they are the lab's until the spare takes its place. Then they
//! wait on none, so that to take one is to connect it; or they are one swarm already,
//! see `spare_swarm`.

use std::collections::BTreeMap;

use bollard::models::{
    ContainerSummary, ContainerSummaryStateEnum, EndpointIpamConfig, EndpointSettings,
    NetworkConnectRequest, NetworkDisconnectRequest,
};
use bollard::query_parameters::{CreateContainerOptionsBuilder, RenameContainerOptionsBuilder};
use futures_util::future::{join_all, try_join_all};

use super::super::{LabError, Phase, Plan, Tell};
use super::make::{Seat, address_of, no_one, say};
use super::observe::label_of;
use super::ports::ports_of;
use super::subnet::Net;
use super::{RealLab, engine_error, is_missing, label};
use crate::model::{ComposeService, SpareSet};

/// A spare node, for one of the plan's.
pub(super) struct SpareNode<'a> {
    service: &'a ComposeService,
    id: String,
    /// The one that the plan's has.
    address: String,
    /// It runs what the plan says.
    pub fits: bool,
    /// It is on the network on which they start.
    starting: bool,
}

impl RealLab {
    /// Makes a spare engine for each node of the plan, with the images of the
    /// lessons, and one swarm of them where a manager for it is named. Idempotent.
    pub async fn prepare_spare(&self, plan: &Plan, manager: Option<&str>) -> Result<(), LabError> {
        let _one = self.sparing.lock().await;
        let manager = manager.filter(|_| !self.lock().spare_alone);
        let formed = self.lock().kept.spare_swarm.clone();
        // One that is not whole is not mended: the nodes may have been made long ago.
        if formed.is_some() && (formed.as_deref() != manager || !self.spare_swarm_holds().await) {
            self.remove_spare().await?;
        }
        self.spare_engines(plan).await?;
        if self.lock().kept.spare_swarm.is_some() {
            if self.spare_swarm_holds().await {
                return Ok(());
            }
            // One that is no longer as planned was made anew.
            self.remove_spare().await?;
            self.spare_engines(plan).await?;
        }
        if let Some(manager) = manager {
            match self.spare_swarm_formed(plan, manager).await {
                Ok(()) => {
                    return self.keep(|kept| kept.spare_swarm = Some(manager.to_owned()));
                }
                // They are as good without: as clean engines.
                Err(error) => {
                    tracing::info!(%error, "spare nodes are no swarm");
                    self.lock().spare_alone = true;
                    self.remove_spare().await?;
                    self.spare_engines(plan).await?;
                }
            }
        }
        self.spare_engines_wait().await
    }

    /// The engines answer and have the lessons' images.
    async fn spare_engines(&self, plan: &Plan) -> Result<(), LabError> {
        let silent = no_one();
        let (images, net) =
            tokio::try_join!(self.container_images(plan, &silent), self.network_made())?;
        self.network_of(&self.spare_network(), true).await?;
        let preload = self.preload_set(plan, &no_one()).await?;
        let formed = self.lock().kept.spare_swarm.is_some();
        let services = plan.compose.services.iter().enumerate();
        let nodes = services.filter(|(_, service)| service.is_node());
        let making = nodes.map(|(n, service)| {
            let image = images.get(&service.name).cloned().unwrap_or_default();
            let address = address_of(net, n).to_string();
            let preload = &preload;
            async move {
                let name = self.spare_name(&service.name);
                let mut id = self.spare_made(service, &image, net, &address).await?;
                self.engine_answers(&name, &id).await?;
                // Of a swarm whose forming was cut off.
                if !formed && !self.is_new(&name).await {
                    self.remove_one(&id, &service.name, &no_one()).await?;
                    id = self.spare_made(service, &image, net, &address).await?;
                    self.engine_answers(&name, &id).await?;
                }
                self.load_into(&name, &id, preload).await
            }
        });
        try_join_all(making).await.map(|_| ())
    }

    /// They leave the network on which they started: to take one is to connect it.
    async fn spare_engines_wait(&self) -> Result<(), LabError> {
        let all = self.everything().await?;
        let waiting = all
            .iter()
            .filter(|summary| self.is_spare(summary) && self.is_on_spare_network(summary));
        let leaving = waiting.map(|summary| async move {
            let id = summary.id.clone().unwrap_or_default();
            self.leave_network(&self.spare_network(), &id).await
        });
        try_join_all(leaving).await?;
        self.remove_spare_network().await
    }

    pub(super) async fn remove_spare_network(&self) -> Result<(), LabError> {
        let removed = self.docker.remove_network(&self.spare_network()).await;
        match removed.map_err(|error| engine_error("remove the spare network", error)) {
            Err(error) if !is_missing(&error) => Err(error),
            _ => Ok(()),
        }
    }

    /// Removes the spare set.
    pub async fn discard_spare(&self) -> Result<(), LabError> {
        let _one = self.sparing.lock().await;
        self.remove_spare().await
    }

    async fn remove_spare(&self) -> Result<(), LabError> {
        if self.lock().kept.spare_swarm.is_some() {
            self.keep(|kept| kept.spare_swarm = None)?;
        }
        let all = self.everything().await?;
        let removals =
            all.iter()
                .filter(|summary| self.is_spare(summary))
                .map(|summary| async move {
                    let id = summary.id.clone().unwrap_or_default();
                    self.remove_one(&id, "spare", &no_one()).await
                });
        for removed in join_all(removals).await {
            removed?;
        }
        let spare = self.spare_name("");
        self.lock()
            .engines
            .retain(|name, _| !name.starts_with(&spare));
        self.remove_spare_network().await
    }

    /// The spare set, where one is ready: an engine runs for each node of the lab.
    pub(super) fn has_spare(&self, all: &[ContainerSummary]) -> Option<SpareSet> {
        let nodes: Vec<String> = self
            .shape()
            .into_iter()
            .filter_map(|(name, is_node)| is_node.then_some(name))
            .collect();
        let swarm = self.lock().kept.spare_swarm.clone();
        // While they are made they are on their network too, and no swarm yet.
        let ready = |name: &String| {
            all.iter().any(|summary| {
                self.is_spare(summary)
                    && label_of(summary, label::NODE).as_ref() == Some(name)
                    && summary.state == Some(ContainerSummaryStateEnum::RUNNING)
                    && self.is_on_spare_network(summary) == swarm.is_some()
            })
        };
        if nodes.is_empty() || !nodes.iter().all(ready) {
            return None;
        }
        Some(match swarm {
            Some(manager) => SpareSet::Swarm { manager },
            None => SpareSet::Engines,
        })
    }

    fn is_on_spare_network(&self, summary: &ContainerSummary) -> bool {
        let settings = summary.network_settings.as_ref();
        let networks = settings.and_then(|settings| settings.networks.as_ref());
        networks.is_some_and(|networks| networks.contains_key(&self.spare_network()))
    }

    pub(super) fn spare_name(&self, service: &str) -> String {
        format!("{}.spare.{service}", self.prefix())
    }

    pub(super) fn spare_network(&self) -> String {
        format!("{}.spare", self.prefix())
    }

    fn is_spare(&self, summary: &ContainerSummary) -> bool {
        let spare = format!("/{}", self.spare_name(""));
        let mut names = summary.names.iter().flatten();
        names.any(|name| name.starts_with(&spare))
    }

    async fn spare_made(
        &self,
        service: &ComposeService,
        image: &str,
        net: Net,
        address: &str,
    ) -> Result<String, LabError> {
        let name = self.spare_name(&service.name);
        let config = self.config_hash(service, image, address);
        // Those that the node has had to move to, if it has: they are free when it goes.
        let node = self.container_name(&service.name);
        let ports = self.ports_here(service, &node).await;
        match self.found(&name).await {
            Ok(found) => {
                let id = found.id.unwrap_or_default();
                let labels = found.config.and_then(|c| c.labels).unwrap_or_default();
                let runs = found.state.and_then(|state| state.running) == Some(true);
                let has = found.host_config.and_then(|host| host.port_bindings);
                let same = ports.is_empty() || ports_of(service, &has.unwrap_or_default()) == ports;
                if runs && same && labels.get(label::CONFIG) == Some(&config) {
                    return Ok(id);
                }
                self.remove_one(&id, &service.name, &no_one()).await?;
            }
            Err(error) if is_missing(&error) => {}
            Err(error) => return Err(error),
        }
        let seat = Seat {
            net,
            address: address.to_owned(),
            config,
            volume: None,
        };
        let body = self.create_body(service, image, &seat, &ports);
        let options = CreateContainerOptionsBuilder::default().name(&name).build();
        let docker = self.docker.clone();
        let made = self
            .carried(async move { docker.create_container(Some(options), body).await })
            .await;
        let id = made
            .map_err(|error| engine_error(&format!("create {name}"), error))?
            .id;
        // Out of the lab's network before it is started, so that it never has
        // the address or the ports of the node that it may replace.
        self.leave_network(&self.network_name(), &id).await?;
        self.join_network(&self.spare_network(), &id).await?;
        self.started(&id, &name).await?;
        Ok(id)
    }

    pub(super) async fn join_network(
        &self,
        network: &str,
        container: &str,
    ) -> Result<(), LabError> {
        let request = NetworkConnectRequest {
            container: container.to_owned(),
            endpoint_config: None,
        };
        let joined = self.docker.connect_network(network, request).await;
        joined.map_err(|error| engine_error(&format!("join {network}"), error))
    }

    pub(super) async fn leave_network(
        &self,
        network: &str,
        container: &str,
    ) -> Result<(), LabError> {
        let request = NetworkDisconnectRequest {
            container: container.to_owned(),
            force: Some(true),
        };
        let left = self.docker.disconnect_network(network, request).await;
        left.map_err(|error| engine_error(&format!("leave {network}"), error))
    }

    /// The spare nodes that there are for the plan's.
    pub(super) fn spares<'a>(
        &self,
        all: &[ContainerSummary],
        plan: &'a Plan,
        images: &BTreeMap<String, String>,
        net: Net,
    ) -> Vec<SpareNode<'a>> {
        let services = plan.compose.services.iter().enumerate();
        let spares = services.filter_map(|(n, service)| {
            let name = format!("/{}", self.spare_name(&service.name));
            let mut all = all.iter();
            let spare = all.find(|summary| summary.names.iter().flatten().any(|n| *n == name))?;
            let address = address_of(net, n).to_string();
            let image = images.get(&service.name).map(String::as_str);
            let config = self.config_hash(service, image.unwrap_or_default(), &address);
            Some(SpareNode {
                service,
                id: spare.id.clone()?,
                address,
                fits: label_of(spare, label::CONFIG) == Some(config)
                    && spare.state == Some(ContainerSummaryStateEnum::RUNNING),
                starting: self.is_on_spare_network(spare),
            })
        });
        spares.collect()
    }

    /// The ways into these nodes are there for the looks to come.
    pub(super) async fn dialled(&self, spares: &[SpareNode<'_>]) {
        let dialling = spares.iter().map(|spare| async move {
            let name = self.spare_name(&spare.service.name);
            if let Ok(engine) = self.engine_for(&name, &spare.id) {
                let _ = engine.role().await;
            }
        });
        join_all(dialling).await;
    }

    /// The spare node for this one becomes it, where there is one; its name then. One
    /// that can't is removed, and that node is made as if there had been none.
    pub(super) async fn took_place(
        &self,
        name: &str,
        spares: &[SpareNode<'_>],
        tell: &Tell,
    ) -> Option<String> {
        let mut spares = spares.iter();
        let spare = spares.find(|spare| spare.service.name == name)?;
        let taken = match spare.fits {
            true => self.take(spare).await,
            false => Err(LabError::NotRunning(name.to_owned())),
        };
        match taken {
            Ok(()) => {
                say(tell, name, Phase::Ready);
                Some(name.to_owned())
            }
            Err(error) => {
                tracing::debug!(%error, name, "spare not taken");
                let _ = self.remove_one(&spare.id, name, &no_one()).await;
                None
            }
        }
    }

    async fn take(&self, spare: &SpareNode<'_>) -> Result<(), LabError> {
        let service = spare.service;
        if spare.starting {
            self.leave_network(&self.spare_network(), &spare.id).await?;
        }
        // Before it is on the network: with a new name for one that is, Docker writes
        // down how many there are as it remembers it (libnetwork's `endpoint.rename`),
        // and one that comes beside it is forgotten. Such a network can't be removed.
        let name = self.container_name(&service.name);
        let options = RenameContainerOptionsBuilder::default().name(&name).build();
        let renamed = self.docker.rename_container(&spare.id, options).await;
        renamed.map_err(|error| engine_error(&format!("rename {name}"), error))?;
        let request = NetworkConnectRequest {
            container: spare.id.clone(),
            endpoint_config: Some(EndpointSettings {
                aliases: Some(vec![service.name.clone()]),
                ipam_config: Some(EndpointIpamConfig {
                    ipv4_address: Some(spare.address.clone()),
                    ..EndpointIpamConfig::default()
                }),
                ..EndpointSettings::default()
            }),
        };
        let joined = self
            .docker
            .connect_network(&self.network_name(), request)
            .await;
        joined.map_err(|error| engine_error(&format!("connect {}", service.name), error))?;
        let mut inner = self.lock();
        if let Some(mut engine) = inner.engines.remove(&self.spare_name(&service.name)) {
            engine.node.clone_from(&service.name);
            inner.engines.insert(service.name.clone(), engine);
        }
        Ok(())
    }
}
