//! Records of inquiries: made, received, opened; and unknown to everybody else.

use std::sync::Arc;

use office::{Error, Inquiry, InquiryRow, Lookup, PageRequest, Recorded, Viewer, Which, Who, may};
use testkit::node::{PASSWORD, TestNode};

pub(crate) fn inquiry(who: Who, key: &str) -> Inquiry {
    Inquiry {
        who,
        tile: "pleaded".into(),
        case: Some(Which::Number("A3301-2026-000123".into())),
        occurred: None,
        manner: Some("phone".into()),
        on_behalf: Some("某某公司".into()),
        place: None,
        words: Some("希望从轻处理".into()),
        answer: Some("已告知按程序办".into()),
        files: Vec::new(),
        submission_key: key.into(),
    }
}

pub(crate) fn outsider() -> Who {
    Who::Free {
        name: "某局长".into(),
        unit: Some("某区".into()),
        post: Some("局长".into()),
    }
}

async fn record(node: &TestNode, by: &Arc<Viewer>, who: Who, key: &str) -> Recorded {
    let recorded = node
        .office
        .record(&node.permit(by), inquiry(who, key))
        .await
        .unwrap();
    node.office.caught_up(recorded.index).await.unwrap();
    recorded
}

async fn received(node: &TestNode, viewer: &Arc<Viewer>) -> Vec<InquiryRow> {
    node.office
        .inquiries_for_me(&node.permit(viewer), PageRequest::default())
        .await
        .unwrap()
        .rows
}

#[tokio::test]
async fn recorded_received_opened_and_seen_by_the_recorder() {
    let node = TestNode::new().await;
    let (officer, supervisor) = (node.officer().await, node.supervisor().await);
    let made = record(&node, &officer, outsider(), "form-1").await;
    assert!(!made.duplicate);

    let mine = node
        .office
        .my_records(&node.permit(&officer), PageRequest::default())
        .await
        .unwrap();
    assert_eq!(
        (
            mine.total,
            mine.rows[0].opened,
            mine.rows[0].case.as_deref()
        ),
        (1, 0, Some("A3301-2026-000123"))
    );
    assert_eq!(mine.rows[0].who.as_ref().unwrap().name, "某局长");

    let rows = received(&node, &supervisor).await;
    assert_eq!(
        (
            rows.len(),
            rows[0].opened_by_me,
            rows[0].organ_name.as_str()
        ),
        (1, None, "城东分局刑侦大队")
    );
    node.clock.advance_minutes(5);
    let before = node.office.ledger().size();
    let view = node
        .office
        .read_inquiry(&node.permit(&supervisor), made.event)
        .await
        .unwrap();
    assert_eq!(
        node.office.ledger().size(),
        before + 1,
        "opening it is an entry"
    );
    assert_eq!(
        (
            view.words.as_deref(),
            view.recorder_name.as_str(),
            view.tile.as_str(),
            view.manner.as_deref()
        ),
        (Some("希望从轻处理"), "王小明", "pleaded", Some("phone"))
    );
    let mine = node
        .office
        .my_record(&node.permit(&officer), made.event)
        .await
        .unwrap();
    let readers: Vec<_> = mine
        .readers
        .iter()
        .map(|r| (r.name.as_str(), r.organ_name.as_str(), r.at))
        .collect();
    assert_eq!(readers, [("孙立", "城东分局", node.now())]);
    assert!(received(&node, &supervisor).await[0].opened_by_me.is_some());

    let receipt = node
        .office
        .my_receipt(&node.permit(&officer), made.event)
        .await
        .unwrap();
    let key = node.office.info().key.clone();
    let proof = tlog::proof::TlogProof::parse(receipt.text.as_bytes()).unwrap();
    let entry = proof.extra.clone().unwrap();
    let policy =
        tlog::policy::Policy::parse(format!("log {key}\nquorum none\n").as_bytes()).unwrap();
    let proven = proof.verify(&entry, &policy).unwrap();
    assert_eq!((proven.index(), receipt.index), (made.index, made.index));
    // The header tells the organ and that there is a record, nothing else.
    let header = model::Entry::parse(&entry).unwrap().header;
    assert!(
        header.actor.is_empty()
            && header.objects.is_empty()
            && header.to.is_empty()
            && header.basis.is_empty()
    );
    assert_eq!(header.body.unwrap().size % 4096, 0);
}

#[tokio::test]
async fn a_form_sent_twice_is_one_record_and_other_content_is_a_conflict() {
    let node = TestNode::new().await;
    let officer = node.officer().await;
    let made = record(&node, &officer, outsider(), "form-1").await;
    let again = record(&node, &officer, outsider(), "form-1").await;
    assert_eq!(
        (again.index, again.event, again.duplicate),
        (made.index, made.event, true)
    );
    let other = Inquiry {
        words: Some("别的话".into()),
        ..inquiry(outsider(), "form-1")
    };
    let e = node
        .office
        .record(&node.permit(&officer), other)
        .await
        .unwrap_err();
    assert!(
        matches!(e, Error::Conflict { index } if index == made.index),
        "{e}"
    );
    let elsewhere = record(&node, &node.user("colleague").await, outsider(), "form-1").await;
    assert_ne!(elsewhere.event, made.event, "keys belong to their recorder");
}

