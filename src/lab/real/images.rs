//! Which image each container and each service of the lab is made of: the one
//! that is there, else pulled, else put together by the program.
//!
//! What the program makes itself has names below `swarmlings/` on the outer
//! engine, so that no tag of the learner's is ever touched; inside the nodes it
//! has the name it stands in for.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use bollard::query_parameters::{
    CreateImageOptionsBuilder, ListImagesOptionsBuilder, RemoveImageOptionsBuilder,
    TagImageOptionsBuilder,
};
use futures_util::StreamExt;
use tokio::io::AsyncWriteExt;

use super::super::{LabError, Needs, News, Plan, Tell};
use super::{RealLab, engine_error, is_missing};
use crate::lab::image::archive::{self, Archive};
use crate::lab::image::{ImageError, STAND_IN, load, node, service};
use crate::model::ComposeService;
use crate::model::compose::{split_reference, with_tag};

/// How long what was found for images is taken to be so: a way asks more than once,
/// and the first time it has something else to wait for.
const FOUND_FOR: Duration = Duration::from_secs(10);

/// What was found, when, and for which images.
pub(super) struct Found<T> {
    at: Instant,
    images: Vec<String>,
    what: T,
}

impl<T: Clone> Found<T> {
    fn new(images: &[String], what: &T) -> Found<T> {
        Found {
            at: Instant::now(),
            images: images.to_vec(),
            what: what.clone(),
        }
    }

    fn still(&self, images: &[String]) -> Option<T> {
        let fresh = self.at.elapsed() < FOUND_FOR && self.images == images;
        fresh.then(|| self.what.clone())
    }
}

/// An image on its way into the nodes.
#[derive(Clone)]
pub struct Preload {
    /// The name it has in the nodes.
    pub reference: String,
    /// Its docker-archive.
    pub file: PathBuf,
    /// The name it has in the archive, where that is another one.
    pub archived: Option<String>,
}

/// Where an image comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// It is on the outer engine, under this reference.
    There(String),
    /// A registry that answers has it.
    Pull,
    /// The program makes it.
    Make(Made),
}

/// What the program can make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Made {
    Node,
    Registry,
    Echo,
}

impl Made {
    /// What of ours stands in for an image.
    fn for_image(reference: &str) -> Option<Made> {
        let (repository, tag) = split_reference(reference);
        match repository {
            "docker" if tag.is_some_and(|tag| tag.contains("dind")) => Some(Made::Node),
            "registry" => Some(Made::Registry),
            service::HTTP_ECHO => Some(Made::Echo),
            _ => None,
        }
    }
}

/// Every image of ours on the outer engine is below this.
pub(super) const OURS: &str = "swarmlings/";

/// Stand-ins out of a file of images are below this, whatever engine and
/// machine they were made of.
pub(super) const LOADED: &str = "swarmlings/loaded/";

impl RealLab {
    /// What of the plan's images is neither there nor made yet.
    pub(super) async fn image_needs(&self, plan: &Plan, needs: &mut Needs) -> Result<(), LabError> {
        let mut wanted: Vec<String> = plan
            .compose
            .services
            .iter()
            .map(|service| self.image_of(service))
            .chain(plan.images.iter().map(|image| with_tag(image)))
            .collect();
        wanted.sort();
        wanted.dedup();
        for image in wanted {
            match self.source(&image).await? {
                Ok(Source::There(_)) => {}
                Ok(Source::Pull) => needs.pull.push(image),
                Ok(Source::Make(Made::Node)) => needs.assemble = true,
                Ok(Source::Make(_)) => needs.stand_ins.push(image),
                Err(_) => {}
            }
        }
        Ok(())
    }

    /// Whether this host can have a registry: an image of one, or the program
    /// to make one of. Nothing is made or pulled.
    pub async fn has_registry(&self, image: &str) -> bool {
        matches!(self.source(&with_tag(image)).await, Ok(Ok(_)))
    }

    pub(super) fn image_of(&self, service: &ComposeService) -> String {
        match &self.options.node_image {
            Some(image) if service.is_node() => with_tag(image),
            _ => with_tag(&service.image),
        }
    }

