//! Where everything lies: the XDG folders, and one folder below them for each lab.

use std::path::{Path, PathBuf};

use etcetera::BaseStrategy;
use etcetera::base_strategy::Xdg;

use super::file::{self, Notice, ProgressError};
use super::{Progress, Settings};

/// The program's two folders.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folders {
    /// Settings: `$XDG_CONFIG_HOME/swarmlings`.
    pub config: PathBuf,
    /// Labs: `$XDG_STATE_HOME/swarmlings`.
    pub state: PathBuf,
    /// Images that the program made: `$XDG_CACHE_HOME/swarmlings`.
    pub cache: PathBuf,
}

impl Folders {
    /// By the XDG variables, else below the home directory.
    pub fn of_user() -> Result<Folders, ProgressError> {
        let xdg = Xdg::new().map_err(|_| ProgressError::NoHome)?;
        let state = xdg
            .state_dir()
            .unwrap_or_else(|| xdg.home_dir().join(".local/state"));
        Ok(Folders {
            config: xdg.config_dir().join("swarmlings"),
            state: state.join("swarmlings"),
            cache: xdg.cache_dir().join("swarmlings"),
        })
    }
}

/// What is kept of one lab. Opening it touches nothing on the disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Store {
    folders: Folders,
    folder: PathBuf,
}

impl Store {
    /// The store of a lab, in the user's own folders.
    pub fn open(lab: &str) -> Result<Store, ProgressError> {
        Store::within(Folders::of_user()?, lab)
    }

    /// The store of a lab, in these folders. A lab's name is `[a-z0-9][a-z0-9-]{0,30}`,
    /// because it becomes part of the names of folders and containers.
    pub fn within(folders: Folders, lab: &str) -> Result<Store, ProgressError> {
        let fits = (1..=31).contains(&lab.len())
            && !lab.starts_with('-')
            && lab
                .bytes()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-');
        if !fits {
            return Err(ProgressError::LabName(lab.to_owned()));
        }
        let folder = folders.state.join("labs").join(lab);
        Ok(Store { folders, folder })
    }

    /// How far the learner is. Nothing there yet: the beginning. A damaged
    /// file is set aside, which the notice tells; a newer program's file is an
    /// error, and stays as it is.
    pub fn load(&self) -> Result<(Progress, Option<Notice>), ProgressError> {
        file::read(&self.progress_file())
    }

    /// Keeps it, as a whole or not at all.
    pub fn save(&self, progress: &Progress) -> Result<(), ProgressError> {
        file::write(&self.progress_file(), progress)
    }

    /// The user's settings, read as `load` does.
    pub fn settings(&self) -> Result<(Settings, Option<Notice>), ProgressError> {
        file::read(&self.settings_file())
    }

    /// Keeps the settings, as a whole or not at all.
    pub fn save_settings(&self, settings: &Settings) -> Result<(), ProgressError> {
        file::write(&self.settings_file(), settings)
    }

    /// Makes the lab's folders, for the files that others write there.
    pub fn prepare(&self) -> Result<(), ProgressError> {
        file::make_folder(&self.lab_dir())
    }

    /// The lab's folder, where its lock lies too.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Where `compose.yaml` and `stack/` live. Nothing of ours lies here, as
    /// the lab's nodes may mount what is below it.
    pub fn lab_dir(&self) -> PathBuf {
        self.folder.join("lab")
    }

    /// Removes what was kept of the lab itself; what the learner did (progress,
    /// history) stays. Where there is none of that, the lab's folder goes too.
    pub fn remove_lab_files(&self) -> std::io::Result<()> {
        let gone = |result: std::io::Result<()>| match result {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
            other => other,
        };
        gone(std::fs::remove_dir_all(self.lab_dir()))?;
        for name in [
            "lab.json",
            "compose.written.yaml",
            "swarmlings.log",
            "swarmlings.log.old",
        ] {
            gone(std::fs::remove_file(self.folder.join(name)))?;
        }
        let learner = [self.progress_file(), self.history()];
        if learner.iter().any(|file| file.exists()) {
            return Ok(());
        }
        gone(std::fs::remove_dir_all(&self.folder))
    }

    /// Where images that the program makes are kept, for all labs.
    pub fn cache(&self) -> PathBuf {
        self.folders.cache.clone()
    }

    /// The lines that were typed.
    pub fn history(&self) -> PathBuf {
        self.folder.join("history")
    }

