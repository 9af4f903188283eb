//! A clock that stands until somebody turns it, forwards or back.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use ledger::Clock;
use model::Micros;

/// A clock for tests. Cheap to share; all copies show the same time.
#[derive(Clone, Debug)]
pub struct FakeClock(Arc<AtomicI64>);

/// Microseconds of a second.
const SECOND: i64 = 1_000_000;

impl FakeClock {
    /// A clock that shows `now`.
    pub fn at(now: Micros) -> Self {
        Self(Arc::new(AtomicI64::new(now.get())))
    }

    /// Sets it.
    pub fn set(&self, now: Micros) {
        self.0.store(now.get(), Ordering::SeqCst);
    }

    /// Turns it by so many seconds; negative is back.
    pub fn advance_seconds(&self, seconds: i64) {
        self.0.fetch_add(seconds * SECOND, Ordering::SeqCst);
    }

    /// Turns it by so many minutes; negative is back.
    pub fn advance_minutes(&self, minutes: i64) {
        self.advance_seconds(minutes * 60);
    }

    /// What it shows.
    pub fn micros(&self) -> Micros {
        Micros::new(self.now()).expect("tests stay within four-digit years")
    }
}

impl Clock for FakeClock {
    fn now(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }
}
