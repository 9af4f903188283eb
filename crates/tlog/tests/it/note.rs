//! Notes: the key example of the specification, each rule of a verifier, strict reading.

use tlog::note::*;

use crate::support::{TestRng, key};

/// Key and message of signed-note v1.0.0.
const EXAMPLE_KEY: &str = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
const POEM_KEY_NAME: &str = "quasimodo.example/salvatore";
const POEM: &str = "Ognuno sta solo sul cuor della terra\ntrafitto da un raggio di sole:\n\ned è subito sera.\n\n— quasimodo.example/salvatore NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJKONrMouFSQU0xMcXxj99ihAQwaqP3ZekRwNtIc=\n";

const TEXT: &str = "如果您正在看这段话\n\n第三行\n";

fn ann() -> SigningKey {
    key("ann.example", 1, KeyKind::Actor)
}

fn bob() -> SigningKey {
    key("bob.example", 2, KeyKind::Actor)
}

fn public(keys: &[&SigningKey]) -> Vec<VerifierKey> {
    keys.iter().map(|key| key.verifier().clone()).collect()
}

fn signed(keys: &[&SigningKey]) -> Note {
    Note::new(
        TEXT,
        keys.iter().map(|key| sign(TEXT, key).unwrap()).collect(),
    )
    .unwrap()
}

/// The line with one bit of its signature changed.
fn spoilt(line: &SignatureLine) -> SignatureLine {
    let mut bytes = line.signature().to_vec();
    bytes[40] ^= 1;
    SignatureLine::new(line.name(), line.id(), bytes).unwrap()
}

#[test]
fn the_example_key_is_read_and_its_id_belongs_to_it() {
    let key: VerifierKey = EXAMPLE_KEY.parse().unwrap();
    assert_eq!(
        (key.name(), key.id().to_string().as_str()),
        ("example.com/foo", "530d903a")
    );
    assert_eq!(
        (key.algorithm(), key.to_string().as_str()),
        (Algorithm::Ed25519, EXAMPLE_KEY)
    );
}

#[test]
fn the_example_note_is_read_to_its_last_empty_line() {
    let note = Note::parse(POEM.as_bytes()).unwrap();
    assert!(
        note.unverified_text()
            .ends_with("raggio di sole:\n\ned è subito sera.\n")
    );
    let [line] = note.signatures() else {
        panic!("one signature line")
    };
    assert_eq!(
        (line.name(), line.id().to_string().as_str()),
        (POEM_KEY_NAME, "367ba04b")
    );
    assert_eq!(
        (line.signature().len(), note.to_string().as_str()),
        (64, POEM)
    );
}

#[test]
fn a_note_of_known_keys_is_verified() {
    let (ann, bob) = (ann(), bob());
    let note = signed(&[&ann, &bob]);
    let verified = note.verify(&public(&[&ann, &bob])).unwrap();
    assert_eq!(verified.text(), TEXT);
    let names: Vec<_> = verified
        .by()
        .iter()
        .map(|signer| (signer.key().name(), signer.time()))
        .collect();
    assert_eq!(names, [("ann.example", None), ("bob.example", None)]);
    assert!(verified.rest().is_empty());
}

#[test]
fn a_line_of_an_unknown_key_is_ignored() {
    let (ann, bob) = (ann(), bob());
    let note = signed(&[&ann, &bob]);
    let verified = note.verify(&public(&[&bob])).unwrap();
    assert_eq!(
        (verified.by().len(), verified.rest()),
        (1, &[&note.signatures()[0]][..])
    );
}

#[test]
fn a_line_that_matches_only_the_name_is_ignored() {
    let (ann, impostor) = (ann(), key("ann.example", 9, KeyKind::Actor));
    let note = signed(&[&impostor, &ann]);
    let known = public(&[&ann]);
    assert_eq!(note.verify(&known).unwrap().rest().len(), 1);
    assert_eq!(
        signed(&[&impostor]).verify(&known).unwrap_err(),
        VerifyError::Unsigned
    );
}

