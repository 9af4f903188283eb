//! SPDX 3.0 as JSON-LD: of its graph the packages, relations, licences, agents, vulnerabilities and VEX statements.
//!
//! A graph in which everything refers to everything: what an element is about is settled when all are read. Does *not* resolve contexts other
//! than SPDX's own; does not read builds, data sets' details and AI profiles beyond name, version and hashes.

use std::borrow::Cow;

use super::{
    Kind, RelationKind, Statement, What,
    build::{Builder, Draft, PendingStatement, some},
    fault::{Fault, short},
    json::Value,
    read::Doc,
    spdx::said,
    statement::State,
    texts::Sym,
};

/// What was read of a graph and waits for the rest of it.
#[derive(Default)]
pub(super) struct Graph {
    versions: Vec<(usize, String)>,
    /// Sorted before use: names of agents and tools, expressions of licences.
    names: Vec<(Sym, Sym)>,
    licences: Vec<(Sym, Sym)>,
    /// CVE and other ids of vulnerabilities.
    ids: Vec<(Sym, Vec<String>)>,
    packages: Vec<(u32, Draft, Sym)>,
    relations: Vec<Relation>,
    roots: Vec<Sym>,
    boms: Vec<(Sym, Vec<Sym>)>,
    creators: Vec<(usize, Sym)>,
    tools: Vec<(usize, Sym)>,
}

struct Relation {
    at: usize,
    kind: String,
    word: String,
    from: Sym,
    to: Vec<Sym>,
    justification: Option<String>,
    impact: Option<String>,
    published: Option<String>,
    modified: Option<String>,
    scope: String,
}

/// One element, whatever it turns out to be.
#[derive(Default)]
struct Element<'a> {
    kind: Cow<'a, str>,
    id: Sym,
    name: Sym,
    expression: Sym,
    draft: Draft,
    ids: Vec<String>,
    supplied_by: Sym,
    originated_by: Sym,
    word: String,
    from: Sym,
    to: Vec<Sym>,
    justification: Option<String>,
    impact: Option<String>,
    published: Option<String>,
    modified: Option<String>,
    scope: String,
    roots: Vec<Sym>,
    spec_version: Option<(usize, String)>,
    created: Option<(usize, String)>,
    created_by: Vec<Sym>,
    created_using: Vec<Sym>,
}

/// `software_Package` and `software:Package` are one.
fn plain(word: &str) -> &str {
    word.rsplit_once(['_', ':', '/', '#'])
        .map_or(word, |(_, w)| w)
}

impl<'a> Doc<'a> {
    pub(super) fn spdx3_graph(&mut self) -> Result<Graph, Fault> {
        let mut graph = Graph::default();
        if self.array("@graph")? {
            while self.j.item()? {
                self.spdx3_element(&mut graph)?;
            }
        }
        Ok(graph)
    }

    fn word(&mut self, field: &'static str) -> Result<Sym, Fault> {
        let found = self.text(field)?;
        Ok(found.map_or(Sym::NONE, |(at, t)| {
            said(&t).map_or(Sym::NONE, |t| self.b.sym(at, field, t))
        }))
    }

    /// One reference, or an array of them; an element written in place counts by its own id.
    fn refs(&mut self, graph: &mut Graph, field: &'static str) -> Result<Vec<Sym>, Fault> {
        let at = self.j.place();
        let base = self.j.depth();
        let mut out = Vec::new();
        match self.j.value()? {
            Value::Array => {
                while self.j.item()? {
                    out.extend(self.one_ref(graph, field)?);
                }
            }
            Value::Text(text) => out.extend(said(&text).map(|t| self.b.sym(at, field, t))),
            Value::Object => out.extend(self.inside(graph, at)?),
            other => {
                let found = other.name();
                self.b.wrong(
                    at,
                    What::Kind {
                        field,
                        expected: "text",
                        found,
                    },
                );
                self.j.leave(base)?;
            }
        }
        Ok(out)
    }

    fn one_ref(&mut self, graph: &mut Graph, field: &'static str) -> Result<Option<Sym>, Fault> {
        let at = self.j.place();
        let base = self.j.depth();
        Ok(match self.j.value()? {
            Value::Text(text) => said(&text).map(|t| self.b.sym(at, field, t)),
            Value::Object => self.inside(graph, at)?,
            _ => {
                self.j.leave(base)?;
                None
            }
        })
    }

