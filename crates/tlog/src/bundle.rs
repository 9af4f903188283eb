//! Entry bundles: repeated `u16 length ‖ entry`, big-endian (C2SP tlog-tiles v0.1.0).
//!
//! Is not a store and puts no limit on the number of entries: a full bundle holds 256, a frame of the ledger uses the
//! same encoding for more.

/// Longest entry in bytes; larger things are named by hash.
pub const MAX_ENTRY: usize = 65_535;

/// The entry does not fit into the length field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("entry has {len} bytes, at most {MAX_ENTRY} fit into a bundle")]
pub struct TooLong {
    /// Length of the entry, bytes.
    pub len: usize,
}

/// A bundle ends in the middle of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("bundle ends inside entry {entry}: {missing} bytes missing at offset {offset}")]
pub struct BundleError {
    /// Entry, counted from 0 within the bundle.
    pub entry: usize,
    /// Where the entry begins (its length field), bytes from the start of the bundle.
    pub offset: usize,
    /// Bytes that the entry lacks.
    pub missing: usize,
}

/// Appends one entry.
///
/// # Errors
/// [`TooLong`] above [`MAX_ENTRY`] bytes; `out` is then unchanged.
pub fn push(out: &mut Vec<u8>, entry: &[u8]) -> Result<(), TooLong> {
    let len = u16::try_from(entry.len()).map_err(|_| TooLong { len: entry.len() })?;
    out.extend_from_slice(&len.to_be_bytes());
    out.extend_from_slice(entry);
    Ok(())
}

/// The entries of a bundle in their order; the iterator ends after its first error.
pub fn iter(bundle: &[u8]) -> impl Iterator<Item = Result<&[u8], BundleError>> {
    Entries {
        bundle,
        offset: 0,
        entry: 0,
    }
}

struct Entries<'a> {
    bundle: &'a [u8],
    offset: usize,
    entry: usize,
}

impl<'a> Iterator for Entries<'a> {
    type Item = Result<&'a [u8], BundleError>;

    fn next(&mut self) -> Option<Self::Item> {
        let rest = self
            .bundle
            .get(self.offset..)
            .filter(|rest| !rest.is_empty())?;
        let wanted = match rest {
            [high, low, ..] => 2 + usize::from(u16::from_be_bytes([*high, *low])),
            _ => 2,
        };
        let (entry, offset) = (self.entry, self.offset);
        self.entry += 1;
        if rest.len() < wanted {
            self.offset = self.bundle.len();
            return Some(Err(BundleError {
                entry,
                offset,
                missing: wanted - rest.len(),
            }));
        }
        self.offset += wanted;
        Some(Ok(&rest[2..wanted]))
    }
}
