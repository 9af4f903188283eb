//! Same seed, same cases; every id is in the catalogue; what must come first comes first.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::LazyLock;

use law::Catalogue;
use model::Micros;

use super::moment::{DAY, HOUR, Moment};
use super::*;

const CASES: usize = 3000;

fn until() -> Micros {
    "2026-11-23T01:30:00Z".parse().expect("a time")
}

static GENERATOR: LazyLock<Generator> = LazyLock::new(|| Generator::new(7, until()));
static SAMPLE: LazyLock<Vec<Case>> = LazyLock::new(|| GENERATOR.cases(CASES).collect());

/// FNV-1a over the debug text: the same on every machine and for every build.
fn digest(values: impl Iterator<Item = impl std::fmt::Debug>) -> u64 {
    values.fold(0xcbf2_9ce4_8422_2325, |hash, value| {
        format!("{value:?}").bytes().fold(hash, |h, b| {
            (h ^ u64::from(b)).wrapping_mul(0x100_0000_01b3)
        })
    })
}

#[test]
fn the_same_seed_gives_the_same_cases() {
    let run = |seed| {
        let generator = Generator::new(seed, until());
        let cases: Vec<_> = generator.cases(300).collect();
        let inquiries = generator.inquiries(&cases);
        (
            digest([generator.roster()].into_iter()),
            digest(cases.iter()),
            digest(inquiries.iter()),
        )
    };
    let (first, again, other) = (run(7), run(7), run(8));
    assert_eq!(first, again);
    assert!(first.0 != other.0 && first.1 != other.1 && first.2 != other.2);
    // Pinned: what the demo and the benchmarks show does not change unseen.
    insta::assert_snapshot!(format!(
        "roster {:016x}\ncases {:016x}\ninquiries {:016x}",
        first.0, first.1, first.2
    ));
}

#[test]
fn every_id_is_in_the_catalogue() {
    let catalogue = Catalogue::shipped();
    for act in SAMPLE.iter().flat_map(|c| &c.acts) {
        let def = catalogue
            .activity(act.activity.as_str())
            .expect("a known activity");
        for actor in &act.actors {
            let fits =
                def.actor_roles.contains(&actor.role) || def.approver_roles.contains(&actor.role);
            assert!(fits, "{} by {}", act.activity, actor.role);
        }
        for thing in &act.objects {
            assert!(
                catalogue.object(thing.object_type.as_str()).is_some(),
                "{thing:?}"
            );
        }
        if let Some(wanted) = &def.object_type {
            let has = act.objects.iter().any(|o| o.object_type == *wanted);
            assert!(has, "{} has no {wanted}: {:?}", act.activity, act.objects);
        }
    }
    for inquiry in GENERATOR.inquiries(&SAMPLE) {
        assert!(catalogue.tile(&inquiry.tile).is_some());
        assert!(inquiry.manner.iter().all(|m| catalogue.manner(m).is_some()));
    }
    for person in &GENERATOR.roster().people {
        assert!(
            person
                .roles
                .iter()
                .chain(&person.duties)
                .all(|r| catalogue.role(r.as_str()).is_some())
        );
    }
}

#[test]
fn everybody_acts_in_a_duty_of_his_own() {
    let roster = GENERATOR.roster();
    for case in SAMPLE.iter() {
        let self_reviewed: Vec<_> = (case.planted.iter())
            .filter(|p| p.violation == Violation::SelfReview)
            .map(|p| p.act)
            .collect();
        for (at, act) in case.acts.iter().enumerate() {
            for actor in &act.actors {
                let Some(person) = roster.person(&actor.no) else {
                    assert!(
                        roster
                            .outsiders
                            .iter()
                            .any(|o| o.no == actor.no && o.duty == actor.role)
                    );
                    continue;
                };
                let serves = person.duties.contains(&actor.role);
                assert!(
                    serves || self_reviewed.contains(&at),
                    "{} {actor:?}",
                    act.activity
                );
                assert!(roster.name(&actor.no).is_some());
            }
            let mut numbers: Vec<_> = act.actors.iter().map(|a| &a.no).collect();
            numbers.sort();
            numbers.dedup();
            assert_eq!(
                numbers.len(),
                act.actors.len(),
                "nobody acts twice in {}",
                act.activity
            );
            assert!(roster.organ(&act.organ).is_some());
        }
    }
}

