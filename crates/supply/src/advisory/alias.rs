//! Which records speak of one vulnerability: classes joined by true aliases, recomputed from the records where one changes.
//!
//! `related` and `upstream` do not join. A record that names several CVEs (a bulletin) joins none of them: it is a class of its own and
//! says which classes it covers. No source is dropped for another. A class is known by the name of one of its records, the smallest,
//! CVE before others; the names of all its records lead to it, so a name once given out finds its class after every merge and split.
//! The order in which records arrive shows nowhere.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::Advisory;

/// Longest identifier that is taken for one.
const LONGEST: usize = 64;

/// Databases whose identifiers name vulnerabilities wherever they stand.
const COMMON: [&str; 8] = [
    "CVE", "GHSA", "CNVD", "CNNVD", "PYSEC", "GO", "RUSTSEC", "MAL",
];

/// An identifier of a vulnerability, in one spelling: `CVE-2021-3602`, `GHSA-7638-r9r3-rmjj`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Name(Box<str>);

impl Name {
    /// Takes a text for an identifier where it has the shape `DATABASE-something` with a digit or a known database. Letters of the database are
    /// folded, and those of CVE, CNVD and CNNVD numbers; GHSA is in small letters after the first part.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (database, rest) = text.split_once('-')?;
        let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | ':' | '_');
        let shape = text.len() <= LONGEST
            && database.len() >= 2
            && database.chars().all(|c| c.is_ascii_alphanumeric())
            && database.starts_with(|c: char| c.is_ascii_alphabetic())
            && rest.len() >= 2
            && rest.chars().all(fits);
        if !shape {
            return None;
        }
        let database = database.to_ascii_uppercase();
        let known = COMMON.contains(&database.as_str());
        let whole = match database.as_str() {
            "CVE" | "CNVD" | "CNNVD" => {
                let (year, number) = rest.split_once('-')?;
                let digits = |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit());
                // CNVD has numbers like `CNVD-C-2020-121325`; CNNVD has year and month.
                let fits = match database.as_str() {
                    "CVE" => year.len() == 4 && digits(year) && number.len() >= 4 && digits(number),
                    "CNVD" if year.eq_ignore_ascii_case("C") => number
                        .split_once('-')
                        .is_some_and(|(y, n)| digits(y) && digits(n)),
                    _ => digits(year) && digits(number),
                };
                if !fits {
                    return None;
                }
                format!("{database}-{}", rest.to_ascii_uppercase())
            }
            "GHSA" => format!("GHSA-{}", rest.to_ascii_lowercase()),
            _ if known || rest.bytes().any(|b| b.is_ascii_digit()) => format!("{database}-{rest}"),
            _ => return None,
        };
        Some(Self(whole.into()))
    }

    /// Whether a text is an identifier of a database that everybody refers to.
    pub(super) fn is_common(text: &str) -> bool {
        let name = Self::parse(text);
        name.is_some_and(|n| n.0.split('-').next().is_some_and(|d| COMMON.contains(&d)))
    }

    /// A record whose id is nobody else's: known by its source too.
    pub(super) fn local(source: &str, id: &str, part: Option<&str>) -> Self {
        let part = part.map(|p| format!("#{p}")).unwrap_or_default();
        // `/` stands in no identifier, so that this never meets one.
        Self(format!("{source}/{id}{part}").into())
    }

    /// The identifier.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn is_cve(&self) -> bool {
        self.0.starts_with("CVE-")
    }
}

/// CVE before all others, then by text.
impl Ord for Name {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        let key = |n: &Self| !n.is_cve();
        key(self)
            .cmp(&key(other))
            .then_with(|| self.0.cmp(&other.0))
    }
}

impl PartialOrd for Name {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What makes a record the same in its next revision.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordKey {
    /// See [`Advisory::source`].
    pub source: Box<str>,
    /// See [`Advisory::id`].
    pub id: Box<str>,
    /// See [`Advisory::part`].
    pub part: Option<Box<str>>,
}

/// The name by which a class is known: that of one of its records.
pub type ClassId = Name;

/// One vulnerability, as far as aliases say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Class {
    /// Smallest own name of its records.
    pub id: ClassId,
    /// All names: of its records and their aliases.
    pub names: BTreeSet<Name>,
    /// Its records.
    pub records: BTreeSet<RecordKey>,
    /// A bulletin: the CVEs that it covers and does not join.
    pub covers: BTreeSet<Name>,
}

impl Class {
    /// More than one CVE in one class: sources disagree, and a person should look. A bulletin is not such a case.
    pub fn disagreement(&self) -> Option<Vec<&Name>> {
        let cves: Vec<&Name> = self.names.iter().filter(|n| n.is_cve()).collect();
        (cves.len() > 1).then_some(cves)
    }
}

/// What a new, changed or removed record did: classes as they were, and as they are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Change {
    /// Classes that are no more as they were.
    pub before: BTreeSet<ClassId>,
    /// What stands in their place. One id may stand in both.
    pub after: BTreeSet<ClassId>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Names {
    own: Name,
    /// Joined, its own included.
    joins: BTreeSet<Name>,
    covers: BTreeSet<Name>,
}

