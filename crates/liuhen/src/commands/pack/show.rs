//! `liuhen pack show`: the rules of a pack in words, in both languages; in JSON also in the notation of packs.

use std::{collections::BTreeMap, fmt::Write as _, path::Path, path::PathBuf};

use law::{
    Catalogue, ChangeKind, FieldChange,
    rule::{Rule, Template},
};
use serde_json::{Value, json};

use super::load::Folders;
use crate::{
    commands::check::cited,
    failure::{Exit, Failure},
    lang::{Lang, tr},
    ui::Ui,
};

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
        words(&mut text, lang, &catalogue, rule);
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
        "rules": rules.iter().map(|r| data(r, &catalogue, fields.get(&(r.id.to_string(), r.version)))).collect::<Vec<_>>(),
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

fn words(text: &mut String, lang: Lang, catalogue: &Catalogue, rule: &Rule) {
    let _ = writeln!(
        text,
        "\n{} v{} [{}] {}",
        rule.id,
        rule.version,
        rule.grade.name(),
        rule.template.name()
    );
    let source: Vec<String> = (rule.source.iter())
        .map(|s| cited(&s.code, &s.article, s.confidence))
        .collect();
    let source = source.join("; ");
    // The reader's own language first.
    let languages = match lang {
        Lang::Zh => [law::Lang::Zh, law::Lang::En],
        Lang::En => [law::Lang::En, law::Lang::Zh],
    };
    for language in languages {
        let _ = writeln!(text, "  {}", rule.broken.of(language));
        for line in rule.in_words(language, catalogue).lines() {
            let _ = writeln!(text, "    {line}");
        }
    }
    let _ = writeln!(text, "  {} · {} · {:?}", source, rule.owner, rule.severity);
}

fn data(rule: &Rule, catalogue: &Catalogue, fields: Option<&Vec<FieldChange>>) -> Value {
    let fields = fields.map_or(&[][..], Vec::as_slice).iter();
    let fields: BTreeMap<&str, &str> = fields.map(|f| (f.field, f.new.as_str())).collect();
    json!({
        "id": rule.id.as_str(),
        "version": rule.version,
        "grade": rule.grade.name(),
        "template": rule.template.name(),
        "broken": {"zh": rule.broken.zh, "en": rule.broken.en},
        "words": {
            "zh": rule.in_words(law::Lang::Zh, catalogue),
            "en": rule.in_words(law::Lang::En, catalogue),
        },
        "fields": fields,
    })
}
