//! A spare set that is one swarm already, so that to go to a step with a swarm is to
//! take it.
//!
//! A swarm does not outlive its manager's address, and the address that the manager
//! is going to have belongs to the lab until then. So the spare nodes have theirs
//! beforehand on a link of their own: a VXLAN, which any kernel with Swarm's overlays
//! has, over the network on which they start. It goes by itself with the interface
//! under it when a node leaves that network; connections outlast that.

use std::time::{Duration, Instant};

use futures_util::future::try_join_all;

use super::super::{LabError, Plan};
use super::make::address_of;
use super::mend::MANAGER_PORT;
use super::wire::{Cluster, WireNode};
use super::{RealLab, raw_error};

/// What `docker swarm init` and `join` may take, and the nodes to be ready.
const WITHIN: Duration = Duration::from_secs(60);

/// `sh -c LINK sh ADDRESS BROADCAST LATER`: the node has the address LATER on a link
/// that goes to all who have an address of the same network as ADDRESS. The port is
/// not Swarm's own (4789).
const LINK: &str = r#"
for device in /sys/class/net/eth*; do
    device=${device##*/}
    case $(ip -4 -o addr show dev "$device") in *" $1/"*) break ;; esac
done
ip link delete spare0 2>/dev/null
ip link add spare0 type vxlan id 4790 dstport 4790 remote "$2" dev "$device" &&
    ip addr add "$3/24" dev spare0 &&
    ip link set spare0 up
"#;

/// A spare node that is to come into the swarm.
struct Member {
    /// The compose service.
    service: String,
    /// The container's id.
    id: String,
    /// The address in the lab's network.
    address: String,
}

impl RealLab {
    /// Spare engines that are in no swarm become one.
    pub(super) async fn spare_swarm_formed(
        &self,
        plan: &Plan,
        manager: &str,
    ) -> Result<(), LabError> {
        let network = self.spare_network();
        let (net, under) = tokio::try_join!(self.network_made(), self.network_of(&network, true))?;
        let services = plan.compose.services.iter().enumerate();
        let nodes = services.filter(|(_, service)| service.is_node());
        let broadcast = under.host(255).to_string();
        let linking = nodes.map(|(n, service)| {
            let (broadcast, network) = (&broadcast, &network);
            async move {
                let (id, own) = self.on_spare_network(&service.name, network).await?;
                let address = address_of(net, n).to_string();
                let argv = ["sh", "-c", LINK, "sh", &own, broadcast, &address];
                self.ran(&id, &argv).await?;
                let service = service.name.clone();
                Ok::<Member, LabError>(Member {
                    service,
                    id,
                    address,
                })
            }
        });
        let members = try_join_all(linking).await?;
        let lacks = || LabError::NotRunning(manager.to_owned());
        let first = members.iter().find(|member| member.service == manager);
        let first = first.ok_or_else(lacks)?;
        let init = ["docker", "swarm", "init", "--advertise-addr"];
        self.ran(&first.id, &[&init[..], &[&first.address]].concat())
            .await?;
        let engine = self.engine_for(&self.spare_name(manager), &first.id)?;
        let cluster: Cluster = engine
            .get("/swarm")
            .await
            .map_err(|error| raw_error("read the spare swarm", error))?;
        let (token, at) = (
            cluster.join_tokens.worker.as_str(),
            format!("{}:{MANAGER_PORT}", first.address),
        );
        let others = members.iter().filter(|member| member.service != manager);
        let joining = others.map(|member| {
            let at = at.as_str();
            async move {
                let join = ["docker", "swarm", "join", "--token", token];
                let how = ["--advertise-addr", member.address.as_str(), at];
                self.ran(&member.id, &[&join[..], &how].concat()).await
            }
        });
        try_join_all(joining).await?;
        let deadline = Instant::now() + WITHIN;
        let mut tick = tokio::time::interval(Duration::from_millis(200));
        while self.spare_nodes_ready(manager, &first.id).await != Some(members.len()) {
            if Instant::now() > deadline {
                return Err(LabError::NoSwarm);
            }
            tick.tick().await;
        }
        Ok(())
    }

    /// Whether the spare set still is the swarm that it was.
    pub(super) async fn spare_swarm_holds(&self) -> bool {
        let Some(manager) = self.lock().kept.spare_swarm.clone() else {
            return false;
        };
        let Ok(found) = self.found(&self.spare_name(&manager)).await else {
            return false;
        };
        let nodes = self.shape().iter().filter(|(_, is_node)| *is_node).count();
        let id = found.id.unwrap_or_default();
        self.spare_nodes_ready(&manager, &id).await == Some(nodes)
    }

    /// How many nodes are ready in the swarm that this spare node manages.
    async fn spare_nodes_ready(&self, manager: &str, id: &str) -> Option<usize> {
        let engine = self.engine_for(&self.spare_name(manager), id).ok()?;
        let asking = engine.get::<Vec<WireNode>>("/nodes");
        let nodes = tokio::time::timeout(WITHIN, asking).await.ok()?.ok()?;
        Some(nodes.iter().filter(|node| node.is_ready()).count())
    }

    /// A spare node's id, and its address in the network on which they start.
    async fn on_spare_network(
        &self,
        service: &str,
        network: &str,
    ) -> Result<(String, String), LabError> {
        let name = self.spare_name(service);
        let mut found = self.found(&name).await?;
        let id = found.id.take().unwrap_or_default();
        let address = |settings: Option<bollard::models::NetworkSettings>| {
            let address = settings?.networks?.remove(network)?.ip_address?;
            (!address.is_empty()).then_some(address)
        };
        if let Some(address) = address(found.network_settings.take()) {
            return Ok((id, address));
        }
        self.join_network(network, &id).await?;
        let found = self.found(&name).await?;
        let address = address(found.network_settings);
        Ok((id, address.ok_or(LabError::NotRunning(name))?))
    }

    /// A command of the program's own that has to end well.
    async fn ran(&self, id: &str, argv: &[&str]) -> Result<(), LabError> {
        match self.run_in(id, argv, WITHIN).await? {
            (0, ..) => Ok(()),
            (_, _, said) => Err(LabError::Engine {
                doing: argv[..3.min(argv.len())].join(" "),
                message: said.trim().to_owned(),
                status: None,
            }),
        }
    }
}
