//! One file with all images of a lab, for a room without network.
//!
//! A tar: `swarmlings.json`, the index, and after it one docker-archive for
//! each image. Nothing here talks to an engine. A file comes from somebody
//! else: what it says of itself is checked before an engine is given any of it.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use serde::{Deserialize, Serialize};

/// The version of the index that this program reads and writes.
pub const FORMAT: u32 = 1;

/// The index's name in the tar; always the first entry.
pub const INDEX: &str = "swarmlings.json";

/// Larger indexes and manifests are not ours.
const MAX_JSON: u64 = 1024 * 1024;

/// What a file holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Index {
    /// `FORMAT`.
    pub format: u32,
    /// The version of the program that wrote it.
    pub program: String,
    /// The engine's system, `linux`.
    pub os: String,
    /// The engine's architecture, `amd64`.
    pub arch: String,
    /// The images, in the order of the file.
    pub images: Vec<Entry>,
}

/// One image.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// As the lessons write it, with its tag.
    pub image: String,
    /// The name in its archive; another than `image` for a stand-in.
    pub name: String,
    /// Its id on the engine that it came from.
    pub id: String,
    /// Its archive's name in the tar.
    pub file: String,
}

/// Why a file can't be used. `words::bundle` makes the sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BundleFault {
    /// It is something else.
    NotOurs,
    /// A newer program wrote it, in this format.
    Newer(u32),
    /// It is for other machines.
    OtherMachine {
        /// `linux/arm64`, the file's.
        file: String,
        /// The engine's.
        engine: String,
    },
    /// It is cut off or changed; which part.
    Damaged(String),
    /// A file that is none of ours lies where one is to be written.
    Occupied,
}

/// Where an archive lies in the file, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// Its first byte.
    pub start: u64,
    /// How many.
    pub length: u64,
}

/// Why a file could not be read as a bundle.
#[derive(Debug)]
pub enum ReadError {
    /// It could be read, and is not to be used.
    Fault(BundleFault),
    /// It could not be read.
    Io(io::Error),
}

impl From<io::Error> for ReadError {
    fn from(error: io::Error) -> Self {
        ReadError::Io(error)
    }
}

impl From<BundleFault> for ReadError {
    fn from(fault: BundleFault) -> Self {
        ReadError::Fault(fault)
    }
}

/// The index of a file, without looking at the images.
pub fn index(path: &Path) -> Result<Index, ReadError> {
    let mut archive = tar::Archive::new(BufReader::new(File::open(path)?));
    let mut entries = archive.entries().map_err(|_| BundleFault::NotOurs)?;
    let Some(Ok(first)) = entries.next() else {
        return Err(BundleFault::NotOurs.into());
    };
    if first.path_bytes().as_ref() != INDEX.as_bytes() {
        return Err(BundleFault::NotOurs.into());
    }
    let mut text = Vec::new();
    first.take(MAX_JSON).read_to_end(&mut text)?;
    #[derive(Deserialize)]
    struct Format {
        format: u32,
    }
    let Format { format } = serde_json::from_slice(&text).map_err(|_| BundleFault::NotOurs)?;
    if format > FORMAT {
        return Err(BundleFault::Newer(format).into());
    }
    let damaged = |error: serde_json::Error| BundleFault::Damaged(error.to_string());
    Ok(serde_json::from_slice(&text).map_err(damaged)?)
}

/// The index and where each of its images lies, all of it checked: the engine
/// `os`/`arch` can run them, every archive is whole, and none brings a name
/// that the index does not tell.
pub fn open(path: &Path, os: &str, arch: &str) -> Result<(Index, Vec<Part>), ReadError> {
    let index = index(path)?;
    if (index.os.as_str(), index.arch.as_str()) != (os, arch) {
        return Err(BundleFault::OtherMachine {
            file: format!("{}/{}", index.os, index.arch),
            engine: format!("{os}/{arch}"),
        }
        .into());
    }
    let size = std::fs::metadata(path)?.len();
    let mut archive = tar::Archive::new(File::open(path)?);
    let mut found = Vec::new();
    for entry in archive.entries_with_seek()? {
        let entry = entry.map_err(|error| BundleFault::Damaged(error.to_string()))?;
        let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        let part = Part {
            start: entry.raw_file_position(),
            length: entry.size(),
        };
        if part.start.saturating_add(part.length) > size {
            return Err(BundleFault::Damaged(name).into());
        }
        found.push((name, part));
    }
    let mut parts = Vec::new();
    for image in &index.images {
        let part = found.iter().find(|(name, _)| *name == image.file);
        let Some((_, part)) = part else {
            return Err(BundleFault::Damaged(image.file.clone()).into());
        };
        check_names(path, *part, image)?;
        parts.push(*part);
    }
    Ok((index, parts))
}

