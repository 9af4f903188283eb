//! Classes: same whatever the order, recomputed where a record changes, never joined by what is only near.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use supply::advisory::{Class, Classes, Name, RecordKey};

fn name(text: &str) -> Name {
    Name::parse(text).unwrap()
}

fn key(id: &str) -> RecordKey {
    RecordKey {
        source: "test".into(),
        id: id.into(),
        part: None,
    }
}

fn put(classes: &mut Classes, id: &str, aliases: &[&str]) {
    classes.put_names(key(id), name(id), aliases.iter().map(|a| name(a)));
}

fn shown(classes: &Classes) -> Vec<String> {
    let names = |c: &Class| {
        c.names
            .iter()
            .map(|n| n.to_string())
            .collect::<Vec<_>>()
            .join(" ")
    };
    let records = |c: &Class| {
        c.records
            .iter()
            .map(|r| r.id.to_string())
            .collect::<Vec<_>>()
            .join(" ")
    };
    classes
        .iter()
        .map(|c| format!("{}: {} [{}]", c.id, names(c), records(c)))
        .collect()
}

#[test]
fn a_corrected_alias_splits_and_old_names_still_lead_somewhere() {
    let mut classes = Classes::default();
    put(&mut classes, "GHSA-aaaa-bbbb-cccc", &["CVE-2020-1111"]);
    put(&mut classes, "PYSEC-2020-1", &["GHSA-aaaa-bbbb-cccc"]);
    put(&mut classes, "GO-2020-0001", &["CVE-2020-1111"]);
    assert_eq!(
        shown(&classes),
        [
            "GHSA-aaaa-bbbb-cccc: CVE-2020-1111 GHSA-aaaa-bbbb-cccc GO-2020-0001 PYSEC-2020-1 \
          [GHSA-aaaa-bbbb-cccc GO-2020-0001 PYSEC-2020-1]"
        ]
    );
    // A typing error of one source is corrected.
    put(&mut classes, "GO-2020-0001", &["CVE-2020-2222"]);
    assert_eq!(
        shown(&classes),
        [
            "GHSA-aaaa-bbbb-cccc: CVE-2020-1111 GHSA-aaaa-bbbb-cccc PYSEC-2020-1 [GHSA-aaaa-bbbb-cccc PYSEC-2020-1]",
            "GO-2020-0001: CVE-2020-2222 GO-2020-0001 [GO-2020-0001]",
        ]
    );
    // The record of the CVE comes: the class takes its name, the old one leads there.
    put(&mut classes, "CVE-2020-1111", &[]);
    assert_eq!(
        classes.class(&name("GHSA-aaaa-bbbb-cccc")).unwrap().id,
        name("CVE-2020-1111")
    );
    assert_eq!(
        classes.class(&name("PYSEC-2020-1")).unwrap().records.len(),
        3
    );
}

#[test]
fn a_bulletin_joins_nothing_and_says_what_it_covers() {
    let mut classes = Classes::default();
    put(&mut classes, "CVE-2020-1111", &[]);
    put(&mut classes, "CVE-2020-2222", &[]);
    put(
        &mut classes,
        "GO-2020-0001",
        &["CVE-2020-1111", "CVE-2020-2222", "GHSA-aaaa-bbbb-cccc"],
    );
    assert_eq!(classes.len(), 3);
    let bulletin = classes.class(&name("GO-2020-0001")).unwrap();
    assert_eq!(bulletin.covers.len(), 3);
    assert!(bulletin.disagreement().is_none());
    // One CVE is struck off: no bulletin any more.
    put(&mut classes, "GO-2020-0001", &["CVE-2020-1111"]);
    assert_eq!(classes.len(), 2);
    assert!(
        classes
            .class(&name("GO-2020-0001"))
            .unwrap()
            .covers
            .is_empty()
    );
}

#[test]
fn sources_that_disagree_are_shown() {
    let mut classes = Classes::default();
    put(&mut classes, "GHSA-aaaa-bbbb-cccc", &["CVE-2020-1111"]);
    put(
        &mut classes,
        "PYSEC-2020-1",
        &["GHSA-aaaa-bbbb-cccc", "CVE-2020-2222"],
    );
    let class = classes.class(&name("PYSEC-2020-1")).unwrap();
    assert_eq!(
        class.disagreement().unwrap(),
        [&name("CVE-2020-1111"), &name("CVE-2020-2222")]
    );
}

