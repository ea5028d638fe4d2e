//! The whole program without Docker and without a terminal: what is typed goes
//! through the real loop, the real lessons and the real checks onto a lab in
//! memory, and everything that is shown is kept. The clock is paused: whoever
//! types thinks for seconds, and nobody waits for them.

#![allow(clippy::unwrap_used)]

mod course;
mod faults;
mod prompt;
#[path = "../proof/mod.rs"]
mod proof;
mod stage;
mod tutorial;
mod walk;
mod wrong_turns;
