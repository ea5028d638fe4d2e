//! What the program says around a session: greetings, status, and the command line.

use std::path::Path;

use super::Lang;
use super::korean::{Particle, with};

/// The first line.
pub fn welcome(lang: Lang, course: &str, done: usize, all: usize) -> String {
    match (lang, done) {
        (Lang::En, 0) => format!("swarmlings: {course}"),
        (Lang::En, _) => format!("swarmlings: {course} ({done} of {all} steps done)"),
        (Lang::Ko, 0) => format!("swarmlings: {course}"),
        (Lang::Ko, _) => format!("swarmlings: {course}({all}단계 중 {done}단계 완료)"),
    }
}

/// How to get about.
pub fn how_to(lang: Lang) -> &'static str {
    match lang {
        Lang::En => {
            "Type the lesson's commands. Enter goes on, `hint` helps, `help` shows the rest, Ctrl-D leaves."
        }
        Lang::Ko => {
            "레슨의 명령을 그대로 입력하세요. Enter는 다음으로, `hint`는 힌트, `help`는 도움말, Ctrl-D는 나가기입니다."
        }
    }
}

/// The lab that progress knows is not there.
pub fn lab_gone(lang: Lang) -> &'static str {
    match lang {
        Lang::En => "The lab that was up when you left is gone.",
        Lang::Ko => "지난번에 떠 있던 실습 환경이 없어졌습니다.",
    }
}

/// The step that progress names is not in the course any more.
pub fn step_gone(lang: Lang, gone: &str, here: &str) -> String {
    match lang {
        Lang::En => format!(
            "The step `{gone}` is not in this course any more. You go on at `{here}`; what you have done is kept."
        ),
        Lang::Ko => format!(
            "`{gone}` 단계는 이제 이 과정에 없습니다. `{here}` 단계에서 이어서 하면 됩니다. 지금까지의 진행 상황은 그대로 남아 있습니다."
        ),
    }
}

/// The lab is not what the steps before made it.
pub fn drifted(lang: Lang) -> &'static str {
    match lang {
        Lang::En => "The lab is not as you left it:",
        Lang::Ko => "실습 환경이 지난번에 나갈 때와 달라졌습니다.",
    }
}

/// The learner said yes.
pub fn preparing(lang: Lang) -> &'static str {
    match lang {
        Lang::En => {
            "It is made ready while you read; in the lesson, `docker compose up -d` starts it."
        }
        Lang::Ko => {
            "읽는 동안 준비해 둡니다. 레슨에서 `docker compose up -d`를 입력하면 시작합니다."
        }
    }
}

/// The learner said no.
pub fn not_prepared(lang: Lang) -> &'static str {
    match lang {
        Lang::En => "Nothing was started. You can read on; `docker compose up -d` asks again.",
        Lang::Ko => {
            "아무것도 시작하지 않았습니다. 계속 읽을 수 있고, `docker compose up -d`를 입력하면 다시 묻습니다."
        }
    }
}

/// Neither yes nor no.
pub fn yes_or_no(lang: Lang) -> &'static str {
    match lang {
        Lang::En => "Please answer y or n.",
        Lang::Ko => "y 또는 n으로 답해 주세요.",
    }
}

/// A question in a script that has no answer for it.
pub fn not_answered(lang: Lang, ended: bool) -> &'static str {
    match (lang, ended) {
        (Lang::En, false) => {
            "The next line is no answer, so this counts as no, and the line is read as any other. `--yes` goes on without a question."
        }
        (Lang::En, true) => {
            "The input has ended without an answer, so this counts as no. `--yes` goes on without a question."
        }
        (Lang::Ko, false) => {
            "다음 줄이 y나 n이 아니어서 \"아니요\"로 처리하고, 그 줄은 보통 입력으로 읽습니다. 묻지 않고 진행하려면 `--yes`를 붙이세요."
        }
        (Lang::Ko, true) => {
            "답 없이 입력이 끝나 \"아니요\"로 처리합니다. 묻지 않고 진행하려면 `--yes`를 붙이세요."
        }
    }
}

