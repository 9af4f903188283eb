//! 刑事案件: from review before filing to transfer for prosecution, after PSC (2020) and CPL (2018).
//!
//! Unplanted cases keep every limit used here: bounds in comments name the constraint. One suspect after the other is
//! written from the time of his own arrival; the script sorts by time in the end.

use model::Attr;

use super::act::Violation;
use super::moment::{DAY, HOUR, Moment};
use super::script::{Form, Item, On, Party, Script, number};
use super::{intake, property};

/// Kinds of case, with what follows from them.
pub(super) struct Nature {
    pub(super) name: &'static str,
    /// Economic crime: legal review before filing (CR-018), money to follow.
    money: bool,
    scene: bool,
    /// Major crime: every interrogation recorded, collective discussion before conclusion (CR-031, CR-116).
    major: bool,
}

const fn nature(name: &'static str, money: bool, scene: bool, major: bool) -> Nature {
    Nature {
        name,
        money,
        scene,
        major,
    }
}

pub(super) const NATURES: [Nature; 10] = [
    nature("盗窃", false, true, false),
    nature("盗窃", false, true, false),
    nature("诈骗", true, false, false),
    nature("故意伤害", false, true, false),
    nature("帮助信息网络犯罪活动", true, false, false),
    nature("危险驾驶", false, false, false),
    nature("寻衅滋事", false, true, false),
    nature("合同诈骗", true, false, false),
    nature("职务侵占", true, false, false),
    nature("贩卖毒品", false, false, true),
];

/// How things stand with one suspect when his measures are decided.
struct Standing {
    party: Party,
    /// Last act about him so far.
    at: Moment,
    custody: bool,
    arrested: Option<Moment>,
    bail: Option<Bail>,
}

#[derive(Clone, Copy)]
struct Bail {
    since: Moment,
    deposit: bool,
}

/// A criminal case from its alert on.
pub(super) fn run(s: &mut Script<'_>, nature: &Nature) {
    if !intake::take(s) {
        return;
    }
    intake::accept(s);
    if s.plants(Violation::SeizedBeforeFiling) {
        s.minutes(30, 200);
        s.aside(|s| {
            drop(property::seize_criminal(
                s,
                Some(Violation::SeizedBeforeFiling),
            ))
        });
    }
    if review(s, nature) {
        investigate(s, nature);
    }
}

/// Review before filing. True where the case is filed.
fn review(s: &mut Script<'_>, nature: &Nature) -> bool {
    if s.plants(Violation::LateFiling) {
        s.days(9, 16);
        reviewed(s, "cr.file", nature.money);
        s.act_as(
            "cr.file",
            On::Case,
            Form {
                planted: Some(Violation::LateFiling),
                ..Form::default()
            },
        );
        return true;
    }
    let way = s.rng.range(1, 100);
    if way <= 25 {
        // Clue check: 7 days (CR-004).
        s.hours(1, 8);
        s.say("cr.verify", On::Case, "线索需进一步核实。".to_owned());
        s.days(1, 3);
        if way <= 5 {
            s.act("cr.review_extend", On::Case);
            s.days(5, 18);
        }
    } else {
        // Three days, a weekend included: not more than four hours before the next office hour.
        s.hours(0, 3);
        s.office();
    }
    match s.rng.range(1, 100) {
        1..=2 => {
            s.say(
                "int.transfer_jur",
                On::Case,
                "犯罪地不在本辖区，移送有管辖权的公安机关。".to_owned(),
            );
            false
        }
        3..=9 => not_filed(s),
        _ => {
            reviewed(s, "cr.file", nature.money);
            s.act("cr.file", On::Case);
            true
        }
    }
}

