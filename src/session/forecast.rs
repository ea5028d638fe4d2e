//! What commands will have made once they have run, as far as docker's grammar
//! tells: to say it before, and to know whether the swarm's members have to be
//! made anew.

use std::collections::{BTreeMap, BTreeSet};

use super::{Place, Session};
use crate::model::Compose;
use crate::session::entry;
use crate::shell::{Action, ComposeAction, Touches, docker, touches, understand, unwrap};

/// The lab at the entry of a step, by the commands on the way there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Forecast {
    /// The compose file's containers run.
    pub up: bool,
    /// Who is in the swarm, by hostname, and whether as a manager.
    pub members: BTreeMap<String, bool>,
    /// Members came by `swarm init` and `swarm join` alone; anything else can't
    /// be told from the commands.
    pub plain: bool,
    /// Members came before anything else was made, by commands that say nothing
    /// but what they have to.
    pub usual: bool,
    /// Services with their replicas; `None`: one on each node, or not told.
    pub services: BTreeMap<String, Option<u64>>,
    /// Networks, secrets, configs and stacks.
    pub things: BTreeSet<String>,
    /// Commands that change something else.
    pub others: usize,
    /// Services that are made on the way and removed again.
    pub passing: Vec<Option<u64>>,
}

impl Forecast {
    /// Before any command.
    fn begun() -> Forecast {
        Forecast {
            plain: true,
            usual: true,
            ..Forecast::default()
        }
    }

    /// The manager of a swarm of all these nodes in which it alone is one, and which
    /// may as well stand ready before anything else is done.
    pub fn usual_manager<'a>(&self, mut nodes: impl Iterator<Item = &'a str>) -> Option<String> {
        let managers = self.members.iter().filter(|(_, manages)| **manages);
        let mut managers = managers.map(|(name, _)| name);
        let manager = managers.next()?;
        let alone = managers.next().is_none();
        let whole = nodes.all(|name| self.members.contains_key(name));
        (self.plain && self.usual && alone && whole).then(|| manager.clone())
    }

    /// Nothing of it has to be made.
    pub fn is_nothing(&self) -> bool {
        !self.up
    }

    fn note(&mut self, action: &Action, as_manager: bool) {
        match (touches(action), action) {
            (Touches::Nothing, _) => {}
            (_, Action::Compose(ComposeAction::Up { .. })) => self.up = true,
            (_, Action::Compose(ComposeAction::Down)) => {
                *self = Forecast::begun();
            }
            // Mostly a look in a node's shell.
            (Touches::Unknown, Action::Exec(exec)) if docker::parse(&exec.argv).is_err() => {}
            (_, Action::Exec(exec)) => {
                let argv = unwrap(action).map_or(exec.argv.clone(), |(_, argv)| argv);
                self.note_in_node(&exec.node, &argv, as_manager);
            }
            (Touches::Lab, Action::Host(host)) => {
                self.others += 1;
                let of_containers = matches!(
                    host,
                    crate::shell::HostAction::Lifecycle(..)
                        | crate::shell::HostAction::Connect(_)
                        | crate::shell::HostAction::Disconnect(_)
                );
                self.plain &= !of_containers;
            }
            (touched, _) => {
                self.others += 1;
                self.plain &= touched != Touches::Lab;
            }
        }
    }

    /// Nothing but members has been made so far.
    fn is_bare(&self) -> bool {
        let made = self.services.len() + self.things.len() + self.passing.len();
        made + self.others == 0
    }

    fn note_in_node(&mut self, node: &str, argv: &[String], as_manager: bool) {
        let Ok(parsed) = docker::parse(argv) else {
            self.others += 1;
            return;
        };
        let first = parsed.positionals.first().cloned().unwrap_or_default();
        match parsed.path.as_slice() {
            ["swarm", "init"] => {
                self.usual &= parsed.flags.is_empty() && self.is_bare();
                self.members.insert(node.to_owned(), true);
            }
            ["swarm", "join"] => {
                let mut flags = parsed.flags.iter();
                self.usual &= flags.all(|flag| flag.name == "token") && self.is_bare();
                self.members.insert(node.to_owned(), as_manager);
            }
            ["node", "update"] if !parsed.has("role") && parsed.value("role").is_none() => {
                self.others += 1;
            }
            ["swarm" | "node", _] => {
                self.plain = false;
                self.others += 1;
            }
            ["service", "create"] => {
                let replicas = match parsed.value("mode") {
                    None | Some("replicated") => {
                        let given = parsed.value("replicas").map(str::parse);
                        given.unwrap_or(Ok(1)).ok()
                    }
                    _ => None,
                };
                let name = parsed.value("name").unwrap_or(&first).to_owned();
                self.services.insert(name, replicas);
            }
            ["service", "scale"] => {
                for pair in &parsed.positionals {
                    if let Some((name, replicas)) = pair.split_once('=') {
                        self.services.insert(name.to_owned(), replicas.parse().ok());
                    }
                }
            }
            ["service", "update"] => {
                self.others += 1;
                if let Some(replicas) = parsed.value("replicas") {
                    self.services.insert(first, replicas.parse().ok());
                }
            }
            ["service", "rm"] => {
                let gone = parsed.positionals.iter();
                let gone = gone.filter_map(|name| self.services.remove(name));
                self.passing.extend(gone.collect::<Vec<_>>());
            }
            ["network" | "secret" | "config", "create"] | ["stack", "deploy"] => {
                self.things.insert(first);
            }
            ["network" | "secret" | "config" | "stack", "rm"] => {
                self.things.retain(|n| !parsed.positionals.contains(n));
            }
            _ => self.others += 1,
        }
    }
}

