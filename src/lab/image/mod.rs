//! Images that the program puts together itself, where no registry is in reach.

pub mod digest;
/// x
pub const NODE_ENTRYPOINT: &str = "";
