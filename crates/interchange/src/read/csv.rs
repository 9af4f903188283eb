//! CSV by a [`Mapping`], or by a guess.
//!
//! An object is delivered when its id is first seen, and again when its attributes have changed. A cell of blanks says
//! nothing. Not a spreadsheet: no formulas, no sheets, one header in the first row.

use std::{
    collections::HashMap,
    hash::{DefaultHasher, Hash, Hasher},
    io::Cursor,
};

use model::{Attr, Value};

use super::{
    index::Index,
    out::{Bad, Out},
};
use crate::{
    Cause, Event, EventObject, Limits, Mapping, Object, Place, Reject, What,
    input::{
        csv::Rows,
        scan::{Fault, Scanner},
    },
    mapping::{self, AttributeColumn, Kind, Rest},
};

/// Rows that a guess looks at.
const SAMPLE: usize = 200;

pub(crate) fn read(
    scan: Scanner,
    head: &str,
    out: &mut Out<'_>,
    line: &mut u64,
) -> Result<(), Cause> {
    let mapping = match &out.options.mapping {
        Some(mapping) => mapping.clone(),
        None => {
            let (header, rows) = sample(head);
            let guessed =
                mapping::guess(&header, &rows).map_err(|e| Cause::Mapping(e.to_string()))?;
            out.guessed(&guessed);
            guessed
        }
    };
    out.summary.mapping = Some(mapping.clone());
    let delimiter = mapping
        .delimiter
        .map_or_else(|| Ok(delimiter(head)), |c| u8::try_from(c).map_err(|_| ()));
    let delimiter = match delimiter {
        Ok(byte) if byte.is_ascii() && !matches!(byte, b'"' | b'\r' | b'\n') => byte,
        _ => {
            return Err(Cause::Mapping(
                "the delimiter must be one ASCII character, and no quote or line end".into(),
            ));
        }
    };
    let mut rows = Rows::new(scan, delimiter, &out.options.limits);
    let done = table(&mut rows, &mapping, out);
    *line = rows.line_reached();
    done
}

/// Header and first rows of a text, for a guess. The last row is left out where the text may be cut.
pub(crate) fn sample(head: &str) -> (Vec<String>, Vec<Vec<String>>) {
    let scan = Scanner::new(Box::new(Cursor::new(head.as_bytes().to_vec())));
    let mut rows = Rows::new(scan, delimiter(head), &Limits::default());
    let mut all = Vec::new();
    while all.len() <= SAMPLE && matches!(rows.next(), Ok(true)) {
        all.push(
            (0..rows.len())
                .map(|at| String::from_utf8_lossy(rows.cell(at)).into_owned())
                .collect::<Vec<_>>(),
        );
    }
    if all.is_empty() {
        return Default::default();
    }
    let header = all.remove(0);
    all.retain(|row| row.len() == header.len());
    (header, all)
}

/// The delimiter that cuts the first line into most cells; a comma if none does.
fn delimiter(head: &str) -> u8 {
    let mut quoted = false;
    let mut counts = [(b',', 0), (b';', 0), (b'\t', 0), (b'|', 0)];
    for byte in head.trim_start_matches(['\n', '\r']).bytes() {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' | b'\r' if !quoted => break,
            _ if !quoted => counts
                .iter_mut()
                .filter(|(d, _)| *d == byte)
                .for_each(|(_, n)| *n += 1),
            _ => {}
        }
    }
    // The first of equals.
    counts
        .iter()
        .rev()
        .max_by_key(|(_, n)| *n)
        .map_or(b',', |(d, _)| *d)
}

/// A mapping with columns as places.
struct Places<'m> {
    id: Option<usize>,
    activity: usize,
    time: usize,
    time_format: Option<&'m str>,
    objects: Vec<ObjectPlace<'m>>,
    /// Column, name, type.
    attrs: Vec<(usize, String, Kind)>,
}

struct ObjectPlace<'m> {
    column: usize,
    object_type: &'m str,
    qualifier: Option<&'m str>,
    many: &'m str,
    attrs: Vec<(usize, String, Kind)>,
}