    /// Where an image is to come from; the inner error is why it can't be had.
    pub(super) async fn source(&self, reference: &str) -> Result<Result<Source, String>, LabError> {
        if self.is_there(reference).await? {
            return Ok(Ok(Source::There(reference.to_owned())));
        }
        let made = Made::for_image(reference).filter(|_| self.is_local());
        if let Some(made) = made {
            let own = self.own_name(made, reference).await?;
            if self.is_there(&own).await? {
                return Ok(Ok(Source::There(own)));
            }
        }
        let loaded = loaded_name(reference);
        if self.is_there(&loaded).await? {
            return Ok(Ok(Source::There(loaded)));
        }
        let why = match self.registry_answers(reference).await? {
            Ok(()) => return Ok(Ok(Source::Pull)),
            Err(why) => why,
        };
        let Some(made) = made else {
            return Ok(Err(why));
        };
        Ok(match self.can_make(made) {
            Ok(()) => Ok(Source::Make(made)),
            Err(error) => Err(format!("{why}; {error}")),
        })
    }

    pub(super) async fn is_there(&self, reference: &str) -> Result<bool, LabError> {
        match self.docker.inspect_image(reference).await {
            Ok(_) => Ok(true),
            Err(error) => match engine_error(&format!("inspect {reference}"), error) {
                error if is_missing(&error) => Ok(false),
                error => Err(error),
            },
        }
    }

    fn can_make(&self, made: Made) -> Result<(), ImageError> {
        match made {
            Made::Node => match self.machine()?.missing() {
                missing if missing.is_empty() => Ok(()),
                missing => Err(ImageError::Missing(missing)),
            },
            Made::Registry => service::registry_program().map(|_| ()),
            Made::Echo => own_program().map(|_| ()),
        }
    }

    fn machine(&self) -> Result<node::Host, ImageError> {
        Ok(node::Host::of_machine(own_program()?))
    }

    /// The name of an image of ours on the outer engine. A node image carries
    /// the engine's version, of whose binaries it is made.
    pub(super) async fn own_name(&self, made: Made, reference: &str) -> Result<String, LabError> {
        let ours = env!("CARGO_PKG_VERSION");
        Ok(match made {
            Made::Node => {
                let version = self
                    .docker
                    .version()
                    .await
                    .map_err(|error| engine_error("version", error))?
                    .version
                    .unwrap_or_default();
                format!("{OURS}node:{}-{ours}", as_tag(&version))
            }
            Made::Registry => format!("{OURS}registry:{ours}"),
            Made::Echo => {
                let (repository, tag) = split_reference(reference);
                format!("{OURS}{repository}:{}", tag.unwrap_or("latest"))
            }
        })
    }

    /// The archive of an image of ours under `tag`.
    async fn made(&self, made: Made, tag: &str) -> Result<Archive, LabError> {
        let (cache, machine) = (self.options.cache.clone(), self.machine());
        let name = tag.to_owned();
        let file = match made {
            Made::Node => "node".to_owned(),
            Made::Registry => "registry".to_owned(),
            Made::Echo => as_tag(tag).replace('.', "-"),
        };
        let write = move || {
            let image = match made {
                Made::Node => node::assemble(&machine?, &name)?,
                Made::Registry => service::registry(&service::registry_program()?, &name)?,
                Made::Echo => service::echo(&service::Echo::stand_in(&name), &own_program()?)?,
            };
            archive::write(&image, &file, &cache)
        };
        let written = tokio::task::spawn_blocking(write).await;
        let unmade = |error| LabError::Unmade {
            image: tag.to_owned(),
            error,
        };
        match written {
            Ok(written) => written.map_err(unmade),
            Err(error) => Err(LabError::NoImage {
                image: tag.to_owned(),
                why: error.to_string(),
            }),
        }
    }

    async fn loaded(&self, archive: &Archive) -> Result<(), LabError> {
        load::load(&self.docker, &archive.path)
            .await
            .map_err(|error| self.load_error(&archive.path, error))
    }

    pub(super) fn load_error(&self, path: &std::path::Path, error: load::LoadError) -> LabError {
        match error {
            load::LoadError::Read { path, cause } => LabError::File {
                path,
                source: cause,
            },
            load::LoadError::Engine(error) => {
                engine_error(&format!("load {}", path.display()), error)
            }
        }
    }

