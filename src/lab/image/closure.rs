//! What a program needs to run in an image of its own: the libraries that the
//! loader would load for it here.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::ImageError;
use super::archive::Layer;

/// The libraries and loaders of `programs`, by the names that will be asked
/// for; none for static ones. Runs `ldd`, and so these programs' loader: for
/// programs of this machine only.
pub fn libraries(programs: &[PathBuf]) -> Result<BTreeSet<PathBuf>, ImageError> {
    if programs.is_empty() {
        return Ok(BTreeSet::new());
    }
    let output = Command::new("ldd")
        .args(programs)
        // Its words are read.
        .env("LC_ALL", "C")
        .output()
        .map_err(|error| ImageError::Ldd(error.to_string()))?;
    // It fails when one of them is static, which is no failure for us.
    let said = String::from_utf8_lossy(&output.stdout);
    if programs.len() > 1 && said.starts_with(['\t', ' ']) {
        // musl's ldd takes one program and hands it the rest.
        let mut all = BTreeSet::new();
        for program in programs {
            all.extend(libraries(std::slice::from_ref(program))?);
        }
        return Ok(all);
    }
    let found = parse(&said);
    if !found.missing.is_empty() {
        return Err(ImageError::MissingLibraries(found.missing));
    }
    if said.trim().is_empty() && !output.status.success() {
        let cause = String::from_utf8_lossy(&output.stderr);
        // Of a single program, "not a dynamic executable" is all that it says.
        if !cause.contains("not a dynamic executable") && !cause.contains("Not a valid dynamic") {
            return Err(ImageError::Ldd(cause.trim().to_owned()));
        }
    }
    Ok(found.libraries)
}

/// Puts libraries where the loader will look. The layer's links (`lib` to
/// `usr/lib`) must be in it before.
pub fn add(layer: &mut Layer, libraries: &BTreeSet<PathBuf>) {
    for library in libraries {
        if let Some(path) = library.to_str() {
            layer.file(path, library, 0o755);
        }
    }
}

/// Whether `program` runs by itself, without a loader and libraries.
pub fn is_static(program: &Path) -> Result<bool, ImageError> {
    Ok(libraries(&[program.to_owned()])?.is_empty())
}

#[derive(Debug, Default, PartialEq, Eq)]
struct Listed {
    libraries: BTreeSet<PathBuf>,
    missing: Vec<String>,
}

fn parse(said: &str) -> Listed {
    let mut listed = Listed::default();
    for line in said.lines() {
        // Before a program's libraries stands its name, at the line's begin.
        if !line.starts_with(['\t', ' ']) {
            continue;
        }
        let line = line.trim();
        let (name, path) = match line.split_once(" => ") {
            Some((name, path)) => (name, path),
            None => (line, line),
        };
        if path == "not found" {
            listed.missing.push(name.to_owned());
            continue;
        }
        // `linux-vdso.so.1 (0x...)` is no file, `/lib64/ld-linux... (0x...)` is one.
        let path = match path.rsplit_once(" (0x") {
            Some((path, _)) => path,
            None => path,
        };
        if path.starts_with('/') {
            listed.libraries.insert(PathBuf::from(path));
            // A loader that is asked for under another name than it is found by.
            if name.starts_with('/') {
                let name = name.split(" (0x").next().unwrap_or(name);
                listed.libraries.insert(PathBuf::from(name));
            }
        }
    }
    listed
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn paths(listed: &Listed) -> Vec<&str> {
        listed
            .libraries
            .iter()
            .map(|p| p.to_str().unwrap())
            .collect()
    }

    #[test]
    fn what_ldd_says_of_several() {
        let listed = parse(
            "/usr/bin/ls:\n\
             \tlinux-vdso.so.1 (0x00007ffd)\n\
             \tlibc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x00007f50)\n\
             \t/lib64/ld-linux-x86-64.so.2 (0x00007f51)\n\
             /usr/local/bin/docker:\n\
             \tnot a dynamic executable\n\
             /usr/bin/tini-static:\n\
             \tstatically linked\n",
        );
        assert_eq!(
            paths(&listed),
            [
                "/lib/x86_64-linux-gnu/libc.so.6",
                "/lib64/ld-linux-x86-64.so.2"
            ]
        );
        assert_eq!(listed.missing, Vec::<String>::new());
    }

    #[test]
    fn what_musl_says_and_what_is_not_there() {
        let listed = parse(
            "\t/lib/ld-musl-x86_64.so.1 (0x7f1)\n\
             \tlibz.so.1 => not found\n\
             \tlibc.musl-x86_64.so.1 => /lib/ld-musl-x86_64.so.1 (0x7f1)\n\
             \t/lib64/ld-linux-x86-64.so.2 => /usr/lib64/ld-linux-x86-64.so.2 (0x7f2)\n",
        );
        assert_eq!(
            paths(&listed),
            [
                "/lib/ld-musl-x86_64.so.1",
                "/lib64/ld-linux-x86-64.so.2",
                "/usr/lib64/ld-linux-x86-64.so.2"
            ]
        );
        assert_eq!(listed.missing, ["libz.so.1"]);
    }

    #[test]
    fn a_program_of_this_machine_has_its_libc() {
        if cfg!(target_env = "gnu") && Path::new("/usr/bin/ldd").exists() {
            let exe = std::env::current_exe().unwrap();
            let found = libraries(std::slice::from_ref(&exe)).unwrap();
            assert!(found.iter().any(|p| p.ends_with("libc.so.6")), "{found:?}");
            assert!(found.iter().all(|p| p.exists()), "{found:?}");
            assert!(!is_static(&exe).unwrap());
        }
    }
}
