//! The commands of lessons as the prompt would take them.
//!
//! A command that the prompt refuses would stop a learner, `run` and `solve`.
//! What a command does is not judged here.

use std::collections::BTreeMap;
use std::ops::Range;

use super::files::Group;
use crate::lesson::{Command, Course, Lesson, Mistake, Problem, Severity, Told, VARIABLES};
use crate::model::compose::with_tag;
use crate::session::{Place, entry, place};
use crate::shell::{Action, Refusal, Scope, Verb, understand, words};
use crate::words::{Lang, refusal};

/// What the prompt would refuse. Where `known` has an error already, the
/// refusal would only repeat it.
pub fn refused(group: &Group, course: &Course, known: &[Problem], lang: Lang) -> Vec<Told> {
    let mut told = Vec::new();
    for (index, lesson) in course.lessons.iter().enumerate() {
        let Some(file) = group.files.iter().find(|file| file.name == lesson.file) else {
            continue;
        };
        let text = file.text();
        let here = Place {
            lesson: index,
            step: 0,
        };
        let mut looking = Looking {
            text: &text,
            lesson,
            scope: scope(course, here),
            whole_lab: entry::compose_of(course, here).is_some(),
            known,
            lang,
            told: &mut told,
        };
        looking.lesson();
    }
    told
}

/// What a line of this lesson may refer to, with a value for every variable.
fn scope(course: &Course, here: Place) -> Scope {
    let mut scope = Scope {
        variables: VARIABLES
            .iter()
            .map(|name| ((*name).to_owned(), Some("value".to_owned())))
            .collect(),
        network: "swarmlings".to_owned(),
        ..Scope::default()
    };
    for service in entry::compose_of(course, here)
        .into_iter()
        .flat_map(|compose| &compose.services)
    {
        match service.is_node() {
            true => scope.nodes.push(service.name.clone()),
            false => scope.others.push(service.name.clone()),
        }
    }
    scope.images = entry::images(course)
        .iter()
        .map(|image| with_tag(image))
        .collect();
    for (place, full) in place::all(course) {
        scope
            .steps
            .extend(place.step(course).map(|step| step.id.clone()));
        scope.steps.push(full);
    }
    scope
}

struct Looking<'a> {
    /// The file.
    text: &'a str,
    lesson: &'a Lesson,
    scope: Scope,
    /// The lab's compose file is known, and so the names of its nodes.
    whole_lab: bool,
    known: &'a [Problem],
    lang: Lang,
    told: &'a mut Vec<Told>,
}

