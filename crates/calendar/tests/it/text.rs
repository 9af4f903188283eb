//! What a lawyer reads: the steps in both languages.

use calendar::{Calendar, Roll, Step, Unit};

use crate::{at, bound, show, span};

#[test]
fn steps_in_both_languages() {
    let calendar = Calendar::china();
    let mut text = String::new();
    for (title, start, b, roll, out) in [
        (
            "TV1",
            "2026-03-02 10:20",
            bound(12, Unit::Hour),
            Roll::Never,
            vec![],
        ),
        (
            "TV2",
            "2026-04-30 15:00",
            bound(3, Unit::Day),
            Roll::Never,
            vec![],
        ),
        (
            "TV6",
            "2026-08-31",
            bound(6, Unit::Month),
            Roll::Holiday,
            vec![],
        ),
        (
            "TV7",
            "2026-03-06",
            bound(30, Unit::Day),
            Roll::Holiday,
            vec![],
        ),
        (
            "TV7 with appraisal",
            "2026-01-05",
            bound(30, Unit::Day),
            Roll::Holiday,
            vec![span("2026-01-10", "2026-01-25")],
        ),
        (
            "travel",
            "2026-03-02 10:20",
            bound(90, Unit::Minute),
            Roll::Never,
            vec![span("2026-03-02 11:00", "2026-03-03 13:05")],
        ),
        (
            "working days",
            "2026-09-30",
            bound(3, Unit::WorkingDay),
            Roll::Holiday,
            vec![],
        ),
        (
            "one day to a weekend",
            "2026-03-06",
            bound(1, Unit::Day),
            Roll::Holiday,
            vec![],
        ),
        (
            "no data",
            "2028-01-04",
            bound(1, Unit::Year),
            Roll::Holiday,
            vec![],
        ),
    ] {
        let r = calendar.reckon(at(start), b, roll, &out);
        text += &format!("{title}: {} {}\n", show(r.due.exact), show(r.due.statutory));
        for step in &r.steps {
            text += &format!("  {}\n  {}\n", step.zh(), step.en());
        }
    }
    insta::assert_snapshot!(text);
}

#[test]
fn steps_add_up_to_the_due_day() {
    let calendar = Calendar::china();
    let out = [
        span("2026-01-10", "2026-01-20"),
        span("2026-01-15", "2026-01-25"),
    ];
    let r = calendar.reckon(at("2026-01-05"), bound(30, Unit::Day), Roll::Holiday, &out);
    let mut day = None;
    for step in &r.steps {
        match *step {
            Step::Counted { last, .. } => day = Some(last),
            Step::Excluded { days, .. } => {
                day = day.map(|d| d.saturating_add(jiff::Span::new().days(days)));
            }
            Step::RolledOverHoliday { from, to, .. } => {
                assert_eq!(day, Some(from));
                day = Some(to);
            }
            _ => {}
        }
    }
    assert_eq!(day, Some(calendar.date(r.due.exact)));
}

/// Deadlines are kept with their steps: what is written can be read again.
#[test]
fn a_reckoning_survives_json() {
    let calendar = Calendar::china();
    let out = [span("2026-01-10", "2026-01-25")];
    for unit in [Unit::Hour, Unit::Day, Unit::WorkingDay, Unit::Month] {
        let r = calendar.reckon(at("2026-01-05"), bound(30, unit), Roll::Holiday, &out);
        let json = serde_json::to_string(&r).expect("plain data");
        assert_eq!(
            serde_json::from_str::<calendar::Reckoning>(&json).ok(),
            Some(r)
        );
    }
    let step = &calendar
        .reckon(
            at("2026-01-05"),
            bound(1, Unit::WorkingDay),
            Roll::Never,
            &[],
        )
        .steps[0];
    assert_eq!(
        serde_json::to_string(step).expect("plain data"),
        r#"{"step":"start_not_counted","date":"2026-01-05"}"#
    );
    let bound: calendar::Bound =
        serde_json::from_str(r#"{"amount":24,"unit":"working_day"}"#).expect("as in packs");
    assert_eq!(bound, crate::bound(24, Unit::WorkingDay));
}
