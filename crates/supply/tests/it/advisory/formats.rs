//! One small document of every format, and what of it is kept.

use supply::advisory::{
    Bound, Exploitation, Format, Level, Scheme, Severity, Status, Subject, read,
};

use super::support::{batch, faults, one};

const CNVD: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<vulnerabilitys>
 <vulnerability>
  <number>CNVD-2024-00001</number>
  <cves><cve><cveNumber>CVE-2024-0001</cveNumber><cveUrl>https://example.org/1</cveUrl></cve></cves>
  <title>甲公司网关存在命令执行漏洞 &amp; 其他</title>
  <serverity>高</serverity>
  <products><product>甲公司 网关 3.1</product><product>甲公司 网关 3.2</product></products>
  <submitTime>2024-01-02</submitTime>
  <openTime>2024-01-09</openTime>
  <referenceLink>https://example.org/a  https://example.org/b</referenceLink>
  <formalWay>厂商已发布补丁</formalWay>
  <description>参数 <cmd> 未过滤，a<b && c</description>
 </vulnerability>
 <vulnerability>
  <number>无编号</number><title>坏</title>
 </vulnerability>
 <vulnerability><number>CNVD-2024-00002</number><title>乙</title></vulnerability>
</vulnerabilitys>"#;

#[test]
fn cnvd() {
    let batch = read(CNVD.as_bytes(), None).unwrap();
    assert_eq!(batch.format, Format::Cnvd);
    assert_eq!(
        faults(&batch),
        "vulnerability[1]: not an identifier: 无编号\n"
    );
    let [first, second] = &batch.records[..] else {
        panic!("two are kept")
    };
    assert_eq!(&*first.summary, "甲公司网关存在命令执行漏洞 & 其他");
    assert_eq!(first.severity(), Severity::Worded(Level::High));
    assert_eq!(*first.aliases, ["CVE-2024-0001".into()]);
    assert_eq!(first.references.len(), 2);
    assert_eq!(first.affected.len(), 2);
    assert_eq!(
        first.published.as_ref().unwrap().text.as_ref(),
        "2024-01-09"
    );
    assert_eq!(
        &*first.statements[0].remedies[0].words.clone().unwrap(),
        "厂商已发布补丁"
    );
    // Nobody rated it: not low.
    assert_eq!(second.severity(), Severity::NeedsTriage);
    assert_ne!(first.raw, second.raw);
}

#[test]
fn cnnvd() {
    let text = r#"<?xml version="1.0" encoding="UTF-8"?>
<cnnvd cnnvd_xml_version="1.0" pub_date="2024-01-31">
<entry>
<name>丙软件 缓冲区错误漏洞</name><vuln-id>CNNVD-202401-001</vuln-id><published>2024-01-05</published><modified>2024-01-06</modified>
<source></source><severity>超危</severity><vuln-type>缓冲区错误</vuln-type>
<vuln-descript>源于 List<Item>::grow 中有一个越界写入 & 更多</vuln-descript>
<other-id><cve-id>CVE-2024-0002</cve-id><bugtraq-id></bugtraq-id></other-id>
<vuln-software-list><product>cpe:/a:bing:soft:1.0</product></vuln-software-list>
<refs><ref><ref-source>x</ref-source><ref-name>n</ref-name><ref-url>https://example.org/c</ref-url></ref></refs>
<vuln-solution>升级</vuln-solution>
</entry>
<entry><name>截断"#;
    let batch = read(text.as_bytes(), None).unwrap();
    assert_eq!(batch.format, Format::Cnnvd);
    assert_eq!(faults(&batch), "entry[1]: left out: cut off: no end\n");
    let record = &batch.records[0];
    assert_eq!(record.severity().level(), Some(Level::Critical));
    assert_eq!(
        record.affected[0].subjects[..],
        [Subject::Cpe("cpe:/a:bing:soft:1.0".into())]
    );
    assert_eq!(*record.references, ["https://example.org/c".into()]);
}

