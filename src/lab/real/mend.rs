//! Mending a lab with its swarm kept: what stopped is started, what is gone is
//! made anew and comes into the swarm again as it was.
//!
//! A node that left never joins again in place (its old networks are in the
//! way); one that has to join gets a clean engine first.

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;
use std::time::{Duration, Instant};

use bollard::models::{NetworkConnectRequest, NetworkDisconnectRequest};
use bollard::query_parameters::{RestartContainerOptionsBuilder, StartContainerOptions};
use http::Method;
use serde_json::{Value, json};

use super::super::{LabError, News, Phase, Plan, Tell};
use super::make::say;
use super::node::NodeEngine;
use super::observe::label_of;
use super::subnet::Net;
use super::{RealLab, engine_error, label, raw_error};
use crate::model::fault::faults;
use crate::model::{Container, Fault, Mend, Node, Snapshot, Swarm};

/// All is as it should be within this, or what is still wrong is told.
const WITHIN: Duration = Duration::from_secs(60);

/// A node that is back and that the swarm does not hear of by then is restarted.
const HEARD_WITHIN: Duration = Duration::from_secs(20);

/// Seconds that an engine has to stop its tasks before it is killed.
const GRACE: i32 = 1;

/// The port managers listen on.
pub(super) const MANAGER_PORT: u16 = 2377;

impl RealLab {
    /// Carries the mends out, and waits until nothing is wrong any more.
    pub async fn repair(&self, plan: &Plan, mends: &[Mend], tell: &Tell) -> Result<(), LabError> {
        let known = self.lock().rows.clone();
        let mut anew: BTreeSet<String> = BTreeSet::new();
        for mend in mends {
            match mend {
                Mend::Network => self.network_again(plan, tell).await?,
                Mend::Unpause(name) => {
                    let done = self
                        .docker
                        .unpause_container(&self.container_name(name))
                        .await;
                    done.map_err(|error| engine_error(&format!("unpause {name}"), error))?;
                }
                Mend::Start(name) => {
                    let started = self.start_again(plan, name, tell).await;
                    self.or_on_other_ports(plan, name, started, tell).await?;
                }
                Mend::Reconnect(name) => {
                    say(tell, name, Phase::Starting);
                    self.reconnect(plan, name, tell).await?;
                }
                Mend::Restart(name) | Mend::RestartOneOf(name, _) => {
                    let restarted = self.restart(name, tell).await;
                    self.or_on_other_ports(plan, name, restarted, tell).await?;
                }
                Mend::NewCluster(name) => {
                    self.lead_alone(name).await?;
                    // The others were managers of the swarm that it was.
                    let others = known
                        .iter()
                        .filter(|row| row.manager && row.hostname != *name);
                    anew.extend(others.map(|row| row.hostname.clone()));
                }
                Mend::Anew(name) => {
                    anew.insert(name.clone());
                }
            }
        }
        self.forget_watched();
        self.forget_all();
        if !anew.is_empty() {
            self.made_anew(plan, &anew, tell).await?;
            let alone = mends.iter().any(|mend| matches!(mend, Mend::NewCluster(_)));
            let known = match alone {
                true => known,
                false => {
                    let left = self.led_by_who_is_left(plan, known, &mut anew, tell);
                    left.await?
                }
            };
            // Where all managers are new, nobody knows the swarm any more.
            let mut managers = known.iter().filter(|row| row.manager);
            let lives = managers.any(|row| !anew.contains(&row.hostname));
            for name in &anew {
                let rows = known.iter().filter(|row| row.hostname == *name);
                let row = rows
                    .clone()
                    .find(|row| row.state == "ready")
                    .or(rows.clone().next_back());
                if let Some(row) = row.filter(|_| lives) {
                    say(tell, name, Phase::Starting);
                    self.take_in(row).await?;
                }
                say(tell, name, Phase::Ready);
            }
        }
        for node in self.settled(mends, tell).await? {
            say(tell, &node, Phase::Ready);
        }
        for mend in mends {
            if let Mend::Start(name)
            | Mend::Reconnect(name)
            | Mend::Restart(name)
            | Mend::RestartOneOf(name, _) = mend
            {
                say(tell, name, Phase::Ready);
            }
        }
        Ok(())
    }

    /// The address the lab gave each container, by its label.
    async fn homes(&self) -> Result<BTreeMap<String, Ipv4Addr>, LabError> {
        let summaries = self.summaries().await?;
        let home = |summary| {
            let name = label_of(summary, label::NODE)?;
            let home = label_of(summary, label::ADDRESS)?.parse().ok()?;
            Some((name, home))
        };
        Ok(summaries.iter().filter_map(home).collect())
    }

