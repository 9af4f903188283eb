//! 行政（治安）案件: from acceptance to the archive, after PSA and, from 2026-01-01, the revised PSAPL.
//!
//! Bounds in comments name the constraint that they keep.

use super::act::Procedure;
use super::moment::{DAY, HOUR, Moment};
use super::script::{Facts, Item, On, Party, Script, form};
use super::{criminal, intake, property};

/// Kinds of case; whether they are public-security cases.
pub(super) const NATURES: [(&str, bool); 9] = [
    ("殴打他人", true),
    ("殴打他人", true),
    ("赌博", true),
    ("盗窃", true),
    ("扰乱公共秩序", true),
    ("故意损毁财物", true),
    ("阻碍执行职务", true),
    ("侮辱他人", true),
    ("未按规定报备单位内部保卫情况", false),
];

/// How it goes, decided beforehand, because the acceptance says whether there is a victim.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    OnTheSpot,
    Mediated,
    Fast,
    Criminal,
    Terminated,
    Ordinary,
}

/// What all acts of such a case say.
pub(super) fn facts(public_security: bool) -> Facts {
    Facts {
        public_security,
        ..Facts::default()
    }
}

/// An administrative case from its alert on.
pub(super) fn run(s: &mut Script<'_>) {
    let way = match s.rng.range(1, 100) {
        1..=16 => Way::OnTheSpot,
        17..=36 if s.facts.public_security => Way::Mediated,
        37..=44 => Way::Fast,
        45..=48 => Way::Criminal,
        49..=51 => Way::Terminated,
        _ => Way::Ordinary,
    };
    s.facts.has_victim = !matches!(way, Way::OnTheSpot | Way::Terminated);
    if !intake::take(s) {
        return;
    }
    intake::accept(s);
    let accepted = s.now;
    match way {
        Way::OnTheSpot => on_the_spot(s),
        Way::Mediated => mediate(s),
        Way::Fast => fast(s),
        Way::Criminal => {
            let violator = s.party("violator");
            s.hours(1, 10);
            s.waking();
            bring(s, &violator);
            s.days(1, 4);
            s.say("ad.to_criminal", On::Case, "涉嫌犯罪，转为刑事案件办理。");
            s.procedure = Procedure::Criminal;
            s.hours(1, 6);
            s.act("cr.file", On::Case);
            criminal::investigate(s, &criminal::NATURES[0]);
        }
        Way::Terminated => {
            s.days(5, 20);
            s.say("ad.terminate", On::Case, "没有违法事实，终止调查。");
            close(s, None);
        }
        Way::Ordinary => ordinary(s, accepted),
    }
}

/// One questioning, recorded and noted.
fn question(s: &mut Script<'_>, who: &Party, place: &'static str) {
    beside(s, who);
    let minutes = s.rng.range(20, 90);
    let video = format!("询问{}同步录音录像", who.name);
    s.filmed("questioning", video, Some(who), minutes, |s, pair| {
        let note = s.file(format!("{}询问笔录", who.name));
        let said = form().pair(pair).text("place_kind", place).lasts(minutes);
        s.put("ad.question", On::Both(who, &note), said);
        s.minutes(minutes, minutes);
        s.act("rec.sign", On::Both(who, &note));
    });
}

/// Before anybody under age, or who does not speak the language, is questioned (AD-047, AD-048).
fn beside(s: &mut Script<'_>, who: &Party) {
    if who.language_help {
        s.act("ad.interpreter", On::Party(who));
    }
    if who.minor {
        s.act("ad.guardian_notify", On::Party(who));
        s.minutes(20, 80);
    }
}

/// Brings somebody in and questions him: eight hours at most (AD-002).
fn bring(s: &mut Script<'_>, who: &Party) {
    let told = |s: &mut Script<'_>| s.act("ad.family_notify", On::Party(who)); // 2 h (AD-004)
    match s.rng.range(1, 20) {
        1..=11 => {
            s.warranted("ad.summon", On::Party(who), form());
            told(s);
            s.hours(1, 12);
            s.waking();
        }
        12..=19 => {
            s.act("ad.summon_oral", On::Party(who));
            told(s);
            s.minutes(10, 40);
        }
        _ => {
            s.warranted("ad.summon_force", On::Party(who), form());
            told(s);
            s.minutes(20, 60);
        }
    }
    let room = s.room();
    s.act("ad.arrive", On::Party(who));
    s.minutes(3, 10);
    s.act("plc.enter", On::Both(who, &room));
    s.act("plc.body_check", On::Party(who));
    if s.rng.percent(30) {
        s.act("plc.info_collect", On::Party(who));
    }
    question(s, who, "handling_area");
    s.minutes(5, 90);
    s.act("ad.leave", On::Party(who));
    s.act("plc.exit", On::Both(who, &room));
}

