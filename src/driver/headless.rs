//! The command line without a prompt: the lab, the course played by the
//! program, and what scripts ask. Results go to standard output, messages to
//! standard error.

mod doctor;
pub mod images;
mod lab;
mod lint;
mod report;
mod run;

pub use doctor::doctor;
pub use lab::{begin_anew, check, down, on_the_way, status, travel, up};
pub use lint::lint;
pub use report::list;
pub use run::{RunHow, host_has, run};
