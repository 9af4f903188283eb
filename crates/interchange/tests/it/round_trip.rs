//! Import → export → import is the identity.

use interchange::{
    Collected, Format, Item, Options, Output, Sink, Source, Stop, WriteOptions, Writer, read,
    writer,
};

use crate::support::{by_instant, china, files, read_bytes};

/// Passes items on to a writer as they come.
struct Pipe<'a>(Box<dyn Writer + 'a>);

impl Sink for Pipe<'_> {
    fn item(&mut self, item: Item) -> Result<(), Stop> {
        self.0.item(&item).map_err(|e| panic!("{e}"))
    }

    fn reject(&mut self, reject: interchange::Reject) {
        panic!("{reject}");
    }
}

pub(crate) fn convert(
    source: Source<'_>,
    options: &Options,
    format: Format,
    write: &WriteOptions,
) -> Vec<u8> {
    let mut bytes = Vec::new();
    let out = writer(format, Output::Stream(Box::new(&mut bytes)), write).unwrap();
    through(out, source, options);
    bytes
}

fn through(out: Box<dyn Writer + '_>, source: Source<'_>, options: &Options) {
    let mut pipe = Pipe(out);
    read(source, options, &mut pipe).unwrap();
    pipe.0.finish().unwrap();
}

fn same(a: &Collected, b: &Collected, what: &str) {
    assert_eq!(a.events.len(), b.events.len(), "{what}: events");
    assert_eq!(a.objects.len(), b.objects.len(), "{what}: objects");
    for (x, y) in a.objects.iter().zip(&b.objects) {
        assert_eq!(x, y, "{what}");
    }
    for (x, y) in a.events.iter().zip(&b.events) {
        assert_eq!(x, y, "{what}");
    }
    assert!(b.rejects.is_empty(), "{what}: {}", b.rejects[0]);
}

#[test]
fn every_example_log_in_its_own_format() {
    for path in files() {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let mut first = Collected::default();
        let summary = read(Source::Path(&path), &china(), &mut first).unwrap();
        let format = match summary.format.unwrap() {
            Format::Ocel1Json | Format::Ocel1Xml => Format::OcelJson,
            other => other,
        };
        let bytes = convert(
            Source::Path(&path),
            &china(),
            format,
            &WriteOptions::default(),
        );
        // What is exported says every zone itself.
        let second = read_bytes(&bytes, &Options::default());
        if bytes.len() < 4 << 20 && format != Format::OcelSqlite {
            let again = convert(
                Source::Bytes(&bytes),
                &Options::default(),
                format,
                &WriteOptions::default(),
            );
            assert!(bytes == again, "{name}: the second export has other bytes");
        }
        let (mut first, mut second) = (first.without_places(), second.without_places());
        if format == Format::Xes && first.log.root.is_empty() {
            // Where the source says nothing, an export says its version.
            second.log.root.clear();
        }
        if summary.times_without_zone > 0 {
            (first, second) = (by_instant(first), by_instant(second));
        }
        if format == Format::Csv {
            // The order of columns is that in which they were first filled.
            for of in [&mut first, &mut second] {
                of.objects
                    .iter_mut()
                    .for_each(|o| o.attrs.sort_by(|a, b| a.key.cmp(&b.key)));
                of.events
                    .iter_mut()
                    .for_each(|e| e.attrs.sort_by(|a, b| a.key.cmp(&b.key)));
                *of = by_instant(std::mem::take(of));
            }
        }
        same(&first, &second, &name);
        // What OCEL 1.0 says about the log has no place in 2.0.
        if first.log.attrs.is_empty() || format == Format::Xes {
            assert_eq!(first.log, second.log, "{name}");
        }
    }
}
