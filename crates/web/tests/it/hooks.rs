//! Webhooks against a receiver that fails, is slow, forwards elsewhere or is not who it says; and the stream of the same.

use std::{
    collections::VecDeque,
    net::SocketAddr,
    pin::Pin,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    body::Body,
    http::{Method, Request, StatusCode},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use futures_core::Stream as _;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::Value;
use testkit::node::TestNode;
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::TcpListener,
};
use tower::ServiceExt as _;
use web::{HookTimes, Hooks, Options};

use crate::{
    client::{Client, between, token},
    watch::post,
};

const DETAIN: &str = r#"{"key":"d","activity":"cr.detain","occurred":"2026-11-23T08:30:00+08:00","organ":"A33010301","actors":[{"number":"100001","role":"R_OFFICER"},{"number":"100002","role":"R_OFFICER"}],"objects":[{"type":"case","id":"A3301-2026-000123"},{"type":"person","id":"p-1","name":"张三","qualifier":"suspect"}],"attrs":{"document_no":"1"}}"#;

/// What the receiver does with one request.
#[derive(Clone, Copy)]
enum Does {
    Answer(u16),
    Forward,
    Nothing,
}

/// A request as it came.
#[derive(Clone, Debug)]
struct Got {
    head: String,
    body: String,
}

impl Got {
    fn header(&self, name: &str) -> &str {
        let line = self
            .head
            .lines()
            .find(|l| l.starts_with(&format!("{name}: ")));
        line.map_or("", |l| &l[name.len() + 2..])
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.body).expect("JSON")
    }

    /// Checks the signature as a receiver does.
    fn is_signed_with(&self, secret: &str) -> bool {
        let secret = STANDARD
            .decode(secret.strip_prefix("whsec_").expect("a prefix"))
            .expect("base64");
        let mut mac = Hmac::<sha2::Sha256>::new_from_slice(&secret).expect("any length");
        let (id, time) = (self.header("webhook-id"), self.header("webhook-timestamp"));
        mac.update(format!("{id}.{time}.{}", self.body).as_bytes());
        let wanted = STANDARD.encode(mac.finalize().into_bytes());
        self.header("webhook-signature") == format!("v1,{wanted}")
    }
}

/// The other side: does what it was told, one thing a request, the last one for ever.
#[derive(Clone)]
struct Receiver {
    address: SocketAddr,
    got: Arc<Mutex<Vec<Got>>>,
    does: Arc<Mutex<VecDeque<Does>>>,
}

impl Receiver {
    async fn new(does: &[Does]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let receiver = Self::at(listener.local_addr().expect("bound"), does);
        let this = receiver.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(this.clone().serve(stream));
            }
        });
        receiver
    }

    fn at(address: SocketAddr, does: &[Does]) -> Self {
        Self {
            address,
            got: Arc::default(),
            does: Arc::new(Mutex::new(does.iter().copied().collect())),
        }
    }

    async fn serve(self, mut stream: impl AsyncRead + AsyncWrite + Unpin) {
        let mut bytes = Vec::new();
        let (head, body) = loop {
            let mut piece = [0; 4096];
            let n = stream.read(&mut piece).await.unwrap_or(0);
            if n == 0 {
                return;
            }
            bytes.extend_from_slice(&piece[..n]);
            let text = String::from_utf8(bytes.clone()).expect("UTF-8");
            if let Some((head, body)) = text.split_once("\r\n\r\n") {
                let length = between(&format!("{head}\r\n"), "content-length: ", "\r\n").to_owned();
                if body.len() >= length.parse::<usize>().expect("a length") {
                    break (head.to_owned(), body.to_owned());
                }
            }
        };
        self.got.lock().expect("sound").push(Got { head, body });
        let does = {
            let mut all = self.does.lock().expect("sound");
            match all.len() {
                1 => all[0],
                _ => all.pop_front().expect("something to do"),
            }
        };
        let answer = match does {
            Does::Answer(status) => format!("HTTP/1.1 {status} x\r\ncontent-length: 0\r\n\r\n"),
            Does::Forward => format!(
                "HTTP/1.1 307 x\r\nlocation: http://{}/elsewhere\r\ncontent-length: 0\r\n\r\n",
                self.address
            ),
            Does::Nothing => {
                tokio::time::sleep(Duration::from_secs(30)).await;
                return;
            }
        };
        let _ = stream.write_all(answer.as_bytes()).await;
    }

    fn url(&self) -> String {
        format!("http://{}/told?from=liuhen", self.address)
    }

    fn got(&self) -> Vec<Got> {
        self.got.lock().expect("sound").clone()
    }

    fn does(&self, does: Does) {
        *self.does.lock().expect("sound") = VecDeque::from([does]);
    }

    /// What the messages say, in one line each.
    fn said(&self) -> Vec<String> {
        let line = |got: &Got| {
            let m = got.json();
            let text = |v: &Value| v.as_str().unwrap_or("-").to_owned();
            let data = &m["data"];
            format!(
                "{} {} {}",
                text(&m["type"]),
                text(&data["rule"]),
                text(&data["organ"])
            )
        };
        self.got().iter().map(line).collect()
    }
}

