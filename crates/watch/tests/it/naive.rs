//! What a rule says of a list of events, read literally: quantifiers over the whole list, and no cleverness.
//!
//! Written from `docs/packs.md` and the documentation of `law::rule`, not from the judge, so that the two can disagree.
//!
//! What is not known – a coarse time, an attribute that is missing, an event without actors – is *chosen*: the rule is
//! evaluated in every world that may be the true one, and gives the set of what it says in them. Events with the same
//! coarse time share its end: they are of the same day, which counts as the same instant.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet, HashMap};

use calendar::{Calendar, Roll, Span};
use law::rule::*;

use crate::world::{
    Ev, HOUR, Key as Obligation, MINUTE, ROLES, Said, Val, attr, calendar, compare, literal, roots,
};

/// What a rule says of an activation in the worlds that may be; `None` where it does not apply.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Worlds {
    /// All that may be so.
    pub(crate) said: BTreeSet<Option<Said>>,
    /// Whether any time was chosen.
    pub(crate) times: bool,
    /// Whether anything else was.
    pub(crate) data: bool,
}

/// Something that is not known.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Fork {
    Time(i64, i64),
    Guard(usize, u64),
    Same(usize, u64, u64),
    Meet(u64, u64),
    End(u64),
}

/// Choices made in one world, in the order in which they came up.
#[derive(Default)]
struct Luck {
    path: Vec<(usize, usize)>,
    made: HashMap<Fork, usize>,
    times: bool,
    data: bool,
}

impl Luck {
    fn choose(&mut self, fork: Fork, n: usize) -> usize {
        if let Some(made) = self.made.get(&fork) {
            return *made;
        }
        match fork {
            Fork::Time(..) => self.times = true,
            _ => self.data = true,
        }
        let at = self.made.len();
        if at == self.path.len() {
            self.path.push((0, n));
        }
        self.made.insert(fork, self.path[at].0);
        self.path[at].0
    }

    /// On to the next world.
    fn next(&mut self) -> bool {
        self.made.clear();
        while let Some((at, n)) = self.path.pop() {
            if at + 1 < n {
                self.path.push((at + 1, n));
                return true;
            }
        }
        false
    }
}

struct View<'a> {
    rule: &'a Rule,
    /// The trace: every event that names the object and was not corrected.
    trace: Vec<&'a Ev>,
    object: (&'a str, &'a str),
    per: Option<(&'a str, &'a str)>,
    now: i64,
    /// When the activation was first recorded.
    recorded: i64,
    /// Whether something that it had to precede came first, in the world that was looked at last.
    overtaken: Cell<bool>,
    luck: RefCell<Luck>,
    points: usize,
}

/// Worlds that are looked at for one activation, at most; `None` for one that has more.
const MOST: usize = 3_000;

/// What a rule says of each of its activations. `points`: how many instants of a coarse time are tried, both ends included.
pub(crate) fn evaluate(
    rule: &Rule,
    events: &[Ev],
    now: i64,
    points: usize,
) -> Option<BTreeMap<Obligation, Worlds>> {
    let roots = roots(events);
    let corrected: BTreeSet<u64> = events.iter().filter_map(|e| e.corrects).collect();
    let first: HashMap<u64, i64> = events.iter().map(|e| (e.pos, e.recorded)).collect();
    let live: Vec<&Ev> = events
        .iter()
        .filter(|e| !corrected.contains(&e.pos))
        .collect();
    let mut all = BTreeMap::new();
    let type_ = rule.object.as_str();
    let objects: BTreeSet<&str> = live.iter().flat_map(|e| named(e, type_)).collect();
    for id in objects {
        let trace: Vec<&Ev> = live
            .iter()
            .copied()
            .filter(|e| named(e, type_).contains(&id))
            .collect();
        for activation in &trace {
            if !rule
                .activation
                .any
                .iter()
                .any(|a| a.as_str() == activation.activity)
            {
                continue;
            }
            let pers: Vec<Option<(&str, &str)>> = match &rule.per {
                None => vec![None],
                Some(per) => {
                    let ids: BTreeSet<&str> = named(activation, per.as_str()).into_iter().collect();
                    ids.into_iter().map(|id| Some((per.as_str(), id))).collect()
                }
            };
            for per in pers {
                let view = View {
                    rule,
                    trace: trace.clone(),
                    object: (type_, id),
                    per,
                    now,
                    recorded: first[&roots[&activation.pos]],
                    overtaken: Cell::default(),
                    luck: RefCell::default(),
                    points,
                };
                let mut worlds = Worlds::default();
                for n in 0.. {
                    if n > MOST {
                        return None;
                    }
                    worlds.said.insert(view.outcome(activation));
                    if !view.luck.borrow_mut().next() {
                        break;
                    }
                }
                (worlds.times, worlds.data) = (view.luck.borrow().times, view.luck.borrow().data);
                let own = |(t, id): (&str, &str)| (t.to_owned(), id.to_owned());
                let key = (
                    rule.id.to_string(),
                    own((type_, id)),
                    per.map(own),
                    roots[&activation.pos],
                );
                all.insert(key, worlds);
            }
        }
    }
    Some(all)
}

