//! What the walks over the course share, on real engines and in memory: the
//! facts of a lab, the golden states, and the choice of what is done next.

pub mod actions;
pub mod facts;
pub mod golden;
