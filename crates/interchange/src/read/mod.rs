//! From a file to items: finds the format, hands over to its reader, counts.
//!
//! Not a parser; each format has its own module.

mod csv;
mod index;
mod ocel_json;
mod ocel_sqlite;
mod ocel_xml;
mod out;
mod passes;
mod xes;
mod xes_attr;

pub(crate) use out::{boolean, float};
pub(crate) use xes::{ID, NAME, TIME};

use std::{
    io::{self, Cursor, Read, Write},
    path::Path,
};

use crate::{
    Cause, Format, Limits, Mapping, Options, ReadError, Sink,
    input::{Family, Opened, json, scan::Scanner, xml},
};
use out::Out;

/// Where a log is read from. Both can be read twice, which some files need.
#[derive(Clone, Copy, Debug)]
pub enum Source<'a> {
    /// A file. It must not change while it is read.
    Path(&'a Path),
    /// A whole log in memory: for tests and small uploads.
    Bytes(&'a [u8]),
}

/// What was read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Summary {
    /// The format found; `None` if the reading ended before.
    pub format: Option<Format>,
    /// The file was packed with gzip.
    pub gzip: bool,
    /// Encoding of the text, for example `UTF-8`; `None` for SQLite.
    pub encoding: Option<&'static str>,
    /// Events delivered.
    pub events: u64,
    /// Objects delivered; the same object twice counts twice.
    pub objects: u64,
    /// Rejects delivered.
    pub rejects: u64,
    /// Times that had no zone, taken by [`Options::zone`] or refused.
    pub times_without_zone: u64,
    /// Bytes of the file (packed, if it was) that were read; more than its size where it was read twice.
    pub bytes: u64,
    /// The mapping by which a CSV was read.
    pub mapping: Option<Mapping>,
}

/// Reads a log and hands every item to `sink`.
///
/// # Errors
/// [`ReadError`] where the file as a whole cannot be read on. Items delivered before remain valid. Elements that are
/// bad by themselves go to [`Sink::reject`] and are no error.
pub fn read(
    source: Source<'_>,
    options: &Options,
    sink: &mut dyn Sink,
) -> Result<Summary, ReadError> {
    let mut out = Out::new(options, sink);
    let done = all(source, &mut out);
    out.end();
    match done {
        Ok(()) => Ok(out.summary),
        Err(cause) => Err(ReadError {
            cause,
            summary: Box::new(out.summary),
        }),
    }
}

pub(crate) fn detect(source: Source<'_>) -> Result<Format, ReadError> {
    let found = source
        .opened(&Options::default())
        .and_then(|opened| format_of(&opened, None));
    found.map_err(|cause| ReadError {
        cause,
        summary: Box::default(),
    })
}

fn all(source: Source<'_>, out: &mut Out<'_>) -> Result<(), Cause> {
    let opened = source.opened(out.options)?;
    let format = format_of(&opened, out.options.format)?;
    out.summary.format = Some(format);
    out.summary.gzip = opened.gzip;
    out.summary.encoding = (format != Format::OcelSqlite).then(|| opened.encoding.name());
    match format {
        Format::Xes => text(opened, out, |scan, out| {
            let mut xml = xml::Xml::new(scan, &out.options.limits);
            (xes::read(&mut xml, out), xml.line_reached())
        }),
        Format::OcelXml | Format::Ocel1Xml => {
            let mut state = ocel_xml::State::default();
            state.passes.untyped = format == Format::Ocel1Xml;
            passes(source, opened, out, |scan, out| {
                let mut xml = xml::Xml::new(scan, &out.options.limits);
                let done = ocel_xml::read(&mut xml, &mut state, out);
                (done, xml.line_reached(), state.passes.end())
            })
        }
        Format::OcelJson | Format::Ocel1Json => {
            let mut state = ocel_json::State::default();
            state.passes.untyped = format == Format::Ocel1Json;
            passes(source, opened, out, |scan, out| {
                let mut json = json::Json::new(scan, &out.options.limits);
                let done = ocel_json::read(&mut json, &mut state, out);
                (done, json.line_reached(), state.passes.end())
            })
        }
        Format::Csv => {
            let head = opened.head.clone();
            text(opened, out, |scan, out| {
                let mut line = 1;
                let done = csv::read(scan, &head, out, &mut line);
                (done, line)
            })
        }
        Format::OcelSqlite => sqlite(source, opened, out),
    }
}

