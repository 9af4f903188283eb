//! Where the example logs are, and short ways to read.

use std::path::PathBuf;

use interchange::{
    Collected, Format, Item, Options, Output, Place, ReadError, Source, Summary, WriteError,
    WriteOptions, Written, read, writer,
};
use model::{Attr, TimeText, Value};

/// Folder of the example logs beside the repository; `None`, with a message, where it is absent.
pub(crate) fn logs() -> Option<PathBuf> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/eventlogs");
    if !folder.is_dir() {
        eprintln!("skipped: {} is not there", folder.display());
        return None;
    }
    Some(folder)
}

/// The example logs in the order of their names.
pub(crate) fn files() -> Vec<PathBuf> {
    let Some(folder) = logs() else {
        return Vec::new();
    };
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|e| e.unwrap().path())
        .collect();
    files.sort();
    files
}

/// A choice of zone, so that times without one are read.
pub(crate) fn china() -> Options {
    Options {
        zone: Some("+08:00".parse().unwrap()),
        ..Options::default()
    }
}

pub(crate) fn collect(
    source: Source<'_>,
    options: &Options,
) -> (Collected, Result<Summary, ReadError>) {
    let mut collected = Collected::default();
    let done = read(source, options, &mut collected);
    (collected, done)
}

/// What is read from a text, which must be readable to its end.
pub(crate) fn read_bytes(bytes: &[u8], options: &Options) -> Collected {
    let (collected, done) = collect(Source::Bytes(bytes), options);
    done.unwrap();
    collected
}

/// Writes what was collected, in its order: description, objects, events.
pub(crate) fn write(
    of: &Collected,
    format: Format,
    options: &WriteOptions,
) -> Result<(Vec<u8>, Written), WriteError> {
    let mut bytes = Vec::new();
    let mut out = writer(format, Output::Stream(Box::new(&mut bytes)), options)?;
    out.item(&Item::Log(of.log.clone()))?;
    // XES: the same id may come again, and its events belong to the last one; so objects keep their place among events.
    let mut objects = of.objects.iter().peekable();
    for event in &of.events {
        while let Some(object) = objects.next_if(|o| before(o.place, event.place)) {
            out.item(&Item::Object(object.clone()))?;
        }
        out.item(&Item::Event(event.clone()))?;
    }
    for object in objects {
        out.item(&Item::Object(object.clone()))?;
    }
    let written = out.finish()?;
    Ok((bytes, written))
}

/// Objects of OCEL stand before all events; those of XES and CSV at their place.
fn before(object: Place, event: Place) -> bool {
    object.line <= event.line
}

/// Times by their instants: for sources that leave out the zone, which an export adds.
pub(crate) fn by_instant(mut of: Collected) -> Collected {
    fn attr(a: &mut Attr) {
        a.at.iter_mut().for_each(time);
        match &mut a.value {
            Value::Time(t) => time(t),
            Value::List(list) | Value::Container(list) => list.iter_mut().for_each(attr),
            _ => {}
        }
        a.children.iter_mut().for_each(attr);
    }
    fn time(t: &mut TimeText) {
        *t = TimeText::new("", t.instant());
    }
    of.log.attrs.iter_mut().for_each(attr);
    of.log
        .globals
        .iter_mut()
        .flat_map(|g| &mut g.attrs)
        .for_each(attr);
    of.objects
        .iter_mut()
        .flat_map(|o| &mut o.attrs)
        .for_each(attr);
    for event in &mut of.events {
        time(&mut event.time);
        event.attrs.iter_mut().for_each(attr);
    }
    of
}
