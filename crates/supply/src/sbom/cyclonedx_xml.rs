//! CycloneDX 1.1–1.7 as XML, by `quick-xml` event by event.
//!
//! No entity but XML's own five and characters by number; a DOCTYPE ends the reading. Elements of other namespaces are passed over. Does
//! *not* check signatures.

use quick_xml::{
    Reader,
    events::{BytesRef, BytesStart, Event},
};

use super::{
    Format, Kind, Limits, RelationKind, Sbom, Statement, What,
    build::{Builder, Draft, PendingStatement, some},
    cyclonedx::{self, Parties},
    fault::{Fault, line_of, short},
    read::cyclonedx_version,
    statement::VersionRange,
    texts::{Sym, Text},
};

/// Deeper than this nothing is read.
const DEEPEST: usize = 512;
const NAMESPACE: &str = "http://cyclonedx.org/schema/bom/";

/// Reads a document that begins like XML.
pub(super) fn read(text: &str, limits: Limits) -> Result<Sbom, Fault> {
    let mut reader = Reader::from_str(text);
    reader.config_mut().expand_empty_elements = true;
    let mut xml = Xml {
        reader,
        b: Builder::new(text, limits),
        depth: 0,
        at: 0,
        prefix: None,
    };
    let Some(root) = xml.start()? else {
        return Err(xml.fault("an element"));
    };
    let version = xml.root(&root)?;
    xml.document()?;
    if xml.start()?.is_some() {
        return Err(xml.fault("the end of the document"));
    }
    Ok(xml.b.finish(Format::CycloneDxXml, version))
}

/// What a reference stands for: a character by its number, or one of XML's own five.
fn resolve(name: &BytesRef<'_>) -> Option<String> {
    match name.resolve_char_ref() {
        Ok(Some(c)) => Some(c.to_string()),
        Ok(None) => quick_xml::escape::resolve_xml_entity(name).map(str::to_owned),
        Err(_) => None,
    }
}

struct Xml<'a> {
    reader: Reader<&'a [u8]>,
    b: Builder<'a>,
    depth: usize,
    /// Where the last event began.
    at: usize,
    /// Prefix of the names that are CycloneDX's own.
    prefix: Option<&'a str>,
}

impl<'a> Xml<'a> {
    fn fault(&self, expected: &'static str) -> Fault {
        Fault::syntax(self.b.text.as_bytes(), self.at, "XML", expected)
    }

