//! What is bad in what comes in, and where each kind is tested, at the outermost boundary that meets it.
//!
//! | bad | test |
//! |---|---|
//! | pack: cycles; contradictory rules | `law`: `rules::rules_that_nobody_can_obey_together_are_named` |
//! | pack: unknown references; units missing; keys, values and traces that are none | `law`: `rules::each_fault_of_a_rule_is_named_with_line_and_key`, `faults::each_fault_is_named_with_file_and_id`, `overlays::each_fault_of_an_overlay_is_named`, `steps::each_fault_of_a_step_is_named` |
//! | pack: overlapping versions | `law`: `rules::of_two_versions_the_newest_is_found_and_each_has_its_days` |
//! | pack: any text; words changed | `law`: `mutated`, `guards::any_text_is_read_or_refused`; `fuzz/fuzz_targets/pack.rs`, `holidays.rs` |
//! | pack: faults and examples at the command line | `liuhen`: `pack::faults_are_named_with_file_line_and_key`, `an_example_that_comes_out_otherwise_is_named` |
//! | event: actors missing | `traps::nobody_recorded_is_not_nobody_at_fault`, `agree::gaps` |
//! | event: clock back | here; the node's alarm: `office`: `sign_in::a_clock_that_goes_back_leaves_one_alarm` |
//! | event: same id, other content | `web`: `api::one_event_is_taken_once`; `office`: `inquiry::a_form_sent_twice_is_one_record_and_other_content_is_a_conflict`; `interchange`: `bad_input::duplicate_ids` |
//! | event: objects of another type | here; rows of a log: `liuhen`: `check::types_of_a_log_are_given_the_names_of_the_pack` |
//! | event: activity outside the pack: kept, counted | here; rows of a log: `liuhen`: `check::every_row_is_accounted_for` |
//! | 10⁶ events on one case | `traps::a_million_events_on_one_case` |
//! | 10⁵ objects on one event | `traps::a_hundred_thousand_objects_on_one_event` |

use law::rule::*;
use watch::{Columns, Engine};

use crate::random::{around, on};
use crate::world::{Ev, HOUR, batch, columns, program, standing};

/// 2 March 2026, 09:00 in China.
const MONDAY: i64 = 1_772_413_200_000_000;

/// After `a`, within a day, `b`.
fn rule() -> Rule {
    let response = Response {
        expect: vec![on("b")],
        until: Vec::new(),
        by: Vec::new(),
        bounds: vec![BoundIf {
            when: Guard::default(),
            bound: Limit {
                amount: 24,
                unit: LimitUnit::Hour,
            },
        }],
        changes: Vec::new(),
        pause: Vec::new(),
        lead: None,
        roll: false,
        statutory: false,
        rearm: false,
        same: Vec::new(),
    };
    around("T-0", on("a"), Template::Response(response))
}

#[test]
fn an_activity_outside_the_pack_is_kept_and_counted_and_answers_nothing() {
    let program = program(&[rule()]);
    let events = [
        Ev::at(0, MONDAY, "a"),
        Ev::at(1, MONDAY + HOUR, "not.in.the.pack"),
        Ev::at(2, MONDAY + 2 * HOUR, "B"),
    ];
    let all: Columns = columns(&program, &events);
    assert_eq!((all.len(), all.foreign_count()), (3, 2));
    let (told, counts) = batch(&program, &events, MONDAY + 48 * HOUR, 1);
    let outcomes: Vec<Outcome> = told.values().map(|said| said.0).collect();
    assert_eq!(outcomes, [Outcome::Breached]);
    assert_eq!(counts[0].iter().sum::<u64>(), 1);
}

#[test]
fn an_object_of_another_type_is_not_the_case() {
    let program = program(&[rule()]);
    let started = Ev::at(0, MONDAY, "a");
    // Named like the case, and something else; of a type that no pack has; without any.
    for objects in [
        &[("item", "c1")][..],
        &[("ship", "c1")],
        &[("Case", "c1"), ("case ", "c1")],
        &[],
    ] {
        let answer = Ev::at(1, MONDAY + HOUR, "b").of(objects);
        let (told, _) = batch(&program, &[started.clone(), answer], MONDAY + 48 * HOUR, 1);
        let outcomes: Vec<Outcome> = told.values().map(|said| said.0).collect();
        assert_eq!(outcomes, [Outcome::Breached], "{objects:?}");
    }
}

#[test]
fn a_clock_that_goes_back_takes_nothing_back() {
    let program = program(&[rule()]);
    let events = [Ev::at(0, MONDAY, "a")];
    let mut engine = Engine::new(program.clone());
    let mut changes = Vec::new();
    events[0].borrowed(|e| engine.apply(e, &mut changes));
    engine.tick(MONDAY + 25 * HOUR, &mut changes);
    let stands = standing(&engine, &events);
    assert_eq!(stands.values().next().map(|s| s.0), Some(Outcome::Breached));
    changes.clear();
    for back in [MONDAY, i64::MIN, MONDAY + 25 * HOUR] {
        engine.tick(back, &mut changes);
        assert!(changes.is_empty(), "{back}");
        assert_eq!(engine.now(), MONDAY + 25 * HOUR);
    }
    assert_eq!(standing(&engine, &events), stands);
    // An event claimed long before, while the clock was back, is judged like any other.
    let late = Ev::at(1, MONDAY + HOUR, "b").recorded(MONDAY + HOUR);
    late.borrowed(|e| engine.apply(e, &mut changes));
    assert!(standing(&engine, &[events[0].clone(), late]).is_empty());
}
