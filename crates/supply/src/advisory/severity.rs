//! How bad publishers say it is: every rating kept as text, with the base score where a CVSS vector parses.
//!
//! FIRST CVSS 2.0, 3.0, 3.1, 4.0. Temporal and environmental metrics are kept in the text and not in the score: they age or belong
//! to one operator. Is *not* a grade: a vulnerability without a rating needs triage and is never low.

use std::str::FromStr;

use super::fault::{Contradiction, Faults, What, cut};

/// One rating, by one source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rating {
    /// Who rated, where it is not the record's source.
    pub by: Option<Box<str>>,
    /// What kind of text it is.
    pub scheme: RatingScheme,
    /// Vector or word, as given.
    pub text: Box<str>,
    /// Base score in tenths, 0–100: the vector's, or the one stated; of both the higher. `None`: needs triage.
    pub score: Option<u8>,
}

/// Kinds of ratings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RatingScheme {
    /// CVSS 2.0 vector.
    Cvss2,
    /// CVSS 3.0 or 3.1 vector.
    Cvss3,
    /// CVSS 4.0 vector.
    Cvss4,
    /// A level in words, see [`Level`].
    Words,
    /// Anything else, kept as text.
    Other,
}

/// Levels in words: CVSS 3.1 section 5, CNNVD 超危 高危 中危 低危, CNVD 高 中 低.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// No impact.
    None,
    /// 低.
    Low,
    /// 中.
    Medium,
    /// 高.
    High,
    /// 超危.
    Critical,
}

/// The severity of a record over all its ratings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// Nobody rated it, or no rating can be read.
    NeedsTriage,
    /// Rated in words only.
    Worded(Level),
    /// Highest base score in tenths.
    Scored(u8),
}

impl Severity {
    pub(super) fn of(ratings: &[Rating]) -> Self {
        if let Some(score) = ratings.iter().filter_map(|r| r.score).max() {
            return Self::Scored(score);
        }
        let words = ratings.iter().filter(|r| r.scheme == RatingScheme::Words);
        match words.filter_map(|r| Level::of(&r.text)).max() {
            Some(level) => Self::Worded(level),
            None => Self::NeedsTriage,
        }
    }

    /// In words; `None` where it needs triage.
    pub fn level(self) -> Option<Level> {
        match self {
            Self::NeedsTriage => None,
            Self::Worded(level) => Some(level),
            Self::Scored(tenths) => Some(match tenths {
                0 => Level::None,
                1..40 => Level::Low,
                40..70 => Level::Medium,
                70..90 => Level::High,
                _ => Level::Critical,
            }),
        }
    }
}

impl Level {
    /// Reads the words that sources use; `None` for any other.
    pub fn of(text: &str) -> Option<Self> {
        Some(match text.trim().to_ascii_lowercase().as_str() {
            "none" | "informational" => Self::None,
            "low" | "低" | "低危" => Self::Low,
            "medium" | "moderate" | "中" | "中危" => Self::Medium,
            "high" | "important" | "高" | "高危" => Self::High,
            "critical" | "超危" | "严重" => Self::Critical,
            _ => return None,
        })
    }
}

impl Rating {
    pub(super) fn words(text: &str, by: Option<&str>) -> Self {
        Self {
            by: by.map(Into::into),
            scheme: RatingScheme::Words,
            text: cut(text),
            score: None,
        }
    }

    /// A vector with the score stated beside it. `version` is tried where the vector has no prefix.
    pub(super) fn vector(
        text: &str,
        version: &str,
        stated: Option<f64>,
        by: Option<&str>,
        place: &str,
        faults: &mut Faults,
    ) -> Self {
        let prefixed = text.starts_with("CVSS:");
        let full = match version {
            "3" | "3.0" | "3.1" | "4.0" if !prefixed => {
                let version = if version == "3" { "3.1" } else { version };
                format!("CVSS:{version}/{text}")
            }
            _ => text.to_owned(),
        };
        let scheme = if full.starts_with("CVSS:3.") {
            RatingScheme::Cvss3
        } else if full.starts_with("CVSS:4.") {
            RatingScheme::Cvss4
        } else if full.starts_with("AV:") || full.starts_with("(AV:") {
            RatingScheme::Cvss2
        } else {
            RatingScheme::Other
        };
        let computed = score(&full, scheme);
        let stated = stated.and_then(tenths);
        match (computed, stated) {
            (None, _) => faults.push(place, What::Vector(cut(text))),
            (Some(computed), Some(given)) if computed != given => {
                faults.push(place, Contradiction::Score { given, computed });
            }
            _ => {}
        }
        Self {
            by: by.map(Into::into),
            scheme,
            text: text.chars().take(400).collect::<String>().into(),
            score: computed.max(stated),
        }
    }

    /// A stated score without a vector.
    pub(super) fn stated(score: f64, by: Option<&str>) -> Option<Self> {
        let score = tenths(score)?;
        Some(Self {
            by: by.map(Into::into),
            scheme: RatingScheme::Other,
            text: format!("{}.{}", score / 10, score % 10).into(),
            score: Some(score),
        })
    }
}

fn tenths(score: f64) -> Option<u8> {
    // In range, so the cast keeps the value.
    (0.0..=10.0)
        .contains(&score)
        .then(|| (score * 10.0).round() as u8)
}

const BASE_2: &[&str] = &["AV", "AC", "Au", "C", "I", "A"];
const BASE_3: &[&str] = &["AV", "AC", "PR", "UI", "S", "C", "I", "A"];
const BASE_4: &[&str] = &[
    "AV", "AC", "AT", "PR", "UI", "VC", "VI", "VA", "SC", "SI", "SA",
];

/// Base score in tenths. Every base metric must stand there once: a missing one would otherwise read as harmless.
fn score(text: &str, scheme: RatingScheme) -> Option<u8> {
    let wanted = match scheme {
        RatingScheme::Cvss2 => BASE_2,
        RatingScheme::Cvss3 => BASE_3,
        RatingScheme::Cvss4 => BASE_4,
        _ => return None,
    };
    if text.len() > 400 {
        return None;
    }
    let bare = text.trim_start_matches('(').trim_end_matches([')', '/']);
    let mut base = String::with_capacity(bare.len());
    let mut found = 0_u16;
    for part in bare.split('/') {
        let (metric, _) = part.split_once(':')?;
        let at = wanted.iter().position(|w| *w == metric);
        if let Some(at) = at {
            let bit = 1_u16 << at;
            if found & bit != 0 {
                return None;
            }
            found |= bit;
        }
        if at.is_some() || metric == "CVSS" {
            if !base.is_empty() {
                base.push('/');
            }
            base.push_str(part);
        }
    }
    if found.count_ones() as usize != wanted.len() {
        return None;
    }
    tenths(cvss::Cvss::from_str(&base).ok()?.score())
}
