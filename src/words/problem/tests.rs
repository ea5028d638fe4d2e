//! Every sentence in both languages, to be read by a person; and the report
//! as a terminal shows it.

use super::*;
use crate::lesson::problem::{
    ComposeFault, Expected, PathFault, Problem, TwinPart, VolumeFault, YamlFault,
};
use crate::lesson::{read, report, report_lines};

fn text(text: &str) -> String {
    text.to_owned()
}

fn every_kind() -> Vec<ProblemKind> {
    use ProblemKind as K;
    let mut kinds = vec![
        K::TooLarge(1024 * 1024),
        K::NotUtf8,
        K::Binary,
        K::Empty,
        K::ControlCharacter('\u{1b}'),
        K::TooDeep(24),
        K::TooManySteps(500),
        K::TooManyProblems(200),
        K::FrontMatterNotClosed,
        K::UnknownFormat(text("2")),
        K::UnknownKey {
            key: text("replcas"),
            place: Place::Check("service"),
            similar: Some(text("replicas")),
            known: vec!["replicas"],
        },
        K::UnknownKey {
            key: text("build"),
            place: Place::ComposeService,
            similar: None,
            known: vec!["image", "ports"],
        },
        K::MissingKey {
            key: "id",
            place: Place::FrontMatter,
        },
        K::MissingKey {
            key: "run",
            place: Place::Mistake,
        },
        K::NoTitle,
        K::SecondTitle { first_line: 5 },
        K::EmptyHeading,
        K::StepIdMissing {
            id: text("서비스")
        },
        K::DuplicateStepId {
            id: text("create"),
            first_line: 7,
        },
        K::MisplacedStepId,
        K::NearMissDirective {
            found: text("Step"),
            meant: "<!-- step: ID -->",
        },
        K::UnclosedComment,
        K::UnclosedFence,
        K::FenceNested(text("yaml check")),
        K::FenceInDetails(text("console setup")),
        K::UnknownFenceWord {
            word: text("steup"),
            similar: Some("setup"),
        },
        K::UnknownFenceWord {
            word: text("foo"),
            similar: None,
        },
        K::NearMissFence {
            found: text("yml check"),
            meant: text("yaml check"),
        },
        K::CommandsNotConsole { language: text("") },
        K::CommandsNotConsole {
            language: text("bash"),
        },
        K::SecondCompose { first_line: 9 },
        K::DetailsNoBlankLine,
        K::DetailsNotClosed,
        K::DetailsNotOpened,
        K::DetailsNoSummary,
        K::NoCommand,
        K::RefusedPrompt('#'),
        K::Heredoc,
        K::UnfinishedCommand,
        K::SpaceAfterBackslash,
        K::UnknownVariable {
            name: text("WORKER_TOKN"),
            similar: Some("WORKER_TOKEN"),
        },
        K::UnknownVariable {
            name: text("X"),
            similar: None,
        },
        K::QuizNoList,
        K::QuizTooFew,
        K::QuizNoneRight,
        K::QuizItemNoBox,
        K::EmptyCheck,
        K::NoKind {
            similar: Some("service"),
        },
        K::NoKind { similar: None },
        K::TwoKinds {
            first: "service",
            second: "stack",
        },
        K::StableTooLong { seconds: 10 },
        K::WithinTooShort,
        K::FieldOfNothing(text("replicas")),
        K::ReplicasOfGlobal,
        K::RanWrapped,
        K::UnknownNode {
            name: text("worker04"),
            similar: Some(text("worker01")),
        },
        K::UnknownNode {
            name: text("host"),
            similar: None,
        },
        K::MistakeWithoutCheck,
        K::CommandsWithoutCheck,
        K::CheckWithoutCommands,
        K::DuplicateLessonId {
            id: text("swarm"),
            other: text("03-swarm.md"),
        },
        K::UnknownRequirement {
            name: text("swarn"),
            similar: Some(text("swarm")),
        },
        K::UnknownRequirement {
            name: text("x/y"),
            similar: None,
        },
        K::RequirementRing(vec![text("a"), text("b"), text("a")]),
        K::NotAnnotated,
        K::TwinMissing {
            other: "lessons/ko/c/a.md".into(),
        },
        K::TwinSteps {
            other: text("en/a.md"),
            here: Some(text("one")),
            there: Some(text("two")),
        },
        K::TwinSteps {
            other: text("en/a.md"),
            here: None,
            there: Some(text("two")),
        },
        K::TwinSteps {
            other: text("en/a.md"),
            here: Some(text("one")),
            there: None,
        },
        K::TwinStepUnnamed {
            other: text("en/a.md"),
        },
    ];
    kinds.extend(wrong_values());
    kinds.extend(paths_and_parts());
    kinds.extend(yaml_faults().map(K::Yaml));
    kinds.extend(compose_faults().into_iter().map(K::Compose));
    kinds
}

