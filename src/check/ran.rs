//! Judges `ran`: whether the learner ran a command, however they wrote it.

use crate::model::Timeline;

use super::Gap;
use super::judge::Findings;

/// Subcommands of `docker container` that Docker also has at its top level.
const CONTAINER: &[&str] = &[
    "attach", "commit", "cp", "create", "diff", "exec", "export", "inspect", "kill", "logs",
    "pause", "port", "rename", "restart", "rm", "run", "start", "stats", "stop", "top", "unpause",
    "update", "wait",
];

/// Subcommands of `docker image` that Docker also has at its top level.
const IMAGE: &[&str] = &[
    "build", "history", "import", "load", "pull", "push", "save", "tag",
];

/// Words of a shell's script that a command may follow.
const OPENING: &[&str] = &[
    "!", "{", "do", "elif", "else", "if", "then", "until", "while",
];

/// Flags of `docker` itself that take the next word.
const GLOBAL_WITH_VALUE: &[&str] = &[
    "-H",
    "--host",
    "-c",
    "--context",
    "-l",
    "--log-level",
    "--config",
    "--tlscacert",
    "--tlscert",
    "--tlskey",
];

/// `ran: WORDS`. The newest command that fits decides what is said; any one
/// that fits, ended well and ran where it should makes it true.
pub(super) fn judge(words: &[String], node: Option<&str>, timeline: &Timeline) -> Findings {
    let mut nearest = Gap::NotRun {
        words: words.to_vec(),
        node: node.map(str::to_owned),
    };
    let wanted = plain(words);
    for record in &timeline.commands {
        let runs = commands(&record.argv).any(|argv| fits(&wanted, &plain(&argv)));
        if record.at < timeline.entered || !runs {
            continue;
        }
        let elsewhere = node.filter(|want| record.node.as_deref() != Some(want));
        if let Some(want) = elsewhere {
            nearest = Gap::RanElsewhere {
                words: words.to_vec(),
                have: record.node.clone(),
                want: want.to_owned(),
            };
        } else if record.exit != 0 {
            nearest = Gap::RanBadly {
                words: words.to_vec(),
                exit: record.exit,
            };
        } else {
            return Findings::default();
        }
    }
    Findings::gap(nearest)
}

/// What ran: the command itself and, where that is a shell's script (`sh -c '...'`),
/// each command that stands in the script. The exit code is the script's.
fn commands(argv: &[String]) -> impl Iterator<Item = Vec<String>> {
    let script = match argv {
        [shell, flag, script, ..] if is_shell(shell) && flag == "-c" => script.as_str(),
        _ => "",
    };
    let commands = script.split([';', '|', '&', '\n', '(', ')', '`']);
    let words = |command: &str| {
        let words = command
            .split_whitespace()
            .map(|word| word.trim_matches(['"', '\'']));
        let opens = |word: &&str| OPENING.contains(word) || is_assignment(word);
        words.skip_while(opens).map(str::to_owned).collect()
    };
    let in_script: Vec<Vec<String>> = commands.map(words).collect();
    std::iter::once(argv.to_vec()).chain(in_script)
}

fn is_shell(program: &str) -> bool {
    let name = program.rsplit('/').next();
    matches!(name, Some("sh" | "ash" | "bash" | "dash"))
}

/// `NAME=value` before a command.
fn is_assignment(word: &str) -> bool {
    let name = word.split_once('=').map_or("", |(name, _)| name);
    !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// The command in the one way we compare: `docker-compose` and the long forms
/// (`docker container ls`) brought to the forms that people type.
fn plain(argv: &[String]) -> Vec<&str> {
    let mut words: Vec<&str> = argv.iter().map(String::as_str).collect();
    if words.first() == Some(&"docker-compose") {
        words.splice(..1, ["docker", "compose"]);
    }
    if words.first() != Some(&"docker") {
        return words;
    }
    while let Some(flag) = words.get(1).filter(|word| word.starts_with('-')) {
        let value = GLOBAL_WITH_VALUE.contains(flag);
        words.drain(1..words.len().min(if value { 3 } else { 2 }));
    }
    for word in &mut words {
        *word = match *word {
            "--all" => "-a",
            "--detach" => "-d",
            "--quiet" => "-q",
            other => other,
        };
    }
    let (group, sub) = {
        let mut subcommands = words
            .iter()
            .enumerate()
            .skip(1)
            .filter(|(_, word)| !word.starts_with('-'))
            .map(|(at, _)| at);
        match (subcommands.next(), subcommands.next()) {
            (Some(group), Some(sub)) => (group, sub),
            _ => return words,
        }
    };
    match (words[group], words[sub]) {
        ("container", "ls" | "list" | "ps") => replace(&mut words, group, sub, "ps"),
        ("image", "ls" | "list") => replace(&mut words, group, sub, "images"),
        ("image", "rm" | "remove") => replace(&mut words, group, sub, "rmi"),
        ("container", word) if CONTAINER.contains(&word) => replace(&mut words, group, sub, word),
        ("image", word) if IMAGE.contains(&word) => replace(&mut words, group, sub, word),
        ("system", word @ ("info" | "events")) => replace(&mut words, group, sub, word),
        ("node" | "service" | "stack" | "network" | "secret" | "config" | "volume", "list") => {
            words[sub] = "ls";
        }
        ("node" | "service" | "stack" | "network" | "secret" | "config", "remove")
        | ("stack", "down") => words[sub] = "rm",
        ("stack", "up") => words[sub] = "deploy",
        _ => {}
    }
    words
}

fn replace<'a>(words: &mut Vec<&'a str>, group: usize, sub: usize, short: &'a str) {
    words[sub] = short;
    words.remove(group);
}

