//! Carrying out the session's effects.

use std::time::Duration;

use super::Repl;
use crate::driver::Failure;
use crate::driver::courses::mark;
use crate::driver::looking::{Pace, look};
use crate::driver::player::Player;
use crate::lesson::{Lesson, Step};
use crate::model::Snapshot;
use crate::session::{Effect, Event, Place, Say};
use crate::terminal::tty::{RawMode, Stdin, size};
use crate::terminal::{self, Detail, Live, Tone};
use crate::words;

/// The map is left when a service's tasks have failed for so long.
const FAILS_FOR: Duration = Duration::from_secs(3);

/// A map that waits for tasks gives up after this.
const SETTLES_WITHIN: Duration = Duration::from_secs(30);

impl Repl {
    /// Carries one effect out; what came of it goes back as events.
    pub(super) async fn perform(&mut self, effect: Effect) -> Vec<Event> {
        match effect {
            Effect::Show { branches } => return self.show(branches).await,
            Effect::Say(say) => {
                if matches!(say, Say::LanguageIs { .. }) {
                    // Said in the language that was just chosen.
                    self.screen.lang = self.session.lang();
                }
                self.say(&say);
            }
            Effect::Clear => self.clear(),
            Effect::Verdicts => self.verdicts(),
            Effect::Hint(index) => self.hint(index),
            Effect::List => return self.list().await,
            Effect::Status => self.status(),
            Effect::Help(about) => return self.help(about.as_deref()).await,
            Effect::Refused(refusal) => {
                let text = words::refusal::of_typed(self.screen.lang, &refusal);
                self.screen.say_with_code(Tone::Warn, &text);
            }
            Effect::Echo(line) => return self.echo(&line).await,
            // What was typed so far is not run.
            Effect::Run(_) | Effect::Await(_) if self.handed_over => {}
            Effect::Run(action) => return self.run_action(action).await,
            Effect::Setup(place) => self.own_commands(place).await,
            Effect::Cleanup(place) => self.cleanup(place).await,
            Effect::Map { until_settled } => self.map(until_settled).await,
            Effect::Await(within) => self.wait_for_checks(within).await,
            Effect::Survey => return self.survey().await,
            Effect::Travel(journey) => return self.travel(journey).await,
            Effect::Ask(question) => {
                let text = words::session::question(self.screen.lang, &question);
                let yes = self.options.yes || self.yes_or_no(&text, false).await;
                return vec![Event::Answer(yes)];
            }
            Effect::AskValue(placeholder) => {
                let text = words::session::ask_value(self.screen.lang, &placeholder);
                let value = self.line(&format!("{text}: ")).await;
                return vec![Event::Value(value)];
            }
            Effect::Repair => return self.repair().await,
            Effect::GoesOn => self.goes_on(),
            Effect::Save => self.save(),
            Effect::Quit => self.quit = true,
        }
        Vec::new()
    }

    async fn show(&mut self, branches: bool) -> Vec<Event> {
        self.screen.lang = self.session.lang();
        self.screen.measure();
        self.executor.screen = self.screen.clone();
        self.plan_for_here();
        let place = self.session.place();
        let mesh = self.session.timeline().last().and_then(|last| last.mesh);
        let mut page = String::new();
        for lang in self.session.langs() {
            let course = self.session.course_in(*lang);
            let (Some(lesson), Some(step)) = (place.lesson(course), place.step(course)) else {
                continue;
            };
            let text = terminal::step(
                step,
                &lesson.title,
                (place.step + 1, lesson.steps.len()),
                &self.screen.look,
                *lang,
                mesh,
                branches,
            );
            page.push('\n');
            page.push_str(&text);
        }
        page.push('\n');
        let events = self.paged(&page).await;
        let reads = self
            .session
            .step()
            .is_some_and(|step| step.checks.is_empty() && step.solution.is_empty());
        if events.is_empty() && reads && self.session.open_quiz().is_none() {
            self.say(&Say::Reading);
        }
        events
    }

    /// A page taller than the terminal stops where the terminal is full. What
    /// is typed there instead of Enter is a line like any other.
    async fn paged(&mut self, page: &str) -> Vec<Event> {
        let rows = size().map_or(0, |size| usize::from(size.rows));
        let lines: Vec<&str> = page.split_inclusive('\n').collect();
        let whole = self.is_script() || self.screen.look.plain || rows < 8 || self.is_replaying();
        // Two rows for the prompt; a page that is over by a line or two is not cut.
        let fits = rows.saturating_sub(2);
        if whole || lines.len() <= fits + 2 {
            self.screen.text(page);
            return Vec::new();
        }
        let mut rest = lines.as_slice();
        while rest.len() > fits {
            // A page breaks at a blank line where there is one near the end.
            let cut = (fits * 2 / 3..fits)
                .rev()
                .find(|&at| rest[at].trim().is_empty())
                .map_or(fits, |at| at + 1);
            self.screen.text(&rest[..cut].concat());
            rest = &rest[cut..];
            let prompt = words::cli::page_prompt(self.screen.lang);
            match self.line(prompt).await {
                Some(line) if turns_the_page(&line) => {
                    // The page goes on where the prompt stood.
                    self.screen.bytes(b"\x1b[1A\x1b[2K");
                }
                // As in other pagers: enough of this page.
                Some(line) if line.trim() == "q" => return Vec::new(),
                Some(line) => {
                    // The rest is not lost to a command that was typed early.
                    self.screen.text(&rest.concat());
                    let lines = crate::shell::pasted(&line);
                    return lines.into_iter().map(Event::Line).collect();
                }
                None => return Vec::new(),
            }
        }
        self.screen.text(&rest.concat());
        Vec::new()
    }

