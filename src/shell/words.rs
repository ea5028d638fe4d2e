//! A line -> its words, as a shell would split it, with spans and quoting.
//!
//! Variables are the lab's own (`Scope::variables`); what only a real shell
//! can do is refused with its place. An expansion never splits into words.

use std::collections::BTreeMap;

use super::similar::nearest;
use super::{MAX_LINE, Refusal, Word};

/// The lab's variables by name without `$`; `None`: known, no value yet.
pub type Variables = BTreeMap<String, Option<String>>;

/// The words of a line. Everything from a `#` at the start of a word is a comment.
pub fn split(line: &str, variables: &Variables) -> Result<Vec<Word>, Refusal> {
    split_from(line, 0, variables)
}

/// The words from byte `start` on; spans are those of the whole line.
pub fn split_from(line: &str, start: usize, variables: &Variables) -> Result<Vec<Word>, Refusal> {
    if line.len() > MAX_LINE {
        return Err(Refusal::TooLong);
    }
    let mut lexer = Lexer {
        line,
        at: start,
        end: line.trim_end_matches(['\r', '\n']).len().max(start),
        variables,
        words: Vec::new(),
        word: None,
    };
    lexer.run()?;
    Ok(lexer.words)
}

/// The words before the shell syntax that stands at byte `at`.
pub fn split_before(line: &str, start: usize, at: usize, variables: &Variables) -> Vec<Word> {
    split_from(&line[..at], start, variables).unwrap_or_default()
}

/// `text` as one word of a line: as it is where that is safe, else in quotes.
pub fn quote(text: &str) -> String {
    let plain =
        |c: char| (c.is_alphanumeric() && looks_like(c).is_none()) || "-_./:=,@%+{}".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        text.to_string()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

/// The character that an unquoted `c` was meant to be, where word processors,
/// web pages and input methods put another one.
pub fn looks_like(c: char) -> Option<char> {
    match c {
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{2500}' | '\u{fe58}' | '\u{fe63}' => Some('-'),
        '‘' | '’' | '‚' | '‛' | '′' => Some('\''),
        '“' | '”' | '„' | '‟' | '″' => Some('"'),
        '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}' => {
            Some(' ')
        }
        // The won sign stands on the key of the backslash.
        '₩' | '\u{ffe6}' => Some('\\'),
        '。' => Some('.'),
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0),
        _ => None,
    }
}

/// The line with every look-alike outside quotes replaced.
fn without_look_alikes(line: &str) -> String {
    let mut mended = String::with_capacity(line.len());
    let mut quote = None;
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        match (quote, c, looks_like(c)) {
            (None, _, Some('-')) if mended.is_empty() || mended.ends_with(' ') => {
                // A dash where a word begins: word processors make one of `--`.
                let letters = chars.clone().take_while(|c| c.is_alphabetic()).count();
                // The long one is never made of a single dash.
                let fewest = if matches!(c, '\u{2014}' | '\u{2015}') {
                    2
                } else {
                    4
                };
                mended.push_str(if letters >= fewest { "--" } else { "-" });
                continue;
            }
            (None, _, Some(meant)) => {
                mended.push(meant);
                continue;
            }
            (None | Some('"'), '\\', _) => {
                mended.push(c);
                mended.extend(chars.next());
                continue;
            }
            (None, '\'' | '"', _) => quote = Some(c),
            (Some(open), _, _) if open == c => quote = None,
            _ => {}
        }
        mended.push(c);
    }
    mended.trim().to_string()
}

/// Letters that cannot be seen; where they stand unquoted, a paste brought them.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{feff}')
}

struct Lexer<'a> {
    line: &'a str,
    at: usize,
    end: usize,
    variables: &'a Variables,
    words: Vec<Word>,
    word: Option<Word>,
}

