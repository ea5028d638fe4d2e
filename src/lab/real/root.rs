//! What was changed among a node's own files, which lie beside the data of its
//! engine. On a way to a step what was added goes; a node in which something of its
//! image is not as it was gets a new container.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use bollard::models::{ChangeType, ContainerSummaryStateEnum, FilesystemChange};
use bollard::query_parameters::InspectContainerOptions;
use futures_util::future::join_all;

use super::observe::label_of;
use super::{RealLab, engine_error, label};
use crate::lab::LabError;
use crate::model::Files;

/// Written by Docker around a node or by the engine in it.
const OF_ENGINES: [&str; 16] = [
    "/dev",
    "/etc/cni",
    "/etc/docker/key.json",
    "/etc/hostname",
    "/etc/hosts",
    "/etc/mtab",
    "/etc/resolv.conf",
    "/opt/cni",
    "/opt/containerd",
    "/proc",
    "/run",
    "/sys",
    "/var/lib/containerd",
    "/var/lib/docker",
    "/var/log",
    "/var/run",
];

/// What stands here makes the engine another one at its next start.
const SETTINGS: &str = "/etc/docker";

/// A command of the program's own in a node that answers.
const WITHIN: Duration = Duration::from_secs(8);

/// A way to a step waits no longer to know of them.
const KNOWN_WITHIN: Duration = Duration::from_secs(3);

/// What was seen before a way began need not be looked at again on it.
const STILL_SO: Duration = Duration::from_secs(4);

/// Says which of its arguments are not folders.
const NO_FOLDERS: &str = r#"for p; do [ -d "$p" ] || echo "$p"; done"#;

