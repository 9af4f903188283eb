//! CycloneDX 1.2–1.7 as JSON (ECMA-424), and what its two syntaxes share.
//!
//! Read: metadata, components and services however nested, dependencies, vulnerabilities with their analysis. Does *not* read pedigree,
//! evidence, formulation, annotations, attestations and standards; has no list of SPDX licences to hold ids against.

use std::borrow::Cow;

use super::{
    Kind, RelationKind, Response, Scope, Statement, What,
    build::{Builder, Draft, PendingStatement, some},
    fault::Fault,
    gb47020,
    read::Doc,
    statement::{State, VersionRange},
    texts::Sym,
};

/// Names of properties under which makers of bills put more CPE names.
const CPE_PROPERTY: &str = "syft:cpe23";

/// Sets the kind, with an entry where the word is unknown.
pub(super) fn kind(b: &mut Builder<'_>, at: usize, word: &str) -> Kind {
    Kind::cyclonedx(word).unwrap_or_else(|| {
        b.value(at, "type", word, "a component type of CycloneDX 1.7");
        Kind::Other
    })
}

/// Sets the scope, with an entry where the word is unknown.
pub(super) fn scope(b: &mut Builder<'_>, at: usize, word: &str) -> Scope {
    Scope::parse(word).unwrap_or_else(|| {
        b.value(at, "scope", word, "required, optional or excluded");
        Scope::Unsaid
    })
}

/// Keeps the serial number, with an entry where it is not one.
pub(super) fn serial(b: &mut Builder<'_>, at: usize, text: &str) {
    let uuid = text.strip_prefix("urn:uuid:").unwrap_or("");
    let fits = uuid.len() == 36
        && uuid.bytes().enumerate().all(|(n, c)| {
            if matches!(n, 8 | 13 | 18 | 23) {
                c == b'-'
            } else {
                c.is_ascii_hexdigit()
            }
        });
    if !fits {
        b.value(at, "serialNumber", text, "urn:uuid: and a UUID");
    }
    b.serial(at, text);
}

/// Takes a property that we know.
pub(super) fn property(b: &mut Builder<'_>, draft: &mut Draft, at: usize, name: &str, value: &str) {
    if name == CPE_PROPERTY {
        let cpe = b.sym(at, "value", value);
        if !cpe.is_none() && !draft.cpes.contains(&cpe) {
            draft.cpes.push(cpe);
        }
    } else if name == gb47020::SELF_DEVELOPED {
        draft.self_developed = b.sym(at, "value", value);
    }
}

/// Parties of a component, the first that is named being its supplier.
#[derive(Default)]
pub(super) struct Parties {
    pub(super) supplier: Sym,
    pub(super) manufacturer: Sym,
    pub(super) publisher: Sym,
}

impl Parties {
    pub(super) fn first(&self) -> Sym {
        [self.supplier, self.manufacturer, self.publisher]
            .into_iter()
            .find(|s| !s.is_none())
            .unwrap_or_default()
    }
}

/// What must be there of a component.
pub(super) fn complete(b: &mut Builder<'_>, at: usize, draft: &Draft, service: bool) {
    if draft.name.is_none() {
        b.missing(at, "name");
    }
    if draft.kind == Kind::Unsaid && !service {
        b.missing(at, "type");
    }
}

/// What is wanted of a dependency; its ends become relations.
pub(super) fn dependency(
    b: &mut Builder<'_>,
    at: usize,
    from: Sym,
    ends: &[(usize, Sym, RelationKind)],
) {
    if from.is_none() {
        b.missing(at, "ref");
    }
    for (at, to, kind) in ends {
        b.relation(*at, from, *to, *kind);
    }
}

/// The analysis of a vulnerability.
pub(super) fn state(b: &mut Builder<'_>, at: usize, word: &str) -> Option<State> {
    let state = State::parse(word);
    if state.is_none() {
        b.value(at, "state", word, "an analysis state of CycloneDX");
    }
    state
}