impl<'m> Places<'m> {
    fn of(mapping: &'m Mapping, header: &[String]) -> Result<Self, Cause> {
        let mut columns = HashMap::new();
        for (at, name) in header.iter().enumerate() {
            columns.entry(name.as_str()).or_insert(at);
        }
        let place = |name: &str| {
            let missing = || {
                let found: Vec<String> = header
                    .iter()
                    .take(40)
                    .map(|h| crate::item::cut(h))
                    .collect();
                Cause::Mapping(format!(
                    "the mapping names the column `{name}`, which is not there; there are: {}",
                    found.join(", ")
                ))
            };
            columns.get(name).copied().ok_or_else(missing)
        };
        let attrs = |list: &[AttributeColumn]| {
            let one = |a: &AttributeColumn| {
                Ok((
                    place(&a.column)?,
                    a.name.clone().unwrap_or_else(|| a.column.clone()),
                    a.kind,
                ))
            };
            list.iter().map(one).collect::<Result<Vec<_>, Cause>>()
        };
        let mut places = Places {
            id: mapping.event.id.as_deref().map(place).transpose()?,
            activity: place(&mapping.event.activity)?,
            time: place(&mapping.event.time)?,
            time_format: mapping.event.time_format.as_deref(),
            objects: Vec::new(),
            attrs: attrs(&mapping.attributes)?,
        };
        for of in &mapping.objects {
            places.objects.push(ObjectPlace {
                column: place(&of.column)?,
                object_type: &of.object_type,
                qualifier: of.qualifier.as_deref(),
                many: &of.many,
                attrs: attrs(&of.attributes)?,
            });
        }
        if mapping.rest == Rest::Keep {
            let mut taken = vec![places.activity, places.time];
            taken.extend(places.id);
            taken.extend(places.attrs.iter().map(|a| a.0));
            for of in &places.objects {
                taken.push(of.column);
                taken.extend(of.attrs.iter().map(|a| a.0));
            }
            let rest = (0..header.len()).filter(|at| !taken.contains(at));
            places
                .attrs
                .extend(rest.map(|at| (at, header[at].clone(), Kind::String)));
            places.attrs.sort_by_key(|a| a.0);
        }
        Ok(places)
    }
}

fn table(rows: &mut Rows, mapping: &Mapping, out: &mut Out<'_>) -> Result<(), Cause> {
    if !rows.next()? {
        return Err(Cause::Truncated {
            line: 1,
            inside: "the header".into(),
        });
    }
    let mut header = Vec::with_capacity(rows.len());
    for at in 0..rows.len() {
        let malformed = |detail| Cause::Malformed {
            format: "CSV",
            line: 1,
            detail,
        };
        match std::str::from_utf8(rows.cell(at)) {
            Ok(name) if rows.too_long().is_none() => header.push(name.to_owned()),
            Ok(_) => return Err(malformed("a column's name is longer than the limit".into())),
            Err(_) => {
                let (expected, found) = Fault::not_utf8(rows.cell(at)).words();
                return Err(malformed(format!(
                    "a column's name: expected {expected}, found {found}"
                )));
            }
        }
    }
    let places = Places::of(mapping, &header)?;
    let mut seen = Index::default();
    while rows.next()? {
        row(rows, &header, &places, &mut seen, out)?;
    }
    Ok(())
}

