//! The line editor: a prompt with history, completion and text printed above
//! it while it is edited. The only module that knows rustyline.
//!
//! rustyline blocks, so it has a thread of its own. That thread touches the
//! terminal only between `ask` and the answer; in between, whoever runs an
//! attached command owns stdin. While it reads, rustyline has its own handlers
//! for SIGINT and SIGWINCH and puts back those it found: listeners must be
//! there before the first `ask`.

use std::borrow::Cow;
use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, Once, PoisonError};
use std::thread;

use rustix::termios::{OptionalActions, Termios, tcgetattr, tcsetattr};
use rustyline::completion::{Completer, Pair};
use rustyline::error::{ReadlineError, Signal};
use rustyline::highlight::{CmdKind, Highlighter};
use rustyline::hint::{Hinter, HistoryHinter};
use rustyline::history::MemHistory;
use rustyline::validate::{ValidationContext, ValidationResult, Validator};
use rustyline::{ColorMode, CompletionType, Config, Context, Editor, Helper};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::history::{History, MOST};
use crate::shell::{Scope, complete, is_continued};

/// What came of asking for a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// What was typed or pasted, line ends inside kept (`shell::pasted` splits
    /// it), the last one cut off.
    Line(String),
    /// Ctrl-C.
    Interrupted,
    /// Ctrl-D, or the end of a script.
    Eof,
    /// Reading went wrong, and why.
    Failed(String),
}

/// The prompt of a terminal.
pub struct Prompt {
    asks: Sender<String>,
    answers: UnboundedReceiver<Input>,
    printer: Printer,
}

/// Prints above the prompt while it is being edited, and plainly to stdout
/// otherwise. A text printed at the very moment a line is sent off may appear
/// only above the next prompt; none is lost, and printing never blocks.
#[derive(Clone)]
pub struct Printer {
    turn: Arc<Mutex<Turn>>,
    above: Sender<String>,
}

/// Whose turn it is on the terminal.
#[derive(Default)]
struct Turn {
    /// Between `ask` and the answer.
    reading: bool,
}

impl Prompt {
    /// Takes the terminal on stdin and stdout, without asking anything yet.
    /// Lines are completed from `scope` as it is at that moment.
    pub fn start(history: PathBuf, scope: Arc<Mutex<Scope>>, colour: bool) -> io::Result<Prompt> {
        restore_when_panicking();
        let mut editor = editor(scope, colour).map_err(io::Error::other)?;
        let (history, entries) = History::open(history);
        for entry in entries {
            let _ = editor.add_history_entry(entry);
        }
        let (asks, asked) = channel();
        let (answer, answers) = unbounded_channel();
        let (above, texts) = channel();
        let turn = Arc::new(Mutex::new(Turn::default()));
        let printer = Printer {
            turn: turn.clone(),
            above,
        };
        // Where the terminal can't be edited on (TERM=dumb) there is no printer
        // above the prompt, and text goes where it falls.
        let external = editor.create_external_printer().ok();
        let printing = turn.clone();
        thread::Builder::new()
            .name("print-above".into())
            .spawn(move || print_above(&texts, external, &printing))?;
        thread::Builder::new()
            .name("prompt".into())
            .spawn(move || read(editor, &history, colour, &asked, &answer, &turn))?;
        Ok(Prompt {
            asks,
            answers,
            printer,
        })
    }

    /// Begins reading a line; the answer arrives on `next`. Does nothing while a
    /// line is being read.
    pub fn ask(&self, prompt: &str) {
        let mut turn = self.printer.turn();
        if !turn.reading {
            turn.reading = self.asks.send(prompt.to_string()).is_ok();
        }
    }

    /// The answer to `ask`. Dropping the future loses nothing.
    pub async fn next(&mut self) -> Input {
        self.answers
            .recv()
            .await
            .unwrap_or_else(|| Input::Failed("the line editor has ended".into()))
    }

    /// Prints above the prompt.
    pub fn printer(&self) -> Printer {
        self.printer.clone()
    }
}

impl Drop for Prompt {
    /// The reading thread may still be in raw mode, and ends with the program
    /// without a chance to leave it.
    fn drop(&mut self) {
        if self.printer.turn().reading {
            restore();
        }
    }
}

impl Printer {
    /// Prints a text, with a line end behind it where it has none.
    pub fn print(&self, text: &str) {
        let text = match text.ends_with('\n') {
            true => text.to_string(),
            false => format!("{text}\n"),
        };
        let turn = self.turn();
        if turn.reading {
            let _ = self.above.send(text);
        } else {
            plainly(&text);
        }
    }

    fn turn(&self) -> MutexGuard<'_, Turn> {
        lock(&self.turn)
    }
}

fn lock(turn: &Mutex<Turn>) -> MutexGuard<'_, Turn> {
    turn.lock().unwrap_or_else(PoisonError::into_inner)
}

fn plainly(text: &str) {
    let mut stdout = io::stdout().lock();
    // A terminal that is gone can't be told.
    let _ = stdout.write_all(text.as_bytes());
    let _ = stdout.flush();
}