#[test]
fn a_line_that_matches_only_the_id_is_ignored() {
    let ann = ann();
    let line = sign(TEXT, &ann).unwrap();
    let renamed = SignatureLine::new("eve.example", line.id(), line.signature().to_vec()).unwrap();
    let note = Note::new(TEXT, vec![renamed]).unwrap();
    assert_eq!(
        note.verify(&public(&[&ann])).unwrap_err(),
        VerifyError::Unsigned
    );
}

#[test]
fn a_known_key_whose_signature_fails_rejects_the_whole_note() {
    let (ann, bob) = (ann(), bob());
    let lines = vec![
        sign(TEXT, &ann).unwrap(),
        spoilt(&sign(TEXT, &bob).unwrap()),
    ];
    let note = Note::new(TEXT, lines).unwrap();
    assert!(
        note.verify(&public(&[&ann])).is_ok(),
        "bob is not known here"
    );
    let error = note.verify(&public(&[&ann, &bob])).unwrap_err();
    insta::assert_snapshot!(error, @"signature line 2 of known key bob.example+7d656d33: signature does not verify");
}

#[test]
fn a_second_line_of_a_known_key_is_verified_too() {
    let ann = ann();
    let line = sign(TEXT, &ann).unwrap();
    let twice = Note::new(TEXT, vec![line.clone(), line.clone()]).unwrap();
    assert_eq!(
        twice.verify(&public(&[&ann])).unwrap().by().len(),
        1,
        "a key counts once"
    );
    let spoilt = Note::new(TEXT, vec![line.clone(), spoilt(&line)]).unwrap();
    assert!(matches!(
        spoilt.verify(&public(&[&ann])),
        Err(VerifyError::Signature { line: 2, .. })
    ));
}

#[test]
fn no_known_signature_rejects_the_note() {
    assert_eq!(
        signed(&[&ann()]).verify(&[]).unwrap_err(),
        VerifyError::Unsigned
    );
}

#[test]
fn another_text_under_the_same_signature_is_rejected() {
    let ann = ann();
    let text = signed(&[&ann]).to_string().replace("第三行", "第四行");
    let note = Note::parse(text.as_bytes()).unwrap();
    assert!(matches!(
        note.verify(&public(&[&ann])),
        Err(VerifyError::Signature { line: 1, .. })
    ));
}

/// An ID has 32 bits: these two seeds were found by search.
fn twins() -> [SigningKey; 2] {
    [27_609u64, 31_728].map(|n| {
        let mut seed = [0; 32];
        seed[..8].copy_from_slice(&n.to_le_bytes());
        SigningKey::from_seed("twin.example", seed, KeyKind::Actor).unwrap()
    })
}

#[test]
fn two_known_keys_under_one_name_and_id_are_refused() {
    let [a, b] = twins();
    assert_eq!(a.verifier().id(), b.verifier().id());
    assert_ne!(a.verifier(), b.verifier());
    let error = signed(&[&a]).verify(&public(&[&a, &b])).unwrap_err();
    assert!(matches!(error, VerifyError::Ambiguous { .. }));
    let ann = ann();
    let twice = public(&[&ann, &ann]);
    assert_eq!(
        signed(&[&ann]).verify(&twice).unwrap().by().len(),
        1,
        "one key named twice is no harm"
    );
}

#[test]
fn a_line_of_another_key_with_the_same_name_and_id_fails() {
    let [a, b] = twins();
    assert!(matches!(
        signed(&[&b]).verify(&public(&[&a])),
        Err(VerifyError::Signature { line: 1, .. })
    ));
}

