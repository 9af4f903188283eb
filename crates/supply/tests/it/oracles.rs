//! Our orders against crates that others keep for one ecosystem each, on the tables, the real list and made texts.

use std::cmp::Ordering;

use proptest::prelude::*;
use supply::version::{Scheme, Syntax, key, parse_expression};

use crate::orders::near_version;
use crate::rules::table;

/// The order as another sees it; `None` where it refuses one of the texts.
type Oracle = fn(&str, &str) -> Option<Ordering>;

fn of_semver(a: &str, b: &str) -> Option<Ordering> {
    let read = |t: &str| semver::Version::parse(t).ok();
    Some(read(a)?.cmp_precedence(&read(b)?))
}

fn of_npm(a: &str, b: &str) -> Option<Ordering> {
    let read = |t: &str| nodejs_semver::Version::parse(t).ok();
    Some(read(a)?.cmp(&read(b)?))
}

fn of_pep440(a: &str, b: &str) -> Option<Ordering> {
    let read = |t: &str| t.parse::<pep440_rs::Version>().ok();
    Some(read(a)?.cmp(&read(b)?))
}

fn of_debian(a: &str, b: &str) -> Option<Ordering> {
    // For dpkg 0. and 0.00 are equal; the crate looks at the zeros.
    let ends_in_digits = |t: &str| {
        t.split('-')
            .all(|part| part.ends_with(|c: char| c.is_ascii_digit()))
    };
    if !ends_in_digits(a) || !ends_in_digits(b) {
        return None;
    }
    let read = |t: &str| t.parse::<debversion::Version>().ok();
    Some(read(a)?.cmp(&read(b)?))
}

fn of_rpm(a: &str, b: &str) -> Option<Ordering> {
    // rpm takes digits alone for an epoch, this crate takes whatever stands before a colon.
    let plain = |t: &str| {
        t.split_once(':')
            .is_none_or(|(epoch, _)| epoch.bytes().all(|b| b.is_ascii_digit()))
    };
    // It also takes an empty release for none, against rpm's own table.
    let whole = |t: &str| plain(t) && !t.ends_with('-');
    (whole(a) && whole(b)).then(|| rpm_version::rpm_evr_compare(a, b))
}

const ORACLES: &[(Scheme, Oracle)] = &[
    (Scheme::SemVer, of_semver),
    (Scheme::Cargo, of_semver),
    (Scheme::Npm, of_npm),
    (Scheme::PyPi, of_pep440),
    (Scheme::Debian, of_debian),
    (Scheme::Rpm, of_rpm),
];

fn ours(scheme: Scheme, a: &str, b: &str) -> Option<Ordering> {
    Some(key(scheme, a).ok()?.cmp(&key(scheme, b).ok()?))
}

#[test]
fn real_versions_sort_as_others_sort_them() {
    let Some(text) = table("all-versions.txt") else {
        return;
    };
    let versions: Vec<&str> = text.lines().filter(|l| !l.is_empty()).collect();
    for (scheme, oracle) in ORACLES {
        let mut compared = 0;
        // Neighbours in the list, and pairs far apart.
        for step in [1, 2, 7, 97, 1009] {
            for (n, a) in versions.iter().enumerate() {
                let b = versions[(n + step) % versions.len()];
                let (Some(theirs), Some(ours)) = (oracle(a, b), ours(*scheme, a, b)) else {
                    continue;
                };
                assert_eq!(ours, theirs, "{scheme:?} {a} {b}");
                compared += 1;
            }
        }
        assert!(compared > 5_000, "{scheme:?} compared {compared}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(5_000))]

    #[test]
    fn made_versions_sort_as_others_sort_them(a in near_version(), b in near_version()) {
        for (scheme, oracle) in ORACLES {
            if let (Some(theirs), Some(ours)) = (oracle(&a, &b), ours(*scheme, &a, &b)) {
                prop_assert_eq!(ours, theirs, "{:?} {} {}", scheme, &a, &b);
            }
        }
    }

    #[test]
    fn specifiers_hold_what_pep440_says(
        operator in "(==|!=|>=|<=|>|<|~=)",
        bound in "(1!)?[0-2](\\.[0-2]){1,2}((a|rc)[01])?(\\.post[01])?(\\.dev[01])?",
        wild in proptest::bool::weighted(0.2),
        version in "(1!)?[0-2](\\.[0-3]){0,3}((a|rc)[01])?(\\.post[01])?(\\.dev[01])?(\\+x)?",
    ) {
        let text = if wild { format!("{operator}{bound}.*") } else { format!("{operator}{bound}") };
        let theirs = text.parse::<pep440_rs::VersionSpecifier>();
        let ours = parse_expression(Scheme::PyPi, Syntax::Comparators, &text);
        // PEP 440 leaves post-releases out behind a pre-release too, where a flaw does not end: our `>` is plain there.
        // Before a pre- or post-release, and across epochs, the crate leaves earlier ones out, which an order does not.
        let early = matches!(operator.as_str(), "<" | ">") && (bound.contains(['a', 'r']) || bound.contains("dev")
                || bound.contains("post")
                || bound.contains('!') != version.contains('!'));
        // The crate lets `== 1.1.*` hold 1, where packaging pads it to 1.0.
        let short = wild && version.split(['a', 'r', 'p', 'd', '+']).next().is_none_or(|v| {
            v.trim_end_matches('.').split('.').count() < bound.split('.').count()
        });
        if let (Ok(theirs), Ok(ours), false) = (theirs, ours, early || short) {
            let contained = ours.contains(&key(Scheme::PyPi, &version).unwrap());
            let expected = theirs.contains(&version.parse().unwrap());
            prop_assert_eq!(contained, expected, "{} {}", text, version);
        }
    }

    /// On releases only: node-semver leaves pre-releases out of ranges, records about flaws do not.
    #[test]
    fn npm_ranges_hold_the_releases_that_node_says(
        operator in "(|=|>=|<=|>|<|\\^|~)",
        bound in "[0-2]\\.[0-2]\\.[0-2]|[0-2]\\.[0-2]\\.x|[0-2]\\.x",
        second in "(| <2\\.9\\.0| \\|\\| 2\\.1\\.x| \\|\\| 0\\.0\\.1 - 0\\.1)",
        version in "[0-3]\\.[0-3]\\.[0-3]",
    ) {
        let text = format!("{operator}{bound}{second}");
        let theirs = nodejs_semver::Range::parse(&text);
        let ours = parse_expression(Scheme::Npm, Syntax::Comparators, &text);
        // The crate drops one side of a conjunction that holds nothing (`>2.x <2.9.0`).
        let empty = ours.as_ref().is_ok_and(|set| set.is_empty());
        if let (Ok(theirs), Ok(ours), false) = (theirs, ours, empty) {
            let contained = ours.contains(&key(Scheme::Npm, &version).unwrap());
            let expected = theirs.satisfies(&nodejs_semver::Version::parse(&version).unwrap());
            prop_assert_eq!(contained, expected, "{} {}", text, version);
        }
    }
}
