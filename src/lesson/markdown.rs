//! Markdown as a flat list of top-level pieces with their places: headings,
//! fences, lists, HTML. What the pieces mean is not known here.

use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

use super::html::{is_break, is_noise};
use super::source::{Snip, Source};

/// Lists and quotes nested deeper are refused: no text needs it, and reading
/// them takes time that grows with the square.
pub(crate) const MAX_NESTING: usize = 24;
/// Two columns for each level, and some for the code inside.
const MAX_INDENT: usize = 200;

/// A Markdown text, taken apart.
#[derive(Debug, Default)]
pub(crate) struct Document {
    pub pieces: Vec<Piece>,
    /// Fences in lists and quotes.
    pub nested: Vec<Fence>,
    /// Comments, ascending.
    pub comments: Vec<Comment>,
    /// Spans that prose leaves out, with what takes their place; ascending.
    cuts: Vec<(Range<usize>, &'static str)>,
}

/// A block that is in no other block.
#[derive(Debug)]
pub(crate) struct Piece {
    pub span: Range<usize>,
    pub kind: PieceKind,
}

/// What a piece is.
#[derive(Debug)]
pub(crate) enum PieceKind {
    Heading { level: u8, title: String },
    Fence(Fence),
    Html,
    List(Vec<Item>),
    Paragraph,
    Other,
}

/// A fenced code block.
#[derive(Clone, Debug)]
pub(crate) struct Fence {
    pub info: String,
    pub snip: Snip,
    pub span: Range<usize>,
    pub closed: bool,
}

/// An item of a top-level list.
#[derive(Debug)]
pub(crate) struct Item {
    pub span: Range<usize>,
    /// `[x]` or `[ ]`.
    pub checked: Option<bool>,
    /// After the box.
    pub text: Range<usize>,
    /// The first list inside.
    pub nested: Option<Range<usize>>,
}

/// `<!-- ... -->`
#[derive(Clone, Debug)]
pub(crate) struct Comment {
    pub span: Range<usize>,
    /// What stands between the marks, trimmed.
    pub text: String,
    /// `-->` is there.
    pub closed: bool,
}

/// The byte of the first line whose lists and quotes nest too deep.
pub(crate) fn too_deep(text: &str) -> Option<usize> {
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        if line_too_deep(line) {
            return Some(start);
        }
        start += line.len();
    }
    None
}

fn line_too_deep(line: &str) -> bool {
    let mut markers = 0;
    let mut columns = 0;
    let mut rest = line;
    loop {
        let blanks = rest.len() - rest.trim_start_matches([' ', '\t']).len();
        columns += rest[..blanks]
            .bytes()
            .map(|byte| if byte == b'\t' { 4 } else { 1 })
            .sum::<usize>();
        rest = &rest[blanks..];
        let width = marker(rest);
        if columns > MAX_INDENT && !rest.trim().is_empty() {
            return true;
        }
        if width == 0 {
            break;
        }
        markers += 1;
        columns += width;
        rest = &rest[width..];
    }
    if markers <= MAX_NESTING {
        return false;
    }
    // `- - - -` is a thematic break, however long.
    let mut marks = line.chars().filter(|c| !c.is_whitespace());
    let first = marks.next();
    !(matches!(first, Some('-' | '*')) && marks.all(|c| Some(c) == first))
}

/// The width of the quote or list marker the text begins with, or 0.
fn marker(text: &str) -> usize {
    let bytes = text.as_bytes();
    let width = match bytes.first() {
        Some(b'>') => return 1,
        Some(b'-' | b'*' | b'+') => 1,
        Some(b'0'..=b'9') => {
            let digits = bytes
                .iter()
                .take_while(|byte| byte.is_ascii_digit())
                .count();
            match bytes.get(digits) {
                Some(b'.' | b')') if digits <= 9 => digits + 1,
                _ => return 0,
            }
        }
        _ => return 0,
    };
    match bytes.get(width) {
        Some(b' ' | b'\t' | b'\n') | None => width,
        _ => 0,
    }
}

