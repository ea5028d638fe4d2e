//! The finer parts: YAML, the compose file, what a key takes, what twins share.

use super::super::Lang;
use super::super::korean::Particle;
use super::ko::quoted;
use super::listed;
use crate::lesson::problem::{ComposeFault, Expected, PathFault, TwinPart, VolumeFault, YamlFault};

/// What a key takes, as an object of "takes" (en) or after a colon (ko).
pub(super) fn expected(expected: Expected, lang: Lang) -> String {
    use Expected as E;
    let (en, ko) = match expected {
        E::Text => ("a text", "텍스트"),
        E::Texts => ("a text or a list of texts", "텍스트 또는 텍스트 목록"),
        E::Boolean => ("`true` or `false`", "`true` 또는 `false`"),
        E::Number(from, to) => {
            return match lang {
                Lang::En => format!("a whole number from {from} to {to}, without quotes"),
                Lang::Ko => format!("따옴표 없는 {from}~{to}의 정수"),
            };
        }
        E::NumberOrNames => ("a number or a list of names", "수 또는 이름의 목록"),
        E::Mapping => ("a mapping (`key: value`)", "매핑(`key: value`)"),
        E::List => ("a list", "목록"),
        E::Duration(seconds) => {
            return match lang {
                Lang::En => {
                    format!("a duration such as `500ms`, `10s` or `2m`, at most {seconds}s")
                }
                Lang::Ko => format!("`500ms`, `10s`, `2m` 같은 시간, {seconds}s까지"),
            };
        }
        E::OneOf(words) => {
            return match lang {
                Lang::En => format!("one of {}", listed(words)),
                Lang::Ko => listed(words),
            };
        }
        E::Id => (
            "an id of lower-case letters, digits and `-`",
            "소문자, 숫자, `-`로 된 id",
        ),
        E::Requirement => (
            "a lesson's id or `lesson/step`",
            "레슨 id 또는 `lesson/step`",
        ),
        E::Image => ("an image such as `nginx:1.27`", "`nginx:1.27` 같은 이미지"),
        E::Tagged => (
            "a repository with a tag, such as `web:1`",
            "`web:1`처럼 태그가 붙은 저장소 이름",
        ),
        E::PortPair => (
            "`\"PUBLISHED:TARGET\"`, such as `\"8080:80\"`",
            "`\"8080:80\"`처럼 `\"공개 포트:대상 포트\"`",
        ),
        E::Url => (
            "a URL such as `http://manager:8080/`",
            "`http://manager:8080/` 같은 URL",
        ),
        E::Name => (
            "a name of letters, digits, `-`, `_` and `.`",
            "영문자, 숫자, `-`, `_`, `.`로 된 이름",
        ),
    };
    match lang {
        Lang::En => en.to_owned(),
        Lang::Ko => ko.to_owned(),
    }
}

pub(super) fn path_fault(fault: PathFault, lang: Lang) -> &'static str {
    match (fault, lang) {
        (PathFault::Empty, Lang::En) => "this names no file",
        (PathFault::Empty, Lang::Ko) => "파일 이름이 아닙니다",
        (PathFault::Absolute, Lang::En) => "an absolute path leaves the lab's folder",
        (PathFault::Absolute, Lang::Ko) => "절대 경로는 실습 환경 폴더를 벗어납니다",
        (PathFault::Parent, Lang::En) => "`..` leaves the lab's folder",
        (PathFault::Parent, Lang::Ko) => "`..`는 실습 환경 폴더를 벗어납니다",
        (PathFault::Reserved, Lang::En) => "the lab's own compose file lies there",
        (PathFault::Reserved, Lang::Ko) => "실습 환경의 컴포즈 파일이 있는 자리입니다",
        (PathFault::Character, Lang::En) => {
            "paths are letters, digits, `.`, `_`, `-`, with single `/` between"
        }
        (PathFault::Character, Lang::Ko) => {
            "경로에는 글자, 숫자, `.`, `_`, `-`와 그 사이의 `/`만 쓸 수 있습니다"
        }
    }
}

