//! `yaml check` fences: a check or a list of checks, each a mapping with
//! exactly one kind key. Knows the kinds, not how one is judged.

use std::collections::BTreeMap;
use std::ops::Range;
use std::time::Duration;

use super::fields::{self, Fields};
use super::front::is_image;
use super::problem::{Expected, Place, ProblemKind, Severity};
use super::source::{Problems, Snip, nearest};
use super::yaml::{self, Node, Value, shorten};
use crate::check::{Check, CountOrNames, Kind, ServiceWant, Via};
use crate::model::UpdateState;
use crate::model::compose::split_reference;

/// The longest `stable_for`: a learner waits for it.
const MAX_STABLE: Duration = Duration::from_secs(10);
/// The longest `within`.
const MAX_WITHIN: Duration = Duration::from_secs(600);
const MAX_COUNT: u64 = 1000;

const COMMON: [&str; 3] = ["within", "stable_for", "fail"];
const ROLES: [&str; 2] = ["manager", "worker"];
const AVAILABILITIES: [&str; 3] = ["active", "pause", "drain"];
const STATES: [&str; 2] = ["ready", "down"];
const MODES: [&str; 2] = ["replicated", "global"];
const UPDATES: [&str; 3] = ["completed", "paused", "rollback_completed"];
const VIAS: [&str; 3] = ["mesh", "node", "task"];
const LAB: [&str; 2] = ["running", "down"];
const DURING: [&str; 1] = ["update"];

/// The kinds with their fields.
const KINDS: [(&str, &[&str]); 13] = [
    ("lab", &["nodes"]),
    ("ran", &["node"]),
    ("nodes", &["ready", "managers", "workers"]),
    (
        "node",
        &["role", "availability", "state", "labels", "exists"],
    ),
    (
        "service",
        &[
            "exists",
            "mode",
            "replicas",
            "image",
            "publishes",
            "spread",
            "update",
            "constraints",
            "networks",
            "secrets",
            "configs",
        ],
    ),
    ("image", &["on"]),
    ("registry", &["exists"]),
    ("stack", &["exists", "services"]),
    ("network", &["exists"]),
    ("secret", &["exists"]),
    ("config", &["exists"]),
    ("http", &["status", "contains", "via"]),
    ("probe", &["lost", "during"]),
];

/// Names of nodes, to be held against the compose file.
pub(crate) type NodeNames = Vec<(String, Range<usize>)>;

/// Reads a fence; `fence` is where to point when it is empty.
pub(crate) fn read(
    snip: &Snip,
    fence: Range<usize>,
    nodes: &mut NodeNames,
    problems: &mut Problems,
) -> Vec<Check> {
    let before = problems.errors();
    let Some(root) = yaml::read(snip, problems) else {
        if problems.errors() == before {
            problems.error(fence, ProblemKind::EmptyCheck);
        }
        return Vec::new();
    };
    let items = match &root.value {
        Value::List(items) => items.iter().collect(),
        Value::Map(_) => vec![&root],
        Value::Scalar { .. } if root.is_null() => Vec::new(),
        Value::Scalar { .. } => vec![&root],
    };
    if items.is_empty() {
        problems.error(fence, ProblemKind::EmptyCheck);
    }
    items
        .into_iter()
        .filter_map(|item| check(item, nodes, problems))
        .collect()
}

fn check(item: &Node, nodes: &mut NodeNames, problems: &mut Problems) -> Option<Check> {
    let place = Place::Check("");
    let mut fields = Fields::of(item, "check", place, Severity::Error, problems)?;
    let kind = kind_of(&fields, problems)?;
    fields.place = Place::Check(kind);
    let key = fields.keys().find(|key| key.name == kind)?.span.clone();
    let read = read_kind(kind, &key, &mut fields, nodes, problems);
    let within = fields.duration("within", MAX_WITHIN, problems);
    let stable_for = stable_for(&mut fields, problems);
    let fail = fields.text("fail", problems);
    let own = KINDS.iter().find(|(name, _)| *name == kind)?.1;
    let known: Vec<&'static str> = own.iter().chain(&COMMON).copied().collect();
    fields.finish(&known, problems);

    let mut check = Check::new(read?);
    check.line = problems.source.line(key.start);
    check.fail = fail;
    if let Some((within, _)) = within {
        check.within = within;
    }
    if let Some(stable_for) = stable_for {
        check.stable_for = stable_for;
    }
    if let Some((within, span)) = within
        && within <= check.stable_for
    {
        problems.error(span, ProblemKind::WithinTooShort);
    }
    Some(check)
}

