#![allow(clippy::unwrap_used)]

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::process::Command;

use super::*;

/// A machine with these programs, each a small script.
fn machine(names: &[&str]) -> (tempfile::TempDir, Host) {
    let dir = tempfile::tempdir().unwrap();
    for name in names {
        program(&dir.path().join(name));
    }
    let host = Host {
        folders: vec![dir.path().to_owned()],
        own: dir.path().join("own"),
    };
    program(&host.own);
    (dir, host)
}

fn program(path: &Path) {
    fs::write(path, format!("#!/bin/sh\n# {}\n", path.display())).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

fn has_ldd() -> bool {
    Command::new("ldd").arg("--version").output().is_ok()
}

#[test]
fn what_is_missing_is_named_at_once() {
    let (dir, host) = machine(&["docker", "sh", "mount"]);
    // A file that is no program does not count.
    fs::write(dir.path().join("runc"), "").unwrap();
    let missing = host.missing();
    assert!(missing.contains(&"dockerd".to_owned()) && missing.contains(&"runc".to_owned()));
    assert!(!missing.contains(&"docker".to_owned()));
    assert_eq!(assemble(&host, "x"), Err(ImageError::Missing(missing)));
}

#[test]
fn links_of_the_machine_become_links_of_the_image() {
    if !has_ldd() {
        return;
    }
    let plain: Vec<&str> = NEEDED
        .iter()
        .copied()
        .filter(|name| !["iptables", "sh", "cat"].contains(name))
        .collect();
    let (dir, host) = machine(&plain);
    for file in [
        "busybox",
        "bash",
        "xtables-nft-multi",
        "xtables-legacy-multi",
    ] {
        program(&dir.path().join(file));
    }
    for (link, to) in [
        ("sh", "busybox"),
        ("cat", "busybox"),
        ("ls", "busybox"),
        ("iptables", "xtables-nft-multi"),
        ("iptables-nft", "xtables-nft-multi"),
        ("iptables-legacy", "xtables-legacy-multi"),
    ] {
        symlink(dir.path().join(to), dir.path().join(link)).unwrap();
    }
    let image = assemble(&host, "x:1").unwrap();
    for path in [
        "usr/bin/dockerd",
        "usr/bin/bash",
        "usr/bin/dash",
        "usr/bin/ls",
        "usr/bin/iptables",
        "usr/bin/ip6tables-restore",
        "usr/bin/xtables-nft-multi",
        "usr/local/sbin/.iptables-legacy/iptables",
        "usr/local/bin/node-entrypoint",
        // Ours, since there was none.
        "usr/bin/wget",
    ] {
        assert!(image.layer.has(path), "{path}");
    }
    assert!(!image.layer.has("usr/local/sbin/.iptables-nft/iptables"));
    // Nothing lies below a link.
    for path in image.layer.paths() {
        assert_eq!(image.layer.resolve(path), path);
    }
    assert_eq!(image.tags, ["x:1"]);
    assert!(image.config.volumes.contains("/var/lib/docker"));
}

#[test]
fn one_file_for_both_shells_is_no_loop() {
    if !has_ldd() {
        return;
    }
    let plain: Vec<&str> = NEEDED.iter().copied().filter(|n| *n != "sh").collect();
    let (dir, host) = machine(&plain);
    program(&dir.path().join("bash"));
    symlink(dir.path().join("bash"), dir.path().join("sh")).unwrap();
    let image = assemble(&host, "x").unwrap();
    let archive = super::super::archive::write(&image, "x", dir.path()).unwrap();
    assert!(archive.size > 0);
    assert!(!image.layer.has("usr/bin/dash"));
}

#[test]
fn the_entrypoint_is_a_script_and_so_is_what_it_leaves() {
    let checked = Command::new("sh").args(["-n", "-c", ENTRYPOINT]).status();
    assert!(checked.is_ok_and(|status| status.success()));
    let (_, left) = ENTRYPOINT.split_once("<<'END'\n").unwrap();
    let (left, _) = left.split_once("\nEND\n").unwrap();
    let checked = Command::new("sh").args(["-n", "-c", left]).status();
    assert!(checked.is_ok_and(|status| status.success()));
}
