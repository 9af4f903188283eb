//! A time zone with a short way for the years in which its offset no longer changes.
//!
//! China's offset has been +08:00 since 1991-09-15; before, there was summer time, and jiff is asked. Both ways give the same
//! (tests compare them). Is *not* a database of zones: the zone is the caller's.

use jiff::{Timestamp, civil, tz::TimeZone};

use crate::days::{self, DAY};

/// The instants that we reckon in: all of [`days::FIRST`] to [`days::LAST`] in every zone, and well within jiff's.
const EARLIEST: i64 = (days::FIRST as i64 - 2) * DAY;
const LATEST: i64 = (days::LAST as i64 + 3) * DAY;

#[derive(Clone, Debug)]
pub(crate) struct Zone {
    tz: TimeZone,
    /// From here on `offset` holds for good, µs.
    fixed_from: i64,
    /// µs east of Greenwich.
    offset: i64,
}

pub(crate) fn clamp(t: i64) -> i64 {
    t.clamp(EARLIEST, LATEST)
}

fn timestamp(t: i64) -> Timestamp {
    Timestamp::from_microsecond(clamp(t)).expect("clamped to jiff's range")
}

impl Zone {
    pub(crate) fn new(tz: TimeZone) -> Self {
        let last = tz.preceding(Timestamp::MAX).next();
        let (fixed_from, offset) = match last {
            Some(t) => (t.timestamp().as_microsecond(), t.offset()),
            None => (i64::MIN / 2, tz.to_offset(Timestamp::UNIX_EPOCH)),
        };
        let offset = i64::from(offset.seconds()) * 1_000_000;
        Self {
            tz,
            fixed_from,
            offset,
        }
    }

    /// Local clock reading as µs since 1970-01-01T00:00 of that clock.
    pub(crate) fn local(&self, t: i64) -> i64 {
        let t = clamp(t);
        if t >= self.fixed_from {
            t + self.offset
        } else {
            self.local_slow(t)
        }
    }

    /// No change of the clock comes after `t`.
    pub(crate) fn settled(&self, t: i64) -> bool {
        t >= self.fixed_from
    }

    #[cold]
    fn local_slow(&self, t: i64) -> i64 {
        t + i64::from(self.tz.to_offset(timestamp(t)).seconds()) * 1_000_000
    }

    /// Local date as a day number.
    pub(crate) fn day(&self, t: i64) -> i32 {
        // Within i32: `local` is clamped to the years −9990 to 9990.
        (self.local(t).div_euclid(DAY) as i32).clamp(days::FIRST, days::LAST)
    }

    /// Instant at which the local clock reads `local`. Skipped readings are taken as if the clock had not been put forward,
    /// repeated ones as the first (RFC 5545, jiff's "compatible").
    pub(crate) fn instant(&self, local: i64) -> i64 {
        let t = local - self.offset;
        // A day of distance: no reading near the last change is read by the offset after it.
        if t >= self.fixed_from + DAY {
            clamp(t)
        } else {
            self.instant_slow(local)
        }
    }

    #[cold]
    fn instant_slow(&self, local: i64) -> i64 {
        let clock = civil_time(local);
        let zoned = self.tz.to_ambiguous_timestamp(clock).compatible();
        zoned.map_or_else(
            |_| clamp(local - self.offset),
            |t| clamp(t.as_microsecond()),
        )
    }

    /// First instant of a local day.
    pub(crate) fn start(&self, day: i32) -> i64 {
        self.instant(i64::from(day) * DAY)
    }

    /// Last microsecond of a local day.
    pub(crate) fn end(&self, day: i32) -> i64 {
        self.start(day.saturating_add(1)) - 1
    }
}

/// A local clock reading, as jiff's.
pub(crate) fn civil_time(local: i64) -> civil::DateTime {
    TimeZone::UTC.to_datetime(timestamp(local))
}
