//! Import and export of event logs: every real file, the same file again, and bad ones.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use interchange::{Collected, Options, Source};
use office::{CaseFilter, Export, Format, Import, ImportSummary, Office, PageRequest, Selection};
use testkit::node::TestNode;

fn import(file: impl Into<PathBuf>) -> Import {
    Import {
        file: file.into(),
        mapping: None,
        source: None,
        zone: "+00:00".parse().ok(),
        format: None,
        encoding: None,
        rejects: None,
    }
}

async fn take(node: &TestNode, import: Import) -> ImportSummary {
    node.office
        .import(&node.permit(&node.office.console()), import, ())
        .await
        .unwrap()
}

fn told(s: &ImportSummary) -> String {
    let mut out = format!(
        "{}: {} events, {} objects, {} again, {} rejected, {} unknown activities",
        s.source,
        s.events,
        s.objects,
        s.duplicates,
        s.rejected,
        s.unknown_activities.len()
    );
    for (kind, n) in &s.rejects {
        out.push_str(&format!("\n  {n} × {kind}"));
    }
    s.warnings
        .iter()
        .for_each(|w| out.push_str(&format!("\n  {w}")));
    s.ended_early
        .iter()
        .for_each(|e| out.push_str(&format!("\n  ended early: {e}")));
    out
}

/// The real logs, if they lie beside the repository.
fn logs() -> Vec<PathBuf> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/eventlogs");
    let Ok(dir) = std::fs::read_dir(&dir) else {
        eprintln!("skipped: no event logs beside the repository");
        return Vec::new();
    };
    let mut files: Vec<PathBuf> = dir.map(|f| f.unwrap().path()).collect();
    files.sort();
    files
}

/// Without optimisation only the small ones: the large ones take minutes there, seconds with `--release`.
fn in_time(file: &Path) -> bool {
    let packed = if file.extension().is_some_and(|e| e == "gz") {
        10
    } else {
        1
    };
    !cfg!(debug_assertions) || file.metadata().unwrap().len() * packed < 500_000
}

/// A log, and whether all its times have zones.
fn read(path: &Path) -> (Collected, bool) {
    let mut all = Collected::default();
    let options = Options {
        zone: "+00:00".parse().ok(),
        ..Options::default()
    };
    let summary = interchange::read(Source::Path(path), &options, &mut all).unwrap();
    (all.without_places(), summary.times_without_zone == 0)
}

/// Everything that a log says, whatever the order in which it says it. A time that had no zone is written with the one
/// in which it was read, so there only the instant is compared.
fn said(log: &Collected, zones: bool) -> BTreeMap<String, u32> {
    let mut all = BTreeMap::new();
    let items = log
        .events
        .iter()
        .map(|e| format!("{e:?}"))
        .chain(log.objects.iter().map(|o| format!("{o:?}")));
    for mut item in items {
        while let (false, Some(at)) = (zones, item.find("TimeText { text: ")) {
            let instant = item[at..]
                .find("instant:")
                .expect("the instant follows the text");
            item.replace_range(at..at + instant, "");
        }
        *all.entry(item).or_default() += 1;
    }
    all
}

