//! The program's own commands in a sentence. Sentences name them as for the lab
//! that is meant where none is named; whoever shows one puts the lab in, so that
//! what is copied acts on the lab that it was said of.

use std::borrow::Cow;

use crate::session::DEFAULT_LAB;
use crate::shell::words::quote;

const PROGRAM: &str = "swarmlings";

/// Verbs to which it is the same which lab is meant.
const OF_NO_LAB: [&str; 3] = ["images", "lint", "echo"];

/// Verbs that need no engine.
const OF_NO_ENGINE: [&str; 2] = ["lint", "echo"];

/// What a command has to be told to act on what this one does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Meant {
    /// `--lab`
    pub lab: String,
    /// `--docker`, where it was given.
    pub docker: Option<String>,
}

impl Meant {
    /// The options behind the program's name and before `after`.
    fn options(&self, after: &str) -> String {
        let Some(verb) = verb_of(after) else {
            return String::new();
        };
        let mut options = String::new();
        let named = self.lab != DEFAULT_LAB && !self.lab.is_empty();
        if named && !OF_NO_LAB.contains(&verb) {
            options = format!(" --lab {}", self.lab);
        }
        if let Some(docker) = self
            .docker
            .as_ref()
            .filter(|_| !OF_NO_ENGINE.contains(&verb))
        {
            options = format!("{options} --docker {}", quote(docker));
        }
        options
    }
}

/// A sentence, or a command alone, with the lab and the engine in the commands it names.
pub fn meant<'t>(text: &'t str, meant: &Meant) -> Cow<'t, str> {
    if *meant == Meant::default() {
        return Cow::Borrowed(text);
    }
    let mut told = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(PROGRAM) {
        let (before, after) = rest.split_at(at);
        let (program, after) = after.split_at(PROGRAM.len());
        told.push_str(before);
        told.push_str(program);
        let begins = matches!(
            told[..told.len() - program.len()].chars().last(),
            None | Some('`')
        );
        if begins {
            told.push_str(&meant.options(after));
        }
        rest = after;
    }
    told.push_str(rest);
    Cow::Owned(told)
}

/// A sentence of the prompt, said at a shell: there the verbs are commands.
pub fn at_the_shell(text: &str) -> String {
    text.replace("`repair`", "`swarmlings repair`")
        .replace("`list`", "`swarmlings list`")
}

/// The verb of a command that has no options yet; an empty one for the program's name
/// alone, `None` where it is not a command but the name of an image or a file.
fn verb_of(after: &str) -> Option<&str> {
    let Some(words) = after.strip_prefix(' ') else {
        return (after.is_empty() || after.starts_with('`')).then_some("");
    };
    let end = words.find(|c: char| !c.is_ascii_lowercase());
    let verb = &words[..end.unwrap_or(words.len())];
    (!verb.is_empty()).then_some(verb)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_lab<'t>(text: &'t str, lab: &str) -> Cow<'t, str> {
        let docker = None;
        let lab = lab.to_owned();
        meant(text, &Meant { lab, docker })
    }

    #[test]
    fn what_is_copied_goes_to_the_engine_in_use() {
        let with = Meant {
            lab: "mine".to_owned(),
            docker: Some("unix:///run/my docker.sock".to_owned()),
        };
        assert_eq!(
            meant(
                "`swarmlings down`, `swarmlings images`, `swarmlings lint`",
                &with
            ),
            "`swarmlings --lab mine --docker 'unix:///run/my docker.sock' down`, \
             `swarmlings --docker 'unix:///run/my docker.sock' images`, `swarmlings lint`"
        );
    }

    #[test]
    fn at_a_shell_a_verb_is_a_command() {
        let told = at_the_shell("Down. `repair` restarts it.");
        assert_eq!(told, "Down. `swarmlings repair` restarts it.");
        assert_eq!(
            of_lab(&told, "mine"),
            "Down. `swarmlings --lab mine repair` restarts it."
        );
    }

    #[test]
    fn what_is_copied_acts_on_the_lab_in_use() {
        let told = |text| of_lab(text, "mine").into_owned();
        assert_eq!(
            told("`swarmlings down` removes."),
            "`swarmlings --lab mine down` removes."
        );
        assert_eq!(
            told("swarmlings doctor --fix"),
            "swarmlings --lab mine doctor --fix"
        );
        assert_eq!(
            told("`swarmlings`으로 돌아오고 `swarmlings down`으로 지웁니다."),
            "`swarmlings --lab mine`으로 돌아오고 `swarmlings --lab mine down`으로 지웁니다."
        );
    }

    #[test]
    fn what_is_of_no_lab_or_names_one_stays() {
        for text in [
            "use another lab: `swarmlings --lab NAME`.",
            "`swarmlings images load FILE` brings it.",
            "`swarmlings/web:1` is an image, swarmlings down the road a word.",
            "swarmlings-images.tar",
        ] {
            assert_eq!(of_lab(text, "mine"), text);
        }
        let text = "`swarmlings down` removes the lab.";
        assert_eq!(of_lab(text, DEFAULT_LAB), text);
    }
}
