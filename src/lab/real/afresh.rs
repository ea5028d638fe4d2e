//! An engine that starts afresh in its container: as a new one would be, but for
//! its images. It saves what a new container takes most time for: to be made, to
//! start, and to be given the images; the removal of the old one besides.

use std::collections::BTreeMap;
use std::time::Duration;

use bollard::models::{ContainerSummary, ContainerSummaryStateEnum};
use bollard::query_parameters::{KillContainerOptionsBuilder, LogsOptionsBuilder};
use futures_util::StreamExt;
use tokio::sync::watch;

use super::super::{Phase, Plan, Tell};
use super::make::{address_of, say};
use super::observe::label_of;
use super::starting::LISTENS;
use super::subnet::Net;
use super::{RealLab, label};

/// What a node's first process (`lab/image/entrypoint.sh`) is told by.
const AFRESH: &str = "SIGUSR2";

/// The same, where others of its swarm stay.
const AFRESH_BESIDE_OTHERS: &str = "SIGUSR1";

/// What dockerd writes to its log when it has done the first half of its start.
const HALFWAY: &str = "Loading containers";

/// Four engines at once start within 2 s; on one slow processor, within 30 s.
const WITHIN: Duration = Duration::from_secs(60);

/// What clean engines are made of, and how.
pub(super) struct Places<'a> {
    pub plan: &'a Plan,
    pub images: &'a BTreeMap<String, String>,
    pub net: Net,
    /// Engines start afresh in containers that are as planned.
    pub keep: bool,
    /// Other nodes stay, which have to hear of it.
    pub others: bool,
    /// A spare set stands ready.
    pub spare: bool,
    /// The node with which something is begun as soon as it is ready.
    pub first: Option<&'a str>,
}

/// The order in which engines start that would otherwise keep each other from it: the
/// one that has something to do then, and once it is halfway the others.
pub(super) struct Turns {
    halfway: watch::Sender<bool>,
}

impl Turns {
    /// `first`: some engine is to be ready before the others.
    pub(super) fn new(first: bool) -> Turns {
        let halfway = watch::Sender::new(!first);
        Turns { halfway }
    }

    /// Waits until it is the turn of one that is not the first.
    async fn taken(&self) {
        let mut told = self.halfway.subscribe();
        let _ = told.wait_for(|halfway| *halfway).await;
    }

    /// The first one is halfway, or won't be.
    pub(super) fn passed(&self) {
        self.halfway.send_replace(true);
    }
}

impl Places<'_> {
    /// The place of a container's service in the compose file.
    pub(super) fn of(&self, summary: &ContainerSummary) -> Option<usize> {
        let name = label_of(summary, label::NODE)?;
        let services = &self.plan.compose.services;
        services.iter().position(|service| service.name == name)
    }
}

impl RealLab {
    /// Whether the container is a node as the plan has it, with its engine now as
    /// new. If not, it is of no use any more.
    pub(super) async fn starts_afresh(
        &self,
        summary: &ContainerSummary,
        places: &Places<'_>,
        turns: &Turns,
        tell: &Tell,
    ) -> bool {
        let Some(name) = label_of(summary, label::NODE) else {
            return false;
        };
        let id = summary.id.clone().unwrap_or_default();
        if !self.is_as_planned(summary, &name, places) {
            return false;
        }
        let restored = matches!(self.root_restored(&id).await, Ok(true));
        // One that has to go all the same tells the others first.
        if !restored && !places.others {
            return false;
        }
        say(tell, &name, Phase::Starting);
        let is_first = places.first == Some(name.as_str());
        if !is_first {
            turns.taken().await;
        }
        let halfway = is_first.then_some(turns);
        let starting = self.engine_afresh(&id, places.others, halfway);
        let started = tokio::time::timeout(WITHIN, starting).await;
        tracing::debug!(name, restored, ?started, "afresh");
        self.lock().engines.remove(&name);
        restored && started == Ok(Some(())) && self.engine_for(&name, &id).is_ok()
    }

    /// It runs what the plan says where the plan says.
    fn is_as_planned(&self, summary: &ContainerSummary, name: &str, places: &Places<'_>) -> bool {
        let Some(n) = places.of(summary) else {
            return false;
        };
        let service = &places.plan.compose.services[n];
        let address = address_of(places.net, n).to_string();
        let image = places.images.get(name).map(String::as_str);
        let config = self.config_hash(service, image.unwrap_or_default(), &address);
        let networks = summary.network_settings.as_ref();
        let networks = networks.and_then(|settings| settings.networks.as_ref());
        let at = networks.and_then(|networks| networks.get(&self.network_name()));
        service.is_node()
            && summary.state == Some(ContainerSummaryStateEnum::RUNNING)
            && label_of(summary, label::CONFIG) == Some(config)
            && at.and_then(|at| at.ip_address.as_ref()) == Some(&address)
    }

    /// `None`: it can't be told, or ends without having started.
    async fn engine_afresh(&self, id: &str, others: bool, turns: Option<&Turns>) -> Option<()> {
        let signal = if others { AFRESH_BESIDE_OTHERS } else { AFRESH };
        let options = LogsOptionsBuilder::default()
            .stdout(true)
            .stderr(true)
            .follow(true)
            .tail("0")
            .build();
        let mut log = self.docker.logs(id, Some(options));
        // Asked for before the engine is told, which takes some time to start.
        let listens = async {
            loop {
                let Some(Ok(line)) = log.next().await else {
                    return Err(());
                };
                let line = line.to_string();
                if line.contains(LISTENS) {
                    return Ok(());
                }
                if let Some(turns) = turns.filter(|_| line.contains(HALFWAY)) {
                    turns.passed();
                }
            }
        };
        let signal = KillContainerOptionsBuilder::default()
            .signal(signal)
            .build();
        let told = async {
            let told = self.docker.kill_container(id, Some(signal)).await;
            told.map_err(|_| ())
        };
        tokio::try_join!(listens, told).ok().map(|_| ())
    }
}
