//! Somebody's tutorial, read as it is: steps from its headings, commands from
//! its fences, the lab from its first compose file.
//!
//! Nothing here is an error but what makes reading impossible; what was mended
//! or left out is a warning or stands in the command.

use std::collections::HashSet;
use std::ops::Range;

use super::console;
use super::details::{self, Details, Unit};
use super::fence;
use super::markdown::{self, Document, Fence, Piece, PieceKind};
use super::placeholder::{self, Reading};
use super::problem::{ProblemKind, Severity};
use super::source::{Problems, Source};
use super::{Block, Command, Lesson, Role, Step, compose, slug};
use crate::model::Compose;

/// Languages of fences that hold commands.
const SHELLS: [&str; 5] = ["", "sh", "bash", "shell", "console"];

/// Reads the Markdown from byte `body` on into the lesson.
pub(crate) fn read(source: &Source, body: usize, lesson: &mut Lesson, problems: &mut Problems) {
    let document = markdown::read(source, body);
    let units = details::units(source, &document);
    lesson.id = slug::unique(stem(&source.file), &mut HashSet::new());
    let title = title(&document)
        .map(str::to_owned)
        .or_else(|| Some(lesson.title.clone()).filter(|title| !title.is_empty()))
        .or_else(|| first_heading(&document).map(str::to_owned));
    lesson.title = title.unwrap_or_else(|| stem(&source.file).to_owned());
    let mut reader = Reader {
        source,
        document: &document,
        lesson,
        problems,
        step: Step {
            line: source.line(body),
            ..Step::default()
        },
        prose_from: body,
        taken: HashSet::new(),
        headed: false,
    };
    for unit in &units {
        if !reader.unit(unit) {
            break;
        }
    }
    reader.flush(source.text.len());
    reader.close();
    if reader.lesson.steps.is_empty() {
        reader.problems.error(0..0, ProblemKind::Empty);
    }
}

/// The file's name without folders and extension.
fn stem(file: &str) -> &str {
    let name = file.rsplit(['/', '\\']).next().unwrap_or(file);
    match name.split_once('.') {
        Some((stem, _)) if !stem.is_empty() => stem,
        _ => name,
    }
}

fn headings(document: &Document) -> impl Iterator<Item = (u8, &str)> {
    document
        .pieces
        .iter()
        .filter_map(|piece| match &piece.kind {
            PieceKind::Heading { level, title } => Some((*level, title.as_str())),
            _ => None,
        })
        .filter(|(_, title)| !title.is_empty())
}

/// The H1, where there is only one.
fn title(document: &Document) -> Option<&str> {
    let mut tops = headings(document).filter(|(level, _)| *level == 1);
    let first = tops.next()?;
    tops.next().is_none().then_some(first.1)
}

fn first_heading(document: &Document) -> Option<&str> {
    headings(document).next().map(|(_, title)| title)
}

struct Reader<'a, 's> {
    source: &'a Source,
    document: &'a Document,
    lesson: &'a mut Lesson,
    problems: &'a mut Problems<'s>,
    step: Step,
    prose_from: usize,
    taken: HashSet<String>,
    /// The step has a heading.
    headed: bool,
}

impl Reader<'_, '_> {
    /// False when there are too many steps to go on.
    fn unit(&mut self, unit: &Unit) -> bool {
        match unit {
            Unit::Piece(piece) => return self.piece(piece),
            Unit::Details(details) => self.details(details),
            Unit::StrayEnd(span) => {
                self.flush(span.start);
                self.prose_from = span.end;
            }
        }
        true
    }

    fn piece(&mut self, piece: &Piece) -> bool {
        match &piece.kind {
            PieceKind::Heading { level, title } if *level <= 2 => {
                return self.heading(title, &piece.span);
            }
            PieceKind::Fence(fence) => self.fence(fence),
            _ => {}
        }
        true
    }

    fn flush(&mut self, end: usize) {
        let from = self.prose_from.min(end);
        let prose = self.document.prose(self.source, from..end);
        if !prose.trim().is_empty() {
            self.step.blocks.push(Block::Prose(prose));
        }
        self.prose_from = end;
    }

    fn heading(&mut self, title: &str, span: &Range<usize>) -> bool {
        self.flush(span.start);
        self.prose_from = span.end;
        if self.lesson.steps.len() >= super::MAX_STEPS {
            let kind = ProblemKind::TooManySteps(super::MAX_STEPS);
            self.problems.error(span.clone(), kind);
            return false;
        }
        self.close();
        self.headed = true;
        self.step = Step {
            id: slug::unique(title, &mut self.taken),
            title: title.to_owned(),
            line: self.source.line(span.start),
            ..Step::default()
        };
        true
    }

