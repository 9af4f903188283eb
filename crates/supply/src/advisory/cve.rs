//! CVE records, format 5.0–5.2 (CVE Program): the assigner's container and those of additional publishers.
//!
//! `versions` are read as the record format's rules say: a single version without `lessThan` or `lessThanOrEqual` is that version alone,
//! and `changes` split a range. CPE applicability gives one entry a match, with what it must run on. A rejected record is withdrawn.
//! Exploitation that CISA adds to a record (`kev`) becomes a fact.

use std::sync::Arc;

use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::exploited::{Exploitation, Exploited};
use super::fault::{Faults, ReadError, What, cut};
use super::json::{Loose, Text, document, head, list};
use super::record::{Advisory, Affected, Bound, Listed, Range, Scheme, Status, Subject};
use super::severity::Rating;
use super::stamp::Zone;
use super::{Batch, Name, Stamp};

/// CPE names that one configuration may require beside each match.
const MOST_CONDITIONS: usize = 64;

/// Matches of one record.
const MOST_MATCHES: usize = 200_000;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Cve<'a> {
    #[serde(borrow)]
    data_version: Option<Text<'a>>,
    cve_metadata: Metadata<'a>,
    containers: Option<Containers<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Metadata<'a> {
    #[serde(borrow)]
    cve_id: Text<'a>,
    state: Option<Text<'a>>,
    assigner_short_name: Option<Text<'a>>,
    date_published: Option<Text<'a>>,
    date_updated: Option<Text<'a>>,
    date_rejected: Option<Text<'a>>,
}

#[derive(Deserialize)]
struct Containers<'a> {
    #[serde(borrow)]
    cna: Option<Container<'a>>,
    #[serde(default, deserialize_with = "list")]
    adp: Vec<Container<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Container<'a> {
    #[serde(borrow)]
    title: Option<Text<'a>>,
    provider_metadata: Option<Provider<'a>>,
    #[serde(default, deserialize_with = "list")]
    descriptions: Vec<Description<'a>>,
    #[serde(default, deserialize_with = "list")]
    rejected_reasons: Vec<Description<'a>>,
    #[serde(default, deserialize_with = "list")]
    affected: Vec<Product<'a>>,
    #[serde(default, deserialize_with = "list")]
    cpe_applicability: Vec<Applicability<'a>>,
    #[serde(default, deserialize_with = "list")]
    metrics: Vec<Metric<'a>>,
    #[serde(default, deserialize_with = "list")]
    references: Vec<Reference<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Provider<'a> {
    #[serde(borrow)]
    short_name: Option<Text<'a>>,
}

#[derive(Deserialize)]
struct Description<'a> {
    #[serde(borrow)]
    lang: Option<Text<'a>>,
    value: Text<'a>,
}

#[derive(Deserialize)]
struct Reference<'a> {
    #[serde(borrow)]
    url: Text<'a>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Product<'a> {
    #[serde(borrow)]
    vendor: Option<Text<'a>>,
    product: Option<Text<'a>>,
    #[serde(rename = "collectionURL")]
    collection_url: Option<Text<'a>>,
    package_name: Option<Text<'a>>,
    #[serde(rename = "packageURL")]
    package_url: Option<Text<'a>>,
    repo: Option<Text<'a>>,
    #[serde(default, deserialize_with = "list")]
    cpes: Vec<Text<'a>>,
    #[serde(default, deserialize_with = "list")]
    modules: Vec<Text<'a>>,
    #[serde(default, deserialize_with = "list")]
    platforms: Vec<Text<'a>>,
    default_status: Option<Text<'a>>,
    #[serde(default, deserialize_with = "list")]
    versions: Vec<Version<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Version<'a> {
    #[serde(borrow)]
    version: Text<'a>,
    status: Text<'a>,
    version_type: Option<Text<'a>>,
    less_than: Option<Text<'a>>,
    less_than_or_equal: Option<Text<'a>>,
    #[serde(default, deserialize_with = "list")]
    changes: Vec<Change<'a>>,
}

#[derive(Deserialize)]
struct Change<'a> {
    #[serde(borrow)]
    at: Text<'a>,
    status: Text<'a>,
}

#[derive(Deserialize)]
struct Applicability<'a> {
    #[serde(borrow)]
    operator: Option<Text<'a>>,
    negate: Option<bool>,
    #[serde(default, deserialize_with = "list")]
    nodes: Vec<Node<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Node<'a> {
    #[serde(borrow)]
    operator: Option<Text<'a>>,
    negate: Option<bool>,
    #[serde(default, deserialize_with = "list")]
    cpe_match: Vec<Match<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Match<'a> {
    #[serde(borrow)]
    criteria: Text<'a>,
    vulnerable: bool,
    version_start_including: Option<Text<'a>>,
    version_start_excluding: Option<Text<'a>>,
    version_end_including: Option<Text<'a>>,
    version_end_excluding: Option<Text<'a>>,
}

