//! How a header names people and things without naming them: keyed hashes.
//!
//! The same person under the same key always has the same pseudonym, so rules and timelines work; without the key
//! nobody can test a guess. Not encryption: the way back is the `names` of bodies, and erasing those leaves only this.

use std::{fmt, str::FromStr};

use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use crate::{IdError, ObjectType};

/// A kind letter and 128 bits of HMAC-SHA-256, written `c:91be…` (34 characters).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pseudonym {
    kind: u8,
    hash: [u8; 16],
}

/// The node's secret for pseudonyms. Whoever has it can test guesses, so it never leaves the node and is never printed.
#[derive(Clone)]
pub struct PseudonymKey([u8; 32]);

impl PseudonymKey {
    /// From 32 random bytes.
    pub fn new(secret: [u8; 32]) -> Self {
        Self(secret)
    }

    /// The pseudonym of a thing: `source` names the system whose numbering `id` belongs to, empty for the node's own.
    /// Each part is length-prefixed, so no two different triples hash the same bytes.
    pub fn pseudonym(&self, object_type: &ObjectType, source: &str, id: &str) -> Pseudonym {
        let hash = self.mac("pseudonym", &[object_type.as_str(), source, id]);
        Pseudonym {
            kind: Pseudonym::letter(object_type.as_str()),
            hash: hash[..16].try_into().expect("16 of 32 bytes"),
        }
    }

    /// Full 256-bit keyed hash for recognising a submission that is sent again (ledger: dedup key). Keyed, because it
    /// stays when a body is erased and must not let anybody test what the body said.
    pub fn submission(&self, parts: &[&str]) -> [u8; 32] {
        self.mac("submission", parts)
    }

    fn mac(&self, domain: &str, parts: &[&str]) -> [u8; 32] {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes any key length");
        for part in std::iter::once(&domain).chain(parts) {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part.as_bytes());
        }
        mac.finalize().into_bytes().into()
    }
}

impl fmt::Debug for PseudonymKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PseudonymKey(…)")
    }
}

impl Pseudonym {
    /// Staff (`p`), persons of a case (`s`), cases (`c`), items (`i`), places (`l`), files (`f`), alerts (`a`), all else (`o`).
    fn letter(object_type: &str) -> u8 {
        match object_type {
            "staff" => b'p',
            "person" => b's',
            "case" => b'c',
            "item" => b'i',
            "place" => b'l',
            "file" => b'f',
            "alert" => b'a',
            _ => b'o',
        }
    }

    /// Seventeen bytes: letter and hash. The key under which a register keeps it.
    pub fn to_bytes(self) -> [u8; 17] {
        let mut out = [self.kind; 17];
        out[1..].copy_from_slice(&self.hash);
        out
    }

    /// The inverse of [`Pseudonym::to_bytes`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, IdError> {
        let not_one = || IdError::NotOne {
            what: "a stored pseudonym",
            found: format!("{} bytes", bytes.len()),
        };
        let (kind, hash) = bytes.split_first().ok_or_else(not_one)?;
        if !b"pscilfao".contains(kind) {
            return Err(not_one());
        }
        Ok(Self {
            kind: *kind,
            hash: hash.try_into().map_err(|_| not_one())?,
        })
    }

    /// Whether the letter is the one that objects of this type have.
    pub fn fits(self, object_type: &ObjectType) -> bool {
        self.kind == Self::letter(object_type.as_str())
    }
}

impl fmt::Display for Pseudonym {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Every event writes a few of them: no text of its own on the way.
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let mut text = [b':'; 34];
        text[0] = self.kind;
        for (two, byte) in text[2..].as_chunks_mut::<2>().0.iter_mut().zip(self.hash) {
            *two = [
                DIGITS[usize::from(byte >> 4)],
                DIGITS[usize::from(byte & 15)],
            ];
        }
        f.write_str(str::from_utf8(&text).map_err(|_| fmt::Error)?)
    }
}

impl fmt::Debug for Pseudonym {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Pseudonym {
    type Err = IdError;
    fn from_str(text: &str) -> Result<Self, IdError> {
        let not_one = || IdError::NotOne {
            what: "a pseudonym",
            found: text.chars().take(64).collect(),
        };
        let b = text.as_bytes();
        if b.len() != 34 || b[1] != b':' || !b"pscilfao".contains(&b[0]) {
            return Err(not_one());
        }
        let nibble = |c: u8| match c {
            b'0'..=b'9' => Ok(c - b'0'),
            b'a'..=b'f' => Ok(c - b'a' + 10),
            _ => Err(not_one()),
        };
        let mut hash = [0; 16];
        for (byte, pair) in hash.iter_mut().zip(b[2..].chunks_exact(2)) {
            *byte = nibble(pair[0])? << 4 | nibble(pair[1])?;
        }
        Ok(Self { kind: b[0], hash })
    }
}

impl Serialize for Pseudonym {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Pseudonym {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(d)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}
