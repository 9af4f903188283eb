//! CycloneDX VEX (1.4–1.7): what a document says of vulnerabilities in components, its own or another document's.
//!
//! One record for every entry of `vulnerabilities`. A reference is resolved to the component's name where it stands in the document;
//! else it is kept, for the bill of materials that it points into. Does *not* read components that no entry refers to: `sbom` does.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::fault::{Faults, ReadError, What, cut};
use super::json::{Text, document, head, list};
use super::record::{Advisory, Affected, Listed, Parts, Range, Remedy, Statement, Status, Subject};
use super::severity::Rating;
use super::stamp::Zone;
use super::{Name, Stamp};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Cdx<'a> {
    #[serde(borrow)]
    spec_version: Option<Text<'a>>,
    serial_number: Option<Text<'a>>,
    metadata: Option<Metadata<'a>>,
    #[serde(default, deserialize_with = "list")]
    components: Vec<Component<'a>>,
    #[serde(default, deserialize_with = "list")]
    vulnerabilities: Vec<Vulnerability<'a>>,
}

#[derive(Deserialize)]
struct Metadata<'a> {
    #[serde(borrow)]
    timestamp: Option<Text<'a>>,
    component: Option<Component<'a>>,
    supplier: Option<Named<'a>>,
}

#[derive(Deserialize)]
struct Named<'a> {
    #[serde(borrow)]
    name: Option<Text<'a>>,
}

#[derive(Deserialize)]
struct Component<'a> {
    #[serde(borrow, rename = "bom-ref")]
    bom_ref: Option<Text<'a>>,
    group: Option<Text<'a>>,
    name: Option<Text<'a>>,
    version: Option<Text<'a>>,
    purl: Option<Text<'a>>,
    cpe: Option<Text<'a>>,
    #[serde(default, deserialize_with = "list")]
    components: Vec<Component<'a>>,
}

#[derive(Deserialize)]
struct Vulnerability<'a> {
    #[serde(borrow)]
    id: Option<Text<'a>>,
    description: Option<Text<'a>>,
    source: Option<Source<'a>>,
    published: Option<Text<'a>>,
    updated: Option<Text<'a>>,
    rejected: Option<Text<'a>>,
    #[serde(default, deserialize_with = "list")]
    references: Vec<Reference<'a>>,
    #[serde(default, deserialize_with = "list")]
    ratings: Vec<Rated<'a>>,
    #[serde(default, deserialize_with = "list")]
    advisories: Vec<Link<'a>>,
    analysis: Option<Analysis<'a>>,
    recommendation: Option<Text<'a>>,
    #[serde(default, deserialize_with = "list")]
    affects: Vec<Affects<'a>>,
}

#[derive(Deserialize)]
struct Source<'a> {
    #[serde(borrow)]
    name: Option<Text<'a>>,
    url: Option<Text<'a>>,
}

#[derive(Deserialize)]
struct Reference<'a> {
    #[serde(borrow)]
    id: Option<Text<'a>>,
}

#[derive(Deserialize)]
struct Link<'a> {
    #[serde(borrow)]
    url: Text<'a>,
}

#[derive(Deserialize)]
struct Rated<'a> {
    #[serde(borrow)]
    source: Option<Source<'a>>,
    score: Option<f64>,
    severity: Option<Text<'a>>,
    method: Option<Text<'a>>,
    vector: Option<Text<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Analysis<'a> {
    #[serde(borrow)]
    state: Option<Text<'a>>,
    justification: Option<Text<'a>>,
    #[serde(default, deserialize_with = "list")]
    response: Vec<Text<'a>>,
    detail: Option<Text<'a>>,
    last_updated: Option<Text<'a>>,
}

#[derive(Deserialize)]
struct Affects<'a> {
    #[serde(borrow, rename = "ref")]
    target: Text<'a>,
    #[serde(default, deserialize_with = "list")]
    versions: Vec<Version<'a>>,
}

#[derive(Deserialize)]
struct Version<'a> {
    #[serde(borrow)]
    version: Option<Text<'a>>,
    range: Option<Text<'a>>,
    status: Option<Text<'a>>,
}

