//! Every parser of untrusted bytes of log and event, as one list: for the fuzzer and for a short test without it.
//!
//! What is read is written again and must give the same bytes, and nothing may panic. Seeds are made here, so no file of
//! them is kept.

use ledger::frame::{Frame, Head, Kind};
use model::{
    Activity, Actor, Attr, Body, Commitment, Entry, EventId, Header, Micros, ObjectRef, ObjectType,
    OrganCode, PseudonymKey, Qualifier, RoleId, RuleId,
};
use tlog::{
    bundle,
    checkpoint::{self, Checkpoint, Origin},
    note::{KeyKind, Note, SignatureLine, SigningKey, VerifierKey},
    policy::Policy,
    proof::TlogProof,
    tile::TileRef,
    witness::{Answer, Request, SIZE_TYPE},
};

use crate::store::Rng;

/// A parser with good inputs for it.
pub struct Parser {
    /// Name of its fuzz target.
    pub name: &'static str,
    /// Reads bytes; panics if what was read is not what is written.
    pub read: fn(&[u8]),
    /// Good inputs.
    pub good: fn() -> Vec<Vec<u8>>,
}

/// All of them.
pub const ALL: [Parser; 11] = [
    Parser {
        name: "frame",
        read: frame,
        good: good_frames,
    },
    Parser {
        name: "note",
        read: note,
        good: good_notes,
    },
    Parser {
        name: "checkpoint",
        read: checkpoint,
        good: good_checkpoints,
    },
    Parser {
        name: "proof",
        read: proof,
        good: good_proofs,
    },
    Parser {
        name: "policy",
        read: policy,
        good: good_policies,
    },
    Parser {
        name: "add_checkpoint",
        read: add_checkpoint,
        good: good_requests,
    },
    Parser {
        name: "tile_path",
        read: tile_path,
        good: good_tile_paths,
    },
    Parser {
        name: "bundle",
        read: bundle_of_entries,
        good: good_bundles,
    },
    Parser {
        name: "header",
        read: header,
        good: good_headers,
    },
    Parser {
        name: "entry",
        read: entry,
        good: good_entries,
    },
    Parser {
        name: "body",
        read: body,
        good: good_bodies,
    },
];

/// The parser of that name.
///
/// # Panics
/// If there is none.
pub fn by_name(name: &str) -> &'static Parser {
    ALL.iter()
        .find(|parser| parser.name == name)
        .unwrap_or_else(|| panic!("no parser is called {name}"))
}

/// An input made from a good one: pieces cut out, doubled, overwritten, bits flipped, the end cut off.
pub fn mutated(good: &[u8], rng: &mut Rng) -> Vec<u8> {
    let mut bytes = good.to_vec();
    for _ in 0..=rng.below(4) {
        let len = bytes.len() as u64;
        if len == 0 {
            break;
        }
        let place = |rng: &mut Rng| usize::try_from(rng.below(len)).expect("an index");
        let (a, b) = (place(rng), place(rng));
        let (a, b) = (a.min(b), a.max(b));
        match rng.below(6) {
            0 => drop(bytes.drain(a..b)),
            1 => {
                let piece = bytes[a..b.min(a + 64)].to_vec();
                bytes.splice(a..a, piece);
            }
            2 => bytes[a] = rng.next_u64().to_le_bytes()[0],
            3 => bytes[a] ^= 1 << rng.below(8),
            4 => bytes.truncate(a),
            _ => bytes[a] = b"\n\0 \"+-9"[usize::try_from(rng.below(7)).expect("small")],
        }
    }
    bytes
}

fn frame(bytes: &[u8]) {
    let Ok(frame) = Frame::parse(bytes) else {
        return;
    };
    // What pads it to a block is not content.
    let written = frame.bytes();
    let content = 128 + frame.entries.len() + frame.sides.len() + 44;
    assert_eq!(written[..content], bytes[..content]);
    assert_eq!(written.len() as u64, frame.head.frame_len());
    assert_eq!(Frame::parse(&written), Ok(frame));
}

fn note(bytes: &[u8]) {
    if let Ok(note) = Note::parse(bytes) {
        assert_eq!(note.to_string().as_bytes(), bytes);
        let again = Note::new(note.unverified_text(), note.signatures().to_vec());
        assert_eq!(again, Ok(note));
    }
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    if let Ok(line) = text.parse::<SignatureLine>() {
        assert_eq!(line.to_string(), text);
    }
    if let Ok(key) = text.parse::<VerifierKey>() {
        assert_eq!(key.to_string(), text);
    }
}

