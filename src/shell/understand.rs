//! One typed line -> one action, or one reason why not.
//!
//! A line is a verb of ours or a lab command. What stands on the host is read
//! by `host`; here is what is the same everywhere, and what runs in a node.
//!
//! With `on NODE`, every `docker ...` runs in that node, with two exceptions:
//! `docker compose` is the lab's (there is one compose file, and it makes the
//! nodes), and a command that names a node of the lab (`docker exec worker01`,
//! `docker stop worker01`) means that node, since no container in a node is
//! called so. `sudo` before docker is dropped: the lab needs none.

use super::docker::{self, Kind, Parsed, Unparsed, Value};
use super::keyboard::latin_keys;
use super::meant;
use super::similar::{nearest, nearest_image};
use super::words::{name_at, quote, split_before, split_from};
use super::{Action, Exec, Refusal, Scope, Verb, Word, host, verbs};

/// What a line asks for. Where a refusal carries a suggestion, all slips of the
/// line that we see are mended in it, and it is a line that works.
pub fn understand(line: &str, scope: &Scope) -> Result<Action, Refusal> {
    read(line, scope).map_err(|refusal| {
        let mut refusal = refusal;
        for _ in 0..4 {
            let better = refusal
                .suggestion()
                .and_then(|line| read(line, scope).err())
                .and_then(|next| next.suggestion().map(str::to_string));
            match better {
                Some(line) => refusal = refusal.suggesting(line),
                None => break,
            }
        }
        refusal
    })
}

/// A line and its words.
pub(super) struct Line<'a> {
    text: &'a str,
    pub(super) words: Vec<Word>,
    pub(super) scope: &'a Scope,
}

impl Line<'_> {
    pub(super) fn argv(&self, from: usize) -> Vec<&str> {
        self.words[from..].iter().map(|w| w.text.as_str()).collect()
    }

    /// The line as typed, without prompt and `sudo`.
    pub(super) fn typed(&self) -> &str {
        let start = self.words.first().map_or(0, |word| word.span.start);
        self.text[start..].trim_end()
    }

    /// The line with `bad` in the word at `index` replaced, all else as typed.
    pub(super) fn mended(&self, index: usize, bad: &str, good: &str) -> String {
        let word = &self.words[index];
        let raw = &self.text[word.span.clone()];
        let mended = match raw.contains(bad) {
            true => raw.replacen(bad, good, 1),
            false => quote(&word.text.replacen(bad, good, 1)),
        };
        self.spliced(word.span.start, word.span.end, &mended)
    }

    /// The line with words put before the word at `index`.
    pub(super) fn inserted(&self, index: usize, words: &str) -> String {
        let at = self.words[index].span.start;
        self.spliced(at, at, &format!("{words} "))
    }

    fn spliced(&self, from: usize, to: usize, with: &str) -> String {
        let start = self.words[0].span.start;
        let line = [&self.text[start..from], with, &self.text[to..]].concat();
        line.trim_end().to_string()
    }
}

fn read(text: &str, scope: &Scope) -> Result<Action, Refusal> {
    let start = after_prompt(text);
    // The alias `?` would be a glob to the lexer.
    let help = text[start..].trim_end().strip_prefix('?');
    let help = help.filter(|rest| rest.is_empty() || rest.starts_with([' ', '\t']));
    if help.is_some() {
        let words = split_from(text, start + 1, &scope.variables)?;
        let words: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
        let help = verbs::find("help").expect("help is a verb");
        return verbs::read(help, &words, scope).map(Action::Verb);
    }
    let mut words = split_from(text, start, &scope.variables).map_err(|refusal| match refusal {
        Refusal::ShellSyntax { at, operator, .. } => Refusal::ShellSyntax {
            at,
            operator,
            suggestion: in_the_nodes_shell(text, start, at, scope),
        },
        other => other,
    })?;
    let is_docker = |word: &Word| matches!(word.text.as_str(), "docker" | "docker-compose");
    if words.len() > 1 && words[0].text == "sudo" && is_docker(&words[1]) {
        words.remove(0);
    }
    let Some(first) = words.first() else {
        return Ok(Action::Nothing);
    };
    let docker = is_docker(first);
    let line = Line { text, words, scope };
    if !docker {
        return verb(&line);
    }
    match &scope.on {
        Some(node) if !is_the_labs(&line) => {
            check_in_node(&line, 0)?;
            Ok(Action::Exec(Exec {
                node: node.clone(),
                argv: line.argv(0).iter().map(|w| (*w).to_string()).collect(),
                tty: true,
                interactive: true,
                ..Exec::default()
            }))
        }
        _ => host::read(&line),
    }
}

