//! Published ports that somebody else has by now.

use std::collections::BTreeMap;

use bollard::models::PortMap;

use super::super::{LabError, News, Plan, Tell};
use super::make::{NODE_DATA, Seat};
use super::remove::remove_container;
use super::subnet::Net;
use super::{RealLab, label};
use crate::model::ComposeService;
use crate::model::compose::PortMapping;

impl RealLab {
    /// `done`, or where a port of the container was the obstacle, the container
    /// with another one: made again around a node's data, so that it is who it was
    /// in its swarm.
    pub(super) async fn or_on_other_ports(
        &self,
        plan: &Plan,
        name: &str,
        done: Result<(), LabError>,
        tell: &Tell,
    ) -> Result<(), LabError> {
        let Err(error) = done else {
            return Ok(());
        };
        let services = &plan.compose.services;
        let service = services.iter().find(|service| service.name == name);
        let taken = service.and_then(|service| Some((service, taken_port(&error, service)?)));
        let Some((service, port)) = taken else {
            return Err(error);
        };
        let container = self.container_name(name);
        let found = self.found(&container).await?;
        let labels = found.config.and_then(|c| c.labels).unwrap_or_default();
        let of = |key: &str| labels.get(key).cloned();
        let (Some(image), Some(config)) = (found.image, of(label::CONFIG)) else {
            return Err(error);
        };
        let Some((address, home)) =
            of(label::ADDRESS).and_then(|address| Some((address.clone(), address.parse().ok()?)))
        else {
            return Err(error);
        };
        let mounts = found.mounts.unwrap_or_default();
        let data = mounts
            .into_iter()
            .find(|mount| mount.destination.as_deref() == Some(NODE_DATA));
        let seat = Seat {
            net: Net::around(home),
            address,
            config,
            volume: data.and_then(|mount| mount.name),
        };
        // Not with its volume: the new one goes on with the data.
        remove_container(&self.docker, &container, false, &format!("remove {name}")).await?;
        let moved = BTreeMap::from([(port, 0)]);
        match self.created(service, &image, &seat, moved, tell).await? {
            Some(_) => Ok(()),
            None => Err(LabError::NameTaken { name: container }),
        }
    }

    pub(super) async fn report_moved(
        &self,
        id: &str,
        service: &ComposeService,
        moved: &BTreeMap<u16, u16>,
        tell: &Tell,
    ) {
        if moved.is_empty() {
            return;
        }
        let published = self.ports_here(service, id).await;
        for from in moved.keys() {
            let _ = tell.send(News::PortMoved {
                name: service.name.clone(),
                from: *from,
                to: published.get(from).copied(),
            });
        }
    }

    /// The ports of this machine that a service's container has, by those of the plan.
    /// Empty where it does not run.
    pub(super) async fn ports_here(
        &self,
        service: &ComposeService,
        container: &str,
    ) -> BTreeMap<u16, u16> {
        let found = self.found(container).await.ok();
        let ports = found
            .and_then(|found| found.network_settings)
            .and_then(|settings| settings.ports);
        ports_of(service, &ports.unwrap_or_default())
    }
}

/// The ports of this machine in Docker's own map, by those of the plan.
pub(super) fn ports_of(service: &ComposeService, ports: &PortMap) -> BTreeMap<u16, u16> {
    let here = |mapping: &PortMapping| {
        let bindings = ports.get(&port_key(mapping.container, mapping.udp))?;
        let port = bindings.as_ref()?.first()?.host_port.as_ref()?;
        Some((mapping.host, port.parse().ok()?))
    };
    service.ports.iter().filter_map(here).collect()
}

/// Docker's key of a container's port.
pub(super) fn port_key(port: u16, udp: bool) -> String {
    format!("{port}/{}", if udp { "udp" } else { "tcp" })
}

/// The published port that Docker says is taken.
pub(super) fn taken_port(error: &LabError, service: &ComposeService) -> Option<u16> {
    let LabError::Engine { message, .. } = error else {
        return None;
    };
    let taken = [
        "already allocated",
        "address already in use",
        "ports are not available",
    ];
    if !taken.iter().any(|words| message.contains(words)) {
        return None;
    }
    service
        .ports
        .iter()
        .map(|mapping| mapping.host)
        .find(|port| message.contains(&format!(":{port}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_taken_port_is_read_out_of_dockers_words() {
        let service = ComposeService {
            ports: [8000, 9000]
                .map(|host| PortMapping {
                    host,
                    container: 80,
                    udp: false,
                })
                .to_vec(),
            ..ComposeService::default()
        };
        let error = |message: &str| LabError::Engine {
            doing: "start".into(),
            message: message.into(),
            status: Some(500),
        };
        let said = "driver failed programming external connectivity on endpoint x (12): \
                    Bind for 127.0.0.1:9000 failed: port is already allocated";
        assert_eq!(taken_port(&error(said), &service), Some(9000));
        let said = "listen tcp4 127.0.0.1:8000: bind: address already in use";
        assert_eq!(taken_port(&error(said), &service), Some(8000));
        assert_eq!(
            taken_port(&error("no space left on device"), &service),
            None
        );
    }
}
