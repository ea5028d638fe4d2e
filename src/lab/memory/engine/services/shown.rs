//! How services and their tasks are shown: tables, `inspect`, and its `--pretty`.

use serde_json::{Value, json};

use super::super::super::cluster::Cluster;
use super::super::super::print::{Table, short};
use super::super::super::wish::{OnFailure, Rules, Service};
use super::super::super::world::World;
use super::super::Refused;
use crate::model::{Port, ServiceMode, Task, UpdateState};
use crate::shell::docker::Parsed;

/// The rows of `service ls`.
pub fn table(
    world: &World,
    cluster: &Cluster,
    parsed: &Parsed,
    shown: impl Fn(&Service) -> bool,
) -> Result<String, Refused> {
    let mut services: Vec<&Service> = cluster.services.iter().filter(|one| shown(one)).collect();
    services.sort_by(|a, b| a.name.cmp(&b.name));
    let row = |service: &&Service| {
        let (running, wanted) = world.progress(cluster, service);
        let ports: Vec<String> = service.wish.ports.iter().map(port_in_words).collect();
        vec![
            short(&service.id),
            service.name.clone(),
            service.mode_word().to_owned(),
            format!("{running}/{wanted}"),
            service.wish.template.image.clone(),
            ports.join(", "),
        ]
    };
    let rows = services.iter().map(row).collect();
    let header = &["ID", "NAME", "MODE", "REPLICAS", "IMAGE", "PORTS"];
    Table { header, rows }.print(parsed)
}

fn port_in_words(port: &Port) -> String {
    let kind = if port.udp { "udp" } else { "tcp" };
    match port.host_mode {
        true => String::new(),
        false => format!("*:{}->{}/{kind}", port.published, port.target),
    }
}

/// `NAME.SLOT`; for a global service the node's id stands for the slot.
pub fn task_name(service: &Service, task: &Task, cluster: Option<&Cluster>) -> String {
    let node = task.node.as_ref().and_then(|id| cluster?.row(id));
    match task.slot {
        0 => format!(
            "{}.{}",
            service.name,
            node.map_or("", |row| row.id.as_str())
        ),
        slot => format!("{}.{slot}", service.name),
    }
}

/// The rows of `service ps` and its kin: slot by slot, the newest task first.
pub fn task_table(
    cluster: &Cluster,
    parsed: &Parsed,
    shown: impl Fn(&Task) -> bool,
) -> Result<String, Refused> {
    let mut tasks: Vec<(usize, String, &Task)> = cluster
        .tasks
        .iter()
        .enumerate()
        .map(|(age, work)| (age, &work.task))
        .filter(|(_, task)| shown(task))
        .filter_map(|(age, task)| {
            let service = cluster.services.iter().find(|one| one.id == task.service)?;
            Some((age, task_name(service, task, Some(cluster)), task))
        })
        .collect();
    let slot = |task: &Task| {
        (
            task.service.clone(),
            task.slot,
            (task.slot == 0).then(|| task.node.clone()),
        )
    };
    tasks.sort_by(|(old, a_name, a), (new, b_name, b)| {
        let names = a_name.split('.').next().cmp(&b_name.split('.').next());
        names.then_with(|| slot(a).cmp(&slot(b))).then(new.cmp(old))
    });
    let whole = parsed.has("no-trunc");
    let mut last = None;
    let mut rows = Vec::new();
    for (_, name, task) in tasks {
        let again = last.as_ref() == Some(&slot(task));
        last = Some(slot(task));
        let error = task.error.clone().unwrap_or_default();
        let error = match error.chars().count() {
            0 => String::new(),
            count if count > 29 && !whole => {
                format!("\"{}…\"", error.chars().take(29).collect::<String>())
            }
            _ => format!("\"{error}\""),
        };
        let node = task.node.as_ref().and_then(|id| cluster.row(id));
        rows.push(vec![
            if whole {
                task.id.clone()
            } else {
                short(&task.id)
            },
            if again { format!(" \\_ {name}") } else { name },
            task.image.clone(),
            node.map_or(String::new(), |row| row.hostname.clone()),
            task.desired.word().to_owned(),
            // This lab has no clock: ages stand still.
            format!("{} 3 seconds ago", task.state.word()),
            error,
            String::new(),
        ]);
    }
    let header = &[
        "ID",
        "NAME",
        "IMAGE",
        "NODE",
        "DESIRED STATE",
        "CURRENT STATE",
        "ERROR",
        "PORTS",
    ];
    Table { header, rows }.print(parsed)
}