/// Ids of the objects of a type that an event names.
fn named<'a>(event: &'a Ev, type_: &str) -> Vec<&'a str> {
    if type_ == ACTOR {
        return event.actors.iter().map(|(p, _)| p.as_str()).collect();
    }
    let of_type = event.objects.iter().filter(|(t, _, _)| t == type_);
    of_type.map(|(_, id, _)| id.as_str()).collect()
}

fn end_of(calendar: &Calendar, start: i64, limit: Limit) -> i64 {
    calendar
        .due(start, in_calendar(limit), Roll::Never, &[])
        .exact
}

fn in_calendar(limit: Limit) -> calendar::Bound {
    use calendar::Unit;
    let unit = match limit.unit {
        LimitUnit::Minute => Unit::Minute,
        LimitUnit::Hour => Unit::Hour,
        LimitUnit::Day => Unit::Day,
        LimitUnit::WorkingDay => Unit::WorkingDay,
        LimitUnit::Month => Unit::Month,
        LimitUnit::Year => Unit::Year,
    };
    calendar::Bound {
        amount: limit.amount,
        unit,
    }
}

fn plain(outcome: Outcome) -> Option<Said> {
    Some((outcome, None))
}

impl<'a> View<'a> {
    fn choose(&self, fork: Fork, n: usize) -> usize {
        self.luck.borrow_mut().choose(fork, n)
    }

    /// When it happened, in this world.
    fn t(&self, e: &Ev) -> i64 {
        if e.lo == e.hi {
            return e.lo;
        }
        let at = self.choose(Fork::Time(e.lo, e.hi), self.points) as i64;
        e.lo + ((e.hi - e.lo) as i128 * i128::from(at) / (self.points as i128 - 1)) as i64
    }

    /// Order in which events of one instant are told apart, where a rule has to.
    fn order(&self, e: &Ev) -> (i64, i64, u64) {
        (self.t(e), e.recorded, e.pos)
    }

    /// Whether an event concerns the thing that the obligation is about; one that names none of its type does.
    fn concerns(&self, e: &Ev) -> bool {
        self.per.is_none_or(|(type_, id)| {
            let ids = named(e, type_);
            ids.is_empty() || ids.contains(&id)
        })
    }

    /// Whether it names that thing.
    fn names(&self, e: &Ev) -> bool {
        self.per
            .is_none_or(|(type_, id)| named(e, type_).contains(&id))
    }