#[test]
fn the_roster_is_a_tree_with_unique_numbers() {
    let roster = GENERATOR.roster();
    let mut above = BTreeSet::new();
    for (n, organ) in roster.organs.iter().enumerate() {
        assert_eq!(organ.parent.is_none(), n == 0);
        assert!(
            organ.parent.iter().all(|p| above.contains(p)),
            "{organ:?} comes before its parent"
        );
        assert!(above.insert(organ.code.clone()), "{organ:?} twice");
    }
    let numbers: BTreeSet<_> = roster
        .people
        .iter()
        .map(|p| &p.no)
        .chain(roster.outsiders.iter().map(|o| &o.no))
        .collect();
    assert_eq!(numbers.len(), roster.people.len() + roster.outsiders.len());
    assert!(
        roster
            .people
            .iter()
            .all(|p| roster.person(&p.no) == Some(p))
    );
    assert!(roster.person("330000").is_none() && roster.person("x").is_none());
    let mut text = String::new();
    for organ in &roster.organs {
        let people = roster
            .people
            .iter()
            .filter(|p| p.organ == organ.code)
            .count();
        writeln!(text, "{} {} {people}", organ.code, organ.name).unwrap();
    }
    insta::assert_snapshot!(text);
}

/// What must have happened before an activity, in the same case, or about the same person or thing: one of each list.
/// After the table of prerequisites of the casework law; where the table leaves a choice by circumstance, the choice
/// that the generator has.
const BEFORE: &[(&str, &str, &[&[&str]])] = &[
    ("int.register", "case", &[&["int.alert"]]),
    ("int.accept", "case", &[&["int.register"]]),
    ("int.receipt", "case", &[&["int.accept"]]),
    ("cr.verify", "case", &[&["int.accept"]]),
    ("cr.file", "case", &[&["int.accept"]]),
    ("cr.no_file", "case", &[&["int.accept"]]),
    ("cr.no_file_serve", "case", &[&["cr.no_file"]]),
    ("cr.reconsider", "case", &[&["cr.no_file_serve"]]),
    ("cr.proc_reason_reply", "case", &[&["cr.proc_reason_ask"]]),
    ("cr.summon", "case", &[&["cr.file"]]),
    ("cr.compel", "case", &[&["cr.file"]]),
    (
        "cr.arrive",
        "person",
        &[&["cr.summon", "cr.summon_oral", "cr.compel"]],
    ),
    ("plc.body_check", "person", &[&["plc.enter"]]),
    ("plc.exit", "person", &[&["plc.enter"]]),
    ("cr.stay_extend", "person", &[&["cr.arrive"]]),
    ("cr.leave", "person", &[&["cr.arrive"]]),
    (
        "cr.interrogate",
        "person",
        &[&["cr.arrive"], &["cr.rights_inform"], &["rec.av"]],
    ),
    ("cr.detain", "case", &[&["cr.file"]]),
    (
        "cr.deliver_custody",
        "person",
        &[&["cr.detain", "cr.arrest"]],
    ),
    ("cr.detain_extend", "person", &[&["cr.detain"]]),
    (
        "cr.arrest_request",
        "case",
        &[&["cr.file"], &["cr.legal_review"]],
    ),
    ("cr.arrest_approved", "person", &[&["cr.arrest_request"]]),
    ("cr.arrest", "person", &[&["cr.arrest_approved"]]),
    ("cr.custody_extend_request", "person", &[&["cr.arrest"]]),
    (
        "cr.custody_extended",
        "person",
        &[&["cr.custody_extend_request"]],
    ),
    (
        "cr.bail",
        "person",
        &[&["cr.bail_guarantor", "cr.bail_deposit_in"]],
    ),
    ("cr.bail", "case", &[&["cr.file"]]),
    ("cr.bail_release", "person", &[&["cr.bail"]]),
    (
        "cr.bail_refund",
        "person",
        &[&["cr.bail_release"], &["cr.bail_deposit_in"]],
    ),
    ("cr.rs", "case", &[&["cr.file"]]),
    ("cr.search", "case", &[&["cr.file"]]),
    ("cr.seize", "case", &[&["cr.file"]]),
    ("cr.freeze", "case", &[&["cr.file"]]),
    ("cr.lift", "item", &[&["cr.seize", "cr.freeze", "cr.seal"]]),
    ("cr.appraise_result", "item", &[&["cr.appraise"]]),
    ("cr.appraise_inform", "case", &[&["cr.appraise_result"]]),
    ("cr.lawyer_meet", "person", &[&["cr.lawyer_meet_request"]]),
    ("cr.conclude", "case", &[&["cr.case_report"]]),
    ("cr.send", "case", &[&["cr.conclude"], &["cr.legal_review"]]),
    ("cr.supp_done", "case", &[&["cr.returned"]]),
    ("cr.returned", "case", &[&["cr.send"]]),
    ("cr.withdraw", "case", &[&["cr.file"], &["cr.legal_review"]]),
    ("cr.terminate_suspect", "case", &[&["cr.file"]]),
    ("cr.to_admin", "case", &[&["cr.file", "int.accept"]]),
    ("ad.file", "case", &[&["int.register"]]),
    ("ad.not_violation", "case", &[&["int.register"]]),
    ("ad.summon", "case", &[&["int.accept"]]),
    ("ad.summon_force", "case", &[&["int.accept"]]),
    ("ad.question", "case", &[&["int.accept"]]),
    ("ad.leave", "person", &[&["ad.arrive"]]),
    ("ad.seize", "case", &[&["int.accept"]]),
    ("ad.mediate", "case", &[&["int.accept"]]),
    ("ad.limit_extend", "case", &[&["int.accept", "ad.file"]]),
    ("ad.spot_record", "person", &[&["ad.spot_penalty"]]),
    (
        "ad.hearing",
        "person",
        &[
            &["ad.hearing_serve"],
            &["ad.hearing_accept"],
            &["ad.hearing_apply"],
            &["ad.hearing_right"],
        ],
    ),
    ("ad.decide", "person", &[&["ad.notice"]]),
    ("ad.decide", "case", &[&["ad.legal_review"]]),
    ("ad.serve", "person", &[&["ad.decide"]]),
    ("ad.serve_victim", "case", &[&["ad.decide", "ad.no_punish"]]),
    ("ad.detention_exec", "person", &[&["ad.decide"]]),
    (
        "ad.suspend_decide",
        "person",
        &[&["ad.suspend_apply"], &["ad.suspend_surety"]],
    ),
    ("ad.release_detention", "person", &[&["ad.detention_exec"]]),
    (
        "ad.close",
        "case",
        &[&[
            "ad.decide",
            "ad.no_punish",
            "ad.spot_penalty",
            "ad.mediate",
            "ad.terminate",
        ]],
    ),
    ("prop.register", "item", &[&["prop.handover", "cr.freeze"]]),
    ("prop.check_out", "item", &[&["prop.register"]]),
    ("prop.check_in", "item", &[&["prop.check_out"]]),
    ("prop.send_with_case", "item", &[&["cr.seize"]]),
    ("prop.return_victim", "item", &[&["cr.seize"]]),
    (
        "file.archive",
        "case",
        &[
            &["ad.close", "cr.send", "cr.withdraw", "cr.no_file"],
            &["file.assemble"],
        ],
    ),
];

