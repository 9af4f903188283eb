//! Time in the head of an officer: Beijing time, office hours, nights, and which days are workdays by the notices of the
//! State Council. Statutory periods are the crate `calendar`'s; here is only when people are at their desks.

use calendar::Calendar;
use model::Micros;

pub(super) const MINUTE: i64 = 60;
pub(super) const HOUR: i64 = 60 * MINUTE;
pub(super) const DAY: i64 = 24 * HOUR;
/// China Standard Time is UTC+8 all year, everywhere in the country.
const OFFSET: i64 = 8 * HOUR;

/// Seconds since 1970-01-01T00:00:00 of Beijing time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Moment(pub(super) i64);

/// Which days are workdays, from some day on.
#[derive(Clone, Debug)]
pub(super) struct Workdays {
    first: i64,
    open: Vec<bool>,
}

impl Workdays {
    /// Of these days, looked up once: a generated case asks many times.
    pub(super) fn between(from: Moment, to: Moment) -> Self {
        let calendar = Calendar::china();
        let first = from.day();
        let open = (first..=to.day()).map(|day| {
            let noon = Moment(day * DAY + 12 * HOUR);
            let known = calendar.is_workday(calendar.date(noon.micros().get()));
            known.unwrap_or(!noon.weekend())
        });
        Self {
            first,
            open: open.collect(),
        }
    }

    fn open(&self, at: Moment) -> bool {
        let known = usize::try_from(at.day() - self.first)
            .ok()
            .and_then(|n| self.open.get(n));
        known.copied().unwrap_or(!at.weekend())
    }

    /// The start of the day that is so many workdays after this one.
    pub(super) fn after(&self, from: Moment, workdays: usize) -> Moment {
        let mut at = from.day_start();
        let mut left = workdays;
        while left > 0 {
            at = at.plus(DAY);
            left -= usize::from(self.open(at));
        }
        at
    }
}

impl Moment {
    pub(super) fn from_micros(t: Micros) -> Self {
        Self(t.seconds() + OFFSET)
    }

    pub(super) fn micros(self) -> Micros {
        Micros::new((self.0 - OFFSET) * 1_000_000).expect("cases happen in four-digit years")
    }

    pub(super) fn plus(self, seconds: i64) -> Self {
        Self(self.0 + seconds)
    }

    pub(super) fn day_start(self) -> Self {
        Self(self.0 - self.0.rem_euclid(DAY))
    }

    fn day(self) -> i64 {
        self.0.div_euclid(DAY)
    }

    fn of_day(self) -> i64 {
        self.0.rem_euclid(DAY)
    }

    /// Hour of the day, 0 to 23.
    pub(super) fn hour(self) -> i64 {
        self.of_day() / HOUR
    }

    fn weekend(self) -> bool {
        // 1970-01-01 was a Thursday.
        matches!((self.day() + 4).rem_euclid(7), 0 | 6)
    }

    /// This moment if it lies in office hours (workdays, 8:30–12:00 and 13:30–17:30), else the next that does.
    pub(super) fn office(self, workdays: &Workdays) -> Self {
        let (open, noon, after, close) = (
            8 * HOUR + 1800,
            12 * HOUR,
            13 * HOUR + 1800,
            17 * HOUR + 1800,
        );
        let mut at = self;
        loop {
            let s = at.of_day();
            at = if !workdays.open(at) || s >= close {
                at.day_start().plus(DAY + open)
            } else if s < open {
                at.day_start().plus(open)
            } else if (noon..after).contains(&s) {
                at.day_start().plus(after)
            } else {
                return at;
            };
        }
    }

    /// This moment if people are up (8:00–22:00), else eight in the morning.
    pub(super) fn waking(self) -> Self {
        let s = self.of_day();
        match s {
            _ if s < 8 * HOUR => self.day_start().plus(8 * HOUR),
            _ if s >= 22 * HOUR => self.day_start().plus(DAY + 8 * HOUR),
            _ => self,
        }
    }

    /// Year, month, day of the civil (Gregorian) calendar: days-to-civil after H. Hinnant's public description.
    pub(super) fn date(self) -> (i64, i64, i64) {
        let z = self.day() + 719_468;
        let era = z.div_euclid(146_097);
        let day_of_era = z.rem_euclid(146_097);
        let year_of_era =
            (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted_month = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
        let month = if shifted_month < 10 {
            shifted_month + 3
        } else {
            shifted_month - 9
        };
        let year = year_of_era + era * 400 + i64::from(month <= 2);
        (year, month, day)
    }

    /// `2026-03-14 09:05`.
    #[cfg(test)]
    pub(super) fn text(self) -> String {
        let (y, m, d) = self.date();
        let s = self.of_day();
        format!("{y}-{m:02}-{d:02} {:02}:{:02}", s / HOUR, s % HOUR / MINUTE)
    }
}
