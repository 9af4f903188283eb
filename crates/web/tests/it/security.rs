//! What holds for every answer, and what strangers may try.

use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use testkit::node::{PASSWORD, TestNode};
use web::Options;

use crate::client::Client;

#[tokio::test]
async fn every_answer_has_its_headers() {
    let node = TestNode::new().await;
    let officer = Client::of(&node, "officer").await;
    let checkpoint = "/checkpoint";
    for path in [
        "/",
        "/sign-in",
        "/no/such/page",
        "/api/v1/events/none",
        checkpoint,
        "/inquiries",
        "/?lang=en",
    ] {
        let answer = officer.get(path).await;
        let csp = answer.header("content-security-policy");
        assert!(
            csp.starts_with("default-src 'none'; script-src 'self'; style-src 'self';"),
            "{path}: {csp}"
        );
        for part in [
            "form-action 'self'",
            "frame-ancestors 'none'",
            "base-uri 'none'",
        ] {
            assert!(csp.contains(part), "{path}: {part}");
        }
        assert!(!csp.contains("unsafe") && !csp.contains("data:"), "{path}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("referrer-policy"), "no-referrer", "{path}");
        assert_eq!(
            answer.header("cross-origin-opener-policy"),
            "same-origin",
            "{path}"
        );
        assert!(
            answer.header("permissions-policy").contains("camera=()"),
            "{path}"
        );
        let keep = if path == checkpoint {
            "no-cache"
        } else {
            "no-store"
        };
        assert_eq!(answer.header("cache-control"), keep, "{path}");
    }
}

#[tokio::test]
async fn assets_are_kept_for_ever_under_their_version_only() {
    let node = TestNode::bare().await;
    let client = Client::new(&node);
    let page = client.page("/sign-in").await;
    let css = crate::client::between(&page, "href=\"/assets/", "\"").to_owned();
    let answer = client.get(&format!("/assets/{css}")).await;
    assert_eq!(
        answer.header("cache-control"),
        "public, max-age=31536000, immutable"
    );
    assert_eq!(answer.header("content-type"), "text/css; charset=utf-8");
    assert_eq!(
        client
            .get("/assets/old/liuhen.css")
            .await
            .header("cache-control"),
        "no-cache"
    );
    assert_eq!(
        client.get("/assets/old/nothing.css").await.status,
        StatusCode::NOT_FOUND
    );
    assert_eq!(
        client.get("/assets/old/..%2f..%2fCargo.toml").await.status,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn pages_hold_no_script_or_style_of_their_own() {
    let node = TestNode::new().await;
    let officer = Client::of(&node, "officer").await;
    let admin = Client::of(&node, "admin").await;
    for (client, paths) in [
        (
            &officer,
            &[
                "/",
                "/record",
                "/my-records",
                "/cases",
                "/ledger",
                "/ledger/1",
                "/help",
                "/style",
            ][..],
        ),
        (
            &admin,
            &["/settings/organs", "/settings/people", "/settings/roles"][..],
        ),
    ] {
        for path in paths {
            let page = client.page(path).await;
            assert!(!page.contains(" style="), "{path}");
            assert!(!page.contains("<style"), "{path}");
            assert!(!page.contains("javascript:"), "{path}");
            for tag in page.split("<script").skip(1) {
                assert!(tag.starts_with(" type=\"module\" src=\"/assets/"), "{path}");
            }
            for handler in ["onclick", "onload", "onsubmit", "onchange"] {
                assert!(!page.contains(handler), "{path}: {handler}");
            }
        }
    }
}

#[tokio::test]
async fn forms_of_other_sites_are_refused() {
    let node = TestNode::new().await;
    let officer = Client::of(&node, "officer").await;
    for (name, value) in [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("origin", "https://evil.example"),
        ("origin", "null"),
    ] {
        for path in [
            "/sign-in",
            "/sign-out",
            "/record",
            "/password",
            "/api/v1/events",
        ] {
            let request = Request::post(path)
                .header(name, value)
                .header(header::HOST, "node.example")
                .body(Body::empty());
            let answer = officer.send(request.expect("a request")).await;
            assert_eq!(
                answer.status,
                StatusCode::FORBIDDEN,
                "{path} {name}: {value}"
            );
        }
    }
    let ours = Request::post("/sign-out")
        .header("sec-fetch-site", "same-origin")
        .body(Body::empty());
    assert_eq!(
        officer.send(ours.expect("a request")).await.to(),
        "/sign-in?out=1"
    );
}

#[tokio::test]
async fn nothing_leads_to_another_site() {
    let node = TestNode::new().await;
    let client = Client::of(&node, "officer").await;
    for next in [
        "//evil.example",
        "https://evil.example",
        "/\\evil.example",
        "\\\\evil",
        "/ok\r\nset-cookie: x=1",
        "javascript:alert(1)",
        "",
    ] {
        let fields = [
            ("account", "officer"),
            ("password", PASSWORD),
            ("next", next),
        ];
        assert_eq!(client.post("/sign-in", &fields).await.to(), "/", "{next}");
    }
    let fields = [
        ("account", "officer"),
        ("password", PASSWORD),
        ("next", "/cases?q=1"),
    ];
    assert_eq!(client.post("/sign-in", &fields).await.to(), "/cases?q=1");
    // The switch of languages leads back to the same path, which a browser may read as a host.
    assert_eq!(client.get("//evil.example/?lang=en").await.to(), "/");
    assert_eq!(client.get("/cases?q=1&lang=en").await.to(), "/cases?q=1");
    assert_eq!(
        client.get("/cases?lang=tlh&q=1").await.status,
        StatusCode::OK,
        "an unknown language is not a switch"
    );
}

#[tokio::test]
async fn the_session_cookie_is_for_this_site_and_for_http_only() {
    let node = TestNode::new().await;
    node.officer().await;
    let fields = [("account", "officer"), ("password", PASSWORD)];
    let answer = Client::new(&node).post("/sign-in", &fields).await;
    let cookie = answer.header("set-cookie");
    assert!(
        cookie.starts_with("liuhen=") && cookie.ends_with("; HttpOnly; SameSite=Strict; Path=/"),
        "{cookie}"
    );
    let router = web::router(
        node.office.clone(),
        Options {
            behind_tls: true,
            ..Options::default()
        },
    );
    let request = Request::post("/sign-in")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from(format!(
            "account=officer&password={}",
            PASSWORD.replace(' ', "+")
        )));
    let answer = tower::ServiceExt::oneshot(router, request.expect("a request"))
        .await
        .expect("infallible");
    let cookie = answer.headers()["set-cookie"].to_str().expect("ASCII");
    assert!(
        cookie.starts_with("__Host-liuhen=") && cookie.ends_with("; Path=/; Secure"),
        "{cookie}"
    );
}

#[tokio::test]
async fn sign_in_says_the_same_of_a_wrong_account_and_of_a_wrong_password() {
    let node = TestNode::new().await;
    node.officer().await;
    let client = Client::new(&node);
    let mut said = Vec::new();
    for (account, password) in [
        ("officer", "not the password"),
        ("no-such-account", "not the password"),
    ] {
        let answer = client
            .post("/sign-in", &[("account", account), ("password", password)])
            .await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
        said.push(answer.text().replace(account, "…"));
    }
    assert_eq!(said[0], said[1]);
    for _ in 0..4 {
        client
            .post(
                "/sign-in",
                &[("account", "officer"), ("password", "not the password")],
            )
            .await;
    }
    let locked = client
        .post(
            "/sign-in",
            &[("account", "officer"), ("password", PASSWORD)],
        )
        .await;
    assert_eq!(locked.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(
        !locked.text().contains(PASSWORD),
        "a password is never sent back"
    );
}

#[tokio::test]
async fn a_session_that_has_ended_is_asked_to_sign_in_again() {
    let node = TestNode::new().await;
    let officer = Client::of(&node, "officer").await;
    officer.post("/sign-out", &[]).await;
    assert_eq!(
        officer.get("/cases?q=1").await.to(),
        "/sign-in?next=/cases%3Fq%3D1"
    );
    let api = officer.get("/api/v1/events").await;
    assert_eq!(api.status, StatusCode::UNAUTHORIZED);
    assert_eq!(api.header("content-type"), "application/problem+json");
}