    /// An element within another. They are few and shallow; deeper ones are passed over.
    fn inside(&mut self, graph: &mut Graph, at: usize) -> Result<Option<Sym>, Fault> {
        let base = self.j.depth();
        if base > 24 {
            self.j.leave(base - 1)?;
            return Ok(None);
        }
        let id = self.spdx3_fields(graph, at)?;
        Ok((!id.is_none()).then_some(id))
    }

    fn spdx3_element(&mut self, graph: &mut Graph) -> Result<(), Fault> {
        let at = self.j.place();
        if self.object("@graph")? {
            self.spdx3_fields(graph, at)?;
        }
        Ok(())
    }

    fn spdx3_fields(&mut self, graph: &mut Graph, at: usize) -> Result<Sym, Fault> {
        let mut e = Element::default();
        while let Some(key) = self.j.key()? {
            match &*key {
                "type" | "@type" => e.kind = self.text("type")?.map_or(Cow::Borrowed(""), |t| t.1),
                "spdxId" | "@id" => e.id = self.word("spdxId")?,
                "name" => e.name = self.word("name")?,
                "simplelicensing_licenseExpression" | "simplelicensing_customLicenseName" => {
                    e.expression = self.word("licenseExpression")?;
                }
                "software_packageVersion" => {
                    if let Some((at, t)) = self.text("software_packageVersion")? {
                        e.draft.version =
                            self.b
                                .text(at, "software_packageVersion", said(&t).unwrap_or(""));
                    }
                }
                "software_packageUrl" => {
                    if let Some((at, t)) = self.text("software_packageUrl")? {
                        e.draft.purl = self.b.text(at, "software_packageUrl", &t);
                    }
                }
                "software_primaryPurpose" => {
                    let word = self.text("software_primaryPurpose")?;
                    e.draft.kind = word.map_or(Kind::Unsaid, |(_, w)| Kind::spdx(&w));
                }
                "suppliedBy" => {
                    e.supplied_by = self
                        .refs(graph, "suppliedBy")?
                        .first()
                        .copied()
                        .unwrap_or_default()
                }
                "originatedBy" => {
                    e.originated_by = self
                        .refs(graph, "originatedBy")?
                        .first()
                        .copied()
                        .unwrap_or_default()
                }
                "verifiedUsing" => self.spdx3_hashes(&mut e.draft)?,
                "externalIdentifier" => self.spdx3_identifiers(&mut e)?,
                "relationshipType" => e.word = self.owned("relationshipType")?.unwrap_or_default(),
                "from" => {
                    e.from = self
                        .refs(graph, "from")?
                        .first()
                        .copied()
                        .unwrap_or_default()
                }
                "to" => e.to = self.refs(graph, "to")?,
                "scope" => e.scope = self.owned("scope")?.unwrap_or_default(),
                "security_justificationType" => {
                    e.justification = self.owned("security_justificationType")?
                }
                "security_impactStatement"
                | "security_statusNotes"
                | "security_actionStatement" => {
                    let text = self.owned("security_impactStatement")?;
                    e.impact = e.impact.take().or(text);
                }
                "security_publishedTime" => e.published = self.owned("security_publishedTime")?,
                "security_modifiedTime" => e.modified = self.owned("security_modifiedTime")?,
                "rootElement" => e.roots = self.refs(graph, "rootElement")?,
                "specVersion" => {
                    e.spec_version = self.text("specVersion")?.map(|(at, t)| (at, short(&t)))
                }
                "created" => e.created = self.text("created")?.map(|(at, t)| (at, short(&t))),
                "createdBy" => e.created_by = self.refs(graph, "createdBy")?,
                "createdUsing" => e.created_using = self.refs(graph, "createdUsing")?,
                "creationInfo" => {
                    self.refs(graph, "creationInfo")?;
                }
                _ => self.j.skip()?,
            }
        }
        let id = e.id;
        self.spdx3_keep(graph, at, e)?;
        Ok(id)
    }

    fn spdx3_hashes(&mut self, draft: &mut Draft) -> Result<(), Fault> {
        let of = ["algorithm", "hashValue"];
        self.pairs("verifiedUsing", of, |b, at, algorithm, value| {
            // There are other ways to verify than a hash.
            if !algorithm.is_empty() {
                draft.hashes.extend(b.hash(at, algorithm, value));
            }
        })
    }

