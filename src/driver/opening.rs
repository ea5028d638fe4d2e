//! From the command line's options to an open lab.

use std::sync::Arc;
use std::time::Duration;

use super::{End, Failure, Screen};
use crate::doctor::LangFrom;
use crate::lab::find::{self, Environment, Found, System, Trouble};
use crate::lab::{Lab, LabError, RealLab, RealOptions};
use crate::progress::{Settings, Spare, Store};
use crate::terminal::Tone;
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
    /// `--docker`, else as the settings have it.
    pub docker: Option<String>,
    /// `--docker` was given.
    pub docker_given: bool,
    /// `--yes`
    pub yes: bool,
    /// `--lang`, else that of the settings, else the locale's.
    pub lang: Lang,
    /// Which of them it is.
    pub lang_from: LangFrom,
    /// `--plain`
    pub plain: bool,
    /// `--spare`, else as the settings have it.
    pub spare: Spare,
    /// The file of `open`; none: the course.
    pub file: Option<std::path::PathBuf>,
}

impl Options {
    /// `--lang` was given.
    pub fn lang_given(&self) -> bool {
        self.lang_from == LangFrom::CommandLine
    }

    /// What another command has to be told to act on the same lab.
    pub fn meant(&self) -> words::command::Meant {
        words::command::Meant {
            lab: self.lab.clone(),
            docker: self.docker.clone().filter(|_| self.docker_given),
        }
    }

    /// What the command line leaves open is as the user's settings have it.
    pub fn filled(mut self, settings: &Settings, spare: Option<Spare>) -> Options {
        self.docker_given = self.docker.is_some();
        self.docker = self.docker.or_else(|| settings.docker.clone());
        self.node_image = self.node_image.or_else(|| settings.node_image.clone());
        self.spare = spare.unwrap_or(settings.spare);
        if self.lang_from == LangFrom::Locale
            && let Some(lang) = settings.languages.first()
        {
            self.lang = *lang;
            self.lang_from = LangFrom::Settings;
        }
        self
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
    let screen = Screen::stderr(options);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_is_the_command_lines_then_the_settings_then_the_locales() {
        let settings = |languages: &[Lang]| Settings {
            languages: languages.to_vec(),
            ..Settings::default()
        };
        let filled = |lang_from, languages: &[Lang]| {
            let options = Options {
                lang_from,
                ..Options::default()
            };
            let options = options.filled(&settings(languages), None);
            (options.lang, options.lang_from)
        };
        let (given, locale) = (LangFrom::CommandLine, LangFrom::Locale);
        assert_eq!(filled(given, &[Lang::Ko]), (Lang::En, given));
        assert_eq!(filled(locale, &[Lang::Ko]), (Lang::Ko, LangFrom::Settings));
        assert_eq!(filled(locale, &[]), (Lang::En, locale));
    }
}
