//! swarmlings: learn Docker Swarm at a prompt, on a real swarm of four nodes.
//!
//! The rooms, and what each may know, are drawn in `ARCHITECTURE.md`. In short:
//! a pure core (`lesson`, `shell`, `check`, `session`, over the plain data of
//! `model`) and the world at the edge (`lab`, `terminal`, `progress`), brought
//! together by `driver` alone.

pub mod check;
pub mod cli;
pub mod doctor;
pub mod driver;
pub mod echo;
pub mod lab;
pub mod lesson;
pub mod model;
pub mod progress;
pub mod session;
pub mod shell;
pub mod terminal;
pub mod words;
