//! OSV records (OpenSSF OSV schema 1.7), one a file: the hot path, read once and borrowed.
//!
//! `introduced` is from, `fixed` is before, `last_affected` is up to and with; explicit `versions` add to the ranges. Does *not* keep
//! `details`, symbols or credits: the raw bytes do.

use std::sync::{Arc, LazyLock};

use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::fault::{Contradiction, Faults, ReadError, What, cut};
use super::json::{Head, Loose, Text, document, list};
use super::record::{Advisory, Affected, Bound, Listed, Range, Scheme, Status, Subject};
use super::severity::Rating;
use super::stamp::Zone;
use super::{Name, Stamp};

#[derive(Deserialize)]
struct Osv<'a> {
    #[serde(borrow)]
    id: Text<'a>,
    modified: Option<Text<'a>>,
    published: Option<Text<'a>>,
    withdrawn: Option<Text<'a>>,
    #[serde(default, deserialize_with = "list")]
    aliases: Vec<Text<'a>>,
    #[serde(default, deserialize_with = "list")]
    related: Vec<Text<'a>>,
    #[serde(default, deserialize_with = "list")]
    upstream: Vec<Text<'a>>,
    summary: Option<Head>,
    details: Option<Head>,
    #[serde(default, deserialize_with = "list")]
    severity: Vec<Score<'a>>,
    #[serde(default, deserialize_with = "list")]
    affected: Vec<Part<'a>>,
    #[serde(default, deserialize_with = "list")]
    references: Vec<Reference<'a>>,
    database_specific: Option<Database>,
}

#[derive(Deserialize)]
struct Score<'a> {
    #[serde(borrow, rename = "type")]
    kind: Text<'a>,
    score: Text<'a>,
}

#[derive(Deserialize)]
struct Database {
    #[serde(default)]
    severity: Loose,
}

#[derive(Deserialize)]
struct Reference<'a> {
    #[serde(borrow)]
    url: Text<'a>,
}

#[derive(Deserialize)]
struct Part<'a> {
    #[serde(borrow)]
    package: Option<Package<'a>>,
    #[serde(default, deserialize_with = "list")]
    severity: Vec<Score<'a>>,
    #[serde(default, deserialize_with = "list")]
    ranges: Vec<Span<'a>>,
    #[serde(default, deserialize_with = "list")]
    versions: Vec<Text<'a>>,
    ecosystem_specific: Option<Specific<'a>>,
}

#[derive(Deserialize)]
struct Package<'a> {
    #[serde(borrow)]
    ecosystem: Text<'a>,
    name: Text<'a>,
    purl: Option<Text<'a>>,
}

#[derive(Deserialize)]
struct Span<'a> {
    #[serde(borrow, rename = "type")]
    kind: Text<'a>,
    repo: Option<Text<'a>>,
    #[serde(default, deserialize_with = "list")]
    events: Vec<Event<'a>>,
}

#[derive(Deserialize)]
struct Event<'a> {
    #[serde(borrow)]
    introduced: Option<Text<'a>>,
    fixed: Option<Text<'a>>,
    last_affected: Option<Text<'a>>,
    limit: Option<Text<'a>>,
}

#[derive(Deserialize)]
struct Specific<'a> {
    #[serde(borrow)]
    affects: Option<Affects<'a>>,
}

#[derive(Deserialize)]
struct Affects<'a> {
    #[serde(borrow, default, deserialize_with = "list")]
    arch: Vec<Text<'a>>,
    #[serde(default, deserialize_with = "list")]
    os: Vec<Text<'a>>,
}

/// Reads a record from JSON; `raw` is what was published, which for YAML is not the JSON.
pub(super) fn read(json: &[u8], raw: &[u8], faults: &mut Faults) -> Result<Advisory, ReadError> {
    let raw = Sha256::digest(raw).into();
    document!(json, Osv, faults, |osv, faults| advisory(osv, raw, faults))
}