#[derive(Deserialize)]
struct Metric<'a> {
    #[serde(borrow, rename = "cvssV2_0")]
    v2: Option<Cvss<'a>>,
    #[serde(rename = "cvssV3_0")]
    v30: Option<Cvss<'a>>,
    #[serde(rename = "cvssV3_1")]
    v31: Option<Cvss<'a>>,
    #[serde(rename = "cvssV4_0")]
    v4: Option<Cvss<'a>>,
    other: Option<Other>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Cvss<'a> {
    #[serde(borrow)]
    vector_string: Option<Text<'a>>,
    base_score: Option<f64>,
}

#[derive(Deserialize)]
struct Other {
    #[serde(rename = "type", default)]
    kind: Loose,
    content: Option<Content>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Content {
    #[serde(default)]
    date_added: Loose,
    /// A level in words, as some assigners give it.
    #[serde(default)]
    text: Loose,
    #[serde(default)]
    value: Loose,
}

pub(super) fn read(bytes: &[u8], batch: &mut Batch) -> Result<(), ReadError> {
    let raw: [u8; 32] = Sha256::digest(bytes).into();
    let mut facts = Vec::new();
    let record = document!(bytes, Cve, &mut batch.faults, |cve: Cve<'_>, faults| {
        advisory(&cve, raw, &mut facts, faults)
    })?;
    batch.records.push(record);
    batch.facts = facts;
    Ok(())
}

fn advisory(
    cve: &Cve<'_>,
    raw: [u8; 32],
    facts: &mut Vec<Exploited>,
    faults: &mut Faults,
) -> Result<Advisory, ReadError> {
    if let Some(version) = &cve.data_version
        && !version.starts_with("5.")
    {
        return Err(ReadError::Version {
            format: "CVE",
            version: cut(version),
        });
    }
    let metadata = &cve.cve_metadata;
    let Some(name) = Name::parse(&metadata.cve_id) else {
        let reason = cut(&metadata.cve_id);
        return Err(ReadError::Broken {
            place: "cveMetadata.cveId".into(),
            reason,
        });
    };
    let mut time = |text: &Option<Text<'_>>, place| {
        text.as_ref()
            .map(|t| Stamp::read(t, Zone::Utc, place, faults))
    };
    let published = time(&metadata.date_published, "cveMetadata.datePublished");
    let modified = time(&metadata.date_updated, "cveMetadata.dateUpdated");
    let rejected = metadata.state.as_deref() == Some("REJECTED");
    // A rejected record without its date still is withdrawn: the text then is empty.
    let withdrawn = rejected.then(|| {
        time(&metadata.date_rejected, "cveMetadata.dateRejected")
            .or_else(|| modified.clone())
            .unwrap_or(Stamp {
                text: "".into(),
                at: None,
            })
    });
    super::osv::early(published.as_ref(), withdrawn.as_ref(), faults);
    let mut record = Advisory {
        id: name.as_str().into(),
        part: None,
        source: metadata
            .assigner_short_name
            .as_ref()
            .map(|s| cut(s))
            .unwrap_or_default(),
        published,
        modified,
        withdrawn,
        aliases: Vec::new(),
        related: Vec::new(),
        ratings: Vec::new(),
        summary: Box::default(),
        references: Vec::new(),
        affected: Vec::new(),
        statements: Vec::new(),
        raw,
    };
    let Some(containers) = &cve.containers else {
        return Ok(record);
    };
    let mut budget = MOST_MATCHES;
    let adp = containers
        .adp
        .iter()
        .enumerate()
        .map(|(i, c)| (format!("containers.adp[{i}]"), c));
    let cna = containers
        .cna
        .iter()
        .map(|c| ("containers.cna".to_owned(), c));
    for (place, container) in cna.chain(adp) {
        let by = container
            .provider_metadata
            .as_ref()
            .and_then(|p| p.short_name.as_deref());
        if record.summary.is_empty() {
            record.summary = summary(container);
        }
        record
            .references
            .extend(container.references.iter().map(|r| r.url.boxed()));
        for metric in &container.metrics {
            rate(
                metric,
                by,
                &place,
                &name,
                &mut record.ratings,
                facts,
                faults,
            );
        }
        for (i, product) in container.affected.iter().enumerate() {
            let place = format!("{place}.affected[{i}]");
            record.affected.push(of_product(product, &place, faults));
        }
        for (i, one) in container.cpe_applicability.iter().enumerate() {
            let place = format!("{place}.cpeApplicability[{i}]");
            of_configuration(one, &place, &mut record.affected, &mut budget, faults);
        }
    }
    record.references.sort();
    record.references.dedup();
    Ok(record)
}