#[test]
fn osv_yaml_keeps_versions_as_written() {
    let text = "id: PYSEC-2099-1\nmodified: \"2024-01-01T00:00:00Z\"\ndetails: |\n  One \"line\".\n\n  Two.\naffected:\n- package: {name: a, ecosystem: PyPI}\n  ranges:\n  - type: ECOSYSTEM\n    events: [{introduced: 0}, {fixed: 1.10}]\n  versions: [1.0, \"1.1\", 1e3]\naliases: ~\n";
    let record = one(text, Format::OsvYaml);
    let range = &record.affected[0].ranges[0];
    assert_eq!(
        range.bounds,
        [Bound::From("0".into()), Bound::Before("1.10".into())]
    );
    let versions: Vec<&str> = record.affected[0]
        .versions
        .iter()
        .map(|v| &*v.version)
        .collect();
    assert_eq!(versions, ["1.0", "1.1", "1e3"]);
    assert_eq!(&*record.summary, "One \"line\".");
}

#[test]
fn a_release_of_a_distribution_is_told_from_a_registry() {
    for (ecosystem, kept, release) in [
        ("Debian:12", "Debian", Some("12")),
        ("Ubuntu:22.04:LTS", "Ubuntu", Some("22.04:LTS")),
        (
            "Maven:https://repo.example.org",
            "Maven:https://repo.example.org",
            None,
        ),
        ("Go", "Go", None),
    ] {
        let text = format!(
            r#"{{"id":"A-1","modified":"2024-01-01T00:00:00Z","affected":[{{"package":{{"ecosystem":"{ecosystem}","name":"n"}}}}]}}"#
        );
        let record = one(&text, Format::Osv);
        let subject = Subject::Package {
            ecosystem: kept.into(),
            name: "n".into(),
        };
        assert_eq!(record.affected[0].subjects[..], [subject]);
        assert_eq!(record.affected[0].release.as_deref(), release);
        assert_eq!(
            record.affected[0].status,
            Status::Unknown,
            "no version is named"
        );
    }
}

#[test]
fn cve_versions() {
    let text = r#"{"dataType":"CVE_RECORD","dataVersion":"5.1","cveMetadata":{"cveId":"CVE-2024-1000","state":"PUBLISHED","datePublished":"2024-01-01T00:00:00"},
     "containers":{"cna":{"affected":[{"vendor":"v","product":"p","defaultStatus":"unaffected","platforms":["Linux"],"versions":[
       {"version":"1.0","status":"affected"},
       {"version":"2.0","status":"affected","lessThan":"2.5","versionType":"semver","changes":[{"at":"2.3","status":"unaffected"}]},
       {"version":"unspecified","status":"affected","lessThanOrEqual":"0.9","versionType":"custom"},
       {"version":"3.0","status":"affected","lessThan":"*","versionType":"semver"}]}],
      "cpeApplicability":[{"operator":"AND","nodes":[
        {"operator":"OR","cpeMatch":[{"vulnerable":true,"criteria":"cpe:2.3:a:v:p:*:*:*:*:*:*:*:*","versionEndExcluding":"2.5"}]},
        {"operator":"OR","cpeMatch":[{"vulnerable":false,"criteria":"cpe:2.3:o:linux:linux_kernel:-:*:*:*:*:*:*:*"}]}]}],
      "descriptions":[{"lang":"de","value":"nein"},{"lang":"en","value":"Yes."}]},
     "adp":[{"providerMetadata":{"shortName":"CISA-ADP"},"metrics":[{"other":{"type":"kev","content":{"dateAdded":"2024-02-03"}}}]}]}}"#;
    let batch = batch(text, Format::Cve);
    assert_eq!(faults(&batch), "");
    let record = &batch.records[0];
    assert_eq!(
        record.published.as_ref().unwrap().at.unwrap().to_string(),
        "2024-01-01T00:00:00Z"
    );
    assert_eq!(&*record.summary, "Yes.");
    let [product, cpe] = &record.affected[..] else {
        panic!("two entries")
    };
    assert_eq!(product.status, Status::NotAffected);
    assert_eq!(&*product.versions[0].version, "1.0");
    let shown: Vec<String> = product
        .ranges
        .iter()
        .map(|r| format!("{} {:?} {:?}", r.status, r.scheme, r.bounds))
        .collect();
    insta::assert_snapshot!(shown.join("\n"), @r#"
    affected SemVer [From("2.0"), Before("2.3")]
    not affected SemVer [From("2.3"), Before("2.5")]
    affected Named("custom") [From("0"), UpTo("0.9")]
    affected SemVer [From("3.0")]
    "#);
    assert_eq!(cpe.on.len(), 1);
    assert_eq!(
        cpe.ranges[0].bounds,
        [Bound::From("0".into()), Bound::Before("2.5".into())]
    );
    assert!(
        matches!(&batch.facts[0].what, Exploitation::Known { added, .. } if added.to_string() == "2024-02-03")
    );
}

