//! What `doctor` finds, and what to do about it.

mod en;
mod ko;

use super::Lang;
use crate::doctor::{Finding, Level};

/// How bad it is, as a sign in words.
pub fn level(lang: Lang, level: Level) -> &'static str {
    match (lang, level) {
        (Lang::En, Level::Ok) => "ok:",
        (Lang::En, Level::Note) => "note:",
        (Lang::En, Level::Problem) => "problem:",
        (Lang::Ko, Level::Ok) => "정상:",
        (Lang::Ko, Level::Note) => "참고:",
        (Lang::Ko, Level::Problem) => "문제:",
    }
}

/// What was found, in a sentence or two.
pub fn says(lang: Lang, finding: &Finding) -> String {
    match lang {
        Lang::En => en::says(finding),
        Lang::Ko => ko::says(finding),
    }
}

/// What to do about it; its commands come after it. `None`: nothing.
pub fn cure(lang: Lang, finding: &Finding) -> Option<String> {
    match lang {
        Lang::En => en::cure(finding),
        Lang::Ko => ko::cure(finding),
    }
}

/// Something that `--fix` did, or could not do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fixed {
    /// The images of the course are here now.
    Images(usize),
    /// They could not all be had.
    NoImages(String),
    /// A kernel module was loaded.
    Modprobe,
    /// It could not be.
    NoModprobe(String),
    /// What lost labs had left was removed: containers, networks.
    Leftovers(usize, usize),
    /// It could not be.
    NoLeftovers(String),
    /// Old images were removed.
    OldImages(usize),
}

/// What `--fix` did.
pub fn fixed(lang: Lang, fixed: &Fixed) -> String {
    match (lang, fixed) {
        (Lang::En, Fixed::Images(1)) => "Fetched 1 image.".to_owned(),
        (Lang::En, Fixed::Images(count)) => format!("Fetched {count} images."),
        (Lang::Ko, Fixed::Images(count)) => format!("이미지 {count}개를 준비했습니다."),
        (Lang::En, Fixed::NoImages(why)) => format!("Images could not be fetched. {why}"),
        (Lang::Ko, Fixed::NoImages(why)) => format!("이미지를 준비하지 못했습니다. {why}"),
        (Lang::En, Fixed::Modprobe) => "Loaded the kernel module ip_vs.".to_owned(),
        (Lang::Ko, Fixed::Modprobe) => "커널 모듈 ip_vs를 로드했습니다.".to_owned(),
        (Lang::En, Fixed::NoModprobe(why)) => format!("`modprobe ip_vs` failed: {why}."),
        (Lang::Ko, Fixed::NoModprobe(why)) => {
            format!("`modprobe ip_vs`가 실패했습니다: {why}.")
        }
        (Lang::En, Fixed::Leftovers(containers, networks)) => {
            format!("Removed leftovers: {}.", things(*containers, *networks))
        }
        (Lang::Ko, Fixed::Leftovers(containers, networks)) => {
            format!("남은 것을 지웠습니다: 컨테이너 {containers}개, 네트워크 {networks}개.")
        }
        (Lang::En, Fixed::NoLeftovers(why)) => format!("Leftovers could not be removed. {why}"),
        (Lang::Ko, Fixed::NoLeftovers(why)) => format!("남은 것을 지우지 못했습니다. {why}"),
        (Lang::En, Fixed::OldImages(1)) => "Removed 1 old image tag.".to_owned(),
        (Lang::En, Fixed::OldImages(count)) => format!("Removed {count} old image tags."),
        (Lang::Ko, Fixed::OldImages(count)) => {
            format!("오래된 이미지 태그 {count}개를 지웠습니다.")
        }
    }
}

/// While a registry is asked and takes its time.
pub fn asking_registry(lang: Lang) -> &'static str {
    match lang {
        Lang::En => "Looking for images, and whether a registry answers…",
        Lang::Ko => "이미지가 있는지, 레지스트리가 응답하는지 확인하는 중…",
    }
}

/// The question before `sudo` is used.
pub fn may_modprobe(lang: Lang) -> &'static str {
    match lang {
        Lang::En => {
            "The routing mesh needs the kernel module ip_vs. Load it with `sudo modprobe ip_vs`?"
        }
        Lang::Ko => {
            "라우팅 메시에는 커널 모듈 ip_vs가 필요합니다. `sudo modprobe ip_vs`로 로드할까요?"
        }
    }
}

/// While a throw-away node is tried.
pub fn trying(lang: Lang) -> &'static str {
    match lang {
        Lang::En => "Trying a throw-away node…",
        Lang::Ko => "시험용 노드를 실행해 보는 중…",
    }
}

/// The last line.
pub fn conclusion(lang: Lang, problems: usize, notes: usize) -> String {
    match (lang, problems, notes) {
        (Lang::En, 0, 0) => "A lab can run here.".to_owned(),
        (Lang::En, 0, 1) => "A lab can run here; 1 note.".to_owned(),
        (Lang::En, 0, _) => format!("A lab can run here; {notes} notes."),
        (Lang::En, 1, _) => "A lab can't run here yet: 1 problem.".to_owned(),
        (Lang::En, _, _) => format!("A lab can't run here yet: {problems} problems."),
        (Lang::Ko, 0, 0) => "여기서 실습 환경을 실행할 수 있습니다.".to_owned(),
        (Lang::Ko, 0, _) => format!("여기서 실습 환경을 실행할 수 있습니다. 참고할 점 {notes}개."),
        (Lang::Ko, _, _) => format!("아직 실습 환경을 실행할 수 없습니다. 문제 {problems}개."),
    }
}

/// `4 containers and 1 network`
fn things(containers: usize, networks: usize) -> String {
    let plural = |count: usize| if count == 1 { "" } else { "s" };
    format!(
        "{containers} container{} and {networks} network{}",
        plural(containers),
        plural(networks)
    )
}

fn mb(bytes: u64) -> String {
    match bytes {
        0..1_000_000_000 => format!("{} MB", bytes / 1_000_000),
        _ => format!("{:.1} GB", bytes as f64 / 1e9),
    }
}

fn listed<T: ToString>(items: &[T]) -> String {
    let items: Vec<String> = items.iter().map(ToString::to_string).collect();
    items.join(", ")
}

#[cfg(test)]
mod tests;
