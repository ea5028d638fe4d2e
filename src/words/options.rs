//! `--help`: the longer texts of each command, and the Korean of the short
//! ones, whose English stands at the options themselves in `cli`.

use super::Lang;

/// What `--help` says below a command's options, by its words (`images save`;
/// empty: the program itself).
pub fn more(lang: Lang, command: &str) -> Option<String> {
    let text = match lang {
        Lang::En => more_en(command)?,
        Lang::Ko => more_ko(command)?,
    };
    Some(flowed(text))
}

/// Each paragraph as one line, for the terminal's own width; examples, which
/// are indented, stay.
fn flowed(text: &str) -> String {
    let blocks = text
        .split("\n\n")
        .map(|block| match block.starts_with(' ') {
            true => block.to_owned(),
            false => block.replace('\n', " "),
        });
    blocks.collect::<Vec<_>>().join("\n\n")
}

/// The words of `--help` itself.
pub struct Headings {
    /// Before how the command is typed.
    pub usage: &'static str,
    /// Above its arguments.
    pub arguments: &'static str,
    /// Above its options.
    pub options: &'static str,
    /// Above the options that every command takes.
    pub everywhere: &'static str,
    /// Above the commands below it.
    pub commands: &'static str,
}

/// The words of `--help` itself.
pub fn headings(lang: Lang) -> Headings {
    match lang {
        Lang::En => Headings {
            usage: "Usage",
            arguments: "Arguments",
            options: "Options",
            everywhere: "Options of every command",
            commands: "Commands",
        },
        Lang::Ko => Headings {
            usage: "사용법",
            arguments: "인자",
            options: "옵션",
            everywhere: "모든 명령의 옵션",
            commands: "명령",
        },
    }
}

fn more_en(command: &str) -> Option<&'static str> {
    Some(match command {
        "" => {
            "\
Without a command: the tutorial, where you left off. Nothing is started or
pulled before you have agreed.

  swarmlings                     learn
  swarmlings doctor              what is missing on this machine, and its cure
  swarmlings down                remove the lab; progress stays

Exit codes: 0 done, 1 a check is not met, 2 usage or lesson problems,
3 the environment (no Docker, no space, no permission), 70 a bug of ours.

Files, by the XDG variables: progress and the lab's compose file in
~/.local/state/swarmlings, settings in ~/.config/swarmlings, images that the
program makes in ~/.cache/swarmlings."
        }
        "open" => {
            "\
The file may be a lesson of swarmlings or any tutorial with docker commands in
it. Commands of a tutorial are offered as they stand; slips that would stop you
are mended with a note, and values to fill in are asked for.

  swarmlings open docker-swarm.md"
        }
        "list" => {
            "\
Marks: done, current, skipped, open. The fields of --json are described in
docs/json.md."
        }
        "run" => {
            "\
Nobody types: the program plays each step's commands on a lab of its own making
and judges the checks, in order. What a lesson requires is played first. An
existing lab of the same name is removed first, and so is this one at the end.
With --fast Docker's commands are detached where they can be, and a check is met
as soon as it holds: nothing has to hold for a while.

  swarmlings run --yes                    the whole course
  swarmlings run --yes --fast service     one lesson, as fast as it goes
  swarmlings run --yes --json | jq .status

Exit code 0: every step was met, or skipped because this host lacks something
(with --strict that is 1). With --json, one object for each step on standard
output; see docs/json.md."
        }
        "up" => {
            "\
Starts the lab of the step you are at: containers, engines, images. What is
there already stays as it is. Without a terminal to ask on, give --yes."
        }
        "down" => {
            "\
Removes the lab's containers with their volumes, its network, its image tags
and its folder, found by label; nothing else is touched. Progress stays.

With --images also the images that swarmlings made or loaded, and its cache.
Images that were pulled are yours and stay."
        }
        "status" => {
            "\
Changes nothing, and may be run while a session is open. The fields of --json
are described in docs/json.md."
        }
        "check" => {
            "\
Judges the step you are at, once, as `check` does at the prompt. Exit code 0
when all its checks are met, else 1. The fields of --json are described in
docs/json.md."
        }
        "reset" | "goto" | "replay" => {
            "\
The lab is made as the step begins: services are cleared away where the swarm
is whole, else clean nodes take the place of those that are there. What the
steps before it do is done. A step is `lesson/step`, or a step's id where it is
unique; `swarmlings list` shows them.

  swarmlings goto service/scale
  swarmlings reset
  swarmlings replay swarm/init --speed 2"
        }
        "repair" => {
            "\
Starts what was stopped and makes what is gone. What the nodes hold stays; a
node that had to be made anew is taken into the swarm again as it was. `reset`
makes everything as it is when the step begins."
        }
        "doctor" => {
            "\
Looks at the engine, its images, memory, disk, ports, the network, the kernel,
the terminal and our folders, and tries one throw-away node. Three levels: ok;
note, a lab runs all the same; problem, no lab runs until it is mended. Exit
code 0 when a lab can run here, else 3.

With --fix it fetches the images of the course, removes what labs of yours left
whose folder is gone and images of older versions, and loads the kernel module
ip_vs when it is run by root. It touches nothing that is not of swarmlings."
        }
        "images" | "images list" => {
            "\
A lab needs an image for its nodes, those of the lessons' services and a
registry. On Linux what can't be pulled is made here, as a stand-in."
        }
        "images save" => {
            "\
Fetches or makes what is missing, and writes all images into one tar with an
index. Take it on a stick to machines of the same architecture.

  swarmlings images save swarmlings-images.tar"
        }
        "images load" => {
            "\
Checks the file before Docker is given any of it. An image that is there under
its own name is kept; stand-ins get names below swarmlings/. After it the lab
needs no network.

  swarmlings images load swarmlings-images.tar"
        }
        "lint" => {
            "\
Reads lessons without Docker and tells all problems at once, each with file,
line and column: the format, names of nodes and steps, commands that the prompt
would refuse, and differences between the languages where both are given.

  swarmlings lint lessons
  swarmlings lint lessons/en/swarm-basics/04-service.md

Exit code 2 when there are errors, 0 with warnings only. The format is described
in docs/authors.md, the fields of --json in docs/json.md."
        }
        _ => return None,
    })
}