/// The subject of "differ".
pub(super) fn twin_part(part: TwinPart, lang: Lang) -> &'static str {
    use TwinPart as T;
    match (part, lang) {
        (T::Id, Lang::En) => "the ids",
        (T::Id, Lang::Ko) => "id",
        (T::Requires, Lang::En) => "the `requires`",
        (T::Requires, Lang::Ko) => "`requires`",
        (T::Images, Lang::En) => "the `images`",
        (T::Images, Lang::Ko) => "`images`",
        (T::Needs, Lang::En) => "the `needs`",
        (T::Needs, Lang::Ko) => "`needs`",
        (T::Compose, Lang::En) => "the compose files",
        (T::Compose, Lang::Ko) => "컴포즈 파일",
        (T::Commands, Lang::En) => "the step's commands",
        (T::Commands, Lang::Ko) => "단계의 명령",
        (T::Setup, Lang::En) => "the step's setup commands",
        (T::Setup, Lang::Ko) => "단계의 setup 명령",
        (T::Cleanup, Lang::En) => "the step's cleanup commands",
        (T::Cleanup, Lang::Ko) => "단계의 cleanup 명령",
        (T::Checks, Lang::En) => "the step's checks",
        (T::Checks, Lang::Ko) => "단계의 조건",
        (T::Files, Lang::En) => "the step's files",
        (T::Files, Lang::Ko) => "단계의 파일",
        (T::Mistakes, Lang::En) => "the step's mistakes",
        (T::Mistakes, Lang::Ko) => "단계의 mistake",
        (T::Hints, Lang::En) => "the numbers of hints",
        (T::Hints, Lang::Ko) => "힌트 수",
        (T::Quiz, Lang::En) => "the step's quizzes",
        (T::Quiz, Lang::Ko) => "단계의 퀴즈",
    }
}

pub(super) fn yaml_message(fault: &YamlFault, lang: Lang) -> String {
    use YamlFault as Y;
    match (fault, lang) {
        (Y::Tab, Lang::En) => "YAML: a tab where blanks belong.".to_owned(),
        (Y::Tab, Lang::Ko) => "YAML: 공백이 와야 할 곳에 탭이 있습니다.".to_owned(),
        (Y::UnclosedQuote, Lang::En) => "YAML: a quote is never closed.".to_owned(),
        (Y::UnclosedQuote, Lang::Ko) => "YAML: 따옴표가 닫히지 않았습니다.".to_owned(),
        (Y::UnclosedBracket, Lang::En) => "YAML: the brackets don't match.".to_owned(),
        (Y::UnclosedBracket, Lang::Ko) => "YAML: 괄호의 짝이 맞지 않습니다.".to_owned(),
        (Y::Indentation, Lang::En) => "YAML: this line does not fit its neighbours.".to_owned(),
        (Y::Indentation, Lang::Ko) => "YAML: 이 줄이 앞뒤 줄과 맞지 않습니다.".to_owned(),
        (Y::ColonInText, Lang::En) => "YAML: a second `: ` in the line.".to_owned(),
        (Y::ColonInText, Lang::Ko) => "YAML: 한 줄에 `: `가 두 번 있습니다.".to_owned(),
        (Y::Syntax(detail), Lang::En) => format!("YAML: {detail}."),
        (Y::Syntax(detail), Lang::Ko) => format!("YAML 문법에 맞지 않습니다({detail})."),
        (Y::Anchor(name), Lang::En) => format!("the YAML anchor `&{name}` is not allowed."),
        (Y::Anchor(name), Lang::Ko) => format!(
            "YAML 앵커 {} 쓸 수 없습니다.",
            quoted(&format!("&{name}"), Particle::Topic)
        ),
        (Y::Alias(name), Lang::En) => format!("the YAML alias `*{name}` is not allowed."),
        (Y::Alias(name), Lang::Ko) => format!(
            "YAML 별칭 {} 쓸 수 없습니다.",
            quoted(&format!("*{name}"), Particle::Topic)
        ),
        (Y::Tag(tag), Lang::En) => format!("the YAML tag `{tag}` is not allowed."),
        (Y::Tag(tag), Lang::Ko) => {
            format!("YAML 태그 {} 쓸 수 없습니다.", quoted(tag, Particle::Topic))
        }
        (Y::DuplicateKey { key, first_line }, Lang::En) => {
            format!("the key `{key}` is on line {first_line} already.")
        }
        (Y::DuplicateKey { key, first_line }, Lang::Ko) => {
            format!("`{key}` 키가 {first_line}번째 줄에 이미 있습니다.")
        }
        (Y::KeyNotText, Lang::En) => "YAML: a key must be a text.".to_owned(),
        (Y::KeyNotText, Lang::Ko) => "YAML: 키는 텍스트여야 합니다.".to_owned(),
        (Y::SecondDocument, Lang::En) => "YAML: a second document begins here.".to_owned(),
        (Y::SecondDocument, Lang::Ko) => "YAML: 여기서 두 번째 문서가 시작됩니다.".to_owned(),
        (Y::TooDeep(limit), Lang::En) => format!("YAML: nested deeper than {limit} levels."),
        (Y::TooDeep(limit), Lang::Ko) => format!("YAML: {limit}단계보다 깊게 중첩되어 있습니다."),
        (Y::TooBig(limit), Lang::En) => format!("YAML: more than {limit} values."),
        (Y::TooBig(limit), Lang::Ko) => format!("YAML: 값이 {limit}개를 넘습니다."),
    }
}

