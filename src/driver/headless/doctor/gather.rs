//! The facts that `doctor` judges: asked of the engine, the machine and the
//! environment. Nothing is decided here, and nothing stays behind.

use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use rustix::fs::{Access, access, statvfs};
use rustix::io::Errno;

use super::super::super::execute::Ended;
use super::super::super::{Failure, Options, Screen, embedded, opening};
use super::super::images;
use crate::check::{Kind, Via};
use crate::doctor::{
    Course, Engine, Facts, Folder, Host, IpVs, Root, Terminal, Trial, Unusable, ip_vs,
};
use crate::lab::find::{self, Environment, Found, System, Trouble};
use crate::lab::{LabError, Plan, RealLab, Relic, Stocked, Tell};
use crate::lesson::{Condition, Lesson, Need};
use crate::model::Compose;
use crate::progress::{Folders, LabLock, Store, Why};
use crate::terminal::{Tone, tty};
use crate::words;

/// In the folder of a throw-away lab; a user's lab has none. With nobody left
/// who holds the folder's lock, the lab is a leftover.
const THROW_AWAY: &str = "throw-away";

/// Everything. `trial`: a throw-away node is tried where its image is here or
/// can be made here.
pub async fn facts(options: &Options, store: &Store, trial: bool, screen: &Screen) -> Facts {
    let course = course();
    Facts {
        engine: engine(options, store, trial, screen).await,
        system: System::of_machine(),
        host: host(options, &course),
        course,
    }
}

async fn engine(
    options: &Options,
    store: &Store,
    trial: bool,
    screen: &Screen,
) -> Result<Engine, Unusable> {
    let environment = Environment::of_process(options.docker.clone());
    let found =
        find::find(&environment).map_err(|error| Unusable::Trouble(Trouble::Find(error)))?;
    let unusable = |error: LabError| match error {
        LabError::Unreachable(error) => Unusable::Trouble(Trouble::Connect {
            found: found.clone(),
            error,
        }),
        other => Unusable::Error(other),
    };
    let real = opening::real_options(options, store, &found);
    let lab = RealLab::new(real).map_err(unusable)?;
    let asking = words::engine::asking(options.lang);
    let survey = opening::told_when_slow(screen, asking, lab.survey()).await;
    let survey = survey.map_err(unusable)?;
    let plan = images::plan();
    let asking = words::doctor::asking_registry(options.lang);
    let stock = opening::told_when_slow(screen, asking, lab.stock(&plan)).await;
    let stock = stock.map_err(unusable)?;
    let node = stock.iter().find(|image| image.node);
    let registry = match node {
        Some(node) => {
            let answer = lab.registry_answers(&node.image);
            let answer = opening::told_when_slow(screen, asking, answer).await;
            answer.map_err(unusable)?
        }
        None => Ok(()),
    };
    let subnet = match lab.subnet().await {
        Ok(net) => Some(net),
        Err(LabError::NoSubnet) => None,
        Err(error) => return Err(unusable(error)),
    };
    let relics = lab.relics().await.map_err(unusable)?;
    let startable = node.is_some_and(|node| {
        matches!(
            node.stocked,
            Stocked::There | Stocked::StandIn(_) | Stocked::Makeable
        )
    });
    let windows = survey.os == "windows";
    let trial = match trial && startable && !windows && subnet.is_some() {
        true => tried(options, store, &found, &plan, screen).await,
        false => Trial::NotTried,
    };
    Ok(Engine {
        published: lab.published().await.map_err(unusable)?,
        old_images: lab.old_images().await.map_err(unusable)?,
        relics: relics.into_iter().map(with_folder).collect(),
        disk: survey.local.then(|| free_space(&survey.root)).flatten(),
        found,
        survey,
        stock,
        registry,
        subnet,
        trial,
    })
}

fn with_folder(relic: Relic) -> (Relic, bool) {
    let wanted = relic.state.as_ref().is_some_and(|state| is_wanted(state));
    (relic, wanted)
}

/// Whether somebody may still want the lab with this folder.
fn is_wanted(state: &Path) -> bool {
    match state.try_exists() {
        Ok(false) => false,
        Ok(true) => !state.join(THROW_AWAY).exists() || LabLock::acquire(state).is_err(),
        // Not for us to see, which is not the same as gone.
        Err(_) => true,
    }
}

/// The folders of throw-away labs whose leftovers are gone.
pub fn forget(lost: &[Relic]) {
    let folders = lost.iter().filter_map(|relic| relic.state.as_deref());
    for folder in folders.filter(|folder| folder.join(THROW_AWAY).exists()) {
        if let Err(error) = std::fs::remove_dir_all(folder) {
            tracing::info!(?folder, %error, "a throw-away lab's folder is kept");
        }
    }
}

