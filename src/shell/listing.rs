//! What `docker ps`, `docker images` and their like are asked for: which rows
//! (`--filter`), which columns (`--format`). Docker's templates are a whole
//! language; what is read here are its fields, `json` and `table`, and the rest
//! is refused by name.

use super::docker::Parsed;
use super::{Refusal, host};

/// What is listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listed {
    /// `docker ps`
    Containers,
    /// `docker compose ps`
    Services,
    /// `docker images`
    Images,
    /// `docker network ls`
    Networks,
}

/// A column of a listing: Docker's field of that name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    /// `.ID`
    Id,
    /// `.Names`, of a container
    Names,
    /// `.Name`
    Name,
    /// `.Image`
    Image,
    /// `.Command`
    Command,
    /// `.RunningFor`, since when a container exists
    RunningFor,
    /// `.CreatedSince`, of an image
    CreatedSince,
    /// `.Status`
    Status,
    /// `.State`
    State,
    /// `.Ports`
    Ports,
    /// `.Service`, of the compose file
    Service,
    /// `.Repository`
    Repository,
    /// `.Tag`
    Tag,
    /// `.Size`
    Size,
    /// `.Driver`
    Driver,
    /// `.Scope`
    Scope,
}

impl Column {
    /// As a template names it.
    pub fn field(self) -> &'static str {
        match self {
            Column::Id => "ID",
            Column::Names => "Names",
            Column::Name => "Name",
            Column::Image => "Image",
            Column::Command => "Command",
            Column::RunningFor => "RunningFor",
            Column::CreatedSince => "CreatedSince",
            Column::Status => "Status",
            Column::State => "State",
            Column::Ports => "Ports",
            Column::Service => "Service",
            Column::Repository => "Repository",
            Column::Tag => "Tag",
            Column::Size => "Size",
            Column::Driver => "Driver",
            Column::Scope => "Scope",
        }
    }

    /// As the head of a table has it.
    pub fn header(self, listed: Listed) -> &'static str {
        match (self, listed) {
            (Column::Id, Listed::Images) => "IMAGE ID",
            (Column::Id, Listed::Networks) => "NETWORK ID",
            (Column::Id, _) => "CONTAINER ID",
            (Column::Names, _) => "NAMES",
            (Column::Name, _) => "NAME",
            (Column::Image, _) => "IMAGE",
            (Column::Command, _) => "COMMAND",
            (Column::RunningFor | Column::CreatedSince, _) => "CREATED",
            (Column::Status, _) => "STATUS",
            (Column::State, _) => "STATE",
            (Column::Ports, _) => "PORTS",
            (Column::Service, _) => "SERVICE",
            (Column::Repository, _) => "REPOSITORY",
            (Column::Tag, _) => "TAG",
            (Column::Size, _) => "SIZE",
            (Column::Driver, _) => "DRIVER",
            (Column::Scope, _) => "SCOPE",
        }
    }
}

impl Listed {
    /// The columns there are, in the order of Docker's own table as far as that
    /// has them.
    pub fn columns(self) -> &'static [Column] {
        match self {
            Listed::Containers => &[
                Column::Id,
                Column::Image,
                Column::Command,
                Column::RunningFor,
                Column::Status,
                Column::Ports,
                Column::Names,
                Column::State,
            ],
            Listed::Services => &[
                Column::Name,
                Column::Image,
                Column::Command,
                Column::Service,
                Column::RunningFor,
                Column::Status,
                Column::Ports,
                Column::Id,
                Column::State,
            ],
            Listed::Images => &[
                Column::Repository,
                Column::Tag,
                Column::Id,
                Column::CreatedSince,
                Column::Size,
            ],
            Listed::Networks => &[Column::Id, Column::Name, Column::Driver, Column::Scope],
        }
    }

    fn filters(self) -> &'static [&'static str] {
        match self {
            Listed::Containers => &["name", "status", "id", "ancestor"],
            Listed::Services => &["status"],
            Listed::Images => &["reference"],
            Listed::Networks => &["name", "id", "driver", "scope"],
        }
    }
}

/// What is to be listed, and how.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// `-a`: those that don't run too.
    pub all: bool,
    /// `-q`: ids alone.
    pub quiet: bool,
    /// `--no-trunc`: ids whole.
    pub whole: bool,
    /// `--services`: the compose file's names alone.
    pub services: bool,
    /// `-n`, `-l`: so many of the newest, whether they run or not.
    pub newest: Option<usize>,
    /// `--format`
    pub format: Format,
    /// `--filter`, in order
    pub filters: Vec<Filter>,
    /// `docker compose ps NODE...`: these alone.
    pub names: Vec<String>,
    /// What stood behind the subcommand, as typed: the command log keeps it.
    pub words: Vec<String>,
}

