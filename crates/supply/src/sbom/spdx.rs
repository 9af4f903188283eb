//! SPDX 2.2 and 2.3 as JSON (ISO/IEC 5962), and what its two syntaxes share.
//!
//! Packages become components; files and snippets are only known by their references, because relations name them. Does *not* read
//! annotations and licence texts; does not parse licence expressions.

use std::borrow::Cow;

use super::{
    Kind, RelationKind,
    build::{Builder, Draft},
    fault::Fault,
    read::Doc,
    texts::Sym,
};

/// What stands for a document in relations where it does not name itself.
pub(super) const DOCUMENT: &str = "SPDXRef-DOCUMENT";
/// By this remark one maker of bills says that a package of a distribution brought the files of another.
const OWNERSHIP: &str = "ownership-by-file-overlap";

/// `NOASSERTION` and `NONE` say nothing.
pub(super) fn said(text: &str) -> Option<&str> {
    let text = text.trim();
    (!text.is_empty() && text != "NOASSERTION" && text != "NONE").then_some(text)
}

/// `Organization: Example (mail)` without its label and address.
pub(super) fn party(text: &str) -> Option<&str> {
    let text = said(text)?;
    let name = ["Organization:", "Person:", "Tool:"]
        .iter()
        .find_map(|label| text.strip_prefix(label))
        .unwrap_or(text)
        .trim();
    let name = match name.rsplit_once('(') {
        Some((before, rest)) if rest.ends_with(')') && (rest.contains('@') || rest == ")") => {
            before
        }
        _ => name,
    };
    said(name)
}

/// One who made the document: a tool, an organisation or a person.
pub(super) fn creator(b: &mut Builder<'_>, at: usize, text: &str) {
    if let Some(name) = party(text) {
        let tool = text.trim_start().starts_with("Tool:");
        b.listed(
            at,
            "creators",
            name,
            if tool {
                |s| &mut s.tools
            } else {
                |s| &mut s.authors
            },
        );
    }
}

/// A relation in the words of SPDX 2.
pub(super) fn relation(
    b: &mut Builder<'_>,
    at: usize,
    from: &str,
    word: &str,
    to: &str,
    comment: &str,
) {
    // References to other documents: nothing here can bear them.
    let outside = |t: &str| t.starts_with("DocumentRef-");
    let (Some(from), Some(to)) = (said(from), said(to)) else {
        return;
    };
    if outside(from) || outside(to) {
        return;
    }
    let (from, to) = (
        b.sym(at, "spdxElementId", from),
        b.sym(at, "relatedSpdxElement", to),
    );
    match word {
        "DESCRIBES" => b.subject(to),
        "DESCRIBED_BY" => b.subject(from),
        _ => {}
    }
    let (mut kind, turned) = RelationKind::spdx(word);
    if comment.starts_with(OWNERSHIP) {
        kind = RelationKind::Owns;
    }
    let (from, to) = if turned { (to, from) } else { (from, to) };
    b.relation(at, from, to, kind);
}

/// An external reference that names the package.
pub(super) fn external(
    b: &mut Builder<'_>,
    draft: &mut Draft,
    at: usize,
    kind: &str,
    locator: &str,
) {
    match kind {
        "purl" | "packageUrl" if draft.purl.is_none() => draft.purl = b.text(at, "purl", locator),
        _ if kind.starts_with("cpe2") => {
            let cpe = b.sym(at, "cpe", locator);
            if !cpe.is_none() && !draft.cpes.contains(&cpe) {
                draft.cpes.push(cpe);
            }
        }
        _ => {}
    }
}

/// Keeps what is claimed about licences: concluded, else declared.
#[derive(Default)]
pub(super) struct Licences {
    pub(super) concluded: Sym,
    pub(super) declared: Sym,
}

impl Licences {
    pub(super) fn take(&self, draft: &mut Draft) {
        let kept = if self.concluded.is_none() {
            self.declared
        } else {
            self.concluded
        };
        if !kept.is_none() {
            draft.licences.push(kept);
        }
    }
}

/// What must be there of a package.
pub(super) fn complete(b: &mut Builder<'_>, at: usize, draft: &Draft) {
    if draft.name.is_none() {
        b.missing(at, "name");
    }
    if draft.id.is_none() {
        b.missing(at, "SPDXID");
    }
}

impl<'a> Doc<'a> {
    fn claimed(&mut self, field: &'static str) -> Result<Sym, Fault> {
        let found = self.text(field)?;
        Ok(found.map_or(Sym::NONE, |(at, t)| {
            said(&t).map_or(Sym::NONE, |t| self.b.sym(at, field, t))
        }))
    }

    pub(super) fn spdx_document_id(&mut self) -> Result<(), Fault> {
        let id = self.claimed("SPDXID")?;
        self.b.other(id);
        Ok(())
    }

