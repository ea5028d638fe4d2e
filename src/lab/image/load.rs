//! Gives an archive to an engine.

use std::path::{Path, PathBuf};
use std::time::Duration;

use bollard::query_parameters::ImportImageOptionsBuilder;
use bytes::Bytes;
use futures_util::{Stream, StreamExt, stream};
use tokio::io::AsyncReadExt;

/// Read ahead of the engine at a time: few wake-ups for 200 MB, little memory
/// for four nodes at once.
const CHUNK: usize = 256 * 1024;

/// The engine answers when it has it all, over whatever line.
const DEADLINE: Duration = Duration::from_secs(15 * 60);

/// Why an archive is not in an engine.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The archive cannot be read.
    #[error("{}: {cause}", path.display())]
    Read {
        /// The archive.
        path: PathBuf,
        /// The system's words.
        cause: std::io::Error,
    },
    /// The engine did not take it.
    #[error(transparent)]
    Engine(#[from] bollard::errors::Error),
}

/// `docker load < archive`, done when the engine has it all.
pub async fn load(docker: &bollard::Docker, archive: &Path) -> Result<(), LoadError> {
    let file = tokio::fs::File::open(archive)
        .await
        .map_err(|cause| LoadError::Read {
            path: archive.to_owned(),
            cause,
        })?;
    let options = ImportImageOptionsBuilder::default().quiet(true).build();
    let docker = docker.clone().with_timeout(DEADLINE);
    let mut answers = Box::pin(docker.import_image_stream(options, chunks(file), None));
    while let Some(answer) = answers.next().await {
        answer?;
    }
    Ok(())
}

fn chunks(
    file: tokio::fs::File,
) -> impl Stream<Item = Result<Bytes, std::io::Error>> + Send + 'static {
    stream::try_unfold(file, |mut file| async move {
        let mut buffer = bytes::BytesMut::with_capacity(CHUNK);
        let read = file.read_buf(&mut buffer).await?;
        Ok((read > 0).then(|| (buffer.freeze(), file)))
    })
}
