//! Policy files: which logs are known, which witnesses, and how many of them make a quorum (C2SP tlog-policy, untagged,
//! text of July 2026).
//!
//! Is not a place for keys of actors, and URLs are carried, never followed. Names are bytes, compared as bytes. Stricter
//! than the text in one point: no public key stands on two lines, also not once as log and once as witness.

use crate::checkpoint::SignedCheckpoint;
use crate::note::{Algorithm, KeyError, VerifierKey};
use crate::text;

/// Longest file that is read, bytes.
pub const MAX_POLICY: usize = 1024 * 1024;

/// A log, named by the key name, which is its origin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Log {
    /// Its key, type 0x01.
    pub key: VerifierKey,
    /// Where it is, as written.
    pub url: Option<Vec<u8>>,
}

/// A witness.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Witness {
    /// Name within the file.
    pub name: Vec<u8>,
    /// Its key, type 0x04.
    pub key: VerifierKey,
    /// Where it is, as written.
    pub url: Option<Vec<u8>>,
}

/// A member of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Member {
    Witness(usize),
    Group(usize),
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Group {
    name: Vec<u8>,
    threshold: usize,
    members: Vec<Member>,
}

/// A policy that has been read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    logs: Vec<Log>,
    witnesses: Vec<Witness>,
    /// In the order of the file: members come before the groups that hold them.
    groups: Vec<Group>,
    /// `None`: `quorum none`.
    quorum: Option<Member>,
}

/// Why a file is no policy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// Longer than [`MAX_POLICY`].
    #[error("policy has {len} bytes, at most {MAX_POLICY} are read")]
    TooLong {
        /// Length, bytes.
        len: usize,
    },
    /// The file's last line does not end in LF.
    #[error("the last line of the policy does not end in a line feed")]
    NoLineEnd,
    /// No quorum line.
    #[error("policy has no quorum line")]
    NoQuorum,
    /// A line is wrong.
    #[error("line {line} of the policy: {reason}")]
    Line {
        /// Line, counted from 1.
        line: usize,
        /// What is wrong with it.
        reason: LineError,
    },
}

/// What is wrong with a line of a policy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LineError {
    /// A control character other than tab.
    #[error("control character 0x{0:02x}")]
    Control(u8),
    /// Not `log`, `witness`, `group` or `quorum`.
    #[error("begins with none of log, witness, group, quorum")]
    Keyword,
    /// Too few or too many words.
    #[error("wrong number of words")]
    Words,
    /// The key is wrong.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// Logs have keys of type 0x01, witnesses of type 0x04.
    #[error("key of type 0x{is:02x} where type 0x{needs:02x} is needed")]
    KeyType {
        /// Type of the key.
        is: u8,
        /// Type needed here.
        needs: u8,
    },
    /// The public key stands on an earlier line.
    #[error("the same public key stands on an earlier line")]
    DuplicateKey,
    /// The name is taken, or is `none`.
    #[error("name {0:?} is already taken")]
    DuplicateName(String),
    /// No witness or group of this name stands above.
    #[error("name {0:?} is not defined above")]
    Unknown(String),
    /// A witness or group may be in one group only.
    #[error("{0:?} is a member of a group already")]
    SecondGroup(String),
    /// Threshold is not `all`, `any` or a decimal from 1 to the number of members.
    #[error("threshold {0:?} is not all, any or a number from 1 to the number of members")]
    Threshold(String),
    /// There is a quorum line above.
    #[error("second quorum line")]
    SecondQuorum,
}

/// Why a checkpoint does not satisfy a policy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unsatisfied {
    /// No listed log signed it.
    #[error("checkpoint is signed by none of the logs of the policy")]
    Log,
    /// Too few witnesses.
    #[error(
        "the quorum of the policy is not met: {cosigned} of {witnesses} witnesses have cosigned"
    )]
    Quorum {
        /// Witnesses that cosigned.
        cosigned: usize,
        /// Witnesses in the policy.
        witnesses: usize,
    },
}

