//! Entries of the log: look up, receipts, checkpoints, tiles.
//!
//! A record of an inquiry is found only by those who may read it; to all others its index and id do not exist.

use std::time::Duration;

use ledger::BodyState;
use model::{Body, Entry, EventId, Header, Micros};
use tlog::{proof::TlogProof, tile::TileRef};

use crate::{Error, Office, Permit, Viewer, may, node::Inner};

/// What to look up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lookup {
    /// By position in the log.
    Index(u64),
    /// By id of the event.
    Event(EventId),
    /// By a receipt's text.
    Receipt(String),
}

/// How well an entry is proved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ReceiptState {
    /// On disk.
    Durable,
    /// Under a signed checkpoint.
    Published,
    /// Under a cosigned checkpoint that meets the policy. Not reached by this version.
    Witnessed,
}

/// Whether a body is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyKept {
    /// The event has none.
    None,
    /// Kept.
    Present,
    /// Erased; the commitment stands.
    Erased,
}

/// An entry.
#[derive(Clone, Debug, PartialEq)]
pub struct EntryView {
    /// Position in the log.
    pub index: u64,
    /// Its header.
    pub header: Header,
    /// The exact bytes as text.
    pub text: String,
    /// RFC 6962 leaf hash.
    pub leaf: [u8; 32],
    /// Whether its body is there.
    pub body: BodyKept,
    /// How well it is proved.
    pub state: ReceiptState,
    /// Size of the newest published tree.
    pub published: u64,
}

/// A receipt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// Position of the entry.
    pub index: u64,
    /// The `.tlog-proof`; its `extra` is the entry itself.
    pub text: String,
    /// How well it proves.
    pub state: ReceiptState,
    /// RFC 6962 leaf hash.
    pub leaf: [u8; 32],
    /// When the entry was recorded.
    pub recorded: Micros,
}

/// Why there is no tile.
#[derive(Debug, thiserror::Error)]
pub enum TileError {
    /// Entry bundles need a permit: see [`Office::bundle`].
    #[error("entry bundles are not public on this node")]
    NotPublic,
    /// Our own fault.
    #[error("internal: {0}")]
    Internal(String),
}

/// How long a receipt waits for the checkpoint that covers its entry.
const WAIT_FOR_CHECKPOINT: Duration = Duration::from_secs(5);

impl Office {
    /// Finds an entry.
    ///
    /// # Errors
    /// [`Error::NotFound`] also for what the viewer may not know of; [`Error::Invalid`] on `receipt`.
    pub async fn lookup(
        &self,
        permit: &Permit<may::UseLedger>,
        what: &Lookup,
    ) -> Result<EntryView, Error> {
        let viewer = permit.viewer();
        let (index, claimed) = match what {
            Lookup::Index(index) => (*index, None),
            Lookup::Event(event) => (self.position_of(viewer, *event).await?, None),
            Lookup::Receipt(text) => {
                let proof = TlogProof::parse(text.as_bytes()).map_err(|e| {
                    Error::field("receipt", "malformed", format!("a .tlog-proof ({e})"))
                })?;
                (proof.index, proof.extra)
            }
        };
        let view = self.view(index).await?;
        self.may_know(viewer, index, &view.header).await?;
        if claimed.is_some_and(|entry| entry != view.text.as_bytes()) {
            return Err(Error::field(
                "receipt",
                "unknown",
                "a receipt of this log: its entry is another one here",
            ));
        }
        Ok(view)
    }

    /// The receipt of an entry. Waits a moment for the next checkpoint if none covers it yet.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Busy`] if no checkpoint came.
    pub async fn receipt(
        &self,
        permit: &Permit<may::UseLedger>,
        index: u64,
    ) -> Result<Receipt, Error> {
        let view = self.view(index).await?;
        self.may_know(permit.viewer(), index, &view.header).await?;
        self.inner.receipt(index).await
    }

    /// The receipt of one of one's own records.
    ///
    /// # Errors
    /// As for [`Office::receipt`].
    pub async fn my_receipt(
        &self,
        permit: &Permit<may::ReadOwnRecords>,
        event: EventId,
    ) -> Result<Receipt, Error> {
        let record = self
            .inner
            .register
            .inquiry_by(event, permit.viewer().person)
            .await?
            .ok_or(Error::NotFound)?;
        self.inner.receipt(record.index).await
    }

    /// The newest checkpoint: a signed note. Public.
    pub fn checkpoint(&self) -> Option<String> {
        self.inner.ledger.published().map(|p| p.note().to_owned())
    }

    /// Size of the newest published tree.
    pub fn published_size(&self) -> u64 {
        self.inner.published()
    }

    /// A tile; `None` if the published size does not imply it. Hash tiles are public, bundles only where the node says so.
    ///
    /// # Errors
    /// [`TileError`].
    pub async fn tile(&self, tile: TileRef) -> Result<Option<Vec<u8>>, TileError> {
        if tile.level.is_none() && !self.inner.info.public_log {
            return Err(TileError::NotPublic);
        }
        self.inner
            .tile(tile)
            .await
            .map_err(|e| TileError::Internal(e.to_string()))
    }

    /// A tile or an entry bundle, for those who may copy the log.
    ///
    /// # Errors
    /// [`Error::Internal`].
    pub async fn bundle(
        &self,
        _permit: &Permit<may::ReadBundles>,
        tile: TileRef,
    ) -> Result<Option<Vec<u8>>, Error> {
        self.inner.tile(tile).await
    }

