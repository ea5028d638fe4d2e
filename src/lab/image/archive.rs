//! Writes an image as `docker save` does (`manifest.json`, a config, a layer),
//! the same bytes for the same files, and keeps it in a cache by content.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::json;

use super::ImageError;
use super::digest::{self, Digesting};

/// An image of one layer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Image {
    /// Its files.
    pub layer: Layer,
    /// How it runs.
    pub config: Config,
    /// `REPOSITORY:TAG`, at least one.
    pub tags: Vec<String>,
}

/// How an image runs; Docker's own words.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "PascalCase")]
#[expect(missing_docs, reason = "the engine's API documents them")]
pub struct Config {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub env: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub entrypoint: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub cmd: Vec<String>,
    #[serde(skip_serializing_if = "BTreeSet::is_empty", serialize_with = "as_keys")]
    pub volumes: BTreeSet<String>,
    #[serde(skip_serializing_if = "BTreeSet::is_empty", serialize_with = "as_keys")]
    pub exposed_ports: BTreeSet<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stop_signal: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub working_dir: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub healthcheck: Option<Healthcheck>,
}

/// An image's own health check, in exec form: it needs no shell.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Healthcheck {
    /// `["CMD", PROGRAM, ...]`
    pub test: Vec<String>,
    /// Nanoseconds between two checks.
    pub interval: u64,
    /// Nanoseconds a check may take.
    pub timeout: u64,
    /// Failures in a row that make it unhealthy.
    pub retries: u32,
}

/// Sets are maps to empty objects in Docker's JSON.
fn as_keys<S: serde::Serializer>(set: &BTreeSet<String>, to: S) -> Result<S::Ok, S::Error> {
    to.collect_map(set.iter().map(|key| (key, json!({}))))
}

/// The files of an image. Parents are made; the last one put at a path wins.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Layer {
    /// By their path without the first `/`, so that a folder comes before what is in it.
    entries: BTreeMap<String, Entry>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Entry {
    Folder { mode: u32 },
    Link { to: String },
    Bytes { bytes: Vec<u8>, mode: u32 },
    File { source: PathBuf, mode: u32 },
}

impl Layer {
    /// A folder.
    pub fn folder(&mut self, path: &str, mode: u32) {
        self.put(path, Entry::Folder { mode });
    }

    /// A symbolic link.
    pub fn link(&mut self, path: &str, to: &str) {
        self.put(path, Entry::Link { to: to.to_owned() });
    }

    /// A file with this content.
    pub fn bytes(&mut self, path: &str, bytes: impl Into<Vec<u8>>, mode: u32) {
        let bytes = bytes.into();
        self.put(path, Entry::Bytes { bytes, mode });
    }

    /// A file of this machine; links are followed.
    pub fn file(&mut self, path: &str, source: impl Into<PathBuf>, mode: u32) {
        let source = source.into();
        self.put(path, Entry::File { source, mode });
    }

    /// Whether something stands at `path`.
    pub fn has(&self, path: &str) -> bool {
        self.entries.contains_key(path.trim_start_matches('/'))
    }

    /// A file's path once the links to folders in it are followed (`/lib64/x`
    /// where `lib64` is a link to `usr/lib64`): a file put below a link would
    /// replace the link by a folder.
    pub fn resolve(&self, path: &str) -> String {
        let mut resolved = path.trim_start_matches('/').to_owned();
        // Every link leads closer to the real folders; a loop ends at the bound.
        for _ in 0..8 {
            let link = self.entries.iter().find_map(|(at, entry)| match entry {
                Entry::Link { to } => {
                    let rest = resolved.strip_prefix(at.as_str())?.strip_prefix('/')?;
                    let parent = at.rsplit_once('/').map(|(p, _)| p);
                    Some(match (to.strip_prefix('/'), parent) {
                        (Some(to), _) => format!("{to}/{rest}"),
                        (None, Some(parent)) => format!("{parent}/{to}/{rest}"),
                        (None, None) => format!("{to}/{rest}"),
                    })
                }
                _ => None,
            });
            match link {
                Some(next) => resolved = next,
                None => break,
            }
        }
        resolved
    }

