//! The project's own rules as tests. Each names the offender.
//!
//! What a room may know is drawn in `ARCHITECTURE.md`; here it is held to it.

#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};

/// A room of `src`, and the rooms whose names may stand in it. `words` means
/// the type `Lang` alone where `SPEAKS_NOT` has the room.
const ROOMS: [(&str, &[&str]); 15] = [
    ("model", &[]),
    ("check", &["model"]),
    ("lesson", &["check", "model", "words"]),
    ("shell", &["words"]),
    ("session", &["lesson", "shell", "check", "model", "words"]),
    ("lab", &["model", "check", "shell"]),
    ("terminal", &["lesson", "check", "model", "shell", "words"]),
    ("progress", &["words"]),
    ("doctor", &["lab", "progress", "words"]),
    (
        "words",
        &[
            "lesson", "check", "model", "shell", "session", "lab", "progress", "doctor",
        ],
    ),
    (
        "driver",
        &[
            "doctor", "lesson", "check", "model", "shell", "session", "lab", "progress",
            "terminal", "words",
        ],
    ),
    (
        "cli",
        &["driver", "lesson", "progress", "terminal", "words"],
    ),
    ("echo", &[]),
    ("main", &[]),
    ("bin", &[]),
];

/// Rooms that make no sentences: of `words` they know the type of a language.
const SPEAKS_NOT: [&str; 4] = ["shell", "session", "progress", "doctor"];

/// Rooms that decide and do nothing: no runtime, no files, no clock, no output.
const PURE: [&str; 6] = ["model", "check", "lesson", "shell", "session", "doctor"];

/// What a pure room has no business with.
const WORLD: [&str; 14] = [
    "tokio::",
    "std::fs",
    "std::process",
    "std::env",
    "std::io",
    "std::thread",
    "std::net::Tcp",
    "std::os",
    "Instant",
    "SystemTime",
    "println!",
    "print!",
    "eprintln!",
    "tracing::",
];

/// Crates that belong behind one door, and where that is.
const DOORS: [(&str, &[&str]); 15] = [
    ("bollard", &["src/lab/"]),
    ("hyper", &["src/lab/"]),
    ("hyper_util", &["src/lab/"]),
    ("http_body_util", &["src/lab/"]),
    ("rustls", &["src/lab/connect/"]),
    ("tokio_rustls", &["src/lab/connect/"]),
    ("tar", &["src/lab/image/"]),
    ("rustyline", &["src/terminal/prompt.rs"]),
    ("rustix::termios", &["src/terminal/"]),
    ("owo_colors", &["src/terminal/look.rs"]),
    ("pulldown_cmark", &["src/lesson/", "src/terminal/"]),
    ("granit_parser", &["src/lesson/yaml.rs", "src/lab/memory/"]),
    ("annotate_snippets", &["src/lesson/report.rs"]),
    ("clap", &["src/cli.rs", "src/cli/"]),
    ("etcetera", &["src/progress/"]),
];

/// Lines that a file of the program may have, and a file of tests.
const LONGEST: (usize, usize) = (700, 800);

/// A source file: its path below the project's folder, its code by line number
/// without comments, and its text.
struct Source {
    path: String,
    /// From 1; test modules at the end of a file are left out.
    code: Vec<(usize, String)>,
    text: String,
}

impl Source {
    fn room(&self) -> Option<&str> {
        let below = self.path.strip_prefix("src/")?;
        Some(below.split('/').next()?.trim_end_matches(".rs"))
    }

    fn is_test(&self) -> bool {
        self.path.starts_with("tests/")
            || self.path.ends_with("/tests.rs")
            || self.path.ends_with("/fixture.rs")
            || self.path.ends_with("/property.rs")
            || self.path.contains("/tests/")
    }

