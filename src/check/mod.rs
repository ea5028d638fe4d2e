//! Checks: what a step wants to be true of the swarm, and whether it is.
//!
//! `judge(check, timeline)` is a pure function. It knows the model and nothing
//! else; who looks, and how often, is the lab's and the driver's business, and
//! the sentences are those of `words`.

mod kind;
mod verdict;

pub use kind::{Check, CountOrNames, Kind, ServiceWant, Via};
pub use verdict::{Cause, Fault, Gap, Verdict};
