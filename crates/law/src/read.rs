//! The shape of a pack's files in TOML. Not checked here beyond that shape: see `check`.

use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::What;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PackFile {
    pub(crate) id: String,
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
    pub(crate) id: String,
    pub(crate) zh: String,
    pub(crate) en: String,
}

/// An object type or a manner.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Item {
    pub(crate) id: String,
    pub(crate) zh: String,
    pub(crate) en: String,
    pub(crate) source: String,
    #[serde(default)]
    pub(crate) confidence: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Source {
    pub(crate) code: String,
    pub(crate) zh: String,
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
    pub(crate) id: String,
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
    pub(crate) id: String,
    pub(crate) zh: String,
    pub(crate) en: String,
    pub(crate) may: Option<Text>,
    pub(crate) may_not: Option<Text>,
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
    pub(crate) id: String,
    pub(crate) digit: u64,
    pub(crate) zh: String,
    pub(crate) en: String,
    pub(crate) source: String,
    #[serde(default)]
    pub(crate) confidence: Vec<String>,
}

/// Reads one file; the fault names the line.
pub(crate) fn file<T: DeserializeOwned>(text: &str) -> Result<T, What> {
    toml::from_str(text).map_err(|e| What::Syntax {
        line: 1 + e.span().map_or(0, |s| {
            text.as_bytes()[..s.start.min(text.len())]
                .iter()
                .filter(|b| **b == b'\n')
                .count()
        }),
        message: e.message().to_owned(),
    })
}
