//! Image references as people and engines write them, made comparable.

use crate::model::compose::with_tag;

/// The reference as Docker resolves it, in its short form: without
/// `docker.io/library/` and digest, with a tag.
pub(super) fn normal(reference: &str) -> String {
    let named = reference.split('@').next().unwrap_or(reference);
    let short = ["docker.io/", "index.docker.io/", "registry-1.docker.io/"]
        .iter()
        .find_map(|host| named.strip_prefix(host))
        .unwrap_or(named);
    with_tag(short.strip_prefix("library/").unwrap_or(short))
}

/// Whether two references name the same image.
pub(super) fn same(a: &str, b: &str) -> bool {
    normal(a) == normal(b)
}

/// Whether they differ in the tag at most.
pub(super) fn same_repository(a: &str, b: &str) -> bool {
    let (a, b) = (normal(a), normal(b));
    crate::model::compose::split_reference(&a).0 == crate::model::compose::split_reference(&b).0
}

/// What a registry lists for the reference: the host cut off, with a tag.
pub(super) fn in_registry(reference: &str) -> String {
    let path = match reference.split_once('/') {
        Some((host, path)) if host.contains([':', '.']) || host == "localhost" => path,
        _ => reference,
    };
    with_tag(path.split('@').next().unwrap_or(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ways_to_write_one_image() {
        for same in [
            "alpine",
            "alpine:latest",
            "library/alpine",
            "docker.io/library/alpine:latest",
            "docker.io/alpine",
            "alpine:latest@sha256:00ff",
        ] {
            assert_eq!(normal(same), "alpine:latest", "{same}");
        }
        assert_eq!(normal("localhost:5000/a/b"), "localhost:5000/a/b:latest");
        assert!(!same("alpine:1", "alpine:2"));
        assert!(same_repository(
            "swarmlings/web:1",
            "docker.io/swarmlings/web:2"
        ));
        assert!(!same_repository(
            "hashcorp/http-echo",
            "hashicorp/http-echo"
        ));
    }

    #[test]
    fn a_registry_lists_without_its_host() {
        assert_eq!(in_registry("localhost:5000/a/b"), "a/b:latest");
        assert_eq!(in_registry("registry:5000/a/b:1"), "a/b:1");
        assert_eq!(
            in_registry("hashicorp/http-echo:1"),
            "hashicorp/http-echo:1"
        );
    }
}
