//! What a learner does at the prompt that is not the lesson's next command, on
//! a short lesson that is made for it.

use std::path::Path;
use std::time::Duration;

use swarmlings::driver::LangFrom;
use swarmlings::lab::MemoryOptions;
use swarmlings::progress::Status;
use swarmlings::terminal::prompt::Input;
use swarmlings::terminal::script::Script;
use swarmlings::words::Lang;

use super::stage::{Stage, line, lines, since, unwrapped};

/// The lesson's lab, swarm and service.
const UP: &str = "docker compose up -d";
const SWARM: &str = "docker exec manager docker swarm init\n\
                     docker exec worker01 docker swarm join --token $WORKER_TOKEN $MANAGER_ADDR";

fn desk(lang: Lang) -> Stage {
    let path = Path::new("tests/transcripts/desk.md");
    Stage::of_file(lang, path)
}

/// What is shown from the first line typed on.
fn shown(stage: &Stage, typed: &str) -> String {
    let transcript = stage.types(lines(typed));
    let first = format!(
        "> {}\n",
        typed.lines().find(|line| !line.is_empty()).unwrap()
    );
    let at = transcript.find(&first).unwrap_or_default();
    let begin = transcript[..at].rfind('\n').map_or(0, |at| at + 1);
    transcript[begin..].to_owned()
}

macro_rules! transcript {
    ($text:expr) => {
        insta::with_settings!({ omit_expression => true }, {
            insta::assert_snapshot!($text);
        })
    };
}

#[test]
fn slips_are_told_with_what_was_meant() {
    let stage = desk(Lang::En);
    stage.types(lines(&format!("\n{UP}\n\n{SWARM}")));
    transcript!(shown(
        &stage,
        "docker exec manager docker serivce ls\n\
         docker exec work01 docker ps\n\
         docker service ls\n\
         docker run alpine\n\
         docker exec manager docker service ls | wc -l\n\
         docker ps; ls\n\
         docker exec manager docker node ls --quite\n\
         docker exec manager docker swarm join --token $WORKER_TOKN x\n\
         docker exec manager docker service create --name web hashcorp/http-echo:latest\n\
         docker exec manager docker service create\n\
         docker exec manager 'docker ps\n\
         nxt\n\
         ls -l\n\
         goto swrm\n\
         docker ps —all\n\
         docker push elsewhere/image\n\
         docker exec manager nothing-like-it"
    ));
}

#[test]
fn slips_in_korean() {
    let stage = desk(Lang::Ko);
    stage.types(lines(&format!("\n{UP}\n\n{SWARM}")));
    transcript!(shown(
        &stage,
        "docker exec manager docker serivce ls\n\
         docker exec work01 docker ps\n\
         docker service ls\n\
         docker exec manager docker service ls | wc -l\n\
         docker exec manager docker swarm join --token $WORKER_TOKN x\n\
         nxt"
    ));
}

#[test]
fn moving_about() {
    let stage = desk(Lang::En);
    transcript!(shown(
        &stage,
        "back\n\nnext\nhint\nhint\nhint\ncheck\nstatus\nskip\nback\nlist\n\n\nmore\nrun"
    ));
    let status = |step: &str| stage.progress().status(&format!("desk/desk/{step}"));
    assert_eq!(status("intro"), Some(Status::Done));
    assert_eq!(status("lab"), Some(Status::Done));
    assert_eq!(status("swarm"), None);
}

#[test]
fn the_enter_key_says_what_is_next_and_run_types_it() {
    let stage = desk(Lang::En);
    transcript!(shown(
        &stage,
        "\n\nrun\n\n\n\nrun\nrun\nrun\n\nsolve\nsolve"
    ));
}

#[test]
fn a_detour_that_leads_nowhere_is_told_once() {
    let stage = desk(Lang::En);
    stage.types(lines("goto service"));
    let after = |command: &str| {
        let told = stage.types(lines(command));
        since(&told, &format!("> {command}\n")).to_owned()
    };
    let image = "hashicorp/http-echo:latest";
    // The step's command, otherwise given: all is well, and the step not met.
    let told = after(&format!(
        "docker exec manager docker service create --name wob {image}"
    ));
    assert_eq!(
        told.matches("There is no service web.").count(),
        1,
        "{told}"
    );
    // What changes nothing that the step looks at is no turn.
    let told = after("docker exec manager docker network create --driver overlay own");
    assert!(!told.contains("[--]"), "{told}");
    // Another way to the same.
    let told = after(&format!(
        "docker exec manager docker service create --name=web --replicas=2 --publish 5678:5678 {image}"
    ));
    assert!(told.contains("Done."), "{told}");
}

