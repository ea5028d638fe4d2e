//! The tables of `docker ps`, `docker images` and their like: rows of the lab,
//! filtered, in Docker's columns or in those of a template.

use crate::lab::{ImageRow, PsRow};
use crate::model::ContainerState;
use crate::shell::listing::{Column, Filter, Format, Listed, Listing, Piece, Status};
use crate::terminal::columns;

/// `docker ps`
pub fn containers(rows: &[PsRow], listing: &Listing, width: usize) -> String {
    let by_status = listing
        .filters
        .iter()
        .any(|one| matches!(one, Filter::Status(_)));
    let everything = listing.all || by_status || listing.newest.is_some();
    let mut rows: Vec<&PsRow> = rows
        .iter()
        .filter(|row| everything || runs(row))
        .filter(|row| passes(&listing.filters, |filter| container_passes(row, filter)))
        .collect();
    if let Some(count) = listing.newest {
        rows.sort_by_key(|row| row.age.unwrap_or(i64::MAX));
        rows.truncate(count);
    }
    let usual = [
        vec![
            Column::Id,
            Column::Image,
            Column::Command,
            Column::RunningFor,
            Column::Status,
            Column::Ports,
            Column::Names,
        ],
        vec![
            Column::Id,
            Column::Image,
            Column::Status,
            Column::Ports,
            Column::Names,
        ],
        vec![Column::Id, Column::Status, Column::Ports, Column::Names],
        vec![Column::Id, Column::Image, Column::Status, Column::Names],
    ];
    print(Listed::Containers, listing, &rows, &usual, width)
}

/// `docker compose ps`
pub fn services(rows: &[PsRow], listing: &Listing, width: usize) -> String {
    let by_status = listing
        .filters
        .iter()
        .any(|one| matches!(one, Filter::Status(_)));
    let rows: Vec<&PsRow> = rows
        .iter()
        .filter(|row| listing.all || by_status || runs(row))
        .filter(|row| listing.names.is_empty() || listing.names.contains(&row.name))
        .filter(|row| passes(&listing.filters, |filter| container_passes(row, filter)))
        .collect();
    if listing.services {
        return rows.iter().map(|row| format!("{}\n", row.name)).collect();
    }
    let usual = [
        vec![
            Column::Name,
            Column::Image,
            Column::Command,
            Column::Service,
            Column::RunningFor,
            Column::Status,
            Column::Ports,
        ],
        vec![
            Column::Name,
            Column::Image,
            Column::Service,
            Column::Status,
            Column::Ports,
        ],
        vec![Column::Name, Column::Service, Column::Status, Column::Ports],
        vec![Column::Name, Column::Image, Column::Service, Column::Status],
    ];
    print(Listed::Services, listing, &rows, &usual, width)
}

/// `docker images`
pub fn images(rows: &[ImageRow], listing: &Listing, width: usize) -> String {
    let rows: Vec<&ImageRow> = rows
        .iter()
        .filter(|row| passes(&listing.filters, |filter| image_passes(row, filter)))
        .collect();
    let usual = [
        vec![
            Column::Repository,
            Column::Tag,
            Column::Id,
            Column::CreatedSince,
            Column::Size,
        ],
        vec![Column::Repository, Column::Tag, Column::Id, Column::Size],
        vec![Column::Repository, Column::Tag, Column::Size],
    ];
    print(Listed::Images, listing, &rows, &usual, width)
}

/// `docker network ls`: rows are `(id, name)`.
pub fn networks(rows: &[(String, String)], listing: &Listing, width: usize) -> String {
    let rows: Vec<&(String, String)> = rows
        .iter()
        .filter(|row| passes(&listing.filters, |filter| network_passes(row, filter)))
        .collect();
    let usual = [Listed::Networks.columns().to_vec()];
    print(Listed::Networks, listing, &rows, &usual, width)
}

/// A row's cells.
trait Row {
    fn cell(&self, column: Column) -> String;
}

impl Row for PsRow {
    fn cell(&self, column: Column) -> String {
        match column {
            Column::Id => self.id.clone(),
            Column::Name | Column::Names | Column::Service => self.name.clone(),
            Column::Image => self.image.clone(),
            Column::Command => format!("\"{}\"", self.command),
            Column::RunningFor => ago(self.age),
            Column::Status => self.status.clone(),
            Column::State => status_of(self.state).word().to_owned(),
            Column::Ports => self.ports.clone(),
            _ => String::new(),
        }
    }
}

