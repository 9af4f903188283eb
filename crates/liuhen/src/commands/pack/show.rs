//! `liuhen pack show`: the rules of a pack, in both languages, with what a pack's own notation says of them.

use std::{collections::BTreeMap, fmt::Write as _, path::Path, path::PathBuf};

use law::{
    Catalogue, ChangeKind, FieldChange,
    rule::{Rule, Template},
};
use serde_json::{Value, json};

use super::load::Folders;
use crate::{
    failure::{Exit, Failure},
    lang::tr,
    ui::Ui,
};

/// Fields that are shown in other words, or that are only for the loader.
const ELSEWHERE: [&str; 5] = ["broken", "want", "trace", "version", "grade"];

/// Shows all rules of a pack, or one.
pub(crate) fn run(
    ui: &Ui,
    dir: &Path,
    only: Option<&str>,
    with: &[PathBuf],
) -> Result<Exit, Failure> {
    let lang = ui.lang;
    let folders = Folders::read(lang, &[dir.to_owned()])?;
    let mut paths = with.to_vec();
    paths.push(dir.to_owned());
    let catalogue = super::load::catalogue(lang, &paths)?;
    let rules: Vec<&Rule> = (catalogue.rules().iter())
        .filter(|r| folders.named(&r.pack) && only.is_none_or(|id| r.id.as_str() == id))
        .collect();
    if let (Some(id), true) = (only, rules.is_empty()) {
        return Err(Failure::usage(tr!(
            lang,
            "这个规则包里没有规则 {id}",
            "this pack has no rule `{id}`"
        )));
    }
    let fields = fields(&catalogue);
    let mut text = String::new();
    let packs = catalogue.packs().iter().filter(|p| folders.named(&p.id));
    for pack in packs.clone() {
        let _ = writeln!(
            text,
            "{} {}  {} / {}",
            pack.id, pack.version, pack.zh, pack.en
        );
    }
    for rule in &rules {
        let own = fields.get(&(rule.id.to_string(), rule.version));
        words(&mut text, &catalogue, rule, own.map_or(&[], Vec::as_slice));
    }
    let by = |key: fn(&Rule) -> &'static str| {
        let mut counts: BTreeMap<&'static str, usize> = BTreeMap::new();
        for rule in &rules {
            *counts.entry(key(rule)).or_default() += 1;
        }
        counts
    };
    let (templates, grades) = (by(|r| r.template.name()), by(|r| r.grade.name()));
    let listed = |counts: &BTreeMap<&str, usize>| {
        let words: Vec<String> = counts.iter().map(|(k, n)| format!("{k} {n}")).collect();
        words.join(", ")
    };
    let manual: Vec<&&Rule> = (rules.iter())
        .filter(|r| matches!(r.template, Template::Manual { .. }))
        .collect();
    if only.is_none() {
        let (n, a, b) = (rules.len(), listed(&templates), listed(&grades));
        let m = manual.len();
        text += &tr!(
            lang,
            "\n{n} 条规则：{a}\n级别：{b}\n靠事件无法核查的：{m}\n",
            "\n{n} rules: {a}\ngrades: {b}\nnot checkable from events: {m}\n"
        );
    }
    let data = json!({
        "packs": packs.map(|p| json!({"id": p.id, "version": p.version, "hash": p.hash_text()})).collect::<Vec<_>>(),
        "rules": rules.iter().map(|r| data(r, fields.get(&(r.id.to_string(), r.version)))).collect::<Vec<_>>(),
        "templates": templates,
        "grades": grades,
        "manual": manual.len(),
    });
    ui.result(&data, &text);
    Ok(Exit::Good)
}

type Fields = BTreeMap<(String, u32), Vec<FieldChange>>;

/// What a pack's notation says of each rule: all that differs from no rules at all.
fn fields(catalogue: &Catalogue) -> Fields {
    let changes = Catalogue::diff(&Catalogue::default(), catalogue);
    let added = changes.into_iter().filter_map(|change| match change.kind {
        ChangeKind::Added(fields) => Some(((change.id.to_string(), change.version), fields)),
        _ => None,
    });
    added.collect()
}

fn words(text: &mut String, catalogue: &Catalogue, rule: &Rule, fields: &[FieldChange]) {
    let _ = writeln!(
        text,
        "\n{} v{} [{}] {}",
        rule.id,
        rule.version,
        rule.grade.name(),
        rule.template.name()
    );
    let _ = writeln!(text, "  {}\n  {}", rule.broken.zh, rule.broken.en);
    if let Some(want) = &rule.want {
        let _ = writeln!(text, "  → {} / {}", want.zh, want.en);
    }
    for field in fields {
        if ELSEWHERE.contains(&field.field) || field.field == "template" {
            continue;
        }
        let _ = writeln!(text, "    {} = {}", field.field, field.new);
    }
    // The activities by what people call them: a pack's ids say little to whoever did not write it.
    for id in &rule.activation.any {
        if let Some(activity) = catalogue
            .activity(id.as_str())
            .filter(|a| a.zh != a.id.as_str())
        {
            let _ = writeln!(text, "    {id}: {} / {}", activity.zh, activity.en);
        }
    }
}

fn data(rule: &Rule, fields: Option<&Vec<FieldChange>>) -> Value {
    let fields = fields.map_or(&[][..], Vec::as_slice).iter();
    let fields: BTreeMap<&str, &str> = fields.map(|f| (f.field, f.new.as_str())).collect();
    json!({
        "id": rule.id.as_str(),
        "version": rule.version,
        "grade": rule.grade.name(),
        "template": rule.template.name(),
        "broken": {"zh": rule.broken.zh, "en": rule.broken.en},
        "fields": fields,
    })
}
