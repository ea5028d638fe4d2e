//! What the session says.

use super::Lang;
use super::korean::{Particle, with};
use crate::lesson::Need;
use crate::session::{Question, Say};

/// A sentence of the session; backticks mark what is typed.
pub fn say(lang: Lang, say: &Say) -> String {
    match lang {
        Lang::En => english(say),
        Lang::Ko => korean(say),
    }
}

fn english(say: &Say) -> String {
    match say {
        Say::StepMet { more: true, question: false } => "Done. Press Enter for the next step.".into(),
        Say::StepMet { more: true, question: true } => "Done. Press Enter for the next step, or answer the question above with its number first.".into(),
        Say::StepMet { more: false, .. } => "Done. That was the last step.".into(),
        Say::CourseDone { done, all } if done == all => {
            format!("You have finished the course: all {all} steps. `list` shows it, `goto STEP` goes back, `quit` leaves.")
        }
        Say::CourseDone { done, all } => {
            format!("That was the last step. {done} of {all} steps are done; `list` shows which are left, `goto STEP` goes there.")
        }
        Say::Reading => "Press Enter to go on.".into(),
        Say::TypeNext(command) => format!("Type this next (or `run`):\n`{command}`"),
        Say::AllTyped => "Everything of this step has been typed, and it is not met yet. `hint` may help; `reset` starts the step over.".into(),
        Say::NotMet => "This step is not met yet. `hint` helps, `skip` goes on without it.".into(),
        Say::Skipped => "Skipped.".into(),
        Say::AtTheStart => "This is the first step.".into(),
        Say::NoHints => "This step has no hints.".into(),
        Say::NoMoreHints => "That was the last hint. `run` types the next command for you.".into(),
        Say::NoMore => "This step has no optional part.".into(),
        Say::DoneBefore => "You did this step before, and the lab is not as this step leaves it. `reset` starts the step over, Enter goes on.".into(),
        Say::NoChecks(true) => "This step has nothing to check. Press Enter to go on.".into(),
        Say::NoChecks(false) => "This step has nothing to check: it is done when its commands have been typed. Enter shows the next one, `skip` goes on without.".into(),
        Say::NothingToRun => "There is no command left to run in this step.".into(),
        Say::LabNotUp => "The lab is not up, so there is no node to run this in. Start it with `docker compose up -d`.".into(),
        Say::NotSeenYet => "The lab has not been looked at yet. Try again in a moment.".into(),
        Say::On(node) => format!("Commands that begin with `docker` now run in `{node}`. `on` alone comes back."),
        Say::OnHost => "Back outside the nodes.".into(),
        Say::LanguageIs { both: false } => "Lessons are shown in English. `lang ko` is Korean, `lang en,ko` both.".into(),
        Say::LanguageIs { both: true } => "Lessons are shown in both languages, one under the other. `lang en` shows English alone.".into(),
        Say::NoSuchLanguage => "This lesson exists in one language only.".into(),
        Say::NoQuiz => "There is no open question here. Type a command, or `help`.".into(),
        Say::NoSuchAnswer(n) => format!("There is no answer {n}."),
        Say::Right(None) => "Right.".into(),
        Say::Right(Some(why)) => format!("Right. {why}"),
        Say::Wrong(None) => "Not that one. Try again, or press Enter to go on.".into(),
        Say::Wrong(Some(why)) => format!("Not that one. {why}\nTry again, or press Enter to go on."),
        Say::Partly => "Right so far, but not all of them. Give all answers, such as `1,3`.".into(),
        Say::Noted => "Noted. Now see what happens.".into(),
        Say::QuizOpen { of: 1, .. } => "There is a question above: type the number of your answer, or press Enter again to go on.".into(),
        Say::QuizOpen { number, of } => format!("Question {number} of {of} above is open: type the number of your answer, or press Enter again to go on."),
        Say::NextQuiz { number, of, question } => format!("Question {number} of {of}: {question}"),
        Say::Mended(mended) => format!("The tutorial says\n`{}`\nwhich can't work as it stands; taken as\n`{}`", mended.from, mended.to),
        Say::Play => "Free play: do what you like, nothing is checked. `play` again ends it; `reset` makes the lab as this step needs it.".into(),
        Say::PlayEnded => "Free play has ended; the step's checks count again.".into(),
        Say::AmbiguousStep(names) => format!("That name means several steps: {}.", quoted(Lang::En, names)),
        Say::CommandFailed(code) => format!("The command ended with exit code {code}, so the rest was not typed."),
        Say::LessonNeeds(Need::Mesh) => "This lesson needs the routing mesh, which this host's kernel cannot do (it lacks IP_VS). You can read it; `skip` goes on.".into(),
        Say::LessonNeeds(Need::Registry) => "This lesson needs a registry, and none can be had here: there is no `registry` image, no registry to pull it from, and no `docker-registry` on this machine (Debian and Ubuntu: `sudo apt-get install docker-registry`). You can read it; `skip` goes on.".into(),
        Say::CtrlC => "(Ctrl-C ends a running command. To leave: `quit` or Ctrl-D.)".into(),
        Say::Bye { lab_up: true } => "Progress is saved and the lab keeps running. `swarmlings` takes you back here, `swarmlings down` removes the lab.".into(),
        Say::Bye { lab_up: false } => "Progress is saved. `swarmlings` takes you back here.".into(),
        Say::NewLesson(title) => format!("Next lesson: {title}"),
        Say::Will { step, change } => super::travel::will(Lang::En, step, change),
        Say::Foretold { right: true, why, .. } => joined(&["As you expected.", why.as_deref().unwrap_or_default()]),
        Say::Foretold { right: false, answer, why } => joined(&["Not what you expected.", answer, why.as_deref().unwrap_or_default()]),
        Say::Faults(faults) => super::fault::faults(Lang::En, faults),
    }
}

