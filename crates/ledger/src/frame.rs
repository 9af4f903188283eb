//! The frame: one batch in one piece of the write-ahead log, committed by its own last bytes.
//!
//! | part | bytes | content |
//! |---|---|---|
//! | head | 128 | magic, kind, epoch, sequence number, first index, count, lengths, time, link to the frame before, CRC32C of the head |
//! | entries | | `u16 length ‖ bytes`, exactly the encoding of a bundle (C2SP tlog-tiles v0.1.0) |
//! | sides | | dedup key and body of each entry, see [`crate::side`] |
//! | commit | 44 | size and root after this frame, CRC32C over everything before |
//!
//! Padded with zeros to [`BLOCK`], so that a torn write cannot touch the frame before. Integers are big-endian. The
//! commit lies inside: there is no second write that could be missing. Not a general journal: only the ledger writes it.

use sha2::{Digest, Sha256};
use tlog::Hash;

/// Frames begin and end on multiples of this.
pub(crate) const BLOCK: usize = 4096;
pub(crate) const HEAD: usize = 128;
pub(crate) const COMMIT: usize = 44;
const MAGIC: &[u8; 8] = b"LHFRAME1";

/// What a frame is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// New entries; none at all in a pause, so that a damaged frame before it is not the last one.
    Batch,
    /// The first of each segment: the entries that are not yet in a full bundle, once more, so that segments before it
    /// can go.
    Carry,
}

/// What stands in the first 128 bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// What it is for.
    pub kind: Kind,
    /// Opening of the log in which it was written.
    pub epoch: u64,
    /// Number of the frame, without gaps.
    pub sequence: u64,
    /// Index of its first entry.
    pub first: u64,
    /// Entries.
    pub count: u32,
    /// Bytes of entries.
    pub entries_len: u64,
    /// Bytes of sides.
    pub sides_len: u64,
    /// `recorded` of the batch, µs.
    pub time: i64,
    /// [`Frame::link`] of the frame before.
    pub previous: Hash,
}

/// A frame, read and checked in itself; that it continues the one before is the reader's to check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame<'a> {
    /// The head.
    pub head: Head,
    /// Entries in bundle encoding.
    pub entries: &'a [u8],
    /// Sides.
    pub sides: &'a [u8],
    /// Size of the log after it.
    pub size: u64,
    /// Root at that size.
    pub root: Hash,
    /// What the next frame names as `previous`.
    pub link: Hash,
}

/// Why bytes are not a frame.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// No magic: zeros, or something else altogether.
    #[error("no frame begins here")]
    NoFrame,
    /// Head damaged.
    #[error("the head of the frame is damaged")]
    Head,
    /// Cut short.
    #[error("the frame has {want} bytes, {have} are there")]
    Short {
        /// Bytes that it should have.
        want: u64,
        /// Bytes there.
        have: u64,
    },
    /// Content damaged.
    #[error("the check sum of the frame does not hold")]
    CheckSum,
    /// Good check sum, impossible content: written by a broken program.
    #[error("the frame contradicts itself")]
    Contradiction,
}

impl Head {
    /// Reads the head alone.
    ///
    /// # Errors
    /// [`FrameError::NoFrame`], [`FrameError::Head`], or [`FrameError::Short`].
    pub fn parse(bytes: &[u8]) -> Result<Self, FrameError> {
        let short = FrameError::Short {
            want: HEAD as u64,
            have: bytes.len() as u64,
        };
        let head: &[u8; HEAD] = bytes.first_chunk().ok_or(short)?;
        if &head[..8] != MAGIC {
            return Err(FrameError::NoFrame);
        }
        let u64_at = |at: usize| u64::from_be_bytes(head[at..at + 8].try_into().expect("8 bytes"));
        let crc = u32::from_be_bytes(head[112..116].try_into().expect("4 bytes"));
        if crc32c::crc32c(&head[..112]) != crc || head[116..].iter().any(|b| *b != 0) {
            return Err(FrameError::Head);
        }
        let kind = match u64_at(8) {
            0 => Kind::Batch,
            1 => Kind::Carry,
            _ => return Err(FrameError::Contradiction),
        };
        let parsed = Self {
            kind,
            epoch: u64_at(16),
            sequence: u64_at(24),
            first: u64_at(32),
            count: u32::try_from(u64_at(40)).map_err(|_| FrameError::Contradiction)?,
            entries_len: u64_at(48),
            sides_len: u64_at(56),
            time: u64_at(64).cast_signed(),
            previous: head[72..104].try_into().expect("32 bytes"),
        };
        // An entry has two bytes at least, a side one: whoever reads on may make room for so many.
        let count = u64::from(parsed.count);
        if u64_at(104) != 0
            || parsed.entries_len.max(parsed.sides_len) > 1 << 40
            || 2 * count > parsed.entries_len
            || count > parsed.sides_len
        {
            return Err(FrameError::Contradiction);
        }
        Ok(parsed)
    }

