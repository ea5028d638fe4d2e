//! A swarm as its managers keep it: who belongs to it, who leads, and whether
//! enough managers are there to decide anything.

use std::collections::BTreeMap;

use super::ids::Ids;
use super::machines::{Ground, Machine};
use super::tasks::Work;
use super::wish::Service;
use crate::model::{self, Network, Node, Reachability, Swarm};

/// Looks after which a node that is not heard of is down.
const DOWN_AFTER: u32 = 5;

/// The port managers listen on.
pub const MANAGER_PORT: u16 = 2377;

/// A swarm.
#[derive(Default)]
pub struct Cluster {
    pub id: String,
    digest: String,
    worker_secret: String,
    manager_secret: String,
    pub nodes: Vec<Member>,
    pub services: Vec<Service>,
    pub tasks: Vec<Work>,
    pub networks: Vec<(String, Network)>,
    /// `(id, name)`
    pub secrets: Vec<(String, String)>,
    /// `(id, name)`
    pub configs: Vec<(String, String)>,
}

/// A row of `node ls`.
pub struct Member {
    pub row: Node,
    /// Looks since it was heard of.
    away: u32,
}

impl Cluster {
    /// A swarm whose first manager is this machine.
    pub fn founded_by(machine: &mut Machine, ids: &mut Ids) -> Cluster {
        let mut cluster = Cluster {
            id: ids.swarm(),
            digest: ids.digest(),
            worker_secret: ids.swarm(),
            manager_secret: ids.swarm(),
            ..Cluster::default()
        };
        cluster.admit(machine, true, "active", ids);
        cluster.nodes[0].row.state = "ready".to_owned();
        cluster.nodes[0].row.leader = true;
        cluster
    }

    /// Lets a machine in.
    pub fn admit(
        &mut self,
        machine: &mut Machine,
        manager: bool,
        availability: &str,
        ids: &mut Ids,
    ) {
        let id = ids.swarm();
        machine.member = Some(id.clone());
        machine.has_joined = true;
        self.nodes.push(Member {
            row: Node {
                id,
                hostname: machine.name().to_owned(),
                manager,
                reachability: manager.then_some(Reachability::Reachable),
                leader: false,
                state: "unknown".to_owned(),
                availability: availability.to_owned(),
                address: machine.address.to_string(),
                labels: BTreeMap::new(),
            },
            away: 0,
        });
    }

    /// The token to join with.
    pub fn token(&self, manager: bool) -> String {
        let secret = match manager {
            true => &self.manager_secret,
            false => &self.worker_secret,
        };
        format!("SWMTKN-1-{}-{secret}", self.digest)
    }

    /// Another secret for one of the roles.
    pub fn rotate(&mut self, manager: bool, ids: &mut Ids) {
        let secret = ids.swarm();
        match manager {
            true => self.manager_secret = secret,
            false => self.worker_secret = secret,
        }
    }

    /// Which role a token gives; the engine's words where it gives none.
    pub fn role_of(&self, token: &str) -> Result<bool, String> {
        let parts: Vec<&str> = token.split('-').collect();
        let ["SWMTKN", "1", digest, secret] = parts[..] else {
            return Err("invalid join token".to_owned());
        };
        if digest.len() != self.digest.len() {
            return Err("invalid join token".to_owned());
        }
        if digest != self.digest {
            return Err(format!(
                "remote CA does not match fingerprint. Expected: {digest}, got {}",
                self.digest
            ));
        }
        match secret {
            _ if secret == self.manager_secret => Ok(true),
            _ if secret == self.worker_secret => Ok(false),
            _ => Err(
                "rpc error: code = InvalidArgument desc = A valid join token is necessary \
                      to join this cluster"
                    .to_owned(),
            ),
        }
    }

    /// The row of a node by id, the beginning of one, or hostname.
    pub fn find(&self, name: &str) -> Option<usize> {
        let by = |is: &dyn Fn(&Node) -> bool| self.nodes.iter().position(|node| is(&node.row));
        by(&|row| row.id == name)
            .or_else(|| by(&|row| row.hostname == name && row.state == "ready"))
            .or_else(|| by(&|row| row.hostname == name))
            .or_else(|| by(&|row| name.len() >= 2 && row.id.starts_with(name)))
    }

    pub fn row(&self, id: &str) -> Option<&Node> {
        self.nodes
            .iter()
            .map(|node| &node.row)
            .find(|row| row.id == id)
    }

    pub fn managers(&self) -> impl Iterator<Item = &Node> {
        self.nodes
            .iter()
            .map(|node| &node.row)
            .filter(|row| row.manager)
    }

