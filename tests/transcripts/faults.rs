//! Each fault of a lab once: the line that tells it, `repair`, and the step
//! going on. A line `# ! ...` is what happens behind the learner's back.

use std::path::Path;

use swarmlings::lab::MemoryOptions;
use swarmlings::terminal::prompt::Input;
use swarmlings::words::Lang;

use super::stage::{Stage, lines, since, unwrapped};

/// The course's own swarm of four with six replicas, at the step after.
const SIX: &str = "goto service/where";

fn stage(lang: Lang) -> Stage {
    Stage::new(lang)
}

fn typed(text: &str) -> Vec<Input> {
    lines(text)
}

/// What happens after a fault: it is looked at for a while, mended, and the
/// step is carried to its end.
fn story(lang: Lang, harm: &str) -> String {
    let stage = stage(lang);
    let transcript = stage.types(typed(&format!(
        "{SIX}\n# ! {harm}\n# The learner reads.\n# And reads on.\nrepair\nsolve\nrepair"
    )));
    let at = transcript.find("> # ! ").unwrap();
    let begin = transcript[..at].rfind('\n').map_or(0, |at| at + 1);
    transcript[begin..].to_owned()
}

/// The harms of nodes, of two nodes, and of the lab.
const HARMS: [&str; 14] = [
    "kill worker02",
    "stop worker02",
    "pause worker02",
    "remove worker02",
    "hang worker02",
    "disconnect worker02",
    "isolate worker02",
    "cut worker01 worker02",
    "cut manager worker02",
    "move worker02",
    "remove-network",
    "expire",
    "kill manager",
    "isolate manager",
];

/// Without the rows of `docker service ps`: how far each task is at that very
/// moment is not what is told here.
fn steady(text: &str) -> String {
    let rows = |line: &&str| !line.contains(" ago") && !line.contains("DESIRED STATE");
    text.lines()
        .filter(rows)
        .fold(String::new(), |text, line| text + line + "\n")
}

#[test]
fn each_fault_is_told_once_and_mended_and_the_step_goes_on() {
    for harm in HARMS {
        let text = story(Lang::En, harm);
        let name = harm.replace(' ', "_");
        insta::with_settings!({ omit_expression => true }, {
            insta::assert_snapshot!(format!("en_{name}"), steady(&text));
        });
        let text = unwrapped(&text);
        assert_eq!(
            text.matches("`repair`").count(),
            1,
            "{harm}: told once\n{text}"
        );
        assert!(text.contains("Mended in"), "{harm}: mended\n{text}");
        assert!(
            text.contains("Done. Press Enter"),
            "{harm}: goes on\n{text}"
        );
        assert!(
            since(&text, "> repair").contains("Nothing to mend"),
            "{harm}: {text}"
        );
    }
}

#[test]
fn the_same_in_korean() {
    for harm in [
        "kill worker02",
        "cut worker01 worker02",
        "remove-network",
        "expire",
    ] {
        let name = harm.replace(' ', "_");
        insta::with_settings!({ omit_expression => true }, {
            insta::assert_snapshot!(format!("ko_{name}"), steady(&story(Lang::Ko, harm)));
        });
    }
}

#[test]
fn what_only_the_learner_can_mend_is_told() {
    let stage = stage(Lang::En);
    let transcript = stage.types(typed(
        &format!(
            "{SIX}\n# ! disk 100000000\n# !  memory 90000000\n# ! disk 9000000000\n\
         # ! memory 90000000\n# reads\n# ! clock 7200\n# reads\n# reads on"
        )
        .replace("# !  memory 90000000\n", ""),
    ));
    insta::with_settings!({ omit_expression => true }, {
        insta::assert_snapshot!(steady(&transcript[transcript.find("> # ! ").unwrap()..]));
    });
}

#[test]
fn the_outer_engine_goes_and_comes_back() {
    let stage = stage(Lang::En);
    let transcript = stage.types(typed(&format!(
        "{SIX}\n# ! stop-engine\n# reads\ndocker exec manager docker node ls\n# ! start-engine\n# reads\n\
         repair\nsolve"
    )));
    insta::with_settings!({ omit_expression => true }, {
        insta::assert_snapshot!(steady(&transcript[transcript.find("> # ! ").unwrap()..]));
    });
}

#[test]
fn a_manager_that_is_gone_for_good_took_the_swarm_with_it() {
    let stage = stage(Lang::En);
    let transcript = stage.types(typed(&format!(
        "{SIX}\n# ! remove manager\n# reads\nrepair\nreset"
    )));
    insta::with_settings!({ omit_expression => true }, {
        insta::assert_snapshot!(steady(&transcript[transcript.find("> # ! ").unwrap()..]));
    });
}

#[test]
fn what_the_learner_did_is_not_told() {
    let stage = stage(Lang::En);
    let transcript = stage.types(typed(&format!(
        "{SIX}\ndocker stop worker01\n# reads\ndocker pause worker02\n# reads\n\
         docker network disconnect swarmlings worker03\n# reads\n# reads on"
    )));
    let after = since(&transcript, "> docker stop worker01");
    assert!(!after.contains("`repair`"), "{after}");
}

#[test]
fn whoever_comes_back_to_a_broken_lab_has_three_ways() {
    let mut stage = stage(Lang::En);
    stage.types(typed("goto service/scale\nsolve"));
    stage.options.yes = false;
    let broken = |typed_then: &str| {
        stage.types(typed("# ! kill worker02\n# reads"));
        let text = stage.types(typed(typed_then));
        stage.types(typed("repair\n# reads"));
        text
    };
    // A script is not asked; what the prompt offers is tried at a terminal.
    let text = broken("status");
    insta::with_settings!({ omit_expression => true }, {
        insta::assert_snapshot!(&text[..text.find("> status").unwrap()]);
    });
    let _ = (Path::new(""), MemoryOptions::default());
}
