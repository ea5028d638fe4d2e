//! Why a line was not understood, and what to type instead.

use super::Lang;
use super::korean::{Particle, with};
use crate::shell::Refusal;
use crate::shell::verbs;

/// One sentence or two, and where there is one the line to type instead, alone
/// on its line so that it can be copied.
pub fn refusal(lang: Lang, refusal: &Refusal) -> String {
    with_line(said(lang, refusal), refusal)
}

/// The same of a line that was typed. Docker would have had its own word on a
/// slip, so it is said that it was not asked.
pub fn of_typed(lang: Lang, refusal: &Refusal) -> String {
    let (asks, not_run) = match lang {
        Lang::En => ("Did you mean:", "Nothing was run."),
        Lang::Ko => ("혹시 다음 명령인가요?", "아무것도 실행하지 않았습니다."),
    };
    let said = said(lang, refusal);
    let said = match said.strip_suffix(asks) {
        Some(wrong) => format!("{wrong}{not_run} {asks}"),
        None => said,
    };
    with_line(said, refusal)
}

fn said(lang: Lang, refusal: &Refusal) -> String {
    match lang {
        Lang::En => english(refusal),
        Lang::Ko => korean(refusal),
    }
}

fn with_line(said: String, refusal: &Refusal) -> String {
    match refusal.suggestion() {
        Some(line) => format!("{said}\n    {line}"),
        None => said,
    }
}

