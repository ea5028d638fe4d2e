//! From paths to the files that are lessons, and which of them belong together.

use std::path::{Path, PathBuf};

/// Folders deeper than this are not looked into.
const DEEPEST: usize = 8;

/// The languages of lessons, as folders have them.
const LANGUAGES: [&str; 2] = ["en", "ko"];

/// One lesson's file.
#[derive(Clone, Debug, Default)]
pub struct File {
    /// As messages name it.
    pub name: String,
    /// All of it.
    pub bytes: Vec<u8>,
    /// It was asked for, by itself or by its folder; else it is only read for
    /// what the others require.
    pub wanted: bool,
}

impl File {
    /// Its text, as far as it is one.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }
}

/// Files that belong together: a course, or one file alone.
#[derive(Clone, Debug, Default)]
pub struct Group {
    /// The folder's name.
    pub name: String,
    /// The folder.
    pub folder: PathBuf,
    /// The rules across files hold.
    pub is_course: bool,
    /// Its `README.md`.
    pub readme: Option<String>,
    /// The lessons, in the order of their names.
    pub files: Vec<File>,
    /// The group with the same course in another language.
    pub twin: Option<usize>,
    /// Where that course lies, or should.
    pub other_folder: Option<PathBuf>,
}

impl Group {
    /// The files that were asked for.
    pub fn wanted(&self) -> impl Iterator<Item = &File> {
        self.files.iter().filter(|file| file.wanted)
    }
}

/// The groups that the paths are; a path that can't be read is the error.
pub fn find(paths: &[PathBuf]) -> Result<Vec<Group>, (PathBuf, std::io::Error)> {
    let mut groups: Vec<Group> = Vec::new();
    for path in paths {
        let found = std::fs::metadata(path).map_err(|error| (path.clone(), error))?;
        if found.is_dir() {
            let mut within = Vec::new();
            folder(path, 0, &mut within)?;
            if within.is_empty() {
                within.extend(course(path, true)?);
            }
            for group in within {
                match groups
                    .iter_mut()
                    .find(|g| g.is_course && g.folder == group.folder)
                {
                    Some(known) => *known = group,
                    None => groups.push(group),
                }
            }
        } else {
            single(path, &mut groups)?;
        }
    }
    pair(&mut groups);
    Ok(groups)
}

/// A file alone; one that builds on other lessons of its folder is read with them.
fn single(path: &Path, groups: &mut Vec<Group>) -> Result<(), (PathBuf, std::io::Error)> {
    let file = read(path)?;
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    };
    if let Some(known) = groups
        .iter_mut()
        .find(|g| g.is_course && g.folder == folder)
    {
        for other in known.files.iter_mut().filter(|f| f.name == file.name) {
            other.wanted = true;
        }
        return Ok(());
    }
    let read = crate::lesson::read(&file.name, &file.bytes);
    let builds_on = read
        .lesson
        .is_some_and(|lesson| !lesson.requires.is_empty());
    let course = match builds_on {
        true => course(&folder, false)?,
        false => None,
    };
    groups.push(match course {
        Some(mut course) => {
            for other in &mut course.files {
                other.wanted = base(&other.name) == base(&file.name);
                if other.wanted {
                    // Two ways of writing one path must not make two names.
                    other.name.clone_from(&file.name);
                }
            }
            course
        }
        None => Group {
            folder,
            files: vec![file],
            ..Group::default()
        },
    });
    Ok(())
}

fn folder(
    path: &Path,
    depth: usize,
    groups: &mut Vec<Group>,
) -> Result<(), (PathBuf, std::io::Error)> {
    groups.extend(course(path, false)?);
    if depth == DEEPEST {
        return Ok(());
    }
    for entry in entries(path)? {
        let link = std::fs::symlink_metadata(&entry).is_ok_and(|found| found.is_symlink());
        if entry.is_dir() && !link && !is_hidden(&entry) {
            folder(&entry, depth + 1, groups)?;
        }
    }
    Ok(())
}

/// The course that a folder is. A folder that was only come across is one when
/// a file in it says so; one that was named, and has no course in it, is one
/// when it has any lesson.
fn course(path: &Path, named: bool) -> Result<Option<Group>, (PathBuf, std::io::Error)> {
    let mut group = Group {
        name: path
            .file_name()
            .map_or_else(String::new, |name| name.to_string_lossy().into_owned()),
        folder: path.to_owned(),
        is_course: true,
        ..Group::default()
    };
    for entry in entries(path)? {
        if !entry.is_file() || entry.extension().is_none_or(|end| end != "md") || is_hidden(&entry)
        {
            continue;
        }
        let mut file = read(&entry)?;
        if base(&file.name).eq_ignore_ascii_case("README.md") {
            group.readme = Some(file.text());
            continue;
        }
        file.wanted = true;
        group.files.push(file);
    }
    let annotated = group.files.iter().any(|file| {
        let read = crate::lesson::read(&file.name, &file.bytes);
        read.lesson.is_some_and(|lesson| lesson.annotated)
    });
    Ok((annotated || named && !group.files.is_empty()).then_some(group))
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, (PathBuf, std::io::Error)> {
    let failed = |error| (folder.to_owned(), error);
    let mut entries = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        entries.push(entry.map_err(failed)?.path());
    }
    entries.sort();
    Ok(entries)
}

fn is_hidden(path: &Path) -> bool {
    let name = path.file_name().map(|name| name.to_string_lossy());
    name.is_some_and(|name| name.starts_with('.') || name == "target" || name == "node_modules")
}

fn read(path: &Path) -> Result<File, (PathBuf, std::io::Error)> {
    Ok(File {
        name: path.display().to_string(),
        bytes: crate::driver::courses::read_some(path).map_err(|error| (path.to_owned(), error))?,
        wanted: true,
    })
}

/// The last part of a file's name.
pub fn base(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

/// Courses whose paths differ only in a folder `en` for `ko` are twins.
fn pair(groups: &mut [Group]) {
    let folders: Vec<PathBuf> = groups.iter().map(|group| group.folder.clone()).collect();
    // Twins are wanted where both languages' folders were among the paths.
    let languages_of = |root: &Path| {
        LANGUAGES
            .iter()
            .filter(|lang| {
                folders
                    .iter()
                    .any(|folder| folder.starts_with(root.join(lang)))
            })
            .count()
    };
    for at in 0..groups.len() {
        let group = &groups[at];
        if !group.is_course || group.wanted().count() < group.files.len() {
            continue;
        }
        let Some((root, other)) = other_language(&group.folder) else {
            continue;
        };
        if languages_of(&root) < LANGUAGES.len() {
            continue;
        }
        let twin = (0..groups.len()).find(|i| groups[*i].is_course && groups[*i].folder == other);
        groups[at].twin = twin;
        groups[at].other_folder = Some(other);
    }
}

/// The folder above the language's, and the same path in the other language.
fn other_language(folder: &Path) -> Option<(PathBuf, PathBuf)> {
    let parts: Vec<_> = folder.components().collect();
    let at = parts.iter().rposition(|part| {
        let name = part.as_os_str().to_string_lossy();
        LANGUAGES.contains(&name.as_ref())
    })?;
    let here = parts[at].as_os_str().to_string_lossy();
    let there = LANGUAGES.iter().find(|lang| **lang != here)?;
    let root: PathBuf = parts[..at].iter().collect();
    let mut other = root.join(there);
    other.extend(&parts[at + 1..]);
    Some((root, other))
}