fn checkpoint(bytes: &[u8]) {
    if let Ok(text) = std::str::from_utf8(bytes)
        && let Ok(checkpoint) = Checkpoint::parse(text)
    {
        assert_eq!(checkpoint.text(), text);
    }
    let _ = checkpoint::open(bytes, &[log_key().verifier().clone()]);
}

fn proof(bytes: &[u8]) {
    if let Ok(proof) = TlogProof::parse(bytes) {
        assert_eq!(proof.to_string().as_bytes(), bytes);
        if let Ok(policy) = Policy::of_log(log_key().verifier().clone()) {
            let _ = proof.verify(b"some entry", &policy);
        }
    }
}

fn policy(bytes: &[u8]) {
    if let Ok(policy) = Policy::parse(bytes) {
        // It has comments and blanks, so no one spelling; but it can always be asked.
        let _ = policy.is_quorum(|_| true);
        assert!(policy.keys().len() >= policy.logs().len());
    }
}

fn add_checkpoint(bytes: &[u8]) {
    if let Ok(request) = Request::parse(bytes) {
        assert_eq!(request.to_string().as_bytes(), bytes);
    }
    for status in [200, 400, 403, 404, 409, 422] {
        if let Ok(answer) = Answer::parse(status, Some(SIZE_TYPE), bytes)
            && matches!(status, 200 | 409)
        {
            assert_eq!(answer.body().as_bytes(), bytes);
        }
    }
}

fn tile_path(bytes: &[u8]) {
    if let Ok(text) = std::str::from_utf8(bytes)
        && let Ok(tile) = TileRef::parse(text)
    {
        assert_eq!(tile.path(), text);
    }
}

fn bundle_of_entries(bytes: &[u8]) {
    let mut written = Vec::new();
    for entry in bundle::iter(bytes) {
        let Ok(entry) = entry else { return };
        bundle::push(&mut written, entry).expect("it was one");
    }
    assert_eq!(written, bytes);
}

fn header(bytes: &[u8]) {
    if let Ok(header) = Header::parse(bytes) {
        assert_eq!(header.line().as_bytes(), bytes);
        let (before, after) = header.line_around_recorded();
        let whole = format!("{before}{}{after}", header.recorded.fixed());
        assert_eq!(whole.as_bytes(), bytes);
    }
}

fn entry(bytes: &[u8]) {
    if let Ok(entry) = Entry::parse(bytes) {
        let written = if entry.signatures.is_empty() {
            Entry::unsigned(&entry.header)
        } else {
            Entry::signed(&entry.header, &entry.signatures)
        };
        assert_eq!(written, bytes);
    }
}

fn body(bytes: &[u8]) {
    if let Ok(body) = Body::open(bytes, &Commitment::to(bytes)) {
        // Blanks and the order of fields are the writer's; what it says stays.
        let written = body.bytes();
        let again = Body::open(&written, &Commitment::to(&written)).expect("we wrote it");
        assert_eq!(again.bytes(), written);
    }
}

fn log_key() -> SigningKey {
    SigningKey::from_seed("log.example/1", [1; 32], KeyKind::Log).expect("a constant")
}

fn head() -> Checkpoint {
    Checkpoint {
        origin: Origin::new("log.example/1").expect("a constant"),
        size: 77,
        root: [9; 32],
    }
}

fn good_frames() -> Vec<Vec<u8>> {
    let mut frames = Vec::new();
    for (kind, count) in [(Kind::Batch, 0), (Kind::Batch, 3), (Kind::Carry, 40)] {
        let (mut entries, mut sides) = (Vec::new(), Vec::new());
        for n in 0..count {
            bundle::push(&mut entries, format!("entry {n}").as_bytes()).expect("short");
            // No key, no body.
            sides.push(0);
        }
        let head = Head {
            kind,
            epoch: 3,
            sequence: 17,
            first: 256,
            count,
            entries_len: entries.len() as u64,
            sides_len: sides.len() as u64,
            time: -5,
            previous: [4; 32],
        };
        let frame = Frame {
            size: head.first + u64::from(count),
            head,
            entries: &entries,
            sides: &sides,
            root: [6; 32],
            link: [0; 32],
        };
        frames.push(frame.bytes());
    }
    frames
}

fn good_checkpoints() -> Vec<Vec<u8>> {
    let signed = checkpoint::sign(&head(), &log_key()).expect("its own key");
    vec![head().text().into_bytes(), signed.into_bytes()]
}

fn good_notes() -> Vec<Vec<u8>> {
    let signed = checkpoint::sign(&head(), &log_key()).expect("its own key");
    let line = signed.lines().last().expect("a signature").to_owned();
    let twice = format!("{signed}{line}\n");
    [signed, twice, line, log_key().verifier().to_string()]
        .map(String::into_bytes)
        .to_vec()
}

