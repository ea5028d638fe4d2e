//! What is said of a lab's faults: what happened, by name and with its cure,
//! and what `repair` will do about it.

use super::Lang;
use super::korean::{Particle, with};
use crate::model::{Fault, Mend};

/// Faults of one kind in one sentence or two; backticks mark what is typed.
pub fn faults(lang: Lang, faults: &[Fault]) -> String {
    let Some(first) = faults.first() else {
        return String::new();
    };
    let names = names(lang, faults);
    match lang {
        Lang::En => english(first, &names, faults.len()),
        Lang::Ko => korean(first, &names, faults.len()),
    }
}

/// `worker01` and `worker02`
fn names(lang: Lang, faults: &[Fault]) -> String {
    let quoted = |fault: &Fault| -> Vec<String> {
        let nodes = fault.nodes();
        nodes.iter().map(|node| format!("`{node}`")).collect()
    };
    match (lang, faults) {
        // Pairs stay pairs.
        (Lang::En, [Fault::Cut { .. }, ..]) => {
            let pairs = faults.iter().map(|fault| quoted(fault).join(" and "));
            pairs.collect::<Vec<_>>().join("; ")
        }
        (Lang::Ko, [Fault::Cut { one, other }]) => {
            format!("{} `{other}`", with(&format!("`{one}`"), Particle::And))
        }
        (Lang::Ko, _) => {
            let sep = if matches!(faults.first(), Some(Fault::Cut { .. })) {
                "-"
            } else {
                ", "
            };
            let each = faults.iter().map(|fault| quoted(fault).join(sep));
            each.collect::<Vec<_>>().join(", ")
        }
        (Lang::En, _) => {
            let each: Vec<String> = faults.iter().flat_map(quoted).collect();
            listed(lang, &each)
        }
    }
}

