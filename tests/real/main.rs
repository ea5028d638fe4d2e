//! The program on real engines: a headless course, a learner at a terminal, and
//! what goes wrong. Where no Docker Engine answers each test is ignored with the
//! reason, except with CI=true, where that is a failure.
//!
//! Not a `#[test]` harness of its own making: libtest-mimic takes the usual
//! arguments (`cargo test --test real typed`), can ignore at run time, and runs
//! no more than two labs at once.

#![allow(clippy::unwrap_used, missing_docs)]

mod course;
mod docker;
mod faults;
mod faults_found;
mod golden;
mod killed;
mod moments;
mod observer;
mod offline;
mod outer;
mod place;
mod plain;
#[path = "../proof/mod.rs"]
mod proof;
mod refused;
mod taken;
mod terminal;
mod typed;
mod walk;
mod ways;

use std::process::ExitCode;

use libtest_mimic::{Arguments, Completion, Failed, Trial};

use docker::{Things, no_engine};

/// Labs at a time: each is four engines, and the machine may have two cores.
const LABS: usize = 2;

/// A test: its name and what it does. It fails by panicking.
type Test = (&'static str, fn());

const TESTS: &[Test] = &[
    ("walk::one", walk::one),
    ("walk::another", walk::another),
    (
        "typed::tutorial_from_the_first_prompt_to_the_end",
        typed::tutorial,
    ),
    ("course::headless", course::headless),
    ("plain::at_the_prompt", plain::at_the_prompt),
    ("plain::headless", plain::headless),
    ("faults::a_node_dies", faults::a_node_dies),
    ("faults::no_engine", faults::no_engine),
    ("taken::on_the_engine", taken::on_the_engine),
    ("taken::on_the_disk", taken::on_the_disk),
    ("killed::while_making_the_lab", killed::while_making_the_lab),
    ("killed::at_the_prompt", killed::at_the_prompt),
    ("killed::another_one_is_told", killed::another_one_is_told),
    (
        "offline::a_registry_that_answers_is_not_asked",
        offline::a_registry_that_answers_is_not_asked,
    ),
    ("moments::named", moments::named),
    ("moments::finished_by_repair", moments::finished_by_repair),
    ("moments::at_the_prompt", moments::at_the_prompt),
    ("outer::goes_and_comes_back", outer::goes_and_comes_back),
    ("faults_found::of_workers", faults_found::of_workers),
    ("faults_found::of_the_network", faults_found::of_the_network),
    ("faults_found::of_managers", faults_found::of_managers),
    ("faults_found::on_coming_back", faults_found::on_coming_back),
    ("ways::with_a_spare_set", ways::with_a_spare_set),
    ("ways::past_files_in_a_node", ways::past_files_in_a_node),
    ("refused::names", refused::names),
    (
        "refused::while_a_command_runs",
        refused::while_a_command_runs,
    ),
    ("refused::without_an_engine", refused::without_an_engine),
];

/// Those that only `--ignored` runs.
const LONG: &[Test] = &[
    ("golden::write", golden::write_all),
    ("moments::by_chance", moments::by_chance),
    ("walk::all_night", walk::all_night),
];

fn main() -> ExitCode {
    let mut arguments = Arguments::from_args();
    arguments.test_threads = arguments.test_threads.or(Some(LABS));
    let missing = no_engine();
    let ci = std::env::var("CI").is_ok_and(|ci| ci == "true");
    let before = missing.is_none().then(Things::now);
    let all = TESTS.iter().map(|test| (test, false));
    let all = all.chain(LONG.iter().map(|test| (test, true)));
    let trials = all
        .map(|((name, test), long)| {
            let missing = missing.clone();
            Trial::ignorable_test(*name, move || match missing {
                Some(why) if ci => Err(Failed::from(why)),
                Some(why) => Ok(Completion::ignored_with(why)),
                None => {
                    test();
                    Ok(Completion::Completed)
                }
            })
            .with_ignored_flag(long)
        })
        .collect();
    let conclusion = libtest_mimic::run(&arguments, trials);
    place::remove_folders();
    if let Some(before) = before {
        before.remove_new_images();
        let left = before.left_behind();
        // Elsewhere others may be at work on the same engine.
        if ci && !left.is_empty() {
            eprintln!("left behind on the engine: {left:#?}");
            return ExitCode::FAILURE;
        }
    }
    conclusion.exit_code()
}
