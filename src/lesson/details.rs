//! `<details>`: Markdown sees two pieces of HTML with text between them; here
//! they become one unit, as a reader sees them.

use std::ops::Range;

use super::html::{HtmlTag, html_tags, html_text, is_noise};
use super::markdown::{Document, Fence, Piece, PieceKind, trim_blank_lines};
use super::source::Source;

/// A top-level piece, or a whole `<details>`.
pub(crate) enum Unit<'d> {
    Piece(&'d Piece),
    Details(Details<'d>),
    /// `</details>` without a beginning.
    StrayEnd(Range<usize>),
}

/// `<details>` with all that is in it.
pub(crate) struct Details<'d> {
    pub span: Range<usize>,
    /// Where `<details>` stands.
    pub tag: Range<usize>,
    /// The text of `<summary>`.
    pub summary: Option<String>,
    /// From after `</summary>` to before `</details>`.
    pub body: Range<usize>,
    /// Top-level fences in it.
    pub fences: Vec<&'d Fence>,
    /// `</details>` is there.
    pub closed: bool,
    /// Text that stands right after `</summary>`, where Markdown does not see it.
    pub unseen: Option<Range<usize>>,
}

impl Details<'_> {
    /// Whether it is a hint by its summary.
    pub fn is_hint(&self) -> bool {
        let summary = self.summary.as_deref().unwrap_or_default();
        summary.starts_with("힌트")
            || summary
                .get(..4)
                .is_some_and(|start| start.eq_ignore_ascii_case("hint"))
    }

    /// Its Markdown.
    pub fn markdown(&self, source: &Source, document: &Document) -> String {
        let text = document.prose(source, self.body.clone());
        let lines: Vec<&str> = text.lines().collect();
        // The tags that lay out may share their HTML with `<details>` itself.
        let kept = |line: &&str| !dropped(line);
        let first = lines.iter().position(kept).unwrap_or(lines.len());
        let last = lines.iter().rposition(kept).map_or(first, |last| last + 1);
        trim_blank_lines(&lines[first..last].join("\n")).to_owned()
    }
}

fn dropped(line: &str) -> bool {
    line.trim().is_empty() || is_noise(line)
}

/// The units of a document, in order.
pub(crate) fn units<'d>(source: &Source, document: &'d Document) -> Vec<Unit<'d>> {
    let mut folder = Folder {
        source,
        units: Vec::new(),
        open: None,
        depth: 0,
    };
    for piece in &document.pieces {
        folder.piece(piece);
    }
    if let Some(mut details) = folder.open.take() {
        details.body.end = source.text.len();
        details.span.end = source.text.len();
        details.closed = false;
        folder.units.push(Unit::Details(details));
    }
    folder.units
}

struct Folder<'s, 'd> {
    source: &'s Source,
    units: Vec<Unit<'d>>,
    open: Option<Details<'d>>,
    depth: usize,
}

