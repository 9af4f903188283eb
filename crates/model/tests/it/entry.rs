//! Entries: a header line, an empty line, signatures or none.

use model::Entry;
use tlog::note::{self, KeyKind, SigningKey};

use crate::header::detention;

#[test]
fn an_unsigned_entry_has_no_signatures_and_a_signed_one_is_a_note() {
    let header = detention();
    let unsigned = Entry::unsigned(&header);
    assert!(Entry::parse(&unsigned).unwrap().signatures.is_empty());
    assert!(
        note::Note::parse(&unsigned).is_err(),
        "nobody must take it for verified"
    );
    let (before, after) = Entry::unsigned_around_recorded(&header);
    assert_eq!(
        [&before[..], header.recorded.fixed().as_bytes(), &after].concat(),
        unsigned
    );

    let key = SigningKey::from_seed("A330100/p-1", [3; 32], KeyKind::Actor).unwrap();
    let line = note::sign(&format!("{}\n", header.line()), &key).unwrap();
    let signed = Entry::signed(&header, std::slice::from_ref(&line));
    let parsed = Entry::parse(&signed).unwrap();
    assert_eq!(parsed.header, header);
    assert_eq!(parsed.signatures, [line]);
    let note = note::Note::parse(&signed).unwrap();
    note.verify(&[key.verifier().clone()]).unwrap();
}

#[test]
fn what_is_no_entry_is_named() {
    let good = String::from_utf8(Entry::unsigned(&detention())).unwrap();
    let line = good.trim_end();
    let mut said = String::new();
    for (name, bytes) in [
        ("empty", String::new()),
        ("no separator", format!("{line}\n")),
        ("no header", "\n\n".to_owned()),
        (
            "a signature line without its end",
            format!("{line}\n\n— a b"),
        ),
        ("not a signature line", format!("{line}\n\nhello\n")),
        ("an empty line more", format!("{line}\n\n\n")),
    ] {
        said += &format!("{name}: {}\n", Entry::parse(bytes.as_bytes()).unwrap_err());
    }
    said += &format!("bytes: {}\n", Entry::parse(&[0xff, 0xfe]).unwrap_err());
    insta::assert_snapshot!(said);
}
