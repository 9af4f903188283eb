//! Rules made ready to run: every name a number, every activity's part in a rule a bit.
//!
//! Compiled once from the catalogue of `law`; both the batch and the incremental evaluation run this and nothing else. A
//! rule that is switched off, or that nobody can check from events, is not in it.

use calendar::Calendar;
use hashbrown::HashMap;
use law::Catalogue;
use law::rule::{self, At, From, Limit, LimitUnit, Rule, Template, Warn};

use crate::columns::FOREIGN;
use crate::guard::Guard;
use crate::symbols::{Symbol, Symbols};

/// Number of a rule within a [`Program`].
pub type RuleNo = u16;

/// What an activity is to a rule. One bit each; the template says what the bits from [`bit::A`] on are.
pub(crate) mod bit {
    pub(crate) const ACTIVATION: u8 = 1;
    pub(crate) const EXCUSE: u8 = 2;
    /// Expected; supports; begins the state; the other side; covers; ends a stretch; a sign.
    pub(crate) const A: u8 = 4;
    /// Lifts; revokes; ends the state.
    pub(crate) const B: u8 = 8;
    /// Before which; since which.
    pub(crate) const C: u8 = 16;
    /// Changes the limit.
    pub(crate) const D: u8 = 32;
    /// Begins or ends a pause.
    pub(crate) const E: u8 = 64;
}

/// Which events a walk along a trace stops at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Which {
    /// Those that activate the rule.
    Activating,
    /// Those that are anything else to it.
    Related,
    /// Of these, those that may excuse.
    Excusing,
    /// Of these, those that begin or end a pause.
    Pausing,
}

impl Which {
    /// Their bits.
    pub(crate) fn bits(self) -> u8 {
        match self {
            Self::Activating => bit::ACTIVATION,
            Self::Related => !bit::ACTIVATION,
            Self::Excusing => bit::EXCUSE,
            Self::Pausing => bit::E,
        }
    }
}

/// Rules ready to run.
pub struct Program {
    pub(crate) symbols: Symbols,
    pub(crate) calendar: Calendar,
    activities: HashMap<String, u16>,
    activity_names: Vec<String>,
    roles: HashMap<String, u16>,
    ranks: Vec<u8>,
    types: HashMap<String, u8>,
    type_names: Vec<String>,
    attributes: HashMap<String, u16>,
    attribute_names: Vec<String>,
    labels: HashMap<String, law::Text>,
    /// Attributes that some guard looks for along the trace.
    pub(crate) carried: Vec<bool>,
    pub(crate) actor_type: Option<u8>,
    /// Whether a rule over a person asks for something carried along, which any act may have brought.
    actor_whole: bool,
    /// By object type, the rules that look for an attribute along the trace.
    carriers: Vec<Vec<RuleNo>>,
    guards: HashMap<String, u32>,
    pub(crate) rules: Vec<Compiled>,
    /// Whether any rule runs over objects of a type.
    run_over: Vec<bool>,
    /// Rules by object type and activity, where the activity activates them.
    activated: Vec<Vec<Vec<RuleNo>>>,
    /// Rules by object type and activity, where it is anything else to them.
    touched: Vec<Vec<Vec<RuleNo>>>,
    /// The same as bits, a few words for each type and activity: asked of every open obligation.
    touched_bits: Vec<u64>,
    /// Of these, the ones where it may break what was kept, though it comes after all others.
    breaking: Vec<Vec<Vec<RuleNo>>>,
}

/// A rule ready to run.
pub(crate) struct Compiled {
    pub(crate) rule: Box<Rule>,
    pub(crate) object: u8,
    pub(crate) per: Option<u8>,
    pub(crate) activation: Select,
    pub(crate) template: Ready,
    pub(crate) excuse: Vec<Select>,
    /// The general exemption: activity, attribute, this rule's id.
    pub(crate) exempt: Option<(u16, u16, Symbol)>,
    /// Activations from this instant on…
    pub(crate) from: i64,
    /// …to this one are judged.
    pub(crate) to: i64,
    pub(crate) warn: Vec<Warn>,
    /// How long a breach waits for records, in µs: one by an act, one by a clock.
    pub(crate) grace: (Option<i64>, Option<i64>),
    /// Whether a guard of it looks for an attribute along the trace.
    carries: bool,
    /// By activity.
    mask: Vec<u8>,
    /// Activities that are more than an activation; of these the ones that excuse, and that begin or end a pause.
    related: Vec<u16>,
    excusing: Vec<u16>,
    pausing: Vec<u16>,
    /// Activities that activate.
    activating: Vec<u16>,
}

