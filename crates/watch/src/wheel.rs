//! When outcomes change by themselves: by minute, soonest first.
//!
//! Derived from the open records and made again from them at start. An entry that is no longer what its record says is
//! skipped when it comes up, so a changed deadline is one insert and no search. It does not run: the caller's heartbeat
//! does ([`crate::Engine::tick`]).

use std::collections::BTreeMap;

use crate::columns::Row;
use crate::program::RuleNo;

const MINUTE: i64 = 60_000_000;

/// Something that changes at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) at: i64,
    pub(crate) object: u32,
    pub(crate) root: Row,
    pub(crate) per: u32,
    pub(crate) rule: RuleNo,
}

#[derive(Clone, Default)]
pub(crate) struct Wheel {
    minutes: BTreeMap<i64, Vec<Entry>>,
    len: usize,
}

impl Wheel {
    pub(crate) fn insert(&mut self, entry: Entry) {
        let minute = entry.at.div_euclid(MINUTE);
        self.minutes.entry(minute).or_default().push(entry);
        self.len += 1;
    }

    /// Takes out what is due at `now`, in no order within a minute.
    pub(crate) fn take(&mut self, now: i64, out: &mut Vec<Entry>) {
        let current = now.div_euclid(MINUTE);
        while let Some(mut first) = self.minutes.first_entry() {
            if *first.key() > current {
                break;
            }
            if *first.key() < current {
                let entries = first.remove();
                self.len -= entries.len();
                out.extend(entries);
                continue;
            }
            let entries = first.get_mut();
            let before = out.len();
            entries.retain(|e| {
                let due = e.at <= now;
                if due {
                    out.push(*e);
                }
                !due
            });
            self.len -= out.len() - before;
            if entries.is_empty() {
                first.remove();
            }
            break;
        }
    }

    /// The minute of the next entry, as its first instant.
    pub(crate) fn next(&self) -> Option<i64> {
        self.minutes.keys().next().map(|m| m * MINUTE)
    }

    pub(crate) fn len(&self) -> usize {
        self.len
    }
}
