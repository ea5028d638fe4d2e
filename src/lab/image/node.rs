//! A node image with no registry: this machine's own engine, its libraries and
//! the few tools that a learner expects in a shell.
//!
//! It runs without `--privileged`: the default capabilities with NET_ADMIN and
//! SYS_ADMIN, seccomp and AppArmor unconfined, no masked paths.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::archive::{Config, Image, Layer};
use super::{ImageError, closure};

/// What a node's container runs before its engine, also one of a `docker:dind`
/// image: entrypoint `sh -c ENTRYPOINT node`, then the command (`COMMAND`).
pub const ENTRYPOINT: &str = include_str!("entrypoint.sh");

/// The engine, on its Unix socket alone.
pub const COMMAND: [&str; 2] = ["dockerd", "--host=unix:///var/run/docker.sock"];

/// Programs without which there is no node.
const NEEDED: [&str; 13] = [
    "docker",
    "dockerd",
    "containerd",
    "containerd-shim-runc-v2",
    "runc",
    "docker-proxy",
    "iptables",
    "sh",
    "mount",
    "mkdir",
    "rm",
    "cat",
    "sleep",
];

/// What a learner may type in a node, as far as this machine has it.
const WELCOME: [&str; 58] = [
    "awk",
    "base64",
    "basename",
    "bash",
    "clear",
    "cp",
    "curl",
    "cut",
    "date",
    "dd",
    "df",
    "dirname",
    "docker-init",
    "du",
    "env",
    "expr",
    "false",
    "find",
    "free",
    "getent",
    "grep",
    "head",
    "hostname",
    "id",
    "ip",
    "kill",
    "less",
    "ln",
    "ls",
    "more",
    "mv",
    "nproc",
    "nsenter",
    "ping",
    "printf",
    "ps",
    "pwd",
    "sed",
    "seq",
    "sha256sum",
    "sort",
    "ss",
    "stat",
    "stty",
    "tail",
    "tar",
    "tee",
    "test",
    "timeout",
    "top",
    "touch",
    "tr",
    "true",
    "umount",
    "uname",
    "wc",
    "wget",
    "xargs",
];

/// Names under which the packet filter is called.
const IPTABLES: [&str; 6] = [
    "iptables",
    "iptables-save",
    "iptables-restore",
    "ip6tables",
    "ip6tables-save",
    "ip6tables-restore",
];

/// Folders where programs lie, behind those of `PATH`: a user's has no sbin,
/// and distributions hide docker-proxy and docker-init.
const FOLDERS: [&str; 10] = [
    "/usr/local/sbin",
    "/usr/local/bin",
    "/usr/sbin",
    "/usr/bin",
    "/sbin",
    "/bin",
    "/usr/libexec/docker",
    "/usr/local/libexec/docker",
    "/usr/lib/docker",
    "/usr/local/lib/docker",
];

/// What terminals a learner may sit at, for a shell's line editing.
const TERMINALS: [&str; 12] = [
    "a/alacritty",
    "a/ansi",
    "d/dumb",
    "l/linux",
    "s/screen",
    "s/screen-256color",
    "t/tmux",
    "t/tmux-256color",
    "v/vt100",
    "x/xterm",
    "x/xterm-256color",
    "x/xterm-kitty",
];

/// Where this machine's programs are looked for.
#[derive(Clone, Debug)]
pub struct Host {
    folders: Vec<PathBuf>,
    /// Our own program: serves as `wget` where there is none.
    own: PathBuf,
}

impl Host {
    /// This machine. `own` is this program's file.
    pub fn of_machine(own: PathBuf) -> Host {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let mut folders: Vec<PathBuf> = std::env::split_paths(&path)
            .filter(|folder| folder.is_absolute())
            .collect();
        folders.extend(FOLDERS.map(PathBuf::from));
        Host { folders, own }
    }

    /// The file behind a program's name, links followed.
    fn find(&self, name: &str) -> Option<PathBuf> {
        self.folders
            .iter()
            .filter_map(|folder| std::fs::canonicalize(folder.join(name)).ok())
            .find(|file| is_program(file))
    }