    pub(super) fn spdx_creation(&mut self) -> Result<(), Fault> {
        if !self.object("creationInfo")? {
            return Ok(());
        }
        while let Some(key) = self.j.key()? {
            match &*key {
                "created" => {
                    if let Some((at, text)) = self.text("created")? {
                        self.b.created(at, "created", &text);
                    }
                }
                "creators" => {
                    if self.array("creators")? {
                        while self.j.item()? {
                            if let Some((at, text)) = self.text("creators")? {
                                creator(&mut self.b, at, &text);
                            }
                        }
                    }
                }
                _ => self.j.skip()?,
            }
        }
        Ok(())
    }

    pub(super) fn spdx_packages(&mut self) -> Result<(), Fault> {
        if self.array("packages")? {
            while self.j.item()? {
                self.spdx_package()?;
            }
        }
        Ok(())
    }

    fn spdx_package(&mut self) -> Result<(), Fault> {
        let at = self.j.place();
        if !self.object("packages")? {
            return Ok(());
        }
        let row = self.b.open(at)?;
        let mut draft = Draft::default();
        let mut licences = Licences::default();
        let (mut supplier, mut originator) = (Sym::NONE, Sym::NONE);
        while let Some(key) = self.j.key()? {
            match &*key {
                "SPDXID" => draft.id = self.claimed("SPDXID")?,
                "name" => {
                    if let Some((at, t)) = self.text("name")? {
                        draft.name = self.b.text(at, "name", &t);
                    }
                }
                "versionInfo" => {
                    if let Some((at, t)) = self.text("versionInfo")? {
                        draft.version = self.b.text(at, "versionInfo", said(&t).unwrap_or(""));
                    }
                }
                "primaryPackagePurpose" => {
                    draft.kind = Kind::spdx(&self.piece("primaryPackagePurpose")?)
                }
                "supplier" => supplier = self.spdx_party("supplier")?,
                "originator" => originator = self.spdx_party("originator")?,
                "licenseConcluded" => licences.concluded = self.claimed("licenseConcluded")?,
                "licenseDeclared" => licences.declared = self.claimed("licenseDeclared")?,
                "checksums" => self.spdx_checksums(&mut draft)?,
                "externalRefs" => self.spdx_external(&mut draft)?,
                _ => self.j.skip()?,
            }
        }
        draft.supplier = if supplier.is_none() {
            originator
        } else {
            supplier
        };
        licences.take(&mut draft);
        complete(&mut self.b, at, &draft);
        self.b.close(row, &draft);
        Ok(())
    }

    fn spdx_party(&mut self, field: &'static str) -> Result<Sym, Fault> {
        let found = self.text(field)?;
        Ok(found.map_or(Sym::NONE, |(at, t)| {
            party(&t).map_or(Sym::NONE, |t| self.b.sym(at, field, t))
        }))
    }

    fn spdx_checksums(&mut self, draft: &mut Draft) -> Result<(), Fault> {
        let of = ["algorithm", "checksumValue"];
        self.pairs("checksums", of, |b, at, algorithm, value| {
            draft.hashes.extend(b.hash(at, algorithm, value));
        })
    }

    fn spdx_external(&mut self, draft: &mut Draft) -> Result<(), Fault> {
        let of = ["referenceType", "referenceLocator"];
        self.pairs("externalRefs", of, |b, at, kind, locator| {
            external(b, draft, at, kind, locator);
        })
    }

    /// Files and snippets: only their references.
    pub(super) fn spdx_others(&mut self, field: &'static str) -> Result<(), Fault> {
        if self.array(field)? {
            while self.j.item()? {
                if !self.object(field)? {
                    continue;
                }
                while let Some(key) = self.j.key()? {
                    match &*key {
                        "SPDXID" => self.spdx_document_id()?,
                        _ => self.j.skip()?,
                    }
                }
            }
        }
        Ok(())
    }

    pub(super) fn spdx_describes(&mut self) -> Result<(), Fault> {
        if self.array("documentDescribes")? {
            while self.j.item()? {
                let id = self.claimed("documentDescribes")?;
                self.b.subject(id);
            }
        }
        Ok(())
    }

    pub(super) fn spdx_relationships(&mut self) -> Result<(), Fault> {
        if !self.array("relationships")? {
            return Ok(());
        }
        while self.j.item()? {
            let at = self.j.place();
            if !self.object("relationships")? {
                continue;
            }
            let [mut from, mut word, mut to, mut comment] = [const { Cow::Borrowed("") }; 4];
            while let Some(key) = self.j.key()? {
                match &*key {
                    "spdxElementId" => from = self.piece("spdxElementId")?,
                    "relationshipType" => word = self.piece("relationshipType")?,
                    "relatedSpdxElement" => to = self.piece("relatedSpdxElement")?,
                    "comment" => comment = self.piece("comment")?,
                    _ => self.j.skip()?,
                }
            }
            relation(&mut self.b, at, &from, &word, &to, &comment);
        }
        Ok(())
    }
}
