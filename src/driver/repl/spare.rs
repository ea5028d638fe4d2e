//! The spare set: made behind the prompt while the learner reads, gone when they
//! leave.

use std::time::Duration;

use super::Repl;
use crate::lab::LabError;
use crate::progress::Spare;

/// After the learner's last command, so that nothing they wait for has to share
/// the machine with it.
const QUIET_FOR: Duration = Duration::from_secs(4);

/// Four engines at rest take 260 to 480 MiB together, and as much again while
/// they start.
const MEMORY: u64 = 4 << 30;

/// Starting four engines keeps two processors busy for two seconds.
const PROCESSORS: usize = 4;

impl Repl {
    /// Makes a spare set where one is wanted and the learner does not wait for
    /// anything.
    pub(super) fn spare_if_wanted(&mut self) {
        if self.options.spare == Spare::Off || self.sparing.is_some() {
            return;
        }
        // A set that could not become what the step wants is not tried again.
        let manager = self.session.spare_swarm(self.session.place());
        let tried = self.spared_for.as_ref() == Some(&manager);
        let lacks = self
            .session
            .timeline()
            .last()
            .is_some_and(|last| last.up && (last.spare.is_none() || !tried));
        let busy = self.clock.now() < self.busy_until + QUIET_FOR;
        if !lacks || busy || !self.wants_spare() {
            return;
        }
        let (lab, plan) = (self.executor.lab.clone(), self.executor.plan.clone());
        self.spared_for = Some(manager.clone());
        self.sparing = Some(tokio::spawn(async move {
            lab.prepare_spare(&plan, manager.as_deref()).await
        }));
    }

    /// One that can't be made is no trouble of the learner's, and is not tried again.
    pub(super) fn spared(&mut self, made: Result<(), LabError>) {
        if let Err(error) = made {
            tracing::warn!(%error, "no spare set");
            self.options.spare = Spare::Off;
        }
    }

    /// Nothing is made behind what is done now.
    pub(super) async fn stop_sparing(&mut self) {
        if let Some(task) = self.sparing.take() {
            task.abort();
            let _ = task.await;
            self.spared_for = None;
        }
    }

    /// The set goes with the prompt that it was made for.
    pub(super) async fn leave_spare(&mut self) {
        let making = self.sparing.is_some();
        self.stop_sparing().await;
        let there = self
            .session
            .timeline()
            .last()
            .is_some_and(|last| last.spare.is_some());
        if (making || there)
            && self.options.spare != Spare::On
            && let Err(error) = self.executor.lab.discard_spare().await
        {
            tracing::warn!(%error, "the spare set stays");
        }
    }

    fn wants_spare(&self) -> bool {
        match self.options.spare {
            Spare::On => true,
            Spare::Off => false,
            Spare::Auto => {
                let processors = std::thread::available_parallelism().map_or(1, usize::from);
                !self.is_script()
                    && processors >= PROCESSORS
                    && self.executor.lab.is_local()
                    && crate::lab::machine::memory_free().is_some_and(|free| free >= MEMORY)
            }
        }
    }
}