fn stable_for(fields: &mut Fields, problems: &mut Problems) -> Option<Duration> {
    let (duration, span) = fields.duration("stable_for", Duration::from_secs(86_400), problems)?;
    if duration > MAX_STABLE {
        let seconds = MAX_STABLE.as_secs();
        problems.error(span, ProblemKind::StableTooLong { seconds });
    }
    Some(duration.min(MAX_STABLE))
}

/// The kind key. Some kinds are fields of others (`nodes` of `lab`, `node` of
/// `ran`, `image` of `service`); two that aren't are an error.
fn kind_of(fields: &Fields, problems: &mut Problems) -> Option<&'static str> {
    let present: Vec<(&'static str, &[&str], Range<usize>)> = fields
        .keys()
        .filter_map(|key| {
            let (name, own) = KINDS.iter().find(|(name, _)| *name == key.name)?;
            Some((*name, *own, key.span.clone()))
        })
        .collect();
    let Some((first, ..)) = present.first() else {
        let names = KINDS.iter().map(|(name, _)| *name);
        let similar = fields
            .keys()
            .find_map(|key| nearest(&key.name, names.clone()));
        let at = fields.keys().next().map(|key| key.span.clone());
        let span = at.unwrap_or_else(|| fields.span.clone());
        problems.error(span, ProblemKind::NoKind { similar });
        return None;
    };
    let whole = present.iter().find(|(kind, own, _)| {
        present
            .iter()
            .all(|(other, ..)| other == kind || own.contains(other))
    });
    match whole {
        Some((kind, ..)) => Some(kind),
        None => {
            let (second, _, span) = present.iter().find(|(kind, ..)| kind != first)?;
            let kind = ProblemKind::TwoKinds { first, second };
            problems.error(span.clone(), kind);
            None
        }
    }
}

fn read_kind(
    kind: &'static str,
    key: &Range<usize>,
    fields: &mut Fields,
    nodes: &mut NodeNames,
    problems: &mut Problems,
) -> Option<Kind> {
    match kind {
        "lab" => {
            let state = fields.one_of("lab", &LAB, problems);
            let names = names("nodes", fields, nodes, problems);
            match state? {
                "running" => Some(Kind::LabRunning { nodes: names }),
                _ => Some(Kind::LabDown),
            }
        }
        "ran" => ran(fields, nodes, problems),
        "nodes" => {
            let ready = fields.boolean("ready", problems).unwrap_or(false);
            let managers = count("managers", fields, problems);
            let workers = names("workers", fields, nodes, problems);
            let want = count_or_names(fields, nodes, problems)?;
            Some(Kind::Nodes {
                want,
                ready,
                managers,
                workers,
            })
        }
        "node" => node(fields, nodes, problems),
        "service" => service(key, fields, problems).map(Kind::Service),
        "image" => {
            let on = names("on", fields, nodes, problems);
            let reference = fields.text_if("image", Expected::Image, is_image, problems)?;
            Some(Kind::Image { reference, on })
        }
        "registry" => {
            let exists = fields.boolean("exists", problems).unwrap_or(true);
            let tagged = |text: &str| is_image(text) && split_reference(text).1.is_some();
            let reference = fields.text_if("registry", Expected::Tagged, tagged, problems)?;
            Some(Kind::Registry { reference, exists })
        }
        "http" => http(fields, nodes, problems),
        "probe" => {
            let lost = fields.number("lost", 0..=100_000, problems).unwrap_or(0);
            let during_update = fields.one_of("during", &DURING, problems).is_some();
            let service = name("probe", fields, problems)?;
            Some(Kind::Probe {
                service,
                lost: usize::try_from(lost).unwrap_or(usize::MAX),
                during_update,
            })
        }
        _ => {
            let exists = fields.boolean("exists", problems).unwrap_or(true);
            let services = match kind {
                "stack" => count("services", fields, problems),
                _ => None,
            };
            if !exists && services.is_some() {
                let field = "services".to_owned();
                problems.error(key.clone(), ProblemKind::FieldOfNothing(field));
            }
            let name = name(kind, fields, problems)?;
            Some(match kind {
                "stack" => Kind::Stack {
                    name,
                    exists,
                    services,
                },
                "network" => Kind::Network { name, exists },
                "secret" => Kind::Secret { name, exists },
                _ => Kind::Config { name, exists },
            })
        }
    }
}

