//! What an action changes, so that a fast-forward leaves out what only looks,
//! and a reset knows whether the swarm's members have to be made anew.

use super::{Action, ComposeAction, HostAction, docker};

/// What an action may change, the widest thing first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Touches {
    /// The lab's containers, or what its registry holds.
    Lab,
    /// Who is in the swarm, and how: role, availability, labels.
    Swarm,
    /// Services, stacks, networks, secrets, configs.
    Services,
    /// It only looks.
    Nothing,
    /// Not known: any other command in a node.
    Unknown,
}

/// What an action may change.
pub fn touches(action: &Action) -> Touches {
    match action {
        Action::Nothing | Action::Verb(_) => Touches::Nothing,
        Action::Compose(ComposeAction::Ps(_) | ComposeAction::Logs(_)) => Touches::Nothing,
        Action::Compose(_) => Touches::Lab,
        Action::Host(
            HostAction::Ps(_)
            | HostAction::Images(_)
            | HostAction::Logs(_)
            | HostAction::Networks(_)
            | HostAction::Version,
        ) => Touches::Nothing,
        Action::Host(_) => Touches::Lab,
        Action::Exec(exec) => in_node(&exec.argv),
    }
}

/// Programs that only look, however they are called.
const LOOKING: [&str; 12] = [
    "cat", "curl", "env", "grep", "hostname", "ls", "nslookup", "ping", "ps", "true", "uname",
    "wget",
];

fn in_node(argv: &[String]) -> Touches {
    let program = argv.first().map_or("", String::as_str);
    if LOOKING.contains(&program) {
        return Touches::Nothing;
    }
    let Ok(parsed) = docker::parse(argv) else {
        return Touches::Unknown;
    };
    if parsed.help {
        return Touches::Nothing;
    }
    match parsed.path.as_slice() {
        ["swarm", "join-token" | "unlock-key"] if !parsed.has("rotate") => Touches::Nothing,
        ["swarm", _] => Touches::Swarm,
        [
            "node" | "service" | "stack" | "secret" | "config" | "network",
            "ls" | "ps" | "inspect" | "logs" | "services" | "config",
        ] => Touches::Nothing,
        ["node", _] => Touches::Swarm,
        ["service" | "stack" | "secret" | "config" | "network", _] => Touches::Services,
        [
            "ps" | "images" | "info" | "version" | "inspect" | "logs" | "stats" | "top" | "events"
            | "port" | "history" | "search",
        ] => Touches::Nothing,
        [
            "system" | "volume" | "image" | "container",
            "ls" | "inspect" | "df" | "info" | "logs",
        ] => Touches::Nothing,
        _ => Touches::Unknown,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::shell::{Scope, understand};

    #[test]
    fn what_an_action_changes() {
        let scope = Scope {
            nodes: vec!["manager".into()],
            ..Scope::default()
        };
        let cases = [
            ("docker compose up -d", Touches::Lab),
            ("docker compose ps", Touches::Nothing),
            ("docker ps", Touches::Nothing),
            ("docker stop manager", Touches::Lab),
            ("docker exec manager docker swarm init", Touches::Swarm),
            (
                "docker exec manager docker swarm join-token worker",
                Touches::Nothing,
            ),
            (
                "docker exec manager docker swarm join-token --rotate worker",
                Touches::Swarm,
            ),
            ("docker exec manager docker node ls", Touches::Nothing),
            ("docker exec manager docker node promote x", Touches::Swarm),
            (
                "docker exec manager docker service create --name a b",
                Touches::Services,
            ),
            ("docker exec manager docker service ps a", Touches::Nothing),
            ("docker exec manager sh -c 'touch /x'", Touches::Unknown),
            ("docker exec manager docker pull a", Touches::Unknown),
            ("docker exec manager wget -qO- http://a", Touches::Nothing),
        ];
        for (line, wanted) in cases {
            let action = understand(line, &scope).unwrap();
            assert_eq!(touches(&action), wanted, "{line}");
        }
    }
}
