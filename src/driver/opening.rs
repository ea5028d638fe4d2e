//! From the command line's options to an open lab.

use std::sync::Arc;
use std::time::Duration;

use super::{End, Failure, Screen};
use crate::lab::find::{self, Environment, Found, System, Trouble};
use crate::lab::{Lab, LabError, RealLab, RealOptions};
use crate::progress::Store;
use crate::session::DEFAULT_LAB;
use crate::terminal::{Tone, tty};
use crate::words::{self, Lang};

/// What takes longer is told while it is asked.
const PATIENCE: Duration = Duration::from_secs(1);

/// The options that every command takes.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// `--lab`
    pub lab: String,
    /// `--node-image`
    pub node_image: Option<String>,
    /// `--privileged`
    pub privileged: bool,
    /// `--docker`
    pub docker: Option<String>,
    /// `--yes`
    pub yes: bool,
    /// `--lang`, else the locale's.
    pub lang: Lang,
    /// `--lang` was given.
    pub lang_given: bool,
    /// `--plain`
    pub plain: bool,
}

impl Options {
    /// What the command line needs to mean this lab: nothing, or ` --lab NAME`.
    pub fn lab_option(&self) -> String {
        match self.lab.as_str() {
            DEFAULT_LAB => String::new(),
            lab => format!(" --lab {lab}"),
        }
    }
}

/// Finds the engine; nothing is asked of it.
pub fn find_engine(options: &Options) -> Result<Found, Failure> {
    let environment = Environment::of_process(options.docker.clone());
    find::find(&environment).map_err(|error| no_engine(options.lang, &Trouble::Find(error)))
}

/// The lab of these options; the engine has answered.
pub async fn open_lab(options: &Options, store: &Store) -> Result<Lab, Failure> {
    open_real(options, store).await.map(Lab::Real)
}

/// The same, for what only a real lab can do.
pub async fn open_real(options: &Options, store: &Store) -> Result<Arc<RealLab>, Failure> {
    let found = find_engine(options)?;
    let lab = RealLab::new(real_options(options, store, &found))?;
    let screen = Screen::stderr(tty::look(options.plain), options.lang);
    let asking = words::engine::asking(options.lang);
    match told_when_slow(&screen, asking, lab.system()).await {
        Ok(system) if system == "windows" => {
            Err(no_engine(options.lang, &Trouble::WindowsContainers))
        }
        Ok(_) => Ok(Arc::new(lab)),
        Err(LabError::Unreachable(error)) => {
            Err(no_engine(options.lang, &Trouble::Connect { found, error }))
        }
        Err(error) => Err(error.into()),
    }
}

/// What is asked, once it takes longer than one waits without a word.
pub async fn told_when_slow<T>(
    screen: &Screen,
    asking: &str,
    answer: impl Future<Output = T>,
) -> T {
    tokio::pin!(answer);
    match tokio::time::timeout(PATIENCE, &mut answer).await {
        Ok(answer) => answer,
        Err(_) => {
            screen.say(Tone::Dim, asking);
            answer.await
        }
    }
}

/// What a lab at this engine is made of.
pub fn real_options(options: &Options, store: &Store, found: &Found) -> RealOptions {
    RealOptions {
        name: options.lab.clone(),
        dir: store.lab_dir(),
        state: store.folder().to_owned(),
        cache: store.cache(),
        endpoint: found.endpoint.clone(),
        node_image: options.node_image.clone(),
        privileged: options.privileged,
        user: user(),
        host: rustix::system::uname()
            .nodename()
            .to_string_lossy()
            .into_owned(),
    }
}

fn no_engine(lang: Lang, trouble: &Trouble) -> Failure {
    let cure = find::diagnose(trouble, &System::of_machine());
    let mut text = words::engine::trouble(trouble, lang);
    text.push('\n');
    text.push_str(words::engine::remedy(&cure.remedy, lang));
    for command in &cure.commands {
        text.push_str("\n    ");
        text.push_str(command);
    }
    Failure::Told(End::Environment, text)
}

/// The user's name for the labels; their number where they have none.
fn user() -> String {
    let name = ["USER", "LOGNAME"]
        .iter()
        .find_map(|key| std::env::var(key).ok())
        .filter(|name| !name.is_empty());
    name.unwrap_or_else(|| rustix::process::getuid().as_raw().to_string())
}
