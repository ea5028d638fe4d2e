//! The picture while containers are made or removed: each with its state, and
//! the images that are on their way.

use crate::driver::screen::Screen;
use crate::lab::{News, Phase};
use crate::words;

/// Containers and images on their way.
#[derive(Default)]
pub(super) struct Board {
    phases: Vec<(String, Phase)>,
    pub(super) images: Option<News>,
    pub(super) told: Vec<News>,
}

impl Board {
    pub(super) fn note(&mut self, news: News) {
        match news {
            News::Container { name, phase } => {
                self.images = None;
                if phase == Phase::Creating {
                    // Where one that is made anew is published is told anew.
                    self.told.retain(|told| {
                        !matches!(told, News::PortMoved { name: other, .. } if *other == name)
                    });
                }
                match self.phases.iter_mut().find(|(other, _)| *other == name) {
                    Some((_, old)) => *old = phase,
                    None => self.phases.push((name, phase)),
                }
                self.phases.sort();
            }
            News::Assembling | News::Pulling { .. } | News::Copying { .. } => {
                self.images = Some(news)
            }
            other => {
                if !self.told.contains(&other) {
                    self.told.push(other);
                }
            }
        }
    }

    pub(super) fn lines(&self, screen: &Screen) -> Vec<String> {
        let lang = screen.lang;
        let mut lines: Vec<String> = self
            .images
            .iter()
            .filter_map(|news| words::lab::images_doing(lang, news))
            .map(|text| format!(" {text}…"))
            .collect();
        let width = self.phases.iter().map(|(name, _)| name.len()).max();
        for (name, phase) in &self.phases {
            let mark = match phase {
                Phase::Ready | Phase::Gone => crate::terminal::Mark::Done,
                _ => crate::terminal::Mark::Starting,
            };
            let (sign, tone) = screen.look.mark(mark);
            lines.push(format!(
                " {} {name:width$}  {}",
                screen.look.paint(tone, sign),
                words::lab::phase(lang, *phase),
                width = width.unwrap_or_default(),
            ));
        }
        lines
    }
}
