//! Key steps on pages: proposed, blocked for whoever handles them, reviewed, approved, sent back.

use axum::http::StatusCode;
use testkit::node::TestNode;

use crate::client::{Client, between};

/// A filed case with a suspect; answers with its address.
async fn case(node: &TestNode, officer: &Client) -> String {
    let viewer = node.officer().await;
    let lines = [
        r#"{"activity":"int.accept","occurred":"2026-11-22T01:00:00Z","organ":"A33010301","actors":[{"number":"100001","role":"R_OFFICER"}],"objects":[{"type":"case","id":"A3301-7"}],"attrs":{"economic":false}}"#,
        r#"{"activity":"cr.file","occurred":"2026-11-22T02:00:00Z","organ":"A33010301","actors":[{"number":"100001","role":"R_OFFICER"},{"number":"100015","role":"R_COUNTY_LEADER"}],"objects":[{"type":"case","id":"A3301-7"}]}"#,
        r#"{"activity":"cr.summon_oral","occurred":"2026-11-22T20:00:00Z","organ":"A33010301","actors":[{"number":"100001","role":"R_OFFICER"},{"number":"100002","role":"R_OFFICER"}],"objects":[{"type":"case","id":"A3301-7"},{"type":"person","id":"p-7","name":"李四","qualifier":"suspect"}]}"#,
    ];
    node.office
        .post_events(&node.permit(&viewer), &lines)
        .await
        .unwrap();
    node.office.heartbeat().await.unwrap();
    let list = officer.page("/cases?q=A3301-7").await;
    format!("/cases/{}", between(&list, "href=\"/cases/", "\""))
}

async fn propose(
    officer: &Client,
    case: &str,
    act: &str,
    words: &str,
    step: &str,
) -> crate::client::Answer {
    let form = officer.page(&format!("{case}/propose?act={act}")).await;
    let object = between(&form, "name=\"object-", "\"").to_owned();
    let object = format!("object-{object}");
    let key = between(&form, "name=\"key\" value=\"", "\"").to_owned();
    let fields = [
        ("act", act),
        ("key", &key),
        (&object, "on"),
        ("with", "100002"),
        ("words", words),
        ("do", step),
    ];
    let files: &[(&str, &str, &[u8])] = &[("files", "材料.txt", b"evidence")];
    officer
        .upload(&format!("{case}/propose"), &fields, files)
        .await
}

#[tokio::test]
async fn a_step_from_its_proposal_to_the_act() {
    let node = TestNode::new().await;
    node.add("200001", "何正", "A330103", "leader").await;
    let officer = Client::of(&node, "officer").await;
    let case = case(&node, &officer).await;
    assert!(
        officer
            .page(&case)
            .await
            .contains(&format!("{case}/reviews")),
        "a tab of the case"
    );
    assert!(
        officer
            .page(&format!("{case}/reviews"))
            .await
            .contains("/propose")
    );

    // What cannot be done says so at once, with article and way out.
    let blocked = propose(&officer, &case, "cr.send", "移送", "check").await;
    assert_eq!(blocked.status, StatusCode::UNPROCESSABLE_ENTITY);
    let text = blocked.text();
    for said in [
        "CR-115",
        "刑事程序规定第286、289条",
        "先办理",
        "侦查终结",
        "现在不能办",
    ] {
        assert!(text.contains(said), "{said}");
    }
    let asked = propose(&officer, &case, "cr.detain", "拟予拘留", "check").await;
    assert_eq!(asked.status, StatusCode::OK);
    assert!(
        asked.text().contains("没有规则阻止") && asked.text().contains("县级以上公安机关负责人")
    );
    let empty = propose(&officer, &case, "cr.detain", " ", "send").await;
    assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        empty.text().contains("value=\"100002\""),
        "what was typed is kept"
    );

    let sent = propose(&officer, &case, "cr.detain", "有逃跑<b>可能</b>", "send").await;
    let step = sent.to().to_owned();
    let own = officer.page(&step).await;
    assert!(
        own.contains("有逃跑&#60;b&#62;可能") || own.contains("有逃跑&lt;b&gt;可能"),
        "words are text"
    );
    assert!(
        !own.contains("name=\"decision\""),
        "nothing to press on one's own step"
    );

    let reviewer = Client::of(&node, "legal-reviewer").await;
    assert!(reviewer.page("/reviews").await.contains(&step));
    let page = reviewer.page(&step).await;
    for said in [
        "CR-040",
        "刑事程序规定第125条",
        "材料.txt",
        "口头传唤",
        "王小明",
    ] {
        assert!(page.contains(said), "{said}");
    }
    let file = between(&page, &format!("href=\"{step}/files/"), "\"").to_owned();
    assert_eq!(
        reviewer.get(&format!("{step}/files/{file}")).await.body,
        b"evidence"
    );
    let shown = between(&page, "name=\"shown\" value=\"", "\"").to_owned();
    let decide = |words: &'static str, decision: &'static str, shown: String| {
        let (reviewer, step) = (reviewer.clone(), step.clone());
        async move {
            let fields = [
                ("words", words),
                ("decision", decision),
                ("shown", shown.as_str()),
            ];
            reviewer.post(&step, &fields).await
        }
    };
    let no_reason = decide(" ", "return", shown.clone()).await;
    assert_eq!(no_reason.status, StatusCode::UNPROCESSABLE_ENTITY);
    let stale = decide("同意", "pass", "0".repeat(64)).await;
    assert_eq!(stale.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(stale.text().contains("有了新的内容") && stale.text().contains(">同意</textarea>"));
    assert_eq!(
        decide("同意呈批", "pass", shown).await.to(),
        format!("{step}?done=1")
    );

    // The head of the unit is too low for a detention; the leader is not.
    let head = Client::of(&node, "unit-head").await;
    let page = head.page(&step).await;
    assert!(!page.contains("name=\"decision\""));
    let refused = head
        .post(
            &step,
            &[("words", "同意"), ("decision", "pass"), ("shown", "x")],
        )
        .await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text().contains("CR-040"), "{}", refused.text());
    let english = head.get(&format!("{step}?lang=en")).await;
    assert!(matches!(
        english.status,
        StatusCode::OK | StatusCode::SEE_OTHER
    ));
}

