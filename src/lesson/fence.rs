//! What a fence's info string says it is, and the small fences: files and
//! mistakes.

use std::ops::Range;

use super::fields::Fields;
use super::markdown::Fence;
use super::problem::{PathFault, Place, ProblemKind, Severity};
use super::source::{Problems, nearest};
use super::yaml;
use super::{Condition, Mistake, Role};

/// What a fence is.
#[derive(Debug, PartialEq)]
pub(crate) enum Annotation {
    Console {
        role: Role,
        condition: Option<Condition>,
    },
    Check,
    Compose,
    Mistake,
    File {
        path: String,
        language: String,
    },
    Shown,
}

const CONSOLE_WORDS: [&str; 4] = ["setup", "cleanup", "if=mesh", "if=no-mesh"];
const YAML_WORDS: [&str; 3] = ["check", "compose", "mistake"];
const RESERVED: [&str; 4] = [
    "compose.yaml",
    "compose.yml",
    "docker-compose.yaml",
    "docker-compose.yml",
];
/// Languages whose fences look like commands and are only shown.
const SHELLS: [&str; 7] = [
    "",
    "sh",
    "bash",
    "shell",
    "zsh",
    "shell-session",
    "terminal",
];

/// Where a fence's first line stands.
pub(crate) fn opening(fence: &Fence, problems: &Problems) -> Range<usize> {
    let text = &problems.source.text[fence.span.clone()];
    let line = text.lines().next().unwrap_or_default().trim_end();
    fence.span.start..fence.span.start + line.len()
}

/// Reads the info string; what is almost an annotation is reported.
pub(crate) fn annotation(fence: &Fence, problems: &mut Problems) -> Annotation {
    let words: Vec<&str> = fence.info.split_whitespace().collect();
    let language = words.first().copied().unwrap_or_default();
    let span = opening(fence, problems);
    if let Some(path) = words.iter().find_map(|word| word.strip_prefix("file=")) {
        for word in words.iter().skip(1) {
            if !word.starts_with("file=") {
                unknown_word(word, &[], span.clone(), problems);
            }
        }
        let language = match language.starts_with("file=") {
            true => "",
            false => language,
        };
        return Annotation::File {
            path: path.to_owned(),
            language: language.to_owned(),
        };
    }
    if language == "console" {
        return console(&words[1..], span, problems);
    }
    if let ["yaml", word, rest @ ..] = &words[..]
        && YAML_WORDS.contains(word)
    {
        for word in rest {
            unknown_word(word, &[], span.clone(), problems);
        }
        return match *word {
            "check" => Annotation::Check,
            "compose" => Annotation::Compose,
            _ => Annotation::Mistake,
        };
    }
    if let Some(meant) = near_miss(&fence.info) {
        let found = yaml::shorten(&fence.info);
        problems.warning(span, ProblemKind::NearMissFence { found, meant });
    } else if SHELLS.contains(&language)
        && let Some((start, line)) = fence.snip.lines().find(|(_, line)| line.starts_with("$ "))
    {
        let span = fence.snip.span(start..start + line.len());
        let language = language.to_owned();
        problems.warning(span, ProblemKind::CommandsNotConsole { language });
    }
    Annotation::Shown
}

/// Whether a fence that is in a list, a quote or `<details>` is one that only
/// works at top level.
pub(crate) fn is_annotated(info: &str, console_too: bool) -> bool {
    let words: Vec<&str> = info.split_whitespace().collect();
    match words[..] {
        ["console"] => console_too,
        ["console", ..] => true,
        ["yaml", word, ..] if YAML_WORDS.contains(&word) => true,
        _ => words.iter().any(|word| word.starts_with("file=")),
    }
}

fn console(words: &[&str], span: Range<usize>, problems: &mut Problems) -> Annotation {
    let mut role = Role::Solution;
    let mut condition = None;
    for word in words {
        match *word {
            "setup" => role = Role::Setup,
            "cleanup" => role = Role::Cleanup,
            "if=mesh" => condition = Some(Condition::Mesh),
            "if=no-mesh" => condition = Some(Condition::NoMesh),
            _ => unknown_word(word, &CONSOLE_WORDS, span.clone(), problems),
        }
    }
    Annotation::Console { role, condition }
}

