//! Taking containers down, with all that is theirs.

use std::time::{Duration, Instant};

use bollard::Docker;
use bollard::query_parameters::{
    ListNetworksOptionsBuilder, ListVolumesOptionsBuilder, RemoveContainerOptionsBuilder,
    RemoveVolumeOptions,
};
use futures_util::future::join_all;

use super::super::{LabError, Phase, Plan, Removed, Tell};
use super::make::{IN_FLIGHT, no_one, say};
use super::observe::label_of;
use super::{RealLab, engine_error, is_missing, label};

/// A killed container on a busy machine has left its network by then.
const LEAVES_WITHIN: Duration = Duration::from_secs(10);

/// For so long Docker is asked again to remove what it could not remove yet.
const GONE_WITHIN: Duration = Duration::from_secs(20);

/// What Docker says where the files of a container that was killed are still in use: by
/// processes that have not ended yet, or by the file system under it.
const IN_USE: [&str; 2] = ["failed to remove root filesystem", "resource busy"];

impl RealLab {
    /// Removes what was prepared and never shown.
    pub async fn discard_prepared(&self) -> Result<(), LabError> {
        let _one = self.alone().await;
        if self.is_up() {
            return Ok(());
        }
        self.remove_all(&no_one()).await.map(|_| ())
    }

    /// Removes everything of the lab.
    pub async fn down(&self, images: bool, tell: &Tell) -> Result<Removed, LabError> {
        let _one = self.alone().await;
        let mut removed = self.remove_all(tell).await?;
        removed.images = self.remove_tags().await?;
        if images {
            let (images, kept) = self.remove_made_images().await?;
            removed.images += images;
            removed.kept = kept;
        }
        Ok(removed)
    }

    async fn remove_all(&self, tell: &Tell) -> Result<Removed, LabError> {
        self.settle().await;
        let mut removed = Removed::default();
        let deadline = Instant::now() + IN_FLIGHT;
        let mut pause = tokio::time::interval(Duration::from_millis(100));
        // The engine finishes requests whose sender was killed: after a making
        // that was cut off, something may still come.
        let cut_off = self.lock().kept.making;
        loop {
            pause.tick().await;
            removed.containers += self.remove_lab_containers(tell).await?;
            removed.networks += self.remove_networks().await?;
            self.remove_volumes().await?;
            if !cut_off || Instant::now() > deadline {
                break;
            }
        }
        self.keep(|kept| {
            kept.up = false;
            kept.making = false;
            kept.spare_swarm = None;
        })?;
        let mut inner = self.lock();
        inner.engines.clear();
        inner.before.forget();
        inner.renewed = None;
        inner.mesh = None;
        inner.registry = None;
        Ok(removed)
    }

    /// Empties what helpers (a registry) keep in folders of the lab's folder: those
    /// of the lab that is there, and those that the plan will find.
    pub fn wipe(&self, plan: &Plan) -> Result<(), LabError> {
        let compose = self.lock().compose.clone();
        let services = compose.services.iter().chain(&plan.compose.services);
        let helpers = services.filter(|service| !service.is_node());
        for bind in helpers.flat_map(|service| &service.volumes) {
            if bind.read_only || !self.is_local() {
                continue;
            }
            let path = self.dir().join(&bind.source);
            let emptied = empty_folder(&path);
            emptied.map_err(|source| LabError::File { path, source })?;
        }
        Ok(())
    }

    async fn remove_lab_containers(&self, tell: &Tell) -> Result<usize, LabError> {
        let containers = self.everything().await?;
        self.empty_binds(&containers).await;
        let removals = containers.iter().map(|summary| async move {
            let name = label_of(summary, label::NODE).unwrap_or_default();
            let id = summary.id.clone().unwrap_or_default();
            self.remove_one(&id, &name, tell).await?;
            say(tell, &name, Phase::Gone);
            Ok::<(), LabError>(())
        });
        for result in join_all(removals).await {
            result?;
        }
        Ok(containers.len())
    }

