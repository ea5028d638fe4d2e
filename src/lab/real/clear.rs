//! The swarm's members as they are, and nothing on them: the quick way back to
//! a step before any service.

use std::collections::HashMap;
use std::time::Duration;

use bollard::query_parameters::{
    KillContainerOptionsBuilder, ListContainersOptionsBuilder, RemoveContainerOptionsBuilder,
};
use futures_util::future::join_all;

use super::super::LabError;
use super::node::NodeEngine;
use super::{RealLab, engine_error, is_missing, raw_error};
use crate::model::{Snapshot, TaskState};

/// Tasks end and are forgotten within this, or the way back was not quick.
const WITHIN: Duration = Duration::from_secs(30);

impl RealLab {
    /// Removes all services, networks, secrets and configs of the swarm, and
    /// every container in the nodes, and waits until they are gone.
    pub async fn clear(&self) -> Result<(), LabError> {
        self.forget_seen();
        let now = self.observe().await?;
        let Some(swarm) = &now.swarm else {
            return self.remove_containers(&now).await;
        };
        let manager = self.engine_of(&swarm.seen_from)?;
        let docker = &manager.docker;
        for service in &swarm.services {
            let done = docker.delete_service(&service.id).await;
            fine(done.map_err(|error| engine_error(&format!("remove {}", service.name), error)))?;
        }
        // Only now: a task that is killed while it is still wanted is started again.
        self.tasks_given_up(&manager).await?;
        self.remove_containers(&now).await?;
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
        self.forget_seen();
        self.no_tasks_left(&manager).await
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

    /// Every task's desired state has left `running`.
    async fn tasks_given_up(&self, manager: &NodeEngine) -> Result<(), LabError> {
        self.until_tasks(manager, |state| state > TaskState::Running)
            .await
    }

    async fn no_tasks_left(&self, manager: &NodeEngine) -> Result<(), LabError> {
        self.until_tasks(manager, |_| false).await
    }

    async fn until_tasks(
        &self,
        manager: &NodeEngine,
        desired: impl Fn(TaskState) -> bool,
    ) -> Result<(), LabError> {
        let mut tick = tokio::time::interval(Duration::from_millis(50));
        let looking = async {
            loop {
                tick.tick().await;
                let tasks: Vec<super::wire::WireTask> = manager
                    .get("/tasks")
                    .await
                    .map_err(|error| raw_error("list tasks", error))?;
                let mut tasks = tasks.into_iter().map(super::wire::WireTask::into_model);
                if tasks.all(|task| desired(task.desired)) {
                    return Ok(());
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

    /// Every container in every node that answers: tasks' and the learner's own.
    async fn remove_containers(&self, now: &Snapshot) -> Result<(), LabError> {
        let nodes = now
            .containers
            .iter()
            .filter(|(_, container)| container.engine.is_some())
            .map(|(name, _)| async move {
                let engine = self.engine_of(name)?;
                let options = ListContainersOptionsBuilder::default()
                    .all(true)
                    .filters(&HashMap::<String, Vec<String>>::new())
                    .build();
                let found = engine.docker.list_containers(Some(options)).await;
                let found = found.map_err(|error| engine_error("list containers", error))?;
                for container in found {
                    let id = container.id.unwrap_or_default();
                    let of_task = container
                        .labels
                        .is_some_and(|labels| labels.contains_key("com.docker.swarm.task.id"));
                    if of_task {
                        // Swarm itself removes it; a kill spares the stop grace.
                        let options = KillContainerOptionsBuilder::default()
                            .signal("SIGKILL")
                            .build();
                        let _ = engine.docker.kill_container(&id, Some(options)).await;
                        continue;
                    }
                    let options = RemoveContainerOptionsBuilder::default()
                        .force(true)
                        .v(true)
                        .build();
                    let done = engine.docker.remove_container(&id, Some(options)).await;
                    fine(done.map_err(|error| engine_error("remove a container", error)))?;
                }
                Ok::<(), LabError>(())
            });
        for done in join_all(nodes).await {
            done?;
        }
        Ok(())
    }
}

/// What is gone already is as good as removed.
fn fine(done: Result<(), LabError>) -> Result<(), LabError> {
    match done {
        Err(error) if is_missing(&error) => Ok(()),
        other => other,
    }
}