pub(crate) struct Select {
    pub(crate) any: Vec<u16>,
    pub(crate) guard: Guard,
}

pub(crate) struct BoundIf {
    pub(crate) guard: Guard,
    pub(crate) bound: Limit,
}

pub(crate) struct Change {
    pub(crate) on: Select,
    pub(crate) from: From,
    pub(crate) bound: Limit,
    pub(crate) max: u32,
}

pub(crate) struct State {
    pub(crate) from: Vec<Select>,
    pub(crate) to: Vec<Select>,
}

pub(crate) struct Response {
    pub(crate) expect: Vec<Select>,
    pub(crate) until: Vec<Select>,
    pub(crate) by: Vec<Select>,
    pub(crate) bounds: Vec<BoundIf>,
    pub(crate) changes: Vec<Change>,
    pub(crate) pause: Vec<State>,
    pub(crate) lead: Option<Limit>,
    pub(crate) roll: bool,
    pub(crate) statutory: bool,
    pub(crate) rearm: bool,
    pub(crate) same: Vec<u16>,
}

pub(crate) struct Need {
    pub(crate) if_: Guard,
    pub(crate) any: Vec<Select>,
    pub(crate) lead: Option<Limit>,
    pub(crate) within: Option<Limit>,
    pub(crate) revoked_by: Vec<Select>,
    pub(crate) since: Vec<Select>,
    pub(crate) same: Vec<u16>,
}

pub(crate) struct Absence {
    pub(crate) from: Vec<Select>,
    pub(crate) to: Vec<Select>,
    pub(crate) gap: Option<Limit>,
    pub(crate) same: Vec<u16>,
}

pub(crate) struct Distinct {
    pub(crate) roles: Vec<u16>,
    pub(crate) against: Vec<Select>,
    pub(crate) against_roles: Vec<u16>,
    pub(crate) before: bool,
}

pub(crate) struct Sign {
    pub(crate) if_: Guard,
    pub(crate) any: Vec<Select>,
    pub(crate) missing: bool,
    pub(crate) at: At,
}

/// The template of a rule, ready to run.
pub(crate) enum Ready {
    Response(Box<Response>),
    Precedence(Vec<Need>),
    Absence(Absence),
    Count { max: u32, window: Option<Limit> },
    MinPersons { roles: Vec<u16>, min: u32 },
    Distinct(Distinct),
    Authority(Vec<(Guard, u8)>),
    Record(Guard),
    Covered(Vec<Select>),
    Exclusive(Vec<State>),
    Overlap(Vec<Select>),
    BackDated(Limit),
    Score { signs: Vec<Sign>, min: u32 },
}

impl Program {
    /// Makes the rules of a catalogue ready, for a calendar.
    pub fn new(catalogue: &Catalogue, calendar: Calendar) -> Self {
        let rules: Vec<&Rule> = catalogue
            .rules()
            .iter()
            .filter(|r| catalogue.off(r.id.as_str()).is_none())
            .collect();
        Self::of(catalogue, &rules, calendar)
    }

    /// Makes only these rules ready; names are those of the catalogue.
    pub fn of(catalogue: &Catalogue, rules: &[&Rule], calendar: Calendar) -> Self {
        let mut program = Self {
            symbols: Symbols::default(),
            calendar,
            activities: HashMap::new(),
            activity_names: Vec::new(),
            roles: HashMap::new(),
            ranks: Vec::new(),
            types: HashMap::new(),
            type_names: Vec::new(),
            attributes: HashMap::new(),
            attribute_names: Vec::new(),
            labels: catalogue
                .attributes()
                .iter()
                .map(|a| (a.id.clone(), a.name.clone()))
                .collect(),
            carried: Vec::new(),
            actor_type: None,
            actor_whole: false,
            carriers: Vec::new(),
            guards: HashMap::new(),
            rules: Vec::new(),
            run_over: Vec::new(),
            activated: Vec::new(),
            touched: Vec::new(),
            touched_bits: Vec::new(),
            breaking: Vec::new(),
        };
        for activity in catalogue.activities() {
            program.name_activity(activity.id.as_str());
        }
        for role in catalogue.roles() {
            let rank = catalogue.rank(role.id.as_str()).unwrap_or(0);
            program.name_role(role.id.as_str(), rank);
        }
        for object in catalogue.objects() {
            program.name_type(object.id.as_str());
        }
        let exemption = catalogue.exemption().map(|(activity, attribute)| {
            let activity = program.name_activity(activity.as_str());
            (activity, program.name_attribute(attribute))
        });
        for rule in rules {
            if matches!(rule.template, Template::Manual { .. }) {
                continue;
            }
            let compiled = program.compile(rule, exemption);
            program.rules.push(compiled);
        }
        program.file();
        program
    }

