//! A folder of lessons, and the rules that hold across its files.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::problem::{Problem, ProblemKind};
use super::reading::{Whole, unknown_nodes};
use super::source::{Problems, Source, nearest};
use super::{Course, Lesson, Read, markdown};
use crate::model::Compose;

/// Reads a course from the texts of its files. `files` are names with bytes,
/// `README.md` left out; the lessons come in the order of the names. Lessons
/// that can't be read at all are left out.
pub fn course(id: &str, readme: Option<&str>, files: &[(&str, &[u8])]) -> (Course, Vec<Problem>) {
    let mut sorted: Vec<&(&str, &[u8])> = files.iter().collect();
    sorted.sort_by_key(|(name, _)| *name);
    let (title, summary) = readme.map(about).unwrap_or_default();
    let mut course = Course {
        id: id.to_owned(),
        title: title.unwrap_or_else(|| id.to_owned()),
        summary: summary.unwrap_or_default(),
        lessons: Vec::new(),
    };
    let mut problems = Vec::new();
    let mut wholes = Vec::new();
    for (name, bytes) in sorted {
        let (read, whole) = Whole::read(name, bytes);
        let Read {
            lesson,
            problems: found,
        } = read;
        problems.extend(found);
        if let Some(lesson) = lesson {
            course.lessons.push(lesson);
            wholes.push(whole);
        }
    }
    problems.extend(across(&course.lessons, wholes));
    (course, problems)
}

/// The H1 and the first paragraph of the folder's README.
fn about(readme: &str) -> (Option<String>, Option<String>) {
    let (source, _) = Source::new("README.md", readme);
    if source.text.len() > super::MAX_BYTES || markdown::too_deep(&source.text).is_some() {
        return (None, None);
    }
    let document = markdown::read(&source, 0);
    let mut title = None;
    let mut summary = None;
    for piece in &document.pieces {
        match &piece.kind {
            markdown::PieceKind::Heading {
                level: 1,
                title: text,
            } => {
                title.get_or_insert_with(|| text.clone());
            }
            markdown::PieceKind::Paragraph => {
                summary.get_or_insert_with(|| {
                    let text = document.prose(&source, piece.span.clone());
                    text.split_whitespace().collect::<Vec<_>>().join(" ")
                });
            }
            _ => {}
        }
    }
    (title, summary)
}

/// The rules across files.
fn across(lessons: &[Lesson], wholes: Vec<Whole>) -> Vec<Problem> {
    let mut first: BTreeMap<&str, usize> = BTreeMap::new();
    for (index, lesson) in lessons.iter().enumerate() {
        first.entry(&lesson.id).or_insert(index);
    }
    let rings = rings(lessons, &first);
    let mut all = Vec::new();
    for (index, whole) in wholes.into_iter().enumerate() {
        let lesson = &lessons[index];
        let mut problems = Problems::new(&whole.source);
        if !lesson.annotated {
            problems.warning(0..0, ProblemKind::NotAnnotated);
        }
        if let Some(other) = first
            .get(lesson.id.as_str())
            .filter(|first| **first != index)
            && !lesson.id.is_empty()
        {
            let kind = ProblemKind::DuplicateLessonId {
                id: lesson.id.clone(),
                other: lessons[*other].file.clone(),
            };
            problems.error(whole.marks.id.clone(), kind);
        }
        for (name, span) in &whole.marks.requires {
            requirement(name, span, lessons, &first, &mut problems);
        }
        if let Some(ring) = rings.get(&index) {
            let span = whole.marks.requires.first().map(|(_, span)| span.clone());
            let kind = ProblemKind::RequirementRing(ring.clone());
            problems.error(span.unwrap_or(0..0), kind);
        }
        if let Some(compose) = inherited(index, lessons, &first) {
            unknown_nodes(whole.nodes, compose, &mut problems);
        }
        all.extend(problems.finish());
    }
    all
}

fn requirement(
    name: &str,
    span: &Range<usize>,
    lessons: &[Lesson],
    first: &BTreeMap<&str, usize>,
    problems: &mut Problems,
) {
    let (lesson, step) = match name.split_once('/') {
        Some((lesson, step)) => (lesson, Some(step)),
        None => (name, None),
    };
    let similar = match first.get(lesson) {
        None => nearest(lesson, first.keys().copied()).map(str::to_owned),
        Some(index) => {
            let Some(step) = step else { return };
            if lessons[*index].step(step).is_some() {
                return;
            }
            let ids = lessons[*index].steps.iter().map(|step| step.id.as_str());
            nearest(step, ids).map(|step| format!("{lesson}/{step}"))
        }
    };
    let name = name.to_owned();
    problems.error(
        span.clone(),
        ProblemKind::UnknownRequirement { name, similar },
    );
}

/// The lessons that a lesson requires.
fn required<'l>(
    lesson: &'l Lesson,
    first: &'l BTreeMap<&str, usize>,
) -> impl Iterator<Item = usize> + 'l {
    lesson
        .requires
        .iter()
        .filter_map(|name| first.get(name.split('/').next().unwrap_or(name)))
        .copied()
}

