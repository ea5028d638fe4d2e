//! What a look adds to the containers and the swarm so that faults can be found:
//! who hears whom, certificates, the clock, and what room the host has left.
//!
//! All of it is old by some seconds and cheap: a lab that is only watched costs
//! under a hundredth of a core.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bollard::container::LogOutput;
use bollard::exec::{CreateExecOptions, StartExecOptions, StartExecResults};
use bollard::models::{ContainerSummary, ContainerSummaryStateEnum};
use futures_util::future::join_all;
use futures_util::{Stream, StreamExt};
use http::Method;
use tokio::io::{AsyncWrite, AsyncWriteExt};

use super::super::image::archive::only_text;
use super::super::machine;
use super::certificate::{self, Certificate};
use super::observe::label_of;
use super::{RealLab, label};
use crate::model::{ContainerState, LocalSwarm, Snapshot};

/// Nodes are asked whom they hear this often: with the 3 s that an answer may
/// take, a cut is known well within 15 s.
const ASK_EVERY: Duration = Duration::from_secs(8);

/// A round of asking takes no longer.
const ROUND: Duration = Duration::from_secs(8);

/// Swarm renews certificates in days, so hours do.
const CERTIFICATES_EVERY: Duration = Duration::from_secs(1800);

/// A node's certificate.
const CERTIFICATE: &str = "/var/lib/docker/swarm/certificates/swarm-node.crt";

