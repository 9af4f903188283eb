//! Who is busy when. Cases are made one by one and share their officers, so whoever sits with somebody in one case is not to
//! sit with somebody else in another at the same time (CR-027). *Not* a duty roster: nobody is off duty.

use std::collections::BTreeMap;

use super::moment::{HOUR, Moment};

/// No stretch is longer.
const LONGEST: i64 = 6 * HOUR;

/// Stretches of all officers, by position in the roster.
#[derive(Clone, Debug, Default)]
pub(super) struct Diary {
    busy: Vec<BTreeMap<i64, i64>>,
    /// How many of the oldest are dropped when a new one comes: whatever ended before the cases that are made now.
    floor: i64,
}

impl Diary {
    /// Nothing before this moment will be asked for any more.
    pub(super) fn forget_before(&mut self, moment: Moment) {
        self.floor = moment.0 - LONGEST;
    }

    /// Whether somebody has nothing else from `from` for so many seconds.
    pub(super) fn free(&self, person: usize, from: Moment, length: i64) -> bool {
        let Some(busy) = self.busy.get(person) else {
            return true;
        };
        let end = from.0 + length;
        !busy
            .range(from.0 - LONGEST..end)
            .any(|(_, other_end)| *other_end > from.0)
    }

    /// Writes a stretch down.
    pub(super) fn book(&mut self, person: usize, from: Moment, length: i64) {
        if self.busy.len() <= person {
            self.busy.resize_with(person + 1, BTreeMap::new);
        }
        let busy = &mut self.busy[person];
        while busy
            .first_key_value()
            .is_some_and(|(start, _)| *start < self.floor)
        {
            busy.pop_first();
        }
        let end = busy.entry(from.0).or_insert(0);
        *end = (*end).max(from.0 + length);
    }
}
