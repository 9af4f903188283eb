//! Events one by one, and time passing: what changes?
//!
//! [`Engine::apply`] takes an event wherever it belongs in time; [`Engine::tick`] takes the time. Both give [`Change`]s.
//! After any events in any order, the newest outcome of every activation is what [`crate::batch::check`] says of the same
//! events at the same moment: the engine only finds out which activations an event *may* concern, and asks
//! [`crate::judge`] again. Owns no log, no clock and no thread.

use std::sync::Arc;

use hashbrown::HashMap;
use law::rule::Outcome;

use crate::batch::{all, each_per};
use crate::columns::{Columns, Event, FOREIGN, Row};
use crate::judge::{NEVER, NO_OBJECT, Verdict, Why, distinct_met, judge, live};
use crate::program::{Compiled, Program, Ready, RuleNo, bit};
use crate::trace::{self, CARRIES, COARSE, Here, Index, Item, Known, LONG, Trace};
use crate::wheel::{Entry, Wheel};

/// An outcome that is new.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    /// The rule.
    pub rule: RuleNo,
    pub(crate) object: u32,
    pub(crate) per: u32,
    pub(crate) root: Row,
    pub(crate) row: Row,
    pub(crate) verdict: Verdict,
    /// What it was; `None` for one that was not told before.
    pub previous: Option<Outcome>,
}

impl Change {
    /// What it is now.
    pub fn outcome(&self) -> Outcome {
        self.verdict.outcome
    }

    /// Broken by what is on record, while what clears it may still be recorded.
    pub fn is_unrecorded(&self) -> bool {
        self.verdict.why == Why::Unrecorded
    }

    /// Last instant that is in time, where there is a limit.
    pub fn due(&self) -> Option<i64> {
        (self.verdict.due != NEVER).then_some(self.verdict.due)
    }
}

/// What is remembered of an activation that is not simply kept.
#[derive(Clone, Copy, Debug)]
struct Record {
    rule: RuleNo,
    per: u32,
    root: Row,
    row: Row,
    verdict: Verdict,
}

impl Record {
    fn key(&self) -> (RuleNo, Row, u32) {
        (self.rule, self.root, self.per)
    }
}

#[derive(Clone, Default)]
struct State {
    items: Vec<Item>,
    records: Vec<Record>,
    coarse: bool,
}

/// Rules over events as they come.
pub struct Engine {
    program: Arc<Program>,
    columns: Columns,
    states: Vec<State>,
    /// Of long traces.
    indexes: HashMap<u32, Index>,
    wheel: Wheel,
    now: i64,
    open: usize,
    judged: Vec<(RuleNo, Row, u32, Option<Verdict>)>,
    fired: Vec<Entry>,
    known: Known,
}

impl Engine {
    /// Nothing has happened yet.
    pub fn new(program: Arc<Program>) -> Self {
        let columns = Columns::new(&program);
        let known = Known::new(&program);
        Self {
            program,
            columns,
            states: Vec::new(),
            indexes: HashMap::new(),
            wheel: Wheel::default(),
            now: i64::MIN,
            open: 0,
            judged: Vec::new(),
            fired: Vec::new(),
            known,
        }
    }

    /// Everything that these columns hold has happened: at a start, instead of one event after the other.
    pub fn of(program: Arc<Program>, columns: Columns, now: i64) -> Self {
        let mut engine = Self::new(program);
        engine.columns = columns;
        engine.now = now;
        engine
            .states
            .resize_with(engine.columns.object_count(), State::default);
        for row in 0..engine.columns.len() as Row {
            if engine.columns.is_dead(row) || engine.columns.activity(row) == FOREIGN {
                continue;
            }
            let item = Item::new(&engine.columns, row);
            let named = engine.columns.named(row);
            for one in named {
                let type_ = one.type_();
                if engine.program.keeps(type_, item.activity) {
                    let state = &mut engine.states[one.object() as usize];
                    state.coarse |= item.flags & COARSE != 0;
                    state.items.push(item);
                }
            }
        }
        let mut silent = Vec::new();
        for object in 0..engine.states.len() as u32 {
            let state = &mut engine.states[object as usize];
            let columns = &engine.columns;
            trace::sort(&mut state.items, columns);
            if state.items.len() > LONG {
                engine.indexes.insert(object, Index::of(&state.items));
            }
            engine.judge_all(object);
            engine.settle(object, &mut silent);
            silent.clear();
        }
        engine
    }

