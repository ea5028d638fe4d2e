//! What is measured.

pub mod bring;
pub mod look;
pub mod small;
