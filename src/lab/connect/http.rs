//! HTTP to an engine over any of its streams: bollard, and a bare client for
//! what bollard can't do, on one pool of connections.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::{Method, Request, StatusCode, Uri};
use http_body_util::{BodyExt, Either, Full, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::{Connected, Connection};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::sync::Semaphore;

use super::{ConnectError, Endpoint, Stream, open};

type Dial = dyn Fn() -> BoxFuture<'static, Result<Stream, ConnectError>> + Send + Sync;

/// A way to get streams to one engine, as HTTP clients want it. The address in
/// a request's URI means nothing to it.
#[derive(Clone)]
pub struct Connector {
    dial: Arc<Dial>,
}

impl Connector {
    /// Out of anything that yields streams, e.g. an exec in a node.
    pub fn new(
        dial: impl Fn() -> BoxFuture<'static, Result<Stream, ConnectError>> + Send + Sync + 'static,
    ) -> Connector {
        Connector {
            dial: Arc::new(dial),
        }
    }

    /// A new stream.
    pub async fn dial(&self) -> Result<Stream, ConnectError> {
        (self.dial)().await
    }

    /// Streams to `endpoint`.
    pub fn to(endpoint: Endpoint) -> Connector {
        Connector::new(move || {
            let endpoint = endpoint.clone();
            Box::pin(async move { open(&endpoint).await })
        })
    }
}

impl tower_service::Service<Uri> for Connector {
    type Response = Wire;
    type Error = ConnectError;
    type Future = BoxFuture<'static, Result<Wire, ConnectError>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), ConnectError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Uri) -> Self::Future {
        let stream = (self.dial)();
        Box::pin(async move { Ok(Wire::of(stream.await?)) })
    }
}

/// A stream in the form that hyper takes.
pub struct Wire(TokioIo<Stream>);

impl Wire {
    pub(super) fn of(stream: Stream) -> Wire {
        Wire(TokioIo::new(stream))
    }
}

impl Connection for Wire {
    fn connected(&self) -> Connected {
        Connected::new()
    }
}

impl hyper::rt::Read for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: hyper::rt::ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, buf)
    }
}

impl hyper::rt::Write for Wire {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}

/// Bollard's own type of body, which it does not export.
type Body = Either<
    Full<Bytes>,
    StreamBody<Pin<Box<dyn futures_util::Stream<Item = Result<Frame<Bytes>, io::Error>> + Send>>>,
>;

/// Connections that are kept for the next request, for so long.
const KEPT_ALIVE: Duration = Duration::from_secs(30);

/// Requests at once to one engine: each one over what is kept alive is a new
/// dial, and a dial into a node is an exec.
const AT_ONCE: usize = 8;

/// The deadline of bollard's requests, seconds until the head of the answer;
/// `Docker::with_timeout` changes it.
const REQUEST_TIMEOUT: u64 = 120;

/// Bollard over a connector, and the same pooled client bare for what bollard
/// can't do.
pub fn docker(
    connector: Connector,
) -> Result<(bollard::Docker, RawClient), bollard::errors::Error> {
    let client = Client::builder(TokioExecutor::new())
        .pool_idle_timeout(KEPT_ALIVE)
        .pool_timer(TokioTimer::new())
        .timer(TokioTimer::new())
        .build::<_, Body>(connector);
    let raw = RawClient {
        client: client.clone(),
        at_once: Arc::new(Semaphore::new(AT_ONCE)),
    };
    let at_once = Arc::clone(&raw.at_once);
    let transport = move |request: bollard::BollardRequest| {
        let client = client.clone();
        let at_once = Arc::clone(&at_once);
        Box::pin(async move {
            let _turn = at_once.acquire().await;
            client
                .request(request)
                .await
                .map_err(bollard::errors::Error::from)
        }) as BoxFuture<'static, Result<http::Response<Incoming>, bollard::errors::Error>>
    };
    let docker = bollard::Docker::connect_with_custom_transport(
        transport,
        Some("http://docker"),
        REQUEST_TIMEOUT,
        bollard::API_DEFAULT_VERSION,
    )?;
    Ok((docker, raw))
}

/// Plain HTTP to an engine.
#[derive(Clone)]
pub struct RawClient {
    client: Client<Connector, Body>,
    at_once: Arc<Semaphore>,
}

/// What an engine says of itself at a ping; empty what it does not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pong {
    /// The newest API it speaks, e.g. `1.41`.
    pub api: String,
    /// What its containers are: `linux` or `windows`.
    pub system: String,
}

