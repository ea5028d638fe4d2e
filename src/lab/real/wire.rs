//! What is read of a node engine's answers: a tolerant subset of Docker's API
//! types, so that a value that a newer engine invents never fails to decode
//! (the generated client's enums have no catch-all).

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::model::{
    LocalSwarm, Network, Node, Port, Reachability, Service, ServiceMode, Swarm, Task, TaskState,
    UpdateState,
};

/// `GET /info`
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Info {
    pub server_version: String,
    pub system_time: String,
    pub swarm: InfoSwarm,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct InfoSwarm {
    #[serde(rename = "NodeID")]
    pub node_id: String,
    pub local_node_state: String,
    pub control_available: bool,
    pub error: String,
}

impl InfoSwarm {
    pub fn state(&self) -> LocalSwarm {
        match self.local_node_state.as_str() {
            "pending" => LocalSwarm::Pending,
            "active" => LocalSwarm::Active,
            "locked" => LocalSwarm::Locked,
            "error" => LocalSwarm::Error,
            _ => LocalSwarm::Inactive,
        }
    }
}

/// `GET /images/json`
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Image {
    pub repo_tags: Option<Vec<String>>,
}

/// `GET /swarm`
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Cluster {
    #[serde(rename = "ID")]
    pub id: String,
    pub join_tokens: Tokens,
    pub spec: serde_json::Value,
}

/// What `docker swarm update` can change, by JSON pointer into the spec, with
/// what `docker swarm init` has where no option says otherwise; durations in
/// nanoseconds (`docker swarm update --help`).
const USUAL: [(&str, u64); 4] = [
    ("/Orchestration/TaskHistoryRetentionLimit", 5),
    ("/Dispatcher/HeartbeatPeriod", 5_000_000_000),
    ("/CAConfig/NodeCertExpiry", 7_776_000_000_000_000),
    ("/Raft/SnapshotInterval", 10_000),
];

impl Cluster {
    /// Somebody has set the swarm otherwise than a plain `docker swarm init`.
    pub fn is_set_otherwise(&self) -> bool {
        let number = |(pointer, usual): &(&str, u64)| {
            let value = self.spec.pointer(pointer);
            value.is_some_and(|value| value.as_u64() != Some(*usual))
        };
        let locked = self.spec.pointer("/EncryptionConfig/AutoLockManagers");
        USUAL.iter().any(number) || locked.and_then(serde_json::Value::as_bool) == Some(true)
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Tokens {
    pub worker: String,
    pub manager: String,
}

/// `GET /nodes`
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct WireNode {
    #[serde(rename = "ID")]
    id: String,
    spec: NodeSpec,
    description: NodeDescription,
    status: NodeStatus,
    manager_status: Option<ManagerStatus>,
}

impl WireNode {
    /// The manager hears of it.
    pub fn is_ready(&self) -> bool {
        self.status.state == "ready"
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct NodeSpec {
    labels: Option<BTreeMap<String, String>>,
    role: String,
    availability: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct NodeDescription {
    hostname: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct NodeStatus {
    state: String,
    addr: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct ManagerStatus {
    leader: bool,
    reachability: String,
    pub addr: String,
}

impl WireNode {
    /// `IP:2377` of a manager.
    pub fn manager_addr(&self) -> Option<&str> {
        self.manager_status
            .as_ref()
            .map(|status| status.addr.as_str())
            .filter(|addr| !addr.is_empty())
    }

    pub fn into_model(self) -> Node {
        Node {
            id: self.id,
            hostname: self.description.hostname,
            manager: self.spec.role == "manager",
            reachability: self.manager_status.as_ref().map(|status| {
                if status.reachability == "reachable" {
                    Reachability::Reachable
                } else {
                    Reachability::Unreachable
                }
            }),
            leader: self.manager_status.is_some_and(|status| status.leader),
            state: self.status.state,
            availability: self.spec.availability,
            address: self.status.addr,
            labels: self.spec.labels.unwrap_or_default(),
        }
    }
}

/// `GET /services`
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct WireService {
    #[serde(rename = "ID")]
    id: String,
    version: Version,
    spec: ServiceSpec,
    endpoint: Endpoint,
    update_status: Option<UpdateStatus>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Version {
    index: u64,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct ServiceSpec {
    name: String,
    labels: Option<BTreeMap<String, String>>,
    task_template: TaskTemplate,
    mode: Mode,
    endpoint_spec: Option<EndpointSpec>,
    networks: Option<Vec<Target>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct TaskTemplate {
    container_spec: ContainerSpec,
    placement: Option<Placement>,
    networks: Option<Vec<Target>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct ContainerSpec {
    image: String,
    secrets: Option<Vec<SecretRef>>,
    configs: Option<Vec<ConfigRef>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct SecretRef {
    secret_name: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct ConfigRef {
    config_name: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Placement {
    constraints: Option<Vec<String>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Target {
    target: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Mode {
    replicated: Option<Replicated>,
    global: Option<serde_json::Value>,
    replicated_job: Option<serde_json::Value>,
    global_job: Option<serde_json::Value>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Replicated {
    replicas: Option<u64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Endpoint {
    ports: Option<Vec<WirePort>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct EndpointSpec {
    ports: Option<Vec<WirePort>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct WirePort {
    protocol: String,
    target_port: u16,
    published_port: u16,
    publish_mode: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct UpdateStatus {
    state: String,
    message: String,
}

impl WireService {
    /// `networks`: names by id, for those the spec names by id.
    pub fn into_model(self, networks: &BTreeMap<String, String>) -> Service {
        let spec = self.spec;
        let template = spec.task_template;
        let wire_ports = self
            .endpoint
            .ports
            .or(spec.endpoint_spec.and_then(|endpoint| endpoint.ports));
        let mode = match spec.mode {
            Mode {
                replicated: Some(replicated),
                ..
            } => ServiceMode::Replicated(replicated.replicas.unwrap_or(1)),
            Mode {
                global: Some(_), ..
            } => ServiceMode::Global,
            Mode {
                replicated_job: Some(_),
                ..
            }
            | Mode {
                global_job: Some(_),
                ..
            } => ServiceMode::Job,
            _ => ServiceMode::Replicated(1),
        };
        let update_message = self.update_status.as_ref().map(|s| s.message.clone());
        Service {
            id: self.id,
            name: spec.name,
            mode,
            image: without_digest(&template.container_spec.image),
            ports: wire_ports
                .unwrap_or_default()
                .iter()
                .map(|port| Port {
                    published: port.published_port,
                    target: port.target_port,
                    udp: port.protocol == "udp",
                    host_mode: port.publish_mode == "host",
                })
                .collect(),
            update: self.update_status.and_then(|s| update_state(&s.state)),
            update_message,
            constraints: template
                .placement
                .and_then(|placement| placement.constraints)
                .unwrap_or_default(),
            networks: template
                .networks
                .or(spec.networks)
                .unwrap_or_default()
                .into_iter()
                .map(|network| {
                    networks
                        .get(&network.target)
                        .cloned()
                        .unwrap_or(network.target)
                })
                .collect(),
            secrets: template
                .container_spec
                .secrets
                .unwrap_or_default()
                .into_iter()
                .map(|secret| secret.secret_name)
                .collect(),
            configs: template
                .container_spec
                .configs
                .unwrap_or_default()
                .into_iter()
                .map(|config| config.config_name)
                .collect(),
            labels: spec.labels.unwrap_or_default(),
            version: self.version.index,
        }
    }
}

fn update_state(state: &str) -> Option<UpdateState> {
    Some(match state {
        "updating" => UpdateState::Updating,
        "paused" => UpdateState::Paused,
        "completed" => UpdateState::Completed,
        "rollback_started" => UpdateState::RollbackStarted,
        "rollback_paused" => UpdateState::RollbackPaused,
        "rollback_completed" => UpdateState::RollbackCompleted,
        _ => return None,
    })
}

/// `GET /tasks`
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct WireTask {
    #[serde(rename = "ID")]
    id: String,
    #[serde(rename = "ServiceID")]
    service_id: String,
    slot: u64,
    #[serde(rename = "NodeID")]
    node_id: String,
    spec: TaskSpec,
    status: TaskStatus,
    desired_state: String,
    networks_attachments: Option<Vec<Attachment>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct TaskSpec {
    container_spec: ContainerSpec,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct TaskStatus {
    state: String,
    message: String,
    err: String,
    container_status: Option<ContainerStatus>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct ContainerStatus {
    #[serde(rename = "ContainerID")]
    container_id: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Attachment {
    addresses: Option<Vec<String>>,
}

impl WireTask {
    pub fn into_model(self) -> Task {
        let some = |text: String| (!text.is_empty()).then_some(text);
        Task {
            id: self.id,
            service: self.service_id,
            slot: self.slot,
            node: some(self.node_id),
            state: task_state(&self.status.state),
            desired: task_state(&self.desired_state),
            error: some(self.status.err),
            message: self.status.message,
            image: without_digest(&self.spec.container_spec.image),
            container: self
                .status
                .container_status
                .and_then(|status| some(status.container_id)),
            addresses: self
                .networks_attachments
                .unwrap_or_default()
                .into_iter()
                .flat_map(|attachment| attachment.addresses.unwrap_or_default())
                .map(|address| match address.split_once('/') {
                    Some((address, _)) => address.to_owned(),
                    None => address,
                })
                .collect(),
        }
    }
}

fn task_state(state: &str) -> TaskState {
    match state {
        "pending" | "allocated" => TaskState::Pending,
        "assigned" => TaskState::Assigned,
        "accepted" => TaskState::Accepted,
        "preparing" => TaskState::Preparing,
        "ready" => TaskState::Ready,
        "starting" => TaskState::Starting,
        "running" => TaskState::Running,
        "complete" => TaskState::Complete,
        "shutdown" => TaskState::Shutdown,
        "failed" => TaskState::Failed,
        "rejected" => TaskState::Rejected,
        "orphaned" => TaskState::Orphaned,
        "remove" => TaskState::Remove,
        _ => TaskState::New,
    }
}

/// `GET /networks`
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct WireNetwork {
    pub name: String,
    pub id: String,
    pub driver: String,
    pub scope: String,
    pub ingress: bool,
    pub labels: Option<BTreeMap<String, String>>,
}

impl WireNetwork {
    /// A network of the swarm's users: swarm-scoped, and not the mesh's own.
    pub fn of_users(self) -> Option<Network> {
        (self.scope == "swarm" && !self.ingress).then(|| Network {
            name: self.name,
            driver: self.driver,
            labels: self.labels.unwrap_or_default(),
        })
    }
}

/// `GET /secrets`, `GET /configs`
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Named {
    pub spec: NamedSpec,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct NamedSpec {
    pub name: String,
}

/// Puts a swarm together from its parts.
pub struct Parts {
    pub seen_from: String,
    pub cluster: Cluster,
    pub nodes: Vec<WireNode>,
    pub services: Vec<WireService>,
    pub tasks: Vec<WireTask>,
    pub networks: Vec<WireNetwork>,
    pub secrets: Vec<Named>,
    pub configs: Vec<Named>,
}

impl Parts {
    pub fn into_model(self) -> Swarm {
        let names: BTreeMap<String, String> = self
            .networks
            .iter()
            .map(|network| (network.id.clone(), network.name.clone()))
            .collect();
        // The address of the manager that was asked; any other manager's serves too.
        let addr_of = |node: &WireNode| node.manager_addr().map(str::to_owned);
        let manager_addr = self
            .nodes
            .iter()
            .find(|node| node.description.hostname == self.seen_from)
            .and_then(addr_of)
            .or_else(|| self.nodes.iter().find_map(addr_of));
        Swarm {
            set_otherwise: self.cluster.is_set_otherwise(),
            id: self.cluster.id,
            seen_from: self.seen_from,
            worker_token: self.cluster.join_tokens.worker,
            manager_token: self.cluster.join_tokens.manager,
            manager_addr,
            nodes: self.nodes.into_iter().map(WireNode::into_model).collect(),
            services: self
                .services
                .into_iter()
                .map(|service| service.into_model(&names))
                .collect(),
            tasks: self.tasks.into_iter().map(WireTask::into_model).collect(),
            networks: self
                .networks
                .into_iter()
                .filter_map(WireNetwork::of_users)
                .collect(),
            secrets: self.secrets.into_iter().map(|s| s.spec.name).collect(),
            configs: self.configs.into_iter().map(|c| c.spec.name).collect(),
        }
    }
}

fn without_digest(image: &str) -> String {
    image.split('@').next().unwrap_or(image).to_owned()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_value_of_a_newer_engine_decodes() {
        let task: WireTask = serde_json::from_str(
            r#"{"ID":"t","ServiceID":"s","Slot":2,"Status":{"State":"hovering"},"DesiredState":"running","New":{}}"#,
        )
        .unwrap();
        let task = task.into_model();
        assert_eq!((task.state, task.slot), (TaskState::New, 2));
        assert_eq!(task.desired, TaskState::Running);
    }

    #[test]
    fn settings_of_a_swarm_are_the_usual_ones_or_not() {
        let plain = r#"{"ID":"c","Spec":{"Orchestration":{"TaskHistoryRetentionLimit":5},"Dispatcher":{"HeartbeatPeriod":5000000000},"CAConfig":{"NodeCertExpiry":7776000000000000},"Raft":{"SnapshotInterval":10000},"EncryptionConfig":{"AutoLockManagers":false}}}"#;
        let is_set = |text: &str| {
            serde_json::from_str::<Cluster>(text)
                .unwrap()
                .is_set_otherwise()
        };
        assert!(!is_set(plain));
        assert!(!is_set(r#"{"ID":"c"}"#));
        for (usual, other) in [
            ("Limit\":5", "Limit\":1"),
            ("false", "true"),
            ("5000000000}", "1}"),
        ] {
            assert!(is_set(&plain.replace(usual, other)), "{other}");
        }
    }

    #[test]
    fn a_service_without_update_or_ports_decodes() {
        let service: WireService = serde_json::from_str(
            r#"{"ID":"x","Version":{"Index":12},"Spec":{"Name":"web","TaskTemplate":{"ContainerSpec":{"Image":"a/b:1@sha256:00"}},"Mode":{"Replicated":{"Replicas":3}}}}"#,
        )
        .unwrap();
        let service = service.into_model(&BTreeMap::new());
        assert_eq!(service.mode, ServiceMode::Replicated(3));
        assert_eq!(service.image, "a/b:1");
        assert_eq!(service.update, None);
    }
}
