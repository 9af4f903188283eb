//! An independent, slow reckoning: it walks day by day (minute by minute for hours) with jiff's own zoned arithmetic and
//! its own reading of the holiday file, and never jumps except over a stretch that is left out.
//!
//! 500 vectors are generated from a seed that is printed when one differs; `CALENDAR_SEED` asks for another.

use std::{collections::BTreeMap, sync::LazyLock};

use calendar::{Bound, Calendar, Due, Roll, Span, Unit};
use jiff::{
    Timestamp, ToSpan,
    civil::{Date, Weekday},
    tz::TimeZone,
};
use proptest::prelude::*;

use crate::{MINUTE, in_zone, zones::zones};

/// Days that the file names, and years it has (`true`: complete).
struct Slow {
    zone: TimeZone,
    named: BTreeMap<Date, bool>,
    years: BTreeMap<i16, bool>,
}

impl Slow {
    fn new(zone: TimeZone) -> Self {
        static READ: LazyLock<(BTreeMap<Date, bool>, BTreeMap<i16, bool>)> =
            LazyLock::new(Slow::read);
        let (named, years) = READ.clone();
        Self { zone, named, years }
    }

    fn read() -> (BTreeMap<Date, bool>, BTreeMap<i16, bool>) {
        let text = include_str!("../../../../packs/calendar/cn.toml");
        let (mut named, mut years) = (BTreeMap::new(), BTreeMap::new());
        let (mut year, mut worked) = (0, false);
        for line in text.lines() {
            if let Some(y) = line.strip_prefix("year = ") {
                year = y.parse().expect("a year");
            } else if let Some(c) = line.strip_prefix("complete = ") {
                years.insert(year, c == "true");
            }
            worked = match line.split(' ').next() {
                Some("work") => true,
                Some("off") => false,
                _ => worked,
            };
            if !line.starts_with("issued") {
                let words = line.split(|c: char| !(c.is_ascii_digit() || c == '-'));
                named.extend(words.filter_map(|w| Some((w.parse::<Date>().ok()?, worked))));
            }
        }
        (named, years)
    }

    fn date(&self, t: i64) -> Date {
        let t = Timestamp::from_microsecond(t).expect("in range");
        t.to_zoned_datetime(self.zone.clone()).date()
    }

    /// Worked, and whether that is certain.
    fn worked(&self, d: Date) -> (bool, bool) {
        let Some(complete) = self.years.get(&d.year()) else {
            return (true, false);
        };
        let weekend = matches!(d.weekday(), Weekday::Saturday | Weekday::Sunday);
        (self.named.get(&d).copied().unwrap_or(!weekend), *complete)
    }

    /// Stretches that do not touch, clipped to what follows `start`.
    fn apart(&self, start: i64, spans: &[Span]) -> Vec<Span> {
        let mut apart: Vec<Span> = Vec::new();
        for s in spans {
            let mut s = Span {
                from: s.from.max(start),
                to: s.to,
            };
            if s.to <= s.from {
                continue;
            }
            while let Some(at) = apart.iter().position(|a| a.from <= s.to && s.from <= a.to) {
                let a = apart.remove(at);
                s = Span {
                    from: s.from.min(a.from),
                    to: s.to.max(a.to),
                };
            }
            apart.push(s);
        }
        apart.sort_by_key(|s| s.from);
        apart
    }

    fn due(&self, start: i64, bound: Bound, roll: Roll, spans: &[Span]) -> Due {
        let n = i64::from(bound.amount);
        match bound.unit {
            Unit::Minute | Unit::Hour => {
                let minutes = if bound.unit == Unit::Hour { 60 * n } else { n };
                let statutory_start = self.next_full(start, bound.unit);
                Due {
                    exact: self.walk_minutes(start, minutes, spans),
                    statutory: self.walk_minutes(statutory_start, minutes, spans),
                    provisional: false,
                }
            }
            _ => self.walk_days(start, bound, roll, spans),
        }
    }

    /// The next minute at which the local clock shows a full unit.
    fn next_full(&self, start: i64, unit: Unit) -> i64 {
        let mut t = start;
        loop {
            t += MINUTE;
            let zoned = Timestamp::from_microsecond(t)
                .expect("in range")
                .to_zoned_datetime(self.zone.clone());
            if unit == Unit::Minute || zoned.minute() == 0 {
                return t;
            }
        }
    }

    fn walk_minutes(&self, start: i64, minutes: i64, spans: &[Span]) -> i64 {
        let (mut t, mut left) = (start, minutes);
        while left > 0 {
            let out = spans.iter().any(|s| s.from <= t && t < s.to);
            left -= i64::from(!out);
            t += MINUTE;
        }
        t
    }

