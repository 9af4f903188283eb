//! The body of an event: names, words, attributes, hashes of attachments. Beside the log, never in it.
//!
//! A header commits to it by a salted hash, so it can be withheld from a mirror or erased when the law demands it
//! (个人信息保护法 Art. 47) and the proof of the event still stands. Not encrypted: sealing is `seal`'s.

mod said;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use said::{Said, SaidValue};

use crate::{Attr, Commitment, ObjectType, Pseudonym, Qualifier, TimeText, ids::hex};

/// Everything about an event that not every reader of the log may know.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Body {
    /// Sixteen random bytes in hexadecimal: they stand first, so that nobody can guess a short body from its hash.
    salt: String,
    /// What the pseudonyms of the header are called.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub names: BTreeMap<Pseudonym, String>,
    /// `occurred` as the source wrote it, where that says more than the header (an offset, finer digits).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub occurred: Option<TimeText>,
    /// Attributes of the event, or of the object that an `lh.object` event describes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attrs: Vec<Attr>,
    /// Relations from the object that an `lh.object` event describes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub relations: Vec<Relation>,
    /// Free words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub words: Option<String>,
    /// Attachments by hash.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<FileRef>,
    /// Where an imported event comes from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
    /// Blanks that bring bodies whose length must not tell anything to a common length.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pad: String,
}

/// An attachment: kept under its hash, so the body proves the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileRef {
    /// Name that the sender gave it.
    pub name: String,
    /// SHA-256 in lower-case hexadecimal.
    pub sha256: String,
    /// Bytes.
    pub size: u64,
}

/// The system and the id there of an imported event or object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Name of the source, as chosen at import.
    pub name: String,
    /// Id of the event or object in that source.
    pub id: String,
}

/// A relation of one object to another (OCEL 2.0 object-to-object).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Relation {
    /// Type of the target; `None` where the source file never says.
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    pub object_type: Option<ObjectType>,
    /// Target.
    pub target: Pseudonym,
    /// What the target is to the object.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub qualifier: Option<Qualifier>,
}

/// Why bytes are not the body that they should be.
#[derive(Debug, thiserror::Error)]
pub enum BodyError {
    /// Not the JSON of a body.
    #[error("not a body: {0}")]
    Json(#[from] serde_json::Error),
    /// The bytes are not those that the header commits to.
    #[error("the body does not match its commitment")]
    Mismatch,
}

impl Body {
    /// An empty body with its salt.
    pub fn new(salt: [u8; 16]) -> Self {
        Self {
            salt: hex(&salt),
            ..Self::default()
        }
    }

    /// The exact bytes that a header commits to.
    pub fn bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("keys are strings and odd floats are written as text")
    }

    /// Fills the body with blanks up to the next multiple of `block` bytes: its size then tells only a class.
    pub fn padded_to(mut self, block: usize) -> Self {
        self.pad = " ".to_owned();
        let rest = self.bytes().len() % block;
        if rest != 0 {
            self.pad.extend(std::iter::repeat_n(' ', block - rest));
        }
        self
    }

    /// Reads a body and checks it against the header's commitment.
    pub fn open(bytes: &[u8], commitment: &Commitment) -> Result<Self, BodyError> {
        if !commitment.holds(bytes) {
            return Err(BodyError::Mismatch);
        }
        Ok(serde_json::from_slice(bytes)?)
    }

    /// The first attribute of that key.
    pub fn attr(&self, key: &str) -> Option<&Attr> {
        self.attrs.iter().find(|a| a.key == key)
    }

    /// The text of the first attribute of that key.
    pub fn text(&self, key: &str) -> Option<&str> {
        self.attr(key)?.value.as_str()
    }
}
