//! Limits and warnings as they are written: `24h`, `3d`, `2wd`, `90%`. Not what they come to: that is the crate `calendar`.

use std::fmt;

use crate::rule::{Limit, LimitUnit, Warn};

const UNITS: [(&str, LimitUnit); 6] = [
    ("min", LimitUnit::Minute),
    ("h", LimitUnit::Hour),
    ("d", LimitUnit::Day),
    ("wd", LimitUnit::WorkingDay),
    ("mo", LimitUnit::Month),
    ("y", LimitUnit::Year),
];

/// Longest limit, in any unit: a hundred years of hours and more than any law asks.
const MOST: u32 = 1_000_000;

/// A number at once followed by its unit.
pub(super) fn limit(text: &str) -> Option<Limit> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (amount, unit) = text.split_at(digits);
    let (_, unit) = UNITS.into_iter().find(|(name, _)| *name == unit)?;
    let amount = amount.parse().ok().filter(|n| (1..=MOST).contains(n))?;
    Some(Limit { amount, unit })
}

/// A stretch in which records may follow: minutes or hours, which no calendar changes.
pub(crate) fn grace(text: &str) -> Option<Limit> {
    limit(text).filter(|l| matches!(l.unit, LimitUnit::Minute | LimitUnit::Hour))
}

/// `90%` or a limit.
pub(super) fn warn(text: &str) -> Option<Warn> {
    match text.strip_suffix('%') {
        Some(share) => {
            let share = share.parse().ok().filter(|n| (1..100).contains(n))?;
            Some(Warn::Percent(share))
        }
        None => limit(text).map(Warn::Before),
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = UNITS.iter().find(|(_, unit)| *unit == self.unit);
        write!(f, "{}{}", self.amount, unit.map_or("", |(name, _)| name))
    }
}

impl fmt::Display for Warn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Percent(share) => write!(f, "{share}%"),
            Self::Before(limit) => limit.fmt(f),
        }
    }
}

/// The shortest and the longest that a limit can be, in minutes: holidays, months and clock changes are not known here.
pub(super) fn minutes(limit: Limit) -> (u64, u64) {
    const DAY: u64 = 24 * 60;
    let n = u64::from(limit.amount);
    match limit.unit {
        LimitUnit::Minute => (n, n),
        LimitUnit::Hour => (n * 60, n * 60),
        // A limit of days begins the day after and ends with its last day.
        LimitUnit::Day => (n * DAY - 60, (n + 1) * DAY + 60),
        // A holiday of at most eleven days may lie between any two working days.
        LimitUnit::WorkingDay => (n * DAY - 60, (n * 12 + 12) * DAY),
        LimitUnit::Month => (n * 28 * DAY - 60, (n * 31 + 1) * DAY + 60),
        LimitUnit::Year => (n * 365 * DAY - 60, (n * 366 + 1) * DAY + 60),
    }
}
