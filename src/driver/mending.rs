//! `repair`, at the prompt and for scripts: what will be done, the lab at work,
//! and what is still wrong.

use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};

use super::execute::{Ended, Executor, terminal_error};
use super::looking::{every, look};
use super::{Clock, Failure, compose_file};
use crate::check::{Check, Kind, judge};
use crate::model::fault;
use crate::model::{Fault, LocalSwarm, Mend, Snapshot};
use crate::session::Session;
use crate::shell::Exec;
use crate::terminal::Tone;
use crate::words;

/// What came of it.
pub struct Mended {
    /// What was done.
    pub mends: Vec<Mend>,
    /// What is still wrong.
    pub left: Vec<Fault>,
    /// The last manager was gone, and the swarm with it.
    pub swarm_lost: bool,
    /// By Ctrl-C.
    pub interrupted: bool,
}

impl Mended {
    /// Nothing is wrong any more.
    pub fn is_whole(&self) -> bool {
        self.left.is_empty() && !self.swarm_lost && !self.interrupted
    }
}

/// Swarm places and ends tasks within this, or waits for something else.
const PLACED_WITHIN: Duration = Duration::from_secs(12);

/// What is left of a repair after this long stays: four engines that come up at once on
/// one slow processor answer within 30 s.
const PASSES_WITHIN: Duration = Duration::from_secs(30);

/// A longer wait has a word about it.
const TOLD_AFTER: Duration = Duration::from_secs(1);

/// What a repair waits for once all is done; Ctrl-C ends the waiting.
struct Waits {
    stop: Signal,
    began: Duration,
    told: bool,
    over: bool,
}

/// Mends what is wrong and says so; the session has seen the lab afterwards.
pub async fn repair(
    executor: &mut Executor,
    session: &mut Session,
    clock: Clock,
) -> Result<Mended, Failure> {
    let began = clock.now();
    let screen = executor.screen.clone();
    let lang = screen.lang;
    let knew_swarm = had_swarm(session);
    let now = led_look(executor, session, clock).await?;
    let had_swarm = knew_swarm || session.faults().iter().any(takes_the_swarm_along);
    let mends = fault::mends(&session.faults(), &now);
    let mut mended = Mended {
        mends,
        left: Vec::new(),
        swarm_lost: false,
        interrupted: false,
    };
    if !now.up {
        mended.interrupted = executor.up().await? == Ended::Interrupted;
    } else if !mended.mends.is_empty() {
        screen.say_with_code(Tone::Text, &words::fault::plan(lang, &mended.mends));
        mended.interrupted = carried_out(executor, &mended.mends).await? == Ended::Interrupted;
        // One that leads alone tells of others what nobody could tell before.
        let leads = mended
            .mends
            .iter()
            .any(|mend| matches!(mend, Mend::NewCluster(_)));
        if leads && !mended.interrupted {
            let now = settled_look(executor, session, clock).await?;
            let mut more = fault::mends(&session.faults(), &now);
            more.retain(|mend| matches!(mend, Mend::Anew(_)) && !mended.mends.contains(mend));
            if !more.is_empty() {
                screen.say_with_code(Tone::Text, &words::fault::plan(lang, &more));
                mended.interrupted = carried_out(executor, &more).await? == Ended::Interrupted;
            }
        }
    }
    session.note(look(&executor.lab, clock).await?);
    if !mended.interrupted {
        let mut waits = Waits::begin(clock)?;
        balanced(executor, session, clock, &mut waits).await?;
        may_pass(executor, session, clock, &mut waits).await?;
        if !mended.mends.is_empty() {
            at_rest(executor, session, clock, &mut waits).await?;
        }
    }
    mended.left = session.faults();
    let swarm = session
        .timeline()
        .last()
        .is_some_and(|now| now.swarm.is_some());
    let lost = |fault: &Fault| *fault == Fault::NoManager;
    mended.swarm_lost = had_swarm && !swarm && mended.left.iter().all(lost);
    if mended.swarm_lost {
        mended.left.clear();
    }
    if mended.interrupted {
        return Ok(mended);
    }
    for kind in kinds(&mended.left) {
        let text = words::fault::faults(lang, &kind);
        screen.say(Tone::Warn, &format!("{} {text}", words::fault::still(lang)));
    }
    if mended.swarm_lost {
        screen.say(Tone::Warn, words::fault::swarm_lost(lang));
    } else if mended.left.is_empty() {
        let seconds = (clock.now() - began).as_secs_f64();
        screen.say(
            Tone::Good,
            &words::fault::mended(lang, &mended.mends, seconds),
        );
    }
    Ok(mended)
}

