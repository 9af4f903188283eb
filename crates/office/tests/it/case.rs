//! Cases: search, timeline, elements, names that leave a trace, and other organs that see nothing.

use office::{CaseFilter, Error, PageRequest, TodayKind};
use testkit::{casework::Generator, node::TestNode};

use crate::event::DETAIN;

#[tokio::test]
async fn a_case_from_its_events() {
    let node = TestNode::new().await;
    let officer = node.officer().await;
    let lines = [
        DETAIN.to_owned(),
        DETAIN
            .replace("k1", "k2")
            .replace("cr.detain", "cr.interrogate")
            .replace("06:05", "07:30"),
        DETAIN
            .replace("k1", "k3")
            .replace("cr.detain", "cr.file")
            .replace("06:05", "05:00")
            .replace("\"person\"", "\"item\"")
            .replace("p-1", "刀一把")
            .replace("张三", "管制刀具"),
        DETAIN.replace("k1", "k4").replace("000123", "000124"),
    ];
    node.office
        .post_events(&node.permit(&officer), &lines)
        .await
        .unwrap();
    node.office.caught_up_all().await.unwrap();

    let found = |q: &str| {
        let filter = CaseFilter {
            q: q.into(),
            ..CaseFilter::default()
        };
        let permit = node.permit(&officer);
        let office = node.office.clone();
        async move {
            office
                .cases(&permit, &filter, PageRequest::default())
                .await
                .unwrap()
        }
    };
    // What the rules find broken is in the log too, and among the events of the case.
    node.office.heartbeat().await.expect("a heartbeat");
    for (q, hits) in [
        ("", 2),
        ("A3301", 2),
        ("000123", 1),
        ("A3301-2026-000124", 1),
        ("张三", 0),
        ("000999", 0),
        ("%", 0),
    ] {
        assert_eq!(found(q).await.total, hits, "{q}");
    }
    let row = found("000123").await.rows.remove(0);
    assert!(row.events > 3, "three acts, and alerts about them");
    assert_eq!(
        (row.last_activity.as_str(), row.organ_name.as_str()),
        ("cr.interrogate", "城东分局刑侦大队"),
        "what the rules found is not the last that somebody did"
    );

    let timeline = node
        .office
        .timeline(&node.permit(&officer), row.key, PageRequest::default())
        .await
        .unwrap();
    let told: Vec<_> = timeline
        .rows
        .iter()
        .filter(|e| e.activity.as_str() != "sup.alert")
        .map(|e| {
            (
                e.activity.as_str(),
                e.actors[0].name.as_deref().unwrap(),
                e.objects.len(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            ("cr.file", "王小明", 1),
            ("cr.detain", "王小明", 1),
            ("cr.interrogate", "王小明", 1)
        ],
        "by the time of the act"
    );

    let case = node
        .office
        .case(&node.permit(&officer), row.key)
        .await
        .unwrap();
    let elements: Vec<_> = case
        .elements
        .iter()
        .map(|g| (g.object_type.as_str(), g.total))
        .collect();
    assert_eq!(elements, [("item", 1), ("person", 1)]);
    assert_eq!(case.officers.len(), 2);
    assert!(
        !format!("{case:?}{timeline:?}").contains("张三"),
        "no name without asking for it"
    );

    let names = node
        .office
        .names(&node.permit(&officer), row.key)
        .await
        .unwrap();
    let mut told: Vec<_> = names.iter().filter_map(|n| n.name.as_deref()).collect();
    told.sort_unstable();
    assert_eq!(told, ["张三", "管制刀具"]);
    let body = node
        .office
        .event_body(&node.permit(&officer), row.key, timeline.rows[1].event)
        .await
        .unwrap();
    assert_eq!(
        (
            body.words.as_deref(),
            body.attrs.len(),
            body.occurred.as_deref()
        ),
        (Some("现场拘留"), 4, Some("2026-11-23T06:05:00+08:00"))
    );
    let looks = node
        .office
        .case_looks(&node.permit(&officer), row.key)
        .await
        .unwrap();
    assert_eq!(
        looks
            .iter()
            .map(|l| (l.who.name.as_deref().unwrap(), l.kind.name()))
            .collect::<Vec<_>>(),
        [("王小明", "body"), ("王小明", "names"), ("王小明", "case")],
        "opening it is one entry, however much of it is read"
    );
    assert_eq!(
        found("000123").await.rows[0].events,
        row.events,
        "reading is no act of the case"
    );

    let other = found("000124").await.rows[0].key;
    let elsewhere = node
        .office
        .event_body(&node.permit(&officer), other, timeline.rows[1].event)
        .await;
    assert!(
        matches!(elsewhere, Err(Error::NotFound)),
        "an event of another case"
    );
    for handle in ["stranger", "west-supervisor"] {
        let viewer = node.user(handle).await;
        assert!(matches!(
            node.office.case(&node.permit(&viewer), row.key).await,
            Err(Error::NotFound)
        ));
        assert!(matches!(
            node.office
                .timeline(&node.permit(&viewer), row.key, PageRequest::default())
                .await,
            Err(Error::NotFound)
        ));
        assert!(matches!(
            node.office.names(&node.permit(&viewer), row.key).await,
            Err(Error::NotFound)
        ));
        assert_eq!(
            node.office
                .cases(
                    &node.permit(&viewer),
                    &CaseFilter::default(),
                    PageRequest::default()
                )
                .await
                .unwrap()
                .total,
            0
        );
    }
    let today = node.office.today(&node.permit(&officer)).await.unwrap();
    assert_eq!(
        today.iter().filter(|i| i.kind == TodayKind::MyCase).count(),
        2
    );
    assert_eq!(
        node.office
            .recent_cases(&node.permit(&officer))
            .await
            .unwrap()
            .len(),
        2
    );
}

#[tokio::test]
async fn a_generated_year_pours_in_and_is_rebuilt_the_same() {
    let mut node = TestNode::bare().await;
    let generator = Generator::new(7, node.now());
    let filled = testkit::fill(&node.office, &generator, 60, "a long test secret")
        .await
        .unwrap();
    assert_eq!(filled.cases, 60);
    assert!(filled.acts > 500 && filled.inquiries > 0, "{filled:?}");
    let admin = node.admin().await;
    let supervised = node.office.today(&node.permit(&admin)).await.unwrap();
    assert!(
        supervised.iter().all(|i| i.kind == TodayKind::NoSupervisor),
        "{supervised:?}"
    );

    node.office.heartbeat().await.expect("a heartbeat");
    let before = node.office.dump().await.unwrap();
    node.office.close().await;
    let mut steps = 0;
    let done = office::Office::rebuild(
        &node.dir(),
        std::sync::Arc::new(node.clock.clone()),
        &mut |done, all| {
            assert!(done <= all);
            steps += 1;
        },
    )
    .await
    .unwrap();
    node.reopen().await;
    assert!(steps > 0 && done == node.office.ledger().size());
    assert!(
        node.office.dump().await.unwrap() == before,
        "the rebuilt register differs"
    );
}
