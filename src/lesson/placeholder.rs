//! Placeholders of tutorials: `(...)`, `[...]`, `<...>` where a value belongs.
//! They are found before words are split, for they may contain blanks.
//!
//! Tutorials only; a lesson of format 1 has variables.

use std::ops::Range;

use super::Mended;

/// Longer ones are no placeholder.
const MAX_CHARS: usize = 60;
/// Longer lines, in bytes, are no command that a tutorial asks for.
const MAX_LINE: usize = 8192;

/// What a tutorial's command line is.
#[derive(Debug, PartialEq)]
pub(crate) enum Reading {
    /// A template of a command: shown, not run.
    Template,
    /// A command.
    Command {
        text: String,
        /// Values that only the learner knows, as written.
        placeholders: Vec<String>,
        mended: Vec<Mended>,
    },
}

/// Reads a logical line that begins with `docker` or `docker-compose`, or any
/// other line that had a prompt.
pub(crate) fn read(line: &str) -> Reading {
    if line.len() > MAX_LINE {
        return Reading::Template;
    }
    let words = words(line);
    let texts: Vec<&str> = words.iter().map(|word| &line[word.span.clone()]).collect();
    let held = |at: usize| words.get(at).is_some_and(|word| word.placeholder);
    let node = super::console::exec_node(&texts);
    let has_any = words.iter().any(|word| word.placeholder);
    let is_exec = texts.starts_with(&["docker", "exec"])
        || texts.starts_with(&["docker", "container", "exec"]);
    let inner = match node {
        Some(node) => node + 1,
        None if is_exec => return template_if(has_any, line),
        None => 0,
    };
    if let Some(node) = node {
        let whole = &words[inner..];
        let only = !whole.is_empty() && whole.iter().all(|word| word.all);
        if held(node) || only || (whole.is_empty() && has_any) {
            return Reading::Template;
        }
    } else {
        let joins = texts.starts_with(&["docker", "swarm", "join"]);
        if joins || (has_any && !is_lab_command(&texts)) {
            // A join on no node at all is what `swarm init` prints.
            return Reading::Template;
        }
    }
    let manager = node.is_some_and(|node| texts[node].to_lowercase().contains("manager"));
    fill(line, &words, inner, manager)
}

fn template_if(template: bool, line: &str) -> Reading {
    match template {
        true => Reading::Template,
        false => Reading::Command {
            text: line.to_owned(),
            placeholders: Vec::new(),
            mended: Vec::new(),
        },
    }
}

/// Commands of the host that act on the lab.
fn is_lab_command(words: &[&str]) -> bool {
    const OWN: [&str; 15] = [
        "compose", "ps", "images", "logs", "stop", "start", "restart", "kill", "pause", "unpause",
        "network", "tag", "push", "version", "info",
    ];
    match words {
        ["docker-compose", ..] => true,
        ["docker", word, ..] => OWN.contains(word),
        _ => false,
    }
}

/// Puts variables where their values are known; asks for the others.
fn fill(line: &str, words: &[Word], inner: usize, manager: bool) -> Reading {
    let text_of = |word: &Word| &line[word.span.clone()];
    let command: Vec<&str> = words[inner..].iter().map(text_of).collect();
    let joins = command.starts_with(&["docker", "swarm", "join"]);
    let inits = command.starts_with(&["docker", "swarm", "init"]);
    let token = match manager {
        true => "$MANAGER_TOKEN",
        false => "$WORKER_TOKEN",
    };
    let mut out = String::new();
    let mut at = 0;
    let mut placeholders: Vec<String> = Vec::new();
    let mut mended = Vec::new();
    for (index, word) in words.iter().enumerate() {
        let text = text_of(word);
        let before = index.checked_sub(1).map(|before| text_of(&words[before]));
        let unknown =
            |value: &str, literal: bool| word.placeholder || (literal && !value.starts_with('$'));
        let known = if joins && index > inner + 2 {
            join_value(text, before, token, &unknown)
        } else if inits && index > inner + 2 {
            advertised(text, before, word.placeholder)
        } else {
            None
        };
        out.push_str(&line[at..word.span.start]);
        at = word.span.end;
        match known {
            Some(value) => {
                if !word.placeholder {
                    mended.push(Mended {
                        from: text.to_owned(),
                        to: value.clone(),
                    });
                }
                out.push_str(&value);
            }
            None => {
                out.push_str(text);
                for span in &word.holes {
                    let hole = line[span.clone()].to_owned();
                    if !placeholders.contains(&hole) {
                        placeholders.push(hole);
                    }
                }
            }
        }
    }
    out.push_str(&line[at..]);
    Reading::Command {
        text: out,
        placeholders,
        mended,
    }
}

