//! Every file of the shared data reads or says why not; the counts are kept.

use std::collections::BTreeMap;
use std::fmt::Write;

use supply::advisory::{
    Bound, Classes, Exploitation, Exploitations, Format, Name, Severity, Status, read,
};

use super::support::{ARCHIVES, archive, shared};

#[derive(Default)]
struct Counts {
    files: usize,
    records: usize,
    withdrawn: usize,
    scored: usize,
    worded: usize,
    triage: usize,
    affected: usize,
    ranges: usize,
    bounds: usize,
    versions: usize,
    by_status: BTreeMap<Status, usize>,
    statements: usize,
    justified: usize,
    faults: usize,
    refused: BTreeMap<String, usize>,
}

fn count(file: &str) -> (Counts, String) {
    let mut c = Counts::default();
    let mut faults = String::new();
    for (name, bytes) in archive(file) {
        c.files += 1;
        let batch = match read(&bytes, None) {
            Ok(batch) => batch,
            Err(e) => {
                *c.refused.entry(e.to_string()).or_default() += 1;
                continue;
            }
        };
        c.faults += batch.faults.count();
        for fault in batch.faults.list() {
            writeln!(faults, "{name}: {fault}").unwrap();
        }
        for record in &batch.records {
            c.records += 1;
            c.withdrawn += usize::from(record.withdrawn.is_some());
            match record.severity() {
                Severity::Scored(_) => c.scored += 1,
                Severity::Worded(_) => c.worded += 1,
                Severity::NeedsTriage => c.triage += 1,
            }
            c.affected += record.affected.len();
            c.statements += record.statements.len();
            c.justified += record
                .statements
                .iter()
                .filter(|s| s.justification.is_some())
                .count();
            for affected in &record.affected {
                c.ranges += affected.ranges.len();
                c.bounds += affected
                    .ranges
                    .iter()
                    .map(|r| r.bounds.len())
                    .sum::<usize>();
                c.versions += affected.versions.len();
                let ranges = affected.ranges.iter().map(|r| r.status);
                let versions = affected.versions.iter().map(|v| v.status);
                for status in ranges.chain(versions).chain([affected.status]) {
                    *c.by_status.entry(status).or_default() += 1;
                }
            }
        }
    }
    (c, faults)
}

#[test]
fn every_file_reads_or_says_why_not() {
    let mut table = String::new();
    let mut all_faults = String::new();
    for file in ARCHIVES {
        let (c, faults) = count(file);
        if c.files == 0 {
            return;
        }
        writeln!(table, "{file}").unwrap();
        writeln!(
            table,
            "  files {}, records {}, withdrawn {}",
            c.files, c.records, c.withdrawn
        )
        .unwrap();
        writeln!(
            table,
            "  severity: scored {}, words {}, needs triage {}",
            c.scored, c.worded, c.triage
        )
        .unwrap();
        writeln!(
            table,
            "  affected {}, ranges {}, bounds {}, versions {}",
            c.affected, c.ranges, c.bounds, c.versions
        )
        .unwrap();
        let statuses: Vec<String> = c
            .by_status
            .iter()
            .map(|(s, n)| format!("{s} {n}"))
            .collect();
        writeln!(table, "  said: {}", statuses.join(", ")).unwrap();
        writeln!(
            table,
            "  statements {}, justified {}, faults {}",
            c.statements, c.justified, c.faults
        )
        .unwrap();
        for (reason, n) in &c.refused {
            writeln!(table, "  refused {n}: {reason}").unwrap();
        }
        all_faults.push_str(&faults);
    }
    insta::assert_snapshot!("counts", table);
    insta::assert_snapshot!("faults", all_faults);
}

