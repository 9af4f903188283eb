//! Pages other than the record: what they show, and that a mistake loses nothing.

use axum::http::{Method, StatusCode};
use testkit::node::TestNode;

use crate::client::{Client, between, token};

/// A case with a name in it, sent in by another system.
async fn case(node: &TestNode) {
    let token = token(node, "officer").await;
    let lines = concat!(
        r#"{"key":"1","activity":"int.alert","occurred":"2026-11-20T09:00:00+08:00","objects":[{"type":"case","id":"A-1"},{"type":"person","id":"p1","qualifier":"victim","name":"Zhang <b>San</b>"}]}"#,
        "\n",
        r#"{"key":"2","activity":"x:something else","occurred":"2026-11-21T09:00:00+08:00","objects":[{"type":"case","id":"A-1"}],"words":"what was said"}"#,
        "\n",
    );
    let answer = Client::new(node)
        .api(
            Method::POST,
            "/api/v1/events",
            &token,
            "application/x-ndjson",
            lines,
        )
        .await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    assert!(!answer.text().contains("expected"), "{}", answer.text());
    node.office.caught_up_all().await.expect("caught up");
}

#[tokio::test]
async fn a_case_is_found_and_its_names_are_shown_only_on_request() {
    let node = TestNode::new().await;
    case(&node).await;
    let officer = Client::of(&node, "officer").await;
    assert!(
        officer
            .page("/cases?q=no-such")
            .await
            .contains("没有符合条件的案件")
    );
    let list = officer.page("/cases?q=A-1").await;
    let path = format!(
        "/cases/{}",
        between(&list, "href=\"/cases/c", "\"").trim_start_matches('c')
    )
    .replace("/cases/", "/cases/c");
    let timeline = officer.page(&path).await;
    assert!(timeline.contains("something else") && timeline.contains("2026-11-20"));
    let elements = officer.page(&format!("{path}/elements")).await;
    assert!(
        !elements.contains("Zhang"),
        "no name before it is asked for"
    );
    assert!(elements.contains("被害人"));
    let shown = officer.post(&format!("{path}/names"), &[]).await.text();
    assert!(
        shown.contains("Zhang &#60;b&#62;San&#60;/b&#62;"),
        "names are text, not markup"
    );
    node.office.caught_up_all().await.expect("caught up");
    assert!(
        officer
            .page(&format!("{path}/looks"))
            .await
            .contains("王小明"),
        "looking left a trace"
    );
    // To an officer of another organ the case does not exist.
    let stranger = Client::of(&node, "stranger").await;
    assert!(!stranger.page("/cases?q=A-1").await.contains("A-1</a>"));
    assert_eq!(stranger.get(&path).await.status, StatusCode::NOT_FOUND);
    assert_eq!(
        stranger.post(&format!("{path}/names"), &[]).await.status,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn the_ledger_finds_by_index_and_by_id_and_says_what_it_expects() {
    let node = TestNode::new().await;
    let client = Client::of(&node, "operator").await;
    assert_eq!(client.get("/ledger?q=1").await.to(), "/ledger/1");
    let entry = client.page("/ledger/1").await;
    let text = between(&entry, "&#34;id&#34;:&#34;", "&#34;");
    assert_eq!(
        client.get(&format!("/ledger?q={text}")).await.to(),
        "/ledger/1"
    );
    for q in ["99999", "no-such-entry", "-1"] {
        let answer = client.get(&format!("/ledger?q={q}")).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{q}");
        assert!(answer.text().contains("UUID"), "{q}");
    }
    assert_eq!(
        client.get("/ledger/99999").await.status,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn every_code_of_the_verifier_has_its_words_on_the_page() {
    let node = TestNode::new().await;
    let client = Client::of(&node, "operator").await;
    let source = include_str!("../../assets/verify.js");
    let codes: Vec<&str> = between(source, "export const CODES = [", "];")
        .split('"')
        .skip(1)
        .step_by(2)
        .collect();
    assert!(codes.len() > 20);
    for lang in ["zh-CN", "en"] {
        let mut client = client.clone();
        let switched = client.get(&format!("/?lang={lang}")).await;
        client.keep(&switched);
        let page = client.page("/ledger").await;
        for code in &codes {
            let words = between(&page, &format!("data-words=\"{code}\">"), "<");
            assert!(
                !words.is_empty() && words != *code && !words.starts_with("wrong-"),
                "{lang} {code}: {words}"
            );
        }
    }
}

#[tokio::test]
async fn settings_keep_what_was_typed_and_name_each_mistake() {
    let node = TestNode::new().await;
    let admin = Client::of(&node, "admin").await;
    let added = admin
        .post(
            "/settings/organs",
            &[
                ("code", "A330105"),
                ("name", "城南分局"),
                ("parent", "A330100"),
            ],
        )
        .await;
    assert!(added.to().starts_with("/settings/organs?done="));
    assert!(admin.page(added.to()).await.contains("城南分局"));
    let twice = admin
        .post(
            "/settings/organs",
            &[
                ("code", "A330105"),
                ("name", "另一个名字"),
                ("parent", "A330100"),
            ],
        )
        .await;
    assert_eq!(twice.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(twice.text().contains("value=\"另一个名字\"") && twice.text().contains("aria-invalid"));
    // Ending asks first, and says what follows.
    let asked = admin
        .post(
            "/settings/organs/end",
            &[("code", "A330105"), ("name", "城南分局")],
        )
        .await;
    assert!(
        asked.text().contains("确认终止") && asked.text().contains("已有的记录和证明都不受影响")
    );
    let ended = admin
        .post(
            "/settings/organs/end",
            &[("code", "A330105"), ("name", "城南分局"), ("sure", "yes")],
        )
        .await;
    assert!(ended.to().starts_with("/settings/organs?done="));
    let busy = admin
        .post(
            "/settings/organs/end",
            &[("code", "A330103"), ("sure", "yes")],
        )
        .await;
    assert_eq!(
        busy.status,
        StatusCode::OK,
        "an organ with people does not end: the page says why"
    );
    assert!(busy.text().contains("role=\"alert\""));

    let csv = "number,name,organ,post\n200001,钱多,A330103,民警\n200002,,A330103,民警\n200003,孙少,NOWHERE,民警\n";
    let imported = admin
        .upload(
            "/settings/people/import",
            &[],
            &[("file", "people.csv", csv.as_bytes())],
        )
        .await
        .text();
    assert!(imported.contains("收下 1 行，退回 2 行"));
    assert!(
        imported.contains(">3</td>") && imported.contains(">4</td>"),
        "bad lines are named"
    );
    assert!(
        admin
            .page("/settings/people?q=200001")
            .await
            .contains("钱多")
    );
    let broken = admin
        .upload(
            "/settings/people/import",
            &[],
            &[("file", "x.csv", b"\x00\xff\xfe")],
        )
        .await;
    assert!(broken.status.is_client_error(), "{}", broken.status);

    let role = admin
        .post(
            "/settings/roles",
            &[
                ("number", "200001"),
                ("role", "officer"),
                ("to", "not a day"),
            ],
        )
        .await;
    assert_eq!(role.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(role.text().contains("value=\"200001\""));
    let role = admin
        .post(
            "/settings/roles",
            &[
                ("number", "200001"),
                ("role", "officer"),
                ("organ", "A330103"),
            ],
        )
        .await;
    assert!(role.to().starts_with("/settings/roles?done="));
}

#[tokio::test]
async fn a_first_password_is_shown_once_and_must_be_changed() {
    let node = TestNode::new().await;
    let admin = Client::of(&node, "admin").await;
    let person = node.person("nobody");
    let path = format!("/settings/people/{person}");
    let made = admin
        .post(&format!("{path}/account"), &[("account", "zhuxian")])
        .await
        .text();
    let password = between(&made, "<code id=\"secret\">", "</code>").to_owned();
    assert!(!admin.page(&path).await.contains(&password));
    let mut client = Client::new(&node);
    let signed = client
        .post(
            "/sign-in",
            &[("account", "zhuxian"), ("password", &password)],
        )
        .await;
    assert_eq!(signed.to(), "/password");
    client.keep(&signed);
    let weak = client
        .post(
            "/password",
            &[("old", &password), ("new", "short"), ("again", "short")],
        )
        .await;
    assert_eq!(weak.status, StatusCode::UNPROCESSABLE_ENTITY);
    let new = "a much longer secret";
    let changed = client
        .post(
            "/password",
            &[("old", &password), ("new", new), ("again", new)],
        )
        .await;
    assert!(changed.text().contains("密码已修改"));
    let again = client
        .post("/sign-in", &[("account", "zhuxian"), ("password", new)])
        .await;
    assert_eq!(again.to(), "/");
}

#[tokio::test]
async fn errors_are_pages_in_the_reader_s_language() {
    let node = TestNode::new().await;
    let mut officer = Client::of(&node, "officer").await;
    let missing = officer.get("/no/such/page").await;
    assert_eq!(missing.status, StatusCode::NOT_FOUND);
    assert!(missing.text().contains("没有这一页") && missing.text().contains("lang=\"zh-CN\""));
    let switched = officer.get("/?lang=en").await;
    officer.keep(&switched);
    let refused = officer.get("/inquiries").await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(
        refused.text().contains("Your role may not do this")
            && refused.text().contains("lang=\"en\"")
    );
    assert_eq!(
        officer.get("/my-records/nonsense").await.status,
        StatusCode::NOT_FOUND
    );
    let large = officer
        .post("/record/roster", &[("q", &"x".repeat(300 * 1024))])
        .await;
    assert_eq!(large.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(large.text().contains("50 MB"));
}
