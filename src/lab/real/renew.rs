//! The lab made anew with clean engines. A node that is as planned only starts its
//! engine afresh. What else is there is killed and put aside under another name,
//! so that its names, addresses and ports are free at once; its removal, which
//! takes longer and would slow down what comes next, goes on behind the lab that
//! has taken its place.

use std::collections::BTreeSet;

use bollard::models::{ContainerSummary, ContainerSummaryStateEnum};
use bollard::query_parameters::{KillContainerOptionsBuilder, RenameContainerOptionsBuilder};
use futures_util::future::{join_all, try_join_all};
use serde::de::IgnoredAny;

use super::super::{LabError, Phase, Plan, Tell};
use super::afresh::Places;
use super::make::say;
use super::observe::label_of;
use super::remove::remove_container;
use super::wire::Info;
use super::{RealLab, engine_error, label};
use crate::model::LocalSwarm;

/// What becomes of containers that are as planned.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Keeping {
    /// New ones take their place.
    None,
    /// Their engines start afresh, all of the lab's.
    All {
        /// The first is needed before the others.
        begins: bool,
    },
    /// The same, beside nodes of their swarm that stay.
    Some,
}

impl RealLab {
    /// Clean engines for the whole plan, as after `down` and a preparation: not
    /// shown before `up`. `keep`: in the containers that are there, as far as
    /// they are as planned. `begins`: the first of them is needed before the others.
    /// Returns whether there was one that was kept.
    pub async fn renew(
        &self,
        plan: &Plan,
        keep: bool,
        begins: bool,
        tell: &Tell,
    ) -> Result<bool, LabError> {
        let _one = self.alone().await;
        self.keep(|kept| {
            kept.up = false;
            kept.making = true;
        })?;
        self.lock().renewed = None;
        self.remove_tags().await?;
        let all = self.summaries().await?;
        self.empty_binds(&all).await;
        let names = plan.compose.services.iter().map(|s| s.name.clone());
        let names: BTreeSet<String> = names.collect();
        let keeping = match keep {
            true => Keeping::All { begins },
            false => Keeping::None,
        };
        let mut kept = self
            .replace(plan, all, names.clone(), keeping, tell)
            .await?;
        self.wipe(plan)?;
        if let Err(error) = self.made_around(&kept, plan, tell).await {
            if kept.is_empty() {
                return Err(error);
            }
            tracing::info!(%error, "not with the containers that were kept");
            let all = self.summaries().await?;
            kept = self.replace(plan, all, names, Keeping::None, tell).await?;
            self.made_around(&kept, plan, tell).await?;
        }
        self.lock().renewed = Some(plan.clone());
        Ok(!kept.is_empty())
    }

    /// What of the plan is missing beside the nodes that were kept, and their images.
    async fn made_around(
        &self,
        kept: &BTreeSet<String>,
        plan: &Plan,
        tell: &Tell,
    ) -> Result<(), LabError> {
        self.make(plan, tell).await?;
        self.lessons_images(kept, plan).await
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
        let mut there = self.summaries().await?;
        there.retain(|summary| {
            label_of(summary, label::NODE).is_some_and(|name| nodes.contains(&name))
        });
        let kept = self
            .replace(plan, there, nodes.clone(), Keeping::Some, tell)
            .await?;
        self.made_around(&kept, plan, tell).await
    }

    /// Brings the plan's containers up. After a making that was cut off some may be
    /// there that were to start afresh and did not, or that had something to do already.
    pub(super) async fn made_as_new(&self, plan: &Plan, tell: &Tell) -> Result<(), LabError> {
        let cut_off = {
            let kept = &self.lock().kept;
            kept.making && !kept.up
        };
        self.make(plan, tell).await?;
        if !cut_off {
            return Ok(());
        }
        let nodes: Vec<String> = plan.compose.nodes().map(|n| n.name.clone()).collect();
        let new = join_all(nodes.iter().map(|name| self.is_new(name))).await;
        let used = nodes.into_iter().zip(new).filter(|(_, new)| !new);
        let used: BTreeSet<String> = used.map(|(name, _)| name).collect();
        tracing::debug!(?used, "after a making that was cut off");
        self.renew_some(plan, &used, tell).await
    }

    /// Its engine is in no swarm and has no containers.
    async fn is_new(&self, name: &str) -> bool {
        let Ok(engine) = self.engine_of(name) else {
            return true;
        };
        let info = engine.get::<Info>("/info");
        let containers = engine.get::<Vec<IgnoredAny>>("/containers/json?all=1");
        let (info, containers) = tokio::join!(info, containers);
        info.is_ok_and(|info| info.swarm.state() == LocalSwarm::Inactive)
            && containers.is_ok_and(|containers| containers.is_empty())
    }

    /// These nodes, which were to keep their images, have the lessons' ones alone.
    async fn lessons_images(&self, nodes: &BTreeSet<String>, plan: &Plan) -> Result<(), LabError> {
        let clearing = nodes.iter().map(|name| async move {
            let engine = self.engine_of(name)?;
            self.images_of_lessons(&engine, plan).await
        });
        try_join_all(clearing).await.map(|_| ())
    }

