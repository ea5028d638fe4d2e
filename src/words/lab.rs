//! What is said of the lab: making it, ending it, and what went wrong.

use super::Lang;
use super::korean::{Particle, with};
use crate::lab::find::{System, Trouble, diagnose};
use crate::lab::{LabError, NODE_MEMORY, Needs, News, Phase};

/// The one question before containers are started or anything large is pulled.
pub fn consent(lang: Lang, needs: &Needs, containers: usize) -> String {
    let mut parts = Vec::new();
    let en = lang == Lang::En;
    let memory = NODE_MEMORY / 1_000_000 * containers as u64;
    parts.push(if en {
        format!(
            "The lab is {containers} containers on your Docker Engine ({}), about {memory} MB of memory in all.",
            needs.engine
        )
    } else {
        format!(
            "실습 환경은 도커 엔진({})에서 도는 컨테이너 {containers}개이며 메모리를 모두 합쳐 {memory} MB쯤 씁니다.",
            needs.engine
        )
    });
    if needs.assemble {
        parts.push(if en {
            "There is no `docker:dind` image and no registry in reach, so an image of 200 MB is put together from this machine's own Docker programs."
        } else {
            "`docker:dind` 이미지가 없고 레지스트리에 연결할 수 없으므로, 이 컴퓨터의 도커 프로그램으로 200 MB 크기의 이미지를 만듭니다."
        }.to_owned());
    }
    if !needs.pull.is_empty() {
        let list = needs.pull.join(", ");
        parts.push(if en {
            format!("These images are pulled once: {list} (`docker:dind` is about 400 MB).")
        } else {
            format!("다음 이미지를 한 번 내려받습니다: {list}(`docker:dind`는 약 400 MB).")
        });
    }
    if !needs.stand_ins.is_empty() {
        let list = needs.stand_ins.join(", ");
        parts.push(if en {
            format!("{list} can't be pulled; a small stand-in made here does its work.")
        } else {
            format!("{list} 이미지는 내려받을 수 없어, 같은 일을 하는 작은 대체 이미지를 여기서 만들어 씁니다.")
        });
    }
    parts.push(
        if en {
            "Everything is removed by `swarmlings down`. Prepare the lab now?"
        } else {
            "`swarmlings down`으로 모두 지울 수 있습니다. 지금 실습 환경을 준비할까요?"
        }
        .to_owned(),
    );
    parts.join(" ")
}

/// News that is worth a line of its own; `None` for what the live picture shows.
pub fn news(lang: Lang, news: &News) -> Option<String> {
    Some(match (lang, news) {
        (
            _,
            News::Container { .. }
            | News::Pulling { .. }
            | News::Copying { .. }
            | News::Assembling,
        ) => return None,
        (Lang::En, News::PortMoved { name, from, to: Some(to) }) => {
            format!("Port {from} of this host is taken, so {name}'s is published at 127.0.0.1:{to} instead.")
        }
        (Lang::En, News::PortMoved { name, from, to: None }) => {
            format!("Port {from} of this host is taken, so {name}'s is not published.")
        }
        (Lang::Ko, News::PortMoved { name, from, to: Some(to) }) => {
            format!("호스트의 {from}번 포트가 이미 쓰이고 있어 {name}의 포트는 127.0.0.1:{to}에 열었습니다.")
        }
        (Lang::Ko, News::PortMoved { name, from, to: None }) => {
            format!("호스트의 {from}번 포트가 이미 쓰이고 있어 {name}의 포트를 열지 못했습니다.")
        }
        (Lang::En, News::PrivilegedNarrowed) => {
            "`privileged: true`: each node gets the two capabilities that it needs (NET_ADMIN, SYS_ADMIN) instead of all rights.".into()
        }
        (Lang::Ko, News::PrivilegedNarrowed) => {
            "`privileged: true` 대신 노드에 필요한 권한 두 가지(NET_ADMIN, SYS_ADMIN)만 줍니다.".into()
        }
        (Lang::En, News::StandIn { image }) => {
            format!("{image} is a stand-in made by swarmlings here: it answers as the original does.")
        }
        (Lang::Ko, News::StandIn { image }) => {
            format!("{} swarmlings가 여기서 만든 대체 이미지로, 원본과 같게 응답합니다.", with(image, Particle::Topic))
        }
        (Lang::En, News::ImageMissing { image, why }) => {
            format!("{image} can't be had here ({why}); commands that use it will fail.")
        }
        (Lang::Ko, News::ImageMissing { image, why }) => {
            format!("{} 구할 수 없습니다({why}). 이 이미지를 쓰는 명령은 실패합니다.", with(image, Particle::Object))
        }
    })
}