/// One node of a lab of its own, made and removed.
async fn tried(
    options: &Options,
    store: &Store,
    found: &Found,
    plan: &Plan,
    screen: &Screen,
) -> Trial {
    let folder = match tempfile::tempdir() {
        Ok(folder) => folder,
        Err(source) => return Trial::Fails(no_folder(std::env::temp_dir(), source)),
    };
    // Tells another doctor that this one is alive, or that it was killed.
    if let Err(source) = std::fs::write(folder.path().join(THROW_AWAY), "") {
        return Trial::Fails(no_folder(folder.path().to_owned(), source));
    }
    let _alive = LabLock::acquire(folder.path());
    let mut real = opening::real_options(options, store, found);
    real.name = format!("doctor-{}", std::process::id());
    real.dir = folder.path().join("lab");
    real.state = folder.path().to_owned();
    let lab = match RealLab::new(real) {
        Ok(lab) => Arc::new(lab),
        Err(error) => return Trial::Fails(error),
    };
    let node = plan.compose.nodes().next().cloned();
    let plan = Plan {
        compose: Compose {
            services: node
                .into_iter()
                .map(|mut node| {
                    // Its ports and mounts are the course's business.
                    node.ports.clear();
                    node.volumes.clear();
                    node.depends_on.clear();
                    node.privileged = false;
                    node
                })
                .collect(),
        },
        images: Vec::new(),
    };
    screen.say(Tone::Dim, words::doctor::trying(options.lang));
    let mut executor = images::told(store, &lab, screen);
    executor.quiet = !(executor.terminal && std::io::stdout().is_terminal());
    let begun = Instant::now();
    let of_work = Arc::clone(&lab);
    let up = |tell: Tell| async move { of_work.up(&plan, &tell).await };
    let made = executor.with_news(up).await;
    let took = begun.elapsed();
    let (nobody, _) = tokio::sync::mpsc::unbounded_channel();
    let removed = lab.down(false, &nobody).await;
    match (made, removed) {
        (Err(Failure::Lab(error)), _) | (_, Err(error)) => Trial::Fails(error),
        (Ok(Ended::Exit(0)), Ok(_)) => Trial::Runs(took.as_secs_f64()),
        (Ok(_) | Err(Failure::Told(..)), Ok(_)) => Trial::Stopped,
    }
}

fn no_folder(path: PathBuf, source: std::io::Error) -> LabError {
    LabError::File { path, source }
}

/// Bytes free where `path` lies or would lie.
fn free_space(path: &Path) -> Option<u64> {
    let there = path.ancestors().find(|path| path.exists())?;
    let stat = statvfs(there).ok()?;
    Some(stat.f_bavail.saturating_mul(stat.f_frsize))
}

fn course() -> Course {
    let twins = embedded().twins;
    let lessons = twins.first().map(|(_, course)| course.lessons.as_slice());
    let lessons = lessons.unwrap_or_default();
    let mut ports: BTreeMap<u16, String> = BTreeMap::new();
    let composes = || lessons.iter().filter_map(|lesson| lesson.compose.as_ref());
    for service in composes().flat_map(|compose| &compose.services) {
        for mapping in &service.ports {
            ports
                .entry(mapping.host)
                .or_insert_with(|| service.name.clone());
        }
    }
    Course {
        nodes: composes()
            .map(|compose| compose.nodes().count())
            .max()
            .unwrap_or(0),
        ports: ports.into_iter().collect(),
        mesh_lessons: lessons
            .iter()
            .filter(|lesson| shows_the_mesh(lesson))
            .map(|lesson| lesson.id.clone())
            .collect(),
    }
}

fn shows_the_mesh(lesson: &Lesson) -> bool {
    let in_step = |step: &crate::lesson::Step| {
        let of_command = step
            .solution
            .iter()
            .any(|command| command.condition == Some(Condition::Mesh));
        let of_check = step.checks.iter().any(|check| {
            matches!(
                check.kind,
                Kind::Probe { .. }
                    | Kind::Http {
                        via: Some(Via::Mesh),
                        ..
                    }
            )
        });
        of_command || of_check
    };
    lesson.needs.contains(&Need::Mesh) || lesson.steps.iter().any(in_step)
}