    fn others(&self, activation: &Ev) -> Vec<&'a Ev> {
        let mut others: Vec<&Ev> = (self.trace.iter().copied())
            .filter(|e| e.pos != activation.pos && self.concerns(e))
            .collect();
        others.sort_by_key(|e| self.t(e));
        others
    }

    fn is(&self, select: &Select, e: &Ev) -> bool {
        select.any.iter().any(|a| a.as_str() == e.activity) && self.holds(&select.when, e)
    }

    fn any(&self, selects: &[Select], e: &Ev) -> bool {
        selects.iter().any(|s| self.is(s, e))
    }

    fn same(&self, keys: &[String], a: &Ev, b: &Ev) -> bool {
        let pairs: Vec<_> = keys.iter().map(|k| (attr(a, k), attr(b, k))).collect();
        if pairs
            .iter()
            .any(|(a, b)| matches!((a, b), (Some(a), Some(b)) if a != b))
        {
            return false;
        }
        if pairs.iter().all(|(a, b)| a.is_some() && b.is_some()) {
            return true;
        }
        self.choose(Fork::Same(keys.as_ptr() as usize, a.pos, b.pos), 2) == 1
    }

    fn holds(&self, guard: &Guard, e: &Ev) -> bool {
        let clause = |c: &Clause| {
            let atoms: Vec<Option<bool>> = c.0.iter().map(|a| self.atom(a, e)).collect();
            if atoms.contains(&Some(true)) {
                Some(true)
            } else if atoms.contains(&None) {
                None
            } else {
                Some(false)
            }
        };
        let clauses: Vec<Option<bool>> = guard.0.iter().map(clause).collect();
        if clauses.contains(&Some(false)) {
            false
        } else if clauses.contains(&None) {
            self.choose(Fork::Guard(guard as *const Guard as usize, e.pos), 2) == 1
        } else {
            true
        }
    }

    fn atom(&self, atom: &Atom, e: &Ev) -> Option<bool> {
        if atom.key == Key::Role {
            let named: Vec<&Literal> = match &atom.with {
                Operand::One(l) => vec![l],
                Operand::Many(all) => all.iter().collect(),
                Operand::None | Operand::Key(_) => vec![],
            };
            let own = |p: &str| self.object == (ACTOR, p);
            let is = |role: &str| {
                named
                    .iter()
                    .any(|l| literal(l) == Val::Text(role.to_owned()))
            };
            let any = e.actors.iter().any(|(p, role)| own(p) && is(role));
            return Some(any == matches!(atom.op, Op::Eq | Op::In));
        }
        let left = self.key(&atom.key, e);
        match atom.op {
            Op::Has => return Some(left.is_some()),
            Op::Lacks => return Some(left.is_none()),
            _ => {}
        }
        let missing = if atom.optional { Some(false) } else { None };
        // The hour of a day is missing; with `?` that is as good as any other hour that does not hold.
        if atom.optional && atom.key == Key::Hour && e.lo < e.hi {
            return missing;
        }
        let Some(left) = left else { return missing };
        match &atom.with {
            Operand::None => Some(false),
            Operand::One(l) => Some(compare(&left, atom.op, &literal(l))),
            Operand::Many(all) if all.is_empty() => missing,
            Operand::Many(all) => {
                let within = all.iter().any(|l| compare(&left, Op::Eq, &literal(l)));
                Some(within == (atom.op == Op::In))
            }
            Operand::Key(key) => match self.key(key, e) {
                Some(right) => Some(compare(&left, atom.op, &right)),
                None => missing,
            },
        }
    }

    fn key(&self, key: &Key, e: &Ev) -> Option<Val> {
        match key {
            Key::Attr(name) => attr(e, name),
            Key::Trace(name) => {
                let until = (e.lo, e.recorded, e.pos);
                let mut had: Vec<&&Ev> = (self.trace.iter())
                    .filter(|o| (o.lo, o.recorded, o.pos) <= until && attr(o, name).is_some())
                    .collect();
                had.sort_by_key(|o| (o.lo, o.recorded, o.pos));
                had.last().and_then(|o| attr(o, name))
            }
            Key::Persons(role) => {
                if e.actors.is_empty() {
                    return None;
                }
                let of = e
                    .actors
                    .iter()
                    .filter(|(_, r)| role.as_ref().is_none_or(|w| w.as_str() == r));
                let people: BTreeSet<&str> = of.map(|(p, _)| p.as_str()).collect();
                Some(Val::Number(people.len() as f64))
            }
            Key::Objects(type_, part) => {
                let n = e.objects.iter().filter(|(t, _, p)| {
                    t == type_.as_str()
                        && part
                            .as_ref()
                            .is_none_or(|w| Some(w.as_str()) == p.as_deref())
                });
                Some(Val::Number(n.count() as f64))
            }
            Key::Part => {
                let own = |o: &&(String, String, Option<String>)| {
                    (o.0.as_str(), o.1.as_str()) == self.object
                };
                e.objects.iter().find(own)?.2.clone().map(Val::Text)
            }
            // Asked as a whole, see `atom`.
            Key::Role => None,
            Key::Organ => Some(Val::Text(e.organ.clone())),
            Key::Hour => {
                let t = self.t(e);
                let start = calendar().day_start(calendar().date(t));
                Some(Val::Number(((t - start) / HOUR) as f64))
            }
            Key::Date => {
                let days = jiff::civil::date(1970, 1, 1).until(calendar().date(self.t(e)));
                Some(Val::Number(f64::from(days.expect("in range").get_days())))
            }
        }
    }

    /// What is said at this moment: red only once proof can no longer be recorded in time.
    fn outcome(&self, a: &Ev) -> Option<Said> {
        let (outcome, due) = self.lawful(a)?;
        let grace = self.rule.recording;
        let (grace, from) = match (&self.rule.template, due) {
            _ if outcome != Outcome::Breached => return Some((outcome, due)),
            (Template::Response(_), Some(due)) if self.overtaken.get() => {
                (grace.act, self.recorded.max(due))
            }
            (Template::Response(_), Some(due)) => (grace.clock, self.recorded.max(due)),
            _ => (grace.act, self.recorded),
        };
        let open = grace.is_some_and(|g| {
            let unit = if g.unit == LimitUnit::Hour {
                HOUR
            } else {
                MINUTE
            };
            self.now <= from + i64::from(g.amount) * unit
        });
        let outcome = if open {
            Outcome::AtRisk
        } else {
            Outcome::Breached
        };
        Some((outcome, due))
    }

    fn lawful(&self, a: &Ev) -> Option<Said> {
        self.overtaken.set(false);
        let day = calendar().date(self.t(a));
        if day < self.rule.from || self.rule.to.is_some_and(|to| day > to) {
            return None;
        }
        if !self.holds(&self.rule.activation.when, a) {
            return None;
        }
        if let Template::Response(r) = &self.rule.template {
            return self.response(r, a);
        }
        let (outcome, due) = match &self.rule.template {
            Template::Precedence(needs) => self.precedence(needs, a),
            Template::Absence(absence) => self.absence(absence, a),
            Template::Count { max, window } => self.count(*max, *window, a),
            Template::MinPersons { roles, min } => min_persons(roles, *min, a),
            Template::Distinct(d) => self.distinct(d, a),
            Template::Authority(ranks) => self.authority(ranks, a)?,
            Template::Record { require } => broken(!self.holds(require, a)),
            Template::Covered { by } => self.covered(by, a),
            Template::Exclusive { states } => self.exclusive(states, a),
            Template::Overlap { to } => self.overlap(to, a),
            Template::BackDated { within } => {
                let last = end_of(calendar(), self.t(a), *within);
                Some((
                    if a.recorded > last {
                        Outcome::Breached
                    } else {
                        Outcome::Satisfied
                    },
                    Some(last),
                ))
            }
            Template::Score { signs, min } => self.score(signs, *min, a),
            Template::Response(_) | Template::Manual { .. } => return None,
        }?;
        let bad = matches!(outcome, Outcome::Breached | Outcome::NotCheckable);
        if bad
            && self
                .others(a)
                .iter()
                .any(|e| self.t(e) <= self.t(a) && self.excuses(e))
        {
            return plain(Outcome::Excused);
        }
        Some((outcome, due))
    }

    fn excuses(&self, e: &Ev) -> bool {
        let general =
            e.activity == "lift" && attr(e, "rule") == Some(Val::Text(self.rule.id.to_string()));
        general || self.any(&self.rule.excuse, e)
    }

    fn response(&self, r: &Response, a: &Ev) -> Option<Said> {
        let start = self.t(a);
        let bound = r
            .bounds
            .iter()
            .find(|b| self.holds(&b.when, a))
            .map(|b| b.bound);
        if bound.is_none() && !r.bounds.is_empty() && r.by.is_empty() {
            return None;
        }
        let mut clock = bound.map(|bound| Clock {
            start,
            limits: vec![bound],
            spans: Vec::new(),
            open: vec![None; r.pause.len()],
            used: vec![0; r.changes.len()],
        });
        let others = self.others(a);
        if let Some(clock) = &mut clock {
            // A stretch that lasts when the activation comes.
            for (k, pause) in r.pause.iter().enumerate() {
                let mut before: Vec<i64> = others
                    .iter()
                    .map(|e| self.t(e))
                    .filter(|t| *t < start)
                    .collect();
                before.dedup();
                for t in before {
                    clock.pause(self, r, k, pause, &others, t);
                }
            }
        }
        let mut instants: Vec<i64> = others
            .iter()
            .map(|e| self.t(e))
            .filter(|t| *t >= start)
            .collect();
        instants.dedup();
        let mut late: Option<i64> = None;
        for now in instants {
            let at: Vec<&Ev> = others
                .iter()
                .copied()
                .filter(|e| self.t(e) == now)
                .collect();
            let mut due = clock.as_ref().map_or(Some(i64::MAX), |c| c.due(r));
            if due.is_some_and(|due| now > due) {
                break;
            }
            if let Some(clock) = &mut clock {
                clock.change(self, r, &at, now);
                // Of the limits before and after the change the longer, for what comes at the same instant.
                due = due.zip(clock.due(r)).map(|(a, b)| a.max(b));
            }
            let mut late_here = None;
            for e in &at {
                let again = r.rearm && self.is(&self.rule.activation, e) && now == start;
                if again || !self.any(&r.expect, e) || !self.same(&r.same, a, e) {
                    continue;
                }
                match due {
                    Some(due) if e.recorded > due => late_here = Some(due),
                    _ => return plain(Outcome::Satisfied),
                }
            }
            if late.is_some() {
                continue;
            }
            if at.iter().any(|e| self.any(&r.until, e)) {
                return plain(Outcome::Satisfied);
            }
            if at.iter().any(|e| self.excuses(e)) {
                return plain(Outcome::Excused);
            }
            late = late_here;
            if late.is_none() && now > start && at.iter().any(|e| self.any(&r.by, e)) {
                self.overtaken.set(true);
                return Some((Outcome::Breached, Some(now)));
            }
        }
        if late.is_some() {
            return Some((Outcome::SatisfiedRecordedLate, late));
        }
        let Some(clock) = clock else {
            return plain(Outcome::Pending);
        };
        let Some(due) = clock.due(r) else {
            return plain(Outcome::Suspended);
        };
        let outcome = if self.now > due {
            Outcome::Breached
        } else if self.now >= clock.warning(self.rule, due) {
            Outcome::AtRisk
        } else {
            Outcome::Pending
        };
        Some((outcome, Some(due)))
    }

    fn precedence(&self, needs: &[Need], a: &Ev) -> Option<Said> {
        let now = self.t(a);
        let others = self.others(a);
        let met = |need: &Need| {
            others.iter().any(|e| {
                let t = self.t(e);
                t <= now
                    && self.any(&need.any, e)
                    && self.same(&need.same, e, a)
                    && need.lead.is_none_or(|l| t <= calendar().before(now, in_calendar(l)))
                    && need.within.is_none_or(|l| now <= end_of(calendar(), t, l))
                    // Taken back, or out of date, by what came after it and before the activation.
                    && !others.iter().any(|v| {
                        t < self.t(v)
                            && self.t(v) < now
                            && (self.any(&need.revoked_by, v) || self.any(&need.since, v))
                    })
            })
        };
        broken(needs.iter().any(|n| self.holds(&n.if_, a) && !met(n)))
    }

    fn absence(&self, absence: &Absence, a: &Ev) -> Option<Said> {
        let now = self.t(a);
        let others = self.others(a);
        let begun = |e: &&&Ev| {
            let t = self.t(e);
            t < now
                && self.any(&absence.from, e)
                && self.same(&absence.same, e, a)
                && absence.gap.is_none_or(|l| match l.unit {
                    LimitUnit::Minute | LimitUnit::Hour => now < end_of(calendar(), t, l),
                    // The whole of the last day belongs to it.
                    _ => now <= end_of(calendar(), t, l),
                })
                && !self.ended(&absence.to, &others, t, now)
        };
        broken(absence.from.is_empty() || others.iter().any(|e| begun(&e)))
    }

    /// Whether a state that began at `from` ended up to `to`.
    fn ended(&self, ends: &[Select], others: &[&Ev], from: i64, to: i64) -> bool {
        others
            .iter()
            .any(|e| (from..=to).contains(&self.t(e)) && self.any(ends, e))
    }

    fn count(&self, max: u32, window: Option<Limit>, a: &Ev) -> Option<Said> {
        let n = self.trace.iter().filter(|e| {
            self.order(e) <= self.order(a)
                && self.names(e)
                && calendar().date(self.t(e)) >= self.rule.from
                && self.is(&self.rule.activation, e)
                && window.is_none_or(|w| self.t(a) <= end_of(calendar(), self.t(e), w))
        });
        broken(n.count() > max as usize)
    }

    fn distinct(&self, d: &Distinct, a: &Ev) -> Option<Said> {
        if a.actors.is_empty() {
            return plain(Outcome::NotCheckable);
        }
        let own = acting(&d.roles, a);
        if d.against.is_empty() {
            return broken(!own.is_disjoint(&acting(&d.against_roles, a)));
        }
        let meets = |e: &&Ev| {
            if d.before && self.t(e) > self.t(a) || !self.any(&d.against, e) {
                return false;
            }
            if e.actors.is_empty() && !own.is_empty() {
                return self.choose(Fork::Meet(a.pos, e.pos), 2) == 1;
            }
            !own.is_disjoint(&acting(&d.against_roles, e))
        };
        broken(self.others(a).iter().any(meets))
    }

    fn authority(&self, ranks: &[RankIf], a: &Ev) -> Option<Option<Said>> {
        let wanted = ranks.iter().find(|r| self.holds(&r.when, a))?;
        if a.actors.is_empty() {
            return Some(plain(Outcome::NotCheckable));
        }
        let rank = |role: &str| ROLES.iter().find(|r| r.0 == role).map_or(0, |r| r.1);
        let highest = a
            .actors
            .iter()
            .map(|(_, role)| rank(role))
            .max()
            .unwrap_or(0);
        Some(broken(highest < rank(wanted.rank.as_str())))
    }

    fn covered(&self, by: &[Select], a: &Ev) -> Option<Said> {
        let Some(end) = a.ended else {
            return plain(Outcome::NotCheckable);
        };
        let covers = |e: &&Ev| {
            self.t(e) <= self.t(a)
                && self.any(by, e)
                && match e.ended {
                    Some(ended) => ended >= end,
                    None => self.choose(Fork::End(e.pos), 2) == 1,
                }
        };
        if self.others(a).iter().any(covers) {
            return plain(Outcome::Satisfied);
        }
        // What was recorded may be entered within a day.
        let due = end + 24 * HOUR;
        let outcome = if self.now > due {
            Outcome::Breached
        } else {
            Outcome::Pending
        };
        Some((outcome, Some(due)))
    }

    fn exclusive(&self, states: &[State], a: &Ev) -> Option<Said> {
        let now = self.t(a);
        let others = self.others(a);
        let begins = |s: &State| self.any(&s.from, a);
        let lasts = |s: &State| {
            !self.any(&s.to, a)
                && others.iter().any(|e| {
                    let t = self.t(e);
                    t < now && self.any(&s.from, e) && !self.ended(&s.to, &others, t, now)
                })
        };
        broken(states.iter().any(begins) && states.iter().any(|s| !begins(s) && lasts(s)))
    }

    fn overlap(&self, to: &[Select], a: &Ev) -> Option<Said> {
        let others = self.others(a);
        let lasts_beyond = |e: &Ev, t: i64| {
            let ends = |o: &&&Ev| o.pos != e.pos && self.t(o) >= self.t(e) && self.any(to, o);
            match e.ended {
                Some(ended) => ended > t,
                None if to.is_empty() => self.choose(Fork::End(e.pos), 2) == 1,
                None => {
                    let mut all: Vec<&Ev> = others.clone();
                    all.push(a);
                    !all.iter().filter(ends).any(|o| self.t(o) <= t)
                }
            }
        };
        broken(others.iter().any(|e| {
            self.names(e)
                && self.order(e) < self.order(a)
                && self.is(&self.rule.activation, e)
                && lasts_beyond(e, self.t(a))
        }))
    }

    fn score(&self, signs: &[Sign], min: u32, a: &Ev) -> Option<Said> {
        let others = self.others(a);
        let shown = |s: &&Sign| {
            let there = s.any.is_empty()
                || others.iter().any(|e| {
                    let placed = match s.at {
                        At::Before => self.t(e) <= self.t(a),
                        At::After => self.t(e) >= self.t(a),
                        At::Any => true,
                    };
                    placed && self.any(&s.any, e)
                }) != s.missing;
            self.holds(&s.if_, a) && there
        };
        broken(signs.iter().filter(shown).count() >= min as usize)
    }
}

