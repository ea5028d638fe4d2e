//! What is said of files that can't be read or kept, and of a lab in use.

use std::path::Path;

use crate::progress::{Doing, LockError, Notice, ProgressError, Why};

use super::Lang;
use super::korean::Particle::Topic;
use super::korean::with;

/// What the learner should know about a file that was read.
pub fn notice(lang: Lang, notice: &Notice) -> String {
    match (lang, notice) {
        (Lang::En, Notice::Damaged { path, kept_as }) => format!(
            "{} could not be read: it is damaged. It is kept as {}; a new one begins.",
            path.display(),
            kept_as.display()
        ),
        (Lang::Ko, Notice::Damaged { path, kept_as }) => format!(
            "{} 파일이 손상되어 읽을 수 없습니다. {} 파일로 보관하고 새로 시작합니다.",
            path.display(),
            kept_as.display()
        ),
    }
}

/// What went wrong, and what to do now: a sentence or two an entry.
pub fn error(lang: Lang, error: &ProgressError) -> Vec<String> {
    match lang {
        Lang::En => english(error),
        Lang::Ko => korean(error),
    }
}

/// Why the lab can't be driven now, and what to do.
pub fn locked(lang: Lang, refusal: &LockError) -> Vec<String> {
    match (lang, refusal) {
        (_, LockError::Disk(disk)) => error(lang, disk),
        (Lang::En, LockError::Held { pid }) => vec![
            match pid {
                Some(pid) => format!("This lab is in use by another swarmlings (process {pid})."),
                None => "This lab is in use by another swarmlings.".into(),
            },
            "Go on there or end it there, or take another lab with `--lab NAME`. \
             `status`, `list` and `check` work meanwhile."
                .into(),
        ],
        (Lang::Ko, LockError::Held { pid }) => vec![
            match pid {
                Some(pid) => {
                    format!("다른 swarmlings(프로세스 {pid})가 이 실습 환경을 사용하고 있습니다.")
                }
                None => "다른 swarmlings가 이 실습 환경을 사용하고 있습니다.".into(),
            },
            "그쪽에서 계속하거나 끝낸 뒤 다시 시도하세요. `--lab NAME`으로 다른 실습 환경을 쓸 수도 있습니다. \
             그동안에도 `status`, `list`, `check`는 쓸 수 있습니다."
                .into(),
        ],
    }
}

fn english(error: &ProgressError) -> Vec<String> {
    match error {
        ProgressError::LabName(name) => vec![
            format!("`{name}` is not a name for a lab."),
            "A lab's name has 1 to 31 small letters, digits and hyphens, and begins with a \
             letter or digit."
                .into(),
        ],
        ProgressError::NoHome => vec![
            "There is no home directory to keep progress in.".into(),
            "Set HOME, or XDG_STATE_HOME and XDG_CONFIG_HOME.".into(),
        ],
        ProgressError::Newer { path, format } => vec![
            format!(
                "{} was written by a newer swarmlings (format {format}). It was left as it is.",
                path.display()
            ),
            "Use the newer swarmlings, or another lab with `--lab NAME`.".into(),
        ],
        ProgressError::Disk { doing, path, why } => {
            let place = place(*doing, path).display();
            let path = path.display();
            let what = match doing {
                Doing::Reading => format!("{path} could not be read"),
                Doing::Writing => format!("{path} could not be written"),
                Doing::SettingAside => {
                    format!("{path} is damaged and could not be given another name")
                }
                Doing::Locking => format!("The lab's lock {path} could not be taken"),
            };
            let (because, cure) = match why {
                Why::Permission => (
                    "no permission",
                    format!("`ls -ld {place}` shows who may; `chmod` or `chown` changes it."),
                ),
                Why::ReadOnly => (
                    "the file system is read-only",
                    "Set XDG_STATE_HOME and XDG_CONFIG_HOME to folders that can be written.".into(),
                ),
                Why::Full => (
                    "no space is left",
                    "Free some space; `df -h` shows where.".into(),
                ),
                Why::NotAFolder => (
                    "a file stands where a folder should be",
                    format!("Move away the file that stands on the way to {path}."),
                ),
                Why::Other(text) => (
                    text.as_str(),
                    "XDG_STATE_HOME and XDG_CONFIG_HOME choose other folders.".into(),
                ),
            };
            vec![format!("{what}: {because}."), in_english(*doing, cure)]
        }
    }
}

/// Whose permission matters: to write a file anew, its folder's.
fn place(doing: Doing, path: &Path) -> &Path {
    match doing {
        Doing::Reading | Doing::Locking => path,
        Doing::Writing | Doing::SettingAside => path.parent().unwrap_or(path),
    }
}