    /// `path:line: text` of each line that `wrong` takes.
    fn offenders(&self, wrong: impl Fn(&str) -> bool) -> Vec<String> {
        let wrong = self.code.iter().filter(|(_, line)| wrong(line));
        wrong
            .map(|(number, line)| format!("{}:{number}: {}", self.path, line.trim()))
            .collect()
    }
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// All files below a folder, by their paths below the project's.
fn files(folder: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            // In a further work tree `.git` is a file.
            if name == ".git" || name == "target" {
                continue;
            }
            if path.is_dir() {
                folders.push(path);
            } else if path.is_file() && name != ".git" {
                found.push(path.strip_prefix(root()).unwrap().to_owned());
            }
        }
    }
    found.sort();
    found
}

fn sources() -> Vec<Source> {
    let all = files("src").into_iter().chain(files("tests"));
    all.filter(|path| path.extension().is_some_and(|kind| kind == "rs"))
        .map(|path| source(&path))
        .collect()
}

fn source(path: &Path) -> Source {
    let text = std::fs::read_to_string(root().join(path)).unwrap();
    let tests = text.find("#[cfg(test)]\nmod tests {").or_else(|| {
        let attributes = text.find("#[cfg(test)]\n#[allow")?;
        text[attributes..]
            .contains("mod tests {")
            .then_some(attributes)
    });
    let code = text[..tests.unwrap_or(text.len())]
        .lines()
        .enumerate()
        .map(|(at, line)| {
            (
                at + 1,
                line.split("//").next().unwrap_or_default().to_owned(),
            )
        })
        .collect();
    Source {
        path: path.to_string_lossy().replace('\\', "/"),
        code,
        text,
    }
}

/// Fails with everything that is against the rule.
fn nobody(offenders: Vec<String>, rule: &str) {
    assert!(offenders.is_empty(), "{rule}:\n{}", offenders.join("\n"));
}

/// The names that follow `crate::` in a line.
fn rooms_in(line: &str) -> Vec<&str> {
    line.match_indices("crate::")
        .map(|(at, word)| {
            let rest = &line[at + word.len()..];
            let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_');
            &rest[..end.unwrap_or(rest.len())]
        })
        .collect()
}

#[test]
fn a_room_knows_only_what_it_may() {
    let mut offenders = Vec::new();
    for source in sources().iter().filter(|source| !source.is_test()) {
        let Some(room) = source.room().filter(|room| *room != "lib") else {
            continue;
        };
        let found = ROOMS.iter().find(|(name, _)| *name == room);
        let Some((_, may)) = found else {
            offenders.push(format!(
                "{}: the room `{room}` has no row in tests/tidy.rs",
                source.path
            ));
            continue;
        };
        offenders.extend(source.offenders(|line| {
            let mut rooms = rooms_in(line).into_iter();
            rooms.any(|other| other != room && !may.contains(&other))
        }));
    }
    nobody(offenders, "a room may not know these (ARCHITECTURE.md)");
}

#[test]
fn sentences_are_made_where_they_are_shown() {
    let mut offenders = Vec::new();
    for source in sources().iter().filter(|source| !source.is_test()) {
        if source.room().is_some_and(|room| SPEAKS_NOT.contains(&room)) {
            offenders.extend(source.offenders(|line| {
                line.contains("crate::words") && !line.contains("crate::words::Lang")
            }));
        }
    }
    nobody(
        offenders,
        "these rooms make no sentences; of `words` they know `Lang`",
    );
}

#[test]
fn pure_rooms_do_nothing() {
    let mut offenders = Vec::new();
    for source in sources().iter().filter(|source| !source.is_test()) {
        if source.room().is_some_and(|room| PURE.contains(&room)) {
            let world = |line: &str| WORLD.iter().any(|word| names(line, word));
            offenders.extend(source.offenders(world));
        }
    }
    nobody(
        offenders,
        "no I/O, no clock and no runtime in rooms that only decide",
    );
}

