//! Which versions an advisory means: intervals of keys, how OSV and CVE records make them, and one function that judges.
//!
//! Does *not* know names, sources or dates: the caller has already found the record of a package. A bound that cannot be
//! read takes its own range out of the judgement, with a reason, and harms no neighbour. OSV schema 1.7 (evaluation
//! algorithm); CVE record format 5.1 (`affected.versions`).

use std::cmp::Ordering;

use super::{CannotCompare, Key, Scheme, key};

/// A place in an order, between two versions or at an end of it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Bound {
    /// Before all versions.
    Min,
    /// Just before this version: `>=` as a lower bound, `<` as an upper.
    Before(Key),
    /// Just behind this version: `>` as a lower bound, `<=` as an upper.
    After(Key),
    /// Behind all versions.
    Max,
}

impl Bound {
    fn place(&self) -> (u8, &[u8], u8) {
        match self {
            Self::Min => (0, &[], 0),
            Self::Before(k) => (1, k.as_bytes(), 0),
            Self::After(k) => (1, k.as_bytes(), 1),
            Self::Max => (2, &[], 0),
        }
    }
}

impl Ord for Bound {
    fn cmp(&self, other: &Self) -> Ordering {
        self.place().cmp(&other.place())
    }
}

impl PartialOrd for Bound {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// The versions between two places. Where `from` is not below `to` it is empty.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Interval {
    /// Lower end.
    pub from: Bound,
    /// Upper end.
    pub to: Bound,
}

impl Interval {
    /// One version alone.
    #[must_use]
    pub fn point(key: Key) -> Self {
        Self {
            from: Bound::Before(key.clone()),
            to: Bound::After(key),
        }
    }

    /// Whether the version lies inside.
    #[must_use]
    pub fn contains(&self, key: &Key) -> bool {
        let at = (1, key.as_bytes(), 0);
        self.from.place() <= at && at < self.to.place()
    }
}

/// A set of versions: intervals in order, none empty, none touching the next. Equal sets have equal intervals.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Set(Vec<Interval>);

impl Set {
    /// The set of what lies in any of the intervals.
    #[must_use]
    pub fn new(mut intervals: Vec<Interval>) -> Self {
        intervals.retain(|i| i.from < i.to);
        intervals.sort_unstable();
        let mut out: Vec<Interval> = Vec::with_capacity(intervals.len());
        for next in intervals {
            match out.last_mut() {
                Some(last) if next.from <= last.to => last.to = next.to.max(last.to.clone()),
                _ => out.push(next),
            }
        }
        Self(out)
    }

    /// Every version.
    #[must_use]
    pub fn all() -> Self {
        Self(vec![Interval {
            from: Bound::Min,
            to: Bound::Max,
        }])
    }

    /// The intervals, in order.
    #[must_use]
    pub fn intervals(&self) -> &[Interval] {
        &self.0
    }

    /// Whether nothing is in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether the version is in it; by binary search.
    #[must_use]
    pub fn contains(&self, key: &Key) -> bool {
        let at = (1, key.as_bytes(), 0);
        let n = self.0.partition_point(|i| i.from.place() <= at);
        n > 0 && self.0[n - 1].contains(key)
    }

    /// What is in either.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        Self::new(self.0.iter().chain(&other.0).cloned().collect())
    }

    /// What is in both.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        let (mut a, mut b) = (self.0.as_slice(), other.0.as_slice());
        let mut out = Vec::new();
        while let ([first, a_rest @ ..], [second, b_rest @ ..]) = (a, b) {
            let from = (&first.from).max(&second.from);
            let to = (&first.to).min(&second.to);
            if from < to {
                out.push(Interval {
                    from: from.clone(),
                    to: to.clone(),
                });
            }
            if first.to <= second.to {
                a = a_rest;
            } else {
                b = b_rest;
            }
        }
        Self(out)
    }

    /// What is not in it.
    #[must_use]
    pub fn complement(&self) -> Self {
        let mut out = Vec::with_capacity(self.0.len() + 1);
        let mut from = Bound::Min;
        for interval in &self.0 {
            out.push(Interval {
                from,
                to: interval.from.clone(),
            });
            from = interval.to.clone();
        }
        out.push(Interval {
            from,
            to: Bound::Max,
        });
        Self::new(out)
    }
}

/// Why a version was not judged. The first reason of a record is the one that counts; the texts are the caller's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, thiserror::Error)]
pub enum NotAssessed {
    /// The component has no version.
    #[error("the component has no version")]
    NoVersion,
    /// The component's version cannot be compared.
    #[error("the version of the component cannot be compared")]
    Version,
    /// No order of versions is known for this ecosystem or `versionType`.
    #[error("no order of versions is known for this kind of package")]
    Scheme,
    /// A bound of the advisory cannot be compared.
    #[error("a bound of the advisory cannot be read")]
    Bound,
    /// The advisory names commits only.
    #[error("the advisory names commits only")]
    GitOnly,
    /// The advisory says of these versions that their state is unknown.
    #[error("the advisory leaves the state of this version open")]
    Open,
    /// The advisory names no versions at all.
    #[error("the advisory names no versions")]
    NoRange,
}

