//! Carrying out one lab command: in a node, by compose, or on the lab's own
//! containers. With a terminal of ours a command gets a real TTY; without, its
//! output is passed on.

mod board;
mod insists;

use std::cell::RefCell;
use std::collections::VecDeque;
use std::io::{IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::{mpsc, watch};

use self::board::Board;
use self::insists::Insists;
use super::screen::Screen;
use super::{Failure, compose_file, listing};
use crate::lab::{Lab, LabError, News, Output, Pipes, Plan, Tell};
use crate::progress::Store;
use crate::shell::{Action, ComposeAction, Exec, HostAction, Lifecycle};
use crate::terminal::tty::{RawMode, Resizes, Stdin, Unseen, size};
use crate::terminal::{Live, Tone};
use crate::words;

/// What executing needs of its surroundings.
pub struct Executor {
    /// The lab.
    pub lab: Lab,
    /// The lab's folder.
    pub dir: std::path::PathBuf,
    /// What `docker compose up` makes where the folder holds no compose file.
    pub plan: Plan,
    /// Standard input and output are a terminal that commands may have.
    pub terminal: bool,
    /// Where things are said.
    pub screen: Screen,
    /// Commands print nothing.
    pub quiet: bool,
    /// The newest command in a node has printed something.
    pub printed: AtomicBool,
    /// News of a preparation in the background, shown once somebody waits for it.
    pub background: Option<mpsc::UnboundedReceiver<News>>,
}

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// With this exit code.
    Exit(i64),
    /// By Ctrl-C.
    Interrupted,
}

impl Ended {
    /// The exit code, 130 for Ctrl-C as shells have it.
    pub fn code(self) -> i64 {
        match self {
            Ended::Exit(code) => code,
            Ended::Interrupted => 130,
        }
    }
}

impl Executor {
    /// For a lab whose folder the store knows: with no plan yet, and no terminal.
    pub fn new(lab: Lab, store: &Store, screen: &Screen) -> Executor {
        Executor {
            lab,
            dir: store.lab_dir(),
            plan: Plan::default(),
            terminal: false,
            screen: screen.clone(),
            quiet: false,
            printed: AtomicBool::default(),
            background: None,
        }
    }

    /// Carries out a lab command; a verb is not one.
    pub async fn execute(&mut self, action: &Action) -> Result<Ended, Failure> {
        self.printed.store(false, Ordering::Relaxed);
        match action {
            Action::Nothing | Action::Verb(_) => Ok(Ended::Exit(0)),
            Action::Exec(exec) => self.exec(exec).await,
            Action::Compose(action) => self.compose(action).await,
            Action::Host(action) => self.host(action).await,
        }
    }

    /// A command of the program's own, of which nothing is shown.
    pub async fn quietly(&mut self, exec: &Exec) -> Result<Ended, Failure> {
        let quiet = std::mem::replace(&mut self.quiet, true);
        let ended = self.exec(exec).await;
        self.quiet = quiet;
        ended
    }

    async fn exec(&mut self, exec: &Exec) -> Result<Ended, Failure> {
        if exec.tty && self.terminal && !exec.detach {
            return Ok(self.exec_on_terminal(exec).await?);
        }
        let (out, received) = mpsc::channel(64);
        let (interrupts, interrupt) = mpsc::channel(4);
        let keys = match exec.interactive && self.terminal && !exec.detach {
            true => Some(Stdin::attach().map_err(terminal_error)?),
            false => None,
        };
        let (typed, input) = mpsc::channel(16);
        let pipes = Pipes {
            out,
            input: keys.is_some().then_some(input),
            tty: None,
            interrupt: Some(interrupt),
        };
        let mut stop = signal(SignalKind::interrupt()).map_err(terminal_error)?;
        let feeding = async {
            let Some(mut keys) = keys else {
                return std::future::pending().await;
            };
            while let Ok(bytes) = keys.read().await {
                if bytes.is_empty() || typed.send(bytes).await.is_err() {
                    break;
                }
            }
            drop(typed);
            std::future::pending::<()>().await;
        };
        let insisting = async {
            let mut insists = Insists::default();
            loop {
                stop.recv().await;
                if insists.interrupted() {
                    return;
                }
                let _ = interrupts.send(()).await;
            }
        };
        let printing = self.print_all(received);
        let running = async { tokio::join!(self.lab.exec(exec, pipes), printing) };
        let (result, ()) = tokio::select! {
            result = running => result,
            () = feeding => unreachable!("feeding never ends"),
            () = insisting => return Err(self.left(exec).into()),
        };
        Ok(Ended::Exit(result?))
    }

    async fn print_all(&self, mut received: mpsc::Receiver<Output>) {
        while let Some(output) = received.recv().await {
            self.printed.store(true, Ordering::Relaxed);
            if self.quiet {
                continue;
            }
            match output {
                Output::Out(bytes) => self.screen.bytes(&bytes),
                Output::Err(bytes) => self.screen.error_bytes(&bytes),
            }
        }
    }

