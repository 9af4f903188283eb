//! gzip with a bound: members one after another, stopped when they unpack to more than any log would.
//!
//! Errors stay errors: asked again after one, it gives the same again, so that what lies before can still be parsed.

use std::{
    cell::Cell,
    fmt,
    io::{self, BufReader, Read},
    rc::Rc,
};

use flate2::bufread::MultiGzDecoder;

use crate::Limits;

/// The unpacked size broke the limit.
#[derive(Debug)]
pub(crate) struct Bomb {
    pub unpacked: u64,
    pub ratio: u64,
}

impl Bomb {
    pub(crate) fn of(e: &io::Error) -> Option<&Self> {
        e.get_ref()?.downcast_ref()
    }
}

impl fmt::Display for Bomb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} bytes unpacked, more than {} times the packed size",
            self.unpacked, self.ratio
        )
    }
}

impl std::error::Error for Bomb {}

pub(crate) struct Gunzip {
    inner: MultiGzDecoder<BufReader<Box<dyn Read>>>,
    packed: Rc<Cell<u64>>,
    unpacked: Rc<Cell<u64>>,
    free: u64,
    ratio: u64,
    failed: Option<(io::ErrorKind, String)>,
}

impl Gunzip {
    /// `packed` counts the bytes taken from the file, `unpacked` those given out.
    pub(crate) fn new(
        inner: Box<dyn Read>,
        packed: Rc<Cell<u64>>,
        unpacked: Rc<Cell<u64>>,
        limits: &Limits,
    ) -> Self {
        let inner = MultiGzDecoder::new(BufReader::with_capacity(32 << 10, inner));
        Self {
            inner,
            packed,
            unpacked,
            free: limits.gzip_free,
            ratio: limits.gzip_ratio,
            failed: None,
        }
    }
}

impl Read for Gunzip {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if let Some((kind, text)) = &self.failed {
            return Err(io::Error::new(*kind, text.clone()));
        }
        let n = self.inner.read(out).inspect_err(|e| {
            if e.kind() != io::ErrorKind::Interrupted {
                self.failed = Some((e.kind(), e.to_string()));
            }
        })?;
        let unpacked = self.unpacked.get() + n as u64;
        self.unpacked.set(unpacked);
        if unpacked > self.free && unpacked / self.ratio.max(1) > self.packed.get() {
            return Err(io::Error::other(Bomb {
                unpacked,
                ratio: self.ratio,
            }));
        }
        Ok(n)
    }
}
