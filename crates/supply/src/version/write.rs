//! Bytes that sort: numbers without limit, texts with an end, and the codes between them.
//!
//! Knows *no* scheme. Codes that a scheme puts where a number could stand lie below [`FIRST_NUMBER`] or above
//! [`LAST_NUMBER`], so that one comparison of bytes decides.

use smallvec::SmallVec;

/// First byte of the number 0; codes below sort before every number.
pub(super) const FIRST_NUMBER: u8 = 0x20;
/// No number begins above; codes there sort after every number.
pub(super) const LAST_NUMBER: u8 = 0xef;
/// Numbers below this are one byte.
const SMALL: u32 = 0x80;
/// First byte of a number of three digits that is not small; one more for each digit more.
const LONG: u8 = FIRST_NUMBER + 0x80;

/// Collects the bytes of one key.
#[derive(Default)]
pub(super) struct Writer(pub(super) SmallVec<[u8; 24]>);

impl Writer {
    /// A code of the scheme.
    pub(super) fn code(&mut self, code: u8) {
        self.0.push(code);
    }

    /// ASCII digits as a number: leading zeros do not count, no digit at all is 0.
    pub(super) fn number(&mut self, digits: &[u8]) {
        let digits = without_zeros(digits);
        if digits.len() <= 3 {
            let value = digits
                .iter()
                .fold(0_u32, |n, d| n * 10 + u32::from(d - b'0'));
            if value < SMALL {
                // At most 0x9f.
                self.0.push(FIRST_NUMBER + value as u8);
                return;
            }
        }
        let beyond = digits.len() - 3;
        let escape = LAST_NUMBER - LONG;
        match u8::try_from(beyond) {
            Ok(n) if n < escape => self.0.push(LONG + n),
            _ => {
                // Texts end at `MAX_TEXT`, so two bytes hold every length.
                self.0.push(LAST_NUMBER);
                let n = u16::try_from(digits.len()).unwrap_or(u16::MAX);
                self.0.extend_from_slice(&n.to_be_bytes());
            }
        }
        self.0.extend_from_slice(digits);
    }

    /// Text as it stands, ended so that a beginning sorts before what goes on. Texts hold no byte below 0x21.
    pub(super) fn text(&mut self, text: &[u8]) {
        self.0.extend_from_slice(text);
        self.0.push(0);
    }

    /// Text with ASCII letters made small.
    pub(super) fn lower(&mut self, text: &[u8]) {
        self.0.extend(text.iter().map(u8::to_ascii_lowercase));
        self.0.push(0);
    }
}

/// Digits without leading zeros.
pub(super) fn without_zeros(digits: &[u8]) -> &[u8] {
    let zeros = digits.iter().take_while(|d| **d == b'0').count();
    &digits[zeros..]
}

/// Whether all of it is digits, and there is one.
pub(super) fn is_number(text: &[u8]) -> bool {
    !text.is_empty() && text.iter().all(u8::is_ascii_digit)
}

/// Takes the longest beginning for which `fits` holds.
pub(super) fn take<'a>(rest: &mut &'a [u8], fits: impl Fn(u8) -> bool) -> &'a [u8] {
    let n = rest.iter().take_while(|b| fits(**b)).count();
    let (head, tail) = rest.split_at(n);
    *rest = tail;
    head
}
