//! Pinyin initials of a name, for finding people on the roster by `wxm`.
//!
//! GB 2312 lists its 3,755 commonest characters in the order of their pinyin, so 23 bounds give the first letter; that
//! covers nearly all names. Characters of several readings get that of the standard, and rarer ones none: a roster can
//! give initials of its own.

/// First character code of each letter, in GB 2312.
const BOUNDS: [(u16, char); 23] = [
    (0xB0A1, 'a'),
    (0xB0C5, 'b'),
    (0xB2C1, 'c'),
    (0xB4EE, 'd'),
    (0xB6EA, 'e'),
    (0xB7A2, 'f'),
    (0xB8C1, 'g'),
    (0xB9FE, 'h'),
    (0xBBF7, 'j'),
    (0xBFA6, 'k'),
    (0xC0AC, 'l'),
    (0xC2E8, 'm'),
    (0xC4C3, 'n'),
    (0xC5B6, 'o'),
    (0xC5BE, 'p'),
    (0xC6DA, 'q'),
    (0xC8BB, 'r'),
    (0xC8F6, 's'),
    (0xCBFA, 't'),
    (0xCDDA, 'w'),
    (0xCEF4, 'x'),
    (0xD1B9, 'y'),
    (0xD4D1, 'z'),
];
const LAST: u16 = 0xD7F9;

/// Lower-case initials; letters and digits stay, everything else is left out.
pub(crate) fn initials(name: &str) -> String {
    let mut out = String::new();
    for c in name.chars().take(64) {
        if c.is_ascii_alphanumeric() {
            out.push(c.to_ascii_lowercase());
            continue;
        }
        let mut buffer = [0; 4];
        let (bytes, _, unknown) = encoding_rs::GBK.encode(c.encode_utf8(&mut buffer));
        if let ([high, low], false) = (&bytes[..], unknown) {
            let code = u16::from_be_bytes([*high, *low]);
            if (BOUNDS[0].0..=LAST).contains(&code) && *low >= 0xA1 {
                let at = BOUNDS.partition_point(|(first, _)| *first <= code) - 1;
                out.push(BOUNDS[at].1);
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    #[test]
    fn initials_of_names() {
        for (name, initials) in [
            ("王小明", "wxm"),
            ("李四", "ls"),
            ("欧阳锋", "oyf"),
            ("阿合买提·艾力", "ahmtal"),
            ("张A3", "za3"),
            ("", ""),
            ("赵卓", "zz"),
            ("陈静", "cj"),
            ("啊匝", "az"),
            ("😀", ""),
        ] {
            assert_eq!(super::initials(name), initials, "{name}");
        }
    }
}
