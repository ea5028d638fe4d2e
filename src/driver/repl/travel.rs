//! `goto`, `reset` and `replay` at the prompt.

use super::Repl;
use crate::driver::looking::{Pace, look};
use crate::driver::replay::{Typed, type_out};
use crate::driver::travel::{Stuck, Traveller, survey};
use crate::session::place::by_full_name;
use crate::session::{Effect, Event, Journey, Way};
use crate::shell::Speed;
use crate::terminal::{Mark, Tone};
use crate::words;

impl Repl {
    pub(super) async fn survey(&mut self) -> Vec<Event> {
        let to = self.session.bound_for();
        // Who can't be asked is told of by the way itself.
        if let Err(error) = survey(&mut self.session, &self.executor.lab, self.clock, to).await {
            tracing::debug!(%error, "not looked at for the way");
        }
        // What the poller saw before is older than that.
        while self.poller.looks.try_recv().is_ok() {}
        vec![Event::Surveyed]
    }

    pub(super) async fn travel(&mut self, journey: Journey) -> Vec<Event> {
        let from = self.session.place();
        if journey.way == Way::Clean && !self.consent().await {
            return vec![Event::NotArrived];
        }
        self.forget_interrupts();
        self.poller.pace(Pace::Rest);
        // What is only prepared is nothing yet, and may be needed next.
        if journey.way != Way::Nothing {
            self.stop_preparing().await;
        }
        self.stop_sparing().await;
        // A program that is killed on the way is told by this where it was going.
        let name = journey.to.name(self.session.course());
        self.progress.journey = Some(self.full_name(&name));
        self.save();
        let began = self.clock.now();
        let mut interrupts = std::mem::replace(&mut self.interrupts, never());
        let screen = self.screen.clone();
        let mut passed = |step: &str, took: std::time::Duration| {
            let (sign, tone) = screen.look.mark(Mark::Done);
            let line = format!("{sign} {step}  {:.1} s", took.as_secs_f64());
            screen.say(tone, &line);
        };
        let mut traveller = Traveller::new(
            &mut self.session,
            &mut self.executor,
            &self.store,
            self.clock,
        );
        let result = tokio::select! {
            result = traveller.go(&journey, &mut passed) => Some(result),
            _ = interrupts.recv() => None,
        };
        self.interrupts = interrupts;
        self.executor.quiet = false;
        self.progress.journey = None;
        // What the poller saw on the way is no news of the lab as it is now.
        while self.poller.looks.try_recv().is_ok() {}
        let lang = self.screen.lang;
        let stopped = result.is_none();
        if stopped && let Err(error) = self.executor.lab.remove_aside().await {
            tracing::info!(%error, "what was put aside stays");
        }
        let arrived = match result {
            Some(Ok(None)) => true,
            Some(Ok(Some(stuck))) => {
                stuck.tell(&self.screen);
                false
            }
            Some(Err(failure)) => {
                self.tell(failure);
                false
            }
            None => false,
        };
        if !arrived {
            let said = words::cli::not_arrived(lang, stopped);
            self.screen.say(Tone::Warn, said);
            self.session.handle(Event::Arrived(from, self.clock.now()));
            // What the way left undone is no news either.
            if let Ok(seen) = look(&self.executor.lab, self.clock).await {
                self.session.note(seen);
            }
            self.session.acknowledge_faults();
            self.save();
            return vec![Event::NotArrived];
        }
        let took = (self.clock.now() - began).as_secs_f64();
        self.progress.note_pace(took, journey.seconds);
        self.progress.made = Some(self.full_name(&name));
        self.session.set_pace(self.progress.pace());
        self.session
            .handle(Event::Arrived(journey.to, self.clock.now()));
        self.screen
            .say(Tone::Good, &words::cli::arrived(lang, &name, took));
        self.busy_until = self.clock.now();
        self.queue_replay = journey.replay;
        vec![Event::Arrived(journey.to, self.clock.now())]
    }

    /// A way that was cut off by the program's end is gone to its end.
    pub(super) async fn take_up_journey(&mut self) {
        let Some(name) = self.progress.journey.take() else {
            return;
        };
        let Some((place, name)) = by_full_name(self.session.course(), &name) else {
            return;
        };
        let text = words::travel::taken_up(self.screen.lang, &name);
        self.screen.say(Tone::Warn, &text);
        let (journey, change) = self.session.journey(place, None);
        if !change.is_nothing() {
            let text = words::travel::will(self.screen.lang, &name, &change);
            self.screen.say(Tone::Dim, &text);
        }
        self.perform_and_follow(Effect::Travel(journey)).await;
    }

    pub(super) fn is_replaying(&self) -> bool {
        self.queue_replay.is_some()
    }

    /// `replay`, once there.
    pub(super) async fn replay_if_wanted(&mut self) {
        let Some(speed) = self.queue_replay.take() else {
            return;
        };
        if self.is_live() {
            let text = words::travel::steering(self.screen.lang);
            self.screen.say(Tone::Dim, text);
        }
        self.replaying = Some(speed);
        for effect in self.session.replay() {
            self.perform_and_follow(effect).await;
        }
        self.replaying = None;
    }

    /// A command that the program types; in a replay at the learner's pace.
    pub(super) async fn echo(&mut self, line: &str) -> Vec<Event> {
        let prompt = self.prompt();
        let live = self.replaying.is_some() && self.is_live();
        let speed = self.replaying.unwrap_or(Speed(100));
        match type_out(&self.screen, &prompt, line, speed, live).await {
            Typed::Whole => Vec::new(),
            Typed::HandedOver => {
                let text = words::travel::handed_over(self.screen.lang);
                self.screen.say(Tone::Dim, text);
                self.handed_over = true;
                vec![Event::NotArrived]
            }
        }
    }

    fn is_live(&self) -> bool {
        !self.is_script() && !self.screen.look.plain
    }

    async fn perform_and_follow(&mut self, effect: Effect) {
        for event in self.perform(effect).await {
            self.feed(event).await;
        }
    }
}

impl Stuck {
    /// What did not come out as it should, for the learner.
    pub fn tell(&self, screen: &crate::driver::Screen) {
        let lang = screen.lang;
        screen.say(Tone::Bad, &words::cli::step_failed(lang, &self.step));
        for command in &self.commands {
            let said = command.error.as_deref().unwrap_or_default();
            let line = format!("`{}` ({}) {said}", command.command, command.exit);
            screen.say(Tone::Bad, line.trim_end());
        }
        screen.verdicts(&self.checks, &self.verdicts);
    }
}

/// A stand-in while the real listener is borrowed.
fn never() -> tokio::signal::unix::Signal {
    // SIGURG is ignored by default and sent by nobody; the listener only has to exist.
    tokio::signal::unix::signal(tokio::signal::unix::SignalKind::from_raw(23))
        .expect("a listener for SIGURG can be made")
}
