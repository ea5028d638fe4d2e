//! What this program does inside a service's container: the HTTP service of its
//! own images (`swarmlings echo`, as `hashicorp/http-echo` behaves), and the
//! `wget` of a node that has none.
//!
//! Knows nothing of the rest of the program; neither resolves names to serve.

use std::process::ExitCode;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::Instant;

mod wget;

/// Runs what these arguments call, the program's name being the first; none: neither
/// the service nor `wget` was meant.
pub fn called(arguments: &[String]) -> Option<ExitCode> {
    let (name, rest) = arguments.split_first()?;
    match (name.rsplit('/').next(), rest.first().map(String::as_str)) {
        (Some("wget"), _) => Some(wget::main(rest.to_vec())),
        (_, Some("wget")) => Some(wget::main(rest[1..].to_vec())),
        (_, Some("echo")) => Some(main(rest[1..].to_vec())),
        _ => None,
    }
}

/// `swarmlings echo [-text TEXT] [-listen :PORT] [-status-code N] [-fail MESSAGE]`;
/// `arguments` without the program and `echo`.
fn main(arguments: Vec<String>) -> ExitCode {
    let text = std::env::var("ECHO_TEXT").ok();
    let options = match Options::parse(arguments, text) {
        Ok(options) => options,
        Err(usage) => {
            eprintln!("{usage}");
            return ExitCode::from(2);
        }
    };
    if let Some(message) = options.fail {
        eprintln!("{message}");
        return ExitCode::FAILURE;
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    match runtime.and_then(|runtime| runtime.block_on(serve(options))) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("echo: {error}");
            ExitCode::FAILURE
        }
    }
}

/// After SIGTERM it goes on answering as long as requests come, since the other
/// nodes learn of its end a moment later than it does (moby#30321).
const QUIET: Duration = Duration::from_millis(400);

/// No longer than this: each removal waits for it.
const DRAIN: Duration = Duration::from_secs(2);

/// A kept connection without a request is closed.
const IDLE: Duration = Duration::from_secs(60);

/// A request's head may be as long as this.
const HEAD: u64 = 16 * 1024;

#[derive(Debug, PartialEq, Eq)]
struct Options {
    text: String,
    listen: String,
    status: u16,
    fail: Option<String>,
}

impl Options {
    /// Flags as Go's `flag` takes them: `-text X`, `-text=X`, `--text X`.
    fn parse(arguments: Vec<String>, text: Option<String>) -> Result<Options, String> {
        let mut options = Options {
            text: text.unwrap_or_else(|| "hello-world".to_owned()),
            listen: ":5678".to_owned(),
            status: 200,
            fail: None,
        };
        let mut rest = arguments.into_iter();
        while let Some(argument) = rest.next() {
            let Some(flag) = argument
                .strip_prefix("--")
                .or_else(|| argument.strip_prefix('-'))
            else {
                return Err(format!("Too many arguments! {argument}"));
            };
            let (name, value) = match flag.split_once('=') {
                Some((name, value)) => (name, Some(value.to_owned())),
                None => (flag, None),
            };
            let mut value = || {
                value
                    .clone()
                    .or_else(|| rest.next())
                    .ok_or_else(|| format!("flag needs an argument: -{name}"))
            };
            match name {
                "text" => options.text = value()?,
                "listen" => options.listen = value()?,
                "fail" => options.fail = Some(value()?),
                "status-code" => {
                    let given = value()?;
                    options.status = given
                        .parse()
                        .ok()
                        .filter(|status| (200..600).contains(status))
                        .ok_or_else(|| format!("invalid value \"{given}\" for -status-code"))?;
                }
                _ => return Err(format!("flag provided but not defined: -{name}")),
            }
        }
        Ok(options)
    }

    /// `:5678` is every address, as in Go.
    fn address(&self) -> String {
        match self.listen.strip_prefix(':') {
            Some(port) => format!("0.0.0.0:{port}"),
            None => self.listen.clone(),
        }
    }
}

/// What the connections tell the one that waits for their end.
#[derive(Clone, Copy)]
struct Activity {
    busy: usize,
    last: Instant,
}

