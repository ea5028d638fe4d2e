//! The loop: show the step, read a line, act, look, judge, say. Its input is a
//! terminal or a script; a transcript is a test.

mod asking;
mod effects;
mod preparing;
mod resume;
mod running;
mod spare;
mod travel;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::mpsc;

use super::courses::Courses;
use super::execute::Executor;
use super::looking::{Look, Pace, Poller};
use super::opening::{self, Options};
use super::player::{ask_http, http_checks};
use super::screen::Screen;
use super::{Clock, End, Failure, lock};
use crate::lab::{Lab, LabError, Plan};
use crate::model::HttpProbe;
use crate::progress::{LabLock, Notice, Progress, ProgressError, Store};
use crate::session::{Effect, Event, HostHas, Say, Session, entry};
use crate::shell::{Scope, Speed, pasted};
use crate::terminal::prompt::{Input, Prompt};
use crate::terminal::script::Script;
use crate::terminal::{Tone, tty};
use crate::words;

pub use asking::kept;
use running::{After, seen_after};

/// Where lines come from.
enum Reader {
    Terminal(Prompt),
    Script(Script),
}

impl Reader {
    fn ask(&mut self, prompt: &str) {
        match self {
            Reader::Terminal(reader) => reader.ask(prompt),
            // A script shows no prompt; its lines are echoed.
            Reader::Script(reader) => reader.asked(),
        }
    }

    async fn next(&mut self) -> Input {
        match self {
            Reader::Terminal(reader) => reader.next().await,
            Reader::Script(reader) => reader.next().await,
        }
    }

    /// Lines that were written before anything was asked.
    fn piped(&mut self) -> Option<&mut Script> {
        match self {
            Reader::Script(script) if script.is_piped() => Some(script),
            Reader::Script(_) | Reader::Terminal(_) => None,
        }
    }
}

/// A session at work.
pub struct Repl {
    options: Options,
    session: Session,
    store: Store,
    progress: Progress,
    /// Progress could not be written once; it is told once.
    unsaved: bool,
    executor: Executor,
    screen: Screen,
    clock: Clock,
    poller: Poller,
    reader: Reader,
    scope: Arc<Mutex<Scope>>,
    answers: (
        mpsc::UnboundedSender<HttpProbe>,
        mpsc::UnboundedReceiver<HttpProbe>,
    ),
    asking: bool,
    /// The look after which was asked last.
    asked_at: Option<std::time::Duration>,
    preparing: Option<tokio::task::JoinHandle<Result<(), LabError>>>,
    /// The lab could not be looked at; said once until it can.
    blind: bool,
    quit: bool,
    interrupts: Signal,
    /// When a command of the learner's ended last.
    busy_until: std::time::Duration,
    /// Progress is kept: the state folder can be written.
    persistent: bool,
    /// What the spare set that was made last was to be: see `Lab::prepare_spare`.
    spared_for: Option<Option<String>>,
    /// The spare set, being made.
    sparing: Option<tokio::task::JoinHandle<Result<(), LabError>>>,
    /// A replay waits for the next prompt.
    queue_replay: Option<Speed>,
    /// One is under way.
    replaying: Option<Speed>,
    /// The learner took over from it.
    handed_over: bool,
    /// The lab has not been looked at yet.
    unseen: bool,
    /// What the host has, being asked.
    host: Option<tokio::task::JoinHandle<HostHas>>,
    /// A command has ended, and the look after it is on its way.
    after: Option<After>,
    _lock: Option<LabLock>,
}

/// Opens the lab and the learner's place, and runs to the end of the input.
pub async fn run(options: Options, courses: Courses, store: Store) -> Result<End, Failure> {
    let opened = Opened::open(&options, courses, &store)?;
    // A listener of tokio's must be there before the line editor's own.
    let _resizes = tty::Resizes::listen();
    let lab = opening::open_lab(&options, &store).await?;
    let mut screen = Screen::stdout(&options);
    screen.lang = opened.session.lang();
    let reader = match tty::is_interactive() {
        true => {
            let scope = Arc::clone(&opened.scope);
            let prompt =
                Prompt::start(store.history(), scope, screen.look.colour).map_err(|source| {
                    LabError::File {
                        path: store.history(),
                        source,
                    }
                })?;
            screen.through(prompt.printer());
            Reader::Terminal(prompt)
        }
        false => Reader::Script(Script::stdin().map_err(|source| LabError::File {
            path: "stdin".into(),
            source,
        })?),
    };
    opened.start(options, store, lab, reader, screen).await
}

