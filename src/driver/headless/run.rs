//! `run`: every step's solution and checks, in order, on the lab.

use super::report::{StepReport, step_report};
use crate::driver::courses::Courses;
use crate::driver::execute::Executor;
use crate::driver::player::{How, Player};
use crate::driver::screen::Screen;
use crate::driver::travel::plan_for;
use crate::driver::{Clock, End, Failure, Options, lock, opening};
use crate::lab::{Lab, Plan};
use crate::progress::Store;
use crate::session::place::{self, Named};
use crate::session::{Event, HostHas, Place, Say, Session, entry};
use crate::terminal::{Mark, Tone};
use crate::words;

/// How `run` goes about it.
#[derive(Clone, Debug, Default)]
pub struct RunHow {
    /// Lessons or steps; empty: the whole course.
    pub lessons: Vec<String>,
    /// One JSON object a step, on standard output.
    pub json: bool,
    /// Docker's commands are detached, and nothing has to hold for a while.
    pub fast: bool,
    /// A skipped lesson counts as not met.
    pub strict: bool,
    /// The lab is kept at the end.
    pub keep: bool,
}

/// What `run` plays, in order: what is only a way there, and what is asked for.
fn plan_steps(session: &Session, names: &[String]) -> Result<Vec<(Place, bool)>, Failure> {
    let course = session.course();
    if names.is_empty() {
        return Ok(place::all(course).map(|(place, _)| (place, true)).collect());
    }
    let mut steps: Vec<(Place, bool)> = Vec::new();
    for name in names {
        let whole = course.lesson(name).map(|lesson| lesson.steps.len());
        let first = match place::resolve(course, Place::default(), name) {
            Named::One(place) => place,
            Named::Ambiguous(names) => {
                let text = words::session::say(session.lang(), &Say::AmbiguousStep(names));
                return Err(Failure::Told(End::Usage, text));
            }
            Named::Unknown(known) => {
                let known = match known.is_empty() {
                    true => course.lessons.iter().map(|l| l.id.clone()).collect(),
                    false => known,
                };
                let text = words::cli::no_such(session.lang(), name, &known);
                return Err(Failure::Told(End::Usage, text));
            }
        };
        for way in entry::path(course, first) {
            if !steps.iter().any(|(place, _)| *place == way) {
                steps.push((way, false));
            }
        }
        for step in 0..whole.unwrap_or(1) {
            let place = Place {
                step: first.step + step,
                ..first
            };
            match steps.iter_mut().find(|(other, _)| *other == place) {
                Some((_, asked)) => *asked = true,
                None => steps.push((place, true)),
            }
        }
    }
    Ok(steps)
}

/// Plays the course, or the lessons that were named.
pub async fn run(
    options: &Options,
    store: &Store,
    courses: Courses,
    how: RunHow,
) -> Result<End, Failure> {
    let clock = Clock::start();
    let _lock = lock(store, options.lang)?;
    let mut session = Session::new(courses.twins, vec![options.lang], &options.lab);
    if how.fast {
        session.make_haste();
    }
    let steps = plan_steps(&session, &how.lessons)?;
    let lab = opening::open_lab(options, store).await?;
    let screen = match how.json {
        true => Screen::stderr(options),
        false => Screen::stdout(options),
    };
    let mut executor = Executor {
        quiet: true,
        ..Executor::new(lab.clone(), store, &screen)
    };
    consent(options, &screen, &executor, &session, &steps).await?;
    session.host_has(host_has(&lab, &session).await);
    // A lab of before is not the state in which the course begins.
    let (tell, _) = tokio::sync::mpsc::unbounded_channel();
    lab.down(false, &tell).await?;
    let mut reports = Vec::new();
    let mut stop = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::interrupt())
        .map_err(|source| crate::lab::LabError::File {
            path: "signal".into(),
            source,
        })?;
    let mut interrupted = false;
    for (place, asked) in steps {
        session.handle(Event::Arrived(place, clock.now()));
        let name = place.name(session.course());
        let title = place
            .step(session.course())
            .map_or(String::new(), |step| step.title.clone());
        if let Some(need) = session.lacking(place) {
            let report = StepReport::skipped(&name, &title, options.lang, need);
            told(&report, &screen, how.json, asked);
            reports.push((report, asked));
            continue;
        }
        plan_for(&mut executor, &session, store, place, true)?;
        let playing = async {
            Player {
                session: &mut session,
                executor: &mut executor,
                clock,
            }
            .play(
                place,
                How {
                    detach: how.fast,
                    ..How::default()
                },
            )
            .await
        };
        let played = tokio::select! {
            played = playing => played?,
            _ = stop.recv() => {
                interrupted = true;
                break;
            }
        };
        let report = step_report(&session, place, &played, options.lang);
        told(&report, &screen, how.json, asked);
        let failed = report.status == "not_met";
        reports.push((report, asked));
        if failed {
            // What follows builds on it.
            break;
        }
    }
    if !how.keep {
        lab.down(false, &tell).await?;
        super::lab::remove_files(store)?;
    }
    let fine = |report: &StepReport| match report.status {
        "met" => true,
        "skipped" => !how.strict,
        _ => false,
    };
    match !interrupted && reports.iter().all(|(report, _)| fine(report)) {
        true => Ok(End::Done),
        false => Ok(End::NotMet),
    }
}

