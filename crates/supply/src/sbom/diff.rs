//! What changed between two bills of the same thing, package by package.
//!
//! A package is known by its canonical name without version, so a new version is a change and not something gone and something new. Does
//! *not* order versions: whether a change goes up or down is asked of `version`.

use std::collections::{BTreeMap, BTreeSet};

use super::{Component, Sbom};
use crate::name::Purl;

/// Packages of two bills, old and new, in the order of their names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diff {
    /// Only in the new one.
    pub added: Vec<Package>,
    /// Only in the old one.
    pub removed: Vec<Package>,
    /// In both, with other versions.
    pub version: Vec<Change>,
    /// In both, from other suppliers.
    pub supplier: Vec<Change>,
    /// In both, under other licences.
    pub licence: Vec<Change>,
    /// In both, and the same in all of these.
    pub unchanged: usize,
    /// Components that cannot be compared, because they have no name: old, new.
    pub unnamed: (usize, usize),
}

/// A package and the versions of it that a bill has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Package {
    /// Canonical name.
    pub name: String,
    /// As they stand, sorted as text; empty where none is said.
    pub versions: Vec<String>,
}

/// A package, and what it had and has that is not in the other bill. Both are sorted as text; one of them may be empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Canonical name.
    pub name: String,
    /// Only in the old bill.
    pub from: Vec<String>,
    /// Only in the new bill.
    pub to: Vec<String>,
}

#[derive(Default)]
struct Facts<'a> {
    versions: BTreeSet<&'a str>,
    suppliers: BTreeSet<&'a str>,
    licences: BTreeSet<&'a str>,
}

/// Compares an old bill with a new one. The subjects of the bills are left out: they differ by their nature.
pub fn diff(old: &Sbom, new: &Sbom) -> Diff {
    let (old, old_unnamed) = facts(old);
    let (mut new, new_unnamed) = facts(new);
    let mut out = Diff {
        unnamed: (old_unnamed, new_unnamed),
        ..Diff::default()
    };
    for (name, was) in old {
        let Some(is) = new.remove(&name) else {
            out.removed.push(package(name, &was));
            continue;
        };
        let mut same = true;
        for (list, was, is) in [
            (&mut out.version, &was.versions, &is.versions),
            (&mut out.supplier, &was.suppliers, &is.suppliers),
            (&mut out.licence, &was.licences, &is.licences),
        ] {
            if was != is {
                same = false;
                let name = name.clone();
                let (from, to) = (only(was, is), only(is, was));
                list.push(Change { name, from, to });
            }
        }
        out.unchanged += usize::from(same);
    }
    out.added = new
        .into_iter()
        .map(|(name, is)| package(name, &is))
        .collect();
    out
}

fn package(name: String, of: &Facts<'_>) -> Package {
    let versions = of.versions.iter().map(|v| (*v).to_owned()).collect();
    Package { name, versions }
}

fn only(a: &BTreeSet<&str>, b: &BTreeSet<&str>) -> Vec<String> {
    a.difference(b).map(|t| (*t).to_owned()).collect()
}

fn facts(sbom: &Sbom) -> (BTreeMap<String, Facts<'_>>, usize) {
    let mut out: BTreeMap<String, Facts<'_>> = BTreeMap::new();
    let mut unnamed = 0;
    let subjects: BTreeSet<usize> = sbom.subjects.iter().map(|s| *s as usize).collect();
    for (n, component) in sbom.components().enumerate() {
        if subjects.contains(&n) {
            continue;
        }
        let Some(key) = key(&component) else {
            unnamed += 1;
            continue;
        };
        let facts = out.entry(key).or_default();
        facts.versions.extend(component.version());
        facts.suppliers.extend(component.supplier());
        facts.licences.extend(component.licences());
    }
    (out, unnamed)
}

/// The one place that says when two components are the same package: the package as its ecosystem folds its name, whatever its
/// version and its distribution's release; a package URL that cannot be read as it stands; else group and name.
fn key(component: &Component<'_>) -> Option<String> {
    if let Some(text) = component.purl() {
        let Ok(purl) = Purl::parse(text) else {
            return Some(text.to_owned());
        };
        let package = purl.package();
        let parts = [&package.kind, &package.namespace, &package.name];
        let parts: Vec<&str> = parts.into_iter().map(String::as_str).collect();
        let named = parts.into_iter().filter(|part| !part.is_empty());
        return Some(format!("pkg:{}", named.collect::<Vec<_>>().join("/")));
    }
    let name = component.name()?;
    Some(match component.group() {
        Some(group) => format!("{group}/{name}"),
        None => name.to_owned(),
    })
}
