//! The session: `(state, event) -> effects`. No I/O, no clock.
//!
//! It knows where the learner is, what a typed line means here, whether the
//! step's checks are met, and what comes next. The driver feeds it events and
//! carries its effects out.

mod drift;
pub mod entry;
mod faults;
mod forecast;
mod judging;
pub mod place;
mod quiz;
mod say;
mod scope;
mod stays;
mod travel;
mod typing;
mod verbs;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use crate::check::Verdict;
use crate::lesson::{Course, Lesson, Step};
use crate::model::{CommandRecord, Files, HttpProbe, Snapshot, Timeline};
use crate::shell::{Action, Refusal};
use crate::words::Lang;
pub use place::Place;
pub use say::{LabWill, Question, Say};
pub use travel::{Change, Journey, Way};
use typing::Waiting;
pub use typing::changes_tasks;

/// The lab that is meant where none is named.
pub const DEFAULT_LAB: &str = "swarmlings";

/// What happened.
#[derive(Clone, Debug)]
pub enum Event {
    /// The program begins, or comes back to where the learner was.
    Begin,
    /// One logical line.
    Line(String),
    /// The answer to a `Question`.
    Answer(bool),
    /// The value for a placeholder.
    Value(Option<String>),
    /// Ctrl-C at the prompt.
    Interrupted,
    /// Ctrl-D at the prompt, or the end of the script.
    Eof,
    /// The lab was looked at.
    Looked(Arc<Snapshot>),
    /// A command ended.
    Ended(CommandRecord),
    /// A request of the program's own was answered.
    Answered(HttpProbe),
    /// The lab was made to be as at the entry of a step.
    Arrived(Place, Duration),
    /// It could not be; the learner stays where they were.
    NotArrived,
    /// The lab was looked at for the way to a step.
    Surveyed,
}

/// What is to be done about it.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Draw the step; with its optional branches.
    Show {
        /// `more`
        branches: bool,
    },
    /// A sentence.
    Say(Say),
    /// Draw the verdicts of the step's checks.
    Verdicts,
    /// Draw one hint.
    Hint(usize),
    /// Draw the list of lessons and steps.
    List,
    /// Draw where the learner is and what the lab is.
    Status,
    /// Help on a verb, or in general.
    Help(Option<String>),
    /// A line that is not understood.
    Refused(Refusal),
    /// Show a command as if it had been typed.
    Echo(String),
    /// Carry out a lab command.
    Run(Action),
    /// Run the step's own commands at its entry, and put its files.
    Setup(Place),
    /// Run the step's own commands at its end.
    Cleanup(Place),
    /// The live map, until it is left or all has settled.
    Map {
        /// Leave it by itself when nothing moves any more.
        until_settled: bool,
    },
    /// Wait until the step's checks are met, at most so long.
    Await(Duration),
    /// Look at the lab anew, so that the way to a step is chosen by what is there
    /// now; then `Event::Surveyed`.
    Survey,
    /// Make the lab as it is at the entry of a step.
    Travel(Journey),
    /// The screen is cleared.
    Clear,
    /// Ask yes or no; the answer comes as `Event::Answer`.
    Ask(Question),
    /// Ask for a placeholder's value; it comes as `Event::Value`.
    AskValue(String),
    /// Mend the lab.
    Repair,
    /// Say that it is gone on with the lab as it is.
    GoesOn,
    /// Progress has changed.
    Save,
    /// Leave.
    Quit,
}

/// How a step ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Its checks were met, or it was read.
    Done,
    /// The learner went on without.
    Skipped,
}

/// What is kept of a session from one start to the next, all by `lesson/step`.
#[derive(Clone, Debug, Default)]
pub struct Kept {
    /// How steps ended.
    pub steps: BTreeMap<String, Status>,
    /// Where the learner was.
    pub at: Option<String>,
    /// Whose entry the program made last.
    pub made: Option<String>,
}