    fn spdx3_identifiers(&mut self, e: &mut Element<'_>) -> Result<(), Fault> {
        let of = ["externalIdentifierType", "identifier"];
        self.pairs("externalIdentifier", of, |b, at, kind, id| match kind {
            "packageUrl" => super::spdx::external(b, &mut e.draft, at, "purl", id),
            "cpe22" | "cpe23" => super::spdx::external(b, &mut e.draft, at, "cpe23Type", id),
            "cve" | "securityOther" if b.fits(at, "identifier", id) => {
                e.ids.extend(some(id));
            }
            _ => {}
        })
    }

    fn spdx3_keep(
        &mut self,
        graph: &mut Graph,
        at: usize,
        mut e: Element<'_>,
    ) -> Result<(), Fault> {
        let kind = plain(&e.kind);
        match kind {
            "Package" | "AIPackage" | "DatasetPackage" => {
                let row = self.b.open(at)?;
                let name = self.b.sbom.texts.sym(e.name).to_owned();
                e.draft.name = self.b.text(at, "name", &name);
                e.draft.id = e.id;
                if e.draft.kind == Kind::Unsaid {
                    e.draft.kind = match kind {
                        "AIPackage" => Kind::Model,
                        "DatasetPackage" => Kind::Data,
                        _ => Kind::Unsaid,
                    };
                }
                if name.is_empty() {
                    self.b.missing(at, "name");
                }
                if e.id.is_none() {
                    self.b.missing(at, "spdxId");
                }
                let supplier = if e.supplied_by.is_none() {
                    e.originated_by
                } else {
                    e.supplied_by
                };
                graph.packages.push((row, e.draft, supplier));
                return Ok(());
            }
            "CreationInfo" => {
                graph.versions.extend(e.spec_version);
                if let Some((at, time)) = e.created {
                    self.b.created(at, "created", &time);
                }
                graph
                    .creators
                    .extend(e.created_by.into_iter().map(|s| (at, s)));
                graph
                    .tools
                    .extend(e.created_using.into_iter().map(|s| (at, s)));
            }
            "SpdxDocument" => {
                self.b.sbom.serial = some(self.b.sbom.texts.sym(e.id));
                self.b.sbom.name = some(self.b.sbom.texts.sym(e.name));
                graph.roots.extend(e.roots);
            }
            "Sbom" | "Bom" | "Bundle" => graph.boms.push((e.id, e.roots)),
            "Vulnerability" => graph.ids.push((e.id, {
                if e.ids.is_empty() {
                    e.ids.extend(some(self.b.sbom.texts.sym(e.name)));
                }
                e.ids
            })),
            _ if !e.from.is_none() || !e.word.is_empty() => graph.relations.push(Relation {
                at,
                kind: kind.to_owned(),
                word: e.word,
                from: e.from,
                to: e.to,
                justification: e.justification,
                impact: e.impact,
                published: e.published,
                modified: e.modified,
                scope: e.scope,
            }),
            _ => {
                if !e.name.is_none() {
                    graph.names.push((e.id, e.name));
                }
                if !e.expression.is_none() {
                    graph.licences.push((e.id, e.expression));
                }
            }
        }
        self.b.other(e.id);
        Ok(())
    }
}

fn find<T>(sorted: &[(Sym, T)], id: Sym) -> Option<&T> {
    let at = sorted.binary_search_by_key(&id, |p| p.0).ok()?;
    sorted.get(at).map(|p| &p.1)
}

impl Graph {
    /// Joins what refers to each other; gives the version of the format.
    pub(super) fn settle(mut self, b: &mut Builder<'_>) -> Result<String, Fault> {
        let version = self.version(b)?;
        self.names.sort_by_key(|p| p.0);
        self.licences.sort_by_key(|p| p.0);
        self.ids.sort_by_key(|p| p.0);
        self.boms.sort_by_key(|p| p.0);
        for (list, tools) in [(&self.creators, false), (&self.tools, true)] {
            for (at, sym) in list {
                let name = find(&self.names, *sym).copied().unwrap_or(Sym::NONE);
                let name = b.sbom.texts.sym(name).to_owned();
                b.listed(
                    *at,
                    "createdBy",
                    &name,
                    if tools {
                        |s| &mut s.tools
                    } else {
                        |s| &mut s.authors
                    },
                );
            }
        }
        for root in &self.roots {
            match find(&self.boms, *root) {
                Some(inner) => inner.iter().for_each(|s| b.subject(*s)),
                None => b.subject(*root),
            }
        }
        if self.roots.is_empty() {
            self.boms
                .iter()
                .flat_map(|(_, r)| r)
                .for_each(|s| b.subject(*s));
        }
        let mut of_packages: Vec<(Sym, bool, Sym)> = Vec::new();
        for relation in std::mem::take(&mut self.relations) {
            self.relation(b, relation, &mut of_packages);
        }
        of_packages.sort_by_key(|p| (p.0, !p.1));
        for (row, draft, supplier) in &mut self.packages {
            draft.supplier = find(&self.names, *supplier).copied().unwrap_or(Sym::NONE);
            let from = of_packages.partition_point(|p| p.0 < draft.id);
            let own = of_packages[from..]
                .iter()
                .take_while(|p| p.0 == draft.id && !draft.id.is_none());
            let concluded = own.clone().any(|p| p.1);
            draft
                .licences
                .extend(own.filter(|p| p.1 == concluded).map(|p| p.2));
            b.close(*row, draft);
        }
        Ok(version)
    }

