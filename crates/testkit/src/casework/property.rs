//! 涉案财物: things and money from their seizure to their return or hand-over (PSC 227–236; PSA 187–197; PROP).

use super::act::Procedure;
use super::moment::DAY;
use super::script::{Item, On, Party, Script, form};

/// From so many yuan a seizure is for a county leader to approve, and the thing is appraised (CR-093, PR-009; the bound is
/// a local one).
pub(super) const HIGH_VALUE: i64 = 10_000;

const CASH: &str = "现金人民币";
const THINGS: [(&str, i64); 10] = [
    ("手机一部", 2600),
    ("笔记本电脑一台", 4800),
    ("电动自行车一辆", 2200),
    (CASH, 6500),
    ("银行卡三张", 0),
    ("黄金项链一条", 12800),
    ("作案工具一套", 60),
    ("U盘一个", 40),
    ("白酒两箱", 3600),
    ("行车记录仪存储卡一张", 80),
];

/// Something worth seizing.
fn thing(s: &mut Script<'_>) -> Item {
    let (name, value) = *s.rng.pick(&THINGS);
    let value = value * s.rng.range(70, 140) / 100;
    let mut item = s.item(name.to_owned());
    item.value = value;
    item
}

/// Hands a taken thing to the custodian within 24 hours (PR-001), who enters it and copies the papers (PR-015).
pub(super) fn store(s: &mut Script<'_>, item: &mut Item) {
    let taken = s.now;
    s.later(1, 10);
    let receiver = s.roster.people[s.crew.custodian].no.clone();
    let said = form().text("receiver", receiver).plus("R_PROPERTY");
    s.put("prop.handover", On::Item(item), said);
    let cash = item.name == CASH;
    let said = if cash {
        form().number("amount_yuan", item.value)
    } else {
        form()
    };
    s.put("prop.register", On::Item(item), said);
    if cash {
        s.minutes(20, 90);
        s.act("prop.deposit_account", On::Item(item));
    }
    s.later(1, 7);
    s.act("prop.report_inspect", On::Item(item));
    item.stored = Some(s.now);
    s.now = taken;
}

/// Seizes one to three things. Two officers; in a criminal case the head of the unit approves, from 10,000 yuan a county
/// leader; in an administrative one the leader of the organ.
pub(super) fn seize(s: &mut Script<'_>, most: i64) -> Vec<Item> {
    let criminal = s.procedure == Procedure::Criminal;
    let mut items = Vec::new();
    for _ in 0..s.rng.range(1, most) {
        let mut item = thing(s);
        let high = item.value >= HIGH_VALUE;
        let mut said = form()
            .number("value_yuan", item.value)
            .approver_if((criminal && high).then_some("R_COUNTY_LEADER"));
        if item.name == CASH {
            said = said
                .text("asset_class", "money")
                .number("list_yuan", item.value);
        }
        let activity = if criminal { "cr.seize" } else { "ad.seize" };
        s.put(activity, On::Item(&item), said);
        item.seized = true;
        store(s, &mut item);
        s.held.push(item.clone());
        items.push(item);
    }
    items
}

/// Lends a thing to the appraisers and tells the outcome, within fifteen days (PR-009.2).
pub(super) fn appraise(s: &mut Script<'_>, item: &Item, suspect: &Party) {
    s.days(2, 3);
    let lent = || form().plus("R_OFFICER");
    s.put("prop.check_out", On::Item(item), lent());
    s.minutes(20, 90);
    s.put("cr.appraise", On::Item(item), form().unapproved());
    s.days(3, 8);
    let words = "经鉴定，价格认定结论见鉴定意见书。";
    s.say("cr.appraise_result", On::Item(item), words);
    s.hours(1, 4);
    s.put("prop.check_in", On::Item(item), lent());
    s.later(2, 20);
    s.act("cr.appraise_inform", On::Party(suspect)); // 5 days (CR-103)
    s.busy = s.busy.max(s.now);
}

/// Where things go with the end of a case: each one is decided (PR-008).
pub(super) fn dispose(s: &mut Script<'_>, how: impl Fn(&mut Script<'_>, &Item)) {
    for item in std::mem::take(&mut s.held) {
        s.now = item.stored.map_or(s.now, |stored| s.now.max(stored));
        how(s, &item);
    }
}

/// Back to whoever had it.
pub(super) fn give_back(s: &mut Script<'_>, item: &Item) {
    s.act("prop.return_owner", On::Item(item));
}

/// Freezes an account. Every six months it is renewed (CR-095) until `thaw`.
pub(super) fn freeze(s: &mut Script<'_>, account: &Item) -> Frozen {
    let since = s.now;
    let amount = s.rng.range(1, 90) * 1000;
    let said = form()
        .number("amount_yuan", amount)
        .text("asset_class", "money");
    s.warranted("cr.freeze", On::Item(account), said);
    s.later(1, 10);
    let said = form().text("ledger_no", account.id.as_str());
    s.put("prop.register", On::Item(account), said); // papers within 24 hours (PR-002)
    Frozen {
        account: account.clone(),
        since,
    }
}

/// A frozen account.
pub(super) struct Frozen {
    account: Item,
    since: super::moment::Moment,
}

impl Frozen {
    /// Renews up to now.
    pub(super) fn renew(&self, s: &mut Script<'_>) {
        let until = s.now;
        s.aside(|s| {
            s.now = self.since;
            loop {
                let days = s.rng.range(150, 170);
                s.now = s.now.plus(days * DAY).waking();
                if s.now >= until || s.over() {
                    break;
                }
                let said = form().approver("R_COUNTY_LEADER");
                s.put("cr.freeze_renew", On::Item(&self.account), said);
            }
        });
    }

    /// Lifts it, by the rank that froze (CR-098).
    pub(super) fn thaw(&self, s: &mut Script<'_>) {
        self.renew(s);
        let said = form().approver("R_COUNTY_LEADER");
        s.put("cr.lift", On::Item(&self.account), said);
    }
}
