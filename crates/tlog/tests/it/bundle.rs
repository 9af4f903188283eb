//! Entry bundles: what is pushed comes out, what is cut is named.

use proptest::prelude::*;
use tlog::bundle::{BundleError, MAX_ENTRY, TooLong, iter, push};

#[test]
fn the_encoding_is_a_length_and_the_bytes() {
    let mut out = Vec::new();
    push(&mut out, b"abc").unwrap();
    push(&mut out, b"").unwrap();
    assert_eq!(out, b"\x00\x03abc\x00\x00");
}

#[test]
fn the_longest_entry_fits_and_one_byte_more_does_not() {
    let mut out = Vec::new();
    push(&mut out, &vec![7; MAX_ENTRY]).unwrap();
    assert_eq!(out.len(), 2 + 65_535);
    assert_eq!(
        push(&mut out, &vec![7; MAX_ENTRY + 1]),
        Err(TooLong { len: 65_536 })
    );
    assert_eq!(
        out.len(),
        2 + 65_535,
        "a refused entry leaves nothing behind"
    );
    assert_eq!(
        iter(&out).map(|e| e.unwrap().len()).collect::<Vec<_>>(),
        [MAX_ENTRY]
    );
}

#[test]
fn every_cut_names_the_entry_it_cut() {
    let mut bundle = Vec::new();
    push(&mut bundle, b"abc").unwrap();
    push(&mut bundle, b"defg").unwrap();
    for cut in 0..bundle.len() {
        let read: Vec<_> = iter(&bundle[..cut]).collect();
        let want: Vec<Result<&[u8], BundleError>> = match cut {
            0 => vec![],
            1 => vec![Err(BundleError {
                entry: 0,
                offset: 0,
                missing: 1,
            })],
            2..=4 => vec![Err(BundleError {
                entry: 0,
                offset: 0,
                missing: 5 - cut,
            })],
            5 => vec![Ok(b"abc")],
            6 => vec![
                Ok(b"abc"),
                Err(BundleError {
                    entry: 1,
                    offset: 5,
                    missing: 1,
                }),
            ],
            _ => vec![
                Ok(b"abc"),
                Err(BundleError {
                    entry: 1,
                    offset: 5,
                    missing: 11 - cut,
                }),
            ],
        };
        assert_eq!(read, want, "cut at {cut}");
    }
}

proptest! {
    #[test]
    fn entries_come_out_as_they_went_in(entries in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..300), 0..300)) {
        let mut bundle = Vec::new();
        for entry in &entries {
            push(&mut bundle, entry).unwrap();
        }
        let read: Result<Vec<&[u8]>, _> = iter(&bundle).collect();
        prop_assert_eq!(read.unwrap(), entries);
    }

    #[test]
    fn any_bytes_are_read_to_an_end(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        let mut again = Vec::new();
        let mut failed = false;
        for entry in iter(&bytes) {
            prop_assert!(!failed, "nothing follows an error");
            match entry {
                Ok(entry) => push(&mut again, entry).unwrap(),
                Err(_) => failed = true,
            }
        }
        prop_assert!(bytes.starts_with(&again));
        prop_assert_eq!(again.len() == bytes.len(), !failed);
    }
}