fn english(refusal: &Refusal) -> String {
    let meant = |known: bool, otherwise: &str| match known {
        true => "Did you mean:".to_string(),
        false => otherwise.to_string(),
    };
    match refusal {
        Refusal::UnclosedQuote(_) => "A quote is opened and never closed.".into(),
        Refusal::UnfinishedLine => {
            "The line ends in `\\`, which says that it goes on, and nothing follows.".into()
        }
        Refusal::TooLong => format!(
            "The line is too long: at most {} bytes of one are read.",
            crate::shell::MAX_LINE
        ),
        Refusal::ControlCharacter(_, c) => format!(
            "The line holds a character that cannot be seen (U+{:04X}); type the word anew.",
            *c as u32
        ),
        Refusal::LookAlike { found, meant, .. } if found.is_whitespace() => format!(
            "The line holds a special blank (U+{:04X}) where an ordinary {} is meant. Did you mean:",
            *found as u32,
            if *meant == ' ' { "space" } else { "character" }
        ),
        Refusal::LookAlike { found, meant, .. } => format!(
            "`{found}` (U+{:04X}) looks like `{meant}` and is another character. Did you mean:",
            *found as u32
        ),
        Refusal::ShellSyntax {
            operator,
            suggestion,
            ..
        } => {
            let placeholder = match operator.as_str() {
                "(" | "<" => " If it marks a value to fill in, put the value there.",
                _ => "",
            };
            let way = match suggestion {
                Some(_) => "A node's own shell can do it:",
                None => {
                    "Put it in quotes if it is text, or use a node's shell: `docker exec -it NODE sh`."
                }
            };
            format!("`{operator}` is for a shell, and no shell reads this line.{placeholder} {way}")
        }
        Refusal::UnknownVariable { name, similar } => {
            let way = match similar {
                Some(similar) => format!("did you mean `${similar}`?"),
                None => "to leave it to a shell in the node, put it in single quotes.".to_string(),
            };
            format!("There is no variable `${name}` here; {way}")
        }
        Refusal::NoValueYet(name) => format!("`${name}` has no value yet: {}.", sets_en(name)),
        Refusal::UnknownCommand {
            word,
            suggestion: None,
            prefix_of,
        } if prefix_of.len() > 1 => {
            format!(
                "`{word}` is not a command; did you mean {}?",
                list(prefix_of, "or")
            )
        }
        Refusal::UnknownCommand {
            word, suggestion, ..
        } => format!(
            "`{word}` is not a command here. {}",
            meant(suggestion.is_some(), "`help` shows what there is.")
        ),
        Refusal::VerbUsage(verb) => format!("Usage: `{}`. `help {verb}` tells more.", usage(verb)),
        Refusal::UnknownDocker { word, suggestion } => format!(
            "Docker has no command `{word}`. {}",
            meant(suggestion.is_some(), "`help docker` shows what works here.")
        ),
        Refusal::UnknownFlag {
            command,
            flag,
            suggestion,
        } => format!(
            "`{command}` has no flag `{flag}`. {}",
            meant(suggestion.is_some(), "Tab after `--` lists its flags.")
        ),
        Refusal::InNode { command, .. } => format!(
            "`{command}` belongs to the swarm, and the swarm lives in the nodes. Run it in one:"
        ),
        Refusal::NotOnHost {
            command,
            suggestion,
        } => match suggestion {
            Some(_) => format!(
                "`{command}` would act on your own machine and not in the lab, so it is not available here. In a node it is:"
            ),
            None => {
                format!("`{command}` is not available here. `help docker` shows what is.")
            }
        },
        Refusal::UnknownNode {
            name,
            suggestion,
            known,
            ..
        } => {
            let there = match known.is_empty() {
                true => "The lab has none yet: `docker compose up -d` makes them.".to_string(),
                false => format!("It has {}.", list(known, "and")),
            };
            format!(
                "The lab has no node `{name}`. {}",
                meant(suggestion.is_some(), &there)
            )
        }
        Refusal::NotANode(name) => {
            format!(
                "`{name}` is a container of the lab without an engine of its own; docker runs in the nodes."
            )
        }
        Refusal::UnknownStep { name, similar } if similar.is_empty() => {
            format!("There is no step `{name}`. `list` shows them all.")
        }
        Refusal::UnknownStep { name, similar } => {
            format!(
                "There is no step `{name}`; did you mean {}?",
                list(similar, "or")
            )
        }
        Refusal::Usage(usage) => format!("Usage: `{usage}`"),
        Refusal::NotLabRegistry(image) => format!(
            "`{image}` does not begin with `localhost:5000/`. From here, images are tagged for and pushed to the lab's registry alone."
        ),
        Refusal::FlagNotHere { command, flag } => format!(
            "Docker's `{command}` knows `{flag}`; the lab's own `{command}` does without it. Leave it out."
        ),
        Refusal::FilterNotHere {
            command,
            filter,
            known,
        } => format!(
            "The lab's own `{command}` does not filter by `{filter}`. It knows {}.",
            list(known, "and")
        ),
        Refusal::FieldNotHere {
            command,
            field,
            known,
        } => format!(
            "The lab's own `{command}` can't fill in `{field}`. It knows `json`, `table` and the fields {}, written as `{{{{.{}}}}}`.",
            list(known, "and"),
            known.first().copied().unwrap_or_default()
        ),
        Refusal::NearImage { name, similar, .. } => format!(
            "There is no image `{name}` in the lab, but there is `{similar}`. Did you mean:"
        ),
        Refusal::NotLabNetwork { name, .. } => {
            format!("`{name}` is not the lab's network. Did you mean:")
        }
    }
}

