//! The elements of a case (人案物场卷), and what is kept outside the books: chains with holes, stays, versions, loans, numbers.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;

use office::{
    CaseKey, Elements, Error, EventId, LineResult, OffBook, PageRequest, Pseudonym, Viewer, may,
};
use testkit::{casework::Generator, node::TestNode};

const CASE: &str = "case:A3301-2026-000123";

/// An act as a case system sends it. Objects `type:id[:part]`, actors `number:role`.
fn act(activity: &str, at: &str, objects: &[&str], by: &[&str], attrs: &str) -> String {
    let object = |o: &&str| {
        let mut words = o.splitn(3, ':');
        let (kind, id) = (words.next().unwrap_or(""), words.next().unwrap_or(""));
        let part = words.next().map(|p| format!(r#","qualifier":"{p}""#));
        format!(
            r#"{{"type":"{kind}","id":"{id}"{}}}"#,
            part.unwrap_or_default()
        )
    };
    let actor = |a: &&str| {
        let (number, role) = a.split_once(':').expect("number:role");
        format!(r#"{{"number":"{number}","role":"{role}"}}"#)
    };
    let objects: Vec<_> = objects.iter().map(object).collect();
    let actors: Vec<_> = by.iter().map(actor).collect();
    format!(
        r#"{{"activity":"{activity}","occurred":"2026-{at}:00+08:00","organ":"A33010301","objects":[{}],"actors":[{}],"attrs":{{{attrs}}}}}"#,
        objects.join(","),
        actors.join(",")
    )
}

async fn post(node: &TestNode, viewer: &Arc<Viewer>, lines: &[String]) -> Vec<EventId> {
    let permit = node.permit(viewer);
    let results = node.office.post_events(&permit, lines).await;
    let taken = |r: &LineResult| match r {
        LineResult::Taken { event, .. } => *event,
        r => panic!("{r:?}"),
    };
    let events = results.expect("posted").iter().map(taken).collect();
    node.office.heartbeat().await.expect("a heartbeat");
    events
}

async fn first_case(node: &TestNode, viewer: &Arc<Viewer>) -> CaseKey {
    let permit = node.permit::<may::SearchCases>(viewer);
    let found = node
        .office
        .cases(
            &permit,
            &office::CaseFilter::default(),
            PageRequest::default(),
        )
        .await;
    found.expect("cases").rows[0].key
}

const OFFICER: &str = "100001:R_OFFICER";
const SECOND: &str = "100002:R_OFFICER";
const HEAD: &str = "100003:R_DEPT_HEAD";
const KEEPER: &str = "100013:R_PROPERTY";
const DOOR: &str = "100016:R_AREA_MGR";
const SUSPECT: &str = "person:p-1:suspect";

/// A case by hand: two things with holes in their chains, two stays, a file of three versions that is lent and not back.
fn story() -> Vec<String> {
    let two = &[OFFICER, SECOND];
    vec![
        act("cr.file", "11-10T08:00", &[CASE], two, ""),
        act(
            "cr.summon",
            "11-10T08:30",
            &[CASE, SUSPECT],
            &[OFFICER, HEAD],
            "",
        ),
        act("cr.arrive", "11-10T09:58", &[CASE, SUSPECT], &[OFFICER], ""),
        act(
            "plc.enter",
            "11-10T10:00",
            &[CASE, SUSPECT, "place:r-3"],
            &[DOOR],
            "",
        ),
        act(
            "cr.interrogate",
            "11-10T11:00",
            &[CASE, SUSPECT, "file:f-note"],
            two,
            "",
        ),
        act(
            "plc.exit",
            "11-11T02:00",
            &[CASE, SUSPECT, "place:r-3"],
            &[DOOR],
            "",
        ),
        act("cr.leave", "11-11T02:05", &[CASE, SUSPECT], &[OFFICER], ""),
        act(
            "cr.bail",
            "11-11T03:00",
            &[CASE, SUSPECT],
            &[OFFICER, "100015:R_COUNTY_LEADER"],
            "",
        ),
        act(
            "plc.enter",
            "11-20T10:00",
            &[CASE, SUSPECT, "place:r-5"],
            &[DOOR],
            "",
        ),
        act(
            "cr.seize",
            "11-10T12:00",
            &[CASE, "item:knife"],
            &[OFFICER, SECOND, HEAD],
            "",
        ),
        act(
            "prop.register",
            "11-10T15:00",
            &[CASE, "item:knife"],
            &[KEEPER],
            r#""ledger_no":"1""#,
        ),
        act(
            "prop.check_out",
            "11-12T09:00",
            &[CASE, "item:knife"],
            &[KEEPER, OFFICER, HEAD],
            r#""days":2,"use_reason":"x""#,
        ),
        act(
            "prop.check_out",
            "11-18T09:00",
            &[CASE, "item:knife"],
            &[KEEPER, OFFICER, HEAD],
            r#""days":2,"use_reason":"x""#,
        ),
        act(
            "prop.check_in",
            "11-18T17:00",
            &[CASE, "item:knife"],
            &[KEEPER, OFFICER],
            "",
        ),
        // Of the phone nobody says where it came from; and one step does not name the case.
        act(
            "prop.handover",
            "11-13T09:00",
            &[CASE, "item:phone"],
            &[OFFICER, KEEPER],
            "",
        ),
        act(
            "prop.register",
            "11-13T10:00",
            &["item:phone"],
            &[KEEPER],
            r#""ledger_no":"2""#,
        ),
        act(
            "prop.return_owner",
            "11-14T10:00",
            &[CASE, "item:phone"],
            &[OFFICER],
            "",
        ),
        act(
            "rec.doc_issue",
            "11-12T10:00",
            &[CASE, "file:f-paper"],
            &[OFFICER],
            r#""version":1"#,
        ),
        act(
            "rec.doc_issue",
            "11-12T11:00",
            &[CASE, "file:f-paper"],
            &[OFFICER],
            r#""version":2"#,
        ),
        act(
            "rec.doc_issue",
            "11-13T11:00",
            &[CASE, "file:f-paper"],
            &[OFFICER],
            r#""version":4"#,
        ),
        act(
            "file.borrow",
            "11-15T09:00",
            &[CASE, "file:f-paper"],
            &["100009:R_CASE_MGR", "100002:R_OFFICER", HEAD],
            r#""days":3"#,
        ),
        act(
            "int.accept",
            "11-09T20:00",
            &[CASE, "alert:j-1"],
            &[OFFICER],
            "",
        ),
    ]
}

/// The tables as text, with the findings by their rules.
fn told(e: &Elements) -> String {
    let mut out = String::new();
    let act = |at: usize| {
        let a = &e.acts[at];
        let by = a.actors.iter().map(|x| x.name.as_deref().unwrap_or("?"));
        let ok = a.approvers.iter().map(|x| x.name.as_deref().unwrap_or("?"));
        format!(
            "{} {}{}{}",
            a.occurred,
            a.activity,
            by.map(|n| format!(" {n}")).collect::<String>(),
            ok.map(|n| format!(" ✓{n}")).collect::<String>()
        )
    };
    let rules = |findings: &[usize]| {
        let mut ids: Vec<_> = findings
            .iter()
            .filter_map(|f| e.standing(*f))
            .map(|s| s.rule.id.as_str())
            .collect();
        ids.sort_unstable();
        ids.dedup();
        ids.join(" ")
    };
    for p in &e.persons {
        let parts: Vec<_> = p.parts.iter().map(|p| p.as_str()).collect();
        let _ = writeln!(out, "person {} ({} acts)", parts.join(" "), p.acts.len());
        for m in &p.measures {
            let _ = writeln!(out, "  from {}", act(m.begun));
            for c in &m.changes {
                let _ = writeln!(out, "    {}", act(*c));
            }
            let end = m.ended.map_or("open".to_owned(), act);
            let due = m
                .due
                .and_then(|d| e.standing(d))
                .map(|s| s.rule.id.as_str());
            let _ = writeln!(out, "    until {end} [{}] due {due:?}", rules(&m.findings));
        }
    }
    for i in &e.items {
        let _ = writeln!(out, "item {:?} [{}]", i.custody, rules(&i.findings));
        for l in &i.chain {
            let gap = l.gap.as_ref();
            let gap = gap.map(|g| format!(" — {:?} [{}]", g.kind, rules(&g.findings)));
            let place = e.acts[l.act].place;
            let _ = writeln!(
                out,
                "  {:?} {}{}{}",
                l.custody,
                act(l.act),
                if place.is_none() {
                    " (names no case)"
                } else {
                    ""
                },
                gap.unwrap_or_default()
            );
        }
    }
    for p in &e.places {
        let _ = writeln!(out, "place {}", p.object.is_some());
        for s in &p.stays {
            let gap = s.gap.as_ref().map(|g| g.kind);
            let hours = s.length.map(|l| l / 3_600_000_000);
            let with: Vec<_> = s.with.iter().filter_map(|a| a.name.as_deref()).collect();
            let _ = writeln!(
                out,
                "  {:?} → {:?}: {hours:?} h, open {}, overlong {}, gap {gap:?}, with {} [{}]",
                s.entered.map(act),
                s.left.map(act),
                s.open,
                s.overlong,
                with.join(" "),
                rules(&s.findings)
            );
        }
    }
    for f in &e.files {
        let _ = writeln!(out, "file [{}]", rules(&f.findings));
        for v in &f.versions {
            let _ = writeln!(out, "  version {:?} {}", v.number, act(v.act));
        }
        for l in &f.loans {
            let who: Vec<_> = l
                .borrowers
                .iter()
                .filter_map(|a| a.name.as_deref())
                .collect();
            let until = l.until.map(|u| u.to_string());
            let _ = writeln!(
                out,
                "  lent {} to {}, until {until:?}, back {:?}, overdue {}",
                act(l.act),
                who.join(" "),
                l.back,
                l.overdue
            );
        }
        for g in &f.gaps {
            let _ = writeln!(out, "  gap {:?} at {}", g.kind, act(g.act));
        }
    }
    for o in &e.others {
        let _ = writeln!(out, "other {} ({})", o.object.object_type, o.acts.len());
    }
    out
}

#[tokio::test]
async fn a_case_by_hand_with_holes_in_its_chains() {
    let node = TestNode::new().await;
    let officer = node.officer().await;
    post(&node, &officer, &story()).await;
    let key = first_case(&node, &officer).await;
    let permit = node.permit::<may::ReadCase>(&officer);
    let elements = node.office.elements(&permit, key).await.expect("elements");
    insta::assert_snapshot!(told(&elements));
    assert!(
        !format!("{elements:?}").contains("knife"),
        "no name without asking for it"
    );

    // Whoever may not see it gets the answer that a case that is not there gives.
    let nowhere: CaseKey = CaseKey(node.person("nobody"));
    for handle in ["stranger", "west-supervisor"] {
        let viewer = node.user(handle).await;
        let permit = node.permit::<may::ReadCase>(&viewer);
        for key in [key, nowhere] {
            let answer = node.office.elements(&permit, key).await;
            assert!(matches!(answer, Err(Error::NotFound)), "{handle}");
        }
    }
}

#[tokio::test]
async fn a_correction_takes_an_act_out_of_its_chain() {
    let node = TestNode::new().await;
    let officer = node.officer().await;
    let events = post(&node, &officer, &story()).await;
    let key = first_case(&node, &officer).await;
    let permit = node.permit::<may::ReadCase>(&officer);
    let before = node.office.elements(&permit, key).await.expect("elements");
    let gaps = |e: &Elements| e.items[0].chain.iter().filter(|l| l.gap.is_some()).count();
    assert_eq!(gaps(&before), 2, "not handed over, lent twice");
    // The second loan was a return that somebody entered under the wrong name.
    let corrected = act(
        "prop.check_in",
        "11-14T09:00",
        &[CASE, "item:knife"],
        &[KEEPER, OFFICER],
        "",
    )
    .replacen('{', &format!(r#"{{"correction_of":"{}","#, events[12]), 1);
    let returned_twice = act(
        "prop.check_in",
        "11-18T17:00",
        &[CASE, "item:knife"],
        &[KEEPER],
        "",
    );
    post(&node, &officer, &[corrected, returned_twice]).await;
    let after = node.office.elements(&permit, key).await.expect("elements");
    let kinds: Vec<_> = (after.items[0].chain.iter())
        .filter_map(|l| l.gap.as_ref())
        .map(|g| format!("{:?}", g.kind))
        .collect();
    assert_eq!(kinds, ["NotHandedOver", "NotLent", "NotLent"]);
    assert_eq!(
        after.items[0].acts.len(),
        before.items[0].acts.len() + 2,
        "both stay visible"
    );
    assert_eq!(after.acts.iter().filter(|a| a.superseded).count(), 1);
}

#[tokio::test]
async fn every_object_of_every_generated_case_is_in_exactly_one_table() {
    let node = TestNode::bare().await;
    let generator = Generator::new(11, node.now());
    testkit::fill(&node.office, &generator, 50, "a long test secret")
        .await
        .expect("filled");
    let viewer = node.add("900001", "陈检查", "A330100", "inspector").await;
    let cases = node.permit::<may::SearchCases>(&viewer);
    let all = PageRequest {
        number: 1,
        size: 100,
    };
    let every = office::CaseFilter::default();
    let page = node.office.cases(&cases, &every, all).await.expect("cases");
    assert!(page.rows.len() > 40);
    let permit = node.permit::<may::ReadCase>(&viewer);
    let mut seen = [0; 3];
    for row in page.rows {
        let e = match node.office.elements(&permit, row.key).await {
            Err(office::Error::ReasonWanted(_)) => {
                node.say_why(&viewer, row.key).await;
                node.office.elements(&permit, row.key).await
            }
            explained => explained,
        };
        let e = e.expect("elements");
        let mut tables: BTreeMap<(String, Pseudonym), usize> = BTreeMap::new();
        let mut list = |o: &office::ObjectView| {
            *tables.entry((o.object_type.to_string(), o.id)).or_default() += 1;
        };
        e.persons.iter().for_each(|x| list(&x.object));
        e.items.iter().for_each(|x| list(&x.object));
        e.places
            .iter()
            .filter_map(|x| x.object.as_ref())
            .for_each(&mut list);
        e.files.iter().for_each(|x| list(&x.object));
        e.others.iter().for_each(|x| list(&x.object));
        let (mut acts, mut page) = (
            0,
            PageRequest {
                number: 1,
                size: 500,
            },
        );
        let mut named: BTreeMap<(String, Pseudonym), usize> = BTreeMap::new();
        loop {
            let piece = node
                .office
                .timeline(&permit, row.key, page)
                .await
                .expect("timeline");
            for event in &piece.rows {
                let place = e
                    .acts
                    .iter()
                    .find(|a| a.index == event.index)
                    .and_then(|a| a.place);
                assert_eq!(place, Some(acts), "its place in the timeline");
                acts += 1;
                for o in &event.objects {
                    named.insert((o.object_type.to_string(), o.id), 1);
                }
            }
            if acts >= piece.total {
                break;
            }
            page.number += 1;
        }
        assert_eq!(tables, named, "{row:?}");
        for (n, some) in [
            !e.persons.is_empty(),
            !e.items.is_empty(),
            e.places.iter().any(|p| !p.stays.is_empty()),
        ]
        .into_iter()
        .enumerate()
        {
            seen[n] += usize::from(some);
        }
    }
    assert!(
        seen.iter().all(|n| *n > 0),
        "persons, things and stays: {seen:?}"
    );

    let permit = node.permit::<may::SeeUnits>(&viewer);
    let book = node.office.off_book(&permit).await.expect("off-book");
    assert!(
        !book.items.rows.is_empty()
            && !book.stays.rows.is_empty()
            && !book.registers.rows.is_empty(),
        "so does the demo: {book:#?}"
    );
}

async fn off_book(node: &TestNode, handle: &'static str) -> OffBook {
    let viewer = node.user(handle).await;
    let permit = node.permit::<may::SeeUnits>(&viewer);
    node.office.off_book(&permit).await.expect("off-book")
}

#[tokio::test]
async fn what_is_kept_outside_the_books() {
    let node = TestNode::new().await;
    let officer = node.officer().await;
    let mut lines = story();
    lines.push(act(
        "prop.audit",
        "11-15T09:00",
        &["item:watch"],
        &[KEEPER],
        "",
    ));
    lines.push(act(
        "plc.enter",
        "11-16T09:00",
        &["person:p-9", "place:r-3"],
        &[DOOR],
        "",
    ));
    lines.push(act(
        "plc.exit",
        "11-16T11:00",
        &["person:p-9", "place:r-3"],
        &[DOOR],
        "",
    ));
    lines.push(act(
        "plc.enter",
        "11-16T12:00",
        &["person:p-8", "alert:j-7", "place:r-3"],
        &[DOOR],
        "",
    ));
    for (n, day) in [(1, 10), (2, 10), (3, 11), (7, 12), (8, 13), (10, 14)] {
        let number = format!(r#""document_no":"刑侦文〔2026〕{n}号""#);
        let at = format!("11-{day}T10:{n:02}");
        lines.push(act(
            "rec.doc_issue",
            &at,
            &[CASE, "file:f-paper"],
            &[OFFICER],
            &number,
        ));
    }
    // Not a running number: three of nine hundred.
    for n in [17, 400, 900] {
        let number = format!(r#""document_no":"档-{n}""#);
        lines.push(act(
            "rec.doc_issue",
            "11-14T11:00",
            &[CASE, "file:f-paper"],
            &[OFFICER],
            &number,
        ));
    }
    let events = post(&node, &officer, &lines).await;
    let book = off_book(&node, "supervisor").await;
    let rules = |marks: &[office::OffBookMark]| {
        let ids: Vec<_> = marks.iter().map(|m| m.rule.as_str()).collect();
        ids.join(" ")
    };
    let items: Vec<_> = (book.items.rows.iter())
        .map(|i| {
            (
                i.first.activity.as_str(),
                i.tied,
                i.case.is_some(),
                rules(&i.marks),
            )
        })
        .collect();
    assert_eq!(
        items,
        [
            ("prop.register", true, true, "V-18.4".to_owned()),
            ("prop.audit", false, false, String::new())
        ]
    );
    assert_eq!((book.items.total, book.items.of), (2, 3), "of three things");
    let stays: Vec<_> = (book.stays.rows.iter())
        .map(|s| (s.left.is_some(), rules(&s.marks)))
        .collect();
    assert_eq!(stays, [(true, "V-18.1".to_owned())], "an alert is enough");
    assert_eq!((book.stays.total, book.stays.of), (1, 4));
    let register = &book.registers.rows[0];
    let gaps: Vec<_> = register.gaps.iter().map(|g| (g.from, g.to)).collect();
    assert_eq!(
        (register.name.as_str(), register.year, gaps),
        ("刑侦文〔2026〕#号", 2026, vec![(4, 6), (9, 9)])
    );
    assert_eq!(
        (register.low, register.high, register.seen, register.missing),
        (1, 10, 6, 4)
    );
    assert_eq!(
        (book.registers.of, book.numbers, book.not_running),
        (1, 6, 1)
    );

    // The number was 6, not 8: what is corrected was never given out.
    let fixed = act(
        "rec.doc_issue",
        "11-13T10:08",
        &[CASE, "file:f-paper"],
        &[OFFICER],
        r#""document_no":"刑侦文〔2026〕6号""#,
    )
    .replacen(
        '{',
        &format!(r#"{{"correction_of":"{}","#, events[story().len() + 8]),
        1,
    );
    // And the stay did belong to the case.
    let known = act(
        "plc.enter",
        "11-16T09:00",
        &[CASE, "person:p-9", "place:r-3"],
        &[DOOR],
        "",
    )
    .replacen(
        '{',
        &format!(r#"{{"correction_of":"{}","#, events[story().len() + 1]),
        1,
    );
    post(&node, &officer, &[fixed, known]).await;
    let book = off_book(&node, "supervisor").await;
    let gaps: Vec<_> = book.registers.rows[0]
        .gaps
        .iter()
        .map(|g| (g.from, g.to))
        .collect();
    assert_eq!((gaps, book.stays.total), (vec![(4, 5), (8, 9)], 0));

    // Another organ's supervisor has nothing of it, and nothing to count it by.
    let west = off_book(&node, "west-supervisor").await;
    assert_eq!(west, OffBook::default());
    // Whoever sees only a share of a register's units cannot tell what is missing.
    let city = off_book(&node, "city-supervisor").await;
    assert_eq!(city.registers.total, 1);
}
