#![allow(clippy::unwrap_used)]

use super::*;

fn argv(line: &str) -> Vec<String> {
    line.split(' ').map(str::to_string).collect()
}

fn parsed(line: &str) -> Parsed {
    parse(&argv(line)).unwrap_or_else(|why| panic!("{line}: {why:?}"))
}

#[test]
fn the_table_is_sound() {
    for subcommand in SUBCOMMANDS.iter() {
        for name in &subcommand.names {
            let twins = SUBCOMMANDS.iter().filter(|one| one.is_called(name));
            assert_eq!(twins.count(), 1, "{name:?} stands twice");
        }
        let mut longs: Vec<&str> = subcommand.flags.iter().map(|flag| flag.long).collect();
        longs.sort_unstable();
        longs.dedup();
        assert_eq!(
            longs.len(),
            subcommand.flags.len(),
            "{:?}",
            subcommand.name()
        );
    }
}

#[test]
fn flags_and_positionals_are_told_apart() {
    let create = parsed(
        "docker service create -dq --name web --replicas=3 -p80:80 -e A=1 -e B=2 img:1 cmd --flag",
    );
    assert_eq!(create.path, ["service", "create"]);
    assert!(create.has("detach") && create.has("quiet") && !create.has("tty"));
    assert_eq!(create.value("name"), Some("web"));
    assert_eq!(create.value("replicas"), Some("3"));
    assert_eq!(create.value("publish"), Some("80:80"));
    assert_eq!(create.values("env"), ["A=1", "B=2"]);
    assert_eq!(create.positionals, ["img:1"]);
    assert_eq!(create.rest, ["cmd", "--flag"]);

    let update = parsed("docker service update web --image img:2 --detach=false");
    assert_eq!(update.positionals, ["web"]);
    assert_eq!(update.value("image"), Some("img:2"));
    assert!(!update.has("detach"));

    let list = parsed("docker -D container list -q");
    assert_eq!(list.path, ["ps"]);
    assert!(list.has("quiet"));
    assert_eq!(list.group_flags[0].name, "debug");

    let scale = parsed("docker service scale web=6 api=2");
    assert_eq!(scale.kind(1), Some(&Kind::ServiceReplicas));
    assert!(parsed("docker service create --help").help);
    assert_eq!(parsed("docker-compose up -d").path, ["compose", "up"]);
}

#[test]
fn what_the_grammar_does_not_take() {
    let why = |line: &str| parse(&argv(line)).unwrap_err();
    assert_eq!(why("ls"), Unparsed::NotDocker);
    assert!(
        matches!(why("docker service"), Unparsed::Incomplete { path, .. } if path == ["service"])
    );
    assert_eq!(
        why("docker serivce ls"),
        Unparsed::UnknownCommand {
            at: 1,
            similar: Some("service")
        }
    );
    assert_eq!(
        why("docker service lss"),
        Unparsed::UnknownCommand {
            at: 2,
            similar: Some("ls")
        }
    );
    assert!(matches!(
        why("docker service create --nmae web img"),
        Unparsed::UnknownFlag { at: 3, similar: Some(similar), .. } if similar == "--name"
    ));
    assert!(matches!(
        why("docker service create --name"),
        Unparsed::NoValue { at: 3, .. }
    ));
    assert_eq!(
        why("docker service rm"),
        Unparsed::Usage("docker service rm SERVICE...".into())
    );
    assert_eq!(
        why("docker network connect a"),
        Unparsed::Usage("docker network connect [OPTIONS] NETWORK CONTAINER".into())
    );
    assert!(matches!(why("docker swarm init extra"), Unparsed::Usage(_)));
}

#[test]
fn detach_is_added_where_docker_would_wait() {
    for (line, detached_line) in [
        (
            "docker service create --name web img",
            "docker service create --detach --name web img",
        ),
        (
            "docker service scale web=6",
            "docker service scale --detach web=6",
        ),
        (
            "docker service update --image i web",
            "docker service update --detach --image i web",
        ),
        (
            "docker service rollback web",
            "docker service rollback --detach web",
        ),
        (
            "docker -D service scale web=6",
            "docker -D service scale --detach web=6",
        ),
        (
            "docker service scale -d web=6",
            "docker service scale -d web=6",
        ),
        (
            "docker service scale --detach=false web=6",
            "docker service scale --detach=false web=6",
        ),
        ("docker service rm web", "docker service rm web"),
        (
            "docker stack deploy -c f.yml app",
            "docker stack deploy -c f.yml app",
        ),
        ("docker run img", "docker run img"),
        ("ls service create", "ls service create"),
    ] {
        assert_eq!(detached(&argv(line)).join(" "), detached_line);
    }
}
