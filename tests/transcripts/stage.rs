//! A learner's desk: a lab in memory, folders of their own, and a keyboard.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use swarmlings::driver::{Courses, Options, Screen, embedded, open_file, repl};
use swarmlings::lab::{Harm, Lab, MemoryLab, MemoryOptions};
use swarmlings::progress::{Folders, Progress, Store};
use swarmlings::terminal::Look;
use swarmlings::terminal::prompt::Input;
use swarmlings::terminal::script::Script;
use swarmlings::words::Lang;
use tempfile::TempDir;

/// What somebody needs to read what came, and to think of what comes next;
/// longer than a check wants a thing to hold.
const THINKS: Duration = Duration::from_secs(6);

/// The widest that a terminal of the tests is.
pub const WIDTH: usize = 80;

pub struct Stage {
    pub options: Options,
    pub lab: Lab,
    pub thinks: Duration,
    folder: TempDir,
    courses: Courses,
}

/// A line that is typed and sent off.
pub fn line(text: &str) -> Input {
    Input::Line(text.to_owned())
}

/// Lines of a text, each of them typed; an empty line is the Enter key.
pub fn lines(text: &str) -> Vec<Input> {
    text.lines().map(line).collect()
}

impl Stage {
    /// The course that comes with the program, in this language.
    pub fn new(lang: Lang) -> Stage {
        Stage::on(lang, embedded(), MemoryOptions::default())
    }

    /// A file of somebody's.
    pub fn of_file(lang: Lang, path: &Path) -> Stage {
        Stage::of_file_on(lang, path, MemoryOptions::default())
    }

    /// The same on a host of some kind.
    pub fn of_file_on(lang: Lang, path: &Path, host: MemoryOptions) -> Stage {
        let courses = open_file(path, lang, &Look::plain(WIDTH)).expect("the file is a lesson");
        Stage::on(lang, courses, host)
    }

    /// A course on a host of some kind.
    pub fn on(lang: Lang, courses: Courses, host: MemoryOptions) -> Stage {
        Stage {
            options: Options {
                lab: host.name.clone(),
                yes: true,
                lang,
                lang_given: true,
                plain: true,
                ..Options::default()
            },
            lab: Lab::Memory(Arc::new(MemoryLab::new(host))),
            thinks: THINKS,
            folder: TempDir::new().unwrap(),
            courses,
        }
    }

    /// Opens the program, types, and gives what was shown.
    pub fn types(&self, inputs: impl IntoIterator<Item = Input>) -> String {
        let (screen, transcript) = Screen::kept(Look::plain(WIDTH), self.options.lang);
        let lab = self.lab.clone();
        let typed: Vec<Input> = inputs.into_iter().collect();
        let script = Script::of(
            typed.into_iter().inspect(move |input| {
                if let (Input::Line(line), Lab::Memory(lab)) = (input, &lab)
                    && let Some(what) = line.strip_prefix("# ! ")
                {
                    lab.harm(harm(what));
                }
            }),
            self.thinks,
        );
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .start_paused(true)
            .build()
            .unwrap();
        let (options, courses) = (self.options.clone(), self.courses.clone());
        let ran = runtime.block_on(repl::run_script(
            options,
            courses,
            self.store(),
            self.lab.clone(),
            script,
            screen,
        ));
        if let Err(failure) = ran {
            panic!("{}{}", transcript.text(), failure.told(self.options.lang).1);
        }
        // Nothing of the machine the tests run on belongs into a transcript.
        let folder = self.folder.path().display().to_string();
        transcript.text().replace(&folder, "FOLDER")
    }

    fn store(&self) -> Store {
        let below = |name: &str| self.folder.path().join(name);
        let folders = Folders {
            config: below("config"),
            state: below("state"),
            cache: below("cache"),
        };
        Store::within(folders, &self.options.lab).unwrap()
    }

    /// What is kept of the learner.
    pub fn progress(&self) -> Progress {
        self.store().load().unwrap().0
    }
}

/// What was shown from the last place of `mark` on.
pub fn since<'t>(transcript: &'t str, mark: &str) -> &'t str {
    let at = transcript.rfind(mark);
    &transcript[at.unwrap_or_else(|| panic!("no {mark:?} in\n{transcript}"))..]
}

/// What happens behind the learner's back, written as a comment among the lines
/// that they type: `# ! kill worker02`.
fn harm(what: &str) -> Harm {
    let words: Vec<&str> = what.split_whitespace().collect();
    let name = |at: usize| words[at].to_owned();
    match words[..] {
        ["kill", _] => Harm::Kill(name(1)),
        ["stop", _] => Harm::Stop(name(1)),
        ["pause", _] => Harm::Pause(name(1)),
        ["remove", _] => Harm::Remove(name(1)),
        ["hang", _] => Harm::Hang(name(1)),
        ["disconnect", _] => Harm::Disconnect(name(1)),
        ["isolate", _] => Harm::Isolate(name(1)),
        ["cut", _, _] => Harm::Cut(name(1), name(2)),
        ["move", _] => Harm::Move(name(1)),
        ["remove-network"] => Harm::RemoveNetwork,
        ["stop-engine"] => Harm::StopEngine,
        ["start-engine"] => Harm::StartEngine,
        ["disk", bytes] => Harm::Disk(bytes.parse().unwrap()),
        ["memory", bytes] => Harm::Memory(bytes.parse().unwrap()),
        ["clock", seconds] => Harm::Clock(seconds.parse().unwrap()),
        ["expire"] => Harm::ExpireCertificates,
        _ => panic!("no such harm: {what}"),
    }
}

/// The text on one line, as it would be without breaks.
pub fn unwrapped(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