    /// The lab's network with the addresses it had, and every container on it.
    async fn network_again(&self, plan: &Plan, tell: &Tell) -> Result<(), LabError> {
        let homes = self.homes().await?;
        let Some(home) = homes.values().next() else {
            return Ok(());
        };
        if !self.has_network().await {
            let net = Net::around(*home);
            self.new_network(&self.network_name(), false, net).await?;
        }
        for name in homes.keys() {
            self.reconnect(plan, name, tell).await?;
        }
        Ok(())
    }

    /// Off whatever network of the lab it is on, and on at its own address.
    async fn reconnect(&self, plan: &Plan, name: &str, tell: &Tell) -> Result<(), LabError> {
        let homes = self.homes().await?;
        let Some(home) = homes.get(name) else {
            // Made by an older program: its address is that of its place.
            let _ = self.network(false, name).await;
            return self.network(true, name).await;
        };
        let request = NetworkDisconnectRequest {
            container: self.container_name(name),
            force: Some(true),
        };
        // What is off already is as good.
        let _ = self
            .docker
            .disconnect_network(&self.network_name(), request)
            .await;
        let request = NetworkConnectRequest {
            container: self.container_name(name),
            endpoint_config: Some(super::make::endpoint(name, &home.to_string())),
        };
        let connected = self
            .docker
            .connect_network(&self.network_name(), request)
            .await
            .map_err(|error| engine_error(&format!("connect {name}"), error));
        self.or_on_other_ports(plan, name, connected, tell).await
    }

    async fn start_again(&self, plan: &Plan, name: &str, tell: &Tell) -> Result<(), LabError> {
        say(tell, name, Phase::Starting);
        let id = self.container_name(name);
        let start = || async {
            let started = self
                .docker
                .start_container(&id, None::<StartContainerOptions>);
            started
                .await
                .map_err(|error| engine_error(&format!("start {name}"), error))
        };
        match start().await {
            // It remembers a network that was made again since.
            Err(LabError::Engine { message, .. }) if message.contains("network") => {
                self.network_again(plan, tell).await?;
                start().await
            }
            other => other,
        }
    }

    async fn restart(&self, name: &str, tell: &Tell) -> Result<(), LabError> {
        say(tell, name, Phase::Starting);
        let options = RestartContainerOptionsBuilder::default().t(GRACE).build();
        self.docker
            .restart_container(&self.container_name(name), Some(options))
            .await
            .map_err(|error| engine_error(&format!("restart {name}"), error))
    }

    /// Clean containers of these names; the others stay.
    async fn made_anew(
        &self,
        plan: &Plan,
        names: &BTreeSet<String>,
        tell: &Tell,
    ) -> Result<(), LabError> {
        for summary in self.summaries().await? {
            let name = label_of(&summary, label::NODE).unwrap_or_default();
            if names.contains(&name) {
                self.remove_one(&summary.id.unwrap_or_default(), &name, tell)
                    .await?;
            }
        }
        // What is told of a new lab is no news of a node of an old one.
        let (telling, mut news) = tokio::sync::mpsc::unbounded_channel();
        let making = async {
            let made = self.prepare(plan, &telling).await;
            drop(telling);
            made
        };
        let passing_on = async {
            while let Some(item) = news.recv().await {
                if matches!(item, News::Container { .. } | News::PortMoved { .. }) {
                    let _ = tell.send(item);
                }
            }
        };
        tokio::join!(making, passing_on).0
    }

    /// A manager goes on alone with what it knows of the swarm.
    async fn lead_alone(&self, name: &str) -> Result<(), LabError> {
        let engine = self.engine_of(name)?;
        let mut request = json!({
            "ListenAddr": format!("0.0.0.0:{MANAGER_PORT}"),
            "ForceNewCluster": true,
            "Spec": {},
        });
        if let Some(home) = self.homes().await?.get(name) {
            request["AdvertiseAddr"] = json!(home.to_string());
        }
        ask(&engine, Method::POST, "/swarm/init", &request).await?;
        self.led(WITHIN).await.map(|_| ())
    }

