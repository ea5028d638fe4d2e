//! What stands in the lab's way on the engine and on the disk: names, a port and
//! a network that others have, folders that can't be written.

use std::io::Write;
use std::net::TcpListener;
use std::process::{Command, Stdio};

use super::docker::docker;
use super::killed::answering;
use super::place::Place;

/// Somebody else's container or network, gone at the end.
struct Foreign(&'static [&'static str], String);

impl Foreign {
    /// `None`: it is there already, which does as well.
    fn made(remove: &'static [&'static str], args: &[&str], name: String) -> Option<Foreign> {
        let made = Command::new("docker").args(args).output().unwrap();
        made.status.success().then_some(Foreign(remove, name))
    }
}

impl Drop for Foreign {
    fn drop(&mut self) {
        let _ = Command::new("docker").args(self.0).arg(&self.1).output();
    }
}

/// A name that is taken is named with its cure, and its owner is left alone; a
/// port and a network are gone round.
pub fn on_the_engine() {
    let place = Place::new("taken");
    place.must(&["up", "--yes"]);
    let manager = place.container("manager");
    let get = |format: &str, what: &str| docker(&["inspect", "-f", format, what]).trim().to_owned();
    let image = get("{{.Image}}", &manager);
    let ours = get("{{.Name}}", &manager)
        .trim_start_matches('/')
        .to_owned();
    let address = "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}";
    let before = get(address, &manager);
    place.must(&["down"]);

    let container = |name: &str| {
        let args = ["create", "--name", name, &image, "true"];
        Foreign::made(&["rm", "-fv"], &args, name.to_owned())
    };
    {
        let _foreign = container(&ours).expect("our own name is free after `down`");
        let refused = place.run(&["up", "--yes"]);
        let said = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert_eq!(refused.status.code(), Some(3), "{said}");
        assert!(
            said.contains(&ours) && said.contains("--lab NAME"),
            "{said}"
        );
        assert!(said.contains("is not this lab's"), "{said}");
        place.must(&["down"]);
        // `down` removes by label: what is somebody else's is still there.
        docker(&["inspect", &ours]);
    }

    // The compose file says `container_name: manager`; the lab's own is prefixed.
    let _called_so = container("manager");
    // Another test's lab may have it, and give it up at any moment.
    let port = TcpListener::bind("127.0.0.1:9000");
    let (subnet, _) = before.rsplit_once('.').unwrap();
    let subnet = format!("{subnet}.0/24");
    let name = format!("{}-foreign", place.lab);
    let args = ["network", "create", "--subnet", &subnet, &name];
    let _network = Foreign::made(&["network", "rm"], &args, name.clone());
    let said = place.must(&["up", "--yes"]);
    assert!(port.is_err() || said.contains("Port 9000"), "{said}");
    assert_ne!(get(address, &place.container("manager")), before);
    assert_eq!(answering(&place), 4);
    place.must(&["down"]);
    place.nothing_is_left();
}

/// A state folder that can't be written: said with a cure, and the session is
/// there all the same.
pub fn on_the_disk() {
    let place = Place::new("unwritable");
    let file = place.folder().join("a-file");
    std::fs::write(&file, "").unwrap();
    for state in [file.as_path(), std::path::Path::new("/sys/swarmlings")] {
        let mut program = place
            .program(&["--plain"])
            .env("XDG_STATE_HOME", state)
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = program.stdin.take().unwrap();
        stdin.write_all(b"n\nlist\nquit\n").unwrap();
        drop(stdin);
        let output = program.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned()
            + &String::from_utf8_lossy(&output.stderr);
        let state = state.display();
        assert!(output.status.success(), "{state}: {said}");
        assert!(said.contains(&format!("{state}/")), "{state}: {said}");
        assert!(
            said.contains("Progress could not be saved"),
            "{state}: {said}"
        );
        assert!(said.contains("[->]"), "{state}: the list is shown: {said}");
    }
    place.nothing_is_left();
}
