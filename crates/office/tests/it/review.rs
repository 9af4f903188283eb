//! Key steps: proposed, reviewed, approved by different people, each decision about what was on the page.

use std::collections::BTreeMap;
use std::sync::Arc;

use office::{CaseKey, Decision, Error, LineResult, NewProposal, Stage, Viewer, may};
use testkit::node::TestNode;

struct World {
    node: TestNode,
    officer: Arc<Viewer>,
    reviewer: Arc<Viewer>,
    leader: Arc<Viewer>,
    case: CaseKey,
    suspect: office::Pseudonym,
}

/// A filed case with a suspect whom the officer interrogated.
async fn world() -> World {
    let node = TestNode::new().await;
    let leader = node.add("200001", "何正", "A330103", "leader").await;
    let (officer, reviewer) = (node.officer().await, node.user("legal-reviewer").await);
    let lines = [
        r#"{"activity":"int.accept","occurred":"2026-11-22T01:00:00Z","organ":"A33010301","actors":[{"number":"100001","role":"R_OFFICER"}],"objects":[{"type":"case","id":"A3301-7"}],"attrs":{"economic":false}}"#,
        r#"{"activity":"cr.file","occurred":"2026-11-22T02:00:00Z","organ":"A33010301","actors":[{"number":"100001","role":"R_OFFICER"},{"number":"200001","role":"R_COUNTY_LEADER"}],"objects":[{"type":"case","id":"A3301-7"}]}"#,
        r#"{"activity":"cr.summon_oral","occurred":"2026-11-22T20:00:00Z","organ":"A33010301","actors":[{"number":"100001","role":"R_OFFICER"},{"number":"100002","role":"R_OFFICER"}],"objects":[{"type":"case","id":"A3301-7"},{"type":"person","id":"p-7","name":"李四","qualifier":"suspect"}]}"#,
    ];
    let results = node
        .office
        .post_events(&node.permit(&officer), &lines)
        .await;
    for result in results.unwrap() {
        assert!(matches!(result, LineResult::Taken { .. }), "{result:?}");
    }
    node.office.heartbeat().await.unwrap();
    let filter = office::CaseFilter {
        q: "A3301-7".into(),
        ..Default::default()
    };
    let reader = node.permit(&officer);
    let cases = node.office.cases(&reader, &filter, Default::default());
    let case = cases.await.unwrap().rows[0].key;
    let view = node
        .office
        .case(&node.permit(&officer), case)
        .await
        .unwrap();
    let persons = view
        .elements
        .iter()
        .find(|g| g.object_type.as_str() == "person");
    let suspect = persons.unwrap().objects[0].id;
    World {
        node,
        officer,
        reviewer,
        leader,
        case,
        suspect,
    }
}

impl World {
    fn paper(&self, activity: &str, key: &str) -> NewProposal {
        NewProposal {
            case: self.case,
            activity: activity.into(),
            objects: vec![self.suspect],
            new_object: None,
            with: vec!["100002".into()],
            attrs: BTreeMap::new(),
            words: Some("犯罪嫌疑人李四涉嫌盗窃，有逃跑可能，拟予拘留。".into()),
            files: Vec::new(),
            submission_key: key.into(),
        }
    }

    async fn propose(&self, new: &NewProposal) -> Result<office::EventId, Error> {
        let permit = self.node.permit::<may::ProposeStep>(&self.officer);
        self.node
            .office
            .propose(&permit, new)
            .await
            .map(|p| p.event)
    }

    async fn decide(
        &self,
        who: &Arc<Viewer>,
        step: office::EventId,
        passed: bool,
        words: &str,
    ) -> Result<office::Decided, Error> {
        let view = self
            .node
            .office
            .step(&self.node.permit(who), step)
            .await
            .unwrap();
        let decision = Decision {
            passed,
            words: words.into(),
            shown: view.shown,
        };
        let permit = self.node.permit::<may::ReviewSteps>(who);
        self.node.office.decide(&permit, step, &decision).await
    }

