//! 行政（治安）案件: from acceptance to the archive, after PSA and, from 2026-01-01, the revised PSAPL.
//!
//! Unplanted cases keep every limit used here; bounds in comments name the constraint.

use model::Attr;

use super::act::{Procedure, Violation};
use super::intake::{self, law_of_2026};
use super::moment::{DAY, Moment};
use super::script::{Form, Item, On, Party, Script, number};
use super::{criminal, property};

/// Kinds of case.
pub(super) const NATURES: [&str; 8] = [
    "殴打他人",
    "殴打他人",
    "赌博",
    "盗窃",
    "扰乱公共秩序",
    "故意损毁财物",
    "阻碍执行职务",
    "侮辱他人",
];

/// An administrative case from its alert on.
pub(super) fn run(s: &mut Script<'_>) {
    if !intake::take(s) {
        return;
    }
    if law_of_2026(s) && s.rng.percent(4) {
        s.say(
            "ad.not_violation",
            On::Case,
            "不属于违反治安管理行为，已说明理由。".to_owned(),
        );
        return;
    }
    intake::accept(s);
    let accepted = s.now;
    if law_of_2026(s) {
        s.act("ad.file", On::Case);
    }
    let planted = matches!(
        s.plant,
        Some(Violation::LateDecision | Violation::MissingNotice)
    );
    match if planted { 100 } else { s.rng.range(1, 100) } {
        1..=16 => on_the_spot(s),
        17..=36 => mediate(s),
        37..=44 => fast(s),
        45..=48 => {
            let violator = s.party("violator");
            bring(s, &violator);
            s.days(1, 4);
            s.say(
                "ad.to_criminal",
                On::Case,
                "涉嫌犯罪，转为刑事案件办理。".to_owned(),
            );
            s.procedure = Procedure::Criminal;
            s.hours(1, 6);
            s.act("cr.file", On::Case);
            criminal::investigate(s, &criminal::NATURES[0]);
        }
        49..=51 => {
            s.days(5, 20);
            s.say(
                "ad.terminate",
                On::Case,
                "没有违法事实，终止调查。".to_owned(),
            );
            close(s);
        }
        _ => ordinary(s, accepted),
    }
}

/// One questioning, recorded and noted.
fn question(s: &mut Script<'_>, who: &Party) {
    let minutes = s.rng.range(20, 90);
    s.session(minutes + 15);
    let video = s.file(format!("询问{}同步录音录像", who.name));
    s.act("rec.av", On::Both(who, &video));
    let note = s.file(format!("{}询问笔录", who.name));
    s.act("ad.question", On::Both(who, &note));
    s.minutes(minutes, minutes);
    s.act("rec.sign", On::Both(who, &note));
    s.aside(|s| {
        s.later(1, 8);
        s.act("rec.av_upload", On::Item(&video));
    });
}

/// Brings somebody in and questions him: eight hours at most (AD-002).
fn bring(s: &mut Script<'_>, who: &Party) {
    match s.rng.range(1, 20) {
        1..=11 => {
            s.act("ad.summon", On::Party(who));
            s.hours(1, 12);
            s.waking();
        }
        12..=19 => {
            s.act("ad.summon_oral", On::Party(who));
            s.minutes(10, 40);
        }
        _ => {
            s.act("ad.summon_force", On::Party(who));
            s.minutes(20, 60);
        }
    }
    let room = s.room();
    s.act("ad.arrive", On::Party(who));
    s.minutes(3, 10);
    s.act("plc.enter", On::Both(who, &room));
    s.act("plc.body_check", On::Party(who));
    s.act("ad.family_notify", On::Party(who));
    if who.minor {
        s.act("ad.guardian_notify", On::Party(who));
        s.minutes(20, 80);
    }
    question(s, who);
    s.minutes(5, 90);
    s.act("ad.leave", On::Party(who));
    s.act("plc.exit", On::Both(who, &room));
}

fn on_the_spot(s: &mut Script<'_>) {
    let violator = s.party("violator");
    s.minutes(5, 30);
    question(s, &violator);
    let attrs = vec![number("fine_yuan", s.rng.range(1, 4) * 50)];
    s.act_as(
        "ad.spot_penalty",
        On::Party(&violator),
        Form {
            attrs,
            ..Form::default()
        },
    );
    s.later(1, 11);
    s.act("ad.spot_record", On::Party(&violator)); // 24 h (AD-015)
    s.days(0, 2);
    close(s);
}

