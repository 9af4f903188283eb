//! What must hold of every period, whatever the law says.

use calendar::{Bound, Calendar, Roll, Span, Unit};
use proptest::prelude::*;

use crate::{
    MINUTE, in_zone,
    oracle::{UNITS, most},
    zones::zones,
};

const DAYS: i64 = 1_440 * MINUTE;
/// 2023-12-01T00:00Z, µs.
const RECENT: i64 = 1_701_388_800_000_000;

#[derive(Debug, Clone)]
struct Case {
    zone: usize,
    start: i64,
    bound: Bound,
    roll: Roll,
    spans: Vec<Span>,
}

impl Case {
    fn calendar(&self) -> Calendar {
        in_zone(zones()[self.zone].clone())
    }
}

fn cases() -> impl Strategy<Value = Case> {
    let start = prop_oneof![
        RECENT..RECENT + 1_600 * DAYS,
        512_697_600_000_000_i64..690_000_000_000_000,
    ];
    let unit = prop::sample::select(&UNITS[..]).prop_flat_map(|u| (Just(u), 0..=most(u)));
    let spans = prop::collection::vec((-5 * DAYS..70 * DAYS, 0..20 * DAYS), 0..5);
    (0_usize..4, start, unit, any::<bool>(), spans).prop_map(
        |(zone, start, (unit, amount), holiday, spans)| Case {
            zone,
            start,
            bound: Bound { amount, unit },
            roll: if holiday { Roll::Holiday } else { Roll::Never },
            spans: spans
                .iter()
                .map(|(from, length)| Span {
                    from: start + from,
                    to: start + from + length,
                })
                .collect(),
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(6_000))]

    /// With exclusions for all but months and years: see `month_ends_meet`.
    #[test]
    fn a_later_start_is_never_due_earlier(
        mut case in cases(),
        later in prop_oneof![0..MINUTE, 0..DAYS, 0..40 * DAYS],
    ) {
        if matches!(case.bound.unit, Unit::Month | Unit::Year) {
            case.spans.clear();
        }
        let c = case.calendar();
        let early = c.due(case.start, case.bound, case.roll, &case.spans);
        let late = c.due(case.start + later, case.bound, case.roll, &case.spans);
        prop_assert!(late.exact >= early.exact, "{early:?} {late:?}");
        prop_assert!(late.statutory >= early.statutory, "{early:?} {late:?}");
    }

    #[test]
    fn a_longer_bound_or_one_more_exclusion_is_never_due_earlier(
        case in cases(),
        from in -5 * DAYS..70 * DAYS,
        length in 0..20 * DAYS,
    ) {
        let c = case.calendar();
        let due = c.due(case.start, case.bound, case.roll, &case.spans);
        let longer = Bound { amount: case.bound.amount + 1, ..case.bound };
        prop_assert!(c.due(case.start, longer, case.roll, &case.spans).exact >= due.exact);
        let mut more = case.spans.clone();
        more.push(Span { from: case.start + from, to: case.start + from + length });
        prop_assert!(c.due(case.start, case.bound, case.roll, &more).exact >= due.exact);
    }

    #[test]
    fn order_and_repetition_of_exclusions_do_not_matter(
        (case, shuffled) in cases().prop_flat_map(|c| {
            let twice: Vec<Span> = c.spans.iter().chain(&c.spans).copied().collect();
            (Just(c), Just(twice).prop_shuffle())
        }),
    ) {
        let c = case.calendar();
        prop_assert_eq!(
            c.due(case.start, case.bound, case.roll, &case.spans),
            c.due(case.start, case.bound, case.roll, &shuffled)
        );
    }

    /// Cutting a stretch in two at any instant changes nothing.
    #[test]
    fn a_stretch_in_two_parts_is_the_same_stretch(case in cases(), cut in 0.0..1.0_f64) {
        let c = case.calendar();
        let parts: Vec<Span> = case.spans.iter().flat_map(|s| {
            let middle = s.from + ((s.to - s.from) as f64 * cut) as i64;
            [Span { from: s.from, to: middle }, Span { from: middle, to: s.to }]
        }).collect();
        prop_assert_eq!(
            c.due(case.start, case.bound, case.roll, &case.spans),
            c.due(case.start, case.bound, case.roll, &parts)
        );
    }

    #[test]
    fn days_end_with_the_local_day_and_rolled_ones_on_a_workday(case in cases()) {
        let c = case.calendar();
        let due = c.due(case.start, case.bound, case.roll, &case.spans);
        prop_assert!(due.exact >= case.start);
        if matches!(case.bound.unit, Unit::Minute | Unit::Hour) {
            prop_assert!(due.exact <= due.statutory && !due.provisional);
            return Ok(());
        }
        prop_assert_eq!(due.exact, due.statutory);
        let last = c.date(due.exact);
        prop_assert_eq!(c.day_end(last), due.exact);
        let plain = c.due(case.start, case.bound, Roll::Never, &case.spans);
        prop_assert!(plain.exact <= due.exact);
        if case.roll == Roll::Holiday {
            prop_assert_ne!(c.is_workday(last), Some(false));
        }
        if c.is_workday(last).is_none() && case.roll == Roll::Holiday {
            prop_assert!(due.provisional);
        }
    }

    /// `before` undoes `due` where both count plain days, and never lies after what it leads.
    #[test]
    fn lead_times_lie_before(case in cases()) {
        let c = case.calendar();
        let due = c.due(case.start, case.bound, Roll::Never, &[]).exact;
        let before = c.before(due, case.bound);
        prop_assert!(before <= due);
        if case.bound.unit == Unit::Day {
            prop_assert_eq!(c.date(before), c.date(case.start));
        }
    }

    #[test]
    fn leave_lengthens_what_is_to_serve(
        start in RECENT..RECENT + 900 * DAYS,
        days in 1_u32..20,
        hour in 0_i64..400,
        length in 0_i64..100,
    ) {
        let c = in_zone(crate::shanghai());
        let away = Span { from: start + hour * 60 * MINUTE, to: start + (hour + length) * 60 * MINUTE };
        let plain = c.served(start, days, 0, &[]);
        prop_assert_eq!(plain, start + i64::from(days) * DAYS);
        let inside = away.from < plain;
        let want = plain + if inside { length * 60 * MINUTE } else { 0 };
        prop_assert_eq!(c.served(start, days, 0, &[away]), want);
    }
}

/// Nine months from 28 to 31 May all end on 28 February; a stretch over these days moves the earliest of them most.
#[test]
fn month_ends_meet() {
    let c = Calendar::china();
    let out = [crate::span("2026-05-28", "2026-06-03")];
    let due = |start: &str, out: &[Span]| {
        let b = crate::bound(9, Unit::Month);
        crate::show(c.due(crate::at(start), b, Roll::Never, out).exact)
    };
    for (start, plain, moved) in [
        ("2026-05-27", "2027-02-27 24:00", "2027-03-05 24:00"),
        ("2026-05-28", "2027-02-28 24:00", "2027-03-06 24:00"),
        ("2026-05-31", "2027-02-28 24:00", "2027-03-03 24:00"),
        ("2026-06-03", "2027-03-03 24:00", "2027-03-03 24:00"),
    ] {
        assert_eq!(
            (due(start, &[]), due(start, &out)),
            (plain.to_owned(), moved.to_owned()),
            "{start}"
        );
    }
}
