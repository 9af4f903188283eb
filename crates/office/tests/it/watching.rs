//! The rules over a node's log: a clock turns amber and red though nothing happens, a correction takes the breach back and
//! stays visible, a restart finds the same, and a pack shows its difference before it is in force.

use std::collections::BTreeMap;
use std::fmt::Write;

use office::{CaseKey, EventQuery, LineResult, PackError, PackFiles, Viewer, may};
use testkit::node::TestNode;

use crate::told;

pub(crate) const DETAINED: &str = r#"{"activity":"cr.detain","occurred":"2026-11-23T08:00:00+08:00","organ":"A33010301","actors":[{"number":"100001","role":"R_OFFICER"},{"number":"100002","role":"R_OFFICER"}],"objects":[{"type":"case","id":"A3301-2026-000123"},{"type":"person","id":"p-1","name":"张三","qualifier":"suspect"}]}"#;
pub(crate) const NOTIFIED: &str = r#"{"activity":"cr.family_notify","occurred":"2026-11-23T20:00:00+08:00","organ":"A33010301","actors":[{"number":"100001","role":"R_OFFICER"}],"objects":[{"type":"case","id":"A3301-2026-000123"},{"type":"person","id":"p-1","qualifier":"suspect"}]}"#;

pub(crate) async fn post(
    node: &TestNode,
    viewer: &std::sync::Arc<Viewer>,
    line: &str,
) -> (u64, String) {
    let lines = [line.to_owned()];
    let permit = node.permit(viewer);
    let results = node
        .office
        .post_events(&permit, &lines)
        .await
        .expect("posted");
    let LineResult::Taken { index, event, .. } = &results[0] else {
        panic!("{results:?}");
    };
    node.office.heartbeat().await.expect("a heartbeat");
    (*index, event.to_string())
}

pub(crate) async fn the_case(node: &TestNode, viewer: &std::sync::Arc<Viewer>) -> CaseKey {
    let permit = node.permit::<may::SearchCases>(viewer);
    let page = office::PageRequest {
        number: 1,
        size: 10,
    };
    let found = node
        .office
        .cases(&permit, &office::CaseFilter::default(), page)
        .await;
    found.expect("cases").rows[0].key
}

/// What the rule says of the case now, in one line.
async fn stands(node: &TestNode, viewer: &std::sync::Arc<Viewer>, rule: &str) -> String {
    let key = the_case(node, viewer).await;
    let permit = node.permit::<may::ReadCase>(viewer);
    let found = node
        .office
        .case_findings(&permit, key)
        .await
        .expect("findings");
    let mut out = String::new();
    for f in found.iter().filter(|f| f.rule == rule) {
        let source = f.source.join("; ");
        let _ = writeln!(
            out,
            "{} {} {} [{source}]",
            f.outcome, f.grade, f.sentence.zh
        );
    }
    if out.is_empty() {
        "nothing stands\n".to_owned()
    } else {
        out
    }
}

/// The node's own alerts about a rule, as the log has them.
async fn alerts(node: &TestNode, viewer: &std::sync::Arc<Viewer>, rule: &str) -> usize {
    let query = EventQuery {
        activity: Some("sup.alert".to_owned()),
        limit: 1000,
        ..EventQuery::default()
    };
    let permit = node.permit::<may::ReadEvents>(viewer);
    let events = node
        .office
        .events(&permit, &query)
        .await
        .expect("events")
        .events;
    let of = |e: &&office::EventView| e.header.basis.iter().any(|b| b.as_str() == rule);
    events.iter().filter(of).count()
}