/// Runs in a node as long as the program does: a line of addresses in, those
/// that do not answer out, then a dot. Its end is that of its input. Where there
/// is no ping a port is asked at which nobody listens: a refusal is an answer.
const ASKER: &str = "
if command -v ping >/dev/null; then
  hears() { ping -c1 -W1 \"$1\" >/dev/null 2>&1 || ping -c1 -W2 \"$1\" >/dev/null 2>&1; }
elif command -v wget >/dev/null && command -v timeout >/dev/null; then
  hears() { case $(timeout 3 wget -O- \"http://$1:9/\" 2>&1) in *refused*) ;; *) return 1;; esac; }
else
  exit 9
fi
while read -r line; do
  for a in $line; do { hears \"$a\" || echo \"$a\"; } & done
  wait
  echo .
done";

type Frames = Pin<Box<dyn Stream<Item = Result<LogOutput, bollard::errors::Error>> + Send>>;

/// The asker of one node.
struct Asker {
    input: Pin<Box<dyn AsyncWrite + Send>>,
    output: Frames,
}

/// What is known beyond the containers, with its age.
#[derive(Default)]
pub struct Watched {
    /// Looks so far: what costs an exec waits for the second one, since a
    /// program that looks once has no use for it.
    looks: u32,
    /// So many are on their way to a step, whose looks ask for nothing of this.
    hurried: u32,
    hearing: Arc<Hearing>,
    certificates: HashMap<String, (Instant, Option<Certificate>)>,
    /// Where the outer engine keeps its data; `None` in it: can't be seen.
    root: Arc<tokio::sync::OnceCell<Option<PathBuf>>>,
    root_asked: bool,
    clock: Option<(Instant, i64)>,
}

impl Watched {
    /// The engines' clock, in seconds since 1970.
    fn wall(&self) -> Option<i64> {
        let (at, wall) = self.clock?;
        Some(wall + i64::try_from(at.elapsed().as_secs()).unwrap_or_default())
    }
}

/// Who hears whom, asked in the background.
#[derive(Default)]
struct Hearing {
    known: Mutex<Known>,
    askers: tokio::sync::Mutex<HashMap<String, Option<Asker>>>,
}

#[derive(Default)]
struct Known {
    asked: Option<Instant>,
    under_way: bool,
    cuts: Vec<(String, String)>,
}

/// A node that can be asked, and be heard.
struct Ear {
    node: String,
    container: String,
    address: String,
}

impl Hearing {
    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One round: each node is asked about those after it.
    async fn ask(&self, docker: &bollard::Docker, ears: &[Ear]) {
        let mut askers = self.askers.lock().await;
        askers.retain(|id, _| ears.iter().any(|ear| ear.container == *id));
        // About whom the last one would be asked the others have been.
        let new = ears.iter().rev().skip(1).map(|ear| &ear.container);
        let new = new.filter(|id| !askers.contains_key(*id));
        let begun = new.map(|id| async move { (id.clone(), begin(docker, id).await) });
        let begun = futures_util::future::join_all(begun).await;
        askers.extend(begun);
        let asking = askers.iter_mut().filter_map(|(id, asker)| {
            let at = ears.iter().position(|ear| ear.container == *id)?;
            let others = &ears[at + 1..];
            let about: Vec<&str> = others.iter().map(|ear| ear.address.as_str()).collect();
            if about.is_empty() {
                return None;
            }
            Some(async move {
                let asked = match asker.as_mut() {
                    Some(asker) => tokio::time::timeout(ROUND, unheard(asker, &about)).await,
                    None => return Vec::new(),
                };
                let Ok(Some(unheard)) = asked else {
                    // Its node ended under it, or it can't ping: nothing is known.
                    *asker = None;
                    return Vec::new();
                };
                let missing = others
                    .iter()
                    .filter(|other| unheard.contains(&other.address));
                missing
                    .map(|other| (ears[at].node.clone(), other.node.clone()))
                    .collect()
            })
        });
        let cuts = futures_util::future::join_all(asking).await.concat();
        // One whose node was restarted in the same container is begun again.
        askers.retain(|_, asker| asker.is_some());
        let mut known = self.known();
        known.cuts = cuts;
        known.asked = Some(Instant::now());
        known.under_way = false;
    }
}

async fn begin(docker: &bollard::Docker, container: &str) -> Option<Asker> {
    // A learner who looks at the node's processes sees whose it is, and no more.
    let script = format!("SWARMLINGS_ASKER={ASKER}");
    let options = CreateExecOptions {
        attach_stdin: Some(true),
        attach_stdout: Some(true),
        attach_stderr: Some(false),
        cmd: Some(vec!["sh", "-c", r#"eval "$SWARMLINGS_ASKER""#]),
        env: Some(vec![script.as_str()]),
        ..Default::default()
    };
    let exec = docker.create_exec(container, options).await.ok()?;
    match docker
        .start_exec(&exec.id, None::<StartExecOptions>)
        .await
        .ok()?
    {
        StartExecResults::Attached { output, input } => Some(Asker { input, output }),
        StartExecResults::Detached => None,
    }
}

/// The addresses that did not answer; `None`: nobody says.
async fn unheard(asker: &mut Asker, about: &[&str]) -> Option<Vec<String>> {
    let line = about.join(" ") + "\n";
    asker.input.write_all(line.as_bytes()).await.ok()?;
    asker.input.flush().await.ok()?;
    let mut said = String::new();
    while !said.lines().any(|line| line == ".") {
        let frame = asker.output.next().await?.ok()?;
        said.push_str(&String::from_utf8_lossy(&frame.into_bytes()));
    }
    let addresses = said.lines().filter(|line| *line != ".");
    Some(addresses.map(str::to_owned).collect())
}

/// A file of a container comes within this, or is not known this time.
const ARCHIVE_WITHIN: Duration = Duration::from_secs(4);

impl RealLab {
    /// Adds to a look what it takes to find faults.
    pub(super) async fn watched(&self, now: &mut Snapshot, summaries: &[ContainerSummary]) {
        let looks = {
            let mut inner = self.lock();
            inner.watched.looks = inner.watched.looks.saturating_add(1);
            now.wall = inner.watched.wall();
            inner.watched.looks
        };
        if !now.up {
            return;
        }
        let lost = now.containers.values().any(|container| {
            container.state == ContainerState::Running && container.address.is_none()
        });
        if lost
            && self
                .networks()
                .await
                .is_ok_and(|networks| networks.is_empty())
        {
            now.network_gone = true;
        }
        if looks < 2 {
            return;
        }
        let asks = self.lock().watched.hurried == 0;
        self.hear(now, summaries, asks);
        self.certificates(now, summaries, asks).await;
        if self.is_local() {
            now.disk_free = self.disk_free();
            now.memory_free = machine::memory_free();
        }
    }

    /// Whether the lab's network is there; where nobody says, it is.
    pub(super) async fn has_network(&self) -> bool {
        let ours = self.network_name();
        let there = self.networks().await;
        there.map_or(true, |there| there.iter().any(|(_, name)| *name == ours))
    }

    /// The clock of a node's engine.
    pub(super) fn note_clock(&self, system_time: &str) {
        if let Some(wall) = certificate::rfc3339(system_time) {
            self.lock().watched.clock = Some((Instant::now(), wall));
        }
    }

    /// What was heard last; asks anew in the background when that is old.
    fn hear(&self, now: &mut Snapshot, summaries: &[ContainerSummary], asks: bool) {
        let hearing = Arc::clone(&self.lock().watched.hearing);
        {
            let mut known = hearing.known();
            now.cuts.clone_from(&known.cuts);
            let old = known.asked.is_none_or(|at| at.elapsed() > ASK_EVERY);
            if known.under_way || !old || !asks {
                return;
            }
            known.under_way = true;
        }
        let (docker, ears) = (self.docker.clone(), ears(summaries, &self.network_name()));
        tokio::spawn(async move { hearing.ask(&docker, &ears).await });
    }

    /// The next look is as that of a program that has been looking for a while.
    pub async fn look_closely(&self) -> Result<(), super::LabError> {
        self.forget_all();
        {
            let mut inner = self.lock();
            inner.watched.looks = inner.watched.looks.max(2);
        }
        let (heard, ()) = tokio::join!(self.hear_now(), self.ask_root());
        heard.map(|_| ())
    }

    /// What looks of a way to a step leave out (who hears whom, certificates that were
    /// not read yet) is asked for now.
    pub async fn closer(&self, now: &mut Snapshot) -> Result<(), super::LabError> {
        let summaries = self.summaries().await?;
        let (heard, ()) = tokio::join!(self.hear_now(), self.certificates(now, &summaries, true));
        now.cuts = heard?;
        Ok(())
    }

    /// Looks ask for nothing that takes a connection or a file of its own, until as
    /// many have called [`RealLab::hurried`].
    pub fn hurry(&self) {
        self.lock().watched.hurried += 1;
    }

    /// There is time again.
    pub fn hurried(&self) {
        let watched = &mut self.lock().watched;
        watched.hurried = watched.hurried.saturating_sub(1);
    }

    /// Asks now who hears whom: the pairs that do not.
    pub(super) async fn hear_now(&self) -> Result<Vec<(String, String)>, super::LabError> {
        let hearing = Arc::clone(&self.lock().watched.hearing);
        let ears = ears(&self.summaries().await?, &self.network_name());
        let docker = self.docker.clone();
        hearing.known().under_way = true;
        // To its end, also when nobody waits for it any more.
        let asking = tokio::spawn(async move {
            hearing.ask(&docker, &ears).await;
            hearing.known().cuts.clone()
        });
        match asking.await {
            Ok(cuts) => Ok(cuts),
            Err(failed) => std::panic::resume_unwind(failed.into_panic()),
        }
    }

    /// Those that are known, and where `reads` the others.
    async fn certificates(&self, now: &mut Snapshot, summaries: &[ContainerSummary], reads: bool) {
        let reading = summaries.iter().filter_map(|summary| {
            let name = label_of(summary, label::NODE)?;
            let id = summary.id.clone()?;
            let engine = now.engine(&name)?;
            if engine.swarm == LocalSwarm::Inactive {
                self.lock().watched.certificates.remove(&id);
                return None;
            }
            let manages = engine.manager;
            Some(async move {
                let found = match reads {
                    true => self.certificate_as(&id, manages).await,
                    false => self.known_certificate(&id),
                };
                (name, found)
            })
        });
        for (name, found) in join_all(reading).await {
            let container = now.containers.get_mut(&name);
            if let Some(engine) = container.and_then(|container| container.engine.as_mut()) {
                engine.certificate_until = found.map(|found| found.until);
                engine.manager_certificate |= found.is_some_and(|found| found.manager);
            }
        }
    }

    /// Reads those that a look closer than the first will want, while the engines
    /// are asked for the first time.
    pub(super) async fn certificates_ahead(&self, running: &[(String, String)]) {
        let new = {
            let watched = &self.lock().watched;
            let known = |id: &String| watched.certificates.contains_key(id);
            let ids = running.iter().map(|(_, id)| id);
            match watched.looks {
                0 => Vec::new(),
                _ if watched.hurried > 0 => Vec::new(),
                _ => ids.filter(|id| !known(id)).collect::<Vec<_>>(),
            }
        };
        join_all(new.into_iter().map(|id| self.certificate(id))).await;
    }

    fn known_certificate(&self, container: &str) -> Option<Certificate> {
        let inner = self.lock();
        let (_, found) = inner.watched.certificates.get(container)?;
        *found
    }

    /// A member's; one that has been promoted since has another one.
    async fn certificate_as(&self, container: &str, manages: bool) -> Option<Certificate> {
        let found = self.certificate(container).await;
        if manages && found.is_some_and(|found| !found.manager) {
            self.lock().watched.certificates.remove(container);
            return self.certificate(container).await;
        }
        found
    }

    /// A member's certificate; what was read of it lately will do.
    async fn certificate(&self, container: &str) -> Option<Certificate> {
        let (known, wall) = {
            let watched = &self.lock().watched;
            let known = watched.certificates.get(container).copied();
            (known, watched.wall())
        };
        let holds = |found: Certificate| wall.is_none_or(|wall| found.until > wall);
        match known {
            // A node that has just joined gets its certificate in a moment, and so does a
            // manager that goes on alone with one that has expired.
            Some((at, found)) if found.is_some_and(holds) && at.elapsed() < CERTIFICATES_EVERY => {
                found
            }
            Some((at, found)) if at.elapsed() < ASK_EVERY => found,
            _ => {
                let found = self.certificate_of(container).await;
                let seen = (Instant::now(), found);
                let certificates = &mut self.lock().watched.certificates;
                certificates.insert(container.to_owned(), seen);
                found
            }
        }
    }

    /// The file, as `docker cp` gets it: also where the engine in the node hangs.
    async fn certificate_of(&self, container: &str) -> Option<Certificate> {
        let path = format!("/containers/{container}/archive?path={CERTIFICATE}");
        let null = serde_json::Value::Null;
        let asking = self.raw.send(Method::GET, &path, &null);
        // A look at the lab never waits for this.
        let archive = tokio::time::timeout(ARCHIVE_WITHIN, asking).await;
        let archive = archive.ok()?.ok()?;
        let pem = only_text(&archive)?;
        certificate::read(&pem)
    }

    /// Not known before the engine has said where its data lie, which it takes some
    /// time for: no look waits for it.
    fn disk_free(&self) -> Option<u64> {
        let root = Arc::clone(&self.lock().watched.root);
        let Some(root) = root.get() else {
            let asked = std::mem::replace(&mut self.lock().watched.root_asked, true);
            if !asked {
                let docker = self.docker.clone();
                tokio::spawn(async move { learn(&root, &docker).await });
            }
            return None;
        };
        let stat = rustix::fs::statvfs(root.as_ref()?).ok()?;
        Some(stat.f_bavail.saturating_mul(stat.f_frsize))
    }

    async fn ask_root(&self) {
        let root = Arc::clone(&self.lock().watched.root);
        if self.is_local() {
            learn(&root, &self.docker).await;
        }
    }

    /// What was known of a container that is another one now.
    pub(super) fn forget_watched(&self) {
        let hearing = Arc::clone(&self.lock().watched.hearing);
        self.lock().watched.certificates.clear();
        let mut known = hearing.known();
        known.cuts.clear();
        known.asked = None;
    }
}

/// Asks where the outer engine keeps its data, once.
async fn learn(root: &tokio::sync::OnceCell<Option<PathBuf>>, docker: &bollard::Docker) {
    let asking = || async {
        let info = docker.info().await.ok()?;
        info.docker_root_dir.map(PathBuf::from)
    };
    root.get_or_init(asking).await;
}

/// The nodes that run and have an address, in the order of their names.
fn ears(summaries: &[ContainerSummary], network: &str) -> Vec<Ear> {
    let ears: BTreeMap<String, Ear> = summaries
        .iter()
        .filter(|summary| summary.state == Some(ContainerSummaryStateEnum::RUNNING))
        .filter(|summary| label_of(summary, label::KIND).as_deref() == Some("node"))
        .filter_map(|summary| {
            let node = label_of(summary, label::NODE)?;
            let networks = summary.network_settings.as_ref()?.networks.as_ref()?;
            let address = networks.get(network)?.ip_address.clone()?;
            let container = summary.id.clone()?;
            let ear = Ear {
                node: node.clone(),
                container,
                address,
            };
            (!ear.address.is_empty()).then_some((node, ear))
        })
        .collect();
    ears.into_values().collect()
}
