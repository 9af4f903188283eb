//! Witnessing, both sides: cosigning the logs of others, and having one's own log cosigned.
//!
//! As a witness: remember per origin the largest checkpoint that was proved to continue the one before, and persist it
//! before the cosignature leaves. As a log: offer the published checkpoint, and claim [`Witnessed`] only when the policy is
//! met. Carries nothing over a network: a [`Peer`] does, or a person with a file.
//!
//! Specification: C2SP tlog-witness v1.0.0, with the 422 of its later text for the same size with another root.

use std::{
    collections::BTreeMap,
    io,
    sync::{Arc, Mutex},
};

use sha2::{Digest, Sha256 as Digest256};
use tlog::{
    Hash, Sha256, TreeHash,
    checkpoint::{self, Checkpoint},
    cosignature,
    note::{Note, SignatureLine, SigningKey, VerifierKey},
    policy::{Policy, Unsatisfied},
    tree,
    witness::{Answer, Request},
};

use crate::{Clock, Ledger, Published, ReadError, shared::NO_PANIC, store::Store};

/// Acknowledgement: so many witnesses saw the same tree that the policy is met. It survives a restored backup and a split
/// view. There is no way to it but the cosignatures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Witnessed {
    size: u64,
    root: Hash,
    note: String,
}

impl Witnessed {
    /// Entries below this index are covered.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Root of the tree of that size.
    pub fn root(&self) -> &Hash {
        &self.root
    }

    /// The checkpoint with the log's signature and the cosignatures.
    pub fn note(&self) -> &str {
        &self.note
    }

    /// A published checkpoint with its cosignatures, if they meet the policy.
    ///
    /// # Errors
    /// [`Unsatisfied`] says what is missing.
    pub fn new(
        published: &Published,
        cosignatures: &[SignatureLine],
        policy: &Policy,
    ) -> Result<Self, Unsatisfied> {
        let note = Note::parse(published.note().as_bytes()).map_err(|_| Unsatisfied::Log)?;
        let mut lines = note.signatures().to_vec();
        lines.extend_from_slice(cosignatures);
        let note = Note::new(note.unverified_text(), lines)
            .map_err(|_| Unsatisfied::Log)?
            .to_string();
        let opened =
            checkpoint::open(note.as_bytes(), &policy.keys()).map_err(|_| Unsatisfied::Log)?;
        policy.check(&opened)?;
        Ok(Self {
            size: published.size(),
            root: *published.root(),
            note,
        })
    }
}

/// Somebody who may cosign.
pub trait Peer {
    /// His key.
    fn key(&self) -> &VerifierKey;

    /// Hands him a request.
    ///
    /// # Errors
    /// What kept it from him, or his answer from us.
    fn add_checkpoint(&self, request: &Request) -> io::Result<Answer>;
}

/// Why a witness did not cosign.
#[derive(Debug, thiserror::Error)]
pub enum PeerError {
    /// Not reached. `durable` and `published` go on.
    #[error("{who} could not be reached: {source}")]
    Away {
        /// Name of the witness.
        who: String,
        /// What the way to him said.
        source: io::Error,
    },
    /// He knows another history of this log. Never tried again: it is evidence.
    #[error("FORK ALARM: {who} has cosigned another history of this log (his size: {size})")]
    Fork {
        /// Name of the witness.
        who: String,
        /// The size that he named.
        size: u64,
    },
    /// He refused.
    #[error("{who} refused with status {status}")]
    Refused {
        /// Name of the witness.
        who: String,
        /// HTTP status of his answer.
        status: u16,
    },
    /// What he sent is not his cosignature of this checkpoint.
    #[error("{who} sent no cosignature of his over this checkpoint")]
    Forged {
        /// Name of the witness.
        who: String,
    },
    /// Our own log could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
}

/// Times that a witness may name another size before he is given up: his state moves when somebody else asks him too.
const TRIES: usize = 3;

impl Ledger {
    /// Asks one witness to cosign a published checkpoint. `known` is the size that he is believed to have; 0 asks him.
    ///
    /// # Errors
    /// [`PeerError`].
    pub fn ask_to_cosign(
        &self,
        peer: &dyn Peer,
        published: &Published,
        known: u64,
    ) -> Result<SignatureLine, PeerError> {
        let who = || peer.key().name().to_owned();
        let mut old = known.min(published.size());
        for _ in 0..TRIES {
            let proof = if old == 0 || old == published.size() {
                Vec::new()
            } else {
                self.consistency(old, published.size())?
            };
            let request = Request {
                old,
                proof,
                checkpoint: published.note().to_owned(),
            };
            let answer = peer
                .add_checkpoint(&request)
                .map_err(|source| PeerError::Away { who: who(), source })?;
            match answer {
                Answer::Cosigned(lines) => {
                    let text = Note::parse(published.note().as_bytes());
                    let text = text.map_err(|_| PeerError::Forged { who: who() })?;
                    let text = text.unverified_text();
                    let good = lines
                        .into_iter()
                        .find(|line| cosignature::verify(text, line, peer.key()).is_ok());
                    return good.ok_or_else(|| PeerError::Forged { who: who() });
                }
                // The size that we named, refused: he has it with another root. And more than we ever signed is one too.
                Answer::Conflict { size } if size == old || size > published.size() => {
                    return Err(PeerError::Fork { who: who(), size });
                }
                Answer::Conflict { size } => old = size,
                Answer::Unproven => {
                    return Err(PeerError::Fork {
                        who: who(),
                        size: old,
                    });
                }
                other => {
                    return Err(PeerError::Refused {
                        who: who(),
                        status: other.status(),
                    });
                }
            }
        }
        Err(PeerError::Refused {
            who: who(),
            status: 409,
        })
    }
}