impl Session {
    /// The lab at the entry of a step.
    pub fn forecast(&self, to: Place) -> Forecast {
        let scope = self.scope_with_values();
        let mut forecast = Forecast::begun();
        for place in entry::path(self.course(), to) {
            let Some(step) = place.step(self.course()) else {
                continue;
            };
            let commands = step.setup.iter().chain(step.solution_on(self.mesh()));
            for command in commands.chain(&step.cleanup) {
                match understand(&self.mended(command).0, &scope) {
                    Ok(action) => forecast.note(&action, command.text.contains("MANAGER_TOKEN")),
                    Err(_) => {
                        forecast.others += 1;
                        forecast.plain = false;
                    }
                }
            }
        }
        forecast
    }

    /// The scope with a stand-in for every value that is not known yet, for
    /// lines that are only looked at.
    pub(super) fn scope_with_values(&self) -> crate::shell::Scope {
        let mut scope = self.scope();
        for value in scope.variables.values_mut() {
            value.get_or_insert_with(|| "x".to_owned());
        }
        scope
    }
}

/// The containers that a compose file makes, and how many of them are nodes.
pub fn containers(compose: Option<&Compose>) -> (usize, usize) {
    compose.map_or((0, 0), |compose| {
        (compose.services.len(), compose.nodes().count())
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::shell::Scope;

    fn forecast(lines: &[&str]) -> Forecast {
        let scope = Scope {
            nodes: vec!["manager".into(), "worker01".into()],
            ..Scope::default()
        };
        let mut forecast = Forecast::begun();
        for line in lines {
            let action = understand(line, &scope).unwrap();
            forecast.note(&action, line.contains("MANAGER"));
        }
        forecast
    }

    #[test]
    fn what_the_commands_make_together() {
        let made = forecast(&[
            "docker compose up -d",
            "docker ps",
            "docker exec -it manager docker swarm init",
            "docker exec worker01 docker swarm join --token x 10.0.0.1:2377",
            "docker exec manager docker service create --name web --replicas 2 nginx",
            "docker exec manager docker service create --name every --mode global nginx",
            "docker exec manager docker service scale web=6",
            "docker exec manager docker network create -d overlay net",
            "docker exec manager docker service create --name gone nginx",
            "docker exec manager docker service rm gone",
        ]);
        assert!(made.up && made.plain);
        let members: Vec<_> = made.members.into_iter().collect();
        assert_eq!(
            members,
            [("manager".into(), true), ("worker01".into(), false)]
        );
        let services: Vec<_> = made.services.into_iter().collect();
        assert_eq!(services, [("every".into(), None), ("web".into(), Some(6))]);
        assert_eq!(made.things, BTreeSet::from(["net".to_owned()]));
        assert_eq!(made.passing, [Some(1)]);
    }

    #[test]
    fn a_usual_swarm_has_all_nodes_before_anything_else() {
        let usual = |lines: &[&str]| {
            let nodes = ["manager", "worker01"];
            forecast(lines).usual_manager(nodes.into_iter())
        };
        let init = "docker exec -it manager docker swarm init";
        let join = "docker exec worker01 docker swarm join --token x 10.0.0.1:2377";
        let service = "docker exec manager docker service create --name web nginx";
        let manager = Some("manager".to_owned());
        assert_eq!(usual(&[init, join]), manager);
        assert_eq!(usual(&[init, join, service]), manager);
        assert_eq!(usual(&[init, service, join]), None);
        assert_eq!(usual(&[init]), None);
        assert_eq!(usual(&[&format!("{init} --autolock"), join]), None);
        let second = "docker exec worker01 docker swarm join --token MANAGER x:2377";
        assert_eq!(usual(&[init, second]), None);
        let drained = "docker exec manager docker node update --availability drain worker01";
        assert_eq!(usual(&[init, join, drained]), manager);
        let left = "docker exec worker01 docker swarm leave";
        assert_eq!(usual(&[init, join, left]), None);
    }

    #[test]
    fn a_lab_taken_down_has_nothing() {
        let made = forecast(&[
            "docker compose up -d",
            "docker exec manager docker swarm init",
            "docker compose down",
        ]);
        assert!(made.is_nothing() && made.members.is_empty() && made.plain);
    }

    #[test]
    fn who_is_promoted_or_stopped_can_not_be_told() {
        for line in [
            "docker exec manager docker node promote worker01",
            "docker exec manager docker node update --role manager worker01",
            "docker exec worker01 docker swarm leave",
            "docker stop worker01",
        ] {
            assert!(!forecast(&[line]).plain, "{line}");
        }
        assert!(
            forecast(&["docker exec manager docker node update --availability drain worker01"])
                .plain
        );
    }
}
