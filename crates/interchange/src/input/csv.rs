//! CSV (RFC 4180) as rows of bounded cells. As spreadsheets and libraries read it: a quote within an unquoted cell is a
//! character, text behind a closing quote belongs to the cell, lines end with LF, CRLF or CR, empty lines are no rows.
//!
//! Our own, because a quote that never closes must be told from a cell that ends with the file; compared with the `csv`
//! crate in the tests.

use memchr::{memchr, memchr3};

use super::scan::Scanner;
use crate::{Cause, Limits};

/// Cells of one row that are held; more is no table.
const CELLS: usize = 16_384;

pub(crate) struct Rows {
    scan: Scanner,
    delimiter: u8,
    /// Contents of all cells, one after another.
    bytes: Vec<u8>,
    /// Where each cell ends in `bytes`.
    ends: Vec<usize>,
    /// First cell that is too long.
    too_long: Option<usize>,
    limit: usize,
    row_limit: usize,
    line: u64,
    number: u64,
}

impl Rows {
    pub(crate) fn new(scan: Scanner, delimiter: u8, limits: &Limits) -> Self {
        Self {
            scan,
            delimiter,
            bytes: Vec::new(),
            ends: Vec::new(),
            too_long: None,
            limit: limits.attribute,
            row_limit: limits.event,
            line: 1,
            number: 0,
        }
    }

    /// Line on which the row began.
    pub(crate) fn line(&self) -> u64 {
        self.line
    }

    /// Which row, the header being the first.
    pub(crate) fn number(&self) -> u64 {
        self.number
    }

    pub(crate) fn line_reached(&mut self) -> u64 {
        self.scan.line()
    }

    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The first cell that is longer than the limit.
    pub(crate) fn too_long(&self) -> Option<usize> {
        self.too_long
    }

    pub(crate) fn cell(&self, at: usize) -> &[u8] {
        let from = if at == 0 { 0 } else { self.ends[at - 1] };
        &self.bytes[from..self.ends[at]]
    }

    /// Reads the next row. False at the end of the file.
    pub(crate) fn next(&mut self) -> Result<bool, Cause> {
        self.bytes.clear();
        self.ends.clear();
        self.too_long = None;
        while matches!(self.scan.peek()?, Some(b'\n' | b'\r')) {
            self.scan.next()?;
        }
        if self.scan.peek()?.is_none() {
            return Ok(false);
        }
        self.line = self.scan.line();
        self.number += 1;
        loop {
            let more = self.one()?;
            if self.ends.len() == CELLS {
                let detail = format!("a row with more than {CELLS} cells");
                return Err(Cause::Malformed {
                    format: "CSV",
                    line: self.scan.line(),
                    detail,
                });
            }
            self.ends.push(self.bytes.len());
            if !more {
                return Ok(true);
            }
        }
    }

    /// Reads a cell. True if another follows in this row.
    fn one(&mut self) -> Result<bool, Cause> {
        let from = self.bytes.len();
        // One byte more than allowed, to see that it was too long.
        let most = (from + self.limit + 1).min(self.row_limit + 1);
        let delimiter = self.delimiter;
        let plain_end = |b: &[u8]| memchr3(delimiter, b'\n', b'\r', b);
        let mut whole = true;
        let mut end = self.scan.peek()?;
        if end == Some(b'"') {
            self.scan.next()?;
            loop {
                let (quote, kept) = self
                    .scan
                    .until(|b| memchr(b'"', b), &mut self.bytes, most)?;
                whole &= kept;
                if quote.is_none() {
                    let inside =
                        format!("a quoted cell that begins in the row at line {}", self.line);
                    return Err(Cause::Truncated {
                        line: self.scan.line(),
                        inside,
                    });
                }
                self.scan.next()?;
                end = self.scan.peek()?;
                if end != Some(b'"') {
                    break;
                }
                // A doubled quote.
                self.scan.next()?;
                if self.bytes.len() < most {
                    self.bytes.push(b'"');
                }
            }
        }
        if end.is_some() {
            let kept;
            (end, kept) = self.scan.until(plain_end, &mut self.bytes, most)?;
            whole &= kept;
        }
        if !whole || self.bytes.len() - from > self.limit || self.bytes.len() > self.row_limit {
            self.too_long.get_or_insert(self.ends.len());
            self.bytes.truncate(from);
        }
        match end {
            Some(byte) if byte == delimiter => {
                self.scan.next()?;
                Ok(true)
            }
            Some(b'\r') => {
                self.scan.next()?;
                if self.scan.peek()? == Some(b'\n') {
                    self.scan.next()?;
                }
                Ok(false)
            }
            Some(_) => {
                self.scan.next()?;
                Ok(false)
            }
            None => Ok(false),
        }
    }
}
