//! Local dates where clocks change: China 1986–1991 and three other zones, against jiff.

use calendar::{Calendar, Roll, Unit};
use jiff::{Timestamp, tz::TimeZone};
use proptest::prelude::*;

use crate::{at_in, bound, in_zone, shanghai, show_in};

pub(crate) fn zones() -> [TimeZone; 4] {
    [
        shanghai(),
        jiff::tz::get!("America/New_York"),
        jiff::tz::get!("Australia/Lord_Howe"),
        jiff::tz::get!("Asia/Kathmandu"),
    ]
}

/// Days of 23 and 25 hours end with the local day, hours are elapsed time.
#[test]
fn summer_time_in_china() {
    let (china, zone) = (Calendar::china(), shanghai());
    let due = |start: &str, amount, unit| {
        let due = china.due(at_in(&zone, start), bound(amount, unit), Roll::Never, &[]);
        (show_in(&zone, due.exact), show_in(&zone, due.statutory))
    };
    let same = |t: &str| (t.to_owned(), t.to_owned());
    let both = |a: &str, b: &str| (a.to_owned(), b.to_owned());
    assert_eq!(
        due("1986-05-03 10:00", 1, Unit::Day),
        same("1986-05-04 24:00")
    );
    assert_eq!(
        due("1986-05-03 10:20", 24, Unit::Hour),
        both("1986-05-04 11:20", "1986-05-04 12:00")
    );
    assert_eq!(
        due("1991-09-14 10:20", 24, Unit::Hour),
        both("1991-09-15 09:20", "1991-09-15 10:00")
    );
    assert_eq!(
        due("1991-09-14 10:20", 1, Unit::Day),
        same("1991-09-15 24:00")
    );
    assert_eq!(
        due("1991-03-31 10:20", 6, Unit::Month),
        same("1991-09-30 24:00")
    );
    // Skipped at midnight: the day begins at one o'clock.
    assert_eq!(
        show_in(&zone, china.day_start(jiff::civil::date(1940, 6, 1))),
        "1940-06-01 01:00"
    );
    let length = |y, m, d| {
        let date = jiff::civil::date(y, m, d);
        (china.day_end(date) + 1 - china.day_start(date)) / (60 * crate::MINUTE)
    };
    assert_eq!(
        (length(1986, 5, 4), length(1991, 9, 15), length(2026, 5, 4)),
        (23, 25, 24)
    );
    // Four days served at the same reading of the clock, over the change, with a leave over it.
    let served = |away: &[calendar::Span]| {
        show_in(
            &zone,
            china.served(at_in(&zone, "1991-09-13 09:00"), 4, 0, away),
        )
    };
    assert_eq!(served(&[]), "1991-09-17 09:00");
    let leave = calendar::Span {
        from: at_in(&zone, "1991-09-14 09:00"),
        to: at_in(&zone, "1991-09-15 09:00"),
    };
    assert_eq!(served(&[leave]), "1991-09-18 09:00");
}

#[test]
fn one_instant_two_dates() {
    let t = at_in(&shanghai(), "2026-03-02 10:20");
    let new_york = in_zone(jiff::tz::get!("America/New_York"));
    let due = new_york.due(t, bound(1, Unit::Day), Roll::Never, &[]);
    assert_eq!(
        show_in(&jiff::tz::get!("America/New_York"), due.exact),
        "2026-03-02 24:00"
    );
    let due = Calendar::china().due(t, bound(1, Unit::Day), Roll::Never, &[]);
    assert_eq!(show_in(&shanghai(), due.exact), "2026-03-03 24:00");
    // The full hour is the local one: Kathmandu is at +05:45.
    let kathmandu = jiff::tz::get!("Asia/Kathmandu");
    let due = in_zone(kathmandu.clone()).due(
        at_in(&kathmandu, "2026-03-02 10:20"),
        bound(12, Unit::Hour),
        Roll::Never,
        &[],
    );
    assert_eq!(show_in(&kathmandu, due.statutory), "2026-03-02 23:00");
}

/// Lord Howe Island puts its clocks forward by half an hour, from 2:00 to 2:30, and back from 2:00 to 1:30.
#[test]
fn the_next_full_hour_where_clocks_change_by_half_an_hour() {
    let zone = jiff::tz::get!("Australia/Lord_Howe");
    let c = in_zone(zone.clone());
    for (start, exact, statutory) in [
        ("2026-10-04 01:40", "2026-10-04 03:10", "2026-10-04 04:00"),
        ("2026-04-05 01:10", "2026-04-05 01:40", "2026-04-05 03:00"),
    ] {
        let due = c.due(at_in(&zone, start), bound(1, Unit::Hour), Roll::Never, &[]);
        let got = (show_in(&zone, due.exact), show_in(&zone, due.statutory));
        assert_eq!(got, (exact.to_owned(), statutory.to_owned()), "{start}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]
    /// The short way (fixed offset, own calendar) and jiff's way give the same dates; times gather around the changes.
    #[test]
    fn dates_are_jiffs(
        which in 0_usize..4,
        t in prop_oneof![
            -2_208_988_800_000_000_i64..4_102_444_800_000_000,
            515_000_000_000_000_i64..686_000_000_000_000,
            684_860_000_000_000_i64..684_875_000_000_000,
            -60_000_000_000_000_000_i64..250_000_000_000_000_000,
        ],
    ) {
        let zone = zones()[which].clone();
        let calendar = in_zone(zone.clone());
        let zoned = Timestamp::from_microsecond(t).expect("in range").to_zoned_datetime(zone.clone());
        prop_assert_eq!(calendar.date(t), zoned.date());
        let start = zoned.date().to_zoned_datetime(zone.clone()).expect("in range");
        prop_assert_eq!(calendar.day_start(zoned.date()), start.timestamp().as_microsecond());
        let next = zoned.date().tomorrow().expect("in range").to_zoned_datetime(zone).expect("in range");
        prop_assert_eq!(calendar.day_end(zoned.date()), next.timestamp().as_microsecond() - 1);
    }
}
