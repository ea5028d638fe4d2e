//! Looking at the lab again and again: one poller for each lab.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, watch};

use super::Clock;
use crate::lab::{Lab, LabError};
use crate::model::Snapshot;

/// How often the lab is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// Something waits: a check, a map, a reset.
    Eager,
    /// A command runs and has the machine for itself; what holds meanwhile is
    /// noted for `stable_for`.
    Beside,
    /// The learner reads or types.
    Calm,
    /// Not at all.
    Rest,
}

impl Pace {
    fn every(self) -> Option<Duration> {
        match self {
            Pace::Eager => Some(Duration::from_millis(50)),
            Pace::Beside => Some(Duration::from_millis(250)),
            Pace::Calm => Some(Duration::from_secs(2)),
            Pace::Rest => None,
        }
    }
}

/// What was seen, or why nothing could be.
pub type Look = Result<Arc<Snapshot>, LabError>;

/// Looks once, with the time.
pub async fn look(lab: &Lab, clock: Clock) -> Look {
    let mut snapshot = lab.observe().await?;
    snapshot.at = clock.now();
    Ok(Arc::new(snapshot))
}

/// A task that looks at the pace it is told.
pub struct Poller {
    /// Looks in their order.
    pub looks: mpsc::UnboundedReceiver<Look>,
    pace: watch::Sender<Pace>,
    task: tokio::task::JoinHandle<()>,
}

impl Poller {
    /// Begins at `Rest`.
    pub fn start(lab: Lab, clock: Clock) -> Poller {
        let (pace, mut told) = watch::channel(Pace::Rest);
        let (send, looks) = mpsc::unbounded_channel();
        let task = tokio::spawn(async move {
            loop {
                let every = told.borrow_and_update().every();
                if every.is_some() && send.send(look(&lab, clock).await).is_err() {
                    return;
                }
                let paused = async {
                    match every {
                        Some(every) => tokio::time::sleep(every).await,
                        None => std::future::pending().await,
                    }
                };
                tokio::select! {
                    () = paused => {}
                    changed = told.changed() => if changed.is_err() { return },
                }
            }
        });
        Poller { looks, pace, task }
    }

    /// From now on at this pace; a quicker one takes effect at once.
    pub fn pace(&self, pace: Pace) {
        self.pace.send_if_modified(|now| {
            let changed = *now != pace;
            *now = pace;
            changed
        });
    }
}

impl Drop for Poller {
    fn drop(&mut self) {
        self.task.abort();
    }
}
