//! Help and wrong command lines, in both languages.

use insta::assert_snapshot;

use crate::support::Place;

/// Every command that help shows, found by asking for it.
fn commands(place: &Place) -> Vec<String> {
    let help = place.run(&["--help"]);
    let text = String::from_utf8(help.stdout).expect("help is UTF-8");
    text.lines()
        .skip_while(|l| *l != "Commands:")
        .skip(1)
        .take_while(|l| l.starts_with("  "))
        .filter(|l| !l.starts_with("   "))
        .filter_map(|l| l.split_whitespace().next().map(str::to_owned))
        .collect()
}

#[test]
fn help_in_english() {
    let place = Place::new();
    let mut all = place.shown(&["--help"]);
    for command in commands(&place) {
        all += &format!("\n===== {command}\n{}", place.shown(&[&command, "--help"]));
    }
    assert_snapshot!(all);
}

#[test]
fn help_in_chinese() {
    let place = Place::new();
    let mut all = place.shown(&["--lang", "zh-CN", "--help"]);
    for command in commands(&place) {
        let shown = place.shown(&[&command, "--lang", "zh-CN", "--help"]);
        all += &format!("\n===== {command}\n{shown}");
    }
    assert_snapshot!(all);
}

#[test]
fn a_wrong_command_line_is_answered() {
    let place = Place::new();
    let cases: &[&[&str]] = &[
        &[],
        &["frobnicate"],
        &["verify"],
        &["verify", "r.tlog-proof"],
        &["verify", "r.tlog-proof", "--key", "k", "--policy", "p"],
        &["verify", "r.tlog-proof", "--nonsense"],
        &["verify", "r.tlog-proof", "--key"],
    ];
    let mut all = String::new();
    for words in cases {
        for lang in ["en", "zh-CN"] {
            let words: Vec<&str> = words.iter().copied().chain(["--lang", lang]).collect();
            all += &format!(
                "===== liuhen {}\n{}\n",
                words.join(" "),
                place.shown(&words)
            );
        }
    }
    assert_snapshot!(all);
}

#[test]
fn the_language_is_that_of_the_environment() {
    let place = Place::new();
    let mut command = place.command(&["verify"]);
    let output = command.env("LANG", "zh_CN.UTF-8").output().expect("runs");
    assert!(place.tidy(&output).contains("缺少参数"), "{output:?}");
}
