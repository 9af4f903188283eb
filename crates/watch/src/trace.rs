//! What happened to one object, in judging order, and how to walk along it.
//!
//! Judging order is (claimed, recorded, position), whichever log arrived first. A short trace is walked as it lies; a long
//! one has an index by activity, so that one case with a million events stays linear. Not a store of its own: items point
//! into [`Columns`].

use std::cell::Cell;

use hashbrown::HashMap;
use smallvec::SmallVec;

pub(crate) use crate::columns::{CARRIES, COARSE};
use crate::columns::{Columns, Datum, Row};
use crate::guard::{Missing, Truth};
use crate::program::{Compiled, Program, Which};

/// An event of a trace.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Item {
    /// First possible instant.
    pub(crate) lo: i64,
    pub(crate) row: Row,
    pub(crate) activity: u16,
    pub(crate) flags: u8,
    /// How long it lasts, in units of [`LASTS`], rounded up: 0 where it has no end, [`LONGER`] where this cannot tell.
    lasts: u8,
}

const LASTS: i64 = 6 * 60_000_000;
const LONGER: u8 = u8::MAX;

/// From so many events on a trace has an index.
pub(crate) const LONG: usize = 256;
/// No coarse time is coarser: a local day, and an hour where clocks change.
const COARSEST: i64 = 25 * 3_600_000_000;

/// Events of a long trace by activity, each in judging order.
#[derive(Clone, Default)]
pub(crate) struct Index {
    by_activity: HashMap<u16, Vec<Item>>,
    carries: Vec<Item>,
}

/// A trace, ready to be judged.
pub(crate) struct Trace<'a> {
    pub(crate) program: &'a Program,
    pub(crate) columns: &'a Columns,
    pub(crate) object: u32,
    pub(crate) items: &'a [Item],
    pub(crate) index: Option<&'a Index>,
    /// Whether any time in it is coarse.
    pub(crate) coarse: bool,
    /// The event that is being judged, where many rules are asked about it.
    pub(crate) here: Option<Here<'a>>,
}

/// Where in its trace an event lies that many rules are asked about, and what they found out about it already.
#[derive(Clone, Copy)]
pub(crate) struct Here<'a> {
    pub(crate) row: Row,
    pub(crate) lo: i64,
    /// Its place.
    pub(crate) at: usize,
    /// Which items lie at the same instant.
    pub(crate) from: usize,
    pub(crate) to: usize,
    pub(crate) known: &'a Known,
}

impl<'a> Here<'a> {
    /// The item at a place.
    pub(crate) fn of(items: &[Item], at: usize, known: &'a Known) -> Self {
        let item = items[at];
        let same = |i: &&Item| i.lo == item.lo;
        Self {
            row: item.row,
            lo: item.lo,
            at,
            from: at - items[..at].iter().rev().take_while(same).count(),
            to: at + items[at..].iter().take_while(same).count(),
            known,
        }
    }
}

/// Up to so many events, those of an activity are a number with a bit for each.
const SHORT: usize = 128;
/// So many neighbours in a long trace are looked at before its index is asked.
const NEAR: u32 = 48;

/// What was found out about a trace and the event that is being judged. Empty it knows nothing; it is only quicker to ask.
pub(crate) struct Known {
    /// By guard: for which event it was asked, and whether it holds.
    guards: Vec<Cell<(u32, Truth)>>,
    event: Cell<u32>,
    /// By attribute: since which trace it holds, and the value that is carried along.
    carried: Vec<Cell<(u32, Result<Datum, Missing>)>>,
    since: Cell<u32>,
    /// Whether all that is not carried was lost with an erased body.
    lost: Cell<bool>,
    carries: Cell<bool>,
    /// By activity, which events of the trace.
    places: Vec<Cell<u128>>,
    short: Cell<bool>,
    /// Whether that can still be filed.
    asked: Cell<bool>,
}

