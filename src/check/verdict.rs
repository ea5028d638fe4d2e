//! What a check's judgement can be. Enums only; the sentences are in `words`.

use std::time::Duration;

use crate::model::{ContainerState, ServiceMode, TaskState, Unanswered, UpdateState};

/// The answer to a check.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// It is true, and was for as long as `stable_for` asks.
    Met,
    /// It is not true yet; what is there and what is missing. Never empty.
    NotYet(Vec<Gap>),
    /// It can't come true by waiting: why; `words` adds the way out.
    Broken(Vec<Fault>),
    /// It could not be measured here.
    NotMeasured(Cause),
    /// It was left out.
    Skipped(Cause),
}

impl Verdict {
    /// Whether the learner may go on.
    pub fn passes(&self) -> bool {
        matches!(
            self,
            Verdict::Met | Verdict::NotMeasured(_) | Verdict::Skipped(_)
        )
    }
}

/// Something that is missing or not as wanted, which time or a command mends.
#[derive(Clone, Debug, PartialEq)]
pub enum Gap {
    /// Nothing has been seen yet.
    NothingSeen,
    /// `docker compose up -d` has not been done.
    LabNotUp,
    /// A container is not running.
    ContainerNot {
        /// The compose service.
        name: String,
        /// What it is instead.
        state: ContainerState,
    },
    /// The container runs, its engine does not answer.
    EngineSilent {
        /// The node.
        node: String,
    },
    /// Containers of the lab that are still there.
    LabStillUp {
        /// Their compose services.
        names: Vec<String>,
    },
    /// No swarm has been made.
    NoSwarm,
    /// Nodes are in a swarm that none of the lab's nodes manages any more.
    SwarmGone,
    /// The managers have no leader: they are choosing one, or can't reach each other.
    NoLeader,
    /// A node's engine is still trying to join.
    Joining {
        /// The node.
        node: String,
    },
    /// These nodes of the lab have not joined.
    NotJoined {
        /// Their names.
        nodes: Vec<String>,
    },
    /// `node ls` shows so many, not so many.
    NodeCount {
        /// Rows there.
        have: usize,
        /// Rows wanted.
        want: usize,
    },
    /// More managers or fewer than wanted.
    ManagerCount {
        /// Managers there.
        have: usize,
        /// Managers wanted.
        want: usize,
    },
    /// A node has the wrong role.
    Role {
        /// The node.
        node: String,
        /// It is a manager and should be a worker, or the other way round.
        is_manager: bool,
    },
    /// A node is not in the state wanted.
    NodeState {
        /// The node.
        node: String,
        /// Its state.
        have: String,
        /// The state wanted.
        want: String,
    },
    /// A node has another availability.
    Availability {
        /// The node.
        node: String,
        /// Its availability.
        have: String,
        /// The one wanted.
        want: String,
    },
    /// A node lacks a label.
    NodeLabel {
        /// The node.
        node: String,
        /// The label.
        key: String,
        /// The value there.
        have: Option<String>,
        /// The value wanted.
        want: String,
    },
    /// The node is in the swarm and should not be.
    NodeStillThere {
        /// The node.
        node: String,
        /// Its state; `down` after it left.
        state: String,
    },
    /// There is no such service.
    NoService {
        /// Its name.
        name: String,
        /// A service with a similar name that is there.
        similar: Option<String>,
    },
    /// The service is still there.
    ServiceStillThere {
        /// Its name.
        name: String,
    },
    /// The service is gone, and its tasks are not given up yet.
    TasksEnding {
        /// The service.
        name: String,
        /// How many.
        left: usize,
    },
    /// The service wants another number of replicas.
    ReplicasWanted {
        /// The service.
        name: String,
        /// Replicas its spec has.
        have: u64,
        /// Replicas the check wants.
        want: u64,
    },
    /// So many of the replicas run.
    ReplicasRunning {
        /// The service.
        name: String,
        /// Running.
        have: u64,
        /// Wanted.
        want: u64,
        /// What the others are doing, with how many of each.
        others: Vec<(TaskState, u64)>,
    },
    /// It is as wanted, but not for long enough.
    NotStable {
        /// For how long it has been.
        held: Duration,
        /// For how long it must.
        want: Duration,
    },
    /// The service runs another image.
    ImageIs {
        /// The service.
        name: String,
        /// Its image.
        have: String,
        /// The one wanted.
        want: String,
    },
    /// The service has the image wanted, tasks of its older image still run.
    OldTasks {
        /// The service.
        name: String,
        /// The image wanted.
        image: String,
        /// How many run another one.
        left: usize,
    },
    /// The service does not publish this port.
    NotPublished {
        /// The service.
        name: String,
        /// Published port wanted.
        published: u16,
        /// Target port wanted.
        target: u16,
        /// What it publishes instead, `(published, target)`.
        have: Vec<(u16, u16)>,
    },
    /// The tasks are spread less evenly than wanted.
    Spread {
        /// The service.
        name: String,
        /// Tasks on each eligible node.
        per_node: Vec<(String, u64)>,
        /// The largest difference allowed.
        want: u64,
    },
    /// The update is in another state.
    Update {
        /// The service.
        name: String,
        /// The state, `None`: never updated.
        have: Option<UpdateState>,
        /// The one wanted.
        want: UpdateState,
    },
    /// The service lacks a constraint, network, secret or config.
    ServiceLacks {
        /// The service.
        name: String,
        /// `constraint`, `network`, `secret`, `config`.
        what: &'static str,
        /// Which.
        value: String,
    },
    /// Nodes that do not have an image.
    ImageMissing {
        /// The reference.
        reference: String,
        /// The nodes.
        nodes: Vec<String>,
    },
    /// The registry does not hold this.
    NotInRegistry {
        /// Repository and tag.
        reference: String,
        /// What it holds.
        have: Vec<String>,
    },
    /// The registry still holds this.
    StillInRegistry {
        /// Repository and tag.
        reference: String,
    },
    /// The registry does not answer.
    RegistrySilent,
    /// A stack, network, secret or config that is not there.
    NoSuch {
        /// `stack`, `network`, `secret`, `config`.
        what: &'static str,
        /// Its name.
        name: String,
        /// One with a similar name that is there.
        similar: Option<String>,
    },
    /// A stack, network, secret or config that is still there.
    StillThere {
        /// `stack`, `network`, `secret`, `config`.
        what: &'static str,
        /// Its name.
        name: String,
    },
    /// A stack has another number of services.
    StackServices {
        /// The stack.
        name: String,
        /// Services it has.
        have: usize,
        /// Services wanted.
        want: usize,
    },
    /// Nothing answered.
    HttpSilent {
        /// The URL.
        url: String,
        /// Why.
        error: Unanswered,
    },
    /// Another status.
    HttpStatus {
        /// The URL.
        url: String,
        /// The status.
        have: u16,
        /// The one wanted.
        want: u16,
    },
    /// The body does not hold the text.
    HttpBody {
        /// The URL.
        url: String,
        /// The text wanted.
        want: String,
        /// The beginning of the body, 120 characters at most.
        have: String,
    },
    /// The request has not been answered yet.
    HttpAsking {
        /// The URL.
        url: String,
    },
    /// The probe has sent nothing yet.
    ProbeAsking {
        /// The service.
        service: String,
        /// It waits for an update to begin.
        during_update: bool,
    },
    /// The probe lost more requests than allowed.
    ProbeLost {
        /// The service.
        service: String,
        /// Lost.
        lost: usize,
        /// Sent.
        sent: usize,
        /// Allowed.
        allowed: usize,
    },
    /// The command has not been run.
    NotRun {
        /// The words wanted.
        words: Vec<String>,
        /// The node wanted.
        node: Option<String>,
    },
    /// The command was run and failed.
    RanBadly {
        /// The words wanted.
        words: Vec<String>,
        /// Its exit code.
        exit: i64,
    },
    /// The command was run in another node.
    RanElsewhere {
        /// The words wanted.
        words: Vec<String>,
        /// Where it ran; `None`: the lab itself.
        have: Option<String>,
        /// Where it should run.
        want: String,
    },
}

