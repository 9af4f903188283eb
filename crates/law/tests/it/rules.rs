//! Rules: the small pack is read as it is meant, and each way of spoiling it is named.

use std::fmt::Write as _;

use law::Lang;
use law::rule::{Grade, Template};

use crate::small;

#[test]
fn each_template_is_read_and_said_in_words() {
    let catalogue = small::with(&small::rules()).unwrap();
    let mut text = String::new();
    for rule in catalogue.rules() {
        writeln!(text, "# {} {}", rule.id, rule.template.name()).unwrap();
        for lang in [Lang::Zh, Lang::En] {
            writeln!(text, "{}\n", rule.in_words(lang, &catalogue)).unwrap();
        }
    }
    insta::assert_snapshot!(text);
}

#[test]
fn the_typed_form_holds_every_key() {
    let catalogue = small::with(&small::rules()).unwrap();
    insta::assert_debug_snapshot!(catalogue.rule("R-01"));
    insta::assert_debug_snapshot!(catalogue.rule("R-15").map(|r| &r.activation.when));
    let templates: Vec<_> = (catalogue.rules().iter())
        .filter(|r| !matches!(r.template, Template::Response(_)))
        .map(|r| &r.template)
        .collect();
    insta::assert_debug_snapshot!(templates);
}

#[test]
fn what_is_beside_the_rules_is_found() {
    let catalogue = small::with(&small::rules()).unwrap();
    let (activity, attribute) = catalogue.exemption().unwrap();
    assert_eq!((activity.as_str(), attribute), ("a.exempt", "rule"));
    assert_eq!(
        ["R_ONE", "R_TWO", "R_OUT", "R_NO"].map(|r| catalogue.rank(r)),
        [Some(1), Some(2), None, None]
    );
    assert_eq!(catalogue.attribute("minor").unwrap().name.zh, "未成年人");
    assert_eq!(catalogue.violation("V-1").unwrap().name.en, "some kind");
    assert_eq!(catalogue.tables()[0].values, ["theft", "fraud"]);
    assert!(catalogue.rule("R-99").is_none() && catalogue.off("R-01").is_none());
}

#[test]
fn of_two_versions_the_newest_is_found_and_each_has_its_days() {
    let second = small::rule("R-1", "count", "max = 1").replace("version = 1", "version = 2");
    let first = small::rule("R-1", "count", "max = 2\nto = 2026-12-31");
    let next = second.replace("from = 2026-01-01", "from = 2027-01-01");
    // The newer one may stand first.
    let catalogue = small::with(&format!("{next}{first}")).unwrap();
    assert_eq!(catalogue.rule("R-1").unwrap().version, 2);
    assert_eq!(catalogue.rules().len(), 2);
    let overlap = second.replace("from = 2026-01-01", "from = 2026-12-31");
    let twice = first.replace("max = 2", "max = 3");
    let mut text = String::new();
    for rules in [[&first, &overlap], [&first, &twice]] {
        let faults = small::with(&rules.map(String::as_str).concat()).unwrap_err();
        writeln!(text, "{}", small::both(&faults)).unwrap();
    }
    insta::assert_snapshot!(text);
}

/// The small pack with `from` replaced by `to` wherever it stands.
fn spoiled(from: &str, to: &str) -> String {
    let mut files = small::files(&small::rules());
    let mut done = false;
    for (_, text) in &mut files {
        if !done && text.contains(from) {
            *text = text.replacen(from, to, 1);
            done = true;
        }
    }
    assert!(done, "`{from}` is not in the pack");
    match small::parse(&files, &[]) {
        Ok(_) => "accepted".to_owned(),
        Err(faults) => small::both(&faults),
    }
}

