//! The reckoning itself: one algorithm, with or without a record of its steps.
//!
//! Order: count (K1, K7), leave out (K3, K8), roll (K2). A stretch is left out if it has begun by the end of the period as it
//! stands then, so that a moved end can bring in further stretches; what begins only in the days won by K2 is not (the
//! stricter). From this follows, and is tested: a later start is never due earlier. One exception lies in K7: 28 to 31 May
//! plus nine months all end on 28 February, so among these starts the one that more of a stretch follows is due later.
//!
//! Is *not* aware of rules, objects or events.

use jiff::{civil::Date, tz::TimeZone};

use crate::{
    Bound, Due, Holidays, Reckoning, Roll, Span, Step, Unit,
    days::{self, DAY},
    holidays::Flags,
    zone::{self, Zone},
};

const MINUTE: i64 = 60_000_000;
const HOUR: i64 = 60 * MINUTE;

/// Up to so many spans in disorder are sorted without allocating.
const FEW: usize = 16;

/// A zone and its holidays: all that is needed to reckon a period.
#[derive(Clone, Debug)]
pub struct Calendar {
    zone: Zone,
    holidays: Holidays,
}

/// Takes the steps, or nothing at all.
trait Record {
    fn maybe(&mut self, make: impl FnOnce() -> Option<Step>);

    #[inline(always)]
    fn step(&mut self, make: impl FnOnce() -> Step) {
        self.maybe(|| Some(make()));
    }
}

impl Record for () {
    #[inline(always)]
    fn maybe(&mut self, _: impl FnOnce() -> Option<Step>) {}
}

impl Record for Vec<Step> {
    /// A step is said once: a year without data, for example, may be met in several places.
    fn maybe(&mut self, make: impl FnOnce() -> Option<Step>) {
        let step = make().filter(|s| !self.contains(s));
        self.extend(step);
    }
}

/// A day that was reached by counting working days.
struct Reached {
    day: i32,
    /// Days passed over.
    off: u32,
    provisional: bool,
}

impl Calendar {
    /// For an organ's own zone and its country's holidays.
    pub fn new(zone: TimeZone, holidays: Holidays) -> Self {
        Self {
            zone: Zone::new(zone),
            holidays,
        }
    }

    /// China: Asia/Shanghai with its history (summer time 1986–1991) and the shipped holidays. Parses the shipped file, so
    /// make one and keep it.
    pub fn china() -> Self {
        Self::new(jiff::tz::get!("Asia/Shanghai"), Holidays::shipped())
    }

    /// The holidays in use.
    pub fn holidays(&self) -> &Holidays {
        &self.holidays
    }

    /// The last good instant of a period that begins at `start`. Allocates nothing, unless more than 16 spans come unsorted
    /// (by `from`); time grows with the spans, and with the days where working days are counted.
    pub fn due(&self, start: i64, bound: Bound, roll: Roll, excluded: &[Span]) -> Due {
        self.run(start, bound, roll, excluded, &mut ())
    }

    /// [`Calendar::due`] with its steps.
    pub fn reckon(&self, start: i64, bound: Bound, roll: Roll, excluded: &[Span]) -> Reckoning {
        let mut steps = Vec::new();
        let due = self.run(start, bound, roll, excluded, &mut steps);
        Reckoning { due, steps }
    }

    /// The latest instant that still lies `lead` before `due`: for days and longer the end of that local day, so an act on it
    /// is in time. Where nothing is known of a year, working days leave out its weekends (the earlier result).
    pub fn before(&self, due: i64, lead: Bound) -> i64 {
        let n = i64::from(lead.amount);
        let day = || self.zone.day(due);
        let end = |day: i32| self.zone.end(day);
        match lead.unit {
            Unit::Minute => zone::clamp(zone::clamp(due).saturating_sub(n.saturating_mul(MINUTE))),
            Unit::Hour => zone::clamp(zone::clamp(due).saturating_sub(n.saturating_mul(HOUR))),
            Unit::Day => end(days::add(day(), -n)),
            Unit::Month => end(days::add_months(day(), -n).0),
            Unit::Year => end(days::add_months(day(), -12 * n).0),
            Unit::WorkingDay => end(self.workdays_back(day(), n)),
        }
    }