/// Where the line begins behind blanks and a pasted `$ `.
fn after_prompt(text: &str) -> usize {
    let blanks = |text: &str| text.len() - text.trim_start_matches([' ', '\t']).len();
    let start = blanks(text);
    match text[start..].strip_prefix('$') {
        Some(rest) if rest.trim().is_empty() || rest.starts_with([' ', '\t']) => {
            start + 1 + blanks(rest)
        }
        _ => start,
    }
}

fn verb(line: &Line) -> Result<Action, Refusal> {
    let argv = line.argv(0);
    if let Some(verb) = verbs::find(argv[0]) {
        return match verbs::read(verb, &argv[1..], line.scope)? {
            Verb::On(Some(node)) if node == "host" => Ok(Action::Verb(Verb::On(None))),
            Verb::On(Some(name)) => {
                container(line, 1)?;
                engine(line.scope, &name)?;
                Ok(Action::Verb(Verb::On(Some(name))))
            }
            verb => Ok(Action::Verb(verb)),
        };
    }
    if let Some(answers) = verbs::answers(&argv) {
        return Ok(Action::Verb(Verb::Answer(answers)));
    }
    Err(unknown_command(line))
}

fn unknown_command(line: &Line) -> Refusal {
    let word = line.words[0].text.clone();
    let prefix_of = verbs::beginning(&word);
    let names = verbs::VERBS.iter().map(|verb| verb.name);
    let meant_keys = latin_keys(line.typed()).filter(|keys| {
        let first = keys.split_whitespace().next().unwrap_or_default();
        first == "docker" || verbs::find(first).is_some()
    });
    let suggestion = if meant_keys.is_some() {
        meant_keys
    } else if let Some(meant) = meant::line_for(line.typed()) {
        Some(meant.to_string())
    } else if docker::words_after(&[]).contains(&word.as_str()) && line.words.len() > 1 {
        Some(format!("docker {}", line.typed()))
    } else if is_for_a_shell(&word) {
        let node = line.scope.on.as_deref();
        let node = node.unwrap_or_else(|| some_node(line.scope, false));
        Some(format!("docker exec -it {node} {}", line.typed()))
    } else if let [only] = prefix_of[..] {
        Some(line.mended(0, &word, only))
    } else {
        nearest(&word, names.chain(["docker", "docker-compose"]))
            .map(|meant| line.mended(0, &word, meant))
    };
    Refusal::UnknownCommand {
        word,
        suggestion,
        prefix_of,
    }
}

/// Commands that a learner expects in a node's shell.
fn is_for_a_shell(word: &str) -> bool {
    const COMMANDS: &str = " ls cat sh ash bash ip ping hostname env grep curl wget ps top df free \
        mount pwd cd find head tail netstat ss nslookup dig id whoami uname vi apk echo ";
    COMMANDS.contains(&format!(" {word} "))
}

