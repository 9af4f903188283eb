//! The reason before a case opens, on pages and through the API; who looked; looks that are asked about.

use axum::http::{Method, StatusCode};
use testkit::node::TestNode;

use crate::client::{Client, between, token};

/// An act that no rule looks at, so that no alert calls anybody.
const ACT: &str = r#"{"activity":"x:走访","occurred":"2026-11-22T22:05:00Z","organ":"A33010301","actors":[{"number":"100001","role":"R_OFFICER"}],"objects":[{"type":"case","id":"A3301-9"},{"type":"person","id":"p-1","name":"张三"}]}"#;

/// The only case, by its address.
async fn case(node: &TestNode) -> String {
    let viewer = node.officer().await;
    let posted = node.office.post_events(&node.permit(&viewer), &[ACT]).await;
    posted.expect("lines");
    node.office.caught_up_all().await.expect("caught up");
    let officer = Client::of(node, "officer").await;
    let list = officer.page("/cases").await;
    format!(
        "/cases/{}",
        between(&list, "line-link\" href=\"/cases/", "\"")
    )
}

#[tokio::test]
async fn a_leader_is_asked_first_and_an_inspector_finds_his_look() {
    let node = TestNode::new().await;
    let path = case(&node).await;
    let leader = Client::of(&node, "leader").await;
    // Each side of the case leads to the question, and none of them shows anything.
    for side in ["", "?tab=elements", "/reviews", "/looks"] {
        let answer = leader.get(&format!("{path}{side}")).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{side}");
        assert!(answer.body.is_empty() && answer.to().starts_with(&format!("{path}/reason?next=")));
    }
    let names = leader.post(&format!("{path}/names"), &[]).await;
    assert_eq!(
        names.to(),
        format!("{path}/reason?next={path}")
            .replace(':', "%3A")
            .replacen("%3A", ":", 1)
    );
    let question = leader
        .get(&format!("{path}?tab=elements"))
        .await
        .to()
        .to_owned();
    let page = leader.page(&question).await;
    assert!(
        page.contains("没有查到你与本案的办案关系") && page.contains("值班备勤"),
        "{page}"
    );
    assert!(
        !page.contains("走访") && !page.contains("张三"),
        "nothing of the case"
    );

    let to = format!("{path}/reason");
    let wrong = leader
        .post(&to, &[("reason", "written"), ("words", "批示")])
        .await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.text().contains("批示") && wrong.text().contains("aria-invalid"));
    // It goes on to a page of this case only.
    for (next, onward) in [
        (
            format!("{path}?tab=elements"),
            format!("{path}?tab=elements"),
        ),
        ("//evil.example/".to_owned(), path.clone()),
        ("/settings/roles".to_owned(), path.clone()),
    ] {
        let reason = [
            ("reason", "told"),
            ("words", "口头交办"),
            ("next", next.as_str()),
        ];
        assert_eq!(leader.post(&to, &reason).await.to(), onward, "{next}");
    }
    assert!(leader.page(&path).await.contains("走访"));
    assert_eq!(
        leader.get(&question).await.to(),
        format!("{path}?tab=elements")
    );

    let officer = Client::of(&node, "officer").await;
    let looks = officer.page(&format!("{path}/looks")).await;
    for words in [
        "杨威",
        "说明理由查阅",
        "口头指派，尚未登记",
        "缺少办案关系",
        "本案承办民警",
    ] {
        assert!(looks.contains(words), "{words}");
    }
    assert!(
        !looks.contains("口头交办"),
        "his words are for who reviews them"
    );
    assert!(
        !looks.contains("id=\"form\""),
        "an officer registers nobody"
    );

    let inspector = Client::of(&node, "inspector").await;
    let list = inspector.page("/looks").await;
    assert!(list.contains("杨威") && list.contains("A3301-9") && list.contains("缺少办案关系"));
    let one = format!("/looks/{}", between(&list, "href=\"/looks/", "\""));
    let page = inspector.page(&one).await;
    assert!(page.contains("口头交办"));
    let bad = inspector.post(&one, &[("verdict", "justified")]).await;
    assert_eq!(bad.status, StatusCode::UNPROCESSABLE_ENTITY);
    let answer = [("verdict", "justified"), ("note", "局长办公会记录属实")];
    assert!(
        inspector
            .post(&one, &answer)
            .await
            .to()
            .starts_with("/looks?done=")
    );
    let list = inspector.page("/looks").await;
    assert!(
        list.contains("待核查 0 条") && list.contains("正当"),
        "{list}"
    );
    assert!(
        officer
            .page(&format!("{path}/looks"))
            .await
            .contains("核查查阅"),
        "he was seen too"
    );
    // Who may not review them finds no such page.
    assert_eq!(officer.get("/looks").await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_unit_head_registers_who_has_to_do_with_a_case() {
    let node = TestNode::new().await;
    let path = case(&node).await;
    let head = Client::of(&node, "unit-head").await;
    let page = head.page(&format!("{path}/looks")).await;
    assert!(page.contains("没有登记办案关系") && page.contains("id=\"form\""));
    let to = format!("{path}/relations");
    let bad = [
        ("kind", "joint-task"),
        ("number", "100015"),
        ("to", "tomorrow"),
    ];
    let wrong = head.post(&to, &bad).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.text().contains("100015"), "what was typed is kept");
    let good = [
        ("kind", "assigned"),
        ("number", "100015"),
        ("why", "指导办案"),
    ];
    let done = head.post(&to, &good).await;
    let page = head.page(done.to()).await;
    assert!(page.contains("杨威") && page.contains("指导办案") && page.contains("role=\"status\""));
    let leader = Client::of(&node, "leader").await;
    assert!(
        leader.page(&path).await.contains("走访"),
        "no question is asked"
    );
    let relation = between(&page, "name=\"relation\" value=\"", "\"").to_owned();
    let ended = head
        .post(&format!("{to}/end"), &[("relation", &relation)])
        .await;
    assert!(ended.to().starts_with(&format!("{path}/looks?done=")));
    let officer = Client::of(&node, "officer").await;
    let refused = officer.post(&to, &good).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn through_the_api_it_is_a_precondition() {
    let node = TestNode::new().await;
    let path = case(&node).await;
    let key = path.trim_start_matches("/cases/");
    let leader = token(&node, "leader").await;
    let client = Client::new(&node);
    let get = |path: String| {
        let (client, token) = (client.clone(), leader.clone());
        async move { client.api(Method::GET, &path, &token, "", "").await }
    };
    for path in [
        format!("/api/v1/findings?case={key}"),
        format!("/api/v1/events?object={key}"),
    ] {
        let answer = get(path.clone()).await;
        assert_eq!(answer.status, StatusCode::PRECONDITION_REQUIRED, "{path}");
        let problem = answer.json();
        assert_eq!(problem["type"], "urn:liuhen:problem:reason");
        let next = problem["next"].as_str().expect("what to do");
        assert!(
            next.contains(&format!("/api/v1/cases/{key}/reason")),
            "{next}"
        );
        assert!(!answer.text().contains("走访") && !answer.text().contains("张三"));
    }
    let to = format!("/api/v1/cases/{key}/reason");
    let give = |body: &'static str| {
        let (client, token, to) = (client.clone(), leader.clone(), to.clone());
        async move {
            client
                .api(Method::POST, &to, &token, "application/json", body)
                .await
        }
    };
    assert_eq!(give("{").await.status, StatusCode::BAD_REQUEST);
    assert_eq!(
        give(r#"{"reason":"told","words":""}"#).await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    let given = give(r#"{"reason":"told","words":"口头交办"}"#).await;
    assert_eq!(given.status, StatusCode::CREATED, "{}", given.text());
    assert_eq!(given.json()["minutes"], 30);
    let again = give(r#"{"reason":"told","words":"口头交办"}"#).await;
    assert_eq!(
        (again.status, again.json()["index"].is_null()),
        (StatusCode::OK, true)
    );
    assert_eq!(
        get(format!("/api/v1/findings?case={key}")).await.status,
        StatusCode::OK
    );
    let events = get(format!("/api/v1/events?object={key}")).await;
    assert_eq!(events.json()["events"].as_array().map(Vec::len), Some(1));
    // To others there is no such case, before and after.
    let stranger = token(&node, "stranger").await;
    let other = client.api(
        Method::POST,
        &to,
        &stranger,
        "application/json",
        r#"{"reason":"told","words":"口头交办"}"#,
    );
    assert_eq!(other.await.status, StatusCode::NOT_FOUND);
}