    /// With the learner's own terminal: keys, colours and size are the command's.
    async fn exec_on_terminal(&self, exec: &Exec) -> Result<Ended, LabError> {
        let failed = |source| LabError::File {
            path: "/dev/tty".into(),
            source,
        };
        let raw = RawMode::enter().map_err(failed)?;
        let mut keys = Stdin::attach().map_err(failed)?;
        let mut resizes = Resizes::listen().map_err(failed)?;
        let now = || size().map_or((80, 24), |size| (size.columns, size.rows));
        let (resized, tty) = watch::channel(now());
        let (typed, input) = mpsc::channel(16);
        let (out, mut received) = mpsc::channel(64);
        let pipes = Pipes {
            out,
            input: Some(input),
            tty: Some(tty),
            interrupt: None,
        };
        let insists = RefCell::new(Insists::default());
        let forwarding = async {
            // Read also while the command takes none: Ctrl-C may be among them.
            let mut waiting = VecDeque::new();
            loop {
                tokio::select! {
                    bytes = keys.read() => match bytes {
                        Ok(bytes) if !bytes.is_empty() => {
                            if insists.borrow_mut().typed(&bytes) {
                                return;
                            }
                            waiting.push_back(bytes);
                        }
                        _ => break,
                    },
                    room = typed.reserve(), if !waiting.is_empty() => {
                        let (Ok(room), Some(bytes)) = (room, waiting.pop_front()) else { break };
                        room.send(bytes);
                    }
                    () = resizes.changed() => {
                        let _ = resized.send(now());
                    }
                }
            }
            std::future::pending::<()>().await;
        };
        let printing = async {
            while let Some(output) = received.recv().await {
                self.printed.store(true, Ordering::Relaxed);
                let (Output::Out(bytes) | Output::Err(bytes)) = output;
                insists.borrow_mut().printed(&bytes);
                let mut out = std::io::stdout().lock();
                let _ = out.write_all(&bytes).and_then(|()| out.flush());
            }
        };
        let running = async { tokio::join!(self.lab.exec(exec, pipes), printing) };
        let (result, ()) = tokio::select! {
            result = running => result,
            () = forwarding => (Err(self.left(exec)), ()),
        };
        drop(raw);
        result.map(Ended::Exit)
    }

    /// A command that is no longer waited for: what is said next begins a line.
    fn left(&self, exec: &Exec) -> LabError {
        if self.terminal && !self.quiet {
            self.screen.text("\r\n");
        }
        LabError::NoEnd(exec.node.clone())
    }

    async fn compose(&mut self, action: &ComposeAction) -> Result<Ended, Failure> {
        match action {
            ComposeAction::Up { .. } => self.up().await,
            ComposeAction::Down => self.down().await,
            ComposeAction::Ps(listing) => {
                let rows = self.lab.ps().await?;
                self.print(&listing::services(&rows, listing, self.width()));
                Ok(Ended::Exit(0))
            }
            ComposeAction::Logs(logs) => self.logs(logs).await,
            ComposeAction::Lifecycle(what, names) => self.lifecycle(what, names, true).await,
        }
    }

    /// `docker compose up -d`
    pub async fn up(&mut self) -> Result<Ended, Failure> {
        let look = self.screen.look;
        let compose = compose_file::read(
            &self.dir,
            &self.plan.compose,
            self.screen.lang,
            look.colour,
            look.columns(),
        )?;
        self.plan.compose = compose;
        let plan = self.plan.clone();
        let lab = self.lab.clone();
        self.with_news(|tell| async move { lab.up(&plan, &tell).await })
            .await
    }

    async fn down(&mut self) -> Result<Ended, Failure> {
        let lab = self.lab.clone();
        self.with_news(|tell| async move { lab.down(false, &tell).await.map(|_| ()) })
            .await
    }

