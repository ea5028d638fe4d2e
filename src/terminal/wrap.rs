//! Running text of several tones, wrapped at spaces. A word that is longer
//! than a whole line is broken anywhere; Korean is never broken inside a word
//! otherwise.

use textwrap::core::Fragment;
use textwrap::wrap_algorithms::wrap_first_fit;

use super::look::{Look, Tone};
use super::text::{Line, Span, split_at_width, width};

/// Running text, its words found, with the hard line breaks in it.
#[derive(Clone, Debug, Default)]
pub(super) struct Inline {
    rows: Vec<Vec<Word>>,
    /// The tone of the spaces since the last word; `None`: the next text joins it.
    gap: Option<Tone>,
}

/// Pieces without a space between them.
#[derive(Clone, Debug, Default)]
struct Word {
    spans: Vec<Span>,
    width: usize,
    /// The tone of the space before it.
    gap: Tone,
}

impl Fragment for Word {
    fn width(&self) -> f64 {
        self.width as f64
    }

    fn whitespace_width(&self) -> f64 {
        1.0
    }

    fn penalty_width(&self) -> f64 {
        0.0
    }
}

impl Inline {
    /// Text of one tone.
    pub(super) fn of(tone: Tone, text: &str) -> Inline {
        let mut inline = Inline::default();
        inline.push(tone, text);
        inline
    }

    /// Adds text; its spaces are where lines may break.
    pub(super) fn push(&mut self, tone: Tone, text: &str) {
        for (index, piece) in text.split([' ', '\t', '\n']).enumerate() {
            if index > 0 {
                self.gap.get_or_insert(tone);
            }
            if !piece.is_empty() {
                self.push_piece(Span::new(tone, piece));
            }
        }
    }

    /// Adds other running text, its text without a tone in this one. Its hard
    /// breaks become spaces.
    pub(super) fn append(&mut self, other: &Inline, tone: Tone) {
        for row in &other.rows {
            for (index, word) in row.iter().enumerate() {
                if index > 0 {
                    self.gap.get_or_insert(word.gap);
                }
                for span in &word.spans {
                    let own = span.tone();
                    self.push_piece(Span::new(
                        if own == Tone::Text { tone } else { own },
                        span.text(),
                    ));
                }
            }
            if other.rows.len() > 1 {
                self.gap.get_or_insert(tone);
            }
        }
    }

    /// Adds code. Without colours it keeps its backticks.
    pub(super) fn push_code(&mut self, text: &str, look: &Look) {
        if look.colour || text.contains('`') {
            self.push(Tone::Code, text);
        } else {
            self.push(Tone::Code, &format!("`{text}`"));
        }
    }

    /// A line break that stays.
    pub(super) fn hard_break(&mut self) {
        if self.rows.is_empty() {
            self.rows.push(Vec::new());
        }
        self.rows.push(Vec::new());
        self.gap = Some(Tone::Text);
    }

    /// Nothing to see in it.
    pub(super) fn is_empty(&self) -> bool {
        self.rows.iter().all(Vec::is_empty)
    }

    /// Columns it takes unwrapped.
    pub(super) fn width(&self) -> usize {
        let row = |words: &Vec<Word>| {
            let spaces = words.len().saturating_sub(1);
            words.iter().map(|word| word.width).sum::<usize>() + spaces
        };
        self.rows.iter().map(row).max().unwrap_or(0)
    }

    /// The lines, each at most so many columns (2 at least, for a Korean letter).
    pub(super) fn wrap(&self, columns: usize) -> Vec<Line> {
        let columns = columns.max(2);
        let mut lines = Vec::new();
        let rows = self.rows.iter().rposition(|row| !row.is_empty());
        for row in self.rows.iter().take(rows.map_or(0, |last| last + 1)) {
            let words: Vec<Word> = row.iter().flat_map(|word| word.broken(columns)).collect();
            for words in wrap_first_fit(&words, &[columns as f64]) {
                let mut line = Line::default();
                for (index, word) in words.iter().enumerate() {
                    if index > 0 {
                        line.push(word.gap, " ");
                    }
                    word.spans
                        .iter()
                        .for_each(|span| line.push_span(span.clone()));
                }
                lines.push(line);
            }
        }
        lines
    }

    fn push_piece(&mut self, span: Span) {
        if self.rows.is_empty() {
            self.rows.push(Vec::new());
            self.gap = Some(Tone::Text);
        }
        let Some(row) = self.rows.last_mut() else {
            return;
        };
        match (self.gap.take(), row.last_mut()) {
            (None, Some(word)) => {
                word.width += span.width();
                word.spans.push(span);
            }
            (gap, _) => row.push(Word {
                width: span.width(),
                spans: vec![span],
                gap: gap.unwrap_or_default(),
            }),
        }
    }
}

impl Word {
    /// The word, or its pieces where it is longer than a line.
    fn broken(&self, columns: usize) -> Vec<Word> {
        if self.width <= columns {
            return vec![self.clone()];
        }
        let mut pieces = Vec::new();
        let mut piece = Word {
            gap: self.gap,
            ..Word::default()
        };
        for span in &self.spans {
            let mut rest = span.text();
            while !rest.is_empty() {
                let (mut fits, mut over) = split_at_width(rest, columns - piece.width);
                if fits.is_empty() && piece.spans.is_empty() {
                    // A letter wider than the line, which no break makes narrower.
                    let one = rest.chars().next().map_or(0, char::len_utf8);
                    (fits, over) = rest.split_at(one);
                }
                if !fits.is_empty() {
                    piece.width = (piece.width + width(fits)).min(columns);
                    piece.spans.push(Span::new(span.tone(), fits));
                }
                if !over.is_empty() {
                    pieces.push(std::mem::take(&mut piece));
                }
                rest = over;
            }
        }
        pieces.push(piece);
        pieces
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrapped(text: &str, columns: usize) -> Vec<String> {
        let look = Look::plain(80);
        let lines = Inline::of(Tone::Text, text).wrap(columns);
        lines.iter().map(|line| line.paint(&look)).collect()
    }

    #[test]
    fn korean_breaks_at_spaces_only() {
        assert_eq!(
            wrapped("매니저 노드에서 서비스를 만듭니다.", 16),
            ["매니저 노드에서", "서비스를", "만듭니다."]
        );
    }

    #[test]
    fn a_word_longer_than_a_line_is_broken_anywhere() {
        assert_eq!(wrapped("가나다라마 b", 5), ["가나", "다라", "마 b"]);
        assert_eq!(wrapped("a bcdefgh", 4), ["a", "bcde", "fgh"]);
    }

    #[test]
    fn pieces_without_a_space_stay_together() {
        let mut inline = Inline::default();
        inline.push(Tone::Text, "see ");
        inline.push(Tone::Code, "docker ps");
        inline.push(Tone::Text, "를");
        let lines = inline.wrap(11);
        assert_eq!(lines.len(), 2);
        assert_eq!(lines[1].width(), 4);
    }

    #[test]
    fn hard_breaks_stay() {
        let mut inline = Inline::of(Tone::Text, "a");
        inline.hard_break();
        inline.push(Tone::Text, "b");
        assert_eq!(inline.wrap(80).len(), 2);
        assert_eq!(inline.width(), 1);
    }
}
