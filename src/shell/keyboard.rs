//! A line typed with the Korean keyboard still on, as the Latin keys it was
//! typed with: `애찯ㄱ` is `docker`. Knows the two-set (dubeolsik) layout only.

/// Keys of the initial consonants, in Unicode's order.
const INITIALS: [&str; 19] = [
    "r", "R", "s", "e", "E", "f", "a", "q", "Q", "t", "T", "d", "w", "W", "c", "z", "x", "v", "g",
];
/// Keys of the vowels.
const VOWELS: [&str; 21] = [
    "k", "o", "i", "O", "j", "p", "u", "P", "h", "hk", "ho", "hl", "y", "n", "nj", "np", "nl", "b",
    "m", "ml", "l",
];
/// Keys of the final consonants; the first is none.
const FINALS: [&str; 28] = [
    "", "r", "R", "rt", "s", "sw", "sg", "e", "f", "fr", "fa", "fq", "ft", "fx", "fv", "fg", "a",
    "q", "qt", "t", "T", "d", "w", "c", "z", "x", "v", "g",
];
/// Keys of the letters that stand alone, from `ㄱ` (U+3131) to `ㅎ`; vowels follow.
const ALONE: [&str; 30] = [
    "r", "R", "rt", "s", "sw", "sg", "e", "E", "f", "fr", "fa", "fq", "ft", "fx", "fv", "fg", "a",
    "q", "Q", "qt", "t", "T", "d", "w", "W", "c", "z", "x", "v", "g",
];

/// The keys that were typed; `None` where the text holds no Hangul.
pub fn latin_keys(text: &str) -> Option<String> {
    let mut keys = String::with_capacity(text.len());
    let mut hangul = false;
    for c in text.chars() {
        let code = c as usize;
        match c {
            '가'..='힣' => {
                let syllable = code - '가' as usize;
                keys.push_str(INITIALS[syllable / 588]);
                keys.push_str(VOWELS[syllable % 588 / 28]);
                keys.push_str(FINALS[syllable % 28]);
            }
            'ㄱ'..='ㅎ' => keys.push_str(ALONE[code - 'ㄱ' as usize]),
            'ㅏ'..='ㅣ' => keys.push_str(VOWELS[code - 'ㅏ' as usize]),
            _ => {
                keys.push(c);
                continue;
            }
        }
        hangul = true;
    }
    hangul.then_some(keys)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_hangul() {
        for (typed, keys) in [
            ("애찯ㄱ", "docker"),
            ("ㅗ디ㅔ", "help"),
            ("ㅜㄷㅌㅅ", "next"),
            ("ㅜ", "n"),
            ("ㅗㅑㅜㅅ", "hint"),
            ("애찯ㄱ ㅔㄴ -ㅁ", "docker ps -a"),
        ] {
            assert_eq!(latin_keys(typed).as_deref(), Some(keys), "{typed}");
        }
        assert_eq!(latin_keys("docker"), None);
    }
}
