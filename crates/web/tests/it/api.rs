//! The REST API and the log under its C2SP paths.

use axum::http::{Method, StatusCode};
use testkit::node::TestNode;

use crate::client::{Client, token};

const EVENT: &str = r#"{"activity":"cr.detain","occurred":"2026-11-22T14:05:00+08:00","objects":[{"type":"case","id":"A-1"}]}"#;

#[test]
fn the_description_is_as_committed() {
    let text = serde_json::to_string_pretty(&web::openapi()).expect("JSON");
    insta::assert_snapshot!(text);
}

#[tokio::test]
async fn one_event_is_taken_once() {
    let node = TestNode::new().await;
    let token = token(&node, "officer").await;
    let client = Client::new(&node);
    let keyed = EVENT.replacen('{', r#"{"key":"k-1","#, 1);
    let first = client
        .api(
            Method::POST,
            "/api/v1/events",
            &token,
            "application/json",
            keyed.clone(),
        )
        .await;
    assert_eq!(first.status, StatusCode::OK, "{}", first.text());
    let first = first.json();
    let again = client
        .api(
            Method::POST,
            "/api/v1/events",
            &token,
            "application/json",
            keyed.clone(),
        )
        .await
        .json();
    assert_eq!(
        (&again["index"], &again["duplicate"]),
        (&first["index"], &true.into())
    );
    let other = keyed.replace("14:05", "14:06");
    let conflict = client
        .api(
            Method::POST,
            "/api/v1/events",
            &token,
            "application/json",
            other,
        )
        .await;
    assert_eq!(conflict.status, StatusCode::CONFLICT, "{}", conflict.text());

    node.office.caught_up_all().await.expect("caught up");
    let id = first["event"].as_str().expect("an id");
    let read = client
        .api(Method::GET, &format!("/api/v1/events/{id}"), &token, "", "")
        .await
        .json();
    assert_eq!(read["index"], first["index"]);
    assert_eq!(read["header"]["activity"], "cr.detain");
    let list = client
        .api(
            Method::GET,
            "/api/v1/events?activity=cr.detain&limit=1",
            &token,
            "",
            "",
        )
        .await
        .json();
    assert_eq!(list["events"].as_array().map(Vec::len), Some(1));
    let receipt = client
        .api(
            Method::GET,
            &format!("/api/v1/receipts/{}", first["index"]),
            &token,
            "",
            "",
        )
        .await;
    let proof = tlog::proof::TlogProof::parse(&receipt.body).expect("a receipt");
    let policy = tlog::policy::Policy::of_log(node.office.info().key.clone()).expect("a policy");
    proof
        .verify(proof.extra.as_ref().expect("the entry"), &policy)
        .expect("it proves");
}

#[tokio::test]
async fn a_batch_is_answered_line_by_line() {
    let node = TestNode::new().await;
    let token = token(&node, "officer").await;
    let client = Client::new(&node);
    let batch = format!(
        "{EVENT}\nnot json\n{}\n{EVENT}",
        EVENT.replace("cr.detain", "cr.no_such_activity")
    );
    let answer = client
        .api(
            Method::POST,
            "/api/v1/events",
            &token,
            "application/x-ndjson",
            batch,
        )
        .await;
    assert_eq!(answer.status, StatusCode::OK);
    let lines: Vec<serde_json::Value> = answer
        .text()
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    assert_eq!(lines.len(), 4);
    for (at, line) in lines.iter().enumerate() {
        assert_eq!(line["line"], at + 1);
    }
    assert!(lines[0]["index"].is_u64() && lines[3]["index"].is_u64());
    assert!(
        lines[1]["expected"].is_string() && lines[2]["expected"].is_string(),
        "{lines:?}"
    );
}

#[tokio::test]
async fn limits_and_mistakes_are_problem_documents() {
    let node = TestNode::new().await;
    let officer = token(&node, "officer").await;
    let operator = token(&node, "operator").await;
    let client = Client::new(&node);
    let many = format!("{EVENT}\n").repeat(10_001);
    let long = format!("{{\"words\":\"{}\"}}", "x".repeat(256 * 1024));
    let cases: [(&str, &str, &str, String, StatusCode); 9] = [
        (
            "too many lines",
            officer.as_str(),
            "application/x-ndjson",
            many,
            StatusCode::PAYLOAD_TOO_LARGE,
        ),
        (
            "a line too long",
            &officer,
            "application/x-ndjson",
            long.clone(),
            StatusCode::PAYLOAD_TOO_LARGE,
        ),
        (
            "an event too long",
            &officer,
            "application/json",
            long,
            StatusCode::PAYLOAD_TOO_LARGE,
        ),
        (
            "nothing",
            &officer,
            "application/json",
            String::new(),
            StatusCode::BAD_REQUEST,
        ),
        (
            "no lines",
            &officer,
            "application/x-ndjson",
            String::new(),
            StatusCode::BAD_REQUEST,
        ),
        (
            "another type",
            &officer,
            "text/xml",
            EVENT.to_owned(),
            StatusCode::BAD_REQUEST,
        ),
        (
            "no token",
            "",
            "application/json",
            EVENT.to_owned(),
            StatusCode::UNAUTHORIZED,
        ),
        (
            "a wrong token",
            "nonsense",
            "application/json",
            EVENT.to_owned(),
            StatusCode::UNAUTHORIZED,
        ),
        (
            "a role that may not",
            &operator,
            "application/json",
            EVENT.to_owned(),
            StatusCode::FORBIDDEN,
        ),
    ];
    for (what, token, content, body, status) in cases {
        let answer = client
            .api(Method::POST, "/api/v1/events", token, content, body)
            .await;
        assert_eq!(answer.status, status, "{what}");
        assert_eq!(
            answer.header("content-type"),
            "application/problem+json",
            "{what}"
        );
        let problem = answer.json();
        assert_eq!(problem["status"], status.as_u16(), "{what}");
        assert!(
            problem["title"].is_string() && problem["next"].is_string(),
            "{what}: {problem}"
        );
        assert!(
            problem["type"]
                .as_str()
                .is_some_and(|t| t.starts_with("urn:liuhen:problem:")),
            "{what}"
        );
    }
    for query in [
        "after=x",
        "limit=x",
        "from=2026-11-22",
        "object=case-1",
        "organ=a%20b",
    ] {
        let answer = client
            .api(
                Method::GET,
                &format!("/api/v1/events?{query}"),
                &officer,
                "",
                "",
            )
            .await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{query}");
        assert!(
            answer.json()["detail"]
                .as_str()
                .is_some_and(|d| d.contains("expected")),
            "{query}"
        );
    }
}

#[tokio::test]
async fn a_token_opens_the_api_and_nothing_else() {
    let node = TestNode::new().await;
    let token = token(&node, "officer").await;
    let client = Client::new(&node);
    let page = client.api(Method::GET, "/cases", &token, "", "").await;
    assert!(page.to().starts_with("/sign-in"));
    assert_eq!(
        client
            .api(Method::GET, "/api/v1/events", &token, "", "")
            .await
            .status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn the_log_is_served_as_tiles_and_bundles_only_to_those_who_may() {
    let node = TestNode::new().await;
    let client = Client::new(&node);
    let note = client.page("/checkpoint").await;
    let signed = tlog::checkpoint::open(note.as_bytes(), &[node.office.info().key.clone()])
        .expect("signed by the log");
    let size = signed.checkpoint().size;
    assert!(size > 8);
    let tile = client.get(&format!("/tile/0/000.p/{size}")).await;
    assert_eq!(tile.status, StatusCode::OK);
    assert_eq!(tile.body.len() as u64, 32 * size);
    assert_eq!(
        tile.header("cache-control"),
        "public, max-age=31536000, immutable"
    );
    for path in [
        "/tile/0/000",
        "/tile/0/001.p/1",
        "/tile/1/000.p/1",
        "/tile/0/0",
        "/tile/x/000",
        "/tile/0/000.p/0",
        "/tile/64/000",
    ] {
        assert_eq!(
            client.get(path).await.status,
            StatusCode::NOT_FOUND,
            "{path}"
        );
    }
    let bundle = format!("/tile/entries/000.p/{size}");
    assert_eq!(client.get(&bundle).await.status, StatusCode::UNAUTHORIZED);
    for (handle, status) in [
        ("officer", StatusCode::FORBIDDEN),
        ("witness", StatusCode::OK),
    ] {
        let token = token(&node, handle).await;
        let answer = client.api(Method::GET, &bundle, &token, "", "").await;
        assert_eq!(answer.status, status, "{handle}");
        if status == StatusCode::OK {
            assert!(answer.header("cache-control").starts_with("private"));
        }
    }
}
