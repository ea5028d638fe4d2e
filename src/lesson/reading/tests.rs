//! Whole files: the sample lesson, somebody's tutorial, every structural
//! problem, and files that mean harm.

use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::*;
use crate::check::Kind;
use crate::lesson::problem::{ComposeFault, Expected, Place};
use crate::lesson::property::any_bytes_are_read as holds;
use crate::lesson::{Block, Command, Condition, Need, Role};

const FULL: &str = include_str!("../../../tests/data/full.md");
const PLAIN: &str = include_str!("../../../tests/data/plain.md");

fn kinds(text: &str) -> Vec<(usize, usize, ProblemKind)> {
    let read = read("a.md", text.as_bytes());
    let problems = read.problems.into_iter();
    problems.map(|p| (p.line, p.column, p.kind)).collect()
}

/// A lesson with this body; its H1 stands on line 5.
fn lesson(body: &str) -> String {
    format!("---\nformat: 1\nid: a\n---\n# T\n\n{body}")
}

fn texts(commands: &[Command]) -> Vec<&str> {
    commands.iter().map(|c| c.text.as_str()).collect()
}

#[test]
fn the_full_lesson_is_read() {
    let read = read("full.md", FULL.as_bytes());
    assert_eq!(read.problems, []);
    assert!(read.is_usable());
    let lesson = read.lesson.unwrap();
    assert!(lesson.annotated);
    assert_eq!(lesson.id, "services");
    assert_eq!(lesson.title, "Services, all of them");
    assert_eq!(lesson.summary, "Every part of the format in one lesson.");
    assert_eq!(lesson.minutes, Some(12));
    assert_eq!(lesson.requires, ["swarm", "first/join"]);
    assert_eq!(lesson.images, ["swarmlings/web:1", "registry:2"]);
    assert_eq!(lesson.needs, [Need::Mesh, Need::Registry]);
    assert_eq!(lesson.compose.as_ref().unwrap().services.len(), 2);
    assert!(lesson.compose_text.unwrap().starts_with("version: \"3\"\n"));

    let ids: Vec<(&str, usize)> = lesson.steps.iter().map(|s| (&*s.id, s.line)).collect();
    assert_eq!(ids, [("intro", 14), ("create", 38), ("stack", 125)]);
    let [intro, create, stack] = &lesson.steps[..] else {
        panic!("three steps");
    };
    assert_eq!(intro.notes, ["Ask who has used compose."]);
    assert_eq!(
        intro.blocks[0],
        Block::Prose("What a service is, with a [link][docs].".into())
    );
    assert!(matches!(&intro.blocks[1], Block::File { path, .. } if path == "compose.yaml"));

    assert_eq!(create.title, "Create a service");
    assert_eq!(
        texts(&create.setup),
        ["docker exec manager docker pull swarmlings/web:1"]
    );
    assert_eq!(
        texts(&create.solution),
        [
            "docker exec -it manager docker service create --name web -p 8080:80 swarmlings/web:1",
            "docker exec manager docker service ls",
            "docker exec manager wget -qO- http://127.0.0.1:8080/",
            "docker exec manager docker service ps web",
        ]
    );
    let command = &create.solution[0];
    assert_eq!(command.line, 58);
    assert!(FULL[command.span.clone()].starts_with("docker exec -it manager \\\n"));
    assert_eq!(create.solution[2].condition, Some(Condition::Mesh));
    assert_eq!(create.solution_on(Some(false)).count(), 3);
    assert_eq!(create.hints[0], "`docker service create`");
    assert!(create.hints[1].starts_with("Type it.\n\n```console\n$ docker"));
    assert_eq!(create.checks.len(), 2);
    assert_eq!(create.checks[1].line, 114);
    assert_eq!(create.mistakes[0].says, ["wbe", "web"]);
    let shapes: Vec<&str> = create
        .blocks
        .iter()
        .map(|block| match block {
            Block::Prose(_) => "prose",
            Block::Console { role, .. } if *role == Role::Setup => "setup",
            Block::Console { .. } => "console",
            Block::File { .. } => "file",
            Block::Quiz(_) => "quiz",
            Block::Branch { .. } => "branch",
        })
        .collect();
    assert_eq!(
        shapes,
        [
            "prose", "setup", "prose", "quiz", "prose", "console", "console", "console", "prose",
            "branch"
        ]
    );
    let Block::Quiz(quiz) = &create.blocks[3] else {
        panic!("no quiz");
    };
    assert!(quiz.predict);
    assert_eq!(quiz.question, "How many tasks will there be?");
    assert_eq!(quiz.options.len(), 3);
    assert!(quiz.options[0].right && !quiz.options[1].right);
    assert_eq!(
        quiz.options[0].explanation.as_deref(),
        Some("A service has one replica unless you say otherwise.")
    );
    assert_eq!(quiz.options[1].text, "Four");
    assert_eq!(
        create.blocks[4],
        Block::Prose("### A heading inside".into())
    );
    assert_eq!(
        create.blocks[8],
        Block::Prose(
            "A list that is a list:\n\n- [ ] not a quiz\n\n```text\n$ this is only shown\n```"
                .into()
        )
    );
    let Block::Branch { summary, markdown } = &create.blocks[9] else {
        panic!("no branch");
    };
    assert_eq!(summary, "What is a task?");
    assert_eq!(markdown, "## Not a step\n\nA container with a plan.");

    assert_eq!(stack.notes, ["The file lies\nin /stack."]);
    assert_eq!(stack.files[0].path, "stack/web.yaml");
    assert_eq!(texts(&stack.cleanup).len(), 1);
    assert!(matches!(stack.checks[0].kind, Kind::Stack { .. }));
    let Some(Block::Quiz(quiz)) = stack.blocks.last() else {
        panic!("no quiz");
    };
    assert_eq!(quiz.question, "Why a file?");
    assert_eq!(quiz.options[1].text, "It can be kept");
}

