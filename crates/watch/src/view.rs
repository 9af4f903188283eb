//! Questions to a running engine: what stands about an object, who and where, and what would happen if.
//!
//! Reads only. What it gives are ids of the log: names are for whoever may see them.

use law::rule::Outcome;

use crate::batch::{all, each_per};
use crate::columns::{Event, Row};
use crate::engine::{Change, Engine};
use crate::finding::Finding;
use crate::judge::{NEVER, NO_ROW, Verdict, Why, judge, strict};
use crate::program::RuleNo;
use crate::trace::{self, COARSE, Index, Item, Known, LONG, Trace};

impl Engine {
    /// Everything that stands about the events of an object: of a case, also what its persons and things owe.
    pub fn about(&self, object_type: &str, id: &str) -> Vec<Change> {
        let mut out = Vec::new();
        let Some(object) = self.find(object_type, id) else {
            return out;
        };
        let mut rows: Vec<Row> = self.trace(object).items.iter().map(|i| i.row).collect();
        rows.sort_unstable();
        let mut objects: Vec<u32> = (rows.iter())
            .flat_map(|row| self.columns().named(*row))
            .map(|named| named.object())
            .collect();
        objects.sort_unstable();
        objects.dedup();
        for object in objects {
            out.extend(
                self.records_of(object)
                    .filter(|c| rows.binary_search(&c.row).is_ok()),
            );
        }
        out
    }

    /// What a rule says of every activation of an object's trace, kept ones included.
    pub fn judged_about(&self, object_type: &str, id: &str) -> Vec<(RuleNo, u64, Outcome)> {
        let mut out = Vec::new();
        if let Some(object) = self.find(object_type, id) {
            let type_ = self.columns().type_of(object);
            let known = Known::new(self.program());
            all(
                &self.trace(object),
                type_,
                self.now(),
                &known,
                |rule, _, row, v| {
                    out.push((rule, self.columns().position(row), v.outcome));
                },
            );
        }
        out
    }

    /// Id of the first object of a type that the activation names: the case of a finding about a person.
    pub fn named(&self, change: &Change, object_type: &str) -> Option<&str> {
        let type_ = self.program().object_type(object_type)?;
        let mut named = self.columns().named(change.row).iter();
        let found = named.find(|n| n.type_() == type_)?;
        Some(self.columns().object_name(found.object()))
    }

    /// Claimed time of the activation, in microseconds since 1970 UTC.
    pub fn since(&self, change: &Change) -> i64 {
        self.columns().lo(change.row)
    }

    /// First instant of the warning before the due time; `None` where no clock runs.
    pub fn warns(&self, change: &Change) -> Option<i64> {
        let rule = &self.program().rules[change.rule as usize];
        let item = Item::new(self.columns(), change.row);
        // As it was judged at its beginning, with every event that has changed the limit since.
        let begun = judge(rule, &self.trace(change.object), item, change.per, item.lo)?;
        (begun.outcome == Outcome::Pending && begun.due != NEVER).then_some(begun.next)
    }

    /// Position of what was expected, where it came after the due time.
    pub fn late(&self, change: &Change) -> Option<u64> {
        let waits = change.is_unrecorded() && change.verdict.witness == NO_ROW;
        if change.outcome() != Outcome::Breached && !waits {
            return None;
        }
        let trace = self.trace(change.object);
        let row = crate::finding::late_row(&trace, change.rule, change.per, change.verdict)?;
        Some(self.columns().position(row))
    }

    /// Whether what was expected is still wanted: open, or overdue and not done.
    pub fn is_wanted(&self, change: &Change) -> bool {
        match change.outcome() {
            Outcome::Pending => true,
            Outcome::AtRisk if !change.is_unrecorded() => true,
            Outcome::Breached | Outcome::AtRisk => {
                change.verdict.due != NEVER
                    && change.verdict.witness == NO_ROW
                    && self.late(change).is_none()
            }
            _ => false,
        }
    }

    /// What has become of the findings of a rule about an activation that was told before, whatever became of that: also what
    /// is kept by now, or withdrawn. `activation` is the position of any event of its chain of corrections. Empty where
    /// these rules or events do not know it.
    pub fn told_before(&self, rule: &str, object: (&str, &str), activation: u64) -> Vec<Change> {
        let mut out = Vec::new();
        let columns = self.columns();
        let (Some(object), Some(row)) = (self.find(object.0, object.1), columns.row_of(activation))
        else {
            return out;
        };
        let root = columns.root_of(row);
        let newest = columns.newest(root);
        let trace = self.trace(object);
        let activated =
            (self.program()).activated(columns.type_of(object), columns.activity(newest));
        for (no, compiled) in self.program().rules.iter().enumerate() {
            if compiled.rule.id.as_str() != rule {
                continue;
            }
            let no = no as RuleNo;
            let mut now = Vec::new();
            if activated.contains(&no) && columns.names(newest, object) {
                each_per(compiled, &trace, newest, |per| now.push(per));
            }
            let mut all = now.clone();
            for row in [root, row] {
                each_per(compiled, &trace, row, |per| all.push(per));
            }
            all.sort_unstable();
            all.dedup();
            for per in all {
                let item = Item::new(columns, newest);
                let verdict = (now.contains(&per))
                    .then(|| judge(compiled, &trace, item, per, self.now()))
                    .flatten();
                out.push(Change {
                    rule: no,
                    object,
                    per,
                    root,
                    row: if verdict.is_some() { newest } else { row },
                    verdict: verdict.unwrap_or_else(Verdict::withdrawn),
                    previous: None,
                });
            }
        }
        out
    }

