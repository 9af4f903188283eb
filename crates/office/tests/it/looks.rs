//! Who looked, and why that was right: the guard before a case, relations, reasons, and looks that are asked about.

use std::sync::Arc;

use office::{
    CaseFilter, CaseKey, Error, EventId, EventQuery, Export, Format, LookClass, Micros, NewAnswer,
    NewReason, NewRelation, PageRequest, Selection, Signal, Verdict, Viewer, may,
};
use testkit::node::TestNode;

const MINUTE: i64 = 60_000_000;
const DAY: i64 = 24 * 60 * MINUTE;

/// An act that no rule looks at, so that no alert calls anybody.
const ACT: &str = r#"{"activity":"x:走访","occurred":"2026-11-23T06:05:00+08:00","organ":"A33010301","actors":[{"number":"100001","role":"R_OFFICER"}],"objects":[{"type":"case","id":"A3301-2026-000123"},{"type":"person","id":"p-1","name":"张三"}],"words":"走访记录"}"#;

struct World {
    node: TestNode,
    officer: Arc<Viewer>,
    leader: Arc<Viewer>,
    case: CaseKey,
    event: EventId,
}

async fn key_of(node: &TestNode, viewer: &Arc<Viewer>, number: &str) -> CaseKey {
    let filter = CaseFilter {
        q: number.into(),
        ..CaseFilter::default()
    };
    let permit = node.permit(viewer);
    let found = node.office.cases(&permit, &filter, PageRequest::default());
    found.await.expect("cases").rows[0].key
}

async fn world() -> World {
    let node = TestNode::new().await;
    let (officer, leader) = (node.officer().await, node.user("leader").await);
    let lines = [
        ACT.to_owned(),
        ACT.replace("000123", "000124").replace("100001", "100002"),
    ];
    let taken = node
        .office
        .post_events(&node.permit(&officer), &lines)
        .await;
    let office::LineResult::Taken { event, .. } = taken.expect("lines")[0] else {
        panic!("an act is taken")
    };
    node.office.caught_up_all().await.expect("caught up");
    let case = key_of(&node, &officer, "000123").await;
    World {
        node,
        officer,
        leader,
        case,
        event,
    }
}

impl World {
    /// Whether the case opens; `Err` with the id of the nearest template.
    async fn opens(&self, who: &Arc<Viewer>) -> Result<(), String> {
        match self
            .node
            .office
            .case(&self.node.permit(who), self.case)
            .await
        {
            Ok(_) => Ok(()),
            Err(Error::ReasonWanted(wanted)) => Err(wanted.template.clone()),
            Err(e) => panic!("{e}"),
        }
    }

    /// Looks as the officer sees them: who, what, class.
    async fn looks(&self) -> Vec<(String, &'static str, Option<&'static str>)> {
        let permit = self.node.permit(&self.officer);
        let looks = self.node.office.case_looks(&permit, self.case).await;
        (looks.expect("looks").into_iter())
            .map(|l| {
                let who = l.who.name.unwrap_or_default();
                (who, l.kind.name(), l.class.map(LookClass::name))
            })
            .collect()
    }

    async fn relate(&self, new: NewRelation) -> Result<u64, Error> {
        let head = self.node.user("unit-head").await;
        let permit = self.node.permit(&head);
        self.node.office.relate(&permit, self.case, &new).await
    }

    fn after(&self, micros: i64) -> Option<Micros> {
        Micros::new(self.node.now().get() + micros).ok()
    }

    fn advance(&self, micros: i64) {
        self.node.clock.advance_seconds(micros / 1_000_000);
    }
}

fn assigned(handle: &str) -> NewRelation {
    NewRelation {
        kind: "assigned".into(),
        number: TestNode::number(handle).into(),
        reason: Some("增派办案力量".into()),
        ..NewRelation::default()
    }
}

