//! What the walks by chance do not see of a way to a step: that spare engines are
//! taken, and that files in nodes are named before they go.

use std::collections::BTreeSet;

use super::docker::{docker, words};
use super::observer::containers_of;
use super::place::Place;
use super::proof::actions::Map;
use super::walk::must_be;

/// Spare engines become the lab, with its ports, and where a step begins with a swarm
/// they are one already; the old ones go.
pub fn with_a_spare_set() {
    let place = Place::new("spare");
    place.must(&["goto", "swarm/init", "--yes", "--spare", "on"]);
    assert_eq!(
        local_swarms(&place),
        BTreeSet::from(["inactive".to_owned()])
    );
    place.must(&["goto", "swarm/four-nodes", "--yes"]);
    takes_the_spares(&place, "swarm/init", "takes the spare nodes:");
    place.must(&["goto", "swarm/four-nodes", "--yes", "--spare", "on"]);
    assert_eq!(local_swarms(&place), BTreeSet::from(["active".to_owned()]));
    let manager = containers_of(&place.lab)["manager"].clone();
    docker(&["exec", &manager, "docker", "swarm", "leave", "--force"]);
    // A swarm is of no use where none should be, and stays for another time.
    let kept = containers_of(&place.lab);
    let told = place.must(&["goto", "swarm/init", "--yes"]);
    must_be(&place, &Map::new(), "swarm/init", &told);
    assert_eq!(containers_of(&place.lab), kept, "{told}");
    assert_eq!(spares(&place).len(), 4);
    place.must(&["goto", "swarm/four-nodes", "--yes"]);
    docker(&["exec", &manager, "docker", "swarm", "leave", "--force"]);
    takes_the_spares(&place, "service/where", "the spare nodes with their swarm");
    place.must(&["down"]);
    place.nothing_is_left();
}

fn spares(place: &Place) -> BTreeSet<String> {
    let name = format!("name=swarmlings-{}.spare.", place.lab);
    let listed = words(&["ps", "-q", "--filter", &name]);
    listed.into_iter().collect()
}

/// What the spare engines say of their place in a swarm.
fn local_swarms(place: &Place) -> BTreeSet<String> {
    let state = ["docker", "info", "--format", "{{.Swarm.LocalNodeState}}"];
    let spares = spares(place);
    assert_eq!(spares.len(), 4, "{spares:?}");
    let asked = spares.iter().map(|spare| {
        let argv = [&["exec", spare][..], &state].concat();
        docker(&argv).trim().to_owned()
    });
    asked.collect()
}

fn takes_the_spares(place: &Place, step: &str, says: &str) {
    let spares = spares(place);
    let had = docker(&["port", &containers_of(&place.lab)["manager"]]);
    let told = place.must(&["goto", step, "--yes"]);
    let words: Vec<&str> = told.split_whitespace().collect();
    assert!(words.join(" ").contains(says), "{told}");
    must_be(place, &Map::new(), step, &told);
    let containers = containers_of(&place.lab);
    let taken: BTreeSet<String> = containers.values().cloned().collect();
    let ports = docker(&["port", &containers["manager"]]);
    // The ports are the same, also where others than the plan's: unless another lab of this
    // run took one in the moment that it was free, and new nodes had to be made: the
    // manager, or all of a swarm.
    let lines = |ports: &str| ports.lines().map(str::to_owned).collect::<BTreeSet<_>>();
    let of_spares = taken.intersection(&spares).count();
    let same = lines(&ports) == lines(&had);
    assert!(
        of_spares == 4 || !same && [0, 3].contains(&of_spares),
        "{of_spares} {told}\n{had}\n{ports}"
    );
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
