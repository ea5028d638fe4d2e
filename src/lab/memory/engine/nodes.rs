//! `docker node ...`: the nodes as a manager lists and changes them.

use serde_json::{Value, json};

use super::super::cluster::Cluster;
use super::super::print::{Table, capitalized, inspected};
use super::super::world::{VERSION, World};
use super::{Refused, Reply, daemon, managed, managed_at, services};
use crate::model::{Node, Reachability};
use crate::shell::docker::Parsed;

pub fn run(world: &mut World, node: &str, parsed: &Parsed) -> Reply {
    match parsed.path[1] {
        "ls" => list(world, node, parsed).into(),
        "ps" => tasks(world, node, parsed).into(),
        "inspect" => inspect(world, node, parsed),
        "update" => update(world, node, parsed).into(),
        "promote" => change_roles(world, node, &parsed.positionals, true).into(),
        "demote" => change_roles(world, node, &parsed.positionals, false).into(),
        "rm" => remove(world, node, parsed).into(),
        other => Reply::failed(
            1,
            format!("the lab in memory knows no `docker node {other}`"),
        ),
    }
}

fn list(world: &World, node: &str, parsed: &Parsed) -> Result<String, Refused> {
    let cluster = managed(world, node)?;
    let own = world
        .ground
        .machine(node)
        .and_then(|machine| machine.member.clone());
    let rows = cluster.nodes.iter().map(|member| {
        let row = &member.row;
        let mark = if Some(&row.id) == own.as_ref() {
            " *"
        } else {
            ""
        };
        vec![
            format!("{}{mark}", row.id),
            row.hostname.clone(),
            capitalized(&row.state),
            capitalized(&row.availability),
            match row.reachability {
                _ if row.leader => "Leader",
                Some(Reachability::Reachable) => "Reachable",
                Some(Reachability::Unreachable) => "Unreachable",
                None => "",
            }
            .to_owned(),
            VERSION.to_owned(),
        ]
    });
    let mut rows: Vec<Vec<String>> = rows.collect();
    rows.sort_by(|a, b| a[1].cmp(&b[1]));
    let header = &[
        "ID",
        "HOSTNAME",
        "STATUS",
        "AVAILABILITY",
        "MANAGER STATUS",
        "ENGINE VERSION",
    ];
    Table { header, rows }.print(parsed)
}

/// The place of a node that a command names; `self` is the node that is asked.
fn find(world: &World, cluster: &Cluster, node: &str, name: &str) -> Result<usize, Refused> {
    let own = world
        .ground
        .machine(node)
        .and_then(|machine| machine.member.clone());
    let name = match (name, &own) {
        ("self", Some(own)) => own,
        _ => name,
    };
    cluster
        .find(name)
        .ok_or_else(|| daemon(format!("node {name} not found")))
}

fn tasks(world: &World, node: &str, parsed: &Parsed) -> Result<String, Refused> {
    let cluster = managed(world, node)?;
    let names = match parsed.positionals.is_empty() {
        true => vec!["self".to_owned()],
        false => parsed.positionals.clone(),
    };
    let mut ids = Vec::new();
    for name in &names {
        let at = find(world, cluster, node, name)?;
        ids.push(cluster.nodes[at].row.id.clone());
    }
    services::task_table(cluster, parsed, |task| {
        task.node.as_ref().is_some_and(|id| ids.contains(id))
    })
}

fn inspect(world: &World, node: &str, parsed: &Parsed) -> Reply {
    let found = managed(world, node).and_then(|cluster| {
        let mut found = Vec::new();
        for name in &parsed.positionals {
            let at = find(world, cluster, node, name)?;
            found.push(cluster.nodes[at].row.clone());
        }
        Ok(found)
    });
    match found {
        Ok(rows) if parsed.has("pretty") => Reply::out(rows.iter().map(pretty).collect::<String>()),
        Ok(rows) => {
            let rows: Vec<Value> = rows.iter().map(as_json).collect();
            inspected(parsed, &rows).into()
        }
        Err(said) => Reply {
            out: if parsed.value("format").is_some() || parsed.has("pretty") {
                ""
            } else {
                "[]\n"
            }
            .to_owned(),
            ..Reply::failed(1, said)
        },
    }
}