impl Known {
    pub(crate) fn new(program: &Program) -> Self {
        let none = (0, Err(Missing::TIME));
        Self {
            guards: vec![Cell::new((0, Truth::No)); program.guard_count()],
            event: Cell::new(0),
            carried: vec![Cell::new(none); program.carried.len()],
            since: Cell::new(0),
            lost: Cell::new(false),
            carries: Cell::new(false),
            places: vec![Cell::new(0); usize::from(program.activity_count()) + 1],
            short: Cell::new(false),
            asked: Cell::new(false),
        }
    }

    fn place(&self, activity: u16) -> &Cell<u128> {
        let last = self.places.len() - 1;
        &self.places[usize::from(activity).min(last)]
    }

    /// A trace whose events are judged one after another, each after [`Self::pass`].
    pub(crate) fn begin(&self, items: &[Item]) {
        self.forget(false);
        self.carries.set(true);
        self.short.set(items.len() <= SHORT);
        if self.short.get() {
            self.file(items);
        }
    }

    /// A trace of which one event is judged, and what it concerns: what is where is filed when somebody asks.
    pub(crate) fn visit(&self, items: &[Item]) {
        self.asked.set(items.len() <= SHORT);
        self.ask();
    }

    /// The end of that trace.
    pub(crate) fn end(&self, items: &[Item]) {
        if self.short.replace(false) {
            items.iter().for_each(|i| self.place(i.activity).set(0));
        }
        self.asked.set(false);
        self.carries.set(false);
    }

    fn file(&self, items: &[Item]) {
        let mut bit = 1_u128;
        for item in items {
            let place = self.place(item.activity);
            place.set(place.get() | bit);
            bit <<= 1;
        }
    }

    /// Whether it is filed which events of the trace are of which activity.
    #[inline]
    fn is_filed(&self, items: &[Item]) -> bool {
        if self.asked.replace(false) {
            self.file(items);
            self.short.set(true);
        }
        self.short.get()
    }

    fn forget(&self, lost: bool) {
        let next = self.since.get().wrapping_add(1);
        if next == 0 {
            let none = (0, Err(Missing::TIME));
            self.carried.iter().for_each(|c| c.set(none));
        }
        self.since.set(next.max(1));
        self.lost.set(lost);
    }

    /// The next event of the trace: what it carries is known from here on.
    pub(crate) fn pass(&self, program: &Program, columns: &Columns, item: Item) {
        if item.flags & CARRIES == 0 {
            return;
        }
        if columns.is_erased(item.row) {
            self.forget(true);
            return;
        }
        // Of several values of one attribute the first counts.
        for (key, value) in columns.attrs(item.row).rev() {
            if program.carried[usize::from(key)] {
                self.carried[usize::from(key)].set((self.since.get(), Ok(value)));
            }
        }
    }

    /// An event that rules are asked about now.
    pub(crate) fn ask(&self) {
        let next = self.event.get().wrapping_add(1);
        if next == 0 {
            self.guards.iter().for_each(|g| g.set((0, Truth::No)));
        }
        self.event.set(next.max(1));
    }

    fn carried(&self, key: u16) -> Result<Datum, Missing> {
        match self.carried[usize::from(key)].get() {
            (since, value) if since == self.since.get() => value,
            _ if self.lost.get() => Err(Missing::BODY),
            _ => Err(Missing(key)),
        }
    }

    /// What a guard says of the event; asked once.
    pub(crate) fn guard(&self, no: u32, ask: impl FnOnce() -> Truth) -> Truth {
        let Some(cell) = self.guards.get(no as usize) else {
            return ask();
        };
        let (event, truth) = cell.get();
        if event == self.event.get() {
            return truth;
        }
        let truth = ask();
        cell.set((self.event.get(), truth));
        truth
    }
}

impl Item {
    pub(crate) fn new(columns: &Columns, row: Row) -> Self {
        Self {
            lo: columns.lo(row),
            row,
            activity: columns.activity(row),
            flags: columns.flags(row) & (COARSE | CARRIES),
            lasts: match columns.ended(row) {
                None => 0,
                Some(end) => {
                    let units = end
                        .saturating_sub(columns.lo(row))
                        .saturating_add(LASTS - 1)
                        / LASTS;
                    units.clamp(1, i64::from(LONGER)) as u8
                }
            },
        }
    }

