//! Recording an inquiry by the form: three answers, nothing lost, and who sees it.

use axum::http::StatusCode;
use testkit::node::TestNode;

use crate::client::{Client, between};

/// The form with three answers about somebody of the roster.
fn three<'a>(who_id: &'a str, key: &'a str) -> [(&'a str, &'a str); 5] {
    [
        ("key", key),
        ("who", "孙立"),
        ("who_id", who_id),
        ("tile", "pleaded"),
        ("case", "unknown"),
    ]
}

#[tokio::test]
async fn three_answers_make_a_record_with_a_receipt() {
    let node = TestNode::new().await;
    let officer = Client::of(&node, "officer").await;
    let form = officer.page("/record").await;
    assert!(
        form.contains("<title>留痕</title>"),
        "the title tells nothing"
    );
    let key = between(&form, "name=\"key\" value=\"", "\"").to_owned();
    let leader = node.person("leader").to_string();
    let sent = officer.upload("/record", &three(&leader, &key), &[]).await;
    let path = sent.to().to_owned();
    let page = officer.page(&path).await;
    assert!(page.contains("已记下") && page.contains("杨威") && page.contains("说情"));
    // Sent twice, it is one record.
    let again = officer.upload("/record", &three(&leader, &key), &[]).await;
    assert_eq!(again.to(), path);
    let event = between(&path, "/my-records/", "?");
    let receipt = officer.page(&format!("/my-records/{event}/receipt")).await;
    let proof = tlog::proof::TlogProof::parse(receipt.as_bytes()).expect("a receipt");
    let entry = proof.extra.clone().expect("the entry");
    let policy = tlog::policy::Policy::of_log(node.office.info().key.clone()).expect("a policy");
    proof.verify(&entry, &policy).expect("it proves");
    let header = String::from_utf8(entry).expect("UTF-8");
    assert!(
        !header.contains("杨威") && !header.contains("pleaded") && !header.contains(&leader),
        "{header}"
    );
}

#[tokio::test]
async fn a_mistake_is_named_and_loses_nothing() {
    let node = TestNode::new().await;
    let officer = Client::of(&node, "officer").await;
    let answer = officer
        .upload(
            "/record",
            &[
                ("who", ""),
                ("words", "第一行\n“引号” <b>"),
                ("when", "2999-01-01T00:00"),
                ("manner", "phone"),
            ],
            &[],
        )
        .await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    let page = answer.text();
    assert!(
        page.contains("有 4 处需要改正"),
        "who, what, which case, and a time to come"
    );
    assert!(
        page.contains("第一行\n“引号” &#60;b&#62;"),
        "words are kept, as text"
    );
    assert!(page.contains("value=\"phone\" selected"));
    for anchor in ["#who", "#tile", "#case", "#when"] {
        assert!(page.contains(&format!("<a href=\"{anchor}\">")), "{anchor}");
    }
}

#[tokio::test]
async fn a_typed_name_that_the_roster_has_is_asked_about() {
    let node = TestNode::new().await;
    let officer = Client::of(&node, "officer").await;
    let fields = [
        ("who", "杨威"),
        ("tile", "asked"),
        ("case", "other"),
        ("case_number", "A-9"),
    ];
    let page = officer.upload("/record", &fields, &[]).await.text();
    let leader = node.person("leader").to_string();
    assert!(page.contains(&format!("name=\"pick\" value=\"{leader}\"")));
    assert!(page.contains("value=\"A-9\""), "nothing is lost");
    let mut chosen = fields.to_vec();
    chosen.push(("pick", &leader));
    let record = officer
        .page(officer.upload("/record", &chosen, &[]).await.to())
        .await;
    assert!(record.contains("副局长") && record.contains("A-9"));
    // Somebody else of that name: the recorder says so, and it stays as written.
    let mut free = fields.to_vec();
    free.push(("pick", "free"));
    let record = officer
        .page(officer.upload("/record", &free, &[]).await.to())
        .await;
    assert!(record.contains("杨威") && !record.contains("副局长"));
    // The search without script, and the list for the one with.
    let found = officer
        .upload("/record", &[("who", "yw"), ("step", "find")], &[])
        .await
        .text();
    assert!(found.contains(&leader));
    let list = officer.post("/record/roster", &[("q", "yw")]).await.text();
    assert!(list.contains("role=\"option\"") && list.contains(&leader));
    assert!(
        officer
            .upload("/record", &[("who", "无此人"), ("step", "find")], &[])
            .await
            .text()
            .contains("名册里没有“无此人”")
    );
}

