//! Ranges as records and people write them, and what they say of a version.

use supply::version::{
    CannotCompare, CveStatus, CveVersion, ExpressionError, NotAssessed, OsvEvent, Ranges, Scheme,
    Syntax, Verdict, affects, key, parse_expression, parse_vers,
};

use OsvEvent::{Fixed, Introduced, LastAffected, Limit};

const YES: Verdict = Verdict::Affected;
const NO: Verdict = Verdict::NotAffected;

fn osv(scheme: Scheme, events: &[OsvEvent<'_>]) -> Ranges {
    let mut ranges = Ranges::default();
    ranges.add_osv(scheme, events);
    ranges
}

fn asked(scheme: Scheme, ranges: &Ranges, yes: &[&str], no: &[&str]) {
    for (versions, verdict) in [(yes, YES), (no, NO)] {
        for version in versions {
            let found = ranges.assess(scheme, Some(version));
            assert_eq!(found, verdict, "{scheme:?} {version} {ranges:?}");
            assert_eq!(affects(&key(scheme, version).unwrap(), ranges), verdict);
        }
    }
}

#[test]
fn osv_events() {
    use Scheme::{Debian, Npm, PyPi, SemVer};
    let fixed = osv(SemVer, &[Introduced("0"), Fixed("1.2.0")]);
    asked(
        SemVer,
        &fixed,
        &["0.0.0-a", "1.1.9", "1.2.0-rc.1"],
        &["1.2.0", "2.0.0"],
    );
    let last = osv(Npm, &[Introduced("1.0.0"), LastAffected("1.5.0")]);
    asked(Npm, &last, &["1.0.0", "1.5.0"], &["0.9.0", "1.5.1"]);
    // Two branches in one range, in any order of events.
    let mut events = [
        Fixed("2.0.4"),
        Introduced("2.0.0"),
        Introduced("0"),
        Fixed("1.9.3"),
    ];
    let two = osv(PyPi, &events);
    asked(
        PyPi,
        &two,
        &["1.0", "2.0.0", "2.0.3"],
        &["1.9.3", "1.10", "2.0.0rc1", "2.0.4"],
    );
    events.reverse();
    assert_eq!(osv(PyPi, &events), two);
    // Fixed, and broken again with the same version.
    let again = osv(
        SemVer,
        &[
            Introduced("0"),
            Fixed("1.0.0"),
            Introduced("1.0.0"),
            Fixed("2.0.0"),
        ],
    );
    asked(SemVer, &again, &["0.9.0", "1.0.0", "1.9.0"], &["2.0.0"]);
    // Introduced and fixed with the same version: nothing.
    let none = osv(SemVer, &[Introduced("1.0.0"), Fixed("1.0.0")]);
    asked(SemVer, &none, &[], &["0.9.0", "1.0.0", "1.1.0"]);
    // A fix that was never needed, an introduction inside a range.
    let loose = osv(
        SemVer,
        &[
            Fixed("0.5.0"),
            Introduced("1.0.0"),
            Introduced("1.2.0"),
            Fixed("1.3.0"),
        ],
    );
    asked(SemVer, &loose, &["1.0.0", "1.2.9"], &["0.1.0", "1.3.0"]);
    let limit = osv(SemVer, &[Introduced("1.0.0"), Limit("2.0.0")]);
    asked(SemVer, &limit, &["1.0.0", "1.9.9"], &["2.0.0", "3.0.0"]);
    asked(
        SemVer,
        &osv(SemVer, &[Introduced("1.0.0"), Limit("*")]),
        &["9.0.0"],
        &["0.1.0"],
    );
    // Epoch and backport.
    let deb = osv(Debian, &[Introduced("0"), Fixed("1:1.2.3-1+deb12u2")]);
    asked(
        Debian,
        &deb,
        &["1:1.2.3-1", "9.9", "1:1.2.3-1+deb12u1"],
        &["1:1.2.3-1+deb12u2", "2:0.1"],
    );
}

#[test]
fn what_cannot_be_read_harms_no_neighbour() {
    let s = Scheme::SemVer;
    let mut ranges = osv(s, &[Introduced("1.0.0"), Fixed("1.1.0")]);
    ranges.add_osv(s, &[Introduced("2.0.0"), Fixed("some words")]);
    assert_eq!(ranges.assess(s, Some("1.0.5")), YES);
    let open = Verdict::NotAssessed(NotAssessed::Bound);
    assert_eq!(ranges.assess(s, Some("2.5.0")), open);
    assert_eq!(ranges.assess(s, Some("0.5.0")), open);

    let clean = osv(s, &[Introduced("1.0.0"), Fixed("1.1.0")]);
    for (version, reason) in [
        (None, NotAssessed::NoVersion),
        (Some(" "), NotAssessed::NoVersion),
        (Some("main"), NotAssessed::Version),
    ] {
        assert_eq!(clean.assess(s, version), Verdict::NotAssessed(reason));
    }
    // Every version is affected: no need to read it.
    let all = osv(s, &[Introduced("0")]);
    assert_eq!(all.assess(s, Some("main")), YES);
    assert_eq!(
        all.assess(s, None),
        Verdict::NotAssessed(NotAssessed::NoVersion)
    );

    let mut git = Ranges::default();
    git.add_unread(NotAssessed::GitOnly);
    assert_eq!(
        git.assess(s, Some("1.0.0")),
        Verdict::NotAssessed(NotAssessed::GitOnly)
    );
    assert_eq!(
        Ranges::default().assess(s, Some("1.0.0")),
        Verdict::NotAssessed(NotAssessed::NoRange)
    );
    // Listed versions count, and where they have no place in the order, their text does.
    let mut listed = Ranges::default();
    listed.add_versions(s, ["1.0.0", "snapshot-a"]);
    asked(s, &listed, &["1.0.0", "v1.0.0"], &["1.0.1"]);
    assert_eq!(listed.assess(s, Some("snapshot-a")), YES);
    assert_eq!(
        listed.assess(s, Some("snapshot-b")),
        Verdict::NotAssessed(NotAssessed::Version)
    );
}

fn cve<'a>(version: &'a str, status: CveStatus) -> CveVersion<'a> {
    CveVersion {
        version,
        less_than: None,
        less_than_or_equal: None,
        status,
        changes: &[],
    }
}

