//! Software bills of materials: bytes in, components, relations and what is wrong with them out.
//!
//! Read: CycloneDX 1.1–1.7 as JSON and XML (ECMA-424), SPDX 2.2 and 2.3 as JSON and tag-value (ISO/IEC 5962), of SPDX 3.0 as JSON-LD what
//! concerns packages, relations and vulnerabilities. What the draft of GB/T 47020-2026 wants of a bill is a profile over all of them:
//! [`gb47020`]. One entry, [`read`], which recognises the format by its content.
//!
//! Tolerant: a component that is wrong costs only itself, with an entry that names the place. A document that is cut off is refused. Memory
//! follows what is kept, not what is read; nesting, texts and the number of components are bounded by [`Limits`].
//!
//! Does *not* check signatures, does not compare versions, does not expand entities and does not keep the raw bytes: whoever takes a bill in
//! keeps them for a later reader.

mod build;
mod cyclonedx;
mod cyclonedx_xml;
mod diff;
mod fault;
pub mod gb47020;
mod graph;
mod json;
mod kinds;
mod read;
mod spdx;
mod spdx3;
mod statement;
mod tag_value;
mod texts;

pub use diff::{Change, Diff, Package, diff};
pub use fault::{Fault, Place, What, Wrong};
pub use kinds::{Algorithm, Kind, RelationKind, Scope};
pub use read::{read, read_with};
pub use statement::{Owner, Response, State, Statement, Target, VersionRange};

use build::Row;
use texts::{Sym, Text, Texts};

/// How much of a document is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Length of the document in bytes; beyond it is refused. Never more than 4 GiB.
    pub bytes: u64,
    /// Components, the subject included; a document with more is refused.
    pub components: usize,
    /// Levels of components within components; those below are left out, with an entry.
    pub depth: usize,
    /// Length of one text in bytes; a longer one is left out, with an entry.
    pub text: usize,
}

impl Default for Limits {
    /// 2 GiB, two million components, 48 levels, 64 KiB.
    fn default() -> Self {
        Self {
            bytes: 2 << 30,
            components: 2_000_000,
            depth: 48,
            text: 64 << 10,
        }
    }
}

/// Format and syntax of a bill.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Format {
    /// CycloneDX as JSON.
    CycloneDxJson,
    /// CycloneDX as XML.
    CycloneDxXml,
    /// SPDX 2 as JSON.
    SpdxJson,
    /// SPDX 2 as tag-value.
    SpdxTagValue,
    /// SPDX 3 as JSON-LD.
    Spdx3,
}

impl std::fmt::Display for Format {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::CycloneDxJson => "CycloneDX JSON",
            Self::CycloneDxXml => "CycloneDX XML",
            Self::SpdxJson => "SPDX JSON",
            Self::SpdxTagValue => "SPDX tag-value",
            Self::Spdx3 => "SPDX 3 JSON-LD",
        })
    }
}

/// A bill of materials.
#[derive(Clone)]
pub struct Sbom {
    texts: Texts,
    rows: Vec<Row>,
    syms: Vec<Sym>,
    hashes: Vec<Hash>,
    subjects: Vec<u32>,
    format: Option<Format>,
    version: String,
    serial: Option<String>,
    revision: Option<String>,
    name: Option<String>,
    created: Option<String>,
    tools: Vec<String>,
    authors: Vec<String>,
    supplier: Option<String>,
    signed: bool,
    relations: Vec<Relation>,
    statements: Vec<Statement>,
    quality: Quality,
    wrong: Vec<Wrong>,
}

impl Sbom {
    fn empty() -> Self {
        Self {
            texts: Texts::default(),
            rows: Vec::new(),
            syms: Vec::new(),
            hashes: Vec::new(),
            subjects: Vec::new(),
            format: None,
            version: String::new(),
            serial: None,
            revision: None,
            name: None,
            created: None,
            tools: Vec::new(),
            authors: Vec::new(),
            supplier: None,
            signed: false,
            relations: Vec::new(),
            statements: Vec::new(),
            quality: Quality::default(),
            wrong: Vec::new(),
        }
    }

    /// Format and syntax.
    pub fn format(&self) -> Format {
        self.format.unwrap_or(Format::CycloneDxJson)
    }

    /// Version of the format, as `1.6` or `2.3`.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Serial number (CycloneDX) or namespace (SPDX) of the document.
    pub fn serial(&self) -> Option<&str> {
        self.serial.as_deref()
    }

    /// Revision of the document under its serial number (CycloneDX `version`).
    pub fn revision(&self) -> Option<&str> {
        self.revision.as_deref()
    }

    /// Name of the document (SPDX).
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// When the document was made, as it stands there.
    pub fn created(&self) -> Option<&str> {
        self.created.as_deref()
    }

    /// Programs that made the document, with their version where it is said. At most a hundred.
    pub fn tools(&self) -> &[String] {
        &self.tools
    }

    /// Organisations and persons who made the document; addresses are left out. At most a hundred. Personal data.
    pub fn authors(&self) -> &[String] {
        &self.authors
    }

    /// Supplier of the subject, where the document says it apart from the subject.
    pub fn supplier(&self) -> Option<&str> {
        self.supplier.as_deref()
    }

    /// The document carries a signature within itself. It was not checked.
    pub const fn signed(&self) -> bool {
        self.signed
    }

