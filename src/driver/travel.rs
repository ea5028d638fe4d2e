//! Making the lab as it is at the entry of a step: what is in the way is taken
//! away, and the steps before are played through the same shell, detached. The
//! prompt and the command line both go this way.

mod ahead;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use tokio::sync::mpsc;

use self::ahead::Early;
use super::execute::Executor;
use super::looking::{every, look};
use super::player::{COMMAND_WITHIN, CommandReport, Only, Player, detached};
use super::{Clock, Failure, compose_file};
use crate::check::{Check, Kind, Verdict};
use crate::lab::{Lab, LabError, Next, Pipes};
use crate::lesson::Step;
use crate::model::fault::faults;
use crate::model::{Fault, LocalSwarm, Snapshot};
use crate::progress::Store;
use crate::session::{Event, Journey, Place, Session, Way, entry};
use crate::shell::{Action, Exec, Scope, Touches, docker, touches, understand};
use crate::terminal::Tone;
use crate::words;

/// How long a tutorial without checks may take to come to rest.
const RESTS_WITHIN: Duration = Duration::from_secs(30);

/// Between two looks at what is on its way. Each takes a share of the cores on which
/// tasks start: six of them run 0.2 s later with 50 ms.
const LOOKS: Duration = Duration::from_millis(100);

/// The swarm tells of who has just joined within 0.2 s that it is ready.
const READY_WITHIN: Duration = Duration::from_secs(10);

/// An engine that hangs answers nothing at all; a way in place that takes longer than
/// this and ten times what it was estimated at is given up. (On one slow processor
/// ways of an estimated 4 s took up to 41 s.)
const IN_PLACE_WITHIN: Duration = Duration::from_secs(150);

/// A step on the way that did not come out as it should.
#[derive(Debug, Default)]
pub struct Stuck {
    /// Its name.
    pub step: String,
    /// What was run of it.
    pub commands: Vec<CommandReport>,
    /// The checks that do not hold.
    pub checks: Vec<Check>,
    /// Their verdicts.
    pub verdicts: Vec<Verdict>,
}

/// A `swarm join` that waits for others, to be carried out beside them.
struct Join {
    place: Place,
    line: String,
    exec: Exec,
}

/// Goes to the entry of a step.
pub struct Traveller<'a> {
    session: &'a mut Session,
    executor: &'a mut Executor,
    store: &'a Store,
    clock: Clock,
    keeps: Keeps,
    /// Whether there was a container to keep.
    kept: bool,
    /// What was done while engines still started.
    begun: Vec<Early>,
    /// The engines came as the swarm that the way makes.
    joined: bool,
    /// Nodes that have joined, of which no look has shown yet that they are ready.
    fresh: BTreeSet<String>,
}

/// What a way builds upon.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Keeps {
    /// Engines and their swarm; it is given up as soon as they break.
    Engines,
    /// Containers, in which engines start afresh.
    Containers,
    Nothing,
}

/// Looks at the lab as closely as the way to `to` has to know it. Who hears whom
/// and what certificates say counts only where something is to stay.
pub async fn survey(
    session: &mut Session,
    lab: &Lab,
    clock: Clock,
    to: Place,
) -> Result<(), LabError> {
    lab.forget_seen();
    let _hurry = lab.hurry();
    tracing::debug!("looks");
    let mut seen = look(lab, clock).await?;
    tracing::debug!("seen");
    session.note(seen.clone());
    let stays = session.journey(to, None).0.way == Way::InPlace;
    let closer = async {
        match stays {
            true => lab.closer(Arc::make_mut(&mut seen)).await,
            false => Ok(()),
        }
    };
    // The outer engine compares a node's files only while nobody asks it for another
    // connection into that node, and the look has made them.
    let (closer, things, files) = tokio::join!(closer, lab.things(), lab.files());
    closer?;
    if stays {
        session.note(seen);
    }
    session.nodes_hold(things, files);
    Ok(())
}

/// Where a way ended that did not come to its end.
fn note(what: &str, gone: &Result<Option<Stuck>, Failure>) {
    match gone {
        Ok(stuck) => {
            let step = stuck.as_ref().map(|stuck| stuck.step.as_str());
            tracing::info!(step, "{what}");
        }
        Err(failure) => tracing::info!(?failure, "{what}"),
    }
}

