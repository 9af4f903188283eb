//! Clocks, findings, rules and units on pages: a detention whose notice to the family is late, from green to red and back.

use axum::http::{Method, StatusCode};
use testkit::node::TestNode;

use crate::client::{Client, between, token};

/// A detention as a case system sends it: at nine in the morning of the day on which a test node begins.
const DETAIN: &str = r#"{"key":"d","activity":"cr.detain","occurred":"2026-11-23T08:30:00+08:00","organ":"A33010301","actors":[{"number":"100001","role":"R_OFFICER"},{"number":"100002","role":"R_OFFICER"}],"objects":[{"type":"case","id":"A3301-2026-000123"},{"type":"person","id":"p-1","name":"<i>张三</i>","qualifier":"suspect"}],"attrs":{"document_no":"1"}}"#;

/// Sends an event as an officer's case system; answers with its id.
pub(crate) async fn post(node: &TestNode, line: &str) -> String {
    let token = token(node, "officer").await;
    let answer = Client::new(node)
        .api(
            Method::POST,
            "/api/v1/events",
            &token,
            "application/json",
            line.to_owned(),
        )
        .await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    node.office.caught_up_all().await.expect("caught up");
    node.office.heartbeat().await.expect("a heartbeat");
    answer.json()["event"].as_str().expect("an id").to_owned()
}

async fn later(node: &TestNode, hours: i64) {
    node.clock.advance_minutes(hours * 60);
    node.office.heartbeat().await.expect("a heartbeat");
}

/// Path of the only case.
async fn case(client: &Client) -> String {
    let list = client.page("/cases").await;
    format!(
        "/cases/{}",
        between(&list, "line-link\" href=\"/cases/", "\"")
    )
}

