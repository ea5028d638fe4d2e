//! What the session has to say, as data; `words::session` makes the sentences.

use crate::lesson::Mended;
use crate::model::{Fault, SpareSet};

/// Something to tell the learner.
#[derive(Clone, Debug, PartialEq)]
pub enum Say {
    /// The step's checks have all become true.
    StepMet {
        /// There is a step after it.
        more: bool,
        /// A question of it has no answer yet.
        question: bool,
    },
    /// Everything of the course is done.
    CourseDone {
        /// Steps done and steps in all.
        done: usize,
        /// Steps in all.
        all: usize,
    },
    /// A reading step: Enter goes on.
    Reading,
    /// What to type next.
    TypeNext(String),
    /// All commands of the step have run and its checks are not met.
    AllTyped,
    /// `next` on a step that is not met.
    NotMet,
    /// The step was skipped.
    Skipped,
    /// There is nothing before this step.
    AtTheStart,
    /// The step has no hints.
    NoHints,
    /// All hints were given.
    NoMoreHints,
    /// The step has no branches.
    NoMore,
    /// The step has no checks.
    /// Whether Enter goes on.
    NoChecks(bool),
    /// The step was done before, and the lab is not as it leaves it.
    DoneBefore,
    /// The step has no command left to run.
    NothingToRun,
    /// The lab has to be up for that.
    LabNotUp,
    /// Variables have values only once there is a swarm; the lab was not seen yet.
    NotSeenYet,
    /// `on NODE` is in force.
    On(String),
    /// `on` was left.
    OnHost,
    /// The languages now.
    LanguageIs {
        /// Both, one under the other.
        both: bool,
    },
    /// The other language has no such lesson.
    NoSuchLanguage,
    /// A bare number without an open quiz.
    NoQuiz,
    /// No such answer.
    NoSuchAnswer(usize),
    /// The answer was right, with its explanation.
    Right(Option<String>),
    /// It was not; with its explanation.
    Wrong(Option<String>),
    /// Part of several right answers.
    Partly,
    /// A prediction was noted: what happens will show.
    Noted,
    /// A quiz is still open: which, and of how many.
    QuizOpen {
        /// Counted from 1.
        number: usize,
        /// Quizzes of the step.
        of: usize,
    },
    /// The next quiz of several: which, of how many, and what it asks.
    NextQuiz {
        /// Counted from 1.
        number: usize,
        /// Quizzes of the step.
        of: usize,
        /// Its question.
        question: String,
    },
    /// A slip of the tutorial was mended in a command.
    Mended(Mended),
    /// Free play: checks rest.
    Play,
    /// Free play ended.
    PlayEnded,
    /// The name means several steps.
    AmbiguousStep(Vec<String>),
    /// A command failed.
    CommandFailed(i64),
    /// A lesson needs something this host lacks, and its steps are skipped.
    LessonNeeds(crate::lesson::Need),
    /// Ctrl-C at the prompt.
    CtrlC,
    /// Leaving, the lab kept.
    Bye {
        /// The lab runs on.
        lab_up: bool,
    },
    /// What going to a step will change.
    Will {
        /// The step.
        step: String,
        /// What changes.
        change: super::Change,
    },
    /// What came of a prediction.
    Foretold {
        /// It came true.
        right: bool,
        /// The answer that was right.
        answer: String,
        /// Its explanation.
        why: Option<String>,
    },
    /// Something is wrong with the lab that the learner did not do: faults of
    /// one kind, at least one.
    Faults(Vec<Fault>),
    /// A new lesson begins.
    NewLesson(String),
}

/// What becomes of the lab's containers when the learner goes to a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LabWill {
    /// They stay as they are.
    Stay,
    /// Clean ones take their place.
    BeNew {
        /// So many.
        count: usize,
        /// All of them are nodes.
        all_nodes: bool,
        /// Spare ones are ready, as these.
        spare: Option<SpareSet>,
    },
    /// Clean ones take the place of these nodes.
    BeNewInPart {
        /// Their names, at least one.
        nodes: Vec<String>,
    },
    /// They are removed: the step begins without.
    Go,
}

/// A question that wants yes or no.
#[derive(Clone, Debug, PartialEq)]
pub enum Question {
    /// Things that the learner made would be lost by going to a step.
    Lose {
        /// The step.
        step: String,
        /// Their names.
        things: Vec<String>,
    },
}
