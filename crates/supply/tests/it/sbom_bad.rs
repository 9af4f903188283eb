//! Bills that are broken, hostile or huge: a clear word with the place, what is good is kept, memory is bounded.

use proptest::prelude::*;
use supply::sbom::{Fault, Limits, Owner, RelationKind, State, read, read_with};

const HEAD: &str = r#"{"bomFormat":"CycloneDX","specVersion":"1.6","version":1"#;

fn cdx(rest: &str) -> String {
    format!("{HEAD},\n{rest}}}")
}

/// One line for each thing that is wrong, in both languages.
fn complaints(text: &str) -> String {
    match read(text.as_bytes()) {
        Ok(sbom) => {
            let lines = sbom.wrong().iter().map(|w| format!("{w}\n{}", w.zh()));
            lines.collect::<Vec<_>>().join("\n")
        }
        Err(fault) => format!("REFUSED {fault}\n{}", fault.zh()),
    }
}

#[test]
fn what_is_wrong_is_named_with_its_place() {
    let cases = [
        ("a number as version", cdx(r#""components":[{"type":"library","name":"a","version":7}]"#)),
        ("no object", cdx(r#""components":["x",{"type":"library","name":"good"}]"#)),
        ("unknown type", cdx("\"components\":[\n{\"type\":\"gadget\",\"name\":\"a\"}]")),
        ("two of one reference", cdx(r#""components":[{"type":"library","name":"a","bom-ref":"r"},{"type":"library","name":"b","bom-ref":"r"}]"#)),
        ("circle", cdx(r#""components":[{"type":"library","name":"a","bom-ref":"a"},{"type":"library","name":"b","bom-ref":"b"}],"dependencies":[{"ref":"a","dependsOn":["b"]},{"ref":"b","dependsOn":["a","gone"]}]"#)),
        ("long text", cdx(&format!(r#""components":[{{"type":"library","name":"{}"}}]"#, "x".repeat(70_000)))),
        ("cut off", cdx(r#""components":[{"type":"library","name":"a"}]"#).trim_end_matches('}').to_owned()),
        ("bad escape", cdx(r#""components":[{"type":"library","name":"\q"}]"#)),
        ("two documents", format!("{}{}", cdx(r#""components":[]"#), "{}")),
        ("other JSON", r#"{"document":{"category":"csaf_vex"}}"#.to_owned()),
        ("other text", "hello".to_owned()),
        ("nothing", " \n".to_owned()),
        ("CycloneDX 2", r#"{"bomFormat":"CycloneDX","specVersion":"2.0"}"#.to_owned()),
        ("CycloneDX 1.9", r#"{"bomFormat":"CycloneDX","specVersion":"1.9"}"#.to_owned()),
        ("SPDX 4", r#"{"spdxVersion":"SPDX-4.0"}"#.to_owned()),
        ("RDF", r#"<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/>"#.to_owned()),
        ("XML bomb", "<?xml version=\"1.0\"?>\n<!DOCTYPE bom [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;\">]>\n<bom xmlns=\"http://cyclonedx.org/schema/bom/1.4\"><components><component type=\"library\"><name>&b;</name></component></components></bom>".to_owned()),
        ("XML entity", "<bom xmlns=\"http://cyclonedx.org/schema/bom/1.4\"><components><component type=\"library\">\n<name>&passwd;</name></component></components></bom>".to_owned()),
        ("XML entity in an attribute", "<bom xmlns=\"http://cyclonedx.org/schema/bom/1.4\"><components>\n<component type=\"&lol;\"/></components></bom>".to_owned()),
        ("XML cut off", "<bom xmlns=\"http://cyclonedx.org/schema/bom/1.4\"><components><component type=\"library\">\n<name>a</name>".to_owned()),
        ("XML crossed", "<bom xmlns=\"http://cyclonedx.org/schema/bom/1.4\"><components>\n</bom></components>".to_owned()),
        ("tag-value", "SPDXVersion: SPDX-2.3\nPackageName: a\nnonsense\nPackageChecksum: SHA1: zz\nRelationship: SPDXRef-a\n".to_owned()),
        ("tag-value cut off", "SPDXVersion: SPDX-2.3\nPackageName: a\nPackageComment: <text>one\ntwo\n".to_owned()),
    ];
    let mut out = String::new();
    for (name, text) in cases {
        out.push_str(&format!("== {name}\n{}\n", complaints(&text)));
    }
    insta::assert_snapshot!(out);
}

#[test]
fn bytes_that_are_no_utf8_are_named_by_line() {
    let fault = read(b"{\n\"a\": \"\xff\"}").unwrap_err();
    assert_eq!(
        fault,
        Fault::Encoding {
            line: 2,
            utf16: false
        }
    );
    let fault = read(b"\xff\xfe{\0").unwrap_err();
    assert_eq!(
        fault,
        Fault::Encoding {
            line: 1,
            utf16: true
        }
    );
    assert!(read(format!("\u{feff}{}", cdx(r#""components":[]"#)).as_bytes()).is_ok());
}

/// A bad component costs only itself.
#[test]
fn what_is_good_is_kept() {
    let text = cdx(
        r#""components":[{"type":"library","name":"first"},null,5,{"name":["x"],"hashes":"none","licenses":{}},{"type":"library","name":"last","version":"2"}],"dependencies":{"ref":"x"}"#,
    );
    let sbom = read(text.as_bytes()).unwrap();
    let names: Vec<_> = sbom.components().map(|c| c.name()).collect();
    assert_eq!(names, [Some("first"), None, Some("last")]);
    let places: Vec<_> = sbom
        .wrong()
        .iter()
        .map(|w| w.place.pointer.as_str())
        .collect();
    assert!(places.contains(&"/components/3/name"), "{places:?}");
    assert!(places.contains(&"/dependencies"), "{places:?}");
}

#[test]
fn components_nest_to_a_bound() {
    let nest = |levels: usize| {
        let open = r#"{"type":"library","name":"n","components":["#;
        cdx(&format!(
            r#""components":[{}{}],"services":[]"#,
            open.repeat(levels),
            "]}".repeat(levels)
        ))
    };
    let sbom = read(nest(40).as_bytes()).unwrap();
    assert_eq!((sbom.quality().components, sbom.quality().wrong), (40, 0));
    let contains = sbom
        .relations()
        .iter()
        .filter(|r| r.kind == RelationKind::Contains);
    assert_eq!(contains.count(), 39);
    let sbom = read(nest(200).as_bytes()).unwrap();
    assert_eq!((sbom.quality().components, sbom.quality().wrong), (49, 1));
    assert!(matches!(
        read(nest(100_000).as_bytes()),
        Err(Fault::TooDeep { line: 2, .. })
    ));
    let arrays = cdx(&format!(r#""x":{}"#, "[".repeat(1_000_000)));
    assert!(matches!(
        read(arrays.as_bytes()),
        Err(Fault::TooDeep { .. })
    ));

    let nest = |levels: usize| {
        let open = r#"<component type="library"><name>n</name><components>"#;
        format!(
            "<bom xmlns=\"http://cyclonedx.org/schema/bom/1.4\"><components>{}{}</components></bom>",
            open.repeat(levels),
            "</components></component>".repeat(levels)
        )
    };
    let sbom = read(nest(200).as_bytes()).unwrap();
    assert_eq!((sbom.quality().components, sbom.quality().wrong), (49, 1));
    assert!(matches!(
        read(nest(100_000).as_bytes()),
        Err(Fault::TooDeep { .. })
    ));
}

#[test]
fn limits_are_kept_to() {
    let text = cdx(r#""components":[{"type":"library","name":"a"},{"type":"library","name":"b"}]"#);
    let with = |limits: Limits| read_with(text.as_bytes(), &limits).unwrap_err();
    let few = Limits {
        components: 1,
        ..Limits::default()
    };
    assert_eq!(with(few), Fault::TooMany { limit: 1, line: 2 });
    let short = Limits {
        bytes: 20,
        ..Limits::default()
    };
    assert!(matches!(with(short), Fault::TooLong { limit: 20, .. }));
}

/// However much is wrong, what is said of it stays short; all of it is counted.
#[test]
fn complaints_are_bounded() {
    let text = cdx(&format!(r#""components":[{}1]"#, "1,".repeat(20_000)));
    let sbom = read(text.as_bytes()).unwrap();
    assert_eq!((sbom.wrong().len(), sbom.quality().wrong), (1_000, 20_001));
    assert_eq!(sbom.wrong()[999].place.pointer, "/components/999");
}

/// A ring of a hundred thousand, and a ladder in which every path would be walked twice.
#[test]
fn circles_of_any_size_end() {
    let n = 100_000;
    let mut components = String::new();
    let mut dependencies = String::new();
    for i in 0..n {
        let comma = if i == 0 { "" } else { "," };
        components +=
            &format!("{comma}{{\"type\":\"library\",\"name\":\"c{i}\",\"bom-ref\":\"{i}\"}}");
        dependencies += &format!(
            "{comma}{{\"ref\":\"{i}\",\"dependsOn\":[\"{}\",\"{}\"]}}",
            (i + 1) % n,
            (i + 2) % n
        );
    }
    let text = cdx(&format!(
        r#""components":[{components}],"dependencies":[{dependencies}]"#
    ));
    let sbom = read(text.as_bytes()).unwrap();
    let q = sbom.quality();
    assert_eq!((q.cycles, q.in_cycles, q.components), (1, n, n));
    assert_eq!(sbom.relations().len(), 2 * n);
}

/// A million components: what is kept is bounded, and less than what was read.
#[test]
fn a_huge_bill_stays_bounded() {
    let n = 1_000_000;
    let mut text = String::with_capacity(400 << 20);
    text += HEAD;
    text += r#","components":["#;
    for i in 0..n {
        let number = i.to_string();
        let parts: [&str; 10] = [
            if i == 0 { "" } else { "," },
            r#"{"type":"library","bom-ref":"r"#,
            &number,
            r#"","name":"package-"#,
            &number,
            r#"","version":"1.0","purl":"pkg:npm/package-"#,
            &number,
            r#"@1.0","licenses":[{"license":{"id":"MIT"}}],"description":""#,
            "what nobody asks for, again and again; what nobody asks for, again and again; what nobody asks for, again and again",
            r#""}"#,
        ];
        for part in parts {
            text += part;
        }
    }
    text += "]}";
    let sbom = read(text.as_bytes()).unwrap();
    assert_eq!((sbom.quality().components, sbom.quality().wrong), (n, 0));
    let last = sbom.component(n - 1).unwrap();
    assert_eq!(last.purl(), Some("pkg:npm/package-999999@1.0"));
    assert_eq!(last.licences().collect::<Vec<_>>(), ["MIT"]);
    assert!(sbom.memory() < 160 * n, "{} bytes each", sbom.memory() / n);
    assert!(sbom.memory() < text.len() * 2 / 3);
}

#[test]
fn statements_find_their_components() {
    let text = r#"{"specVersion":"1.5","serialNumber":"urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79","vulnerabilities":[
{"id":"CVE-2024-0001","source":{"name":"NVD"},"references":[{"id":"GHSA-1"}],"analysis":{"state":"not_affected","justification":"code_not_reachable","response":["will_not_fix","odd"]},
 "affects":[{"ref":"a"},{"ref":"urn:cdx:3e671687-395b-41f5-a30f-a58921a69b79/1#b%2Fc","versions":[{"range":"vers:npm/<2","status":"affected"}]},{"ref":"urn:cdx:00000000-0000-4000-8000-000000000000/1#x"}]},
{"id":"CVE-2024-0002"}],
"components":[{"type":"library","name":"a","bom-ref":"a"},{"type":"library","name":"b","bom-ref":"b/c"}],"bomFormat":"CycloneDX"}"#;
    let sbom = read(text.as_bytes()).unwrap();
    let [first, second] = sbom.statements() else {
        panic!("two statements");
    };
    assert_eq!(first.state, Some(State::NotAffected));
    assert_eq!(first.aliases, ["GHSA-1"]);
    assert_eq!(
        (first.place.line, first.place.pointer.as_str()),
        (2, "/vulnerabilities/0")
    );
    let owners: Vec<_> = first.affects.iter().map(|t| t.component.clone()).collect();
    assert_eq!(owners[..2], [Owner::Component(0), Owner::Component(1)]);
    assert!(matches!(&owners[2], Owner::Elsewhere(link) if link.ends_with("#x")));
    assert_eq!(
        first.affects[1].versions[0].range.as_deref(),
        Some("vers:npm/<2")
    );
    assert_eq!(second.state, None);
    assert_eq!(sbom.wrong().len(), 1, "{:?}", sbom.wrong());
}

/// One small bill of each format, to be mutated.
fn seeds() -> Vec<String> {
    vec![
        cdx(r#""metadata":{"timestamp":"2024-01-01T00:00:00Z","tools":{"components":[{"name":"t"}]},"component":{"type":"application","name":"app","bom-ref":"app"}},"components":[{"type":"library","name":"a","bom-ref":"a","hashes":[{"alg":"MD5","content":"00"}],"licenses":[{"license":{"id":"MIT"}}],"components":[{"name":"\u4e2d"}]}],"dependencies":[{"ref":"app","dependsOn":["a"]}],"vulnerabilities":[{"id":"CVE-1","affects":[{"ref":"a"}]}]"#),
        "<bom xmlns=\"http://cyclonedx.org/schema/bom/1.5\"><metadata><tools><tool><name>t</name></tool></tools></metadata><components><component type=\"library\" bom-ref=\"a\"><name>a&amp;&#65;<![CDATA[x]]></name><hashes><hash alg=\"MD5\">00</hash></hashes><licenses><expression>MIT</expression></licenses></component></components><dependencies><dependency ref=\"a\"><dependency ref=\"b\"/></dependency></dependencies><vulnerabilities><vulnerability><id>CVE-1</id><affects><target><ref>a</ref></target></affects></vulnerability></vulnerabilities></bom>".to_owned(),
        r#"{"spdxVersion":"SPDX-2.3","SPDXID":"SPDXRef-DOCUMENT","creationInfo":{"created":"2024-01-01T00:00:00Z","creators":["Tool: t","Person: P (p@example.org)"]},"packages":[{"SPDXID":"SPDXRef-a","name":"a","versionInfo":"1","externalRefs":[{"referenceType":"purl","referenceLocator":"pkg:npm/a@1"}],"checksums":[{"algorithm":"SHA1","checksumValue":"00"}]}],"relationships":[{"spdxElementId":"SPDXRef-DOCUMENT","relationshipType":"DESCRIBES","relatedSpdxElement":"SPDXRef-a"}]}"#.to_owned(),
        "SPDXVersion: SPDX-2.2\nSPDXID: SPDXRef-DOCUMENT\nCreator: Tool: t\nPackageName: a\nSPDXID: SPDXRef-a\nPackageVersion: 1\nPackageComment: <text>x\ny</text>\nExternalRef: PACKAGE-MANAGER purl pkg:npm/a@1\nRelationship: SPDXRef-DOCUMENT DESCRIBES SPDXRef-a\n".to_owned(),
        r#"{"@context":"https://spdx.org/rdf/3.0.1/spdx-context.jsonld","@graph":[{"type":"CreationInfo","@id":"_:c","specVersion":"3.0.1","created":"2024-01-01T00:00:00Z","createdBy":["p"]},{"type":"software_Package","spdxId":"a","name":"a","software_packageVersion":"1","software_packageUrl":"pkg:npm/a@1","creationInfo":"_:c"},{"type":"security_Vulnerability","spdxId":"v","externalIdentifier":[{"externalIdentifierType":"cve","identifier":"CVE-1"}]},{"type":"security_VexNotAffectedVulnAssessmentRelationship","spdxId":"x","relationshipType":"doesNotAffect","from":"v","to":["a"],"security_justificationType":"componentNotPresent"},{"type":"SpdxDocument","spdxId":"d","rootElement":["a"]}]}"#.to_owned(),
    ]
}

#[test]
fn each_format_gives_the_same_package() {
    for seed in &seeds()[2..] {
        let sbom = read(seed.as_bytes()).unwrap();
        let subjects: Vec<_> = sbom
            .subjects()
            .map(|c| (c.name(), c.version(), c.purl()))
            .collect();
        assert_eq!(
            subjects,
            [(Some("a"), Some("1"), Some("pkg:npm/a@1"))],
            "{seed}"
        );
    }
    let sbom = read(seeds()[4].as_bytes()).unwrap();
    let [statement] = sbom.statements() else {
        panic!("one statement");
    };
    assert_eq!(
        (statement.vulnerability.as_str(), statement.state),
        ("CVE-1", Some(State::NotAffected))
    );
    assert_eq!(statement.affects[0].component, Owner::Component(0));
    let sbom = read(seeds()[2].as_bytes()).unwrap();
    assert_eq!(
        (sbom.authors(), sbom.tools()),
        (&["P".to_owned()][..], &["t".to_owned()][..])
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn no_bytes_make_it_panic(seed in 0..5_usize, edits in prop::collection::vec((any::<prop::sample::Index>(), 0..4_u8, any::<u8>(), any::<prop::sample::Index>()), 0..6)) {
        let mut bytes = seeds()[seed].clone().into_bytes();
        for (at, what, byte, to) in edits {
            let (at, to) = (at.index(bytes.len().max(1)), to.index(bytes.len().max(1)));
            match what {
                0 if at < bytes.len() => bytes[at] = byte & 0x7f,
                1 => bytes.truncate(at),
                2 if at <= to && to <= bytes.len() => { let part = bytes[at..to].to_vec(); bytes.splice(at..at, part); }
                _ if at <= to && to <= bytes.len() => { bytes.drain(at..to); }
                _ => {}
            }
        }
        if let Ok(sbom) = read(&bytes) {
            // Everything that is offered can be taken.
            for component in sbom.components() {
                let _ = (component.name(), component.licences().count(), component.hashes().count(), component.cpes().count());
            }
            for relation in sbom.relations() {
                prop_assert!(sbom.component(relation.from as usize).is_some());
                prop_assert!(sbom.component(relation.to as usize).is_some());
            }
            prop_assert!(supply::sbom::gb47020::coverage(&sbom).iter().all(|c| c.there <= c.of));
        }
    }
}
