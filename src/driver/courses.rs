//! The lessons: those in the program, or a file that was named.

use std::io::Read;
use std::path::Path;

use super::{End, Failure};
use crate::lesson::{self, Course, Lesson, Problem, Step};
use crate::model::compose::with_tag;
use crate::session::{Session, Status};
use crate::shell::{Action, Refusal, Scope, docker, understand};
use crate::terminal::{Look, Mark};
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
    /// The file has commands and no lab: it was given that of the course.
    pub given_lab: bool,
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

/// A file's bytes, as many as tell whether it can be a lesson: what is named may
/// be of any size, or have no end.
pub fn read_some(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let most = lesson::MAX_BYTES as u64 + 1;
    std::fs::File::open(path)?
        .take(most)
        .read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Any Markdown file as a course of one lesson.
pub fn open_file(path: &Path, lang: Lang, look: &Look) -> Result<Courses, Failure> {
    let name = path.display().to_string();
    let bytes = read_some(path).map_err(|error| {
        Failure::Told(
            End::Usage,
            crate::words::cli::unreadable(lang, &name, &error),
        )
    })?;
    let read = lesson::read(&name, &bytes);
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let failed = read.lesson.is_none() || read.problems.iter().any(Problem::is_error);
    if failed {
        let report = lesson::report(
            &read.problems,
            &[(name.as_str(), text.as_str())],
            lang,
            look.colour,
            look.columns(),
        );
        return Err(Failure::Told(End::Usage, report));
    }
    let mut lesson = read.lesson.unwrap_or_default();
    let mut given_lab = false;
    if !lesson.annotated {
        given_lab = give_lab(&mut lesson);
        lesson.images = images_of_commands(&lesson);
    }
    let course = Course {
        id: lesson.id.clone(),
        title: lesson.title.clone(),
        summary: lesson.summary.clone(),
        lessons: vec![lesson],
    };
    Ok(Courses {
        twins: vec![(lang, course)],
        problems: read.problems,
        given_lab,
    })
}

/// A tutorial that has commands and shows no compose file gets the lab of the
/// course, which its first step with commands then begins with.
fn give_lab(lesson: &mut Lesson) -> bool {
    let mut steps = lesson.steps.iter_mut();
    let first = steps.find(|step| !step.solution.is_empty());
    let (None, Some(step)) = (&lesson.compose, first) else {
        return false;
    };
    let courses = embedded();
    let lessons = courses.twins.iter().flat_map(|(_, course)| &course.lessons);
    lesson.compose = lessons.filter_map(|lesson| lesson.compose.clone()).next();
    let up = lesson::Command {
        text: "docker compose up -d".to_owned(),
        line: step.solution[0].line,
        ..lesson::Command::default()
    };
    let is_up = |command: &lesson::Command| {
        let understood = understand(&command.text, &Scope::default());
        matches!(
            understood,
            Ok(Action::Compose(crate::shell::ComposeAction::Up { .. }))
        )
    };
    if !step.solution.iter().any(is_up) {
        step.solution.insert(0, up);
    }
    true
}

/// A tutorial names no images: those that its commands run in nodes. A name
/// that is nearly that of an image the program can make is taken for it.
fn images_of_commands(lesson: &Lesson) -> Vec<String> {
    let variables = lesson::VARIABLES
        .iter()
        .map(|name| ((*name).to_owned(), Some("x".to_owned())));
    let scope = Scope {
        nodes: lesson
            .compose
            .iter()
            .flat_map(|compose| compose.nodes())
            .map(|node| node.name.clone())
            .collect(),
        images: crate::lab::MAKES.map(with_tag).to_vec(),
        variables: variables.collect(),
        ..Scope::default()
    };
    let mut images: Vec<String> = Vec::new();
    let commands = lesson.steps.iter().flat_map(|step| &step.solution);
    for command in commands {
        let found: Vec<String> = match understand(&command.text, &scope) {
            Err(Refusal::NearImage { similar, .. }) => vec![similar],
            Ok(Action::Exec(exec)) => images_of(&exec.argv),
            _ => Vec::new(),
        };
        for image in found {
            if !images.contains(&image) {
                images.push(image);
            }
        }
    }
    images
}

/// The images that a docker command makes containers of.
fn images_of(argv: &[String]) -> Vec<String> {
    let Ok(parsed) = docker::parse(argv) else {
        return Vec::new();
    };
    let makes_containers = [
        ["service", "create"].as_slice(),
        &["run"],
        &["container", "run"],
    ];
    let mut images = Vec::new();
    if makes_containers.contains(&parsed.path.as_slice()) {
        let positionals = parsed.positionals.iter().enumerate();
        images.extend(
            positionals
                .filter(|(index, _)| parsed.kind(*index) == Some(&docker::Kind::Image))
                .map(|(_, image)| with_tag(image)),
        );
    }
    if let Some(image) = parsed.value("image") {
        images.push(with_tag(image));
    }
    images
}

/// What a list of the course shows of a step.
pub fn mark(session: &Session, lesson: &Lesson, step: &Step) -> Mark {
    let name = format!("{}/{}", lesson.id, step.id);
    let here = session.place().name(session.course());
    // Nothing is left to be done where the last step of all is.
    let is_last = session.place().next(session.course()).is_none();
    match session.record().get(&name) {
        Some(Status::Done) if is_last && name == here => Mark::Done,
        _ if name == here => Mark::Current,
        Some(Status::Done) => Mark::Done,
        Some(Status::Skipped) => Mark::Skipped,
        None => Mark::Open,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
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
    fn a_tutorial_without_a_lab_gets_one() {
        let folder = tempfile::tempdir().unwrap();
        let opened = |text: &str| {
            let path = folder.path().join("tutorial.md");
            std::fs::write(&path, text).unwrap();
            open_file(&path, Lang::En, &Look::plain(80)).unwrap()
        };
        let courses = opened("# T\n\nRead.\n\n## Make\n\n```bash\ndocker swarm init\n```\n");
        assert!(courses.given_lab);
        let lesson = &courses.twins[0].1.lessons[0];
        assert_eq!(lesson.compose.as_ref().unwrap().nodes().count(), 4);
        let commands: Vec<&str> = lesson.steps[1]
            .solution
            .iter()
            .map(|command| command.text.as_str())
            .collect();
        assert_eq!(commands, ["docker compose up -d", "docker swarm init"]);
        // Prose needs none.
        assert!(!opened("# T\n\nRead.\n").given_lab);
    }

    #[test]
    fn the_course_has_no_problems() {
        assert_eq!(embedded().problems, []);
    }
}
