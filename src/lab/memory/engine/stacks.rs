//! `docker stack ...`: services of one file, made and removed together.

use granit_parser::{Event, Parser};
use serde_json::{Map, Value};

use super::super::print::Table;
use super::super::wish::{Template, Wish};
use super::super::world::World;
use super::{Refused, Reply, daemon, managed, managed_at, services};
use crate::model::compose::with_tag;
use crate::model::{Network, ServiceMode};
use crate::shell::docker::Parsed;

/// The label Docker puts on all things of a stack.
const NAMESPACE: &str = "com.docker.stack.namespace";

pub fn run(world: &mut World, node: &str, parsed: &Parsed) -> Reply {
    match parsed.path[1] {
        "deploy" => deploy(world, node, parsed).into(),
        "ls" => list(world, node, parsed).into(),
        "services" => services_of(world, node, parsed),
        "ps" => tasks(world, node, parsed).into(),
        "rm" => remove(world, node, &parsed.positionals),
        other => Reply::failed(
            1,
            format!("the lab in memory knows no `docker stack {other}`"),
        ),
    }
}

fn deploy(world: &mut World, node: &str, parsed: &Parsed) -> Result<String, Refused> {
    let path = parsed.value("compose-file").unwrap_or_default().to_owned();
    let files = world.ground.machine(node).map(|machine| &machine.files);
    let text = files.and_then(|files| files.get(&path)).cloned();
    let text = text.ok_or_else(|| format!("open {path}: no such file or directory"))?;
    let file = read(&text)?;
    let at = managed_at(world, node)?;
    let stack = parsed.positionals[0].clone();
    let mut out = String::new();
    let mut networks = keys(&file["networks"]);
    if networks.is_empty() {
        networks.push("default".to_owned());
    }
    for network in &networks {
        let name = format!("{stack}_{network}");
        let there = world.clusters[at]
            .networks
            .iter()
            .any(|(_, one)| one.name == name);
        if !there {
            out += &format!("Creating network {name}\n");
            let id = world.ground.ids.swarm();
            let network = Network {
                name,
                driver: "overlay".to_owned(),
                labels: [(NAMESPACE.to_owned(), stack.clone())].into(),
            };
            world.clusters[at].networks.push((id, network));
        }
    }
    let Some(wanted) = file["services"].as_object() else {
        return Err("Top-level object must be a mapping with services".to_owned());
    };
    for (name, service) in wanted {
        let wish = wish(&stack, service)?;
        out += &services::deploy(world, at, &format!("{stack}_{name}"), wish)?;
    }
    Ok(out)
}

/// A service of a stack file, as far as this lab knows its keys.
fn wish(stack: &str, service: &Value) -> Result<Wish, Refused> {
    let texts = |value: &Value| -> Vec<String> {
        match value {
            Value::Array(list) => list
                .iter()
                .filter_map(Value::as_str)
                .map(str::to_owned)
                .collect(),
            Value::Object(map) => map
                .iter()
                .map(|(key, value)| format!("{key}={}", value.as_str().unwrap_or_default()))
                .collect(),
            Value::String(text) => text.split_whitespace().map(str::to_owned).collect(),
            _ => Vec::new(),
        }
    };
    let deploy = &service["deploy"];
    let mode = match deploy["mode"].as_str() {
        Some("global") => ServiceMode::Global,
        _ => {
            let count = deploy["replicas"]
                .as_str()
                .and_then(|text| text.parse().ok());
            ServiceMode::Replicated(count.unwrap_or(1))
        }
    };
    let mut networks = match &service["networks"] {
        Value::Object(_) => keys(&service["networks"]),
        other => texts(other),
    };
    if networks.is_empty() {
        networks.push("default".to_owned());
    }
    let image = service["image"]
        .as_str()
        .ok_or("invalid image reference for service")?;
    let ports = texts(&service["ports"]);
    let ports: Result<Vec<_>, _> = ports.iter().map(|text| services::port(text)).collect();
    Ok(Wish {
        mode,
        ports: ports?,
        labels: [(NAMESPACE.to_owned(), stack.to_owned())].into(),
        template: Template {
            image: with_tag(image),
            args: texts(&service["command"]),
            env: texts(&service["environment"]),
            constraints: texts(&deploy["placement"]["constraints"]),
            networks: networks
                .iter()
                .map(|name| format!("{stack}_{name}"))
                .collect(),
            ..Template::default()
        },
        ..Wish::default()
    })
}

fn keys(value: &Value) -> Vec<String> {
    value
        .as_object()
        .map(|map| map.keys().cloned().collect())
        .unwrap_or_default()
}

