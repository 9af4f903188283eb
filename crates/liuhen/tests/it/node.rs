//! A node from its beginning: made, administered, proved, audited, rebuilt; and refused where something stands against it.

use insta::assert_snapshot;

use crate::support::{Place, SmallLog, made};

#[test]
fn a_node_is_made_once() {
    let place = Place::new();
    let mut all = String::new();
    let init = [
        "init",
        "--organ",
        "A330100",
        "--organ-name",
        "甲市公安局",
        "--admin-name",
        "管理员甲",
    ];
    let with = |more: &[&'static str]| -> Vec<&str> {
        init.iter().copied().chain(more.iter().copied()).collect()
    };
    all += &place.scrubbed("made, with a password of its own", &with(&["n"]));
    all += &place.scrubbed(
        "made, in Chinese, as --node",
        &with(&["--node", "m", "--lang", "zh-CN"]),
    );
    all += &place.scrubbed("again", &with(&["n"]));
    all += &place.scrubbed("again, in Chinese", &with(&["n", "--lang", "zh-CN"]));
    place.write("full.txt", "something");
    all += &place.scrubbed("not empty", &with(&["."]));
    all += &place.scrubbed("nothing said, nobody to ask", &["init", "k"]);
    all += &place.scrubbed(
        "not a code",
        &[
            "init",
            "k",
            "--organ",
            "a b",
            "--organ-name",
            "x",
            "--admin-name",
            "y",
        ],
    );
    all += &place.scrubbed("not an origin", &with(&["k", "--origin", "a b+c"]));
    assert_snapshot!(all);
}

#[test]
fn a_password_may_be_given_and_must_be_strong() {
    let place = Place::new();
    let words = [
        "init",
        "n",
        "--organ",
        "A330100",
        "--organ-name",
        "甲市公安局",
        "--admin-name",
        "甲",
        "--password-stdin",
    ];
    assert_snapshot!(place.tidy(&place.with_input(&words, "short\n")), @r"
    exit 2
    ----- stderr
    error: admin_password: 8 to 256 characters, without the account in it
    ");
    let output = place.with_input(&words, "correct horse\n");
    let shown = place.tidy(&output);
    assert_eq!(output.status.code(), Some(0), "{shown}");
    assert!(
        !shown.contains("correct horse"),
        "a given password is not shown: {shown}"
    );
}

#[test]
fn keys_are_for_nobody_else() {
    use std::os::unix::fs::PermissionsExt;
    let place = made();
    for file in ["keys/log.key", "keys/pseudonym.key", "accounts.sqlite"] {
        let meta =
            std::fs::metadata(place.path().join("liuhen-data").join(file)).expect("it is there");
        assert_eq!(meta.permissions().mode() & 0o077, 0, "{file}");
    }
    let key = place.path().join("liuhen-data/keys/log.key");
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).expect("our own file");
    assert_snapshot!(place.shown(&["audit"]));
}

#[test]
fn what_is_not_there_is_said() {
    let place = Place::new();
    let mut all = String::new();
    for words in [
        &["serve"][..],
        &["audit"],
        &["audit", "nowhere"],
        &["rebuild"],
        &["receipt", "1"],
        &["admin", "key"],
        &["export", "--format", "xes", "--out", "x.xes"],
    ] {
        all += &place.scrubbed(&words.join(" "), words);
    }
    all += &place.scrubbed("in Chinese", &["rebuild", "--lang", "zh-CN"]);
    all += &place.scrubbed("as JSON", &["rebuild", "--json"]);
    assert_snapshot!(all);
}