    fn version(&self, b: &mut Builder<'_>) -> Result<String, Fault> {
        let expected = "3.0 or 3.0.1";
        let Some((at, version)) = self.versions.first() else {
            b.missing(0, "specVersion");
            return Ok("3.0".to_owned());
        };
        if !version.starts_with("3.") {
            return Err(Fault::Version {
                format: "SPDX",
                found: version.clone(),
                expected,
            });
        }
        if !version.starts_with("3.0") {
            b.value(*at, "specVersion", version, expected);
        }
        Ok(version.clone())
    }

    fn relation(&self, b: &mut Builder<'_>, r: Relation, of_packages: &mut Vec<(Sym, bool, Sym)>) {
        let state = match r.kind.as_str() {
            "VexAffectedVulnAssessmentRelationship" => Some(State::Exploitable),
            "VexFixedVulnAssessmentRelationship" => Some(State::Resolved),
            "VexNotAffectedVulnAssessmentRelationship" => Some(State::NotAffected),
            "VexUnderInvestigationVulnAssessmentRelationship" => Some(State::InTriage),
            _ => None,
        };
        if let Some(state) = state {
            let mut ids = find(&self.ids, r.from)
                .cloned()
                .unwrap_or_default()
                .into_iter();
            let vulnerability = ids
                .next()
                .unwrap_or_else(|| b.sbom.texts.sym(r.from).to_owned());
            b.statement(PendingStatement {
                statement: Statement {
                    vulnerability,
                    aliases: ids.collect(),
                    state: Some(state),
                    justification: r.justification,
                    detail: r.impact,
                    first_issued: r.published,
                    last_updated: r.modified,
                    ..Statement::default()
                },
                at: r.at,
                affects: r.to.into_iter().map(|s| (s, Vec::new())).collect(),
            });
            return;
        }
        let licence = match r.word.as_str() {
            "hasConcludedLicense" => Some(true),
            "hasDeclaredLicense" => Some(false),
            _ => None,
        };
        if let Some(concluded) = licence {
            for to in r.to {
                // Listed licences need no element of their own: the end of their address is their id.
                let text = b.sbom.texts.sym(to).to_owned();
                let listed = text
                    .strip_prefix("http://spdx.org/licenses/")
                    .or_else(|| text.strip_prefix("https://spdx.org/licenses/"));
                let expression = match (find(&self.licences, to), listed) {
                    (Some(expression), _) => *expression,
                    (None, Some(id)) => b.sym(r.at, "to", id),
                    (None, None) => continue,
                };
                of_packages.push((r.from, concluded, expression));
            }
            return;
        }
        let (mut kind, turned) = RelationKind::spdx(&r.word);
        kind = match (kind, r.scope.as_str()) {
            (RelationKind::DependsOn, "build") => RelationKind::BuildDependsOn,
            (RelationKind::DependsOn, "development") => RelationKind::DevDependsOn,
            (RelationKind::DependsOn, "test") => RelationKind::TestDependsOn,
            (RelationKind::DependsOn, "runtime") => RelationKind::RuntimeDependsOn,
            (kind, _) => kind,
        };
        for to in r.to {
            // Individuals that the model itself defines.
            let text = b.sbom.texts.sym(to);
            if text.ends_with("NoneElement") || text.ends_with("NoAssertionElement") {
                continue;
            }
            let (from, to) = if turned { (to, r.from) } else { (r.from, to) };
            b.relation(r.at, from, to, kind);
        }
    }
}
