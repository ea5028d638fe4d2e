//! `docker swarm ...`: making a swarm, joining and leaving it.

use super::super::cluster::{Cluster, MANAGER_PORT};
use super::super::machines::Machine;
use super::super::world::World;
use super::{Refused, Reply, daemon, managed_at};
use crate::shell::docker::Parsed;

const PART_OF_ONE: &str = "This node is already part of a swarm. Use \"docker swarm leave\" to \
                           leave this swarm and join another one.";

pub fn run(world: &mut World, node: &str, parsed: &Parsed) -> Reply {
    match parsed.path[1] {
        "init" => init(world, node, parsed).into(),
        "join" => join(world, node, parsed).into(),
        "join-token" => join_token(world, node, parsed).into(),
        "leave" => leave(world, node, parsed.has("force")).into(),
        other => Reply::failed(
            1,
            format!("the lab in memory knows no `docker swarm {other}`"),
        ),
    }
}

fn init(world: &mut World, node: &str, parsed: &Parsed) -> Result<String, Refused> {
    let ids = &mut world.ground.ids;
    let machine = world
        .ground
        .machines
        .iter_mut()
        .find(|machine| machine.name() == node);
    let machine = machine.ok_or("no such node")?;
    if machine.member.is_some() {
        return Err(daemon(PART_OF_ONE));
    }
    if let Some(address) = parsed.value("advertise-addr") {
        let host = address.split(':').next().unwrap_or(address);
        let known = host == machine.address.to_string() || host == "eth0";
        if !known {
            return Err(daemon(
                "advertise address must be a non-zero IP address or network interface (with \
                 optional port number)",
            ));
        }
    }
    let mut cluster = Cluster::founded_by(machine, ids);
    if let Some(availability) = parsed.value("availability") {
        cluster.nodes[0].row.availability = availability.to_owned();
    }
    let id = machine.member.clone().unwrap_or_default();
    let told = invitation(&cluster, false);
    world.clusters.push(cluster);
    Ok(format!(
        "Swarm initialized: current node ({id}) is now a manager.\n\n{told}\n\
         To add a manager to this swarm, run 'docker swarm join-token manager' and follow the \
         instructions.\n"
    ))
}

fn invitation(cluster: &Cluster, manager: bool) -> String {
    let role = if manager { "manager" } else { "worker" };
    format!(
        "To add a {role} to this swarm, run the following command:\n\n    \
         docker swarm join --token {} {}\n",
        cluster.token(manager),
        cluster.address().unwrap_or_default(),
    )
}

fn join(world: &mut World, node: &str, parsed: &Parsed) -> Result<String, Refused> {
    let machine = world.ground.machine(node).ok_or("no such node")?;
    if machine.member.is_some() {
        return Err(daemon(PART_OF_ONE));
    }
    let token = parsed.value("token").unwrap_or_default();
    let address = &parsed.positionals[0];
    if token.split('-').count() != 4 || !token.starts_with("SWMTKN-1-") {
        return Err(daemon("invalid join token"));
    }
    let (host, port) = match address.rsplit_once(':') {
        Some((host, port)) => (host, port.to_owned()),
        None => (address.as_str(), MANAGER_PORT.to_string()),
    };
    let asked = world.ground.by_host(host).filter(|machine| machine.heard());
    let manager_there = asked
        .filter(|_| port == MANAGER_PORT.to_string())
        .and_then(|asked| {
            let at = world.cluster_of(asked)?;
            let row = world.clusters[at].row(asked.member.as_deref()?)?;
            row.manager.then_some(at)
        });
    let Some(at) = manager_there else {
        return Err(daemon(format!(
            "rpc error: code = Unavailable desc = connection error: desc = \"transport: Error \
             while dialing: dial tcp {host}:{port}: connect: connection refused\""
        )));
    };
    let manager = world.clusters[at].role_of(token).map_err(daemon)?;
    if !world.clusters[at].has_quorum(&world.ground) {
        return Err(daemon(
            "Timeout was reached before node joined. The attempt to join the swarm will continue \
             in the background. Use the \"docker info\" command to see the current swarm status \
             of your node.",
        ));
    }
    let availability = parsed.value("availability").unwrap_or("active").to_owned();
    let ids = &mut world.ground.ids;
    let machine = world
        .ground
        .machines
        .iter_mut()
        .find(|machine| machine.name() == node);
    let machine = machine.ok_or("no such node")?;
    world.clusters[at].admit(machine, manager, &availability, ids);
    let role = if manager { "manager" } else { "worker" };
    Ok(format!("This node joined a swarm as a {role}.\n"))
}

fn join_token(world: &mut World, node: &str, parsed: &Parsed) -> Result<String, Refused> {
    let manager = match parsed.positionals[0].as_str() {
        "manager" => true,
        "worker" => false,
        other => return Err(format!("unknown role {other}")),
    };
    let at = managed_at(world, node)?;
    let mut told = String::new();
    if parsed.has("rotate") {
        world.clusters[at].rotate(manager, &mut world.ground.ids);
        told = format!(
            "Successfully rotated {} join token.\n\n",
            parsed.positionals[0]
        );
    }
    let cluster = &world.clusters[at];
    Ok(match parsed.has("quiet") {
        true => cluster.token(manager) + "\n",
        false => format!("{told}{}\n", invitation(cluster, manager)),
    })
}

fn leave(world: &mut World, node: &str, force: bool) -> Result<String, Refused> {
    let machine = world.ground.machine(node).ok_or("no such node")?;
    let Some(id) = machine.member.clone() else {
        return Err(daemon("This node is not part of a swarm"));
    };
    if let Some(at) = world.cluster_of(machine)
        && !force
    {
        let cluster = &world.clusters[at];
        let managers = cluster.managers().count();
        let is_manager = cluster.row(&id).is_some_and(|row| row.manager);
        if is_manager {
            let left = managers - 1;
            let rest = match left {
                0 => "Removing the last manager erases all current state of the swarm. Use \
                      `--force` to ignore this message."
                    .to_owned(),
                _ if left * 2 > managers => format!(
                    "Removing this node leaves {left} managers out of {managers}. Use `--force` \
                     to suppress this message."
                ),
                _ => format!(
                    "Removing this node leaves {left} managers out of {managers}. Without a Raft \
                     quorum your swarm will be inaccessible. The only way to restore a swarm that \
                     has lost consensus is to reinitialize it with `--force-new-cluster`. Use \
                     `--force` to suppress this message."
                ),
            };
            return Err(daemon(format!(
                "You are attempting to leave the swarm on a node that is participating as a \
                 manager. {rest}"
            )));
        }
    }
    let gone = |machine: &mut Machine| machine.member = None;
    world
        .ground
        .machine_mut(node)
        .map(gone)
        .ok_or("no such node")?;
    Ok("Node left the swarm.\n".to_owned())
}
