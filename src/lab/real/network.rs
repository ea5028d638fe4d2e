//! The lab's networks on the outer engine: a /24 of their own each.

use bollard::models::{Ipam, IpamConfig, Network, NetworkCreateRequest};
use bollard::query_parameters::ListNetworksOptions;

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
        let mut networks = self.listed_networks().await?;
        let of_name = |networks: &[Network]| -> Vec<Network> {
            let ours = networks.iter().filter(|n| n.name.as_deref() == Some(name));
            ours.cloned().collect()
        };
        let mut ours = of_name(&networks);
        if ours.iter().any(|network| !is_ours(network)) {
            let name = name.to_owned();
            return Err(LabError::NameTaken { name });
        }
        // Docker takes a name twice where two requests cross: that of a program
        // that was killed, and ours. One that is in use stays.
        if ours.len() > 1 {
            for id in ours.iter().filter_map(|network| network.id.as_ref()) {
                let _ = self.docker.remove_network(id).await;
            }
            networks = self.listed_networks().await?;
            ours = of_name(&networks);
        }
        if let Some(net) = ours.iter().flat_map(subnets).next() {
            return Ok(net);
        }
        let mut taken: Vec<Net> = networks.iter().flat_map(subnets).collect();
        if self.is_local()
            && let Ok(text) = std::fs::read_to_string("/proc/net/route")
        {
            taken.extend(subnet::routes(&text));
        }
        // Docker itself refuses a subnet that overlaps a route we could not
        // see (a remote engine's); the next one is then tried.
        loop {
            let net = subnet::choose(&taken).ok_or(LabError::NoSubnet)?;
            match self.new_network(name, internal, net).await {
                Err(LabError::Engine { message, .. }) if message.contains("overlap") => {
                    taken.push(net);
                }
                made => return made.map(|()| net),
            }
        }
    }

    async fn listed_networks(&self) -> Result<Vec<Network>, LabError> {
        let listed = self.docker.list_networks(None::<ListNetworksOptions>);
        listed
            .await
            .map_err(|error| engine_error("list networks", error))
    }

    /// A network with this range, whatever else there is.
    pub(super) async fn new_network(
        &self,
        name: &str,
        internal: bool,
        net: Net,
    ) -> Result<(), LabError> {
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
        let docker = self.docker.clone();
        let made = self.carried(async move { docker.create_network(request).await });
        let made = made.await;
        made.map(|_| ())
            .map_err(|error| engine_error("create network", error))
    }
}

fn is_ours(network: &Network) -> bool {
    let labels = network.labels.as_ref();
    let owner = labels.and_then(|labels| labels.get(label::OWNER));
    owner.map(String::as_str) == Some("swarmlings")
}

fn subnets(network: &Network) -> Vec<Net> {
    let ranges = network.ipam.iter().flat_map(|ipam| ipam.config.iter());
    ranges
        .flatten()
        .filter_map(|config| Net::parse(config.subnet.as_ref()?))
        .collect()
}
