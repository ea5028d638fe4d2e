//! `docker ps`, `images`, `pull` and the like: the engine of one node.

use serde_json::{Value, json};

use super::super::machines::{image_id, registry_of};
use super::super::print::{self, Table, short};
use super::super::world::{VERSION, World};
use super::{Refused, Reply, daemon, services};
use crate::model::TaskState;
use crate::model::compose::{split_reference, with_tag};
use crate::shell::docker::Parsed;

pub fn run(world: &mut World, node: &str, parsed: &Parsed) -> Reply {
    match parsed.path[..] {
        ["ps"] => containers(world, node, parsed).into(),
        ["images"] => images(world, node, parsed).into(),
        ["pull"] => pull(world, node, &parsed.positionals[0]).into(),
        ["tag"] => tag(world, node, &parsed.positionals).into(),
        ["rmi"] => rmi(world, node, &parsed.positionals).into(),
        ["rm" | "kill" | "stop" | "restart"] => end_containers(world, node, parsed),
        ["info"] => info(world, node, parsed),
        ["version"] => Reply::out(format!(
            "Client:\n Version:           {VERSION}\n\nServer:\n Engine:\n  Version:          {VERSION}\n"
        )),
        _ => Reply::failed(
            125,
            format!(
                "docker: the lab in memory knows no `docker {}`",
                parsed.path.join(" ")
            ),
        ),
    }
}

fn containers(world: &World, node: &str, parsed: &Parsed) -> Result<String, Refused> {
    let machine = world.ground.machine(node).ok_or("no such node")?;
    let cluster = world.cluster_of(machine).map(|at| &world.clusters[at]);
    let mut rows = Vec::new();
    for work in cluster.into_iter().flat_map(|cluster| &cluster.tasks) {
        let task = &work.task;
        let service =
            cluster.and_then(|cluster| cluster.services.iter().find(|s| s.id == task.service));
        let (Some(id), Some(service)) = (&task.container, service) else {
            continue;
        };
        let runs = task.state == TaskState::Running;
        if task.node != machine.member || !(runs || parsed.has("all")) {
            continue;
        }
        rows.push(vec![
            short(id),
            task.image.clone(),
            "\"/http-echo\"".to_owned(),
            "3 seconds ago".to_owned(),
            match runs {
                true => "Up 2 seconds".to_owned(),
                false => "Exited (2) 2 seconds ago".to_owned(),
            },
            "5678/tcp".to_owned(),
            format!(
                "{}.{}",
                services::task_name(service, task, cluster),
                task.id
            ),
        ]);
    }
    let header = &[
        "CONTAINER ID",
        "IMAGE",
        "COMMAND",
        "CREATED",
        "STATUS",
        "PORTS",
        "NAMES",
    ];
    Table { header, rows }.print(parsed)
}

fn images(world: &World, node: &str, parsed: &Parsed) -> Result<String, Refused> {
    let machine = world.ground.machine(node).ok_or("no such node")?;
    let asked = parsed.positionals.first();
    let rows = machine
        .images
        .iter()
        .filter(|image| {
            asked.is_none_or(|asked| *asked == **image || *asked == split_reference(image).0)
        })
        .map(|image| {
            let (repository, tag) = split_reference(image);
            vec![
                repository.to_owned(),
                tag.unwrap_or("latest").to_owned(),
                short(&image_id(image)),
                "2 minutes ago".to_owned(),
                "5.46MB".to_owned(),
            ]
        })
        .collect::<Vec<_>>();
    if parsed.has("quiet") {
        return Ok(rows.iter().map(|row| row[2].clone() + "\n").collect());
    }
    let header = &["REPOSITORY", "TAG", "IMAGE ID", "CREATED", "SIZE"];
    Table { header, rows }.print(parsed)
}