/// A node that may call this machine.
async fn node_with(hooks: &str) -> TestNode {
    let mut node = TestNode::new().await;
    let path = node.dir().join("node.toml");
    let mut text = std::fs::read_to_string(&path).expect("settings");
    text.push_str(hooks);
    std::fs::write(&path, text).expect("settings");
    node.reopen().await;
    node
}

async fn node() -> TestNode {
    node_with("\n[hooks]\nhosts = [\"127.0.0.1\"]\nhttp = true\n").await
}

fn sender(node: &TestNode) -> Hooks {
    let times = HookTimes {
        connect: Duration::from_secs(2),
        answer: Duration::from_millis(300),
    };
    Hooks::new(node.office.clone(), times)
}

/// Makes a hook on the page; answers with its secret.
async fn hook(node: &TestNode, account: &'static str, url: &str, more: &[(&str, &str)]) -> String {
    node.user(account).await;
    let admin = Client::of(node, "admin").await;
    let mut fields = vec![("label", "办案平台"), ("url", url), ("account", account)];
    fields.extend_from_slice(more);
    let made = admin.post("/settings/hooks", &fields).await;
    assert_eq!(made.status, StatusCode::OK, "{}", made.text());
    between(&made.text(), "id=\"secret\" class=\"break\">", "<").to_owned()
}

async fn later(node: &TestNode, minutes: i64) {
    node.clock.advance_minutes(minutes);
    node.office.heartbeat().await.expect("a heartbeat");
}

