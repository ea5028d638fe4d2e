//! What is said about the engine: which one is used, why it can't be reached,
//! what to do then, and why an image could not be put together.
//!
//! Commands are not here: they come with the cure and are the same in every language.

use super::Lang;
use super::korean::{Particle, with};
use crate::lab::connect::{ConnectError, RawError};
use crate::lab::find::{Because, FindError, Found, HostProblem, Trouble};
use crate::lab::image::ImageError;

mod remedy;

pub use remedy::remedy;

/// While the engine is asked and takes its time.
pub fn asking(lang: Lang) -> &'static str {
    match lang {
        Lang::En => "Asking Docker…",
        Lang::Ko => "도커의 응답을 기다리는 중…",
    }
}

/// Which engine is used and who chose it, e.g. for `status`.
pub fn found(found: &Found, lang: Lang) -> String {
    let (endpoint, because) = (&found.endpoint, because(&found.because, lang));
    match lang {
        Lang::En => format!("{endpoint} ({because})"),
        Lang::Ko => format!("{endpoint}({because})"),
    }
}

/// Who chose the engine, as a noun.
pub fn because(because: &Because, lang: Lang) -> String {
    match (because, lang) {
        (Because::Option | Because::OptionContext(_), Lang::En) => "from --docker".to_owned(),
        (Because::Option | Because::OptionContext(_), Lang::Ko) => "--docker로 지정".to_owned(),
        (Because::DockerHost, Lang::En) => "from DOCKER_HOST".to_owned(),
        (Because::DockerHost, Lang::Ko) => "DOCKER_HOST로 지정".to_owned(),
        (Because::DockerContext(name), Lang::En) => {
            format!("context `{name}`, from DOCKER_CONTEXT")
        }
        (Because::DockerContext(name), Lang::Ko) => {
            format!("DOCKER_CONTEXT로 지정한 컨텍스트 `{name}`")
        }
        (Because::CurrentContext(name), Lang::En) => format!("current Docker context `{name}`"),
        (Because::CurrentContext(name), Lang::Ko) => format!("현재 도커 컨텍스트 `{name}`"),
        (Because::DefaultSocket, Lang::En) => "default socket".to_owned(),
        (Because::DefaultSocket, Lang::Ko) => "기본 소켓".to_owned(),
        (Because::RootlessSocket, Lang::En) => "socket of rootless Docker".to_owned(),
        (Because::RootlessSocket, Lang::Ko) => "루트리스 도커의 소켓".to_owned(),
        (Because::DesktopSocket, Lang::En) => "socket of Docker Desktop".to_owned(),
        (Because::DesktopSocket, Lang::Ko) => "Docker Desktop의 소켓".to_owned(),
    }
}

/// What is wrong with the engine.
pub fn trouble(trouble: &Trouble, lang: Lang) -> String {
    match (trouble, lang) {
        (Trouble::Find(error), _) => find_error(error, lang),
        (Trouble::Connect { found, error }, Lang::En) => format!(
            "Cannot reach Docker at {}: {}",
            self::found(found, lang),
            connect_error(error, lang)
        ),
        (Trouble::Connect { found, error }, Lang::Ko) => format!(
            "도커에 연결할 수 없습니다: {}. {}",
            self::found(found, lang),
            connect_error(error, lang)
        ),
        (Trouble::WindowsContainers, Lang::En) => {
            "Docker runs Windows containers here; the nodes of a lab are Linux containers."
                .to_owned()
        }
        (Trouble::WindowsContainers, Lang::Ko) => {
            "도커가 Windows 컨테이너 모드로 동작하고 있습니다. 실습 환경의 노드는 리눅스 컨테이너입니다."
                .to_owned()
        }
        (Trouble::NotDocker(name), Lang::En) => {
            format!("What answers there is {name}, not Docker: it has no swarm mode.")
        }
        (Trouble::NotDocker(name), Lang::Ko) => {
            format!("응답한 것은 도커가 아니라 {name}입니다. {name}에는 스웜 모드가 없습니다.")
        }
        (Trouble::Rootless, Lang::En) => {
            "This Docker runs rootless and could not run a node: an engine in a container needs \
             rights that a rootless engine does not have here."
                .to_owned()
        }
        (Trouble::Rootless, Lang::Ko) => {
            "이 도커는 루트리스로 동작하고 있어 노드를 실행하지 못했습니다. 컨테이너 안의 \
             엔진에는 루트리스 엔진에 없는 권한이 필요합니다."
                .to_owned()
        }
        (Trouble::UserNamespaces, Lang::En) => {
            "This Docker maps the users of containers (userns-remap) and could not run a node: \
             an engine in a container needs root's own rights."
                .to_owned()
        }
        (Trouble::UserNamespaces, Lang::Ko) => {
            "이 도커는 컨테이너의 사용자를 다른 사용자로 바꾸어 실행합니다(userns-remap). \
             컨테이너 안의 엔진에는 실제 root 권한이 필요해 노드를 실행하지 못했습니다."
                .to_owned()
        }
    }
}

