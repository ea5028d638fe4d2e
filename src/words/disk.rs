//! What is said where a file or folder can't be used.

use std::io;
use std::path::Path;

use super::Lang;
use crate::progress::Why;

/// What is wrong with a file, and what to do about it.
pub fn error(lang: Lang, path: &Path, source: &io::Error) -> String {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new(".")).display();
    let path = path.display();
    if source.kind() == io::ErrorKind::NotFound {
        return match lang {
            Lang::En => format!("{path} does not exist."),
            Lang::Ko => format!("{path} 파일이나 폴더가 없습니다."),
        };
    }
    match (lang, why(source)) {
        (Lang::En, Why::Permission) => format!(
            "{path} can't be used: no permission. `ls -ld {folder}` shows who may; XDG_STATE_HOME and XDG_CACHE_HOME choose other folders for swarmlings."
        ),
        (Lang::Ko, Why::Permission) => format!(
            "{path}: 권한이 없습니다. `ls -ld {folder}` 명령으로 권한을 확인하세요. swarmlings의 폴더는 XDG_STATE_HOME과 XDG_CACHE_HOME으로 바꿀 수 있습니다."
        ),
        (Lang::En, Why::ReadOnly) => format!(
            "{path} can't be written: the file system is read-only. XDG_STATE_HOME and XDG_CACHE_HOME choose other folders for swarmlings."
        ),
        (Lang::Ko, Why::ReadOnly) => format!(
            "{path}에 쓸 수 없습니다. 읽기 전용 파일 시스템입니다. swarmlings의 폴더는 XDG_STATE_HOME과 XDG_CACHE_HOME으로 바꿀 수 있습니다."
        ),
        (Lang::En, Why::Full) => {
            format!(
                "{path} can't be written: no space is left. `df -h {folder}` shows how full it is."
            )
        }
        (Lang::Ko, Why::Full) => {
            format!(
                "{path}에 쓸 수 없습니다. 남은 공간이 없습니다. `df -h {folder}` 명령으로 확인하세요."
            )
        }
        (Lang::En, Why::NotAFolder) => format!(
            "{path} can't be used: a file stands where a folder should be. Move away the file that is on the way there."
        ),
        (Lang::Ko, Why::NotAFolder) => format!(
            "{path}: 폴더가 있어야 할 곳에 파일이 있습니다. 경로 중간에 있는 파일을 옮기세요."
        ),
        (Lang::En, Why::Other(text)) => format!("{path} can't be used: {text}."),
        (Lang::Ko, Why::Other(text)) => format!("{path}: 쓸 수 없습니다({text})."),
    }
}

/// The reason, also where only the system's words of it are left.
fn why(source: &io::Error) -> Why {
    let kind = match source.raw_os_error() {
        Some(code) => io::Error::from_raw_os_error(code).kind(),
        None => source.kind(),
    };
    match Why::from(io::Error::from(kind)) {
        Why::Other(_) => Why::Other(source.to_string()),
        known => known,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_both_languages() {
        let path = Path::new("/home/ann/.local/state/swarmlings/labs/swarm/lab.json");
        let kinds = [
            io::ErrorKind::NotFound,
            io::ErrorKind::PermissionDenied,
            io::ErrorKind::ReadOnlyFilesystem,
            io::ErrorKind::StorageFull,
            io::ErrorKind::NotADirectory,
        ];
        let mut errors: Vec<io::Error> = kinds.map(io::Error::from).into();
        // ENOSPC, EDQUOT and EIO as the system gives them.
        errors.extend([28, 122, 5].map(io::Error::from_raw_os_error));
        let said: Vec<String> = errors
            .iter()
            .flat_map(|source| [Lang::En, Lang::Ko].map(|lang| error(lang, path, source)))
            .collect();
        insta::assert_snapshot!(said.join("\n"));
    }
}
