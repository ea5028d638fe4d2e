//! What is wished of a service: the flags of `create` and `update`, and what
//! the managers look at before they take a wish.

use super::super::super::cluster::Cluster;
use super::super::super::wish::{OnFailure, Wish};
use super::super::{Refused, daemon};
use crate::model::compose::with_tag;
use crate::model::{Port, ServiceMode};
use crate::shell::docker::Parsed;

/// What the managers look at before they take a wish.
pub fn accept(cluster: &Cluster, id: &str, wish: &mut Wish) -> Result<(), Refused> {
    for port in &mut wish.ports {
        if port.published == 0 {
            let taken = cluster
                .services
                .iter()
                .flat_map(|service| &service.wish.ports);
            port.published = 30_000 + u16::try_from(taken.count()).unwrap_or_default();
        }
    }
    for port in wish.ports.iter().filter(|port| !port.host_mode) {
        let other = cluster.services.iter().filter(|service| service.id != id);
        let holder = other.into_iter().find(|service| {
            let same = |p: &&Port| p.published == port.published && !p.host_mode;
            service.wish.ports.iter().any(|p| same(&p))
        });
        if let Some(holder) = holder {
            return Err(daemon(format!(
                "rpc error: code = InvalidArgument desc = port '{}' is already in use by service \
                 '{}' ({}) as an ingress port",
                port.published, holder.name, holder.id
            )));
        }
    }
    let template = &wish.template;
    let missing = |wanted: &[String], there: &[(String, String)]| {
        wanted
            .iter()
            .find(|name| !there.iter().any(|(_, one)| one == *name))
            .cloned()
    };
    if let Some(name) = missing(&template.secrets, &cluster.secrets) {
        return Err(format!("secret not found: {name}"));
    }
    if let Some(name) = missing(&template.configs, &cluster.configs) {
        return Err(format!("config not found: {name}"));
    }
    let network = template.networks.iter().find(|name| {
        !matches!(name.as_str(), "ingress" | "host" | "bridge" | "none")
            && !cluster.networks.iter().any(|(_, one)| one.name == **name)
    });
    match network {
        Some(name) => Err(daemon(format!("network {name} not found"))),
        None => Ok(()),
    }
}

/// The flags of `create` and `update`, which differ in `-add` and `-rm`.
pub fn apply(wish: &mut Wish, parsed: &Parsed) -> Result<(), Refused> {
    for given in &parsed.flags {
        let value = given.value.as_deref().unwrap_or_default();
        let template = &mut wish.template;
        match given.name {
            "replicas" => match wish.mode {
                ServiceMode::Replicated(_) => wish.mode = ServiceMode::Replicated(number(value)?),
                _ => {
                    return Err(
                        "replicas can only be used with replicated or replicated-job mode"
                            .to_owned(),
                    );
                }
            },
            "image" => template.image = with_tag(value),
            "args" => template.args = value.split_whitespace().map(str::to_owned).collect(),
            "env" | "env-add" => add(&mut template.env, value, '='),
            "env-rm" => template
                .env
                .retain(|env| env.split('=').next() != Some(value)),
            "constraint" | "constraint-add" => add(&mut template.constraints, value, '\0'),
            "constraint-rm" => template.constraints.retain(|one| one != value),
            "network" | "network-add" => add(&mut template.networks, named(value), '\0'),
            "network-rm" => template.networks.retain(|one| one != value),
            "secret" | "secret-add" => add(&mut template.secrets, named(value), ','),
            "secret-rm" => template.secrets.retain(|one| one != value),
            "config" | "config-add" => add(&mut template.configs, named(value), ','),
            "config-rm" => template.configs.retain(|one| one != value),
            "force" => template.forced += 1,
            "publish" | "publish-add" => {
                let port = port(value)?;
                wish.ports
                    .retain(|one| one.target != port.target || one.published != port.published);
                wish.ports.push(port);
            }
            "publish-rm" => {
                let target: u16 = value
                    .rsplit(':')
                    .next()
                    .and_then(|n| n.parse().ok())
                    .unwrap_or_default();
                wish.ports.retain(|one| one.target != target);
            }
            "label" | "label-add" => {
                let (key, value) = value.split_once('=').unwrap_or((value, ""));
                wish.labels.insert(key.to_owned(), value.to_owned());
            }
            "label-rm" => {
                wish.labels.remove(value);
            }
            "update-parallelism" => wish.on_update.parallelism = number(value)?,
            "rollback-parallelism" => wish.on_rollback.parallelism = number(value)?,
            "update-failure-action" => wish.on_update.on_failure = on_failure(value)?,
            "rollback-failure-action" => wish.on_rollback.on_failure = on_failure(value)?,
            _ => {}
        }
    }
    Ok(())
}

fn on_failure(word: &str) -> Result<OnFailure, Refused> {
    Ok(match word {
        "pause" => OnFailure::Pause,
        "continue" => OnFailure::Continue,
        "rollback" => OnFailure::Rollback,
        _ => return Err(daemon(format!("unrecognized update failure action {word}"))),
    })
}

fn add(list: &mut Vec<String>, value: &str, key_ends: char) {
    let key = |text: &str| text.split(key_ends).next().unwrap_or_default().to_owned();
    list.retain(|one| key(one) != key(value));
    list.push(value.to_owned());
}

/// The name out of `source=NAME,target=...`, `name=NAME` or `NAME`.
fn named(value: &str) -> &str {
    let mut parts = value.split(',');
    let by_key = parts.find_map(|part| {
        ["source=", "src=", "name="]
            .iter()
            .find_map(|key| part.strip_prefix(key))
    });
    by_key.unwrap_or(value)
}

fn number(text: &str) -> Result<u64, Refused> {
    text.parse().map_err(|_| {
        format!(
            "invalid argument \"{text}\": strconv.ParseUint: parsing \"{text}\": invalid syntax"
        )
    })
}

/// `8080:80`, `8080:80/udp`, `published=8080,target=80,mode=host`.
pub fn port(text: &str) -> Result<Port, Refused> {
    let wrong = || {
        format!(
            "invalid argument \"{text}\" for \"-p, --publish\" flag: invalid containerPort: {text}"
        )
    };
    let mut port = Port {
        published: 0,
        target: 0,
        udp: false,
        host_mode: false,
    };
    let number = |text: &str| text.parse::<u16>().map_err(|_| wrong());
    if text.contains('=') {
        for part in text.split(',') {
            match part.split_once('=') {
                Some(("published", value)) => port.published = number(value)?,
                Some(("target", value)) => port.target = number(value)?,
                Some(("protocol", value)) => port.udp = value == "udp",
                Some(("mode", value)) => port.host_mode = value == "host",
                _ => return Err(wrong()),
            }
        }
        return Ok(port);
    }
    let (numbers, kind) = text.split_once('/').unwrap_or((text, "tcp"));
    port.udp = kind == "udp";
    match numbers.split_once(':') {
        Some((published, target)) => {
            port.published = number(published)?;
            port.target = number(target)?;
        }
        None => port.target = number(numbers)?,
    }
    Ok(port)
}