    /// What the program did.
    pub fn log_file(&self) -> PathBuf {
        self.folder.join("swarmlings.log")
    }

    /// The file of `load` and `save`.
    pub fn progress_file(&self) -> PathBuf {
        self.folder.join("progress.json")
    }

    /// The file of `settings` and `save_settings`.
    pub fn settings_file(&self) -> PathBuf {
        self.folders.config.join("settings.json")
    }

    /// The labs of which anything is kept, by name.
    pub fn labs(folders: &Folders) -> Vec<String> {
        let Ok(entries) = std::fs::read_dir(folders.state.join("labs")) else {
            return Vec::new();
        };
        let mut names: Vec<String> = entries
            .flatten()
            .filter_map(|entry| entry.file_name().into_string().ok())
            .filter(|name| Store::within(folders.clone(), name).is_ok())
            .collect();
        names.sort();
        names
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::fs;
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;
    use crate::progress::{Doing, Status, Why};
    use crate::words::Lang;

    fn home() -> (tempfile::TempDir, Store) {
        let home = tempfile::tempdir().unwrap();
        let folders = Folders {
            config: home.path().join("config/swarmlings"),
            state: home.path().join("state/swarmlings"),
            cache: home.path().join("cache/swarmlings"),
        };
        let store = Store::within(folders, "swarm").unwrap();
        (home, store)
    }

    fn some() -> Progress {
        let mut progress = Progress {
            current: Some("swarm-basics/first/join".into()),
            lab_up: true,
            languages: vec![Lang::Ko, Lang::En],
            consent: true,
            ..Progress::default()
        };
        progress.end("swarm-basics/first/init", Status::Done, 1_700_000_000);
        progress.hinted("swarm-basics/first/join", 2);
        progress
    }

    fn write_raw(store: &Store, text: &str) {
        fs::create_dir_all(store.folder()).unwrap();
        fs::write(store.progress_file(), text).unwrap();
    }

    fn files(store: &Store) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(store.folder())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn what_is_saved_is_loaded() {
        let (_home, store) = home();
        assert_eq!(store.load().unwrap(), (Progress::default(), None));
        assert!(!store.folder().exists(), "looking leaves no trace");
        store.save(&some()).unwrap();
        assert_eq!(store.load().unwrap(), (some(), None));
        store.save(&Progress::default()).unwrap();
        assert_eq!(store.load().unwrap(), (Progress::default(), None));
        assert_eq!(files(&store), ["progress.json"]);
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&store.progress_file()), 0o600);
        assert_eq!(mode(store.folder()), 0o700);
        assert_eq!(Store::labs(&store.folders), ["swarm"]);
    }

    #[test]
    fn the_file_is_as_documented() {
        let (_home, store) = home();
        store.save(&some()).unwrap();
        insta::assert_snapshot!(fs::read_to_string(store.progress_file()).unwrap());
    }

    #[test]
    fn an_older_file_of_this_format_is_read() {
        let (_home, store) = home();
        write_raw(
            &store,
            r#"{"format": 1, "unknown": [1], "current": "a/b/c"}"#,
        );
        let (progress, notice) = store.load().unwrap();
        assert_eq!(progress.current.as_deref(), Some("a/b/c"));
        assert_eq!(notice, None);
    }

    #[test]
    fn a_damaged_file_is_set_aside_under_a_name_that_is_told() {
        let (_home, store) = home();
        for (n, text) in [
            "",
            "{\"format\": 1, \"steps\": ",
            "[]",
            "{\"current\": \"a/b/c\"}",
            "{\"format\": \"one\"}",
            "{\"format\": 0}",
            "{\"format\": 1, \"steps\": 7}",
        ]
        .iter()
        .enumerate()
        {
            write_raw(&store, text);
            let (progress, notice) = store.load().unwrap();
            assert_eq!(progress, Progress::default());
            let kept_as = store
                .folder()
                .join(format!("progress.json.damaged-{}", n + 1));
            assert_eq!(
                notice,
                Some(Notice::Damaged {
                    path: store.progress_file(),
                    kept_as: kept_as.clone(),
                }),
                "{text}"
            );
            assert_eq!(fs::read_to_string(kept_as).unwrap(), *text);
            assert_eq!(store.load().unwrap().1, None);
        }
    }

    #[test]
    fn a_newer_file_is_left_alone() {
        let (_home, store) = home();
        let text = r#"{"format": 2, "steps": "otherwise"}"#;
        write_raw(&store, text);
        let newer = ProgressError::Newer {
            path: store.progress_file(),
            format: 2,
        };
        assert_eq!(store.load().unwrap_err(), newer);
        assert_eq!(store.save(&some()).unwrap_err(), newer);
        assert_eq!(fs::read_to_string(store.progress_file()).unwrap(), text);
        assert_eq!(files(&store), ["progress.json"]);
    }

    #[test]
    fn saving_over_a_damaged_file_keeps_it() {
        let (_home, store) = home();
        write_raw(&store, "half of someth");
        store.save(&some()).unwrap();
        assert_eq!(store.load().unwrap(), (some(), None));
        assert_eq!(files(&store), ["progress.json", "progress.json.damaged-1"]);
    }

    #[test]
    fn where_nothing_can_be_written_loading_works_and_saving_says_why() {
        let (home, _) = home();
        fs::write(home.path().join("file"), "").unwrap();
        let below_a_file = Folders {
            config: home.path().join("file/config"),
            state: home.path().join("file/state"),
            cache: home.path().join("file/cache"),
        };
        let store = Store::within(below_a_file, "swarm").unwrap();
        let error = store.save(&some()).unwrap_err();
        assert!(
            matches!(
                &error,
                ProgressError::Disk {
                    why: Why::NotAFolder,
                    ..
                }
            ),
            "{error:?}"
        );
        // Root may write everywhere, so a folder without permission proves
        // something only for others.
        let (_home, store) = self::home();
        store.prepare().unwrap();
        let read_only = fs::Permissions::from_mode(0o500);
        fs::set_permissions(store.folder(), read_only).unwrap();
        if fs::write(store.folder().join("probe"), "").is_err() {
            assert_eq!(store.load().unwrap(), (Progress::default(), None));
            assert_eq!(
                store.save(&some()).unwrap_err(),
                ProgressError::Disk {
                    doing: Doing::Writing,
                    path: store.progress_file(),
                    why: Why::Permission,
                }
            );
        }
    }

    #[test]
    fn a_link_stays_a_link() {
        let (home, store) = home();
        let elsewhere = home.path().join("dotfiles.json");
        fs::create_dir_all(store.folder()).unwrap();
        fs::write(&elsewhere, "{\"format\": 1}").unwrap();
        symlink(&elsewhere, store.progress_file()).unwrap();
        store.save(&some()).unwrap();
        assert!(
            fs::symlink_metadata(store.progress_file())
                .unwrap()
                .is_symlink()
        );
        assert_eq!(store.load().unwrap(), (some(), None));
    }

    #[test]
    fn settings_may_be_written_by_hand() {
        let (_home, store) = home();
        fs::create_dir_all(store.settings_file().parent().unwrap()).unwrap();
        fs::write(store.settings_file(), r#"{"languages": ["ko"]}"#).unwrap();
        let (mut settings, notice) = store.settings().unwrap();
        assert_eq!(
            (settings.languages.as_slice(), notice),
            (&[Lang::Ko][..], None)
        );
        settings.node_image = Some("docker:28-dind".into());
        store.save_settings(&settings).unwrap();
        assert_eq!(store.settings().unwrap(), (settings, None));
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig {
            cases: 64,
            failure_persistence: None,
            ..Default::default()
        })]

        #[test]
        fn whatever_the_file_holds_it_is_not_lost(
            head in "(\\{\"format\": ?[0-9]{1,2})?",
            rest in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..40),
        ) {
            let (_home, store) = home();
            let bytes = [head.as_bytes(), &rest].concat();
            fs::create_dir_all(store.folder()).unwrap();
            fs::write(store.progress_file(), &bytes).unwrap();
            let kept = match store.load() {
                Ok((_, Some(Notice::Damaged { kept_as, .. }))) => kept_as,
                Ok((_, None)) | Err(_) => store.progress_file(),
            };
            proptest::prop_assert_eq!(fs::read(kept).unwrap(), bytes);
        }
    }

    #[test]
    fn names_of_labs() {
        let (_home, store) = home();
        let fits = |name: &str| Store::within(store.folders.clone(), name).is_ok();
        for name in ["swarm", "0", "a-b-9", &"a".repeat(31)] {
            assert!(fits(name), "{name}");
        }
        for name in [
            "",
            "-a",
            "A",
            "a_b",
            "a/b",
            "..",
            "스웜",
            "a b",
            &"a".repeat(32),
        ] {
            assert!(!fits(name), "{name}");
        }
    }
}
