//! stub
use super::Scope;
/// c
pub struct Candidate {
    /// r
    pub replacement: String,
    /// d
    pub display: String,
}
/// c
pub fn complete(_l: &str, c: usize, _s: &Scope) -> (usize, Vec<Candidate>) {
    (c, vec![])
}
