//! The compose file: a strict subset of the Compose format, for what the lab
//! can be. Unknown keys and unsafe values are problems with their places.
//!
//! Two ways to read it: a lesson's fence and a learner's copy are held to the
//! rules; somebody's tutorial keeps what fits and is told what was left out.

mod values;

use std::collections::BTreeSet;
use std::ops::Range;

use super::checks::{is_name, port};
use super::fields::{self, Fields};
use super::front::is_image;
use super::problem::{ComposeFault, Expected, Place, Problem, ProblemKind, Severity};
use super::source::{Problems, Snip, Source, nearest};
use super::yaml::{self, Node, Value, shorten};
use crate::model::compose::{Bind, PortMapping};
use crate::model::{Compose, ComposeService};
use values::{bind, node_flags};

/// More containers than this are no lab for one machine.
const MAX_SERVICES: usize = 16;

const FILE_KEYS: [&str; 2] = ["version", "services"];
const SERVICE_KEYS: [&str; 12] = [
    "image",
    "container_name",
    "hostname",
    "privileged",
    "tty",
    "ports",
    "expose",
    "volumes",
    "depends_on",
    "command",
    "environment",
    "restart",
];
const RESTARTS: [&str; 4] = ["no", "always", "on-failure", "unless-stopped"];

/// Variables of a node that the lab sets itself, in upper case.
const LAB_ENVIRONMENT: [&str; 6] = [
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
    "DOCKER_HOST",
    "DOCKER_SERVICE_PREFER_OFFLINE_IMAGE",
    "PATH",
];

/// Reads a compose file on its own, as the learner's copy is read. `None`
/// when there is an error.
pub fn read(file: &str, text: &str) -> (Option<Compose>, Vec<Problem>) {
    let limit = super::MAX_BYTES;
    if text.len() > limit {
        let (source, _) = Source::new(file, "");
        let mut problems = Problems::new(&source);
        problems.error(0..0, ProblemKind::TooLarge(limit));
        return (None, problems.finish());
    }
    let (source, controls) = Source::new(file, text);
    let mut problems = Problems::new(&source);
    if let Some((at, c)) = controls.first() {
        problems.error(*at..at + c.len_utf8(), ProblemKind::ControlCharacter(*c));
    }
    let snip = Snip::of(&source, 0..source.text.len());
    let compose = read_snip(&snip, 0..0, Severity::Error, &mut problems);
    (compose, problems.finish())
}

/// Reads a fence. With `Severity::Error` nothing wrong is let through; with
/// `Severity::Warning` what is wrong is left out. `fence` is where to point
/// when nothing is there.
pub(crate) fn read_snip(
    snip: &Snip,
    fence: Range<usize>,
    severity: Severity,
    problems: &mut Problems,
) -> Option<Compose> {
    let before = problems.errors();
    let mut reader = Reader {
        severity,
        problems,
        ports: BTreeSet::new(),
        renamed: Vec::new(),
        edges: Vec::new(),
    };
    let compose = reader.file(snip, fence)?;
    let clean = reader.problems.errors() == before;
    clean.then_some(compose)
}

/// Whether a YAML text has a top-level `services:`.
pub(crate) fn has_services(text: &str) -> bool {
    text.lines()
        .any(|line| line.trim_end() == "services:" || line.starts_with("services: "))
}

struct Reader<'p, 's> {
    severity: Severity,
    problems: &'p mut Problems<'s>,
    /// Ports of the host that are taken, with `udp`.
    ports: BTreeSet<(u16, bool)>,
    /// Tutorials: services that are called by their `container_name`.
    renamed: Vec<(String, String)>,
    /// `depends_on`: service, name, place.
    edges: Vec<(usize, String, Range<usize>)>,
}

impl Reader<'_, '_> {
    fn fault(&mut self, span: Range<usize>, fault: ComposeFault) {
        self.problems
            .add(span, self.severity, ProblemKind::Compose(fault));
    }

