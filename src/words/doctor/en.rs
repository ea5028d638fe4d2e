//! In English.

use super::super::{Lang, bundle, engine, lab};
use super::{listed, mb, named, things};
use crate::doctor::{Finding, Folder, IpVs, LangFrom, Level, Root};
use crate::lab::{LabError, Stocked};
use crate::progress::Why;

const LANG: Lang = Lang::En;

pub(super) fn says(finding: &Finding) -> String {
    match finding {
        Finding::Engine { found, survey } => format!(
            "Docker Engine {} at {}, API {}, {}/{}.",
            survey.version,
            engine::found(found, LANG),
            survey.api,
            survey.os,
            survey.arch,
        ),
        Finding::NoEngine(trouble, _) => engine::trouble(trouble, LANG),
        Finding::EngineFails(error) => lab::error(LANG, error),
        Finding::OldApi(api) => {
            format!(
                "The engine's API is {api}; labs were tried with 1.41 (Docker 20.10) and later."
            )
        }
        Finding::Storage {
            driver,
            slow: false,
        } => format!("Storage driver {driver}."),
        Finding::Storage { driver, slow: true } => format!(
            "The storage driver {driver} copies every file of every image: labs are slow here and take much space."
        ),
        Finding::Cgroup(version, driver) => format!("Control groups v{version} ({driver})."),
        Finding::Security(kept) if kept.is_empty() => {
            "No seccomp, AppArmor or SELinux for containers.".to_owned()
        }
        Finding::Security(kept) => format!(
            "Security: {}. Nodes run without these filters; a lab is not a sandbox.",
            listed(kept)
        ),
        Finding::Confined { rootless, ran } => {
            let what = match rootless {
                true => "This Docker runs rootless",
                false => "This Docker maps the users of containers (userns-remap)",
            };
            match ran {
                true => format!("{what}, and a node ran all the same."),
                false => format!("{what}; many such engines can't run nodes."),
            }
        }
        Finding::NodeRuns(seconds) => {
            format!("A throw-away node came up in {seconds:.1} s and was removed.")
        }
        Finding::NodeFails { error, cause: None } => {
            format!("A throw-away node did not come up. {}", last_words(error))
        }
        Finding::NodeFails {
            error,
            cause: Some((trouble, _)),
        } => format!("{} {}", engine::trouble(trouble, LANG), last_words(error)),
        Finding::NodeNotTried(_) => {
            "No throw-away node was tried: its image is not here yet.".to_owned()
        }
        Finding::NodeStopped => {
            "The throw-away node was interrupted; nothing is left of it.".to_owned()
        }
        Finding::Unconfined => {
            "The engine runs as root and maps no users, as nodes need it.".to_owned()
        }
        Finding::Image(stock) => {
            format!(
                "Image {}: {}.",
                stock.image,
                bundle::stocked(LANG, &stock.stocked)
            )
        }
        Finding::Registry {
            registry,
            silent: None,
            ..
        } => format!("{} answers.", named(registry)),
        Finding::Registry {
            silent: Some(_),
            needed: false,
            ..
        } => "No registry in reach, and none is needed.".to_owned(),
        Finding::Registry {
            registry,
            silent: Some(why),
            needed: true,
        } => format!("{} does not answer: {why}.", named(registry)),
        Finding::Mesh {
            ip_vs: Some(IpVs::Loaded),
            ..
        } => "The kernel has IP_VS: the routing mesh works.".to_owned(),
        Finding::Mesh {
            ip_vs: Some(IpVs::Loadable),
            ..
        } => "The kernel loads IP_VS when the first port is published: the routing mesh works."
            .to_owned(),
        Finding::Mesh {
            ip_vs: Some(IpVs::Missing),
            lessons,
            ..
        } => {
            let so = "The kernel has no IP_VS, so published ports of services (the routing mesh) don't answer here.";
            match lessons.is_empty() {
                true => format!("{so} No lesson needs them."),
                false => format!("{so} It shows in: {}.", listed(lessons)),
            }
        }
        Finding::Mesh { ip_vs: None, .. } => {
            "Whether the routing mesh works is known once a lab has published a port.".to_owned()
        }
        Finding::Memory { have, need, never } => {
            let of = if *never { "in all" } else { "free" };
            format!(
                "Memory: {} {of}; a lab takes about {}.",
                mb(*have),
                mb(*need)
            )
        }
        Finding::Disk { have, need, root } => format!(
            "Disk: {} free at {}; a lab takes about {}.",
            mb(*have),
            root.display(),
            mb(*need)
        ),
        Finding::PortsFree(ports) => format!("Free ports of the course: {}.", listed(ports)),
        Finding::PortsTaken(ports) => {
            let ports: Vec<String> = ports
                .iter()
                .map(|(port, service)| format!("{port} ({service})"))
                .collect();
            format!("Ports taken, so published at others: {}.", listed(&ports))
        }
        Finding::Subnet(net) => format!("Network of the lab: {net}."),
        Finding::NoSubnet => {
            "No /24 network is free: every range overlaps a network or route of this host."
                .to_owned()
        }
        Finding::Proxy(names) => {
            format!("A proxy is set ({}).", listed(names))
        }
        Finding::DockerCli(true) => {
            "There is a `docker` command; swarmlings does not need it.".to_owned()
        }
        Finding::DockerCli(false) => "There is no `docker` command, and none is needed.".to_owned(),
        Finding::Leftover {
            lab,
            containers,
            networks,
        } => format!(
            "The lab `{lab}` left {} behind; its folder is gone.",
            things(*containers, *networks)
        ),
        Finding::OldImages(images) => {
            let size = images.iter().map(|image| image.size).sum();
            let names: Vec<&str> = images.iter().map(|image| image.name.as_str()).collect();
            format!(
                "Images of an older version, {}: {}.",
                mb(size),
                listed(&names)
            )
        }
        Finding::Terminal(terminal) if !terminal.interactive => {
            "Not a terminal: output is plain.".to_owned()
        }
        Finding::Terminal(terminal) => format!(
            "Terminal: {} columns, {}, {}.",
            terminal.width,
            if terminal.colour {
                "colours"
            } else {
                "no colours"
            },
            if terminal.unicode {
                "UTF-8"
            } else {
                "ASCII signs only"
            },
        ),
        Finding::Language(lang, from, locale) => {
            let lang = match lang {
                Lang::En => "English",
                Lang::Ko => "Korean",
            };
            match (from, locale) {
                (LangFrom::CommandLine, _) => format!("Language: {lang} (`--lang`)."),
                (LangFrom::Settings, _) => format!("Language: {lang} (your settings)."),
                (LangFrom::Locale, Some(locale)) => format!("Language: {lang} (locale {locale})."),
                (LangFrom::Locale, None) => format!("Language: {lang} (no locale is set)."),
            }
        }
        Finding::Folder(folder, path, None) => {
            format!(
                "{} can be written: {}.",
                folder_name(*folder),
                path.display()
            )
        }
        Finding::Folder(folder, path, Some(why)) => format!(
            "{} can't be written: {}: {}.",
            folder_name(*folder),
            path.display(),
            because(why)
        ),
    }
}