fn on_the_spot(s: &mut Script<'_>) {
    let violator = s.party("violator");
    let who = &violator;
    s.minutes(5, 30);
    question(s, who, "scene");
    let small = s.facts.public_security && s.rng.percent(40);
    // 50 is what the procedure allows against a citizen outside public security (AD-016.7).
    let fine = if small || !s.facts.public_security {
        50
    } else {
        s.rng.range(1, 4) * 50
    };
    s.filmed("scene", "当场处罚视频", Some(who), 15, |s, pair| {
        let said = form().pair(pair).two().number("fine_yuan", fine).lasts(10);
        s.put("ad.spot_penalty", On::Party(who), said);
    });
    if small {
        let said = form().number("receipt_yuan", fine);
        s.put("ad.fine_collect", On::Party(who), said);
        s.aside(|s| {
            s.later(2, 20);
            s.act("ad.fine_remit", On::Party(who)); // 2 days (AD-035)
        });
    }
    s.later(1, 10);
    s.act("ad.spot_record", On::Party(who)); // 24 h (AD-015)
    s.days(0, 2);
    close(s, None);
}

fn mediate(s: &mut Script<'_>) {
    let (violator, victim) = (s.party("violator"), s.party("victim"));
    s.later(1, 20);
    question(s, &victim, "home");
    s.minutes(20, 120);
    question(s, &violator, "work_unit");
    s.days(1, 6);
    let both = [&violator, &victim];
    let mut round = 1;
    if s.rng.percent(20) {
        let said = form()
            .two()
            .words("双方未达成协议。")
            .text("mediation_outcome", "failed")
            .is("civil_suit_told", true);
        s.put("ad.mediate", On::All(&both), said);
        s.hours(24, 72); // seven workdays (AD-037)
        s.waking();
        round = 2;
    }
    let said = form()
        .two()
        .words("双方自愿达成协议并当场履行。")
        .number("round", round);
    s.put("ad.mediate", On::All(&both), said);
    s.days(0, 2);
    close(s, None);
}

/// Fast track: decided within 48 hours of arrival (AD-017).
fn fast(s: &mut Script<'_>) {
    let mut violator = s.party("violator");
    violator.minor = false; // not open to minors (AD-018)
    violator.age = violator.age.max(19);
    let victim = s.party("victim");
    s.minutes(20, 90);
    question(s, &victim, "scene");
    s.hours(1, 8);
    s.waking();
    bring(s, &violator);
    s.act("ad.fast_consent", On::Party(&violator));
    s.hours(1, 8);
    let fine = s.rng.range(2, 5) * 100;
    notice(s, &violator, fine, 0);
    review(s, Some((s.unit.reviewer, "R_UNIT_LEGAL")));
    let said = penalty(s, fine, 0).is("fast_track", true);
    s.put("ad.decide", On::Party(&violator), said);
    s.minutes(10, 60);
    s.act("ad.serve", On::Party(&violator));
    s.minutes(10, 120);
    s.act("ad.serve_victim", On::Party(&victim));
    s.days(1, 4);
    close(s, Some(&violator));
}

/// What is planned is told before it is decided (AD-019).
fn notice(s: &mut Script<'_>, who: &Party, fine: i64, days: i64) {
    let planned = match days {
        0 => format!("罚款{fine}元"),
        _ => format!("行政拘留{days}日"),
    };
    let said = form()
        .text("planned_penalty", planned)
        .number("notice_fine_yuan", fine)
        .number("notice_detention_days", days);
    s.put("ad.notice", On::Party(who), said);
}