/// What a page says between tags, in one line.
fn words(html: &str) -> String {
    let mut out = String::new();
    let mut inside = false;
    for c in html.chars() {
        match c {
            '<' => {
                inside = true;
                out.push(' ');
            }
            '>' => inside = false,
            c if !inside => out.push(c),
            _ => {}
        }
    }
    out.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[tokio::test]
async fn a_notice_to_the_family_turns_amber_then_red_and_what_is_cleared_stays_visible() {
    let node = TestNode::new().await;
    let detained = post(&node, DETAIN).await;
    // A browser of its own each day: sessions end after half an hour.
    let officer = Client::of(&node, "officer").await;
    let path = case(&officer).await;
    let page = words(&officer.page(&path).await);
    assert!(
        page.contains("通知家属") && page.contains("至 2026-11-24 08:30"),
        "{page}"
    );
    let today = words(&officer.page("/").await);
    assert!(
        today.contains("通知家属")
            && today.contains("刑诉法第85条")
            && today.contains("还剩 23 小时"),
        "{today}"
    );
    assert!(!today.contains("已超期"), "{today}");

    later(&node, 22).await;
    let officer = Client::of(&node, "officer").await;
    let page = officer.page(&path).await;
    let finding = between(&page, "id=\"finding-", "\"").to_owned();
    let amber = words(&page);
    assert!(
        amber.contains("将到期 通知家属：应于 2026-11-24 08:30 前"),
        "{amber}"
    );
    assert!(
        amber.contains("刑事程序规定第127条 · 刑诉法第85条"),
        "{amber}"
    );
    // The reason is on the page: events, reckoning, rule, source with its mark, range.
    for said in [
        "怎样计算",
        "《刑事诉讼法》第 85 条",
        "[T]",
        "查找范围",
        "CR-042",
    ] {
        assert!(amber.contains(said), "{said}: {amber}");
    }

    later(&node, 3).await;
    let officer = Client::of(&node, "officer").await;
    let page = officer.page(&path).await;
    let red = words(&page);
    assert!(
        red.contains("超期 拘留后超过24小时未通知家属：应于 2026-11-24 08:30 前，没有记录"),
        "{red}"
    );
    assert!(
        page.contains("event missing"),
        "a dashed step at its due time"
    );
    assert!(red.contains("发现问题 拘留后超过24小时未通知家属"), "{red}");
    assert!(
        page.contains(&format!("id=\"finding-{finding}\"")),
        "the same link"
    );
    let today = words(&officer.page("/").await);
    assert!(
        today.contains("已超期") && today.contains("超期 1 小时 30 分"),
        "{today}"
    );

    // The notice comes late: it stays red, and is not wanted any more.
    let late = DETAIN
        .replace("\"key\":\"d\"", "\"key\":\"n\"")
        .replace("cr.detain", "cr.family_notify")
        .replace("2026-11-23T08:30", "2026-11-24T09:30");
    post(&node, &late).await;
    let page = officer.page(&path).await;
    let done = words(&page);
    assert!(
        done.contains("应于 2026-11-24 08:30 前，实际 2026-11-24 09:30"),
        "{done}"
    );
    assert!(done.contains("超期办理"), "beside the notice: {done}");
    let today = words(&officer.page("/").await);
    assert!(!today.contains("通知家属"), "{today}");

    // The detention was later than written: the finding is taken back, and both turns stay in the timeline.
    let corrected = DETAIN
        .replace("\"key\":\"d\"", "\"key\":\"c\"")
        .replace("2026-11-23T08:30", "2026-11-23T10:00")
        .replacen('{', &format!("{{\"correction_of\":\"{detained}\","), 1);
    post(&node, &corrected).await;
    let cleared = words(&officer.page(&path).await);
    assert!(
        cleared.contains("发现问题 拘留后超过24小时未通知家属"),
        "{cleared}"
    );
    assert!(cleared.contains("不再成立"), "{cleared}");
    assert!(!cleared.contains("超期办理"), "{cleared}");

    // In English, and nothing of what a source sent is markup.
    let mut english = officer.clone();
    let switched = english.get("/?lang=en").await;
    english.keep(&switched);
    let page = english.page(&path).await;
    assert!(words(&page).contains("does not stand any more"), "{page}");
    assert!(!page.contains("<i>张三"), "{page}");
}

/// Links in the heads sort, without script; the file holds what the page lists, no more, and leaves an entry.
#[tokio::test]
async fn cases_are_sorted_and_taken_along() {
    let node = TestNode::new().await;
    let second = DETAIN.replace("000123", "000124").replace("\"d\"", "\"e\"");
    post(&node, DETAIN).await;
    post(&node, &second).await;
    let officer = Client::of(&node, "officer").await;
    let order = |page: &str| {
        let first = page.find("A3301-2026-000123</a>").expect("the first case");
        first < page.find("A3301-2026-000124</a>").expect("the second")
    };
    let page = officer.page("/cases?q=A3301").await;
    assert!(page.contains("aria-sort=\"descending\""), "newest first");
    assert!(
        page.contains("href=\"/cases?q=A3301&#38;sort=number\""),
        "{page}"
    );
    let up = officer.page("/cases?q=A3301&sort=number").await;
    assert!(order(&up) && up.contains("aria-sort=\"ascending\""));
    assert!(
        up.contains("sort=number&#38;down=1"),
        "again turns it round"
    );
    assert!(!order(&officer.page("/cases?sort=number&down=1").await));

    let before = node.office.ledger().size();
    let csv = officer.get("/cases.csv?q=000124&sort=number").await;
    assert_eq!(csv.header("content-type"), "text/csv; charset=utf-8");
    let text = csv.text();
    assert!(
        text.lines().count() == 2 && text.contains("A3301-2026-000124"),
        "{text}"
    );
    assert_eq!(node.office.ledger().size(), before + 1);
    let entry = officer.page(&format!("/ledger/{before}")).await;
    assert!(words(&entry).contains("导出清单"), "{entry}");
    // Another unit's officer takes nothing along.
    let stranger = Client::of(&node, "stranger").await;
    let none = stranger.get("/cases.csv").await.text();
    assert_eq!(none.lines().count(), 1, "{none}");
}

#[tokio::test]
async fn clocks_are_listed_filtered_sorted_and_taken_along() {
    let node = TestNode::new().await;
    post(&node, DETAIN).await;
    let officer = Client::of(&node, "officer").await;
    let all = officer.page("/clocks").await;
    assert!(all.contains("通知家属") && all.contains("A3301-2026-000123"));
    assert!(all.contains("aria-sort=\"ascending\""));
    for (filter, there) in [
        ("q=000123", true),
        ("q=CR-042", true),
        ("q=%E9%80%9A%E7%9F%A5", true),
        ("q=999999", false),
        ("when=overdue", false),
        ("risk=1", false),
        ("sort=rule&down=1", true),
        ("organ=A330104", false),
    ] {
        let page = officer.page(&format!("/clocks?{filter}")).await;
        assert_eq!(page.contains("通知家属"), there, "{filter}");
    }
    let before = node.office.ledger().size();
    let csv = officer.get("/clocks.csv?q=CR-042").await;
    assert_eq!(
        node.office.ledger().size(),
        before + 1,
        "given out, so on record"
    );
    assert_eq!(csv.header("content-type"), "text/csv; charset=utf-8");
    let text = csv.text();
    assert!(
        text.lines().count() == 2 && text.contains("2026-11-24 08:30"),
        "{text}"
    );
    // Whoever has nothing to do with the case does not see it; whoever heads the unit does.
    let stranger = Client::of(&node, "stranger").await;
    assert!(!stranger.page("/clocks").await.contains("通知家属"));
    assert!(!words(&stranger.page("/").await).contains("通知家属"));
    let head = Client::of(&node, "unit-head").await;
    let unit = words(&head.page("/").await);
    assert!(
        unit.contains("本单位") && unit.contains("通知家属"),
        "{unit}"
    );
    assert!(!words(&head.page("/?of=mine").await).contains("通知家属"));
    // An officer cannot ask for more than his own.
    let other = Client::of(&node, "supervisor").await;
    assert!(words(&other.page("/clocks?of=unit").await).contains("通知家属"));
}

#[tokio::test]
async fn rules_say_what_they_check_by_which_law_and_what_they_found() {
    let node = TestNode::new().await;
    post(&node, DETAIN).await;
    later(&node, 25).await;
    let officer = Client::of(&node, "officer").await;
    let rule = words(&officer.page("/rules/CR-042").await);
    for said in [
        "拘留后超过24小时未通知家属",
        "《刑事诉讼法》第 85 条",
        "《公安机关办理刑事案件程序规定》第 127 条",
        "V-14",
        "核对过 1 次，违反 1 次",
        "建立节点时一并启用",
        "2020-09-01",
    ] {
        assert!(rule.contains(said), "{said}: {rule}");
    }
    assert_eq!(
        officer.get("/rules/NO-SUCH").await.status,
        StatusCode::NOT_FOUND
    );
    let list = officer.page("/rules").await;
    assert!(
        words(&list).contains("没有核对"),
        "the share nobody can check"
    );
    let found = |page: &str| page.matches("href=\"/rules/").count();
    let all = found(&list);
    assert_eq!(all, 50, "a piece of the list");
    for (filter, at_least, below) in [
        ("q=%E9%80%9A%E7%9F%A5%E5%AE%B6%E5%B1%9E", 3, 50),
        ("grade=blue", 1, 51),
        ("template=distinct_persons", 1, 50),
        ("unchecked=1", 1, 51),
        ("confirm=1", 1, 51),
        ("q=no-such-rule", 0, 1),
        ("pack=casework&grade=red&q=CR-042", 1, 10),
    ] {
        let n = found(&officer.page(&format!("/rules?{filter}")).await);
        assert!((at_least..below).contains(&n), "{filter}: {n}");
    }
    // What is sure only after a legal officer's word says so.
    let unsure = words(&officer.page("/rules?confirm=1").await);
    assert!(unsure.contains("须经法制确认"), "{unsure}");
}

#[tokio::test]
async fn units_stand_in_the_order_of_their_codes_with_denominators() {
    let node = TestNode::new().await;
    post(&node, DETAIN).await;
    later(&node, 25).await;
    let head = Client::of(&node, "legal-reviewer").await;
    let page = head.page("/units").await;
    assert!(
        page.contains("href=\"/clocks?of=unit&amp;organ=A33010301\""),
        "{page}"
    );
    let codes: Vec<&str> = page
        .split("organ=")
        .skip(1)
        .filter_map(|p| p.split('"').next())
        .collect();
    assert!(codes.is_sorted(), "{codes:?}");
    assert!(words(&page).contains('%'), "{page}");
    let west = Client::of(&node, "west-supervisor").await;
    assert!(
        !west.page("/units").await.contains("A33010301"),
        "another's unit"
    );
}
