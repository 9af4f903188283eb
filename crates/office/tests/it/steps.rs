//! Every key step of the pack, in a node: each of its acts is proposed, reviewed where that is wanted, approved, and done.
//!
//! Driven by the pack: what must come before an act is taken from the gates that stand against it, and written into the log as
//! what happened days ago. What no earlier act can mend is lifted by a registered exemption, and the snapshot says which. That
//! the gates themselves are right is `gate.rs`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::Arc;

use law::Catalogue;
use law::rule::{Guard, Key, Literal, Op, Operand, Template};
use office::{CaseKey, Decision, Error, LineResult, NewProposal, Stage, Viewer, may};
use testkit::node::TestNode;

/// Rounds in which what stands against an act is mended.
const ROUNDS: usize = 12;

/// With what each case begins: an officer takes the report.
const BEGUN: &str = "int.register";

/// What a guard wants, as attributes: the first way in which each clause holds.
fn wanted(guard: &Guard) -> BTreeMap<String, Literal> {
    let mut attrs = BTreeMap::new();
    for clause in &guard.0 {
        let said = clause.0.iter().find_map(|atom| {
            let Key::Attr(key) = &atom.key else {
                return None;
            };
            let value = match (atom.op, &atom.with) {
                (Op::Eq | Op::Ge | Op::Le, Operand::One(value)) => value.clone(),
                (Op::In, Operand::Many(values)) => values.first()?.clone(),
                (Op::Has, _) => Literal::Text("X1".to_owned()),
                _ => return None,
            };
            Some((key.clone(), value))
        });
        attrs.extend(said);
    }
    attrs
}

fn text(value: &Literal) -> String {
    match value {
        Literal::Bool(b) => b.to_string(),
        Literal::Number(n) => n.to_string(),
        Literal::Text(t) => t.clone(),
    }
}

struct Desk {
    node: TestNode,
    officer: Arc<Viewer>,
    reviewer: Arc<Viewer>,
    /// Who stands for which role of the law.
    leaders: BTreeMap<&'static str, Arc<Viewer>>,
}

impl Desk {
    async fn new() -> Self {
        let node = TestNode::new().await;
        let mut leaders = BTreeMap::from([("R_DEPT_HEAD", node.user("unit-head").await)]);
        for (law, number, organ, role) in [
            ("R_ORGAN_LEADER", "200001", "A33010301", "leader"),
            ("R_COUNTY_LEADER", "200002", "A330103", "leader"),
            ("R_COUNTY_CHIEF", "200003", "A330103", "chief-leader"),
            ("R_CITY_LEADER", "200004", "A330100", "leader"),
        ] {
            leaders.insert(law, node.add(number, law, organ, role).await);
        }
        // The organ above the county organ that handles the case.
        leaders.insert("R_UPPER_ORG", Arc::clone(&leaders["R_CITY_LEADER"]));
        let (officer, reviewer) = (node.officer().await, node.user("legal-reviewer").await);
        Self {
            node,
            officer,
            reviewer,
            leaders,
        }
    }

