//! TLS to an engine, with the files that the docker CLI uses.

use std::io;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, WebPkiSupportedAlgorithms, verify_tls12_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::{CONNECT_TIMEOUT, Certs, ConnectError};

/// Where systems keep whom they trust; used when no `ca.pem` is given.
const SYSTEM_ROOTS: [&str; 4] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
];

pub(super) fn connector(certs: &Certs) -> Result<TlsConnector, ConnectError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| ConnectError::Tls {
            at: "TLS".to_owned(),
            cause: error.to_string(),
        })?;
    let builder = if certs.verify {
        builder.with_root_certificates(roots(certs)?)
    } else {
        builder
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(Anyone::new(&provider)))
    };
    let config = match (&certs.cert, &certs.key) {
        (Some(cert), Some(key)) => {
            let chain = certificates(cert)?;
            let private = PrivateKeyDer::from_pem_file(key).map_err(|e| unusable(key, &e))?;
            builder
                .with_client_auth_cert(chain, private)
                .map_err(|error| unusable(cert, &error))?
        }
        _ => builder.with_no_client_auth(),
    };
    Ok(TlsConnector::from(Arc::new(config)))
}

pub(super) async fn handshake(
    connector: TlsConnector,
    host: &str,
    at: String,
    stream: TcpStream,
) -> Result<TlsWire, ConnectError> {
    let name = ServerName::try_from(host.to_owned()).map_err(|error| ConnectError::Tls {
        at: at.clone(),
        cause: error.to_string(),
    })?;
    match tokio::time::timeout(CONNECT_TIMEOUT, connector.connect(name, stream)).await {
        Ok(Ok(stream)) => Ok(TlsWire { stream, at }),
        Ok(Err(error)) if is_no_tls(&error) => Err(ConnectError::NoTls(at)),
        Ok(Err(error)) => Err(ConnectError::Tls {
            at,
            cause: error.to_string(),
        }),
        Err(_) => Err(ConnectError::TimedOut(at)),
    }
}

/// The other side did not answer in TLS, or hung up on what it could not read.
fn is_no_tls(error: &io::Error) -> bool {
    let inner = error.get_ref().and_then(|e| e.downcast_ref());
    matches!(
        inner,
        Some(rustls::Error::InvalidMessage(
            rustls::InvalidMessage::InvalidContentType
        ))
    )
}

/// A TLS stream that tells TLS's own errors as ours: in TLS 1.3 the server
/// refuses our certificate only after the handshake is done for us.
pub(super) struct TlsWire {
    stream: TlsStream<TcpStream>,
    at: String,
}

impl AsyncRead for TlsWire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let read = ready!(Pin::new(&mut self.stream).poll_read(cx, buf));
        Poll::Ready(read.map_err(|error| {
            match error.get_ref().is_some_and(|e| e.is::<rustls::Error>()) {
                true => io::Error::other(ConnectError::Tls {
                    at: self.at.clone(),
                    cause: error.to_string(),
                }),
                false => error,
            }
        }))
    }
}

impl AsyncWrite for TlsWire {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

fn roots(certs: &Certs) -> Result<RootCertStore, ConnectError> {
    let path = match &certs.ca {
        Some(path) => path.clone(),
        None => SYSTEM_ROOTS
            .iter()
            .map(PathBuf::from)
            .find(|path| path.exists())
            .unwrap_or_else(|| PathBuf::from("ca.pem")),
    };
    let mut store = RootCertStore::empty();
    let (added, _) = store.add_parsable_certificates(certificates(&path)?);
    if added == 0 {
        return Err(unusable(&path, &"no certificate in it"));
    }
    Ok(store)
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, ConnectError> {
    CertificateDer::pem_file_iter(path)
        .and_then(Iterator::collect)
        .map_err(|error| unusable(path, &error))
}

fn unusable(path: &Path, cause: &dyn std::fmt::Display) -> ConnectError {
    ConnectError::Certificate {
        path: path.to_owned(),
        cause: cause.to_string(),
    }
}

/// Takes any certificate, for a context that says `SkipTLSVerify` or a
/// `DOCKER_TLS` without `DOCKER_TLS_VERIFY`: the user's own choice.
#[derive(Debug)]
struct Anyone {
    algorithms: WebPkiSupportedAlgorithms,
}

impl Anyone {
    fn new(provider: &CryptoProvider) -> Anyone {
        Anyone {
            algorithms: provider.signature_verification_algorithms,
        }
    }
}

impl ServerCertVerifier for Anyone {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, cert, signed, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        rustls::crypto::verify_tls13_signature(message, cert, signed, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}