#[test]
fn bom_and_crlf_change_nothing_but_the_bytes() {
    let crlf = format!("\u{feff}{}", FULL.replace('\n', "\r\n"));
    let one = read("full.md", FULL.as_bytes()).lesson.unwrap();
    let two = read("full.md", crlf.as_bytes()).lesson.unwrap();
    for (one, two) in one.steps.iter().zip(&two.steps) {
        assert_eq!((one.line, &one.blocks), (two.line, &two.blocks));
        assert_eq!(one.checks, two.checks);
        for (one, two) in one.solution.iter().zip(&two.solution) {
            assert_eq!(
                FULL[one.span.clone()].replace('\n', "\r\n"),
                crlf[two.span.clone()]
            );
        }
    }
    let problems = read(
        "a.md",
        "\u{feff}---\r\nformat: 1\r\nid: 가\r\n---\r\n".as_bytes(),
    )
    .problems;
    assert_eq!((problems[0].line, problems[0].column), (3, 5));
    assert_eq!(problems[0].span, 23..26);
}

#[test]
fn a_tutorial_is_read_as_it_is() {
    let read = read("notes/plain.md", PLAIN.as_bytes());
    let lesson = read.lesson.unwrap();
    assert!(!lesson.annotated);
    assert_eq!((&*lesson.id, &*lesson.title), ("plain", "About"));
    let unknown = |line, column| {
        let fault = ComposeFault::UnknownService {
            name: "registry".into(),
            similar: None,
        };
        (line, column, ProblemKind::Compose(fault))
    };
    let problems: Vec<_> = read
        .problems
        .into_iter()
        .inspect(|problem| assert!(!problem.is_error()))
        .map(|p| (p.line, p.column, p.kind))
        .collect();
    assert_eq!(problems, [unknown(31, 15), unknown(40, 15)]);
    let compose = lesson.compose.as_ref().unwrap();
    assert_eq!(compose.services[1].depends_on, ["manager"]);
    assert_eq!(lesson.compose_variants.len(), 1);
    assert_eq!(lesson.compose_variants[0].0, "With a registry");

    let ids: Vec<&str> = lesson.steps.iter().map(|step| step.id.as_str()).collect();
    assert_eq!(
        ids,
        [
            "about",
            "words",
            "practice",
            "the-lab",
            "the-manager",
            "the-workers",
            "the-service"
        ]
    );
    assert_eq!(
        lesson.steps[0].blocks,
        [Block::Prose(
            "We build a small cluster out of containers.\nIt takes ten minutes.".into()
        )]
    );
    let solution: Vec<&str> = lesson
        .steps
        .iter()
        .flat_map(|step| texts(&step.solution))
        .collect();
    assert_eq!(
        solution,
        [
            "docker compose up -d",
            "docker ps",
            "docker exec -it manager docker swarm init",
            "docker exec -it worker01 docker swarm join --token $WORKER_TOKEN $MANAGER_ADDR",
            "docker exec -it manager docker node ls",
            "docker exec -it manager docker service create --name test_swarm -p 5678:5678 hashcorp/http-echo:latest",
            "docker exec -it manager docker service scale test_swarm=<how many>",
            "docker exec -it manager docker serivce rm test_swarm",
        ]
    );
    assert_eq!(
        lesson.steps[6].solution[1].placeholders,
        ["<how many>".to_owned()]
    );
    let lab = &lesson.steps[3];
    let Block::Branch { summary, markdown } = &lab.blocks[2] else {
        panic!("{:?}", lab.blocks);
    };
    assert_eq!(summary, "With a registry");
    assert!(markdown.starts_with("```yaml\n"), "{markdown}");
    assert!(markdown.ends_with("```"), "{markdown}");
    for block in lesson.steps.iter().flat_map(|step| &step.blocks) {
        let (Block::Prose(text) | Block::Branch { markdown: text, .. }) = block else {
            continue;
        };
        for noise in ["<br>", "<div", "</div", "<details", "</details"] {
            assert!(!text.contains(noise), "{noise} in {text}");
        }
    }
}

