//! `up`, `down`, `status`, `check`, `goto` and its kin, for scripts.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use super::report::{check_reports, kept_session};
use super::run::{agreed, ask, host_has};
use crate::driver::execute::{Ended, Executor};
use crate::driver::looking::{every, look};
use crate::driver::mending;
use crate::driver::player::{How, Player, ask_http, http_checks};
use crate::driver::screen::Screen;
use crate::driver::travel::{Traveller, plan_for, survey};
use crate::driver::{Clock, End, Failure, Options, lock, opening};
use crate::lab::Lab;
use crate::model::fault::faults;
use crate::model::{Container, ContainerState, Snapshot};
use crate::progress::{Progress, Spare, Store};
use crate::session::place::{Named, by_full_name, resolve};
use crate::session::{Event, Place, Question, Say, Session, Way, entry};
use crate::shell::{Refusal, Speed};
use crate::terminal::{Tone, tty};
use crate::words;

async fn executor(
    options: &Options,
    store: &Store,
    session: &Session,
    screen: &Screen,
) -> Result<Executor, Failure> {
    let lab = opening::open_lab(options, store).await?;
    let mut executor = Executor {
        terminal: tty::is_interactive(),
        ..Executor::new(lab, store, screen)
    };
    plan_for(&mut executor, session, store, session.place(), false)?;
    Ok(executor)
}

/// `up`
pub async fn up(options: &Options, store: &Store) -> Result<End, Failure> {
    let clock = Clock::start();
    let _lock = lock(store, options.lang)?;
    let session = kept_session(options, store)?;
    let screen = Screen::stdout(options);
    let mut executor = executor(options, store, &session, &screen).await?;
    let plan = executor.plan.clone();
    ask(options, &screen, &executor.lab, &plan).await?;
    match executor.up().await? {
        Ended::Exit(_) => {
            let together = settled(&executor.lab, &screen).await?;
            let seconds = clock.now().as_secs_f64();
            if !together {
                screen.say(Tone::Warn, words::cli::not_together(options.lang));
                return Ok(End::NotMet);
            }
            screen.say(Tone::Good, &words::cli::lab_up(options.lang, seconds));
            Ok(End::Done)
        }
        Ended::Interrupted => {
            screen.say(Tone::Warn, words::cli::up_interrupted(options.lang));
            Ok(End::NotMet)
        }
    }
}

/// How long a swarm may take to find together after its nodes were started.
const TOGETHER_WITHIN: Duration = Duration::from_secs(60);

/// Waits until the nodes have found together; false where they have not in time.
async fn settled(lab: &Lab, screen: &Screen) -> Result<bool, Failure> {
    let begun = Instant::now();
    let mut pause = every(Duration::from_millis(300));
    let mut told = false;
    loop {
        pause.tick().await;
        if lab.observe().await?.settled() {
            return Ok(true);
        }
        if begun.elapsed() > TOGETHER_WITHIN {
            return Ok(false);
        }
        if !told && begun.elapsed() > Duration::from_secs(1) {
            screen.say(Tone::Dim, words::cli::finding_together(screen.lang));
            told = true;
        }
    }
}

/// The step to which a program was on its way when it was killed.
fn cut_off(store: &Store, session: &Session) -> Option<String> {
    let (progress, _) = store.load().ok()?;
    by_full_name(session.course(), &progress.journey?).map(|(_, name)| name)
}

/// `repair`: exit 1 where something is still wrong.
pub async fn repair(options: &Options, store: &Store) -> Result<End, Failure> {
    let clock = Clock::start();
    let held = lock(store, options.lang)?;
    let mut session = kept_session(options, store)?;
    let screen = Screen::stdout(options);
    if let Some(step) = cut_off(store, &session) {
        let text = words::travel::taken_up(options.lang, &step);
        screen.say(Tone::Warn, &text);
        drop(held);
        return travel(options, store, Some(&step), None).await;
    }
    let mut executor = executor(options, store, &session, &screen).await?;
    let plan = executor.plan.clone();
    if !look(&executor.lab, clock).await?.up {
        ask(options, &screen, &executor.lab, &plan).await?;
    }
    let mended = mending::repair(&mut executor, &mut session, clock).await?;
    Ok(match mended.is_whole() {
        true => End::Done,
        false => End::NotMet,
    })
}