fn not_filed(s: &mut Script<'_>) -> bool {
    s.say(
        "cr.no_file",
        On::Case,
        "没有犯罪事实，不予立案。".to_owned(),
    );
    s.hours(1, 8);
    s.office();
    s.act("cr.no_file_serve", On::Case);
    match s.rng.range(1, 10) {
        1..=2 => {
            s.days(5, 15);
            s.act("cr.proc_reason_ask", On::Case);
            s.days(1, 3);
            s.act("cr.proc_reason_reply", On::Case);
            if s.rng.percent(40) {
                s.days(3, 8);
                s.act("cr.proc_order_file", On::Case);
                s.days(1, 7);
                s.act("cr.file", On::Case);
                return true;
            }
        }
        3 => {
            s.days(4, 15);
            s.say("cr.reconsider", On::Case, "维持不予立案决定。".to_owned());
        }
        _ => {}
    }
    archive(s);
    false
}

/// Legal review of a step, if it is wanted. The step is named, because a review of one step is none of another.
fn reviewed(s: &mut Script<'_>, step: &'static str, wanted: bool) {
    if wanted {
        let attrs = vec![Attr::text("step", step), Attr::text("result", "pass")];
        let words = Some("事实清楚，证据合法，程序合规，同意呈报。".to_owned());
        if s.plants(Violation::SelfReview) {
            let by = Some((s.crew.lead, "R_LEGAL"));
            let planted = Some(Violation::SelfReview);
            s.act_as(
                "cr.legal_review",
                On::Case,
                Form {
                    attrs,
                    words,
                    by,
                    planted,
                    ..Form::default()
                },
            );
        } else {
            s.act_as(
                "cr.legal_review",
                On::Case,
                Form {
                    attrs,
                    words,
                    ..Form::default()
                },
            );
        }
        s.minutes(10, 60);
    }
}

/// From the filing decision on; also where an administrative case has turned criminal.
pub(super) fn investigate(s: &mut Script<'_>, nature: &Nature) {
    s.minutes(20, 120);
    s.act("cr.file_inform", On::Case);
    s.aside(|s| evidence(s, nature));
    if !s.rng.percent(84) {
        return; // nobody found yet: the case stays open
    }
    match s.rng.range(1, 10) {
        1..=4 => s.later(2, 60),
        5..=8 => s.days(3, 30),
        _ => s.days(30, 160),
    }
    let found = s.now;
    let mut standings = Vec::new();
    for n in 0..*s.rng.pick(&[1, 1, 1, 1, 1, 1, 1, 2, 2, 3]) {
        s.now = found;
        if n > 0 {
            s.later(3, 60);
        }
        let standing = suspect(s, nature);
        standings.push(standing);
    }
    s.now = found;
    s.later(10, 20);
    let mut items = Vec::new();
    if s.rng.percent(65) {
        if s.rng.percent(45) {
            s.act("cr.search", On::Party(&standings[0].party));
            s.minutes(15, 60);
        }
        items = property::seize_criminal(s, None);
        if s.rng.percent(40) {
            let item = items[0].clone();
            s.aside(|s| property::appraise(s, &item, &standings[0].party));
        }
    }
    if s.rng.percent(25) {
        s.aside(|s| {
            s.later(20, 50);
            s.say(
                "cr.identify",
                On::Case,
                "十张照片混杂辨认，辨认人指认其中一人。".to_owned(),
            );
        });
    }
    end(s, nature, standings, items);
}

fn evidence(s: &mut Script<'_>, nature: &Nature) {
    let victim = s.party("victim");
    if nature.scene {
        s.minutes(30, 240);
        s.say(
            "cr.scene_exam",
            On::Case,
            format!("{}现场勘验，提取痕迹物证。", s.street),
        );
    }
    s.later(2, 20);
    let note = s.file("被害人询问笔录".to_owned());
    s.act_as(
        "cr.witness_interview",
        On::Both(&victim, &note),
        Form {
            unapproved: true,
            ..Form::default()
        },
    );
    for _ in 0..s.rng.range(0, 2) {
        let witness = s.party("witness");
        s.days(0, 4);
        s.act("cr.witness_interview", On::Party(&witness));
    }
    if s.rng.percent(50) {
        let file = s.file("监控视频".to_owned());
        s.later(3, 30);
        s.act("cr.obtain", On::Item(&file));
    }
    if nature.money {
        let account = s.item("涉案银行账户".to_owned());
        s.days(0, 3);
        s.act("cr.query_asset", On::Item(&account));
        if s.rng.percent(50) {
            let amount = s.rng.range(1, 90) * 1000;
            s.later(1, 20);
            let form = Form {
                attrs: vec![number("amount_yuan", amount)],
                ..Form::default()
            };
            s.act_as("cr.freeze", On::Item(&account), form);
            s.later(1, 11);
            s.act("prop.register", On::Item(&account)); // papers within 24 h (PR-002)
        }
    }
}

