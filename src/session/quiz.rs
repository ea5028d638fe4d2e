//! The quizzes of a step: which is open, and what an answer is worth.

use super::{Effect, Say, Session};
use crate::lesson::{Block, Quiz, Step};

/// The quizzes of the current step and which of them were answered.
#[derive(Clone, Debug, Default)]
pub(super) struct Open {
    count: usize,
    answered: usize,
    reminded: bool,
    /// Predictions that wait for what happens: which quiz, and the answers given.
    predicted: Vec<(usize, Vec<usize>)>,
}

impl Open {
    pub(super) fn of(step: Option<&Step>) -> Open {
        Open {
            count: step.map_or(0, |step| quizzes(step).count()),
            ..Open::default()
        }
    }
}

fn quizzes(step: &Step) -> impl Iterator<Item = &Quiz> {
    step.blocks.iter().filter_map(|block| match block {
        Block::Quiz(quiz) => Some(quiz),
        _ => None,
    })
}

impl Session {
    /// The quiz that waits for an answer.
    pub fn open_quiz(&self) -> Option<&Quiz> {
        quizzes(self.step()?).nth(self.quizzes.answered)
    }

    /// Reminds of an open quiz once; after that the learner may pass it by.
    pub(super) fn remind_of_quiz(&mut self) -> Option<Effect> {
        // What came of it can be seen by now.
        let too_late = self.is_met() && self.open_quiz().is_some_and(|quiz| quiz.predict);
        if self.quizzes.answered >= self.quizzes.count || self.quizzes.reminded || too_late {
            return None;
        }
        self.quizzes.reminded = true;
        Some(Effect::Say(Say::QuizOpen {
            number: self.quizzes.answered + 1,
            of: self.quizzes.count,
        }))
    }

    /// What came of the predictions, now that it can be seen.
    pub(super) fn foretold(&mut self) -> Vec<Effect> {
        let predicted = std::mem::take(&mut self.quizzes.predicted);
        let all: Vec<&Quiz> = self.step().into_iter().flat_map(quizzes).collect();
        predicted
            .into_iter()
            .filter_map(|(at, given)| {
                let options = &all.get(at)?.options;
                let right = options.iter().find(|option| option.right)?;
                let said = given
                    .iter()
                    .all(|n| options.get(n - 1).is_some_and(|o| o.right));
                Some(Effect::Say(Say::Foretold {
                    right: said,
                    answer: right.text.clone(),
                    why: right.explanation.clone(),
                }))
            })
            .collect()
    }

    /// Where a step has several quizzes, a number answers the first open one:
    /// it is said which that is now.
    fn then_the_next_quiz(&self, said: Say) -> Vec<Effect> {
        let next = self.open_quiz().map(|quiz| Say::NextQuiz {
            number: self.quizzes.answered + 1,
            of: self.quizzes.count,
            question: quiz.question.clone(),
        });
        [Some(said), next]
            .into_iter()
            .flatten()
            .map(Effect::Say)
            .collect()
    }

    /// `2`, or `1,3` where several answers are right.
    pub(super) fn answer_quiz(&mut self, numbers: &[usize]) -> Vec<Effect> {
        let Some(quiz) = self.open_quiz().cloned() else {
            return vec![Effect::Say(Say::NoQuiz)];
        };
        if let Some(wrong) = numbers
            .iter()
            .find(|n| **n == 0 || **n > quiz.options.len())
        {
            return vec![Effect::Say(Say::NoSuchAnswer(*wrong))];
        }
        if quiz.predict {
            let at = self.quizzes.answered;
            self.quizzes.predicted.push((at, numbers.to_vec()));
            self.quizzes.answered += 1;
            // What it foretells has happened already.
            if self.is_met() {
                return self.foretold();
            }
            // The next one, if any, is for after the commands.
            return vec![Effect::Say(Say::Noted)];
        }
        let right: Vec<usize> = (1..=quiz.options.len())
            .filter(|n| quiz.options[n - 1].right)
            .collect();
        let mut given = numbers.to_vec();
        given.sort_unstable();
        given.dedup();
        let explanation = |numbers: &[usize]| {
            let texts: Vec<&str> = numbers
                .iter()
                .filter_map(|n| quiz.options[n - 1].explanation.as_deref())
                .collect();
            (!texts.is_empty()).then(|| texts.join("\n\n"))
        };
        if given == right {
            self.quizzes.answered += 1;
            return self.then_the_next_quiz(Say::Right(explanation(&given)));
        }
        let wrong: Vec<usize> = given
            .iter()
            .copied()
            .filter(|n| !right.contains(n))
            .collect();
        match wrong.is_empty() {
            true => vec![Effect::Say(Say::Partly)],
            false => vec![Effect::Say(Say::Wrong(explanation(&wrong)))],
        }
    }
}
