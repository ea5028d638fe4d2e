//! Judges a service: its spec, its tasks, where they run, and how its last
//! update went.

use std::collections::BTreeMap;

use crate::model::{Service, ServiceMode, Snapshot, Swarm, Task, TaskState, UpdateState};

use super::judge::{Findings, Look, Seen, similar};
use super::nodes::a_manager;
use super::requests::one_line;
use super::{Fault, Gap, ServiceWant, placement, reference};

/// `service: NAME`.
pub(super) fn judge(look: &Look, want: &ServiceWant) -> Findings {
    let swarm = match look.swarm() {
        Seen::Swarm(swarm) => swarm,
        Seen::None if !want.exists => return Findings::default(),
        Seen::None => return Findings::gap(Gap::NoSwarm),
        Seen::Unknown(findings) => return findings,
    };
    let service = swarm.service(&want.name);
    if !want.exists {
        return gone(look, swarm, service, &want.name);
    }
    let Some(service) = service else {
        let names = swarm.services.iter().map(|service| service.name.as_str());
        return Findings::gap(Gap::NoService {
            name: want.name.clone(),
            similar: similar(&want.name, names),
        });
    };
    let mut judged = Judged {
        look,
        swarm,
        service,
        want,
        found: Findings::default(),
    };
    judged.mode();
    judged.image();
    judged.publishes();
    judged.attached();
    judged.update();
    judged.tasks();
    judged.found
}

/// How many tasks are still wanted of services that are gone; `of` says which
/// services are meant. Those that Swarm has given up end by themselves, some
/// seconds later. A task knows its service by id alone, so names come from
/// older snapshots; one of a service never seen counts, to be sure.
pub(super) fn tasks_ending(look: &Look, swarm: &Swarm, of: impl Fn(&Service) -> bool) -> usize {
    let mut past: BTreeMap<&str, bool> = BTreeMap::new();
    let old = look.timeline.snapshots.iter().chain(&look.timeline.entry);
    for service in old
        .filter_map(|snapshot| snapshot.swarm.as_ref())
        .flat_map(|swarm| &swarm.services)
    {
        past.entry(&service.id).or_insert_with(|| of(service));
    }
    swarm
        .tasks_left()
        .filter(|task| !task.desired.ended())
        .filter(|task| past.get(task.service.as_str()).copied().unwrap_or(true))
        .count()
}

fn gone(look: &Look, swarm: &Swarm, service: Option<&Service>, name: &str) -> Findings {
    if service.is_some() {
        return Findings::gap(Gap::ServiceStillThere {
            name: name.to_owned(),
        });
    }
    match tasks_ending(look, swarm, |service| service.name == name) {
        0 => Findings::default(),
        left => Findings::gap(Gap::TasksEnding {
            name: name.to_owned(),
            left,
        }),
    }
}

/// One service under judgement.
struct Judged<'a> {
    look: &'a Look<'a>,
    swarm: &'a Swarm,
    service: &'a Service,
    want: &'a ServiceWant,
    found: Findings,
}

impl<'a> Judged<'a> {
    fn name(&self) -> String {
        self.service.name.clone()
    }

    fn manager(&self) -> String {
        a_manager(self.swarm, None)
    }

    /// Whether the service was like this when the step began.
    fn was(&self, like: impl Fn(&Service) -> bool) -> bool {
        self.look
            .so_at_entry(|entry: &Snapshot| entry.service(&self.service.name).is_some_and(&like))
    }

    fn mode(&mut self) {
        let have = self.service.mode;
        let wanted = self.want.global.or(self.want.replicas.map(|_| false));
        let fits = match have {
            ServiceMode::Global => wanted != Some(false),
            ServiceMode::Replicated(_) => wanted != Some(true),
            ServiceMode::Job => wanted.is_none(),
        };
        if !fits {
            self.found.faults.push(Fault::WrongMode {
                name: self.name(),
                have,
                manager: self.manager(),
            });
        }
    }

    fn image(&mut self) {
        let Some(want) = &self.want.image else {
            return;
        };
        let have = &self.service.image;
        if reference::same(have, want) {
            self.old_tasks(want);
            return;
        }
        let was_so = self.was(|old| reference::same(&old.image, have));
        if reference::same_repository(have, want) || was_so {
            self.found.gaps.push(Gap::ImageIs {
                name: self.name(),
                have: have.clone(),
                want: want.clone(),
            });
        } else {
            self.found.faults.push(Fault::WrongImage {
                name: self.name(),
                have: have.clone(),
                want: want.clone(),
                manager: self.manager(),
            });
        }
    }

    /// An update changes the spec at once and the tasks one after another. A
    /// check that waits for it to stop half-way wants just that.
    fn old_tasks(&mut self, want: &str) {
        if !matches!(self.want.update, None | Some(UpdateState::Completed)) {
            return;
        }
        let left = self
            .running()
            .filter(|task| !task.image.is_empty() && !reference::same(&task.image, want))
            .count();
        if left > 0 {
            self.found.gaps.push(Gap::OldTasks {
                name: self.name(),
                image: want.to_owned(),
                left,
            });
        }
    }