    fn compile(&mut self, rule: &Rule, exemption: Option<(u16, u16)>) -> Compiled {
        let object = self.name_type(rule.object.as_str());
        if rule.object.as_str() == rule::ACTOR {
            self.actor_type = Some(object);
            self.actor_whole |= rule.looks_at(|key| matches!(key, rule::Key::Trace(_)));
        }
        let per = rule.per.as_ref().map(|p| self.name_type(p.as_str()));
        let activation = self.select(&rule.activation);
        let template = self.template(&rule.template);
        let excuse = self.selects(&rule.excuse);
        let exempt = exemption.map(|(activity, attribute)| {
            let id = self.symbols.intern(rule.id.as_str());
            (activity, attribute, id)
        });
        let from = self.calendar.day_start(rule.from);
        let to = rule.to.map_or(i64::MAX, |d| self.calendar.day_end(d));
        Compiled {
            rule: Box::new(rule.clone()),
            object,
            per,
            activation,
            template,
            excuse,
            exempt,
            from,
            to,
            warn: rule.warn.clone(),
            grace: (
                rule.recording.act.map(|g| length(g) * 60_000_000),
                rule.recording.clock.map(|g| length(g) * 60_000_000),
            ),
            carries: rule.looks_at(|key| matches!(key, rule::Key::Trace(_))),
            mask: Vec::new(),
            related: Vec::new(),
            excusing: Vec::new(),
            pausing: Vec::new(),
            activating: Vec::new(),
        }
    }

    fn template(&mut self, template: &Template) -> Ready {
        match template {
            Template::Response(r) => Ready::Response(Box::new(Response {
                expect: self.selects(&r.expect),
                until: self.selects(&r.until),
                by: self.selects(&r.by),
                bounds: r.bounds.iter().map(|b| self.bound(b)).collect(),
                changes: r.changes.iter().map(|c| self.change(c)).collect(),
                pause: r.pause.iter().map(|s| self.state(s)).collect(),
                lead: r.lead,
                roll: r.roll,
                statutory: r.statutory,
                rearm: r.rearm,
                same: self.names(&r.same),
            })),
            Template::Precedence(needs) => {
                Ready::Precedence(needs.iter().map(|n| self.need(n)).collect())
            }
            Template::Absence(a) => Ready::Absence(Absence {
                from: self.selects(&a.from),
                to: self.selects(&a.to),
                gap: a.gap,
                same: self.names(&a.same),
            }),
            Template::Count { max, window } => Ready::Count {
                max: *max,
                window: *window,
            },
            Template::MinPersons { roles, min } => Ready::MinPersons {
                roles: self.role_codes(roles),
                min: *min,
            },
            Template::Distinct(d) => Ready::Distinct(Distinct {
                roles: self.role_codes(&d.roles),
                against: self.selects(&d.against),
                against_roles: self.role_codes(&d.against_roles),
                before: d.before,
            }),
            Template::Authority(ranks) => Ready::Authority(
                ranks
                    .iter()
                    .map(|r| {
                        let role = self.name_role(r.rank.as_str(), 0);
                        (Guard::compile(&r.when, self), self.ranks[role as usize])
                    })
                    .collect(),
            ),
            Template::Record { require } => Ready::Record(Guard::compile(require, self)),
            Template::Covered { by } => Ready::Covered(self.selects(by)),
            Template::Exclusive { states } => {
                Ready::Exclusive(states.iter().map(|s| self.state(s)).collect())
            }
            Template::Overlap { to } => Ready::Overlap(self.selects(to)),
            Template::BackDated { within } => Ready::BackDated(*within),
            Template::Score { signs, min } => Ready::Score {
                signs: signs.iter().map(|s| self.sign(s)).collect(),
                min: *min,
            },
            Template::Manual { .. } => unreachable!("manual rules are not compiled"),
        }
    }

