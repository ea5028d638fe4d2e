//! An engine that starts afresh in its container: as a new one would be, but for
//! its images. It saves what a new container takes most time for: to be made, to
//! start, and to be given the images; the removal of the old one besides.

use std::collections::BTreeMap;
use std::time::Duration;

use bollard::models::{ContainerSummary, ContainerSummaryStateEnum};
use bollard::query_parameters::{KillContainerOptionsBuilder, LogsOptionsBuilder};
use futures_util::StreamExt;

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
        let started = tokio::time::timeout(WITHIN, self.engine_afresh(&id, places.others)).await;
        tracing::debug!(name, restored, ?started, "afresh");
        self.lock().engines.remove(&name);
        restored && started == Ok(Some(()))
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
    async fn engine_afresh(&self, id: &str, others: bool) -> Option<()> {
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
                match log.next().await {
                    Some(Ok(line)) if line.to_string().contains(LISTENS) => return Ok(()),
                    Some(Ok(_)) => {}
                    Some(Err(_)) | None => return Err(()),
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