#[tokio::test]
async fn a_finding_is_told_signed_until_it_is_taken_and_then_no_more() {
    let node = node().await;
    let other = Receiver::new(&[
        Does::Answer(500),
        Does::Nothing,
        Does::Forward,
        Does::Answer(204),
    ])
    .await;
    let secret = hook(&node, "officer", &other.url(), &[("rules", "CR-042")]).await;
    let hooks = sender(&node);
    assert_eq!(
        hooks.pass().await.expect("a pass"),
        (0, 0),
        "nothing is found yet"
    );
    post(&node, DETAIN).await;
    later(&node, 25 * 60).await;
    for wanted in [(0, 1), (0, 1), (0, 1), (1, 0), (0, 0)] {
        assert_eq!(hooks.pass().await.expect("a pass"), wanted);
        assert_eq!(
            hooks.pass().await.expect("a pass").1,
            0,
            "not before its pause is over"
        );
        later(&node, 30).await;
    }
    let got = other.got();
    assert_eq!(
        got.len(),
        4,
        "the address that it was sent on to was not called"
    );
    for one in &got {
        assert!(one.is_signed_with(&secret), "{one:?}");
        assert!(!one.is_signed_with("whsec_bm90IHRoZSBzZWNyZXQ="));
        assert_eq!(one.header("webhook-id"), got[0].header("webhook-id"));
        assert_eq!(one.body, got[0].body);
        assert!(
            one.head.starts_with("POST /told?from=liuhen HTTP/1.1\r\n"),
            "{one:?}"
        );
    }
    assert_ne!(
        got[0].header("webhook-timestamp"),
        got[3].header("webhook-timestamp"),
        "each try has its own time"
    );
    let told = got[0].json();
    assert_eq!(told["type"], "finding.breached");
    let data = &told["data"];
    assert_eq!(data["rule"], "CR-042");
    assert_eq!(data["outcome"], "breached");
    assert_eq!(data["due"], "2026-11-24T00:30:00Z");
    assert!(data["case"].as_str().expect("a case").starts_with("c:"));
    assert!(
        data["sentence"]["zh"]
            .as_str()
            .expect("words")
            .contains("通知家属")
    );
    assert!(
        data["sentence"]["en"]
            .as_str()
            .expect("words")
            .contains("family")
    );
    for name in ["张三", "王小明", "100001", "A3301-2026-000123"] {
        assert!(!got[0].body.contains(name), "{name}: {}", got[0].body);
    }

    // The breach is taken back: that is told too, as a message of its own.
    let notified = DETAIN
        .replace("\"key\":\"d\"", "\"key\":\"n\"")
        .replace("cr.detain", "cr.family_notify")
        .replace("2026-11-23T08:30", "2026-11-23T20:30");
    post(&node, &notified).await;
    assert_eq!(hooks.pass().await.expect("a pass"), (1, 0));
    let last = other.got().pop().expect("a message");
    assert_eq!(last.json()["type"], "finding.cleared");
    assert_ne!(last.header("webhook-id"), got[0].header("webhook-id"));
}

#[tokio::test]
async fn a_restart_in_the_middle_loses_nothing_and_tells_nothing_twice() {
    let mut node = node().await;
    let other = Receiver::new(&[Does::Answer(503)]).await;
    hook(
        &node,
        "officer",
        &other.url(),
        &[("rules", "CR-042 CR-041"), ("clocks", "1")],
    )
    .await;
    post(&node, DETAIN).await;
    let hooks = sender(&node);
    later(&node, 22 * 60 + 30).await;
    assert_eq!(hooks.pass().await.expect("a pass").0, 0);
    drop(hooks);
    // Queued and not taken; and what happens while nobody sends.
    node.reopen().await;
    later(&node, 5 * 60).await;
    node.reopen().await;
    other.does(Does::Answer(200));
    let hooks = sender(&node);
    for _ in 0..4 {
        hooks.pass().await.expect("a pass");
        later(&node, 1).await;
    }
    let taken = other.got().len();
    let mut said = other.said();
    said.sort();
    said.dedup();
    assert_eq!(
        said,
        [
            "clock.at_risk CR-041 A33010301",
            "clock.at_risk CR-042 A33010301",
            "finding.breached CR-041 A33010301",
            "finding.breached CR-042 A33010301",
        ]
    );
    drop(hooks);
    node.reopen().await;
    node.office.heartbeat().await.expect("a heartbeat");
    assert_eq!(sender(&node).pass().await.expect("a pass"), (0, 0));
    assert_eq!(other.got().len(), taken);
}