/// Takes the source apart from byte `body` on.
pub(crate) fn read(source: &Source, body: usize) -> Document {
    let mut reader = Reader {
        source,
        document: Document::default(),
        depth: 0,
        heading: None,
        fence: None,
        items: Vec::new(),
        list_depth: 0,
    };
    let text = &source.text[body..];
    for (event, span) in Parser::new_ext(text, Options::ENABLE_TASKLISTS).into_offset_iter() {
        reader.event(event, span.start + body..span.end + body);
    }
    let mut document = reader.document;
    document.cuts.sort_by_key(|(span, _)| span.start);
    document.comments.sort_by_key(|comment| comment.span.start);
    document
}

struct Reader<'s> {
    source: &'s Source,
    document: Document,
    /// Blocks that are open.
    depth: usize,
    /// The title of the heading being read.
    heading: Option<String>,
    fence: Option<Fence>,
    items: Vec<Item>,
    list_depth: usize,
}

impl Reader<'_> {
    fn event(&mut self, event: Event, span: Range<usize>) {
        match event {
            Event::Start(tag) => self.start(tag, span),
            Event::End(tag) => self.end(tag, span),
            Event::Text(text) => {
                if let Some(title) = &mut self.heading {
                    title.push_str(&text);
                } else if let Some(fence) = &mut self.fence {
                    fence.snip.push(&text, span.start);
                }
            }
            Event::Code(text) => {
                if let Some(title) = &mut self.heading {
                    title.push_str(&text);
                }
            }
            Event::SoftBreak | Event::HardBreak => {
                if let Some(title) = &mut self.heading {
                    title.push(' ');
                }
            }
            Event::InlineHtml(html) => self.inline_html(&html, span),
            Event::TaskListMarker(checked) if self.list_depth == 1 => {
                if let Some(item) = self.items.last_mut()
                    && item.checked.is_none()
                {
                    item.checked = Some(checked);
                    item.text.start = span.end;
                }
            }
            Event::Rule if self.depth == 0 => self.piece(span, PieceKind::Other),
            _ => {}
        }
    }

    fn start(&mut self, tag: Tag, span: Range<usize>) {
        match tag {
            Tag::Heading { .. } if self.depth == 0 => self.heading = Some(String::new()),
            Tag::CodeBlock(CodeBlockKind::Fenced(info)) => {
                let block = &self.source.text[span.clone()];
                let first_line = block.find('\n').map_or(span.end, |at| span.start + at + 1);
                self.fence = Some(Fence {
                    info: info.trim().to_owned(),
                    snip: Snip::new(first_line),
                    closed: is_closed(block),
                    span: span.clone(),
                });
            }
            Tag::HtmlBlock => {
                self.comments_in(span.clone());
                if is_noise(&self.source.text[span.clone()]) {
                    self.document.cuts.push((span.clone(), ""));
                }
            }
            Tag::List(_) if self.list_depth > 0 || self.depth == 0 => {
                self.list_depth += 1;
                if self.list_depth == 2
                    && let Some(item) = self.items.last_mut()
                    && item.nested.is_none()
                {
                    item.text.end = item.text.end.min(span.start);
                    item.nested = Some(span.clone());
                }
            }
            Tag::Item if self.list_depth == 1 => self.items.push(Item {
                text: span.clone(),
                span: span.clone(),
                checked: None,
                nested: None,
            }),
            _ => {}
        }
        self.depth += 1;
    }

    fn end(&mut self, tag: TagEnd, span: Range<usize>) {
        self.depth = self.depth.saturating_sub(1);
        let kind = match tag {
            TagEnd::CodeBlock => match self.fence.take() {
                Some(fence) if self.depth > 0 => return self.document.nested.push(fence),
                Some(fence) => PieceKind::Fence(fence),
                None => PieceKind::Other,
            },
            TagEnd::List(_) if self.list_depth > 0 => {
                self.list_depth -= 1;
                match self.list_depth {
                    0 => PieceKind::List(std::mem::take(&mut self.items)),
                    _ => return,
                }
            }
            _ if self.depth > 0 => return,
            TagEnd::Heading(level) => {
                let title = self.heading.take().unwrap_or_default();
                PieceKind::Heading {
                    level: level as u8,
                    title: title.split_whitespace().collect::<Vec<_>>().join(" "),
                }
            }
            TagEnd::HtmlBlock => PieceKind::Html,
            TagEnd::Paragraph => PieceKind::Paragraph,
            TagEnd::BlockQuote(_) => PieceKind::Other,
            _ => return,
        };
        self.piece(span, kind);
    }

    fn piece(&mut self, span: Range<usize>, kind: PieceKind) {
        self.document.pieces.push(Piece { span, kind });
    }

    fn inline_html(&mut self, html: &str, span: Range<usize>) {
        if html.starts_with("<!--") {
            self.comments_in(span);
        } else if is_break(html) {
            let after = self.source.text[span.end..].chars().next();
            let instead = match after {
                None | Some('\n') => "",
                Some(_) => " ",
            };
            self.document.cuts.push((span, instead));
        }
    }

    fn comments_in(&mut self, span: Range<usize>) {
        let mut at = span.start;
        while let Some(found) = self.source.text[at..span.end].find("<!--") {
            let start = at + found;
            let inner = &self.source.text[start + 4..span.end];
            let (length, closed) = match inner.find("-->") {
                Some(length) => (length, true),
                None => (inner.len(), false),
            };
            let end = start + 4 + length + if closed { 3 } else { 0 };
            self.document.comments.push(Comment {
                span: start..end,
                text: inner[..length].trim().to_owned(),
                closed,
            });
            self.document.cuts.push((start..end, ""));
            at = end;
        }
    }
}

