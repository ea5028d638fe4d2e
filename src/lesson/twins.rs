//! The same lesson in two languages: same steps, commands, checks and files;
//! prose, titles, quiz words and `fail` differ.

use super::problem::{Problem, ProblemKind, Severity, TwinPart};
use super::yaml::shorten;
use super::{Block, Command, Lesson, Step};
use crate::check::Check;

/// Compares `a` with its twin `b`; the problems are placed in `b`.
pub fn compare_twins(a: &Lesson, b: &Lesson) -> Vec<Problem> {
    let mut twins = Twins {
        a,
        b,
        problems: Vec::new(),
    };
    twins.heads();
    for step in b.steps.iter().filter(|step| !step.named) {
        let other = a.file.clone();
        twins.add(step.line, ProblemKind::TwinStepUnnamed { other });
    }
    if twins.steps() {
        for (there, here) in a.steps.iter().zip(&b.steps) {
            twins.step(there, here);
        }
    }
    twins.problems
}

struct Twins<'l> {
    a: &'l Lesson,
    b: &'l Lesson,
    problems: Vec<Problem>,
}

impl Twins<'_> {
    fn add(&mut self, line: usize, kind: ProblemKind) {
        self.problems.push(Problem {
            file: self.b.file.clone(),
            span: 0..0,
            line: line.max(1),
            column: 1,
            severity: Severity::Error,
            kind,
        });
    }

    fn differs(&mut self, line: usize, part: TwinPart, here: String, there: String) {
        if here == there {
            return;
        }
        let kind = ProblemKind::TwinDiffers {
            other: self.a.file.clone(),
            part,
            here: shorten(&here),
            there: shorten(&there),
        };
        self.add(line, kind);
    }

    /// The first pair that differs, told on its own; else the numbers.
    fn lists(&mut self, line: usize, part: TwinPart, here: &[String], there: &[String]) {
        let length = here.len().max(there.len());
        let nothing = String::new();
        for index in 0..length {
            let (here, there) = (
                here.get(index).unwrap_or(&nothing),
                there.get(index).unwrap_or(&nothing),
            );
            if here != there {
                return self.differs(line, part, here.clone(), there.clone());
            }
        }
    }

    fn heads(&mut self) {
        let (a, b) = (self.a, self.b);
        self.differs(1, TwinPart::Id, b.id.clone(), a.id.clone());
        self.lists(1, TwinPart::Requires, &b.requires, &a.requires);
        self.lists(1, TwinPart::Images, &b.images, &a.images);
        let needs = |lesson: &Lesson| -> Vec<String> {
            lesson
                .needs
                .iter()
                .map(|need| format!("{need:?}").to_lowercase())
                .collect()
        };
        self.lists(1, TwinPart::Needs, &needs(b), &needs(a));
        if a.compose != b.compose {
            let lines = |lesson: &Lesson| -> Vec<String> {
                let text = lesson.compose_text.as_deref().unwrap_or_default();
                text.lines()
                    .map(|line| {
                        line.split(" #")
                            .next()
                            .unwrap_or(line)
                            .trim_end()
                            .to_owned()
                    })
                    .filter(|line| !line.trim_start().starts_with('#') && !line.is_empty())
                    .collect()
            };
            let line = (b.steps.iter())
                .find(|step| step.blocks.iter().any(is_lab))
                .map_or(1, |step| step.line);
            self.lists(line, TwinPart::Compose, &lines(b), &lines(a));
        }
    }

    /// False when the steps differ, and comparing them one by one is no use.
    fn steps(&mut self) -> bool {
        let (a, b) = (&self.a.steps, &self.b.steps);
        let differs = (0..a.len().max(b.len()))
            .find(|index| a.get(*index).map(|step| &step.id) != b.get(*index).map(|step| &step.id));
        let Some(index) = differs else {
            return true;
        };
        let kind = ProblemKind::TwinSteps {
            other: self.a.file.clone(),
            here: b.get(index).map(|step| step.id.clone()),
            there: a.get(index).map(|step| step.id.clone()),
        };
        let line = b.get(index).or(b.last()).map_or(1, |step| step.line);
        self.add(line, kind);
        false
    }

    fn step(&mut self, a: &Step, b: &Step) {
        let line = b.line;
        let commands = |list: &[Command]| -> Vec<String> {
            list.iter()
                .map(|command| match command.condition {
                    None => command.text.clone(),
                    Some(condition) => format!("{} ({condition:?})", command.text),
                })
                .collect()
        };
        let texts = (commands(&b.solution), commands(&a.solution));
        let at = first_difference(&texts.0, &texts.1)
            .and_then(|index| b.solution.get(index))
            .map_or(line, |command| command.line);
        self.lists(at, TwinPart::Commands, &texts.0, &texts.1);
        self.lists(
            line,
            TwinPart::Setup,
            &commands(&b.setup),
            &commands(&a.setup),
        );
        self.lists(
            line,
            TwinPart::Cleanup,
            &commands(&b.cleanup),
            &commands(&a.cleanup),
        );
        let checks = |step: &Step| -> Vec<String> { step.checks.iter().map(bare).collect() };
        let (here, there) = (checks(b), checks(a));
        if let Some(index) = first_difference(&here, &there) {
            let at = b.checks.get(index).map_or(line, |check| check.line);
            // Where they stand says more than what the reader made of them.
            let place = |file: &str, list: &[Check]| match list.get(index) {
                Some(check) => format!("{file}:{}", check.line),
                None => String::new(),
            };
            let kind = ProblemKind::TwinDiffers {
                other: self.a.file.clone(),
                part: TwinPart::Checks,
                here: place(&self.b.file, &b.checks),
                there: place(&self.a.file, &a.checks),
            };
            self.add(at, kind);
        }
        let files = |step: &Step| -> Vec<String> {
            let files = step.files.iter();
            files
                .map(|file| format!("{}: {}", file.path, code_of(&file.text)))
                .collect()
        };
        self.lists(line, TwinPart::Files, &files(b), &files(a));
        let mistakes = |step: &Step| -> Vec<String> {
            let mistakes = step.mistakes.iter();
            mistakes.map(|mistake| mistake.run.join("; ")).collect()
        };
        self.lists(line, TwinPart::Mistakes, &mistakes(b), &mistakes(a));
        self.differs(
            line,
            TwinPart::Hints,
            b.hints.len().to_string(),
            a.hints.len().to_string(),
        );
        self.lists(line, TwinPart::Quiz, &quizzes(b), &quizzes(a));
    }
}

