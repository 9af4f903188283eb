//! What is kept beside an entry: its dedup key and its body.
//!
//! One record an entry: `flags u8 ‖ [key 32] ‖ [length u32 ‖ body]`, flags 1 = key, 2 = body, 4 = body erased (its bytes are
//! zeros then, its length stays). A file `bodies/<N>` holds the 256 records of bundle N after `LHSIDES1 ‖ CRC32C`; no file
//! where no entry of the bundle has anything beside it. Not hashed into the tree: entries commit to bodies themselves.

/// First bytes of a file of sides.
const MAGIC: &[u8; 8] = b"LHSIDES1";
const FILE_HEAD: usize = 12;
const KEY: u8 = 1;
const BODY: u8 = 2;
const ERASED: u8 = 4;

/// The body beside an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BodyState {
    /// The entry never had one.
    None,
    /// Its bytes.
    Present(Vec<u8>),
    /// Erased: the entry and its proof stand.
    Erased,
}

/// One record, borrowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Side<'a> {
    pub(crate) key: Option<&'a [u8; 32]>,
    /// Body bytes and whether they were erased.
    pub(crate) body: Option<(&'a [u8], bool)>,
}

impl Side<'_> {
    pub(crate) fn state(&self) -> BodyState {
        match self.body {
            None => BodyState::None,
            Some((_, true)) => BodyState::Erased,
            Some((bytes, false)) => BodyState::Present(bytes.to_vec()),
        }
    }
}

/// Why a file of sides cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a record of keys and bodies is damaged at byte {at}")]
pub(crate) struct SideError {
    /// Where reading stopped.
    pub(crate) at: usize,
}

/// Appends a record.
pub(crate) fn push(out: &mut Vec<u8>, key: Option<&[u8; 32]>, body: Option<&[u8]>) {
    let flags = if key.is_some() { KEY } else { 0 } | if body.is_some() { BODY } else { 0 };
    out.push(flags);
    if let Some(key) = key {
        out.extend_from_slice(key);
    }
    if let Some(body) = body {
        let len = u32::try_from(body.len()).expect("bodies are limited to MAX_BODY");
        out.extend_from_slice(&len.to_be_bytes());
        out.extend_from_slice(body);
    }
}

/// Reads the record at `at` and says where the next begins.
pub(crate) fn take(bytes: &[u8], at: usize) -> Result<(Side<'_>, usize), SideError> {
    let fail = || SideError { at };
    let flags = *bytes.get(at).ok_or_else(fail)?;
    let erased = flags & ERASED != 0;
    if flags & !(KEY | BODY | ERASED) != 0 || (erased && flags & BODY == 0) {
        return Err(fail());
    }
    let mut next = at + 1;
    let key = if flags & KEY != 0 {
        let key = bytes
            .get(next..)
            .and_then(|b| b.first_chunk())
            .ok_or_else(fail)?;
        next += 32;
        Some(key)
    } else {
        None
    };
    let body = if flags & BODY != 0 {
        let len: &[u8; 4] = bytes
            .get(next..)
            .and_then(|b| b.first_chunk())
            .ok_or_else(fail)?;
        next += 4;
        let body = bytes
            .get(next..)
            .and_then(|b| b.get(..u32::from_be_bytes(*len) as usize))
            .ok_or_else(fail)?;
        next += body.len();
        Some((body, erased))
    } else {
        None
    };
    Ok((Side { key, body }, next))
}

/// Where each of `count` records begins, and the end of the last.
pub(crate) fn offsets(bytes: &[u8], count: usize) -> Result<Vec<usize>, SideError> {
    let mut offsets = Vec::with_capacity(count + 1);
    let mut at = 0;
    for _ in 0..count {
        offsets.push(at);
        at = take(bytes, at)?.1;
    }
    offsets.push(at);
    Ok(offsets)
}

/// Zeroes the body of the record at `at`; its key and every offset stay. False if there was nothing to erase.
pub(crate) fn erase(bytes: &mut [u8], at: usize) -> Result<bool, SideError> {
    let (side, next) = take(bytes, at)?;
    let Some((body, erased)) = side.body else {
        return Ok(false);
    };
    let len = body.len();
    bytes[at] |= ERASED;
    bytes[next - len..next].fill(0);
    Ok(!erased)
}

/// The bytes of a file of sides.
pub(crate) fn file(records: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(FILE_HEAD + records.len());
    out.extend_from_slice(MAGIC);
    out.extend_from_slice(&crc32c::crc32c(records).to_be_bytes());
    out.extend_from_slice(records);
    out
}

/// The records of a file of sides.
pub(crate) fn records(file: &[u8]) -> Result<&[u8], SideError> {
    let records = records_unchecked(file)?;
    let crc = u32::from_be_bytes(file[8..FILE_HEAD].try_into().expect("4 bytes"));
    if crc32c::crc32c(records) == crc {
        Ok(records)
    } else {
        Err(SideError { at: 8 })
    }
}

/// As [`records`] where an erasure was interrupted and the check sum is not to be believed.
pub(crate) fn records_unchecked(file: &[u8]) -> Result<&[u8], SideError> {
    if file.len() >= FILE_HEAD && file.starts_with(MAGIC) {
        Ok(&file[FILE_HEAD..])
    } else {
        Err(SideError { at: 0 })
    }
}

/// Whether any of these records says anything.
pub(crate) fn is_blank(records: &[u8]) -> bool {
    records.iter().all(|b| *b == 0)
}
