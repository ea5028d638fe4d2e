//! Words of what is drawn: captions of a step, the list of lessons, the map.

use super::Lang;
use crate::model::{ContainerState, UpdateState};

/// Above commands that the program runs when a step begins.
pub fn setup_caption(lang: Lang) -> &'static str {
    match lang {
        Lang::En => "The program runs this when the step begins:",
        Lang::Ko => "단계를 시작할 때 프로그램이 다음 명령을 실행합니다:",
    }
}

/// Above commands that the program runs when a step ends.
pub fn cleanup_caption(lang: Lang) -> &'static str {
    match lang {
        Lang::En => "The program runs this when the step ends:",
        Lang::Ko => "단계를 마칠 때 프로그램이 다음 명령을 실행합니다:",
    }
}

/// Above a file of the lesson; in backticks its path.
pub fn file_caption(lang: Lang, path: &str) -> String {
    match lang {
        Lang::En => format!("File `{path}`:"),
        Lang::Ko => format!("`{path}` 파일:"),
    }
}

/// Below the answers of a quiz. `predict`: what then happens tells which was
/// right. `which`: its number and how many the step has, where it is not alone.
pub fn quiz_caption(
    lang: Lang,
    predict: bool,
    several: bool,
    which: Option<(usize, usize)>,
) -> String {
    let caption = match (lang, predict, several) {
        (Lang::En, false, false) => "Type the number of your answer, e.g. `1`.",
        (Lang::En, false, true) => {
            "More than one may be right: type the numbers of your answers, e.g. `1 2`."
        }
        (Lang::En, true, false) => {
            "What do you expect? Type a number, e.g. `1`; then run the commands and see."
        }
        (Lang::En, true, true) => {
            "What do you expect? Type one or more numbers, e.g. `1 2`; then run the commands and see."
        }
        (Lang::Ko, false, false) => "답의 번호를 입력하세요. 예: `1`",
        (Lang::Ko, false, true) => "답이 둘 이상일 수 있습니다. 번호를 모두 입력하세요. 예: `1 2`",
        (Lang::Ko, true, false) => {
            "어떻게 될지 먼저 예상해 보세요. 번호를 입력한 뒤(예: `1`) 명령을 실행해 확인하세요."
        }
        (Lang::Ko, true, true) => {
            "어떻게 될지 먼저 예상해 보세요. 번호를 모두 입력한 뒤(예: `1 2`) 명령을 실행해 확인하세요."
        }
    };
    match (lang, which) {
        (_, None) => caption.to_owned(),
        (Lang::En, Some((1, of))) => format!("Question 1 of {of}. {caption}"),
        (Lang::En, Some((number, of))) => {
            format!("Question {number} of {of}, after the one above.")
        }
        (Lang::Ko, Some((1, of))) => format!("퀴즈 1/{of}. {caption}"),
        (Lang::Ko, Some((number, of))) => {
            format!("퀴즈 {number}/{of}. 위의 퀴즈에 먼저 답하세요.")
        }
    }
}

/// Names optional branches that `more` would show.
pub fn more_caption(lang: Lang, summaries: &str) -> String {
    match lang {
        Lang::En => format!("`more` shows the step again with: {summaries}"),
        Lang::Ko => format!("`more`로 단계를 다시 보면 선택 항목도 나옵니다: {summaries}"),
    }
}

/// Above a hint.
pub fn hint_caption(lang: Lang, number: usize, total: usize) -> String {
    match lang {
        Lang::En => format!("Hint {number} of {total}"),
        Lang::Ko => format!("힌트 {number}/{total}"),
    }
}

/// Below a hint that is not the last one.
pub fn hint_more(lang: Lang) -> &'static str {
    match lang {
        Lang::En => "Still stuck? `hint` gives the next one.",
        Lang::Ko => "그래도 막히면 `hint`를 한 번 더 입력하세요.",
    }
}

/// How far a lesson is, and how long it takes.
pub fn lesson_progress(lang: Lang, done: usize, total: usize, minutes: Option<u32>) -> String {
    let steps = match lang {
        Lang::En => format!("{done}/{total} steps"),
        Lang::Ko => format!("{done}/{total}단계"),
    };
    match (lang, minutes) {
        (_, None) => steps,
        (Lang::En, Some(minutes)) => format!("{steps}, about {minutes} min"),
        (Lang::Ko, Some(minutes)) => format!("{steps}, 약 {minutes}분"),
    }
}

/// A course without lessons.
pub fn no_lessons(lang: Lang) -> &'static str {
    match lang {
        Lang::En => "There are no lessons here.",
        Lang::Ko => "레슨이 없습니다.",
    }
}

/// What stands for the swarm's totals before there is anything to count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nothing {
    /// The lab is not up.
    Lab,
    /// The lab is up; no swarm, or no manager that answers.
    Swarm,
    /// Managers answer, and have no leader.
    Leader,
    /// A swarm without services.
    Services,
}

