//! A stream through `ssh HOST docker system dial-stdio`, as the docker CLI does.

use std::future::Future;
use std::io;
use std::path::Path;
use std::pin::Pin;
use std::process::Stdio;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, ReadBuf};
use tokio::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command};
use tokio::task::JoinHandle;

use super::ConnectError;

/// Enough for ssh's banner and the error below it.
const STDERR_KEPT: u64 = 16 * 1024;

pub(super) fn open(
    user: Option<&str>,
    host: &str,
    port: Option<u16>,
    path: Option<&Path>,
) -> Result<SshStream, ConnectError> {
    let mut command = Command::new("ssh");
    command
        .args(argv(user, host, port, path))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        // Ctrl-C at our prompt is for us, not for a connection in the background.
        .process_group(0);
    let failed = |cause: io::Error| match cause.kind() {
        io::ErrorKind::NotFound => ConnectError::NoSsh,
        _ => ConnectError::Io {
            at: "ssh".to_owned(),
            cause: cause.to_string(),
        },
    };
    let mut child = command.spawn().map_err(failed)?;
    let missing = || failed(io::Error::other("no pipe"));
    let stdin = child.stdin.take().ok_or_else(missing)?;
    let stdout = child.stdout.take().ok_or_else(missing)?;
    let stderr = child.stderr.take().ok_or_else(missing)?;
    Ok(SshStream {
        to: host.to_owned(),
        stdin,
        stdout,
        said: Some(tokio::spawn(collect(stderr))),
        _child: child,
    })
}

/// ssh's arguments. It asks nothing: there is no terminal for the question.
fn argv(user: Option<&str>, host: &str, port: Option<u16>, path: Option<&Path>) -> Vec<String> {
    let mut argv: Vec<String> = ["-T", "-o", "BatchMode=yes", "-o", "ConnectTimeout=10"]
        .map(str::to_owned)
        .to_vec();
    if let Some(user) = user {
        argv.extend(["-l".to_owned(), user.to_owned()]);
    }
    if let Some(port) = port {
        argv.extend(["-p".to_owned(), port.to_string()]);
    }
    // A host that begins with a dash is no option.
    argv.extend(["--".to_owned(), host.to_owned(), "docker".to_owned()]);
    if let Some(path) = path {
        // ssh hands its words to the shell of the other side as one line.
        let socket = format!("unix://{}", path.display()).replace('\'', r"'\''");
        argv.extend(["--host".to_owned(), format!("'{socket}'")]);
    }
    argv.extend(["system".to_owned(), "dial-stdio".to_owned()]);
    argv
}

async fn collect(stderr: ChildStderr) -> String {
    let mut said = Vec::new();
    let mut stderr = stderr.take(STDERR_KEPT);
    // What came before an error is still worth showing.
    let _ = stderr.read_to_end(&mut said).await;
    let mut rest = stderr.into_inner();
    let _ = tokio::io::copy(&mut rest, &mut tokio::io::sink()).await;
    String::from_utf8_lossy(&said).trim().to_owned()
}

/// A running ssh, ended when dropped.
pub(super) struct SshStream {
    to: String,
    stdin: ChildStdin,
    stdout: ChildStdout,
    /// Until the first byte: afterwards an end of the stream is no failure.
    said: Option<JoinHandle<String>>,
    _child: Child,
}

impl AsyncRead for SshStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        ready!(Pin::new(&mut self.stdout).poll_read(cx, buf))?;
        if buf.filled().len() > before {
            self.said = None;
            return Poll::Ready(Ok(()));
        }
        let Some(said) = &mut self.said else {
            return Poll::Ready(Ok(()));
        };
        let said = ready!(Pin::new(said).poll(cx)).unwrap_or_default();
        self.said = None;
        Poll::Ready(Err(io::Error::other(ConnectError::Ssh {
            to: self.to.clone(),
            said,
        })))
    }
}

impl AsyncWrite for SshStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        match ready!(Pin::new(&mut self.stdin).poll_write(cx, buf)) {
            // ssh is gone; why is told by the read, which hyper then makes.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe && self.said.is_some() => {
                Poll::Ready(Ok(buf.len()))
            }
            done => Poll::Ready(done),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stdin).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stdin).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_destination_is_one_argument_and_never_an_option() {
        assert_eq!(
            argv(Some("ann"), "-oProxyCommand=x", Some(2222), None).join(" "),
            "-T -o BatchMode=yes -o ConnectTimeout=10 -l ann -p 2222 -- -oProxyCommand=x docker system dial-stdio"
        );
    }

    #[test]
    fn a_socket_is_quoted_for_the_shell_over_there() {
        let argv = argv(None, "box", None, Some(Path::new("/run/it's/docker.sock")));
        assert_eq!(argv[argv.len() - 3], r"'unix:///run/it'\''s/docker.sock'");
    }
}