    fn bound(&mut self, bound: &rule::BoundIf) -> BoundIf {
        BoundIf {
            guard: Guard::compile(&bound.when, self),
            bound: bound.bound,
        }
    }

    fn change(&mut self, change: &rule::Change) -> Change {
        Change {
            on: self.select(&change.on),
            from: change.from,
            bound: change.bound,
            max: change.max,
        }
    }

    fn state(&mut self, state: &rule::State) -> State {
        State {
            from: self.selects(&state.from),
            to: self.selects(&state.to),
        }
    }

    fn need(&mut self, need: &rule::Need) -> Need {
        Need {
            if_: Guard::compile(&need.if_, self),
            any: self.selects(&need.any),
            lead: need.lead,
            within: need.within,
            revoked_by: self.selects(&need.revoked_by),
            since: self.selects(&need.since),
            same: self.names(&need.same),
        }
    }

    fn sign(&mut self, sign: &rule::Sign) -> Sign {
        Sign {
            if_: Guard::compile(&sign.if_, self),
            any: self.selects(&sign.any),
            missing: sign.missing,
            at: sign.at,
        }
    }

    fn select(&mut self, select: &rule::Select) -> Select {
        Select {
            any: select
                .any
                .iter()
                .map(|a| self.name_activity(a.as_str()))
                .collect(),
            guard: Guard::compile(&select.when, self),
        }
    }

    fn selects(&mut self, selects: &[rule::Select]) -> Vec<Select> {
        selects.iter().map(|s| self.select(s)).collect()
    }

    fn names(&mut self, names: &[String]) -> Vec<u16> {
        names.iter().map(|n| self.name_attribute(n)).collect()
    }

    fn role_codes(&mut self, roles: &[model::RoleId]) -> Vec<u16> {
        roles
            .iter()
            .map(|r| self.name_role(r.as_str(), 0))
            .collect()
    }

    /// Files every rule under the activities that concern it.
    fn file(&mut self) {
        let activities = self.activity_names.len();
        let types = self.type_names.len();
        self.activated = vec![vec![Vec::new(); activities]; types];
        self.touched = vec![vec![Vec::new(); activities]; types];
        self.breaking = vec![vec![Vec::new(); activities]; types];
        let words = self.rules.len().div_ceil(64);
        self.touched_bits = vec![0; types * activities * words];
        self.run_over = vec![false; types];
        self.carriers = vec![Vec::new(); types];
        for (no, compiled) in self.rules.iter_mut().enumerate() {
            let no = RuleNo::try_from(no).expect("fewer than 65,536 rules");
            compiled.mask = vec![0; activities];
            compiled.mark();
            let object = usize::from(compiled.object);
            self.run_over[object] = true;
            if compiled.carries {
                self.carriers[object].push(no);
            }
            for (activity, mask) in compiled.mask.iter().enumerate() {
                if mask & bit::ACTIVATION != 0 {
                    self.activated[object][activity].push(no);
                    compiled.activating.push(activity as u16);
                }
                if mask & !bit::ACTIVATION != 0 {
                    self.touched[object][activity].push(no);
                    let at = (object * activities + activity) * words;
                    self.touched_bits[at + usize::from(no) / 64] |= 1 << (no % 64);
                    if compiled.breaks() && mask & bit::A != 0 {
                        self.breaking[object][activity].push(no);
                    }
                    compiled.related.push(activity as u16);
                }
                if mask & bit::EXCUSE != 0 {
                    compiled.excusing.push(activity as u16);
                }
                if mask & bit::E != 0 {
                    compiled.pausing.push(activity as u16);
                }
            }
        }
    }

    fn name_activity(&mut self, name: &str) -> u16 {
        let next = self.activity_names.len() as u16;
        let code = *self.activities.entry_ref(name).or_insert(next);
        if code == next {
            self.activity_names.push(name.to_owned());
        }
        code
    }

