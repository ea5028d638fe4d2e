//! From facts to findings, in the order of telling.

use super::{Course, Engine, Facts, Finding, Host, Level, Trial, Unusable};
use crate::lab::connect::Endpoint;
use crate::lab::find::{self, System, Trouble};
use crate::lab::{LabError, NODE_MEMORY, Relic, RelicKind, Stock, Stocked};

/// Measured: 230 MB of node image, as much of its archive in our cache, 75 MB
/// (a worker) to 200 MB (the manager, with its log of the swarm) in each node
/// with six tasks. The rest is room for a lesson's work and larger images.
const DISK: u64 = 1_500_000_000;

/// What the four nodes take of that once the images are there.
const DISK_WITH_IMAGES: u64 = 500_000_000;

/// The oldest API that labs were tried with.
const OLDEST_API: (u32, u32) = (1, 41);

/// The findings, in the order of telling.
pub fn judge(facts: Facts) -> Vec<Finding> {
    let Facts {
        engine,
        system,
        mut host,
        course,
    } = facts;
    let mut findings = Vec::new();
    match engine {
        Ok(engine) if engine.survey.proxy => {
            host.proxies.push("Docker Engine".to_owned());
            of_engine(engine, &system, &host, &course, &mut findings);
        }
        Ok(engine) => of_engine(engine, &system, &host, &course, &mut findings),
        Err(Unusable::Trouble(trouble)) => {
            let cure = find::diagnose(&trouble, &system);
            // What is free here says nothing of an engine elsewhere.
            let elsewhere = matches!(
                &trouble,
                Trouble::Connect { found, .. } if !matches!(found.endpoint, Endpoint::Unix(_))
            );
            findings.push(Finding::NoEngine(trouble, cure));
            if !elsewhere {
                findings.extend(memory(host.memory, None, &course));
            }
        }
        Err(Unusable::Error(error)) => findings.push(Finding::EngineFails(error)),
    }
    of_host(host, &mut findings);
    findings
}

/// Whether a lab can run here.
pub fn can_run(findings: &[Finding]) -> bool {
    findings
        .iter()
        .all(|finding| finding.level() < Level::Problem)
}

/// Of these, what nobody can want any more: the lab's folder is gone. One that
/// does not say where on this machine its folder is, is not judged.
pub fn leftovers(relics: &[(Relic, bool)]) -> impl Iterator<Item = &Relic> {
    relics
        .iter()
        .filter(|(relic, there)| relic.state.is_some() && !there)
        .map(|(relic, _)| relic)
}

fn of_engine(
    engine: Engine,
    system: &System,
    host: &Host,
    course: &Course,
    findings: &mut Vec<Finding>,
) {
    let survey = engine.survey;
    if survey.product.to_ascii_lowercase().contains("podman") {
        return unusable(Trouble::NotDocker(survey.product), system, findings);
    }
    if survey.os == "windows" {
        return unusable(Trouble::WindowsContainers, system, findings);
    }
    findings.push(Finding::Engine {
        found: engine.found,
        survey: survey.clone(),
    });
    if version_of(&survey.api).is_some_and(|api| api < OLDEST_API) {
        findings.push(Finding::OldApi(survey.api.clone()));
    }
    findings.push(Finding::Storage {
        driver: survey.storage.clone(),
        slow: survey.storage == "vfs",
    });
    if !survey.cgroup.is_empty() {
        findings.push(Finding::Cgroup(
            survey.cgroup.clone(),
            survey.cgroup_driver.clone(),
        ));
    }
    let has = |name: &str| survey.security.iter().any(|option| option == name);
    let kept = ["seccomp", "apparmor", "selinux"];
    let kept = kept.iter().filter(|name| has(name));
    findings.push(Finding::Security(
        kept.map(|name| (*name).to_owned()).collect(),
    ));
    let ready = engine
        .stock
        .iter()
        .all(|image| matches!(image.stocked, Stocked::There | Stocked::StandIn(_)));
    let needed = engine
        .stock
        .iter()
        .any(|image| matches!(image.stocked, Stocked::Pullable | Stocked::Missing(_)));
    let node_image = engine.stock.iter().find(|image| image.node);
    let node_registry = node_image.map(Stock::registry).unwrap_or_default();
    let fetchable = engine
        .stock
        .iter()
        .any(|image| image.node && !matches!(image.stocked, Stocked::Missing(_)));
    let silent = engine.registry.as_ref().err();
    let stock = engine.stock.into_iter().map(|mut image| {
        // What the registry says of itself is said once, of the registry.
        if let (Stocked::Missing(why), Some(silent)) = (&mut image.stocked, silent) {
            let rest = why.replacen(silent.as_str(), "", 1);
            *why = rest.trim_start_matches([';', ' ']).to_owned();
        }
        Finding::Image(image)
    });
    findings.extend(stock.collect::<Vec<_>>());
    findings.push(Finding::Registry {
        registry: node_registry,
        silent: engine.registry.err(),
        needed,
    });
    let confined = [(true, "rootless"), (false, "userns")];
    let confined = confined
        .iter()
        .find(|(_, name)| has(name))
        .map(|(it, _)| *it);
    if confined.is_none() {
        findings.push(Finding::Unconfined);
    }
    trial(engine.trial, fetchable, confined, system, findings);
    let free = host.memory.filter(|_| survey.local);
    findings.extend(memory(free, Some(survey.memory), course));
    if let Some(have) = engine.disk {
        findings.push(Finding::Disk {
            have,
            need: if ready { DISK_WITH_IMAGES } else { DISK },
            root: survey.root.clone(),
        });
    }
    findings.push(match engine.subnet {
        Some(net) => Finding::Subnet(net),
        None => Finding::NoSubnet,
    });
    if survey.local {
        ports(host, course, &engine.published, findings);
    }
    findings.push(Finding::Mesh {
        ip_vs: host.ip_vs.filter(|_| survey.local),
        lessons: course.mesh_lessons.clone(),
        root: host.root,
    });
    lost_labs(&engine.relics, findings);
    if !engine.old_images.is_empty() {
        findings.push(Finding::OldImages(engine.old_images));
    }
}

