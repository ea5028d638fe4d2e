//! What can be wrong with a lesson, as data. The sentences are in
//! `words::problem`.

use std::ops::Range;

/// A problem of a file, with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The file as it was named to the reader.
    pub file: String,
    /// Bytes of the original file. Empty where only the line is known.
    pub span: Range<usize>,
    /// 1-based.
    pub line: usize,
    /// 1-based, in characters.
    pub column: usize,
    /// Whether the lesson can be used all the same.
    pub severity: Severity,
    /// What it is.
    pub kind: ProblemKind,
}

/// How bad a problem is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The lesson can be used; something in it is probably not as meant, or was mended.
    Warning,
    /// The lesson must not be used like this.
    Error,
}

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProblemKind {
    /// The file is larger than a lesson may be: the limit in bytes.
    TooLarge(usize),
    /// Bytes that are not UTF-8.
    NotUtf8,
    /// A NUL byte: not a text.
    Binary,
    /// There is nothing to read in the file.
    Empty,
    /// A control character, or one that reverses the direction of text unseen.
    ControlCharacter(char),
    /// Lists or quotes nested deeper than the limit.
    TooDeep(usize),
    /// More steps than the limit.
    TooManySteps(usize),
    /// More problems than are listed.
    TooManyProblems(usize),
    /// `---` at the top without a second one.
    FrontMatterNotClosed,
    /// Not a format that this program reads.
    UnknownFormat(String),

    /// Not YAML.
    Yaml(YamlFault),
    /// A key that is not known here.
    UnknownKey {
        /// The key.
        key: String,
        /// Where it stands.
        place: Place,
        /// A known key that is spelt alike.
        similar: Option<String>,
        /// The keys that are known.
        known: Vec<&'static str>,
    },
    /// A key that must be there.
    MissingKey {
        /// The key.
        key: &'static str,
        /// Where it is missing.
        place: Place,
    },
    /// A value of another kind than the key takes.
    WrongValue {
        /// The key.
        key: String,
        /// What it takes.
        expected: Expected,
        /// What stands there, shortened.
        found: String,
    },

    /// Neither an H1 nor a `title`.
    NoTitle,
    /// A second H1.
    SecondTitle {
        /// Line of the first.
        first_line: usize,
    },
    /// A heading without a text.
    EmptyHeading,
    /// A step without `<!-- step: ID -->`.
    StepIdMissing {
        /// The id it has without one.
        id: String,
    },
    /// Two steps with one id.
    DuplicateStepId {
        /// The id.
        id: String,
        /// Line of the first.
        first_line: usize,
    },
    /// `<!-- step: -->` that does not follow a heading.
    MisplacedStepId,
    /// A comment that is almost a directive.
    NearMissDirective {
        /// Its first word.
        found: String,
        /// The directive, as it is written.
        meant: &'static str,
    },

    /// `<!--` without `-->`: the rest of the file is hidden.
    UnclosedComment,
    /// A fence that is never closed.
    UnclosedFence,
    /// An annotated fence in a list or quote.
    FenceNested(String),
    /// An annotated fence in `<details>`.
    FenceInDetails(String),
    /// A word of a `console` info string that is not known.
    UnknownFenceWord {
        /// The word.
        word: String,
        /// A known one that is spelt alike.
        similar: Option<&'static str>,
    },
    /// An info string that is almost an annotation.
    NearMissFence {
        /// The info string.
        found: String,
        /// What was probably meant.
        meant: String,
    },
    /// `$ ` commands in a fence that is only shown.
    CommandsNotConsole {
        /// Its language; empty: none.
        language: String,
    },
    /// A second compose fence.
    SecondCompose {
        /// Line of the first.
        first_line: usize,
    },
    /// A `file=` path that leaves the lab's folder, or is taken.
    BadPath {
        /// The path.
        path: String,
        /// Why.
        fault: PathFault,
    },

    /// Text right after `</summary>`, without a blank line.
    DetailsNoBlankLine,
    /// `<details>` without `</details>`.
    DetailsNotClosed,
    /// `</details>` without `<details>`.
    DetailsNotOpened,
    /// `<details>` without `<summary>`.
    DetailsNoSummary,

    /// A console fence without a line that begins `$ `.
    NoCommand,
    /// A line that begins `> ` or `# `.
    RefusedPrompt(char),
    /// `<<` in a command.
    Heredoc,
    /// The last line of a fence ends in `\`.
    UnfinishedCommand,
    /// Blanks after a `\` that was to join two lines.
    SpaceAfterBackslash,
    /// A variable that the program does not have.
    UnknownVariable {
        /// Its name without `$`.
        name: String,
        /// One that is spelt alike.
        similar: Option<&'static str>,
    },

    /// `<!-- quiz -->` without a task list after it.
    QuizNoList,
    /// A quiz with fewer than two answers.
    QuizTooFew,
    /// A quiz without a right answer.
    QuizNoneRight,
    /// An item of a quiz without `[ ]` or `[x]`.
    QuizItemNoBox,

    /// A check fence without a check.
    EmptyCheck,
    /// A check without a kind key.
    NoKind {
        /// A kind spelt like the first key.
        similar: Option<&'static str>,
    },
    /// A check with two kind keys.
    TwoKinds {
        /// The first.
        first: &'static str,
        /// The second.
        second: &'static str,
    },
    /// `stable_for` beyond its limit.
    StableTooLong {
        /// The limit in seconds.
        seconds: u64,
    },
    /// `within` is shorter than `stable_for`.
    WithinTooShort,
    /// A field beside `exists: false`.
    FieldOfNothing(String),
    /// `replicas` of a global service.
    ReplicasOfGlobal,
    /// `ran:` with the `docker exec` still in front.
    RanWrapped,
    /// A node that the compose file does not have.
    UnknownNode {
        /// As written.
        name: String,
        /// One that is spelt alike.
        similar: Option<String>,
    },
    /// `yaml mistake` in a step without a check.
    MistakeWithoutCheck,
    /// A step with commands and no check.
    CommandsWithoutCheck,
    /// A step with checks and no command.
    CheckWithoutCommands,

    /// The compose file.
    Compose(ComposeFault),

    /// Two lessons of a course with one id.
    DuplicateLessonId {
        /// The id.
        id: String,
        /// The other file.
        other: String,
    },
    /// `requires` names nothing of the course.
    UnknownRequirement {
        /// As written.
        name: String,
        /// One that is spelt alike.
        similar: Option<String>,
    },
    /// Lessons that require each other in a ring.
    RequirementRing(Vec<String>),
    /// A file of a course without `format: 1`.
    NotAnnotated,

    /// There is no file of this name in the other language.
    TwinMissing {
        /// Where it was looked for.
        other: String,
    },
    /// Twins that do not have the same steps in the same order.
    TwinSteps {
        /// The other file.
        other: String,
        /// The step's id here; `None`: missing here.
        here: Option<String>,
        /// The step's id there; `None`: missing there.
        there: Option<String>,
    },
    /// A step of a twin has no id of its own, so that the two can't be matched.
    TwinStepUnnamed {
        /// The other file.
        other: String,
    },
    /// Something else that must be the same in twins.
    TwinDiffers {
        /// The other file.
        other: String,
        /// What.
        part: TwinPart,
        /// What stands here, shortened.
        here: String,
        /// What stands there, shortened.
        there: String,
    },
}