    fn say(&self, say: &Say) {
        let tone = match say {
            Say::StepMet { .. }
            | Say::Right(_)
            | Say::Foretold { right: true, .. }
            | Say::CourseDone { .. } => Tone::Good,
            Say::NotMet
            | Say::LabNotUp
            | Say::DoneBefore
            | Say::Wrong(_)
            | Say::Foretold { right: false, .. }
            | Say::CommandFailed(_)
            | Say::Faults(_)
            | Say::LessonNeeds(_) => Tone::Warn,
            Say::NewLesson(_) => Tone::Heading,
            Say::TypeNext(_) | Say::Mended(_) => Tone::Text,
            _ => Tone::Dim,
        };
        let text = match say {
            Say::Bye { lab_up } if self.unsaved || !self.persistent => {
                words::cli::bye_unsaved(self.screen.lang, *lab_up)
            }
            Say::Bye { lab_up } if self.options.file.is_some() => {
                let file = self.options.file.clone().unwrap_or_default();
                let file = crate::shell::words::quote(&file.to_string_lossy());
                words::cli::bye_file(self.screen.lang, &file, *lab_up)
            }
            say => words::session::say(self.screen.lang, say),
        };
        match say {
            Say::TypeNext(_) => self.screen.say_with_code(tone, &text),
            _ => self.screen.say(tone, &text),
        }
    }

    /// Nothing is cleared where nothing is drawn: in a script, and with `--plain`.
    fn clear(&self) {
        if !self.is_script() && !self.screen.look.plain {
            self.screen.bytes(b"\x1b[H\x1b[2J");
        }
    }

    fn verdicts(&self) {
        if let Some(step) = self.session.step() {
            self.screen.verdicts(&step.checks, self.session.verdicts());
        }
    }

    fn hint(&mut self, index: usize) {
        let Some(step) = self.session.step() else {
            return;
        };
        let count = step.hints.len();
        if let Some(hint) = step.hints.get(index) {
            let text = terminal::hint(
                hint,
                (index + 1, count),
                &self.screen.look,
                self.screen.lang,
            );
            self.screen.text(&text);
        }
        let name = self.session.place().name(self.session.course());
        let name = self.full_name(&name);
        self.progress.hinted(&name, index + 1);
        self.save();
    }

    async fn list(&mut self) -> Vec<Event> {
        let course = self.session.course();
        let mark = |lesson: &Lesson, step: &Step| mark(&self.session, lesson, step);
        let text = terminal::course_list(
            course,
            Detail::Steps,
            &mark,
            &self.screen.look,
            self.screen.lang,
        );
        self.paged(&text).await
    }

    fn status(&self) {
        let course = self.session.course();
        let place = self.session.place();
        let title = |place: Place| {
            let lesson = place.lesson(course).map_or("", |lesson| &lesson.title);
            let step = place.step(course).map_or("", |step| &step.title);
            format!("{lesson}: {step}")
        };
        let text = words::cli::status_line(self.screen.lang, &title(place), &place.name(course));
        self.screen.say(Tone::Heading, &text);
        if let Some(snapshot) = self.session.timeline().last() {
            for line in self.picture(snapshot) {
                self.screen.text(&(line + "\n"));
            }
        }
        self.verdicts();
    }

    async fn help(&mut self, about: Option<&str>) -> Vec<Event> {
        let lang = self.screen.lang;
        let text = match about {
            None => words::help::overview(lang),
            Some(topic) => {
                words::help::help(lang, topic).unwrap_or_else(|| words::help::overview(lang))
            }
        };
        let text = terminal::two_columns(text.trim_end(), &self.screen.look);
        self.paged(&text).await
    }

    pub(super) fn tell(&self, failure: Failure) {
        let (_, text) = failure.told(self.screen.lang);
        let text = words::command::meant(&text, &self.screen.meant).into_owned();
        match text.contains('\n') {
            // A report with carets has lines of its own.
            true => self.screen.text(&(text + "\n")),
            false => self.screen.say(Tone::Bad, &text),
        }
    }

    /// The program's own commands at a step's entry.
    async fn own_commands(&mut self, place: Place) {
        let up = self.session.timeline().last().is_some_and(|last| last.up);
        let Some(step) = place.step(self.session.course()).cloned() else {
            return;
        };
        if !up {
            return;
        }
        self.enter(&step).await;
    }

