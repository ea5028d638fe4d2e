//! A learner's terminal: the program on a pseudo-terminal, keys in, a screen out.

use std::io::{Read, Write};
use std::sync::mpsc::{Receiver, channel};
use std::time::Instant;

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

use super::docker::PATIENCE;
use super::place::{PROGRAM, Place};

/// Rows and columns at the start.
const SIZE: (u16, u16) = (40, 100);

/// In the line that waits before the rest of a long step.
const MORE: &str = "Enter: more";

pub const CTRL_C: &str = "\x03";
pub const CTRL_D: &str = "\x04";

pub struct Terminal {
    master: Box<dyn MasterPty + Send>,
    writer: Box<dyn Write + Send>,
    child: Box<dyn Child + Send + Sync>,
    output: Receiver<Vec<u8>>,
    screen: vt100::Parser,
    /// All that was ever printed, without escape sequences.
    printed: String,
    /// Where in it the last keys were sent.
    mark: usize,
    /// The line that they typed.
    typed: String,
    escape: Escape,
}

/// How far into an escape sequence the output is.
#[derive(Clone, Copy, PartialEq)]
enum Escape {
    None,
    Begun,
    Control,
    Command,
}

fn size(rows: u16, cols: u16) -> PtySize {
    PtySize {
        rows,
        cols,
        ..PtySize::default()
    }
}

