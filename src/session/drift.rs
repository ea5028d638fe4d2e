//! Whether the lab still is what the steps before made it: the checks of those
//! steps are judged again, of each thing the last that was said of it.

use super::{Place, Session, entry};
use crate::check::{Check, Kind, Verdict, judge};

/// What a check speaks of. A later step's check of the same thing replaces an
/// earlier one's: six replicas are no drift from one.
#[derive(Clone, Debug, PartialEq, Eq)]
enum About {
    Lab,
    Nodes,
    Node(String),
    Service(String),
    Image(String),
    Registry(String),
    Stack(String),
    Network(String),
    Secret(String),
    Config(String),
}

impl About {
    /// `None`: a check of what was done, not of what is.
    fn of(kind: &Kind) -> Option<About> {
        Some(match kind {
            Kind::LabRunning { .. } | Kind::LabDown => About::Lab,
            Kind::Nodes { .. } => About::Nodes,
            Kind::Node { name, .. } => About::Node(name.clone()),
            Kind::Service(want) => About::Service(want.name.clone()),
            Kind::Image { reference, .. } => About::Image(reference.clone()),
            Kind::Registry { reference, .. } => About::Registry(reference.clone()),
            Kind::Stack { name, .. } => About::Stack(name.clone()),
            Kind::Network { name, .. } => About::Network(name.clone()),
            Kind::Secret { name, .. } => About::Secret(name.clone()),
            Kind::Config { name, .. } => About::Config(name.clone()),
            Kind::Http { .. } | Kind::Probe { .. } | Kind::Ran { .. } => return None,
        })
    }
}

impl Session {
    /// Whether the steps done so far leave a swarm.
    pub fn expects_swarm(&self) -> bool {
        let swarm = |check: &Check| matches!(check.kind, Kind::Nodes { .. } | Kind::Node { .. });
        self.so_far().iter().any(swarm)
    }

    /// The checks that the steps done so far leave true, by the learner or on
    /// the way to a step. Those that the learner skipped are not counted on.
    pub fn so_far(&self) -> Vec<Check> {
        let course = self.course();
        let made = self.made.map(|made| entry::path(course, made));
        let made = made.unwrap_or_default();
        // The step itself counts where it is done: the learner left after it.
        let steps = entry::path(course, self.place).into_iter();
        let done = steps.chain([self.place]).filter(|place| {
            made.contains(place)
                || self.record.get(&place.name(course)) == Some(&super::Status::Done)
        });
        self.expected(done)
    }

    /// Those of them that do not hold any more, with their verdicts.
    pub fn drift(&self) -> Vec<(Check, Verdict)> {
        self.not_held(&self.so_far())
    }

    /// What holds after these steps: of each thing the last check on it.
    pub fn expected(&self, steps: impl IntoIterator<Item = Place>) -> Vec<Check> {
        let mut expected: Vec<(About, Check)> = Vec::new();
        for place in steps {
            let Some(step) = place.step(self.course()) else {
                continue;
            };
            // What a step's end takes away does not outlive it.
            for check in step.checks.iter().filter(|_| step.cleanup.is_empty()) {
                let Some(about) = About::of(&check.kind) else {
                    continue;
                };
                if about == About::Lab {
                    // A lab that was taken down took all the rest with it.
                    expected.clear();
                }
                expected.retain(|(other, _)| *other != about);
                let check = Check {
                    stable_for: std::time::Duration::ZERO,
                    fail: None,
                    ..check.clone()
                };
                expected.push((about, check));
            }
        }
        expected.into_iter().map(|(_, check)| check).collect()
    }

    /// Those of the checks that do not hold now.
    pub fn not_held(&self, checks: &[Check]) -> Vec<(Check, Verdict)> {
        let shape = self.shape();
        let judged = checks
            .iter()
            .map(|check| (check.clone(), judge(check, &self.timeline, &shape)));
        judged.filter(|(_, verdict)| !verdict.passes()).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use crate::check::{Check, Kind};
    use crate::lesson::{Course, Lesson, Step};
    use crate::model::{Compose, Snapshot};
    use crate::session::{Kept, Session, Status};
    use crate::words::Lang;

    #[test]
    fn a_lab_that_is_gone_has_drifted_and_one_taken_down_has_not() {
        let step = |id: &str, kind: Kind| Step {
            id: id.into(),
            checks: vec![Check::new(kind)],
            ..Step::default()
        };
        let lesson = Lesson {
            id: "l".into(),
            compose: Some(Compose::default()),
            steps: vec![
                step("up", Kind::LabRunning { nodes: Vec::new() }),
                step("down", Kind::LabDown),
                step("last", Kind::LabDown),
            ],
            ..Lesson::default()
        };
        let course = Course {
            lessons: vec![lesson],
            ..Course::default()
        };
        let drift_at = |step: &str, done: &[&str], made: Option<&str>| {
            let mut session = Session::new(vec![(Lang::En, course.clone())], vec![], "x");
            let record = done.iter().map(|name| ((*name).to_owned(), Status::Done));
            session.resume(Kept {
                steps: record.collect(),
                at: Some(step.to_owned()),
                made: made.map(str::to_owned),
            });
            session.note(Arc::new(Snapshot::default()));
            session.drift().len()
        };
        let both = ["l/up", "l/down"];
        // Up was done, and nothing is there.
        assert_eq!(drift_at("l/up", &both, None), 1);
        // The lab is gone, as `l/down` made it.
        assert_eq!(drift_at("l/down", &both, None), 0);
        assert_eq!(drift_at("l/last", &both, None), 0);
        // Nobody did it, and it was done on the way to where the learner is.
        assert_eq!(drift_at("l/down", &[], None), 0);
        assert_eq!(drift_at("l/down", &[], Some("l/down")), 1);
        assert_eq!(drift_at("l/last", &[], Some("l/last")), 0);
    }

    #[test]
    fn of_three_ways_the_next_line_may_choose_one() {
        use crate::session::{Effect, Event};
        let course = Course {
            lessons: vec![Lesson {
                id: "l".into(),
                steps: vec![Step::default()],
                ..Lesson::default()
            }],
            ..Course::default()
        };
        let after = |line: &str| {
            let mut session = Session::new(vec![(Lang::En, course.clone())], vec![], "x");
            session.offer(true);
            let first = session.handle(Event::Line(line.to_owned()));
            // It was a choice once only.
            let second = session.handle(Event::Line("2".into()));
            assert!(!second.contains(&Effect::Repair), "{second:?}");
            first
        };
        assert_eq!(after(""), [Effect::GoesOn]);
        assert_eq!(after("1"), [Effect::GoesOn]);
        assert_eq!(after("2"), [Effect::Repair]);
        assert!(matches!(after("3").last(), Some(Effect::Survey)));
        assert_eq!(after("status"), [Effect::Status]);
        // Where nothing is broken there is nothing to repair.
        let mut session = Session::new(vec![(Lang::En, course.clone())], vec![], "x");
        session.offer(false);
        let over = session.handle(Event::Line("2".into()));
        assert!(matches!(over.last(), Some(Effect::Survey)));
    }
}
