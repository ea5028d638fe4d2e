//! `docker.txt` read into data. The file is ours and read once, so a slip in
//! it is a panic that the first test meets.

/// A subcommand of docker.
#[derive(Clone, Debug)]
pub struct Subcommand {
    /// Its names without `docker`; the first is the one we use.
    pub names: Vec<Vec<&'static str>>,
    /// What follows the flags.
    pub positionals: Vec<Positional>,
    /// Its flags.
    pub flags: Vec<Flag>,
}

/// A flag of a subcommand.
#[derive(Clone, Debug)]
pub struct Flag {
    /// `-d` is `d`.
    pub short: Option<char>,
    /// Without dashes.
    pub long: &'static str,
    /// What value it takes; `None`: a switch.
    pub value: Option<Value>,
}

/// What a flag's value may be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// Anything.
    Any,
    /// A thing of this kind.
    Of(Kind),
    /// One of these words.
    OneOf(Vec<&'static str>),
}

/// A word after the flags.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Positional {
    /// What it names.
    pub kind: Kind,
    /// Its word in a usage line.
    pub word: &'static str,
    /// Not in brackets.
    pub required: bool,
    /// `...`
    pub many: bool,
}

/// What a word names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A node of the swarm, by hostname.
    Node,
    /// A service.
    Service,
    /// `SERVICE=REPLICAS`
    ServiceReplicas,
    /// An image.
    Image,
    /// A stack.
    Stack,
    /// A network.
    Network,
    /// A secret.
    Secret,
    /// A config.
    Config,
    /// A container; on the host, one of the lab.
    Container,
    /// `worker` or `manager`
    Role,
    /// A command and its words.
    Command,
    /// Anything else.
    Other,
}

impl Kind {
    fn of(word: &str) -> Kind {
        match word {
            "NODE" => Kind::Node,
            "SERVICE" => Kind::Service,
            "SERVICE=REPLICAS" => Kind::ServiceReplicas,
            "IMAGE" => Kind::Image,
            "STACK" => Kind::Stack,
            "NETWORK" => Kind::Network,
            "SECRET" => Kind::Secret,
            "CONFIG" => Kind::Config,
            "CONTAINER" => Kind::Container,
            "ROLE" => Kind::Role,
            "COMMAND" => Kind::Command,
            _ => Kind::Other,
        }
    }
}

impl Subcommand {
    /// The name we use, e.g. `["service", "ls"]`.
    pub fn name(&self) -> &[&'static str] {
        &self.names[0]
    }

    /// Whether this is one of its names.
    pub fn is_called(&self, path: &[&str]) -> bool {
        self.names.iter().any(|name| name == path)
    }

    /// `docker service create [OPTIONS] IMAGE [COMMAND...]`
    pub fn usage(&self) -> String {
        let mut usage = format!("docker {}", self.name().join(" "));
        if !self.flags.is_empty() {
            usage.push_str(" [OPTIONS]");
        }
        for positional in &self.positionals {
            let dots = if positional.many { "..." } else { "" };
            let word = format!("{}{dots}", positional.word);
            usage.push(' ');
            match positional.required {
                true => usage.push_str(&word),
                false => usage.push_str(&format!("[{word}]")),
            }
        }
        usage
    }

    /// The kind of the positional with this index.
    pub fn kind(&self, index: usize) -> Option<&Kind> {
        let last = self.positionals.last().filter(|last| last.many);
        self.positionals
            .get(index)
            .or(last)
            .map(|positional| &positional.kind)
    }

    /// How many positionals stand before a COMMAND; `None`: it takes no COMMAND.
    pub fn positionals_before_command(&self) -> Option<usize> {
        self.positionals
            .iter()
            .position(|positional| positional.kind == Kind::Command)
    }

    /// Whether so many positionals and words of a COMMAND are right.
    pub fn takes(&self, positionals: usize, rest: usize) -> bool {
        let plain = |one: &&Positional| one.kind != Kind::Command;
        let least = self.positionals.iter().filter(plain);
        let least = least.filter(|one| one.required).count();
        let most = self.positionals.iter().filter(plain).count();
        let many = self.positionals.iter().filter(plain).any(|one| one.many);
        let command = self
            .positionals
            .iter()
            .any(|one| one.kind == Kind::Command && one.required);
        positionals >= least && (many || positionals <= most) && (!command || rest > 0)
    }
}

/// Reads the table.
pub(super) fn read(table: &'static str) -> Vec<Subcommand> {
    let mut subcommands: Vec<Subcommand> = Vec::new();
    for line in table.lines() {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if line.starts_with(' ') {
            let last = subcommands
                .last_mut()
                .expect("flags follow their subcommand");
            last.flags.extend(line.split_whitespace().map(flag));
        } else {
            let (names, positionals) = line.split_once(": ").unwrap_or((line, ""));
            subcommands.push(Subcommand {
                names: names
                    .split(", ")
                    .map(|name| name.split(' ').collect())
                    .collect(),
                positionals: positionals.split_whitespace().map(positional).collect(),
                flags: Vec::new(),
            });
        }
    }
    subcommands
}

fn positional(text: &'static str) -> Positional {
    let inner = text.strip_prefix('[').and_then(|t| t.strip_suffix(']'));
    let word = inner.unwrap_or(text);
    let single = word.strip_suffix("...");
    let word = single.unwrap_or(word);
    Positional {
        kind: Kind::of(word),
        word,
        required: inner.is_none(),
        many: single.is_some(),
    }
}

fn flag(text: &'static str) -> Flag {
    let (short, long) = match text.split_once(",--") {
        Some((short, long)) => (short.chars().nth(1), long),
        None => (None, text.trim_start_matches('-')),
    };
    let (long, value) = match long.split_once('=') {
        None => (long, None),
        Some((long, "")) => (long, Some(Value::Any)),
        Some((long, words)) if words.chars().all(|c| c.is_ascii_uppercase()) => {
            (long, Some(Value::Of(Kind::of(words))))
        }
        Some((long, words)) => (long, Some(Value::OneOf(words.split('|').collect()))),
    };
    Flag { short, long, value }
}