fn good_proofs() -> Vec<Vec<u8>> {
    let checkpoint = checkpoint::sign(&head(), &log_key()).expect("its own key");
    let proof = |extra, hashes| TlogProof {
        extra,
        index: 7,
        hashes,
        checkpoint: checkpoint.clone(),
    };
    vec![
        proof(None, vec![]).to_string().into_bytes(),
        proof(Some(vec![1, 2]), vec![[3; 32]; 6])
            .to_string()
            .into_bytes(),
    ]
}

fn good_policies() -> Vec<Vec<u8>> {
    let witness = |n: u8| {
        let name = format!("witness.example/{n}");
        let key = SigningKey::from_seed(&name, [n; 32], KeyKind::Cosigner).expect("a constant");
        format!("witness w{n} {} https://{name}\n", key.verifier())
    };
    let log = log_key();
    let large = format!(
        "# who may be believed\nlog {}\n{}{}{}group two 2 w2 w3\ngroup all all two w4\nquorum all\n",
        log.verifier(),
        witness(2),
        witness(3),
        witness(4)
    );
    let small = format!("log {}\nquorum none\n", log.verifier());
    vec![large.into_bytes(), small.into_bytes()]
}

fn good_requests() -> Vec<Vec<u8>> {
    let checkpoint = checkpoint::sign(&head(), &log_key()).expect("its own key");
    let line = checkpoint.lines().last().expect("a signature");
    let request = |old, proof| Request {
        old,
        proof,
        checkpoint: checkpoint.clone(),
    };
    vec![
        request(0, vec![]).to_string().into_bytes(),
        request(5, vec![[3; 32]; 4]).to_string().into_bytes(),
        format!("{line}\n").into_bytes(),
        b"77\n".to_vec(),
    ]
}

fn good_tile_paths() -> Vec<Vec<u8>> {
    [
        "tile/0/x001/x234/067.p/8",
        "tile/63/000",
        "tile/entries/x001/000",
        "tile/entries/255.p/255",
    ]
    .map(|path| path.as_bytes().to_vec())
    .to_vec()
}

fn good_bundles() -> Vec<Vec<u8>> {
    let mut bundle = Vec::new();
    for n in 0..20 {
        bundle::push(&mut bundle, &vec![n; usize::from(n) * 9]).expect("short");
    }
    vec![bundle, Vec::new()]
}

fn event() -> Header {
    let key = PseudonymKey::new([5; 32]);
    let of = |object_type: &str, id: &str| {
        let object_type = ObjectType::new(object_type).expect("a constant");
        let id = key.pseudonym(&object_type, "", id);
        (object_type, id)
    };
    let recorded: Micros = "2026-11-23T06:07:12.345678Z".parse().expect("a constant");
    let (case, case_id) = of("case", "A3301-2026-000123");
    let (person, person_id) = of("person", "1");
    Header {
        id: EventId::v7(recorded, [0xab; 10]),
        activity: Activity::new("cr.detain").expect("a constant"),
        occurred: recorded,
        recorded,
        organ: OrganCode::new("A330100").expect("a constant"),
        actor: vec![Actor {
            p: of("staff", "013301").1,
            role: RoleId::new("officer").expect("a constant"),
        }],
        objects: vec![
            ObjectRef {
                object_type: case,
                id: case_id,
                qualifier: None,
            },
            ObjectRef {
                object_type: person,
                id: person_id,
                qualifier: Some(Qualifier::new("犯罪嫌疑人").expect("a constant")),
            },
        ],
        basis: vec![RuleId::new("CR-030").expect("a constant")],
        correction_of: None,
        body: Some(Commitment::to(b"words")),
        to: vec![OrganCode::new("A330000").expect("a constant")],
    }
}

fn good_headers() -> Vec<Vec<u8>> {
    let bare = Header {
        actor: vec![],
        objects: vec![],
        basis: vec![],
        body: None,
        to: vec![],
        ..event()
    };
    vec![event().line().into_bytes(), bare.line().into_bytes()]
}

fn good_entries() -> Vec<Vec<u8>> {
    let text = format!("{}\n", event().line());
    let line = tlog::note::sign(&text, &log_key()).expect("a text");
    vec![
        Entry::unsigned(&event()),
        Entry::signed(&event(), &[line.clone(), line]),
    ]
}

fn good_bodies() -> Vec<Vec<u8>> {
    let mut body = Body::new([7; 16]);
    body.words = Some("他说:“不知道”。\n".to_owned());
    body.attrs.push(Attr::text("地点", "杭州"));
    vec![
        Body::new([0; 16]).bytes(),
        body.clone().bytes(),
        body.padded_to(256).bytes(),
    ]
}
