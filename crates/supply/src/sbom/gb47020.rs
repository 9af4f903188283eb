//! What the draft of GB/T 47020-2026 (in force 2026-08-01) wants of a bill, as a profile over bills of any format. **\[S, draft\]**: the
//! fields are known from the draft's informative annex only, to be compared with the issued text.
//!
//! Does *not* read a syntax of the standard's own: none was to be had. Does not check signatures.

use super::{Relation, Sbom};

/// Property under which a component says the share that its maker wrote himself. The word is the draft's.
pub const SELF_DEVELOPED: &str = "自研比例";

/// A field that the draft makes mandatory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs, reason = "the fields' own names")]
pub enum Field {
    SoftwareName,
    SoftwareVersion,
    SoftwareIntegrity,
    DocumentFormat,
    DocumentFormatVersion,
    DocumentSerial,
    DocumentTime,
    DocumentAuthors,
    ComponentId,
    ComponentName,
    ComponentVersion,
    ComponentSelfDeveloped,
    ComponentLicence,
    ComponentIntegrity,
    Dependencies,
    /// Neither CycloneDX nor SPDX carries it: risk that maintenance ends (生命周期维护中断风险).
    Disruptions,
    Signature,
    Supplier,
}

impl Field {
    /// All, in the order of the draft.
    pub const ALL: [Self; 18] = [
        Self::SoftwareName,
        Self::SoftwareVersion,
        Self::SoftwareIntegrity,
        Self::DocumentFormat,
        Self::DocumentFormatVersion,
        Self::DocumentSerial,
        Self::DocumentTime,
        Self::DocumentAuthors,
        Self::ComponentId,
        Self::ComponentName,
        Self::ComponentVersion,
        Self::ComponentSelfDeveloped,
        Self::ComponentLicence,
        Self::ComponentIntegrity,
        Self::Dependencies,
        Self::Disruptions,
        Self::Signature,
        Self::Supplier,
    ];

    /// In Chinese.
    pub const fn zh(self) -> &'static str {
        match self {
            Self::SoftwareName => "软件名称",
            Self::SoftwareVersion => "软件版本",
            Self::SoftwareIntegrity => "软件完整性(杂凑算法、摘要)",
            Self::DocumentFormat => "文档格式名称",
            Self::DocumentFormatVersion => "文档格式版本",
            Self::DocumentSerial => "文档序列号",
            Self::DocumentTime => "文档时间戳",
            Self::DocumentAuthors => "文档作者",
            Self::ComponentId => "组件标识",
            Self::ComponentName => "组件名称",
            Self::ComponentVersion => "组件版本",
            Self::ComponentSelfDeveloped => "组件自研比例",
            Self::ComponentLicence => "组件许可证",
            Self::ComponentIntegrity => "组件完整性",
            Self::Dependencies => "依赖关系",
            Self::Disruptions => "生命周期维护中断风险",
            Self::Signature => "签名",
            Self::Supplier => "供应者",
        }
    }

    /// In English.
    pub const fn en(self) -> &'static str {
        match self {
            Self::SoftwareName => "software name",
            Self::SoftwareVersion => "software version",
            Self::SoftwareIntegrity => "software integrity (algorithm, digest)",
            Self::DocumentFormat => "format name",
            Self::DocumentFormatVersion => "format version",
            Self::DocumentSerial => "serial number",
            Self::DocumentTime => "timestamp",
            Self::DocumentAuthors => "authors",
            Self::ComponentId => "component id",
            Self::ComponentName => "component name",
            Self::ComponentVersion => "component version",
            Self::ComponentSelfDeveloped => "share that the maker wrote himself",
            Self::ComponentLicence => "component licence",
            Self::ComponentIntegrity => "component integrity",
            Self::Dependencies => "dependencies",
            Self::Disruptions => "risk that maintenance ends",
            Self::Signature => "signature",
            Self::Supplier => "supplier",
        }
    }
}

/// How much of a field a bill has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Coverage {
    /// Which.
    pub field: Field,
    /// How often it is there.
    pub there: usize,
    /// How often it should be.
    pub of: usize,
}

/// How much of each mandatory field a bill has, in the order of [`Field::ALL`].
pub fn coverage(sbom: &Sbom) -> Vec<Coverage> {
    let q = sbom.quality();
    let subjects = sbom.subjects().len().max(1);
    let subject = |has: fn(&super::Component<'_>) -> bool| sbom.subjects().filter(has).count();
    let one = usize::from;
    Field::ALL
        .into_iter()
        .map(|field| {
            let (there, of) = match field {
                Field::SoftwareName => (subject(|c| c.name().is_some()), subjects),
                Field::SoftwareVersion => (subject(|c| c.version().is_some()), subjects),
                Field::SoftwareIntegrity => (subject(|c| c.hashes().len() > 0), subjects),
                Field::DocumentFormat => (1, 1),
                Field::DocumentFormatVersion => (one(!sbom.version().is_empty()), 1),
                Field::DocumentSerial => (one(sbom.serial().is_some()), 1),
                Field::DocumentTime => (one(sbom.created().is_some()), 1),
                Field::DocumentAuthors => (one(!sbom.authors().is_empty()), 1),
                Field::ComponentId => (
                    sbom.components().filter(|c| c.id().is_some()).count(),
                    q.components,
                ),
                Field::ComponentName => (q.components - q.no_name, q.components),
                Field::ComponentVersion => (q.components - q.no_version, q.components),
                Field::ComponentSelfDeveloped => {
                    let there = sbom.components().filter(|c| c.self_developed().is_some());
                    (there.count(), q.components)
                }
                Field::ComponentLicence => (q.components - q.no_licence, q.components),
                Field::ComponentIntegrity => (q.components - q.no_hash, q.components),
                Field::Dependencies => (
                    one(sbom.relations().iter().any(|r: &Relation| r.kind.needs())),
                    1,
                ),
                Field::Disruptions => (0, 1),
                Field::Signature => (one(sbom.signed()), 1),
                Field::Supplier => {
                    let there = sbom.supplier().is_some()
                        || sbom.subjects().any(|c| c.supplier().is_some());
                    (one(there), 1)
                }
            };
            Coverage { field, there, of }
        })
        .collect()
}
