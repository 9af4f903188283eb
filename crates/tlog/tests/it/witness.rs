//! Messages of a witness: strict reading, answers by status, the fork alarm.

use tlog::checkpoint::{self, Checkpoint, Origin};
use tlog::note::KeyKind;
use tlog::witness::{Answer, MAX_HASHES, Request, WitnessError};
use tlog::{Sha256, TreeHash, cosignature};

use crate::support::key;

fn head() -> Checkpoint {
    Checkpoint {
        origin: Origin::new("liuhen.example/A330100").unwrap(),
        size: 9,
        root: Sha256::empty(),
    }
}

fn request(hashes: usize) -> Request {
    let key = key("liuhen.example/A330100", 1, KeyKind::Log);
    let proof = (0..hashes).map(|n| Sha256::leaf(&[n as u8])).collect();
    Request {
        old: 4,
        proof,
        checkpoint: checkpoint::sign(&head(), &key).unwrap(),
    }
}

#[test]
fn a_request_is_read_back_as_it_was_written() {
    insta::assert_snapshot!(request(2));
    for hashes in [0, 1, MAX_HASHES] {
        let request = request(hashes);
        assert_eq!(Request::parse(request.to_string().as_bytes()), Ok(request));
    }
}

#[test]
fn malformed_requests_are_named() {
    let good = request(1).to_string();
    let cases = [
        ("empty", String::new()),
        ("no size", good.replace("old 4\n", "")),
        ("leading zero", good.replace("old 4", "old 04")),
        ("negative", good.replace("old 4", "old -4")),
        ("upper case", good.replace("old 4", "Old 4")),
        ("64 hashes", request(64).to_string()),
        ("no empty line", good.replacen("\n\n", "\n", 1)),
        ("hash with a space", good.replacen("\n\n", " \n\n", 1)),
        (
            "no checkpoint",
            good.split_inclusive("\n\n").next().unwrap().to_owned(),
        ),
        (
            "too long",
            good.clone() + &"x".repeat(tlog::witness::MAX_REQUEST),
        ),
    ];
    let verdicts: Vec<String> = cases
        .iter()
        .map(|(what, body)| match Request::parse(body.as_bytes()) {
            Ok(read) => panic!("{what} was read: {read}"),
            Err(error) => format!("{what}: {error}"),
        })
        .collect();
    insta::assert_snapshot!(verdicts.join("\n"));
}

#[test]
fn every_answer_is_read_back_as_it_was_written() {
    let text = head().text();
    let line = |n: u8| {
        cosignature::cosign(&text, 99, &key(&format!("w{n}"), n, KeyKind::Cosigner)).unwrap()
    };
    let answers = [
        Answer::Cosigned(vec![line(1)]),
        Answer::Cosigned(vec![line(1), line(2)]),
        Answer::Malformed,
        Answer::Untrusted,
        Answer::UnknownOrigin,
        Answer::Conflict { size: 0 },
        Answer::Conflict { size: 20_852_014 },
        Answer::Unproven,
    ];
    for answer in answers {
        let (status, kind, body) = (answer.status(), answer.content_type(), answer.body());
        assert_eq!(Answer::parse(status, kind, body.as_bytes()), Ok(answer));
    }
}

#[test]
fn malformed_answers_are_refused() {
    let size = Some("text/x.tlog.size");
    assert_eq!(Answer::parse(409, None, b"4\n"), Err(WitnessError::Size));
    assert_eq!(Answer::parse(409, size, b"4"), Err(WitnessError::Size));
    assert_eq!(Answer::parse(409, size, b"04\n"), Err(WitnessError::Size));
    assert_eq!(
        Answer::parse(500, None, b""),
        Err(WitnessError::Status(500))
    );
    assert!(matches!(
        Answer::parse(200, None, b""),
        Err(WitnessError::Note(_))
    ));
    assert!(matches!(
        Answer::parse(200, None, b"nonsense\n"),
        Err(WitnessError::Note(_))
    ));
    assert!(matches!(
        Answer::parse(200, None, b"\xff\n"),
        Err(WitnessError::NotUtf8 { at: 0 })
    ));
    let many = "— w AAAAAAA=\n".repeat(65);
    assert!(matches!(
        Answer::parse(200, None, many.as_bytes()),
        Err(WitnessError::Note(_))
    ));
    // Talk that comes with a refusal is not read.
    assert_eq!(
        Answer::parse(403, Some("text/html"), b"<h1>no</h1>"),
        Ok(Answer::Untrusted)
    );
}

#[test]
fn a_conflict_that_names_our_own_size_is_a_fork_alarm() {
    assert!(Answer::Conflict { size: 4 }.is_fork_alarm(4));
    assert!(!Answer::Conflict { size: 5 }.is_fork_alarm(4));
    assert!(!Answer::Unproven.is_fork_alarm(4));
}