    /// Every path, without the first `/`.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.entries.keys().map(String::as_str)
    }

    fn put(&mut self, path: &str, entry: Entry) {
        let path = self.resolve(path);
        let mut parent = path.as_str();
        while let Some((up, _)) = parent.rsplit_once('/') {
            self.entries
                .entry(up.to_owned())
                .or_insert(Entry::Folder { mode: 0o755 });
            parent = up;
        }
        self.entries.insert(path, entry);
    }
}

/// A written image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Archive {
    /// The file, for `POST /images/load`.
    pub path: PathBuf,
    /// `sha256:...`: the image's id in an engine that keeps images by their
    /// config (a containerd image store has ids of its own).
    pub id: String,
    /// The file's size in bytes.
    pub size: u64,
    /// The image's names.
    pub tags: Vec<String>,
    /// It was in the cache already.
    pub cached: bool,
}

/// Writes `image` into the folder `cache` as `NAME-CONTENT.tar`, or finds it
/// there; what else is there under that name is of before and goes.
///
/// Files of this machine count as the same while path, size, time and inode are.
pub fn write(image: &Image, name: &str, cache: &Path) -> Result<Archive, ImageError> {
    let key = fingerprint(image)?;
    let path = cache.join(format!("{name}-{}.tar", &key[..16]));
    let id_path = path.with_extension("id");
    let tags = image.tags.clone();
    if let (Ok(id), Ok(found)) = (fs::read_to_string(&id_path), fs::metadata(&path)) {
        return Ok(Archive {
            path,
            id,
            size: found.len(),
            tags,
            cached: true,
        });
    }
    let failed = |error: io::Error| ImageError::Write {
        path: path.clone(),
        cause: error.to_string(),
    };
    fs::create_dir_all(cache).map_err(failed)?;
    remove_older(name, cache);
    let mut file = tempfile::Builder::new()
        .prefix(WRITING)
        .tempfile_in(cache)
        .map_err(failed)?;
    let (id, size) = write_archive(image, file.as_file_mut(), &path)?;
    file.persist(&path).map_err(|error| failed(error.error))?;
    // Last, so that an archive with an id is a whole one.
    fs::write(&id_path, &id).map_err(failed)?;
    Ok(Archive {
        path,
        id,
        size,
        tags,
        cached: false,
    })
}

/// What the archive will contain, without reading the files of this machine.
fn fingerprint(image: &Image) -> Result<String, ImageError> {
    let mut hash = Digesting::new(io::sink());
    let mut add = |part: &[u8]| {
        // Lengths keep two parts from being taken for another two; a sink takes all.
        let _ = hash.write_all(&(part.len() as u64).to_le_bytes());
        let _ = hash.write_all(part);
    };
    add(FORMAT);
    add(&serde_json::to_vec(&image.config).unwrap_or_default());
    image.tags.iter().for_each(|tag| add(tag.as_bytes()));
    for (path, entry) in &image.layer.entries {
        add(path.as_bytes());
        match entry {
            Entry::Folder { mode } => add(format!("folder {mode:o}").as_bytes()),
            Entry::Link { to } => add(format!("link {to}").as_bytes()),
            Entry::Bytes { bytes, mode } => {
                add(format!("bytes {mode:o}").as_bytes());
                add(bytes);
            }
            Entry::File { source, mode } => {
                let found = fs::metadata(source).map_err(|error| unreadable(source, &error))?;
                let (size, seconds, nanos, inode) =
                    (found.size(), found.mtime(), found.mtime_nsec(), found.ino());
                add(source.as_os_str().as_encoded_bytes());
                add(format!("file {mode:o} {size} {seconds}.{nanos} {inode}").as_bytes());
            }
        }
    }
    Ok(hash.finish().1)
}