impl<'d> Folder<'_, 'd> {
    fn piece(&mut self, piece: &'d Piece) {
        if let PieceKind::Html = piece.kind {
            return self.html(piece);
        }
        match &mut self.open {
            None => self.units.push(Unit::Piece(piece)),
            Some(details) => {
                if let PieceKind::Fence(fence) = &piece.kind {
                    details.fences.push(fence);
                }
            }
        }
    }

    fn html(&mut self, piece: &'d Piece) {
        let html = &self.source.text[piece.span.clone()];
        let tags = html_tags(html);
        let folds = |tag: &HtmlTag| tag.name.eq_ignore_ascii_case("details");
        if self.open.is_none() && !tags.iter().any(folds) {
            self.units.push(Unit::Piece(piece));
            return;
        }
        let base = piece.span.start;
        let mut summary_from = None;
        let mut from = 0;
        for (index, tag) in tags.iter().enumerate() {
            let span = base + tag.span.start..base + tag.span.end;
            if folds(tag) {
                // `<br>` before and after goes with it. Only at the outermost
                // tags: the text between is looked at once.
                match (tag.closing, self.depth) {
                    (false, 0) => {
                        let before = from..tag.span.start;
                        self.begin(span);
                        if is_noise(&html[before.clone()])
                            && let Some(details) = &mut self.open
                        {
                            details.span.start = base + before.start;
                        }
                    }
                    (false, _) => self.begin(span),
                    (true, 1) => {
                        let next = tags[index + 1..].iter().find(|tag| folds(tag));
                        let end = next.map_or(html.len(), |next| next.span.start);
                        let noise = is_noise(&html[tag.span.end..end]);
                        self.finish(span, base, noise.then_some(base + end));
                        from = if noise { end } else { tag.span.end };
                    }
                    (true, _) => self.finish(span, base, None),
                }
            } else if tag.name.eq_ignore_ascii_case("summary")
                && self.depth == 1
                && let Some(details) = &mut self.open
                && details.summary.is_none()
            {
                match (tag.closing, summary_from) {
                    (false, _) => summary_from = Some(tag.span.end),
                    (true, None) => {}
                    (true, Some(from)) => {
                        details.summary = Some(html_text(&html[from..tag.span.start]));
                        details.body.start = span.end;
                    }
                }
            }
        }
        // Text between `</summary>` and the end of this HTML is not Markdown.
        if let Some(details) = &mut self.open
            && details.tag.start >= base
            && details.unseen.is_none()
        {
            details.unseen = unseen(self.source, details.body.start..piece.span.end);
        }
    }

    fn begin(&mut self, span: Range<usize>) {
        self.depth += 1;
        if self.depth == 1 {
            self.open = Some(Details {
                span: span.clone(),
                tag: span.clone(),
                summary: None,
                body: span.end..span.end,
                fences: Vec::new(),
                closed: true,
                unseen: None,
            });
        }
    }

    /// `end`: where the noise after the tag ends, if there is some.
    fn finish(&mut self, span: Range<usize>, base: usize, end: Option<usize>) {
        if self.depth == 0 {
            self.units.push(Unit::StrayEnd(span));
            return;
        }
        self.depth -= 1;
        if self.depth == 0
            && let Some(mut details) = self.open.take()
        {
            details.body.end = span.start.max(details.body.start);
            details.span.end = end.unwrap_or(span.end);
            if details.tag.start >= base {
                details.unseen = unseen(self.source, details.body.clone());
            }
            self.units.push(Unit::Details(details));
        }
    }
}

fn unseen(source: &Source, span: Range<usize>) -> Option<Range<usize>> {
    let html = &source.text[span.clone()];
    if html_text(html).is_empty() {
        return None;
    }
    let lead = html.len() - html.trim_start().len();
    let line = html[lead..].lines().next().unwrap_or_default();
    let start = span.start + lead;
    Some(start..start + line.trim_end().len())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::markdown;
    use super::*;

    fn details_of(text: &str) -> (Source, Document) {
        let (source, _) = Source::new("a.md", text);
        let document = markdown::read(&source, 0);
        (source, document)
    }

    #[test]
    fn details_are_one_unit() {
        let (source, document) = details_of(
            "a\n\n<details>\n<summary>Hint: <b>x</b></summary>\n<div markdown=\"1\">\n\n## In\n\n```\nb\n```\n<details><summary>inner</summary>\n\nc\n\n</details>\n</div>\n</details><br>\n\nd\n",
        );
        let units = units(&source, &document);
        let [Unit::Piece(_), Unit::Details(details), Unit::Piece(_)] = &units[..] else {
            panic!("{} units", units.len());
        };
        assert_eq!(details.summary.as_deref(), Some("Hint: x"));
        assert!(details.is_hint() && details.closed && details.unseen.is_none());
        assert_eq!(details.fences.len(), 1);
        let markdown = details.markdown(&source, &document);
        assert!(markdown.starts_with("## In\n\n```"), "{markdown:?}");
        assert!(markdown.ends_with("</details>"), "{markdown:?}");
    }

    #[test]
    fn slips_are_seen() {
        let (source, document) = details_of(
            "<details>\n<summary>A</summary>\ntext\n\nmore\n</details>\n\n</details>\n\n<details>\n\nx\n",
        );
        let units = units(&source, &document);
        let [Unit::Details(one), Unit::StrayEnd(_), Unit::Details(two)] = &units[..] else {
            panic!("{} units", units.len());
        };
        assert_eq!(&source.text[one.unseen.clone().unwrap()], "text");
        assert!(!two.closed);
        assert_eq!(two.summary, None);
        assert_eq!(one.markdown(&source, &document), "text\n\nmore");
    }
}
