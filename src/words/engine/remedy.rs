//! What to do about an engine that can't be reached. The commands come with the cure.

use super::super::Lang;
use crate::lab::find::{Os, Remedy, SshProblem};

/// What to do; the cure's commands are to be shown below it.
pub fn remedy(remedy: &Remedy, lang: Lang) -> &'static str {
    match (remedy, lang) {
        (Remedy::Install(Os::Debian | Os::Fedora), Lang::En) => {
            "Docker is not installed. Install it, allow yourself to use it, then start again:"
        }
        (Remedy::Install(Os::Debian | Os::Fedora), Lang::Ko) => {
            "도커가 설치되어 있지 않습니다. 설치하고 사용 권한을 얻은 뒤 다시 실행하세요."
        }
        (Remedy::Install(Os::Linux), Lang::En) => {
            "Docker is not installed. Install it as your distribution or \
             https://docs.docker.com/engine/install/ says, then start again."
        }
        (Remedy::Install(Os::Linux), Lang::Ko) => {
            "도커가 설치되어 있지 않습니다. 배포판의 문서나 \
             https://docs.docker.com/engine/install/ 을 보고 설치한 뒤 다시 실행하세요."
        }
        (Remedy::Install(Os::MacOs), Lang::En) => {
            "Docker is not installed. Install Docker Desktop, Colima or OrbStack and start it, \
             then start again."
        }
        (Remedy::Install(Os::MacOs), Lang::Ko) => {
            "도커가 설치되어 있지 않습니다. Docker Desktop, Colima, OrbStack 중 하나를 설치해 \
             켠 뒤 다시 실행하세요."
        }
        (Remedy::Install(Os::Wsl), Lang::En) => {
            "No Docker in this WSL distribution. With Docker Desktop on Windows: Settings > \
             Resources > WSL integration, turn this distribution on (where that page is missing, \
             first choose \"Switch to Linux containers...\" in its menu). Without Docker Desktop, \
             install Docker here:"
        }
        (Remedy::Install(Os::Wsl), Lang::Ko) => {
            "이 WSL 배포판에 도커가 없습니다. Windows에 Docker Desktop이 있으면 Settings > \
             Resources > WSL integration에서 이 배포판을 켜세요(그 화면이 없으면 먼저 메뉴에서 \
             \"Switch to Linux containers...\"를 고르세요). Docker Desktop이 없으면 여기에 \
             설치하세요."
        }
        (Remedy::Start(Os::Debian | Os::Fedora | Os::Linux), Lang::En) => {
            "Docker is installed and does not run. Start it:"
        }
        (Remedy::Start(Os::Debian | Os::Fedora | Os::Linux), Lang::Ko) => {
            "도커가 설치되어 있지만 꺼져 있습니다. 시작하세요."
        }
        (Remedy::Start(Os::MacOs), Lang::En) => {
            "Start Docker Desktop (or Colima: `colima start`, or OrbStack) and wait until it \
             runs. If none is installed: `brew install --cask docker-desktop`."
        }
        (Remedy::Start(Os::MacOs), Lang::Ko) => {
            "Docker Desktop(또는 Colima: `colima start`, 또는 OrbStack)을 켜고 준비될 때까지 \
             기다리세요. 아무것도 없으면 `brew install --cask docker-desktop`으로 설치하세요."
        }
        (Remedy::Start(Os::Wsl), Lang::En) => {
            "Docker does not run. With Docker Desktop on Windows, start it there; with Docker \
             in this WSL distribution, start it here:"
        }
        (Remedy::Start(Os::Wsl), Lang::Ko) => {
            "도커가 꺼져 있습니다. Windows의 Docker Desktop을 쓰면 Windows에서 켜고, 이 WSL \
             배포판에 설치한 도커를 쓰면 여기에서 시작하세요."
        }
        (Remedy::JoinGroup, Lang::En) => {
            "Join the group `docker` (its members can do what root can), then start again from \
             the shell that `newgrp` opens:"
        }
        (Remedy::JoinGroup, Lang::Ko) => {
            "`docker` 그룹에 들어간 뒤(이 그룹의 구성원은 root와 같은 일을 할 수 있습니다) \
             `newgrp`가 여는 셸에서 다시 실행하세요."
        }
        (Remedy::RenewSession, Lang::En) => {
            "You are in the group `docker`, but this session began before that. Log in again, or \
             start again from the shell that this opens:"
        }
        (Remedy::RenewSession, Lang::Ko) => {
            "이미 `docker` 그룹에 있지만 이 세션은 그 전에 시작되었습니다. 다시 로그인하거나, \
             다음 명령이 여는 셸에서 다시 실행하세요."
        }
        (Remedy::OtherSocket, Lang::En) => {
            "Start the engine that this socket belongs to, get the right to use it, or name \
             another engine with --docker."
        }
        (Remedy::OtherSocket, Lang::Ko) => {
            "이 소켓의 엔진을 시작하거나, 사용 권한을 얻거나, --docker로 다른 엔진을 \
             지정하세요."
        }
        (Remedy::MendDockerHost, Lang::En) => {
            "Mend DOCKER_HOST, start the engine that it names, or unset it to use the one that \
             `docker` uses without it:"
        }
        (Remedy::MendDockerHost, Lang::Ko) => {
            "DOCKER_HOST를 바로잡거나 그 엔진을 시작하세요. `docker` 명령의 기본 엔진을 쓰려면 \
             DOCKER_HOST를 해제하세요."
        }
        (Remedy::MendDockerContext, Lang::En) => {
            "Mend DOCKER_CONTEXT, start the engine that it names, or unset it to use the current \
             context:"
        }
        (Remedy::MendDockerContext, Lang::Ko) => {
            "DOCKER_CONTEXT를 바로잡거나 그 엔진을 시작하세요. 현재 컨텍스트를 쓰려면 \
             DOCKER_CONTEXT를 해제하세요."
        }
        (Remedy::ChooseContext, Lang::En) => {
            "Start the engine of this Docker context, or choose another one:"
        }
        (Remedy::ChooseContext, Lang::Ko) => {
            "이 도커 컨텍스트의 엔진을 시작하거나 다른 컨텍스트를 고르세요."
        }
        (Remedy::MendOption, Lang::En) => {
            "Leave --docker out to use the engine that `docker` uses, or give it an address \
             (unix://, tcp://, ssh://) or the name of a context:"
        }
        (Remedy::MendOption, Lang::Ko) => {
            "--docker를 빼면 `docker` 명령이 쓰는 엔진을 씁니다. 지정하려면 주소(unix://, tcp://, \
             ssh://)나 컨텍스트 이름을 주세요."
        }
        (Remedy::MendFile, Lang::En) => {
            "Mend the file; `docker` reads it as well. Or name an engine with --docker."
        }
        (Remedy::MendFile, Lang::Ko) => {
            "파일을 고치세요. `docker` 명령도 이 파일을 읽습니다. 또는 --docker로 엔진을 \
             지정하세요."
        }
        (Remedy::Ssh(problem), _) => ssh(*problem, lang),
        (Remedy::Certificates, Lang::En) => {
            "Check ca.pem, cert.pem and key.pem (in DOCKER_CERT_PATH, or in the context) and \
             whether the engine's certificate is for the name that you use."
        }
        (Remedy::Certificates, Lang::Ko) => {
            "ca.pem, cert.pem, key.pem(DOCKER_CERT_PATH 또는 컨텍스트에 있습니다)을 확인하고, 엔진의 \
             인증서가 지금 쓰는 이름으로 발급되었는지도 확인하세요."
        }
        (Remedy::CheckAddress, Lang::En) => {
            "Check the address, the network and the firewall between you and it."
        }
        (Remedy::CheckAddress, Lang::Ko) => "주소와 네트워크, 그 사이의 방화벽을 확인하세요.",
        (Remedy::UseTls, Lang::En) => {
            "Ask for TLS, and say in DOCKER_CERT_PATH which folder has ca.pem, cert.pem and \
             key.pem (without it: ~/.docker):"
        }
        (Remedy::UseTls, Lang::Ko) => {
            "TLS를 쓰도록 하고, ca.pem, cert.pem, key.pem이 있는 폴더를 DOCKER_CERT_PATH로 \
             알려 주세요(없으면 ~/.docker를 봅니다)."
        }
        (Remedy::NoTls, Lang::En) => {
            "Check the port (2376 is usual with TLS, 2375 without), or don't ask for TLS:"
        }
        (Remedy::NoTls, Lang::Ko) => {
            "포트를 확인하거나(보통 TLS는 2376, TLS 없이는 2375입니다) TLS를 쓰지 않도록 하세요."
        }
        (Remedy::WaitOrRestart(Os::MacOs | Os::Wsl), Lang::En) => {
            "Wait until Docker has started, unpause it in Docker Desktop's menu, or restart it."
        }
        (Remedy::WaitOrRestart(Os::MacOs | Os::Wsl), Lang::Ko) => {
            "도커가 시작될 때까지 기다리거나, Docker Desktop의 메뉴에서 일시 정지를 풀거나, 다시 \
             시작하세요."
        }
        (Remedy::WaitOrRestart(Os::Debian | Os::Fedora | Os::Linux), Lang::En) => {
            "Wait a moment if it is starting; else see why it hangs, or restart it."
        }
        (Remedy::WaitOrRestart(Os::Debian | Os::Fedora | Os::Linux), Lang::Ko) => {
            "시작하는 중이면 잠시 기다리고, 아니면 상태를 확인한 뒤 다시 시작하세요."
        }
        (Remedy::LinuxContainers, Lang::En) => {
            "Choose \"Switch to Linux containers...\" in Docker Desktop's menu, or in PowerShell:"
        }
        (Remedy::LinuxContainers, Lang::Ko) => {
            "Docker Desktop의 메뉴에서 \"Switch to Linux containers...\"를 고르거나, \
             PowerShell에서 다음을 실행하세요."
        }
        (Remedy::UseDocker(_), Lang::En) => {
            "Install Docker Engine beside it, or name a Docker engine with --docker:"
        }
        (Remedy::UseDocker(_), Lang::Ko) => {
            "도커 엔진을 따로 설치하거나 --docker로 도커 엔진을 지정하세요."
        }
        (Remedy::UseRootful, Lang::En) => "Use an engine that runs as root, if there is one:",
        (Remedy::UseRootful, Lang::Ko) => "root로 실행되는 엔진이 있으면 그것을 쓰세요.",
        (Remedy::NoUserNamespaces, Lang::En) => {
            "Take \"userns-remap\" out of /etc/docker/daemon.json and restart Docker, or name \
             another engine with --docker."
        }
        (Remedy::NoUserNamespaces, Lang::Ko) => {
            "/etc/docker/daemon.json에서 \"userns-remap\"을 빼고 도커를 다시 시작하거나, \
             --docker로 다른 엔진을 지정하세요."
        }
    }
}