fn advisory(osv: Osv<'_>, raw: [u8; 32], faults: &mut Faults) -> Result<Advisory, ReadError> {
    if osv.id.trim().is_empty() {
        return Err(ReadError::Broken {
            place: "id".into(),
            reason: "empty".into(),
        });
    }
    let mut time = |text: Option<Text<'_>>, place| {
        text.map(|t| Stamp::read(&t, Zone::Required, place, faults))
    };
    let published = time(osv.published, "published");
    let modified = time(osv.modified, "modified");
    let withdrawn = time(osv.withdrawn, "withdrawn");
    early(published.as_ref(), withdrawn.as_ref(), faults);
    for (i, alias) in osv.aliases.iter().enumerate() {
        if Name::parse(alias).is_none() {
            faults.push(format_args!("aliases[{i}]"), What::Name(cut(alias)));
        }
    }
    let mut ratings = Vec::with_capacity(osv.severity.len());
    rate(&osv.severity, "severity", &mut ratings, faults);
    let mut affected = Vec::with_capacity(osv.affected.len());
    for (i, part) in osv.affected.into_iter().enumerate() {
        rate(&part.severity, "affected.severity", &mut ratings, faults);
        affected.push(of_part(part, i, faults));
    }
    if let Some(Loose(Some(word))) = osv.database_specific.map(|d| d.severity) {
        ratings.push(Rating::words(&word, None));
    }
    let summary = osv.summary.filter(|s| !s.0.is_empty()).or(osv.details);
    let boxed = |texts: &[Text<'_>]| texts.iter().map(Text::boxed).collect::<Vec<_>>();
    let mut related = boxed(&osv.related);
    related.extend(osv.upstream.iter().map(Text::boxed));
    Ok(Advisory {
        source: osv.id.split('-').next().unwrap_or_default().into(),
        id: osv.id.boxed(),
        part: None,
        published,
        modified,
        withdrawn,
        aliases: boxed(&osv.aliases),
        related,
        ratings,
        summary: summary.unwrap_or_default().0,
        references: osv.references.iter().map(|r| r.url.boxed()).collect(),
        affected,
        statements: Vec::new(),
        raw,
    })
}

/// A withdrawal before publication is one of two wrong dates; 0001-01-01 stands for "not known".
pub(super) fn early(published: Option<&Stamp>, withdrawn: Option<&Stamp>, faults: &mut Faults) {
    let instant = |stamp: Option<&Stamp>| stamp.and_then(|s| s.at);
    if let (Some(published), Some(withdrawn)) = (instant(published), instant(withdrawn))
        && withdrawn < published
    {
        faults.push("withdrawn", Contradiction::WithdrawnEarly);
    }
}

