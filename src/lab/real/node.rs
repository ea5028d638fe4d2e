//! The engine inside a node: HTTP over `docker system dial-stdio`, which the
//! outer engine runs there as an exec. No port, no mounted socket, and it works
//! wherever the outer engine is.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use bollard::container::LogOutput;
use bollard::exec::{CreateExecOptions, StartExecOptions, StartExecResults};
use bytes::{Buf, Bytes};
use futures_util::Stream;
use serde::de::DeserializeOwned;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::super::LabError;
use super::super::connect::{self, ConnectError, Connector, Line, RawError};

/// A node's engine. Clones share their connections.
#[derive(Clone)]
pub struct NodeEngine {
    /// The node's name.
    pub node: String,
    /// The id of the container it was dialled in; another id is another engine.
    pub container: String,
    /// bollard, for what the engine is asked to do.
    pub docker: bollard::Docker,
    /// Plain requests, for what bollard has no call for.
    pub raw: connect::RawClient,
    /// One kept connection, for what is read.
    line: Line,
}

impl NodeEngine {
    /// Nothing is dialled before the first request.
    pub fn new(outer: &bollard::Docker, node: &str, container: &str) -> Result<Self, LabError> {
        let connector = {
            let outer = outer.clone();
            let (node, container) = (node.to_owned(), container.to_owned());
            Connector::new(move || {
                let outer = outer.clone();
                let (node, container) = (node.clone(), container.clone());
                Box::pin(async move { dial(&outer, node, &container).await })
            })
        };
        let (docker, raw) = connect::docker(connector.clone())
            .map_err(|error| super::engine_error("dial", error))?;
        Ok(NodeEngine {
            node: node.to_owned(),
            container: container.to_owned(),
            docker,
            raw,
            line: Line::new(connector),
        })
    }

    /// Reads one thing. A connection that died since the last request is
    /// dialled anew once, since a read can be repeated without harm.
    pub async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, RawError> {
        let body = match self.line.get(path).await {
            Err(RawError::Http(_)) => self.line.get(path).await?,
            other => other?,
        };
        serde_json::from_slice(&body)
            .map_err(|error| RawError::Http(format!("unreadable answer to {path}: {error}")))
    }

    /// What the engine is in its swarm, where it says so to who only asks whether
    /// it is there.
    pub async fn role(&self) -> Result<Option<String>, RawError> {
        match self.line.role().await {
            Err(RawError::Http(_)) => self.line.role().await,
            other => other,
        }
    }
}

async fn dial(
    outer: &bollard::Docker,
    node: String,
    container: &str,
) -> Result<connect::Stream, ConnectError> {
    let failed = |error: bollard::errors::Error| match ConnectError::of(&error) {
        Some(found) => found.clone(),
        None => ConnectError::Node {
            node: node.clone(),
            said: error.to_string(),
        },
    };
    let exec = outer
        .create_exec(
            container,
            CreateExecOptions {
                attach_stdin: Some(true),
                attach_stdout: Some(true),
                attach_stderr: Some(true),
                env: Some(vec![super::make::GARBAGE]),
                cmd: Some(vec!["docker", "system", "dial-stdio"]),
                ..Default::default()
            },
        )
        .await
        .map_err(failed)?;
    match outer
        .start_exec(&exec.id, None::<StartExecOptions>)
        .await
        .map_err(failed)?
    {
        StartExecResults::Attached { output, input } => Ok(Box::new(DialStream {
            node,
            output,
            input,
            pending: Bytes::new(),
            said: Vec::new(),
            seen: false,
        })),
        StartExecResults::Detached => Err(ConnectError::Node {
            node,
            said: "the exec was detached".to_owned(),
        }),
    }
}

type Frames = Pin<Box<dyn Stream<Item = Result<LogOutput, bollard::errors::Error>> + Send>>;

/// An exec's frames as one byte stream: standard output is the data; standard
/// error is kept, because it holds the cause when there is no data.
struct DialStream {
    node: String,
    output: Frames,
    input: Pin<Box<dyn AsyncWrite + Send>>,
    pending: Bytes,
    said: Vec<u8>,
    seen: bool,
}

impl AsyncRead for DialStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        loop {
            if self.pending.has_remaining() {
                let some = self.pending.len().min(buf.remaining());
                buf.put_slice(&self.pending.split_to(some));
                return Poll::Ready(Ok(()));
            }
            match futures_util::ready!(self.output.as_mut().poll_next(cx)) {
                Some(Ok(LogOutput::StdErr { message })) => self.said.extend_from_slice(&message),
                Some(Ok(frame)) => {
                    self.seen = true;
                    self.pending = frame.into_bytes();
                }
                Some(Err(error)) => return Poll::Ready(Err(io::Error::other(error))),
                None if !self.seen && !self.said.is_empty() => {
                    let said = String::from_utf8_lossy(&self.said).trim().to_owned();
                    let node = self.node.clone();
                    return Poll::Ready(Err(io::Error::other(ConnectError::Node { node, said })));
                }
                None => return Poll::Ready(Ok(())),
            }
        }
    }
}

impl AsyncWrite for DialStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.input.as_mut().poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.input.as_mut().poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.input.as_mut().poll_shutdown(cx)
    }
}
