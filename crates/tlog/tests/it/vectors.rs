//! The 518 JSON vectors of transparency-dev/merkle.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use tlog::tree::{
    verify_consistency, verify_inclusion, verify_inclusion_in_subtree, verify_subtree,
};
use tlog::{Hash, Sha256, TreeHash};

use crate::support::shared;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Vector {
    want_err: bool,
    proof: Option<Vec<String>>,
    #[serde(default)]
    leaf_hash: String,
    #[serde(default)]
    root: String,
    #[serde(default)]
    root1: String,
    #[serde(default)]
    root2: String,
    #[serde(default)]
    leaf_idx: u64,
    #[serde(default)]
    tree_size: u64,
    #[serde(default)]
    start: u64,
    #[serde(default)]
    end: u64,
    #[serde(default)]
    size: u64,
    #[serde(default)]
    size1: u64,
    #[serde(default)]
    size2: u64,
}

/// A hash of a vector. Texts of no bytes cannot even be passed here, where hashes are 32 bytes by type: `None`, refused.
/// Texts of another length ("don't care 1") must compare equal or unequal as texts do: such a text stands for the hash
/// of itself, which is no node of any vector's tree.
fn hash(text: &str) -> Option<Hash> {
    let bytes = STANDARD.decode(text).expect("base64 in a vector");
    if bytes.is_empty() {
        return None;
    }
    let stand_in = |_| Sha256::leaf(&[b"stands for ", bytes.as_slice()].concat());
    Some(bytes.as_slice().try_into().unwrap_or_else(stand_in))
}

/// Whether the proof of a vector verifies; `None` for a vector with a hash of no bytes.
fn holds(kind: &str, v: &Vector) -> Option<bool> {
    let proof: Vec<Hash> = v
        .proof
        .iter()
        .flatten()
        .map(|h| hash(h))
        .collect::<Option<_>>()?;
    let verdict = match kind {
        "inclusion" => {
            let (leaf, root) = (hash(&v.leaf_hash)?, hash(&v.root)?);
            verify_inclusion::<Sha256>(v.leaf_idx, v.tree_size, &leaf, &proof, &root)
        }
        "consistency" => {
            let (old, new) = (hash(&v.root1)?, hash(&v.root2)?);
            verify_consistency::<Sha256>(v.size1, v.size2, &proof, &old, &new)
        }
        "subtreeinclusion" => {
            let (leaf, root) = (hash(&v.leaf_hash)?, hash(&v.root)?);
            verify_inclusion_in_subtree::<Sha256>(v.leaf_idx, v.start, v.end, &leaf, &proof, &root)
        }
        "subtreeconsistency" => {
            let (part, root) = (hash(&v.root1)?, hash(&v.root2)?);
            verify_subtree::<Sha256>(v.start, v.end, v.size, &proof, &part, &root)
        }
        other => panic!("vectors of an unknown kind: {other}"),
    };
    Some(verdict.is_ok())
}

fn files(dir: &Path, out: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(dir).expect("readable directory") {
        let path = entry.expect("directory entry").path();
        if path.is_dir() {
            files(&path, out);
        } else if path.extension().is_some_and(|e| e == "json") {
            out.push(path);
        }
    }
}

#[test]
fn every_vector_has_its_verdict() {
    let Some(archive) = shared("merkle-vectors.tar.gz") else {
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    let unpacked = Command::new("tar")
        .arg("xzf")
        .arg(&archive)
        .arg("-C")
        .arg(dir.path())
        .status()
        .unwrap();
    assert!(unpacked.success());
    let root = dir.path().join("testdata");
    let mut all = Vec::new();
    files(&root, &mut all);
    all.sort();
    let mut counts = BTreeMap::<String, (usize, usize)>::new();
    let mut wrong = Vec::new();
    for file in &all {
        let kind = file
            .strip_prefix(&root)
            .unwrap()
            .components()
            .next()
            .unwrap();
        let kind = kind.as_os_str().to_str().unwrap().to_owned();
        let vector: Vector = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
        if holds(&kind, &vector).unwrap_or(false) == vector.want_err {
            wrong.push(file.strip_prefix(&root).unwrap().to_owned());
        }
        let count = counts.entry(kind).or_default();
        count.0 += 1;
        count.1 += usize::from(!vector.want_err);
    }
    assert!(wrong.is_empty(), "wrong verdicts: {wrong:#?}");
    let of = |kind: &str, all, good| (kind.to_owned(), (all, good));
    let want = [
        of("consistency", 98, 6),
        of("inclusion", 98, 6),
        of("subtreeconsistency", 118, 12),
        of("subtreeinclusion", 204, 12),
    ];
    assert_eq!(
        counts,
        BTreeMap::from(want),
        "kind: (vectors, of them good)"
    );
}
