//! What was typed before, in a file that only its owner can read.
//!
//! One line an entry, `\` and line ends escaped. A line that holds a join token
//! is never written: it can be recalled while the program runs and no longer.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// How many entries are kept.
pub(super) const MOST: usize = 1000;

/// The beginning of every join token of Swarm.
const TOKEN: &str = "SWMTKN-";

/// The history file of a lab.
pub(super) struct History {
    path: PathBuf,
}

impl History {
    /// The file and its entries, oldest first. A file that is not text is set
    /// aside, and an over-long one is shortened.
    pub(super) fn open(path: PathBuf) -> (History, Vec<String>) {
        let history = History { path };
        let entries = match fs::read_to_string(&history.path) {
            Ok(text) => {
                let lines = text.lines().filter(|line| !line.is_empty());
                let all: Vec<String> = lines.map(unescaped).collect();
                let kept = all[all.len().saturating_sub(MOST)..].to_vec();
                // Twice the number before it is written anew, not at each start.
                if all.len() > 2 * MOST {
                    let _ = history.rewrite(&kept);
                }
                kept
            }
            Err(error) => {
                if error.kind() == io::ErrorKind::InvalidData {
                    let _ = fs::rename(&history.path, history.path.with_extension("damaged"));
                }
                Vec::new()
            }
        };
        (history, entries)
    }

    /// Adds an entry at the end, unless it must not be kept.
    pub(super) fn append(&self, entry: &str) -> io::Result<()> {
        if entry.contains(TOKEN) {
            return Ok(());
        }
        if let Some(folder) = self.path.parent() {
            fs::create_dir_all(folder)?;
        }
        let mut file = private().append(true).open(&self.path)?;
        only_for_its_owner(&self.path)?;
        file.write_all(format!("{}\n", escaped(entry)).as_bytes())
    }

    fn rewrite(&self, entries: &[String]) -> io::Result<()> {
        let text: String = entries.iter().map(|e| escaped(e) + "\n").collect();
        let folder = self.path.parent().unwrap_or(Path::new("."));
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        file.write_all(text.as_bytes())?;
        file.persist(&self.path)?;
        Ok(())
    }
}

fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

fn only_for_its_owner(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
    Ok(())
}

fn escaped(entry: &str) -> String {
    entry
        .replace('\\', "\\\\")
        .replace('\n', "\\n")
        .replace('\r', "")
}

fn unescaped(line: &str) -> String {
    let mut entry = String::with_capacity(line.len());
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        match (c, c == '\\') {
            (_, true) => match chars.next() {
                Some('n') => entry.push('\n'),
                Some(other) => entry.push(other),
                None => entry.push('\\'),
            },
            (c, false) => entry.push(c),
        }
    }
    entry
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn entries_come_back_and_tokens_do_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("labs/one.history");
        let (history, entries) = History::open(path.clone());
        assert!(entries.is_empty());
        history.append("docker ps \\\n  -a").unwrap();
        history
            .append("docker swarm join --token SWMTKN-1-secret 10.0.0.2:2377")
            .unwrap();
        history.append("echo \\n").unwrap();
        let (_, entries) = History::open(path.clone());
        assert_eq!(entries, ["docker ps \\\n  -a", "echo \\n"]);
        assert!(!fs::read_to_string(&path).unwrap().contains(TOKEN));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = fs::metadata(&path).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
    }

    #[test]
    fn a_long_file_is_shortened_and_a_damaged_one_set_aside() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("one.history");
        let long: String = (0..2 * MOST + 1).map(|n| format!("line {n}\n")).collect();
        fs::write(&path, long).unwrap();
        let (_, entries) = History::open(path.clone());
        assert_eq!(entries.len(), MOST);
        assert_eq!(entries.last().unwrap(), "line 2000");
        assert_eq!(fs::read_to_string(&path).unwrap().lines().count(), MOST);

        fs::write(&path, [0xff, 0xfe]).unwrap();
        assert!(History::open(path.clone()).1.is_empty());
        assert!(path.with_extension("damaged").exists());
    }
}
