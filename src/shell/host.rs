//! Docker commands on the host: those that act on this lab's own things alone.
//! Everything else is refused with what would do it in a node.

use super::docker::{self, Parsed, Unparsed};
use super::listing::{self, Filter, Listed, Listing};
use super::understand::{
    Line, check_image, check_in_node, container, containers, engine, some_node, unknown_docker,
    unknown_flag,
};
use super::{Action, ComposeAction, Exec, Grace, HostAction, Lifecycle, Logs, Refusal, Verb};

/// The compose files that are the lab's.
const COMPOSE_FILES: [&str; 4] = [
    "compose.yaml",
    "compose.yml",
    "docker-compose.yaml",
    "docker-compose.yml",
];

/// Commands that are docker's and available here, by their first names.
pub(super) const HERE: [&[&str]; 26] = [
    &["exec"],
    &["ps"],
    &["images"],
    &["logs"],
    &["stop"],
    &["start"],
    &["restart"],
    &["kill"],
    &["pause"],
    &["unpause"],
    &["tag"],
    &["push"],
    &["version"],
    &["info"],
    &["network", "ls"],
    &["network", "connect"],
    &["network", "disconnect"],
    &["compose", "up"],
    &["compose", "ps"],
    &["compose", "down"],
    &["compose", "logs"],
    &["compose", "exec"],
    &["compose", "stop"],
    &["compose", "start"],
    &["compose", "restart"],
    &["compose", "kill"],
];

pub(super) fn read(line: &Line) -> Result<Action, Refusal> {
    let argv = line.argv(0);
    let found = docker::subcommand(&argv);
    let elsewhere = match found {
        Some((subcommand, _)) => !is_here(subcommand.name()),
        None => false,
    };
    match docker::parse(&argv) {
        Ok(parsed) if elsewhere => Err(not_here(line, &parsed.path)),
        Ok(parsed) if parsed.help => Ok(help(&parsed.path)),
        Ok(parsed) => action(line, &parsed),
        Err(Unparsed::Incomplete {
            flag: Some("version"),
            ..
        }) => Ok(Action::Host(HostAction::Version)),
        Err(Unparsed::Incomplete { path, .. }) if path.is_empty() || path == ["compose"] => {
            Ok(help(&path))
        }
        Err(Unparsed::Incomplete { path, .. }) => Err(not_here(line, &path)),
        Err(Unparsed::UnknownCommand { at, similar }) => Err(unknown_docker(line, at, similar)),
        Err(Unparsed::UnknownFlag {
            at,
            flag,
            similar,
            path,
        }) if !elsewhere || similar.is_some() => {
            Err(unknown_flag(line, at, &flag, similar.as_deref(), &path))
        }
        Err(_) => Err(match found {
            Some((subcommand, _)) if elsewhere => not_here(line, subcommand.name()),
            Some((subcommand, args_at)) => incomplete(line, subcommand, args_at),
            None => Refusal::Usage("docker COMMAND".into()),
        }),
    }
}

fn is_here(path: &[&str]) -> bool {
    HERE.contains(&path) || matches!(path, ["compose", "pause" | "unpause"])
}

/// Whether a command is about the swarm, which lives in the nodes.
pub(super) fn is_of_the_swarm(path: &[&str]) -> bool {
    !is_here(path)
        && matches!(
            path[0],
            "swarm" | "node" | "service" | "stack" | "secret" | "config" | "network"
        )
}

fn help(path: &[&str]) -> Action {
    let topic = match path {
        ["compose", ..] => "docker compose",
        ["exec"] => "docker exec",
        _ => "docker",
    };
    Action::Verb(Verb::Help(Some(topic.into())))
}

/// A command of the host with words missing or too many.
fn incomplete(line: &Line, subcommand: &docker::Subcommand, args_at: usize) -> Refusal {
    let mut usage = subcommand.usage();
    if matches!(subcommand.name(), ["exec"] | ["compose", "exec"]) {
        usage = usage.replace(" [OPTIONS] CONTAINER", " [-it] NODE");
        // `docker exec -it work01`: the name comes before what is missing.
        let name = (args_at..line.words.len()).find(|at| !line.words[*at].text.starts_with('-'));
        if let Some(Err(refusal)) = name.map(|at| container(line, at)) {
            return refusal;
        }
    }
    Refusal::Usage(usage.replace("CONTAINER", "NODE"))
}

