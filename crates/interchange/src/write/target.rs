//! Where the finished file goes: beside its name first, into its place when it is whole.

use std::{
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};

use flate2::{Compression, write::GzEncoder};
use tempfile::NamedTempFile;

use super::Output;
use crate::WriteError;

pub(crate) enum Target<'a> {
    File(NamedTempFile, PathBuf),
    Stream(Box<dyn Write + 'a>),
}

impl<'a> Target<'a> {
    pub(crate) fn open(output: Output<'a>) -> io::Result<Self> {
        Ok(match output {
            Output::Path(path) => {
                let folder = path
                    .parent()
                    .filter(|p| !p.as_os_str().is_empty())
                    .unwrap_or(Path::new("."));
                Self::File(NamedTempFile::new_in(folder)?, path.to_owned())
            }
            Output::Stream(stream) => Self::Stream(stream),
        })
    }

    /// Writes what `fill` gives, packed if wanted, and puts the file in its place.
    pub(crate) fn deliver(
        self,
        gzip: bool,
        fill: impl FnOnce(&mut dyn Write) -> Result<(), WriteError>,
    ) -> Result<(), WriteError> {
        match self {
            Self::File(file, path) => {
                packed(file.as_file(), gzip, fill)?;
                Ok(place(file, &path)?)
            }
            Self::Stream(mut stream) => {
                packed(&mut stream, gzip, fill)?;
                Ok(stream.flush()?)
            }
        }
    }
}

/// Makes the file durable under its name.
pub(crate) fn place(file: NamedTempFile, path: &Path) -> io::Result<()> {
    file.as_file().sync_all()?;
    file.persist(path).map(drop).map_err(|e| e.error)
}

fn packed(
    out: impl Write,
    gzip: bool,
    fill: impl FnOnce(&mut dyn Write) -> Result<(), WriteError>,
) -> Result<(), WriteError> {
    let mut out = BufWriter::with_capacity(256 << 10, out);
    if gzip {
        // No time and no name in the header: the same items give the same bytes.
        let mut encoder = GzEncoder::new(&mut out, Compression::default());
        fill(&mut encoder)?;
        encoder.finish()?;
    } else {
        fill(&mut out)?;
    }
    Ok(out.flush()?)
}
