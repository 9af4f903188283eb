//! The templates that explain looks: what is shipped, and what is refused.

use law::{Catalogue, Explanations, Relation};

const SHIPPED: &str = include_str!("../../../../packs/casework/explanations.toml");

#[test]
fn shipped_templates_bound_what_they_explain() {
    let shipped = Explanations::shipped();
    for template in &shipped.templates {
        let last = template.legs.last().expect("a leg");
        let bounded = template.legs.iter().any(|l| l.days.is_some())
            || matches!(
                last.relation,
                Relation::Related | Relation::Own | Relation::Handles
            );
        assert!(bounded, "{} would explain for ever", template.id);
    }
    let heads = shipped.template("heads-unit").expect("a template");
    assert_eq!(
        (heads.legs[1].up, heads.legs[1].down),
        (0, 0),
        "his own unit only"
    );
    assert!(shipped.reasons.iter().any(|r| r.registers));
}

#[test]
fn faults_are_named() {
    let cases = [
        (
            "roles = [\"R_APPRAISER\"]",
            "roles = [\"R_NOBODY\"]",
            "unknown role R_NOBODY",
        ),
        ("\"cr.tech\"", "\"cr.techno\"", "unknown activity cr.techno"),
        ("id = \"appraiser\"", "id = \"assigned\"", "stands twice"),
        (
            "relation = \"own\"",
            "relation = \"handles\"",
            "leads to no case",
        ),
        ("kinds = [\"inquiry\"]", "days = 3", "kinds"),
        (
            "relation = \"own\"",
            "relation = \"owns\"",
            "unknown variant",
        ),
        ("night = [22, 6]", "night = [22, 24]", "two hours"),
    ];
    for (from, to, said) in cases {
        assert!(SHIPPED.contains(from), "{from}");
        let text = SHIPPED.replacen(from, to, 1);
        let faults = Explanations::parse(&text, Catalogue::shipped()).expect_err(to);
        assert!(faults.to_string().contains(said), "{to}: {faults}");
    }
}
