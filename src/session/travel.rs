//! Going to a step: what has to be made anew, what it will change, and what of
//! the learner's own would be lost by it.

use std::collections::BTreeSet;

use super::forecast::{Forecast, containers};
use super::place::{Named, resolve};
use super::stays::Stays;
use super::{Effect, LabWill, Place, Question, Say, Session, Waiting, entry};
use crate::model::compose::with_tag;
use crate::model::{Files, SpareSet};
use crate::shell::Speed;

/// A way to the entry of a step.
#[derive(Clone, Debug, PartialEq)]
pub struct Journey {
    /// Where to.
    pub to: Place,
    /// The steps whose solutions make it, in order.
    pub path: Vec<Place>,
    /// What the way begins with.
    pub way: Way,
    /// In place: the nodes that get clean engines all the same.
    pub anew: BTreeSet<String>,
    /// In place: the nodes that come into the swarm on the way, or make it.
    pub joining: BTreeSet<String>,
    /// The spare set is a swarm as the way makes it, with this manager: it is taken whole.
    pub swarm: Option<String>,
    /// The step's solution is typed when there.
    pub replay: Option<Speed>,
    /// About how long it takes on the machine of `seconds`.
    pub seconds: f64,
}

/// What a way begins with: the quickest exact one of what is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// The containers and the swarm's members stay, as far as they are as they
    /// should be; what they hold is cleared.
    InPlace,
    /// Clean engines take the place of whatever there is.
    Clean,
    /// The step begins without a lab.
    Down,
    /// Nothing is there, and nothing has to be.
    Nothing,
}

/// What going to a step will change.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// What becomes of the containers.
    pub lab: LabWill,
    /// The services, networks, secrets and configs that are removed.
    pub removes: Vec<String>,
    /// A swarm is made.
    pub init: bool,
    /// So many join it.
    pub joins: usize,
    /// Services that are created, with their replicas.
    pub creates: Vec<(String, Option<u64>)>,
    /// More is done than that.
    pub more: bool,
    /// About how long it takes, in seconds.
    pub seconds: f64,
}

/// Seconds that parts of a way take, measured on two cores with the engines of
/// one machine; the driver tells by how much a machine is quicker or slower.
mod seconds {
    /// Four new containers with engines and their images.
    pub const CLEAN: f64 = 2.6;
    /// Four engines that start afresh in theirs.
    pub const AFRESH: f64 = 1.4;
    /// One of them beside nodes that stay.
    pub const ENGINE: f64 = 0.4;
    /// All of them with a spare set.
    pub const SPARE: f64 = 0.8;
    /// The lab taken down.
    pub const DOWN: f64 = 0.9;
    /// Services cleared away, members kept.
    pub const CLEAR: f64 = 0.9;
    /// A look at an intact lab.
    pub const LOOK: f64 = 0.2;
    /// `swarm init`
    pub const INIT: f64 = 0.4;
    /// Joins, which go side by side.
    pub const JOINS: f64 = 0.5;
    /// The first task of a service.
    pub const SERVICE: f64 = 1.2;
    /// Every further task.
    pub const TASK: f64 = 0.25;
    /// Any other command.
    pub const OTHER: f64 = 0.4;
}

impl Session {
    /// By how much this machine is slower than the one of the estimates.
    pub fn set_pace(&mut self, pace: f64) {
        self.pace = pace;
    }

    /// `goto`, `reset`, `replay`.
    pub(super) fn travel(&mut self, name: Option<&str>, replay: Option<Speed>) -> Vec<Effect> {
        let to = match name {
            None => self.place,
            Some(name) => match resolve(self.course(), self.place, name) {
                Named::One(place) => place,
                Named::Ambiguous(names) => {
                    return vec![Effect::Say(Say::AmbiguousStep(names))];
                }
                Named::Unknown(similar) => {
                    return vec![Effect::Refused(crate::shell::Refusal::UnknownStep {
                        name: name.to_owned(),
                        similar,
                    })];
                }
            },
        };
        self.waiting = Some(Waiting::Travel { to, replay });
        vec![Effect::Survey]
    }

    /// Where the learner wants to go; else where they are.
    pub fn bound_for(&self) -> Place {
        match &self.waiting {
            Some(Waiting::Travel { to, .. }) => *to,
            _ => self.place,
        }
    }