/// Whether `wanted` is a prefix of `argv` once flags, with or without a value
/// of their own, are passed over. Which flags take a value only Docker knows,
/// so both readings count.
fn fits(wanted: &[&str], argv: &[&str]) -> bool {
    if wanted.is_empty() {
        return false;
    }
    // reached[i]: the first i wanted words can end before the current word.
    let mut reached = vec![false; wanted.len() + 1];
    let mut after_flag = reached.clone();
    reached[0] = true;
    for word in argv {
        let mut next = vec![false; wanted.len() + 1];
        let mut next_after_flag = next.clone();
        for at in 0..wanted.len() {
            if !reached[at] && !after_flag[at] {
                continue;
            }
            if wanted[at] == *word {
                next[at + 1] = true;
            }
            // The program's own name comes first, without flags before it.
            if at > 0 && word.starts_with('-') {
                next[at] = true;
                next_after_flag[at] |= !word.contains('=');
            }
            if after_flag[at] {
                next[at] = true;
            }
        }
        if next[wanted.len()] {
            return true;
        }
        reached = next;
        after_flag = next_after_flag;
    }
    false
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::model::CommandRecord;

    fn words(line: &str) -> Vec<String> {
        line.split_whitespace().map(str::to_owned).collect()
    }

    fn counts(wanted: &str, typed: &str) -> bool {
        fits(&plain(&words(wanted)), &plain(&words(typed)))
    }

    #[test]
    fn equivalent_ways_count() {
        for (wanted, typed) in [
            ("docker ps", "docker ps"),
            ("docker ps", "docker ps -a"),
            ("docker ps", "docker container ls"),
            ("docker ps", "docker container list --all"),
            ("docker container ls", "docker ps"),
            ("docker images", "docker image ls"),
            ("docker compose ps", "docker-compose ps"),
            ("docker compose up -d", "docker-compose up -d"),
            ("docker compose ps", "docker compose -f compose.yaml ps"),
            ("docker node ls", "docker --log-level debug node ls"),
            ("docker node ls", "docker -D node ls -q"),
            ("docker node ls", "docker node list"),
            ("docker ps", "docker -c default container ls"),
            ("docker compose up -d", "docker compose up --detach"),
            ("docker service ps web", "docker service ps --no-trunc web"),
            (
                "docker service ps web",
                "docker service ps -f node=worker01 web",
            ),
            (
                "docker service ps web",
                "docker service ps --filter=node=a web",
            ),
            (
                "docker logs manager",
                "docker container logs --tail 5 manager",
            ),
            ("hostname", "hostname"),
            ("docker info", "docker system info"),
        ] {
            assert!(
                counts(wanted, typed),
                "{typed:?} should count as {wanted:?}"
            );
        }
    }

    #[test]
    fn other_commands_do_not() {
        for (wanted, typed) in [
            ("docker ps", "docker service ps web"),
            ("docker ps", "docker"),
            ("docker node ls", "docker service ls"),
            ("docker node ls", "docker node inspect ls"),
            ("docker service ps web", "docker service ps other web"),
            ("docker service ps web", "docker service ps"),
            ("docker ps", "--x docker ps"),
            ("hostname", "echo hostname"),
            ("", "docker ps"),
        ] {
            assert!(
                !counts(wanted, typed),
                "{typed:?} should not count as {wanted:?}"
            );
        }
    }

    #[test]
    fn commands_of_a_script_count() {
        let script = r#"sh -c 'all=$(docker network inspect net -f "{{.Containers}}"); for a in $all; do X=1 wget -T 3 -qO- http://${a%/*}:5678 && break; done'"#;
        let argv = script.splitn(3, ' ').map(|word| word.trim_matches('\''));
        let argv: Vec<String> = argv.map(str::to_owned).collect();
        let counts = |wanted: &str| {
            let wanted = words(wanted);
            commands(&argv).any(|argv| fits(&plain(&wanted), &plain(&argv)))
        };
        assert!(counts("wget") && counts("docker network inspect net") && counts("sh"));
        assert!(!counts("curl") && !counts("http") && !counts("docker network inspect other"));
        // Words that are given to another command are none.
        let argv = ["echo", "-c", "wget x"].map(str::to_owned);
        assert!(!commands(&argv).any(|argv| fits(&["wget"], &plain(&argv))));
    }

    #[test]
    fn a_line_of_flags_only_is_read_quickly() {
        let typed = format!("docker {}", "-a ".repeat(5000));
        assert!(!counts("docker node ls", &typed));
    }

    #[test]
    fn where_it_ran_and_how_it_ended() {
        let record = |node: Option<&str>, exit| CommandRecord {
            at: Duration::from_secs(5),
            node: node.map(str::to_owned),
            argv: words("docker node ls"),
            exit,
        };
        let judged = |records: Vec<CommandRecord>| {
            let mut timeline = Timeline::starting_at(Duration::from_secs(1));
            timeline.commands = records;
            judge(&words("docker node ls"), Some("manager"), &timeline).gaps
        };
        assert!(matches!(judged(vec![])[..], [Gap::NotRun { .. }]));
        assert_eq!(
            judged(vec![record(Some("worker01"), 0)]),
            [Gap::RanElsewhere {
                words: words("docker node ls"),
                have: Some("worker01".into()),
                want: "manager".into(),
            }]
        );
        assert!(matches!(
            judged(vec![record(Some("manager"), 1)])[..],
            [Gap::RanBadly { exit: 1, .. }]
        ));
        assert!(judged(vec![record(Some("manager"), 0), record(Some("manager"), 1)]).is_empty());
        let early = CommandRecord {
            at: Duration::ZERO,
            ..record(Some("manager"), 0)
        };
        assert!(matches!(judged(vec![early])[..], [Gap::NotRun { .. }]));
    }
}
