//! What a bill itself says about vulnerabilities: VEX statements of CycloneDX and SPDX 3.0.
//!
//! Does *not* judge them: whose word counts against whose is settled where answers are made. CSAF is read elsewhere.

use super::Place;

/// One statement about one vulnerability.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Statement {
    /// Its id, as `CVE-2021-44228`; empty where the document gives none.
    pub vulnerability: String,
    /// Other ids that the document gives for it.
    pub aliases: Vec<String>,
    /// Who published the vulnerability, as it stands.
    pub source: Option<String>,
    /// What is claimed; `None`: the vulnerability is reported, and nothing is claimed.
    pub state: Option<State>,
    /// Why not affected, in the word of the format.
    pub justification: Option<String>,
    /// What will be done.
    pub responses: Vec<Response>,
    /// In words.
    pub detail: Option<String>,
    /// First issued, as it stands.
    pub first_issued: Option<String>,
    /// Last changed, as it stands.
    pub last_updated: Option<String>,
    /// Which components. Empty where the document names none.
    pub affects: Vec<Target>,
    /// Where it stands.
    pub place: Place,
    pub(super) at: u32,
}

/// A component that a statement is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// Which.
    pub component: Owner,
    /// Which versions of it; empty: as it stands in the bill.
    pub versions: Vec<VersionRange>,
}

/// In this bill or in another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Owner {
    /// Number of a component of this bill.
    Component(usize),
    /// A reference that nothing in this bill bears: a BOM-Link, or an error.
    Elsewhere(String),
}

/// Versions of a target.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VersionRange {
    /// One version.
    pub version: Option<String>,
    /// A range (`vers:` or as it stands).
    pub range: Option<String>,
    /// affected, unaffected, unknown; affected where nothing is said.
    pub status: Option<String>,
}

/// What a statement claims.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum State {
    /// Fixed.
    Resolved,
    /// Fixed, and the provenance of the fix is shown.
    ResolvedWithPedigree,
    /// Affected.
    Exploitable,
    /// Under investigation.
    InTriage,
    /// The finding is wrong: the component is another.
    FalsePositive,
    /// Not affected.
    NotAffected,
}

impl State {
    pub(super) fn parse(word: &str) -> Option<Self> {
        Some(match word {
            "resolved" => Self::Resolved,
            "resolved_with_pedigree" => Self::ResolvedWithPedigree,
            "exploitable" => Self::Exploitable,
            "in_triage" => Self::InTriage,
            "false_positive" => Self::FalsePositive,
            "not_affected" => Self::NotAffected,
            _ => return None,
        })
    }
}

/// What a supplier will do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Response {
    /// Cannot fix it.
    CanNotFix,
    /// Will not fix it.
    WillNotFix,
    /// A new version.
    Update,
    /// Go back to an older version.
    Rollback,
    /// A workaround.
    WorkaroundAvailable,
}

impl Response {
    pub(super) fn parse(word: &str) -> Option<Self> {
        Some(match word {
            "can_not_fix" => Self::CanNotFix,
            "will_not_fix" => Self::WillNotFix,
            "update" => Self::Update,
            "rollback" => Self::Rollback,
            "workaround_available" => Self::WorkaroundAvailable,
            _ => return None,
        })
    }
}
