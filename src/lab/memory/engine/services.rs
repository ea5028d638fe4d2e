//! `docker service ...`: what is wished of services, and how their tasks are shown.

mod shown;
mod wished;

use serde_json::Value;

use super::super::cluster::Cluster;
use super::super::machines::registry_of;
use super::super::print::{inspected, short};
use super::super::wish::{Service, Template, Wish};
use super::super::world::World;
use super::{Refused, Reply, Then, daemon, managed, managed_at};
use crate::model::compose::with_tag;
use crate::model::{ServiceMode, TaskState};
use crate::shell::docker::Parsed;

use shown::{as_json, pretty};
pub use shown::{table, task_name, task_table};
pub use wished::port;
use wished::{accept, apply};

pub fn run(world: &mut World, node: &str, parsed: &Parsed) -> Reply {
    match parsed.path[1] {
        "create" => create(world, node, parsed),
        "update" => update(world, node, parsed),
        "scale" => scale(world, node, parsed),
        "rollback" => rollback(world, node, parsed),
        "ls" => list(world, node, parsed).into(),
        "ps" => tasks(world, node, parsed),
        "inspect" => inspect(world, node, parsed),
        "logs" => logs(world, node, &parsed.positionals[0]).into(),
        "rm" => remove(world, node, &parsed.positionals),
        other => Reply::failed(
            1,
            format!("the lab in memory knows no `docker service {other}`"),
        ),
    }
}

/// What the command says before it is done, and then waits for.
fn waits(parsed: &Parsed, node: &str, service: &Service, reply: Reply) -> Reply {
    let then = match parsed.has("detach") || parsed.has("quiet") {
        true => Then::Nothing,
        false => Then::Converge {
            node: node.to_owned(),
            service: service.id.clone(),
        },
    };
    Reply { then, ..reply }
}

/// Docker's warning where no registry tells it what a tag stands for.
fn warning(world: &World, image: &str) -> String {
    let image = with_tag(image);
    let (host, path) = registry_of(&image);
    let known = host.is_some()
        && world
            .ground
            .registry()
            .is_some_and(|held| held.contains(path));
    match known {
        true => String::new(),
        false => format!(
            "image {image} could not be accessed on a registry to record\nits digest. Each node \
             will access {image} independently,\npossibly leading to different nodes running \
             different\nversions of the image.\n\n"
        ),
    }
}

fn create(world: &mut World, node: &str, parsed: &Parsed) -> Reply {
    let made = (|| -> Result<Service, Refused> {
        let at = managed_at(world, node)?;
        let mut wish = Wish {
            mode: ServiceMode::Replicated(1),
            template: Template {
                image: with_tag(&parsed.positionals[0]),
                args: parsed.rest.clone(),
                ..Template::default()
            },
            ..Wish::default()
        };
        wish.mode = match parsed.value("mode") {
            Some("global") => ServiceMode::Global,
            Some("replicated-job" | "global-job") => ServiceMode::Job,
            _ => ServiceMode::Replicated(1),
        };
        apply(&mut wish, parsed)?;
        let id = world.ground.ids.swarm();
        let name = match parsed.value("name") {
            Some(name) => name.to_owned(),
            None => format!("service_{}", &id[..6]),
        };
        let cluster = &mut world.clusters[at];
        if cluster.services.iter().any(|service| service.name == name) {
            return Err(daemon(format!(
                "rpc error: code = AlreadyExists desc = name conflicts with an existing object: \
                 service {name} already exists"
            )));
        }
        accept(cluster, &id, &mut wish)?;
        let service = Service {
            id,
            name,
            wish,
            before: None,
            version: 1,
            update: None,
            message: None,
        };
        cluster.services.push(service.clone());
        Ok(service)
    })();
    match made {
        Ok(service) => {
            let reply = Reply {
                err: warning(world, &service.wish.template.image),
                ..Reply::out(format!("{}\n", service.id))
            };
            waits(parsed, node, &service, reply)
        }
        Err(said) => Reply::failed(1, said),
    }
}