fn pull(world: &mut World, node: &str, reference: &str) -> Result<String, Refused> {
    let wanted = with_tag(reference);
    let new = world.ground.pull(node, &wanted).map_err(daemon)?;
    let (_, path) = registry_of(&wanted);
    let (repository, tag) = split_reference(path);
    let status = match new {
        true => "Downloaded newer image for",
        false => "Image is up to date for",
    };
    let using = match reference == wanted {
        true => String::new(),
        false => "Using default tag: latest\n".to_owned(),
    };
    Ok(format!(
        "{using}{}: Pulling from {repository}\nDigest: {}\nStatus: {status} {wanted}\n{wanted}\n",
        tag.unwrap_or("latest"),
        image_id(&wanted),
    ))
}

fn tag(world: &mut World, node: &str, names: &[String]) -> Result<String, Refused> {
    let machine = world.ground.machine_mut(node).ok_or("no such node")?;
    let source = with_tag(&names[0]);
    if !machine.images.contains(&source) {
        return Err(daemon(format!("No such image: {source}")));
    }
    machine.images.insert(with_tag(&names[1]));
    Ok(String::new())
}

fn rmi(world: &mut World, node: &str, names: &[String]) -> Result<String, Refused> {
    let machine = world.ground.machine_mut(node).ok_or("no such node")?;
    let mut out = String::new();
    for name in names {
        let name = with_tag(name);
        if !machine.images.remove(&name) {
            return Err(daemon(format!("No such image: {name}")));
        }
        out.push_str(&format!("Untagged: {name}\n"));
    }
    Ok(out)
}

/// Containers of tasks that end by somebody's hand; Swarm makes up for them.
fn end_containers(world: &mut World, node: &str, parsed: &Parsed) -> Reply {
    let member = world
        .ground
        .machine(node)
        .and_then(|machine| machine.member.clone());
    let mut reply = Reply::default();
    for name in &parsed.positionals {
        let mut works = world
            .clusters
            .iter_mut()
            .flat_map(|cluster| &mut cluster.tasks);
        let found = works.find(|work| {
            let by_id = work
                .task
                .container
                .as_ref()
                .is_some_and(|id| id.starts_with(name.as_str()));
            work.task.node == member && (by_id || name.ends_with(&work.task.id))
        });
        match found {
            Some(work)
                if work.task.state == TaskState::Running
                    && parsed.path == ["rm"]
                    && !parsed.has("force") =>
            {
                reply.err += &format!(
                    "{}\n",
                    daemon(format!(
                        "cannot remove container \"{name}\": container is running: stop the container before removing or force remove"
                    ))
                );
                reply.exit = 1;
            }
            Some(work) => {
                if work.task.state == TaskState::Running {
                    work.die(137);
                }
                reply.out += &format!("{name}\n");
            }
            None => {
                reply.err += &format!("{}\n", daemon(format!("No such container: {name}")));
                reply.exit = 1;
            }
        }
    }
    reply
}

fn info(world: &World, node: &str, parsed: &Parsed) -> Reply {
    let Some(machine) = world.ground.machine(node) else {
        return Reply::default();
    };
    let cluster = world.cluster_of(machine).map(|at| &world.clusters[at]);
    let row = cluster.and_then(|cluster| cluster.row(machine.member.as_deref()?));
    let state = if machine.member.is_some() {
        "active"
    } else {
        "inactive"
    };
    let manager = row.is_some_and(|row| row.manager);
    if let Some(template) = parsed.value("format") {
        let value: Value = json!({
            "Name": node,
            "ServerVersion": VERSION,
            "Swarm": {
                "LocalNodeState": state,
                "NodeID": machine.member.clone().unwrap_or_default(),
                "NodeAddr": machine.address.to_string(),
                "ControlAvailable": manager,
            },
        });
        return print::fill(template, &value).map(|text| text + "\n").into();
    }
    let mut text = format!("Server:\n Server Version: {VERSION}\n Swarm: {state}\n");
    if let (Some(row), Some(cluster)) = (row, cluster) {
        text += &format!("  NodeID: {}\n  Is Manager: {manager}\n", row.id);
        if manager {
            text += &format!(
                "  ClusterID: {}\n  Managers: {}\n  Nodes: {}\n",
                cluster.id,
                cluster.managers().count(),
                cluster.nodes.len()
            );
        }
    }
    text += &format!(" Name: {node}\n");
    Reply::out(text)
}
