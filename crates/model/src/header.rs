//! The header of an event: the line that everybody sees who may read the log, and enough for the rules.
//!
//! It holds no name and no free text. One event has exactly one spelling: [`Header::parse`] refuses a line that
//! [`Header::line`] would not write, so that a hash of the line is a hash of its meaning.

mod strict;

use serde::{Deserialize, Serialize, de::Error as _};
use sha2::{Digest, Sha256};

use crate::{
    Activity, EventId, Micros, ObjectType, OrganCode, Pseudonym, Qualifier, RoleId, RuleId,
    ids::hex,
};

/// Version of the header format; the `v` of every line.
const VERSION: u8 = 1;

/// What happened, without names: activity, both times, organ, actors, objects, basis, receivers, commitment to the body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// Id of this event.
    pub id: EventId,
    /// What was done.
    pub activity: Activity,
    /// When it is claimed to have happened.
    pub occurred: Micros,
    /// When the node took it in; never runs backwards along the log.
    pub recorded: Micros,
    /// Organ in whose name it was done.
    pub organ: OrganCode,
    /// Who did it, in which role. Empty where even that may not be told.
    pub actor: Vec<Actor>,
    /// What it concerns.
    pub objects: Vec<ObjectRef>,
    /// Rules claimed as its basis.
    pub basis: Vec<RuleId>,
    /// The event that this one corrects; the corrected one stays.
    pub correction_of: Option<EventId>,
    /// What the body must hash to; `None` for an event without a body.
    pub body: Option<Commitment>,
    /// Organs to which it is addressed.
    pub to: Vec<OrganCode>,
}

/// Somebody who acts, in a role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Actor {
    /// Pseudonym of the person.
    pub p: Pseudonym,
    /// In which role.
    pub role: RoleId,
}

/// An object of an event: `["case","c:91be…"]` or `["person","s:aa01…","suspect"]`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ObjectRef {
    /// Type of the object.
    pub object_type: ObjectType,
    /// Its pseudonym.
    pub id: Pseudonym,
    /// Its part in the event.
    pub qualifier: Option<Qualifier>,
}

/// What a body must hash to, and how long it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commitment {
    /// SHA-256 of the body's bytes, which begin with a random salt.
    pub hash: [u8; 32],
    /// Length of the body in bytes.
    pub size: u64,
}

/// Why a line is not a header.
#[derive(Debug, thiserror::Error)]
pub enum HeaderError {
    /// Not the JSON of a header.
    #[error("not a header: {0}")]
    Json(#[from] serde_json::Error),
    /// A version that this program does not know.
    #[error("header version {0}; this program reads version 1")]
    Version(u8),
    /// Another spelling than the one that this program writes.
    #[error("header is not in its one spelling, it differs at byte {at}")]
    NotCanonical {
        /// First differing byte.
        at: usize,
    },
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line<'a> {
    v: u8,
    id: EventId,
    activity: std::borrow::Cow<'a, Activity>,
    occurred: Micros,
    recorded: std::borrow::Cow<'a, str>,
    organ: std::borrow::Cow<'a, OrganCode>,
    #[serde(default, skip_serializing_if = "<[_]>::is_empty")]
    actor: std::borrow::Cow<'a, [Actor]>,
    #[serde(default, skip_serializing_if = "<[_]>::is_empty")]
    objects: std::borrow::Cow<'a, [ObjectRef]>,
    #[serde(default, skip_serializing_if = "<[_]>::is_empty")]
    basis: std::borrow::Cow<'a, [RuleId]>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    correction_of: Option<EventId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    body: Option<Commitment>,
    #[serde(default, skip_serializing_if = "<[_]>::is_empty")]
    to: std::borrow::Cow<'a, [OrganCode]>,
}

impl Header {
    /// The line, without a line end. At most a few hundred bytes for ordinary events.
    pub fn line(&self) -> String {
        self.write(&self.recorded.fixed())
    }

    /// The line in two pieces, around the place of `recorded`, whose [`Micros::fixed`] a sequencer puts between them:
    /// so the order of the log and the order of `recorded` are one. The value in `self.recorded` is not used.
    pub fn line_around_recorded(&self) -> (String, String) {
        // No other field can hold this text: ids and times have their own alphabets, and JSON escapes U+0000 elsewhere.
        const MARK: &str = "\\u0000recorded";
        let mut line = self.write("\u{0}recorded");
        let at = line.find(MARK).expect("written above");
        let tail = line.split_off(at);
        (line, tail[MARK.len()..].to_owned())
    }

    fn write(&self, recorded: &str) -> String {
        use std::borrow::Cow::Borrowed;
        serde_json::to_string(&Line {
            v: VERSION,
            id: self.id,
            activity: Borrowed(&self.activity),
            occurred: self.occurred,
            recorded: Borrowed(recorded),
            organ: Borrowed(&self.organ),
            actor: Borrowed(&self.actor),
            objects: Borrowed(&self.objects),
            basis: Borrowed(&self.basis),
            correction_of: self.correction_of,
            body: self.body.clone(),
            to: Borrowed(&self.to),
        })
        .expect("a header has no map keys and no floats, so it always serialises")
    }

    /// Reads a line and insists on its one spelling.
    pub fn parse(line: &[u8]) -> Result<Self, HeaderError> {
        strict::parse(line).map_or_else(|| Self::parse_any(line), Ok)
    }

