//! CSAF 2.0 and, tolerantly, 2.1 (OASIS), the profile VEX included: one record for every vulnerability of a document.
//!
//! The product tree is flattened: branches give vendor, product and version; identification helpers give CPE and purl; relationships
//! (2.0) and product paths (2.1) give "this component on that platform". A product that stands with two statuses has none. Is *not*
//! a validator: what a test of the specification would complain about is a fault only where it changes what is said.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::fault::{Contradiction, Faults, ReadError, What, cut};
use super::json::{Text, document, list};
use super::record::{
    Advisory, Affected, Listed, Parts, Range, Remedy, Scheme, Statement, Status, Subject,
};
use super::severity::Rating;
use super::stamp::Zone;
use super::{Name, Stamp};

/// Vulnerabilities in one document; the largest real ones have some hundreds.
const MOST_VULNERABILITIES: usize = 10_000;

/// Statuses, and products named by statements, in one document: short references to long products must not fill the memory.
const MOST_STATUSES: usize = 1_000_000;

/// How deep combinations of products may be made of combinations.
const DEEPEST: usize = 16;

#[derive(Deserialize)]
struct Csaf<'a> {
    #[serde(borrow)]
    document: Document<'a>,
    product_tree: Option<Tree<'a>>,
    #[serde(default, deserialize_with = "list")]
    vulnerabilities: Vec<Vulnerability<'a>>,
}

#[derive(Deserialize)]
struct Document<'a> {
    #[serde(borrow)]
    csaf_version: Text<'a>,
    title: Option<Text<'a>>,
    publisher: Publisher<'a>,
    tracking: Tracking<'a>,
    aggregate_severity: Option<Aggregate<'a>>,
    #[serde(default, deserialize_with = "list")]
    references: Vec<Reference<'a>>,
}

#[derive(Deserialize)]
struct Aggregate<'a> {
    #[serde(borrow)]
    text: Text<'a>,
}

#[derive(Deserialize)]
struct Publisher<'a> {
    #[serde(borrow)]
    name: Option<Text<'a>>,
    namespace: Option<Text<'a>>,
}

#[derive(Deserialize)]
struct Tracking<'a> {
    #[serde(borrow)]
    id: Text<'a>,
    initial_release_date: Option<Text<'a>>,
    current_release_date: Option<Text<'a>>,
}

#[derive(Deserialize)]
struct Reference<'a> {
    #[serde(borrow)]
    url: Text<'a>,
}

#[derive(Deserialize)]
struct Tree<'a> {
    #[serde(borrow, default, deserialize_with = "list")]
    branches: Vec<Branch<'a>>,
    #[serde(default, deserialize_with = "list")]
    full_product_names: Vec<Full<'a>>,
    #[serde(default, deserialize_with = "list")]
    relationships: Vec<Relation<'a>>,
    #[serde(default, deserialize_with = "list")]
    product_paths: Vec<ProductPath<'a>>,
    #[serde(default, deserialize_with = "list")]
    product_groups: Vec<Group<'a>>,
}

#[derive(Deserialize)]
struct Branch<'a> {
    #[serde(borrow)]
    category: Text<'a>,
    name: Text<'a>,
    product: Option<Full<'a>>,
    #[serde(default, deserialize_with = "list")]
    branches: Vec<Branch<'a>>,
}

#[derive(Deserialize)]
struct Full<'a> {
    #[serde(borrow)]
    name: Text<'a>,
    product_id: Text<'a>,
    product_identification_helper: Option<Helper<'a>>,
}

#[derive(Deserialize)]
struct Helper<'a> {
    #[serde(borrow)]
    cpe: Option<Text<'a>>,
    purl: Option<Text<'a>>,
    #[serde(default, deserialize_with = "list")]
    purls: Vec<Text<'a>>,
}

#[derive(Deserialize)]
struct Relation<'a> {
    #[serde(borrow)]
    full_product_name: Full<'a>,
    product_reference: Text<'a>,
    relates_to_product_reference: Text<'a>,
}

#[derive(Deserialize)]
struct ProductPath<'a> {
    #[serde(borrow)]
    full_product_name: Full<'a>,
    beginning_product_reference: Text<'a>,
    #[serde(default, deserialize_with = "list")]
    subpaths: Vec<Subpath<'a>>,
}

