//! In Korean.

use super::super::korean::{Particle, with};
use super::super::{Lang, bundle, engine, lab};
use super::{listed, mb, named};
use crate::doctor::{Finding, Folder, IpVs, LangFrom, Level, Root};
use crate::lab::{LabError, Stocked};
use crate::progress::Why;

const LANG: Lang = Lang::Ko;

pub(super) fn says(finding: &Finding) -> String {
    match finding {
        Finding::Engine { found, survey } => format!(
            "Docker Engine {}: {}, API {}, {}/{}.",
            survey.version,
            engine::found(found, LANG),
            survey.api,
            survey.os,
            survey.arch,
        ),
        Finding::NoEngine(trouble, _) => engine::trouble(trouble, LANG),
        Finding::EngineFails(error) => lab::error(LANG, error),
        Finding::OldApi(api) => {
            format!("엔진의 API 버전이 {api}입니다. 실습 환경은 1.41(Docker 20.10) 이상에서 시험했습니다.")
        }
        Finding::Storage { driver, slow: false } => format!("스토리지 드라이버: {driver}."),
        Finding::Storage { driver, slow: true } => format!(
            "스토리지 드라이버 {} 이미지의 모든 파일을 복사하므로 실습 환경이 느리고 공간을 많이 씁니다.",
            with(driver, Particle::Topic)
        ),
        Finding::Cgroup(version, driver) => format!("cgroup v{version}({driver})."),
        Finding::Security(kept) if kept.is_empty() => {
            "컨테이너에 seccomp, AppArmor, SELinux가 적용되지 않습니다.".to_owned()
        }
        Finding::Security(kept) => format!(
            "보안 기능: {}. 노드는 이 필터 없이 실행됩니다. 실습 환경은 샌드박스가 아닙니다.",
            listed(kept)
        ),
        Finding::Confined { rootless, ran } => {
            let what = match rootless {
                true => "이 도커는 루트리스로 동작합니다",
                false => "이 도커는 컨테이너의 사용자를 바꾸어 실행합니다(userns-remap)",
            };
            match ran {
                true => format!("{what}. 그래도 노드가 실행되었습니다."),
                false => format!("{what}. 이런 엔진에서는 노드가 실행되지 않는 일이 많습니다."),
            }
        }
        Finding::NodeRuns(seconds) => {
            format!("시험용 노드가 {seconds:.1}초 만에 실행되었고, 다시 지웠습니다.")
        }
        Finding::NodeFails { error, cause: None } => {
            format!("시험용 노드가 실행되지 않았습니다. {}", last_words(error))
        }
        Finding::NodeFails {
            error,
            cause: Some((trouble, _)),
        } => format!(
            "{} {}",
            engine::trouble(trouble, LANG),
            last_words(error)
        ),
        Finding::NodeNotTried(_) => {
            "노드 이미지가 아직 없어 시험용 노드를 실행해 보지 않았습니다.".to_owned()
        }
        Finding::NodeStopped => {
            "시험용 노드를 실행하다가 중단했습니다. 남은 것은 없습니다.".to_owned()
        }
        Finding::Unconfined => {
            "엔진이 root로 실행되며 userns-remap을 쓰지 않습니다. 노드를 실행할 수 있습니다.".to_owned()
        }
        Finding::Image(stock) => {
            format!("이미지 {}: {}.", stock.image, bundle::stocked(LANG, &stock.stocked))
        }
        Finding::Registry {
            registry,
            silent: None,
            ..
        } => format!("{}에 연결됩니다.", named(registry)),
        Finding::Registry {
            silent: Some(_),
            needed: false,
            ..
        } => "연결되는 레지스트리가 없지만 필요하지 않습니다.".to_owned(),
        Finding::Registry {
            registry,
            silent: Some(why),
            needed: true,
        } => format!("{}에 연결할 수 없습니다: {why}.", named(registry)),
        Finding::Mesh {
            ip_vs: Some(IpVs::Loaded),
            ..
        } => "커널에 IP_VS가 있어 라우팅 메시가 동작합니다.".to_owned(),
        Finding::Mesh {
            ip_vs: Some(IpVs::Loadable),
            ..
        } => "포트를 처음 공개할 때 커널이 IP_VS를 로드하므로 라우팅 메시가 동작합니다.".to_owned(),
        Finding::Mesh {
            ip_vs: Some(IpVs::Missing),
            lessons,
            ..
        } => {
            let so = "커널에 IP_VS가 없어 서비스가 공개한 포트(라우팅 메시)가 응답하지 않습니다.";
            match lessons.is_empty() {
                true => format!("{so} 이를 쓰는 레슨은 없습니다."),
                false => format!("{so} 영향을 받는 레슨: {}.", listed(lessons)),
            }
        }
        Finding::Mesh { ip_vs: None, .. } => {
            "라우팅 메시가 동작하는지는 실습 환경에서 포트를 처음 공개하면 알 수 있습니다.".to_owned()
        }
        Finding::Memory { have, need, never } => {
            let of = if *never { "전체" } else { "여유" };
            format!("메모리: {of} {}. 실습 환경은 {}쯤 씁니다.", mb(*have), mb(*need))
        }
        Finding::Disk { have, need, root } => format!(
            "디스크: {}에 여유 {}. 실습 환경은 {}쯤 씁니다.",
            root.display(),
            mb(*have),
            mb(*need)
        ),
        Finding::PortsFree(ports) => format!("과정에서 쓰는 포트가 비어 있습니다: {}.", listed(ports)),
        Finding::PortsTaken(ports) => {
            let ports: Vec<String> = ports
                .iter()
                .map(|(port, service)| format!("{port}({service})"))
                .collect();
            format!(
                "다른 곳에서 쓰고 있어 다른 번호로 여는 포트: {}.",
                listed(&ports)
            )
        }
        Finding::Subnet(net) => format!("실습 환경의 네트워크: {net}."),
        Finding::NoSubnet => {
            "비어 있는 /24 네트워크가 없습니다. 모든 대역이 이 호스트의 네트워크나 라우트와 겹칩니다."
                .to_owned()
        }
        Finding::Proxy(names) => format!("프록시가 설정되어 있습니다({}).", listed(names)),
        Finding::DockerCli(true) => {
            "`docker` 명령이 있지만 swarmlings에는 필요하지 않습니다.".to_owned()
        }
        Finding::DockerCli(false) => "`docker` 명령이 없지만 필요하지 않습니다.".to_owned(),
        Finding::Leftover {
            lab,
            containers,
            networks,
        } => format!(
            "폴더가 사라진 실습 환경 `{lab}`의 컨테이너 {containers}개와 네트워크 {networks}개가 남아 있습니다."
        ),
        Finding::OldImages(images) => {
            let size = images.iter().map(|image| image.size).sum();
            let names: Vec<&str> = images.iter().map(|image| image.name.as_str()).collect();
            format!("이전 버전의 이미지 {}: {}.", mb(size), listed(&names))
        }
        Finding::Terminal(terminal) if !terminal.interactive => {
            "터미널이 아니므로 꾸밈없이 출력합니다.".to_owned()
        }
        Finding::Terminal(terminal) => format!(
            "터미널: {}열, {}, {}.",
            terminal.width,
            if terminal.colour { "색 사용" } else { "색 없음" },
            if terminal.unicode { "UTF-8" } else { "ASCII 기호만" },
        ),
        Finding::Language(lang, from, locale) => {
            let lang = match lang {
                Lang::En => "영어",
                Lang::Ko => "한국어",
            };
            match (from, locale) {
                (LangFrom::CommandLine, _) => format!("언어: {lang}(`--lang`으로 지정)."),
                (LangFrom::Settings, _) => format!("언어: {lang}(설정 파일에 지정)."),
                (LangFrom::Locale, Some(locale)) => format!("언어: {lang}(로캘 {locale})."),
                (LangFrom::Locale, None) => format!("언어: {lang}(로캘 설정 없음)."),
            }
        }
        Finding::Folder(folder, path, None) => {
            format!("{}에 쓸 수 있습니다: {}.", folder_name(*folder), path.display())
        }
        Finding::Folder(folder, path, Some(why)) => format!(
            "{}에 쓸 수 없습니다: {}: {}.",
            folder_name(*folder),
            path.display(),
            because(why)
        ),
    }
}

