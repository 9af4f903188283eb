//! Guards: any text is read or refused, never more; what is printed is read as the same guard.

use law::rule::Guard;
use proptest::prelude::*;

use crate::small;

/// A text as a string of TOML.
fn toml(text: &str) -> String {
    let escaped = text.chars().map(|c| match c {
        '"' | '\\' => format!("\\{c}"),
        c if c.is_control() => format!("\\u{:04X}", c as u32),
        c => c.to_string(),
    });
    format!("\"{}\"", escaped.collect::<String>())
}

/// The guard that a rule with this clause has.
fn guard(clause: &str) -> Result<Guard, law::Faults> {
    let keys = format!("require = [{}]", toml(clause));
    let rule = small::rule("R-1", "record", &keys);
    let unsure =
        "trace = [\n  { expect = \"not_checkable\", events = [[\"2026-02-01\", \"a.do\"]] },";
    let catalogue = small::with(&rule.replace("trace = [", unsure))?;
    match &catalogue.rules()[0].template {
        law::rule::Template::Record { require } => Ok(require.clone()),
        other => unreachable!("{other:?}"),
    }
}

/// Comparisons of every kind, as a person may write them.
fn atom() -> impl Strategy<Value = String> {
    let text = "[a-z]{1,6}|'[a-z |,=]{0,8}'|'it''s'|法制";
    let number = prop_oneof![
        (0u32..9_999_999).prop_map(|n| n.to_string()),
        Just("0.5".into())
    ];
    let order = prop_oneof![
        Just("="),
        Just("!="),
        Just("<"),
        Just("<="),
        Just(">"),
        Just(">=")
    ];
    let optional = prop_oneof![Just(""), Just("?")];
    let trace = prop_oneof![Just(""), Just("trace.")];
    prop_oneof![
        (trace.clone(), optional.clone(), order.clone(), number)
            .prop_map(|(t, o, op, n)| format!("{t}amount_yuan{o} {op} {n}")),
        (trace, optional, text).prop_map(|(t, o, v)| format!("{t}step{o}={v}")),
        (text, text).prop_map(|(a, b)| format!("step not in [{a} , {b}]")),
        Just("minor = true".to_owned()),
        Just("nature in [criminal, administrative]".to_owned()),
        Just("nature = trace.nature".to_owned()),
        Just("step in @serious".to_owned()),
        Just("has told_at".to_owned()),
        Just("lacks trace.step".to_owned()),
        Just("amount_yuan > trace.amount_yuan".to_owned()),
        (order.clone(), 0u32..24).prop_map(|(op, n)| format!("hour {op} {n}")),
        (order.clone(), 0u32..9).prop_map(|(op, n)| format!("persons:R_ONE {op} {n}")),
        (order.clone(), 0u32..9).prop_map(|(op, n)| format!("objects:item.held {op} {n}")),
        order.prop_map(|op| format!("date {op} 2026-02-28")),
        Just("part = suspect".to_owned()),
        Just("organ in [A1, A2]".to_owned()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,40}") {
        let _ = guard(&text);
    }

    #[test]
    fn text_like_a_guard_is_read_or_refused(text in "[a-z_.:@?=!<>|,'\\[\\] 0-9]{0,40}") {
        let _ = guard(&text);
    }

    #[test]
    fn what_is_printed_is_read_as_the_same(atoms in prop::collection::vec(atom(), 1..4)) {
        let clause = atoms.join(" | ");
        // A clause that contradicts itself is refused, and not what is meant here.
        let first = guard(&clause);
        prop_assume!(!first.as_ref().is_err_and(|e| e.to_string().contains("can never")));
        let first = first.map_err(|e| TestCaseError::fail(format!("{clause}: {e}")))?;
        let printed = first.0[0].to_string();
        let again = guard(&printed).map_err(|e| TestCaseError::fail(format!("{printed}: {e}")))?;
        prop_assert_eq!(&first, &again, "{} printed as {}", clause, printed);
    }
}

#[test]
fn a_word_is_an_attribute_only_where_it_can_be_compared() {
    let printed = |clause: &str| guard(clause).unwrap().0[0].to_string();
    // `minor` is an attribute, but no text: here it is a word.
    assert_eq!(printed("step = minor"), "step = 'minor'");
    assert_eq!(printed("step = nature"), "step = nature");
    assert_eq!(printed("step = 'nature'"), "step = 'nature'");
    assert_eq!(printed("nature=criminal"), "nature = 'criminal'");
    // Two tables of the small pack: one is filled, one is not.
    assert_eq!(printed("step in @serious"), "step in ['theft', 'fraud']");
    assert_eq!(printed("step in @local"), "step in []");
}
