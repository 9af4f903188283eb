#![no_main]
//! Any bytes said to be a file of a pack, or the overlay of a place: refused with a place, or loaded.

use law::{Catalogue, PackText, shipped_packs};
use libfuzzer_sys::fuzz_target;

const NAMES: [&str; 8] = [
    "pack.toml",
    "roles.toml",
    "activities.toml",
    "attributes.toml",
    "tables.toml",
    "rules.toml",
    "forms.toml",
    "steps.toml",
];

fuzz_target!(|bytes: &[u8]| {
    let Some((first, rest)) = bytes.split_first() else {
        return;
    };
    let Ok(text) = std::str::from_utf8(rest) else {
        return;
    };
    let node = shipped_packs().iter().find(|p| p.folder == "node").expect("the pack of the node");
    let at = usize::from(*first) % (NAMES.len() + 1);
    let result = match NAMES.get(at) {
        // Beside the rest of a good pack.
        Some(name) => {
            let mut files = node.files.to_vec();
            files.retain(|f| f.0 != *name);
            files.push((name, text));
            Catalogue::parse(&[PackText { folder: "node", files: &files }])
        }
        None => Catalogue::parse_with(&[*node], &[("overlay/here.toml", text)]),
    };
    if let Err(faults) = result {
        assert!(!faults.0.is_empty());
        for lang in [law::Lang::Zh, law::Lang::En] {
            assert!(!faults.said(lang).is_empty());
        }
    }
});
