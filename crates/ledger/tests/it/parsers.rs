//! What the fuzz targets do, for a moment: random bytes and changed good inputs through every parser of log and event.

use testkit::{
    parsers::{ALL, mutated},
    store::Rng,
};

const INPUTS: u64 = 20_000;

#[test]
fn no_bytes_make_a_parser_panic_or_change_what_they_say() {
    for (nth, parser) in ALL.iter().enumerate() {
        let mut rng = Rng::new(nth as u64);
        let good = (parser.good)();
        for bytes in &good {
            (parser.read)(bytes);
        }
        for n in 0..INPUTS {
            let bytes = if n % 4 == 0 {
                let mut bytes = vec![0; usize::try_from(rng.below(300)).unwrap()];
                rng.fill(&mut bytes);
                bytes
            } else {
                let which = usize::try_from(rng.below(good.len() as u64)).unwrap();
                mutated(&good[which], &mut rng)
            };
            (parser.read)(&bytes);
        }
    }
}

/// Good inputs are good: else nothing was tried.
#[test]
fn the_seeds_are_read() {
    use ledger::frame::Frame;
    use model::{Body, Commitment, Entry, Header};
    use tlog::{
        checkpoint::Checkpoint, note::Note, policy::Policy, proof::TlogProof, tile::TileRef,
        witness::Request,
    };
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    for parser in &ALL {
        let good = (parser.good)();
        let read = |bytes: &Vec<u8>| match parser.name {
            "frame" => Frame::parse(bytes).is_ok(),
            "note" => Note::parse(bytes).is_ok(),
            "checkpoint" => Checkpoint::parse(&text(bytes)).is_ok(),
            "proof" => TlogProof::parse(bytes).is_ok(),
            "policy" => Policy::parse(bytes).is_ok(),
            "add_checkpoint" => Request::parse(bytes).is_ok(),
            "tile_path" => TileRef::parse(&text(bytes)).is_ok(),
            "bundle" => tlog::bundle::iter(bytes).all(|e| e.is_ok()),
            "header" => Header::parse(bytes).is_ok(),
            "entry" => Entry::parse(bytes).is_ok(),
            "body" => Body::open(bytes, &Commitment::to(bytes)).is_ok(),
            other => panic!("{other} is not tried here"),
        };
        assert!(read(&good[0]), "{}: {:?}", parser.name, text(&good[0]));
    }
}
