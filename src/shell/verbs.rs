//! Our verbs: their names, aliases and what they take.

use super::similar::nearest;
use super::{Refusal, Scope, Speed, Verb};
use crate::words::Lang;

/// What a verb takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    /// Nothing.
    Nothing,
    /// A verb, or nothing.
    Topic,
    /// A step.
    Step,
    /// A step, or nothing.
    MaybeStep,
    /// A step, or nothing, and how quickly.
    MaybeStepSpeed,
    /// A node, `host`, or nothing.
    MaybeNode,
    /// Languages, or nothing.
    Languages,
    /// Numbers of answers.
    Answers,
}

/// A verb's name and usage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VerbInfo {
    /// Its name.
    pub name: &'static str,
    /// Its fixed aliases, the one to be told of first.
    pub aliases: &'static [&'static str],
    /// What it takes.
    pub takes: Takes,
}

/// All verbs, in the order in which `help` shows them.
pub const VERBS: [VerbInfo; 22] = [
    verb("next", &["n"], Takes::Nothing),
    verb("run", &["r"], Takes::Nothing),
    verb("hint", &["h"], Takes::Nothing),
    verb("check", &["c"], Takes::Nothing),
    verb("solve", &[], Takes::Nothing),
    verb("more", &[], Takes::Nothing),
    verb("answer", &[], Takes::Answers),
    verb("list", &[], Takes::Nothing),
    verb("status", &[], Takes::Nothing),
    verb("back", &[], Takes::Nothing),
    verb("skip", &[], Takes::Nothing),
    verb("goto", &[], Takes::Step),
    verb("reset", &[], Takes::MaybeStep),
    verb("replay", &[], Takes::MaybeStepSpeed),
    verb("watch", &[], Takes::Nothing),
    verb("on", &[], Takes::MaybeNode),
    verb("play", &[], Takes::Nothing),
    verb("repair", &[], Takes::Nothing),
    verb("lang", &[], Takes::Languages),
    verb("help", &["?"], Takes::Topic),
    verb("clear", &[], Takes::Nothing),
    verb("quit", &["q", "exit"], Takes::Nothing),
];

/// What `help` explains besides verbs.
pub const TOPICS: [&str; 3] = ["docker", "docker exec", "docker compose"];

const fn verb(name: &'static str, aliases: &'static [&'static str], takes: Takes) -> VerbInfo {
    VerbInfo {
        name,
        aliases,
        takes,
    }
}

impl VerbInfo {
    /// `goto STEP`
    pub fn usage(&self) -> String {
        let takes = match self.takes {
            Takes::Nothing => "",
            Takes::Topic => " [VERB]",
            Takes::Step => " STEP",
            Takes::MaybeStep => " [STEP]",
            Takes::MaybeStepSpeed => " [STEP] [--speed N]",
            Takes::MaybeNode => " [NODE]",
            Takes::Languages => " [en|ko|en,ko]",
            Takes::Answers => " N [N...]",
        };
        format!("{}{takes}", self.name)
    }
}

/// The verb with this name or alias.
pub fn find(word: &str) -> Option<&'static VerbInfo> {
    VERBS
        .iter()
        .find(|verb| verb.name == word || verb.aliases.contains(&word))
}

/// Verbs that begin so, when `word` is none itself.
pub fn beginning(word: &str) -> Vec<&'static str> {
    VERBS
        .iter()
        .map(|verb| verb.name)
        .filter(|name| !word.is_empty() && name.starts_with(word))
        .collect()
}

/// The verb with its words. Nodes of `on` are the caller's to know.
pub(super) fn read(verb: &VerbInfo, words: &[&str], scope: &Scope) -> Result<Verb, Refusal> {
    let usage = || Refusal::VerbUsage(verb.name);
    match (verb.takes, words) {
        (Takes::Nothing, [_, ..])
        | (Takes::MaybeStep | Takes::MaybeNode, [_, _, ..])
        | (Takes::Step, [] | [_, _, ..])
        | (Takes::Answers, []) => return Err(usage()),
        _ => {}
    }
    let maybe_step = || words.first().map(|word| step(word, scope)).transpose();
    Ok(match verb.name {
        "next" => Verb::Next,
        "run" => Verb::Run,
        "hint" => Verb::Hint,
        "check" => Verb::Check,
        "solve" => Verb::Solve,
        "more" => Verb::More,
        "answer" => Verb::Answer(answers(words).ok_or_else(usage)?),
        "list" => Verb::List,
        "status" => Verb::Status,
        "back" => Verb::Back,
        "skip" => Verb::Skip,
        "goto" => Verb::Goto(step(words[0], scope)?),
        "reset" => Verb::Reset(maybe_step()?),
        "replay" => replay(words, scope).ok_or_else(usage)??,
        "watch" => Verb::Watch,
        "on" => Verb::On(words.first().map(|node| (*node).to_string())),
        "play" => Verb::Play,
        "repair" => Verb::Repair,
        "lang" => Verb::Lang(languages(words).ok_or_else(usage)?),
        "help" => Verb::Help(topic(words)?),
        "clear" => Verb::Clear,
        "quit" => Verb::Quit,
        name => unreachable!("{name} is in VERBS and not read"),
    })
}