#[derive(Deserialize)]
struct Subpath<'a> {
    #[serde(borrow)]
    next_product_reference: Text<'a>,
}

#[derive(Deserialize)]
struct Group<'a> {
    #[serde(borrow)]
    group_id: Text<'a>,
    #[serde(default, deserialize_with = "list")]
    product_ids: Vec<Text<'a>>,
}

#[derive(Deserialize)]
struct Vulnerability<'a> {
    #[serde(borrow)]
    cve: Option<Text<'a>>,
    #[serde(default, deserialize_with = "list")]
    ids: Vec<Id<'a>>,
    title: Option<Text<'a>>,
    product_status: Option<Statuses<'a>>,
    #[serde(default, deserialize_with = "list")]
    flags: Vec<Flag<'a>>,
    #[serde(default, deserialize_with = "list")]
    threats: Vec<Threat<'a>>,
    #[serde(default, deserialize_with = "list")]
    remediations: Vec<Remediation<'a>>,
    #[serde(default, deserialize_with = "list")]
    scores: Vec<Scores<'a>>,
    #[serde(default, deserialize_with = "list")]
    metrics: Vec<Metric<'a>>,
    #[serde(default, deserialize_with = "list")]
    references: Vec<Reference<'a>>,
}

#[derive(Deserialize)]
struct Id<'a> {
    #[serde(borrow)]
    text: Text<'a>,
}

#[derive(Deserialize)]
struct Statuses<'a> {
    #[serde(borrow, default, deserialize_with = "list")]
    first_affected: Vec<Text<'a>>,
    #[serde(default, deserialize_with = "list")]
    known_affected: Vec<Text<'a>>,
    #[serde(default, deserialize_with = "list")]
    last_affected: Vec<Text<'a>>,
    #[serde(default, deserialize_with = "list")]
    first_fixed: Vec<Text<'a>>,
    #[serde(default, deserialize_with = "list")]
    fixed: Vec<Text<'a>>,
    #[serde(default, deserialize_with = "list")]
    known_not_affected: Vec<Text<'a>>,
    #[serde(default, deserialize_with = "list")]
    under_investigation: Vec<Text<'a>>,
    #[serde(default, deserialize_with = "list")]
    unknown: Vec<Text<'a>>,
}

#[derive(Deserialize)]
struct Flag<'a> {
    #[serde(borrow)]
    label: Text<'a>,
    date: Option<Text<'a>>,
    #[serde(default, deserialize_with = "list")]
    product_ids: Vec<Text<'a>>,
    #[serde(default, deserialize_with = "list")]
    group_ids: Vec<Text<'a>>,
}

#[derive(Deserialize)]
struct Threat<'a> {
    #[serde(borrow)]
    category: Text<'a>,
    details: Text<'a>,
    date: Option<Text<'a>>,
    #[serde(default, deserialize_with = "list")]
    product_ids: Vec<Text<'a>>,
    #[serde(default, deserialize_with = "list")]
    group_ids: Vec<Text<'a>>,
}

#[derive(Deserialize)]
struct Remediation<'a> {
    #[serde(borrow)]
    category: Text<'a>,
    details: Option<Text<'a>>,
    url: Option<Text<'a>>,
    date: Option<Text<'a>>,
    #[serde(default, deserialize_with = "list")]
    product_ids: Vec<Text<'a>>,
    #[serde(default, deserialize_with = "list")]
    group_ids: Vec<Text<'a>>,
}

#[derive(Deserialize)]
struct Scores<'a> {
    #[serde(borrow)]
    cvss_v2: Option<Cvss<'a>>,
    cvss_v3: Option<Cvss<'a>>,
    cvss_v4: Option<Cvss<'a>>,
}

#[derive(Deserialize)]
struct Metric<'a> {
    #[serde(borrow)]
    content: Scores<'a>,
    source: Option<Text<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Cvss<'a> {
    #[serde(borrow)]
    version: Option<Text<'a>>,
    vector_string: Option<Text<'a>>,
    base_score: Option<f64>,
}

pub(super) fn read(bytes: &[u8], faults: &mut Faults) -> Result<Vec<Advisory>, ReadError> {
    let raw = Sha256::digest(bytes).into();
    document!(bytes, Csaf, faults, |csaf, faults| records(
        &csaf, raw, faults
    ))
}