/// A learner in a course.
pub struct Session {
    courses: BTreeMap<&'static str, Course>,
    langs: Vec<Lang>,
    lab: String,
    place: Place,
    /// By `lesson/step`.
    record: BTreeMap<String, Status>,
    /// What nodes hold that a snapshot does not show.
    held: Vec<String>,
    files: Files,
    /// Whose entry the program made last.
    made: Option<Place>,
    timeline: Timeline,
    verdicts: Vec<Verdict>,
    announced: bool,
    hints_given: usize,
    typed: Vec<usize>,
    detour: Option<judging::Detour>,
    on: Option<String>,
    play: bool,
    quizzes: quiz::Open,
    /// Steps whose setup was carried out in the lab that is there now.
    set_up: BTreeSet<Place>,
    queue: Vec<String>,
    values: BTreeMap<String, String>,
    waiting: Option<Waiting>,
    host_has: HostHas,
    watch: faults::Watch,
    pace: f64,
    hasty: bool,
}

/// What the host has, for lessons that need it. `None`: not known yet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HostHas {
    /// The routing mesh.
    pub mesh: Option<bool>,
    /// A registry.
    pub registry: Option<bool>,
}

impl Session {
    /// A session over the twins of one course; `courses` must not be empty.
    pub fn new(courses: Vec<(Lang, Course)>, langs: Vec<Lang>, lab: &str) -> Session {
        let courses: BTreeMap<&'static str, Course> = courses
            .into_iter()
            .map(|(lang, course)| (lang.code(), course))
            .collect();
        let mut langs: Vec<Lang> = langs
            .into_iter()
            .filter(|lang| courses.contains_key(lang.code()))
            .collect();
        if langs.is_empty() {
            langs.extend(courses.keys().next().and_then(|code| Lang::from_code(code)));
        }
        let mut session = Session {
            courses,
            langs,
            lab: lab.to_owned(),
            place: Place::default(),
            record: BTreeMap::new(),
            held: Vec::new(),
            files: Files::default(),
            made: None,
            timeline: Timeline::default(),
            verdicts: Vec::new(),
            announced: false,
            hints_given: 0,
            typed: Vec::new(),
            detour: None,
            on: None,
            play: false,
            quizzes: quiz::Open::default(),
            set_up: BTreeSet::new(),
            queue: Vec::new(),
            values: BTreeMap::new(),
            waiting: None,
            host_has: HostHas::default(),
            watch: faults::Watch::default(),
            pace: 1.0,
            hasty: false,
        };
        session.place = Place::first(session.course()).unwrap_or_default();
        session.arrive(session.place, Duration::ZERO);
        session
    }

    /// Takes up what was kept. Names that no longer exist are kept in the record
    /// and lead nowhere.
    pub fn resume(&mut self, kept: Kept) {
        self.record = kept.steps;
        self.made = kept.made.and_then(|name| self.named(&name));
        let found = kept.at.as_deref().and_then(|name| self.named(name));
        // Of a step that is gone its lesson may be left.
        let lesson = kept.at.as_deref().and_then(|name| name.split_once('/'));
        let in_lesson = |full: &str| lesson.is_some_and(|(lesson, _)| starts(full, lesson));
        let open: Vec<(Place, String)> = place::all(self.course())
            .filter(|(_, full)| !self.record.contains_key(full))
            .collect();
        let there = open.iter().find(|(_, full)| in_lesson(full));
        let fallback = there.or(open.first()).map(|(place, _)| *place);
        // Whoever comes back finds the lab as they left it.
        self.set_up.extend(found);
        if let Some(place) = found.or(fallback) {
            self.arrive(place, self.timeline.entered);
        }
    }

    fn named(&self, name: &str) -> Option<Place> {
        let mut all = place::all(self.course());
        let found = all.find(|(_, full)| full == name);
        found.map(|(place, _)| place)
    }

    /// The lab was made as it is at the entry of this step: what the steps before
    /// it do is in it, whoever did it.
    pub fn lab_made_for(&mut self, place: Place) {
        self.made = Some(place);
        self.held.clear();
        self.files = Files::default();
    }