#[test]
fn cve_versions() {
    use CveStatus::{Affected, Unaffected, Unknown};
    let s = Scheme::SemVer;
    let build = |scheme, default, versions: &[CveVersion<'_>]| {
        let mut ranges = Ranges::default();
        ranges.add_cve(scheme, default, versions);
        ranges
    };
    let below = CveVersion {
        less_than: Some("1.5.0"),
        ..cve("1.0.0", Affected)
    };
    let upto = CveVersion {
        less_than_or_equal: Some("3.2.0"),
        ..cve("n/a", Affected)
    };
    let ranges = build(Some(s), Unaffected, &[below]);
    asked(s, &ranges, &["1.0.0", "1.4.9"], &["0.9.0", "1.5.0"]);
    asked(
        s,
        &build(Some(s), Unaffected, &[upto]),
        &["0.1.0", "3.2.0"],
        &["3.2.1"],
    );
    // No default: what is not named is open, not safe.
    let ranges = build(Some(s), Unknown, &[below]);
    assert_eq!(ranges.assess(s, Some("1.2.0")), YES);
    assert_eq!(
        ranges.assess(s, Some("2.0.0")),
        Verdict::NotAssessed(NotAssessed::Open)
    );
    // All but what is named.
    let safe = CveVersion {
        less_than: Some("*"),
        ..cve("2.0.0", Unaffected)
    };
    asked(
        s,
        &build(Some(s), Affected, &[safe]),
        &["0.1.0", "1.9.0"],
        &["2.0.0", "7.0.0"],
    );
    // Branches of one range.
    let changes = [("1.2.3", Unaffected), ("1.3.0", Affected)];
    let branches = CveVersion {
        less_than: Some("2.0.0"),
        changes: &changes,
        ..cve("0", Affected)
    };
    asked(
        s,
        &build(Some(s), Unaffected, &[branches]),
        &["0.0.1", "1.2.2", "1.3.0"],
        &["1.2.3", "1.2.9", "2.0.0"],
    );
    // An unknown versionType: equality of texts only.
    let ranges = build(None, Unaffected, &[cve("R2019a", Affected), below]);
    assert_eq!(ranges.assess(Scheme::Dotted, Some("R2019a")), YES);
    assert_eq!(
        ranges.assess(Scheme::Dotted, Some("1.2")),
        Verdict::NotAssessed(NotAssessed::Scheme)
    );
    assert_eq!(build(Some(s), Affected, &[]).assess(s, Some("1.0.0")), YES);
    assert_eq!(
        build(Some(s), Unaffected, &[cve("bad text", Affected)]).assess(s, Some("1.0.0")),
        Verdict::NotAssessed(NotAssessed::Bound)
    );
}