    fn name_role(&mut self, name: &str, rank: u8) -> u16 {
        let next = self.ranks.len() as u16;
        let code = *self.roles.entry_ref(name).or_insert(next);
        if code == next {
            self.ranks.push(rank);
        }
        code
    }

    fn name_type(&mut self, name: &str) -> u8 {
        let next = self.type_names.len() as u8;
        let code = *self.types.entry_ref(name).or_insert(next);
        if code == next {
            self.type_names.push(name.to_owned());
        }
        code
    }

    /// The number of a guard: the same for guards that say the same.
    pub(crate) fn guard_no(&mut self, guard: &rule::Guard) -> u32 {
        let next = self.guards.len() as u32;
        *self.guards.entry(format!("{guard:?}")).or_insert(next)
    }

    pub(crate) fn guard_count(&self) -> usize {
        self.guards.len()
    }

    pub(crate) fn name_attribute(&mut self, name: &str) -> u16 {
        let next = self.attribute_names.len() as u16;
        let code = *self.attributes.entry_ref(name).or_insert(next);
        if code == next {
            self.attribute_names.push(name.to_owned());
            self.carried.push(false);
        }
        code
    }

    pub(crate) fn type_code(&mut self, name: &str) -> u8 {
        self.name_type(name)
    }

    pub(crate) fn role_code(&mut self, name: &str) -> u16 {
        self.name_role(name, 0)
    }

    pub(crate) fn activity(&self, name: &str) -> u16 {
        let found = self.activities.get(name).or_else(|| {
            let plain = name.strip_prefix(model::Activity::FOREIGN)?;
            self.activities.get(plain)
        });
        found.copied().unwrap_or(FOREIGN)
    }

    /// How many activities have a number; [`FOREIGN`] has none.
    pub(crate) fn activity_count(&self) -> u16 {
        self.activity_names.len() as u16
    }

    pub(crate) fn activity_name(&self, code: u16) -> Option<&str> {
        self.activity_names.get(code as usize).map(String::as_str)
    }

    /// Names by number: activities, roles, types, attributes.
    pub(crate) fn numbering(&self) -> [Vec<&str>; 4] {
        fn own(names: &[String]) -> Vec<&str> {
            names.iter().map(String::as_str).collect()
        }
        let mut roles: Vec<(&u16, &str)> = (self.roles.iter())
            .map(|(name, no)| (no, name.as_str()))
            .collect();
        roles.sort_unstable();
        [
            own(&self.activity_names),
            roles.into_iter().map(|(_, name)| name).collect(),
            own(&self.type_names),
            own(&self.attribute_names),
        ]
    }

    pub(crate) fn role(&self, name: &str) -> u16 {
        self.roles.get(name).copied().unwrap_or(u16::MAX)
    }

    pub(crate) fn rank(&self, role: u16) -> u8 {
        self.ranks.get(role as usize).copied().unwrap_or(0)
    }

    pub(crate) fn object_type(&self, name: &str) -> Option<u8> {
        self.types.get(name).copied()
    }

    pub(crate) fn type_name(&self, code: u8) -> &str {
        &self.type_names[code as usize]
    }

    pub(crate) fn type_count(&self) -> usize {
        self.type_names.len()
    }

    pub(crate) fn attribute(&self, name: &str) -> Option<u16> {
        self.attributes.get(name).copied()
    }

    pub(crate) fn attribute_name(&self, code: u16) -> &str {
        &self.attribute_names[code as usize]
    }

    /// Whether an activity is one of the packs'; of another no rule can say anything.
    pub fn knows(&self, activity: &str) -> bool {
        self.activity(activity) != FOREIGN
    }

    /// Whether any rule looks at this attribute.
    pub fn wants_attribute(&self, name: &str) -> bool {
        self.attributes.contains_key(name)
    }

    /// How many rules there are, those left out as not checkable from events not counted.
    pub fn rule_count(&self) -> usize {
        self.rules.len()
    }

    /// A rule.
    pub fn rule(&self, no: RuleNo) -> &Rule {
        &self.rules[no as usize].rule
    }

    /// The calendar by which it reckons.
    pub fn calendar(&self) -> &Calendar {
        &self.calendar
    }