/// `down`
pub async fn down(options: &Options, store: &Store, images: bool) -> Result<End, Failure> {
    let _lock = lock(store, options.lang)?;
    let screen = Screen::stdout(options);
    let lab = opening::open_lab(options, store).await?;
    let (tell, _) = tokio::sync::mpsc::unbounded_channel();
    let removed = lab.down(images, &tell).await?;
    remove_files(store)?;
    if let Ok((mut progress, notice)) = store.load() {
        if let Some(notice) = notice {
            eprintln!("{}", words::progress::notice(options.lang, &notice));
        }
        if progress.lab_up {
            progress.lab_up = false;
            let _ = store.save(&progress);
        }
    }
    screen.say(Tone::Good, &words::cli::lab_down(options.lang, &removed));
    Ok(End::Done)
}

/// The lab's files go with it; progress stays.
pub fn remove_files(store: &Store) -> Result<(), Failure> {
    store.remove_lab_files().map_err(|source| {
        Failure::Lab(crate::lab::LabError::File {
            path: store.folder().to_owned(),
            source,
        })
    })
}

/// `status`: the lab as it is, and the learner's place.
pub async fn status(options: &Options, store: &Store, json: bool) -> Result<End, Failure> {
    let session = kept_session(options, store)?;
    let lab = opening::open_lab(options, store).await?;
    lab.look_closely().await?;
    let snapshot = look(&lab, Clock::start()).await?;
    if json {
        let mut json = status_json(options, &session, &snapshot);
        json["faults"] = faults_json(options, &snapshot);
        println!("{json}");
        return Ok(End::Done);
    }
    let screen = Screen::stdout(options);
    let course = session.course();
    let place = session.place();
    let title = place.step(course).map_or("", |step| &step.title);
    let line = words::cli::status_line(options.lang, title, &place.name(course));
    screen.say(Tone::Heading, &line);
    // Who holds the lab may be on its way just now.
    if let Some(step) = cut_off(store, &session)
        && lock(store, options.lang).is_ok()
    {
        let text = words::travel::cut_off(options.lang, &step);
        screen.say(Tone::Warn, &text);
        if !snapshot.up {
            return Ok(End::Done);
        }
    }
    if !snapshot.up {
        screen.say(Tone::Dim, words::cli::lab_is_down(options.lang));
        return Ok(End::Done);
    }
    let nodes: Vec<String> = snapshot
        .containers
        .iter()
        .filter(|(_, container)| container.is_node)
        .map(|(name, _)| name.clone())
        .collect();
    for line in crate::terminal::map(&snapshot, &nodes, &screen.look, options.lang) {
        screen.text(&(line + "\n"));
    }
    for kind in mending::kinds(&faults(&snapshot)) {
        let told = words::fault::faults(options.lang, &kind);
        screen.say(Tone::Warn, &words::command::at_the_shell(&told));
    }
    Ok(End::Done)
}

/// The containers of the lab; of one that is down those that `up` would make
/// for the step.
fn containers(session: &Session, snapshot: &Snapshot) -> BTreeMap<String, Container> {
    if snapshot.up {
        return snapshot.containers.clone();
    }
    let compose = entry::compose_of(session.course(), session.place());
    let services = compose.into_iter().flat_map(|compose| &compose.services);
    services
        .map(|service| {
            let container = Container {
                is_node: service.is_node(),
                ..Container::default()
            };
            (service.name.clone(), container)
        })
        .collect()
}

fn status_json(options: &Options, session: &Session, snapshot: &Snapshot) -> serde_json::Value {
    let containers: Vec<serde_json::Value> = containers(session, snapshot)
        .iter()
        .map(|(name, container)| {
            let state = match container.state {
                ContainerState::Missing => "missing",
                ContainerState::Created => "created",
                ContainerState::Running => "running",
                ContainerState::Paused => "paused",
                ContainerState::Exited(_) => "exited",
            };
            serde_json::json!({
                "name": name,
                "state": state,
                "node": container.is_node,
                "address": container.address,
                "engine": container.engine.as_ref().map(|engine| &engine.version),
                "ports": container.ports,
            })
        })
        .collect();
    let swarm = snapshot.swarm.as_ref().map(|swarm| {
        let nodes: Vec<serde_json::Value> = swarm
            .nodes
            .iter()
            .map(|node| {
                serde_json::json!({
                    "hostname": node.hostname,
                    "role": if node.manager { "manager" } else { "worker" },
                    "leader": node.leader,
                    "state": node.state,
                    "availability": node.availability,
                })
            })
            .collect();
        let services: Vec<serde_json::Value> = swarm
            .services
            .iter()
            .map(|service| {
                let running = swarm
                    .tasks_of(&service.id)
                    .filter(|task| task.state == crate::model::TaskState::Running)
                    .count();
                serde_json::json!({
                    "name": service.name,
                    "image": service.image,
                    "replicas": match service.mode {
                        crate::model::ServiceMode::Replicated(wanted) => Some(wanted),
                        _ => None,
                    },
                    "running": running,
                })
            })
            .collect();
        serde_json::json!({ "nodes": nodes, "services": services })
    });
    serde_json::json!({
        "lab": options.lab,
        "up": snapshot.up,
        "step": session.place().name(session.course()),
        "containers": containers,
        "swarm": swarm,
        "mesh": snapshot.mesh,
    })
}

