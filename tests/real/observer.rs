//! A pair of eyes of the tests' own: what a lab is, read with Docker's CLI from
//! outside, without a line of the program.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::Value;

use super::docker::{docker, words};
use super::proof::facts::{Container, Engine, Facts, Node, Service, Swarm};

/// The containers of a lab by the name of their compose service; one that has
/// another's name too is told by a name of its own. Those that stand by for a
/// lab to come are not the lab's.
pub fn containers_of(lab: &str) -> BTreeMap<String, String> {
    let filter = format!("label=io.swarmlings.lab={lab}");
    let format = "{{.ID}} {{.Names}} {{.Label \"io.swarmlings.node\"}}";
    let listed = docker(&["ps", "-a", "--filter", &filter, "--format", format]);
    let mut containers = BTreeMap::new();
    for line in listed.lines().filter(|line| !line.contains(".spare.")) {
        let [id, name, node] = line.split(' ').collect::<Vec<_>>()[..] else {
            panic!("docker ps: {line}");
        };
        let key = match containers.contains_key(node) {
            true => name.to_owned(),
            false => node.to_owned(),
        };
        containers.insert(key, id.to_owned());
    }
    containers
}

/// What an engine is asked inside its node, all in one call.
const OF_ENGINE: &str = r#"
echo "== swarm"; docker info --format '{{.Swarm.LocalNodeState}}{{if .Swarm.ControlAvailable}} manager{{end}}'
echo "== images"; docker images --format '{{.Repository}}:{{.Tag}}'
echo "== containers"; docker ps -a --no-trunc --format '{{.State}} {{.Image}} {{.Names}} {{.Label "com.docker.swarm.service.name"}}'
echo "== networks"; docker network ls --format '{{.Name}} {{.Driver}} {{.Scope}}'
echo "== volumes"; docker volume ls -q
"#;

/// What a manager is asked.
const OF_SWARM: &str = r#"
echo "== nodes"; docker node inspect --format '{{json .}}' $(docker node ls -q)
echo "== services"; for id in $(docker service ls -q); do docker service inspect --format '{{json .Spec}}' "$id"; done
echo "== networks"; docker network ls --filter driver=overlay --format '{{.Name}} {{.ID}}'
echo "== secrets"; docker secret ls --format '{{.Name}}'
echo "== configs"; docker config ls --format '{{.Name}}'
"#;

/// The paragraphs of an answer, by what stands behind `==`.
type Told = BTreeMap<String, Vec<String>>;

/// None: the engine does not answer.
fn ask(container: &str, script: &str) -> Option<Told> {
    let output = Command::new("timeout")
        .args(["20", "docker", "exec", container, "sh", "-ec", script])
        .stdin(Stdio::null())
        .output()
        .unwrap();
    if !output.status.success() {
        return None;
    }
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let mut told = Told::new();
    let mut about = String::new();
    for line in text.lines() {
        if let Some(name) = line.strip_prefix("== ") {
            name.clone_into(&mut about);
            told.entry(about.clone()).or_default();
        } else if !line.is_empty() {
            told.entry(about.clone()).or_default().push(line.to_owned());
        }
    }
    for lines in told.values_mut() {
        lines.sort();
    }
    Some(told)
}

/// What stands in a node's own files of Docker and of the engine in it.
const OF_DOCKER: [&str; 5] = ["/etc/docker", "/opt", "/run", "/stack", "/var"];

fn ask_engine(container: &str) -> Option<Told> {
    let mut told = ask(container, OF_ENGINE)?;
    let listed = docker(&["diff", container]);
    let own = |line: &&str| {
        let of_docker = OF_DOCKER.iter().any(|folder| line[2..].starts_with(folder));
        !line.starts_with('C') && !of_docker
    };
    let files = listed.lines().filter(own).map(str::to_owned).collect();
    told.insert("files".to_owned(), files);
    Some(told)
}

