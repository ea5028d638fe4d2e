//! Each fault that a lab can have, made by hand from outside under a learner's
//! prompt: it is told by name, `repair` mends it with the swarm kept, and the
//! step goes on. One lab, one fault after another.

use std::process::Command;
use std::time::{Duration, Instant};

use super::docker::{docker, wait};
use super::killed::answering;
use super::place::Place;
use super::terminal::{CTRL_D, Terminal};

pub const NODES: [&str; 4] = ["manager", "worker01", "worker02", "worker03"];

/// How soon a fault is told on a machine that has time for it. Tests share
/// theirs, so that a slow one is given twice as long before this fails.
const TOLD_WITHIN: Duration = Duration::from_secs(15 * 2);

/// A lab whose nodes are harmed by Docker's own CLI.
pub struct Harm<'p> {
    place: &'p Place,
    /// What can't be done to a node as it is now is left.
    lenient: bool,
}

impl Harm<'_> {
    /// Harm that must be done.
    fn to(place: &Place) -> Harm<'_> {
        let lenient = false;
        Harm { place, lenient }
    }

    /// Harm as far as it can be done, whatever was done before.
    pub fn more(place: &Place) -> Harm<'_> {
        let lenient = true;
        Harm { place, lenient }
    }

    fn docker(&self, args: &[&str]) {
        let output = Command::new("docker").args(args).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(
            self.lenient || output.status.success(),
            "docker {args:?}: {said}"
        );
    }

    fn outside(&self, args: &[&str], node: &str) {
        self.docker(&[args, &[&self.place.container(node)]].concat());
    }

    fn inside(&self, node: &str, script: &str) {
        self.docker(&["exec", &self.place.container(node), "sh", "-c", script]);
    }

    /// The node's address in the lab's network; empty: it has none.
    fn address(&self, node: &str) -> String {
        let format = "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}";
        let printed = docker(&["inspect", "-f", format, &self.place.container(node)]);
        printed.trim().to_owned()
    }

    pub fn kill(&self, node: &str) {
        self.outside(&["kill"], node);
    }

    pub fn stop(&self, node: &str) {
        self.outside(&["stop", "-t", "1"], node);
    }

    pub fn pause(&self, node: &str) {
        self.outside(&["pause"], node);
    }

    pub fn remove(&self, node: &str) {
        self.outside(&["rm", "-fv"], node);
    }

    /// The engine is there and does nothing.
    pub fn hang(&self, node: &str) {
        self.inside(node, "kill -STOP $(cat /run/docker.pid)");
    }

    /// The engine dies, and its container with it.
    pub fn die(&self, node: &str) {
        // The exec dies with its container.
        let script = "kill -KILL $(cat /run/docker.pid)";
        Harm::more(self.place).inside(node, script);
    }

    pub fn disconnect(&self, node: &str) {
        self.outside(
            &["network", "disconnect", "-f", &self.place.network()],
            node,
        );
    }

    /// The container is on the network at another address.
    pub fn readdress(&self, node: &str) {
        let address = self.address(node);
        let Some((net, _)) = address.rsplit_once('.') else {
            assert!(self.lenient, "{node} has no address");
            return;
        };
        self.disconnect(node);
        let address = format!("{net}.77");
        self.outside(
            &[
                "network",
                "connect",
                "--ip",
                &address,
                &self.place.network(),
            ],
            node,
        );
    }

    /// All packets of a node are dropped.
    pub fn isolate(&self, node: &str) {
        self.inside(
            node,
            "iptables -I INPUT -i eth+ -j DROP && iptables -I OUTPUT -o eth+ -j DROP",
        );
    }

    /// One node has no way to another.
    pub fn cut(&self, node: &str, other: &str) {
        let address = self.address(other);
        self.inside(node, &format!("ip route add blackhole {address}"));
    }

    pub fn remove_network(&self) {
        for node in NODES {
            self.disconnect(node);
        }
        self.docker(&["network", "rm", &self.place.network()]);
    }
}

/// A harm, and what is told of it.
type Case = (&'static str, fn(&Harm), &'static str);

