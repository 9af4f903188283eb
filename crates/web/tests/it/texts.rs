//! The texts of the pages: the same keys in both languages, none missing, none left over, the same arguments.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

fn read(folder: &str, ends: &str) -> String {
    let mut all = String::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.to_string_lossy().ends_with(ends) {
                all.push_str(&fs::read_to_string(&path).expect("a text"));
                all.push('\n');
            }
        }
    }
    all
}

/// Keys of a language with the arguments that each uses.
fn keys(lang: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut keys: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut current = String::new();
    for line in read(&format!("texts/{lang}"), ".ftl").lines() {
        if let Some((key, _)) = line.split_once(" = ")
            && !line.starts_with([' ', '#'])
        {
            current = key.to_owned();
            assert!(!keys.contains_key(key), "{lang}: {key} stands twice");
            keys.insert(current.clone(), BTreeSet::new());
        }
        for piece in line.split("{ $").skip(1) {
            let name = piece.split([' ', '}']).next().expect("a name").to_owned();
            keys.get_mut(&current)
                .expect("a key before its text")
                .insert(name);
        }
    }
    keys
}

/// Everything in quotation marks that has the shape of a key.
fn quoted(source: &str) -> BTreeSet<&str> {
    source
        .split('"')
        .filter(|piece| {
            piece.contains('-')
                && piece
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-_".contains(&b))
        })
        .collect()
}

/// Keys that are put together: stem, middles, end.
fn composed(source: &str) -> BTreeSet<String> {
    let quoted = |marker: &str| -> Vec<String> {
        let (_, rest) = source
            .split_once(marker)
            .unwrap_or_else(|| panic!("no {marker}"));
        let (list, _) = rest.split_once("];").expect("the end of a list");
        list.split('"')
            .skip(1)
            .step_by(2)
            .map(str::to_owned)
            .collect()
    };
    let mut keys = BTreeSet::new();
    for line in source
        .lines()
        .filter(|l| l.contains("Self::") && l.contains("=> (StatusCode::"))
    {
        let stem = line.rsplit('"').nth(1).expect("a stem");
        keys.insert(format!("error-{stem}-title"));
        keys.insert(format!("error-{stem}-next"));
    }
    for code in quoted("pub(crate) const CODES: [&str; 25] = [") {
        keys.insert(format!("wrong-{code}"));
    }
    for check in quoted("const CHECKS: [&str; 5] = [") {
        keys.extend([
            format!("check-{check}"),
            format!("check-{check}-proves"),
            format!("check-said-{check}"),
        ]);
    }
    for word in ["open", "skipped"] {
        keys.insert(format!("check-said-{word}"));
    }
    for word in ["ok", "bad", "open", "skipped"] {
        keys.insert(format!("verify-state-{word}"));
    }
    for word in [
        "working",
        "broken",
        "result-good",
        "result-open",
        "result-bad",
    ] {
        keys.insert(format!("verify-{word}"));
    }
    keys
}

#[test]
fn both_languages_say_the_same_things() {
    let (chinese, english) = (keys("zh-CN"), keys("en"));
    let names =
        |keys: &BTreeMap<String, BTreeSet<String>>| keys.keys().cloned().collect::<BTreeSet<_>>();
    let only: Vec<_> = names(&chinese)
        .symmetric_difference(&names(&english))
        .cloned()
        .collect();
    assert_eq!(only, Vec::<String>::new(), "in one language only");
    for (key, arguments) in &chinese {
        assert_eq!(arguments, &english[key], "arguments of {key}");
    }
}

#[test]
fn no_text_is_missing_and_none_is_left_over() {
    let source = read("src", ".rs") + &read("templates", ".html");
    let (quoted, composed) = (quoted(&source), composed(&source));
    let keys: BTreeSet<String> = keys("zh-CN").into_keys().collect();
    // One-word keys (`add`, `search`) have no dash: they are looked for as arguments.
    let used = |key: &str| {
        quoted.contains(key)
            || composed.contains(key)
            || source.contains(&format!("t(\"{key}\")"))
            || source.contains(&format!("part(\"{key}\""))
    };
    let left: Vec<_> = keys.iter().filter(|key| !used(key)).collect();
    assert_eq!(left, Vec::<&String>::new(), "used nowhere");

    let mut missing = BTreeSet::new();
    for call in ["t(\"", "t1(\"", "t2(\"", "text(\"", "text_with(\""] {
        for piece in source.split(call).skip(1) {
            let key = piece.split('"').next().expect("a key");
            if !key.contains('{')
                && !keys.contains(key)
                && key
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b"-_".contains(&b) || b.is_ascii_digit())
            {
                missing.insert(key.to_owned());
            }
        }
    }
    // `format(\"` and the like are not ours.
    missing.retain(|key| key.contains('-'));
    missing.extend(composed.iter().filter(|key| !keys.contains(*key)).cloned());
    assert_eq!(missing, BTreeSet::new(), "asked for, but not there");
}

#[test]
fn english_texts_hold_no_chinese_and_none_is_empty() {
    for line in read("texts/en", ".ftl").lines() {
        // Names in examples are Chinese in both.
        let chinese = line.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
        assert!(!chinese || line.starts_with("record-who-hint"), "{line}");
    }
    for lang in ["zh-CN", "en"] {
        for line in read(&format!("texts/{lang}"), ".ftl").lines() {
            assert!(!line.trim_end().ends_with(" ="), "{lang}: {line}");
        }
    }
}
