#![allow(clippy::unwrap_used)]

use super::*;

fn image(source: &Path) -> Image {
    let mut layer = Layer::default();
    layer.link("bin", "usr/bin");
    layer.link("lib64", "usr/lib64");
    layer.file("/bin/tool", source, 0o755);
    layer.bytes("/etc/hello", "hello\n", 0o644);
    layer.folder("/tmp", 0o1777);
    layer.bytes(&format!("/deep/{}/file", "x".repeat(120)), "long", 0o600);
    Image {
        layer,
        config: Config {
            entrypoint: vec!["/bin/tool".to_owned()],
            exposed_ports: BTreeSet::from(["5678/tcp".to_owned()]),
            ..Config::default()
        },
        tags: vec!["swarmlings/x:1".to_owned()],
    }
}

fn read(archive: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut tar = tar::Archive::new(File::open(archive).unwrap());
    tar.entries()
        .unwrap()
        .map(|entry| {
            let mut entry = entry.unwrap();
            assert_eq!(entry.header().mtime().unwrap(), 0);
            assert_eq!(entry.header().uid().unwrap(), 0);
            let name = entry.path().unwrap().to_str().unwrap().to_owned();
            let mut bytes = Vec::new();
            entry.read_to_end(&mut bytes).unwrap();
            (name, bytes)
        })
        .collect()
}

#[test]
fn an_archive_is_what_docker_save_writes() {
    let dir = tempfile::tempdir().unwrap();
    let source = dir.path().join("tool");
    fs::write(&source, vec![7; 1000]).unwrap();
    let archive = write(&image(&source), "x", &dir.path().join("cache")).unwrap();

    let files = read(&archive.path);
    let manifest: serde_json::Value = serde_json::from_slice(&files["manifest.json"]).unwrap();
    let config_name = manifest[0]["Config"].as_str().unwrap();
    assert_eq!(archive.id, format!("sha256:{}", &config_name[..64]));
    assert_eq!(digest::hex(&files[config_name]), config_name[..64]);
    assert_eq!(manifest[0]["RepoTags"][0], "swarmlings/x:1");
    let config: serde_json::Value = serde_json::from_slice(&files[config_name]).unwrap();
    assert_eq!(
        config["rootfs"]["diff_ids"][0],
        format!("sha256:{}", digest::hex(&files["layer.tar"]))
    );
    assert_eq!(config["config"]["ExposedPorts"], json!({"5678/tcp": {}}));
    assert_eq!(config["config"]["Entrypoint"], json!(["/bin/tool"]));

    let layer = dir.path().join("layer.tar");
    fs::write(&layer, &files["layer.tar"]).unwrap();
    let inside = read(&layer);
    assert_eq!(inside["usr/bin/tool"], vec![7; 1000]);
    assert!(inside.contains_key(&format!("deep/{}/file", "x".repeat(120))));
    assert!(!inside.contains_key("bin/tool"));
}

#[test]
fn the_same_files_are_the_same_bytes_and_are_written_once() {
    let dir = tempfile::tempdir().unwrap();
    let source = dir.path().join("tool");
    fs::write(&source, "one").unwrap();
    let (a, b) = (dir.path().join("a"), dir.path().join("b"));
    let first = write(&image(&source), "x", &a).unwrap();
    let second = write(&image(&source), "x", &b).unwrap();
    assert_eq!(
        fs::read(&first.path).unwrap(),
        fs::read(&second.path).unwrap()
    );
    assert!(!first.cached);
    let again = write(&image(&source), "x", &a).unwrap();
    assert!(again.cached);
    assert_eq!((again.id, again.size), (first.id, first.size));
}

#[test]
fn what_changed_is_written_anew_and_the_old_goes() {
    let dir = tempfile::tempdir().unwrap();
    let source = dir.path().join("tool");
    let cache = dir.path().join("cache");
    fs::write(&source, "one").unwrap();
    let first = write(&image(&source), "x", &cache).unwrap();
    let other = write(&image(&source), "x-y", &cache).unwrap();
    fs::write(&source, "three").unwrap();
    let second = write(&image(&source), "x", &cache).unwrap();
    assert_ne!(first.id, second.id);
    assert!(!first.path.exists());
    assert!(other.path.exists());
    assert_eq!(fs::read_dir(&cache).unwrap().count(), 4);
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let gone = dir.path().join("gone");
    let error = write(&image(&gone), "x", dir.path()).unwrap_err();
    assert!(matches!(error, ImageError::Read { path, .. } if path == gone));
}

#[test]
fn times() {
    for (seconds, text) in [
        (0, "1970-01-01T00:00:00Z"),
        (951_782_399, "2000-02-28T23:59:59Z"),
        (951_782_400, "2000-02-29T00:00:00Z"),
        (1_735_689_599, "2024-12-31T23:59:59Z"),
        (4_107_542_400, "2100-03-01T00:00:00Z"),
    ] {
        assert_eq!(rfc3339(seconds), text);
    }
}