#[test]
fn each_fault_of_a_rule_is_named_with_line_and_key() {
    let mut text = String::new();
    for (from, to) in [
        // Names.
        ("activity = \"a.exempt\"", "activity = \"a.exemt\""),
        ("attribute = \"rule\"", "attribute = \"rul\""),
        ("rank = 1", "rank = 0"),
        ("on = [\"a.do\"]", "on = [\"a.due\"]"),
        ("on = [\"a.do\"]", "on = []"),
        ("on = [\"a.do\"]", "on = \"a.do\""),
        ("object = \"case\"\non", "object = \"cases\"\non"),
        ("per = \"item\"", "per = \"actor\""),
        ("owner = \"R_TWO\"", "owner = \"R_TOO\""),
        ("violations = [\"V-1\"]", "violations = [\"V-2\"]"),
        ("template = \"response\"", "template = \"respond\""),
        ("rearm = true", "re_arm = true"),
        ("max = 2\nwindow", "max = 2\nbound"),
        ("same = [\"nature\"]", "same = [\"natur\"]"),
        ("step in @serious", "step in @series"),
        ("amount_yuan? >= 50000", "amount? >= 50000"),
        ("persons >= 2", "persons:R_TREE >= 2"),
        ("objects:item.seized", "objects:itm.seized"),
        ("[[violation]]", "[[violations]]"),
        (
            "[\"a.before\"]\nuntil",
            "[{ any = [\"a.before\"], where = [] }]\nuntil",
        ),
        // What must be there.
        ("source = \"LAW 3 [T]\"\nseverity", "severity"),
        (
            "source = \"LAW 3 [T]\"\nseverity",
            "source = \"LAW 3\"\nseverity",
        ),
        (
            "source = \"LAW 3 [T]\"\nseverity",
            "source = \"LAW 3; [D]\"\nseverity",
        ),
        (
            "source = \"LAW 3 [T]\"\nseverity",
            "source = \"LEX 3 [T]\"\nseverity",
        ),
        (
            "source = \"LAW 3 [T]\"\nseverity",
            "source = \"LAW 3 [X]\"\nseverity",
        ),
        (
            "source = \"LAW 3 [T]\"\nseverity",
            "source = \"LAW 3 [G]; [D]\"\nseverity",
        ),
        ("severity = \"B\"\n", "severity = \"D\"\n"),
        ("severity = \"B\"\ngrade = \"red\"\n", "severity = \"B\"\n"),
        ("grade = \"red\"\n", "grade = \"pink\"\n"),
        ("owner = \"R_TWO\"\n", ""),
        ("from = 2026-01-01\n", ""),
        ("from = 2026-01-01\n", "from = \"2026-01-01\"\n"),
        ("from = 2026-01-01\n", "from = 2026-01-01T10:00:00\n"),
        ("to = 2030-12-31", "to = 2025-12-31"),
        (
            "broken = { zh = \"有错\", en = \"wrong\" }",
            "broken = { zh = \"有错\" }",
        ),
        ("version = 1\n", "version = 0\n"),
        ("id = \"R-01\"", "id = \"R 01\""),
        ("id = \"R-01\"\n", ""),
        ("gate = true", "gate = \"yes\""),
        // Limits.
        ("is = \"24h\"", "is = 24"),
        ("is = \"24h\"", "is = \"24\""),
        ("is = \"24h\"", "is = \"24 h\""),
        ("is = \"24h\"", "is = \"0h\""),
        ("warn = [\"90%\", \"2h\"]", "warn = [\"100%\", \"soon\"]"),
        ("recording_grace = \"30min\"", "recording_grace = \"1d\""),
        ("recording_grace = \"30min\"", "recording_grace = true"),
        ("max = 2\n", "max = 2\nrecording_grace = \"1h\"\n"),
        ("bound = \"1y\"\n", ""),
        ("max = 2\n", "max = 0\n"),
        ("max = 2\n", "max = \"two\"\n"),
        // Values of their kind.
        ("nature? = criminal", "nature? = crime"),
        ("nature? = criminal", "nature? > criminal"),
        ("minor = true\"", "minor = 1\""),
        ("minor = true\"", "minor = step\""),
        ("amount_yuan? >= 50000", "amount_yuan? >= much"),
        ("amount_yuan? >= 50000", "amount_yuan? >= told_at"),
        ("told_at > trace.told_at", "told_at > trace.told"),
        ("told_at > trace.told_at", "told_at > 2026-01-01"),
        ("date >= 2026-02-01", "date >= 2026-02-30"),
        ("hour >= 22", "hour >= 24"),
        ("organ = A3301", "organ = 'A 3301'"),
        ("amount_yuan? >= 50000", "amount_yuan? >="),
        ("amount_yuan? >= 50000", "amount_yuan? is 50000"),
        ("amount_yuan? >= 50000", "amount_yuan? >= 50000 and more"),
        ("amount_yuan? >= 50000", "nature not [criminal]"),
        ("amount_yuan? >= 50000", "nature in [criminal"),
        ("amount_yuan? >= 50000", "step = 'open"),
        ("amount_yuan? >= 50000", "|"),
        ("kind = \"bool\"", "kind = \"boolean\""),
        ("kind = [\"criminal\", \"administrative\"]", "kind = []"),
        ("id = \"minor\"", "id = \"hour\""),
        ("id = \"minor\"", "id = \"step\""),
        ("values = []\n", ""),
        // Ranks.
        ("is = \"R_TWO\"", "is = \"R_OUT\""),
        // Rules that make no sense.
        ("step in @serious", "step = theft\", \"step = fraud"),
        ("step in @serious", "step = theft\", \"lacks step"),
        ("date >= 2026-02-01", "hour > 22\", \"hour < 23"),
        (
            "date >= 2026-02-01",
            "amount_yuan < 5\", \"amount_yuan >= 5 | amount_yuan = 7",
        ),
        ("date >= 2026-02-01", "minor != true\", \"minor != false"),
        (
            "when = [\"minor = true\"]",
            "when = [\"nature in [criminal]\", \"nature != criminal\"]",
        ),
        (
            "excuse = [{ any = [\"a.exempt\"], when = [\"has step\"] }]",
            "excuse = [\"a.do\"]",
        ),
        (
            "require = [\"has step | minor? = true\", \"organ = A3301\"]",
            "require = []",
        ),
        (", { from = [\"a.then\"] }]", "]"),
        ("min = 2\nsigns", "min = 4\nsigns"),
        (
            "against = [\"a.review\"]\nagainst_roles = [\"R_TWO\"]",
            "against_roles = [\"R_ONE\"]",
        ),
        ("after = [\"a.before\"]\n", ""),
        (
            "any = [\"a.review\"], when = [\"persons >= 2\"]",
            "when = [\"persons >= 2\"]",
        ),
        // Traces.
        ("expect = \"breached\"", "expect = \"satisfied\""),
        ("expect = \"satisfied\"", "expect = \"breached\""),
        ("expect = \"satisfied\"", "expect = \"kept\""),
        ("expect = \"not_checkable\"", "expect = \"satisfied\""),
        (
            "[[\"2026-02-01\", \"a.do\"]]",
            "[[\"2026-02-01\", \"a.then\"]]",
        ),
        ("[[\"2026-02-01\", \"a.do\"]]", "[[\"2026-02-01\"]]"),
        ("[[\"2026-02-01\", \"a.do\"]]", "[]"),
        ("\"2026-02-01\"", "\"2026-02-30\""),
        ("\"2026-02-01T10:00\"", "\"2026-02-01 10:00\""),
        ("by = [\"x:R_ONE\"]", "by = [\"R_ONE\"]"),
        ("by = [\"x:R_ONE\"]", "by = [\"x:R_NONE\"]"),
        ("by = [\"x:R_ONE\"]", "objects = [\"item\", \"thing:1\"]"),
        ("minor = true }]", "minor = \"yes\" }]"),
        ("minor = true }]", "nature = \"crime\" }]"),
        ("minor = true }]", "minr = true }]"),
        // TOML.
        ("max = 2\n", "max = 2\nmax = 3\n"),
        ("max = 2\n", "max = = 2\n"),
    ] {
        let (from_line, to_line) = (from.replace('\n', "⏎"), to.replace('\n', "⏎"));
        writeln!(text, "{from_line} → {to_line}\n{}\n", spoiled(from, to)).unwrap();
    }
    assert!(!text.contains("\naccepted\n"), "{text}");
    insta::assert_snapshot!(text);
}

