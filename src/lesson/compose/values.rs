//! The values of a compose file that could reach out of the lab: mounts, and
//! the flags of a node's engine.

use std::path::PathBuf;

use super::super::problem::{ComposeFault, VolumeFault};
use super::super::yaml::shorten;
use crate::model::compose::Bind;

const LOG_LEVELS: [&str; 5] = ["debug", "info", "warn", "error", "fatal"];

/// Flags of `dockerd` that a lesson may set on a node, and whether they take
/// a value. None of them opens a way out of the lab.
const NODE_FLAGS: [(&str, bool); 7] = [
    ("--insecure-registry", true),
    ("--registry-mirror", true),
    ("--label", true),
    ("--log-level", true),
    ("-l", true),
    ("--debug", false),
    ("-D", false),
];

/// Where a node needs its own files.
const KEPT_TARGETS: [&str; 8] = [
    "/proc",
    "/sys",
    "/dev",
    "/run",
    "/var/run",
    "/var/lib/docker",
    "/bin",
    "/usr",
];

/// `./FOLDER:/TARGET[:ro|:rw]`
pub(super) fn bind(text: &str) -> Result<Bind, VolumeFault> {
    let parts: Vec<&str> = text.split(':').collect();
    let (source, target, read_only) = match parts[..] {
        [source, target] | [source, target, "rw"] => (source, target, false),
        [source, target, "ro"] => (source, target, true),
        _ => return Err(VolumeFault::Shape),
    };
    if source.starts_with(['/', '~']) || source.contains('\\') {
        return Err(VolumeFault::Absolute);
    }
    let parent = |path: &str| path.split('/').any(|part| part == "..");
    if parent(source) || parent(target) {
        return Err(VolumeFault::Parent);
    }
    let Some(folder) = source.strip_prefix("./") else {
        return Err(VolumeFault::Named);
    };
    let parts: Vec<&str> = folder
        .split('/')
        .filter(|part| !part.is_empty() && *part != ".")
        .collect();
    if parts.is_empty() || folder.chars().any(char::is_control) {
        return Err(VolumeFault::Shape);
    }
    if !target.starts_with('/') {
        return Err(VolumeFault::Shape);
    }
    let names: Vec<&str> = target
        .split('/')
        .filter(|part| !part.is_empty() && *part != ".")
        .collect();
    let plain = format!("/{}", names.join("/"));
    let kept = KEPT_TARGETS.iter().any(|kept| {
        plain == *kept
            || plain
                .strip_prefix(kept)
                .is_some_and(|rest| rest.starts_with('/'))
    });
    // `/var/lib/registry` is a registry's own place; `/var/lib` would hide the engine's.
    if plain == "/" || plain == "/var" || plain == "/var/lib" || kept {
        return Err(VolumeFault::Target);
    }
    Ok(Bind {
        source: PathBuf::from(parts.join("/")),
        target: plain,
        read_only,
    })
}

/// Holds a node's words against the flags it may have.
pub(super) fn node_flags(words: Vec<String>) -> Result<Vec<String>, ComposeFault> {
    let mut rest = words.iter();
    while let Some(word) = rest.next() {
        let (flag, value) = match word.split_once('=') {
            Some((flag, value)) => (flag, Some(value)),
            None => (word.as_str(), None),
        };
        let Some((_, takes_value)) = NODE_FLAGS.iter().find(|(name, _)| *name == flag) else {
            return Err(ComposeFault::FlagRefused(shorten(word)));
        };
        let value = match (takes_value, value) {
            (true, None) => rest.next().map(String::as_str),
            (true, value) => value,
            (false, None | Some("true" | "false")) => continue,
            (false, Some(_)) => None,
        };
        let safe = |c: char| c.is_ascii_alphanumeric() || ".:/_=,@-".contains(c);
        let valid = value.is_some_and(|value| {
            !value.is_empty()
                && !value.starts_with('-')
                && value.chars().all(safe)
                && (!matches!(flag, "--log-level" | "-l") || LOG_LEVELS.contains(&value))
        });
        if !valid {
            return Err(ComposeFault::FlagValue(flag.to_owned()));
        }
    }
    Ok(words)
}