/// One interrogation: recorded, noted, signed; the recording uploaded within the day.
fn interrogate(s: &mut Script<'_>, who: &Party, place: &'static str) {
    let minutes = s.rng.range(40, 150);
    s.session(minutes + 15);
    let video = s.file(format!("讯问{}同步录音录像", who.name));
    s.act("rec.av", On::Both(who, &video));
    let note = s.file(format!("{}讯问笔录", who.name));
    let single = s.plants(Violation::SingleOfficer);
    let form = Form {
        officers: single.then_some(1),
        planted: single.then_some(Violation::SingleOfficer),
        attrs: vec![Attr::text("place", place)],
        ..Form::default()
    };
    s.act_as("cr.interrogate", On::Both(who, &note), form);
    s.minutes(minutes, minutes);
    s.act("rec.sign", On::Both(who, &note));
    s.aside(|s| {
        s.later(1, 8);
        s.act("rec.av_upload", On::Item(&video));
    });
}

/// One suspect from being brought in to the measure decided about him.
fn suspect(s: &mut Script<'_>, nature: &Nature) -> Standing {
    let party = s.party("suspect");
    let who = &party;
    if s.rng.percent(8) {
        s.say(
            "cr.coop_request",
            On::Case,
            "请求抓获地公安机关协助。".to_owned(),
        );
        s.hours(2, 20);
    }
    match s.rng.range(1, 20) {
        1..=11 => {
            s.office();
            s.act("cr.summon", On::Party(who));
            s.hours(1, 18);
            s.waking();
        }
        12..=17 => {
            s.act("cr.summon_oral", On::Party(who));
            s.minutes(15, 60);
        }
        _ => {
            s.act("cr.compel", On::Party(who));
            s.minutes(30, 150);
        }
    }
    let room = s.room();
    let arrived = s.now;
    s.act("cr.arrive", On::Party(who));
    s.minutes(3, 10);
    s.act("plc.enter", On::Both(who, &room));
    s.act("plc.body_check", On::Party(who));
    s.act_as(
        "plc.info_collect",
        On::Party(who),
        Form {
            unapproved: true,
            ..Form::default()
        },
    );
    s.act("cr.rights_inform", On::Party(who));
    if party.minor {
        s.act("cr.guardian_notify", On::Party(who));
        s.minutes(30, 90);
        s.aside(|s| {
            s.later(2, 30);
            s.act("cr.legalaid_notify", On::Party(who)); // 3 days (CR-110)
        });
    } else if s.rng.percent(1) {
        s.act("cr.interpreter", On::Party(who));
    }
    interrogate(s, who, "办案区");
    // Twelve hours from arrival, or twenty-four if extended before the twelfth (CR-020).
    let overstay = s.plants(Violation::Overstay);
    if overstay {
        s.now = arrived;
        s.hours(13, 17);
    } else if s.rng.percent(8) {
        s.now = arrived;
        s.hours(8, 11);
        s.act("cr.stay_extend", On::Party(who));
        s.hours(2, 9);
    } else {
        s.minutes(20, 180);
    }
    let planted = overstay.then_some(Violation::Overstay);
    let mut standing = Standing {
        party: party.clone(),
        at: s.now,
        custody: false,
        arrested: None,
        bail: None,
    };
    let measure = s.rng.range(1, 100);
    if (51..=84).contains(&measure) {
        reviewed(s, "cr.bail", true);
    }
    s.act_as(
        "cr.leave",
        On::Party(who),
        Form {
            planted,
            ..Form::default()
        },
    );
    match measure {
        1..=50 => detain(s, nature, &mut standing, &room),
        51..=84 => {
            bail(s, &mut standing);
            s.act("plc.exit", On::Both(who, &room));
        }
        85..=88 => {
            s.act_as("cr.rs", On::Party(who), Form::default());
            s.act("plc.exit", On::Both(who, &room));
        }
        _ => s.act("plc.exit", On::Both(who, &room)),
    }
    standing.at = s.now;
    standing
}

