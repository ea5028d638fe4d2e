//! What swarmlings costs beside doing the same with Docker's CLI by hand, on
//! this machine in one run: `cargo bench --bench lab`, or one part of it:
//! `cargo bench --bench lab -- start`. Figures are medians; what they mean and
//! what was measured is in docs/benchmarks.md.
//!
//! Needs a Docker Engine and nobody else at work on it.

#![allow(clippy::unwrap_used, missing_docs)]

#[allow(dead_code)]
#[path = "../../tests/real/docker.rs"]
mod docker;
mod hand;
mod parts;
#[allow(dead_code)]
#[path = "../../tests/real/place.rs"]
mod place;
mod report;
#[allow(dead_code)]
#[path = "../../tests/real/terminal.rs"]
mod terminal;

use report::Report;

/// A part: its name, and what it measures.
type Part = (&'static str, fn(&mut Report));

const PARTS: &[Part] = &[
    ("start", parts::small::start),
    ("images", parts::small::images),
    ("up", parts::bring::up),
    ("course", parts::bring::course),
    ("look", parts::look::look),
    ("typed", parts::look::typed),
    ("verdict", parts::look::verdict),
    ("idle", parts::idle::idle),
    ("spare", parts::idle::spare),
    ("goto", parts::travel::goto),
    ("headless", parts::travel::headless),
    ("reset", parts::travel::reset),
];

fn main() {
    if let Some(why) = docker::no_engine() {
        eprintln!("{why}");
        std::process::exit(3);
    }
    let asked: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with('-'))
        .collect();
    let before = docker::Things::now();
    let mut report = Report::default();
    for (name, part) in PARTS {
        if asked.is_empty() || asked.iter().any(|asked| asked == name) {
            eprintln!("measuring: {name}");
            part(&mut report);
            // The parts after it may fail.
            eprintln!("{report}");
        }
    }
    place::remove_folders();
    before.remove_new_images();
    println!("{report}");
}