/// The value of a word of `docker swarm join`: a token or the address. A
/// token or an address of the author's own swarm is as unknown as a
/// placeholder.
fn join_value(
    text: &str,
    before: Option<&str>,
    token: &str,
    unknown: &dyn Fn(&str, bool) -> bool,
) -> Option<String> {
    if let Some(value) = text.strip_prefix("--token=") {
        return unknown(value, value.starts_with("SWMTKN-")).then(|| format!("--token={token}"));
    }
    if before == Some("--token") {
        return unknown(text, text.starts_with("SWMTKN-")).then(|| token.to_owned());
    }
    let is_value = before.is_some_and(|word| word.starts_with("--") && !word.contains('='));
    if text.starts_with('-') || is_value {
        return None;
    }
    unknown(text, is_address(text)).then(|| "$MANAGER_ADDR".to_owned())
}

/// `docker swarm init --advertise-addr (IP)`
fn advertised(text: &str, before: Option<&str>, placeholder: bool) -> Option<String> {
    if !placeholder {
        return None;
    }
    if before == Some("--advertise-addr") {
        return Some("$MANAGER_IP".to_owned());
    }
    let rest = text.strip_prefix("--advertise-addr=")?;
    (!rest.is_empty()).then(|| "--advertise-addr=$MANAGER_IP".to_owned())
}

/// `192.168.0.1:2377`
fn is_address(text: &str) -> bool {
    let Some((host, port)) = text.rsplit_once(':') else {
        return false;
    };
    host.parse::<std::net::Ipv4Addr>().is_ok() && super::checks::port(port).is_some()
}

/// A word of a line.
#[derive(Debug)]
struct Word {
    span: Range<usize>,
    /// There is a placeholder in it.
    placeholder: bool,
    /// It is nothing but placeholders.
    all: bool,
    holes: Vec<Range<usize>>,
}

/// Splits at blanks outside of quotes and placeholders.
fn words(line: &str) -> Vec<Word> {
    let mut words = Vec::new();
    let mut word: Option<Word> = None;
    let mut quote = None;
    let mut at = 0;
    while let Some(c) = line[at..].chars().next() {
        let width = c.len_utf8();
        if quote.is_none() && c.is_whitespace() {
            words.extend(word.take());
            at += width;
            continue;
        }
        let word = word.get_or_insert(Word {
            span: at..at,
            placeholder: false,
            all: true,
            holes: Vec::new(),
        });
        let hole = match quote {
            None => hole_at(line, at),
            Some(_) => None,
        };
        match hole {
            Some(end) => {
                word.placeholder = true;
                word.holes.push(at..end);
                at = end;
            }
            None => {
                word.all = false;
                match (quote, c) {
                    (None, '\'' | '"') => quote = Some(c),
                    (Some(open), c) if open == c => quote = None,
                    _ => {}
                }
                at += width;
            }
        }
        word.span.end = at;
    }
    words.extend(word);
    words
}

