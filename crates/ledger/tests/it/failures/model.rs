//! Random groups, random faults, power cuts and starts, against a book of what was promised.
//!
//! Invariant: everything acknowledged is there unchanged at its index, no two signed checkpoints contradict each other, no
//! key stands twice, and what was erased is nowhere.

use std::io::ErrorKind;

use ledger::{Ledger, SubmitError};
use testkit::store::{Fault, Faulty, OpKind, Rng, Rule, SimDisk};

use super::lab::{Book, Lab, submission};

struct Model {
    seed: u64,
    rng: Rng,
    lab: Lab,
    disk: SimDisk,
    book: Book,
    next: u64,
    lives: u64,
    deaths: u64,
}

impl Model {
    fn new(seed: u64) -> Self {
        let mut rng = Rng::new(seed);
        let lab = Lab {
            segment_bytes: [8, 16, 64, 256][usize::try_from(rng.below(4)).unwrap()] * 1024,
            ..Lab::new()
        };
        Self {
            seed,
            disk: lab.create(),
            rng,
            lab,
            book: Book::default(),
            next: 0,
            lives: 0,
            deaths: 0,
        }
    }

    fn fault(&mut self) -> Rule {
        let kinds = [
            None,
            Some(OpKind::WriteAt),
            Some(OpKind::Sync),
            Some(OpKind::SyncAll),
            Some(OpKind::SyncDir),
            Some(OpKind::Create),
            Some(OpKind::Rename),
            Some(OpKind::Remove),
        ];
        let kind = kinds[usize::try_from(self.rng.below(8)).unwrap()];
        let fault = match self.rng.below(7) {
            0 => Fault::Fail(ErrorKind::Other),
            1 => Fault::FailAfter(ErrorKind::Other),
            2 => Fault::Fail(ErrorKind::StorageFull),
            3 => Fault::Stop,
            4 => Fault::StopAfter,
            _ => Fault::Tear(self.rng.next_u64()),
        };
        Rule {
            kind,
            path: String::new(),
            nth: self.rng.below(80),
            lasting: false,
            fault,
        }
    }

    /// Some groups at once: new numbers, repetitions, a number twice in a group.
    fn some_groups(&mut self, ledger: &Ledger) -> bool {
        let mut waiting = Vec::new();
        for _ in 0..=self.rng.below(6) {
            let mut group = Vec::new();
            for _ in 0..=self.rng.below(40) {
                let old = self.next > 0 && self.rng.chance(1, 6);
                group.push(if old {
                    self.rng.below(self.next)
                } else {
                    self.next += 1;
                    self.next - 1
                });
            }
            match ledger.submit(group.iter().map(|n| submission(*n)).collect()) {
                Ok(pending) => waiting.push((group, pending)),
                Err(SubmitError::Closed) => return false,
                Err(other) => panic!("seed {}: {other}", self.seed),
            }
        }
        let mut alive = true;
        for (group, pending) in waiting {
            match pending.wait() {
                Ok(durable) => self.book.note_down(&group, &durable),
                Err(_) => alive = false,
            }
        }
        alive
    }

    fn erase_one(&mut self, ledger: &Ledger) {
        let known = u64::try_from(self.book.acknowledged.len()).unwrap();
        let nth = usize::try_from(self.rng.below(known)).unwrap();
        let Some((n, index)) = self.book.acknowledged.iter().nth(nth) else {
            return;
        };
        let (n, index) = (*n, *index);
        if super::lab::body_of(n).is_some() && ledger.erase(index).is_ok() {
            self.book.erased.insert(n);
        }
    }

    fn life(&mut self) {
        self.lives += 1;
        let store = Faulty::new(self.disk.clone());
        if self.rng.chance(4, 5) {
            let rule = self.fault();
            store.add(rule);
        }
        if let Ok((ledger, _)) = self.lab.open(store.clone()) {
            for _ in 0..=self.rng.below(12) {
                if !self.some_groups(&ledger) {
                    break;
                }
                if self.rng.chance(1, 8) && !self.book.acknowledged.is_empty() {
                    self.erase_one(&ledger);
                }
            }
            if self.rng.chance(1, 3) {
                ledger.close();
            } else {
                store.stop();
            }
        }
        self.deaths += u64::from(store.struck() > 0);
        self.book.collect(&self.disk);
        self.disk = if self.rng.chance(1, 2) {
            self.disk.power_cut(self.rng.next_u64())
        } else {
            self.disk.kill()
        };
        self.book.collect(&self.disk);
    }

    /// An erasure that was interrupted is finished by the start: the book learns it from the log.
    fn check(&mut self) {
        let (ledger, _) = self
            .lab
            .open(self.disk.clone())
            .unwrap_or_else(|e| panic!("seed {}, life {}: {e}", self.seed, self.lives));
        for n in self.book.acknowledged.iter() {
            if ledger.body(*n.1).unwrap() == ledger::BodyState::Erased {
                self.book.erased.insert(*n.0);
            }
        }
        for n in &self.book.erased {
            let needle = format!("the words of {n}, which");
            let holding = self.disk.holding(needle.as_bytes());
            assert!(holding.is_empty(), "seed {}: {n} in {holding:?}", self.seed);
        }
        self.book.check_and_audit(ledger, &self.disk);
        self.disk = self.disk.kill();
    }
}

#[test]
fn random_lives_keep_every_promise() {
    let mut deaths = 0;
    // A night's run: LEDGER_MODEL_SEEDS=10000 cargo nextest run -p ledger random_lives
    let more = std::env::var("LEDGER_MODEL_SEEDS").ok();
    let seeds: u64 = more.map_or(12, |n| n.parse().expect("a number of seeds"));
    for seed in 0..seeds {
        let mut model = Model::new(seed);
        for life in 0..8 {
            model.life();
            if life % 2 == 1 {
                model.check();
            }
        }
        deaths += model.deaths;
    }
    assert!(deaths > 12, "{deaths} faults struck: that was too quiet");
}
