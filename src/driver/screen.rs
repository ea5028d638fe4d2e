//! Where the driver's words go: above a prompt, to a terminal, or to a pipe.

use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};

use super::Options;
use crate::check::{Check, Verdict};
use crate::terminal::prompt::Printer;
use crate::terminal::{self, Judged, Look, Tone};
use crate::words::{self, Lang};

/// A place for text, with how it is to look and in which language.
#[derive(Clone)]
pub struct Screen {
    /// How things are drawn.
    pub look: Look,
    /// The language of our own sentences.
    pub lang: Lang,
    /// The lab that is meant by the commands in our own sentences.
    pub meant: words::command::Meant,
    out: Out,
}

#[derive(Clone)]
enum Out {
    Stdout,
    Stderr,
    Prompt(Printer),
    Kept(Transcript),
}

/// What was written to a screen that nobody sees.
#[derive(Clone, Debug, Default)]
pub struct Transcript(Arc<Mutex<Vec<u8>>>);

impl Transcript {
    /// All of it so far.
    pub fn text(&self) -> String {
        let bytes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

impl Screen {
    /// Results on standard output.
    pub fn stdout(options: &Options) -> Screen {
        Screen::of(options, terminal::tty::look(options.plain), Out::Stdout)
    }

    /// Messages on standard error.
    pub fn stderr(options: &Options) -> Screen {
        Screen::of(options, terminal::tty::look(options.plain), Out::Stderr)
    }

    /// Everything is kept, standard error among it.
    pub fn kept(options: &Options, look: Look) -> (Screen, Transcript) {
        let transcript = Transcript::default();
        let screen = Screen::of(options, look, Out::Kept(transcript.clone()));
        (screen, transcript)
    }

    fn of(options: &Options, look: Look, out: Out) -> Screen {
        Screen {
            look,
            lang: options.lang,
            meant: options.meant(),
            out,
        }
    }

    /// From now on through a prompt, which keeps its line in order.
    pub fn through(&mut self, printer: Printer) {
        self.out = Out::Prompt(printer);
    }

    /// Text as it is, line ends included.
    pub fn text(&self, text: &str) {
        match &self.out {
            Out::Prompt(printer) => printer.print(text),
            Out::Stdout | Out::Stderr | Out::Kept(_) => self.bytes(text.as_bytes()),
        }
    }

    /// Bytes as they are: what a command in the lab prints, while no prompt is
    /// being edited.
    pub fn bytes(&self, bytes: &[u8]) {
        // A reader that went away (`| head`) is no error of ours.
        match &self.out {
            Out::Stdout | Out::Prompt(_) => {
                let mut out = std::io::stdout().lock();
                let _ = out.write_all(bytes).and_then(|()| out.flush());
            }
            Out::Stderr => {
                let _ = std::io::stderr().lock().write_all(bytes);
            }
            Out::Kept(Transcript(kept)) => {
                let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
                kept.extend_from_slice(bytes);
            }
        }
    }

    /// What a command writes to standard error, which stays apart in a pipe.
    pub fn error_bytes(&self, bytes: &[u8]) {
        match &self.out {
            Out::Stdout => {
                let _ = std::io::stderr().lock().write_all(bytes);
            }
            Out::Stderr | Out::Prompt(_) | Out::Kept(_) => self.bytes(bytes),
        }
    }

    /// The terminal may have another size than before.
    pub fn measure(&mut self) {
        if matches!(self.out, Out::Kept(_)) {
            return;
        }
        if let Some(size) = terminal::tty::size() {
            self.look.width = usize::from(size.columns);
        }
    }

    /// A sentence of ours.
    pub fn say(&self, tone: Tone, sentence: &str) {
        let sentence = words::command::meant(sentence, &self.meant);
        self.text(&terminal::say(tone, &sentence, &self.look));
    }

    /// A line of a script as if it had been typed: nothing in it reaches the
    /// terminal raw, and of a very long one only the beginning.
    pub fn echo(&self, prompt: &str, line: &str) {
        const MOST: usize = 1000;
        let shown: String = line.chars().take(MOST).collect();
        let more = if shown.len() < line.len() { " ..." } else { "" };
        self.text(&format!("{prompt}{}{more}\n", terminal::clean(&shown)));
    }

    /// A sentence of ours with lines under it that are to be typed: those are
    /// indented and never broken, so that they can be copied.
    pub fn say_with_code(&self, tone: Tone, text: &str) {
        let mut lines = text.lines();
        if let Some(first) = lines.next() {
            self.say(tone, first);
        }
        let code: String = lines
            .map(|line| {
                let line = line.trim().trim_matches('`');
                format!("    {}\n", self.look.paint(Tone::Code, line))
            })
            .collect();
        if !code.is_empty() {
            self.text(&code);
        }
    }

    /// The verdicts of a step's checks.
    pub fn verdicts(&self, checks: &[Check], verdicts: &[Verdict]) {
        let judged: Vec<Judged<'_>> = checks
            .iter()
            .zip(verdicts)
            .map(|(check, verdict)| Judged {
                title: words::verdict::check_title(self.lang, check),
                verdict,
                lines: words::verdict::verdict(self.lang, check, verdict),
            })
            .collect();
        self.text(&terminal::verdicts(&judged, &self.look));
    }
}

/// Where a picture that is redrawn goes.
impl Write for Screen {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.bytes(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
