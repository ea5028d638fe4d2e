//! Going to a step: what has to be made anew, and what of the learner's own
//! would be lost by it.

use std::collections::BTreeSet;

use super::{Session, entry, place::Place};
use crate::model::{ContainerState, LocalSwarm, Snapshot};
use crate::shell::{Action, Touches, touches, understand};

impl Session {
    /// Whether the lab's containers and the swarm's members are as the entry of
    /// `to` wants them, so that services alone have to be made anew. Anything
    /// that can't be told apart is a no: clean engines are the exact way.
    pub fn members_stay(&self, to: Place) -> bool {
        let course = self.course();
        let Some(now) = self.timeline.last().filter(|now| now.up) else {
            return false;
        };
        let lab = |place| entry::lab_of(course, place).map(|lesson| &lesson.id);
        if lab(self.place) != lab(to) || !all_run(now, self.shape().all()) {
            return false;
        }
        let Some(wanted) = self.members_at(to) else {
            return false;
        };
        match &now.swarm {
            None => wanted.is_empty() && engines_free(now),
            Some(swarm) => {
                let plain = swarm.nodes.iter().all(|node| {
                    node.state == "ready"
                        && node.availability == "active"
                        && node.labels.is_empty()
                        && wanted.contains(&(node.hostname.clone(), node.manager))
                });
                plain && swarm.nodes.len() == wanted.len() && all_of_it(now, wanted.len())
            }
        }
    }

    /// Who is in the swarm at the entry of a step, as `(hostname, manager)`, by
    /// the commands on the way there. `None`: they do more than init and join,
    /// or the lab is not up by then.
    fn members_at(&self, to: Place) -> Option<BTreeSet<(String, bool)>> {
        let scope = self.scope_with_values();
        let mut up = false;
        let mut members = BTreeSet::new();
        for place in entry::path(self.course(), to) {
            let Some(step) = place.step(self.course()) else {
                continue;
            };
            let commands = step.setup.iter().chain(step.solution_on(self.mesh()));
            for command in commands.chain(&step.cleanup) {
                let action = understand(&self.mended(command).0, &scope).ok()?;
                match (touches(&action), &action) {
                    (Touches::Lab, Action::Compose(crate::shell::ComposeAction::Up { .. })) => {
                        up = true;
                    }
                    (Touches::Lab, Action::Compose(crate::shell::ComposeAction::Down)) => {
                        up = false;
                        members.clear();
                    }
                    (Touches::Lab, _) => return None,
                    (Touches::Swarm, Action::Exec(exec)) => {
                        let words: Vec<&str> = exec.argv.iter().map(String::as_str).collect();
                        let manager = match words.get(..3)? {
                            ["docker", "swarm", "init"] => true,
                            ["docker", "swarm", "join"] => command.text.contains("MANAGER_TOKEN"),
                            _ => return None,
                        };
                        members.insert((exec.node.clone(), manager));
                    }
                    _ => {}
                }
            }
        }
        up.then_some(members)
    }

    /// Services, networks, secrets and configs that no lesson makes: what the
    /// learner would lose.
    pub fn own_things(&self) -> Vec<String> {
        let Some(swarm) = self.timeline.last().and_then(|now| now.swarm.as_ref()) else {
            return Vec::new();
        };
        let steps = self
            .course()
            .lessons
            .iter()
            .flat_map(|lesson| &lesson.steps);
        let commands: Vec<&str> = steps
            .flat_map(|step| step.setup.iter().chain(&step.solution))
            .map(|command| command.text.as_str())
            .collect();
        let of_lessons = |name: &str| {
            let is_name = |c: char| c.is_alphanumeric() || "_-.".contains(c);
            commands.iter().any(|text| {
                text.split(|c: char| !is_name(c))
                    .any(|word| word == name || name.starts_with(&format!("{word}_")))
            })
        };
        let services = swarm.services.iter().map(|service| &service.name);
        let networks = swarm.networks.iter().map(|network| &network.name);
        services
            .chain(networks)
            .chain(&swarm.secrets)
            .chain(&swarm.configs)
            .filter(|name| !of_lessons(name))
            .cloned()
            .collect()
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

fn all_run<'n>(now: &Snapshot, mut names: impl Iterator<Item = &'n String>) -> bool {
    let count = now.containers.len();
    let mut seen = 0;
    names.all(|name| {
        seen += 1;
        now.containers.get(name).is_some_and(|container| {
            container.state == ContainerState::Running
                && (!container.is_node || container.engine.is_some())
        })
    }) && seen == count
}

/// No engine is in any swarm.
fn engines_free(now: &Snapshot) -> bool {
    let mut engines = now.containers.values().filter_map(|c| c.engine.as_ref());
    engines.all(|engine| engine.swarm == LocalSwarm::Inactive)
}

/// As many engines are in a swarm as the manager knows of, so that none has
/// made a swarm of its own.
fn all_of_it(now: &Snapshot, members: usize) -> bool {
    let engines = now.containers.values().filter_map(|c| c.engine.as_ref());
    engines
        .filter(|engine| engine.swarm != LocalSwarm::Inactive)
        .count()
        == members
}