impl Document {
    /// The comments inside the span.
    pub fn comments_in(&self, span: &Range<usize>) -> &[Comment] {
        let start = self.comments.partition_point(|c| c.span.start < span.start);
        let end = self.comments.partition_point(|c| c.span.start < span.end);
        &self.comments[start..end.max(start)]
    }

    /// The Markdown of the span as written, without comments and without
    /// HTML that only lays out (`<br>`, `<div>`). Empty where nothing is left.
    pub fn prose(&self, source: &Source, span: Range<usize>) -> String {
        let text = &source.text;
        let mut out = String::new();
        let mut at = span.start;
        let first = self.cuts.partition_point(|(cut, _)| cut.start < span.start);
        for (cut, instead) in &self.cuts[first..] {
            if cut.start >= span.end {
                break;
            }
            if cut.start < at {
                continue;
            }
            out.push_str(&text[at..cut.start]);
            at = cut.end.min(span.end);
            let line_blank = out.is_empty() || out.ends_with('\n');
            if line_blank {
                // The cut stood alone on its line: the line goes with it.
                let rest = &text[at..span.end];
                let blank = rest.len() - rest.trim_start_matches([' ', '\t']).len();
                if rest[blank..].starts_with('\n') {
                    at += blank + 1;
                }
            } else {
                out.push_str(instead);
            }
        }
        out.push_str(&text[at.min(span.end)..span.end]);
        trim_blank_lines(&out).to_owned()
    }
}

/// Without blank lines around; the first line keeps its indentation.
pub(crate) fn trim_blank_lines(text: &str) -> &str {
    let text = text.trim_end();
    let lead = text.len() - text.trim_start().len();
    let start = text[..lead].rfind('\n').map_or(0, |at| at + 1);
    &text[start..]
}

