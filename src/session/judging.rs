//! Judging the step's checks on the timeline, and what of it is worth a word.

use std::time::Duration;

use super::{Effect, Session, Status, entry};
use crate::check::{LabShape, Verdict, judge_all};

impl Session {
    pub(super) fn judge(&mut self) -> Vec<Effect> {
        let Some(step) = self.step() else {
            return Vec::new();
        };
        let was_met = self.announced;
        let was_broken = self.broken();
        let were_met = self.count_met();
        let has_something = !step.checks.is_empty() || !step.solution.is_empty();
        let mut checks = step.checks.clone();
        if self.hasty {
            for check in &mut checks {
                check.stable_for = Duration::ZERO;
            }
        }
        self.verdicts = judge_all(&checks, &self.timeline, &self.shape());
        if !self.play
            && !was_met
            && self
                .broken()
                .iter()
                .any(|check| !was_broken.contains(check))
        {
            // A wrong turn that waiting does not mend is told at once.
            return vec![Effect::Verdicts];
        }
        if !self.play && !was_met && !self.is_met() && self.count_met() > were_met {
            // Half of a step is worth a word, too.
            return vec![Effect::Verdicts];
        }
        if self.play || was_met || !has_something || !self.is_met() {
            return Vec::new();
        }
        self.announced = true;
        self.queue.clear();
        let name = self.place.name(self.course());
        let fresh = self.record.insert(name, Status::Done) != Some(Status::Done);
        let mut effects = Vec::new();
        if self.has_checks() {
            effects.push(Effect::Verdicts);
        }
        effects.extend(self.foretold());
        let met = self.step_met();
        effects.push(Effect::Say(met));
        if fresh {
            effects.push(Effect::Save);
        }
        effects
    }

    fn count_met(&self) -> usize {
        let met = self.verdicts.iter().filter(|verdict| verdict.passes());
        met.count()
    }

    /// The checks that can't come true by waiting.
    fn broken(&self) -> Vec<usize> {
        let verdicts = self.verdicts.iter().enumerate();
        verdicts
            .filter(|(_, verdict)| matches!(verdict, Verdict::Broken(_)))
            .map(|(index, _)| index)
            .collect()
    }

    pub(super) fn has_checks(&self) -> bool {
        self.step().is_some_and(|step| !step.checks.is_empty())
    }

    /// The containers of the lab at this step.
    pub fn shape(&self) -> LabShape {
        let compose = entry::compose_of(self.course(), self.place);
        let names = |node: bool| {
            compose
                .into_iter()
                .flat_map(|compose| &compose.services)
                .filter(|service| service.is_node() == node)
                .map(|service| service.name.clone())
                .collect()
        };
        LabShape {
            nodes: names(true),
            others: names(false),
        }
    }
}