#[test]
fn sixty_four_lines_are_read_and_one_more_is_not() {
    let keys: Vec<_> = (0..65)
        .map(|n| key(&format!("k{n}.example"), n, KeyKind::Actor))
        .collect();
    let all: Vec<&SigningKey> = keys.iter().collect();
    let note = signed(&all[..64]);
    assert_eq!(note.verify(&public(&all)).unwrap().by().len(), 64);
    let more = format!("{note}{}\n", sign(TEXT, &keys[64]).unwrap());
    assert_eq!(
        Note::parse(more.as_bytes()),
        Err(NoteError::TooManySignatures)
    );
    let lines = all.iter().map(|key| sign(TEXT, key).unwrap()).collect();
    assert_eq!(Note::new(TEXT, lines), Err(NoteError::TooManySignatures));
}

#[test]
fn a_note_of_256_kib_is_read_and_one_byte_more_is_not() {
    let ann = ann();
    let empty = Note::new("\n", vec![sign("\n", &ann).unwrap()])
        .unwrap()
        .to_string()
        .len();
    for (len, fits) in [(MAX_NOTE, true), (MAX_NOTE + 1, false)] {
        let text = "x".repeat(len - empty) + "\n";
        let note = Note::new(text.clone(), vec![sign(&text, &ann).unwrap()]);
        assert_eq!(note.is_ok(), fits);
        let bytes = format!("{text}\n{}\n", sign(&text, &ann).unwrap());
        assert_eq!(
            (bytes.len(), Note::parse(bytes.as_bytes()).is_ok()),
            (len, fits)
        );
    }
}

#[test]
fn malformed_notes_are_named() {
    let good = signed(&[&ann()]).to_string();
    let line = good.lines().last().unwrap().to_owned();
    let with = |lines: &str| format!("text\n\n{lines}").into_bytes();
    let cases: Vec<(&str, Vec<u8>)> = vec![
        ("empty", vec![]),
        ("only text", b"text\n".to_vec()),
        ("no signature lines", b"text\n\n".to_vec()),
        ("text without LF", format!("text\n{line}\n").into_bytes()),
        ("last line without LF", with(&line)),
        ("empty line at the end", with(&format!("{line}\n\n"))),
        (
            "hyphen for dash",
            with(&format!("{}\n", line.replace('—', "-"))),
        ),
        (
            "no-break space in the name",
            with(&format!("{}\n", line.replace("ann", "an\u{a0}n"))),
        ),
        (
            "plus in the name",
            with(&format!("{}\n", line.replace("ann", "an+n"))),
        ),
        ("no name", with("—  AAAAAAA=\n")),
        (
            "two spaces",
            with(&format!(
                "{}\n",
                line.replace("ann.example ", "ann.example  ")
            )),
        ),
        ("space at the end", with(&format!("{line} \n"))),
        ("carriage return", with(&format!("{line}\r\n"))),
        ("key ID only", with("— ann.example AAAAAA==\n")),
        ("no padding", with("— ann.example AAAAAAA\n")),
        ("stray bits in base64", with("— ann.example AAAAAAB=\n")),
        ("url-safe base64", with("— ann.example AAAAAA-_\n")),
        ("second line bad", with(&format!("{line}\nnonsense\n"))),
        (
            "tab in the text",
            format!("te\txt\n\n{line}\n").into_bytes(),
        ),
        (
            "NUL in the text",
            format!("te\0xt\n\n{line}\n").into_bytes(),
        ),
        (
            "not UTF-8",
            [b"te\xffxt\n\n", line.as_bytes(), b"\n"].concat(),
        ),
    ];
    let verdicts: Vec<String> = cases
        .iter()
        .map(|(what, bytes)| match Note::parse(bytes) {
            Ok(note) => panic!("{what} was read as {note:?}"),
            Err(error) => format!("{what}: {error}"),
        })
        .collect();
    insta::assert_snapshot!(verdicts.join("\n"));
    // U+007F and C1 controls are not below U+0020: the specification lets them pass.
    assert!(Note::parse(format!("te\u{7f}xt\n\n{line}\n").as_bytes()).is_ok());
}