/// The same with all that it meets given: what is typed, the lab, the screen.
pub async fn run_script(
    options: Options,
    courses: Courses,
    store: Store,
    lab: Lab,
    script: Script,
    screen: Screen,
) -> Result<End, Failure> {
    let opened = Opened::open(&options, courses, &store)?;
    let reader = Reader::Script(script);
    opened.start(options, store, lab, reader, screen).await
}

/// What is kept of the learner, taken up.
struct Opened {
    clock: Clock,
    interrupts: Signal,
    lock: Option<LabLock>,
    progress: Progress,
    notice: Option<Notice>,
    /// The step the learner was at, which is there no more.
    step_gone: Option<String>,
    session: Session,
    scope: Arc<Mutex<Scope>>,
}

impl Opened {
    fn open(options: &Options, courses: Courses, store: &Store) -> Result<Opened, Failure> {
        let clock = Clock::start();
        let interrupts = signal(SignalKind::interrupt()).map_err(|source| LabError::File {
            path: "signal".into(),
            source,
        })?;
        let lang = options.lang;
        let lock = lock(store, lang)?;
        let (progress, notice) = match store.load() {
            Ok(loaded) => loaded,
            Err(error @ ProgressError::Newer { .. }) => {
                let text = words::progress::error(lang, &error).join("\n");
                return Err(Failure::Told(End::Environment, text));
            }
            Err(error) => {
                eprintln!("{}", words::progress::error(lang, &error).join("\n"));
                (Progress::default(), None)
            }
        };
        let langs = match (options.lang_given(), progress.languages.is_empty()) {
            (false, false) => progress.languages.clone(),
            _ => vec![lang],
        };
        let mut session = Session::new(courses.twins, langs, &options.lab);
        let kept = kept(&progress, &session.course().id);
        let current = kept.at.clone();
        session.resume(kept);
        session.set_pace(progress.pace());
        let here = session.place().name(session.course());
        Ok(Opened {
            step_gone: current.filter(|at| *at != here),
            clock,
            interrupts,
            lock,
            progress,
            notice,
            scope: Arc::new(Mutex::new(session.scope())),
            session,
        })
    }

    async fn start(
        self,
        options: Options,
        store: Store,
        lab: Lab,
        reader: Reader,
        screen: Screen,
    ) -> Result<End, Failure> {
        let (session, clock) = (self.session, self.clock);
        let plan = Plan {
            compose: entry::compose_of(session.course(), session.place())
                .cloned()
                .unwrap_or_default(),
            images: entry::images(session.course()),
        };
        let executor = Executor {
            plan,
            terminal: matches!(reader, Reader::Terminal(_)),
            ..Executor::new(lab.clone(), &store, &screen)
        };
        if let Some(notice) = self.notice {
            let text = words::progress::notice(options.lang, &notice);
            screen.say(Tone::Warn, &text);
        }
        if let Some(gone) = self.step_gone {
            let here = session.place().name(session.course());
            let text = words::cli::step_gone(screen.lang, &gone, &here);
            screen.say(Tone::Warn, &text);
        }
        let repl = Repl {
            session,
            progress: self.progress,
            unsaved: false,
            executor,
            poller: Poller::start(lab, clock),
            screen,
            clock,
            reader,
            scope: self.scope,
            answers: mpsc::unbounded_channel(),
            asking: false,
            asked_at: None,
            preparing: None,
            blind: false,
            quit: false,
            interrupts: self.interrupts,
            busy_until: std::time::Duration::ZERO,
            persistent: self.lock.is_some(),
            spared_for: None,
            sparing: None,
            queue_replay: None,
            replaying: None,
            handed_over: false,
            unseen: false,
            host: None,
            after: None,
            _lock: self.lock,
            options,
            store,
        };
        repl.run().await
    }
}

