//! How times, sizes, hashes and ids are written on pages.

use std::fmt::Write as _;

use jiff::{civil::DateTime, tz::Offset};
use model::Micros;
use qrcode::{EcLevel, QrCode};

use crate::texts::Lang;

/// China has one zone and no summer time. A node elsewhere would have a setting here.
const ZONE: Offset = Offset::constant(8);

/// `2026-11-23 14:05`.
pub(crate) fn minute(at: Micros) -> String {
    ZONE.to_datetime(at.timestamp())
        .strftime("%Y-%m-%d %H:%M")
        .to_string()
}

/// `2026-11-23 14:05:09`.
pub(crate) fn second(at: Micros) -> String {
    ZONE.to_datetime(at.timestamp())
        .strftime("%Y-%m-%d %H:%M:%S")
        .to_string()
}

/// `2026-11-23`.
pub(crate) fn day(at: Micros) -> String {
    ZONE.to_datetime(at.timestamp())
        .strftime("%Y-%m-%d")
        .to_string()
}

/// A due moment: a limit that lasts to the end of a day ends at its 24:00.
pub(crate) fn due(at: Micros) -> String {
    let local = ZONE.to_datetime(at.timestamp());
    match end_of_day(at) {
        true => local.strftime("%Y-%m-%d 24:00").to_string(),
        false => minute(at),
    }
}

/// Only the time of a due moment.
pub(crate) fn due_clock(at: Micros) -> String {
    match end_of_day(at) {
        true => "24:00".to_owned(),
        false => clock(at),
    }
}

/// Whether it is the last microsecond of a local day.
fn end_of_day(at: Micros) -> bool {
    let local = ZONE.to_datetime(at.timestamp());
    (local.hour(), local.minute(), local.second()) == (23, 59, 59)
        && local.subsec_nanosecond() >= 999_999_000
}

/// `14:05`.
pub(crate) fn clock(at: Micros) -> String {
    ZONE.to_datetime(at.timestamp())
        .strftime("%H:%M")
        .to_string()
}

/// A time as a form field takes it: `2026-11-23T14:05`.
pub(crate) fn local(at: Micros) -> String {
    ZONE.to_datetime(at.timestamp())
        .strftime("%Y-%m-%dT%H:%M")
        .to_string()
}

/// A time as a form field sends it: `2026-11-23T14:05`, `2026-11-23 14:05` or `2026-11-23` (its first moment).
pub(crate) fn parse_local(text: &str) -> Option<Micros> {
    let civil = match text.trim().parse::<DateTime>() {
        Ok(at) => at,
        Err(_) => text
            .trim()
            .parse::<jiff::civil::Date>()
            .ok()?
            .to_datetime(jiff::civil::Time::midnight()),
    };
    Micros::new(ZONE.to_timestamp(civil).ok()?.as_microsecond()).ok()
}

/// `2 天 3 小时`: the two largest units; below an hour, minutes.
pub(crate) fn span(lang: Lang, micros: i64) -> String {
    let minutes = micros.max(0) / 60_000_000;
    let part = |key, n: i64| lang.text_with(key, &[("n", &n.to_string())]);
    let (a, b) = match (minutes / 1440, minutes / 60 % 24, minutes % 60) {
        (0, 0, m) => return part("minutes", m),
        (0, h, 0) => return part("hours", h),
        (0, h, m) => (part("hours", h), part("minutes", m)),
        (d, 0, _) => return part("days", d),
        (d, h, _) => (part("days", d), part("hours", h)),
    };
    lang.text_with("span-two", &[("a", &a), ("b", &b)])
}

/// Lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Hexadecimal in groups of four characters.
pub(crate) fn groups(bytes: &[u8]) -> Vec<String> {
    bytes.chunks(2).map(hex).collect()
}

/// `412 B`, `1.4 MB`.
pub(crate) fn size(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{:.1} KB", bytes as f64 / 1e3),
        _ => format!("{:.1} MB", bytes as f64 / 1e6),
    }
}

/// The line that a receipt is compared by, on paper or by QR code.
pub(crate) fn verify_line(origin: &str, index: u64, leaf: &[u8; 32]) -> String {
    format!("liuhen:{origin}#{index}={}", hex(leaf))
}

/// A QR code as the path of an SVG, and its width in modules with the quiet zone.
pub(crate) fn qr(text: &str) -> (String, usize) {
    const QUIET: usize = 2;
    let Ok(code) = QrCode::with_error_correction_level(text, EcLevel::L) else {
        // Longer than a code can hold (2,953 bytes): origins have at most 255, so this is an empty picture, not an error.
        return (String::new(), 1);
    };
    let width = code.width();
    let mut path = String::new();
    for (y, row) in code.to_colors().chunks(width).enumerate() {
        let mut x = 0;
        while x < width {
            let run = row[x..]
                .iter()
                .take_while(|c| **c == qrcode::Color::Dark)
                .count();
            if run > 0 {
                let _ = write!(path, "M{} {}h{run}v1h-{run}z", x + QUIET, y + QUIET);
            }
            x += run.max(1);
        }
    }
    (path, width + 2 * QUIET)
}
