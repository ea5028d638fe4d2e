//! The life of tasks. With each look a task goes one state on; what is missing
//! is made, what is too much is ended, and an update replaces task by task.

use super::cluster::{Cluster, satisfies, takes_tasks};
use super::machines::Ground;
use super::wish::{OnFailure, Service, Template};
use crate::model::{ServiceMode, Task, TaskState, UpdateState};

/// Looks between a task's bad end and the next try.
const REST: u8 = 6;

/// Tasks of one slot that are remembered, the one that counts included.
const HISTORY: usize = 5;

/// A task with what it was made of.
pub struct Work {
    pub task: Task,
    template: Template,
    /// Looks until a task that ended badly is replaced.
    rest: u8,
}

impl Work {
    /// Whether Swarm means it to run, now or soon.
    pub fn wanted(&self) -> bool {
        self.task.desired <= TaskState::Running
    }

    pub fn runs(&self) -> bool {
        self.wanted() && self.task.state == TaskState::Running
    }

    /// Whether its slot is taken: it lives, or is about to be tried again.
    fn holds_its_slot(&self) -> bool {
        self.wanted() && (!self.task.state.ended() || self.rest > 0)
    }

    /// What it answers to a request.
    pub fn answer(&self) -> String {
        self.template.answer()
    }

    /// Its container ended, with this exit code.
    pub fn die(&mut self, code: i64) {
        self.task.state = TaskState::Failed;
        self.task.error = Some(format!("task: non-zero exit ({code})"));
        self.task.message = "started".to_owned();
        self.rest = REST;
    }
}

impl Cluster {
    /// All tasks one look on, and what follows from where they are.
    pub fn move_tasks(&mut self, ground: &mut Ground) {
        self.bury(ground);
        let mut failed: Vec<(String, String)> = Vec::new();
        for at in 0..self.tasks.len() {
            let before = self.tasks[at].task.state;
            self.advance(at, ground);
            let task = &self.tasks[at].task;
            let badly = matches!(task.state, TaskState::Failed | TaskState::Rejected);
            if badly && before != task.state {
                failed.push((task.service.clone(), task.id.clone()));
            }
        }
        self.tasks
            .retain(|work| !(work.task.desired == TaskState::Remove && work.task.state.ended()));
        for (service, task) in failed {
            self.update_failed(&service, &task);
        }
        for at in 0..self.services.len() {
            self.replace_stale(at);
            self.make_up_the_difference(at, ground);
            self.end_of_update(at);
        }
        self.forget_old();
    }

    /// Containers that died with their node's engine.
    fn bury(&mut self, ground: &mut Ground) {
        for work in &mut self.tasks {
            let node = work.task.node.as_ref().and_then(|id| ground.member(id));
            let died = node.is_some_and(|machine| machine.heard() && machine.bereft);
            if died && work.task.state == TaskState::Running {
                work.die(137);
            }
        }
        for machine in &mut ground.machines {
            machine.bereft &= !machine.heard();
        }
    }

    fn advance(&mut self, at: usize, ground: &mut Ground) {
        let work = &self.tasks[at];
        let on = work.task.node.clone();
        let row = on.as_ref().and_then(|id| self.row(id));
        let (down, drained) = match (&on, row) {
            (None, _) => (false, false),
            (Some(_), None) => (true, false),
            (Some(_), Some(row)) => (row.state == "down", row.availability == "drain"),
        };
        let wanted = work.wanted();
        if wanted && (down || drained) {
            self.tasks[at].task.desired = TaskState::Shutdown;
            return;
        }
        if down {
            // Nobody knows whether it still runs; a service that is gone does not wait for it.
            if work.task.desired == TaskState::Remove {
                self.tasks[at].task.state = TaskState::Orphaned;
            }
            return;
        }
        if !wanted {
            if !work.task.state.ended() {
                self.tasks[at].task.state = TaskState::Shutdown;
                self.tasks[at].task.message = "shutdown".to_owned();
            }
            return;
        }
        let heard = on.is_none()
            || on
                .as_ref()
                .is_some_and(|id| ground.member(id).is_some_and(|m| m.heard()));
        if heard {
            self.live(at, ground);
        }
    }

