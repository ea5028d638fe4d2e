//! Images that the program puts together itself, where no registry is in reach.

pub mod digest;
