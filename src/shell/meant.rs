//! Words that people type at a prompt because another program, or their own
//! language, has them, and the line that does here what they mean.

/// The line for a whole typed line; `None` where we don't know better.
pub(super) fn line_for(typed: &str) -> Option<&'static str> {
    let typed = typed.trim().to_lowercase();
    let line = match typed.as_str() {
        // The lab, in compose's words without compose.
        "up" | "start" | "up -d" | "compose" | "docker up" => "docker compose up -d",
        "down" | "destroy" | "teardown" => "docker compose down",
        "stop" => "docker compose stop",
        "logs" | "log" => "docker compose logs",
        "ps" => "docker ps",
        "images" => "docker images",
        "version" | "info" => "docker version",
        "nodes" | "node" => "docker exec -it manager docker node ls",
        "services" | "service" => "docker exec -it manager docker service ls",
        // Leaving, and the screen.
        "logout" | "bye" | ":q" | ":wq" | "close" | "종료" | "나가기" | "끝" => "quit",
        "cls" | "지우기" => "clear",
        // Moving.
        "continue" | "forward" | "go" | "ok" | "yes" | "y" | "다음" | "계속" => "next",
        "prev" | "previous" | "이전" | "뒤로" => "back",
        "건너뛰기" => "skip",
        // Help of all kinds.
        "man" | "usage" | "--help" | "-h" | "commands" | "도움말" | "도움" => "help",
        "tip" | "clue" | "힌트" => "hint",
        "solution" | "정답" | "풀이" => "solve",
        "test" | "verify" | "확인" | "검사" => "check",
        "map" | "monitor" | "지도" => "watch",
        "lessons" | "steps" | "toc" | "목록" => "list",
        "show" | "again" | "page" | "다시" => "more",
        "where" | "state" | "상태" => "status",
        "retry" | "restart" | "초기화" => "reset",
        "fix" | "heal" | "복구" => "repair",
        "language" | "korean" | "한국어" => "lang ko",
        "english" | "영어" => "lang en",
        _ => return None,
    };
    Some(line)
}

#[cfg(test)]
mod tests {
    use super::super::{Scope, understand};
    use super::*;

    #[test]
    fn what_is_suggested_works() {
        let scope = Scope {
            nodes: vec!["manager".into()],
            ..Scope::default()
        };
        for typed in [
            "up", "down", "stop", "logs", "ps", "nodes", "services", "bye", "cls", "다음",
            "--help", "fix", "korean",
        ] {
            let line = line_for(typed).unwrap_or_else(|| panic!("{typed} means nothing"));
            assert!(understand(line, &scope).is_ok(), "{typed} -> {line}");
            let refused = understand(typed, &scope).expect_err(typed);
            assert_eq!(refused.suggestion(), Some(line), "{typed}");
        }
        assert_eq!(line_for("frobnicate"), None);
    }
}
