//! Before the first command: the greeting, what is there already, and the lab
//! made ready in the background while the learner reads.

use super::{Reader, Repl};
use crate::driver::compose_file::Copied;
use crate::driver::travel::plan_for;
use crate::lab::LabError;
use crate::session::Status;
use crate::terminal::Tone;
use crate::words;

impl Repl {
    pub(super) fn is_script(&self) -> bool {
        matches!(self.reader, Reader::Script(_))
    }

    pub(super) fn welcome(&self) {
        let course = self.session.course();
        let done = crate::session::place::all(course)
            .filter(|(_, name)| self.session.record().get(name) == Some(&Status::Done))
            .count();
        let all = crate::session::place::all(course).count();
        let text = words::cli::welcome(self.screen.lang, &course.title, done, all);
        self.screen.say(Tone::Heading, &text);
        self.screen
            .say(Tone::Dim, words::cli::how_to(self.screen.lang));
        self.screen.text("\n");
    }

    /// A tutorial with another lab in an optional part: which one is to be used?
    pub(super) async fn offer_variants(&mut self) {
        let lesson = self.session.lesson();
        let variants = lesson.map_or(Vec::new(), |lesson| lesson.compose_variants.clone());
        if self.is_script() || self.options.yes {
            return;
        }
        for (index, (summary, compose, _)) in variants.iter().enumerate() {
            let question =
                words::cli::offer_variant(self.screen.lang, summary, compose.services.len());
            if self.yes_or_no(&question, false).await {
                self.session.use_variant(index);
                return;
            }
        }
    }

    /// The plan of the step the learner is at, its compose file put into the
    /// lab's folder.
    pub(super) fn plan_for_here(&mut self) {
        let place = self.session.place();
        match plan_for(&mut self.executor, &self.session, &self.store, place, false) {
            Ok(Copied::SetAside(path)) => {
                let text = words::cli::set_aside(self.screen.lang, &path);
                self.screen.say(Tone::Dim, &text);
            }
            Ok(Copied::Kept | Copied::Written) => {}
            Err(error) => {
                let text = words::lab::error(self.screen.lang, &error);
                self.screen.say(Tone::Warn, &text);
            }
        }
    }

    /// Consent, once; then the lab is made in the background.
    pub(super) async fn prepare_if_wanted(&mut self) {
        self.plan_for_here();
        let up = self.session.timeline().last().is_some_and(|last| last.up);
        let nothing_to_come = self.session.is_at_the_end();
        let no_lab = self.executor.plan.compose.services.is_empty();
        if up || self.blind || no_lab || nothing_to_come {
            return;
        }
        let asked = !self.progress.consent;
        if self.consent().await {
            if asked && self.progress.consent {
                self.screen
                    .say(Tone::Dim, words::cli::preparing(self.screen.lang));
                self.screen.text("\n");
            }
            self.prepare();
        }
    }

    /// Whether containers may be made; asked once, and kept.
    pub(super) async fn consent(&mut self) -> bool {
        // Who has a lab running has agreed to it.
        let up = self.session.timeline().last().is_some_and(|last| last.up);
        if self.progress.consent || self.options.yes || up {
            return true;
        }
        let needs = match self.executor.lab.needs(&self.executor.plan).await {
            Ok(needs) => needs,
            Err(error) => {
                let text = words::lab::error(self.screen.lang, &error);
                self.screen.say(Tone::Bad, &text);
                return false;
            }
        };
        if !needs.anything() {
            return true;
        }
        let nodes = self.executor.plan.compose.services.len();
        let question = words::lab::consent(self.screen.lang, &needs, nodes);
        let yes = self.yes(&question).await;
        if yes {
            self.progress.consent = true;
            self.save();
        } else if !self.quit {
            self.screen
                .say(Tone::Dim, words::cli::not_prepared(self.screen.lang));
            self.screen.text("\n");
        }
        yes
    }

    pub(super) fn prepare(&mut self) {
        let (lab, plan) = (self.executor.lab.clone(), self.executor.plan.clone());
        let (tell, news) = tokio::sync::mpsc::unbounded_channel();
        self.executor.background = Some(news);
        self.preparing = Some(tokio::spawn(async move { lab.prepare(&plan, &tell).await }));
    }

    /// The preparation ended. An error is told now, not when `up` is typed.
    pub(super) fn prepared(&mut self, result: Result<(), LabError>) {
        if let Err(error) = result {
            let text = words::lab::error(self.screen.lang, &error);
            self.screen.say(Tone::Bad, &text);
        }
    }

    /// Whatever is made in the background is left as it is.
    pub(super) async fn stop_preparing(&mut self) {
        if let Some(task) = self.preparing.take() {
            task.abort();
            let _ = task.await;
        }
        self.executor.background = None;
    }

    /// At the end nothing that was only prepared stays behind.
    pub(super) async fn leave(&mut self) {
        self.stop_preparing().await;
        self.leave_spare().await;
        self.executor.lab.settle().await;
        let up = self.session.timeline().last().is_some_and(|last| last.up);
        if up || self.blind {
            return;
        }
        if let Err(error) = self.executor.lab.discard_prepared().await {
            let text = words::lab::error(self.screen.lang, &error);
            self.screen.say(Tone::Warn, &text);
        }
    }
}
