//! Checks: what a step wants to be true of the swarm, and whether it is.
//!
//! `judge(check, timeline, lab)` is a pure function. It knows the model and nothing
//! else; who looks, and how often, is the lab's and the driver's business, and
//! the sentences are those of `words`.

mod judge;
mod kind;
mod lab;
mod nodes;
mod placement;
mod ran;
mod reference;
mod requests;
mod service;
mod things;
mod verdict;

#[cfg(test)]
pub(crate) mod fixture;

pub use crate::model::Via;
pub use judge::{LabShape, judge, judge_all};
pub use kind::{Check, CountOrNames, Kind, ServiceWant};
pub use verdict::{Cause, Fault, Gap, Verdict};
