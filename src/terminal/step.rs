//! A step of a lesson as the learner meets it.

use super::code;
use super::look::{Look, Tone};
use super::markdown;
use super::say::{hanging, sentence};
use super::text::{Line, paint_all};
use super::wrap::Inline;
use crate::lesson::{Block, Condition, Quiz, Role, Step};
use crate::words::{Lang, screen};

/// The step, each line with its line end: a header with the `course_line` (the
/// lesson's title) and the `position` in it as (number, total), then its
/// blocks. Variants for the routing mesh are chosen by `mesh` as
/// [`Step::solution_on`] does; optional branches are named, or shown too.
pub fn step(
    step: &Step,
    course_line: &str,
    position: (usize, usize),
    look: &Look,
    lang: Lang,
    mesh: Option<bool>,
    with_branches: bool,
) -> String {
    let quizzes = step
        .blocks
        .iter()
        .filter(|block| matches!(block, Block::Quiz(_)));
    let mut page = Page {
        look,
        lang,
        quizzes: (0, quizzes.count()),
        lines: header(course_line, position, &step.title, look),
    };
    for block in &step.blocks {
        page.block(block, mesh, with_branches);
    }
    let branches: Vec<&str> = step.blocks.iter().filter_map(branch).collect();
    if !with_branches && !branches.is_empty() {
        let caption = screen::more_caption(lang, &branches.join("; "));
        page.add(sentence(Tone::Dim, &caption, look).wrap(look.measure()));
    }
    paint_all(&page.lines, look)
}

struct Page<'a> {
    look: &'a Look,
    lang: Lang,
    /// Shown so far, and all of the step.
    quizzes: (usize, usize),
    lines: Vec<Line>,
}

impl Page<'_> {
    fn block(&mut self, block: &Block, mesh: Option<bool>, with_branches: bool) {
        let (look, lang, columns) = (self.look, self.lang, self.look.columns());
        match block {
            Block::Prose(text) => self.add(markdown::lines(text, columns, look)),
            Block::Console {
                role,
                text,
                condition,
            } => {
                if condition.is_none_or(|condition| holds(condition, mesh)) {
                    self.console(*role, text);
                }
            }
            Block::File {
                path,
                language,
                text,
            } => {
                let caption = screen::file_caption(lang, path);
                let mut lines = sentence(Tone::Dim, &caption, look).wrap(look.measure());
                lines.extend(self.code(|room| code::fence(language, text, room, look)));
                self.add(lines);
            }
            Block::Quiz(quiz) => self.quiz(quiz),
            Block::Branch { summary, markdown } if with_branches => {
                let mut heading = Inline::default();
                if !look.colour {
                    heading.push(Tone::Heading, "### ");
                }
                heading.push(Tone::Heading, summary);
                self.add(heading.wrap(look.measure()));
                self.add(markdown::lines(markdown, columns, look));
            }
            Block::Branch { .. } => {}
        }
    }

    fn console(&mut self, role: Role, text: &str) {
        let look = self.look;
        let caption = match role {
            Role::Solution => None,
            Role::Setup => Some(screen::setup_caption(self.lang)),
            Role::Cleanup => Some(screen::cleanup_caption(self.lang)),
        };
        let mut lines = Vec::new();
        if let Some(caption) = caption {
            lines.extend(sentence(Tone::Dim, caption, look).wrap(look.measure()));
        }
        let commands = self.code(|room| code::console(text, room, look));
        lines.extend(commands.into_iter().map(|line| match role {
            Role::Solution => line,
            Role::Setup | Role::Cleanup => line.all(Tone::Dim),
        }));
        self.add(lines);
    }

    fn quiz(&mut self, quiz: &Quiz) {
        let look = self.look;
        let mut lines = Vec::new();
        for (index, option) in quiz.options.iter().enumerate() {
            let number = Line::of(Tone::Strong, &format!("  {}) ", index + 1));
            let rest = Line::default().pad_to(number.width()).clone();
            let room = look.measure().saturating_sub(number.width());
            for (at, line) in markdown::lines(&option.text, room, look)
                .into_iter()
                .enumerate()
            {
                let mut shown = if at == 0 { &number } else { &rest }.clone();
                shown.append(line);
                lines.push(shown);
            }
        }
        let several = quiz.options.iter().filter(|option| option.right).count() > 1;
        self.quizzes.0 += 1;
        let which = Some(self.quizzes).filter(|(_, of)| *of > 1);
        let caption = screen::quiz_caption(self.lang, quiz.predict, several, which);
        let (first, rest) = (Line::default(), Line::default());
        let caption = sentence(Tone::Dim, &caption, look);
        lines.extend(hanging(&first, &rest, &caption, look.measure()));
        self.add(lines);
    }

    /// Code, indented.
    fn code(&self, lines: impl FnOnce(usize) -> Vec<Line>) -> Vec<Line> {
        let columns = self.look.columns();
        let indent = code::indent(columns);
        code::indented(lines(columns - indent.len()), indent)
    }

    /// Adds lines after a blank one.
    fn add(&mut self, lines: Vec<Line>) {
        if !lines.is_empty() {
            self.lines.push(Line::default());
            self.lines.extend(lines);
        }
    }
}

fn header(
    course_line: &str,
    (number, total): (usize, usize),
    title: &str,
    look: &Look,
) -> Vec<Line> {
    let columns = look.measure();
    let place = format!("{number}/{total}");
    let mut lines = Vec::new();
    if look.plain {
        let text = Inline::of(Tone::Dim, &format!("{course_line} ({place})"));
        lines.extend(text.wrap(columns));
    } else {
        let rule = look.sign("─", "-").repeat(columns);
        lines.push(Line::of(Tone::Dim, &rule));
        let room = columns.saturating_sub(place.len() + 2);
        let tone = if title == course_line {
            Tone::Heading
        } else {
            Tone::Dim
        };
        let mut course = Inline::of(tone, course_line).wrap(room);
        let mut first = match course.is_empty() {
            true => Line::default(),
            false => course.remove(0),
        };
        first.pad_to(columns - place.len()).push(Tone::Dim, &place);
        lines.push(first);
        lines.extend(course);
    }
    // The first step of a lesson often has the lesson's own title.
    if title == course_line && !look.plain {
        return lines;
    }
    let mut heading = Inline::default();
    if !look.colour {
        heading.push(Tone::Heading, "## ");
    }
    heading.push(Tone::Heading, title);
    lines.extend(heading.wrap(columns));
    lines
}

fn holds(condition: Condition, mesh: Option<bool>) -> bool {
    match condition {
        Condition::Mesh => mesh == Some(true),
        Condition::NoMesh => mesh != Some(true),
    }
}

fn branch(block: &Block) -> Option<&str> {
    match block {
        Block::Branch { summary, .. } => Some(summary),
        _ => None,
    }
}
