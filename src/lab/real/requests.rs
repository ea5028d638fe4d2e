//! HTTP of the program's own, asked from inside a node: of a service, by the
//! routing mesh or straight at a task, and of the lab's registry. Nothing is
//! asked over a port of the host.

use std::time::{Duration, Instant};

use super::RealLab;
use crate::check::Via;
use crate::model::{Answer, Swarm, TaskState, Unanswered};

/// How long one HTTP request of the program's own may take, seconds.
const HTTP_SECONDS: &str = "3";

impl RealLab {
    /// What the lab's registry holds; asked from a node, at most every second.
    pub(super) async fn registry_holds(&self) -> Option<Vec<String>> {
        let old = self.old();
        let name = {
            let inner = self.lock();
            if let Some((at, held)) = &inner.registry
                && at.elapsed() < old
            {
                return held.clone();
            }
            let registry = inner.compose.services.iter().find(|s| s.is_registry())?;
            registry.name.clone()
        };
        let held = self.ask_registry(&name).await;
        self.lock().registry = Some((Instant::now(), held.clone()));
        held
    }

    async fn ask_registry(&self, name: &str) -> Option<Vec<String>> {
        let base = format!("http://{name}:5000/v2");
        let (_, body) = self.fetch(&format!("{base}/_catalog")).await.ok()?;
        let catalog: serde_json::Value = serde_json::from_str(&body).ok()?;
        let mut held = Vec::new();
        for repository in catalog.get("repositories")?.as_array()? {
            let repository = repository.as_str()?;
            let url = format!("{base}/{repository}/tags/list");
            let Ok((_, body)) = self.fetch(&url).await else {
                continue;
            };
            let list: serde_json::Value = serde_json::from_str(&body).ok()?;
            for tag in list.get("tags").and_then(|tags| tags.as_array())? {
                held.push(format!("{repository}:{}", tag.as_str()?));
            }
        }
        Some(held)
    }

    /// Asks from inside the first node that runs.
    async fn fetch(&self, url: &str) -> Answer {
        let nodes: Vec<String> = {
            let inner = self.lock();
            inner.compose.nodes().map(|n| n.name.clone()).collect()
        };
        let mut last = Unanswered::from("no node runs");
        for node in nodes {
            match self.fetch_from(&node, url).await {
                Ok(answer) => return Ok(answer),
                Err(error) => last = error,
            }
        }
        Err(last)
    }

    async fn fetch_from(&self, node: &str, url: &str) -> Answer {
        let container = self.container_name(node);
        let argv = ["wget", "-q", "-S", "-O", "-", "-T", HTTP_SECONDS, url];
        let within = Duration::from_secs(8);
        let (code, out, err) = self
            .run_in(&container, &argv, within)
            .await
            .map_err(|error| error.to_string())?;
        // Every wget prints the status line on standard error with -S.
        let status = err
            .lines()
            .filter_map(|line| line.trim().strip_prefix("HTTP/"))
            .filter_map(|line| line.split_whitespace().nth(1)?.parse().ok())
            .next_back();
        match status {
            Some(status) => Ok((status, out)),
            None if code == 0 => Ok((200, out)),
            // One that crashes says nothing.
            None => Err(match err.trim().lines().last() {
                Some(said) => said.into(),
                None => format!("wget: {code}").into(),
            }),
        }
    }

    /// One HTTP request of the program's own, the way the check wants it.
    pub async fn http(&self, url: &str, via: Option<Via>) -> Answer {
        let (host, port, path) = split_url(url).ok_or_else(|| format!("not a URL: {url}"))?;
        let node = {
            let inner = self.lock();
            let named = inner.compose.nodes().find(|n| n.name == host);
            let first = inner.compose.nodes().next();
            named.or(first).map(|n| n.name.clone())
        };
        let node = node.ok_or("no node")?;
        let mesh = self.lock().mesh == Some(true);
        match via {
            Some(Via::Task) => self.ask_a_task(port, &path).await,
            None if !mesh => self.ask_a_task(port, &path).await,
            Some(Via::Mesh | Via::Node) | None => {
                self.fetch_from(&node, &format!("http://127.0.0.1:{port}{path}"))
                    .await
            }
        }
    }

