use super::*;

fn lesson(id: &str, requires: &str, body: &str) -> String {
    format!(
        "---\nformat: 1\nid: {id}\nrequires: [{requires}]\nimages: [hashicorp/http-echo:latest]\n---\n# T\n\n{body}\n"
    )
}

const LAB: &str = "```yaml compose\nservices:\n  manager:\n    image: docker:dind\n  registry:\n    image: registry:2\n```\n";

fn step(commands: &str) -> String {
    format!(
        "## S <!-- step: s -->\n\n```console\n{commands}\n```\n\n```yaml check\nlab: running\n```\n"
    )
}

fn folder(files: &[(&str, String)]) -> tempfile::TempDir {
    let home = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = home.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    home
}

/// `file:line:column severity message | cure`, without the folder.
fn linted(home: &tempfile::TempDir, paths: &[&str]) -> Vec<String> {
    let paths: Vec<PathBuf> = paths.iter().map(|path| home.path().join(path)).collect();
    let groups = files::find(&paths).unwrap();
    let root = format!("{}/", home.path().display());
    problems(&groups, Lang::En)
        .iter()
        .map(|told| {
            let Told {
                file, line, column, ..
            } = told;
            let level = words::problem::severity(told.severity, Lang::En);
            let text = format!(
                "{file}:{line}:{column} {level} {} | {}",
                told.message, told.cure
            );
            text.replace(&root, "")
        })
        .collect()
}

#[test]
fn commands_that_the_prompt_refuses_are_errors_at_their_word() {
    let body = format!(
        "{LAB}\n{}",
        step(
            "$ docker exec manager docker serivce ls\n\
             $ docker exec manager \\\n  docker service create --nmae web hashicorp/http-echo:latest\n\
             $ docker run nginx\n\
             $ docker exec manager echo $WORKER_TOKEN\n\
             $ on manager\n\
             $ docker node ls\n\
             $ docker ps | wc"
        )
    );
    let home = folder(&[("a.md", lesson("a", "", &body))]);
    insta::assert_snapshot!(linted(&home, &["a.md"]).join("\n"));
}

#[test]
fn a_mistake_may_be_refused_but_must_be_a_line() {
    let body = format!(
        "{LAB}\n{}\n```yaml mistake\nrun: docker serivce ls\nsays: x\n```\n\n```yaml mistake\nrun: docker exec manager sh -c 'ls\nsays: x\n```\n",
        step("$ docker ps")
    );
    let home = folder(&[("a.md", lesson("a", "", &body))]);
    assert_eq!(
        linted(&home, &["a.md"]),
        ["a.md:33:32 error A quote is opened and never closed. | "]
    );
}

#[test]
fn a_node_is_told_once_and_a_file_is_read_with_what_it_requires() {
    let home = folder(&[
        (
            "1.md",
            lesson("a", "", &format!("{LAB}\n{}", step("$ docker serivce ls"))),
        ),
        ("2.md", lesson("b", "a", &step("$ docker exec managr ls"))),
    ]);
    let said = linted(&home, &["2.md"]);
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(
        said[0].starts_with("2.md:12:15 error the lab has no node"),
        "{said:?}"
    );
    assert_eq!(linted(&home, &["."]).len(), 2);
    assert_eq!(linted(&home, &["1.md", "2.md"]).len(), 2);
}

#[test]
fn of_a_file_without_a_lab_the_nodes_are_taken_as_given() {
    let home = folder(&[(
        "a.md",
        lesson("a", "", &step("$ docker exec box docker noed ls")),
    )]);
    let said = linted(&home, &["a.md"]);
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(said[0].contains("noed"), "{said:?}");
}

#[test]
fn twins_are_compared_where_both_languages_were_given() {
    let a = lesson("a", "", &format!("{LAB}\n{}", step("$ docker ps")));
    let b = a.replace("$ docker ps", "$ docker images");
    let home = folder(&[
        ("lessons/en/c/1.md", a.clone()),
        ("lessons/en/c/2.md", a.replace("id: a", "id: b")),
        ("lessons/en/c/README.md", "# C\n".to_owned()),
        ("lessons/ko/c/1.md", b),
        ("lessons/notes/n.md", "# Not a lesson\n".to_owned()),
    ]);
    let said = linted(&home, &["lessons"]);
    assert_eq!(said.len(), 3, "{said:?}");
    assert!(said[0].contains("lessons/en/c/1.md"), "{said:?}");
    assert!(
        said[1].starts_with("lessons/en/c/2.md:1:1 error the lesson has no twin lessons/ko/c/2.md"),
        "{said:?}"
    );
    assert_eq!(linted(&home, &["lessons/en"]), [""; 0]);
}

#[test]
fn the_lessons_of_the_program_have_no_problems() {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("lessons");
    let groups = files::find(&[root]).unwrap();
    let told = problems(&groups, Lang::En);
    assert_eq!(told, [], "{told:#?}");
    assert!(groups.iter().all(|group| group.twin.is_some()));
}
