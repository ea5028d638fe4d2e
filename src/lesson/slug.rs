//! GitHub's heading anchors, unique in a file.

use std::collections::HashSet;

/// Lower case, blanks to `-`, everything else that is no letter, digit, `-`
/// or `_` dropped. Letters of every script stay.
pub(crate) fn slug(title: &str) -> String {
    title
        .trim()
        .to_lowercase()
        .chars()
        .filter_map(|c| match c {
            ' ' => Some('-'),
            '-' | '_' => Some(c),
            _ if c.is_alphanumeric() => Some(c),
            _ => None,
        })
        .collect()
}

/// The slug, or the slug with the first free number behind it.
pub(crate) fn unique(title: &str, taken: &mut HashSet<String>) -> String {
    let slug = match slug(title) {
        slug if slug.is_empty() => "section".to_owned(),
        slug => slug,
    };
    let mut id = slug.clone();
    let mut number = 0;
    while !taken.insert(id.clone()) {
        number += 1;
        id = format!("{slug}-{number}");
    }
    id
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn slugs_are_those_of_github() {
        for (title, expected) in [
            ("Hello, World!", "hello-world"),
            (
                "docker swarm, Orchestration이란?",
                "docker-swarm-orchestration이란",
            ),
            ("서비스 생성", "서비스-생성"),
            ("a_b - c", "a_b---c"),
            ("!!!", "section"),
        ] {
            assert_eq!(unique(title, &mut HashSet::new()), expected);
        }
        let mut taken = HashSet::new();
        let ids: Vec<String> = ["a", "A", "a-1", "a"]
            .iter()
            .map(|title| unique(title, &mut taken))
            .collect();
        assert_eq!(ids, ["a", "a-1", "a-1-1", "a-2"]);
    }
}