/// Where a key stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The front matter.
    FrontMatter,
    /// A check of this kind.
    Check(&'static str),
    /// A `yaml mistake`.
    Mistake,
    /// The compose file's top.
    ComposeFile,
    /// A service of the compose file.
    ComposeService,
}

/// What a key takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// A text.
    Text,
    /// A text or a list of texts.
    Texts,
    /// `true` or `false`.
    Boolean,
    /// A whole number between these two.
    Number(u64, u64),
    /// A number or a list of names.
    NumberOrNames,
    /// A mapping of keys to texts.
    Mapping,
    /// A list.
    List,
    /// `500ms`, `10s`, `2m`, at most so many seconds.
    Duration(u64),
    /// One of these.
    OneOf(&'static [&'static str]),
    /// `[a-z0-9-]+`
    Id,
    /// `lesson` or `lesson/step`.
    Requirement,
    /// An image's name.
    Image,
    /// `REPO:TAG`.
    Tagged,
    /// `"PUBLISHED:TARGET"`.
    PortPair,
    /// `http://HOST[:PORT][/PATH]`.
    Url,
    /// A container's or service's name.
    Name,
}

/// What is wrong with a YAML text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum YamlFault {
    /// A tab where blanks are needed.
    Tab,
    /// A quote that is never closed.
    UnclosedQuote,
    /// A bracket that is never closed or closed by another one.
    UnclosedBracket,
    /// A line is indented otherwise than its neighbours.
    Indentation,
    /// `: ` inside a text without quotes.
    ColonInText,
    /// Something else, in the YAML reader's (English) words.
    Syntax(String),
    /// `&name`
    Anchor(String),
    /// `*name`
    Alias(String),
    /// `!tag`
    Tag(String),
    /// A key for the second time.
    DuplicateKey {
        /// The key.
        key: String,
        /// Line of the first.
        first_line: usize,
    },
    /// A key that is a list or a mapping.
    KeyNotText,
    /// A second document.
    SecondDocument,
    /// Nested deeper than the limit.
    TooDeep(usize),
    /// More values than the limit.
    TooBig(usize),
}