impl Row for ImageRow {
    fn cell(&self, column: Column) -> String {
        match column {
            Column::Id => self.id.clone(),
            Column::Repository => self.repository.clone(),
            Column::Tag => self.tag.clone(),
            Column::CreatedSince => ago(self.age),
            Column::Size => size(self.size),
            _ => String::new(),
        }
    }
}

impl Row for (String, String) {
    fn cell(&self, column: Column) -> String {
        match column {
            Column::Id => self.0.clone(),
            Column::Name => self.1.clone(),
            Column::Driver => "bridge".to_owned(),
            Column::Scope => "local".to_owned(),
            _ => String::new(),
        }
    }
}

/// Rows as asked for. Of the usual tables the first that fits is shown, and
/// where ports are what makes it too wide, with fewer of those.
fn print<R: Row>(
    listed: Listed,
    listing: &Listing,
    rows: &[&R],
    usual: &[Vec<Column>],
    width: usize,
) -> String {
    let id = |row: &R| match listing.whole {
        true => row.cell(Column::Id),
        false => short(&row.cell(Column::Id)),
    };
    let cell = |row: &R, column: Column| match column {
        Column::Id => id(row),
        other => row.cell(other),
    };
    if listing.quiet {
        return rows.iter().map(|row| id(row) + "\n").collect();
    }
    let all = |row: &R| {
        let fields = listed.columns().iter();
        let fields = fields.map(|column| (column.field().to_owned(), cell(row, *column).into()));
        serde_json::Value::Object(fields.collect()).to_string()
    };
    let filled = |row: &R, pieces: &[Piece]| -> String {
        let piece = |piece: &Piece| match piece {
            Piece::Text(text) => text.clone(),
            Piece::Field(column) => cell(row, *column),
            Piece::Quoted(column) => serde_json::Value::from(cell(row, *column)).to_string(),
            Piece::All => all(row),
        };
        pieces.iter().map(piece).collect()
    };
    match &listing.format {
        Format::Json => rows.iter().map(|row| all(row) + "\n").collect(),
        Format::Lines(pieces) => rows.iter().map(|row| filled(row, pieces) + "\n").collect(),
        Format::Table(pieces) => {
            let head = |piece: &Piece| match piece {
                Piece::Text(text) => text.clone(),
                Piece::Field(column) | Piece::Quoted(column) => column.header(listed).to_owned(),
                Piece::All => String::new(),
            };
            let head: String = pieces.iter().map(head).collect();
            let head: Vec<&str> = head.split('\t').collect();
            let rows: Vec<Vec<String>> = rows
                .iter()
                .map(|row| filled(row, pieces).split('\t').map(str::to_owned).collect())
                .collect();
            columns(&head, &rows)
        }
        Format::Usual => {
            let table = |shown: &[Column], ports: fn(&str) -> String| {
                let head: Vec<&str> = shown.iter().map(|column| column.header(listed)).collect();
                let line = |row: &&R| -> Vec<String> {
                    let cells = shown.iter().map(|column| match column {
                        Column::Ports => ports(&cell(row, *column)),
                        other => cell(row, *other),
                    });
                    cells.collect()
                };
                columns(&head, &rows.iter().map(line).collect::<Vec<_>>())
            };
            let fits = |table: &String| table.lines().all(|line| line.chars().count() <= width);
            for shown in usual {
                let narrower: &[fn(&str) -> String] = match shown == &usual[0] {
                    true => &[str::to_owned],
                    false => &[published, first_published],
                };
                let mut tables = narrower.iter().map(|ports| table(shown, *ports));
                if let Some(table) = tables.find(fits) {
                    return table;
                }
            }
            usual
                .last()
                .map(|shown| table(shown, first_published))
                .unwrap_or_default()
        }
    }
}

fn published(ports: &str) -> String {
    let published: Vec<&str> = ports
        .split(", ")
        .filter(|port| port.contains("->"))
        .collect();
    published.join(", ")
}

fn first_published(ports: &str) -> String {
    match published(ports).split_once(", ") {
        Some((first, _)) => format!("{first}, …"),
        None => published(ports),
    }
}

fn status_of(state: ContainerState) -> Status {
    match state {
        ContainerState::Missing | ContainerState::Created => Status::Created,
        ContainerState::Running => Status::Running,
        ContainerState::Paused => Status::Paused,
        ContainerState::Exited(_) => Status::Exited,
    }
}

fn runs(row: &PsRow) -> bool {
    matches!(
        status_of(row.state),
        Status::Running | Status::Paused | Status::Restarting
    )
}

