//! Looking at the lab again and again: one poller for each lab.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::time::Instant;

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

/// Moments to look at, this far apart: none is made up for that a look has taken,
/// or a slow machine would do nothing but be looked at.
pub fn every(period: Duration) -> tokio::time::Interval {
    let mut moments = tokio::time::interval(period);
    moments.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    moments
}

/// What was seen, or why nothing could be.
pub type Look = Result<Arc<Snapshot>, LabError>;

/// Looks once, with the time. A look that was begun is carried to its end, also
/// when nobody waits for it any more: a request that is given up takes its
/// connection with it, and a new one costs a command in the node.
pub async fn look(lab: &Lab, clock: Clock) -> Look {
    let lab = lab.clone();
    let looking = tokio::spawn(async move { lab.observe().await });
    let mut snapshot = match looking.await {
        Ok(seen) => seen?,
        Err(failed) => std::panic::resume_unwind(failed.into_panic()),
    };
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
            let mut last = None;
            loop {
                let pace = *told.borrow_and_update();
                if let Some(every) = pace.every() {
                    // A command has the machine for itself at first.
                    let from = match pace {
                        Pace::Beside => Some(Instant::now()),
                        _ => last,
                    };
                    let due = from.map(|from| from + every);
                    let sleep = async {
                        if let Some(due) = due {
                            tokio::time::sleep_until(due).await;
                        }
                    };
                    tokio::select! {
                        () = sleep => {}
                        changed = told.changed() => match changed {
                            Ok(()) => continue,
                            Err(_) => return,
                        },
                    }
                    if send.send(look(&lab, clock).await).is_err() {
                        return;
                    }
                    last = Some(Instant::now());
                } else if told.changed().await.is_err() {
                    return;
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
