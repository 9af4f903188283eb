//! One suspect: brought in, questioned, and the measure decided about him, with its clocks (PSC 61–160; CPL 66–100).

use super::criminal::{Nature, reviewed};
use super::moment::{DAY, HOUR, Moment};
use super::script::{Item, On, Party, Script, form};

/// How things stand with one suspect when his measures are decided.
pub(super) struct Standing {
    pub(super) party: Party,
    /// Last act about him so far.
    pub(super) at: Moment,
    /// When he left the handling area.
    pub(super) out: Moment,
    pub(super) custody: bool,
    pub(super) arrested: Option<Moment>,
    bail: Option<Bail>,
    surveillance: bool,
}

#[derive(Clone, Copy)]
struct Bail {
    since: Moment,
    deposit: bool,
}

/// One interrogation: recorded, noted, signed; the recording uploaded within the day.
fn interrogate(s: &mut Script<'_>, who: &Party, place: &'static str) {
    let minutes = s.rng.range(40, 150);
    let video = format!("讯问{}同步录音录像", who.name);
    s.filmed("interrogation", video, Some(who), minutes, |s, pair| {
        let note = s.file(format!("{}讯问笔录", who.name));
        let said = form().pair(pair).text("place_kind", place).lasts(minutes);
        s.put("cr.interrogate", On::Both(who, &note), said);
        s.minutes(minutes, minutes);
        let said = form().text("place_kind", place);
        s.put("rec.sign", On::Both(who, &note), said);
        if s.one_in(4) {
            // He reads it and has something put right: a second version (PSC 206).
            s.extra(|s| {
                let said = form().pair(pair).number("version", 2);
                s.put("rec.correct", On::Both(who, &note), said);
            });
        }
    });
}

/// One suspect from being brought in to the measure decided about him. `long`: he may be held for thirty days before the
/// request for arrest.
pub(super) fn bring_in(s: &mut Script<'_>, nature: &Nature, long: bool) -> Standing {
    let party = s.party("suspect");
    let who = &party;
    if s.rng.percent(8) {
        s.say("cr.coop_request", On::Case, "请求抓获地公安机关协助。");
        s.facts.cross = true;
        s.hours(2, 20);
    }
    let way = s.rng.range(1, 20);
    match way {
        1..=11 => {
            s.office();
            s.warranted("cr.summon", On::Party(who), form());
            s.hours(1, 18);
            s.waking();
        }
        12..=17 => {
            s.act("cr.summon_oral", On::Party(who));
            s.minutes(15, 60);
        }
        _ => {
            s.warranted("cr.compel", On::Party(who), form());
            s.minutes(30, 150);
        }
    }
    s.facts.cross = false;
    let room = s.room();
    let arrived = s.now;
    s.act("cr.arrive", On::Party(who));
    s.minutes(3, 10);
    s.act("plc.enter", On::Both(who, &room));
    s.act("plc.body_check", On::Party(who));
    s.put("plc.info_collect", On::Party(who), form().unapproved());
    s.act("cr.rights_inform", On::Party(who));
    if party.minor {
        s.act("cr.guardian_notify", On::Party(who));
        s.minutes(30, 90);
        s.aside(|s| {
            s.later(2, 30);
            s.act("cr.legalaid_notify", On::Party(who)); // 3 days (CR-110)
        });
    }
    interpreter(s, who);
    interrogate(s, who, "handling_area");
    // Twelve hours from arrival, or twenty-four if extended before the twelfth (CR-020).
    if s.rng.percent(8) {
        s.now = arrived;
        s.hours(8, 11);
        // After a compelled appearance (拘传) a county leader extends (CR-021).
        let said = form().approver_if((way > 17).then_some("R_COUNTY_LEADER"));
        s.put("cr.stay_extend", On::Party(who), said);
        s.facts.complex = true;
        s.hours(2, 9);
    } else {
        s.minutes(20, 180);
    }
    let mut standing = Standing {
        party: party.clone(),
        at: s.now,
        out: s.now,
        custody: false,
        arrested: None,
        bail: None,
        surveillance: false,
    };
    let exit = |s: &mut Script<'_>| {
        s.act("cr.leave", On::Party(who));
        s.act("plc.exit", On::Both(who, &room));
    };
    match s.rng.range(1, 100) {
        1..=50 => detain(s, nature, &mut standing, &room, long),
        51..=84 => {
            reviewed(s, "cr.bail", Some(who));
            bail(s, &mut standing);
            exit(s);
            standing.out = s.now;
        }
        85..=88 => {
            s.warranted("cr.rs", On::Party(who), form());
            standing.surveillance = true;
            exit(s);
            standing.out = s.now;
        }
        _ => {
            exit(s);
            standing.out = s.now;
        }
    }
    standing.at = s.now;
    standing
}

