//! What `lint` says around the problems.

use std::path::{Path, PathBuf};

use super::Lang;
use super::korean::{Particle, with};

/// A path can't be read.
pub fn unreadable(lang: Lang, path: &Path, error: &std::io::Error) -> String {
    let path = path.display().to_string();
    match lang {
        Lang::En => format!("{path} can't be read: {error}."),
        Lang::Ko => format!(
            "{} 읽을 수 없습니다: {error}.",
            with(&path, Particle::Object)
        ),
    }
}

/// There is no lesson there.
pub fn no_lessons(lang: Lang, paths: &[PathBuf]) -> String {
    let list: Vec<String> = paths
        .iter()
        .map(|path| path.display().to_string())
        .collect();
    let list = list.join(", ");
    match lang {
        Lang::En => format!(
            "No lesson found in {list}. Name a Markdown file, or a folder that has some beside its README.md."
        ),
        Lang::Ko => format!(
            "레슨을 찾지 못했습니다: {list}. Markdown 파일이나, README.md 외에 Markdown 파일이 있는 폴더를 지정하세요."
        ),
    }
}

/// `12 files: 2 errors, 1 warning.`
pub fn summary(lang: Lang, files: usize, totals: &str) -> String {
    match lang {
        Lang::En if files == 1 => format!("1 lesson: {totals}"),
        Lang::En => format!("{files} lessons: {totals}"),
        Lang::Ko => format!("레슨 {files}개: {totals}"),
    }
}