#[test]
fn names_have_one_spelling_and_a_shape() {
    for (given, read) in [
        ("cve-2021-44228", Some("CVE-2021-44228")),
        (" GHSA-JFH8-C2JP-5V3Q ", Some("GHSA-jfh8-c2jp-5v3q")),
        ("CNVD-2021-95919", Some("CNVD-2021-95919")),
        ("CNVD-C-2020-121325", Some("CNVD-C-2020-121325")),
        ("CNNVD-202112-799", Some("CNNVD-202112-799")),
        ("RHSA-2024:3351", Some("RHSA-2024:3351")),
        ("CVE-2021-1", None),
        ("CVE-21-44228", None),
        ("CVE-2021-44228,", None),
        ("CVE", None),
        ("暂无", None),
        ("https://a-1.example", None),
        ("no-name", None),
        ("", None),
    ] {
        assert_eq!(
            Name::parse(given).as_ref().map(Name::as_str),
            read,
            "{given}"
        );
    }
}

/// Every pair of records that share a joinable name, closed over: written without a look at the other.
fn by_hand(records: &BTreeMap<String, Vec<Name>>) -> BTreeSet<BTreeSet<String>> {
    let joins = |id: &str| -> BTreeSet<Name> {
        let mut all: BTreeSet<Name> = records[id].iter().cloned().collect();
        all.insert(name(id));
        if all
            .iter()
            .filter(|n| n.as_str().starts_with("CVE-"))
            .count()
            > 1
        {
            all = BTreeSet::from([name(id)]);
        }
        all
    };
    let mut classes: Vec<(BTreeSet<String>, BTreeSet<Name>)> = Vec::new();
    for id in records.keys() {
        let mut members = BTreeSet::from([id.clone()]);
        let mut names = joins(id);
        let (meet, apart): (Vec<_>, Vec<_>) = classes
            .into_iter()
            .partition(|(_, n)| !n.is_disjoint(&names));
        for (m, n) in meet {
            members.extend(m);
            names.extend(n);
        }
        classes = apart;
        classes.push((members, names));
    }
    classes.into_iter().map(|(members, _)| members).collect()
}

fn ids() -> impl Strategy<Value = String> {
    (0_usize..4, 0_u32..6).prop_map(|(database, n)| match database {
        0 => format!("CVE-2020-100{n}"),
        1 => format!("GHSA-aaaa-bbbb-ccc{n}"),
        2 => format!("GO-2020-000{n}"),
        _ => format!("CNVD-2020-000{n}"),
    })
}

proptest! {
    #[test]
    fn order_and_history_show_nowhere(
        steps in prop::collection::vec((ids(), prop::collection::vec(ids(), 0..3), 0_u8..6), 1..40),
        shuffle in any::<u64>(),
    ) {
        // A history of new records, corrections and removals, step by step.
        let mut live = BTreeMap::new();
        let mut classes = Classes::default();
        let mut given_out: BTreeSet<Name> = BTreeSet::new();
        for (id, aliases, kind) in &steps {
            let change = if *kind == 0 {
                live.remove(id);
                classes.remove(&key(id))
            } else {
                let aliases: Vec<Name> = aliases.iter().map(|a| name(a)).collect();
                live.insert(id.clone(), aliases.clone());
                classes.put_names(key(id), name(id), aliases)
            };
            for id in &change.after {
                prop_assert_eq!(&classes.class(id).unwrap().id, id);
            }
            given_out.extend(change.after);
            // A class id whose record is still kept leads to the class of that record.
            for id in given_out.iter().filter(|id| live.contains_key(id.as_str())) {
                let class = classes.class(id).unwrap();
                prop_assert!(class.records.contains(&key(id.as_str())));
            }
        }
        // The same as taking in what is left, in any order.
        let mut rest: Vec<_> = live.iter().collect();
        rest.sort_by_key(|(id, _)| {
            let bytes = id.bytes().map(u64::from);
            bytes.fold(shuffle, |h, b| (h ^ b).wrapping_mul(0x0100_0000_01b3))
        });
        let mut again = Classes::default();
        for (id, aliases) in rest {
            again.put_names(key(id), name(id), aliases.iter().cloned());
        }
        prop_assert_eq!(&classes, &again);
        let members = |c: &Class| c.records.iter().map(|r| r.id.to_string()).collect::<BTreeSet<_>>();
        let found: BTreeSet<BTreeSet<String>> = classes.iter().map(members).collect();
        prop_assert_eq!(found, by_hand(&live));
    }
}