/// Looks once at the containers of a lab, given by name.
pub fn look(containers: &BTreeMap<String, String>) -> Facts {
    let states: BTreeMap<&String, String> = containers
        .iter()
        .map(|(name, id)| {
            let state = Command::new("docker")
                .args(["inspect", "-f", "{{.State.Status}}", id])
                .output()
                .unwrap();
            let state = String::from_utf8_lossy(&state.stdout).trim().to_owned();
            (name, state)
        })
        .collect();
    let told: BTreeMap<&String, Option<Told>> = std::thread::scope(|scope| {
        let asked: Vec<_> = containers
            .iter()
            .filter(|(name, _)| states[name] == "running" && *name != "registry")
            .map(|(name, id)| (name, scope.spawn(move || ask_engine(id))))
            .collect();
        let told = asked.into_iter();
        told.map(|(name, asked)| (name, asked.join().unwrap()))
            .collect()
    });
    let engines: BTreeMap<&String, &Told> = told
        .iter()
        .filter_map(|(name, told)| Some((*name, told.as_ref()?)))
        .collect();
    let manager = engines
        .iter()
        .find(|(_, told)| told["swarm"] == ["active manager"]);
    let tasks = tasks(&engines);
    let swarm = manager.and_then(|(name, _)| {
        let told = ask(&containers[*name], OF_SWARM)?;
        Some(swarm(&told, &tasks))
    });
    let overlays = swarm.as_ref().map(|swarm| swarm.networks.clone());
    let overlays = overlays.unwrap_or_default();
    Facts {
        containers: states
            .into_iter()
            .map(|(name, state)| {
                let engine = engines.get(name).map(|told| engine(told, &overlays));
                (name.clone(), Container { state, engine })
            })
            .collect(),
        swarm,
        registry: containers.get("registry").and_then(|id| held(id)),
    }
}

/// How many containers of a service run, node by node.
type Tasks = BTreeMap<String, Vec<usize>>;

fn tasks(engines: &BTreeMap<&String, &Told>) -> Tasks {
    let mut tasks = Tasks::new();
    for (at, told) in engines.values().enumerate() {
        for line in &told["containers"] {
            let columns: Vec<&str> = line.split(' ').collect();
            if let ["running", _, _, service] = columns[..]
                && !service.is_empty()
            {
                let counts = tasks.entry(service.to_owned()).or_default();
                counts.resize(engines.len(), 0);
                counts[at] += 1;
            }
        }
    }
    tasks
}

fn engine(told: &Told, overlays: &[String]) -> Engine {
    let of_task = |line: &&String| {
        let columns: Vec<&str> = line.split(' ').collect();
        matches!(columns[..], ["running", _, _, service] if !service.is_empty())
    };
    let leftovers = told["containers"].iter().filter(|line| !of_task(line));
    let networks = told["networks"].iter().filter_map(|line| {
        let columns: Vec<&str> = line.split(' ').collect();
        let [name, driver, scope] = columns[..] else {
            return Some(line.clone());
        };
        // A worker has it while a task of its own is on it.
        let for_tasks = driver == "overlay" && overlays.iter().any(|overlay| overlay == name);
        (!for_tasks).then(|| format!("{name} ({driver}, {scope})"))
    });
    Engine {
        swarm: told["swarm"].concat(),
        images: told["images"].clone(),
        leftovers: leftovers.map(|line| line.trim().to_owned()).collect(),
        networks: networks.collect(),
        volumes: told["volumes"].clone(),
        files: told["files"].clone(),
    }
}

