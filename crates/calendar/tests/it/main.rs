//! Tests of `calendar` at its public face: the vectors of the law, an independent slow reckoning, and properties.

mod data;
mod oracle;
mod properties;
mod text;
mod vectors;
mod zones;

use std::sync::LazyLock;

use calendar::{Bound, Calendar, Holidays, Span, Unit};
use jiff::{Timestamp, civil::DateTime, tz::TimeZone};

pub(crate) const MINUTE: i64 = 60_000_000;

pub(crate) fn shanghai() -> TimeZone {
    jiff::tz::get!("Asia/Shanghai")
}

/// China's holidays in another zone.
pub(crate) fn in_zone(zone: TimeZone) -> Calendar {
    // Read once: a case of a property is far quicker than the file.
    static SHIPPED: LazyLock<Holidays> = LazyLock::new(Holidays::shipped);
    Calendar::new(zone, SHIPPED.clone())
}

/// `2026-03-02 10:20`, or `2026-03-02` for its first instant, as an instant of that zone.
pub(crate) fn at_in(zone: &TimeZone, text: &str) -> i64 {
    let text = match text.len() {
        10 => format!("{text}T00:00"),
        _ => text.replace(' ', "T"),
    };
    let clock: DateTime = text.parse().expect("written in this file");
    let zoned = zone.to_zoned_datetime(clock).expect("inside jiff's years");
    zoned.timestamp().as_microsecond()
}

pub(crate) fn at(text: &str) -> i64 {
    at_in(&shanghai(), text)
}

/// The end of a day as `2026-02-04 24:00`, other instants to the minute, and what does not fit in full.
pub(crate) fn show_in(zone: &TimeZone, t: i64) -> String {
    let zoned = |t| {
        Timestamp::from_microsecond(t)
            .expect("in range")
            .to_zoned_datetime(zone.clone())
    };
    let (here, next) = (zoned(t), zoned(t + 1));
    if next.date() != here.date() && next.start_of_day().is_ok_and(|d| d == next) {
        return format!("{} 24:00", here.date());
    }
    match t % MINUTE {
        0 => here.strftime("%Y-%m-%d %H:%M").to_string(),
        _ => here.datetime().to_string(),
    }
}

pub(crate) fn show(t: i64) -> String {
    show_in(&shanghai(), t)
}

pub(crate) fn bound(amount: u32, unit: Unit) -> Bound {
    Bound { amount, unit }
}

pub(crate) fn span(from: &str, to: &str) -> Span {
    Span {
        from: at(from),
        to: at(to),
    }
}
