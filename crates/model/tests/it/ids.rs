//! Ids of one kind are not ids of another.

use std::collections::HashSet;

use model::{Activity, EventId, Micros, ObjectType, OrganCode, Pseudonym, PseudonymKey};

use crate::header::{key, pseudonym};

#[test]
fn what_is_no_id_is_said() {
    let mut said = String::new();
    let long = "x".repeat(33);
    for text in ["", "A 1", "机关", &long, "A\n"] {
        said += &format!("{text:?}: {}\n", OrganCode::new(text).unwrap_err());
    }
    said += &format!("{}\n", Activity::new("a\u{0}b").unwrap_err());
    said += &format!("{}\n", Activity::foreign("").unwrap_err());
    said += &format!("{}\n", "019aaf52".parse::<EventId>().unwrap_err());
    for text in [
        "",
        "c:",
        "x:00112233445566778899aabbccddeeff",
        "c:00112233445566778899AABBCCDDEEFF",
        "c:0011",
    ] {
        said += &format!("{}\n", text.parse::<Pseudonym>().unwrap_err());
    }
    insta::assert_snapshot!(said);
}

#[test]
fn a_foreign_activity_keeps_its_name() {
    let foreign = Activity::foreign("Create Fine").unwrap();
    assert_eq!(foreign.as_str(), "x:Create Fine");
    assert_eq!(foreign.foreign_name(), Some("Create Fine"));
    assert_eq!(Activity::new("cr.detain").unwrap().foreign_name(), None);
}

#[test]
fn a_pseudonym_depends_on_every_part_and_on_the_key() {
    let kind = |k: &str| ObjectType::new(k).unwrap();
    let other = PseudonymKey::new([6; 32]);
    let all: HashSet<Pseudonym> = [
        key().pseudonym(&kind("case"), "", "ab"),
        key().pseudonym(&kind("case"), "a", "b"),
        key().pseudonym(&kind("case"), "ab", ""),
        key().pseudonym(&kind("casea"), "", "b"),
        key().pseudonym(&kind("person"), "", "ab"),
        other.pseudonym(&kind("case"), "", "ab"),
    ]
    .into();
    assert_eq!(all.len(), 6);
    for p in all {
        assert_eq!(p.to_string().parse::<Pseudonym>().unwrap(), p);
        assert_eq!(Pseudonym::from_bytes(&p.to_bytes()).unwrap(), p);
    }
    assert_eq!(pseudonym("case", "x"), pseudonym("case", "x"));
    assert!(
        pseudonym("case", "x").fits(&kind("case")) && !pseudonym("case", "x").fits(&kind("person"))
    );
    assert_ne!(key().submission(&["a", "b"]), key().submission(&["ab"]));
    assert_eq!(format!("{:?}", key()), "PseudonymKey(…)");
}

#[test]
fn event_ids_sort_by_the_time_of_their_making() {
    let at = |ms: i64| EventId::v7(Micros::new(ms * 1000).unwrap(), [0xff; 10]);
    let ids: Vec<_> = [0, 1, 2, 1_000, 1_795_500_432_345].map(at).into();
    assert!(ids.is_sorted());
    for id in ids {
        assert_eq!(id.to_string().parse::<EventId>().unwrap(), id);
        assert_eq!(EventId::from_bytes(*id.as_bytes()), id);
        assert_eq!(&id.to_string()[14..15], "7");
    }
}