/// A response to a vulnerability.
pub(super) fn response(b: &mut Builder<'_>, at: usize, word: &str) -> Option<Response> {
    let response = Response::parse(word);
    if response.is_none() {
        b.value(at, "response", word, "a response of CycloneDX");
    }
    response
}

impl<'a> Doc<'a> {
    fn sym(&mut self, field: &'static str) -> Result<Sym, Fault> {
        Ok(self
            .text(field)?
            .map_or(Sym::NONE, |(at, t)| self.b.sym(at, field, &t)))
    }

    pub(super) fn cdx_serial(&mut self) -> Result<(), Fault> {
        if let Some((at, text)) = self.text("serialNumber")? {
            serial(&mut self.b, at, &text);
        }
        Ok(())
    }

    pub(super) fn cdx_metadata(&mut self) -> Result<(), Fault> {
        if !self.object("metadata")? {
            return Ok(());
        }
        while let Some(key) = self.j.key()? {
            match &*key {
                "timestamp" => {
                    if let Some((at, text)) = self.text("timestamp")? {
                        self.b.created(at, "timestamp", &text);
                    }
                }
                "tools" => self.cdx_tools()?,
                "authors" => {
                    if self.array("authors")? {
                        while self.j.item()? {
                            let at = self.j.place();
                            let name = self.cdx_named("authors")?;
                            let name = self.b.sbom.texts.sym(name).to_owned();
                            self.b.listed(at, "name", &name, |s| &mut s.authors);
                        }
                    }
                }
                "component" => {
                    if let Some(row) = self.cdx_component(0, None, false)? {
                        self.b.about(row);
                    }
                }
                "supplier" => {
                    let name = self.cdx_named("supplier")?;
                    self.b.sbom.supplier = some(self.b.sbom.texts.sym(name));
                }
                "manufacture" | "manufacturer" => {
                    let at = self.j.place();
                    let name = self.cdx_named("manufacturer")?;
                    let name = self.b.sbom.texts.sym(name).to_owned();
                    self.b.listed(at, "name", &name, |s| &mut s.authors);
                }
                "licenses" => {
                    self.cdx_licences(&mut Draft::default())?;
                }
                "properties" => self.cdx_properties(&mut Draft::default())?,
                _ => self.j.skip()?,
            }
        }
        Ok(())
    }

    /// An array of tools until 1.4, since 1.5 also an object of components and services.
    fn cdx_tools(&mut self) -> Result<(), Fault> {
        let base = self.j.depth();
        match self.j.value()? {
            super::json::Value::Array => {
                while self.j.item()? {
                    self.cdx_tool()?;
                }
            }
            super::json::Value::Object => {
                while let Some(key) = self.j.key()? {
                    match &*key {
                        "components" | "services" if self.array("tools")? => {
                            while self.j.item()? {
                                self.cdx_tool()?;
                            }
                        }
                        "components" | "services" => {}
                        _ => self.j.skip()?,
                    }
                }
            }
            _ => self.j.leave(base)?,
        }
        Ok(())
    }

    fn cdx_tool(&mut self) -> Result<(), Fault> {
        let at = self.j.place();
        if !self.object("tools")? {
            return Ok(());
        }
        let (mut name, mut version) = (Cow::Borrowed(""), Cow::Borrowed(""));
        while let Some(key) = self.j.key()? {
            match &*key {
                "name" => name = self.text("name")?.map_or(Cow::Borrowed(""), |t| t.1),
                "version" => version = self.text("version")?.map_or(Cow::Borrowed(""), |t| t.1),
                "bom-ref" => {
                    let id = self.sym("bom-ref")?;
                    self.b.other(id);
                }
                _ => self.j.skip()?,
            }
        }
        let text = format!("{name} {version}");
        self.b.listed(at, "tools", &text, |s| &mut s.tools);
        Ok(())
    }

