#![no_main]
//! Any bytes said to be holidays: refused, or loaded into a calendar that reckons without end or panic.

use calendar::{Bound, Calendar, Holidays, Roll, Unit};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let Ok(holidays) = Holidays::parse(text) else {
        return;
    };
    let years: Vec<i64> = holidays.years().iter().map(|y| i64::from(y.year)).collect();
    let zone = jiff::tz::TimeZone::posix("CST-8").expect("a zone");
    let calendar = Calendar::new(zone, holidays);
    for year in years {
        let start = (year - 1970).saturating_mul(31_556_952_000_000);
        for unit in [Unit::Hour, Unit::Day, Unit::WorkingDay, Unit::Month] {
            for roll in [Roll::Never, Roll::Holiday] {
                calendar.due(start, Bound { amount: 30, unit }, roll, &[]);
            }
        }
    }
});