fn english(first: &Fault, names: &str, count: usize) -> String {
    let one = count == 1;
    match first {
        Fault::NoNetwork => "The lab's network was removed, so the nodes hear nothing of each other. `repair` makes it again and connects them.".into(),
        Fault::Removed { last_manager: true, .. } => format!("The container of {names} was removed, and with it the swarm: it was the last manager, and no other node knows what the swarm was. `reset` makes the lab as this step needs it."),
        Fault::Removed { .. } if one => format!("The container of {names} was removed. `repair` makes it anew and takes it into the swarm again as it was."),
        Fault::Removed { .. } => format!("The containers of {names} were removed. `repair` makes them anew and takes them into the swarm again as they were."),
        Fault::Stopped { node, code: Some(code) } if one => {
            format!("The container of {names} has stopped (exit code {code}). `docker start {node}` starts it; `repair` mends the lab.")
        }
        Fault::Stopped { .. } if one => format!("The container of {names} does not run. `repair` starts it."),
        Fault::Stopped { .. } => format!("The containers of {names} have stopped. `repair` starts them again."),
        Fault::Paused { node } if one => format!("{names} was paused. `docker unpause {node}` lets it go on; `repair` mends the lab."),
        Fault::Paused { .. } => format!("{names} were paused. `repair` lets them go on."),
        Fault::OffNetwork { .. } if one => format!("{names} was cut off the lab's network. `repair` connects it again at its own address."),
        Fault::OffNetwork { .. } => format!("{names} were cut off the lab's network. `repair` connects them again at their own addresses."),
        Fault::Moved { from, to, .. } if one => format!("{names} has the address {to}, not {from} by which the swarm knows it. `repair` gives it its own back."),
        Fault::Moved { .. } => format!("{names} have other addresses than those by which the swarm knows them. `repair` gives them their own back."),
        Fault::Silent { node } if one => format!("The engine in {names} does not answer any more. `docker restart {node}` restarts it; `repair` mends the lab."),
        Fault::Silent { .. } => format!("The engines in {names} do not answer any more. `repair` restarts them."),
        Fault::CutOff { .. } if one => format!("The other nodes do not hear {names}, although its engine answers: something drops its packets. `repair` restarts it with a clean network."),
        Fault::CutOff { .. } => format!("The other nodes do not hear {names}, although their engines answer: something drops their packets. `repair` restarts them with a clean network."),
        Fault::Cut { .. } => format!("These nodes do not hear each other: {names}. Something drops the packets between them. `repair` restarts one with a clean network."),
        Fault::Expired { .. } if one => format!("The certificate of {names} in the swarm has expired, so the swarm keeps it out. `repair` takes it in anew."),
        Fault::Expired { .. } => format!("The nodes' certificates have expired ({names}), so the swarm does not come together. `repair` makes new ones and keeps the services."),
        Fault::Expiring { hours, .. } => format!("The certificate of {names} in the swarm expires in {hours} hours and was not renewed. `repair` restarts the node, which renews it."),
        Fault::Outside { .. } if one => format!("{names} is not in the swarm any more: its engine is a new one. `repair` takes it in again as it was."),
        Fault::Outside { .. } => format!("{names} are not in the swarm any more: their engines are new. `repair` takes them in again as they were."),
        Fault::Down { .. } if one => format!("{names} runs and answers, and yet the swarm has lost it (`docker node ls` shows it Down). `repair` restarts it."),
        Fault::Down { .. } => format!("{names} run and answer, and yet the swarm has lost them (`docker node ls` shows them Down). `repair` restarts them."),
        Fault::NoLeader => "The swarm has no leader: too few of its managers are left to decide anything. `repair` lets one of them go on alone and takes the others in anew.".into(),
        Fault::NoManager => "The swarm is gone: no node manages it any more, though some still think they are in it. `reset` makes the lab as this step needs it.".into(),
        Fault::NoSpace { .. } => format!("The engine in {names} has no space left to write. `docker system df` on the host shows what Docker uses; `docker image prune` and `docker builder prune` free some."),
        Fault::DiskShort { free } => format!("Only {} MB are free where Docker keeps its data; engines fail when it is full. `docker system df` on the host shows what it uses; `docker image prune` and `docker builder prune` free some.", free / 1_000_000),
        Fault::MemoryShort { free } => format!("Only {} MB of memory are free on this machine; the kernel may end an engine when there is none. Close what you do not need, or take the lab down for now: `docker compose down`.", free / 1_000_000),
        Fault::ClockJumped { by } => {
            let way = if *by > 0 { "ahead" } else { "back" };
            format!("The clock jumped {way} by {}, or the machine slept. Nodes may be Down for a moment; if they stay so, `repair` mends the lab.", span(Lang::En, by.unsigned_abs()))
        }
    }
}