fn node(fields: &mut Fields, nodes: &mut NodeNames, problems: &mut Problems) -> Option<Kind> {
    let role = fields.one_of("role", &ROLES, problems);
    let availability = fields.one_of("availability", &AVAILABILITIES, problems);
    let state = fields.one_of("state", &STATES, problems);
    let exists = fields.boolean("exists", problems).unwrap_or(true);
    let labels: BTreeMap<String, String> = fields
        .pairs("labels", problems)
        .into_iter()
        .map(|(key, value, _)| (key, value))
        .collect();
    if !exists {
        refuse_beside_nothing(
            fields,
            &["role", "availability", "state", "labels"],
            problems,
        );
    }
    Some(Kind::Node {
        name: node_name("node", fields, nodes, problems)?,
        exists,
        manager: role.map(|role| role == "manager"),
        availability: availability.map(str::to_owned),
        state: state.map(str::to_owned),
        labels,
    })
}

fn refuse_beside_nothing(fields: &Fields, names: &[&str], problems: &mut Problems) {
    for key in fields.keys() {
        if names.contains(&key.name.as_str()) {
            let kind = ProblemKind::FieldOfNothing(key.name.clone());
            problems.error(key.span.clone(), kind);
        }
    }
}

fn service(
    key: &Range<usize>,
    fields: &mut Fields,
    problems: &mut Problems,
) -> Option<ServiceWant> {
    let exists = fields.boolean("exists", problems).unwrap_or(true);
    let mode = fields.one_of("mode", &MODES, problems);
    let replicas = fields.number("replicas", 0..=MAX_COUNT, problems);
    let image = fields.text_if("image", Expected::Image, is_image, problems);
    let publishes = fields
        .texts_if(
            "publishes",
            Expected::PortPair,
            |text| port_pair(text).is_some(),
            problems,
        )
        .iter()
        .filter_map(|(text, _)| port_pair(text))
        .collect();
    let spread = fields.number("spread", 0..=MAX_COUNT, problems);
    let update = fields
        .one_of("update", &UPDATES, problems)
        .map(|word| match word {
            "paused" => UpdateState::Paused,
            "rollback_completed" => UpdateState::RollbackCompleted,
            _ => UpdateState::Completed,
        });
    let want = ServiceWant {
        exists,
        global: mode.map(|mode| mode == "global"),
        replicas,
        image,
        publishes,
        spread,
        update,
        constraints: fields.texts("constraints", problems),
        networks: fields.texts("networks", problems),
        secrets: fields.texts("secrets", problems),
        configs: fields.texts("configs", problems),
        name: name("service", fields, problems)?,
    };
    if !exists {
        let own = KINDS.iter().find(|(name, _)| *name == "service");
        let others: Vec<&str> = own
            .map(|(_, own)| own.iter().copied().filter(|name| *name != "exists"))
            .into_iter()
            .flatten()
            .collect();
        refuse_beside_nothing(fields, &others, problems);
    }
    if want.global == Some(true) && replicas.is_some() {
        problems.error(key.clone(), ProblemKind::ReplicasOfGlobal);
    }
    Some(want)
}