fn swarm(told: &Told, tasks: &Tasks) -> Swarm {
    let json = |line: &String| -> Value { serde_json::from_str(line).unwrap() };
    let mut nodes: Vec<Node> = told["nodes"].iter().map(json).map(node).collect();
    nodes.sort_by(|a, b| (&a.hostname, &a.state).cmp(&(&b.hostname, &b.state)));
    let names: BTreeMap<&str, &str> = told["networks"]
        .iter()
        .filter_map(|line| line.split_once(' '))
        .map(|(name, id)| (id, name))
        .collect();
    let services = told["services"].iter().map(json);
    let mut services: Vec<Service> = services.map(|spec| service(&spec, tasks, &names)).collect();
    services.sort_by(|a, b| a.name.cmp(&b.name));
    let networks = names.values().map(|name| (*name).to_owned());
    let mut networks: Vec<String> = networks.filter(|name| name != "ingress").collect();
    networks.sort();
    Swarm {
        nodes,
        services,
        networks,
        secrets: told["secrets"].clone(),
        configs: told["configs"].clone(),
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn pairs(value: &Value) -> BTreeMap<String, String> {
    let pairs = value.as_object().into_iter().flatten();
    pairs
        .map(|(key, value)| (key.clone(), text(value)))
        .collect()
}

fn list(value: &Value, of: impl Fn(&Value) -> String) -> Vec<String> {
    let mut list: Vec<String> = value.as_array().into_iter().flatten().map(of).collect();
    list.sort();
    list
}

fn node(node: Value) -> Node {
    Node {
        hostname: text(&node["Description"]["Hostname"]),
        role: text(&node["Spec"]["Role"]),
        availability: text(&node["Spec"]["Availability"]),
        state: text(&node["Status"]["State"]),
        leader: node["ManagerStatus"]["Leader"] == true,
        labels: pairs(&node["Spec"]["Labels"]),
    }
}

fn service(spec: &Value, tasks: &Tasks, networks: &BTreeMap<&str, &str>) -> Service {
    let name = text(&spec["Name"]);
    let template = &spec["TaskTemplate"];
    let container = &template["ContainerSpec"];
    let mode = match spec["Mode"].as_object().and_then(|mode| mode.iter().next()) {
        Some((mode, of)) if mode == "Replicated" => format!("replicated {}", of["Replicas"]),
        Some((mode, _)) => mode.to_lowercase(),
        None => String::new(),
    };
    let counts = tasks.get(&name).cloned().unwrap_or_default();
    let network = |network: &Value| {
        let target = text(&network["Target"]);
        let found = networks.iter().find(|(id, _)| target.starts_with(**id));
        found.map_or(target.clone(), |(_, name)| (*name).to_owned())
    };
    let port = |port: &Value| {
        format!(
            "{}:{}/{} {}",
            port["PublishedPort"],
            port["TargetPort"],
            text(&port["Protocol"]),
            text(&port["PublishMode"])
        )
    };
    Service {
        image: text(&container["Image"]),
        mode,
        running: counts.iter().sum(),
        on_a_node: (
            counts.iter().min().copied().unwrap_or_default(),
            counts.iter().max().copied().unwrap_or_default(),
        ),
        ports: list(&spec["EndpointSpec"]["Ports"], port),
        networks: list(&template["Networks"], network),
        secrets: list(&container["Secrets"], |one| text(&one["SecretName"])),
        configs: list(&container["Configs"], |one| text(&one["ConfigName"])),
        constraints: list(&template["Placement"]["Constraints"], text),
        labels: pairs(&spec["Labels"]),
        arguments: list(&container["Args"], text),
        environment: list(&container["Env"], text),
        name,
    }
}

/// What a registry holds, asked over HTTP at its address in the lab's network.
fn held(container: &str) -> Option<Vec<String>> {
    let format = "{{range .NetworkSettings.Networks}}{{.IPAddress}} {{end}}";
    let addresses = words(&["inspect", "-f", format, container]);
    let address = addresses.first()?;
    let get = |path: &str| -> Option<Value> {
        let to = format!("{address}:5000").parse().ok()?;
        let mut stream = TcpStream::connect_timeout(&to, Duration::from_secs(5)).ok()?;
        stream.set_read_timeout(Some(Duration::from_secs(5))).ok()?;
        write!(
            stream,
            "GET {path} HTTP/1.0\r\nHost: {address}\r\nConnection: close\r\n\r\n"
        )
        .ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        let (head, body) = answer.split_once("\r\n\r\n")?;
        // A repository whose tags were all removed answers 404.
        head.contains(" 200 ")
            .then(|| serde_json::from_str(body).ok())?
    };
    let mut held = Vec::new();
    for repository in list(&get("/v2/_catalog")?["repositories"], text) {
        let tags = get(&format!("/v2/{repository}/tags/list")).unwrap_or_default();
        held.extend(list(&tags["tags"], |tag| {
            format!("{repository}:{}", text(tag))
        }));
    }
    held.sort();
    Some(held)
}