/// What a container of the lab is at, in a word or two.
pub fn phase(lang: Lang, phase: Phase) -> &'static str {
    match (lang, phase) {
        (Lang::En, Phase::Creating) => "creating",
        (Lang::En, Phase::Starting) => "engine starting",
        (Lang::En, Phase::Loading) => "loading images",
        (Lang::En, Phase::Ready) => "ready",
        (Lang::En, Phase::Removing) => "removing",
        (Lang::En, Phase::Gone) => "removed",
        (Lang::Ko, Phase::Creating) => "만드는 중",
        (Lang::Ko, Phase::Starting) => "엔진 시작 중",
        (Lang::Ko, Phase::Loading) => "이미지 불러오는 중",
        (Lang::Ko, Phase::Ready) => "준비됨",
        (Lang::Ko, Phase::Removing) => "지우는 중",
        (Lang::Ko, Phase::Gone) => "지움",
    }
}

/// What is being done to images, for the live picture.
pub fn images_doing(lang: Lang, news: &News) -> Option<String> {
    Some(match (lang, news) {
        (Lang::En, News::Assembling) => {
            "Putting a node image together from this machine's Docker".into()
        }
        (Lang::Ko, News::Assembling) => "이 컴퓨터의 도커로 노드 이미지를 만드는 중".into(),
        (Lang::En, News::Pulling { image, done, total }) => {
            format!(
                "Pulling {image}: {} of {} MB",
                done / 1_000_000,
                total / 1_000_000
            )
        }
        (Lang::Ko, News::Pulling { image, done, total }) => {
            format!(
                "{image} 내려받는 중: {} / {} MB",
                done / 1_000_000,
                total / 1_000_000
            )
        }
        (Lang::En, News::Copying { image, done, total }) => {
            format!(
                "{image}: {} of about {} MB",
                done / 1_000_000,
                total / 1_000_000
            )
        }
        (Lang::Ko, News::Copying { image, done, total }) => {
            format!(
                "{image}: {} / 약 {} MB",
                done / 1_000_000,
                total / 1_000_000
            )
        }
        _ => return None,
    })
}

/// What went wrong, and what to do about it.
pub fn error(lang: Lang, error: &LabError) -> String {
    match lang {
        Lang::En => english(error),
        Lang::Ko => korean(error),
    }
}

fn english(error: &LabError) -> String {
    match error {
        LabError::Unreachable(cause) => {
            let cause = super::engine::connect_error(cause, Lang::En);
            format!("The Docker Engine does not answer: {cause} `swarmlings doctor` tells more.")
        }
        LabError::Engine { doing, message, .. } => {
            let cure = engine_cure(Lang::En, doing, message);
            format!("Docker could not {doing}: {message}.{cure}")
        }
        LabError::NodeSilent { node, message } => format!("The engine in `{node}` does not answer: {message}. `repair` mends the lab."),
        LabError::NameTaken { name } => format!("A container or network called `{name}` exists and is not this lab's. Remove or rename it, or use another lab: `swarmlings --lab NAME`."),
        LabError::NoSubnet => "No free /24 network was found for the lab: every range it may use overlaps a network or route of this host. `docker network ls` shows Docker's; `docker network prune` removes unused ones.".into(),
        LabError::NoImage { image, why } => format!("The image `{image}` is not here and can't be pulled or made: {why}. Pull it on a machine with network and bring it with `docker save` and `docker load`, or name another with `--node-image`.{}", engine_cure(Lang::En, "", why)),
        LabError::NotUp { cause: Some(cause), log, .. } => not_able(Lang::En, cause, log),
        LabError::NotUp { node, log, .. } => format!("The engine in `{node}` did not start. Its last words:\n{log}\n`swarmlings doctor` looks for the cause; on some hosts `--privileged` is needed."),
        LabError::NoEnd(node) => format!("The command in `{node}` does not end, and is no longer waited for. `status` tells whether the node still answers."),
        LabError::Gone(name) => format!("`{name}` has no container any more. `repair` makes it anew and takes it into the swarm again; where the swarm went with its last manager, `reset` makes the lab as this step needs it."),
        LabError::NotRunning(name) => format!("`{name}` is not running. `docker start {name}` starts it; `docker compose up -d` makes what is missing."),
        LabError::File { path, source } => super::disk::error(Lang::En, path, source),
        LabError::Unmade { image, error } => {
            format!("The image `{image}` can't be put together here. {}", super::engine::image_error(error, Lang::En))
        }
        LabError::TagTaken(tag) => format!("The image tag `{tag}` exists on this host and is not this lab's, so it was left alone. Use another tag."),
        LabError::NoLabImage(image) => format!("There is no image `{image}` in the lab. `docker images` shows those that there are; `docker tag` gives one a new name."),
        LabError::Bundle { path, fault } => super::bundle::fault(Lang::En, path, fault),
        LabError::NoSwarm => super::fault::swarm_lost(Lang::En).into(),
        LabError::NoRegistry => "This lab has no registry. The lesson on the registry has one.".into(),
    }
}