fn korean(say: &Say) -> String {
    match say {
        Say::StepMet { more: true, question: false } => "완료했습니다. Enter를 누르면 다음 단계로 넘어갑니다.".into(),
        Say::StepMet { more: true, question: true } => "완료했습니다. Enter를 누르면 다음 단계로 넘어갑니다. 그 전에 위의 퀴즈에 번호로 답해 볼 수 있습니다.".into(),
        Say::StepMet { more: false, .. } => "완료했습니다. 마지막 단계였습니다.".into(),
        Say::CourseDone { done, all } if done == all => {
            format!("과정을 모두 마쳤습니다. {all}단계 전부 완료했습니다. `list`로 확인하고, `goto STEP`으로 돌아가고, `quit`으로 나갈 수 있습니다.")
        }
        Say::CourseDone { done, all } => {
            format!("마지막 단계였습니다. {all}단계 중 {done}단계를 마쳤습니다. `list`로 남은 단계를 확인하고 `goto STEP`으로 이동할 수 있습니다.")
        }
        Say::Reading => "Enter를 누르면 계속합니다.".into(),
        Say::TypeNext(command) => format!("다음에 입력할 명령입니다(`run`을 입력해도 됩니다).\n`{command}`"),
        Say::AllTyped => "이 단계의 명령을 모두 입력했지만 아직 조건이 충족되지 않았습니다. `hint`로 힌트를 보거나 `reset`으로 단계를 다시 시작할 수 있습니다.".into(),
        Say::NotMet => "이 단계는 아직 끝나지 않았습니다. `hint`로 힌트를 볼 수 있고, `skip`으로 건너뛸 수 있습니다.".into(),
        Say::Skipped => "건너뛰었습니다.".into(),
        Say::AtTheStart => "첫 단계입니다.".into(),
        Say::NoHints => "이 단계에는 힌트가 없습니다.".into(),
        Say::NoMoreHints => "마지막 힌트였습니다. `run`을 입력하면 다음 명령을 대신 입력합니다.".into(),
        Say::NoMore => "이 단계에는 선택 항목이 없습니다.".into(),
        Say::DoneBefore => "전에 마친 단계이지만 실습 환경은 이 단계를 마친 상태가 아닙니다. `reset`은 단계를 처음부터 다시 시작하고 Enter는 다음으로 넘어갑니다.".into(),
        Say::NoChecks(true) => "이 단계에는 확인할 조건이 없습니다. Enter를 누르면 계속합니다.".into(),
        Say::NoChecks(false) => "이 단계에는 확인할 조건이 없습니다. 명령을 모두 입력하면 끝납니다. Enter를 누르면 다음 명령을 보여 주고, `skip`으로 건너뛸 수 있습니다.".into(),
        Say::NothingToRun => "이 단계에는 더 실행할 명령이 없습니다.".into(),
        Say::LabNotUp => "실습 환경이 아직 떠 있지 않아 명령을 실행할 노드가 없습니다. `docker compose up -d`로 시작하세요.".into(),
        Say::NotSeenYet => "아직 실습 환경의 상태를 확인하지 못했습니다. 잠시 뒤에 다시 해 보세요.".into(),
        Say::On(node) => format!("이제 `docker`로 시작하는 명령은 {} 안에서 실행됩니다. `on`만 입력하면 돌아옵니다.", format_args!("`{node}`")),
        Say::OnHost => "노드 밖으로 돌아왔습니다.".into(),
        Say::LanguageIs { both: false } => "레슨을 한국어로 표시합니다. `lang en`을 입력하면 영어로 바뀌고, `lang ko,en`을 입력하면 두 언어를 함께 표시합니다.".into(),
        Say::LanguageIs { both: true } => "레슨을 두 언어로 함께 표시합니다. `lang ko`를 입력하면 한국어만 표시합니다.".into(),
        Say::NoSuchLanguage => "이 레슨은 한 언어로만 되어 있습니다.".into(),
        Say::NoQuiz => "지금은 답할 퀴즈가 없습니다. 명령이나 `help`를 입력하세요.".into(),
        Say::NoSuchAnswer(n) => format!("{n}번 답은 없습니다."),
        Say::Right(None) => "맞았습니다.".into(),
        Say::Right(Some(why)) => format!("맞았습니다. {why}"),
        Say::Wrong(None) => "아닙니다. 다시 골라 보거나 Enter로 넘어가세요.".into(),
        Say::Wrong(Some(why)) => format!("아닙니다. {why}\n다시 골라 보거나 Enter로 넘어가세요."),
        Say::Partly => "여기까지는 맞지만 답이 더 있습니다. `1,3`처럼 모두 적어 주세요.".into(),
        Say::Noted => "적어 두었습니다. 이제 실제로 어떻게 되는지 보세요.".into(),
        Say::QuizOpen { of: 1, .. } => "위에 퀴즈가 있습니다. 번호로 답하거나, Enter를 한 번 더 누르면 넘어갑니다.".into(),
        Say::QuizOpen { number, of } => format!("위에 아직 답하지 않은 퀴즈가 있습니다({number}/{of}). 번호로 답하거나, Enter를 한 번 더 누르면 넘어갑니다."),
        Say::NextQuiz { number, of, question } => format!("퀴즈 {number}/{of}: {question}"),
        Say::Mended(mended) => format!("원문의 명령은\n`{}`\n이지만 그대로는 실행되지 않으므로 다음과 같이 고쳐 실행합니다.\n`{}`", mended.from, mended.to),
        Say::Play => "자유 실습입니다. 무엇이든 해 보세요. 조건은 확인하지 않습니다. `play`를 다시 입력하면 끝나고, `reset`은 실습 환경을 이 단계에 맞게 되돌립니다.".into(),
        Say::PlayEnded => "자유 실습을 끝냈습니다. 다시 단계의 조건을 확인합니다.".into(),
        Say::AmbiguousStep(names) => format!("이름이 같은 단계가 여러 개 있습니다: {}.", quoted(Lang::Ko, names)),
        Say::CommandFailed(code) => format!("명령이 종료 코드 {} 끝나서 나머지는 입력하지 않았습니다.", with(&code.to_string(), Particle::Direction)),
        Say::LessonNeeds(Need::Mesh) => "이 레슨에는 라우팅 메시가 필요한데, 이 호스트의 커널에는 IP_VS가 없어 쓸 수 없습니다. 읽어 볼 수는 있고, `skip`으로 넘어갈 수 있습니다.".into(),
        Say::LessonNeeds(Need::Registry) => "이 레슨에는 레지스트리가 필요한데 여기서는 구할 수 없습니다. `registry` 이미지도, 받아 올 레지스트리도, 이 컴퓨터의 `docker-registry`도 없습니다(Debian, Ubuntu: `sudo apt-get install docker-registry`). 읽어 볼 수는 있고, `skip`으로 넘어갈 수 있습니다.".into(),
        Say::CtrlC => "(Ctrl-C는 실행 중인 명령을 끝냅니다. 나가려면 `quit`을 입력하거나 Ctrl-D를 누르세요.)".into(),
        Say::Bye { lab_up: true } => "진행 상황을 저장했고 실습 환경은 계속 실행됩니다. 이 자리로 돌아오는 명령은 `swarmlings`, 실습 환경을 지우는 명령은 `swarmlings down`입니다.".into(),
        Say::Bye { lab_up: false } => "진행 상황을 저장했습니다. 이 자리로 돌아오는 명령은 `swarmlings`입니다.".into(),
        Say::NewLesson(title) => format!("다음 레슨: {title}"),
        Say::Will { step, change } => super::travel::will(Lang::Ko, step, change),
        Say::Foretold { right: true, why, .. } => joined(&["예상한 대로입니다.", why.as_deref().unwrap_or_default()]),
        Say::Foretold { right: false, answer, why } => joined(&["예상과 다릅니다.", answer, why.as_deref().unwrap_or_default()]),
        Say::Faults(faults) => super::fault::faults(Lang::Ko, faults),
    }
}

