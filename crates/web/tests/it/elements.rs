//! The elements of a case and the off-book page: the picture, both languages, what is folded, who may not see it.

use std::time::{Duration, Instant};

use axum::http::{Method, StatusCode};
use testkit::node::TestNode;
use web::graph::{self, Edge, Kind, Node};

use crate::client::{Client, between, token};

/// Words for a picture without a page.
struct Plain;

impl graph::Words for Plain {
    fn title(&self) -> String {
        "A3301-2026-000123 的关系图".into()
    }

    fn explained(&self) -> String {
        "方框是对象，连线是一步。".into()
    }

    fn kind(&self, kind: Kind) -> String {
        let kinds = ["卷", "人", "警", "案", "场", "物"];
        let at = Kind::ALL.iter().position(|k| *k == kind);
        kinds[at.unwrap_or(0)].into()
    }

    fn more(&self, kind: Kind, n: usize) -> String {
        format!("另有 {n} {}", self.kind(kind))
    }

    fn table(&self, kind: Kind) -> String {
        format!("#{kind:?}")
    }
}

fn node(kind: Kind, label: &str, note: &str, weight: usize) -> Node {
    Node {
        kind,
        label: label.into(),
        note: note.into(),
        href: format!("#{label}"),
        tone: None,
        weight,
    }
}

fn edge(from: usize, to: usize, label: &str) -> Edge {
    Edge {
        from,
        to,
        label: label.into(),
        title: format!("{label} 2026-11-10"),
        href: format!("/cases/c1#e{from}{to}"),
    }
}

#[test]
fn a_small_case_is_drawn_like_this() {
    let mut nodes = vec![
        node(Kind::Case, "A3301-2026-000123", "城东分局刑侦大队", 20),
        node(Kind::Person, "犯罪嫌疑人 3f9a11c0", "取保候审", 7),
        node(Kind::Person, "<被害人> & \"名\"", "2 步", 2),
        node(Kind::Item, "物品 77aa0011", "在库，断链 1 处", 5),
        node(Kind::Place, "场所 0c0c0c0c", "停留 2 次", 3),
        node(Kind::File, "一个很长很长很长很长很长的文书名称", "3 版", 4),
        node(Kind::Other, "警情 12345678", "1 步", 1),
    ];
    nodes[3].tone = Some(("red", "违反规定".into()));
    let edges = [
        edge(0, 1, "立案"),
        edge(0, 2, "询问"),
        edge(0, 3, "扣押"),
        edge(1, 4, "入区登记"),
        edge(1, 5, "讯问"),
        edge(0, 6, "受案"),
    ];
    let svg = graph::draw(&nodes, &edges, &Plain);
    assert_eq!(svg, graph::draw(&nodes, &edges, &Plain), "the same again");
    insta::assert_snapshot!(svg.replace("><", ">\n<"));
}

#[test]
fn a_large_case_is_folded_and_drawn_quickly() {
    let mut nodes = vec![node(Kind::Case, "案", "", 1)];
    for n in 0..200 {
        nodes.push(node(Kind::Item, &format!("物品 {n}"), "在库", n % 9));
    }
    for (kind, many) in [
        (Kind::Person, 90),
        (Kind::File, 400),
        (Kind::Place, 30),
        (Kind::Other, 20),
    ] {
        for n in 0..many {
            nodes.push(node(kind, &format!("{kind:?} {n}"), "", n));
        }
    }
    // What has a finding is drawn, however few acts it has.
    nodes[9].tone = Some(("amber", "需关注".into()));
    let edges: Vec<Edge> = (1..nodes.len()).map(|n| edge(0, n, "步")).collect();
    let began = Instant::now();
    let svg = graph::draw(&nodes, &edges, &Plain);
    let took = began.elapsed();
    assert!(took < Duration::from_millis(100), "{took:?}");
    let boxes = svg.matches("class=\"node").count();
    assert!((50..=60).contains(&boxes), "{boxes} boxes");
    let items = svg.matches(">物品 ").count();
    assert_eq!((items, svg.contains(">另有 185 物<")), (15, true));
    assert!(svg.contains(">物品 8<"), "the one with a finding");
    assert!(svg.matches("class=\"line\"").count() < boxes);
}