    /// Too few managers may be left to choose a leader, since those that are made
    /// `anew` know nothing of the swarm: one that knows it goes on alone then, and
    /// what other managers there are is made anew as well. The members, as they
    /// were `known` or as a manager knows them.
    async fn led_by_who_is_left(
        &self,
        plan: &Plan,
        known: Vec<Node>,
        anew: &mut BTreeSet<String>,
        tell: &Tell,
    ) -> Result<Vec<Node>, LabError> {
        let now = self.observe().await?;
        let manages = |container: &Container| {
            let engine = container.engine.as_ref();
            engine.is_some_and(|engine| engine.manager)
        };
        let rows = match known.is_empty() && now.containers.values().any(manages) {
            true => match self.led(HEARD_WITHIN).await {
                Ok((swarm, _)) => swarm.nodes,
                Err(_) => known,
            },
            false => known,
        };
        // A leader that has lost the others may not have noticed yet.
        let managers = || rows.iter().filter(|row| row.manager);
        let stay = managers().filter(|row| !anew.contains(&row.hostname));
        let most_stay = 2 * stay.count() > managers().count();
        if most_stay {
            return Ok(rows);
        }
        let mut left = now
            .containers
            .iter()
            .filter(|(name, container)| manages(container) && !anew.contains(*name));
        let Some((alone, _)) = left.next() else {
            return Ok(rows);
        };
        let others: BTreeSet<String> = left.map(|(name, _)| name.clone()).collect();
        self.lead_alone(alone).await?;
        if !others.is_empty() {
            self.made_anew(plan, &others, tell).await?;
            anew.extend(others);
        }
        Ok(rows)
    }

    /// Waits until a manager answers for the swarm.
    async fn led(&self, within: Duration) -> Result<(Swarm, NodeEngine), LabError> {
        let deadline = Instant::now() + within;
        let mut tick = tokio::time::interval(Duration::from_millis(200));
        loop {
            tick.tick().await;
            self.forget_all();
            if let Some(swarm) = self.observe().await?.swarm {
                let engine = self.engine_of(&swarm.seen_from)?;
                return Ok((swarm, engine));
            }
            if Instant::now() > deadline {
                return Err(LabError::NoSwarm);
            }
        }
    }

    /// A clean node joins as the one whose row this is, and the row goes.
    async fn take_in(&self, row: &Node) -> Result<(), LabError> {
        let name = &row.hostname;
        let (swarm, manager) = match self.led(WITHIN).await {
            Ok(led) => led,
            // The swarm went with its last manager: it can't be in it again.
            Err(LabError::NoSwarm) => return Ok(()),
            Err(error) => return Err(error),
        };
        let Some(address) = swarm.manager_addr.clone() else {
            return Ok(());
        };
        // By its own id: the old row may still say that it is ready.
        let joined = |now: &Snapshot| {
            let own = now.engine(name)?.node_id.clone()?;
            let rows = now.swarm.as_ref()?.nodes.iter();
            let mut rows = rows.filter(|other| other.id == own && other.state == "ready");
            rows.next().cloned()
        };
        let mut mine = joined(&self.observe().await?);
        if mine.is_none() {
            let token = match row.manager {
                true => &swarm.manager_token,
                false => &swarm.worker_token,
            };
            let mut request = json!({
                "ListenAddr": format!("0.0.0.0:{MANAGER_PORT}"),
                "RemoteAddrs": [address],
                "JoinToken": token,
            });
            if let Some(home) = self.homes().await?.get(name) {
                request["AdvertiseAddr"] = json!(home.to_string());
            }
            let engine = self.engine_of(name)?;
            ask(&engine, Method::POST, "/swarm/join", &request).await?;
        }
        let deadline = Instant::now() + WITHIN;
        let mut tick = tokio::time::interval(Duration::from_millis(200));
        while mine.is_none() && Instant::now() < deadline {
            tick.tick().await;
            self.forget_all();
            mine = joined(&self.observe().await?);
        }
        let mine = mine.ok_or_else(|| LabError::NodeSilent {
            node: name.clone(),
            message: "it did not come into the swarm".to_owned(),
        })?;
        change(&manager, &mine.id, |spec| {
            spec["Availability"] = json!(row.availability);
            spec["Labels"] = json!(row.labels);
        })
        .await?;
        let (swarm, manager) = self.led(WITHIN).await?;
        for ghost in swarm
            .nodes
            .iter()
            .filter(|other| other.hostname == *name && other.id != mine.id)
        {
            if ghost.manager {
                let demoted = change(&manager, &ghost.id, |spec| spec["Role"] = json!("worker"));
                match demoted.await {
                    // It has no vote any more since another went on alone.
                    Err(error) if super::is_missing(&error) => {}
                    other => other?,
                }
            }
            self.forgotten(&manager, &ghost.id).await?;
        }
        Ok(())
    }

