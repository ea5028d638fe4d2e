//! The docker command grammar as data, and argv read by it.
//!
//! One grammar serves understanding, suggestions, completion, `--detach` when
//! fast-forwarding, and the swarm in memory. It knows words, not the lab.

use std::sync::LazyLock;

use super::similar::nearest;

mod table;

pub use table::{Flag, Kind, Positional, Subcommand, Value};

static SUBCOMMANDS: LazyLock<Vec<Subcommand>> = LazyLock::new(|| table::read(TABLE));
const TABLE: &str = include_str!("docker.txt");

/// An argv that the grammar takes.
#[derive(Clone, Debug)]
pub struct Parsed {
    /// The subcommand by its first name, e.g. `["service", "create"]` or `["ps"]`
    /// (also for `docker container ls`).
    pub path: Vec<&'static str>,
    /// The flags before the subcommand: `docker -H ...`, `docker compose -f ...`.
    pub group_flags: Vec<Given>,
    /// The flags in order, by long name without dashes.
    pub flags: Vec<Given>,
    /// The positionals before a COMMAND.
    pub positionals: Vec<String>,
    /// Where each positional stands in the argv.
    pub positional_at: Vec<usize>,
    /// The COMMAND and its words; empty where there is none.
    pub rest: Vec<String>,
    /// Where `rest` begins in the argv.
    pub rest_at: usize,
    /// Where the words of the subcommand end in the argv.
    pub args_at: usize,
    /// `--help` is among the flags.
    pub help: bool,
    /// The grammar's entry.
    pub subcommand: &'static Subcommand,
}

/// A flag as given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Given {
    /// Its long name without dashes.
    pub name: &'static str,
    /// Its value; `None`: a switch without one.
    pub value: Option<String>,
    /// Where the flag stands in the argv.
    pub at: usize,
    /// Where its value stands; the same as `at` for `--flag=value`.
    pub value_at: usize,
}

/// Why the grammar does not take an argv. Indices are into the argv.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unparsed {
    /// The first word is not `docker`.
    NotDocker,
    /// The words end before a subcommand is complete, e.g. `docker service`;
    /// also with `--help`.
    Incomplete {
        /// The words so far.
        path: Vec<&'static str>,
        /// `--help`, or `docker --version`'s flag.
        flag: Option<&'static str>,
    },
    /// Not a subcommand.
    UnknownCommand {
        /// Where.
        at: usize,
        /// What it was meant to be.
        similar: Option<&'static str>,
    },
    /// Not a flag of this subcommand.
    UnknownFlag {
        /// Where.
        at: usize,
        /// The flag without its value.
        flag: String,
        /// What it was meant to be, with dashes.
        similar: Option<String>,
        /// The subcommand's words.
        path: Vec<&'static str>,
    },
    /// A flag without its value, at the end of the line.
    NoValue {
        /// Where.
        at: usize,
        /// The flag.
        flag: String,
        /// The subcommand's words.
        path: Vec<&'static str>,
    },
    /// Too few positionals, or too many; the usage line.
    Usage(String),
}

/// Reads `docker ...`, or `docker-compose ...` as `docker compose ...`.
pub fn parse<S: AsRef<str>>(argv: &[S]) -> Result<Parsed, Unparsed> {
    let Resolved {
        subcommand,
        path,
        args_at,
        group_flags,
    } = resolve(argv)?;
    let mut parsed = Parsed {
        path: subcommand.name().to_vec(),
        group_flags,
        flags: Vec::new(),
        positionals: Vec::new(),
        positional_at: Vec::new(),
        rest: Vec::new(),
        rest_at: argv.len(),
        args_at,
        help: false,
        subcommand,
    };
    let before_command = subcommand.positionals_before_command();
    let mut flags_end = false;
    let mut at = args_at;
    while at < argv.len() {
        let word = argv[at].as_ref();
        if before_command.is_some_and(|count| parsed.positionals.len() >= count) {
            parsed.rest_at = at;
            parsed.rest = argv[at..].iter().map(|w| w.as_ref().to_string()).collect();
            break;
        }
        if !flags_end && word == "--" {
            flags_end = true;
        } else if !flags_end && word == "--help" {
            parsed.help = true;
        } else if !flags_end && word.len() > 1 && word.starts_with('-') {
            at = flag(argv, at, subcommand, &path, &mut parsed.flags)?;
            continue;
        } else {
            // Docker ends flags at the first positional where a COMMAND follows.
            flags_end |= before_command.is_some();
            parsed.positionals.push(word.to_string());
            parsed.positional_at.push(at);
        }
        at += 1;
    }
    if !parsed.help && !subcommand.takes(parsed.positionals.len(), parsed.rest.len()) {
        return Err(Unparsed::Usage(subcommand.usage()));
    }
    Ok(parsed)
}