/// One pass over a text.
fn text(
    opened: Opened,
    out: &mut Out<'_>,
    reader: impl FnOnce(Scanner, &mut Out<'_>) -> (Result<(), Cause>, u64),
) -> Result<(), Cause> {
    let (gzip, unpacked) = (opened.gzip, opened.unpacked.clone());
    out.pass(opened.read.clone(), opened.total);
    let (done, line) = reader(Scanner::new(opened.text), out);
    done.map_err(|cause| located(cause, line, gzip, unpacked.get()))
}

/// As many passes as the order of the sections needs. An error in one does not keep the others from what lies before it.
fn passes(
    source: Source<'_>,
    opened: Opened,
    out: &mut Out<'_>,
    mut reader: impl FnMut(Scanner, &mut Out<'_>) -> (Result<(), Cause>, u64, bool),
) -> Result<(), Cause> {
    let mut next = Some(opened);
    let mut first = Ok(());
    while let Some(opened) = next.take() {
        let mut again = false;
        let done = text(opened, out, |scan, out| {
            let (done, line, more) = reader(scan, out);
            again = more;
            (done, line)
        });
        if matches!(done, Err(Cause::Stopped)) {
            return done;
        }
        first = first.and(done);
        if again {
            next = Some(source.opened(out.options)?);
        }
    }
    first
}

/// Adds the line, and says what it was that could not be read on.
fn located(cause: Cause, line: u64, gzip: bool, unpacked: u64) -> Cause {
    match cause {
        Cause::Io { source, .. } if gzip && source.raw_os_error().is_none() => Cause::Gzip {
            unpacked,
            line,
            detail: source.to_string(),
        },
        Cause::Io { source, .. } => Cause::Io { line, source },
        cause => cause,
    }
}

/// SQLite needs a file, so what is packed or in memory is copied into a temporary one, within the bound of a bomb.
fn sqlite(source: Source<'_>, mut opened: Opened, out: &mut Out<'_>) -> Result<(), Cause> {
    out.pass(opened.read.clone(), opened.total);
    if let (Source::Path(path), false) = (source, opened.gzip) {
        opened.read.set(opened.total);
        return ocel_sqlite::read(path, out);
    }
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("log.sqlite");
    let mut file = std::fs::File::create_new(&path)?;
    io::copy(&mut opened.text, &mut file)
        .map_err(|e| located(e.into(), 0, opened.gzip, opened.unpacked.get()))?;
    file.flush()?;
    drop(file);
    ocel_sqlite::read(&path, out)
}

/// The format by content. The caller's choice decides only where content does not.
fn format_of(opened: &Opened, said: Option<Format>) -> Result<Format, Cause> {
    let limits = Limits {
        attribute: 1 << 20,
        ..Limits::default()
    };
    let head =
        || Scanner::new(Box::new(Cursor::new(opened.head.clone().into_bytes())) as Box<dyn Read>);
    let found = match opened.family {
        Family::Csv => Some(Format::Csv),
        Family::Sqlite => Some(Format::OcelSqlite),
        Family::Xml => xml_format(&mut xml::Xml::new(head(), &limits))?,
        Family::Json => json_format(&mut json::Json::new(head(), &limits))?,
    };
    match (found, said) {
        (Some(found), Some(said)) if found != said => Err(Cause::WrongFormat { said }),
        (Some(found), _) => Ok(found),
        (None, Some(said)) => Ok(said),
        (None, None) if opened.family == Family::Xml => Ok(Format::Xes),
        (None, None) => Ok(Format::OcelJson),
    }
}

/// By the first children of the root. `None` if the head says nothing, because it is short or long.
fn xml_format(xml: &mut xml::Xml) -> Result<Option<Format>, Cause> {
    use xml::Token;
    let mut seen = false;
    loop {
        let token = match xml.next() {
            Ok(token) => token,
            Err(doctype @ Cause::Doctype { .. }) => return Err(doctype),
            // Cut off by the end of the head, or broken: the reader will say so, after what came before.
            Err(_) => return Ok(None),
        };
        match token {
            Token::Start | Token::Empty => {}
            Token::Eof => return Ok(None),
            _ => continue,
        }
        let empty = token == Token::Empty;
        if !seen {
            seen = true;
            if xml.name() != b"log" && xml.name() != b"ocel" {
                let found = format!(
                    "XML with the root <{}>; XES and OCEL have <log>",
                    crate::item::cut(&String::from_utf8_lossy(xml.name()))
                );
                return Err(Cause::Unrecognised { found });
            }
            continue;
        }
        let scope = xml.attr(b"scope").map(|s| s.into_owned());
        match xml.name() {
            b"object-types" | b"event-types" => return Ok(Some(Format::OcelXml)),
            b"trace" | b"event" | b"extension" | b"classifier" => return Ok(Some(Format::Xes)),
            name if xes_attr::attr_kind(name).is_some() => return Ok(Some(Format::Xes)),
            b"global" if matches!(scope.as_deref(), Some("object" | "log")) => {
                return Ok(Some(Format::Ocel1Xml));
            }
            b"objects" | b"events" => {
                return Ok(match xml.next() {
                    Ok(Token::Start | Token::Empty) if xml.attr(b"id").is_some() => {
                        Some(Format::OcelXml)
                    }
                    Ok(Token::Start | Token::Empty) => Some(Format::Ocel1Xml),
                    _ => Some(Format::OcelXml),
                });
            }
            _ => {
                if xes::skip(xml, empty).is_err() {
                    return Ok(None);
                }
            }
        }
    }
}

/// By the names of the outermost members.
fn json_format(json: &mut json::Json) -> Result<Option<Format>, Cause> {
    use json::Token;
    let mut members = 0;
    loop {
        match json.next() {
            Ok(Token::Key) => {
                members += 1;
                match json.text() {
                    key if key.starts_with("ocel:") => return Ok(Some(Format::Ocel1Json)),
                    "objectTypes" | "eventTypes" | "objects" | "events" => {
                        return Ok(Some(Format::OcelJson));
                    }
                    _ => {}
                }
                let Ok(first) = json.next() else {
                    return Ok(None);
                };
                if json.skip(first).is_err() {
                    return Ok(None);
                }
            }
            Ok(Token::Object) => {}
            Ok(_) => {
                let found =
                    format!("JSON with {members} members, none of them `events` or `objects`");
                return Err(Cause::Unrecognised { found });
            }
            Err(_) => return Ok(None),
        }
    }
}
