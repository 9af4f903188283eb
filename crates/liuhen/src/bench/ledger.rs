//! The ledger by itself, through its library: taking in, proving, auditing.

use std::{
    collections::VecDeque,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use ledger::{
    Config, EntryBytes, Ledger, Pending, Submission, SubmitError,
    audit::{Options, audit},
};
use tlog::{
    TreeHash,
    checkpoint::Origin,
    note::{self, KeyKind, Note, SigningKey},
};

use super::{Bench, Figure, Target, number, percentile, timed};
use crate::failure::Failure;

const ORIGIN: &str = "bench.example/log";
/// Entries in a group: what an importer or a busy API hands over at once.
const GROUP: usize = 1024;
/// Bytes of an entry.
const ENTRY: usize = 300;
/// Groups that wait for their acknowledgement.
const IN_FLIGHT: usize = 32;

fn failed(error: impl std::fmt::Display) -> Failure {
    Failure::broken(error.to_string())
}

fn key() -> SigningKey {
    SigningKey::from_seed(ORIGIN, [7; 32], KeyKind::Log).expect("a good name")
}

fn config() -> Config {
    Config::new(Origin::new(ORIGIN).expect("a good origin"), key())
}

fn fresh(bench: &Bench<'_>, name: &str) -> Result<(std::path::PathBuf, Ledger), Failure> {
    let dir = bench.dir.join(name);
    Ledger::create(&dir, &config()).map_err(failed)?;
    let (ledger, _) = Ledger::open(&dir, config()).map_err(failed)?;
    Ok((dir, ledger))
}

fn clear(dir: &Path) -> Result<(), Failure> {
    std::fs::remove_dir_all(dir).map_err(|e| crate::failure::io(dir, e))
}

/// An entry of 300 bytes like no other.
fn entry(n: u64) -> Vec<u8> {
    let mut entry = vec![b'x'; ENTRY];
    entry[..8].copy_from_slice(&n.to_be_bytes());
    entry
}

fn fixed(n: u64) -> Submission {
    Submission {
        key: None,
        entry: EntryBytes::Fixed(entry(n)),
        body: None,
    }
}

/// Submits groups as fast as they are taken, and waits for every acknowledgement.
pub(super) fn pour(
    ledger: &Ledger,
    groups: impl Iterator<Item = Vec<Submission>>,
) -> Result<(), Failure> {
    let mut waiting: VecDeque<Pending> = VecDeque::new();
    for group in groups {
        let mut group = Some(group);
        while let Some(next) = group.take() {
            match ledger.submit(next.clone()) {
                Ok(pending) => waiting.push_back(pending),
                Err(SubmitError::Busy { .. }) => {
                    group = Some(next);
                    if let Some(pending) = waiting.pop_front() {
                        pending.wait().map_err(failed)?;
                    }
                }
                Err(e) => return Err(failed(e)),
            }
        }
        if waiting.len() > IN_FLIGHT {
            waiting
                .pop_front()
                .expect("it is not empty")
                .wait()
                .map_err(failed)?;
        }
    }
    waiting
        .into_iter()
        .try_for_each(|pending| pending.wait().map(drop).map_err(failed))
}

pub(super) fn groups(
    numbers: std::ops::Range<u64>,
    make: impl Fn(u64) -> Submission,
) -> impl Iterator<Item = Vec<Submission>> {
    let end = numbers.end;
    numbers
        .step_by(GROUP)
        .map(move |from| (from..end.min(from + GROUP as u64)).map(&make).collect())
}

/// Unsigned entries: bare, with keys, with keys and bodies.
pub(super) fn unsigned(bench: &Bench<'_>) -> Result<Vec<Figure>, Failure> {
    const BARE: u64 = 3_000_000;
    const REST: u64 = 1_000_000;
    let keyed = |n: u64| Submission {
        key: Some(tlog::Sha256::leaf(&n.to_be_bytes())),
        ..fixed(n)
    };
    let with_body = |n: u64| Submission {
        body: Some(vec![b'b'; ENTRY]),
        ..keyed(n)
    };
    let mut figures = Vec::new();
    let mut one =
        |what: &str, count: u64, make: &dyn Fn(u64) -> Submission| -> Result<(), Failure> {
            let (dir, ledger) = fresh(bench, "unsigned")?;
            let (done, time) = timed(|| pour(&ledger, groups(0..count, make)));
            done?;
            ledger.close();
            clear(&dir)?;
            let rate = count as f64 / time.as_secs_f64();
            let figure = Figure::new(
                "ledger",
                format!("{what}, durable, groups of {GROUP}"),
                rate,
                "entries/s",
            )
            .ratio(format!(
                "{} % of what one core hashes; {} × one synced file an entry",
                number(100.0 * rate / bench.machine.leaves_s),
                number(rate / bench.machine.file_each_s)
            ));
            figures.push(if count == BARE {
                figure.target(Target::AtLeast(500_000.0))
            } else {
                figure
            });
            Ok(())
        };
    one("unsigned 300-byte entries", BARE, &fixed)?;
    one("the same with dedup keys", REST, &keyed)?;
    one(
        "the same with dedup keys and 300-byte bodies",
        REST,
        &with_body,
    )?;
    Ok(figures)
}

/// Entries that an actor signed: verified, then durable.
pub(super) fn signed(bench: &Bench<'_>) -> Result<Vec<Figure>, Failure> {
    const COUNT: u64 = 400_000;
    let actor =
        SigningKey::from_seed("A330100/p-7f3a", [9; 32], KeyKind::Actor).expect("a good name");
    let keys: Arc<[_]> = Arc::new([actor.verifier().clone()]);
    let now = ledger::Clock::now(&ledger::SystemClock);
    // Signed beforehand: actors sign on their own machines.
    let threads = bench.machine.cores as u64;
    let sign = |n: u64| -> Submission {
        let text = format!("{n:08} {}\n", "x".repeat(ENTRY - 130));
        let line = note::sign(&text, &actor).expect("a text that ends in a line end");
        let note = Note::new(text, vec![line])
            .expect("one good line")
            .to_string()
            .into_bytes();
        Submission {
            key: None,
            entry: EntryBytes::Signed {
                note,
                recorded: now,
                keys: Arc::clone(&keys),
            },
            body: None,
        }
    };
    let sign = &sign;
    let all: Vec<Vec<Submission>> = std::thread::scope(|scope| {
        let share = COUNT / threads;
        let workers: Vec<_> = (0..threads)
            .map(|t| {
                scope.spawn(move || groups(t * share..(t + 1) * share, sign).collect::<Vec<_>>())
            })
            .collect();
        workers
            .into_iter()
            .flat_map(|w| w.join().expect("signing does not panic"))
            .collect()
    });
    let count: usize = all.iter().map(Vec::len).sum();
    let (dir, ledger) = fresh(bench, "signed")?;
    let (done, time) = timed(|| pour(&ledger, all.into_iter()));
    done?;
    ledger.close();
    clear(&dir)?;
    let rate = count as f64 / time.as_secs_f64();
    let figure = Figure::new(
        "signed",
        "entries signed by actors (Ed25519), verified and durable",
        rate,
        "entries/s",
    )
    .target(Target::AtLeast(50_000.0))
    .ratio(format!(
        "{} × checking one by one on one core",
        number(rate / bench.machine.verify_s)
    ));
    Ok(vec![figure])
}

/// 10,000 single entries a second for ten seconds, each its own group: how long until each is durable.
pub(super) fn latency(bench: &Bench<'_>) -> Result<Vec<Figure>, Failure> {
    const RATE: u32 = 10_000;
    const SECONDS: u32 = 10;
    let (dir, ledger) = fresh(bench, "latency")?;
    let (sender, receiver) = std::sync::mpsc::channel::<(Instant, Pending)>();
    let waiter = std::thread::spawn(move || {
        // Acknowledgements come in order, so waiting for them in order measures each when it comes.
        receiver
            .into_iter()
            .map(|(sent, pending)| pending.wait().map(|_| sent.elapsed()))
            .collect::<Result<Vec<_>, _>>()
    });
    let start = Instant::now();
    for n in 0..RATE * SECONDS {
        let due = start + Duration::from_secs(1) * n / RATE;
        if let Some(early) = due.checked_duration_since(Instant::now())
            && early > Duration::from_micros(200)
        {
            std::thread::sleep(early);
        }
        // From when it was due, not from when it was sent: a generator that is held up must not hide the delay.
        let pending = ledger.submit(vec![fixed(u64::from(n))]).map_err(failed)?;
        sender
            .send((due, pending))
            .expect("the waiter lives until the sender goes");
    }
    drop(sender);
    let mut times = waiter
        .join()
        .expect("waiting does not panic")
        .map_err(failed)?;
    ledger.close();
    clear(&dir)?;
    times.sort_unstable();
    let ms = |share| percentile(&times, share).as_secs_f64() * 1e3;
    let flush = bench.machine.flush_us / 1e3;
    let what = "10,000 single entries/s offered, time to durable";
    Ok(vec![
        Figure::new("latency", format!("{what}, p50"), ms(0.5), "ms")
            .ratio(format!("{} × a flush", number(ms(0.5) / flush))),
        Figure::new("latency", format!("{what}, p99"), ms(0.99), "ms")
            .target(Target::AtMost(20.0))
            .ratio(format!("{} × a flush", number(ms(0.99) / flush))),
    ])
}

/// Ten million entries: proofs at random places, then the audit, then a start.
pub(super) fn proof_and_audit(bench: &Bench<'_>) -> Result<Vec<Figure>, Failure> {
    const COUNT: u64 = 10_000_000;
    const PROOFS: u32 = 20_000;
    let (dir, ledger) = fresh(bench, "large")?;
    pour(&ledger, groups(0..COUNT, fixed))?;
    ledger.close();
    drop(ledger);
    let (opened, start) = timed(|| Ledger::open(&dir, config()));
    let (ledger, _) = opened.map_err(failed)?;
    let mut times = Vec::new();
    // A multiplicative sequence visits places all over the log, and the same ones in each run.
    let mut place = 0x9e37_79b9_7f4a_7c15_u64;
    for _ in 0..PROOFS {
        place = place
            .wrapping_mul(0x5851_f42d_4c95_7f2d)
            .wrapping_add(0x1405_7b7e_f767_814f);
        let index = (place >> 16) % COUNT;
        let (proof, time) = timed(|| ledger.inclusion(index, COUNT));
        proof.map_err(failed)?;
        times.push(time);
    }
    let mean = times.iter().sum::<Duration>().as_secs_f64() * 1e6 / f64::from(PROOFS);
    times.sort_unstable();
    let p99 = percentile(&times, 0.99).as_secs_f64() * 1e6;
    ledger.close();
    drop(ledger);
    let node = 1e6 / bench.machine.leaves_s;
    let mut figures = vec![
        Figure::new(
            "proof",
            "inclusion proof from 10 million entries, random places, mean",
            mean,
            "µs",
        )
        .target(Target::AtMost(100.0))
        .ratio(format!("{} × a leaf hash", number(mean / node))),
        Figure::new("proof", "the same, p99", p99, "µs"),
        Figure::new(
            "proof",
            "opening the log of 10 million entries",
            start.as_secs_f64() * 1e3,
            "ms",
        ),
    ];
    // What the log has just written must not be on its way to the disk while the audit is measured.
    ledger::store::Store::sync_all(&ledger::store::Disk::new(&dir)).map_err(failed)?;
    for threads in [1, bench.machine.cores] {
        let options = Options {
            rules: None,
            threads,
            progress: None,
        };
        let (report, time) = timed(|| audit(&dir, key().verifier(), options));
        let report = report.map_err(failed)?;
        if !report.holds() || report.size != COUNT {
            return Err(Failure::broken(
                "the audit of the measured log does not hold",
            ));
        }
        let rate = COUNT as f64 / time.as_secs_f64();
        let figure = Figure::new(
            "audit",
            format!("structure of 10 million entries, threads: {threads}"),
            rate,
            "entries/s",
        )
        .ratio(format!(
            "{} % of what one core hashes",
            number(100.0 * rate / bench.machine.leaves_s)
        ));
        figures.push(if threads == 1 {
            figure.target(Target::AtLeast(2e6))
        } else {
            figure
        });
    }
    clear(&dir)?;
    Ok(figures)
}