fn row(
    rows: &Rows,
    header: &[String],
    places: &Places<'_>,
    seen: &mut Index,
    out: &mut Out<'_>,
) -> Result<(), Cause> {
    let place = Place {
        line: rows.line(),
        number: rows.number() - 1,
    };
    let refuse = |field: &str, expected: String, found: &str| {
        Reject::new(What::Row, place, field, expected, found)
    };
    if let Some(at) = rows.too_long() {
        let limits = out.options.limits;
        let expected = format!(
            "at most {} bytes, and {} in the whole row (the limits)",
            limits.attribute, limits.event
        );
        out.reject(refuse(header.get(at).map_or("", |h| h), expected, "more"));
        return Ok(());
    }
    if rows.len() != header.len() {
        out.reject(refuse(
            "",
            format!("{} cells, as in the header", header.len()),
            &rows.len().to_string(),
        ));
        return Ok(());
    }
    let mut bad = Bad::default();
    let mut cells = Vec::with_capacity(rows.len());
    for (at, name) in header.iter().enumerate() {
        match std::str::from_utf8(rows.cell(at)) {
            Ok(text) if text.contains('\0') => bad.fault(name, Some(Fault::Nul)),
            Ok(text) => cells.push(text),
            Err(_) => bad.fault(name, Some(Fault::not_utf8(rows.cell(at)))),
        }
    }
    if let Some(reject) = bad.take(What::Row, place, None) {
        out.reject(reject);
        return Ok(());
    }
    let said = |at: usize| Some(cells[at]).filter(|c| !c.trim().is_empty());
    let id = places.id.and_then(said).map(str::to_owned);
    let Some(activity) = said(places.activity) else {
        bad.set(&header[places.activity], "the name of the activity", "none");
        bad.take(What::Row, place, id.as_deref())
            .into_iter()
            .for_each(|r| out.reject(r));
        return Ok(());
    };
    let time = match said(places.time).map(|text| (text, out.time_by(text, places.time_format))) {
        Some((_, Ok(time))) => Some(time),
        Some((text, Err(e))) => {
            bad.set(&header[places.time], e.expected, text);
            None
        }
        None => {
            bad.set(&header[places.time], "the time of the event", "none");
            None
        }
    };
    let attrs = attrs(&places.attrs, &said, header, &mut bad, out);
    let mut objects = Vec::new();
    let mut described = Vec::new();
    for of in &places.objects {
        for id in said(of.column)
            .map(|cell| ids(cell, of.many))
            .unwrap_or_default()
        {
            let mut state = DefaultHasher::new();
            of.attrs
                .iter()
                .for_each(|(at, ..)| cells[*at].hash(&mut state));
            // A change that 32 bits do not show is one in four thousand million.
            described.push((of, id.clone(), state.finish() as u32));
            objects.push(EventObject {
                id,
                object_type: Some(of.object_type.into()),
                qualifier: of.qualifier.map(Into::into),
            });
        }
    }
    let mut found = Vec::new();
    for (of, id, state) in described {
        let key = format!("{}\0{id}", of.object_type);
        let before = seen.get(&key)?;
        if before == Some(state) || (before.is_some() && of.attrs.is_empty()) {
            continue;
        }
        let attrs = self::attrs(&of.attrs, &said, header, &mut bad, out);
        if !bad.is_set() {
            seen.put(&key, state)?;
        }
        found.push(Object {
            id,
            object_type: of.object_type.into(),
            attrs,
            relations: Vec::new(),
            place,
        });
    }
    match (bad.take(What::Row, place, id.as_deref()), time) {
        (None, Some(time)) => {
            for object in found {
                out.object(object)?;
            }
            out.event(Event {
                id,
                activity: activity.to_owned(),
                time,
                objects,
                attrs,
                ordinal: None,
                place,
            })
        }
        (reject, _) => {
            reject.into_iter().for_each(|r| out.reject(r));
            Ok(())
        }
    }
}

fn attrs<'c>(
    columns: &[(usize, String, Kind)],
    said: &impl Fn(usize) -> Option<&'c str>,
    header: &[String],
    bad: &mut Bad,
    out: &mut Out<'_>,
) -> Vec<Attr> {
    let mut attrs = Vec::with_capacity(columns.len());
    for (at, name, kind) in columns {
        let Some(text) = said(*at) else { continue };
        match value(text, *kind, out) {
            Ok(value) => attrs.push(Attr::new(name, value)),
            Err(expected) => bad.set(&header[*at], expected, text),
        }
    }
    attrs
}

fn value(text: &str, kind: Kind, out: &mut Out<'_>) -> Result<Value, &'static str> {
    Ok(match kind {
        Kind::String => Value::String(text.to_owned()),
        Kind::Integer => Value::Int(
            text.trim()
                .parse()
                .map_err(|_| "a whole number of 64 bits")?,
        ),
        Kind::Float => Value::Float(super::float(text).ok_or("a number")?),
        Kind::Boolean => Value::Bool(match text.trim().to_lowercase().as_str() {
            "yes" | "是" => true,
            "no" | "否" => false,
            other => super::boolean(other).ok_or("true or false")?,
        }),
        Kind::Time => Value::Time(out.time(text).map_err(|e| e.expected)?),
    })
}

/// The ids in a cell.
fn ids(cell: &str, many: &str) -> Vec<String> {
    let cell = cell.trim();
    match many {
        "one" => vec![cell.to_owned()],
        "json" => match cell.strip_prefix('[').and_then(|c| c.strip_suffix(']')) {
            None => vec![cell.to_owned()],
            Some(list) => listed(list),
        },
        separator => cell
            .split(separator)
            .map(str::trim)
            .filter(|id| !id.is_empty())
            .map(str::to_owned)
            .collect(),
    }
}

/// Elements of a list as JSON and Python write them: quotes of both kinds, a backslash before a character.
fn listed(list: &str) -> Vec<String> {
    let mut all = Vec::new();
    let mut chars = list.chars().peekable();
    loop {
        while chars.next_if(|c| c.is_whitespace() || *c == ',').is_some() {}
        let Some(first) = chars.next() else {
            return all;
        };
        let mut id = String::new();
        if matches!(first, '\'' | '"') {
            while let Some(c) = chars.next() {
                match c {
                    '\\' => id.extend(chars.next()),
                    c if c == first => break,
                    c => id.push(c),
                }
            }
        } else {
            id.push(first);
            while let Some(c) = chars.next_if(|c| *c != ',') {
                id.push(c);
            }
            id.truncate(id.trim_end().len());
        }
        all.push(id);
    }
}
