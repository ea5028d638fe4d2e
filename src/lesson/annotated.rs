//! Format 1: from Markdown's pieces to a lesson's steps.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use super::checks::{self, NodeNames};
use super::details::{self, Details, Unit};
use super::directive::{self, Directive};
use super::fence::{self, Annotation};
use super::front::is_id;
use super::markdown::{self, Comment, Document, Fence, Piece, PieceKind};
use super::problem::{Expected, ProblemKind, Severity};
use super::source::{Problems, Source};
use super::{Block, Lesson, LessonFile, Role, Step, compose, console, quiz, slug};

/// The reading step before the first H2.
pub const INTRO: &str = "intro";

/// Reads the Markdown from byte `body` on into the lesson; returns the nodes
/// it names.
pub(crate) fn read(
    source: &Source,
    body: usize,
    lesson: &mut Lesson,
    problems: &mut Problems,
) -> NodeNames {
    let document = markdown::read(source, body);
    let units = details::units(source, &document);
    let mut reader = Reader {
        source,
        document: &document,
        lesson,
        problems,
        step: Draft::new(INTRO, String::new(), body..body, source.line(body)),
        steps: Vec::new(),
        prose_from: body,
        titled: None,
        fresh: true,
        quiz: None,
        question: None,
        nodes: Vec::new(),
        compose_line: None,
        folded: Vec::new(),
    };
    for unit in &units {
        if !reader.unit(unit) {
            break;
        }
    }
    reader.finish()
}

/// A step being read, with the places later rules point at.
struct Draft {
    step: Step,
    heading: Range<usize>,
    id: Option<Range<usize>>,
}

impl Draft {
    fn new(id: &str, title: String, heading: Range<usize>, line: usize) -> Self {
        let step = Step {
            id: id.to_owned(),
            title,
            line,
            ..Step::default()
        };
        Draft {
            step,
            heading,
            id: None,
        }
    }
}

struct Reader<'a, 's> {
    source: &'a Source,
    document: &'a Document,
    lesson: &'a mut Lesson,
    problems: &'a mut Problems<'s>,
    step: Draft,
    steps: Vec<Draft>,
    /// Where the prose begins that has not been made a block yet.
    prose_from: usize,
    /// Line of the H1.
    titled: Option<usize>,
    /// Nothing but comments has followed the heading so far.
    fresh: bool,
    /// A `quiz` or `predict` (`true`) that awaits its list.
    quiz: Option<(bool, Range<usize>)>,
    /// The paragraph just read.
    question: Option<Range<usize>>,
    nodes: NodeNames,
    compose_line: Option<usize>,
    /// Spans of `<details>`, ascending.
    folded: Vec<Range<usize>>,
}

impl Reader<'_, '_> {
    /// False when there are too many steps to go on.
    fn unit(&mut self, unit: &Unit) -> bool {
        match unit {
            Unit::Piece(piece) => return self.piece(piece),
            Unit::Details(details) => self.details(details),
            Unit::StrayEnd(span) => {
                let kind = ProblemKind::DetailsNotOpened;
                self.problems.error(span.clone(), kind);
                self.flush(span.start);
                self.prose_from = span.end;
            }
        }
        true
    }

