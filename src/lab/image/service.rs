//! Small images of services, made of this program itself or of a registry that
//! this machine has. They say what they stand in for, in a label.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::archive::{Config, Healthcheck, Image, Layer};
use super::{ImageError, STAND_IN, closure};

/// The stand-in of this image is `echo` without arguments.
pub const HTTP_ECHO: &str = "hashicorp/http-echo";

/// Where the stand-in for it answers, as the original does.
pub const ECHO_PORT: u16 = 5678;

/// An image of a service that answers HTTP on port 5678 with a text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Echo {
    /// `REPOSITORY:TAG`.
    pub tag: String,
    /// Arguments of `swarmlings echo` that every container gets, before its own.
    pub arguments: Vec<String>,
    /// The image that it stands in for.
    pub stand_in: Option<String>,
    /// The image has a health check of its own.
    pub healthcheck: bool,
}

impl Echo {
    /// The stand-in for `hashicorp/http-echo` under the name that was asked for.
    pub fn stand_in(tag: &str) -> Echo {
        Echo {
            tag: tag.to_owned(),
            stand_in: Some(HTTP_ECHO.to_owned()),
            ..Echo::default()
        }
    }

    /// An image of ours, e.g. `swarmlings/web:2` answering `text`.
    pub fn saying(tag: &str, text: &str) -> Echo {
        Echo {
            tag: tag.to_owned(),
            arguments: vec!["-text".to_owned(), text.to_owned()],
            ..Echo::default()
        }
    }

    /// An image whose service ends as soon as it starts.
    pub fn failing(tag: &str, message: &str) -> Echo {
        Echo {
            tag: tag.to_owned(),
            arguments: vec!["-fail".to_owned(), message.to_owned()],
            ..Echo::default()
        }
    }
}

/// The image, to be written by `archive::write`. `own` is this program's file.
pub fn echo(echo: &Echo, own: &Path) -> Result<Image, ImageError> {
    let mut layer = Layer::default();
    skeleton(&mut layer);
    add_program(&mut layer, PROGRAM, own)?;
    let mut entrypoint = vec![PROGRAM.to_owned(), "echo".to_owned()];
    entrypoint.extend(echo.arguments.iter().cloned());
    Ok(Image {
        layer,
        config: Config {
            env: vec!["PATH=/usr/local/bin:/usr/bin:/bin".to_owned()],
            entrypoint,
            exposed_ports: BTreeSet::from([format!("{ECHO_PORT}/tcp")]),
            labels: echo
                .stand_in
                .iter()
                .map(|name| (STAND_IN.to_owned(), name.clone()))
                .collect(),
            healthcheck: echo.healthcheck.then(healthcheck),
            working_dir: Some("/".to_owned()),
            ..Config::default()
        },
        tags: vec![echo.tag.clone()],
    })
}

/// A registry from this machine's `docker-registry`, as `registry:2` is used:
/// port 5000, its data in `/var/lib/registry`, the config file as argument.
pub fn registry(program: &Path, tag: &str) -> Result<Image, ImageError> {
    let mut layer = Layer::default();
    skeleton(&mut layer);
    add_program(&mut layer, "/bin/registry", program)?;
    layer.bytes(REGISTRY_CONFIG_PATH, REGISTRY_CONFIG, 0o644);
    layer.folder("/var/lib/registry", 0o755);
    Ok(Image {
        layer,
        config: Config {
            env: vec!["PATH=/usr/local/bin:/usr/bin:/bin".to_owned()],
            entrypoint: vec!["/bin/registry".to_owned(), "serve".to_owned()],
            cmd: vec![REGISTRY_CONFIG_PATH.to_owned()],
            volumes: BTreeSet::from(["/var/lib/registry".to_owned()]),
            exposed_ports: BTreeSet::from(["5000/tcp".to_owned()]),
            labels: BTreeMap::from([(STAND_IN.to_owned(), "registry".to_owned())]),
            working_dir: Some("/".to_owned()),
            ..Config::default()
        },
        tags: vec![tag.to_owned()],
    })
}

/// This machine's registry (Debian's package `docker-registry`).
pub fn registry_program() -> Result<PathBuf, ImageError> {
    ["/usr/bin/docker-registry", "/usr/local/bin/docker-registry"]
        .iter()
        .find_map(|path| std::fs::canonicalize(path).ok())
        .ok_or_else(|| ImageError::Missing(vec!["docker-registry".to_owned()]))
}

const PROGRAM: &str = "/swarmlings";

const REGISTRY_CONFIG_PATH: &str = "/etc/docker/registry/config.yml";

const REGISTRY_CONFIG: &str = "\
version: 0.1
log:
  level: info
storage:
  filesystem:
    rootdirectory: /var/lib/registry
  delete:
    enabled: true
http:
  addr: 0.0.0.0:5000
";

const SECOND: u64 = 1_000_000_000;

fn healthcheck() -> Healthcheck {
    let url = format!("http://127.0.0.1:{ECHO_PORT}/health");
    let test = ["CMD", PROGRAM, "wget", "-q", "-T", "2", "-O", "/dev/null"];
    Healthcheck {
        test: test.iter().map(|s| (*s).to_owned()).chain([url]).collect(),
        interval: SECOND,
        timeout: 3 * SECOND,
        retries: 3,
    }
}

fn skeleton(layer: &mut Layer) {
    for folder in [
        "dev",
        "etc",
        "proc",
        "sys",
        "usr/bin",
        "usr/lib",
        "usr/lib64",
    ] {
        layer.folder(folder, 0o755);
    }
    layer.folder("tmp", 0o1777);
    for (link, to) in [
        ("bin", "usr/bin"),
        ("lib", "usr/lib"),
        ("lib64", "usr/lib64"),
    ] {
        layer.link(link, to);
    }
    layer.bytes("etc/passwd", "root:x:0:0:root:/:/bin/false\n", 0o644);
    layer.bytes("etc/group", "root:x:0:\n", 0o644);
    layer.bytes("etc/nsswitch.conf", "hosts: files dns\n", 0o644);
}

fn add_program(layer: &mut Layer, to: &str, program: &Path) -> Result<(), ImageError> {
    layer.file(to, program, 0o755);
    let libraries = closure::libraries(&[program.to_owned()])?;
    closure::add(layer, &libraries);
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn a_stand_in_says_so_and_one_of_ours_does_not() {
        let own = std::env::current_exe().unwrap();
        let image = echo(&Echo::stand_in("hashicorp/http-echo:latest"), &own).unwrap();
        assert_eq!(image.config.labels[STAND_IN], HTTP_ECHO);
        assert_eq!(image.config.entrypoint, ["/swarmlings", "echo"]);
        assert!(image.layer.has("swarmlings"));
        assert!(!image.layer.paths().any(|path| path.starts_with("lib/")));

        let web = Echo {
            healthcheck: true,
            ..Echo::saying("swarmlings/web:2", "version 2")
        };
        let image = echo(&web, &own).unwrap();
        assert!(image.config.labels.is_empty());
        assert_eq!(image.config.entrypoint[2..], ["-text", "version 2"]);
        assert_eq!(image.config.healthcheck.unwrap().test[0], "CMD");
    }
}