/// Bail against a deposit or a guarantor, never both (CR-071).
fn bail(s: &mut Script<'_>, standing: &mut Standing) {
    let who = standing.party.clone();
    let deposit = s.rng.percent(55);
    if deposit {
        let attrs = vec![number("amount_yuan", s.rng.range(1, 10) * 1000)];
        s.act_as(
            "cr.bail_deposit_in",
            On::Party(&who),
            Form {
                attrs,
                ..Form::default()
            },
        );
    } else {
        s.act("cr.bail_guarantor", On::Party(&who));
    }
    s.minutes(5, 30);
    standing.bail = Some(Bail {
        since: s.now,
        deposit,
    });
    s.act("cr.bail", On::Party(&who));
    s.aside(|s| {
        s.later(1, 10);
        s.act("cr.bail_exec_notify", On::Party(&who));
    });
}

fn detain(s: &mut Script<'_>, nature: &Nature, standing: &mut Standing, room: &Item) {
    let party = standing.party.clone();
    let who = &party;
    let since = s.now;
    standing.custody = true;
    s.act("cr.detain", On::Party(who));
    let late = s.plants(Violation::LateFamilyNotice);
    s.aside(|s| {
        if late {
            s.hours(30, 70)
        } else {
            s.hours(1, 16)
        } // 24 h (CR-042)
        let planted = late.then_some(Violation::LateFamilyNotice);
        s.act_as(
            "cr.family_notify",
            On::Party(who),
            Form {
                planted,
                ..Form::default()
            },
        );
    });
    s.minutes(10, 40);
    interrogate(s, who, "办案区"); // within 24 h of the detention (CR-035)
    let late = s.plants(Violation::LateDelivery);
    if late {
        s.now = since;
        s.hours(27, 44);
    } else {
        s.hours(1, 9);
    }
    s.act("plc.exit", On::Both(who, room));
    s.minutes(15, 60);
    let planted = late.then_some(Violation::LateDelivery);
    s.act_as(
        "cr.deliver_custody",
        On::Party(who),
        Form {
            planted,
            ..Form::default()
        },
    );
    if s.rng.percent(30) {
        s.aside(|s| {
            s.hours(20, 60);
            s.waking();
            s.act("cr.lawyer_meet_request", On::Party(who));
            s.hours(4, 33); // 48 h (CR-112)
            s.waking();
            s.act_as(
                "cr.lawyer_meet",
                On::Party(who),
                Form {
                    unapproved: true,
                    ..Form::default()
                },
            );
        });
    }
    // Three days, seven if extended, thirty for those who roam, repeat or gang up (CR-043).
    let after = |s: &mut Script<'_>, low: i64, high: i64| {
        let at = since.plus(s.rng.range(low * HOUR, high * HOUR));
        s.now = s.now.max(at);
        s.waking();
    };
    match s.rng.range(1, 20) {
        1..=3 => {
            after(s, 42, 58);
            return let_go(s, standing);
        }
        4..=9 => after(s, 42, 58),
        10..=17 => {
            after(s, 42, 56);
            s.act("cr.detain_extend", On::Party(who));
            after(s, 90, 148);
        }
        _ => {
            after(s, 42, 56);
            let category = *s.rng.pick(&["流窜作案", "多次作案", "结伙作案"]);
            let attrs = vec![Attr::text("category", category)];
            s.act_as(
                "cr.detain_extend",
                On::Party(who),
                Form {
                    attrs,
                    ..Form::default()
                },
            );
            after(s, 15 * 24, 29 * 24);
        }
    }
    let missing = s.plants(Violation::MissingReview);
    reviewed(s, "cr.arrest_request", !missing);
    let planted = missing.then_some(Violation::MissingReview);
    s.act_as(
        "cr.arrest_request",
        On::Party(who),
        Form {
            planted,
            ..Form::default()
        },
    );
    s.hours(40, 150); // 7 days (CR-047)
    s.waking();
    if s.rng.percent(24) {
        s.say(
            "cr.arrest_refused",
            On::Party(who),
            "事实不清、证据不足，不批准逮捕。".to_owned(),
        );
        s.aside(|s| {
            s.later(5, 40);
            s.act("cr.arrest_return", On::Party(who)); // 3 days (CR-050)
        });
        if s.rng.percent(10) {
            s.aside(|s| {
                s.later(20, 100);
                s.act("cr.arrest_reconsider", On::Party(who)); // 5 days (CR-055)
            });
        }
        s.minutes(20, 100);
        return let_go(s, standing);
    }
    s.act("cr.arrest_approved", On::Party(who));
    s.minutes(30, 240);
    standing.arrested = Some(s.now);
    s.act("cr.arrest", On::Party(who));
    s.minutes(10, 40);
    s.act("cr.deliver_custody", On::Party(who));
    s.aside(|s| {
        s.hours(1, 16);
        s.act("cr.family_notify", On::Party(who)); // 24 h (CR-053)
        s.later(2, 40);
        s.act("cr.arrest_return", On::Party(who)); // 3 days (CR-050)
    });
    s.hours(1, 14);
    interrogate(s, who, "看守所讯问室"); // 24 h (CR-036)
    if nature.major {
        s.days(3, 9);
        interrogate(s, who, "看守所讯问室");
    }
}

