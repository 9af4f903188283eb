//! The files of a drafted pack: what was found in a log, in the format of `docs/packs.md`, each rule with its figures.

use std::fmt::Write as _;

use jiff::{ToSpan as _, civil::DateTime};
use law::Catalogue;

use super::{
    mine::{Candidate, Limit, What},
    survey::Survey,
};

/// Role that stands for whoever edits the draft.
const OWNER: &str = "draft.owner";

/// Keys that guards and traces use for something else.
const RESERVED: &[&str] = &[
    "persons", "part", "organ", "hour", "date", "has", "lacks", "in", "not", "by", "objects",
    "ended", "recorded",
];

/// Name and text of each file.
pub(crate) fn files(
    name: &str,
    file: &str,
    survey: &Survey,
    candidates: &[Candidate],
) -> Vec<(String, String)> {
    let named = |file: &str, text: String| (file.to_owned(), text);
    vec![
        named("pack.toml", pack(name, file, survey)),
        named("roles.toml", roles()),
        named("activities.toml", activities(survey)),
        named("attributes.toml", attributes(survey)),
        named("rules.toml", rules(candidates)),
    ]
}

/// A basic string of TOML: JSON's escapes are a part of TOML's.
fn quoted(text: &str) -> String {
    let text: String = text
        .chars()
        .map(|c| if c == '\u{7f}' { ' ' } else { c })
        .collect();
    serde_json::to_string(&text).unwrap_or_else(|_| "\"\"".to_owned())
}

/// What stands in a comment may not end it.
fn comment(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

fn pack(name: &str, file: &str, survey: &Survey) -> String {
    let mut text = format!(
        "# 从事件日志起草：{}。以往如此不等于应当如此，逐条核对后再用。\n\
         # Drafted from the event log {}: what was usual is not thereby right. Go through it one by one.\n\
         id = {}\nversion = \"0.1.0\"\nzh = {}\nen = {}\n\
         who = {{ zh = \"起草人\", en = \"whoever edits this draft\" }}\n",
        comment(file),
        comment(file),
        quoted(name),
        quoted(name),
        quoted(name),
    );
    let known = shipped_node();
    for type_ in survey
        .types
        .all()
        .iter()
        .filter(|t| known.object(t).is_none())
    {
        let id = quoted(type_);
        let _ = write!(
            text,
            "\n[[object]]\nid = {id}\nzh = {id}\nen = {id}\nsource = \"[D]\"\nconfidence = [\"D\"]\n"
        );
    }
    text += "\n[[group]]\nid = \"log\"\nzh = \"日志\"\nen = \"log\"\n";
    text
}

/// The pack `node`, whose names are taken.
fn shipped_node() -> &'static Catalogue {
    use std::sync::LazyLock;
    static NODE: LazyLock<Catalogue> =
        LazyLock::new(|| Catalogue::parse(&[super::load::node()]).expect("a test reads it alone"));
    &NODE
}

fn roles() -> String {
    format!(
        "[[role]]\nid = \"{OWNER}\"\nzh = \"起草人\"\nen = \"owner of the draft\"\nsource = \"[D]\"\nconfidence = [\"D\"]\n"
    )
}

fn activities(survey: &Survey) -> String {
    let mut times = vec![0_u64; survey.activities.len()];
    for event in &survey.events {
        times[event.activity as usize] += 1;
    }
    let mut text =
        "# 日志中的活动及其次数。 Activities of the log and how often they came.\n".to_owned();
    let known = shipped_node();
    for (name, times) in survey.activities.all().iter().zip(times) {
        if known.activity(name).is_some() {
            continue;
        }
        let id = quoted(name);
        let _ = write!(
            text,
            "\n# {times}\n[[activity]]\nid = {id}\ngroup = \"log\"\nzh = {id}\nen = {id}\nsource = \"[D]\"\nconfidence = [\"D\"]\n"
        );
    }
    text
}

fn attributes(survey: &Survey) -> String {
    let mut text =
        "# 日志中的属性；规则还没有用到。 Attributes of the log; no rule looks at them yet.\n"
            .to_owned();
    for (key, seen) in &survey.attributes {
        let taken = RESERVED.contains(&key.as_str())
            || ["trace.", "persons:", "objects:"]
                .iter()
                .any(|p| key.starts_with(p));
        let Some(kind) = seen.kind().filter(|_| !key.trim().is_empty() && !taken) else {
            let _ = write!(text, "\n# left out: {}\n", comment(key));
            continue;
        };
        let kind = match kind.as_slice() {
            [kind] => quoted(kind),
            several => {
                let several: Vec<String> = several.iter().map(|v| quoted(v)).collect();
                format!("[{}]", several.join(", "))
            }
        };
        let (id, times) = (quoted(key), seen.events);
        let _ = write!(
            text,
            "\n# {times}\n[[attribute]]\nid = {id}\nzh = {id}\nen = {id}\nkind = {kind}\n"
        );
    }
    text
}

fn rules(candidates: &[Candidate]) -> String {
    let mut text = "\
# 候选规则：日志中多半如此。支持度是触发次数，可信度是其中遵守的比例。
# Candidate rules: what was mostly so in the log. Support: how often it mattered; confidence: how often it was then kept.
#
# 一律为提示（蓝、[D]）。确认为规定的，写明依据后再升级别。
# All are advice (blue, [D]). Where one turns out to be a norm, cite it before you raise the grade.
"
    .to_owned();
    for candidate in candidates {
        rule(&mut text, candidate);
    }
    text
}