async fn serve(options: Options) -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    // A PID 1 that does not ask for it never gets SIGTERM.
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let listener = TcpListener::bind(options.address()).await?;
    println!("[INFO] server is listening on {}", options.listen);

    let host = rustix::system::uname()
        .nodename()
        .to_string_lossy()
        .into_owned();
    let answer: &'static Answer = Box::leak(Box::new(Answer {
        body: format!("{}\nserved by {host}\n", options.text),
        status: options.status,
    }));
    let (activity, mut seen) = watch::channel(Activity {
        busy: 0,
        last: Instant::now(),
    });
    let (leaving, left) = watch::channel(false);
    let mut deadline = None;
    loop {
        let quiet = deadline.map(|deadline: Instant| {
            let Activity { busy, last } = *seen.borrow_and_update();
            match busy {
                0 => deadline.min(last + QUIET),
                _ => deadline,
            }
        });
        tokio::select! {
            accepted = listener.accept() => {
                // One that is gone before it is accepted is no reason to end.
                if let Ok((stream, _)) = accepted {
                    activity.send_modify(|a| a.last = Instant::now());
                    tokio::spawn(converse(stream, answer, activity.clone(), left.clone()));
                }
            }
            _ = terminate.recv(), if deadline.is_none() => {
                deadline = Some(Instant::now() + DRAIN);
                activity.send_modify(|a| a.last = Instant::now());
                leaving.send_replace(true);
            }
            _ = interrupt.recv() => return Ok(()),
            _ = seen.changed(), if deadline.is_some() => {}
            () = tokio::time::sleep_until(quiet.unwrap_or_else(Instant::now)), if quiet.is_some() => {
                return Ok(());
            }
        }
    }
}

struct Answer {
    body: String,
    status: u16,
}

