//! What `help` says: the overview, and a text for each verb and topic.

use super::Lang;
use crate::shell::verbs::{self, VERBS, VerbInfo};

/// All verbs and lab commands, each in a line.
pub fn overview(lang: Lang) -> String {
    let (verbs, lab, last) = match lang {
        Lang::En => (
            "Verbs",
            "Lab commands",
            "Enter on an empty line goes on when the step is done, and shows the next command when it is not.\n\
             Tab completes, Ctrl-R searches what was typed, `help VERB` tells more.",
        ),
        Lang::Ko => (
            "swarmlings 명령",
            "실습 환경의 명령",
            "빈 줄에서 Enter를 누르면, 단계를 마쳤을 때는 다음으로 넘어가고 아닐 때는 다음에 입력할 명령을 보여 줍니다.\n\
             Tab으로 자동 완성하고, Ctrl-R로 입력 기록을 찾고, `help VERB`로 자세한 설명을 봅니다.",
        ),
    };
    let mut text = format!("{verbs}\n");
    for verb in &VERBS {
        text.push_str(&row(&named(verb), about(lang, verb.name)));
    }
    text.push_str(&format!("\n{lab}\n"));
    for (command, what) in lab_commands(lang) {
        text.push_str(&row(command, what));
    }
    text + "\n" + last
}

/// The text for a verb (by name or alias) or for a topic (`docker`, `docker
/// exec`, `docker compose`); `None` for any other word.
pub fn help(lang: Lang, topic: &str) -> Option<String> {
    if let Some(verb) = verbs::find(topic) {
        let (alias, example) = match lang {
            Lang::En => ("Alias", "Example"),
            Lang::Ko => ("별칭", "예"),
        };
        let mut text = format!("{}\n  {}", verb.usage(), about(lang, verb.name));
        if let Some(more) = more(lang, verb.name) {
            text.push_str(&format!("\n  {more}"));
        }
        if !verb.aliases.is_empty() {
            let aliases = verb.aliases.join(", ");
            text.push_str(&format!("\n  {alias}: {aliases}"));
        }
        return Some(text + &format!("\n  {example}: {}", example_of(verb)));
    }
    let text = match (topic, lang) {
        ("docker", _) => {
            let mut text = String::new();
            for (command, what) in lab_commands(lang) {
                text.push_str(&row(command, what));
            }
            text + match lang {
                Lang::En => {
                    "\n  Everything else that Docker can do runs in a node: the engines there are real.\n  \
                     With `on NODE`, any `docker ...` runs in that node."
                }
                Lang::Ko => {
                    "\n  그 밖의 도커 명령은 노드 안에서 실행합니다. 노드의 엔진은 진짜 도커 엔진입니다.\n  \
                     `on NODE`를 입력하면 그다음부터 모든 `docker ...` 명령이 그 노드에서 실행됩니다."
                }
            }
        }
        ("docker exec", Lang::En) => {
            "docker exec [-it] [-d] [-e K=V] [-w DIR] [-u USER] NODE COMMAND [ARG...]\n  \
             Runs COMMAND in that node, for real; Ctrl-C and Ctrl-D go to it.\n  \
             Where it hangs, Ctrl-C three times in a row gives the prompt back.\n  \
             For pipes and redirections use the node's shell.\n  \
             Example: docker exec -it manager docker node ls\n  \
             Example: docker exec -it manager sh"
                .into()
        }
        ("docker exec", Lang::Ko) => {
            "docker exec [-it] [-d] [-e K=V] [-w DIR] [-u USER] NODE COMMAND [ARG...]\n  \
             노드 안에서 COMMAND를 실제로 실행합니다. Ctrl-C와 Ctrl-D는 그 명령에 전달됩니다.\n  \
             명령이 멈춰 반응이 없으면 Ctrl-C를 연달아 세 번 눌러 프롬프트로 돌아올 수 있습니다.\n  \
             파이프나 리다이렉션이 필요하면 노드 안의 셸을 쓰세요.\n  \
             예: docker exec -it manager docker node ls\n  \
             예: docker exec -it manager sh"
                .into()
        }
        ("docker compose", Lang::En) => {
            "docker compose up -d | ps | logs | stop | start | restart | down\n  \
             Makes, lists and ends the nodes of the lab, as its compose file says.\n  \
             `docker-compose` is the same.\n  \
             Example: docker compose up -d"
                .into()
        }
        ("docker compose", Lang::Ko) => {
            "docker compose up -d | ps | logs | stop | start | restart | down\n  \
             실습 환경의 컴포즈 파일대로 노드를 만들고, 나열하고, 없앱니다.\n  \
             `docker-compose`로 입력해도 됩니다.\n  \
             예: docker compose up -d"
                .into()
        }
        _ => return None,
    };
    Some(text)
}

