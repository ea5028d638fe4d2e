//! The whole course without anybody typing.

use serde_json::Value;

use super::place::Place;

/// Whether the registry lesson can run here: Debian's package holds the program.
fn has_registry() -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join("docker-registry").is_file())
}

/// The objects that `run --json` prints, one a line.
pub fn steps(printed: &str) -> Vec<Value> {
    printed
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")))
        .collect()
}

pub fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key]
        .as_str()
        .unwrap_or_else(|| panic!("no {key}: {value}"))
}

pub fn headless() {
    let place = Place::new("course");
    let strict: &[&str] = match has_registry() {
        true => &["run", "--json", "--yes", "--strict"],
        false => &["run", "--json", "--yes"],
    };
    let steps = steps(&place.must(strict));
    assert!(steps.len() > 20, "only {} steps", steps.len());
    for step in &steps {
        let (name, status) = (text(step, "step"), text(step, "status"));
        let lacks_registry = name.starts_with("registry/") && !has_registry();
        let wanted = if lacks_registry { "skipped" } else { "met" };
        assert_eq!(status, wanted, "{step:#}");
        if lacks_registry {
            assert!(!text(step, "skipped").is_empty());
            continue;
        }
        for check in step["checks"].as_array().unwrap() {
            assert_eq!(text(check, "verdict"), "met", "{name}: {check:#}");
        }
        for command in step["commands"].as_array().unwrap() {
            assert_eq!(command["exit"], 0, "{name}: {command:#}");
        }
    }
    // The seed's way is in it, to its end.
    let played: Vec<&str> = steps
        .iter()
        .flat_map(|step| step["commands"].as_array().unwrap())
        .map(|command| text(command, "command"))
        .collect();
    for command in [
        "docker compose up -d",
        "docker exec -it manager docker swarm init",
        "docker exec -it manager docker node ls",
        "docker exec -it manager docker service scale test_swarm=6",
        "docker exec -it manager docker service rm test_swarm",
        "docker compose down",
    ] {
        assert!(played.contains(&command), "{command} was not played");
    }
    place.must(&["down"]);
    place.nothing_is_left();
}
