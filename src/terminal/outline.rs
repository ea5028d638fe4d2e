//! The lessons and steps of a course with how far the learner is.

use super::look::{Look, Mark, Tone};
use super::say::{hanging, marked};
use super::text::{Line, paint_all};
use super::wrap::Inline;
use crate::lesson::{Course, Lesson, Step};
use crate::words::{Lang, screen};

/// How much of a course is listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// Only the lessons.
    Lessons,
    /// The lessons and their steps.
    Steps,
}

/// The course as a list, each line with its line end. `mark` tells of each
/// step whether it is `Done`, `Current`, `Skipped` or `Open`.
pub fn course_list(
    course: &Course,
    detail: Detail,
    mark: &dyn Fn(&Lesson, &Step) -> Mark,
    look: &Look,
    lang: Lang,
) -> String {
    let columns = look.measure();
    let mut lines = Inline::of(Tone::Heading, &course.title).wrap(columns);
    if course.lessons.is_empty() {
        lines.extend(Inline::of(Tone::Dim, screen::no_lessons(lang)).wrap(columns));
    }
    for lesson in &course.lessons {
        let marks: Vec<Mark> = lesson.steps.iter().map(|step| mark(lesson, step)).collect();
        if detail == Detail::Steps {
            lines.push(Line::default());
        }
        lines.extend(lesson_lines(lesson, &marks, look, lang));
        if detail == Detail::Steps {
            for (step, &mark) in lesson.steps.iter().zip(&marks) {
                lines.extend(entry("  ", mark, &step.title, &step.id, look));
            }
        }
    }
    paint_all(&lines, look)
}

fn lesson_lines(lesson: &Lesson, marks: &[Mark], look: &Look, lang: Lang) -> Vec<Line> {
    let behind = |mark: &Mark| matches!(mark, Mark::Done | Mark::Skipped);
    let done = marks.iter().filter(|mark| behind(mark)).count();
    let whole = if marks.contains(&Mark::Current) {
        Mark::Current
    } else if !marks.is_empty() && marks.iter().all(|mark| *mark == Mark::Skipped) {
        Mark::Skipped
    } else if !marks.is_empty() && done == marks.len() {
        Mark::Done
    } else {
        Mark::Open
    };
    let progress = screen::lesson_progress(lang, done, marks.len(), lesson.minutes);
    let mut text = Inline::of(Tone::Strong, &lesson.title);
    text.push(Tone::Dim, &format!(" ({}) {progress}", lesson.id));
    let lead = marked(whole, look);
    let rest = Line::default().pad_to(lead.width()).clone();
    hanging(&lead, &rest, &text, look.measure())
}

fn entry(indent: &str, mark: Mark, title: &str, id: &str, look: &Look) -> Vec<Line> {
    let mut lead = Line::of(Tone::Text, indent);
    lead.append(marked(mark, look));
    let rest = Line::default().pad_to(lead.width()).clone();
    let tone = match mark {
        Mark::Current => Tone::Strong,
        _ => Tone::Text,
    };
    let mut text = Inline::of(tone, title);
    text.push(Tone::Dim, &format!(" ({id})"));
    hanging(&lead, &rest, &text, look.measure())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn course() -> Course {
        let step = |id: &str, title: &str| Step {
            id: id.into(),
            title: title.into(),
            ..Step::default()
        };
        let lesson = |id: &str, title: &str, steps: Vec<Step>| Lesson {
            id: id.into(),
            title: title.into(),
            minutes: Some(10),
            steps,
            ..Lesson::default()
        };
        Course {
            id: "basics".into(),
            title: "Docker Swarm".into(),
            summary: String::new(),
            lessons: vec![
                lesson(
                    "first",
                    "A first swarm",
                    vec![step("intro", "What it is"), step("init", "Make a swarm")],
                ),
                lesson(
                    "scale",
                    "Scale",
                    vec![
                        step("one", "One task"),
                        step("six", "Six tasks on four nodes"),
                        step("rm", "Remove it"),
                    ],
                ),
            ],
        }
    }

    #[test]
    fn marks_say_how_far_the_learner_is() {
        let mark = |_: &Lesson, step: &Step| match step.id.as_str() {
            "intro" | "one" => Mark::Done,
            "init" => Mark::Skipped,
            "six" => Mark::Current,
            _ => Mark::Open,
        };
        let shown = course_list(&course(), Detail::Steps, &mark, &Look::plain(44), Lang::En);
        insta::assert_snapshot!(shown);
        let look = Look {
            unicode: true,
            plain: false,
            ..Look::plain(60)
        };
        let shown = course_list(&course(), Detail::Lessons, &mark, &look, Lang::Ko);
        insta::assert_snapshot!(shown);
    }
}