/// Whether there was a swarm the last time that anybody could say.
fn had_swarm(session: &Session) -> bool {
    let snapshots = session.timeline().snapshots.iter().rev();
    let mut said = snapshots.filter(|s| s.up && s.containers.values().any(|c| c.engine.is_some()));
    let seen = said.any(|snapshot| snapshot.swarm.is_some());
    seen || session.expects_swarm()
}

/// The workers that are left still say that they are in a swarm.
fn takes_the_swarm_along(fault: &Fault) -> bool {
    matches!(
        fault,
        Fault::Removed {
            last_manager: true,
            ..
        }
    )
}

/// A look at a lab of which everything is known that a look can know: the first
/// one leaves out what takes its time.
async fn settled_look(
    executor: &Executor,
    session: &mut Session,
    clock: Clock,
) -> Result<Snapshot, Failure> {
    executor.lab.look_closely().await?;
    let now = look(&executor.lab, clock).await?;
    session.note(std::sync::Arc::clone(&now));
    Ok((*now).clone())
}

/// The same, once the managers have had time to choose a leader, where all that are
/// in the swarm may still do so.
async fn led_look(
    executor: &Executor,
    session: &mut Session,
    clock: Clock,
) -> Result<Snapshot, Failure> {
    let mut now = settled_look(executor, session, clock).await?;
    let until = clock.now() + Fault::NoLeader.lasts();
    let may_choose = |now: &Snapshot| {
        let mut nodes = now
            .containers
            .values()
            .filter(|container| container.is_node);
        nodes.all(|container| {
            let engine = container.engine.as_ref();
            engine.is_some_and(|engine| engine.swarm != LocalSwarm::Inactive)
        })
    };
    let mut tick = every(Duration::from_millis(250));
    while session.faults().contains(&Fault::NoLeader) && may_choose(&now) && clock.now() < until {
        tick.tick().await;
        let seen = look(&executor.lab, clock).await?;
        session.note(std::sync::Arc::clone(&seen));
        now = (*seen).clone();
    }
    Ok(now)
}

async fn carried_out(executor: &mut Executor, mends: &[Mend]) -> Result<Ended, Failure> {
    let look = executor.screen.look;
    executor.plan.compose = compose_file::read(
        &executor.dir,
        &executor.plan.compose,
        executor.screen.lang,
        look.colour,
        look.columns(),
    )?;
    let (plan, lab, mends) = (executor.plan.clone(), executor.lab.clone(), mends.to_vec());
    executor
        .with_news(|tell| async move { lab.repair(&plan, &mends, &tell).await })
        .await
}