fn records(
    csaf: &Csaf<'_>,
    raw: [u8; 32],
    faults: &mut Faults,
) -> Result<Vec<Advisory>, ReadError> {
    let document = &csaf.document;
    if !matches!(&*document.csaf_version, "2.0" | "2.1") {
        let version = cut(&document.csaf_version);
        return Err(ReadError::Version {
            format: "CSAF",
            version,
        });
    }
    let tracking = &document.tracking;
    if tracking.id.trim().is_empty() || tracking.id.len() > 256 {
        return Err(ReadError::Broken {
            place: "document.tracking.id".into(),
            reason: "empty, or too long".into(),
        });
    }
    let many = csaf.vulnerabilities.len() > MOST_VULNERABILITIES;
    if many
        || csaf
            .vulnerabilities
            .iter()
            .map(Vulnerability::mentions)
            .sum::<usize>()
            > MOST_STATUSES
    {
        let place = "vulnerabilities".into();
        return Err(ReadError::Broken {
            place,
            reason: "more than one document may say".into(),
        });
    }
    let publisher = &document.publisher;
    let source = publisher.namespace.as_ref().or(publisher.name.as_ref());
    let products = products(csaf.product_tree.as_ref(), faults);
    let mut time = |text: &Option<Text<'_>>, place| {
        text.as_ref()
            .map(|t| Stamp::read(t, Zone::Required, place, faults))
    };
    let published = time(
        &tracking.initial_release_date,
        "document.tracking.initial_release_date",
    );
    let modified = time(
        &tracking.current_release_date,
        "document.tracking.current_release_date",
    );
    let mut parts = Parts::default();
    let mut links = 0_usize;
    let mut records = Vec::with_capacity(csaf.vulnerabilities.len());
    for (i, one) in csaf.vulnerabilities.iter().enumerate() {
        let place = format!("vulnerabilities[{i}]");
        let mut ratings = ratings(one, &place, faults);
        if let Some(aggregate) = &document.aggregate_severity {
            ratings.push(Rating::words(&aggregate.text, None));
        }
        let mut aliases: Vec<Box<str>> = one.cve.iter().map(Text::boxed).collect();
        // `ids` also holds numbers of trackers, which are no names of vulnerabilities.
        let known = one.ids.iter().filter(|id| Name::is_common(&id.text));
        aliases.extend(known.map(|id| id.text.boxed()));
        let part = match aliases.first() {
            Some(name) => Some(parts.name(name)),
            None if csaf.vulnerabilities.len() == 1 => None,
            None => Some(format!("{}", i + 1).into()),
        };
        let (affected, statements) = statuses(one, &products, &place, &mut links, faults);
        let title = one.title.as_ref().or(document.title.as_ref());
        records.push(Advisory {
            id: tracking.id.boxed(),
            part,
            source: source.map(|s| cut(s)).unwrap_or_default(),
            published: published.clone(),
            modified: modified.clone(),
            withdrawn: None,
            aliases,
            related: Vec::new(),
            ratings,
            summary: title.map(|t| super::json::head(t)).unwrap_or_default(),
            references: one
                .references
                .iter()
                .chain(document.references.iter().take(16))
                .map(|r| short(&r.url, 2048))
                .collect(),
            affected,
            statements,
            raw,
        });
    }
    Ok(records)
}

/// A text of bounded length, for what is repeated in every record.
fn short(text: &str, most: usize) -> Box<str> {
    text.chars().take(most).collect::<String>().into()
}

impl Vulnerability<'_> {
    fn mentions(&self) -> usize {
        self.product_status
            .as_ref()
            .map_or(0, |s| s.lists().iter().map(|(ids, _)| ids.len()).sum())
    }
}

