//! Overlays of a place, and what differs between catalogues.

use std::fmt::Write as _;

use law::rule::Grade;
use law::{Catalogue, ChangeKind, Faults};

use crate::small;

fn overlaid(overlay: &str) -> Result<Catalogue, Faults> {
    let weak = small::rule("R-20", "count", "max = 3").replace("LAW 3 [T]", "LAW 3 [G]");
    let rules = small::rules() + &weak.replace("\"red\"", "\"blue\"");
    small::parse(&small::files(&rules), &[("overlay/here.toml", overlay)])
}

const WHY: &str = "reason = { zh = \"本地规定\", en = \"local ruling\" }\nsource = \"LAW 9 [T]\"\n";

const GOOD: &str = r#"
[[overlay]]
rule = "R-01"
reason = { zh = "本地规定更短", en = "shorter here" }
source = "LAW 9 [T]"
bound = [{ if = ["nature? = criminal"], is = "12h" }, { is = "20h" }]
warn = ["80%"]
recording_grace = false
from = 2026-03-01

[[overlay]]
rule = "R-04"
reason = { zh = "本地规定", en = "local ruling" }
source = "[D]"
max = 1
window = "1h"
grade = "amber"

[[overlay]]
rule = "R-12"
source = "[D]"
off = { zh = "本地系统无补录时间", en = "the local system keeps no time of recording" }

[[table]]
id = "local"
values = ["theft"]
"#;

#[test]
fn an_overlay_changes_what_it_may_and_removes_nothing() {
    let (plain, here) = (overlaid("").unwrap(), overlaid(GOOD).unwrap());
    assert_eq!(plain.rules().len(), here.rules().len());
    assert!(plain.off("R-12").is_none());
    assert_eq!(here.off("R-12").unwrap().zh, "本地系统无补录时间");
    assert!(here.rule("R-12").is_some());
    assert_eq!(here.overlays().len(), 3);
    assert_eq!(here.overlays()[0].reason.en, "shorter here");
    assert_eq!(here.tables()[1].values, ["theft"]);
    let mut text = String::new();
    for change in Catalogue::diff(&plain, &here) {
        let (what, fields) = match &change.kind {
            ChangeKind::Added(f) => ("added", f),
            ChangeKind::Removed(f) => ("removed", f),
            ChangeKind::Changed(f) => ("changed", f),
            ChangeKind::Switched(f) => ("switched", f),
        };
        writeln!(text, "{} v{} {what}", change.id, change.version).unwrap();
        for f in fields {
            writeln!(text, "  {}: {} → {}", f.field, f.old, f.new).unwrap();
        }
    }
    insta::assert_snapshot!(text);
    assert_eq!(Catalogue::diff(&here, &here), []);
}

#[test]
fn each_fault_of_an_overlay_is_named() {
    let one = |keys: &str| format!("[[overlay]]\n{keys}");
    let with = |rule: &str, keys: &str| format!("[[overlay]]\nrule = \"{rule}\"\n{WHY}{keys}\n");
    let mut text = String::new();
    for overlay in [
        "[[overlay]\n".to_owned(),
        "[[overlays]]\n".to_owned(),
        one("bound = \"1h\""),
        one("rule = \"R-01\"\nbound = \"1h\""),
        with("R-99", "max = 1"),
        with("R-01", ""),
        with("R-01", "version = 2\nbound = \"1h\""),
        with("R-01", "remove = true"),
        with("R-01", "max = 1"),
        with("R-01", "bound = 24"),
        with(
            "R-01",
            "bound = [{ if = [\"nature = crime\"], is = \"1h\" }]",
        ),
        with("R-01", "from = 2025-01-01"),
        with("R-01", "from = 2031-01-01"),
        with("R-04", "max = 0"),
        with("R-04", "recording_grace = \"1h\""),
        with("R-13", "min = 9"),
        with("R-20", "grade = \"red\""),
        with("R-20", "grade = \"amber\"").replace("[T]", "[D]"),
        with("R-12", "off = { zh = \"\", en = \"\" }"),
        with("R-04", "max = 1") + &with("R-04", "max = 1"),
        "[[table]]\nid = \"locals\"\nvalues = [\"a\"]\n".to_owned(),
        "[[table]]\nid = \"local\"\n".to_owned(),
    ] {
        let faults = match overlaid(&overlay) {
            Ok(_) => panic!("accepted: {overlay}"),
            Err(faults) => faults,
        };
        let faults = small::both(&faults);
        writeln!(text, "{}\n{faults}\n", overlay.trim().replace('\n', "⏎")).unwrap();
    }
    insta::assert_snapshot!(text);
}

#[test]
fn a_rule_replaced_by_its_next_version_is_changed() {
    let rule = small::rule("R-1", "count", "max = 2");
    let next = rule
        .replace("version = 1", "version = 2")
        .replace("max = 2", "max = 1");
    let other = small::rule("R-2", "count", "max = 5");
    let [old, new] = [&rule, &(next + &other)].map(|r| small::with(r).unwrap());
    insta::assert_debug_snapshot!(Catalogue::diff(&old, &new));
    let back = Catalogue::diff(&new, &old);
    assert!(matches!(back[1].kind, ChangeKind::Removed(_)));
    assert_eq!((back[1].id.as_str(), back[1].version), ("R-2", 1));
}

#[test]
fn a_grade_is_raised_only_on_what_was_read() {
    let amber = small::rule("R-1", "count", "max = 2").replace("\"red\"", "\"amber\"");
    let raised = |mark: &str| {
        let overlay = format!("[[overlay]]\nrule = \"R-1\"\n{WHY}grade = \"red\"\n");
        let overlay = overlay.replace("[T]", mark);
        small::parse(&small::files(&amber), &[("overlay/here.toml", &overlay)])
    };
    assert!(raised("[D]").is_err() && raised("[G]").is_err());
    let here = raised("[S]").unwrap();
    assert_eq!(here.rule("R-1").unwrap().grade, Grade::Red);
}

#[test]
fn an_overlay_without_version_changes_the_newest() {
    let first = small::rule("R-1", "count", "max = 2\nto = 2026-12-31");
    let next = small::rule("R-1", "count", "max = 2");
    let next = (next.replace("version = 1", "version = 2")).replace("2026-01-01", "2027-01-01");
    let changed = |version: &str| {
        let overlay = format!("[[overlay]]\nrule = \"R-1\"\n{WHY}{version}max = 7\n");
        let files = small::files(&format!("{first}{next}"));
        let here = small::parse(&files, &[("overlay/here.toml", &overlay)]).unwrap();
        here.overlays()[0].version
    };
    assert_eq!((changed(""), changed("version = 1\n")), (2, 1));
}