/// An engine gives an image every name that its archive tells, also one that
/// somebody else's image has: only the index's own is let through.
fn check_names(path: &Path, part: Part, image: &Entry) -> Result<(), ReadError> {
    let mut file = BufReader::new(File::open(path)?);
    file.seek(SeekFrom::Start(part.start))?;
    let damaged = || BundleFault::Damaged(image.file.clone());
    let mut archive = tar::Archive::new(file.take(part.length));
    let mut named = false;
    for entry in archive.entries().map_err(|_| damaged())? {
        let entry = entry.map_err(|_| damaged())?;
        let name = entry.path_bytes().into_owned();
        let is_manifest = name == b"manifest.json";
        if !is_manifest && !matches!(name.as_slice(), b"index.json" | b"repositories") {
            continue;
        }
        let mut text = Vec::new();
        entry.take(MAX_JSON).read_to_end(&mut text)?;
        let json: serde_json::Value = serde_json::from_slice(&text).map_err(|_| damaged())?;
        let names = match name.as_slice() {
            b"manifest.json" => of_manifest(&json),
            b"index.json" => of_oci_index(&json),
            _ => of_repositories(&json),
        };
        if names.iter().any(|name| familiar(name) != image.name) {
            return Err(damaged().into());
        }
        named |= is_manifest && !names.is_empty();
    }
    match named {
        true => Ok(()),
        false => Err(damaged().into()),
    }
}

fn texts(json: &serde_json::Value) -> impl Iterator<Item = String> {
    json.as_array()
        .into_iter()
        .flatten()
        .filter_map(|text| text.as_str().map(str::to_owned))
}

fn of_manifest(json: &serde_json::Value) -> Vec<String> {
    let images = json.as_array().into_iter().flatten();
    images.flat_map(|image| texts(&image["RepoTags"])).collect()
}

fn of_oci_index(json: &serde_json::Value) -> Vec<String> {
    let images = json["manifests"].as_array().into_iter().flatten();
    images
        .filter_map(|image| image["annotations"]["io.containerd.image.name"].as_str())
        .map(str::to_owned)
        .collect()
}

/// `{"repository": {"tag": "layer"}}`
fn of_repositories(json: &serde_json::Value) -> Vec<String> {
    let repositories = json.as_object().into_iter().flatten();
    repositories
        .flat_map(|(repository, tags)| {
            let tags = tags.as_object().into_iter().flatten();
            tags.map(move |(tag, _)| format!("{repository}:{tag}"))
        })
        .collect()
}

/// A name as people write it: containerd's has the registry in front.
fn familiar(name: &str) -> &str {
    let name = name.strip_prefix("docker.io/").unwrap_or(name);
    name.strip_prefix("library/").unwrap_or(name)
}

