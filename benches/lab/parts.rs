//! What is measured.

pub mod bring;
pub mod idle;
pub mod look;
pub mod small;
pub mod travel;