fn korean(refusal: &Refusal) -> String {
    let meant = |known: bool, otherwise: &str| match known {
        true => "혹시 다음 명령인가요?".to_string(),
        false => otherwise.to_string(),
    };
    let code = |word: &str| format!("`{word}`");
    match refusal {
        Refusal::UnclosedQuote(_) => "따옴표가 열린 뒤 닫히지 않았습니다.".into(),
        Refusal::UnfinishedLine => {
            "줄 끝의 `\\`는 다음 줄로 이어진다는 뜻인데, 이어지는 내용이 없습니다.".into()
        }
        Refusal::TooLong => format!(
            "줄이 너무 깁니다. 한 줄은 {}바이트까지만 읽을 수 있습니다.",
            crate::shell::MAX_LINE
        ),
        Refusal::ControlCharacter(_, c) => format!(
            "눈에 보이지 않는 문자(U+{:04X})가 들어 있습니다. 해당 단어를 직접 다시 입력하세요.",
            *c as u32
        ),
        Refusal::LookAlike { found, .. } if found.is_whitespace() => format!(
            "일반 공백이 아닌 특수 공백(U+{:04X})이 들어 있습니다. 혹시 다음 명령인가요?",
            *found as u32
        ),
        Refusal::LookAlike { found, meant, .. } => format!(
            "`{found}`(U+{:04X}) 문자는 {} 비슷해 보이지만 다른 문자입니다. 혹시 다음 명령인가요?",
            *found as u32,
            match meant {
                '-' | '"' | '\'' | ':' | '\\' => format!("`{meant}` 문자와"),
                _ => with(&code(&meant.to_string()), Particle::And),
            }
        ),
        Refusal::ShellSyntax {
            operator,
            suggestion,
            ..
        } => {
            let placeholder = match operator.as_str() {
                "(" | "<" => " 값을 채워 넣을 자리였다면 실제 값을 적으세요.",
                _ => "",
            };
            let way = match suggestion {
                Some(_) => "노드 안의 셸에서는 다음과 같이 실행할 수 있습니다.",
                None if !placeholder.is_empty() => "문자 그대로 쓰려면 따옴표로 감싸세요.",
                None => {
                    "문자 그대로 쓰려면 따옴표로 감싸고, 셸이 필요하면 `docker exec -it NODE sh`로 노드 안의 셸을 여세요."
                }
            };
            format!(
                "`{operator}` 기호는 셸 문법인데, 이 프롬프트의 입력은 셸을 거치지 않습니다.{placeholder} {way}"
            )
        }
        Refusal::UnknownVariable { name, similar } => {
            let way = match similar {
                Some(similar) => format!("혹시 `${similar}`인가요?"),
                None => "노드 안의 셸이 처리해야 하는 변수라면 작은따옴표로 감싸세요.".to_string(),
            };
            format!("`${name}` 변수가 없습니다. {way}")
        }
        Refusal::NoValueYet(name) => {
            format!("`${name}` 변수에 아직 값이 없습니다. {}", sets_ko(name))
        }
        Refusal::UnknownCommand {
            word,
            suggestion: None,
            prefix_of,
        } if prefix_of.len() > 1 => format!(
            "`{word}` 명령이 없습니다. {} 중 하나인가요?",
            list(prefix_of, ",")
        ),
        Refusal::UnknownCommand {
            word, suggestion, ..
        } => format!(
            "여기에는 `{word}` 명령이 없습니다. {}",
            meant(
                suggestion.is_some(),
                "`help`를 입력하면 쓸 수 있는 명령이 나옵니다."
            )
        ),
        Refusal::VerbUsage(verb) => format!(
            "사용법: `{}`. 자세한 설명은 `help {verb}` 명령으로 볼 수 있습니다.",
            usage(verb)
        ),
        Refusal::UnknownDocker { word, suggestion } => format!(
            "도커에는 `{word}` 명령이 없습니다. {}",
            meant(
                suggestion.is_some(),
                "`help docker`를 입력하면 쓸 수 있는 명령이 나옵니다."
            )
        ),
        Refusal::UnknownFlag {
            command,
            flag,
            suggestion,
        } => format!(
            "`{command}` 명령에는 `{flag}` 옵션이 없습니다. {}",
            meant(
                suggestion.is_some(),
                "`--` 뒤에서 Tab을 누르면 옵션 목록이 나옵니다."
            )
        ),
        Refusal::InNode { command, .. } => format!(
            "`{command}` 명령은 스웜 명령인데, 스웜은 노드 안에 있습니다. 노드에서 실행하세요."
        ),
        Refusal::NotOnHost {
            command,
            suggestion,
        } => match suggestion {
            Some(_) => format!(
                "`{command}` 명령은 실습 환경이 아니라 내 컴퓨터에서 실행되므로 여기서는 쓸 수 없습니다. 노드 안에서는 쓸 수 있습니다."
            ),
            None => format!(
                "`{command}` 명령은 여기서 쓸 수 없습니다. `help docker`를 입력하면 쓸 수 있는 명령이 나옵니다."
            ),
        },
        Refusal::UnknownNode {
            name,
            suggestion,
            known,
            ..
        } => {
            let there = match known.is_empty() {
                true => "아직 노드가 하나도 없습니다. `docker compose up -d` 명령으로 만드세요."
                    .to_string(),
                false => format!("지금 있는 것은 {}입니다.", list(known, ",")),
            };
            format!(
                "실습 환경에 {} 노드가 없습니다. {}",
                code(name),
                meant(suggestion.is_some(), &there)
            )
        }
        Refusal::NotANode(name) => format!(
            "{} 자체 엔진이 없는 컨테이너입니다. docker 명령은 노드에서 실행하세요.",
            with(&code(name), Particle::Topic)
        ),
        Refusal::UnknownStep { name, similar } if similar.is_empty() => {
            format!("`{name}` 단계가 없습니다. `list`를 입력하면 모든 단계가 나옵니다.")
        }
        Refusal::UnknownStep { name, similar } => match &similar[..] {
            [only] => format!("`{name}` 단계가 없습니다. 혹시 `{only}`인가요?"),
            _ => format!(
                "`{name}` 단계가 없습니다. {} 중 하나인가요?",
                list(similar, ",")
            ),
        },
        Refusal::Usage(usage) => format!("사용법: `{usage}`"),
        Refusal::NotLabRegistry(image) => format!(
            "{} `localhost:5000/`으로 시작하지 않습니다. 여기서는 실습 환경의 레지스트리에 올릴 태그만 만들고 푸시할 수 있습니다.",
            with(&code(image), Particle::Topic)
        ),
        Refusal::FlagNotHere { command, flag } => format!(
            "도커의 `{command}` 명령에는 `{flag}` 옵션이 있지만 실습 환경의 `{command}` 명령에는 없습니다. 빼고 입력하세요."
        ),
        Refusal::FilterNotHere {
            command,
            filter,
            known,
        } => format!(
            "실습 환경의 `{command}` 명령은 `{filter}` 필터를 지원하지 않습니다. 쓸 수 있는 것은 {}입니다.",
            list(known, ",")
        ),
        Refusal::FieldNotHere {
            command,
            field,
            known,
        } => format!(
            "실습 환경의 `{command}` 명령은 `{field}` 형식을 처리하지 못합니다. `json`과 `table`을 쓸 수 있고, 필드는 `{{{{.{}}}}}`처럼 씁니다. 쓸 수 있는 필드: {}.",
            known.first().copied().unwrap_or_default(),
            list(known, ",")
        ),
        Refusal::NearImage { name, similar, .. } => format!(
            "실습 환경에 {} 이미지는 없고 {} 이미지가 있습니다. 혹시 다음 명령인가요?",
            code(name),
            code(similar)
        ),
        Refusal::NotLabNetwork { name, .. } => format!(
            "{} 실습 환경의 네트워크가 아닙니다. 혹시 다음 명령인가요?",
            with(&code(name), Particle::Topic)
        ),
    }
}