fn in_english(doing: Doing, cure: String) -> String {
    match doing {
        Doing::Writing => format!("{cure} Until then nothing is saved."),
        Doing::Reading | Doing::SettingAside | Doing::Locking => cure,
    }
}

fn korean(error: &ProgressError) -> Vec<String> {
    match error {
        ProgressError::LabName(name) => vec![
            format!(
                "{} 실습 환경 이름으로 쓸 수 없습니다.",
                with(&format!("`{name}`"), Topic)
            ),
            "실습 환경 이름은 영문 소문자, 숫자, 하이픈으로 된 1~31자이며 영문자나 숫자로 시작해야 합니다."
                .into(),
        ],
        ProgressError::NoHome => vec![
            "진행 상황을 저장할 홈 디렉터리가 없습니다.".into(),
            "HOME을 설정하거나, XDG_STATE_HOME과 XDG_CONFIG_HOME을 설정하세요.".into(),
        ],
        ProgressError::Newer { path, format } => vec![
            format!(
                "{} 파일은 더 최신 버전의 swarmlings가 저장했습니다(형식 {format}). 파일은 그대로 두었습니다.",
                path.display()
            ),
            "최신 버전의 swarmlings를 쓰거나, `--lab NAME`으로 다른 실습 환경을 쓰세요.".into(),
        ],
        ProgressError::Disk { doing, path, why } => {
            let place = place(*doing, path).display();
            let path = path.display();
            let what = match doing {
                Doing::Reading => format!("{path}: 읽지 못했습니다"),
                Doing::Writing => format!("{path}: 쓰지 못했습니다"),
                Doing::SettingAside => {
                    format!("{path}: 파일이 손상되었는데 다른 이름으로 바꾸지 못했습니다")
                }
                Doing::Locking => format!("{path}: 실습 환경을 잠그지 못했습니다"),
            };
            let (because, cure) = match why {
                Why::Permission => (
                    "권한이 없습니다",
                    format!(
                        "`ls -ld {place}` 명령으로 권한을 확인하고 `chmod`나 `chown`으로 바꾸세요."
                    ),
                ),
                Why::ReadOnly => (
                    "읽기 전용 파일 시스템입니다",
                    "XDG_STATE_HOME과 XDG_CONFIG_HOME을 쓰기 가능한 폴더로 설정하세요.".into(),
                ),
                Why::Full => (
                    "남은 공간이 없습니다",
                    "`df -h`로 확인하고 공간을 확보하세요.".into(),
                ),
                Why::NotAFolder => (
                    "폴더가 있어야 할 곳에 파일이 있습니다",
                    format!("{path} 경로의 중간에 있는 파일을 옮기세요."),
                ),
                Why::Other(text) => (
                    text.as_str(),
                    "XDG_STATE_HOME과 XDG_CONFIG_HOME으로 다른 폴더를 지정할 수 있습니다.".into(),
                ),
            };
            vec![format!("{what}. {because}."), in_korean(*doing, cure)]
        }
    }
}

fn in_korean(doing: Doing, cure: String) -> String {
    match doing {
        Doing::Writing => format!("{cure} 그때까지는 저장되지 않습니다."),
        Doing::Reading | Doing::SettingAside | Doing::Locking => cure,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_in_both_languages() {
        let path = || "/home/me/.local/state/swarmlings/labs/swarm/progress.json".into();
        let mut errors = vec![
            ProgressError::LabName("My Lab".into()),
            ProgressError::NoHome,
            ProgressError::Newer {
                path: path(),
                format: 2,
            },
        ];
        for doing in [
            Doing::Reading,
            Doing::Writing,
            Doing::SettingAside,
            Doing::Locking,
        ] {
            errors.push(ProgressError::Disk {
                doing,
                path: path(),
                why: Why::Permission,
            });
        }
        for why in [
            Why::ReadOnly,
            Why::Full,
            Why::NotAFolder,
            Why::Other("Input/output error (os error 5)".into()),
        ] {
            errors.push(ProgressError::Disk {
                doing: Doing::Writing,
                path: path(),
                why,
            });
        }
        let damaged = Notice::Damaged {
            path: path(),
            kept_as: "/home/me/.local/state/swarmlings/labs/swarm/progress.json.damaged-1".into(),
        };
        let held = [Some(4711), None].map(|pid| LockError::Held { pid });
        let said: Vec<String> =
            errors
                .iter()
                .flat_map(|failed| [Lang::En, Lang::Ko].map(|lang| error(lang, failed).join("\n")))
                .chain([Lang::En, Lang::Ko].map(|lang| notice(lang, &damaged)))
                .chain(held.iter().flat_map(|held| {
                    [Lang::En, Lang::Ko].map(|lang| locked(lang, held).join("\n"))
                }))
                .collect();
        insta::assert_snapshot!(said.join("\n\n"));
    }
}
