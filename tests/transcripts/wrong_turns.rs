//! The wrong turns that the lessons foresee: none passes for the solution, and
//! each is told in the words that the lesson promises. (Those are English in
//! every language's lesson, as all of a twin's fences are the same.)

use swarmlings::terminal::prompt::Input;
use swarmlings::words::Lang;

use super::course::{course, marks, steps};
use super::stage::{Stage, line, since, unwrapped};

fn told(lang: Lang) {
    let course = course(lang);
    let mut count = 0;
    for (lesson, step) in steps(&course) {
        for mistake in &step.mistakes {
            count += 1;
            let name = format!("{}/{} line {}", lesson.id, step.id, mistake.line);
            let stage = Stage::new(lang);
            let mut inputs = vec![line(&format!("goto {}/{}", lesson.id, step.id))];
            inputs.extend(mistake.run.iter().map(|command| line(command)));
            inputs.push(line("check"));
            let transcript = stage.types(inputs.into_iter().collect::<Vec<Input>>());
            let verdicts = since(&transcript, "> check\n");
            assert!(
                marks(verdicts).iter().any(|mark| *mark != "[ok]"),
                "{name} passes\n{transcript}"
            );
            for says in mistake.says.iter().filter(|_| lang == Lang::En) {
                let found = unwrapped(verdicts).contains(says.as_str());
                assert!(found, "{name}: no {says:?} in\n{transcript}");
            }
        }
    }
    assert!(count > 20, "the lessons foresee {count} wrong turns");
}

#[test]
fn every_wrong_turn_is_told_in_english() {
    told(Lang::En);
}

#[test]
fn no_wrong_turn_passes_in_korean() {
    told(Lang::Ko);
}