fn line(n: usize, activity: &str, time: &str, objects: &str) -> String {
    format!(
        r#"{{"key":"{n}-{activity}","activity":"{activity}","occurred":"2026-11-{time}:00+08:00","organ":"A33010301","objects":[{objects}]}}"#
    )
}

/// A case with `items` things, a stay and a file of two versions.
async fn case(node: &TestNode, items: usize) -> String {
    let token = token(node, "officer").await;
    let case = r#"{"type":"case","id":"A-77"}"#;
    let person = r#"{"type":"person","id":"p1","qualifier":"suspect","name":"Zhang <b>San</b>"}"#;
    let place = r#"{"type":"place","id":"r3","name":"三号询问室"}"#;
    let file = r#"{"type":"file","id":"f1","name":"笔录"}"#;
    let mut lines = vec![
        line(0, "cr.file", "10T08:00", case),
        line(
            0,
            "plc.enter",
            "10T10:00",
            &format!("{case},{person},{place}"),
        ),
        line(
            0,
            "cr.interrogate",
            "10T11:00",
            &format!("{case},{person},{file}"),
        ),
        line(
            0,
            "rec.correct",
            "10T12:00",
            &format!("{case},{person},{file}"),
        ),
        line(
            0,
            "plc.exit",
            "10T15:30",
            &format!("{case},{person},{place}"),
        ),
        line(0, "file.borrow", "11T15:30", &format!("{case},{file}")),
    ];
    for n in 0..items {
        let thing = format!(r#"{case},{{"type":"item","id":"w{n}","name":"物证第{n}号"}}"#);
        lines.push(line(n, "cr.seize", "12T08:00", &thing));
        lines.push(line(n, "prop.register", "12T09:00", &thing));
    }
    let lines = lines.join("\n");
    let answer = Client::new(node)
        .api(
            Method::POST,
            "/api/v1/events",
            &token,
            "application/x-ndjson",
            lines.into_bytes(),
        )
        .await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    assert!(!answer.text().contains("expected"), "{}", answer.text());
    node.office.heartbeat().await.expect("a heartbeat");
    let officer = Client::of(node, "officer").await;
    let list = officer.page("/cases?q=A-77").await;
    format!("/cases/{}", between(&list, "href=\"/cases/", "\""))
}

#[tokio::test]
async fn the_elements_of_a_case_in_both_languages() {
    let node = TestNode::new().await;
    let path = format!("{}/elements", case(&node, 2).await);
    let mut officer = Client::of(&node, "officer").await;
    let page = officer.page(&path).await;
    for words in [
        "<svg class=\"graph\"",
        "没有移交保管记录即入库",
        "PR-001",
        "5 小时 30 分",
        "借出未还",
        "第 1 版",
        "入区登记",
    ] {
        // Versions without numbers are told by their acts alone.
        assert_eq!(page.contains(words), words != "第 1 版", "{words}");
    }
    assert!(
        !page.contains("Zhang") && !page.contains("物证第"),
        "no name unasked"
    );
    // Every row's act leads into the timeline.
    let timeline = officer.page(path.trim_end_matches("/elements")).await;
    let mut acts = 0;
    for piece in page.split("#e").skip(1) {
        let index: String = piece.chars().take_while(char::is_ascii_digit).collect();
        assert!(
            index.is_empty() || timeline.contains(&format!("id=\"e{index}\"")),
            "{index}"
        );
        acts += usize::from(!index.is_empty());
    }
    assert!(acts > 10, "{acts} links to acts");
    // Every box leads to a row of this page.
    for piece in page.split("class=\"node ").skip(1) {
        let href = between(piece, "href=\"", "\"");
        if let Some(anchor) = href.strip_prefix('#') {
            assert!(page.contains(&format!("id=\"{anchor}\"")), "{href}");
        }
    }
    let shown = officer
        .post(&path.replace("/elements", "/names"), &[])
        .await
        .text();
    assert!(shown.contains("Zhang &#60;b&#62;San") && shown.contains("Zhang &lt;b&gt;San"));
    assert!(
        !shown.contains("<b>San"),
        "names are text, in the picture too"
    );

    let switched = officer.get("/?lang=en").await;
    officer.keep(&switched);
    let page = officer.page(&path).await;
    assert!(
        page.contains("entered in the store without a hand-over")
            && page.contains("lent, not back")
    );

    // Somebody of another organ gets the answer that a case that is not there gives.
    let stranger = Client::of(&node, "stranger").await;
    let nowhere = format!("/cases/{}/elements", node.person("nobody"));
    let answers = [stranger.get(&path).await, stranger.get(&nowhere).await];
    for answer in &answers {
        assert_eq!(answer.status, StatusCode::NOT_FOUND);
    }
    let main = |text: String| between(&text, "<main", "</main>").to_owned();
    let [hidden, missing] = answers.map(|a| main(a.text()));
    assert_eq!(hidden, missing);
}

#[tokio::test]
async fn many_things_are_folded_and_their_table_has_pages() {
    let node = TestNode::new().await;
    let path = format!("{}/elements", case(&node, 200).await);
    let officer = Client::of(&node, "officer").await;
    let page = officer.page(&path).await;
    let svg = between(&page, "<svg class=\"graph\"", "</svg>");
    assert!(svg.matches("class=\"node").count() <= 60);
    assert!(svg.contains("另有 185 件物品"));
    let rest = between(svg, "class=\"node rest\" href=\"", "\"");
    assert!(rest.ends_with("/elements?show=items#items"), "{rest}");
    let mut rows = 0;
    for number in 1..=4 {
        let page = officer
            .page(&format!("{path}?show=items&page={number}"))
            .await;
        assert!(!page.contains("<svg class=\"graph\""));
        rows += page.matches("<tr id=\"item-").count();
    }
    assert_eq!(rows, 200);
    let after = officer.page(&format!("{path}?show=items&page=5")).await;
    assert_eq!(after.matches("<tr id=\"item-").count(), 0);
}

#[tokio::test]
async fn the_off_book_page_is_for_those_who_supervise() {
    let node = TestNode::new().await;
    let token = token(&node, "officer").await;
    let thing = r#"{"type":"item","id":"w9","name":"没有案号的手表"}"#;
    let person = r#"{"type":"person","id":"p9","name":"李四"}"#;
    let numbered = |n: u32| {
        line(
            n as usize,
            "rec.doc_issue",
            "11T10:00",
            r#"{"type":"case","id":"A-1"}"#,
        )
        .replace(
            r#""objects""#,
            &format!(r#""attrs":{{"document_no":"刑侦文〔2026〕{n}号"}},"objects""#),
        )
    };
    let lines = [
        line(1, "prop.audit", "10T09:00", thing),
        line(2, "plc.enter", "10T10:00", person),
        numbered(1),
        numbered(2),
        numbered(5),
    ];
    let lines = lines.join("\n");
    let answer = Client::new(&node)
        .api(
            Method::POST,
            "/api/v1/events",
            &token,
            "application/x-ndjson",
            lines.into_bytes(),
        )
        .await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    node.office.heartbeat().await.expect("a heartbeat");
    let officer = Client::of(&node, "officer").await;
    assert_eq!(officer.get("/off-book").await.status, StatusCode::FORBIDDEN);
    assert!(!officer.page("/").await.contains("href=\"/off-book\""));
    let mut supervisor = Client::of(&node, "supervisor").await;
    assert!(supervisor.page("/").await.contains("href=\"/off-book\""));
    let page = supervisor.page("/off-book").await;
    for words in [
        "1 件物品中有 1 件",
        "1 次入区中有 1 次",
        "任何一步都没有案号",
        "V-18.1",
        "刑侦文〔2026〕#号",
        "3–4",
        "1 本登记簿、3 个编号中，有 1 本缺号",
    ] {
        assert!(page.contains(words), "{words}");
    }
    assert!(!page.contains("手表") && !page.contains("李四") && !page.contains("王小明"));
    let west = Client::of(&node, "west-supervisor").await;
    let none = west.page("/off-book").await;
    assert!(none.contains("0 件物品中有 0 件") && !none.contains("V-18.1"));
    let switched = supervisor.get("/?lang=en").await;
    supervisor.keep(&switched);
    assert!(supervisor.page("/off-book").await.contains("1 of 1 things"));
}