#[test]
fn every_problem_of_structure_has_its_place() {
    use ProblemKind::*;
    let text = |text: &str| text.to_owned();
    let console = "```console\n$ docker ps\n```\n";
    let check = "```yaml check\nran: docker ps\n```\n";
    for (body, expected) in [
        ("", vec![]),
        ("## S\n", vec![(7, 1, StepIdMissing { id: text("s") })]),
        (
            "## A <!-- step: x -->\n\n## B <!-- step: x -->\n",
            vec![(
                9,
                6,
                DuplicateStepId {
                    id: text("x"),
                    first_line: 7,
                },
            )],
        ),
        (
            "x\n\n## A <!-- step: intro -->\n",
            vec![(
                9,
                6,
                DuplicateStepId {
                    id: text("intro"),
                    first_line: 5,
                },
            )],
        ),
        ("<!-- step: x -->\n", vec![(7, 1, MisplacedStepId)]),
        ("## A\n\n<!-- note: n -->\n<!-- step: a -->\n", vec![]),
        (
            "## A <!-- step: a -->\n<!-- step: b -->\n",
            vec![(8, 1, MisplacedStepId)],
        ),
        (
            "## A\n\ntext\n\n<!-- step: a -->\n",
            vec![
                (7, 1, StepIdMissing { id: text("a") }),
                (11, 1, MisplacedStepId),
            ],
        ),
        (
            "## A <!-- step: A b -->\n",
            vec![(
                7,
                6,
                WrongValue {
                    key: text("step"),
                    expected: Expected::Id,
                    found: text("A b"),
                },
            )],
        ),
        (
            "## A <!-- Step: a -->\n",
            vec![
                (7, 1, StepIdMissing { id: text("a") }),
                (
                    7,
                    6,
                    NearMissDirective {
                        found: text("Step"),
                        meant: "<!-- step: ID -->",
                    },
                ),
            ],
        ),
        (
            "# U\n",
            vec![
                (7, 1, SecondTitle { first_line: 5 }),
                (7, 1, StepIdMissing { id: text("u") }),
            ],
        ),
        ("## <!-- step: a -->\n", vec![(7, 1, EmptyHeading)]),
        ("<!-- never\n\n## A\n", vec![(7, 1, UnclosedComment)]),
        (
            "```console\n$ a\n",
            vec![(7, 1, UnclosedFence), (5, 1, CommandsWithoutCheck)],
        ),
        ("```text\na\n", vec![(7, 1, UnclosedFence)]),
        (
            "- a\n\n  ```yaml check\n  lab: running\n  ```\n",
            vec![(9, 3, FenceNested(text("yaml check")))],
        ),
        (
            "> ```console\n> $ a\n> ```\n",
            vec![(7, 3, FenceNested(text("console")))],
        ),
        (
            "<details>\n<summary>A</summary>\n\n```yaml check\nlab: running\n```\n\n- ```console\n  $ a\n  ```\n\n</details>\n",
            vec![(10, 1, FenceInDetails(text("yaml check")))],
        ),
        (
            "<details>\n<summary>A</summary>\ntext\n</details>\n",
            vec![(9, 1, DetailsNoBlankLine)],
        ),
        (
            "<details>\n<summary>A</summary>\n\ntext\n",
            vec![(7, 1, DetailsNotClosed)],
        ),
        ("text\n\n</details>\n", vec![(9, 1, DetailsNotOpened)]),
        (
            "<details>\n\ntext\n\n</details>\n",
            vec![(7, 1, DetailsNoSummary)],
        ),
        (
            "<!-- quiz -->\n\ntext\n\n## B <!-- step: b -->\n",
            vec![(7, 1, QuizNoList)],
        ),
        ("<!-- quiz -->\n- [x] a\n", vec![(7, 1, QuizTooFew)]),
        (
            "<!-- predict -->\n- [ ] a\n- b\n",
            vec![(7, 1, QuizNoneRight), (9, 1, QuizItemNoBox)],
        ),
        (console, vec![(5, 1, CommandsWithoutCheck)]),
        (check, vec![(5, 1, CheckWithoutCommands)]),
        (
            "```yaml mistake\nrun: a\nsays: b\n```\n",
            vec![(5, 1, MistakeWithoutCheck)],
        ),
        (
            "```yaml compose\nservices:\n  m:\n    image: docker:dind\n```\n\n```yaml compose\n```\n",
            vec![(13, 1, SecondCompose { first_line: 7 })],
        ),
        (
            "```sh file=../x\na\n```\n",
            vec![(
                7,
                1,
                BadPath {
                    path: text("../x"),
                    fault: crate::lesson::problem::PathFault::Parent,
                },
            )],
        ),
    ] {
        let mut expected = expected;
        expected.sort_by_key(|(line, column, _)| (*line, *column));
        assert_eq!(kinds(&lesson(body)), expected, "{body}");
    }
}