    async fn remove_networks(&self) -> Result<usize, LabError> {
        let mut removed = 0;
        let deadline = Instant::now() + LEAVES_WITHIN;
        for (id, name) in self.all_networks().await? {
            let mut pause = tokio::time::interval(Duration::from_millis(100));
            loop {
                pause.tick().await;
                let done = self.docker.remove_network(&id).await;
                let done =
                    done.map_err(|error| engine_error(&format!("remove network {name}"), error));
                match done {
                    Ok(()) => removed += 1,
                    Err(error) if is_missing(&error) => {}
                    // A container whose removal a killed program had asked for is
                    // gone from the list before it has left its network.
                    Err(LabError::Engine { message, .. })
                        if message.contains("active endpoints") && Instant::now() < deadline =>
                    {
                        continue;
                    }
                    Err(error) => return Err(error),
                }
                break;
            }
        }
        Ok(removed)
    }

    /// Those that a container left which somebody else removed.
    async fn remove_volumes(&self) -> Result<(), LabError> {
        let options = ListVolumesOptionsBuilder::default()
            .filters(&self.label_filter())
            .build();
        let listed = self.docker.list_volumes(Some(options)).await;
        let listed = listed.map_err(|error| engine_error("list volumes", error))?;
        for volume in listed.volumes.unwrap_or_default() {
            let removing = self
                .docker
                .remove_volume(&volume.name, None::<RemoveVolumeOptions>);
            if let Err(error) = removing.await {
                tracing::debug!(%error, "a volume stays");
            }
        }
        Ok(())
    }

    /// The lab's networks on the host, `(id, name)`; that of the spare engines
    /// is not the learner's.
    pub async fn networks(&self) -> Result<Vec<(String, String)>, LabError> {
        let mut networks = self.all_networks().await?;
        networks.retain(|(_, name)| *name != self.spare_network());
        Ok(networks)
    }

    async fn all_networks(&self) -> Result<Vec<(String, String)>, LabError> {
        let options = ListNetworksOptionsBuilder::default()
            .filters(&self.label_filter())
            .build();
        let networks = self
            .docker
            .list_networks(Some(options))
            .await
            .map_err(|error| engine_error("list networks", error))?;
        Ok(networks
            .into_iter()
            .filter_map(|network| Some((network.id?, network.name?)))
            .collect())
    }

    pub(super) async fn remove_one(
        &self,
        id: &str,
        name: &str,
        tell: &Tell,
    ) -> Result<(), LabError> {
        say(tell, name, Phase::Removing);
        remove_container(&self.docker, id, true, &format!("remove {name}")).await
    }

    /// Nodes are root in their bind mounts: what they left there goes before
    /// the containers do, since afterwards the learner may not remove it.
    pub(super) async fn empty_binds(&self, containers: &[bollard::models::ContainerSummary]) {
        for summary in containers {
            let running =
                summary.state == Some(bollard::models::ContainerSummaryStateEnum::RUNNING);
            let is_node = label_of(summary, label::KIND).as_deref() == Some("node");
            let bound: Vec<String> = summary
                .mounts
                .iter()
                .flatten()
                .filter(|mount| {
                    let source = mount.source.as_ref().map(std::path::Path::new);
                    let ours = source.filter(|source| source.starts_with(self.dir()));
                    // Mostly there is nothing in it.
                    ours.is_some_and(|source| !self.is_local() || !is_empty(source))
                })
                .filter_map(|mount| mount.destination.clone())
                .collect();
            let Some(id) = summary.id.as_ref().filter(|_| running && is_node) else {
                continue;
            };
            for target in bound {
                let argv = [
                    "sh",
                    "-c",
                    "rm -rf -- \"$1\"/* \"$1\"/.[!.]* 2>/dev/null",
                    "sh",
                    &target,
                ];
                let done = self.run_in(id, &argv, Duration::from_secs(5)).await;
                if let Err(error) = done {
                    tracing::warn!(%error, target, "could not empty a bind mount");
                }
            }
        }
    }
}

/// Whether it can be seen that nothing is in a folder.
fn is_empty(path: &std::path::Path) -> bool {
    std::fs::read_dir(path).is_ok_and(|mut entries| entries.next().is_none())
}