/// Which line of the table a planted violation breaks.
fn excused(violation: Violation, activity: &str) -> bool {
    matches!(
        (violation, activity),
        (Violation::SeizedBeforeFiling, "cr.seize")
            | (Violation::MissingReview, "cr.arrest_request")
            | (Violation::MissingNotice, "ad.decide")
    )
}

/// Whether an earlier act counts: it concerns the same object of that type, and a review the same step.
fn counts(earlier: &Act, act: &Act, scope: &str) -> bool {
    let same = scope == "case"
        || act
            .objects
            .iter()
            .any(|o| o.object_type.as_str() == scope && earlier.objects.contains(o));
    let step = earlier
        .attrs
        .iter()
        .find(|a| a.key == "step")
        .and_then(|a| a.value.as_str());
    same && step.is_none_or(|step| step == act.activity.as_str())
}

#[test]
fn what_must_come_first_comes_first() {
    let mut applied = BTreeSet::new();
    for case in SAMPLE.iter() {
        assert!(case.acts.is_sorted_by_key(|a| a.occurred));
        for (at, act) in case.acts.iter().enumerate() {
            for (activity, scope, lists) in BEFORE.iter().filter(|b| b.0 == act.activity.as_str()) {
                applied.insert((activity, scope));
                if case.planted.iter().any(|p| excused(p.violation, activity)) {
                    continue;
                }
                for list in *lists {
                    let met = (case.acts[..at].iter())
                        .any(|e| list.contains(&e.activity.as_str()) && counts(e, act, scope));
                    assert!(
                        met,
                        "{}: {activity} without any of {list:?}\n{}",
                        case.no,
                        text(case)
                    );
                }
            }
        }
    }
    let unused: Vec<_> = BEFORE
        .iter()
        .filter(|b| !applied.contains(&(&b.0, &b.1)))
        .map(|b| b.0)
        .collect();
    assert!(unused.is_empty(), "lines that no case met: {unused:?}");
}

