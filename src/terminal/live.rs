//! A picture that is redrawn in its place. In the plain look nothing moves:
//! only the last picture is printed.

use std::io::{self, Write};

use super::look::Look;

const HIDE_CURSOR: &str = "\x1b[?25l";
const SHOW_CURSOR: &str = "\x1b[?25h";
/// Lines that are too wide are cut by the terminal instead of wrapped: a
/// wrapped line would take a row that is not counted.
const NO_WRAP: &str = "\x1b[?7l";
const WRAP: &str = "\x1b[?7h";
const CLEAR_LINE_END: &str = "\x1b[K";
const CLEAR_BELOW: &str = "\x1b[J";

/// A region of lines at the cursor. When it is dropped, the picture stays, the
/// cursor is visible again and stands on the line below.
pub struct Live<W: Write> {
    out: W,
    plain: bool,
    /// Rows of the terminal, where known.
    rows: Option<usize>,
    /// Lines on the screen now.
    drawn: usize,
    /// The picture that the plain look prints at the end.
    last: Vec<String>,
    hidden: bool,
}

impl<W: Write> Live<W> {
    /// A region on this output, which has so many rows.
    pub fn new(out: W, look: &Look, rows: Option<u16>) -> Self {
        Live {
            out,
            plain: look.plain,
            rows: rows.filter(|&rows| rows > 0).map(usize::from),
            drawn: 0,
            last: Vec::new(),
            hidden: false,
        }
    }

    /// The terminal has another size now.
    pub fn set_rows(&mut self, rows: Option<u16>) {
        self.rows = rows.filter(|&rows| rows > 0).map(usize::from);
    }

    /// Draws the lines (without line ends) over those drawn before. More than
    /// the terminal has rows for are left out at the end: what has scrolled
    /// away could not be drawn over.
    pub fn draw(&mut self, lines: &[String]) -> io::Result<()> {
        if self.plain {
            self.last = lines.to_vec();
            return Ok(());
        }
        let most = self
            .rows
            .map_or(usize::MAX, |rows| rows.saturating_sub(1).max(1));
        let lines = &lines[..lines.len().min(most)];
        // After a resize to fewer rows the upper lines are out of reach.
        let up = self.drawn.min(most);
        let mut frame = String::from(NO_WRAP);
        if !self.hidden {
            frame.push_str(HIDE_CURSOR);
            self.hidden = true;
        }
        frame.push('\r');
        if up > 0 {
            frame.push_str(&format!("\x1b[{up}A"));
        }
        for line in lines {
            frame.push_str(line);
            frame.push_str(CLEAR_LINE_END);
            // Raw mode does not return the carriage by itself.
            frame.push_str("\r\n");
        }
        frame.push_str(CLEAR_BELOW);
        frame.push_str(WRAP);
        self.drawn = lines.len();
        // One write, so that no half frame is seen.
        self.out.write_all(frame.as_bytes())?;
        self.out.flush()
    }

    /// Ends the region, as dropping it does, and tells of errors.
    pub fn finish(mut self) -> io::Result<()> {
        self.end()
    }

    fn end(&mut self) -> io::Result<()> {
        let mut text = String::new();
        for line in std::mem::take(&mut self.last) {
            text.push_str(&line);
            text.push('\n');
        }
        if std::mem::take(&mut self.hidden) {
            text.push_str(SHOW_CURSOR);
        }
        self.out.write_all(text.as_bytes())?;
        self.out.flush()
    }
}

impl<W: Write> Drop for Live<W> {
    fn drop(&mut self) {
        // Nobody is left to be told.
        let _ = self.end();
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    const MOVING: Look = Look {
        width: 20,
        colour: true,
        unicode: true,
        plain: false,
    };

    fn lines(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|text| (*text).to_owned()).collect()
    }

    fn screen(bytes: &[u8]) -> vt100::Parser {
        let mut parser = vt100::Parser::new(5.try_into().unwrap(), 20.try_into().unwrap(), 0);
        parser.process(bytes);
        parser
    }

    #[test]
    fn a_picture_is_drawn_over_the_one_before() {
        let mut bytes = b"before\r\n".to_vec();
        let mut live = Live::new(&mut bytes, &MOVING, Some(5));
        live.draw(&lines(&["one long line", "two", "three"]))
            .unwrap();
        live.draw(&lines(&["1", "a line just as wide."])).unwrap();
        drop(live);
        bytes.extend(b"after");
        let parser = screen(&bytes);
        assert_eq!(
            parser.screen().contents(),
            "before\n1\na line just as wide.\nafter"
        );
        assert!(!parser.screen().hide_cursor());
    }

    #[test]
    fn the_cursor_is_hidden_only_while_it_lives() {
        let mut bytes = Vec::new();
        let mut live = Live::new(&mut bytes, &MOVING, None);
        live.draw(&lines(&["1"])).unwrap();
        live.finish().unwrap();
        let text = String::from_utf8(bytes).unwrap();
        assert_eq!(text.matches(HIDE_CURSOR).count(), 1);
        assert_eq!(text.matches(SHOW_CURSOR).count(), 1);
        assert!(text.ends_with(SHOW_CURSOR));
    }

    #[test]
    fn more_lines_than_rows_never_scroll() {
        let mut bytes = Vec::new();
        let mut live = Live::new(&mut bytes, &MOVING, Some(5));
        for frame in 0..3 {
            let frame: Vec<String> = (0..9).map(|n| format!("{frame}.{n}")).collect();
            live.draw(&frame).unwrap();
        }
        drop(live);
        assert_eq!(screen(&bytes).screen().contents(), "2.0\n2.1\n2.2\n2.3");
    }

    #[test]
    fn the_plain_look_prints_the_last_picture_only() {
        let mut bytes = Vec::new();
        let mut live = Live::new(&mut bytes, &Look::plain(80), Some(5));
        live.draw(&lines(&["1"])).unwrap();
        live.draw(&lines(&["2", "3"])).unwrap();
        drop(live);
        assert_eq!(bytes, b"2\n3\n");
    }
}
