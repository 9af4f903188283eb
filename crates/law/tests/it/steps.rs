//! Key steps: what is shipped, and what is wrong with a file of them.

use law::Catalogue;

use crate::small::{both, files, parse, rules};

#[test]
fn the_sixteen_key_steps_each_have_somebody_who_decides() {
    let catalogue = Catalogue::shipped();
    let ids: Vec<&str> = catalogue
        .key_steps()
        .iter()
        .map(|s| s.id.as_str())
        .collect();
    let wanted: Vec<String> = (1..=16).map(|n| format!("G{n}")).collect();
    assert_eq!(ids, wanted);
    for step in catalogue.key_steps() {
        assert!(
            !step.acts.is_empty() && !step.rules.is_empty(),
            "{}",
            step.id
        );
        for act in &step.acts {
            assert!(act.always || !act.approvers.is_empty(), "{}", act.activity);
            let ranks: Vec<_> = (act.approvers.iter())
                .map(|r| catalogue.rank(r.as_str()))
                .collect();
            assert!(ranks.is_sorted(), "from the lowest: {}", act.activity);
            let (of, _) = catalogue.key_step(act.activity.as_str()).unwrap();
            assert_eq!(of.id, step.id);
        }
        // A gate that is listed stands on an act of the step, or is opened by one.
        for id in &step.rules {
            let rule = catalogue.rule(id.as_str()).unwrap();
            let mut named: Vec<_> = rule.activation.any.iter().collect();
            if let law::rule::Template::Precedence(needs) = &rule.template {
                named.extend(needs.iter().flat_map(|n| &n.any).flat_map(|s| &s.any));
            }
            let mut acts = step.acts.iter().map(|a| &a.activity).chain(&step.spot);
            assert!(acts.any(|a| named.contains(&a)), "{id} of {}", step.id);
        }
    }
    let own = catalogue.separation().unwrap();
    for id in [&own.review, &own.approve] {
        assert!(catalogue.rule(id.as_str()).unwrap().gate, "{id}");
    }
}

#[test]
fn a_form_asks_for_what_rules_look_at() {
    let catalogue = Catalogue::shipped();
    let asked: Vec<&str> = (catalogue.looked_at("cr.seize").iter())
        .map(|a| a.id.as_str())
        .collect();
    assert!(asked.contains(&"high_value"), "{asked:?}");
    assert!(catalogue.looked_at("file.borrow").len() < 10);
}

const STEPS: &str = r#"
[separation]
review = "R-06"
approve = "R-66"

[[step]]
id = "G1"
zh = "一"
en = "one"
why = { zh = "一", en = "one" }
gate = { zh = "一", en = "" }
rules = ["R-01", "R-99"]
spot = ["a.nothing"]
act = [{ activity = "a.do" }, { activity = "a.then", review_when = "law" }, { activity = "a.do", review = "a.review" }]
source = "LAW 1 [T]"
confidence = ["T"]
"#;

#[test]
fn each_fault_of_a_step_is_named() {
    let mut files = files(&rules());
    files.push(("steps.toml", STEPS.to_owned()));
    insta::assert_snapshot!(both(&parse(&files, &[]).unwrap_err()));
}
