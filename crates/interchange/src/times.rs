//! Times as event logs write them: ISO 8601 with and without zone, blank or `T`, any number of fraction digits.
//!
//! Not a calendar. Works out the instant; the text itself is kept by [`model::TimeText`]. A time without a zone means
//! nothing until a [`Zone`] is named: OCEL 2.0 says UTC, and so do we, aloud.

use std::{fmt, str::FromStr};

use jiff::{Timestamp, civil, tz::TimeZone};
use model::Micros;

/// The zone in which times without one were written: an offset or a name of the IANA database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zone {
    name: String,
    kind: Kind,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    Fixed(i64),
    Named(TimeZone),
}

/// Not a zone.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a time zone; write an offset such as +08:00 or a name such as Asia/Shanghai")]
pub struct ZoneError(String);

impl Zone {
    /// Coordinated universal time.
    pub fn utc() -> Self {
        Self {
            name: "UTC".into(),
            kind: Kind::Fixed(0),
        }
    }

    /// The instant of a clock that shows `civil` (µs since 1970-01-01T00:00:00 on that clock). Where summer time ends
    /// and an hour comes twice, the first; where it begins and an hour is missing, as if the clock had not yet moved.
    fn instant(&self, civil: i64) -> Option<i64> {
        match &self.kind {
            Kind::Fixed(offset) => civil.checked_sub(offset * 1_000_000),
            Kind::Named(tz) => {
                let clock = TimeZone::UTC.to_datetime(Timestamp::from_microsecond(civil).ok()?);
                Some(
                    tz.to_ambiguous_timestamp(clock)
                        .compatible()
                        .ok()?
                        .as_microsecond(),
                )
            }
        }
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

impl FromStr for Zone {
    type Err = ZoneError;

    fn from_str(s: &str) -> Result<Self, ZoneError> {
        let kind = match s {
            "Z" | "z" | "UTC" | "utc" => Kind::Fixed(0),
            _ if s.starts_with(['+', '-']) => Kind::Fixed(
                offset(s.as_bytes())
                    .ok_or_else(|| ZoneError(s.to_owned()))?
                    .into(),
            ),
            _ => Kind::Named(TimeZone::get(s).map_err(|_| ZoneError(s.to_owned()))?),
        };
        Ok(Self {
            name: s.to_owned(),
            kind,
        })
    }
}

/// A time as read from text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Read {
    /// What the clock showed, in µs since 1970-01-01T00:00:00.
    pub civil: i64,
    /// Seconds east of Greenwich, if the text says.
    pub offset: Option<i32>,
}

impl Read {
    /// The instant; `zone` counts only where the text has no offset.
    pub(crate) fn instant(self, zone: &Zone) -> Option<Micros> {
        let micros = match self.offset {
            Some(offset) => self.civil - i64::from(offset) * 1_000_000,
            None => zone.instant(self.civil)?,
        };
        Micros::new(micros).ok()
    }
}

/// Reads `YYYY-MM-DD`, then optionally `T` or a blank, `HH:MM`, `:SS`, a fraction, and `Z`, `UTC`, `±HH`, `±HHMM`,
/// `±HH:MM` or `±HH:MM:SS`. Digits below a microsecond are cut.
pub(crate) fn iso(text: &str) -> Option<Read> {
    let b = text.trim_ascii().as_bytes();
    let (year, rest) = (digits(b.get(..4)?)?, b.get(4..)?);
    let sep = *rest.first()?;
    if !matches!(sep, b'-' | b'/') || *rest.get(3)? != sep {
        return None;
    }
    let (month, day) = (digits(rest.get(1..3)?)?, digits(rest.get(4..6)?)?);
    let days = civil::Date::new(year as i16, month as i8, day as i8).ok()?;
    let mut micros = days_since_1970(days) * 86_400_000_000;
    let mut rest = &rest[6..];
    if rest.is_empty() {
        return Some(Read {
            civil: micros,
            offset: None,
        });
    }
    match rest[0] {
        b'T' | b't' | b' ' => rest = &rest[1..],
        _ => return None,
    }
    let (hour, minute) = (digits(rest.get(..2)?)?, digits(rest.get(3..5)?)?);
    if *rest.get(2)? != b':' || hour > 23 || minute > 59 {
        return None;
    }
    micros += (hour * 3600 + minute * 60) * 1_000_000;
    rest = &rest[5..];
    if rest.first() == Some(&b':') {
        let second = digits(rest.get(1..3)?)?;
        if second > 60 {
            return None;
        }
        // A leap second is the last microsecond of its minute as far as an instant in µs since 1970 can tell.
        micros += second.min(59) * 1_000_000;
        rest = &rest[3..];
        if matches!(rest.first(), Some(b'.' | b',')) {
            let n = rest[1..].iter().take_while(|c| c.is_ascii_digit()).count();
            if n == 0 {
                return None;
            }
            let kept = n.min(6);
            micros += digits(&rest[1..=kept])? * 10_i64.pow(6 - kept as u32);
            rest = &rest[1 + n..];
        }
    }
    let rest = rest.trim_ascii_start();
    let offset = match rest {
        b"" => None,
        b"Z" | b"z" | b"UTC" | b"GMT" => Some(0),
        _ => Some(offset(rest)?),
    };
    Some(Read {
        civil: micros,
        offset,
    })
}

/// Reads with a strptime pattern (`%Y-%m-%d %H:%M:%S` …), or `epoch-s` and `epoch-ms` for numbers of seconds and
/// milliseconds since 1970.
pub(crate) fn pattern(text: &str, pattern: &str) -> Option<Read> {
    let text = text.trim();
    let scale = match pattern {
        "iso" => return iso(text),
        "epoch-s" => 1e6,
        "epoch-ms" => 1e3,
        _ => {
            let broken = jiff::fmt::strtime::parse(pattern, text).ok()?;
            let date = broken.to_date().ok()?;
            let time = broken.to_time().unwrap_or_default();
            let clock = date.to_datetime(time);
            let civil = TimeZone::UTC.to_timestamp(clock).ok()?.as_microsecond();
            return Some(Read {
                civil,
                offset: broken.offset().map(jiff::tz::Offset::seconds),
            });
        }
    };
    if let Ok(n) = text.parse::<i64>() {
        return Some(Read {
            civil: n.checked_mul(scale as i64)?,
            offset: Some(0),
        });
    }
    let value: f64 = text.parse().ok()?;
    (value.abs() < 1e14).then_some(Read {
        civil: (value * scale).round() as i64,
        offset: Some(0),
    })
}

fn offset(b: &[u8]) -> Option<i32> {
    let sign = match b.first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let (h, m, s) = match b.len() {
        3 => (digits(&b[1..3])?, 0, 0),
        5 => (digits(&b[1..3])?, digits(&b[3..5])?, 0),
        6 if b[3] == b':' => (digits(&b[1..3])?, digits(&b[4..6])?, 0),
        9 if b[3] == b':' && b[6] == b':' => {
            (digits(&b[1..3])?, digits(&b[4..6])?, digits(&b[7..9])?)
        }
        _ => return None,
    };
    (h < 26 && m < 60 && s < 60).then_some(sign * (h * 3600 + m * 60 + s) as i32)
}

fn digits(b: &[u8]) -> Option<i64> {
    b.iter().try_fold(0_i64, |n, c| {
        c.is_ascii_digit().then(|| n * 10 + i64::from(c - b'0'))
    })
}

/// Days from 1970-01-01, by the usual shift of the year's beginning to March.
fn days_since_1970(d: civil::Date) -> i64 {
    let (y, m, day) = (
        i64::from(d.year()),
        i64::from(d.month()),
        i64::from(d.day()),
    );
    let y = if m <= 2 { y - 1 } else { y };
    let era = y.div_euclid(400);
    let of_era = y.rem_euclid(400);
    let of_year = (153 * ((m + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_jiff() {
        let mut checked = 0;
        for days in (-200_000..200_000_i64).step_by(37) {
            let t = Timestamp::from_second(days * 86_400 + days.rem_euclid(86_400)).unwrap();
            assert_eq!(
                iso(&t.to_string()).and_then(|r| r.instant(&Zone::utc())),
                Some(Micros::from(t)),
                "{t}"
            );
            checked += 1;
        }
        assert!(checked > 10_000);
    }

    #[test]
    fn what_is_read_and_what_is_not() {
        let zone: Zone = "+08:00".parse().unwrap();
        let shown = |text: &str| {
            iso(text)
                .and_then(|r| r.instant(&zone))
                .map_or("-".into(), |m| m.to_string())
        };
        for (text, instant) in [
            ("2006-07-24T00:00:00.000+02:00", "2006-07-23T22:00:00Z"),
            ("2006-07-24T00:00:00.000", "2006-07-23T16:00:00Z"),
            ("2019-05-20 07:07:47.000Z", "2019-05-20T07:07:47Z"),
            (
                "2011-10-11 13:45:40.276000+02:00",
                "2011-10-11T11:45:40.276Z",
            ),
            (
                "2022-10-20T16:56:19.1234567890-0530",
                "2022-10-20T22:26:19.123456Z",
            ),
            ("2022/10/20 16:56", "2022-10-20T08:56:00Z"),
            ("2022-10-20", "2022-10-19T16:00:00Z"),
            ("2016-12-31T23:59:60Z", "2016-12-31T23:59:59Z"),
            ("2022-02-30", "-"),
            ("2022-10-20T24:00:00Z", "-"),
            ("2022-10-20T12:00:00.Z", "-"),
            ("2022-10-20Z12:00", "-"),
            ("", "-"),
            ("20.10.2022", "-"),
            ("二〇二二", "-"),
        ] {
            assert_eq!(shown(text), instant, "{text}");
        }
        let berlin: Zone = "Europe/Berlin".parse().unwrap();
        assert_eq!(
            iso("2022-07-01T12:00")
                .unwrap()
                .instant(&berlin)
                .unwrap()
                .to_string(),
            "2022-07-01T10:00:00Z"
        );
        assert!("Mars/Base".parse::<Zone>().is_err());
        assert_eq!(
            pattern("20.05.2019 07:07", "%d.%m.%Y %H:%M")
                .unwrap()
                .instant(&zone)
                .unwrap()
                .to_string(),
            "2019-05-19T23:07:00Z"
        );
        assert_eq!(
            pattern("1500000000", "epoch-s")
                .unwrap()
                .instant(&zone)
                .unwrap()
                .get(),
            1_500_000_000_000_000
        );
    }
}