    /// Whether it has certainly ended at an instant or before it; where not, its row may know better.
    pub(crate) fn is_over(&self, at: i64) -> bool {
        let end = || self.lo.saturating_add(i64::from(self.lasts) * LASTS);
        self.lasts != 0 && self.lasts != LONGER && end() <= at
    }

    /// Whether one comes before another in judging order.
    pub(crate) fn precedes(&self, other: &Self, columns: &Columns) -> bool {
        self.lo < other.lo || self.lo == other.lo && self.key(columns) < other.key(columns)
    }

    /// What orders events of one trace.
    pub(crate) fn key(&self, columns: &Columns) -> (i64, i64, u64) {
        (
            self.lo,
            columns.recorded(self.row),
            columns.position(self.row),
        )
    }
}

impl Index {
    pub(crate) fn of(items: &[Item]) -> Self {
        let mut index = Self::default();
        for item in items {
            index
                .by_activity
                .entry(item.activity)
                .or_default()
                .push(*item);
            if item.flags & CARRIES != 0 {
                index.carries.push(*item);
            }
        }
        index
    }

    /// Adds an event that belongs at any place.
    pub(crate) fn insert(&mut self, columns: &Columns, item: Item) {
        insert(
            self.by_activity.entry(item.activity).or_default(),
            columns,
            item,
        );
        if item.flags & CARRIES != 0 {
            insert(&mut self.carries, columns, item);
        }
    }

    pub(crate) fn remove(&mut self, columns: &Columns, item: Item) {
        if let Some(items) = self.by_activity.get_mut(&item.activity) {
            remove(items, columns, item);
        }
        if item.flags & CARRIES != 0 {
            remove(&mut self.carries, columns, item);
        }
    }

    fn of_activity(&self, activity: u16) -> &[Item] {
        self.by_activity.get(&activity).map_or(&[], |v| v)
    }
}

/// Puts items in judging order. Few of them share their instant, so the rest of what orders them is hardly ever read.
pub(crate) fn sort(items: &mut [Item], columns: &Columns) {
    if !items.is_sorted_by(|a, b| a.lo < b.lo) {
        items.sort_by(|a, b| (a.lo.cmp(&b.lo)).then_with(|| a.key(columns).cmp(&b.key(columns))));
    }
}

/// Puts an item where it belongs; where that is.
pub(crate) fn insert(items: &mut Vec<Item>, columns: &Columns, item: Item) -> usize {
    match items.last() {
        Some(last) if item.precedes(last, columns) => {
            let at = items.partition_point(|i| i.precedes(&item, columns));
            items.insert(at, item);
            at
        }
        _ => {
            items.push(item);
            items.len() - 1
        }
    }
}

/// Takes an item away.
pub(crate) fn remove(items: &mut Vec<Item>, columns: &Columns, item: Item) {
    let at = items.partition_point(|i| i.precedes(&item, columns));
    if items.get(at).is_some_and(|i| i.row == item.row) {
        items.remove(at);
    }
}

impl<'a> Trace<'a> {
    /// Where events may begin that are, for all we know, not before `instant`.
    pub(crate) fn since(&self, instant: i64) -> i64 {
        if self.coarse {
            instant.saturating_sub(COARSEST)
        } else {
            instant
        }
    }

    /// Last instant at which an event may be that begins at `instant` at the latest.
    pub(crate) fn until(&self, instant: i64) -> i64 {
        if self.coarse {
            instant.saturating_add(COARSEST)
        } else {
            instant
        }
    }

