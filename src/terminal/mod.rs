//! The terminal: reading lines and showing text. Nothing here decides anything.

mod history;
pub mod prompt;
pub mod script;