    fn walk_days(&self, start: i64, bound: Bound, roll: Roll, spans: &[Span]) -> Due {
        let first = self.date(start);
        let apart = self.apart(start, spans);
        let mut stops = apart
            .iter()
            .map(|s| (self.date(s.from), self.date(s.to)))
            .peekable();
        let n = i64::from(bound.amount);
        let working = bound.unit == Unit::WorkingDay;
        let mut left = match bound.unit {
            Unit::Month => (first + n.months() - first).get_days().into(),
            Unit::Year => (first + n.years() - first).get_days().into(),
            _ => n,
        };
        let (mut day, mut certain) = (first, true);
        loop {
            // A stretch begins today: go on where it ends.
            if let Some((_, to)) = stops.next_if(|(from, _)| *from == day) {
                day = to;
                continue;
            }
            let (worked, sure) = self.worked(day);
            if left == 0 {
                certain &= !working || sure;
                if !working || worked {
                    break;
                }
            }
            day = day.tomorrow().expect("in range");
            let (worked, sure) = self.worked(day);
            certain &= !working || sure;
            left -= i64::from(left > 0 && (!working || worked));
        }
        if roll == Roll::Holiday {
            loop {
                let (worked, sure) = self.worked(day);
                certain &= sure;
                if worked {
                    break;
                }
                day = day.tomorrow().expect("in range");
            }
        }
        let end = day
            .tomorrow()
            .and_then(|d| d.to_zoned_datetime(self.zone.clone()))
            .expect("in range");
        let end = end.timestamp().as_microsecond() - 1;
        Due {
            exact: end,
            statutory: end,
            provisional: !certain,
        }
    }
}

/// splitmix64: a seed gives the same vectors everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: u64) -> i64 {
        (self.next() % n) as i64
    }
}

pub(crate) const UNITS: [Unit; 6] = [
    Unit::Minute,
    Unit::Hour,
    Unit::Day,
    Unit::WorkingDay,
    Unit::Month,
    Unit::Year,
];

/// More of a unit than any law asks, yet quick to walk.
pub(crate) fn most(unit: Unit) -> u32 {
    match unit {
        Unit::Minute => 300,
        Unit::Hour => 72,
        Unit::Day => 60,
        Unit::WorkingDay => 40,
        Unit::Month => 14,
        Unit::Year => 3,
    }
}

const DAYS: i64 = 1_440 * MINUTE;
/// 2023-12-01T00:00Z and 1986-04-01T00:00Z, µs.
const RECENT: i64 = 1_701_388_800_000_000;
const SUMMER_TIME: i64 = 512_697_600_000_000;

#[test]
fn five_hundred_generated_vectors() {
    let seed = std::env::var("CALENDAR_SEED")
        .ok()
        .and_then(|s| s.parse().ok())
        .unwrap_or(20_260_101);
    let mut random = Random(seed);
    for number in 0..500 {
        let zone = zones()[[0, 0, 0, 1, 2, 3][random.below(6) as usize]].clone();
        let (base, length) = match random.below(4) {
            0 => (SUMMER_TIME, 2_000),
            _ => (RECENT, 1_500),
        };
        let start = base + random.below(length * 1_440) * MINUTE;
        let unit = UNITS[random.below(6) as usize];
        let amount = random.below(u64::from(most(unit)) + 1) as u32;
        let roll = [Roll::Never, Roll::Holiday][random.below(2) as usize];
        let reach = match unit {
            Unit::Minute | Unit::Hour => 4 * DAYS,
            _ => 60 * DAYS,
        };
        let spans: Vec<Span> = (0..random.below(5))
            .map(|_| {
                let from = start + (random.below((reach / MINUTE) as u64 + 2_880) - 2_880) * MINUTE;
                let to = from + random.below((reach / MINUTE / 4) as u64) * MINUTE;
                Span { from, to }
            })
            .collect();
        let bound = Bound { amount, unit };
        let want = Slow::new(zone.clone()).due(start, bound, roll, &spans);
        let calendar = in_zone(zone.clone());
        let got = calendar.due(start, bound, roll, &spans);
        assert_eq!(
            got, want,
            "seed {seed}, vector {number}: {start} {bound:?} {roll:?} {spans:?} {zone:?}"
        );
        assert_eq!(calendar.reckon(start, bound, roll, &spans).due, want);
    }
}

fn spans(reach: i64) -> impl Strategy<Value = Vec<(i64, i64)>> {
    // In minutes from the start; some empty, some before it; up to more than are sorted in place.
    prop::collection::vec((-3_000..reach, -100..reach / 3), 0..6).prop_union(prop::collection::vec(
        (-3_000..reach, 0..reach / 30),
        17..25,
    ))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]
    #[test]
    fn fast_equals_slow(
        which in 0_usize..4,
        days in prop_oneof![-200_i64..1_700, -13_800_i64..-11_600],
        minute in 0_i64..1_440,
        (unit, amount) in prop::sample::select(&UNITS[..]).prop_flat_map(|u| (Just(u), 0..=most(u))),
        holiday: bool,
        lengths in spans(90_000),
    ) {
        let zone = zones()[which].clone();
        let start = RECENT + days * DAYS + minute * MINUTE;
        let scale = if matches!(unit, Unit::Minute | Unit::Hour) { 12 } else { 1 };
        let spans: Vec<Span> = lengths
            .iter()
            .map(|(from, length)| {
                let from = start + from / scale * MINUTE;
                Span { from, to: from + length / scale * MINUTE }
            })
            .collect();
        let roll = if holiday { Roll::Holiday } else { Roll::Never };
        let bound = Bound { amount, unit };
        let calendar: Calendar = in_zone(zone.clone());
        let got = calendar.due(start, bound, roll, &spans);
        prop_assert_eq!(got, Slow::new(zone).due(start, bound, roll, &spans));
        prop_assert_eq!(calendar.reckon(start, bound, roll, &spans).due, got);
    }
}