    /// Position of an event that the viewer may know of.
    async fn position_of(&self, viewer: &Viewer, event: EventId) -> Result<u64, Error> {
        if let Some(known) = self.inner.register.event(event).await? {
            return Ok(known.index);
        }
        if let Some(own) = self.inner.register.inquiry_by(event, viewer.person).await? {
            return Ok(own.index);
        }
        self.received(viewer, event)
            .await?
            .map(|r| r.index)
            .ok_or(Error::NotFound)
    }

    /// Keeps records of inquiries from all but those who may read them, and their openings from everybody.
    async fn may_know(&self, viewer: &Viewer, index: u64, header: &Header) -> Result<(), Error> {
        if !header
            .activity
            .as_str()
            .starts_with(register::activity::INTERFERENCE)
        {
            return Ok(());
        }
        self.inner.caught_up(index).await?;
        let record = self
            .inner
            .register
            .inquiry_at(index)
            .await?
            .ok_or(Error::NotFound)?;
        let own = self
            .inner
            .register
            .inquiry_by(record, viewer.person)
            .await?
            .is_some();
        if own || self.received(viewer, record).await?.is_some() {
            Ok(())
        } else {
            Err(Error::NotFound)
        }
    }

    async fn view(&self, index: u64) -> Result<EntryView, Error> {
        if index >= self.inner.ledger.size() {
            return Err(Error::NotFound);
        }
        let ledger = self.inner.ledger.clone();
        let record = blocking(move || ledger.record(index))
            .await?
            .map_err(damaged)?;
        let header = Entry::parse(&record.entry).map_err(damaged)?.header;
        let leaf = <tlog::Sha256 as tlog::TreeHash>::leaf(&record.entry);
        Ok(EntryView {
            index,
            header,
            text: String::from_utf8(record.entry).map_err(damaged)?,
            leaf,
            body: kept(&record.body),
            state: self.inner.state(index),
            published: self.inner.published(),
        })
    }
}

impl Inner {
    pub(crate) fn published(&self) -> u64 {
        self.ledger.published().map_or(0, |p| p.size())
    }

    pub(crate) fn state(&self, index: u64) -> ReceiptState {
        if index < self.published() {
            ReceiptState::Published
        } else {
            ReceiptState::Durable
        }
    }

    async fn tile(&self, tile: TileRef) -> Result<Option<Vec<u8>>, Error> {
        let ledger = self.ledger.clone();
        blocking(move || ledger.tile(&tile)).await?.map_err(damaged)
    }

    async fn receipt(&self, index: u64) -> Result<Receipt, Error> {
        let mut publications = self.ledger.publications();
        let covered = publications.wait_for(|p| p.as_ref().is_some_and(|p| p.size() > index));
        match tokio::time::timeout(WAIT_FOR_CHECKPOINT, covered).await {
            Ok(Ok(_)) => {}
            Ok(Err(_)) | Err(_) => {
                return Err(Error::Busy {
                    reason: "no checkpoint covers the entry yet".into(),
                });
            }
        }
        let ledger = self.ledger.clone();
        let (mut proof, entry) = blocking(move || ledger.receipt(index))
            .await?
            .map_err(damaged)?;
        let recorded = Entry::parse(&entry).map_err(damaged)?.header.recorded;
        let leaf = <tlog::Sha256 as tlog::TreeHash>::leaf(&entry);
        // With the entry inside, one file is enough to verify; it is hashed anew by whoever does.
        proof.extra = Some(entry);
        Ok(Receipt {
            index,
            text: proof.to_string(),
            state: ReceiptState::Published,
            leaf,
            recorded,
        })
    }

    /// Header and body of an entry, the body checked against its commitment; `None` if it has none or it is erased.
    pub(crate) async fn open_body(&self, index: u64) -> Result<(Header, Option<Body>), Error> {
        let mut opened = self.open_bodies(vec![index]).await?;
        opened
            .pop()
            .map(|o| (o.header, o.body))
            .ok_or(Error::NotFound)
    }

    /// The same for several entries at once.
    pub(crate) async fn open_bodies(&self, indexes: Vec<u64>) -> Result<Vec<Opened>, Error> {
        let ledger = self.ledger.clone();
        blocking(move || {
            let open = |index| {
                let record = ledger.record(index).map_err(damaged)?;
                let header = Entry::parse(&record.entry).map_err(damaged)?.header;
                let kept = kept(&record.body);
                let body = match (record.body, &header.body) {
                    (BodyState::Present(bytes), Some(commitment)) => {
                        Some(Body::open(&bytes, commitment).map_err(damaged)?)
                    }
                    _ => None,
                };
                Ok(Opened {
                    index,
                    header,
                    body,
                    kept,
                })
            };
            indexes.into_iter().map(open).collect()
        })
        .await?
    }
}

/// An entry that was read.
pub(crate) struct Opened {
    pub(crate) index: u64,
    pub(crate) header: Header,
    pub(crate) body: Option<Body>,
    pub(crate) kept: BodyKept,
}

fn kept(body: &BodyState) -> BodyKept {
    match body {
        BodyState::None => BodyKept::None,
        BodyState::Present(_) => BodyKept::Present,
        BodyState::Erased => BodyKept::Erased,
    }
}

pub(crate) fn damaged(e: impl std::fmt::Display) -> Error {
    Error::internal("log", e)
}

/// Runs something that reads files on a thread where it may wait.
pub(crate) async fn blocking<T: Send + 'static>(
    f: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Error> {
    tokio::task::spawn_blocking(f)
        .await
        .map_err(|e| Error::internal("thread", e))
}