    /// Takes an event in. What changes by it is added to `out`.
    pub fn apply(&mut self, event: &Event<'_>, out: &mut Vec<Change>) -> Row {
        let old = event.corrects.and_then(|p| self.columns.row_of(p));
        let old = old.map(|row| self.columns.newest(self.columns.root_of(row)));
        let row = self.columns.push(&self.program, event);
        self.states
            .resize_with(self.columns.object_count(), State::default);
        let mut objects = self.objects(row);
        self.fetch(&objects);
        let own = objects.len();
        let activity = self.columns.activity(row);
        if let Some(old) = old {
            let gone = Item::new(&self.columns, old);
            for object in self.objects(old) {
                let state = &mut self.states[object as usize];
                trace::remove(&mut state.items, &self.columns, gone);
                if let Some(index) = self.indexes.get_mut(&object) {
                    index.remove(&self.columns, gone);
                }
                let kept = self.program.keeps(self.columns.type_of(object), activity);
                if !kept || !self.columns.names(row, object) {
                    objects.push(object);
                }
            }
        }
        if self.columns.activity(row) == FOREIGN && old.is_none() {
            return row;
        }
        let item = Item::new(&self.columns, row);
        for (n, object) in objects.into_iter().enumerate() {
            let own = n < own && item.activity != FOREIGN;
            let placed = own.then(|| self.insert(object, item));
            match placed {
                Some(placed) if old.is_none() => self.judge_concerned(object, item, placed),
                _ => self.judge_all(object),
            }
            self.settle(object, out);
        }
        row
    }

    /// The body of the event at a position was erased. Only what still can be told is judged from then on; what changes is
    /// added to `out`. A position that is not known changes nothing.
    pub fn erase(&mut self, position: u64, out: &mut Vec<Change>) {
        let Some(row) = self.columns.row_of(position) else {
            return;
        };
        if self.columns.is_erased(row) {
            return;
        }
        let before = Item::new(&self.columns, row);
        self.columns.erase(row);
        if self.columns.is_dead(row) || before.activity == FOREIGN {
            return;
        }
        let item = Item::new(&self.columns, row);
        for object in self.objects(row) {
            let state = &mut self.states[object as usize];
            trace::remove(&mut state.items, &self.columns, before);
            trace::insert(&mut state.items, &self.columns, item);
            if let Some(index) = self.indexes.get_mut(&object) {
                index.remove(&self.columns, before);
                index.insert(&self.columns, item);
            }
            self.judge_all(object);
            self.settle(object, out);
        }
    }

    /// Takes the time. Time that runs back changes nothing; the caller raises the alarm.
    pub fn tick(&mut self, now: i64, out: &mut Vec<Change>) {
        if now <= self.now {
            return;
        }
        self.now = now;
        let mut fired = std::mem::take(&mut self.fired);
        self.wheel.take(now, &mut fired);
        // One order for one log, whatever the wheel's.
        fired.sort_unstable_by_key(|e| (e.at, e.object, e.rule, e.root, e.per));
        for entry in fired.drain(..) {
            let records = &self.states[entry.object as usize].records;
            let key = (entry.rule, entry.root, entry.per);
            let Ok(at) = records.binary_search_by_key(&key, Record::key) else {
                continue;
            };
            if records[at].verdict.next != entry.at {
                continue;
            }
            self.judge_one(entry.object, entry.rule, records[at].row, entry.per);
            self.settle(entry.object, out);
        }
        self.fired = fired;
    }

    /// The time that was last taken.
    pub fn now(&self) -> i64 {
        self.now
    }

    /// The next moment at which something may change by itself, to the minute.
    pub fn next(&self) -> Option<i64> {
        self.wheel.next()
    }

    /// How many obligations are open with a clock.
    pub fn open_clocks(&self) -> usize {
        self.open
    }

    /// How many entries wait on the wheel, outdated ones included.
    pub fn waiting(&self) -> usize {
        self.wheel.len()
    }

    /// The events.
    pub fn columns(&self) -> &Columns {
        &self.columns
    }

    /// The rules.
    pub fn program(&self) -> &Arc<Program> {
        &self.program
    }

