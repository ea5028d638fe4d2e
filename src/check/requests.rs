//! Judges what the program's own requests were answered: `http` and `probe`.

use super::judge::{Findings, Look};
use super::{Cause, Gap, Via};
use crate::model::Unanswered;

/// `http: URL`.
pub(super) fn http(
    look: &Look,
    asked: &str,
    status: u16,
    contains: Option<&str>,
    via: Option<Via>,
) -> Findings {
    if !look.now.up {
        return Findings::gap(Gap::LabNotUp);
    }
    if via == Some(Via::Mesh) && look.now.mesh == Some(false) {
        return Findings::not_measured(Cause::NoMesh);
    }
    let url = asked.to_owned();
    let newest =
        look.timeline.http.iter().rev().find(|probe| {
            probe.url == url && probe.via == via && probe.at >= look.timeline.entered
        });
    // What was wrong before the newest command may be right after it.
    let since = look.timeline.commands.last().map(|command| command.at);
    let is_old = newest.is_some_and(|probe| since.is_some_and(|since| probe.at < since));
    let answered = match newest.map(|probe| &probe.answer) {
        None => return Findings::gap(Gap::HttpAsking { url }),
        Some(Err(error)) => Findings::gap(Gap::HttpSilent {
            url,
            error: match error {
                Unanswered::Said(said) => Unanswered::Said(one_line(said, 240)),
                known => known.clone(),
            },
        }),
        Some(Ok((have, _))) if *have != status => Findings::gap(Gap::HttpStatus {
            url,
            have: *have,
            want: status,
        }),
        Some(Ok((_, body))) => match contains {
            Some(want) if !body.contains(want) => Findings::gap(Gap::HttpBody {
                url,
                want: want.to_owned(),
                have: one_line(body, 120),
            }),
            _ => return Findings::default(),
        },
    };
    match is_old {
        true => Findings::gap(Gap::HttpAsking {
            url: asked.to_owned(),
        }),
        false => answered,
    }
}

/// `probe: SERVICE`. Without the mesh no stream of requests reaches a service
/// by its published port, so nothing can be said of lost ones.
pub(super) fn probe(look: &Look, service: &str, allowed: usize, during_update: bool) -> Findings {
    if !look.now.up {
        return Findings::gap(Gap::LabNotUp);
    }
    if look.now.mesh != Some(true) {
        return Findings::not_measured(Cause::NoMesh);
    }
    let run =
        look.timeline.probes.iter().rev().find(|run| {
            run.service == service && run.during_update == during_update && run.sent > 0
        });
    let service = service.to_owned();
    match run {
        None => Findings::gap(Gap::ProbeAsking {
            service,
            during_update,
        }),
        Some(run) if run.lost > allowed => Findings::gap(Gap::ProbeLost {
            service,
            lost: run.lost,
            sent: run.sent,
            allowed,
        }),
        Some(_) => Findings::default(),
    }
}

/// The beginning of a text from outside, on one line and without control characters.
pub(super) fn one_line(text: &str, most: usize) -> String {
    text.trim()
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(most)
        .collect()
}