/// The end of the placeholder that begins at `at`.
fn hole_at(line: &str, at: usize) -> Option<usize> {
    let rest = &line[at..];
    let open = rest.chars().next()?;
    let close = match open {
        '(' => ')',
        '[' => ']',
        '<' => '>',
        _ => return None,
    };
    // `$(...)` and `<(...)` are the shell's.
    if line[..at].ends_with(['$', '<', '\\']) {
        return None;
    }
    let mut inside = 0;
    for (offset, c) in rest.char_indices().skip(1) {
        if c == close {
            let blank_edge = rest[1..offset].starts_with(char::is_whitespace);
            // `a < b > c` redirects; `( a )` is a placeholder all the same.
            let redirects = open == '<' && (blank_edge || inside == 0);
            return (inside > 0 && !redirects).then_some(at + offset + 1);
        }
        inside += 1;
        let nested = matches!(c, '(' | '[' | '<' | '>' | '$' | '|' | ';' | '`');
        // Links to manuals and alternatives stand in placeholders; brackets don't.
        if inside > MAX_CHARS || (nested && c != '|') {
            return None;
        }
    }
    None
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn command(line: &str) -> (String, Vec<String>, Vec<(String, String)>) {
        match read(line) {
            Reading::Template => panic!("a template: {line}"),
            Reading::Command {
                text,
                placeholders,
                mended,
            } => (
                text,
                placeholders,
                mended.into_iter().map(|m| (m.from, m.to)).collect(),
            ),
        }
    }

    #[test]
    fn templates_are_only_shown() {
        for line in [
            "docker exec -it (실행할 타겟, manager or worker) (실행할 명령어)",
            "docker exec -it <node> docker node ls",
            "docker exec -it manager (the command)",
            "docker exec -it <node>",
            "docker exec [options]",
            "docker swarm join --token (토큰값) (메니저IP):(port)",
            "docker swarm join --token SWMTKN-1-abc 10.0.0.1:2377",
            "docker service create --name [서비스이름] -p [외부포트]:[내부포트] [도커이미지]:[태그]",
            "docker run <image>",
            "docker pull <image>",
        ] {
            assert_eq!(read(line), Reading::Template, "{line}");
        }
    }

    #[test]
    fn known_values_are_filled_in() {
        for (line, text) in [
            (
                "docker exec -it worker01 docker swarm join --token (토큰값) (메니저IP):(port)",
                "docker exec -it worker01 docker swarm join --token $WORKER_TOKEN $MANAGER_ADDR",
            ),
            (
                "docker exec manager02 docker swarm join --token=<the token> <manager ip>:2377",
                "docker exec manager02 docker swarm join --token=$MANAGER_TOKEN $MANAGER_ADDR",
            ),
            (
                "docker exec w docker swarm join --advertise-addr eth0 --token [t] <MANAGER-IP:PORT>",
                "docker exec w docker swarm join --advertise-addr eth0 --token $WORKER_TOKEN $MANAGER_ADDR",
            ),
            (
                "docker exec manager docker swarm init --advertise-addr <MANAGER-IP>",
                "docker exec manager docker swarm init --advertise-addr $MANAGER_IP",
            ),
            (
                "docker exec w docker swarm join --token $WORKER_TOKEN $MANAGER_ADDR",
                "docker exec w docker swarm join --token $WORKER_TOKEN $MANAGER_ADDR",
            ),
            (
                "docker exec w docker swarm join --token $WORKER_TOKEN manager:2377",
                "docker exec w docker swarm join --token $WORKER_TOKEN manager:2377",
            ),
        ] {
            assert_eq!(command(line), (text.to_owned(), vec![], vec![]), "{line}");
        }
    }

    #[test]
    fn values_of_the_authors_own_swarm_are_mended() {
        let (text, _, mended) = command(
            "docker exec -it w1 docker swarm join --token SWMTKN-1-49nj1-abc 192.168.99.100:2377",
        );
        assert_eq!(
            text,
            "docker exec -it w1 docker swarm join --token $WORKER_TOKEN $MANAGER_ADDR"
        );
        assert_eq!(mended.len(), 2);
        assert_eq!(mended[0].0, "SWMTKN-1-49nj1-abc");
    }

    #[test]
    fn other_values_are_asked_for_once() {
        let (text, placeholders, _) =
            command("docker tag (원본 이미지) localhost:5000/(원본 이미지)");
        assert_eq!(
            text,
            "docker tag (원본 이미지) localhost:5000/(원본 이미지)"
        );
        assert_eq!(placeholders, ["(원본 이미지)"]);
        let (_, placeholders, _) =
            command("docker exec manager docker service create --name [name] [image]:[tag]");
        assert_eq!(placeholders, ["[name]", "[image]", "[tag]"]);
    }

    #[test]
    fn what_is_no_placeholder() {
        for line in [
            "docker exec manager sh -c 'echo (a) [b] <c>'",
            "docker exec manager docker ps --format \"{{.ID}} (x)\"",
            "docker exec manager sh $(x)",
            "docker exec manager cat < a > b",
            "docker exec manager a () [] <>",
            "docker exec manager a (b",
        ] {
            let (text, placeholders, _) = command(line);
            assert_eq!((text.as_str(), placeholders), (line, vec![]), "{line}");
        }
    }
}