pub fn as_json(service: &Service) -> Value {
    let template = &service.wish.template;
    let ports: Vec<Value> = service
        .wish
        .ports
        .iter()
        .map(|port| {
            json!({
                "Protocol": if port.udp { "udp" } else { "tcp" },
                "TargetPort": port.target,
                "PublishedPort": port.published,
                "PublishMode": if port.host_mode { "host" } else { "ingress" },
            })
        })
        .collect();
    let mode = match service.wish.mode {
        ServiceMode::Replicated(count) => json!({ "Replicated": { "Replicas": count } }),
        ServiceMode::Global => json!({ "Global": {} }),
        ServiceMode::Job => json!({ "ReplicatedJob": {} }),
    };
    let state = match service.update {
        None => "",
        Some(UpdateState::Updating) => "updating",
        Some(UpdateState::Paused) => "paused",
        Some(UpdateState::Completed) => "completed",
        Some(UpdateState::RollbackStarted) => "rollback_started",
        Some(UpdateState::RollbackPaused) => "rollback_paused",
        Some(UpdateState::RollbackCompleted) => "rollback_completed",
    };
    json!({
        "ID": service.id,
        "Version": { "Index": service.version },
        "Spec": {
            "Name": service.name,
            "Labels": service.wish.labels,
            "TaskTemplate": {
                "ContainerSpec": {
                    "Image": template.image,
                    "Args": template.args,
                    "Env": template.env,
                },
                "Placement": { "Constraints": template.constraints },
            },
            "Mode": mode,
            "EndpointSpec": { "Mode": "vip", "Ports": ports },
        },
        "UpdateStatus": { "State": state, "Message": service.message },
    })
}

pub fn pretty(service: &Service) -> String {
    let mut text = format!("\nID:\t\t{}\nName:\t\t{}\n", service.id, service.name);
    text += &match service.wish.mode {
        ServiceMode::Replicated(count) => {
            format!("Service Mode:\tReplicated\n Replicas:\t{count}\n")
        }
        ServiceMode::Global => "Service Mode:\tGlobal\n".to_owned(),
        ServiceMode::Job => "Service Mode:\tReplicatedJob\n".to_owned(),
    };
    if let (Some(_), Some(message)) = (service.update, &service.message) {
        text += &format!("UpdateStatus:\n Message:\t{message}\n");
    }
    text += "Placement:\n";
    let template = &service.wish.template;
    if !template.constraints.is_empty() {
        text += &format!(" Constraints:\t[{}]\n", template.constraints.join(" "));
    }
    let rules = |title: &str, rules: &Rules| {
        let action = match rules.on_failure {
            OnFailure::Pause => "pause",
            OnFailure::Continue => "continue",
            OnFailure::Rollback => "rollback",
        };
        format!(
            "{title}:\n Parallelism:\t{}\n On failure:\t{action}\n",
            rules.parallelism
        )
    };
    text += &rules("UpdateConfig", &service.wish.on_update);
    text += &rules("RollbackConfig", &service.wish.on_rollback);
    text += &format!("ContainerSpec:\n Image:\t\t{}\n", template.image);
    if !template.args.is_empty() {
        text += &format!(" Args:\t\t{} \n", template.args.join(" "));
    }
    text += "Resources:\nEndpoint Mode:\tvip\n";
    if !service.wish.ports.is_empty() {
        text += "Ports:\n";
    }
    for port in &service.wish.ports {
        text += &format!(
            " PublishedPort = {}\n  Protocol = {}\n  TargetPort = {}\n  PublishMode = {}\n",
            port.published,
            if port.udp { "udp" } else { "tcp" },
            port.target,
            if port.host_mode { "host" } else { "ingress" },
        );
    }
    text + "\n"
}
