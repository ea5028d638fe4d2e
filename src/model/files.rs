//! What was changed among the nodes' own files.

use std::collections::BTreeSet;

/// Asked for before a way to a step is chosen, and not with each look.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Files {
    /// Files and folders that were added, as `NODE:PATH`.
    pub added: Vec<String>,
    /// Nodes in which files of their image are not as they were.
    pub spoilt: BTreeSet<String>,
}
