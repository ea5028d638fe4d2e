//! Judges stacks, networks, secrets and configs: what is there by name.

use super::Gap;
use super::judge::{Findings, Look, Seen, similar};
use super::service::tasks_ending;

/// The label Docker puts on all things of a stack.
const NAMESPACE: &str = "com.docker.stack.namespace";

/// `stack: NAME`.
pub(super) fn stack(look: &Look, name: &str, exists: bool, services: Option<usize>) -> Findings {
    let swarm = match look.swarm() {
        Seen::Swarm(swarm) => swarm,
        Seen::None if !exists => return Findings::default(),
        Seen::None => return Findings::gap(Gap::NoSwarm),
        Seen::Unknown(findings) => return findings,
    };
    let of = |service: &&crate::model::Service| {
        service
            .labels
            .get(NAMESPACE)
            .is_some_and(|stack| stack == name)
    };
    let have = swarm.services.iter().filter(of).count();
    if exists {
        return if have == 0 {
            let names = swarm
                .services
                .iter()
                .filter_map(|service| service.labels.get(NAMESPACE))
                .map(String::as_str);
            Findings::gap(Gap::NoSuch {
                what: "stack",
                name: name.to_owned(),
                similar: similar(name, names),
            })
        } else if let Some(want) = services
            && have != want
        {
            Findings::gap(Gap::StackServices {
                name: name.to_owned(),
                have,
                want,
            })
        } else {
            Findings::default()
        };
    }
    let networks = swarm.networks.iter().any(|network| {
        network
            .labels
            .get(NAMESPACE)
            .is_some_and(|stack| stack == name)
    });
    if have > 0 || networks {
        return Findings::gap(Gap::StillThere {
            what: "stack",
            name: name.to_owned(),
        });
    }
    match tasks_ending(look, swarm, |service| of(&service)) {
        0 => Findings::default(),
        left => Findings::gap(Gap::TasksEnding {
            name: name.to_owned(),
            left,
        }),
    }
}

/// `network`, `secret` or `config: NAME`; `what` is which.
pub(super) fn named(look: &Look, what: &'static str, name: &str, exists: bool) -> Findings {
    let swarm = match look.swarm() {
        Seen::Swarm(swarm) => swarm,
        Seen::None if !exists => return Findings::default(),
        Seen::None => return Findings::gap(Gap::NoSwarm),
        Seen::Unknown(findings) => return findings,
    };
    let names: Vec<&str> = match what {
        "secret" => swarm.secrets.iter().map(String::as_str).collect(),
        "config" => swarm.configs.iter().map(String::as_str).collect(),
        _ => swarm
            .networks
            .iter()
            .map(|network| network.name.as_str())
            .collect(),
    };
    match (names.contains(&name), exists) {
        (true, true) | (false, false) => Findings::default(),
        (false, true) => Findings::gap(Gap::NoSuch {
            what,
            name: name.to_owned(),
            similar: similar(name, names),
        }),
        (true, false) => Findings::gap(Gap::StillThere {
            what,
            name: name.to_owned(),
        }),
    }
}