/// Why a path is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PathFault {
    /// None is given.
    Empty,
    /// It begins with `/`, `~` or a drive.
    Absolute,
    /// It has a `..`.
    Parent,
    /// The program's own file lies there.
    Reserved,
    /// A character that is not letter, digit, `.`, `_`, `-` or `/`.
    Character,
}

/// What is wrong with a compose file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ComposeFault {
    /// `services:` is missing or empty.
    NoServices,
    /// No service of a `docker:dind` image.
    NoNode,
    /// More services than the limit.
    TooManyServices(usize),
    /// Not a name for a container.
    BadServiceName(String),
    /// `container_name` or `hostname` is not the service's name.
    NameDiffers {
        /// Which key.
        key: &'static str,
        /// Its value.
        value: String,
        /// The service.
        service: String,
    },
    /// A service without `image`.
    NoImage(String),
    /// `privileged: true` on a service that is no node.
    PrivilegedHelper(String),
    /// Not `HOST:CONTAINER[/udp]`.
    BadPort(String),
    /// Published on another address than 127.0.0.1.
    PortAddress(String),
    /// A port of the host that is published twice.
    PortTwice(u16),
    /// Not `PORT[/udp]`.
    BadExpose(String),
    /// A mount of something else than a folder below the lab's.
    BadVolume {
        /// As written.
        volume: String,
        /// Why.
        fault: VolumeFault,
    },
    /// `depends_on` names no service.
    UnknownService {
        /// As written.
        name: String,
        /// One that is spelt alike.
        similar: Option<String>,
    },
    /// Services that depend on each other in a ring.
    DependencyRing(Vec<String>),
    /// A flag of `dockerd` that a lesson may not set.
    FlagRefused(String),
    /// A flag of `dockerd` without its value, or with one that is refused.
    FlagValue(String),
    /// `$` in a value; nothing is expanded.
    Variable(String),
    /// An environment variable that the lab sets itself.
    EnvironmentRefused(String),
    /// Not `NAME=VALUE`.
    BadEnvironment(String),
}

/// Why a volume is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VolumeFault {
    /// Not `./FOLDER:/TARGET[:ro]`.
    Shape,
    /// A named volume, or a source without `./`.
    Named,
    /// An absolute source.
    Absolute,
    /// A `..`.
    Parent,
    /// A target that the container needs for itself.
    Target,
}

/// What must be the same in twins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TwinPart {
    /// The lesson's id.
    Id,
    /// `requires`
    Requires,
    /// `images`
    Images,
    /// `needs`
    Needs,
    /// The compose file.
    Compose,
    /// Commands of the solution.
    Commands,
    /// Commands of `setup`.
    Setup,
    /// Commands of `cleanup`.
    Cleanup,
    /// Checks.
    Checks,
    /// Files.
    Files,
    /// Mistakes' commands.
    Mistakes,
    /// The number of hints.
    Hints,
    /// The shape of a quiz: how many answers, which are right.
    Quiz,
}

impl Problem {
    /// Whether it is an error.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}
