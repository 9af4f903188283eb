//! What a rule can prevent is refused when it is written, with its article and the way out; the past is taken and found.

use office::{Gates, LineResult};
use testkit::node::TestNode;

/// Local minutes before now, as a time.
fn ago(node: &TestNode, minutes: i64) -> String {
    let at = office::Micros::new(node.now().get() - minutes * 60_000_000).unwrap();
    at.to_string()
}

fn line(at: &str, activity: &str, actors: &[(&str, &str)], attrs: &str) -> String {
    let actors: Vec<String> = actors
        .iter()
        .map(|(number, role)| format!(r#"{{"number":"{number}","role":"{role}"}}"#))
        .collect();
    format!(
        r#"{{"activity":"{activity}","occurred":"{at}","organ":"A33010301","actors":[{}],"objects":[{{"type":"case","id":"A3301-1"}},{{"type":"person","id":"p-1","name":"张三","qualifier":"suspect"}}],"attrs":{{{attrs}}}}}"#,
        actors.join(",")
    )
}

const TWO: [(&str, &str); 2] = [("100001", "R_OFFICER"), ("100002", "R_OFFICER")];

type Actors<'a> = &'a [(&'a str, &'a str)];

/// What happened long before: minutes ago, activity, actors, attributes. Then the act that is refused, and the rule.
struct Kind<'a> {
    name: &'a str,
    before: &'a [(i64, &'a str, Actors<'a>, &'a str)],
    act: (&'a str, Actors<'a>, &'a str),
    rule: &'a str,
}

const FILED: (i64, &str, Actors<'_>, &str) = (
    900,
    "cr.file",
    &[("100001", "R_OFFICER"), ("100015", "R_COUNTY_LEADER")],
    r#""economic":false"#,
);
const ACCEPTED: (i64, &str, Actors<'_>, &str) = (
    1000,
    "int.accept",
    &[("100001", "R_OFFICER")],
    r#""economic":false"#,
);

fn kinds() -> Vec<Kind<'static>> {
    vec![
        Kind {
            name: "one's own step reviewed by oneself",
            before: &[ACCEPTED, FILED, (600, "cr.interrogate", &TWO, "")],
            act: (
                "cr.legal_review",
                &[("100002", "R_LEGAL")],
                r#""step":"cr.detain","passed":true,"opinion":"同意""#,
            ),
            rule: "SD-001",
        },
        Kind {
            name: "one's own step approved by oneself",
            before: &[ACCEPTED],
            act: (
                "cr.verify",
                &[("100001", "R_OFFICER"), ("100001", "R_DEPT_HEAD")],
                "",
            ),
            rule: "SD-002",
        },
        Kind {
            name: "approval below rank",
            before: &[ACCEPTED, FILED],
            act: (
                "cr.detain",
                &[
                    ("100001", "R_OFFICER"),
                    ("100002", "R_OFFICER"),
                    ("100003", "R_DEPT_HEAD"),
                ],
                "",
            ),
            rule: "CR-040",
        },
        Kind {
            name: "a step before its prerequisite",
            before: &[ACCEPTED],
            act: (
                "cr.search",
                &[
                    ("100001", "R_OFFICER"),
                    ("100002", "R_OFFICER"),
                    ("100015", "R_COUNTY_LEADER"),
                ],
                "",
            ),
            rule: "PRE-cr.search",
        },
        Kind {
            name: "the reviewer skipped",
            before: &[ACCEPTED, FILED],
            act: (
                "cr.arrest_request",
                &[("100001", "R_OFFICER"), ("100015", "R_COUNTY_LEADER")],
                "",
            ),
            rule: "CR-046",
        },
    ]
}

async fn after(kind: &Kind<'_>) -> TestNode {
    let node = TestNode::new().await;
    let officer = node.officer().await;
    let lines: Vec<String> = (kind.before.iter())
        .map(|(minutes, activity, actors, attrs)| {
            line(&ago(&node, *minutes), activity, actors, attrs)
        })
        .collect();
    let results = node
        .office
        .post_events(&node.permit(&officer), &lines)
        .await;
    for result in results.unwrap() {
        assert!(matches!(result, LineResult::Taken { .. }), "{result:?}");
    }
    node
}