fn mediate(s: &mut Script<'_>) {
    let (violator, victim) = (s.party("violator"), s.party("victim"));
    s.later(1, 20);
    question(s, &victim);
    s.minutes(20, 120);
    question(s, &violator);
    s.days(1, 9);
    s.say(
        "ad.mediate",
        On::Case,
        "双方自愿达成协议并当场履行。".to_owned(),
    );
    s.days(0, 2);
    close(s);
}

/// Fast track: decided within 48 hours of arrival (AD-017).
fn fast(s: &mut Script<'_>) {
    let mut violator = s.party("violator");
    violator.minor = false; // not open to minors (AD-018)
    s.hours(1, 10);
    bring(s, &violator);
    s.act("ad.fast_consent", On::Party(&violator));
    s.hours(1, 10);
    s.act("ad.notice", On::Party(&violator));
    let by = Some((s.unit.reviewer, "R_UNIT_LEGAL"));
    let attrs = vec![
        Attr::text("step", "ad.decide"),
        Attr::text("result", "pass"),
    ];
    s.act_as(
        "ad.legal_review",
        On::Case,
        Form {
            by,
            attrs,
            ..Form::default()
        },
    );
    s.minutes(20, 120);
    let attrs = vec![number("fine_yuan", s.rng.range(2, 10) * 100)];
    s.act_as(
        "ad.decide",
        On::Party(&violator),
        Form {
            attrs,
            ..Form::default()
        },
    );
    s.minutes(10, 60);
    s.act("ad.serve", On::Party(&violator));
    s.days(1, 4);
    close(s);
}

fn ordinary(s: &mut Script<'_>, accepted: Moment) {
    let (violator, victim) = (s.party("violator"), s.party("victim"));
    let hearing = s.rng.percent(5);
    s.later(1, if hearing { 20 } else { 70 });
    question(s, &victim);
    s.minutes(30, 240);
    s.waking();
    bring(s, &violator);
    let late = s.plant == Some(Violation::LateDecision);
    let items = if !late && s.rng.percent(30) {
        seize(s)
    } else {
        Vec::new()
    };
    if s.rng.percent(25) {
        s.aside(|s| {
            s.hours(1, 5);
            s.say("ad.scene_exam", On::Case, format!("{}现场勘验。", s.street));
        });
    }
    s.days(1, if hearing { 2 } else { 7 });
    if !hearing && s.rng.percent(25) {
        let sample = s.item("送检材料一份".to_owned());
        s.say(
            "ad.appraise_result",
            On::Item(&sample),
            "鉴定意见见鉴定书。".to_owned(),
        );
        s.later(2, 40);
        s.act("ad.appraise_serve", On::Party(&violator)); // 5 days (AD-014)
    }
    if s.plants(Violation::LateDecision) {
        s.now = s
            .now
            .max(accepted.plus(s.rng.range(34 * DAY, 50 * DAY)))
            .office();
        return decide(
            s,
            &violator,
            &victim,
            &items,
            hearing,
            Some(Violation::LateDecision),
        );
    }
    if !hearing && s.rng.percent(6) {
        // Thirty days more, asked for before the first thirty are over (AD-029).
        s.now = s.now.max(accepted.plus(s.rng.range(20 * DAY, 26 * DAY)));
        s.act("ad.limit_extend", On::Case);
        for item in &items {
            s.act("ad.seize_extend", On::Item(item));
        }
        s.days(6, 16);
    }
    decide(s, &violator, &victim, &items, hearing, None);
}

fn seize(s: &mut Script<'_>) -> Vec<Item> {
    let mut items = Vec::new();
    for _ in 0..s.rng.range(1, 2) {
        let (item, value) = property::thing(s);
        let attrs = vec![number("value_yuan", value)];
        s.act_as(
            "ad.seize",
            On::Item(&item),
            Form {
                attrs,
                ..Form::default()
            },
        );
        s.aside(|s| property::store(s, &item));
        items.push(item);
    }
    items
}