    /// A demoted manager may be removed a moment later.
    async fn forgotten(&self, manager: &NodeEngine, id: &str) -> Result<(), LabError> {
        let deadline = Instant::now() + HEARD_WITHIN;
        let mut tick = tokio::time::interval(Duration::from_millis(200));
        loop {
            tick.tick().await;
            let path = format!("/nodes/{id}?force=true");
            match ask(manager, Method::DELETE, &path, &Value::Null).await {
                Err(error) if super::is_missing(&error) => return Ok(()),
                Err(error) if Instant::now() > deadline => return Err(error),
                Err(error) => tracing::debug!(%error, "the old row is still needed"),
                Ok(_) => return Ok(()),
            }
        }
    }

    /// Waits until nothing is wrong any more. What does not come back by itself
    /// is restarted once; what is wrong then is in the next look. The nodes that
    /// were restarted.
    async fn settled(&self, mends: &[Mend], tell: &Tell) -> Result<BTreeSet<String>, LabError> {
        let began = Instant::now();
        let done = mends.iter().filter_map(|mend| match mend {
            Mend::Restart(node) | Mend::RestartOneOf(node, _) => Some(node.clone()),
            _ => None,
        });
        let mut restarted: BTreeSet<String> = done.collect();
        let mut again: BTreeSet<String> = BTreeSet::new();
        let mut tick = tokio::time::interval(Duration::from_millis(200));
        let leads = |mend: &Mend| matches!(mend, Mend::NewCluster(_));
        let alone = mends.iter().any(leads);
        let asks = mends
            .iter()
            .any(|mend| matches!(mend, Mend::RestartOneOf(..) | Mend::Restart(_)));
        loop {
            tick.tick().await;
            self.forget_all();
            let now = self.observe().await?;
            let mut left = mendable(&now);
            // Who is known again only now is the next to be mended.
            left.retain(|fault| !alone || !matches!(fault, Fault::Outside { .. }));
            if left.is_empty() {
                if !asks {
                    return Ok(&restarted | &again);
                }
                self.hear_now().await?;
                let now = self.observe().await?;
                if mendable(&now).is_empty() {
                    return Ok(&restarted | &again);
                }
            }
            if began.elapsed() > WITHIN {
                return Ok(&restarted | &again);
            }
            for fault in left {
                let node = match &fault {
                    Fault::Down { node } | Fault::Silent { node } | Fault::CutOff { node }
                        if began.elapsed() > HEARD_WITHIN =>
                    {
                        Some(node).filter(|node| again.insert((*node).clone()))
                    }
                    // The rules are on the other side, or came to light only now.
                    Fault::Cut { one, other } => {
                        let mut either = [one, other].into_iter();
                        either.find(|node| restarted.insert((*node).clone()))
                    }
                    _ => None,
                };
                if let Some(node) = node {
                    self.restart(node, tell).await?;
                    self.forget_watched();
                }
            }
        }
    }
}

/// What is wrong and could still come right.
fn mendable(now: &Snapshot) -> Vec<Fault> {
    let host = |fault: &Fault| {
        matches!(
            fault,
            Fault::DiskShort { .. }
                | Fault::MemoryShort { .. }
                | Fault::NoSpace { .. }
                | Fault::NoManager
        )
    };
    let found = faults(now).into_iter();
    found.filter(|fault| !host(fault)).collect()
}

/// Changes a node's spec.
async fn change(manager: &NodeEngine, id: &str, how: impl Fn(&mut Value)) -> Result<(), LabError> {
    // The version that is changed may be another by then, once or twice.
    let mut tries = 5;
    loop {
        let found = ask(manager, Method::GET, &format!("/nodes/{id}"), &Value::Null).await?;
        let mut spec = found.get("Spec").cloned().unwrap_or_default();
        let version = found
            .pointer("/Version/Index")
            .and_then(Value::as_u64)
            .unwrap_or_default();
        let before = spec.clone();
        how(&mut spec);
        if spec == before {
            return Ok(());
        }
        let path = format!("/nodes/{id}/update?version={version}");
        match ask(manager, Method::POST, &path, &spec).await {
            Ok(_) => return Ok(()),
            Err(error) if tries == 0 => return Err(error),
            Err(error) => tracing::debug!(%error, "changed meanwhile"),
        }
        tries -= 1;
    }
}

/// One request to a node's engine, and its answer.
async fn ask(
    engine: &NodeEngine,
    method: Method,
    path: &str,
    body: &Value,
) -> Result<Value, LabError> {
    let doing = format!("{method} {path} in {}", engine.node);
    let answer = engine.raw.send(method, path, body).await;
    let answer = answer.map_err(|error| raw_error(&doing, error))?;
    Ok(serde_json::from_slice(&answer).unwrap_or_default())
}
