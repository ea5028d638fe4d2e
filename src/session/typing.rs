//! A line: what becomes of one that was typed, by the learner or by the program,
//! what follows when its command has ended, and the questions a line may answer.

use std::time::Duration;

use super::{Effect, Place, Say, Session};
use crate::lesson::Command;
use crate::model::CommandRecord;
use crate::shell::{Action, HostAction, Refusal, Speed, Verb, understand, unwrap};

/// A question that is open.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Waiting {
    Travel {
        to: Place,
        replay: Option<Speed>,
    },
    /// Three ways to go on with a lab that is not as progress says.
    Offer {
        /// Whether there is something that `repair` mends.
        repair: bool,
    },
    /// For this command, or for all that are left (`solve`).
    Value {
        placeholder: String,
        command: Option<usize>,
    },
}

impl Session {
    /// Whether the line wants a value that is not known yet.
    pub fn lacks_values(&self, line: &str) -> bool {
        matches!(understand(line, &self.scope()), Err(Refusal::NoValueYet(_)))
    }

    pub(super) fn line(&mut self, line: &str) -> Vec<Effect> {
        if let Some(Waiting::Offer { repair }) = self.waiting {
            // Any other line is what it is, and goes on.
            self.waiting = None;
            match (line.trim(), repair) {
                ("" | "1", _) => return vec![Effect::GoesOn],
                ("2", true) => return vec![Effect::Repair],
                ("3", true) | ("2", false) => return self.verb(Verb::Reset(None)),
                _ => {}
            }
        }
        let scope = self.scope();
        match understand(line, &scope) {
            Err(refusal) => {
                self.queue.clear();
                vec![Effect::Refused(refusal)]
            }
            Ok(Action::Nothing) if line.trim().is_empty() => self.enter_key(),
            Ok(Action::Nothing) => Vec::new(),
            Ok(Action::Verb(verb)) => self.verb(verb),
            Ok(action) => self.lab_command(action),
        }
    }

    fn lab_command(&mut self, action: Action) -> Vec<Effect> {
        let up = self.timeline.last().is_none_or(|snapshot| snapshot.up);
        let needs_lab = match &action {
            Action::Exec(_) => true,
            Action::Host(host) => !matches!(
                host,
                HostAction::Ps(_)
                    | HostAction::Images(_)
                    | HostAction::Version
                    | HostAction::Networks(_)
            ),
            _ => false,
        };
        if needs_lab && !up {
            self.queue.clear();
            return vec![Effect::Say(Say::LabNotUp)];
        }
        self.begin_detour(&action);
        vec![Effect::Run(action)]
    }

    pub(super) fn ended(&mut self, record: CommandRecord) -> Vec<Effect> {
        let mut effects = Vec::new();
        self.note_act(&record);
        self.end_detour(&record);
        if record.exit == 0 {
            self.note_typed(&record);
            if record.node.is_some() && changes_tasks(&record.argv) {
                effects.push(Effect::Map {
                    until_settled: true,
                });
            }
        } else if self.is_typing() {
            self.queue.clear();
            effects.push(Effect::Say(Say::CommandFailed(record.exit)));
        }
        self.timeline.commands.push(record);
        effects.extend(self.judge());
        effects.extend(self.type_next());
        effects
    }

    /// Types the next command of the queue, if one waits.
    pub(super) fn type_next(&mut self) -> Vec<Effect> {
        if self.queue.is_empty() {
            return Vec::new();
        }
        let line = self.queue.remove(0);
        let mut effects = vec![Effect::Echo(line.clone())];
        effects.extend(self.line(&line));
        let runs = effects
            .iter()
            .any(|effect| matches!(effect, Effect::Run(_)));
        if !runs {
            // Refused, and why was said: there is nothing to wait for.
            self.queue.clear();
            return effects;
        }
        if self.queue.is_empty() && self.waits() {
            effects.push(Effect::Await(self.longest_wait()));
        }
        effects
    }

    fn longest_wait(&self) -> Duration {
        let checks = self.step().map(|step| step.checks.as_slice());
        let waits = checks.unwrap_or_default().iter().map(|check| check.within);
        waits.max().unwrap_or_default()
    }

    /// Remembers which command of the solution a command that ran was.
    fn note_typed(&mut self, record: &CommandRecord) {
        let ran = Some((record.node.clone(), record.argv.clone()));
        let Some(step) = self.step() else { return };
        let scope = self.scope();
        let commands: Vec<Command> = step.solution_on(self.mesh()).cloned().collect();
        let found = commands.iter().enumerate().find(|(index, command)| {
            !self.typed.contains(index)
                && understand(&self.mended(command).0, &scope)
                    .ok()
                    .and_then(|action| unwrap(&action))
                    == ran
        });
        if let Some((index, _)) = found {
            self.typed.push(index);
        }
    }

    pub(super) fn with_values(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (placeholder, value) in &self.values {
            text = text.replace(placeholder, value);
        }
        text
    }

    pub(super) fn mesh(&self) -> Option<bool> {
        self.timeline
            .last()
            .and_then(|snapshot| snapshot.mesh)
            .or(self.host_has.mesh)
    }

    /// The first command of the solution that was not typed yet.
    pub fn next_command(&self) -> Option<(usize, &Command)> {
        let step = self.step()?;
        let mut commands = step.solution_on(self.mesh()).enumerate();
        commands.find(|(index, _)| !self.typed.contains(index))
    }
}

/// Whether a command in a node makes tasks come or go; a picture of them
/// follows it.
pub fn changes_tasks(argv: &[String]) -> bool {
    let words: Vec<&str> = argv.iter().map(String::as_str).collect();
    matches!(
        words.as_slice(),
        [
            "docker",
            "service",
            "create" | "update" | "scale" | "rollback",
            ..
        ] | ["docker", "stack", "deploy" | "up", ..]
            | ["docker", "node", "update", ..]
    )
}