#[test]
fn quizzes_and_predictions() {
    let stage = desk(Lang::En);
    let typed =
        format!("1\n\n{UP}\n\nanswer 9\nanswer 2\n{SWARM}\n\n2\n1\n1,2\n1 3\n1\n\nsolve\n\n\n");
    transcript!(shown(&stage, &typed));
}

#[test]
fn commands_in_a_node_without_the_prefix() {
    let stage = desk(Lang::En);
    transcript!(shown(
        &stage,
        &format!(
            "on manager\n{UP}\non\n{UP}\non manager\ndocker node ls\ndocker swarm init\n\
             docker node ls\non nobody\ndocker compose ps\non host\ndocker ps -q"
        )
    ));
}

#[test]
fn free_play_judges_nothing() {
    let stage = desk(Lang::En);
    transcript!(shown(&stage, &format!("goto swarm\nplay\n{SWARM}\nplay")));
}

#[test]
fn going_to_steps_and_back_to_their_beginning() {
    let stage = desk(Lang::En);
    transcript!(shown(
        &stage,
        "goto service\nsolve\nreset\ngoto lab\ngoto nowhere\nreplay swarm\ngoto 5\ngoto 4"
    ));
}

#[test]
fn what_would_be_lost_is_asked_about() {
    let mut stage = desk(Lang::En);
    let own = "docker exec manager docker service create -d --name mine hashicorp/http-echo:latest";
    stage.types(lines(&format!("goto service\n{own}")));
    stage.options.yes = false;
    transcript!(shown(&stage, "reset\nwhat\nn\ngoto swarm\ny"));
}

#[test]
fn only_the_nodes_that_are_not_as_they_should_be_are_made_anew() {
    let stage = Stage::new(Lang::En);
    let left = "docker exec worker03 docker swarm leave";
    let stopped = "docker stop worker02";
    transcript!(shown(
        &stage,
        &format!(
            "goto service/where\n{left}\n{stopped}\nreset\ngoto swarm/join-rest\ngoto service/list"
        )
    ));
}

#[test]
fn consent_is_asked_for_once() {
    let mut stage = desk(Lang::En);
    stage.options.yes = false;
    let refused = stage.types(lines("n\n\ndocker compose up -d\nn\n"));
    insta::with_settings!({ omit_expression => true }, {
        insta::assert_snapshot!("consent_refused", refused);
    });
    let given = stage.types(lines(&format!("maybe\ny\n\n{UP}")));
    insta::with_settings!({ omit_expression => true }, {
        insta::assert_snapshot!("consent_given", given);
    });
    let again = stage.types(lines("docker compose down\ndocker compose up -d"));
    assert!(!again.contains("[Y/n]"), "{again}");
}

#[test]
fn a_finished_course_asks_nothing_and_prepares_nothing() {
    let mut stage = desk(Lang::En);
    stage.types(lines(&format!(
        "\n{UP}\nnext\n{SWARM}\nnext\nsolve\nnext\nnext\ndocker compose down"
    )));
    let mut progress = stage.progress();
    assert!(!progress.lab_up);
    progress.consent = false;
    stage.keep(&progress);
    stage.options.yes = false;
    let transcript = stage.types(lines("status"));
    assert!(transcript.contains("(desk/end)"), "{transcript}");
    assert!(!transcript.contains("[Y/n]"), "{transcript}");
    // It is asked for as soon as something is to be made.
    let transcript = stage.types(lines("docker compose up -d\ny"));
    assert!(transcript.contains("[Y/n] y"), "{transcript}");
}

#[test]
fn no_piped_line_is_lost_at_a_question() {
    for lang in [Lang::En, Lang::Ko] {
        let mut stage = desk(lang);
        stage.options.yes = false;
        let piped = |text: &'static str| {
            let script = Script::reading(move || std::io::Cursor::new(text)).unwrap();
            stage.reads(script)
        };
        insta::with_settings!({ omit_expression => true }, {
            let code = lang.code();
            insta::assert_snapshot!(format!("piped_{code}"), piped("next\ndocker compose up -d\nlist\n"));
        });
        let agreed = piped("y\ndocker compose up -d\n");
        assert!(agreed.contains("[Y/n] y"), "{agreed}");
        assert!(stage.progress().lab_up, "{agreed}");
    }
}

