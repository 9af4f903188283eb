//! PM4Py opens what we write, and finds as much in it. Needs a Python with pm4py (`LIUHEN_PYTHON`, or `target/pm4py`).

use std::{
    collections::{BTreeMap, BTreeSet},
    env,
    path::{Path, PathBuf},
    process::Command,
};

use interchange::{CASE, Collected, Format, Options, Source, WriteOptions};
use model::{Attr, Value};

use crate::{
    round_trip::convert,
    support::{china, files, read_bytes},
};

fn python() -> Option<PathBuf> {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/pm4py/bin/python");
    let named = env::var_os("LIUHEN_PYTHON").map(PathBuf::from);
    let found = named
        .into_iter()
        .chain([own, "python3".into()])
        .find(|python| {
            let test = Command::new(python).args(["-c", "import pm4py"]).output();
            test.is_ok_and(|out| out.status.success())
        });
    if found.is_none() {
        eprintln!("skipped: no Python with pm4py");
    }
    found
}

/// Attributes as PM4Py counts them: the last of one key, nested ones not at all.
fn keys(attrs: &[Attr]) -> usize {
    attrs
        .iter()
        .map(|a| a.key.as_str())
        .collect::<BTreeSet<_>>()
        .len()
}

/// What PM4Py should find in a file from which `of` is read.
fn expected(of: &Collected, kind: &str) -> BTreeMap<String, usize> {
    let mut all = BTreeMap::new();
    let mut put = |key: &str, n: usize| {
        all.insert(key.to_owned(), n);
    };
    put("events", of.events.len());
    let links: usize = of.events.iter().map(|e| e.objects.len()).sum();
    match kind {
        "xes" => {
            put("objects", of.objects.len());
            // Activity, time and id are attributes there.
            let ids = of.events.iter().filter(|e| e.id.is_some()).count();
            put(
                "event attributes",
                of.events.iter().map(|e| keys(&e.attrs) + 2).sum::<usize>() + ids,
            );
            put(
                "object attributes",
                of.objects.iter().map(|o| keys(&o.attrs) + 1).sum(),
            );
        }
        "csv-flat" | "xes-table" => put(
            "objects",
            of.objects
                .iter()
                .map(|o| &o.id)
                .collect::<BTreeSet<_>>()
                .len(),
        ),
        "csv-ocel" => put("links", links),
        _ => {
            let now = |attrs: &[Attr]| {
                keys(
                    &attrs
                        .iter()
                        .filter(|a| a.at.is_none())
                        .cloned()
                        .collect::<Vec<_>>(),
                )
            };
            put("objects", of.objects.len());
            put(
                "event attributes",
                of.events.iter().map(|e| keys(&e.attrs)).sum(),
            );
            put(
                "object attributes",
                of.objects.iter().map(|o| now(&o.attrs)).sum(),
            );
            put(
                "changes",
                of.objects
                    .iter()
                    .flat_map(|o| &o.attrs)
                    .filter(|a| a.at.is_some())
                    .count(),
            );
            put("links", links);
            put(
                "relations",
                of.objects.iter().map(|o| o.relations.len()).sum(),
            );
        }
    }
    all
}

#[test]
fn opens_every_export() {
    let (Some(python), files) = (python(), files()) else {
        return;
    };
    if files.is_empty() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let mut exports = Vec::new();
    for source in files {
        let name = source.file_name().unwrap().to_string_lossy().into_owned();
        let mut found = Collected::default();
        let format = interchange::read(Source::Path(&source), &china(), &mut found)
            .unwrap()
            .format
            .unwrap();
        let cases_only = found.objects.iter().all(|o| o.object_type == CASE);
        for to in [
            Format::Xes,
            Format::OcelJson,
            Format::OcelXml,
            Format::OcelSqlite,
            Format::Csv,
        ] {
            // PM4Py takes minutes for a large log: such a one in its own format only, and as a table.
            let large = found.events.len() > 5_000;
            if large && to != format {
                continue;
            }
            let flatten =
                (to == Format::Xes && !cases_only).then(|| found.objects[0].object_type.clone());
            let bytes = convert(
                Source::Path(&source),
                &china(),
                to,
                &WriteOptions {
                    flatten,
                    gzip: false,
                },
            );
            let kind = match to {
                Format::Csv if cases_only => "csv-flat",
                Format::Csv => "csv-ocel",
                Format::Xes if large => "xes-table",
                other => other.name(),
            };
            let end = match to {
                Format::Xes => "xes",
                Format::OcelJson => "json",
                Format::OcelXml => "xml",
                Format::OcelSqlite => "sqlite",
                _ => "csv",
            };
            let path = folder.path().join(format!("{}.{end}", exports.len()));
            std::fs::write(&path, &bytes).unwrap();
            exports.push((
                format!("{name} as {kind}"),
                kind,
                path,
                expected(&read_bytes(&bytes, &Options::default()), kind),
            ));
        }
    }
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/open_exports.py");
    let mut command = Command::new(python);
    command.arg(script);
    exports.iter().for_each(|(_, kind, path, _)| {
        command.arg(kind).arg(path);
    });
    let out = command.output().unwrap();
    let text = String::from_utf8_lossy(&out.stdout);
    let found: Vec<&str> = text
        .lines()
        .filter_map(|l| l.strip_prefix("FOUND "))
        .collect();
    assert_eq!(
        found.len(),
        exports.len(),
        "{}",
        String::from_utf8_lossy(&out.stderr)
    );
    let mut wrong = Vec::new();
    for ((name, _, _, expected), found) in exports.iter().zip(found) {
        let found: serde_json::Value = serde_json::from_str(found).unwrap();
        if found != serde_json::to_value(expected).unwrap() {
            wrong.push(format!("{name}: PM4Py finds {found}, we {expected:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// So that the counts above mean what they say.
#[test]
fn keys_are_counted_once() {
    assert_eq!(
        keys(&[
            Attr::text("a", "1"),
            Attr::text("a", "2"),
            Attr::new("b", Value::Null)
        ]),
        2
    );
}