    /// The exact end of days served in custody (TV14): `days − credited_days` days after `start` at the same reading of the
    /// clock, later by every stretch `away` (leave is not counted, PSAPL25 Art. 126; a day of earlier restricted liberty takes
    /// one off, Art. 110). Not before `start`.
    pub fn served(&self, start: i64, days: u32, credited_days: u32, away: &[Span]) -> i64 {
        let start = zone::clamp(start);
        let n = i64::from(days.saturating_sub(credited_days));
        if n == 0 {
            return start;
        }
        // By clock readings, so that a leave from nine to nine is a day also when the clocks change in between.
        let mut cursor = self.zone.local(start);
        let mut end = zone::clamp(cursor.saturating_add(n.saturating_mul(DAY)));
        sorted(away, |spans| {
            for span in spans {
                let (from, to) = (self.zone.local(span.from), self.zone.local(span.to));
                let from = from.max(cursor);
                if from >= end {
                    break;
                }
                if to > from {
                    end = zone::clamp(end.saturating_add(to - from));
                    cursor = to;
                }
            }
        });
        self.zone.instant(end)
    }

    /// The local date of an instant.
    pub fn date(&self, t: i64) -> Date {
        days::to_date(self.zone.day(t))
    }

    /// First instant of a local date, µs. Where the clocks skip midnight, the first that exists.
    pub fn day_start(&self, d: Date) -> i64 {
        self.zone.start(days::from_date(d))
    }

    /// Last microsecond of a local date.
    pub fn day_end(&self, d: Date) -> i64 {
        self.zone.end(days::from_date(d))
    }

    /// Whether a day is worked: see [`Holidays::is_workday`]. `None`: no data for the year.
    pub fn is_workday(&self, d: Date) -> Option<bool> {
        self.holidays.is_workday(d)
    }

    #[inline]
    fn run<R: Record>(&self, at: i64, bound: Bound, roll: Roll, out: &[Span], r: &mut R) -> Due {
        let start = zone::clamp(at);
        let n = i64::from(bound.amount);
        let first = match bound.unit {
            Unit::Minute => return self.elapsed(start, bound, MINUTE, out, r),
            Unit::Hour => return self.elapsed(start, bound, HOUR, out, r),
            Unit::WorkingDay => return self.working_days(start, bound.amount, out, roll, r),
            _ => self.zone.day(start),
        };
        r.step(|| Step::StartNotCounted {
            date: days::to_date(first),
        });
        let day = match bound.unit {
            Unit::Month => self.months(first, n, r),
            Unit::Year => self.months(first, n * 12, r),
            _ => days::add(first, n),
        };
        r.step(|| Step::Counted {
            amount: bound.amount,
            unit: bound.unit,
            last: days::to_date(day),
        });
        let day = match out {
            [] => day,
            out => self.leave_out_days(start, day, out, r),
        };
        let (day, provisional) = self.roll(day, roll, r);
        self.at_day_end(day, provisional)
    }

    fn at_day_end(&self, day: i32, provisional: bool) -> Due {
        let end = self.zone.end(day);
        Due {
            exact: end,
            statutory: end,
            provisional,
        }
    }

    fn months<R: Record>(&self, first: i32, months: i64, r: &mut R) -> i32 {
        let (day, wanted) = days::add_months(first, months);
        if wanted != 0 {
            r.step(|| Step::MonthEnd {
                wanted,
                date: days::to_date(day),
            });
        }
        day
    }

    #[inline]
    fn elapsed<R: Record>(&self, at: i64, bound: Bound, unit: i64, out: &[Span], r: &mut R) -> Due {
        let length = i64::from(bound.amount).saturating_mul(unit);
        // The first full hour of the local clock after the start; one that begins at the start itself is the start's (K1).
        let mut counted_from = at + unit - self.zone.local(at).rem_euclid(unit);
        if !self.zone.settled(at) {
            // The clock may have been changed by half an hour on the way there.
            let beyond = self.zone.local(counted_from).rem_euclid(unit);
            counted_from += (unit - beyond) % unit;
        }
        let mut exact = zone::clamp(at.saturating_add(length));
        let mut statutory = zone::clamp(counted_from.saturating_add(length));
        r.step(|| Step::CountedTime {
            amount: bound.amount,
            unit: bound.unit,
            until: self.clock(exact),
        });
        if !out.is_empty() {
            exact = self.leave_out_time(at, exact, out, r);
            statutory = self.leave_out_time(counted_from, statutory, out, &mut ());
        }
        r.step(|| Step::StartUnitNotCounted {
            unit: bound.unit,
            counted_from: self.clock(counted_from),
            until: self.clock(statutory),
        });
        Due {
            exact,
            statutory,
            provisional: false,
        }
    }