/// Names of a component of the document, and its version.
type Components<'a> = BTreeMap<&'a str, (Arc<[Subject]>, Option<&'a str>)>;

pub(super) fn read(bytes: &[u8], faults: &mut Faults) -> Result<Vec<Advisory>, ReadError> {
    let raw = Sha256::digest(bytes).into();
    document!(bytes, Cdx, faults, |cdx, faults| records(&cdx, raw, faults))
}

fn records(cdx: &Cdx<'_>, raw: [u8; 32], faults: &mut Faults) -> Result<Vec<Advisory>, ReadError> {
    if let Some(version) = &cdx.spec_version
        && !version.starts_with("1.")
    {
        return Err(ReadError::Version {
            format: "CycloneDX",
            version: cut(version),
        });
    }
    if cdx.vulnerabilities.is_empty() {
        return Err(ReadError::NoStatements);
    }
    let mut components = Components::new();
    let subject = cdx.metadata.as_ref().and_then(|m| m.component.as_ref());
    for component in subject.into_iter().chain(&cdx.components) {
        name(component, &mut components);
    }
    let metadata = cdx.metadata.as_ref();
    let said = metadata.and_then(|m| m.timestamp.as_ref());
    let said = said.map(|t| Stamp::read(t, Zone::Required, "metadata.timestamp", faults));
    let supplier = metadata.and_then(|m| m.supplier.as_ref()?.name.as_ref());
    let product = subject.and_then(|c| c.name.as_ref());
    let source = supplier.or(product).or(cdx.serial_number.as_ref());
    let source = source.map(|t| cut(t)).unwrap_or_default();
    let document = cdx.serial_number.as_ref().map(|t| cut(t));
    let mut parts = Parts::default();
    let mut records = Vec::with_capacity(cdx.vulnerabilities.len());
    for (i, one) in cdx.vulnerabilities.iter().enumerate() {
        let place = format!("vulnerabilities[{i}]");
        let Some(id) = one.id.as_ref().filter(|id| !id.trim().is_empty()) else {
            faults.push(place, What::LeftOut("names no vulnerability".into()));
            continue;
        };
        let mut time = |text: &Option<Text<'_>>| {
            text.as_ref()
                .map(|t| Stamp::read(t, Zone::Required, &place, faults))
        };
        let (published, updated, withdrawn) = (
            time(&one.published),
            time(&one.updated),
            time(&one.rejected),
        );
        let at = one
            .analysis
            .as_ref()
            .and_then(|a| time(&a.last_updated))
            .or_else(|| said.clone());
        // `references` are "the same vulnerability in other databases"; only common names are taken for that.
        let named = std::iter::once(id).chain(one.references.iter().filter_map(|r| r.id.as_ref()));
        let aliases = named
            .filter(|n| Name::is_common(n))
            .map(Text::boxed)
            .collect();
        let (affected, statement) = judged(one, &components, at, &place, faults);
        records.push(Advisory {
            // The document is the record, the vulnerability its part. One vulnerability may stand in several entries.
            id: document.clone().unwrap_or_else(|| source.clone()),
            part: Some(parts.name(id)),
            source: source.clone(),
            published,
            modified: updated.or_else(|| said.clone()),
            withdrawn,
            aliases,
            related: Vec::new(),
            ratings: ratings(one, &place, faults),
            summary: one
                .description
                .as_ref()
                .map(|d| head(d))
                .unwrap_or_default(),
            references: addresses(one),
            affected,
            statements: statement.into_iter().collect(),
            raw,
        });
    }
    Ok(records)
}

fn addresses(one: &Vulnerability<'_>) -> Vec<Box<str>> {
    let source = one.source.iter().filter_map(|s| s.url.as_ref());
    source
        .chain(one.advisories.iter().map(|a| &a.url))
        .map(Text::boxed)
        .collect()
}

fn name<'a>(component: &'a Component<'a>, all: &mut Components<'a>) {
    if let Some(bom_ref) = &component.bom_ref {
        let mut subjects = vec![Subject::Reference(bom_ref.boxed())];
        subjects.extend(component.purl.as_ref().map(|p| Subject::Purl(p.boxed())));
        subjects.extend(component.cpe.as_ref().map(|c| Subject::Cpe(c.boxed())));
        if let Some(name) = &component.name {
            let vendor = component.group.as_ref().map(Text::boxed);
            subjects.push(Subject::Product {
                vendor,
                product: name.boxed(),
            });
        }
        let version = component.version.as_deref().filter(|v| v.len() <= 256);
        all.entry(bom_ref)
            .or_insert_with(|| (subjects.into(), version));
    }
    for inner in &component.components {
        name(inner, all);
    }
}

