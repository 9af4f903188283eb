//! Row "torn frame": every prefix of the last frame; every 512-byte sector of it old, zero or swapped.

use ledger::frame::Head;
use testkit::store::{Rng, SimDisk};

use super::lab::{Book, Lab};

const SEGMENT: &str = "wal/0000000000000001.seg";

struct Frames {
    lab: Lab,
    /// The segment before the last frame, and after it.
    before: Vec<u8>,
    after: Vec<u8>,
    at: usize,
    len: usize,
    content: usize,
    disk: SimDisk,
    book: Book,
}

/// A log with 40 acknowledged entries, and one frame of 30 more of which nobody has heard.
fn frames(recycled: bool) -> Frames {
    let lab = Lab {
        segment_bytes: 256 * 1024,
        ..Lab::new()
    };
    let mut book = Book::default();
    let disk = lab.create();
    let (ledger, _) = lab.open(disk.clone()).unwrap();
    book.append(&ledger, 0..40, 10).unwrap();
    super::lab::wait_published(&ledger);
    ledger.close();
    drop(ledger);
    book.collect(&disk);
    let mut before = disk.get(SEGMENT).unwrap();
    let kept = disk.copy();
    let (ledger, _) = lab.open(disk.clone()).unwrap();
    Book::default().append(&ledger, 40..70, 30).unwrap();
    // An end without an orderly close; a pause frame may have come behind, and is cut off below.
    drop(ledger);
    let after = disk.get(SEGMENT).unwrap();
    let at = (0..before.len())
        .step_by(4096)
        .find(|at| before[*at..*at + 4096] != after[*at..*at + 4096])
        .unwrap();
    let head = Head::parse(&after[at..]).unwrap();
    let len = usize::try_from(head.frame_len()).unwrap();
    let content = 128 + usize::try_from(head.entries_len + head.sides_len).unwrap() + 44;
    let mut after = after;
    after[at + len..].fill(0);
    if recycled {
        // What lies there is not zeros but frames of the time before, as in a segment that is used again.
        let mut old = before[..at].to_vec();
        old.truncate(len);
        let mut rest = at;
        while rest + old.len() <= before.len() {
            before[rest..rest + old.len()].copy_from_slice(&old);
            rest += old.len();
        }
        after[at + len..].copy_from_slice(&before[at + len..]);
    }
    Frames {
        lab,
        before,
        after,
        at,
        len,
        content,
        disk: kept,
        book,
    }
}

impl Frames {
    /// Starts with these bytes in the segment: what was acknowledged is there, and of the last frame all or nothing.
    fn start(&self, segment: &[u8], what: &str) -> u64 {
        let disk = self.disk.copy();
        disk.put(SEGMENT, segment);
        let mut book = self.book.clone();
        let (ledger, recovered) = self
            .lab
            .open(disk.clone())
            .unwrap_or_else(|e| panic!("{what}: {e}"));
        let size = ledger.size();
        assert!(size == 40 || size == 70, "{what}: {size} entries");
        // Padding is not content.
        let content = self.at..self.at + self.content;
        let whole = segment[content.clone()] == self.after[content];
        assert_eq!(size == 70, whole, "{what}");
        assert!(!(whole && recovered.cut_torn_frame), "{what}");
        book.append(&ledger, 200..210, 10).unwrap();
        assert_eq!(book.acknowledged[&200], size, "{what}");
        book.check(&ledger, &disk);
        size
    }
}

#[test]
fn every_prefix() {
    for recycled in [false, true] {
        let frames = frames(recycled);
        // Byte by byte around the edges of its parts, by sectors in between.
        let interesting = (0..frames.len).filter(|n| {
            n % 512 == 0
                || *n < 4
                || (126..132).contains(n)
                || (*n + 50 > frames.content && *n < frames.content + 2)
        });
        for n in interesting.chain([frames.len]) {
            let mut segment = frames.before.clone();
            let end = frames.at + n;
            segment[frames.at..end].copy_from_slice(&frames.after[frames.at..end]);
            frames.start(&segment, &format!("the first {n} bytes"));
        }
    }
}

#[test]
fn every_sector_old_zero_or_swapped() {
    let frames = frames(true);
    let (from, sectors) = (frames.at, frames.len / 512);
    let span = |n: usize| from + n * 512..from + (n + 1) * 512;
    for n in 0..sectors {
        let mut old = frames.after.clone();
        old[span(n)].copy_from_slice(&frames.before[span(n)]);
        frames.start(&old, &format!("sector {n} old"));
        let mut zero = frames.after.clone();
        zero[span(n)].fill(0);
        frames.start(&zero, &format!("sector {n} zero"));
        let other = (n + 1) % sectors;
        let mut swapped = frames.after.clone();
        swapped[span(n)].copy_from_slice(&frames.after[span(other)]);
        swapped[span(other)].copy_from_slice(&frames.after[span(n)]);
        frames.start(&swapped, &format!("sectors {n} and {other} swapped"));
    }
    let mut rng = Rng::new(1);
    for round in 0..40 {
        let mut mixed = frames.after.clone();
        for n in 0..sectors {
            if rng.chance(1, 2) {
                mixed[span(n)].copy_from_slice(&frames.before[span(n)]);
            }
        }
        frames.start(&mixed, &format!("mixture {round}"));
    }
}
