//! The lab's networks on the outer engine: a /24 of their own each.

use bollard::models::{Ipam, IpamConfig, NetworkCreateRequest};

use super::super::LabError;
use super::subnet::{self, Net};
use super::{RealLab, engine_error, label};

impl RealLab {
    /// The lab's network, made if it is not there.
    pub(super) async fn network_made(&self) -> Result<Net, LabError> {
        self.network_of(&self.network_name(), false).await
    }

    /// A network of ours; on an internal one no ports are published.
    pub(super) async fn network_of(&self, name: &str, internal: bool) -> Result<Net, LabError> {
        let networks = self
            .docker
            .list_networks(None::<bollard::query_parameters::ListNetworksOptions>)
            .await
            .map_err(|error| engine_error("list networks", error))?;
        let subnets = |ipam: &Option<Ipam>| -> Vec<Net> {
            ipam.iter()
                .flat_map(|ipam| ipam.config.iter().flatten())
                .filter_map(|config| Net::parse(config.subnet.as_ref()?))
                .collect()
        };
        if let Some(ours) = networks.iter().find(|n| n.name.as_deref() == Some(name)) {
            let labels = ours.labels.clone().unwrap_or_default();
            if labels.get(label::OWNER).map(String::as_str) != Some("swarmlings") {
                let name = name.to_owned();
                return Err(LabError::NameTaken { name });
            }
            if let Some(net) = subnets(&ours.ipam).first() {
                return Ok(*net);
            }
        }
        let mut taken: Vec<Net> = networks.iter().flat_map(|n| subnets(&n.ipam)).collect();
        if self.is_local()
            && let Ok(text) = std::fs::read_to_string("/proc/net/route")
        {
            taken.extend(subnet::routes(&text));
        }
        // Docker itself refuses a subnet that overlaps a route we could not
        // see (a remote engine's); the next one is then tried.
        loop {
            let net = subnet::choose(&taken).ok_or(LabError::NoSubnet)?;
            let request = NetworkCreateRequest {
                name: name.to_owned(),
                driver: Some("bridge".to_owned()),
                internal: Some(internal),
                labels: Some(self.labels()),
                ipam: Some(Ipam {
                    config: Some(vec![IpamConfig {
                        subnet: Some(net.to_string()),
                        gateway: Some(net.host(1).to_string()),
                        ..IpamConfig::default()
                    }]),
                    ..Ipam::default()
                }),
                ..NetworkCreateRequest::default()
            };
            match self.docker.create_network(request).await {
                Ok(_) => return Ok(net),
                Err(error) => {
                    let error = engine_error("create network", error);
                    let overlaps = matches!(&error, LabError::Engine { message, .. }
                        if message.contains("overlap"));
                    if !overlaps {
                        return Err(error);
                    }
                    taken.push(net);
                }
            }
        }
    }

    pub(super) fn network_request(&self, net: Net) -> NetworkCreateRequest {
        NetworkCreateRequest {
            name: self.network_name(),
            driver: Some("bridge".to_owned()),
            labels: Some(self.labels()),
            ipam: Some(Ipam {
                config: Some(vec![IpamConfig {
                    subnet: Some(net.to_string()),
                    gateway: Some(net.host(1).to_string()),
                    ..IpamConfig::default()
                }]),
                ..Ipam::default()
            }),
            ..NetworkCreateRequest::default()
        }
    }
}
