//! Byte streams to an engine, and HTTP clients over them.
//!
//! An engine listens on a Unix socket, on TCP, on TCP with TLS, or behind ssh;
//! the engine of a node is reached through an exec of the engine around it.
//! All of them end as one `Connector`, and so as one kind of client. Which
//! endpoint to use is for `find`; nothing here knows of labs or nodes.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};

mod http;
mod line;
mod ssh;
mod tls;

pub use http::{Connector, RawClient, RawError, Wire, docker};
pub use line::Line;

/// Where an engine listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Endpoint {
    /// `unix:///var/run/docker.sock`
    Unix(PathBuf),
    /// `tcp://HOST:PORT`, in the clear
    Tcp {
        /// A name or an address.
        host: String,
        /// 2375 where none is given.
        port: u16,
    },
    /// `tcp://HOST:PORT` with TLS
    Tls {
        /// A name or an address; the server's certificate must be for it.
        host: String,
        /// 2376 where none is given.
        port: u16,
        /// What we show and what we trust.
        certs: Certs,
    },
    /// `ssh://[USER@]HOST[:PORT][/SOCKET]`
    Ssh {
        /// None: as ssh's own configuration says.
        user: Option<String>,
        /// A name of ssh's own configuration, or of a host.
        host: String,
        /// None: as ssh's own configuration says.
        port: Option<u16>,
        /// The engine's socket on that host, when it is not the default one.
        path: Option<PathBuf>,
    },
}

/// The files of a TLS endpoint (`ca.pem`, `cert.pem`, `key.pem`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Certs {
    /// Who may have signed the server's certificate; none: the system's list.
    pub ca: Option<PathBuf>,
    /// Our certificate.
    pub cert: Option<PathBuf>,
    /// Its private key.
    pub key: Option<PathBuf>,
    /// False only where the user asked for TLS without verification.
    pub verify: bool,
}

/// As the docker CLI writes an endpoint.
impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Endpoint::Unix(path) => write!(f, "unix://{}", path.display()),
            Endpoint::Tcp { host, port } | Endpoint::Tls { host, port, .. } => {
                if host.contains(':') {
                    write!(f, "tcp://[{host}]:{port}")
                } else {
                    write!(f, "tcp://{host}:{port}")
                }
            }
            Endpoint::Ssh {
                user,
                host,
                port,
                path,
            } => {
                f.write_str("ssh://")?;
                if let Some(user) = user {
                    write!(f, "{user}@")?;
                }
                if host.contains(':') {
                    write!(f, "[{host}]")?;
                } else {
                    f.write_str(host)?;
                }
                if let Some(port) = port {
                    write!(f, ":{port}")?;
                }
                match path {
                    Some(path) => write!(f, "{}", path.display()),
                    None => Ok(()),
                }
            }
        }
    }
}

/// Why no stream to an engine could be had. `words::engine` makes the sentence;
/// `Display` is for logs.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConnectError {
    /// There is no socket file.
    #[error("{} does not exist", .0.display())]
    NoSocket(PathBuf),
    /// The socket is there, and not for us.
    #[error("{}: permission denied", .0.display())]
    Denied(PathBuf),
    /// A file is there that is no socket.
    #[error("{} is not a socket", .0.display())]
    NotASocket(PathBuf),
    /// Nothing listens there.
    #[error("{0}: connection refused")]
    Refused(String),
    /// No answer in time.
    #[error("{0}: no answer")]
    TimedOut(String),
    /// The name has no address.
    #[error("{host}: {cause}")]
    UnknownHost {
        /// As given.
        host: String,
        /// The resolver's words.
        cause: String,
    },
    /// A file of the certificates cannot be used.
    #[error("{}: {cause}", path.display())]
    Certificate {
        /// Which.
        path: PathBuf,
        /// Why.
        cause: String,
    },
    /// The two sides do not agree on TLS, e.g. an unknown signer.
    #[error("{at}: {cause}")]
    Tls {
        /// The endpoint.
        at: String,
        /// The library's words.
        cause: String,
    },
    /// The engine there wants TLS, and was asked in the clear.
    #[error("{0}: wants TLS")]
    WantsTls(String),
    /// It was asked with TLS, and there is none.
    #[error("{0}: speaks no TLS")]
    NoTls(String),
    /// Something answers there, and it is no engine.
    #[error("{at}: no engine: {said}")]
    NotAnEngine {
        /// The endpoint.
        at: String,
        /// What it answered, in short.
        said: String,
    },
    /// It takes connections, and does not answer the first question.
    #[error("{0}: silent")]
    Silent(String),
    /// It answers the first question with an error, as one does that is starting
    /// or paused.
    #[error("{at}: {status}: {message}")]
    Unwell {
        /// The endpoint.
        at: String,
        /// HTTP status.
        status: u16,
        /// Its words.
        message: String,
    },
    /// There is no `ssh` command.
    #[error("there is no ssh command")]
    NoSsh,
    /// ssh, or docker on its other side, ended without a byte.
    #[error("ssh {to}: {said}")]
    Ssh {
        /// The destination as given to ssh.
        to: String,
        /// What it wrote to stderr.
        said: String,
    },
    /// The exec that leads into a node ended without a byte.
    #[error("node {node}: {said}")]
    Node {
        /// The node.
        node: String,
        /// What `docker system dial-stdio` wrote to stderr.
        said: String,
    },
    /// Anything else.
    #[error("{at}: {cause}")]
    Io {
        /// The endpoint.
        at: String,
        /// The system's words.
        cause: String,
    },
}

