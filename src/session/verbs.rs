//! The verbs, and the Enter key.

use super::{Effect, Place, Say, Session, Status, Waiting};
use crate::check::Verdict;
use crate::lesson::{Block, Command, Mended};
use crate::shell::{Verb, understand};

impl Session {
    pub(super) fn verb(&mut self, verb: Verb) -> Vec<Effect> {
        match verb {
            Verb::Help(about) => vec![Effect::Help(about)],
            Verb::List => vec![Effect::List],
            Verb::Status => vec![Effect::Status],
            Verb::More => self.more(),
            Verb::Next => self.next(),
            Verb::Back => match self.place.back(self.course()) {
                Some(place) => self.moved(place),
                None => vec![Effect::Say(Say::AtTheStart)],
            },
            Verb::Skip => self.skip(),
            Verb::Goto(name) => self.travel(Some(&name), None),
            Verb::Reset(name) => self.travel(name.as_deref(), None),
            Verb::Replay { step, speed } => self.travel(step.as_deref(), Some(speed)),
            Verb::Hint => self.hint(),
            Verb::Check => self.check(),
            Verb::Run => self.run_next(),
            Verb::Solve => self.solve(),
            Verb::Watch => vec![Effect::Map {
                until_settled: false,
            }],
            Verb::On(node) => {
                self.on.clone_from(&node);
                vec![Effect::Say(match node {
                    Some(node) => Say::On(node),
                    None => Say::OnHost,
                })]
            }
            Verb::Lang(langs) => self.language(langs),
            Verb::Play => {
                self.play = !self.play;
                let say = if self.play { Say::Play } else { Say::PlayEnded };
                let mut effects = vec![Effect::Say(say)];
                effects.extend(self.judge());
                effects
            }
            Verb::Repair => vec![Effect::Repair],
            Verb::Answer(numbers) => self.answer_quiz(&numbers),
            Verb::Clear => vec![Effect::Clear],
            Verb::Quit => self.quit(),
        }
    }

    /// Enter on an empty line: on when the step is met, else what to type.
    pub(super) fn enter_key(&mut self) -> Vec<Effect> {
        if let Some(reminder) = self.remind_of_quiz() {
            return vec![reminder];
        }
        if self.is_met() || self.was_done() || self.lacking(self.place).is_some() {
            return self.advance();
        }
        // After a wrong turn its way out comes first: what is next may not work before.
        let broken = |verdict: &Verdict| matches!(verdict, Verdict::Broken(_));
        if self.verdicts.iter().any(broken) {
            return vec![Effect::Verdicts];
        }
        match self.next_command() {
            Some((_, command)) => {
                vec![Effect::Say(Say::TypeNext(self.mended(command).0))]
            }
            None => vec![Effect::Verdicts, Effect::Say(Say::AllTyped)],
        }
    }

    fn next(&mut self) -> Vec<Effect> {
        if self.is_met() || self.was_done() {
            return self.advance();
        }
        if self.lacking(self.place).is_some() {
            return self.skip();
        }
        let mut effects = Vec::new();
        if self.has_checks() {
            effects.push(Effect::Verdicts);
        }
        effects.push(Effect::Say(Say::NotMet));
        effects
    }

    fn skip(&mut self) -> Vec<Effect> {
        let name = self.place.name(self.course());
        self.record.entry(name).or_insert(Status::Skipped);
        let mut effects = vec![Effect::Say(Say::Skipped)];
        effects.extend(self.leave());
        effects
    }

    fn advance(&mut self) -> Vec<Effect> {
        let name = self.place.name(self.course());
        let status = match self.lacking(self.place) {
            Some(_) if !self.is_met() && !self.was_done() => Status::Skipped,
            _ => Status::Done,
        };
        self.record.insert(name, status);
        self.leave()
    }

    fn leave(&mut self) -> Vec<Effect> {
        let mut effects = Vec::new();
        if self.step().is_some_and(|step| !step.cleanup.is_empty()) {
            effects.push(Effect::Cleanup(self.place));
            let place = self.place;
            self.set_up.remove(&place);
        }
        let Some(next) = self.place.next(self.course()) else {
            let all = super::place::all(self.course()).count();
            let done = super::place::all(self.course())
                .filter(|(_, name)| self.record.get(name) == Some(&Status::Done))
                .count();
            effects.push(Effect::Save);
            effects.push(Effect::Say(Say::CourseDone { done, all }));
            return effects;
        };
        if next.lesson != self.place.lesson
            && let Some(lesson) = next.lesson(self.course())
        {
            effects.push(Effect::Say(Say::NewLesson(lesson.title.clone())));
        }
        effects.extend(self.moved(next));
        effects
    }

    /// Moves without touching the lab.
    fn moved(&mut self, place: Place) -> Vec<Effect> {
        // The new step's story begins after the newest snapshot.
        let now = self.timeline.last().map_or(self.timeline.entered, |s| s.at);
        self.arrive(place, now);
        let mut effects = vec![Effect::Save];
        effects.extend(self.begin());
        effects.extend(self.judge());
        effects
    }

    /// The step again, whole; who asked for more where there is none is told.
    fn more(&self) -> Vec<Effect> {
        let has = self.step().is_some_and(|step| {
            step.blocks
                .iter()
                .any(|block| matches!(block, Block::Branch { .. }))
        });
        let mut effects = vec![Effect::Show { branches: true }];
        if !has {
            effects.push(Effect::Say(Say::NoMore));
        }
        effects
    }

