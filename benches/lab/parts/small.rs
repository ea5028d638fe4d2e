//! The program by itself: its start, its size, and the images it makes.

use std::time::Instant;

use swarmlings::driver::embedded;
use swarmlings::lab::image::{archive, node, service};

use crate::place::{PROGRAM, Place};
use crate::report::{Report, Times, timed};
use crate::terminal::{CTRL_D, Terminal};

/// From the start to the first prompt with a lab running, and what it holds then.
pub fn start(report: &mut Report) {
    let place = Place::new("start");
    place.must(&["goto", "swarm/four-nodes", "--yes"]);
    let mut memory = 0;
    let times = Times::of(21, || {
        let began = Instant::now();
        let mut terminal = Terminal::start(&place, &[]);
        terminal.until_prompt("swarm 6/6>");
        let time = began.elapsed();
        terminal.line("docker exec manager docker node ls");
        terminal.prompt("swarm 6/6>");
        memory = memory.max(resident(terminal.process()));
        terminal.keys(CTRL_D);
        terminal.end();
        time
    });
    report.alone("start to the first prompt, lab running", &times, "50 ms");
    let lessons = Times::of(101, || timed(|| embedded().twins.len()).1);
    report.alone("all lessons read", &lessons, "5 ms");
    report.size("memory of the prompt (RSS)", memory, "25 MB");
    let binary = std::fs::metadata(PROGRAM).unwrap().len();
    report.size("the program", binary, "15 MB");
    place.must(&["down"]);
}

fn resident(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    let words: Vec<&str> = line.unwrap().split_whitespace().collect();
    words[1].parse::<u64>().unwrap() * 1024
}

/// The node's and the service's image put together from this machine and given
/// to the engine, with nothing kept from before.
pub fn images(report: &mut Report) {
    let mut round = 0;
    let times = Times::of(3, || {
        round += 1;
        let cache = tempfile::tempdir().unwrap();
        let tags = [1, 2].map(|n| format!("swarmlings/bench:{}-{round}-{n}", std::process::id()));
        let (_, time) = timed(|| {
            let host = node::Host::of_machine(PROGRAM.into());
            let images = [
                node::assemble(&host, &tags[0]).unwrap(),
                service::echo(&service::Echo::stand_in(&tags[1]), PROGRAM.as_ref()).unwrap(),
            ];
            for (n, image) in images.iter().enumerate() {
                let made = archive::write(image, &format!("bench{n}"), cache.path()).unwrap();
                crate::docker::docker(&["load", "-q", "-i", made.path.to_str().unwrap()]);
            }
        });
        crate::docker::docker(&["rmi", &tags[0], &tags[1]]);
        time
    });
    report.alone("node and service image made", &times, "5 s");
}