/// What the host has that lessons may need.
pub async fn host_has(lab: &Lab, session: &Session) -> HostHas {
    host_of(lab, registry_image(session)).await
}

/// The image of the course's registry, where it has one.
pub fn registry_image(session: &Session) -> Option<String> {
    let lessons = session.course().lessons.iter();
    lessons
        .filter_map(|lesson| lesson.compose.as_ref())
        .flat_map(|compose| &compose.services)
        .find(|service| service.is_registry())
        .map(|service| service.image.clone())
}

/// The same of a registry that is known.
pub async fn host_of(lab: &Lab, registry: Option<String>) -> HostHas {
    HostHas {
        mesh: None,
        registry: match registry {
            Some(image) => Some(lab.has_registry(&image).await),
            None => None,
        },
    }
}

async fn consent(
    options: &Options,
    screen: &Screen,
    executor: &Executor,
    session: &Session,
    steps: &[(Place, bool)],
) -> Result<(), Failure> {
    let compose = steps
        .iter()
        .find_map(|(place, _)| entry::compose_of(session.course(), *place).cloned());
    let Some(compose) = compose else {
        return Ok(());
    };
    let plan = Plan {
        compose,
        images: entry::images(session.course()),
    };
    ask(options, screen, &executor.lab, &plan).await
}

/// The one question; `--yes` answers it, and without a terminal nobody can.
pub async fn ask(
    options: &Options,
    screen: &Screen,
    lab: &Lab,
    plan: &Plan,
) -> Result<(), Failure> {
    let needs = lab.needs(plan).await?;
    if !needs.anything() {
        return Ok(());
    }
    let lang = options.lang;
    let question = words::lab::consent(lang, &needs, plan.compose.services.len());
    let otherwise = words::cli::not_prepared(lang);
    agreed(options, screen, &question, true, otherwise)
}

/// What has to be agreed to. `usual`: what Enter says; `otherwise`: what is told
/// to who does not agree.
pub fn agreed(
    options: &Options,
    screen: &Screen,
    question: &str,
    usual: bool,
    otherwise: &str,
) -> Result<(), Failure> {
    use std::io::IsTerminal;
    if options.yes {
        return Ok(());
    }
    let lang = options.lang;
    if !std::io::stdin().is_terminal() {
        let text = format!("{question}\n{}", words::cli::say_yes(lang));
        return Err(Failure::Told(End::Usage, text));
    }
    screen.say(Tone::Text, question);
    screen.text(if usual { "[Y/n] " } else { "[y/N] " });
    let mut answer = String::new();
    let read = std::io::stdin().read_line(&mut answer);
    let answer = answer.trim().to_lowercase();
    let yes = match usual {
        true => !answer.starts_with('n'),
        false => ["y", "yes", "네", "예"].contains(&answer.as_str()),
    };
    match read.is_ok_and(|count| count > 0) && yes {
        true => Ok(()),
        false => Err(Failure::Told(End::Usage, otherwise.to_owned())),
    }
}

fn told(report: &StepReport, screen: &Screen, json: bool, asked: bool) {
    if json {
        if asked {
            println!("{}", serde_json::json!(report));
        }
        return;
    }
    let mark = match report.status {
        "met" => Mark::Done,
        "skipped" => Mark::Skipped,
        _ => Mark::Broken,
    };
    let (sign, tone) = screen.look.mark(mark);
    let mut line = format!("{sign} {}  {:.1} s", report.step, report.seconds);
    if let Some(why) = &report.skipped {
        line.push_str(&format!("  ({why})"));
    }
    screen.say(tone, &line);
    if report.status != "not_met" {
        return;
    }
    for command in report.commands.iter().filter(|command| command.exit != 0) {
        let said = command.error.as_deref().unwrap_or_default();
        let text = format!("`{}` -> {} {said}", command.command, command.exit);
        screen.say(Tone::Bad, &text);
    }
    for check in report.checks.iter().filter(|check| check.verdict != "met") {
        screen.say(
            Tone::Bad,
            &format!("{}: {}", check.check, check.says.join(" ")),
        );
    }
}