    fn lenient(&self) -> bool {
        self.severity == Severity::Warning
    }

    fn file(&mut self, snip: &Snip, fence: Range<usize>) -> Option<Compose> {
        let before = self.problems.errors();
        let Some(root) = yaml::read(snip, self.problems) else {
            if self.problems.errors() == before {
                self.fault(fence, ComposeFault::NoServices);
            }
            return None;
        };
        let place = Place::ComposeFile;
        let mut top = Fields::of(&root, "compose", place, self.severity, self.problems)?;
        top.take("version");
        let services = top.take("services");
        top.finish(&FILE_KEYS, self.problems);
        let Some(services) = services else {
            self.fault(fence, ComposeFault::NoServices);
            return None;
        };
        let Value::Map(entries) = &services.node.value else {
            self.fault(services.key.span.clone(), ComposeFault::NoServices);
            return None;
        };
        if entries.len() > MAX_SERVICES {
            let span = entries[MAX_SERVICES].0.span.clone();
            self.fault(span, ComposeFault::TooManyServices(MAX_SERVICES));
        }
        let mut compose = Compose::default();
        for (key, node) in entries.iter().take(MAX_SERVICES) {
            if !is_name(&key.name) {
                let name = shorten(&key.name);
                self.fault(key.span.clone(), ComposeFault::BadServiceName(name));
                continue;
            }
            let index = compose.services.len();
            match self.service(&key.name, &key.span, node, index) {
                Some(service) => compose.services.push(service),
                None => self.edges.retain(|(of, ..)| *of != index),
            }
        }
        self.dependencies(&mut compose);
        if compose.services.is_empty() {
            self.fault(services.key.span.clone(), ComposeFault::NoServices);
            return None;
        }
        let whole = |service: &ComposeService| !service.image.is_empty();
        if compose.nodes().next().is_none() && compose.services.iter().all(whole) {
            self.fault(services.key.span.clone(), ComposeFault::NoNode);
        }
        Some(compose)
    }

    fn service(
        &mut self,
        name: &str,
        span: &Range<usize>,
        node: &Node,
        index: usize,
    ) -> Option<ComposeService> {
        let place = Place::ComposeService;
        let mut fields = Fields::of(node, name, place, self.severity, self.problems)?;
        let mut service = ComposeService {
            name: name.to_owned(),
            ..ComposeService::default()
        };
        if fields.keys().any(|key| key.name == "image") {
            service.image = fields
                .text_if("image", Expected::Image, is_image, self.problems)
                .unwrap_or_default();
        } else {
            self.fault(span.clone(), ComposeFault::NoImage(name.to_owned()));
        }
        for key in ["container_name", "hostname"] {
            self.same_name(key, &mut fields, &mut service);
        }
        let privileged = fields
            .take("privileged")
            .map(|field| field.key.span.clone());
        service.privileged = fields
            .boolean("privileged", self.problems)
            .unwrap_or_default();
        if let Some(span) = privileged
            && service.privileged
            && !service.is_node()
            && !service.image.is_empty()
        {
            let name = name.to_owned();
            self.fault(span, ComposeFault::PrivilegedHelper(name));
            service.privileged = false;
        }
        fields.boolean("tty", self.problems);
        fields.one_of("restart", &RESTARTS, self.problems);
        service.ports = self.ports(&mut fields);
        service.expose = self.expose(&mut fields);
        service.volumes = self.volumes(&mut fields);
        self.depends_on(&mut fields, index);
        service.command = self.command(&mut fields, service.is_node());
        service.environment = self.environment(&mut fields, service.is_node());
        fields.finish(&SERVICE_KEYS, self.problems);
        (!service.image.is_empty() || !self.lenient()).then_some(service)
    }