fn unusable(trouble: Trouble, system: &System, findings: &mut Vec<Finding>) {
    let cure = find::diagnose(&trouble, system);
    findings.push(Finding::NoEngine(trouble, cure));
}

/// `1.41` -> `(1, 41)`
fn version_of(text: &str) -> Option<(u32, u32)> {
    let (major, minor) = text.split_once('.')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}

fn trial(
    trial: Trial,
    fetchable: bool,
    rootless: Option<bool>,
    system: &System,
    findings: &mut Vec<Finding>,
) {
    match trial {
        Trial::NotTried | Trial::Stopped => {
            findings.push(match trial {
                Trial::Stopped => Finding::NodeStopped,
                _ => Finding::NodeNotTried(fetchable),
            });
            findings.extend(rootless.map(|rootless| Finding::Confined {
                rootless,
                ran: false,
            }));
        }
        Trial::Runs(seconds) => {
            findings.push(Finding::NodeRuns(seconds));
            findings.extend(rootless.map(|rootless| Finding::Confined {
                rootless,
                ran: true,
            }));
        }
        Trial::Fails(error) => {
            // What the engine is only explains a node that does not come up.
            let came_up = !matches!(error, LabError::NotUp { .. } | LabError::Engine { .. });
            let trouble = rootless
                .filter(|_| !came_up)
                .map(|rootless| match rootless {
                    true => Trouble::Rootless,
                    false => Trouble::UserNamespaces,
                });
            let cause = trouble.map(|trouble| {
                let cure = find::diagnose(&trouble, system);
                (trouble, cure)
            });
            findings.push(Finding::NodeFails { error, cause });
        }
    }
}

/// `free`: what this machine has left, where the engine is on it.
fn memory(free: Option<u64>, engine: Option<u64>, course: &Course) -> Option<Finding> {
    let need = NODE_MEMORY * u64::try_from(course.nodes).unwrap_or_default();
    let all = engine.filter(|bytes| *bytes > 0);
    if let Some(have) = all.filter(|all| *all < need) {
        return Some(Finding::Memory {
            have,
            need,
            never: true,
        });
    }
    // An engine elsewhere, or in a machine of its own, has memory of its own.
    let have = match (free, all) {
        (Some(free), Some(all)) => free.min(all),
        (Some(free), None) => free,
        (None, all) => all?,
    };
    Some(Finding::Memory {
        have,
        need,
        never: false,
    })
}

fn ports(host: &Host, course: &Course, published: &[u16], findings: &mut Vec<Finding>) {
    let taken = |port: &u16| host.taken.contains(port) && !published.contains(port);
    let mut free: Vec<u16> = course.ports.iter().map(|(port, _)| *port).collect();
    free.sort_unstable();
    free.dedup();
    free.retain(|port| !taken(port));
    if !free.is_empty() {
        findings.push(Finding::PortsFree(free));
    }
    let taken: Vec<_> = course
        .ports
        .iter()
        .filter(|(port, _)| taken(port))
        .cloned()
        .collect();
    if !taken.is_empty() {
        findings.push(Finding::PortsTaken(taken));
    }
}

fn lost_labs(relics: &[(Relic, bool)], findings: &mut Vec<Finding>) {
    let mut labs: Vec<&str> = leftovers(relics).map(|relic| relic.lab.as_str()).collect();
    labs.sort_unstable();
    labs.dedup();
    for lab in labs {
        let count = |kind: RelicKind| {
            leftovers(relics)
                .filter(|relic| relic.lab == lab && relic.kind == kind)
                .count()
        };
        findings.push(Finding::Leftover {
            lab: lab.to_owned(),
            containers: count(RelicKind::Container),
            networks: count(RelicKind::Network),
        });
    }
}

fn of_host(host: Host, findings: &mut Vec<Finding>) {
    if !host.proxies.is_empty() {
        findings.push(Finding::Proxy(host.proxies));
    }
    findings.push(Finding::DockerCli(host.docker_cli));
    for (folder, path, why) in host.folders {
        findings.push(Finding::Folder(folder, path, why));
    }
    findings.push(Finding::Terminal(host.terminal));
    findings.push(Finding::Language(host.lang, host.lang_from, host.locale));
}
