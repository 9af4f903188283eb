//! The shape of a pack's files in TOML. Not checked here beyond that shape: see `check`.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use toml::Spanned;

use crate::What;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PackFile {
    pub(crate) id: Spanned<String>,
    pub(crate) version: String,
    pub(crate) zh: String,
    pub(crate) en: String,
    pub(crate) who: Text,
    #[serde(default)]
    pub(crate) object: Vec<Item>,
    #[serde(default)]
    pub(crate) group: Vec<Group>,
    #[serde(default)]
    pub(crate) source: Vec<Source>,
    pub(crate) exemption: Option<Spanned<Exemption>>,
    #[serde(default)]
    pub(crate) recording: Recording,
}

/// `[recording]`.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Recording {
    pub(crate) grace: Option<Spanned<String>>,
    pub(crate) clock: Option<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Exemption {
    pub(crate) activity: String,
    pub(crate) attribute: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Text {
    pub(crate) zh: String,
    pub(crate) en: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Note {
    pub(crate) zh: String,
    pub(crate) en: String,
    pub(crate) confidence: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Group {
    pub(crate) id: Spanned<String>,
    pub(crate) zh: String,
    pub(crate) en: String,
}

/// An object type or a manner.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Item {
    pub(crate) id: Spanned<String>,
    pub(crate) zh: String,
    pub(crate) en: String,
    pub(crate) source: String,
    #[serde(default)]
    pub(crate) confidence: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Source {
    pub(crate) code: Spanned<String>,
    pub(crate) zh: String,
    pub(crate) short: Option<String>,
    pub(crate) en: String,
    pub(crate) extent: String,
    pub(crate) effective_from: Option<String>,
    pub(crate) effective_to: Option<String>,
    #[serde(default)]
    pub(crate) confidence: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ActivitiesFile {
    #[serde(default)]
    pub(crate) activity: Vec<Activity>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Activity {
    pub(crate) id: Spanned<String>,
    pub(crate) group: String,
    pub(crate) object: Option<String>,
    pub(crate) zh: String,
    pub(crate) en: String,
    #[serde(default)]
    pub(crate) actor_roles: Vec<String>,
    pub(crate) actor_min: Option<u64>,
    pub(crate) actor_min_confidence: Option<String>,
    pub(crate) actor_note: Option<Note>,
    #[serde(default)]
    pub(crate) approver_roles: Vec<String>,
    pub(crate) approver_confidence: Option<String>,
    pub(crate) approver_note: Option<Note>,
    pub(crate) document: Option<String>,
    pub(crate) source: String,
    #[serde(default)]
    pub(crate) confidence: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RolesFile {
    #[serde(default)]
    pub(crate) role: Vec<Role>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Role {
    pub(crate) id: Spanned<String>,
    pub(crate) zh: String,
    pub(crate) en: String,
    pub(crate) may: Option<Text>,
    pub(crate) may_not: Option<Text>,
    pub(crate) rank: Option<u64>,
    pub(crate) source: String,
    #[serde(default)]
    pub(crate) confidence: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FormsFile {
    #[serde(default)]
    pub(crate) tile: Vec<Tile>,
    #[serde(default)]
    pub(crate) manner: Vec<Item>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Tile {
    pub(crate) id: Spanned<String>,
    pub(crate) digit: u64,
    pub(crate) zh: String,
    pub(crate) en: String,
    pub(crate) source: String,
    #[serde(default)]
    pub(crate) confidence: Vec<String>,
}

/// Reads one file; the fault comes with its line.
pub(crate) fn file<T: DeserializeOwned>(text: &str) -> Result<T, (usize, What)> {
    toml::from_str(text).map_err(|e| syntax(&e, text, &Lines::new(text)))
}

/// What the reader of TOML says, and the line.
pub(crate) fn syntax(e: &toml::de::Error, text: &str, lines: &Lines) -> (usize, What) {
    let span = e.span().unwrap_or_default();
    let line = lines.at(span.start);
    // One line for one fault, however the reader breaks its words.
    let mut message = e.message().split_whitespace().collect::<Vec<_>>().join(" ");
    if message == "duplicate key" {
        message += &format!(" `{}`", text.get(span).unwrap_or_default());
    }
    (line, What::Syntax(message))
}

/// Where the lines of a file begin.
#[derive(Default)]
pub(crate) struct Lines(Vec<usize>);

impl Lines {
    pub(crate) fn new(text: &str) -> Self {
        Self(text.match_indices('\n').map(|(at, _)| at).collect())
    }

    /// The line of a byte, counted from 1.
    pub(crate) fn at(&self, byte: usize) -> usize {
        1 + self.0.partition_point(|end| *end < byte)
    }
}