fn rate(scores: &[Score<'_>], place: &str, ratings: &mut Vec<Rating>, faults: &mut Faults) {
    for score in scores {
        let version = match &*score.kind {
            "CVSS_V2" => "2.0",
            "CVSS_V3" => "3.1",
            "CVSS_V4" => "4.0",
            // Ubuntu and others state a word.
            _ => {
                ratings.push(Rating::words(&score.score, None));
                continue;
            }
        };
        ratings.push(Rating::vector(
            &score.score,
            version,
            None,
            None,
            place,
            faults,
        ));
    }
}

fn of_part(part: Part<'_>, index: usize, faults: &mut Faults) -> Affected {
    let mut subjects = Vec::with_capacity(2);
    let mut release = None;
    if let Some(package) = &part.package {
        // `Debian:12` has a release, `Maven:https://…` a registry, which belongs to the name of the ecosystem.
        let (ecosystem, suffix) = match package.ecosystem.split_once(':') {
            Some((e, s)) if !s.starts_with("http") => (e, Some(s)),
            _ => (&*package.ecosystem, None),
        };
        release = suffix.map(Into::into);
        subjects.push(Subject::Package {
            ecosystem: ecosystem.into(),
            name: package.name.boxed(),
        });
        subjects.extend(package.purl.as_ref().map(|p| Subject::Purl(p.boxed())));
    }
    let mut ranges = Vec::with_capacity(part.ranges.len());
    for (i, span) in part.ranges.into_iter().enumerate() {
        if part.package.is_none() || span.kind.0 == "GIT" {
            subjects.extend(span.repo.as_ref().map(|r| Subject::Repository(r.boxed())));
        }
        ranges.push(of_span(&span, index, i, faults));
    }
    if subjects.is_empty() {
        faults.push(
            format_args!("affected[{index}]"),
            What::LeftOut("names no package".into()),
        );
    }
    let mut platforms = Vec::new();
    if let Some(affects) = part.ecosystem_specific.and_then(|s| s.affects) {
        platforms.extend(affects.os.iter().chain(&affects.arch).map(Text::boxed));
    }
    let listed = |v: &Text<'_>| Listed {
        version: v.boxed(),
        status: Status::Affected,
    };
    // What was left out may have been the bound or the version that matters.
    let whole = faults.is_empty() || !faults.any_below(&format!("affected[{index}]"));
    let named = !ranges.is_empty() || !part.versions.is_empty();
    Affected {
        subjects: subjects.into(),
        on: none(),
        // A record without ranges and versions says nothing about any version.
        status: if named && whole {
            Status::NotAffected
        } else {
            Status::Unknown
        },
        ranges,
        versions: part.versions.iter().map(listed).collect(),
        platforms,
        release,
        product: None,
    }
}

/// No platform; shared, because an empty slice behind a counter would be allocated.
fn none() -> Arc<[Subject]> {
    static NONE: LazyLock<Arc<[Subject]>> = LazyLock::new(|| Arc::new([]));
    NONE.clone()
}

fn of_span(span: &Span<'_>, index: usize, at: usize, faults: &mut Faults) -> Range {
    let before = faults.count();
    let place = format_args!("affected[{index}].ranges[{at}]");
    let scheme = match &*span.kind {
        "SEMVER" => Scheme::SemVer,
        "ECOSYSTEM" => Scheme::Ecosystem,
        "GIT" => Scheme::Git,
        other => {
            faults.push(place, What::Range(cut(other)));
            Scheme::Named(cut(other))
        }
    };
    let mut bounds = Vec::with_capacity(span.events.len());
    let (mut fixed, mut last, mut from) = (false, false, false);
    for event in &span.events {
        let before = bounds.len();
        let mut take = |text: &Option<Text<'_>>, bound: fn(Box<str>) -> Bound| {
            bounds.extend(text.as_ref().map(|t| bound(t.boxed())));
        };
        take(&event.introduced, Bound::From);
        take(&event.fixed, Bound::Before);
        take(&event.last_affected, Bound::UpTo);
        take(&event.limit, Bound::Limit);
        from |= event.introduced.is_some();
        fixed |= event.fixed.is_some();
        last |= event.last_affected.is_some();
        match bounds.len() - before {
            1 => {}
            0 => faults.push(place, What::Range("an event without a known field".into())),
            _ => faults.push(place, Contradiction::Events("one event has several fields")),
        }
    }
    if fixed && last {
        faults.push(
            place,
            Contradiction::Events("a range has both `fixed` and `last_affected`"),
        );
    }
    if !from {
        faults.push(place, What::Range("no `introduced`".into()));
    }
    if faults.is_empty() {
        let unassessed = None;
        return Range {
            scheme,
            status: Status::Affected,
            bounds,
            text: None,
            unassessed,
        };
    }
    let own = format!("affected[{index}].ranges[{at}]");
    let fault = faults.list().iter().find(|f| f.place.starts_with(&own));
    let reason = fault.map(|f| cut(&f.what.to_string()));
    // Of very many faults some are only counted.
    let unlisted = || (faults.count() > before).then(|| "contradicts itself".into());
    let unassessed = reason.or_else(unlisted);
    Range {
        scheme,
        status: Status::Affected,
        bounds,
        text: None,
        unassessed,
    }
}
