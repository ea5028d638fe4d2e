//! The lab's images as a stock: what of them is there, all of them into one
//! file, and out of it into another engine.

use std::io::SeekFrom;
use std::path::Path;

use futures_util::StreamExt;
use tokio::io::{AsyncSeekExt, AsyncWriteExt};

use super::super::{LabError, News, Plan, Tell};
use super::images::{OURS, Source, loaded_name, named};
use super::{RealLab, engine_error};
use crate::lab::image::bundle::{self, BundleFault, Entry, FORMAT, INDEX, Index, ReadError};
use crate::lab::image::load;
use crate::model::compose::with_tag;

/// An image that the lab needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stock {
    /// As the lessons write it, with its tag.
    pub image: String,
    /// A node is made of it; without it there is no lab.
    pub node: bool,
    /// Where it comes from.
    pub stocked: Stocked,
    /// Bytes, where it is there.
    pub size: Option<u64>,
}

/// Where an image comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stocked {
    /// It is on the engine under its own name.
    There,
    /// What stands in for it is, under this name.
    StandIn(String),
    /// The program can make it.
    Makeable,
    /// A registry that answers has it.
    Pullable,
    /// It can't be had; why.
    Missing(String),
}

/// A file that was written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Saved {
    /// How many images it holds.
    pub images: usize,
    /// Its size.
    pub bytes: u64,
    /// The engine's system.
    pub os: String,
    /// The engine's architecture.
    pub arch: String,
}

/// What became of an image of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loaded {
    /// The engine has it now, under its own name.
    New,
    /// The engine has it now as a stand-in, under a name of ours.
    StandIn,
    /// An image of that name was there, and was left alone.
    Kept,
}

impl RealLab {
    /// The images that the plan needs.
    pub async fn stock(&self, plan: &Plan) -> Result<Vec<Stock>, LabError> {
        let mut stock = Vec::new();
        for (image, node) in self.wanted(plan) {
            let (stocked, at) = match self.source(&image).await? {
                Ok(Source::There(there)) if there == image => (Stocked::There, Some(there)),
                Ok(Source::There(there)) => (Stocked::StandIn(there.clone()), Some(there)),
                Ok(Source::Make(_)) => (Stocked::Makeable, None),
                Ok(Source::Pull) => (Stocked::Pullable, None),
                Err(why) => (Stocked::Missing(why), None),
            };
            let size = match at {
                Some(at) => Some(self.inspected(&at).await?.1),
                None => None,
            };
            stock.push(Stock {
                image,
                node,
                stocked,
                size,
            });
        }
        Ok(stock)
    }

    /// Makes or pulls what of the plan's images is not there. One that can't
    /// be had is told, but a node's is an error.
    pub async fn fetch_images(&self, plan: &Plan, tell: &Tell) -> Result<Vec<Entry>, LabError> {
        let mut there = Vec::new();
        for (image, node) in self.wanted(plan) {
            let name = match self.on_host(&image, tell).await {
                Ok(name) => name,
                Err(LabError::NoImage { image, why }) if !node => {
                    let _ = tell.send(News::ImageMissing { image, why });
                    continue;
                }
                Err(error) => return Err(error),
            };
            let (id, _) = self.inspected(&name).await?;
            there.push(Entry {
                file: format!("{}.tar", there.len()),
                image,
                name,
                id,
            });
        }
        Ok(there)
    }

    /// The plan's images, nodes' first, each once.
    fn wanted(&self, plan: &Plan) -> Vec<(String, bool)> {
        let services = plan.compose.services.iter();
        let of_services = services.map(|service| (self.image_of(service), service.is_node()));
        let preloaded = plan.images.iter().map(|image| (with_tag(image), false));
        let mut wanted: Vec<(String, bool)> = Vec::new();
        for (image, node) in of_services.chain(preloaded) {
            match wanted.iter_mut().find(|(known, _)| *known == image) {
                Some(known) => known.1 |= node,
                None => wanted.push((image, node)),
            }
        }
        wanted.sort_by_key(|(_, node)| !node);
        wanted
    }

    async fn inspected(&self, name: &str) -> Result<(String, u64), LabError> {
        let image = self
            .docker
            .inspect_image(name)
            .await
            .map_err(|error| engine_error(&format!("inspect {name}"), error))?;
        let size = u64::try_from(image.size.unwrap_or_default()).unwrap_or_default();
        Ok((image.id.unwrap_or_default(), size))
    }

    async fn platform(&self) -> Result<(String, String), LabError> {
        let version = self
            .docker
            .version()
            .await
            .map_err(|error| engine_error("version", error))?;
        Ok((
            version.os.unwrap_or_default(),
            version.arch.unwrap_or_default(),
        ))
    }

