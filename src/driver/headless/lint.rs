//! `lint`: all that is wrong with lessons, without Docker.

mod commands;
mod files;

use std::path::PathBuf;

use super::super::{End, Failure, Options};
use crate::lesson::problem::{Problem, ProblemKind};
use crate::lesson::{self, Course, Severity, Told};
use crate::terminal::tty;
use crate::words::{self, Lang};
use files::{File, Group};

/// `lint PATH...`
pub fn lint(options: &Options, paths: &[PathBuf], json: bool) -> Result<End, Failure> {
    let (lang, look) = (options.lang, tty::look(options.plain));
    let groups = files::find(paths).map_err(|(path, error)| {
        let text = words::lint::unreadable(lang, &path, &error);
        Failure::Told(End::Usage, text)
    })?;
    let count = groups.iter().map(|group| group.wanted().count()).sum();
    if count == 0 {
        let text = words::lint::no_lessons(lang, paths);
        return Err(Failure::Told(End::Usage, text));
    }
    let told = problems(&groups, lang);
    let errors = told.iter().filter(|told| is_error(told)).count();
    let warnings = told.len() - errors;
    if json {
        println!("{}", as_json(&told, count, errors, warnings));
    } else {
        let texts: Vec<(String, String)> = groups
            .iter()
            .flat_map(Group::wanted)
            .map(|file| (file.name.clone(), file.text()))
            .collect();
        let sources: Vec<(&str, &str)> = texts
            .iter()
            .map(|(name, text)| (name.as_str(), text.as_str()))
            .collect();
        let report = lesson::report_told(&told, &sources, lang, look.colour, look.columns());
        print!("{report}");
        if !told.is_empty() {
            println!();
        }
        let totals = words::problem::totals(errors, warnings, lang);
        println!("{}", words::lint::summary(lang, count, &totals));
    }
    Ok(match errors {
        0 => End::Done,
        _ => End::Usage,
    })
}

fn is_error(told: &Told) -> bool {
    told.severity == Severity::Error
}

/// Every problem of the files that were asked for, file by file.
fn problems(groups: &[Group], lang: Lang) -> Vec<Told> {
    let mut told = Vec::new();
    let mut courses: Vec<(&Group, Course)> = Vec::new();
    for group in groups {
        let (course, mut found) = group.read();
        found.extend(group.twin_missing(groups));
        let refused = commands::refused(group, &course, &found, lang);
        told.extend(found.iter().map(|problem| problem.told(lang)));
        told.extend(refused);
        courses.push((group, course));
    }
    for (group, course) in &courses {
        let Some(twin) = group.twin.and_then(|at| courses.get(at)) else {
            continue;
        };
        told.extend(compared(&twin.1, course).map(|problem| problem.told(lang)));
    }
    let wanted = |told: &Told| {
        let mut files = groups.iter().flat_map(Group::wanted);
        files.any(|file| file.name == told.file)
    };
    told.retain(wanted);
    told.sort_by(|a, b| {
        let place = |told: &Told| (told.file.clone(), told.line, told.column);
        place(a).cmp(&place(b))
    });
    told.dedup();
    told
}

/// The lessons of a course held against those of its twin, by their file names.
fn compared<'c>(there: &'c Course, here: &'c Course) -> impl Iterator<Item = Problem> + 'c {
    here.lessons.iter().flat_map(|lesson| {
        let name = files::base(&lesson.file);
        let twin = there
            .lessons
            .iter()
            .find(|other| files::base(&other.file) == name)
            .filter(|other| other.annotated && lesson.annotated);
        twin.map(|twin| lesson::compare_twins(twin, lesson))
            .unwrap_or_default()
    })
}

impl Group {
    /// The course that the files are.
    fn read(&self) -> (Course, Vec<Problem>) {
        let readme = self.readme.as_deref();
        match (self.is_course, self.files.as_slice()) {
            (false, [file]) => {
                let read = lesson::read(&file.name, &file.bytes);
                let course = Course {
                    lessons: read.lesson.into_iter().collect(),
                    ..Course::default()
                };
                (course, read.problems)
            }
            (_, files) => {
                let files: Vec<(&str, &[u8])> = files
                    .iter()
                    .map(|file| (file.name.as_str(), file.bytes.as_slice()))
                    .collect();
                lesson::course(&self.name, readme, &files)
            }
        }
    }

    /// Files of ours that the twin does not have.
    fn twin_missing(&self, groups: &[Group]) -> Vec<Problem> {
        let Some(other) = &self.other_folder else {
            return Vec::new();
        };
        let has = |file: &&File| {
            self.twin.and_then(|at| groups.get(at)).is_some_and(|twin| {
                twin.files
                    .iter()
                    .any(|f| files::base(&f.name) == files::base(&file.name))
            })
        };
        self.files
            .iter()
            .filter(|file| !has(file))
            .map(|file| Problem {
                file: file.name.clone(),
                span: 0..0,
                line: 1,
                column: 1,
                severity: Severity::Error,
                kind: ProblemKind::TwinMissing {
                    other: other.join(files::base(&file.name)).display().to_string(),
                },
            })
            .collect()
    }
}

fn as_json(told: &[Told], files: usize, errors: usize, warnings: usize) -> serde_json::Value {
    let problems: Vec<serde_json::Value> = told
        .iter()
        .map(|told| {
            serde_json::json!({
                "file": told.file,
                "line": told.line,
                "column": told.column,
                "severity": match told.severity {
                    Severity::Error => "error",
                    Severity::Warning => "warning",
                },
                "message": told.message,
                "cure": (!told.cure.is_empty()).then_some(&told.cure),
            })
        })
        .collect();
    serde_json::json!({
        "files": files,
        "errors": errors,
        "warnings": warnings,
        "problems": problems,
    })
}

/// One of each, for the test of the documentation.
#[cfg(test)]
pub fn example() -> serde_json::Value {
    let told = Told {
        file: "a.md".to_owned(),
        line: 1,
        column: 1,
        length: 1,
        severity: Severity::Error,
        message: "x".to_owned(),
        cure: "y".to_owned(),
    };
    as_json(&[told], 1, 1, 0)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