/// An unwritable cache is told by the writing itself; what stays costs space only.
fn remove_older(name: &str, cache: &Path) {
    for entry in fs::read_dir(cache).into_iter().flatten().flatten() {
        let file = entry.file_name();
        let older = file
            .to_str()
            .and_then(|file| file.strip_prefix(name)?.strip_prefix('-'))
            .and_then(|rest| rest.strip_suffix(".tar").or(rest.strip_suffix(".id")))
            .is_some_and(|key| key.len() == 16 && key.bytes().all(|b| b.is_ascii_hexdigit()));
        let left_behind = file.to_str().is_some_and(|f| f.starts_with(WRITING))
            && entry
                .metadata()
                .and_then(|found| found.modified())
                .is_ok_and(|at| at.elapsed().is_ok_and(|age| age > WRITING_TAKES_LESS));
        if older || left_behind {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// The layer is streamed once: its header, which needs its length, is filled in afterwards.
fn write_archive(image: &Image, out: &mut File, path: &Path) -> Result<(String, u64), ImageError> {
    let failed = |error: io::Error| ImageError::Write {
        path: path.to_owned(),
        cause: error.to_string(),
    };
    out.write_all(&[0; 512]).map_err(failed)?;
    let (buffer, diff_id, length) = write_layer(&image.layer, BufWriter::new(&mut *out), path)?;
    drop(buffer);
    out.write_all(&vec![0; (length.next_multiple_of(512) - length) as usize])
        .map_err(failed)?;

    let config = config_json(&image.config, &diff_id, newest(&image.layer));
    let id = digest::hex(&config);
    let config_name = format!("{id}.json");
    let manifest = json!([{
        "Config": config_name,
        "RepoTags": image.tags,
        "Layers": [LAYER_NAME],
    }]);
    let mut rest = tar::Builder::new(&mut *out);
    for (name, bytes) in [
        (config_name.as_str(), config.as_slice()),
        ("manifest.json", manifest.to_string().as_bytes()),
    ] {
        let mut header = header(tar::EntryType::Regular, 0o644, bytes.len() as u64);
        rest.append_data(&mut header, name, bytes).map_err(failed)?;
    }
    rest.finish().map_err(failed)?;
    drop(rest);

    let mut header = header(tar::EntryType::Regular, 0o644, length);
    header.set_path(LAYER_NAME).map_err(failed)?;
    header.set_cksum();
    out.seek(SeekFrom::Start(0)).map_err(failed)?;
    out.write_all(header.as_bytes()).map_err(failed)?;
    let size = out.seek(SeekFrom::End(0)).map_err(failed)?;
    Ok((format!("sha256:{id}"), size))
}

/// To be changed with the way archives are written: a cache outlives a version.
const FORMAT: &[u8] = b"1";

const LAYER_NAME: &str = "layer.tar";

/// Archives that are being written begin so; one that was killed stays.
const WRITING: &str = ".writing-";

/// So old, nobody is writing it any more.
const WRITING_TAKES_LESS: Duration = Duration::from_secs(60 * 60);

fn config_json(config: &Config, diff_id: &str, created: i64) -> Vec<u8> {
    let created = rfc3339(created);
    json!({
        "architecture": architecture(),
        "os": "linux",
        "created": created,
        "config": config,
        "rootfs": {"type": "layers", "diff_ids": [format!("sha256:{diff_id}")]},
        "history": [{"created": created, "created_by": "swarmlings"}],
    })
    .to_string()
    .into_bytes()
}

/// When the youngest of this machine's files was written, in Unix seconds: the
/// same for the same files, and no "56 years ago" in `docker images`.
fn newest(layer: &Layer) -> i64 {
    let time = |entry: &Entry| match entry {
        Entry::File { source, .. } => Some(fs::metadata(source).ok()?.mtime()),
        _ => None,
    };
    layer.entries.values().filter_map(time).max().unwrap_or(0)
}

/// Howard Hinnant's `civil_from_days`, for times from 1970 on.
fn rfc3339(seconds: i64) -> String {
    let seconds = seconds.max(0);
    let (days, rest) = (seconds / 86_400 + 719_468, seconds % 86_400);
    let (era, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    // Their years begin in March.
    let (month, year) = match month {
        0..10 => (month + 3, year + era * 400),
        _ => (month - 9, year + era * 400 + 1),
    };
    let (hour, minute, second) = (rest / 3_600, rest / 60 % 60, rest % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

/// The text of the only file of an archive in memory, as the engine copies one
/// out of a container.
pub fn only_text(archive: &[u8]) -> Option<String> {
    let mut archive = tar::Archive::new(archive);
    let mut file = archive.entries().ok()?.next()?.ok()?;
    let mut text = String::new();
    io::Read::read_to_string(&mut file, &mut text).ok()?;
    Some(text)
}

/// This machine's architecture in Docker's words.
pub fn architecture() -> &'static str {
    match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    }
}

fn write_layer<W: Write>(
    layer: &Layer,
    out: W,
    path: &Path,
) -> Result<(W, String, u64), ImageError> {
    let failed = |error: io::Error| ImageError::Write {
        path: path.to_owned(),
        cause: error.to_string(),
    };
    let mut tar = tar::Builder::new(Digesting::new(out));
    for (name, entry) in &layer.entries {
        match entry {
            Entry::Folder { mode } => {
                let mut header = header(tar::EntryType::Directory, *mode, 0);
                tar.append_data(&mut header, format!("{name}/"), io::empty())
                    .map_err(failed)?;
            }
            Entry::Link { to } => {
                let mut header = header(tar::EntryType::Symlink, 0o777, 0);
                tar.append_link(&mut header, name, to).map_err(failed)?;
            }
            Entry::Bytes { bytes, mode } => {
                let mut header = header(tar::EntryType::Regular, *mode, bytes.len() as u64);
                tar.append_data(&mut header, name, bytes.as_slice())
                    .map_err(failed)?;
            }
            Entry::File { source, mode } => append_file(&mut tar, name, source, *mode, failed)?,
        }
    }
    let mut out = tar.into_inner().map_err(failed)?;
    out.flush().map_err(failed)?;
    Ok(out.finish())
}

fn append_file<W: Write>(
    tar: &mut tar::Builder<W>,
    name: &str,
    source: &Path,
    mode: u32,
    failed: impl Fn(io::Error) -> ImageError,
) -> Result<(), ImageError> {
    let mut file = File::open(source).map_err(|error| unreadable(source, &error))?;
    let size = file
        .metadata()
        .map_err(|error| unreadable(source, &error))?
        .len();
    let mut header = header(tar::EntryType::Regular, mode, size);
    let mut exact = Exact {
        file: &mut file,
        left: size,
        problem: None,
    };
    let done = tar.append_data(&mut header, name, &mut exact);
    match exact.problem {
        Some(Problem::Short) => Err(ImageError::Changed(source.to_owned())),
        Some(Problem::Read(error)) => Err(unreadable(source, &error)),
        None => done.map_err(failed),
    }
}

/// Exactly as many bytes as the header says, or why not: a length that is off
/// by one makes rubbish of all that follows in a tar.
struct Exact<'f> {
    file: &'f mut File,
    left: u64,
    problem: Option<Problem>,
}

enum Problem {
    Short,
    Read(io::Error),
}

impl Read for Exact<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let want = buffer
            .len()
            .min(usize::try_from(self.left).unwrap_or(usize::MAX));
        if want == 0 {
            return Ok(0);
        }
        match self.file.read(&mut buffer[..want]) {
            Ok(0) => {
                self.problem = Some(Problem::Short);
                Err(io::ErrorKind::UnexpectedEof.into())
            }
            Ok(read) => {
                self.left -= read as u64;
                Ok(read)
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Err(error),
            Err(error) => {
                let kind = error.kind();
                self.problem = Some(Problem::Read(error));
                Err(kind.into())
            }
        }
    }
}

fn header(kind: tar::EntryType, mode: u32, size: u64) -> tar::Header {
    let mut header = tar::Header::new_gnu();
    header.set_entry_type(kind);
    header.set_mode(mode);
    header.set_size(size);
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(0);
    header
}

fn unreadable(path: &Path, error: &io::Error) -> ImageError {
    ImageError::Read {
        path: path.to_owned(),
        cause: error.to_string(),
    }
}

#[cfg(test)]
mod tests;