/// What happens to a worker.
const WORKERS: &[Case] = &[
    (
        "killed",
        |harm| harm.kill("worker02"),
        "The container of `worker02` has stopped (exit code 137)",
    ),
    (
        "paused",
        |harm| harm.pause("worker02"),
        "`worker02` was paused",
    ),
    (
        "removed",
        |harm| harm.remove("worker02"),
        "The container of `worker02` was removed",
    ),
    (
        "hung",
        |harm| harm.hang("worker02"),
        "The engine in `worker02` does not answer any more",
    ),
    (
        "dead",
        |harm| harm.die("worker03"),
        "The container of `worker03` has stopped",
    ),
];

/// What happens to the network, and to the manager.
const NETWORK: &[Case] = &[
    (
        "off",
        |harm| harm.disconnect("worker02"),
        "`worker02` was cut off the lab's network",
    ),
    (
        "isolated",
        |harm| harm.isolate("worker02"),
        "The other nodes do not hear `worker02`",
    ),
    (
        "cut",
        |harm| harm.cut("worker01", "worker02"),
        "do not hear each other: `worker01` and `worker02`",
    ),
    (
        "readdressed",
        |harm| harm.readdress("worker03"),
        "`worker03` has the address",
    ),
    (
        "no network",
        |harm| harm.remove_network(),
        "The lab's network was removed",
    ),
    (
        "manager",
        |harm| harm.kill("manager"),
        "The container of `manager` has stopped",
    ),
];

/// Faults of workers.
pub fn of_workers() {
    each(&Place::new("workers"), WORKERS);
}

/// Faults of the network and of the manager.
pub fn of_the_network() {
    each(&Place::new("network"), NETWORK);
}

fn each(place: &Place, cases: &[Case]) {
    place.must(&["goto", "service/where", "--yes"]);
    let label = [
        "docker",
        "node",
        "update",
        "--label-add",
        "kept=yes",
        "worker02",
    ];
    place.in_node("manager", &label);
    let harm = Harm::to(place);
    let prompt = "service 6/9>";
    let mut terminal = Terminal::start(place, &["--yes"]);
    terminal.enter_until(prompt);
    for (name, make, said) in cases {
        // What is told from now on is looked for behind these keys.
        terminal.line("# next");
        terminal.prompt(prompt);
        make(&harm);
        let began = Instant::now();
        terminal.expect(&said.replace('`', ""));
        let told = began.elapsed();
        eprintln!("{name}: told after {:.1} s", told.as_secs_f64());
        assert!(told < TOLD_WITHIN, "{name}: told after {told:?}");
        let began = Instant::now();
        terminal.line("repair");
        terminal.expect("Mended in");
        eprintln!(
            "{name}: mended after {:.1} s",
            began.elapsed().as_secs_f64()
        );
        terminal.prompt(prompt);
        whole(place, name);
    }
    // The step goes on.
    terminal.line("docker exec -it manager docker service ps test_swarm");
    terminal.expect("Done.");
    terminal.prompt(prompt);
    terminal.line("repair");
    terminal.expect("Nothing to mend");
    terminal.prompt(prompt);
    terminal.keys(CTRL_D);
    assert_eq!(terminal.end(), 0);
    place.must(&["down"]);
    place.nothing_is_left();
}

/// The swarm is as it was, as Docker's own CLI sees it.
fn whole(place: &Place, name: &str) {
    assert_eq!(answering(place), 4, "{name}");
    let format = "{{.Hostname}} {{.Status}} {{.Availability}}";
    let rows = place.in_node("manager", &["docker", "node", "ls", "--format", format]);
    let mut rows: Vec<&str> = rows.lines().collect();
    rows.sort_unstable();
    let wanted = NODES.map(|node| format!("{node} Ready Active"));
    assert_eq!(rows, wanted, "{name}");
    let format = "{{index .Spec.Labels \"kept\"}}";
    let kept = place.in_node(
        "manager",
        &["docker", "node", "inspect", "-f", format, "worker02"],
    );
    assert_eq!(kept.trim(), "yes", "{name}: the node's label");
    wait("six replicas", || {
        let format = "{{.Name}} {{.Replicas}}";
        let rows = place.in_node("manager", &["docker", "service", "ls", "--format", format]);
        rows.trim() == "test_swarm 6/6"
    });
}