fn list(world: &World, node: &str, parsed: &Parsed) -> Result<String, Refused> {
    let cluster = managed(world, node)?;
    let mut counts = std::collections::BTreeMap::<&String, usize>::new();
    for service in &cluster.services {
        if let Some(stack) = service.wish.labels.get(NAMESPACE) {
            *counts.entry(stack).or_default() += 1;
        }
    }
    let rows = counts
        .into_iter()
        .map(|(name, count)| vec![name.clone(), count.to_string()]);
    let rows = rows.collect();
    Table {
        header: &["NAME", "SERVICES"],
        rows,
    }
    .print(parsed)
}

fn is_of(service: &super::super::wish::Service, stack: &str) -> bool {
    service
        .wish
        .labels
        .get(NAMESPACE)
        .is_some_and(|one| one == stack)
}

fn services_of(world: &World, node: &str, parsed: &Parsed) -> Reply {
    let stack = &parsed.positionals[0];
    let cluster = match managed(world, node) {
        Ok(cluster) => cluster,
        Err(said) => return Reply::failed(1, said),
    };
    if !cluster.services.iter().any(|service| is_of(service, stack)) {
        return Reply::failed(0, format!("Nothing found in stack: {stack}"));
    }
    services::table(world, cluster, parsed, |service| is_of(service, stack)).into()
}

fn tasks(world: &World, node: &str, parsed: &Parsed) -> Result<String, Refused> {
    let stack = &parsed.positionals[0];
    let cluster = managed(world, node)?;
    let of_it = cluster
        .services
        .iter()
        .filter(|service| is_of(service, stack));
    let ids: Vec<&String> = of_it.map(|service| &service.id).collect();
    if ids.is_empty() {
        return Err(format!("nothing found in stack: {stack}"));
    }
    services::task_table(cluster, parsed, |task| ids.contains(&&task.service))
}

fn remove(world: &mut World, node: &str, stacks: &[String]) -> Reply {
    let at = match managed_at(world, node) {
        Ok(at) => at,
        Err(said) => return Reply::failed(1, said),
    };
    let mut reply = Reply::default();
    for stack in stacks {
        let cluster = &mut world.clusters[at];
        let of_it = cluster
            .services
            .iter()
            .filter(|service| is_of(service, stack));
        let names: Vec<String> = of_it.map(|service| service.name.clone()).collect();
        let ours = |network: &Network| network.labels.get(NAMESPACE) == Some(stack);
        let networks = cluster.networks.iter().filter(|(_, network)| ours(network));
        let networks: Vec<String> = networks.map(|(_, network)| network.name.clone()).collect();
        if names.is_empty() && networks.is_empty() {
            reply.err += &format!("Nothing found in stack: {stack}\n");
            continue;
        }
        for name in &names {
            services::end(cluster, name);
            reply.out += &format!("Removing service {name}\n");
        }
        cluster.networks.retain(|(_, network)| !ours(network));
        for name in &networks {
            reply.out += &format!("Removing network {name}\n");
        }
    }
    reply
}

/// A YAML text as a tree; every scalar is a text.
fn read(text: &str) -> Result<Value, Refused> {
    enum Open {
        List(Vec<Value>),
        Map(Map<String, Value>, Option<String>),
    }
    fn add(open: &mut [Open], root: &mut Value, value: Value) {
        match open.last_mut() {
            None => *root = value,
            Some(Open::List(list)) => list.push(value),
            Some(Open::Map(map, key)) => match key.take() {
                Some(name) => {
                    map.insert(name, value);
                }
                None => *key = Some(value.as_str().unwrap_or_default().to_owned()),
            },
        }
    }
    let mut root = Value::Null;
    let mut open: Vec<Open> = Vec::new();
    for event in Parser::new_from_str(text) {
        let (event, _) = event.map_err(|error| daemon(format!("yaml: {error}")))?;
        match event {
            Event::Scalar(text, ..) => add(&mut open, &mut root, Value::String(text.into_owned())),
            Event::SequenceStart(..) => open.push(Open::List(Vec::new())),
            Event::MappingStart(..) => open.push(Open::Map(Map::new(), None)),
            Event::SequenceEnd | Event::MappingEnd => {
                let value = match open.pop() {
                    Some(Open::List(list)) => Value::Array(list),
                    Some(Open::Map(map, _)) => Value::Object(map),
                    None => Value::Null,
                };
                add(&mut open, &mut root, value);
            }
            _ => {}
        }
    }
    Ok(root)
}