async fn export(
    office: &Office,
    format: Format,
    selection: Selection,
    out: &Path,
) -> office::Exported {
    let permit = office.permit(&office.console()).unwrap();
    let export = Export {
        format,
        selection,
        out: out.to_owned(),
        case_type: None,
    };
    office.export(&permit, export, |_, _| {}).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_real_log_goes_in_once_and_comes_out_the_same() {
    let node = TestNode::bare().await;
    let mut out = Vec::new();
    for file in logs().iter().filter(|f| in_time(f)) {
        let summary = take(&node, import(file)).await;
        out.push(told(&summary));
        let size = node.office.ledger().size();
        let again = take(&node, import(file)).await;
        assert_eq!(
            (again.events, again.objects, node.office.ledger().size()),
            (0, 0, size),
            "{}",
            told(&again)
        );
        assert_eq!(
            again.duplicates,
            summary.events + summary.objects,
            "{}",
            told(&again)
        );

        let format = match summary.format.unwrap() {
            Format::Ocel1Json => Format::OcelJson,
            Format::Ocel1Xml => Format::OcelXml,
            Format::Csv => continue,
            format => format,
        };
        let copy = node.around().join("copy");
        let written = export(
            &node.office,
            format,
            Selection::Import(summary.index),
            &copy,
        )
        .await;
        assert_eq!(
            written.events, summary.events,
            "{}: {written:?}",
            summary.source
        );
        if summary.format == Some(format) {
            let ((a, zones), (b, _)) = (read(file), read(&copy));
            let (a_said, b_said) = (said(&a, zones), said(&b, zones));
            let differ = a_said
                .iter()
                .find(|(k, n)| b_said.get(*k) != Some(n))
                .zip(b_said.iter().find(|(k, n)| a_said.get(*k) != Some(n)));
            assert!(
                a_said == b_said,
                "{} came out another than it went in: {differ:#?}",
                summary.source
            );
            assert_eq!(a.log.classifiers, b.log.classifiers);
        }
        std::fs::remove_file(&copy).unwrap();
    }
    if !out.is_empty() {
        let build = if cfg!(debug_assertions) {
            "small_ones"
        } else {
            "all"
        };
        insta::assert_snapshot!(format!("every_real_log_{build}"), out.join("\n"));
    }
}

const XES: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<log xes.version="1.0" xmlns="http://www.xes-standard.org/">
<trace><string key="concept:name" value="案一"/>
<event><string key="concept:name" value="立案"/><date key="time:timestamp" value="2026-01-05T09:00:00+08:00"/></event>
<event><string key="concept:name" value="讯问"/><date key="time:timestamp" value="2026-01-05T10:00:00+08:00"/></event>
<event><string key="concept:name" value="讯问"/><date key="time:timestamp" value="2026-01-05T10:00:00+08:00"/></event>
</trace>
</log>"#;

fn file(node: &TestNode, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
    let path = node.around().join(name);
    std::fs::write(&path, content).unwrap();
    path
}

#[tokio::test]
async fn a_longer_version_adds_what_is_new() {
    let node = TestNode::bare().await;
    let first = take(&node, import(file(&node, "log.xes", XES))).await;
    assert_eq!(
        (first.events, first.objects),
        (3, 1),
        "two equal events are two events"
    );
    let more = r#"<event><string key="concept:name" value="讯问"/><date key="time:timestamp" value="2026-01-05T10:00:00+08:00"/></event></trace>"#;
    let second = take(
        &node,
        import(file(&node, "log.xes", XES.replace("</trace>", more))),
    )
    .await;
    assert_eq!(
        (second.events, second.objects, second.duplicates),
        (1, 0, 4),
        "{}",
        told(&second)
    );
    // The same bytes under another name are the same source; other bytes under another name are another.
    let renamed = take(&node, import(file(&node, "renamed.xes", XES))).await;
    assert_eq!(
        (renamed.source.as_str(), renamed.events, renamed.duplicates),
        ("log.xes", 0, 4)
    );
    let other = take(
        &node,
        Import {
            source: Some("另一来源".into()),
            ..import(file(&node, "log.xes", XES))
        },
    )
    .await;
    assert_eq!((other.events, other.objects), (3, 1));
    let copy = node.around().join("out.xes");
    let written = export(
        &node.office,
        Format::Xes,
        Selection::Source("log.xes".into()),
        &copy,
    )
    .await;
    assert_eq!((written.events, written.objects), (4, 1));
}

#[tokio::test]
async fn ids_that_say_something_else_than_before_are_refused_by_name() {
    let node = TestNode::bare().await;
    let csv = "id,case,activity,timestamp,note\n1,A,cr.file,2026-01-05T09:00:00Z,x\n2,A,手工,2026-01-05T10:00:00Z,y\n";
    let mapping: interchange::Mapping =
        "[event]\nid = \"id\"\nactivity = \"activity\"\ntime = \"timestamp\"\n[[object]]\ncolumn = \"case\"\ntype = \"case\"\n".parse().unwrap();
    let import = |file| Import {
        mapping: Some(mapping.clone()),
        ..import(file)
    };
    let first = take(&node, import(file(&node, "log.csv", csv))).await;
    assert_eq!(first.events, 2, "{}", told(&first));
    let rejects = node.around().join("rejects.jsonl");
    let changed = csv.replace(",y\n", ",z\n3,A,手工,2027-01-05T10:00:00Z,future\n4,A,lh.erase,2026-01-06T10:00:00Z,not the node's own\n");
    let second = take(
        &node,
        Import {
            rejects: Some(rejects.clone()),
            ..import(file(&node, "log.csv", changed))
        },
    )
    .await;
    assert_eq!(
        (second.events, second.rejected),
        (1, 2),
        "{}",
        told(&second)
    );
    let mut lines: Vec<String> = std::fs::read_to_string(rejects)
        .unwrap()
        .lines()
        .map(str::to_owned)
        .collect();
    lines.sort();
    insta::assert_snapshot!(lines.join("\n"));
    let inspector = node.office.console();
    let permit = node.permit::<office::may::UseLedger>(&inspector);
    let mut activities = BTreeMap::new();
    for index in 0..node.office.ledger().size() {
        let header = node
            .office
            .lookup(&permit, &office::Lookup::Index(index))
            .await
            .unwrap()
            .header;
        *activities.entry(header.activity.to_string()).or_insert(0) += 1;
    }
    assert_eq!(
        (
            activities.get("cr.file"),
            activities.get("x:手工"),
            activities.get("x:lh.erase"),
            activities.get("lh.erase")
        ),
        (Some(&1), Some(&1), Some(&1), None)
    );
}

#[tokio::test]
async fn bad_files_keep_what_came_before() {
    let node = TestNode::bare().await;
    let long = "长".repeat(100);
    let cases: [(&str, Vec<u8>); 8] = [
        ("cut.xes", XES[..XES.len() - 200].into()),
        (
            "gbk.csv",
            encoding_rs::GBK
                .encode("案件,activity,timestamp\n甲,立案,2026-01-05T09:00:00Z\n")
                .0
                .into_owned(),
        ),
        (
            "doctype.xes",
            XES.replace("<log", "<!DOCTYPE a [<!ENTITY b \"c\">]><log")
                .into(),
        ),
        ("nothing.bin", vec![0, 1, 2, 3]),
        ("empty.xes", Vec::new()),
        (
            "no-zone.csv",
            b"case,activity,timestamp\nA,b,2026-01-05 09:00\n".to_vec(),
        ),
        (
            "long-name.csv",
            format!(
                "case,activity,timestamp\nA,{long},2026-01-05T09:00:00Z\nA,b,2026-01-05T09:00:00Z\n"
            )
            .into(),
        ),
        (
            "nul.csv",
            b"case,activity,timestamp\nA\0B,c\0d,2026-01-05T09:00:00Z\nA,b,2026-01-05T09:00:00Z\n"
                .to_vec(),
        ),
    ];
    let mut out = Vec::new();
    for (name, content) in cases {
        let summary = take(
            &node,
            Import {
                zone: None,
                ..import(file(&node, name, content))
            },
        )
        .await;
        out.push(told(&summary));
    }
    insta::assert_snapshot!(out.join("\n"));
    let missing = node
        .office
        .import(
            &node.permit(&node.office.console()),
            import(node.around().join("none")),
            (),
        )
        .await;
    assert!(matches!(missing, Err(office::ImportError::Open { .. })));
}

#[tokio::test]
async fn exports_leave_a_trace_and_no_record_of_an_inquiry() {
    let node = TestNode::new().await;
    let officer = node.officer().await;
    node.office
        .post_events(&node.permit(&officer), &[crate::event::DETAIN])
        .await
        .unwrap();
    let made = node
        .office
        .record(
            &node.permit(&officer),
            crate::inquiry::inquiry(crate::inquiry::outsider(), "k"),
        )
        .await
        .unwrap();
    take(&node, import(file(&node, "log.xes", XES))).await;
    let copy = node.around().join("all.json");
    node.office.heartbeat().await.expect("a heartbeat");
    let size = node.office.ledger().size();
    let written = export(&node.office, Format::OcelJson, Selection::All, &copy).await;
    // One of them says what the rules found broken in the one act; what had to come before it may still be recorded.
    assert_eq!((written.events, node.office.ledger().size()), (5, size + 1));
    let text = std::fs::read_to_string(&copy).unwrap();
    assert!(text.contains("张三") && text.contains("log.xes/案一"));
    for secret in ["itf.", "某局长", "希望从轻处理", &made.event.to_string()] {
        assert!(!text.contains(secret), "{secret}");
    }
    let inspector = node.user("inspector").await;
    let permit = node.permit(&inspector);
    let over = Export {
        format: Format::OcelJson,
        selection: Selection::All,
        out: copy.clone(),
        case_type: None,
    };
    assert!(
        matches!(
            node.office.export(&permit, over, |_, _| {}).await,
            Err(office::Error::Invalid(_))
        ),
        "nothing is overwritten"
    );
    let case = node.around().join("case.xes");
    let one = Export {
        format: Format::Xes,
        selection: Selection::CaseNumber("A3301-2026-000123".into()),
        out: case.clone(),
        case_type: None,
    };
    let written = node.office.export(&permit, one, |_, _| {}).await.unwrap();
    assert_eq!(written.events, 2, "the act and an alert about it");
    assert_eq!(read(&case).0.events[0].objects[0].id, "A3301-2026-000123");
    let legal = node.user("legal-reviewer").await;
    let key = node
        .office
        .cases(
            &node.permit(&legal),
            &CaseFilter {
                q: "000123".into(),
                ..CaseFilter::default()
            },
            PageRequest::default(),
        )
        .await
        .unwrap()
        .rows[0]
        .key;
    let looks = node
        .office
        .case_looks(&node.permit(&legal), key)
        .await
        .unwrap();
    assert_eq!(
        (looks[1].who.name.as_deref(), looks[1].kind.name()),
        (Some("陈光"), "export"),
        "who took the case along is seen beside it"
    );
}