#[test]
fn receipts_are_given_out_and_hold() {
    let place = made();
    let mut all = place.scrubbed("receipt to a file", &["receipt", "1", "--out", "r"]);
    all += &place.scrubbed(
        "in Chinese",
        &["receipt", "1", "--out", "s", "--lang", "zh-CN"],
    );
    all += &place.scrubbed("not overwritten", &["receipt", "1", "--out", "r"]);
    all += &place.scrubbed("beyond the end", &["receipt", "1000"]);
    all += &place.scrubbed("neither", &["receipt", "x"]);
    all += &place.scrubbed(
        "an id that is not there",
        &["receipt", "01970000-0000-7000-8000-000000000001"],
    );
    assert_snapshot!(all);

    let key = String::from_utf8(place.run(&["admin", "key"]).stdout).expect("a key is text");
    place.write("vkey", &key);
    let output = place.run(&["verify", "r", "--key", "vkey", "--json"]);
    assert_eq!(output.status.code(), Some(0), "{}", place.tidy(&output));
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(report["good"], true);
    // By its id the same entry has the same receipt.
    let id = report["event"]["id"].as_str().expect("an event has an id");
    let by_id = place.run(&["receipt", id, "--json"]);
    let by_id: serde_json::Value = serde_json::from_slice(&by_id.stdout).expect("JSON");
    assert_eq!(by_id["index"], 1);
    // On stdout there is the receipt and nothing else, so that it can be piped.
    let piped = place.run(&["receipt", "1"]);
    place.write("piped", &piped.stdout);
    assert_eq!(
        place
            .run(&["verify", "piped", "--key", "vkey"])
            .status
            .code(),
        Some(0)
    );
}

#[test]
fn an_audit_tells_good_from_damaged() {
    let place = made();
    let mut all = place.scrubbed("good", &["audit"]);
    all += &place.scrubbed("good, in Chinese", &["audit", "--lang", "zh-CN"]);
    all += &place.scrubbed("structure only", &["audit", "--structure-only", "--json"]);
    let key = String::from_utf8(place.run(&["admin", "key"]).stdout).expect("a key is text");
    let key = key.trim();
    all += &place.scrubbed("the log alone", &["audit", "liuhen-data/log", "--key", key]);
    all += &place.scrubbed("the log alone, no key", &["audit", "liuhen-data/log"]);
    let other = SmallLog::new().vkey();
    all += &place.scrubbed("another's key", &["audit", "--key", &other]);
    let checkpoint = place.path().join("liuhen-data/log/checkpoint");
    let text = std::fs::read_to_string(&checkpoint).expect("there is one");
    std::fs::write(
        &checkpoint,
        text.replacen("/A330100\n7\n", "/A330100\n6\n", 1),
    )
    .expect("our own file");
    all += &place.scrubbed("checkpoint rewritten", &["audit"]);
    assert_snapshot!(all);
}

#[test]
fn the_register_is_made_anew() {
    let place = made();
    std::fs::remove_file(place.path().join("liuhen-data/register.sqlite")).expect("there is one");
    let mut all = place.scrubbed("rebuilt", &["rebuild"]);
    all += &place.scrubbed("in Chinese", &["rebuild", "--lang", "zh-CN"]);
    all += &place.scrubbed("as JSON", &["rebuild", "--json"]);
    all += &place.scrubbed("and it answers", &["admin", "account", "list"]);
    assert_snapshot!(all);
}

#[test]
fn an_administrator_at_the_machine() {
    let place = made();
    place.write(
        "organs.csv",
        "code,name,parent\nA330101,东城分局,A330100\nA330102,西城分局,A330109\n,无名,A330100\n",
    );
    place.write(
        "people.csv",
        "number,name,organ,post\n000001,某甲,A330101,民警\n000002,某乙,A330199,民警\n",
    );
    place.write("roles.csv", "number,role,organ\n000001,officer,A330101\n000001,emperor,A330101\n000009,officer,A330101\n");
    let mut all = String::new();
    for words in [
        &["admin", "import-organs", "organs.csv"][..],
        &["admin", "import-organs", "organs.csv", "--lang", "zh-CN"],
        &["admin", "import-people", "people.csv"],
        &["admin", "import-roles", "roles.csv", "--json"],
        &["admin", "import-roles", "nowhere.csv"],
        &["admin", "account", "add", "000001", "jia"],
        &["admin", "account", "add", "000001", "jia"],
        &["admin", "account", "add", "000009", "nobody"],
        &["admin", "account", "reset", "jia", "--lang", "zh-CN"],
        &["admin", "account", "reset", "nobody"],
        &["admin", "account", "unlock", "jia"],
        &["admin", "account", "list"],
        &["admin", "token", "new", "jia", "办案平台"],
        &[
            "admin",
            "token",
            "new",
            "jia",
            "办案平台",
            "--days",
            "30",
            "--lang",
            "zh-CN",
        ],
        &["admin", "token", "list"],
        &["admin", "token", "end", "1"],
        &["admin", "token", "list", "--json"],
    ] {
        all += &place.scrubbed(&words.join(" "), words);
    }
    assert_snapshot!(all);
}
