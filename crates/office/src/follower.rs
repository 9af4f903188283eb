//! From the log to the register: one task that applies entries in their order, as soon as they are durable.
//!
//! Erasing is done here, before the entry that says so is applied: so it happens however often the node falls over.

use std::{
    path::PathBuf,
    sync::{Arc, Mutex},
    time::Duration,
};

use ledger::{BodyState, Ledger};
use model::{Body, Entry};
use register::{Applied, Register, Writer};
use tokio::sync::watch;

use crate::Error;

/// Entries and bytes of one transaction: large enough that its cost vanishes, small enough that readers see it soon.
const BATCH: usize = 8_192;
const BATCH_BYTES: usize = 8 * 1024 * 1024;
/// Findings come before pages: so many entries at once are not one that somebody waits for, and while the rules have not seen
/// them yet they wait, at most so long.
const MANY: usize = 2_048;
const PATIENCE: Duration = Duration::from_secs(1);
/// With as many cores nobody waits for anybody.
const ENOUGH_CORES: usize = 4;
/// After so many entries in one run, memory is given back.
const LONG_RUN: u64 = 50_000;

/// How far the register is, and whether it still follows.
#[derive(Clone)]
pub(crate) struct Position {
    pub(crate) next: watch::Receiver<u64>,
    failed: Arc<Mutex<Option<String>>>,
}

impl Position {
    /// Waits until entries below `size` are applied.
    pub(crate) async fn reach(&self, size: u64) -> Result<(), Error> {
        let mut next = self.next.clone();
        if next.wait_for(|n| *n >= size).await.is_ok() {
            return Ok(());
        }
        let why = self
            .failed
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .clone();
        Err(Error::Internal(why.unwrap_or_else(|| {
            "the register has stopped following".into()
        })))
    }
}

pub(crate) struct Follower {
    ledger: Ledger,
    register: Register,
    writer: Writer,
    files: PathBuf,
    /// How far the rules are, where they go first.
    judged: Option<watch::Receiver<u64>>,
    progress: watch::Sender<u64>,
    failed: Arc<Mutex<Option<String>>>,
}

impl Follower {
    pub(crate) fn new(
        ledger: Ledger,
        register: Register,
        writer: Writer,
        files: PathBuf,
    ) -> (Self, Position) {
        let (progress, next) = watch::channel(writer.next());
        let failed = Arc::default();
        let position = Position {
            next,
            failed: Arc::clone(&failed),
        };
        (
            Self {
                ledger,
                register,
                writer,
                files,
                judged: None,
                progress,
                failed,
            },
            position,
        )
    }