/// One connection's requests. Its errors are the other side's.
async fn converse(
    stream: TcpStream,
    answer: &'static Answer,
    activity: watch::Sender<Activity>,
    leaving: watch::Receiver<bool>,
) {
    let _ = stream.set_nodelay(true);
    let peer = match stream.peer_addr() {
        Ok(peer) => peer.to_string(),
        Err(_) => return,
    };
    let mut stream = BufReader::new(stream);
    loop {
        let waited = tokio::time::timeout(IDLE, head(&mut stream)).await;
        let Ok(Some(request)) = waited else {
            return;
        };
        activity.send_modify(|a| a.busy += 1);
        let keep = request.keep && !*leaving.borrow();
        let (body, status) = match request.path() {
            "/health" => ("{\"status\":\"ok\"}\n", 200),
            _ => (answer.body.as_str(), answer.status),
        };
        let done = respond(&mut stream, &request, body, status, keep).await;
        println!(
            "{peer} \"{}\" {status} {}",
            request.line.escape_debug(),
            body.len()
        );
        activity.send_modify(|a| {
            a.busy -= 1;
            a.last = Instant::now();
        });
        if done.is_err() || !keep {
            return;
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
struct Head {
    line: String,
    keep: bool,
    length: u64,
}

impl Head {
    fn path(&self) -> &str {
        let target = self.line.split(' ').nth(1).unwrap_or("/");
        target.split('?').next().unwrap_or(target)
    }

    /// None: no HTTP.
    fn parse(head: &str) -> Option<Head> {
        let mut lines = head.lines();
        let line = lines.next()?.to_owned();
        let version = line.rsplit(' ').next()?;
        if !version.starts_with("HTTP/1.") {
            return None;
        }
        let mut keep = version != "HTTP/1.0";
        let mut length = 0;
        for (name, value) in lines.filter_map(|line| line.split_once(':')) {
            let value = value.trim();
            match name.to_ascii_lowercase().as_str() {
                "connection" if value.eq_ignore_ascii_case("close") => keep = false,
                "connection" if value.eq_ignore_ascii_case("keep-alive") => keep = true,
                "content-length" => length = value.parse().ok()?,
                // Where such a body ends is not worth knowing here.
                "transfer-encoding" => keep = false,
                _ => {}
            }
        }
        Some(Head { line, keep, length })
    }
}

/// The next request's head; none at the end of the connection.
async fn head(stream: &mut BufReader<TcpStream>) -> Option<Head> {
    let mut head = Vec::new();
    let mut limited = stream.take(HEAD);
    loop {
        let before = head.len();
        limited.read_until(b'\n', &mut head).await.ok()?;
        if !head.ends_with(b"\n") {
            return None;
        }
        if matches!(&head[before..], b"\r\n" | b"\n") && before > 0 {
            return Head::parse(&String::from_utf8_lossy(&head));
        }
    }
}

async fn respond(
    stream: &mut BufReader<TcpStream>,
    request: &Head,
    body: &str,
    status: u16,
    keep: bool,
) -> std::io::Result<()> {
    let mut ignored = stream.take(request.length);
    tokio::io::copy(&mut ignored, &mut tokio::io::sink()).await?;
    let reason = http::StatusCode::from_u16(status)
        .ok()
        .and_then(|status| status.canonical_reason())
        .unwrap_or("Unknown");
    let connection = if keep { "keep-alive" } else { "close" };
    let mut response = format!(
        "HTTP/1.1 {status} {reason}\r\n\
         X-App-Name: http-echo\r\n\
         Content-Type: text/plain; charset=utf-8\r\n\
         Content-Length: {}\r\n\
         Connection: {connection}\r\n\r\n",
        body.len()
    );
    if !request.line.starts_with("HEAD ") {
        response.push_str(body);
    }
    stream.write_all(response.as_bytes()).await?;
    stream.flush().await
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn parse(arguments: &[&str]) -> Result<Options, String> {
        Options::parse(arguments.iter().map(|s| (*s).to_owned()).collect(), None)
    }

    #[test]
    fn flags_as_the_original_takes_them() {
        let plain = parse(&[]).unwrap();
        assert_eq!(plain.text, "hello-world");
        assert_eq!(plain.address(), "0.0.0.0:5678");
        for arguments in [
            &["-text", "hi", "-listen", ":80"][..],
            &["--text=hi", "-listen=:80"],
            &["--text", "hi", "--listen", ":80"],
        ] {
            let options = parse(arguments).unwrap();
            assert_eq!(
                (options.text.as_str(), options.listen.as_str()),
                ("hi", ":80")
            );
        }
        assert_eq!(parse(&["-text=a=b"]).unwrap().text, "a=b");
        assert!(parse(&["-text"]).is_err());
        assert!(parse(&["-nope"]).unwrap_err().contains("-nope"));
        assert!(parse(&["-status-code", "99"]).is_err());
    }

    #[test]
    fn only_a_service_or_wget_is_called() {
        let called = |words: &[&str]| {
            let words: Vec<String> = words.iter().map(|s| (*s).to_owned()).collect();
            called(&words).is_some()
        };
        assert!(called(&["/usr/bin/wget"]));
        assert!(called(&["/swarmlings", "wget", "-x"]));
        assert!(called(&["/swarmlings", "echo", "-nope"]));
        assert!(!called(&["/swarmlings", "list"]));
        assert!(!called(&[]));
    }

    #[test]
    fn heads() {
        let head =
            Head::parse("GET /x?y HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\n").unwrap();
        assert_eq!((head.path(), head.keep, head.length), ("/x", true, 3));
        assert!(!Head::parse("GET / HTTP/1.0\r\n\r\n").unwrap().keep);
        assert!(
            !Head::parse("GET / HTTP/1.1\r\nConnection: close\r\n\r\n")
                .unwrap()
                .keep
        );
        assert_eq!(Head::parse("\x16\x03\x01\n\n"), None);
    }

    #[tokio::test]
    async fn two_requests_on_one_connection() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        static ANSWER: Answer = Answer {
            body: String::new(),
            status: 503,
        };
        let (activity, _seen) = watch::channel(Activity {
            busy: 0,
            last: Instant::now(),
        });
        let (_leaving, left) = watch::channel(false);
        tokio::spawn(async move {
            let (stream, _) = listener.accept().await.unwrap();
            converse(stream, &ANSWER, activity, left).await;
        });
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream
            .write_all(
                b"POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\nab\
                  GET /health HTTP/1.1\r\nConnection: close\r\n\r\n",
            )
            .await
            .unwrap();
        let mut said = String::new();
        stream.read_to_string(&mut said).await.unwrap();
        assert!(
            said.starts_with("HTTP/1.1 503 Service Unavailable\r\n"),
            "{said}"
        );
        assert!(said.contains("HTTP/1.1 200 OK"), "{said}");
        assert!(said.ends_with("{\"status\":\"ok\"}\n"), "{said}");
    }
}