/// Out of custody: on bail, or released.
fn let_go(s: &mut Script<'_>, standing: &mut Standing) {
    standing.custody = false;
    if s.rng.percent(70) {
        bail(s, standing);
    } else {
        s.act("cr.release", On::Party(&standing.party.clone()));
    }
}

fn end(s: &mut Script<'_>, nature: &Nature, mut standings: Vec<Standing>, mut items: Vec<Item>) {
    let last = standings
        .iter()
        .map(|x| x.at)
        .max()
        .unwrap_or(s.now)
        .max(s.now);
    let first_arrest = standings.iter().filter_map(|x| x.arrested).min();
    s.now = last;
    match first_arrest {
        // Two months from the arrest (CR-056), or three if extended; the request seven days before (CR-057).
        Some(arrest) if s.rng.percent(12) => {
            s.now = s.now.max(arrest.plus(s.rng.range(40 * DAY, 48 * DAY)));
            for x in standings.iter().filter(|x| x.arrested.is_some()) {
                s.act("cr.custody_extend_request", On::Party(&x.party));
            }
            s.days(2, 5);
            for x in standings.iter().filter(|x| x.arrested.is_some()) {
                s.act("cr.custody_extended", On::Party(&x.party));
            }
            s.days(10, 22);
        }
        Some(_) => s.days(4, 11),
        None => s.days(20, 120),
    }
    for x in &standings {
        checks_on_bail(s, x);
    }
    if !s.rng.percent(94) && first_arrest.is_none() {
        return; // drags on
    }
    if nature.scene && !items.is_empty() && s.rng.percent(45) {
        let item = items.remove(0);
        let photos = vec![Attr::text("photo", "有"), Attr::text("receipt", "有")];
        s.act_as(
            "prop.return_victim",
            On::Item(&item),
            Form {
                attrs: photos,
                ..Form::default()
            },
        );
    }
    if standings.len() > 1 && s.rng.percent(8) {
        let out = standings.pop().expect("more than one");
        s.say(
            "cr.terminate_suspect",
            On::Party(&out.party),
            "非其所为，终止侦查。".to_owned(),
        );
        lift(s, &out);
        s.days(0, 0);
        s.act("cr.withdraw_inform", On::Case);
    }
    match s.rng.range(1, 100) {
        1..=4 => {
            reviewed(s, "cr.withdraw", true);
            s.say(
                "cr.withdraw",
                On::Case,
                "情节显著轻微，不认为是犯罪，撤销案件。".to_owned(),
            );
            s.minutes(10, 60);
            wind_up(s, &standings, &items);
            s.hours(2, 12);
            s.act("cr.withdraw_inform", On::Case);
            archive(s);
        }
        5..=7 => {
            reviewed(s, "cr.to_admin", true);
            s.say(
                "cr.to_admin",
                On::Case,
                "尚不够刑事处罚，转行政案件处理。".to_owned(),
            );
            s.minutes(10, 60);
            wind_up(s, &standings, &items);
        }
        _ => send(s, nature, &standings, &items),
    }
}

