//! The lessons: those in the program, or a file that was named.

use std::path::Path;

use super::{End, Failure};
use crate::lesson::{self, Course, Problem};
use crate::terminal::Look;
use crate::words::Lang;

macro_rules! lesson_file {
    ($path:literal) => {
        ($path, include_str!(concat!("../../lessons/", $path)))
    };
}

/// The lessons that come with the program, as `(path below lessons/, text)`.
pub const EMBEDDED: &[(&str, &str)] = &[
    lesson_file!("en/swarm-basics/README.md"),
    lesson_file!("en/swarm-basics/01-orchestration.md"),
    lesson_file!("en/swarm-basics/02-cluster.md"),
    lesson_file!("en/swarm-basics/03-swarm.md"),
    lesson_file!("en/swarm-basics/04-service.md"),
    lesson_file!("en/swarm-basics/05-registry.md"),
    lesson_file!("ko/swarm-basics/README.md"),
    lesson_file!("ko/swarm-basics/01-orchestration.md"),
    lesson_file!("ko/swarm-basics/02-cluster.md"),
    lesson_file!("ko/swarm-basics/03-swarm.md"),
    lesson_file!("ko/swarm-basics/04-service.md"),
    lesson_file!("ko/swarm-basics/05-registry.md"),
];


/// One course in the languages it exists in.
#[derive(Clone, Debug, Default)]
pub struct Courses {
    /// With the language of each.
    pub twins: Vec<(Lang, Course)>,
    /// Problems found while reading.
    pub problems: Vec<Problem>,
}

/// The course that comes with the program.
pub fn embedded() -> Courses {
    let mut courses = Courses::default();
    for lang in [Lang::En, Lang::Ko] {
        let prefix = format!("{}/swarm-basics/", lang.code());
        let mut readme = None;
        let mut files: Vec<(&str, &[u8])> = Vec::new();
        for (path, text) in EMBEDDED {
            let Some(name) = path.strip_prefix(&prefix) else {
                continue;
            };
            match name {
                "README.md" => readme = Some(*text),
                _ => files.push((path, text.as_bytes())),
            }
        }
        let (course, problems) = lesson::course("swarm-basics", readme, &files);
        courses.problems.extend(problems);
        courses.twins.push((lang, course));
    }
    courses
}

/// Any Markdown file as a course of one lesson.
pub fn open_file(path: &Path, lang: Lang, look: &Look) -> Result<Courses, Failure> {
    let name = path.display().to_string();
    let bytes = std::fs::read(path)
        .map_err(|error| Failure::Told(End::Usage, crate::words::cli::unreadable(lang, &name, &error)))?;
    let read = lesson::read(&name, &bytes);
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let failed = read.lesson.is_none() || read.problems.iter().any(Problem::is_error);
    if failed {
        let report = lesson::report(&read.problems, &[(name.as_str(), text.as_str())], lang, look.colour, look.columns());
        return Err(Failure::Told(End::Usage, report));
    }
    let lesson = read.lesson.unwrap_or_default();
    let course = Course {
        id: lesson.id.clone(),
        title: lesson.title.clone(),
        summary: lesson.summary.clone(),
        lessons: vec![lesson],
    };
    Ok(Courses {
        twins: vec![(lang, course)],
        problems: read.problems,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_lesson_file_is_in_the_program() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("lessons");
        let mut found = Vec::new();
        let mut folders = vec![root.clone()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
                let path = entry.path();
                match path.is_dir() {
                    true => folders.push(path),
                    false => found.push(
                        path.strip_prefix(&root)
                            .unwrap_or(&path)
                            .display()
                            .to_string(),
                    ),
                }
            }
        }
        found.sort();
        let mut embedded: Vec<&str> = EMBEDDED.iter().map(|(path, _)| *path).collect();
        embedded.sort_unstable();
        assert_eq!(found, embedded);
    }

    #[test]
    fn the_course_has_no_problems() {
        assert_eq!(embedded().problems, []);
    }
}