impl Policy {
    /// The policy "this log, no witnesses".
    ///
    /// # Errors
    /// [`LineError::KeyType`] for a key that cannot be a log's.
    pub fn of_log(key: VerifierKey) -> Result<Self, LineError> {
        need(&key, Algorithm::Ed25519)?;
        Ok(Self {
            logs: vec![Log { key, url: None }],
            witnesses: Vec::new(),
            groups: Vec::new(),
            quorum: None,
        })
    }

    /// Reads a policy file.
    ///
    /// # Errors
    /// [`PolicyError`] names the line.
    pub fn parse(file: &[u8]) -> Result<Self, PolicyError> {
        if file.len() > MAX_POLICY {
            return Err(PolicyError::TooLong { len: file.len() });
        }
        let lines = match file {
            [] => file,
            _ => file.strip_suffix(b"\n").ok_or(PolicyError::NoLineEnd)?,
        };
        let mut reader = Reader::default();
        for (n, line) in lines.split(|&b| b == b'\n').enumerate() {
            reader.line(line).map_err(|reason| PolicyError::Line {
                line: n + 1,
                reason,
            })?;
        }
        let quorum = reader.quorum.ok_or(PolicyError::NoQuorum)?;
        Ok(Self {
            logs: reader.logs,
            witnesses: reader.witnesses,
            groups: reader.groups,
            quorum,
        })
    }

    /// Known logs.
    pub fn logs(&self) -> &[Log] {
        &self.logs
    }

    /// Known witnesses.
    pub fn witnesses(&self) -> &[Witness] {
        &self.witnesses
    }

    /// All keys: what a checkpoint is opened with.
    pub fn keys(&self) -> Vec<VerifierKey> {
        let logs = self.logs.iter().map(|log| log.key.clone());
        logs.chain(self.witnesses.iter().map(|witness| witness.key.clone()))
            .collect()
    }

    /// Whether the witnesses for which `cosigned` says yes make a quorum.
    pub fn is_quorum(&self, cosigned: impl Fn(&Witness) -> bool) -> bool {
        let witnesses: Vec<bool> = self.witnesses.iter().map(cosigned).collect();
        let mut groups = Vec::with_capacity(self.groups.len());
        for group in &self.groups {
            let count = group
                .members
                .iter()
                .filter(|member| holds(**member, &witnesses, &groups))
                .count();
            groups.push(count >= group.threshold);
        }
        self.quorum
            .is_none_or(|member| holds(member, &witnesses, &groups))
    }

    /// Whether a verified checkpoint is signed by a known log and cosigned by a quorum.
    ///
    /// # Errors
    /// [`Unsatisfied`] says which of the two is missing.
    pub fn check(&self, checkpoint: &SignedCheckpoint) -> Result<(), Unsatisfied> {
        let signed = |key: &VerifierKey| checkpoint.by().iter().any(|signer| signer.key() == key);
        let origin = checkpoint.checkpoint().origin.as_str();
        if !self
            .logs
            .iter()
            .any(|log| log.key.name() == origin && signed(&log.key))
        {
            return Err(Unsatisfied::Log);
        }
        if self.is_quorum(|witness| signed(&witness.key)) {
            return Ok(());
        }
        let cosigned = self
            .witnesses
            .iter()
            .filter(|witness| signed(&witness.key))
            .count();
        Err(Unsatisfied::Quorum {
            cosigned,
            witnesses: self.witnesses.len(),
        })
    }
}

fn holds(member: Member, witnesses: &[bool], groups: &[bool]) -> bool {
    match member {
        Member::Witness(n) => witnesses[n],
        Member::Group(n) => groups[n],
    }
}

