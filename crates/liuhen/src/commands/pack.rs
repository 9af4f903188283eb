//! `liuhen pack`: what a pack says, whether it is whole, what another version of it would change, its
//! adoption, and a first draft of one.
//!
//! Packs are read from folders. Only `adopt` needs a node.

mod adopt;
mod diff;
mod draft;
pub(crate) mod load;
mod show;

use std::path::{Path, PathBuf};

use serde::Serialize;
use serde_json::json;

use crate::{
    args,
    failure::{Exit, Failure},
    lang::{counted, tr},
    ui::Ui,
};
use load::Folders;

/// Does what was asked.
pub(crate) fn run(ui: &Ui, node: &Path, command: args::Pack) -> Result<Exit, Failure> {
    match command {
        args::Pack::Check { dirs } => check(ui, &dirs),
        args::Pack::Show { dir, rule, with } => show::run(ui, &dir, rule.as_deref(), &with),
        args::Pack::Diff(a) => diff::run(ui, &a),
        args::Pack::Adopt { dir, yes } => adopt::run(ui, node, &dir, yes.as_deref()),
        args::Pack::Draft(a) => draft::run(ui, &a),
    }
}

#[derive(Serialize)]
struct FaultLine {
    file: String,
    line: usize,
    item: String,
    key: String,
    what: String,
}

/// All faults, then the examples of the rules: a pack that says one thing and shows another is not whole.
fn check(ui: &Ui, dirs: &[PathBuf]) -> Result<Exit, Failure> {
    let lang = ui.lang;
    let folders = Folders::read(lang, dirs)?;
    let catalogue = match folders.catalogue() {
        Ok(catalogue) => catalogue,
        Err(faults) => {
            let lines: Vec<FaultLine> = (faults.iter())
                .map(|f| FaultLine {
                    file: folders.path(f),
                    line: f.line,
                    item: f.item.clone(),
                    key: f.key.clone(),
                    what: f.what.to_string(),
                })
                .collect();
            let (n, m) = (counted(faults.len() as u64, "fault"), faults.len());
            let mut text = folders.lines(lang, &faults);
            text += &tr!(lang, "{m} 处错误\n", "{n}\n");
            ui.result(&json!({"good": false, "faults": lines}), &text);
            return Ok(Exit::NotGood);
        }
    };
    let wrong = load::examples(&catalogue);
    if !wrong.is_empty() {
        let lines: Vec<String> = (wrong.iter())
            .map(|m| office::mismatch_said(m, lang.of_packs()))
            .collect();
        let m = wrong.len();
        let mut text = lines.join("\n");
        text += &tr!(
            lang,
            "\n{m} 个示例的结果与所写不符\n",
            "\nexamples that come out otherwise than they say: {m}\n"
        );
        ui.result(
            &json!({"good": false, "faults": [], "examples": lines}),
            &text,
        );
        return Ok(Exit::NotGood);
    }
    let own = |pack: &str| folders.named(pack);
    let rules: Vec<_> = (catalogue.rules().iter())
        .filter(|r| own(&r.pack))
        .collect();
    let examples: usize = rules.iter().map(|r| r.traces.len()).sum();
    let activities = (catalogue.activities().iter())
        .filter(|a| own(&a.pack))
        .count();
    let packs: Vec<String> = (catalogue.packs().iter())
        .filter(|p| own(&p.id))
        .map(|p| format!("{} {} {}", p.id, p.version, p.hash_text()))
        .collect();
    let n = rules.len();
    let mut text = String::new();
    for pack in &packs {
        text += pack;
        text.push('\n');
    }
    text += &tr!(
        lang,
        "没有错误：{activities} 种活动，{n} 条规则，{examples} 个示例的结果都与所写相符\n",
        "no fault: {activities} activities, {n} rules, {examples} examples that come out as they say\n"
    );
    let data = json!({
        "good": true, "faults": [], "packs": packs, "activities": activities, "rules": n, "examples": examples,
    });
    ui.result(&data, &text);
    Ok(Exit::Good)
}
