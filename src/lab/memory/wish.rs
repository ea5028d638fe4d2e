//! A service: what is wished of it, and how its last update goes.

use std::collections::BTreeMap;

use crate::model::{self, Port, ServiceMode, UpdateState};

/// A service of a swarm.
#[derive(Clone, Debug)]
pub struct Service {
    pub id: String,
    pub name: String,
    pub wish: Wish,
    /// The wish before the last change, for a rollback.
    pub before: Option<Wish>,
    pub version: u64,
    pub update: Option<UpdateState>,
    pub message: Option<String>,
}

/// What `service create` and `service update` say.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Wish {
    pub mode: ServiceMode,
    pub ports: Vec<Port>,
    pub labels: BTreeMap<String, String>,
    pub template: Template,
    pub on_update: Rules,
    pub on_rollback: Rules,
}

/// What a change of replaces the tasks.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Template {
    pub image: String,
    pub args: Vec<String>,
    pub env: Vec<String>,
    pub constraints: Vec<String>,
    pub networks: Vec<String>,
    pub secrets: Vec<String>,
    pub configs: Vec<String>,
    /// Counts `--force`.
    pub forced: u32,
}

/// How tasks are replaced.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rules {
    /// At a time; 0: all.
    pub parallelism: u64,
    pub on_failure: OnFailure,
}

/// `--update-failure-action`
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum OnFailure {
    Pause,
    Continue,
    Rollback,
}

impl Default for Rules {
    fn default() -> Rules {
        Rules {
            parallelism: 1,
            on_failure: OnFailure::Pause,
        }
    }
}

impl Service {
    /// The wish is another one from now on.
    pub fn change(&mut self, wish: Wish) {
        let replaces = wish.template != self.wish.template;
        self.update = replaces.then_some(UpdateState::Updating);
        self.message = replaces.then(|| "update in progress".to_owned());
        self.before = Some(std::mem::replace(&mut self.wish, wish));
        self.version += 1;
    }

    /// Back to the wish before; `false`: there was none.
    pub fn roll_back(&mut self, why: &str) -> bool {
        let Some(before) = self.before.take() else {
            return false;
        };
        self.before = Some(std::mem::replace(&mut self.wish, before));
        self.update = Some(UpdateState::RollbackStarted);
        self.message = Some(why.to_owned());
        self.version += 1;
        true
    }

    /// The rules of what is under way.
    pub fn rules(&self) -> Rules {
        match self.update {
            Some(UpdateState::RollbackStarted | UpdateState::RollbackPaused) => {
                self.wish.on_rollback
            }
            _ => self.wish.on_update,
        }
    }

    /// `replicated`, as tables have it.
    pub fn mode_word(&self) -> &'static str {
        match self.wish.mode {
            ServiceMode::Replicated(_) => "replicated",
            ServiceMode::Global => "global",
            ServiceMode::Job => "replicated job",
        }
    }

    pub fn seen(&self) -> model::Service {
        let template = &self.wish.template;
        model::Service {
            id: self.id.clone(),
            name: self.name.clone(),
            mode: self.wish.mode,
            image: template.image.clone(),
            ports: self.wish.ports.clone(),
            update: self.update,
            update_message: self.message.clone(),
            constraints: template.constraints.clone(),
            networks: template.networks.clone(),
            secrets: template.secrets.clone(),
            configs: template.configs.clone(),
            labels: self.wish.labels.clone(),
            version: self.version,
        }
    }
}

impl Template {
    /// Whether what it runs ends as soon as it starts.
    pub fn fails(&self) -> bool {
        let (_, tag) = model::compose::split_reference(&self.image);
        tag == Some("broken")
            || self
                .args
                .iter()
                .any(|arg| arg.trim_start_matches('-') == "fail")
    }

    /// What it answers to a request: its `-text`, else what its image says.
    pub fn answer(&self) -> String {
        let mut args = self.args.iter();
        while let Some(arg) = args.next() {
            let arg = arg.trim_start_matches('-');
            if arg == "text" {
                return args.next().cloned().unwrap_or_default();
            }
            if let Some(text) = arg.strip_prefix("text=") {
                return text.to_owned();
            }
        }
        let of_env = self
            .env
            .iter()
            .rev()
            .find_map(|env| env.strip_prefix("ECHO_TEXT="));
        if let Some(text) = of_env {
            return text.to_owned();
        }
        let (repository, _) = model::compose::split_reference(&self.image);
        match repository.ends_with("http-echo") {
            true => "hello-world".to_owned(),
            false => self.image.clone(),
        }
    }
}