fn korean(first: &Fault, names: &str, count: usize) -> String {
    let one = count == 1;
    let subject = || with(names, Particle::Subject);
    let again = "`repair`로 실습 환경을 고치세요";
    match first {
        Fault::NoNetwork => "실습 환경의 네트워크가 삭제되어 노드들이 서로 통신하지 못합니다. `repair`로 네트워크를 다시 만들어 연결할 수 있습니다.".into(),
        Fault::Removed { last_manager: true, .. } => format!("{names} 컨테이너가 삭제되어 스웜도 사라졌습니다. 마지막 매니저였고 다른 노드에는 스웜의 상태가 없습니다. `reset`은 실습 환경을 이 단계에 맞게 다시 만듭니다."),
        Fault::Removed { .. } => format!("{names} 컨테이너가 삭제되었습니다. `repair`로 새로 만들어 스웜에 이전과 같은 역할로 다시 합류시킬 수 있습니다."),
        Fault::Stopped { node, code: Some(code) } if one => format!(
            "{names} 컨테이너가 멈췄습니다(종료 코드 {code}). {} 시작하거나 {again}.",
            with(&format!("`docker start {node}`"), Particle::Direction)
        ),
        Fault::Stopped { .. } => format!("{names} 컨테이너가 멈췄습니다. `repair`로 다시 시작할 수 있습니다."),
        Fault::Paused { node } if one => format!(
            "{} 일시 정지되었습니다. {} 재개하거나 {again}.",
            subject(),
            with(&format!("`docker unpause {node}`"), Particle::Direction)
        ),
        Fault::Paused { .. } => format!("{} 일시 정지되었습니다. `repair`로 재개할 수 있습니다.", subject()),
        Fault::OffNetwork { .. } => format!("{} 실습 환경의 네트워크에서 끊어졌습니다. `repair`로 원래 주소에 다시 연결할 수 있습니다.", subject()),
        Fault::Moved { from, to, .. } if one => format!(
            "{names}의 주소가 스웜이 알고 있는 {} 아니라 {}. `repair`를 실행하면 원래 주소로 되돌립니다.",
            with(&from.to_string(), Particle::Subject),
            called(&to.to_string())
        ),
        Fault::Moved { .. } => format!("{names}의 주소가 스웜이 알고 있는 것과 다릅니다. `repair`를 실행하면 원래 주소로 되돌립니다."),
        Fault::Silent { node } if one => format!(
            "{names}의 엔진이 더 이상 응답하지 않습니다. {} 다시 시작하거나 {again}.",
            with(&format!("`docker restart {node}`"), Particle::Direction)
        ),
        Fault::Silent { .. } => format!("{names}의 엔진이 더 이상 응답하지 않습니다. `repair`로 다시 시작할 수 있습니다."),
        Fault::CutOff { .. } => format!("{names}의 엔진은 응답하지만 다른 노드와 통신하지 못합니다. 무언가가 패킷을 버리고 있습니다. `repair`를 실행하면 노드를 다시 시작해 네트워크를 초기화합니다."),
        Fault::Cut { .. } if one => format!("{} 서로 통신하지 못합니다. 무언가가 둘 사이의 패킷을 버리고 있습니다. `repair`를 실행하면 한쪽 노드를 다시 시작해 네트워크를 초기화합니다.", subject()),
        Fault::Cut { .. } => format!("다음 노드들이 서로 통신하지 못합니다: {names}. 무언가가 그 사이의 패킷을 버리고 있습니다. `repair`를 실행하면 한쪽 노드를 다시 시작해 네트워크를 초기화합니다."),
        Fault::Expired { .. } if one => format!("{names}의 스웜 인증서가 만료되어 스웜이 받아 주지 않습니다. `repair`로 다시 합류시킬 수 있습니다."),
        Fault::Expired { .. } => format!("노드의 인증서가 만료되어({names}) 노드들이 스웜을 이루지 못합니다. `repair`로 새 인증서를 만들 수 있고 서비스는 그대로 남습니다."),
        Fault::Expiring { hours, .. } => format!("{names}의 스웜 인증서가 {hours}시간 뒤에 만료되는데 갱신되지 않았습니다. `repair`로 노드를 다시 시작하면 갱신됩니다."),
        Fault::Outside { .. } => format!("{} 엔진이 새것이어서 더 이상 스웜에 속해 있지 않습니다. `repair`로 이전과 같은 역할로 다시 합류시킬 수 있습니다.", with(names, Particle::Topic)),
        Fault::Down { .. } => format!("{} 실행 중이고 응답도 하지만 스웜에서는 끊어져 있습니다(`docker node ls`에 Down으로 표시). `repair`로 다시 시작할 수 있습니다.", with(names, Particle::Topic)),
        Fault::NoLeader => "남은 매니저가 모자라 스웜에 리더가 없습니다. `repair`는 매니저 하나가 스웜을 이어 가게 하고 나머지를 다시 합류시킵니다.".into(),
        Fault::NoManager => "스웜이 사라졌습니다. 아직 스웜에 속해 있다고 여기는 노드가 있지만 매니저인 노드가 하나도 없습니다. `reset`은 실습 환경을 이 단계에 맞게 다시 만듭니다.".into(),
        Fault::NoSpace { .. } => format!("{names}의 엔진이 쓸 디스크 공간이 없습니다. 호스트에서 `docker system df`로 사용량을 보고 `docker image prune`과 `docker builder prune`으로 비울 수 있습니다."),
        Fault::DiskShort { free } => format!("도커가 데이터를 두는 곳에 {} MB만 남았습니다. 가득 차면 엔진이 멈춥니다. 호스트에서 `docker system df`로 사용량을 보고 `docker image prune`과 `docker builder prune`으로 비울 수 있습니다.", free / 1_000_000),
        Fault::MemoryShort { free } => format!("이 컴퓨터에 메모리가 {} MB만 남았습니다. 다 떨어지면 커널이 엔진을 끝낼 수 있습니다. 필요 없는 프로그램을 닫거나 잠시 실습 환경을 내리세요(`docker compose down`).", free / 1_000_000),
        Fault::ClockJumped { by } => {
            let way = if *by > 0 { "앞으로" } else { "뒤로" };
            format!("시계가 {} {way} 건너뛰었거나 컴퓨터가 절전 상태였습니다. 노드가 잠시 Down일 수 있고, 그대로면 {again}.", span(Lang::Ko, by.unsigned_abs()))
        }
    }
}