#[test]
fn every_problem_of_the_front_matter_has_its_place() {
    use ProblemKind::*;
    let text = |text: &str| text.to_owned();
    let place = Place::FrontMatter;
    let wrong = |key: &str, expected, found: &str| WrongValue {
        key: text(key),
        expected,
        found: text(found),
    };
    for (front, expected) in [
        ("format: 1\nid: a\n", vec![]),
        ("format: 1\n", vec![(1, 1, MissingKey { key: "id", place })]),
        ("format: 2\nid: a\n", vec![(2, 9, UnknownFormat(text("2")))]),
        (
            "format: 1\nid: A_b\n",
            vec![(3, 5, wrong("id", Expected::Id, "A_b"))],
        ),
        (
            "format: 1\nid: a\nminutes: soon\n",
            vec![(4, 10, wrong("minutes", Expected::Number(1, 600), "soon"))],
        ),
        (
            "format: 1\nid: a\nrequires: [b, c/d/e]\n",
            vec![(4, 15, wrong("requires", Expected::Requirement, "c/d/e"))],
        ),
        (
            "format: 1\nid: a\nimages: [\"a b\"]\n",
            vec![(4, 10, wrong("images", Expected::Image, "a b"))],
        ),
        (
            "format: 1\nid: a\nneeds: [mash]\n",
            vec![(
                4,
                9,
                wrong("needs", Expected::OneOf(&["mesh", "registry"]), "mash"),
            )],
        ),
        (
            "format: 1\nid: a\nid: b\n",
            vec![(
                4,
                1,
                Yaml(crate::lesson::problem::YamlFault::DuplicateKey {
                    key: text("id"),
                    first_line: 3,
                }),
            )],
        ),
    ] {
        assert_eq!(
            kinds(&format!("---\n{front}---\n# T\n\nx\n")),
            expected,
            "{front}"
        );
    }
    let unknown = kinds("---\nformat: 1\nid: a\nminuts: 3\n---\n# T\n");
    assert!(matches!(
        &unknown[..],
        [(4, 1, UnknownKey { similar: Some(similar), .. })] if similar == "minutes"
    ));
    // Broken YAML that says `format` is a lesson's, with its problem.
    let broken = read("a.md", b"---\nformat: 1\nid: [\n---\n# T\n\nx\n");
    assert!(broken.lesson.unwrap().annotated);
    assert_eq!(broken.problems.len(), 1);
    assert!(broken.problems[0].is_error());
    // A near miss of `format` in a file that is read as a tutorial.
    let near = kinds("---\nfromat: 1\n---\n# T\n");
    assert!(matches!(&near[..], [(2, 1, UnknownKey { .. })]));
    assert_eq!(kinds("---\ntitle: x\n"), [(1, 1, FrontMatterNotClosed)]);
    assert_eq!(
        kinds("---\nformat: 1\nid: a\n---\ntext\n"),
        [(5, 1, NoTitle)]
    );
    assert_eq!(
        read("a.md", b"---\ntitle: From above\n---\ntext\n")
            .lesson
            .unwrap()
            .title,
        "From above"
    );
}

