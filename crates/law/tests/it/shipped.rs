//! What the shipped packs hold.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use law::{Catalogue, Confirm, Lang, PackText};

#[test]
fn the_shipped_packs_load() {
    let catalogue = Catalogue::shipped();
    let mut text = String::new();
    for pack in catalogue.packs() {
        writeln!(text, "{} {} {}", pack.id, pack.version, pack.zh).unwrap();
        let count = |n: usize, what: &str| match n {
            0 => String::new(),
            n => format!("  {what}: {n}\n"),
        };
        let mine = |p: &str| p == pack.id;
        text += &count(
            catalogue.sources().iter().filter(|s| mine(&s.pack)).count(),
            "sources",
        );
        text += &count(
            catalogue.objects().iter().filter(|o| mine(&o.pack)).count(),
            "object types",
        );
        text += &count(
            catalogue.roles().iter().filter(|r| mine(&r.pack)).count(),
            "roles",
        );
        text += &count(
            catalogue.tiles().iter().filter(|t| mine(&t.pack)).count(),
            "tiles",
        );
        text += &count(
            catalogue.manners().iter().filter(|m| mine(&m.pack)).count(),
            "manners",
        );
        for group in catalogue.groups().iter().filter(|g| mine(&g.pack)) {
            let n = catalogue
                .activities()
                .iter()
                .filter(|a| mine(&a.pack) && a.group == group.id);
            writeln!(text, "  {} {}: {}", group.id, group.zh, n.count()).unwrap();
        }
    }
    let mut confirm = BTreeMap::new();
    for activity in catalogue
        .activities()
        .iter()
        .filter(|a| a.pack == "casework")
    {
        *confirm.entry(activity.confirm()).or_insert(0) += 1;
    }
    writeln!(text, "casework rows to confirm: {confirm:?}").unwrap();
    insta::assert_snapshot!(text);
}

#[test]
fn one_activity_says_who_acts_who_approves_and_whence() {
    insta::assert_debug_snapshot!(Catalogue::shipped().activity("cr.detain"));
    insta::assert_debug_snapshot!(Catalogue::shipped().activity("cr.arrest_request"));
    assert!(Catalogue::shipped().activity("cr.detained").is_none());
}