/// What gives a variable of the lab its value.
fn sets_en(name: &str) -> &'static str {
    match name {
        "WORKER_TOKEN" | "MANAGER_TOKEN" | "MANAGER_ADDR" => {
            "`docker swarm init` on the manager sets it (where that was done, no manager answers now, and `check` says why)"
        }
        "MANAGER_IP" | "LAB" => "`docker compose up -d` sets it",
        _ => "an earlier command of the lesson sets it",
    }
}

fn sets_ko(name: &str) -> &'static str {
    match name {
        "WORKER_TOKEN" | "MANAGER_TOKEN" | "MANAGER_ADDR" => {
            "매니저에서 `docker swarm init`을 실행하면 정해집니다(이미 실행했다면 응답하는 매니저가 없는 것이니 `check`로 확인하세요)."
        }
        "MANAGER_IP" | "LAB" => "`docker compose up -d`를 실행하면 정해집니다.",
        _ => "레슨의 앞선 명령을 실행하면 정해집니다.",
    }
}

fn usage(verb: &str) -> String {
    verbs::find(verb).map_or_else(|| verb.to_string(), |verb| verb.usage())
}

/// `a`, `b` and `c`; with `,` as the last joint, commas alone.
fn list(words: &[impl AsRef<str>], joint: &str) -> String {
    let words: Vec<String> = words.iter().map(|w| format!("`{}`", w.as_ref())).collect();
    match &words[..] {
        [before @ .., last] if !before.is_empty() && joint != "," => {
            format!("{} {joint} {last}", before.join(", "))
        }
        _ => words.join(", "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shell::property::scope;
    use crate::shell::understand;

    /// One line for each way of being refused.
    const LINES: [&str; 44] = [
        "docker exec manager sh -c 'ls",
        "docker ps \\",
        "docker\u{200b} ps",
        "docker\u{a0}ps",
        "docker service create –name web nginx",
        "docker exec manager docker service create --name “web” nginx",
        "docker exec manager echo ａ",
        "ls | wc",
        "docker ps | wc",
        "docker exec manager docker service ps web | grep Running",
        "docker exec -it (node) ls",
        "docker exec manager echo $HOME",
        "docker exec manager echo $WORKER_TOKN",
        "docker exec manager echo $MANAGER_TOKEN",
        "re",
        "hnit",
        "frobnicate",
        "ls",
        "service ls",
        "goto",
        "lang fr",
        "docker exec -it manager docker serivce rm test_swarm",
        "docker frobnicate",
        "docker exec manager docker service scale --detatch web=2",
        "docker ps --frobnicate",
        "docker service ls",
        "docker run -d nginx",
        "docker build .",
        "docker exec work01 ls",
        "docker exec worker04 ls",
        "docker exec registry docker ps",
        "goto nowhere",
        "goto make-swram",
        "goto scal",
        "docker exec -it manager",
        "docker push me/web",
        "docker ps --size",
        "docker ps --format {{.Label}}",
        "docker ps --filter label=x",
        "docker ps --filter status=asleep",
        "down",
        "logs manager",
        "docker exec manager docker service create --name web hashcorp/http-echo",
        "docker network disconnect bridge worker01",
    ];

    fn said(lang: Lang) -> String {
        let mut said = String::new();
        for line in LINES {
            let refused = match understand(line, &scope()) {
                Err(refused) => refused,
                Ok(action) => panic!("{line}: {action:?}"),
            };
            said.push_str(&format!("> {line}\n{}\n\n", refusal(lang, &refused)));
        }
        let long = refusal(lang, &Refusal::TooLong);
        let none = Refusal::UnknownNode {
            name: "manager".into(),
            similar: None,
            suggestion: None,
            known: Vec::new(),
        };
        said + &format!("> (long)\n{long}\n\n> (no lab)\n{}\n", refusal(lang, &none))
    }

    #[test]
    fn in_english() {
        insta::assert_snapshot!(said(Lang::En));
    }

    #[test]
    fn in_korean() {
        insta::assert_snapshot!(said(Lang::Ko));
    }

    #[test]
    fn a_typed_slip_says_that_nothing_was_run() {
        let slips = [
            "docker exec manager docker serivce ls",
            "docker exec work01 ls",
            "docker exec manager docker node ls --quite",
            "docker exec manager docker service create hashcorp/http-echo",
            "docker service create –name web nginx",
        ];
        for line in slips {
            let refused = understand(line, &scope()).expect_err(line);
            for (lang, told) in [
                (Lang::En, "Nothing was run. "),
                (Lang::Ko, "아무것도 실행하지"),
            ] {
                assert!(of_typed(lang, &refused).contains(told), "{line}");
                assert!(!refusal(lang, &refused).contains(told), "{line}");
            }
        }
    }
}
