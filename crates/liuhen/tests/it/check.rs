//! Event logs against packs: what is found, what cannot be told, where every row went, and how a command ends.

use std::path::Path;

use insta::assert_snapshot;
use serde_json::Value;

use crate::support::Place;

const PACK: &str = r#"
id = "parking"
version = "1.2.0"
zh = "停车罚款"
en = "Parking fines"
who = { zh = "甲处", en = "Unit A" }

[[object]]
id = "case"
zh = "罚单"
en = "fine"
source = "[D]"
confidence = ["D"]

[[group]]
id = "fine"
zh = "罚款"
en = "fine"

[[source]]
code = "BYLAW"
zh = "停车规章"
en = "Parking by-law"
extent = "made up for this test"
confidence = ["S"]
"#;

const ROLES: &str = r#"
[[role]]
id = "clerk"
zh = "经办人"
en = "clerk"
source = "[D]"
confidence = ["D"]
"#;

const ATTRIBUTES: &str = r#"
[[attribute]]
id = "amount"
zh = "金额（元）"
en = "amount in yuan"
kind = "number"

[[attribute]]
id = "case:district"
zh = "辖区"
en = "district"
kind = "text"
"#;

fn activities() -> String {
    [
        ("issue", "开单"),
        ("send", "寄出"),
        ("approve", "审核"),
        ("pay", "缴款"),
    ]
    .map(|(id, zh)| {
        format!(
            "[[activity]]\nid = \"{id}\"\ngroup = \"fine\"\nobject = \"case\"\nzh = \"{zh}\"\nen = \"{id}\"\n\
             source = \"[D]\"\nconfidence = [\"D\"]\n\n"
        )
    })
    .concat()
}

const RULES: &str = r#"
[[rule]]
id = "P-1"
version = 1
template = "response"
object = "case"
on = ["issue"]
expect = ["send"]
bound = "3d"
source = "BYLAW 4 [S]"
severity = "B"
grade = "red"
owner = "clerk"
from = 2020-01-01
broken = { zh = "开单三日内未寄出", en = "Not sent within 3 days of issue" }
want = { zh = "寄出罚单", en = "send the fine" }
trace = [
  { expect = "satisfied", events = [["2026-03-02", "issue"], ["2026-03-05", "send"]] },
  { expect = "breached", events = [["2026-03-02", "issue"], ["2026-03-06", "send"]] },
]

[[rule]]
id = "P-2"
version = 1
template = "distinct_persons"
object = "case"
on = ["approve"]
against = ["issue"]
before = true
source = "BYLAW 7 [S]"
severity = "B"
grade = "amber"
owner = "clerk"
from = 2020-01-01
broken = { zh = "审核人就是开单人", en = "Approved by whoever issued it" }
trace = [
  { expect = "satisfied", events = [["2026-03-03", "approve", { by = ["b:clerk"] }], ["2026-03-02", "issue", { by = ["a:clerk"] }]] },
  { expect = "breached", events = [["2026-03-03", "approve", { by = ["a:clerk"] }], ["2026-03-02", "issue", { by = ["a:clerk"] }]] },
]

[[rule]]
id = "P-3"
version = 1
template = "record"
object = "case"
on = ["issue"]
when = ["case:district? = north"]
require = ["amount <= 200"]
source = "[D]"
severity = "C"
grade = "blue"
owner = "clerk"
from = 2020-01-01
broken = { zh = "北区罚款超过二百元", en = "A fine of more than 200 in the north" }
trace = [
  { expect = "satisfied", events = [["2026-03-02", "issue", { "case:district" = "north", amount = 100 }]] },
  { expect = "breached", events = [["2026-03-02", "issue", { "case:district" = "north", amount = 300 }]] },
  { expect = "not_checkable", events = [["2026-03-02", "issue", { "case:district" = "north" }]] },
]

[[rule]]
id = "P-4"
version = 1
template = "manual"
object = "case"
on = ["pay"]
reason = { zh = "收据在纸质档案里", en = "The receipt lies in a paper file" }
source = "[D]"
severity = "C"
grade = "blue"
owner = "clerk"
from = 2020-01-01
broken = { zh = "没有收据", en = "No receipt" }
"#;

/// Fine: events as activity, time, person, amount.
type Fine = (
    &'static str,
    &'static str,
    &'static [(&'static str, &'static str, &'static str, &'static str)],
);