fn host(options: &Options, course: &Course) -> Host {
    let look = tty::look(options.plain);
    let set = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    Host {
        root: root(),
        ip_vs: cfg!(target_os = "linux").then(kernel),
        memory: crate::lab::machine::memory_free(),
        taken: course
            .ports
            .iter()
            .map(|(port, _)| *port)
            .filter(|port| is_taken(*port))
            .collect(),
        proxies: ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"]
            .iter()
            .flat_map(|name| [(*name).to_owned(), name.to_ascii_lowercase()])
            .filter(|name| set(name).is_some())
            .collect(),
        docker_cli: in_path("docker"),
        folders: folders(),
        terminal: Terminal {
            interactive: tty::is_interactive(),
            width: look.width,
            colour: look.colour,
            unicode: look.unicode,
        },
        locale: ["LC_ALL", "LC_MESSAGES", "LANG"]
            .iter()
            .find_map(|name| set(name)),
        lang: options.lang,
        lang_from: options.lang_from,
    }
}

/// Whether we may load a module; `sudo` is only asked whether it would.
fn root() -> Root {
    if rustix::process::geteuid().is_root() {
        return Root::Ours;
    }
    let listed = std::process::Command::new("sudo")
        .args(["-n", "-l", "modprobe", "ip_vs"])
        .stdin(std::process::Stdio::null())
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .status();
    match listed.is_ok_and(|status| status.success()) {
        true => Root::BySudo,
        false => Root::No,
    }
}

fn kernel() -> IpVs {
    let in_proc = ["/proc/net/ip_vs", "/proc/sys/net/ipv4/vs"];
    let release = rustix::system::uname();
    let modules = Path::new("/lib/modules").join(release.release().to_string_lossy().as_ref());
    let list = |name: &str| std::fs::read_to_string(modules.join(name)).ok();
    ip_vs(
        in_proc.iter().any(|path| Path::new(path).exists()),
        list("modules.builtin").as_deref(),
        list("modules.dep").as_deref(),
    )
}

fn is_taken(port: u16) -> bool {
    let bound = TcpListener::bind(("127.0.0.1", port));
    bound.is_err_and(|error| error.kind() == std::io::ErrorKind::AddrInUse)
}

fn in_path(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| access(folder.join(program), Access::EXEC_OK).is_ok())
}

fn folders() -> Vec<(Folder, PathBuf, Option<Why>)> {
    let Ok(folders) = Folders::of_user() else {
        return Vec::new();
    };
    [
        (Folder::State, folders.state),
        (Folder::Config, folders.config),
        (Folder::Cache, folders.cache),
    ]
    .into_iter()
    .map(|(folder, path)| {
        let why = unwritable(&path);
        (folder, path, why)
    })
    .collect()
}

/// Why a folder can't be written, or made where it is not there.
fn unwritable(path: &Path) -> Option<Why> {
    let there = path.ancestors().find(|path| path.exists())?;
    if !there.is_dir() {
        return Some(Why::NotAFolder);
    }
    match access(there, Access::WRITE_OK | Access::EXEC_OK) {
        Ok(()) => {}
        Err(Errno::ACCESS | Errno::PERM) => return Some(Why::Permission),
        Err(Errno::ROFS) => return Some(Why::ReadOnly),
        Err(error) => return Some(Why::Other(error.to_string())),
    }
    // root may write where nobody else may, but not without space.
    (free_space(there) == Some(0)).then_some(Why::Full)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_looked_at_and_not_made() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("a/b");
        assert_eq!(unwritable(&folder), None);
        assert!(!folder.exists());
        std::fs::write(home.path().join("a"), "").unwrap();
        assert_eq!(unwritable(&folder), Some(Why::NotAFolder));
        assert!(unwritable(Path::new("/proc/sys")).is_some() || cfg!(not(target_os = "linux")));
    }

    #[test]
    fn a_lab_is_lost_when_its_folder_is_gone_or_its_trial_was_killed() {
        let home = tempfile::tempdir().unwrap();
        let lab = home.path().join("lab");
        assert!(!is_wanted(&lab));
        std::fs::create_dir(&lab).unwrap();
        assert!(is_wanted(&lab));
        let trial = LabLock::acquire(&lab).unwrap();
        std::fs::write(lab.join(THROW_AWAY), "").unwrap();
        assert!(is_wanted(&lab));
        drop(trial);
        assert!(!is_wanted(&lab));
    }

    #[test]
    fn a_port_that_is_listened_on_is_taken() {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        assert!(is_taken(port));
        drop(listener);
        assert!(!is_taken(port));
    }

    #[test]
    fn the_course_is_known() {
        let course = course();
        assert_eq!(course.nodes, 4);
        assert!(!course.ports.is_empty());
    }
}