#[tokio::test]
async fn a_notice_that_is_not_given_turns_amber_then_red_and_a_late_entry_takes_it_back() {
    let mut node = TestNode::new().await;
    let officer = node.officer().await;
    let mut story = String::new();
    let (_, detained) = post(&node, &officer, DETAINED).await;
    let _ = writeln!(
        story,
        "detained an hour ago: {}",
        stands(&node, &officer, "CR-042").await
    );
    for hours in [20, 2, 2, 1] {
        node.clock.advance_minutes(hours * 60);
        node.office.heartbeat().await.expect("a heartbeat");
        let _ = writeln!(
            story,
            "{hours} h later: {}",
            stands(&node, &officer, "CR-042").await
        );
    }
    assert_eq!(
        alerts(&node, &officer, "CR-042").await,
        1,
        "one alert for one breach"
    );

    node.reopen().await;
    let officer = node.officer().await;
    node.office.heartbeat().await.expect("a heartbeat");
    let _ = writeln!(
        story,
        "after a restart: {}",
        stands(&node, &officer, "CR-042").await
    );
    assert_eq!(
        alerts(&node, &officer, "CR-042").await,
        1,
        "a restart alerts nobody again"
    );

    post(&node, &officer, NOTIFIED).await;
    let _ = writeln!(
        story,
        "the notice is entered late: {}",
        stands(&node, &officer, "CR-042").await
    );
    assert_eq!(
        alerts(&node, &officer, "CR-042").await,
        2,
        "the breach, and that it was taken back"
    );

    let moved = DETAINED
        .replace("T08:00:00+08:00", "T10:00:00+08:00")
        .replace(
            r#"{"activity""#,
            &format!(r#"{{"correction_of":"{detained}","activity""#),
        );
    post(&node, &officer, &moved).await;
    let _ = writeln!(
        story,
        "the detention is corrected to ten: {}",
        stands(&node, &officer, "CR-042").await
    );
    insta::assert_snapshot!(story);
}

/// The files of the shipped pack, with one more.
pub(crate) fn casework_with(name: &str, text: &str) -> PackFiles {
    let pack = law::shipped_packs()
        .iter()
        .find(|p| p.folder == "casework")
        .expect("shipped");
    let mut files: BTreeMap<String, String> = (pack.files.iter())
        .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))
        .collect();
    files.insert(name.to_owned(), text.to_owned());
    PackFiles(files)
}

pub(crate) const LOCAL: &str = r#"
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

#[tokio::test]
async fn a_pack_shows_its_difference_before_it_is_in_force() {
    let mut node = TestNode::new().await;
    let officer = node.officer().await;
    let admin = node.admin().await;
    post(&node, &officer, DETAINED).await;
    node.clock.advance_minutes(600);
    node.office.heartbeat().await.expect("a heartbeat");
    let permit = node.permit::<may::AdoptPacks>(&admin);

    let wrong = casework_with("rules-local.toml", &LOCAL.replace("21:01", "20:59"));
    let refused = node.office.propose_pack(&permit, wrong).await;
    assert!(
        matches!(refused, Err(PackError::Examples(ref m)) if m.len() == 1),
        "{refused:?}"
    );
    let broken = casework_with("rules-local.toml", &LOCAL.replace("cr.detain", "cr.detian"));
    let refused = node.office.propose_pack(&permit, broken).await;
    assert!(matches!(refused, Err(PackError::Faults(_))), "{refused:?}");

    let files = casework_with("rules-local.toml", LOCAL);
    let difference = node
        .office
        .propose_pack(&permit, files)
        .await
        .expect("a difference");
    assert_eq!(difference.rules.len(), 1);
    assert_eq!(
        (difference.appearing_count, difference.disappearing_count),
        (1, 0)
    );
    assert_eq!(difference.appearing[0].rule, "LOC-001");
    assert_eq!(
        stands(&node, &officer, "LOC-001").await,
        "nothing stands\n",
        "not in force yet"
    );
    assert!(
        matches!(
            node.office.adopt_pack(&permit, "sha256:00").await,
            Err(PackError::Changed)
        ),
        "only what was shown can be adopted"
    );

    node.office
        .adopt_pack(&permit, &difference.hash)
        .await
        .expect("adopted");
    node.office.heartbeat().await.expect("a heartbeat");
    assert!(
        stands(&node, &officer, "LOC-001")
            .await
            .starts_with("breached amber")
    );

    node.reopen().await;
    let officer = node.officer().await;
    node.office.heartbeat().await.expect("a heartbeat");
    assert!(
        stands(&node, &officer, "LOC-001")
            .await
            .starts_with("breached amber"),
        "and stays in force"
    );
}