#[test]
fn a_rejected_cve_is_withdrawn() {
    let text = r#"{"dataType":"CVE_RECORD","dataVersion":"5.1","cveMetadata":{"cveId":"CVE-2024-1000","state":"REJECTED"},"containers":{"cna":{"rejectedReasons":[{"lang":"en","value":"Duplicate."}]}}}"#;
    let record = one(text, Format::Cve);
    assert!(record.withdrawn.is_some());
    assert_eq!(&*record.summary, "Duplicate.");
}

const CSAF: &str = r#"{"document":{"csaf_version":"2.0","title":"T","publisher":{"namespace":"https://v.example"},"tracking":{"id":"V-1","initial_release_date":"2024-01-01T00:00:00Z"}},
 "product_tree":{"branches":[{"category":"vendor","name":"V","branches":[{"category":"product_name","name":"P","branches":[
    {"category":"product_version","name":"1.0","product":{"name":"P 1.0","product_id":"P1","product_identification_helper":{"purl":"pkg:generic/p@1.0"}}},
    {"category":"product_version_range","name":"vers:semver/>=2.0|<2.4","product":{"name":"P 2","product_id":"P2"}}]},
    {"category":"product_name","name":"OS","product":{"name":"OS","product_id":"OS","product_identification_helper":{"cpe":"cpe:/o:v:os:9"}}}]}],
   "relationships":[{"category":"default_component_of","full_product_name":{"name":"P 1.0 on OS","product_id":"P1-OS"},"product_reference":"P1","relates_to_product_reference":"OS"}],
   "product_groups":[{"group_id":"G","product_ids":["P1-OS","P2"]}]},
 "vulnerabilities":[
  {"cve":"CVE-2024-1111","product_status":{"known_not_affected":["P1-OS","P2"],"fixed":["P1"]},
   "flags":[{"label":"vulnerable_code_not_present","group_ids":["G"]}],
   "remediations":[{"category":"vendor_fix","details":"Update.","product_ids":["P1"]}],
   "scores":[{"products":["P1"],"cvss_v3":{"version":"3.1","vectorString":"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H","baseScore":9.8}}]},
  {"cve":"CVE-2024-2222","product_status":{"known_affected":["P1","P2"],"known_not_affected":["P1"],"fixed":["NONE"]}}]}"#;

