use super::*;
use crate::model::ContainerState;
use crate::shell::{Action, ComposeAction, HostAction, Scope, understand};

const NAMES: [&str; 4] = ["manager", "worker01", "worker02", "registry"];

fn rows() -> Vec<PsRow> {
    let row = |(index, name): (usize, &&str)| PsRow {
        id: format!("{index}c1f2e3d4c5b6a798"),
        name: (*name).to_owned(),
        image: match *name {
            "registry" => "registry:latest".to_owned(),
            _ => "docker:dind".to_owned(),
        },
        command: "dockerd --host=unix:…".to_owned(),
        age: Some(60 * index as i64 + 5),
        status: match *name {
            "worker02" => "Exited (137) 3 seconds ago".to_owned(),
            _ => "Up 9 seconds".to_owned(),
        },
        ports: match *name {
            "manager" => "2375-2376/tcp, 127.0.0.1:5678->5678/tcp, 127.0.0.1:8000->80/tcp".into(),
            _ => "2375-2376/tcp".to_owned(),
        },
        state: match *name {
            "worker02" => ContainerState::Exited(137),
            "registry" => ContainerState::Paused,
            _ => ContainerState::Running,
        },
    };
    NAMES.iter().enumerate().map(row).collect()
}

fn image_rows() -> Vec<ImageRow> {
    let row = |repository: &str, tag: &str, age, size| ImageRow {
        repository: repository.to_owned(),
        tag: tag.to_owned(),
        id: format!("sha256:{size:064}"),
        age,
        size,
    };
    vec![
        row("docker", "dind", Some(3 * 86_400), 351_234_567),
        row("hashicorp/http-echo", "latest", None, 5_460_000),
        row("localhost:5000/hashicorp/http-echo", "latest", None, 987),
    ]
}

/// What a typed line prints.
fn shown(line: &str, width: usize) -> String {
    let scope = Scope {
        nodes: NAMES[..3].iter().map(|name| (*name).to_owned()).collect(),
        others: vec!["registry".to_owned()],
        ..Scope::default()
    };
    match understand(line, &scope) {
        Ok(Action::Host(HostAction::Ps(listing))) => containers(&rows(), &listing, width),
        Ok(Action::Compose(ComposeAction::Ps(listing))) => services(&rows(), &listing, width),
        Ok(Action::Host(HostAction::Images(listing))) => images(&image_rows(), &listing, width),
        Ok(Action::Host(HostAction::Networks(listing))) => networks(
            &[("a".repeat(64), "lab_default".to_owned())],
            &listing,
            width,
        ),
        other => panic!("{line}: {other:?}"),
    }
}

#[test]
fn tables_are_dockers() {
    let lines = [
        ("docker ps", 200),
        ("docker ps -a", 80),
        ("docker ps -a", 40),
        ("docker ps --no-trunc -q -f name=manager", 80),
        ("docker ps --format '{{.Names}} {{.State}}'", 80),
        (
            r#"docker ps -a --format "table {{.Names}}\t{{.Status}}\t{{.Ports}}""#,
            80,
        ),
        ("docker ps -f name=manager --format json", 80),
        ("docker ps --filter status=exited", 80),
        ("docker ps --filter name=^w --filter name=y$", 80),
        ("docker ps -f ancestor=registry -q", 80),
        ("docker ps -l --format '{{.Names}} {{.RunningFor}}'", 80),
        ("docker compose ps", 200),
        ("docker compose ps -a worker02", 80),
        ("docker compose ps --services", 80),
        ("docker images", 80),
        ("docker images", 60),
        ("docker images 'localhost:5000/*/*'", 80),
        (
            "docker images --format '{{.Repository}}:{{.Tag}} {{json .Size}}'",
            80,
        ),
        ("docker network ls", 80),
        ("docker network ls -q --filter driver=overlay", 80),
    ];
    let text: String = lines
        .iter()
        .map(|(line, width)| format!("$ {line}    ({width} columns)\n{}\n", shown(line, *width)))
        .collect();
    insta::assert_snapshot!(text);
}

#[test]
fn ages_and_sizes_are_in_dockers_words() {
    for (seconds, words) in [
        (0, "Less than a second ago"),
        (1, "1 second ago"),
        (59, "59 seconds ago"),
        (60, "About a minute ago"),
        (3599, "59 minutes ago"),
        (3700, "About an hour ago"),
        (7300, "2 hours ago"),
        (200_000, "2 days ago"),
        (20 * 86_400, "2 weeks ago"),
        (90 * 86_400, "3 months ago"),
        (800 * 86_400, "2 years ago"),
    ] {
        assert_eq!(ago(Some(seconds)), words, "{seconds}");
    }
    assert_eq!(ago(None), "N/A");
    for (bytes, words) in [
        (0, "0B"),
        (987, "987B"),
        (5_460_000, "5.46MB"),
        (54_600_000, "54.6MB"),
        (351_234_567, "351MB"),
        (1_234_567_890, "1.23GB"),
    ] {
        assert_eq!(size(bytes), words, "{bytes}");
    }
}
