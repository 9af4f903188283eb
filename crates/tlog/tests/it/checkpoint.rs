//! Checkpoints and cosignatures: written, read, signed, refused.

use tlog::checkpoint::{self, Checkpoint, CheckpointError, OpenError, Origin};
use tlog::note::*;
use tlog::{Sha256, TreeHash, cosignature, note};

use crate::support::key;

fn origin() -> Origin {
    Origin::new("liuhen.example/A330100").unwrap()
}

fn head() -> Checkpoint {
    Checkpoint {
        origin: origin(),
        size: 20_852_163,
        root: Sha256::leaf(b"root"),
    }
}

fn log() -> SigningKey {
    key("liuhen.example/A330100", 1, KeyKind::Log)
}

fn witness(n: u8) -> SigningKey {
    key(&format!("w{n}.example"), 100 + n, KeyKind::Cosigner)
}

#[test]
fn a_signed_checkpoint_is_a_note_of_three_lines() {
    let note = checkpoint::sign(&head(), &log()).unwrap();
    insta::assert_snapshot!(note);
    let opened = checkpoint::open(note.as_bytes(), &[log().verifier().clone()]).unwrap();
    assert_eq!(
        (opened.checkpoint(), opened.note().to_string()),
        (&head(), note)
    );
    assert_eq!(opened.by().len(), 1);
}

#[test]
fn the_example_of_the_specification_is_read() {
    let text =
        "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";
    let read = Checkpoint::parse(text).unwrap();
    assert_eq!(
        (read.origin.as_str(), read.size, read.text().as_str()),
        ("example.com/behind-the-sofa", 20_852_163, text)
    );
}

#[test]
fn malformed_checkpoints_are_named() {
    let root = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=";
    let long = "x".repeat(256);
    let cases = [
        "".to_owned(),
        "a\n1\n".to_owned(),
        format!("a\n1\n{root}"),
        format!("\n1\n{root}\n"),
        format!("a b\n1\n{root}\n"),
        format!("a+b\n1\n{root}\n"),
        format!("{long}\n1\n{root}\n"),
        format!("a\n\n{root}\n"),
        format!("a\n01\n{root}\n"),
        format!("a\n+1\n{root}\n"),
        format!("a\n-1\n{root}\n"),
        format!("a\n1 \n{root}\n"),
        format!("a\n１\n{root}\n"),
        format!("a\n18446744073709551616\n{root}\n"),
        format!("a\n1\n{}\n", &root[4..]),
        format!("a\n1\n{} \n", root),
        format!("a\n1\n{}\n", root.replace("2I=", "2J=")),
        format!("a\n1\n{root}\nextension\n"),
        format!("a\n1\n{root}\n\n"),
        format!("a\n1\n{root}\nx\ny\n"),
    ];
    let verdicts: Vec<String> = cases
        .iter()
        .map(|text| format!("{text:?}\n    {}", Checkpoint::parse(text).unwrap_err()))
        .collect();
    insta::assert_snapshot!(verdicts.join("\n"));
    assert!(
        Checkpoint::parse(&format!(
            "{}\n18446744073709551615\n{root}\n",
            "x".repeat(255)
        ))
        .is_ok()
    );
    assert!(Checkpoint::parse(&format!("a\n0\n{root}\n")).is_ok());
}

#[test]
fn only_the_key_of_this_log_signs_it() {
    let wrong = |key: &SigningKey| checkpoint::sign(&head(), key).unwrap_err().to_string();
    insta::assert_snapshot!(wrong(&key("liuhen.example/other", 1, KeyKind::Log)), @"key liuhen.example/other cannot sign for origin liuhen.example/A330100");
    insta::assert_snapshot!(wrong(&key("liuhen.example/A330100", 1, KeyKind::Actor)), @"this key is for the purpose actor, one for log is needed");
    insta::assert_snapshot!(wrong(&key("liuhen.example/A330100", 1, KeyKind::Cosigner)), @"this key is for the purpose cosigner, one for log is needed");
}

#[test]
fn a_checkpoint_that_only_others_signed_is_refused() {
    let text = head().text();
    let (other, cosigner) = (key("other.example", 5, KeyKind::Actor), witness(1));
    let lines = vec![
        note::sign(&text, &other),
        cosignature::cosign(&text, 7, &cosigner),
    ];
    let note = Note::new(text, lines.into_iter().collect::<Result<_, _>>().unwrap())
        .unwrap()
        .to_string();
    let keys = [
        other.verifier().clone(),
        cosigner.verifier().clone(),
        log().verifier().clone(),
    ];
    assert_eq!(
        checkpoint::open(note.as_bytes(), &keys),
        Err(OpenError::NotByLog { origin: origin() })
    );
    let unsigned = checkpoint::open(note.as_bytes(), &keys[2..]);
    assert_eq!(unsigned, Err(OpenError::Signature(VerifyError::Unsigned)));
}