fn rule(text: &mut String, c: &Candidate) {
    #[expect(clippy::cast_precision_loss, reason = "a share")]
    let confidence = 100.0 * c.kept as f64 / c.support.max(1) as f64;
    let note = match c.note.is_empty() {
        true => String::new(),
        false => format!(" · {}", c.note),
    };
    let _ = write!(
        text,
        "\n# support {} · confidence {confidence:.1} %{note}\n[[rule]]\nid = \"{}\"\nversion = 1\n",
        c.support, c.id
    );
    let words = words(&c.what);
    let _ = write!(
        text,
        "template = \"{}\"\nobject = {}\non = [{}]\n{}\
         source = \"[D]\"\nseverity = \"C\"\ngrade = \"blue\"\nowner = \"{OWNER}\"\nfrom = 1900-01-01\n\
         broken = {{ zh = {}, en = {} }}\n{}trace = [\n  {{ expect = \"satisfied\", {} }},\n  {{ expect = \"breached\", {} }},\n]\n",
        words.template,
        quoted(&c.object),
        quoted(words.on),
        words.keys,
        quoted(&words.zh),
        quoted(&words.en),
        words.want,
        words.good,
        words.bad,
    );
}

/// A candidate in the words of a pack.
struct Words<'a> {
    template: &'static str,
    on: &'a str,
    keys: String,
    zh: String,
    en: String,
    want: String,
    /// Events of an example that keeps it, and of one that breaks it.
    good: String,
    bad: String,
}

/// An event of an example, so long after the first.
fn at(limit: Option<Limit>, minutes: i64, activity: &str, by: &str) -> String {
    let start = DateTime::constant(2026, 1, 5, 9, 0, 0, 0);
    let moved = match limit {
        None => Ok(start),
        Some(Limit::Hours(n)) => start.checked_add(n.hours()),
        Some(Limit::Days(n)) => start.checked_add(n.days()),
    };
    let moved = moved
        .and_then(|t| t.checked_add(minutes.minutes()))
        .unwrap_or(start);
    let time = moved.strftime("%Y-%m-%dT%H:%M");
    match by.is_empty() {
        true => format!("[\"{time}\", {}]", quoted(activity)),
        false => format!(
            "[\"{time}\", {}, {{ by = [\"{by}:{OWNER}\"] }}]",
            quoted(activity)
        ),
    }
}

/// A day in minutes: past the end of a limit in days.
const DAY: i64 = 1440;

fn words(what: &What) -> Words<'_> {
    let events = |list: &[String]| format!("events = [{}]", list.join(", "));
    let first = |activity: &str| at(None, 0, activity, "");
    match what {
        What::Precedence { on, before } => Words {
            template: "precedence",
            on,
            keys: format!("needs = [{{ any = [{}] }}]\n", quoted(before)),
            zh: format!("“{on}”之前没有“{before}”"),
            en: format!("“{on}” without “{before}” before it"),
            want: String::new(),
            good: events(&[first(before), at(None, 60, on, "")]),
            bad: events(&[first(on)]),
        },
        What::Response { on, then, limit } => Words {
            template: "response",
            on,
            keys: format!("expect = [{}]\nbound = \"{limit}\"\n", quoted(then)),
            zh: format!("“{on}”之后 {limit} 内没有“{then}”"),
            en: format!("“{on}” was not followed by “{then}” within {limit}"),
            want: format!("want = {{ zh = {0}, en = {0} }}\n", quoted(then)),
            good: events(&[first(on), at(None, 1, then, "")]),
            bad: events(&[first(on), at(Some(*limit), DAY, then, "")]),
        },
        What::NotAfter { on, after } => Words {
            template: "absence",
            on,
            keys: format!("after = [{}]\n", quoted(after)),
            zh: format!("“{after}”之后又有“{on}”"),
            en: format!("“{on}” after “{after}”"),
            want: String::new(),
            good: events(&[first(on), at(None, 60, after, "")]),
            bad: events(&[at(None, 60, on, ""), first(after)]),
        },
        What::Gap { on, after, limit } => Words {
            template: "absence",
            on,
            keys: format!("after = [{}]\ngap = \"{limit}\"\n", quoted(after)),
            zh: format!("“{after}”之后不到 {limit} 就有“{on}”"),
            en: format!("“{on}” sooner than {limit} after “{after}”"),
            want: String::new(),
            good: events(&[at(Some(*limit), DAY, on, ""), first(after)]),
            bad: events(&[at(None, 1, on, ""), first(after)]),
        },
        What::Count { on, max } => {
            let minutes = i64::from(*max) * 60;
            let all = (0..=*max).map(|n| at(None, minutes - i64::from(n) * 60, on, ""));
            Words {
                template: "count",
                on,
                keys: format!("max = {max}\n"),
                zh: format!("“{on}”多于 {max} 次"),
                en: format!("“{on}” more than {max} times"),
                want: String::new(),
                good: events(&[first(on)]),
                // The first that is written is the one that is judged: the latest.
                bad: events(&all.collect::<Vec<_>>()),
            }
        }
        What::Distinct { on, against } => Words {
            template: "distinct_persons",
            on,
            keys: format!("against = [{}]\nbefore = true\n", quoted(against)),
            zh: format!("“{on}”与此前的“{against}”由同一人办理"),
            en: format!("“{on}” was done by somebody who had done “{against}” before"),
            want: String::new(),
            good: events(&[at(None, 60, on, "b"), at(None, 0, against, "a")]),
            bad: events(&[at(None, 60, on, "a"), at(None, 0, against, "a")]),
        },
    }
}