fn summary(container: &Container<'_>) -> Box<str> {
    if let Some(title) = container.title.as_ref().filter(|t| !t.trim().is_empty()) {
        return head(title);
    }
    let texts = || {
        container
            .descriptions
            .iter()
            .chain(&container.rejected_reasons)
    };
    let english = texts().find(|d| d.lang.as_ref().is_some_and(|l| l.starts_with("en")));
    english
        .or_else(|| texts().next())
        .map(|d| head(&d.value))
        .unwrap_or_default()
}

fn rate(
    metric: &Metric<'_>,
    by: Option<&str>,
    place: &str,
    name: &Name,
    ratings: &mut Vec<Rating>,
    facts: &mut Vec<Exploited>,
    faults: &mut Faults,
) {
    let all = [
        (&metric.v2, "2.0"),
        (&metric.v30, "3.0"),
        (&metric.v31, "3.1"),
        (&metric.v4, "4.0"),
    ];
    for (cvss, version) in all {
        let Some(cvss) = cvss else { continue };
        match &cvss.vector_string {
            Some(vector) => ratings.push(Rating::vector(
                vector,
                version,
                cvss.base_score,
                by,
                place,
                faults,
            )),
            None => ratings.extend(cvss.base_score.and_then(|s| Rating::stated(s, by))),
        }
    }
    let Some(Other {
        kind: Loose(Some(kind)),
        content: Some(content),
    }) = &metric.other
    else {
        return;
    };
    if &**kind == "kev" {
        if let Loose(Some(date)) = &content.date_added {
            match date.parse() {
                Ok(added) => facts.push(Exploited {
                    cve: name.clone(),
                    what: Exploitation::Known {
                        added,
                        ransomware: false,
                        vendor: None,
                        product: None,
                    },
                }),
                Err(_) => faults.push(place, What::Time(cut(date))),
            }
        }
    } else if let Some(word) = [&content.text.0, &content.value.0]
        .into_iter()
        .flatten()
        .next()
    {
        ratings.push(Rating::words(word, by));
    }
}

fn status(text: &str, place: &str, faults: &mut Faults) -> Status {
    match text {
        "affected" => Status::Affected,
        "unaffected" => Status::NotAffected,
        "unknown" => Status::Unknown,
        other => {
            faults.push(place, What::LeftOut(cut(other)));
            Status::Unknown
        }
    }
}

fn of_product(product: &Product<'_>, place: &str, faults: &mut Faults) -> Affected {
    let mut subjects = Vec::new();
    subjects.extend(
        product
            .package_url
            .as_ref()
            .map(|p| Subject::Purl(p.boxed())),
    );
    if let (Some(collection), Some(name)) = (&product.collection_url, &product.package_name) {
        subjects.push(Subject::Package {
            ecosystem: collection.boxed(),
            name: name.boxed(),
        });
    }
    subjects.extend(product.cpes.iter().map(|c| Subject::Cpe(c.boxed())));
    // `n/a` is what old records hold in place of a name.
    let given = |text: &Option<Text<'_>>| {
        text.as_ref()
            .filter(|t| !t.is_empty() && !t.eq_ignore_ascii_case("n/a"))
            .map(Text::boxed)
    };
    if let Some(name) = given(&product.product) {
        subjects.push(Subject::Product {
            vendor: given(&product.vendor),
            product: name,
        });
    }
    subjects.extend(
        product
            .repo
            .as_ref()
            .map(|r| Subject::Repository(r.boxed())),
    );
    if subjects.is_empty() {
        faults.push(place, What::LeftOut("names no product".into()));
    }
    let default = product.default_status.as_ref();
    let mut affected = Affected::of(
        subjects,
        default.map_or(Status::Unknown, |s| status(s, place, faults)),
    );
    affected.platforms.extend(
        product
            .platforms
            .iter()
            .chain(&product.modules)
            .map(Text::boxed),
    );
    for (i, version) in product.versions.iter().enumerate() {
        of_version(
            version,
            format_args!("{place}.versions[{i}]"),
            &mut affected,
            faults,
        );
    }
    // What was left out may have been the version that matters.
    if !faults.is_empty() && faults.any_below(place) {
        affected.status = Status::Unknown;
    }
    affected
}