fn interpreter(s: &mut Script<'_>, who: &Party) {
    if who.language_help {
        s.act("cr.interpreter", On::Party(who));
    }
}

/// Bail against a deposit or a guarantor, never both (CR-071).
fn bail(s: &mut Script<'_>, standing: &mut Standing) {
    let who = standing.party.clone();
    let deposit = s.rng.percent(55);
    if deposit {
        let said = form().number("amount_yuan", s.rng.range(1, 10) * 1000);
        s.put("cr.bail_deposit_in", On::Party(&who), said);
    } else {
        s.act("cr.bail_guarantor", On::Party(&who));
    }
    s.minutes(5, 20);
    standing.bail = Some(Bail {
        since: s.now,
        deposit,
    });
    s.warranted("cr.bail", On::Party(&who), form());
    s.aside(|s| {
        s.later(1, 10);
        s.act("cr.bail_exec_notify", On::Party(&who)); // 3 days (CR-081)
    });
}

fn detain(s: &mut Script<'_>, nature: &Nature, standing: &mut Standing, room: &Item, long: bool) {
    let party = standing.party.clone();
    let who = &party;
    let number = s.issue("cr.detain", Some(who));
    s.minutes(2, 8);
    s.act("cr.leave", On::Party(who));
    let since = s.now;
    standing.custody = true;
    s.put(
        "cr.detain",
        On::Party(who),
        form().text("document_no", number),
    );
    s.aside(|s| {
        s.hours(1, 16);
        s.act("cr.family_notify", On::Party(who)); // 24 h (CR-042)
    });
    s.minutes(10, 40);
    interpreter(s, who);
    interrogate(s, who, "handling_area"); // within 24 h of the detention (CR-035)
    s.hours(1, 9);
    s.act("plc.exit", On::Both(who, room));
    standing.out = s.now;
    s.minutes(15, 60);
    s.act("cr.deliver_custody", On::Party(who)); // 24 h (CR-041)
    if s.rng.percent(30) {
        s.aside(|s| {
            s.hours(10, 30);
            s.waking();
            s.act("cr.lawyer_meet_request", On::Party(who));
            s.hours(4, 33); // 48 h (CR-112)
            s.waking();
            s.put("cr.lawyer_meet", On::Party(who), form().unapproved());
        });
    }
    if s.rng.percent(10) {
        s.aside(|s| {
            s.hours(10, 30);
            s.waking();
            s.act("cr.change_apply", On::Party(who));
            s.later(6, 40); // 3 days (CR-061)
            s.act("cr.change_reply", On::Party(who));
        });
    }
    if nature.major && s.rng.percent(40) {
        s.aside(|s| {
            s.later(5, 20);
            s.warranted("cr.tech", On::Party(who), form());
            s.days(20, 60); // three months (CR-101)
            s.act("cr.tech_end", On::Party(who));
        });
    }
    // Three days, seven if extended, thirty for those who roam, repeat or gang up (CR-043).
    let after = |s: &mut Script<'_>, low: i64, high: i64| {
        let at = since.plus(s.rng.range(low * HOUR, high * HOUR));
        s.now = s.now.max(at);
        s.waking();
    };
    match s.rng.range(1, if long { 20 } else { 17 }) {
        1..=3 => {
            after(s, 42, 58);
            return let_go(s, standing);
        }
        4..=9 => after(s, 42, 56),
        10..=17 => {
            after(s, 42, 56);
            let said = form().number("days", 7);
            s.put("cr.detain_extend", On::Party(who), said);
            after(s, 90, 145);
        }
        _ => {
            after(s, 42, 56);
            let category = *s.rng.pick(&["roaming", "repeated", "gang"]);
            let said = form()
                .number("days", 30)
                .text("category", category)
                .number("crimes", 4)
                .number("suspects", 3)
                .is("cross_county", true);
            s.put("cr.detain_extend", On::Party(who), said);
            after(s, 15 * 24, 29 * 24);
        }
    }
    reviewed(s, "cr.arrest_request", Some(who));
    s.act("cr.arrest_request", On::Party(who));
    s.hours(40, 150); // 7 days (CR-047)
    s.waking();
    if s.rng.percent(24) {
        let words = "事实不清、证据不足，不批准逮捕。";
        s.say("cr.arrest_refused", On::Party(who), words);
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
        s.minutes(5, 40); // 2 h (CR-054)
        return let_go(s, standing);
    }
    arrest(s, nature, standing);
}