    /// What the bill is about: mostly one component, in SPDX sometimes several, or none.
    pub fn subjects(&self) -> impl ExactSizeIterator<Item = Component<'_>> {
        self.subjects.iter().map(|n| Component {
            sbom: self,
            row: &self.rows[*n as usize],
        })
    }

    /// All components in the order of the document, the subject included. Services are components, files of SPDX are not.
    pub fn components(&self) -> impl ExactSizeIterator<Item = Component<'_>> {
        self.rows.iter().map(|row| Component { sbom: self, row })
    }

    /// The component of a number, from 0 in the order of the document.
    pub fn component(&self, number: usize) -> Option<Component<'_>> {
        self.rows
            .get(number)
            .map(|row| Component { sbom: self, row })
    }

    /// Relations between components, sorted, none twice. Ends are numbers of components.
    pub fn relations(&self) -> &[Relation] {
        &self.relations
    }

    /// What the bill itself says about vulnerabilities (VEX within the bill), in the order of the document.
    pub fn statements(&self) -> &[Statement] {
        &self.statements
    }

    /// Bytes that the components, their texts and relations take.
    pub fn memory(&self) -> usize {
        self.texts.memory()
            + self.rows.capacity() * size_of::<Row>()
            + self.syms.capacity() * size_of::<Sym>()
            + self.hashes.capacity() * size_of::<Hash>()
            + self.relations.capacity() * size_of::<Relation>()
    }

    /// Counts by which the bill can be judged.
    pub const fn quality(&self) -> &Quality {
        &self.quality
    }

    /// What is not as the format wants it, in the order of the document. At most a thousand; [`Quality::wrong`] counts all.
    pub fn wrong(&self) -> &[Wrong] {
        &self.wrong
    }
}

/// Texts of a bill can be many millions: only the head is shown.
impl std::fmt::Debug for Sbom {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sbom")
            .field("format", &self.format)
            .field("version", &self.version)
            .field("serial", &self.serial)
            .field("quality", &self.quality)
            .finish_non_exhaustive()
    }
}

/// One component of a bill.
#[derive(Clone, Copy)]
pub struct Component<'a> {
    sbom: &'a Sbom,
    row: &'a Row,
}

impl<'a> Component<'a> {
    /// `bom-ref` or `SPDXID`.
    pub fn id(&self) -> Option<&'a str> {
        self.sbom.texts.some_sym(self.row.id)
    }

    /// What kind of thing it is.
    pub const fn kind(&self) -> Kind {
        self.row.kind
    }

    /// Whether it is needed to run.
    pub const fn scope(&self) -> Scope {
        self.row.scope
    }

    /// Group, namespace or organisation in its ecosystem.
    pub fn group(&self) -> Option<&'a str> {
        self.sbom.texts.some_sym(self.row.group)
    }

    /// Name as it stands.
    pub fn name(&self) -> Option<&'a str> {
        self.sbom.texts.some(self.row.name)
    }

    /// Version as it stands.
    pub fn version(&self) -> Option<&'a str> {
        self.sbom.texts.some(self.row.version)
    }

    /// Package URL as it stands.
    pub fn purl(&self) -> Option<&'a str> {
        self.sbom.texts.some(self.row.purl)
    }

    /// Supplier, or where none is named, the manufacturer, originator or publisher.
    pub fn supplier(&self) -> Option<&'a str> {
        self.sbom.texts.some_sym(self.row.supplier)
    }

    /// Share that the maker wrote himself (自研比例), where a property of that name says it; GB/T 47020 \[S, draft\].
    pub fn self_developed(&self) -> Option<&'a str> {
        self.sbom.texts.some_sym(self.row.self_developed)
    }

    /// CPE names, 2.2 or 2.3, as they stand.
    pub fn cpes(&self) -> impl ExactSizeIterator<Item = &'a str> {
        let from = self.row.first as usize;
        self.syms(from, from + usize::from(self.row.cpes))
    }

    /// Licences: SPDX ids, expressions or names.
    pub fn licences(&self) -> impl ExactSizeIterator<Item = &'a str> {
        let from = self.row.first as usize + usize::from(self.row.cpes);
        self.syms(from, from + usize::from(self.row.licences))
    }

    fn syms(&self, from: usize, to: usize) -> impl ExactSizeIterator<Item = &'a str> + use<'a> {
        let sbom = self.sbom;
        sbom.syms[from..to].iter().map(|s| sbom.texts.sym(*s))
    }

    /// Hashes: algorithm and hexadecimal digits.
    pub fn hashes(&self) -> impl ExactSizeIterator<Item = (Algorithm, &'a str)> {
        let sbom = self.sbom;
        let from = self.row.hash as usize;
        sbom.hashes[from..from + usize::from(self.row.hashes)]
            .iter()
            .map(|h| (h.algorithm, sbom.texts.text(h.content)))
    }
}

#[derive(Clone, Copy)]
struct Hash {
    algorithm: Algorithm,
    content: Text,
}

/// Two components of a bill and how they relate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Relation {
    /// Number of a component.
    pub from: u32,
    /// Number of a component.
    pub to: u32,
    /// `from` … `to`.
    pub kind: RelationKind,
}

/// Counts by which a bill can be judged. All but `others` and `wrong` count components.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Quality {
    /// All, the subject included.
    pub components: usize,
    /// Without a name.
    pub no_name: usize,
    /// Without a version.
    pub no_version: usize,
    /// Without a package URL.
    pub no_purl: usize,
    /// Without package URL and CPE: nothing can be matched.
    pub no_identity: usize,
    /// Without a supplier.
    pub no_supplier: usize,
    /// Without a licence.
    pub no_licence: usize,
    /// Without a hash.
    pub no_hash: usize,
    /// With a reference that an earlier one bears.
    pub duplicate_ids: usize,
    /// Ends of relations that nothing bears.
    pub dangling: usize,
    /// Circles of components that need each other.
    pub cycles: usize,
    /// In such circles.
    pub in_cycles: usize,
    /// Files, snippets, persons and documents that relations name.
    pub others: usize,
    /// Entries of what is wrong, those included that were not kept.
    pub wrong: u64,
}
