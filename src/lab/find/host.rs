//! Reads an engine's address as the docker CLI writes it. Text in, endpoint out.

use std::path::PathBuf;

use crate::lab::connect::{Certs, Endpoint};

/// Where an engine listens when nobody says otherwise.
pub(super) const DEFAULT_SOCKET: &str = "/var/run/docker.sock";

/// What is wrong with an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HostProblem {
    /// `npipe://`: a Windows engine's own; its WSL side has a socket.
    NamedPipe,
    /// Neither unix, tcp nor ssh.
    Scheme(String),
    /// There is no host in it.
    NoHost,
    /// What stands for the port is no port.
    Port(String),
    /// A socket's path that does not begin with `/`.
    RelativeSocket,
    /// More behind the port than an engine's address has.
    Path(String),
    /// A password, which would lie open in the list of processes.
    Password,
    /// A space or a control character in it.
    Character(char),
}

/// Whether `--docker` is given an address or the name of a context (which has
/// neither `/` nor `:`).
pub(super) fn looks_like_host(text: &str) -> bool {
    text.contains(['/', ':'])
}

/// `tls` is what was asked for besides the address; only TCP takes it.
pub(super) fn parse(text: &str, tls: Option<Certs>) -> Result<Endpoint, HostProblem> {
    let text = text.trim();
    if let Some(c) = text.chars().find(|c| c.is_control() || *c == ' ') {
        return Err(HostProblem::Character(c));
    }
    let (scheme, rest) = match text.split_once("://") {
        Some((scheme, rest)) => (scheme.to_ascii_lowercase(), rest),
        None if text.starts_with('/') => ("unix".to_owned(), text),
        // `192.0.2.1:2375` is tcp, as for the CLI.
        None => ("tcp".to_owned(), text),
    };
    match scheme.as_str() {
        "unix" if rest.is_empty() => Ok(Endpoint::Unix(PathBuf::from(DEFAULT_SOCKET))),
        "unix" if rest.starts_with('/') => Ok(Endpoint::Unix(PathBuf::from(rest))),
        "unix" => Err(HostProblem::RelativeSocket),
        "tcp" => tcp(rest, tls),
        "ssh" => ssh(rest),
        "npipe" => Err(HostProblem::NamedPipe),
        _ => Err(HostProblem::Scheme(scheme)),
    }
}

fn tcp(rest: &str, tls: Option<Certs>) -> Result<Endpoint, HostProblem> {
    let (authority, path) = split_path(rest);
    if !path.trim_end_matches('/').is_empty() {
        return Err(HostProblem::Path(path.to_owned()));
    }
    let (host, port) = host_and_port(authority)?;
    // The CLI takes `tcp://` and `tcp://:2375` for this machine.
    let host = match host.is_empty() {
        true => "localhost".to_owned(),
        false => host,
    };
    Ok(match tls {
        Some(certs) => Endpoint::Tls {
            host,
            port: port.unwrap_or(2376),
            certs,
        },
        None => Endpoint::Tcp {
            host,
            port: port.unwrap_or(2375),
        },
    })
}

fn ssh(rest: &str) -> Result<Endpoint, HostProblem> {
    let (authority, path) = split_path(rest);
    let (user, address) = match authority.rsplit_once('@') {
        Some((user, address)) => (Some(user), address),
        None => (None, authority),
    };
    if user.is_some_and(|user| user.contains(':')) {
        return Err(HostProblem::Password);
    }
    let (host, port) = host_and_port(address)?;
    if host.is_empty() {
        return Err(HostProblem::NoHost);
    }
    Ok(Endpoint::Ssh {
        user: user.filter(|user| !user.is_empty()).map(str::to_owned),
        host,
        port,
        path: match path {
            "" | "/" => None,
            path => Some(PathBuf::from(path)),
        },
    })
}

fn split_path(rest: &str) -> (&str, &str) {
    rest.split_at(rest.find('/').unwrap_or(rest.len()))
}

fn host_and_port(authority: &str) -> Result<(String, Option<u16>), HostProblem> {
    let (host, port) = match authority.strip_prefix('[') {
        // `[::1]:2375`
        Some(rest) => {
            let (host, after) = rest.split_once(']').ok_or(HostProblem::NoHost)?;
            match after.strip_prefix(':') {
                Some(port) => (host, Some(port)),
                None if after.is_empty() => (host, None),
                None => return Err(HostProblem::Port(after.to_owned())),
            }
        }
        None => match authority.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (authority, None),
        },
    };
    let port = match port {
        Some(port) => match port.parse() {
            Ok(0) | Err(_) => return Err(HostProblem::Port(port.to_owned())),
            Ok(port) => Some(port),
        },
        None => None,
    };
    Ok((host.to_owned(), port))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Result<String, HostProblem> {
        parse(text, None).map(|endpoint| endpoint.to_string())
    }

    #[test]
    fn addresses_as_the_cli_takes_them() {
        for (given, read) in [
            (
                "unix:///run/user/1000/docker.sock",
                "unix:///run/user/1000/docker.sock",
            ),
            ("unix://", "unix:///var/run/docker.sock"),
            ("/tmp/d.sock", "unix:///tmp/d.sock"),
            ("tcp://192.0.2.1:2375", "tcp://192.0.2.1:2375"),
            ("tcp://box/", "tcp://box:2375"),
            ("tcp://:4000", "tcp://localhost:4000"),
            ("tcp://[::1]:4000", "tcp://[::1]:4000"),
            ("192.0.2.1:2375", "tcp://192.0.2.1:2375"),
            ("ssh://ann@box:2222", "ssh://ann@box:2222"),
            ("ssh://box/run/docker.sock", "ssh://box/run/docker.sock"),
            ("TCP://box:1", "tcp://box:1"),
        ] {
            assert_eq!(shown(given).as_deref(), Ok(read), "{given}");
        }
    }

    #[test]
    fn what_is_no_address_says_why() {
        for (given, problem) in [
            ("npipe:////./pipe/docker_engine", HostProblem::NamedPipe),
            ("fd://", HostProblem::Scheme("fd".to_owned())),
            ("unix://docker.sock", HostProblem::RelativeSocket),
            ("tcp://box:http", HostProblem::Port("http".to_owned())),
            ("tcp://box:0", HostProblem::Port("0".to_owned())),
            ("tcp://box:99999", HostProblem::Port("99999".to_owned())),
            ("tcp://box:1/path", HostProblem::Path("/path".to_owned())),
            ("ssh://", HostProblem::NoHost),
            ("ssh://ann:secret@box", HostProblem::Password),
            ("tcp://a b:1", HostProblem::Character(' ')),
            ("tcp://a\u{1b}[2J", HostProblem::Character('\u{1b}')),
        ] {
            assert_eq!(shown(given), Err(problem), "{given}");
        }
    }

    #[test]
    fn tls_changes_the_default_port() {
        let endpoint = parse("tcp://box", Some(Certs::default()));
        assert_eq!(
            endpoint,
            Ok(Endpoint::Tls {
                host: "box".to_owned(),
                port: 2376,
                certs: Certs::default()
            })
        );
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "\\PC*") {
            let _ = parse(&text, None);
        }
    }
}