    /// The name of an organisation or person; until 1.x some makers write the bare name.
    fn cdx_named(&mut self, field: &'static str) -> Result<Sym, Fault> {
        let at = self.j.place();
        let base = self.j.depth();
        let mut name = Sym::NONE;
        match self.j.value()? {
            super::json::Value::Object => {
                while let Some(key) = self.j.key()? {
                    match &*key {
                        "name" => name = self.sym("name")?,
                        _ => self.j.skip()?,
                    }
                }
            }
            other => {
                let found = other.name();
                self.b.wrong(
                    at,
                    What::Kind {
                        field,
                        expected: "object",
                        found,
                    },
                );
                if let super::json::Value::Text(text) = other {
                    name = self.b.sym(at, field, &text);
                }
                self.j.leave(base)?;
            }
        }
        Ok(name)
    }

    /// `components` or `services` of the document or of a component.
    pub(super) fn cdx_components(
        &mut self,
        depth: usize,
        parent: Option<u32>,
        service: bool,
    ) -> Result<(), Fault> {
        let at = self.j.place();
        if depth > self.b.limits.depth {
            self.b.wrong(
                at,
                What::TooDeep {
                    limit: self.b.limits.depth,
                },
            );
            return self.j.skip();
        }
        if self.array(if service { "services" } else { "components" })? {
            while self.j.item()? {
                self.cdx_component(depth, parent, service)?;
            }
        }
        Ok(())
    }

    fn cdx_component(
        &mut self,
        depth: usize,
        parent: Option<u32>,
        service: bool,
    ) -> Result<Option<u32>, Fault> {
        let at = self.j.place();
        if !self.object("component")? {
            return Ok(None);
        }
        let row = self.b.open(at)?;
        if let Some(parent) = parent {
            self.b.between(parent, row, RelationKind::Contains);
        }
        let mut draft = Draft::default();
        let mut parties = Parties::default();
        if service {
            draft.kind = Kind::Service;
        }
        while let Some(key) = self.j.key()? {
            match &*key {
                "type" => {
                    if let Some((at, word)) = self.text("type")? {
                        draft.kind = kind(&mut self.b, at, &word);
                    }
                }
                "bom-ref" => {
                    let at = self.j.place();
                    draft.id = self.sym("bom-ref")?;
                    if draft.id.is_none() {
                        self.b.value(at, "bom-ref", "", "a text that is not empty");
                    }
                }
                "group" => draft.group = self.sym("group")?,
                "name" => draft.name = self.cdx_text("name")?,
                "version" => draft.version = self.cdx_text("version")?,
                "purl" => draft.purl = self.cdx_text("purl")?,
                "cpe" => {
                    let cpe = self.sym("cpe")?;
                    if !cpe.is_none() {
                        draft.cpes.push(cpe);
                    }
                }
                "scope" => {
                    if let Some((at, word)) = self.text("scope")? {
                        draft.scope = scope(&mut self.b, at, &word);
                    }
                }
                "supplier" | "provider" => parties.supplier = self.cdx_named("supplier")?,
                "manufacturer" => parties.manufacturer = self.cdx_named("manufacturer")?,
                "publisher" => parties.publisher = self.sym("publisher")?,
                "licenses" => self.cdx_licences(&mut draft)?,
                "hashes" => self.cdx_hashes(&mut draft)?,
                "properties" => self.cdx_properties(&mut draft)?,
                "components" => self.cdx_components(depth + 1, Some(row), false)?,
                "services" if service => self.cdx_components(depth + 1, Some(row), true)?,
                _ => self.j.skip()?,
            }
        }
        draft.supplier = parties.first();
        complete(&mut self.b, at, &draft, service);
        self.b.close(row, &draft);
        Ok(Some(row))
    }

    fn cdx_text(&mut self, field: &'static str) -> Result<super::texts::Text, Fault> {
        Ok(self
            .text(field)?
            .map_or(super::texts::Text::NONE, |(at, t)| {
                self.b.text(at, field, &t)
            }))
    }

    fn cdx_hashes(&mut self, draft: &mut Draft) -> Result<(), Fault> {
        self.pairs("hashes", ["alg", "content"], |b, at, algorithm, content| {
            draft.hashes.extend(b.hash(at, algorithm, content));
        })
    }