/// The learner's compose file was set aside.
pub fn set_aside(lang: Lang, path: &Path) -> String {
    match lang {
        Lang::En => format!(
            "This lesson has another compose file; yours was kept as {}.",
            path.display()
        ),
        Lang::Ko => format!(
            "이 레슨은 다른 컴포즈 파일을 씁니다. 직접 고친 파일은 {} 파일로 보관했습니다.",
            path.display()
        ),
    }
}

/// The engine answers again.
pub fn engine_back(lang: Lang) -> &'static str {
    match lang {
        Lang::En => "The Docker Engine answers again.",
        Lang::Ko => "도커 엔진이 다시 응답합니다.",
    }
}

/// Above the live map.
pub fn leave_map(lang: Lang) -> &'static str {
    match lang {
        Lang::En => "(any key leaves)",
        Lang::Ko => "(아무 키나 누르면 나갑니다)",
    }
}

/// The lab is as at the step's entry.
pub fn arrived(lang: Lang, step: &str, seconds: f64) -> String {
    match lang {
        Lang::En => format!("The lab is as `{step}` begins ({seconds:.1} s)."),
        Lang::Ko => {
            format!("실습 환경을 `{step}` 단계가 시작될 때의 상태로 만들었습니다({seconds:.1}초).")
        }
    }
}

/// The learner did not agree.
pub fn nothing_changed(lang: Lang) -> &'static str {
    match lang {
        Lang::En => "Nothing was changed.",
        Lang::Ko => "아무것도 바꾸지 않았습니다.",
    }
}

/// The lab could not be made so.
pub fn not_arrived(lang: Lang, stopped: bool) -> &'static str {
    match (lang, stopped) {
        (Lang::En, true) => {
            "Stopped on the way. You are at the step you were, and the lab is not ready for it: `reset` makes it so."
        }
        (Lang::Ko, true) => {
            "중단했습니다. 단계는 그대로지만 실습 환경은 준비가 덜 된 상태입니다. `reset`으로 이 단계에 맞게 만드세요."
        }
        (Lang::En, false) => {
            "The lab was not made ready. You are at the step you were; `reset` tries again."
        }
        (Lang::Ko, false) => {
            "실습 환경을 준비하지 못했습니다. 있던 단계에 그대로 있습니다. `reset`으로 다시 시도할 수 있습니다."
        }
    }
}

/// A step on the way did not come to its end.
pub fn step_failed(lang: Lang, step: &str) -> String {
    match lang {
        Lang::En => format!("`{step}` did not come out as it should:"),
        Lang::Ko => format!(
            "{} 제대로 끝나지 않았습니다.",
            with(&format!("`{step}`"), Particle::Subject)
        ),
    }
}

/// Where the learner is.
pub fn status_line(lang: Lang, title: &str, name: &str) -> String {
    match lang {
        Lang::En => format!("{title} ({name})"),
        Lang::Ko => format!("{title}({name})"),
    }
}

/// A file can't be read.
pub fn unreadable(lang: Lang, name: &str, error: &std::io::Error) -> String {
    match lang {
        Lang::En => format!("{name} can't be read: {error}."),
        Lang::Ko => format!(
            "{} 읽을 수 없습니다: {error}.",
            with(name, Particle::Object)
        ),
    }
}

/// A command of somebody's tutorial holds a placeholder, and nobody can be asked.
pub fn lacks_value(lang: Lang, placeholder: &str) -> String {
    match lang {
        Lang::En => format!(
            "`{placeholder}` stands for a value that only you know. Play this file at the prompt, which asks for it: `swarmlings open FILE`."
        ),
        Lang::Ko => format!(
            "{} 직접 정해야 하는 값입니다. 값을 물어보는 프롬프트에서 이 파일을 실행하세요: `swarmlings open FILE`.",
            with(&format!("`{placeholder}`"), Particle::Topic)
        ),
    }
}