/// Changes the wish of a service, or says why not.
fn change(
    world: &mut World,
    node: &str,
    name: &str,
    by: impl FnOnce(&mut Wish) -> Result<(), Refused>,
) -> Result<Service, Refused> {
    let at = managed_at(world, node)?;
    let cluster = &mut world.clusters[at];
    let service = cluster.service(name);
    let service = service.ok_or_else(|| daemon(format!("service {name} not found")))?;
    let (id, mut wish) = (service.id.clone(), service.wish.clone());
    by(&mut wish)?;
    accept(cluster, &id, &mut wish)?;
    let service = cluster.service_mut(&id).ok_or("no such service")?;
    service.change(wish);
    Ok(service.clone())
}

fn update(world: &mut World, node: &str, parsed: &Parsed) -> Reply {
    let name = &parsed.positionals[0];
    if parsed.has("rollback") {
        return rollback(world, node, parsed);
    }
    match change(world, node, name, |wish| apply(wish, parsed)) {
        Ok(service) => {
            let err = match parsed.value("image") {
                Some(image) => warning(world, image),
                None => String::new(),
            };
            let reply = Reply {
                err,
                ..Reply::out(format!("{name}\n"))
            };
            waits(parsed, node, &service, reply)
        }
        Err(said) => Reply::failed(1, said),
    }
}

fn scale(world: &mut World, node: &str, parsed: &Parsed) -> Reply {
    let mut reply = Reply::default();
    let mut last = None;
    for pair in &parsed.positionals {
        let Some((name, count)) = pair.split_once('=') else {
            let err = format!(
                "invalid scale specifier '{pair}'.\nSee 'docker service scale --help'.\n\nUsage:  \
                 docker service scale SERVICE=REPLICAS [SERVICE=REPLICAS...]\n\nScale one or \
                 multiple replicated services"
            );
            return Reply::failed(1, err);
        };
        let Ok(count) = count.parse() else {
            let err = format!(
                "{name}: invalid replicas value {count}: strconv.ParseUint: parsing \"{count}\": \
                 invalid syntax"
            );
            return Reply::failed(1, err);
        };
        let scaled = change(world, node, name, |wish| match wish.mode {
            ServiceMode::Replicated(_) => {
                wish.mode = ServiceMode::Replicated(count);
                Ok(())
            }
            _ => Err("scale can only be used with replicated or replicated-job mode".to_owned()),
        });
        match scaled {
            Ok(service) => {
                reply.out += &format!("{name} scaled to {count}\n");
                last = Some(service);
            }
            Err(said) => {
                reply.err += &format!("{name}: {said}\n");
                reply.exit = 1;
            }
        }
    }
    match last {
        Some(service) => waits(parsed, node, &service, reply),
        None => reply,
    }
}

fn rollback(world: &mut World, node: &str, parsed: &Parsed) -> Reply {
    let name = &parsed.positionals[0];
    let done = managed_at(world, node).and_then(|at| {
        let service = world.clusters[at].service_mut(name);
        let service = service.ok_or_else(|| daemon(format!("service {name} not found")))?;
        match service.roll_back("manually requested rollback") {
            true => Ok(service.clone()),
            false => Err(daemon(format!(
                "rpc error: code = FailedPrecondition desc = service {name} does not have a \
                 previous spec"
            ))),
        }
    });
    match done {
        Ok(service) => {
            let told = format!("{name}\nrollback: manually requested rollback\n");
            waits(parsed, node, &service, Reply::out(told))
        }
        Err(said) => Reply::failed(1, said),
    }
}

fn list(world: &World, node: &str, parsed: &Parsed) -> Result<String, Refused> {
    let cluster = managed(world, node)?;
    table(world, cluster, parsed, |_| true)
}

fn tasks(world: &World, node: &str, parsed: &Parsed) -> Reply {
    let shown = managed(world, node).and_then(|cluster| {
        let mut ids = Vec::new();
        for name in &parsed.positionals {
            match cluster.service(name) {
                Some(service) => ids.push(service.id.clone()),
                None => return Err(format!("no such service: {name}")),
            }
        }
        task_table(cluster, parsed, |task| ids.contains(&task.service))
    });
    shown.into()
}

