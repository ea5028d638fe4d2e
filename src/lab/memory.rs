//! A lab in memory: a model of the containers, their engines and the swarm,
//! driven by the same commands as the real one. It is there for tests, and for
//! trying a lesson on a machine without Docker.
//!
//! Nothing in it runs. A look is its clock: with each one tasks go one state
//! on, nodes that are gone become `down`, engines that were started come up.
//! Where Docker would wait for a service it waits too, by tokio's clock, which
//! a test can pause.

mod cluster;
mod engine;
mod harm;
mod ids;
mod machines;
mod print;
mod tasks;
mod wish;
mod world;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::mpsc;

use super::{ImageRow, LabError, Needs, News, Output, Phase, Pipes, Plan, PsRow, Removed, Tell};
use crate::check::Via;
use crate::model::{Answer, ContainerState, Mend, Snapshot, SpareSet};
use crate::shell::{Exec, Lifecycle, Logs};
pub use harm::Harm;

use engine::{Reply, Stage, Then};
use world::World;

/// Between two looks of a command that waits for a service.
const LOOK: Duration = Duration::from_millis(100);

/// Looks after which a command no longer waits for a service: Docker would wait
/// until Ctrl-C, and a script has no fingers.
const PATIENCE: u32 = 300;

/// What kind of host the lab in memory pretends to be on.
#[derive(Clone, Debug)]
pub struct MemoryOptions {
    /// The lab's name.
    pub name: String,
    /// The routing mesh works.
    pub mesh: bool,
    /// A registry can be had.
    pub registry: bool,
}

impl Default for MemoryOptions {
    fn default() -> MemoryOptions {
        MemoryOptions {
            name: "swarmlings".to_owned(),
            mesh: true,
            registry: true,
        }
    }
}

/// A lab in memory.
pub struct MemoryLab {
    options: MemoryOptions,
    world: Mutex<World>,
}

impl MemoryLab {
    /// An empty lab.
    pub fn new(options: MemoryOptions) -> MemoryLab {
        MemoryLab {
            world: Mutex::new(World::new(options.mesh)),
            options,
        }
    }

    /// Does something bad to the lab, as from another window; what it looks
    /// like from then on is in the next look. `repair` mends it, and so does
    /// undoing it by Docker's commands (`docker start`, `docker restart`, ...).
    pub fn harm(&self, harm: Harm) {
        self.world().harm(harm);
    }

    fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The world, while the engine that it is on answers.
    fn reached(&self) -> Result<MutexGuard<'_, World>, LabError> {
        let world = self.world();
        match world.ground.harmed.engine_gone {
            true => Err(harm::unreachable()),
            false => Ok(world),
        }
    }

    pub(super) async fn needs(&self, plan: &Plan) -> Result<Needs, LabError> {
        let world = self.reached()?;
        let services = plan.compose.services.iter();
        let missing = services.filter(|service| world.ground.machine(&service.name).is_none());
        Ok(Needs {
            containers: missing.count(),
            engine: "memory".to_owned(),
            ..Needs::default()
        })
    }

    pub(super) async fn prepare(&self, plan: &Plan, tell: &Tell) -> Result<(), LabError> {
        let new = self.needs(plan).await?.containers > 0;
        self.world().make(plan);
        for service in &plan.compose.services {
            say(tell, &service.name, Phase::Ready);
        }
        // What is told of a new lab is no news of one that is there.
        if new
            && plan
                .compose
                .services
                .iter()
                .any(|service| service.privileged)
        {
            let _ = tell.send(News::PrivilegedNarrowed);
        }
        Ok(())
    }

    pub(super) async fn up(&self, plan: &Plan, tell: &Tell) -> Result<(), LabError> {
        self.prepare(plan, tell).await?;
        self.world().up = true;
        Ok(())
    }

    pub(super) async fn repair(
        &self,
        plan: &Plan,
        mends: &[Mend],
        tell: &Tell,
    ) -> Result<(), LabError> {
        let mut world = self.reached()?;
        world.make(plan);
        world.mend(mends);
        for service in &plan.compose.services {
            say(tell, &service.name, Phase::Ready);
        }
        Ok(())
    }

    pub(super) async fn down(&self, images: bool, tell: &Tell) -> Result<Removed, LabError> {
        let mut world = self.reached()?;
        let machines = world.ground.machines.iter();
        let names: Vec<String> = machines.map(|machine| machine.name().to_owned()).collect();
        let rows = world.images();
        let tags = rows
            .iter()
            .filter(|row| row.repository.starts_with("localhost:"));
        let made = tags.count() + usize::from(images);
        let containers = world.remove();
        for name in &names {
            say(tell, name, Phase::Gone);
        }
        Ok(Removed {
            containers,
            networks: usize::from(containers > 0),
            images: made,
            kept: Vec::new(),
        })
    }

    pub(super) async fn discard_prepared(&self) -> Result<(), LabError> {
        let mut world = self.world();
        if !world.up {
            world.remove();
        }
        Ok(())
    }

    pub(super) async fn clear(&self, plan: &Plan, anew: &BTreeSet<String>) -> Result<(), LabError> {
        self.reached()?.clear(plan, anew);
        Ok(())
    }

    pub(super) async fn renew(&self, plan: &Plan, tell: &Tell) -> Result<(), LabError> {
        let spare = self.reached()?.spare.take();
        tracing::debug!(?spare, "the lab is made anew");
        self.world().remove();
        self.world().ground.stored.clear();
        self.prepare(plan, tell).await
    }

    pub(super) async fn wipe(&self) -> Result<(), LabError> {
        self.world().ground.stored.clear();
        Ok(())
    }

    pub(super) async fn prepare_spare(&self, plan: &Plan) -> Result<(), LabError> {
        let has_nodes = plan.compose.nodes().next().is_some();
        self.world().spare = has_nodes.then_some(SpareSet::Engines);
        Ok(())
    }

    pub(super) async fn discard_spare(&self) -> Result<(), LabError> {
        self.world().spare = None;
        Ok(())
    }

    pub(super) async fn observe(&self) -> Result<Snapshot, LabError> {
        let mut world = self.reached()?;
        world.tick();
        Ok(world.seen())
    }

    pub(super) async fn exec(&self, exec: &Exec, mut pipes: Pipes) -> Result<i64, LabError> {
        let reply = {
            let mut world = self.reached()?;
            let machine = world.ground.machine(&exec.node).filter(|_| world.up);
            match machine.map(|machine| machine.state) {
                Some(ContainerState::Running) => {}
                Some(ContainerState::Paused) => {
                    let message = format!(
                        "container {} is paused, unpause the container before exec",
                        exec.node
                    );
                    return Err(engine_says(&format!("exec in {}", exec.node), message, 409));
                }
                _ => return Err(LabError::NotRunning(exec.node.clone())),
            }
            engine::run(&mut world, &exec.node, &exec.argv)
        };
        print(&pipes, &reply).await;
        if exec.detach {
            return Ok(0);
        }
        match &reply.then {
            Then::Converge { node, service } if reply.exit == 0 => {
                Ok(self.converge(node, service, &mut pipes).await)
            }
            Then::Nothing | Then::Converge { .. } => Ok(reply.exit),
        }
    }

    /// What `docker service create` and its kin show while tasks come up; the
    /// exit code.
    async fn converge(&self, node: &str, service: &str, pipes: &mut Pipes) -> i64 {
        let mut told = None;
        for _ in 0..PATIENCE {
            let Some(stage) = engine::stage(&self.world(), node, service) else {
                return 0;
            };
            match stage {
                Stage::Going { running, wanted } => {
                    tell_progress(pipes, &mut told, running, wanted).await;
                }
                Stage::Rests { wanted, last } => {
                    tell_progress(pipes, &mut told, wanted, wanted).await;
                    for seconds in (1..=5).rev() {
                        let line = format!(
                            "verify: Waiting {seconds} seconds to verify that tasks are stable...\n"
                        );
                        out(pipes, &line).await;
                        if interrupted(pipes, Duration::from_secs(1)).await {
                            return in_background(pipes, service).await;
                        }
                    }
                    out(
                        pipes,
                        &format!("verify: Service {service} converged\n{last}"),
                    )
                    .await;
                    return 0;
                }
                Stage::Stopped(why) => {
                    out(pipes, &format!("{why}\n")).await;
                    return 1;
                }
            }
            if interrupted(pipes, LOOK).await {
                break;
            }
            self.world().tick();
        }
        in_background(pipes, service).await
    }

    pub(super) async fn ps(&self) -> Result<Vec<PsRow>, LabError> {
        Ok(self.reached()?.ps())
    }

    pub(super) async fn images(&self) -> Result<Vec<ImageRow>, LabError> {
        Ok(self.world().images())
    }

    pub(super) async fn logs(&self, logs: &Logs, pipes: Pipes) -> Result<(), LabError> {
        let rows = self.world().ps();
        let asked = |row: &&PsRow| logs.names.is_empty() || logs.names.contains(&row.name);
        let many = rows.iter().filter(asked).count() > 1;
        for row in rows.iter().filter(asked) {
            let prefix = if many {
                format!("{}  | ", row.name)
            } else {
                String::new()
            };
            let line = format!("{prefix}level=info msg=\"Daemon has completed initialization\"\n");
            out(&pipes, &line).await;
        }
        Ok(())
    }

    pub(super) async fn lifecycle(&self, what: &Lifecycle, name: &str) -> Result<(), LabError> {
        let mut world = self.reached()?;
        if !world.up {
            return Err(LabError::NotRunning(name.to_owned()));
        }
        let done = world.ground.lifecycle(what, name);
        done.map_err(|message| engine_says(name, message, 409))
    }

    pub(super) async fn network(&self, connect: bool, name: &str) -> Result<(), LabError> {
        let mut world = self.reached()?;
        let network = self.network_name();
        let machine = world.ground.machine_mut(name);
        let machine = machine.ok_or_else(|| LabError::NotRunning(name.to_owned()))?;
        if machine.connected == connect {
            let message = match connect {
                true => format!("endpoint with name {name} already exists in network {network}"),
                false => format!("container {name} is not connected to network {network}"),
            };
            return Err(engine_says(name, message, 403));
        }
        machine.connected = connect;
        Ok(())
    }

    pub(super) async fn has_registry(&self, _image: &str) -> bool {
        self.options.registry
    }

    pub(super) async fn networks(&self) -> Result<Vec<(String, String)>, LabError> {
        let there = !self.world().ground.machines.is_empty();
        let network = there.then(|| (ids::of_image(&self.options.name), self.network_name()));
        Ok(network.into_iter().collect())
    }

    fn network_name(&self) -> String {
        match self.options.name.as_str() {
            "swarmlings" => "swarmlings".to_owned(),
            name => format!("swarmlings-{name}"),
        }
    }

    pub(super) async fn tag(&self, source: &str, target: &str) -> Result<(), LabError> {
        self.world().tag(source, target)
    }

    pub(super) async fn push(
        &self,
        reference: &str,
        out: mpsc::Sender<Output>,
    ) -> Result<(), LabError> {
        let said = self.world().push(reference)?;
        let _ = out.send(Output::Out(said.into_bytes())).await;
        Ok(())
    }

    pub(super) async fn http(&self, url: &str, via: Option<Via>) -> Answer {
        self.world().http(url, via)
    }

    pub(super) async fn put_file(&self, path: &str, text: &str) -> Result<(), LabError> {
        let mut world = self.world();
        let mut machines = world.ground.machines.iter_mut();
        if let Some(first) = machines.find(|machine| machine.service.is_node()) {
            first
                .files
                .insert(format!("/stack/{path}"), text.to_owned());
        }
        Ok(())
    }

    pub(super) async fn engine(&self) -> Result<BTreeMap<&'static str, String>, LabError> {
        let said = [
            ("endpoint", "memory"),
            ("version", world::VERSION),
            ("os", "no system at all"),
            ("os_type", "linux"),
            ("architecture", std::env::consts::ARCH),
            ("driver", "memory"),
        ];
        Ok(said.map(|(key, value)| (key, value.to_owned())).into())
    }
}