fn korean(error: &LabError) -> String {
    match error {
        LabError::Unreachable(cause) => {
            let cause = super::engine::connect_error(cause, Lang::Ko);
            format!("도커 엔진이 응답하지 않습니다. {cause} `swarmlings doctor`로 자세히 볼 수 있습니다.")
        }
        LabError::Engine { doing, message, .. } => {
            let cure = engine_cure(Lang::Ko, doing, message);
            format!("도커가 작업을 하지 못했습니다({doing}): {message}.{cure}")
        }
        LabError::NodeSilent { node, message } => format!("`{node}`의 엔진이 응답하지 않습니다: {message}. `repair`로 실습 환경을 고칠 수 있습니다."),
        LabError::NameTaken { name } => format!("{} 컨테이너나 네트워크가 이미 있는데 이 실습 환경의 것이 아닙니다. 지우거나 이름을 바꾸거나, 다른 실습 환경을 쓰세요: `swarmlings --lab NAME`.", with(&format!("`{name}`"), Particle::Called)),
        LabError::NoSubnet => "실습 환경에 쓸 빈 /24 네트워크가 없습니다. 쓸 수 있는 대역이 모두 이 호스트의 네트워크나 라우트와 겹칩니다. `docker network ls`로 확인하고 `docker network prune`으로 쓰지 않는 것을 지울 수 있습니다.".into(),
        LabError::NoImage { image, why } => format!("`{image}` 이미지가 없고, 내려받거나 만들 수도 없습니다: {why}. 네트워크가 되는 컴퓨터에서 내려받아 `docker save`와 `docker load`로 옮기거나 `--node-image`로 다른 이미지를 지정하세요.{}", engine_cure(Lang::Ko, "", why)),
        LabError::NotUp { cause: Some(cause), log, .. } => not_able(Lang::Ko, cause, log),
        LabError::NotUp { node, log, .. } => format!("`{node}`의 엔진이 시작되지 않았습니다. 마지막 로그입니다.\n{log}\n`swarmlings doctor`로 원인을 찾을 수 있고, 호스트에 따라 `--privileged`가 필요할 수 있습니다."),
        LabError::NoEnd(node) => format!("`{node}`에서 실행한 명령이 끝나지 않아 더 기다리지 않습니다. 노드가 아직 응답하는지 `status`로 확인하세요."),
        LabError::Gone(name) => format!("{} 컨테이너가 삭제되었습니다. `repair`로 새로 만들어 스웜에 다시 합류시킬 수 있습니다. 마지막 매니저와 함께 스웜이 사라졌다면 `reset`으로 이 단계에 맞게 다시 만드세요.", format_args!("`{name}`")),
        LabError::NotRunning(name) => format!("{} 실행 중이 아닙니다. {} 시작하세요. 없는 컨테이너는 `docker compose up -d`로 만들 수 있습니다.", with(&format!("`{name}`"), Particle::Topic), with(&format!("`docker start {name}`"), Particle::Direction)),
        LabError::File { path, source } => super::disk::error(Lang::Ko, path, source),
        LabError::Unmade { image, error } => {
            format!("`{image}` 이미지를 여기서 만들 수 없습니다. {}", super::engine::image_error(error, Lang::Ko))
        }
        LabError::TagTaken(tag) => format!("이미지 태그 {} 이미 호스트에 있고 이 실습 환경의 것이 아니어서 그대로 두었습니다. 다른 태그를 쓰세요.", with(&format!("`{tag}`"), Particle::Subject)),
        LabError::NoLabImage(image) => format!("실습 환경에 `{image}` 이미지가 없습니다. `docker images`로 확인하고 `docker tag`로 이름을 붙이세요."),
        LabError::Bundle { path, fault } => super::bundle::fault(Lang::Ko, path, fault),
        LabError::NoSwarm => super::fault::swarm_lost(Lang::Ko).into(),
        LabError::NoRegistry => "이 실습 환경에는 레지스트리가 없습니다. 레지스트리 레슨의 실습 환경에는 있습니다.".into(),
    }
}

