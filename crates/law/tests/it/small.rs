//! A small pack with one rule of each template: good as it stands, to be spoiled in one place by the tests.

use law::{Catalogue, Faults, PackText};

pub(crate) const PACK: &str = r#"id = "small"
version = "1.0.0"
zh = "小包"
en = "Small"
who = { zh = "某人", en = "Somebody" }

[exemption]
activity = "a.exempt"
attribute = "rule"

[[object]]
id = "case"
zh = "案件"
en = "case"
source = "[D]"
confidence = ["D"]

[[object]]
id = "item"
zh = "物品"
en = "item"
source = "[D]"
confidence = ["D"]

[[group]]
id = "one"
zh = "一组"
en = "one"

[[source]]
code = "LAW"
zh = "某法"
en = "Some law"
extent = "all"
confidence = ["T"]
"#;

pub(crate) const ROLES: &str = r#"
[[role]]
id = "R_ONE"
zh = "甲"
en = "one"
rank = 1
source = "LAW 2 [T]"
confidence = ["T"]

[[role]]
id = "R_TWO"
zh = "乙"
en = "two"
rank = 2
source = "LAW 2 [T]"
confidence = ["T"]

[[role]]
id = "R_OUT"
zh = "外"
en = "outside"
source = "LAW 2 [T]"
confidence = ["T"]
"#;

pub(crate) const ATTRIBUTES: &str = r#"
[[attribute]]
id = "rule"
zh = "规则"
en = "rule"
kind = "text"

[[attribute]]
id = "minor"
zh = "未成年人"
en = "minor"
kind = "bool"

[[attribute]]
id = "amount_yuan"
zh = "金额（元）"
en = "amount in yuan"
kind = "number"

[[attribute]]
id = "nature"
zh = "案件性质"
en = "nature of the case"
kind = ["criminal", "administrative"]

[[attribute]]
id = "step"
zh = "环节"
en = "step"
kind = "text"

[[attribute]]
id = "told_at"
zh = "告知时间"
en = "time of telling"
kind = "time"
"#;

pub(crate) const TABLES: &str = r#"
[[table]]
id = "serious"
zh = "严重情形"
en = "serious kinds"
values = ["theft", "fraud"]

[[table]]
id = "local"
zh = "本地清单"
en = "local list"
values = []
"#;

/// What every rule needs beside its own keys.
pub(crate) const REST: &str = r#"source = "LAW 3 [T]"
severity = "B"
grade = "red"
owner = "R_TWO"
from = 2026-01-01
broken = { zh = "有错", en = "wrong" }
"#;

/// Two examples over the activity `a.do`.
pub(crate) const TRACE: &str = r#"trace = [
  { expect = "satisfied", events = [["2026-02-01", "a.do"]] },
  { expect = "breached", events = [["2026-02-01T10:00", "a.do", { by = ["x:R_ONE"], minor = true }]] },
]
"#;

pub(crate) fn activities() -> String {
    let ids = ["do", "then", "before", "end", "review", "exempt", "record"];
    ids.map(|id| {
        format!(
            "[[activity]]\nid = \"a.{id}\"\ngroup = \"one\"\nobject = \"case\"\nzh = \"办{id}\"\nen = \"{id}\"\nsource = \"LAW 3 [T]\"\nconfidence = [\"T\"]\n\n"
        )
    })
    .concat()
}

/// One rule of that id and template over `a.do`, with these keys.
pub(crate) fn rule(id: &str, template: &str, keys: &str) -> String {
    format!(
        "[[rule]]\nid = \"{id}\"\nversion = 1\ntemplate = \"{template}\"\nobject = \"case\"\non = [\"a.do\"]\n{REST}{keys}\n{TRACE}\n"
    )
}