fn row(left: &str, right: &str) -> String {
    format!("  {left:<35} {right}\n")
}

/// `next, n`; `goto STEP`
fn named(verb: &VerbInfo) -> String {
    match verb.aliases.first() {
        Some(alias) => format!("{}, {alias}", verb.usage()),
        None => verb.usage(),
    }
}

fn lab_commands(lang: Lang) -> [(&'static str, &'static str); 7] {
    let commands = [
        "docker compose up -d",
        "docker compose ps|logs|down",
        "docker exec -it NODE COMMAND...",
        "docker ps|images|logs NODE",
        "docker stop|start|kill|pause NODE",
        "docker network disconnect|connect",
        "docker tag|push localhost:5000/...",
    ];
    let texts = match lang {
        Lang::En => [
            "make the nodes",
            "list them, read what they say, end them",
            "run a command in a node",
            "look at the nodes; of your machine, only this lab is shown",
            "see what the swarm does without a node (also restart, unpause)",
            "take a node off the lab's network, and put it back",
            "the lab's registry",
        ],
        Lang::Ko => [
            "노드를 만듭니다",
            "노드를 나열하고, 로그를 보고, 없앱니다",
            "노드 안에서 명령을 실행합니다",
            "노드를 살펴봅니다. 이 실습 환경의 것만 보입니다",
            "노드가 빠지면 스웜이 어떻게 하는지 봅니다(restart, unpause도 됩니다)",
            "노드를 실습 환경의 네트워크에서 떼어 내고 다시 붙입니다",
            "실습 환경의 레지스트리를 씁니다",
        ],
    };
    std::array::from_fn(|i| (commands[i], texts[i]))
}

/// What a verb does, in a line.
fn about(lang: Lang, verb: &str) -> &'static str {
    let (en, ko) = match verb {
        "next" => ("go on to the next step", "다음 단계로 넘어갑니다"),
        "run" => (
            "type and run the next command of the solution",
            "풀이의 다음 명령을 대신 입력해 실행합니다",
        ),
        "hint" => ("the next hint", "다음 힌트를 봅니다"),
        "check" => ("judge the step now", "지금 단계의 조건을 확인합니다"),
        "solve" => (
            "run the rest of the solution",
            "남은 풀이를 모두 실행합니다",
        ),
        "more" => (
            "the step again, with its optional parts",
            "선택 항목까지 포함해 단계를 다시 봅니다",
        ),
        "answer" => (
            "answer a question by number; the number alone will do",
            "퀴즈의 답을 번호로 고릅니다. 번호만 입력해도 됩니다",
        ),
        "list" => (
            "lessons and steps, and how far you are",
            "레슨과 단계, 진행 상황을 봅니다",
        ),
        "status" => (
            "where you are, and how the lab is",
            "지금 위치와 실습 환경의 상태를 봅니다",
        ),
        "back" => ("the step before", "이전 단계로 돌아갑니다"),
        "skip" => ("leave this step for later", "이 단계를 건너뜁니다"),
        "goto" => ("go to a step", "지정한 단계로 갑니다"),
        "reset" => (
            "make the lab as it was when the step began",
            "실습 환경을 단계가 시작될 때의 상태로 되돌립니다",
        ),
        "replay" => (
            "play a step for you to watch, from its beginning",
            "단계를 처음부터 다시 실행해 보여 줍니다",
        ),
        "watch" => ("a live map of the swarm", "스웜의 모습을 실시간으로 봅니다"),
        "on" => (
            "run docker in this node from now on; `on host` leaves it",
            "이제부터 docker 명령을 이 노드에서 실행합니다. `on host`로 나옵니다",
        ),
        "play" => (
            "free play: the lab without a lesson",
            "레슨 없이 실습 환경을 자유롭게 씁니다",
        ),
        "repair" => (
            "mend the lab where it is broken",
            "망가진 실습 환경을 고칩니다",
        ),
        "lang" => ("choose the language", "언어를 고릅니다"),
        "help" => (
            "this, or what a verb does",
            "이 도움말이나 명령의 설명을 봅니다",
        ),
        "clear" => ("clear the screen (Ctrl-L)", "화면을 지웁니다(Ctrl-L)"),
        "quit" => (
            "leave; the lab and your progress stay (Ctrl-D)",
            "나갑니다. 실습 환경과 진행 상황은 남습니다(Ctrl-D)",
        ),
        _ => ("", ""),
    };
    match lang {
        Lang::En => en,
        Lang::Ko => ko,
    }
}