/// Of one kind any may hold, and of each kind one has to.
fn passes(filters: &[Filter], holds: impl Fn(&Filter) -> bool) -> bool {
    let same_kind =
        |one: &Filter, other: &Filter| std::mem::discriminant(one) == std::mem::discriminant(other);
    filters.iter().all(|filter| {
        let alike = filters.iter().filter(|other| same_kind(filter, other));
        alike.into_iter().any(&holds)
    })
}

fn container_passes(row: &PsRow, filter: &Filter) -> bool {
    match filter {
        Filter::Name(part) => holds_part(&row.name, part),
        Filter::Id(start) => row.id.starts_with(start.as_str()),
        Filter::Status(status) => status_of(row.state) == *status,
        Filter::Ancestor(image) => {
            let named = |image: &str| crate::model::compose::with_tag(image);
            named(image) == named(&row.image)
        }
        Filter::Reference(_) | Filter::Driver(_) | Filter::Scope(_) => false,
    }
}

fn image_passes(row: &ImageRow, filter: &Filter) -> bool {
    match filter {
        Filter::Reference(pattern) => {
            let whole = format!("{}:{}", row.repository, row.tag);
            matches(pattern, &row.repository) || matches(pattern, &whole)
        }
        _ => false,
    }
}

fn network_passes(row: &(String, String), filter: &Filter) -> bool {
    match filter {
        Filter::Name(part) => holds_part(&row.1, part),
        Filter::Id(start) => row.0.starts_with(start.as_str()),
        Filter::Driver(driver) => driver == "bridge",
        Filter::Scope(scope) => scope == "local",
        _ => false,
    }
}

/// A part of a name, where `^` and `$` stand for its ends as in the regular
/// expression that Docker takes this for.
fn holds_part(name: &str, part: &str) -> bool {
    let begins = part.strip_prefix('^');
    // Docker's own names begin with a slash.
    let part = begins.unwrap_or(part).trim_start_matches('/');
    match (begins.is_some(), part.strip_suffix('$')) {
        (true, Some(whole)) => name == whole,
        (true, None) => name.starts_with(part),
        (false, Some(end)) => name.ends_with(end),
        (false, None) => name.contains(part),
    }
}

/// A pattern in which `*` stands for any letters but `/`.
fn matches(pattern: &str, name: &str) -> bool {
    let Some((before, after)) = pattern.split_once('*') else {
        return pattern == name;
    };
    let Some(rest) = name.strip_prefix(before) else {
        return false;
    };
    let reach = rest.find('/').unwrap_or(rest.len());
    let ends = (0..=reach).filter(|at| rest.is_char_boundary(*at));
    ends.into_iter().any(|at| matches(after, &rest[at..]))
}

fn short(id: &str) -> String {
    let hex = id.rsplit(':').next().unwrap_or(id);
    hex.chars().take(12).collect()
}

/// Docker's words for an age (`units.HumanDuration`); `N/A` where it is not told.
fn ago(age: Option<i64>) -> String {
    let Some(seconds) = age else {
        return "N/A".to_owned();
    };
    let (minutes, hours) = (seconds / 60, (seconds + 1800) / 3600);
    let (days, weeks) = (hours / 24, hours / 24 / 7);
    let words = match (seconds, minutes, hours, days) {
        (..1, ..) => "Less than a second".to_owned(),
        (1, ..) => "1 second".to_owned(),
        (..60, ..) => format!("{seconds} seconds"),
        (_, 1, ..) => "About a minute".to_owned(),
        (_, ..60, ..) => format!("{minutes} minutes"),
        (_, _, 1, _) => "About an hour".to_owned(),
        (_, _, ..48, _) => format!("{hours} hours"),
        (.., ..14) => format!("{days} days"),
        (.., ..60) => format!("{weeks} weeks"),
        (.., ..730) => format!("{} months", days / 30),
        _ => format!("{} years", days / 365),
    };
    words + " ago"
}

/// Docker's words for a size: three digits, powers of ten.
fn size(bytes: i64) -> String {
    let mut size = bytes.max(0) as f64;
    let units = ["B", "kB", "MB", "GB", "TB"];
    let mut unit = 0;
    while size >= 1000.0 && unit + 1 < units.len() {
        size /= 1000.0;
        unit += 1;
    }
    let digits = match (size, unit) {
        (_, 0) => 0,
        (..10.0, _) => 2,
        (..100.0, _) => 1,
        _ => 0,
    };
    format!("{size:.digits$}{}", units[unit])
}

#[cfg(test)]
mod tests;