/// `replay scale --speed 2`; `None`: not so.
fn replay(words: &[&str], scope: &Scope) -> Option<Result<Verb, Refusal>> {
    let mut speed = Speed::default();
    let mut name = None;
    let mut words = words.iter();
    while let Some(word) = words.next() {
        if let Some(given) = word.strip_prefix("--speed") {
            let given = match given.strip_prefix('=') {
                Some(given) => given,
                None if given.is_empty() => words.next()?,
                None => return None,
            };
            speed = given.parse().ok()?;
        } else if word.starts_with('-') || name.replace(*word).is_some() {
            return None;
        }
    }
    let step = name.map(|word| step(word, scope)).transpose();
    Some(step.map(|step| Verb::Replay { step, speed }))
}

/// `2`, `1 3`, `1,3`; counted from 1.
pub(super) fn answers(words: &[&str]) -> Option<Vec<usize>> {
    let numbers = words.iter().flat_map(|word| word.split(','));
    let numbers = numbers.filter(|number| !number.is_empty());
    let numbers: Option<Vec<usize>> = numbers
        .map(|number| number.parse().ok().filter(|n| (1..100).contains(n)))
        .collect();
    numbers.filter(|numbers| !numbers.is_empty())
}

fn languages(words: &[&str]) -> Option<Vec<Lang>> {
    let mut languages = Vec::new();
    for code in words.iter().flat_map(|word| word.split(',')) {
        let language = match code.to_lowercase().as_str() {
            "" => continue,
            "english" | "영어" => Lang::En,
            "korean" | "한국어" => Lang::Ko,
            code => Lang::from_code(code)?,
        };
        if !languages.contains(&language) {
            languages.push(language);
        }
    }
    Some(languages)
}

fn topic(words: &[&str]) -> Result<Option<String>, Refusal> {
    if words.is_empty() {
        return Ok(None);
    }
    let asked = words.join(" ");
    if let Some(verb) = find(&asked) {
        return Ok(Some(verb.name.to_string()));
    }
    let asked_docker = asked.replace("docker-compose", "docker compose");
    if let Some(topic) = TOPICS
        .iter()
        .rev()
        .find(|topic| asked_docker.starts_with(*topic))
    {
        return Ok(Some((*topic).to_string()));
    }
    let names = VERBS.iter().map(|verb| verb.name);
    let prefix_of = beginning(&asked);
    let meant = match prefix_of[..] {
        [only] => Some(only),
        _ => nearest(&asked, names),
    };
    Err(Refusal::UnknownCommand {
        word: asked,
        suggestion: meant.map(|verb| format!("help {verb}")),
        prefix_of: Vec::new(),
    })
}

/// A step's name; a number counts the steps of the lesson, as the prompt does.
fn step(word: &str, scope: &Scope) -> Result<String, Refusal> {
    if word.parse::<usize>().is_ok() {
        return Ok(word.to_string());
    }
    if let Some(step) = scope.steps.iter().find(|step| *step == word) {
        return Ok(step.clone());
    }
    let steps = || scope.steps.iter().map(String::as_str);
    let mut similar: Vec<String> = steps()
        .filter(|step| step.contains(word))
        .take(5)
        .map(str::to_string)
        .collect();
    if similar.is_empty() {
        similar.extend(nearest(word, steps()).map(str::to_string));
    }
    Err(Refusal::UnknownStep {
        name: word.to_string(),
        similar,
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn every_verb_is_read() {
        let scope = Scope {
            steps: vec!["scale".into()],
            ..Scope::default()
        };
        for verb in &VERBS {
            let words: &[&str] = match verb.takes {
                Takes::Step => &["scale"],
                Takes::Answers => &["1"],
                _ => &[],
            };
            assert!(read(verb, words, &scope).is_ok(), "{}", verb.name);
        }
    }

    #[test]
    fn a_replay_has_a_step_and_a_speed_in_either_order() {
        let scope = Scope {
            steps: vec!["scale".into()],
            ..Scope::default()
        };
        let verb = find("replay").unwrap();
        let both = Verb::Replay {
            step: Some("scale".into()),
            speed: Speed(250),
        };
        for words in [&["scale", "--speed", "2.5"][..], &["--speed=2.5x", "scale"]] {
            assert_eq!(read(verb, words, &scope), Ok(both.clone()));
        }
        for words in [
            &["--speed"][..],
            &["--speed", "fast"],
            &["scale", "more"],
            &["--speed=0"],
        ] {
            assert_eq!(read(verb, words, &scope), Err(Refusal::VerbUsage("replay")));
        }
    }

    #[test]
    fn names_and_aliases_are_alone() {
        let mut all: Vec<&str> = VERBS.iter().map(|verb| verb.name).collect();
        all.extend(VERBS.iter().flat_map(|verb| verb.aliases));
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), count);
    }
}