/// What Docker has and the lab's host has not.
fn not_here(line: &Line, path: &[&str]) -> Refusal {
    let command = format!("docker {}", path.join(" "));
    let joins = path == ["swarm", "join"];
    let in_node = || {
        let node = some_node(line.scope, joins);
        format!("docker exec -it {node} {}", line.typed())
    };
    match path {
        [
            "swarm" | "node" | "service" | "stack" | "secret" | "config" | "network",
            ..,
        ] => Refusal::InNode {
            command,
            suggestion: in_node(),
        },
        _ => {
            // What would need files of the host, a terminal or an account makes
            // no sense in a node; neither does a name of the lab's containers.
            let nowhere = [
                "compose", "build", "buildx", "builder", "cp", "context", "login", "logout",
                "search", "model", "scout", "trust", "import", "load", "save", "export",
            ];
            let of_lab = |word: &&str| containers(line.scope).any(|known| known == *word);
            let suggestion = !nowhere.contains(&path[0]) && !line.argv(0).iter().any(of_lab);
            Refusal::NotOnHost {
                command,
                suggestion: suggestion.then(in_node),
            }
        }
    }
}

fn action(line: &Line, parsed: &Parsed) -> Result<Action, Refusal> {
    group_flags(parsed)?;
    let only = |allowed: &[&str]| only(parsed, allowed);
    let host = |action| Ok(Action::Host(action));
    match parsed.path[..] {
        ["exec"] | ["compose", "exec"] => exec(line, parsed),
        ["compose", ..] => compose(line, parsed).map(Action::Compose),
        ["ps"] => {
            only(&[
                "all", "quiet", "no-trunc", "last", "latest", "filter", "format",
            ])?;
            host(HostAction::Ps(listed(line, parsed, Listed::Containers)?))
        }
        ["images"] => {
            // The lab has no images without a name, which `-a` would add.
            only(&["all", "quiet", "no-trunc", "filter", "format"])?;
            let mut listing = listed(line, parsed, Listed::Images)?;
            if let Some(repository) = parsed.positionals.first() {
                let reference = Filter::Reference(repository.clone());
                listing.filters.push(reference);
            }
            host(HostAction::Images(listing))
        }
        ["logs"] => host(HostAction::Logs(logs(line, parsed)?)),
        ["network", "ls"] => {
            only(&["quiet", "no-trunc", "filter", "format"])?;
            host(HostAction::Networks(listed(
                line,
                parsed,
                Listed::Networks,
            )?))
        }
        ["network", "connect"] => {
            only(&[])?;
            host(HostAction::Connect(network(line, parsed)?))
        }
        ["network", "disconnect"] => {
            only(&["force"])?;
            host(HostAction::Disconnect(network(line, parsed)?))
        }
        ["tag"] => {
            let [source, target] = &parsed.positionals[..] else {
                return Err(Refusal::Usage(parsed.subcommand.usage()));
            };
            check_image(line, parsed.positional_at[0], source)?;
            lab_registry(target)?;
            host(HostAction::Tag {
                source: source.clone(),
                target: target.clone(),
            })
        }
        ["push"] => {
            only(&["quiet", "disable-content-trust"])?;
            let image = parsed.positionals[0].clone();
            lab_registry(&image)?;
            host(HostAction::Push(image))
        }
        ["version"] | ["info"] => {
            only(&[])?;
            host(HostAction::Version)
        }
        _ => {
            let (what, names) = lifecycle(line, parsed)?;
            host(HostAction::Lifecycle(what, names))
        }
    }
}

/// Before the subcommand only the lab's own compose file may be named.
fn group_flags(parsed: &Parsed) -> Result<(), Refusal> {
    let compose = parsed.path[0] == "compose";
    for given in &parsed.group_flags {
        let file = given.value.as_deref().unwrap_or_default();
        let file = file.strip_prefix("./").unwrap_or(file);
        if !(compose && given.name == "file" && COMPOSE_FILES.contains(&file)) {
            return Err(Refusal::FlagNotHere {
                command: if compose { "docker compose" } else { "docker" }.into(),
                flag: format!("--{}", given.name),
            });
        }
    }
    Ok(())
}

