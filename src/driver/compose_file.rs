//! The copy of the compose file in the lab's folder, which the learner may
//! change: `docker compose up -d` takes the change.

use std::path::{Path, PathBuf};

use super::{End, Failure};
use crate::lesson;
use crate::model::Compose;
use crate::words::Lang;

const NAME: &str = "compose.yaml";
/// The text as we wrote it last, to tell an edited copy from an old one.
const WRITTEN: &str = "compose.written.yaml";

/// What became of the copy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Copied {
    /// It is as it was.
    Kept,
    /// It was written.
    Written,
    /// The learner's changed copy was set aside under this name first.
    SetAside(PathBuf),
}

/// Puts the lesson's compose file into the lab's folder `dir`; `state` is where
/// what was written last is kept. A copy that the
/// learner changed is kept as long as the lesson's text is the same.
pub fn put(dir: &Path, state: &Path, text: &str) -> std::io::Result<Copied> {
    let (path, written) = (dir.join(NAME), state.join(WRITTEN));
    let last = std::fs::read_to_string(&written).ok();
    let now = std::fs::read_to_string(&path).ok();
    if last.as_deref() == Some(text) && now.is_some() {
        return Ok(Copied::Kept);
    }
    std::fs::create_dir_all(dir)?;
    std::fs::create_dir_all(state)?;
    let mut copied = Copied::Written;
    if let (Some(now), Some(last)) = (&now, &last)
        && now != last
        && now != text
    {
        let aside = dir.join("compose.yaml.mine");
        std::fs::rename(&path, &aside)?;
        copied = Copied::SetAside(aside);
    }
    std::fs::write(&path, text)?;
    std::fs::write(&written, text)?;
    Ok(copied)
}

/// The lab that the copy describes; `fallback` where there is no copy.
pub fn read(
    dir: &Path,
    fallback: &Compose,
    lang: Lang,
    colour: bool,
    width: usize,
) -> Result<Compose, Failure> {
    let path = dir.join(NAME);
    let Ok(text) = std::fs::read_to_string(&path) else {
        return Ok(fallback.clone());
    };
    let name = path.display().to_string();
    let (compose, problems) = lesson::compose::read(&name, &text);
    if problems.iter().any(lesson::Problem::is_error) {
        let sources = [(name.as_str(), text.as_str())];
        let report = lesson::report(&problems, &sources, lang, colour, width);
        return Err(Failure::Told(End::Usage, report));
    }
    Ok(compose.unwrap_or_else(|| fallback.clone()))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_copy_is_kept_until_the_lesson_has_another_text() {
        let (dir, state) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let path = dir.path().join(NAME);
        assert_eq!(put(dir.path(), state.path(), "one").unwrap(), Copied::Written);
        assert_eq!(put(dir.path(), state.path(), "one").unwrap(), Copied::Kept);
        std::fs::write(&path, "mine").unwrap();
        assert_eq!(put(dir.path(), state.path(), "one").unwrap(), Copied::Kept);
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "mine");
        let aside = dir.path().join("compose.yaml.mine");
        assert_eq!(
            put(dir.path(), state.path(), "two").unwrap(),
            Copied::SetAside(aside.clone())
        );
        assert_eq!(std::fs::read_to_string(aside).unwrap(), "mine");
        assert_eq!(std::fs::read_to_string(path).unwrap(), "two");
    }
}