    /// Bytes of the frame on disk, padding included.
    pub fn frame_len(&self) -> u64 {
        (HEAD as u64 + self.entries_len + self.sides_len + COMMIT as u64)
            .next_multiple_of(BLOCK as u64)
    }

    fn write(&self, out: &mut [u8]) {
        out[..8].copy_from_slice(MAGIC);
        let kind = match self.kind {
            Kind::Batch => 0,
            Kind::Carry => 1,
        };
        let fields = [
            kind,
            self.epoch,
            self.sequence,
            self.first,
            u64::from(self.count),
            self.entries_len,
            self.sides_len,
            self.time.cast_unsigned(),
        ];
        for (n, field) in fields.iter().enumerate() {
            out[8 + 8 * n..16 + 8 * n].copy_from_slice(&field.to_be_bytes());
        }
        out[72..104].copy_from_slice(&self.previous);
        out[104..HEAD].fill(0);
        let crc = crc32c::crc32c(&out[..112]);
        out[112..116].copy_from_slice(&crc.to_be_bytes());
    }
}

/// The bytes of a frame, with its link.
pub(crate) fn write(
    head: &Head,
    entries: &[u8],
    sides: &[u8],
    size: u64,
    root: &Hash,
) -> (Vec<u8>, Hash) {
    let mut out = vec![0; HEAD];
    out.reserve_exact(usize::try_from(head.frame_len()).expect("a frame fits in memory") - HEAD);
    head.write(&mut out);
    out.extend_from_slice(entries);
    out.extend_from_slice(sides);
    let commit_at = out.len();
    out.extend_from_slice(&size.to_be_bytes());
    out.extend_from_slice(root);
    let crc = crc32c::crc32c(&out);
    out.extend_from_slice(&crc.to_be_bytes());
    let link = link(&out[..HEAD], &out[commit_at..]);
    out.resize(out.len().next_multiple_of(BLOCK), 0);
    (out, link)
}

/// Covers head and commit, and through root and check sum everything between: hashing the bytes again would cost the
/// write path a tenth of its speed and tell nothing more.
fn link(head: &[u8], commit: &[u8]) -> Hash {
    Sha256::new()
        .chain_update(head)
        .chain_update(commit)
        .finalize()
        .into()
}

impl<'a> Frame<'a> {
    /// The bytes that say this, padding included; `link` follows from the rest and is not looked at.
    pub fn bytes(&self) -> Vec<u8> {
        write(&self.head, self.entries, self.sides, self.size, &self.root).0
    }

    /// Reads the frame that begins with these bytes; what follows it is ignored.
    ///
    /// # Errors
    /// As [`FrameError`] says; never panics on any bytes.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, FrameError> {
        let head = Head::parse(bytes)?;
        let have = bytes.len() as u64;
        let want = head.frame_len();
        if have < want {
            return Err(FrameError::Short { want, have });
        }
        let fits = "not longer than the bytes at hand";
        let entries_end = HEAD + usize::try_from(head.entries_len).expect(fits);
        let sides_end = entries_end + usize::try_from(head.sides_len).expect(fits);
        let commit = &bytes[sides_end..sides_end + COMMIT];
        let crc = u32::from_be_bytes(commit[40..].try_into().expect("4 bytes"));
        if crc32c::crc32c(&bytes[..sides_end + 40]) != crc {
            return Err(FrameError::CheckSum);
        }
        let size = u64::from_be_bytes(commit[..8].try_into().expect("8 bytes"));
        if head.first.checked_add(u64::from(head.count)) != Some(size) {
            return Err(FrameError::Contradiction);
        }
        Ok(Self {
            entries: &bytes[HEAD..entries_end],
            sides: &bytes[entries_end..sides_end],
            size,
            root: commit[8..40].try_into().expect("32 bytes"),
            link: link(&bytes[..HEAD], commit),
            head,
        })
    }
}