impl Repl {
    async fn run(mut self) -> Result<End, Failure> {
        self.welcome();
        self.offer_variants().await;
        self.ask_host();
        // A lab that was up is looked at while the prompt is already there; a
        // script has no one to wait for it.
        self.unseen = self.progress.lab_up && !self.is_script() && self.progress.journey.is_none();
        if !self.unseen {
            self.first_look().await;
        }
        if self.is_script() {
            self.host_told().await;
        }
        match (self.quit, self.progress.journey.is_some()) {
            // Left at the question before the first page.
            (true, _) => self.feed(Event::Eof).await,
            (false, true) => self.take_up_journey().await,
            (false, false) => self.feed(Event::Begin).await,
        }
        while !self.quit {
            self.replay_if_wanted().await;
            self.set_scope();
            let prompt = self.prompt();
            self.reader.ask(&prompt);
            let input = self.wait_for_input().await;
            if self.unseen {
                // What was typed may speak of what is in the lab.
                self.first_look().await;
            }
            self.settle().await;
            match input {
                Input::Line(text) if text.trim().is_empty() => {
                    self.feed(Event::Line(String::new())).await;
                }
                Input::Line(text) => {
                    for line in pasted(&text) {
                        if matches!(self.reader, Reader::Script(_)) {
                            self.screen.echo(&prompt, &line);
                        }
                        // A line may speak of what the one before it made.
                        self.settle().await;
                        self.look_for_values(&line).await;
                        self.feed(Event::Line(line)).await;
                        if self.quit {
                            break;
                        }
                    }
                }
                Input::Interrupted => self.feed(Event::Interrupted).await,
                Input::Eof => self.feed(Event::Eof).await,
                Input::Failed(error) => {
                    self.screen.say(Tone::Bad, &error);
                    self.feed(Event::Eof).await;
                }
            }
        }
        self.poller.pace(Pace::Rest);
        self.leave().await;
        Ok(End::Done)
    }

    /// `swarm 3/5> `, with the node where `on` is in force.
    fn prompt(&self) -> String {
        let lesson = self.session.lesson();
        let id = lesson.map_or("", |lesson| lesson.id.as_str());
        let count = lesson.map_or(0, |lesson| lesson.steps.len());
        let number = self.session.place().step + 1;
        match self.session.on() {
            Some(node) => format!("{id} {number}/{count} {node}> "),
            None => format!("{id} {number}/{count}> "),
        }
    }

    fn set_scope(&self) {
        let mut scope = self.scope.lock().unwrap_or_else(PoisonError::into_inner);
        *scope = self.session.scope();
    }

    /// While the learner reads and types, the lab is looked at.
    async fn wait_for_input(&mut self) -> Input {
        loop {
            self.poller.pace(self.pace());
            self.ask_http_if_wanted();
            self.spare_if_wanted();
            tokio::select! {
                biased;
                input = self.reader.next() => return input,
                seen = seen_after(&mut self.after) => self.seen_after(seen).await,
                Some(look) = self.poller.looks.recv(), if self.after.is_none() => {
                    self.looked(look).await;
                }
                Some(probe) = self.answers.1.recv() => {
                    self.asking = false;
                    self.feed(Event::Answered(probe)).await;
                }
                result = finished(&mut self.preparing) => self.prepared(result),
                made = finished(&mut self.sparing) => self.spared(made),
                has = told(&mut self.host) => self.host_is(has),
            }
        }
    }

    /// The first look at the lab, held against progress; the lab is made ready
    /// where it is not there.
    async fn first_look(&mut self) {
        let seen = super::looking::look(&self.executor.lab, self.clock).await;
        self.seen_first(seen);
        self.prepare_if_wanted().await;
    }

    fn seen_first(&mut self, seen: Look) {
        self.unseen = false;
        match seen {
            Ok(snapshot) => self.session.note(snapshot),
            Err(error) => self.not_seen(&error),
        }
        // A way that was cut off is gone to its end, whatever is there.
        if self.progress.journey.is_none() && self.compare_with_progress() {
            self.save();
        }
    }

