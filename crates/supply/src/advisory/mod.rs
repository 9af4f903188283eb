//! Advisories: what publishers say is wrong with which product, read into one record whatever format it came in.
//!
//! [`read`] takes the bytes of one file and gives a [`Batch`]: [`Advisory`] records, [`Exploited`] facts, and a [`Fault`] with its place for
//! everything that could not be kept. A broken part costs itself and never its neighbours; a file that is no advisory says what it
//! is instead. [`Classes`] then joins records that speak of one vulnerability.
//!
//! | format | specification | confidence |
//! |---|---|---|
//! | OSV, JSON and YAML | OpenSSF OSV schema 1.7 | real files |
//! | CSAF 2.0, 2.1 | OASIS CSAF; profile VEX | real files |
//! | CVE 5 | CVE record format 5.1 | real files |
//! | CycloneDX VEX | CycloneDX 1.4–1.7, `vulnerabilities` | real files |
//! | KEV, EPSS | CISA's catalogue (JSON, CSV); FIRST's daily CSV | real files; EPSS as documented |
//! | CNVD, CNNVD | weekly and yearly XML that the two databases share | [S]: no public schema |
//!
//! Does *not* order versions, make names canonical or decide whether a component is affected: bounds and names stay the text that
//! the publisher wrote, with the scheme that he declared. Does not grade: a severity that nobody stated is *needs triage*, never low.

mod alias;
mod cdx;
mod china;
mod csaf;
mod cve;
mod exploited;
mod fault;
mod json;
mod osv;
mod record;
mod severity;
mod stamp;
mod yaml;

pub use alias::{Change, Class, ClassId, Classes, Name, RecordKey};
pub use exploited::{Exploitation, Exploitations, Exploited};
pub use fault::{Contradiction, Fault, Faults, ReadError, What};
pub use record::{
    Advisory, Affected, Bound, Listed, Range, Remedy, Scheme, Statement, Status, Subject,
};
pub use severity::{Level, Rating, RatingScheme, Severity};
pub use stamp::Stamp;

/// Largest input in bytes: a year of CNNVD is below 200 MiB.
pub const MAX_BYTES: usize = 256 << 20;

/// What a file is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Format {
    /// One OSV record as JSON.
    Osv,
    /// One OSV record as YAML, as PyPA publishes.
    OsvYaml,
    /// One CSAF 2.0 or 2.1 document.
    Csaf,
    /// One CVE 5 record.
    Cve,
    /// A CycloneDX document with `vulnerabilities`.
    CycloneDx,
    /// CISA's catalogue of known exploited vulnerabilities, JSON.
    KevJson,
    /// The same as CSV.
    KevCsv,
    /// FIRST's EPSS scores of one day, CSV.
    Epss,
    /// CNVD's shared XML.
    Cnvd,
    /// CNNVD's XML.
    Cnnvd,
}

impl Format {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Osv,
        Self::OsvYaml,
        Self::Csaf,
        Self::Cve,
        Self::CycloneDx,
        Self::KevJson,
        Self::KevCsv,
        Self::Epss,
        Self::Cnvd,
        Self::Cnnvd,
    ];
}

/// What one file held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// What it was read as.
    pub format: Format,
    /// Advisories, in the order of the file.
    pub records: Vec<Advisory>,
    /// Facts about exploitation, in the order of the file.
    pub facts: Vec<Exploited>,
    /// What could not be kept, or contradicts itself.
    pub faults: Faults,
}

/// Reads one file. Without a format it is recognised by its content, which costs a second look at JSON.
///
/// # Errors
/// Where nothing can be kept: too long, not text, not well-formed, or no advisory at all; with the place.
pub fn read(bytes: &[u8], format: Option<Format>) -> Result<Batch, ReadError> {
    if bytes.len() > MAX_BYTES {
        return Err(ReadError::TooLong(bytes.len()));
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let format = match format {
        Some(f) => f,
        None => Format::of(bytes)?,
    };
    let mut batch = Batch {
        format,
        records: Vec::new(),
        facts: Vec::new(),
        faults: Faults::default(),
    };
    match format {
        Format::Osv => batch
            .records
            .push(osv::read(bytes, bytes, &mut batch.faults)?),
        Format::OsvYaml => batch.records.push(yaml::read(bytes, &mut batch.faults)?),
        Format::Csaf => batch.records = csaf::read(bytes, &mut batch.faults)?,
        Format::Cve => cve::read(bytes, &mut batch)?,
        Format::CycloneDx => batch.records = cdx::read(bytes, &mut batch.faults)?,
        Format::KevJson => batch.facts = exploited::kev_json(bytes, &mut batch.faults)?,
        Format::KevCsv => batch.facts = exploited::kev_csv(bytes, &mut batch.faults)?,
        Format::Epss => batch.facts = exploited::epss(bytes, &mut batch.faults)?,
        Format::Cnvd => batch.records = china::cnvd(bytes, &mut batch.faults)?,
        Format::Cnnvd => batch.records = china::cnnvd(bytes, &mut batch.faults)?,
    }
    Ok(batch)
}

impl Format {
    /// Recognises a file by its content.
    ///
    /// # Errors
    /// JSON that is not well-formed, or a file of another kind, with what it seems to be.
    pub fn of(bytes: &[u8]) -> Result<Self, ReadError> {
        let head = &bytes[..bytes.len().min(4096)];
        let text = String::from_utf8_lossy(head);
        let start = text.trim_start();
        if start.starts_with('{') {
            return json::recognise(bytes);
        }
        if start.starts_with('<') {
            return if start.contains("<vulnerabilitys") || start.contains("<vulnerability>") {
                Ok(Self::Cnvd)
            } else if start.contains("<cnnvd") || start.contains("<entry>") {
                Ok(Self::Cnnvd)
            } else {
                Err(ReadError::Unknown(fault::cut(start)))
            };
        }
        let first = start
            .lines()
            .find(|l| !l.starts_with('#'))
            .unwrap_or_default();
        if first.starts_with("cveID,") {
            Ok(Self::KevCsv)
        } else if first.trim_end() == "cve,epss,percentile" {
            Ok(Self::Epss)
        } else if start.lines().any(|l| l.starts_with("id:")) {
            Ok(Self::OsvYaml)
        } else {
            Err(ReadError::Unknown(fault::cut(start)))
        }
    }
}
