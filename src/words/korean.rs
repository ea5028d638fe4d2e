//! Korean particles, which depend on whether the word before them ends in a
//! consonant (`워커가`, `노드는`, `서비스를`, `manager로`).

/// A pair of particles: after a consonant, after a vowel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Particle {
    /// 은 / 는
    Topic,
    /// 이 / 가
    Subject,
    /// 을 / 를
    Object,
    /// 과 / 와
    And,
    /// 으로 / 로 (로 also after ㄹ)
    Direction,
    /// 이라는 / 라는
    Called,
}

/// How a word ends when it is read aloud.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ending {
    Vowel,
    Rieul,
    Consonant,
}

/// `word` with the right particle behind it.
pub fn with(word: &str, particle: Particle) -> String {
    let ending = ending(word);
    let closed = ending != Ending::Vowel;
    let suffix = match particle {
        Particle::Topic if closed => "은",
        Particle::Topic => "는",
        Particle::Subject if closed => "이",
        Particle::Subject => "가",
        Particle::Object if closed => "을",
        Particle::Object => "를",
        Particle::And if closed => "과",
        Particle::And => "와",
        Particle::Direction if ending == Ending::Consonant => "으로",
        Particle::Direction => "로",
        Particle::Called if closed => "이라는",
        Particle::Called => "라는",
    };
    format!("{word}{suffix}")
}

/// How the last letter or digit of the word sounds. Latin words are judged by
/// their last letter, as Korean writers do (`worker` 워커, `web` 웹, `swarm` 스웜).
fn ending(word: &str) -> Ending {
    let word = word.trim_end_matches(|c: char| !c.is_alphanumeric());
    let Some(last) = word.chars().next_back() else {
        return Ending::Vowel;
    };
    match last {
        '가'..='힣' => match (last as u32 - '가' as u32) % 28 {
            0 => Ending::Vowel,
            8 => Ending::Rieul,
            _ => Ending::Consonant,
        },
        // 영 일 이 삼 사 오 육 칠 팔 구
        '0' | '3' | '6' => Ending::Consonant,
        '1' | '7' | '8' => Ending::Rieul,
        '2' | '4' | '5' | '9' => Ending::Vowel,
        // A silent e: 알파인, 볼륨; 콘솔.
        'e' if word.ends_with("ne") || word.ends_with("me") => Ending::Consonant,
        'e' if word.ends_with("le") => Ending::Rieul,
        _ => match last.to_ascii_lowercase() {
            'l' => Ending::Rieul,
            'm' | 'n' => Ending::Consonant,
            // 핑, 스웜링; but 태그, 로그, 컨피그.
            'g' if word.ends_with("ng") => Ending::Consonant,
            // 체크.
            'k' if word.ends_with("check") => Ending::Vowel,
            // 앱.
            'p' if word.ends_with("pp") => Ending::Consonant,
            // 웹, 스택, 업; but 네트워크, 태스크, 헬프.
            'b' | 'c' | 'k' | 'p' if after_vowel_or_c(word) => Ending::Consonant,
            // 이닛, 시크릿, 소켓; but 루트, 리스트, 호스트.
            't' if after_single_vowel(word) => Ending::Consonant,
            _ => Ending::Vowel,
        },
    }
}

/// Whether a vowel letter, or the `c` of `ck`, stands before the last letter.
fn after_vowel_or_c(word: &str) -> bool {
    let mut letters = word.chars().rev().filter(|c| c.is_alphanumeric()).skip(1);
    letters
        .next()
        .is_none_or(|c| "aeiouc".contains(c.to_ascii_lowercase()))
}

/// Whether one vowel letter alone stands before the last letter.
fn after_single_vowel(word: &str) -> bool {
    let mut letters = word.chars().rev().skip(1);
    let vowel = |c: char| "aeiou".contains(c.to_ascii_lowercase());
    letters.next().is_some_and(vowel) && !letters.next().is_some_and(vowel)
}

#[cfg(test)]
mod tests {
    use super::{Particle::*, *};

    #[test]
    fn particles_follow_the_last_sound() {
        assert_eq!(with("노드", Topic), "노드는");
        assert_eq!(with("스웜", Subject), "스웜이");
        assert_eq!(with("worker01", Subject), "worker01이");
        assert_eq!(with("worker02", Subject), "worker02가");
        assert_eq!(with("worker03", Object), "worker03을");
        assert_eq!(with("manager", Direction), "manager로");
        assert_eq!(with("alpine", Subject), "alpine이");
        assert_eq!(with("console", Direction), "console로");
        assert_eq!(with("node", Subject), "node가");
        assert_eq!(with("풀", Direction), "풀로");
        assert_eq!(with("swarm", Direction), "swarm으로");
        assert_eq!(with("stack", Object), "stack을");
        assert_eq!(with("network", Object), "network를");
        assert_eq!(with("config", Subject), "config가");
        assert_eq!(with("ping", Topic), "ping은");
        assert_eq!(with("`web`", Called), "`web`이라는");
        assert_eq!(with("`service/scale`", Subject), "`service/scale`이");
        assert_eq!(with("`ping`", Topic), "`ping`은");
        assert_eq!(with("`yaml check`", Object), "`yaml check`를");
        assert_eq!(with("`swarm/init`", Direction), "`swarm/init`으로");
        assert_eq!(with("root", Direction), "root로");
        assert_eq!(with("list", Object), "list를");
        assert_eq!(with("app", Subject), "app이");
    }
}