impl<'a> Statuses<'a> {
    fn lists(&self) -> [(&[Text<'a>], Status); 8] {
        [
            (&self.first_affected, Status::Affected),
            (&self.known_affected, Status::Affected),
            (&self.last_affected, Status::Affected),
            (&self.first_fixed, Status::Fixed),
            (&self.fixed, Status::Fixed),
            (&self.known_not_affected, Status::NotAffected),
            (&self.under_investigation, Status::UnderInvestigation),
            (&self.unknown, Status::Unknown),
        ]
    }
}

fn ratings(one: &Vulnerability<'_>, place: &str, faults: &mut Faults) -> Vec<Rating> {
    let mut ratings = Vec::new();
    let scores = one.scores.iter().map(|s| (s, None));
    let metrics = one
        .metrics
        .iter()
        .map(|m| (&m.content, m.source.as_deref()));
    for (content, by) in scores.chain(metrics) {
        let all = [
            (&content.cvss_v2, "2.0"),
            (&content.cvss_v3, "3.1"),
            (&content.cvss_v4, "4.0"),
        ];
        for (cvss, version) in all {
            let Some(cvss) = cvss else { continue };
            let version = cvss.version.as_deref().unwrap_or(version);
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
    }
    ratings
}

/// A product of the document, flattened.
struct Product {
    subjects: Arc<[Subject]>,
    on: Arc<[Subject]>,
    version: Option<Box<str>>,
    range: Option<Box<str>>,
    platforms: Vec<Box<str>>,
}

struct Products<'a> {
    by_id: BTreeMap<&'a str, Product>,
    groups: BTreeMap<&'a str, &'a [Text<'a>]>,
}

/// Vendor, product and the like on the way to a leaf.
#[derive(Clone, Copy, Default)]
struct Way<'a> {
    vendor: Option<&'a str>,
    product: Option<&'a str>,
    version: Option<&'a str>,
    range: Option<&'a str>,
    architecture: Option<&'a str>,
}

fn products<'a>(tree: Option<&'a Tree<'a>>, faults: &mut Faults) -> Products<'a> {
    let mut all = Products {
        by_id: BTreeMap::new(),
        groups: BTreeMap::new(),
    };
    let Some(tree) = tree else {
        return all;
    };
    for branch in &tree.branches {
        walk(branch, Way::default(), &mut all, faults);
    }
    for full in &tree.full_product_names {
        define(full, leaf(full, Way::default()), &mut all, faults);
    }
    // A combination may be made of combinations, and stand before its parts.
    let relations = tree.relationships.iter().map(|r| {
        let on = vec![&*r.relates_to_product_reference];
        (&r.full_product_name, &*r.product_reference, on)
    });
    let paths = tree.product_paths.iter().map(|p| {
        let on = p
            .subpaths
            .iter()
            .map(|s| &*s.next_product_reference)
            .collect();
        (&p.full_product_name, &*p.beginning_product_reference, on)
    });
    let mut open: Vec<(&Full<'_>, &str, Vec<&str>)> = relations.chain(paths).collect();
    for _ in 0..DEEPEST {
        let before = open.len();
        open.retain(|(full, of, on)| {
            let Some(part) = all.by_id.get(of) else {
                return true;
            };
            let mut platforms = part.on.to_vec();
            for id in on {
                let Some(platform) = all.by_id.get(id) else {
                    return true;
                };
                platforms.extend(platform.subjects.iter().chain(platform.on.iter()).cloned());
            }
            // Combinations of combinations could double at every step.
            platforms.truncate(32);
            // Its own name is that of the combination; what is affected is the component.
            let own = leaf(full, Way::default()).subjects;
            let own = own
                .iter()
                .filter(|s| !matches!(s, Subject::Product { .. }))
                .cloned();
            let own: Vec<Subject> = own.collect();
            let subjects = if own.is_empty() {
                part.subjects.clone()
            } else {
                own.into_iter()
                    .chain(part.subjects.iter().take(32).cloned())
                    .collect()
            };
            let product = Product {
                subjects,
                on: platforms.into(),
                version: part.version.clone(),
                range: part.range.clone(),
                platforms: part.platforms.clone(),
            };
            define(full, product, &mut all, faults);
            false
        });
        if open.len() == before {
            break;
        }
    }
    let ids: BTreeSet<&str> = open.iter().map(|(full, ..)| &*full.product_id).collect();
    for (full, of, on) in &open {
        let mut parts = std::iter::once(of).chain(on);
        let missing = parts.find(|id| !all.by_id.contains_key(*id) && !ids.contains(*id));
        match missing {
            Some(id) => faults.push("product_tree", What::UndefinedProduct(cut(id))),
            None => faults.push("product_tree", Contradiction::Circle(cut(&full.product_id))),
        }
    }
    for (id, product) in &all.by_id {
        if let Some(range) = product.range.as_ref().filter(|r| vers(r).is_none()) {
            faults.push(format_args!("product_tree: {id}"), What::Range(cut(range)));
        }
    }
    for group in &tree.product_groups {
        all.groups.insert(&group.group_id, &group.product_ids);
    }
    all
}

fn walk<'a>(branch: &'a Branch<'a>, mut way: Way<'a>, all: &mut Products<'a>, faults: &mut Faults) {
    let name = Some(&*branch.name);
    match &*branch.category {
        "vendor" => way.vendor = name,
        "product_name" => way.product = name,
        "product_version" => way.version = name,
        "product_version_range" => way.range = name,
        "architecture" => way.architecture = name,
        _ => {}
    }
    if let Some(full) = &branch.product {
        define(full, leaf(full, way), all, faults);
    }
    for branch in &branch.branches {
        walk(branch, way, all, faults);
    }
}

fn leaf(full: &Full<'_>, way: Way<'_>) -> Product {
    let mut subjects = Vec::with_capacity(2);
    if let Some(helper) = &full.product_identification_helper {
        subjects.extend(
            helper
                .purl
                .iter()
                .chain(&helper.purls)
                .map(|p| Subject::Purl(p.boxed())),
        );
        subjects.extend(helper.cpe.iter().map(|c| Subject::Cpe(c.boxed())));
    }
    subjects.push(Subject::Product {
        vendor: way.vendor.map(Into::into),
        product: way.product.unwrap_or(&full.name).into(),
    });
    Product {
        subjects: subjects.into(),
        on: Arc::new([]),
        version: way.version.map(|v| short(v, 256)),
        range: way.range.map(|r| short(r, 1024)),
        platforms: way.architecture.map(|a| short(a, 64)).into_iter().collect(),
    }
}

fn define<'a>(full: &'a Full<'a>, product: Product, all: &mut Products<'a>, faults: &mut Faults) {
    let id = &*full.product_id;
    if all.by_id.contains_key(id) {
        faults.push("product_tree", Contradiction::ProductTwice(cut(id)));
    } else {
        all.by_id.insert(id, product);
    }
}

fn statuses(
    one: &Vulnerability<'_>,
    products: &Products<'_>,
    place: &str,
    links: &mut usize,
    faults: &mut Faults,
) -> (Vec<Affected>, Vec<Statement>) {
    let mut order: Vec<&str> = Vec::new();
    let mut said: BTreeMap<&str, Status> = BTreeMap::new();
    if let Some(status) = &one.product_status {
        for (ids, status) in status.lists() {
            for id in ids {
                let id = &**id;
                if !products.by_id.contains_key(id) {
                    faults.push(
                        format_args!("{place}.product_status"),
                        What::UndefinedProduct(cut(id)),
                    );
                    continue;
                }
                match said.insert(id, status) {
                    None => order.push(id),
                    Some(one) if one == status => {}
                    Some(one) => {
                        let product = cut(id);
                        let fault = Contradiction::Status {
                            product,
                            one,
                            other: status,
                        };
                        faults.push(format_args!("{place}.product_status"), fault);
                        said.insert(id, Status::Unknown);
                    }
                }
            }
        }
    }
    let mut at: BTreeMap<&str, u32> = BTreeMap::new();
    let mut affected = Vec::with_capacity(order.len());
    for id in order {
        // Fewer than 2³² products fit into the largest input.
        at.insert(id, affected.len() as u32);
        affected.push(of_product(id, &products.by_id[id], said[id]));
    }
    let statements = statements(one, products, &at, links, &affected, faults);
    (affected, statements)
}

fn of_product(id: &str, product: &Product, status: Status) -> Affected {
    let mut affected = Affected::of(product.subjects.clone(), status);
    affected.on = product.on.clone();
    affected.platforms = product.platforms.clone();
    affected.product = Some(id.into());
    if let Some(version) = &product.version {
        affected.versions.push(Listed {
            version: version.clone(),
            status,
        });
        affected.status = Status::Unknown;
    }
    if let Some(text) = &product.range {
        affected.ranges.push(Range::of_vers(text, status));
        affected.status = Status::Unknown;
    }
    affected
}

impl Affected {
    fn says_not_affected(&self) -> bool {
        let listed = self.versions.iter().map(|v| v.status);
        let ranges = self.ranges.iter().map(|r| r.status);
        listed
            .chain(ranges)
            .chain([self.status])
            .any(|s| s == Status::NotAffected)
    }
}

impl Range {
    /// A range given as one text: `vers:semver/>=2.0.0|<3`. Any other text keeps no bounds and is not assessed.
    pub(super) fn of_vers(text: &str, status: Status) -> Self {
        let parsed = vers(text);
        let unassessed = parsed
            .is_none()
            .then(|| "the text is no version range specifier".into());
        let (scheme, bounds) = parsed.unwrap_or((Scheme::Undeclared, Vec::new()));
        Self {
            scheme,
            status,
            bounds,
            text: Some(short(text, 1024)),
            unassessed,
        }
    }
}

/// Version range specifier of package-url: `vers:SCHEME/CONSTRAINT|CONSTRAINT…`.
fn vers(text: &str) -> Option<(Scheme, Vec<super::Bound>)> {
    use super::Bound;
    let (scheme, constraints) = text.strip_prefix("vers:")?.split_once('/')?;
    let scheme = match scheme {
        "semver" => Scheme::SemVer,
        "" => return None,
        other => Scheme::Named(other.into()),
    };
    if constraints.trim() == "*" {
        return Some((scheme, vec![Bound::From("0".into())]));
    }
    let mut bounds = Vec::new();
    for one in constraints.split('|') {
        let one = one.trim();
        let (bound, version): (fn(Box<str>) -> Bound, _) = if let Some(v) = one.strip_prefix(">=") {
            (Bound::From, v)
        } else if let Some(v) = one.strip_prefix("<=") {
            (Bound::UpTo, v)
        } else if let Some(v) = one.strip_prefix("!=") {
            (Bound::Except, v)
        } else if let Some(v) = one.strip_prefix('>') {
            (Bound::After, v)
        } else if let Some(v) = one.strip_prefix('<') {
            (Bound::Before, v)
        } else {
            (Bound::Just, one.strip_prefix('=').unwrap_or(one))
        };
        let version = version.trim();
        if version.is_empty() || version == "*" {
            return None;
        }
        bounds.push(bound(version.into()));
    }
    Some((scheme, bounds))
}

fn statements(
    one: &Vulnerability<'_>,
    products: &Products<'_>,
    at: &BTreeMap<&str, u32>,
    links: &mut usize,
    said: &[Affected],
    faults: &mut Faults,
) -> Vec<Statement> {
    let mut concerns = |ids: &[Text<'_>], groups: &[Text<'_>]| {
        let of_groups = groups
            .iter()
            .filter_map(|g| products.groups.get(&**g))
            .flat_map(|ids| ids.iter());
        let mut affected: Vec<u32> = ids
            .iter()
            .chain(of_groups)
            .filter_map(|id| at.get(&**id).copied())
            .take(MOST_STATUSES.saturating_sub(*links))
            .collect();
        *links += affected.len();
        affected.sort_unstable();
        affected.dedup();
        affected
    };
    let mut time = |text: &Option<Text<'_>>, place| {
        text.as_ref()
            .map(|t| Stamp::read(t, Zone::Required, place, faults))
    };
    let mut all = Vec::new();
    for flag in &one.flags {
        // A justification is one of "not affected"; where the document says otherwise of a product, it justifies nothing.
        let mut affected = concerns(&flag.product_ids, &flag.group_ids);
        affected.retain(|i| {
            said.get(*i as usize)
                .is_some_and(Affected::says_not_affected)
        });
        all.push(Statement {
            affected,
            status: Some(Status::NotAffected),
            justification: Some(flag.label.boxed()),
            words: None,
            remedies: Vec::new(),
            at: time(&flag.date, "flags.date"),
        });
    }
    for threat in one.threats.iter().filter(|t| &*t.category == "impact") {
        all.push(Statement {
            affected: concerns(&threat.product_ids, &threat.group_ids),
            status: None,
            justification: None,
            words: Some(threat.details.boxed()),
            remedies: Vec::new(),
            at: time(&threat.date, "threats.date"),
        });
    }
    for remedy in &one.remediations {
        all.push(Statement {
            affected: concerns(&remedy.product_ids, &remedy.group_ids),
            status: None,
            justification: None,
            words: None,
            remedies: vec![Remedy {
                kind: remedy.category.boxed(),
                words: remedy.details.as_ref().map(Text::boxed),
                url: remedy.url.as_ref().map(Text::boxed),
            }],
            at: time(&remedy.date, "remediations.date"),
        });
    }
    all
}
