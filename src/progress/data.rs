//! What is kept, as plain data.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::words::Lang;

/// The version of the files that this program reads and writes.
pub const FORMAT: u32 = 1;

/// How far the learner of one lab is. Steps go by their full names
/// (`course/lesson/step`), so an updated course keeps what still has its name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// `FORMAT`.
    pub format: u32,
    /// The step the learner is at.
    #[serde(default)]
    pub current: Option<String>,
    /// What happened in each step that was touched.
    #[serde(default)]
    pub steps: BTreeMap<String, StepProgress>,
    /// The lab was brought up and not taken down since.
    #[serde(default)]
    pub lab_up: bool,
    /// The languages chosen for this lab; empty: as the settings or the locale have it.
    #[serde(default)]
    pub languages: Vec<Lang>,
    /// The learner was told what the lab does to this machine, and agreed.
    #[serde(default)]
    pub consent: bool,
    /// The step whose entry was being made; it is not if the program ended since.
    #[serde(default)]
    pub journey: Option<String>,
    /// The step whose entry the program made last: what the steps before it do is
    /// in the lab, whoever did it.
    #[serde(default)]
    pub made: Option<String>,
    /// How long ways to steps take here, in percent of what is expected.
    #[serde(default = "usual_pace")]
    pub pace: u32,
}

fn usual_pace() -> u32 {
    100
}

/// One step.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepProgress {
    /// How it ended; `None`: begun.
    #[serde(default)]
    pub status: Option<Status>,
    /// When it ended, in seconds since 1970.
    #[serde(default)]
    pub when: Option<u64>,
    /// How many hints were shown.
    #[serde(default)]
    pub hints: usize,
}

/// How a step ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Its checks were met.
    Done,
    /// The learner went on without.
    Skipped,
}

/// What the user chose for all labs; written by the user as well as by us.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// `FORMAT`.
    pub format: u32,
    /// Languages to show, in this order; empty: the locale's.
    pub languages: Vec<Lang>,
    /// As `--docker`: which engine.
    pub docker: Option<String>,
    /// As `--node-image`.
    pub node_image: Option<String>,
    /// As `--spare`.
    pub spare: Spare,
}

/// Whether a spare set of engines is kept beside a lab.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Spare {
    /// Where the machine has memory and processors to spare.
    #[default]
    Auto,
    /// Always.
    On,
    /// Never.
    Off,
}

impl std::str::FromStr for Spare {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Ok(match text {
            "auto" => Spare::Auto,
            "on" => Spare::On,
            "off" => Spare::Off,
            _ => return Err(()),
        })
    }
}

impl Default for Progress {
    fn default() -> Self {
        Progress {
            format: FORMAT,
            current: None,
            steps: BTreeMap::new(),
            lab_up: false,
            languages: Vec::new(),
            consent: false,
            journey: None,
            made: None,
            pace: usual_pace(),
        }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            format: FORMAT,
            languages: Vec::new(),
            docker: None,
            node_image: None,
            spare: Spare::default(),
        }
    }
}

impl Progress {
    /// By how much this machine is slower than the one of the estimates.
    pub fn pace(&self) -> f64 {
        f64::from(self.pace) / 100.0
    }

    /// A way took so many seconds, and was expected to take so many. One way
    /// alone does not change the pace by much.
    pub fn note_pace(&mut self, took: f64, expected: f64) {
        if expected < 0.5 {
            return;
        }
        let pace = f64::from(self.pace);
        // One way that met with trouble says little of the next.
        let now = (took / expected * 100.0).clamp(pace / 2.0, pace * 1.5);
        let now = now.clamp(20.0, 1000.0);
        self.pace = ((f64::from(self.pace) + now) / 2.0).round() as u32;
    }

    /// How a step ended, by its full name.
    pub fn status(&self, step: &str) -> Option<Status> {
        self.steps.get(step)?.status
    }

    /// Hints shown in a step.
    pub fn hints(&self, step: &str) -> usize {
        self.steps.get(step).map_or(0, |step| step.hints)
    }

    /// A step ended at `when` (seconds since 1970). What was done once stays
    /// done, though it be skipped later, and keeps the time of the first.
    pub fn end(&mut self, step: &str, status: Status, when: u64) {
        let entry = self.steps.entry(step.to_owned()).or_default();
        if entry.status != Some(Status::Done) {
            entry.status = Some(status);
            entry.when = Some(when);
        }
    }

    /// `hints` hints of a step have been shown by now.
    pub fn hinted(&mut self, step: &str, hints: usize) {
        let entry = self.steps.entry(step.to_owned()).or_default();
        entry.hints = entry.hints.max(hints);
    }

    /// A step is to be as if it had never been touched.
    pub fn forget(&mut self, step: &str) {
        self.steps.remove(step);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn done_stays_done() {
        let mut progress = Progress::default();
        progress.end("c/l/a", Status::Skipped, 10);
        progress.end("c/l/a", Status::Done, 20);
        progress.end("c/l/a", Status::Skipped, 30);
        assert_eq!(progress.status("c/l/a"), Some(Status::Done));
        assert_eq!(progress.steps["c/l/a"].when, Some(20));
        progress.hinted("c/l/b", 2);
        progress.hinted("c/l/b", 1);
        assert_eq!(
            (progress.hints("c/l/b"), progress.status("c/l/b")),
            (2, None)
        );
        progress.forget("c/l/a");
        assert_eq!(progress.status("c/l/a"), None);
    }
}