/// A rule of each template.
pub(crate) fn rules() -> String {
    let mut text =
        String::from("[[violation]]\nid = \"V-1\"\nzh = \"某类\"\nen = \"some kind\"\n\n");
    for (id, template, keys) in [
        (
            "R-01",
            "response",
            r#"expect = ["a.then", { any = ["a.review"], when = ["step = a.do"] }]
bound = [{ if = ["amount_yuan? >= 50000"], is = "7d" }, { is = "24h" }]
by = ["a.end"]
until = ["a.record"]
change = [{ on = ["a.review"], when = ["step = 'a.do again'"], from = "due", is = "3d", max = 1 }]
pause = [{ from = ["a.before"], to = ["a.then"] }]
lead = "12h"
roll = true
statutory = true
rearm = true
same = ["nature"]
warn = ["90%", "2h"]
recording_grace = "30min"
want = { zh = "去办", en = "do it" }
excuse = [{ any = ["a.exempt"], when = ["has step"] }]
violations = ["V-1"]
gate = true
to = 2030-12-31"#,
        ),
        (
            "R-02",
            "precedence",
            r#"per = "item"
needs = [
  { any = ["a.before"], when = ["minor = true"], if = ["nature? = criminal"], lead = "2d", within = "1mo", revoked_by = ["a.end"], since = ["a.record"], same = ["nature"] },
  { any = ["a.review"], or = ["a.exempt"] },
]"#,
        ),
        (
            "R-03",
            "absence",
            r#"after = ["a.before"]
until = ["a.end"]
gap = "12h"
same = ["nature"]"#,
        ),
        ("R-04", "count", "max = 2\nwindow = \"10min\""),
        ("R-05", "min_persons", "roles = [\"R_ONE\"]\nmin = 2"),
        (
            "R-06",
            "distinct_persons",
            r#"roles = ["R_ONE"]
against = ["a.review"]
against_roles = ["R_TWO"]
before = true"#,
        ),
        (
            "R-07",
            "authority",
            r#"rank = [{ if = ["amount_yuan? >= 50000"], is = "R_TWO" }, { is = "R_ONE" }]"#,
        ),
        (
            "R-08",
            "record",
            r#"require = ["has step | minor? = true", "organ = A3301"]"#,
        ),
        ("R-09", "covered", "by = [\"a.record\"]"),
        (
            "R-10",
            "exclusive",
            r#"states = [{ from = ["a.do"], to = ["a.end"] }, { from = ["a.then"] }]"#,
        ),
        ("R-11", "overlap", "until = [\"a.end\"]"),
        ("R-12", "back_dated", "within = \"2wd\""),
        (
            "R-13",
            "score",
            r#"min = 2
signs = [
  { zh = "没有复核", en = "no review", any = ["a.review"], when = ["persons >= 2"], missing = true, at = "after" },
  { zh = "夜间", en = "at night", if = ["hour >= 22 | hour < 6"] },
  { zh = "此前撤回", en = "ended before", any = ["a.end"], at = "before" },
]"#,
        ),
        (
            "R-14",
            "manual",
            r#"reason = { zh = "台账上看不出来", en = "events do not show it" }"#,
        ),
        (
            "R-15",
            "max_duration",
            r#"expect = ["a.end"]
bound = "1y"
when = ["step in @serious", "step not in @local", "objects:item.seized >= 1", "date >= 2026-02-01", "told_at > trace.told_at", "lacks minor | minor = false"]"#,
        ),
    ] {
        text += &rule(id, template, keys);
    }
    // The last one looks at attributes that may be missing.
    let at = text.rfind("trace = [").expect("each rule has traces");
    let missing =
        "trace = [\n  { expect = \"not_checkable\", events = [[\"2026-02-01\", \"a.do\"]] },";
    text.replace_range(at..at + "trace = [".len(), missing);
    text
}

/// The small pack with these rules.
pub(crate) fn with(rules: &str) -> Result<Catalogue, Faults> {
    parse(&files(rules), &[])
}

pub(crate) fn files(rules: &str) -> Vec<(&'static str, String)> {
    vec![
        ("pack.toml", PACK.to_owned()),
        ("roles.toml", ROLES.to_owned()),
        ("activities.toml", activities()),
        ("attributes.toml", ATTRIBUTES.to_owned()),
        ("tables.toml", TABLES.to_owned()),
        ("rules.toml", rules.to_owned()),
    ]
}

pub(crate) fn parse(
    files: &[(&'static str, String)],
    overlays: &[(&str, &str)],
) -> Result<Catalogue, Faults> {
    let files: Vec<(&str, &str)> = files.iter().map(|(n, t)| (*n, t.as_str())).collect();
    let pack = PackText {
        folder: "small",
        files: &files,
    };
    Catalogue::parse_with(&[pack], overlays)
}

/// The faults in English; said in Chinese, none has English words left but ids, keys and what the reader of TOML says.
pub(crate) fn both(faults: &law::Faults) -> String {
    for fault in &faults.0 {
        let said = fault.said(law::Lang::Zh);
        let english = fault.to_string();
        assert_eq!(fault.said(law::Lang::En), english);
        if matches!(&fault.what, law::What::Syntax(_)) {
            continue;
        }
        let place = english.len() - fault.what.to_string().len();
        let (at, what) = said.split_at(place);
        assert!(english.starts_with(at), "{said}");
        // What stands in backquotes is quoted from the pack.
        let own: String = what.split('`').step_by(2).collect::<Vec<_>>().join("`");
        let word = |w: &&str| w.len() > 1 && w.bytes().all(|b| b.is_ascii_lowercase());
        let words: Vec<&str> = own.split(' ').collect();
        let english = words.windows(2).find(|pair| pair.iter().all(word));
        assert!(
            english.is_none() && own.chars().any(|c| c > '\u{4e00}'),
            "{said}"
        );
    }
    faults.to_string()
}
