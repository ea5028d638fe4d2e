//! Questions to the learner, and what is kept of their progress.

use std::time::{SystemTime, UNIX_EPOCH};

use super::Repl;
use crate::progress::{self, Progress};
use crate::session::{Kept, Status};
use crate::terminal::Tone;
use crate::terminal::prompt::Input;
use crate::words;

/// What was kept of one course; there a step's name is `course/lesson/step`.
pub fn kept(progress: &Progress, course: &str) -> Kept {
    let inside = |name: &str| Some(name.strip_prefix(course)?.strip_prefix('/')?.to_owned());
    let steps = progress
        .steps
        .iter()
        .filter_map(|(name, step)| {
            let name = inside(name)?;
            let status = match step.status? {
                progress::Status::Done => Status::Done,
                progress::Status::Skipped => Status::Skipped,
            };
            Some((name, status))
        })
        .collect();
    Kept {
        steps,
        at: progress.current.as_deref().and_then(inside),
        made: progress.made.as_deref().and_then(inside),
    }
}

/// What came of a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    Yes,
    No,
    /// Enter.
    Usual,
    Quit,
    /// Something else.
    None,
    /// Ctrl-C, Ctrl-D, the end of the input.
    End,
}

impl Answer {
    fn of(input: &Input) -> Answer {
        let Input::Line(line) = input else {
            return Answer::End;
        };
        match line.trim().to_lowercase().as_str() {
            "" => Answer::Usual,
            "y" | "yes" | "네" | "예" | "ㅛ" => Answer::Yes,
            "n" | "no" | "아니요" | "아니오" | "ㅜ" => Answer::No,
            "q" | "quit" | "exit" => Answer::Quit,
            _ => Answer::None,
        }
    }
}

impl Repl {
    /// Asks yes or no; Enter is yes, the end of the input is no.
    pub(super) async fn yes(&mut self, question: &str) -> bool {
        self.options.yes || self.yes_or_no(question, true).await
    }

    /// Asks yes or no; Enter is `usual`, the end of the input is no. A piped line
    /// that is no answer was meant for the prompt and goes there; nothing is
    /// agreed to for it.
    pub(super) async fn yes_or_no(&mut self, question: &str, usual: bool) -> bool {
        self.screen.say(Tone::Text, question);
        let prompt = if usual { "[Y/n] " } else { "[y/N] " };
        let lang = self.screen.lang;
        loop {
            self.reader.ask(prompt);
            let input = self.reader.next().await;
            let answer = Answer::of(&input);
            if let (Answer::Usual | Answer::None | Answer::End, Some(piped)) =
                (&answer, self.reader.piped())
            {
                piped.put_back(input);
                let text = words::cli::not_answered(lang, answer == Answer::End);
                self.screen.say(Tone::Warn, text);
                return false;
            }
            if let (Input::Line(line), true) = (&input, self.is_script()) {
                self.screen.echo(prompt, line);
            }
            match answer {
                Answer::Yes => return true,
                Answer::No | Answer::End => return false,
                Answer::Usual => return usual,
                Answer::Quit => {
                    self.quit = true;
                    return false;
                }
                Answer::None => self.screen.say(Tone::Dim, words::cli::yes_or_no(lang)),
            }
        }
    }

    /// One line under another prompt; none at Ctrl-C, Ctrl-D or the end.
    pub(super) async fn line(&mut self, prompt: &str) -> Option<String> {
        self.reader.ask(prompt);
        match self.reader.next().await {
            Input::Line(line) => {
                if self.is_script() {
                    self.screen.echo(prompt, &line);
                }
                Some(line)
            }
            Input::Interrupted | Input::Eof | Input::Failed(_) => None,
        }
    }

    /// `course/lesson/step`
    pub(super) fn full_name(&self, name: &str) -> String {
        format!("{}/{name}", self.session.course().id)
    }

    /// Writes progress; that it can't be written is told once.
    pub(super) fn save(&mut self) {
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |since| since.as_secs());
        let names: Vec<(String, Status)> = self
            .session
            .record()
            .iter()
            .map(|(name, status)| (self.full_name(name), *status))
            .collect();
        let gone: Vec<String> = self
            .progress
            .steps
            .iter()
            .filter(|(name, step)| {
                // Steps of other courses are not this session's business.
                let ours = name.starts_with(&self.full_name(""));
                step.status.is_some() && ours && !names.iter().any(|(other, _)| other == *name)
            })
            .map(|(name, _)| name.clone())
            .collect();
        for name in gone {
            self.progress.forget(&name);
        }
        for (name, status) in names {
            let status = match status {
                Status::Done => progress::Status::Done,
                Status::Skipped => progress::Status::Skipped,
            };
            if self.progress.status(&name) != Some(status) {
                self.progress.end(&name, status, now);
            }
        }
        let here = self.session.place().name(self.session.course());
        self.progress.current = Some(self.full_name(&here));
        // The locale's language is not kept: another locale may start the program next.
        let chosen = !self.progress.languages.is_empty()
            || self.session.langs() != [self.options.lang].as_slice();
        if chosen {
            self.progress.languages = self.session.langs().to_vec();
        }
        // Of a lab that was never seen nothing new is known.
        if let Some(last) = self.session.timeline().last() {
            self.progress.lab_up = last.up;
        }
        if !self.persistent {
            return;
        }
        if let Err(error) = self.store.save(&self.progress)
            && !self.unsaved
        {
            self.unsaved = true;
            for line in words::progress::error(self.screen.lang, &error) {
                self.screen.say(Tone::Warn, &line);
            }
        }
    }
}