/// Whether a word stands in a line as a word.
fn names(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = line[at + word.len()..].chars().next();
        let inside = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
        !inside(before) && (!inside(after) || word.ends_with(':'))
    })
}

#[test]
fn each_world_has_one_door() {
    let mut offenders = Vec::new();
    for source in sources()
        .iter()
        .filter(|source| source.path.starts_with("src/"))
    {
        for (name, doors) in DOORS {
            if doors.iter().any(|door| source.path.starts_with(door)) {
                continue;
            }
            let path = format!("{name}::");
            offenders.extend(source.offenders(|line| names(line, &path)));
        }
    }
    nobody(
        offenders,
        "these crates are known elsewhere only (tests/tidy.rs has where)",
    );
}

#[test]
fn nobody_sleeps() {
    let sleep = concat!("thread::", "sleep");
    let mut offenders = Vec::new();
    for source in sources() {
        offenders.extend(source.offenders(|line| names(line, sleep)));
        if source.is_test() {
            let too = concat!("time::", "sleep(");
            offenders.extend(source.offenders(|line| line.contains(too)));
        }
    }
    nobody(offenders, "wait on conditions, not on time");
}

#[test]
fn a_file_says_what_it_is_for_and_is_short() {
    let mut offenders = Vec::new();
    for source in sources() {
        let described = source.text.starts_with("//!") || source.path.ends_with("tests.rs");
        if !described {
            offenders.push(format!("{}: does not begin with `//!`", source.path));
        }
        let lines = source.text.lines().count();
        let most = if source.is_test() {
            LONGEST.1
        } else {
            LONGEST.0
        };
        if lines > most {
            offenders.push(format!(
                "{}: {lines} lines; what second idea is in it?",
                source.path
            ));
        }
    }
    nobody(offenders, "files that ask to be mended");
}

#[test]
fn nothing_keys_on_a_lesson() {
    // The names the lessons give; their order of files is in `driver::courses`.
    let names = [
        "test_swarm",
        "worker01",
        "join-first",
        "join-rest",
        "four-nodes",
        "lab-down",
    ];
    let mut offenders = Vec::new();
    for source in sources().iter().filter(|source| !source.is_test()) {
        // Sentences may give examples.
        if source.path.starts_with("src/words/") {
            continue;
        }
        offenders.extend(source.offenders(|line| names.iter().any(|name| line.contains(name))));
    }
    nobody(
        offenders,
        "the program knows no lesson, step or service by name",
    );
}

#[test]
fn texts_are_of_no_machine_and_no_merge() {
    let here = root().to_string_lossy().into_owned();
    let mut wrong = vec![
        concat!("/ro", "ot/").to_owned(),
        concat!("/wo", "rk/").to_owned(),
        concat!("/tmp/", "h-").to_owned(),
        concat!("C:\\", "Users").to_owned(),
    ];
    // A folder such as `/src` is in many a text.
    if Path::new(&here).components().count() > 3 || here.len() > 12 {
        wrong.push(here);
    }
    let marks = ["<<<<<<< ", ">>>>>>> "];
    let mut offenders = Vec::new();
    for path in files("") {
        let Ok(text) = std::fs::read_to_string(root().join(&path)) else {
            continue;
        };
        for (at, line) in text.lines().enumerate() {
            let machine = wrong.iter().any(|path| line.contains(path.as_str()));
            if machine || marks.iter().any(|mark| line.starts_with(mark)) {
                offenders.push(format!("{}:{}: {}", path.display(), at + 1, line.trim()));
            }
        }
    }
    nobody(offenders, "paths of one machine, or the marks of a merge");
}

#[test]
fn lessons_are_in_both_languages() {
    let of = |lang: &str| -> Vec<PathBuf> {
        let folder = format!("lessons/{lang}");
        let all = files(&folder).into_iter();
        all.map(|path| path.strip_prefix(&folder).unwrap().to_owned())
            .collect()
    };
    assert_eq!(of("en"), of("ko"));
}
