//! Tables as docker prints them, for `docker ps`, `docker images` and
//! `docker compose ps` of ours.

use super::text::{clean, width};

/// docker's own: three spaces between columns, none narrower than ten.
const GAP: usize = 3;
const NARROWEST: usize = 10;

/// The table, each line with its line end. It is as wide as its cells need, as
/// docker's are; missing cells are empty.
pub fn columns(header: &[&str], rows: &[Vec<String>]) -> String {
    let header = header.iter().map(|name| (*name).to_owned()).collect();
    let table: Vec<Vec<String>> = std::iter::once(&header)
        .chain(rows)
        .map(|row: &Vec<String>| row.iter().map(|cell| clean(cell)).collect())
        .collect();
    let count = table.iter().map(Vec::len).max().unwrap_or(0);
    let widths: Vec<usize> = (0..count)
        .map(|column| {
            let cells = table.iter().filter_map(|row| row.get(column));
            let widest = cells.map(|cell| width(cell)).max().unwrap_or(0);
            (widest + GAP).max(NARROWEST)
        })
        .collect();
    let mut text = String::new();
    for row in &table {
        let mut line = String::new();
        for (cell, &columns) in row.iter().zip(&widths) {
            line.push_str(cell);
            line.extend(std::iter::repeat_n(' ', columns - width(cell)));
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_looks_like_dockers() {
        let rows = [
            vec!["manager".to_owned(), "docker:dind".into(), "Up".into()],
            vec!["워커".to_owned(), String::new(), "Exited\x1b[0m".into()],
        ];
        assert_eq!(
            columns(&["NAME", "IMAGE", "STATUS"], &rows),
            "NAME      IMAGE         STATUS\nmanager   docker:dind   Up\n워커                    Exited^[[0m\n"
        );
    }
}
