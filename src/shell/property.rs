//! What must be true of every line that is typed or pasted: tried by proptest in
//! the tests of `understand`, and by the fuzz target `line`.

use super::{Action, Scope, complete, docker, is_unfinished, pasted, understand, unwrap};

/// A lab as the prompt knows it in the middle of the course.
pub fn scope() -> Scope {
    let strings = |words: &[&str]| words.iter().map(|word| (*word).to_string()).collect();
    Scope {
        nodes: strings(&["manager", "worker01", "worker02", "worker03"]),
        others: strings(&["registry"]),
        services: strings(&["test_swarm"]),
        images: strings(&["hashicorp/http-echo:latest", "swarmlings/web:1"]),
        variables: [
            ("MANAGER_ADDR".into(), Some("10.9.0.2:2377".into())),
            ("WORKER_TOKEN".into(), Some("SWMTKN-1-abc".into())),
            ("MANAGER_TOKEN".into(), None),
        ]
        .into(),
        steps: strings(&["make-swarm", "scale", "basics/scale"]),
        network: "lab_default".into(),
        ..Scope::default()
    }
}

/// Takes a text as the prompt does, whole and line by line, outside the nodes
/// and in one; panics where what must hold does not.
pub fn any_text_has_an_answer(text: &str) {
    is_unfinished(text);
    for line in pasted(text) {
        any_line_has_an_answer(&line);
    }
    any_line_has_an_answer(text);
}

/// A line is an action with something to run, or a refusal that can be said.
pub fn any_line_has_an_answer(line: &str) {
    for on in [None, Some("manager".to_owned())] {
        let scope = Scope { on, ..scope() };
        let (start, _) = complete(line, line.len(), &scope);
        assert!(line.is_char_boundary(start), "{line:?}: {start}");
        match understand(line, &scope) {
            Ok(Action::Exec(exec)) => {
                assert!(!exec.argv.is_empty(), "{line:?}");
                let mut known = scope.nodes.iter().chain(&scope.others);
                assert!(known.any(|known| *known == exec.node), "{line:?}");
                docker::detached(&exec.argv);
            }
            Ok(action) => {
                unwrap(&action);
            }
            Err(refused) => {
                if let Some(at) = refused.position() {
                    assert!(line.is_char_boundary(at), "{line:?}: {at}");
                }
                if let Some(suggestion) = refused.suggestion() {
                    assert_ne!(suggestion, line);
                }
            }
        }
    }
}
