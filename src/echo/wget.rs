//! As much of busybox's `wget` as a lesson types in a node: plain HTTP to a
//! file or to standard output.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::process::ExitCode;
use std::time::Duration;

/// `wget [-q] [-O FILE] [-T SECONDS] [-t TRIES] [--spider] URL...`; `arguments`
/// without the program and `wget`. Exit code 1 for every failure, as busybox has it.
pub fn main(arguments: Vec<String>) -> ExitCode {
    let options = match Options::parse(arguments) {
        Ok(options) => options,
        Err(problem) => {
            eprintln!("wget: {problem}");
            eprintln!("Usage: wget [-q] [-O FILE] [-T SEC] [-t TRIES] [--spider] URL...");
            return ExitCode::FAILURE;
        }
    };
    for url in &options.urls {
        let mut tries = options.tries.max(1);
        loop {
            tries -= 1;
            match fetch(&options, url, 5) {
                Ok(()) => break,
                Err(Failure::Again(_)) if tries > 0 => {}
                Err(Failure::Again(message) | Failure::Final(message)) => {
                    eprintln!("wget: {message}");
                    return ExitCode::FAILURE;
                }
            }
        }
    }
    ExitCode::SUCCESS
}

#[derive(Debug, Default, PartialEq, Eq)]
struct Options {
    quiet: bool,
    output: Option<String>,
    timeout: Option<Duration>,
    tries: u32,
    spider: bool,
    headers: Vec<String>,
    urls: Vec<String>,
}

impl Options {
    fn parse(arguments: Vec<String>) -> Result<Options, String> {
        let mut options = Options::default();
        let mut rest = arguments.into_iter();
        while let Some(argument) = rest.next() {
            if let Some(long) = argument.strip_prefix("--").filter(|long| !long.is_empty()) {
                let (name, value) = match long.split_once('=') {
                    Some((name, value)) => (name, Some(value.to_owned())),
                    None => (long, None),
                };
                match name {
                    "quiet" => options.quiet = true,
                    "spider" => options.spider = true,
                    "no-check-certificate" => {}
                    _ => {
                        let short = match name {
                            "output-document" => 'O',
                            "timeout" => 'T',
                            "tries" => 't',
                            "header" => 'H',
                            _ => return Err(format!("unrecognized option: {name}")),
                        };
                        options.set(short, value.or_else(|| rest.next()))?;
                    }
                }
            } else if let Some(flags) = argument.strip_prefix('-').filter(|f| !f.is_empty()) {
                // `-qO-`: flags, then one that takes the rest or the next word.
                let mut letters = flags.chars();
                while let Some(letter) = letters.next() {
                    match letter {
                        'q' => options.quiet = true,
                        'c' | 'S' => {}
                        _ => {
                            let inline = Some(letters.as_str().to_owned());
                            let value = inline.filter(|s| !s.is_empty()).or_else(|| rest.next());
                            options.set(letter, value)?;
                            break;
                        }
                    }
                }
            } else {
                options.urls.push(argument);
            }
        }
        match options.urls.is_empty() {
            true => Err("missing URL".to_owned()),
            false => Ok(options),
        }
    }

    fn set(&mut self, flag: char, value: Option<String>) -> Result<(), String> {
        let value = match flag {
            'O' | 'T' | 't' | 'H' | 'Y' | 'U' => {
                value.ok_or_else(|| format!("option requires an argument: {flag}"))?
            }
            _ => return Err(format!("unrecognized option: {flag}")),
        };
        let number = || {
            value
                .parse::<u32>()
                .map_err(|_| format!("invalid number '{value}'"))
        };
        match flag {
            'O' => self.output = Some(value),
            'T' => self.timeout = Some(Duration::from_secs(number()?.max(1).into())),
            't' => self.tries = number()?,
            'H' => self.headers.push(value),
            _ => {}
        }
        Ok(())
    }
}

enum Failure {
    /// Another try may do.
    Again(String),
    Final(String),
}

/// `http://HOST[:PORT][/PATH]`.
#[derive(Debug, PartialEq, Eq)]
struct Url {
    authority: String,
    host: String,
    port: u16,
    path: String,
}