    /// From now on the lab is a variant out of the tutorial's optional parts.
    pub fn use_variant(&mut self, index: usize) {
        for course in self.courses.values_mut() {
            for lesson in &mut course.lessons {
                if let Some((_, compose, text)) = lesson.compose_variants.get(index).cloned() {
                    lesson.compose = Some(compose);
                    lesson.compose_text = Some(text);
                }
            }
        }
    }

    /// From now on a check is met as soon as it holds; it need not hold for a while.
    pub fn make_haste(&mut self) {
        self.hasty = true;
    }

    /// Tells what the host has.
    pub fn host_has(&mut self, host_has: HostHas) {
        self.host_has = host_has;
    }

    /// The course in the first language.
    pub fn course(&self) -> &Course {
        self.course_in(self.lang())
    }

    /// The course in a language, or in another where it does not exist.
    pub fn course_in(&self, lang: Lang) -> &Course {
        self.courses
            .get(lang.code())
            .or_else(|| self.courses.values().next())
            .expect("a session has at least one course")
    }

    /// The first language.
    pub fn lang(&self) -> Lang {
        self.langs.first().copied().unwrap_or_default()
    }

    /// The languages lessons are shown in.
    pub fn langs(&self) -> &[Lang] {
        &self.langs
    }

    /// Where the learner is.
    pub fn place(&self) -> Place {
        self.place
    }

    /// The step the learner is at.
    pub fn step(&self) -> Option<&Step> {
        self.place.step(self.course())
    }

    /// The lesson the learner is in.
    pub fn lesson(&self) -> Option<&Lesson> {
        self.place.lesson(self.course())
    }

    /// What was done so far, by `lesson/step`.
    pub fn record(&self) -> &BTreeMap<String, Status> {
        &self.record
    }

    /// The step's verdicts, in the order of its checks.
    pub fn verdicts(&self) -> &[Verdict] {
        &self.verdicts
    }

    /// The story of the step so far.
    pub fn timeline(&self) -> &Timeline {
        &self.timeline
    }

    /// `on NODE`.
    pub fn on(&self) -> Option<&str> {
        self.on.as_deref()
    }

    /// Whether all is met that the step asks for.
    pub fn is_met(&self) -> bool {
        let Some(step) = self.step() else {
            return true;
        };
        if step.checks.is_empty() {
            return self.next_command().is_none();
        }
        self.verdicts.len() == step.checks.len() && self.verdicts.iter().all(Verdict::passes)
    }

    /// Whether the step waits for something that the lab must show.
    pub fn waits(&self) -> bool {
        !self.play && !self.is_met() && self.step().is_some_and(|step| !step.checks.is_empty())
    }

    /// Whether that is something which may come by itself, and not only a
    /// command that the learner has yet to type.
    pub fn expects(&self) -> bool {
        let checks = self.step().map(|step| step.checks.as_slice());
        let mut open = checks.unwrap_or_default().iter().enumerate();
        let passes = |index: usize| self.verdicts.get(index).is_some_and(Verdict::passes);
        let expects = open.any(|(index, check)| {
            !passes(index) && !matches!(check.kind, crate::check::Kind::Ran { .. })
        });
        self.waits() && expects
    }

    /// Commands that wait to be typed by the program (`solve`, `replay`).
    pub fn is_typing(&self) -> bool {
        !self.queue.is_empty()
    }

    /// One event, and what follows from it.
    pub fn handle(&mut self, event: Event) -> Vec<Effect> {
        match event {
            Event::Begin => self.begin(),
            Event::Line(line) => self.line(&line),
            Event::Answer(yes) => self.answered(yes),
            Event::Value(value) => self.value(value),
            Event::Interrupted => {
                self.queue.clear();
                self.waiting = None;
                vec![Effect::Say(Say::CtrlC)]
            }
            Event::Eof => self.quit(),
            Event::Looked(snapshot) => {
                self.timeline.push(snapshot);
                let news = self.new_faults().into_iter();
                let mut effects: Vec<Effect> =
                    news.map(|fault| Effect::Say(Say::Faults(fault))).collect();
                effects.extend(self.judge());
                effects
            }
            Event::Ended(record) => self.ended(record),
            Event::Answered(probe) => {
                self.timeline.push_http(probe);
                self.judge()
            }
            Event::Arrived(place, now) => {
                self.set_up.remove(&place);
                self.arrive(place, now);
                self.acknowledge_faults();
                let mut effects = vec![Effect::Save];
                effects.extend(self.begin());
                effects
            }
            Event::NotArrived => {
                self.queue.clear();
                Vec::new()
            }
            Event::Surveyed => self.surveyed(),
        }
    }