/// What is wrong, each in a sentence, with the containers it is about.
fn faults_json(options: &Options, snapshot: &Snapshot) -> serde_json::Value {
    let faults = faults(snapshot);
    let each = faults.iter().map(|fault| {
        let text = words::fault::faults(options.lang, std::slice::from_ref(fault));
        let text = words::command::at_the_shell(&text);
        serde_json::json!({ "nodes": fault.nodes(), "text": text })
    });
    each.collect()
}

/// `check`: the current step's checks, now. Exit 1 when one is not met.
pub async fn check(options: &Options, store: &Store, json: bool) -> Result<End, Failure> {
    let clock = Clock::start();
    let mut session = kept_session(options, store)?;
    let lab = opening::open_lab(options, store).await?;
    session.host_has(host_has(&lab, &session).await);
    session.handle(Event::Looked(look(&lab, clock).await?));
    stable(&lab, &mut session, clock).await?;
    let Some(step) = session.step().cloned() else {
        return Ok(End::Done);
    };
    if json {
        let checks = check_reports(&step, session.verdicts(), options.lang);
        let name = session.place().name(session.course());
        println!(
            "{}",
            serde_json::json!({ "step": name, "met": session.is_met(), "checks": checks })
        );
    } else {
        let screen = Screen::stdout(options);
        match step.checks.is_empty() {
            true => screen.say(Tone::Dim, words::cli::no_checks(options.lang)),
            false => screen.verdicts(&step.checks, session.verdicts()),
        }
    }
    Ok(match session.is_met() {
        true => End::Done,
        false => End::NotMet,
    })
}

/// Looks for as long as the checks want a thing to hold.
async fn stable(lab: &Lab, session: &mut Session, clock: Clock) -> Result<(), Failure> {
    let checks = session.step().map(|step| step.checks.clone());
    let holds = checks.into_iter().flatten().map(|check| check.stable_for);
    let until = clock.now() + holds.max().unwrap_or_default();
    let mut tick = every(std::time::Duration::from_millis(100));
    loop {
        tick.tick().await;
        let questions = http_checks(session);
        for probe in ask_http(lab.clone(), questions, clock).await {
            session.handle(Event::Answered(probe));
        }
        session.handle(Event::Looked(look(lab, clock).await?));
        if session.is_met() || clock.now() > until {
            return Ok(());
        }
    }
}