#[tokio::test]
async fn what_is_wrong_is_named_by_field() {
    let node = TestNode::new().await;
    let officer = node.officer().await;
    let bad = Inquiry {
        who: Who::Free {
            name: " ".into(),
            unit: Some("x".repeat(101)),
            post: None,
        },
        tile: "bribed".into(),
        case: Some(Which::Number("A\u{0}1".into())),
        occurred: Some(office::Micros::new(node.now().get() + 3_600_000_000).unwrap()),
        manner: Some("telepathy".into()),
        words: Some("长".repeat(20_001)),
        files: vec![model::FileRef {
            name: "x".into(),
            sha256: "../../etc/passwd".into(),
            size: 1,
        }],
        ..inquiry(outsider(), "k")
    };
    let Err(Error::Invalid(wrong)) = node.office.record(&node.permit(&officer), bad).await else {
        panic!("taken")
    };
    let told: Vec<String> = wrong
        .iter()
        .map(|w| format!("{} {}: {}", w.field, w.problem, w.expected))
        .collect();
    insta::assert_snapshot!(told.join("\n"));
    assert!(
        node.office
            .record(&node.permit(&officer), inquiry(outsider(), ""))
            .await
            .is_err(),
        "a form has a key"
    );
}

/// Everybody but recorder and receivers finds nothing, by whatever way they look.
#[tokio::test]
async fn nobody_else_can_find_it() {
    let node = TestNode::new().await;
    let officer = node.officer().await;
    // Named: the supervisor of the east himself, and, in another record, the head of the unit that he belongs to.
    let about_supervisor =
        record(&node, &officer, Who::Roster(node.person("supervisor")), "1").await;
    let about_leader = record(&node, &officer, Who::Roster(node.person("leader")), "2").await;
    let by_name = record(
        &node,
        &officer,
        Who::Free {
            name: "孙立".into(),
            unit: None,
            post: None,
        },
        "3",
    )
    .await;
    let events = [&about_supervisor, &about_leader, &by_name];

    let city = node.user("city-supervisor").await;
    let supervisor = node.supervisor().await;
    let west = node.user("west-supervisor").await;
    let seen = |rows: Vec<InquiryRow>| {
        let mut n: Vec<usize> = rows
            .iter()
            .map(|r| events.iter().position(|e| e.event == r.event).unwrap() + 1)
            .collect();
        n.sort_unstable();
        n
    };
    assert_eq!(
        seen(received(&node, &supervisor).await),
        [] as [usize; 0],
        "named, named by name, and below the person named"
    );
    assert_eq!(
        seen(received(&node, &west).await),
        [] as [usize; 0],
        "another district"
    );
    assert_eq!(
        seen(received(&node, &city).await),
        [1, 3],
        "the leader's own supervisor does not receive what names him"
    );

    let baseline = node.office.digest().await.unwrap();
    for handle in TestNode::handles().filter(|h| *h != "officer") {
        let viewer = node.user(handle).await;
        for (n, made) in events.iter().enumerate() {
            let receives = handle == "city-supervisor" && n != 1;
            let told = format!("{handle}, record {}", n + 1);
            if let Ok(permit) = node.office.permit::<may::UseLedger>(&viewer) {
                for lookup in [Lookup::Index(made.index), Lookup::Event(made.event)] {
                    let found = node.office.lookup(&permit, &lookup).await;
                    assert_eq!(found.is_ok(), receives, "{told}: {lookup:?}");
                    assert!(receives || matches!(found, Err(Error::NotFound)), "{told}");
                }
                assert_eq!(
                    node.office.receipt(&permit, made.index).await.is_ok(),
                    receives,
                    "{told}"
                );
            }
            if let Ok(permit) = node.office.permit::<may::ReadOwnRecords>(&viewer) {
                assert!(
                    matches!(
                        node.office.my_record(&permit, made.event).await,
                        Err(Error::NotFound)
                    ),
                    "{told}"
                );
                assert!(
                    matches!(
                        node.office.my_receipt(&permit, made.event).await,
                        Err(Error::NotFound)
                    ),
                    "{told}"
                );
                assert_eq!(
                    node.office
                        .my_records(&permit, PageRequest::default())
                        .await
                        .unwrap()
                        .total,
                    0,
                    "{told}"
                );
            }
            if let (Ok(permit), false) =
                (node.office.permit::<may::ReadInquiries>(&viewer), receives)
            {
                assert!(
                    matches!(
                        node.office.read_inquiry(&permit, made.event).await,
                        Err(Error::NotFound)
                    ),
                    "{told}"
                );
            }
            if let Ok(permit) = node.office.permit::<may::ReadEvents>(&viewer) {
                assert!(
                    matches!(
                        node.office.event(&permit, made.event).await,
                        Err(Error::NotFound)
                    ),
                    "{told}"
                );
                let all = node
                    .office
                    .events(&permit, &office::EventQuery::default())
                    .await
                    .unwrap();
                assert!(
                    all.events
                        .iter()
                        .all(|e| !e.header.activity.as_str().starts_with("itf.")),
                    "{told}"
                );
            }
            if let Ok(permit) = node.office.permit::<may::SearchCases>(&viewer) {
                let filter = office::CaseFilter {
                    q: "A3301-2026-000123".into(),
                    ..office::CaseFilter::default()
                };
                assert_eq!(
                    node.office
                        .cases(&permit, &filter, PageRequest::default())
                        .await
                        .unwrap()
                        .total,
                    0,
                    "{told}"
                );
                assert!(
                    node.office.object_types(&permit).await.unwrap().is_empty(),
                    "{told}"
                );
            }
        }
        if let Ok(permit) = node.office.permit::<may::SeeToday>(&viewer) {
            let today = node.office.today(&permit).await.unwrap();
            let told = today
                .iter()
                .any(|i| i.kind == office::TodayKind::OpenInquiry);
            assert_eq!(told, handle == "city-supervisor", "{handle}");
        }
    }
    assert_eq!(
        node.office.digest().await.unwrap(),
        baseline,
        "looking in vain left no trace that could tell"
    );
}

