//! What happened to one object, in judging order, and how to walk along it.
//!
//! Judging order is (claimed, recorded, position), whichever log arrived first. A short trace is walked as it lies; a long
//! one has an index by activity, so that one case with a million events stays linear. Not a store of its own: items point
//! into [`Columns`].

use hashbrown::HashMap;
use smallvec::SmallVec;

pub(crate) use crate::columns::{CARRIES, COARSE};
use crate::columns::{Columns, Datum, Row};
use crate::guard::Missing;
use crate::program::{Compiled, Program};

/// An event of a trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Item {
    /// First possible instant.
    pub(crate) lo: i64,
    pub(crate) row: Row,
    pub(crate) activity: u16,
    pub(crate) flags: u8,
}

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
}

impl Item {
    pub(crate) fn new(columns: &Columns, row: Row) -> Self {
        Self {
            lo: columns.lo(row),
            row,
            activity: columns.activity(row),
            flags: columns.flags(row) & (COARSE | CARRIES),
        }
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

/// Puts an item where it belongs.
pub(crate) fn insert(items: &mut Vec<Item>, columns: &Columns, item: Item) {
    let key = item.key(columns);
    match items.last() {
        Some(last) if last.key(columns) > key => {
            let at = items.partition_point(|i| i.key(columns) < key);
            items.insert(at, item);
        }
        _ => items.push(item),
    }
}

/// Takes an item away.
pub(crate) fn remove(items: &mut Vec<Item>, columns: &Columns, item: Item) {
    let key = item.key(columns);
    let at = items.partition_point(|i| i.key(columns) < key);
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
        self.walk(
            rule,
            &rule.related,
            !crate::program::bit::ACTIVATION,
            from,
            true,
        )
    }

    /// Such events up to an instant, the newest first.
    pub(crate) fn backward(&self, rule: &'a Compiled, to: i64) -> Walk<'a> {
        self.walk(
            rule,
            &rule.related,
            !crate::program::bit::ACTIVATION,
            to,
            false,
        )
    }

    /// Events that are one of these things to a rule, up to an instant, the newest first.
    pub(crate) fn backward_among(&self, rule: &'a Compiled, bits: u8, to: i64) -> Walk<'a> {
        let related = rule.related.iter().copied();
        let activities: SmallVec<[u16; 8]> =
            related.filter(|a| rule.bits(*a) & bits != 0).collect();
        self.walk(rule, &activities, bits, to, false)
    }

    /// Activations of a rule, from an instant on.
    pub(crate) fn activations_forward(&self, rule: &'a Compiled, from: i64) -> Walk<'a> {
        self.walk(
            rule,
            &rule.activating,
            crate::program::bit::ACTIVATION,
            from,
            true,
        )
    }

    /// Activations of a rule up to an instant, the newest first.
    pub(crate) fn activations_backward(&self, rule: &'a Compiled, to: i64) -> Walk<'a> {
        self.walk(
            rule,
            &rule.activating,
            crate::program::bit::ACTIVATION,
            to,
            false,
        )
    }

    fn walk(
        &self,
        rule: &'a Compiled,
        activities: &[u16],
        bits: u8,
        bound: i64,
        forward: bool,
    ) -> Walk<'a> {
        let cut = |items: &'a [Item]| {
            if forward {
                &items[items.partition_point(|i| i.lo < bound)..]
            } else {
                &items[..items.partition_point(|i| i.lo <= bound)]
            }
        };
        let columns = self.columns;
        match self.index {
            None if forward => Walk::Forward {
                items: cut(self.items).iter(),
                rule,
                bits,
            },
            None => Walk::Backward {
                items: cut(self.items).iter(),
                rule,
                bits,
            },
            Some(index) => {
                let lists = activities.iter().map(|a| cut(index.of_activity(*a)));
                Walk::Merge {
                    columns,
                    lists: lists.filter(|l| !l.is_empty()).collect(),
                    forward,
                }
            }
        }
    }

    /// The newest value of an attribute at this event or before it; an erased body may have held a newer one.
    pub(crate) fn carried(&self, row: Row, key: u16) -> Result<Datum, Missing> {
        if self.columns.is_erased(row) {
            return Err(Missing::BODY);
        }
        if let Some(own) = self.columns.attr(row, key) {
            return Ok(own);
        }
        let here = (
            self.columns.lo(row),
            self.columns.recorded(row),
            self.columns.position(row),
        );
        let items = self.index.map_or(self.items, |i| &i.carries);
        let at = items.partition_point(|i| i.key(self.columns) < here);
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

/// A walk along a trace.
pub(crate) enum Walk<'a> {
    Forward {
        items: std::slice::Iter<'a, Item>,
        rule: &'a Compiled,
        bits: u8,
    },
    Backward {
        items: std::slice::Iter<'a, Item>,
        rule: &'a Compiled,
        bits: u8,
    },
    Merge {
        columns: &'a Columns,
        lists: SmallVec<[&'a [Item]; 8]>,
        forward: bool,
    },
}

impl Iterator for Walk<'_> {
    type Item = Item;

    #[inline]
    fn next(&mut self) -> Option<Item> {
        match self {
            Self::Forward { items, rule, bits } => {
                items.find(|i| rule.bits(i.activity) & *bits != 0).copied()
            }
            Self::Backward { items, rule, bits } => {
                items.rfind(|i| rule.bits(i.activity) & *bits != 0).copied()
            }
            Self::Merge {
                columns,
                lists,
                forward,
            } => merge(columns, lists, *forward),
        }
    }
}

/// The next of several sorted lists.
fn merge(columns: &Columns, lists: &mut SmallVec<[&[Item]; 8]>, forward: bool) -> Option<Item> {
    let head = |list: &&[Item]| if forward { list.first() } else { list.last() }.copied();
    let mut best: Option<(usize, Item)> = None;
    for (at, list) in lists.iter().enumerate() {
        let Some(item) = head(list) else { continue };
        let better = best.is_none_or(|(_, b)| {
            let (new, old) = (item.key(columns), b.key(columns));
            if forward { new < old } else { new > old }
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
