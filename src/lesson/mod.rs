//! Lessons: Markdown files read into courses, lessons and steps, with every
//! problem of a file found at once and placed to the character.
//!
//! This room does no I/O: it is given texts and gives back data. It knows the
//! kinds of checks and the compose model, not how either is carried out.

mod annotated;
mod checks;
pub mod compose;
mod console;
mod course;
mod details;
mod directive;
mod fence;
mod fields;
mod front;
mod html;
mod markdown;
mod placeholder;
mod plain;
pub mod problem;
#[cfg(any(test, fuzzing))]
pub mod property;
mod quiz;
mod reading;
mod report;
mod slug;
mod source;
mod twins;
mod yaml;

use std::ops::Range;

use crate::check::Check;
use crate::model::Compose;

pub use annotated::INTRO;
pub use console::VARIABLES;
pub use course::course;
pub use problem::{Problem, ProblemKind, Severity};
pub use reading::{MAX_BYTES, MAX_STEPS, Read, read};
pub use report::{Told, report, report_lines, report_told};
pub use twins::compare_twins;

/// A folder of lessons in one language.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Course {
    /// The folder's name, e.g. `swarm-basics`.
    pub id: String,
    /// The H1 of the folder's `README.md`, else the id.
    pub title: String,
    /// The first paragraph of the folder's `README.md`.
    pub summary: String,
    /// The lessons in the order of their file names.
    pub lessons: Vec<Lesson>,
}

/// One Markdown file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Lesson {
    /// The name the file was read under, for messages.
    pub file: String,
    /// Unique in its course.
    pub id: String,
    /// The H1, or the front matter's `title`.
    pub title: String,
    /// One sentence.
    pub summary: String,
    /// How long it takes a learner.
    pub minutes: Option<u32>,
    /// Lessons (`lesson`) or steps (`lesson/step`) whose end state it starts from.
    pub requires: Vec<String>,
    /// Images its commands need, preloaded into every node.
    pub images: Vec<String>,
    /// What the host must have.
    pub needs: Vec<Need>,
    /// `format: 1` is there. Without it the file is somebody's tutorial, read as it is.
    pub annotated: bool,
    /// The lab: the compose fence, read.
    pub compose: Option<Compose>,
    /// The compose fence as it stands in the file.
    pub compose_text: Option<String>,
    /// Un-annotated files: further compose files found in `<details>`, with the summary.
    pub compose_variants: Vec<(String, Compose, String)>,
    /// The steps. The first is `intro` where the file has text before its first H2.
    pub steps: Vec<Step>,
}

/// What a lesson needs of the host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Need {
    /// The routing mesh, that is IP_VS in the kernel.
    Mesh,
    /// A registry image, or the host's `docker-registry`.
    Registry,
}

/// One section of a lesson.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Step {
    /// Unique in its lesson.
    pub id: String,
    /// The id is the author's, not made from the heading.
    pub named: bool,
    /// The heading's text.
    pub title: String,
    /// 1-based line of the heading.
    pub line: usize,
    /// What the learner sees, in order.
    pub blocks: Vec<Block>,
    /// Hints as Markdown, in the order of giving.
    pub hints: Vec<String>,
    /// All checks of the step, judged together.
    pub checks: Vec<Check>,
    /// Commands the program runs at the step's entry.
    pub setup: Vec<Command>,
    /// The commands to type, in order, variants for hosts with or without the mesh included.
    pub solution: Vec<Command>,
    /// Commands the program runs at the step's end.
    pub cleanup: Vec<Command>,
    /// Files put below the lab's folder and into `manager:/stack`.
    pub files: Vec<LessonFile>,
    /// Wrong turns, for `verify`.
    pub mistakes: Vec<Mistake>,
    /// Speaker notes.
    pub notes: Vec<String>,
}

/// A piece of a step, as the learner meets it.
#[derive(Clone, Debug, PartialEq)]
pub enum Block {
    /// Markdown prose: paragraphs, lists, tables, quotes, plain code fences, H3 and deeper.
    Prose(String),
    /// A console fence.
    Console {
        /// What kind of commands they are.
        role: Role,
        /// The fence's text without the fence lines; example output included.
        text: String,
        /// Shown only on hosts of this kind.
        condition: Option<Condition>,
    },
    /// A fence that is shown under a caption: the compose file, or a file of the lesson.
    File {
        /// `compose.yaml` or the path.
        path: String,
        /// The fence's language.
        language: String,
        /// Its text.
        text: String,
    },
    /// A quiz.
    Quiz(Quiz),
    /// An optional branch, shown on `more`.
    Branch {
        /// The `<summary>`.
        summary: String,
        /// Its Markdown.
        markdown: String,
    },
}

/// Whose commands a console fence has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Role {
    /// The learner's.
    #[default]
    Solution,
    /// The program's, at the entry.
    Setup,
    /// The program's, at the end.
    Cleanup,
}

/// A variant for hosts with or without the routing mesh.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition {
    /// `if=mesh`
    Mesh,
    /// `if=no-mesh`
    NoMesh,
}

/// One command of a console fence.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Command {
    /// The logical line: prompt cut off, continuations joined by one space.
    pub text: String,
    /// Where it stands: 1-based line in the file.
    pub line: usize,
    /// Bytes of the file it was read from, prompt excluded.
    pub span: Range<usize>,
    /// Only on hosts of this kind.
    pub condition: Option<Condition>,
    /// Un-annotated files: values to ask the learner for. Each stands in `text`
    /// as written, e.g. `(원본이미지)`; equal ones are asked for once.
    pub placeholders: Vec<String>,
    /// Un-annotated files: what was mended in it.
    pub mended: Vec<Mended>,
}

/// A slip of an un-annotated tutorial that was mended in a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mended {
    /// What stood there.
    pub from: String,
    /// What stands there now.
    pub to: String,
}

/// A file of the lesson.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LessonFile {
    /// Relative to the lab's folder, without `..`.
    pub path: String,
    /// Its text.
    pub text: String,
    /// Where the fence stands, 1-based.
    pub line: usize,
}

/// A wrong turn and what the verdict must then say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mistake {
    /// The commands of `run:`, one a line.
    pub run: Vec<String>,
    /// Words the verdict must contain; one for each of `says:`.
    pub says: Vec<String>,
    /// Where it stands, 1-based.
    pub line: usize,
}

/// A question with answers to choose from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Quiz {
    /// Asked before the step's commands and answered by what then happens.
    pub predict: bool,
    /// The paragraph before the list, as Markdown; it stands in the prose too.
    pub question: String,
    /// The answers.
    pub options: Vec<QuizOption>,
}

/// One answer of a quiz.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct QuizOption {
    /// Markdown, one line.
    pub text: String,
    /// `[x]`.
    pub right: bool,
    /// The nested item.
    pub explanation: Option<String>,
}

impl Course {
    /// The lesson with this id.
    pub fn lesson(&self, id: &str) -> Option<&Lesson> {
        self.lessons.iter().find(|lesson| lesson.id == id)
    }
}

impl Lesson {
    /// The step with this id.
    pub fn step(&self, id: &str) -> Option<&Step> {
        self.steps.iter().find(|step| step.id == id)
    }
}

impl Step {
    /// The solution on a host with or without the mesh. Where that is not
    /// known (`None`), the variant without it, which works on both.
    pub fn solution_on(&self, mesh: Option<bool>) -> impl Iterator<Item = &Command> {
        self.solution
            .iter()
            .filter(move |command| match command.condition {
                None => true,
                Some(Condition::Mesh) => mesh == Some(true),
                Some(Condition::NoMesh) => mesh != Some(true),
            })
    }
}