impl<'a> Traveller<'a> {
    /// The session's place moves along; `store` knows the lab's folder.
    pub fn new(
        session: &'a mut Session,
        executor: &'a mut Executor,
        store: &'a Store,
        clock: Clock,
    ) -> Traveller<'a> {
        Traveller {
            session,
            executor,
            store,
            clock,
            keeps: Keeps::Nothing,
            kept: false,
            begun: Vec::new(),
            joined: false,
            fresh: BTreeSet::new(),
        }
    }

    /// Goes the whole way. `passed` is told each step that had something to do,
    /// and how long that took. Where what was to be kept turns out to be broken,
    /// the nodes are made anew after all.
    pub async fn go(
        &mut self,
        journey: &Journey,
        passed: &mut dyn FnMut(&str, Duration),
    ) -> Result<Option<Stuck>, Failure> {
        let hurry = self.executor.lab.hurry();
        let gone = self.quickest(journey, passed).await;
        drop(hurry);
        let begun = self.executor.lab.remove_aside().await;
        let stuck = gone?;
        begun?;
        Ok(stuck)
    }

    async fn quickest(
        &mut self,
        journey: &Journey,
        passed: &mut dyn FnMut(&str, Duration),
    ) -> Result<Option<Stuck>, Failure> {
        match journey.way {
            Way::Nothing | Way::Down => {
                return self.keeping(Keeps::Nothing, journey, passed).await;
            }
            Way::InPlace => {
                let quiet = self.executor.quiet;
                let within = IN_PLACE_WITHIN + Duration::from_secs_f64(10.0 * journey.seconds);
                let way = self.keeping(Keeps::Engines, journey, passed);
                match tokio::time::timeout(within, way).await {
                    Ok(Ok(None)) => return Ok(None),
                    Ok(other) => note("not in place", &other),
                    Err(_) => tracing::info!("not in place in time"),
                }
                self.executor.quiet = quiet;
            }
            Way::Clean => {
                (self.kept, self.joined) = (false, false);
                let gone = self.keeping(Keeps::Containers, journey, passed).await;
                if matches!(gone, Ok(None)) || !(self.kept || self.joined) {
                    return gone;
                }
                note("not in these containers", &gone);
            }
        }
        let screen = &self.executor.screen;
        screen.say(Tone::Warn, words::travel::not_in_place(screen.lang));
        let anew = Journey {
            way: Way::Clean,
            swarm: None,
            ..journey.clone()
        };
        self.keeping(Keeps::Nothing, &anew, passed).await
    }

    async fn keeping(
        &mut self,
        keeps: Keeps,
        journey: &Journey,
        passed: &mut dyn FnMut(&str, Duration),
    ) -> Result<Option<Stuck>, Failure> {
        self.keeps = keeps;
        self.way(journey, passed).await
    }

    async fn way(
        &mut self,
        journey: &Journey,
        passed: &mut dyn FnMut(&str, Duration),
    ) -> Result<Option<Stuck>, Failure> {
        let lab = self.executor.lab.clone();
        let tell = mpsc::unbounded_channel().0;
        plan_for(self.executor, self.session, self.store, journey.to, true)?;
        let to = journey.to.name(self.session.course());
        tracing::debug!(to, way = ?journey.way, anew = ?journey.anew, "goes");
        match journey.way {
            Way::Nothing => lab.wipe(&self.executor.plan).await?,
            Way::Down => {
                lab.down(false, &tell).await?;
                lab.wipe(&self.executor.plan).await?;
            }
            Way::InPlace => {
                let plan = &self.executor.plan;
                lab.clear(plan, &journey.anew, &tell).await?;
            }
            Way::Clean => self.renewed(journey).await?,
        }
        let only = match journey.way {
            Way::InPlace => Only::Joining(&journey.joining),
            _ => Only::State,
        };
        tracing::debug!("clean");
        let quiet = std::mem::replace(&mut self.executor.quiet, true);
        let played = self.play(&journey.path, only, passed).await;
        self.executor.quiet = quiet;
        if let Some(stuck) = played? {
            return Ok(Some(stuck));
        }
        tracing::debug!("played");
        self.session
            .handle(Event::Arrived(journey.to, self.clock.now()));
        self.session.lab_made_for(journey.to);
        self.at_rest(&journey.path).await
    }

    /// Clean engines, and as soon as there are some for them, the first commands in nodes.
    async fn renewed(&mut self, journey: &Journey) -> Result<(), Failure> {
        let lab = self.executor.lab.clone();
        let keep = self.keeps == Keeps::Containers;
        // A swarm that is taken whole is not made.
        let init = match &journey.swarm {
            Some(_) => None,
            None => ahead::init_of(self.session, &journey.path),
        };
        let first = init.as_ref().map(|init| init.exec.node.clone());
        let next = match (&journey.swarm, &first) {
            (Some(manager), _) => Next::Swarm(manager),
            (None, Some(node)) => Next::First(node),
            (None, None) => Next::Nothing,
        };
        let (tell, told) = mpsc::unbounded_channel();
        let plan = &self.executor.plan;
        let renewing = async {
            let renewed = lab.renew(plan, keep, next, &tell).await;
            drop(tell);
            renewed
        };
        let beginning = async {
            match init {
                Some(init) => ahead::begin(init, self.session, &lab, &journey.path, told).await,
                None => Vec::new(),
            }
        };
        let (renewed, begun) = tokio::try_join!(renewing, async { Ok(beginning.await) })?;
        tracing::debug!(?renewed, begun = begun.len(), "begun");
        self.kept = renewed.kept;
        self.joined = renewed.swarm;
        self.fresh = begun.iter().map(|early| early.exec.node.clone()).collect();
        self.begun = begun;
        Ok(())
    }

    /// Whether this command was carried out while engines still started, and its engine
    /// is what it makes of one; or it makes what the engines came as.
    fn has_begun(&self, place: Place, exec: &Exec) -> bool {
        let mut begun = self.begun.iter();
        let early = begun.any(|begun| begun.place == place && begun.exec == *exec);
        let init = is_swarm("init", exec);
        let came = self.joined && (init || is_swarm("join", exec));
        let last = self.session.timeline().last();
        let engine = last.and_then(|now| now.engine(&exec.node));
        engine.is_some_and(|engine| {
            let member = engine.swarm == LocalSwarm::Active;
            (early || came) && member && (engine.manager || !init)
        })
    }

    fn player(&mut self) -> Player<'_> {
        Player {
            session: self.session,
            executor: self.executor,
            clock: self.clock,
        }
    }

    async fn play(
        &mut self,
        path: &[Place],
        only: Only<'_>,
        passed: &mut dyn FnMut(&str, Duration),
    ) -> Result<Option<Stuck>, Failure> {
        let mut joins = Vec::new();
        // Each command is followed by a look of its own.
        self.player().look().await?;
        for &place in path {
            let began = self.clock.now();
            let ran = match self.step(place, only, &mut joins).await? {
                Ok(ran) => ran,
                Err(stuck) => return Ok(Some(stuck)),
            };
            if ran {
                let name = place.name(self.session.course());
                passed(&name, self.clock.now() - began);
            }
        }
        self.join(&mut joins).await
    }

    /// One step's commands; whether there were any.
    async fn step(
        &mut self,
        place: Place,
        only: Only<'_>,
        joins: &mut Vec<Join>,
    ) -> Result<Result<bool, Stuck>, Failure> {
        self.session.handle(Event::Arrived(place, self.clock.now()));
        let Some(step) = self.session.step().cloned() else {
            return Ok(Ok(false));
        };
        plan_for(self.executor, self.session, self.store, place, true)?;
        for file in &step.files {
            self.executor.lab.put_file(&file.path, &file.text).await?;
        }
        let mesh = self.session.timeline().last().and_then(|s| s.mesh);
        let own = step.setup.iter().chain(step.solution_on(mesh));
        let lines: Vec<String> = own
            .chain(&step.cleanup)
            .map(|command| self.session.mended(command).0)
            .collect();
        let mut ran = false;
        for line in lines {
            match understand(&line, &self.session.scope()) {
                Ok(action) if !only.plays(&action) => continue,
                Ok(Action::Exec(exec)) if self.has_begun(place, &exec) => {
                    ran = true;
                    continue;
                }
                Ok(Action::Exec(exec)) if is_swarm("join", &exec) => {
                    ran = true;
                    joins.push(Join { place, line, exec });
                    continue;
                }
                _ => {}
            }
            ran = true;
            if let Some(stuck) = self.join(joins).await? {
                return Ok(Err(stuck));
            }
            if places_many(&line, &self.session.scope()) {
                self.members_ready().await?;
            }
            if let Err(stuck) = self.run(place, &line).await? {
                return Ok(Err(stuck));
            }
        }
        if ran && is_built_on(&step) {
            if let Some(stuck) = self.join(joins).await? {
                return Ok(Err(stuck));
            }
            let checks = self.session.expected([place]);
            if let Some(stuck) = self.until(&checks, place).await? {
                return Ok(Err(stuck));
            }
        }
        Ok(Ok(ran))
    }

    /// One command. Where it fails, what the steps before have made may still
    /// be on its way (a network is in use until the last task has ended): it is
    /// waited for, and the command tried once more.
    async fn run(&mut self, place: Place, line: &str) -> Result<Result<(), Stuck>, Failure> {
        let report = self.player().type_line(line, true).await?;
        let understood = understand(line, &self.session.scope());
        let unknown = understood.is_ok_and(|action| touches(&action) == Touches::Unknown);
        // What a command of no kind we know has changed, the checks tell.
        if report.exit == 0 || unknown {
            return Ok(Ok(()));
        }
        let before = entry::path(self.session.course(), place);
        let checks = self.session.expected(before);
        self.until(&checks, place).await?;
        let report = self.player().type_line(line, true).await?;
        if report.exit == 0 {
            return Ok(Ok(()));
        }
        Ok(Err(Stuck {
            step: place.name(self.session.course()),
            commands: vec![report],
            ..Stuck::default()
        }))
    }

    /// Nodes join side by side; one that could not is tried again alone, to
    /// have its words.
    async fn join(&mut self, joins: &mut Vec<Join>) -> Result<Option<Stuck>, Failure> {
        let joins = std::mem::take(joins);
        if joins.is_empty() {
            return Ok(None);
        }
        let lab = self.executor.lab.clone();
        let ended = join_all(joins.iter().map(|join| unheard(&lab, &join.exec))).await;
        tracing::debug!("joined");
        self.fresh
            .extend(joins.iter().map(|join| join.exec.node.clone()));
        self.player().look().await?;
        for (join, ended) in joins.iter().zip(ended) {
            if ended? != 0
                && let Err(stuck) = self.run(join.place, &join.line).await?
            {
                return Ok(Some(stuck));
            }
        }
        Ok(None)
    }

    /// Tasks are placed on the nodes that are ready: six at once, while only the manager
    /// is, all stay with it.
    async fn members_ready(&mut self) -> Result<(), Failure> {
        let fresh = std::mem::take(&mut self.fresh);
        let deadline = self.clock.now() + READY_WITHIN;
        let mut tick = every(LOOKS);
        tick.tick().await;
        loop {
            let last = self.session.timeline().last();
            let swarm = last.and_then(|last| last.swarm.as_ref());
            let is_ready = |name: &String| {
                let mut rows = swarm.iter().flat_map(|swarm| &swarm.nodes);
                let engine = last.and_then(|last| last.engine(name));
                // One may have left again.
                engine.is_some_and(|engine| engine.swarm == LocalSwarm::Inactive)
                    || rows.any(|row| row.hostname == *name && row.state == "ready")
            };
            if fresh.iter().all(is_ready) || self.clock.now() > deadline {
                return Ok(());
            }
            tick.tick().await;
            self.player().look().await?;
        }
    }

    /// Waits until the lab is what the steps have made of it.
    async fn at_rest(&mut self, path: &[Place]) -> Result<Option<Stuck>, Failure> {
        let checks = self.session.expected(path.iter().copied());
        if !checks.is_empty() {
            let last = path.last().copied().unwrap_or_default();
            // Each command was followed by a look.
            if self.hold(&checks) {
                return Ok(None);
            }
            return self.until(&checks, last).await;
        }
        let deadline = self.clock.now() + RESTS_WITHIN;
        let mut tick = every(LOOKS);
        loop {
            tick.tick().await;
            self.player().look().await?;
            let rests = self.session.timeline().last().is_none_or(|s| s.at_rest());
            if rests || self.clock.now() > deadline {
                return Ok(None);
            }
        }
    }

    /// By the last look the checks hold, and nothing is on its way out.
    fn hold(&self, checks: &[Check]) -> bool {
        let last = self.session.timeline().last();
        let swarm = last.and_then(|last| last.swarm.as_ref());
        // A service that is removed is gone before its tasks.
        let left = swarm.is_some_and(|swarm| swarm.tasks_left().next().is_some());
        self.session.not_held(checks).is_empty() && !left
    }

    /// Looks until the checks hold, or do not in time.
    async fn until(&mut self, checks: &[Check], place: Place) -> Result<Option<Stuck>, Failure> {
        let within = checks.iter().map(|check| check.within).max();
        let deadline = self.clock.now() + within.unwrap_or_default();
        let mut tick = every(LOOKS);
        loop {
            tick.tick().await;
            self.player().look().await?;
            if self.hold(checks) {
                return Ok(None);
            }
            let missing = self.session.not_held(checks);
            let last = self.session.timeline().last();
            let broken = self.keeps == Keeps::Engines && last.is_some_and(is_broken);
            if broken || self.clock.now() > deadline {
                let (checks, verdicts) = missing.into_iter().unzip();
                return Ok(Some(Stuck {
                    step: place.name(self.session.course()),
                    checks,
                    verdicts,
                    ..Stuck::default()
                }));
            }
        }
    }
}

