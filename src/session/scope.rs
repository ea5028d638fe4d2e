//! What the words of a line may refer to, out of the newest snapshot.

use std::collections::BTreeMap;

use super::{Place, Session, entry, place};
use crate::model::Swarm;
use crate::shell::Scope;

impl Session {
    /// The names a line may use now.
    pub fn scope(&self) -> Scope {
        let shape = self.shape();
        let last = self.timeline.last();
        let swarm = last.and_then(|snapshot| snapshot.swarm.as_ref());
        let names = |list: Option<&Vec<String>>| list.cloned().unwrap_or_default();
        let mut images: Vec<String> = entry::images(self.course())
            .iter()
            .map(|image| crate::model::compose::with_tag(image))
            .collect();
        for engine in last
            .into_iter()
            .flat_map(|snapshot| snapshot.containers.values())
            .filter_map(|container| container.engine.as_ref())
        {
            for image in &engine.images {
                if !images.contains(image) {
                    images.push(image.clone());
                }
            }
        }
        let mut stacks: Vec<String> = Vec::new();
        for service in swarm.into_iter().flat_map(|swarm| &swarm.services) {
            if let Some(stack) = service.labels.get("com.docker.stack.namespace")
                && !stacks.contains(stack)
            {
                stacks.push(stack.clone());
            }
        }
        Scope {
            nodes: shape.nodes,
            others: shape.others,
            services: swarm
                .map(|swarm| swarm.services.iter().map(|s| s.name.clone()).collect())
                .unwrap_or_default(),
            stacks,
            networks: swarm
                .map(|swarm| swarm.networks.iter().map(|n| n.name.clone()).collect())
                .unwrap_or_default(),
            secrets: names(swarm.map(|swarm| &swarm.secrets)),
            configs: names(swarm.map(|swarm| &swarm.configs)),
            images,
            variables: self.variables(swarm),
            on: self.on.clone(),
            steps: self.step_names(),
            network: match self.lab.as_str() {
                "swarmlings" => "swarmlings".to_owned(),
                lab => format!("swarmlings-{lab}"),
            },
        }
    }

    /// The same in the lab of a step to which a way is under way, with the swarm that it
    /// has so far.
    pub fn scope_on_the_way(&self, to: Place, swarm: Option<&Swarm>) -> Scope {
        let shape = self.shape_of(to);
        Scope {
            nodes: shape.nodes,
            others: shape.others,
            variables: self.variables(swarm),
            ..self.scope()
        }
    }

    fn variables(&self, swarm: Option<&Swarm>) -> BTreeMap<String, Option<String>> {
        let some = |text: &String| (!text.is_empty()).then(|| text.clone());
        let addr = swarm.and_then(|swarm| swarm.manager_addr.clone());
        let ip = addr
            .as_ref()
            .and_then(|addr| addr.rsplit_once(':'))
            .map(|(ip, _)| ip.to_owned())
            .or_else(|| self.first_node_address());
        BTreeMap::from([
            (
                "WORKER_TOKEN".to_owned(),
                swarm.and_then(|swarm| some(&swarm.worker_token)),
            ),
            (
                "MANAGER_TOKEN".to_owned(),
                swarm.and_then(|swarm| some(&swarm.manager_token)),
            ),
            ("MANAGER_IP".to_owned(), ip),
            ("MANAGER_ADDR".to_owned(), addr),
            ("LAB".to_owned(), Some(self.lab.clone())),
        ])
    }

    /// Before there is a swarm its first manager will be the lab's first node,
    /// which a tutorial may name in `--advertise-addr`.
    fn first_node_address(&self) -> Option<String> {
        let compose = entry::compose_of(self.course(), self.place)?;
        let first = compose.nodes().next()?;
        let container = self.timeline.last()?.containers.get(&first.name)?;
        container.address.map(|address| address.to_string())
    }

    /// Every name that `goto` takes: full ones, and ids where they are unique.
    fn step_names(&self) -> Vec<String> {
        let course = self.course();
        let mut names = Vec::new();
        for (place, full) in place::all(course) {
            if let Some(step) = place.step(course) {
                names.push(step.id.clone());
            }
            names.push(full);
        }
        names.extend(course.lessons.iter().map(|lesson| lesson.id.clone()));
        names.sort();
        names.dedup();
        names
    }
}