/// The answer for one version and one record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// Inside.
    Affected,
    /// Outside, and everything the record says could be read.
    NotAffected,
    /// Not inside what could be read, and something could not.
    NotAssessed(NotAssessed),
}

/// What one record says of one package, ready to be asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ranges {
    affected: Set,
    open: Set,
    texts: Vec<Box<str>>,
    unread: Option<NotAssessed>,
    said: bool,
}

/// Judges a version by its key. Both directions of matching call this and nothing else.
#[must_use]
pub fn affects(key: &Key, ranges: &Ranges) -> Verdict {
    if ranges.affected.contains(key) {
        Verdict::Affected
    } else if let Some(reason) = ranges.unread {
        Verdict::NotAssessed(reason)
    } else if ranges.open.contains(key) {
        Verdict::NotAssessed(NotAssessed::Open)
    } else if ranges.said {
        Verdict::NotAffected
    } else {
        Verdict::NotAssessed(NotAssessed::NoRange)
    }
}

/// An event of an OSV range, with its version's text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OsvEvent<'a> {
    /// Affected from here on; `0` is before all versions.
    Introduced(&'a str),
    /// No longer affected from here on.
    Fixed(&'a str),
    /// Affected up to and with this one.
    LastAffected(&'a str),
    /// The record speaks of nothing from here on; `*` is no limit.
    Limit(&'a str),
}

/// What a CVE record says of a range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CveStatus {
    /// `affected`.
    Affected,
    /// `unaffected`.
    Unaffected,
    /// `unknown`; also what an absent `defaultStatus` means.
    Unknown,
}

/// One member of a CVE record's `versions`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CveVersion<'a> {
    /// `version`; `0`, `*`, `n/a`, `unspecified` and `-` before a bound are the beginning.
    pub version: &'a str,
    /// `lessThan`; `*` is no bound.
    pub less_than: Option<&'a str>,
    /// `lessThanOrEqual`; `*` is no bound.
    pub less_than_or_equal: Option<&'a str>,
    /// `status`.
    pub status: CveStatus,
    /// `changes`: from this version on, within the range, another status.
    pub changes: &'a [(&'a str, CveStatus)],
}

impl Ranges {
    /// The affected versions, as intervals.
    #[must_use]
    pub fn affected(&self) -> &Set {
        &self.affected
    }

    /// Why not everything of the record could be read.
    #[must_use]
    pub fn unread(&self) -> Option<NotAssessed> {
        self.unread
    }

    /// Versions that the record lists and the scheme cannot compare; equal texts are equal versions.
    #[must_use]
    pub fn texts(&self) -> &[Box<str>] {
        &self.texts
    }

    /// Judges a component's version as text: no version and no key are reasons of their own.
    #[must_use]
    pub fn assess(&self, scheme: Scheme, version: Option<&str>) -> Verdict {
        let Some(text) = version.map(str::trim).filter(|t| !t.is_empty()) else {
            return Verdict::NotAssessed(NotAssessed::NoVersion);
        };
        if self.texts.iter().any(|t| **t == *text) {
            return Verdict::Affected;
        }
        match key(scheme, text) {
            Ok(key) => affects(&key, self),
            // Where all versions are affected the text does not matter.
            Err(_) if self.affected == Set::all() => Verdict::Affected,
            Err(_) => Verdict::NotAssessed(NotAssessed::Version),
        }
    }

    /// Adds versions that are affected.
    pub fn add(&mut self, set: &Set) {
        self.affected = self.affected.union(set);
        self.said = true;
    }

    /// Notes that a part of the record was not read.
    pub fn add_unread(&mut self, reason: NotAssessed) {
        self.unread.get_or_insert(reason);
    }