/// `10.1.2.3` -> `10.1.2.3입니다`
fn called(what: &str) -> String {
    format!("{what}입니다")
}

/// A length of time in its greatest unit, rounded: a look takes its seconds, and
/// two hours less one of them are two hours.
fn span(lang: Lang, seconds: u64) -> String {
    let rounded = |unit: u64| (seconds + unit / 2) / unit;
    let (count, en, ko) = match seconds {
        0..100 => (seconds, "second", "초"),
        100..6_000 => (rounded(60), "minute", "분"),
        6_000..150_000 => (rounded(3_600), "hour", "시간"),
        _ => (rounded(86_400), "day", "일"),
    };
    match lang {
        Lang::En if count == 1 => format!("1 {en}"),
        Lang::En => format!("{count} {en}s"),
        Lang::Ko => format!("{count}{ko}"),
    }
}

/// After the nodes are back, before Swarm spreads a service over them again.
pub fn placed_anew(lang: Lang, service: &str) -> String {
    match lang {
        Lang::En => format!(
            "Swarm leaves tasks that run where they are, so `{service}` is spread over the nodes again…"
        ),
        Lang::Ko => format!(
            "스웜은 실행 중인 태스크를 옮기지 않으므로 `{service}` 서비스를 노드에 다시 고르게 배치합니다…"
        ),
    }
}

/// What `repair` is going to do; what is done to several is said once.
pub fn plan(lang: Lang, mends: &[Mend]) -> String {
    let mut groups: Vec<(&Mend, Vec<String>)> = Vec::new();
    for mend in mends {
        let node = match mend {
            Mend::Network => String::new(),
            Mend::Unpause(node)
            | Mend::Start(node)
            | Mend::Reconnect(node)
            | Mend::Restart(node)
            | Mend::RestartOneOf(node, _)
            | Mend::NewCluster(node)
            | Mend::Anew(node) => format!("`{node}`"),
        };
        let same = |first: &Mend| {
            std::mem::discriminant(first) == std::mem::discriminant(mend)
                && !matches!(mend, Mend::RestartOneOf(..))
        };
        match groups.iter_mut().find(|(first, _)| same(first)) {
            Some((_, nodes)) => nodes.push(node),
            None => groups.push((mend, vec![node])),
        }
    }
    let parts: Vec<String> = groups
        .iter()
        .map(|(mend, nodes)| part(lang, mend, &listed(lang, nodes)))
        .collect();
    match lang {
        Lang::En => format!("Repair: {}.", parts.join("; ")),
        Lang::Ko => format!("고칩니다: {}.", parts.join(", ")),
    }
}

