//! Rules for packs: everything that people read stands there in Chinese and in English.
//!
//! Is *not* the check of a pack's meaning (references, sources, confidence): that is the crate `law`'s, at load.

use std::collections::BTreeSet;

use super::{Fault, File};

pub(super) fn texts_in_both_languages(files: &[File], faults: &mut Vec<Fault>) {
    for file in files.iter().filter(|f| f.path.starts_with("packs/")) {
        if file.path.ends_with(".toml") {
            match file.text.parse::<toml::Table>() {
                Ok(table) => pairs(&toml::Value::Table(table), "", file, faults),
                Err(e) => faults.push(Fault::new(file, 0, "pack-text", e.message())),
            }
        }
    }
    // Pages and packs alike: the same keys in each Fluent file and its twin.
    for file in files.iter().filter(|f| f.path.ends_with(".ftl")) {
        let (here, there) = match file.path.contains("zh-CN") {
            true => ("zh-CN", "en"),
            false => ("en", "zh-CN"),
        };
        let (folder, name) = file.path.rsplit_once('/').unwrap_or(("", &file.path));
        let twin = match name == format!("{here}.ftl") {
            true => format!("{folder}/{there}.ftl"),
            false => file
                .path
                .replace(&format!("/{here}/"), &format!("/{there}/")),
        };
        let other = files.iter().find(|f| f.path == twin);
        let Some(other) = other else {
            faults.push(Fault::new(file, 0, "pack-text", format!("no {twin}")));
            continue;
        };
        let theirs: BTreeSet<&str> = keys(&other.text).collect();
        for key in keys(&file.text).filter(|k| !theirs.contains(k)) {
            let message = format!("`{key}` is not in {twin}");
            faults.push(Fault::new(file, 0, "pack-text", message));
        }
    }
}

fn pairs(value: &toml::Value, at: &str, file: &File, faults: &mut Vec<Fault>) {
    match value {
        toml::Value::Table(table) => {
            let id = table.get("id").and_then(toml::Value::as_str).unwrap_or("");
            for (here, there) in [("zh", "en"), ("en", "zh")] {
                let filled = |k| table.get(k).and_then(toml::Value::as_str);
                if filled(here).is_some() && filled(there).is_none_or(|t| t.trim().is_empty()) {
                    let message = format!("{at} {id}: `{here}` without `{there}`");
                    faults.push(Fault::new(file, 0, "pack-text", message));
                }
            }
            for (key, value) in table {
                pairs(value, key, file, faults);
            }
        }
        toml::Value::Array(values) => values.iter().for_each(|v| pairs(v, at, file, faults)),
        _ => {}
    }
}

/// Keys of a Fluent file: names at the beginning of a line, before `=`.
fn keys(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter_map(|line| {
        let (key, _) = line.split_once('=')?;
        let key = key.trim_end();
        let named = key.starts_with(|c: char| c.is_ascii_alphabetic() || c == '-')
            && key
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
        named.then_some(key)
    })
}
