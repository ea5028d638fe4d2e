//! What the world looks like, as plain data: the compose file, the lab's
//! containers, the swarm, and the timeline that checks are judged on.
//!
//! This room knows nothing of Docker's API, of lessons or of terminals.

pub mod compose;
pub mod fault;
pub mod files;
pub mod snapshot;
pub mod timeline;

pub use compose::{Compose, ComposeService};
pub use fault::{Fault, Mend};
pub use files::Files;
pub use snapshot::{
    Container, ContainerState, Engine, LocalSwarm, Network, Node, Port, Reachability, Service,
    ServiceMode, Snapshot, SpareSet, Swarm, Task, TaskState, UpdateState,
};
pub use timeline::{Answer, CommandRecord, HttpProbe, ProbeRun, Timeline, Unanswered, Via};
