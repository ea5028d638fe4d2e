//! What of a way is done while its engines still start: the swarm is made with the
//! first of them, and each of the others joins it as soon as it is there.
//!
//! For half of the time that a `swarm init` takes it sleeps (`initManagerConnection`
//! of SwarmKit, 500 ms), and who joins mostly waits for others.

use std::collections::BTreeSet;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use tokio::sync::mpsc;

use super::{is_built_on, is_swarm, unheard};
use crate::driver::player::Only;
use crate::lab::{Lab, News, Phase};
use crate::lesson::Command;
use crate::model::Swarm;
use crate::session::{Place, Session};
use crate::shell::{Action, ComposeAction, Exec, Scope, understand};

/// A command in a node that need not wait for the other nodes.
#[derive(Debug)]
pub(super) struct Early {
    pub place: Place,
    pub exec: Exec,
}

/// The commands up to where what comes later depends on what they have done.
fn first_commands<'s>(
    session: &'s Session,
    path: &'s [Place],
) -> impl Iterator<Item = (Place, &'s Command)> {
    let steps = path
        .iter()
        .filter_map(|&place| Some((place, place.step(session.course())?)));
    let mut ends = false;
    let steps = steps.take_while(move |(_, step)| {
        !std::mem::replace(&mut ends, !step.cleanup.is_empty() || is_built_on(step))
    });
    steps.flat_map(|(place, step)| {
        let own = step.setup.iter().chain(step.solution_on(None));
        own.map(move |command| (place, command))
    })
}

/// What there is to be done of a command before anything else in a node.
fn in_node(session: &Session, command: &Command, scope: &Scope) -> Option<Option<Exec>> {
    match understand(&session.mended(command).0, scope) {
        Ok(action) if !Only::State.plays(&action) => Some(None),
        Ok(Action::Compose(ComposeAction::Up { .. })) => Some(None),
        Ok(Action::Exec(exec)) => Some(Some(exec)),
        _ => None,
    }
}

/// The `swarm init` that a path has before anything else in a node.
pub(super) fn init_of(session: &Session, path: &[Place]) -> Option<Early> {
    let scope = session.scope_on_the_way(*path.last()?, None);
    for (place, command) in first_commands(session, path) {
        if let Some(exec) = in_node(session, command, &scope)? {
            // The values that are known are those of the lab before.
            let is_init = is_swarm("init", &exec) && !command.text.contains('$');
            return is_init.then_some(Early { place, exec });
        }
    }
    None
}

/// The `swarm join`s that a path has right behind its `swarm init`.
fn joins_after(init: &Early, session: &Session, path: &[Place], swarm: &Swarm) -> Vec<Early> {
    let mut joins = Vec::new();
    let last = path.last().copied().unwrap_or(init.place);
    let scope = &session.scope_on_the_way(last, Some(swarm));
    for (place, command) in first_commands(session, path) {
        // A value that somebody typed is one of the lab before.
        if !command.placeholders.is_empty() {
            break;
        }
        match in_node(session, command, scope) {
            Some(None) => {}
            Some(Some(exec)) if place == init.place && exec == init.exec => {}
            Some(Some(exec)) if is_swarm("join", &exec) => joins.push(Early { place, exec }),
            Some(Some(_)) | None => break,
        }
    }
    joins
}

/// Does what can be done as engines become ready, until no more of them do; what was
/// done and went well.
pub(super) async fn begin(
    init: Early,
    session: &Session,
    lab: &Lab,
    path: &[Place],
    mut told: mpsc::UnboundedReceiver<News>,
) -> Vec<Early> {
    let mut ready = BTreeSet::new();
    while !ready.contains(&init.exec.node) {
        match told.recv().await {
            Some(news) => ready.extend(is_ready(news)),
            None => return Vec::new(),
        }
    }
    if unheard(lab, &init.exec).await.ok() != Some(0) {
        return Vec::new();
    }
    tracing::debug!("has a manager");
    let mut waiting = match lab.swarm_of(&init.exec.node).await {
        Some(swarm) => joins_after(&init, session, path, &swarm),
        None => Vec::new(),
    };
    let mut done = vec![init];
    let mut joining = FuturesUnordered::new();
    let mut open = true;
    loop {
        for join in waiting.extract_if(.., |join| ready.contains(&join.exec.node)) {
            joining.push(async move { (unheard(lab, &join.exec).await, join) });
        }
        tokio::select! {
            Some((ended, join)) = joining.next(), if !joining.is_empty() => {
                tracing::debug!(node = join.exec.node, ?ended, "joins");
                if ended.ok() == Some(0) {
                    done.push(join);
                }
            }
            news = told.recv(), if open => match news {
                Some(news) => ready.extend(is_ready(news)),
                None => open = false,
            },
            else => return done,
        }
    }
}

/// The node that is ready now.
fn is_ready(news: News) -> Option<String> {
    match news {
        News::Container {
            name,
            phase: Phase::Ready,
        } => Some(name),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::driver::courses::embedded;
    use crate::session::{DEFAULT_LAB, entry};
    use crate::words::Lang;

    fn session() -> Session {
        Session::new(embedded().twins, vec![Lang::En], DEFAULT_LAB)
    }

    fn path_to(session: &Session, step: &str) -> Vec<Place> {
        let all = crate::session::place::all(session.course());
        let mut found = all.filter(|(_, name)| name == step);
        let (to, _) = found.next().expect("a step of the course");
        entry::path(session.course(), to)
    }

    fn swarm() -> Swarm {
        Swarm {
            worker_token: "SWMTKN-1-x".into(),
            manager_addr: Some("10.0.0.11:2377".into()),
            ..Swarm::default()
        }
    }

    fn begun(step: &str) -> (Option<String>, Vec<String>) {
        let session = session();
        let path = path_to(&session, step);
        let line = |early: &Early| format!("{}: {}", early.exec.node, early.exec.argv.join(" "));
        let Some(init) = init_of(&session, &path) else {
            return (None, Vec::new());
        };
        let joins = joins_after(&init, &session, &path, &swarm());
        (Some(line(&init)), joins.iter().map(line).collect())
    }

    #[test]
    fn a_swarm_is_made_and_joined_while_engines_start() {
        let (init, joins) = begun("service/scale");
        assert_eq!(init.as_deref(), Some("manager: docker swarm init"));
        let join = "docker swarm join --token SWMTKN-1-x 10.0.0.11:2377";
        let workers = ["worker01", "worker02", "worker03"];
        assert_eq!(joins, workers.map(|worker| format!("{worker}: {join}")));
    }

    #[test]
    fn no_more_than_the_way_has() {
        assert_eq!(begun("swarm/init"), (None, Vec::new()));
        let (init, joins) = begun("swarm/join-first");
        assert_eq!(init.as_deref(), Some("manager: docker swarm init"));
        assert!(joins.is_empty(), "{joins:?}");
        assert_eq!(begun("swarm/join-rest").1.len(), 1);
    }

    #[test]
    fn without_a_token_nobody_joins() {
        let session = session();
        let path = path_to(&session, "service/scale");
        let init = init_of(&session, &path).expect("an init");
        assert!(joins_after(&init, &session, &path, &Swarm::default()).is_empty());
    }
}
