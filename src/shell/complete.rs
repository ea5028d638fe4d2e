//! What Tab offers at a place of a line: verbs, docker's subcommands and
//! flags, and the names that the lab has. Knows no more than `Scope`.

use super::Scope;
use super::docker::{self, Flag, Kind, Subcommand, Value};
use super::host::HERE;
use super::verbs::{self, Takes, VERBS};
use super::words::quote;

/// One thing to put at the cursor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// What stands in the line from the start on, a blank behind it where the
    /// word is then done.
    pub replacement: String,
    /// What the list shows.
    pub display: String,
}

/// The candidates for the word at the cursor, and the byte where they begin.
/// A cursor inside a character counts as before it.
pub fn complete(line: &str, cursor: usize, scope: &Scope) -> (usize, Vec<Candidate>) {
    let mut cursor = cursor.min(line.len());
    while !line.is_char_boundary(cursor) {
        cursor -= 1;
    }
    let Some(mut head) = Head::read(&line[..cursor]) else {
        return (cursor, Vec::new());
    };
    if let Some(candidates) = variables(&head, scope) {
        return candidates;
    }
    if head.words.first().is_some_and(|word| word == "$") {
        head.words.remove(0);
    }
    if head.words.first().is_some_and(|word| word == "sudo") {
        head.words.remove(0);
    }
    let offered = offers(&head, scope);
    // `--network=lab`: what is completed is the value.
    let skipped = offered.skipped;
    let typed = &head.partial[skipped..];
    let behind = &line[cursor..];
    let blank = behind.is_empty() && head.quote.is_none();
    let mut candidates: Vec<Candidate> = Vec::new();
    for word in offered.words {
        if !word.starts_with(typed) || candidates.iter().any(|one| one.display == word) {
            continue;
        }
        let done = blank && !word.ends_with('=');
        let text = match head.quote {
            Some(_) => word.clone(),
            None => quote(&word),
        };
        candidates.push(Candidate {
            replacement: format!("{text}{}", if done { " " } else { "" }),
            display: word,
        });
    }
    (head.start + skipped, candidates)
}

/// What stands before the cursor, read with patience: quotes may be open.
struct Head {
    words: Vec<String>,
    /// The text of the word at the cursor, quotes off.
    partial: String,
    /// Where that word begins, behind an opening quote.
    start: usize,
    quote: Option<char>,
    /// A `$NAME` that is being typed: its byte, and whether with a brace.
    variable: Option<(usize, bool)>,
}

impl Head {
    /// `None` in a comment.
    fn read(text: &str) -> Option<Head> {
        let mut head = Head {
            words: Vec::new(),
            partial: String::new(),
            start: 0,
            quote: None,
            variable: None,
        };
        let mut in_word = false;
        let mut chars = text.char_indices().peekable();
        while let Some((at, c)) = chars.next() {
            if !in_word && !c.is_whitespace() {
                in_word = true;
                head.start = at;
            }
            if let Some((dollar, _)) = head.variable {
                let brace = c == '{' && at == dollar + 1;
                if brace {
                    head.variable = Some((dollar, true));
                } else if !(c.is_ascii_alphanumeric() || c == '_') {
                    head.variable = None;
                }
            }
            match (head.quote, c) {
                (None, c) if c.is_whitespace() => {
                    if in_word {
                        head.words.push(std::mem::take(&mut head.partial));
                    }
                    in_word = false;
                    continue;
                }
                (None, '#') if at == head.start => return None,
                (None, '\'' | '"') => {
                    head.quote = Some(c);
                    if at == head.start {
                        head.start = at + 1;
                    }
                    continue;
                }
                (Some(open), _) if open == c => {
                    head.quote = None;
                    continue;
                }
                (None | Some('"'), '$') => head.variable = Some((at, false)),
                (None, '\\') => {
                    if let Some((_, next)) = chars.next() {
                        head.partial.push(next);
                    }
                    continue;
                }
                _ => {}
            }
            head.partial.push(c);
        }
        if !in_word {
            head.start = text.len();
        }
        // Only where what was typed and what it means are of one length can a
        // part of the word be replaced.
        if !text[head.start..].eq(&head.partial) && in_word {
            head.partial = text[head.start..].to_string();
        }
        Some(head)
    }
}

