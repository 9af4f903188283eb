//! Row "damaged frame in the middle": the log refuses, and names segment and index.

use ledger::{OpenError, frame::Head};

use testkit::store::{Fault, Faulty, OpKind};

use super::lab::{Book, Lab, audit, wait_published};

const FIRST: &str = "wal/0000000000000001.seg";

#[test]
fn it_refuses_and_names_segment_and_index() {
    let lab = Lab {
        segment_bytes: 1024 * 1024,
        ..Lab::new()
    };
    let disk = lab.create();
    let (ledger, _) = lab.open(disk.clone()).unwrap();
    let mut book = Book::default();
    for from in [0, 50, 100, 150] {
        book.append(&ledger, from..from + 50, 50).unwrap();
    }
    drop(ledger);
    let good = disk.get(FIRST).unwrap();
    let mut at = 0;
    let mut said = String::new();
    let mut found = 0;
    while let Ok(head) = Head::parse(&good[at..]) {
        let len = usize::try_from(head.frame_len()).unwrap();
        let next_is_whole = Head::parse(&good[at + len..]).is_ok();
        if next_is_whole && head.count > 0 {
            // Head, entries, sides, commit.
            let content = 128 + usize::try_from(head.entries_len + head.sides_len).unwrap();
            for flip in [
                3,
                40,
                100,
                128,
                content / 2,
                content - 1,
                content + 5,
                content + 43,
            ] {
                let mut bad = good.clone();
                bad[at + flip] ^= 1;
                let copy = disk.copy();
                copy.put(FIRST, &bad);
                let refused = lab.open(copy.clone()).map(|_| ()).unwrap_err();
                let OpenError::Damaged {
                    segment,
                    offset,
                    index,
                    ..
                } = &refused
                else {
                    panic!("flip at {flip} of frame at {at}: {refused}");
                };
                assert_eq!((segment.as_str(), *offset), (FIRST, at as u64));
                assert_eq!(*index, head.first);
                assert_eq!(copy.get(FIRST).unwrap(), bad, "nothing was changed");
                assert!(audit(&copy).is_err());
                found += 1;
                if flip == 128 && head.first == 50 {
                    said += &format!("{refused}\n");
                }
            }
        }
        at += len;
    }
    assert!(found >= 24, "{found} flips");
    insta::assert_snapshot!(said, @"wal/0000000000000001.seg: the frame at byte 24576 is damaged (the check sum of the frame does not hold), entries from 50 on are in it or behind it; restore the segment from a copy, nothing was changed");
}

/// A damaged first frame of the oldest segment is not taken for a spare while its entries may be nowhere else.
#[test]
fn a_damaged_first_frame_of_the_oldest_segment_is_not_taken_for_a_spare() {
    let lab = Lab::new();
    let disk = lab.create();
    let store = Faulty::with(disk.clone(), Some(OpKind::SyncAll), "", 0, Fault::Hold);
    let (ledger, _) = lab.open(store.clone()).unwrap();
    let mut book = Book::default();
    // Tiles are being written but never synced; the frames go on in several segments.
    for from in (0..1500).step_by(50) {
        book.append(&ledger, from..from + 50, 50).unwrap();
    }
    wait_published(&ledger);
    store.stop();
    store.release();
    drop(ledger);
    let disk = disk.kill();
    book.collect(&disk);
    let segments: Vec<String> = disk
        .paths()
        .into_iter()
        .filter(|p| p.starts_with("wal/") && disk.get(p).unwrap().starts_with(b"LHFRAME1"))
        .collect();
    assert!(segments.len() > 3, "{segments:?}");
    for path in &segments {
        for flip in [0, 9, 30, 130] {
            let copy = disk.copy();
            let mut bytes = copy.get(path).unwrap();
            bytes[flip] ^= 1;
            copy.put(path, &bytes);
            // What the tiler had begun is lost with the power, but for the tiles that the frames need.
            for tile in copy
                .paths()
                .iter()
                .filter(|p| p.starts_with("tile/entries"))
            {
                copy.put(tile, &[]);
            }
            let refused = lab.open(copy.clone()).map(|_| ()).unwrap_err();
            assert!(refused.to_string().contains(path), "{refused}");
            assert_eq!(
                copy.get(path),
                Some(bytes),
                "{refused}: nothing was removed"
            );
        }
    }
}