#[test]
fn expressions() {
    use Scheme::{Cargo, Debian, Maven, Npm, NuGet, Packagist, PyPi, RubyGems};
    use Syntax::{Brackets, Comparators};
    type Row = (
        Scheme,
        Syntax,
        &'static str,
        &'static [&'static str],
        &'static [&'static str],
    );
    let rows: &[Row] = &[
        (
            Npm,
            Comparators,
            ">= 1.0.0, < 1.2.3",
            &["1.0.0", "1.2.3-rc.1"],
            &["0.9.9", "1.2.3"],
        ),
        (
            Npm,
            Comparators,
            "^1.2.3",
            &["1.2.3", "1.9.0"],
            &["1.2.2", "2.0.0-0", "2.0.0"],
        ),
        (Npm, Comparators, "^0.2.3", &["0.2.3", "0.2.9"], &["0.3.0"]),
        (Npm, Comparators, "^0.0.3", &["0.0.3"], &["0.0.4"]),
        (Npm, Comparators, "~1.2.3", &["1.2.9"], &["1.3.0"]),
        (Npm, Comparators, "~1", &["1.9.0"], &["2.0.0"]),
        (
            Npm,
            Comparators,
            "1.x || 3.1.*",
            &["1.0.0", "1.9.9", "3.1.7"],
            &["2.0.0", "3.2.0"],
        ),
        (Npm, Comparators, ">1.x", &["2.0.0"], &["1.9.9"]),
        (
            Npm,
            Comparators,
            "1.2 - 2.3",
            &["1.2.0", "2.3.9"],
            &["1.1.9", "2.4.0"],
        ),
        (Npm, Comparators, "1.2.0 - 2.3.0", &["2.3.0"], &["2.3.1"]),
        (Npm, Comparators, "*", &["0.0.0", "99.0.0"], &[]),
        (Npm, Comparators, "<1.0.0 >=1.0.0", &[], &["1.0.0"]),
        (Cargo, Comparators, "!=1.0.0", &["1.0.1"], &["1.0.0+x"]),
        (
            PyPi,
            Comparators,
            "~=2.2",
            &["2.2", "2.9"],
            &["2.1", "3.0", "3.0.dev1"],
        ),
        (PyPi, Comparators, "~=2.2.1", &["2.2.9"], &["2.3"]),
        (
            PyPi,
            Comparators,
            "==1.4",
            &["1.4", "1.4.0", "1.4+local"],
            &["1.4.post1", "1.4.1"],
        ),
        (
            PyPi,
            Comparators,
            "==1.4.*",
            &["1.4.dev0", "1.4a1", "1.4.9"],
            &["1.5", "1.3.9"],
        ),
        (
            PyPi,
            Comparators,
            ">=1,!=1.5,<2",
            &["1.0", "1.6"],
            &["1.5", "2.0", "2.0rc1"],
        ),
        (
            PyPi,
            Comparators,
            ">1.7",
            &["1.7.1"],
            &["1.7", "1.7.post1", "1.7+x", "1.7.0.post2"],
        ),
        (
            PyPi,
            Comparators,
            "<=1.7",
            &["1.7+x", "1.7"],
            &["1.7.post1"],
        ),
        (PyPi, Comparators, "===weird", &["weird"], &["1.0"]),
        (
            RubyGems,
            Comparators,
            "~> 2.2",
            &["2.2", "2.9.9"],
            &["3.0.a", "2.1"],
        ),
        (
            RubyGems,
            Comparators,
            "~> 2.2.0, != 2.2.5",
            &["2.2.4"],
            &["2.2.5", "2.3.0"],
        ),
        (
            Packagist,
            Comparators,
            ">=1.0,<1.2|>=2.0,<2.1",
            &["1.1", "2.0.5"],
            &["1.2", "2.1"],
        ),
        (
            Packagist,
            Comparators,
            "~1.2",
            &["1.9"],
            &["2.0-dev", "2.0"],
        ),
        (
            Debian,
            Comparators,
            "< 1:1.2-3",
            &["1:1.2-2", "5"],
            &["1:1.2-3"],
        ),
        (
            Maven,
            Brackets,
            "[1.0,2.0),(3.0,]",
            &["1.0", "1.9", "3.0.1"],
            &["2.0", "3.0", "0.9"],
        ),
        (
            Maven,
            Brackets,
            "(,1.0],[1.2,)",
            &["1.0", "0.1", "1.2"],
            &["1.1"],
        ),
        (Maven, Brackets, "[1.5]", &["1.5.0"], &["1.5.1"]),
        (
            NuGet,
            Brackets,
            "(1.0, 2.0]",
            &["1.0.1", "2.0"],
            &["1.0", "2.0.1"],
        ),
    ];
    for (scheme, syntax, text, yes, no) in rows {
        let set = parse_expression(*scheme, *syntax, text)
            .unwrap_or_else(|e| panic!("{scheme:?} {text}: {e}"));
        let mut ranges = Ranges::default();
        ranges.add(&set);
        asked(*scheme, &ranges, yes, no);
    }
    for (scheme, syntax, text) in [
        (Npm, Comparators, ""),
        (Npm, Comparators, ">="),
        (Npm, Comparators, ">=1.0.0,"),
        (Npm, Comparators, "1.0.0 ||"),
        (Npm, Comparators, "latest"),
        (Npm, Comparators, "^latest"),
        (PyPi, Comparators, "~=2"),
        (Maven, Brackets, "1.0"),
        (Maven, Brackets, "[1.0"),
        (Maven, Brackets, "(1.0)"),
        (Maven, Brackets, "[1.0,2.0)x"),
    ] {
        let found = parse_expression(scheme, syntax, text);
        assert!(
            matches!(
                found,
                Err(ExpressionError::Syntax | ExpressionError::Version(_))
            ),
            "{text}: {found:?}"
        );
    }
    let long = "1.0.0||".repeat(10_000);
    assert_eq!(
        parse_expression(Npm, Comparators, &long),
        Err(ExpressionError::TooLong)
    );
}

