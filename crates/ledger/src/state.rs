//! What must survive beside the frames: epoch, and the last size and root that were ever signed.
//!
//! Two slots of one block, written in turn: a torn write leaves the other. Persisted *before* a signature leaves the
//! process, so a log that lost its end knows that it must not sign again (recovery refuses rather than forks).

use std::{io, sync::Arc};

use tlog::Hash;

use crate::{
    frame::BLOCK,
    store::{Store, StoreFile},
};

pub(crate) const PATH: &str = "state/log";
const MAGIC: &[u8; 8] = b"LHSTATE1";
const LEN: usize = 8 + 8 + 8 + 8 + 32 + 4;

/// The newest slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct State {
    pub(crate) epoch: u64,
    pub(crate) signed_size: u64,
    pub(crate) signed_root: Hash,
}

pub(crate) struct StateFile {
    file: Arc<dyn StoreFile>,
    counter: u64,
    pub(crate) state: State,
}

impl StateFile {
    pub(crate) fn create(store: &dyn Store, state: State) -> io::Result<()> {
        let mut bytes = vec![0; 2 * BLOCK];
        bytes[..LEN].copy_from_slice(&slot(0, &state));
        store.replace(PATH, &bytes)
    }

    /// `Ok(None)`: both slots are damaged, which no crash of ours leaves.
    pub(crate) fn open(store: &dyn Store) -> io::Result<Option<Self>> {
        let file = store.open(PATH)?;
        let mut newest: Option<(u64, State)> = None;
        for n in 0..2 {
            let mut bytes = [0; LEN];
            if file.read_at(&mut bytes, n * BLOCK as u64).is_err() {
                continue;
            }
            if let Some(found) = parse(&bytes)
                && newest.is_none_or(|(counter, _)| found.0 > counter)
            {
                newest = Some(found);
            }
        }
        Ok(newest.map(|(counter, state)| Self {
            file,
            counter,
            state,
        }))
    }

    /// Writes the other slot and flushes. After an error nobody knows what the disk holds: the caller must stop.
    pub(crate) fn persist(&mut self, state: State) -> io::Result<()> {
        let counter = self.counter + 1;
        self.file
            .write_at(&slot(counter, &state), (counter % 2) * BLOCK as u64)?;
        self.file.sync()?;
        (self.counter, self.state) = (counter, state);
        Ok(())
    }
}

fn slot(counter: u64, state: &State) -> [u8; LEN] {
    let mut out = [0; LEN];
    out[..8].copy_from_slice(MAGIC);
    out[8..16].copy_from_slice(&counter.to_be_bytes());
    out[16..24].copy_from_slice(&state.epoch.to_be_bytes());
    out[24..32].copy_from_slice(&state.signed_size.to_be_bytes());
    out[32..64].copy_from_slice(&state.signed_root);
    let crc = crc32c::crc32c(&out[..64]);
    out[64..].copy_from_slice(&crc.to_be_bytes());
    out
}

fn parse(bytes: &[u8; LEN]) -> Option<(u64, State)> {
    let u64_at = |at: usize| u64::from_be_bytes(bytes[at..at + 8].try_into().expect("8 bytes"));
    let crc = u32::from_be_bytes(bytes[64..].try_into().expect("4 bytes"));
    if &bytes[..8] != MAGIC || crc32c::crc32c(&bytes[..64]) != crc {
        return None;
    }
    let state = State {
        epoch: u64_at(16),
        signed_size: u64_at(24),
        signed_root: bytes[32..64].try_into().expect("32 bytes"),
    };
    Some((u64_at(8), state))
}
