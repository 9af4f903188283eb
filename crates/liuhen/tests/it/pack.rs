//! Packs at the command line: faults, words, differences, drafts.

use std::path::Path;

use insta::assert_snapshot;
use serde_json::Value;

use crate::{
    check::{RULES_OF_PARKING, pack, with_files},
    support::{Place, made},
};

#[test]
fn faults_are_named_with_file_line_and_key() {
    let place = Place::new();
    let rules = RULES_OF_PARKING
        .replacen("expect = [\"send\"]", "expect = [\"sned\"]", 1)
        .replacen("bound = \"3d\"", "bound = 3", 1)
        .replacen("grade = \"blue\"", "grade = \"red\"", 1)
        .replacen("against = [\"issue\"]", "agianst = [\"issue\"]", 1);
    pack(&place, "packs/parking", &rules);
    pack(
        &place,
        "other",
        &RULES_OF_PARKING
            .replacen("\"breached\"", "\"satisfied\"", 1)
            .replacen(
                "[\"2026-03-05\", \"send\"]",
                "[\"2026-03-09\", \"send\"]",
                1,
            ),
    );
    pack(&place, "good", RULES_OF_PARKING);
    let mut all = String::new();
    for words in [
        &["pack", "check", "packs/parking"][..],
        &["pack", "check", "packs/parking", "--lang", "zh-CN"],
        &["pack", "check", "packs/parking", "--json"],
        &["pack", "check", "other", "--lang", "zh-CN"],
        &["pack", "check", "good"],
        &["pack", "check", "nowhere", "--lang", "zh-CN"],
    ] {
        all += &place.scrubbed(&words.join(" "), words);
    }
    assert_snapshot!(all);
}

#[test]
fn an_example_that_comes_out_otherwise_is_named() {
    let place = Place::new();
    pack(
        &place,
        "wrong",
        &RULES_OF_PARKING.replacen("2026-03-06", "2026-03-04", 1),
    );
    let mut all = place.scrubbed("pack check", &["pack", "check", "wrong"]);
    place.write("log.xes", "<log/>");
    all += &place.scrubbed(
        "check",
        &["check", "log.xes", "--pack", "wrong", "--lang", "zh-CN"],
    );
    assert_snapshot!(all);
}

#[test]
fn rules_are_shown_in_both_languages() {
    let place = with_files();
    let mut all = place.scrubbed("en", &["pack", "show", "parking"]);
    all += &place.scrubbed("zh", &["pack", "show", "parking", "P-1", "--lang", "zh-CN"]);
    all += &place.scrubbed("none", &["pack", "show", "parking", "P-9"]);
    assert_snapshot!(all);
}

#[test]
fn a_difference_is_shown_before_it_is_adopted() {
    let place = with_files();
    let rules = RULES_OF_PARKING
        .replacen(
            "version = 1\ntemplate = \"response\"",
            "version = 2\ntemplate = \"response\"",
            1,
        )
        .replacen("bound = \"3d\"", "bound = \"4d\"", 1)
        .replace("2026-03-06\", \"send\"", "2026-03-07\", \"send\"")
        .replacen("amount <= 200", "amount <= 100", 1)
        .replacen("amount = 300", "amount = 200", 1);
    pack(&place, "next/parking", &rules);
    let words = [
        "pack",
        "diff",
        "parking",
        "next/parking",
        "--on",
        "fines.xes",
    ];
    let mut all = place.scrubbed("en", &words);
    let words = [
        "pack",
        "diff",
        "parking",
        "parking",
        "--on",
        "fines.xes",
        "--lang",
        "zh-CN",
    ];
    all += &place.scrubbed("the same, zh", &words);
    assert_snapshot!(all);
}

/// The shipped pack of casework with a local rule beside it.
fn casework_with(place: &Place, rule: &str) {
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packs/casework");
    std::fs::create_dir_all(place.path().join("casework")).expect("a temporary folder");
    for entry in std::fs::read_dir(shipped).expect("the pack") {
        let path = entry.expect("a file").path();
        if path.extension().is_some_and(|e| e == "toml") {
            let name = path.file_name().expect("a name").to_string_lossy();
            let text = std::fs::read_to_string(&path).expect("text");
            let text = match &*name {
                "pack.toml" => text
                    .lines()
                    .map(|l| match l.starts_with("version = ") {
                        true => "version = \"9.0.0\"\n".to_owned(),
                        false => format!("{l}\n"),
                    })
                    .collect(),
                _ => text,
            };
            place.write(&format!("casework/{name}"), text);
        }
    }
    place.write("casework/rules-local.toml", rule);
}

