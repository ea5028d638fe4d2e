//! Gives an archive to an engine.

use std::path::{Path, PathBuf};
use std::time::Duration;

use bollard::query_parameters::ImportImageOptionsBuilder;
use bytes::Bytes;
use futures_util::{Stream, StreamExt, stream};
use tokio::io::{AsyncReadExt, AsyncSeekExt};

use super::bundle::Part;

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
    let whole = Part {
        start: 0,
        length: u64::MAX,
    };
    load_part(docker, archive, whole, |_| {}).await
}

/// The same of an archive that is a part of a file. `told` is given the bytes
/// that the engine has got so far.
pub async fn load_part(
    docker: &bollard::Docker,
    path: &Path,
    part: Part,
    told: impl Fn(u64) + Send + 'static,
) -> Result<(), LoadError> {
    let failed = |cause| LoadError::Read {
        path: path.to_owned(),
        cause,
    };
    let mut file = tokio::fs::File::open(path).await.map_err(failed)?;
    let start = std::io::SeekFrom::Start(part.start);
    file.seek(start).await.map_err(failed)?;
    let options = ImportImageOptionsBuilder::default().quiet(true).build();
    let docker = docker.clone().with_timeout(DEADLINE);
    let chunks = chunks(file.take(part.length), told);
    let mut answers = Box::pin(docker.import_image_stream(options, chunks, None));
    while let Some(answer) = answers.next().await {
        answer?;
    }
    Ok(())
}

fn chunks(
    file: tokio::io::Take<tokio::fs::File>,
    told: impl Fn(u64) + Send + 'static,
) -> impl Stream<Item = Result<Bytes, std::io::Error>> + Send + 'static {
    stream::try_unfold((file, told, 0), |(mut file, told, so_far)| async move {
        let mut buffer = bytes::BytesMut::with_capacity(CHUNK);
        let read = file.read_buf(&mut buffer).await?;
        let so_far = so_far + u64::try_from(read).unwrap_or_default();
        told(so_far);
        Ok((read > 0).then(|| (buffer.freeze(), (file, told, so_far))))
    })
}
