//! `goto`, `reset` and `replay`: the lab is made anew and the steps before are
//! played, through the same shell and on the same checks.

use super::Repl;
use crate::driver::Failure;
use crate::driver::headless::{begin_anew, on_the_way};
use crate::driver::looking::Pace;
use crate::driver::player::Player;
use crate::session::{Effect, Event, Place};
use crate::terminal::{Mark, Tone};
use crate::words;

impl Repl {
    pub(super) async fn travel(
        &mut self,
        to: Place,
        path: Vec<Place>,
        replay: bool,
        in_place: bool,
    ) -> Vec<Event> {
        let from = self.session.place();
        if !path.is_empty() && !self.consent().await {
            return vec![Event::NotArrived];
        }
        self.forget_interrupts();
        self.poller.pace(Pace::Rest);
        let began = self.clock.now();
        let mut interrupts = std::mem::replace(&mut self.interrupts, never());
        let result = tokio::select! {
            result = self.make_entry(&path, in_place) => Some(result),
            _ = interrupts.recv() => None,
        };
        self.interrupts = interrupts;
        self.executor.quiet = false;
        // What the poller saw on the way is no news of the lab as it is now.
        while self.poller.looks.try_recv().is_ok() {}
        let lang = self.screen.lang;
        match result {
            Some(Ok(())) => {
                self.session.handle(Event::Arrived(to, self.clock.now()));
                let seconds = (self.clock.now() - began).as_secs_f64();
                let name = to.name(self.session.course());
                self.screen
                    .say(Tone::Good, &words::cli::arrived(lang, &name, seconds));
                if let Ok(seen) = crate::driver::looking::look(&self.executor.lab, self.clock).await
                {
                    self.session.note(seen);
                }
                self.busy_until = self.clock.now();
                self.queue_replay = replay;
                vec![Event::Arrived(to, self.clock.now())]
            }
            Some(Err(failure)) => {
                self.tell(failure);
                self.screen.say(Tone::Warn, words::cli::not_arrived(lang));
                self.session.handle(Event::Arrived(from, self.clock.now()));
                vec![Event::NotArrived]
            }
            None => {
                self.screen.say(Tone::Warn, words::cli::not_arrived(lang));
                self.session.handle(Event::Arrived(from, self.clock.now()));
                vec![Event::NotArrived]
            }
        }
    }

    async fn make_entry(&mut self, path: &[Place], in_place: bool) -> Result<(), Failure> {
        if let Some(task) = self.preparing.take() {
            task.abort();
            let _ = task.await;
        }
        self.executor.background = None;
        begin_anew(&self.executor.lab, in_place).await?;
        for &place in path {
            self.session.handle(Event::Arrived(place, self.clock.now()));
            self.plan_for_here();
            self.executor.quiet = true;
            let how = on_the_way(in_place, false);
            let played = Player {
                session: &mut self.session,
                executor: &mut self.executor,
                clock: self.clock,
            }
            .play(place, how)
            .await?;
            self.executor.quiet = false;
            let name = place.name(self.session.course());
            if played.met {
                if !played.commands.is_empty() {
                    let (sign, tone) = self.screen.look.mark(Mark::Done);
                    let line = format!("{sign} {name}  {:.1} s", played.seconds);
                    self.screen.say(tone, &line);
                }
                continue;
            }
            self.screen
                .say(Tone::Bad, &words::cli::step_failed(self.screen.lang, &name));
            for command in played.commands.iter().filter(|command| command.exit != 0) {
                let said = command.error.as_deref().unwrap_or_default();
                self.screen.say(
                    Tone::Bad,
                    &format!("`{}` ({}) {said}", command.command, command.exit),
                );
            }
            if let Some(step) = place.step(self.session.course()) {
                self.screen.verdicts(&step.checks, &played.verdicts);
            }
        }
        Ok(())
    }

    pub(super) fn is_replaying(&self) -> bool {
        self.queue_replay
    }

    /// `replay`, once there.
    pub(super) async fn replay_if_wanted(&mut self) {
        if std::mem::take(&mut self.queue_replay) {
            for effect in self.session.replay() {
                self.perform_and_follow(effect).await;
            }
        }
    }

    async fn perform_and_follow(&mut self, effect: Effect) {
        for event in self.perform(effect).await {
            self.feed(event).await;
        }
    }
}

/// A stand-in while the real listener is borrowed.
fn never() -> tokio::signal::unix::Signal {
    // SIGURG is ignored by default and sent by nobody; the listener only has to exist.
    tokio::signal::unix::signal(tokio::signal::unix::SignalKind::from_raw(23))
        .expect("a listener for SIGURG can be made")
}
