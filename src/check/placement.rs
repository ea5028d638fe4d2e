//! Which nodes may take a service's tasks: the constraints as Swarm reads them.

use crate::model::{Node, Service, Swarm};

/// The nodes that are ready, active and satisfy every constraint.
pub(super) fn eligible<'a>(swarm: &'a Swarm, service: &Service) -> Vec<&'a Node> {
    usable(swarm)
        .filter(|node| {
            service
                .constraints
                .iter()
                .all(|constraint| satisfies(node, constraint))
        })
        .collect()
}

/// The constraints that none of the ready, active nodes satisfies.
pub(super) fn unsatisfied(swarm: &Swarm, service: &Service) -> Vec<String> {
    service
        .constraints
        .iter()
        .filter(|constraint| !usable(swarm).any(|node| satisfies(node, constraint)))
        .cloned()
        .collect()
}

/// A ready, active node; a worker where there is one.
pub(super) fn a_ready_node(swarm: &Swarm) -> Option<String> {
    usable(swarm)
        .find(|node| !node.manager)
        .or_else(|| usable(swarm).next())
        .map(|node| node.hostname.clone())
}

/// A constraint without the spaces that may stand in it.
pub(super) fn tight(constraint: &str) -> String {
    constraint.split_whitespace().collect()
}

fn usable(swarm: &Swarm) -> impl Iterator<Item = &Node> {
    swarm
        .nodes
        .iter()
        .filter(|node| node.state == "ready" && node.availability == "active")
}

/// Swarm compares without regard to case, and a label that is not there is
/// equal to nothing (swarmkit's manager/constraint). What we can't see of a
/// node, such as its platform, is taken as satisfied.
fn satisfies(node: &Node, constraint: &str) -> bool {
    let constraint = tight(constraint);
    let (key, equal, value) = if let Some((key, value)) = constraint.split_once("==") {
        (key, true, value)
    } else if let Some((key, value)) = constraint.split_once("!=") {
        (key, false, value)
    } else {
        return true;
    };
    let have = match key {
        "node.role" => Some(if node.manager { "manager" } else { "worker" }),
        "node.hostname" => Some(node.hostname.as_str()),
        "node.id" => Some(node.id.as_str()),
        _ => match key.strip_prefix("node.labels.") {
            Some(label) => node.labels.get(label).map(String::as_str),
            None => return true,
        },
    };
    have.is_some_and(|have| have.eq_ignore_ascii_case(value)) == equal
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constraints_as_swarm_reads_them() {
        let mut node = Node {
            id: "n1".into(),
            hostname: "worker01".into(),
            ..Node::default()
        };
        node.labels.insert("disk".into(), "ssd".into());
        for (constraint, fits) in [
            ("node.role==worker", true),
            ("node.role == worker", true),
            ("node.role!=worker", false),
            ("node.role==Manager", false),
            ("node.hostname==WORKER01", true),
            ("node.hostname!=worker02", true),
            ("node.labels.disk==ssd", true),
            ("node.labels.disk!=ssd", false),
            ("node.labels.zone==a", false),
            ("node.labels.zone!=a", true),
            ("node.id==n2", false),
            ("node.platform.os==linux", true),
            ("nonsense", true),
        ] {
            assert_eq!(satisfies(&node, constraint), fits, "{constraint}");
        }
    }
}