    async fn pulled(&self, reference: &str, tell: &Tell) -> Result<(), LabError> {
        let (repository, tag) = split_reference(reference);
        let options = CreateImageOptionsBuilder::default()
            .from_image(repository)
            .tag(tag.unwrap_or("latest"))
            .build();
        let mut layers: HashMap<String, (u64, u64)> = HashMap::new();
        let mut steps = Box::pin(self.docker.create_image(Some(options), None, None));
        while let Some(step) = steps.next().await {
            let step = step.map_err(|error| engine_error(&format!("pull {reference}"), error))?;
            let (Some(id), Some(detail)) = (step.id, step.progress_detail) else {
                continue;
            };
            let number = |n: Option<i64>| u64::try_from(n.unwrap_or_default()).unwrap_or_default();
            if step.status.as_deref() == Some("Downloading") {
                layers.insert(id, (number(detail.current), number(detail.total)));
            }
            let _ = tell.send(News::Pulling {
                image: reference.to_owned(),
                done: layers.values().map(|(done, _)| done).sum(),
                total: layers.values().map(|(_, total)| total).sum(),
            });
        }
        Ok(())
    }

    /// The reference on the outer engine of each service's image, made or
    /// pulled where it is not there.
    pub(super) async fn container_images(
        &self,
        plan: &Plan,
        tell: &Tell,
    ) -> Result<BTreeMap<String, String>, LabError> {
        let services = plan.compose.services.iter();
        let all: Vec<String> = services.map(|service| self.image_of(service)).collect();
        let found = self.lock().on_host.as_ref().map(|f| f.still(&all));
        let by_image = match found.flatten() {
            Some(by_image) => by_image,
            None => {
                let mut by_image: BTreeMap<String, String> = BTreeMap::new();
                for wanted in &all {
                    if !by_image.contains_key(wanted) {
                        let reference = self.on_host(wanted, tell).await?;
                        by_image.insert(wanted.clone(), reference);
                    }
                }
                self.lock().on_host = Some(Found::new(&all, &by_image));
                by_image
            }
        };
        let images = plan.compose.services.iter().filter_map(|service| {
            let reference = by_image.get(&self.image_of(service))?;
            Some((service.name.clone(), reference.clone()))
        });
        Ok(images.collect())
    }

    pub(super) async fn on_host(&self, wanted: &str, tell: &Tell) -> Result<String, LabError> {
        match self.source(wanted).await? {
            Ok(Source::There(reference)) => Ok(reference),
            Ok(Source::Pull) => {
                self.pulled(wanted, tell).await?;
                Ok(wanted.to_owned())
            }
            Ok(Source::Make(made)) => {
                let _ = tell.send(match made {
                    Made::Node => News::Assembling,
                    _ => News::StandIn {
                        image: wanted.to_owned(),
                    },
                });
                let name = self.own_name(made, wanted).await?;
                let archive = self.made(made, &name).await?;
                self.loaded(&archive).await?;
                Ok(name)
            }
            Err(why) => Err(LabError::NoImage {
                image: wanted.to_owned(),
                why,
            }),
        }
    }

    /// The archives that every node gets. An image that can't be had is told,
    /// and the lab is made without it.
    pub(super) async fn preload_set(
        &self,
        plan: &Plan,
        tell: &Tell,
    ) -> Result<Vec<Preload>, LabError> {
        let found = self.lock().preload.as_ref().map(|f| f.still(&plan.images));
        if let Some(set) = found.flatten()
            && set.iter().all(|image| image.file.exists())
        {
            return Ok(set);
        }
        let mut set = Vec::new();
        for image in &plan.images {
            let reference = with_tag(image);
            // On the host a stand-in has a name of ours; into the nodes it goes
            // under the name it stands in for.
            let made = Made::for_image(&reference).filter(|_| self.is_local());
            let source = match self.source(&reference).await? {
                Ok(Source::There(there)) if there.starts_with(LOADED) => Some(Source::There(there)),
                Ok(Source::There(there)) if there != reference => made.map(Source::Make),
                Ok(source) => Some(source),
                Err(why) => {
                    let _ = tell.send(News::ImageMissing {
                        image: reference.clone(),
                        why,
                    });
                    None
                }
            };
            let mut archived = None;
            let file = match source {
                None => continue,
                Some(Source::Make(made)) => {
                    let archive = self.made(made, &reference).await?;
                    let _ = tell.send(News::StandIn {
                        image: reference.clone(),
                    });
                    archive.path
                }
                Some(Source::Pull) => {
                    self.pulled(&reference, tell).await?;
                    self.exported(&reference).await?
                }
                Some(Source::There(there)) => {
                    let file = self.exported(&there).await?;
                    if there != reference {
                        let _ = tell.send(News::StandIn {
                            image: reference.clone(),
                        });
                        archived = Some(there);
                    }
                    file
                }
            };
            set.push(Preload {
                reference,
                file,
                archived,
            });
        }
        let mut inner = self.lock();
        inner.preloaded = set.iter().map(|p| p.reference.clone()).collect();
        inner.preload = Some(Found::new(&plan.images, &set));
        Ok(set)
    }