    fn cdx_licences(&mut self, draft: &mut Draft) -> Result<(), Fault> {
        if !self.array("licenses")? {
            return Ok(());
        }
        while self.j.item()? {
            let at = self.j.place();
            if !self.object("licenses")? {
                continue;
            }
            let (mut expression, mut licence, mut seen) = (Sym::NONE, Sym::NONE, false);
            while let Some(key) = self.j.key()? {
                match &*key {
                    "expression" => expression = self.sym("expression")?,
                    "license" => {
                        seen = true;
                        licence = self.cdx_licence()?;
                    }
                    _ => self.j.skip()?,
                }
            }
            if seen && !expression.is_none() {
                self.b.wrong(
                    at,
                    What::Both {
                        field: "expression",
                        other: "license",
                    },
                );
            } else if !seen && expression.is_none() {
                self.b.missing(at, "license");
            }
            let kept = if expression.is_none() {
                licence
            } else {
                expression
            };
            if !kept.is_none() {
                draft.licences.push(kept);
            }
        }
        Ok(())
    }

    fn cdx_licence(&mut self) -> Result<Sym, Fault> {
        let at = self.j.place();
        let (mut id, mut name) = (Sym::NONE, Sym::NONE);
        if self.object("license")? {
            while let Some(key) = self.j.key()? {
                match &*key {
                    "id" => id = self.sym("id")?,
                    "name" => name = self.sym("name")?,
                    _ => self.j.skip()?,
                }
            }
            licence(&mut self.b, at, id, name);
        }
        Ok(if id.is_none() { name } else { id })
    }

    fn cdx_properties(&mut self, draft: &mut Draft) -> Result<(), Fault> {
        if !self.array("properties")? {
            return Ok(());
        }
        while self.j.item()? {
            let at = self.j.place();
            if !self.object("properties")? {
                continue;
            }
            let (mut name, mut value) = (Cow::Borrowed(""), Cow::Borrowed(""));
            while let Some(key) = self.j.key()? {
                match &*key {
                    "name" => name = self.text("name")?.map_or(Cow::Borrowed(""), |t| t.1),
                    "value" => value = self.text("value")?.map_or(Cow::Borrowed(""), |t| t.1),
                    _ => self.j.skip()?,
                }
            }
            if name.is_empty() {
                self.b.missing(at, "name");
            }
            property(&mut self.b, draft, at, &name, &value);
        }
        Ok(())
    }

    pub(super) fn cdx_dependencies(&mut self) -> Result<(), Fault> {
        if !self.array("dependencies")? {
            return Ok(());
        }
        let mut ends = Vec::new();
        while self.j.item()? {
            let at = self.j.place();
            if !self.object("dependencies")? {
                continue;
            }
            let mut from = Sym::NONE;
            ends.clear();
            while let Some(key) = self.j.key()? {
                match &*key {
                    "ref" => from = self.sym("ref")?,
                    "dependsOn" => {
                        self.cdx_refs("dependsOn", RelationKind::DependsOn, &mut ends)?
                    }
                    "provides" => self.cdx_refs("provides", RelationKind::Provides, &mut ends)?,
                    _ => self.j.skip()?,
                }
            }
            dependency(&mut self.b, at, from, &ends);
        }
        Ok(())
    }

    fn cdx_refs(
        &mut self,
        field: &'static str,
        kind: RelationKind,
        ends: &mut Vec<(usize, Sym, RelationKind)>,
    ) -> Result<(), Fault> {
        if self.array(field)? {
            while self.j.item()? {
                let at = self.j.place();
                let to = self.sym(field)?;
                if to.is_none() {
                    self.b.value(at, field, "", "a text that is not empty");
                }
                ends.push((at, to, kind));
            }
        }
        Ok(())
    }

