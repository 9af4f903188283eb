//! Working days and statutory periods: from a start and a bound of the law to the last instant that is still in time.
//!
//! Rules K1–K10 of the casework law: the first hour or day is not counted (K1), a last day on a holiday rolls to the next
//! workday, but never for custody (K2), travel and appraisal are left out (K3, K8), working days only where the law says so
//! (K4), bounds include the number itself (K5), months end on the same day number (K7). Chinese sources: CPL Art. 105 and
//! PSA Art. 35 (K1–K3), APL Art. 85 and ACL Art. 69 (K4), PSAPL25 Art. 118 and 126 (K8).
//!
//! Days, months and years are **local calendar dates** of the organ's zone, never multiples of 24 hours; hours and minutes
//! are elapsed time. Two faces, one algorithm: [`Calendar::due`] gives numbers without allocating, [`Calendar::reckon`] the
//! same numbers with the steps that a lawyer can follow.
//!
//! Is *not* a clock (time is an argument), *not* a store of deadlines (`watch`), and does *not* know which bound, roll or
//! exclusion a rule of the law has (`law`). Where a year's holidays are not known the stricter result is given and marked.
//!
//! All instants are `i64` microseconds since 1970-01-01T00:00:00Z (as `model::Micros`), read as within the years −9990 to
//! 9990; what lies beyond is taken as the end of that range.

mod clock;
mod days;
mod holidays;
mod step;
mod zone;

use serde::{Deserialize, Serialize};

pub use clock::Calendar;
pub use holidays::{Checked, DayOff, Festival, HolidayError, Holidays, Mark, What, Year};
pub use step::Step;

/// What a bound counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// 60 elapsed seconds.
    Minute,
    /// 60 elapsed minutes, whatever the local clock does meanwhile.
    Hour,
    /// Local calendar date.
    Day,
    /// Local calendar date that is no weekend and no holiday, or a make-up workday (K4).
    WorkingDay,
    /// Calendar month, to the same day number or the month's last day (K7).
    Month,
    /// Twelve calendar months.
    Year,
}

/// How long a period is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bound {
    /// How many units; 0 days end with the start's own day.
    pub amount: u32,
    /// Of what.
    pub unit: Unit,
}

/// What happens when the last day is no workday (K2). Hours and minutes never roll.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Roll {
    /// The period ends on its due day. Always so for custody; the default for bail and residential surveillance.
    Never,
    /// The period ends with the first workday after the weekend or holiday.
    Holiday,
}

/// A stretch that is not counted (K3 travel, K8 appraisal, hearing, leave). In day periods `date(to) − date(from)` days are
/// left out, in hour periods the exact time. A span with `to < from` is empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Span {
    /// Its first instant, µs.
    pub from: i64,
    /// Its last instant, µs.
    pub to: i64,
}

/// The last good instant of a period: an act at `t` is in time iff `t <= due` (K5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Due {
    /// To the exact minute of the start, µs. Warnings use this one. For days and longer the last microsecond of the last day.
    pub exact: i64,
    /// With the hour (minute) of the start not counted (K1), µs; equal to `exact` for days and longer.
    pub statutory: i64,
    /// The result may move later: it rests on a year whose holidays are not, or not completely, known.
    pub provisional: bool,
}

/// A [`Due`] and how it came about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reckoning {
    /// Exactly what [`Calendar::due`] gives.
    pub due: Due,
    /// In the order in which they were taken.
    pub steps: Vec<Step>,
}