    /// The image as an archive in the cache, by its id.
    async fn exported(&self, reference: &str) -> Result<PathBuf, LabError> {
        let doing = format!("export {reference}");
        let id = self
            .docker
            .inspect_image(reference)
            .await
            .map_err(|error| engine_error(&doing, error))?
            .id
            .unwrap_or_default();
        let hex = id.rsplit(':').next().unwrap_or(&id);
        let short: String = hex.chars().take(16).collect();
        let folder = &self.options.cache;
        let path = folder.join(format!("export-{}-{short}.tar", as_tag(reference)));
        if path.is_file() {
            return Ok(path);
        }
        let failed = |source| LabError::File {
            path: path.clone(),
            source,
        };
        std::fs::create_dir_all(folder).map_err(failed)?;
        let temporary = tempfile::NamedTempFile::new_in(folder).map_err(failed)?;
        let mut file = tokio::fs::File::from_std(temporary.reopen().map_err(failed)?);
        let mut chunks = Box::pin(self.docker.export_image(reference));
        while let Some(chunk) = chunks.next().await {
            let chunk = chunk.map_err(|error| engine_error(&doing, error))?;
            file.write_all(&chunk).await.map_err(failed)?;
        }
        file.flush().await.map_err(failed)?;
        temporary
            .persist(&path)
            .map_err(|error| failed(error.error))?;
        Ok(path)
    }

    /// Loads what a node does not have yet.
    pub(super) async fn load_into(
        &self,
        name: &str,
        id: &str,
        preload: &[Preload],
    ) -> Result<(), LabError> {
        let engine = self.engine_for(name, id)?;
        for image in preload {
            let path = format!("/images/{}/json", image.reference);
            let there = engine.get::<serde::de::IgnoredAny>(&path).await;
            if there.is_ok() {
                continue;
            }
            load::load(&engine.docker, &image.file)
                .await
                .map_err(|error| self.load_error(&image.file, error))?;
            if let Some(archived) = &image.archived {
                retag(&engine.docker, archived, &image.reference).await?;
            }
        }
        Ok(())
    }

    /// The lab's images on the host as `(name shown, reference there)`.
    pub(super) async fn host_images(&self) -> Vec<(String, String)> {
        let wanted: Vec<String> = {
            let inner = self.lock();
            let of_services = inner.compose.services.iter().map(|s| self.image_of(s));
            of_services.chain(inner.preloaded.iter().cloned()).collect()
        };
        let mut shown: Vec<(String, String)> = Vec::new();
        for name in wanted {
            if shown.iter().any(|(other, _)| *other == name) {
                continue;
            }
            if let Ok(Ok(Source::There(reference))) = self.source(&name).await {
                shown.push((name, reference));
            }
        }
        shown
    }

    /// Where an image of the lab is on the outer engine; a stand-in is put
    /// there now if it was only in the nodes.
    pub(super) async fn host_reference(&self, name: &str) -> Result<String, LabError> {
        let known = {
            let inner = self.lock();
            let of_services = inner.compose.services.iter().map(|s| self.image_of(s));
            let mut known = of_services.chain(inner.preloaded.iter().cloned());
            known.any(|known| known == name)
        };
        if !known && Made::for_image(name).is_none() {
            return Err(LabError::NoLabImage(name.to_owned()));
        }
        let no_one = tokio::sync::mpsc::unbounded_channel().0;
        self.on_host(name, &no_one).await
    }