    /// Something that happened days ago in the case.
    async fn before(
        &self,
        case: &str,
        day: u32,
        activity: &str,
        attrs: &BTreeMap<String, Literal>,
    ) {
        let attrs: serde_json::Map<String, serde_json::Value> = (attrs.iter())
            .map(|(key, value)| {
                let value = match value {
                    Literal::Bool(b) => serde_json::json!(b),
                    Literal::Number(n) => serde_json::json!(n),
                    Literal::Text(t) => serde_json::json!(t),
                };
                (key.clone(), value)
            })
            .collect();
        let catalogue = self.node.office.catalogue();
        let def = catalogue.activity(activity).expect("of the pack");
        // Nobody who handles the case approved it, and nobody who decides here handled it.
        let roles = def.actor_roles.iter().chain(def.approver_roles.first());
        let mut actors: Vec<_> = (roles.enumerate())
            .flat_map(|(n, role)| {
                // The officers are those who propose.
                let numbers = match role.as_str() {
                    "R_OFFICER" => vec!["100001".to_owned(), "100002".to_owned()],
                    _ => vec![format!("90{n}001")],
                };
                numbers.into_iter().map(move |number| {
                    serde_json::json!({"number": number, "role": role.as_str(), "name": "某人"})
                })
            })
            .collect();
        if activity == BEGUN {
            actors = vec![serde_json::json!({"number": "100001", "role": "R_OFFICER"})];
        }
        let line = serde_json::json!({
            "activity": activity,
            "occurred": format!("2026-11-{day:02}T02:00:00Z"),
            "organ": "A33010301",
            "actors": actors,
            "objects": [
                {"type": "case", "id": case},
                {"type": "person", "id": format!("{case}-p"), "name": "李四", "qualifier": "suspect"},
                {"type": "item", "id": format!("{case}-i"), "name": "手机"},
                {"type": "file", "id": format!("{case}-f"), "name": "卷一"},
            ],
            "attrs": attrs,
        });
        let permit = self.node.permit(&self.officer);
        let lines = [line.to_string()];
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        let taken = self.node.office.post_events(&permit, &lines).await;
        let taken = taken.expect("an answer");
        assert!(
            matches!(taken[0], LineResult::Taken { .. }),
            "{activity}: {taken:?}"
        );
    }

    async fn case(&self, number: &str) -> (CaseKey, Vec<office::Pseudonym>) {
        self.node.office.heartbeat().await.expect("a heartbeat");
        let filter = office::CaseFilter {
            q: number.into(),
            ..Default::default()
        };
        let reader = self.node.permit(&self.officer);
        let cases = self.node.office.cases(&reader, &filter, Default::default());
        let key = cases.await.expect("cases").rows[0].key;
        let permit = self.node.permit(&self.officer);
        let view = self.node.office.case(&permit, key).await.expect("a case");
        let objects = view.elements.iter().flat_map(|g| &g.objects);
        (key, objects.map(|o| o.id).collect())
    }

    async fn decide(&self, who: &Arc<Viewer>, step: office::EventId) -> Result<Stage, Error> {
        let permit = self.node.permit(who);
        let view = self.node.office.step(&permit, step).await?;
        let decision = Decision {
            passed: true,
            words: "同意。".into(),
            shown: view.shown,
        };
        let permit = self.node.permit::<may::ReviewSteps>(who);
        let decided = self.node.office.decide(&permit, step, &decision).await?;
        Ok(decided.stage)
    }