/// Why no engine could be named.
pub fn find_error(error: &FindError, lang: Lang) -> String {
    match (error, lang) {
        (
            FindError::NoContext {
                name,
                because,
                known,
            },
            Lang::En,
        ) => format!(
            "There is no Docker context `{name}` ({}). There are: {}.",
            self::because(because, lang),
            known.join(", ")
        ),
        (
            FindError::NoContext {
                name,
                because,
                known,
            },
            Lang::Ko,
        ) => format!(
            "도커 컨텍스트 `{name}`{} 없습니다({}). 있는 컨텍스트: {}.",
            particle(name, Particle::Subject),
            self::because(because, lang),
            known.join(", ")
        ),
        (FindError::BadFile { path, cause }, Lang::En) => {
            format!("Docker's file {} cannot be read: {cause}.", path.display())
        }
        (FindError::BadFile { path, cause }, Lang::Ko) => {
            format!(
                "도커 설정 파일을 읽을 수 없습니다({}): {cause}.",
                path.display()
            )
        }
        (FindError::NoEndpoint { name }, Lang::En) => {
            format!("The Docker context `{name}` names no Docker engine.")
        }
        (FindError::NoEndpoint { name }, Lang::Ko) => {
            format!("도커 컨텍스트 `{name}`에 도커 엔진의 주소가 없습니다.")
        }
        (
            FindError::BadHost {
                host,
                because,
                problem,
            },
            Lang::En,
        ) => format!(
            "`{}` ({}) is not the address of an engine: {}",
            host.escape_debug(),
            self::because(because, lang),
            host_problem(problem, lang)
        ),
        (
            FindError::BadHost {
                host,
                because,
                problem,
            },
            Lang::Ko,
        ) => format!(
            "엔진의 주소가 아닙니다: `{}`({}). {}",
            host.escape_debug(),
            self::because(because, lang),
            host_problem(problem, lang)
        ),
        (FindError::NoSocket { looked }, _) => {
            let looked: Vec<_> = looked.iter().map(|p| p.display().to_string()).collect();
            let looked = looked.join(", ");
            match lang {
                Lang::En => {
                    format!("Docker does not run here: none of these sockets is there: {looked}.")
                }
                Lang::Ko => format!(
                    "이 컴퓨터에서 도커가 실행되고 있지 않습니다. 다음 소켓이 모두 없습니다: {looked}."
                ),
            }
        }
    }
}

