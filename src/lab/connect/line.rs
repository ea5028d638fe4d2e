//! Kept connections to an engine, for what is read again and again. A pool would
//! dial anew whenever a request comes a moment before the connection of the
//! last one is back in it, and a dial into a node is a command that runs there:
//! on a slow machine, where answers are given up before they come, those
//! commands would pile up and make it slower still. So whatever is begun here is
//! carried to its end, a connection goes from one request to the next, and there
//! are only so many.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared};
use http::{Method, Request};
use http_body_util::Full;
use hyper::client::conn::http1::{SendRequest, handshake};
use tokio::sync::Semaphore;

use super::http::{Connector, RawError, Wire, collect, refused};

/// Connections at once: one carries all there is to read, a second stands in
/// where an answer lets the first wait, a third where two do.
const AT_MOST: usize = 3;

/// Who does not answer for so long is hung up on.
const GIVEN_UP: Duration = Duration::from_secs(30);

/// Reads from one engine. Clones share the connections, which are dialled when
/// they are first needed.
#[derive(Clone)]
pub struct Line(Arc<Ends>);

struct Ends {
    connector: Connector,
    turns: Semaphore,
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    idle: Vec<SendRequest<Full<Bytes>>>,
    /// By path: the answer to come.
    asked: HashMap<String, Asked>,
}

type Asked = Shared<BoxFuture<'static, Result<Answer, RawError>>>;

#[derive(Clone)]
struct Answer {
    body: Bytes,
    /// The header `Swarm`.
    swarm: Option<String>,
}

impl Line {
    /// Nothing is dialled yet.
    pub fn new(connector: Connector) -> Line {
        Line(Arc::new(Ends {
            connector,
            turns: Semaphore::new(AT_MOST),
            inner: Mutex::default(),
        }))
    }

    /// `GET path`: the whole of its answer; anything but 2xx is an error. One who
    /// asks what has been asked and is not answered yet waits for that answer.
    pub async fn get(&self, path: &str) -> Result<Bytes, RawError> {
        Ok(self.answer(path).await?.body)
    }

    /// What the engine is in its swarm, as `GET /_ping` says in a header since API
    /// 1.42 (`inactive`, `pending`, `error`, `locked`, `active/worker`,
    /// `active/manager`); an older one says nothing.
    pub async fn role(&self) -> Result<Option<String>, RawError> {
        Ok(self.answer("/_ping").await?.swarm)
    }

    async fn answer(&self, path: &str) -> Result<Answer, RawError> {
        let asked = {
            let mut inner = self.0.inner();
            match inner.asked.get(path) {
                Some(asked) => asked.clone(),
                None => {
                    let asked = self.0.clone().ask(path.to_owned());
                    inner.asked.insert(path.to_owned(), asked.clone());
                    asked
                }
            }
        };
        asked.await
    }
}

impl Ends {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks in a task of its own, so that it does not end with who asked.
    fn ask(self: Arc<Self>, path: String) -> Asked {
        let asking = tokio::spawn(async move {
            let answer = tokio::time::timeout(GIVEN_UP, self.carried(&path)).await;
            self.inner().asked.remove(&path);
            answer.unwrap_or_else(|_| Err(RawError::Http("no answer".to_owned())))
        });
        asking
            .map(|answer| answer.unwrap_or_else(|lost| Err(RawError::Http(lost.to_string()))))
            .boxed()
            .shared()
    }

    async fn carried(&self, path: &str) -> Result<Answer, RawError> {
        let request = Request::builder()
            .method(Method::GET)
            .uri(path)
            .header(http::header::HOST, "docker")
            .body(Full::default())
            .map_err(|error| RawError::Http(error.to_string()))?;
        let _turn = self.turns.acquire().await;
        let mut sender = match self.idle() {
            Some(sender) => sender,
            None => self.dial().await?,
        };
        sender.ready().await.map_err(failed)?;
        let response = sender.send_request(request).await.map_err(failed)?;
        let status = response.status();
        let swarm = response.headers().get("swarm");
        let swarm = swarm.and_then(|value| Some(value.to_str().ok()?.to_owned()));
        let body = collect(response).await?;
        self.inner().idle.push(sender);
        match status.is_success() {
            true => Ok(Answer { body, swarm }),
            false => Err(refused(status, &body)),
        }
    }

    fn idle(&self) -> Option<SendRequest<Full<Bytes>>> {
        let mut inner = self.inner();
        inner.idle.retain(|sender| !sender.is_closed());
        inner.idle.pop()
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
