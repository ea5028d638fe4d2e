//! Tables of Markdown, fitted into a width by wrapping their cells, or told as
//! a list where that would leave too little of each.

use pulldown_cmark::Alignment;

use super::look::{Look, Tone};
use super::text::Line;
use super::wrap::Inline;

/// A column is not made narrower than this.
const NARROWEST: usize = 16;

/// A table while it is read.
pub(super) struct Table {
    alignments: Vec<Alignment>,
    /// The first is the header.
    rows: Vec<Vec<Inline>>,
    current: Vec<Inline>,
}

impl Table {
    pub(super) fn new(alignments: Vec<Alignment>) -> Table {
        Table {
            alignments,
            rows: Vec::new(),
            current: Vec::new(),
        }
    }

    pub(super) fn cell(&mut self, cell: Inline) {
        self.current.push(cell);
    }

    pub(super) fn end_row(&mut self) {
        self.rows.push(std::mem::take(&mut self.current));
    }

    /// The table as lines of at most so many columns.
    pub(super) fn lines(&self, columns: usize, look: &Look) -> Vec<Line> {
        match self.widths(columns, look) {
            Some(widths) => self.grid(&widths, look),
            None => self.list(columns, look),
        }
    }

    /// A width for each column, or `None` where they don't fit. The plain look
    /// does not wrap cells: read line by line, pieces of different cells would
    /// stand side by side.
    fn widths(&self, columns: usize, look: &Look) -> Option<Vec<usize>> {
        let natural = |column: usize| {
            let cells = self.rows.iter().filter_map(|row| row.get(column));
            cells.map(Inline::width).max().unwrap_or(0).max(1)
        };
        let count = self.alignments.len();
        let mut widths: Vec<usize> = (0..count).map(natural).collect();
        let least: Vec<usize> = widths.iter().map(|&width| width.min(NARROWEST)).collect();
        let between = 3 * count.saturating_sub(1);
        let room = columns.checked_sub(between)?;
        let total: usize = widths.iter().sum();
        if look.plain && total > room || least.iter().sum::<usize>() > room {
            return None;
        }
        for _ in room..total {
            // One column less for the widest that can spare it.
            let spare = (0..count).filter(|&at| widths[at] > least[at]);
            let widest = spare.max_by_key(|&at| widths[at])?;
            widths[widest] -= 1;
        }
        Some(widths)
    }

    fn grid(&self, widths: &[usize], look: &Look) -> Vec<Line> {
        let mut lines = Vec::new();
        for (index, row) in self.rows.iter().enumerate() {
            let cells: Vec<Vec<Line>> = row
                .iter()
                .zip(widths)
                .map(|(cell, &width)| cell.wrap(width))
                .collect();
            let height = cells.iter().map(Vec::len).max().unwrap_or(0).max(1);
            for at in 0..height {
                let mut line = Line::default();
                for (column, &width) in widths.iter().enumerate() {
                    if column > 0 {
                        line.push(Tone::Dim, look.sign(" │ ", " | "));
                    }
                    let piece = cells.get(column).and_then(|cell| cell.get(at)).cloned();
                    let piece = piece.unwrap_or_default();
                    let piece = if index == 0 {
                        piece.toned(Tone::Strong)
                    } else {
                        piece
                    };
                    line.append(aligned(piece, width, self.alignments[column]));
                }
                lines.push(line);
            }
            if index == 0 {
                let rules = widths
                    .iter()
                    .map(|&width| look.sign("─", "-").repeat(width));
                let rule = rules.collect::<Vec<_>>().join(look.sign("─┼─", "-+-"));
                lines.push(Line::of(Tone::Dim, &rule));
            }
        }
        lines
    }

    /// Each row as lines `header: value`, a blank line between rows.
    fn list(&self, columns: usize, look: &Look) -> Vec<Line> {
        const HANGING: &str = "  ";
        let columns = columns.min(look.measure());
        let mut lines = Vec::new();
        let Some((header, rows)) = self.rows.split_first() else {
            return lines;
        };
        for (index, row) in rows.iter().enumerate() {
            if index > 0 {
                lines.push(Line::default());
            }
            for (name, value) in header
                .iter()
                .zip(row)
                .filter(|(_, value)| !value.is_empty())
            {
                let mut entry = Inline::default();
                if !name.is_empty() {
                    entry.append(name, Tone::Strong);
                    entry.push(Tone::Strong, ": ");
                }
                entry.append(value, Tone::Text);
                let wrapped = entry.wrap(columns.saturating_sub(HANGING.len()));
                for (at, line) in wrapped.into_iter().enumerate() {
                    let mut shown = Line::of(Tone::Text, if at > 0 { HANGING } else { "" });
                    shown.append(line);
                    lines.push(shown);
                }
            }
        }
        if rows.is_empty() {
            let mut names = Inline::default();
            for (index, name) in header.iter().enumerate() {
                names.push(Tone::Strong, if index > 0 { ", " } else { "" });
                names.append(name, Tone::Strong);
            }
            lines.extend(names.wrap(columns));
        }
        lines
    }
}

fn aligned(line: Line, columns: usize, alignment: Alignment) -> Line {
    let missing = columns.saturating_sub(line.width());
    let before = match alignment {
        Alignment::None | Alignment::Left => 0,
        Alignment::Center => missing / 2,
        Alignment::Right => missing,
    };
    let mut shown = Line::of(Tone::Text, &" ".repeat(before));
    shown.append(line);
    shown.pad_to(columns);
    shown
}

#[cfg(test)]
mod tests {
    use crate::terminal::{Look, markdown};

    const TABLE: &str = "|이름|Role|N|\n|:-|:-:|-:|\n|`manager`|keeps the state of the swarm|1|\n|worker|runs tasks|3|\n";

    fn shown(width: usize, plain: bool) -> String {
        let look = Look {
            plain,
            ..Look::plain(width)
        };
        markdown(TABLE, &look)
    }

    #[test]
    fn a_table_that_fits_is_aligned() {
        assert_eq!(
            shown(80, true),
            "\
이름      |             Role             | N
----------+------------------------------+--
`manager` | keeps the state of the swarm | 1
worker    |          runs tasks          | 3
"
        );
    }

    #[test]
    fn cells_wrap_before_a_list_is_made_of_them() {
        let wrapped = shown(32, false);
        assert!(wrapped.lines().all(|line| line.len() <= 34), "{wrapped}");
        assert!(wrapped.contains(" | "), "{wrapped}");
        assert_eq!(
            shown(22, false),
            "이름: `manager`\nRole: keeps the\n  state of the swarm\nN: 1\n\n이름: worker\nRole: runs tasks\nN: 3\n"
        );
    }

    #[test]
    fn the_plain_look_wraps_no_cells() {
        assert!(shown(40, true).starts_with("이름: `manager`\n"));
    }
}
