//! Problems as text: with the line and a caret, or one line each.

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

use super::problem::{Problem, Severity};
use crate::words::Lang;
use crate::words::problem as words;

/// Longer lines are not shown, only told.
const MAX_SHOWN: usize = 400;

/// A problem of a file in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// The file, as it was named to the reader.
    pub file: String,
    /// 1-based.
    pub line: usize,
    /// 1-based, in characters.
    pub column: usize,
    /// Bytes that are meant; 0: the whole line, or only the place.
    pub length: usize,
    /// Whether the lesson can be used all the same.
    pub severity: Severity,
    /// What is wrong.
    pub message: String,
    /// What to do about it; empty where the message says it.
    pub cure: String,
}

impl Problem {
    /// The problem in words.
    pub fn told(&self, lang: Lang) -> Told {
        Told {
            file: self.file.clone(),
            line: self.line,
            column: self.column,
            length: self.span.len(),
            severity: self.severity,
            message: words::message(&self.kind, lang),
            cure: words::cure(&self.kind, self.severity, lang),
        }
    }
}

/// The problems with the lines they are in. `sources` are the files' texts by
/// the names the problems have; a problem whose text is not there, or whose
/// line is too long to show, gets the one-line form.
pub fn report(
    problems: &[Problem],
    sources: &[(&str, &str)],
    lang: Lang,
    colour: bool,
    width: usize,
) -> String {
    let told: Vec<Told> = problems.iter().map(|problem| problem.told(lang)).collect();
    report_told(&told, sources, lang, colour, width)
}

/// The same of problems that are in words already.
pub fn report_told(
    problems: &[Told],
    sources: &[(&str, &str)],
    lang: Lang,
    colour: bool,
    width: usize,
) -> String {
    let renderer = match colour {
        true => Renderer::styled().hyperlink(false),
        false => Renderer::plain(),
    }
    .decor_style(DecorStyle::Ascii)
    .term_width(width.max(40));
    let mut out = String::new();
    for problem in problems {
        if !out.is_empty() {
            out.push('\n');
        }
        let source = sources.iter().find(|(file, _)| *file == problem.file);
        match source.and_then(|(_, text)| shown(problem, text)) {
            Some(shown) => out.push_str(&with_line(problem, &shown, &renderer, lang)),
            None => out.push_str(&one_line(problem, lang)),
        }
        out.push('\n');
    }
    out
}

/// One line a problem: `file:line:column: error: what it is. What to do.`
pub fn report_lines(problems: &[Problem], lang: Lang) -> String {
    problems
        .iter()
        .map(|problem| one_line(&problem.told(lang), lang) + "\n")
        .collect()
}

fn one_line(problem: &Told, lang: Lang) -> String {
    let Told {
        file,
        line,
        column,
        message,
        ..
    } = problem;
    let level = words::severity(problem.severity, lang);
    let text = match &problem.cure {
        cure if cure.is_empty() => format!("{file}:{line}:{column}: {level}: {message}"),
        cure => format!("{file}:{line}:{column}: {level}: {message} {cure}"),
    };
    text.chars()
        .map(|c| if c.is_control() { '\u{fffd}' } else { c })
        .collect()
}

/// A line of a file with the part that is meant.
struct Shown<'t> {
    line: &'t str,
    start: usize,
    end: usize,
}

fn shown<'t>(problem: &Told, text: &'t str) -> Option<Shown<'t>> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    // By the line and not by the span: twins know only the line.
    let line = lines(text).nth(problem.line.checked_sub(1)?)?;
    if line.len() > MAX_SHOWN {
        return None;
    }
    let start = line
        .char_indices()
        .nth(problem.column.saturating_sub(1))
        .map_or(line.len(), |(at, _)| at);
    let mut end = match problem.length {
        0 if problem.column == 1 => line.trim_end().len(),
        length => (start + length).min(line.trim_end().len()),
    };
    end = end.max(start);
    while !line.is_char_boundary(end) {
        end -= 1;
    }
    Some(Shown { line, start, end })
}

/// Lines as editors count them: LF, CRLF and a lone CR end one.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest?;
        match text.find(['\n', '\r']) {
            None => rest = None,
            Some(at) => {
                let width = if text[at..].starts_with("\r\n") { 2 } else { 1 };
                rest = Some(&text[at + width..]);
                return Some(&text[..at]);
            }
        }
        Some(text)
    })
}

fn with_line(problem: &Told, shown: &Shown, renderer: &Renderer, lang: Lang) -> String {
    let name = words::severity(problem.severity, lang);
    let level = match problem.severity {
        Severity::Error => Level::ERROR.with_name(name),
        Severity::Warning => Level::WARNING.with_name(name),
    };
    let snippet = Snippet::source(shown.line)
        .line_start(problem.line)
        .path(problem.file.as_str())
        .annotation(AnnotationKind::Primary.span(shown.start..shown.end));
    let mut group = level
        .primary_title(problem.message.as_str())
        .element(snippet);
    if !problem.cure.is_empty() {
        let help = Level::HELP.with_name(words::help(lang));
        group = group.element(help.message(problem.cure.as_str()));
    }
    renderer.render(&[group])
}