/// A start that goes on from the snapshot says what one says that reads the whole log; one that is damaged is not used, and an
/// erasure removes it.
#[tokio::test]
async fn a_start_goes_on_from_the_snapshot() {
    let mut node = TestNode::new().await;
    let officer = node.officer().await;
    let (_, detained) = post(&node, &officer, DETAINED).await;
    let log = node.dir().join("many.csv");
    let mut rows = String::from("case_id,activity,timestamp\n");
    for n in 0..20_500 {
        let _ = writeln!(
            rows,
            "c{},step {},2026-01-01T00:{:02}:{:02}+08:00",
            n / 10,
            n % 10,
            n / 60 % 60,
            n % 60
        );
    }
    std::fs::write(&log, rows).expect("written");
    let console = node.office.console();
    let import = office::Import {
        file: log,
        mapping: None,
        source: None,
        zone: None,
        format: None,
        encoding: None,
        rejects: None,
    };
    let taken = node
        .office
        .import(&node.permit(&console), import, ())
        .await
        .expect("imported");
    assert_eq!(taken.events, 20_500);
    node.clock.advance_minutes(26 * 60);
    node.office.heartbeat().await.expect("a heartbeat");
    let broken = stands(&node, &officer, "CR-042").await;
    assert!(broken.starts_with("breached red"), "{broken}");

    node.reopen().await;
    node.office.heartbeat().await.expect("a heartbeat");
    let (held, size) = (node.office.in_snapshot(), node.office.ledger().size());
    assert!(held > 20_500 && held <= size, "{held} of {size} entries");
    assert_eq!(stands(&node, &officer, "CR-042").await, broken);
    assert_eq!(
        alerts(&node, &officer, "CR-042").await,
        1,
        "nobody is alerted again"
    );
    post(&node, &officer, NOTIFIED).await;
    post(&node, &officer, told::ALONE).await;
    let told = stands(&node, &officer, "CR-042").await;
    let said = told::alerts(&node);
    node.reopen().await;
    node.office.heartbeat().await.expect("a heartbeat");
    let old = node.office.in_snapshot();
    assert_eq!(old, held, "it ends before these events");
    assert_eq!(
        told::alerts(&node),
        said,
        "an old snapshot tells nothing again"
    );

    let file = node.dir().join("watch.snapshot");
    let mut bytes = std::fs::read(&file).expect("a snapshot");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    node.office.close().await;
    std::fs::write(&file, &bytes).expect("damaged");
    node.reopen().await;
    node.office.heartbeat().await.expect("a heartbeat");
    assert_eq!(stands(&node, &officer, "CR-042").await, told);
    assert_eq!(alerts(&node, &officer, "CR-042").await, 2);
    assert_eq!(told::alerts(&node), said, "nor does none");

    let admin = node.admin().await;
    assert!(file.exists());
    node.office
        .erase(
            &node.permit(&admin),
            detained.parse().expect("an id"),
            "依申请删除",
        )
        .await
        .expect("erased");
    node.office.heartbeat().await.expect("a heartbeat");
    assert!(!file.exists(), "it would still hold what was erased");
    node.reopen().await;
    node.office.heartbeat().await.expect("a heartbeat");
    assert_eq!(alerts(&node, &officer, "CR-042").await, 2);
}

/// A process of one's own, written as a pack without a line of Rust: its activities are taken in by name, and its rules judge.
#[tokio::test]
async fn a_pack_of_ones_own_is_adopted_and_judges() {
    let node = TestNode::new().await;
    let (officer, admin) = (node.officer().await, node.admin().await);
    let fine = r#"{"activity":"Create Fine","occurred":"2026-11-01T08:00:00+08:00","organ":"A33010301","objects":[{"type":"case","id":"F-1"}]}"#;
    let lines = [fine.to_owned()];
    let before = node
        .office
        .post_events(&node.permit(&officer), &lines)
        .await
        .expect("answered");
    assert!(
        matches!(before[0], LineResult::Refused { .. }),
        "no pack in force knows it: {before:?}"
    );
    let dir = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../packs/examples/road-traffic-fines");
    let mut files = BTreeMap::new();
    for file in std::fs::read_dir(dir).expect("the example") {
        let path = file.expect("a file").path();
        if path.extension().is_some_and(|e| e == "toml") {
            let name = path.file_name().expect("a name").to_string_lossy();
            let text = std::fs::read_to_string(&path).expect("read");
            files.insert(name.into_owned(), text);
        }
    }
    let permit = node.permit::<may::AdoptPacks>(&admin);
    let difference = node
        .office
        .propose_pack(&permit, PackFiles(files))
        .await
        .unwrap_or_else(|e| panic!("{e:?}"));
    node.office
        .adopt_pack(&permit, &difference.hash)
        .await
        .expect("adopted");
    let sent = fine
        .replace("Create Fine", "Send Fine")
        .replace("2026-11-01T08", "2026-11-20T08");
    let twice = sent.replace("2026-11-20T08", "2026-11-21T08");
    for line in [fine, &sent, &twice] {
        post(&node, &officer, line).await;
    }
    let key = the_case(&node, &officer).await;
    let found = node
        .office
        .case_findings(&node.permit::<may::ReadCase>(&officer), key)
        .await
        .expect("findings");
    let of: Vec<_> = found.iter().map(|f| (f.rule.as_str(), f.outcome)).collect();
    assert!(
        of.iter().any(|(rule, _)| rule.starts_with("RTF-")),
        "{of:?}"
    );
}
