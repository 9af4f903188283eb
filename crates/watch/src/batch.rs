//! All events at once: group by object, sort, judge every activation.
//!
//! The kernels of the ordered rules. What it says of a log at a moment is what the incremental evaluation says after the
//! same events, whatever their order. Reads no file: [`Columns`] are the caller's.

use law::rule::Outcome;

use crate::columns::{Columns, Row};
use crate::judge::{NO_OBJECT, Verdict, Why, judge};
use crate::program::{Program, RuleNo};
use crate::trace::{self, COARSE, Here, Index, Item, Known, LONG, Trace};

/// An activation with its outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found {
    pub(crate) rule: RuleNo,
    pub(crate) object: u32,
    pub(crate) per: u32,
    pub(crate) row: Row,
    pub(crate) verdict: Verdict,
}

impl Found {
    /// The rule.
    pub fn rule(&self) -> RuleNo {
        self.rule
    }

    /// What it says.
    pub fn outcome(&self) -> Outcome {
        self.verdict.outcome
    }

    /// Broken by what is on record, while what clears it may still be recorded.
    pub fn is_unrecorded(&self) -> bool {
        self.verdict.why == Why::Unrecorded
    }

    /// Row of the activation.
    pub fn row(&self) -> Row {
        self.row
    }
}

/// How many activations came to which outcome, in the order of [`Outcome::ALL`].
pub type Counts = [u64; Outcome::ALL.len()];

/// What a batch gives.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// What is to be told, by rule, then by object.
    pub found: Vec<Found>,
    /// By rule.
    pub counts: Vec<Counts>,
}

/// Which outcomes a report keeps one by one; all are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// Broken, about to be, recorded late, excused.
    Findings,
    /// All but what is kept without more ado.
    Open,
}

impl Keep {
    fn keeps(self, outcome: Outcome) -> bool {
        match outcome {
            Outcome::Satisfied | Outcome::Withdrawn => false,
            Outcome::Pending | Outcome::Suspended | Outcome::NotCheckable => self == Self::Open,
            _ => true,
        }
    }
}

/// Judges every activation of every rule at a moment, with so many threads.
pub fn check(program: &Program, columns: &Columns, now: i64, keep: Keep, threads: usize) -> Report {
    let mut report = Report {
        found: Vec::new(),
        counts: vec![Counts::default(); program.rule_count()],
    };
    let mut grouped = Counted::of(program, columns).group(columns);
    let threads = threads.max(1);
    let pieces = grouped.pieces(threads);
    let judge = |piece: Piece<'_>| {
        let mut part = Report {
            found: Vec::new(),
            counts: vec![Counts::default(); program.rule_count()],
        };
        piece.judge(program, columns, now, keep, &mut part);
        part
    };
    let parts: Vec<Report> = if threads == 1 {
        pieces.into_iter().map(judge).collect()
    } else {
        std::thread::scope(|scope| {
            let judge = &judge;
            let running: Vec<_> = (pieces.into_iter())
                .map(|piece| scope.spawn(move || judge(piece)))
                .collect();
            let join = |thread: std::thread::ScopedJoinHandle<'_, Report>| match thread.join() {
                Ok(part) => part,
                Err(panic) => std::panic::resume_unwind(panic),
            };
            running.into_iter().map(join).collect()
        })
    };
    for part in parts {
        report.found.extend(part.found);
        for (all, some) in report.counts.iter_mut().zip(part.counts) {
            for (a, s) in all.iter_mut().zip(some) {
                *a += s;
            }
        }
    }
    let key = |f: &Found| (f.rule, f.object, f.row, f.per);
    report.found.sort_unstable_by_key(key);
    report
}

/// How many events each object has that rules may ask about.
struct Counted {
    by_object: Vec<u32>,
    types: usize,
    /// By activity, then object type: whether such events are anything to a rule over the object.
    kept: Vec<bool>,
}

/// Items of all objects, object by object.
struct Grouped {
    items: Vec<Item>,
    /// Object and where its items end.
    ends: Vec<(u32, u32)>,
}

struct Piece<'a> {
    items: &'a mut [Item],
    ends: &'a [(u32, u32)],
    start: u32,
}

impl Counted {
    fn of(program: &Program, columns: &Columns) -> Self {
        let types = program.type_count();
        let kept = |activity| (0..types as u8).map(move |type_| program.asks(type_, activity));
        let kept: Vec<bool> = (0..program.activity_count()).flat_map(kept).collect();
        let mut by_object = vec![0; columns.object_count()];
        incidences(&kept, types, columns, |_, object| {
            by_object[object as usize] += 1;
        });
        Self {
            by_object,
            kept,
            types,
        }
    }

