//! The command line without a prompt: the lab, the course played by the
//! program, and what scripts ask. Results go to standard output, messages to
//! standard error.

mod doctor;
pub mod images;
mod lab;
mod lint;
mod report;
mod run;

pub use doctor::doctor;
pub use lab::{check, down, repair, status, travel, up};
pub use lint::lint;
pub use report::list;
pub use run::{RunHow, host_has, host_of, registry_image, run};

#[cfg(test)]
mod tests {
    use super::*;

    const DOCS: &str = include_str!("../../docs/json.md");

    /// Every key of an object and of the objects in it.
    fn keys(json: &serde_json::Value, found: &mut Vec<String>) {
        match json {
            serde_json::Value::Object(object) => {
                for (key, value) in object {
                    found.push(key.clone());
                    keys(value, found);
                }
            }
            serde_json::Value::Array(list) => list.iter().for_each(|value| keys(value, found)),
            _ => {}
        }
    }

    #[test]
    fn every_field_is_documented() {
        let mut found = Vec::new();
        for json in [
            lint::example(),
            doctor::example(),
            lab::example(),
            report::example(),
            images::example(),
        ] {
            keys(&json, &mut found);
        }
        assert!(found.len() > 40, "{found:?}");
        for key in found {
            assert!(
                DOCS.contains(&format!("`{key}`")),
                "`{key}` is not in docs/json.md"
            );
        }
    }
}
