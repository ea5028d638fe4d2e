//! One process at a time drives a lab.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use super::file::{Doing, ProgressError, disk, make_folder};

/// The lab's lock. The kernel lets go of it when the process ends, however it ends.
#[derive(Debug)]
pub struct LabLock {
    _file: File,
}

/// Why the lock was not had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LockError {
    /// Another process drives this lab.
    Held {
        /// Its id, if it had the time to write it down.
        pid: Option<u32>,
    },
    /// The lock could not be tried.
    Disk(ProgressError),
}

impl LabLock {
    /// Takes the lock of the lab whose folder this is; the folder is made if
    /// need be. The file stays when the lock is let go: to remove it would let
    /// two processes lock two files of one name.
    pub fn acquire(folder: &Path) -> Result<LabLock, LockError> {
        make_folder(folder).map_err(LockError::Disk)?;
        let path = folder.join("lock");
        let failed = |error| LockError::Disk(disk(Doing::Locking, &path)(error));
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&path)
            .map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut text = String::new();
                let _ = file.read_to_string(&mut text);
                return Err(LockError::Held {
                    pid: text.trim().parse().ok(),
                });
            }
            Err(TryLockError::Error(error)) => return Err(failed(error)),
        }
        // The id is for people to read; the lock holds without it.
        let _ = file
            .set_len(0)
            .and_then(|()| file.rewind())
            .and_then(|()| writeln!(file, "{}", std::process::id()));
        Ok(LabLock { _file: file })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn one_at_a_time() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("new/lab");
        let first = LabLock::acquire(&folder).unwrap();
        assert_eq!(
            LabLock::acquire(&folder).unwrap_err(),
            LockError::Held {
                pid: Some(std::process::id())
            }
        );
        drop(first);
        assert!(LabLock::acquire(&folder).is_ok());
    }

    #[test]
    fn what_a_process_that_died_left_behind_is_no_lock() {
        let home = tempfile::tempdir().unwrap();
        std::fs::write(home.path().join("lock"), "999999999 and more\n").unwrap();
        let lock = LabLock::acquire(home.path()).unwrap();
        let text = std::fs::read_to_string(home.path().join("lock")).unwrap();
        assert_eq!(text.trim().parse(), Ok(std::process::id()));
        drop(lock);
    }

    #[test]
    fn where_no_folder_can_be_made() {
        let home = tempfile::tempdir().unwrap();
        std::fs::write(home.path().join("file"), "").unwrap();
        let error = LabLock::acquire(&home.path().join("file/lab")).unwrap_err();
        assert!(matches!(error, LockError::Disk(_)), "{error:?}");
    }
}
