//! Where victims are killed, and what is looked for afterwards.

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, Read},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::mpsc,
    time::{Duration, Instant},
};

use ledger::{
    BodyState, Ledger,
    audit::{EntryRules, Options, audit},
};
use sha2::{Digest, Sha256};

use super::{body_of, config, entry_of, key, read_lines};

/// How long a victim may take to end by itself.
const PATIENCE: Duration = Duration::from_secs(60);

/// A directory with a log, and every acknowledgement that any victim there has given.
pub struct Scene {
    dir: PathBuf,
    acknowledged: BTreeMap<u64, u64>,
}

/// How a victim ended.
#[derive(Debug)]
pub struct Ending {
    /// Acknowledgements that it gave.
    pub acknowledged: usize,
    /// Whether it came so far as to open the log.
    pub was_ready: bool,
    /// Whether it ended with success.
    pub success: bool,
    /// What it said on standard error.
    pub said: String,
}

struct Rules;

impl EntryRules for Rules {
    fn commitment(&self, entry: &[u8]) -> Result<Option<([u8; 32], u64)>, String> {
        let n = number_of(entry).ok_or("not an entry")?;
        let body = n.is_multiple_of(3).then(|| body_of(n));
        Ok(body.map(|b| (Sha256::digest(&b).into(), b.len() as u64)))
    }
}

fn number_of(entry: &[u8]) -> Option<u64> {
    let text = std::str::from_utf8(entry).ok()?;
    let rest = text.strip_prefix("{\"n\":")?;
    rest.split(',').next()?.parse().ok()
}

impl Scene {
    /// An empty directory.
    pub fn new(dir: impl Into<PathBuf>) -> Self {
        Self {
            dir: dir.into(),
            acknowledged: BTreeMap::new(),
        }
    }

    /// The directory.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Acknowledgements so far.
    pub fn acknowledged(&self) -> usize {
        self.acknowledged.len()
    }

    /// Starts a victim and kills it with SIGKILL after the time given, counted from its start or from the moment when it
    /// was ready; `None`: it ends by itself.
    ///
    /// # Panics
    /// If the victim cannot be started, or does not end, or acknowledges one thing at two places.
    pub fn victim(
        &mut self,
        mut command: Command,
        kill: Option<Duration>,
        when_ready: bool,
    ) -> Ending {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the victim starts");
        let mut out = BufReader::new(child.stdout.take().expect("it is a pipe"));
        let mut err = child.stderr.take().expect("it is a pipe");
        let (ready, is_ready) = mpsc::channel();
        let lines = std::thread::spawn(move || {
            let mut said = String::new();
            while out.read_line(&mut said).is_ok_and(|n| n > 0) {
                if said.ends_with("ready\n") {
                    ready.send(()).ok();
                }
            }
            said
        });
        let errors = std::thread::spawn(move || {
            let mut said = Vec::new();
            err.read_to_end(&mut said).ok();
            String::from_utf8_lossy(&said).into_owned()
        });
        let since = Instant::now();
        if when_ready {
            // An early end closes the pipe, and nobody is waited for.
            is_ready.recv_timeout(PATIENCE).ok();
        }
        let status = match kill {
            Some(after) => {
                std::thread::sleep(after);
                child.kill().ok();
                child.wait().expect("it was started")
            }
            None => loop {
                if let Some(status) = child.try_wait().expect("it was started") {
                    break status;
                }
                if since.elapsed() > PATIENCE {
                    child.kill().ok();
                    panic!("the victim did not end: {command:?}");
                }
                std::thread::sleep(Duration::from_millis(1));
            },
        };
        let out = lines.join().expect("the reader does not panic");
        let given = read_lines(&out);
        for (n, index) in &given {
            let before = self.acknowledged.insert(*n, *index);
            assert!(
                before.is_none_or(|b| b == *index),
                "{n} was acknowledged at {before:?} and at {index}"
            );
        }
        Ending {
            acknowledged: given.len(),
            was_ready: out.contains("ready\n"),
            success: status.success(),
            said: errors.join().expect("the reader does not panic"),
        }
    }

    /// Starts the log, reads all of it, and audits it: every acknowledged entry is there unchanged at its index, nothing
    /// stands twice, and nothing that was ever signed is contradicted.
    ///
    /// # Panics
    /// If any of it does not hold.
    pub fn check(&self, what: &str) {
        if !self.dir.join("state/log").exists() {
            assert!(self.acknowledged.is_empty(), "{what}: the log is gone");
            return;
        }
        let (ledger, _) =
            Ledger::open(&self.dir, config()).unwrap_or_else(|e| panic!("{what}: {e}"));
        let mut places = BTreeMap::new();
        let mut next = 0;
        loop {
            let records = ledger
                .read(next, 4096, 4 << 20)
                .unwrap_or_else(|e| panic!("{what}: {e}"));
            if records.is_empty() {
                break;
            }
            for record in records {
                let n = number_of(&record.entry).unwrap_or_else(|| panic!("{what}: at {next}"));
                assert_eq!(record.entry, entry_of(n), "{what}: entry {n}");
                let body = if n.is_multiple_of(3) {
                    BodyState::Present(body_of(n))
                } else {
                    BodyState::None
                };
                assert_eq!(record.body, body, "{what}: body of {n}");
                assert_eq!(places.insert(n, next), None, "{what}: {n} stands twice");
                next += 1;
            }
        }
        for (n, index) in &self.acknowledged {
            assert_eq!(places.get(n), Some(index), "{what}: acknowledged {n}");
        }
        ledger.close();
        let options = Options {
            rules: Some(&Rules),
            threads: 1,
            progress: None,
        };
        let report =
            audit(&self.dir, key().verifier(), options).unwrap_or_else(|e| panic!("{what}: {e}"));
        assert_eq!(report.problems, [], "{what}");
        assert_eq!(report.size, next, "{what}");
    }
}