impl Names {
    fn of(own: Name, aliases: impl IntoIterator<Item = Name>) -> Self {
        let mut joins: BTreeSet<Name> = aliases.into_iter().collect();
        joins.insert(own.clone());
        let cves = joins.iter().filter(|n| n.is_cve()).count();
        if cves < 2 {
            return Self {
                own,
                joins,
                covers: BTreeSet::new(),
            };
        }
        joins.remove(&own);
        Self {
            joins: BTreeSet::from([own.clone()]),
            own,
            covers: joins,
        }
    }
}

/// All classes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Classes {
    records: BTreeMap<RecordKey, Names>,
    /// Records that join under a name.
    by_name: BTreeMap<Name, BTreeSet<RecordKey>>,
    class_of: BTreeMap<RecordKey, ClassId>,
    classes: BTreeMap<ClassId, Class>,
}

impl Classes {
    /// Takes a record in, or its next revision.
    pub fn put(&mut self, record: &Advisory) -> Change {
        self.put_names(record.key(), record.own_name(), record.alias_names())
    }

    /// The same with names alone. Withdrawn records are put too: they stay where they were, so that what relied on them is found.
    pub fn put_names(
        &mut self,
        key: RecordKey,
        own: Name,
        aliases: impl IntoIterator<Item = Name>,
    ) -> Change {
        let names = Names::of(own, aliases);
        if self.records.get(&key) == Some(&names) {
            return Change::default();
        }
        self.replace(key, Some(names))
    }

    /// Forgets a record that its source no longer has at all.
    pub fn remove(&mut self, key: &RecordKey) -> Change {
        if !self.records.contains_key(key) {
            return Change::default();
        }
        self.replace(key.clone(), None)
    }

    fn replace(&mut self, key: RecordKey, names: Option<Names>) -> Change {
        let mut change = Change::default();
        // What may change: the record's own class, and those that the new names touch.
        change.before.extend(self.class_of.get(&key).cloned());
        for name in names.iter().flat_map(|n| &n.joins) {
            let first = self.by_name.get(name).and_then(BTreeSet::first);
            change
                .before
                .extend(first.and_then(|r| self.class_of.get(r)).cloned());
        }
        let mut touched: BTreeSet<RecordKey> = BTreeSet::new();
        for id in &change.before {
            if let Some(class) = self.classes.remove(id) {
                touched.extend(class.records);
            }
        }
        if let Some(old) = self.records.remove(&key) {
            for name in &old.joins {
                if let Some(set) = self.by_name.get_mut(name) {
                    set.remove(&key);
                    if set.is_empty() {
                        self.by_name.remove(name);
                    }
                }
            }
        }
        self.class_of.remove(&key);
        touched.remove(&key);
        if let Some(names) = names {
            for name in &names.joins {
                self.by_name
                    .entry(name.clone())
                    .or_default()
                    .insert(key.clone());
            }
            self.records.insert(key.clone(), names);
            touched.insert(key);
        }
        while let Some(start) = touched.pop_first() {
            let Some(class) = self.gather(start, &mut touched) else {
                continue;
            };
            for record in &class.records {
                self.class_of.insert(record.clone(), class.id.clone());
            }
            change.after.insert(class.id.clone());
            self.classes.insert(class.id.clone(), class);
        }
        change
    }

    /// All that hangs together with a record.
    fn gather(&self, start: RecordKey, touched: &mut BTreeSet<RecordKey>) -> Option<Class> {
        let mut class = Class {
            id: self.records.get(&start)?.own.clone(),
            names: BTreeSet::new(),
            records: BTreeSet::new(),
            covers: BTreeSet::new(),
        };
        let mut open = vec![start];
        while let Some(key) = open.pop() {
            touched.remove(&key);
            let Some(of) = self.records.get(&key) else {
                continue;
            };
            if !class.records.insert(key) {
                continue;
            }
            for name in &of.joins {
                if class.names.insert(name.clone()) {
                    open.extend(self.by_name.get(name).into_iter().flatten().cloned());
                }
            }
            if of.own < class.id {
                class.id = of.own.clone();
            }
            class.covers.extend(of.covers.iter().cloned());
        }
        Some(class)
    }

    /// The class that a name belongs to: any class id ever given out whose record is still kept, and every alias.
    pub fn class(&self, name: &Name) -> Option<&Class> {
        let record = self.by_name.get(name)?.first()?;
        self.classes.get(self.class_of.get(record)?)
    }

    /// The class of a record.
    pub fn of_record(&self, key: &RecordKey) -> Option<&Class> {
        self.classes.get(self.class_of.get(key)?)
    }

    /// All classes, in the order of their ids.
    pub fn iter(&self) -> impl Iterator<Item = &Class> {
        self.classes.values()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.classes.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.classes.is_empty()
    }
}