    /// What is there is known: what would be lost is asked about.
    pub(super) fn surveyed(&mut self) -> Vec<Effect> {
        let Some(Waiting::Travel { to, .. }) = &self.waiting else {
            return Vec::new();
        };
        let to = *to;
        let step = to.name(self.course());
        let (_, change) = self.journey(to, None);
        let mut effects = Vec::new();
        if !change.is_nothing() {
            let step = step.clone();
            effects.push(Effect::Say(Say::Will { step, change }));
        }
        let things = self.own_things();
        if things.is_empty() {
            effects.extend(self.answered(true));
        } else {
            effects.push(Effect::Ask(Question::Lose { step, things }));
        }
        effects
    }

    /// What the nodes hold that a snapshot does not show: things by name, and files.
    pub fn nodes_hold(&mut self, things: Vec<String>, files: Files) {
        self.held = things;
        self.files = files;
    }

    pub(super) fn answered(&mut self, yes: bool) -> Vec<Effect> {
        match self.waiting.take() {
            Some(Waiting::Travel { to, replay }) if yes => {
                let name = to.name(self.course());
                self.record.remove(&name);
                let (journey, _) = self.journey(to, replay);
                self.set_up.clear();
                vec![Effect::Travel(journey)]
            }
            _ => Vec::new(),
        }
    }

    /// The way to a step from where the lab is now, and what it changes.
    pub fn journey(&self, to: Place, replay: Option<Speed>) -> (Journey, Change) {
        let forecast = self.forecast(to);
        let now = self.timeline.last();
        let is_up = now.is_some_and(|now| now.up);
        let staying = self.stays(to, &forecast);
        let way = match forecast.is_nothing() {
            true if is_up => Way::Down,
            true => Way::Nothing,
            false if staying.is_some() => Way::InPlace,
            false => Way::Clean,
        };
        let spare = match way {
            Way::Clean => self.spare_for(to, &forecast),
            _ => None,
        };
        let swarm = match &spare {
            Some(SpareSet::Swarm { manager }) => Some(manager.clone()),
            _ => None,
        };
        let stays = match way {
            Way::InPlace => staying.unwrap_or_default(),
            Way::Clean if swarm.is_none() => Stays {
                joining: forecast.members.keys().cloned().collect(),
                ..Stays::default()
            },
            Way::Clean | Way::Down | Way::Nothing => Stays::default(),
        };
        let mut change = self.change(to, way, &stays, &forecast, spare);
        let seconds = estimate(&change, way, is_up) + passing(way, &forecast);
        change.seconds = seconds * self.pace;
        let journey = Journey {
            to,
            path: match way {
                Way::Down | Way::Nothing => Vec::new(),
                _ => entry::path(self.course(), to),
            },
            way,
            anew: stays.anew,
            joining: stays.joining,
            swarm,
            replay,
            seconds,
        };
        (journey, change)
    }

    /// The manager of the swarm that a spare set for this step is to be; `None`: of
    /// clean engines.
    pub fn spare_swarm(&self, to: Place) -> Option<String> {
        self.usual_manager(to, &self.forecast(to))
    }

    fn usual_manager(&self, to: Place, forecast: &Forecast) -> Option<String> {
        let compose = entry::compose_of(self.course(), to)?;
        forecast.usual_manager(compose.nodes().map(|node| node.name.as_str()))
    }

    /// The spare set that is there, where it is of use for a way to this step.
    fn spare_for(&self, to: Place, forecast: &Forecast) -> Option<SpareSet> {
        let spare = self.timeline.last()?.spare.clone()?;
        match &spare {
            SpareSet::Engines => Some(spare),
            SpareSet::Swarm { manager } => {
                let wanted = self.usual_manager(to, forecast);
                (wanted.as_ref() == Some(manager)).then_some(spare)
            }
        }
    }

    fn change(
        &self,
        to: Place,
        way: Way,
        stays: &Stays,
        forecast: &Forecast,
        spare: Option<SpareSet>,
    ) -> Change {
        let now = self.timeline.last();
        let compose = entry::compose_of(self.course(), to);
        let (count, nodes) = containers(compose);
        let swarm = now.and_then(|now| now.swarm.as_ref());
        let held = swarm.map_or(Vec::new(), |swarm| {
            let services = swarm.services.iter().map(|service| &service.name);
            let networks = swarm.networks.iter().map(|network| &network.name);
            let all = services.chain(networks);
            let all = all.chain(&swarm.secrets).chain(&swarm.configs);
            all.cloned().collect()
        });
        let mut members = forecast.members.keys();
        let init = !stays.joining.is_empty() && members.all(|name| stays.joining.contains(name));
        Change {
            lab: match way {
                Way::Clean => LabWill::BeNew {
                    count,
                    all_nodes: count == nodes,
                    spare,
                },
                Way::InPlace if !stays.anew.is_empty() => LabWill::BeNewInPart {
                    nodes: stays.anew.iter().cloned().collect(),
                },
                Way::Down => LabWill::Go,
                Way::InPlace | Way::Nothing => LabWill::Stay,
            },
            removes: if way == Way::InPlace {
                held
            } else {
                Vec::new()
            },
            init,
            joins: stays.joining.len() - usize::from(init),
            creates: forecast.services.clone().into_iter().collect(),
            more: forecast.others > 0 || !forecast.things.is_empty(),
            seconds: 0.0,
        }
    }

