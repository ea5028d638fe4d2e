//! What the program did and what failed without being told, in a file of the
//! lab's folder: for a report of what went wrong. Never what was typed, which may
//! hold a join token.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::prelude::*;

use crate::progress::Store;

/// A file longer than this is put aside under `.old`, of which there is one.
const LONGEST: u64 = 1_000_000;

/// Begins to write the lab's log. Where the lab has no folder (yet), or it can't
/// be written, nothing is.
pub fn begin(store: &Store) {
    let layer = tracing_subscriber::fmt::layer()
        .with_ansi(false)
        .with_writer(LogFile(store.log_file()))
        .with_filter(Targets::new().with_target("swarmlings", tracing::Level::DEBUG));
    // A second one in a process, as in a test, changes nothing.
    let _ = tracing_subscriber::registry().with(layer).try_init();
    tracing::info!(
        version = env!("CARGO_PKG_VERSION"),
        process = std::process::id(),
        "begins"
    );
}

/// Opened for each line, as others may write it, put it aside or remove it.
struct LogFile(PathBuf);

impl<'a> MakeWriter<'a> for LogFile {
    type Writer = Line;

    fn make_writer(&'a self) -> Line {
        Line(opened(&self.0).ok())
    }
}

fn opened(path: &Path) -> io::Result<File> {
    if std::fs::metadata(path).is_ok_and(|file| file.len() > LONGEST) {
        std::fs::rename(path, path.with_extension("log.old"))?;
    }
    let mut options = OpenOptions::new();
    // As what lies beside it, the user's own.
    options.append(true).create(true).mode(0o600).open(path)
}

struct Line(Option<File>);

impl Write for Line {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.0 {
            Some(file) => file.write(bytes),
            None => Ok(bytes.len()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_long_file_is_put_aside_and_one_that_cannot_be_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let log = LogFile(folder.path().join("swarmlings.log"));
        log.make_writer().write_all(b"one\n").unwrap();
        log.make_writer().write_all(b"two\n").unwrap();
        assert_eq!(std::fs::read_to_string(&log.0).unwrap(), "one\ntwo\n");
        let long = vec![b'x'; usize::try_from(LONGEST).unwrap() + 1];
        std::fs::write(&log.0, long).unwrap();
        log.make_writer().write_all(b"new\n").unwrap();
        assert_eq!(std::fs::read_to_string(&log.0).unwrap(), "new\n");
        assert!(folder.path().join("swarmlings.log.old").exists());
        let nowhere = LogFile(folder.path().join("no/such.log"));
        nowhere.make_writer().write_all(b"lost\n").unwrap();
    }
}
