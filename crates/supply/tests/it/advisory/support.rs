//! Where the example advisories are, and short ways to read.

use std::io::Read;
use std::path::PathBuf;

use supply::advisory::{Advisory, Batch, Format, read};

/// A file of the shared data, as bytes; `None`, with a printed line, where it is not there.
pub(crate) fn shared(file: &str) -> Option<Vec<u8>> {
    let base = match std::env::var_os("LIUHEN_SHARED") {
        Some(dir) => PathBuf::from(dir),
        None => PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared")),
    };
    let path = base.join("data").join(file);
    let Ok(bytes) = std::fs::read(&path) else {
        println!("skipped: {} is not there", path.display());
        return None;
    };
    if !file.ends_with(".gz") {
        return Some(bytes);
    }
    let mut plain = Vec::new();
    flate2::read::GzDecoder::new(&bytes[..])
        .read_to_end(&mut plain)
        .unwrap();
    Some(plain)
}

/// The files of an archive of the shared data, by name.
pub(crate) fn archive(file: &str) -> Vec<(String, Vec<u8>)> {
    let Some(tar) = shared(file) else {
        return Vec::new();
    };
    let mut files = Vec::new();
    let mut at = 0;
    while at + 512 <= tar.len() && tar[at] != 0 {
        let head = &tar[at..at + 512];
        let text = |range: std::ops::Range<usize>| {
            String::from_utf8_lossy(&head[range])
                .trim_end_matches('\0')
                .to_owned()
        };
        let size = usize::from_str_radix(text(124..136).trim(), 8).unwrap();
        let name = text(0..100);
        let data = &tar[at + 512..at + 512 + size];
        if matches!(head[156], b'0' | 0) {
            files.push((name, data.to_vec()));
        }
        at += 512 + size.div_ceil(512) * 512;
    }
    files.sort();
    files
}

/// All archives of advisories, with their names.
pub(crate) const ARCHIVES: [&str; 7] = [
    "advisories/go-vulndb-osv.tar.gz",
    "advisories/rustsec-osv.tar.gz",
    "advisories/pypa.tar.gz",
    "advisories/osv-samples.tar.gz",
    "advisories/cve5.tar.gz",
    "csaf.tar.gz",
    "vex.tar.gz",
];

/// Reads a text that must be readable.
pub(crate) fn batch(text: &str, format: Format) -> Batch {
    read(text.as_bytes(), Some(format)).unwrap()
}

/// The one record of a text.
pub(crate) fn one(text: &str, format: Format) -> Advisory {
    let mut batch = batch(text, format);
    assert_eq!(batch.records.len(), 1);
    batch.records.remove(0)
}

/// Faults of a batch, a line each.
pub(crate) fn faults(batch: &Batch) -> String {
    batch
        .faults
        .list()
        .iter()
        .map(|f| format!("{f}\n"))
        .collect()
}
