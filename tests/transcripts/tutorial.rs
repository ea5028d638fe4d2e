//! Somebody's tutorial, read as it is: from its compose file to six tasks and
//! their removal, its slips mended and its placeholders asked for.

use std::path::Path;

use swarmlings::progress::Status;
use swarmlings::words::Lang;

use super::stage::{Stage, lines, since};

fn stage() -> Stage {
    Stage::of_file(Lang::En, Path::new("tests/data/plain.md"))
}

#[test]
fn it_is_followed_from_its_file_to_the_end() {
    let stage = stage();
    // Three steps to read; then each step's commands, one after another.
    let typed = "\n\n\nrun\nrun\n\nrun\n\nrun\nrun\n\nrun\n\nrun\n6\n\n\
                 docker exec manager docker service ls\nrun\n\nlist";
    let transcript = stage.types(lines(typed));
    insta::with_settings!({ omit_expression => true }, {
        insta::assert_snapshot!("tutorial", transcript);
    });
    assert!(
        transcript.contains("test_swarm   replicated   6/6"),
        "{transcript}"
    );
    let progress = stage.progress();
    let done = progress
        .steps
        .values()
        .filter(|step| step.status == Some(Status::Done));
    assert_eq!(done.count(), 7);
}

#[test]
fn a_value_that_is_not_given_stops_nothing() {
    let stage = stage();
    stage.types(lines("goto the-service"));
    let transcript = stage.types(lines(
        "solve\n\nhint\nsolve\n3\ndocker exec manager docker service ls",
    ));
    insta::with_settings!({ omit_expression => true }, {
        insta::assert_snapshot!("values", since(&transcript, "plain 7/7> solve\nA value for"));
    });
}

#[test]
fn in_korean_it_is_the_same() {
    let stage = Stage::of_file(Lang::Ko, Path::new("tests/data/plain.md"));
    let transcript = stage.types(lines("goto the-service\nrun\nrun\n6"));
    insta::with_settings!({ omit_expression => true }, {
        insta::assert_snapshot!("tutorial_ko", since(&transcript, "plain 7/7> run\n"));
    });
}