    /// Straight to a running task of the service that publishes `port`, from
    /// the node it runs on, at its address on that node's bridge.
    async fn ask_a_task(&self, port: u16, path: &str) -> Answer {
        let swarm = self.swarm_now().await.ok_or(Unanswered::NoManager)?;
        let (service, target) = swarm
            .services
            .iter()
            .find_map(|service| {
                let port = service.ports.iter().find(|p| p.published == port)?;
                Some((service, port.target))
            })
            .ok_or(Unanswered::NoService(port))?;
        let task = swarm
            .tasks_of(&service.id)
            .find(|task| task.state == TaskState::Running)
            .ok_or_else(|| Unanswered::NoTask(service.name.clone()))?;
        let node = task
            .node
            .as_ref()
            .and_then(|id| swarm.hostname(id))
            .ok_or("the task's node is gone")?;
        let container = task
            .container
            .as_deref()
            .ok_or("the task has no container")?;
        let address = self.task_address(node, container).await?;
        self.fetch_from(node, &format!("http://{address}:{target}{path}"))
            .await
    }

    async fn swarm_now(&self) -> Option<Swarm> {
        self.observe().await.ok()?.swarm
    }

    async fn task_address(&self, node: &str, container: &str) -> Result<String, String> {
        let engine = self.engine_of(node).map_err(|error| error.to_string())?;
        let text = |value: &serde_json::Value| value.as_str().map(str::to_owned);
        let of_bridge = async {
            let network: serde_json::Value = engine.get("/networks/docker_gwbridge").await.ok()?;
            let address = network
                .get("Containers")?
                .get(container)?
                .get("IPv4Address")?;
            Some(text(address)?.split('/').next()?.to_owned())
        };
        if let Some(address) = of_bridge.await {
            return Ok(address);
        }
        let path = format!("/containers/{container}/json");
        let found: serde_json::Value = engine.get(&path).await.map_err(|e| e.to_string())?;
        found
            .pointer("/NetworkSettings/Networks")
            .and_then(|networks| networks.as_object())
            .and_then(|networks| networks.values().find_map(|n| text(n.get("IPAddress")?)))
            .filter(|address| !address.is_empty())
            .ok_or_else(|| "the task has no address".to_owned())
    }

    /// Whether the routing mesh works: yes once the kernel shows IP_VS in a
    /// node, no when a published service's tasks run and it still does not.
    pub(super) async fn mesh(&self, swarm: Option<&Swarm>) -> Option<bool> {
        if let Some(known) = self.lock().mesh {
            return Some(known);
        }
        let swarm = swarm?;
        let published_runs = swarm.services.iter().any(|service| {
            service.ports.iter().any(|p| !p.host_mode)
                && swarm
                    .tasks_of(&service.id)
                    .any(|task| task.state == TaskState::Running)
        });
        if !published_runs {
            return None;
        }
        let argv = [
            "sh",
            "-c",
            "test -e /proc/net/ip_vs || test -e /proc/sys/net/ipv4/vs",
        ];
        let container = self.container_name(&swarm.seen_from);
        let (code, _, _) = self
            .run_in(&container, &argv, Duration::from_secs(5))
            .await
            .ok()?;
        let mesh = code == 0;
        self.lock().mesh = Some(mesh);
        Some(mesh)
    }
}

/// `http://HOST:PORT/PATH` -> host, port, path with its slash.
fn split_url(url: &str) -> Option<(String, u16, String)> {
    let rest = url.strip_prefix("http://")?;
    let (authority, path) = match rest.find('/') {
        Some(at) => rest.split_at(at),
        None => (rest, "/"),
    };
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) => (host, port.parse().ok()?),
        None => (authority, 80),
    };
    Some((host.to_owned(), port, path.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_split_into_host_port_and_path() {
        let split = |url: &str| split_url(url);
        assert_eq!(
            split("http://manager:5678/a?b"),
            Some(("manager".into(), 5678, "/a?b".into()))
        );
        assert_eq!(
            split("http://127.0.0.1"),
            Some(("127.0.0.1".into(), 80, "/".into()))
        );
        assert_eq!(split("https://x"), None);
    }
}
