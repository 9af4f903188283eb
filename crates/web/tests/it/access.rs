//! Every address × every role, against a committed table. A new address without a line in the table fails here.

use std::fmt::Write as _;

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use testkit::node::TestNode;

use crate::client::Client;

/// One user for each role; `nobody` is on the roster without one.
const USERS: [&str; 12] = [
    "nobody",
    "officer",
    "legal-reviewer",
    "unit-head",
    "supervisor",
    "inspector",
    "protector",
    "operator",
    "protector-dept",
    "cyber-police",
    "witness",
    "admin",
];

/// An address with something that does not exist in each place: whoever may gets 404 or 4xx, whoever may not 403.
fn filled(path: &str) -> String {
    path.replace("{version}", "0")
        .replace("{name}", "liuhen.css")
        .replace("{*path}", "0/000.p/1")
        .replace("{event}", "01a2121d-137e-75a2-9af4-602037c2a64f")
        .replace("{id}", "01a2121d-137e-75a2-9af4-602037c2a64f")
        .replace("{key}", "c:00000000000000000000000000000000")
        .replace("{person}", "p:00000000000000000000000000000000")
        .replace("{sha256}", &"0".repeat(64))
        .replace("{index}", "0")
}

async fn answer(client: &Client, method: &str, path: &str) -> char {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header(
            "content-type",
            if path.starts_with("/api/") {
                "application/json"
            } else {
                "application/x-www-form-urlencoded"
            },
        )
        .body(Body::empty())
        .expect("a request");
    let answer = client.send(request).await;
    match answer.status {
        StatusCode::FORBIDDEN => '✘',
        StatusCode::UNAUTHORIZED if path != "/sign-in" => '→',
        StatusCode::SEE_OTHER if answer.header("location").starts_with("/sign-in?next=") => '→',
        _ => '✔',
    }
}

#[tokio::test]
async fn every_address_and_every_role() {
    let node = TestNode::new().await;
    let mut clients = vec![Client::new(&node)];
    for handle in USERS {
        clients.push(Client::of(&node, handle).await);
    }
    let mut routes: Vec<(&str, String)> = web::routes()
        .into_iter()
        .map(|r| (r.method, r.path))
        .collect();
    // The one address whose permission depends on what is asked for.
    routes.push(("GET", "/tile/entries/000.p/1".to_owned()));
    // Last, because it ends the session.
    let out = routes
        .iter()
        .position(|(_, path)| path == "/sign-out")
        .expect("signing out");
    let out = routes.remove(out);
    routes.push(out);

    let mut table = String::from("✔ may  ✘ 403  → asked to sign in\n\n");
    for (at, user) in ["anybody"].iter().chain(&USERS).enumerate() {
        let _ = writeln!(table, "{}{user}", "│ ".repeat(at));
    }
    for (method, path) in &routes {
        for client in &clients {
            let _ = write!(table, "{} ", answer(client, method, &filled(path)).await);
        }
        let _ = writeln!(table, "{method} {path}");
    }
    insta::assert_snapshot!(table);
}

#[tokio::test]
async fn no_address_answers_to_a_method_that_it_does_not_have() {
    let node = TestNode::new().await;
    let admin = Client::of(&node, "admin").await;
    let routes = web::routes();
    for route in &routes {
        for method in ["GET", "POST", "PUT", "DELETE", "PATCH"] {
            if routes
                .iter()
                .any(|r| r.path == route.path && r.method == method)
            {
                continue;
            }
            let path = filled(&route.path);
            let request = Request::builder()
                .method(method)
                .uri(&path)
                .body(Body::empty())
                .expect("a request");
            let answer = admin.send(request).await;
            assert_eq!(
                answer.status,
                StatusCode::METHOD_NOT_ALLOWED,
                "{method} {path}"
            );
        }
    }
}