    /// Lets the rules go first, on a machine of few cores.
    pub(crate) fn behind(mut self, judged: watch::Receiver<u64>) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        self.judged = (cores < ENOUGH_CORES).then_some(judged);
        self
    }

    /// Follows until `stop` says so or something fails.
    pub(crate) async fn run(mut self, mut stop: watch::Receiver<bool>) {
        let mut sizes = self.ledger.sizes();
        let result = loop {
            if let Err(e) = self.catch_up(&stop).await {
                break Err(e);
            }
            tokio::select! {
                changed = sizes.changed() => if changed.is_err() { break Ok(()) },
                stopped = stop.wait_for(|s| *s) => { drop(stopped); break Ok(()) }
            }
        };
        if let Err(e) = result {
            tracing::error!(next = self.writer.next(), "the register has stopped: {e}");
            *self
                .failed
                .lock()
                .unwrap_or_else(std::sync::PoisonError::into_inner) = Some(e);
        }
        if let Err(e) = self.writer.close().await {
            tracing::warn!("closing the register: {e}");
        }
    }

    /// Applies everything that is durable now.
    pub(crate) async fn catch_up(&mut self, stop: &watch::Receiver<bool>) -> Result<u64, String> {
        let begun = self.writer.next();
        let mut ahead = self.read_ahead(begun);
        while let Some(reading) = ahead.take() {
            let batch = reading.await.map_err(|e| e.to_string())??;
            let Some(last) = batch.last() else { break };
            ahead = if *stop.borrow() {
                None
            } else {
                self.read_ahead(last.index + 1)
            };
            if let Some(judged) = self.judged.as_mut().filter(|_| batch.len() >= MANY) {
                let end = last.index + 1;
                // Whether they came so far or the time is over: now it is the register's turn.
                let _turn = tokio::time::timeout(PATIENCE, judged.wait_for(|n| *n >= end)).await;
            }
            let gone = self.erase(&batch).await?;
            self.writer.apply(&batch).await.map_err(|e| e.to_string())?;
            for sha256 in gone {
                self.drop_file(&sha256).await?;
            }
            self.progress.send_replace(self.writer.next());
        }
        if self.writer.next() - begun > LONG_RUN {
            self.writer.rest().await.map_err(|e| e.to_string())?;
        }
        Ok(self.writer.next())
    }

    /// Reads the next batch on another thread while this one applies.
    fn read_ahead(
        &self,
        from: u64,
    ) -> Option<tokio::task::JoinHandle<Result<Vec<Applied>, String>>> {
        if from >= self.ledger.size() {
            return None;
        }
        let ledger = self.ledger.clone();
        Some(tokio::task::spawn_blocking(move || read(&ledger, from)))
    }

    /// Erases the bodies that entries of this batch say are erased; their attachments are returned.
    async fn erase(&self, batch: &[Applied]) -> Result<Vec<String>, String> {
        let mut files = Vec::new();
        for entry in batch
            .iter()
            .filter(|e| e.header.activity.as_str() == register::activity::ERASE)
        {
            let index = entry
                .body
                .as_ref()
                .and_then(|b| b.text("index"))
                .and_then(|t| t.parse::<u64>().ok());
            let Some(index) = index.filter(|i| *i < entry.index) else {
                continue;
            };
            let ledger = self.ledger.clone();
            let gone = tokio::task::spawn_blocking(move || {
                let mut files = Vec::new();
                if let BodyState::Present(bytes) = ledger.body(index).map_err(|e| e.to_string())? {
                    if let Ok(body) = serde_json::from_slice::<Body>(&bytes) {
                        files.extend(body.files.into_iter().map(|f| f.sha256));
                    }
                    ledger.erase(index).map_err(|e| e.to_string())?;
                }
                Ok::<_, String>(files)
            });
            files.extend(gone.await.map_err(|e| e.to_string())??);
        }
        Ok(files)
    }

    /// Removes an attachment that no body names any more.
    async fn drop_file(&self, sha256: &str) -> Result<(), String> {
        let is_hash = sha256.len() == 64 && sha256.bytes().all(|b| b.is_ascii_hexdigit());
        if is_hash
            && !self
                .register
                .file_is_named(sha256)
                .await
                .map_err(|e| e.to_string())?
        {
            match tokio::fs::remove_file(self.files.join(sha256)).await {
                Err(e) if e.kind() != std::io::ErrorKind::NotFound => return Err(e.to_string()),
                _ => {}
            }
        }
        Ok(())
    }
}

/// Entries with the bodies that the register wants, each checked against its commitment.
fn read(ledger: &Ledger, from: u64) -> Result<Vec<Applied>, String> {
    let records = ledger
        .read(from, BATCH, BATCH_BYTES)
        .map_err(|e| e.to_string())?;
    let mut batch = Vec::with_capacity(records.len());
    for record in records {
        let at = |e: &dyn std::fmt::Display| format!("entry {}: {e}", record.index);
        let header = Entry::parse(&record.entry).map_err(|e| at(&e))?.header;
        let body = match (&record.body, &header.body) {
            (BodyState::Present(bytes), Some(commitment))
                if register::wants_body(&header, bytes) =>
            {
                Some(Body::open(bytes, commitment).map_err(|e| at(&e))?)
            }
            _ => None,
        };
        batch.push(Applied {
            index: record.index,
            header,
            body,
        });
    }
    Ok(batch)
}

impl Follower {
    /// Closes the register's writer.
    pub(crate) async fn end(self) -> Result<(), String> {
        self.writer.close().await.map_err(|e| e.to_string())
    }
}
