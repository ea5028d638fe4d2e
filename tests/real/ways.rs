//! What the walks by chance do not see of a way to a step: that spare engines are
//! taken, and that files in nodes are named before they go.

use std::collections::BTreeSet;

use super::docker::{docker, words};
use super::observer::containers_of;
use super::place::Place;
use super::proof::actions::Map;
use super::walk::must_be;

/// Spare engines become the lab, with its ports; the old ones go.
pub fn with_a_spare_set() {
    let place = Place::new("spare");
    place.must(&["goto", "swarm/four-nodes", "--yes", "--spare", "on"]);
    let name = format!("name=swarmlings-{}.spare.", place.lab);
    let spares: BTreeSet<String> = words(&["ps", "-q", "--filter", &name])
        .into_iter()
        .collect();
    assert_eq!(spares.len(), 4, "{spares:?}");
    let manager = containers_of(&place.lab)["manager"].clone();
    docker(&["exec", &manager, "docker", "swarm", "leave", "--force"]);
    let had = docker(&["port", &manager]);
    let told = place.must(&["goto", "service/where", "--yes", "--spare", "off"]);
    must_be(&place, &Map::new(), "service/where", &told);
    let containers = containers_of(&place.lab);
    let taken: BTreeSet<String> = containers.values().cloned().collect();
    let ports = docker(&["port", &containers["manager"]]);
    // The ports are the same, also where others than the plan's: unless another lab of this
    // run took one in the moment that it was free, and a new manager had to be made.
    let lines = |ports: &str| ports.lines().map(str::to_owned).collect::<BTreeSet<_>>();
    let same = lines(&ports) == lines(&had);
    let of_spares = taken.intersection(&spares).count();
    assert_eq!(
        of_spares,
        if same { 4 } else { 3 },
        "{told}\n{had}\n{ports}"
    );
    place.must(&["down"]);
    place.nothing_is_left();
}

/// Without `--yes` they are asked about, and stay.
pub fn past_files_in_a_node() {
    let place = Place::new("files");
    place.must(&["goto", "cluster/look", "--yes"]);
    let manager = containers_of(&place.lab)["manager"].clone();
    docker(&["exec", &manager, "sh", "-c", "echo mine >/tmp/mine"]);
    let files = || docker(&["diff", &manager]).contains("/tmp/mine");
    let asked = place.run(&["reset"]);
    let said = [asked.stdout, asked.stderr].concat();
    let said = String::from_utf8_lossy(&said).into_owned();
    assert!(!asked.status.success(), "{said}");
    assert!(said.contains("manager:/tmp/mine"), "{said}");
    assert!(files(), "{said}");
    place.must(&["reset", "--yes"]);
    assert!(!files());
    assert_eq!(containers_of(&place.lab)["manager"], manager);
    place.must(&["down"]);
    place.nothing_is_left();
}
