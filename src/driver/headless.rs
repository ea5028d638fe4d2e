//! The command line without a prompt: the lab, the course played by the
//! program, and what scripts ask. Results go to standard output, messages to
//! standard error.

pub mod images;
mod lab;
mod lint;
mod report;
mod run;

pub use lab::{check, down, status, travel, up};
pub use lint::lint;
pub use report::list;
pub use run::{RunHow, host_has, run};