    /// Events that are more to a rule than an activation, from an instant on.
    pub(crate) fn forward(&self, rule: &'a Compiled, from: i64) -> Walk<'a> {
        self.walk(rule, Which::Related, from, true)
    }

    /// Such events up to an instant, the newest first.
    pub(crate) fn backward(&self, rule: &'a Compiled, to: i64) -> Walk<'a> {
        self.walk(rule, Which::Related, to, false)
    }

    /// Some of them up to an instant, the newest first.
    pub(crate) fn backward_among(&self, rule: &'a Compiled, which: Which, to: i64) -> Walk<'a> {
        self.walk(rule, which, to, false)
    }

    /// Activations of a rule, from an instant on.
    pub(crate) fn activations_forward(&self, rule: &'a Compiled, from: i64) -> Walk<'a> {
        self.walk(rule, Which::Activating, from, true)
    }

    /// Activations of a rule up to an instant, the newest first.
    pub(crate) fn activations_backward(&self, rule: &'a Compiled, to: i64) -> Walk<'a> {
        self.walk(rule, Which::Activating, to, false)
    }

    /// How many items begin before an instant.
    fn before(&self, instant: i64) -> usize {
        match self.here {
            Some(here) if here.lo == instant => here.from,
            _ => self.items.partition_point(|i| i.lo < instant),
        }
    }

    /// How many items begin at an instant or before it.
    fn up_to(&self, instant: i64) -> usize {
        match self.here {
            Some(here) if here.lo == instant => here.to,
            _ => self.items.partition_point(|i| i.lo <= instant),
        }
    }

    #[inline]
    fn walk(&self, rule: &'a Compiled, which: Which, bound: i64, forward: bool) -> Walk<'a> {
        if let Some(here) = self.here
            && here.known.is_filed(self.items)
        {
            let mut places = 0;
            for activity in rule.activities(which) {
                places |= here.known.places[usize::from(*activity)].get();
            }
            if places != 0 {
                // At most 128 of them, so the shifts by 128 and more are these two.
                if forward {
                    let from = self.before(bound);
                    places = if from >= SHORT {
                        0
                    } else {
                        places >> from << from
                    };
                } else {
                    let to = self.up_to(bound);
                    if to < SHORT {
                        places &= (1 << to) - 1;
                    }
                }
            }
            return Walk {
                items: self.items,
                places,
                forward,
                far: None,
            };
        }
        self.far_walk(rule, which, bound, forward)
    }

    /// The newest items first that begin at an instant or before it, whatever they are to a rule: so many at most.
    pub(crate) fn newest(&self, to: i64, most: usize) -> impl Iterator<Item = Item> {
        let to = self.up_to(to);
        self.items[to.saturating_sub(most)..to]
            .iter()
            .rev()
            .copied()
    }

    #[inline(never)]
    fn far_walk(&self, rule: &'a Compiled, which: Which, bound: i64, forward: bool) -> Walk<'a> {
        let near = match (self.index, self.here) {
            (None, _) => u32::MAX,
            (Some(_), Some(here)) if here.lo == bound => NEAR,
            (Some(_), _) => 0,
        };
        let far = match self.index {
            Some(index) if near == 0 => {
                let cut = |items: &'a [Item]| {
                    if forward {
                        &items[items.partition_point(|i| i.lo < bound)..]
                    } else {
                        &items[..items.partition_point(|i| i.lo <= bound)]
                    }
                };
                Far::merge(index, self.columns, rule, which, cut)
            }
            _ => Far::Near {
                items: if forward {
                    &self.items[self.before(bound)..]
                } else {
                    &self.items[..self.up_to(bound)]
                },
                left: near,
                rule,
                which,
                index: self.index,
                columns: self.columns,
            },
        };
        Walk {
            items: self.items,
            places: 0,
            forward,
            far: Some(far),
        }
    }

    /// The newest value of an attribute at this event or before it; an erased body may have held a newer one.
    pub(crate) fn carried(&self, row: Row, key: u16) -> Result<Datum, Missing> {
        if let Some(here) = self.here
            && here.row == row
            && here.known.carries.get()
        {
            return here.known.carried(key);
        }
        if self.columns.is_erased(row) {
            return Err(Missing::BODY);
        }
        if let Some(own) = self.columns.attr(row, key) {
            return Ok(own);
        }
        let items = self.index.map_or(self.items, |i| &i.carries);
        let at = match self.here {
            Some(here) if here.row == row && self.index.is_none() => here.at,
            _ => {
                let own = Item::new(self.columns, row);
                items.partition_point(|i| i.precedes(&own, self.columns))
            }
        };
        let before = items[..at].iter().rev();
        for item in before.filter(|i| i.flags & CARRIES != 0) {
            if self.columns.is_erased(item.row) {
                return Err(Missing::BODY);
            }
            if let Some(value) = self.columns.attr(item.row, key) {
                return Ok(value);
            }
        }
        Err(Missing(key))
    }

    pub(crate) fn hi(&self, item: Item) -> i64 {
        if item.flags & COARSE == 0 {
            item.lo
        } else {
            self.columns.hi(item.row)
        }
    }
}

/// A walk along a trace: of a short one, which items; of others, step by step.
pub(crate) struct Walk<'a> {
    items: &'a [Item],
    places: u128,
    forward: bool,
    far: Option<Far<'a>>,
}

/// A walk along a trace of which it is not known where is what.
enum Far<'a> {
    /// From item to item, so many; then by the index, if there is one.
    Near {
        items: &'a [Item],
        left: u32,
        rule: &'a Compiled,
        which: Which,
        index: Option<&'a Index>,
        columns: &'a Columns,
    },
    Merge {
        columns: &'a Columns,
        lists: SmallVec<[&'a [Item]; 8]>,
    },
}

impl<'a> Far<'a> {
    fn merge(
        index: &'a Index,
        columns: &'a Columns,
        rule: &'a Compiled,
        which: Which,
        cut: impl Fn(&'a [Item]) -> &'a [Item],
    ) -> Self {
        let lists = (rule.activities(which).iter()).map(|a| cut(index.of_activity(*a)));
        Self::Merge {
            columns,
            lists: lists.filter(|l| !l.is_empty()).collect(),
        }
    }

    #[inline(never)]
    fn next(&mut self, forward: bool) -> Option<Item> {
        loop {
            match self {
                Self::Near {
                    items,
                    left,
                    rule,
                    which,
                    index,
                    columns,
                } => {
                    let (item, rest) = if forward {
                        items.split_first()?
                    } else {
                        items.split_last()?
                    };
                    if *left == 0
                        && let Some(index) = *index
                    {
                        let (columns, rule, which) = (*columns, *rule, *which);
                        let cut = |list: &'_ [Item]| -> usize {
                            if forward {
                                list.partition_point(|i| i.precedes(item, columns))
                            } else {
                                list.partition_point(|i| !item.precedes(i, columns))
                            }
                        };
                        *self = Self::merge(index, columns, rule, which, |list| {
                            let at = cut(list);
                            if forward { &list[at..] } else { &list[..at] }
                        });
                        continue;
                    }
                    *left = left.saturating_sub(1);
                    *items = rest;
                    if rule.bits(item.activity) & which.bits() != 0 {
                        return Some(*item);
                    }
                }
                Self::Merge { columns, lists } => return merge(columns, lists, forward),
            }
        }
    }
}

impl Iterator for Walk<'_> {
    type Item = Item;

    #[inline]
    fn next(&mut self) -> Option<Item> {
        if self.places == 0 {
            let forward = self.forward;
            return self.far.as_mut()?.next(forward);
        }
        let at = if self.forward {
            let at = self.places.trailing_zeros();
            self.places &= self.places - 1;
            at
        } else {
            let at = u128::BITS - 1 - self.places.leading_zeros();
            self.places ^= 1 << at;
            at
        };
        self.items.get(at as usize).copied()
    }
}

/// The next of several sorted lists.
fn merge(columns: &Columns, lists: &mut SmallVec<[&[Item]; 8]>, forward: bool) -> Option<Item> {
    let head = |list: &&[Item]| if forward { list.first() } else { list.last() }.copied();
    let mut best: Option<(usize, Item)> = None;
    for (at, list) in lists.iter().enumerate() {
        let Some(item) = head(list) else { continue };
        let better = best.is_none_or(|(_, b)| {
            if forward {
                item.precedes(&b, columns)
            } else {
                b.precedes(&item, columns)
            }
        });
        if better {
            best = Some((at, item));
        }
    }
    let (at, item) = best?;
    let list = lists[at];
    lists[at] = if forward {
        &list[1..]
    } else {
        &list[..list.len() - 1]
    };
    Some(item)
}