fn wrong_values() -> impl Iterator<Item = ProblemKind> {
    use Expected as E;
    let wanted = [
        E::Text,
        E::Texts,
        E::Boolean,
        E::Number(0, 1000),
        E::NumberOrNames,
        E::Mapping,
        E::List,
        E::Duration(600),
        E::OneOf(&["manager", "worker"]),
        E::Id,
        E::Requirement,
        E::Image,
        E::Tagged,
        E::PortPair,
        E::Url,
        E::Name,
    ];
    wanted.into_iter().enumerate().map(|(index, expected)| {
        let found = if index == 0 { "" } else { "what?" };
        ProblemKind::WrongValue {
            key: text("key"),
            expected,
            found: text(found),
        }
    })
}

fn paths_and_parts() -> impl Iterator<Item = ProblemKind> {
    let paths = [
        ("", PathFault::Empty),
        ("a/", PathFault::Empty),
        ("/etc/passwd", PathFault::Absolute),
        ("../a", PathFault::Parent),
        ("compose.yaml", PathFault::Reserved),
        ("a b", PathFault::Character),
    ];
    let paths = paths.into_iter().map(|(path, fault)| ProblemKind::BadPath {
        path: text(path),
        fault,
    });
    let parts = [
        TwinPart::Id,
        TwinPart::Requires,
        TwinPart::Images,
        TwinPart::Needs,
        TwinPart::Compose,
        TwinPart::Commands,
        TwinPart::Setup,
        TwinPart::Cleanup,
        TwinPart::Checks,
        TwinPart::Files,
        TwinPart::Mistakes,
        TwinPart::Hints,
        TwinPart::Quiz,
    ];
    paths.chain(parts.into_iter().map(|part| ProblemKind::TwinDiffers {
        other: text("en/a.md"),
        part,
        here: text("b"),
        there: text("a"),
    }))
}

fn yaml_faults() -> impl Iterator<Item = YamlFault> {
    [
        YamlFault::Tab,
        YamlFault::UnclosedQuote,
        YamlFault::UnclosedBracket,
        YamlFault::Indentation,
        YamlFault::ColonInText,
        YamlFault::Syntax(text("expected whitespace")),
        YamlFault::Anchor(text("a")),
        YamlFault::Alias(text("a")),
        YamlFault::Tag(text("!x")),
        YamlFault::DuplicateKey {
            key: text("replicas"),
            first_line: 3,
        },
        YamlFault::KeyNotText,
        YamlFault::SecondDocument,
        YamlFault::TooDeep(24),
        YamlFault::TooBig(5000),
    ]
    .into_iter()
}

