//! Holiday files: what ships, and what is refused with line and key.

use calendar::{Calendar, DayOff, Festival, Holidays, Roll, Step, Unit, What};
use jiff::civil::{Date, Weekday, date};
use proptest::prelude::*;

#[test]
fn shipped_years_and_their_sources() {
    let h = Holidays::shipped();
    let years: Vec<(i16, bool, &str)> = h
        .years()
        .iter()
        .map(|y| (y.year, y.complete, y.notice.as_str()))
        .collect();
    assert_eq!(
        years,
        [
            (2024, true, "国办发明电〔2023〕7号"),
            (2025, true, "国办发明电〔2024〕12号"),
            (2026, true, "国办发明电〔2025〕7号"),
            (2027, false, "全国年节及纪念日放假办法（2024年修订）"),
        ]
    );
    assert_eq!((h.id(), h.version()), ("cn", 1));
    assert!(
        h.years()
            .iter()
            .all(|y| !y.checked.zh.is_empty() && y.issued.year() < y.year)
    );
}

/// Counted from the notices: days off in each stretch, make-up days, and by them the working days of the year.
#[test]
fn totals_of_the_shipped_years() {
    for (year, festival_days, make_up, workdays) in [
        (2024, 1 + 8 + 3 + 5 + 1 + 3 + 7, 8, 251),
        (2025, 1 + 8 + 3 + 5 + 3 + 8, 5, 248),
        (2026, 3 + 9 + 3 + 5 + 3 + 3 + 7, 6, 248),
    ] {
        let h = Holidays::shipped();
        let first = date(year, 1, 1);
        let days: Vec<Date> = first
            .series(jiff::Span::new().days(1))
            .take_while(|d| d.year() == year)
            .collect();
        let count = |f: &dyn Fn(&Date) -> bool| days.iter().filter(|d| f(d)).count();
        let weekend = |d: &Date| matches!(d.weekday(), Weekday::Saturday | Weekday::Sunday);
        assert_eq!(
            count(&|d| matches!(h.day_off(*d), Some(DayOff::Festival(_)))),
            festival_days,
            "{year}"
        );
        assert_eq!(
            count(&|d| weekend(d) && h.is_workday(*d) == Some(true)),
            make_up,
            "{year}"
        );
        assert_eq!(
            count(&|d| h.is_workday(*d) == Some(true)),
            workdays,
            "{year}"
        );
    }
}

#[test]
fn single_days() {
    let h = Holidays::shipped();
    let off = |f| (Some(false), Some(DayOff::Festival(f)));
    let worked = (Some(true), None);
    for (day, want) in [
        (date(2024, 2, 9), worked),
        (date(2024, 9, 14), worked),
        (date(2025, 1, 28), off(Festival::SpringFestival)),
        (date(2025, 10, 6), off(Festival::MidAutumn)),
        (date(2025, 10, 8), off(Festival::NationalDay)),
        (date(2026, 1, 4), worked),
        (date(2026, 2, 15), off(Festival::SpringFestival)),
        (date(2026, 2, 28), worked),
        (date(2026, 3, 7), (Some(false), Some(DayOff::Weekend))),
        (date(2026, 6, 19), off(Festival::DragonBoat)),
        (date(2027, 5, 2), off(Festival::LabourDay)),
        (date(2027, 5, 3), worked),
        (date(2027, 12, 31), worked),
        (date(2028, 1, 1), (None, None)),
        (date(2023, 12, 31), (None, None)),
    ] {
        assert_eq!((h.is_workday(day), h.day_off(day)), want, "{day}");
    }
}

const HEAD: &str = "id = \"x\"\nversion = 1\n[[year]]\nyear = 2026\ncomplete = true\nnotice = \"n\"\nissued = 2025-11-04\nconfidence = \"S\"\nchecked = { zh = \"a\", en = \"b\" }\n";

