//! What an action runs, and where: the entries of the command log, which
//! `ran:` checks are compared with.

use super::words::{Variables, split};
use super::{Action, ComposeAction, HostAction, Lifecycle, Listing, Logs, docker};

/// The node (`None`: the lab itself) and the argv, with `docker exec` and `on`
/// taken off, `sh -c 'COMMAND'` opened where it is one plain command, and
/// docker's subcommands by their first names (`docker container ls` is
/// `docker ps`). `None` for a verb and for nothing.
pub fn unwrap(action: &Action) -> Option<(Option<String>, Vec<String>)> {
    match action {
        Action::Nothing | Action::Verb(_) => None,
        Action::Exec(exec) => {
            let argv = opened(&exec.argv).unwrap_or_else(|| exec.argv.clone());
            Some((Some(exec.node.clone()), docker::canonical(&argv)))
        }
        Action::Compose(action) => {
            let mut argv = vec!["docker".to_string(), "compose".to_string()];
            match action {
                ComposeAction::Up { .. } => argv.extend(["up".into(), "-d".into()]),
                ComposeAction::Ps(listing) => {
                    argv.push("ps".into());
                    argv.extend(listing.words.iter().cloned());
                }
                ComposeAction::Down => argv.push("down".into()),
                ComposeAction::Logs(logs) => argv.extend(logs_words(logs)),
                ComposeAction::Lifecycle(what, names) => argv.extend(lifecycle_words(what, names)),
            }
            Some((None, argv))
        }
        Action::Host(action) => {
            let mut argv = vec!["docker".to_string()];
            argv.extend(host_words(action));
            Some((None, argv))
        }
    }
}

/// The words of `sh -c 'COMMAND'` where COMMAND needs no shell.
fn opened(argv: &[String]) -> Option<Vec<String>> {
    let [shell, flag, command] = argv else {
        return None;
    };
    let is_shell = matches!(
        shell.rsplit('/').next(),
        Some("sh" | "ash" | "bash" | "dash")
    );
    if !is_shell || flag != "-c" {
        return None;
    }
    let words = split(command, &Variables::new()).ok()?;
    let words: Vec<String> = words.into_iter().map(|word| word.text).collect();
    (!words.is_empty()).then_some(words)
}

fn host_words(action: &HostAction) -> Vec<String> {
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_string()).collect();
    match action {
        HostAction::Ps(listing) => listed(&["ps"], listing),
        HostAction::Images(listing) => listed(&["images"], listing),
        HostAction::Networks(listing) => listed(&["network", "ls"], listing),
        HostAction::Logs(logs) => logs_words(logs),
        HostAction::Lifecycle(what, names) => lifecycle_words(what, names),
        HostAction::Disconnect(node) => words(&["network", "disconnect", node]),
        HostAction::Connect(node) => words(&["network", "connect", node]),
        HostAction::Tag { source, target } => words(&["tag", source, target]),
        HostAction::Push(image) => words(&["push", image]),
        HostAction::Version => words(&["version"]),
    }
}

fn listed(command: &[&str], listing: &Listing) -> Vec<String> {
    let command = command.iter().map(|word| (*word).to_string());
    command.chain(listing.words.iter().cloned()).collect()
}

fn logs_words(logs: &Logs) -> Vec<String> {
    let mut words = vec!["logs".to_string()];
    words.extend(logs.names.iter().cloned());
    if logs.follow {
        words.push("-f".into());
    }
    if let Some(tail) = logs.tail {
        words.extend(["--tail".into(), tail.to_string()]);
    }
    if logs.timestamps {
        words.push("-t".into());
    }
    words
}

fn lifecycle_words(what: &Lifecycle, names: &[String]) -> Vec<String> {
    let mut words = vec![what.verb().to_string()];
    words.extend(names.iter().cloned());
    let (seconds, signal) = match what {
        Lifecycle::Stop(grace) | Lifecycle::Restart(grace) => (grace.seconds, &grace.signal),
        Lifecycle::Kill(signal) => (None, signal),
        _ => (None, &None),
    };
    if let Some(seconds) = seconds {
        words.extend(["-t".into(), seconds.to_string()]);
    }
    if let Some(signal) = signal {
        words.extend(["-s".into(), signal.clone()]);
    }
    words
}
