//! A small pack, spoiled in one place at a time.

use std::fmt::Write as _;

use law::{Catalogue, PackText};

use crate::small;

const PACK: &str = r#"id = "small"
version = "1.0.0"
zh = "小包"
en = "Small"
who = { zh = "某人", en = "Somebody" }

[[object]]
id = "case"
zh = "案件"
en = "case"
source = "[D]"
confidence = ["D"]

[[group]]
id = "one"
zh = "一组"
en = "one"

[[source]]
code = "LAW"
zh = "某法"
en = "Some law"
extent = "all"
effective_from = "2026-01-01"
confidence = ["T"]
"#;

const ACTIVITIES: &str = r#"[[activity]]
id = "a.do"
group = "one"
object = "case"
zh = "做"
en = "do"
actor_roles = ["R_ONE"]
actor_min = 2
approver_roles = ["R_ONE"]
approver_note = { zh = "按规定", en = "as ruled", confidence = "G" }
document = "文书"
source = "LAW 3 [T]; form [G]"
confidence = ["T", "G"]
"#;

const ROLES: &str = r#"[[role]]
id = "R_ONE"
zh = "一人"
en = "one"
may = { zh = "做", en = "do" }
source = "LAW 2 [T]"
confidence = ["T"]
"#;

const FORMS: &str = r#"[[tile]]
id = "asked"
digit = 1
zh = "问"
en = "asked"
source = "[D]"
confidence = ["D"]

[[manner]]
id = "phone"
zh = "电话"
en = "phone"
source = "[D]"
confidence = ["D"]
"#;

fn parse(files: &[(&str, &str)]) -> Result<Catalogue, law::Faults> {
    Catalogue::parse(&[PackText {
        folder: "small",
        files,
    }])
}

/// The small pack with `from` replaced by `to`, once, wherever it stands.
fn spoiled(from: &str, to: &str) -> String {
    let mut done = false;
    let files = [
        ("pack.toml", PACK),
        ("activities.toml", ACTIVITIES),
        ("roles.toml", ROLES),
        ("forms.toml", FORMS),
    ]
    .map(|(name, text)| {
        let hit = !done && text.contains(from);
        done |= hit;
        (
            name,
            if hit {
                text.replacen(from, to, 1)
            } else {
                text.to_owned()
            },
        )
    });
    assert!(done, "`{from}` is not in the pack");
    match parse(&files.each_ref().map(|(n, t)| (*n, t.as_str()))) {
        Ok(_) => "accepted".to_owned(),
        Err(faults) => small::both(&faults),
    }
}

#[test]
fn the_small_pack_is_good() {
    assert_eq!(spoiled("Small", "Tiny"), "accepted");
}

#[test]
fn each_fault_is_named_with_file_and_id() {
    let mut text = String::new();
    for (from, to) in [
        ("id = \"small\"", "id = \"other\""),
        ("version = \"1.0.0\"", "version = \"1.0\""),
        ("zh = \"小包\"", "zh = \" \""),
        ("en = \"Somebody\"", "en = \"\""),
        ("who = ", "whom = "),
        ("[[object]]", "[[object"),
        ("[[object]]", "[recording]\ngrace = \"1d\"\n\n[[object]]"),
        ("2026-01-01", "2026-02-30"),
        ("code = \"LAW\"", "code = \"Law\""),
        ("code = \"LAW\"", "code = \"LEX\""),
        ("extent = \"all\"", "extent = \"\""),
        ("id = \"one\"", "id = \"two\""),
        ("id = \"a.do\"", "id = \"\""),
        ("id = \"a.do\"", "id = \"a\\tdo\""),
        ("object = \"case\"", "object = \"cases\""),
        ("actor_roles = [\"R_ONE\"]\n", "actor_roles = [\"R_TWO\"]\n"),
        ("actor_roles = [\"R_ONE\"]\n", ""),
        ("actor_min = 2", "actor_min = 0"),
        ("actor_min = 2", "actor_min = \"two\""),
        (
            "approver_roles = [\"R_ONE\"]",
            "approver_confidence = \"G\"",
        ),
        ("confidence = \"G\" }", "confidence = \"X\" }"),
        ("zh = \"按规定\"", "zh = \"\""),
        ("document = \"文书\"", "document = \"\""),
        ("source = \"LAW 3 [T]; form [G]\"", "source = \"\""),
        (
            "source = \"LAW 3 [T]; form [G]\"",
            "source = \"Law 3 [T]; form [G]\"",
        ),
        (
            "source = \"LAW 3 [T]; form [G]\"",
            "source = \"LAW 3 [T]; form [Q]\"",
        ),
        ("confidence = [\"T\", \"G\"]", "confidence = [\"T\"]"),
        ("confidence = [\"T\", \"G\"]", "confidence = []"),
        ("id = \"R_ONE\"", "id = \"R ONE\""),
        ("may = { zh = \"做\"", "may = { zh = \"\""),
        ("digit = 1", "digit = 9"),
        (
            "[[manner]]",
            "[[tile]]\nid = \"asked\"\ndigit = 1\nzh = \"又问\"\nen = \"again\"\nsource = \"[D]\"\nconfidence = [\"D\"]\n\n[[manner]]",
        ),
    ] {
        writeln!(
            text,
            "{} → {}\n{}\n",
            from.trim(),
            to.trim(),
            spoiled(from, to)
        )
        .unwrap();
    }
    insta::assert_snapshot!(text);
}

#[test]
fn files_that_are_missing_or_unknown_are_named() {
    let missing = parse(&[("roles.toml", ROLES)]).unwrap_err();
    let unknown = parse(&[("pack.toml", PACK), ("rolls.toml", ROLES)]).unwrap_err();
    let (missing, unknown) = (small::both(&missing), small::both(&unknown));
    insta::assert_snapshot!(format!("{missing}\n\n{unknown}"));
}

#[test]
fn an_id_is_one_thing_in_all_packs() {
    let other = PACK.replace("\"small\"", "\"second\"");
    let packs = [
        PackText {
            folder: "small",
            files: &[
                ("pack.toml", PACK),
                ("activities.toml", ACTIVITIES),
                ("roles.toml", ROLES),
            ],
        },
        PackText {
            folder: "second",
            files: &[("pack.toml", &other), ("activities.toml", ACTIVITIES)],
        },
    ];
    insta::assert_snapshot!(small::both(&Catalogue::parse(&packs).unwrap_err()));
}