    /// Services, networks, secrets and configs of the swarm, containers, volumes, files
    /// and image names in nodes that no lesson makes: what the learner would lose.
    pub fn own_things(&self) -> Vec<String> {
        let Some(now) = self.timeline.last() else {
            return Vec::new();
        };
        let steps = self
            .course()
            .lessons
            .iter()
            .flat_map(|lesson| &lesson.steps);
        let commands: Vec<&str> = steps
            .flat_map(|step| step.setup.iter().chain(&step.solution))
            .map(|command| command.text.as_str())
            .collect();
        let of_lessons = |name: &str| {
            let is_name = |c: char| c.is_alphanumeric() || "_-.".contains(c);
            commands.iter().any(|text| {
                text.split(|c: char| !is_name(c))
                    .any(|word| word == name || name.starts_with(&format!("{word}_")))
            })
        };
        let mut things: Vec<String> = Vec::new();
        if let Some(swarm) = &now.swarm {
            let services = swarm.services.iter().map(|service| &service.name);
            let networks = swarm.networks.iter().map(|network| &network.name);
            let all = services.chain(networks);
            things.extend(all.chain(&swarm.secrets).chain(&swarm.configs).cloned());
        }
        things.extend(self.held.iter().cloned());
        things.retain(|name| !of_lessons(name));
        let files = self.files.added.iter().filter(|file| {
            let path = file.split_once(':').map_or("", |(_, path)| path);
            let within = format!("{path}/");
            let is_path = |c: char| c.is_alphanumeric() || "/_-.".contains(c);
            !commands.iter().any(|text| {
                text.split(|c: char| !is_path(c))
                    .any(|word| word == path || word.starts_with(&within))
            })
        });
        things.extend(files.cloned());
        let lessons = entry::images(self.course());
        let lessons: Vec<String> = lessons.iter().map(|image| with_tag(image)).collect();
        let engines = now.containers.values().filter_map(|c| c.engine.as_ref());
        let mut images: Vec<String> = engines
            .flat_map(|engine| &engine.images)
            .filter(|image| {
                let short = image.trim_end_matches(":latest");
                !lessons.contains(image) && !commands.iter().any(|text| text.contains(short))
            })
            .cloned()
            .collect();
        images.sort();
        images.dedup();
        things.extend(images);
        things
    }
}

impl Change {
    /// Nothing is changed at all.
    pub fn is_nothing(&self) -> bool {
        self.lab == LabWill::Stay
            && self.removes.is_empty()
            && self.creates.is_empty()
            && self.joins == 0
            && !self.init
            && !self.more
    }
}

fn estimate(change: &Change, way: Way, is_up: bool) -> f64 {
    let lab = match change.lab {
        LabWill::BeNew { spare: Some(_), .. } => seconds::SPARE,
        LabWill::BeNew { .. } if is_up => seconds::AFRESH,
        LabWill::BeNew { .. } => seconds::CLEAN,
        LabWill::BeNewInPart { ref nodes } => seconds::CLEAR + seconds::ENGINE * nodes.len() as f64,
        LabWill::Go => seconds::DOWN,
        LabWill::Stay if way == Way::InPlace && !change.removes.is_empty() => seconds::CLEAR,
        LabWill::Stay => seconds::LOOK,
    };
    let init = if change.init { seconds::INIT } else { 0.0 };
    let joins = if change.joins > 0 {
        seconds::JOINS
    } else {
        0.0
    };
    let creates = change.creates.iter().map(|(_, replicas)| replicas);
    let more = if change.more { seconds::OTHER } else { 0.0 };
    lab + init + joins + creates.map(|replicas| service(*replicas)).sum::<f64>() + more
}

/// Services that the way makes and takes away again.
fn passing(way: Way, forecast: &Forecast) -> f64 {
    match way {
        Way::Down | Way::Nothing => 0.0,
        _ => {
            let made = forecast.passing.iter();
            made.map(|replicas| service(*replicas) + seconds::CLEAR)
                .sum()
        }
    }
}

/// A service until its tasks run.
fn service(replicas: Option<u64>) -> f64 {
    let further = replicas.unwrap_or(4).saturating_sub(1);
    seconds::SERVICE + seconds::TASK * further as f64
}