#[tokio::test]
async fn today_lists_what_waits_and_what_was_sent_back_is_filled_in_again() {
    let node = TestNode::new().await;
    let officer = Client::of(&node, "officer").await;
    let case = case(&node, &officer).await;
    let sent = propose(&officer, &case, "cr.detain", "有逃跑可能", "send").await;
    let step = sent.to().to_owned();
    let reviewer = Client::of(&node, "legal-reviewer").await;
    let today = reviewer.page("/").await;
    assert!(today.contains("等你审核"), "{today}");
    assert!(
        today.contains(&format!("href=\"{step}\"")) && today.contains("拘留 · A3301-7"),
        "{today}"
    );
    let mine = officer.page("/").await;
    assert!(!mine.contains("等你审核"), "not his own");
    let head = Client::of(&node, "unit-head").await;
    assert!(!head.page("/").await.contains("等你审核"), "not his turn");

    let page = reviewer.page(&step).await;
    let shown = between(&page, "name=\"shown\" value=\"", "\"").to_owned();
    let fields = [
        ("words", "补充逃跑的证据"),
        ("decision", "return"),
        ("shown", &shown),
    ];
    let returned = reviewer.post(&step, &fields).await;
    assert_eq!(returned.to(), format!("{step}?done=1"));
    assert!(!reviewer.page("/").await.contains("等你审核"), "decided");
    let back = officer.page(&step).await;
    let event = step.rsplit('/').next().expect("an id");
    let again = format!("{case}/propose?again={event}");
    assert!(back.contains(&again), "{back}");
    let form = officer.page(&again).await;
    assert!(form.contains("value=\"cr.detain\" selected"), "{form}");
    assert!(form.contains(">有逃跑可能</textarea>"), "{form}");
    assert!(form.contains("value=\"100002\""), "{form}");
    let object = between(&form, "name=\"object-", "<span>");
    assert!(object.contains("checked"), "{form}");
    // Whoever did not propose it gets no form from it.
    let colleague = Client::of(&node, "colleague").await;
    assert_eq!(colleague.get(&again).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_handler_cannot_review_his_own_step() {
    let node = TestNode::new().await;
    let console = node.office.console();
    let grant = office::NewGrant {
        number: "100001".into(),
        role: "legal-reviewer".into(),
        organ: Some("A330103".into()),
        from: None,
        to: None,
    };
    node.office
        .add_grant(&node.permit(&console), grant)
        .await
        .unwrap();
    let officer = Client::of(&node, "officer").await;
    let case = case(&node, &officer).await;
    let sent = propose(&officer, &case, "cr.detain", "拟予拘留", "send").await;
    let step = sent.to().to_owned();
    let queue = officer.page("/reviews").await;
    assert!(
        queue.contains("须由他人处理") && queue.contains("SD-001"),
        "{queue}"
    );
    let page = officer.page(&step).await;
    assert!(page.contains("不能由你处理") && !page.contains("name=\"decision\""));
    let shown = between(&page, "<span class=\"mono\">", "<").to_owned();
    let posted = officer
        .post(
            &step,
            &[("words", "同意"), ("decision", "pass"), ("shown", &shown)],
        )
        .await;
    assert_eq!(posted.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(posted.text().contains("SD-001") && posted.text().contains("“两统一” [S]"));
}