fn is_lab(block: &Block) -> bool {
    matches!(block, Block::File { path, .. } if path == "compose.yaml")
}

fn first_difference(a: &[String], b: &[String]) -> Option<usize> {
    (0..a.len().max(b.len())).find(|index| a.get(*index) != b.get(*index))
}

/// A check without what may differ, as a text to compare.
fn bare(check: &Check) -> String {
    format!("{:?} {:?} {:?}", check.kind, check.within, check.stable_for)
}

/// A file without its comments, which are in the reader's language.
fn code_of(text: &str) -> String {
    text.lines()
        .filter(|line| !line.trim_start().starts_with('#'))
        .collect::<Vec<_>>()
        .join("\n")
}

/// `predict: [x] [ ]` for each quiz.
fn quizzes(step: &Step) -> Vec<String> {
    step.blocks
        .iter()
        .filter_map(|block| match block {
            Block::Quiz(quiz) => Some(quiz),
            _ => None,
        })
        .map(|quiz| {
            let boxes: Vec<&str> = quiz
                .options
                .iter()
                .map(|option| if option.right { "[x]" } else { "[ ]" })
                .collect();
            let name = if quiz.predict { "predict" } else { "quiz" };
            format!("{name}: {}", boxes.join(" "))
        })
        .collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const EN: &str = "---\nformat: 1\nid: a\n---\n# Title\n\nIntro.\n\n## One <!-- step: one -->\n\n```console\n$ docker ps\n```\n\n```yaml check\nran: docker ps\nfail: Not yet\n```\n\n<!-- quiz -->\n- [x] yes\n- [ ] no\n\n<details>\n<summary>Hint</summary>\n\nx\n\n</details>\n\n```sh file=a.sh\n# comment\nx\n```\n\n```yaml mistake\nrun: docker pss\nsays: Not\n```\n\n```console setup\n$ docker version\n```\n\n## Two <!-- step: two -->\n";

    fn compare(a: &str, b: &str) -> Vec<(usize, ProblemKind)> {
        let read = |file: &str, text: &str| {
            let read = super::super::read(file, text.as_bytes());
            assert!(
                !read.problems.iter().any(Problem::is_error),
                "{:?}",
                read.problems
            );
            read.lesson.unwrap()
        };
        compare_twins(&read("en.md", a), &read("ko.md", b))
            .into_iter()
            .map(|problem| (problem.line, problem.kind))
            .collect()
    }

    #[test]
    fn words_may_differ() {
        let ko = EN
            .replace("Title", "제목")
            .replace("Intro.", "소개.\n\n두 단락.")
            .replace("## One", "## 하나")
            .replace("Not yet", "아직")
            .replace("says: Not", "says: 아직")
            .replace("# comment", "# 설명")
            .replace("Hint", "힌트")
            .replace("yes", "예");
        assert_eq!(compare(EN, &ko), []);
    }

    #[test]
    fn everything_else_must_not() {
        let parts = |from: &str, to: &str| -> Vec<(usize, TwinPart)> {
            compare(EN, &EN.replacen(from, to, 1))
                .into_iter()
                .map(|(line, kind)| match kind {
                    ProblemKind::TwinDiffers { part, .. } => (line, part),
                    other => panic!("{other:?}"),
                })
                .collect()
        };
        assert_eq!(parts("id: a", "id: b"), [(1, TwinPart::Id)]);
        assert_eq!(
            parts("id: a", "id: a\nimages: [x]\nneeds: mesh\nrequires: [q]"),
            [
                (1, TwinPart::Requires),
                (1, TwinPart::Images),
                (1, TwinPart::Needs)
            ]
        );
        assert_eq!(
            parts("$ docker ps", "$ docker ps -a"),
            [(12, TwinPart::Commands)]
        );
        assert_eq!(
            parts("console\n$ docker ps", "console if=mesh\n$ docker ps"),
            [(12, TwinPart::Commands)]
        );
        assert_eq!(
            parts("ran: docker ps", "ran: docker"),
            [(16, TwinPart::Checks)]
        );
        assert_eq!(
            parts("- [x] yes\n- [ ] no", "- [ ] yes\n- [x] no"),
            [(9, TwinPart::Quiz)]
        );
        assert_eq!(parts("Hint", "More"), [(9, TwinPart::Hints)]);
        assert_eq!(parts("file=a.sh", "file=b.sh"), [(9, TwinPart::Files)]);
        assert_eq!(parts("docker pss", "docker p"), [(9, TwinPart::Mistakes)]);
        assert_eq!(
            parts("docker version", "docker info"),
            [(9, TwinPart::Setup)]
        );
        assert_eq!(
            parts("console setup", "console cleanup"),
            [(9, TwinPart::Setup), (9, TwinPart::Cleanup)]
        );
    }

    #[test]
    fn steps_are_matched_by_their_ids() {
        let other = "en.md".to_owned();
        let renamed = EN.replace("step: two", "step: three");
        assert_eq!(
            compare(EN, &renamed),
            [(
                45,
                ProblemKind::TwinSteps {
                    other: other.clone(),
                    here: Some("three".into()),
                    there: Some("two".into())
                }
            )]
        );
        let unnamed = EN.replace("## Two <!-- step: two -->", "## Two");
        assert_eq!(
            compare(EN, &unnamed),
            [(45, ProblemKind::TwinStepUnnamed { other })]
        );
        let compose = "```yaml compose\nservices:\n  manager:\n    image: docker:dind\n```\n";
        let with = EN.replace("Intro.", compose);
        let without = EN.replace("Intro.", &compose.replace("manager:\n", "m:\n"));
        assert!(matches!(
            compare(&with, &without)[..],
            [(
                5,
                ProblemKind::TwinDiffers {
                    part: TwinPart::Compose,
                    ..
                }
            )]
        ));
    }
}