async fn print(pipes: &Pipes, reply: &Reply) {
    // A TTY has one stream.
    let err = match pipes.tty {
        Some(_) => Output::Out(reply.err.clone().into_bytes()),
        None => Output::Err(reply.err.clone().into_bytes()),
    };
    if !reply.err.is_empty() {
        let _ = pipes.out.send(err).await;
    }
    if !reply.out.is_empty() {
        out(pipes, &reply.out).await;
    }
}

async fn out(pipes: &Pipes, text: &str) {
    let _ = pipes.out.send(Output::Out(text.as_bytes().to_vec())).await;
}

async fn tell_progress(pipes: &Pipes, told: &mut Option<u64>, running: u64, wanted: u64) {
    if *told == Some(running) {
        return;
    }
    let line = format!("overall progress: {running} out of {wanted} tasks\n");
    out(pipes, &line).await;
    if told.is_none() {
        let tasks: String = (1..=wanted).map(|n| format!("{n}/{wanted}:  \n")).collect();
        out(pipes, &tasks).await;
    }
    *told = Some(running);
}

/// Ctrl-C ends the waiting, not what is waited for.
async fn in_background(pipes: &Pipes, service: &str) -> i64 {
    let text = format!(
        "Operation continuing in background.\nUse `docker service ps {service}` to check progress.\n"
    );
    out(pipes, &text).await;
    0
}

/// Waits so long, or until Ctrl-C.
async fn interrupted(pipes: &mut Pipes, wait: Duration) -> bool {
    let ctrl_c = async {
        let pressed = match &mut pipes.interrupt {
            Some(interrupt) => interrupt.recv().await,
            None => None,
        };
        if pressed.is_none() {
            std::future::pending::<()>().await;
        }
    };
    tokio::select! {
        biased;
        () = ctrl_c => true,
        () = tokio::time::sleep(wait) => false,
    }
}

fn say(tell: &Tell, name: &str, phase: Phase) {
    let _ = tell.send(News::Container {
        name: name.to_owned(),
        phase,
    });
}

fn engine_says(doing: &str, message: String, status: u16) -> LabError {
    LabError::Engine {
        doing: doing.to_owned(),
        message,
        status: Some(status),
    }
}

#[cfg(test)]
mod tests;