fn more_ko(command: &str) -> Option<&'static str> {
    Some(match command {
        "" => {
            "\
명령 없이 실행하면 지난번에 멈춘 곳에서 튜토리얼을 이어 갑니다. 동의하기 전에는
아무것도 시작하거나 내려받지 않습니다.

  swarmlings                     학습
  swarmlings doctor              이 컴퓨터에 부족한 것과 해결 방법
  swarmlings down                실습 환경 삭제. 진행 상황은 남습니다

종료 코드: 0 완료, 1 충족되지 않은 조건, 2 사용법이나 레슨의 문제,
3 환경 문제(도커 없음, 공간 부족, 권한 없음), 70 swarmlings의 버그.

파일은 XDG 변수를 따릅니다. 진행 상황과 실습 환경의 컴포즈 파일은 ~/.local/state/swarmlings,
설정은 ~/.config/swarmlings, 프로그램이 만든 이미지는 ~/.cache/swarmlings에 있습니다."
        }
        "open" => {
            "\
swarmlings의 레슨이나, docker 명령이 들어 있는 아무 튜토리얼이나 열 수 있습니다.
튜토리얼의 명령은 그대로 제시하고, 진행을 막는 오타는 알려 주고 고치며, 채워 넣을
값은 물어봅니다.

  swarmlings open docker-swarm.md"
        }
        "list" => {
            "\
표시: 완료, 현재, 건너뜀, 아직. --json의 필드는 docs/json.md에 있습니다."
        }
        "run" => {
            "\
사람이 입력하지 않습니다. 프로그램이 직접 만든 실습 환경에서 단계마다 명령을 실행하고
조건을 차례로 확인합니다. 레슨에 필요한 앞 단계를 먼저 실행합니다. 같은 이름의 실습 환경이
있으면 먼저 지우고, 끝난 뒤에는 이 실습 환경도 지웁니다. --fast이면 도커 명령을 되도록
백그라운드로(--detach) 실행하고, 조건은 충족되는 순간 통과로 봅니다. 유지 시간은 기다리지
않습니다.

  swarmlings run --yes                    과정 전체
  swarmlings run --yes --fast service     레슨 하나를 최대한 빠르게
  swarmlings run --yes --json | jq .status

종료 코드 0: 모든 단계의 조건이 충족되었거나, 이 호스트에 없는 것이 있어 건너뛴 경우
(--strict이면 1). --json이면 단계마다 객체 하나를 표준 출력에 씁니다. docs/json.md를
보세요."
        }
        "up" => {
            "\
지금 단계의 실습 환경을 시작합니다: 컨테이너, 엔진, 이미지. 이미 있는 것은 그대로 둡니다.
물어볼 터미널이 없으면 --yes를 붙이세요."
        }
        "down" => {
            "\
실습 환경의 컨테이너와 볼륨, 네트워크, 이미지 태그, 폴더를 레이블로 찾아 지웁니다. 그 밖의
것은 건드리지 않습니다. 진행 상황은 남습니다.

--images를 붙이면 swarmlings가 만들거나 불러온 이미지와 캐시도 지웁니다. 내려받은
이미지는 사용자의 것이므로 남습니다."
        }
        "status" => {
            "\
아무것도 바꾸지 않으며, 다른 터미널에서 학습하는 중에도 실행할 수 있습니다.
--json의 필드는 docs/json.md에 있습니다."
        }
        "check" => {
            "\
프롬프트의 `check`처럼 지금 단계를 한 번 확인합니다. 모든 조건이 충족되면 종료 코드
0, 아니면 1입니다. --json의 필드는 docs/json.md에 있습니다."
        }
        "reset" | "goto" | "replay" => {
            "\
실습 환경을 단계가 시작될 때의 상태로 만듭니다. 스웜이 온전하면 서비스만 지우고, 그렇지 않으면
노드를 새것으로 바꿉니다. 앞 단계에서 하는 일은 모두 해 둡니다. 단계는 `레슨/단계`로, 또는
겹치지 않으면 단계의 id로 지정합니다. `swarmlings list`로 볼 수 있습니다.

  swarmlings goto service/scale
  swarmlings reset
  swarmlings replay swarm/init --speed 2"
        }
        "repair" => {
            "\
멈춘 것을 시작하고 없어진 것을 만듭니다. 노드의 내용은 남습니다. 새로 만든 노드는 이전과
같은 역할로 스웜에 다시 합류시킵니다. `reset`은 모든 것을 단계가 시작될 때의 상태로 만듭니다."
        }
        "doctor" => {
            "\
엔진, 이미지, 메모리, 디스크, 포트, 네트워크, 커널, 터미널, 폴더를 살펴보고 시험용
노드 하나를 실행해 봅니다. 결과는 세 가지입니다. 정상, 참고(실습 환경은 실행됨), 문제(고칠 때까지
실습 환경을 실행할 수 없음). 실습 환경을 실행할 수 있으면 종료 코드 0, 아니면 3입니다.

--fix를 붙이면 과정의 이미지를 준비하고, 폴더가 사라진 내 실습 환경이 남긴 것과 이전 버전의
이미지를 지우고, root로 실행한 경우 커널 모듈 ip_vs를 로드합니다. swarmlings의 것이
아니면 건드리지 않습니다."
        }
        "images" | "images list" => {
            "\
실습 환경에는 노드의 이미지, 레슨에 나오는 서비스의 이미지, 레지스트리가 필요합니다.
리눅스에서는 내려받을 수 없는 것을 대체 이미지로 직접 만듭니다."
        }
        "images save" => {
            "\
없는 이미지를 받거나 만든 뒤, 모든 이미지와 색인을 tar 파일 하나에 씁니다. 아키텍처가
같은 컴퓨터로 옮길 수 있습니다.

  swarmlings images save swarmlings-images.tar"
        }
        "images load" => {
            "\
도커에 넘기기 전에 파일을 먼저 확인합니다. 같은 이름으로 이미 있는 이미지는 그대로
두고, 대체 이미지에는 swarmlings/로 시작하는 이름을 붙입니다. 그 뒤로는 실습 환경에 네트워크가
필요하지 않습니다.

  swarmlings images load swarmlings-images.tar"
        }
        "lint" => {
            "\
도커 없이 레슨을 읽고 모든 문제를 파일, 줄, 열과 함께 한 번에 알려 줍니다. 형식,
노드와 단계의 이름, 프롬프트가 거부할 명령을 찾아내고, 두 언어가 함께 있으면 서로
비교합니다.

  swarmlings lint lessons
  swarmlings lint lessons/ko/swarm-basics/04-service.md

오류가 있으면 종료 코드 2, 경고만 있으면 0입니다. 레슨의 형식은 docs/authors.md에,
--json의 필드는 docs/json.md에 있습니다."
        }
        _ => return None,
    })
}

