//! `liuhen pack draft`: a first pack from an event log, for a person to edit.
//!
//! What was usual is proposed as a rule: advice only (blue, [D]), each with how often it mattered and how often it was kept.
//! A regularity of the past is not a norm, and the draft says so. What it writes loads: candidates that the loader would
//! refuse, because they contradict one another, are left out and counted.

mod mine;
mod survey;
mod write;

use std::collections::BTreeSet;

use law::{Catalogue, PackText};
use serde_json::json;

use crate::{
    args,
    commands::check::Setting,
    failure::{Exit, Failure, file_error},
    lang::{Lang, count, tr},
    ui::Ui,
};

use super::load;

/// Reads a log and writes a pack.
pub(crate) fn run(ui: &Ui, arguments: &args::PackDraft) -> Result<Exit, Failure> {
    let lang = ui.lang;
    let out = &arguments.out;
    let setting = Setting::new(lang, &arguments.reading)?;
    let name = out.file_name().unwrap_or_default().to_string_lossy();
    if name.is_empty() || out.exists() {
        let path = out.display();
        return Err(Failure::usage(tr!(
            lang,
            "{path}：要给一个还不存在的目录",
            "{path}: a folder is wanted that does not exist yet"
        )));
    }
    let survey = survey::read(ui, &arguments.file, &setting)?;
    let mut candidates = mine::candidates(&survey, &setting.calendar);
    let found = candidates.len();
    let file = arguments.file.display().to_string();
    let (files, left_out) = loop {
        let files = write::files(&name, &file, &survey, &candidates);
        let bad = bad(lang, &name, &files)?;
        if bad.is_empty() {
            break (files, found - candidates.len());
        }
        candidates.retain(|c| !bad.contains(&c.id));
    };
    std::fs::create_dir_all(out).map_err(|e| file_error(lang, out, &e))?;
    for (file, text) in &files {
        let path = out.join(file);
        std::fs::write(&path, text).map_err(|e| file_error(lang, &path, &e))?;
    }
    let (rules, activities) = (candidates.len(), survey.activities.len());
    let (events, path) = (count(survey.events.len() as u64), out.display());
    let types = survey.types.len();
    let mut text = tr!(
        lang,
        "{events} 个事件，{activities} 种活动，{types} 类对象：起草了 {rules} 条候选规则，见 {path}\n",
        "{events} events, {activities} activities, {types} object types: {rules} candidate rules drafted in {path}\n"
    );
    if left_out > 0 {
        text += &tr!(
            lang,
            "另有 {left_out} 条与它们矛盾，没有写入\n",
            "{left_out} more would contradict them and were left out\n"
        );
    }
    if survey.skipped > 0 {
        let n = count(survey.skipped);
        text += &tr!(
            lang,
            "{n} 个事件的活动名称规则包里写不了，没有计入\n",
            "{n} events have activities whose names no pack can hold; they were not counted\n"
        );
    }
    if survey.rejected > 0 {
        let n = count(survey.rejected);
        text += &tr!(
            lang,
            "{n} 行读不了，没有计入\n",
            "{n} lines could not be read and were not counted\n"
        );
    }
    text += &tr!(
        lang,
        "以往如此不等于应当如此：逐条核对后再用。先运行 liuhen pack check {path}\n",
        "What was usual is not thereby right: go through them one by one. Begin with liuhen pack check {path}\n"
    );
    let data = json!({
        "out": path.to_string(), "events": survey.events.len(), "activities": activities,
        "object_types": types, "rules": rules, "left_out": left_out,
        "rejected": survey.rejected, "skipped_activities": survey.skipped,
    });
    ui.result(&data, &text);
    Ok(Exit::Good)
}

/// Rules that the loader refuses or whose examples fail.
fn bad(lang: Lang, name: &str, files: &[(String, String)]) -> Result<BTreeSet<String>, Failure> {
    let own: Vec<(&str, &str)> = files
        .iter()
        .map(|(n, t)| (n.as_str(), t.as_str()))
        .collect();
    let texts = [
        PackText {
            folder: name,
            files: &own,
        },
        load::node(),
    ];
    match Catalogue::parse(&texts) {
        Ok(catalogue) => Ok(load::examples(&catalogue)
            .into_iter()
            .map(|m| m.rule)
            .collect()),
        Err(faults) => {
            let rule = |item: &String| item.starts_with(mine::PREFIX);
            // One at a time where rules contradict one another: the rest may then be whole.
            let items: BTreeSet<String> = faults
                .0
                .iter()
                .map(|f| f.item.clone())
                .filter(rule)
                .collect();
            if items.is_empty() {
                return Err(Failure::broken(faults.said(lang.of_packs())));
            }
            Ok(items)
        }
    }
}
