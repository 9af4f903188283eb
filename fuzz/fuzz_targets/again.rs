//! Writes what was read and reads it again: no more may be lost than events that the format cannot tell apart.

use interchange::{Collected, Format, Item, Options, Output, Source, WriteOptions, read, writer};

pub fn again(found: &Collected, format: Format) {
    let mut bytes = Vec::new();
    {
        let mut out = writer(format, Output::Stream(Box::new(&mut bytes)), &WriteOptions::default()).expect("memory");
        out.item(&Item::Log(found.log.clone())).expect("memory");
        for object in &found.objects {
            out.item(&Item::Object(object.clone())).expect("memory");
        }
        for event in &found.events {
            out.item(&Item::Event(event.clone())).expect("memory");
        }
        out.finish().expect("memory");
    }
    let mut second = Collected::default();
    let done = read(Source::Bytes(&bytes), &Options::default(), &mut second);
    if format != Format::Csv {
        done.expect("what we wrote is well-formed");
        assert_eq!((second.events.len(), second.objects.len()), (found.events.len(), found.objects.len()));
    }
}
