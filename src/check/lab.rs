//! Judges what lies below the swarm: containers, engines, images, the registry.

use crate::model::ContainerState;

use super::judge::{Findings, Look, stopped};
use super::reference;
use super::{Cause, Fault, Gap};

/// `lab: running`.
pub(super) fn running(look: &Look, wanted: &[String]) -> Findings {
    if !look.now.up {
        return Findings::gap(Gap::LabNotUp);
    }
    let wanted: Vec<&String> = if wanted.is_empty() {
        look.lab.all().collect()
    } else {
        wanted.iter().collect()
    };
    let mut findings = Findings::default();
    for name in wanted {
        let state = look.container(name);
        let is_node = look.lab.nodes.contains(name);
        if state == ContainerState::Running {
            if is_node && look.now.engine(name).is_none() {
                findings.gaps.push(Gap::EngineSilent { node: name.clone() });
            }
        } else if stopped(state) {
            findings.faults.push(Fault::ContainerEnded {
                name: name.clone(),
                state,
            });
        } else {
            findings.gaps.push(Gap::ContainerNot {
                name: name.clone(),
                state,
            });
        }
    }
    findings
}

/// `lab: down`.
pub(super) fn down(look: &Look) -> Findings {
    let names: Vec<String> = look
        .now
        .containers
        .iter()
        .filter(|(_, container)| container.state != ContainerState::Missing)
        .map(|(name, _)| name.clone())
        .collect();
    if names.is_empty() {
        Findings::default()
    } else {
        Findings::gap(Gap::LabStillUp { names })
    }
}

/// `image: REF`.
pub(super) fn image(look: &Look, wanted: &str, on: &[String]) -> Findings {
    if !look.now.up {
        return Findings::gap(Gap::LabNotUp);
    }
    let on = if on.is_empty() { &look.lab.nodes } else { on };
    let mut findings = Findings::default();
    let mut without = Vec::new();
    for node in on {
        let state = look.container(node);
        match look.now.engine(node) {
            Some(engine) => {
                if !engine
                    .images
                    .iter()
                    .any(|image| reference::same(image, wanted))
                {
                    without.push(node.clone());
                }
            }
            None if stopped(state) => findings.faults.push(Fault::ContainerEnded {
                name: node.clone(),
                state,
            }),
            None if state == ContainerState::Running => {
                findings.gaps.push(Gap::EngineSilent { node: node.clone() });
            }
            None => findings.gaps.push(Gap::ContainerNot {
                name: node.clone(),
                state,
            }),
        }
    }
    if !without.is_empty() {
        findings.gaps.push(Gap::ImageMissing {
            reference: wanted.to_owned(),
            nodes: without,
        });
    }
    findings
}

/// `registry: REPO:TAG`.
pub(super) fn registry(look: &Look, wanted: &str, exists: bool) -> Findings {
    if look.lab.others.is_empty() && look.now.registry.is_none() {
        return Findings::not_measured(Cause::NoRegistry);
    }
    if !look.now.up {
        return Findings::gap(Gap::LabNotUp);
    }
    let Some(held) = &look.now.registry else {
        let ended: Vec<Fault> = look
            .lab
            .others
            .iter()
            .map(|name| (name, look.container(name)))
            .filter(|(_, state)| stopped(*state))
            .map(|(name, state)| Fault::ContainerEnded {
                name: name.clone(),
                state,
            })
            .collect();
        return if ended.is_empty() {
            Findings::gap(Gap::RegistrySilent)
        } else {
            Findings::faults(ended)
        };
    };
    let wanted = reference::in_registry(wanted);
    let there = held
        .iter()
        .any(|reference| reference::in_registry(reference) == wanted);
    match (there, exists) {
        (true, true) | (false, false) => Findings::default(),
        (false, true) => Findings::gap(Gap::NotInRegistry {
            reference: wanted,
            have: held.clone(),
        }),
        (true, false) => Findings::gap(Gap::StillInRegistry { reference: wanted }),
    }
}