    /// Whether more than half of the managers hear each other.
    pub fn has_quorum(&self, ground: &Ground) -> bool {
        let managers = self.managers().count();
        // One that is alone needs nobody to hear it.
        let fit = |machine: &Machine| match managers {
            1 => machine.answers() && !machine.expired,
            _ => machine.heard(),
        };
        let heard = self
            .managers()
            .filter(|row| ground.member(&row.id).is_some_and(fit))
            .count();
        heard * 2 > managers
    }

    /// Where managers listen, the leader first.
    pub fn address(&self) -> Option<String> {
        let leader = self.managers().find(|row| row.leader);
        let row = leader.or_else(|| self.managers().next())?;
        Some(format!("{}:{MANAGER_PORT}", row.address))
    }

    /// One look later.
    pub fn tick(&mut self, ground: &mut Ground) {
        if !self.has_quorum(ground) {
            return;
        }
        // The leader's word is what counts, or that of who will be.
        let hears = |row: &&Node| ground.member(&row.id).is_some_and(Machine::heard);
        let leading = self.managers().filter(|row| row.leader);
        let leader = leading.chain(self.managers()).find(hears);
        let leader = leader.or_else(|| self.managers().next());
        let leader = leader.map(|row| row.hostname.clone()).unwrap_or_default();
        let leads_heard = ground.machine(&leader).is_some_and(Machine::heard);
        for node in &mut self.nodes {
            let machine = ground.member(&node.row.id);
            let itself = node.row.hostname == leader;
            let heard = match itself {
                true => machine.is_some_and(Machine::answers),
                false => {
                    let cut = ground.harmed.is_cut(&leader, &node.row.hostname);
                    leads_heard && !cut && machine.is_some_and(Machine::heard)
                }
            };
            node.away = if heard { 0 } else { node.away + 1 };
            let left = machine.is_none();
            if heard {
                node.row.state = "ready".to_owned();
            } else if left || node.away >= DOWN_AFTER {
                node.row.state = "down".to_owned();
            }
            node.row.reachability = node.row.manager.then_some(match heard {
                true => Reachability::Reachable,
                false => Reachability::Unreachable,
            });
        }
        self.elect();
        self.move_tasks(ground);
    }

    fn elect(&mut self) {
        let fit = |row: &Node| row.reachability == Some(Reachability::Reachable);
        if self.managers().any(|row| row.leader && fit(row)) {
            return;
        }
        for node in &mut self.nodes {
            node.row.leader = false;
        }
        if let Some(next) = self.nodes.iter_mut().find(|node| fit(&node.row)) {
            next.row.leader = true;
        }
    }

    pub fn service(&self, name: &str) -> Option<&Service> {
        let by_id = |service: &&Service| name.len() >= 2 && service.id.starts_with(name);
        let mut services = self.services.iter();
        services
            .find(|service| service.name == name)
            .or_else(|| self.services.iter().find(by_id))
    }

    pub fn service_mut(&mut self, name: &str) -> Option<&mut Service> {
        let id = self.service(name)?.id.clone();
        self.services.iter_mut().find(|service| service.id == id)
    }

    /// The swarm as one of its managers sees it.
    pub fn seen(&self, from: &str) -> Swarm {
        let names =
            |pairs: &[(String, String)]| pairs.iter().map(|(_, name)| name.clone()).collect();
        Swarm {
            id: self.id.clone(),
            seen_from: from.to_owned(),
            set_otherwise: false,
            worker_token: self.token(false),
            manager_token: self.token(true),
            manager_addr: self.address(),
            nodes: self.nodes.iter().map(|node| node.row.clone()).collect(),
            services: self.services.iter().map(Service::seen).collect(),
            tasks: self.tasks.iter().map(|work| work.task.clone()).collect(),
            networks: self
                .networks
                .iter()
                .map(|(_, network)| network.clone())
                .collect(),
            secrets: names(&self.secrets),
            configs: names(&self.configs),
        }
    }
}

/// Whether a task on this node counts: it is ready, and not told to be empty.
pub fn takes_tasks(row: &Node) -> bool {
    row.state == "ready" && row.availability == "active"
}

/// The constraints of a service as Swarm reads them, for what this lab knows of a node.
pub fn satisfies(row: &model::Node, constraints: &[String]) -> bool {
    constraints.iter().all(|constraint| {
        let tight: String = constraint.split_whitespace().collect();
        let (key, equal, value) = match (tight.split_once("=="), tight.split_once("!=")) {
            (Some((key, value)), _) => (key, true, value),
            (None, Some((key, value))) => (key, false, value),
            (None, None) => return true,
        };
        let have = match key {
            "node.role" => Some(if row.manager { "manager" } else { "worker" }),
            "node.hostname" => Some(row.hostname.as_str()),
            "node.id" => Some(row.id.as_str()),
            _ => match key.strip_prefix("node.labels.") {
                Some(label) => row.labels.get(label).map(String::as_str),
                None => return true,
            },
        };
        have.is_some_and(|have| have.eq_ignore_ascii_case(value)) == equal
    })
}