#[tokio::test]
async fn after_a_day_a_message_is_a_dead_letter_and_can_be_sent_again() {
    let node = node().await;
    let other = Receiver::new(&[Does::Answer(500)]).await;
    let secret = hook(&node, "officer", &other.url(), &[("rules", "CR-042")]).await;
    post(&node, DETAIN).await;
    later(&node, 25 * 60).await;
    let hooks = sender(&node);
    let key = token(&node, "admin").await;
    let client = Client::new(&node);
    let letters = async || {
        let answer = client
            .api(Method::GET, "/api/v1/hooks/dead-letters", &key, "", "")
            .await;
        answer.json()["letters"].as_array().expect("a list").clone()
    };
    let mut hours = 0;
    while letters().await.is_empty() {
        hooks.pass().await.expect("a pass");
        later(&node, 60).await;
        hours += 1;
        assert!(hours <= 25, "it is tried for ever");
    }
    assert!(hours >= 20, "given up after {hours} hours");
    let tries = other.got().len();
    assert!((7..=14).contains(&tries), "{tries} tries");
    later(&node, 48 * 60).await;
    assert_eq!(hooks.pass().await.expect("a pass"), (0, 0), "it stays dead");
    let dead = letters().await;
    assert_eq!(dead.len(), 1);
    assert_eq!(dead[0]["answer"], "500");
    assert_eq!(dead[0]["payload"]["data"]["rule"], "CR-042");
    let admin = Client::of(&node, "admin").await;
    let page = admin.page("/settings/hooks").await;
    assert!(
        page.contains("未送达的消息") && page.contains("对方答复 500"),
        "{page}"
    );
    let id = dead[0]["id"].as_str().expect("an id");
    other.does(Does::Answer(200));
    let again = admin
        .post("/settings/hooks/again", &[("message", id)])
        .await;
    assert_eq!(again.to(), "/settings/hooks?done=again");
    assert_eq!(hooks.pass().await.expect("a pass"), (1, 0));
    let last = other.got().pop().expect("a message");
    assert_eq!(last.header("webhook-id"), id);
    assert!(last.is_signed_with(&secret));
    let path = format!("/api/v1/hooks/dead-letters/{id}/again");
    let twice = client.api(Method::POST, &path, &key, "", "").await;
    assert_eq!(twice.status, StatusCode::NOT_FOUND, "it is none any more");

    // Ended: nothing is told, and its secret is gone.
    let ended = client
        .api(Method::POST, "/api/v1/hooks/1/end", &key, "", "")
        .await;
    assert_eq!(ended.status, StatusCode::OK, "{}", ended.text());
    post(
        &node,
        &DETAIN
            .replace("000123", "000124")
            .replace("\"d\"", "\"e\"")
            .replace("11-23T08", "11-24T08"),
    )
    .await;
    later(&node, 25 * 60).await;
    assert_eq!(hooks.pass().await.expect("a pass"), (0, 0));
    let list = client.api(Method::GET, "/api/v1/hooks", &key, "", "").await;
    assert!(
        list.json()["hooks"][0]["ended"].is_string(),
        "{}",
        list.text()
    );
    assert!(!list.text().contains("whsec_"));
    // Both are on record: with the host, without path and secret.
    let events = node.office.ledger().size();
    let mut records = Vec::new();
    for record in node
        .office
        .ledger()
        .read(0, events as usize, usize::MAX)
        .expect("entries")
    {
        let text = String::from_utf8_lossy(&record.entry).into_owned();
        if text.contains("lh.hook") {
            let ledger::BodyState::Present(body) = record.body else {
                panic!("no body")
            };
            records.push(String::from_utf8_lossy(&body).into_owned());
        }
    }
    assert_eq!(records.len(), 2);
    for text in records {
        assert!(text.contains(&other.address.to_string()), "{text}");
        assert!(
            !text.contains("told?from") && !text.contains(&secret[6..]),
            "{text}"
        );
    }
}

