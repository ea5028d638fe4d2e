//! Questions to the learner, and what is kept of their progress.

use std::collections::BTreeMap;
use std::time::{SystemTime, UNIX_EPOCH};

use super::Repl;
use crate::progress::{self, Progress};
use crate::session::Status;
use crate::terminal::Tone;
use crate::terminal::prompt::Input;
use crate::words;

/// The session's record out of what was kept.
pub fn record(progress: &Progress) -> BTreeMap<String, Status> {
    progress
        .steps
        .iter()
        .filter_map(|(name, step)| {
            let status = match step.status? {
                progress::Status::Done => Status::Done,
                progress::Status::Skipped => Status::Skipped,
            };
            Some((name.clone(), status))
        })
        .collect()
}

impl Repl {
    /// Asks yes or no; Enter is yes, the end of the input is no.
    pub(super) async fn yes(&mut self, question: &str) -> bool {
        if self.options.yes {
            return true;
        }
        self.screen.say(Tone::Text, question);
        let prompt = "[Y/n] ";
        loop {
            let answer = self.line(prompt).await;
            match answer.as_deref().map(str::trim) {
                None => return false,
                Some("") => return true,
                Some(word) => match word.to_lowercase().as_str() {
                    "y" | "yes" | "네" | "예" | "ㅛ" => return true,
                    "n" | "no" | "아니요" | "아니오" | "ㅜ" => return false,
                    _ => self
                        .screen
                        .say(Tone::Dim, words::cli::yes_or_no(self.screen.lang)),
                },
            }
        }
    }

    /// One line under another prompt; none at Ctrl-C, Ctrl-D or the end.
    pub(super) async fn line(&mut self, prompt: &str) -> Option<String> {
        self.reader.ask(prompt);
        match self.reader.next().await {
            Input::Line(line) => {
                if self.is_script() {
                    self.screen.text(&format!("{prompt}{line}\n"));
                }
                Some(line)
            }
            Input::Interrupted | Input::Eof | Input::Failed(_) => None,
        }
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
            .map(|(name, status)| (name.clone(), *status))
            .collect();
        let gone: Vec<String> = self
            .progress
            .steps
            .iter()
            .filter(|(name, step)| {
                step.status.is_some() && !self.session.record().contains_key(*name)
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
        self.progress.current = Some(here);
        self.progress.languages = self.session.langs().to_vec();
        self.progress.lab_up = self.session.timeline().last().is_some_and(|last| last.up);
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