#[test]
fn names_of_nodes_are_held_against_the_lab() {
    let body = "```yaml compose\nservices:\n  manager:\n    image: docker:dind\n```\n\n```console\n$ docker exec -it mangr ls\n$ docker exec manager ls\n```\n\n```yaml check\n- ran: ls\n  node: manager1\n- http: http://elsewhere/\n- lab: running\n  nodes: [manager]\n```\n";
    let unknown = |name: &str, similar: Option<&str>| ProblemKind::UnknownNode {
        name: name.into(),
        similar: similar.map(str::to_owned),
    };
    assert_eq!(
        kinds(&lesson(body)),
        [
            (14, 19, unknown("mangr", Some("manager"))),
            (20, 9, unknown("manager1", Some("manager"))),
            (21, 9, unknown("elsewhere", None)),
        ]
    );
}

#[test]
fn what_has_nothing_to_read_is_refused() {
    for text in ["", "\n\n", "\u{feff}", "<!-- nobody sees this -->\n"] {
        let read = read("a.md", text.as_bytes());
        assert!(!read.is_usable(), "{text:?}");
        assert_eq!(kinds(text), [(1, 1, ProblemKind::Empty)], "{text:?}");
    }
}

#[test]
fn what_is_no_text_is_refused() {
    let refused = |bytes: &[u8]| {
        let read = read("a.md", bytes);
        assert_eq!(read.lesson, None);
        assert_eq!(read.problems.len(), 1);
        let problem = read.problems.into_iter().next().unwrap();
        assert!(problem.is_error());
        (problem.line, problem.column, problem.kind)
    };
    assert_eq!(
        refused("a\n가\u{0}".as_bytes()),
        (2, 2, ProblemKind::Binary)
    );
    assert_eq!(refused(b"ab\nc\xff\xfe"), (2, 2, ProblemKind::NotUtf8));
    assert_eq!(refused(b"\x7fELF\0\xff"), (1, 5, ProblemKind::Binary));
    assert!(matches!(
        refused(&vec![b'a'; 50 * 1024 * 1024]),
        (1, 1, ProblemKind::TooLarge(_))
    ));
    assert!(matches!(
        refused(">".repeat(10_000).as_bytes()),
        (1, 1, ProblemKind::TooDeep(_))
    ));
}