impl ConnectError {
    /// The `ConnectError` at the bottom of what a client says, where there is
    /// one: clients only say "client error (Connect)" themselves.
    pub fn of<'e>(error: &'e (dyn std::error::Error + 'static)) -> Option<&'e ConnectError> {
        let mut next = Some(error);
        while let Some(error) = next {
            if let Some(found) = error.downcast_ref() {
                return Some(found);
            }
            next = match error
                .downcast_ref::<io::Error>()
                .and_then(io::Error::get_ref)
            {
                // An io::Error made of another error skips it in its own `source`.
                Some(inner) => Some(inner),
                None => error.source(),
            };
        }
        None
    }
}

/// What a stream can do.
pub trait Io: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Io for T {}

/// Bytes to and from an engine.
pub type Stream = Box<dyn Io>;

/// A TCP connection that takes longer is given up.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Opens a stream. Over ssh this succeeds as soon as ssh runs; its failure then
/// is the first read's error, which `ConnectError::of` finds.
pub async fn open(endpoint: &Endpoint) -> Result<Stream, ConnectError> {
    match endpoint {
        Endpoint::Unix(path) => open_unix(path).await,
        Endpoint::Tcp { host, port } => Ok(Box::new(open_tcp(endpoint, host, *port).await?)),
        Endpoint::Tls { host, port, certs } => {
            let at = endpoint.to_string();
            let connector = tls::connector(certs)?;
            let stream = open_tcp(endpoint, host, *port).await?;
            Ok(Box::new(tls::handshake(connector, host, at, stream).await?))
        }
        Endpoint::Ssh {
            user,
            host,
            port,
            path,
        } => Ok(Box::new(ssh::open(
            user.as_deref(),
            host,
            *port,
            path.as_deref(),
        )?)),
    }
}

async fn open_unix(path: &Path) -> Result<Stream, ConnectError> {
    match tokio::net::UnixStream::connect(path).await {
        Ok(stream) => Ok(Box::new(stream)),
        Err(error) => Err(unix_error(path, &error)),
    }
}

fn unix_error(path: &Path, error: &io::Error) -> ConnectError {
    use std::os::unix::fs::FileTypeExt;
    match error.kind() {
        io::ErrorKind::NotFound => ConnectError::NoSocket(path.to_owned()),
        io::ErrorKind::PermissionDenied => ConnectError::Denied(path.to_owned()),
        io::ErrorKind::ConnectionRefused => match std::fs::metadata(path) {
            Ok(found) if !found.file_type().is_socket() => {
                ConnectError::NotASocket(path.to_owned())
            }
            _ => ConnectError::Refused(format!("unix://{}", path.display())),
        },
        _ => ConnectError::Io {
            at: format!("unix://{}", path.display()),
            cause: error.to_string(),
        },
    }
}

async fn open_tcp(
    endpoint: &Endpoint,
    host: &str,
    port: u16,
) -> Result<tokio::net::TcpStream, ConnectError> {
    let at = endpoint.to_string();
    let connecting = async {
        let addresses: Vec<_> = tokio::net::lookup_host((host, port))
            .await
            .map_err(|error| ConnectError::UnknownHost {
                host: host.to_owned(),
                cause: error.to_string(),
            })?
            .collect();
        tokio::net::TcpStream::connect(addresses.as_slice())
            .await
            .map_err(|error| match error.kind() {
                io::ErrorKind::ConnectionRefused => ConnectError::Refused(at.clone()),
                io::ErrorKind::TimedOut => ConnectError::TimedOut(at.clone()),
                _ => ConnectError::Io {
                    at: at.clone(),
                    cause: error.to_string(),
                },
            })
    };
    let stream = tokio::time::timeout(CONNECT_TIMEOUT, connecting)
        .await
        .map_err(|_| ConnectError::TimedOut(at.clone()))??;
    // Small requests wait for each other otherwise; failing to set it costs time only.
    let _ = stream.set_nodelay(true);
    Ok(stream)
}

#[cfg(test)]
mod tests;