impl Lexer<'_> {
    fn run(&mut self) -> Result<(), Refusal> {
        while let Some(c) = self.peek() {
            let at = self.at;
            match c {
                ' ' | '\t' => {
                    self.finish();
                    self.at += 1;
                }
                '#' if self.word.is_none() => break,
                '\'' => self.single()?,
                '"' => self.double()?,
                '\\' => self.escape()?,
                '$' => self.expand()?,
                '|' | '>' | '<' | '&' | ';' | '(' | ')' | '`' | '*' | '?' => {
                    return Err(self.syntax(at));
                }
                '~' if self.word.is_none() && self.begins_home() => return Err(self.syntax(at)),
                _ => {
                    if let Some(meant) = looks_like(c) {
                        return Err(Refusal::LookAlike {
                            at,
                            found: c,
                            meant,
                            suggestion: without_look_alikes(self.line),
                        });
                    }
                    if c.is_control() || is_invisible(c) {
                        return Err(Refusal::ControlCharacter(at, c));
                    }
                    self.push(c);
                }
            }
        }
        self.finish();
        Ok(())
    }

    fn peek(&self) -> Option<char> {
        self.line[self.at..self.end].chars().next()
    }

    /// The word being read, begun here if need be.
    fn word(&mut self) -> &mut Word {
        let at = self.at;
        self.word.get_or_insert_with(|| Word {
            text: String::new(),
            span: at..at,
            quoted: false,
        })
    }

    fn push(&mut self, c: char) {
        self.word().text.push(c);
        self.at += c.len_utf8();
    }

    /// One character between quotes: any but the control characters, of which
    /// tab and line end may stand in a text.
    fn push_quoted(&mut self, c: char) -> Result<(), Refusal> {
        if c.is_control() && !matches!(c, '\t' | '\n' | '\r') {
            return Err(Refusal::ControlCharacter(self.at, c));
        }
        self.push(c);
        Ok(())
    }

    fn finish(&mut self) {
        if let Some(mut word) = self.word.take() {
            word.span.end = self.at;
            self.words.push(word);
        }
    }

    fn single(&mut self) -> Result<(), Refusal> {
        let open = self.at;
        self.word().quoted = true;
        self.at += 1;
        loop {
            match self.peek() {
                None => return Err(Refusal::UnclosedQuote(open)),
                Some('\'') => {
                    self.at += 1;
                    return Ok(());
                }
                Some(c) => self.push_quoted(c)?,
            }
        }
    }

    fn double(&mut self) -> Result<(), Refusal> {
        let open = self.at;
        self.word().quoted = true;
        self.at += 1;
        loop {
            match self.peek() {
                None => return Err(Refusal::UnclosedQuote(open)),
                Some('"') => {
                    self.at += 1;
                    return Ok(());
                }
                Some('`') => return Err(self.syntax(self.at)),
                Some('$') => self.expand()?,
                Some('\\') => match self.line[self.at + 1..self.end].chars().next() {
                    Some(c @ ('$' | '`' | '"' | '\\')) => {
                        self.at += 1;
                        self.push(c);
                    }
                    Some('\n') => self.at += 2,
                    _ => self.push('\\'),
                },
                Some(c) => self.push_quoted(c)?,
            }
        }
    }

    fn escape(&mut self) -> Result<(), Refusal> {
        match self.line[self.at + 1..self.end].chars().next() {
            None => Err(Refusal::UnfinishedLine),
            Some('\n') => {
                self.at += 2;
                Ok(())
            }
            Some(c) => {
                self.word().quoted = true;
                self.at += 1;
                self.push_quoted(c)
            }
        }
    }

    fn expand(&mut self) -> Result<(), Refusal> {
        let dollar = self.at;
        let rest = &self.line[dollar + 1..self.end];
        let (name, length) = match rest.strip_prefix('{') {
            Some(inner) => {
                let name = name_at(inner);
                if name.is_empty() || !inner[name.len()..].starts_with('}') {
                    return Err(self.syntax(dollar));
                }
                (name, name.len() + 3)
            }
            None => {
                let name = name_at(rest);
                (name, name.len() + 1)
            }
        };
        if name.is_empty() {
            // A lone `$` is itself; `$(`, `$?`, `$1` and the like want a shell.
            return match rest.chars().next() {
                Some(c) if "(?$!@*#-".contains(c) || c.is_ascii_digit() => Err(self.syntax(dollar)),
                _ => {
                    self.push('$');
                    Ok(())
                }
            };
        }
        let value = match self.variables.get(name) {
            Some(Some(value)) => value.clone(),
            Some(None) => return Err(Refusal::NoValueYet(name.to_string())),
            None => {
                let known = self.variables.keys().map(String::as_str);
                return Err(Refusal::UnknownVariable {
                    name: name.to_string(),
                    similar: nearest(name, known).map(str::to_string),
                });
            }
        };
        self.word().text.push_str(&value);
        self.at += length;
        Ok(())
    }

    fn begins_home(&self) -> bool {
        let next = self.line[self.at + 1..self.end].chars().next();
        matches!(next, None | Some(' ' | '\t' | '/'))
    }

    fn syntax(&self, at: usize) -> Refusal {
        let rest = &self.line[at..self.end];
        let known = ["&&", "||", ">>", "<<", ">&", "&>", "$("];
        let operator = known
            .into_iter()
            .find(|operator| rest.starts_with(operator))
            .map(str::to_string)
            .or_else(|| {
                let length = if rest.starts_with('$') { 2 } else { 1 };
                Some(rest.chars().take(length).collect())
            })
            .unwrap_or_default();
        Refusal::ShellSyntax {
            at,
            operator,
            suggestion: None,
        }
    }
}

/// The name of a variable at the start of `text`, or nothing.
pub(super) fn name_at(text: &str) -> &str {
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let end = text.find(|c| !is_name(c)).unwrap_or(text.len());
    if text.starts_with(|c: char| c.is_ascii_digit()) {
        ""
    } else {
        &text[..end]
    }
}

#[cfg(test)]
mod tests;