#[test]
fn keys_end_what_they_should() {
    let stage = desk(Lang::En);
    let transcript = stage.types([
        Input::Interrupted,
        line(UP),
        Input::Interrupted,
        Input::Eof,
        line("never typed"),
    ]);
    assert_eq!(
        transcript
            .matches("(Ctrl-C ends a running command.")
            .count(),
        2
    );
    assert!(transcript.contains("the lab keeps running"), "{transcript}");
    assert!(!transcript.contains("never typed"), "{transcript}");
    // The end of the input is the end of the program.
    let transcript = stage.types([]);
    assert!(transcript.contains("the lab keeps running"), "{transcript}");
}

#[test]
fn a_pasted_block_runs_line_by_line() {
    let stage = desk(Lang::En);
    stage.types([line("")]);
    // Where some lines have a prompt, the others are what was printed.
    let copied = "$ docker compose up -d\n[+] Running 2/2\n ✔ Container manager  Started\n\
                  $ docker exec manager \\\n    docker swarm init\nSwarm initialized";
    let plain = "# a comment\ndocker exec manager \\\n  docker node ls\n\ndocker ps -q\nnxt\nquit";
    let transcript = stage.types([copied, plain].map(line));
    transcript!(since(&transcript, "A desk (2/5)"));
}

#[test]
fn languages_change_in_the_middle() {
    let stage = Stage::new(Lang::En);
    let transcript = stage.types(lines("lang ko\nlang\nlang en,ko\nlang fr\nlang en"));
    let korean = since(&transcript, "> lang ko\n");
    assert!(korean.contains("레슨을 한국어로 표시합니다"), "{korean}");
    assert!(korean.contains("오케스트레이션이란"), "{korean}");
    let both = since(&transcript, "> lang en,ko\n");
    let (en, ko) = (
        both.find("What orchestration is"),
        both.find("오케스트레이션이란"),
    );
    assert!(en.is_some() && en < ko, "{both}");
    assert!(both.contains("both languages"), "{both}");
    assert!(
        since(&transcript, "> lang en\n").contains("English"),
        "{transcript}"
    );
    // What was chosen is there the next time, unless another is asked for.
    let mut stage = Stage::new(Lang::En);
    stage.types(lines("lang ko"));
    stage.options.lang_from = LangFrom::Locale;
    let again = stage.types([]);
    assert!(again.contains("오케스트레이션이란"), "{again}");
}

#[test]
fn a_step_has_its_setup_its_files_and_its_end() {
    let stage = desk(Lang::En);
    stage.types(lines(&format!("\n{UP}\n\n1\n{SWARM}")));
    transcript!(shown(
        &stage,
        "status\n\n\ndocker exec manager docker network ls\n\
         docker exec manager cat /stack/note.txt\nback\nnext\nsolve\n1,3\n\n\
         docker exec manager docker service ls\nback"
    ));
}

#[test]
fn what_breaks_is_told_and_mended() {
    let stage = desk(Lang::En);
    transcript!(shown(
        &stage,
        "goto service\ndocker stop worker01\ndocker exec worker01 docker ps\n\
         docker start worker01\ndocker kill worker01\nrepair\n\
         docker pause manager\ndocker exec manager docker node ls\ndocker unpause manager\n\
         docker network disconnect swarmlings worker01\nstatus\n\
         docker network connect swarmlings worker01\nstatus\ndocker logs worker01"
    ));
}

#[test]
fn a_service_that_never_starts() {
    let stage = desk(Lang::En);
    let create = "docker exec manager docker service create --name web --replicas 2 -p 5678:5678";
    transcript!(shown(
        &stage,
        &format!(
            "goto service\n{create} hashicorp/http-echo:lastest\ncheck\n\
             docker exec manager docker service update --image hashicorp/http-echo:latest web"
        )
    ));
}

#[test]
fn where_there_is_no_mesh_checks_ask_a_task() {
    let host = MemoryOptions {
        mesh: false,
        ..MemoryOptions::default()
    };
    let path = Path::new("tests/transcripts/desk.md");
    let stage = Stage::of_file_on(Lang::En, path, host);
    let transcript = stage.types(lines(
        "goto service\nsolve\ndocker exec manager wget -qO- http://127.0.0.1:5678",
    ));
    assert!(
        unwrapped(&transcript).contains("[ok] http://manager:5678 answers"),
        "{transcript}"
    );
    assert!(transcript.contains("Connection refused"), "{transcript}");
}