#[tokio::test]
async fn each_kind_is_refused_with_article_and_way_out() {
    let mut told = String::new();
    for kind in kinds() {
        let node = after(&kind).await;
        let officer = node.officer().await;
        let permit = node.permit(&officer);
        let (activity, actors, attrs) = kind.act;
        // Until the alerts about what came before are written too.
        for _ in 0..3 {
            node.office.heartbeat().await.unwrap();
        }
        let size = node.office.ledger().size();
        let now = line(&ago(&node, 1), activity, actors, attrs);
        let results = node.office.post_events(&permit, &[&now]).await.unwrap();
        let LineResult::Refused { gates, .. } = &results[0] else {
            panic!("{}: {results:?}", kind.name)
        };
        let gate = gates.iter().find(|g| g.rule == kind.rule);
        let gate = gate.unwrap_or_else(|| panic!("{}: {gates:?}", kind.name));
        assert!(!gate.source.is_empty() && !gate.way_out.is_empty());
        assert_eq!(size, node.office.ledger().size(), "nothing was written");
        told += &format!(
            "{}\n  {} {}\n",
            kind.name,
            gate.rule,
            gate.source.join("; ")
        );
        told += &format!("  {}\n  {}\n", gate.sentence.zh, gate.sentence.en);
        for way in &gate.way_out {
            told += &format!("    → {}\n    → {}\n", way.zh, way.en);
        }

        // The same act as history is a fact: taken, unless its sender asks to be refused; and found by the watch.
        let past = line(&ago(&node, 30), activity, actors, attrs);
        let lines = [&past];
        let strict = node
            .office
            .post_events_gated(&permit, &lines, Gates::Refuse);
        let strict = strict.await.unwrap();
        assert!(
            matches!(strict[0], LineResult::Refused { .. }),
            "{}",
            kind.name
        );
        let results = node.office.post_events(&permit, &[&past]).await.unwrap();
        assert!(
            matches!(results[0], LineResult::Taken { .. }),
            "{}: {results:?}",
            kind.name
        );
        node.office.heartbeat().await.unwrap();
        let filter = office::CaseFilter {
            q: "A3301-1".into(),
            ..Default::default()
        };
        let reader = node.permit(&officer);
        let cases = node.office.cases(&reader, &filter, Default::default());
        let case = cases.await.unwrap().rows[0].key;
        let reader = node.permit(&officer);
        let findings = node.office.case_findings(&reader, case);
        let findings = findings.await.unwrap();
        let found = findings
            .iter()
            .any(|f| f.rule == kind.rule && (f.outcome == "breached" || f.recordable.is_some()));
        assert!(found, "{}: the watch finds it", kind.name);
        // Once nothing that came before can be recorded any more it is broken, and the log says so.
        node.clock.advance_minutes(25 * 60);
        node.office.heartbeat().await.unwrap();
        let findings = node.office.case_findings(&reader, case);
        let findings = findings.await.unwrap();
        let red = findings
            .iter()
            .any(|f| f.rule == kind.rule && f.outcome == "breached");
        assert!(red, "{}: it is told as broken", kind.name);
    }
    insta::assert_snapshot!(told);
}

#[tokio::test]
async fn a_registered_exception_opens_the_gate() {
    let kind = &kinds()[4];
    let node = after(kind).await;
    let officer = node.officer().await;
    let permit = node.permit(&officer);
    let (activity, actors, attrs) = kind.act;
    let exempt = line(
        &ago(&node, 2),
        "sup.exempt",
        &[("100001", "R_OFFICER"), ("100003", "R_DEPT_HEAD")],
        r#""rule":"CR-046","code":"urgent""#,
    );
    let now = line(&ago(&node, 1), activity, actors, attrs);
    // In one request: the gate sees the line before it.
    let results = node
        .office
        .post_events(&permit, &[exempt, now])
        .await
        .unwrap();
    for result in &results {
        assert!(matches!(result, LineResult::Taken { .. }), "{results:?}");
    }
}

#[tokio::test]
async fn a_line_sent_again_is_no_second_act() {
    let node = TestNode::new().await;
    let officer = node.officer().await;
    let permit = node.permit(&officer);
    let register = |key: &str| {
        let at = ago(&node, if key == "k1" { 3 } else { 1 });
        format!(
            r#"{{"key":"{key}","activity":"prop.register","occurred":"{at}","organ":"A33010301","actors":[{{"number":"100008","role":"R_PROPERTY"}}],"objects":[{{"type":"case","id":"A3301-1"}},{{"type":"item","id":"{key}"}}],"attrs":{{"item_no":"W-1","ledger_no":"W-1"}}}}"#
        )
    };
    let post = |line: String| {
        let (office, permit) = (node.office.clone(), permit.clone());
        async move {
            office
                .post_events(&permit, &[line])
                .await
                .unwrap()
                .remove(0)
        }
    };
    let first = post(register("k1")).await;
    assert!(
        matches!(
            first,
            LineResult::Taken {
                duplicate: false,
                ..
            }
        ),
        "{first:?}"
    );
    let again = post(register("k1")).await;
    assert!(
        matches!(
            again,
            LineResult::Taken {
                duplicate: true,
                ..
            }
        ),
        "{again:?}"
    );
    let other = post(register("k2")).await;
    let LineResult::Refused { gates, .. } = &other else {
        panic!("{other:?}")
    };
    assert_eq!(
        gates[0].rule, "PR-004.2",
        "another item under the same number"
    );
}
