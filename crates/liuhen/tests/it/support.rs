//! Runs the binary and writes down what a user would see; makes logs and receipts small enough to read.

use std::{
    fmt::Write as _,
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use model::{Entry, Header};
use tempfile::TempDir;
use tlog::{
    Sha256, TreeHash,
    checkpoint::{self, Checkpoint, Origin},
    note::{KeyKind, SigningKey},
    proof::TlogProof,
    tree::root_of_leaves,
};

use crate::scrub::scrub;

/// A folder in which the binary is run, with nothing of the tester's own environment.
pub(crate) struct Place {
    dir: TempDir,
}

impl Place {
    pub(crate) fn new() -> Self {
        let dir = TempDir::new().expect("the system has a folder for temporary files");
        Self { dir }
    }

    pub(crate) fn path(&self) -> &Path {
        self.dir.path()
    }

    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path().join(name);
        std::fs::write(&path, bytes).expect("a file in a temporary folder can be written");
        path
    }

    /// The binary, ready to be run here in English.
    pub(crate) fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_liuhen"));
        command
            .args(words)
            .current_dir(self.path())
            .env_clear()
            .env("LANG", "C.UTF-8")
            .env("TMPDIR", self.path())
            .stdin(Stdio::null());
        command
    }

    pub(crate) fn run(&self, words: &[&str]) -> Output {
        self.command(words).output().expect("the binary starts")
    }

    /// Exit code, stdout and stderr as one text, without what differs from run to run.
    pub(crate) fn shown(&self, words: &[&str]) -> String {
        self.tidy(&self.run(words))
    }

    /// The same under a heading, without what differs from run to run.
    pub(crate) fn scrubbed(&self, heading: &str, words: &[&str]) -> String {
        format!("===== {heading}\n{}\n", scrub(&self.shown(words)))
    }

    /// Runs the binary with something on its standard input.
    pub(crate) fn with_input(&self, words: &[&str], input: &str) -> Output {
        let mut child = self
            .command(words)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary starts");
        // It may end before it reads: what it says then is the answer.
        let _ = child
            .stdin
            .take()
            .expect("piped")
            .write_all(input.as_bytes());
        child.wait_with_output().expect("it ends")
    }

    pub(crate) fn tidy(&self, output: &Output) -> String {
        let place = self.path().to_string_lossy().into_owned();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).replace(&place, "[DIR]");
        let mut shown = format!("exit {}\n", output.status.code().unwrap_or(-1));
        for (name, bytes) in [("stdout", &output.stdout), ("stderr", &output.stderr)] {
            if !bytes.is_empty() {
                let _ = write!(shown, "----- {name}\n{}", text(bytes));
            }
        }
        shown
    }
}

/// A place with a new node in `./liuhen-data`.
pub(crate) fn made() -> Place {
    let place = Place::new();
    let words = [
        "init",
        "--organ",
        "A330100",
        "--organ-name",
        "甲市公安局",
        "--admin-name",
        "管理员甲",
    ];
    let output = place.run(&words);
    assert_eq!(output.status.code(), Some(0), "{}", place.tidy(&output));
    place
}

/// A log of three entries, with everything that a receipt needs.
pub(crate) struct SmallLog {
    pub(crate) key: SigningKey,
    pub(crate) entries: Vec<Vec<u8>>,
    pub(crate) body: Vec<u8>,
}

impl SmallLog {
    pub(crate) fn new() -> Self {
        let key = SigningKey::from_seed("liuhen.example/A330100", [7; 32], KeyKind::Log)
            .expect("the name is a key name");
        let body = br#"{"salt":"00112233445566778899aabbccddeeff","words":"asked how it stands"}"#;
        let header = |n: u8, with_body: bool| Header {
            id: format!("01970000-0000-7000-8000-00000000000{n}")
                .parse()
                .expect("a UUID"),
            activity: "itf.record".parse().expect("an activity"),
            occurred: "2026-11-23T06:05:00Z".parse().expect("a time"),
            recorded: "2026-11-23T06:07:12.345678Z".parse().expect("a time"),
            organ: "A330100".parse().expect("an organ"),
            actor: Vec::new(),
            objects: Vec::new(),
            basis: Vec::new(),
            correction_of: None,
            body: with_body.then(|| model::Commitment::to(body)),
            to: Vec::new(),
        };
        let entries = (0..3)
            .map(|n| Entry::unsigned(&header(n, n == 1)))
            .collect();
        Self {
            key,
            entries,
            body: body.to_vec(),
        }
    }

    /// The receipt of the middle entry.
    pub(crate) fn receipt(&self) -> TlogProof {
        let leaves: Vec<_> = self.entries.iter().map(|e| Sha256::leaf(e)).collect();
        let head = Checkpoint {
            origin: Origin::new(self.key.verifier().name()).expect("a key name is an origin"),
            size: 3,
            root: root_of_leaves::<Sha256>(&leaves),
        };
        TlogProof {
            extra: Some(self.entries[1].clone()),
            index: 1,
            hashes: vec![leaves[0], leaves[2]],
            checkpoint: checkpoint::sign(&head, &self.key).expect("the key is this log's"),
        }
    }

    pub(crate) fn vkey(&self) -> String {
        self.key.verifier().to_string()
    }
}
