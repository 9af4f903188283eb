//! Row "restored backup": a copy is made, the log goes on, the copy is put back. It refuses at the witness question; with
//! too few witnesses in reach it refuses until two persons decide.

use std::sync::Arc;

use ledger::{Config, Ledger, OpenError, Reply, Witnesses};

use super::lab::{Book, Lab, wait_published};

struct Said {
    replies: Vec<Reply>,
    quorum: usize,
}

impl Witnesses for Said {
    fn ask(&self) -> Vec<Reply> {
        self.replies.clone()
    }
    fn quorum(&self) -> usize {
        self.quorum
    }
}

fn reply(who: &str, newest: Option<Option<&str>>) -> Reply {
    Reply {
        who: who.to_owned(),
        newest: newest.map(|note| note.map(str::to_owned)),
    }
}

#[test]
fn it_refuses_at_the_witness_question() {
    let (lab, mut book) = (Lab::new(), Book::default());
    let disk = lab.create();
    let (ledger, _) = lab.open(disk.clone()).unwrap();
    book.append(&ledger, 0..300, 10).unwrap();
    wait_published(&ledger);
    let old = ledger.published().unwrap().note().to_owned();
    ledger.close();
    drop(ledger);
    let backup = disk.copy();
    let (ledger, _) = lab.open(disk.clone()).unwrap();
    book.append(&ledger, 300..400, 10).unwrap();
    wait_published(&ledger);
    let new = ledger.published().unwrap().note().to_owned();
    ledger.close();
    drop(ledger);
    // The same log with another history from 300 on.
    let fork = backup.copy();
    let (ledger, _) = lab.open(fork.clone()).unwrap();
    Book::default().append(&ledger, 700..800, 10).unwrap();
    wait_published(&ledger);
    let other = ledger.published().unwrap().note().to_owned();
    ledger.close();

    let (old, new) = (old.as_str(), new.as_str());
    let up = |note| Some(Some(note));
    let never = Some(None);
    let away = None;
    // What each of five witnesses says, the quorum, whether two persons decided, and what the backup does.
    type Newest<'n> = Option<Option<&'n str>>;
    let cases: [(&str, [Newest; 5], usize, bool, &str); 11] = [
        (
            "all know what the backup has",
            [up(old); 5],
            3,
            false,
            "starts",
        ),
        ("nobody ever cosigned", [never; 5], 3, false, "starts"),
        (
            "enough answer",
            [up(old), up(old), never, away, away],
            3,
            false,
            "starts",
        ),
        (
            "one knows more",
            [away, away, up(new), away, away],
            3,
            false,
            "copy",
        ),
        (
            "one knows more, two persons or not",
            [away, up(old), up(new), up(old), up(old)],
            3,
            true,
            "copy",
        ),
        (
            "too few answer",
            [up(old), up(old), away, away, away],
            3,
            false,
            "silent",
        ),
        ("nobody answers", [away; 5], 3, false, "silent"),
        (
            "nobody answers, two persons decided",
            [away; 5],
            3,
            true,
            "starts",
        ),
        (
            "a quorum of all needs one answer",
            [up(old), away, away, away, away],
            5,
            false,
            "starts",
        ),
        (
            "a quorum of one needs all",
            [up(old), up(old), up(old), up(old), away],
            1,
            false,
            "silent",
        ),
        (
            "somebody's note is not ours",
            [up("nonsense"), up(old), up(old), up(old), up(old)],
            3,
            false,
            "evidence",
        ),
    ];
    for (what, said, quorum, two_persons_decided, expected) in cases {
        let disk = backup.copy();
        let replies = said
            .iter()
            .enumerate()
            .map(|(n, newest)| reply(&format!("witness {n}"), *newest))
            .collect();
        let config = Config {
            witnesses: Some(Arc::new(Said { replies, quorum })),
            two_persons_decided,
            ..lab.config()
        };
        let state = |disk: &testkit::store::SimDisk| {
            let paths = disk.paths().into_iter();
            paths
                .filter(|p| p.starts_with("checkpoint") || p.starts_with("tile/"))
                .map(|p| disk.get(&p))
                .collect::<Vec<_>>()
        };
        let before = state(&disk);
        let opened = Ledger::open_on(Arc::new(disk.clone()), config);
        let did = match &opened {
            Ok(_) => "starts",
            Err(OpenError::RestoredCopy { known, size, .. }) => {
                assert_eq!((*known, *size), (400, 300));
                "copy"
            }
            Err(OpenError::WitnessesSilent { .. }) => "silent",
            Err(OpenError::Evidence { .. }) => "evidence",
            Err(other) => panic!("{what}: {other}"),
        };
        assert_eq!(did, expected, "{what}");
        if opened.is_err() {
            assert!(state(&disk) == before, "{what}: nothing was signed");
        }
    }
    // A checkpoint that a person carries along counts as an answer; so does one that shows another history.
    for (disk, note, expected) in [
        (&backup, new, "copy"),
        (&disk, other.as_str(), "other"),
        (&fork, new, "other"),
    ] {
        let config = Config {
            evidence: vec![("the superior organ".to_owned(), note.to_owned())],
            ..lab.config()
        };
        let refused = Ledger::open_on(Arc::new(disk.copy()), config)
            .map(|_| ())
            .unwrap_err();
        match refused {
            OpenError::RestoredCopy { .. } => assert_eq!(expected, "copy"),
            OpenError::OtherRoot { size: 400 } => assert_eq!(expected, "other"),
            other => panic!("{other}"),
        }
    }
}