fn inspect(world: &World, node: &str, parsed: &Parsed) -> Reply {
    let found = managed(world, node).and_then(|cluster| {
        let find = |name: &String| {
            let found = cluster.service(name);
            found.ok_or_else(|| format!("Error: no such service: {name}"))
        };
        parsed
            .positionals
            .iter()
            .map(find)
            .collect::<Result<Vec<_>, _>>()
    });
    match found {
        Ok(services) if parsed.has("pretty") => Reply::out(
            services
                .iter()
                .map(|service| pretty(service))
                .collect::<String>(),
        ),
        Ok(services) => {
            let services: Vec<Value> = services.iter().map(|service| as_json(service)).collect();
            inspected(parsed, &services).into()
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

fn logs(world: &World, node: &str, name: &str) -> Result<String, Refused> {
    let cluster = managed(world, node)?;
    let by_task = || {
        cluster
            .tasks
            .iter()
            .find(|work| work.task.id.starts_with(name))
    };
    let service = match (cluster.service(name), by_task()) {
        (Some(service), _) => service.id.clone(),
        (None, Some(work)) => work.task.service.clone(),
        (None, None) => return Err(format!("no such task or service: {name}")),
    };
    let Some(service) = cluster.services.iter().find(|one| one.id == service) else {
        return Err(format!("no such task or service: {name}"));
    };
    let of_it = cluster.tasks.iter().map(|work| &work.task);
    let began = of_it.filter(|task| task.service == service.id && task.container.is_some());
    Ok(began
        .map(|task| {
            let host = task.node.as_ref().and_then(|id| cluster.row(id));
            let said = match task.state {
                TaskState::Failed => "the service can't start",
                _ => "[INFO] server is listening on :5678",
            };
            format!(
                "{}.{}@{}    | {said}\n",
                task_name(service, task, Some(cluster)),
                short(&task.id),
                host.map_or("", |row| row.hostname.as_str()),
            )
        })
        .collect())
}

fn remove(world: &mut World, node: &str, names: &[String]) -> Reply {
    let at = match managed_at(world, node) {
        Ok(at) => at,
        Err(said) => return Reply::failed(1, said),
    };
    let mut reply = Reply::default();
    for name in names {
        match end(&mut world.clusters[at], name) {
            true => reply.out += &format!("{name}\n"),
            false => {
                reply.err += &format!("{}\n", daemon(format!("service {name} not found")));
                reply.exit = 1;
            }
        }
    }
    reply
}

/// Takes a service away; its tasks end by and by.
pub fn end(cluster: &mut Cluster, name: &str) -> bool {
    let Some(id) = cluster.service(name).map(|service| service.id.clone()) else {
        return false;
    };
    cluster.services.retain(|service| service.id != id);
    for work in &mut cluster.tasks {
        if work.task.service == id {
            work.task.desired = TaskState::Remove;
        }
    }
    true
}

/// A service of a stack: made, or brought to its new wish.
pub fn deploy(world: &mut World, at: usize, name: &str, mut wish: Wish) -> Result<String, Refused> {
    let there = world.clusters[at]
        .service(name)
        .map(|service| service.id.clone());
    let id = match &there {
        Some(id) => id.clone(),
        None => world.ground.ids.swarm(),
    };
    let cluster = &mut world.clusters[at];
    accept(cluster, &id, &mut wish)?;
    match cluster.service_mut(&id) {
        Some(service) => {
            if service.wish != wish {
                service.change(wish);
            }
            Ok(format!("Updating service {name} (id: {id})\n"))
        }
        None => {
            cluster.services.push(Service {
                id,
                name: name.to_owned(),
                wish,
                before: None,
                version: 1,
                update: None,
                message: None,
            });
            Ok(format!("Creating service {name}\n"))
        }
    }
}
