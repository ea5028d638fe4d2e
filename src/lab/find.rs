//! Which engine to use, found as the docker CLI finds it, and what to do when
//! there is none.
//!
//! It reads the environment and the CLI's files, and opens nothing; a test
//! gives it values and a temporary folder. What it finds is for `connect`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::connect::{Certs, Endpoint};

mod cure;
mod host;

pub use cure::{Cure, Os, Remedy, SshProblem, System, Trouble, diagnose};
pub use host::HostProblem;

/// The name that stands for "no context" in the CLI's files.
const DEFAULT_CONTEXT: &str = "default";

/// An engine's endpoint and who chose it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Where it should listen.
    pub endpoint: Endpoint,
    /// Who says so.
    pub because: Because,
}

/// Who chose the engine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Because {
    /// `--docker HOST`
    Option,
    /// `--docker CONTEXT`
    OptionContext(String),
    /// `DOCKER_HOST`
    DockerHost,
    /// `DOCKER_CONTEXT`
    DockerContext(String),
    /// The current context in the CLI's `config.json`.
    CurrentContext(String),
    /// Nothing was set, and the default socket is there.
    DefaultSocket,
    /// Nothing was set, the default socket is not there or not for us, and a
    /// rootless engine's is.
    RootlessSocket,
    /// The same with Docker Desktop's socket in the home folder.
    DesktopSocket,
}

/// Why no endpoint could be named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FindError {
    /// There is no such context.
    NoContext {
        /// Its name.
        name: String,
        /// Who asked for it.
        because: Because,
        /// Those that there are.
        known: Vec<String>,
    },
    /// A file of the CLI cannot be read or understood.
    BadFile {
        /// Which.
        path: PathBuf,
        /// Why.
        cause: String,
    },
    /// A context without a Docker endpoint.
    NoEndpoint {
        /// The context.
        name: String,
    },
    /// An address that is none.
    BadHost {
        /// As given.
        host: String,
        /// Who gave it.
        because: Because,
        /// What is wrong with it.
        problem: HostProblem,
    },
    /// Nothing was set, and none of the usual sockets is there.
    NoSocket {
        /// Where we looked.
        looked: Vec<PathBuf>,
    },
}

/// All that the search depends on.
#[derive(Clone, Debug)]
pub struct Environment {
    /// `--docker`: an address or the name of a context.
    pub option: Option<String>,
    /// Environment variables.
    pub vars: BTreeMap<String, String>,
    /// The home folder.
    pub home: Option<PathBuf>,
    /// `/var/run/docker.sock`, but for tests.
    pub default_socket: PathBuf,
}

impl Environment {
    /// This process's.
    pub fn of_process(option: Option<String>) -> Environment {
        Environment {
            option,
            // A variable that is no text cannot be one of those that we read.
            vars: std::env::vars_os()
                .filter_map(|(k, v)| Some((k.into_string().ok()?, v.into_string().ok()?)))
                .collect(),
            home: std::env::home_dir(),
            default_socket: PathBuf::from(host::DEFAULT_SOCKET),
        }
    }

    /// A variable that is set to something: the CLI takes an empty one as unset.
    fn var(&self, name: &str) -> Option<&str> {
        self.vars
            .get(name)
            .map(String::as_str)
            .filter(|v| !v.is_empty())
    }

    /// The CLI's own folder.
    fn config_dir(&self) -> Option<PathBuf> {
        match self.var("DOCKER_CONFIG") {
            Some(dir) => Some(PathBuf::from(dir)),
            None => Some(self.home.as_ref()?.join(".docker")),
        }
    }
}

/// The engine that the docker CLI would use here. Its order: an option,
/// `DOCKER_HOST` (which wins over `DOCKER_CONTEXT`), `DOCKER_CONTEXT`, the current
/// context, the default socket; ours adds the sockets that are used where no
/// default one is.
pub fn find(environment: &Environment) -> Result<Found, FindError> {
    if let Some(option) = environment.option.as_deref() {
        return match host::looks_like_host(option) {
            true => at_host(environment, option, Because::Option),
            false => in_context(environment, option, Because::OptionContext),
        };
    }
    if let Some(host) = environment.var("DOCKER_HOST") {
        return at_host(environment, host, Because::DockerHost);
    }
    if let Some(name) = environment.var("DOCKER_CONTEXT") {
        return in_context(environment, name, Because::DockerContext);
    }
    match current_context(environment) {
        Some(name) => in_context(environment, &name, Because::CurrentContext),
        None => usual_socket(environment),
    }
}

fn at_host(environment: &Environment, host: &str, because: Because) -> Result<Found, FindError> {
    let certs = tls_of_environment(environment);
    match host::parse(host, certs) {
        Ok(endpoint) => Ok(Found { endpoint, because }),
        Err(problem) => Err(FindError::BadHost {
            host: host.to_owned(),
            because,
            problem,
        }),
    }
}

/// `DOCKER_TLS_VERIFY` and `DOCKER_TLS` ask for TLS; `DOCKER_CERT_PATH` says
/// where the files are, of which any may be missing.
fn tls_of_environment(environment: &Environment) -> Option<Certs> {
    let verify = environment.var("DOCKER_TLS_VERIFY").is_some();
    if !verify && environment.var("DOCKER_TLS").is_none() {
        return None;
    }
    let dir = match environment.var("DOCKER_CERT_PATH") {
        Some(dir) => Some(PathBuf::from(dir)),
        None => environment.config_dir(),
    };
    Some(match dir {
        Some(dir) => certs_in(&dir, verify),
        None => Certs {
            verify,
            ..Certs::default()
        },
    })
}