fn broken(is: bool) -> Option<Said> {
    plain(if is {
        Outcome::Breached
    } else {
        Outcome::Satisfied
    })
}

fn acting<'a>(roles: &[model::RoleId], e: &'a Ev) -> BTreeSet<&'a str> {
    let counts = |role: &str| roles.is_empty() || roles.iter().any(|r| r.as_str() == role);
    e.actors
        .iter()
        .filter(|(_, r)| counts(r))
        .map(|(p, _)| p.as_str())
        .collect()
}

fn min_persons(roles: &[model::RoleId], min: u32, a: &Ev) -> Option<Said> {
    if a.actors.is_empty() {
        return plain(Outcome::NotCheckable);
    }
    broken(acting(roles, a).len() < min as usize)
}

/// The limit of one obligation, as it stands.
struct Clock {
    start: i64,
    limits: Vec<Limit>,
    spans: Vec<Span>,
    /// Since when each kind of pause lasts.
    open: Vec<Option<i64>>,
    /// How often each change was made.
    used: Vec<u32>,
}

impl Clock {
    /// Takes one instant in: what begins a pause, what changes the limit, what ends a pause.
    fn change(&mut self, view: &View<'_>, r: &Response, at: &[&Ev], now: i64) {
        for (k, pause) in r.pause.iter().enumerate() {
            if self.open[k].is_none() && at.iter().any(|e| view.any(&pause.from, e)) {
                self.open[k] = Some(now);
            }
        }
        let mut taken = BTreeSet::new();
        for (k, change) in r.changes.iter().enumerate() {
            for e in at {
                if taken.contains(&e.pos) || self.used[k] >= change.max || !view.is(&change.on, e) {
                    continue;
                }
                taken.insert(e.pos);
                self.used[k] += 1;
                match change.from {
                    From::Activation => self.limits = vec![change.bound],
                    From::Event => (self.start, self.limits) = (now, vec![change.bound]),
                    From::Due => self.limits.push(change.bound),
                }
            }
        }
        for (k, pause) in r.pause.iter().enumerate() {
            self.end(view, k, pause, at, now);
        }
    }