    fn hint(&mut self) -> Vec<Effect> {
        let count = self.step().map_or(0, |step| step.hints.len());
        if count == 0 {
            return match self.next_command() {
                Some((_, command)) => {
                    vec![Effect::Say(Say::TypeNext(self.mended(command).0))]
                }
                None => vec![Effect::Say(Say::NoHints)],
            };
        }
        if self.hints_given >= count {
            return vec![Effect::Hint(count - 1), Effect::Say(Say::NoMoreHints)];
        }
        self.hints_given += 1;
        vec![Effect::Hint(self.hints_given - 1)]
    }

    fn check(&mut self) -> Vec<Effect> {
        if !self.has_checks() {
            return vec![Effect::Say(Say::NoChecks(self.is_met()))];
        }
        // The look that `check` asks for has come in before the line: judge it.
        let effects = self.judge();
        match effects.is_empty() {
            true => vec![Effect::Verdicts],
            false => effects,
        }
    }

    /// Types the next command of the solution.
    fn run_next(&mut self) -> Vec<Effect> {
        let Some((index, command)) = self.next_command() else {
            return vec![Effect::Say(Say::NothingToRun)];
        };
        let command = command.clone();
        self.type_command(index, &command)
    }

    fn type_command(&mut self, index: usize, command: &Command) -> Vec<Effect> {
        if let Some(placeholder) = self.lacks_value(command).map(str::to_owned) {
            self.waiting = Some(Waiting::Value {
                placeholder: placeholder.clone(),
                command: Some(index),
            });
            return vec![Effect::AskValue(placeholder)];
        }
        let (text, slips) = self.mended(command);
        let mut effects: Vec<Effect> = slips
            .into_iter()
            .map(|slip| Effect::Say(Say::Mended(slip)))
            .collect();
        effects.push(Effect::Echo(text.clone()));
        effects.extend(self.line(&text));
        effects
    }

    /// The first placeholder of a command whose value only the learner knows and
    /// has not told.
    pub fn lacks_value<'a>(&self, command: &'a Command) -> Option<&'a str> {
        let mut placeholders = command.placeholders.iter();
        placeholders
            .find(|placeholder| !self.values.contains_key(*placeholder))
            .map(String::as_str)
    }

    /// A command as it is typed: values filled in, and a slip in somebody's
    /// tutorial mended with a word about it. In our own lessons a slip is an
    /// error that `lint` finds.
    pub fn mended(&self, command: &Command) -> (String, Vec<Mended>) {
        let annotated = self.lesson().is_none_or(|lesson| lesson.annotated);
        let mut slips = command.mended.clone();
        let mut text = self.with_values(&command.text);
        // What waits for a value is no slip.
        if annotated || self.lacks_value(command).is_some() {
            return (text, slips);
        }
        let scope = self.scope();
        // A line may hold two slips; more are somebody else's language.
        for _ in 0..2 {
            let Err(refusal) = understand(&text, &scope) else {
                break;
            };
            let Some(better) = refusal.suggestion() else {
                break;
            };
            slips.push(Mended {
                from: text.clone(),
                to: better.to_owned(),
            });
            text = better.to_owned();
        }
        (text, slips)
    }

    fn solve(&mut self) -> Vec<Effect> {
        let Some(step) = self.step() else {
            return Vec::new();
        };
        let rest: Vec<&Command> = step
            .solution_on(self.mesh())
            .enumerate()
            .filter(|(index, _)| !self.typed.contains(index))
            .map(|(_, command)| command)
            .collect();
        if rest.is_empty() {
            return vec![Effect::Say(Say::NothingToRun)];
        }
        // All is asked before anything is typed.
        let lacks = rest.iter().find_map(|command| self.lacks_value(command));
        if let Some(placeholder) = lacks.map(str::to_owned) {
            self.waiting = Some(Waiting::Value {
                placeholder: placeholder.clone(),
                command: None,
            });
            return vec![Effect::AskValue(placeholder)];
        }
        self.queue = rest
            .into_iter()
            .map(|command| self.mended(command).0)
            .collect();
        self.type_next()
    }

    pub(super) fn value(&mut self, value: Option<String>) -> Vec<Effect> {
        let Some(Waiting::Value {
            placeholder,
            command,
        }) = self.waiting.take()
        else {
            return Vec::new();
        };
        let Some(value) = value.filter(|value| !value.trim().is_empty()) else {
            return Vec::new();
        };
        self.values.insert(placeholder, value.trim().to_owned());
        let Some(command) = command else {
            return self.solve();
        };
        let found = self
            .step()
            .and_then(|step| step.solution_on(self.mesh()).nth(command))
            .cloned();
        match found {
            Some(found) => self.type_command(command, &found),
            None => Vec::new(),
        }
    }

    fn language(&mut self, langs: Vec<crate::words::Lang>) -> Vec<Effect> {
        let known: Vec<_> = langs
            .iter()
            .copied()
            .filter(|lang| self.courses.contains_key(lang.code()))
            .collect();
        if langs.is_empty() {
            let both = self.langs.len() > 1;
            return vec![Effect::Say(Say::LanguageIs { both })];
        }
        if known.is_empty() {
            return vec![Effect::Say(Say::NoSuchLanguage)];
        }
        self.langs = known;
        let both = self.langs.len() > 1;
        vec![
            Effect::Say(Say::LanguageIs { both }),
            Effect::Save,
            Effect::Show { branches: false },
        ]
    }

    /// `replay`, once there: the solution is typed by the program.
    pub fn replay(&mut self) -> Vec<Effect> {
        self.solve()
    }
}