/// From an act, to the first of some others, about the same object of a type, within hours; who may break it.
type Limit = (
    &'static str,
    &'static [&'static str],
    &'static str,
    i64,
    Option<Violation>,
);

const WITHIN: &[Limit] = &[
    (
        "int.accept",
        &["cr.file", "cr.no_file", "int.transfer_jur"],
        "criminal",
        30 * 24,
        None,
    ),
    ("cr.no_file", &["cr.no_file_serve"], "case", 3 * 24, None),
    (
        "cr.proc_reason_ask",
        &["cr.proc_reason_reply"],
        "case",
        7 * 24,
        None,
    ),
    ("cr.proc_order_file", &["cr.file"], "case", 15 * 24, None),
    ("cr.arrive", &["cr.leave"], "person", 24, None),
    ("cr.detain", &["cr.interrogate"], "person", 24, None),
    (
        "cr.detain",
        &["cr.deliver_custody"],
        "person",
        24,
        Some(Violation::LateDelivery),
    ),
    (
        "cr.detain",
        &["cr.family_notify"],
        "person",
        24,
        Some(Violation::LateFamilyNotice),
    ),
    (
        "cr.detain",
        &["cr.arrest_request", "cr.release", "cr.bail"],
        "person",
        30 * 24,
        None,
    ),
    (
        "cr.arrest_request",
        &["cr.arrest_approved", "cr.arrest_refused"],
        "person",
        7 * 24,
        None,
    ),
    ("cr.arrest", &["cr.interrogate"], "person", 24, None),
    ("cr.arrest", &["cr.family_notify"], "person", 24, None),
    ("cr.arrest", &["cr.arrest_return"], "person", 3 * 24, None),
    ("cr.returned", &["cr.supp_done"], "case", 30 * 24, None),
    ("cr.withdraw", &["cr.withdraw_inform"], "case", 3 * 24, None),
    (
        "cr.lawyer_meet_request",
        &["cr.lawyer_meet"],
        "person",
        48,
        None,
    ),
    ("ad.arrive", &["ad.leave"], "person", 8, None),
    ("ad.spot_penalty", &["ad.spot_record"], "person", 24, None),
    (
        "ad.hearing_apply",
        &["ad.hearing_accept"],
        "person",
        2 * 24,
        None,
    ),
    ("ad.hearing_apply", &["ad.hearing"], "person", 10 * 24, None),
    ("ad.decide", &["ad.serve"], "person", 2 * 24, None),
    (
        "ad.suspend_apply",
        &["ad.suspend_decide"],
        "person",
        24,
        None,
    ),
    (
        "cr.seize",
        &["prop.handover"],
        "item",
        24,
        Some(Violation::LateHandover),
    ),
    (
        "ad.seize",
        &["prop.handover"],
        "item",
        24,
        Some(Violation::LateHandover),
    ),
    ("rec.av", &["rec.av_upload"], "file", 24, None),
];

#[test]
fn limits_are_kept_unless_planted() {
    let mut broken = BTreeMap::new();
    for case in SAMPLE.iter() {
        let Some(last) = case.acts.last().map(|a| a.occurred) else {
            continue;
        };
        for (at, act) in case.acts.iter().enumerate() {
            for (from, to, scope, hours, planted) in
                WITHIN.iter().filter(|w| w.0 == act.activity.as_str())
            {
                let criminal = *scope == "criminal";
                if criminal && case.procedure == Procedure::Administrative {
                    continue;
                }
                let scope = if criminal { "case" } else { scope };
                let limit = Moment::from_micros(act.occurred)
                    .plus(hours * HOUR)
                    .micros();
                let end = (case.acts[at..].iter())
                    .find(|a| to.contains(&a.activity.as_str()) && counts(act, a, scope));
                // Open at the end of what is known is not over the limit yet.
                if end.map_or(last, |e| e.occurred) > limit {
                    let excuse =
                        planted.is_some_and(|v| case.planted.iter().any(|p| p.violation == v));
                    assert!(
                        excuse,
                        "{}: {from} → {to:?} over {hours} h\n{}",
                        case.no,
                        text(case)
                    );
                    *broken.entry(planted.expect("excused")).or_insert(0) += 1;
                }
            }
        }
    }
    let all = [
        Violation::LateDelivery,
        Violation::LateFamilyNotice,
        Violation::LateHandover,
    ];
    assert!(all.iter().all(|v| broken.contains_key(v)), "{broken:?}");
}