    fn end(&mut self, view: &View<'_>, k: usize, pause: &State, at: &[&Ev], now: i64) {
        if let Some(from) = self.open[k]
            && at.iter().any(|e| view.any(&pause.to, e))
        {
            self.open[k] = None;
            self.spans.push(Span { from, to: now });
        }
    }

    /// One kind of pause at an instant before the activation.
    fn pause(
        &mut self,
        view: &View<'_>,
        _: &Response,
        k: usize,
        pause: &State,
        others: &[&Ev],
        now: i64,
    ) {
        let at: Vec<&Ev> = others
            .iter()
            .copied()
            .filter(|e| view.t(e) == now)
            .collect();
        if self.open[k].is_none() && at.iter().any(|e| view.any(&pause.from, e)) {
            self.open[k] = Some(now);
        }
        self.end(view, k, pause, &at, now);
    }

    /// The last instant that is in time; `None` while the clock stands still.
    fn due(&self, r: &Response) -> Option<i64> {
        if self.open.iter().any(Option::is_some) {
            return None;
        }
        let mut at = self.start;
        for (n, limit) in self.limits.iter().enumerate() {
            let last = n + 1 == self.limits.len();
            let roll = if r.roll && last {
                Roll::Holiday
            } else {
                Roll::Never
            };
            let due = calendar().due(at, in_calendar(*limit), roll, &self.spans);
            at = if r.statutory {
                due.statutory
            } else {
                due.exact
            };
        }
        Some(r.lead.map_or(at, |l| calendar().before(at, in_calendar(l))))
    }