/// The one line about a command, in Korean.
pub fn korean(command: &str) -> Option<&'static str> {
    Some(match command {
        "" => "노드 네 개로 된 진짜 스웜에서 명령을 직접 입력하며 도커 스웜을 배웁니다",
        "open" => "아무 Markdown 파일이나 레슨으로 엽니다",
        "list" => "과정, 레슨, 단계와 진행 상황을 보여 줍니다",
        "run" => "모든 단계의 명령을 실습 환경에서 실행하고 조건을 확인합니다",
        "up" => "실습 환경을 시작합니다",
        "down" => "실습 환경을 지웁니다",
        "status" => "실습 환경의 상태와 지금 단계를 보여 줍니다",
        "check" => "지금 단계의 조건을 확인합니다",
        "reset" => "실습 환경을 단계가 시작될 때의 상태로 되돌리고 다시 시작합니다",
        "goto" => "앞 단계를 모두 마친 상태로 만들고 지정한 단계로 갑니다",
        "replay" => "지정한 단계로 가서 명령까지 실행합니다",
        "repair" => "실습 환경을 고칩니다: 멈춘 것을 시작하고 없는 것을 만듭니다",
        "doctor" => "이 컴퓨터에서 되는 것과 안 되는 것, 해결 방법을 알려 줍니다",
        "images" => "실습 환경의 이미지와, 네트워크가 없는 곳을 위한 이미지 파일",
        "images list" => "실습 환경에 필요한 이미지와 준비 여부를 보여 줍니다",
        "images save" => "모든 이미지를 파일 하나에 씁니다",
        "images load" => "`images save`로 만든 파일에서 모든 이미지를 불러옵니다",
        _ if command.ends_with("help") => "이 도움말이나 명령의 도움말을 출력합니다",
        "lint" => "저자용: 도커 없이 레슨의 모든 문제를 찾습니다",
        _ => return None,
    })
}