    /// Adds an explicit list of affected versions (OSV `versions`). A text without key counts where it is equal.
    pub fn add_versions<'a>(
        &mut self,
        scheme: Scheme,
        versions: impl IntoIterator<Item = &'a str>,
    ) {
        let mut points = Vec::new();
        for text in versions {
            match key(scheme, text) {
                Ok(key) => points.push(Interval::point(key)),
                Err(_) => self.texts.push(text.into()),
            }
        }
        if !points.is_empty() {
            self.add(&Set::new(points));
        }
        self.texts.sort_unstable();
        self.texts.dedup();
        self.said |= !self.texts.is_empty();
    }

    /// Adds one OSV range of type `SEMVER` or `ECOSYSTEM`; for `GIT` call [`Ranges::add_unread`].
    pub fn add_osv(&mut self, scheme: Scheme, events: &[OsvEvent<'_>]) {
        match osv(scheme, events) {
            Ok(set) => self.add(&set),
            Err(_) => self.add_unread(NotAssessed::Bound),
        }
    }

    /// Adds the `versions` of one `affected` member of a CVE record; `scheme` is that of `versionType`, `None` where it
    /// names none. The members must be given together, since one overrides the default of the others.
    pub fn add_cve(
        &mut self,
        scheme: Option<Scheme>,
        default: CveStatus,
        versions: &[CveVersion<'_>],
    ) {
        if versions.is_empty() {
            match default {
                CveStatus::Affected => self.add(&Set::all()),
                CveStatus::Unaffected => self.said = true,
                CveStatus::Unknown => self.add_unread(NotAssessed::NoRange),
            }
            return;
        }
        let Some(scheme) = scheme else {
            // Without an order a text can still be equal.
            for v in versions {
                let alone = v.less_than.is_none() && v.less_than_or_equal.is_none();
                if alone && v.status == CveStatus::Affected && !is_no_version(v.version) {
                    self.texts.push(v.version.into());
                }
            }
            self.texts.sort_unstable();
            self.texts.dedup();
            self.add_unread(NotAssessed::Scheme);
            return;
        };
        let mut by_status = [Set::default(), Set::default(), Set::default()];
        for version in versions {
            match cve(scheme, version) {
                Ok(parts) => {
                    for (interval, status) in parts {
                        let set = &mut by_status[status as usize];
                        *set = set.union(&Set::new(vec![interval]));
                    }
                }
                Err(_) => self.add_unread(NotAssessed::Bound),
            }
        }
        let [affected, unaffected, unknown] = by_status;
        let rest = affected.union(&unaffected).union(&unknown).complement();
        // A record that calls a version both is not believed in what it denies.
        let mut all_affected = affected;
        let mut open = unknown;
        match default {
            CveStatus::Affected => all_affected = all_affected.union(&rest),
            CveStatus::Unaffected => {}
            CveStatus::Unknown => open = open.union(&rest),
        }
        self.open = self.open.union(&open);
        self.add(&all_affected);
    }
}

fn osv(scheme: Scheme, events: &[OsvEvent<'_>]) -> Result<Set, CannotCompare> {
    // What an event does at its place: start, or end.
    let mut starts = Vec::new();
    let mut ends = Vec::new();
    let mut limit: Option<Bound> = None;
    for event in events {
        match *event {
            OsvEvent::Introduced("0") => starts.push(Bound::Min),
            OsvEvent::Introduced(text) => starts.push(Bound::Before(key(scheme, text)?)),
            OsvEvent::Fixed(text) => ends.push(Bound::Before(key(scheme, text)?)),
            OsvEvent::LastAffected(text) => ends.push(Bound::After(key(scheme, text)?)),
            OsvEvent::Limit(text) => {
                let bound = match text {
                    "*" => Bound::Max,
                    _ => Bound::Before(key(scheme, text)?),
                };
                limit = Some(limit.map_or(bound.clone(), |l| l.max(bound)));
            }
        }
    }
    starts.sort_unstable();
    ends.sort_unstable();
    let mut intervals = Vec::with_capacity(starts.len());
    let mut done: Option<Bound> = None;
    for start in starts {
        // Still inside the one before.
        if done.as_ref().is_some_and(|d| start < *d) {
            continue;
        }
        // An end that has closed a range does not close the one that begins there.
        let to = ends
            .iter()
            .find(|end| **end >= start && done.as_ref().is_none_or(|d| *end > d))
            .cloned()
            .unwrap_or(Bound::Max);
        done = Some(to.clone());
        intervals.push(Interval { from: start, to });
    }
    let set = Set::new(intervals);
    Ok(match limit {
        Some(to) => set.intersection(&Set::new(vec![Interval {
            from: Bound::Min,
            to,
        }])),
        None => set,
    })
}

fn is_no_version(text: &str) -> bool {
    matches!(text.trim(), "" | "*" | "-" | "n/a" | "N/A" | "unspecified")
}

fn cve(
    scheme: Scheme,
    version: &CveVersion<'_>,
) -> Result<Vec<(Interval, CveStatus)>, CannotCompare> {
    let upper = match (version.less_than, version.less_than_or_equal) {
        (Some("*"), _) | (None, Some("*")) => Some(Bound::Max),
        (Some(text), _) => Some(Bound::Before(key(scheme, text)?)),
        (None, Some(text)) => Some(Bound::After(key(scheme, text)?)),
        (None, None) => None,
    };
    let Some(to) = upper else {
        if version.version.trim() == "*" {
            let all = Interval {
                from: Bound::Min,
                to: Bound::Max,
            };
            return Ok(vec![(all, version.status)]);
        }
        return Ok(vec![(
            Interval::point(key(scheme, version.version)?),
            version.status,
        )]);
    };
    let from = match version.version.trim() {
        "0" => Bound::Min,
        text if is_no_version(text) => Bound::Min,
        text => Bound::Before(key(scheme, text)?),
    };
    let mut changes = Vec::with_capacity(version.changes.len());
    for (text, status) in version.changes {
        changes.push((Bound::Before(key(scheme, text)?), *status));
    }
    changes.sort_by(|a, b| a.0.cmp(&b.0));
    let mut out = Vec::with_capacity(changes.len() + 1);
    let (mut from, mut status) = (from, version.status);
    for (at, next) in changes {
        if at > from && at < to {
            out.push((
                Interval {
                    from,
                    to: at.clone(),
                },
                status,
            ));
            from = at;
        }
        status = next;
    }
    out.push((Interval { from, to }, status));
    Ok(out)
}
