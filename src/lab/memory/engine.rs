//! What a command in a node prints, and what it does to the lab: `docker ...`,
//! and the few others that lessons type.

mod local;
mod nodes;
mod services;
mod stacks;
mod swarm;
mod things;

use serde_json::json;

use super::cluster::Cluster;
use super::machines::Machine;
use super::world::{VERSION, World, host_and_port};
use crate::model::compose::split_reference;
use crate::model::{TaskState, UpdateState};
use crate::shell::docker::{self, Unparsed};
use crate::shell::words;

/// What a command prints and how it ends.
#[derive(Debug, Default)]
pub struct Reply {
    pub out: String,
    pub err: String,
    pub exit: i64,
    pub then: Then,
}

/// What a command does before it ends.
#[derive(Debug, Default)]
pub enum Then {
    #[default]
    Nothing,
    /// Waits until the service of this id is as it is wished.
    Converge {
        /// The node that is asked.
        node: String,
        service: String,
    },
}

/// How far a service is.
pub enum Stage {
    /// So many of so many tasks are as wished.
    Going { running: u64, wanted: u64 },
    /// All are; with what is said at the end.
    Rests { wanted: u64, last: &'static str },
    /// It goes no further by itself, and why.
    Stopped(String),
}

/// The engine's or the CLI's words for what can't be done.
pub type Refused = String;

impl Reply {
    fn out(text: impl Into<String>) -> Reply {
        Reply {
            out: text.into(),
            ..Reply::default()
        }
    }

    fn failed(exit: i64, err: impl Into<String>) -> Reply {
        Reply {
            err: err.into() + "\n",
            exit,
            ..Reply::default()
        }
    }
}

impl From<Result<String, Refused>> for Reply {
    fn from(result: Result<String, Refused>) -> Reply {
        match result {
            Ok(out) => Reply::out(out),
            Err(said) => Reply::failed(1, said),
        }
    }
}

/// `Error response from daemon: ...`
pub fn daemon(said: impl std::fmt::Display) -> Refused {
    format!("Error response from daemon: {said}")
}

/// Runs a command in a node that runs.
pub fn run(world: &mut World, node: &str, argv: &[String]) -> Reply {
    let words: Vec<&str> = argv.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["docker", ..] => of_docker(world, node, argv, None),
        ["sh" | "ash" | "/bin/sh", "-c", script] => shell(world, node, script),
        // Without a line to read a shell ends at once.
        ["sh" | "ash" | "/bin/sh"] | ["true"] => Reply::default(),
        ["false"] => Reply::failed(1, ""),
        ["echo", rest @ ..] => Reply::out(rest.join(" ") + "\n"),
        ["hostname"] => Reply::out(format!("{node}\n")),
        ["cat", paths @ ..] => cat(world, node, paths),
        ["wget", flags @ ..] => wget(world, node, flags),
        [other, ..] => Reply::failed(127, format!("sh: {other}: not found")),
        [] => Reply::default(),
    }
}

/// One simple command, or one whose output another reads as its input.
fn shell(world: &mut World, node: &str, script: &str) -> Reply {
    let split = |text: &str| -> Option<Vec<String>> {
        let words = words::split(text, &words::Variables::new()).ok()?;
        Some(words.into_iter().map(|word| word.text).collect())
    };
    if let Some(argv) = split(script) {
        return run(world, node, &argv);
    }
    let piped = script
        .split_once('|')
        .and_then(|(from, to)| Some((split(from)?, split(to)?)));
    match piped {
        Some((from, to)) if to.first().is_some_and(|word| word == "docker") => {
            let input = run(world, node, &from).out;
            of_docker(world, node, &to, Some(&input))
        }
        _ => Reply::failed(2, "sh: the lab in memory knows no such script"),
    }
}

fn cat(world: &World, node: &str, paths: &[&str]) -> Reply {
    let mut reply = Reply::default();
    for path in paths {
        let machine = world.ground.machine(node);
        match machine.and_then(|machine| machine.files.get(*path)) {
            Some(text) => reply.out.push_str(text),
            None => {
                reply.err += &format!("cat: can't open '{path}': No such file or directory\n");
                reply.exit = 1;
            }
        }
    }
    reply
}

/// `wget -qO- http://127.0.0.1:PORT`, from this node or another.
fn wget(world: &World, node: &str, flags: &[&str]) -> Reply {
    let Some(url) = flags.last().filter(|word| !word.starts_with('-')) else {
        return Reply::failed(1, "wget: missing URL");
    };
    let Some((host, port)) = host_and_port(url) else {
        return Reply::failed(1, format!("wget: not an http or ftp url: {url}"));
    };
    let target = match host {
        "127.0.0.1" | "localhost" => Some(node.to_owned()),
        other => world
            .ground
            .by_host(other)
            .map(|machine| machine.name().to_owned()),
    };
    let Some(target) = target else {
        return Reply::failed(1, format!("wget: bad address '{host}'"));
    };
    let of_registry = world
        .ground
        .machine(&target)
        .is_some_and(|m| m.service.is_registry());
    if of_registry && let Some(held) = world.ground.registry() {
        let names: Vec<&str> = held.iter().map(|name| split_reference(name).0).collect();
        return Reply::out(format!("{}\n", json!({ "repositories": names })));
    }
    match world.request(&target, port) {
        Ok((_, body)) => Reply::out(body),
        Err(error) => Reply::failed(1, format!("wget: {error}")),
    }
}