fn part(lang: Lang, mend: &Mend, nodes: &str) -> String {
    match (lang, mend) {
        (Lang::En, Mend::Network) => {
            "makes the lab's network again and connects the containers".into()
        }
        (Lang::En, Mend::Unpause(_)) => format!("lets {nodes} go on"),
        (Lang::En, Mend::Start(_)) => format!("starts {nodes}"),
        (Lang::En, Mend::Reconnect(_)) => {
            format!("connects {nodes} to the network at the old address")
        }
        (Lang::En, Mend::Restart(_)) => format!("restarts {nodes}"),
        (Lang::En, Mend::RestartOneOf(_, other)) => {
            format!("restarts {nodes}, and `{other}` too if that is not enough")
        }
        (Lang::En, Mend::NewCluster(_)) => {
            format!("lets {nodes} lead the swarm alone, services and secrets kept")
        }
        (Lang::En, Mend::Anew(_)) => {
            format!("makes {nodes} anew, and into the swarm again where it was in it")
        }
        (Lang::Ko, Mend::Network) => "네트워크를 다시 만들어 컨테이너 연결".into(),
        (Lang::Ko, Mend::Unpause(_)) => format!("{nodes} 재개"),
        (Lang::Ko, Mend::Start(_)) => format!("{nodes} 시작"),
        (Lang::Ko, Mend::Reconnect(_)) => {
            format!(
                "{} 원래 주소로 네트워크에 연결",
                with(nodes, Particle::Object)
            )
        }
        (Lang::Ko, Mend::Restart(_)) => format!("{nodes} 다시 시작"),
        (Lang::Ko, Mend::RestartOneOf(_, other)) => {
            format!("{nodes} 다시 시작(그래도 안 되면 `{other}`도)")
        }
        (Lang::Ko, Mend::NewCluster(_)) => {
            format!("{nodes} 혼자 스웜을 이어 가게 하기(서비스와 시크릿은 그대로)")
        }
        (Lang::Ko, Mend::Anew(_)) => format!(
            "{} 새로 만들고, 스웜에 속해 있었으면 다시 합류",
            with(nodes, Particle::Object)
        ),
    }
}

/// `worker01`, `worker02` and `worker03`
fn listed(lang: Lang, names: &[String]) -> String {
    match (lang, names) {
        (Lang::En, [rest @ .., last]) if !rest.is_empty() => {
            format!("{} and {last}", rest.join(", "))
        }
        _ => names.join(", "),
    }
}

/// Everything is as it should be, and took so long to become so.
pub fn mended(lang: Lang, mends: &[Mend], seconds: f64) -> String {
    match (lang, mends.is_empty()) {
        (Lang::En, true) => "Nothing to mend: all containers of the lab run and answer.".into(),
        (Lang::Ko, true) => {
            "고칠 것이 없습니다. 실습 환경의 모든 컨테이너가 실행 중이고 응답합니다.".into()
        }
        (Lang::En, false) => {
            format!("Mended in {seconds:.1} s: all containers of the lab run and answer.")
        }
        (Lang::Ko, false) => format!(
            "{seconds:.1}초 만에 고쳤습니다. 실습 환경의 모든 컨테이너가 실행 중이고 응답합니다."
        ),
    }
}

/// The swarm went with its only manager.
pub fn swarm_lost(lang: Lang) -> &'static str {
    match lang {
        Lang::En => {
            "The swarm went with its last manager: no node that is left knows what it was. `reset` makes the lab as this step needs it."
        }
        Lang::Ko => {
            "마지막 매니저와 함께 스웜이 사라졌습니다. 남은 노드에는 스웜의 상태가 없습니다. `reset`은 실습 환경을 이 단계에 맞게 다시 만듭니다."
        }
    }
}

/// What is still wrong after all that was done.
pub fn still(lang: Lang) -> &'static str {
    match lang {
        Lang::En => "Still wrong:",
        Lang::Ko => "아직 고쳐지지 않은 것:",
    }
}

/// All is done, and the swarm takes its time.
pub fn comes_to_rest(lang: Lang) -> &'static str {
    match lang {
        Lang::En => "Waiting until Swarm runs everything again… Ctrl-C stops waiting.",
        Lang::Ko => {
            "스웜이 모든 것을 다시 실행할 때까지 기다리는 중… Ctrl-C를 누르면 더 기다리지 않습니다."
        }
    }
}

/// Three ways to go on with a lab that is not as progress says.
pub fn offer(lang: Lang, repair: bool) -> &'static str {
    match (lang, repair) {
        (Lang::En, true) => {
            "1: go on as it is (Enter)   2: repair the lab   3: start this step over"
        }
        (Lang::Ko, true) => "1: 그대로 계속(Enter)   2: 실습 환경 고치기   3: 이 단계를 처음부터",
        (Lang::En, false) => {
            "1: go on as it is (Enter)   2: start this step over, which sets it right"
        }
        (Lang::Ko, false) => "1: 그대로 계속(Enter)   2: 이 단계를 처음부터(원래대로 되돌립니다)",
    }
}

