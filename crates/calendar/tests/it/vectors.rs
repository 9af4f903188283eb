//! TV1–TV14 of the casework rules, section 7, with the notes below that table; then cases of our own around them.

use calendar::{
    Calendar,
    Roll::{self, Holiday, Never},
    Span,
    Unit::{self, Day, Hour, Minute, Month, WorkingDay, Year},
};

use crate::{at, bound, show, span};

struct Vector {
    id: &'static str,
    start: &'static str,
    amount: u32,
    unit: Unit,
    roll: Roll,
    out: &'static [(&'static str, &'static str)],
    exact: &'static str,
    /// Empty: as exact.
    statutory: &'static str,
    provisional: bool,
}

/// `id, start, amount unit roll [spans], exact (| statutory) (?)`; `?` marks a provisional result.
macro_rules! vectors {
    ($($id:literal $start:literal + $amount:literal $unit:ident $roll:ident $([$(($from:literal, $to:literal)),+])? => $exact:literal $(| $statutory:literal)? $(, provisional = $p:literal)?;)+) => {
        &[$(Vector {
            id: $id,
            start: $start,
            amount: $amount,
            unit: $unit,
            roll: $roll,
            out: &[$($(($from, $to)),+)?],
            exact: $exact,
            statutory: concat!("", $($statutory)?),
            provisional: false $(|| $p)?,
        }),+]
    };
}