    /// All that is not simply kept, in no order that means anything.
    pub fn standing(&self) -> impl Iterator<Item = Change> + '_ {
        (0..self.states.len() as u32).flat_map(|object| self.records_of(object))
    }

    pub(crate) fn records_of(&self, object: u32) -> impl Iterator<Item = Change> + '_ {
        let records = self
            .states
            .get(object as usize)
            .map_or(&[][..], |s| &s.records);
        records.iter().map(move |r| Change {
            rule: r.rule,
            object,
            per: r.per,
            root: r.root,
            row: r.row,
            verdict: r.verdict,
            previous: None,
        })
    }

    pub(crate) fn items_of(&self, object: u32) -> Option<&[Item]> {
        self.states.get(object as usize).map(|s| &s.items[..])
    }

    pub(crate) fn find(&self, object_type: &str, id: &str) -> Option<u32> {
        let object = self
            .columns
            .find_object(self.program.object_type(object_type)?, id)?;
        ((object as usize) < self.states.len()).then_some(object)
    }

    /// Takes an event in for a question only; [`Self::pop_tentative`] follows.
    pub(crate) fn push_tentative(&mut self, event: &Event<'_>) -> Row {
        let row = self.columns.push(&self.program, event);
        // Objects stay known; whoever asks about them must find nothing, not be out of bounds.
        self.states
            .resize_with(self.columns.object_count(), State::default);
        row
    }

    pub(crate) fn pop_tentative(&mut self) {
        self.columns.pop();
    }

    pub(crate) fn trace(&self, object: u32) -> Trace<'_> {
        let state = &self.states[object as usize];
        Trace {
            program: &self.program,
            columns: &self.columns,
            object,
            items: &state.items,
            index: self.indexes.get(&object),
            coarse: state.coarse,
            here: None,
        }
    }

    fn objects(&self, row: Row) -> smallvec::SmallVec<[u32; 8]> {
        let activity = self.columns.activity(row);
        let kept = |object: u32| {
            let type_ = self.columns.type_of(object);
            self.program.keeps(type_, activity)
        };
        let named = self.columns.named(row).iter().map(|n| n.object());
        named.filter(|o| kept(*o)).collect()
    }

    /// Brings what is known of objects near, all at once instead of one after another.
    fn fetch(&self, objects: &[u32]) {
        let mut sum = 0_usize;
        for object in objects {
            let state = &self.states[*object as usize];
            sum ^= state.items.len() ^ state.records.len();
        }
        std::hint::black_box(sum);
        for object in objects {
            let state = &self.states[*object as usize];
            sum ^= state.items.last().map_or(0, |i| i.row as usize);
            sum ^= state.records.first().map_or(0, |r| r.row as usize);
            sum ^= state.records.last().map_or(0, |r| r.row as usize);
        }
        std::hint::black_box(sum);
    }

    /// Puts an event where it belongs.
    fn insert(&mut self, object: u32, item: Item) -> Placed {
        let columns = &self.columns;
        let state = &mut self.states[object as usize];
        let last = state.items.last().map(|i| (i.lo, i.row, i.flags));
        state.coarse |= item.flags & COARSE != 0;
        let hi = |(lo, row, flags)| {
            if flags & COARSE == 0 {
                lo
            } else {
                columns.hi(row)
            }
        };
        let in_order = last.is_none_or(|last| hi(last) < item.lo) && !state.coarse;
        let at = trace::insert(&mut state.items, columns, item);
        match self.indexes.get_mut(&object) {
            Some(index) => index.insert(columns, item),
            None if state.items.len() > LONG => {
                self.indexes.insert(object, Index::of(&state.items));
            }
            None => {}
        }
        Placed { at, in_order }
    }

    /// Everything of an object: after a correction.
    fn judge_all(&mut self, object: u32) {
        let mut judged = std::mem::take(&mut self.judged);
        let type_ = self.columns.type_of(object);
        {
            let trace = self.trace(object);
            all(
                &trace,
                type_,
                self.now,
                &self.known,
                |rule, per, row, verdict| {
                    judged.push((rule, row, per, Some(verdict)));
                },
            );
        }
        // What is not an activation any more is withdrawn.
        let mut seen: Vec<_> = judged
            .iter()
            .map(|(rule, row, per, _)| (*rule, self.columns.root_of(*row), *per))
            .collect();
        seen.sort_unstable();
        for record in &self.states[object as usize].records {
            if seen.binary_search(&record.key()).is_err() {
                judged.push((record.rule, record.row, record.per, None));
            }
        }
        self.judged = judged;
    }

    fn judge_one(&mut self, object: u32, rule: RuleNo, row: Row, per: u32) {
        let trace = self.trace(object);
        let item = Item::new(&self.columns, row);
        let verdict = judge(
            &self.program.rules[rule as usize],
            &trace,
            item,
            per,
            self.now,
        );
        self.judged.push((rule, row, per, verdict));
    }

    /// What an event may change in one trace.
    fn judge_concerned(&mut self, object: u32, item: Item, placed: Placed) {
        let mut judged = std::mem::take(&mut self.judged);
        let type_ = self.columns.type_of(object);
        let program = Arc::clone(&self.program);
        let in_order = placed.in_order;
        let known = &self.known;
        let mut trace = self.trace(object);
        known.visit(trace.items);
        trace.here = Some(Here::of(trace.items, placed.at, known));
        let now = self.now;
        for no in program.activated(type_, item.activity) {
            let rule = &program.rules[*no as usize];
            each_per(rule, &trace, item.row, |per| {
                judged.push((*no, item.row, per, judge(rule, &trace, item, per, now)));
            });
            // An activation that counts for, or lasts into, later ones.
            if !in_order && matches!(rule.template, Ready::Count { .. } | Ready::Overlap(_)) {
                self.again(*no, rule, &trace, Reach::From(item.lo), item, &mut judged);
            }
        }
        let mut touch = |no: RuleNo| {
            let rule = &program.rules[no as usize];
            let bits = live(rule, &trace, item);
            if bits == 0 {
                return;
            }
            match reach(rule, bits, item, trace.hi(item), in_order) {
                Reach::Records => self.records_again(no, rule, &trace, item, in_order, &mut judged),
                reach => self.again(no, rule, &trace, reach, item, &mut judged),
            }
        };
        if in_order {
            let breaking = program.breaking(type_, item.activity);
            breaking.iter().for_each(|no| touch(*no));
            let touched = program.touched_bits(type_, item.activity);
            let mut last = None;
            for record in &self.states[object as usize].records {
                if last.replace(record.rule) == Some(record.rule) {
                    continue;
                }
                let word = touched.get(usize::from(record.rule) / 64);
                let is_touched = word.is_some_and(|w| w >> (record.rule % 64) & 1 != 0);
                if is_touched && !breaking.contains(&record.rule) {
                    touch(record.rule);
                }
            }
        } else {
            let touched = program.touched(type_, item.activity);
            touched.iter().for_each(|no| touch(*no));
        }
        // What later events carry along from here changes what rules that look for it say of them.
        if !in_order && item.flags & CARRIES != 0 {
            for no in program.carriers(type_) {
                let rule = &program.rules[*no as usize];
                self.again(*no, rule, &trace, Reach::All, item, &mut judged);
            }
        }
        known.end(trace.items);
        self.judged = judged;
    }

    /// Judges the activations of a rule again that are remembered.
    fn records_again(
        &self,
        no: RuleNo,
        rule: &Compiled,
        trace: &Trace<'_>,
        item: Item,
        in_order: bool,
        judged: &mut Vec<(RuleNo, Row, u32, Option<Verdict>)>,
    ) {
        let records = &self.states[trace.object as usize].records;
        let from = records.partition_point(|r| r.rule < no);
        for record in records[from..].iter().take_while(|r| r.rule == no) {
            let over = record.verdict.outcome == Outcome::Breached
                && record.verdict.due != NEVER
                && in_order
                && item.lo > record.verdict.due
                && matches!(rule.template, Ready::Response(_));
            let other = record.per != NO_OBJECT
                && !crate::judge::concerns(rule, trace, item.row, record.per, false);
            if over || other {
                continue;
            }
            let activation = Item::new(&self.columns, record.row);
            let verdict = judge(rule, trace, activation, record.per, self.now);
            judged.push((no, record.row, record.per, verdict));
        }
    }

    /// Judges activations of a rule again, remembered or not.
    fn again(
        &self,
        no: RuleNo,
        rule: &Compiled,
        trace: &Trace<'_>,
        reach: Reach,
        item: Item,
        judged: &mut Vec<(RuleNo, Row, u32, Option<Verdict>)>,
    ) {
        let mut one = |activation: Item| {
            if activation.row == item.row {
                return;
            }
            if let Ready::Distinct(distinct) = &rule.template
                && !distinct_met(distinct, trace, activation, item)
                && item.flags & CARRIES == 0
            {
                return;
            }
            each_per(rule, trace, activation.row, |per| {
                let verdict = judge(rule, trace, activation, per, self.now);
                judged.push((no, activation.row, per, verdict));
            });
        };
        match reach {
            Reach::From(lo) => trace
                .activations_forward(rule, trace.since(lo))
                .for_each(&mut one),
            Reach::To(hi) => trace.activations_backward(rule, hi).for_each(&mut one),
            Reach::All => trace.activations_forward(rule, i64::MIN).for_each(&mut one),
            Reach::Records => {}
        }
    }

    /// Writes down what was judged, and tells what is new.
    fn settle(&mut self, object: u32, out: &mut Vec<Change>) {
        let mut judged = std::mem::take(&mut self.judged);
        let records = &mut self.states[object as usize].records;
        let mut kept = false;
        for (rule, row, per, verdict) in judged.drain(..) {
            let quiet = verdict.is_none_or(|v| v.outcome == Outcome::Satisfied);
            if quiet && records.is_empty() {
                continue;
            }
            let root = self.columns.root_of(row);
            let key = (rule, root, per);
            let at = match records.last() {
                Some(last) if last.key() >= key => records.binary_search_by_key(&key, Record::key),
                _ => Err(records.len()),
            };
            // What came to be kept a moment ago is taken out at the end, all at once.
            let previous = at.ok().map(|at| records[at].verdict);
            let previous = previous.filter(|p| p.outcome != Outcome::Satisfied);
            if quiet && previous.is_none() {
                continue;
            }
            let withdrawn = previous.map(|p| Verdict {
                outcome: Outcome::Withdrawn,
                ..p
            });
            let Some(verdict) = verdict.or(withdrawn) else {
                continue;
            };
            match at {
                Ok(at) if quiet => {
                    records[at].verdict.outcome = Outcome::Satisfied;
                    kept = true;
                }
                Ok(at) => {
                    records[at].verdict = verdict;
                    records[at].row = row;
                }
                Err(at) => records.insert(
                    at,
                    Record {
                        rule,
                        per,
                        root,
                        row,
                        verdict,
                    },
                ),
            }
            let clock = |v: &Verdict| v.next != NEVER;
            self.open += usize::from(!quiet && clock(&verdict));
            self.open -= usize::from(previous.as_ref().is_some_and(clock));
            if !quiet && clock(&verdict) && previous.is_none_or(|p| p.next != verdict.next) {
                self.wheel.insert(Entry {
                    at: verdict.next,
                    object,
                    root,
                    per,
                    rule,
                });
            }
            let told = |v: &Verdict| (v.outcome, v.due);
            if previous.as_ref().map(told) != Some(told(&verdict)) {
                out.push(Change {
                    rule,
                    object,
                    per,
                    root,
                    row,
                    verdict,
                    previous: previous.map(|p| p.outcome),
                });
            }
        }
        if kept {
            records.retain(|r| r.verdict.outcome != Outcome::Satisfied);
        }
        self.judged = judged;
    }
}