    fn piece(&mut self, piece: &Piece) -> bool {
        let comments = self.document.comments_in(&piece.span);
        if let PieceKind::Html = piece.kind {
            let mut at = piece.span.start;
            for comment in comments {
                self.fresh &= self.source.text[at..comment.span.start].trim().is_empty();
                at = comment.span.end;
                self.directive(comment, false);
            }
            self.fresh &= self.source.text[at..piece.span.end].trim().is_empty();
            return true;
        }
        if let PieceKind::Heading { level, title } = &piece.kind {
            if *level <= 2 && !self.heading(*level, title, &piece.span) {
                return false;
            }
            self.question = None;
            self.fresh = *level <= 2;
        } else {
            self.fresh = false;
        }
        for comment in comments {
            self.directive(comment, false);
        }
        match &piece.kind {
            PieceKind::Fence(fence) => {
                self.no_list();
                self.fence(fence);
                self.question = None;
            }
            PieceKind::List(items) => {
                if let Some((predict, at)) = self.quiz.take() {
                    self.flush(piece.span.start);
                    let question = self.question.take();
                    let quiz =
                        quiz::read(self.document, items, predict, question, at, self.problems);
                    self.step.step.blocks.push(Block::Quiz(quiz));
                    self.prose_from = piece.span.end;
                }
                self.question = None;
            }
            PieceKind::Paragraph => self.question = Some(piece.span.clone()),
            PieceKind::Other => {
                self.no_list();
                self.question = None;
            }
            PieceKind::Heading { .. } | PieceKind::Html => {}
        }
        true
    }

    /// Reports a quiz whose list does not come.
    fn no_list(&mut self) {
        if let Some((_, at)) = self.quiz.take() {
            self.problems.error(at, ProblemKind::QuizNoList);
        }
    }

    /// Makes the prose up to `end` a block.
    fn flush(&mut self, end: usize) {
        let from = self.prose_from.min(end);
        let prose = self.document.prose(self.source, from..end);
        if !prose.trim().is_empty() {
            self.step.step.blocks.push(Block::Prose(prose));
        }
        self.prose_from = end;
    }

    fn heading(&mut self, level: u8, title: &str, span: &Range<usize>) -> bool {
        self.no_list();
        self.flush(span.start);
        self.prose_from = span.end;
        if title.is_empty() {
            self.problems.error(span.clone(), ProblemKind::EmptyHeading);
        }
        let line = self.source.line(span.start);
        if level == 1 {
            match self.titled {
                None => {
                    self.titled = Some(line);
                    self.lesson.title = title.to_owned();
                    if self.steps.is_empty() {
                        self.step.step.line = line;
                        self.step.heading = span.clone();
                        return true;
                    }
                }
                Some(first_line) => {
                    let kind = ProblemKind::SecondTitle { first_line };
                    self.problems.error(span.clone(), kind);
                }
            }
        }
        if self.steps.len() >= super::MAX_STEPS {
            let kind = ProblemKind::TooManySteps(super::MAX_STEPS);
            self.problems.error(span.clone(), kind);
            return false;
        }
        let next = Draft::new("", title.to_owned(), span.clone(), line);
        let done = std::mem::replace(&mut self.step, next);
        self.close(done);
        true
    }

    fn close(&mut self, draft: Draft) {
        let step = &draft.step;
        let first = self.steps.is_empty() && step.id == INTRO;
        let empty = step.blocks.is_empty()
            && step.hints.is_empty()
            && step.checks.is_empty()
            && step.setup.is_empty()
            && step.solution.is_empty()
            && step.cleanup.is_empty()
            && step.files.is_empty()
            && step.mistakes.is_empty();
        if first && empty {
            // Kept as the place of notes; dropped at the end.
        } else if step.checks.is_empty() && !step.solution.is_empty() {
            let kind = ProblemKind::CommandsWithoutCheck;
            self.problems.warning(draft.heading.clone(), kind);
        } else if !step.checks.is_empty() && step.solution.is_empty() {
            let kind = ProblemKind::CheckWithoutCommands;
            self.problems.warning(draft.heading.clone(), kind);
        }
        self.steps.push(draft);
    }