fn review(s: &mut Script<'_>, by: Option<(usize, &'static str)>) {
    s.hours(0, 5);
    let mut said = form().text("step", "ad.decide");
    if let Some((person, role)) = by {
        said = said.by(person, role);
    }
    s.put("ad.legal_review", On::Case, said);
}

/// What a decision says of the penalty; a station may fine up to five hundred yuan in its own name (AD-028).
fn penalty(s: &mut Script<'_>, fine: i64, days: i64) -> super::script::Form {
    s.minutes(20, 180);
    form()
        .number("fine_yuan", fine)
        .number("detention_days", days)
        .is("by_station", s.station() && days == 0 && fine <= 500)
}

fn ordinary(s: &mut Script<'_>, accepted: Moment) {
    let (violator, victim) = (s.party("violator"), s.party("victim"));
    let hearing = s.rng.percent(5);
    s.later(1, if hearing { 20 } else { 70 });
    question(s, &victim, "home");
    s.minutes(30, 240);
    s.waking();
    bring(s, &violator);
    let items = if s.rng.percent(30) {
        property::seize(s, 2)
    } else {
        Vec::new()
    };
    if s.rng.percent(25) {
        s.aside(|s| scene(s));
    }
    if s.rng.percent(8) {
        s.aside(|s| inspect(s));
    }
    s.days(1, if hearing { 2 } else { 6 });
    let dear: Vec<&Item> = (items.iter())
        .filter(|i| i.value >= property::HIGH_VALUE)
        .collect();
    for item in &dear {
        appraised(s, item, &violator, &victim);
    }
    if dear.is_empty() && !hearing && s.rng.percent(25) {
        let sample = s.item("送检材料一份".to_owned());
        appraised(s, &sample, &violator, &victim);
    }
    if !hearing && s.rng.percent(6) {
        // Thirty days more, asked for before the first thirty are over (AD-029).
        s.now = s.now.max(accepted.plus(s.rng.range(20 * DAY, 26 * DAY)));
        s.waking();
        s.act("ad.limit_extend", On::Case);
        s.facts.complex = true;
        for item in &items {
            s.act("ad.seize_extend", On::Item(item));
        }
        s.days(6, 16);
    }
    decide(s, &violator, &victim, hearing, accepted);
}

/// An expert's opinion, served on both sides within five days (AD-014).
fn appraised(s: &mut Script<'_>, item: &Item, violator: &Party, victim: &Party) {
    let words = "鉴定意见见鉴定书。";
    s.say("ad.appraise_result", On::Item(item), words);
    for party in [violator, victim] {
        s.later(2, 20);
        s.act("ad.appraise_serve", On::Party(party));
    }
}

fn scene(s: &mut Script<'_>) {
    s.hours(1, 5);
    let words = format!("{}现场勘验。", s.street);
    let minutes = s.rng.range(20, 60);
    s.filmed("scene", "现场勘验录像", None, minutes, |s, pair| {
        let said = form().pair(pair).words(words).lasts(minutes);
        s.put("ad.scene_exam", On::Case, said);
    });
}

fn inspect(s: &mut Script<'_>) {
    s.hours(2, 8);
    s.waking();
    let number = s.issue("ad.inspect", None);
    s.minutes(10, 60);
    let minutes = s.rng.range(20, 60);
    s.wait_for("R_COUNTY_LEADER", minutes + 10);
    s.filmed("scene", "检查录像", None, minutes, |s, pair| {
        let said = form().pair(pair).text("document_no", number);
        s.put("ad.inspect", On::Case, said.lasts(minutes));
    });
}

/// Application, acceptance, notice and hearing: seven workdays after the notice, and, if that is more than ten days after
/// the application, postponed in writing (AD-021 to AD-024).
fn hear(s: &mut Script<'_>, violator: &Party) {
    let who = On::Party(violator);
    s.act("ad.hearing_right", who);
    s.hours(2, 20);
    s.waking();
    let applied = s.now;
    s.act("ad.hearing_apply", who);
    s.hours(1, 4);
    s.act("ad.hearing_accept", who);
    s.act("ad.hearing_serve", who);
    let day = s.workdays.after(s.now, 8);
    if day > applied.plus(9 * DAY) {
        let paper = s.file("延期举行听证通知书");
        s.aside(|s| {
            // Each postponement gives ten days more.
            s.now = s.now.plus(5 * DAY).waking();
            while s.now < day.plus(-DAY) {
                let said = form().text("category", "hearing_postponed");
                s.put("rec.doc_issue", On::Both(violator, &paper), said);
                s.now = s.now.plus(6 * DAY).waking();
            }
        });
    }
    s.now = day.plus(s.rng.range(9 * HOUR, 15 * HOUR));
    s.say("ad.hearing", who, "听证会如期举行，听取申辩和质证。");
    s.days(1, 2);
}

