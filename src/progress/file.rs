//! One file that is never half written, never silently lost, and never
//! overwritten when a newer program wrote it.

use std::fs::{self, DirBuilder, File};
use std::io::{self, Write};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::FORMAT;

/// Why something kept on disk can't be used. `words::progress` makes the sentences.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProgressError {
    /// Not a name for a lab.
    LabName(String),
    /// The home directory is not known.
    NoHome,
    /// A newer program wrote it; it was left as it is.
    Newer {
        /// The file.
        path: PathBuf,
        /// Its version.
        format: u64,
    },
    /// A file or folder could not be used. A session can go on, without saving.
    Disk {
        /// What was being done.
        doing: Doing,
        /// To what.
        path: PathBuf,
        /// Why it failed.
        why: Why,
    },
}

/// What was being done on the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doing {
    /// Reading a file.
    Reading,
    /// Writing a file, or its folder.
    Writing,
    /// Giving a damaged file another name.
    SettingAside,
    /// Taking the lab's lock.
    Locking,
}

/// Why the disk refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// No permission.
    Permission,
    /// A read-only file system.
    ReadOnly,
    /// No space, or the quota is used up.
    Full,
    /// Something on the way is a file, not a folder.
    NotAFolder,
    /// Anything else, in the system's words.
    Other(String),
}

/// Something the learner should know about what was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// A file could not be read as what it is, and was given another name.
    Damaged {
        /// The file.
        path: PathBuf,
        /// Where it lies now.
        kept_as: PathBuf,
    },
}

impl From<io::Error> for Why {
    fn from(error: io::Error) -> Why {
        match error.kind() {
            io::ErrorKind::PermissionDenied => Why::Permission,
            io::ErrorKind::ReadOnlyFilesystem => Why::ReadOnly,
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Why::Full,
            io::ErrorKind::NotADirectory | io::ErrorKind::AlreadyExists => Why::NotAFolder,
            _ => Why::Other(error.to_string()),
        }
    }
}

/// An error of the disk, with what was being done.
pub(super) fn disk(doing: Doing, path: &Path) -> impl FnOnce(io::Error) -> ProgressError {
    let path = path.to_owned();
    move |error| ProgressError::Disk {
        doing,
        path,
        why: error.into(),
    }
}

/// Reads a file. One that isn't there is the default; a damaged one is set aside.
pub(super) fn read<T>(path: &Path) -> Result<(T, Option<Notice>), ProgressError>
where
    T: DeserializeOwned + Default,
{
    match inspect(path)? {
        Found::Nothing => Ok((T::default(), None)),
        Found::Newer(format) => Err(newer(path, format)),
        Found::Some(value) => match serde_json::from_value(value) {
            Ok(value) => Ok((value, None)),
            Err(_) => Ok((T::default(), Some(set_aside(path)?))),
        },
        Found::Damaged => Ok((T::default(), Some(set_aside(path)?))),
    }
}

/// Writes a file as a whole: what was there stays until all of the new is on
/// the disk. A newer program's file is left as it is, a damaged one set aside.
pub(super) fn write<T: Serialize>(path: &Path, value: &T) -> Result<(), ProgressError> {
    match inspect(path)? {
        Found::Newer(format) => return Err(newer(path, format)),
        Found::Damaged => {
            set_aside(path)?;
        }
        Found::Nothing | Found::Some(_) => {}
    }
    // A link, as in a folder of dotfiles, stays a link.
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let folder = target.parent().unwrap_or(Path::new("."));
    make_folder(folder)?;
    replace(&target, folder, value).map_err(disk(Doing::Writing, path))
}

/// Makes a folder of ours, for its owner alone.
pub(super) fn make_folder(folder: &Path) -> Result<(), ProgressError> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .map_err(disk(Doing::Writing, folder))
}

fn replace<T: Serialize>(target: &Path, folder: &Path, value: &T) -> io::Result<()> {
    // tempfile makes it with mode 0600.
    let mut new = tempfile::NamedTempFile::new_in(folder)?;
    let mut text = serde_json::to_vec_pretty(value)?;
    text.push(b'\n');
    new.write_all(&text)?;
    new.as_file().sync_all()?;
    new.persist(target).map_err(|error| error.error)?;
    // The new name is on the disk only when the folder is. Some file systems
    // can't do that; the file itself is whole all the same.
    let _ = File::open(folder).and_then(|folder| folder.sync_all());
    Ok(())
}

enum Found {
    Nothing,
    Some(Value),
    Damaged,
    Newer(u64),
}

fn inspect(path: &Path) -> Result<Found, ProgressError> {
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Found::Nothing),
        Err(error) => return Err(disk(Doing::Reading, path)(error)),
    };
    Ok(match serde_json::from_slice::<Value>(&bytes) {
        Ok(value @ Value::Object(_)) => match value.get("format").map(Value::as_u64) {
            Some(Some(format)) if format > u64::from(FORMAT) => Found::Newer(format),
            Some(Some(format)) if format == u64::from(FORMAT) => Found::Some(value),
            None => Found::Some(value),
            Some(_) => Found::Damaged,
        },
        Ok(_) | Err(_) => Found::Damaged,
    })
}

fn newer(path: &Path, format: u64) -> ProgressError {
    ProgressError::Newer {
        path: path.to_owned(),
        format,
    }
}

fn set_aside(path: &Path) -> Result<Notice, ProgressError> {
    let kept_as = (1u32..)
        .map(|n| {
            let mut name = path.as_os_str().to_owned();
            name.push(format!(".damaged-{n}"));
            PathBuf::from(name)
        })
        .find(|name| fs::symlink_metadata(name).is_err())
        .unwrap_or_else(|| path.with_extension("damaged"));
    fs::rename(path, &kept_as).map_err(disk(Doing::SettingAside, path))?;
    Ok(Notice::Damaged {
        path: path.to_owned(),
        kept_as,
    })
}