#[test]
fn hidden_characters_are_told_and_taken_out() {
    let read = read("a.md", lesson("a\u{1b}[2Jb\u{202e}c\n").as_bytes());
    assert_eq!((read.problems[0].line, read.problems[0].column), (7, 2));
    assert_eq!(
        read.problems[0].kind,
        ProblemKind::ControlCharacter('\u{1b}')
    );
    assert_eq!(
        read.lesson.unwrap().steps[0].blocks,
        [Block::Prose("a [2Jb\u{fffd}c".into())]
    );
}

#[test]
fn hostile_files_end_quickly() {
    // An eighth of what is read at most: enough to tell a square from a line.
    let size = MAX_BYTES / 8;
    let fill = |text: &str| text.repeat(size / text.len());
    let front = "---\nformat: 1\nid: a\n---\n# T\n\n";
    let hostile = [
        fill("## H\n\n"),
        fill("# H\n"),
        fill("[a]("),
        fill("![a]["),
        fill("[["),
        fill("*_"),
        fill("**a *b "),
        fill("`"),
        fill("`a``"),
        fill("<"),
        fill("<!--"),
        fill("<!---->"),
        fill("<!-- step: a -->"),
        fill("<!-- step: a -->\n"),
        fill("<!-- quiz -->\n"),
        fill("<?a "),
        fill("<![CDATA["),
        fill("<details>\n"),
        fill("<details>\n\n"),
        fill("<details><summary>a</summary></details>\n\n"),
        fill("</details>\n\n"),
        fill("<br>\n"),
        fill("a<br>"),
        format!("<details><summary>a</summary>\n{}", fill("<br>\n")),
        fill("```console\n$ a\n```\n"),
        format!("```console\n{}", fill("$ a \\\n")),
        format!("```console\n{}", fill("a \\\n")),
        format!("```console\n$ docker exec {}", fill("(a) ")),
        format!("```console\n$ {}", fill("$A")),
        format!("```\ndocker tag {}", fill("<a> <bc> ")),
        fill("```yaml check\n[[[[\n```\n"),
        format!("```yaml check\n{}", fill("[")),
        format!("```yaml check\n{}", fill("{a: ")),
        format!("```yaml check\n{}", fill("- ")),
        format!("```yaml check\n{}", fill("- lab: on\n")),
        format!("```yaml check\n{}", fill("&a ")),
        format!("```yaml check\n\"{}", fill("a")),
        format!("```yaml check\n{}", fill("a: b: ")),
        format!("```yaml compose\nservices:\n{}", fill(" a: {}\n")),
        format!("```yaml\nservices:\n{}", fill(" a: {}\n")),
        fill("- a\n"),
        fill("1. a\n"),
        fill("- [x] a\n"),
        format!("<!-- quiz -->\n{}", fill("- [x] a\n  - b\n")),
        fill("[a]: b\n"),
        fill("[a]: b\n[a]"),
        fill("a|"),
        fill("a\n-|-\n"),
        fill("&amp;"),
        fill("\\"),
        fill("\t"),
        fill("\u{1b}"),
        fill("\r"),
        (0..700).map(|n| " ".repeat(n) + "- a\n").collect(),
        (0..100)
            .map(|n| "  ".repeat(n) + "- a\n")
            .collect::<String>()
            + &fill("\n"),
    ];
    for text in hostile {
        for whole in [text.clone(), format!("{front}{text}")] {
            let start = Instant::now();
            let read = read("a.md", whole.as_bytes());
            let took = start.elapsed();
            let begin: String = whole.chars().take(60).collect();
            // Unoptimized, on a busy machine: what grows with the square takes longer.
            assert!(took < Duration::from_secs(5), "{took:?}: {begin:?}");
            assert!(read.problems.len() <= 410, "{begin:?}");
            if let Some(lesson) = read.lesson {
                assert!(lesson.steps.len() <= MAX_STEPS + 1);
            }
        }
    }
}