/// No such lesson or step.
pub fn no_such(lang: Lang, name: &str, known: &[String]) -> String {
    let list = known.join(", ");
    if list.is_empty() {
        return match lang {
            Lang::En => format!("There is no `{name}`. `swarmlings list` shows what there is."),
            Lang::Ko => format!(
                "{} 없습니다. 무엇이 있는지는 `swarmlings list`로 볼 수 있습니다.",
                with(&format!("`{name}`"), Particle::Subject)
            ),
        };
    }
    match lang {
        Lang::En => format!("There is no `{name}`. There are: {list}."),
        Lang::Ko => format!(
            "{} 없습니다. 있는 것: {list}.",
            with(&format!("`{name}`"), Particle::Subject)
        ),
    }
}

/// While nodes that were started find together.
pub fn finding_together(lang: Lang) -> &'static str {
    match lang {
        Lang::En => "Waiting until the nodes' engines are one swarm again…",
        Lang::Ko => "노드의 엔진들이 다시 하나의 스웜이 되기를 기다리는 중…",
    }
}

/// They did not.
pub fn not_together(lang: Lang) -> &'static str {
    match lang {
        Lang::En => {
            "The nodes run, but they have not become one swarm again. `swarmlings status` shows what is missing; `swarmlings reset` makes the lab anew for this step."
        }
        Lang::Ko => {
            "노드는 실행 중이지만 아직 하나의 스웜으로 돌아오지 않았습니다. `swarmlings status`로 무엇이 빠졌는지 볼 수 있고, `swarmlings reset`은 이 단계의 실습 환경을 새로 만듭니다."
        }
    }
}

/// `up` was interrupted.
pub fn up_interrupted(lang: Lang) -> &'static str {
    match lang {
        Lang::En => {
            "Interrupted. `swarmlings up` goes on where it was; `swarmlings down` removes what was begun."
        }
        Lang::Ko => {
            "중단했습니다. `swarmlings up`으로 이어서 할 수 있고, `swarmlings down`으로 지금까지 만든 것을 지울 수 있습니다."
        }
    }
}

/// A command in a node failed and printed nothing.
pub fn failed_silently(lang: Lang, code: i64) -> String {
    match lang {
        Lang::En => format!("(exit code {code}, and nothing was printed)"),
        Lang::Ko => format!("(종료 코드 {code}, 출력 없음)"),
    }
}

/// `check` in a step that only tells.
pub fn no_checks(lang: Lang) -> &'static str {
    match lang {
        Lang::En => "This step has nothing to check.",
        Lang::Ko => "이 단계에는 확인할 조건이 없습니다.",
    }
}

/// The lab is up.
pub fn lab_up(lang: Lang, seconds: f64) -> String {
    match lang {
        Lang::En => format!("The lab is up ({seconds:.1} s)."),
        Lang::Ko => format!("실습 환경을 띄웠습니다({seconds:.1}초)."),
    }
}

/// What `down` removed.
pub fn lab_down(lang: Lang, removed: &crate::lab::Removed) -> String {
    let (containers, networks, images) = (removed.containers, removed.networks, removed.images);
    match lang {
        Lang::En => {
            let plural = |count: usize| if count == 1 { "" } else { "s" };
            let kept = match removed.kept.is_empty() {
                true => String::new(),
                false => format!(
                    " Another lab uses {}, which stays.",
                    removed.kept.join(", ")
                ),
            };
            format!(
                "Removed: {containers} container{}, {networks} network{}, {images} image tag{}.{kept}",
                plural(containers),
                plural(networks),
                plural(images)
            )
        }
        Lang::Ko => {
            let kept = match removed.kept.is_empty() {
                true => String::new(),
                false => format!(
                    " 다른 실습 환경이 쓰는 이미지는 남겨 두었습니다: {}.",
                    removed.kept.join(", ")
                ),
            };
            format!(
                "지웠습니다: 컨테이너 {containers}개, 네트워크 {networks}개, 이미지 태그 {images}개.{kept}"
            )
        }
    }
}

/// Consent is needed and nobody can be asked.
pub fn say_yes(lang: Lang) -> &'static str {
    match lang {
        Lang::En => "Give `--yes` to go on without a question.",
        Lang::Ko => "묻지 않고 진행하려면 `--yes`를 붙이세요.",
    }
}

