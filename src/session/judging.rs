//! Judging the step's checks on the timeline, and what of it is worth a word.

use std::time::Duration;

use super::{Effect, Place, Session, Status, entry};
use crate::check::{LabShape, Verdict, judge_all};
use crate::model::CommandRecord;
use crate::shell::{Action, Touches, docker, touches, understand, unwrap};

/// How long the lab has to be at rest until what a detour has led to is told;
/// what the program asks for itself (a request, an image) is known by then.
const RESTS: Duration = Duration::from_secs(1);

/// A command of the learner's that changes the lab and is none of the step's. It
/// may be as good as those: then the step is met. It may be a wrong turn that
/// leaves a check merely not yet true: then the verdicts are told once.
#[derive(Clone, Debug)]
pub(super) struct Detour {
    /// It is a command as the step has one, otherwise given.
    tries: bool,
    /// The verdicts when it began; `None` where what comes of it in the lab's
    /// containers is a fault or a repair, and told as such.
    before: Option<Vec<Verdict>>,
    /// When it ended or, later, when the lab last moved.
    moved: Option<Duration>,
}

impl Session {
    pub(super) fn judge(&mut self) -> Vec<Effect> {
        let mut effects = self.judged();
        if effects.contains(&Effect::Verdicts) {
            self.detour = None;
        } else if self.led_nowhere() {
            effects.push(Effect::Verdicts);
        }
        effects
    }

    /// A command of the learner's is carried out.
    pub(super) fn begin_detour(&mut self, action: &Action) {
        let in_docker = |action: &Action| match action {
            Action::Exec(exec) => exec.argv.first().is_some_and(|it| it == "docker"),
            _ => true,
        };
        let changes = match touches(action) {
            Touches::Nothing => false,
            Touches::Lab | Touches::Swarm | Touches::Services => true,
            Touches::Unknown => in_docker(action),
        };
        let own = self.own_actions();
        let is_own = own.iter().any(|own| unwrap(own) == unwrap(action));
        self.detour = (changes && self.queue.is_empty() && !is_own).then(|| Detour {
            tries: own.iter().any(|own| is_alike(own, action)),
            before: (touches(action) != Touches::Lab).then(|| self.verdicts.clone()),
            moved: None,
        });
    }

    pub(super) fn end_detour(&mut self, record: &CommandRecord) {
        // One that failed has said so itself.
        self.detour = self.detour.take().filter(|_| record.exit == 0);
        if let Some(detour) = &mut self.detour {
            detour.moved = Some(record.at);
        }
    }

    /// What the step's own commands do.
    fn own_actions(&self) -> Vec<Action> {
        let Some(step) = self.step() else {
            return Vec::new();
        };
        let scope = self.scope();
        let own = step.solution_on(self.mesh());
        own.filter_map(|command| understand(&self.mended(command).0, &scope).ok())
            .collect()
    }

    /// Whether a detour has ended, the lab has come to rest since, and the step is
    /// still not met; true once.
    fn led_nowhere(&mut self) -> bool {
        let checks = self.step().map(|step| &step.checks);
        let stable = checks.into_iter().flatten().map(|check| check.stable_for);
        let rests = RESTS + stable.max().unwrap_or_default();
        let (Some(detour), Some(now)) = (&mut self.detour, self.timeline.last()) else {
            return false;
        };
        let Some(moved) = &mut detour.moved else {
            return false;
        };
        if !now.at_rest() || !now.settled() {
            *moved = now.at.max(*moved);
            return false;
        }
        if now.at < *moved + rests {
            return false;
        }
        let Some(detour) = self.detour.take() else {
            return false;
        };
        let open = self.has_checks() && !self.play && !self.announced;
        let changed = |before: Vec<Verdict>| before != self.verdicts;
        open && (detour.tries || detour.before.is_some_and(changed))
    }

    fn judged(&mut self) -> Vec<Effect> {
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
        self.shape_of(self.place)
    }

    /// The same of the lab of another step.
    pub(super) fn shape_of(&self, place: Place) -> LabShape {
        let compose = entry::compose_of(self.course(), place);
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

/// Whether both are the same command of docker's, whatever they say to it.
fn is_alike(one: &Action, other: &Action) -> bool {
    let path = |action: &Action| {
        let (_, argv) = unwrap(action)?;
        docker::parse(&argv).ok().map(|parsed| parsed.path)
    };
    path(one).is_some_and(|one| Some(one) == path(other))
}
