//! What a lab costs that is only watched, while nothing waits.

use std::time::{Duration, Instant};

use crate::docker::{docker, words};
use crate::hand::NODES;
use crate::place::Place;
use crate::report::Report;
use crate::terminal::{CTRL_D, Terminal};

/// How long is measured.
const WATCHED: Duration = Duration::from_secs(30);

/// The prompt at rest beside four engines with a service of six: its own share
/// of a core, and what its looks cost the engines more than they cost alone.
pub fn idle(report: &mut Report) {
    let place = Place::new("idle");
    place.must(&["goto", "service/where", "--yes"]);
    let mut terminal = Terminal::start(&place, &[]);
    terminal.until_prompt("service 6/9>");
    let process = terminal.process();
    let (watched, program) = measure(&place, Some(process));
    terminal.keys(CTRL_D);
    terminal.end();
    let (alone, _) = measure(&place, None);
    report.share(
        "a lab watched at rest: the program",
        program,
        "1 % of a core",
    );
    report.share("its engines for it", (watched - alone).max(0.0), "");
    report.share("(the same engines with nobody there)", alone, "");
    place.must(&["down"]);
}

/// Four spare nodes beside a lab, which a `goto` would take, as clean engines and as
/// a swarm.
pub fn spare(report: &mut Report) {
    let place = Place::new("spare");
    for (step, what) in [
        ("swarm/init", "a spare set of four engines"),
        ("swarm/four-nodes", "the same, a swarm already"),
    ] {
        place.must(&["goto", step, "--yes", "--spare", "on"]);
        waits(report, &place, what);
    }
    place.must(&["down"]);
}

/// What they hold of memory (without the cache, as `docker stats` counts) and use of
/// a core.
fn waits(report: &mut Report, place: &Place, what: &str) {
    let name = format!("name=swarmlings-{}.spare.", place.lab);
    let spares = words(&["ps", "-q", "--filter", &name]);
    assert_eq!(spares.len(), NODES.len(), "spare engines");
    let all = || -> f64 { spares.iter().map(|id| cpu(id)).sum() };
    let (began, then) = (Instant::now(), all());
    let (_nobody, nothing) = std::sync::mpsc::channel::<()>();
    let _ = nothing.recv_timeout(WATCHED);
    let share = (all() - then) / began.elapsed().as_secs_f64();
    let script = "sed -n 's/^total_rss //p;s/^anon //p' /sys/fs/cgroup/memory/memory.stat \
                  /sys/fs/cgroup/memory.stat 2>/dev/null | head -n 1";
    let held = spares.iter().map(|id| {
        let held = docker(&["exec", id, "sh", "-c", script]);
        held.trim().parse::<u64>().unwrap_or_default()
    });
    report.size(&format!("{what}: memory"), held.sum(), "");
    report.share("its engines, from when it was made", share, "");
}

/// Shares of a core: of the engines, and of the program where it runs.
fn measure(place: &Place, process: Option<u32>) -> (f64, f64) {
    let (began, engines_then, program_then) = (Instant::now(), engines(place), program(process));
    // Nobody sends: the time that is measured passes.
    let (_nobody, nothing) = std::sync::mpsc::channel::<()>();
    let _ = nothing.recv_timeout(WATCHED);
    let (engines, program) = (
        engines(place) - engines_then,
        program(process) - program_then,
    );
    let seconds = began.elapsed().as_secs_f64();
    (engines / seconds, program / seconds)
}

/// Seconds of CPU that the nodes and the engine around them have used.
fn engines(place: &Place) -> f64 {
    let nodes: f64 = NODES.iter().map(|node| cpu(&place.container(node))).sum();
    nodes + outer().map_or(0.0, ticks)
}

/// Seconds of CPU that a container has used.
fn cpu(container: &str) -> f64 {
    let script = "cat /sys/fs/cgroup/cpuacct/cpuacct.usage 2>/dev/null || \
                  sed -n 's/^usage_usec \\(.*\\)/\\1000/p' /sys/fs/cgroup/cpu.stat";
    let used = docker(&["exec", container, "sh", "-c", script]);
    used.trim().parse::<f64>().unwrap_or_default() / 1e9
}

/// The engine's process, where it runs on this machine.
fn outer() -> Option<u32> {
    let text = std::fs::read_to_string("/var/run/docker.pid").ok()?;
    text.trim().parse().ok()
}

fn program(process: Option<u32>) -> f64 {
    process.map_or(0.0, ticks)
}

/// Seconds of CPU of a process: `utime` and `stime`, in ticks of 10 ms.
fn ticks(process: u32) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    let after = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    let fields: Vec<&str> = after.split_whitespace().collect();
    let of = |index: usize| {
        let field = fields.get(index).copied().unwrap_or_default();
        field.parse::<f64>().unwrap_or_default()
    };
    (of(11) + of(12)) / 100.0
}
