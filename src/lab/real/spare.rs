//! The spare set: clean engines of the lab's own kind, kept warm beside it, so that a
//! lab can be made anew without waiting for engines to start.
//!
//! They start on a network of their own, an internal one, because on such a one Docker
//! publishes no ports: they are the lab's until the spare takes its place. Then they
//! wait on none, so that to take one is to connect it.

use std::collections::BTreeSet;

use bollard::models::{
    ContainerSummary, ContainerSummaryStateEnum, EndpointIpamConfig, EndpointSettings,
    NetworkConnectRequest, NetworkDisconnectRequest,
};
use bollard::query_parameters::{CreateContainerOptionsBuilder, RenameContainerOptionsBuilder};
use futures_util::future::{join_all, try_join_all};

use super::super::{LabError, Phase, Plan, Tell};
use super::afresh::Places;
use super::make::{Seat, address_of, no_one, say};
use super::observe::label_of;
use super::ports::ports_of;
use super::subnet::Net;
use super::{RealLab, engine_error, is_missing, label};
use crate::model::ComposeService;

impl RealLab {
    /// Makes a spare engine for each node of the plan, with the images of the
    /// lessons. Idempotent.
    pub async fn prepare_spare(&self, plan: &Plan) -> Result<(), LabError> {
        let _one = self.sparing.lock().await;
        let silent = no_one();
        let (images, net) =
            tokio::try_join!(self.container_images(plan, &silent), self.network_made())?;
        let spare_network = self.spare_network();
        self.network_of(&spare_network, true).await?;
        let preload = self.preload_set(plan, &no_one()).await?;
        let services = plan.compose.services.iter().enumerate();
        let nodes = services.filter(|(_, service)| service.is_node());
        let making = nodes.map(|(n, service)| {
            let image = images.get(&service.name).cloned().unwrap_or_default();
            let address = address_of(net, n).to_string();
            let (preload, spare_network) = (&preload, &spare_network);
            async move {
                let id = self.spare_made(service, &image, net, &address).await?;
                let name = self.spare_name(&service.name);
                self.engine_answers(&name, &id).await?;
                self.load_into(&name, &id, preload).await?;
                // One that was made before has left it.
                let found = self.found(&name).await?;
                let networks = found.network_settings.and_then(|found| found.networks);
                match networks.is_some_and(|networks| networks.contains_key(spare_network)) {
                    true => self.leave_network(spare_network, &id).await,
                    false => Ok(()),
                }
            }
        });
        try_join_all(making).await?;
        self.remove_spare_network().await
    }

    async fn remove_spare_network(&self) -> Result<(), LabError> {
        let removed = self.docker.remove_network(&self.spare_network()).await;
        match removed.map_err(|error| engine_error("remove the spare network", error)) {
            Err(error) if !is_missing(&error) => Err(error),
            _ => Ok(()),
        }
    }

    /// Removes the spare set.
    pub async fn discard_spare(&self) -> Result<(), LabError> {
        let _one = self.sparing.lock().await;
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

    /// Whether a spare engine runs for each node of the lab.
    pub(super) fn has_spare(&self, all: &[ContainerSummary]) -> bool {
        let nodes: Vec<String> = self
            .shape()
            .into_iter()
            .filter_map(|(name, is_node)| is_node.then_some(name))
            .collect();
        let runs = |name: &String| {
            all.iter().any(|summary| {
                self.is_spare(summary)
                    && label_of(summary, label::NODE).as_ref() == Some(name)
                    && summary.state == Some(ContainerSummaryStateEnum::RUNNING)
            })
        };
        !nodes.is_empty() && nodes.iter().all(runs)
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
        let request = NetworkConnectRequest {
            container: id.clone(),
            endpoint_config: None,
        };
        let joined = self
            .docker
            .connect_network(&self.spare_network(), request)
            .await;
        joined.map_err(|error| engine_error(&format!("connect {name}"), error))?;
        self.started(&id, &name).await?;
        Ok(id)
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

    /// Spare engines become the plan's nodes of these names. One that can't is removed, and
    /// that node is made as if there had been none.
    pub(super) async fn take_spares(
        &self,
        names: &BTreeSet<String>,
        places: &Places<'_>,
        tell: &Tell,
    ) {
        let _one = self.sparing.lock().await;
        let Ok(all) = self.everything().await else {
            return;
        };
        let services = places.plan.compose.services.iter().enumerate();
        let wanted = services.filter(|(_, service)| names.contains(&service.name));
        let taking = wanted.filter_map(|(n, service)| {
            let name = self.spare_name(&service.name);
            let spare = all.iter().find(|summary| {
                summary
                    .names
                    .iter()
                    .flatten()
                    .any(|other| other[1..] == name)
            })?;
            let id = spare.id.clone()?;
            let address = address_of(places.net, n).to_string();
            let image = places.images.get(&service.name).map(String::as_str);
            let config = self.config_hash(service, image.unwrap_or_default(), &address);
            let fits = label_of(spare, label::CONFIG) == Some(config)
                && spare.state == Some(ContainerSummaryStateEnum::RUNNING);
            // One whose making was cut off is on it.
            let networks = spare.network_settings.as_ref();
            let networks = networks.and_then(|settings| settings.networks.as_ref());
            let starting =
                networks.is_some_and(|networks| networks.contains_key(&self.spare_network()));
            Some(async move {
                let taken = match fits {
                    true => self.take(service, &id, &address, starting).await,
                    false => Err(LabError::NotRunning(service.name.clone())),
                };
                match taken {
                    Ok(()) => say(tell, &service.name, Phase::Ready),
                    Err(error) => {
                        tracing::debug!(%error, service = service.name, "spare not taken");
                        let _ = self.remove_one(&id, &service.name, &no_one()).await;
                    }
                }
            })
        });
        join_all(taking).await;
    }

    async fn take(
        &self,
        service: &ComposeService,
        id: &str,
        address: &str,
        starting: bool,
    ) -> Result<(), LabError> {
        if starting {
            self.leave_network(&self.spare_network(), id).await?;
        }
        let request = NetworkConnectRequest {
            container: id.to_owned(),
            endpoint_config: Some(EndpointSettings {
                aliases: Some(vec![service.name.clone()]),
                ipam_config: Some(EndpointIpamConfig {
                    ipv4_address: Some(address.to_owned()),
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
        let name = self.container_name(&service.name);
        let options = RenameContainerOptionsBuilder::default().name(&name).build();
        let renamed = self.docker.rename_container(id, options).await;
        renamed.map_err(|error| engine_error(&format!("rename {name}"), error))?;
        let mut inner = self.lock();
        if let Some(mut engine) = inner.engines.remove(&self.spare_name(&service.name)) {
            engine.node.clone_from(&service.name);
            inner.engines.insert(service.name.clone(), engine);
        }
        Ok(())
    }
}
