//! From a path to text: unpacking, decoding, sniffing. Every stage streams.
//!
//! Not a parser. The order is: file → bytes counted → gunzip with a bound → decode to UTF-8 → [`scan`].

pub(crate) mod csv;
pub(crate) mod encoding;
mod gunzip;
pub(crate) mod json;
pub(crate) mod scan;
pub(crate) mod xml;

use std::{
    cell::Cell,
    fs::File,
    io::{self, BufReader, Cursor, Read},
    rc::Rc,
};

use encoding_rs::{Encoding, UTF_8};

pub(crate) use gunzip::Bomb;
use gunzip::Gunzip;

use crate::{Cause, Options, Source};

/// Which parser a file goes to; the version of OCEL is found by that parser.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Family {
    Xml,
    Json,
    Sqlite,
    Csv,
}

/// An opened file: unpacked, decoded, ready for a parser.
pub(crate) struct Opened {
    pub family: Family,
    pub encoding: &'static Encoding,
    pub gzip: bool,
    /// The beginning, decoded.
    pub head: String,
    /// The whole, decoded unless SQLite. Not yet checked to be UTF-8.
    pub text: Box<dyn Read>,
    pub read: Rc<Cell<u64>>,
    pub total: u64,
    pub unpacked: Rc<Cell<u64>>,
}

/// Bytes looked at before the first is parsed.
const HEAD: usize = 64 << 10;

impl Source<'_> {
    fn open(self) -> Result<(Box<dyn Read>, u64), Cause> {
        match self {
            Self::Path(path) => {
                let fail = |source| Cause::Open {
                    path: path.to_owned(),
                    source,
                };
                let file = File::open(path).map_err(fail)?;
                let meta = file.metadata().map_err(fail)?;
                if meta.is_dir() {
                    return Err(fail(io::Error::new(
                        io::ErrorKind::IsADirectory,
                        "it is a directory",
                    )));
                }
                Ok((Box::new(file), meta.len()))
            }
            // A copy, because parsers own what they read; callers of this variant hold small inputs.
            Self::Bytes(bytes) => Ok((Box::new(Cursor::new(bytes.to_vec())), bytes.len() as u64)),
        }
    }

    pub(crate) fn opened(self, options: &Options) -> Result<Opened, Cause> {
        let (file, total) = self.open()?;
        let read = Rc::new(Cell::new(0));
        let unpacked = Rc::new(Cell::new(0));
        let mut raw: Box<dyn Read> = Box::new(BufReader::with_capacity(
            64 << 10,
            Counted {
                inner: file,
                read: read.clone(),
            },
        ));
        let failed = |source| Cause::Io { line: 1, source };
        let magic = peek(&mut raw, 2).map_err(&failed)?;
        let gzip = magic == [0x1F, 0x8B];
        raw = Box::new(Cursor::new(magic).chain(raw));
        if gzip {
            raw = Box::new(Gunzip::new(
                raw,
                read.clone(),
                unpacked.clone(),
                &options.limits,
            ));
        }
        let head = peek(&mut raw, HEAD).map_err(|e| match Bomb::of(&e) {
            Some(bomb) => Cause::Bomb {
                unpacked: bomb.unpacked,
                ratio: bomb.ratio,
            },
            None if gzip => Cause::Gzip {
                unpacked: unpacked.get(),
                line: 1,
                detail: e.to_string(),
            },
            None => failed(e),
        })?;
        let whole = head.len() < HEAD;
        if let Some(found) = foreign(&head) {
            return Err(Cause::Unrecognised {
                found: found.to_owned(),
            });
        }
        let said = options.format.map(crate::Format::family);
        if head.starts_with(b"SQLite format 3\0") {
            check(said, Family::Sqlite, options)?;
            let text: Box<dyn Read> = Box::new(Cursor::new(head).chain(raw));
            return Ok(Opened {
                family: Family::Sqlite,
                encoding: UTF_8,
                gzip,
                head: String::new(),
                text,
                read,
                total,
                unpacked,
            });
        }
        if said == Some(Family::Sqlite) {
            check(said, Family::Csv, options)?;
        }
        let chosen = match &options.encoding {
            Some(label) => {
                let unknown = || Cause::UnknownEncoding {
                    label: label.clone(),
                };
                Some(Encoding::for_label(label.as_bytes()).ok_or_else(unknown)?)
            }
            None => None,
        };
        let (encoding, bom) = encoding::detect(&head, chosen, whole)?;
        let text_head = encoding::head_text(&head[bom..], encoding);
        let family = match text_head.trim_start().chars().next() {
            None => {
                return Err(Cause::Unrecognised {
                    found: "the file is empty".into(),
                });
            }
            Some('<') => Family::Xml,
            Some('{') => Family::Json,
            Some('[') if said != Some(Family::Csv) => {
                return Err(Cause::Unrecognised {
                    found: "a JSON array; OCEL is an object with `events` and `objects`".into(),
                });
            }
            Some(_) => Family::Csv,
        };
        check(said, family, options)?;
        let raw: Box<dyn Read> = Box::new(Cursor::new(head[bom..].to_vec()).chain(raw));
        let text = if encoding == UTF_8 {
            raw
        } else {
            Box::new(encoding::Decode::new(raw, encoding))
        };
        Ok(Opened {
            family,
            encoding,
            gzip,
            head: text_head,
            text,
            read,
            total,
            unpacked,
        })
    }
}

/// The caller's word stands against content only where content leaves room: anything may be a CSV.
fn check(said: Option<Family>, found: Family, options: &Options) -> Result<(), Cause> {
    match (said, options.format) {
        (Some(said), Some(format)) if said != found => Err(Cause::WrongFormat { said: format }),
        _ => Ok(()),
    }
}

/// Formats that people try and that are none of ours.
fn foreign(head: &[u8]) -> Option<&'static str> {
    Some(match head {
        [b'P', b'K', 3, 4, ..] => {
            "a ZIP archive (perhaps .xlsx); unpack it, or save the sheet as CSV"
        }
        [0x28, 0xB5, 0x2F, 0xFD, ..] => "packed with zstd; unpack it first",
        [b'B', b'Z', b'h', ..] => "packed with bzip2; unpack it first",
        [0xFD, b'7', b'z', b'X', b'Z', ..] => "packed with xz; unpack it first",
        [0x1F, 0x8B, ..] => "packed with gzip twice; unpack it once",
        [b'P', b'A', b'R', b'1', ..] => "a Parquet file; save it as CSV",
        _ => return None,
    })
}

fn peek(r: &mut dyn Read, n: usize) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    let mut block = vec![0; n];
    while head.len() < n {
        match r.read(&mut block[..n - head.len()]) {
            Ok(0) => break,
            Ok(k) => head.extend_from_slice(&block[..k]),
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            // What was read before is still worth parsing; the error comes again when the parser gets there.
            Err(e) if head.is_empty() || Bomb::of(&e).is_some() => return Err(e),
            Err(_) => break,
        }
    }
    Ok(head)
}

struct Counted<R> {
    inner: R,
    read: Rc<Cell<u64>>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(out)?;
        self.read.set(self.read.get() + n as u64);
        Ok(n)
    }
}