/// The lab's variables, while a `$NAME` is being typed.
fn variables(head: &Head, scope: &Scope) -> Option<(usize, Vec<Candidate>)> {
    let (dollar, brace) = head.variable?;
    let skip = if brace { 2 } else { 1 };
    let typed = head.partial.get((dollar - head.start) + skip..)?;
    let names = scope
        .variables
        .keys()
        .filter(|name| name.starts_with(typed));
    let candidates = names.map(|name| {
        let text = if brace {
            format!("${{{name}}}")
        } else {
            format!("${name}")
        };
        Candidate {
            replacement: text.clone(),
            display: text,
        }
    });
    Some((dollar, candidates.collect()))
}

/// Words that may stand at the cursor, and how many bytes of the word at the
/// cursor they leave as they are.
#[derive(Default)]
struct Offered {
    words: Vec<String>,
    skipped: usize,
}

fn only(words: impl IntoIterator<Item = impl Into<String>>) -> Offered {
    Offered {
        words: words.into_iter().map(Into::into).collect(),
        skipped: 0,
    }
}

fn offers(head: &Head, scope: &Scope) -> Offered {
    let words: Vec<&str> = head.words.iter().map(String::as_str).collect();
    match words.first() {
        None => only(VERBS.iter().map(|verb| verb.name).chain(["docker"])),
        Some(&("docker" | "docker-compose")) => {
            docker_words(&words, head, scope, scope.on.is_none())
        }
        Some(first) => match verbs::find(first).map(|verb| verb.takes) {
            Some(Takes::Step | Takes::MaybeStep | Takes::MaybeStepSpeed) if words.len() == 1 => {
                only(&scope.steps)
            }
            Some(Takes::Topic) if words.len() == 1 => {
                only(VERBS.iter().map(|verb| verb.name).chain(["docker"]))
            }
            Some(Takes::MaybeNode) if words.len() == 1 => {
                only(scope.nodes.iter().map(String::as_str).chain(["host"]))
            }
            Some(Takes::Languages) if words.len() == 1 => only(["en", "ko", "en,ko"]),
            _ => Offered::default(),
        },
    }
}

fn docker_words(words: &[&str], head: &Head, scope: &Scope, on_host: bool) -> Offered {
    let Some((subcommand, args_at)) = docker::subcommand(words) else {
        return subcommands(words, on_host);
    };
    let place = Place::find(subcommand, &words[args_at..]);
    match place {
        Place::ValueOf(flag) => only(values(flag, scope)),
        Place::Command(at) => in_node(&words[args_at + at..], subcommand, head, scope),
        Place::Positional(index) => {
            if let Some(flag) = head.partial.strip_prefix("--")
                && let Some((name, _)) = flag.split_once('=')
                && let Some(flag) = subcommand.flags.iter().find(|flag| flag.long == name)
            {
                return Offered {
                    words: values(flag, scope),
                    skipped: name.len() + 3,
                };
            }
            if head.partial.starts_with('-') {
                return only(flags(subcommand));
            }
            match subcommand.kind(index) {
                Some(kind) => only(names(kind, scope, on_host)),
                None => Offered::default(),
            }
        }
    }
}