/// Why a raw request has no answer to use.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RawError {
    /// No stream to the engine.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// The stream ended or spoke no HTTP.
    #[error("{0}")]
    Http(String),
    /// The engine says no.
    #[error("{status}: {message}")]
    Engine {
        /// HTTP status.
        status: u16,
        /// The engine's message.
        message: String,
    },
}

impl RawError {
    /// What a client says, with the cause at its bottom.
    pub(super) fn of(error: &(dyn std::error::Error + 'static)) -> RawError {
        match ConnectError::of(error) {
            Some(found) => RawError::Connect(found.clone()),
            None => RawError::Http(chain(error)),
        }
    }
}

impl RawClient {
    /// `GET /_ping`.
    pub async fn ping(&self) -> Result<Pong, RawError> {
        let null = serde_json::Value::Null;
        let request = request(Method::GET, "/_ping", &null)?;
        let _turn = self.at_once.acquire().await;
        let response = self.answer(request, &null).await?;
        let status = response.status();
        let header = |name: &str| {
            let value = response.headers().get(name);
            let value = value.and_then(|value| value.to_str().ok());
            value.unwrap_or_default().to_owned()
        };
        let pong = Pong {
            api: header("api-version"),
            system: header("ostype"),
        };
        let body = collect(response).await?;
        match status.is_success() {
            true => Ok(pong),
            false => Err(refused(status, &body)),
        }
    }

    /// A request whose answer is the connection itself: `POST /exec/ID/start`
    /// with a TTY. (Bollard takes a TTY's chunk that begins with a byte <= 2 for
    /// a frame of the multiplexed format and loses bytes.) Without a TTY the
    /// stream is multiplexed, as the engine's API says.
    pub async fn upgrade(
        &self,
        method: Method,
        path: &str,
        body: &serde_json::Value,
    ) -> Result<Stream, RawError> {
        let request = request(method, path, body)?
            .header(http::header::CONNECTION, "Upgrade")
            .header(http::header::UPGRADE, "tcp");
        let response = self.answer(request, body).await?;
        if response.status() != StatusCode::SWITCHING_PROTOCOLS {
            let status = response.status();
            let body = collect(response).await?;
            return Err(refused(status, &body));
        }
        let upgraded = hyper::upgrade::on(response)
            .await
            .map_err(|error| RawError::Http(chain(&error)))?;
        Ok(Box::new(TokioIo::new(upgraded)))
    }

    /// A request and the whole of its answer; anything but 2xx is an error.
    pub async fn send(
        &self,
        method: Method,
        path: &str,
        body: &serde_json::Value,
    ) -> Result<Bytes, RawError> {
        let request = request(method, path, body)?;
        let _turn = self.at_once.acquire().await;
        let response = self.answer(request, body).await?;
        let status = response.status();
        let body = collect(response).await?;
        if status.is_success() {
            Ok(body)
        } else {
            Err(refused(status, &body))
        }
    }

    async fn answer(
        &self,
        request: http::request::Builder,
        body: &serde_json::Value,
    ) -> Result<http::Response<Incoming>, RawError> {
        let bytes = match body {
            serde_json::Value::Null => Bytes::new(),
            body => Bytes::from(body.to_string()),
        };
        let request = request
            .body(Either::Left(Full::new(bytes)))
            .map_err(|error| RawError::Http(error.to_string()))?;
        self.client
            .request(request)
            .await
            .map_err(|error| RawError::of(&error))
    }
}

fn request(
    method: Method,
    path: &str,
    body: &serde_json::Value,
) -> Result<http::request::Builder, RawError> {
    let uri: Uri = format!("http://docker{path}")
        .parse()
        .map_err(|error: http::uri::InvalidUri| RawError::Http(error.to_string()))?;
    let builder = Request::builder().method(method).uri(uri);
    Ok(match body {
        serde_json::Value::Null => builder,
        _ => builder.header(http::header::CONTENT_TYPE, "application/json"),
    })
}

pub(super) async fn collect(response: http::Response<Incoming>) -> Result<Bytes, RawError> {
    match response.into_body().collect().await {
        Ok(body) => Ok(body.to_bytes()),
        Err(error) => Err(RawError::Http(chain(&error))),
    }
}

pub(super) fn refused(status: StatusCode, body: &[u8]) -> RawError {
    let message = serde_json::from_slice::<serde_json::Value>(body)
        .ok()
        .and_then(|json| Some(json.get("message")?.as_str()?.to_owned()))
        .unwrap_or_else(|| String::from_utf8_lossy(body).trim().to_owned());
    RawError::Engine {
        status: status.as_u16(),
        message,
    }
}

/// An error and its sources, since hyper's errors say little by themselves.
pub(super) fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(error) = next {
        text.push_str(": ");
        text.push_str(&error.to_string());
        next = error.source();
    }
    text
}