/// What else is worth knowing of a verb.
fn more(lang: Lang, verb: &str) -> Option<&'static str> {
    let (en, ko) = match verb {
        "next" => (
            "On a step that is not done it says what is missing, and offers `skip`.",
            "단계를 마치지 않았으면 무엇이 남았는지 알려 주고 `skip`을 권합니다.",
        ),
        "hint" => (
            "Each hint says more than the one before.",
            "뒤로 갈수록 더 구체적인 힌트가 나옵니다.",
        ),
        "check" => (
            "The state of the swarm counts, not what was typed.",
            "무엇을 입력했는지가 아니라 스웜의 상태를 봅니다.",
        ),
        "reset" | "goto" => (
            "A step is named as `list` shows it.",
            "단계 이름은 `list`에 나오는 대로 씁니다.",
        ),
        "replay" => (
            "`--speed 2` types twice as quickly. Space pauses, Ctrl-C gives you the prompt.",
            "`--speed 2`는 두 배 빠르게 입력합니다. 스페이스로 멈추고, Ctrl-C를 누르면 프롬프트로 돌아옵니다.",
        ),
        "lang" => (
            "`en,ko` shows both, one under the other.",
            "`en,ko`는 두 언어를 함께 보여 줍니다.",
        ),
        _ => return None,
    };
    Some(match lang {
        Lang::En => en,
        Lang::Ko => ko,
    })
}

fn example_of(verb: &VerbInfo) -> String {
    match verb.takes {
        verbs::Takes::Nothing => verb.name.to_string(),
        verbs::Takes::Topic => "help hint".to_string(),
        verbs::Takes::Step | verbs::Takes::MaybeStep | verbs::Takes::MaybeStepSpeed => {
            format!("{} create-service", verb.name)
        }
        verbs::Takes::MaybeNode => "on worker01".to_string(),
        verbs::Takes::Languages => "lang en,ko".to_string(),
        verbs::Takes::Answers => "answer 2".to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn everything(lang: Lang) -> String {
        let mut text = overview(lang);
        let names = VERBS.iter().map(|verb| verb.name);
        for topic in names.chain(verbs::TOPICS) {
            let help = help(lang, topic).unwrap_or_else(|| panic!("no help for {topic}"));
            text.push_str(&format!("\n\n> help {topic}\n{help}"));
        }
        text
    }

    #[test]
    fn in_english() {
        insta::assert_snapshot!(everything(Lang::En));
    }

    #[test]
    fn in_korean() {
        insta::assert_snapshot!(everything(Lang::Ko));
    }

    #[test]
    fn every_verb_is_told_of_in_both_languages() {
        for verb in &VERBS {
            for lang in [Lang::En, Lang::Ko] {
                assert!(!about(lang, verb.name).is_empty(), "{}", verb.name);
            }
        }
        assert_eq!(help(Lang::En, "frobnicate"), None);
    }
}
