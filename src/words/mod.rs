//! Every sentence of the product, in both languages.
//!
//! One file for each thing that speaks. Every function matches exhaustively on
//! an enum, so that a sentence that is missing in one language does not
//! compile. Korean particles depend on the word before them; see `korean`.

pub mod bundle;
pub mod cli;
pub mod command;
pub mod disk;
pub mod doctor;
pub mod engine;
pub mod fault;
pub mod help;
pub mod korean;
pub mod lab;
pub mod lint;
pub mod options;
pub mod problem;
pub mod progress;
pub mod refusal;
pub mod screen;
pub mod session;
pub mod travel;
pub mod verdict;

/// A language of the product.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Lang {
    /// English.
    #[default]
    En,
    /// Korean.
    Ko,
}

impl Lang {
    /// `en` or `ko`, as the folders of the lessons and `--lang` have it.
    pub fn code(self) -> &'static str {
        match self {
            Lang::En => "en",
            Lang::Ko => "ko",
        }
    }

    /// The locale's language, as `LC_ALL`, `LC_MESSAGES` and `LANG` have it;
    /// English where it is none of ours.
    pub fn of_locale() -> Lang {
        ["LC_ALL", "LC_MESSAGES", "LANG"]
            .iter()
            .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()))
            .and_then(|locale| Lang::from_code(&locale))
            .unwrap_or_default()
    }

    /// Reads `en`, `ko`, or a locale such as `ko_KR.UTF-8`.
    pub fn from_code(code: &str) -> Option<Lang> {
        let language = code.split(['_', '-', '.', '@']).next().unwrap_or(code);
        match language.to_ascii_lowercase().as_str() {
            "en" | "c" | "posix" => Some(Lang::En),
            "ko" => Some(Lang::Ko),
            _ => None,
        }
    }
}