/// How rows are shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// Docker's own table.
    #[default]
    Usual,
    /// `table TEMPLATE`
    Table(Vec<Piece>),
    /// `TEMPLATE`
    Lines(Vec<Piece>),
    /// `json`
    Json,
}

/// A piece of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// As it is.
    Text(String),
    /// `{{.Names}}`
    Field(Column),
    /// `{{json .Names}}`
    Quoted(Column),
    /// `{{json .}}`
    All,
}

/// Which rows are shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Filter {
    /// `name=`: a part of it; `^` and `$` stand for its ends.
    Name(String),
    /// `id=`: its beginning.
    Id(String),
    /// `status=`
    Status(Status),
    /// `ancestor=`: the image.
    Ancestor(String),
    /// `reference=`: an image, where `*` stands for anything but `/`.
    Reference(String),
    /// `driver=`
    Driver(String),
    /// `scope=`
    Scope(String),
}

/// Docker's words for the state of a container.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// `created`
    Created,
    /// `restarting`
    Restarting,
    /// `running`
    Running,
    /// `removing`
    Removing,
    /// `paused`
    Paused,
    /// `exited`
    Exited,
    /// `dead`
    Dead,
}

impl Status {
    const ALL: [(Status, &str); 7] = [
        (Status::Created, "created"),
        (Status::Restarting, "restarting"),
        (Status::Running, "running"),
        (Status::Removing, "removing"),
        (Status::Paused, "paused"),
        (Status::Exited, "exited"),
        (Status::Dead, "dead"),
    ];

    /// `running`
    pub fn word(self) -> &'static str {
        let found = Status::ALL.iter().find(|(status, _)| *status == self);
        found.map_or("", |(_, word)| word)
    }
}

/// What the flags of a listing command ask for.
pub(super) fn read(argv: &[&str], parsed: &Parsed, listed: Listed) -> Result<Listing, Refusal> {
    let command = host::parsed_name(parsed);
    let mut filters = Vec::new();
    for given in parsed.values("filter") {
        filters.push(filter(given, listed, &command)?);
    }
    for given in parsed.values("status") {
        filters.push(status(given, &command)?);
    }
    let newest = match (parsed.value("last"), parsed.has("latest")) {
        (_, true) => Some(1),
        // Docker takes any number below 0 for "all of them".
        (Some(count), false) => match count.parse::<i64>() {
            Ok(count) => usize::try_from(count).ok().filter(|count| *count > 0),
            Err(_) => return Err(Refusal::Usage(format!("{command} -n 2"))),
        },
        (None, false) => None,
    };
    Ok(Listing {
        words: argv[parsed.args_at..]
            .iter()
            .map(|word| (*word).to_owned())
            .collect(),
        names: Vec::new(),
        all: parsed.has("all"),
        quiet: parsed.has("quiet"),
        whole: parsed.has("no-trunc"),
        services: parsed.has("services"),
        newest,
        format: match parsed.value("format") {
            Some(text) => format(text, listed, &command)?,
            None => Format::Usual,
        },
        filters,
    })
}

fn filter(given: &str, listed: Listed, command: &str) -> Result<Filter, Refusal> {
    let (key, value) = given.split_once('=').unwrap_or((given, ""));
    if !listed.filters().contains(&key) {
        return Err(Refusal::FilterNotHere {
            command: command.to_owned(),
            filter: key.to_owned(),
            known: listed.filters().to_vec(),
        });
    }
    let value = value.to_owned();
    Ok(match key {
        "name" => Filter::Name(value),
        "id" => Filter::Id(value),
        "ancestor" => Filter::Ancestor(value),
        "reference" => Filter::Reference(value),
        "driver" => Filter::Driver(value),
        "scope" => Filter::Scope(value),
        _ => return status(&value, command),
    })
}

fn status(given: &str, command: &str) -> Result<Filter, Refusal> {
    let found = Status::ALL.iter().find(|(_, word)| *word == given);
    match found {
        Some((status, _)) => Ok(Filter::Status(*status)),
        None => Err(Refusal::FilterNotHere {
            command: command.to_owned(),
            filter: format!("status={given}"),
            known: Status::ALL.iter().map(|(_, word)| *word).collect(),
        }),
    }
}