/// An independent reading: as many bounds and versions as stand in the JSON.
#[test]
fn nothing_of_an_osv_record_is_lost() {
    for file in &ARCHIVES[..2] {
        for (name, bytes) in archive(file) {
            let tree: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
            let record = read(&bytes, Some(Format::Osv)).unwrap().records.remove(0);
            assert_eq!(tree["id"], *record.id, "{name}");
            let list = |v: &serde_json::Value| v.as_array().cloned().unwrap_or_default();
            assert_eq!(list(&tree["aliases"]).len(), record.aliases.len(), "{name}");
            assert_eq!(
                list(&tree["references"]).len(),
                record.references.len(),
                "{name}"
            );
            assert_eq!(
                tree["withdrawn"].is_string(),
                record.withdrawn.is_some(),
                "{name}"
            );
            for (given, read) in list(&tree["affected"]).iter().zip(&record.affected) {
                let events = list(&given["ranges"])
                    .into_iter()
                    .flat_map(|r| list(&r["events"]));
                let given: Vec<String> = events
                    .map(|e| {
                        e.as_object()
                            .unwrap()
                            .iter()
                            .map(|(k, v)| format!("{k} {}", v.as_str().unwrap()))
                            .collect()
                    })
                    .collect();
                let bounds = read.ranges.iter().flat_map(|r| &r.bounds);
                let read: Vec<String> = bounds
                    .map(|b| match b {
                        Bound::From(v) => format!("introduced {v}"),
                        Bound::Before(v) => format!("fixed {v}"),
                        Bound::UpTo(v) => format!("last_affected {v}"),
                        Bound::Limit(v) => format!("limit {v}"),
                        other => panic!("{name}: {other:?}"),
                    })
                    .collect();
                assert_eq!(given, read, "{name}");
            }
        }
    }
}

#[test]
fn the_catalogue_says_the_same_in_both_formats() {
    let (Some(json), Some(csv)) = (
        shared("kev/known_exploited_vulnerabilities.json.gz"),
        shared("kev/known_exploited_vulnerabilities.csv"),
    ) else {
        return;
    };
    let json = read(&json, None).unwrap();
    let csv = read(&csv, None).unwrap();
    assert_eq!((json.format, csv.format), (Format::KevJson, Format::KevCsv));
    assert!(json.faults.is_empty() && csv.faults.is_empty());
    assert_eq!(json.facts.len(), 1404);
    assert_eq!(json.facts, csv.facts);
    let mut by_vendor: BTreeMap<&str, usize> = BTreeMap::new();
    let mut all = Exploitations::default();
    for fact in &json.facts {
        if let Exploitation::Known {
            vendor: Some(vendor),
            ..
        } = &fact.what
        {
            *by_vendor.entry(vendor).or_default() += 1;
        }
        all.add(fact.clone());
    }
    // Counted by others on the same file.
    assert_eq!(
        [
            by_vendor["Microsoft"],
            by_vendor["Apple"],
            by_vendor["Cisco"],
            by_vendor["Adobe"]
        ],
        [340, 84, 78, 74]
    );
    assert_eq!(all.len(), 1404);
    assert!(all.known(&Name::parse("CVE-2021-44228").unwrap()).is_some());
}

#[test]
fn classes_of_all_records() {
    let mut classes = Classes::default();
    let mut records = 0;
    for file in ARCHIVES {
        for (_, bytes) in archive(file) {
            for record in read(&bytes, None).map(|b| b.records).unwrap_or_default() {
                records += 1;
                classes.put(&record);
            }
        }
    }
    if records == 0 {
        return;
    }
    let bulletins = classes.iter().filter(|c| !c.covers.is_empty()).count();
    let several = classes.iter().filter(|c| c.records.len() > 1).count();
    let disagreements: Vec<String> = classes
        .iter()
        .filter_map(|c| {
            Some(format!(
                "{}: {:?}",
                c.id,
                c.disagreement()?
                    .iter()
                    .map(|n| n.as_str())
                    .collect::<Vec<_>>()
            ))
        })
        .collect();
    let largest = classes.iter().max_by_key(|c| c.records.len()).unwrap();
    insta::assert_snapshot!(
        "classes",
        format!(
            "records {records}, classes {}, of several records {several}, bulletins {bulletins}\nlargest {} with {}\ndisagreements\n{}",
            classes.len(),
            largest.id,
            largest.records.len(),
            disagreements.join("\n")
        )
    );
}