fn ssh(problem: SshProblem, lang: Lang) -> &'static str {
    match (problem, lang) {
        (SshProblem::Missing, Lang::En) => "Install the OpenSSH client.",
        (SshProblem::Missing, Lang::Ko) => "OpenSSH 클라이언트를 설치하세요.",
        (SshProblem::Key, Lang::En) => {
            "The host took none of your keys, and passwords are not asked for. Add your key to \
             the agent, then try:"
        }
        (SshProblem::Key, Lang::Ko) => {
            "호스트가 받아들인 키가 없고, 암호는 묻지 않습니다. 에이전트에 키를 등록한 뒤 \
             다음 명령으로 확인하세요."
        }
        (SshProblem::HostKey, Lang::En) => {
            "The host is not known here. Connect once by hand and check its key:"
        }
        (SshProblem::HostKey, Lang::Ko) => {
            "처음 연결하는 호스트입니다. 한 번 직접 연결해 키를 확인하세요."
        }
        (SshProblem::ChangedKey, Lang::En) => {
            "The host shows another key than before. If whoever runs it says that it was \
             changed, forget the old one and connect once by hand:"
        }
        (SshProblem::ChangedKey, Lang::Ko) => {
            "호스트의 키가 전과 다릅니다. 호스트를 관리하는 사람이 키를 바꾸었다고 하면 옛 키를 \
             지우고 한 번 직접 연결하세요."
        }
        (SshProblem::NotRunning, Lang::En) => {
            "Docker does not run on that host, or listens elsewhere. Start it there, then try:"
        }
        (SshProblem::NotRunning, Lang::Ko) => {
            "그 호스트에서 도커가 꺼져 있거나 소켓이 다른 곳에 있습니다. 도커를 시작한 뒤 \
             다음 명령으로 확인하세요."
        }
        (SshProblem::NoDocker, Lang::En) => {
            "There is no `docker` command on that host, or not in the PATH of an ssh session. Try:"
        }
        (SshProblem::NoDocker, Lang::Ko) => {
            "그 호스트에 `docker` 명령이 없거나 SSH 세션의 PATH에 없습니다. 다음 명령으로 확인하세요."
        }
        (SshProblem::Denied, Lang::En) => {
            "The user there may not use Docker: they need to be in that host's group `docker`. Try:"
        }
        (SshProblem::Denied, Lang::Ko) => {
            "그 호스트의 사용자가 도커를 쓸 수 없습니다. 호스트의 `docker` 그룹에 들어 있어야 \
             합니다. 다음 명령으로 확인하세요."
        }
        (SshProblem::Other, Lang::En) => "See whether this works by hand:",
        (SshProblem::Other, Lang::Ko) => "다음 명령을 직접 실행해 보고 되는지 확인하세요.",
    }
}