    fn clock(&self, t: i64) -> jiff::civil::DateTime {
        zone::civil_time(self.zone.local(t))
    }

    /// Moves `end` by every stretch that begins before it; one that begins at the very end finds nothing left to save.
    fn leave_out_time<R: Record>(&self, start: i64, end: i64, out: &[Span], r: &mut R) -> i64 {
        let (mut cursor, mut end) = (start, end);
        sorted(out, |spans| {
            for span in spans {
                // What overlaps an earlier stretch, or lies before the start, is not left out twice.
                let from = span.from.max(cursor);
                if from >= end {
                    break;
                }
                let to = zone::clamp(span.to);
                if to > from {
                    end = zone::clamp(end.saturating_add(to - from));
                    cursor = to;
                    r.step(|| Step::ExcludedTime {
                        from: self.clock(from),
                        to: self.clock(to),
                        micros: to - from,
                    });
                }
            }
        });
        end
    }

    /// Moves the last day by the days of every stretch that begins on or before it.
    fn leave_out_days<R: Record>(&self, start: i64, day: i32, out: &[Span], r: &mut R) -> i32 {
        let (mut cursor, mut day) = (start, day);
        sorted(out, |spans| {
            for span in spans {
                let Some((from, to)) = self.days_of(span, cursor) else {
                    continue;
                };
                if from > day {
                    break;
                }
                cursor = span.to;
                day = days::add(day, i64::from(to) - i64::from(from));
                excluded(from, to, r);
            }
        });
        day
    }

    /// The local days at both ends of what a span has beyond `cursor`.
    fn days_of(&self, span: &Span, cursor: i64) -> Option<(i32, i32)> {
        let from = span.from.max(cursor);
        (span.to > from).then(|| (self.zone.day(from), self.zone.day(span.to)))
    }

    /// K2, and what is to be said about the last day's year.
    #[inline]
    fn roll<R: Record>(&self, due: i32, roll: Roll, r: &mut R) -> (i32, bool) {
        if roll == Roll::Never {
            r.maybe(|| {
                let off = self.holidays.flags(due).day_off();
                off.map(|name| Step::NotRolled {
                    date: days::to_date(due),
                    name,
                })
            });
            return (due, false);
        }
        let (mut day, mut flags) = (due, self.holidays.flags(due));
        let mut provisional = !flags.complete();
        while flags.off() {
            if !flags.complete() {
                self.note_year(day, flags, r);
            }
            day += 1;
            flags = self.holidays.flags(day);
            provisional |= !flags.complete();
        }
        self.note_year(day, flags, r);
        if day != due {
            r.maybe(|| {
                let off = self.holidays.flags(due).day_off();
                off.map(|name| Step::RolledOverHoliday {
                    from: days::to_date(due),
                    to: days::to_date(day),
                    name,
                })
            });
        }
        (day, provisional)
    }

    fn note_year<R: Record>(&self, day: i32, flags: Flags, r: &mut R) {
        if flags.complete() {
            return;
        }
        r.step(|| {
            let year = days::year(day);
            match flags.known() {
                true => Step::IncompleteHolidayData { year },
                false => Step::NoHolidayData { year },
            }
        });
    }

    /// Counts workdays only (K4). A stretch that begins on or before the day reached stops the count on the day it begins
    /// and lets it go on after the day it ends; if it began on the very last day, the rest of that day is left on the first
    /// workday from its end.
    fn working_days<R: Record>(
        &self,
        start: i64,
        amount: u32,
        out: &[Span],
        roll: Roll,
        r: &mut R,
    ) -> Due {
        let first = self.zone.day(start);
        r.step(|| Step::StartNotCounted {
            date: days::to_date(first),
        });
        let (mut day, mut left, mut cursor) = (first, i64::from(amount), start);
        let (mut off, mut provisional) = (0, false);
        let mut reached = self.workday(day, left, r);
        if !out.is_empty() {
            sorted(out, |spans| {
                for span in spans {
                    let Some((from, to)) = self.days_of(span, cursor) else {
                        continue;
                    };
                    if from > reached.day {
                        break;
                    }
                    let (worked, passed, unsure) = self.workdays_until(day, from);
                    left = (left - worked).max(0);
                    off += passed;
                    provisional |= unsure;
                    (day, cursor) = (to, span.to);
                    excluded(from, to, r);
                    reached = self.workday(day, left, r);
                }
            });
        }
        let (off, provisional) = (off + reached.off, provisional || reached.provisional);
        r.step(|| Step::WorkdaysCounted {
            amount,
            off,
            last: days::to_date(reached.day),
        });
        // The day reached is a workday, or taken as one; only what K2 says about its year can still be missing.
        let (day, unsure) = self.roll(reached.day, roll, r);
        self.at_day_end(day, provisional || unsure)
    }