/// Swarm itself never moves a task that runs well: where the steps done so far
/// want a service spread, it is made smaller and as large again. Swarm takes the
/// tasks from where most are, and puts the new ones where the fewest are; an
/// update by force would restart them all, one after another.
async fn balanced(
    executor: &mut Executor,
    session: &mut Session,
    clock: Clock,
    waits: &mut Waits,
) -> Result<(), Failure> {
    let wanted: Vec<(Check, String)> = session
        .so_far()
        .into_iter()
        .filter_map(|check| match &check.kind {
            Kind::Service(want) if want.spread.is_some() => {
                let name = want.name.clone();
                Some((check, name))
            }
            _ => None,
        })
        .collect();
    for (check, service) in wanted {
        if waits.over {
            break;
        }
        let met = |session: &Session| judge(&check, session.timeline(), &session.shape()).passes();
        // Tasks that are on their way first.
        let rests = |session: &Session| {
            let last = session.timeline().last();
            let swarm = last.and_then(|now| now.swarm.as_ref());
            let lost = session.faults().contains(&Fault::NoManager);
            met(session) || lost || swarm.is_some_and(|swarm| swarm.runs_all(&service))
        };
        waits
            .until(executor, session, clock, PLACED_WITHIN, &rests)
            .await?;
        if met(session) {
            continue;
        }
        let last = session.timeline().last();
        let uneven = last.and_then(|now| now.swarm.as_ref()).and_then(|swarm| {
            let (replicas, aside) = swarm.uneven(&service)?;
            Some((swarm.seen_from.clone(), replicas, aside))
        });
        let Some((manager, replicas, aside)) = uneven else {
            continue;
        };
        let screen = &executor.screen;
        let text = words::fault::placed_anew(screen.lang, &service);
        screen.say_with_code(Tone::Dim, &text);
        let scale = |replicas: u64| Exec {
            node: manager.clone(),
            argv: ["docker", "service", "scale", "--detach"]
                .into_iter()
                .map(str::to_owned)
                .chain([format!("{service}={replicas}")])
                .collect(),
            ..Exec::default()
        };
        executor.quietly(&scale(replicas - aside)).await?;
        let smaller = |session: &Session| {
            let last = session.timeline().last();
            let swarm = last.and_then(|now| now.swarm.as_ref());
            swarm.is_none_or(|swarm| swarm.placed(&service) <= replicas - aside)
        };
        waits
            .until(executor, session, clock, PLACED_WITHIN, &smaller)
            .await?;
        executor.quietly(&scale(replicas)).await?;
        waits
            .until(executor, session, clock, PLACED_WITHIN, &met)
            .await?;
    }
    Ok(())
}

impl Waits {
    fn begin(clock: Clock) -> Result<Waits, Failure> {
        let stop = signal(SignalKind::interrupt()).map_err(terminal_error)?;
        Ok(Waits {
            stop,
            began: clock.now(),
            told: false,
            over: false,
        })
    }

    /// Looks until this is met, or isn't in time.
    async fn until(
        &mut self,
        executor: &Executor,
        session: &mut Session,
        clock: Clock,
        within: Duration,
        met: &impl Fn(&Session) -> bool,
    ) -> Result<(), Failure> {
        let deadline = clock.now() + within;
        let mut tick = every(Duration::from_millis(100));
        while !met(session) && !self.over && clock.now() < deadline {
            tokio::select! {
                _ = tick.tick() => {}
                _ = self.stop.recv() => {
                    // Behind the ^C that the terminal shows.
                    executor.screen.text("\n");
                    self.over = true;
                    break;
                }
            }
            session.note(look(&executor.lab, clock).await?);
            if !self.told && !met(session) && clock.now() > self.began + TOLD_AFTER {
                self.told = true;
                let text = words::fault::comes_to_rest(executor.screen.lang);
                executor.screen.say(Tone::Dim, text);
            }
        }
        Ok(())
    }
}

/// Engines that have just been mended have much to do, and may miss a look or two on a
/// slow machine, as Swarm may take its time to hear of a node again: that is no fault yet.
async fn may_pass(
    executor: &Executor,
    session: &mut Session,
    clock: Clock,
    waits: &mut Waits,
) -> Result<(), Failure> {
    let passes = |fault: &Fault| matches!(fault, Fault::Silent { .. } | Fault::Down { .. });
    let none = |session: &Session| !session.faults().iter().any(passes);
    let until = waits.until(executor, session, clock, PASSES_WITHIN, &none);
    until.await
}

/// What the nodes ran, they run again.
async fn at_rest(
    executor: &Executor,
    session: &mut Session,
    clock: Clock,
    waits: &mut Waits,
) -> Result<(), Failure> {
    let rests = |session: &Session| {
        let last = session.timeline().last();
        last.is_none_or(|now| now.at_rest() || now.fails())
    };
    let until = waits.until(executor, session, clock, PLACED_WITHIN, &rests);
    until.await
}

/// Faults, those of a kind together.
pub fn kinds(faults: &[Fault]) -> Vec<Vec<Fault>> {
    let mut kinds: Vec<Vec<Fault>> = Vec::new();
    for fault in faults {
        match kinds.iter_mut().find(|kind| kind[0].same_kind(fault)) {
            Some(kind) => kind.push(fault.clone()),
            None => kinds.push(vec![fault.clone()]),
        }
    }
    kinds
}