    /// A counting sort: no comparison.
    fn group(self, columns: &Columns) -> Grouped {
        let mut ends = Vec::new();
        let mut total = 0_u32;
        let mut at = self.by_object;
        for (object, count) in at.iter_mut().enumerate() {
            if *count > 0 {
                total += std::mem::replace(count, total);
                ends.push((object as u32, total));
            }
        }
        let mut items = vec![Item::default(); total as usize];
        let mut last: Option<Item> = None;
        incidences(&self.kept, self.types, columns, |row, object| {
            let item = match last {
                Some(item) if item.row == row => item,
                _ => Item::new(columns, row),
            };
            last = Some(item);
            let to = &mut at[object as usize];
            items[*to as usize] = item;
            *to += 1;
        });
        Grouped { items, ends }
    }
}

/// Every event with every object that it names and belongs to.
fn incidences(kept: &[bool], types: usize, columns: &Columns, mut take: impl FnMut(Row, u32)) {
    for row in 0..columns.len() as Row {
        let from = usize::from(columns.activity(row)) * types;
        let Some(kept) = kept.get(from..from + types) else {
            continue;
        };
        if columns.is_dead(row) {
            continue;
        }
        for one in columns.named(row) {
            if kept[usize::from(one.type_())] {
                take(row, one.object());
            }
        }
    }
}

impl Grouped {
    /// About equal pieces, none across an object.
    fn pieces(&mut self, n: usize) -> Vec<Piece<'_>> {
        let mut pieces = Vec::with_capacity(n);
        let (mut items, mut ends) = (&mut self.items[..], &self.ends[..]);
        let mut start = 0_u32;
        for left in (1..=n).rev() {
            let wanted = start as usize + items.len().div_ceil(left);
            let cut = if left == 1 {
                ends.len()
            } else {
                ends.partition_point(|(_, end)| (*end as usize) < wanted)
                    .saturating_add(1)
                    .min(ends.len())
            };
            let (own, rest) = ends.split_at(cut);
            let end = own.last().map_or(start, |(_, end)| *end);
            let (mine, others) = std::mem::take(&mut items).split_at_mut((end - start) as usize);
            pieces.push(Piece {
                items: mine,
                ends: own,
                start,
            });
            (items, ends, start) = (others, rest, end);
        }
        pieces
    }
}

impl Piece<'_> {
    fn judge(
        self,
        program: &Program,
        columns: &Columns,
        now: i64,
        keep: Keep,
        report: &mut Report,
    ) {
        let known = Known::new(program);
        let mut from = self.start;
        for (object, end) in self.ends {
            let items = &mut self.items[(from - self.start) as usize..(end - self.start) as usize];
            from = *end;
            trace::sort(items, columns);
            let index = (items.len() > LONG).then(|| Index::of(items));
            let trace = Trace {
                program,
                columns,
                object: *object,
                coarse: items.iter().any(|i| i.flags & COARSE != 0),
                items,
                index: index.as_ref(),
                here: None,
            };
            let type_ = columns.type_of(*object);
            all(&trace, type_, now, &known, |rule, per, row, verdict| {
                report.counts[rule as usize][verdict.outcome as usize] += 1;
                if keep.keeps(verdict.outcome) {
                    report.found.push(Found {
                        rule,
                        object: *object,
                        per,
                        row,
                        verdict,
                    });
                }
            });
        }
    }
}

/// So many rows of a trace are brought near at a time.
const AHEAD: usize = 128;

/// Judges every activation of a trace.
pub(crate) fn all(
    trace: &Trace<'_>,
    type_: u8,
    now: i64,
    known: &Known,
    mut take: impl FnMut(RuleNo, u32, Row, Verdict),
) {
    let (program, items) = (trace.program, trace.items);
    known.begin(items);
    let carries = !program.carriers(type_).is_empty();
    let (mut from, mut to) = (0, 0);
    for (at, item) in items.iter().enumerate() {
        if at % AHEAD == 0 {
            let next = &items[at..items.len().min(at + AHEAD)];
            trace.columns.fetch(next.iter().map(|i| i.row));
        }
        if items[from].lo != item.lo {
            from = at;
        }
        if carries {
            known.pass(program, trace.columns, *item);
        }
        let rules = program.activated(type_, item.activity);
        if rules.is_empty() {
            continue;
        }
        to = to.max(at + 1);
        while items.get(to).is_some_and(|i| i.lo == item.lo) {
            to += 1;
        }
        known.ask();
        let trace = Trace {
            here: Some(Here {
                row: item.row,
                lo: item.lo,
                at,
                from,
                to,
                known,
            }),
            ..*trace
        };
        for no in rules {
            let rule = &program.rules[*no as usize];
            each_per(rule, &trace, item.row, |per| {
                if let Some(verdict) = judge(rule, &trace, *item, per, now) {
                    take(*no, per, item.row, verdict);
                }
            });
        }
    }
    known.end(items);
}

/// The obligations that an activation begins: one, or one for each object that the rule tells apart.
pub(crate) fn each_per(
    rule: &crate::program::Compiled,
    trace: &Trace<'_>,
    row: Row,
    mut take: impl FnMut(u32),
) {
    let Some(type_) = rule.per else {
        take(NO_OBJECT);
        return;
    };
    for one in trace.columns.named(row) {
        if one.type_() == type_ {
            take(one.object());
        }
    }
}