/// The argv with `--detach` where Docker would otherwise wait for a service to
/// converge; unchanged otherwise, also where the learner chose either way.
pub fn detached(argv: &[String]) -> Vec<String> {
    // Not the flag of `stack deploy` and `stack rm`: older clients don't have
    // it, and newer ones detach by themselves.
    const WAITING: [[&str; 2]; 4] = [
        ["service", "create"],
        ["service", "update"],
        ["service", "scale"],
        ["service", "rollback"],
    ];
    let mut argv = argv.to_vec();
    if let Ok(parsed) = parse(&argv)
        && WAITING.iter().any(|path| path[..] == parsed.path)
        && !parsed.help
        && !parsed.flags.iter().any(|flag| flag.name == "detach")
    {
        argv.insert(parsed.args_at, "--detach".into());
    }
    argv
}

/// The argv with the subcommand by its first name and without flags before it:
/// `docker -D container list -q` is `docker ps -q`. Unchanged where the grammar
/// has no such subcommand.
pub fn canonical(argv: &[String]) -> Vec<String> {
    match resolve(argv) {
        Ok(found) => ["docker"]
            .iter()
            .chain(found.subcommand.name())
            .map(|word| (*word).to_string())
            .chain(argv[found.args_at..].iter().cloned())
            .collect(),
        Err(_) => argv.to_vec(),
    }
}

/// The subcommand that an argv names, whatever follows it, and where its
/// arguments begin.
pub fn subcommand<S: AsRef<str>>(argv: &[S]) -> Option<(&'static Subcommand, usize)> {
    let found = resolve(argv).ok()?;
    Some((found.subcommand, found.args_at))
}

/// The subcommand with exactly these words, by any of its names.
pub fn find(path: &[&str]) -> Option<&'static Subcommand> {
    SUBCOMMANDS.iter().find(|one| one.is_called(path))
}

/// The words that may follow `path` on the way to a subcommand, each once.
pub fn words_after(path: &[&str]) -> Vec<&'static str> {
    let mut words: Vec<&'static str> = Vec::new();
    for name in SUBCOMMANDS.iter().flat_map(|one| &one.names) {
        if name.len() > path.len()
            && name[..path.len()] == *path
            && name[0] != "docker"
            && !words.contains(&name[path.len()])
        {
            words.push(name[path.len()]);
        }
    }
    words
}

impl Parsed {
    /// Whether a switch is on (`--detach`, `-d`, `--detach=true`).
    pub fn has(&self, name: &str) -> bool {
        let given = self.flags.iter().rev().find(|flag| flag.name == name);
        given.is_some_and(|flag| {
            let value = flag.value.as_deref().unwrap_or("true");
            !matches!(value.to_ascii_lowercase().as_str(), "false" | "f" | "0")
        })
    }

    /// The last value of a flag.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.values(name).last().copied()
    }

    /// All values of a flag that may be repeated.
    pub fn values(&self, name: &str) -> Vec<&str> {
        self.flags
            .iter()
            .filter(|flag| flag.name == name)
            .filter_map(|flag| flag.value.as_deref())
            .collect()
    }

    /// The kind of the positional with this index.
    pub fn kind(&self, index: usize) -> Option<&'static Kind> {
        self.subcommand.kind(index)
    }
}

/// The beginning of an argv, read.
struct Resolved {
    subcommand: &'static Subcommand,
    /// Its words as typed.
    path: Vec<&'static str>,
    args_at: usize,
    group_flags: Vec<Given>,
}