    fn directive(&mut self, comment: &Comment, folded: bool) {
        let span = comment.span.clone();
        if !comment.closed {
            self.problems
                .error(span.start..span.start + 4, ProblemKind::UnclosedComment);
            return;
        }
        match directive::read(&comment.text) {
            Directive::Step(id) => {
                if folded || !self.fresh || self.steps.is_empty() || self.step.id.is_some() {
                    self.problems.error(span, ProblemKind::MisplacedStepId);
                } else if is_id(&id) {
                    self.step.step.id = id;
                    self.step.step.named = true;
                    self.step.id = Some(span);
                } else {
                    let kind = ProblemKind::WrongValue {
                        key: "step".to_owned(),
                        expected: Expected::Id,
                        found: super::yaml::shorten(&id),
                    };
                    self.problems.error(span.clone(), kind);
                    self.step.id = Some(span);
                }
            }
            Directive::Note(note) => self.step.step.notes.push(note),
            Directive::Quiz | Directive::Predict if folded => {
                self.problems.error(span, ProblemKind::QuizNoList);
            }
            quiz @ (Directive::Quiz | Directive::Predict) => {
                self.no_list();
                self.quiz = Some((quiz == Directive::Predict, span));
            }
            Directive::Remark => {}
            near => {
                if let Some(kind) = near.problem() {
                    self.problems.warning(span, kind);
                }
            }
        }
    }

    fn details(&mut self, details: &Details) {
        self.no_list();
        self.question = None;
        self.fresh = false;
        self.folded.push(details.span.clone());
        for comment in self.document.comments_in(&details.span) {
            self.directive(comment, true);
        }
        if !details.closed {
            self.problems
                .error(details.tag.clone(), ProblemKind::DetailsNotClosed);
        }
        if details.summary.as_ref().is_none_or(String::is_empty) {
            self.problems
                .error(details.tag.clone(), ProblemKind::DetailsNoSummary);
        }
        if let Some(unseen) = &details.unseen {
            self.problems
                .error(unseen.clone(), ProblemKind::DetailsNoBlankLine);
        }
        for fence in &details.fences {
            self.unclosed(fence);
            if fence::is_annotated(&fence.info, false) {
                let span = fence::opening(fence, self.problems);
                let kind = ProblemKind::FenceInDetails(fence.info.clone());
                self.problems.error(span, kind);
            }
        }
        self.flush(details.span.start);
        self.prose_from = details.span.end;
        let markdown = details.markdown(self.source, self.document);
        if details.is_hint() {
            self.step.step.hints.push(markdown);
        } else {
            let summary = details.summary.clone().unwrap_or_default();
            let branch = Block::Branch { summary, markdown };
            self.step.step.blocks.push(branch);
        }
    }

    fn unclosed(&mut self, fence: &Fence) {
        if !fence.closed {
            let span = fence::opening(fence, self.problems);
            self.problems.error(span, ProblemKind::UnclosedFence);
        }
    }

    fn fence(&mut self, fence: &Fence) {
        self.unclosed(fence);
        let annotation = fence::annotation(fence, self.problems);
        if annotation == Annotation::Shown {
            return;
        }
        self.flush(fence.span.start);
        self.prose_from = fence.span.end;
        let opening = fence::opening(fence, self.problems);
        let text = fence.snip.text.clone();
        match annotation {
            Annotation::Console { role, condition } => {
                let commands = console::commands(
                    &fence.snip,
                    opening,
                    condition,
                    &mut self.nodes,
                    self.problems,
                );
                let step = &mut self.step.step;
                match role {
                    Role::Solution => step.solution.extend(commands),
                    Role::Setup => step.setup.extend(commands),
                    Role::Cleanup => step.cleanup.extend(commands),
                }
                step.blocks.push(Block::Console {
                    role,
                    text,
                    condition,
                });
            }
            Annotation::Check => {
                let checks = checks::read(&fence.snip, opening, &mut self.nodes, self.problems);
                self.step.step.checks.extend(checks);
            }
            Annotation::Compose => self.compose(fence, opening, text),
            Annotation::Mistake => {
                let mistake = fence::mistake(fence, self.problems);
                self.step.step.mistakes.extend(mistake);
            }
            Annotation::File { path, language } => self.file(path, language, text, opening),
            Annotation::Shown => {}
        }
    }