/// Whether a container is not what it was, which no waiting mends.
fn is_broken(now: &Snapshot) -> bool {
    faults(now).iter().any(|fault| {
        matches!(
            fault,
            Fault::NoNetwork
                | Fault::Removed { .. }
                | Fault::Stopped { .. }
                | Fault::Paused { .. }
                | Fault::OffNetwork { .. }
                | Fault::Moved { .. }
        )
    })
}

/// Whether the commands of later steps may need what this step makes to be
/// there and not only on its way.
fn is_built_on(step: &Step) -> bool {
    step.checks.iter().any(|check| match &check.kind {
        Kind::Service(want) => want.update.is_some(),
        Kind::Image { .. } | Kind::Registry { .. } => true,
        _ => false,
    })
}

/// Whether the command may place several tasks; a single one can be on any node.
fn places_many(line: &str, scope: &Scope) -> bool {
    let Ok(Action::Exec(exec)) = understand(line, scope) else {
        return false;
    };
    let Ok(parsed) = docker::parse(&exec.argv) else {
        return true;
    };
    let many = |flag: &docker::Given| ["replicas", "mode"].contains(&flag.name);
    match parsed.path.as_slice() {
        ["service", "create"] => parsed.flags.iter().any(many),
        ["service" | "stack", ..] => true,
        _ => false,
    }
}

