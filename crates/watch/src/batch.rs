//! All events at once: group by object, sort, judge every activation.
//!
//! The kernels of the ordered rules. What it says of a log at a moment is what the incremental evaluation says after the
//! same events, whatever their order. Reads no file: [`Columns`] are the caller's.

use law::rule::Outcome;

use crate::columns::{Columns, Row};
use crate::judge::{NO_OBJECT, Verdict, judge};
use crate::program::{Program, RuleNo};
use crate::trace::{COARSE, Index, Item, LONG, Trace};

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
    for type_ in 0..program.type_count() as u8 {
        if program.runs_over(type_) {
            check_type(program, columns, type_, now, keep, threads, &mut report);
        }
    }
    let key = |f: &Found| (f.rule, f.object, f.row, f.per);
    report.found.sort_unstable_by_key(key);
    report
}

fn check_type(
    program: &Program,
    columns: &Columns,
    type_: u8,
    now: i64,
    keep: Keep,
    threads: usize,
    report: &mut Report,
) {
    let mut grouped = Grouped::of(program, columns, type_);
    let threads = threads.max(1);
    let pieces = grouped.pieces(threads);
    let judge = |piece: Piece<'_>| {
        let mut part = Report {
            found: Vec::new(),
            counts: vec![Counts::default(); program.rule_count()],
        };
        piece.judge(program, columns, type_, now, keep, &mut part);
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
}

/// Items of one object type, object by object.
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

impl Grouped {
    /// A counting sort: two passes over the rows, no comparison.
    fn of(program: &Program, columns: &Columns, type_: u8) -> Self {
        let mut at = vec![0_u32; columns.object_count() + 1];
        incidences(program, columns, type_, |_, object| {
            at[object as usize + 1] += 1
        });
        let mut ends = Vec::new();
        let mut total = 0;
        for (object, n) in at.iter_mut().skip(1).enumerate() {
            let count = *n;
            *n = total;
            total += count;
            if count > 0 {
                ends.push((object as u32, total));
            }
        }
        let nothing = Item {
            lo: 0,
            row: 0,
            activity: 0,
            flags: 0,
        };
        let mut items = vec![nothing; total as usize];
        incidences(program, columns, type_, |row, object| {
            let to = &mut at[object as usize + 1];
            items[*to as usize] = Item::new(columns, row);
            *to += 1;
        });
        Self { items, ends }
    }

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

/// Every event with every object of a type that it names.
fn incidences(program: &Program, columns: &Columns, type_: u8, mut take: impl FnMut(Row, u32)) {
    let kept: Vec<bool> = (0..program.activity_count())
        .map(|activity| program.keeps(type_, activity))
        .collect();
    for row in 0..columns.len() as Row {
        let kept = kept.get(columns.activity(row) as usize);
        if kept != Some(&true) || columns.is_dead(row) {
            continue;
        }
        for one in columns.named(row) {
            if one.type_() == type_ {
                take(row, one.object());
            }
        }
    }
}

impl Piece<'_> {
    fn judge(
        self,
        program: &Program,
        columns: &Columns,
        type_: u8,
        now: i64,
        keep: Keep,
        report: &mut Report,
    ) {
        let mut from = self.start;
        for (object, end) in self.ends {
            let items = &mut self.items[(from - self.start) as usize..(end - self.start) as usize];
            from = *end;
            if !items.is_sorted_by(|a, b| a.lo < b.lo) {
                items.sort_by(|a, b| {
                    (a.lo.cmp(&b.lo)).then_with(|| a.key(columns).cmp(&b.key(columns)))
                });
            }
            let index = (items.len() > LONG).then(|| Index::of(items));
            let trace = Trace {
                program,
                columns,
                object: *object,
                coarse: items.iter().any(|i| i.flags & COARSE != 0),
                items,
                index: index.as_ref(),
            };
            all(&trace, type_, now, |rule, per, row, verdict| {
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

/// Judges every activation of a trace.
pub(crate) fn all(
    trace: &Trace<'_>,
    type_: u8,
    now: i64,
    mut take: impl FnMut(RuleNo, u32, Row, Verdict),
) {
    for item in trace.items {
        for no in trace.program.activated(type_, item.activity) {
            let rule = &trace.program.rules[*no as usize];
            each_per(rule, trace, item.row, |per| {
                if let Some(verdict) = judge(rule, trace, *item, per, now) {
                    take(*no, per, item.row, verdict);
                }
            });
        }
    }
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