const FINES: &[Fine] = &[
    (
        "F1",
        "north",
        &[
            ("issue", "2026-03-02T10:00:00+08:00", "a", "150"),
            ("send", "2026-03-05T23:59:00+08:00", "c", ""),
            ("approve", "2026-03-06T09:00:00+08:00", "b", ""),
        ],
    ),
    (
        "F2",
        "north",
        &[
            ("issue", "2026-03-02T10:00:00+08:00", "a", "300"),
            ("send", "2026-03-06T00:00:00+08:00", "c", ""),
            ("approve", "2026-03-06T09:00:00+08:00", "a", ""),
            ("tow", "2026-03-06T10:00:00+08:00", "t", ""),
        ],
    ),
    (
        "F3",
        "north",
        &[
            ("issue", "2026-03-07T10:00:00+08:00", "", "many"),
            ("pay", "2026-03-09T10:00:00+08:00", "", ""),
        ],
    ),
];

fn xes(fines: &[Fine]) -> String {
    let mut text = "<log xes.version=\"1.0\">\n".to_owned();
    for (id, district, events) in fines {
        text += &format!(
            "<trace>\n<string key=\"concept:name\" value=\"{id}\"/><string key=\"district\" value=\"{district}\"/>\n"
        );
        for (activity, time, person, amount) in *events {
            text += &format!(
                "<event><string key=\"concept:name\" value=\"{activity}\"/><date key=\"time:timestamp\" value=\"{time}\"/>"
            );
            for (key, value) in [("org:resource", person), ("amount", amount)] {
                if !value.is_empty() {
                    text += &format!("<string key=\"{key}\" value=\"{value}\"/>");
                }
            }
            text += "</event>\n";
        }
        text += "</trace>\n";
    }
    text + "</log>\n"
}

/// Writes a pack into a folder.
pub(crate) fn pack(place: &Place, folder: &str, rules: &str) {
    std::fs::create_dir_all(place.path().join(folder)).expect("a temporary folder");
    let id = Path::new(folder)
        .file_name()
        .expect("a name")
        .to_string_lossy();
    let head = PACK.replace("\"parking\"", &format!("\"{id}\""));
    for (file, text) in [
        ("pack.toml", head.as_str()),
        ("roles.toml", ROLES),
        ("attributes.toml", ATTRIBUTES),
        ("activities.toml", &activities()),
        ("rules.toml", rules),
    ] {
        place.write(&format!("{folder}/{file}"), text);
    }
}

pub(crate) fn with_files() -> Place {
    let place = Place::new();
    pack(&place, "parking", RULES);
    place.write("fines.xes", xes(FINES));
    place
}

pub(crate) const RULES_OF_PARKING: &str = RULES;

/// Exit code and standard output: what is said beside it differs in its times.
fn result(place: &Place, words: &[&str]) -> String {
    let output = place.run(words);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let code = output.status.code().unwrap_or(-1);
    format!("===== {}\nexit {code}\n{text}\n", words.join(" "))
}

fn code(place: &Place, words: &[&str]) -> i32 {
    place.run(words).status.code().unwrap_or(-1)
}

#[test]
fn findings_are_told_in_both_languages() {
    let place = with_files();
    let mut all = String::new();
    for lang in ["en", "zh-CN"] {
        let words = ["check", "fines.xes", "--pack", "parking", "--lang", lang];
        all += &result(&place, &words);
    }
    assert_snapshot!(all);
}

#[test]
fn one_document_holds_summary_and_findings() {
    let place = with_files();
    assert_snapshot!(result(
        &place,
        &["check", "fines.xes", "--pack", "parking", "--json"]
    ));
}

