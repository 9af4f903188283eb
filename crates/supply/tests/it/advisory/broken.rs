//! Bad input: a typed fault with its place, what is good kept, never a panic.

use proptest::prelude::*;
use supply::advisory::{Classes, Format, read};

use super::support::{batch, faults};

#[test]
fn a_part_of_another_shape_costs_itself() {
    let text = r#"{"id":"GO-2024-0001","modified":"yesterday","withdrawn":"2020-01-01T00:00:00Z","published":"2024-01-01T00:00:00Z",
      "aliases":["CVE-2024-1234",7,"see below"],
      "affected":[
        {"package":{"ecosystem":"Go","name":"good"},"ranges":[{"type":"SEMVER","events":[{"introduced":"0"},{"fixed":"1.0.0"}]}]},
        {"package":{"ecosystem":"Go"},"ranges":[]},
        {"package":{"ecosystem":"Go","name":"half"},"ranges":[{"type":"SEMVER","events":[{"introduced":"0"},{"fixed":5},{"last_affected":"1"},{"fixed":"2"}]},{"type":"MOON","events":[]}],"versions":"all"},
        "text"],
      "severity":{"type":"CVSS_V3"},
      "references":[{"url":"https://example.org"}]}"#;
    let batch = batch(text, Format::Osv);
    let record = &batch.records[0];
    assert_eq!(record.aliases.len(), 2);
    assert_eq!(record.alias_names().len(), 1);
    assert_eq!(record.references.len(), 1);
    insta::assert_snapshot!(faults(&batch));
    insta::assert_debug_snapshot!(record.affected);
}

#[test]
fn what_cannot_be_kept_says_where_and_why() {
    let mut table = String::new();
    for (text, format) in [
        ("", None),
        ("{", None),
        ("{\"id\": \"A-1\",\n \"modified\": }", None),
        ("[1]", Some(Format::Osv)),
        ("{\"modified\":\"2024-01-01T00:00:00Z\"}", Some(Format::Osv)),
        ("{\"id\":\" \"}", Some(Format::Osv)),
        ("{\"id\":3,\"aliases\":[]}", Some(Format::Osv)),
        ("<html><body>404</body></html>", None),
        ("id: A-1\nx: &a [1]\ny: *a\n", None),
        ("id: A-1\n---\nid: A-2\n", None),
        ("id: [A-1\n", Some(Format::OsvYaml)),
        (
            "{\"document\":{\"csaf_version\":\"1.2\",\"publisher\":{},\"tracking\":{\"id\":\"a\"}}}",
            None,
        ),
        (
            "{\"document\":{\"csaf_version\":\"2.0\",\"publisher\":{}}}",
            None,
        ),
        (
            "{\"dataVersion\":\"4.0\",\"dataType\":\"CVE\",\"cveMetadata\":{\"cveId\":\"CVE-2024-1000\"}}",
            None,
        ),
        ("{\"cveMetadata\":{\"cveId\":\"CVE-MAP\"}}", None),
        (
            "{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"1.4\"}",
            None,
        ),
        (
            "cveID,dateAdded\nCVE-2024-1000,2024-01-01\n",
            Some(Format::Epss),
        ),
        (
            "cveID,added\nCVE-2024-1000,2024-01-01\n",
            Some(Format::KevCsv),
        ),
        ("<vulnerabilitys></vulnerabilitys>", None),
        ("{\"hello\":1,\"there\":2}", None),
    ] {
        let error = read(text.as_bytes(), format).unwrap_err();
        table.push_str(&format!("{}\n    {error}\n", text.replace('\n', "⏎")));
    }
    insta::assert_snapshot!(table);
}

#[test]
fn products_made_of_themselves_end() {
    let text = r#"{"document":{"csaf_version":"2.0","publisher":{},"tracking":{"id":"V-1"}},
     "product_tree":{"full_product_names":[{"name":"A","product_id":"A"},{"name":"A again","product_id":"A"}],
       "relationships":[
        {"category":"installed_on","full_product_name":{"name":"x","product_id":"X"},"product_reference":"Y","relates_to_product_reference":"A"},
        {"category":"installed_on","full_product_name":{"name":"y","product_id":"Y"},"product_reference":"X","relates_to_product_reference":"A"},
        {"category":"installed_on","full_product_name":{"name":"z","product_id":"Z"},"product_reference":"A","relates_to_product_reference":"GONE"},
        {"category":"installed_on","full_product_name":{"name":"w","product_id":"W"},"product_reference":"V","relates_to_product_reference":"A"},
        {"category":"installed_on","full_product_name":{"name":"v","product_id":"V"},"product_reference":"A","relates_to_product_reference":"A"}]},
     "vulnerabilities":[{"cve":"CVE-2024-1000","product_status":{"known_affected":["W","X"]}}]}"#;
    let batch = batch(text, Format::Csaf);
    assert_eq!(
        batch.records[0].affected.len(),
        1,
        "W stands before its part and is found"
    );
    insta::assert_snapshot!(faults(&batch));
}