/// Says what is not there yet.
pub fn nothing(lang: Lang, what: Nothing) -> &'static str {
    match (lang, what) {
        (Lang::En, Nothing::Lab) => "The lab is not up.",
        (Lang::En, Nothing::Swarm) => "No swarm here, or no manager answers.",
        (Lang::En, Nothing::Leader) => "The swarm has no leader.",
        (Lang::En, Nothing::Services) => "The swarm has no services yet.",
        (Lang::Ko, Nothing::Lab) => "실습 환경이 아직 떠 있지 않습니다.",
        (Lang::Ko, Nothing::Swarm) => "스웜이 없거나 응답하는 매니저가 없습니다.",
        (Lang::Ko, Nothing::Leader) => "스웜에 리더가 없습니다.",
        (Lang::Ko, Nothing::Services) => "스웜에 아직 서비스가 없습니다.",
    }
}

/// Heads the tasks that are on no node.
pub fn unplaced(lang: Lang) -> &'static str {
    match lang {
        Lang::En => "on no node",
        Lang::Ko => "배치 안 됨",
    }
}

/// A node of the lab that is no part of the swarm, by what is known of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outside {
    /// Its container is in this state, other than running.
    Container(ContainerState),
    /// Its engine does not answer.
    Silent,
    /// Its engine has not joined.
    NotJoined,
    /// Its engine says it is part of a swarm, which no manager confirms.
    Unconfirmed,
}

/// Says why a node is not in the swarm.
pub fn outside(lang: Lang, why: Outside) -> String {
    let text = match (lang, why) {
        (_, Outside::Container(ContainerState::Exited(code))) => {
            return match lang {
                Lang::En => format!("exited ({code})"),
                Lang::Ko => format!("종료됨({code})"),
            };
        }
        (Lang::En, Outside::Container(ContainerState::Missing)) => "no container",
        (Lang::En, Outside::Container(ContainerState::Created)) => "starting",
        (Lang::En, Outside::Container(ContainerState::Paused)) => "paused",
        (Lang::En, Outside::Silent | Outside::Container(ContainerState::Running)) => {
            "engine does not answer"
        }
        (Lang::En, Outside::NotJoined) => "not in the swarm",
        (Lang::En, Outside::Unconfirmed) => "no manager answers",
        (Lang::Ko, Outside::Container(ContainerState::Missing)) => "컨테이너 없음",
        (Lang::Ko, Outside::Container(ContainerState::Created)) => "시작 중",
        (Lang::Ko, Outside::Container(ContainerState::Paused)) => "일시 정지",
        (Lang::Ko, Outside::Silent | Outside::Container(ContainerState::Running)) => {
            "엔진 응답 없음"
        }
        (Lang::Ko, Outside::NotJoined) => "스웜에 없음",
        (Lang::Ko, Outside::Unconfirmed) => "매니저 응답 없음",
    };
    text.to_owned()
}

/// A row that a node left behind when it left the swarm and came back.
pub fn left_behind(lang: Lang) -> &'static str {
    match lang {
        Lang::En => "old row",
        Lang::Ko => "지난 기록",
    }
}

/// What a task on the map is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Doing {
    /// Running.
    Running,
    /// Waiting for a node.
    Pending,
    /// On its way to running.
    Starting,
    /// Ended with an error.
    Failed,
    /// Being stopped.
    Stopping,
    /// Ended well, as a job does.
    Complete,
}

/// Explains a mark of the map.
pub fn doing(lang: Lang, doing: Doing) -> &'static str {
    match (lang, doing) {
        (Lang::En, Doing::Running) => "running",
        (Lang::En, Doing::Pending) => "pending",
        (Lang::En, Doing::Starting) => "starting",
        (Lang::En, Doing::Failed) => "failed",
        (Lang::En, Doing::Stopping) => "stopping",
        (Lang::En, Doing::Complete) => "complete",
        (Lang::Ko, Doing::Running) => "실행 중",
        (Lang::Ko, Doing::Pending) => "대기 중",
        (Lang::Ko, Doing::Starting) => "시작 중",
        (Lang::Ko, Doing::Failed) => "실패",
        (Lang::Ko, Doing::Stopping) => "멈추는 중",
        (Lang::Ko, Doing::Complete) => "완료",
    }
}

/// The header of the map as a table: node, role, state, task, what it is doing.
pub fn map_header(lang: Lang) -> [&'static str; 5] {
    match lang {
        Lang::En => ["NODE", "ROLE", "STATE", "TASK", "TASK STATE"],
        Lang::Ko => ["노드", "역할", "상태", "태스크", "태스크 상태"],
    }
}

/// Docker's word for the state of an update; none for one that is simply done.
pub fn update_word(state: UpdateState) -> Option<&'static str> {
    match state {
        UpdateState::Completed => None,
        UpdateState::Updating => Some("updating"),
        UpdateState::Paused => Some("paused"),
        UpdateState::RollbackStarted => Some("rollback_started"),
        UpdateState::RollbackPaused => Some("rollback_paused"),
        UpdateState::RollbackCompleted => Some("rollback_completed"),
    }
}