fn certs_in(dir: &Path, verify: bool) -> Certs {
    let file = |name: &str| Some(dir.join(name)).filter(|path| path.exists());
    Certs {
        ca: file("ca.pem"),
        cert: file("cert.pem"),
        key: file("key.pem"),
        verify,
    }
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct CliConfig {
    #[serde(default)]
    current_context: String,
}

fn current_context(environment: &Environment) -> Option<String> {
    let path = environment.config_dir()?.join("config.json");
    if !path.exists() {
        return None;
    }
    // The CLI warns of one that it can't read (root's own, after `sudo docker
    // login`; torn) and goes on without.
    let config: CliConfig = match read_json(&path) {
        Ok(config) => config,
        Err(error) => {
            tracing::warn!(?error, "the docker CLI's settings are left out");
            return None;
        }
    };
    Some(config.current_context).filter(|name| !name.is_empty() && name != DEFAULT_CONTEXT)
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ContextMeta {
    name: String,
    #[serde(default)]
    endpoints: BTreeMap<String, ContextEndpoint>,
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ContextEndpoint {
    #[serde(default)]
    host: String,
    #[serde(default, rename = "SkipTLSVerify")]
    skip_tls_verify: bool,
}

fn in_context(
    environment: &Environment,
    name: &str,
    because: impl Fn(String) -> Because,
) -> Result<Found, FindError> {
    if name == DEFAULT_CONTEXT {
        // The environment's engine; `DOCKER_HOST` is part of it.
        return match environment.var("DOCKER_HOST") {
            Some(host) => at_host(environment, host, Because::DockerHost),
            None => usual_socket(environment),
        };
    }
    let because = because(name.to_owned());
    let contexts = environment.config_dir().map(|d| d.join("contexts"));
    // The CLI names the folders by the digest of the context's name.
    let id = super::image::digest::hex(name.as_bytes());
    let known = contexts
        .as_ref()
        .map(|dir| dir.join("meta").join(&id).join("meta.json"))
        .filter(|path| path.exists());
    let (Some(contexts), Some(path)) = (&contexts, known) else {
        return Err(FindError::NoContext {
            name: name.to_owned(),
            because,
            known: contexts.map(|dir| names(&dir)).unwrap_or_default(),
        });
    };
    let mut meta: ContextMeta = read_json(&path)?;
    let Some(endpoint) = meta.endpoints.remove("docker") else {
        return Err(FindError::NoEndpoint {
            name: name.to_owned(),
        });
    };
    let tls = contexts.join("tls").join(&id).join("docker");
    let certs = match tls.is_dir() || endpoint.skip_tls_verify {
        true => Some(certs_in(&tls, !endpoint.skip_tls_verify)),
        false => None,
    };
    match host::parse(&endpoint.host, certs) {
        Ok(endpoint) => Ok(Found { endpoint, because }),
        Err(problem) => Err(FindError::BadHost {
            host: endpoint.host,
            because,
            problem,
        }),
    }
}

/// The contexts that there are, for the sentence that misses one.
fn names(contexts: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(contexts.join("meta"))
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| read_json::<ContextMeta>(&entry.path().join("meta.json")).ok())
        .map(|meta| meta.name)
        .collect();
    names.push(DEFAULT_CONTEXT.to_owned());
    names.sort();
    names
}

fn usual_socket(environment: &Environment) -> Result<Found, FindError> {
    let mut sockets = vec![(environment.default_socket.clone(), Because::DefaultSocket)];
    if let Some(dir) = environment.var("XDG_RUNTIME_DIR") {
        sockets.push((Path::new(dir).join("docker.sock"), Because::RootlessSocket));
    }
    if let Some(home) = &environment.home {
        for folder in ["run", "desktop"] {
            let path = home.join(".docker").join(folder).join("docker.sock");
            sockets.push((path, Because::DesktopSocket));
        }
    }
    // One that we may use, or else one that is there: its refusal tells more.
    let choice = sockets
        .iter()
        .find(|(path, _)| usable(path))
        .or_else(|| sockets.iter().find(|(path, _)| path.exists()));
    match choice {
        Some((path, because)) => Ok(Found {
            endpoint: Endpoint::Unix(path.clone()),
            because: because.clone(),
        }),
        None => Err(FindError::NoSocket {
            looked: sockets.into_iter().map(|(path, _)| path).collect(),
        }),
    }
}

fn usable(path: &Path) -> bool {
    use rustix::fs::{Access, access};
    access(path, Access::READ_OK | Access::WRITE_OK).is_ok()
}

fn read_json<T: serde::de::DeserializeOwned>(path: &Path) -> Result<T, FindError> {
    let bad = |cause: String| FindError::BadFile {
        path: path.to_owned(),
        cause,
    };
    let bytes = std::fs::read(path).map_err(|error| bad(error.to_string()))?;
    serde_json::from_slice(&bytes).map_err(|error| bad(error.to_string()))
}

#[cfg(test)]
mod tests;
