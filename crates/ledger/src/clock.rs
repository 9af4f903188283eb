//! Where the time comes from: an argument, so that tests can turn it back.

use std::time::{SystemTime, UNIX_EPOCH};

/// A wall clock.
pub trait Clock: Send + Sync {
    /// Microseconds since 1970-01-01T00:00:00Z.
    fn now(&self) -> i64;
}

/// The clock of the machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> i64 {
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        since.map_or(0, |d| i64::try_from(d.as_micros()).unwrap_or(i64::MAX))
    }
}

/// Bytes of [`stamp`].
pub const STAMP_LEN: usize = 27;

/// `2026-11-23T06:07:12.345678Z`, always 27 bytes: what the sequencer puts into a stamped entry.
///
/// The range is that of four-digit years; a clock outside it is held at its ends.
pub fn stamp(micros: i64) -> [u8; STAMP_LEN] {
    const FIRST: i64 = -62_167_219_200_000_000;
    const LAST: i64 = 253_402_207_200_000_000;
    let t =
        jiff::Timestamp::from_microsecond(micros.clamp(FIRST, LAST)).expect("inside jiff's range");
    let text = format!("{t:.6}");
    text.as_bytes()
        .try_into()
        .expect("four-digit year and six digits of fraction are 27 bytes")
}

#[cfg(test)]
mod tests {
    use super::stamp;

    #[test]
    fn a_stamp_has_one_width() {
        for (micros, text) in [
            (0, "1970-01-01T00:00:00.000000Z"),
            (1_795_500_432_345_678, "2026-11-24T06:07:12.345678Z"),
            (i64::MIN, "0000-01-01T00:00:00.000000Z"),
            (i64::MAX, "9999-12-30T22:00:00.000000Z"),
        ] {
            assert_eq!(std::str::from_utf8(&stamp(micros)).unwrap(), text);
        }
    }
}