fn wind_up(s: &mut Script<'_>, standings: &[Standing], items: &[Item]) {
    for x in standings {
        lift(s, x);
    }
    for item in items {
        s.act("cr.lift", On::Item(item));
        s.act("prop.return_owner", On::Item(item));
    }
}

/// Lifts whatever measure is on.
fn lift(s: &mut Script<'_>, standing: &Standing) {
    if standing.custody {
        s.act("cr.release", On::Party(&standing.party));
    } else if let Some(bail) = standing.bail {
        s.act("cr.bail_release", On::Party(&standing.party));
        if bail.deposit {
            s.minutes(30, 200);
            s.act("cr.bail_refund", On::Party(&standing.party));
        }
    }
}

/// The station looks after a person on bail once a month.
fn checks_on_bail(s: &mut Script<'_>, standing: &Standing) {
    let (until, Some(bail)) = (s.now, standing.bail) else {
        return;
    };
    s.aside(|s| {
        s.now = bail.since;
        loop {
            s.days(24, 32);
            if s.now >= until {
                break;
            }
            s.act("cr.bail_check", On::Party(&standing.party));
        }
    });
}

fn send(s: &mut Script<'_>, nature: &Nature, standings: &[Standing], items: &[Item]) {
    if s.rng.percent(20) {
        let opinion = s.file("辩护律师意见".to_owned());
        s.act("cr.lawyer_opinion", On::Item(&opinion));
        s.hours(1, 6);
    }
    let report = s.file("结案报告".to_owned());
    s.act("cr.case_report", On::Item(&report));
    s.hours(1, 5);
    s.office();
    if nature.major {
        s.say(
            "cr.collective",
            On::Case,
            "集体讨论，一致同意侦查终结。".to_owned(),
        );
        s.minutes(20, 90);
    }
    s.act("cr.conclude", On::Case);
    let volume = s.file("诉讼卷".to_owned());
    s.hours(1, 5);
    s.act("file.assemble", On::Item(&volume));
    for item in items {
        s.act("prop.send_with_case", On::Item(item));
    }
    s.hours(1, 8);
    s.office();
    reviewed(s, "cr.send", true);
    s.act("cr.send", On::Case);
    for x in standings {
        s.act("cr.send_inform", On::Party(&x.party));
    }
    match s.rng.range(1, 100) {
        1..=12 => {
            s.days(15, 28);
            s.say(
                "cr.returned",
                On::Case,
                "退回补充侦查，提纲附后。".to_owned(),
            );
            let witness = s.party("witness");
            s.days(3, 9);
            s.act("cr.witness_interview", On::Party(&witness));
            s.days(3, 9);
            reviewed(s, "cr.supp_done", true);
            s.act("cr.supp_done", On::Case); // one month (CR-119)
        }
        13..=16 => {
            s.days(20, 28);
            for x in standings {
                s.act("cr.non_prosecute", On::Party(&x.party));
                lift(s, x);
            }
        }
        _ => {}
    }
    s.days(2, 12);
    file_archive(s, &volume);
}

/// Binds the papers and archives them.
pub(super) fn archive(s: &mut Script<'_>) {
    let volume = s.file("案卷".to_owned());
    s.days(1, 6);
    s.act("file.assemble", On::Item(&volume));
    s.days(1, 9);
    file_archive(s, &volume);
}

fn file_archive(s: &mut Script<'_>, volume: &Item) {
    s.act("file.archive", On::Item(volume));
    if s.rng.percent(3) {
        s.days(10, 60);
        s.say("sup.review", On::Case, "案件评查：合格。".to_owned());
    }
}
