//! 接报受理: from the alert to the receipt. The same for both procedures (PSC 169–175; PSA 60–61; CFR).

use super::act::Procedure;
use super::property;
use super::script::{On, Script, form};

/// Takes the report. False where the matter ends here: reported before, or nothing for the police.
pub(super) fn take(s: &mut Script<'_>) -> bool {
    let walk_in = s.rng.percent(35);
    let words = format!("报案人称在{}发生{}，请求处理。", s.street, s.nature);
    let mut said = form()
        .words(words)
        .text("channel", if walk_in { "walk_in" } else { "phone" })
        .text("place", s.street);
    if !walk_in {
        said = said.is("stop_requested", true);
    }
    s.put("int.alert", On::Case, said);
    if walk_in {
        s.minutes(3, 18); // 30 minutes (CR-001)
    } else {
        s.act("int.dispatch", On::Case); // 5 minutes (AD-044)
        s.minutes(8, 35);
        let minutes = s.rng.range(15, 60);
        let words = format!("到达{}，了解情况，固定现场。", s.street);
        s.filmed("scene", "现场处置视频", None, minutes, |s, pair| {
            let said = form().pair(pair).words(words).lasts(minutes);
            s.put("int.scene_handle", On::Case, said);
            s.minutes(minutes, minutes);
        });
        s.minutes(10, 40);
    }
    let year = s.now.date().0;
    s.act("int.register", On::Case);
    match s.rng.range(1, 100) {
        1..=2 => {
            let words = "同一事项已登记，已向报案人说明。";
            s.say("int.duplicate", On::Case, words);
            return false;
        }
        3..=4 => {
            let words = "不属于公安机关管辖，已告知向有关部门反映。";
            s.say("int.redirect", On::Case, words);
            return false;
        }
        5..=6 if s.facts.public_security && year >= 2026 => {
            let words = "不属于违反治安管理行为，已说明理由。";
            s.say("ad.not_violation", On::Case, words);
            return false;
        }
        _ => {}
    }
    if s.rng.percent(30) {
        let mut item = s.item("报案人提交的材料光盘一张".to_owned());
        s.act("int.evidence_receive", On::Item(&item));
        property::store(s, &mut item);
        s.held.push(item);
    }
    if s.procedure == Procedure::Administrative && year < 2026 {
        s.minutes(10, 600);
    } else {
        s.minutes(5, 120);
    }
    true
}

/// Accepts the case and hands over the receipt. From 2026 a public-security case is filed too (PSAPL25 90).
pub(super) fn accept(s: &mut Script<'_>) {
    let year = s.now.date().0;
    s.act("int.accept", On::Case);
    s.act("int.receipt", On::Case);
    if s.procedure == Procedure::Administrative && s.facts.public_security && year >= 2026 {
        s.act("ad.file", On::Case);
    }
}
