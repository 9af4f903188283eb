#![no_main]
//! Any bytes as a .gz, and any bytes within one: no panic, an end, and no more unpacked than allowed.

use std::io::Write;

use flate2::{Compression, write::GzEncoder};
use interchange::{Collected, Limits, Options, Source, read};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let limits = Limits { gzip_free: 1 << 16, gzip_ratio: 20, ..Limits::default() };
    let options = Options { limits, ..Options::default() };
    let raw = [&[0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3], bytes].concat();
    let _ = read(Source::Bytes(&raw), &options, &mut Collected::default());
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(bytes).expect("memory");
    let _ = read(Source::Bytes(&packed.finish().expect("memory")), &options, &mut Collected::default());
});
