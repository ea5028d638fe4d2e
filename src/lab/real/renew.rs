//! The lab made anew with clean engines. What is there is killed and put aside
//! under another name, so that its names, addresses and ports are free at once;
//! its removal, which takes longer, goes on behind the lab that takes its place.

use std::collections::{BTreeMap, BTreeSet};

use bollard::models::{ContainerSummary, ContainerSummaryStateEnum};
use bollard::query_parameters::{
    KillContainerOptionsBuilder, RemoveContainerOptionsBuilder, RenameContainerOptionsBuilder,
};
use futures_util::future::{join_all, try_join_all};

use super::super::{LabError, Phase, Plan, Tell};
use super::make::say;
use super::observe::label_of;
use super::subnet::Net;
use super::{RealLab, engine_error, label};

impl RealLab {
    /// Fresh containers for the whole plan, as after `down` and a preparation:
    /// not shown before `up`.
    pub async fn renew(&self, plan: &Plan, tell: &Tell) -> Result<(), LabError> {
        let _one = self.alone().await;
        self.keep(|kept| {
            kept.up = false;
            kept.making = true;
        })?;
        self.remove_tags().await?;
        self.make(plan, tell, true).await
    }

    /// Clean engines for these nodes, the others stay as they are.
    pub(super) async fn renew_some(
        &self,
        plan: &Plan,
        nodes: &BTreeSet<String>,
        tell: &Tell,
    ) -> Result<(), LabError> {
        if nodes.is_empty() {
            return Ok(());
        }
        self.keep(|kept| kept.making = true)?;
        let there = self.summaries().await?;
        let going = there.iter().filter_map(|summary| {
            let name = label_of(summary, label::NODE)?;
            nodes.contains(&name).then_some((name, summary))
        });
        try_join_all(going.map(|(name, summary)| self.makes_room(summary, name, tell))).await?;
        {
            let mut inner = self.lock();
            inner.engines.retain(|name, _| !nodes.contains(name));
            inner.before.forget();
        }
        let (images, net) = tokio::join!(self.container_images(plan, tell), self.network_made());
        self.take_spares(plan, nodes, &images?, net?, tell).await;
        self.make(plan, tell, false).await
    }

    /// All containers of the lab make room; spare engines take their places
    /// where they are ready.
    pub(super) async fn replace_all(
        &self,
        plan: &Plan,
        images: &BTreeMap<String, String>,
        net: Net,
        tell: &Tell,
    ) -> Result<(), LabError> {
        let there = self.summaries().await?;
        self.empty_binds(&there).await;
        let going = there.iter().map(|summary| {
            let name = label_of(summary, label::NODE).unwrap_or_default();
            self.makes_room(summary, name, tell)
        });
        try_join_all(going).await?;
        self.wipe(plan)?;
        self.forget_engines();
        let services = plan.compose.services.iter();
        let all = services.map(|service| service.name.clone()).collect();
        self.take_spares(plan, &all, images, net, tell).await;
        Ok(())
    }

    async fn makes_room(
        &self,
        summary: &ContainerSummary,
        name: String,
        tell: &Tell,
    ) -> Result<(), LabError> {
        say(tell, &name, Phase::Removing);
        let id = summary.id.clone().unwrap_or_default();
        let paused = summary.state == Some(ContainerSummaryStateEnum::PAUSED);
        match self.put_aside(&id, paused).await {
            Ok(()) => Ok(()),
            // Whatever is odd about it, a removal by force copes with.
            Err(_) => self.remove_one(&id, &name, tell).await,
        }
    }

    async fn put_aside(&self, id: &str, paused: bool) -> Result<(), LabError> {
        if paused {
            let done = self.docker.unpause_container(id).await;
            done.map_err(|error| engine_error("unpause", error))?;
        }
        let options = KillContainerOptionsBuilder::default()
            .signal("SIGKILL")
            .build();
        let killed = self.docker.kill_container(id, Some(options)).await;
        match killed.map_err(|error| engine_error("kill", error)) {
            // It does not run.
            Err(LabError::Engine {
                status: Some(409), ..
            })
            | Ok(()) => {}
            Err(error) => return Err(error),
        }
        let short: String = id.chars().take(12).collect();
        let name = format!("{}.old.{short}", self.prefix());
        let options = RenameContainerOptionsBuilder::default().name(&name).build();
        // The engine does this only once the container has given up its address.
        let renamed = self.docker.rename_container(id, options).await;
        renamed.map_err(|error| engine_error("rename", error))
    }

    /// Removes what was put aside, also by a program that was killed. It is not
    /// waited for here, but by whoever ends the lab or the program.
    pub(super) async fn remove_aside(&self) -> Result<(), LabError> {
        let aside: Vec<String> = self
            .everything()
            .await?
            .into_iter()
            .filter(|summary| self.is_aside(summary))
            .filter_map(|summary| summary.id)
            .collect();
        if aside.is_empty() {
            return Ok(());
        }
        let docker = self.docker.clone();
        let task = tokio::spawn(async move {
            let options = RemoveContainerOptionsBuilder::default()
                .force(true)
                .v(true)
                .build();
            let removals = aside
                .iter()
                .map(|id| docker.remove_container(id, Some(options.clone())));
            for removed in join_all(removals).await {
                if let Err(error) = removed {
                    tracing::debug!(%error, "a container that was put aside");
                }
            }
        });
        self.lock().leaving.push(task);
        Ok(())
    }

    /// What goes on behind the lab has ended.
    pub async fn settle(&self) {
        let leaving = std::mem::take(&mut self.lock().leaving);
        join_all(leaving).await;
    }

    fn is_aside(&self, summary: &ContainerSummary) -> bool {
        let aside = format!("/{}.old.", self.prefix());
        let mut names = summary.names.iter().flatten();
        names.any(|name| name.starts_with(&aside))
    }

    /// Clients and memories of containers that are no longer the lab.
    pub(super) fn forget_engines(&self) {
        let mut inner = self.lock();
        let spare = self.spare_name("");
        inner.engines.retain(|name, _| name.starts_with(&spare));
        inner.before.forget();
        inner.mesh = None;
        inner.registry = None;
    }
}