/// What is wrong with an address.
pub fn host_problem(problem: &HostProblem, lang: Lang) -> String {
    match (problem, lang) {
        (HostProblem::NamedPipe, Lang::En) => {
            "a named pipe belongs to Windows programs; in WSL the socket is \
             unix:///var/run/docker.sock."
                .to_owned()
        }
        (HostProblem::NamedPipe, Lang::Ko) => {
            "명명된 파이프는 Windows 프로그램이 쓰는 것입니다. WSL의 소켓은 \
             unix:///var/run/docker.sock입니다."
                .to_owned()
        }
        (HostProblem::Scheme(scheme), Lang::En) => {
            format!("it begins with `{scheme}://`, and unix://, tcp:// and ssh:// are known.")
        }
        (HostProblem::Scheme(scheme), Lang::Ko) => {
            format!("`{scheme}://`로 시작합니다. 쓸 수 있는 것은 unix://, tcp://, ssh://입니다.")
        }
        (HostProblem::NoHost, Lang::En) => "the host is missing.".to_owned(),
        (HostProblem::NoHost, Lang::Ko) => "호스트가 빠져 있습니다.".to_owned(),
        (HostProblem::Port(port), Lang::En) => {
            format!("`{port}` is not a port (1 to 65535).")
        }
        (HostProblem::Port(port), Lang::Ko) => {
            format!("포트 `{port}`: 포트 번호는 1부터 65535까지입니다.")
        }
        (HostProblem::RelativeSocket, Lang::En) => {
            "the path of a socket begins with `/`, as in unix:///var/run/docker.sock.".to_owned()
        }
        (HostProblem::RelativeSocket, Lang::Ko) => {
            "소켓의 경로는 unix:///var/run/docker.sock처럼 `/`로 시작합니다.".to_owned()
        }
        (HostProblem::Path(path), Lang::En) => {
            format!("nothing may follow the port, and `{path}` does.")
        }
        (HostProblem::Path(path), Lang::Ko) => {
            format!("포트 뒤에 `{path}`: 포트 뒤에는 아무것도 올 수 없습니다.")
        }
        (HostProblem::Password, Lang::En) => {
            "a password in an address would be readable by everyone on this machine; use an ssh \
             key."
                .to_owned()
        }
        (HostProblem::Password, Lang::Ko) => {
            "주소에 쓴 암호는 이 컴퓨터의 누구나 볼 수 있습니다. SSH 키를 쓰세요.".to_owned()
        }
        (HostProblem::Character(c), Lang::En) => {
            format!("it contains {}.", shown(*c, "a space"))
        }
        (HostProblem::Character(c), Lang::Ko) => {
            format!(
                "{} 들어 있습니다.",
                with(&shown(*c, "공백"), Particle::Subject)
            )
        }
    }
}

fn shown(c: char, space: &str) -> String {
    match c {
        ' ' => space.to_owned(),
        c => format!("`{}`", c.escape_debug()),
    }
}

/// Only the particle, for a name that stands in quotes before it.
fn particle(word: &str, particle: Particle) -> String {
    with(word, particle)[word.len()..].to_owned()
}