fn ratings(one: &Vulnerability<'_>, place: &str, faults: &mut Faults) -> Vec<Rating> {
    let mut ratings = Vec::new();
    for rated in &one.ratings {
        let by = rated.source.as_ref().and_then(|s| s.name.as_deref());
        let version = match rated.method.as_deref() {
            Some("CVSSv2") => "2.0",
            Some("CVSSv3") => "3.0",
            Some("CVSSv31") => "3.1",
            Some("CVSSv4") => "4.0",
            _ => "",
        };
        match (&rated.vector, rated.score, &rated.severity) {
            (Some(vector), score, _) if !version.is_empty() => {
                // The score may be the environmental one of the product: it is the analyst's, not the vector's base.
                let own = Rating::vector(vector, version, None, by, place, faults);
                ratings.push(Rating {
                    score: own
                        .score
                        .max(score.and_then(|s| Rating::stated(s, by)?.score)),
                    ..own
                });
            }
            (_, Some(score), _) => ratings.extend(Rating::stated(score, by)),
            (_, None, Some(word)) => ratings.push(Rating::words(word, by)),
            _ => {}
        }
    }
    ratings
}

fn judged(
    one: &Vulnerability<'_>,
    components: &Components<'_>,
    at: Option<Stamp>,
    place: &str,
    faults: &mut Faults,
) -> (Vec<Affected>, Option<Statement>) {
    let analysis = one.analysis.as_ref();
    let state = analysis.and_then(|a| a.state.as_deref());
    let status = match state {
        Some("resolved" | "resolved_with_pedigree") => Status::Fixed,
        Some("exploitable") => Status::Affected,
        Some("not_affected" | "false_positive") => Status::NotAffected,
        Some("in_triage") => Status::UnderInvestigation,
        Some(other) => {
            faults.push(
                format_args!("{place}.analysis.state"),
                What::LeftOut(cut(other)),
            );
            Status::Unknown
        }
        None => Status::Unknown,
    };
    let mut affected = Vec::with_capacity(one.affects.len());
    for (i, target) in one.affects.iter().enumerate() {
        let known = components.get(&*target.target);
        let (subjects, version) = match known {
            Some((subjects, version)) => (subjects.clone(), *version),
            None if target.target.starts_with("pkg:") => {
                ([Subject::Purl(target.target.boxed())].into(), None)
            }
            None => ([Subject::Reference(target.target.boxed())].into(), None),
        };
        let mut entry = Affected::of(subjects, status);
        entry.product = Some(target.target.boxed());
        for (j, version) in target.versions.iter().enumerate() {
            let said = match version.status.as_deref() {
                Some("affected") | None => Status::Affected,
                Some("unaffected") => Status::NotAffected,
                Some("unknown") => Status::Unknown,
                Some(other) => {
                    let place = format!("{place}.affects[{i}].versions[{j}].status");
                    faults.push(place, What::LeftOut(cut(other)));
                    Status::Unknown
                }
            };
            if let Some(text) = &version.version {
                entry.versions.push(Listed {
                    version: text.boxed(),
                    status: said,
                });
            }
            if let Some(text) = &version.range {
                let range = Range::of_vers(text, said);
                if range.bounds.is_empty() {
                    let place = format!("{place}.affects[{i}].versions[{j}].range");
                    faults.push(place, What::Range(cut(text)));
                }
                entry.ranges.push(range);
            }
        }
        if !target.versions.is_empty() {
            // The analysis speaks of the versions that are named; of others nothing is said.
            entry.status = Status::Unknown;
        } else if let Some(version) = version {
            entry.versions.push(Listed {
                version: version.into(),
                status,
            });
            entry.status = Status::Unknown;
        }
        affected.push(entry);
    }
    let remedies = analysis.map(|a| &a.response[..]).unwrap_or_default();
    let mut remedies: Vec<Remedy> = remedies
        .iter()
        .map(|r| Remedy {
            kind: r.boxed(),
            words: None,
            url: None,
        })
        .collect();
    if let Some(text) = &one.recommendation {
        remedies.push(Remedy {
            kind: "recommendation".into(),
            words: Some(text.boxed()),
            url: None,
        });
    }
    let statement = analysis.is_some() || !remedies.is_empty();
    let statement = statement.then(|| Statement {
        // As many as there are entries, and those fit.
        affected: (0..affected.len() as u32).collect(),
        status: state.map(|_| status),
        justification: analysis
            .and_then(|a| a.justification.as_ref())
            .map(Text::boxed),
        words: analysis.and_then(|a| a.detail.as_ref()).map(Text::boxed),
        remedies,
        at,
    });
    (affected, statement)
}