    /// The next state of a task that is to run and whose node, if any, is there.
    fn live(&mut self, at: usize, ground: &mut Ground) {
        use TaskState::{
            Accepted, Assigned, Complete, New, Pending, Preparing, Ready, Rejected, Running,
            Starting,
        };
        let job = {
            let service = &self.tasks[at].task.service;
            let service = self.services.iter().find(|one| one.id == *service);
            service.is_some_and(|service| service.wish.mode == ServiceMode::Job)
        };
        match self.tasks[at].task.state {
            New => self.tasks[at].task.state = Pending,
            Pending => self.place(at),
            Assigned => self.tasks[at].task.state = Accepted,
            Accepted => self.tasks[at].task.state = Preparing,
            Preparing => {
                let image = self.tasks[at].template.image.clone();
                let node = self.tasks[at].task.node.clone().unwrap_or_default();
                let there = has_image(ground, &node, &image);
                let work = &mut self.tasks[at];
                if there {
                    work.task.state = Ready;
                } else {
                    work.task.state = Rejected;
                    work.task.message = "preparing".to_owned();
                    work.task.error = Some(format!("No such image: {image}"));
                    work.rest = REST;
                }
            }
            Ready => self.tasks[at].task.state = Starting,
            Starting if self.tasks[at].template.fails() => {
                self.tasks[at].task.container = Some(ground.ids.engine());
                self.tasks[at].die(1);
            }
            Starting => {
                let work = &mut self.tasks[at];
                work.task.state = Running;
                work.task.message = "started".to_owned();
                work.task.container = Some(ground.ids.engine());
            }
            Running if job => self.tasks[at].task.state = Complete,
            _ => self.tasks[at].rest = self.tasks[at].rest.saturating_sub(1),
        }
    }

    /// The node with the fewest tasks of the service, then the fewest of all.
    fn place(&mut self, at: usize) {
        let service = self.tasks[at].task.service.clone();
        let constraints = self.tasks[at].template.constraints.clone();
        let load = |id: &str| {
            let there = self
                .tasks
                .iter()
                .filter(|work| work.holds_its_slot() && work.task.node.as_deref() == Some(id));
            let of_service = there.clone().filter(|work| work.task.service == service);
            (of_service.count(), there.count())
        };
        let rows = self.nodes.iter().map(|node| &node.row);
        let chosen = rows
            .filter(|row| takes_tasks(row) && satisfies(row, &constraints))
            .min_by_key(|row| load(&row.id))
            .map(|row| row.id.clone());
        let nodes = self.nodes.len();
        let task = &mut self.tasks[at].task;
        match chosen {
            Some(id) => {
                task.node = Some(id);
                task.state = TaskState::Assigned;
                task.error = None;
                task.message = "scheduler assigned task to node".to_owned();
            }
            None => {
                let why = match constraints.is_empty() {
                    true => format!("no suitable node ({nodes} nodes not available for new tasks)"),
                    false => format!(
                        "no suitable node (scheduling constraints not satisfied on {nodes} nodes)"
                    ),
                };
                task.error = Some(why.clone());
                task.message = format!("pending task scheduling: {why}");
            }
        }
    }

    /// A task ended badly. During an update that is what the update's rules are for.
    fn update_failed(&mut self, service: &str, task: &str) {
        let template = self
            .tasks
            .iter()
            .find(|work| work.task.id == task)
            .map(|work| work.template.clone());
        let Some(service) = self.services.iter_mut().find(|one| one.id == service) else {
            return;
        };
        if template.as_ref() != Some(&service.wish.template) {
            return;
        }
        let why = |what: &str| format!("{what} due to failure or early termination of task {task}");
        let (paused, word) = match service.update {
            Some(UpdateState::Updating) => (UpdateState::Paused, "update paused"),
            Some(UpdateState::RollbackStarted) => (UpdateState::RollbackPaused, "rollback paused"),
            _ => return,
        };
        match service.rules().on_failure {
            OnFailure::Continue => {}
            OnFailure::Rollback
                if paused == UpdateState::Paused
                    && service.roll_back(&why("update rolled back")) => {}
            OnFailure::Pause | OnFailure::Rollback => {
                service.update = Some(paused);
                service.message = Some(why(word));
            }
        }
    }

    /// An update ends as many old tasks as its rules let it.
    fn replace_stale(&mut self, at: usize) {
        let service = &self.services[at];
        let under_way = matches!(
            service.update,
            Some(UpdateState::Updating | UpdateState::RollbackStarted)
        );
        if !under_way {
            return;
        }
        let wanted = wanted_count(service).unwrap_or(self.nodes.len() as u64) as usize;
        let of_it = |work: &&mut Work| work.task.service == service.id && work.holds_its_slot();
        let new_runs = self
            .tasks
            .iter()
            .filter(|work| work.task.service == service.id && work.runs())
            .filter(|work| work.template == service.wish.template)
            .count();
        let mut stale: Vec<&mut Work> = self
            .tasks
            .iter_mut()
            .filter(of_it)
            .filter(|work| work.template != service.wish.template)
            .collect();
        // What is neither old nor runs anew is on its way.
        let moving = wanted.saturating_sub(new_runs + stale.len());
        let most = match service.rules().parallelism {
            0 => usize::MAX,
            limit => limit as usize,
        };
        stale.sort_by_key(|work| work.task.slot);
        for work in stale.into_iter().take(most.saturating_sub(moving)) {
            work.task.desired = TaskState::Shutdown;
        }
    }

