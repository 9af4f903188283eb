//! Events from other systems: line by line, with keys, within one's organs.

use office::{Error, EventQuery, LineResult};
use testkit::node::TestNode;

pub(crate) const DETAIN: &str = r#"{"key":"k1","activity":"cr.detain","occurred":"2026-11-23T06:05:00+08:00","organ":"A33010301","actors":[{"number":"100001","role":"R_OFFICER"},{"number":"100002","role":"R_OFFICER"}],"objects":[{"type":"case","id":"A3301-2026-000123"},{"type":"person","id":"p-1","name":"张三","qualifier":"suspect"}],"basis":["CR-030"],"attrs":{"place":"某处","hours":3,"ratio":0.5,"night":true},"words":"现场拘留"}"#;

fn told(results: &[LineResult]) -> String {
    let line = |r: &LineResult| match r {
        LineResult::Taken {
            line, duplicate, ..
        } => format!("{line}: taken{}", if *duplicate { ", again" } else { "" }),
        LineResult::Refused {
            line,
            field,
            expected,
            conflict,
            ..
        } => {
            format!(
                "{line}: {}{field:?}: expected {expected}",
                if *conflict { "conflict, " } else { "" }
            )
        }
    };
    results.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[tokio::test]
async fn every_line_has_its_own_answer() {
    let node = TestNode::new().await;
    let officer = node.officer().await;
    let plain = r#""occurred":"2026-11-23T06:05:00Z""#;
    let lines = [
        DETAIN.to_owned(),
        DETAIN.to_owned(),
        DETAIN.replace("现场拘留", "别的"),
        r#"{"activity":"x:自己的活动","occurred":"2026-11-22T22:05:00Z"}"#.into(),
        "{".into(),
        String::new(),
        "[1,2]".into(),
        format!(r#"{{"activity":"cr.detain",{plain},"shoe":1}}"#),
        r#"{"activity":"cr.detain"}"#.into(),
        r#"{"activity":"cr.nonsense","occurred":"2026-11-22T22:05:00Z"}"#.into(),
        r#"{"activity":"lh.erase","occurred":"2026-11-22T22:05:00Z"}"#.into(),
        r#"{"activity":"itf.record","occurred":"2026-11-22T22:05:00Z"}"#.into(),
        r#"{"activity":"cr.detain","occurred":"2026-11-23 06:05"}"#.into(),
        r#"{"activity":"cr.detain","occurred":"2026-11-23T06:05:00"}"#.into(),
        r#"{"activity":"cr.detain","occurred":"2031-01-01T00:00:00Z"}"#.into(),
        r#"{"activity":"cr.detain","occurred":"2026-11-22T22:05:00Z","organ":"A330104"}"#.into(),
        r#"{"activity":"cr.detain","occurred":"2026-11-22T22:05:00Z","actors":[{"number":"999","role":"R_OFFICER"}]}"#.into(),
        r#"{"activity":"cr.detain","occurred":"2026-11-22T22:05:00Z","actors":[{"number":"100001","role":"king"}]}"#.into(),
        r#"{"activity":"cr.detain","occurred":"2026-11-22T22:05:00Z","objects":[{"type":"staff","id":"100001"}]}"#.into(),
        r#"{"activity":"cr.detain","occurred":"2026-11-22T22:05:00Z","objects":[{"type":"case","id":""}]}"#.into(),
        r#"{"activity":"cr.detain","occurred":"2026-11-22T22:05:00Z","objects":[{"type":"person","id":"1","name":"a\u0000b"}]}"#.into(),
        format!(r#"{{"activity":"cr.detain","occurred":"2026-11-22T22:05:00Z","words":"{}"}}"#, "长".repeat(100_001)),
        r#"{"activity":"cr.detain","occurred":"2026-11-22T22:05:00Z","correction_of":"not an id"}"#.into(),
    ];
    let results = node
        .office
        .post_events(&node.permit(&officer), &lines)
        .await
        .unwrap();
    assert_eq!(results.len(), lines.len());
    insta::assert_snapshot!(told(&results));
    let many = vec!["{}"; office::MAX_LINES + 1];
    assert!(matches!(
        node.office.post_events(&node.permit(&officer), &many).await,
        Err(Error::TooLarge { .. })
    ));
}

#[tokio::test]
async fn events_are_read_by_those_of_the_organ_and_piece_by_piece() {
    let node = TestNode::new().await;
    let officer = node.officer().await;
    let lines: Vec<String> = (0..25)
        .map(|n| format!(r#"{{"activity":"cr.interrogate","occurred":"2026-11-22T22:{n:02}:00Z","objects":[{{"type":"case","id":"C-{}"}}]}}"#, n % 2))
        .collect();
    let results = node
        .office
        .post_events(&node.permit(&officer), &lines)
        .await
        .unwrap();
    let LineResult::Taken { event, .. } = results[0] else {
        panic!("{results:?}")
    };
    node.office.caught_up_all().await.unwrap();
    let (mut after, mut seen) = (None, Vec::new());
    loop {
        let query = EventQuery {
            after,
            limit: 10,
            ..EventQuery::default()
        };
        let page = node
            .office
            .events(&node.permit(&officer), &query)
            .await
            .unwrap();
        seen.extend(page.events.iter().map(|e| e.index));
        match page.next {
            Some(next) => after = Some(next),
            None => break,
        }
    }
    assert_eq!(seen.len(), 25);
    assert!(seen.windows(2).all(|w| w[0] < w[1]));
    let query = EventQuery {
        from: "2026-11-22T22:20:00Z".parse().ok(),
        activity: Some("cr.interrogate".into()),
        ..EventQuery::default()
    };
    assert_eq!(
        node.office
            .events(&node.permit(&officer), &query)
            .await
            .unwrap()
            .events
            .len(),
        5
    );
    let filter = office::CaseFilter {
        q: "C-1".into(),
        ..Default::default()
    };
    let key = node
        .office
        .cases(&node.permit(&officer), &filter, Default::default())
        .await
        .unwrap()
        .rows[0]
        .key;
    let query = EventQuery {
        object: Some(key),
        ..EventQuery::default()
    };
    assert_eq!(
        node.office
            .events(&node.permit(&officer), &query)
            .await
            .unwrap()
            .events
            .len(),
        12
    );
    assert_eq!(
        node.office
            .event(&node.permit(&officer), event)
            .await
            .unwrap()
            .header
            .id,
        event
    );

    let stranger = node.user("stranger").await;
    assert!(matches!(
        node.office.event(&node.permit(&stranger), event).await,
        Err(Error::NotFound)
    ));
    assert!(
        node.office
            .events(&node.permit(&stranger), &EventQuery::default())
            .await
            .unwrap()
            .events
            .is_empty()
    );
    let above = node.user("inspector").await;
    assert_eq!(
        node.office
            .events(&node.permit(&above), &EventQuery::default())
            .await
            .unwrap()
            .events
            .len(),
        25
    );
}