    /// Runs something that tells news, with each container's state shown.
    pub async fn with_news<F>(&mut self, work: impl FnOnce(Tell) -> F) -> Result<Ended, Failure>
    where
        F: Future<Output = Result<(), LabError>>,
    {
        let (tell, mut news) = mpsc::unbounded_channel();
        let work = work(tell);
        tokio::pin!(work);
        let mut stop = signal(SignalKind::interrupt()).map_err(terminal_error)?;
        let mut board = Board::default();
        let live = self.terminal && !self.quiet && std::io::stdout().is_terminal();
        let rows = size().map(|size| size.rows);
        let mut region = live.then(|| Live::new(std::io::stdout(), &self.screen.look, rows));
        let unseen = region.as_ref().and_then(|_| Unseen::keys());
        let mut tick = tokio::time::interval(Duration::from_millis(120));
        let result = loop {
            tokio::select! {
                result = &mut work => break Some(result),
                Some(item) = news.recv() => board.note(item),
                Some(item) = next_news(&mut self.background) => board.note(item),
                _ = tick.tick() => {}
                () = interrupted(&mut stop) => break None,
            }
            if let Some(region) = &mut region {
                let _ = region.draw(&board.lines(&self.screen));
            }
        };
        drop(unseen);
        while let Ok(item) = news.try_recv() {
            board.note(item);
        }
        while let Some(Ok(item)) = self.background.as_mut().map(|news| news.try_recv()) {
            board.note(item);
        }
        if matches!(result, Some(Ok(()))) {
            // What was on its way has arrived.
            board.images = None;
        }
        if let Some(mut region) = region {
            let _ = region.draw(&board.lines(&self.screen));
            let _ = region.finish();
        } else if !self.quiet {
            let lines: String = board
                .lines(&self.screen)
                .into_iter()
                .map(|line| line + "\n")
                .collect();
            self.screen.text(&lines);
        }
        if !self.quiet {
            for item in &board.told {
                if let Some(sentence) = words::lab::news(self.screen.lang, item) {
                    self.screen.say(Tone::Dim, &sentence);
                }
            }
        }
        match result {
            Some(result) => Ok(result.map(|()| Ended::Exit(0))?),
            None => Ok(Ended::Interrupted),
        }
    }

    async fn logs(&mut self, logs: &crate::shell::Logs) -> Result<Ended, Failure> {
        let (out, received) = mpsc::channel(64);
        let (interrupts, interrupt) = mpsc::channel(1);
        let pipes = Pipes {
            out,
            input: None,
            tty: None,
            interrupt: Some(interrupt),
        };
        let mut stop = signal(SignalKind::interrupt()).map_err(terminal_error)?;
        let stopping = async {
            stop.recv().await;
            let _ = interrupts.send(()).await;
            std::future::pending::<()>().await;
        };
        let running = async { tokio::join!(self.lab.logs(logs, pipes), self.print_all(received)) };
        let (result, ()) = tokio::select! {
            result = running => result,
            () = stopping => unreachable!("stopping never ends"),
        };
        result?;
        Ok(Ended::Exit(0))
    }

    async fn lifecycle(
        &mut self,
        what: &Lifecycle,
        names: &[String],
        compose: bool,
    ) -> Result<Ended, Failure> {
        let names = match names.is_empty() && compose {
            true => self
                .plan
                .compose
                .services
                .iter()
                .map(|s| s.name.clone())
                .collect(),
            false => names.to_vec(),
        };
        for name in &names {
            self.lab.lifecycle(what, name).await?;
            self.print(&format!("{name}\n"));
        }
        Ok(Ended::Exit(0))
    }

    async fn host(&mut self, action: &HostAction) -> Result<Ended, Failure> {
        match action {
            HostAction::Ps(listing) => {
                let rows = self.lab.ps().await?;
                self.print(&listing::containers(&rows, listing, self.width()));
            }
            HostAction::Images(listing) => {
                let rows = self.lab.images().await?;
                self.print(&listing::images(&rows, listing, self.width()));
            }
            HostAction::Logs(logs) => return self.logs(logs).await,
            HostAction::Lifecycle(what, names) => {
                return self.lifecycle(what, names, false).await;
            }
            HostAction::Disconnect(name) => self.lab.network(false, name).await?,
            HostAction::Connect(name) => self.lab.network(true, name).await?,
            HostAction::Networks(listing) => {
                let rows = self.lab.networks().await?;
                self.print(&listing::networks(&rows, listing, self.width()));
            }
            HostAction::Tag { source, target } => self.lab.tag(source, target).await?,
            HostAction::Push(reference) => {
                let (out, received) = mpsc::channel(64);
                let (result, ()) =
                    tokio::join!(self.lab.push(reference, out), self.print_all(received));
                result?;
            }
            HostAction::Version => {
                let engine = self.lab.engine().await?;
                let get = |key: &str| engine.get(key).cloned().unwrap_or_default();
                self.print(&format!(
                    "Docker Engine {} ({}, {}, {})\n{}\n",
                    get("version"),
                    get("os"),
                    get("architecture"),
                    get("driver"),
                    get("endpoint"),
                ));
            }
        }
        Ok(Ended::Exit(0))
    }

    /// Columns there are; a pipe has no end of them.
    fn width(&self) -> usize {
        match self.terminal {
            true => size().map_or(usize::MAX, |size| usize::from(size.columns)),
            false => usize::MAX,
        }
    }

    fn print(&self, text: &str) {
        if !self.quiet {
            self.screen.text(text);
        }
    }
}

async fn next_news(background: &mut Option<mpsc::UnboundedReceiver<News>>) -> Option<News> {
    match background {
        Some(news) => news.recv().await,
        None => std::future::pending().await,
    }
}

async fn interrupted(stop: &mut Signal) {
    stop.recv().await;
}

pub(super) fn terminal_error(source: std::io::Error) -> Failure {
    Failure::Lab(LabError::File {
        path: "/dev/tty".into(),
        source,
    })
}