    fn compose(&mut self, fence: &Fence, opening: Range<usize>, text: String) {
        let line = self.source.line(opening.start);
        if let Some(first_line) = self.compose_line {
            let kind = ProblemKind::SecondCompose { first_line };
            self.problems.error(opening, kind);
            return;
        }
        self.compose_line = Some(line);
        self.lesson.compose =
            compose::read_snip(&fence.snip, opening, Severity::Error, self.problems);
        self.lesson.compose_text = Some(text.clone());
        self.step.step.blocks.push(Block::File {
            path: "compose.yaml".to_owned(),
            language: "yaml".to_owned(),
            text,
        });
    }

    fn file(&mut self, path: String, language: String, text: String, opening: Range<usize>) {
        let line = self.source.line(opening.start);
        if let Some(fault) = fence::path_fault(&path) {
            let path = super::yaml::shorten(&path);
            self.problems
                .error(opening, ProblemKind::BadPath { path, fault });
            return;
        }
        self.step.step.files.push(LessonFile {
            path: path.clone(),
            text: text.clone(),
            line,
        });
        self.step.step.blocks.push(Block::File {
            path,
            language,
            text,
        });
    }

    fn finish(mut self) -> NodeNames {
        self.no_list();
        self.flush(self.source.text.len());
        let last = std::mem::replace(&mut self.step, Draft::new("", String::new(), 0..0, 0));
        self.close(last);
        for fence in &self.document.nested {
            self.unclosed(fence);
            let before = self
                .folded
                .partition_point(|span| span.end <= fence.span.start);
            let folded = self
                .folded
                .get(before)
                .is_some_and(|span| span.contains(&fence.span.start));
            if !folded && fence::is_annotated(&fence.info, true) {
                let span = fence::opening(fence, self.problems);
                let kind = ProblemKind::FenceNested(fence.info.clone());
                self.problems.error(span, kind);
            }
        }
        if self.titled.is_none() {
            let start = self.steps[0].heading.start;
            self.problems.error(start..start, ProblemKind::NoTitle);
        }
        self.intro();
        self.ids();
        for draft in &self.steps {
            if draft.step.checks.is_empty() && !draft.step.mistakes.is_empty() {
                self.problems
                    .error(draft.heading.clone(), ProblemKind::MistakeWithoutCheck);
            }
        }
        self.lesson.steps = self.steps.into_iter().map(|draft| draft.step).collect();
        self.nodes
    }

    /// The intro has the lesson's title; with nothing in it, it is no step.
    fn intro(&mut self) {
        let intro = &mut self.steps[0].step;
        intro.title.clone_from(&self.lesson.title);
        intro.named = true;
        let unread = intro.blocks.is_empty()
            && intro.hints.is_empty()
            && intro.checks.is_empty()
            && intro.files.is_empty()
            && intro.mistakes.is_empty();
        if unread {
            let dropped = self.steps.remove(0).step;
            if let Some(first) = self.steps.first_mut() {
                first.step.notes.splice(0..0, dropped.notes);
            }
        }
    }

    /// Ids of authors first, then slugs for the headings without one.
    fn ids(&mut self) {
        let mut lines: HashMap<String, usize> = HashMap::new();
        let mut taken: HashSet<String> = HashSet::new();
        for draft in &mut self.steps {
            if !draft.step.named {
                continue;
            }
            let id = draft.step.id.clone();
            if let Some(first_line) = lines.get(&id).copied() {
                let span = draft.id.clone().unwrap_or_else(|| draft.heading.clone());
                draft.step.id = slug::unique(&id, &mut taken);
                let kind = ProblemKind::DuplicateStepId { id, first_line };
                self.problems.error(span, kind);
            } else {
                lines.insert(id.clone(), draft.step.line);
                taken.insert(id);
            }
        }
        for draft in &mut self.steps {
            if draft.step.named {
                continue;
            }
            draft.step.id = slug::unique(&draft.step.title, &mut taken);
            if draft.id.is_none() {
                let id = draft.step.id.clone();
                let kind = ProblemKind::StepIdMissing { id };
                self.problems.warning(draft.heading.clone(), kind);
            }
        }
    }
}