/// The header of an entry of the tar, and the zeros behind its bytes.
pub fn header(name: &str, length: u64) -> io::Result<([u8; 512], usize)> {
    let mut header = tar::Header::new_gnu();
    header.set_path(name)?;
    header.set_size(length);
    header.set_mode(0o644);
    header.set_cksum();
    let padding = (512 - length % 512) % 512;
    Ok((
        *header.as_bytes(),
        usize::try_from(padding).unwrap_or_default(),
    ))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn archive(tags: &[&str], more: &[(&str, &str)]) -> Vec<u8> {
        let manifest = serde_json::json!([{ "Config": "c", "RepoTags": tags, "Layers": [] }]);
        let mut tar = tar::Builder::new(Vec::new());
        let manifest = manifest.to_string();
        for (name, text) in more.iter().chain(&[("manifest.json", manifest.as_str())]) {
            let mut header = tar::Header::new_gnu();
            header.set_size(text.len() as u64);
            tar.append_data(&mut header, name, text.as_bytes()).unwrap();
        }
        tar.into_inner().unwrap()
    }

    fn bundle(index: &str, archives: &[(&str, Vec<u8>)]) -> tempfile::NamedTempFile {
        let mut bytes = Vec::new();
        let first = [(INDEX, index.as_bytes().to_vec())];
        for (name, data) in first.iter().chain(archives) {
            let (head, padding) = header(name, data.len() as u64).unwrap();
            bytes.extend(head);
            bytes.extend(data);
            bytes.extend(vec![0; padding]);
        }
        bytes.extend([0; 1024]);
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), bytes).unwrap();
        file
    }

    fn one(name: &str) -> String {
        format!(
            r#"{{"format":1,"program":"0.1.0","os":"linux","arch":"amd64","images":[{{"image":"docker:dind","name":"{name}","id":"sha256:0","file":"0.tar"}}]}}"#
        )
    }

    fn fault(file: &tempfile::NamedTempFile) -> BundleFault {
        match open(file.path(), "linux", "amd64") {
            Err(ReadError::Fault(fault)) => fault,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_was_written_is_found() {
        let inner = archive(&["docker:dind"], &[]);
        let file = bundle(&one("docker:dind"), &[("0.tar", inner.clone())]);
        let (index, parts) = open(file.path(), "linux", "amd64").unwrap();
        assert_eq!(index.images[0].image, "docker:dind");
        let bytes = std::fs::read(file.path()).unwrap();
        let start = usize::try_from(parts[0].start).unwrap();
        assert_eq!(bytes[start..start + inner.len()], inner);
    }

    #[test]
    fn containerds_names_are_the_same_names() {
        let oci = r#"{"manifests":[{"annotations":{"io.containerd.image.name":"docker.io/library/docker:dind"}}]}"#;
        let inner = archive(&["docker:dind"], &[("index.json", oci)]);
        let file = bundle(&one("docker:dind"), &[("0.tar", inner)]);
        assert!(open(file.path(), "linux", "amd64").is_ok());
    }

    #[test]
    fn an_archive_with_a_name_that_the_index_does_not_tell_is_refused() {
        let damaged = BundleFault::Damaged("0.tar".to_owned());
        for inner in [
            archive(&["docker:dind", "learners/own:1"], &[]),
            archive(&["learners/own:1"], &[]),
            archive(&[], &[]),
            archive(
                &["docker:dind"],
                &[("repositories", r#"{"own":{"1":"x"}}"#)],
            ),
            b"no tar".to_vec(),
        ] {
            let file = bundle(&one("docker:dind"), &[("0.tar", inner)]);
            assert_eq!(fault(&file), damaged);
        }
    }

    #[test]
    fn other_files_say_what_they_are() {
        let inner = || archive(&["docker:dind"], &[]);
        let newer = one("docker:dind").replace("\"format\":1", "\"format\":2");
        let arm = one("docker:dind").replace("amd64", "arm64");
        assert_eq!(fault(&bundle(&newer, &[])), BundleFault::Newer(2));
        assert_eq!(
            fault(&bundle(&arm, &[("0.tar", inner())])),
            BundleFault::OtherMachine {
                file: "linux/arm64".into(),
                engine: "linux/amd64".into()
            }
        );
        assert_eq!(fault(&bundle("{}", &[])), BundleFault::NotOurs);
        let missing = bundle(&one("docker:dind"), &[]);
        assert_eq!(fault(&missing), BundleFault::Damaged("0.tar".into()));
        let text = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(text.path(), "no tar at all").unwrap();
        assert_eq!(fault(&text), BundleFault::NotOurs);
        std::fs::write(text.path(), inner()).unwrap();
        assert_eq!(fault(&text), BundleFault::NotOurs);
        let whole = bundle(&one("docker:dind"), &[("0.tar", inner())]);
        let bytes = std::fs::read(whole.path()).unwrap();
        std::fs::write(whole.path(), &bytes[..bytes.len() - 2600]).unwrap();
        assert!(matches!(fault(&whole), BundleFault::Damaged(_)));
    }
}