pub(super) fn yaml_cure(fault: &YamlFault, lang: Lang) -> &'static str {
    use YamlFault as Y;
    match (fault, lang) {
        (Y::Tab, Lang::En) => "Indent with blanks.",
        (Y::Tab, Lang::Ko) => "공백으로 들여쓰세요.",
        (Y::UnclosedQuote, Lang::En) => "Close it, with the same kind of quote.",
        (Y::UnclosedQuote, Lang::Ko) => "같은 종류의 따옴표로 닫으세요.",
        (Y::UnclosedBracket, Lang::En) => "Close each `[` with `]` and each `{` with `}`.",
        (Y::UnclosedBracket, Lang::Ko) => "`[`는 `]`로, `{`는 `}`로 닫으세요.",
        (Y::Indentation, Lang::En) => "Indent it like the others, and write `key: value`.",
        (Y::Indentation, Lang::Ko) => "다른 줄과 같게 들여쓰고 `key: value`로 적으세요.",
        (Y::ColonInText, Lang::En) => "Put the value in quotes, or each key on a line of its own.",
        (Y::ColonInText, Lang::Ko) => "값을 따옴표로 묶거나 키마다 줄을 나누세요.",
        (Y::Syntax(_), Lang::En) => "Values with special characters need quotes.",
        (Y::Syntax(_), Lang::Ko) => "특수 문자가 든 값은 따옴표로 묶으세요.",
        (Y::Anchor(_) | Y::Alias(_), Lang::En) => {
            "Write the value out; in quotes where a `*` or `&` is meant as it is."
        }
        (Y::Anchor(_) | Y::Alias(_), Lang::Ko) => {
            "값을 풀어서 적으세요. `*`나 `&`를 글자 그대로 쓰려면 따옴표로 묶으세요."
        }
        (Y::Tag(_), Lang::En) => "Take it away; in quotes where a `!` is meant as it is.",
        (Y::Tag(_), Lang::Ko) => "지우세요. `!`를 글자 그대로 쓰려면 따옴표로 묶으세요.",
        (Y::DuplicateKey { .. }, Lang::En) => "Keep one of them.",
        (Y::DuplicateKey { .. }, Lang::Ko) => "하나만 남기세요.",
        (Y::KeyNotText, Lang::En) => "Put it in quotes, or write `key: value`.",
        (Y::KeyNotText, Lang::Ko) => "따옴표로 묶거나 `key: value`로 적으세요.",
        (Y::SecondDocument, Lang::En) => "Take `---` away, or make a second fence.",
        (Y::SecondDocument, Lang::Ko) => "`---`를 지우거나 블록을 나누세요.",
        (Y::TooDeep(_) | Y::TooBig(_), Lang::En) => "Make it simpler.",
        (Y::TooDeep(_) | Y::TooBig(_), Lang::Ko) => "더 단순하게 고치세요.",
    }
}

pub(super) fn compose_message(fault: &ComposeFault, lang: Lang) -> String {
    match lang {
        Lang::En => compose_en(fault).0,
        Lang::Ko => compose_ko(fault).0,
    }
}

pub(super) fn compose_cure(fault: &ComposeFault, lang: Lang) -> String {
    match lang {
        Lang::En => compose_en(fault).1,
        Lang::Ko => compose_ko(fault).1,
    }
}

