//! Waiting for the engine of a node that starts, and why it did not.

use std::time::{Duration, Instant};

use bollard::query_parameters::{InspectContainerOptions, LogsOptionsBuilder};
use futures_util::StreamExt;

use super::super::LabError;
use super::super::find::Trouble;
use super::{RealLab, engine_error};

/// How long an engine in a node may take to answer, on a busy machine.
const ENGINE_WITHIN: Duration = Duration::from_secs(90);

/// How often an engine is asked whose log does not say that it listens.
const SELDOM: Duration = Duration::from_secs(2);

/// What dockerd writes to its log when its API is served.
pub(super) const LISTENS: &str = "API listen on";

impl RealLab {
    /// Waits until the engine in a node answers, or its container ends. It is asked
    /// over the connection of looks, on which a question waits for its answer: with
    /// new ones for each, which are commands in the node, those of a slow machine
    /// would pile up until no engine can start.
    pub(super) async fn engine_answers(&self, name: &str, id: &str) -> Result<(), LabError> {
        let engine = self.engine_for(name, id)?;
        let deadline = Instant::now() + ENGINE_WITHIN;
        let mut listens = std::pin::pin!(self.listens(id));
        let mut waits = true;
        // For an engine that does not say in its log when it listens.
        let mut seldom = tokio::time::interval(SELDOM);
        seldom.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        seldom.reset();
        loop {
            // Each question is a command in the node: asked over and over, a slow
            // machine has no time left to start the engine.
            tokio::select! {
                () = &mut listens, if waits => waits = false,
                _ = seldom.tick() => {}
            }
            let asked = tokio::time::timeout(Duration::from_secs(5), engine.role()).await;
            if matches!(asked, Ok(Ok(_))) {
                tracing::debug!(node = name, "answers");
                return Ok(());
            }
            let state = self
                .docker
                .inspect_container(id, None::<InspectContainerOptions>)
                .await
                .map_err(|error| engine_error(&format!("inspect {name}"), error))?
                .state
                .unwrap_or_default();
            if state.running != Some(true) || Instant::now() > deadline {
                return Err(LabError::NotUp {
                    node: name.to_owned(),
                    log: self.log_tail(id).await,
                    cause: self.cannot_run_nodes().await.map(Box::new),
                });
            }
        }
    }

    /// Waits for the line of a starting engine's log that says it listens, or
    /// for the end of the log.
    async fn listens(&self, id: &str) {
        let found = self.docker.inspect_container(id, None).await.ok();
        let started = found.and_then(|found| found.state?.started_at);
        // Its log may have such a line from before.
        let since = started.and_then(|at| super::certificate::rfc3339(&at));
        let options = LogsOptionsBuilder::default()
            .stdout(true)
            .stderr(true)
            .follow(true)
            .since(since.and_then(|at| at.try_into().ok()).unwrap_or_default())
            .build();
        let mut log = self.docker.logs(id, Some(options));
        while let Some(Ok(line)) = log.next().await {
            if line.to_string().contains(LISTENS) {
                return;
            }
        }
    }

    /// Whether the engine is of a kind that often can't run nodes. Asked only
    /// after one did not come up: some can.
    pub(super) async fn cannot_run_nodes(&self) -> Option<Trouble> {
        let security = self.docker.info().await.ok()?.security_options?;
        let says = |name: &str| security.iter().any(|option| option.contains(name));
        if says("rootless") {
            return Some(Trouble::Rootless);
        }
        says("userns").then_some(Trouble::UserNamespaces)
    }

    async fn log_tail(&self, id: &str) -> String {
        let options = LogsOptionsBuilder::default()
            .stdout(true)
            .stderr(true)
            .tail("6")
            .build();
        let mut log = String::new();
        let mut lines = self.docker.logs(id, Some(options));
        while let Some(Ok(line)) = lines.next().await {
            log.push_str(&line.to_string());
        }
        log.trim_end().to_owned()
    }
}
