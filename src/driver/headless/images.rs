//! `images`: what a lab needs, for a room without network.

use std::cell::RefCell;
use std::path::Path;
use std::sync::Arc;

use super::super::execute::{Ended, Executor};
use super::super::screen::Screen;
use super::super::{End, Failure, Options, embedded, lock, opening};
use crate::lab::{Lab, LabError, Plan, RealLab, Stock, Stocked};
use crate::lesson::Course;
use crate::model::Compose;
use crate::progress::Store;
use crate::session::entry;
use crate::terminal::{Tone, columns, tty};
use crate::words::{self, Lang};

/// Every image of the course: those of all its labs' containers, and those
/// that its services need.
pub fn plan_of(course: &Course) -> Plan {
    let mut compose = Compose::default();
    for service in course
        .lessons
        .iter()
        .flat_map(|lesson| lesson.compose.iter())
        .flat_map(|compose| &compose.services)
    {
        if !compose
            .services
            .iter()
            .any(|other| other.image == service.image)
        {
            compose.services.push(service.clone());
        }
    }
    Plan {
        compose,
        images: entry::images(course),
    }
}

/// The plan of the course that comes with the program; it is the same in
/// every language.
pub fn plan() -> Plan {
    let twins = embedded().twins;
    twins
        .first()
        .map(|(_, course)| plan_of(course))
        .unwrap_or_default()
}

/// `images list`
pub async fn list(options: &Options, store: &Store, json: bool) -> Result<End, Failure> {
    let lab = opening::open_real(options, store).await?;
    let stock = lab.stock(&plan()).await?;
    if json {
        println!("{}", as_json(&stock, options.lang));
        return Ok(End::Done);
    }
    let rows: Vec<Vec<String>> = stock
        .iter()
        .map(|image| {
            vec![
                image.image.clone(),
                image
                    .size
                    .map_or("-".to_owned(), |size| format!("{:.1}MB", size as f64 / 1e6)),
                words::bundle::stocked(options.lang, &image.stocked),
            ]
        })
        .collect();
    print!("{}", columns(&words::bundle::columns(options.lang), &rows));
    Ok(End::Done)
}

fn as_json(stock: &[Stock], lang: Lang) -> serde_json::Value {
    let each = stock.iter().map(|image| {
        let (state, stand_in) = match &image.stocked {
            Stocked::There => ("ready", None),
            Stocked::StandIn(name) => ("stand_in", Some(name)),
            Stocked::Makeable => ("makeable", None),
            Stocked::Pullable => ("pullable", None),
            Stocked::Missing(_) => ("missing", None),
        };
        serde_json::json!({
            "image": image.image,
            "node": image.node,
            "state": state,
            "stand_in": stand_in,
            "size": image.size,
            "says": words::bundle::stocked(lang, &image.stocked),
        })
    });
    serde_json::json!({ "images": each.collect::<Vec<_>>() })
}

/// One of each, for the test of the documentation.
#[cfg(test)]
pub fn example() -> serde_json::Value {
    let stock = |image: &str, node, stocked, size| Stock {
        image: image.to_owned(),
        node,
        stocked,
        size,
    };
    let all = [
        stock("docker:dind", true, Stocked::There, Some(400_000_000)),
        stock(
            "hashicorp/http-echo:latest",
            false,
            Stocked::StandIn("swarmlings/http-echo:latest".to_owned()),
            Some(9_000_000),
        ),
        stock("swarmlings/web:1", false, Stocked::Makeable, None),
        stock("nginx:alpine", false, Stocked::Pullable, None),
        stock(
            "registry:2",
            false,
            Stocked::Missing("no such host".to_owned()),
            None,
        ),
    ];
    as_json(&all, Lang::En)
}

/// `images save FILE`
pub async fn save(options: &Options, store: &Store, file: &Path) -> Result<End, Failure> {
    let lab = opening::open_real(options, store).await?;
    let screen = Screen::stdout(options);
    let plan = plan();
    let (result, of_work) = (RefCell::new(None), Arc::clone(&lab));
    let ended = told(store, &lab, &screen)
        .with_news(|tell| async {
            let saved = of_work.save_images(&plan, file, &{ tell }).await?;
            *result.borrow_mut() = Some(saved);
            Ok(())
        })
        .await;
    usage(options, ended)?;
    let Some(saved) = result.into_inner() else {
        return Ok(End::NotMet);
    };
    let text = words::bundle::saved(options.lang, file, &saved);
    screen.say(Tone::Good, &text);
    Ok(End::Done)
}

/// `images load FILE`
pub async fn load(options: &Options, store: &Store, file: &Path) -> Result<End, Failure> {
    let _lock = lock(store, options.lang)?;
    let lab = opening::open_real(options, store).await?;
    let screen = Screen::stdout(options);
    let (result, of_work) = (RefCell::new(None), Arc::clone(&lab));
    let ended = told(store, &lab, &screen)
        .with_news(|tell| async {
            let loaded = of_work.load_images(file, &{ tell }).await?;
            *result.borrow_mut() = Some(loaded);
            Ok(())
        })
        .await;
    usage(options, ended)?;
    let Some(loaded) = result.into_inner() else {
        return Ok(End::NotMet);
    };
    for (image, loaded) in &loaded {
        let text = words::bundle::loaded(options.lang, image, loaded);
        screen.say(Tone::Text, &text);
    }
    let stock = lab.stock(&plan()).await?;
    let ready = |image: &Stock| image.size.is_some();
    if stock.iter().all(ready) {
        screen.say(Tone::Good, words::bundle::ready(options.lang));
    }
    Ok(End::Done)
}

/// What shows news; progress goes to where messages go.
pub fn told(store: &Store, lab: &Arc<RealLab>, screen: &Screen) -> Executor {
    Executor {
        terminal: tty::is_interactive(),
        ..Executor::new(Lab::Real(Arc::clone(lab)), store, screen)
    }
}

/// A file that is none of ours is the user's slip, not the environment's.
fn usage(options: &Options, ended: Result<Ended, Failure>) -> Result<Ended, Failure> {
    ended.map_err(|failure| match failure {
        Failure::Lab(error @ LabError::Bundle { .. }) => {
            Failure::Told(End::Usage, words::lab::error(options.lang, &error))
        }
        other => other,
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn states_of_images_have_names_that_stay() {
        insta::assert_snapshot!(format!("{:#}", super::example()));
    }
}