/// A witness of other logs.
pub struct Witness {
    store: Arc<dyn Store>,
    key: SigningKey,
    clock: Arc<dyn Clock>,
    logs: BTreeMap<String, VerifierKey>,
    /// Compare and persist are one step: two requests at once must not turn it back.
    seen: Mutex<BTreeMap<String, Seen>>,
}

/// The largest tree of an origin that was proved and cosigned.
#[derive(Clone, Debug)]
struct Seen {
    checkpoint: Checkpoint,
    /// With the signature that we verified and our own; no other line is ever kept.
    note: String,
    time: u64,
}

impl Witness {
    /// A witness with its key, its own directory, and the logs that it knows.
    ///
    /// # Errors
    /// [`io::Error`] from the store, also for a state that is not ours.
    pub fn open(
        store: Arc<dyn Store>,
        key: SigningKey,
        clock: Arc<dyn Clock>,
        logs: impl IntoIterator<Item = VerifierKey>,
    ) -> io::Result<Self> {
        store.create_dir("witness")?;
        // A power cut must not take the directory with all that was cosigned.
        store.sync_dir(".")?;
        let logs: BTreeMap<String, VerifierKey> = logs
            .into_iter()
            .map(|key| (key.name().to_owned(), key))
            .collect();
        let mut seen = BTreeMap::new();
        for (origin, log) in &logs {
            let Some(note) = store.read_if_there(&state_path(origin))? else {
                continue;
            };
            let damaged = || {
                io::Error::other(format!(
                    "what was cosigned of {origin} cannot be read; nothing may be cosigned"
                ))
            };
            let opened = checkpoint::open(&note, &[log.clone(), key.verifier().clone()])
                .map_err(|_| damaged())?;
            let own = opened
                .by()
                .iter()
                .find(|s| s.key() == key.verifier())
                .and_then(|s| s.time())
                .ok_or_else(damaged)?;
            let note = String::from_utf8(note).map_err(|_| damaged())?;
            seen.insert(
                origin.clone(),
                Seen {
                    checkpoint: opened.checkpoint().clone(),
                    note,
                    time: own,
                },
            );
        }
        Ok(Self {
            store,
            key,
            clock,
            logs,
            seen: Mutex::new(seen),
        })
    }

    /// The newest cosigned checkpoint of a log, as it may be handed to anybody.
    pub fn newest(&self, origin: &str) -> Option<String> {
        self.seen
            .lock()
            .expect(NO_PANIC)
            .get(origin)
            .map(|seen| seen.note.clone())
    }

    /// Answers `add-checkpoint`.
    ///
    /// # Errors
    /// [`io::Error`] if the new state could not be persisted: then nothing was cosigned.
    pub fn add_checkpoint(&self, body: &[u8]) -> io::Result<Answer> {
        let Ok(request) = Request::parse(body) else {
            return Ok(Answer::Malformed);
        };
        let Ok(note) = Note::parse(request.checkpoint.as_bytes()) else {
            return Ok(Answer::Malformed);
        };
        let origin = note
            .unverified_text()
            .split('\n')
            .next()
            .unwrap_or_default()
            .to_owned();
        let Some(log) = self.logs.get(&origin) else {
            return Ok(Answer::UnknownOrigin);
        };
        let Ok(opened) = checkpoint::open(request.checkpoint.as_bytes(), std::slice::from_ref(log))
        else {
            return Ok(Answer::Untrusted);
        };
        let new = opened.checkpoint();
        if request.old > new.size {
            return Ok(Answer::Malformed);
        }
        let mut seen = self.seen.lock().expect(NO_PANIC);
        let last = seen.get(&origin);
        let known = last.map_or(0, |s| s.checkpoint.size);
        if request.old != known {
            return Ok(Answer::Conflict { size: known });
        }
        if !continues(last.map(|s| &s.checkpoint), new, &request.proof) {
            return Ok(Answer::Unproven);
        }
        let now = u64::try_from(self.clock.now() / 1_000_000).unwrap_or(0);
        let time = now.max(last.map_or(1, |s| s.time)).max(1);
        let text = note.unverified_text();
        let line = cosignature::cosign(text, time, &self.key).map_err(io::Error::other)?;
        let kept: Vec<SignatureLine> = note
            .signatures()
            .iter()
            .find(|l| l.id() == log.id() && l.name() == log.name())
            .cloned()
            .into_iter()
            .chain([line.clone()])
            .collect();
        let note = Note::new(text, kept).map_err(io::Error::other)?.to_string();
        self.store.replace(&state_path(&origin), note.as_bytes())?;
        seen.insert(
            origin,
            Seen {
                checkpoint: new.clone(),
                note,
                time,
            },
        );
        Ok(Answer::Cosigned(vec![line]))
    }
}

/// Whether a checkpoint continues the one that was seen before.
fn continues(last: Option<&Checkpoint>, new: &Checkpoint, proof: &[Hash]) -> bool {
    match last {
        None if new.size == 0 => proof.is_empty() && new.root == Sha256::empty(),
        None => proof.is_empty(),
        Some(last) if last.size == 0 => proof.is_empty() && (new.size > 0 || new.root == last.root),
        Some(last) if last.size == new.size => proof.is_empty() && last.root == new.root,
        Some(last) => {
            tree::verify_consistency::<Sha256>(last.size, new.size, proof, &last.root, &new.root)
                .is_ok()
        }
    }
}

/// Origins hold slashes and may be long: a file is named by their hash.
fn state_path(origin: &str) -> String {
    let hash = Digest256::digest(origin.as_bytes());
    let hex: String = hash.iter().map(|b| format!("{b:02x}")).collect();
    format!("witness/{hex}")
}