#[test]
fn short_references_to_much_do_not_fill_the_memory() {
    let ids = vec!["\"A\""; 1_100_000].join(",");
    let text = format!(
        r#"{{"document":{{"csaf_version":"2.0","publisher":{{}},"tracking":{{"id":"V-1"}}}},"product_tree":{{"full_product_names":[{{"name":"A","product_id":"A"}}]}},"vulnerabilities":[{{"product_status":{{"known_affected":[{ids}]}}}}]}}"#
    );
    let error = read(text.as_bytes(), None).unwrap_err();
    assert_eq!(
        error.to_string(),
        "vulnerabilities: more than one document may say"
    );
    let deep = format!("{}{}", "{\"id\":".repeat(100_000), "1");
    assert!(read(deep.as_bytes(), Some(Format::Osv)).is_err());
    let deep = "- ".repeat(100_000);
    assert!(read(deep.as_bytes(), Some(Format::OsvYaml)).is_err());
}

#[test]
fn many_faults_are_counted_and_not_all_kept() {
    let rows: String = (0..3000).map(|i| format!("CVE-x-{i},0.1,0.2\n")).collect();
    let text =
        format!("#score_date:2025-06-01\ncve,epss,percentile\n{rows}CVE-2024-1000,0.5,0.5\n");
    let batch = batch(&text, Format::Epss);
    assert_eq!(
        (
            batch.faults.list().len(),
            batch.faults.count(),
            batch.facts.len()
        ),
        (1000, 3000, 1)
    );
}

const SEEDS: [&str; 6] = [
    r#"{"id":"GO-2024-0001","modified":"2024-01-01T00:00:00Z","aliases":["CVE-2024-1234"],"severity":[{"type":"CVSS_V4","score":"CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N"}],"affected":[{"package":{"ecosystem":"Debian:12","name":"n"},"ranges":[{"type":"SEMVER","events":[{"introduced":"0"},{"fixed":"1"}]}]}]}"#,
    "id: A-1\nmodified: \"2024\"\naffected:\n- package:\n    name: a\n    ecosystem: PyPI\n  versions:\n  - '1'\n",
    r#"{"document":{"csaf_version":"2.0","publisher":{},"tracking":{"id":"V-1"}},"product_tree":{"branches":[{"category":"product_version_range","name":"vers:npm/>1|!=2","product":{"name":"A","product_id":"A"}}],"relationships":[{"full_product_name":{"name":"x","product_id":"X"},"product_reference":"A","relates_to_product_reference":"A"}]},"vulnerabilities":[{"cve":"CVE-2024-1000","flags":[{"label":"l","product_ids":["X"]}],"product_status":{"known_affected":["A","X"],"fixed":["A"]},"scores":[{"cvss_v2":{"vectorString":"AV:N/AC:L/Au:N/C:P/I:P/A:P","baseScore":7}}]}]}"#,
    r#"{"dataType":"CVE_RECORD","cveMetadata":{"cveId":"CVE-2024-1000"},"containers":{"cna":{"affected":[{"product":"p","versions":[{"version":"1","status":"affected","lessThan":"2","changes":[{"at":"1.5","status":"unaffected"}]}]}]}}}"#,
    "#score_date:2025-06-01\ncve,epss,percentile\nCVE-2024-1000,0.5,0.5\n",
    "<entry><name>a&#x41;</name><vuln-id>CNNVD-202401-001</vuln-id><refs><ref-url>http://a</ref-url></refs></entry>",
];

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        for format in Format::ALL {
            let _ = read(&bytes, Some(format));
        }
        let _ = read(&bytes, None);
    }

    #[test]
    fn a_broken_document_is_read_or_refused(
        seed in 0..SEEDS.len(),
        edits in prop::collection::vec((any::<prop::sample::Index>(), prop::sample::select(&b"\"{}[]:,0a<>/&-|\n\xff\xe4#"[..]), 0_u8..3), 0..6),
    ) {
        let mut bytes = SEEDS[seed].as_bytes().to_vec();
        for (at, byte, kind) in edits {
            if bytes.is_empty() {
                break;
            }
            let at = at.index(bytes.len());
            match kind {
                0 => bytes[at] = byte,
                1 => bytes.insert(at, byte),
                _ => { bytes.remove(at); }
            }
        }
        let mut classes = Classes::default();
        for format in Format::ALL.into_iter().map(Some).chain([None]) {
            if let Ok(batch) = read(&bytes, format) {
                for record in &batch.records {
                    classes.put(record);
                    prop_assert!(classes.class(&record.own_name()).is_some());
                    for statement in &record.statements {
                        prop_assert!(statement.affected.iter().all(|i| (*i as usize) < record.affected.len()));
                    }
                }
            }
        }
    }
}
