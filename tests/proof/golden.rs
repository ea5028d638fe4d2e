//! The golden states: what the lab is at the entry of each step, and at the end
//! of each lesson. They were taken with Docker's CLI by hand, read by eye and
//! committed; no code of the program has computed any of them. `cargo test
//! --test real -- --ignored golden::write` takes them anew.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::facts::Facts;

/// The name that stands for the end of a lesson, where steps have theirs.
pub const END: &str = "end";

/// One golden state.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Golden {
    /// `lesson/step`, or `lesson/end`.
    pub at: String,
    /// The commands of the lesson up to here, as it read when this was taken:
    /// where it reads otherwise by now, the state has to be taken anew.
    pub lesson_so_far: Vec<String>,
    pub facts: Facts,
}

fn file(at: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    folder.join(format!("{}.json", at.replace('/', ".")))
}

/// The state at the entry of `lesson/step`.
pub fn golden(at: &str) -> Golden {
    let path = file(at);
    let text = std::fs::read_to_string(&path)
        .unwrap_or_else(|error| panic!("no golden state of {at}: {}: {error}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Writes one down.
#[allow(dead_code, reason = "only the tests on real engines take them")]
pub fn write(golden: &Golden) {
    let text = serde_json::to_string_pretty(golden).unwrap() + "\n";
    std::fs::write(file(&golden.at), text).unwrap();
}

/// The names of all that were written down.
#[allow(dead_code, reason = "only the tests in memory count them")]
pub fn all() -> Vec<String> {
    let folder = file("x").parent().unwrap().to_owned();
    let names = std::fs::read_dir(folder).unwrap();
    let mut all: Vec<String> = names
        .map(|entry| entry.unwrap().path())
        .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    all.sort();
    all
}