/// Refuses the flags of Docker's that the lab's version of the command has not.
fn only(parsed: &Parsed, allowed: &[&str]) -> Result<(), Refusal> {
    match parsed.flags.iter().find(|f| !allowed.contains(&f.name)) {
        Some(given) => Err(Refusal::FlagNotHere {
            command: format!("docker {}", parsed.path.join(" ")),
            flag: format!("--{}", given.name),
        }),
        None => Ok(()),
    }
}

fn exec(line: &Line, parsed: &Parsed) -> Result<Action, Refusal> {
    only(
        parsed,
        &[
            "detach",
            "env",
            "interactive",
            "tty",
            "no-tty",
            "no-TTY",
            "user",
            "workdir",
        ],
    )?;
    let at = parsed.positional_at[0];
    if matches!(line.words[at].text.as_str(), "docker" | "docker-compose") {
        let node = some_node(line.scope, false);
        return Err(Refusal::UnknownNode {
            name: line.words[at].text.clone(),
            similar: None,
            suggestion: Some(line.inserted(at, node)),
            known: containers(line.scope).map(str::to_string).collect(),
        });
    }
    let node = container(line, at)?;
    if parsed.rest[0] == "docker" {
        engine(line.scope, &node)?;
    }
    check_in_node(line, parsed.rest_at)?;
    // `docker compose exec` has a terminal unless told otherwise.
    let compose = parsed.path[0] == "compose";
    let no_tty = parsed.has("no-tty") || parsed.has("no-TTY");
    let detach = parsed.has("detach");
    Ok(Action::Exec(Exec {
        node,
        argv: parsed.rest.clone(),
        tty: (compose && !no_tty && !detach) || parsed.has("tty"),
        interactive: (compose && !detach) || parsed.has("interactive"),
        detach,
        env: parsed.values("env").iter().map(|e| e.to_string()).collect(),
        workdir: parsed.value("workdir").map(str::to_string),
        user: parsed.value("user").map(str::to_string),
    }))
}

fn compose(line: &Line, parsed: &Parsed) -> Result<ComposeAction, Refusal> {
    let no_names = |usage: &str| match parsed.positionals.is_empty() {
        true => Ok(()),
        false => Err(Refusal::Usage(usage.into())),
    };
    Ok(match parsed.path[1] {
        "up" => {
            // What is made anew, built or left out by the others is not the
            // lab's to choose; these ask for what it does in any case.
            only(
                parsed,
                &[
                    "detach",
                    "wait",
                    "wait-timeout",
                    "remove-orphans",
                    "no-build",
                    "no-color",
                    "no-log-prefix",
                    "quiet-pull",
                    "yes",
                ],
            )?;
            no_names("docker compose up -d")?;
            ComposeAction::Up {
                detach: parsed.has("detach") || parsed.has("wait"),
            }
        }
        "ps" => {
            only(
                parsed,
                &[
                    "all", "quiet", "services", "status", "filter", "format", "no-trunc", "orphans",
                ],
            )?;
            let mut listing = listed(line, parsed, Listed::Services)?;
            listing.names = names(line, parsed)?;
            ComposeAction::Ps(listing)
        }
        // The lab's volumes go with its containers in any case, and nothing in a
        // node that is removed needs time to end.
        "down" => {
            only(parsed, &["volumes", "remove-orphans", "timeout"])?;
            no_names("docker compose down")?;
            ComposeAction::Down
        }
        "logs" => ComposeAction::Logs(logs(line, parsed)?),
        _ => {
            let (what, names) = lifecycle(line, parsed)?;
            ComposeAction::Lifecycle(what, names)
        }
    })
}

