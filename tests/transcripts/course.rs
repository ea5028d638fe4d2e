//! The course played as its lessons have it, in both languages: each step's
//! checks fail before its solution and pass after it.

use swarmlings::driver::embedded;
use swarmlings::lesson::{Block, Course, Lesson, Quiz, Step};
use swarmlings::progress::Status;
use swarmlings::terminal::prompt::Input;
use swarmlings::words::Lang;

use super::stage::{Stage, line, since};

/// The course in a language.
pub fn course(lang: Lang) -> Course {
    let twins = embedded().twins;
    let found = twins.into_iter().find(|(other, _)| *other == lang);
    found.expect("the course exists in both languages").1
}

/// Every step of a course with the lesson it is in.
pub fn steps(course: &Course) -> impl Iterator<Item = (&Lesson, &Step)> {
    course
        .lessons
        .iter()
        .flat_map(|lesson| lesson.steps.iter().map(move |step| (lesson, step)))
}

/// What a learner types who knows the step: answers, commands, and Enter.
fn solved(step: &Step) -> Vec<Input> {
    let quizzes = step.blocks.iter().filter_map(|block| match block {
        Block::Quiz(quiz) => Some(quiz),
        _ => None,
    });
    let (guesses, questions): (Vec<&Quiz>, Vec<&Quiz>) = quizzes.partition(|quiz| quiz.predict);
    let answer = |quiz: &Quiz| {
        let right = quiz.options.iter().enumerate().filter(|(_, one)| one.right);
        let numbers: Vec<String> = right.map(|(at, _)| (at + 1).to_string()).collect();
        line(&format!("answer {}", numbers.join(",")))
    };
    let mut inputs: Vec<Input> = guesses.into_iter().map(answer).collect();
    inputs.extend(
        step.solution_on(Some(true))
            .map(|command| line(&command.text)),
    );
    inputs.extend(questions.into_iter().map(answer));
    inputs
}

fn played(lang: Lang) {
    let course = course(lang);
    for lesson in &course.lessons {
        let stage = Stage::new(lang);
        let mut inputs = vec![line(&format!("goto {}/{}", lesson.id, lesson.steps[0].id))];
        for step in &lesson.steps {
            inputs.extend(solved(step));
            inputs.push(line(""));
        }
        let transcript = stage.types(inputs);
        let broken = transcript.lines().find(|line| line.starts_with("    > "));
        assert_eq!(
            broken, None,
            "{}: an example is too wide to be shown",
            lesson.id
        );
        let progress = stage.progress();
        for step in &lesson.steps {
            let name = format!("{}/{}/{}", course.id, lesson.id, step.id);
            assert_eq!(
                progress.status(&name),
                Some(Status::Done),
                "{name}\n{transcript}"
            );
        }
        let name = format!("{}_{}", lang.code(), lesson.id);
        insta::with_settings!({ omit_expression => true }, {
            insta::assert_snapshot!(name, transcript);
        });
    }
}

#[test]
fn every_lesson_is_played_in_english() {
    played(Lang::En);
}

#[test]
fn every_lesson_is_played_in_korean() {
    played(Lang::Ko);
}

/// The marks of the verdicts in a piece of a transcript, in their order.
pub fn marks(text: &str) -> Vec<&str> {
    let marks = ["[ok]", "[--]", "[!!]", "[??]", "[>>]"];
    text.lines()
        .filter_map(|line| marks.into_iter().find(|mark| line.starts_with(mark)))
        .collect()
}

fn judged_both_ways(lang: Lang) {
    let course = course(lang);
    for (lesson, step) in steps(&course).filter(|(_, step)| !step.checks.is_empty()) {
        let name = format!("{}/{}", lesson.id, step.id);
        let stage = Stage::new(lang);
        let before = stage.types([line(&format!("goto {name}")), line("check")]);
        let verdicts = marks(since(&before, "> check\n"));
        assert_eq!(verdicts.len(), step.checks.len(), "{name}\n{before}");
        assert!(
            !verdicts.contains(&"[ok]"),
            "{name} is met before its solution:\n{before}"
        );
        let mut inputs = solved(step);
        inputs.push(line("check"));
        let after = stage.types(inputs);
        let verdicts = marks(since(&after, "> check\n"));
        assert_eq!(verdicts, vec!["[ok]"; step.checks.len()], "{name}\n{after}");
    }
}

#[test]
fn every_check_fails_before_and_passes_after_in_english() {
    judged_both_ways(Lang::En);
}

#[test]
fn every_check_fails_before_and_passes_after_in_korean() {
    judged_both_ways(Lang::Ko);
}