    /// These containers give way to clean engines: in themselves, where they are
    /// as planned (`keeping`), or in spare ones where those are ready. Which of `names`
    /// there are none for is for `make`. Returns those that are kept.
    async fn replace(
        &self,
        plan: &Plan,
        containers: Vec<ContainerSummary>,
        names: BTreeSet<String>,
        keeping: Keeping,
        tell: &Tell,
    ) -> Result<BTreeSet<String>, LabError> {
        let (images, net) = tokio::join!(self.container_images(plan, tell), self.network_made());
        let images = &images?;
        let spare = self.has_spare(&self.everything().await?);
        let places = &Places {
            plan,
            images,
            net: net?,
            keep: match keeping {
                Keeping::None => false,
                // Where spare ones are ready they are quicker, and there for that.
                Keeping::All { .. } => !spare,
                // One that gives way to another can't tell the others that it goes.
                Keeping::Some => true,
            },
            others: keeping == Keeping::Some,
            spare,
        };
        let begins = matches!(keeping, Keeping::All { begins: true });
        if !spare || !begins {
            return self.replace_these(containers, &names, places, tell).await;
        }
        // The first one has its work to do while the others are swapped.
        let services = plan.compose.services.iter().map(|service| &service.name);
        let first = services.filter(|name| names.contains(*name)).take(1);
        let first: BTreeSet<String> = first.cloned().collect();
        let later = names.difference(&first).cloned().collect();
        let is_first = |summary: &ContainerSummary| {
            label_of(summary, label::NODE).is_some_and(|name| first.contains(&name))
        };
        let (now, then) = containers.into_iter().partition(is_first);
        let mut kept = self.replace_these(now, &first, places, tell).await?;
        kept.extend(self.replace_these(then, &later, places, tell).await?);
        Ok(kept)
    }

    /// The same, all at once.
    async fn replace_these(
        &self,
        containers: Vec<ContainerSummary>,
        names: &BTreeSet<String>,
        places: &Places<'_>,
        tell: &Tell,
    ) -> Result<BTreeSet<String>, LabError> {
        let going = containers.iter().map(|summary| async move {
            let name = label_of(summary, label::NODE).unwrap_or_default();
            if places.keep && self.starts_afresh(summary, places, tell).await {
                say(tell, &name, Phase::Ready);
                return Ok(Some(name));
            }
            self.makes_room(summary, name, places.spare, tell)
                .await
                .map(|()| None)
        });
        let kept: BTreeSet<String> = try_join_all(going).await?.into_iter().flatten().collect();
        tracing::debug!(?kept, "room is made");
        let there = containers.iter();
        let there = there.filter_map(|summary| label_of(summary, label::NODE));
        self.forget_engines(&there.chain(names.iter().cloned()).collect());
        let gone = names.difference(&kept).cloned().collect();
        self.take_spares(&gone, places, tell).await;
        tracing::debug!(spares = ?gone, "taken");
        Ok(kept)
    }

    async fn makes_room(
        &self,
        summary: &ContainerSummary,
        name: String,
        spare: bool,
        tell: &Tell,
    ) -> Result<(), LabError> {
        say(tell, &name, Phase::Removing);
        let id = summary.id.clone().unwrap_or_default();
        let is_node = label_of(summary, label::KIND).as_deref() == Some("node");
        let runs = summary.state == Some(ContainerSummaryStateEnum::RUNNING);
        // A node for which another one stands ready need only be out of its way,
        // which is done in half the time in which it is killed.
        if spare && is_node && runs && self.cut_off(&id).await.is_ok() {
            return Ok(());
        }
        let paused = summary.state == Some(ContainerSummaryStateEnum::PAUSED);
        match self.put_aside(&id, paused).await {
            Ok(()) => Ok(()),
            // Whatever is odd about it, a removal by force copes with.
            Err(_) => self.remove_one(&id, &name, tell).await,
        }
    }

    /// It runs on without its address and its name.
    async fn cut_off(&self, id: &str) -> Result<(), LabError> {
        self.leave_network(&self.network_name(), id).await?;
        self.renamed_aside(id).await
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
        // The engine does this only once the container has given up its address.
        self.renamed_aside(id).await
    }

    async fn renamed_aside(&self, id: &str) -> Result<(), LabError> {
        let short: String = id.chars().take(12).collect();
        let name = format!("{}.old.{short}", self.prefix());
        let options = RenameContainerOptionsBuilder::default().name(&name).build();
        let renamed = self.docker.rename_container(id, options).await;
        renamed.map_err(|error| engine_error("rename", error))
    }

    /// Begins to remove what was put aside, also by a program that was killed. It is
    /// not waited for here, but by whoever ends the lab or the program.
    pub async fn remove_aside(&self) -> Result<(), LabError> {
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
            let removals = aside
                .iter()
                .map(|id| remove_container(&docker, id, true, "remove what was put aside"));
            for removed in join_all(removals).await {
                if let Err(error) = removed {
                    tracing::debug!(%error, "a container that was put aside");
                }
            }
        });
        self.lock().leaving.push(task);
        Ok(())
    }

    /// The program may end: what goes on behind the lab has been asked of the engine,
    /// which does it though nobody waits for it.
    pub async fn let_go(&self) {
        // Requests go out in their order, and this one comes back after they have.
        if !self.is_local() || self.everything().await.is_err() {
            self.settle().await;
        }
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

    /// Clients and memories of engines that are no longer the lab.
    fn forget_engines(&self, names: &BTreeSet<String>) {
        let mut inner = self.lock();
        inner.engines.retain(|name, _| !names.contains(name));
        inner.before.forget();
        inner.mesh = None;
        inner.registry = None;
    }
}
