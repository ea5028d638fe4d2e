//! How things are drawn: how wide, with which colours and signs.
//!
//! The one place that knows escape sequences for colours. Every colour is one
//! of the terminal's own 16, which its user has chosen to be readable on their
//! background; nothing is said by colour alone.

use owo_colors::Style;

use super::text::clean;

/// Prose is never wider than this, however wide the terminal: longer lines are
/// hard to read.
const WIDEST: usize = 100;

/// Nothing is laid out for less than this; a narrower terminal wraps by itself.
const NARROWEST: usize = 20;

/// The width where none is known.
const USUAL: usize = 80;

/// How things are to be drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// Columns of the terminal.
    pub width: usize,
    /// Colours and other attributes may be used.
    pub colour: bool,
    /// Signs and lines may go beyond ASCII. (A lesson's own text always may.)
    pub unicode: bool,
    /// Linear: no cursor movement, nothing that is redrawn, no decoration; for
    /// screen readers, logs and pipes. Never together with `colour` or `unicode`.
    pub plain: bool,
}

/// What a piece of text is, which decides how it looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tone {
    /// Running text.
    #[default]
    Text,
    /// A heading.
    Heading,
    /// `**strong**`
    Strong,
    /// `*emphasis*`
    Emphasis,
    /// `~~struck~~`
    Struck,
    /// Code in running text, keys of YAML.
    Code,
    /// A command to type.
    Command,
    /// Of less weight: captions, example output, decoration.
    Dim,
    /// All is well.
    Good,
    /// Not yet, or take care.
    Warn,
    /// Something is wrong.
    Bad,
    /// The text of a link.
    Link,
}

/// Signs with a meaning. Each differs in shape too, not only in colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Mark {
    /// A check is met, a step is done.
    Done,
    /// A check is not met yet; it may come true by waiting.
    Waiting,
    /// A check can't come true by waiting.
    Broken,
    /// A check could not be measured here.
    Unmeasured,
    /// Left out.
    Skipped,
    /// The step the learner is at.
    Current,
    /// A step that has not been done.
    Open,
    /// A running task.
    Running,
    /// A task that waits for a node.
    Pending,
    /// A task on its way.
    Starting,
    /// A task that ended with an error.
    Failed,
    /// A task that is being stopped, or that ended well.
    Stopping,
}

impl Look {
    /// The look for an output: `plain` as asked for, whether it is a terminal,
    /// how wide that is where it could tell, and the environment.
    ///
    /// `NO_COLOR` (set and not empty) takes the colours away; `TERM=dumb` and
    /// whatever is no terminal are plain. Signs beyond ASCII need a UTF-8
    /// locale and more than the 512 glyphs of the Linux console.
    pub fn detect(
        plain: bool,
        is_terminal: bool,
        width: Option<u16>,
        env: &dyn Fn(&str) -> Option<String>,
    ) -> Look {
        let set = |name: &str| env(name).filter(|value| !value.is_empty());
        let term = set("TERM").unwrap_or_default();
        let plain = plain || !is_terminal || term == "dumb";
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"]
            .iter()
            .find_map(|name| set(name));
        let utf8 = locale.is_some_and(|locale| {
            let locale = locale.to_ascii_lowercase();
            locale.contains("utf-8") || locale.contains("utf8")
        });
        let width = width
            .map(usize::from)
            .filter(|&width| width > 0)
            .or_else(|| set("COLUMNS")?.parse().ok().filter(|&width| width > 0))
            .unwrap_or(USUAL);
        Look {
            width,
            colour: !plain && set("NO_COLOR").is_none(),
            unicode: !plain && utf8 && term != "linux",
            plain,
        }
    }

    /// The linear look, for logs and for tests.
    pub fn plain(width: usize) -> Look {
        Look {
            width,
            colour: false,
            unicode: false,
            plain: true,
        }
    }

    /// Columns for what is laid out to the terminal's width.
    pub fn columns(&self) -> usize {
        self.width.max(NARROWEST)
    }

    /// Columns for running text.
    pub fn measure(&self) -> usize {
        self.width.clamp(NARROWEST, WIDEST)
    }