    fn publishes(&mut self) {
        for &(published, target) in &self.want.publishes {
            let there = self
                .service
                .ports
                .iter()
                .any(|port| (port.published, port.target) == (published, target));
            if !there {
                self.found.gaps.push(Gap::NotPublished {
                    name: self.name(),
                    published,
                    target,
                    have: self
                        .service
                        .ports
                        .iter()
                        .map(|port| (port.published, port.target))
                        .collect(),
                });
            }
        }
    }

    fn attached(&mut self) {
        let constraints: Vec<String> = self
            .service
            .constraints
            .iter()
            .map(|constraint| placement::tight(constraint))
            .collect();
        let lacks_constraints = self
            .want
            .constraints
            .iter()
            .filter(|want| !constraints.contains(&placement::tight(want)))
            .map(|want| ("constraint", want));
        let lacks = |what: &'static str, want: &'a [String], have: &'a [String]| {
            want.iter()
                .filter(move |want| !have.contains(want))
                .map(move |want| (what, want))
        };
        let (want, have) = (self.want, self.service);
        let gaps: Vec<Gap> = lacks_constraints
            .chain(lacks("network", &want.networks, &have.networks))
            .chain(lacks("secret", &want.secrets, &have.secrets))
            .chain(lacks("config", &want.configs, &have.configs))
            .map(|(what, value)| Gap::ServiceLacks {
                name: have.name.clone(),
                what,
                value: value.clone(),
            })
            .collect();
        self.found.gaps.extend(gaps);
    }

    fn update(&mut self) {
        let Some(want) = self.want.update else {
            return;
        };
        let have = self.service.update;
        if have == Some(want) {
            return;
        }
        let stuck = match have {
            Some(UpdateState::Paused) => {
                want == UpdateState::Completed && !self.was(|old| old.update == have)
            }
            Some(UpdateState::RollbackPaused) => !self.was(|old| old.update == have),
            _ => false,
        };
        if stuck {
            self.found.faults.push(Fault::UpdatePaused {
                name: self.name(),
                rollback: have == Some(UpdateState::RollbackPaused),
                message: one_line(self.service.update_message.as_deref().unwrap_or(""), 240),
                manager: self.manager(),
            });
        } else {
            self.found.gaps.push(Gap::Update {
                name: self.name(),
                have,
                want,
            });
        }
    }

    /// What is asked of the tasks that run: how many, and where.
    fn tasks(&mut self) {
        let before = self.found.clear();
        let running = self.running().count() as u64;
        let wanted = match self.service.mode {
            ServiceMode::Replicated(spec) => {
                if let Some(want) = self.want.replicas {
                    self.replicas(spec, want);
                }
                (self.want.replicas == Some(spec)).then_some(spec)
            }
            ServiceMode::Global if self.want.global == Some(true) => {
                Some(placement::eligible(self.swarm, self.service).len() as u64)
            }
            ServiceMode::Global | ServiceMode::Job => None,
        };
        let wanted = match (wanted, self.want.spread) {
            (None, Some(_)) if running == 0 => Some(1),
            (wanted, _) => wanted,
        };
        if let Some(want) = wanted
            && running != want
        {
            self.found.gaps.push(Gap::ReplicasRunning {
                name: self.name(),
                have: running,
                want,
                others: self.others(),
            });
        }
        let asked = self.want.replicas.is_some_and(|n| n > 0)
            || self.want.global == Some(true)
            || self.want.spread.is_some();
        let incomplete = match (self.service.mode, wanted) {
            (_, Some(want)) => running < want,
            (ServiceMode::Replicated(spec), None) => running < spec,
            _ => false,
        };
        if asked && incomplete {
            self.troubles();
        }
        if before && self.found.clear() {
            self.spread();
        }
    }

    fn replicas(&mut self, spec: u64, want: u64) {
        if spec == want {
            return;
        }
        let was_so = self.was(|old| old.mode == ServiceMode::Replicated(spec));
        if spec < want || was_so {
            self.found.gaps.push(Gap::ReplicasWanted {
                name: self.name(),
                have: spec,
                want,
            });
        } else {
            self.found.faults.push(Fault::TooManyReplicas {
                name: self.name(),
                have: spec,
                want,
                manager: self.manager(),
            });
        }
    }

    /// Why tasks that are missing will not come by waiting.
    fn troubles(&mut self) {
        // Where failing is what the check waits for, it is not a fault.
        if !matches!(self.want.update, None | Some(UpdateState::Completed)) {
            return;
        }
        let stranded = self
            .wanted_tasks()
            .find(|task| task.state == TaskState::Pending && unplaceable(task).is_some());
        if let Some(task) = stranded {
            let constraints = placement::unsatisfied(self.swarm, self.service);
            let was_so = self.look.so_at_entry(|entry| {
                entry.swarm.as_ref().is_some_and(|swarm| {
                    swarm
                        .tasks_of(&self.service.id)
                        .any(|old| old.state == TaskState::Pending && unplaceable(old).is_some())
                })
            });
            if !was_so {
                self.found.faults.push(Fault::NoSuitableNode {
                    name: self.name(),
                    message: one_line(unplaceable(task).unwrap_or_default(), 240),
                    constraints,
                    node: placement::a_ready_node(self.swarm),
                    manager: self.manager(),
                });
            }
        }
        if let Some(fault) = self.failing() {
            self.found.faults.push(fault);
        }
    }

    /// A slot in which tasks of the present image end badly again and again
    /// and none runs: one rejection (an image that is not there stays away),
    /// or two failures (one may be an accident).
    fn failing(&self) -> Option<Fault> {
        let mut slots: BTreeMap<(u64, Option<&str>), Vec<&Task>> = BTreeMap::new();
        for task in self.swarm.tasks_of(&self.service.id) {
            // A global service's tasks have no slot; their node stands for it.
            let node = (task.slot == 0).then_some(task.node.as_deref()).flatten();
            slots.entry((task.slot, node)).or_default().push(task);
        }
        let ended = slots
            .values()
            .filter(|tasks| !tasks.iter().any(|task| self.runs(task)))
            .filter_map(|tasks| {
                let with = |state: TaskState| {
                    tasks
                        .iter()
                        .filter(|task| task.state == state && self.present_image(task))
                        .copied()
                        .collect::<Vec<_>>()
                };
                let (rejected, failed) = (with(TaskState::Rejected), with(TaskState::Failed));
                if !rejected.is_empty() {
                    Some(rejected)
                } else if failed.len() >= 2 {
                    Some(failed)
                } else {
                    None
                }
            })
            .flatten();
        let task = ended.max_by_key(|task| {
            let error = task.error.as_deref().unwrap_or("");
            (task.state, !error.is_empty())
        })?;
        let error = task.error.as_deref().filter(|error| !error.is_empty());
        Some(Fault::TasksFail {
            name: self.name(),
            state: task.state,
            error: one_line(error.unwrap_or(&task.message), 240),
            image: self.service.image.clone(),
            updated: self.service.update.is_some(),
            manager: self.manager(),
        })
    }

    fn present_image(&self, task: &Task) -> bool {
        task.image.is_empty() || reference::same(&task.image, &self.service.image)
    }

    fn spread(&mut self) {
        let Some(want) = self.want.spread else {
            return;
        };
        let per_node: Vec<(String, u64)> = placement::eligible(self.swarm, self.service)
            .into_iter()
            .map(|node| {
                let tasks = self
                    .running()
                    .filter(|task| task.node.as_deref() == Some(&node.id))
                    .count();
                (node.hostname.clone(), tasks as u64)
            })
            .collect();
        let most = per_node.iter().map(|(_, tasks)| *tasks).max().unwrap_or(0);
        let fewest = per_node.iter().map(|(_, tasks)| *tasks).min().unwrap_or(0);
        if most - fewest > want {
            self.found.gaps.push(Gap::Spread {
                name: self.name(),
                per_node,
                want,
            });
        }
    }

    /// Tasks that Swarm means to run, now or after the ones before them ended.
    fn wanted_tasks(&self) -> impl Iterator<Item = &'a Task> {
        self.swarm
            .tasks_of(&self.service.id)
            .filter(|task| task.desired <= TaskState::Running)
    }

    fn running(&self) -> impl Iterator<Item = &'a Task> {
        let swarm = self.swarm;
        self.wanted_tasks()
            .filter(move |task| task.state == TaskState::Running && !swarm.is_lost(task))
    }

    fn runs(&self, task: &Task) -> bool {
        task.desired <= TaskState::Running
            && task.state == TaskState::Running
            && !self.swarm.is_lost(task)
    }

    /// What the tasks that don't run are doing; one on a node that is down is orphaned.
    fn others(&self) -> Vec<(TaskState, u64)> {
        let mut others: BTreeMap<TaskState, u64> = BTreeMap::new();
        for task in self.wanted_tasks().filter(|task| !self.runs(task)) {
            let lost = self.swarm.is_lost(task);
            let state = if lost {
                TaskState::Orphaned
            } else {
                task.state
            };
            *others.entry(state).or_default() += 1;
        }
        others.into_iter().collect()
    }
}

/// What Swarm says when it finds no node for a task; in the error or, on some
/// engines, in the message.
fn unplaceable(task: &Task) -> Option<&str> {
    task.error
        .as_deref()
        .into_iter()
        .chain([task.message.as_str()])
        .find(|text| text.contains("no suitable node"))
}