/// Application, acceptance, notice and hearing: held within ten days of the application, seven after the notice
/// (AD-021 to AD-024).
fn hear(s: &mut Script<'_>, violator: &Party) {
    s.act("ad.hearing_right", On::Party(violator));
    s.hours(2, 30);
    s.act("ad.hearing_apply", On::Party(violator));
    s.hours(3, 26);
    s.act("ad.hearing_accept", On::Party(violator));
    s.act("ad.hearing_serve", On::Party(violator));
    s.hours(7 * 24 + 2, 8 * 24);
    s.say(
        "ad.hearing",
        On::Party(violator),
        "听证会如期举行，听取申辩和质证。".to_owned(),
    );
    s.days(1, 2);
}

fn decide(
    s: &mut Script<'_>,
    violator: &Party,
    victim: &Party,
    items: &[Item],
    hearing: bool,
    mut planted: Option<Violation>,
) {
    if s.plants(Violation::MissingNotice) {
        planted = Some(Violation::MissingNotice);
    } else {
        s.act("ad.notice", On::Party(violator));
        if s.rng.percent(25) {
            s.minutes(10, 60);
            s.say(
                "ad.defence",
                On::Party(violator),
                "提出申辩，经复核不成立。".to_owned(),
            );
        }
        if hearing {
            hear(s, violator);
        }
    }
    s.hours(0, 5);
    let attrs = vec![
        Attr::text("step", "ad.decide"),
        Attr::text("result", "pass"),
    ];
    let by = s
        .plants(Violation::SelfReview)
        .then_some((s.crew.lead, "R_LEGAL"));
    let own = by.map(|_| Violation::SelfReview);
    s.act_as(
        "ad.legal_review",
        On::Case,
        Form {
            attrs,
            by,
            planted: own,
            ..Form::default()
        },
    );
    if hearing {
        s.act("ad.collective", On::Case);
    }
    s.minutes(20, 180);
    if planted.is_none() && s.rng.percent(6) {
        s.say(
            "ad.no_punish",
            On::Party(violator),
            "情节轻微，不予处罚。".to_owned(),
        );
        s.hours(1, 20);
        s.act("ad.serve_victim", On::Party(victim));
        settle(s, items);
        return close(s);
    }
    let days = *s.rng.pick(&[0, 0, 0, 3, 5, 5, 10, 15]);
    let detention = days > 0 && !violator.minor;
    let attrs = if detention {
        vec![number("detention_days", days)]
    } else {
        vec![number("fine_yuan", s.rng.range(2, 10) * 100)]
    };
    // Detention is for county level (AD-028).
    let approver = detention.then_some("R_COUNTY_LEADER");
    s.act_as(
        "ad.decide",
        On::Party(violator),
        Form {
            attrs,
            approver,
            planted,
            ..Form::default()
        },
    );
    s.minutes(20, 200);
    s.act("ad.serve", On::Party(violator)); // 2 days (AD-031)
    s.aside(|s| {
        s.later(1, 30);
        s.act("ad.serve_victim", On::Party(victim)); // 2 days (AD-032)
    });
    if detention {
        s.act("ad.family_notify", On::Party(violator));
        if s.rng.percent(4) {
            s.act("ad.suspend_apply", On::Party(violator));
            s.hours(1, 6);
            s.act("ad.suspend_surety", On::Party(violator));
            s.hours(1, 10);
            s.act("ad.suspend_decide", On::Party(violator)); // 24 h (AD-034)
        } else {
            s.hours(1, 5);
            s.act("ad.detention_exec", On::Party(violator));
            s.aside(|s| {
                s.now = s.now.plus(days * DAY - 600);
                s.act("ad.release_detention", On::Party(violator)); // not a day more (AD-069)
            });
        }
    }
    settle(s, items);
    s.now = s.now.plus(days * DAY);
    close(s);
}

/// Where seized things go, decided with the case (PR-008).
fn settle(s: &mut Script<'_>, items: &[Item]) {
    for item in items {
        s.minutes(30, 240);
        match s.rng.range(1, 4) {
            1 => s.act("prop.to_treasury", On::Item(item)),
            2 => s.act("prop.destroy", On::Item(item)),
            _ => s.act("prop.return_owner", On::Item(item)),
        }
    }
}

fn close(s: &mut Script<'_>) {
    s.office();
    s.act("ad.close", On::Case);
    if law_of_2026(s) && s.procedure == Procedure::Administrative {
        let record = s.file("违法记录".to_owned());
        s.minutes(5, 60);
        s.act("rec.record_seal", On::Item(&record));
    }
    criminal::archive(s);
}
