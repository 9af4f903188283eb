//! Every pair of the published tables of each order, and every text of a list of real versions.

use std::cmp::Ordering;
use std::path::PathBuf;

use supply::version::{CannotCompare, Key, Scheme, key};

/// A file of the version tables beside the repository; `None`, with a printed line, where they are absent.
pub(crate) fn table(name: &str) -> Option<String> {
    let base = match std::env::var_os("LIUHEN_SHARED") {
        Some(dir) => PathBuf::from(dir),
        None => PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared")),
    };
    let path = base.join("data/versions").join(name);
    if !path.exists() {
        println!("skipped: {} is not there", path.display());
        return None;
    }
    Some(std::fs::read_to_string(path).expect("a table of versions"))
}

/// The pairs of a table with the order it claims; lines of comment begin with `#` or `//`.
pub(crate) fn pairs(text: &str) -> Vec<(&str, Ordering, &str)> {
    let mut pairs = Vec::new();
    for line in text.lines().map(str::trim) {
        if line.is_empty() || line.starts_with("# ") || line.starts_with("//") {
            continue;
        }
        let words: Vec<&str> = line.split_whitespace().collect();
        let [a, operator, b] = words[..] else {
            panic!("not a pair: {line}");
        };
        let order = match operator {
            "<" => Ordering::Less,
            "=" => Ordering::Equal,
            ">" => Ordering::Greater,
            _ => panic!("not an operator: {line}"),
        };
        pairs.push((a, order, b));
    }
    pairs
}

/// Pairs that no order of bytes can hold, with the reason.
///
/// PHP calls `1.2.3.#` equal to 1.2.3 and to 1.2.3.1, of which one is smaller than the other: equality there is not
/// transitive. Here the place-holder is the end.
const EXCEPTIONS: &[(Scheme, &str, &str)] = &[(Scheme::Packagist, "1.2.3.#", "1.2.3.1")];

fn check(name: &str, scheme: Scheme, count: usize) {
    let Some(text) = table(name) else { return };
    let pairs = pairs(&text);
    assert_eq!(pairs.len(), count, "{name}: all of the table is read");
    let wrong: Vec<String> = pairs
        .into_iter()
        .filter(|(a, _, b)| !EXCEPTIONS.contains(&(scheme, *a, *b)))
        .filter_map(|(a, order, b)| {
            let found = key(scheme, a).and_then(|a| Ok(a.cmp(&key(scheme, b)?)));
            (found != Ok(order)).then(|| format!("{a} {order:?} {b}: {found:?}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{name}: {wrong:#?}");
}

#[test]
fn every_pair_of_each_table_is_right() {
    for scheme in [
        Scheme::SemVer,
        Scheme::Npm,
        Scheme::Cargo,
        Scheme::Go,
        Scheme::Hex,
    ] {
        check("semver-versions.txt", scheme, 86);
    }
    check("pypi-versions.txt", Scheme::PyPi, 37);
    check("maven-versions.txt", Scheme::Maven, 102);
    check("debian-versions.txt", Scheme::Debian, 30);
    check("redhat-versions.txt", Scheme::Rpm, 153);
    check("alpine-versions.txt", Scheme::Alpine, 768);
    check("nuget-versions.txt", Scheme::NuGet, 35);
    check("rubygems-versions.txt", Scheme::RubyGems, 25);
    check("packagist-versions.txt", Scheme::Packagist, 95);
    check("cran-versions.txt", Scheme::Cran, 21);
}

/// How many texts of the list of real versions a scheme must read; the list mixes ecosystems.
#[test]
fn real_versions_are_read_or_refused_and_sort_the_same_from_any_start() {
    let Some(text) = table("all-versions.txt") else {
        return;
    };
    let versions: Vec<&str> = text.lines().filter(|l| !l.is_empty()).collect();
    let mut read = Vec::new();
    for scheme in Scheme::ALL {
        let mut forward: Vec<(Key, &str)> = versions
            .iter()
            .filter_map(|v| Some((key(scheme, v).ok()?, *v)))
            .collect();
        let mut backward = forward.clone();
        backward.reverse();
        forward.sort();
        backward.sort();
        assert_eq!(forward, backward);
        read.push(format!("{scheme:?} {}", forward.len()));
    }
    insta::assert_snapshot!(read.join("\n"), @r"
    SemVer 2430
    Npm 2456
    Cargo 2430
    Go 2430
    Hex 2430
    Pub 2430
    PyPi 2529
    Maven 2529
    Debian 2521
    Rpm 2529
    Alpine 2521
    NuGet 2430
    RubyGems 2520
    Packagist 2529
    Cran 2322
    Hackage 2312
    Dotted 2312
    ");
}

#[test]
fn what_no_scheme_reads_is_refused_with_its_reason() {
    for scheme in Scheme::ALL {
        assert_eq!(key(scheme, ""), Err(CannotCompare::Empty));
        assert_eq!(key(scheme, "  "), Err(CannotCompare::Empty));
        assert_eq!(key(scheme, "1.0 beta"), Err(CannotCompare::Character(3)));
        assert_eq!(key(scheme, "1\0"), Err(CannotCompare::Character(1)));
        let long = "1".repeat(1025);
        assert_eq!(key(scheme, &long), Err(CannotCompare::TooLong));
        assert!(key(scheme, &long[..1024]).is_ok(), "{scheme:?}");
        assert_eq!(key(scheme, " 1.2 "), key(scheme, "1.2"));
    }
    for (scheme, text) in [
        (Scheme::SemVer, "latest"),
        (Scheme::SemVer, "1.2.3beta"),
        (Scheme::SemVer, "1.2.3-"),
        (Scheme::SemVer, "1..2"),
        (Scheme::Go, "go1.21rc"),
        (Scheme::NuGet, "1.2.3.4.5"),
        (Scheme::Debian, "x:1"),
        (Scheme::Debian, "1_2"),
        (Scheme::Debian, "-1"),
        (Scheme::Alpine, "_1"),
        (Scheme::RubyGems, "v1.2"),
        (Scheme::RubyGems, "1..2"),
        (Scheme::RubyGems, "1."),
        (Scheme::Packagist, "v"),
        (Scheme::Cran, "1.a"),
        (Scheme::Hackage, "1-2"),
        (Scheme::Dotted, "10.0-SP1"),
    ] {
        assert_eq!(
            key(scheme, text),
            Err(CannotCompare::NotOfScheme),
            "{scheme:?} {text}"
        );
    }
}
