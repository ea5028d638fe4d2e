//! x
/// x
pub const NODE_ENTRYPOINT: &str = "";