fn http(fields: &mut Fields, nodes: &mut NodeNames, problems: &mut Problems) -> Option<Kind> {
    let status = fields.number("status", 100..=599, problems).unwrap_or(200);
    let contains = fields.text("contains", problems);
    let via = fields.one_of("via", &VIAS, problems).map(|via| match via {
        "mesh" => Via::Mesh,
        "node" => Via::Node,
        _ => Via::Task,
    });
    let span = fields.take("http")?.node.span.clone();
    let valid = |text: &str| url_host(text).is_some();
    let url = fields.text_if("http", Expected::Url, valid, problems)?;
    if let Some(host) = url_host(&url).filter(|host| *host != "127.0.0.1") {
        nodes.push((host.to_owned(), span));
    }
    Some(Kind::Http {
        url,
        status: u16::try_from(status).unwrap_or(200),
        contains,
        via,
    })
}

fn ran(fields: &mut Fields, nodes: &mut NodeNames, problems: &mut Problems) -> Option<Kind> {
    let node = node_name("node", fields, nodes, problems);
    let field = fields.take("ran")?;
    let words: Vec<String> = match &field.node.value {
        Value::List(_) => fields.texts("ran", problems),
        _ => fields
            .text("ran", problems)?
            .split_whitespace()
            .map(str::to_owned)
            .collect(),
    };
    if words.is_empty() {
        return None;
    }
    let span = field.node.span.clone();
    if words[0] == "docker" && words.get(1).is_some_and(|word| word == "exec") || words[0] == "on" {
        problems.error(span, ProblemKind::RanWrapped);
    }
    Some(Kind::Ran { words, node })
}

fn count(name: &str, fields: &mut Fields, problems: &mut Problems) -> Option<usize> {
    let number = fields.number(name, 0..=MAX_COUNT, problems)?;
    usize::try_from(number).ok()
}

fn count_or_names(
    fields: &mut Fields,
    nodes: &mut NodeNames,
    problems: &mut Problems,
) -> Option<CountOrNames> {
    let field = fields.take("nodes")?;
    if let Value::List(_) = &field.node.value {
        return Some(CountOrNames::Names(names("nodes", fields, nodes, problems)));
    }
    if fields::number(field.node).is_none() {
        let kind = ProblemKind::WrongValue {
            key: "nodes".to_owned(),
            expected: Expected::NumberOrNames,
            found: shorten(&field.node.shown()),
        };
        problems.error(field.node.span.clone(), kind);
        return None;
    }
    count("nodes", fields, problems).map(CountOrNames::Count)
}

/// A name of a service, stack and so on.
fn name(key: &str, fields: &mut Fields, problems: &mut Problems) -> Option<String> {
    fields.text_if(key, Expected::Name, is_name, problems)
}

fn node_name(
    key: &str,
    fields: &mut Fields,
    nodes: &mut NodeNames,
    problems: &mut Problems,
) -> Option<String> {
    let span = fields.take(key)?.node.span.clone();
    let name = name(key, fields, problems)?;
    nodes.push((name.clone(), span));
    Some(name)
}

fn names(
    key: &str,
    fields: &mut Fields,
    nodes: &mut NodeNames,
    problems: &mut Problems,
) -> Vec<String> {
    let names = fields.texts_if(key, Expected::Name, is_name, problems);
    nodes.extend(names.iter().cloned());
    names.into_iter().map(|(name, _)| name).collect()
}

/// What Docker takes as a name.
pub(crate) fn is_name(text: &str) -> bool {
    text.len() <= 63
        && text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'))
}

/// `PUBLISHED:TARGET`, with `/tcp` or without.
fn port_pair(text: &str) -> Option<(u16, u16)> {
    let text = text.strip_suffix("/tcp").unwrap_or(text);
    let (published, target) = text.split_once(':')?;
    Some((port(published)?, port(target)?))
}

/// 1 to 65535, digits only.
pub(crate) fn port(text: &str) -> Option<u16> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let port = digits.then(|| text.parse().ok()).flatten()?;
    (port > 0).then_some(port)
}

/// The host of `http://HOST[:PORT][/PATH]`.
fn url_host(url: &str) -> Option<&str> {
    let rest = url.strip_prefix("http://")?;
    if !url.chars().all(|c| c.is_ascii_graphic()) {
        return None;
    }
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    let (host, port_text) = match authority.split_once(':') {
        Some((host, port_text)) => (host, Some(port_text)),
        None => (authority, None),
    };
    let valid = is_name(host) && port_text.is_none_or(|text| port(text).is_some());
    valid.then_some(host)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