#[test]
fn what_rests_on_nothing_read_may_be_blue() {
    let rule = small::rule("R-1", "count", "max = 2");
    let blue = (rule.replace("LAW 3 [T]", "LAW 3 [G]; habit [D]")).replace("\"red\"", "\"blue\"");
    let catalogue = small::with(&blue).unwrap();
    assert_eq!(catalogue.rule("R-1").unwrap().grade, Grade::Blue);
    let amber = blue.replace("\"blue\"", "\"amber\"");
    let faults = small::with(&amber).unwrap_err().to_string();
    assert!(faults.ends_with("may only be blue, not amber"), "{faults}");
}

#[test]
fn rules_that_nobody_can_obey_together_are_named() {
    let response = |id, more: &str| small::rule(id, "response", more);
    let on = |id, template, on: &str, more: &str| {
        let rule = small::rule(id, template, more);
        rule.replace("a.do", on).replace('§', "a.do")
    };
    let good = "accepted";
    let cases = [
        (
            "expected, and never allowed",
            response("R-1", "expect = [\"a.then\"]\nbound = \"3d\""),
            on("R-2", "absence", "a.then", ""),
        ),
        (
            "another way remains: good",
            response("R-1", "expect = [\"a.then\", \"a.end\"]\nbound = \"3d\""),
            on("R-2", "absence", "a.then", ""),
        ),
        (
            "not in force at one time: good",
            response(
                "R-1",
                "expect = [\"a.then\"]\nbound = \"3d\"\nto = 2026-06-30",
            ),
            on("R-2", "absence", "a.then", "").replace("from = 2026-01-01", "from = 2026-07-01"),
        ),
        (
            "expected, and not allowed afterwards",
            response("R-1", "expect = [\"a.then\"]\nbound = \"3d\""),
            on("R-2", "absence", "a.then", "after = [\"§\"]"),
        ),
        (
            "allowed again after something: good",
            response("R-1", "expect = [\"a.then\"]\nbound = \"3d\""),
            on(
                "R-2",
                "absence",
                "a.then",
                "after = [\"§\"]\nuntil = [\"a.end\"]",
            ),
        ),
        (
            "expected sooner than allowed",
            response("R-1", "expect = [\"a.then\"]\nbound = \"3d\""),
            on("R-2", "absence", "a.then", "after = [\"§\"]\ngap = \"5d\""),
        ),
        (
            "expected within the days in which it is not allowed",
            response("R-1", "expect = [\"a.then\"]\nbound = \"3d\""),
            on("R-2", "absence", "a.then", "after = [\"§\"]\ngap = \"3d\""),
        ),
        (
            "within hours of a longer gap of hours",
            response("R-1", "expect = [\"a.then\"]\nbound = \"24h\""),
            on("R-2", "absence", "a.then", "after = [\"§\"]\ngap = \"48h\""),
        ),
        (
            "allowed in time: good",
            response("R-1", "expect = [\"a.then\"]\nbound = \"5d\""),
            on("R-2", "absence", "a.then", "after = [\"§\"]\ngap = \"3d\""),
        ),
        (
            "needed, and never allowed",
            small::rule("R-1", "precedence", "needs = [{ any = [\"a.before\"] }]"),
            on("R-2", "absence", "a.before", ""),
        ),
        (
            "needed, and too late then",
            small::rule("R-1", "precedence", "needs = [{ any = [\"a.before\"] }]"),
            on("R-2", "absence", "a.do", "after = [\"a.before\"]"),
        ),
        (
            "limit shorter than lead",
            response("R-1", "expect = [\"a.then\"]\nbound = \"24h\""),
            on(
                "R-2",
                "precedence",
                "a.then",
                "needs = [{ any = [\"§\"], lead = \"7d\" }]",
            ),
        ),
        (
            "limit longer than lead: good",
            response("R-1", "expect = [\"a.then\"]\nbound = \"7d\""),
            on(
                "R-2",
                "precedence",
                "a.then",
                "needs = [{ any = [\"§\"], lead = \"24h\" }]",
            ),
        ),
        (
            "each before the other",
            small::rule("R-1", "precedence", "needs = [{ any = [\"a.before\"] }]"),
            on(
                "R-2",
                "precedence",
                "a.before",
                "needs = [{ any = [\"§\"] }]",
            ),
        ),
        (
            "each before the other, beside something else",
            small::rule(
                "R-1",
                "precedence",
                "needs = [{ any = [\"a.end\"] }, { any = [\"a.before\"] }]",
            ),
            on(
                "R-2",
                "precedence",
                "a.before",
                "needs = [{ any = [\"§\"] }]",
            ),
        ),
        (
            "each before the other, or something else: good",
            small::rule(
                "R-1",
                "precedence",
                "needs = [{ any = [\"a.before\"], or = [\"a.end\"] }]",
            ),
            on(
                "R-2",
                "precedence",
                "a.before",
                "needs = [{ any = [\"§\"] }]",
            ),
        ),
        (
            "before itself",
            small::rule("R-1", "precedence", "needs = [{ any = [\"a.do\"] }]"),
            String::new(),
        ),
    ];
    let mut text = String::new();
    for (what, a, b) in cases {
        let outcome = match small::with(&format!("{a}{b}")) {
            Ok(_) => good.to_owned(),
            Err(faults) => small::both(&faults),
        };
        assert_eq!(
            what.ends_with(": good"),
            outcome == good,
            "{what}\n{outcome}"
        );
        writeln!(text, "{what}\n{outcome}\n").unwrap();
    }
    insta::assert_snapshot!(text);
}