#[test]
fn vers() {
    type Row = (
        &'static str,
        &'static [&'static str],
        &'static [&'static str],
    );
    let rows: &[Row] = &[
        (
            "vers:npm/1.2.3|>=2.0.0|<5.0.0",
            &["1.2.3", "2.0.0", "4.9.9"],
            &["1.2.4", "5.0.0"],
        ),
        (
            "vers:pypi/0.0.0|0.0.1|>=1.0|!=1.5|<2.0",
            &["0.0.1", "1.6"],
            &["1.5", "2.0", "0.0.2"],
        ),
        ("vers:npm/*", &["0.0.1"], &[]),
        ("vers:deb/<1.0-1", &["0.9"], &["1.0-1"]),
        ("vers:maven/>1.0", &["1.1"], &["1.0"]),
        ("vers:golang/!=1.0.0", &["1.0.1"], &["1.0.0"]),
        ("vers:gem/<=1|>=3|<=4", &["1", "3", "4", "0.1"], &["2", "5"]),
        ("vers:rpm/>=1%3A2.0-1", &["1:2.0-1"], &["2.0-1"]),
        // Of two lower ends in a row the lower one counts.
        ("vers:semver/>=1.0.0|>=2.0.0|<3.0.0", &["1.5.0"], &["3.0.0"]),
    ];
    for (text, yes, no) in rows {
        let (scheme, set) = parse_vers(text).unwrap_or_else(|e| panic!("{text}: {e}"));
        let mut ranges = Ranges::default();
        ranges.add(&set);
        asked(scheme, &ranges, yes, no);
    }
    for (text, error) in [
        ("npm/1.0", ExpressionError::Syntax),
        ("vers:npm", ExpressionError::Syntax),
        ("vers:generic/1.0", ExpressionError::Scheme),
        ("vers:npm/>=1.0.0|<1.0.0", ExpressionError::Syntax),
        (
            "vers:npm/>=",
            ExpressionError::Version(CannotCompare::Empty),
        ),
        ("vers:npm/%zz", ExpressionError::Syntax),
    ] {
        assert_eq!(parse_vers(text), Err(error), "{text}");
    }
}
