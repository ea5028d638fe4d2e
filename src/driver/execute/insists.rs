//! When Ctrl-C means the prompt and not the command: a node that hangs takes no
//! signal and no key, and nobody must be left in front of it.

/// So many in a row, with no sign of the command in between.
const AT: usize = 3;

/// What a terminal sends for Ctrl-C, and how it shows it.
const CTRL_C: u8 = 3;
const ECHO: &[u8] = b"^C";

/// Counts the interruptions a command has not answered.
#[derive(Debug, Default)]
pub struct Insists {
    unanswered: usize,
}

impl Insists {
    /// Interrupted once more; true: the command is no longer waited for.
    pub fn interrupted(&mut self) -> bool {
        self.unanswered += 1;
        self.unanswered >= AT
    }

    /// Keys of a terminal; true: as above.
    pub fn typed(&mut self, keys: &[u8]) -> bool {
        for key in keys {
            match *key {
                CTRL_C if self.interrupted() => return true,
                CTRL_C => {}
                _ => self.unanswered = 0,
            }
        }
        false
    }

    /// What came from the terminal of the command. Its kernel shows `^C` of its own
    /// accord; anything else is the command's.
    pub fn printed(&mut self, output: &[u8]) {
        let only_echo = output
            .chunks(ECHO.len())
            .all(|part| part == ECHO || part == b"\r\n");
        if !only_echo {
            self.unanswered = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_in_a_row_without_an_answer() {
        let mut hung = Insists::default();
        assert!(!hung.typed(b"\x03"));
        hung.printed(b"^C");
        assert!(!hung.typed(b"\x03"));
        hung.printed(b"^C\r\n^C");
        assert!(hung.typed(b"\x03"));
    }

    #[test]
    fn a_shell_that_answers_keeps_its_terminal() {
        let mut shell = Insists::default();
        for _ in 0..5 {
            assert!(!shell.typed(b"\x03"));
            shell.printed(b"^C\r\n/ # ");
        }
    }

    #[test]
    fn other_keys_begin_anew() {
        let mut insists = Insists::default();
        assert!(!insists.typed(b"\x03\x03q\x03\x03"));
        assert!(insists.typed(b"\x03"));
    }
}
