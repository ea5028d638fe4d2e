//! What a misspelt word was meant to be. Knows words only.

/// The candidate that `word` most likely was meant to be: close by letters
/// (two neighbours swapped count as one slip), alone in being that close, and
/// not merely another number (`worker04` is not a misspelt `worker03`).
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lower = word.to_lowercase();
    let limit = slips_allowed(lower.chars().count());
    let mut best: Option<(usize, &'a str)> = None;
    let mut tie = false;
    for candidate in candidates {
        if candidate == word || numbers_differ(&lower, candidate) {
            continue;
        }
        let other = candidate.to_lowercase();
        let slips = strsim::osa_distance(&lower, &other);
        if slips > limit {
            continue;
        }
        // Of two as close, the one with the same letters: `pu` is `up`, not `ps`.
        let distance = 2 * slips - usize::from(slips > 0 && letters(&lower) == letters(&other));
        match best {
            Some((least, same)) if distance == least => tie |= same != candidate,
            Some((least, _)) if distance > least => {}
            _ => {
                best = Some((distance, candidate));
                tie = false;
            }
        }
    }
    best.filter(|_| !tie).map(|(_, candidate)| candidate)
}

/// The known image whose repository is misspelt in `image`, with the tag that
/// was typed. `None` when the image is known, or nothing known is close.
pub fn nearest_image(image: &str, known: &[String]) -> Option<String> {
    let (repository, tag) = parts(image);
    if known.iter().any(|one| parts(one).0 == repository) {
        return None;
    }
    let repositories = known.iter().map(|one| parts(one).0);
    let close = nearest(repository, repositories)?;
    (strsim::osa_distance(repository, close) <= 2).then(|| format!("{close}{tag}"))
}

/// Repository, and tag or digest with its `:` or `@`. A colon before the last
/// slash belongs to a registry's port.
fn parts(image: &str) -> (&str, &str) {
    let name = image.rfind('/').map_or(0, |slash| slash + 1);
    match image[name..].find([':', '@']) {
        Some(at) => image.split_at(name + at),
        None => (image, ""),
    }
}

fn slips_allowed(length: usize) -> usize {
    match length {
        0 | 1 => 0,
        2..=4 => 1,
        5..=8 => 2,
        _ => 3,
    }
}

fn letters(word: &str) -> Vec<char> {
    let mut letters: Vec<char> = word.chars().collect();
    letters.sort_unstable();
    letters
}

fn numbers_differ(one: &str, other: &str) -> bool {
    let digits = |word: &str| -> String { word.chars().filter(char::is_ascii_digit).collect() };
    let (one, other) = (digits(one), digits(other));
    !one.is_empty()
        && !other.is_empty()
        && one.trim_start_matches('0') != other.trim_start_matches('0')
}

#[cfg(test)]
mod tests {
    use super::*;

    const NODES: [&str; 4] = ["manager", "worker01", "worker02", "worker03"];

    #[test]
    fn a_slip_is_seen_and_another_number_is_not() {
        for (word, meant) in [
            ("work01", Some("worker01")),
            ("woker1", Some("worker01")),
            ("worker1", Some("worker01")),
            ("Manager", Some("manager")),
            ("mangaer", Some("manager")),
            ("worker04", None),
            ("worker", None),
            ("web", None),
        ] {
            assert_eq!(nearest(word, NODES), meant, "{word}");
        }
        assert_eq!(nearest("serivce", ["service", "secret"]), Some("service"));
        assert_eq!(nearest("sl", ["ls", "ps", "rm"]), Some("ls"));
        assert_eq!(nearest("pu", ["ps", "up"]), Some("up"));
        assert_eq!(nearest("x", ["n"]), None);
    }

    #[test]
    fn images_are_near_by_their_repository() {
        let known = vec![
            "hashicorp/http-echo:latest".to_string(),
            "swarmlings/web:1".to_string(),
        ];
        let near = |image: &str| nearest_image(image, &known);
        assert_eq!(
            near("hashcorp/http-echo").as_deref(),
            Some("hashicorp/http-echo")
        );
        assert_eq!(
            near("hashcorp/http-echo:latest").as_deref(),
            Some("hashicorp/http-echo:latest")
        );
        assert_eq!(near("hashicorp/http-echo:1.0"), None);
        assert_eq!(near("swarmlings/web:9"), None);
        assert_eq!(near("nginx"), None);
        assert_eq!(near("localhost:5000/hashcorp/http-echo"), None);
    }
}