#[test]
fn no_officer_sits_in_two_sessions_of_a_case_at_once() {
    for case in SAMPLE.iter() {
        let mut end = None;
        for act in &case.acts {
            // A session lasts from its recording to its signature.
            match act.activity.as_str() {
                "rec.av" => {
                    assert!(
                        end.is_none(),
                        "{}: two sessions at once\n{}",
                        case.no,
                        text(case)
                    );
                    end = Some(act.objects[1].clone());
                }
                "rec.sign" => assert_eq!(end.take().as_ref(), Some(&act.objects[1])),
                _ => {}
            }
        }
    }
}

#[test]
fn penalties_are_decided_within_thirty_days_or_sixty_if_extended() {
    for case in SAMPLE
        .iter()
        .filter(|c| c.procedure == Procedure::Administrative)
    {
        let at = |id: &str| {
            case.acts
                .iter()
                .find(|a| a.activity.as_str() == id)
                .map(|a| a.occurred)
        };
        let (Some(accepted), Some(decided)) = (at("int.accept"), at("ad.decide")) else {
            continue;
        };
        let days = (decided.seconds() - accepted.seconds()) as f64 / DAY as f64;
        let limit = if at("ad.limit_extend").is_some() {
            60.0
        } else {
            30.0
        };
        let late = case
            .planted
            .iter()
            .any(|p| p.violation == Violation::LateDecision);
        assert_eq!(
            days > limit,
            late,
            "{}: {days} days\n{}",
            case.no,
            text(case)
        );
    }
}

#[test]
fn each_planted_violation_shows_in_its_act() {
    let mut seen = BTreeMap::new();
    for case in SAMPLE.iter() {
        for planted in &case.planted {
            *seen.entry(planted.violation).or_insert(0) += 1;
            let act = &case.acts[planted.act];
            let id = act.activity.as_str();
            let delay = act.recorded.seconds() - act.occurred.seconds();
            let person = |a: &Act| {
                a.objects
                    .iter()
                    .find(|o| o.object_type.as_str() == "person")
                    .cloned()
            };
            let before = |id: &str| {
                let same = |a: &Act| {
                    person(a).is_none() || person(act).is_none() || person(a) == person(act)
                };
                let earlier = &case.acts[..planted.act];
                let hit = earlier
                    .iter()
                    .rfind(|a| a.activity.as_str() == id && same(a));
                hit.map(|a| act.occurred.seconds() - a.occurred.seconds())
            };
            let officers = act
                .actors
                .iter()
                .filter(|a| a.role.as_str() == "R_OFFICER")
                .count();
            let shows = match planted.violation {
                Violation::LateRegistration => before("int.alert") > Some(4 * DAY),
                Violation::BackDated => delay > 8 * DAY,
                Violation::LateFiling => id == "cr.file" && before("int.accept") > Some(7 * DAY),
                Violation::SeizedBeforeFiling => id == "cr.seize" && before("cr.file").is_none(),
                Violation::SingleOfficer => id == "cr.interrogate" && officers == 1,
                Violation::Overstay => {
                    before("cr.arrive") > Some(12 * HOUR) && before("cr.stay_extend").is_none()
                }
                Violation::LateDelivery | Violation::LateFamilyNotice => {
                    before("cr.detain") > Some(24 * HOUR)
                }
                Violation::MissingReview => id == "cr.arrest_request",
                Violation::SelfReview => act.actors.iter().any(|a| a.no == case.lead),
                Violation::LateHandover => id == "prop.handover",
                Violation::MissingNotice => id == "ad.decide" && before("ad.notice").is_none(),
                Violation::LateDecision => {
                    id == "ad.decide" && before("int.accept") > Some(30 * DAY)
                }
            };
            assert!(shows, "{planted:?} does not show\n{}", text(case));
        }
    }
    let missing: Vec<_> = Violation::ALL
        .iter()
        .filter(|v| !seen.contains_key(v))
        .collect();
    assert!(
        missing.is_empty(),
        "never planted in {CASES} cases: {missing:?}"
    );
}