#[tokio::test]
async fn a_supervisor_does_not_receive_his_own_record_and_recorders_are_told_who_does() {
    let node = TestNode::new().await;
    let officer = node.officer().await;
    let receivers = node.office.receivers(&node.permit(&officer)).await.unwrap();
    let told: Vec<_> = receivers
        .iter()
        .map(|r| (r.organ_name.as_str(), r.people))
        .collect();
    assert_eq!(told, [("城东分局", 1), ("甲市公安局", 1)]);
    let console = node.office.console();
    let grant = office::NewGrant {
        number: TestNode::number("supervisor").into(),
        role: "officer".into(),
        organ: None,
        from: None,
        to: None,
    };
    node.office
        .add_grant(&node.permit(&console), grant)
        .await
        .unwrap();
    node.supervisor().await;
    let both = node
        .office
        .sign_in("supervisor", PASSWORD)
        .await
        .unwrap()
        .viewer;
    record(&node, &both, outsider(), "own").await;
    assert!(received(&node, &both).await.is_empty());
    assert_eq!(
        received(&node, &node.user("city-supervisor").await)
            .await
            .len(),
        1
    );
}

#[tokio::test]
async fn attachments_are_kept_under_their_hash_and_read_by_those_who_may() {
    use tokio::io::AsyncReadExt;
    let node = TestNode::new().await;
    let (officer, supervisor) = (node.officer().await, node.supervisor().await);
    let permit = node.permit::<may::Record>(&officer);
    let file = node
        .office
        .attach(&permit, "C:\\文件\\录音.m4a", &b"sound"[..])
        .await
        .unwrap();
    assert_eq!((file.name.as_str(), file.size), ("录音.m4a", 5));
    let too_large = node
        .office
        .attach(
            &permit,
            "x",
            tokio::io::repeat(7).take(office::MAX_FILE + 1),
        )
        .await;
    assert!(matches!(too_large, Err(Error::TooLarge { .. })));
    assert!(matches!(
        node.office.attach(&permit, "x", tokio::io::empty()).await,
        Err(Error::Invalid(_))
    ));
    assert_eq!(
        std::fs::read_dir(node.dir().join("files")).unwrap().count(),
        1,
        "nothing is left of what was refused"
    );

    let made = node
        .office
        .record(
            &permit,
            Inquiry {
                files: vec![file.clone()],
                ..inquiry(outsider(), "f")
            },
        )
        .await
        .unwrap();
    node.office.caught_up(made.index).await.unwrap();
    let mut own = node
        .office
        .attachment(&node.permit(&officer), made.event, &file.sha256)
        .await
        .unwrap();
    let mut bytes = Vec::new();
    own.content.read_to_end(&mut bytes).await.unwrap();
    assert_eq!(bytes, b"sound");
    let early = node
        .office
        .attachment(&node.permit(&supervisor), made.event, &file.sha256)
        .await;
    assert!(
        matches!(early, Err(Error::NotFound)),
        "first it has to be opened"
    );
    node.office
        .read_inquiry(&node.permit(&supervisor), made.event)
        .await
        .unwrap();
    node.office
        .attachment(&node.permit(&supervisor), made.event, &file.sha256)
        .await
        .unwrap();
    for handle in ["colleague", "west-supervisor", "inspector"] {
        let viewer = node.user(handle).await;
        assert!(matches!(
            node.office
                .attachment(&node.permit(&viewer), made.event, &file.sha256)
                .await,
            Err(Error::NotFound)
        ));
    }
}
