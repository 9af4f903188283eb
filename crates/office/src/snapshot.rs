//! What the rules know of the log, written down, so that a start need not read the whole log again.
//!
//! It holds the events as columns and no verdict: whatever is open or broken is judged anew by the program that runs. It is
//! *not* a source of anything. It is used only if it is whole, was made for the rules in force and its size and root are
//! those of the log; otherwise the log is read from the first entry. Whoever erases a body removes it (个人信息保护法
//! Art. 47), and the next one is written by a process that never saw that body.

use std::collections::HashMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use ledger::Ledger;
use sha2::{Digest, Sha256};
use tlog::Hash;

use crate::watcher::{FindingId, State};

const FILE: &str = "watch.snapshot";
const MAGIC: &[u8; 16] = b"liuhen/watch/2\n\0";
const SUM: usize = 32;
const ID: usize = size_of::<FindingId>();
/// A shorter log is read as quickly.
const LEAST: u64 = 20_000;

/// Where it is kept.
fn path(dir: &Path) -> PathBuf {
    dir.join(FILE)
}

/// Removes it, if there is one.
pub(crate) fn remove(dir: &Path) -> std::io::Result<()> {
    match std::fs::remove_file(path(dir)) {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(()),
        done => done,
    }
}

/// Whether writing one is worth it: when the node ends, for whatever takes longer to read than to write; before, only when an
/// eighth came in, since it is written whole.
pub(crate) fn is_due(state: &State, ends: bool) -> bool {
    let most = if ends { 0 } else { state.saved / 8 };
    state.faithful && state.settled && state.next >= state.saved + LEAST.max(most)
}

/// What is to be written of a state; `None` if it still holds something that was erased. `root` is that of the log at
/// `state.next`.
pub(crate) fn bytes(state: &State, root: &Hash) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    out.extend_from_slice(MAGIC);
    out.extend_from_slice(&state.next.to_le_bytes());
    out.extend_from_slice(root);
    out.extend_from_slice(&state.engine.now().to_le_bytes());
    words(&mut out, &state.on_desk);
    words(&mut out, &state.imported);
    out.extend_from_slice(&(state.red.len() as u64).to_le_bytes());
    for (finding, index) in &state.red {
        out.extend_from_slice(finding);
        out.extend_from_slice(&index.to_le_bytes());
    }
    let columns = state.engine.columns();
    columns
        .freeze(state.engine.program(), &mut out)
        .then_some(out)
}

fn words(out: &mut Vec<u8>, words: &[u64]) {
    out.extend_from_slice(&(words.len() as u64).to_le_bytes());
    for word in words {
        out.extend_from_slice(&word.to_le_bytes());
    }
}

/// Writes it: whole under another name, then in place.
pub(crate) fn write(dir: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let new = dir.join(format!("{FILE}.new"));
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&new)?;
    file.write_all(bytes)?;
    file.write_all(&Sha256::digest(bytes))?;
    file.sync_all()?;
    std::fs::rename(&new, path(dir))
}

/// Why a snapshot is not used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unused {
    /// There is none.
    #[error("there is none")]
    None,
    #[error("it cannot be read: {0}")]
    Io(#[from] std::io::Error),
    /// It was cut off or changed.
    #[error("it is not whole")]
    Damaged,
    /// Another log, or one that was longer.
    #[error("it was made of another log")]
    OtherLog,
    #[error(transparent)]
    Columns(#[from] watch::Unusable),
    #[error("the log: {0}")]
    Log(String),
}

/// Fills a state that has seen nothing from the snapshot of a node; the state is as it was on any error.
pub(crate) fn load(dir: &Path, ledger: &Ledger, state: &mut State) -> Result<(), Unused> {
    let bytes = match std::fs::read(path(dir)) {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Err(Unused::None),
        read => read?,
    };
    let whole = bytes.len().checked_sub(SUM).ok_or(Unused::Damaged)?;
    let (bytes, sum) = bytes.split_at(whole);
    if Sha256::digest(bytes).as_slice() != sum {
        return Err(Unused::Damaged);
    }
    let mut rest = Rest(bytes);
    if rest.take(MAGIC.len())? != MAGIC {
        return Err(Unused::Damaged);
    }
    let size = rest.word()?;
    let root = rest.take(32)?;
    if size > ledger.size() {
        return Err(Unused::OtherLog);
    }
    let in_log = ledger.root(size).map_err(|e| Unused::Log(e.to_string()))?;
    if in_log[..] != *root {
        return Err(Unused::OtherLog);
    }
    let now = rest.word()?.cast_signed();
    let on_desk = rest.words()?;
    let imported = rest.words()?;
    let mut red = HashMap::new();
    for _ in 0..rest.length(ID + 8)? {
        let mut finding = FindingId::default();
        finding.copy_from_slice(rest.take(ID)?);
        red.insert(finding, rest.word()?);
    }
    let columns = watch::Columns::thaw(state.engine.program(), rest.0)?;
    let mut desk = crate::review::Desk::default();
    for index in &on_desk {
        crate::watcher::on_desk(ledger, *index, &mut desk).map_err(Unused::Log)?;
    }
    state.engine = watch::Engine::of(state.engine.program().clone(), columns, now);
    state.desk = desk;
    state.on_desk = on_desk;
    state.imported = imported;
    state.red = red;
    state.next = size;
    state.saved = size;
    Ok(())
}

/// What was not yet read.
struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    fn take(&mut self, n: usize) -> Result<&'a [u8], Unused> {
        let (taken, rest) = self.0.split_at_checked(n).ok_or(Unused::Damaged)?;
        self.0 = rest;
        Ok(taken)
    }

    fn word(&mut self) -> Result<u64, Unused> {
        let (word, rest) = self.0.split_first_chunk().ok_or(Unused::Damaged)?;
        self.0 = rest;
        Ok(u64::from_le_bytes(*word))
    }

    /// How many of `size` bytes follow; never more than there are.
    fn length(&mut self, size: usize) -> Result<usize, Unused> {
        let n = usize::try_from(self.word()?).map_err(|_| Unused::Damaged)?;
        if n > self.0.len() / size {
            return Err(Unused::Damaged);
        }
        Ok(n)
    }

    fn words(&mut self) -> Result<Vec<u64>, Unused> {
        let n = self.length(8)?;
        (0..n).map(|_| self.word()).collect()
    }
}