/// No more of them are named, or nobody reads them.
const NAMED: usize = 8;

fn quoted(lang: Lang, names: &[String]) -> String {
    let named = names.iter().take(NAMED).map(|name| format!("`{name}`"));
    let named = named.collect::<Vec<_>>().join(", ");
    match (names.len().saturating_sub(NAMED), lang) {
        (0, _) => named,
        (more, Lang::En) => format!("{named} and {more} more"),
        (more, Lang::Ko) => format!("{named} 외 {more}개"),
    }
}

/// A question that wants yes or no, without the `[Y/n]`.
pub fn question(lang: Lang, question: &Question) -> String {
    let Question::Lose { step, things } = question;
    match lang {
        Lang::En => format!(
            "Going to `{step}` removes what you made yourself: {}. Go on?",
            quoted(lang, things)
        ),
        Lang::Ko => format!(
            "{} 가면 직접 만든 것이 사라집니다: {}. 계속할까요?",
            with(&format!("`{step}`"), Particle::Direction),
            quoted(lang, things)
        ),
    }
}

/// Sentences on one line, those that are there.
fn joined(sentences: &[&str]) -> String {
    let there = sentences.iter().filter(|sentence| !sentence.is_empty());
    there.copied().collect::<Vec<_>>().join(" ")
}

/// Asks for a placeholder's value.
pub fn ask_value(lang: Lang, placeholder: &str) -> String {
    match lang {
        Lang::En => format!("A value for {placeholder}"),
        Lang::Ko => format!("{placeholder}에 넣을 값"),
    }
}
