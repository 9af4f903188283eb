//! Running numbers (文号、警情编号): what of a number is the register that it was given from, and which number it is in it.
//!
//! A number of a paper is text: `甲公（刑）拘字〔2026〕17号`. The last group of digits is taken for the number, everything around
//! it for the register, the year included where it is written. **Is not** a judgement: whether a register runs without gaps
//! is asked in `read/off_book.rs`, and no rule of law says how numbers have to look.

/// Digits of a number, at most; longer groups are telephone numbers, codes and the like.
const DIGITS: usize = 9;
/// Characters of the whole text, at most.
const LONG: usize = 120;

/// A number in its register.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Numbered {
    /// The text with `#` for the number: one register, mostly of one year.
    pub series: String,
    /// The number.
    pub serial: u32,
}

/// Takes a number apart; `None` where there is none in it.
pub fn numbered(text: &str) -> Option<Numbered> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > LONG || text.contains('#') {
        return None;
    }
    // Forms are filled in with full-width digits too.
    let plain: String = text
        .chars()
        .map(|c| match c {
            '０'..='９' => char::from(b'0' + (u32::from(c) - u32::from('０')) as u8),
            c => c,
        })
        .collect();
    let end = plain.rfind(|c: char| c.is_ascii_digit())? + 1;
    let start = plain[..end]
        .rfind(|c: char| !c.is_ascii_digit())
        .map_or(0, |at| {
            at + plain[at..].chars().next().map_or(1, char::len_utf8)
        });
    let digits = &plain[start..end];
    // Nothing around it: a number of which nobody can say where it was given out.
    if digits.len() > DIGITS || (start == 0 && end == plain.len()) {
        return None;
    }
    Some(Numbered {
        serial: digits.parse().ok()?,
        series: format!("{}#{}", &plain[..start], &plain[end..]),
    })
}
