#![no_main]
//! Any text as a version of every scheme, as a range, and as a name: no panic, bounded keys, canonical texts that stay.

use libfuzzer_sys::fuzz_target;
use supply::version::{Scheme, Syntax, key, parse_expression, parse_vers};

fuzz_target!(|text: &str| {
    for scheme in Scheme::ALL {
        if let Ok(key) = key(scheme, text) {
            assert!(key.as_bytes().len() <= 16 + 8 * text.len());
        }
        for syntax in [Syntax::Comparators, Syntax::Brackets] {
            if let Ok(set) = parse_expression(scheme, syntax, text) {
                assert_eq!(set.complement().complement(), set);
            }
        }
    }
    let _ = parse_vers(text);
    if let Ok(purl) = supply::name::Purl::parse(text) {
        let canonical = purl.to_string();
        let again = supply::name::Purl::parse(&canonical).expect("a canonical text is read");
        assert_eq!(again.to_string(), canonical);
        let _ = (purl.package().key(), purl.source(), purl.version_text().is_some());
    }
    let _ = supply::name::cpe::Cpe::parse(text).map(|cpe| cpe.to_string());
});