#[tokio::test]
async fn a_hook_is_told_what_its_account_may_see_and_no_more() {
    let node = node().await;
    let (east, west, all) = (
        Receiver::new(&[Does::Answer(200)]).await,
        Receiver::new(&[Does::Answer(200)]).await,
        Receiver::new(&[Does::Answer(200)]).await,
    );
    let rules = [("rules", "CR-042"), ("clocks", "1")];
    hook(&node, "supervisor", &east.url(), &rules).await;
    hook(&node, "stranger", &west.url(), &rules).await;
    hook(&node, "inspector", &all.url(), &rules).await;
    post(&node, DETAIN).await;
    let there = DETAIN
        .replace("\"d\"", "\"w\"")
        .replace("A33010301", "A330104")
        .replace("000123", "000777")
        .replace("100001", "100007")
        .replace("p-1", "p-2");
    let stranger = token(&node, "stranger").await;
    let sent = Client::new(&node)
        .api(
            Method::POST,
            "/api/v1/events",
            &stranger,
            "application/json",
            there,
        )
        .await;
    assert_eq!(sent.status, StatusCode::OK, "{}", sent.text());
    let hooks = sender(&node);
    hooks.pass().await.expect("a pass");
    for minutes in [22 * 60 + 30, 3 * 60] {
        later(&node, minutes).await;
        hooks.pass().await.expect("a pass");
    }
    let both = |organ: &str| {
        [
            format!("clock.at_risk CR-042 {organ}"),
            format!("finding.breached CR-042 {organ}"),
        ]
    };
    assert_eq!(east.said(), both("A33010301"));
    assert_eq!(west.said(), both("A330104"));
    let mut said = all.said();
    said.sort();
    let mut wanted = [both("A33010301"), both("A330104")].concat();
    wanted.sort();
    assert_eq!(said, wanted);
}

#[tokio::test]
async fn an_address_must_be_allowed_and_is_never_taken_with_a_password() {
    let node = node_with("\n[hooks]\nhosts = [\"127.0.0.1:9999\", \"cases.example\"]\n").await;
    node.user("officer").await;
    let key = token(&node, "admin").await;
    let client = Client::new(&node);
    for (url, account, rules, field) in [
        ("https://127.0.0.1:9998/", "officer", "", "url"),
        ("http://127.0.0.1:9999/", "officer", "", "url"),
        ("https://127.0.0.1:9999@evil.example/", "officer", "", "url"),
        ("https://u:p@cases.example/", "officer", "", "url"),
        ("https://cases.example/\r\nx: y", "officer", "", "url"),
        ("https://cases.example/", "admin", "", "account"),
        ("https://cases.example/", "nobody-there", "", "account"),
        ("https://cases.example/", "officer", "NO-1", "rules"),
        ("https://cases.example/", "officer", "CR-042", ""),
    ] {
        let rules: Vec<&str> = rules.split_whitespace().collect();
        let body =
            serde_json::json!({"account": account, "label": "x", "url": url, "rules": rules});
        let answer = client
            .api(
                Method::POST,
                "/api/v1/hooks",
                &key,
                "application/json",
                body.to_string(),
            )
            .await;
        let json = answer.json();
        assert_eq!(
            json["errors"][0]["field"].as_str().unwrap_or(""),
            field,
            "{url} {json}"
        );
        assert_eq!(answer.status == StatusCode::OK, field.is_empty(), "{url}");
    }
    let officer = token(&node, "officer").await;
    let refused = client
        .api(Method::GET, "/api/v1/hooks", &officer, "", "")
        .await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    // In the words of the page.
    let admin = Client::of(&node, "admin").await;
    let fields = [
        ("label", "x"),
        ("url", "http://cases.example/"),
        ("account", "officer"),
    ];
    let wrong = admin.post("/settings/hooks", &fields).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        wrong.text().contains("节点设置不允许这个主机"),
        "{}",
        wrong.text()
    );
    assert!(wrong.text().contains("只允许 https"));
}

