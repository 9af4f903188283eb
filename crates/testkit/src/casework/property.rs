//! 涉案财物: things and money from their seizure to their return or hand-over (PSC 227–236; PSA 187–197; PROP).

use super::act::Violation;
use super::script::{Form, Item, On, Party, Script, number};

const THINGS: [(&str, i64); 10] = [
    ("手机一部", 2600),
    ("笔记本电脑一台", 4800),
    ("电动自行车一辆", 2200),
    ("现金人民币", 6500),
    ("银行卡三张", 0),
    ("黄金项链一条", 12800),
    ("作案工具一套", 60),
    ("U盘一个", 40),
    ("白酒两箱", 3600),
    ("行车记录仪存储卡一张", 80),
];

/// Something worth seizing, with its value in yuan.
pub(super) fn thing(s: &mut Script<'_>) -> (Item, i64) {
    let (name, value) = *s.rng.pick(&THINGS);
    let value = value * s.rng.range(70, 140) / 100;
    (s.item(name.to_owned()), value)
}

/// Hands a taken thing to the custodian within 24 hours (PR-001), who enters it and copies the papers (PR-015).
pub(super) fn store(s: &mut Script<'_>, item: &Item) {
    let late = s.plants(Violation::LateHandover);
    if late {
        s.hours(30, 96);
    } else {
        s.later(1, 11);
    }
    let receiver = s.roster.people[s.crew.custodian].no.as_str();
    let attrs = vec![model::Attr::text("receiver", receiver)];
    let planted = late.then_some(Violation::LateHandover);
    s.act_as(
        "prop.handover",
        On::Item(item),
        Form {
            attrs,
            planted,
            ..Form::default()
        },
    );
    s.act("prop.register", On::Item(item));
    if item.name.starts_with("现金") {
        s.minutes(20, 120);
        s.act("prop.deposit_account", On::Item(item));
    }
    s.later(1, 11);
    s.act("prop.report_inspect", On::Item(item));
}

/// Seizes one to three things in a criminal case. Two officers; the head of the unit approves, from 10,000 yuan a county
/// leader (CR-093; the bound is a local one).
pub(super) fn seize_criminal(s: &mut Script<'_>, planted: Option<Violation>) -> Vec<Item> {
    let mut items = Vec::new();
    for _ in 0..s.rng.range(1, 3) {
        let (item, value) = thing(s);
        let attrs = vec![number("value_yuan", value)];
        let approver = (value >= 10_000).then_some("R_COUNTY_LEADER");
        let form = Form {
            attrs,
            approver,
            planted: planted.filter(|_| items.is_empty()),
            ..Form::default()
        };
        s.act_as("cr.seize", On::Item(&item), form);
        s.aside(|s| store(s, &item));
        items.push(item);
    }
    items
}

/// Lends a thing to the appraisers and tells the outcome.
pub(super) fn appraise(s: &mut Script<'_>, item: &Item, suspect: &Party) {
    s.days(2, 4);
    s.act("prop.check_out", On::Item(item));
    s.minutes(20, 90);
    s.act_as(
        "cr.appraise",
        On::Item(item),
        Form {
            unapproved: true,
            ..Form::default()
        },
    );
    s.days(3, 8);
    s.say(
        "cr.appraise_result",
        On::Item(item),
        "经鉴定，价格认定结论见鉴定意见书。".to_owned(),
    );
    s.hours(1, 4);
    s.act("prop.check_in", On::Item(item));
    s.later(2, 20);
    s.act("cr.appraise_inform", On::Party(suspect));
}