    /// The programs of `NEEDED` that are not here. Empty: an image can be made.
    pub fn missing(&self) -> Vec<String> {
        NEEDED
            .iter()
            .filter(|name| self.find(name).is_none())
            .map(|name| (*name).to_owned())
            .collect()
    }
}

fn is_program(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(file).is_ok_and(|f| f.is_file() && f.permissions().mode() & 0o111 != 0)
}

/// The image, to be written by `archive::write`. Runs `ldd` on this machine's programs.
pub fn assemble(host: &Host, tag: &str) -> Result<Image, ImageError> {
    let missing = host.missing();
    if !missing.is_empty() {
        return Err(ImageError::Missing(missing));
    }
    let mut layer = Layer::default();
    skeleton(&mut layer);
    let mut programs = tools(host, &mut layer);
    programs.extend(packet_filter(host, &mut layer));
    let shell = shell(host, &mut layer);
    let wget = match layer.has("usr/bin/wget") {
        true => None,
        // The program goes by the name it is called with.
        false => {
            layer.file("usr/bin/wget", &host.own, 0o755);
            Some(host.own.clone())
        }
    };
    programs.extend(wget);
    programs.sort();
    programs.dedup();
    let libraries = closure::libraries(&programs)?;
    closure::add(&mut layer, &libraries);
    closure::add(&mut layer, &resolver(&libraries));
    Ok(Image {
        layer,
        config: config(shell),
        tags: vec![tag.to_owned()],
    })
}

/// Everything that is no program.
fn skeleton(layer: &mut Layer) {
    layer.folder("usr/bin", 0o755);
    layer.folder("usr/lib", 0o755);
    layer.folder("usr/lib64", 0o755);
    for (link, to) in [
        ("bin", "usr/bin"),
        ("sbin", "usr/bin"),
        ("usr/sbin", "bin"),
        ("lib", "usr/lib"),
        ("lib64", "usr/lib64"),
        ("var/run", "/run"),
    ] {
        layer.link(link, to);
    }
    for folder in [
        "dev", "etc", "home", "proc", "run", "sys", "var/lib", "var/log",
    ] {
        layer.folder(folder, 0o755);
    }
    layer.folder("root", 0o700);
    layer.folder("tmp", 0o1777);
    layer.folder("var/tmp", 0o1777);
    layer.bytes(
        "etc/passwd",
        "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n",
        0o644,
    );
    layer.bytes(
        "etc/group",
        "root:x:0:\ndocker:x:998:\nnogroup:x:65534:\n",
        0o644,
    );
    layer.bytes(
        "etc/nsswitch.conf",
        "passwd: files\ngroup: files\nhosts: files dns\n",
        0o644,
    );
    layer.link("etc/mtab", "/proc/mounts");
    layer.bytes("usr/local/bin/node-entrypoint", script(), 0o755);
    for file in [
        "/etc/os-release",
        "/etc/ld.so.cache",
        "/etc/protocols",
        "/etc/services",
    ] {
        if Path::new(file).is_file() {
            layer.file(file, file, 0o644);
        }
    }
    for terminal in TERMINALS {
        for folder in ["/usr/share/terminfo", "/lib/terminfo", "/etc/terminfo"] {
            let source = Path::new(folder).join(terminal);
            if source.is_file() {
                layer.file(&format!("usr/share/terminfo/{terminal}"), source, 0o644);
            }
        }
    }
}

fn script() -> String {
    format!("#!/bin/sh\n{ENTRYPOINT}")
}

/// Puts the programs in and says which files they are. Two names of one file
/// (coreutils in one binary, busybox) become one file and links.
fn tools(host: &Host, layer: &mut Layer) -> Vec<PathBuf> {
    let mut names: BTreeMap<PathBuf, Vec<&str>> = BTreeMap::new();
    for name in NEEDED.iter().chain(&WELCOME) {
        if *name == "iptables" {
            continue;
        }
        if let Some(file) = host.find(name) {
            names.entry(file).or_default().push(name);
        }
    }
    for (file, names) in &names {
        let first = names[0];
        layer.file(&format!("usr/bin/{first}"), file, 0o755);
        for name in &names[1..] {
            layer.link(&format!("usr/bin/{name}"), first);
        }
    }
    names.into_keys().collect()
}