    /// Removes the images that the program made, and the cache's archives.
    /// How many were, and which are still in use.
    pub(super) async fn remove_made_images(&self) -> Result<(usize, Vec<String>), LabError> {
        {
            let mut inner = self.lock();
            (inner.preload, inner.on_host) = (None, None);
        }
        let filters = HashMap::from([("label".to_owned(), vec![STAND_IN.to_owned()])]);
        let options = ListImagesOptionsBuilder::default()
            .filters(&filters)
            .build();
        let images = self
            .docker
            .list_images(Some(options))
            .await
            .map_err(|error| engine_error("list images", error))?;
        let (mut removed, mut kept) = (0, Vec::new());
        for tag in images.iter().flat_map(|image| &image.repo_tags) {
            if !tag.starts_with(OURS) {
                continue;
            }
            let options = RemoveImageOptionsBuilder::default().build();
            match self.docker.remove_image(tag, Some(options), None).await {
                Ok(_) => removed += 1,
                // In use by another lab: it goes with that one.
                Err(error) => {
                    tracing::info!(tag, %error, "image kept");
                    kept.push(tag.clone());
                }
            }
        }
        for entry in std::fs::read_dir(&self.options.cache)
            .into_iter()
            .flatten()
            .flatten()
        {
            let name = entry.file_name();
            let ours = [".tar", ".id"]
                .iter()
                .any(|end| name.to_string_lossy().ends_with(end));
            if ours {
                let _ = std::fs::remove_file(entry.path());
            }
        }
        Ok((removed, kept))
    }
}

/// The name of a stand-in out of a file. A registry's port is no part of a name
/// that does not begin with the registry.
pub(super) fn loaded_name(reference: &str) -> String {
    let (path, name) = reference.rsplit_once('/').unwrap_or(("", reference));
    match path {
        "" => format!("{LOADED}{name}"),
        path => format!("{LOADED}{}/{name}", path.replace(':', "-")),
    }
}

/// Gives an image another name in place of the one it has.
async fn retag(docker: &bollard::Docker, from: &str, to: &str) -> Result<(), LabError> {
    named(docker, from, to).await?;
    let options = RemoveImageOptionsBuilder::default().build();
    docker
        .remove_image(from, Some(options), None)
        .await
        .map_err(|error| engine_error(&format!("untag {from}"), error))?;
    Ok(())
}

/// Gives an image a further name.
pub(super) async fn named(docker: &bollard::Docker, from: &str, to: &str) -> Result<(), LabError> {
    let (repository, tag) = split_reference(to);
    let options = TagImageOptionsBuilder::default()
        .repo(repository)
        .tag(tag.unwrap_or("latest"))
        .build();
    docker
        .tag_image(from, Some(options))
        .await
        .map_err(|error| engine_error(&format!("tag {to}"), error))
}

/// The program that is `echo` alone (`src/bin`).
const SMALL_PROGRAM: &str = "swarmlings-echo";

/// What runs inside containers: the small program that lies beside this one, or
/// where somebody has taken this one away from it, this one.
fn own_program() -> Result<PathBuf, ImageError> {
    let this = std::env::current_exe().map_err(|error| ImageError::Read {
        path: PathBuf::from("/proc/self/exe"),
        cause: error.to_string(),
    })?;
    let small = this.with_file_name(SMALL_PROGRAM);
    Ok(if small.is_file() { small } else { this })
}

/// Text as a tag or a file name.
fn as_tag(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            'a'..='z' | 'A'..='Z' | '0'..='9' | '.' | '-' | '_' => c,
            _ => '-',
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_loaded_stand_in_has_a_name_that_an_engine_takes() {
        for (reference, name) in [
            ("docker:dind", "docker:dind"),
            ("hashicorp/http-echo:latest", "hashicorp/http-echo:latest"),
            ("127.0.0.1:5000/a/dind:1", "127.0.0.1-5000/a/dind:1"),
        ] {
            assert_eq!(loaded_name(reference), format!("{LOADED}{name}"));
        }
    }
}
