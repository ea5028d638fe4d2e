//! The lab: the engine that is used, and what is made on it.

pub mod connect;
pub mod find;
pub mod image;
