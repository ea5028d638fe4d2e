//! `docker network`, `secret` and `config`: what a swarm keeps by name.

use serde_json::{Value, json};

use super::super::cluster::Cluster;
use super::super::ids::of_image;
use super::super::machines::Machine;
use super::super::print::{Table, inspected, short};
use super::super::world::World;
use super::{Refused, Reply, daemon, managed, managed_at};
use crate::model::{Network, TaskState};
use crate::shell::docker::Parsed;

pub fn run(world: &mut World, node: &str, parsed: &Parsed, input: Option<&str>) -> Reply {
    match parsed.path[..] {
        ["network", "ls"] => networks(world, node, parsed).into(),
        ["network", "create"] => create_network(world, node, parsed).into(),
        ["network", "rm"] => each(&parsed.positionals, |name| {
            remove_network(world, node, name)
        }),
        ["network", "inspect"] => inspect_networks(world, node, parsed).into(),
        [what, "create"] => create(world, node, what, parsed, input).into(),
        [what, "ls"] => list(world, node, what, parsed).into(),
        [what, "rm"] => each(&parsed.positionals, |name| remove(world, node, what, name)),
        [what, "inspect"] => inspect(world, node, what, parsed).into(),
        _ => Reply::failed(
            1,
            format!(
                "the lab in memory knows no `docker {}`",
                parsed.path.join(" ")
            ),
        ),
    }
}

/// One thing after another; those that can't be done are told at their place.
fn each(names: &[String], mut by: impl FnMut(&str) -> Result<String, Refused>) -> Reply {
    let mut reply = Reply::default();
    for name in names {
        match by(name) {
            Ok(said) => reply.out += &said,
            Err(said) => {
                reply.err += &format!("{said}\n");
                reply.exit = 1;
            }
        }
    }
    reply
}

fn kept<'c>(cluster: &'c mut Cluster, what: &str) -> &'c mut Vec<(String, String)> {
    match what {
        "secret" => &mut cluster.secrets,
        _ => &mut cluster.configs,
    }
}

fn create(
    world: &mut World,
    node: &str,
    what: &str,
    parsed: &Parsed,
    input: Option<&str>,
) -> Result<String, Refused> {
    let at = managed_at(world, node)?;
    let name = &parsed.positionals[0];
    match parsed.positionals.get(1).map(String::as_str) {
        Some("-") | None if input.is_some_and(|text| !text.is_empty()) => {}
        Some("-") | None => {
            return Err(daemon(format!(
                "rpc error: code = InvalidArgument desc = {what} data must be larger than 0 and \
                 less than 512000 bytes"
            )));
        }
        Some(path) => {
            let files = world.ground.machine(node).map(|machine| &machine.files);
            let there = files.is_some_and(|files| files.contains_key(path));
            if !there && !path.starts_with("/etc/") {
                return Err(format!(
                    "error reading from {path}: open {path}: no such file or directory"
                ));
            }
        }
    }
    let id = world.ground.ids.swarm();
    let list = kept(&mut world.clusters[at], what);
    if list.iter().any(|(_, other)| other == name) {
        return Err(daemon(format!(
            "rpc error: code = AlreadyExists desc = {what} {name} already exists"
        )));
    }
    list.push((id.clone(), name.clone()));
    Ok(format!("{id}\n"))
}

fn list(world: &mut World, node: &str, what: &str, parsed: &Parsed) -> Result<String, Refused> {
    let at = managed_at(world, node)?;
    let list = kept(&mut world.clusters[at], what);
    let ages = ["Less than a second ago"; 2].map(str::to_owned);
    let row = |(id, name): &(String, String)| {
        let mut cells = vec![id.clone(), name.clone()];
        if what == "secret" {
            cells.push(String::new());
        }
        cells.extend(ages.clone());
        cells
    };
    let rows = list.iter().map(row).collect();
    let header: &[&str] = match what {
        "secret" => &["ID", "NAME", "DRIVER", "CREATED", "UPDATED"],
        _ => &["ID", "NAME", "CREATED", "UPDATED"],
    };
    Table { header, rows }.print(parsed)
}

fn remove(world: &mut World, node: &str, what: &str, name: &str) -> Result<String, Refused> {
    let at = managed_at(world, node)?;
    let cluster = &mut world.clusters[at];
    let user = cluster.services.iter().find(|service| {
        let template = &service.wish.template;
        let used = match what {
            "secret" => &template.secrets,
            _ => &template.configs,
        };
        used.iter().any(|one| one == name)
    });
    if let Some(user) = user {
        return Err(daemon(format!(
            "rpc error: code = InvalidArgument desc = {what} '{name}' is in use by the following \
             service: {}",
            user.name
        )));
    }
    let list = kept(cluster, what);
    let before = list.len();
    list.retain(|(id, other)| other != name && id != name);
    match list.len() < before {
        true => Ok(format!("{name}\n")),
        false => Err(daemon(format!("{what} {name} not found"))),
    }
}

fn inspect(world: &mut World, node: &str, what: &str, parsed: &Parsed) -> Result<String, Refused> {
    let at = managed_at(world, node)?;
    let list = kept(&mut world.clusters[at], what);
    let mut found: Vec<Value> = Vec::new();
    for name in &parsed.positionals {
        let thing = list.iter().find(|(_, other)| other == name);
        let (id, name) = thing.ok_or_else(|| daemon(format!("{what} {name} not found")))?;
        found.push(json!({ "ID": id, "Spec": { "Name": name, "Labels": {} } }));
    }
    inspected(parsed, &found)
}