pub(super) fn cure(finding: &Finding) -> Option<String> {
    let text = match finding {
        Finding::NoEngine(_, cure)
        | Finding::NodeFails {
            cause: Some((_, cure)),
            ..
        } => engine::remedy(&cure.remedy, LANG),
        Finding::NodeFails { cause: None, .. } => {
            "호스트에 따라 노드에 모든 권한이 필요할 수 있습니다. 다음 명령으로 시험해 보세요."
        }
        _ if finding.level() == Level::Ok => return None,
        Finding::OldApi(_) => "실습 환경이 시작되지 않으면 도커를 업데이트하세요.",
        Finding::Storage { .. } => {
            "보통은 overlay2를 씁니다. 쓰지 못한 이유는 `docker info`와 엔진의 로그에 있습니다."
        }
        Finding::Confined { .. } => "노드가 실행되지 않으면 일반 엔진을 쓰세요.",
        Finding::NodeNotTried(true) => "이미지를 받고 시험하려면:",
        Finding::NodeNotTried(false) => "위에서 말한 이미지가 준비되면 시험합니다.",
        Finding::NodeStopped => "다시 시험하려면:",
        Finding::Image(stock) => match &stock.stocked {
            Stocked::Pullable => "실습 환경을 처음 시작할 때 내려받습니다. 지금 받으려면:",
            _ if stock.node => {
                "네트워크가 되는 컴퓨터에서 `swarmlings images save FILE`을, 여기서 `swarmlings images load FILE`을 실행하세요. 이미 있는 이미지를 `--node-image`로 지정할 수도 있습니다."
            }
            _ => {
                "이 이미지가 필요한 레슨은 건너뜁니다. 이미지가 있는 컴퓨터에서 저장한 파일을 `swarmlings images load FILE`로 불러올 수 있습니다."
            }
        },
        Finding::Registry { .. } => {
            "네트워크와 엔진의 프록시를 확인하거나, 이미지를 파일로 가져오세요: `swarmlings images load FILE`."
        }
        Finding::Mesh {
            root: Root::InVain, ..
        } => {
            "이런 곳에서는 프로그램이 태스크에 직접 요청하고 그 사실을 알려 줍니다. 이 커널용 모듈이 설치되어 있지 않거나 커널에서 빠져 있어 로드할 수 없습니다."
        }
        Finding::Mesh { .. } => {
            "이런 곳에서는 프로그램이 태스크에 직접 요청하고 그 사실을 알려 줍니다. 커널 모듈이 설치되어 있는데 로드되지 않았을 수 있습니다."
        }
        Finding::Memory { never: true, .. } => {
            "도커에 메모리를 더 주세요(Docker Desktop: Settings > Resources)."
        }
        Finding::Memory { never: false, .. } => {
            "메모리를 많이 쓰는 프로그램을 닫지 않으면 실습 환경이 느릴 수 있습니다."
        }
        Finding::Disk { .. } => {
            "공간을 확보하세요. 도커가 쓰지 않는 것은 다음 명령으로 확인하고 지울 수 있습니다."
        }
        Finding::PortsTaken(_) => {
            "원래 번호로 쓰려면 그 포트를 쓰는 프로그램이나 다른 실습 환경을 끝내세요."
        }
        Finding::NoSubnet => "쓰지 않는 네트워크를 지우세요.",
        Finding::Proxy(_) => {
            "이미지는 엔진 자신의 프록시 설정으로 내려받습니다. 노드는 프록시를 쓰지 않습니다."
        }
        Finding::Leftover { .. } => "더는 쓰이지 않으니 지우세요.",
        Finding::OldImages(_) => "더는 쓰이지 않으니 지우세요.",
        Finding::Terminal(terminal) if !terminal.unicode => {
            "LANG=C.UTF-8처럼 UTF-8 로캘을 설정하세요."
        }
        Finding::Terminal(_) => "도커의 표를 보려면 80열 이상이 필요합니다.",
        Finding::Folder(Folder::State, ..) => {
            "권한을 고치거나 XDG_STATE_HOME을 쓰기 가능한 폴더로 설정하세요. 그러지 않으면 실습 환경을 만들 수 없고 진행 상황도 저장되지 않습니다."
        }
        Finding::Folder(Folder::Config, ..) => {
            "권한을 고치거나 XDG_CONFIG_HOME을 쓰기 가능한 폴더로 설정하세요. 설정만 저장되지 않습니다."
        }
        Finding::Folder(Folder::Cache, ..) => {
            "권한을 고치거나 XDG_CACHE_HOME을 쓰기 가능한 폴더로 설정하세요. 만들거나 복사한 이미지를 두는 곳입니다."
        }
        Finding::Engine { .. }
        | Finding::EngineFails(_)
        | Finding::Cgroup(..)
        | Finding::Security(_)
        | Finding::NodeRuns(_)
        | Finding::Unconfined
        | Finding::PortsFree(_)
        | Finding::Subnet(_)
        | Finding::DockerCli(_)
        | Finding::Language(..) => return None,
    };
    Some(text.to_owned())
}

fn last_words(error: &LabError) -> String {
    match error {
        LabError::NotUp { log, .. } => format!("엔진의 마지막 로그입니다.\n{log}"),
        other => lab::error(LANG, other),
    }
}

fn folder_name(folder: Folder) -> &'static str {
    match folder {
        Folder::State => "진행 상황 폴더",
        Folder::Config => "설정 폴더",
        Folder::Cache => "이미지 폴더",
    }
}

fn because(why: &Why) -> &str {
    match why {
        Why::Permission => "권한 없음",
        Why::ReadOnly => "읽기 전용 파일 시스템",
        Why::Full => "남은 공간 없음",
        Why::NotAFolder => "같은 이름의 파일이 있음",
        Why::Other(text) => text,
    }
}