/// Whether the block's last line closes the fence its first line opens.
fn is_closed(block: &str) -> bool {
    let Some(mark) = block.chars().next().filter(|c| matches!(c, '`' | '~')) else {
        return false;
    };
    let width = block.chars().take_while(|c| *c == mark).count();
    let mut lines = block.trim_end_matches('\n').lines();
    if lines.next().is_none() {
        return false;
    }
    let Some(last) = lines.next_back() else {
        return false;
    };
    // In quotes and lists the line has their marks in front.
    let last = last.trim_start_matches(|c: char| c == '>' || c.is_whitespace());
    let last = last.trim_end();
    last.chars().count() >= width && last.chars().all(|c| c == mark)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn read_text(text: &str) -> (Source, Document) {
        let (source, _) = Source::new("a.md", text);
        let document = read(&source, 0);
        (source, document)
    }

    #[test]
    fn pieces_have_their_places() {
        let (source, document) = read_text(
            "# A `b` <!-- x -->\n\ntext\n\n```yaml check\na: 1\n```\n\n- [x] yes\n  - because\n- [ ] no\n\n> quote\n> ```console\n> $ a\n> ```\n",
        );
        let kinds: Vec<&str> = document
            .pieces
            .iter()
            .map(|piece| match &piece.kind {
                PieceKind::Heading { level: 1, title } if title == "A b" => "h1",
                PieceKind::Paragraph => "p",
                PieceKind::Fence(fence) if fence.closed && fence.info == "yaml check" => "fence",
                PieceKind::List(items) if items.len() == 2 => "list",
                PieceKind::Other => "other",
                _ => "?",
            })
            .collect();
        assert_eq!(kinds, ["h1", "p", "fence", "list", "other"]);
        assert_eq!(document.nested.len(), 1);
        assert!(document.nested[0].closed);
        assert_eq!(document.nested[0].snip.text, "$ a\n");
        assert_eq!(document.comments[0].text, "x");
        let PieceKind::List(items) = &document.pieces[3].kind else {
            panic!("no list");
        };
        assert_eq!(items[0].checked, Some(true));
        assert_eq!(source.text[items[0].text.clone()].trim(), "yes");
        assert_eq!(
            &source.text[items[0].nested.clone().unwrap()].trim(),
            &"- because"
        );
    }

    #[test]
    fn unclosed_fences_are_seen() {
        for (text, closed) in [
            ("```\na\n```\n", true),
            ("```\na\n```", true),
            ("~~~~\na\n~~~\n", false),
            ("```\na\n", false),
            ("```\n", false),
            ("```", false),
            ("````\n```\n````\n", true),
            ("  ```\n  a\n  ```\n", true),
        ] {
            let (_, document) = read_text(text);
            let PieceKind::Fence(fence) = &document.pieces[0].kind else {
                panic!("no fence in {text:?}");
            };
            assert_eq!(fence.closed, closed, "{text:?}");
        }
    }

    #[test]
    fn prose_is_as_written_without_comments_and_noise() {
        let (source, document) = read_text(
            "    code\n\na<br>b<br>\n<!-- c -->\nd `<!-- e -->`\n\n<div markdown=\"1\">\n\n*f*\n\n</div>\n",
        );
        assert_eq!(
            document.prose(&source, 0..source.text.len()),
            "    code\n\na b\nd `<!-- e -->`\n\n*f*"
        );
    }

    #[test]
    fn deep_nesting_is_seen_before_it_is_read() {
        assert_eq!(too_deep(&">".repeat(100)), Some(0));
        assert_eq!(too_deep(&format!("a\n{}x", "- ".repeat(100))), Some(2));
        assert_eq!(too_deep(&format!("{}x", " ".repeat(300))), Some(0));
        assert_eq!(too_deep(&"1. ".repeat(30)), Some(0));
        assert_eq!(too_deep(&"- ".repeat(100)), None);
        assert_eq!(too_deep(&"*".repeat(100)), None);
        assert_eq!(too_deep(&format!("{}\n", " ".repeat(300))), None);
        assert_eq!(too_deep("- a\n  - b\n    - c\n"), None);
    }
}