fn of_version(
    version: &Version<'_>,
    place: std::fmt::Arguments<'_>,
    affected: &mut Affected,
    faults: &mut Faults,
) {
    let said = status(&version.status, &place.to_string(), faults);
    let scheme = match version.version_type.as_deref() {
        None => Scheme::Undeclared,
        Some("semver") => Scheme::SemVer,
        Some("git") => Scheme::Git,
        Some(other) => Scheme::Named(cut(other)),
    };
    let end = match (&version.less_than, &version.less_than_or_equal) {
        (Some(_), Some(_)) => {
            let reason = "both `lessThan` and `lessThanOrEqual`";
            faults.push(place, super::Contradiction::Events(reason));
            return;
        }
        // `*`: no end.
        (Some(end), None) => (&**end != "*").then(|| Bound::Before(end.boxed())),
        (None, Some(end)) => (&**end != "*").then(|| Bound::UpTo(end.boxed())),
        (None, None) => {
            // Placeholders that say nothing of any version.
            if matches!(&*version.version, "n/a" | "unspecified" | "unknown" | "") {
                faults.push(place, What::Range(cut(&version.version)));
                return;
            }
            // `*` alone names every version.
            if &*version.version == "*" {
                let bounds = vec![Bound::From("0".into())];
                affected.ranges.push(Range {
                    scheme,
                    status: said,
                    bounds,
                    text: None,
                    unassessed: None,
                });
                return;
            }
            affected.versions.push(Listed {
                version: version.version.boxed(),
                status: said,
            });
            return;
        }
    };
    // "unspecified" and "n/a" with an end mean: from the start.
    let start = match &*version.version {
        "" | "*" | "n/a" | "unspecified" => "0".into(),
        text => text.into(),
    };
    let mut from = Bound::From(start);
    let mut said = said;
    for change in &version.changes {
        let bounds = vec![from, Bound::Before(change.at.boxed())];
        affected.ranges.push(Range {
            scheme: scheme.clone(),
            status: said,
            bounds,
            text: None,
            unassessed: None,
        });
        from = Bound::From(change.at.boxed());
        said = status(&change.status, &place.to_string(), faults);
    }
    let bounds = std::iter::once(from).chain(end).collect();
    affected.ranges.push(Range {
        scheme,
        status: said,
        bounds,
        text: None,
        unassessed: None,
    });
}

/// One configuration: matches that are vulnerable, each on what the others require.
fn of_configuration(
    one: &Applicability<'_>,
    place: &str,
    all: &mut Vec<Affected>,
    budget: &mut usize,
    faults: &mut Faults,
) {
    let negated = one.negate == Some(true) || one.nodes.iter().any(|n| n.negate == Some(true));
    if negated {
        faults.push(place, What::Range("a negated configuration".into()));
        return;
    }
    let and = one.operator.as_deref() == Some("AND");
    let required = one
        .nodes
        .iter()
        .flat_map(|n| &n.cpe_match)
        .filter(|m| !m.vulnerable);
    let on: Arc<[Subject]> = if and
        || one
            .nodes
            .iter()
            .any(|n| n.operator.as_deref() == Some("AND"))
    {
        required
            .take(MOST_CONDITIONS)
            .map(|m| Subject::Cpe(m.criteria.boxed()))
            .collect()
    } else {
        Arc::new([])
    };
    for one in one
        .nodes
        .iter()
        .flat_map(|n| &n.cpe_match)
        .filter(|m| m.vulnerable)
    {
        if *budget == 0 {
            faults.push(place, What::LeftOut("too many matches".into()));
            return;
        }
        *budget -= 1;
        let mut affected = Affected::of(vec![Subject::Cpe(one.criteria.boxed())], Status::Affected);
        affected.on = on.clone();
        let mut bounds = Vec::new();
        let mut take = |text: &Option<Text<'_>>, bound: fn(Box<str>) -> Bound| {
            bounds.extend(text.as_ref().map(|t| bound(t.boxed())));
        };
        take(&one.version_start_including, Bound::From);
        take(&one.version_start_excluding, Bound::After);
        take(&one.version_end_including, Bound::UpTo);
        take(&one.version_end_excluding, Bound::Before);
        if !bounds.is_empty() {
            if !matches!(bounds[0], Bound::From(_) | Bound::After(_)) {
                bounds.insert(0, Bound::From("0".into()));
            }
            affected.status = Status::NotAffected;
            affected.ranges.push(Range {
                scheme: Scheme::Undeclared,
                status: Status::Affected,
                bounds,
                text: None,
                unassessed: None,
            });
        }
        all.push(affected);
    }
}