/// The line that has a node's own shell do what stands from byte `at` on.
fn in_the_nodes_shell(text: &str, start: usize, at: usize, scope: &Scope) -> Option<String> {
    let words = split_before(text, start, at, &scope.variables);
    let argv: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
    let (head, command) = match docker::parse(&argv) {
        Ok(parsed) if parsed.path == ["exec"] => {
            let command = words.get(parsed.rest_at)?.span.start;
            (text[start..command].to_string(), command)
        }
        parsed => {
            let swarm = parsed.is_ok_and(|parsed| host::is_of_the_swarm(&parsed.path));
            let first = *argv.first()?;
            let node = match &scope.on {
                Some(node) if first == "docker" || is_for_a_shell(first) => node,
                _ if swarm || is_for_a_shell(first) => some_node(scope, false),
                _ => return None,
            };
            (format!("docker exec -it {node} "), start)
        }
    };
    if is_placeholder(text, command, at) {
        return None;
    }
    let command = text[command..].trim_end();
    let expands = command
        .match_indices('$')
        .any(|(dollar, _)| !name_at(command[dollar + 1..].trim_start_matches('{')).is_empty());
    // Single quotes hold everything but themselves and our variables.
    (!command.contains('\'') && !expands).then(|| format!("{head}sh -c '{command}'"))
}

/// Whether what opens at byte `at` marks a value to be filled in, `(TOKEN)` or
/// `<TOKEN>`, which is of no use to any shell.
fn is_placeholder(text: &str, command: usize, at: usize) -> bool {
    let rest = &text[at..];
    match rest.chars().next() {
        // A subshell stands at the beginning, a substitution after a dollar.
        Some('(') => at > command && !text[..at].ends_with('$'),
        Some('<') => {
            let end = rest.find(['>', '|', '&', ';']);
            let closed = end.is_some_and(|end| end > 1 && rest[end..].starts_with('>'));
            closed && !rest[1..].starts_with(' ')
        }
        _ => false,
    }
}

/// Whether a docker command means the lab itself although `on` is set.
fn is_the_labs(line: &Line) -> bool {
    let argv = line.argv(0);
    let Some((subcommand, args_at)) = docker::subcommand(&argv) else {
        return argv[0] == "docker-compose" || argv.get(1) == Some(&"compose");
    };
    match subcommand.name() {
        ["compose", ..] => true,
        ["exec" | "logs" | "stop" | "start" | "restart" | "kill" | "pause" | "unpause"] => {
            let is_lab = |name: &str| containers(line.scope).any(|known| known == name);
            match docker::parse(&argv) {
                Ok(parsed) => parsed.positionals.first().is_some_and(|name| is_lab(name)),
                Err(_) => argv[args_at..].iter().any(|word| is_lab(word)),
            }
        }
        _ => false,
    }
}

/// Refuses slips in a command that runs in a node and begins with the word at
/// `from`. What is not docker's, or not close to anything we know, passes: the
/// real docker in the node has the last word.
pub(super) fn check_in_node(line: &Line, from: usize) -> Result<(), Refusal> {
    let argv = line.argv(from);
    let first = argv[0];
    if first != "docker" {
        return check_forgotten_docker(line, from);
    }
    match docker::parse(&argv) {
        Ok(parsed) => check_names(line, from, &parsed),
        Err(Unparsed::UnknownCommand {
            at,
            similar: Some(similar),
        }) => Err(unknown_docker(line, from + at, Some(similar))),
        Err(Unparsed::UnknownFlag {
            at,
            flag,
            similar: Some(similar),
            path,
        }) => Err(unknown_flag(line, from + at, &flag, Some(&similar), &path)),
        Err(_) => Ok(()),
    }
}

/// `docker exec manager swarm init`, `docker exec manager dokcer ps`.
fn check_forgotten_docker(line: &Line, from: usize) -> Result<(), Refusal> {
    let argv = line.argv(from);
    let suggestion = match docker::words_after(&argv[..1]) {
        words if argv.get(1).is_some_and(|word| words.contains(word)) => {
            line.inserted(from, "docker")
        }
        _ if nearest(argv[0], ["docker"]).is_some() => line.mended(from, argv[0], "docker"),
        _ => return Ok(()),
    };
    Err(Refusal::UnknownCommand {
        word: argv[0].to_string(),
        suggestion: Some(suggestion),
        prefix_of: Vec::new(),
    })
}

