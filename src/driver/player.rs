//! Plays steps without anybody typing.
//!
//! It types the very commands of the solution through the same shell, and
//! waits on the very checks; nothing is known here of what they mean.

use std::collections::BTreeSet;
use std::time::Duration;

use futures_util::future::join_all;

use super::execute::{Ended, Executor};
use super::looking::{Pace, Poller, every, look};
use super::replay::{Typed, type_out};
use super::{Clock, Failure};
use crate::check::{Kind, Verdict};
use crate::lab::{Lab, LabError};
use crate::lesson::{Command, Step};
use crate::model::{CommandRecord, HttpProbe};
use crate::session::{Event, Place, Session};
use crate::shell::{Action, HostAction, Speed, Touches, docker, touches, understand, unwrap};
use crate::terminal::tty;
use crate::words;

/// A task that is given up and takes longer is left to itself.
const TASKS_END_WITHIN: Duration = Duration::from_secs(30);

/// A command of a lesson is over in seconds, on a slow machine in a minute. One
/// that takes longer hangs, with the node it runs in or with the engine around it.
pub(super) const COMMAND_WITHIN: Duration = Duration::from_secs(300);

/// How steps are played.
#[derive(Clone, Copy, Debug, Default)]
pub struct How {
    /// Docker's commands are detached where they can be.
    pub detach: bool,
    /// Commands are typed for somebody who reads along, and print what they print.
    pub shown: Option<Speed>,
}

/// Which commands are played on the way to a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Only<'j> {
    /// Those that change something.
    State,
    /// The same without those that make the lab, and of those that make the swarm's
    /// members only what these nodes do.
    Joining(&'j BTreeSet<String>),
}

impl Only<'_> {
    /// Whether a command is one of them.
    pub fn plays(self, action: &Action) -> bool {
        let Only::Joining(nodes) = self else {
            return touches(action) != Touches::Nothing;
        };
        match (touches(action), action) {
            (Touches::Nothing, _) => false,
            (_, Action::Compose(_)) => false,
            (Touches::Lab, Action::Host(host)) => {
                matches!(host, HostAction::Tag { .. } | HostAction::Push(_))
            }
            (Touches::Swarm, Action::Exec(exec)) => {
                docker::parse(&exec.argv).is_ok_and(|parsed| match parsed.path.as_slice() {
                    ["node", "update"] => true,
                    ["swarm", "init" | "join"] => nodes.contains(&exec.node),
                    _ => false,
                })
            }
            _ => true,
        }
    }
}

/// What became of one command.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct CommandReport {
    /// As the lesson has it.
    pub command: String,
    /// Its exit code; 2 for a line that is not understood.
    pub exit: i64,
    /// How long it took.
    pub seconds: f64,
    /// What went wrong, where it did not run at all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// What became of one step.
#[derive(Clone, Debug, PartialEq)]
pub struct Played {
    /// Its commands.
    pub commands: Vec<CommandReport>,
    /// Its verdicts, in the order of its checks.
    pub verdicts: Vec<Verdict>,
    /// How long all of it took.
    pub seconds: f64,
    /// All commands ran well and all checks pass.
    pub met: bool,
}

/// Plays steps on a lab.
pub struct Player<'a> {
    /// The session whose place moves along.
    pub session: &'a mut Session,
    /// Carries commands out.
    pub executor: &'a mut Executor,
    /// The program's clock.
    pub clock: Clock,
}