/// Why no stream to an engine could be had.
pub fn connect_error(error: &ConnectError, lang: Lang) -> String {
    match (error, lang) {
        (ConnectError::NoSocket(_), Lang::En) => "the socket does not exist.".to_owned(),
        (ConnectError::NoSocket(_), Lang::Ko) => "소켓이 없습니다.".to_owned(),
        (ConnectError::Denied(_), Lang::En) => {
            "permission denied: you may not use this socket.".to_owned()
        }
        (ConnectError::Denied(_), Lang::Ko) => {
            "이 소켓을 쓸 권한이 없습니다(permission denied).".to_owned()
        }
        (ConnectError::NotASocket(_), Lang::En) => "this file is not a socket.".to_owned(),
        (ConnectError::NotASocket(_), Lang::Ko) => "이 파일은 소켓이 아닙니다.".to_owned(),
        (ConnectError::Refused(_), Lang::En) => {
            "connection refused: no engine listens there.".to_owned()
        }
        (ConnectError::Refused(_), Lang::Ko) => {
            "그 주소에서 연결을 받는 엔진이 없습니다(connection refused).".to_owned()
        }
        (ConnectError::TimedOut(_), Lang::En) => "no answer within 10 seconds.".to_owned(),
        (ConnectError::TimedOut(_), Lang::Ko) => "10초 안에 응답이 없었습니다.".to_owned(),
        (ConnectError::UnknownHost { host, cause }, Lang::En) => {
            format!("the name `{host}` has no address ({cause}).")
        }
        (ConnectError::UnknownHost { host, cause }, Lang::Ko) => {
            format!("이름 `{host}`의 주소를 찾을 수 없습니다({cause}).")
        }
        (ConnectError::Certificate { path, cause }, Lang::En) => {
            format!(
                "the certificate file {} cannot be used: {cause}.",
                path.display()
            )
        }
        (ConnectError::Certificate { path, cause }, Lang::Ko) => {
            format!("{} 인증서 파일을 쓸 수 없습니다: {cause}.", path.display())
        }
        (ConnectError::Tls { cause, .. }, Lang::En) => {
            format!("the TLS handshake failed: {cause}.")
        }
        (ConnectError::Tls { cause, .. }, Lang::Ko) => {
            format!("TLS 연결에 실패했습니다: {cause}.")
        }
        (ConnectError::WantsTls(_), Lang::En) => {
            "the engine there takes connections with TLS only, and was asked without.".to_owned()
        }
        (ConnectError::WantsTls(_), Lang::Ko) => {
            "그 엔진은 TLS 연결만 받는데 TLS 없이 연결했습니다.".to_owned()
        }
        (ConnectError::NoTls(_), Lang::En) => {
            "it was asked with TLS, and what listens there does not speak it.".to_owned()
        }
        (ConnectError::NoTls(_), Lang::Ko) => {
            "TLS로 연결했지만 그 주소에서는 TLS를 쓰지 않습니다.".to_owned()
        }
        (ConnectError::NotAnEngine { said, .. }, Lang::En) => {
            format!("what answers there is no Docker Engine ({said}).")
        }
        (ConnectError::NotAnEngine { said, .. }, Lang::Ko) => {
            format!("응답한 것이 도커 엔진이 아닙니다({said}).")
        }
        (ConnectError::Silent(_), Lang::En) => {
            "it takes the connection and then says nothing; it may be starting, or hang.".to_owned()
        }
        (ConnectError::Silent(_), Lang::Ko) => {
            "연결은 되지만 응답이 없습니다. 시작하는 중이거나 멈춘 것일 수 있습니다.".to_owned()
        }
        (
            ConnectError::Unwell {
                status, message, ..
            },
            Lang::En,
        ) => format!("it answers with an error ({status}): {}", sentence(message)),
        (
            ConnectError::Unwell {
                status, message, ..
            },
            Lang::Ko,
        ) => format!("오류로 응답했습니다({status}): {}", sentence(message)),
        (ConnectError::NoSsh, Lang::En) => "there is no `ssh` command here.".to_owned(),
        (ConnectError::NoSsh, Lang::Ko) => "이 컴퓨터에 `ssh` 명령이 없습니다.".to_owned(),
        (ConnectError::Ssh { said, .. }, Lang::En) => {
            format!("ssh ended: {}", words_of(&of_ssh(said), "it said nothing"))
        }
        (ConnectError::Ssh { said, .. }, Lang::Ko) => {
            format!(
                "ssh가 끝났습니다: {}",
                words_of(&of_ssh(said), "남긴 메시지 없음")
            )
        }
        (ConnectError::Node { node, said }, Lang::En) => format!(
            "the engine of node `{node}` does not answer: {}",
            words_of(said, "it said nothing")
        ),
        (ConnectError::Node { node, said }, Lang::Ko) => format!(
            "노드 `{node}`의 엔진이 응답하지 않습니다: {}",
            words_of(said, "남긴 메시지 없음")
        ),
        (ConnectError::Io { cause, .. }, Lang::En) => format!("the connection failed: {cause}."),
        (ConnectError::Io { cause, .. }, Lang::Ko) => format!("연결에 실패했습니다: {cause}."),
    }
}

/// Another program's words, with a full stop.
fn sentence(words: &str) -> String {
    match words.trim_end_matches('.') {
        "" => "...".to_owned(),
        words => format!("{words}."),
    }
}

/// What ssh said, in a line or two: of its wall about a changed key the two
/// lines that tell.
fn of_ssh(said: &str) -> String {
    const FEW: usize = 4;
    let lines: Vec<&str> = said.lines().filter(|line| !line.starts_with('@')).collect();
    if lines.len() <= FEW {
        return lines.join("\n");
    }
    lines[lines.len() - 2..].join("\n")
}

/// What another program said, or that it said nothing.
fn words_of<'w>(said: &'w str, nothing: &'w str) -> &'w str {
    match said {
        "" => nothing,
        said => said,
    }
}