/// Why a step was skipped.
pub fn skipped_because(lang: Lang, need: crate::lesson::Need) -> &'static str {
    use crate::lesson::Need;
    match (lang, need) {
        (Lang::En, Need::Mesh) => "this host's kernel has no IP_VS, so there is no routing mesh",
        (Lang::En, Need::Registry) => {
            "there is no registry image, no registry to pull it from, and no docker-registry program"
        }
        (Lang::Ko, Need::Mesh) => "이 호스트의 커널에 IP_VS가 없어 라우팅 메시를 쓸 수 없음",
        (Lang::Ko, Need::Registry) => {
            "registry 이미지도, 받아 올 레지스트리도, docker-registry 프로그램도 없음"
        }
    }
}

/// Leaving where progress could not be kept.
pub fn bye_unsaved(lang: Lang, lab_up: bool) -> String {
    let (said, lab) = match lang {
        Lang::En => (
            "Progress could not be saved: next time `swarmlings` begins where it was saved last.",
            "The lab keeps running; `swarmlings down` removes it.",
        ),
        Lang::Ko => (
            "진행 상황을 저장하지 못했습니다. 다음에 `swarmlings`를 실행하면 마지막으로 저장된 곳에서 시작합니다.",
            "실습 환경은 계속 실행됩니다. 지우는 명령은 `swarmlings down`입니다.",
        ),
    };
    match lab_up {
        true => format!("{said} {lab}"),
        false => said.to_owned(),
    }
}

/// The end of a session over a file, which is named as a shell reads it.
pub fn bye_file(lang: Lang, file: &str, lab_up: bool) -> String {
    match (lang, lab_up) {
        (Lang::En, true) => format!(
            "Progress is saved and the lab keeps running. `swarmlings open {file}` takes you back here, `swarmlings down` removes the lab."
        ),
        (Lang::En, false) => {
            format!("Progress is saved. `swarmlings open {file}` takes you back here.")
        }
        (Lang::Ko, true) => format!(
            "진행 상황을 저장했고 실습 환경은 계속 실행됩니다. 이 자리로 돌아오는 명령은 `swarmlings open {file}`, 실습 환경을 지우는 명령은 `swarmlings down`입니다."
        ),
        (Lang::Ko, false) => format!(
            "진행 상황을 저장했습니다. 이 자리로 돌아오는 명령은 `swarmlings open {file}`입니다."
        ),
    }
}

/// A tutorial shows no lab and was given one.
pub fn given_lab(lang: Lang) -> &'static str {
    match lang {
        Lang::En => {
            "The file shows no compose file, so its lab is that of the course: `manager`, `worker01`, `worker02` and `worker03`, which `docker compose up -d` starts."
        }
        Lang::Ko => {
            "이 파일에는 컴포즈 파일이 없어 과정의 실습 환경을 씁니다. `docker compose up -d`를 입력하면 `manager`, `worker01`, `worker02`, `worker03` 노드가 뜹니다."
        }
    }
}

/// The lab is not up.
pub fn lab_is_down(lang: Lang) -> &'static str {
    match lang {
        Lang::En => "The lab is not up. `swarmlings up` starts it.",
        Lang::Ko => "실습 환경이 떠 있지 않습니다. `swarmlings up`으로 시작하세요.",
    }
}

/// The prompt at the end of a full screen.
pub fn page_prompt(lang: Lang) -> &'static str {
    match lang {
        Lang::En => "-- Enter: more --",
        Lang::Ko => "-- Enter: 계속 --",
    }
}

/// Another lab of the tutorial is offered.
pub fn offer_variant(lang: Lang, summary: &str, services: usize) -> String {
    match lang {
        Lang::En => format!(
            "This tutorial also has another lab of {services} containers ({summary}). Use that one?"
        ),
        Lang::Ko => format!(
            "이 글에는 컨테이너 {services}개짜리 다른 실습 환경도 있습니다({summary}). 그쪽을 쓸까요?"
        ),
    }
}