    /// Organ of the activation.
    pub fn organ(&self, change: &Change) -> &str {
        let columns = self.columns();
        columns.symbols.get(columns.organ(change.row))
    }

    /// Whether a person acted in the activation.
    pub fn acted(&self, change: &Change, person: &str) -> bool {
        let columns = self.columns();
        let person = columns.symbols.find(person);
        person.is_some_and(|p| columns.actors(change.row).iter().any(|a| a.person() == p))
    }

    /// Whether the body of the activation was erased.
    pub fn is_erased(&self, change: &Change) -> bool {
        self.columns().is_erased(change.row)
    }

    /// Whether a person acted in any event of an object.
    pub fn took_part(&self, object_type: &str, id: &str, person: &str) -> bool {
        let columns = self.columns();
        let (Some(object), Some(person)) =
            (self.find(object_type, id), columns.symbols.find(person))
        else {
            return false;
        };
        let mut items = self.trace(object).items.iter();
        items.any(|i| columns.actors(i.row).iter().any(|a| a.person() == person))
    }

    /// Every activation of every rule with its organ and outcome, kept ones included: for figures with denominators.
    /// Takes as long as a batch.
    pub fn survey(&self, mut take: impl FnMut(RuleNo, &str, Outcome)) {
        let known = Known::new(self.program());
        for object in 0..self.columns().object_count() as u32 {
            let type_ = self.columns().type_of(object);
            if !self.program().runs_over(type_) {
                continue;
            }
            all(
                &self.trace(object),
                type_,
                self.now(),
                &known,
                |rule, _, row, v| {
                    let columns = self.columns();
                    take(rule, columns.symbols.get(columns.organ(row)), v.outcome);
                },
            );
        }
    }

    /// What the rules that are gates would say of an event if it happened: breaches only. Nothing is kept of it.
    ///
    /// A rule whose breach cannot be told yet (data missing) prevents nothing; it is found afterwards.
    pub fn gate(&mut self, event: &Event<'_>) -> Vec<Finding> {
        let stops = self.gate_after(&[], event);
        stops.into_iter().map(|stop| stop.finding).collect()
    }

    /// The same if other events had happened too, such as the review that is still to come; with the need that is not met.
    /// The positions of all must be beyond those of the log, and differ.
    pub fn gate_after(&mut self, assumed: &[Event<'_>], event: &Event<'_>) -> Vec<Stop> {
        let mut before = Vec::with_capacity(assumed.len());
        for event in assumed {
            let mut event = event.clone();
            event.corrects = None;
            let row = self.push_tentative(&event);
            before.push(Item::new(self.columns(), row));
        }
        let mut event = event.clone();
        event.corrects = None;
        let row = self.push_tentative(&event);
        let stops = self.stops(&before, row);
        for _ in 0..=before.len() {
            self.pop_tentative();
        }
        stops
    }

    fn stops(&self, before: &[Item], row: Row) -> Vec<Stop> {
        let item = Item::new(self.columns(), row);
        let mut stops = Vec::new();
        let mut seen = Vec::new();
        for named in self.columns().named(row) {
            let type_ = self.columns().type_of(named.object());
            if seen.contains(&named.object()) {
                continue;
            }
            seen.push(named.object());
            let rules = self.program().activated(type_, item.activity);
            if !rules.iter().any(|no| self.program().rule(*no).gate) {
                continue;
            }
            let mut items = self
                .items_of(named.object())
                .map_or_else(Vec::new, <[Item]>::to_vec);
            for earlier in before {
                let named_too = self.columns().named(earlier.row);
                if named_too.iter().any(|n| n.object() == named.object()) {
                    trace::insert(&mut items, self.columns(), *earlier);
                }
            }
            trace::insert(&mut items, self.columns(), item);
            let index = (items.len() > LONG).then(|| Index::of(&items));
            let trace = Trace {
                program: self.program(),
                columns: self.columns(),
                object: named.object(),
                coarse: items.iter().any(|i| i.flags & COARSE != 0),
                items: &items,
                index: index.as_ref(),
                here: None,
            };
            for no in rules {
                let rule = &self.program().rules[*no as usize];
                if !rule.rule.gate {
                    continue;
                }
                each_per(rule, &trace, row, |per| {
                    if let Some(verdict) = strict(rule, &trace, item, per, self.now())
                        && verdict.outcome == Outcome::Breached
                    {
                        let need = match verdict.why {
                            Why::Need(no) => Some(usize::from(no)),
                            _ => None,
                        };
                        let finding = crate::finding::of(&trace, *no, per, row, verdict);
                        stops.push(Stop { finding, need });
                    }
                });
            }
        }
        stops
    }
}

/// A gate that an event would not pass.
#[derive(Clone, Debug, PartialEq)]
pub struct Stop {
    /// What would be found.
    pub finding: Finding,
    /// Which of the needs of a `precedence` is not met, counted from 0.
    pub need: Option<usize>,
}
