//! Civil dates as day numbers: days since 1970-01-01 in the proleptic Gregorian calendar, in plain integer arithmetic.
//!
//! Is *not* for callers (they see [`jiff::civil::Date`]) and knows no zone. The conversion between day number and date is the
//! usual one over eras of 400 years that begin on 1 March, so that a leap day is the last of its year.

use jiff::civil::Date;

/// A day, µs.
pub(crate) const DAY: i64 = 86_400_000_000;

/// −9990-01-01 and 9990-12-31: far enough inside jiff's range that a day more or less always fits.
pub(crate) const FIRST: i32 = number(-9990, 1, 1);
pub(crate) const LAST: i32 = number(9990, 12, 31);

/// Day number of a date; `month` 1–12.
pub(crate) const fn number(year: i32, month: i32, day: i32) -> i32 {
    let y = if month <= 2 { year - 1 } else { year };
    let era = y.div_euclid(400);
    let of_era = y.rem_euclid(400);
    let from_march = if month > 2 { month - 3 } else { month + 9 };
    let of_year = (153 * from_march + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// Year, month and day of a day number.
pub(crate) const fn civil(number: i32) -> (i32, i32, i32) {
    let z = number + 719_468;
    let era = z.div_euclid(146_097);
    let of_era = z.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 {
        from_march + 3
    } else {
        from_march - 9
    };
    let year = year_of_era + era * 400 + (month <= 2) as i32;
    (year, month, day)
}

/// The year in which a day lies.
pub(crate) const fn year(number: i32) -> i16 {
    civil(number).0 as i16
}

/// Saturday or Sunday.
pub(crate) const fn weekend(number: i32) -> bool {
    // Day 0 was a Thursday.
    (number + 3).rem_euclid(7) >= 5
}

const fn month_length(year: i32, month: i32) -> i32 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// The same day number `months` later (earlier if negative), or the last day of that month (K7). The second value is the day
/// number that was wanted where the month has none such, else 0.
pub(crate) fn add_months(day: i32, months: i64) -> (i32, i8) {
    let (y, m, d) = civil(day);
    let at = (i64::from(y) * 12 + i64::from(m) - 1).saturating_add(months);
    let year = at.div_euclid(12);
    if !(-9990..=9990).contains(&year) {
        return (if months < 0 { FIRST } else { LAST }, 0);
    }
    let (year, month) = (year as i32, at.rem_euclid(12) as i32 + 1);
    let length = month_length(year, month);
    if d > length {
        (number(year, month, length), d as i8)
    } else {
        (number(year, month, d), 0)
    }
}

/// `day + n`, inside the range that we reckon in.
pub(crate) fn add(day: i32, n: i64) -> i32 {
    i64::from(day)
        .saturating_add(n)
        .clamp(i64::from(FIRST), i64::from(LAST)) as i32
}

/// As jiff's date.
pub(crate) fn to_date(day: i32) -> Date {
    let (y, m, d) = civil(day.clamp(FIRST, LAST));
    Date::new(y as i16, m as i8, d as i8).expect("clamped to jiff's years, and made by civil()")
}

/// From jiff's date, inside the range that we reckon in.
pub(crate) fn from_date(date: Date) -> i32 {
    let n = number(
        i32::from(date.year()),
        i32::from(date.month()),
        i32::from(date.day()),
    );
    n.clamp(FIRST, LAST)
}