impl Player<'_> {
    /// Plays one step: its files and setup, its solution, its checks, its cleanup.
    pub async fn play(&mut self, place: Place, how: How) -> Result<Played, Failure> {
        let began = self.clock.now();
        self.session.handle(Event::Arrived(place, began));
        let Some(step) = self.session.step().cloned() else {
            return Ok(Played {
                commands: Vec::new(),
                verdicts: Vec::new(),
                seconds: 0.0,
                met: true,
            });
        };
        let own = step.setup.is_empty() && step.files.is_empty() && step.cleanup.is_empty();
        if own && step.solution.is_empty() && step.checks.is_empty() {
            // Only to be read.
            return Ok(Played {
                commands: Vec::new(),
                verdicts: Vec::new(),
                seconds: 0.0,
                met: true,
            });
        }
        self.look().await?;
        let mut commands = self.enter(&step).await?;
        let mut went_well = commands.iter().all(|command| command.exit == 0);
        while went_well && let Some(command) = self.next_command(commands.len(), &step) {
            let report = match self.session.lacks_value(command) {
                None => {
                    let text = self.session.mended(command).0;
                    if let Some(speed) = how.shown {
                        let screen = self.executor.screen.clone();
                        let live = tty::is_interactive() && !screen.look.plain;
                        if type_out(&screen, "$ ", &text, speed, live).await == Typed::HandedOver {
                            break;
                        }
                    }
                    self.type_line(&text, how.detach).await?
                }
                // Nobody is there to be asked.
                Some(placeholder) => CommandReport {
                    command: command.text.clone(),
                    exit: 2,
                    seconds: 0.0,
                    error: Some(crate::words::cli::lacks_value(
                        self.executor.screen.lang,
                        placeholder,
                    )),
                },
            };
            went_well = report.exit == 0;
            commands.push(report);
        }
        let within = match went_well {
            true => longest(&step),
            false => Duration::ZERO,
        };
        let met = went_well & self.wait_until_met(within).await?;
        let verdicts = self.session.verdicts().to_vec();
        for command in &step.cleanup {
            commands.push(self.type_line(&command.text, how.detach).await?);
        }
        Ok(Played {
            commands,
            verdicts,
            seconds: (self.clock.now() - began).as_secs_f64(),
            met,
        })
    }

    /// What the program does at a step's entry: its files and its setup.
    pub async fn enter(&mut self, step: &Step) -> Result<Vec<CommandReport>, Failure> {
        for file in &step.files {
            self.executor.lab.put_file(&file.path, &file.text).await?;
        }
        let mut commands = Vec::new();
        for command in &step.setup {
            commands.push(self.type_line(&command.text, true).await?);
        }
        Ok(commands)
    }

    /// The solution's command after `typed` of them; which ones there are may
    /// depend on what was seen meanwhile (the mesh).
    fn next_command<'a>(&self, typed: usize, step: &'a Step) -> Option<&'a Command> {
        let index = typed.checked_sub(step.setup.len())?;
        let mesh = self.session.timeline().last().and_then(|s| s.mesh);
        step.solution_on(mesh).nth(index)
    }

    pub(super) async fn type_line(
        &mut self,
        line: &str,
        detach: bool,
    ) -> Result<CommandReport, Failure> {
        let began = self.clock.now();
        let mut report = CommandReport {
            command: line.to_owned(),
            exit: 0,
            seconds: 0.0,
            error: None,
        };
        match understand(line, &self.session.scope()) {
            Err(refusal) => {
                report.exit = 2;
                report.error = Some(crate::words::refusal::refusal(
                    self.executor.screen.lang,
                    &refusal,
                ));
            }
            Ok(action) => {
                let record = unwrap(&action);
                if !matches!(touches(&action), Touches::Nothing | Touches::Lab) {
                    self.let_tasks_end().await?;
                }
                let action = match detach {
                    true => detached(action),
                    false => action,
                };
                match self.execute(&action).await {
                    Ok(ended) => report.exit = ended.code(),
                    Err(failure) => {
                        let screen = &self.executor.screen;
                        let (_, text) = failure.told(screen.lang);
                        let text = words::command::meant(&text, &screen.meant);
                        report.exit = 1;
                        report.error = Some(text.into_owned());
                    }
                }
                let ran = record.iter().flat_map(|(_, argv)| argv).take(3);
                let seconds = (self.clock.now() - began).as_secs_f64();
                tracing::debug!(words = ?ran.collect::<Vec<_>>(), report.exit, seconds, "ran");
                self.look().await?;
                if let Some((node, argv)) = record {
                    self.session.handle(Event::Ended(CommandRecord {
                        at: self.clock.now(),
                        node,
                        argv,
                        exit: report.exit,
                    }));
                }
            }
        }
        report.seconds = (self.clock.now() - began).as_secs_f64();
        Ok(report)
    }

    /// A service that is removed is gone at once, its tasks seconds later: what
    /// changes the swarm next must not meet them.
    async fn let_tasks_end(&mut self) -> Result<(), Failure> {
        let deadline = self.clock.now() + TASKS_END_WITHIN;
        let mut tick = every(Duration::from_millis(100));
        tick.tick().await;
        while self.tasks_are_left() && self.clock.now() < deadline {
            tick.tick().await;
            self.look().await?;
        }
        Ok(())
    }

    fn tasks_are_left(&self) -> bool {
        let last = self.session.timeline().last();
        let swarm = last.and_then(|last| last.swarm.as_ref());
        swarm.is_some_and(|swarm| swarm.tasks_left().next().is_some())
    }

    /// Carries a command out and notes what the lab is meanwhile, so that a
    /// check that wants something to hold for a while need not begin anew.
    async fn execute(&mut self, action: &Action) -> Result<Ended, Failure> {
        let (lab, clock) = (self.executor.lab.clone(), self.clock);
        let poller = Poller::start(lab, clock);
        poller.pace(Pace::Beside);
        let executing = self.executor.execute(action);
        let result = match action {
            Action::Exec(exec) => tokio::time::timeout(COMMAND_WITHIN, executing)
                .await
                .unwrap_or_else(|_| Err(LabError::NoEnd(exec.node.clone()).into())),
            _ => executing.await,
        };
        let mut looks = poller;
        while let Ok(look) = looks.looks.try_recv() {
            if let Ok(snapshot) = look {
                self.session.note(snapshot);
            }
        }
        result
    }

    pub(super) async fn look(&mut self) -> Result<(), Failure> {
        let seen = look(&self.executor.lab, self.clock).await?;
        self.session.handle(Event::Looked(seen));
        Ok(())
    }

    /// Looks and asks until the step is met, at most so long.
    pub async fn wait_until_met(&mut self, within: Duration) -> Result<bool, Failure> {
        let deadline = self.clock.now() + within;
        let mut tick = every(Duration::from_millis(50));
        loop {
            let questions = http_checks(self.session);
            let lab = self.executor.lab.clone();
            for probe in ask_http(lab, questions, self.clock).await {
                self.session.handle(Event::Answered(probe));
            }
            if self.session.is_met() {
                return Ok(true);
            }
            if self.clock.now() >= deadline {
                return Ok(false);
            }
            tick.tick().await;
            self.look().await?;
        }
    }
}

