//! 接报受理: from the alert to the receipt. The same for both procedures (PSC 169–175; PSA 60–61; CFR).

use model::Attr;

use super::act::{Procedure, Violation};
use super::property;
use super::script::{Form, On, Script};

const DAY_MINUTES: i64 = 24 * 60;

/// Takes the report. False where the matter ends here: reported before, or nothing for the police.
pub(super) fn take(s: &mut Script<'_>) -> bool {
    let walk_in = s.rng.percent(35);
    let channel = if walk_in { "来访" } else { "110" };
    let words = format!("报案人称在{}发生{}，请求处理。", s.street, s.nature);
    let attrs = vec![
        Attr::text("channel", channel),
        Attr::text("place", s.street),
    ];
    s.act_as(
        "int.alert",
        On::Case,
        Form {
            words: Some(words),
            attrs,
            ..Form::default()
        },
    );
    if walk_in {
        s.minutes(3, 18);
    } else {
        s.act("int.dispatch", On::Case);
        s.minutes(8, 35);
        s.say(
            "int.scene_handle",
            On::Case,
            format!("到达{}，了解情况，固定现场。", s.street),
        );
        s.minutes(15, 90);
    }
    let late = s.plants(Violation::LateRegistration);
    if late {
        s.minutes(5 * DAY_MINUTES, 9 * DAY_MINUTES);
    }
    let planted = late.then_some(Violation::LateRegistration);
    s.act_as(
        "int.register",
        On::Case,
        Form {
            planted,
            ..Form::default()
        },
    );
    match s.rng.range(1, 100) {
        1..=2 => {
            s.say(
                "int.duplicate",
                On::Case,
                "同一事项已登记，已向报案人说明。".to_owned(),
            );
            return false;
        }
        3..=4 => {
            s.say(
                "int.redirect",
                On::Case,
                "不属于公安机关管辖，已告知向有关部门反映。".to_owned(),
            );
            return false;
        }
        _ => {}
    }
    if s.rng.percent(30) {
        let item = s.item("报案人提交的材料光盘一张".to_owned());
        s.act("int.evidence_receive", On::Item(&item));
        s.aside(|s| property::store(s, &item));
    }
    if s.procedure == Procedure::Administrative && !law_of_2026(s) {
        s.minutes(10, 600);
    } else {
        s.minutes(5, 120);
    }
    true
}

/// Accepts the case and hands over the receipt.
pub(super) fn accept(s: &mut Script<'_>) {
    s.act("int.accept", On::Case);
    s.act("int.receipt", On::Case);
}

/// Whether the Public Security Administration Punishments Law as revised (in force 2026-01-01) governs by now.
pub(super) fn law_of_2026(s: &Script<'_>) -> bool {
    s.now.date().0 >= 2026
}