fn arrest(s: &mut Script<'_>, nature: &Nature, standing: &mut Standing) {
    let party = standing.party.clone();
    let who = &party;
    s.act("cr.arrest_approved", On::Party(who));
    s.minutes(30, 240);
    s.warranted("cr.arrest", On::Party(who), form());
    standing.arrested = Some(s.now);
    s.minutes(10, 40);
    s.act("cr.deliver_custody", On::Party(who));
    s.aside(|s| {
        s.hours(1, 16);
        s.act("cr.family_notify", On::Party(who)); // 24 h (CR-053)
        s.later(2, 40);
        s.act("cr.arrest_return", On::Party(who)); // 3 days (CR-050)
    });
    s.hours(1, 14);
    interpreter(s, who);
    interrogate(s, who, "detention_centre"); // 24 h (CR-036)
    if s.rng.percent(6) {
        s.aside(|s| {
            s.later(24, 60);
            s.act("cr.necessity_advice", On::Party(who));
            s.later(24, 100); // 10 days (CR-060)
            s.act("cr.necessity_reply", On::Party(who));
        });
    }
    if nature.major {
        s.hours(70, 200);
        s.waking();
        interpreter(s, who);
        interrogate(s, who, "detention_centre");
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

/// Lifts whatever measure is on.
pub(super) fn lift(s: &mut Script<'_>, standing: &Standing) {
    let who = On::Party(&standing.party);
    if standing.custody {
        s.act("cr.release", who);
    } else if let Some(bail) = standing.bail {
        s.act("cr.bail_release", who);
        if bail.deposit {
            s.minutes(30, 200);
            s.act("cr.bail_refund", who); // 3 days (CR-079)
        }
    } else if standing.surveillance {
        s.act("cr.rs_release", who);
    }
}

/// The case drags on: measures are lifted before they run out, bail after a warning (CR-074, CR-075, CR-082).
pub(super) fn drag(s: &mut Script<'_>, standings: &mut [Standing]) {
    s.days(20, 60);
    for x in standings.iter().filter(|x| x.surveillance) {
        s.act("cr.rs_release", On::Party(&x.party));
    }
    let mut end = s.now;
    for x in standings.iter_mut() {
        x.surveillance = false;
        let Some(bail) = x.bail else { continue };
        s.aside(|s| {
            s.now = bail.since.plus(s.rng.range(295, 305) * DAY).waking();
            s.act("cr.bail_expiry_warn", On::Party(&x.party));
            s.now = s.now.plus(s.rng.range(4, 9) * DAY).waking();
            checks_on_bail(s, x);
            lift(s, x);
            end = end.max(s.now);
        });
        x.bail = None;
    }
    s.now = end;
    s.days(5, 15);
}

/// The station looks after a person on bail once a month.
pub(super) fn checks_on_bail(s: &mut Script<'_>, standing: &Standing) {
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