const LOCAL: &str = r#"
[[rule]]
id = "LOC-001"
version = 1
template = "response"
object = "person"
on = ["cr.detain"]
when = ["part = suspect"]
expect = ["cr.family_notify"]
bound = "6h"
source = "LOC [S]"
severity = "B"
grade = "amber"
owner = "legal-reviewer"
from = 2026-01-01
broken = { zh = "拘留后超过6小时未通知家属（本地规定）", en = "The family was not notified within 6 hours of detention (local rule)" }
want = { zh = "通知家属", en = "notify the family" }
trace = [
  { expect = "satisfied", events = [["2026-04-30T15:00", "cr.detain", { part = "suspect" }], ["2026-04-30T21:00", "cr.family_notify", { part = "suspect" }]] },
  { expect = "breached", now = "2026-04-30T21:01", events = [["2026-04-30T15:00", "cr.detain", { part = "suspect" }]] },
]
"#;

#[test]
fn a_pack_is_adopted_only_by_the_hash_that_was_shown() {
    let place = made();
    casework_with(&place, LOCAL);
    let adopt = |more: &[&str]| {
        let mut words = vec!["pack", "adopt", "casework"];
        words.extend_from_slice(more);
        place.run(&words)
    };
    let shown = adopt(&[]);
    assert_eq!(shown.status.code(), Some(3), "nobody there to confirm");
    let text = place.tidy(&shown);
    let hash = text.lines().find(|l| l.starts_with("sha256:"));
    let hash = hash.unwrap_or_else(|| panic!("no hash: {text}")).to_owned();
    for said in [
        "→ 9.0.0",
        "LOC-001 v1 added",
        "not adopted: nobody has confirmed it",
        &format!("liuhen pack adopt casework --yes {hash}"),
    ] {
        assert!(text.contains(said), "{said}: {text}");
    }
    let other = adopt(&["--yes", "sha256:00", "--lang", "zh-CN"]);
    assert_eq!(other.status.code(), Some(3));
    let other = place.tidy(&other);
    assert!(other.contains("LOC-001 v1 新增"), "{other}");
    assert!(
        other.contains("没有启用：--yes 给出的哈希不是这个规则包的"),
        "{other}"
    );
    let entries = || {
        let output = place.run(&["audit", "--json"]);
        let report: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        report["size"].as_u64().expect("a number")
    };
    let before = entries();
    let adopted = adopt(&["--yes", &hash]);
    assert_eq!(adopted.status.code(), Some(0), "{}", place.tidy(&adopted));
    assert!(
        place
            .tidy(&adopted)
            .contains(&format!("adopted, entry {before}"))
    );
    assert_eq!(entries(), before + 1, "the adoption is an entry");
    let again = adopt(&["--yes", &hash, "--json"]);
    let again: Value = serde_json::from_slice(&again.stdout).expect("JSON");
    assert_eq!(again["rules"], serde_json::json!([]), "it is in force");
    assert_eq!(again["old"], again["version"]);
    // Faults stand against it, whatever is confirmed.
    casework_with(
        &place,
        &LOCAL.replace("cr.family_notify", "cr.familly_notify"),
    );
    let faults = adopt(&["--yes", &hash]);
    assert_eq!(faults.status.code(), Some(3));
    let faults = place.tidy(&faults);
    assert!(
        faults.contains("rules-local.toml") && faults.contains("cr.familly_notify"),
        "{faults}"
    );
    let nowhere = place.run(&["pack", "adopt", "nowhere"]);
    assert_eq!(nowhere.status.code(), Some(2));
}