#[test]
fn nothing_else_is_entered_days_late_or_before_it_happened() {
    for case in SAMPLE.iter() {
        for (at, act) in case.acts.iter().enumerate() {
            let delay = act.recorded.seconds() - act.occurred.seconds();
            let planted = case
                .planted
                .iter()
                .any(|p| p.act == at && p.violation == Violation::BackDated);
            assert!(
                delay >= 0 && (delay < HOUR || planted),
                "{} {}",
                case.no,
                act.activity
            );
            assert!(act.recorded <= until());
        }
    }
}

#[test]
fn acts_come_in_the_order_of_recording_and_are_those_of_the_cases() {
    let generator = Generator::new(3, until());
    let acts: Vec<_> = generator.acts(400).collect();
    assert!(acts.is_sorted_by_key(|a| a.recorded));
    let mut cases: Vec<_> = generator.cases(400).flat_map(|c| c.acts).collect();
    cases.sort_by_key(|a| a.recorded);
    assert_eq!(digest(acts.iter()), digest(cases.iter()));
}

#[test]
fn the_sample_is_broad() {
    let mut text = String::new();
    let acts: Vec<_> = SAMPLE.iter().flat_map(|c| &c.acts).collect();
    let activities: BTreeSet<_> = acts.iter().map(|a| a.activity.as_str()).collect();
    let count = |f: &dyn Fn(&Case) -> bool| SAMPLE.iter().filter(|c| f(c)).count();
    let inquiries = GENERATOR.inquiries(&SAMPLE);
    writeln!(
        text,
        "cases {}, acts {}, activities {}",
        SAMPLE.len(),
        acts.len(),
        activities.len()
    )
    .unwrap();
    writeln!(
        text,
        "criminal {}, closed {}",
        count(&|c| c.procedure == Procedure::Criminal),
        count(&|c| c.closed)
    )
    .unwrap();
    writeln!(
        text,
        "with a planted violation {}",
        count(&|c| !c.planted.is_empty())
    )
    .unwrap();
    writeln!(text, "inquiries {}", inquiries.len()).unwrap();
    insta::assert_snapshot!(text);
    assert!(inquiries.is_sorted_by_key(|i| i.recorded));
    for inquiry in &inquiries {
        assert!(inquiry.occurred <= inquiry.recorded && inquiry.recorded <= until());
        assert!(
            GENERATOR
                .roster()
                .person(&inquiry.recorder)
                .is_some_and(|p| p.organ == inquiry.organ)
        );
        assert!(!matches!(&inquiry.asker, Asker::Staff(no) if *no == inquiry.recorder));
    }
}

/// A case as text: when, (how much later entered), what, who, about what.
fn text(case: &Case) -> String {
    let roster = GENERATOR.roster();
    let mut out = format!("{} {} {:?}\n", case.no, case.title, case.procedure);
    for (at, act) in case.acts.iter().enumerate() {
        let when = Moment::from_micros(act.occurred);
        let delay = (act.recorded.seconds() - act.occurred.seconds()) / 60;
        let zh = &Catalogue::shipped()
            .activity(act.activity.as_str())
            .expect("known")
            .zh;
        let who: Vec<_> = (act.actors.iter())
            .map(|a| format!("{}({})", roster.name(&a.no).unwrap_or("?"), a.role))
            .collect();
        let what: Vec<_> = act.objects[1..]
            .iter()
            .map(|o| {
                format!(
                    "{} {}",
                    o.id.strip_prefix(case.no.as_str()).unwrap_or(&o.id),
                    o.name
                )
            })
            .collect();
        let planted = case.planted.iter().find(|p| p.act == at);
        let planted =
            planted.map(|p| format!(" !! {:?} {}", p.violation, p.violation.constraint()));
        let (who, what) = (who.join(" "), what.join(", "));
        writeln!(
            out,
            "{} +{delay} {} {zh} | {who} | {what}{}",
            when.text(),
            act.activity,
            planted.unwrap_or_default()
        )
        .unwrap();
    }
    out
}

#[test]
fn one_case_reads_like_a_case() {
    let whole = |c: &&Case| c.closed && c.acts.iter().any(|a| a.activity.as_str() == "cr.send");
    let criminal = SAMPLE
        .iter()
        .filter(whole)
        .find(|c| c.acts.iter().any(|a| a.activity.as_str() == "cr.arrest"));
    insta::assert_snapshot!("criminal_case", text(criminal.expect("one of thousands")));
    let detained = |c: &&Case| {
        c.closed
            && c.acts
                .iter()
                .any(|a| a.activity.as_str() == "ad.detention_exec")
    };
    insta::assert_snapshot!(
        "public_security_case",
        text(SAMPLE.iter().find(detained).expect("one of thousands"))
    );
}