fn unknown_word(word: &str, known: &[&'static str], span: Range<usize>, problems: &mut Problems) {
    let at = problems.source.text[span.clone()].rfind(word);
    let span = match at {
        Some(at) => span.start + at..span.start + at + word.len(),
        None => span,
    };
    let similar = nearest(word, known.iter().copied());
    let word = yaml::shorten(word);
    problems.error(span, ProblemKind::UnknownFenceWord { word, similar });
}

/// The annotation that an info string was probably to be.
fn near_miss(info: &str) -> Option<String> {
    let lower = info.to_ascii_lowercase();
    let words: Vec<&str> = lower
        .split(|c: char| !c.is_ascii_alphanumeric() && c != '=' && c != '-')
        .filter(|word| !word.is_empty())
        .collect();
    let (language, rest) = words.split_first()?;
    let close = |word: &str, known: &'static str| strsim::osa_distance(word, known) <= 1;
    if close(language, "console") {
        return Some("console".to_owned());
    }
    let annotation = |word: &str| YAML_WORDS.into_iter().find(|known| close(word, known));
    if close(language, "yaml") {
        let word = annotation(rest.first()?)?;
        return Some(format!("yaml {word}"));
    }
    match rest {
        [] => annotation(language).map(|word| format!("yaml {word}")),
        _ => None,
    }
}

/// Holds a path against what may be written into the lab's folder.
pub(crate) fn path_fault(path: &str) -> Option<PathFault> {
    if path.is_empty() || path.ends_with('/') {
        return Some(PathFault::Empty);
    }
    if path.starts_with(['/', '~']) || path.get(1..2) == Some(":") {
        return Some(PathFault::Absolute);
    }
    if path.split('/').any(|part| part == "..") {
        return Some(PathFault::Parent);
    }
    let valid = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '/');
    if !path.chars().all(valid) || path.split('/').any(|part| part.is_empty() || part == ".") {
        return Some(PathFault::Character);
    }
    let reserved = RESERVED.contains(&path.to_ascii_lowercase().as_str());
    reserved.then_some(PathFault::Reserved)
}

