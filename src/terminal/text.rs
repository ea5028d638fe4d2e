//! Lines of pieces with a tone, and the gate through which every text of a
//! lesson, of Docker or of a learner passes before it is drawn.

use std::fmt::Write as _;

use unicode_width::UnicodeWidthChar;

use super::look::{Look, Tone};

/// A piece of one line. Its text is clean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Span {
    tone: Tone,
    text: String,
}

/// One line as it is to be drawn.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Line(Vec<Span>);

impl Span {
    /// A piece of text, cleaned.
    pub(super) fn new(tone: Tone, text: &str) -> Span {
        Span {
            tone,
            text: clean(text),
        }
    }

    pub(super) fn tone(&self) -> Tone {
        self.tone
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Its columns.
    pub(super) fn width(&self) -> usize {
        width(&self.text)
    }
}

impl Line {
    /// A line of one piece.
    pub(super) fn of(tone: Tone, text: &str) -> Line {
        let mut line = Line::default();
        line.push(tone, text);
        line
    }

    /// Adds a piece, cleaned.
    pub(super) fn push(&mut self, tone: Tone, text: &str) -> &mut Line {
        self.push_span(Span::new(tone, text));
        self
    }

    /// Adds a piece; neighbours of one tone become one.
    pub(super) fn push_span(&mut self, span: Span) {
        match self.0.last_mut() {
            _ if span.text.is_empty() => {}
            Some(last) if last.tone == span.tone => last.text.push_str(&span.text),
            _ => self.0.push(span),
        }
    }

    /// Adds another line's pieces.
    pub(super) fn append(&mut self, other: Line) -> &mut Line {
        other.0.into_iter().for_each(|span| self.push_span(span));
        self
    }

    /// Adds spaces up to this column.
    pub(super) fn pad_to(&mut self, column: usize) -> &mut Line {
        let missing = column.saturating_sub(self.width());
        self.push(Tone::Text, &" ".repeat(missing))
    }

    /// Its columns.
    pub(super) fn width(&self) -> usize {
        self.0.iter().map(Span::width).sum()
    }

    pub(super) fn spans(&self) -> &[Span] {
        &self.0
    }

    /// The line with every piece of running text in this tone.
    pub(super) fn toned(self, tone: Tone) -> Line {
        let mut line = Line::default();
        for mut span in self.0 {
            if span.tone == Tone::Text {
                span.tone = tone;
            }
            line.push_span(span);
        }
        line
    }

    /// The line with every piece in this tone.
    pub(super) fn all(self, tone: Tone) -> Line {
        let text: String = self.0.iter().map(|span| span.text.as_str()).collect();
        Line::of(tone, &text)
    }

    /// The line cut to so many columns, with a sign where something is missing.
    pub(super) fn cut(self, columns: usize, look: &Look) -> Line {
        if self.width() <= columns {
            return self;
        }
        let sign = look.sign("…", "~");
        let mut left = columns.saturating_sub(1);
        let mut line = Line::default();
        for span in self.0 {
            let (kept, rest) = split_at_width(&span.text, left);
            left -= width(kept);
            let whole = rest.is_empty();
            line.push(span.tone, kept);
            if !whole {
                break;
            }
        }
        line.push(Tone::Dim, sign);
        line
    }

    /// The line as it goes to the terminal, without spaces at its end.
    pub(super) fn paint(&self, look: &Look) -> String {
        let mut painted = String::new();
        let last = self
            .0
            .iter()
            .rposition(|span| !span.text.trim_end().is_empty());
        for (index, span) in self.0.iter().enumerate().take(last.map_or(0, |at| at + 1)) {
            let text = if Some(index) == last {
                span.text.trim_end()
            } else {
                &span.text
            };
            painted.push_str(&look.paint(span.tone, text));
        }
        painted
    }
}

/// The lines, each with its line end.
pub(super) fn paint_all(lines: &[Line], look: &Look) -> String {
    let mut painted = String::new();
    for line in lines {
        painted.push_str(&line.paint(look));
        painted.push('\n');
    }
    painted
}

/// The columns of a text. Sums what each character takes alone, which is never
/// less than what a terminal needs once `clean` has dropped the variation
/// selectors; so nothing that fits by this count overflows.
pub(super) fn width(text: &str) -> usize {
    text.chars().map(|c| c.width().unwrap_or(0)).sum()
}

/// The longest beginning that takes at most so many columns, and the rest.
pub(super) fn split_at_width(text: &str, columns: usize) -> (&str, &str) {
    let mut used = 0;
    for (at, c) in text.char_indices() {
        used += c.width().unwrap_or(0);
        if used > columns {
            return text.split_at(at);
        }
    }
    (text, "")
}

/// The text on one line with nothing in it that a terminal obeys: line ends
/// and tabs become spaces; control characters, and those that turn the order
/// of writing or end lines, become visible. Variation selectors go: terminals
/// disagree about the width of what stands before them.
pub fn clean(text: &str) -> String {
    let mut cleaned = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' | '\t' => cleaned.push(' '),
            '\u{fe00}'..='\u{fe0f}' => {}
            '\0'..='\x1f' | '\x7f' => {
                cleaned.push('^');
                cleaned.push(char::from(c as u8 ^ 0x40));
            }
            '\u{80}'..='\u{9f}'
            | '\u{200e}'
            | '\u{200f}'
            | '\u{61c}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2066}'..='\u{2069}' => {
                // Writing to a String can't fail.
                let _ = write!(cleaned, "<U+{:04X}>", c as u32);
            }
            c => cleaned.push(c),
        }
    }
    cleaned
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_a_terminal_obeys_gets_through() {
        assert_eq!(clean("a\x1b[31mb\x07"), "a^[[31mb^G");
        assert_eq!(clean("\u{9b}2J\x7f"), "<U+009B>2J^?");
        assert_eq!(clean("a\u{202e}b"), "a<U+202E>b");
        assert_eq!(clean("두 줄\r\n☀\u{fe0f}"), "두 줄^M ☀");
    }

    #[test]
    fn widths_count_korean_as_two() {
        assert_eq!(width("노드 4"), 6);
        assert_eq!(split_at_width("노드", 3), ("노", "드"));
    }

    #[test]
    fn a_cut_line_says_so() {
        let look = Look::plain(80);
        let line = Line::of(Tone::Text, "hello world");
        assert_eq!(line.clone().cut(11, &look).paint(&look), "hello world");
        assert_eq!(line.cut(6, &look).paint(&look), "hello~");
    }

    #[test]
    fn trailing_spaces_are_not_painted() {
        let look = Look::plain(80);
        let mut line = Line::of(Tone::Text, "a ");
        line.push(Tone::Dim, "  ");
        assert_eq!(line.paint(&look), "a");
    }
}
