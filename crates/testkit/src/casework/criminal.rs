//! 刑事案件: from review before filing to transfer for prosecution, after PSC (2020) and CPL (2018).
//!
//! Bounds in comments name the constraint that they keep. What becomes of each suspect is [`super::suspect`]'s; the script
//! sorts by time in the end.

use super::act::Procedure;
use super::intake;
use super::moment::{DAY, Moment};
use super::property::{self, Frozen};
use super::script::{Facts, On, Party, Script, form};
use super::suspect::{self, Standing};

/// Kinds of case, with what follows from them.
pub(super) struct Nature {
    pub(super) name: &'static str,
    /// Economic crime: legal review before filing (CR-018), money to follow.
    money: bool,
    scene: bool,
    /// Major crime: every interrogation recorded, collective discussion before conclusion (CR-031, CR-116).
    pub(super) major: bool,
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

impl Nature {
    /// What all acts of such a case say.
    pub(super) fn facts(&self) -> Facts {
        Facts {
            economic: self.money,
            major: self.major,
            has_victim: true,
            ..Facts::default()
        }
    }
}

/// What counts as investigating (V-03): none of it for sixty days, and the case is sat upon.
const INVESTIGATING: [&str; 14] = [
    "cr.file",
    "cr.interrogate",
    "cr.witness_interview",
    "cr.scene_exam",
    "cr.search",
    "cr.seize",
    "cr.freeze",
    "cr.obtain",
    "cr.query_asset",
    "cr.identify",
    "cr.appraise",
    "cr.appraise_result",
    "cr.tech",
    "cr.wanted",
];
const ENDING: [&str; 4] = ["cr.send", "cr.withdraw", "cr.to_admin", "int.transfer_jur"];

/// A criminal case from its alert on.
pub(super) fn run(s: &mut Script<'_>, nature: &Nature) {
    if !intake::take(s) {
        return;
    }
    intake::accept(s);
    if review(s, nature) {
        investigate(s, nature);
    }
}

/// Review before filing. True where the case is filed.
fn review(s: &mut Script<'_>, nature: &Nature) -> bool {
    let way = s.rng.range(1, 100);
    if way <= 25 {
        // Clue check: 7 days (CR-004).
        s.hours(1, 8);
        s.say("cr.verify", On::Case, "线索需进一步核实。");
        s.days(1, 3);
        if way <= 5 {
            s.act("cr.review_extend", On::Case);
            s.days(5, 16);
        }
    } else {
        // Three days; one that ends on a holiday rolls over, to the first office hour at the latest.
        s.hours(0, 3);
        s.office();
    }
    match s.rng.range(1, 100) {
        1..=2 => {
            let words = "犯罪地不在本辖区，移送有管辖权的公安机关。";
            s.say("int.transfer_jur", On::Case, words);
            s.later(2, 20);
            s.act("int.callback", On::Case); // 3 days (CR-125)
            false
        }
        3..=9 => not_filed(s, nature),
        _ => {
            if nature.money {
                reviewed(s, "cr.file", None);
            }
            s.act("cr.file", On::Case);
            true
        }
    }
}

fn not_filed(s: &mut Script<'_>, nature: &Nature) -> bool {
    s.say("cr.no_file", On::Case, "没有犯罪事实，不予立案。");
    s.hours(1, 8);
    s.office();
    s.act("cr.no_file_serve", On::Case); // 3 days (CR-012)
    match s.rng.range(1, 10) {
        1..=2 => {
            s.days(5, 15);
            s.act("cr.proc_reason_ask", On::Case);
            s.days(1, 3);
            s.act("cr.proc_reason_reply", On::Case); // 7 days (CR-014)
            if s.rng.percent(40) {
                s.days(3, 8);
                s.act("cr.proc_order_file", On::Case);
                s.days(1, 6); // 15 days (CR-015)
                if nature.money {
                    reviewed(s, "cr.file", None);
                }
                s.act("cr.file", On::Case);
                s.facts.quick = true;
                return true;
            }
        }
        3 => {
            s.days(1, 6);
            s.act("cr.reconsider_request", On::Case);
            s.days(4, 12); // 30 days (CR-013)
            s.say("cr.reconsider", On::Case, "维持不予立案决定。");
        }
        _ => {}
    }
    property::dispose(s, property::give_back);
    archive(s);
    false
}

/// Legal review of a step. The step is named, because a review of one step is none of another.
pub(super) fn reviewed(s: &mut Script<'_>, step: &'static str, who: Option<&Party>) {
    let words = "事实清楚，证据合法，程序合规，同意呈报。";
    let on = who.map_or(On::Case, On::Party);
    s.put(
        "cr.legal_review",
        on,
        form().text("step", step).words(words),
    );
    s.minutes(10, 60);
}

/// From the filing decision on; also where an administrative case has turned criminal.
pub(super) fn investigate(s: &mut Script<'_>, nature: &Nature) {
    s.minutes(20, 120);
    s.act("cr.file_inform", On::Case);
    let mut frozen = None;
    s.aside(|s| frozen = evidence(s, nature));
    recusal(s);
    if s.facts.quick || s.rng.percent(84) {
        match s.rng.range(1, 10) {
            _ if s.facts.quick => s.days(2, 8),
            1..=4 => s.later(2, 60),
            5..=8 => s.days(3, 30),
            _ => s.days(30, 160),
        }
        let standings = suspects(s, nature);
        end(s, nature, standings, frozen.as_ref());
    } else if let Some(frozen) = &frozen {
        // Nobody found yet: the case stays open.
        s.aside(|s| {
            s.now = s.until;
            frozen.renew(s);
        });
    }
    keep_going(s);
}

fn suspects(s: &mut Script<'_>, nature: &Nature) -> Vec<Standing> {
    let found = s.now;
    let mut standings = Vec::new();
    for n in 0..*s.rng.pick(&[1, 1, 1, 1, 1, 1, 1, 2, 2, 3]) {
        s.now = found;
        if n > 0 {
            s.later(3, 60);
        }
        let standing = suspect::bring_in(s, nature, n == 0 && !s.facts.quick);
        standings.push(standing);
    }
    // Searched once he is out of the handling area, or in custody.
    s.now = standings[0].out;
    s.later(2, 8);
    if s.rng.percent(65) {
        if s.rng.percent(45) {
            let party = standings[0].party.clone();
            let number = s.issue("cr.search", Some(&party));
            s.minutes(10, 40);
            let minutes = s.rng.range(30, 90);
            s.wait_for("R_COUNTY_LEADER", minutes + 10);
            s.filmed("scene", "搜查录像", Some(&party), minutes, |s, pair| {
                let said = form().pair(pair).text("document_no", number);
                s.put("cr.search", On::Party(&party), said.lasts(minutes));
                s.minutes(minutes, minutes + 20);
            });
        }
        let items = property::seize(s, 3);
        for item in items {
            if item.value >= property::HIGH_VALUE || s.rng.percent(15) {
                s.aside(|s| property::appraise(s, &item, &standings[0].party));
            }
        }
    }
    if s.rng.percent(25) {
        s.aside(|s| {
            s.later(3, 30);
            let words = "十张照片混杂辨认，辨认人指认其中一人。";
            s.say("cr.identify", On::Case, words);
        });
    }
    standings
}

fn evidence(s: &mut Script<'_>, nature: &Nature) -> Option<Frozen> {
    let victim = s.party("victim");
    if nature.scene {
        s.minutes(30, 240);
        let words = format!("{}现场勘验，提取痕迹物证。", s.street);
        let minutes = s.rng.range(40, 120);
        s.filmed("scene", "现场勘验录像", None, minutes, |s, pair| {
            let said = form().pair(pair).words(words).lasts(minutes);
            s.put("cr.scene_exam", On::Case, said);
            s.minutes(minutes, minutes);
        });
    }
    s.later(2, 20);
    interview(s, &victim);
    for _ in 0..s.rng.range(0, 2) {
        let witness = s.party("witness");
        s.days(0, 4);
        interview(s, &witness);
    }
    if s.rng.percent(50) {
        let file = s.file("监控视频");
        s.later(3, 30);
        s.act("cr.obtain", On::Item(&file));
    }
    s.busy = s.busy.max(s.now);
    if !nature.money {
        return None;
    }
    let account = s.item("涉案银行账户".to_owned());
    s.days(0, 3);
    s.act("cr.query_asset", On::Item(&account));
    let frozen = s.rng.percent(50).then(|| {
        s.later(1, 20);
        property::freeze(s, &account)
    });
    s.busy = s.busy.max(s.now);
    frozen
}

/// Asks a victim or a witness.
pub(super) fn interview(s: &mut Script<'_>, who: &Party) {
    let minutes = s.rng.range(20, 60);
    let pair = s.pair(minutes + 5);
    let note = s.file(format!("{}询问笔录", who.name));
    let said = form().pair(pair).lasts(minutes);
    s.put(
        "cr.witness_interview",
        On::Both(who, &note),
        said.unapproved(),
    );
    s.minutes(minutes, minutes);
}

/// Now and then somebody asks that an officer stand back; it is refused with reasons.
fn recusal(s: &mut Script<'_>) {
    if s.rng.percent(2) {
        s.aside(|s| {
            let who = s.party("victim");
            s.days(2, 6);
            s.act("cr.recuse_request", On::Party(&who));
            s.later(4, 24);
            s.act("cr.recuse_decide", On::Party(&who)); // 2 days (CR-127)
        });
    }
}

fn end(s: &mut Script<'_>, nature: &Nature, mut standings: Vec<Standing>, frozen: Option<&Frozen>) {
    let last = standings.iter().map(|x| x.at).max();
    s.now = s.now.max(last.unwrap_or(s.now)).max(s.busy);
    let first_arrest = standings.iter().filter_map(|x| x.arrested).min();
    s.facts.custody = first_arrest.is_some();
    match first_arrest {
        // Two months from the arrest (CR-056), or three if extended; the request seven days before (CR-057).
        Some(arrest) if s.now > arrest.plus(38 * DAY) || (!s.facts.quick && s.rng.percent(12)) => {
            s.now = s.now.max(arrest.plus(s.rng.range(40 * DAY, 46 * DAY)));
            extend_custody(s, &standings, arrest);
        }
        Some(_) => s.days(4, 9),
        None if s.facts.quick => s.days(5, 20),
        None if s.rng.percent(6) => {
            suspect::drag(s, &mut standings);
        }
        None => s.days(20, 120),
    }
    for x in &standings {
        suspect::checks_on_bail(s, x);
    }
    if s.rng.percent(2) {
        corrected(s);
    }
    if standings.len() > 1 && first_arrest.is_none() && s.rng.percent(8) {
        let out = standings.pop().expect("more than one");
        let words = "非其所为，终止侦查。";
        s.say("cr.terminate_suspect", On::Party(&out.party), words);
        suspect::lift(s, &out);
        s.minutes(30, 400);
        s.act("cr.withdraw_inform", On::Case); // 3 days (CR-123)
    }
    let way = if first_arrest.is_some() {
        100
    } else {
        s.rng.range(1, 100)
    };
    match way {
        1..=6 => {
            reviewed(s, "cr.withdraw", None);
            let words = "情节显著轻微，不认为是犯罪，撤销案件。";
            s.say("cr.withdraw", On::Case, words);
            s.minutes(10, 60);
            wind_up(s, &standings, frozen);
            s.hours(2, 12);
            s.act("cr.withdraw_inform", On::Case);
            archive(s);
        }
        7..=10 => {
            reviewed(s, "cr.to_admin", None);
            wind_up(s, &standings, frozen);
            s.minutes(10, 60);
            let words = "尚不够刑事处罚，转行政案件处理。";
            s.say("cr.to_admin", On::Case, words);
        }
        _ => send(s, nature, &standings, frozen),
    }
}

/// Asks for a month more, in time, for everybody who was arrested.
fn extend_custody(s: &mut Script<'_>, standings: &[Standing], first: Moment) {
    let days_gone = (s.now.0 - first.0) / DAY;
    let arrested = || standings.iter().filter(|x| x.arrested.is_some());
    for x in arrested() {
        // The shortest two months have 59 days.
        let said = form().number("days_left", 58 - days_gone);
        s.put("cr.custody_extend_request", On::Party(&x.party), said);
    }
    s.days(2, 5);
    for x in arrested() {
        s.act("cr.custody_extended", On::Party(&x.party));
    }
    s.days(8, 14);
}

/// The procuratorate points out a fault, and is answered by the day it names (V-28).
fn corrected(s: &mut Script<'_>) {
    s.aside(|s| {
        s.now = s.now.plus(-3 * DAY);
        // Nine days off at the New Year may come between.
        let said = form()
            .number("days", 20)
            .words("讯问笔录时间填写不规范，请予纠正。");
        s.put("sup.proc_correct", On::Case, said);
        s.days(1, 6);
        s.act("sup.rectify", On::Case);
    });
}

fn wind_up(s: &mut Script<'_>, standings: &[Standing], frozen: Option<&Frozen>) {
    for x in standings {
        suspect::lift(s, x);
    }
    if let Some(frozen) = frozen {
        frozen.thaw(s);
    }
    property::dispose(s, |s, item| {
        if item.seized {
            let said = form().approver("R_COUNTY_LEADER");
            s.put("cr.lift", On::Item(item), said);
        }
        property::give_back(s, item);
    });
}

fn send(s: &mut Script<'_>, nature: &Nature, standings: &[Standing], frozen: Option<&Frozen>) {
    if nature.scene && !s.held.is_empty() && s.rng.percent(35) {
        let item = s.held.remove(0);
        s.act("prop.return_victim", On::Item(&item));
    }
    if s.rng.percent(20) {
        s.act("cr.lawyer_ask", On::Case);
        s.hours(2, 20);
        let opinion = s.file("辩护律师意见");
        s.act("cr.lawyer_opinion", On::Item(&opinion));
        s.hours(1, 6);
    }
    let report = s.file("结案报告");
    s.act("cr.case_report", On::Item(&report));
    s.hours(1, 5);
    s.office();
    if s.facts.major || s.facts.complex {
        let words = "集体讨论，一致同意侦查终结。";
        s.say("cr.collective", On::Case, words);
        s.minutes(20, 90);
    }
    s.act("cr.conclude", On::Case);
    let volume = s.file("诉讼卷");
    s.hours(1, 5);
    s.act("file.assemble", On::Item(&volume));
    if let Some(frozen) = frozen {
        frozen.thaw(s);
    }
    property::dispose(s, |s, item| {
        s.act("prop.send_with_case", On::Item(item));
    });
    s.hours(1, 8);
    s.office();
    reviewed(s, "cr.send", None);
    let parties: Vec<&Party> = standings.iter().map(|x| &x.party).collect();
    s.act("cr.send", On::All(&parties));
    for party in &parties {
        s.act("cr.send_inform", On::Party(party)); // 24 hours (CR-117)
    }
    match s.rng.range(1, 100) {
        1..=12 => {
            s.days(15, 28);
            s.say("cr.returned", On::Case, "退回补充侦查，提纲附后。");
            let witness = s.party("witness");
            s.days(3, 8);
            interview(s, &witness);
            s.days(3, 7);
            reviewed(s, "cr.supp_done", None);
            s.act("cr.supp_done", On::Case); // one month (CR-119)
        }
        13..=16 => {
            s.days(20, 28);
            for x in standings {
                let said = form().is("in_custody", x.custody);
                s.put("cr.non_prosecute", On::Party(&x.party), said);
                suspect::lift(s, x);
            }
        }
        _ => {}
    }
    s.days(2, 12);
    file_archive(s, &volume);
}

/// Binds the papers and archives them.
pub(super) fn archive(s: &mut Script<'_>) {
    let volume = s.file("案卷");
    s.days(1, 6);
    s.act("file.assemble", On::Item(&volume));
    s.days(1, 9);
    file_archive(s, &volume);
}

fn file_archive(s: &mut Script<'_>, volume: &super::script::Item) {
    s.act("file.archive", On::Item(volume));
    if s.one_in(3) {
        // Somebody of the case needs it again, and brings it back within the fifteen days.
        s.extra(|s| {
            let lent = form().plus("R_OFFICER");
            s.days(3, 20);
            s.put("file.borrow", On::Item(volume), lent);
            s.days(2, 12);
            s.act("file.return", On::Item(volume));
        });
    }
    if s.rng.percent(3) {
        s.days(10, 60);
        s.say("sup.review", On::Case, "案件评查：合格。");
    }
}

/// No sixty days without a step (V-03, CR-077): where the story leaves a gap, somebody calls for one more piece of evidence.
fn keep_going(s: &mut Script<'_>) {
    debug_assert_eq!(s.procedure, Procedure::Criminal);
    let mut steps: Vec<Moment> = Vec::new();
    let mut end = s.until;
    for act in &s.acts {
        let at = Moment::from_micros(act.occurred);
        if INVESTIGATING.contains(&act.activity.as_str()) {
            steps.push(at);
        } else if ENDING.contains(&act.activity.as_str()) {
            end = end.min(at);
        }
    }
    steps.retain(|at| *at < end);
    steps.push(end);
    steps.sort_unstable();
    for pair in steps.windows(2) {
        s.now = pair[0];
        loop {
            let days = s.rng.range(30, 50);
            s.now = s.now.plus(days * DAY).waking();
            if s.now >= pair[1] {
                break;
            }
            let file = s.file("补充调取的材料");
            let at = s.now;
            s.act("cr.obtain", On::Item(&file));
            s.now = at;
        }
    }
}