#[test]
fn a_cosigners_key_with_the_logs_name_does_not_stand_for_the_log() {
    let impostor = key("liuhen.example/A330100", 66, KeyKind::Cosigner);
    let text = head().text();
    let note = Note::new(
        text.clone(),
        vec![cosignature::cosign(&text, 7, &impostor).unwrap()],
    )
    .unwrap();
    let opened = checkpoint::open(note.to_string().as_bytes(), &[impostor.verifier().clone()]);
    assert_eq!(opened, Err(OpenError::NotByLog { origin: origin() }));
}

#[test]
fn signed_extension_lines_are_refused() {
    let text = head().text() + "and one more thing\n";
    let note = Note::new(text.clone(), vec![note::sign(&text, &log()).unwrap()])
        .unwrap()
        .to_string();
    let opened = checkpoint::open(note.as_bytes(), &[log().verifier().clone()]);
    assert_eq!(
        opened,
        Err(OpenError::Checkpoint(CheckpointError::Extension {
            lines: 1
        }))
    );
}

#[test]
fn cosignatures_are_verified_with_their_time() {
    let text = head().text();
    let lines = vec![
        note::sign(&text, &log()).unwrap(),
        cosignature::cosign(&text, 1_679_315_147, &witness(1)).unwrap(),
        cosignature::cosign(&text, i64::MAX as u64, &witness(2)).unwrap(),
    ];
    assert_eq!(lines[1].signature().len() + 4, 76);
    assert_eq!(
        cosignature::verify(&text, &lines[1], witness(1).verifier()),
        Ok(1_679_315_147)
    );
    let note = Note::new(text, lines).unwrap().to_string();
    let keys = [log(), witness(1), witness(2)].map(|key| key.verifier().clone());
    let opened = checkpoint::open(note.as_bytes(), &keys).unwrap();
    let times: Vec<_> = opened.by().iter().map(|signer| signer.time()).collect();
    assert_eq!(times, [None, Some(1_679_315_147), Some(i64::MAX as u64)]);
}

/// What is signed is fixed by the specification: made here by hand, with the plain key of the same seed.
#[test]
fn a_cosignature_signs_the_bytes_of_the_specification() {
    let text = head().text();
    let line = cosignature::cosign(&text, 1_679_315_147, &witness(1)).unwrap();
    let message = format!("cosignature/v1\ntime 1679315147\n{text}");
    let by_hand = note::sign(&message, &key("w1.example", 101, KeyKind::Actor)).unwrap();
    assert_eq!(line.signature()[..8], 1_679_315_147u64.to_be_bytes());
    assert_eq!(line.signature()[8..], *by_hand.signature());
    assert_ne!(line.id(), by_hand.id(), "the type is part of the ID");
}

#[test]
fn a_cosignature_does_not_hold_over_another_text_time_or_key() {
    let text = head().text();
    let line = cosignature::cosign(&text, 1000, &witness(1)).unwrap();
    let verify = |text: &str, line: &SignatureLine, key: &SigningKey| {
        cosignature::verify(text, line, key.verifier())
    };
    assert_eq!(
        verify(&text.replace("2163", "2164"), &line, &witness(1)),
        Err(SignatureError::Wrong)
    );
    assert_eq!(
        verify(&text, &line, &witness(2)),
        Err(SignatureError::OtherKey)
    );
    assert_eq!(verify(&text, &line, &log()), Err(SignatureError::OtherKey));
    let with_time = |time: u64| {
        let mut bytes = line.signature().to_vec();
        bytes[..8].copy_from_slice(&time.to_be_bytes());
        SignatureLine::new(line.name(), line.id(), bytes).unwrap()
    };
    assert_eq!(
        verify(&text, &with_time(1001), &witness(1)),
        Err(SignatureError::Wrong)
    );
    assert_eq!(
        verify(&text, &with_time(0), &witness(1)),
        Err(SignatureError::Time(0))
    );
    assert_eq!(
        verify(&text, &with_time(1 << 63), &witness(1)),
        Err(SignatureError::Time(1 << 63))
    );
    let short = SignatureLine::new(line.name(), line.id(), vec![1; 64]).unwrap();
    assert_eq!(
        verify(&text, &short, &witness(1)),
        Err(SignatureError::Length { want: 72, got: 64 })
    );
}

#[test]
fn cosigning_refuses_bad_times_bad_texts_and_keys_of_others() {
    let text = head().text();
    assert_eq!(
        cosignature::cosign(&text, 0, &witness(1)),
        Err(SignError::Time { time: 0 })
    );
    assert_eq!(
        cosignature::cosign(&text, 1 << 63, &witness(1)),
        Err(SignError::Time { time: 1 << 63 })
    );
    let kind = SignError::Kind {
        is: KeyKind::Log,
        needs: KeyKind::Cosigner,
    };
    assert_eq!(cosignature::cosign(&text, 7, &log()), Err(kind));
    assert_eq!(
        cosignature::cosign("x", 7, &witness(1)),
        Err(SignError::Text(NoteError::TextEnd))
    );
}
