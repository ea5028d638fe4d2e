//! The live map: which task of which service is on which node, and how it is.

use std::collections::BTreeMap;

use super::docker_table;
use super::look::{Look, Mark, Tone};
use super::say::{hanging, marked};
use super::scene::{Row, Scene, Spot};
use super::text::{Line, width};
use super::wrap::Inline;
use crate::model::Snapshot;
use crate::words::Lang;
use crate::words::screen::{self, Doing};

/// A map of more lines than this shows numbers instead of single tasks, so
/// that it stays within 24 rows with the prompt below it.
const TALLEST: usize = 20;

/// Two spaces, of which the line breaks at the second.
const BETWEEN: &str = "\u{a0} ";

/// The swarm as lines without line ends, none wider than the look (which is
/// taken to have 40 columns or more; the plain look's table may be wider).
/// `nodes` are the lab's, in the order they are to be shown.
pub fn map(snapshot: &Snapshot, nodes: &[String], look: &Look, lang: Lang) -> Vec<String> {
    let scene = Scene::of(snapshot, nodes, lang);
    if look.plain {
        return scene.table(look);
    }
    let single = scene.lines(look, &|spot| scene.single(spot, look));
    let lines = if single.len() > TALLEST {
        scene.lines(look, &|spot| scene.counted(spot, look))
    } else {
        single
    };
    lines.iter().map(|line| line.paint(look)).collect()
}

impl Scene<'_> {
    fn lines(&self, look: &Look, tasks: &dyn Fn(&[Spot]) -> Inline) -> Vec<Line> {
        let columns = look.columns();
        let mut lines = Inline::wrap(&self.headline(), columns);
        lines.push(Line::default());
        let name = |row: &Row| width(row.name).min(columns / 3);
        let name = self.rows.iter().map(name).max().unwrap_or(0);
        let role = self
            .rows
            .iter()
            .map(|row| row.role.len())
            .max()
            .unwrap_or(0);
        let state = |row: &Row| width(&row.state).min(columns / 3);
        let state = self.rows.iter().map(state).max().unwrap_or(0);
        let (role_at, state_at) = (name + 2, name + 2 + role + 1);
        let tasks_at = state_at + state + 3;
        // Beside the node where half of the line is left for it, else below.
        let beside = tasks_at <= columns / 2;
        let indent = Line::default()
            .pad_to(if beside { tasks_at } else { 2 })
            .clone();
        for row in &self.rows {
            let mut head = Line::of(Tone::Strong, row.name).cut(name, look);
            head.pad_to(role_at);
            head.push(
                if row.role == "leader" {
                    Tone::Text
                } else {
                    Tone::Dim
                },
                row.role,
            );
            head.pad_to(state_at).push(row.tone, &row.state);
            head = head.cut(columns, look);
            let tasks = tasks(&row.spots);
            if beside && !tasks.is_empty() {
                head.pad_to(tasks_at);
                lines.extend(hanging(&head, &indent, &tasks, columns));
            } else {
                lines.push(head);
                lines.extend(hanging(&indent, &indent, &tasks, columns));
            }
        }
        if !self.unplaced.is_empty() {
            let mut head = Line::of(Tone::Warn, screen::unplaced(self.lang));
            let at = if beside { tasks_at } else { head.width() + 2 };
            head.pad_to(at);
            let indent = Line::default().pad_to(at).clone();
            lines.extend(hanging(&head, &indent, &tasks(&self.unplaced), columns));
        }
        for (service, error, times) in &self.errors {
            let mut line = marked(Mark::Failed, look);
            line.push(Tone::Strong, service);
            if *times > 1 {
                line.push(Tone::Dim, &format!(" x{times}"));
            }
            line.push(Tone::Text, ": ").push(Tone::Text, error);
            lines.push(line.cut(columns, look));
        }
        lines.extend(self.legend(look).wrap(columns));
        lines
    }

    fn headline(&self) -> Inline {
        let mut text = Inline::default();
        if let Some(nothing) = self.nothing {
            text.push(Tone::Dim, screen::nothing(self.lang, nothing));
        }
        for total in &self.totals {
            let tone = match total.running == total.wanted {
                true => Tone::Good,
                false => Tone::Warn,
            };
            text.push(Tone::Strong, total.name);
            text.push(tone, &format!("\u{a0}{}/{}", total.running, total.wanted));
            if let Some(update) = total.update {
                text.push(Tone::Warn, &format!("\u{a0}{update}"));
            }
            text.push(Tone::Text, BETWEEN);
        }
        text
    }

    /// Every task by itself.
    fn single(&self, spots: &[Spot], look: &Look) -> Inline {
        let mut text = Inline::default();
        for spot in spots {
            let (sign, tone) = look.mark(mark(spot.doing));
            text.push(Tone::Text, &format!("{}\u{a0}", spot.name()));
            text.push(tone, sign);
            text.push(Tone::Text, BETWEEN);
        }
        text
    }

    /// How many tasks of each service do what.
    fn counted(&self, spots: &[Spot], look: &Look) -> Inline {
        let mut counts: BTreeMap<&str, BTreeMap<Mark, usize>> = BTreeMap::new();
        for spot in spots {
            let of_service = counts.entry(spot.service).or_default();
            *of_service.entry(mark(spot.doing)).or_default() += 1;
        }
        let mut text = Inline::default();
        for (service, counts) in counts {
            text.push(Tone::Text, service);
            for (mark, count) in counts {
                let (sign, tone) = look.mark(mark);
                text.push(tone, &format!("\u{a0}{sign}{count}"));
            }
            text.push(Tone::Text, BETWEEN);
        }
        text
    }

    /// The marks that are on the map.
    fn legend(&self, look: &Look) -> Inline {
        let placed = self.rows.iter().flat_map(|row| &row.spots);
        let mut seen: Vec<Doing> = placed
            .chain(&self.unplaced)
            .map(|spot| spot.doing)
            .collect();
        seen.sort();
        seen.dedup();
        let mut text = Inline::default();
        for doing in seen {
            let (sign, tone) = look.mark(mark(doing));
            text.push(tone, sign);
            let word = screen::doing(self.lang, doing).replace(' ', "\u{a0}");
            text.push(Tone::Dim, &format!("\u{a0}{word}{BETWEEN}"));
        }
        text
    }

    /// The plain look: a line for each task.
    fn table(&self, look: &Look) -> Vec<String> {
        let mut rows = Vec::new();
        for row in &self.rows {
            let node = [row.name.to_owned(), row.role.to_owned(), row.state.clone()];
            if row.spots.is_empty() {
                rows.push(node.to_vec());
            }
            for spot in &row.spots {
                let mut cells = node.to_vec();
                cells.extend(self.cells(spot));
                rows.push(cells);
            }
        }
        for spot in &self.unplaced {
            let mut cells = vec![
                screen::unplaced(self.lang).to_owned(),
                "-".into(),
                "-".into(),
            ];
            cells.extend(self.cells(spot));
            rows.push(cells);
        }
        let headline = self.headline().wrap(look.columns());
        let mut lines: Vec<String> = headline.iter().map(|line| line.paint(look)).collect();
        let table = docker_table::columns(&screen::map_header(self.lang), &rows);
        lines.extend(table.lines().map(str::to_owned));
        for (service, error, times) in &self.errors {
            let line = Line::of(Tone::Text, &format!("{service}: {error} (x{times})"));
            lines.push(line.paint(look));
        }
        lines
    }

    fn cells(&self, spot: &Spot) -> [String; 2] {
        [spot.name(), screen::doing(self.lang, spot.doing).to_owned()]
    }
}