#[test]
fn sarif_names_rules_levels_objects_and_lines() {
    let place = with_files();
    let words = [
        "check",
        "fines.xes",
        "--pack",
        "parking",
        "--format",
        "sarif",
        "--lang",
        "zh-CN",
    ];
    let shown = result(&place, &words);
    let (_, text) = shown.split_once("exit 4\n").expect("red is found");
    let sarif: Value = serde_json::from_str(text).expect("JSON");
    let run = &sarif["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().expect("rules");
    let mut told = String::new();
    for rule in rules {
        let level = &rule["defaultConfiguration"]["level"];
        told += &format!(
            "{} {level} {}\n",
            rule["id"], rule["shortDescription"]["text"]
        );
    }
    for result in run["results"].as_array().expect("results") {
        let at = usize::try_from(result["ruleIndex"].as_u64().expect("an index")).expect("small");
        assert_eq!(rules[at]["id"], result["ruleId"]);
        assert_eq!(
            result["partialFingerprints"]["liuhenFinding/v1"]
                .as_str()
                .map(str::len),
            Some(32)
        );
        let place = &result["locations"][0];
        told += &format!(
            "{} {} {} {} line {}\n",
            result["ruleId"],
            result["level"],
            result["message"]["text"],
            place["logicalLocations"][0]["fullyQualifiedName"],
            place["physicalLocation"]["region"]["startLine"],
        );
    }
    assert_eq!(sarif["version"], "2.1.0");
    assert_snapshot!(told);
}

#[test]
fn the_exit_code_goes_by_severity() {
    let place = with_files();
    let only = |n: usize| xes(&FINES[n..=n]);
    place.write("good.xes", only(0));
    place.write("red.xes", only(1));
    let amber: &[Fine] = &[(
        "F9",
        "south",
        &[
            ("issue", "2026-03-02T10:00:00+08:00", "a", ""),
            ("approve", "2026-03-02T11:00:00+08:00", "a", ""),
        ],
    )];
    place.write("amber.xes", xes(amber));
    let rejected = only(0).replace("2026-03-06T09:00:00+08:00", "on Friday");
    place.write("rejected.xes", rejected);
    place.write("cut.xes", &only(0)[..400]);
    place.write(
        "other.xes",
        only(0)
            .replace("\"issue\"", "\"x\"")
            .replace("\"send\"", "\"y\"")
            .replace("\"approve\"", "\"z\""),
    );
    pack(
        &place,
        "bad",
        &RULES.replace("grade = \"blue\"", "grade = \"red\""),
    );
    let cases: &[(&str, &str, &[&str], i32)] = &[
        ("good.xes", "parking", &[], 0),
        ("rejected.xes", "parking", &[], 1),
        ("rejected.xes", "parking", &["--allow-rejects"], 0),
        // Nothing that the pack knows: nothing was looked at.
        ("other.xes", "parking", &[], 1),
        ("amber.xes", "parking", &[], 3),
        // The three days pass, and nothing was sent.
        ("amber.xes", "parking", &["--now", "2026-03-06"], 4),
        ("amber.xes", "parking", &["--now", "2026-03-05T23:59"], 3),
        ("red.xes", "parking", &[], 4),
        ("cut.xes", "parking", &[], 2),
        ("nowhere.xes", "parking", &[], 2),
        ("good.xes", "bad", &[], 2),
        ("good.xes", "nowhere", &[], 2),
        ("good.xes", "parking", &["--now", "Friday"], 2),
        ("good.xes", "parking", &["--zone", "Mars"], 2),
        ("good.xes", "parking", &["--format", "xlsx"], 2),
        ("good.xes", "parking", &["--object-type-map", "case"], 2),
    ];
    for (log, pack, more, wanted) in cases {
        let mut words = vec!["check", log, "--pack", pack];
        words.extend_from_slice(more);
        let output = place.run(&words);
        assert_eq!(
            output.status.code(),
            Some(*wanted),
            "{words:?}\n{}",
            place.tidy(&output)
        );
    }
}

#[test]
fn every_row_is_accounted_for() {
    let place = with_files();
    place.write(
        "fines.csv",
        "case id,activity,time,resource,amount\n\
         F1,issue,2026-03-02,a,100\n\
         F1,send,2026-03-05,c,\n\
         F2,issue,the day before,a,100\n\
         F2,tow,2026-03-05 10:00:00,t,\n",
    );
    let words = ["check", "fines.csv", "--pack", "parking", "--json"];
    let output = place.run(&words);
    let report: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let events = &report["events"];
    let number = |key: &str| events[key].as_u64().expect("a number");
    assert_eq!(
        number("read"),
        number("checked") + number("outside") + number("rejected")
    );
    assert_eq!(
        [
            number("read"),
            number("checked"),
            number("outside"),
            number("rejected")
        ],
        [4, 2, 1, 1]
    );
    // Days are whole local days: sent within three of them.
    assert_eq!(report["times_whole_days"], 2);
    assert_eq!(report["rules"][0]["kept"], 1, "{report}");
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn types_of_a_log_are_given_the_names_of_the_pack() {
    let place = with_files();
    place.write(
        "fines.json",
        r#"{
 "objectTypes": [{"name": "ticket", "attributes": [{"name": "district", "type": "string"}]}],
 "eventTypes": [{"name": "issue", "attributes": [{"name": "amount", "type": "integer"}]}],
 "objects": [{"id": "T1", "type": "ticket", "attributes": [
   {"name": "district", "value": "south", "time": "1970-01-01T00:00:00Z"},
   {"name": "district", "value": "north", "time": "2026-03-01T00:00:00Z"}]}],
 "events": [{"id": "e1", "type": "issue", "time": "2026-03-02T02:00:00Z",
   "attributes": [{"name": "amount", "value": 900}],
   "relationships": [{"objectId": "T1", "qualifier": "fine"}]}]
}"#,
    );
    let run = |more: &[&str]| {
        let mut words = vec!["check", "fines.json", "--pack", "parking", "--json"];
        words.extend_from_slice(more);
        let report: Value = serde_json::from_slice(&place.run(&words).stdout).expect("JSON");
        report
    };
    let plain = run(&[]);
    assert_eq!(plain["types_outside"][0], "ticket");
    assert_eq!(plain["events"]["without_object"], 1);
    let mapped = run(&["--object-type-map", "ticket=case"]);
    // The district in force at the time of the event, not the first one.
    assert_eq!(mapped["findings"][0]["rule"], "P-3", "{mapped}");
    assert_eq!(
        mapped["findings"][0]["object"],
        serde_json::json!(["case", "T1"])
    );
}

#[test]
fn midnight_may_be_a_day_of_which_no_hour_is_known() {
    let place = Place::new();
    let rules = RULES.replace("bound = \"3d\"", "bound = \"24h\"");
    let rules = rules
        .replace(
            r#"["2026-03-02", "issue"], ["2026-03-05", "send"]"#,
            r#"["2026-03-02T10:00", "issue"], ["2026-03-03T10:00", "send"]"#,
        )
        .replace(
            r#"["2026-03-02", "issue"], ["2026-03-06", "send"]"#,
            r#"["2026-03-02T10:00", "issue"], ["2026-03-03T11:00", "send"]"#,
        );
    pack(&place, "parking", &rules);
    let fines: &[Fine] = &[(
        "F1",
        "south",
        &[
            ("issue", "2026-03-02T00:00:00+08:00", "a", ""),
            ("send", "2026-03-03T00:00:00+08:00", "c", ""),
        ],
    )];
    place.write("days.xes", xes(fines));
    let words = ["check", "days.xes", "--pack", "parking", "--json"];
    let exact: Value = serde_json::from_slice(&place.run(&words).stdout).expect("JSON");
    assert_eq!(exact["rules"][0]["kept"], 1);
    assert_eq!(exact["times_midnight"], 2);
    let words = ["check", "days.xes", "--pack", "parking", "--json", "--days"];
    let days: Value = serde_json::from_slice(&place.run(&words).stdout).expect("JSON");
    assert_eq!(days["rules"][0]["not_checkable"], 1, "{days}");
    assert_eq!(days["rules"][0]["missing"]["time"], 1);
}

#[test]
fn a_report_goes_into_a_file() {
    let place = with_files();
    for format in ["json", "sarif", "table", "xlsx"] {
        let out = format!("out.{format}");
        let words = [
            "check",
            "fines.xes",
            "--pack",
            "parking",
            "--format",
            format,
            "--out",
            &out,
        ];
        assert_eq!(code(&place, &words), 4, "{format}");
        let bytes = std::fs::read(place.path().join(&out)).expect("written");
        match format {
            "json" | "sarif" => {
                let value: Value = serde_json::from_slice(&bytes).expect("JSON");
                assert!(value.is_object());
            }
            "table" => assert!(String::from_utf8_lossy(&bytes).contains("P-1")),
            _ => {
                let has = |name: &str| bytes.windows(name.len()).any(|w| w == name.as_bytes());
                assert!(bytes.starts_with(b"PK") && has("xl/worksheets/sheet3.xml"));
            }
        }
    }
    assert_snapshot!(result(
        &place,
        &[
            "check",
            "fines.xes",
            "--pack",
            "parking",
            "--out",
            "again.txt"
        ]
    ));
}
