//! One connection to an engine, for one request after another. A pool would
//! dial anew whenever a request comes a moment before the connection of the
//! last one is back in it, and a dial into a node is a command that runs there.

use std::sync::Arc;

use bytes::Bytes;
use http::{Method, Request};
use http_body_util::Full;
use hyper::client::conn::http1::{SendRequest, handshake};

use super::http::{Connector, RawError, Wire, collect, refused};

/// A connection that is dialled when it is first used. Clones share it, and
/// wait for each other.
#[derive(Clone)]
pub struct Line {
    connector: Connector,
    held: Arc<tokio::sync::Mutex<Option<SendRequest<Full<Bytes>>>>>,
}

impl Line {
    /// Nothing is dialled yet.
    pub fn new(connector: Connector) -> Line {
        Line {
            connector,
            held: Arc::default(),
        }
    }

    /// `GET path`: the whole of its answer; anything but 2xx is an error.
    pub async fn get(&self, path: &str) -> Result<Bytes, RawError> {
        let request = Request::builder()
            .method(Method::GET)
            .uri(path)
            .header(http::header::HOST, "docker")
            .body(Full::default())
            .map_err(|error| RawError::Http(error.to_string()))?;
        let mut held = self.held.lock().await;
        // Taken out: a request that is given up in the middle takes it along.
        let mut sender = match held.take().filter(|sender| !sender.is_closed()) {
            Some(sender) => sender,
            None => self.dial().await?,
        };
        sender.ready().await.map_err(failed)?;
        let response = sender.send_request(request).await.map_err(failed)?;
        let status = response.status();
        let body = collect(response).await?;
        *held = Some(sender);
        match status.is_success() {
            true => Ok(body),
            false => Err(refused(status, &body)),
        }
    }

    async fn dial(&self) -> Result<SendRequest<Full<Bytes>>, RawError> {
        let stream = self.connector.dial().await?;
        let (sender, connection) = handshake(Wire::of(stream)).await.map_err(failed)?;
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a connection ended");
            }
        });
        Ok(sender)
    }
}

fn failed(error: hyper::Error) -> RawError {
    RawError::of(&error)
}