fn mark(doing: Doing) -> Mark {
    match doing {
        Doing::Running => Mark::Running,
        Doing::Pending => Mark::Pending,
        Doing::Starting => Mark::Starting,
        Doing::Failed => Mark::Failed,
        Doing::Stopping => Mark::Stopping,
        Doing::Complete => Mark::Done,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::model::{
        Container, ContainerState, Engine, Node, Reachability, Service, ServiceMode, Swarm, Task,
        TaskState, UpdateState,
    };

    const NODES: [&str; 4] = ["manager", "worker01", "worker02", "worker03"];

    fn nodes() -> Vec<String> {
        NODES.map(str::to_owned).to_vec()
    }

    fn look(width: usize) -> Look {
        Look {
            width,
            colour: false,
            unicode: true,
            plain: false,
        }
    }

    fn service(name: &str, replicas: u64) -> Service {
        Service {
            id: format!("id-{name}"),
            name: name.into(),
            mode: ServiceMode::Replicated(replicas),
            ..Service::default()
        }
    }

    fn task(service: &str, slot: u64, node: Option<&str>, state: TaskState) -> Task {
        let desired = if state.ended() {
            TaskState::Shutdown
        } else {
            TaskState::Running
        };
        Task {
            service: format!("id-{service}"),
            slot,
            node: node.map(str::to_owned),
            state,
            desired,
            ..Task::default()
        }
    }

    /// Four nodes, `tasks` of `test_swarm` running on them in turn.
    fn snapshot(tasks: u64) -> Snapshot {
        let node = |name: &str| Node {
            id: name.into(),
            hostname: name.into(),
            manager: name == "manager",
            leader: name == "manager",
            reachability: (name == "manager").then_some(Reachability::Reachable),
            state: "ready".into(),
            availability: "active".into(),
            ..Node::default()
        };
        let container = |name: &str| {
            let container = Container {
                state: ContainerState::Running,
                is_node: true,
                engine: Some(Engine::default()),
                ..Container::default()
            };
            (name.to_owned(), container)
        };
        let on = |n: u64| NODES.get(n as usize % 4).copied();
        Snapshot {
            up: true,
            containers: NODES.map(container).into_iter().collect(),
            swarm: Some(Swarm {
                nodes: NODES.map(node).to_vec(),
                services: vec![service("test_swarm", tasks)],
                tasks: (1..=tasks)
                    .map(|slot| task("test_swarm", slot, on(slot), TaskState::Running))
                    .collect(),
                ..Swarm::default()
            }),
            ..Snapshot::default()
        }
    }

    /// One node drained, one down; an update that fails; a task without a node.
    fn troubled() -> Snapshot {
        let mut snapshot = snapshot(6);
        let Some(swarm) = &mut snapshot.swarm else {
            return snapshot;
        };
        swarm.nodes[2].availability = "drain".into();
        swarm.nodes[3].state = "down".into();
        for task in swarm
            .tasks
            .iter_mut()
            .filter(|t| t.node.as_deref() == Some("worker03"))
        {
            task.desired = TaskState::Shutdown;
        }
        let mut web = service("web", 3);
        web.update = Some(UpdateState::Paused);
        swarm.services.push(web);
        for slot in [1, 1, 2] {
            let mut failed = task("web", slot, Some("worker01"), TaskState::Rejected);
            failed.error = Some(
                "No such image: swarmlings/web:\x1b[31mbroken, and more words than fit".into(),
            );
            swarm.tasks.push(failed);
        }
        swarm
            .tasks
            .push(task("web", 1, Some("manager"), TaskState::Preparing));
        let mut pending = task("web", 3, None, TaskState::Pending);
        pending.error =
            Some("no suitable node (scheduling constraints not satisfied on 4 nodes)".into());
        swarm.tasks.push(pending);
        snapshot
    }

    fn shown(snapshot: &Snapshot, look: &Look, lang: Lang) -> String {
        map(snapshot, &nodes(), look, lang).join("\n")
    }

    #[test]
    fn twelve_tasks_on_four_nodes() {
        insta::assert_snapshot!(shown(&snapshot(12), &look(80), Lang::En));
        insta::assert_snapshot!(shown(&snapshot(12), &look(40), Lang::Ko));
    }

    #[test]
    fn trouble_is_told() {
        insta::assert_snapshot!(shown(&troubled(), &look(80), Lang::Ko));
        insta::assert_snapshot!(shown(&troubled(), &look(40), Lang::En));
    }

    #[test]
    fn the_plain_look_has_a_line_for_each_task() {
        insta::assert_snapshot!(shown(&troubled(), &Look::plain(80), Lang::En));
    }

    #[test]
    fn what_is_too_much_is_counted() {
        let mut snapshot = snapshot(60);
        let names: Vec<String> = (1..=7).map(|n| format!("node{n:02}")).collect();
        if let Some(swarm) = &mut snapshot.swarm {
            swarm.nodes = Vec::new();
            for name in &names {
                swarm.nodes.push(Node {
                    id: name.clone(),
                    hostname: name.clone(),
                    state: "ready".into(),
                    availability: "active".into(),
                    ..Node::default()
                });
            }
            for (index, task) in swarm.tasks.iter_mut().enumerate() {
                task.node = Some(names[index % 7].clone());
            }
        }
        let lines = map(&snapshot, &names, &look(60), Lang::En);
        assert!(lines.len() <= TALLEST);
        insta::assert_snapshot!(lines.join("\n"));
    }

    #[test]
    fn before_the_swarm_the_nodes_say_what_they_are() {
        let mut snapshot = snapshot(0);
        snapshot.swarm = None;
        snapshot.containers.remove("worker03");
        if let Some(worker) = snapshot.containers.get_mut("worker02") {
            worker.state = ContainerState::Exited(137);
        }
        insta::assert_snapshot!(shown(&snapshot, &look(80), Lang::En));
        assert!(shown(&Snapshot::default(), &look(80), Lang::Ko).starts_with("실습 환경"));
    }

    #[test]
    fn a_node_that_came_back_has_one_row_of_its_own() {
        let mut snapshot = snapshot(4);
        if let Some(swarm) = &mut snapshot.swarm {
            let mut ghost = swarm.nodes[1].clone();
            ghost.id = "ghost".into();
            ghost.state = "down".into();
            swarm.nodes.insert(0, ghost);
        }
        let lines = map(&snapshot, &nodes(), &look(80), Lang::En);
        let rows: BTreeMap<usize, &String> = lines
            .iter()
            .enumerate()
            .filter(|(_, l)| l.starts_with("worker01"))
            .collect();
        assert_eq!(rows.len(), 2, "{lines:#?}");
        assert!(
            rows.values()
                .last()
                .is_some_and(|row| row.contains("old row"))
        );
    }

    #[test]
    fn no_line_is_wider_than_the_terminal() {
        for columns in 40..=120 {
            for lang in [Lang::En, Lang::Ko] {
                for snapshot in [snapshot(12), troubled(), Snapshot::default()] {
                    for line in map(&snapshot, &nodes(), &look(columns), lang) {
                        assert!(width(&line) <= columns, "{columns}: {line}");
                    }
                }
            }
        }
    }
}