fn format(text: &str, listed: Listed, command: &str) -> Result<Format, Refusal> {
    // Docker has `\t` and `\n` read by the template, since shells don't.
    let text = text.replace("\\t", "\t").replace("\\n", "\n");
    match text.trim() {
        "json" => Ok(Format::Json),
        "table" | "" | "pretty" => Ok(Format::Usual),
        _ => match text.strip_prefix("table ") {
            Some(template) => Ok(Format::Table(pieces(template, listed, command)?)),
            None => Ok(Format::Lines(pieces(&text, listed, command)?)),
        },
    }
}

fn pieces(template: &str, listed: Listed, command: &str) -> Result<Vec<Piece>, Refusal> {
    let refused = |field: &str| Refusal::FieldNotHere {
        command: command.to_owned(),
        field: field.to_owned(),
        known: listed.columns().iter().map(|one| one.field()).collect(),
    };
    let mut pieces = Vec::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("{{") {
        let Some((inside, after)) = after.split_once("}}") else {
            return Err(refused(&format!("{{{{{after}")));
        };
        if !before.is_empty() {
            pieces.push(Piece::Text(before.to_owned()));
        }
        let words: Vec<&str> = inside.split_whitespace().collect();
        let column = |field: &str| {
            let name = field.strip_prefix('.');
            let mut columns = listed.columns().iter().copied();
            columns
                .find(|column| Some(column.field()) == name)
                .ok_or_else(|| refused(&format!("{{{{{}}}}}", inside.trim())))
        };
        pieces.push(match words[..] {
            ["json", "."] => Piece::All,
            ["json", field] => Piece::Quoted(column(field)?),
            [field] => Piece::Field(column(field)?),
            _ => return Err(refused(&format!("{{{{{}}}}}", inside.trim()))),
        });
        rest = after;
    }
    if !rest.is_empty() {
        pieces.push(Piece::Text(rest.to_owned()));
    }
    Ok(pieces)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shell::docker::parse;

    fn got(line: &str, listed: Listed) -> Result<Listing, Refusal> {
        let words: Vec<String> = shlex::split(line).expect("a line of words");
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        read(
            &words,
            &parse(&words).expect("docker's grammar takes it"),
            listed,
        )
    }

    #[test]
    fn a_template_is_fields_and_text() {
        let format = |text: &str| {
            let line = format!("docker ps --format '{text}'");
            got(&line, Listed::Containers).map(|listing| listing.format)
        };
        assert_eq!(
            format("{{.Names}}: {{ .Status }}"),
            Ok(Format::Lines(vec![
                Piece::Field(Column::Names),
                Piece::Text(": ".into()),
                Piece::Field(Column::Status),
            ]))
        );
        assert_eq!(
            format("table {{.Names}}\\t{{.Ports}}"),
            Ok(Format::Table(vec![
                Piece::Field(Column::Names),
                Piece::Text("\t".into()),
                Piece::Field(Column::Ports),
            ]))
        );
        assert_eq!(format("json"), Ok(Format::Json));
        assert_eq!(format("table"), Ok(Format::Usual));
        assert_eq!(format("{{json .}}"), Ok(Format::Lines(vec![Piece::All])));
        assert_eq!(
            format("words"),
            Ok(Format::Lines(vec![Piece::Text("words".into())]))
        );
        for bad in [
            "{{.Nmaes}}",
            "{{.Names",
            "{{range .}}",
            "{{upper .Names}}",
            "{{.Label \"x\"}}",
            "{{}}",
        ] {
            assert!(
                matches!(format(bad), Err(Refusal::FieldNotHere { .. })),
                "{bad}"
            );
        }
    }

    #[test]
    fn filters_are_known_or_refused_by_name() {
        let listing = got(
            "docker ps -f name=worker --filter status=exited -n 3",
            Listed::Containers,
        )
        .expect("all of it is known");
        assert_eq!(
            listing.filters,
            [
                Filter::Name("worker".into()),
                Filter::Status(Status::Exited)
            ]
        );
        assert_eq!(listing.newest, Some(3));
        for bad in ["label=x", "status=asleep", "before=worker01", "nonsense"] {
            let line = format!("docker ps --filter {bad}");
            assert!(
                matches!(
                    got(&line, Listed::Containers),
                    Err(Refusal::FilterNotHere { .. })
                ),
                "{bad}"
            );
        }
    }
}