pub(super) fn cure(finding: &Finding) -> Option<String> {
    let text = match finding {
        Finding::NoEngine(_, cure)
        | Finding::NodeFails {
            cause: Some((_, cure)),
            ..
        } => engine::remedy(&cure.remedy, LANG),
        Finding::NodeFails { cause: None, .. } => "On some hosts nodes need all rights:",
        _ if finding.level() == Level::Ok => return None,
        Finding::OldApi(_) => "Update Docker if a lab does not come up.",
        Finding::Storage { .. } => {
            "overlay2 is the usual driver; `docker info` and the engine's log say why it was not taken."
        }
        Finding::Confined { .. } => "If the nodes don't come up, use an engine without it.",
        Finding::NodeNotTried(true) => "Fetch the image and try:",
        Finding::NodeNotTried(false) => "It is tried once the image is here; see above.",
        Finding::NodeStopped => "Try again:",
        Finding::Image(stock) => match &stock.stocked {
            Stocked::Pullable => "It is pulled when the lab is first started, or now:",
            _ if stock.node => {
                "On a machine with network, `swarmlings images save FILE`; here, `swarmlings images load FILE`. Or name an image that is here with `--node-image`."
            }
            _ => {
                "Lessons that need it are skipped. `swarmlings images load FILE` brings it from a machine that has it."
            }
        },
        Finding::Registry { .. } => {
            "Check the network and the engine's proxy, or bring the images in a file: `swarmlings images load FILE`."
        }
        Finding::Mesh {
            root: Root::InVain, ..
        } => {
            "There the program asks the tasks themselves, and says so. The module can't be loaded: it is not installed for this kernel, or was left out of it."
        }
        Finding::Mesh { .. } => {
            "There the program asks the tasks themselves, and says so. The kernel module may be installed and not loaded:"
        }
        Finding::Memory { never: true, .. } => {
            "Give Docker more memory (Docker Desktop: Settings > Resources)."
        }
        Finding::Memory { never: false, .. } => {
            "Close something large, or expect the lab to be slow."
        }
        Finding::Disk { .. } => "Free some space; Docker shows and removes what it does not use:",
        Finding::PortsTaken(_) => {
            "To have them at the usual places, end what listens there, such as another lab:"
        }
        Finding::NoSubnet => "Remove networks that nothing uses:",
        Finding::Proxy(_) => "The engine pulls images by its own proxy settings; nodes use none.",
        Finding::Leftover { .. } => "Nothing uses them any more. Remove them:",
        Finding::OldImages(_) => "Nothing uses them any more. Remove them:",
        Finding::Terminal(terminal) if !terminal.unicode => {
            "Set a UTF-8 locale, e.g. LANG=C.UTF-8."
        }
        Finding::Terminal(_) => "Docker's tables need 80 columns and more.",
        Finding::Folder(Folder::State, ..) => {
            "Mend its permissions, or set XDG_STATE_HOME to a folder of yours. Without it no lab can be made and nothing is remembered."
        }
        Finding::Folder(Folder::Config, ..) => {
            "Mend its permissions, or set XDG_CONFIG_HOME to a folder of yours. Only settings are lost."
        }
        Finding::Folder(Folder::Cache, ..) => {
            "Mend its permissions, or set XDG_CACHE_HOME to a folder of yours. Images that are made or copied lie there."
        }
        Finding::Engine { .. }
        | Finding::EngineFails(_)
        | Finding::Cgroup(..)
        | Finding::Security(_)
        | Finding::NodeRuns(_)
        | Finding::Unconfined
        | Finding::PortsFree(_)
        | Finding::Subnet(_)
        | Finding::DockerCli(_)
        | Finding::Language(..) => return None,
    };
    Some(text.to_owned())
}

fn last_words(error: &LabError) -> String {
    match error {
        LabError::NotUp { log, .. } => format!("Its engine's last words:\n{log}"),
        other => lab::error(LANG, other),
    }
}

fn folder_name(folder: Folder) -> &'static str {
    match folder {
        Folder::State => "The folder of progress",
        Folder::Config => "The folder of settings",
        Folder::Cache => "The folder of images",
    }
}

fn because(why: &Why) -> &str {
    match why {
        Why::Permission => "no permission",
        Why::ReadOnly => "a read-only file system",
        Why::Full => "no space left",
        Why::NotAFolder => "a file is in the way",
        Why::Other(text) => text,
    }
}
