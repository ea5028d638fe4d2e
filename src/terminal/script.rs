//! Lines from a file, a pipe or a test instead of a prompt: a script of a
//! session. No prompt is printed; showing what was read is the caller's business.

use std::collections::VecDeque;
use std::io::{self, BufRead, Read as _};
use std::sync::mpsc::{Sender, channel};
use std::thread;
use std::time::Duration;

use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::time::Instant;

use super::prompt::Input;
use crate::shell::{MAX_LINE, is_continued, is_unfinished};

/// Lines of a script.
pub struct Script(Lines);

enum Lines {
    /// Read on a thread of their own.
    Read(Read),
    /// Given, each when it is its turn.
    Given {
        inputs: Box<dyn Iterator<Item = Input>>,
        /// How long its typist thinks before each of them.
        thinks: Duration,
        /// When the next one is typed.
        due: Option<Instant>,
    },
}

struct Read {
    asks: Sender<()>,
    answers: UnboundedReceiver<Input>,
    /// A line was asked for and has not arrived.
    waiting: bool,
    /// A line that was taken too early and is the next one again.
    returned: Option<Input>,
}

impl Script {
    /// Lines of stdin.
    pub fn stdin() -> io::Result<Script> {
        Script::reading(|| io::BufReader::new(io::stdin()))
    }

    /// Lines of what `open` gives; it is called on the thread that reads.
    pub fn reading<R: BufRead>(open: impl FnOnce() -> R + Send + 'static) -> io::Result<Script> {
        let (asks, asked) = channel();
        let (answer, answers) = unbounded_channel();
        thread::Builder::new()
            .name("script".into())
            .spawn(move || {
                let mut lines = open();
                let mut left = VecDeque::new();
                for () in asked {
                    let next = left
                        .pop_front()
                        .map_or_else(|| line(&mut lines, &mut left), Input::Line);
                    if answer.send(next).is_err() {
                        return;
                    }
                }
            })?;
        Ok(Script(Lines::Read(Read {
            asks,
            answers,
            waiting: false,
            returned: None,
        })))
    }

    /// What is typed, key presses included, by somebody who thinks so long
    /// before each line; after the last comes the end. An input is asked for only
    /// when all is done that the one before it led to.
    pub fn of<I>(inputs: I, thinks: Duration) -> Script
    where
        I: IntoIterator<Item = Input>,
        I::IntoIter: 'static,
    {
        Script(Lines::Given {
            inputs: Box::new(inputs.into_iter()),
            thinks,
            due: None,
        })
    }

    /// Nobody sees what is asked: the lines were written before.
    pub fn is_piped(&self) -> bool {
        matches!(self.0, Lines::Read(_))
    }

    /// A line that was not meant for who took it is the next one again; only a
    /// piped one is.
    pub fn put_back(&mut self, input: Input) {
        if let Lines::Read(read) = &mut self.0 {
            read.returned = Some(input);
        }
    }

    /// A prompt is there: whoever types begins to think.
    pub fn asked(&mut self) {
        if let Lines::Given { thinks, due, .. } = &mut self.0 {
            *due = Some(Instant::now() + *thinks);
        }
    }

    /// The next logical line. Dropping the future loses nothing; nothing is
    /// read ahead of what is asked for but what the buffer holds.
    pub async fn next(&mut self) -> Input {
        match &mut self.0 {
            Lines::Read(read) => {
                if let Some(input) = read.returned.take() {
                    return input;
                }
                if !read.waiting {
                    read.waiting = read.asks.send(()).is_ok();
                }
                let input = read.answers.recv().await;
                read.waiting = false;
                input.unwrap_or_else(|| Input::Failed("the reader of the script has ended".into()))
            }
            Lines::Given { inputs, due, .. } => {
                if let Some(due) = due {
                    tokio::time::sleep_until(*due).await;
                }
                inputs.next().unwrap_or(Input::Eof)
            }
        }
    }
}

/// One logical line: continuations and open quotes take the next line too. Where
/// a quote is never closed the line is alone, and the others are `left`.
fn line(lines: &mut impl BufRead, left: &mut VecDeque<String>) -> Input {
    let mut text = String::new();
    loop {
        // One byte more than is allowed, so that the line is refused as too
        // long; the rest of it is passed over.
        let room = (MAX_LINE + 2).saturating_sub(text.len());
        let mut bytes = Vec::new();
        let mut some = lines.by_ref().take(room as u64);
        match some.read_until(b'\n', &mut bytes) {
            Ok(0) if text.is_empty() => return Input::Eof,
            Ok(0) if is_unfinished(&text) && !is_continued(&text) => {
                let mut each = text.lines().map(str::to_owned);
                let first = each.next().unwrap_or_default();
                left.extend(each);
                return Input::Line(first);
            }
            Ok(0) => return Input::Line(text),
            Ok(_) => {}
            Err(error) => return Input::Failed(error.to_string()),
        }
        let whole = bytes.ends_with(b"\n");
        text.push_str(&String::from_utf8_lossy(&bytes));
        let end = text.trim_end_matches(['\n', '\r']).len();
        text.truncate(end);
        if text.len() > MAX_LINE {
            if !whole {
                let _ = lines.skip_until(b'\n');
            }
            return Input::Line(text);
        }
        if !whole || !is_unfinished(&text) {
            return Input::Line(text);
        }
        text.push('\n');
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::io::Cursor;

    use super::*;

    fn all(text: &'static str) -> Vec<Input> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        runtime.block_on(async {
            let mut script = Script::reading(move || Cursor::new(text)).unwrap();
            let mut inputs = Vec::new();
            loop {
                match script.next().await {
                    Input::Line(line) => inputs.push(Input::Line(line)),
                    end => {
                        inputs.push(end);
                        return inputs;
                    }
                }
            }
        })
    }

    #[test]
    fn logical_lines_until_the_end() {
        let line = |text: &str| Input::Line(text.into());
        assert_eq!(
            all("docker ps\r\n\nhint\ndocker \\\n ps\nsh -c 'a\nb'\nlast"),
            [
                line("docker ps"),
                line(""),
                line("hint"),
                line("docker \\\n ps"),
                line("sh -c 'a\nb'"),
                line("last"),
                Input::Eof
            ]
        );
        assert_eq!(
            all("one \"ls\nhelp\nquit\n"),
            [line("one \"ls"), line("help"), line("quit"), Input::Eof]
        );
        assert_eq!(all(""), [Input::Eof]);
        assert_eq!(all("a \\\n"), [line("a \\\n"), Input::Eof]);
    }

    #[test]
    fn a_line_that_is_put_back_comes_again() {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        runtime.block_on(async {
            let mut script = Script::reading(|| Cursor::new("one\ntwo\n")).unwrap();
            let line = |text: &str| Input::Line(text.into());
            assert_eq!(script.next().await, line("one"));
            script.put_back(line("one"));
            assert_eq!(script.next().await, line("one"));
            assert_eq!(script.next().await, line("two"));
        });
    }

    #[test]
    fn a_line_without_end_is_cut_and_passed_over() {
        let text: &'static str = Box::leak(format!("{}\nnext\n", "x".repeat(3 * MAX_LINE)).into());
        let inputs = all(text);
        assert!(matches!(&inputs[0], Input::Line(line) if line.len() > MAX_LINE));
        assert_eq!(inputs[1], Input::Line("next".into()));
    }
}