impl Looking<'_> {
    fn lesson(&mut self) {
        let lesson = self.lesson;
        for step in &lesson.steps {
            let commands = step.setup.iter().chain(&step.solution).chain(&step.cleanup);
            // What the reader has to fill in is asked for before it is understood.
            for command in commands.filter(|command| command.placeholders.is_empty()) {
                self.command(command);
            }
            self.scope.on = None;
            for mistake in &step.mistakes {
                self.mistake(mistake);
            }
        }
    }

    fn command(&mut self, command: &Command) {
        loop {
            match understand(&command.text, &self.scope) {
                Ok(Action::Verb(Verb::On(node))) => {
                    self.scope.on = node;
                    return;
                }
                Ok(_) => return,
                // Of a file alone the nodes are not known; their names are taken as given.
                Err(Refusal::UnknownNode { name, .. })
                    if !self.whole_lab && !self.scope.nodes.contains(&name) =>
                {
                    self.scope.nodes.push(name);
                }
                Err(refusal) => {
                    let span = command.span.clone();
                    return self.tell(&refusal, &command.text, span, command.line);
                }
            }
        }
    }

    /// A wrong turn may be refused, as long as it can be typed.
    fn mistake(&mut self, mistake: &Mistake) {
        let variables: BTreeMap<_, _> = self.scope.variables.clone();
        for run in &mistake.run {
            let Err(refusal) = words::split(run, &variables) else {
                continue;
            };
            let from = offset_of_line(self.text, mistake.line);
            let span = match self.text[from..].find(run.as_str()) {
                Some(at) => from + at..from + at + run.len(),
                None => from..from,
            };
            self.tell(&refusal, run, span, mistake.line);
        }
    }

    fn tell(&mut self, refused: &Refusal, line: &str, span: Range<usize>, at_line: usize) {
        let repeats = |problem: &&Problem| {
            problem.is_error()
                && problem.file == self.lesson.file
                && problem.span.start <= span.end
                && span.start <= problem.span.end
        };
        if self.known.iter().any(|problem| repeats(&problem)) {
            return;
        }
        let raw = self.text.get(span.clone()).unwrap_or_default();
        let (start, length) = match meant(refused, line, raw) {
            Some(part) => (span.start + part.start, part.len()),
            None => (span.start, span.len()),
        };
        let said = refusal::refusal(self.lang, refused);
        let (message, cure) = match refused.suggestion().and_then(|cure| {
            said.strip_suffix(cure)
                .map(|said| (said.trim_end().to_owned(), cure.to_owned()))
        }) {
            Some(parts) => parts,
            None => (said, String::new()),
        };
        let (row, column) = position(self.text, start).unwrap_or((at_line, 1));
        self.told.push(Told {
            file: self.lesson.file.clone(),
            line: row,
            column,
            length,
            severity: match self.lesson.annotated {
                true => Severity::Error,
                // Somebody's tutorial is mended or asked about, not corrected.
                false => Severity::Warning,
            },
            message,
            cure,
        });
    }
}

/// The bytes of `raw`, the command as it stands in the file, that are meant;
/// `line` is the same with its lines joined.
fn meant(refused: &Refusal, line: &str, raw: &str) -> Option<Range<usize>> {
    if let Some(at) = refused.position() {
        let c = line.get(at..)?.chars().next()?;
        // Joining changes blanks alone: the n-th of its kind is the same one.
        let before = line.get(..at)?.matches(c).count();
        let (start, found) = raw.match_indices(c).nth(before)?;
        let length = match refused {
            Refusal::ShellSyntax { operator, .. } => operator.len(),
            _ => found.len(),
        };
        return Some(start..start + length);
    }
    let word = match refused {
        Refusal::UnknownCommand { word, .. } | Refusal::UnknownDocker { word, .. } => word,
        Refusal::UnknownFlag { flag, .. } | Refusal::FlagNotHere { flag, .. } => flag,
        Refusal::UnknownNode { name, .. }
        | Refusal::NotANode(name)
        | Refusal::NearImage { name, .. }
        | Refusal::NotLabRegistry(name)
        | Refusal::NotLabNetwork { name, .. }
        | Refusal::UnknownStep { name, .. } => name,
        Refusal::InNode { command, .. } | Refusal::NotOnHost { command, .. } => command,
        _ => return None,
    };
    let start = whole_word(raw, word)?;
    Some(start..start + word.len())
}

/// Where `word` stands for itself, else where it stands at all.
fn whole_word(raw: &str, word: &str) -> Option<usize> {
    let is_edge = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric() && !"-_".contains(c));
    let alone = |at: &usize| {
        is_edge(raw[..*at].chars().next_back()) && is_edge(raw[*at + word.len()..].chars().next())
    };
    let all = || raw.match_indices(word).map(|(at, _)| at);
    all().find(alone).or_else(|| all().next())
}

/// The 1-based line and column, in characters, of a byte.
fn position(text: &str, at: usize) -> Option<(usize, usize)> {
    let before = text.get(..at)?;
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    let line = before.matches('\n').count() + 1;
    Some((
        line,
        before[start..]
            .trim_start_matches('\u{feff}')
            .chars()
            .count()
            + 1,
    ))
}

fn offset_of_line(text: &str, line: usize) -> usize {
    match line {
        0 | 1 => 0,
        line => text
            .match_indices('\n')
            .nth(line - 2)
            .map_or(text.len(), |(at, _)| at + 1),
    }
}
