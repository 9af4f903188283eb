//! A rule in plain words, in Chinese and in English: what makes it matter, what is then expected, until when, and what lifts
//! it. For the page “rules in force”.
//!
//! Made from the typed form that is run, so the words cannot say something else than what is checked. Not the sentence of a
//! finding (`Rule::broken`), which a person wrote, and not the text of any law.

use crate::rule::{
    ACTOR, Absence, At, Atom, AttributeKind, Change, Citation, Clause, Distinct, From, Guard, Key,
    Limit, LimitUnit, Literal, Need, Op, Operand, Recording, Response, Rule, Select, State,
    Template,
};
use crate::{Catalogue, Text};

/// A language in which people read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Lang {
    /// Chinese.
    Zh,
    /// English.
    En,
}

impl Text {
    /// The text in that language.
    pub fn of(&self, lang: Lang) -> &str {
        match lang {
            Lang::Zh => &self.zh,
            Lang::En => &self.en,
        }
    }
}

impl Catalogue {
    /// A citation in few words, for lists: `刑诉法第85条`; `CPL 85` in English, and where the source has no short name. Empty
    /// for a mark alone.
    pub fn cited_short(&self, citation: &Citation, lang: Lang) -> String {
        self.short(&citation.code, &citation.article, lang)
    }

    /// The same of a part of a source as it is written: `CPL 85 [T]` is `刑诉法第85条 [T]`.
    pub fn source_short(&self, part: &str, lang: Lang) -> String {
        let (cited, mark) = match part.rsplit_once(" [") {
            Some((cited, _)) => part.split_at(cited.len()),
            None => (part, ""),
        };
        let (code, article) = cited.split_once(' ').unwrap_or((cited, ""));
        self.short(code, article, lang) + mark
    }

    fn short(&self, code: &str, article: &str, lang: Lang) -> String {
        let short = match lang {
            Lang::Zh => self.source(code).and_then(|s| s.short.as_deref()),
            Lang::En => None,
        };
        let Some(short) = short else {
            return format!("{code} {article}").trim().to_owned();
        };
        let numbers = |c: char| c.is_ascii_digit() || matches!(c, '–' | ',' | ' ');
        match article {
            "" => short.to_owned(),
            list if list.chars().all(numbers) => format!("{short}第{}条", list.replace(", ", "、")),
            other => format!("{short} {other}"),
        }
    }
}

impl Rule {
    /// What the rule says, line by line, each with its heading: 适用, 情形, 要求, 期限, 例外, 施行.
    pub fn in_words(&self, lang: Lang, catalogue: &Catalogue) -> String {
        let w = Words { lang, c: catalogue };
        let mut lines = vec![
            (w.t("适用", "Over"), w.over(self)),
            (w.t("情形", "When"), w.activation(&self.activation)),
        ];
        w.template(&self.template, &mut lines);
        lines.extend(w.recording(self.recording));
        for select in &self.excuse {
            lines.push((w.t("例外", "Except"), w.select(select)));
        }
        let run = !matches!(self.template, Template::Manual { .. });
        if let (true, Some((activity, _))) = (run, catalogue.exemption()) {
            let activity = w.activity(activity.as_str());
            let words = match lang {
                Lang::Zh => format!("{activity}载明豁免本规则的"),
                Lang::En => format!("{activity}, naming this rule"),
            };
            lines.push((w.t("例外", "Except"), words));
        }
        let days = match (lang, self.to) {
            (Lang::Zh, None) => format!("自{}起", self.from),
            (Lang::Zh, Some(to)) => format!("自{}起，至{to}止", self.from),
            (Lang::En, None) => format!("from {}", self.from),
            (Lang::En, Some(to)) => format!("from {} to {to}", self.from),
        };
        lines.push((w.t("施行", "In force"), days));
        let colon = w.t("：", ": ");
        let lines: Vec<_> = lines
            .into_iter()
            .map(|(h, t)| format!("{h}{colon}{t}"))
            .collect();
        lines.join("\n")
    }
}

struct Words<'c> {
    lang: Lang,
    c: &'c Catalogue,
}