    /// An instant as people of the organ read it; the end of a day is its 24:00.
    pub(crate) fn local(&self, t: i64) -> String {
        let date = self.calendar.date(t);
        if t == self.calendar.day_end(date) {
            return format!("{date} 24:00");
        }
        let minutes = (t - self.calendar.day_start(date)) / 60_000_000;
        format!("{date} {:02}:{:02}", minutes / 60, minutes % 60)
    }

    /// What an attribute is called; its key where the packs do not say.
    pub(crate) fn attribute_label(&self, key: &str) -> law::Text {
        self.labels.get(key).cloned().unwrap_or(law::Text {
            zh: key.to_owned(),
            en: key.to_owned(),
        })
    }

    /// Local hour of the day.
    pub(crate) fn hour(&self, t: i64) -> u8 {
        let start = self.calendar.day_start(self.calendar.date(t));
        ((t - start) / 3_600_000_000).clamp(0, 23) as u8
    }

    /// Local date as days since 1970-01-01.
    pub(crate) fn epoch_day(&self, t: i64) -> i32 {
        let epoch = jiff::civil::date(1970, 1, 1);
        let days = epoch.until(self.calendar.date(t));
        days.map_or(0, |span| span.get_days())
    }

    pub(crate) fn activated(&self, type_: u8, activity: u16) -> &[RuleNo] {
        let by_activity = &self.activated[type_ as usize];
        by_activity.get(activity as usize).map_or(&[], |v| v)
    }

    /// Rules over objects of this type that look for an attribute along the trace.
    pub(crate) fn carriers(&self, type_: u8) -> &[RuleNo] {
        &self.carriers[type_ as usize]
    }

    /// Rules of which an event of this activity may break what was kept, though it comes after all others.
    pub(crate) fn breaking(&self, type_: u8, activity: u16) -> &[RuleNo] {
        let by_activity = &self.breaking[type_ as usize];
        by_activity.get(activity as usize).map_or(&[], |v| v)
    }

    pub(crate) fn touched(&self, type_: u8, activity: u16) -> &[RuleNo] {
        let by_activity = &self.touched[type_ as usize];
        by_activity.get(activity as usize).map_or(&[], |v| v)
    }

    /// The same as bits, from the lowest of the first word on.
    pub(crate) fn touched_bits(&self, type_: u8, activity: u16) -> &[u64] {
        let words = self.rules.len().div_ceil(64);
        let at = usize::from(type_) * self.activity_names.len() + usize::from(activity);
        let own = at * words..(at + 1) * words;
        self.touched_bits.get(own).unwrap_or(&[])
    }

    /// Whether an event of this activity belongs to the traces of objects of this type. Every act of a person would make long
    /// traces in which no rule looks at most; of other objects the whole trace is kept, since pages ask for it.
    pub(crate) fn keeps(&self, type_: u8, activity: u16) -> bool {
        self.run_over[type_ as usize]
            && (self.actor_type != Some(type_)
                || self.actor_whole
                || !self.activated(type_, activity).is_empty()
                || !self.touched(type_, activity).is_empty())
    }

    /// Whether an event of this activity is anything to a rule over objects of this type: itself, or by what it may carry along.
    pub(crate) fn asks(&self, type_: u8, activity: u16) -> bool {
        self.run_over[type_ as usize]
            && (!self.carriers(type_).is_empty()
                || !self.activated(type_, activity).is_empty()
                || !self.touched(type_, activity).is_empty())
    }

    /// Whether any rule runs over objects of this type.
    pub(crate) fn runs_over(&self, type_: u8) -> bool {
        self.run_over[type_ as usize]
    }
}

impl Compiled {
    /// What an activity is to this rule.
    pub(crate) fn bits(&self, activity: u16) -> u8 {
        self.mask.get(activity as usize).copied().unwrap_or(0)
    }

    /// Whether what comes later may break what was kept.
    pub(crate) fn breaks(&self) -> bool {
        match &self.template {
            Ready::Distinct(d) => !d.before,
            Ready::Score { .. } => true,
            _ => false,
        }
    }

    /// Activities that are one of these things to this rule.
    #[inline]
    pub(crate) fn activities(&self, which: Which) -> &[u16] {
        match which {
            Which::Activating => &self.activating,
            Which::Related => &self.related,
            Which::Excusing => &self.excusing,
            Which::Pausing => &self.pausing,
        }
    }

