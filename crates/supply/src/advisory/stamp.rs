//! Times as publishers write them: RFC 3339 where they keep to it, and the text in any case.
//!
//! Reads no clock. A time without a zone is an instant only where the format says which zone is meant.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

use super::fault::{Faults, What, cut};

/// A time as given, with its instant where the text names one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamp {
    /// As the publisher wrote it.
    pub text: Box<str>,
    /// The instant; `None` for a date alone, a time without zone, or no time at all.
    pub at: Option<Timestamp>,
}

/// What a text without zone means.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Zone {
    /// Nothing: a fault (OSV, CSAF).
    Required,
    /// UTC (CVE record format: "assumed to be GMT").
    Utc,
    /// A date of the publisher's, without time (CNVD, CNNVD).
    Day,
}

impl Stamp {
    pub(super) fn read(text: &str, zone: Zone, place: &str, faults: &mut Faults) -> Self {
        let at = match text.parse::<Timestamp>() {
            Ok(at) => Some(at),
            Err(_) => match zone {
                Zone::Utc => utc(text),
                _ => None,
            },
        };
        let fits = at.is_some() || (zone == Zone::Day && text.parse::<Date>().is_ok());
        if !fits {
            faults.push(place, What::Time(cut(text)));
        }
        Self {
            text: cut(text),
            at,
        }
    }
}

fn utc(text: &str) -> Option<Timestamp> {
    let civil = text.parse::<DateTime>().ok()?;
    TimeZone::UTC.to_timestamp(civil).ok()
}
