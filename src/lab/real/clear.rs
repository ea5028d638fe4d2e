//! The lab as if only its members had been made: the quick way back to a step
//! whose containers and swarm are those that are there.
//!
//! What the swarm holds goes here; what a single node holds, in `clear_node`.

use std::collections::{BTreeSet, HashSet};
use std::time::Duration;

use futures_util::future::join_all;
use http::Method;
use serde_json::{Value, json};

use super::super::{LabError, Plan, Tell};
use super::make::no_one;
use super::node::NodeEngine;
use super::{RealLab, engine_error, is_missing, raw_error};
use crate::model::{Task, TaskState};

/// Tasks end and are forgotten within this, or the way back was not quick.
pub(super) const WITHIN: Duration = Duration::from_secs(30);

impl RealLab {
    /// Removes all services, networks, secrets and configs of the swarm, what
    /// nodes were told to be (availability, labels), the learner's tags, what
    /// the registry holds, and everything in the nodes but the lessons' images;
    /// waits until it is gone. The rows of the tasks that ran go within seconds
    /// more, beside whatever is made next. The nodes of `anew` get clean engines
    /// meanwhile, and the swarm forgets who they were.
    pub async fn clear(
        &self,
        plan: &Plan,
        anew: &BTreeSet<String>,
        tell: &Tell,
    ) -> Result<(), LabError> {
        let _one = self.alone().await;
        self.forget_seen();
        self.remove_tags().await?;
        let now = self.observe().await?;
        if now.registry.as_ref().is_some_and(|held| !held.is_empty()) {
            self.remake_helpers(plan).await?;
        }
        let swarm = now.swarm.as_ref();
        let swarm = swarm.filter(|swarm| !anew.contains(&swarm.seen_from));
        let mut given_up = HashSet::new();
        let manager = match swarm {
            Some(swarm) => {
                let manager = self.engine_of(&swarm.seen_from)?;
                for service in &swarm.services {
                    let done = manager.docker.delete_service(&service.id).await;
                    let doing = format!("remove {}", service.name);
                    fine(done.map_err(|error| engine_error(&doing, error)))?;
                }
                // Only now: a task that is killed while it is still wanted is
                // started again.
                given_up = self.tasks_given_up(&manager).await?;
                Some(manager)
            }
            None => None,
        };
        let answering = now.containers.iter();
        let answering: Vec<String> = answering
            .filter(|(name, container)| container.engine.is_some() && !anew.contains(*name))
            .map(|(name, _)| name.clone())
            .collect();
        let nodes = answering.iter().map(|name| self.clear_node(name, plan));
        let (cleared, renewed) = tokio::join!(join_all(nodes), self.renew_some(plan, anew, tell));
        renewed?;
        for done in cleared {
            done?;
        }
        self.lock().cleared = given_up;
        if let (Some(manager), Some(swarm)) = (&manager, swarm) {
            let docker = &manager.docker;
            for row in &swarm.nodes {
                // Who does not answer just now may still be the one of the row.
                let engine = now.engine(&row.hostname);
                let is_ghost =
                    engine.is_some_and(|engine| engine.node_id.as_ref() != Some(&row.id));
                if anew.contains(&row.hostname) || is_ghost {
                    let path = format!("/nodes/{}?force=true", row.id);
                    let done = manager.raw.send(Method::DELETE, &path, &Value::Null).await;
                    let doing = format!("remove the row of {}", row.hostname);
                    fine(done.map(|_| ()).map_err(|error| raw_error(&doing, error)))?;
                }
            }
            for network in &swarm.networks {
                self.retried(|| docker.remove_network(&network.name), &network.name)
                    .await?;
            }
            for secret in &swarm.secrets {
                self.retried(|| docker.delete_secret(secret), secret)
                    .await?;
            }
            for config in &swarm.configs {
                self.retried(|| docker.delete_config(config), config)
                    .await?;
            }
            self.nodes_plain(manager).await?;
        }
        self.forget_seen();
        Ok(())
    }

    /// Swarm lets go of a network or secret a moment after its last task.
    async fn retried<F>(&self, remove: impl Fn() -> F, name: &str) -> Result<(), LabError>
    where
        F: Future<Output = Result<(), bollard::errors::Error>>,
    {
        let doing = format!("remove {name}");
        let mut tick = tokio::time::interval(Duration::from_millis(100));
        let trying = async {
            loop {
                tick.tick().await;
                let done = remove().await;
                match fine(done.map_err(|error| engine_error(&doing, error))) {
                    Ok(()) => return Ok(()),
                    Err(error @ LabError::Unreachable(_)) => return Err(error),
                    Err(error) => tracing::debug!(%error, "still in use"),
                }
            }
        };
        match tokio::time::timeout(WITHIN, trying).await {
            Ok(done) => done,
            Err(_) => remove().await.map_err(|error| engine_error(&doing, error)),
        }
    }

    /// Every node is active and has no labels, as after it joined.
    async fn nodes_plain(&self, manager: &NodeEngine) -> Result<(), LabError> {
        let said = |error| raw_error("list nodes", error);
        let nodes: Vec<Value> = manager.get("/nodes").await.map_err(said)?;
        for node in nodes {
            let spec = &node["Spec"];
            let labels = spec["Labels"].as_object();
            let plain =
                spec["Availability"] == "active" && labels.is_none_or(|labels| labels.is_empty());
            if plain {
                continue;
            }
            let (id, version) = (node["ID"].as_str(), node["Version"]["Index"].as_u64());
            let path = format!(
                "/nodes/{}/update?version={}",
                id.unwrap_or_default(),
                version.unwrap_or_default()
            );
            let body = json!({ "Role": spec["Role"], "Availability": "active", "Labels": {} });
            let done = manager.raw.send(Method::POST, &path, &body).await;
            done.map_err(|error| raw_error("update a node", error))?;
        }
        Ok(())
    }

    /// A registry forgets what it holds only with its container.
    async fn remake_helpers(&self, plan: &Plan) -> Result<(), LabError> {
        for service in plan.compose.services.iter().filter(|s| !s.is_node()) {
            let name = self.container_name(&service.name);
            self.remove_one(&name, &service.name, &no_one()).await?;
        }
        self.wipe(plan)?;
        self.lock().registry = None;
        self.make(plan, &no_one()).await
    }

    /// Every task's desired state has left `running`; their ids.
    async fn tasks_given_up(&self, manager: &NodeEngine) -> Result<HashSet<String>, LabError> {
        let mut tick = tokio::time::interval(Duration::from_millis(50));
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let looking = async {
            loop {
                tick.tick().await;
                let tasks: Vec<super::wire::WireTask> = manager
                    .get("/tasks")
                    .await
                    .map_err(|error| raw_error("list tasks", error))?;
                let tasks = tasks.into_iter().map(super::wire::WireTask::into_model);
                let tasks: Vec<Task> = tasks.collect();
                if tasks.iter().all(|task| task.desired > TaskState::Running) {
                    return Ok(tasks.into_iter().map(|task| task.id).collect());
                }
            }
        };
        match tokio::time::timeout(WITHIN, looking).await {
            Ok(done) => done,
            Err(_) => Err(LabError::NodeSilent {
                node: manager.node.clone(),
                message: "its tasks did not end".to_owned(),
            }),
        }
    }
}

/// What is gone already is as good as removed.
pub(super) fn fine(done: Result<(), LabError>) -> Result<(), LabError> {
    match done {
        Err(error) if is_missing(&error) => Ok(()),
        other => other,
    }
}