const VECTORS: &[Vector] = vectors![
    "TV1" "2026-03-02 10:20" + 12 Hour Never => "2026-03-02 22:20" | "2026-03-02 23:00";
    "TV1 on the full hour" "2026-03-02 10:00" + 12 Hour Never => "2026-03-02 22:00" | "2026-03-02 23:00";
    "TV2 deliver, family, interrogate" "2026-04-30 15:00" + 24 Hour Never => "2026-05-01 15:00" | "2026-05-01 16:00";
    "TV2 hours never roll" "2026-04-30 15:00" + 24 Hour Holiday => "2026-05-01 15:00" | "2026-05-01 16:00";
    "TV2 arrest request, custody" "2026-04-30 15:00" + 3 Day Never => "2026-05-03 24:00";
    "TV3 7 d" "2026-06-01 09:00" + 7 Day Never => "2026-06-08 24:00";
    "TV3 30 d" "2026-06-01 09:00" + 30 Day Never => "2026-07-01 24:00";
    "TV4" "2026-01-31 18:00" + 2 Month Never => "2026-03-31 24:00";
    "TV5" "2026-01-15" + 12 Month Never => "2027-01-15 24:00";
    "TV5 as a year" "2026-01-15" + 1 Year Never => "2027-01-15 24:00";
    "TV6, no roll by default" "2026-08-31" + 6 Month Never => "2027-02-28 24:00";
    "TV6, roll as a parameter" "2026-08-31" + 6 Month Holiday => "2027-03-01 24:00", provisional = true;
    "TV7" "2026-01-05" + 30 Day Holiday => "2026-02-04 24:00";
    "TV7 +30" "2026-02-04" + 30 Day Holiday => "2026-03-06 24:00";
    "TV7 +30 +30, rolls over Qingming" "2026-03-06" + 30 Day Holiday => "2026-04-07 24:00";
    "TV7 +30 +30 before K2" "2026-03-06" + 30 Day Never => "2026-04-05 24:00";
    "TV7 appraisal, 15 d, before K2" "2026-01-05" + 30 Day Never [("2026-01-10", "2026-01-25")] => "2026-02-19 24:00";
    "TV7 appraisal, rolls over Spring Festival" "2026-01-05" + 30 Day Holiday [("2026-01-10", "2026-01-25")] => "2026-02-24 24:00";
    "TV8" "2026-02-01" + 30 Day Holiday => "2026-03-03 24:00";
    "TV8 +30" "2026-03-03" + 30 Day Holiday => "2026-04-02 24:00";
    "TV9" "2026-05-10" + 6 Month Never => "2026-11-10 24:00";
    "TV10, first workday after National Day" "2026-09-30" + 3 Day Holiday => "2026-10-08 24:00";
    "TV11 first return" "2026-11-01" + 1 Month Never => "2026-12-01 24:00";
    "TV11 second return, no roll by default" "2027-01-10" + 1 Month Never => "2027-02-10 24:00";
    "TV11 second return, roll as a parameter, notice missing" "2027-01-10" + 1 Month Holiday => "2027-02-10 24:00", provisional = true;
    "TV12 8 h" "2026-03-02 10:20" + 8 Hour Never => "2026-03-02 18:20" | "2026-03-02 19:00";
    "TV12 12 h" "2026-03-02 10:20" + 12 Hour Never => "2026-03-02 22:20" | "2026-03-02 23:00";
    "TV12 24 h" "2026-03-02 10:20" + 24 Hour Never => "2026-03-03 10:20" | "2026-03-03 11:00";
    "TV13 without hearing" "2026-01-05" + 30 Day Holiday => "2026-02-04 24:00";
    "TV13 hearing, 8 d" "2026-01-05" + 30 Day Holiday [("2026-01-12", "2026-01-20")] => "2026-02-12 24:00";

    "minutes" "2026-03-02 10:20" + 45 Minute Never => "2026-03-02 11:05" | "2026-03-02 11:06";
    "hours over travel (K3)" "2026-03-02 10:20" + 24 Hour Never [("2026-03-02 12:00", "2026-03-02 17:30")] => "2026-03-03 15:50" | "2026-03-03 16:30";
    "hours: travel that begins at the very end" "2026-03-02 10:00" + 2 Hour Never [("2026-03-02 12:00", "2026-03-02 17:00")] => "2026-03-02 12:00" | "2026-03-02 18:00";
    "no day 31" "2026-01-31" + 1 Month Never => "2026-02-28 24:00";
    "leap day" "2024-01-31" + 1 Month Never => "2024-02-29 24:00";
    "a year from a leap day" "2024-02-29" + 1 Year Never => "2025-02-28 24:00";
    "four years from a leap day" "2024-02-29" + 4 Year Never => "2028-02-29 24:00";
    "make-up Saturday is a workday" "2026-02-27" + 1 Day Holiday => "2026-02-28 24:00";
    "ordinary Saturday rolls" "2026-03-06" + 1 Day Holiday => "2026-03-09 24:00";
    "2 working days over a weekend" "2026-03-06 16:00" + 2 WorkingDay Holiday => "2026-03-10 24:00";
    "3 working days over National Day" "2026-09-30" + 3 WorkingDay Holiday => "2026-10-10 24:00";
    "5 working days over Spring Festival, two make-up days" "2026-02-13" + 5 WorkingDay Never => "2026-02-27 24:00";
    "working days over a hearing" "2026-03-02" + 3 WorkingDay Holiday [("2026-03-03 09:00", "2026-03-11 12:00")] => "2026-03-13 24:00";
    "working days, appraisal from the last day to a Saturday" "2026-03-02" + 3 WorkingDay Holiday [("2026-03-05 09:00", "2026-03-14 12:00")] => "2026-03-16 24:00";
    "no working day at all, from a Saturday" "2026-03-07" + 0 WorkingDay Never => "2026-03-09 24:00";
    "no day at all" "2026-03-07 10:00" + 0 Day Never => "2026-03-07 24:00";
    "two appraisals that overlap" "2026-01-05" + 30 Day Never [("2026-01-10", "2026-01-20"), ("2026-01-15", "2026-01-25")] => "2026-02-19 24:00";
    "the same in disorder, one inside" "2026-01-05" + 30 Day Never [("2026-01-15", "2026-01-25"), ("2026-01-16", "2026-01-17"), ("2026-01-10", "2026-01-20")] => "2026-02-19 24:00";
    "a moved end brings in another" "2026-01-05" + 30 Day Never [("2026-01-10", "2026-01-25"), ("2026-02-18", "2026-02-20")] => "2026-02-21 24:00";
    "and without the first it would not" "2026-01-05" + 30 Day Never [("2026-02-18", "2026-02-20")] => "2026-02-04 24:00";
    "begins on the last day" "2026-01-05" + 30 Day Never [("2026-02-04 10:00", "2026-02-09 10:00")] => "2026-02-09 24:00";
    "begins in the days won by K2" "2026-03-06" + 30 Day Holiday [("2026-04-06", "2026-04-20")] => "2026-04-07 24:00";
    "began before the start" "2026-01-05 12:00" + 3 Day Never [("2025-12-20", "2026-01-10")] => "2026-01-13 24:00";
    "over before the start" "2026-01-05 12:00" + 3 Day Never [("2025-12-20", "2026-01-05 11:00")] => "2026-01-08 24:00";
    "empty: ends before it begins" "2026-01-05 12:00" + 3 Day Never [("2026-01-08", "2026-01-06")] => "2026-01-08 24:00";
    "year without data: not rolled" "2028-01-04" + 4 Day Holiday => "2028-01-08 24:00", provisional = true;
    "year without data: custody is certain" "2028-01-04" + 4 Day Never => "2028-01-08 24:00";
    "year without data: every day counts" "2028-01-04" + 5 WorkingDay Holiday => "2028-01-09 24:00", provisional = true;
    "roll ends where knowledge ends" "2023-12-30" + 1 Day Holiday => "2023-12-31 24:00", provisional = true;
    "incomplete year, fixed by law" "2027-09-28" + 3 Day Holiday => "2027-10-04 24:00", provisional = true;
    "incomplete year, working days" "2027-04-02" + 2 WorkingDay Holiday => "2027-04-07 24:00", provisional = true;
    "working days into the incomplete year" "2026-12-30" + 2 WorkingDay Holiday => "2027-01-04 24:00", provisional = true;
];