    /// `container_name` and `hostname` are the service's name here: it is the
    /// name that `docker exec` and `docker node ls` show.
    fn same_name(&mut self, key: &'static str, fields: &mut Fields, service: &mut ComposeService) {
        let Some(field) = fields.take(key) else {
            return;
        };
        let span = field.node.span.clone();
        let text = fields.text_if(key, Expected::Name, is_name, self.problems);
        let Some(value) = text.filter(|value| *value != service.name) else {
            return;
        };
        let fault = ComposeFault::NameDiffers {
            key,
            value: value.clone(),
            service: service.name.clone(),
        };
        if !self.lenient() {
            self.fault(span, fault);
        } else if key == "container_name" {
            // A tutorial's commands name the container.
            self.renamed.push((service.name.clone(), value.clone()));
            service.name = value;
        }
    }

    fn ports(&mut self, fields: &mut Fields) -> Vec<PortMapping> {
        let mut ports = Vec::new();
        for (text, span) in self.list("ports", fields) {
            let (rest, udp) = match text.strip_suffix("/udp") {
                Some(rest) => (rest, true),
                None => (text.strip_suffix("/tcp").unwrap_or(&text), false),
            };
            let parts: Vec<&str> = rest.split(':').collect();
            let (host, container) = match parts[..] {
                [host, container] | ["127.0.0.1", host, container] => (host, container),
                [_, _, _] => {
                    self.fault(span, ComposeFault::PortAddress(shorten(&text)));
                    continue;
                }
                _ => {
                    self.fault(span, ComposeFault::BadPort(shorten(&text)));
                    continue;
                }
            };
            match (port(host), port(container)) {
                (Some(host), Some(container)) if self.ports.insert((host, udp)) => {
                    ports.push(PortMapping {
                        host,
                        container,
                        udp,
                    });
                }
                (Some(host), Some(_)) => self.fault(span, ComposeFault::PortTwice(host)),
                _ => self.fault(span, ComposeFault::BadPort(shorten(&text))),
            }
        }
        ports
    }

    fn expose(&mut self, fields: &mut Fields) -> Vec<String> {
        let mut expose = Vec::new();
        for (text, span) in self.list("expose", fields) {
            let number = text
                .strip_suffix("/udp")
                .or(text.strip_suffix("/tcp"))
                .unwrap_or(&text);
            match port(number) {
                Some(_) => expose.push(text),
                None => self.fault(span, ComposeFault::BadExpose(shorten(&text))),
            }
        }
        expose
    }

    fn volumes(&mut self, fields: &mut Fields) -> Vec<Bind> {
        let mut binds = Vec::new();
        for (text, span) in self.list("volumes", fields) {
            match bind(&text) {
                Ok(bind) => binds.push(bind),
                Err(fault) => {
                    let volume = shorten(&text);
                    self.fault(span, ComposeFault::BadVolume { volume, fault });
                }
            }
        }
        binds
    }

    fn depends_on(&mut self, fields: &mut Fields, index: usize) {
        let Some(field) = fields.take("depends_on") else {
            return;
        };
        let mut names = Vec::new();
        match &field.node.value {
            // The long form says how long to wait; the lab waits anyway.
            Value::Map(entries) if self.lenient() => {
                names.extend(
                    entries
                        .iter()
                        .map(|(key, _)| (key.name.clone(), key.span.clone())),
                );
            }
            _ => names.extend(self.list("depends_on", fields)),
        }
        for (name, span) in names {
            self.edges.push((index, name, span));
        }
    }

    /// Fills in `depends_on`, now that all services are known.
    fn dependencies(&mut self, compose: &mut Compose) {
        for (index, name, span) in std::mem::take(&mut self.edges) {
            let renamed = self.renamed.iter().find(|(old, _)| *old == name);
            let name = renamed.map_or(name, |(_, new)| new.clone());
            if compose.service(&name).is_some() {
                if let Some(service) = compose.services.get_mut(index) {
                    service.depends_on.push(name);
                    if let Some(ring) = ring_from(index, compose) {
                        self.fault(span, ComposeFault::DependencyRing(ring));
                        compose.services[index].depends_on.pop();
                    }
                }
                continue;
            }
            let names = compose.services.iter().map(|service| service.name.as_str());
            let similar = nearest(&name, names).map(str::to_owned);
            let name = shorten(&name);
            self.fault(span, ComposeFault::UnknownService { name, similar });
        }
    }