#[test]
fn the_eight_tiles_stand_on_the_digits() {
    let tiles = Catalogue::shipped().tiles();
    let lines: Vec<_> = tiles
        .iter()
        .map(|t| format!("{} {} {} / {}", t.digit, t.id, t.zh, t.en))
        .collect();
    insta::assert_snapshot!(lines.join("\n"));
    let manners = Catalogue::shipped().manners();
    let lines: Vec<_> = manners
        .iter()
        .map(|m| format!("{} {} / {}", m.id, m.zh, m.en))
        .collect();
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn every_lookup_finds_what_the_lists_hold() {
    let c = Catalogue::shipped();
    for a in c.activities() {
        assert_eq!(c.activity(a.id.as_str()), Some(a));
        assert!(c.group(&a.group).is_some());
        assert!(a.object_type.iter().all(|o| c.object(o.as_str()).is_some()));
        assert!(
            a.actor_roles
                .iter()
                .chain(&a.approver_roles)
                .all(|r| c.role(r.as_str()).is_some())
        );
        assert_eq!(
            c.activity(a.id.as_str())
                .map(|a| a.confirm() == Confirm::Whole),
            Some(a.confidence == [law::Confidence::G])
        );
    }
    for t in c.tiles() {
        assert_eq!(c.tile(&t.id), Some(t));
    }
    for m in c.manners() {
        assert_eq!(c.manner(&m.id), Some(m));
    }
    for s in c.sources() {
        assert_eq!(c.source(&s.code), Some(s));
    }
}

#[test]
fn activities_of_a_group_stand_together() {
    let mut groups: Vec<_> = Catalogue::shipped()
        .activities()
        .iter()
        .map(|a| (&a.pack, &a.group))
        .collect();
    groups.dedup();
    let runs = groups.len();
    groups.sort();
    groups.dedup();
    assert_eq!(runs, groups.len());
}

#[test]
fn the_hash_covers_names_and_contents_but_not_their_order() {
    let hash = |files: &[(&str, &str)]| {
        let pack = PackText { folder: "p", files };
        Catalogue::parse(&[pack]).unwrap().packs()[0].hash_text()
    };
    let pack =
        "id = 'p'\nversion = '1.0.0'\nzh = '包'\nen = 'pack'\nwho = { zh = '甲', en = 'a' }\n";
    let plain = hash(&[("pack.toml", pack), ("roles.toml", "")]);
    // Computed elsewhere after the documentation of `Pack::hash`.
    let known = "6ae62524c984a2e242ade98d92fd85e6caef5715d7577ee206ea27b82c22f6f7";
    assert_eq!(plain, format!("sha256:{known}"));
    assert_eq!(plain, hash(&[("roles.toml", ""), ("pack.toml", pack)]));
    // The same texts in the same order: only a name differs.
    let named = |name| hash(&[(name, ""), ("pack.toml", pack)]);
    assert_ne!(named("activities.toml"), named("forms.toml"));
    // The same bytes in a row, cut into files differently.
    let two = hash(&[("activities.toml", "#forms.toml"), ("pack.toml", pack)]);
    let three = [
        ("activities.toml", "#"),
        ("forms.toml", ""),
        ("pack.toml", pack),
    ];
    assert_ne!(two, hash(&three));
    assert_ne!(plain, hash(&[("pack.toml", pack), ("roles.toml", "#")]));
    assert_ne!(
        plain,
        hash(&[("pack.toml", &format!("{pack}\n")), ("roles.toml", "")])
    );
}

#[test]
fn every_shipped_rule_is_found_and_can_be_said() {
    let c = Catalogue::shipped();
    assert!(c.rules().len() >= 244, "casework-rules.md has 244 rows");
    for rule in c.rules() {
        let newest = c.rule(rule.id.as_str()).expect("a rule of the list");
        assert!(newest.version >= rule.version);
        assert_eq!(c.off(rule.id.as_str()), None);
        assert!(rule.violations.iter().all(|v| c.violation(v).is_some()));
        for lang in [Lang::Zh, Lang::En] {
            let words = rule.in_words(lang, c);
            // Names, not ids: what had no name would be shown as its id.
            let tokens = words.split(|c: char| !(c.is_ascii_alphanumeric() || "._".contains(c)));
            for token in tokens.filter(|t| t.contains(['.', '_'])) {
                let id = c.activity(token).is_some() || c.role(token).is_some();
                assert!(!id && c.attribute(token).is_none(), "{token}: {words}");
            }
            assert!(words.lines().count() >= 4, "{words}");
        }
    }
}

#[test]
fn approvers_stand_in_the_order_of_the_law() {
    let rank = |role| Catalogue::shipped().rank(role);
    let order = [
        "R_OFFICER",
        "R_DEPT_HEAD",
        "R_ORGAN_LEADER",
        "R_COUNTY_LEADER",
        "R_COUNTY_CHIEF",
        "R_CITY_LEADER",
        "R_PROV_LEADER",
    ];
    let ranks: Vec<_> = order.iter().map(|r| rank(r)).collect();
    assert!(ranks.iter().all(Option::is_some) && ranks.is_sorted() && rank("R_PROC").is_none());
    assert_eq!(rank("R_UPPER_ORG"), rank("R_CITY_LEADER"));
    let (activity, attribute) = Catalogue::shipped().exemption().expect("pack.toml has one");
    assert_eq!((activity.as_str(), attribute), ("sup.exempt", "rule"));
}

/// Lists in Chinese call an instrument by its short name; whoever writes a rule of these packs cites none without one.
#[test]
fn what_rules_cite_has_a_short_chinese_name() {
    let catalogue = Catalogue::shipped();
    for rule in catalogue.rules() {
        for c in &rule.source {
            let source = catalogue.source(&c.code);
            assert!(
                source.is_none_or(|s| s.short.is_some()),
                "{}: {}",
                rule.id,
                c.code
            );
        }
    }
    for (part, zh, en) in [
        ("CPL 85 [T]", "刑诉法第85条 [T]", "CPL 85 [T]"),
        ("CPL 91, 98–99", "刑诉法第91、98–99条", "CPL 91, 98–99"),
        (
            "PROP 2010 Art. 11 [S]",
            "涉案财物规定 2010 Art. 11 [S]",
            "PROP 2010 Art. 11 [S]",
        ),
        ("LOC [S]", "地方实践 [S]", "LOC [S]"),
        ("form [G]", "form [G]", "form [G]"),
        ("[D]", "[D]", "[D]"),
    ] {
        assert_eq!(catalogue.source_short(part, Lang::Zh), zh);
        assert_eq!(catalogue.source_short(part, Lang::En), en);
    }
}
