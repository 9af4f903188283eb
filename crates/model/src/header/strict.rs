//! The quick way to read a header: exactly what [`Header::line`] writes, byte after byte, and nothing else.
//!
//! It is *not* a reader of JSON. Whatever it does not know (an escape, another order, a time that needs a second look) it
//! leaves to the general reader, which also says what is wrong; so it may give up on a good line, but never take a bad one.

use crate::{
    Activity, Actor, Commitment, EventId, Header, Micros, ObjectRef, ObjectType, OrganCode,
    Pseudonym, Qualifier, RoleId, RuleId,
};

/// The header of a line in its one spelling; `None` is for the general reader.
pub(super) fn parse(line: &[u8]) -> Option<Header> {
    let mut rest = Rest(std::str::from_utf8(line).ok()?);
    rest.skip("{\"v\":1,\"id\":")?;
    let id = event_id(rest.text()?)?;
    rest.skip(",\"activity\":")?;
    let activity = Activity::new(rest.text()?).ok()?;
    rest.skip(",\"occurred\":")?;
    let occurred = time(rest.text()?, false)?;
    rest.skip(",\"recorded\":")?;
    let recorded = time(rest.text()?, true)?;
    rest.skip(",\"organ\":")?;
    let organ = OrganCode::new(rest.text()?).ok()?;
    let actor = rest.list(",\"actor\":[", |rest| {
        rest.skip("{\"p\":")?;
        let p = pseudonym(rest.text()?)?;
        rest.skip(",\"role\":")?;
        let role = RoleId::new(rest.text()?).ok()?;
        rest.skip("}")?;
        Some(Actor { p, role })
    })?;
    let objects = rest.list(",\"objects\":[", |rest| {
        rest.skip("[")?;
        let object_type = ObjectType::new(rest.text()?).ok()?;
        rest.skip(",")?;
        let id = pseudonym(rest.text()?)?;
        let qualifier = match rest.skip(",") {
            Some(()) => Some(Qualifier::new(rest.text()?).ok()?),
            None => None,
        };
        rest.skip("]")?;
        Some(ObjectRef {
            object_type,
            id,
            qualifier,
        })
    })?;
    let basis = rest.list(",\"basis\":[", |rest| RuleId::new(rest.text()?).ok())?;
    let correction_of = match rest.skip(",\"correction_of\":") {
        Some(()) => Some(event_id(rest.text()?)?),
        None => None,
    };
    let body = match rest.skip(",\"body\":{\"hash\":\"sha256:") {
        Some(()) => {
            let hash = hash(rest.take(64)?)?;
            rest.skip("\",\"size\":")?;
            let size = rest.number()?;
            rest.skip("}")?;
            Some(Commitment { hash, size })
        }
        None => None,
    };
    let to = rest.list(",\"to\":[", |rest| OrganCode::new(rest.text()?).ok())?;
    rest.skip("}")?;
    rest.0.is_empty().then_some(Header {
        id,
        activity,
        occurred,
        recorded,
        organ,
        actor,
        objects,
        basis,
        correction_of,
        body,
        to,
    })
}

/// What was not yet read.
struct Rest<'a>(&'a str);

impl<'a> Rest<'a> {
    fn skip(&mut self, expected: &str) -> Option<()> {
        self.0 = self.0.strip_prefix(expected)?;
        Some(())
    }

    fn take(&mut self, bytes: usize) -> Option<&'a str> {
        let (taken, rest) = self.0.split_at_checked(bytes)?;
        self.0 = rest;
        Some(taken)
    }

    /// A text without escapes. What must be escaped ends it or makes it fail.
    fn text(&mut self) -> Option<&'a str> {
        self.skip("\"")?;
        let special = |b: u8| b == b'"' || b == b'\\' || b < b' ';
        let end = self.0.bytes().position(special)?;
        let text = self.take(end)?;
        self.skip("\"")?;
        Some(text)
    }

    /// Digits without a leading zero.
    fn number(&mut self) -> Option<u64> {
        let end = self.0.bytes().position(|b| !b.is_ascii_digit())?;
        let digits = self.take(end)?;
        if digits.len() > 1 && digits.starts_with('0') {
            return None;
        }
        digits.parse().ok()
    }

    /// A list that is left out when it is empty.
    fn list<T>(&mut self, begin: &str, one: impl Fn(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        let mut out = Vec::new();
        if self.skip(begin).is_none() {
            return Some(out);
        }
        loop {
            out.push(one(self)?);
            if self.skip(",").is_none() {
                self.skip("]")?;
                return Some(out);
            }
        }
    }
}

fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

fn hash(hex: &str) -> Option<[u8; 32]> {
    let (pairs, _) = hex.as_bytes().as_chunks::<2>();
    let mut hash = [0; 32];
    for (byte, [high, low]) in hash.iter_mut().zip(pairs) {
        *byte = nibble(*high)? << 4 | nibble(*low)?;
    }
    Some(hash)
}

fn pseudonym(text: &str) -> Option<Pseudonym> {
    // It has one spelling only.
    text.parse().ok()
}

/// `01a20703-ffd9-7bab-abab-abababababab`, lower case.
fn event_id(text: &str) -> Option<EventId> {
    let text = text.as_bytes();
    if text.len() != 36 {
        return None;
    }
    let mut bytes = [0; 16];
    let mut at = 0;
    for byte in &mut bytes {
        if matches!(at, 8 | 13 | 18 | 23) {
            if text[at] != b'-' {
                return None;
            }
            at += 1;
        }
        *byte = nibble(text[at])? << 4 | nibble(text[at + 1])?;
        at += 2;
    }
    Some(EventId::from_bytes(bytes))
}

/// A time in UTC; `fixed` with six digits of a second ([`Micros::fixed`]), else without zeros at its end.
fn time(text: &str, fixed: bool) -> Option<Micros> {
    let text = text.as_bytes().strip_suffix(b"Z")?;
    let (whole, fraction) = text.split_at_checked("2026-11-23T06:07:12".len())?;
    for (at, mark) in [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':')] {
        if whole[at] != mark {
            return None;
        }
    }
    let year = digits(&whole[..4])?;
    let month = digits(&whole[5..7])?;
    let day = digits(&whole[8..10])?;
    let (hour, minute, second) = (
        digits(&whole[11..13])?,
        digits(&whole[14..16])?,
        digits(&whole[17..])?,
    );
    let fraction = match fraction {
        [] if !fixed => 0,
        [b'.', rest @ ..] if (1..=6).contains(&rest.len()) => {
            if (fixed && rest.len() != 6) || (!fixed && rest.ends_with(b"0")) {
                return None;
            }
            digits(rest)? * 10_i64.pow(6 - rest.len() as u32)
        }
        _ => return None,
    };
    let date = jiff::civil::Date::new(
        i16::try_from(year).ok()?,
        i8::try_from(month).ok()?,
        i8::try_from(day).ok()?,
    );
    let date = date.ok()?;
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let days = days_since_1970(year, month, date.day().into());
    Micros::new(((days * 24 + hour) * 60 + minute) * 60_000_000 + second * 1_000_000 + fraction)
        .ok()
}

fn digits(text: &[u8]) -> Option<i64> {
    text.iter().try_fold(0, |n, b| {
        b.is_ascii_digit().then(|| n * 10 + i64::from(b - b'0'))
    })
}

/// Days of the Gregorian calendar from 1970-01-01 to a date: years begin in March, so that the leap day is their last.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let (year, month) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let day_of_year = (153 * month + 2) / 5 + day - 1;
    365 * year + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + day_of_year
        - 719_468
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_time_is_taken_in_its_two_spellings_only(micros in -62_167_219_200_000_000_i64..=253_402_207_200_000_000, zeros in 0_u32..7) {
            // Whole seconds and milliseconds too.
            let unit = 10_i64.pow(zeros);
            let t = Micros::new(micros / unit * unit).unwrap();
            prop_assert_eq!(time(&t.to_string(), false), Some(t));
            prop_assert_eq!(time(&t.fixed(), true), Some(t));
            prop_assert_eq!(time(&t.to_string(), true).is_some(), t.to_string() == t.fixed());
        }

        #[test]
        fn what_is_taken_as_a_time_is_spelt_so(text in "[0-9]{3,5}-[0-3][0-9]-[0-3][0-9]T[0-2][0-9]:[0-9]{2}:[0-9]{2}(\\.[0-9]{0,7})?Z?") {
            if let Some(t) = time(&text, false) {
                prop_assert_eq!(t.to_string(), text.clone());
            }
            if let Some(t) = time(&text, true) {
                prop_assert_eq!(t.fixed(), text);
            }
        }
    }
}
