#![no_main]
//! Any bytes said to be OcelXml: no panic, an end, and what was read can be written and read again.

use interchange::{Collected, Format, Options, Source, read};
use libfuzzer_sys::fuzz_target;

#[path = "again.rs"]
mod again;

fuzz_target!(|bytes: &[u8]| {
    let options = Options { format: Some(Format::OcelXml), zone: Some("+08:00".parse().expect("a zone")), ..Options::default() };
    let mut found = Collected::default();
    if read(Source::Bytes(bytes), &options, &mut found).is_ok() {
        again::again(&found, Format::OcelXml);
    }
});
