//! `liuhen verify`: what holds, and every way in which a receipt does not.

use insta::assert_snapshot;
use tlog::note::{KeyKind, SigningKey};

use crate::support::{Place, SmallLog};

fn place_with(receipt: &str) -> Place {
    let place = Place::new();
    place.write("r.tlog-proof", receipt);
    place
}

#[test]
fn a_good_receipt_in_both_languages_and_as_json() {
    let log = SmallLog::new();
    let place = place_with(&log.receipt().to_string());
    place.write("body.json", &log.body);
    let key = log.vkey();
    let words = [
        "verify",
        "r.tlog-proof",
        "--key",
        &key,
        "--body",
        "body.json",
    ];
    let with = |more: &[&'static str]| {
        let words: Vec<&str> = words.iter().copied().chain(more.iter().copied()).collect();
        place.shown(&words)
    };
    assert_snapshot!("good_en", with(&[]));
    assert_snapshot!("good_zh", with(&["--lang", "zh-CN"]));
    assert_snapshot!("good_json", with(&["--json"]));
}

#[test]
fn the_entry_and_the_key_may_be_files() {
    let log = SmallLog::new();
    let mut receipt = log.receipt();
    receipt.extra = None;
    let place = place_with(&receipt.to_string());
    place.write("entry", &log.entries[1]);
    // As an editor leaves it: one line end where the log has two.
    let line = String::from_utf8_lossy(log.entries[1].trim_ascii_end()).into_owned();
    place.write("line", format!("{line}\n"));
    place.write("vkey", format!("{}\n", log.vkey()));
    for entry in ["entry", "line"] {
        let output = place.run(&["verify", "r.tlog-proof", "--key", "vkey", "--event", entry]);
        assert_eq!(output.status.code(), Some(0), "{}", place.tidy(&output));
    }
    assert_snapshot!(place.shown(&["verify", "r.tlog-proof", "--key", "vkey"]), @r"
    exit 2
    ----- stderr
    error: the receipt does not carry the entry
    hint: give the entry with --event FILE
    ");
}

#[test]
fn what_was_tampered_with_is_named() {
    let log = SmallLog::new();
    let good = log.receipt();
    let key = log.vkey();
    let other =
        SigningKey::from_seed("liuhen.example/A330100", [8; 32], KeyKind::Log).expect("a key");
    let other = other.verifier().to_string();

    let mut moved = good.clone();
    moved.index = 0;
    let mut forged = good.clone();
    let text = String::from_utf8(log.entries[1].clone()).expect("an entry is text");
    forged.extra = Some(text.replace("06:05:00Z", "06:06:00Z").into_bytes());
    let mut resized = good.clone();
    resized.checkpoint = good.checkpoint.replacen("\n3\n", "\n4\n", 1);
    let mut cut = good.clone();
    cut.hashes.pop();

    let cases = [
        ("index moved", moved.to_string(), key.as_str()),
        ("entry forged", forged.to_string(), &key),
        ("size rewritten", resized.to_string(), &key),
        ("proof cut", cut.to_string(), &key),
        ("key of another", good.to_string(), &other),
        ("not a receipt", "hello\n".to_owned(), &key),
        ("not a key", good.to_string(), "liuhen.example+00+AA"),
    ];
    let mut all = String::new();
    for (name, receipt, key) in cases {
        let place = place_with(&receipt);
        let shown = place.shown(&["verify", "r.tlog-proof", "--key", key]);
        all += &format!("===== {name}\n{shown}\n");
    }
    assert_snapshot!(all);
}

#[test]
fn a_body_that_is_another_is_refused() {
    let log = SmallLog::new();
    let place = place_with(&log.receipt().to_string());
    place.write("body.json", "{}");
    let words = [
        "verify",
        "r.tlog-proof",
        "--key",
        &log.vkey(),
        "--body",
        "body.json",
    ];
    let output = place.run(&words);
    let shown = place.tidy(&output);
    assert_eq!(output.status.code(), Some(1), "{shown}");
    assert!(shown.contains("✘ body"), "{shown}");
}

#[test]
fn a_policy_counts_witnesses() {
    let log = SmallLog::new();
    let witness =
        SigningKey::from_seed("witness.example/w", [9; 32], KeyKind::Cosigner).expect("a key");
    let policy = format!(
        "log {}\nwitness w1 {}\nquorum w1\n",
        log.vkey(),
        witness.verifier()
    );
    let place = place_with(&log.receipt().to_string());
    place.write("policy", policy);
    place.write("bad", "nonsense\n");
    let mut all = place.shown(&["verify", "r.tlog-proof", "--policy", "policy"]);
    all += &place.shown(&["verify", "r.tlog-proof", "--policy", "bad"]);
    all += &place.shown(&["verify", "missing", "--policy", "policy"]);
    assert_snapshot!(all);
}