/// Whether it is this one of `docker swarm`'s commands.
fn is_swarm(what: &str, exec: &Exec) -> bool {
    let parsed = docker::parse(&exec.argv);
    parsed.is_ok_and(|parsed| parsed.path == ["swarm", what] && !parsed.help)
}

/// Runs a command that nobody listens to.
async fn unheard(lab: &Lab, exec: &Exec) -> Result<i64, LabError> {
    let Action::Exec(exec) = detached(Action::Exec(exec.clone())) else {
        unreachable!("a command in a node stays one");
    };
    let (out, mut printed) = mpsc::channel(64);
    let pipes = Pipes {
        out,
        input: None,
        tty: None,
        interrupt: None,
    };
    let listening = async { while printed.recv().await.is_some() {} };
    let ending = async { tokio::join!(lab.exec(&exec, pipes), listening).0 };
    tokio::time::timeout(COMMAND_WITHIN, ending)
        .await
        .unwrap_or_else(|_| Err(LabError::NoEnd(exec.node.clone())))
}

/// The plan of a step's lab, and its compose file where `docker compose` finds
/// it; `put_back`: also where the learner has changed their copy, which is set
/// aside.
pub fn plan_for(
    executor: &mut Executor,
    session: &Session,
    store: &Store,
    place: Place,
    put_back: bool,
) -> Result<compose_file::Copied, LabError> {
    let course = session.course();
    executor.plan.images = entry::images(course);
    let Some(lesson) = entry::lab_of(course, place) else {
        return Ok(compose_file::Copied::Kept);
    };
    if let Some(compose) = &lesson.compose {
        executor.plan.compose = compose.clone();
    }
    let Some(text) = compose_file::text_of(lesson) else {
        return Ok(compose_file::Copied::Kept);
    };
    let copied = compose_file::put(&executor.dir, store.folder(), &text, put_back);
    copied.map_err(|source| LabError::File {
        path: executor.dir.clone(),
        source,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_task_need_not_wait_for_all_nodes() {
        let scope = Scope {
            nodes: vec!["manager".into()],
            ..Scope::default()
        };
        let many = |words: &str| places_many(&format!("docker exec manager {words}"), &scope);
        assert!(!many("docker service create --name web nginx"));
        assert!(!many("docker network create -d overlay net"));
        assert!(many("docker service create --name web --replicas 6 nginx"));
        assert!(many("docker service create --name web --mode global nginx"));
        assert!(many("docker service scale web=6"));
        assert!(many("docker stack deploy -c stack.yml app"));
        assert!(many("sh -c 'docker service create --replicas 6 nginx'"));
        assert!(!places_many("docker compose up -d", &scope));
    }
}