    fn mark(&mut self) {
        let mask = &mut self.mask;
        let mut set = |select: &Select, bit: u8| {
            for activity in &select.any {
                mask[*activity as usize] |= bit;
            }
        };
        set(&self.activation, bit::ACTIVATION);
        self.excuse.iter().for_each(|s| set(s, bit::EXCUSE));
        match &self.template {
            Ready::Response(r) => {
                r.expect.iter().for_each(|s| set(s, bit::A));
                r.until.iter().for_each(|s| set(s, bit::B));
                r.by.iter().for_each(|s| set(s, bit::C));
                r.changes.iter().for_each(|c| set(&c.on, bit::D));
                for pause in &r.pause {
                    pause.from.iter().for_each(|s| set(s, bit::E));
                    pause.to.iter().for_each(|s| set(s, bit::E));
                }
            }
            Ready::Precedence(needs) => {
                for need in needs {
                    need.any.iter().for_each(|s| set(s, bit::A));
                    need.revoked_by.iter().for_each(|s| set(s, bit::B));
                    need.since.iter().for_each(|s| set(s, bit::C));
                }
            }
            Ready::Absence(a) => {
                a.from.iter().for_each(|s| set(s, bit::A));
                a.to.iter().for_each(|s| set(s, bit::B));
            }
            Ready::Distinct(d) => d.against.iter().for_each(|s| set(s, bit::A)),
            Ready::Covered(by) | Ready::Overlap(by) => by.iter().for_each(|s| set(s, bit::A)),
            Ready::Exclusive(states) => {
                for state in states {
                    state.from.iter().for_each(|s| set(s, bit::A));
                    state.to.iter().for_each(|s| set(s, bit::B));
                }
            }
            Ready::Score { signs, .. } => {
                for sign in signs {
                    sign.any.iter().for_each(|s| set(s, bit::A));
                }
            }
            Ready::Count { .. }
            | Ready::MinPersons { .. }
            | Ready::Authority(_)
            | Ready::Record(_)
            | Ready::BackDated(_) => {}
        }
        if let Some((activity, _, _)) = self.exempt {
            mask[activity as usize] |= bit::EXCUSE;
        }
    }

    /// The earliest warning before a limit, by section 5 of the rules where the rule says nothing itself.
    pub(crate) fn warning(&self, bound: Limit) -> Warn {
        let first = self.warn.iter().copied().max_by_key(|w| match w {
            Warn::Percent(p) => i64::from(100 - i32::from(*p)) * 1_000,
            Warn::Before(l) => length(*l),
        });
        first.unwrap_or(match bound.unit {
            LimitUnit::Minute | LimitUnit::Hour => Warn::Percent(90),
            LimitUnit::Day | LimitUnit::WorkingDay if bound.amount <= 7 => Warn::Before(days(1)),
            LimitUnit::Day | LimitUnit::WorkingDay if bound.amount < 30 => Warn::Before(days(3)),
            _ => Warn::Before(days(7)),
        })
    }
}

fn days(amount: u32) -> Limit {
    Limit {
        amount,
        unit: LimitUnit::Day,
    }
}

/// A length in minutes: of what no calendar changes, and for comparing warnings.
fn length(limit: Limit) -> i64 {
    let unit = match limit.unit {
        LimitUnit::Minute => 1,
        LimitUnit::Hour => 60,
        LimitUnit::Day | LimitUnit::WorkingDay => 1_440,
        LimitUnit::Month => 43_200,
        LimitUnit::Year => 525_600,
    };
    i64::from(limit.amount) * unit
}

/// The calendar's word for a limit.
pub(crate) fn bound(limit: Limit) -> calendar::Bound {
    use calendar::Unit;
    calendar::Bound {
        amount: limit.amount,
        unit: match limit.unit {
            LimitUnit::Minute => Unit::Minute,
            LimitUnit::Hour => Unit::Hour,
            LimitUnit::Day => Unit::Day,
            LimitUnit::WorkingDay => Unit::WorkingDay,
            LimitUnit::Month => Unit::Month,
            LimitUnit::Year => Unit::Year,
        },
    }
}