#[test]
fn the_vectors_of_the_law() {
    let calendar = Calendar::china();
    let mut faults = Vec::new();
    for v in VECTORS {
        let out: Vec<Span> = v.out.iter().map(|(from, to)| span(from, to)).collect();
        let b = bound(v.amount, v.unit);
        let due = calendar.due(at(v.start), b, v.roll, &out);
        let got = (
            show(due.exact),
            show(due.statutory),
            due.provisional,
            calendar.reckon(at(v.start), b, v.roll, &out).due == due,
        );
        let statutory = match v.statutory {
            "" => v.exact,
            s => s,
        };
        let want = (
            v.exact.to_owned(),
            statutory.to_owned(),
            v.provisional,
            true,
        );
        if got != want {
            faults.push(format!("{}: got {got:?}, expected {want:?}", v.id));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn lead_times() {
    let calendar = Calendar::china();
    for (id, due, amount, unit, want) in [
        (
            "TV4: request to reach the procuratorate",
            "2026-03-31 24:00",
            7,
            Day,
            "2026-03-24 24:00",
        ),
        (
            "TV5: warning",
            "2027-01-15 24:00",
            15,
            Day,
            "2026-12-31 24:00",
        ),
        ("hours", "2026-03-02 22:20", 2, Hour, "2026-03-02 20:20"),
        (
            "minutes over midnight",
            "2026-03-02 00:10",
            30,
            Minute,
            "2026-03-01 23:40",
        ),
        (
            "a month, to its last day",
            "2026-03-31 24:00",
            1,
            Month,
            "2026-02-28 24:00",
        ),
        ("a year", "2028-02-29 24:00", 1, Year, "2027-02-28 24:00"),
        ("nothing", "2026-03-31 24:00", 0, Day, "2026-03-31 24:00"),
        (
            "working days over National Day",
            "2026-10-10 24:00",
            3,
            WorkingDay,
            "2026-09-30 24:00",
        ),
        (
            "working days, year without data, weekends left out",
            "2028-01-11 24:00",
            2,
            WorkingDay,
            "2028-01-07 24:00",
        ),
        (
            "many working days, year without data",
            "2030-01-11 24:00",
            12,
            WorkingDay,
            "2029-12-26 24:00",
        ),
    ] {
        let due = match due.strip_suffix(" 24:00") {
            Some(day) => calendar.day_end(day.parse().expect("a date")),
            None => at(due),
        };
        let got = calendar.before(due, bound(amount, unit));
        assert_eq!(show(got), want, "{id}");
    }
}

#[test]
fn tv14_days_served() {
    let calendar = Calendar::china();
    let leave = span("2026-05-07 09:00", "2026-05-08 09:00");
    let served = |days, credited, away: &[Span]| {
        show(calendar.served(at("2026-05-06 09:00"), days, credited, away))
    };
    assert_eq!(served(5, 1, &[leave]), "2026-05-11 09:00", "TV14");
    assert_eq!(served(5, 1, &[]), "2026-05-10 09:00");
    assert_eq!(served(5, 5, &[leave]), "2026-05-06 09:00");
    assert_eq!(served(5, 9, &[]), "2026-05-06 09:00");
    let again = span("2026-05-08 08:00", "2026-05-09 08:00");
    assert_eq!(
        served(5, 1, &[again, leave]),
        "2026-05-12 08:00",
        "overlapping leaves"
    );
    let late = span("2026-05-10 09:00", "2026-05-11 09:00");
    assert_eq!(served(5, 1, &[late]), "2026-05-10 09:00", "after the end");
}

#[test]
fn nothing_from_outside_makes_it_panic() {
    let calendar = Calendar::china();
    let times = [i64::MIN, i64::MIN + 1, -1, 0, 1, i64::MAX - 1, i64::MAX];
    for t in times {
        for amount in [0, 1, 1_000_000, u32::MAX] {
            for unit in [Minute, Hour, Day, WorkingDay, Month, Year] {
                for roll in [Never, Holiday] {
                    for (from, to) in times.iter().flat_map(|a| times.map(|b| (*a, b))) {
                        let out = [Span { from, to }, Span { from: to, to: from }];
                        let due = calendar.due(t, bound(amount, unit), roll, &out);
                        assert!(due.exact <= due.statutory);
                        calendar.served(t, amount, 1, &out);
                    }
                }
                let b = bound(amount, unit);
                assert_eq!(
                    calendar.reckon(t, b, Holiday, &[]).due,
                    calendar.due(t, b, Holiday, &[])
                );
                calendar.before(t, b);
            }
        }
        calendar.date(t);
    }
    for date in [jiff::civil::Date::MIN, jiff::civil::Date::MAX] {
        assert!(calendar.day_start(date) < calendar.day_end(date));
        assert_eq!(calendar.is_workday(date), None);
    }
}