/// The packet filter as this machine's `iptables` is, and the other kind beside
/// it for a kernel that knows only that one.
fn packet_filter(host: &Host, layer: &mut Layer) -> Vec<PathBuf> {
    let mut programs = Vec::new();
    let default = host.find("iptables");
    if let Some(file) = &default {
        programs.push(add_filter(layer, "usr/bin", file));
    }
    for kind in ["legacy", "nft"] {
        if let Some(file) = host.find(&format!("iptables-{kind}"))
            && Some(&file) != default.as_ref()
        {
            let folder = format!("usr/local/sbin/.iptables-{kind}");
            programs.push(add_filter(layer, &folder, &file));
        }
    }
    for folder in std::fs::read_dir("/usr/lib")
        .into_iter()
        .flatten()
        .flatten()
    {
        plugins(layer, &folder.path().join("xtables"));
    }
    for folder in ["/usr/lib/xtables", "/usr/lib64/xtables", "/lib/xtables"] {
        plugins(layer, Path::new(folder));
    }
    programs
}

fn add_filter(layer: &mut Layer, folder: &str, file: &Path) -> PathBuf {
    let name = file
        .file_name()
        .and_then(|name| name.to_str())
        .unwrap_or("xtables-multi");
    layer.file(&format!("{folder}/{name}"), file, 0o755);
    for link in IPTABLES {
        if link != name {
            layer.link(&format!("{folder}/{link}"), name);
        }
    }
    file.to_owned()
}

fn plugins(layer: &mut Layer, folder: &Path) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if let Some(to) = path.to_str()
            && path.is_file()
        {
            layer.file(to, &path, 0o644);
        }
    }
}

/// A shell that can edit its line, where there is one: a learner's arrow keys
/// are worth more than a quick start.
fn shell(host: &Host, layer: &mut Layer) -> Shell {
    let (bash, sh) = (host.find("bash"), host.find("sh"));
    match (bash, sh) {
        (Some(bash), Some(sh)) if bash != sh => {
            layer.file("usr/bin/dash", sh, 0o755);
            layer.link("usr/bin/sh", "bash");
            Shell::Bash
        }
        (Some(_), _) => Shell::Bash,
        (None, _) => Shell::Plain,
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Shell {
    Bash,
    Plain,
}

/// Parts of the C library that it loads by itself, so that no `ldd` shows them:
/// names of hosts and users are resolved through them.
fn resolver(libraries: &BTreeSet<PathBuf>) -> BTreeSet<PathBuf> {
    let libc = libraries
        .iter()
        .find(|path| path.ends_with("libc.so.6"))
        .and_then(|path| path.parent());
    let Some(folder) = libc else {
        return BTreeSet::new();
    };
    ["libnss_files.so.2", "libnss_dns.so.2", "libresolv.so.2"]
        .iter()
        .map(|name| folder.join(name))
        .filter(|path| path.exists())
        .collect()
}

fn config(shell: Shell) -> Config {
    let mut env =
        vec!["PATH=/usr/local/sbin:/usr/local/bin:/usr/bin:/usr/sbin:/bin:/sbin".to_owned()];
    if shell == Shell::Bash {
        env.push(r"PS1=\h:\w\$ ".to_owned());
    }
    Config {
        env,
        entrypoint: vec!["/usr/local/bin/node-entrypoint".to_owned()],
        cmd: COMMAND.map(str::to_owned).to_vec(),
        volumes: BTreeSet::from(["/var/lib/docker".to_owned()]),
        labels: BTreeMap::from([(super::STAND_IN.to_owned(), "docker:dind".to_owned())]),
        working_dir: Some("/".to_owned()),
        ..Config::default()
    }
}

#[cfg(test)]
mod tests;