/// For each lesson that is in a ring with a smaller one's, nothing; for the
/// first lesson of each ring, the ids on the way round.
fn rings(lessons: &[Lesson], first: &BTreeMap<&str, usize>) -> BTreeMap<usize, Vec<String>> {
    let mut rings = BTreeMap::new();
    let mut told: BTreeSet<usize> = BTreeSet::new();
    for start in 0..lessons.len() {
        if told.contains(&start) {
            continue;
        }
        let mut seen = BTreeSet::from([start]);
        let mut path = vec![(start, required(&lessons[start], first))];
        while let Some((_, next)) = path.last_mut() {
            match next.next() {
                None => {
                    path.pop();
                }
                Some(at) if at == start => {
                    let on_way = path.iter().map(|(index, _)| *index);
                    told.extend(on_way.clone());
                    let mut ring: Vec<String> =
                        on_way.map(|index| lessons[index].id.clone()).collect();
                    ring.push(lessons[start].id.clone());
                    rings.insert(start, ring);
                    break;
                }
                Some(at) if seen.insert(at) => path.push((at, required(&lessons[at], first))),
                Some(_) => {}
            }
        }
    }
    rings
}

/// The compose file of a lesson that has none of its own: that of a lesson it
/// requires, else the first of the course.
fn inherited<'l>(
    index: usize,
    lessons: &'l [Lesson],
    first: &BTreeMap<&str, usize>,
) -> Option<&'l Compose> {
    if lessons[index].compose_text.is_some() {
        return None;
    }
    let mut seen = BTreeSet::from([index]);
    let mut queue = vec![index];
    while let Some(at) = queue.pop() {
        if let Some(compose) = &lessons[at].compose {
            return Some(compose);
        }
        for next in required(&lessons[at], first) {
            if seen.insert(next) {
                queue.push(next);
            }
        }
    }
    lessons.iter().find_map(|lesson| lesson.compose.as_ref())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn lesson(id: &str, requires: &str, body: &str) -> String {
        format!("---\nformat: 1\nid: {id}\nrequires: [{requires}]\n---\n# T\n\n{body}")
    }

    fn read(files: &[(&str, String)]) -> (Course, Vec<(String, usize, usize, ProblemKind)>) {
        let files: Vec<(&str, &[u8])> = files
            .iter()
            .map(|(name, text)| (*name, text.as_bytes()))
            .collect();
        let readme = "# Swarm basics\n\nAll you need.\n\nMore.\n";
        let (course, problems) = course("basics", Some(readme), &files);
        let problems = problems.into_iter();
        let problems = problems.map(|p| (p.file, p.line, p.column, p.kind));
        (course, problems.collect())
    }

    #[test]
    fn lessons_come_in_the_order_of_their_names() {
        let (course, problems) = read(&[
            ("20-b.md", lesson("b", "a", "x")),
            (
                "10-a.md",
                lesson("a", "", "x\n\n## One <!-- step: one -->\n"),
            ),
            ("30-c.md", lesson("c", "a/one, b/intro", "x")),
        ]);
        assert_eq!(problems, []);
        assert_eq!(course.title, "Swarm basics");
        assert_eq!(course.summary, "All you need.");
        let ids: Vec<&str> = course.lessons.iter().map(|l| l.id.as_str()).collect();
        assert_eq!(ids, ["a", "b", "c"]);
        assert!(course.lesson("b").is_some());
    }

    #[test]
    fn rules_across_files() {
        use ProblemKind::*;
        let at = |file: &str, line, column, kind| (file.to_owned(), line, column, kind);
        let (_, problems) = read(&[
            ("1.md", lesson("a", "c", "x")),
            ("2.md", lesson("b", "a", "x")),
            ("3.md", lesson("c", "b", "x")),
            ("4.md", lesson("a", "", "x")),
            ("5.md", lesson("d", "aa, a/intra", "x\n")),
            ("6.md", "# Plain\n".to_owned()),
        ]);
        assert_eq!(
            problems,
            [
                at(
                    "1.md",
                    4,
                    12,
                    RequirementRing(["a", "c", "b", "a"].map(str::to_owned).to_vec())
                ),
                at(
                    "4.md",
                    3,
                    5,
                    DuplicateLessonId {
                        id: "a".into(),
                        other: "1.md".into()
                    }
                ),
                at(
                    "5.md",
                    4,
                    12,
                    UnknownRequirement {
                        name: "aa".into(),
                        similar: None
                    }
                ),
                at(
                    "5.md",
                    4,
                    16,
                    UnknownRequirement {
                        name: "a/intra".into(),
                        similar: Some("a/intro".into())
                    }
                ),
                at("6.md", 1, 1, NotAnnotated),
            ]
        );
    }

    #[test]
    fn nodes_are_those_of_the_required_lab() {
        let lab = "```yaml compose\nservices:\n  manager:\n    image: docker:dind\n```\n";
        let check = "## S <!-- step: s -->\n\n```console\n$ docker exec -it managr ls\n```\n\n```yaml check\nran: ls\nnode: manager\n```\n";
        let (_, problems) = read(&[
            ("1.md", lesson("a", "", lab)),
            ("2.md", lesson("b", "a", check)),
        ]);
        assert_eq!(
            problems,
            [(
                "2.md".to_owned(),
                11,
                19,
                ProblemKind::UnknownNode {
                    name: "managr".into(),
                    similar: Some("manager".into())
                }
            )]
        );
    }
}