/// Reads a `yaml mistake`.
pub(crate) fn mistake(fence: &Fence, problems: &mut Problems) -> Option<Mistake> {
    let span = opening(fence, problems);
    let before = problems.errors();
    let Some(root) = yaml::read(&fence.snip, problems) else {
        if problems.errors() == before {
            let place = Place::Mistake;
            problems.error(span, ProblemKind::MissingKey { key: "run", place });
        }
        return None;
    };
    let place = Place::Mistake;
    let mut fields = Fields::of(&root, "mistake", place, Severity::Error, problems)?;
    for key in ["run", "says"] {
        if !fields.keys().any(|found| found.name == key) {
            fields.missing(key, span.clone(), problems);
        }
    }
    let run: Vec<String> = fields
        .texts("run", problems)
        .iter()
        .flat_map(|text| text.lines())
        .map(|line| line.trim())
        .map(|line| line.strip_prefix("$ ").unwrap_or(line).trim().to_owned())
        .filter(|line| !line.is_empty())
        .collect();
    let says = fields.texts("says", problems);
    fields.finish(&["run", "says"], problems);
    (!run.is_empty() && !says.is_empty()).then(|| Mistake {
        run,
        says,
        line: problems.source.line(fence.span.start),
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::markdown::{self, PieceKind};
    use super::super::source::Source;
    use super::*;

    fn fence_of(text: &str) -> (Source, Fence) {
        let (source, _) = Source::new("a", text);
        let document = markdown::read(&source, 0);
        let fence = match &document.pieces[0].kind {
            PieceKind::Fence(fence) => fence.clone(),
            other => panic!("{other:?}"),
        };
        (source, fence)
    }

    fn read(info: &str) -> (Annotation, Vec<ProblemKind>) {
        let (source, fence) = fence_of(&format!("```{info}\n$ a\n```\n"));
        let mut problems = Problems::new(&source);
        let annotation = annotation(&fence, &mut problems);
        let kinds = problems.finish().into_iter().map(|problem| problem.kind);
        (annotation, kinds.collect())
    }

    #[test]
    fn info_strings() {
        use Annotation::*;
        let console = |role, condition| Console { role, condition };
        let file = |path: &str, language: &str| File {
            path: path.to_owned(),
            language: language.to_owned(),
        };
        for (info, expected) in [
            ("console", console(Role::Solution, None)),
            ("console setup", console(Role::Setup, None)),
            ("console cleanup", console(Role::Cleanup, None)),
            (
                "console if=mesh",
                console(Role::Solution, Some(Condition::Mesh)),
            ),
            (
                "console  setup if=no-mesh",
                console(Role::Setup, Some(Condition::NoMesh)),
            ),
            ("yaml check", Check),
            ("yaml compose", Compose),
            ("yaml mistake", Mistake),
            ("yaml file=a/b.yaml", file("a/b.yaml", "yaml")),
            ("file=a", file("a", "")),
            ("yaml", Shown),
            ("text", Shown),
            ("dockerfile", Shown),
            ("yaml hello", Shown),
        ] {
            assert_eq!(read(info), (expected, vec![]), "{info}");
        }
    }

    #[test]
    fn near_misses_are_told() {
        for (info, meant) in [
            ("yaml chek", "yaml check"),
            ("yml check", "yaml check"),
            ("yaml:check", "yaml check"),
            ("yaml,compose", "yaml compose"),
            ("Console", "console"),
            ("consol", "console"),
            ("check", "yaml check"),
            ("yaml mistakes", "yaml mistake"),
        ] {
            let expected = ProblemKind::NearMissFence {
                found: info.to_owned(),
                meant: meant.to_owned(),
            };
            assert_eq!(read(info), (Annotation::Shown, vec![expected]), "{info}");
        }
        for (info, word, similar) in [
            ("console steup", "steup", Some("setup")),
            ("console if=no_mesh", "if=no_mesh", Some("if=no-mesh")),
            ("yaml check foo", "foo", None),
        ] {
            let word = word.to_owned();
            let expected = ProblemKind::UnknownFenceWord { word, similar };
            assert_eq!(read(info).1, [expected], "{info}");
        }
        for info in ["", "bash", "sh"] {
            let language = info.to_owned();
            let expected = ProblemKind::CommandsNotConsole { language };
            assert_eq!(read(info), (Annotation::Shown, vec![expected]));
        }
    }

    #[test]
    fn paths_stay_in_the_folder() {
        for (path, fault) in [
            ("web.yaml", None),
            ("stack/웹.yaml", None),
            ("", Some(PathFault::Empty)),
            ("a/", Some(PathFault::Empty)),
            ("/etc/passwd", Some(PathFault::Absolute)),
            ("~/.ssh/config", Some(PathFault::Absolute)),
            ("c:/x", Some(PathFault::Absolute)),
            ("a/../../b", Some(PathFault::Parent)),
            ("a//b", Some(PathFault::Character)),
            ("./a", Some(PathFault::Character)),
            ("a\\b", Some(PathFault::Character)),
            ("$HOME", Some(PathFault::Character)),
            ("Compose.yaml", Some(PathFault::Reserved)),
        ] {
            assert_eq!(path_fault(path), fault, "{path}");
        }
    }

    #[test]
    fn mistakes() {
        let read = |yaml: &str| {
            let (source, fence) = fence_of(&format!("```yaml mistake\n{yaml}```\n"));
            let mut problems = Problems::new(&source);
            let mistake = mistake(&fence, &mut problems);
            let kinds: Vec<_> = problems.finish().into_iter().map(|p| p.kind).collect();
            (mistake, kinds)
        };
        let place = Place::Mistake;
        let (good, problems) = read("run: |\n  $ a b\n  c\nsays: [x, y]\n");
        let good = good.unwrap();
        assert_eq!(
            (good.run, good.says),
            (
                vec!["a b".to_owned(), "c".to_owned()],
                vec!["x".to_owned(), "y".to_owned()]
            )
        );
        assert_eq!((good.line, problems), (1, vec![]));
        assert_eq!(
            read("run: a\n"),
            (None, vec![ProblemKind::MissingKey { key: "says", place }])
        );
        assert_eq!(read("").1, [ProblemKind::MissingKey { key: "run", place }]);
        assert!(matches!(
            &read("run: a\nsay: b\n").1[..],
            [
                ProblemKind::MissingKey { key: "says", .. },
                ProblemKind::UnknownKey { .. }
            ]
        ));
    }
}
