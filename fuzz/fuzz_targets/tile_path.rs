#![no_main]
//! Any bytes as the path of a tile: no panic, and what was read is written as the same bytes.

use libfuzzer_sys::{Corpus, fuzz_mutator, fuzz_target, fuzzer_mutate};
use testkit::{
    parsers::{by_name, mutated},
    store::Rng,
};

fuzz_target!(|bytes: &[u8]| -> Corpus {
    (by_name("tile_path").read)(bytes);
    Corpus::Keep
});

// Seeds are made, not kept: now and then an input is begun anew from a good one.
fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    let mut rng = Rng::new(u64::from(seed));
    if size > 1 && !rng.chance(1, 50) {
        return fuzzer_mutate(data, size, max_size);
    }
    let good = (by_name("tile_path").good)();
    let which = usize::try_from(rng.below(good.len() as u64)).expect("few");
    let bytes = mutated(&good[which], &mut rng);
    let len = bytes.len().min(max_size);
    data[..len].copy_from_slice(&bytes[..len]);
    len
});