    /// Writes every image of the plan into one file. The file is there whole
    /// or not at all; only one of ours is replaced.
    pub async fn save_images(
        &self,
        plan: &Plan,
        path: &Path,
        tell: &Tell,
    ) -> Result<Saved, LabError> {
        let failed = |source| LabError::File {
            path: path.to_owned(),
            source,
        };
        match bundle::index(path) {
            Ok(_) | Err(ReadError::Fault(BundleFault::Newer(_))) => {}
            Err(ReadError::Io(error)) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(ReadError::Io(error)) => return Err(failed(error)),
            Err(ReadError::Fault(_)) => {
                return Err(LabError::Bundle {
                    path: path.to_owned(),
                    fault: BundleFault::Occupied,
                });
            }
        }
        let folder = match path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        // To be carried to other machines and users, so readable by all.
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o644);
        let temporary = tempfile::Builder::new()
            .prefix(".swarmlings-images-")
            .permissions(mode)
            .tempfile_in(folder)
            .map_err(failed)?;
        let (os, arch) = self.platform().await?;
        let images = self.fetch_images(plan, tell).await?;
        let index = Index {
            format: FORMAT,
            program: env!("CARGO_PKG_VERSION").to_owned(),
            os,
            arch,
            images,
        };
        let mut file = tokio::fs::File::from_std(temporary.reopen().map_err(failed)?);
        let text = serde_json::to_vec_pretty(&index).unwrap_or_default();
        let (head, padding) = bundle::header(INDEX, text.len() as u64).map_err(failed)?;
        file.write_all(&head).await.map_err(failed)?;
        file.write_all(&text).await.map_err(failed)?;
        file.write_all(&vec![0; padding]).await.map_err(failed)?;
        for image in &index.images {
            self.append(&mut file, image, tell, &failed).await?;
        }
        file.write_all(&[0; 1024]).await.map_err(failed)?;
        let bytes = file.stream_position().await.map_err(failed)?;
        file.sync_all().await.map_err(failed)?;
        temporary
            .persist(path)
            .map_err(|error| failed(error.error))?;
        Ok(Saved {
            images: index.images.len(),
            bytes,
            os: index.os,
            arch: index.arch,
        })
    }

    /// One image behind what is written already. Its size is known only
    /// afterwards: the header is written twice.
    async fn append(
        &self,
        file: &mut tokio::fs::File,
        image: &Entry,
        tell: &Tell,
        failed: &impl Fn(std::io::Error) -> LabError,
    ) -> Result<(), LabError> {
        let (_, total) = self.inspected(&image.name).await?;
        let start = file.stream_position().await.map_err(failed)?;
        file.write_all(&[0; 512]).await.map_err(failed)?;
        let mut length = 0;
        let mut chunks = Box::pin(self.docker.export_image(&image.name));
        while let Some(chunk) = chunks.next().await {
            let chunk =
                chunk.map_err(|error| engine_error(&format!("export {}", image.name), error))?;
            file.write_all(&chunk).await.map_err(failed)?;
            length += chunk.len() as u64;
            let _ = tell.send(News::Copying {
                image: image.image.clone(),
                done: length,
                total: total.max(length),
            });
        }
        let (head, padding) = bundle::header(&image.file, length).map_err(failed)?;
        file.write_all(&vec![0; padding]).await.map_err(failed)?;
        let end = file.stream_position().await.map_err(failed)?;
        file.seek(SeekFrom::Start(start)).await.map_err(failed)?;
        file.write_all(&head).await.map_err(failed)?;
        file.seek(SeekFrom::Start(end)).await.map_err(failed)?;
        Ok(())
    }

    /// Loads a file's images, with what became of each. A name that exists is
    /// left alone; stand-ins go below `swarmlings/`.
    pub async fn load_images(
        &self,
        path: &Path,
        tell: &Tell,
    ) -> Result<Vec<(String, Loaded)>, LabError> {
        let (os, arch) = self.platform().await?;
        let file = path.to_owned();
        let opened = tokio::task::spawn_blocking(move || bundle::open(&file, &os, &arch)).await;
        let failed = |source| LabError::File {
            path: path.to_owned(),
            source,
        };
        let fault = |fault| LabError::Bundle {
            path: path.to_owned(),
            fault,
        };
        let (index, parts) = match opened {
            Ok(Ok(opened)) => opened,
            Ok(Err(ReadError::Fault(found))) => return Err(fault(found)),
            Ok(Err(ReadError::Io(error))) => return Err(failed(error)),
            Err(error) => return Err(failed(std::io::Error::other(error))),
        };
        let mut done = Vec::new();
        for (image, part) in index.images.iter().zip(parts) {
            let stand_in = image.name != image.image;
            if stand_in && !image.name.starts_with(OURS) {
                return Err(fault(BundleFault::Damaged(image.file.clone())));
            }
            if !stand_in && self.is_there(&image.image).await? {
                done.push((image.image.clone(), Loaded::Kept));
                continue;
            }
            let (told, name) = (tell.clone(), image.image.clone());
            let so_far = move |bytes| {
                let _ = told.send(News::Copying {
                    image: name.clone(),
                    done: bytes,
                    total: part.length,
                });
            };
            load::load_part(&self.docker, path, part, so_far)
                .await
                .map_err(|error| self.load_error(path, error))?;
            if stand_in {
                let loaded = loaded_name(&image.image);
                named(&self.docker, &image.name, &loaded).await?;
                done.push((image.image.clone(), Loaded::StandIn));
            } else {
                done.push((image.image.clone(), Loaded::New));
            }
        }
        Ok(done)
    }
}
