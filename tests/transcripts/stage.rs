//! A learner's desk: a lab in memory, folders of their own, and a keyboard.

use std::cell::RefCell;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use swarmlings::driver::{
    Courses, End, LangFrom, Options, Screen, Transcript, embedded, open_file, repl,
};
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
    /// What the program that runs now has shown.
    shown: RefCell<Transcript>,
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
                lang_from: LangFrom::CommandLine,
                plain: true,
                ..Options::default()
            },
            lab: Lab::Memory(Arc::new(MemoryLab::new(host))),
            thinks: THINKS,
            folder: TempDir::new().unwrap(),
            courses,
            shown: RefCell::default(),
        }
    }

    /// Opens the program, types, and gives what was shown.
    pub fn types<I>(&self, inputs: I) -> String
    where
        I: IntoIterator<Item = Input>,
        I::IntoIter: 'static,
    {
        self.types_until(inputs, std::future::pending())
    }

    /// The same, but for a program that is killed when `killed` comes true.
    pub fn types_until<I>(&self, inputs: I, killed: impl Future<Output = ()>) -> String
    where
        I: IntoIterator<Item = Input>,
        I::IntoIter: 'static,
    {
        let lab = self.lab.clone();
        let script = Script::of(
            inputs.into_iter().inspect(move |input| {
                if let (Input::Line(line), Lab::Memory(lab)) = (input, &lab)
                    && let Some(what) = line.strip_prefix("# ! ")
                {
                    lab.harm(harm(what));
                }
            }),
            self.thinks,
        );
        self.reads_until(script, killed)
    }

    /// Opens the program on lines that were written before.
    pub fn reads(&self, script: Script) -> String {
        self.reads_until(script, std::future::pending())
    }

    fn reads_until(&self, script: Script, killed: impl Future<Output = ()>) -> String {
        let (screen, transcript) = Screen::kept(&self.options, Look::plain(WIDTH));
        self.shown.replace(transcript.clone());
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .start_paused(true)
            .build()
            .unwrap();
        let (options, courses) = (self.options.clone(), self.courses.clone());
        let program = repl::run_script(
            options,
            courses,
            self.store(),
            self.lab.clone(),
            script,
            screen,
        );
        let ran = runtime.block_on(async {
            tokio::select! {
                ran = program => ran,
                () = killed => Ok(End::Done),
            }
        });
        // What it had begun in the background ends with it.
        drop(runtime);
        if let Err(failure) = ran {
            panic!("{}{}", transcript.text(), failure.told(self.options.lang).1);
        }
        // Nothing of the machine the tests run on belongs into a transcript.
        let folder = self.folder.path().display().to_string();
        transcript.text().replace(&folder, "FOLDER")
    }

    /// What was shown so far, also while the program runs.
    pub fn shown(&self) -> String {
        self.shown.borrow().text()
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

    /// Keeps something else of the learner.
    pub fn keep(&self, progress: &Progress) {
        self.store().save(progress).unwrap();
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