impl Url {
    fn parse(url: &str) -> Result<Url, String> {
        let rest = match url.split_once("://") {
            Some(("http", rest)) => rest,
            Some((scheme, _)) => return Err(format!("{scheme} is not supported here: {url}")),
            None => url,
        };
        let (authority, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
        let path = path.split('#').next().unwrap_or(path);
        let bad = || format!("bad address '{authority}'");
        if url.chars().any(|c| c.is_control() || c == ' ') {
            return Err(bad());
        }
        let (host, port) = match authority.strip_prefix('[') {
            Some(rest) => {
                let (host, port) = rest.split_once(']').ok_or_else(bad)?;
                (host, port.strip_prefix(':'))
            }
            None => match authority.split_once(':') {
                Some((host, port)) => (host, Some(port)),
                None => (authority, None),
            },
        };
        if host.is_empty() {
            return Err(bad());
        }
        Ok(Url {
            authority: authority.to_owned(),
            host: host.to_owned(),
            port: match port {
                Some(port) => port.parse().map_err(|_| bad())?,
                None => 80,
            },
            path: match path.starts_with('/') {
                true => path.to_owned(),
                false => format!("/{path}"),
            },
        })
    }

    /// What the file is called when no name is given.
    fn file(&self) -> &str {
        let path = self.path.split('?').next().unwrap_or(&self.path);
        match path.rsplit('/').next() {
            Some(name) if !name.is_empty() => name,
            _ => "index.html",
        }
    }
}

fn fetch(options: &Options, url: &str, redirects: u32) -> Result<(), Failure> {
    let url = Url::parse(url).map_err(Failure::Final)?;
    let stream = connect(options, &url)?;
    let during = |error: io::Error| Failure::Again(said(&error, "error getting response"));
    let mut request = format!(
        // 1.0: the answer comes in one piece.
        "{} {} HTTP/1.0\r\nHost: {}\r\nUser-Agent: Wget\r\nConnection: close\r\n",
        if options.spider { "HEAD" } else { "GET" },
        url.path,
        url.authority,
    );
    for header in &options.headers {
        request.push_str(header);
        request.push_str("\r\n");
    }
    request.push_str("\r\n");
    (&stream).write_all(request.as_bytes()).map_err(during)?;

    let mut answer = BufReader::new(stream);
    let (status, location) = read_head(&mut answer).map_err(during)?;
    let code = status.split(' ').nth(1).unwrap_or_default();
    match (code.as_bytes().first(), location) {
        (Some(b'3'), Some(_)) if redirects == 0 => {
            Err(Failure::Final("too many redirections".to_owned()))
        }
        (Some(b'3'), Some(to)) => {
            let next = match to.starts_with('/') {
                true => format!("http://{}{to}", url.authority),
                false => to,
            };
            fetch(options, &next, redirects - 1)
        }
        (Some(b'2'), _) if options.spider => Ok(()),
        (Some(b'2'), _) => save(options, &url, &mut answer),
        _ if status.is_empty() => Err(Failure::Again("error getting response".to_owned())),
        _ => Err(Failure::Final(format!("server returned error: {status}"))),
    }
}

fn connect(options: &Options, url: &Url) -> Result<TcpStream, Failure> {
    let addresses = (url.host.as_str(), url.port)
        .to_socket_addrs()
        .map_err(|_| Failure::Final(format!("bad address '{}'", url.authority)))?;
    let mut failure = Failure::Final(format!("bad address '{}'", url.authority));
    for address in addresses {
        if !options.quiet {
            eprintln!("Connecting to {} ({address})", url.authority);
        }
        let connected = match options.timeout {
            Some(timeout) => TcpStream::connect_timeout(&address, timeout),
            None => TcpStream::connect(address),
        };
        match connected {
            Ok(stream) => {
                // Not set only for a zero, which is excluded when it is read.
                let _ = stream.set_read_timeout(options.timeout);
                let _ = stream.set_write_timeout(options.timeout);
                return Ok(stream);
            }
            Err(error) => {
                let to = format!("can't connect to remote host ({})", address.ip());
                failure = Failure::Again(said(&error, &to));
            }
        }
    }
    Err(failure)
}

/// The status line and where a redirection leads.
fn read_head(answer: &mut impl BufRead) -> io::Result<(String, Option<String>)> {
    let mut status = String::new();
    let mut location = None;
    let mut head = answer.take(64 * 1024);
    head.read_line(&mut status)?;
    loop {
        let mut line = String::new();
        if head.read_line(&mut line)? == 0 || line.trim().is_empty() {
            return Ok((status.trim().to_owned(), location));
        }
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("location")
        {
            location = Some(value.trim().to_owned());
        }
    }
}

fn save(options: &Options, url: &Url, answer: &mut impl Read) -> Result<(), Failure> {
    let (name, mut to): (&str, Box<dyn Write>) = match options.output.as_deref() {
        Some("-") => ("stdout", Box::new(io::stdout().lock())),
        Some(name) => (name, Box::new(open(name, std::fs::File::create(name))?)),
        // A file that is there is not overwritten without being asked.
        None => {
            let name = url.file();
            (name, Box::new(open(name, std::fs::File::create_new(name))?))
        }
    };
    io::copy(answer, &mut to)
        .and_then(|_| to.flush())
        .map_err(|error| Failure::Final(said(&error, "error getting response")))?;
    if !options.quiet && name != "stdout" {
        eprintln!("'{name}' saved");
    }
    Ok(())
}

fn open(name: &str, file: io::Result<std::fs::File>) -> Result<std::fs::File, Failure> {
    file.map_err(|error| Failure::Final(said(&error, &format!("can't open '{name}'"))))
}

fn said(error: &io::Error, during: &str) -> String {
    match error.kind() {
        io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => "download timed out".to_owned(),
        io::ErrorKind::ConnectionRefused => format!("{during}: Connection refused"),
        io::ErrorKind::AlreadyExists => format!("{during}: File exists"),
        io::ErrorKind::HostUnreachable => format!("{during}: Host is unreachable"),
        io::ErrorKind::NetworkUnreachable => format!("{during}: Network unreachable"),
        io::ErrorKind::ConnectionReset => format!("{during}: Connection reset by peer"),
        _ => format!("{during}: {error}"),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::net::TcpListener;

    use super::*;

    fn parse(line: &str) -> Result<Options, String> {
        Options::parse(line.split(' ').map(str::to_owned).collect())
    }

    #[test]
    fn options_together_and_apart() {
        let options = parse("-qO- -T2 -t 1 http://10.0.0.1:5678").unwrap();
        assert!(options.quiet);
        assert_eq!(options.output.as_deref(), Some("-"));
        assert_eq!(options.timeout, Some(Duration::from_secs(2)));
        assert_eq!(options.tries, 1);
        assert_eq!(options.urls, ["http://10.0.0.1:5678"]);
        let long = parse("--quiet --output-document=x --timeout=2 --tries 1 a b").unwrap();
        assert_eq!((long.output.as_deref(), long.urls.len()), (Some("x"), 2));
        assert_eq!(parse("-q").unwrap_err(), "missing URL");
        assert_eq!(parse("-z a").unwrap_err(), "unrecognized option: z");
        assert!(parse("-T x a").is_err());
    }

    #[test]
    fn urls() {
        let url = Url::parse("http://10.0.0.1:5678").unwrap();
        assert_eq!(
            (url.host.as_str(), url.port, url.path.as_str()),
            ("10.0.0.1", 5678, "/")
        );
        assert_eq!(url.file(), "index.html");
        let url = Url::parse("web/a/b.txt?q").unwrap();
        assert_eq!(
            (url.port, url.path.as_str(), url.file()),
            (80, "/a/b.txt?q", "b.txt")
        );
        assert_eq!(Url::parse("http://[::1]:90/").unwrap().port, 90);
        assert!(Url::parse("https://a").unwrap_err().contains("https"));
        assert!(Url::parse("http://:80/").is_err());
        assert!(Url::parse("http://a/\r\nX: y").is_err());
    }

    #[test]
    fn what_a_server_says_is_told() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/x", listener.local_addr().unwrap());
        let server = std::thread::spawn(move || {
            for answer in [
                "HTTP/1.0 302 Found\r\nLocation: /y\r\n\r\n",
                "HTTP/1.1 500 Oh\r\n\r\n",
            ] {
                let (stream, _) = listener.accept().unwrap();
                let mut reader = BufReader::new(stream);
                let mut line = String::new();
                while reader.read_line(&mut line).unwrap() > 2 {
                    line.clear();
                }
                reader.get_mut().write_all(answer.as_bytes()).unwrap();
            }
        });
        let options = parse(&format!("-q {url}")).unwrap();
        let Err(Failure::Final(message)) = fetch(&options, &url, 5) else {
            panic!("no error");
        };
        assert_eq!(message, "server returned error: HTTP/1.1 500 Oh");
        server.join().unwrap();
        let Err(Failure::Again(message)) = fetch(&options, &url, 5) else {
            panic!("no error");
        };
        assert_eq!(
            message,
            "can't connect to remote host (127.0.0.1): Connection refused"
        );
    }
}