/// Nodes and images whose names are nearly those of the lab.
fn check_names(line: &Line, from: usize, parsed: &Parsed) -> Result<(), Refusal> {
    let scope = line.scope;
    for (index, name) in parsed.positionals.iter().enumerate() {
        let at = from + parsed.positional_at[index];
        match parsed.kind(index) {
            Some(Kind::Image) => check_image(line, at, name)?,
            Some(Kind::Node) if !scope.nodes.contains(name) => {
                let nodes = || scope.nodes.iter().map(String::as_str);
                if let Some(similar) = nearest(name, nodes()) {
                    return Err(Refusal::UnknownNode {
                        name: name.clone(),
                        similar: Some(similar.to_string()),
                        suggestion: Some(line.mended(at, name, similar)),
                        known: scope.nodes.clone(),
                    });
                }
            }
            _ => {}
        }
    }
    for given in &parsed.flags {
        let flag = parsed.subcommand.flags.iter();
        let value = flag.filter(|flag| flag.long == given.name);
        let is_image = value.map(|flag| &flag.value).next() == Some(&Some(Value::Of(Kind::Image)));
        if let (true, Some(image)) = (is_image, &given.value) {
            check_image(line, from + given.value_at, image)?;
        }
    }
    Ok(())
}

/// Refuses an image that is not there while one with nearly the same name is.
pub(super) fn check_image(line: &Line, at: usize, image: &str) -> Result<(), Refusal> {
    match nearest_image(image, &line.scope.images) {
        Some(similar) => Err(Refusal::NearImage {
            name: image.to_string(),
            suggestion: line.mended(at, image, &similar),
            similar,
        }),
        None => Ok(()),
    }
}

pub(super) fn unknown_docker(line: &Line, at: usize, similar: Option<&str>) -> Refusal {
    let word = &line.words[at].text;
    Refusal::UnknownDocker {
        word: word.clone(),
        suggestion: similar.map(|similar| line.mended(at, word, similar)),
    }
}

pub(super) fn unknown_flag(
    line: &Line,
    at: usize,
    flag: &str,
    similar: Option<&str>,
    path: &[&str],
) -> Refusal {
    Refusal::UnknownFlag {
        command: ["docker"]
            .iter()
            .chain(path)
            .copied()
            .collect::<Vec<_>>()
            .join(" "),
        flag: flag.to_string(),
        suggestion: similar.map(|similar| line.mended(at, flag, similar)),
    }
}

/// The names of the lab's containers.
pub(super) fn containers(scope: &Scope) -> impl Iterator<Item = &str> {
    scope.nodes.iter().chain(&scope.others).map(String::as_str)
}

/// The word at `at`, which must name a container of the lab.
pub(super) fn container(line: &Line, at: usize) -> Result<String, Refusal> {
    let name = &line.words[at].text;
    if containers(line.scope).any(|known| known == name) {
        return Ok(name.clone());
    }
    let similar = nearest(name, containers(line.scope));
    Err(Refusal::UnknownNode {
        name: name.clone(),
        similar: similar.map(str::to_string),
        suggestion: similar.map(|similar| line.mended(at, name, similar)),
        known: containers(line.scope).map(str::to_string).collect(),
    })
}

/// Refuses a container that runs no engine.
pub(super) fn engine(scope: &Scope, name: &str) -> Result<(), Refusal> {
    match scope.nodes.iter().any(|node| node == name) {
        true => Ok(()),
        false => Err(Refusal::NotANode(name.to_string())),
    }
}

/// A node to name in a suggestion: the manager, or, for what a new node does, a worker.
pub(super) fn some_node(scope: &Scope, joins: bool) -> &str {
    let is_manager = |node: &&String| node.contains("manager");
    let manager = scope.nodes.iter().find(is_manager);
    let manager = manager.or(scope.nodes.first());
    let worker = scope.nodes.iter().find(|node| Some(*node) != manager);
    let node = if joins { worker.or(manager) } else { manager };
    node.map_or("NODE", String::as_str)
}

#[cfg(test)]
mod tests;