    async fn queues(&self, who: &Arc<Viewer>) -> (usize, usize) {
        let permit = self.node.permit::<may::ReviewSteps>(who);
        let queue = self.node.office.review_queue(&permit).await.unwrap();
        (queue.waiting.len(), queue.blocked.len())
    }

    async fn acts(&self) -> Vec<String> {
        let permit = self.node.permit(&self.officer);
        let page = self
            .node
            .office
            .timeline(&permit, self.case, Default::default());
        let rows = page.await.unwrap().rows;
        let acts = rows.iter().map(|e| e.activity.to_string());
        acts.filter(|a| a != "sup.alert").collect()
    }
}

fn gated(result: Result<impl std::fmt::Debug, Error>) -> Vec<String> {
    match result {
        Err(Error::Gated(barriers)) => barriers.into_iter().map(|b| b.rule).collect(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn proposed_reviewed_approved_and_then_an_act_of_the_case() {
    let w = world().await;
    let step = w.propose(&w.paper("cr.detain", "1")).await.unwrap();
    assert_eq!(
        w.propose(&w.paper("cr.detain", "1")).await.unwrap(),
        step,
        "the same key is the same"
    );
    assert_eq!(w.queues(&w.reviewer).await, (1, 0));
    assert_eq!(w.queues(&w.leader).await, (0, 0), "not before the review");
    assert!(
        !w.acts().await.contains(&"cr.detain".to_owned()),
        "nothing is done yet"
    );

    let reviewed = w
        .decide(&w.reviewer, step, true, "事实清楚，同意呈批。")
        .await
        .unwrap();
    assert_eq!((reviewed.stage, reviewed.act), (Stage::Approval, None));
    assert_eq!(w.queues(&w.reviewer).await, (0, 0));
    assert_eq!(w.queues(&w.leader).await, (1, 0));
    let approved = w.decide(&w.leader, step, true, "同意拘留。").await.unwrap();
    assert_eq!(approved.stage, Stage::Done);
    let acts = w.acts().await;
    assert_eq!(acts[3..], ["cr.legal_review", "cr.detain"]);

    // The act names its handlers and whoever approved; the decision says what was shown.
    let ledger = w.node.office.ledger();
    let read = |index: u64| {
        model::Entry::parse(&ledger.entry(index).unwrap())
            .unwrap()
            .header
    };
    let act = read(approved.act.unwrap());
    let roles: Vec<&str> = act.actor.iter().map(|a| a.role.as_str()).collect();
    assert_eq!(roles, ["R_OFFICER", "R_OFFICER", "R_COUNTY_LEADER"]);
    let record = ledger.record(approved.index).unwrap();
    let header = read(approved.index);
    assert_eq!(header.activity.as_str(), "lh.decide");
    let ledger::BodyState::Present(bytes) = record.body else {
        panic!("a body")
    };
    let body = model::Body::open(&bytes, header.body.as_ref().unwrap()).unwrap();
    let view = w
        .node
        .office
        .step(&w.node.permit(&w.officer), step)
        .await
        .unwrap();
    assert_eq!(body.text("paper"), Some(view.paper.as_str()));
    assert_eq!(body.text("shown").map(str::len), Some(64));
    let entries: Vec<u64> = (body.text("shown_entries").unwrap().split(' '))
        .map(|n| n.parse().unwrap())
        .collect();
    assert!(
        entries.contains(&view.row.index) && entries.len() >= 5,
        "{entries:?}"
    );
    assert!(body.text("shown_rules").unwrap().contains("CR-040"));
    let opinions: Vec<_> = view
        .opinions
        .iter()
        .map(|o| o.words.as_deref().unwrap())
        .collect();
    assert_eq!(opinions, ["事实清楚，同意呈批。", "同意拘留。"]);

    // Decided is decided.
    let again = w.decide(&w.leader, step, false, "撤回").await;
    assert!(matches!(again, Err(Error::Invalid(f)) if f[0].problem == "ended"));
    // The desk is made from the log again.
    let mut w = w;
    w.node.reopen().await;
    w.node.office.heartbeat().await.unwrap();
    let view = w
        .node
        .office
        .step(&w.node.permit(&w.officer), step)
        .await
        .unwrap();
    assert_eq!((view.row.stage, view.opinions.len()), (Stage::Done, 2));
}

#[tokio::test]
async fn nobody_decides_on_his_own_step() {
    let w = world().await;
    // Officers of the case are given the roles of a reviewer and of a leader as well: his own step stays another's.
    let console = w.node.office.console();
    for (number, role, organ) in [
        ("100001", "legal-reviewer", "A330103"),
        ("100002", "legal-reviewer", "A330103"),
        ("100002", "leader", "A330103"),
    ] {
        let grant = office::NewGrant {
            number: number.into(),
            role: role.into(),
            organ: Some(organ.into()),
            from: None,
            to: None,
        };
        let permit = w.node.permit::<may::EditRoles>(&console);
        w.node.office.add_grant(&permit, grant).await.unwrap();
    }
    w.node.user("colleague").await;
    let signed = |handle: &'static str| w.node.office.sign_in(handle, testkit::node::PASSWORD);
    let both = signed("officer").await.unwrap().viewer;
    let colleague = signed("colleague").await.unwrap().viewer;
    let step = w.propose(&w.paper("cr.detain", "1")).await.unwrap();
    assert_eq!(
        w.queues(&both).await,
        (0, 1),
        "shown as blocked, with the reason"
    );
    assert!(gated(w.decide(&both, step, true, "同意").await).contains(&"SD-001".to_owned()));
    assert!(gated(w.decide(&colleague, step, true, "同意").await).contains(&"SD-001".to_owned()));

    w.decide(&w.reviewer, step, true, "同意呈批。")
        .await
        .unwrap();
    let refused = gated(w.decide(&colleague, step, true, "同意").await);
    assert!(refused.contains(&"SD-002".to_owned()), "{refused:?}");
    // Too low: the head of the unit cannot approve a detention.
    let head = w.node.user("unit-head").await;
    assert_eq!(w.queues(&head).await, (0, 0));
    let refused = gated(w.decide(&head, step, true, "同意").await);
    assert!(refused.contains(&"CR-040".to_owned()), "{refused:?}");
    assert!(!w.acts().await.contains(&"cr.detain".to_owned()));
}

#[tokio::test]
async fn returned_with_a_reason_and_proposed_again() {
    let w = world().await;
    let step = w.propose(&w.paper("cr.detain", "1")).await.unwrap();
    let empty = w.decide(&w.reviewer, step, false, "  ").await;
    assert!(matches!(empty, Err(Error::Invalid(f)) if f[0].field == "words"));
    let returned = w
        .decide(&w.reviewer, step, false, "逃跑可能的依据不足，补充材料。")
        .await
        .unwrap();
    assert_eq!(returned.stage, Stage::Returned);
    assert_eq!(
        w.acts().await.last().map(String::as_str),
        Some("cr.legal_review")
    );

    let mut second = w.paper("cr.detain", "2");
    second.words = Some("补充：李四已购离境车票。".into());
    let again = w.propose(&second).await.unwrap();
    let of = |event| {
        let (office, permit) = (w.node.office.clone(), w.node.permit(&w.officer));
        async move { office.step(&permit, event).await.unwrap() }
    };
    assert_ne!(
        of(step).await.paper,
        of(again).await.paper,
        "another version of the paper"
    );
    w.decide(&w.reviewer, again, true, "同意呈批。")
        .await
        .unwrap();
    // A leader may send it back too.
    let back = w
        .decide(&w.leader, again, false, "再核实身份。")
        .await
        .unwrap();
    assert_eq!(back.stage, Stage::Returned);
    let case = w.node.permit::<may::ReadCase>(&w.officer);
    let all = w.node.office.case_proposals(&case, w.case).await.unwrap();
    assert_eq!(all.len(), 2);
    assert!(all.iter().all(|row| row.stage == Stage::Returned));
}

#[tokio::test]
async fn a_decision_is_about_what_was_on_the_page() {
    let w = world().await;
    let step = w.propose(&w.paper("cr.detain", "1")).await.unwrap();
    let office = &w.node.office;
    let seen = office
        .step(&w.node.permit(&w.reviewer), step)
        .await
        .unwrap();
    let line = r#"{"activity":"cr.witness_interview","occurred":"2026-11-22T22:00:00Z","organ":"A33010301","actors":[{"number":"100001","role":"R_OFFICER"},{"number":"100002","role":"R_OFFICER"}],"objects":[{"type":"case","id":"A3301-7"},{"type":"person","id":"w-1","qualifier":"witness"}]}"#;
    office
        .post_events(&w.node.permit(&w.officer), &[line])
        .await
        .unwrap();
    let decision = Decision {
        passed: true,
        words: "同意".into(),
        shown: seen.shown,
    };
    let stale = office
        .decide(&w.node.permit(&w.reviewer), step, &decision)
        .await;
    assert!(matches!(stale, Err(Error::Invalid(f)) if f[0].problem == "changed"));
    w.decide(&w.reviewer, step, true, "同意呈批。")
        .await
        .unwrap();

    // Whoever opened it left a trace; strangers find nothing.
    let looks = office
        .case_looks(&w.node.permit(&w.officer), w.case)
        .await
        .unwrap();
    assert!(looks.iter().any(|l| l.who.name.as_deref() == Some("冯敏")));
    let stranger = w.node.user("stranger").await;
    let other = office.step(&w.node.permit(&stranger), step).await;
    assert!(matches!(other, Err(Error::NotFound)));
}

#[tokio::test]
async fn what_the_law_says_is_known_before_it_is_proposed() {
    let w = world().await;
    let office = &w.node.office;
    let permit = w.node.permit::<may::ProposeStep>(&w.officer);
    // An arrest request in a filed case: review and leader.
    let tried = office
        .try_step(&permit, &w.paper("cr.arrest_request", "1"))
        .await
        .unwrap();
    assert_eq!(tried.barriers, [], "{tried:?}");
    assert_eq!(
        tried.review.as_ref().map(|r| r.as_str()),
        Some("cr.legal_review")
    );
    assert_eq!(tried.approvers[0].as_str(), "R_COUNTY_LEADER");
    // Sending to the procuratorate before the conclusion cannot be proposed at all.
    let mut send = w.paper("cr.send", "2");
    send.objects.clear();
    let refused = office.propose(&permit, &send).await;
    let Err(Error::Gated(barriers)) = refused else {
        panic!("{refused:?}")
    };
    assert_eq!(barriers[0].rule, "CR-115");
    assert!(
        barriers[0].way_out[0].zh.contains("侦查终结"),
        "{barriers:?}"
    );
    assert!(
        !barriers[0].way_out[0].zh.contains("法制审核"),
        "only what is missing: {barriers:?}"
    );
    // A larger sum takes a higher rank.
    let mut forfeit = w.paper("cr.seize", "3");
    forfeit.new_object = Some("W-1".into());
    forfeit.attrs.insert("high_value".into(), "true".into());
    let tried = office.try_step(&permit, &forfeit).await.unwrap();
    assert_eq!(
        tried.approvers.first().map(|r| r.as_str()),
        Some("R_COUNTY_LEADER"),
        "{tried:?}"
    );
    // What is wrong is named by field.
    let mut wrong = w.paper("cr.nonsense", "4");
    assert!(
        matches!(office.try_step(&permit, &wrong).await, Err(Error::Invalid(f)) if f[0].field == "activity")
    );
    wrong.activity = "cr.detain".into();
    wrong.words = None;
    wrong.objects.clear();
    wrong.with = vec!["999999".into()];
    wrong.attrs.insert("minor".into(), "perhaps".into());
    let Err(Error::Invalid(fields)) = office.try_step(&permit, &wrong).await else {
        panic!()
    };
    let fields: Vec<&str> = fields.iter().map(|f| f.field).collect();
    assert_eq!(fields, ["objects", "with", "attrs", "words"]);
}
