//! Event logs in and out: what is said of good files, of bad ones, and of the same one again.

use insta::assert_snapshot;

use crate::support::{Place, made};

const CSV: &str = "\
案号,活动,时间,民警
A-1,立案,2021-03-01T09:00:00+08:00,某甲
A-1,讯问,2021-03-02T10:30:00+08:00,某乙
A-2,立案,2021-03-03T09:00:00,某甲
A-2,讯问,三月四日,某乙
A-2,结案,2021-05-01T17:00:00+08:00,某甲
";

const MAP: &str = "\
[event]
activity = \"活动\"
time = \"时间\"

[[object]]
column = \"案号\"
type = \"case\"

[[attribute]]
column = \"民警\"
";

const OCEL: &str = r#"{
 "objectTypes": [{"name": "order", "attributes": [{"name": "price", "type": "integer"}]}],
 "eventTypes": [{"name": "place", "attributes": []}, {"name": "pay", "attributes": []}],
 "objects": [{"id": "o1", "type": "order", "attributes": [{"name": "price", "value": 7, "time": "2021-03-01T09:00:00Z"}]}],
 "events": [
  {"id": "e1", "type": "place", "time": "2021-03-01T09:00:00Z", "relationships": [{"objectId": "o1", "qualifier": "new"}]},
  {"id": "e2", "type": "pay", "time": "2021-03-02T09:00:00Z", "relationships": [{"objectId": "o1", "qualifier": "paid"}]}
 ]
}
"#;

fn with_files() -> Place {
    let place = made();
    place.write("cases.csv", CSV);
    place.write("map.toml", MAP);
    place.write("orders.json", OCEL);
    place
}

#[test]
fn what_came_in_and_what_was_rejected_is_said() {
    let place = with_files();
    let mut all = String::new();
    for words in [
        &["import", "cases.csv", "--map", "map.toml"][..],
        &[
            "import",
            "cases.csv",
            "--map",
            "map.toml",
            "--zone",
            "+08:00",
            "--lang",
            "zh-CN",
        ],
        &["import", "orders.json", "--json"],
        &["import", "orders.json", "--lang", "zh-CN"],
    ] {
        all += &place.scrubbed(&words.join(" "), words);
    }
    all += "===== cases.csv.rejects.jsonl\n";
    all += &std::fs::read_to_string(place.path().join("cases.csv.rejects.jsonl")).expect("written");
    assert_snapshot!(all);
    assert!(!place.path().join("orders.json.rejects.jsonl").exists());
}

#[test]
fn what_cannot_be_read_is_said() {
    let place = with_files();
    place.write("cut.json", &OCEL[..OCEL.len() / 2]);
    place.write("words.txt", "nothing of the kind\n");
    place.write("bad.toml", "[event]\nactivity = 1\n");
    let mut all = String::new();
    for words in [
        &["import", "nowhere.xes"][..],
        &["import", "cut.json"],
        &["import", "words.txt", "--lang", "zh-CN"],
        &["import", "cases.csv", "--map", "bad.toml"],
        &["import", "cases.csv", "--map", "nowhere.toml"],
        &["import", "cases.csv", "--zone", "Mars"],
        &["import", "cases.csv", "--format", "pdf"],
        &["import", "cases.csv", "orders.json", "--rejects", "r"],
    ] {
        all += &place.scrubbed(&words.join(" "), words);
    }
    assert_snapshot!(all);
}

#[test]
fn what_went_out_is_said_and_comes_back_as_it_was() {
    let place = with_files();
    let first = place.run(&["import", "orders.json", "--source", "orders"]);
    assert_eq!(first.status.code(), Some(0), "{}", place.tidy(&first));
    let mut all = String::new();
    for words in [
        &[
            "export",
            "--format",
            "ocel-json",
            "--out",
            "a.json",
            "--source",
            "orders",
        ][..],
        &["export", "--format", "ocel-json", "--out", "a.json"],
        &[
            "export",
            "--format",
            "xes",
            "--out",
            "a.xes",
            "--source",
            "orders",
            "--case-type",
            "order",
            "--lang",
            "zh-CN",
        ],
        &[
            "export", "--format", "csv", "--out", "a.csv", "--source", "nobody",
        ],
        &["export", "--format", "ocel1-json", "--out", "b.json"],
        &["export", "--format", "pdf", "--out", "b.pdf"],
        &[
            "export", "--format", "xes", "--out", "b.xes", "--source", "a", "--case", "b",
        ],
    ] {
        all += &place.scrubbed(&words.join(" "), words);
    }
    assert_snapshot!(all);

    // The same file of the same source: everything in it is known.
    let again = place.run(&["import", "a.json", "--source", "orders", "--json"]);
    let reports: serde_json::Value = serde_json::from_slice(&again.stdout).expect("JSON");
    assert_eq!(reports[0]["events"], 0, "{reports}");
    assert_eq!(reports[0]["duplicates"], 3, "{reports}");
    assert_eq!(place.run(&["audit"]).status.code(), Some(0));
}