/// Message and cure.
fn compose_en(fault: &ComposeFault) -> (String, String) {
    use ComposeFault as C;
    let (message, cure) = match fault {
        C::NoServices => (
            "the compose file has no services.".to_owned(),
            "Write `services:` with at least one node below it.",
        ),
        C::NoNode => (
            "none of the services is a node.".to_owned(),
            "Give at least one of them `image: docker:dind`.",
        ),
        C::TooManyServices(limit) => (
            format!("more than {limit} services."),
            "A lab has to fit on a learner's laptop.",
        ),
        C::BadServiceName(name) => (
            format!("`{name}` can't be a container's name."),
            "Use letters, digits, `-`, `_` and `.`, 63 at most.",
        ),
        C::NameDiffers {
            key,
            value,
            service,
        } => (
            format!("`{key}: {value}` is not the service's name, `{service}`."),
            "Leave it out or write the service's name: commands and `docker node ls` use it.",
        ),
        C::NoImage(service) => (
            format!("the service `{service}` has no image."),
            "Add `image:`, for a node `image: docker:dind`.",
        ),
        C::PrivilegedHelper(service) => (
            format!("`{service}` is no node and must not be privileged."),
            "Take `privileged` away.",
        ),
        C::BadPort(port) => (
            format!("the port `{port}` can't be read."),
            "Write `\"HOST:CONTAINER\"`, such as `\"8000:80\"`, with `/udp` if need be.",
        ),
        C::PortAddress(port) => (
            format!("`{port}` would publish on another address than 127.0.0.1."),
            "Write `\"HOST:CONTAINER\"`; a lab is only reachable from its own machine.",
        ),
        C::PortTwice(port) => (
            format!("the host's port {port} is published twice."),
            "Choose another port.",
        ),
        C::BadExpose(port) => (
            format!("the port `{port}` can't be read."),
            "Write a number, with `/udp` if need be.",
        ),
        C::BadVolume { volume, fault } => {
            let (why, cure) = match fault {
                VolumeFault::Shape => (
                    "can't be read",
                    "Write `\"./FOLDER:/TARGET\"`, with `:ro` if need be.",
                ),
                VolumeFault::Named => (
                    "is a named volume",
                    "Only folders below the lab's can be mounted: `\"./FOLDER:/TARGET\"`.",
                ),
                VolumeFault::Absolute => (
                    "mounts a path of the host",
                    "Only folders below the lab's can be mounted: `\"./FOLDER:/TARGET\"`.",
                ),
                VolumeFault::Parent => (
                    "leaves the lab's folder with `..`",
                    "Only folders below the lab's can be mounted: `\"./FOLDER:/TARGET\"`.",
                ),
                VolumeFault::Target => (
                    "hides what the container needs for itself",
                    "Mount it elsewhere, for example at `/stack`.",
                ),
            };
            (format!("the volume `{volume}` {why}."), cure)
        }
        C::UnknownService { name, similar } => {
            let cure = match similar {
                Some(similar) => format!("Did you mean `{similar}`?"),
                None => "Add the service, or take the dependency away.".to_owned(),
            };
            return (
                format!("`depends_on` names `{name}`, and there is no such service."),
                cure,
            );
        }
        C::DependencyRing(ring) => (
            format!(
                "services depend on each other in a ring: {}.",
                ring.join(" -> ")
            ),
            "Take one of these dependencies away.",
        ),
        C::FlagRefused(flag) => (
            format!("`{flag}` is not a dockerd flag that a lab's node may have."),
            "Allowed: `--insecure-registry`, `--registry-mirror`, `--label`, `--debug`, \
             `--log-level`.",
        ),
        C::FlagValue(flag) => (
            format!("`{flag}` lacks its value, or has one that it can't take."),
            "Write `--flag=value`, without quotes or blanks in the value.",
        ),
        C::Variable(value) => (
            format!("`{value}`: variables are not expanded in the compose file."),
            "Write the value itself.",
        ),
        C::EnvironmentRefused(name) => (
            format!("`{name}` is set by the lab itself."),
            "Take it away.",
        ),
        C::BadEnvironment(name) => (
            format!("`{name}` is not a name for an environment variable."),
            "Use letters, digits and `_`.",
        ),
    };
    (message, cure.to_owned())
}