fn logs(line: &Line, parsed: &Parsed) -> Result<Logs, Refusal> {
    only(
        parsed,
        &["follow", "tail", "timestamps", "no-color", "no-log-prefix"],
    )?;
    // A service of the swarm has its logs in the swarm.
    if let Some(name) = parsed.positionals.first()
        && parsed.path == ["logs"]
        && !containers(line.scope).any(|known| known == name)
        && line.scope.services.contains(name)
    {
        let node = some_node(line.scope, false);
        return Err(Refusal::InNode {
            command: "docker service logs".into(),
            suggestion: format!("docker exec -it {node} docker service logs {name}"),
        });
    }
    let tail = match parsed.value("tail") {
        None | Some("all") => None,
        Some(lines) => Some(
            lines
                .parse()
                .map_err(|_| Refusal::Usage(format!("{} --tail 20", parsed_name(parsed))))?,
        ),
    };
    Ok(Logs {
        names: names(line, parsed)?,
        follow: parsed.has("follow"),
        tail,
        timestamps: parsed.has("timestamps"),
    })
}

pub(super) fn parsed_name(parsed: &Parsed) -> String {
    format!("docker {}", parsed.path.join(" "))
}

fn lifecycle(line: &Line, parsed: &Parsed) -> Result<(Lifecycle, Vec<String>), Refusal> {
    let word = parsed.path[parsed.path.len() - 1];
    let what = match word {
        "stop" => Lifecycle::Stop(grace(parsed)?),
        "start" => Lifecycle::Start,
        "restart" => Lifecycle::Restart(grace(parsed)?),
        "kill" => Lifecycle::Kill(parsed.value("signal").map(str::to_string)),
        "pause" => Lifecycle::Pause,
        "unpause" => Lifecycle::Unpause,
        _ => return Err(not_here(line, &parsed.path)),
    };
    only(
        parsed,
        match word {
            "stop" | "restart" => &["signal", "timeout", "time", "no-deps"],
            "kill" => &["signal", "remove-orphans"],
            "start" => &["wait"],
            _ => &[],
        },
    )?;
    Ok((what, names(line, parsed)?))
}

/// `-t SECONDS`, which older clients call `--time`, and `-s SIGNAL`.
fn grace(parsed: &Parsed) -> Result<Grace, Refusal> {
    let seconds = parsed.value("timeout").or(parsed.value("time"));
    let number = |seconds: &str| {
        let usage = || Refusal::Usage(format!("{} -t 5 NODE", parsed_name(parsed)));
        seconds.parse().map_err(|_| usage())
    };
    Ok(Grace {
        seconds: seconds.map(number).transpose()?,
        signal: parsed.value("signal").map(str::to_string),
    })
}

fn listed(line: &Line, parsed: &Parsed, listed: Listed) -> Result<Listing, Refusal> {
    listing::read(&line.argv(0), parsed, listed)
}

/// The containers named; each once.
fn names(line: &Line, parsed: &Parsed) -> Result<Vec<String>, Refusal> {
    let mut names = Vec::new();
    for at in &parsed.positional_at {
        let name = container(line, *at)?;
        if !names.contains(&name) {
            names.push(name);
        }
    }
    Ok(names)
}

/// `NETWORK NODE`: the lab's network, and one of its containers.
fn network(line: &Line, parsed: &Parsed) -> Result<String, Refusal> {
    let [network, _] = &parsed.positionals[..] else {
        return Err(Refusal::Usage(parsed.subcommand.usage()));
    };
    let at = &parsed.positional_at;
    let ours = &line.scope.network;
    if network == ours {
        return container(line, at[1]);
    }
    let swapped = containers(line.scope).any(|known| known == network);
    Err(Refusal::NotLabNetwork {
        name: network.clone(),
        suggestion: match swapped {
            true => format!("docker {} {ours} {network}", parsed.path.join(" ")),
            false => line.mended(at[0], network, ours),
        },
    })
}

/// The lab's registry, as it is called from the host.
fn lab_registry(image: &str) -> Result<(), Refusal> {
    let registries = ["localhost:5000/", "127.0.0.1:5000/"];
    let ours = registries
        .iter()
        .any(|registry| image.strip_prefix(registry).is_some_and(|r| !r.is_empty()));
    match ours {
        true => Ok(()),
        false => Err(Refusal::NotLabRegistry(image.to_string())),
    }
}