    /// The `n`-th workday after `day`; for 0 the first from `day` on.
    fn workday<R: Record>(&self, day: i32, n: i64, r: &mut R) -> Reached {
        let table = self.holidays.range();
        let (mut at, mut left) = match n {
            0 => (i64::from(day) - 1, 1),
            n => (i64::from(day), n),
        };
        let (mut off, mut provisional) = (0_u32, false);
        loop {
            let next = days::add(0, at + 1);
            let flags = self.holidays.flags(next);
            if !flags.complete() {
                provisional = true;
                self.note_year(next, flags, r);
            }
            // Outside the table every day is taken as worked, so those days need no walk.
            let many = match next {
                d if d >= table.end => left,
                d if d < table.start => left.min(i64::from(table.start) - i64::from(d)),
                _ => i64::from(!flags.off()),
            };
            off += u32::from(many == 0);
            left -= many;
            at += many.max(1);
            if left == 0 {
                return Reached {
                    day: days::add(0, at),
                    off,
                    provisional,
                };
            }
        }
    }

    /// Workdays after `day` up to and with `last`; days off among them; whether that rests on incomplete years.
    fn workdays_until(&self, day: i32, last: i32) -> (i64, u32, bool) {
        let table = self.holidays.range();
        let length = i64::from(last) - i64::from(day);
        let inside = (day + 1).max(table.start)..(last + 1).min(table.end);
        let mut unsure = length > inside.len() as i64;
        let mut off = 0;
        for d in inside {
            let flags = self.holidays.flags(d);
            off += u32::from(flags.off());
            unsure |= !flags.complete();
        }
        (length - i64::from(off), off, unsure)
    }

    /// `n` workdays before `day`.
    fn workdays_back(&self, day: i32, n: i64) -> i32 {
        let table = self.holidays.range();
        let (mut at, mut left) = (day, n);
        while left > 0 && at > days::FIRST {
            let outside = at <= table.start || at > table.end;
            if outside && left > 5 {
                // Whole weeks of five, as far as they stay outside.
                let room = if at <= table.start {
                    i64::from(at) - i64::from(days::FIRST)
                } else {
                    i64::from(at) - i64::from(table.end)
                };
                let weeks = ((left - 1) / 5).min(room / 7);
                at = days::add(at, -7 * weeks);
                left -= 5 * weeks;
                if weeks > 0 {
                    continue;
                }
            }
            at -= 1;
            let flags = self.holidays.flags(at);
            let off = match flags.known() {
                true => flags.off(),
                false => days::weekend(at),
            };
            left -= i64::from(!off);
        }
        at
    }
}

/// Records a stretch of whole days, if it has any.
fn excluded<R: Record>(from: i32, to: i32, r: &mut R) {
    if to > from {
        r.step(|| Step::Excluded {
            from: days::to_date(from),
            to: days::to_date(to),
            days: to - from,
        });
    }
}

/// Calls `f` with the spans in order of `from`.
fn sorted<T>(spans: &[Span], f: impl FnOnce(&[Span]) -> T) -> T {
    let key = |s: &Span| (s.from, s.to);
    if spans.is_sorted_by_key(key) {
        return f(spans);
    }
    if spans.len() <= FEW {
        let mut few = [Span { from: 0, to: 0 }; FEW];
        let few = &mut few[..spans.len()];
        few.copy_from_slice(spans);
        few.sort_unstable_by_key(key);
        return f(few);
    }
    let mut many = spans.to_vec();
    many.sort_unstable_by_key(key);
    f(&many)
}
