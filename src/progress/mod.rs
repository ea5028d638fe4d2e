//! What outlives a session: progress and settings on disk, and the lock that
//! lets one process at a time drive a lab.
//!
//! This room knows files and nothing of Docker, lessons or the terminal. Steps
//! are names to it, and times are given to it.

mod data;
mod file;
mod lock;
mod store;

pub use data::{FORMAT, Progress, Settings, Spare, Status, StepProgress};
pub use file::{Doing, Notice, ProgressError, Why};
pub use lock::{LabLock, LockError};
pub use store::{Folders, Store};
