//! `liuhen pack diff`: two versions of a pack, rule by rule, and what would change in the findings on a log.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    path::PathBuf,
};

use law::{Catalogue, ChangeKind, FieldChange, RuleChange};
use serde::Serialize;
use watch::{
    Finding,
    batch::{self, Keep},
    findings,
};

use super::load;
use crate::{
    args,
    commands::check::{self, Setting, log},
    failure::{Exit, Failure},
    lang::{Lang, count, tr},
    ui::Ui,
};

/// Findings that are shown of each kind; all are in the JSON.
const SHOWN: usize = 20;

#[derive(Serialize)]
struct Data {
    rules: Vec<RuleData>,
    activities_added: Vec<String>,
    activities_removed: Vec<String>,
    findings: Option<Findings>,
}

/// A rule that is new, gone or changed.
#[derive(Serialize)]
pub(super) struct RuleData {
    rule: String,
    version: u32,
    change: &'static str,
    fields: Vec<FieldData>,
}

#[derive(Serialize)]
struct FieldData {
    field: &'static str,
    old: String,
    new: String,
}

#[derive(Serialize)]
struct Findings {
    before: usize,
    after: usize,
    same: usize,
    appear: Vec<Finding>,
    disappear: Vec<Finding>,
}

/// Compares two packs.
pub(crate) fn run(ui: &Ui, arguments: &args::PackDiff) -> Result<Exit, Failure> {
    let lang = ui.lang;
    let whole = |dir: &PathBuf| {
        let mut paths = arguments.with.clone();
        paths.push(dir.clone());
        load::catalogue(lang, &paths)
    };
    let (old, new) = (whole(&arguments.old)?, whole(&arguments.new)?);
    let names = |c: &Catalogue| -> BTreeSet<String> {
        c.activities().iter().map(|a| a.id.to_string()).collect()
    };
    let (was, is) = (names(&old), names(&new));
    let findings = match &arguments.on {
        None => None,
        Some(_) => Some(compared(ui, arguments, &old, &new)?),
    };
    let data = Data {
        rules: Catalogue::diff(&old, &new)
            .into_iter()
            .map(rule_data)
            .collect(),
        activities_added: is.difference(&was).cloned().collect(),
        activities_removed: was.difference(&is).cloned().collect(),
        findings,
    };
    let text = words(lang, &data);
    ui.result(&data, &text);
    Ok(Exit::Good)
}

/// A change of a rule as data.
pub(super) fn rule_data(change: RuleChange) -> RuleData {
    let (kind, fields) = match change.kind {
        ChangeKind::Added(fields) => ("added", fields),
        ChangeKind::Removed(fields) => ("removed", fields),
        ChangeKind::Changed(fields) => ("changed", fields),
        ChangeKind::Switched(fields) => ("switched", fields),
    };
    let field = |f: FieldChange| FieldData {
        field: f.field,
        old: f.old,
        new: f.new,
    };
    RuleData {
        rule: change.id.to_string(),
        version: change.version,
        change: kind,
        fields: fields.into_iter().map(field).collect(),
    }
}

