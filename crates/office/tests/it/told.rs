//! Each finding is told once: the alerts of a finding say in turn that it is broken and that it is no longer, the last of
//! them says what is so, and neither a start, nor a missing or old snapshot, nor a kill, nor other rules change that.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use ledger::{BodyState, EntryBytes, Ledger, Submission};
use model::{Body, Entry};
use office::{LineResult, Viewer, may};
use testkit::node::TestNode;

use crate::watching::{DETAINED, LOCAL, NOTIFIED, casework_with, post, the_case};

/// By one officer alone, where the law wants two: the event itself shows it, and nothing that comes later clears it (CR-026).
pub(crate) const ALONE: &str = r#"{"activity":"cr.interrogate","occurred":"2026-11-23T08:40:00+08:00","organ":"A33010301","actors":[{"number":"100001","role":"R_OFFICER"}],"objects":[{"type":"case","id":"A3301-2026-000123"},{"type":"person","id":"p-1","name":"张三","qualifier":"suspect"}]}"#;
const SECOND: &str = r#",{"number":"100002","role":"R_OFFICER"}]"#;

fn corrected(line: &str, event: &str) -> String {
    line.replacen('{', &format!(r#"{{"correction_of":"{event}","#), 1)
}

fn by_two(line: &str) -> String {
    line.replacen(']', SECOND, 1)
}

/// What the node's own alerts say, by rule and finding, in the order of the log.
pub(crate) fn alerts(node: &TestNode) -> BTreeMap<(String, String), Vec<String>> {
    let ledger = node.office.ledger();
    let mut said: BTreeMap<_, Vec<String>> = BTreeMap::new();
    let mut next = 0;
    while next < ledger.size() {
        for record in ledger.read(next, 4096, usize::MAX).expect("entries") {
            next = record.index + 1;
            let header = Entry::parse(&record.entry).expect("an entry").header;
            if header.activity.as_str() != "sup.alert" || !header.actor.is_empty() {
                continue;
            }
            let (BodyState::Present(bytes), Some(commitment)) = (&record.body, &header.body) else {
                panic!("an alert without a body");
            };
            let body = Body::open(bytes, commitment).expect("its body");
            let text = |key: &str| body.text(key).expect("said").to_owned();
            let of = said.entry((text("rule"), text("finding")));
            of.or_default().push(text("outcome"));
        }
    }
    said
}

/// What the alerts about a rule say, of all its findings.
fn about(node: &TestNode, rule: &str) -> Vec<String> {
    let all = alerts(node).into_iter().filter(|((r, _), _)| r == rule);
    all.flat_map(|(_, said)| said).collect()
}

/// Alerts take turns, and what they say last is what stands.
async fn assert_told_once(node: &TestNode, viewer: &Arc<Viewer>, when: &str) {
    node.office.heartbeat().await.expect("a heartbeat");
    let permit = node.permit::<may::ReadCase>(viewer);
    let key = the_case(node, viewer).await;
    let found = node.office.case_findings(&permit, key).await;
    let mut broken: Vec<_> = (found.expect("findings").into_iter())
        .filter(|f| f.outcome == "breached" && f.grade != "blue")
        .filter(|f| !f.activation.activity.starts_with("sup."))
        .map(|f| (f.rule, f.id))
        .collect();
    let mut last = Vec::new();
    for (finding, said) in alerts(node) {
        let red = |o: &String| o == "breached";
        let turns = said.windows(2).all(|two| red(&two[0]) != red(&two[1]));
        assert!(turns && red(&said[0]), "{when}: {finding:?} {said:?}");
        if said.last().is_some_and(red) {
            last.push(finding);
        }
    }
    broken.sort();
    assert_eq!(broken, last, "{when}: what stands, and what was said last");
}

/// Starts the node again, with the snapshot that it has by then.
async fn again(node: &mut TestNode) -> Arc<Viewer> {
    node.reopen().await;
    node.office.heartbeat().await.expect("a heartbeat");
    node.officer().await
}

#[tokio::test]
async fn what_events_show_and_what_time_brings_is_told_once_over_any_number_of_starts() {
    let mut node = TestNode::new().await;
    let mut officer = node.officer().await;
    post(&node, &officer, DETAINED).await;
    let (_, alone) = post(&node, &officer, ALONE).await;
    assert_eq!(about(&node, "CR-026"), ["breached"], "an event showed it");
    node.clock.advance_minutes(26 * 60);
    node.office.heartbeat().await.expect("a heartbeat");
    assert_eq!(about(&node, "CR-042"), ["breached"], "time brought it");

    let two = by_two(ALONE);
    // Each line is posted, then the node is started again and again; what an alert says is what was said before.
    let steps: [(&str, String, &str, &[&str]); 5] = [
        ("nothing new", String::new(), "CR-026", &["breached"]),
        (
            "the notice comes late",
            NOTIFIED.to_owned(),
            "CR-042",
            &["breached", "satisfied_recorded_late"],
        ),
        (
            "there were two",
            corrected(&two, &alone),
            "CR-026",
            &["breached", "satisfied"],
        ),
        (
            "there was one after all",
            corrected(ALONE, &alone),
            "CR-026",
            &["breached", "satisfied", "breached"],
        ),
        (
            "it was no interrogation",
            corrected(&two, &alone).replace("cr.interrogate", "cr.search"),
            "CR-026",
            &["breached", "satisfied", "breached", "withdrawn"],
        ),
    ];
    for (what, line, rule, said) in steps {
        if !line.is_empty() {
            post(&node, &officer, &line).await;
        }
        assert_eq!(about(&node, rule), said, "{what}");
        assert_told_once(&node, &officer, what).await;
        let before = alerts(&node);
        for start in 1..=2 {
            officer = again(&mut node).await;
            assert_eq!(alerts(&node), before, "{what}, start {start}");
        }
    }
}

/// What a directory holds, for later.
fn keep(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a directory");
    for entry in std::fs::read_dir(from).expect("the node") {
        let entry = entry.expect("an entry");
        let to = to.join(entry.file_name());
        if entry.file_type().expect("a type").is_dir() {
            keep(&entry.path(), &to);
        } else {
            std::fs::copy(entry.path(), to).expect("copied");
        }
    }
}

/// Puts a node back to what `kept` holds, and then these events of its later log, without what the rules found in them: a
/// node that was killed after they were durable and before anything else was.
async fn killed_after(node: &mut TestNode, kept: &Path, events: &[u64]) {
    let records: Vec<_> = (events.iter())
        .map(|index| node.office.ledger().record(*index).expect("a record"))
        .collect();
    node.office.close().await;
    std::fs::remove_dir_all(node.dir()).expect("removed");
    keep(kept, &node.dir());
    let seed = std::fs::read_to_string(node.dir().join("keys/log.key")).expect("a key");
    let seed: Vec<u8> = (seed.trim().as_bytes().chunks(2))
        .map(|two| u8::from_str_radix(std::str::from_utf8(two).expect("hex"), 16).expect("hex"))
        .collect();
    let origin = node.office.info().origin.clone();
    let seed = seed.try_into().expect("32 bytes");
    let key = tlog::note::SigningKey::from_seed(&origin, seed, tlog::note::KeyKind::Log);
    let origin = tlog::checkpoint::Origin::new(&origin).expect("an origin");
    let mut config = ledger::Config::new(origin, key.expect("a key"));
    config.clock = Arc::new(node.clock.clone());
    let log = node.dir().join("log");
    let (log, _) = Ledger::open(&log, config).expect("the log");
    for record in records {
        let BodyState::Present(body) = record.body else {
            panic!("no body");
        };
        let one = Submission {
            key: None,
            entry: EntryBytes::Fixed(record.entry),
            body: Some(body),
        };
        log.submit(vec![one])
            .expect("taken")
            .await
            .expect("durable");
    }
    log.close();
    node.office = office::Office::open(&node.dir(), Arc::new(node.clock.clone()))
        .await
        .expect("it opens");
    node.office.heartbeat().await.expect("a heartbeat");
}

#[tokio::test]
async fn killed_between_a_finding_and_the_log_nothing_is_lost_or_told_twice() {
    let mut node = TestNode::new().await;
    let officer = node.officer().await;
    let (detained_at, detained) = post(&node, &officer, DETAINED).await;
    node.clock.advance_minutes(26 * 60);
    node.office.heartbeat().await.expect("a heartbeat");
    assert_eq!(about(&node, "CR-042"), ["breached"]);
    node.office.close().await;
    let kept = node.around().join("kept");
    keep(&node.dir(), &kept);
    node.reopen().await;

    // Found when the event came, taken back when another came, and withdrawn: each is in the log, its alert is not.
    let (alone, alone_id) = post(&node, &officer, ALONE).await;
    let (notified, _) = post(&node, &officer, NOTIFIED).await;
    let withdrawn = corrected(DETAINED, &detained).replace("cr.detain", "cr.search");
    let (withdrawn, _) = post(&node, &officer, &withdrawn).await;
    let two = corrected(&by_two(ALONE), &alone_id);
    let (two, _) = post(&node, &officer, &two).await;
    let later = node.around().join("later");
    node.office.close().await;
    keep(&node.dir(), &later);
    node.reopen().await;
    assert!(detained_at < alone);

    let cases: [(&str, &[u64], &str, &[&str]); 5] = [
        ("a breach", &[alone], "CR-026", &["breached"]),
        (
            "the notice that takes it back",
            &[notified],
            "CR-042",
            &["breached", "satisfied_recorded_late"],
        ),
        (
            "there was no detention",
            &[withdrawn],
            "CR-042",
            &["breached", "withdrawn"],
        ),
        ("a breach that was mended", &[alone, two], "CR-026", &[]),
        ("nothing", &[], "CR-042", &["breached"]),
    ];
    for (what, events, rule, said) in cases {
        killed_after(&mut node, &kept, events).await;
        let officer = node.officer().await;
        assert_eq!(about(&node, rule), said, "{what}");
        assert_told_once(&node, &officer, what).await;
        let before = alerts(&node);
        for _ in 0..2 {
            again(&mut node).await;
            assert_eq!(alerts(&node), before, "{what}, and a start");
        }
        // The later log again, for the next case.
        node.office.close().await;
        std::fs::remove_dir_all(node.dir()).expect("removed");
        keep(&later, &node.dir());
        node.reopen().await;
    }
}

#[tokio::test]
async fn a_grace_that_ends_while_the_node_is_down_is_told_once() {
    let mut node = TestNode::new().await;
    let officer = node.officer().await;
    post(&node, &officer, DETAINED).await;
    // Due at eight the next morning; the grace is an hour.
    node.clock.advance_minutes(23 * 60 + 30);
    node.office.heartbeat().await.expect("a heartbeat");
    assert_eq!(about(&node, "CR-042"), [""; 0], "it may still be recorded");
    node.office.close().await;
    node.clock.advance_minutes(3 * 60);
    for start in 1..=3 {
        let officer = again(&mut node).await;
        assert_eq!(about(&node, "CR-042"), ["breached"], "start {start}");
        assert_told_once(&node, &officer, "after the grace").await;
    }
}

/// Whoever may send events may send an alert of another system; it does not keep the node's own silent, and no hook is told
/// that it was ours.
#[tokio::test]
async fn an_alert_from_another_mouth_silences_nothing() {
    let mut node = TestNode::new().await;
    let settings = node.dir().join("node.toml");
    let mut text = std::fs::read_to_string(&settings).expect("settings");
    text += "\n[hooks]\nhosts = [\"cases.example\"]\n";
    std::fs::write(&settings, text).expect("settings");
    node.reopen().await;
    let (mut officer, admin) = (node.officer().await, node.admin().await);
    let hook = office::NewHook {
        account: "officer".to_owned(),
        label: "cases".to_owned(),
        url: "https://cases.example/in".to_owned(),
        wants: office::HookWants {
            rules: Default::default(),
            severities: Default::default(),
            clocks: false,
        },
    };
    let permit = node.permit(&admin);
    node.office.new_hook(&permit, hook).await.expect("a hook");
    let (at, _) = post(&node, &officer, DETAINED).await;
    let key = the_case(&node, &officer).await;
    let found = node
        .office
        .case_findings(&node.permit(&officer), key)
        .await
        .expect("findings");
    let open = found.iter().find(|f| f.rule == "CR-042").expect("a clock");
    let forged = DETAINED
        .replace("cr.detain", "sup.alert")
        .replacen(
            '{',
            &format!(
                r#"{{"attrs":{{"rule":"CR-042","finding":"{}","outcome":"breached","activation":{at}}},"#,
                open.id
            ),
            1,
        );
    post(&node, &officer, &forged).await;
    officer = again(&mut node).await;
    let mut courier = node.office.courier();
    courier.queue().await.expect("queued");
    let due = courier.due(100).await.expect("messages");
    let ours = |m: &office::Outgoing| m.payload.contains("CR-042");
    assert!(!due.iter().flatten().any(ours), "not ours");
    node.clock.advance_minutes(26 * 60);
    node.office.heartbeat().await.expect("a heartbeat");
    assert_eq!(about(&node, "CR-042"), ["breached"]);
    again(&mut node).await;
    assert_told_once(&node, &officer, "after a start").await;
    let mut courier = node.office.courier();
    courier.queue().await.expect("queued");
    let due = courier.due(100).await.expect("messages");
    assert!(due.iter().flatten().any(ours), "ours is told");
}

/// Other rules are adopted while findings of the old ones are on their way into the log.
#[tokio::test]
async fn other_rules_tell_nothing_again() {
    let node = TestNode::new().await;
    let (officer, admin) = (node.officer().await, node.admin().await);
    post(&node, &officer, DETAINED).await;
    let permit = node.permit::<may::AdoptPacks>(&admin);
    let files = casework_with("rules-local.toml", LOCAL);
    let difference = node.office.propose_pack(&permit, files).await;
    let hash = difference.expect("a difference").hash;
    let lines: Vec<String> = (0..400)
        .map(|n| ALONE.replace("p-1", &format!("p-{n}")))
        .collect();
    let permits = (node.permit(&officer), node.permit(&officer));
    let (first, adopted, second) = tokio::join!(
        node.office.post_events(&permits.0, &lines[..200]),
        node.office.adopt_pack(&permit, &hash),
        node.office.post_events(&permits.1, &lines[200..]),
    );
    adopted.expect("adopted");
    for result in first
        .expect("posted")
        .iter()
        .chain(&second.expect("posted"))
    {
        assert!(matches!(result, LineResult::Taken { .. }), "{result:?}");
    }
    assert_told_once(&node, &officer, "after adopting").await;
    assert_eq!(about(&node, "CR-026"), vec!["breached"; 400]);
}

/// Time and events are found by two tasks; what they find goes into the log in the order in which they found it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_time_brings_and_events_take_back_stands_in_that_order() {
    let node = TestNode::new().await;
    let officer = node.officer().await;
    let of = |line: &str, n: usize| line.replace("p-1", &format!("p-{n}"));
    let detained: Vec<_> = (0..300).map(|n| of(DETAINED, n)).collect();
    let permit = node.permit(&officer);
    let posted = node.office.post_events(&permit, &detained).await;
    assert_eq!(posted.expect("posted").len(), 300);
    node.office.heartbeat().await.expect("a heartbeat");
    node.clock.advance_minutes(26 * 60);
    let notified: Vec<_> = (0..300).map(|n| of(NOTIFIED, n)).collect();
    let mut posts = Vec::new();
    for lines in notified.chunks(20) {
        let (_, posted) = tokio::join!(
            node.office.heartbeat(),
            node.office.post_events(&permit, lines)
        );
        posts.extend(posted.expect("posted"));
    }
    assert_eq!(posts.len(), 300);
    assert_told_once(&node, &officer, "in order").await;
    let said = about(&node, "CR-042");
    assert!(said.contains(&"breached".to_owned()), "{said:?}");
}