/// A folder that is not there is empty.
fn empty_folder(path: &std::path::Path) -> std::io::Result<()> {
    let entries = match std::fs::read_dir(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        entries => entries?,
    };
    for entry in entries {
        let entry = entry?;
        match entry.file_type()?.is_dir() {
            true => std::fs::remove_dir_all(entry.path())?,
            false => std::fs::remove_file(entry.path())?,
        }
    }
    Ok(())
}

/// `docker rm --force`, until the container is gone: one that is not there is. Docker
/// leaves a container that it could not remove wholly as a dead one, with its name.
///
/// # Errors
/// Docker's, where it can't or does not in time.
pub(super) async fn remove_container(
    docker: &Docker,
    id: &str,
    volumes: bool,
    doing: &str,
) -> Result<(), LabError> {
    let options = RemoveContainerOptionsBuilder::default()
        .force(true)
        .v(volumes)
        .build();
    gone(|| async {
        let removed = docker.remove_container(id, Some(options.clone())).await;
        removed.map_err(|error| engine_error(doing, error))
    })
    .await
}

async fn gone<F>(removal: impl Fn() -> F) -> Result<(), LabError>
where
    F: Future<Output = Result<(), LabError>>,
{
    let deadline = tokio::time::Instant::now() + GONE_WITHIN;
    let mut pause = tokio::time::interval(Duration::from_millis(200));
    loop {
        pause.tick().await;
        match removal().await {
            Err(error) if may_still_go(&error) && tokio::time::Instant::now() < deadline => {
                tracing::debug!(%error, "once more");
            }
            // Whoever removes it besides will have done so.
            Err(error) if is_missing(&error) || is_going(&error) => return Ok(()),
            done => return done,
        }
    }
}

fn may_still_go(error: &LabError) -> bool {
    let in_use = |message: &str| IN_USE.iter().any(|words| message.contains(words));
    is_going(error) || matches!(error, LabError::Engine { message, .. } if in_use(message))
}

/// Another removal of the same container is under way.
fn is_going(error: &LabError) -> bool {
    matches!(error, LabError::Engine { status: Some(409), message, .. }
        if message.contains("already in progress"))
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    async fn after(answers: &[Result<(), (u16, &str)>]) -> (Result<(), LabError>, usize) {
        let left = RefCell::new(answers.iter().rev().collect::<Vec<_>>());
        let done = gone(|| async {
            let mut left = left.borrow_mut();
            // The last answer is given for ever.
            let answer = if left.len() > 1 { left.pop() } else { None };
            let answer = answer.or(left.last().copied()).copied();
            answer
                .unwrap_or(Ok(()))
                .map_err(|(status, message)| LabError::Engine {
                    doing: "remove manager".to_owned(),
                    message: message.to_owned(),
                    status: Some(status),
                })
        });
        let done = done.await;
        let left = left.borrow().len();
        (done, left)
    }

    const BUSY: (u16, &str) = (
        500,
        "container 4b77: driver \"fuse-overlayfs\" failed to remove root filesystem: unlinkat \
         /var/lib/docker/fuse-overlayfs/80f9: directory not empty",
    );
    const GOING: (u16, &str) = (409, "removal of container 4b77 is already in progress");

    #[tokio::test(start_paused = true)]
    async fn what_is_still_in_use_is_asked_for_again() {
        let (done, left) = after(&[Err(BUSY), Err(GOING), Err((404, "No such container"))]).await;
        assert!(done.is_ok());
        assert_eq!(left, 1);
        let (done, _) = after(&[Err(BUSY), Ok(())]).await;
        assert!(done.is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn in_the_end_docker_has_the_word() {
        let (done, _) = after(&[Err(BUSY)]).await;
        assert!(done.is_err_and(|error| error.to_string().contains("directory not empty")));
        // Somebody else's removal is.
        let (done, _) = after(&[Err(GOING)]).await;
        assert!(done.is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn another_failure_is_told_at_once() {
        let (done, left) = after(&[Err((500, "no space left on device")), Ok(())]).await;
        assert!(done.is_err());
        assert_eq!(left, 1);
    }
}