/// Both packs on the same log at the same moment.
fn compared(
    ui: &Ui,
    arguments: &args::PackDiff,
    old: &Catalogue,
    new: &Catalogue,
) -> Result<Findings, Failure> {
    let lang = ui.lang;
    let mut sides: Vec<BTreeMap<String, Finding>> = Vec::new();
    for catalogue in [old, new] {
        let setting = Setting::new(lang, &arguments.reading)?;
        let program = load::program(lang, catalogue, setting.calendar)?;
        let file = arguments.on.as_deref().unwrap_or(&arguments.new);
        let log = log::read(ui, file, catalogue, &program, &setting.choices)?;
        let now = check::moment(lang, &program, arguments.now.as_deref(), &log)?;
        let report = batch::check(&program, &log.columns, now, Keep::Findings, 1);
        let found: Vec<_> = (report.found.into_iter())
            .filter(|f| check::is_finding(f.outcome()))
            .collect();
        let made = findings(&program, &log.columns, &found);
        // What is told: a finding that only changes its number of version is the same to whoever reads it.
        let key = |f: &Finding| {
            let (type_, id) = &f.object;
            let per = f.per.as_ref().map_or("", |(_, id)| id);
            let (rule, at) = (&f.rule, f.activation.position);
            format!(
                "{rule}\u{0}{type_}\u{0}{id}\u{0}{per}\u{0}{at}\u{0}{}",
                f.outcome
            )
        };
        sides.push(made.into_iter().map(|f| (key(&f), f)).collect());
    }
    let after = sides.pop().unwrap_or_default();
    let before = sides.pop().unwrap_or_default();
    let only = |a: &BTreeMap<String, Finding>, b: &BTreeMap<String, Finding>| -> Vec<Finding> {
        let only = a.iter().filter(|(key, _)| !b.contains_key(*key));
        only.map(|(_, f)| f.clone()).collect()
    };
    let (appear, disappear) = (only(&after, &before), only(&before, &after));
    Ok(Findings {
        before: before.len(),
        after: after.len(),
        same: after.len() - appear.len(),
        appear,
        disappear,
    })
}

fn words(lang: Lang, data: &Data) -> String {
    let mut text = String::new();
    if data.rules.is_empty()
        && data.activities_added.is_empty()
        && data.activities_removed.is_empty()
    {
        text += &tr!(lang, "规则没有变化\n", "no rule changes\n");
    }
    let named = |sign: char, names: &[String]| {
        let lines: Vec<String> = names.iter().map(|n| format!("{sign} {n}\n")).collect();
        lines.concat()
    };
    text += &named('+', &data.activities_added);
    text += &named('-', &data.activities_removed);
    text += &rule_words(lang, &data.rules);
    let Some(f) = &data.findings else {
        return text;
    };
    let [before, after, same] = [f.before, f.after, f.same].map(|n| count(n as u64));
    let (more, less) = (
        count(f.appear.len() as u64),
        count(f.disappear.len() as u64),
    );
    text += &tr!(
        lang,
        "\n结果：原有 {before} 项，改后 {after} 项；{same} 项不变，多出 {more} 项，少了 {less} 项\n",
        "\nfindings: {before} before, {after} after; unchanged {same}, new {more}, gone {less}\n"
    );
    for (sign, findings) in [('+', &f.appear), ('-', &f.disappear)] {
        for finding in findings.iter().take(SHOWN) {
            let (type_, id) = &finding.object;
            let sentence = match lang {
                Lang::Zh => &finding.sentence.zh,
                Lang::En => &finding.sentence.en,
            };
            let _ = writeln!(text, "  {sign} {} {type_} {id}: {sentence}", finding.rule);
        }
        if findings.len() > SHOWN {
            let left = count((findings.len() - SHOWN) as u64);
            text += &tr!(
                lang,
                "  {sign} 另 {left} 项（见 --json）\n",
                "  {sign} {left} more (see --json)\n"
            );
        }
    }
    text
}

/// Changes of rules, field by field.
pub(super) fn rule_words(lang: Lang, rules: &[RuleData]) -> String {
    let mut text = String::new();
    for rule in rules {
        let change = match (lang, rule.change) {
            (Lang::En, change) => change,
            (Lang::Zh, "added") => "新增",
            (Lang::Zh, "removed") => "删除",
            (Lang::Zh, "changed") => "修改",
            (Lang::Zh, _) => "停用或恢复",
        };
        let _ = writeln!(text, "{} v{} {change}", rule.rule, rule.version);
        // Examples change with the limits that they show; they are in the JSON.
        for f in rule.fields.iter().filter(|f| f.field != "trace") {
            let _ = match (f.old.is_empty(), f.new.is_empty()) {
                (true, _) => writeln!(text, "    + {} = {}", f.field, f.new),
                (_, true) => writeln!(text, "    - {} = {}", f.field, f.old),
                _ => writeln!(text, "    {}: {} → {}", f.field, f.old, f.new),
            };
        }
    }
    text
}