    pub(super) fn cdx_vulnerabilities(&mut self) -> Result<(), Fault> {
        if !self.array("vulnerabilities")? {
            return Ok(());
        }
        while self.j.item()? {
            let at = self.j.place();
            if !self.object("vulnerabilities")? {
                continue;
            }
            let mut of = PendingStatement {
                statement: Statement::default(),
                at,
                affects: Vec::new(),
            };
            while let Some(key) = self.j.key()? {
                match &*key {
                    "id" => of.statement.vulnerability = self.owned("id")?.unwrap_or_default(),
                    "bom-ref" => {
                        let id = self.sym("bom-ref")?;
                        self.b.other(id);
                    }
                    "source" => {
                        let name = self.cdx_named("source")?;
                        of.statement.source = some(self.b.sbom.texts.sym(name));
                    }
                    "references" => self.cdx_references(&mut of.statement)?,
                    "analysis" => self.cdx_analysis(&mut of.statement)?,
                    "affects" => self.cdx_affects(&mut of)?,
                    _ => self.j.skip()?,
                }
            }
            if of.statement.vulnerability.is_empty() {
                self.b.missing(at, "id");
            }
            self.b.statement(of);
        }
        Ok(())
    }

    fn cdx_references(&mut self, statement: &mut Statement) -> Result<(), Fault> {
        if self.array("references")? {
            while self.j.item()? {
                if !self.object("references")? {
                    continue;
                }
                while let Some(key) = self.j.key()? {
                    match &*key {
                        "id" => statement.aliases.extend(self.owned("id")?),
                        _ => self.j.skip()?,
                    }
                }
            }
        }
        Ok(())
    }

    fn cdx_analysis(&mut self, statement: &mut Statement) -> Result<(), Fault> {
        if !self.object("analysis")? {
            return Ok(());
        }
        while let Some(key) = self.j.key()? {
            match &*key {
                "state" => {
                    if let Some((at, word)) = self.text("state")? {
                        statement.state = state(&mut self.b, at, &word);
                    }
                }
                "justification" => statement.justification = self.owned("justification")?,
                "detail" => statement.detail = self.owned("detail")?,
                "firstIssued" => statement.first_issued = self.owned("firstIssued")?,
                "lastUpdated" => statement.last_updated = self.owned("lastUpdated")?,
                "response" => {
                    if self.array("response")? {
                        while self.j.item()? {
                            if let Some((at, word)) = self.text("response")? {
                                statement.responses.extend(response(&mut self.b, at, &word));
                            }
                        }
                    }
                }
                _ => self.j.skip()?,
            }
        }
        Ok(())
    }

    fn cdx_affects(&mut self, of: &mut PendingStatement) -> Result<(), Fault> {
        if !self.array("affects")? {
            return Ok(());
        }
        while self.j.item()? {
            let at = self.j.place();
            if !self.object("affects")? {
                continue;
            }
            let (mut target, mut versions) = (Sym::NONE, Vec::new());
            while let Some(key) = self.j.key()? {
                match &*key {
                    "ref" => target = self.sym("ref")?,
                    "versions" => self.cdx_versions(&mut versions)?,
                    _ => self.j.skip()?,
                }
            }
            if target.is_none() {
                self.b.missing(at, "ref");
            } else {
                of.affects.push((target, versions));
            }
        }
        Ok(())
    }

    fn cdx_versions(&mut self, versions: &mut Vec<VersionRange>) -> Result<(), Fault> {
        if self.array("versions")? {
            while self.j.item()? {
                if !self.object("versions")? {
                    continue;
                }
                let mut version = VersionRange::default();
                while let Some(key) = self.j.key()? {
                    match &*key {
                        "version" => version.version = self.owned("version")?,
                        "range" => version.range = self.owned("range")?,
                        "status" => version.status = self.owned("status")?,
                        _ => self.j.skip()?,
                    }
                }
                versions.push(version);
            }
        }
        Ok(())
    }
}

/// A licence has an id or a name, not both and not neither.
pub(super) fn licence(b: &mut Builder<'_>, at: usize, id: Sym, name: Sym) {
    if id.is_none() && name.is_none() {
        b.missing(at, "id");
    } else if !id.is_none() && !name.is_none() {
        b.wrong(
            at,
            What::Both {
                field: "id",
                other: "name",
            },
        );
    }
}
