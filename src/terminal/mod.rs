//! The terminal: what it can show, what is drawn on it, and what is typed.
//!
//! Drawing is text in, text out: it knows the lessons' data and the model, and
//! does no I/O. `live` and `tty` alone touch a real terminal.

pub mod docker_table;
pub mod live;
pub mod look;
pub mod map;
pub mod markdown;
pub mod outline;
pub mod prompt;
pub mod say;
pub mod script;
pub mod step;
pub mod tty;

mod code;
mod history;
mod html;
mod scene;
mod table;
mod text;
mod wrap;

pub use docker_table::columns;
pub use live::Live;
pub use look::{Look, Mark, Tone};
pub use map::map;
pub use markdown::markdown;
pub use outline::{Detail, course_list};
pub use say::{Judged, hint, listed, say, two_columns, verdicts};
pub use step::step;
pub use text::clean;
