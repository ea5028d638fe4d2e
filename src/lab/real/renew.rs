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

use super::super::{LabError, Next, Phase, Plan, Renewed, Tell};
use super::afresh::{Places, Turns};
use super::make::say;
use super::observe::label_of;
use super::remove::remove_container;
use super::spare::SpareNode;
use super::wire::Info;
use super::{RealLab, engine_error, label};
use crate::model::{LocalSwarm, SpareSet};

/// What becomes of containers that are as planned.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Keeping {
    /// New ones take their place.
    None,
    /// Their engines start afresh, all of the lab's.
    All,
    /// The same, beside nodes of their swarm that stay.
    Some,
}

/// What was done to make room for clean engines.
#[derive(Debug, Default)]
struct Replaced {
    /// The nodes whose engines started afresh in their containers.
    kept: BTreeSet<String>,
    /// The nodes whose place spare ones have taken.
    taken: BTreeSet<String>,
    /// Those are a swarm.
    swarm: bool,
}

impl RealLab {
    /// Clean engines for the whole plan, as after `down` and a preparation: not
    /// shown before `up`. `keep`: in the containers that are there, as far as
    /// they are as planned.
    pub async fn renew(
        &self,
        plan: &Plan,
        keep: bool,
        next: Next<'_>,
        tell: &Tell,
    ) -> Result<Renewed, LabError> {
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
            true => Keeping::All,
            false => Keeping::None,
        };
        let replacing = self.replace(plan, all, names.clone(), keeping, next, tell);
        // What `make` asks for is known by then; why it can't be had, it tells.
        let (done, _) = tokio::join!(replacing, self.preload_set(plan, tell));
        let mut done = done?;
        self.wipe(plan)?;
        let nodes = plan.compose.nodes().map(|node| &node.name);
        let whole = !done.swarm || nodes.into_iter().all(|name| done.taken.contains(name));
        let made = match whole {
            true => self.made_around(&done.kept, plan, tell).await,
            // A part of a swarm is no clean engines.
            false => Err(LabError::NoSwarm),
        };
        if let Err(error) = made {
            if whole && done.kept.is_empty() {
                return Err(error);
            }
            tracing::info!(%error, "not with the containers that were there");
            let all = self.summaries().await?;
            done = self
                .replace(plan, all, names, Keeping::None, Next::Nothing, tell)
                .await?;
            self.made_around(&done.kept, plan, tell).await?;
        }
        self.lock().renewed = Some(plan.clone());
        Ok(Renewed {
            kept: !done.kept.is_empty(),
            swarm: done.swarm,
        })
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
        let done = self
            .replace(
                plan,
                there,
                nodes.clone(),
                Keeping::Some,
                Next::Nothing,
                tell,
            )
            .await?;
        self.made_around(&done.kept, plan, tell).await
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
    pub(super) async fn is_new(&self, name: &str) -> bool {
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
    /// there are none for is for `make`.
    async fn replace(
        &self,
        plan: &Plan,
        containers: Vec<ContainerSummary>,
        names: BTreeSet<String>,
        keeping: Keeping,
        next: Next<'_>,
        tell: &Tell,
    ) -> Result<Replaced, LabError> {
        let (images, net) = tokio::join!(self.container_images(plan, tell), self.network_made());
        let (images, net) = (&images?, net?);
        let _sparing = self.sparing.lock().await;
        let everything = self.everything().await?;
        let spare = match (self.has_spare(&everything), next) {
            (Some(SpareSet::Swarm { manager }), Next::Swarm(wanted)) if manager == wanted => {
                Some(SpareSet::Swarm { manager })
            }
            (Some(SpareSet::Engines), _) => Some(SpareSet::Engines),
            _ => None,
        };
        let spares = self.spares(&everything, plan, images, net);
        // Of a swarm only all of it is of use.
        let whole = spares.iter().all(|spare| spare.fits);
        let spare = spare.filter(|spare| whole || *spare == SpareSet::Engines);
        let swarm = matches!(spare, Some(SpareSet::Swarm { .. }));
        let places = &Places {
            plan,
            images,
            net,
            keep: match keeping {
                Keeping::None => false,
                // Where spare ones are ready they are quicker, and there for that.
                Keeping::All => spare.is_none(),
                // One that gives way to another can't tell the others that it goes.
                Keeping::Some => true,
            },
            others: keeping == Keeping::Some,
            spare: spare.is_some(),
            first: match next {
                Next::First(node) => Some(node),
                Next::Nothing | Next::Swarm(_) => None,
            },
        };
        let spares = spare.map_or(Vec::new(), |_| spares);
        if swarm {
            // What is left of it is none any more, whatever comes.
            self.keep(|kept| kept.spare_swarm = None)?;
        }
        let mut done = Replaced {
            swarm,
            ..Replaced::default()
        };
        let replacing = async {
            let mut later = names;
            let mut then = containers;
            if let (Keeping::All, true, Some(first)) = (keeping, places.spare, places.first)
                && later.remove(first)
            {
                // The first one has its work to do while the others are swapped.
                let is_first = |summary: &ContainerSummary| {
                    label_of(summary, label::NODE).as_deref() == Some(first)
                };
                let (now, rest) = then.into_iter().partition(is_first);
                then = rest;
                let names = BTreeSet::from([first.to_owned()]);
                self.replace_these(now, &names, places, &spares, &mut done, tell)
                    .await?;
            }
            self.replace_these(then, &later, places, &spares, &mut done, tell)
                .await
        };
        // Who changes networks mostly waits for the kernel.
        let (replaced, ()) = tokio::join!(replacing, self.dialled(&spares));
        replaced?;
        Ok(done)
    }

    /// The same, all at once.
    async fn replace_these(
        &self,
        containers: Vec<ContainerSummary>,
        names: &BTreeSet<String>,
        places: &Places<'_>,
        spares: &[SpareNode<'_>],
        done: &mut Replaced,
        tell: &Tell,
    ) -> Result<(), LabError> {
        let there: BTreeSet<String> = containers
            .iter()
            .filter_map(|summary| label_of(summary, label::NODE))
            .collect();
        if places.spare {
            self.forget_engines(&there.union(names).cloned().collect());
        }
        let turns = &Turns::new(places.first.is_some_and(|first| there.contains(first)));
        let going = containers.iter().map(|summary| async move {
            let name = label_of(summary, label::NODE).unwrap_or_default();
            let afresh = places.keep && self.starts_afresh(summary, places, turns, tell).await;
            if places.first == Some(name.as_str()) {
                turns.passed();
            }
            if afresh {
                say(tell, &name, Phase::Ready);
                return Ok::<_, LabError>((Some(name), None));
            }
            self.makes_room(summary, name.clone(), places.spare, tell)
                .await?;
            Ok((None, self.took_place(&name, spares, tell).await))
        });
        let missing = names.difference(&there);
        let missing = missing.map(|name| self.took_place(name, spares, tell));
        let (gone, missing) = tokio::join!(try_join_all(going), join_all(missing));
        for (kept, taken) in gone? {
            done.kept.extend(kept);
            done.taken.extend(taken);
        }
        done.taken.extend(missing.into_iter().flatten());
        tracing::debug!(?done, "room is made");
        if !places.spare {
            // Those that started afresh have been dialled since.
            let gone = there.union(names).filter(|name| !done.kept.contains(*name));
            self.forget_engines(&gone.cloned().collect());
        }
        Ok(())
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
        let spare_network = self.spare_network();
        let task = tokio::spawn(async move {
            let removals = aside
                .iter()
                .map(|id| remove_container(&docker, id, true, "remove what was put aside"));
            // Of spare nodes that were a swarm; one that is in use stays.
            let network = docker.remove_network(&spare_network);
            let (removed, _) = tokio::join!(join_all(removals), network);
            for removed in removed {
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
        // Requests go out in their order, and this one comes back after they have. (One
        // that takes the engine no time, like a ping, comes back before.)
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