/// Message and cure.
fn compose_ko(fault: &ComposeFault) -> (String, String) {
    use ComposeFault as C;
    const BELOW: &str =
        "실습 환경 폴더 아래의 폴더만 `\"./FOLDER:/TARGET\"`으로 마운트할 수 있습니다.";
    let (message, cure) = match fault {
        C::NoServices => (
            "컴포즈 파일에 서비스가 없습니다.".to_owned(),
            "`services:` 아래에 노드를 하나 이상 적으세요.",
        ),
        C::NoNode => (
            "서비스 가운데 노드가 없습니다.".to_owned(),
            "하나 이상의 서비스에 `image: docker:dind`를 적으세요.",
        ),
        C::TooManyServices(limit) => (
            format!("서비스가 {limit}개를 넘습니다."),
            "실습 환경은 학습자의 노트북 한 대에서 돌아가야 합니다.",
        ),
        C::BadServiceName(name) => (
            format!("`{name}`: 컨테이너 이름으로 쓸 수 없습니다."),
            "영문자, 숫자, `-`, `_`, `.`로 63자까지 쓰세요.",
        ),
        C::NameDiffers {
            key,
            value,
            service,
        } => (
            format!(
                "{} 서비스 이름 {} 다릅니다.",
                quoted(&format!("{key}: {value}"), Particle::Topic),
                quoted(service, Particle::And)
            ),
            "지우거나 서비스 이름을 적으세요. 명령과 `docker node ls`가 그 이름을 씁니다.",
        ),
        C::NoImage(service) => (
            format!("`{service}` 서비스에 이미지가 없습니다."),
            "`image:`를 적으세요. 노드라면 `image: docker:dind`입니다.",
        ),
        C::PrivilegedHelper(service) => (
            format!("`{service}` 서비스는 노드가 아니므로 privileged로 둘 수 없습니다."),
            "`privileged`를 지우세요.",
        ),
        C::BadPort(port) => (
            format!("포트 {} 읽을 수 없습니다.", quoted(port, Particle::Object)),
            "`\"8000:80\"`처럼 `\"호스트:컨테이너\"`로, 필요하면 `/udp`를 붙여 적으세요.",
        ),
        C::PortAddress(port) => (
            format!(
                "{} 127.0.0.1이 아닌 주소에 포트를 엽니다.",
                quoted(port, Particle::Topic)
            ),
            "`\"호스트:컨테이너\"`로 적으세요. 실습 환경에는 그 컴퓨터에서만 접근할 수 있습니다.",
        ),
        C::PortTwice(port) => (
            format!("호스트의 {port}번 포트를 두 번 열고 있습니다."),
            "다른 포트를 고르세요.",
        ),
        C::BadExpose(port) => (
            format!("포트 {} 읽을 수 없습니다.", quoted(port, Particle::Object)),
            "숫자로, 필요하면 `/udp`를 붙여 적으세요.",
        ),
        C::BadVolume { volume, fault } => {
            let (why, cure) = match fault {
                VolumeFault::Shape => (
                    "읽을 수 없습니다",
                    "`\"./FOLDER:/TARGET\"`으로, 필요하면 `:ro`를 붙여 적으세요.",
                ),
                VolumeFault::Named => ("이름 있는 볼륨입니다", BELOW),
                VolumeFault::Absolute => ("호스트의 경로를 마운트합니다", BELOW),
                VolumeFault::Parent => ("`..`로 실습 환경 폴더를 벗어납니다", BELOW),
                VolumeFault::Target => (
                    "컨테이너에 필요한 경로를 가립니다",
                    "`/stack` 같은 다른 곳에 마운트하세요.",
                ),
            };
            (format!("볼륨 `{volume}`: {why}."), cure)
        }
        C::UnknownService { name, similar } => {
            let cure = match similar {
                Some(similar) => format!("혹시 `{similar}`인가요?"),
                None => "서비스를 추가하거나 의존 관계를 지우세요.".to_owned(),
            };
            let named = quoted(name, Particle::Called);
            return (
                format!("`depends_on`에 적힌 {named} 서비스가 없습니다."),
                cure,
            );
        }
        C::DependencyRing(ring) => (
            format!("서비스의 `depends_on`이 순환합니다: {}.", ring.join(" -> ")),
            "그 가운데 하나를 지우세요.",
        ),
        C::FlagRefused(flag) => (
            format!("`{flag}`: 실습 환경의 노드에 쓸 수 있는 dockerd 옵션이 아닙니다."),
            "쓸 수 있는 옵션: `--insecure-registry`, `--registry-mirror`, `--label`, `--debug`, \
             `--log-level`.",
        ),
        C::FlagValue(flag) => (
            format!("`{flag}` 옵션에 값이 없거나 쓸 수 없는 값입니다."),
            "`--옵션=값`으로, 값에는 따옴표와 공백 없이 적으세요.",
        ),
        C::Variable(value) => (
            format!("`{value}`: 컴포즈 파일에서는 변수를 풀지 않습니다."),
            "값을 그대로 적으세요.",
        ),
        C::EnvironmentRefused(name) => (
            format!("`{name}` 변수는 실습 환경이 직접 정합니다."),
            "지우세요.",
        ),
        C::BadEnvironment(name) => (
            format!("`{name}`: 환경 변수 이름으로 쓸 수 없습니다."),
            "영문자, 숫자, `_`를 쓰세요.",
        ),
    };
    (message, cure.to_owned())
}