    /// Text before the first heading is a step of its own, if there is any.
    fn close(&mut self) {
        let mut step = std::mem::take(&mut self.step);
        if !self.headed {
            if step.blocks.is_empty() && step.hints.is_empty() {
                return;
            }
            step.id = slug::unique(super::INTRO, &mut self.taken);
            step.title.clone_from(&self.lesson.title);
        }
        self.lesson.steps.push(step);
    }

    fn details(&mut self, details: &Details) {
        if !details.closed {
            self.problems
                .warning(details.tag.clone(), ProblemKind::DetailsNotClosed);
        }
        self.flush(details.span.start);
        self.prose_from = details.span.end;
        let summary = details.summary.clone().unwrap_or_default();
        for fence in &details.fences {
            if is_compose(fence)
                && let Some(compose) = self.compose(fence)
            {
                let text = fence.snip.text.clone();
                self.lesson
                    .compose_variants
                    .push((summary.clone(), compose, text));
            }
        }
        let markdown = details.markdown(self.source, self.document);
        if details.is_hint() {
            self.step.hints.push(markdown);
        } else {
            self.step.blocks.push(Block::Branch { summary, markdown });
        }
    }

    fn compose(&mut self, fence: &Fence) -> Option<Compose> {
        let mut found = Problems::new(self.source);
        let opening = fence::opening(fence, self.problems);
        let compose = compose::read_snip(&fence.snip, opening, Severity::Warning, &mut found);
        // A stack file has services too, and no node among them.
        if compose
            .as_ref()
            .is_some_and(|compose| compose.nodes().next().is_none())
        {
            return None;
        }
        self.problems.absorb(found);
        compose
    }

    fn fence(&mut self, fence: &Fence) {
        if !fence.closed {
            let span = fence::opening(fence, self.problems);
            self.problems.warning(span, ProblemKind::UnclosedFence);
        }
        if is_compose(fence) && self.lesson.compose_text.is_none() {
            let Some(compose) = self.compose(fence) else {
                return;
            };
            self.flush(fence.span.start);
            self.prose_from = fence.span.end;
            let text = fence.snip.text.clone();
            self.lesson.compose = Some(compose);
            self.lesson.compose_text = Some(text.clone());
            self.step.blocks.push(Block::File {
                path: "compose.yaml".to_owned(),
                language: "yaml".to_owned(),
                text,
            });
            return;
        }
        let language = fence.info.split_whitespace().next().unwrap_or_default();
        if !SHELLS.contains(&language) {
            return;
        }
        let commands = self.commands(fence);
        if commands.is_empty() {
            return;
        }
        self.flush(fence.span.start);
        self.prose_from = fence.span.end;
        self.step.solution.extend(commands);
        self.step.blocks.push(Block::Console {
            role: Role::Solution,
            text: fence.snip.text.clone(),
            condition: None,
        });
    }

    /// The fence's commands, templates left out.
    fn commands(&self, fence: &Fence) -> Vec<Command> {
        let prompted = fence.snip.lines().any(|(_, line)| {
            let line = line.trim_start();
            line == "$" || line.starts_with("$ ")
        });
        let (lines, _) = console::lines(&fence.snip, prompted);
        let is_docker = |text: &str| {
            text == "docker" || text.starts_with("docker ") || text.starts_with("docker-compose ")
        };
        lines
            .into_iter()
            .filter(|line| prompted || is_docker(&line.text))
            .filter(|line| line.unfinished.is_none())
            .filter_map(|line| match placeholder::read(&line.text) {
                Reading::Template => None,
                Reading::Command {
                    text,
                    placeholders,
                    mended,
                } => Some(Command {
                    text,
                    line: self.source.line(line.span.start),
                    span: self.source.original_span(&line.span),
                    condition: None,
                    placeholders,
                    mended,
                }),
            })
            .collect()
    }
}

/// A YAML fence with `services:`.
fn is_compose(fence: &Fence) -> bool {
    let language = fence.info.split_whitespace().next().unwrap_or_default();
    let yaml = ["yaml", "yml", ""]
        .iter()
        .any(|known| language.eq_ignore_ascii_case(known));
    yaml && compose::has_services(&fence.snip.text)
}
