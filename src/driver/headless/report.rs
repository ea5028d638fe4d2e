//! What the command line prints for programs: stable and documented JSON.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::check::Verdict;
use crate::driver::courses::mark;
use crate::driver::player::{CommandReport, Played};
use crate::driver::repl::kept;
use crate::driver::{End, Failure, Options, embedded};
use crate::lesson::{Lesson, Need, Step};
use crate::progress::Store;
use crate::session::{Place, Session};
use crate::terminal::{Detail, Mark, course_list, tty};
use crate::words::{self, Lang};

/// One step of a `run`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StepReport {
    /// `lesson/step`
    pub step: String,
    /// Its heading.
    pub title: String,
    /// `met`, `not_met`, `skipped`
    pub status: &'static str,
    /// Its commands, in order.
    pub commands: Vec<CommandReport>,
    /// Its checks, in order.
    pub checks: Vec<CheckReport>,
    /// All of it, in seconds.
    pub seconds: f64,
    /// Why it was skipped.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub skipped: Option<String>,
}

/// One check.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CheckReport {
    /// What it wants, in words.
    pub check: String,
    /// `met`, `not_yet`, `broken`, `not_measured`, `skipped`
    pub verdict: &'static str,
    /// What there is to say; empty when met.
    pub says: Vec<String>,
}

impl StepReport {
    /// A step that can't run here.
    pub fn skipped(name: &str, title: &str, lang: Lang, need: Need) -> StepReport {
        StepReport {
            step: name.to_owned(),
            title: title.to_owned(),
            status: "skipped",
            commands: Vec::new(),
            checks: Vec::new(),
            seconds: 0.0,
            skipped: Some(words::cli::skipped_because(lang, need).to_owned()),
        }
    }
}

/// The report on a step that was played.
pub fn step_report(session: &Session, place: Place, played: &Played, lang: Lang) -> StepReport {
    let step = place.step(session.course());
    StepReport {
        step: place.name(session.course()),
        title: step.map_or(String::new(), |step| step.title.clone()),
        status: if played.met { "met" } else { "not_met" },
        commands: played.commands.clone(),
        checks: step.map_or(Vec::new(), |step| {
            check_reports(step, &played.verdicts, lang)
        }),
        seconds: played.seconds,
        skipped: None,
    }
}

/// A step's checks with their verdicts.
pub fn check_reports(step: &Step, verdicts: &[Verdict], lang: Lang) -> Vec<CheckReport> {
    step.checks
        .iter()
        .zip(verdicts)
        .map(|(check, verdict)| CheckReport {
            check: words::verdict::check_title(lang, check),
            verdict: match verdict {
                Verdict::Met => "met",
                Verdict::NotYet(_) => "not_yet",
                Verdict::Broken(_) => "broken",
                Verdict::NotMeasured(_) => "not_measured",
                Verdict::Skipped(_) => "skipped",
            },
            says: words::verdict::verdict(lang, check, verdict),
        })
        .collect()
}

/// A session with what was kept of it.
pub fn kept_session(options: &Options, store: &Store) -> Result<Session, Failure> {
    let (progress, notice) = store.load().map_err(|error| {
        let text = words::progress::error(options.lang, &error).join("\n");
        Failure::Told(End::Environment, text)
    })?;
    if let Some(notice) = notice {
        eprintln!("{}", words::progress::notice(options.lang, &notice));
    }
    let langs = match options.lang_given() || progress.languages.is_empty() {
        true => vec![options.lang],
        false => progress.languages.clone(),
    };
    let mut session = Session::new(embedded().twins, langs, &options.lab);
    let kept = kept(&progress, &session.course().id);
    let current = kept.at.clone();
    session.resume(kept);
    let here = session.place().name(session.course());
    if let Some(gone) = current.filter(|at| *at != here) {
        eprintln!("{}", words::cli::step_gone(options.lang, &gone, &here));
    }
    Ok(session)
}

/// `list`
pub fn list(options: &Options, store: &Store, json: bool) -> Result<End, Failure> {
    let session = kept_session(options, store)?;
    if json {
        println!("{}", list_json(&session));
        return Ok(End::Done);
    }
    let look = tty::look(options.plain);
    let mark = |lesson: &Lesson, step: &Step| mark(&session, lesson, step);
    let list = course_list(
        session.course(),
        Detail::Steps,
        &mark,
        &look,
        session.lang(),
    );
    print!("{list}");
    Ok(End::Done)
}

fn list_json(session: &Session) -> serde_json::Value {
    let course = session.course();
    let lessons: Vec<serde_json::Value> = course
        .lessons
        .iter()
        .map(|lesson| {
            let steps: Vec<BTreeMap<&str, String>> = lesson
                .steps
                .iter()
                .map(|step| {
                    let word = match mark(session, lesson, step) {
                        Mark::Done => "done",
                        Mark::Current => "current",
                        Mark::Skipped => "skipped",
                        _ => "open",
                    };
                    BTreeMap::from([
                        ("id", step.id.clone()),
                        ("title", step.title.clone()),
                        ("status", word.to_owned()),
                    ])
                })
                .collect();
            serde_json::json!({
                "id": lesson.id,
                "title": lesson.title,
                "summary": lesson.summary,
                "minutes": lesson.minutes,
                "needs": lesson.needs,
                "steps": steps,
            })
        })
        .collect();
    serde_json::json!({
        "course": course.id,
        "title": course.title,
        "current": session.place().name(course),
        "lessons": lessons,
    })
}

/// One of each, for the test of the documentation.
#[cfg(test)]
pub fn example() -> serde_json::Value {
    let session = Session::new(embedded().twins, vec![Lang::En], "lab");
    let check = CheckReport {
        check: String::new(),
        verdict: "met",
        says: Vec::new(),
    };
    let step = StepReport {
        commands: vec![CommandReport {
            command: String::new(),
            exit: 0,
            seconds: 0.0,
            error: Some(String::new()),
        }],
        checks: vec![check],
        ..StepReport::skipped("a/b", "", Lang::En, Need::Mesh)
    };
    serde_json::json!([list_json(&session), step])
}