    fn next(&mut self) -> Result<Event<'a>, Fault> {
        self.at = usize::try_from(self.reader.buffer_position()).unwrap_or(usize::MAX);
        let event = self.reader.read_event();
        let event = event.map_err(|_| {
            let at = usize::try_from(self.reader.error_position()).unwrap_or(usize::MAX);
            Fault::syntax(self.b.text.as_bytes(), at, "XML", "well-formed mark-up")
        })?;
        match &event {
            Event::Start(_) => {
                self.depth += 1;
                if self.depth > DEEPEST {
                    return Err(Fault::too_deep(self.b.text.as_bytes(), self.at, DEEPEST));
                }
            }
            Event::End(_) => self.depth = self.depth.saturating_sub(1),
            Event::DocType(_) => {
                return Err(Fault::Doctype {
                    line: line_of(self.b.text.as_bytes(), self.at),
                });
            }
            Event::Eof if self.depth > 0 => return Err(self.fault("an end tag")),
            _ => {}
        }
        Ok(event)
    }

    fn entity(&self, name: &str) -> Fault {
        Fault::Entity {
            line: line_of(self.b.text.as_bytes(), self.at),
            name: short(name),
        }
    }

    /// The next element on this level; `None` at the end of the one around it.
    fn start(&mut self) -> Result<Option<BytesStart<'a>>, Fault> {
        loop {
            match self.next()? {
                Event::Start(tag) => return Ok(Some(tag)),
                Event::End(_) | Event::Eof => return Ok(None),
                Event::GeneralRef(name) if resolve(&name).is_none() => {
                    return Err(self.entity(&name));
                }
                _ => {}
            }
        }
    }

    /// The next element of CycloneDX on this level, with its place.
    fn child(&mut self) -> Result<Option<(usize, BytesStart<'a>)>, Fault> {
        while let Some(tag) = self.start()? {
            let at = self.at;
            let name = tag.name();
            let own = name.prefix().map(|p| p.into_inner()) == self.prefix;
            let other = tag.attributes_raw().contains("xmlns=")
                && !tag.attributes_raw().contains(NAMESPACE);
            if own && !other {
                return Ok(Some((at, tag)));
            }
            self.b.sbom.signed |= self.depth == 2 && name.local_name().into_inner() == "Signature";
            self.skip()?;
        }
        Ok(None)
    }

    /// Passes over the rest of the element that was just begun.
    fn skip(&mut self) -> Result<(), Fault> {
        let base = self.depth;
        while self.depth >= base {
            if let Event::Eof = self.next()? {
                return Err(self.fault("an end tag"));
            }
        }
        Ok(())
    }

    /// Text of the element that was just begun, to its end.
    fn text(&mut self) -> Result<String, Fault> {
        let base = self.depth;
        let mut out = String::new();
        loop {
            match self.next()? {
                Event::End(_) if self.depth < base => return Ok(out),
                Event::Text(text) => out.push_str(&text.xml10_content()),
                Event::CData(text) => out.push_str(&text.xml10_content()),
                Event::GeneralRef(name) => {
                    let text = resolve(&name).ok_or_else(|| self.entity(&name))?;
                    out.push_str(&text);
                }
                Event::Eof => return Err(self.fault("an end tag")),
                _ => {}
            }
        }
    }

    fn sym(&mut self, at: usize, field: &'static str) -> Result<Sym, Fault> {
        let text = self.text()?;
        Ok(self.b.sym(at, field, &text))
    }

    fn kept(&mut self, at: usize, field: &'static str) -> Result<Text, Fault> {
        let text = self.text()?;
        Ok(self.b.text(at, field, &text))
    }

    fn owned(&mut self, at: usize, field: &'static str) -> Result<Option<String>, Fault> {
        let text = self.text()?;
        Ok(some(&text).filter(|t| self.b.fits(at, field, t)))
    }

    fn attribute(&self, tag: &BytesStart<'_>, wanted: &str) -> Result<Option<String>, Fault> {
        for attribute in tag.attributes() {
            let attribute = attribute
                .map_err(|_| self.fault("attributes with a name and a value in quotes"))?;
            if attribute.key.0 == wanted {
                let value = attribute.normalized_value(quick_xml::XmlVersion::Implicit1_0);
                return value
                    .map(|v| Some(v.into_owned()))
                    .map_err(|_| self.entity(attribute.value.trim_matches(['&', ';'])));
            }
        }
        Ok(None)
    }

    /// Version of the format, from the namespace.
    fn root(&mut self, tag: &BytesStart<'a>) -> Result<String, Fault> {
        let at = self.at;
        // The prefix must live as long as the document: it is cut from it.
        let name = tag.name();
        let prefix = name.prefix().map(|p| p.into_inner().len());
        let begin = at + 1;
        self.prefix = prefix.and_then(|n| self.b.text.get(begin..begin + n));
        let key = self
            .prefix
            .map_or_else(|| "xmlns".to_owned(), |p| format!("xmlns:{p}"));
        let namespace = self.attribute(tag, &key)?.unwrap_or_default();
        let Some(version) = namespace
            .strip_prefix(NAMESPACE)
            .filter(|_| name.local_name().into_inner() == "bom")
        else {
            return Err(Fault::Unknown {
                syntax: "XML",
                found: format!("{} xmlns={}", short(name.0), short(&namespace)),
            });
        };
        let version = version.to_owned();
        cyclonedx_version(&mut self.b, at, &version)?;
        if let Some(serial) = self.attribute(tag, "serialNumber")? {
            cyclonedx::serial(&mut self.b, at, &serial);
        }
        self.b.sbom.revision = self.attribute(tag, "version")?.filter(|v| v.len() < 40);
        Ok(version)
    }

    fn document(&mut self) -> Result<(), Fault> {
        while let Some((_, tag)) = self.child()? {
            match tag.local_name().into_inner() {
                "metadata" => self.metadata()?,
                "components" => self.components(0, None, false)?,
                "services" => self.components(0, None, true)?,
                "dependencies" => self.dependencies()?,
                "vulnerabilities" => self.vulnerabilities()?,
                _ => self.skip()?,
            }
        }
        Ok(())
    }

    fn metadata(&mut self) -> Result<(), Fault> {
        while let Some((at, tag)) = self.child()? {
            match tag.local_name().into_inner() {
                "timestamp" => {
                    let text = self.text()?;
                    self.b.created(at, "timestamp", &text);
                }
                "tools" => self.tools()?,
                "authors" => {
                    while let Some((at, _)) = self.child()? {
                        let name = self.named()?;
                        self.author(at, name);
                    }
                }
                "manufacture" | "manufacturer" => {
                    let name = self.named()?;
                    self.author(at, name);
                }
                "supplier" => {
                    let name = self.named()?;
                    self.b.sbom.supplier = some(self.b.sbom.texts.sym(name));
                }
                "component" => {
                    let row = self.component(&tag, at, 0, None, false)?;
                    self.b.about(row);
                }
                "licenses" => self.licences(&mut Draft::default())?,
                "properties" => self.properties(&mut Draft::default())?,
                _ => self.skip()?,
            }
        }
        Ok(())
    }

    fn author(&mut self, at: usize, name: Sym) {
        let name = self.b.sbom.texts.sym(name).to_owned();
        self.b.listed(at, "name", &name, |s| &mut s.authors);
    }

    fn tools(&mut self) -> Result<(), Fault> {
        while let Some((at, tag)) = self.child()? {
            match tag.local_name().into_inner() {
                "components" | "services" => {
                    while let Some((at, tag)) = self.child()? {
                        self.tool(at, &tag)?;
                    }
                }
                _ => self.tool(at, &tag)?,
            }
        }
        Ok(())
    }

    fn tool(&mut self, at: usize, tag: &BytesStart<'_>) -> Result<(), Fault> {
        if let Some(id) = self.attribute(tag, "bom-ref")? {
            let id = self.b.sym(at, "bom-ref", &id);
            self.b.other(id);
        }
        let (mut name, mut version) = (String::new(), String::new());
        while let Some((_, tag)) = self.child()? {
            match tag.local_name().into_inner() {
                "name" => name = self.text()?,
                "version" => version = self.text()?,
                _ => self.skip()?,
            }
        }
        let text = format!("{} {}", name.trim(), version.trim());
        self.b.listed(at, "tools", &text, |s| &mut s.tools);
        Ok(())
    }

    fn named(&mut self) -> Result<Sym, Fault> {
        let mut name = Sym::NONE;
        while let Some((at, tag)) = self.child()? {
            match tag.local_name().into_inner() {
                "name" => name = self.sym(at, "name")?,
                _ => self.skip()?,
            }
        }
        Ok(name)
    }

    fn components(
        &mut self,
        depth: usize,
        parent: Option<u32>,
        service: bool,
    ) -> Result<(), Fault> {
        if depth > self.b.limits.depth {
            let limit = self.b.limits.depth;
            self.b.wrong(self.at, What::TooDeep { limit });
            return self.skip();
        }
        while let Some((at, tag)) = self.child()? {
            self.component(&tag, at, depth, parent, service)?;
        }
        Ok(())
    }

    fn component(
        &mut self,
        tag: &BytesStart<'_>,
        at: usize,
        depth: usize,
        parent: Option<u32>,
        service: bool,
    ) -> Result<u32, Fault> {
        let row = self.b.open(at)?;
        if let Some(parent) = parent {
            self.b.between(parent, row, RelationKind::Contains);
        }
        let mut draft = Draft::default();
        let mut parties = Parties::default();
        if service {
            draft.kind = Kind::Service;
        } else if let Some(word) = self.attribute(tag, "type")? {
            draft.kind = cyclonedx::kind(&mut self.b, at, &word);
        }
        if let Some(id) = self.attribute(tag, "bom-ref")? {
            draft.id = self.b.sym(at, "bom-ref", &id);
            if draft.id.is_none() {
                self.b.value(at, "bom-ref", &id, "a text that is not empty");
            }
        }
        while let Some((at, tag)) = self.child()? {
            match tag.local_name().into_inner() {
                "group" => draft.group = self.sym(at, "group")?,
                "name" => draft.name = self.kept(at, "name")?,
                "version" => draft.version = self.kept(at, "version")?,
                "purl" => draft.purl = self.kept(at, "purl")?,
                "cpe" => {
                    let cpe = self.sym(at, "cpe")?;
                    if !cpe.is_none() {
                        draft.cpes.push(cpe);
                    }
                }
                "scope" => {
                    let word = self.text()?;
                    draft.scope = cyclonedx::scope(&mut self.b, at, &word);
                }
                "supplier" | "provider" => parties.supplier = self.named()?,
                "manufacturer" => parties.manufacturer = self.named()?,
                "publisher" => parties.publisher = self.sym(at, "publisher")?,
                "licenses" => self.licences(&mut draft)?,
                "hashes" => {
                    while let Some((at, tag)) = self.child()? {
                        let alg = self.attribute(&tag, "alg")?.unwrap_or_default();
                        let content = self.text()?;
                        draft.hashes.extend(self.b.hash(at, &alg, &content));
                    }
                }
                "properties" => self.properties(&mut draft)?,
                "components" => self.components(depth + 1, Some(row), false)?,
                "services" if service => self.components(depth + 1, Some(row), true)?,
                _ => self.skip()?,
            }
        }
        draft.supplier = parties.first();
        cyclonedx::complete(&mut self.b, at, &draft, service);
        self.b.close(row, &draft);
        Ok(row)
    }

    fn properties(&mut self, draft: &mut Draft) -> Result<(), Fault> {
        while let Some((at, tag)) = self.child()? {
            let name = self.attribute(&tag, "name")?.unwrap_or_default();
            let value = self.text()?;
            if name.is_empty() {
                self.b.missing(at, "name");
            }
            cyclonedx::property(&mut self.b, draft, at, &name, &value);
        }
        Ok(())
    }

    fn licences(&mut self, draft: &mut Draft) -> Result<(), Fault> {
        let (mut expression, mut licence) = (None, false);
        while let Some((at, tag)) = self.child()? {
            let kept = match tag.local_name().into_inner() {
                "expression" => {
                    expression = Some(at);
                    self.sym(at, "expression")?
                }
                "license" => {
                    licence = true;
                    self.licence(at)?
                }
                _ => {
                    self.skip()?;
                    continue;
                }
            };
            if !kept.is_none() {
                draft.licences.push(kept);
            }
        }
        if let (Some(at), true) = (expression, licence) {
            self.b.wrong(
                at,
                What::Both {
                    field: "expression",
                    other: "license",
                },
            );
        }
        Ok(())
    }

    fn licence(&mut self, at: usize) -> Result<Sym, Fault> {
        let (mut id, mut name) = (Sym::NONE, Sym::NONE);
        while let Some((at, tag)) = self.child()? {
            let (field, slot) = match tag.local_name().into_inner() {
                "id" => ("id", &mut id),
                "name" => ("name", &mut name),
                _ => {
                    self.skip()?;
                    continue;
                }
            };
            if !slot.is_none() {
                self.b.wrong(
                    at,
                    What::Both {
                        field,
                        other: field,
                    },
                );
                self.skip()?;
                continue;
            }
            let text = self.text()?;
            *slot = self.b.sym(at, field, &text);
        }
        cyclonedx::licence(&mut self.b, at, id, name);
        Ok(if id.is_none() { name } else { id })
    }

    fn dependencies(&mut self) -> Result<(), Fault> {
        let mut ends = Vec::new();
        while let Some((at, tag)) = self.child()? {
            ends.clear();
            let from = self.reference(at, &tag)?;
            while let Some((at, tag)) = self.child()? {
                let kind = match tag.local_name().into_inner() {
                    "provides" => RelationKind::Provides,
                    _ => RelationKind::DependsOn,
                };
                let to = self.reference(at, &tag)?;
                if to.is_none() {
                    self.b.missing(at, "ref");
                }
                ends.push((at, to, kind));
                self.skip()?;
            }
            cyclonedx::dependency(&mut self.b, at, from, &ends);
        }
        Ok(())
    }

    fn reference(&mut self, at: usize, tag: &BytesStart<'_>) -> Result<Sym, Fault> {
        let text = self.attribute(tag, "ref")?.unwrap_or_default();
        Ok(self.b.sym(at, "ref", &text))
    }

    fn vulnerabilities(&mut self) -> Result<(), Fault> {
        while let Some((at, tag)) = self.child()? {
            if let Some(id) = self.attribute(&tag, "bom-ref")? {
                let id = self.b.sym(at, "bom-ref", &id);
                self.b.other(id);
            }
            let mut of = PendingStatement {
                statement: Statement::default(),
                at,
                affects: Vec::new(),
            };
            while let Some((at, tag)) = self.child()? {
                let statement = &mut of.statement;
                match tag.local_name().into_inner() {
                    "id" => statement.vulnerability = self.owned(at, "id")?.unwrap_or_default(),
                    "source" => {
                        let name = self.named()?;
                        statement.source = some(self.b.sbom.texts.sym(name));
                    }
                    "references" => {
                        while self.child()?.is_some() {
                            while let Some((at, tag)) = self.child()? {
                                match tag.local_name().into_inner() {
                                    "id" => statement.aliases.extend(self.owned(at, "id")?),
                                    _ => self.skip()?,
                                }
                            }
                        }
                    }
                    "analysis" => self.analysis(statement)?,
                    "affects" => self.affects(&mut of)?,
                    _ => self.skip()?,
                }
            }
            if of.statement.vulnerability.is_empty() {
                self.b.missing(at, "id");
            }
            self.b.statement(of);
        }
        Ok(())
    }

    fn analysis(&mut self, statement: &mut Statement) -> Result<(), Fault> {
        while let Some((at, tag)) = self.child()? {
            match tag.local_name().into_inner() {
                "state" => {
                    let word = self.text()?;
                    statement.state = cyclonedx::state(&mut self.b, at, word.trim());
                }
                "justification" => statement.justification = self.owned(at, "justification")?,
                "detail" => statement.detail = self.owned(at, "detail")?,
                "firstIssued" => statement.first_issued = self.owned(at, "firstIssued")?,
                "lastUpdated" => statement.last_updated = self.owned(at, "lastUpdated")?,
                "responses" => {
                    while let Some((at, _)) = self.child()? {
                        let word = self.text()?;
                        let response = cyclonedx::response(&mut self.b, at, word.trim());
                        statement.responses.extend(response);
                    }
                }
                _ => self.skip()?,
            }
        }
        Ok(())
    }

    fn affects(&mut self, of: &mut PendingStatement) -> Result<(), Fault> {
        while let Some((at, _)) = self.child()? {
            let (mut target, mut versions) = (Sym::NONE, Vec::new());
            while let Some((at, tag)) = self.child()? {
                match tag.local_name().into_inner() {
                    "ref" => target = self.sym(at, "ref")?,
                    "versions" => {
                        while self.child()?.is_some() {
                            versions.push(self.version()?);
                        }
                    }
                    _ => self.skip()?,
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

    fn version(&mut self) -> Result<VersionRange, Fault> {
        let mut version = VersionRange::default();
        while let Some((at, tag)) = self.child()? {
            match tag.local_name().into_inner() {
                "version" => version.version = self.owned(at, "version")?,
                "range" => version.range = self.owned(at, "range")?,
                "status" => version.status = self.owned(at, "status")?,
                _ => self.skip()?,
            }
        }
        Ok(version)
    }
}