/// Pieces that lessons are made of, whole and broken.
const PIECES: [&str; 40] = [
    "---\n",
    "format: 1\n",
    "id: a\n",
    "# T\n",
    "## S <!-- step: s -->\n",
    "\n",
    "\n\n",
    "```\n",
    "```console\n",
    "```console setup if=mesh\n",
    "```yaml check\n",
    "```yaml compose\n",
    "```yaml mistake\n",
    "```yaml file=a/b\n",
    "$ docker ps \\\n",
    "$ docker exec -it (a b) c\n",
    "> x\n",
    "# x\n",
    "lab: running\n",
    "service: web\n",
    "replicas: 3\n",
    "services:\n",
    "  manager:\n",
    "    image: docker:dind\n",
    "- ",
    "  ",
    "[x] a\n",
    "[ ] b\n",
    "<!-- quiz -->\n",
    "<!-- predict -->",
    "<!-- note: n\n",
    "-->\n",
    "<details>\n",
    "<summary>Hint</summary>\n",
    "</details>\n",
    "<br>",
    "\u{feff}",
    "\r\n",
    "가나다 ",
    "\u{1b}",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_read(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        holds(&bytes);
    }

    #[test]
    fn any_text_is_read(text in "\\PC{0,200}") {
        holds(text.as_bytes());
    }

    #[test]
    fn any_pieces_are_read(pieces in prop::collection::vec(prop::sample::select(&PIECES[..]), 0..60)) {
        let text: String = pieces.concat();
        holds(text.as_bytes());
        holds(lesson(&text).as_bytes());
    }

    #[test]
    fn damaged_lessons_are_read(
        whole in prop::sample::select(vec![FULL, PLAIN]),
        cuts in prop::collection::vec((any::<prop::sample::Index>(), 0usize..40, prop::sample::select(&PIECES[..])), 1..8),
    ) {
        let mut bytes = whole.as_bytes().to_vec();
        for (at, length, piece) in cuts {
            let at = at.index(bytes.len());
            let end = (at + length).min(bytes.len());
            bytes.splice(at..end, piece.bytes());
        }
        holds(&bytes);
    }

    #[test]
    fn any_compose_file_is_read(text in "(services:|  [a-c]:|    [a-z_]{2,10}: ?|\n|- |\\[|\\]|[&*!$\"{}:/.0-9]| )*") {
        crate::lesson::compose::read("compose.yaml", &text);
    }
}

#[test]
fn the_authors_guide_shows_a_lesson_without_a_problem() {
    let guide = include_str!("../../../docs/authors.md");
    let (_, rest) = guide.split_once("````markdown\n").unwrap();
    let (lesson, _) = rest.split_once("````\n").unwrap();
    let read = read("guide.md", lesson.as_bytes());
    assert_eq!(read.problems, []);
    let steps = read.lesson.unwrap().steps;
    let ids: Vec<&str> = steps.iter().map(|step| step.id.as_str()).collect();
    assert_eq!(ids, ["intro", "up", "create"]);
    assert_eq!(steps[2].setup.len(), 2);
}
