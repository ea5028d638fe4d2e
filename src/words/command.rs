//! The program's own commands in a sentence. Sentences name them as for the lab
//! that is meant where none is named; whoever shows one puts the lab in, so that
//! what is copied acts on the lab that it was said of.

use std::borrow::Cow;

use crate::session::DEFAULT_LAB;

const PROGRAM: &str = "swarmlings";

/// Verbs to which it is the same which lab is meant.
const OF_NO_LAB: [&str; 3] = ["images", "lint", "echo"];

/// A sentence, or a command alone, with the lab in the commands it names.
pub fn of_lab<'t>(text: &'t str, lab: &str) -> Cow<'t, str> {
    if lab == DEFAULT_LAB || lab.is_empty() {
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
        if begins && takes_lab(after) {
            told.push_str(" --lab ");
            told.push_str(lab);
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

/// Whether what follows the program's name is a command that a lab belongs to,
/// and has none yet.
fn takes_lab(after: &str) -> bool {
    let Some(words) = after.strip_prefix(' ') else {
        // The name alone, and not that of an image or a file.
        return after.is_empty() || after.starts_with('`');
    };
    let end = words.find(|c: char| !c.is_ascii_lowercase());
    let verb = &words[..end.unwrap_or(words.len())];
    !verb.is_empty() && !OF_NO_LAB.contains(&verb)
}

#[cfg(test)]
mod tests {
    use super::*;

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
