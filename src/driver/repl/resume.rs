//! What was found at the first look, held against progress; and `repair`.

use super::Repl;
use crate::driver::looking::Pace;
use crate::driver::mending::{self, kinds};
use crate::model::fault::mends;
use crate::session::Event;
use crate::terminal::Tone;
use crate::words;

impl Repl {
    /// Names what is not as progress says and offers three ways to go on;
    /// `true` where progress should be written anew.
    pub(super) fn compare_with_progress(&mut self) -> bool {
        // What could not be looked at is not gone.
        if self.blind {
            return false;
        }
        let up = self.session.timeline().last().is_some_and(|last| last.up);
        let lang = self.screen.lang;
        let differs = up != self.progress.lab_up;
        if self.progress.lab_up && !up {
            self.screen.say(Tone::Warn, words::cli::lab_gone(lang));
            self.offer();
            return true;
        }
        let faults = self.session.faults();
        self.session.acknowledge_faults();
        let drift = self.session.drift();
        if drift.is_empty() && faults.is_empty() {
            return differs;
        }
        self.screen.say(Tone::Warn, words::cli::drifted(lang));
        for kind in kinds(&faults) {
            self.screen
                .say(Tone::Warn, &words::fault::faults(lang, &kind));
        }
        let (checks, verdicts): (Vec<_>, Vec<_>) = drift.into_iter().unzip();
        self.screen.verdicts(&checks, &verdicts);
        self.offer();
        differs
    }

    /// Three ways to go on. Nobody is asked who gave `--yes` or a script.
    fn offer(&mut self) {
        if self.options.yes || self.is_script() {
            return self.goes_on();
        }
        let lang = self.screen.lang;
        // What nobody can mend is not offered to be.
        let now = self.session.timeline().last();
        let repair = now.is_some_and(|now| !mends(&self.session.faults(), now).is_empty());
        self.screen
            .say(Tone::Text, words::fault::offer(lang, repair));
        self.session.offer(repair);
    }

    /// Mends the lab, and shows what became of the step.
    pub(super) async fn repair(&mut self) -> Vec<Event> {
        self.plan_for_here();
        let up = self.session.timeline().last().is_some_and(|last| last.up);
        if !up && !self.consent().await {
            return Vec::new();
        }
        self.forget_interrupts();
        self.poller.pace(Pace::Rest);
        let result = mending::repair(&mut self.executor, &mut self.session, self.clock).await;
        // What the poller saw on the way is no news of the lab as it is now.
        while self.poller.looks.try_recv().is_ok() {}
        match result {
            Ok(mended) if mended.interrupted => self.screen.text("^C\n"),
            Ok(_) => {}
            Err(failure) => self.tell(failure),
        }
        self.forget_interrupts();
        self.session.acknowledge_faults();
        self.save_lab_up();
        self.busy_until = self.clock.now() + super::running::CLOSELY;
        match crate::driver::looking::look(&self.executor.lab, self.clock).await {
            Ok(seen) => vec![Event::Looked(seen)],
            Err(_) => Vec::new(),
        }
    }

    /// The safe way of the three.
    pub(super) fn goes_on(&self) {
        self.screen
            .say(Tone::Dim, words::fault::goes_on(self.screen.lang));
    }
}