#[test]
fn faults_name_line_and_key() {
    let holiday = |lines: &str| format!("{HEAD}[[year.holiday]]\nname = \"qingming\"\n{lines}\n");
    let day = |d: &str| d.parse::<Date>().expect("a date");
    let off = "year[2026].holiday[qingming].off";
    for (text, line, key, what) in [
        (
            holiday("off = [2026-04-04,\n2025-04-05]"),
            13,
            off,
            What::OtherYear(day("2025-04-05"), 2026),
        ),
        (
            holiday("off = [2026-04-04, 2026-04-04]"),
            12,
            off,
            What::Twice(day("2026-04-04")),
        ),
        (
            holiday("off = [2026-04-04]\nwork = [2026-04-04]"),
            13,
            "year[2026].holiday[qingming].work",
            What::Twice(day("2026-04-04")),
        ),
        (
            holiday("off = []\nwork = [2026-04-07]"),
            13,
            "year[2026].holiday[qingming].work",
            What::NoMakeUp(day("2026-04-07")),
        ),
        (
            holiday("off = [2026-04-04T00:00:00Z]"),
            12,
            off,
            What::NotADate("2026-04-04T00:00:00Z".into()),
        ),
        (
            HEAD.replace("2025-11-04", "10:00:00"),
            7,
            "year[2026].issued",
            What::NotADate("10:00:00".into()),
        ),
        (
            HEAD.replace("year = 2026", "year = 26"),
            4,
            "year[26].year",
            What::YearRange(26),
        ),
        (
            format!("{HEAD}{}", HEAD.split_once("1\n").expect("in HEAD").1),
            11,
            "year[2026].year",
            What::YearTwice(2026),
        ),
    ] {
        let e = Holidays::parse(&text).expect_err(&text);
        assert_eq!(
            (e.line, e.key.as_str(), e.what),
            (line, key, what),
            "{text}"
        );
    }
    for (text, line, key) in [
        (holiday("off = [2026-13-04]"), 12, "off"),
        (holiday("of = [2026-04-04]"), 12, "of"),
        (holiday("off = 3"), 12, "off"),
        (HEAD.replace("\"S\"", "\"X\""), 8, "confidence"),
        (HEAD.replace("complete = true\n", ""), 3, "[[year]]"),
        (
            holiday("off = []").replace("qingming", "easter"),
            11,
            "name",
        ),
    ] {
        let e = Holidays::parse(&text).expect_err(&text);
        assert!(matches!(e.what, What::Syntax(_)), "{e}");
        assert_eq!((e.line, e.key.as_str()), (line, key), "{e}\n{text}");
    }
    assert_eq!(
        Holidays::parse(&holiday("off = [2026-04-04, 2026-04-04]"))
            .expect_err("twice")
            .to_string(),
        "line 12, `year[2026].holiday[qingming].off`: 2026-04-04 is listed twice"
    );
}

#[test]
fn a_file_without_years_knows_nothing() {
    let h = Holidays::parse("id = \"x\"\nversion = 3\n").expect("valid");
    assert_eq!((h.id(), h.version(), h.years().len()), ("x", 3, 0));
    assert_eq!(h.is_workday(date(2026, 1, 1)), None);
}

/// A year that is not listed between two that are.
#[test]
fn a_gap_between_years_is_unknown() {
    let second = HEAD
        .split_once("1\n")
        .expect("in HEAD")
        .1
        .replace("2026", "2028");
    let h = Holidays::parse(&format!("{HEAD}{second}")).expect("valid");
    assert_eq!(h.is_workday(date(2026, 1, 3)), Some(false));
    assert_eq!(h.is_workday(date(2027, 1, 2)), None);
    assert_eq!(h.is_workday(date(2028, 1, 1)), Some(false));
}

/// 31 December 2022 is a Saturday, and nothing is known of 2023: the roll stops at its first day, and says so.
#[test]
fn a_roll_stops_at_a_year_without_data() {
    let known = Holidays::parse(&HEAD.replace("2026", "2022")).expect("valid");
    let calendar = Calendar::new(crate::shanghai(), known);
    let (start, b) = (crate::at("2022-12-30"), crate::bound(1, Unit::Day));
    let r = calendar.reckon(start, b, Roll::Holiday, &[]);
    assert_eq!(
        (crate::show(r.due.exact).as_str(), r.due.provisional),
        ("2023-01-01 24:00", true)
    );
    assert!(
        r.steps.contains(&Step::NoHolidayData { year: 2023 }),
        "{:?}",
        r.steps
    );
    let r = calendar.reckon(start, b, Roll::Never, &[]);
    assert_eq!(
        (crate::show(r.due.exact).as_str(), r.due.provisional),
        ("2022-12-31 24:00", false)
    );
}

proptest! {
    /// A damaged file is refused with a line that exists, or is still a file; never a panic.
    #[test]
    fn a_damaged_file_is_refused_or_read(
        cut in 0_usize..10_000,
        text in prop_oneof!["\\PC{0,12}", "[0-9\\-:TZ \\[\\]=\"\n]{0,12}"],
        drop in 0_usize..40,
    ) {
        let shipped: Vec<char> = include_str!("../../../../packs/calendar/cn.toml").chars().collect();
        let cut = cut % shipped.len();
        let rest = (cut + drop).min(shipped.len());
        let damaged: String = shipped[..cut].iter().copied().chain(text.chars()).chain(shipped[rest..].iter().copied()).collect();
        match Holidays::parse(&damaged) {
            Ok(h) => prop_assert!(h.years().len() <= 5),
            Err(e) => prop_assert!((1..=damaged.lines().count() + 1).contains(&e.line), "{e}"),
        }
    }
}