/// Hands texts to rustyline, which takes one at a time and lets the sender wait;
/// so the waiting is this thread's.
fn print_above(
    texts: &Receiver<String>,
    mut external: Option<impl rustyline::ExternalPrinter>,
    turn: &Mutex<Turn>,
) {
    for text in texts {
        let reading = lock(turn).reading;
        match &mut external {
            Some(external) if reading => {
                if external.print(text.clone()).is_err() {
                    plainly(&text);
                }
            }
            _ => plainly(&text),
        }
    }
}

fn read(
    mut editor: Editor<Help, MemHistory>,
    history: &History,
    colour: bool,
    asked: &Receiver<String>,
    answer: &UnboundedSender<Input>,
    turn: &Mutex<Turn>,
) {
    for prompt in asked {
        let styled = match colour {
            true => format!("\x1b[1;36m{prompt}\x1b[0m"),
            false => prompt.clone(),
        };
        let input = match editor.readline(&(prompt, styled)) {
            Ok(line) => {
                let line = line.trim_end_matches(['\n', '\r']).to_string();
                if let Ok(true) = editor.add_history_entry(line.as_str()) {
                    // A history that can't be written is no reason to stop.
                    let _ = history.append(&line);
                }
                Input::Line(line)
            }
            Err(ReadlineError::Interrupted | ReadlineError::Signal(Signal::Interrupt)) => {
                Input::Interrupted
            }
            Err(ReadlineError::Eof) => Input::Eof,
            Err(error) => Input::Failed(error.to_string()),
        };
        lock(turn).reading = false;
        if answer.send(input).is_err() {
            return;
        }
    }
}

fn editor(scope: Arc<Mutex<Scope>>, colour: bool) -> rustyline::Result<Editor<Help, MemHistory>> {
    let config = Config::builder()
        .max_history_size(MOST)?
        .history_ignore_dups(true)?
        .completion_type(CompletionType::List)
        .completion_show_all_if_ambiguous(true)
        // Without, `highlight` is not asked; what it does is not colour alone.
        .color_mode(ColorMode::Forced)
        .bracketed_paste(true)
        .build();
    let history = MemHistory::with_config(&config);
    let mut editor = Editor::with_history(config, history)?;
    editor.set_helper(Some(Help { scope, colour }));
    Ok(editor)
}

/// What rustyline asks while a line is edited.
struct Help {
    scope: Arc<Mutex<Scope>>,
    colour: bool,
}

impl Helper for Help {}

impl Completer for Help {
    type Candidate = Pair;

    fn complete(
        &self,
        line: &str,
        cursor: usize,
        _: &Context<'_>,
    ) -> rustyline::Result<(usize, Vec<Pair>)> {
        let scope = self.scope.lock().unwrap_or_else(PoisonError::into_inner);
        let (start, candidates) = complete(line, cursor, &scope);
        let pairs = candidates.into_iter().map(|candidate| Pair {
            display: candidate.display,
            replacement: candidate.replacement,
        });
        Ok((start, pairs.collect()))
    }
}

impl Hinter for Help {
    type Hint = String;

    fn hint(&self, line: &str, cursor: usize, context: &Context<'_>) -> Option<String> {
        // Without colour a hint can't be told from what was typed.
        if !self.colour || line.contains('\n') {
            return None;
        }
        let hint = HistoryHinter {}.hint(line, cursor, context)?;
        (!hint.contains('\n')).then_some(hint)
    }
}

impl Highlighter for Help {
    /// What was pasted reaches the terminal with nothing in it that a terminal
    /// obeys. Each such character is replaced by one of its width.
    fn highlight<'l>(&self, line: &'l str, _: usize) -> Cow<'l, str> {
        match line.contains(is_obeyed) {
            true => Cow::Owned(line.replace(is_obeyed, "\u{fffd}")),
            false => Cow::Borrowed(line),
        }
    }

    fn highlight_char(&self, line: &str, _: usize, _: CmdKind) -> bool {
        line.contains(is_obeyed)
    }

    fn highlight_hint<'h>(&self, hint: &'h str) -> Cow<'h, str> {
        match self.colour {
            true => Cow::Owned(format!("\x1b[2m{hint}\x1b[0m")),
            false => Cow::Borrowed(hint),
        }
    }
}

/// A control character other than a line end, or one that turns the order of
/// writing.
fn is_obeyed(c: char) -> bool {
    (c.is_control() && c != '\n')
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

impl Validator for Help {
    fn validate(&self, context: &mut ValidationContext) -> rustyline::Result<ValidationResult> {
        Ok(match is_continued(context.input()) {
            true => ValidationResult::Incomplete,
            false => ValidationResult::Valid(None),
        })
    }
}

/// The terminal's settings as they were before the first prompt.
static BEFORE: Mutex<Option<Termios>> = Mutex::new(None);

/// Puts the terminal back as it was before the first prompt. For ways out that
/// leave the line editor behind: a panic, a signal. Harmless at any time.
pub fn restore() {
    let before = BEFORE.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(before) = &*before {
        let _ = tcsetattr(io::stdin(), OptionalActions::Drain, before);
        // No more marks around pasted text.
        plainly("\x1b[?2004l");
    }
}

fn restore_when_panicking() {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let mut before = BEFORE.lock().unwrap_or_else(PoisonError::into_inner);
        *before = tcgetattr(io::stdin()).ok();
        let told_before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            // Before the message, or its lines climb down the screen.
            restore();
            told_before(panic);
        }));
    });
}