/// Every engine's own networks, and those of its swarm: `(id, name, driver, scope)`.
fn all_networks(world: &World, node: &str) -> Vec<[String; 4]> {
    let own = |name: &str, driver: &str| {
        let id = of_image(&format!("{node}/{name}"));
        let id = id.trim_start_matches("sha256:").to_owned();
        [id, name.to_owned(), driver.to_owned(), "local".to_owned()]
    };
    let mut all = vec![
        own("bridge", "bridge"),
        own("host", "host"),
        own("none", "null"),
    ];
    let machine = world.ground.machine(node);
    if machine.is_some_and(|machine| machine.member.is_some()) {
        all.push(own("docker_gwbridge", "bridge"));
    }
    let cluster = machine.and_then(|machine| world.cluster_of(machine));
    if let Some(cluster) = cluster.map(|at| &world.clusters[at]) {
        let overlay = |id: &str, name: &str| {
            [
                id.to_owned(),
                name.to_owned(),
                "overlay".to_owned(),
                "swarm".to_owned(),
            ]
        };
        let ingress = of_image(&cluster.id)
            .trim_start_matches("sha256:")
            .to_owned();
        all.push(overlay(&ingress, "ingress"));
        if managed(world, node).is_ok() {
            all.extend(
                cluster
                    .networks
                    .iter()
                    .map(|(id, one)| overlay(id, &one.name)),
            );
        }
    }
    all.sort_by(|a, b| a[1].cmp(&b[1]));
    all
}

fn networks(world: &World, node: &str, parsed: &Parsed) -> Result<String, Refused> {
    let rows = all_networks(world, node)
        .into_iter()
        .map(|[id, name, driver, scope]| vec![short(&id), name, driver, scope])
        .collect();
    let header = &["NETWORK ID", "NAME", "DRIVER", "SCOPE"];
    Table { header, rows }.print(parsed)
}

fn create_network(world: &mut World, node: &str, parsed: &Parsed) -> Result<String, Refused> {
    let name = parsed.positionals[0].clone();
    let driver = parsed.value("driver").unwrap_or("bridge");
    if driver != "overlay" {
        return Err(daemon(
            "the lab in memory has networks of the driver overlay only",
        ));
    }
    let at = managed_at(world, node)?;
    if all_networks(world, node)
        .iter()
        .any(|[_, other, ..]| *other == name)
    {
        return Err(daemon(format!("network with name {name} already exists")));
    }
    let id = world.ground.ids.swarm();
    let labels = parsed.values("label").into_iter();
    let network = Network {
        name,
        driver: driver.to_owned(),
        labels: labels
            .map(|label| label.split_once('=').unwrap_or((label, "")))
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .collect(),
    };
    world.clusters[at].networks.push((id.clone(), network));
    Ok(format!("{id}\n"))
}

fn remove_network(world: &mut World, node: &str, name: &str) -> Result<String, Refused> {
    let at = managed_at(world, node)?;
    let cluster = &mut world.clusters[at];
    let user = cluster.services.iter().find(|service| {
        service
            .wish
            .template
            .networks
            .iter()
            .any(|network| network == name)
    });
    let task = user.and_then(|user| {
        cluster
            .tasks
            .iter()
            .find(|work| work.task.service == user.id)
    });
    if let Some(work) = task {
        return Err(daemon(format!(
            "rpc error: code = FailedPrecondition desc = network {name} is in use by task {}",
            work.task.id
        )));
    }
    let before = cluster.networks.len();
    cluster
        .networks
        .retain(|(id, network)| network.name != name && id != name);
    match cluster.networks.len() < before {
        true => Ok(format!("{name}\n")),
        false => Err(format!(
            "{}\nexit status 1",
            daemon(format!("network {name} not found"))
        )),
    }
}

fn inspect_networks(world: &World, node: &str, parsed: &Parsed) -> Result<String, Refused> {
    let all = all_networks(world, node);
    let mut found: Vec<Value> = Vec::new();
    for name in &parsed.positionals {
        let network = all
            .iter()
            .find(|[id, other, ..]| other == name || id.starts_with(name));
        let [id, name, driver, scope] =
            network.ok_or_else(|| daemon(format!("network {name} not found")))?;
        found.push(json!({
            "Name": name,
            "Id": id,
            "Driver": driver,
            "Scope": scope,
            "Containers": containers_in(world, node, name),
        }));
    }
    inspected(parsed, &found)
}

/// The containers of a node's tasks, which are all on its bridge to the outside.
fn containers_in(world: &World, node: &str, network: &str) -> Value {
    let machine = world.ground.machine(node);
    let cluster = machine.and_then(|machine| world.cluster_of(machine));
    let (Some(machine), Some(at)) = (machine, cluster) else {
        return json!({});
    };
    let here = |machine: &Machine, state: TaskState, on: &Option<String>| {
        network == "docker_gwbridge" && state == TaskState::Running && *on == machine.member
    };
    let tasks = world.clusters[at].tasks.iter().map(|work| &work.task);
    let found = tasks
        .filter(|task| here(machine, task.state, &task.node))
        .enumerate()
        .filter_map(|(number, task)| {
            let address = format!("172.18.0.{}/16", number + 3);
            Some((task.container.clone()?, json!({ "IPv4Address": address })))
        });
    Value::Object(found.collect())
}