/// Why a bare request has no answer.
pub fn raw_error(error: &RawError, lang: Lang) -> String {
    match (error, lang) {
        (RawError::Connect(error), _) => connect_error(error, lang),
        (RawError::Http(cause), Lang::En) => {
            format!("the connection to the engine broke: {cause}.")
        }
        (RawError::Http(cause), Lang::Ko) => format!("엔진과의 연결이 끊겼습니다: {cause}."),
        (RawError::Engine { status, message }, Lang::En) => {
            format!("the engine says no ({status}): {message}")
        }
        (RawError::Engine { status, message }, Lang::Ko) => {
            format!("엔진이 거절했습니다({status}): {message}")
        }
    }
}

/// Why an image could not be put together.
pub fn image_error(error: &ImageError, lang: Lang) -> String {
    match (error, lang) {
        (ImageError::Missing(names), Lang::En) => format!(
            "This machine lacks what the image is made of: {}. Install it, or load an image with \
             `swarmlings images load FILE`.",
            names.join(", ")
        ),
        (ImageError::Missing(names), Lang::Ko) => format!(
            "이미지를 만드는 데 필요한 것이 이 컴퓨터에 없습니다: {}. 설치하거나 `swarmlings \
             images load FILE`로 이미지를 불러오세요.",
            names.join(", ")
        ),
        (ImageError::MissingLibraries(names), Lang::En) => format!(
            "Libraries that the image's programs need are not on this machine: {}. The programs \
             do not run here either; reinstall their packages.",
            names.join(", ")
        ),
        (ImageError::MissingLibraries(names), Lang::Ko) => format!(
            "이미지에 넣을 프로그램의 라이브러리가 이 컴퓨터에 없습니다: {}. 이 프로그램은 \
             여기에서도 실행되지 않습니다. 패키지를 다시 설치하세요.",
            names.join(", ")
        ),
        (ImageError::Ldd(cause), Lang::En) => format!(
            "`ldd`, which tells what libraries a program needs, failed: {cause}. Load an image \
             instead: `swarmlings images load FILE`."
        ),
        (ImageError::Ldd(cause), Lang::Ko) => format!(
            "프로그램에 필요한 라이브러리를 알려 주는 `ldd`가 실패했습니다: {cause}. 대신 \
             `swarmlings images load FILE`로 이미지를 불러오세요."
        ),
        (ImageError::Read { path, cause }, Lang::En) => format!(
            "{}, which goes into the image, cannot be read: {cause}.",
            path.display()
        ),
        (ImageError::Read { path, cause }, Lang::Ko) => format!(
            "이미지에 넣을 {} 파일을 읽을 수 없습니다: {cause}.",
            path.display()
        ),
        (ImageError::Changed(path), Lang::En) => format!(
            "{} changed while it was read, as during an upgrade. Try again in a moment.",
            path.display()
        ),
        (ImageError::Changed(path), Lang::Ko) => format!(
            "{} 파일이 읽는 동안 바뀌었습니다. 업그레이드 중일 수 있습니다. 잠시 뒤 다시 \
             시도하세요.",
            path.display()
        ),
        (ImageError::Write { path, cause }, Lang::En) => format!(
            "The image cannot be written to {}: {cause}. A node image takes about 250 MB there.",
            path.display()
        ),
        (ImageError::Write { path, cause }, Lang::Ko) => format!(
            "이미지를 {}에 쓸 수 없습니다: {cause}. 노드 이미지에는 약 250 MB가 필요합니다.",
            path.display()
        ),
        (ImageError::OtherMachine { engine, here }, Lang::En) => format!(
            "An image made from this machine's programs ({here}) does not run on that engine \
             ({engine}). Load one instead: `swarmlings images load FILE`."
        ),
        (ImageError::OtherMachine { engine, here }, Lang::Ko) => format!(
            "이 컴퓨터({here})의 프로그램으로 만든 이미지는 그 엔진({engine})에서 실행되지 \
             않습니다. 대신 `swarmlings images load FILE`로 이미지를 불러오세요."
        ),
    }
}

#[cfg(test)]
mod tests;
