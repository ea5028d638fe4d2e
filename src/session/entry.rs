//! What makes a step's entry state: the steps before it that have to be done,
//! in order, following `requires` and the steps of its own lesson.

use super::place::{Named, Place, resolve};
use crate::lesson::{Course, Lesson};
use crate::model::Compose;

/// The steps whose setup and solution make the state in which `place` begins,
/// in order. Its own `setup` is not among them.
pub fn path(course: &Course, place: Place) -> Vec<Place> {
    let mut steps = Vec::new();
    into_entry(course, place, &mut steps, &mut Vec::new());
    steps
}

fn into_entry(course: &Course, place: Place, steps: &mut Vec<Place>, open: &mut Vec<Place>) {
    // A cycle of `requires` is a problem of the course; here it only must end.
    if open.contains(&place) {
        return;
    }
    open.push(place);
    let Some(lesson) = place.lesson(course) else {
        return;
    };
    for required in &lesson.requires {
        let Named::One(found) = resolve(course, place, required) else {
            continue;
        };
        let end = match course.lesson(required) {
            Some(whole) => whole.steps.len(),
            None => found.step + 1,
        };
        let begin = Place {
            lesson: found.lesson,
            step: 0,
        };
        into_entry(course, begin, steps, open);
        for step in 0..end {
            add(steps, found.lesson, step);
        }
    }
    for step in 0..place.step {
        add(steps, place.lesson, step);
    }
    open.pop();
}

fn add(steps: &mut Vec<Place>, lesson: usize, step: usize) {
    let place = Place { lesson, step };
    if !steps.contains(&place) {
        steps.push(place);
    }
}

/// The lesson whose compose file is the lab of `place`: its own, else that of a
/// lesson it requires, else the next one's in the course.
pub fn lab_of(course: &Course, place: Place) -> Option<&Lesson> {
    own_lab(course, place, 0).or_else(|| {
        let mut after = course.lessons.iter().skip(place.lesson);
        after.find(|lesson| lesson.compose.is_some())
    })
}

fn own_lab(course: &Course, place: Place, depth: usize) -> Option<&Lesson> {
    let lesson = place.lesson(course)?;
    if lesson.compose.is_some() {
        return Some(lesson);
    }
    if depth > course.lessons.len() {
        return None;
    }
    lesson.requires.iter().rev().find_map(|required| {
        let Named::One(found) = resolve(course, place, required) else {
            return None;
        };
        own_lab(course, found, depth + 1)
    })
}

/// The compose file of `place`.
pub fn compose_of(course: &Course, place: Place) -> Option<&Compose> {
    lab_of(course, place)?.compose.as_ref()
}

/// The images that the whole course needs, each once, so that no lesson has to
/// load anything when it begins.
pub fn images(course: &Course) -> Vec<String> {
    let mut images: Vec<String> = Vec::new();
    for image in course.lessons.iter().flat_map(|lesson| &lesson.images) {
        if !images.contains(image) {
            images.push(image.clone());
        }
    }
    images
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lesson::Step;

    fn course() -> Course {
        let lesson = |id: &str, requires: &[&str], steps: usize| Lesson {
            id: id.into(),
            requires: requires.iter().map(|&r| r.into()).collect(),
            steps: (0..steps)
                .map(|n| Step {
                    id: format!("{id}{n}"),
                    ..Step::default()
                })
                .collect(),
            ..Lesson::default()
        };
        let mut course = Course {
            lessons: vec![
                lesson("cluster", &[], 2),
                lesson("swarm", &["cluster"], 3),
                lesson("service", &["swarm/swarm1"], 2),
            ],
            ..Course::default()
        };
        course.lessons[0].compose = Some(Compose::default());
        course
    }

    fn names(course: &Course, lesson: usize, step: usize) -> Vec<String> {
        path(course, Place { lesson, step })
            .iter()
            .map(|place| place.name(course))
            .collect()
    }

    #[test]
    fn an_entry_follows_requires_and_the_steps_before() {
        let course = course();
        assert_eq!(names(&course, 0, 0), [""; 0]);
        assert_eq!(
            names(&course, 1, 1),
            ["cluster/cluster0", "cluster/cluster1", "swarm/swarm0"]
        );
        assert_eq!(
            names(&course, 2, 0),
            [
                "cluster/cluster0",
                "cluster/cluster1",
                "swarm/swarm0",
                "swarm/swarm1"
            ]
        );
    }

    #[test]
    fn the_lab_is_that_of_the_lesson_it_builds_on() {
        let course = course();
        let lab = lab_of(&course, Place { lesson: 2, step: 0 });
        assert_eq!(lab.map(|lesson| lesson.id.as_str()), Some("cluster"));
    }
}