/// The line about an argument or option, by the command and its name, in Korean.
pub fn korean_argument(command: &str, name: &str) -> Option<&'static str> {
    Some(match (command, name) {
        (_, "lab") => "실습 환경의 이름. 여러 실습 환경을 함께 둘 수 있습니다",
        (_, "node_image") => "컴포즈 파일의 이미지 대신 노드에 쓸 이미지",
        (_, "privileged") => "노드를 --privileged로 실행합니다. 그러지 않으면 안 되는 호스트용",
        (_, "docker") => "엔진의 주소(`unix:///...`, `ssh://...`)나 컨텍스트 이름",
        (_, "yes") => "묻지 않고 모두 \"예\"로 처리합니다",
        (_, "lang") => "언어. 기본값은 로캘의 언어",
        (_, "plain") => "색과 커서 이동 없이 출력합니다. 화면 낭독기와 로그용",
        (_, "spare") => {
            "`reset`이 빨리 끝나도록 예비 노드를 준비해 둡니다. auto는 여유 메모리가 4 GiB, 여유 프로세서가 4개 이상일 때만 준비합니다"
        }
        (_, "help") => "도움말을 출력합니다",
        (_, "version") => "버전을 출력합니다",
        ("run", "json") => "단계마다 JSON 객체 하나를 출력합니다",
        (_, "json") => "JSON으로 출력합니다",
        ("run", "lessons") => "레슨(`cluster`)이나 단계(`cluster/up`). 기본값은 전부",
        ("run", "fast") => {
            "도커 명령이 끝나기를 기다리지 않고, 조건이 유지되는지도 기다리지 않습니다"
        }
        ("run", "strict") => "여기서 실행할 수 없는 레슨을 실패로 봅니다",
        ("run", "keep") => "끝난 뒤에도 실습 환경을 남겨 둡니다",
        ("run", "file") => "과정 대신 쓸 Markdown 파일",
        ("down", "images") => "swarmlings가 만든 이미지도 지웁니다",
        ("goto", "step") => "`레슨/단계`, 또는 단계의 id",
        ("reset" | "replay", "step") => "기본값은 지금 단계",
        ("replay", "speed") => "입력하는 빠르기. 2는 읽는 속도의 두 배",
        ("doctor", "fix") => {
            "고칠 수 있는 것을 고칩니다: 이미지 준비, 사라진 실습 환경이 남긴 것 삭제"
        }
        ("lint", "paths") => "Markdown 파일, 레슨 폴더, 또는 `en`과 `ko`가 있는 폴더",
        (_, "file") => "파일",
        _ => return None,
    })
}
