//! Appends to a log as fast as it takes, and says each acknowledgement: made to be killed in the middle.
//!
//! [`run`] is the victim; [`Scene`] starts victims, kills them, and looks afterwards whether all that was acknowledged is
//! there. Not a benchmark: each line is flushed, so that a killed process has said what it was told.

mod scene;

pub use scene::{Ending, Scene};

use std::{
    collections::VecDeque,
    io::{self, Write},
    path::Path,
};

use ledger::{AppendError, Config, EntryBytes, Ledger, OpenError, Submission, SubmitError};
use tlog::{
    checkpoint::Origin,
    note::{KeyKind, SigningKey},
};

/// Groups that are on their way at once.
const IN_FLIGHT: usize = 32;
/// Entries of one group.
const GROUP: u64 = 16;
/// Name of the log that is hammered.
pub const ORIGIN: &str = "hammer.example/log";

/// Why hammering ended.
#[derive(Debug, thiserror::Error)]
pub enum HammerError {
    /// The log does not open.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The log cannot be made.
    #[error(transparent)]
    Create(#[from] ledger::CreateError),
    /// A group was not acknowledged.
    #[error(transparent)]
    Append(#[from] AppendError),
    /// A group was not taken.
    #[error(transparent)]
    Submit(#[from] SubmitError),
    /// The lines cannot be written.
    #[error("cannot write the acknowledgements: {0}")]
    Out(#[from] io::Error),
}

/// The log's key: known to everybody, good for nothing else.
pub fn key() -> SigningKey {
    SigningKey::from_seed(ORIGIN, [42; 32], KeyKind::Log).expect("a constant that was tried")
}

/// How the hammer opens its log: small segments, so that many are turned.
pub fn config() -> Config {
    let origin = Origin::new(ORIGIN).expect("a constant that was tried");
    Config {
        segment_bytes: 256 * 1024,
        publish_every: std::time::Duration::from_millis(5),
        ..Config::new(origin, key())
    }
}

/// Entry number `n`, always the same.
pub fn submission(n: u64) -> Submission {
    Submission {
        key: Some(key_of(n)),
        entry: EntryBytes::Fixed(entry_of(n)),
        body: n.is_multiple_of(3).then(|| body_of(n)),
    }
}

/// The bytes of entry number `n`.
pub fn entry_of(n: u64) -> Vec<u8> {
    let fill = "留痕".repeat(usize::try_from(n * 7 % 40).expect("below 40"));
    format!("{{\"n\":{n},\"fill\":\"{fill}\"}}\n\n").into_bytes()
}

/// The body beside entry number `n`, where it has one.
pub fn body_of(n: u64) -> Vec<u8> {
    format!("body of {n} ")
        .repeat(1 + usize::try_from(n % 5).expect("below 5"))
        .into_bytes()
}

fn key_of(n: u64) -> [u8; 32] {
    use tlog::TreeHash;
    tlog::Sha256::leaf(&n.to_be_bytes())
}

/// Opens the log in `dir`, makes it if there is none, and appends entry after entry, from the size of the log on, until
/// `limit` are acknowledged, or without an end. Writes a line `ready`, then a line `n index` for each acknowledgement, and
/// `refused n` where the log said that nothing was taken in.
///
/// # Errors
/// [`HammerError`].
pub fn run(dir: &Path, limit: Option<u64>, out: &mut dyn Write) -> Result<(), HammerError> {
    if !dir.join("state/log").exists() {
        Ledger::create(dir, &config())?;
    }
    let (ledger, _) = Ledger::open(dir, config())?;
    writeln!(out, "ready")?;
    out.flush()?;
    let mut next = ledger.size();
    let end = limit.map_or(u64::MAX, |limit| next + limit);
    // With a limit, many small steps rather than few large ones: each is a place to be struck at.
    let in_flight = if limit.is_some() { 2 } else { IN_FLIGHT };
    let mut waiting = VecDeque::new();
    while next < end || !waiting.is_empty() {
        while next < end && waiting.len() < in_flight {
            let numbers = next..end.min(next + GROUP);
            match ledger.submit(numbers.clone().map(submission).collect()) {
                Ok(pending) => waiting.push_back((numbers.clone(), pending)),
                Err(SubmitError::Busy { .. }) => break,
                Err(other) => return Err(other.into()),
            }
            next = numbers.end;
        }
        let Some((numbers, pending)) = waiting.pop_front() else {
            continue;
        };
        match pending.wait() {
            Ok(durable) => {
                for (n, durable) in numbers.zip(durable) {
                    writeln!(out, "{n} {}", durable.index())?;
                }
            }
            Err(AppendError::Refused { .. }) => {
                writeln!(out, "refused {}", numbers.start)?;
                std::thread::sleep(std::time::Duration::from_millis(20));
            }
            Err(other) => return Err(other.into()),
        }
        out.flush()?;
    }
    ledger.close();
    Ok(())
}

/// The acknowledgements in what [`run`] wrote: numbers and indexes. A last line that was cut off counts for nothing.
pub fn read_lines(out: &str) -> Vec<(u64, u64)> {
    let whole = out.rfind('\n').map_or("", |end| &out[..end]);
    whole
        .lines()
        .filter_map(|line| {
            let (n, index) = line.split_once(' ')?;
            Some((n.parse().ok()?, index.parse().ok()?))
        })
        .collect()
}
