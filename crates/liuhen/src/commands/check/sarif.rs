//! Findings as SARIF 2.1.0 (OASIS Standard, 27 March 2020), which code hosts and editors show.
//!
//! A rule is a `reportingDescriptor`, a finding a `result` with the object as its logical location and the finding's own id
//! as its fingerprint. No `helpUri`: the law of a rule has no address that we could vouch for; its article stands among the
//! properties.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use watch::Finding;

use super::report::{Report, cited_of, sentence};
use crate::lang::Lang;

/// Everything as one log with one run.
pub(crate) fn document(lang: Lang, report: &Report<'_>) -> Value {
    let summary = report.summary();
    let several = |id: &str| summary.rules.iter().filter(|r| r.rule == id).count() > 1;
    // Two versions of a rule are two rules of the tool: an id must be unique.
    let name = |id: &str, version: u32| match several(id) {
        true => format!("{id}/{version}"),
        false => id.to_owned(),
    };
    let mut index: BTreeMap<String, usize> = BTreeMap::new();
    let rules: Vec<Value> = (summary.rules.iter().enumerate())
        .map(|(at, rule)| {
            let id = name(&rule.rule, rule.version);
            index.insert(id.clone(), at);
            json!({
                "id": id,
                "shortDescription": {"text": sentence(lang, &rule.title)},
                "defaultConfiguration": {"level": level(rule.grade)},
                "properties": {
                    "pack": rule.pack,
                    "version": rule.version,
                    "template": rule.template,
                    "grade": rule.grade,
                    "source": rule.source,
                    "activations": rule.activations,
                    "kept": rule.kept + rule.kept_recorded_late,
                    "broken": rule.broken,
                    "notCheckable": rule.not_checkable,
                    "zh": rule.title.zh,
                    "en": rule.title.en,
                },
            })
        })
        .collect();
    let uri = uri(&summary.file);
    let results: Vec<Value> = (report.with_evidence(&report.found()).iter())
        .map(|finding| {
            let id = name(&finding.rule, finding.version);
            result(lang, report, finding, &id, index.get(&id).copied(), &uri)
        })
        .collect();
    let language = match lang {
        Lang::Zh => "zh-CN",
        Lang::En => "en",
    };
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {"name": "liuhen", "version": summary.liuhen, "rules": rules}},
            "language": language,
            "artifacts": [{"location": {"uri": uri}}],
            "results": results,
            "properties": {
                "now": summary.now,
                "zone": summary.zone,
                "packs": summary.packs,
                "events": summary.events,
                "activitiesOutside": summary.activities_outside,
                "rulesNotRun": summary.rules_not_run,
            },
        }],
    })
}

fn result(
    lang: Lang,
    report: &Report<'_>,
    finding: &Finding,
    id: &str,
    index: Option<usize>,
    uri: &str,
) -> Value {
    let mut physical = json!({"artifactLocation": {"uri": uri, "index": 0}});
    // Lines count from 1; a format without lines has no region.
    if let line @ 1.. = report.line(finding) {
        physical["region"] = json!({"startLine": line});
    }
    let (type_, object) = &finding.object;
    let mut result = json!({
        "ruleId": id,
        "level": level(finding.grade),
        "message": {"text": sentence(lang, &finding.sentence)},
        "locations": [{
            "physicalLocation": physical,
            "logicalLocations": [{
                "name": object,
                "fullyQualifiedName": format!("{type_}:{object}"),
                "kind": type_,
            }],
        }],
        "partialFingerprints": {"liuhenFinding/v1": finding.id},
        "properties": {
            "outcome": finding.outcome,
            "advisory": finding.advisory,
            "severity": finding.severity,
            "source": cited_of(finding),
            "sentence": finding.sentence,
            "activation": finding.activation,
            "witness": finding.witness,
            "due": finding.due,
            "reckoning": finding.reckoning,
        },
    });
    if let Some(index) = index {
        result["ruleIndex"] = json!(index);
    }
    result
}

fn level(grade: &str) -> &'static str {
    match grade {
        "red" => "error",
        "amber" => "warning",
        _ => "note",
    }
}

/// A path as a reference of RFC 3986.
fn uri(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                out.push(char::from(byte));
            }
            b'\\' => out.push('/'),
            other => out += &format!("%{other:02X}"),
        }
    }
    out
}