    /// The sign beyond ASCII, or its stand-in.
    pub fn sign(&self, unicode: &'static str, ascii: &'static str) -> &'static str {
        if self.unicode { unicode } else { ascii }
    }

    /// The mark's sign and its tone.
    pub fn mark(&self, mark: Mark) -> (&'static str, Tone) {
        let (unicode, ascii, tone) = match mark {
            Mark::Done => ("✓", "[ok]", Tone::Good),
            Mark::Waiting => ("…", "[--]", Tone::Warn),
            Mark::Broken => ("✗", "[!!]", Tone::Bad),
            Mark::Unmeasured => ("?", "[??]", Tone::Dim),
            Mark::Skipped => ("↷", "[>>]", Tone::Dim),
            Mark::Current => ("▶", "[->]", Tone::Heading),
            Mark::Open => ("·", "[  ]", Tone::Dim),
            Mark::Running => ("●", "*", Tone::Good),
            Mark::Pending => ("◌", "-", Tone::Warn),
            Mark::Starting => ("◐", "~", Tone::Warn),
            Mark::Failed => ("✗", "x", Tone::Bad),
            Mark::Stopping => ("○", ".", Tone::Dim),
        };
        (self.sign(unicode, ascii), tone)
    }

    /// The text, on one line, as this tone looks. The only way to the screen:
    /// nothing in the text itself is obeyed by a terminal.
    pub fn paint(&self, tone: Tone, text: &str) -> String {
        // Copied from a terminal, a space that doesn't break is a trap.
        let text = clean(text).replace('\u{a0}', " ");
        match style(tone) {
            Some(style) if self.colour && !text.is_empty() => style.style(text).to_string(),
            _ => text,
        }
    }
}

/// All the colours of the product. Only the dark half of the palette and the
/// terminal's own foreground: bright colours fade on white. Blue is left out,
/// which many palettes make unreadable on black, and bright black, which
/// others make the background.
fn style(tone: Tone) -> Option<Style> {
    let style = Style::new();
    Some(match tone {
        Tone::Text => return None,
        Tone::Heading | Tone::Strong => style.bold(),
        Tone::Emphasis => style.italic(),
        Tone::Struck => style.strikethrough().dimmed(),
        Tone::Code => style.cyan(),
        Tone::Command => style.cyan().bold(),
        Tone::Dim => style.dimmed(),
        Tone::Good => style.green(),
        Tone::Warn => style.yellow(),
        Tone::Bad => style.red().bold(),
        Tone::Link => style.underline(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn detect(plain: bool, terminal: bool, width: Option<u16>, env: &[(&str, &str)]) -> Look {
        Look::detect(plain, terminal, width, &|name| {
            env.iter()
                .find(|(key, _)| *key == name)
                .map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn a_usual_terminal_has_colours_and_signs() {
        let env = [("TERM", "xterm-256color"), ("LANG", "ko_KR.UTF-8")];
        let look = detect(false, true, Some(120), &env);
        assert_eq!(
            look,
            Look {
                width: 120,
                colour: true,
                unicode: true,
                plain: false
            }
        );
        assert_eq!(look.measure(), 100);
    }

    #[test]
    fn no_color_takes_only_the_colours() {
        let env = [("TERM", "xterm"), ("LANG", "C.utf8"), ("NO_COLOR", "1")];
        let look = detect(false, true, Some(80), &env);
        assert!(!look.colour && look.unicode && !look.plain);
        let env = [("TERM", "xterm"), ("LANG", "C.utf8"), ("NO_COLOR", "")];
        assert!(detect(false, true, Some(80), &env).colour);
    }

    #[test]
    fn pipes_dumb_terminals_and_plain_are_linear() {
        let env = [("TERM", "xterm"), ("LANG", "en_US.UTF-8")];
        assert_eq!(detect(false, false, None, &env), Look::plain(80));
        assert_eq!(detect(true, true, Some(70), &env), Look::plain(70));
        let env = [("TERM", "dumb"), ("LANG", "en_US.UTF-8")];
        assert_eq!(detect(false, true, Some(80), &env), Look::plain(80));
    }

    #[test]
    fn the_first_locale_variable_that_is_set_decides() {
        let env = [("LC_ALL", "C"), ("LANG", "en_US.UTF-8"), ("TERM", "xterm")];
        assert!(!detect(false, true, None, &env).unicode);
        let env = [("LC_ALL", ""), ("LANG", "en_US.UTF-8"), ("TERM", "xterm")];
        assert!(detect(false, true, None, &env).unicode);
        let env = [("LANG", "en_US.UTF-8"), ("TERM", "linux")];
        assert!(!detect(false, true, None, &env).unicode);
    }

    #[test]
    fn width_comes_from_the_terminal_then_columns_then_80() {
        assert_eq!(detect(true, true, None, &[("COLUMNS", "132")]).width, 132);
        assert_eq!(detect(true, true, Some(0), &[("COLUMNS", "x")]).width, 80);
        assert_eq!(Look::plain(3).measure(), 20);
    }
}
