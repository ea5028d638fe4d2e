//! One node as a new engine would be, but for its membership: no containers,
//! no networks, no volumes, and the lessons' images alone.

use std::collections::HashMap;
use std::time::Duration;

use bollard::query_parameters::RemoveImageOptionsBuilder;
use futures_util::future::{join_all, try_join_all};
use http::Method;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::super::{LabError, Plan};
use super::clear::{WITHIN, fine};
use super::make::no_one;
use super::node::NodeEngine;
use super::{RealLab, engine_error, raw_error};
use crate::model::compose::with_tag;

/// What an engine has from its own start, or of a swarm.
const OWN_NETWORKS: [&str; 5] = ["bridge", "host", "none", "docker_gwbridge", "ingress"];

/// The label of a container that is a task.
const TASK: &str = "com.docker.swarm.task.id";

/// `GET /containers/json`, `GET /networks`
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Thing {
    id: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    scope: String,
    #[serde(default)]
    names: Vec<String>,
    #[serde(default)]
    labels: Option<HashMap<String, String>>,
}

/// `GET /images/json`
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Image {
    id: String,
    #[serde(default)]
    repo_tags: Option<Vec<String>>,
}

/// `GET /volumes`
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Volumes {
    volumes: Option<Vec<Volume>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Volume {
    name: String,
}

/// What a node is asked for the names of what it holds within.
const NAMED_WITHIN: Duration = Duration::from_secs(2);

impl RealLab {
    /// Containers that are no tasks, named volumes and networks of one node alone.
    pub async fn things(&self) -> Vec<String> {
        let nodes = self.shape().into_iter().filter(|(_, is_node)| *is_node);
        let engines: Vec<_> = nodes
            .filter_map(|(name, _)| self.engine_of(&name).ok())
            .collect();
        let asking = engines.iter().map(|engine| async move {
            let named = tokio::time::timeout(NAMED_WITHIN, things_of(engine)).await;
            named.ok().and_then(Result::ok).unwrap_or_default()
        });
        let mut all = join_all(asking).await.concat();
        all.sort();
        all.dedup();
        all
    }

    /// Clears a node of this lab. No task may be wanted on it any more.
    pub(super) async fn clear_node(&self, name: &str, plan: &Plan) -> Result<(), LabError> {
        let engine = self.engine_of(name)?;
        let silent = |message: &str| LabError::NodeSilent {
            node: name.to_owned(),
            message: message.to_owned(),
        };
        let containers = tokio::time::timeout(WITHIN, no_containers(&engine));
        let (containers, files) = tokio::join!(containers, self.root_restored(&engine.container));
        match containers {
            Ok(done) => done?,
            Err(_) => return Err(silent("its containers did not go")),
        }
        if !files? {
            return Err(silent("its files are not those of its image"));
        }
        let networks: Vec<Thing> = read(&engine, "/networks").await?;
        for network in networks {
            let own = OWN_NETWORKS.contains(&network.name.as_str());
            if !own && network.scope == "local" {
                delete(&engine, &format!("/networks/{}", network.id)).await?;
            }
        }
        let volumes: Volumes = read(&engine, "/volumes").await?;
        for volume in volumes.volumes.into_iter().flatten() {
            delete(&engine, &format!("/volumes/{}?force=1", volume.name)).await?;
        }
        self.images_of_lessons(&engine, plan).await
    }

    /// The node has the lessons' images and no other.
    pub(super) async fn images_of_lessons(
        &self,
        engine: &NodeEngine,
        plan: &Plan,
    ) -> Result<(), LabError> {
        let mut missing: Vec<String> = plan.images.iter().map(|image| with_tag(image)).collect();
        let images: Vec<Image> = read(engine, "/images/json").await?;
        for image in images {
            let tags = image.repo_tags.unwrap_or_default();
            let mut kept = false;
            let mut strange = Vec::new();
            for tag in tags.into_iter().filter(|tag| tag != "<none>:<none>") {
                match missing.iter().position(|wanted| *wanted == tag) {
                    Some(at) => {
                        missing.swap_remove(at);
                        kept = true;
                    }
                    None => strange.push(tag),
                }
            }
            if !kept && strange.is_empty() {
                strange.push(image.id);
            }
            for reference in strange {
                let options = RemoveImageOptionsBuilder::default().force(true).build();
                let done = engine.docker.remove_image(&reference, Some(options), None);
                let done = done.await.map(|_| ());
                let doing = format!("remove {reference}");
                fine(done.map_err(|error| engine_error(&doing, error)))?;
            }
        }
        if missing.is_empty() {
            return Ok(());
        }
        let preload = self.preload_set(plan, &no_one()).await?;
        self.load_into(&engine.node, &engine.container, &preload)
            .await
    }
}

/// Removes every container. Those of tasks go by force too: Swarm would first wait
/// two seconds for the other nodes to hear of it, twice where it removes a task
/// that ran, one task after the other's network (`defaultGossipConvergeDelay` of
/// moby's container controller). It takes a container that is gone for stopped.
async fn no_containers(engine: &NodeEngine) -> Result<(), LabError> {
    let mut tick = tokio::time::interval(Duration::from_millis(50));
    loop {
        tick.tick().await;
        let found: Vec<Thing> = read(engine, "/containers/json?all=1").await?;
        if found.is_empty() {
            return Ok(());
        }
        let removals = found.iter().map(|container| async {
            let path = format!("/containers/{}?force=1&v=1", container.id);
            match delete(engine, &path).await {
                // Swarm is removing it as well.
                Err(LabError::Engine {
                    status: Some(409), ..
                }) => Ok(()),
                done => done,
            }
        });
        try_join_all(removals).await?;
    }
}

async fn things_of(engine: &NodeEngine) -> Result<Vec<String>, LabError> {
    let containers: Vec<Thing> = read(engine, "/containers/json?all=1").await?;
    let own = containers.into_iter().filter(|container| {
        let labels = container.labels.as_ref();
        !labels.is_some_and(|labels| labels.contains_key(TASK))
    });
    let mut names: Vec<String> = own
        .filter_map(|container| Some(container.names.first()?.trim_start_matches('/').to_owned()))
        .collect();
    let volumes: Volumes = read(engine, "/volumes").await?;
    let volumes = volumes.volumes.into_iter().flatten();
    // One without a name is called by 64 digits.
    names.extend(volumes.map(|v| v.name).filter(|name| name.len() != 64));
    let networks: Vec<Thing> = read(engine, "/networks").await?;
    let local = networks.into_iter().filter(|network| {
        network.scope == "local" && !OWN_NETWORKS.contains(&network.name.as_str())
    });
    names.extend(local.map(|network| network.name));
    Ok(names)
}

async fn read<T: DeserializeOwned>(engine: &NodeEngine, path: &str) -> Result<T, LabError> {
    let found = engine.get(path).await;
    found.map_err(|error| raw_error(&format!("look at {}", engine.node), error))
}

async fn delete(engine: &NodeEngine, path: &str) -> Result<(), LabError> {
    let done = engine.raw.send(Method::DELETE, path, &Value::Null).await;
    let doing = format!("clear {}", engine.node);
    fine(done.map(|_| ()).map_err(|error| raw_error(&doing, error)))
}