#[test]
fn a_guard_that_a_missing_attribute_surely_fails_needs_no_third_example() {
    let unsure = |when: &str| {
        small::with(&small::rule(
            "R-1",
            "count",
            &format!("max = 2\nwhen = {when}"),
        ))
    };
    assert!(unsure(r#"["step = draft"]"#).is_err());
    for when in [
        r#"["has step", "step = draft"]"#,
        r#"["step? = draft"]"#,
        r#"["lacks step | step = draft"]"#,
        r#"["hour >= 22", "persons >= 2"]"#,
    ] {
        assert!(unsure(when).is_ok(), "{when}");
    }
}

#[test]
fn a_pack_says_how_long_its_rules_wait_for_records_and_a_rule_otherwise() {
    let mut files = small::files(&small::rules());
    let pack = "[recording]\ngrace = \"24h\"\nclock = \"1h\"\n\n[[object]]";
    let text = &mut files.iter_mut().find(|f| f.0 == "pack.toml").unwrap().1;
    *text = text.replacen("[[object]]", pack, 1);
    let catalogue = small::parse(&files, &[]).unwrap();
    let waits: Vec<String> = (catalogue.rules().iter())
        .filter(|r| r.recording != Default::default())
        .map(|r| {
            let said = |g: Option<law::rule::Limit>| g.map_or("-".to_owned(), |g| g.to_string());
            let (act, clock) = (said(r.recording.act), said(r.recording.clock));
            format!("{} {} {act} {clock}", r.id, r.template.name())
        })
        .collect();
    insta::assert_snapshot!(waits.join("\n"));
}
