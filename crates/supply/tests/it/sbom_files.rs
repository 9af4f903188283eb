//! Real bills and the samples of the CycloneDX project: what is counted in each, and what each is said to lack.

use std::{collections::BTreeSet, fmt::Write};

use supply::sbom::{Sbom, What, read};

use crate::support::archive;

fn line(name: &str, sbom: &Sbom) -> String {
    let q = sbom.quality();
    format!(
        "{name}: {} {} | {} components, {} subjects, {} relations, {} statements | without version {}, purl {}, identity {}, supplier {}, licence {}, hash {} | duplicates {}, dangling {}, circles {} ({}) | others {} | wrong {}",
        sbom.format(),
        sbom.version(),
        q.components,
        sbom.subjects().len(),
        sbom.relations().len(),
        sbom.statements().len(),
        q.no_version,
        q.no_purl,
        q.no_identity,
        q.no_supplier,
        q.no_licence,
        q.no_hash,
        q.duplicate_ids,
        q.dangling,
        q.cycles,
        q.in_cycles,
        q.others,
        q.wrong,
    )
}

#[test]
fn real_bills_are_read() {
    let mut table = String::new();
    for name in [
        "sbom/cyclonedx.tar.gz",
        "sbom/spdx.tar.gz",
        "sbom/spdx-examples.tar.gz",
    ] {
        for (name, bytes) in archive(name) {
            match read(&bytes) {
                Ok(sbom) => writeln!(table, "{}", line(&name, &sbom)).unwrap(),
                Err(fault) => writeln!(table, "{name}: REFUSED {fault}").unwrap(),
            }
        }
    }
    if !table.is_empty() {
        insta::assert_snapshot!(table);
    }
}

#[test]
fn valid_samples_are_read_without_complaint() {
    let mut complaints = String::new();
    let mut count = 0;
    for (name, bytes) in archive("conformance/cyclonedx-1.6.tar.gz") {
        if !name.starts_with("valid-") {
            continue;
        }
        count += 1;
        match read(&bytes) {
            Ok(sbom) => {
                for wrong in sbom.wrong() {
                    writeln!(complaints, "{name}: {wrong}").unwrap();
                }
            }
            Err(fault) => writeln!(complaints, "{name}: REFUSED {fault}").unwrap(),
        }
    }
    if count > 0 {
        writeln!(complaints, "{count} samples").unwrap();
        insta::assert_snapshot!(complaints);
    }
}

/// What is tolerated is what nobody reads here: pedigree, SWID tags, texts of licences, data of services; the ids of SPDX's list, which is not
/// kept; and licences beside an expression, which 1.7 allows.
#[test]
fn invalid_samples_are_refused_or_named() {
    let mut table = String::new();
    for (name, bytes) in archive("conformance/cyclonedx-1.6.tar.gz") {
        if !name.starts_with("invalid-") {
            continue;
        }
        match read(&bytes) {
            Ok(sbom) if sbom.wrong().is_empty() => writeln!(table, "{name}: tolerated").unwrap(),
            Ok(sbom) => {
                let labels: BTreeSet<String> =
                    sbom.wrong().iter().map(|w| label(&w.what)).collect();
                let labels: Vec<String> = labels.into_iter().collect();
                writeln!(
                    table,
                    "{name}: {} in {} places",
                    labels.join(", "),
                    sbom.wrong().len()
                )
                .unwrap();
            }
            Err(fault) => {
                let kind = format!("{fault:?}");
                let kind = kind.split([' ', '{']).next().unwrap_or("");
                writeln!(table, "{name}: refused, {kind}").unwrap();
            }
        }
    }
    if !table.is_empty() {
        insta::assert_snapshot!(table);
    }
}

/// What is wrong, without the words of the sample.
fn label(what: &What) -> String {
    match what {
        What::Missing { field } => format!("{field} missing"),
        What::Kind { field, .. } => format!("{field} of another kind"),
        What::Value { field, .. } => format!("{field} unknown"),
        What::Both { field, other } => format!("{field} beside {other}"),
        other => format!("{other:?}")
            .split(' ')
            .next()
            .unwrap_or("")
            .to_lowercase(),
    }
}

/// The same bill in two syntaxes is the same bill.
#[test]
fn json_and_xml_agree() {
    let files = archive("conformance/cyclonedx-1.6.tar.gz");
    for (name, bytes) in &files {
        let twin = name.replace(".json", ".xml");
        let Some(xml) = files
            .get(&twin)
            .filter(|_| name.starts_with("valid-") && *name != twin)
        else {
            continue;
        };
        let (a, b) = (read(bytes).unwrap(), read(xml).unwrap());
        let facts = |s: &Sbom| {
            let all = s.components().map(|c| {
                (
                    c.id().map(str::to_owned),
                    c.kind(),
                    c.scope(),
                    c.group().map(str::to_owned),
                    c.name().map(str::to_owned),
                    c.version().map(str::to_owned),
                    c.purl().map(str::to_owned),
                    c.supplier().map(str::to_owned),
                    c.cpes().map(str::to_owned).collect::<Vec<_>>(),
                    c.licences().map(str::to_owned).collect::<Vec<_>>(),
                    c.hashes()
                        .map(|(a, h)| (a, h.to_owned()))
                        .collect::<Vec<_>>(),
                )
            });
            let mut statements = s.statements().to_vec();
            for statement in &mut statements {
                statement.place = supply::sbom::Place::default();
            }
            let statements = statements.iter().map(|s| {
                format!(
                    "{:?}",
                    (
                        &s.vulnerability,
                        &s.state,
                        &s.responses,
                        &s.detail,
                        &s.affects,
                        &s.aliases
                    )
                )
            });
            (
                all.collect::<Vec<_>>(),
                s.relations().to_vec(),
                statements.collect::<Vec<_>>(),
                s.tools().to_vec(),
                s.authors().to_vec(),
            )
        };
        assert_eq!(facts(&a), facts(&b), "{name}");
    }
}