    fn make_up_the_difference(&mut self, at: usize, ground: &mut Ground) {
        let service = &self.services[at];
        let held: Vec<(u64, Option<String>)> = self
            .tasks
            .iter()
            .filter(|work| work.task.service == service.id)
            .filter(|work| work.holds_its_slot() || work.task.state == TaskState::Complete)
            .map(|work| (work.task.slot, work.task.node.clone()))
            .collect();
        let mut missing: Vec<(u64, Option<String>)> = Vec::new();
        match wanted_count(service) {
            Some(wanted) => {
                let mut taken: Vec<u64> = held.iter().map(|(slot, _)| *slot).collect();
                let mut slot = 1;
                while (taken.len() as u64) < wanted {
                    if !taken.contains(&slot) {
                        taken.push(slot);
                        missing.push((slot, None));
                    }
                    slot += 1;
                }
                taken.sort_unstable();
                let too_much = taken.split_off((wanted as usize).min(taken.len()));
                self.end_slots(&service.id.clone(), &too_much);
            }
            None => {
                let template = &service.wish.template;
                let rows = self.nodes.iter().map(|node| &node.row);
                missing = rows
                    .filter(|row| takes_tasks(row) && satisfies(row, &template.constraints))
                    .filter(|row| !held.iter().any(|(_, node)| node.as_ref() == Some(&row.id)))
                    .map(|row| (0, Some(row.id.clone())))
                    .collect();
            }
        }
        for (slot, node) in missing {
            let service = &self.services[at];
            for work in &mut self.tasks {
                let same = work.task.service == service.id && work.task.slot == slot;
                if same && (slot > 0 || work.task.node == node) && work.wanted() {
                    work.task.desired = TaskState::Shutdown;
                }
            }
            self.tasks
                .push(new_task(service, slot, node, ground.ids.swarm()));
        }
    }

    fn end_slots(&mut self, service: &str, slots: &[u64]) {
        for work in &mut self.tasks {
            if work.task.service == service && slots.contains(&work.task.slot) {
                work.task.desired = TaskState::Remove;
            }
        }
    }

    fn end_of_update(&mut self, at: usize) {
        let service = &self.services[at];
        let running = |work: &&Work| {
            work.task.service == service.id && work.runs() && work.template == service.wish.template
        };
        let done = self.tasks.iter().filter(running).count() as u64
            >= wanted_count(service).unwrap_or_else(|| {
                let rows = self.nodes.iter().map(|node| &node.row);
                rows.filter(|row| takes_tasks(row)).count() as u64
            });
        let ended = match service.update {
            Some(UpdateState::Updating) => (UpdateState::Completed, "update completed"),
            Some(UpdateState::RollbackStarted) => {
                (UpdateState::RollbackCompleted, "rollback completed")
            }
            _ => return,
        };
        if done {
            self.services[at].update = Some(ended.0);
            self.services[at].message = Some(ended.1.to_owned());
        }
    }

    fn forget_old(&mut self) {
        let key = |work: &Work| {
            let node = (work.task.slot == 0).then(|| work.task.node.clone());
            (work.task.service.clone(), work.task.slot, node)
        };
        let keys: Vec<_> = self.tasks.iter().map(key).collect();
        let mut at = 0;
        self.tasks.retain(|work| {
            let later = keys[at + 1..]
                .iter()
                .filter(|other| **other == keys[at])
                .count();
            at += 1;
            later < HISTORY || !work.task.state.ended()
        });
    }
}

/// How many tasks a service wants; none: one on each node.
fn wanted_count(service: &Service) -> Option<u64> {
    match service.wish.mode {
        ServiceMode::Replicated(wanted) => Some(wanted),
        ServiceMode::Job => Some(1),
        ServiceMode::Global => None,
    }
}

fn new_task(service: &Service, slot: u64, node: Option<String>, id: String) -> Work {
    Work {
        task: Task {
            id,
            service: service.id.clone(),
            slot,
            state: match node {
                Some(_) => TaskState::Assigned,
                None => TaskState::New,
            },
            node,
            desired: TaskState::Running,
            message: "created".to_owned(),
            image: service.wish.template.image.clone(),
            ..Task::default()
        },
        template: service.wish.template.clone(),
        rest: 0,
    }
}

/// Whether a node has an image, or gets it from the lab's registry.
fn has_image(ground: &mut Ground, node: &str, image: &str) -> bool {
    let wanted = crate::model::compose::with_tag(image);
    let Some(machine) = ground.member(node) else {
        return false;
    };
    let name = machine.name().to_owned();
    machine.images.contains(&wanted) || ground.pull(&name, &wanted).is_ok()
}
