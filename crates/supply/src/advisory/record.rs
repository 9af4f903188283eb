//! The one record: what a publisher says of one vulnerability and the products he names.
//!
//! Names and bounds are his text. Nothing here says whether a component is affected.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use super::severity::{Level, Rating, Severity};
use super::{Name, RecordKey, Stamp};

/// What one publisher says of one vulnerability, as of one revision. A document on several vulnerabilities gives several records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Advisory {
    /// As the publisher numbers it: `GO-2022-0345`, `RHSA-2024:3351`.
    pub id: Box<str>,
    /// Which vulnerability of the document this record is about, where it may treat several: `CVE-2021-44228`, a second entry on
    /// the same `CVE-2021-44228#2`, or its number in the document.
    pub part: Option<Box<str>>,
    /// Who says it: the prefix of an OSV id, a CSAF publisher's namespace, the assigner of a CVE, `CNVD`, `CNNVD`.
    pub source: Box<str>,
    /// First published.
    pub published: Option<Stamp>,
    /// Last changed, by the publisher's word; content hashes decide what changed.
    pub modified: Option<Stamp>,
    /// Withdrawn or rejected. The record stays, so that what relied on it can be corrected.
    pub withdrawn: Option<Stamp>,
    /// Other identifiers of the same vulnerability, as given.
    pub aliases: Vec<Box<str>>,
    /// Identifiers that are near it (`related`, `upstream`): never joined.
    pub related: Vec<Box<str>>,
    /// Every rating, by source. None: see [`Advisory::severity`].
    pub ratings: Vec<Rating>,
    /// One line: the title, or the beginning of the description.
    pub summary: Box<str>,
    /// Addresses.
    pub references: Vec<Box<str>>,
    /// What is said to be affected, fixed, not affected.
    pub affected: Vec<Affected>,
    /// What is said beyond a status: why not affected, what to do (VEX).
    pub statements: Vec<Statement>,
    /// SHA-256 of the record's bytes as they came.
    pub raw: [u8; 32],
}

impl Advisory {
    /// The severity over all ratings: the highest. Without one, somebody has to look.
    pub fn severity(&self) -> Severity {
        Severity::of(&self.ratings)
    }

    /// The highest rating in words, where only words were given.
    pub fn level(&self) -> Option<Level> {
        self.severity().level()
    }

    /// Source, id and part: what a later revision of the same record has too.
    pub fn key(&self) -> RecordKey {
        RecordKey {
            source: self.source.clone(),
            id: self.id.clone(),
            part: self.part.clone(),
        }
    }

    /// The record's own name among identifiers: the vulnerability of a part, or the id where it has the shape of one; else source and id.
    pub fn own_name(&self) -> Name {
        let own = self.part.as_deref().unwrap_or(&self.id);
        let own = own.split('#').next().unwrap_or_default();
        Name::parse(own)
            .unwrap_or_else(|| Name::local(&self.source, &self.id, self.part.as_deref()))
    }

    /// Names that are the same vulnerability, its own apart.
    pub fn alias_names(&self) -> Vec<Name> {
        let own = self.own_name();
        let mut names: Vec<Name> = self
            .aliases
            .iter()
            .filter_map(|a| Name::parse(a))
            .filter(|n| *n != own)
            .collect();
        names.sort();
        names.dedup();
        names
    }
}

/// Parts of one document, told apart where several are about the same vulnerability.
#[derive(Default)]
pub(super) struct Parts(BTreeMap<Box<str>, usize>);

impl Parts {
    pub(super) fn name(&mut self, part: &str) -> Box<str> {
        let count = self.0.entry(part.into()).or_default();
        *count += 1;
        match *count {
            1 => part.into(),
            n => format!("{part}#{n}").into(),
        }
    }
}

/// What is said of a product and its versions.
///
/// With neither ranges nor versions, `status` holds for what the subjects name, the version in a purl or CPE included. Otherwise it
/// holds for every version that no range and no listed version names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Affected {
    /// Names of one thing, in several systems of names; shared by what a document says of it several times.
    pub subjects: Arc<[Subject]>,
    /// The platform it must run on, where the statement holds on that only.
    pub on: Arc<[Subject]>,
    /// Status of everything else, see above. Unknown where a part of what was said had to be left out.
    pub status: Status,
    /// Ranges, as given.
    pub ranges: Vec<Range>,
    /// Versions named one by one; they add to the ranges.
    pub versions: Vec<Listed>,
    /// Operating systems, processors, modules.
    pub platforms: Vec<Box<str>>,
    /// Release of a distribution: `12` of `Debian:12`.
    pub release: Option<Box<str>>,
    /// Product id inside its document (CSAF) or component reference (CycloneDX).
    pub product: Option<Box<str>>,
}

