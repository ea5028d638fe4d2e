//! What a lab is, in facts that an observer can read off without knowing how
//! the lab came to be so.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A lab at rest.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Facts {
    /// The lab's containers by name. None at all: the lab is down.
    pub containers: BTreeMap<String, Container>,
    /// The swarm, as its managers keep it.
    pub swarm: Option<Swarm>,
    /// What the lab's registry holds, `repository:tag`.
    pub registry: Option<Vec<String>>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Container {
    /// In Docker's word.
    pub state: String,
    /// The engine inside, when there is one and it answers.
    pub engine: Option<Engine>,
}

/// The engine of a node, but for what the swarm runs on it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Engine {
    /// Its own view of its membership.
    pub swarm: String,
    /// Every image, `repository:tag`.
    pub images: Vec<String>,
    /// Containers that are no task's, and those of tasks that have ended.
    pub leftovers: Vec<String>,
    /// Every network, `name (driver, scope)`, but those that are there for a task.
    pub networks: Vec<String>,
    pub volumes: Vec<String>,
    /// Files beside the engine's data that were added or taken away, `A` or `D` and the path.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Swarm {
    /// The rows of `node ls` by hostname, so that a ghost is a second row.
    pub nodes: Vec<Node>,
    pub services: Vec<Service>,
    /// Overlay networks.
    pub networks: Vec<String>,
    pub secrets: Vec<String>,
    pub configs: Vec<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Node {
    pub hostname: String,
    pub role: String,
    pub availability: String,
    pub state: String,
    pub leader: bool,
    pub labels: BTreeMap<String, String>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Service {
    pub name: String,
    pub image: String,
    /// `replicated 6`, `global`.
    pub mode: String,
    /// Its containers that run, counted in the nodes.
    pub running: usize,
    /// The fewest and the most of them on one node.
    pub on_a_node: (usize, usize),
    /// `published:target/protocol mode`
    pub ports: Vec<String>,
    pub networks: Vec<String>,
    pub secrets: Vec<String>,
    pub configs: Vec<String>,
    pub constraints: Vec<String>,
    pub labels: BTreeMap<String, String>,
    pub arguments: Vec<String>,
    pub environment: Vec<String>,
}

impl Facts {
    /// Where two labs differ, a line each; none: they are the same.
    pub fn differences(golden: &Facts, seen: &Facts) -> Vec<String> {
        let value = |facts: &Facts| serde_json::to_value(facts).unwrap();
        let mut found = Vec::new();
        compare("", &value(golden), &value(seen), &mut found);
        found
    }
}

fn compare(at: &str, golden: &Value, seen: &Value, found: &mut Vec<String>) {
    match (golden, seen) {
        (Value::Object(golden), Value::Object(seen)) => {
            let keys: std::collections::BTreeSet<&String> =
                golden.keys().chain(seen.keys()).collect();
            for key in keys {
                let of = |map: &serde_json::Map<String, Value>| map.get(key).cloned();
                let (golden, seen) = (of(golden), of(seen));
                let at = format!("{at}/{key}");
                compare(
                    &at,
                    &golden.unwrap_or_default(),
                    &seen.unwrap_or_default(),
                    found,
                );
            }
        }
        (Value::Array(golden), Value::Array(seen)) if golden.len() == seen.len() => {
            for (index, (golden, seen)) in golden.iter().zip(seen).enumerate() {
                compare(&format!("{at}/{index}"), golden, seen, found);
            }
        }
        (golden, seen) if golden != seen => {
            found.push(format!("{at} should be {golden} and is {seen}"));
        }
        _ => {}
    }
}
