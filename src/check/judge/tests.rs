#![allow(clippy::unwrap_used)]

mod any;
mod lab;
mod nodes;
mod services;
mod time;

use super::*;
use crate::check::fixture::{Build, shape, timeline};
use crate::check::{CountOrNames, ServiceWant};

/// Judged on what the last of these looks like, with no wait for stability.
fn judged(kind: Kind, looks: impl IntoIterator<Item = Build>) -> Verdict {
    let check = Check {
        stable_for: Duration::ZERO,
        ..Check::new(kind)
    };
    judge(&check, &timeline(looks), &shape())
}

fn gap(gap: Gap) -> Verdict {
    Verdict::NotYet(vec![gap])
}

fn broken(fault: Fault) -> Verdict {
    Verdict::Broken(vec![fault])
}

fn four_nodes() -> Kind {
    Kind::Nodes {
        want: CountOrNames::Count(4),
        ready: true,
        managers: Some(1),
        workers: vec![],
    }
}

fn service(edit: impl FnOnce(&mut ServiceWant)) -> Kind {
    let mut want = ServiceWant {
        name: "web".into(),
        exists: true,
        ..ServiceWant::default()
    };
    edit(&mut want);
    Kind::Service(want)
}

fn replicas(count: u64) -> Kind {
    service(|want| want.replicas = Some(count))
}

fn s(text: &str) -> String {
    text.to_owned()
}