fn resolve<S: AsRef<str>>(argv: &[S]) -> Result<Resolved, Unparsed> {
    let mut group_flags = Vec::new();
    let mut path: Vec<&'static str> = match argv.first().map(AsRef::as_ref) {
        Some("docker") => Vec::new(),
        Some("docker-compose") => vec!["compose"],
        _ => return Err(Unparsed::NotDocker),
    };
    let mut at = 1;
    while at < argv.len() {
        let word = argv[at].as_ref();
        if word == "--help" || (word == "-h" && path.is_empty()) {
            let flag = Some("help");
            return Err(Unparsed::Incomplete { path, flag });
        }
        if word.len() > 1 && word.starts_with('-') {
            let group = find(if path.is_empty() { &["docker"] } else { &path });
            let Some(group) = group else {
                let flag = word.to_string();
                let similar = None;
                return Err(Unparsed::UnknownFlag {
                    at,
                    flag,
                    similar,
                    path,
                });
            };
            at = flag(argv, at, group, &path, &mut group_flags)?;
            if path.is_empty() && group_flags.iter().any(|flag| flag.name == "version") {
                let flag = Some("version");
                return Err(Unparsed::Incomplete { path, flag });
            }
            continue;
        }
        let next = words_after(&path);
        let Some(known) = next.iter().find(|known| **known == word) else {
            let similar = nearest(word, next.iter().copied());
            return Err(Unparsed::UnknownCommand { at, similar });
        };
        path.push(known);
        at += 1;
        if let Some(subcommand) = find(&path).filter(|_| words_after(&path).is_empty()) {
            return Ok(Resolved {
                subcommand,
                path,
                args_at: at,
                group_flags,
            });
        }
    }
    Err(Unparsed::Incomplete { path, flag: None })
}

/// Reads the flag word at `at` into `given`; where the next word stands.
fn flag<S: AsRef<str>>(
    argv: &[S],
    at: usize,
    subcommand: &'static Subcommand,
    path: &[&'static str],
    given: &mut Vec<Given>,
) -> Result<usize, Unparsed> {
    let word = argv[at].as_ref();
    let no_value = |flag: &str| Unparsed::NoValue {
        at,
        flag: flag.to_string(),
        path: path.to_vec(),
    };
    if let Some(long) = word.strip_prefix("--") {
        let (name, value) = match long.split_once('=') {
            Some((name, value)) => (name, Some(value.to_string())),
            None => (long, None),
        };
        let Some(flag) = subcommand.flags.iter().find(|flag| flag.long == name) else {
            let known = subcommand.flags.iter().map(|flag| flag.long);
            return Err(Unparsed::UnknownFlag {
                at,
                flag: format!("--{name}"),
                similar: nearest(name, known).map(|similar| format!("--{similar}")),
                path: path.to_vec(),
            });
        };
        let takes_next = flag.value.is_some() && value.is_none();
        let value = match takes_next {
            true => Some(
                argv.get(at + 1)
                    .ok_or_else(|| no_value(&format!("--{name}")))?
                    .as_ref()
                    .to_string(),
            ),
            false => value,
        };
        given.push(Given {
            name: flag.long,
            value,
            at,
            value_at: at + usize::from(takes_next),
        });
        return Ok(at + 1 + usize::from(takes_next));
    }
    for (index, letter) in word[1..].char_indices() {
        let Some(flag) = subcommand
            .flags
            .iter()
            .find(|flag| flag.short == Some(letter))
        else {
            let name = word[1..].split('=').next().unwrap_or_default();
            let long = subcommand.flags.iter().find(|flag| flag.long == name);
            return Err(Unparsed::UnknownFlag {
                at,
                // `-name` is read as a long flag that lost a dash.
                flag: long.map_or_else(|| format!("-{letter}"), |_| format!("-{name}")),
                similar: long.map(|flag| format!("--{}", flag.long)),
                path: path.to_vec(),
            });
        };
        let rest = &word[1 + index + letter.len_utf8()..];
        if flag.value.is_none() {
            // `-d=false`
            let value = rest.strip_prefix('=').map(str::to_string);
            let ends = value.is_some();
            given.push(Given {
                name: flag.long,
                value,
                at,
                value_at: at,
            });
            if ends {
                break;
            }
            continue;
        }
        let takes_next = rest.is_empty();
        let value = match takes_next {
            true => argv
                .get(at + 1)
                .ok_or_else(|| no_value(&format!("-{letter}")))?
                .as_ref(),
            false => rest.strip_prefix('=').unwrap_or(rest),
        };
        given.push(Given {
            name: flag.long,
            value: Some(value.to_string()),
            at,
            value_at: at + usize::from(takes_next),
        });
        return Ok(at + 1 + usize::from(takes_next));
    }
    Ok(at + 1)
}

#[cfg(test)]
mod tests;