    /// Brings an act through; what was needed, in words.
    async fn through(&self, catalogue: &Catalogue, step: &str, activity: &str) -> String {
        // No number is the beginning of another one: the search would find both.
        let number = format!("A3301-{step}-{activity}-1");
        let own = BTreeMap::from([("economic".to_owned(), Literal::Bool(false))]);
        self.before(&number, 2, BEGUN, &own).await;
        let (case, objects) = self.case(&number).await;
        let mut new = NewProposal {
            case,
            activity: activity.to_owned(),
            objects,
            new_object: None,
            with: vec!["100002".to_owned()],
            attrs: BTreeMap::new(),
            words: Some("事实清楚，拟予办理。".to_owned()),
            files: Vec::new(),
            submission_key: number.clone(),
        };
        let def = catalogue.activity(activity).expect("of the pack");
        let about = def.object_type.as_ref().map(|t| t.as_str());
        if !matches!(about, None | Some("case" | "person" | "item" | "file")) {
            new.new_object = Some(format!("{number}-o"));
        }
        let mut mended: BTreeSet<(String, usize)> = BTreeSet::new();
        let (mut first, mut lifted) = (Vec::new(), BTreeSet::new());
        let permit = self.node.permit::<may::ProposeStep>(&self.officer);
        for round in 0..ROUNDS {
            let tried = self.node.office.try_step(&permit, &new).await;
            let tried = tried.unwrap_or_else(|e| panic!("{activity}: {e:?}"));
            if tried.barriers.is_empty() {
                break;
            }
            assert!(round + 1 < ROUNDS, "{activity}: {:?}", tried.barriers);
            for barrier in &tried.barriers {
                let rule = catalogue.rule(&barrier.rule).expect("of the pack");
                let mut acts = Vec::new();
                if let Template::Precedence(needs) = &rule.template {
                    for (no, need) in needs.iter().enumerate() {
                        if mended.insert((barrier.rule.clone(), no)) {
                            let select = &need.any[0];
                            acts.push((select.any[0].to_string(), wanted(&select.when)));
                        }
                    }
                }
                if let Template::Record { require } = &rule.template
                    && mended.insert((barrier.rule.clone(), 0))
                {
                    let said = wanted(require).into_iter();
                    new.attrs
                        .extend(said.map(|(key, value)| (key, text(&value))));
                    continue;
                }
                if acts.is_empty() {
                    let attrs =
                        BTreeMap::from([("rule".to_owned(), Literal::Text(barrier.rule.clone()))]);
                    lifted.insert(barrier.rule.clone());
                    acts.push(("sup.exempt".to_owned(), attrs));
                }
                for (act, attrs) in acts {
                    // In the order in which they are asked for, the last one first: what it needs came before it.
                    let day = 21 - u32::try_from(round).expect("few");
                    self.before(&number, day, &act, &attrs).await;
                    if act != "sup.exempt" {
                        first.push(act);
                    }
                }
            }
            self.node.office.heartbeat().await.expect("a heartbeat");
        }
        let tried = self.node.office.try_step(&permit, &new).await;
        let tried = tried.expect("it was tried before");
        let mut line = format!("{step} {activity}");
        let proposed = self.node.office.propose(&permit, &new).await;
        let event = proposed
            .unwrap_or_else(|e| panic!("{activity}: {e:?}"))
            .event;
        let mut stage = None;
        if let Some(review) = &tried.review {
            let _ = write!(line, " · {review}");
            let decided = self.decide(&self.reviewer, event).await;
            stage = Some(decided.unwrap_or_else(|e| panic!("{activity}, review: {e:?}")));
        }
        if stage != Some(Stage::Done) {
            let approvers = tried.approvers.iter();
            let found = approvers.clone().find_map(|r| {
                let who = self.leaders.get(r.as_str())?;
                Some((r, who))
            });
            let (role, who) = found.unwrap_or_else(|| {
                let roles: Vec<_> = approvers.map(ToString::to_string).collect();
                panic!("{activity}: nobody is {roles:?}")
            });
            let _ = write!(line, " · {role}");
            let decided = self.decide(who, event).await;
            stage = Some(decided.unwrap_or_else(|e| panic!("{activity}, approval: {e:?}")));
        }
        assert_eq!(stage, Some(Stage::Done), "{activity}");
        let permit = self.node.permit(&self.officer);
        let page = self.node.office.timeline(&permit, case, Default::default());
        let rows = page.await.expect("a timeline").rows;
        assert!(
            rows.iter().any(|e| e.activity.as_str() == activity),
            "{activity} is in the log"
        );
        if !first.is_empty() {
            let _ = write!(line, " ← {}", first.join(", "));
        }
        if !lifted.is_empty() {
            let lifted: Vec<_> = lifted.into_iter().collect();
            let _ = write!(line, " ⊘ {}", lifted.join(", "));
        }
        line
    }
}

#[tokio::test]
async fn every_act_of_every_key_step_is_proposed_reviewed_approved_and_done() {
    let desk = Desk::new().await;
    let catalogue = desk.node.office.catalogue();
    let mut told = String::new();
    let steps = catalogue.key_steps();
    assert_eq!(steps.len(), 16);
    for step in steps {
        assert!(!step.acts.is_empty(), "{}", step.id);
        for act in &step.acts {
            let line = desk
                .through(&catalogue, &step.id, act.activity.as_str())
                .await;
            let _ = writeln!(told, "{line}");
        }
    }
    insta::assert_snapshot!(told);
}