/// Every figure that a draft gives is the one that a check of the same log gives.
#[test]
fn a_draft_loads_and_its_figures_are_those_of_a_check() {
    let place = Place::new();
    let mut log = "case id,activity,time,resource\n".to_owned();
    for n in 0..40 {
        let day = n % 27 + 1;
        let late = if n % 20 == 0 { 4 } else { 0 };
        log += &format!(
            "C{n},open \"it\",2026-01-{day:02}T08:00:00+08:00,p{}\n",
            n % 3
        )
        .replace("open \"it\"", "\"open \"\"it\"\"\"");
        log += &format!(
            "C{n},check,2026-01-{day:02}T{:02}:30:00+08:00,q{}\n",
            10 + n % 5,
            n % 2
        );
        log += &format!(
            "C{n},close,2026-02-{:02}T09:00:00+08:00,p0\n",
            day.min(20) + late
        );
        if n % 13 == 0 {
            log += &format!("C{n},close,2026-03-01T09:00:00+08:00,q0\n");
        }
    }
    place.write("log.csv", &log);
    let drafted = place.run(&["pack", "draft", "log.csv", "--out", "drafted", "--json"]);
    assert_eq!(drafted.status.code(), Some(0), "{}", place.tidy(&drafted));
    let again = place.run(&["pack", "draft", "log.csv", "--out", "drafted"]);
    assert_eq!(
        again.status.code(),
        Some(2),
        "a folder that exists is left alone"
    );
    let checked = place.run(&["pack", "check", "drafted"]);
    assert_eq!(checked.status.code(), Some(0), "{}", place.tidy(&checked));
    let output = place.run(&["check", "log.csv", "--pack", "drafted", "--json"]);
    let report: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let rules = std::fs::read_to_string(place.path().join("drafted/rules.toml")).expect("written");
    let mut templates = std::collections::BTreeSet::new();
    for rule in report["rules"].as_array().expect("rules") {
        let id = rule["rule"].as_str().expect("an id");
        templates.insert(rule["template"].as_str().expect("a template"));
        let (before, _) = rules
            .split_once(&format!("id = \"{id}\""))
            .expect("drafted");
        let figures = before
            .lines()
            .rev()
            .find(|l| l.starts_with("# support"))
            .expect("figures");
        let number = |key: &str| rule[key].as_f64().expect("a number");
        let unsure = number("not_checkable");
        let support = number("activations") - unsure;
        let kept = number("kept");
        let wanted = format!(
            "# support {support} · confidence {:.1} %",
            100.0 * kept / support
        );
        assert!(
            figures.starts_with(&wanted),
            "{id}: {figures}, checked {wanted}"
        );
    }
    let all = [
        "absence",
        "count",
        "distinct_persons",
        "precedence",
        "response",
    ];
    assert_eq!(
        templates.into_iter().collect::<Vec<_>>(),
        all,
        "every kind is found"
    );
}

#[test]
fn the_shipped_example_is_whole() {
    let place = Place::new();
    let root =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packs/examples/road-traffic-fines");
    let example = root.to_string_lossy();
    let output = place.run(&["pack", "check", &example]);
    assert_eq!(output.status.code(), Some(0), "{}", place.tidy(&output));
}

/// A log whose objects are all of its own types: nothing in a draft of it may hang on types of the pack `node`.
#[test]
fn a_draft_of_a_log_without_cases_loads() {
    let place = Place::new();
    let events: Vec<Value> = (0..24)
        .map(|n| {
            serde_json::json!({
                "id": format!("e{n}"), "type": if n % 2 == 0 { "place" } else { "send" },
                "time": format!("2026-03-{:02}T{:02}:00:00Z", 1 + n / 2, 8 + n % 2),
                "relationships": [{"objectId": format!("o{}", n / 2), "qualifier": "what"}],
            })
        })
        .collect();
    let objects: Vec<Value> = (0..12)
        .map(|n| serde_json::json!({"id": format!("o{n}"), "type": "order"}))
        .collect();
    let type_ = |name: &str| serde_json::json!({"name": name, "attributes": []});
    let log = serde_json::json!({
        "eventTypes": [type_("place"), type_("send")], "objectTypes": [type_("order")],
        "events": events, "objects": objects,
    });
    place.write("log.json", log.to_string());
    let drafted = place.run(&["pack", "draft", "log.json", "--out", "orders", "--json"]);
    assert_eq!(drafted.status.code(), Some(0), "{}", place.tidy(&drafted));
    let drafted: Value = serde_json::from_slice(&drafted.stdout).expect("JSON");
    assert_ne!(drafted["rules"], 0);
    let checked = place.run(&["pack", "check", "orders"]);
    assert_eq!(checked.status.code(), Some(0), "{}", place.tidy(&checked));
}

/// Where the pack that is named has words of its own for a type that the pack `node` has too, its own are said.
#[test]
fn the_words_of_the_pack_that_is_named_count() {
    let place = Place::new();
    let root =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packs/examples/road-traffic-fines");
    let shown = place.run(&["pack", "show", &root.to_string_lossy(), "RTF-01"]);
    let shown = place.tidy(&shown);
    assert!(shown.contains("Over: each fine"), "{shown}");
}