#[test]
fn malformed_keys_are_named() {
    let cosigner = key("w.example", 3, KeyKind::Cosigner)
        .verifier()
        .to_string();
    assert_eq!(
        cosigner.parse::<VerifierKey>().unwrap().algorithm(),
        Algorithm::Cosignature
    );
    let cases = [
        "".to_owned(),
        "example.com/foo".to_owned(),
        "example.com/foo+530d903a".to_owned(),
        EXAMPLE_KEY.replace("530d903a", "530D903A"),
        EXAMPLE_KEY.replace("530d903a", "30d903a"),
        EXAMPLE_KEY.replace("530d903a", "+30d903a"),
        EXAMPLE_KEY.replace("530d903a", "530d903b"),
        EXAMPLE_KEY.replace("example.com/foo", ""),
        EXAMPLE_KEY.replace("example.com/foo", "example com/foo"),
        EXAMPLE_KEY.replace("example.com/foo", "example.com/fooo"),
        EXAMPLE_KEY.replace("AekyeR", "AukyeR"),
        EXAMPLE_KEY.replace("U2k", "U2"),
        EXAMPLE_KEY.replace("3U2k", ""),
        format!("{EXAMPLE_KEY}\n"),
        // y = 2 is on no point.
        format!("example.com/foo+00000000+AQIA{}", "A".repeat(40)),
    ];
    let verdicts: Vec<String> = cases
        .iter()
        .map(|key| format!("{key:?}: {}", key.parse::<VerifierKey>().unwrap_err()))
        .collect();
    insta::assert_snapshot!(verdicts.join("\n"));
}

#[test]
fn secrets_are_not_shown() {
    let ann = ann();
    let shown = format!("{ann:?}");
    insta::assert_snapshot!(shown, @"SigningKey(actor, ann.example+5a12bf83+AYqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c, secret not shown)");
    assert_eq!(ann.to_seed(), [1; 32]);
    for secret in ["0101", "AQEB", "[1, 1"] {
        assert!(!shown.contains(secret));
    }
}

#[test]
fn a_cosigner_signs_no_plain_text_and_no_one_signs_what_no_note_can_hold() {
    let witness = key("w.example", 3, KeyKind::Cosigner);
    let needs = SignError::Kind {
        is: KeyKind::Cosigner,
        needs: KeyKind::Actor,
    };
    assert_eq!(sign(TEXT, &witness), Err(needs));
    assert_eq!(
        sign("no line feed", &ann()),
        Err(SignError::Text(NoteError::TextEnd))
    );
    assert_eq!(
        sign("\x1b[2J\n", &ann()),
        Err(SignError::Text(NoteError::Control { code: 27, at: 0 }))
    );
}

#[test]
fn a_batch_says_which_item_fails() {
    let keys: Vec<_> = (0..20)
        .map(|n| key(&format!("k{n}.example"), n, KeyKind::Actor))
        .collect();
    let texts: Vec<String> = (0..20).map(|n| format!("text {n}\n")).collect();
    let mut lines: Vec<_> = keys
        .iter()
        .zip(&texts)
        .map(|(key, text)| sign(text, key).unwrap())
        .collect();
    let check = |lines: &[SignatureLine]| {
        let items: Vec<_> = keys
            .iter()
            .zip(&texts)
            .zip(lines)
            .map(|((k, t), l)| (k.verifier(), t.as_bytes(), l))
            .collect();
        verify_batch(&items, TestRng(1))
    };
    assert_eq!(check(&lines), vec![Ok(()); 20]);
    assert_eq!(verify_batch(&[], TestRng(1)), vec![]);
    lines[7] = spoilt(&lines[7]);
    lines[11] = lines[12].clone();
    lines[13] = SignatureLine::new(lines[13].name(), lines[13].id(), vec![0; 63]).unwrap();
    let mut want = vec![Ok(()); 20];
    want[7] = Err(SignatureError::Wrong);
    want[11] = Err(SignatureError::OtherKey);
    want[13] = Err(SignatureError::Length { want: 64, got: 63 });
    assert_eq!(check(&lines), want);
}
