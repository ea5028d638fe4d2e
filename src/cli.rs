//! The command line: what there is, and where it goes.

use std::path::PathBuf;

use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::driver::{End, Failure, LangFrom, Options, Speed, headless, repl};
use crate::driver::{embedded, log, open_file};
use crate::progress::{Settings, Spare, Store};
use crate::terminal::{self, Look, Tone, tty};
use crate::words::{self, Lang};

/// The lab of who names none.
const DEFAULT_LAB: &str = "swarmlings";

/// Learn Docker Swarm at a prompt, on a real swarm of four nodes.
#[derive(Debug, Parser)]
#[command(name = "swarmlings", version, max_term_width = 100)]
struct Cli {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Args, Debug)]
struct Common {
    /// The lab's name; labs live beside each other.
    #[arg(long, global = true, default_value = DEFAULT_LAB, value_name = "NAME")]
    lab: String,
    /// The image of the nodes, instead of the compose file's.
    #[arg(long, global = true, value_name = "IMAGE")]
    node_image: Option<String>,
    /// Run the nodes with --privileged, for hosts where less does not do.
    #[arg(long, global = true)]
    privileged: bool,
    /// The engine: an address (`unix:///...`, `ssh://...`) or a context's name.
    #[arg(long, global = true, value_name = "HOST|CONTEXT")]
    docker: Option<String>,
    /// Ask no question; yes is assumed.
    #[arg(long, short = 'y', global = true)]
    yes: bool,
    /// The language; the locale's by default.
    #[arg(long, global = true, value_name = "en|ko", value_parser = language)]
    lang: Option<Lang>,
    /// No colour, no cursor movement: for screen readers and logs.
    #[arg(long, global = true)]
    plain: bool,
    /// Keep spare nodes ready beside the lab, so that a reset takes about a
    /// second; `auto`: where there are 4 GiB of memory and 4 processors free.
    #[arg(long, global = true, value_name = "auto|on|off", value_parser = spare)]
    spare: Option<Spare>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Open any Markdown file as a lesson.
    Open {
        /// The file.
        file: PathBuf,
    },
    /// Courses, lessons, steps and progress.
    List {
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Carry out every step's solution and checks on the lab.
    Run {
        /// Lessons (`cluster`) or steps (`cluster/up`); all by default.
        lessons: Vec<String>,
        /// One JSON object for each step.
        #[arg(long)]
        json: bool,
        /// Detach Docker's commands, and let no check wait until it has held for a while.
        #[arg(long)]
        fast: bool,
        /// A lesson that can't run here is a failure.
        #[arg(long)]
        strict: bool,
        /// Keep the lab at the end.
        #[arg(long)]
        keep: bool,
        /// A Markdown file instead of the course.
        #[arg(long, value_name = "FILE")]
        file: Option<PathBuf>,
    },
    /// Start the lab.
    Up,
    /// Remove the lab.
    Down {
        /// Remove the images that swarmlings made, too.
        #[arg(long)]
        images: bool,
    },
    /// What the lab is, and where you are.
    Status {
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Judge the current step's checks.
    Check {
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Make the lab as it is at the entry of a step and begin it anew.
    Reset {
        /// The current step by default.
        step: Option<String>,
    },
    /// Go to a step, with what the steps before it do done.
    Goto {
        /// `lesson/step`, or a step's id.
        step: String,
    },
    /// Go to a step and carry out its solution.
    Replay {
        /// The current step by default.
        step: Option<String>,
        /// How quickly: 2 is twice as quick as one reads.
        #[arg(long, value_name = "N", value_parser = speed, default_value = "1")]
        speed: Speed,
    },
    /// Mend the lab: start and make what is missing.
    Repair,
    /// What this machine can and cannot do, each finding with its cure.
    Doctor {
        /// Do what can be done here: fetch images, remove what lost labs left.
        #[arg(long)]
        fix: bool,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// The images of the lab, and one file with all of them for a room without network.
    Images {
        #[command(subcommand)]
        what: Images,
    },
    /// For authors: all that is wrong with lessons, without Docker.
    Lint {
        /// Markdown files, folders of lessons, or the folder above `en` and `ko`.
        #[arg(required = true)]
        paths: Vec<PathBuf>,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Inside a service's container: answer HTTP. Not for users.
    #[command(hide = true)]
    Echo,
}

#[derive(Debug, Subcommand)]
enum Images {
    /// What the lab needs, and whether it is there.
    List {
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Write all of it into one file.
    Save {
        /// The file.
        file: PathBuf,
    },
    /// Take all of it out of such a file.
    Load {
        /// The file.
        file: PathBuf,
    },
}

/// `--spare on`
fn spare(text: &str) -> Result<Spare, String> {
    text.parse().map_err(|()| "auto, on or off".to_owned())
}

/// `--speed 2`
fn speed(text: &str) -> Result<Speed, String> {
    text.parse().map_err(|()| "0.1 to 100".to_owned())
}

fn language(code: &str) -> Result<Lang, String> {
    match code {
        "en" => Ok(Lang::En),
        "ko" => Ok(Lang::Ko),
        other => Err(format!(
            "`{other}` is not a language of swarmlings: en or ko"
        )),
    }
}

/// The language of `--lang`, before the command line is read: its help and its
/// errors are in that language.
fn asked_for(arguments: &[std::ffi::OsString]) -> Option<Lang> {
    let texts: Vec<&str> = arguments.iter().filter_map(|text| text.to_str()).collect();
    let code = texts
        .iter()
        .enumerate()
        .find_map(|(at, text)| match *text {
            "--lang" => texts.get(at + 1).copied(),
            text => text.strip_prefix("--lang="),
        })?;
    language(code).ok()
}

/// The command line with its help in a language.
fn told_in(lang: Lang) -> clap::Command {
    // Only a built command has `--help` among its options.
    let mut command = everywhere(
        Cli::command(),
        "",
        &|command, path| match words::options::more(lang, path) {
            Some(more) => command.after_help(more),
            None => command,
        },
    );
    command.build();
    everywhere(command, "", &|command, path| told(command, path, lang))
}

/// Changes a command and all below it, by their words.
fn everywhere(
    command: clap::Command,
    path: &str,
    change: &dyn Fn(clap::Command, &str) -> clap::Command,
) -> clap::Command {
    change(command, path).mut_subcommands(|inner| {
        let name = format!("{path} {}", inner.get_name());
        everywhere(inner, name.trim_start(), change)
    })
}

fn told(command: clap::Command, path: &str, lang: Lang) -> clap::Command {
    use words::options;
    let headings = options::headings(lang);
    let usage = headings.usage;
    let command = command
        .subcommand_help_heading(headings.commands)
        .help_template(format!(
            "{{about-with-newline}}\n{usage}: {{usage}}\n\n{{all-args}}{{after-help}}"
        ));
    let command = match options::korean(path).filter(|_| lang == Lang::Ko) {
        Some(about) => command.about(about),
        None => command,
    };
    command.mut_args(|argument| {
        let id = argument.get_id().as_str().to_owned();
        let heading = match argument.is_positional() {
            true => headings.arguments,
            false if argument.is_global_set() => headings.everywhere,
            false => headings.options,
        };
        let argument = argument.help_heading(heading);
        match options::korean_argument(path, &id).filter(|_| lang == Lang::Ko) {
            Some(help) => argument.help(help),
            None => argument,
        }
    })
}

/// Reads the command line and does what it says.
pub fn main() -> std::process::ExitCode {
    let arguments: Vec<std::ffi::OsString> = std::env::args_os().collect();
    let settings = settings();
    let usual = settings.languages.first().copied();
    let usual = usual.unwrap_or_else(Lang::of_locale);
    let command = told_in(asked_for(&arguments).unwrap_or(usual));
    let parsed = command
        .try_get_matches_from(arguments)
        .and_then(|matches| Cli::from_arg_matches(&matches));
    let cli = match parsed {
        Ok(cli) => cli,
        Err(error) => {
            let code = if error.use_stderr() { 2 } else { 0 };
            let _ = error.print();
            return std::process::ExitCode::from(code);
        }
    };
    let options = options(cli.common, &settings);
    let lang = options.lang;
    let look = tty::look(options.plain);
    let meant = options.meant();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let result = match runtime {
        Ok(runtime) => {
            let result = runtime.block_on(dispatch(cli.command, options));
            // A thread that waits for the terminal is not waited for.
            runtime.shutdown_background();
            result
        }
        Err(error) => Err(Failure::Told(End::Environment, error.to_string())),
    };
    let end = result.unwrap_or_else(|failure| {
        let (end, text) = failure.told(lang);
        let text = words::command::meant(&text, &meant);
        eprint!("{}", shown(&text, &look));
        end
    });
    end.into()
}

/// A failure as a terminal shows it: sentences wrapped, commands under them
/// whole; for a file or a pipe as it is.
fn shown(text: &str, look: &Look) -> String {
    use std::io::IsTerminal;
    let wrap = std::io::stderr().is_terminal();
    text.lines()
        .map(|line| match wrap && !line.starts_with(' ') {
            true => terminal::say(Tone::Text, line, look),
            false => format!("{line}\n"),
        })
        .collect()
}

/// Settings that can't be read are told by the doctor; they are no reason to stop.
fn settings() -> Settings {
    let read = Store::open(DEFAULT_LAB).and_then(|store| store.settings());
    read.map(|(settings, _)| settings).unwrap_or_default()
}

fn options(common: Common, settings: &Settings) -> Options {
    let options = Options {
        lab: common.lab,
        node_image: common.node_image,
        privileged: common.privileged,
        docker: common.docker,
        docker_given: false,
        yes: common.yes,
        lang: common.lang.unwrap_or_else(Lang::of_locale),
        lang_from: match common.lang {
            Some(_) => LangFrom::CommandLine,
            None => LangFrom::Locale,
        },
        plain: common.plain,
        spare: Spare::default(),
        file: None,
    };
    options.filled(settings, common.spare)
}

async fn dispatch(command: Option<Command>, options: Options) -> Result<End, Failure> {
    let lang = options.lang;
    let store = || {
        let opened = Store::open(&options.lab).inspect(log::begin);
        opened.map_err(|error| {
            let text = words::progress::error(lang, &error).join("\n");
            Failure::Told(End::Usage, text)
        })
    };
    match command {
        None => {
            let store = store()?;
            repl::run(options, embedded(), store).await
        }
        Some(Command::Open { file }) => {
            let store = store()?;
            let look = tty::look(options.plain);
            let courses = open_file(&file, lang, &look)?;
            if !courses.problems.is_empty() {
                eprint!("{}", crate::lesson::report_lines(&courses.problems, lang));
            }
            if courses.given_lab {
                eprint!("{}", shown(words::cli::given_lab(lang), &look));
            }
            let file = Some(file);
            repl::run(Options { file, ..options }, courses, store).await
        }
        Some(Command::List { json }) => headless::list(&options, &store()?, json),
        Some(Command::Run {
            lessons,
            json,
            fast,
            strict,
            keep,
            file,
        }) => {
            let how = headless::RunHow {
                lessons,
                json,
                fast,
                strict,
                keep,
            };
            let courses = match file {
                Some(file) => open_file(&file, lang, &tty::look(options.plain))?,
                None => embedded(),
            };
            headless::run(&options, &store()?, courses, how).await
        }
        Some(Command::Up) => headless::up(&options, &store()?).await,
        Some(Command::Down { images }) => headless::down(&options, &store()?, images).await,
        Some(Command::Status { json }) => headless::status(&options, &store()?, json).await,
        Some(Command::Check { json }) => headless::check(&options, &store()?, json).await,
        Some(Command::Reset { step }) => {
            headless::travel(&options, &store()?, step.as_deref(), None).await
        }
        Some(Command::Goto { step }) => {
            headless::travel(&options, &store()?, Some(&step), None).await
        }
        Some(Command::Replay { step, speed }) => {
            headless::travel(&options, &store()?, step.as_deref(), Some(speed)).await
        }
        Some(Command::Repair) => headless::repair(&options, &store()?).await,
        Some(Command::Doctor { fix, json }) => {
            headless::doctor(&options, &store()?, fix, json).await
        }
        Some(Command::Images { what }) => match what {
            Images::List { json } => headless::images::list(&options, &store()?, json).await,
            Images::Save { file } => headless::images::save(&options, &store()?, &file).await,
            Images::Load { file } => headless::images::load(&options, &store()?, &file).await,
        },
        Some(Command::Lint { paths, json }) => headless::lint(&options, &paths, json),
        Some(Command::Echo) => Ok(End::Usage),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    /// Every visible command with its words.
    fn all(command: &clap::Command, path: &str, found: &mut Vec<(String, clap::Command)>) {
        if command.is_hide_set() || command.get_name() == "help" {
            return;
        }
        found.push((path.to_owned(), command.clone()));
        for inner in command.get_subcommands() {
            all(inner, format!("{path} {}", inner.get_name()).trim(), found);
        }
    }

    #[test]
    fn everything_is_told_in_both_languages() {
        let mut command = Cli::command();
        command.build();
        let mut found = Vec::new();
        all(&command, "", &mut found);
        for (path, command) in found {
            for lang in [Lang::En, Lang::Ko] {
                assert!(
                    words::options::more(lang, &path).is_some(),
                    "`{path}` {lang:?}"
                );
            }
            assert!(words::options::korean(&path).is_some(), "`{path}`");
            for argument in command.get_arguments() {
                let id = argument.get_id().as_str();
                let told = words::options::korean_argument(&path, id);
                assert!(told.is_some(), "`{path}` {id}");
                assert!(argument.get_help().is_some(), "`{path}` {id}");
            }
        }
    }

    #[test]
    fn help_in_korean_is_korean() {
        let mut command = told_in(Lang::Ko).term_width(80);
        insta::assert_snapshot!("help_ko", command.render_help().to_string());
        let run = command.find_subcommand_mut("run").unwrap().clone();
        insta::assert_snapshot!("help_run_ko", run.term_width(80).render_help().to_string());
    }

    #[test]
    fn help_in_english() {
        let mut command = told_in(Lang::En).term_width(80);
        insta::assert_snapshot!("help_en", command.render_help().to_string());
        let run = command.find_subcommand_mut("run").unwrap().clone();
        insta::assert_snapshot!("help_run_en", run.term_width(80).render_help().to_string());
    }

    #[test]
    fn the_language_is_known_before_the_rest() {
        let asked = |line: &str| {
            let words: Vec<std::ffi::OsString> = line.split(' ').map(Into::into).collect();
            asked_for(&words)
        };
        assert_eq!(asked("swarmlings run --lang ko --help"), Some(Lang::Ko));
        assert_eq!(asked("swarmlings --lang=en"), Some(Lang::En));
        assert_eq!(asked("swarmlings --lang"), None);
        assert_eq!(asked("swarmlings --lang fr"), None);
    }
}
