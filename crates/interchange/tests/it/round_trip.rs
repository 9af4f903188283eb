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

/// What must be the same: everything but where it stood.
fn content(of: Collected) -> Collected {
    of.without_places()
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
        let format = read(Source::Path(&path), &china(), &mut first)
            .unwrap()
            .format
            .unwrap();
        let format = match format {
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
        let again = convert(
            Source::Bytes(&bytes),
            &Options::default(),
            format,
            &WriteOptions::default(),
        );
        assert!(
            bytes == again || format == Format::OcelSqlite,
            "{name}: the second export has other bytes"
        );
        let (mut first, mut second) = (content(first), content(second));
        if matches!(format, Format::Xes) && first.log.root.is_empty() {
            // Where the source says nothing, an export says its version.
            second.log.root.clear();
        }
        let zones = interchange::read(Source::Path(&path), &china(), &mut Collected::default())
            .unwrap()
            .times_without_zone
            == 0;
        if !zones || format == Format::Csv {
            (first, second) = (by_instant(first), by_instant(second));
        }
        same(&first, &second, &name);
        if first.log.attrs.is_empty() || format == Format::Xes {
            assert_eq!(first.log, second.log, "{name}");
        }
    }
}
