//! Where a learner is in a course, and which steps there are by name.

use crate::lesson::{Course, Lesson, Step};

/// A step of a course by position.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Index of the lesson.
    pub lesson: usize,
    /// Index of the step in it.
    pub step: usize,
}

/// What a step name refers to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Named {
    /// One step.
    One(Place),
    /// Several, by their full names.
    Ambiguous(Vec<String>),
    /// None; similar names.
    Unknown(Vec<String>),
}

impl Place {
    /// The lesson, if the place is in the course.
    pub fn lesson(self, course: &Course) -> Option<&Lesson> {
        course.lessons.get(self.lesson)
    }

    /// The step, if the place is in the course.
    pub fn step(self, course: &Course) -> Option<&Step> {
        self.lesson(course)?.steps.get(self.step)
    }

    /// The step's name inside the course, `lesson/step`.
    pub fn name(self, course: &Course) -> String {
        match (self.lesson(course), self.step(course)) {
            (Some(lesson), Some(step)) => format!("{}/{}", lesson.id, step.id),
            _ => String::new(),
        }
    }

    /// The step after this one, in the next lesson where this one ends.
    pub fn next(self, course: &Course) -> Option<Place> {
        let here = course.lessons.get(self.lesson)?;
        if self.step + 1 < here.steps.len() {
            return Some(Place {
                step: self.step + 1,
                ..self
            });
        }
        let after = course.lessons.iter().enumerate().skip(self.lesson + 1);
        first_with_steps(after)
    }

    /// The step before this one.
    pub fn back(self, course: &Course) -> Option<Place> {
        if self.step > 0 {
            return Some(Place {
                step: self.step - 1,
                ..self
            });
        }
        let mut before = course.lessons.iter().enumerate().take(self.lesson).rev();
        before
            .find(|(_, lesson)| !lesson.steps.is_empty())
            .map(|(lesson, found)| Place {
                lesson,
                step: found.steps.len() - 1,
            })
    }

    /// The first step of a course.
    pub fn first(course: &Course) -> Option<Place> {
        first_with_steps(course.lessons.iter().enumerate())
    }
}

fn first_with_steps<'c>(mut lessons: impl Iterator<Item = (usize, &'c Lesson)>) -> Option<Place> {
    lessons
        .find(|(_, lesson)| !lesson.steps.is_empty())
        .map(|(lesson, _)| Place { lesson, step: 0 })
}

/// Every step of a course in order, with its name `lesson/step`.
pub fn all(course: &Course) -> impl Iterator<Item = (Place, String)> + '_ {
    course
        .lessons
        .iter()
        .enumerate()
        .flat_map(move |(lesson, found)| {
            (0..found.steps.len()).map(move |step| {
                let place = Place { lesson, step };
                (place, place.name(course))
            })
        })
}

/// The step of a course whose full name this is: `course/lesson/step`.
pub fn by_full_name(course: &Course, full: &str) -> Option<(Place, String)> {
    let name = full.strip_prefix(&course.id)?.strip_prefix('/')?;
    all(course).find(|(_, other)| other == name)
}

/// The step that a name means: `lesson/step`, `course/lesson/step`, a step's id
/// where only one lesson has it (the current lesson's wins), a lesson's id (its
/// first step), or a number in the current lesson, from 1.
pub fn resolve(course: &Course, here: Place, name: &str) -> Named {
    let name = name.trim().trim_matches('/');
    let inside = name
        .strip_prefix(course.id.as_str())
        .and_then(|rest| rest.strip_prefix('/'))
        .unwrap_or(name);
    if let Ok(number) = inside.parse::<usize>()
        && let Some(lesson) = here.lesson(course)
        && (1..=lesson.steps.len()).contains(&number)
    {
        return Named::One(Place {
            lesson: here.lesson,
            step: number - 1,
        });
    }
    let steps: Vec<(Place, String)> = all(course).collect();
    if let Some((place, _)) = steps.iter().find(|(_, full)| full == inside) {
        return Named::One(*place);
    }
    let by_id: Vec<&(Place, String)> = steps
        .iter()
        .filter(|(place, _)| place.step(course).is_some_and(|step| step.id == inside))
        .collect();
    if let Some((place, _)) = by_id.iter().find(|(place, _)| place.lesson == here.lesson) {
        return Named::One(*place);
    }
    // A lesson's id before a step's id of another lesson: `requires: swarm` is the lesson.
    if let Some(lesson) = course.lessons.iter().position(|lesson| lesson.id == inside)
        && !course.lessons[lesson].steps.is_empty()
    {
        return Named::One(Place { lesson, step: 0 });
    }
    match by_id.as_slice() {
        [(place, _)] => return Named::One(*place),
        [] => {}
        several => {
            return Named::Ambiguous(several.iter().map(|(_, full)| full.clone()).collect());
        }
    }
    let mut similar: Vec<(f64, String)> = steps
        .iter()
        .map(|(place, full)| {
            let id = place.step(course).map_or("", |step| step.id.as_str());
            let by_full = strsim::jaro_winkler(inside, full);
            (by_full.max(strsim::jaro_winkler(inside, id)), full.clone())
        })
        .filter(|(score, _)| *score > 0.8)
        .collect();
    similar.sort_by(|a, b| b.0.total_cmp(&a.0));
    similar.truncate(3);
    Named::Unknown(similar.into_iter().map(|(_, full)| full).collect())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn course() -> Course {
        let step = |id: &str| Step {
            id: id.into(),
            ..Step::default()
        };
        let lesson = |id: &str, steps: &[&str]| Lesson {
            id: id.into(),
            steps: steps.iter().map(|id| step(id)).collect(),
            ..Lesson::default()
        };
        Course {
            id: "c".into(),
            lessons: vec![
                lesson("one", &["intro", "first"]),
                lesson("empty", &[]),
                lesson("two", &["intro", "second"]),
            ],
            ..Course::default()
        }
    }

    #[test]
    fn next_and_back_cross_lessons_and_pass_empty_ones() {
        let course = course();
        let first = Place::first(&course).unwrap();
        let mut names = vec![first.name(&course)];
        let mut place = first;
        while let Some(next) = place.next(&course) {
            assert_eq!(next.back(&course), Some(place));
            names.push(next.name(&course));
            place = next;
        }
        assert_eq!(names, ["one/intro", "one/first", "two/intro", "two/second"]);
        assert_eq!(first.back(&course), None);
    }

    #[test]
    fn names_resolve_to_the_nearest_meaning() {
        let course = course();
        let here = Place { lesson: 2, step: 1 };
        let one = |lesson, step| Named::One(Place { lesson, step });
        assert_eq!(resolve(&course, here, "one/first"), one(0, 1));
        assert_eq!(resolve(&course, here, "c/one/first"), one(0, 1));
        assert_eq!(resolve(&course, here, "first"), one(0, 1));
        assert_eq!(resolve(&course, here, "intro"), one(2, 0));
        assert_eq!(resolve(&course, here, "one"), one(0, 0));
        assert_eq!(resolve(&course, here, "2"), one(2, 1));
        assert_eq!(
            resolve(&course, Place { lesson: 1, step: 0 }, "intro"),
            Named::Ambiguous(vec!["one/intro".into(), "two/intro".into()])
        );
        assert_eq!(
            resolve(&course, here, "frist"),
            Named::Unknown(vec!["one/first".into()])
        );
    }
}
