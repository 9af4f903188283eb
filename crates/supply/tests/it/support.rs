//! Where the example files are.

use std::{collections::BTreeMap, io::Read, path::PathBuf};

/// Files of an archive of the shared data by their name; nothing, with a message, where it is absent.
pub(crate) fn archive(name: &str) -> BTreeMap<String, Vec<u8>> {
    let shared = match std::env::var_os("LIUHEN_SHARED") {
        Some(folder) => PathBuf::from(folder),
        None => PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared"),
    };
    let path = shared.join("data").join(name);
    let Ok(file) = std::fs::File::open(&path) else {
        eprintln!("skipped: {} is not there", path.display());
        return BTreeMap::new();
    };
    let mut bytes = Vec::new();
    flate2::read::MultiGzDecoder::new(file)
        .read_to_end(&mut bytes)
        .unwrap();
    untar(&bytes)
}

/// The plain files of a tar archive (POSIX.1-1988 ustar): name, and size in octal digits.
fn untar(mut bytes: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    while let Some(header) = bytes.get(..512).filter(|h| h[0] != 0) {
        let text = |from: usize, to: usize| {
            let field = &header[from..to];
            let end = field.iter().position(|b| *b == 0).unwrap_or(field.len());
            String::from_utf8_lossy(&field[..end]).trim().to_owned()
        };
        let size = usize::from_str_radix(&text(124, 136), 8).unwrap();
        let name = text(0, 100);
        let name = name.rsplit('/').next().unwrap_or("").to_owned();
        if matches!(header[156], b'0' | 0) && !name.is_empty() {
            files.insert(name, bytes[512..512 + size].to_vec());
        }
        bytes = &bytes[512 + size.div_ceil(512) * 512..];
    }
    files
}