#[tokio::test]
async fn with_tls_the_other_side_must_be_who_it_says() {
    use tokio_rustls::rustls::{ServerConfig, crypto::ring, pki_types::PrivateKeyDer};
    let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).expect("a certificate");
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).expect("a key");
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .expect("a server");
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let other = Receiver::at(listener.local_addr().expect("bound"), &[Does::Answer(200)]);
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
    let this = other.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            if let Ok(stream) = acceptor.accept(stream).await {
                tokio::spawn(this.clone().serve(stream));
            }
        }
    });
    let mut node = node_with("\n[hooks]\nhosts = [\"127.0.0.1\"]\n").await;
    let url = other.url().replace("http:", "https:");
    let secret = hook(&node, "officer", &url, &[("rules", "CR-042")]).await;
    post(&node, DETAIN).await;
    later(&node, 25 * 60).await;
    assert_eq!(
        sender(&node).pass().await.expect("a pass"),
        (0, 1),
        "nobody vouches for it"
    );
    assert!(other.got().is_empty());

    std::fs::write(node.dir().join("keys/ca.pem"), made.cert.pem()).expect("a file");
    let path = node.dir().join("node.toml");
    let text = std::fs::read_to_string(&path).expect("settings");
    std::fs::write(&path, text + "ca = \"keys/ca.pem\"\n").expect("settings");
    node.reopen().await;
    later(&node, 10).await;
    assert_eq!(sender(&node).pass().await.expect("a pass"), (1, 0));
    assert!(other.got()[0].is_signed_with(&secret));
}

#[tokio::test]
async fn a_server_sends_by_itself() {
    let node = node().await;
    let other = Receiver::new(&[Does::Answer(200)]).await;
    hook(
        &node,
        "officer",
        &other.url(),
        &[("rules", "CR-042"), ("clocks", "1")],
    )
    .await;
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let served = tokio::spawn(web::serve(
        node.office.clone(),
        listener,
        Options::default(),
        std::future::pending(),
    ));
    post(&node, DETAIN).await;
    later(&node, 22 * 60 + 30).await;
    for _ in 0..100 {
        if !other.got().is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    served.abort();
    assert_eq!(other.said(), ["clock.at_risk CR-042 A33010301"]);
}

/// Reads the stream until the next event; its type and data.
async fn event(body: &mut axum::body::BodyDataStream) -> (String, Value) {
    let next = std::future::poll_fn(|cx| Pin::new(&mut *body).poll_next(cx));
    let piece = tokio::time::timeout(Duration::from_secs(5), next).await;
    let piece = piece
        .expect("in time")
        .expect("not the end")
        .expect("sound");
    let text = String::from_utf8(piece.to_vec()).expect("UTF-8");
    let kind = between(&text, "event: ", "\n").to_owned();
    let data = between(&text, "data: ", "\n").to_owned();
    (kind, serde_json::from_str(&data).expect("JSON"))
}

#[tokio::test]
async fn clocks_come_through_the_stream_as_findings_do() {
    let node = TestNode::new().await;
    let detained = post(&node, DETAIN).await;
    let token = token(&node, "officer").await;
    let request = Request::get("/api/v1/findings/stream")
        .header("authorization", format!("Bearer {token}"))
        .body(Body::empty())
        .expect("a request");
    let router = web::router(node.office.clone(), Options::default());
    let answer = router.oneshot(request).await.expect("an answer");
    assert_eq!(answer.status(), StatusCode::OK);
    let mut body = answer.into_body().into_data_stream();
    let mut of_rule = async || loop {
        let (kind, data) = event(&mut body).await;
        if data["finding"]["rule"] == "CR-042" {
            let due = data["finding"]["due"].as_i64().expect("a due time") / 1_000_000;
            let outcome = data["finding"]["outcome"].as_str().expect("an outcome");
            let previous = data["previous"].as_str().unwrap_or("-");
            break format!("{kind} {previous} → {outcome} {}", due - 1_795_480_200);
        }
    };
    // The detention was two hours later than written: the due time moves with it.
    let corrected = DETAIN
        .replace("\"key\":\"d\"", "\"key\":\"c\"")
        .replace("T08:30", "T10:30")
        .replacen('{', &format!("{{\"correction_of\":\"{detained}\","), 1);
    node.clock.advance_minutes(120);
    post(&node, &corrected).await;
    assert_eq!(of_rule().await, "clock pending → pending 7200");
    later(&node, 22 * 60).await;
    assert_eq!(of_rule().await, "clock pending → at_risk 7200");
    later(&node, 3 * 60).await;
    assert_eq!(of_rule().await, "finding at_risk → breached 7200");
}
