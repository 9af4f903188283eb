//! Where the example logs are, and short ways to read.

use std::path::PathBuf;

use interchange::{Collected, Options, ReadError, Source, Summary, read};

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
