//! Images that the program puts together itself, where no registry is in reach:
//! a node from this machine's own engine, small services from this program.
//!
//! They are written as `docker save` writes them and given to an engine with
//! `load`. Which image a lab wants is not decided here.

pub mod archive;
pub mod bundle;
pub mod closure;
pub mod digest;
pub mod load;
pub mod node;
pub mod service;

use std::path::PathBuf;

/// The label that an image of ours carries: the name of the image it stands in for.
pub const STAND_IN: &str = "io.swarmlings.stand-in";

/// Why an image could not be put together. `words::engine` makes the sentence;
/// `Display` is for logs.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ImageError {
    /// Programs that the image cannot do without and this machine has not.
    #[error("not on this machine: {}", .0.join(", "))]
    Missing(Vec<String>),
    /// Libraries that a program asks for and this machine has not.
    #[error("libraries not on this machine: {}", .0.join(", "))]
    MissingLibraries(Vec<String>),
    /// There is no `ldd`, or it failed.
    #[error("ldd: {0}")]
    Ldd(String),
    /// A file that goes in cannot be read.
    #[error("{}: {cause}", path.display())]
    Read {
        /// Which.
        path: PathBuf,
        /// The system's words.
        cause: String,
    },
    /// A file that goes in changed while it was read.
    #[error("{} changed while it was read", .0.display())]
    Changed(PathBuf),
    /// The archive cannot be written.
    #[error("{}: {cause}", path.display())]
    Write {
        /// The archive or its folder.
        path: PathBuf,
        /// The system's words.
        cause: String,
    },
    /// Binaries of this machine don't run on the engine's.
    #[error("the engine is {engine}, this machine {here}")]
    OtherMachine {
        /// The engine's architecture or system.
        engine: String,
        /// Ours.
        here: String,
    },
}

/// Whether this machine's programs run on an engine, by its `Os` and `Arch` in
/// `docker version` (`linux`, `amd64`).
pub fn runs_here(os: &str, arch: &str) -> Result<(), ImageError> {
    let here = (std::env::consts::OS, archive::architecture());
    match (os, arch) == here {
        true => Ok(()),
        false => Err(ImageError::OtherMachine {
            engine: format!("{os}/{arch}"),
            here: format!("{}/{}", here.0, here.1),
        }),
    }
}
