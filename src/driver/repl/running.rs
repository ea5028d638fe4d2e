//! A lab command of the learner's: carried out, and the look after it.
//!
//! At a terminal the prompt does not wait for that look: it comes back as soon
//! as the command has ended, and what the look finds is said above it. A line
//! that is sent off meanwhile is understood once the look is there.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::Repl;
use crate::driver::execute::Ended;
use crate::driver::looking::{Look, Pace, look};
use crate::model::{CommandRecord, ContainerState};
use crate::session::{Event, changes_tasks};
use crate::shell::{Action, ComposeAction, unwrap};
use crate::terminal::Tone;
use crate::words;

/// How long the lab is watched closely after a command.
pub(super) const CLOSELY: Duration = Duration::from_secs(60);

/// A command that has ended, and the look after it.
pub(super) struct After {
    record: Option<CommandRecord>,
    look: tokio::task::JoinHandle<Look>,
}

/// The look after a command; never where there was none.
pub(super) async fn seen_after(after: &mut Option<After>) -> (Option<CommandRecord>, Look) {
    let Some(waiting) = after else {
        return std::future::pending().await;
    };
    let seen = match (&mut waiting.look).await {
        Ok(seen) => seen,
        Err(failed) => std::panic::resume_unwind(failed.into_panic()),
    };
    let record = after.take().and_then(|after| after.record);
    (record, seen)
}

impl Repl {
    /// Whether the prompt may come back before the lab was looked at: not where
    /// nobody sees it, where a picture of the tasks comes first, or where the
    /// command made the lab or ended it.
    pub(super) fn prompt_comes_first(&self, action: &Action) -> bool {
        let pictured =
            unwrap(action).is_some_and(|(node, argv)| node.is_some() && changes_tasks(&argv));
        let of_lab = matches!(action, Action::Compose(_));
        !self.is_script() && !self.session.is_typing() && !pictured && !of_lab
    }

    /// Carries the command out and looks.
    pub(super) async fn run_action(&mut self, action: Action) -> Vec<Event> {
        let Some(record) = self.carry_out(action).await else {
            return Vec::new();
        };
        let seen = look(&self.executor.lab, self.clock).await;
        let events = self.events_after(record, seen);
        self.save_lab_up();
        events
    }

    /// Carries the command out; the look follows while the prompt is there.
    pub(super) async fn run_and_look_later(&mut self, action: Action) -> Vec<Event> {
        if let Some(record) = self.carry_out(action).await {
            let (lab, clock) = (self.executor.lab.clone(), self.clock);
            let look = tokio::spawn(async move { look(&lab, clock).await });
            self.after = Some(After { record, look });
        }
        Vec::new()
    }

    /// Waits for the look after the last command, if it is still on its way.
    pub(super) async fn settle(&mut self) {
        if self.after.is_some() {
            let seen = seen_after(&mut self.after).await;
            self.seen_after(seen).await;
        }
    }

    /// What a line wants may have come a moment ago by other hands, and a node that
    /// goes on after a pause answers in a moment: looked at once more before it is
    /// refused.
    pub(super) async fn look_for_values(&mut self, line: &str) {
        const LOOKS: usize = 3;
        for _ in 0..LOOKS {
            if !self.session.lacks_values(line) {
                return;
            }
            let Ok(seen) = look(&self.executor.lab, self.clock).await else {
                return;
            };
            let silent = seen.containers.values().any(|container| {
                let runs = container.state == ContainerState::Running;
                container.is_node && runs && container.engine.is_none()
            });
            self.feed(Event::Looked(seen)).await;
            self.set_scope();
            if !silent {
                return;
            }
        }
    }

    /// The look after a command is there.
    pub(super) async fn seen_after(&mut self, (record, seen): (Option<CommandRecord>, Look)) {
        for event in self.events_after(record, seen) {
            self.feed(event).await;
        }
        self.save_lab_up();
        self.set_scope();
    }

    /// Carries the command out. None: it was not begun.
    async fn carry_out(&mut self, action: Action) -> Option<Option<CommandRecord>> {
        let up = matches!(action, Action::Compose(ComposeAction::Up { .. }));
        if up {
            self.plan_for_here();
            if !self.consent().await {
                return None;
            }
        }
        // Ctrl-C pressed before this command is not meant for it.
        self.forget_interrupts();
        self.poller.pace(Pace::Beside);
        let result = self.executor.execute(&action).await;
        if up && let Some(task) = self.preparing.take() {
            // `up` has waited for it, or was interrupted.
            if task.is_finished() {
                let _ = task.await;
            } else {
                self.preparing = Some(task);
            }
        }
        self.busy_until = self.clock.now() + CLOSELY;
        let exit = match result {
            Ok(ended) => {
                if ended == Ended::Interrupted {
                    self.screen.text("^C\n");
                }
                self.tell_silent_failure(&action, ended);
                ended.code()
            }
            Err(failure) => {
                self.tell(failure);
                1
            }
        };
        self.forget_interrupts();
        let at = self.clock.now();
        let record = unwrap(&action).map(|(node, argv)| CommandRecord {
            at,
            node,
            argv,
            exit,
        });
        if let Some(record) = &record {
            self.session.note_act(record);
        }
        Some(record)
    }

    /// A command that failed without a word would look like one that did well.
    fn tell_silent_failure(&self, action: &Action, ended: Ended) {
        let Ended::Exit(code) = ended else { return };
        let silent = !self.executor.printed.load(Ordering::Relaxed);
        if matches!(action, Action::Exec(_)) && code != 0 && silent {
            let text = words::cli::failed_silently(self.screen.lang, code);
            self.screen.say(Tone::Dim, &text);
        }
    }

    /// What a command and the look after it are to the session.
    fn events_after(&mut self, record: Option<CommandRecord>, seen: Look) -> Vec<Event> {
        // What held while the command ran counts for how long it has held.
        while let Ok(look) = self.poller.looks.try_recv() {
            if let Ok(snapshot) = look {
                self.session.note(snapshot);
            }
        }
        let mut events: Vec<Event> = record.map(Event::Ended).into_iter().collect();
        match seen {
            Ok(snapshot) => {
                // Seen before the command is noted, so that what comes next
                // (a token, a node's name) has its value.
                self.session.note(Arc::clone(&snapshot));
                events.push(Event::Looked(snapshot));
            }
            Err(error) => self.tell(error.into()),
        }
        events
    }

    pub(super) fn save_lab_up(&mut self) {
        let up = self.session.timeline().last().is_some_and(|last| last.up);
        if up != self.progress.lab_up {
            self.save();
        }
    }

    pub(super) fn forget_interrupts(&mut self) {
        use futures_util::FutureExt;
        while self.interrupts.recv().now_or_never().is_some() {}
    }
}