    fn pace(&self) -> Pace {
        if self.after.is_some() {
            // The look after the command comes first.
            return Pace::Rest;
        }
        if self.blind {
            return Pace::Calm;
        }
        if self.session.expects() && self.clock.now() < self.busy_until {
            return Pace::Eager;
        }
        Pace::Calm
    }

    /// Requests of the program's own, one round at a time and at most one after
    /// each look.
    fn ask_http_if_wanted(&mut self) {
        let last = self.session.timeline().last();
        let Some(look) = last.filter(|last| last.up).map(|last| last.at) else {
            return;
        };
        if self.asking || self.asked_at == Some(look) || http_checks(&self.session).is_empty() {
            return;
        }
        self.asked_at = Some(look);
        self.asking = true;
        let questions = http_checks(&self.session);
        let asking = ask_http(self.executor.lab.clone(), questions, self.clock);
        let send = self.answers.0.clone();
        tokio::spawn(async move {
            for probe in asking.await {
                let _ = send.send(probe);
            }
        });
    }

    /// A look came in, or could not be had.
    async fn looked(&mut self, look: Look) {
        if self.unseen && look.is_ok() {
            return self.seen_first(look);
        }
        match look {
            Ok(snapshot) => {
                if self.blind {
                    self.blind = false;
                    self.screen
                        .say(Tone::Good, words::cli::engine_back(self.screen.lang));
                }
                self.feed(Event::Looked(snapshot)).await;
            }
            Err(error) => self.not_seen(&error),
        }
    }

    /// The lab could not be looked at: said once, until it can.
    fn not_seen(&mut self, error: &LabError) {
        if !self.blind {
            self.blind = true;
            let text = words::lab::error(self.screen.lang, error);
            self.screen.say(Tone::Bad, &text);
        }
    }

    /// One event and everything that follows from it.
    async fn feed(&mut self, event: Event) {
        if matches!(event, Event::Line(_)) {
            self.handed_over = false;
        }
        let mut effects: VecDeque<Effect> = self.session.handle(event).into();
        while let Some(effect) = effects.pop_front() {
            let events = match effect {
                Effect::Run(action) if effects.is_empty() && self.prompt_comes_first(&action) => {
                    self.run_and_look_later(action).await
                }
                effect => self.perform(effect).await,
            };
            // In the order in which they happened, and before what comes next.
            let mut led_to: Vec<Effect> = Vec::new();
            for event in events {
                led_to.extend(self.session.handle(event));
            }
            for effect in led_to.into_iter().rev() {
                effects.push_front(effect);
            }
        }
    }

    /// Asks in the background what the host has that lessons need: a registry
    /// may take its time to answer.
    fn ask_host(&mut self) {
        let lab = self.executor.lab.clone();
        let image = super::headless::registry_image(&self.session);
        self.host = Some(tokio::spawn(async move {
            super::headless::host_of(&lab, image).await
        }));
    }

    async fn host_told(&mut self) {
        let has = told(&mut self.host).await;
        self.session.host_has(has);
    }

    /// The answer came while the learner reads: a lesson that can't run is named.
    fn host_is(&mut self, has: HostHas) {
        self.session.host_has(has);
        if let Some(need) = self.session.lacking(self.session.place()) {
            let text = words::session::say(self.screen.lang, &Say::LessonNeeds(need));
            self.screen.say(Tone::Warn, &text);
        }
    }
}

async fn told(host: &mut Option<tokio::task::JoinHandle<HostHas>>) -> HostHas {
    match host {
        Some(asking) => {
            let has = asking.await.unwrap_or_default();
            *host = None;
            has
        }
        None => std::future::pending().await,
    }
}

async fn finished(
    task: &mut Option<tokio::task::JoinHandle<Result<(), LabError>>>,
) -> Result<(), LabError> {
    match task {
        Some(running) => {
            let result = running.await;
            *task = None;
            result.unwrap_or(Ok(()))
        }
        None => std::future::pending().await,
    }
}