fn decide(s: &mut Script<'_>, violator: &Party, victim: &Party, hearing: bool, accepted: Moment) {
    // A hearing may not carry the case over its limit.
    let heard = s.workdays.after(s.now.plus(2 * DAY), 11);
    let hearing = hearing && heard < accepted.plus(27 * DAY);
    let days = *s.rng.pick(&[0, 0, 0, 3, 5, 5, 10, 15]);
    let days = if violator.minor || hearing || !s.facts.public_security {
        0
    } else {
        days
    };
    let fine = match (days, hearing) {
        (0, true) => s.rng.range(20, 45) * 100,
        (0, false) => s.rng.range(2, 10) * 100,
        _ => 0,
    };
    notice(s, violator, fine, days);
    if s.rng.percent(25) {
        s.minutes(10, 60);
        let words = "提出申辩，经复核不成立。";
        s.say("ad.defence", On::Party(violator), words);
    }
    if hearing {
        hear(s, violator);
    }
    review(s, None);
    if hearing || s.facts.complex {
        s.act("ad.collective", On::Case);
    }
    if s.rng.percent(6) {
        s.minutes(20, 180);
        let words = "情节轻微，不予处罚。";
        s.say("ad.no_punish", On::Party(violator), words);
        s.hours(1, 20);
        s.act("ad.serve_victim", On::Party(victim)); // 2 days (AD-032)
        settle(s);
        return close(s, Some(violator));
    }
    // Detention is for county level (AD-028).
    let said = penalty(s, fine, days).approver_if((days > 0).then_some("R_COUNTY_LEADER"));
    s.put("ad.decide", On::Party(violator), said);
    s.minutes(20, 200);
    s.act("ad.serve", On::Party(violator)); // 2 days (AD-031)
    s.aside(|s| {
        s.later(1, 26);
        s.act("ad.serve_victim", On::Party(victim)); // 2 days (AD-032)
    });
    if days > 0 {
        detain(s, violator, days);
    }
    settle(s);
    s.now = s.now.plus(days * DAY);
    close(s, Some(violator));
}

fn detain(s: &mut Script<'_>, violator: &Party, days: i64) {
    let who = On::Party(violator);
    s.act("ad.family_notify", who);
    if s.rng.percent(6) {
        s.act("ad.suspend_apply", who);
        s.hours(1, 6);
        s.act("ad.suspend_surety", who);
        s.hours(1, 10);
        s.act("ad.suspend_decide", who); // 24 h (AD-034)
        return;
    }
    s.hours(1, 5);
    let said = form()
        .number("days_to_serve", days)
        .number("age", violator.age);
    s.warranted("ad.detention_exec", who, said);
    s.aside(|s| {
        s.now = s.now.plus(days * DAY - 600);
        s.act("ad.release_detention", who); // not a day more (AD-069)
    });
}

/// Where seized things go, decided with the case (PR-008).
fn settle(s: &mut Script<'_>) {
    property::dispose(s, |s, item| {
        s.minutes(30, 240);
        match s.rng.range(1, 4) {
            1 => s.act("prop.to_treasury", On::Item(item)),
            2 => s.act("prop.destroy", On::Item(item)),
            _ => property::give_back(s, item),
        }
    });
}

fn close(s: &mut Script<'_>, punished: Option<&Party>) {
    settle(s);
    s.office();
    s.act("ad.close", On::Case);
    // From 2026 the record of a violation is sealed (PSAPL25 136).
    if let Some(who) = punished
        && s.facts.public_security
        && s.now.date().0 >= 2026
    {
        let record = s.file("违法记录");
        s.minutes(5, 60);
        s.act("rec.record_seal", On::Both(who, &record)); // 30 days (RC-014)
    }
    criminal::archive(s);
}