/// The engine is of a kind that can't run nodes: which, the cure, and what was said.
fn not_able(lang: Lang, cause: &Trouble, log: &str) -> String {
    let cure = diagnose(cause, &System::of_machine());
    let mut text = super::engine::trouble(cause, lang);
    text.push('\n');
    text.push_str(super::engine::remedy(&cure.remedy, lang));
    for command in &cure.commands {
        text.push_str("\n    ");
        text.push_str(command);
    }
    text.push('\n');
    text.push_str(log);
    text
}

/// What to do about what an engine says, where its words tell.
fn engine_cure(lang: Lang, doing: &str, message: &str) -> &'static str {
    let limited = message.contains("toomanyrequests") || message.contains("rate limit");
    match (lang, message.contains("no space left"), limited) {
        (Lang::En, true, _) => {
            " The disk is full: `docker system df` shows what Docker uses; `docker builder prune` and `docker image prune` free some."
        }
        (Lang::Ko, true, _) => {
            " 디스크가 가득 찼습니다. `docker system df`로 사용량을 보고 `docker builder prune`과 `docker image prune`으로 비울 수 있습니다."
        }
        (Lang::En, _, true) => {
            " The registry limits how much one address may pull: wait some hours, `docker login`, or bring the images in a file: `swarmlings images load FILE`."
        }
        (Lang::Ko, _, true) => {
            " 레지스트리가 한 주소에서 내려받는 횟수를 제한합니다. 몇 시간 뒤에 다시 하거나, `docker login`을 하거나, 이미지를 파일로 가져오세요: `swarmlings images load FILE`."
        }
        // Docker's count of them can be wrong, until it begins to count anew.
        (Lang::En, _, _) if message.contains("has active endpoints") => {
            " Where `docker network inspect` shows no container on it, it can be removed once Docker has been restarted: then `swarmlings down` again."
        }
        (Lang::Ko, _, _) if message.contains("has active endpoints") => {
            " `docker network inspect`에 컨테이너가 보이지 않으면 도커를 다시 시작한 뒤에 지울 수 있습니다. 그런 다음 `swarmlings down`을 다시 실행하세요."
        }
        (Lang::En, _, _) if doing.starts_with("pull ") => {
            " Try again: what has come is kept. Or bring the images in a file: `swarmlings images load FILE`."
        }
        (Lang::Ko, _, _) if doing.starts_with("pull ") => {
            " 다시 해 보세요. 이미 받은 것은 남아 있습니다. 또는 이미지를 파일로 가져오세요: `swarmlings images load FILE`."
        }
        (_, false, false) => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_told_with_what_frees_it() {
        let full = LabError::Engine {
            doing: "load node.tar".into(),
            message: "write /usr/bin/dockerd: no space left on device".into(),
            status: Some(500),
        };
        for lang in [Lang::En, Lang::Ko] {
            assert!(error(lang, &full).contains("`docker builder prune`"));
        }
    }

    #[test]
    fn a_network_that_docker_counts_wrong_waits_for_its_restart() {
        let counted = LabError::Engine {
            doing: "remove network swarmlings".into(),
            message: "network swarmlings id ab61 has active endpoints".into(),
            status: Some(403),
        };
        for lang in [Lang::En, Lang::Ko] {
            assert!(error(lang, &counted).contains("`swarmlings down`"));
        }
    }
}