    /// What is run is named, what it prints is not shown; a failure is told.
    async fn enter(&mut self, step: &Step) {
        self.executor.quiet = true;
        let mut player = Player {
            session: &mut self.session,
            executor: &mut self.executor,
            clock: self.clock,
        };
        let entered = player.enter(step).await;
        self.executor.quiet = false;
        match entered {
            Ok(reports) => {
                for report in reports {
                    let (tone, text) = match (&report.error, report.exit) {
                        (Some(error), _) => (Tone::Bad, format!("$ {}: {error}", report.command)),
                        (None, 0) => (Tone::Dim, format!("$ {}", report.command)),
                        (None, code) => (Tone::Bad, format!("$ {} ({code})", report.command)),
                    };
                    self.screen.say(tone, &text);
                }
            }
            Err(failure) => self.tell(failure),
        }
    }

    async fn cleanup(&mut self, place: Place) {
        let Some(step) = place.step(self.session.course()).cloned() else {
            return;
        };
        let as_setup = Step {
            setup: step.cleanup,
            ..Step::default()
        };
        self.enter(&as_setup).await;
    }

    fn picture(&self, snapshot: &Snapshot) -> Vec<String> {
        let nodes: Vec<String> = self
            .executor
            .plan
            .compose
            .nodes()
            .map(|node| node.name.clone())
            .collect();
        terminal::map(snapshot, &nodes, &self.screen.look, self.screen.lang)
    }

    /// The live map. On a terminal any key leaves `watch`; Ctrl-C leaves both.
    async fn map(&mut self, until_settled: bool) {
        let live = !self.is_script() && !self.screen.look.plain;
        if !live && !until_settled {
            if let Ok(snapshot) = look(&self.executor.lab, self.clock).await {
                for line in self.picture(&snapshot) {
                    self.screen.text(&(line + "\n"));
                }
            }
            return;
        }
        self.forget_interrupts();
        self.poller.pace(Pace::Eager);
        let raw = (live && !until_settled).then(RawMode::enter);
        let mut keys = match raw {
            Some(Ok(_)) => Stdin::attach().ok(),
            _ => None,
        };
        let rows = size().map(|size| size.rows);
        let mut region = Live::new(self.screen.clone(), &self.screen.look, rows);
        let deadline = self.clock.now() + SETTLES_WITHIN;
        let mut fails_since = None;
        if raw.is_some() {
            let text = words::cli::leave_map(self.screen.lang);
            self.screen.text(&format!("{text}\r\n"));
        }
        loop {
            tokio::select! {
                Some(look) = self.poller.looks.recv() => {
                    let Ok(snapshot) = look else { break };
                    self.session.note(std::sync::Arc::clone(&snapshot));
                    let _ = region.draw(&self.picture(&snapshot));
                    let now = self.clock.now();
                    fails_since = match snapshot.fails() {
                        true => fails_since.or(Some(now)),
                        false => None,
                    };
                    // What fails again and again is told by the verdict.
                    let fails = fails_since.is_some_and(|since| now > since + FAILS_FOR);
                    if until_settled && (snapshot.at_rest() || fails || now > deadline) {
                        break;
                    }
                }
                _ = key(&mut keys) => break,
                _ = self.interrupts.recv() => break,
            }
        }
        drop(keys);
        drop(raw);
        let _ = region.finish();
    }

    /// Waits for the step's checks, with a word about it; Ctrl-C stops waiting.
    async fn wait_for_checks(&mut self, within: Duration) {
        self.forget_interrupts();
        let deadline = self.clock.now() + within;
        self.poller.pace(Pace::Eager);
        while self.session.waits() && self.clock.now() < deadline {
            self.ask_http_if_wanted();
            tokio::select! {
                Some(look) = self.poller.looks.recv() => {
                    if let Ok(snapshot) = look {
                        Box::pin(self.feed(Event::Looked(snapshot))).await;
                    }
                }
                Some(probe) = self.answers.1.recv() => {
                    self.asking = false;
                    Box::pin(self.feed(Event::Answered(probe))).await;
                }
                _ = self.interrupts.recv() => return,
            }
        }
    }
}

async fn key(keys: &mut Option<crate::terminal::tty::Keys>) -> Vec<u8> {
    match keys {
        Some(keys) => keys.read().await.unwrap_or_default(),
        None => std::future::pending().await,
    }
}

/// Whether a line at the end of a full screen asks for the rest. `more` does,
/// since that is what the prompt there calls it; as a verb it would show the
/// whole step once more.
fn turns_the_page(line: &str) -> bool {
    matches!(line.trim(), "" | "more")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn enter_and_more_turn_the_page() {
        for line in ["", "  ", "more", " more "] {
            assert!(turns_the_page(line), "{line:?}");
        }
        for line in ["q", "next", "more please", "docker ps"] {
            assert!(!turns_the_page(line), "{line:?}");
        }
    }
}