    fn command(&mut self, fields: &mut Fields, node: bool) -> Vec<String> {
        let Some(field) = fields.take("command") else {
            return Vec::new();
        };
        let span = field.node.span.clone();
        let mut words = Vec::new();
        for (text, _) in fields.texts_if("command", Expected::Texts, |_| true, self.problems) {
            if text.contains('$') {
                self.fault(span.clone(), ComposeFault::Variable(shorten(&text)));
                return Vec::new();
            }
            match &field.node.value {
                Value::List(_) => words.push(text),
                _ => words.extend(text.split_whitespace().map(str::to_owned)),
            }
        }
        if !node {
            return words;
        }
        if words.first().is_some_and(|word| word == "dockerd") {
            words.remove(0);
        }
        match node_flags(words) {
            Ok(words) => words,
            Err(fault) => {
                self.fault(span, fault);
                Vec::new()
            }
        }
    }

    fn environment(&mut self, fields: &mut Fields, node: bool) -> Vec<(String, String)> {
        let mut environment = Vec::new();
        for (key, value, span) in fields.pairs("environment", self.problems) {
            let upper = key.to_ascii_uppercase();
            let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
            if key.is_empty() || !key.chars().all(is_word) {
                self.fault(span, ComposeFault::BadEnvironment(shorten(&key)));
            } else if node
                && (LAB_ENVIRONMENT.contains(&upper.as_str()) || upper.starts_with("LD_"))
            {
                self.fault(span, ComposeFault::EnvironmentRefused(shorten(&key)));
            } else if value.contains('$') {
                self.fault(span, ComposeFault::Variable(shorten(&value)));
            } else {
                environment.push((key, value));
            }
        }
        environment
    }

    /// The texts of a list, none of them with a `$`.
    fn list(&mut self, key: &str, fields: &mut Fields) -> Vec<(String, Range<usize>)> {
        let Some(field) = fields.take(key) else {
            return Vec::new();
        };
        let Value::List(items) = &field.node.value else {
            let kind = ProblemKind::WrongValue {
                key: key.to_owned(),
                expected: Expected::List,
                found: field.node.shown(),
            };
            self.problems
                .add(field.node.span.clone(), self.severity, kind);
            return Vec::new();
        };
        let mut texts = Vec::new();
        for item in items {
            match fields::text(item) {
                Some(text) if text.contains('$') => {
                    self.fault(item.span.clone(), ComposeFault::Variable(shorten(text)));
                }
                Some(text) => texts.push((text.to_owned(), item.span.clone())),
                None => {
                    let kind = ProblemKind::WrongValue {
                        key: key.to_owned(),
                        expected: Expected::Text,
                        found: item.shown(),
                    };
                    self.problems.add(item.span.clone(), self.severity, kind);
                }
            }
        }
        texts
    }
}

/// The ring through the service, if its dependencies lead back to it.
fn ring_from(start: usize, compose: &Compose) -> Option<Vec<String>> {
    let first = &compose.services.get(start)?.name;
    let mut path: Vec<(&str, usize)> = vec![(first, 0)];
    let mut seen = BTreeSet::from([first.as_str()]);
    while let Some((name, next)) = path.pop() {
        let Some(service) = compose.service(name) else {
            continue;
        };
        let Some(dependency) = service.depends_on.get(next) else {
            continue;
        };
        path.push((name, next + 1));
        if dependency == first {
            let mut ring: Vec<String> = path.iter().map(|(name, _)| (*name).to_owned()).collect();
            ring.push(first.clone());
            return Some(ring);
        }
        if seen.insert(dependency) {
            path.push((dependency, 0));
        }
    }
    None
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