/// Removes its arguments, unless something is mounted there.
const REMOVE: &str = r#"
for p; do
  while read -r _ point _; do
    case $point in *\\*) exit 3;; esac
    case $point/ in "$p"/*) exit 3;; esac
  done </proc/mounts
done
rm -rf -- "$@""#;

/// The changes of one node's files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Root {
    /// Added paths, none below another one.
    added: Vec<String>,
    /// Changed paths: files of the image, or folders of it in which something was.
    changed: Vec<String>,
    /// Something of the image is gone or another, or the engine has other settings.
    spoilt: bool,
}

impl Root {
    /// As the image has it.
    fn is_plain(&self) -> bool {
        !self.spoilt && self.added.is_empty()
    }
}

impl RealLab {
    /// What was changed among the files of the nodes that run.
    pub async fn files(&self) -> Files {
        let nodes = self.summaries().await.unwrap_or_default().into_iter();
        let nodes: Vec<(String, String)> = nodes
            .filter(|summary| label_of(summary, label::KIND).as_deref() == Some("node"))
            .filter(|summary| summary.state == Some(ContainerSummaryStateEnum::RUNNING))
            .filter_map(|summary| Some((label_of(&summary, label::NODE)?, summary.id?)))
            .collect();
        let asking = nodes.iter().map(|(_, id)| async move {
            let root = tokio::time::timeout(KNOWN_WITHIN, self.root_of(id)).await;
            let root = root.ok().and_then(Result::ok);
            if root.as_ref().is_some_and(Root::is_plain) {
                self.lock().plain.insert(id.clone(), Instant::now());
            }
            // Who does not say has nothing.
            root.unwrap_or_default()
        });
        let mut files = Files::default();
        for ((node, _), root) in nodes.iter().zip(join_all(asking).await) {
            if root.spoilt {
                files.spoilt.insert(node.clone());
            }
            let added = root.added.into_iter();
            // What programs keep for themselves nobody misses.
            let told = added.filter(|path| !path.split('/').any(|part| part.starts_with('.')));
            files
                .added
                .extend(told.map(|path| format!("{node}:{path}")));
        }
        files
    }

    async fn root_of(&self, container: &str) -> Result<Root, LabError> {
        let failed = |error| engine_error("look at a node's files", error);
        let inspecting = self
            .docker
            .inspect_container(container, None::<InspectContainerOptions>);
        let (changes, found) =
            tokio::try_join!(self.docker.container_changes(container), inspecting)
                .map_err(failed)?;
        let mounts = found.mounts.into_iter().flatten();
        let mounts: Vec<String> = mounts.filter_map(|mount| mount.destination).collect();
        let mut root = read(&changes.unwrap_or_default(), &mounts);
        if !root.spoilt && !root.changed.is_empty() {
            let script = ["sh", "-c", NO_FOLDERS, "sh"];
            let paths = root.changed.iter().map(String::as_str);
            let argv: Vec<&str> = script.into_iter().chain(paths).collect();
            let asked = self.run_in(container, &argv, WITHIN).await;
            root.spoilt = !asked.is_ok_and(|(code, files, _)| code == 0 && files.is_empty());
        }
        Ok(root)
    }

    /// Removes what was added to a node. Whether its files are those of its image now.
    pub(super) async fn root_restored(&self, container: &str) -> Result<bool, LabError> {
        let seen = self.lock().plain.remove(container);
        if seen.is_some_and(|at| at.elapsed() < STILL_SO) {
            return Ok(true);
        }
        let root = self.root_of(container).await?;
        if root.spoilt || root.is_plain() {
            return Ok(!root.spoilt);
        }
        let script = ["sh", "-c", REMOVE, "sh"];
        let paths = root.added.iter().map(String::as_str);
        let argv: Vec<&str> = script.into_iter().chain(paths).collect();
        let (code, _, said) = self.run_in(container, &argv, WITHIN).await?;
        tracing::debug!(added = ?root.added, code, said, "files");
        Ok(code == 0)
    }
}

fn read(changes: &[FilesystemChange], mounts: &[String]) -> Root {
    let of_others: Vec<&str> = {
        let mounts = mounts.iter().map(String::as_str);
        OF_ENGINES.into_iter().chain(mounts).collect()
    };
    let own = |path: &str| {
        let others = || of_others.iter();
        !others().any(|other| is_within(path, other) || is_within(other, path))
    };
    let changes: Vec<&FilesystemChange> = changes.iter().filter(|c| own(&c.path)).collect();
    let added: BTreeSet<&str> = changes
        .iter()
        .filter(|change| change.kind == ChangeType::_1)
        .map(|change| change.path.as_str())
        .collect();
    let top = |path: &str| !added.iter().any(|a| *a != path && is_within(path, a));
    let holds = |path: &str| {
        let mut others = changes.iter();
        others.any(|other| other.path != path && is_within(&other.path, path))
    };
    Root {
        added: added
            .iter()
            .filter(|path| top(path))
            .map(|path| (*path).to_owned())
            .collect(),
        changed: changes
            .iter()
            .filter(|change| change.kind == ChangeType::_0 && !holds(&change.path))
            .map(|change| change.path.clone())
            .collect(),
        spoilt: changes
            .iter()
            .any(|c| c.kind == ChangeType::_2 || is_within(&c.path, SETTINGS)),
    }
}

/// Whether `path` is `folder` or lies in it.
fn is_within(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_of(lines: &str, mounts: &[&str]) -> Root {
        let changes = lines.lines().map(|line| {
            let (kind, path) = line.trim().split_once(' ').expect("a kind and a path");
            FilesystemChange {
                path: path.to_owned(),
                kind: match kind {
                    "A" => ChangeType::_1,
                    "C" => ChangeType::_0,
                    _ => ChangeType::_2,
                },
            }
        });
        let mounts: Vec<String> = mounts.iter().map(|mount| (*mount).to_owned()).collect();
        read(&changes.collect::<Vec<_>>(), &mounts)
    }

    #[test]
    fn what_an_engine_writes_is_no_change() {
        let engines = "C /var\nC /var/lib\nA /var/lib/docker\nC /etc\nA /etc/docker
            A /etc/docker/key.json\nA /stack\nA /opt\nA /opt/containerd\nA /opt/containerd/bin";
        assert_eq!(read_of(engines, &["/stack"]), Root::default());
    }

    #[test]
    fn of_what_was_added_the_topmost_is_named() {
        let root = read_of("C /srv\nA /srv/a\nA /srv/a/b\nA /srv2", &[]);
        assert_eq!(root.added, ["/srv/a", "/srv2"]);
        assert!(root.changed.is_empty() && !root.spoilt);
    }

    #[test]
    fn a_mount_and_what_is_above_it_are_never_touched() {
        let root = read_of(
            "A /data\nA /data/deep\nA /data/deep/bind\nA /data2",
            &["/data/deep/bind"],
        );
        assert_eq!(root.added, ["/data2"]);
    }

    #[test]
    fn what_is_gone_changed_or_set_is_seen() {
        assert!(read_of("C /usr/bin\nD /usr/bin/wget", &[]).spoilt);
        assert!(read_of("A /etc/docker\nA /etc/docker/daemon.json", &[]).spoilt);
        let root = read_of("C /etc\nC /etc/passwd\nC /srv", &[]);
        assert_eq!(root.changed, ["/etc/passwd", "/srv"]);
        assert!(!root.spoilt);
    }
}
