//! Typing commands so that one can read along, with the learner's keys at hand:
//! space pauses and goes on, Ctrl-C ends it.

use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use super::screen::Screen;
use crate::shell::Speed;
use crate::terminal::Tone;
use crate::terminal::clean;
use crate::terminal::tty::{Keys, RawMode, Stdin};
use crate::words;

/// Between two letters: about as quick as a practised typist, so that the eye
/// keeps up.
const LETTER: Duration = Duration::from_millis(35);

/// Before a command, to look at what the last one printed.
const BEFORE: Duration = Duration::from_millis(1200);

/// Between a command and its Enter, to read it.
const ENTER: Duration = Duration::from_millis(700);

const SPACE: u8 = b' ';
const CTRL_C: u8 = 3;

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Typed {
    /// The line is there.
    Whole,
    /// The learner wants the prompt.
    HandedOver,
}

/// Types a line after its prompt; without `live` it is there at once.
pub async fn type_out(
    screen: &Screen,
    prompt: &str,
    line: &str,
    speed: Speed,
    live: bool,
) -> Typed {
    if !live {
        screen.echo(prompt, line);
        return Typed::Whole;
    }
    let raw = RawMode::enter();
    let keys = raw.is_ok().then(|| Stdin::attach().ok()).flatten();
    let mut pace = Pace {
        screen,
        speed,
        keys,
    };
    let typed = pace.type_line(prompt, line).await;
    drop(pace);
    drop(raw);
    screen.bytes(b"\n");
    typed
}

struct Pace<'a> {
    screen: &'a Screen,
    speed: Speed,
    keys: Option<Keys>,
}

impl Pace<'_> {
    async fn type_line(&mut self, prompt: &str, line: &str) -> Typed {
        self.screen.bytes(prompt.as_bytes());
        if self.rest(BEFORE).await == Typed::HandedOver {
            return Typed::HandedOver;
        }
        for letter in clean(line).chars() {
            self.screen.bytes(letter.to_string().as_bytes());
            if self.rest(LETTER).await == Typed::HandedOver {
                return Typed::HandedOver;
            }
        }
        self.rest(ENTER).await
    }

    /// Time to look, unless a key says otherwise.
    async fn rest(&mut self, time: Duration) -> Typed {
        let time = time * 100 / self.speed.0.max(1);
        let deadline = Instant::now() + time;
        let mut paused = false;
        loop {
            let pressed = match (paused, self.keys.is_some()) {
                (true, _) => self.key().await,
                (false, true) => match timeout_at(deadline, self.key()).await {
                    Ok(pressed) => pressed,
                    Err(_) => return Typed::Whole,
                },
                (false, false) => {
                    tokio::time::sleep_until(deadline).await;
                    return Typed::Whole;
                }
            };
            if pressed.contains(&CTRL_C) {
                return Typed::HandedOver;
            }
            if pressed.is_empty() {
                // The terminal is gone: nobody can ask for more.
                return Typed::HandedOver;
            }
            let turns = pressed.iter().filter(|key| **key == SPACE).count();
            if turns % 2 == 1 {
                paused = !paused;
                self.show_paused(paused);
                if !paused {
                    return Typed::Whole;
                }
            }
        }
    }

    async fn key(&mut self) -> Vec<u8> {
        match &mut self.keys {
            Some(keys) => keys.read().await.unwrap_or_default(),
            None => std::future::pending().await,
        }
    }

    /// A word behind the line, taken back when it goes on.
    fn show_paused(&self, paused: bool) {
        let text = match paused {
            true => {
                let word = words::travel::paused(self.screen.lang);
                format!("\x1b7  {}", self.screen.look.paint(Tone::Dim, word))
            }
            false => "\x1b8\x1b[K".to_owned(),
        };
        self.screen.bytes(text.as_bytes());
    }
}
