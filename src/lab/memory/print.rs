//! How the docker CLI prints: tables, `-q`, `--filter`, and the `{{.Path}}` of
//! `--format`. Templates that do more than name a field are refused.

use serde_json::Value;

use crate::shell::docker::Parsed;

/// docker's own: three spaces between columns, none narrower than ten.
const GAP: usize = 3;
const NARROWEST: usize = 10;

/// Rows under a header. The first column is the id that `-q` prints.
pub struct Table {
    pub header: &'static [&'static str],
    pub rows: Vec<Vec<String>>,
}

impl Table {
    /// The rows as the flags of an `ls` or `ps` want them, or why not.
    pub fn print(mut self, parsed: &Parsed) -> Result<String, String> {
        for filter in parsed.values("filter") {
            self.filter(filter)?;
        }
        if parsed.has("quiet") {
            let ids = self.rows.iter().map(|row| first_word(&row[0]) + "\n");
            return Ok(ids.collect());
        }
        match parsed.value("format") {
            None => Ok(self.text()),
            Some(template) => self
                .rows
                .iter()
                .map(|row| Ok(fill(template, &self.as_json(row))? + "\n"))
                .collect(),
        }
    }

    /// `name=web` keeps the rows whose NAME begins so, as Docker has it.
    fn filter(&mut self, filter: &str) -> Result<(), String> {
        let (key, value) = filter
            .split_once('=')
            .ok_or_else(|| format!("invalid argument \"{filter}\" for \"-f, --filter\" flag: bad format of filter (expected name=value)"))?;
        let wanted = key.replace('-', " ").to_uppercase();
        let column = self
            .header
            .iter()
            .position(|name| *name == wanted || (*name == "HOSTNAME" && wanted == "NAME"))
            .ok_or_else(|| format!("Error response from daemon: invalid filter '{key}'"))?;
        self.rows.retain(|row| {
            let cell = row[column].trim_start_matches(" \\_ ");
            match wanted.as_str() {
                "NAME" | "ID" => cell.starts_with(value),
                _ => cell.eq_ignore_ascii_case(value),
            }
        });
        Ok(())
    }

    /// `MANAGER STATUS` is `.ManagerStatus` in a template.
    fn as_json(&self, row: &[String]) -> Value {
        let key = |header: &str| match header {
            "ID" | "CONTAINER ID" | "NETWORK ID" | "IMAGE ID" => "ID".to_owned(),
            "NAMES" => "Names".to_owned(),
            other => other.split(' ').map(capitalized).collect(),
        };
        let fields = self
            .header
            .iter()
            .zip(row)
            .map(|(header, cell)| (key(header), Value::String(cell.clone())));
        Value::Object(fields.collect())
    }

    fn text(&self) -> String {
        let header: Vec<String> = self.header.iter().map(|name| (*name).to_owned()).collect();
        let lines: Vec<&Vec<String>> = std::iter::once(&header).chain(&self.rows).collect();
        let widths: Vec<usize> = (0..header.len())
            .map(|column| {
                let widest = lines.iter().map(|row| row[column].chars().count()).max();
                (widest.unwrap_or(0) + GAP).max(NARROWEST)
            })
            .collect();
        let mut text = String::new();
        for row in lines {
            let cells: String = row
                .iter()
                .zip(&widths)
                .map(|(cell, &width)| format!("{cell:width$}"))
                .collect();
            text.push_str(cells.trim_end());
            text.push('\n');
        }
        text
    }
}

/// A template with the fields it names put in.
pub fn fill(template: &str, value: &Value) -> Result<String, String> {
    let mut text = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("{{") {
        text.push_str(before);
        let (inside, after) = after
            .split_once("}}")
            .ok_or("template parsing error: template: :1: unclosed action")?;
        let (as_json, path) = match inside.trim().strip_prefix("json ") {
            Some(path) => (true, path.trim()),
            None => (false, inside.trim()),
        };
        let plain = |c: char| c.is_alphanumeric() || c == '.' || c == '_';
        if !path.starts_with('.') || !path.chars().all(plain) {
            return Err(format!(
                "template parsing error: the lab in memory knows only {{{{.Field}}}}, not {{{{{inside}}}}}"
            ));
        }
        let mut found = value;
        for name in path.split('.').filter(|name| !name.is_empty()) {
            found = found.get(name).ok_or_else(|| {
                format!("template parsing error: template: :1: map has no entry for key \"{name}\"")
            })?;
        }
        match found {
            Value::String(string) if !as_json => text.push_str(string),
            other => text.push_str(&other.to_string()),
        }
        rest = after;
    }
    text.push_str(rest);
    Ok(text)
}

/// What `inspect` prints of the things it found: an array, or each through the
/// template.
pub fn inspected(parsed: &Parsed, found: &[Value]) -> Result<String, String> {
    match parsed.value("format") {
        Some(template) => found
            .iter()
            .map(|value| Ok(fill(template, value)? + "\n"))
            .collect(),
        None => {
            let all = Value::Array(found.to_vec());
            Ok(serde_json::to_string_pretty(&all).unwrap_or_default() + "\n")
        }
    }
}

/// The first twelve letters of an id, as tables show it.
pub fn short(id: &str) -> String {
    let id = id.rsplit(':').next().unwrap_or(id);
    id.chars().take(12).collect()
}

fn first_word(cell: &str) -> String {
    cell.split(' ').next().unwrap_or_default().to_owned()
}

/// `MANAGER` -> `Manager`
pub fn capitalized(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or(String::new(), |first| {
        first
            .to_uppercase()
            .chain(letters.flat_map(char::to_lowercase))
            .collect()
    })
}
