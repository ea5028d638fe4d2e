//! The prompt on a real pseudo-terminal. The program under test is this test
//! itself, started again as `child`, which reports each input as a line.

#![cfg(unix)]
#![allow(clippy::unwrap_used, missing_docs)]

use std::io::{Read, Write};
use std::path::Path;
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use portable_pty::{CommandBuilder, MasterPty, PtySize, native_pty_system};
use swarmlings::shell::Scope;
use swarmlings::terminal::prompt::{Input, Prompt};

const HISTORY: &str = "SWARMLINGS_TEST_HISTORY";

/// Asks for lines and says what came; does what some of them say.
#[test]
#[ignore = "started by the other tests"]
fn child() {
    let Ok(history) = std::env::var(HISTORY) else {
        return;
    };
    let scope = Scope {
        nodes: vec!["manager".into(), "worker01".into()],
        ..Scope::default()
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    runtime.block_on(async {
        let scope = Arc::new(Mutex::new(scope));
        let mut prompt = Prompt::start(history.into(), scope, false).unwrap();
        let printer = prompt.printer();
        loop {
            prompt.ask("swarm> ");
            let input = prompt.next().await;
            printer.print(&format!("got {input:?}"));
            match input {
                Input::Line(line) if line == "above" => {
                    prompt.ask("swarm> ");
                    // Once the second prompt shows, the test types into it.
                    let printer = prompt.printer();
                    std::thread::spawn(move || {
                        for n in 0..20 {
                            printer.print(&format!("message {n}"));
                        }
                    });
                }
                Input::Line(line) if line == "panic" => {
                    prompt.ask("swarm> ");
                    let mut byte = [0];
                    let _ = std::fs::File::open(std::env::var("GO").unwrap()).map(|mut go| {
                        let _ = go.read(&mut byte);
                    });
                    panic!("as asked");
                }
                Input::Eof | Input::Failed(_) => break,
                _ => {}
            }
        }
    });
}

struct Terminal {
    master: Box<dyn MasterPty + Send>,
    writer: Box<dyn Write + Send>,
    output: Receiver<Vec<u8>>,
    screen: vt100::Parser,
}

impl Terminal {
    fn start(folder: &Path) -> Terminal {
        let size = PtySize {
            rows: 40,
            cols: 100,
            pixel_width: 0,
            pixel_height: 0,
        };
        let pair = native_pty_system().openpty(size).unwrap();
        let mut command = CommandBuilder::new(std::env::current_exe().unwrap());
        command.args(["--ignored", "--exact", "--nocapture", "child"]);
        command.env(HISTORY, folder.join("history"));
        command.env("GO", folder.join("go"));
        command.env("TERM", "xterm");
        pair.slave.spawn_command(command).unwrap();
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
            output,
            screen: vt100::Parser::new(40.try_into().unwrap(), 100.try_into().unwrap(), 0),
        }
    }

    fn send(&mut self, keys: &str) {
        self.writer.write_all(keys.as_bytes()).unwrap();
        self.writer.flush().unwrap();
    }

    /// Waits until the screen is as wanted.
    fn wait(&mut self, what: &str, wanted: impl Fn(&Terminal) -> bool) {
        let deadline = Instant::now() + Duration::from_secs(20);
        while !wanted(self) {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.output.recv_timeout(left) {
                Ok(bytes) => {
                    self.screen.process(&bytes);
                }
                Err(_) => panic!("no {what}:\n{}", self.text()),
            }
        }
    }

    fn text(&self) -> String {
        self.screen.screen().contents()
    }

    fn wait_text(&mut self, text: &str) {
        self.wait(text, |terminal| terminal.text().contains(text));
    }

    /// Waits for the prompt with this behind it, on the last line.
    fn wait_prompt(&mut self, typed: &str) {
        let wanted = format!("swarm> {typed}").trim_end().to_string();
        self.wait(&wanted.clone(), |terminal| {
            terminal.text().trim_end().ends_with(&wanted)
        });
    }
}

#[test]
fn keys_completion_paste_and_signals() {
    let folder = tempfile::tempdir().unwrap();
    let mut terminal = Terminal::start(folder.path());
    terminal.wait_prompt("");

    terminal.send("docker ex\tman\tls\r");
    terminal.wait_text(r#"got Line("docker exec manager ls")"#);
    terminal.wait_prompt("");

    terminal.send("\x1b[200~docker ps\rhint\r\x1b[201~");
    terminal.wait_text("hint");
    terminal.send("\r");
    terminal.wait_text(r#"got Line("docker ps\nhint")"#);
    terminal.wait_prompt("");

    // What a terminal would obey is shown, not obeyed: the backspace takes nothing
    // away. (This screen leaves out the signs that stand for such characters.)
    terminal.send("\x1b[200~docker \x07p\x08s\u{202e}\x1b[201~");
    terminal.wait_prompt("docker ps");
    terminal.send("\x15");
    terminal.wait_prompt("");

    // A paste without brackets, in one write.
    terminal.send("one\rtwo\r");
    terminal.wait_text(r#"got Line("one")"#);
    terminal.wait_text(r#"got Line("two")"#);
    terminal.wait_prompt("");

    terminal.send("docker \\\rps\r");
    terminal.wait_text(r#"got Line("docker \\\nps")"#);
    terminal.wait_prompt("");

    terminal.send("join SWMTKN-1-x\r");
    terminal.wait_text(r#"got Line("join SWMTKN-1-x")"#);
    terminal.wait_prompt("");
    terminal.send("\x1b[A");
    terminal.wait_prompt("join SWMTKN-1-x");

    terminal.send("\x03");
    terminal.wait_text("got Interrupted");
    terminal.wait_prompt("");
    terminal.send("\x04");
    terminal.wait_text("got Eof");

    let history = std::fs::read_to_string(folder.path().join("history")).unwrap();
    assert_eq!(
        history.lines().collect::<Vec<_>>(),
        [
            "docker exec manager ls",
            "docker ps\\nhint",
            "one",
            "two",
            "docker \\\\\\nps"
        ]
    );
}

#[test]
fn text_is_printed_above_what_is_being_typed() {
    let folder = tempfile::tempdir().unwrap();
    let mut terminal = Terminal::start(folder.path());
    terminal.wait_prompt("");
    terminal.send("above\r");
    terminal.wait_text(r#"got Line("above")"#);
    terminal.send("half a li");
    terminal.wait_text("message 19");
    terminal.wait_prompt("half a li");
    let text = terminal.text();
    let places: Vec<usize> = (0..20)
        .map(|n| text.find(&format!("message {n}\n")).unwrap())
        .collect();
    assert!(places.is_sorted(), "{text}");
    terminal.send("ne\r");
    terminal.wait_text(r#"got Line("half a line")"#);
}

#[cfg(target_os = "linux")]
#[test]
fn a_panic_leaves_the_terminal_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let go = folder.path().join("go");
    // The child waits on a pipe, so that it panics while the prompt is open.
    let status = std::process::Command::new("mkfifo").arg(&go).status();
    assert!(status.unwrap().success());
    let mut terminal = Terminal::start(folder.path());
    terminal.wait_prompt("");
    // ECHO in a terminal's local flags, on Linux.
    let echoes =
        |terminal: &Terminal| terminal.master.get_termios().unwrap().local_flags.bits() & 8;
    assert_eq!(echoes(&terminal), 0);
    terminal.send("panic\r");
    terminal.wait_text(r#"got Line("panic")"#);
    terminal.wait_prompt("");
    std::fs::write(&go, "x").unwrap();
    terminal.wait_text("as asked");
    assert_ne!(echoes(&terminal), 0);
}