    /// Reads JSON and writes it again to compare: slower by an order of magnitude, and says what is wrong.
    fn parse_any(line: &[u8]) -> Result<Self, HeaderError> {
        let read: Line<'_> = serde_json::from_slice(line)?;
        if read.v != VERSION {
            return Err(HeaderError::Version(read.v));
        }
        let header = Self {
            id: read.id,
            activity: read.activity.into_owned(),
            occurred: read.occurred,
            recorded: read.recorded.parse().map_err(serde_json::Error::custom)?,
            organ: read.organ.into_owned(),
            actor: read.actor.into_owned(),
            objects: read.objects.into_owned(),
            basis: read.basis.into_owned(),
            correction_of: read.correction_of,
            body: read.body,
            to: read.to.into_owned(),
        };
        let written = header.line();
        if written.as_bytes() == line {
            return Ok(header);
        }
        let at = written
            .bytes()
            .zip(line)
            .position(|(a, b)| a != *b)
            .unwrap_or(written.len().min(line.len()));
        Err(HeaderError::NotCanonical { at })
    }

    /// The objects of one type.
    pub fn objects_of<'a>(&'a self, object_type: &'a str) -> impl Iterator<Item = &'a ObjectRef> {
        self.objects
            .iter()
            .filter(move |o| o.object_type.as_str() == object_type)
    }
}

impl Commitment {
    /// The commitment to these bytes (which must begin with a salt, as those of [`crate::Body::bytes`] do).
    pub fn to(bytes: &[u8]) -> Self {
        Self {
            hash: Sha256::digest(bytes).into(),
            size: bytes.len() as u64,
        }
    }

    /// Whether these are the bytes that were committed to.
    pub fn holds(&self, bytes: &[u8]) -> bool {
        Self::to(bytes) == *self
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenCommitment {
    hash: String,
    size: u64,
}

impl Serialize for Commitment {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        let hex = hex(&self.hash);
        WrittenCommitment {
            hash: format!("sha256:{hex}"),
            size: self.size,
        }
        .serialize(s)
    }
}

impl<'de> Deserialize<'de> for Commitment {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let read = WrittenCommitment::deserialize(d)?;
        let hex = read
            .hash
            .strip_prefix("sha256:")
            .filter(|h| h.len() == 64 && h.is_ascii());
        let hex = hex.ok_or_else(|| {
            D::Error::custom("a commitment is `sha256:` and 64 hexadecimal digits")
        })?;
        let mut hash = [0; 32];
        for (i, byte) in hash.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&hex[2 * i..2 * i + 2], 16).map_err(D::Error::custom)?;
        }
        Ok(Self {
            hash,
            size: read.size,
        })
    }
}

impl Serialize for ObjectRef {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        match &self.qualifier {
            Some(q) => (&self.object_type, self.id, q).serialize(s),
            None => (&self.object_type, self.id).serialize(s),
        }
    }
}

impl<'de> Deserialize<'de> for ObjectRef {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        struct Parts;
        impl<'de> serde::de::Visitor<'de> for Parts {
            type Value = ObjectRef;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("[type, pseudonym] or [type, pseudonym, qualifier]")
            }
            fn visit_seq<A: serde::de::SeqAccess<'de>>(
                self,
                mut seq: A,
            ) -> Result<ObjectRef, A::Error> {
                let object_type = seq
                    .next_element()?
                    .ok_or_else(|| A::Error::invalid_length(0, &self))?;
                let id = seq
                    .next_element()?
                    .ok_or_else(|| A::Error::invalid_length(1, &self))?;
                Ok(ObjectRef {
                    object_type,
                    id,
                    qualifier: seq.next_element()?,
                })
            }
        }
        d.deserialize_seq(Parts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Both readers say the same of a line that one of them takes; the tests of `Header::parse` see only what comes of both.
    #[test]
    fn both_readers_read_the_same() {
        let line = concat!(
            r#"{"v":1,"id":"01a20703-ffd9-7bab-abab-abababababab","activity":"cr.detain","occurred":"2024-02-29T06:05:00.5Z","#,
            r#""recorded":"2026-11-23T06:07:12.345670Z","organ":"A330100","#,
            r#""actor":[{"p":"p:00112233445566778899aabbccddeeff","role":"officer"},{"p":"p:10112233445566778899aabbccddeeff","role":"x"}],"#,
            r#""objects":[["case","c:00112233445566778899aabbccddeeff"],["person","s:00112233445566778899aabbccddeeff","犯罪嫌疑人"]],"#,
            r#""basis":["CR-030","CR-031"],"correction_of":"01a20703-ffd9-7bab-abab-abababababac","#,
            r#""body":{"hash":"sha256:00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff","size":340},"to":["A330000"]}"#,
        );
        let any = Header::parse_any(line.as_bytes()).unwrap();
        assert_eq!(strict::parse(line.as_bytes()), Some(any));
        // Every byte changed to those that mean something somewhere: what the quick reader takes, the slow one takes too, and as the same.
        for at in 0..line.len() {
            for byte in *b"019afgAFZpc\"\\,:[]{}-.T \0\x1f\x7f\xe4" {
                let mut bytes = line.as_bytes().to_vec();
                bytes[at] = byte;
                if let Some(header) = strict::parse(&bytes) {
                    assert_eq!(Header::parse_any(&bytes).ok(), Some(header));
                }
            }
        }
        for at in 0..line.len() {
            let mut bytes = line.as_bytes().to_vec();
            bytes.remove(at);
            if let Some(header) = strict::parse(&bytes) {
                assert_eq!(Header::parse_any(&bytes).ok(), Some(header));
            }
        }
    }
}