/// `goto`, `reset`, `replay`.
pub async fn travel(
    options: &Options,
    store: &Store,
    name: Option<&str>,
    replay: Option<Speed>,
) -> Result<End, Failure> {
    let clock = Clock::start();
    let lang = options.lang;
    let _lock = lock(store, lang)?;
    let mut session = kept_session(options, store)?;
    let to = match name {
        None => session.place(),
        Some(name) => match resolve(session.course(), session.place(), name) {
            Named::One(place) => place,
            Named::Ambiguous(names) => {
                let text = words::session::say(lang, &Say::AmbiguousStep(names));
                return Err(Failure::Told(End::Usage, text));
            }
            Named::Unknown(similar) => {
                let name = name.to_owned();
                let refusal = Refusal::UnknownStep { name, similar };
                let text = words::refusal::refusal(lang, &refusal);
                let text = words::command::at_the_shell(&text);
                return Err(Failure::Told(End::Usage, text));
            }
        },
    };
    let screen = Screen::stdout(options);
    let mut executor = executor(options, store, &session, &screen).await?;
    executor.terminal = false;
    let (mut progress, _) = store.load().unwrap_or_default();
    session.set_pace(progress.pace());
    survey(&mut session, &executor.lab, clock, to).await?;
    let (journey, change) = session.journey(to, replay);
    let name = to.name(session.course());
    if !change.is_nothing() {
        screen.say(Tone::Dim, &words::travel::will(lang, &name, &change));
    }
    let things = session.own_things();
    if !things.is_empty() {
        let step = name.clone();
        let question = words::session::question(lang, &Question::Lose { step, things });
        let otherwise = words::cli::nothing_changed(lang);
        agreed(options, &screen, &question, false, otherwise)?;
    }
    // Who has a lab, or had one on this way before it was cut off, has agreed to it.
    if journey.way == Way::Clean && !progress.consent && progress.journey.is_none() {
        plan_for(&mut executor, &session, store, to, true)?;
        let plan = executor.plan.clone();
        ask(options, &screen, &executor.lab, &plan).await?;
    }
    if journey.way == Way::Nothing {
        // Nobody is preparing a lab now: what there is of one was left by a
        // program that was killed.
        executor.lab.discard_prepared().await?;
    }
    let save = |progress: &Progress| {
        store.save(progress).map_err(|error| {
            let text = words::progress::error(lang, &error).join("\n");
            Failure::Told(End::Environment, text)
        })
    };
    let full = format!("{}/{name}", session.course().id);
    progress.journey = Some(full.clone());
    save(&progress)?;
    let began = clock.now();
    let gone = Traveller::new(&mut session, &mut executor, store, clock)
        .go(&journey, &mut |_, _| {})
        .await;
    if let Some(stuck) = gone? {
        stuck.tell(&screen);
        return Ok(End::NotMet);
    }
    let seconds = (clock.now() - began).as_secs_f64();
    progress.note_pace(seconds, journey.seconds);
    progress.journey = None;
    progress.forget(&full);
    progress.made = Some(full.clone());
    progress.current = Some(full);
    // As the way has seen it last.
    progress.lab_up = session.timeline().last().is_some_and(|now| now.up);
    save(&progress)?;
    screen.say(Tone::Good, &words::cli::arrived(lang, &name, seconds));
    let end = match replay {
        Some(speed) => play_to_see(&mut session, &mut executor, clock, to, speed).await?,
        None => End::Done,
    };
    if options.spare == Spare::On && progress.lab_up {
        executor.lab.settle().await;
        let manager = session.spare_swarm(to);
        let prepared = executor
            .lab
            .prepare_spare(&executor.plan, manager.as_deref());
        prepared.await?;
    }
    executor.lab.let_go().await;
    Ok(end)
}

/// The step's solution, shown as it is typed, and its checks.
async fn play_to_see(
    session: &mut Session,
    executor: &mut Executor,
    clock: Clock,
    place: Place,
    speed: Speed,
) -> Result<End, Failure> {
    let how = How {
        shown: Some(speed),
        ..How::default()
    };
    let mut player = Player {
        session,
        executor,
        clock,
    };
    let played = player.play(place, how).await?;
    if let Some(step) = place.step(session.course()) {
        executor.screen.verdicts(&step.checks, &played.verdicts);
    }
    Ok(match played.met {
        true => End::Done,
        false => End::NotMet,
    })
}

/// One of each, for the test of the documentation.
#[cfg(test)]
pub fn example() -> serde_json::Value {
    use crate::model::{Node, Service, Swarm};
    let session = Session::new(crate::driver::embedded().twins, Vec::new(), "lab");
    let snapshot = Snapshot {
        up: true,
        containers: [("manager".to_owned(), Container::default())].into(),
        swarm: Some(Swarm {
            nodes: vec![Node::default()],
            services: vec![Service::default()],
            ..Swarm::default()
        }),
        ..Snapshot::default()
    };
    let check = serde_json::json!({ "step": "", "met": true, "checks": [] });
    let faults = serde_json::json!({ "faults": faults_json(&Options::default(), &snapshot) });
    let status = status_json(&Options::default(), &session, &snapshot);
    serde_json::json!([status, faults, check])
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_lab_that_is_down_has_the_containers_of_the_lesson_in_hand() {
        let names = |step: &str, snapshot: &Snapshot| -> Vec<String> {
            let mut session = Session::new(crate::driver::embedded().twins, Vec::new(), "lab");
            let Named::One(place) = resolve(session.course(), session.place(), step) else {
                panic!("no step {step}");
            };
            session.handle(Event::Arrived(place, Duration::ZERO));
            let json = status_json(&Options::default(), &session, snapshot);
            let containers = json["containers"].as_array().unwrap().iter();
            containers
                .inspect(|container| assert_eq!(container["state"], "missing"))
                .map(|container| container["name"].as_str().unwrap().to_owned())
                .collect()
        };
        let down = Snapshot::default();
        let four = ["manager", "worker01", "worker02", "worker03"];
        assert_eq!(names("service/scale", &down), four);
        let mut five = four.to_vec();
        five.insert(1, "registry");
        assert_eq!(names("registry/up", &down), five);
        // What was there for another lesson is not what this one has.
        let stale = Snapshot {
            containers: [("manager".to_owned(), Container::default())].into(),
            ..Snapshot::default()
        };
        assert_eq!(names("registry/up", &stale), five);
    }
}