fn problem(result: Result<impl std::fmt::Debug, Error>) -> Vec<(&'static str, &'static str)> {
    match result {
        Err(Error::Invalid(fields)) => fields.iter().map(|f| (f.field, f.problem)).collect(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_leader_without_a_relation_is_asked_before_anything_is_shown() {
    let w = world().await;
    let office = &w.node.office;
    let (read, names) = (
        w.node.permit::<may::ReadCase>(&w.leader),
        w.node.permit::<may::ReadNames>(&w.leader),
    );
    let size = office.ledger().size();
    let page = PageRequest::default();
    let none: EventId = "01a2121d-137e-75a2-9af4-602037c2a64f"
        .parse()
        .expect("an id");
    let query = EventQuery {
        object: Some(w.case),
        ..EventQuery::default()
    };
    // Every way to a case goes through the guard.
    let asked = [
        ("case", office.case(&read, w.case).await.err()),
        ("timeline", office.timeline(&read, w.case, page).await.err()),
        (
            "standing",
            office.case_standing(&read, w.case, false).await.err(),
        ),
        ("findings", office.case_findings(&read, w.case).await.err()),
        ("alerts", office.alerts(&read, w.case, vec![0]).await.err()),
        (
            "proposals",
            office.case_proposals(&read, w.case).await.err(),
        ),
        ("looks", office.case_looks(&read, w.case).await.err()),
        (
            "relations",
            office.case_relations(&read, w.case).await.err(),
        ),
        ("names", office.names(&names, w.case).await.err()),
        (
            "body",
            office.event_body(&names, w.case, w.event).await.err(),
        ),
        (
            "no such body",
            office.event_body(&names, w.case, none).await.err(),
        ),
        (
            "events",
            office.events(&w.node.permit(&w.leader), &query).await.err(),
        ),
    ];
    for (what, error) in asked {
        match error {
            Some(Error::ReasonWanted(wanted)) => {
                assert_eq!(wanted.case, w.case, "{what}");
                assert!(!wanted.missing.zh.is_empty() && !wanted.missing.en.is_empty());
                assert!(!format!("{wanted:?}").contains("张三"));
            }
            other => panic!("{what}: {other:?}"),
        }
    }
    assert_eq!(office.ledger().size(), size, "a refused look is no look");

    let form = office.reason_form(&read, w.case).await.expect("a form");
    assert!(form.wanted.is_some() && form.reasons.len() > 3);
    let reason = |reason: &str, words: &str, paper: Option<&str>| NewReason {
        reason: reason.into(),
        words: words.into(),
        paper: paper.map(str::to_owned),
    };
    for (new, wrong) in [
        (
            reason("", " ", None),
            vec![("reason", "required"), ("words", "required")],
        ),
        (reason("curious", "看看", None), vec![("reason", "unknown")]),
        (
            reason("written", "批示", Some(" ")),
            vec![("paper", "required")],
        ),
        (
            reason("told", &"长".repeat(501), None),
            vec![("words", "too_long")],
        ),
    ] {
        assert_eq!(
            problem(office.give_reason(&read, w.case, &new).await),
            wrong
        );
    }
    assert_eq!(
        office.ledger().size(),
        size,
        "nor is a reason that was not taken"
    );

    let index = w.node.say_why(&w.leader, w.case).await;
    assert_eq!(w.opens(&w.leader).await, Ok(()));
    office.names(&names, w.case).await.expect("names");
    office
        .event_body(&names, w.case, w.event)
        .await
        .expect("a body");
    assert_eq!(
        w.looks().await,
        [
            ("王小明".into(), "case", Some("explained")),
            ("杨威".into(), "body", Some("break_glass")),
            ("杨威".into(), "names", Some("break_glass")),
            ("杨威".into(), "case", Some("break_glass")),
        ],
    );
    let looks = office
        .case_looks(&w.node.permit(&w.officer), w.case)
        .await
        .expect("looks");
    let seen = &looks[3];
    assert_eq!(
        (seen.because, seen.organ_name.as_str()),
        (Some(index), "甲市公安局")
    );
    assert_eq!(
        seen.reason.as_ref().map(|r| r.zh.as_str()),
        Some("值班备勤、紧急处置")
    );
    assert!(seen.words.is_some(), "what was missing stands beside it");

    // For this viewer and this case, and for half an hour.
    let other = key_of(&w.node, &w.leader, "000124").await;
    assert!(matches!(
        office.case(&read, other).await,
        Err(Error::ReasonWanted(_))
    ));
    w.advance(29 * MINUTE);
    assert_eq!(w.opens(&w.leader).await, Ok(()));
    w.advance(MINUTE);
    assert!(
        w.opens(&w.leader).await.is_err(),
        "an earlier look never explains a later one"
    );
}

#[tokio::test]
async fn one_look_in_each_window_and_the_path_of_its_explanation() {
    let w = world().await;
    for _ in 0..3 {
        assert_eq!(w.opens(&w.officer).await, Ok(()));
    }
    assert_eq!(w.looks().await.len(), 1);
    w.advance(31 * MINUTE);
    assert_eq!(w.opens(&w.officer).await, Ok(()));
    let head = w.node.user("unit-head").await;
    assert_eq!(w.opens(&head).await, Ok(()));
    let permit = w.node.permit(&w.officer);
    let looks = w
        .node
        .office
        .case_looks(&permit, w.case)
        .await
        .expect("looks");
    assert_eq!(looks.len(), 3);
    let told: Vec<_> = looks
        .iter()
        .map(|l| {
            let path = l
                .path
                .iter()
                .map(|leg| leg.what.as_ref().map(|a| a.as_str()).unwrap_or("-"));
            let words = l.words.as_ref().map_or("", |w| w.zh.as_str());
            (words, path.collect::<Vec<_>>().join(" "))
        })
        .collect();
    assert_eq!(
        told,
        [
            ("办案部门负责人", "lh.role x:走访".to_owned()),
            ("本案承办民警", "x:走访".to_owned()),
            ("本案承办民警", "x:走访".to_owned()),
        ]
    );
}

#[tokio::test]
async fn an_assignment_explains_until_it_ends() {
    let w = world().await;
    assert_eq!(w.opens(&w.leader).await, Err("heads-unit".into()));
    w.relate(assigned("leader")).await.expect("an assignment");
    assert_eq!(w.opens(&w.leader).await, Ok(()));

    let permit = w.node.permit(&w.officer);
    let relations = w
        .node
        .office
        .case_relations(&permit, w.case)
        .await
        .expect("relations");
    let [one] = relations.as_slice() else {
        panic!("{relations:?}")
    };
    assert_eq!(
        (
            one.kind.as_str(),
            one.person.as_deref(),
            one.by.as_deref(),
            one.in_force
        ),
        ("assigned", Some("杨威"), Some("赵刚"), true)
    );
    assert_eq!(one.reason.as_deref(), Some("增派办案力量"));
    let head = w.node.user("unit-head").await;
    let head = w.node.permit(&head);
    let end = || w.node.office.end_relation(&head, w.case, one.event);
    w.advance(MINUTE);
    end().await.expect("it ends");
    assert_eq!(problem(end().await), [("relation", "ended")]);
    w.advance(31 * MINUTE);
    assert!(w.opens(&w.leader).await.is_err());

    // A joint task is bounded, and ends by itself.
    let task = |to: Option<Micros>| NewRelation {
        kind: "joint-task".into(),
        to,
        document: Some("专案〔2026〕3号".into()),
        reason: None,
        ..assigned("leader")
    };
    w.relate(task(w.after(DAY))).await.expect("a joint task");
    assert_eq!(w.opens(&w.leader).await, Ok(()));
    w.advance(DAY + MINUTE);
    assert!(w.opens(&w.leader).await.is_err());

    for (new, wrong) in [
        (assigned("unit-head"), ("number", "not_yours")),
        (
            NewRelation {
                number: "999999".into(),
                ..assigned("leader")
            },
            ("number", "unknown"),
        ),
        (
            NewRelation {
                kind: "friend".into(),
                ..assigned("leader")
            },
            ("kind", "unknown"),
        ),
        (
            NewRelation {
                reason: None,
                ..assigned("leader")
            },
            ("document", "required"),
        ),
        (task(None), ("to", "required")),
        (task(w.after(-DAY)), ("to", "malformed")),
        (task(w.after(400 * DAY)), ("to", "too_long")),
    ] {
        let told = problem(w.relate(new).await);
        assert!(told.contains(&wrong), "{told:?} {wrong:?}");
    }
    let west = w.node.user("west-supervisor").await;
    let (permit, new) = (w.node.permit(&west), assigned("leader"));
    let elsewhere = w.node.office.relate(&permit, w.case, &new);
    assert!(matches!(elsewhere.await, Err(Error::NotFound)));
}

#[tokio::test]
async fn what_is_recorded_afterwards_explains_late_and_only_for_a_week() {
    for (days, class) in [(2, "explained_late"), (8, "break_glass")] {
        let w = world().await;
        let before = w.after(-MINUTE);
        w.node.say_why(&w.leader, w.case).await;
        assert_eq!(w.opens(&w.leader).await, Ok(()));
        w.advance(days * DAY);
        let late = NewRelation {
            from: before,
            ..assigned("leader")
        };
        w.relate(late).await.expect("an assignment");
        let looks = w.looks().await;
        assert_eq!(looks[1], ("杨威".into(), "case", Some(class)), "{days}");
        let inspector = w.node.user("inspector").await;
        let queue = w
            .node
            .office
            .look_queue(&w.node.permit(&inspector))
            .await
            .expect("a queue");
        assert_eq!(
            (queue.open.len(), queue.late.len()),
            if days < 7 { (0, 1) } else { (1, 0) }
        );
    }
}

#[tokio::test]
async fn a_link_by_decision_and_an_inquiry_on_record() {
    let w = world().await;
    let colleague = w.node.user("colleague").await;
    assert!(
        w.opens(&colleague).await.is_err(),
        "he handles the other case only"
    );
    let link = |number: &str| NewRelation {
        kind: "linked-case".into(),
        number: number.into(),
        document: Some("并案〔2026〕1号".into()),
        ..NewRelation::default()
    };
    assert_eq!(
        problem(w.relate(link("A3301-2026-000123")).await),
        [("number", "unknown")]
    );
    w.relate(link("A3301-2026-000124")).await.expect("a link");
    assert_eq!(w.opens(&colleague).await, Ok(()));
    // It holds in both directions.
    let other = key_of(&w.node, &w.officer, "000124").await;
    let there = w.node.office.case(&w.node.permit(&w.officer), other).await;
    assert!(there.is_ok(), "{there:?}");

    // When the link ends, so does what it explained.
    let permit = w.node.permit(&w.officer);
    let relations = w.node.office.case_relations(&permit, w.case).await;
    let link = relations.expect("relations")[0].event;
    w.advance(MINUTE);
    let head = w.node.user("unit-head").await;
    let head = w.node.permit(&head);
    let ended = w.node.office.end_relation(&head, w.case, link).await;
    ended.expect("it ends");
    w.advance(31 * MINUTE);
    assert!(w.opens(&colleague).await.is_err(), "the link is over");

    let inquiry = NewRelation {
        kind: "inquiry".into(),
        to: w.after(DAY),
        document: Some("督办〔2026〕9号".into()),
        reason: None,
        ..assigned("leader")
    };
    w.relate(inquiry).await.expect("an inquiry");
    assert_eq!(w.opens(&w.leader).await, Ok(()));
    let classes: Vec<_> = w.looks().await.into_iter().map(|l| (l.0, l.2)).collect();
    assert!(
        classes.contains(&("杨威".into(), Some("registered_inquiry"))),
        "{classes:?}"
    );
}

#[tokio::test]
async fn somebody_elses_reason_calls_a_reviewer_and_his_own_does_not() {
    let w = world().await;
    let supervisor = w.node.supervisor().await;
    assert!(w.opens(&supervisor).await.is_err(), "no alert calls him");
    w.node.say_why(&supervisor, w.case).await;
    assert_eq!(w.opens(&supervisor).await, Ok(()));
    w.advance(31 * MINUTE);
    assert!(
        w.opens(&supervisor).await.is_err(),
        "his own reason explains nothing later"
    );
    w.node.say_why(&w.leader, w.case).await;
    assert_eq!(
        w.opens(&supervisor).await,
        Ok(()),
        "now there is a look to review"
    );
}

#[tokio::test]
async fn looks_are_asked_about_ranked_and_answered() {
    let w = world().await;
    let office = &w.node.office;
    let supervisor = w.node.supervisor().await;
    let (see, answer) = (
        w.node.permit::<may::SeeLooks>(&supervisor),
        w.node.permit::<may::AnswerLooks>(&supervisor),
    );
    // By day and without names; then at night, and with names.
    let plain = w.node.say_why(&w.leader, w.case).await;
    assert_eq!(w.opens(&w.leader).await, Ok(()));
    w.advance(14 * 60 * MINUTE);
    let weighty = w.node.say_why(&w.leader, w.case).await;
    office
        .names(&w.node.permit(&w.leader), w.case)
        .await
        .expect("names");
    let inspector = w.node.user("inspector").await;
    let export = Export {
        format: Format::Xes,
        selection: Selection::Case(w.case),
        out: w.node.around().join("one.xes"),
        case_type: None,
    };
    let console = office.console();
    office
        .export(&w.node.permit(&console), export, |_, _| {})
        .await
        .expect("an export");

    let queue = office.look_queue(&see).await.expect("a queue");
    let told: Vec<_> = queue
        .open
        .iter()
        .map(|a| {
            (
                a.look.class.map(LookClass::name),
                a.signals.clone(),
                a.this_week,
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            (
                Some("unexplained"),
                vec![Signal::Export, Signal::Night],
                true
            ),
            (
                Some("break_glass"),
                vec![Signal::Names, Signal::Night],
                true
            ),
            (Some("break_glass"), vec![], true),
        ]
    );
    assert_eq!(queue.open[1].look.index, weighty);
    assert_eq!(queue.open[1].number.as_deref(), Some("A3301-2026-000123"));
    assert!(
        queue.open.iter().all(|a| a.look.words.is_some()),
        "what is missing stands there"
    );
    assert_eq!(
        (
            queue.units.len(),
            queue.units[0].open,
            queue.units[0].budget
        ),
        (1, 3, 20)
    );

    // The words of a reason are read like anything else of the case.
    let before = w.looks().await.len();
    let detail = office.look_detail(&see, weighty).await.expect("a look");
    assert_eq!(
        detail.words.as_deref(),
        Some("值班期间群众来电，须核对案情。")
    );
    assert_eq!(detail.read.len(), 1);
    let looks = w.looks().await;
    assert_eq!(looks.len(), before + 1);
    assert_eq!(looks[0], ("孙立".into(), "review", Some("explained")));

    let new = |verdict: &str, note: &str| NewAnswer {
        verdict: verdict.into(),
        note: note.into(),
    };
    let wrong = office.answer_look(&answer, plain, &new("guilty", "")).await;
    assert_eq!(
        problem(wrong),
        [("verdict", "unknown"), ("note", "required")]
    );
    office
        .answer_look(&answer, plain, &new("follow_up", "请本人说明"))
        .await
        .expect("an answer");
    let acts = || async {
        let read = w.node.permit(&w.officer);
        let page = office.timeline(&read, w.case, PageRequest::default());
        page.await.expect("a timeline").rows.len()
    };
    let acts_before = acts().await;
    office
        .answer_look(&answer, plain, &new("justified", "值班记录属实"))
        .await
        .expect("an answer");
    assert_eq!(acts().await, acts_before);
    office
        .answer_look(&answer, weighty, &new("not_justified", "与工作无关"))
        .await
        .expect("an answer");
    assert_eq!(acts().await, acts_before + 1, "an alert of the case");
    let queue = office.look_queue(&see).await.expect("a queue");
    assert_eq!(
        (
            queue.open.len(),
            queue.answered.len(),
            queue.units[0].answered
        ),
        (1, 2, 2)
    );
    assert_eq!(queue.answered[0].verdict, Some(Verdict::NotJustified));
    let detail = office.look_detail(&see, plain).await.expect("a look");
    let notes: Vec<_> = detail
        .answers
        .iter()
        .filter_map(|a| a.note.as_deref())
        .collect();
    assert_eq!(notes, ["请本人说明", "值班记录属实"]);

    // On one's own look others decide, and elsewhere there is nothing to see.
    w.advance(31 * MINUTE);
    let permit = w.node.permit::<may::AnswerLooks>(&inspector);
    let other = w.node.user("city-supervisor").await;
    let given = NewReason {
        reason: "check".into(),
        words: "核查投诉".into(),
        paper: None,
    };
    assert_eq!(
        office
            .give_reason(&w.node.permit(&other), w.case, &given)
            .await
            .expect("not wanted"),
        None,
        "a look that has to be reviewed explains a reviewer's own"
    );
    let west = w.node.user("west-supervisor").await;
    let hidden = office
        .look_queue(&w.node.permit(&west))
        .await
        .expect("a queue");
    assert!(hidden.open.is_empty() && hidden.answered.is_empty());
    for at in [plain, 0, 1_000_000] {
        let found = office.look_detail(&w.node.permit(&west), at).await;
        assert!(matches!(found, Err(Error::NotFound)), "{at}");
    }
    assert!(matches!(
        office
            .answer_look(&permit, 0, &new("justified", "无"))
            .await,
        Err(Error::NotFound)
    ));
}

#[tokio::test]
async fn on_ones_own_look_others_decide() {
    let w = world().await;
    let office = &w.node.office;
    let supervisor = w.node.supervisor().await;
    let index = w.node.say_why(&supervisor, w.case).await;
    let queue = office
        .look_queue(&w.node.permit(&supervisor))
        .await
        .expect("a queue");
    assert!(queue.open[0].own);
    let new = NewAnswer {
        verdict: "justified".into(),
        note: "本人核实".into(),
    };
    let own = office
        .answer_look(&w.node.permit(&supervisor), index, &new)
        .await;
    assert_eq!(problem(own), [("look", "not_yours")]);
    let inspector = w.node.user("inspector").await;
    let done = office
        .answer_look(&w.node.permit(&inspector), index, &new)
        .await;
    assert!(done.is_ok(), "{done:?}");
}

#[tokio::test]
async fn whoever_may_not_know_of_a_case_learns_nothing_from_the_guard() {
    let w = world().await;
    let office = &w.node.office;
    let missing: CaseKey = "c:00000000000000000000000000000000".parse().expect("a key");
    let admin = w.node.admin().await;
    let reason = NewReason {
        reason: "urgent".into(),
        words: "核对".into(),
        paper: None,
    };
    for erased in [false, true] {
        if erased {
            let permit = w.node.permit(&admin);
            let erase = office.erase(&permit, w.event, "依申请删除");
            erase.await.expect("erased");
        }
        for handle in ["stranger", "west-supervisor"] {
            let viewer = w.node.user(handle).await;
            let read = w.node.permit::<may::ReadCase>(&viewer);
            for key in [w.case, missing] {
                let told = [
                    office.case(&read, key).await.map(|_| ()),
                    office.names(&w.node.permit(&viewer), key).await.map(|_| ()),
                    office.reason_form(&read, key).await.map(|_| ()),
                    office.give_reason(&read, key, &reason).await.map(|_| ()),
                ];
                for answer in told {
                    assert!(
                        matches!(answer, Err(Error::NotFound)),
                        "{handle} {key}: {answer:?}"
                    );
                }
            }
        }
    }
}

#[tokio::test]
async fn a_rebuilt_register_knows_the_same_looks_and_relations() {
    let mut w = world().await;
    w.node.say_why(&w.leader, w.case).await;
    assert_eq!(w.opens(&w.leader).await, Ok(()));
    w.relate(assigned("stranger")).await.expect("an assignment");
    let before = w.node.office.dump().await.expect("a dump");
    assert!(before.contains("break_glass") && before.contains("assigned"));
    w.node.office.close().await;
    let clock = Arc::new(w.node.clock.clone());
    office::Office::rebuild(&w.node.dir(), clock, &mut |_, _| {})
        .await
        .expect("rebuilt");
    w.node.reopen().await;
    assert_eq!(w.node.office.dump().await.expect("a dump"), before);
}

/// What somebody wrote as his reason can be erased; that he gave one cannot, and it is asked about all the same.
#[tokio::test]
async fn the_words_of_a_reason_can_be_erased_and_the_question_stays() {
    const NAMED: &str = "嫌疑人钱某某的妻子来访，须核对案情。";
    let mut w = world().await;
    let reason = NewReason {
        reason: "urgent".into(),
        words: NAMED.into(),
        paper: Some("甲公指〔2026〕9号".into()),
    };
    let permit = w.node.permit::<may::ReadCase>(&w.leader);
    let given = w.node.office.give_reason(&permit, w.case, &reason).await;
    let index = given.expect("given").expect("one was wanted");
    assert_eq!(w.opens(&w.leader).await, Ok(()));
    let supervisor = w.node.supervisor().await;
    let permit = w.node.permit(&supervisor);
    let detail = w.node.office.look_detail(&permit, index);
    assert_eq!(detail.await.expect("asked").words.as_deref(), Some(NAMED));

    let at = office::Lookup::Index(index);
    let view = w.node.office.lookup(&w.node.permit(&w.officer), &at).await;
    let event = view.expect("an entry").header.id;
    let admin = w.node.admin().await;
    let erased = (w.node.office)
        .erase(&w.node.permit(&admin), event, "依申请删除")
        .await
        .expect("erased");
    assert_eq!(erased.index, index);
    for built in ["live", "rebuilt"] {
        let office = &w.node.office;
        let queue = office.look_queue(&w.node.permit(&supervisor)).await;
        let queue = queue.expect("a queue");
        let asked = queue.open.iter().find(|a| a.look.index == index);
        let asked = asked.expect("still in the queue");
        assert_eq!(asked.verdict, None, "{built}");
        assert_eq!(asked.look.class, Some(LookClass::BreakGlass), "{built}");
        let permit = w.node.permit(&supervisor);
        let detail = office.look_detail(&permit, index);
        let detail = detail.await.expect("still asked");
        assert_eq!((detail.words, detail.paper), (None, None), "{built}");
        let dump = office.dump().await.expect("a dump");
        assert!(!dump.contains("钱某某"));
        if built == "live" {
            office.close().await;
            let clock = Arc::new(w.node.clock.clone());
            office::Office::rebuild(&w.node.dir(), clock, &mut |_, _| {})
                .await
                .expect("rebuilt");
            w.node.reopen().await;
            assert!(
                w.node.office.dump().await.expect("a dump") == dump,
                "the rebuilt register differs"
            );
        }
    }
}