#[tokio::test]
async fn files_are_kept_and_given_back_and_large_ones_are_refused_by_name() {
    let node = TestNode::new().await;
    let officer = Client::of(&node, "officer").await;
    let leader = node.person("leader").to_string();
    let content: Vec<u8> = (0..3_000_000u32).map(|i| (i % 251) as u8).collect();
    let sent = officer
        .upload(
            "/record",
            &three(&leader, "a"),
            &[("files", "录音.m4a", &content), ("files", "", b"")],
        )
        .await;
    let page = officer.page(sent.to()).await;
    let href = format!("/records/{}", between(&page, "href=\"/records/", "\""));
    let file = officer.get(&href).await;
    assert_eq!(file.body, content);
    assert_eq!(
        file.header("content-disposition"),
        "attachment; filename*=UTF-8''%E5%BD%95%E9%9F%B3.m4a"
    );
    assert_eq!(file.header("content-type"), "application/octet-stream");
    assert_eq!(
        Client::of(&node, "colleague").await.get(&href).await.status,
        StatusCode::NOT_FOUND
    );
    let large = vec![0u8; 50 * 1024 * 1024 + 1];
    let refused = officer
        .upload(
            "/record",
            &three(&leader, "b"),
            &[("files", "全部.zip", &large)],
        )
        .await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text().contains("“全部.zip”超过 50 MB"));
    let many: Vec<(&str, &str, &[u8])> = (0..11)
        .map(|_| ("files", "x.txt", b"x".as_slice()))
        .collect();
    let refused = officer.upload("/record", &three(&leader, "c"), &many).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        officer.page("/my-records").await.contains("共 1 条"),
        "what was refused is not recorded"
    );
}

#[tokio::test]
async fn it_arrives_with_its_receivers_and_with_nobody_else() {
    let node = TestNode::new().await;
    let officer = Client::of(&node, "officer").await;
    // The supervisor of the east himself asked: the city's receives it, he does not.
    let named = node.person("supervisor").to_string();
    let path = officer
        .upload("/record", &three(&named, "a"), &[])
        .await
        .to()
        .to_owned();
    let event = between(&path, "/my-records/", "?").to_owned();
    let page = officer.page(&path).await;
    let index = between(&page, "href=\"/ledger/", "\"").to_owned();

    let city = Client::of(&node, "city-supervisor").await;
    assert!(city.page("/inquiries").await.contains(&event));
    let listed = city.page("/inquiries").await;
    assert!(!listed.contains("孙立"), "no name in the list");
    let opened = city.post(&format!("/inquiries/{event}"), &[]).await.text();
    assert!(opened.contains("孙立") && opened.contains("王小明"));
    node.office.caught_up_all().await.expect("caught up");
    assert!(
        officer.page(&path).await.contains("周正"),
        "its recorder sees who opened it"
    );

    for handle in [
        "supervisor",
        "west-supervisor",
        "colleague",
        "unit-head",
        "inspector",
        "stranger",
        "admin",
        "witness",
    ] {
        let other = Client::of(&node, handle).await;
        let list = other.get("/inquiries").await;
        assert!(!list.text().contains(&event), "{handle}: list");
        for path in [
            format!("/my-records/{event}"),
            format!("/my-records/{event}/receipt"),
        ] {
            let status = other.get(&path).await.status;
            assert!(
                [StatusCode::NOT_FOUND, StatusCode::FORBIDDEN].contains(&status),
                "{handle} {path}: {status}"
            );
        }
        let open = other.post(&format!("/inquiries/{event}"), &[]).await.status;
        assert!(
            [StatusCode::NOT_FOUND, StatusCode::FORBIDDEN].contains(&open),
            "{handle}: open {open}"
        );
        // The same answer as for an entry that does not exist.
        for path in [
            format!("/ledger/{index}"),
            format!("/ledger/{index}/receipt"),
            format!("/ledger?q={event}"),
            format!("/api/v1/receipts/{index}"),
        ] {
            assert_eq!(
                other.get(&path).await.status,
                StatusCode::NOT_FOUND,
                "{handle} {path}"
            );
        }
        let api = other.get(&format!("/api/v1/events/{event}")).await.status;
        assert!(
            [StatusCode::NOT_FOUND, StatusCode::FORBIDDEN].contains(&api),
            "{handle}: API {api}"
        );
    }
}
