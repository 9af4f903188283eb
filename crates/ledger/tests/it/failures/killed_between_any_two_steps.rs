//! Row "killed between any two steps": at each operation of a short run, before and after it, with and without the power
//! going too; then recovery, audit, and tiles equal to those of an undisturbed run.

use testkit::store::{Fault, Faulty, OpKind, SimDisk};

use super::lab::{Book, Lab};

const ENTRIES: u64 = 700;

/// Two lives: the second continues where the first was closed.
fn run(lab: &Lab, store: &Faulty, book: &mut Book) {
    for (from, to) in [(0, ENTRIES / 2), (ENTRIES / 2, ENTRIES)] {
        let Ok((ledger, _)) = lab.open(store.clone()) else {
            return;
        };
        if book.append(&ledger, from..to, 35).is_err() {
            return;
        }
        ledger.close();
    }
}

fn stopped(step: u64, kind: Option<OpKind>, fault: Fault, power: Option<u64>) -> bool {
    let (lab, mut book) = (Lab::new(), Book::default());
    let disk = lab.create();
    let store = Faulty::with(disk.clone(), kind, "", step, fault.clone());
    run(&lab, &store, &mut book);
    let struck = store.struck() > 0;
    let disk = power.map_or_else(|| disk.kill(), |seed| disk.power_cut(seed));
    book.collect(&disk);
    let what = format!("step {step}, {fault:?}, power {power:?}");
    let (ledger, _) = lab
        .open(disk.clone())
        .unwrap_or_else(|e| panic!("{what}: {e}"));
    book.append(&ledger, 0..ENTRIES, 35)
        .unwrap_or_else(|e| panic!("{what}: {e}"));
    assert_eq!(ledger.size(), ENTRIES, "{what}: nothing twice");
    book.check_and_audit(ledger, &disk);
    same_tiles(&disk, &what);
    struck
}

/// Entries are those of their numbers and were sent in order, so the files of any run are those of every run.
fn same_tiles(disk: &SimDisk, what: &str) {
    let reference = undisturbed();
    let tiles = |disk: &SimDisk| -> Vec<(String, Vec<u8>)> {
        let paths = disk.paths().into_iter();
        paths
            .filter(|p| p.starts_with("tile/") || p.starts_with("bodies/"))
            .map(|p| (p.clone(), disk.get(&p).unwrap()))
            .collect()
    };
    assert!(tiles(reference) == tiles(disk), "{what}: tiles differ");
}

fn undisturbed() -> &'static SimDisk {
    static REFERENCE: std::sync::OnceLock<SimDisk> = std::sync::OnceLock::new();
    REFERENCE.get_or_init(|| {
        let (lab, mut book) = (Lab::new(), Book::default());
        let disk = lab.create();
        run(&lab, &Faulty::new(disk.clone()), &mut book);
        disk
    })
}

fn at_each_step(fault: &Fault, first_seed: Option<u64>) {
    let mut step = 0;
    loop {
        let power = first_seed.map(|s| s + step);
        if !stopped(step, None, fault.clone(), power) {
            break;
        }
        step += 1;
    }
    assert!(step > 60, "{step} steps: that was no run");
}

#[test]
fn killed_before_each_step() {
    at_each_step(&Fault::Stop, None);
}

#[test]
fn killed_after_each_step_and_the_power_goes() {
    at_each_step(&Fault::StopAfter, Some(100));
}

#[test]
fn killed_in_the_middle_of_each_write() {
    let mut step = 0;
    while stopped(
        step,
        Some(OpKind::WriteAt),
        Fault::Tear(step),
        step.is_multiple_of(2).then_some(step),
    ) {
        step += 1;
    }
    assert!(step > 15, "{step} writes: that was no run");
}

/// The making of the log too.
#[test]
fn killed_while_the_log_is_made() {
    use ledger::{CreateError, Ledger};
    for after in [Fault::Stop, Fault::StopAfter] {
        for step in 0.. {
            let lab = Lab::new();
            let disk = SimDisk::new();
            let store = Faulty::with(disk.clone(), None, "", step, after.clone());
            let made = Ledger::create_on(&store, &lab.config());
            if store.struck() == 0 {
                made.unwrap();
                break;
            }
            let disk = disk.power_cut(step);
            // There is a log, or none and it can be made.
            match Ledger::create_on(&disk, &lab.config()) {
                Ok(()) | Err(CreateError::Exists) => {}
                Err(other) => panic!("step {step}: {other}"),
            }
            let (ledger, _) = lab.open(disk.clone()).unwrap();
            let mut book = Book::default();
            book.append(&ledger, 0..10, 10).unwrap();
            book.check_and_audit(ledger, &disk);
        }
    }
}
