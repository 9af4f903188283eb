//! Row "clock back": indexes go on, `recorded` is max(clock, last), and how far the clock is behind can be seen.

use std::sync::atomic::Ordering;

use ledger::{EntryBytes, Submission};

use super::lab::Lab;

fn stamped() -> Submission {
    Submission {
        key: None,
        entry: EntryBytes::Stamped {
            prefix: b"<".to_vec(),
            suffix: b">".to_vec(),
        },
        body: None,
    }
}

#[test]
fn recorded_never_goes_back_and_the_delay_is_shown() {
    const HOUR: i64 = 3_600_000_000;
    let lab = Lab::new();
    let disk = lab.create();
    let start = lab.clock.0.load(Ordering::Relaxed);
    let (mut last, mut stamps, mut index) = (i64::MIN, Vec::new(), 0);
    // Forwards, back, far back, forwards again; over a restart each time, and to the ends of what a clock can say.
    for offset in [
        0,
        HOUR,
        -HOUR,
        -1000 * HOUR,
        2 * HOUR,
        i64::MIN / 2,
        3 * HOUR,
    ] {
        lab.clock
            .0
            .store(start.saturating_add(offset), Ordering::Relaxed);
        let (ledger, _) = lab.open(disk.clone()).unwrap();
        for _ in 0..3 {
            let durable = ledger.submit(vec![stamped()]).unwrap().wait().unwrap();
            assert_eq!(durable[0].index(), index);
            assert!(durable[0].recorded() >= last);
            let behind = ledger.clock_behind();
            assert_eq!(behind > 0, offset < 0 || offset == 0 && last > start + HOUR);
            if offset == -HOUR {
                assert!(behind > HOUR && behind < 2 * HOUR + 1000, "{behind}");
            }
            last = durable[0].recorded();
            stamps.push(ledger.entry(index).unwrap());
            index += 1;
        }
        ledger.close();
    }
    let mut sorted = stamps.clone();
    sorted.sort();
    assert_eq!(
        stamps, sorted,
        "the order of the log is the order of its times"
    );
    assert!(
        last >= start + 3 * HOUR,
        "the clock is believed again once it is ahead"
    );
}

/// A time that no clock says, inside an entry that an actor signed: refused, not computed with.
#[test]
fn absurd_times_are_refused() {
    use tlog::note::{KeyKind, Note, SigningKey, sign};
    let lab = Lab::new();
    let disk = lab.create();
    let (ledger, _) = lab.open(disk).unwrap();
    let actor = SigningKey::from_seed("actor.example", [9; 32], KeyKind::Log).unwrap();
    let note = Note::new("words\n", vec![sign("words\n", &actor).unwrap()]).unwrap();
    for recorded in [i64::MIN, -1, 0, i64::MAX] {
        let submission = Submission {
            key: None,
            entry: EntryBytes::Signed {
                note: note.to_string().into_bytes(),
                recorded,
                keys: vec![actor.verifier().clone()].into(),
            },
            body: None,
        };
        let refused = ledger.submit(vec![submission]).unwrap().wait().unwrap_err();
        assert!(
            matches!(refused, ledger::AppendError::Stale { .. }),
            "{refused}"
        );
    }
}