    /// From when on it is told that the time runs out: the earliest warning.
    fn warning(&self, rule: &Rule, due: i64) -> i64 {
        let limit = *self.limits.last().expect("a limit");
        let minutes = |l: Limit| {
            let unit = match l.unit {
                LimitUnit::Minute => 1,
                LimitUnit::Hour => 60,
                LimitUnit::Day | LimitUnit::WorkingDay => 1_440,
                LimitUnit::Month => 43_200,
                LimitUnit::Year => 525_600,
            };
            i64::from(l.amount) * unit * 60_000_000
        };
        let day = |amount| {
            Warn::Before(Limit {
                amount,
                unit: LimitUnit::Day,
            })
        };
        let usual = match limit.unit {
            LimitUnit::Minute | LimitUnit::Hour => Warn::Percent(90),
            LimitUnit::Day | LimitUnit::WorkingDay if limit.amount <= 7 => day(1),
            LimitUnit::Day | LimitUnit::WorkingDay if limit.amount < 30 => day(3),
            _ => day(7),
        };
        let warns = if rule.warn.is_empty() {
            vec![usual]
        } else {
            rule.warn.clone()
        };
        let moment = |w: &Warn| match w {
            Warn::Percent(p) => self.start + (due - self.start) * i64::from(*p) / 100,
            Warn::Before(l) => (due - minutes(*l)).max(self.start),
        };
        warns.iter().map(moment).min().expect("a warning")
    }
}