type Lines = Vec<(&'static str, String)>;

impl Words<'_> {
    fn t(&self, zh: &'static str, en: &'static str) -> &'static str {
        match self.lang {
            Lang::Zh => zh,
            Lang::En => en,
        }
    }

    /// `A、B或者C`; what has the same name is said once.
    fn or(&self, list: impl IntoIterator<Item = String>) -> String {
        let mut all: Vec<String> = Vec::new();
        for words in list {
            if !all.contains(&words) {
                all.push(words);
            }
        }
        let last = all.pop().unwrap_or_default();
        match all.is_empty() {
            true => last,
            false => all.join(self.t("、", ", ")) + self.t("或者", " or ") + &last,
        }
    }

    fn list(&self, list: impl IntoIterator<Item = String>) -> String {
        let all: Vec<_> = list.into_iter().collect();
        all.join(self.t("、", ", "))
    }

    // ──────── names ────────

    fn activity(&self, id: &str) -> String {
        match (self.c.activity(id), self.lang) {
            (Some(a), Lang::Zh) => format!("“{}”", a.zh),
            (Some(a), Lang::En) => a.en.clone(),
            (None, _) => id.to_owned(),
        }
    }

    fn attribute(&self, id: &str) -> String {
        let attribute = self.c.attribute(id);
        attribute.map_or(id, |a| a.name.of(self.lang)).to_owned()
    }

    fn role(&self, id: &str) -> String {
        let role = self.c.role(id);
        role.map_or(id, |r| self.of(&r.zh, &r.en)).to_owned()
    }

    fn object(&self, id: &str) -> String {
        let object = self.c.object(id);
        object.map_or(id, |o| self.of(&o.zh, &o.en)).to_owned()
    }

    fn of<'t>(&self, zh: &'t str, en: &'t str) -> &'t str {
        match self.lang {
            Lang::Zh => zh,
            Lang::En => en,
        }
    }

    fn limit(&self, limit: Limit) -> String {
        let n = limit.amount;
        let many = if n == 1 { "" } else { "s" };
        match (self.lang, limit.unit) {
            (Lang::Zh, LimitUnit::Minute) => format!("{n}分钟"),
            (Lang::Zh, LimitUnit::Hour) => format!("{n}小时"),
            (Lang::Zh, LimitUnit::Day) => format!("{n}日"),
            (Lang::Zh, LimitUnit::WorkingDay) => format!("{n}个工作日"),
            (Lang::Zh, LimitUnit::Month) => format!("{n}个月"),
            (Lang::Zh, LimitUnit::Year) => format!("{n}年"),
            (Lang::En, LimitUnit::Minute) => format!("{n} minute{many}"),
            (Lang::En, LimitUnit::Hour) => format!("{n} hour{many}"),
            (Lang::En, LimitUnit::Day) => format!("{n} day{many}"),
            (Lang::En, LimitUnit::WorkingDay) => format!("{n} working day{many}"),
            (Lang::En, LimitUnit::Month) => format!("{n} month{many}"),
            (Lang::En, LimitUnit::Year) => format!("{n} year{many}"),
        }
    }

    /// How long a breach waits for records.
    fn recording(&self, grace: Recording) -> Vec<(&'static str, String)> {
        let heading = self.t("补录", "Recording");
        let act = grace.act.map(|g| match self.lang {
            Lang::Zh => format!("录入后{}内可以补录在前的记录", self.limit(g)),
            Lang::En => format!(
                "what came before may be recorded within {} after it",
                self.limit(g)
            ),
        });
        let clock = grace.clock.map(|g| match self.lang {
            Lang::Zh => format!("到期后{}内可以补录按期办理的记录", self.limit(g)),
            Lang::En => format!(
                "what was done in time may be recorded within {} after it was due",
                self.limit(g)
            ),
        });
        act.into_iter().chain(clock).map(|t| (heading, t)).collect()
    }

    // ──────── what makes it matter ────────

    fn over(&self, rule: &Rule) -> String {
        if rule.object.as_str() == ACTOR {
            return self
                .t("同一人员的全部行为", "what one person did")
                .to_owned();
        }
        let object = self.object(rule.object.as_str());
        match (&rule.per, self.lang) {
            (None, Lang::Zh) => format!("每一{object}"),
            (None, Lang::En) => format!("each {object}"),
            (Some(per), Lang::Zh) => format!("每一{object}中的每一{}", self.object(per.as_str())),
            (Some(per), Lang::En) => format!("each {} of each {object}", self.object(per.as_str())),
        }
    }

    fn activation(&self, select: &Select) -> String {
        self.select(select)
    }

    fn select(&self, select: &Select) -> String {
        let any = self.or(select.any.iter().map(|a| self.activity(a.as_str())));
        if select.when.0.is_empty() {
            return any;
        }
        let when = self.guard(&select.when);
        match self.lang {
            Lang::Zh => format!("{any}（{when}）"),
            Lang::En => format!("{any} ({when})"),
        }
    }

    fn selects(&self, list: &[Select]) -> String {
        self.or(list.iter().map(|s| self.select(s)))
    }

    // ──────── conditions ────────

    fn guard(&self, guard: &Guard) -> String {
        let clauses: Vec<_> = guard.0.iter().map(|c| self.clause(c)).collect();
        clauses.join(self.t("，且", ", and "))
    }

    fn clause(&self, clause: &Clause) -> String {
        // How packs write “not known to be so”.
        if let [lacks, no] = &clause.0[..]
            && lacks.op == Op::Lacks
            && lacks.key == no.key
            && (no.op, &no.with) == (Op::Eq, &Operand::One(Literal::Bool(false)))
        {
            let key = self.key(&lacks.key);
            return match self.lang {
                Lang::Zh => format!("未记为{key}"),
                Lang::En => format!("{key}: not recorded as yes"),
            };
        }
        self.or(clause.0.iter().map(|a| self.atom(a)))
    }

    fn key(&self, key: &Key) -> String {
        let quoted = |id: &str| match self.lang {
            Lang::Zh => format!("“{}”", self.attribute(id)),
            Lang::En => self.attribute(id),
        };
        match (key, self.lang) {
            (Key::Attr(id), _) => quoted(id),
            (Key::Trace(id), Lang::Zh) => format!("此前最后记录的{}", quoted(id)),
            (Key::Trace(id), Lang::En) => format!("{} as last recorded", quoted(id)),
            (Key::Persons(None), _) => self.t("参与人数", "number of people").to_owned(),
            (Key::Persons(Some(role)), Lang::Zh) => format!("{}人数", self.role(role.as_str())),
            (Key::Persons(Some(role)), Lang::En) => {
                format!("number of people as {}", self.role(role.as_str()))
            }
            (Key::Objects(kind, part), lang) => {
                let kind = self.object(kind.as_str());
                let part = part.as_ref().map(ToString::to_string);
                match (lang, part) {
                    (Lang::Zh, None) => format!("涉及的{kind}数量"),
                    (Lang::Zh, Some(part)) => format!("涉及的{kind}（{part}）数量"),
                    (Lang::En, None) => format!("number of {kind} objects"),
                    (Lang::En, Some(part)) => format!("number of {kind} objects as {part}"),
                }
            }
            (Key::Part, _) => self
                .t("在本事件中的身份", "its part in the event")
                .to_owned(),
            (Key::Role, _) => self.t("在本事件中的角色", "the role in it").to_owned(),
            (Key::Organ, _) => self.t("机关", "the organ").to_owned(),
            (Key::Hour, _) => self.t("时刻（时）", "the hour of the day").to_owned(),
            (Key::Date, _) => self.t("日期", "the date").to_owned(),
        }
    }

    fn atom(&self, atom: &Atom) -> String {
        let key = self.key(&atom.key);
        let words = match (atom.op, self.lang) {
            (Op::Has, Lang::Zh) => return format!("记有{key}"),
            (Op::Has, Lang::En) => return format!("{key} is on record"),
            (Op::Lacks, Lang::Zh) => return format!("未记{key}"),
            (Op::Lacks, Lang::En) => return format!("{key} is not on record"),
            _ => self.compared(atom),
        };
        let recorded = match atom.optional {
            true => self.t("（以有记录为限）", " (only where recorded)"),
            false => "",
        };
        let yes = match (atom.op, &atom.with) {
            (Op::Eq, Operand::One(Literal::Bool(yes))) => Some(*yes),
            (Op::Ne, Operand::One(Literal::Bool(no))) => Some(!no),
            _ => None,
        };
        let words = match (yes, self.lang) {
            (Some(true), Lang::Zh) => key,
            (Some(false), Lang::Zh) => format!("非{key}"),
            (Some(true), Lang::En) => format!("{key}: yes"),
            (Some(false), Lang::En) => format!("{key}: no"),
            (None, Lang::Zh) => format!("{key}{words}"),
            (None, Lang::En) => format!("{key} {words}"),
        };
        words + recorded
    }

    fn compared(&self, atom: &Atom) -> String {
        let time = match &atom.key {
            Key::Date => true,
            Key::Attr(id) | Key::Trace(id) => {
                (self.c.attribute(id)).is_some_and(|a| a.kind == AttributeKind::Time)
            }
            _ => false,
        };
        let (zh, en) = match (atom.op, time) {
            (Op::Lt, true) => ("早于", "is before"),
            (Op::Le, true) => ("不晚于", "is not after"),
            (Op::Gt, true) => ("晚于", "is after"),
            (Op::Ge, true) => ("不早于", "is not before"),
            (Op::Eq, _) => ("为", "is"),
            (Op::Ne, _) => ("不为", "is not"),
            (Op::Lt, _) => ("小于", "is less than"),
            (Op::Le, _) => ("不超过", "is at most"),
            (Op::Gt, _) => ("大于", "is more than"),
            (Op::Ge, _) => ("不少于", "is at least"),
            (Op::In, _) => ("属于", "is one of"),
            (Op::NotIn, _) => ("不属于", "is none of"),
            (Op::Has | Op::Lacks, _) => ("", ""),
        };
        let with = match &atom.with {
            Operand::None => String::new(),
            Operand::One(l) => self.literal(&atom.key, l),
            Operand::Key(key) => self.key(key),
            Operand::Many(list) => self.many(&atom.key, list),
        };
        match self.lang {
            Lang::Zh => format!("{zh}{with}"),
            Lang::En => format!("{en} {with}"),
        }
    }

    /// A list by the name of its table where it is one, else value by value.
    fn many(&self, key: &Key, list: &[Literal]) -> String {
        if list.is_empty() {
            let words = self.t("一份尚未填写的清单", "a list that nobody has filled in yet");
            return words.to_owned();
        }
        let same = |values: &[String]| {
            values.len() == list.len()
                && values.iter().zip(list).all(|(v, l)| match l {
                    Literal::Text(text) => text == v,
                    other => other.to_string() == *v,
                })
        };
        match self.c.tables().iter().find(|t| same(&t.values)) {
            Some(table) => match self.lang {
                Lang::Zh => format!("《{}》", table.name.zh),
                Lang::En => format!("“{}”", table.name.en),
            },
            None => self.list(list.iter().map(|l| self.literal(key, l))),
        }
    }

    fn literal(&self, key: &Key, literal: &Literal) -> String {
        match (literal, key) {
            (Literal::Bool(true), _) => self.t("是", "yes").to_owned(),
            (Literal::Bool(false), _) => self.t("否", "no").to_owned(),
            (Literal::Number(_), Key::Date) => literal_day(literal),
            (Literal::Number(n), _) => n.to_string(),
            // The step that a review or an approval is about.
            (Literal::Text(text), _) if self.c.activity(text).is_some() => self.activity(text),
            (Literal::Text(text), Key::Attr(id) | Key::Trace(id)) => {
                // Free text is quoted, a value of a list is a word of the pack.
                let free = (self.c.attribute(id)).is_some_and(|a| a.kind == AttributeKind::Text);
                match free && self.lang == Lang::Zh {
                    true => format!("“{text}”"),
                    false => text.clone(),
                }
            }
            (Literal::Text(text), Key::Role) => self.role(text),
            (Literal::Text(text), _) => text.clone(),
        }
    }

    // ──────── what is expected ────────

    fn template(&self, template: &Template, lines: &mut Lines) {
        let must = self.t("要求", "Expected");
        let words = match template {
            Template::Response(r) => return self.response(r, lines),
            Template::Precedence(needs) => {
                lines.extend(needs.iter().map(|n| (must, self.need(n))));
                return;
            }
            Template::Authority(ranks) => {
                let ranks = ranks.iter().map(|r| (&r.when, self.role(r.rank.as_str())));
                let ranks = self.cases(ranks);
                match self.lang {
                    Lang::Zh => format!("有权审批的级别不低于：{ranks}"),
                    Lang::En => format!("decided by somebody of at least the rank: {ranks}"),
                }
            }
            Template::Absence(a) => self.absence(a),
            Template::Count { max, window } => match (self.lang, window) {
                (Lang::Zh, None) => format!("全程不得超过{max}次"),
                (Lang::Zh, Some(w)) => format!("{}内不得超过{max}次", self.limit(*w)),
                (Lang::En, window) => {
                    let times = if *max == 1 {
                        "once"
                    } else {
                        &format!("{max} times")
                    };
                    let window = window.map(|w| self.limit(w));
                    let window = window.map_or("in all".to_owned(), |w| format!("within {w}"));
                    format!("at most {times} {window}")
                }
            },
            Template::MinPersons { roles, min } => {
                let roles = self.or(roles.iter().map(|r| self.role(r.as_str())));
                match (self.lang, roles.is_empty()) {
                    (Lang::Zh, true) => format!("不得少于{min}人"),
                    (Lang::Zh, false) => format!("{roles}不得少于{min}人"),
                    (Lang::En, true) => format!("at least {min} different people"),
                    (Lang::En, false) => format!("at least {min} different people as {roles}"),
                }
            }
            Template::Distinct(d) => self.distinct(d),
            Template::Record { require } => match self.lang {
                Lang::Zh => format!("记录须载明：{}", self.guard(require)),
                Lang::En => format!("the record itself says: {}", self.guard(require)),
            },
            Template::Covered { by } => match self.lang {
                Lang::Zh => format!("{}须覆盖其全过程", self.selects(by)),
                Lang::En => format!("{} lasts from its start to its end", self.selects(by)),
            },
            Template::Exclusive { states } => {
                let states = self.list(states.iter().map(|s| self.state(s)));
                match self.lang {
                    Lang::Zh => format!("下列状态不得同时存在：{states}"),
                    Lang::En => format!("no two of these at one time: {states}"),
                }
            }
            Template::Overlap { to } => match (self.lang, to.is_empty()) {
                (Lang::Zh, true) => "前后两次的起止时间不得重叠".to_owned(),
                (Lang::En, true) => "two of them do not overlap".to_owned(),
                (Lang::Zh, false) => {
                    format!("前后两次（至{}止）不得重叠", self.selects(to))
                }
                (Lang::En, false) => {
                    format!(
                        "two of them, each until {}, do not overlap",
                        self.selects(to)
                    )
                }
            },
            Template::BackDated { within } => match self.lang {
                Lang::Zh => format!("发生后{}内记录", self.limit(*within)),
                Lang::En => format!("recorded within {} of its time", self.limit(*within)),
            },
            Template::Score { signs, min } => {
                let signs = self.list(signs.iter().map(|s| {
                    let name = s.name.of(self.lang).to_owned();
                    let at = match s.at {
                        At::Before => self.t("（此前）", " (before)"),
                        At::After => self.t("（此后）", " (after)"),
                        At::Any => "",
                    };
                    name + at
                }));
                match self.lang {
                    Lang::Zh => format!("下列迹象不得同时出现{min}项以上：{signs}"),
                    Lang::En => format!("fewer than {min} of these signs: {signs}"),
                }
            }
            Template::Manual { reason } => {
                let head = self.t("不自动核查", "Not checked");
                lines.push((head, reason.of(self.lang).to_owned()));
                return;
            }
        };
        lines.push((must, words));
    }

    /// Something that holds under a condition; without one, as it is.
    fn under(&self, when: &Guard, what: String) -> String {
        match (when.0.is_empty(), self.lang) {
            (true, _) => what,
            (false, Lang::Zh) => format!("{}的，{what}", self.guard(when)),
            (false, Lang::En) => format!("{what} if {}", self.guard(when)),
        }
    }

    /// The first whose condition holds.
    fn cases<'g>(&self, list: impl Iterator<Item = (&'g Guard, String)>) -> String {
        let cases = list.enumerate().map(|(n, (when, what))| {
            match (when.0.is_empty() && n > 0, self.lang) {
                (true, Lang::Zh) => format!("其他情形，{what}"),
                (true, Lang::En) => format!("otherwise {what}"),
                (false, _) => self.under(when, what),
            }
        });
        cases.collect::<Vec<_>>().join(self.t("；", "; "))
    }

    fn response(&self, r: &Response, lines: &mut Lines) {
        lines.push((
            self.t("要求", "Expected"),
            self.selects(&r.expect) + &self.same(&r.same),
        ));
        let limit = self.t("期限", "Limit");
        if !r.bounds.is_empty() {
            let bounds = r.bounds.iter().map(|b| (&b.when, self.limit(b.bound)));
            lines.push((limit, self.cases(bounds)));
        }
        let mut add = |zh: String, en: String| {
            let words = match self.lang {
                Lang::Zh => zh,
                Lang::En => en,
            };
            lines.push((limit, words));
        };
        if let Some(lead) = r.lead {
            let lead = self.limit(lead);
            add(format!("届满{lead}前"), format!("{lead} before its end"));
        }
        if !r.by.is_empty() {
            let by = self.selects(&r.by);
            add(format!("先于{by}"), format!("before {by}"));
        }
        for change in &r.changes {
            let words = self.change(change);
            add(words.clone(), words);
        }
        for pause in &r.pause {
            let state = self.state(pause);
            add(
                format!("{state}，不计入"),
                format!("{state} does not count"),
            );
        }
        if r.rearm {
            let (zh, en) = ("每次重新起算", "begins anew each time");
            add(zh.to_owned(), en.to_owned());
        }
        if r.roll {
            let zh = "最后一日是节假日的，顺延至节假日后的第一日";
            let en = "a last day that is a holiday rolls over to the next working day";
            add(zh.to_owned(), en.to_owned());
        }
        if r.statutory {
            let (zh, en) = (
                "开始的时不算在期间以内",
                "the hour in which it begins is not counted",
            );
            add(zh.to_owned(), en.to_owned());
        }
        if !r.until.is_empty() {
            let words = self.selects(&r.until);
            lines.push((self.t("不再要求", "No longer after"), words));
        }
    }

    fn change(&self, c: &Change) -> String {
        let (on, bound) = (self.select(&c.on), self.limit(c.bound));
        let once = match (c.max, self.lang) {
            (u32::MAX, _) => String::new(),
            (n, Lang::Zh) => format!("（至多{n}次）"),
            (1, Lang::En) => ", once".to_owned(),
            (n, Lang::En) => format!(", at most {n} times"),
        };
        match (c.from, self.lang) {
            (From::Activation, Lang::Zh) => format!("{on}后，期限为{bound}{once}"),
            (From::Event, Lang::Zh) => format!("{on}后，自其时起重新计算{bound}{once}"),
            (From::Due, Lang::Zh) => format!("{on}后，延长{bound}{once}"),
            (From::Activation, Lang::En) => format!("after {on}: {bound} from the start{once}"),
            (From::Event, Lang::En) => format!("after {on}: {bound} from then{once}"),
            (From::Due, Lang::En) => format!("after {on}: {bound} more{once}"),
        }
    }

    fn state(&self, s: &State) -> String {
        let from = self.selects(&s.from);
        match (s.to.is_empty(), self.lang) {
            (true, Lang::Zh) => format!("{from}以后"),
            (true, Lang::En) => format!("since {from}"),
            (false, Lang::Zh) => format!("自{from}至{}", self.selects(&s.to)),
            (false, Lang::En) => format!("from {from} to {}", self.selects(&s.to)),
        }
    }

    fn same(&self, same: &[String]) -> String {
        if same.is_empty() {
            return String::new();
        }
        let names = self.list(same.iter().map(|id| self.attribute(id)));
        match self.lang {
            Lang::Zh => format!("（“{names}”一致）"),
            Lang::En => format!(" (of the same {names})"),
        }
    }

    fn need(&self, n: &Need) -> String {
        let any = self.selects(&n.any) + &self.same(&n.same);
        let mut words = match self.lang {
            Lang::Zh => format!("此前已有{any}"),
            Lang::En => format!("{any} came before"),
        };
        let mut add = |zh: String, en: String| {
            words += self.t("，", ", ");
            words += match self.lang {
                Lang::Zh => &zh,
                Lang::En => &en,
            };
        };
        if let Some(lead) = n.lead {
            let lead = self.limit(lead);
            add(
                format!("至少提前{lead}"),
                format!("at least {lead} earlier"),
            );
        }
        if let Some(within) = n.within {
            let within = self.limit(within);
            add(
                format!("在此前{within}内"),
                format!("at most {within} earlier"),
            );
        }
        if !n.since.is_empty() {
            let since = self.selects(&n.since);
            add(
                format!("且在最近一次{since}之后"),
                format!("after the last {since}"),
            );
        }
        if !n.revoked_by.is_empty() {
            let by = self.selects(&n.revoked_by);
            add(
                format!("且未被{by}撤销"),
                format!("and not taken back by {by}"),
            );
        }
        self.under(&n.if_, words)
    }

    fn absence(&self, a: &Absence) -> String {
        if a.from.is_empty() {
            return self.t("不得发生", "must not be").to_owned();
        }
        let from = self.selects(&a.from) + &self.same(&a.same);
        let mut words = match (a.gap, self.lang) {
            (None, Lang::Zh) => format!("{from}之后不得发生"),
            (None, Lang::En) => format!("must not be after {from}"),
            (Some(gap), Lang::Zh) => format!("{from}之后{}内不得发生", self.limit(gap)),
            (Some(gap), Lang::En) => format!("not sooner than {} after {from}", self.limit(gap)),
        };
        if !a.to.is_empty() {
            let to = self.selects(&a.to);
            words += &match self.lang {
                Lang::Zh => format!("，{to}后除外"),
                Lang::En => format!(", until {to}"),
            };
        }
        words
    }

    fn distinct(&self, d: &Distinct) -> String {
        let people = |roles: &[model::RoleId]| match roles.is_empty() {
            true => self.t("参与人员", "those who act").to_owned(),
            false => self.or(roles.iter().map(|r| self.role(r.as_str()))),
        };
        let (here, there) = (people(&d.roles), people(&d.against_roles));
        if d.against.is_empty() {
            return match self.lang {
                Lang::Zh => format!("{here}与{there}不得为同一人"),
                Lang::En => format!("{here} and {there} are different people"),
            };
        }
        let against = self.selects(&d.against);
        match (self.lang, d.before) {
            (Lang::Zh, false) => format!("{here}与{against}的{there}不得为同一人"),
            (Lang::Zh, true) => format!("{here}与此前{against}的{there}不得为同一人"),
            (Lang::En, false) => {
                format!("{here} here and {there} at {against} are different people")
            }
            (Lang::En, true) => {
                format!("{here} here and {there} at an earlier {against} are different people")
            }
        }
    }
}

/// A literal of the key `date`.
fn literal_day(literal: &Literal) -> String {
    let Literal::Number(days) = literal else {
        return literal.to_string();
    };
    let day = crate::rules::day(*days);
    day.map_or_else(|| days.to_string(), |d| d.to_string())
}