/// Asks what the step's HTTP checks ask that are not met yet.
pub async fn ask_http(
    lab: Lab,
    questions: Vec<(String, Option<crate::check::Via>)>,
    clock: Clock,
) -> Vec<HttpProbe> {
    let asking: Vec<_> = questions
        .into_iter()
        .map(|(url, via)| {
            let lab = lab.clone();
            async move {
                let answer = lab.http(&url, via).await;
                HttpProbe {
                    at: clock.now(),
                    url,
                    via,
                    answer,
                }
            }
        })
        .collect();
    join_all(asking).await
}

/// The step's HTTP checks that are not met, as `(url, via)`.
pub fn http_checks(session: &Session) -> Vec<(String, Option<crate::check::Via>)> {
    let Some(step) = session.step() else {
        return Vec::new();
    };
    let verdicts = session.verdicts();
    step.checks
        .iter()
        .enumerate()
        .filter(|(index, _)| verdicts.get(*index).is_none_or(|verdict| !verdict.passes()))
        .filter_map(|(_, check)| match &check.kind {
            Kind::Http { url, via, .. } => Some((url.clone(), *via)),
            _ => None,
        })
        .collect()
}

fn longest(step: &Step) -> Duration {
    let waits = step
        .checks
        .iter()
        .map(|check| check.within + check.stable_for);
    waits.max().unwrap_or_default()
}

/// The same command, not waiting for what Docker would wait for.
pub fn detached(action: Action) -> Action {
    match action {
        Action::Exec(mut exec) => {
            exec.argv = docker::detached(&exec.argv);
            exec.tty = false;
            exec.interactive = false;
            Action::Exec(exec)
        }
        other => other,
    }
}