/// Where the cursor stands among a subcommand's words.
enum Place {
    /// Behind a flag that takes a value.
    ValueOf(&'static Flag),
    /// At a flag or the positional with this index.
    Positional(usize),
    /// In a COMMAND that begins at this word.
    Command(usize),
}

impl Place {
    fn find(subcommand: &'static Subcommand, words: &[&str]) -> Place {
        let mut positionals = 0;
        let mut words = words.iter().enumerate();
        while let Some((at, word)) = words.next() {
            if let Some(flag) = flag_awaiting_value(subcommand, word) {
                if words.next().is_none() {
                    return Place::ValueOf(flag);
                }
            } else if !word.starts_with('-') {
                positionals += 1;
                if subcommand.positionals_before_command() == Some(positionals) {
                    return Place::Command(at + 1);
                }
            }
        }
        Place::Positional(positionals)
    }
}

/// The flag of a word like `--name` or `-itw` that takes the next word.
fn flag_awaiting_value(subcommand: &'static Subcommand, word: &str) -> Option<&'static Flag> {
    let flag = match word.strip_prefix("--") {
        Some(long) => subcommand.flags.iter().find(|flag| flag.long == long)?,
        None => {
            let mut letters = word.strip_prefix('-')?.chars();
            loop {
                let letter = letters.next()?;
                let flag = subcommand
                    .flags
                    .iter()
                    .find(|flag| flag.short == Some(letter))?;
                if flag.value.is_some() {
                    // `-w/dir` has its value.
                    letters.next().is_none().then_some(())?;
                    break flag;
                }
            }
        }
    };
    flag.value.as_ref().map(|_| flag)
}

/// What runs in a node: docker with its whole grammar, or a shell.
fn in_node(words: &[&str], outer: &Subcommand, head: &Head, scope: &Scope) -> Offered {
    let in_node = matches!(outer.name(), ["exec"] | ["compose", "exec"]);
    match words.first() {
        None if in_node => only(["docker", "sh"]),
        Some(&"docker") if in_node => docker_words(words, head, scope, false),
        _ => Offered::default(),
    }
}

/// The words on the way to a subcommand; on the host, of those that work there.
fn subcommands(words: &[&str], on_host: bool) -> Offered {
    let mut path: Vec<&str> = words[1..].to_vec();
    if words[0] == "docker-compose" {
        path.insert(0, "compose");
    }
    path.retain(|word| !word.starts_with('-'));
    if !on_host {
        let plain = |word: &&&str| !matches!(**word, "list" | "remove");
        return only(docker::words_after(&path).iter().filter(plain).copied());
    }
    let here = HERE
        .iter()
        .filter(|name| name.len() > path.len() && name[..path.len()] == path);
    only(here.map(|name| name[path.len()]))
}

fn flags(subcommand: &Subcommand) -> Vec<String> {
    let flag = |flag: &Flag| format!("--{}", flag.long);
    subcommand.flags.iter().map(flag).collect()
}

fn values(flag: &Flag, scope: &Scope) -> Vec<String> {
    match &flag.value {
        Some(Value::OneOf(words)) => words.iter().map(|word| (*word).to_string()).collect(),
        Some(Value::Of(kind)) => names(kind, scope, false),
        Some(Value::Any) | None => Vec::new(),
    }
}

fn names(kind: &Kind, scope: &Scope, on_host: bool) -> Vec<String> {
    match kind {
        Kind::Node => scope.nodes.clone(),
        Kind::Service => scope.services.clone(),
        Kind::ServiceReplicas => {
            let service = |name: &String| format!("{name}=");
            scope.services.iter().map(service).collect()
        }
        Kind::Image => scope.images.clone(),
        Kind::Stack => scope.stacks.clone(),
        Kind::Network if on_host => vec![scope.network.clone()],
        Kind::Network => scope.networks.clone(),
        Kind::Secret => scope.secrets.clone(),
        Kind::Config => scope.configs.clone(),
        Kind::Container if on_host => scope.nodes.iter().chain(&scope.others).cloned().collect(),
        Kind::Role => vec!["worker".into(), "manager".into()],
        Kind::Container | Kind::Command | Kind::Other => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::property::scope;
    use super::*;

    fn shown(line: &str) -> Vec<String> {
        let (_, candidates) = complete(line, line.len(), &scope());
        candidates.into_iter().map(|one| one.display).collect()
    }

    /// The line with its only candidate put in.
    fn completed(line: &str) -> String {
        let (start, candidates) = complete(line, line.len(), &scope());
        assert_eq!(candidates.len(), 1, "{line}: {candidates:?}");
        format!("{}{}", &line[..start], candidates[0].replacement)
    }

    #[test]
    fn the_only_candidate_is_put_in() {
        for (line, wanted) in [
            ("st", "status "),
            ("do", "docker "),
            ("$ dock", "$ docker "),
            ("docker ex", "docker exec "),
            ("docker exec -it man", "docker exec -it manager "),
            ("docker exec -it 'man", "docker exec -it 'manager"),
            ("docker exec manager d", "docker exec manager docker "),
            (
                "docker exec manager docker swarm ini",
                "docker exec manager docker swarm init ",
            ),
            (
                "docker exec manager docker service rm te",
                "docker exec manager docker service rm test_swarm ",
            ),
            (
                "docker exec manager docker service scale t",
                "docker exec manager docker service scale test_swarm=",
            ),
            (
                "docker exec manager docker service create --replicas-",
                "docker exec manager docker service create --replicas-max-per-node ",
            ),
            (
                "docker exec manager docker service create --name web ha",
                "docker exec manager docker service create --name web hashicorp/http-echo:latest ",
            ),
            (
                "docker exec manager docker node update --availability dr",
                "docker exec manager docker node update --availability drain ",
            ),
            (
                "docker exec manager docker node update --availability=dr",
                "docker exec manager docker node update --availability=drain ",
            ),
            (
                "docker exec manager docker swarm join-token w",
                "docker exec manager docker swarm join-token worker ",
            ),
            ("docker compose do", "docker compose down "),
            (
                "docker network disconnect l",
                "docker network disconnect lab_default ",
            ),
            ("docker stop worker01 reg", "docker stop worker01 registry "),
            ("goto mak", "goto make-swarm "),
            ("help hi", "help hint "),
            ("on ho", "on host "),
            (
                "docker exec worker01 docker swarm join --token $W",
                "docker exec worker01 docker swarm join --token $WORKER_TOKEN",
            ),
            ("echo \"${MANAGER_A", "echo \"${MANAGER_ADDR}"),
        ] {
            assert_eq!(completed(line), wanted, "{line}");
        }
    }

    #[test]
    fn several_candidates_are_listed() {
        assert_eq!(
            shown("docker exec wor"),
            ["worker01", "worker02", "worker03"]
        );
        assert_eq!(shown("re"), ["reset", "replay", "repair"]);
        assert_eq!(
            shown("docker exec manager docker node "),
            ["ls", "ps", "inspect", "update", "promote", "demote", "rm"]
        );
        assert_eq!(shown("docker s"), ["stop", "start"]);
        assert!(shown("docker exec manager docker s").contains(&"service".to_string()));
        assert_eq!(shown("'$MANA"), [""; 0]);
        assert_eq!(shown("docker ps # docker "), [""; 0]);
        assert_eq!(shown("next "), [""; 0]);
    }

    #[test]
    fn no_blank_is_added_before_what_follows() {
        let (start, candidates) = complete("docker exec man ls", 15, &scope());
        assert_eq!(start, 12);
        assert_eq!(candidates[0].replacement, "manager");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1000))]

        #[test]
        fn any_place_of_any_line(
            line in r#"(docker |exec |-it |manager |service |on |\$|'|"|\\|=|--|\{|가|[a-z]|\PC){0,12}"#,
            cursor in 0..80usize,
        ) {
            let (start, _) = complete(&line, cursor, &scope());
            prop_assert!(start <= line.len() && line.is_char_boundary(start));
        }
    }
}