#[test]
fn csaf() {
    let batch = read(CSAF.as_bytes(), None).unwrap();
    let [first, second] = &batch.records[..] else {
        panic!("two vulnerabilities")
    };
    assert_eq!(
        (first.part.as_deref(), second.part.as_deref()),
        (Some("CVE-2024-1111"), Some("CVE-2024-2222"))
    );
    assert_eq!(first.severity(), Severity::Scored(98));
    let shown: Vec<String> = first
        .affected
        .iter()
        .map(|a| {
            let versions: Vec<String> = a
                .versions
                .iter()
                .map(|v| format!("{} {}", v.version, v.status))
                .collect();
            let ranges: Vec<String> = a
                .ranges
                .iter()
                .map(|r| format!("{:?} {:?} {}", r.scheme, r.bounds, r.status))
                .collect();
            format!(
                "{} {:?} on {:?} {versions:?} {ranges:?}",
                a.product.as_deref().unwrap(),
                a.subjects,
                a.on
            )
        })
        .collect();
    insta::assert_snapshot!(shown.join("\n"));
    let [flag, remedy] = &first.statements[..] else {
        panic!("two statements")
    };
    assert_eq!(
        (flag.justification.as_deref(), &flag.affected[..]),
        (Some("vulnerable_code_not_present"), &[1, 2][..])
    );
    assert_eq!(
        (&*remedy.remedies[0].kind, &remedy.affected[..]),
        ("vendor_fix", &[0][..])
    );
    // Said to be both: neither is believed. What is not defined is left out, what is good is kept.
    assert_eq!(second.affected.len(), 2);
    assert_eq!(second.affected[0].versions[0].status, Status::Unknown);
    assert_eq!(second.affected[1].ranges[0].status, Status::Affected);
    assert_eq!(second.affected[1].ranges[0].scheme, Scheme::SemVer);
    insta::assert_snapshot!(faults(&batch), @r"
    vulnerabilities[1].product_status: product NONE is not defined in the document
    vulnerabilities[1].product_status: product P1 is both affected and not affected; its status is unknown
    ");
}

#[test]
fn epss_needs_its_day() {
    let text = "#model_version:v2025.03.14,score_date:2025-06-01T12:00:00+0000\ncve,epss,percentile\nCVE-1999-0001,0.01269,0.78\nCVE-1999-0002,2,0.1\nCVE-1999-0003,0.97,0.99999\n";
    let batch = read(text.as_bytes(), None).unwrap();
    assert_eq!(batch.format, Format::Epss);
    assert_eq!(faults(&batch), "line 4: left out: CVE-1999-0002,2,0.1\n");
    let Exploitation::Predicted {
        on,
        probability,
        percentile,
    } = &batch.facts[0].what
    else {
        panic!("a prediction")
    };
    assert_eq!(
        (on.to_string().as_str(), *probability, *percentile),
        ("2025-06-01", 12_690, 780_000)
    );
    let without = text.lines().skip(1).collect::<Vec<_>>().join("\n");
    assert!(
        read(without.as_bytes(), Some(Format::Epss))
            .unwrap_err()
            .to_string()
            .contains("score_date")
    );
}

#[test]
fn scores() {
    let rate = |kind: &str, score: &str| {
        let text = format!(
            r#"{{"id":"A-1","modified":"2024-01-01T00:00:00Z","severity":[{{"type":"{kind}","score":"{score}"}}]}}"#
        );
        one(&text, Format::Osv).severity()
    };
    // Published with these scores: FIRST's examples, NVD.
    for (kind, vector, tenths) in [
        (
            "CVSS_V3",
            "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H",
            100,
        ),
        (
            "CVSS_V3",
            "CVSS:3.0/AV:N/AC:L/PR:L/UI:N/S:U/C:L/I:N/A:N",
            43,
        ),
        ("CVSS_V2", "AV:N/AC:L/Au:N/C:P/I:P/A:P", 75),
        (
            "CVSS_V4",
            "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N",
            93,
        ),
        // What ages or belongs to one operator does not count.
        (
            "CVSS_V3",
            "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H/E:U/MC:N/MI:N/MA:N",
            100,
        ),
    ] {
        assert_eq!(rate(kind, vector), Severity::Scored(tenths), "{vector}");
    }
    // A metric that is missing, twice, or unknown: a person looks, and it is not low.
    for vector in [
        "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H",
        "CVSS:3.1/AV:N/AV:L/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H",
        "CVSS:3.1/AV:Q/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H",
        "CVSS:9.9/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H",
        "CVSS:4.0/AV:N",
        "",
        "high",
    ] {
        assert_eq!(rate("CVSS_V3", vector), Severity::NeedsTriage, "{vector}");
    }
    assert_eq!(rate("Ubuntu", "high"), Severity::Worded(Level::High));
}