fn need(key: &VerifierKey, algorithm: Algorithm) -> Result<(), LineError> {
    if key.algorithm() == algorithm {
        return Ok(());
    }
    Err(LineError::KeyType {
        is: key.algorithm().byte(),
        needs: algorithm.byte(),
    })
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[derive(Default)]
struct Reader {
    logs: Vec<Log>,
    witnesses: Vec<Witness>,
    groups: Vec<Group>,
    /// Every member of a group so far.
    grouped: Vec<Member>,
    quorum: Option<Option<Member>>,
}

impl Reader {
    fn line(&mut self, line: &[u8]) -> Result<(), LineError> {
        if let Some(&control) = line
            .iter()
            .find(|&&b| (b < 0x20 && b != b'\t') || b == 0x7f)
        {
            return Err(LineError::Control(control));
        }
        let words: Vec<&[u8]> = line
            .split(|b| matches!(b, b' ' | b'\t'))
            .filter(|word| !word.is_empty())
            .collect();
        match words.as_slice() {
            [] => Ok(()),
            [first, ..] if first.starts_with(b"#") => Ok(()),
            [b"log", key] => self.log(key, None),
            [b"log", key, url] => self.log(key, Some(url)),
            [b"witness", name, key] => self.witness(name, key, None),
            [b"witness", name, key, url] => self.witness(name, key, Some(url)),
            [b"group", name, threshold, members @ ..] if !members.is_empty() => {
                self.group(name, threshold, members)
            }
            [b"quorum", name] => self.quorum(name),
            [b"log" | b"witness" | b"group" | b"quorum", ..] => Err(LineError::Words),
            _ => Err(LineError::Keyword),
        }
    }

    fn log(&mut self, key: &[u8], url: Option<&[u8]>) -> Result<(), LineError> {
        let key = self.key(key, Algorithm::Ed25519)?;
        self.logs.push(Log {
            key,
            url: url.map(<[u8]>::to_vec),
        });
        Ok(())
    }

    fn witness(&mut self, name: &[u8], key: &[u8], url: Option<&[u8]>) -> Result<(), LineError> {
        self.free(name)?;
        let key = self.key(key, Algorithm::Cosignature)?;
        self.witnesses.push(Witness {
            name: name.to_vec(),
            key,
            url: url.map(<[u8]>::to_vec),
        });
        Ok(())
    }

    fn group(&mut self, name: &[u8], threshold: &[u8], names: &[&[u8]]) -> Result<(), LineError> {
        self.free(name)?;
        let mut members = Vec::with_capacity(names.len());
        for name in names {
            let member = self.find(name)?;
            if self.grouped.contains(&member) {
                return Err(LineError::SecondGroup(lossy(name)));
            }
            self.grouped.push(member);
            members.push(member);
        }
        let number = || text::decimal(std::str::from_utf8(threshold).ok()?);
        let threshold = match threshold {
            b"any" => 1,
            b"all" => members.len(),
            _ => number()
                .and_then(|k| usize::try_from(k).ok())
                .filter(|k| (1..=members.len()).contains(k))
                .ok_or_else(|| LineError::Threshold(lossy(threshold)))?,
        };
        self.groups.push(Group {
            name: name.to_vec(),
            threshold,
            members,
        });
        Ok(())
    }

    fn quorum(&mut self, name: &[u8]) -> Result<(), LineError> {
        if self.quorum.is_some() {
            return Err(LineError::SecondQuorum);
        }
        self.quorum = Some(if name == b"none" {
            None
        } else {
            Some(self.find(name)?)
        });
        Ok(())
    }

    fn key(&self, key: &[u8], algorithm: Algorithm) -> Result<VerifierKey, LineError> {
        let key: VerifierKey = std::str::from_utf8(key)
            .map_err(|_| KeyError::Form)?
            .parse()?;
        need(&key, algorithm)?;
        let mut keys = self
            .logs
            .iter()
            .map(|log| &log.key)
            .chain(self.witnesses.iter().map(|w| &w.key));
        if keys.any(|other| other.public() == key.public()) {
            return Err(LineError::DuplicateKey);
        }
        Ok(key)
    }

    fn find(&self, name: &[u8]) -> Result<Member, LineError> {
        let witness = self
            .witnesses
            .iter()
            .position(|w| w.name == name)
            .map(Member::Witness);
        let group = || {
            self.groups
                .iter()
                .position(|g| g.name == name)
                .map(Member::Group)
        };
        witness
            .or_else(group)
            .ok_or_else(|| LineError::Unknown(lossy(name)))
    }

    fn free(&self, name: &[u8]) -> Result<(), LineError> {
        if name == b"none" || self.find(name).is_ok() {
            return Err(LineError::DuplicateName(lossy(name)));
        }
        Ok(())
    }
}