/// Where an event came to lie in a trace.
#[derive(Clone, Copy)]
struct Placed {
    at: usize,
    /// Whether that is after all others, certainly.
    in_order: bool,
}

/// Which activations of a rule an event may concern.
#[derive(Clone, Copy)]
enum Reach {
    /// Those that are remembered: what is kept can only stay kept.
    Records,
    /// Those from an instant on.
    From(i64),
    /// Those up to an instant.
    To(i64),
    /// All.
    All,
}

fn reach(rule: &Compiled, bits: u8, item: Item, hi: i64, in_order: bool) -> Reach {
    let any = |wanted: u8| bits & wanted != 0;
    match &rule.template {
        // A pause that began earlier counts for activations that come after it.
        Ready::Response(_) if !in_order && any(bit::E) => Reach::All,
        Ready::Response(_) if !in_order && any(bit::B | bit::C | bit::D | bit::EXCUSE) => {
            Reach::To(hi)
        }
        Ready::Precedence(_) if !in_order && any(bit::B | bit::C) => Reach::From(item.lo),
        Ready::Absence(_) | Ready::Exclusive(_) if !in_order && any(bit::A) => Reach::From(item.lo),
        _ if rule.breaks() && any(bit::A) => Reach::All,
        Ready::Distinct(_) if !in_order && any(bit::A) => Reach::From(item.lo),
        _ => Reach::Records,
    }
}