fn as_json(row: &Node) -> Value {
    let mut value = json!({
        "ID": row.id,
        "Spec": {
            "Labels": row.labels,
            "Role": if row.manager { "manager" } else { "worker" },
            "Availability": row.availability,
        },
        "Description": {
            "Hostname": row.hostname,
            "Engine": { "EngineVersion": VERSION },
        },
        "Status": { "State": row.state, "Addr": row.address },
    });
    if row.manager {
        value["ManagerStatus"] = json!({
            "Leader": row.leader,
            "Reachability": "reachable",
            "Addr": format!("{}:2377", row.address),
        });
    }
    value
}

fn pretty(row: &Node) -> String {
    let labels: String = row
        .labels
        .iter()
        .map(|(key, value)| format!(" - {key}={value}\n"))
        .collect();
    let labels = match labels.is_empty() {
        true => String::new(),
        false => format!("Labels:\n{labels}"),
    };
    let manager = match row.manager {
        true => format!(
            "Manager Status:\n Address:\t\t{}:2377\n Raft Status:\t\tReachable\n Leader:\t\t{}\n",
            row.address,
            if row.leader { "Yes" } else { "No" }
        ),
        false => String::new(),
    };
    format!(
        "ID:\t\t\t{}\n{labels}Hostname:              \t{}\nStatus:\n State:\t\t\t{}\n \
         Availability:         \t{}\n Address:\t\t{}\n{manager}Engine Version:\t\t{VERSION}\n",
        row.id,
        row.hostname,
        capitalized(&row.state),
        capitalized(&row.availability),
        row.address,
    )
}

fn update(world: &mut World, node: &str, parsed: &Parsed) -> Result<String, Refused> {
    let at = managed_at(world, node)?;
    let name = parsed.positionals[0].clone();
    let place = find(world, &world.clusters[at], node, &name)?;
    for label in parsed.values("label-rm") {
        let row = &mut world.clusters[at].nodes[place].row;
        if row.labels.remove(label).is_none() {
            return Err(format!("key {label} doesn't exist in node's labels"));
        }
    }
    let row = &mut world.clusters[at].nodes[place].row;
    for label in parsed.values("label-add") {
        let (key, value) = label.split_once('=').unwrap_or((label, ""));
        row.labels.insert(key.to_owned(), value.to_owned());
    }
    if let Some(availability) = parsed.value("availability") {
        if !["active", "pause", "drain"].contains(&availability) {
            return Err(format!("invalid availability \"{availability}\""));
        }
        row.availability = availability.to_owned();
    }
    if let Some(role) = parsed.value("role") {
        change_roles(world, node, std::slice::from_ref(&name), role == "manager")?;
    }
    Ok(format!("{name}\n"))
}

fn change_roles(
    world: &mut World,
    node: &str,
    names: &[String],
    promote: bool,
) -> Result<String, Refused> {
    let at = managed_at(world, node)?;
    let mut out = String::new();
    for name in names {
        let place = find(world, &world.clusters[at], node, name)?;
        let managers = world.clusters[at].managers().count();
        let row = &mut world.clusters[at].nodes[place].row;
        if row.manager == promote {
            let role = if promote { "manager" } else { "worker" };
            out += &format!("Node {name} is already a {role}.\n");
            continue;
        }
        if !promote && managers == 1 {
            return Err(daemon(
                "rpc error: code = FailedPrecondition desc = attempting to demote the last \
                 manager of the swarm",
            ));
        }
        row.manager = promote;
        row.leader = false;
        row.reachability = promote.then_some(Reachability::Reachable);
        out += &match promote {
            true => format!("Node {name} promoted to a manager in the swarm.\n"),
            false => format!("Manager {name} demoted in the swarm.\n"),
        };
    }
    Ok(out)
}

fn remove(world: &mut World, node: &str, parsed: &Parsed) -> Result<String, Refused> {
    let at = managed_at(world, node)?;
    let mut out = String::new();
    for name in &parsed.positionals {
        let place = find(world, &world.clusters[at], node, name)?;
        let row = &world.clusters[at].nodes[place].row;
        let precondition = |why: String| {
            daemon(format!(
                "rpc error: code = FailedPrecondition desc = node {} {why}",
                row.id
            ))
        };
        if row.manager {
            return Err(precondition(
                "is a cluster manager and is a member of the raft cluster. It must be demoted to \
                 worker before removal"
                    .to_owned(),
            ));
        }
        if row.state != "down" && !parsed.has("force") {
            return Err(precondition("is not down and can't be removed".to_owned()));
        }
        world.clusters[at].nodes.remove(place);
        out += &format!("{name}\n");
    }
    Ok(out)
}