/// The safe way of the three was taken.
pub fn goes_on(lang: Lang) -> &'static str {
    match lang {
        Lang::En => "Going on as it is; `repair` mends the lab, `reset` starts this step over.",
        Lang::Ko => {
            "그대로 계속합니다. `repair`로 실습 환경을 고치거나 `reset`으로 이 단계를 처음부터 할 수 있습니다."
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(nodes: &[&str], fault: fn(String) -> Fault) -> Vec<Fault> {
        nodes.iter().map(|node| fault((*node).to_owned())).collect()
    }

    fn all() -> Vec<Vec<Fault>> {
        let two = ["worker01", "worker02"];
        let stopped = |node| Fault::Stopped {
            node,
            code: Some(137),
        };
        let address = |last| std::net::Ipv4Addr::new(10, 0, 0, last);
        let cut = |other: &str| Fault::Cut {
            one: "manager".into(),
            other: other.into(),
        };
        let mut all = vec![
            vec![Fault::NoNetwork],
            vec![Fault::Moved {
                node: "worker01".into(),
                from: address(12),
                to: address(40),
            }],
            vec![cut("worker01")],
            vec![cut("worker01"), cut("worker02")],
            vec![Fault::Expiring {
                node: "manager".into(),
                hours: 12,
            }],
            vec![Fault::NoLeader],
            vec![Fault::NoManager],
            vec![Fault::DiskShort { free: 120_000_000 }],
            vec![Fault::MemoryShort { free: 90_000_000 }],
            vec![Fault::ClockJumped { by: 7_300 }],
            vec![Fault::ClockJumped { by: -90 }],
        ];
        let of_nodes: [fn(String) -> Fault; 9] = [
            |node| Fault::Removed {
                node,
                last_manager: false,
            },
            stopped,
            |node| Fault::Paused { node },
            |node| Fault::OffNetwork { node },
            |node| Fault::Silent { node },
            |node| Fault::CutOff { node },
            |node| Fault::Expired { node },
            |node| Fault::Outside { node },
            |node| Fault::Down { node },
        ];
        for fault in of_nodes {
            all.push(of(&two[..1], fault));
            all.push(of(&two, fault));
        }
        all.push(of(&two[..1], |node| Fault::NoSpace { node }));
        all.push(of(&["manager"], |node| Fault::Removed {
            node,
            last_manager: true,
        }));
        all
    }

    #[test]
    fn a_jump_is_told_in_whole_units_whatever_a_look_took() {
        let told = |seconds| span(Lang::En, seconds);
        assert_eq!(told(1), "1 second");
        assert_eq!(told(90), "90 seconds");
        assert_eq!(told(3_600 - 15), "60 minutes");
        assert_eq!(told(7_200 - 60), "2 hours");
        assert_eq!(told(7_200 + 60), "2 hours");
        assert_eq!(told(86_400 - 60), "24 hours");
        assert_eq!(told(100 * 86_400 - 60), "100 days");
        assert_eq!(span(Lang::Ko, 7_140), "2시간");
    }

    #[test]
    fn every_fault_in_both_languages() {
        let mut text = String::new();
        for lang in [Lang::En, Lang::Ko] {
            for group in all() {
                text += &(faults(lang, &group) + "\n");
            }
            let node = || "worker02".to_owned();
            let mends = [
                Mend::Network,
                Mend::Unpause(node()),
                Mend::Start(node()),
                Mend::Reconnect(node()),
                Mend::Restart(node()),
                Mend::RestartOneOf(node(), "manager".into()),
                Mend::NewCluster("manager".into()),
                Mend::Anew(node()),
            ];
            text += &(plan(lang, &mends) + "\n\n");
        }
        insta::with_settings!({ omit_expression => true }, { insta::assert_snapshot!(text); });
    }
}