    /// The lab is not as progress says, and the learner was told of the three
    /// ways: the next line may be a choice.
    pub fn offer(&mut self, repair: bool) {
        self.waiting = Some(Waiting::Offer { repair });
    }

    /// Takes a snapshot in without judging it yet.
    pub fn note(&mut self, snapshot: Arc<Snapshot>) {
        self.timeline.push(snapshot);
    }

    fn begin(&mut self) -> Vec<Effect> {
        let mut effects = Vec::new();
        if let Some(need) = self.lacking(self.place) {
            effects.push(Effect::Say(Say::LessonNeeds(need)));
        }
        let first_time = self.set_up.insert(self.place);
        let Some(step) = self.step() else {
            return effects;
        };
        let has_setup = !step.setup.is_empty() || !step.files.is_empty();
        let has_something = !step.checks.is_empty() || !step.solution.is_empty();
        if first_time && has_setup && !self.was_done() {
            effects.push(Effect::Setup(self.place));
        }
        effects.push(Effect::Show { branches: false });
        if has_something && self.was_done() {
            self.announced = true;
            let was_seen = self.timeline.last().is_some();
            let held = self.not_held(&self.expected([self.place])).is_empty();
            let said = match was_seen && !held {
                true => Say::DoneBefore,
                false => self.step_met(),
            };
            effects.push(Effect::Say(said));
        }
        effects
    }

    /// Whether the step was done before, whatever its checks say by now: what
    /// was run in another session of the program nobody remembers.
    fn was_done(&self) -> bool {
        let name = self.place.name(self.course());
        self.record.get(&name) == Some(&Status::Done)
    }

    /// Whether nothing is left to be done from here on: the last step has ended.
    pub fn is_at_the_end(&self) -> bool {
        let name = self.place.name(self.course());
        self.place.next(self.course()).is_none() && self.record.contains_key(&name)
    }

    fn step_met(&mut self) -> Say {
        Say::StepMet {
            more: self.place.next(self.course()).is_some(),
            question: self.remind_of_quiz().is_some(),
        }
    }

    /// What the lesson of a place needs and the host is known to lack.
    pub fn lacking(&self, place: Place) -> Option<crate::lesson::Need> {
        use crate::lesson::Need;
        let lesson = place.lesson(self.course())?;
        let lacks = |need: &Need| match need {
            Need::Mesh => self.host_has.mesh == Some(false),
            Need::Registry => self.host_has.registry == Some(false),
        };
        lesson.needs.iter().copied().find(|need| lacks(need))
    }

    /// Enters a step: its own story begins.
    fn arrive(&mut self, place: Place, now: Duration) {
        self.place = place;
        let last = self.timeline.snapshots.back().cloned();
        self.timeline = Timeline::starting_at(now);
        if let Some(last) = last {
            self.timeline.push(last);
        }
        self.verdicts.clear();
        self.announced = false;
        self.hints_given = 0;
        self.typed.clear();
        self.detour = None;
        self.queue.clear();
        self.play = false;
        self.quizzes = quiz::Open::of(self.step());
    }

    fn quit(&mut self) -> Vec<Effect> {
        let lab_up = self.timeline.last().is_some_and(|snapshot| snapshot.up);
        vec![Effect::Save, Effect::Say(Say::Bye { lab_up }), Effect::Quit]
    }
}

/// Whether a step, `lesson/step`, is one of this lesson.
fn starts(step: &str, lesson: &str) -> bool {
    step.split_once('/').is_some_and(|(of, _)| of == lesson)
}
