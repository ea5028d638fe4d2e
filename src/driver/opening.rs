//! From the command line's options to an open lab.

use std::sync::Arc;

use super::{End, Failure};
use crate::lab::connect::Endpoint;
use crate::lab::find::{self, Environment, System, Trouble};
use crate::lab::{Lab, LabError, RealLab, RealOptions};
use crate::progress::{Store, cache_dir};
use crate::words::{self, Lang};

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

/// An engine that was found and answers.
pub struct Engine {
    /// Where it is.
    pub endpoint: Endpoint,
    /// Who chose it.
    pub because: find::Because,
}

/// Finds the engine; nothing is asked of it.
pub fn find_engine(options: &Options) -> Result<Engine, Failure> {
    let environment = Environment::of_process(options.docker.clone());
    match find::find(&environment) {
        Ok(found) => Ok(Engine {
            endpoint: found.endpoint,
            because: found.because,
        }),
        Err(error) => Err(no_engine(options.lang, &Trouble::Find(error))),
    }
}

/// The lab of these options; the engine has answered.
pub async fn open_lab(options: &Options, store: &Store) -> Result<Lab, Failure> {
    let engine = find_engine(options)?;
    let real = RealOptions {
        name: options.lab.clone(),
        dir: store.lab_dir().to_owned(),
        cache: cache_dir(),
        endpoint: engine.endpoint,
        node_image: options.node_image.clone(),
        privileged: options.privileged,
        user: user(),
        host: rustix::system::uname()
            .nodename()
            .to_string_lossy()
            .into_owned(),
    };
    let lab = RealLab::new(real)?;
    match lab.answers().await {
        Ok(trouble) => match trouble {
            None => Ok(Lab::Real(Arc::new(lab))),
            Some(trouble) => Err(no_engine(options.lang, &trouble)),
        },
        Err(LabError::Unreachable(error)) => {
            Err(no_engine(options.lang, &Trouble::Connect(error)))
        }
        Err(error) => Err(error.into()),
    }
}

fn no_engine(lang: Lang, trouble: &Trouble) -> Failure {
    let cure = find::diagnose(trouble, &System::of_machine());
    let text = words::engine::trouble(lang, trouble, &cure);
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
