//! The copy of the compose file in the lab's folder, which the learner may
//! change: `docker compose up -d` takes the change.

use std::path::{Path, PathBuf};

use super::{End, Failure};
use crate::lesson;
use crate::model::Compose;
use crate::words::Lang;

const NAME: &str = "compose.yaml";
/// The text as we wrote it last, to tell an edited copy from an old one.
const WRITTEN: &str = "compose.written.yaml";

/// What became of the copy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Copied {
    /// It is as it was.
    Kept,
    /// It was written.
    Written,
    /// The learner's changed copy was set aside under this name first.
    SetAside(PathBuf),
}

/// Puts the lesson's compose file into the lab's folder `dir`; `state` is where
/// what was written last is kept. A copy that the
/// learner changed is kept as long as the lesson's text is the same, unless it is
/// to be `put_back`.
pub fn put(dir: &Path, state: &Path, text: &str, put_back: bool) -> std::io::Result<Copied> {
    let (path, written) = (dir.join(NAME), state.join(WRITTEN));
    let last = std::fs::read_to_string(&written).ok();
    let now = std::fs::read_to_string(&path).ok();
    let kept = last.as_deref() == Some(text) && now.is_some();
    if kept && (!put_back || now.as_deref() == Some(text)) {
        return Ok(Copied::Kept);
    }
    std::fs::create_dir_all(dir)?;
    std::fs::create_dir_all(state)?;
    let mut copied = Copied::Written;
    if let (Some(now), Some(last)) = (&now, &last)
        && now != last
        && now != text
    {
        let aside = dir.join("compose.yaml.mine");
        std::fs::rename(&path, &aside)?;
        copied = Copied::SetAside(aside);
    }
    std::fs::write(&path, text)?;
    std::fs::write(&written, text)?;
    Ok(copied)
}

/// The compose file of a lesson, as it is put into the lab's folder.
pub fn text_of(lesson: &lesson::Lesson) -> Option<String> {
    match lesson.annotated {
        true => lesson.compose_text.clone(),
        false => lesson.compose.as_ref().map(render),
    }
}

/// A compose file of somebody's tutorial as it was mended: the strict subset
/// that `docker compose up` takes, since the text as written may be outside it.
pub fn render(compose: &Compose) -> String {
    let quoted = |text: &str| serde_json::json!(text).to_string();
    let mut text = String::from("services:\n");
    for service in &compose.services {
        text.push_str(&format!("  {}:\n", service.name));
        text.push_str(&format!("    image: {}\n", quoted(&service.image)));
        text.push_str(&format!("    hostname: {}\n", service.name));
        if service.privileged {
            text.push_str("    privileged: true\n");
        }
        let ports = service.ports.iter().map(|port| {
            let kind = if port.udp { "/udp" } else { "" };
            quoted(&format!("127.0.0.1:{}:{}{kind}", port.host, port.container))
        });
        list(&mut text, "ports", ports);
        list(
            &mut text,
            "expose",
            service.expose.iter().map(|p| quoted(p)),
        );
        let volumes = service.volumes.iter().map(|bind| {
            let mode = if bind.read_only { ":ro" } else { "" };
            quoted(&format!(
                "./{}:{}{mode}",
                bind.source.display(),
                bind.target
            ))
        });
        list(&mut text, "volumes", volumes);
        list(
            &mut text,
            "depends_on",
            service.depends_on.iter().map(|n| quoted(n)),
        );
        list(
            &mut text,
            "command",
            service.command.iter().map(|w| quoted(w)),
        );
        let environment = service
            .environment
            .iter()
            .map(|(key, value)| quoted(&format!("{key}={value}")));
        list(&mut text, "environment", environment);
    }
    text
}

fn list(text: &mut String, key: &str, items: impl Iterator<Item = String>) {
    let items: Vec<String> = items.collect();
    if items.is_empty() {
        return;
    }
    text.push_str(&format!("    {key}:\n"));
    for item in items {
        text.push_str(&format!("      - {item}\n"));
    }
}

/// The lab that the copy describes; `fallback` where there is no copy.
pub fn read(
    dir: &Path,
    fallback: &Compose,
    lang: Lang,
    colour: bool,
    width: usize,
) -> Result<Compose, Failure> {
    let path = dir.join(NAME);
    let Ok(text) = std::fs::read_to_string(&path) else {
        return Ok(fallback.clone());
    };
    let name = path.display().to_string();
    let (compose, problems) = lesson::compose::read(&name, &text);
    if problems.iter().any(lesson::Problem::is_error) {
        let sources = [(name.as_str(), text.as_str())];
        let report = lesson::report(&problems, &sources, lang, colour, width);
        return Err(Failure::Told(End::Usage, report));
    }
    Ok(compose.unwrap_or_else(|| fallback.clone()))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_mended_compose_file_reads_as_it_was() {
        use crate::model::ComposeService;
        use crate::model::compose::{Bind, PortMapping};
        let compose = Compose {
            services: vec![ComposeService {
                name: "manager".into(),
                image: "docker:dind".into(),
                privileged: true,
                ports: vec![PortMapping {
                    host: 8000,
                    container: 80,
                    udp: false,
                }],
                expose: vec!["7946/udp".into()],
                volumes: vec![Bind {
                    source: "stack".into(),
                    target: "/stack".into(),
                    read_only: false,
                }],
                command: vec!["--insecure-registry".into(), "registry:5000".into()],
                ..ComposeService::default()
            }],
        };
        let (read, problems) = lesson::compose::read("compose.yaml", &render(&compose));
        assert_eq!(problems, []);
        assert_eq!(read, Some(compose));
    }

    #[test]
    fn a_changed_copy_is_kept_until_the_lesson_has_another_text() {
        let (dir, state) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let path = dir.path().join(NAME);
        assert_eq!(
            put(dir.path(), state.path(), "one", false).unwrap(),
            Copied::Written
        );
        assert_eq!(
            put(dir.path(), state.path(), "one", false).unwrap(),
            Copied::Kept
        );
        std::fs::write(&path, "mine").unwrap();
        assert_eq!(
            put(dir.path(), state.path(), "one", false).unwrap(),
            Copied::Kept
        );
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "mine");
        let aside = dir.path().join("compose.yaml.mine");
        assert_eq!(
            put(dir.path(), state.path(), "two", false).unwrap(),
            Copied::SetAside(aside.clone())
        );
        assert_eq!(std::fs::read_to_string(aside).unwrap(), "mine");
        assert_eq!(std::fs::read_to_string(path).unwrap(), "two");
    }
}