#[test]
fn a_lesson_that_can_not_run_here_is_passed_by() {
    let host = MemoryOptions {
        registry: false,
        ..MemoryOptions::default()
    };
    let stage = Stage::on(Lang::En, swarmlings::driver::embedded(), host);
    let transcript = stage.types(lines("goto registry/up\n\nnext"));
    let text = unwrapped(&transcript);
    assert!(
        text.contains("This lesson needs a registry, and none can be had here"),
        "{transcript}"
    );
    assert!(text.contains("A name with an address"), "{transcript}");
}

#[test]
fn one_who_comes_back_is_where_they_were() {
    let stage = desk(Lang::En);
    stage.types(lines(&format!("\n{UP}\n\n{SWARM}")));
    let again = stage.types(lines("status"));
    assert!(again.contains("(3 of 5 steps done)"), "{again}");
    assert!(again.contains("A desk (3/5)"), "{again}");
    assert!(
        since(&again, "> status\n").contains("[ok] 2 nodes, all ready"),
        "{again}"
    );
}

#[test]
fn names_that_mean_no_step_or_several_change_nothing() {
    let stage = Stage::new(Lang::En);
    stage.types(lines("goto swarm/token"));
    for (name, told) in [
        ("servcie/create", "service/create"),
        ("nothing-like-it", "nothing-like-it"),
        ("lab-down", "service/lab-down"),
        ("99", "99"),
    ] {
        for verb in ["goto", "reset", "replay"] {
            let transcript = stage.types(lines(&format!("{verb} {name}\nstatus")));
            let said = since(&transcript, &format!("> {verb} {name}\n"));
            assert!(unwrapped(said).contains(told), "{transcript}");
            assert!(said.contains("(swarm/token)"), "{transcript}");
            let current = stage.progress().current;
            assert_eq!(current.as_deref(), Some("swarm-basics/swarm/token"));
        }
    }
    let transcript = stage.types(lines("docker exec manager docker node ls"));
    assert!(transcript.contains("Leader"), "{transcript}");
}

#[test]
fn a_step_that_is_there_no_more_is_told_and_nothing_lost() {
    for (lang, told) in [
        (
            Lang::En,
            "The step `swarm/gone` is not in this course any more.",
        ),
        (Lang::Ko, "`swarm/gone` 단계는 이제 이 과정에 없습니다."),
    ] {
        let stage = Stage::new(lang);
        stage.types(lines("\n"));
        let mut progress = stage.progress();
        progress.current = Some("swarm-basics/swarm/gone".to_owned());
        progress.end("swarm-basics/swarm/gone", Status::Done, 1);
        progress.end("swarm-basics/swarm/older", Status::Skipped, 1);
        stage.keep(&progress);
        let transcript = stage.types(lines("next\nskip"));
        assert!(unwrapped(&transcript).contains(told), "{transcript}");
        let after = stage.progress();
        for (name, step) in &progress.steps {
            assert_eq!(after.status(name), step.status, "{name}");
        }
        assert!(!stage.types(lines("status")).contains("swarm/gone"));
    }
}

#[test]
fn a_script_without_pauses_loses_nothing() {
    let mut stage = desk(Lang::En);
    stage.thinks = Duration::ZERO;
    let transcript = stage.types(lines(&format!("\n{UP}\nnext\n{SWARM}\nnext\nsolve\nnext")));
    assert!(transcript.contains("The end"), "{transcript}");
}

#[test]
fn what_is_to_be_copied_means_the_lab_in_use() {
    for lang in [Lang::En, Lang::Ko] {
        let mut stage = desk(lang);
        stage.options.yes = false;
        stage.options.lab = "mine".to_owned();
        let transcript = unwrapped(&stage.types(lines("n\nquit")));
        for command in ["`swarmlings --lab mine down`", "`swarmlings --lab mine`"] {
            assert!(transcript.contains(command), "{transcript}");
        }
        assert!(!transcript.contains("`swarmlings`"), "{transcript}");
        assert!(!transcript.contains("`swarmlings down`"), "{transcript}");
    }
}

#[test]
fn more_shows_the_step_again_also_where_there_is_no_more() {
    for (lang, none) in [
        (Lang::En, "This step has no optional part."),
        (Lang::Ko, "이 단계에는 선택 항목이 없습니다."),
    ] {
        let stage = Stage::new(lang);
        let branches = stage.types(lines("goto service/where\nmore"));
        let again = since(&branches, "> more\n");
        assert!(again.contains("(6/9)"), "{again}");
        assert!(again.contains("### "), "{again}");
        assert!(!again.contains("`more`"), "{again}");
        let plain = stage.types(lines("goto service/scale\nmore"));
        let again = since(&plain, "> more\n");
        assert!(again.contains("(5/9)") && again.contains(none), "{again}");
    }
}