impl Affected {
    pub(super) fn of(subjects: impl Into<Arc<[Subject]>>, status: Status) -> Self {
        Self {
            subjects: subjects.into(),
            on: Arc::new([]),
            status,
            ranges: Vec::new(),
            versions: Vec::new(),
            platforms: Vec::new(),
            release: None,
            product: None,
        }
    }
}

/// One name of a product, as given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// Package of an ecosystem (OSV).
    Package {
        /// Without release: `Debian`, `PyPI`.
        ecosystem: Box<str>,
        /// As the ecosystem writes it.
        name: Box<str>,
    },
    /// Package URL.
    Purl(Box<str>),
    /// CPE 2.2 or 2.3.
    Cpe(Box<str>),
    /// Vendor and product by name. A name alone is a candidate for a person, never a match.
    Product {
        /// Absent where only a product is named.
        vendor: Option<Box<str>>,
        /// Product name.
        product: Box<str>,
    },
    /// Source repository (address).
    Repository(Box<str>),
    /// Component of another document: BOM-Link or `bom-ref`.
    Reference(Box<str>),
}

/// What a publisher says about versions of a product.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// Has the flaw.
    Affected,
    /// Has it not.
    NotAffected,
    /// Had it, and has it no more.
    Fixed,
    /// Somebody is looking.
    UnderInvestigation,
    /// Nothing is said, or what is said contradicts itself: not assessed.
    Unknown,
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Affected => "affected",
            Self::NotAffected => "not affected",
            Self::Fixed => "fixed",
            Self::UnderInvestigation => "under investigation",
            Self::Unknown => "unknown",
        })
    }
}

/// How the bounds of a range are ordered, as declared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scheme {
    /// Semantic Versioning 2.0 (OSV `SEMVER`).
    SemVer,
    /// The ecosystem's own order (OSV `ECOSYSTEM`).
    Ecosystem,
    /// Commits: no order without the repository.
    Git,
    /// A name that the record gives: CVE `versionType`, the scheme of a `vers:` text.
    Named(Box<str>),
    /// None: not assessed unless the subject says it.
    Undeclared,
}

/// A range of versions. Bounds stand in the publisher's order. One with a reason in `unassessed` must not be judged by its bounds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Range {
    /// How bounds are ordered.
    pub scheme: Scheme,
    /// What is said of the versions inside.
    pub status: Status,
    /// Bounds, as given.
    pub bounds: Vec<Bound>,
    /// The range as one text, where it was given so (CSAF, CycloneDX).
    pub text: Option<Box<str>>,
    /// Why nothing can be concluded from the bounds: contradictory, incomplete, or not understood.
    pub unassessed: Option<Box<str>>,
}

/// One bound of a range. The version `0` after [`Bound::From`] means "from the start".
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Bound {
    /// From this version on (OSV `introduced`, CPE `versionStartIncluding`).
    From(Box<str>),
    /// Above this version.
    After(Box<str>),
    /// Up to, without it (OSV `fixed`, CVE `lessThan`).
    Before(Box<str>),
    /// Up to and with it (OSV `last_affected`, CVE `lessThanOrEqual`).
    UpTo(Box<str>),
    /// OSV `limit`: nothing is said from here on.
    Limit(Box<str>),
    /// This version alone, inside a text of several bounds.
    Just(Box<str>),
    /// All but this version.
    Except(Box<str>),
}

/// A version named by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// As given.
    pub version: Box<str>,
    /// What is said of it.
    pub status: Status,
}

/// What a publisher adds to a status (VEX).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// Positions in [`Advisory::affected`].
    pub affected: Vec<u32>,
    /// The status that it is about; `None` for a remedy alone.
    pub status: Option<Status>,
    /// Label of the justification, as given: `vulnerable_code_not_present`, `code_not_reachable`.
    pub justification: Option<Box<str>>,
    /// In words: impact or reason.
    pub words: Option<Box<str>>,
    /// What to do.
    pub remedies: Vec<Remedy>,
    /// When it was said.
    pub at: Option<Stamp>,
}

/// What can be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remedy {
    /// Category as given: `vendor_fix`, `workaround`, `no_fix_planned`, `update`.
    pub kind: Box<str>,
    /// In words.
    pub words: Option<Box<str>>,
    /// Where to get it.
    pub url: Option<Box<str>>,
}