fn compose_faults() -> Vec<ComposeFault> {
    use ComposeFault as C;
    let volume = |volume: &str, fault| C::BadVolume {
        volume: text(volume),
        fault,
    };
    vec![
        C::NoServices,
        C::NoNode,
        C::TooManyServices(16),
        C::BadServiceName(text("a/b")),
        C::NameDiffers {
            key: "hostname",
            value: text("m"),
            service: text("manager"),
        },
        C::NoImage(text("manager")),
        C::PrivilegedHelper(text("registry")),
        C::BadPort(text("80")),
        C::PortAddress(text("0.0.0.0:80:80")),
        C::PortTwice(80),
        C::BadExpose(text("x")),
        volume("a", VolumeFault::Shape),
        volume("data:/data", VolumeFault::Named),
        volume("/:/host", VolumeFault::Absolute),
        volume("./../a:/a", VolumeFault::Parent),
        volume("./a:/proc", VolumeFault::Target),
        C::UnknownService {
            name: text("regstry"),
            similar: Some(text("registry")),
        },
        C::UnknownService {
            name: text("registry"),
            similar: None,
        },
        C::DependencyRing(vec![text("a"), text("b"), text("a")]),
        C::FlagRefused(text("--host")),
        C::FlagValue(text("--label")),
        C::Variable(text("${TAG}")),
        C::EnvironmentRefused(text("HTTP_PROXY")),
        C::BadEnvironment(text("A B")),
    ]
}

fn told(lang: Lang) -> String {
    every_kind()
        .iter()
        .map(|kind| {
            let message = message(kind, lang);
            let cure = cure(kind, Severity::Error, lang);
            assert!(message.ends_with(['.', '?']), "{message}");
            assert!(cure.is_empty() || cure.ends_with(['.', '?']), "{cure}");
            format!("{message}\n    {cure}\n")
        })
        .collect()
}

#[test]
fn every_sentence_in_english() {
    insta::assert_snapshot!(told(Lang::En));
}

#[test]
fn every_sentence_in_korean() {
    insta::assert_snapshot!(told(Lang::Ko));
}

const BAD: &str = "---\nformat: 1\nid: a\nminuts: 3\n---\n# 제목\n\n## 서비스 <!-- step: s -->\n\n```console\n$ docker exec -it manager docker swarm join --token $WORKER_TOKN 가\n```\n\n```yaml check\nservice: web\n\treplicas: 3\n```\n";

fn problems() -> Vec<Problem> {
    read("lessons/a.md", BAD.as_bytes()).problems
}

#[test]
fn a_report_shows_the_line_with_a_caret() {
    let sources = [("lessons/a.md", BAD)];
    let english = report(&problems(), &sources, Lang::En, false, 80);
    let korean = report(&problems(), &sources, Lang::Ko, false, 80);
    insta::assert_snapshot!(format!("{english}\n----\n{korean}"));
    let coloured = report(&problems(), &sources, Lang::En, true, 80);
    assert!(coloured.contains("\u{1b}["));
    assert!(!english.contains('\u{1b}'));
}

#[test]
fn a_report_in_one_line_each() {
    insta::assert_snapshot!(report_lines(&problems(), Lang::En));
    // Without the text there is still the line.
    let report = report(&problems(), &[], Lang::En, false, 80);
    assert!(report.starts_with("lessons/a.md:4:1: error: `minuts`"));
}

#[test]
fn what_is_mended_says_so() {
    let kind = ProblemKind::Compose(ComposeFault::UnknownService {
        name: text("registry"),
        similar: None,
    });
    assert_eq!(
        cure(&kind, Severity::Warning, Lang::En),
        "It is left out here."
    );
    assert_eq!(
        cure(&kind, Severity::Warning, Lang::Ko),
        "여기서는 빼고 진행합니다."
    );
}

#[test]
fn totals_are_counted() {
    assert_eq!(totals(0, 0, Lang::En), "No problems.");
    assert_eq!(totals(1, 2, Lang::En), "1 error, 2 warnings.");
    assert_eq!(totals(0, 1, Lang::En), "1 warning.");
    assert_eq!(totals(3, 0, Lang::Ko), "오류 3개.");
}