fn of_docker(world: &mut World, node: &str, argv: &[String], input: Option<&str>) -> Reply {
    let parsed = match docker::parse(argv) {
        Ok(parsed) => parsed,
        Err(unparsed) => return not_parsed(argv, unparsed),
    };
    let is_node = world
        .ground
        .machine(node)
        .is_some_and(|m| m.service.is_node());
    if !is_node {
        return Reply::failed(127, "sh: docker: not found");
    }
    let answers = world.ground.machine(node).is_some_and(Machine::answers);
    if !answers {
        return Reply::failed(
            1,
            "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker \
             daemon running?",
        );
    }
    if parsed.help {
        return Reply::out(format!("Usage:  {}\n", parsed.subcommand.usage()));
    }
    match parsed.path[..] {
        ["swarm", ..] => swarm::run(world, node, &parsed),
        ["node", ..] => nodes::run(world, node, &parsed),
        ["service", ..] => services::run(world, node, &parsed),
        ["stack", ..] => stacks::run(world, node, &parsed),
        ["secret" | "config" | "network", ..] => things::run(world, node, &parsed, input),
        _ => local::run(world, node, &parsed),
    }
}

/// Docker's words for a line that it does not take.
fn not_parsed(argv: &[String], unparsed: Unparsed) -> Reply {
    let command = |at: usize| argv[..=at.min(argv.len() - 1)].join(" ");
    match unparsed {
        Unparsed::UnknownCommand { at, .. } if at < 2 => Reply::failed(
            1,
            format!(
                "docker: unknown command: {}\n\nRun 'docker --help' for more information",
                command(at)
            ),
        ),
        Unparsed::UnknownCommand { at, .. } => {
            let group = command(at - 1);
            Reply::failed(
                1,
                format!(
                    "docker: unknown command: {}\n\nUsage:  {group}\n\nRun '{group} --help' for \
                     more information",
                    command(at)
                ),
            )
        }
        Unparsed::UnknownFlag { flag, path, .. } => {
            let what = match flag.strip_prefix("--") {
                Some(_) => format!("unknown flag: {flag}"),
                None => format!(
                    "unknown shorthand flag: '{}' in {flag}",
                    flag.trim_start_matches('-')
                ),
            };
            let path = path.join(" ");
            Reply::failed(
                125,
                format!("{what}\n\nRun 'docker {path} --help' for more information"),
            )
        }
        Unparsed::NoValue { flag, path, .. } => Reply::failed(
            125,
            format!(
                "flag needs an argument: {flag}\n\nRun 'docker {} --help' for more information",
                path.join(" ")
            ),
        ),
        Unparsed::Usage(usage) => Reply::failed(
            1,
            format!("docker: wrong number of arguments\n\nUsage:  {usage}"),
        ),
        Unparsed::Incomplete {
            flag: Some("version"),
            ..
        } => Reply::out(format!("Docker version {VERSION}, build e6534b4\n")),
        Unparsed::Incomplete { path, .. } => {
            let words = docker::words_after(&path).join("\n  ");
            let path = path.join(" ");
            Reply::out(format!(
                "Usage:  docker {path} COMMAND\n\nCommands:\n  {words}\n"
            ))
        }
        Unparsed::NotDocker => Reply::failed(127, "sh: not found"),
    }
}

/// The swarm that a manager answers for; the engine's words where it does not.
pub fn managed<'w>(world: &'w World, node: &str) -> Result<&'w Cluster, Refused> {
    let at = managed_at(world, node)?;
    Ok(&world.clusters[at])
}

/// The same by its place among the swarms.
pub fn managed_at(world: &World, node: &str) -> Result<usize, Refused> {
    let machine = world.ground.machine(node).ok_or("no such node")?;
    let Some(at) = world.cluster_of(machine) else {
        return Err(daemon(
            "This node is not a swarm manager. Use \"docker swarm init\" or \"docker swarm join\" \
             to connect this node to swarm and try again.",
        ));
    };
    let cluster = &world.clusters[at];
    let row = machine.member.as_ref().and_then(|id| cluster.row(id));
    if !row.is_some_and(|row| row.manager) {
        return Err(daemon(
            "This node is not a swarm manager. Worker nodes can't be used to view or modify \
             cluster state. Please run this command on a manager node or promote the current \
             node to a manager.",
        ));
    }
    match cluster.has_quorum(&world.ground) {
        true => Ok(at),
        false => Err(daemon(
            "rpc error: code = Unknown desc = The swarm does not have a leader. It's possible \
             that too few managers are online. Make sure more than half of the managers are \
             online.",
        )),
    }
}

/// How far a service is, for a command that waits for it.
pub fn stage(world: &World, node: &str, service: &str) -> Option<Stage> {
    let cluster = managed(world, node).ok()?;
    let service = cluster.service(service)?;
    if let Some(UpdateState::Paused | UpdateState::RollbackPaused) = service.update {
        let message = service.message.clone().unwrap_or_default();
        return Some(Stage::Stopped(format!("service update paused: {message}")));
    }
    let (running, wanted) = world.progress(cluster, service);
    let under_way = matches!(
        service.update,
        Some(UpdateState::Updating | UpdateState::RollbackStarted)
    );
    let others = cluster
        .tasks
        .iter()
        .filter(|work| work.task.service == service.id)
        .any(|work| work.task.desired == TaskState::Remove);
    if running != wanted || under_way || others {
        return Some(Stage::Going { running, wanted });
    }
    let last = match service.update {
        Some(UpdateState::RollbackCompleted) => "rollback: rollback completed\n",
        _ => "",
    };
    Some(Stage::Rests { wanted, last })
}