/// Whoever comes back to a lab that broke meanwhile is told what, and chooses.
pub fn on_coming_back() {
    let place = Place::new("back");
    let harm = Harm::to(&place);
    place.must(&["goto", "service/where", "--yes"]);
    harm.kill("worker02");
    // Nobody is asked in a script; it is told, and it is told that it goes on.
    let status = place.must(&["status"]);
    assert!(
        status.contains("The container of `worker02` has stopped"),
        "{status}"
    );
    let prompt = "service 6/9>";
    let mut terminal = Terminal::start(&place, &[]);
    terminal.enter_until(prompt);
    terminal.expect("3: start this step over");
    terminal.line("2");
    terminal.expect("Mended in");
    terminal.prompt(prompt);
    whole_but_labels(&place);
    terminal.keys(CTRL_D);
    assert_eq!(terminal.end(), 0);
    // For scripts: mended, and nothing to mend.
    harm.pause("worker01");
    let mended = place.must(&["repair"]);
    assert!(mended.contains("Mended in"), "{mended}");
    let again = place.must(&["repair"]);
    assert!(again.contains("Nothing to mend"), "{again}");
    port_taken(&place, &harm);
    // The only manager takes the swarm with it, and that is said. Whoever removed
    // it has left its volume, which has to go with the lab all the same.
    place.containers();
    docker(&["rm", "-f", &place.container("manager")]);
    let output = place.run(&["repair"]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        said.contains("The swarm went with its last manager"),
        "{said}"
    );
    place.must(&["down"]);
    place.nothing_is_left();
}

/// Two of three managers are gone for good: the third can't choose a leader any
/// more, and goes on alone with what it knows.
pub fn of_managers() {
    let place = Place::new("managers");
    place.must(&["goto", "service/where", "--yes"]);
    let promote = ["docker", "node", "promote", "worker01", "worker02"];
    place.in_node("manager", &promote);
    wait("three managers", || {
        let format = "{{.ManagerStatus}}";
        let rows = place.in_node("manager", &["docker", "node", "ls", "--format", format]);
        rows.lines().filter(|row| !row.is_empty()).count() == 3
    });
    let mut terminal = Terminal::start(&place, &["--yes"]);
    let prompt = "service 6/9>";
    terminal.enter_until(prompt);
    terminal.line("# next");
    terminal.prompt(prompt);
    let harm = Harm::to(&place);
    harm.remove("worker01");
    harm.remove("worker02");
    terminal.expect("worker01 and worker02 were removed");
    terminal.line("repair");
    terminal.expect("Mended in");
    terminal.prompt(prompt);
    terminal.keys(CTRL_D);
    assert_eq!(terminal.end(), 0);
    whole_but_labels(&place);
    let format = "{{.Hostname}} {{.ManagerStatus}}";
    let rows = place.in_node("manager", &["docker", "node", "ls", "--format", format]);
    let mut rows: Vec<&str> = rows.lines().map(str::trim).collect();
    rows.sort_unstable();
    let wanted = [
        "manager Leader",
        "worker01 Reachable",
        "worker02 Reachable",
        "worker03",
    ];
    assert_eq!(rows, wanted);
    place.must(&["down"]);
    place.nothing_is_left();
}

/// Whoever took a published port while the manager did not run keeps it; the
/// manager comes back on another one, and leads its swarm as before.
fn port_taken(place: &Place, harm: &Harm) {
    let format = "{{range .HostConfig.PortBindings}}{{(index . 0).HostPort}} {{end}}";
    let ports = docker(&["inspect", "-f", format, &place.container("manager")]);
    harm.kill("manager");
    // A lab of another test may be the one who took it.
    let port = |port: &str| port.parse::<u16>().unwrap();
    let taken = ports
        .split_whitespace()
        .filter_map(|text| std::net::TcpListener::bind(("127.0.0.1", port(text))).ok());
    let taken: Vec<_> = taken.collect();
    let mended = place.must(&["repair"]);
    assert!(mended.contains("Mended in"), "{mended}");
    // A lab that was made when its port was taken has one of no number.
    if ports.split_whitespace().any(|text| port(text) != 0) {
        assert!(mended.contains("is taken"), "{mended}");
    }
    drop(taken);
    whole_but_labels(place);
}

fn whole_but_labels(place: &Place) {
    let rows = place.in_node(
        "manager",
        &["docker", "node", "ls", "--format", "{{.Status}}"],
    );
    assert_eq!(
        rows.lines().filter(|row| *row == "Ready").count(),
        4,
        "{rows}"
    );
}