/// Why a check can't come true by waiting. Each has what `words` needs to name
/// the way out as a command; `manager` is a manager of the swarm that answers.
#[derive(Clone, Debug, PartialEq)]
pub enum Fault {
    /// A container ended or was paused, or was removed behind the lab's back.
    ContainerEnded {
        /// The compose service.
        name: String,
        /// Its state.
        state: ContainerState,
    },
    /// A node that should be a worker joined as a manager.
    JoinedAsManager {
        /// The node.
        node: String,
        /// Another manager.
        manager: String,
    },
    /// A node made a swarm of its own instead of joining.
    OwnSwarm {
        /// The node.
        node: String,
    },
    /// A node is a worker of another swarm, mostly of one that is gone.
    OtherSwarm {
        /// The node.
        node: String,
    },
    /// The swarm was made on the wrong node.
    SwarmElsewhere {
        /// Where it should be.
        node: String,
        /// Where it was made.
        at: String,
    },
    /// A node is in the swarm and is down.
    NodeDown {
        /// The node.
        node: String,
        /// What its container is.
        state: ContainerState,
    },
    /// Rows of nodes that left or that the lab does not have.
    GhostRows {
        /// Hostname and id of each; only the id is unambiguous.
        rows: Vec<(String, String)>,
        /// A manager.
        manager: String,
    },
    /// A node's swarm is locked.
    Locked {
        /// The node.
        node: String,
    },
    /// A node's engine reports an error of its membership, e.g. an expired certificate.
    SwarmError {
        /// The node.
        node: String,
    },
    /// More replicas wanted than the check asks for.
    TooManyReplicas {
        /// The service.
        name: String,
        /// Replicas its spec has.
        have: u64,
        /// Replicas the check wants.
        want: u64,
        /// A manager.
        manager: String,
    },
    /// Tasks end with an error again and again.
    TasksFail {
        /// The service.
        name: String,
        /// `Failed` or `Rejected`.
        state: TaskState,
        /// What Swarm says, e.g. `No such image: hashicorp/http-echo:latest`.
        error: String,
        /// The image.
        image: String,
        /// It was updated before, so that a rollback is a way out.
        updated: bool,
        /// A manager.
        manager: String,
    },
    /// Swarm finds no node for the tasks.
    NoSuitableNode {
        /// The service.
        name: String,
        /// What Swarm says.
        message: String,
        /// The constraints of the service that no ready node satisfies.
        constraints: Vec<String>,
        /// A ready node, a worker where there is one, that could be given a label.
        node: Option<String>,
        /// A manager.
        manager: String,
    },
    /// The service is of the other mode, which can't be changed.
    WrongMode {
        /// The service.
        name: String,
        /// Its mode.
        have: ServiceMode,
        /// A manager.
        manager: String,
    },
    /// The service was made from another image.
    WrongImage {
        /// The service.
        name: String,
        /// Its image.
        have: String,
        /// The one wanted.
        want: String,
        /// A manager.
        manager: String,
    },
    /// An update or a rollback paused, and the check wants it completed.
    UpdatePaused {
        /// The service.
        name: String,
        /// It is the rollback that paused.
        rollback: bool,
        /// What Swarm says of it.
        message: String,
        /// A manager.
        manager: String,
    },
    /// The managers have lost their quorum.
    NoQuorum {
        /// Managers whose containers don't run, with their states.
        stopped: Vec<(String, ContainerState)>,
    },
}

/// Why a check was not measured or left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The host's kernel has no IP_VS, so published ports don't answer.
    NoMesh,
    /// The lab has no registry here.
    NoRegistry,
    /// The learner skipped the step.
    ByLearner,
}