impl Terminal {
    /// The program with these arguments, in its place.
    pub fn start(place: &Place, args: &[&str]) -> Terminal {
        let pair = native_pty_system().openpty(size(SIZE.0, SIZE.1)).unwrap();
        let mut command = CommandBuilder::new(PROGRAM);
        command.args(place.arguments());
        command.args(args);
        for (key, value) in place.env() {
            command.env(key, value);
        }
        command.env("TERM", "xterm-256color");
        command.env_remove("NO_COLOR");
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let mut reader = pair.master.try_clone_reader().unwrap();
        let (send, output) = channel();
        std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(read @ 1..) = reader.read(&mut bytes) {
                if send.send(bytes[..read].to_vec()).is_err() {
                    return;
                }
            }
        });
        Terminal {
            writer: pair.master.take_writer().unwrap(),
            master: pair.master,
            child,
            output,
            screen: vt100::Parser::new(SIZE.0.try_into().unwrap(), SIZE.1.try_into().unwrap(), 0),
            printed: String::new(),
            mark: 0,
            typed: String::new(),
            escape: Escape::None,
        }
    }

    /// Sends keys; what is expected from now on is looked for behind them.
    pub fn keys(&mut self, keys: &str) {
        self.mark = self.printed.len();
        self.typed.clear();
        self.writer.write_all(keys.as_bytes()).unwrap();
        self.writer.flush().unwrap();
    }

    /// Types a line.
    pub fn line(&mut self, line: &str) {
        self.keys(&format!("{line}\r"));
        line.clone_into(&mut self.typed);
    }

    /// Whether the line that was typed is taken. News may be told, and the
    /// prompt shown anew, between its keys and its echo.
    fn is_taken(&self) -> bool {
        let since = &self.printed[self.mark..];
        let visible = |text: &str| -> Vec<(usize, char)> {
            let all = text.char_indices();
            all.filter(|(_, c)| !c.is_whitespace()).collect()
        };
        let (wanted, seen) = (visible(&self.typed), visible(since));
        if wanted.is_empty() {
            return since.contains('\n');
        }
        let is_it = |window: &&[(usize, char)]| {
            let mut pairs = window.iter().zip(&wanted);
            pairs.all(|((_, one), (_, other))| one == other)
        };
        let found = seen.windows(wanted.len()).find(is_it);
        found.is_some_and(|window| {
            let (end, _) = window[window.len() - 1];
            since[end..].contains('\n')
        })
    }

    pub fn resize(&mut self, rows: u16, cols: u16) {
        self.master.resize(size(rows, cols)).unwrap();
        let screen = self.screen.screen_mut();
        screen.set_size(rows.try_into().unwrap(), cols.try_into().unwrap());
    }

    /// Waits until what was printed since the last keys contains this, however
    /// its lines are broken.
    pub fn expect(&mut self, text: &str) {
        let wanted = one_line(text);
        self.wait(text, |terminal| terminal.since().contains(&wanted));
    }

    /// What was printed since the last keys, on one line.
    pub fn since(&self) -> String {
        one_line(&self.printed[self.mark..])
    }

    /// Waits for a prompt after the last keys; it waits for a line.
    pub fn prompt(&mut self, prompt: &str) {
        self.wait(prompt, |terminal| {
            terminal.is_taken() && terminal.cursor_line() == prompt && terminal.reads_a_line()
        });
    }

    /// Whether a line can be typed: a replay shows prompts that it types behind
    /// itself.
    fn reads_a_line(&self) -> bool {
        self.screen.screen().bracketed_paste()
    }

    /// Waits for this prompt at the start, Enter paging what stands before it.
    #[allow(dead_code, reason = "the benchmarks use it")]
    pub fn until_prompt(&mut self, prompt: &str) {
        self.wait(prompt, |terminal| {
            let line = terminal.cursor_line();
            line == prompt || line.contains(MORE)
        });
        if self.cursor_line() != prompt {
            self.enter_until(prompt);
        }
    }

    /// Waits for any prompt of a step.
    fn some_prompt(&mut self) {
        self.wait("a prompt", |terminal| {
            let line = terminal.cursor_line();
            terminal.is_taken()
                && (line.ends_with('>') && terminal.reads_a_line()
                    || line.contains(MORE)
                    || line == "[Y/n]")
        });
    }

    /// Waits until the program waits for a line, whatever the step; Enter pages
    /// what stands before it. Where the last keys were sent is kept.
    pub fn rest(&mut self) {
        let mark = self.mark;
        loop {
            self.some_prompt();
            if self.cursor_line().ends_with('>') {
                self.mark = mark;
                return;
            }
            self.keys("\r");
        }
    }

    /// Takes what is printed for so long.
    pub fn reads_for(&mut self, time: std::time::Duration) {
        let until = Instant::now() + time;
        while let Some(left) = until.checked_duration_since(Instant::now()) {
            match self.output.recv_timeout(left) {
                Ok(bytes) => self.take(&bytes),
                Err(_) => return,
            }
        }
    }

    /// Reads on with Enter until this prompt is there.
    pub fn enter_until(&mut self, prompt: &str) {
        for _ in 0..20 {
            self.some_prompt();
            if self.cursor_line() == prompt {
                return;
            }
            self.keys("\r");
        }
        panic!(
            "twenty times Enter did not lead to {prompt}:\n{}",
            self.printed
        );
    }

    /// The line that the cursor is on.
    fn cursor_line(&self) -> String {
        let screen = self.screen.screen();
        let (row, _) = screen.cursor_position();
        let (_, columns) = screen.size();
        let line = screen.rows(0, columns.get()).nth(usize::from(row));
        line.unwrap_or_default().trim().to_owned()
    }

    /// What is on the screen; a line that was broken by its edge is one line.
    pub fn on_screen(&self) -> String {
        self.screen.screen().contents()
    }

    /// Waits for the end of the program; its exit code.
    pub fn end(&mut self) -> u32 {
        self.wait_or_end("the end", |_| false);
        self.child.wait().unwrap().exit_code()
    }

    /// The program's id.
    pub fn process(&self) -> u32 {
        self.child.process_id().unwrap()
    }

    /// The program is killed, as `kill -9` does.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    fn wait(&mut self, what: &str, met: impl Fn(&Terminal) -> bool) {
        let ended = self.wait_or_end(what, met);
        assert!(!ended, "the program ended before {what}:\n{}", self.printed);
    }

    /// Whether the program ended before the condition was met.
    fn wait_or_end(&mut self, what: &str, met: impl Fn(&Terminal) -> bool) -> bool {
        let deadline = Instant::now() + PATIENCE;
        while !met(self) {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.output.recv_timeout(left) {
                Ok(bytes) => self.take(&bytes),
                Err(std::sync::mpsc::RecvTimeoutError::Disconnected) => return true,
                Err(std::sync::mpsc::RecvTimeoutError::Timeout) => panic!(
                    "waited for {what}\n--- printed since ---\n{}\n--- screen ---\n{}",
                    &self.printed[self.mark..],
                    self.on_screen()
                ),
            }
        }
        false
    }

    fn take(&mut self, bytes: &[u8]) {
        self.screen.process(bytes);
        let mut plain = Vec::new();
        for &byte in bytes {
            self.escape = match (self.escape, byte) {
                (_, 0x1b) => Escape::Begun,
                (Escape::Begun, b'[') => Escape::Control,
                (Escape::Begun, b']') => Escape::Command,
                (Escape::Begun, _) => Escape::None,
                (Escape::Control, 0x40..=0x7e) | (Escape::Command, 7) => Escape::None,
                (Escape::None, byte) => {
                    plain.push(byte);
                    Escape::None
                }
                (escape, _) => escape,
            };
        }
        self.printed.push_str(&String::from_utf8_lossy(&plain));
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs of white space become one space.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
