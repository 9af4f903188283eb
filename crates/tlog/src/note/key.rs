//! Keys of notes: names, IDs, `name+hex8+base64` (C2SP signed-note v1.0.0, "Verifier keys").
//!
//! Is not key storage: a seed comes in and goes out as 32 bytes, and how it is kept is the caller's affair.

use std::fmt;
use std::str::FromStr;

use ed25519_zebra::{Signature, VerificationKey, VerificationKeyBytes};
use sha2::{Digest, Sha256};

use super::SignatureLine;
use crate::text;

/// First four bytes of SHA-256(name ‖ LF ‖ type ‖ public key). An identifier, not a commitment.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId(pub [u8; 4]);

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08x}", u32::from_be_bytes(self.0))
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyId({self})")
    }
}

/// Signature type of a key. Others are refused, not skipped: one learns at set-up that a key cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Algorithm {
    /// 0x01: Ed25519 over the text.
    Ed25519,
    /// 0x04: timestamped Ed25519 cosignature over a checkpoint.
    Cosignature,
}

impl Algorithm {
    /// The assigned byte.
    pub fn byte(self) -> u8 {
        match self {
            Self::Ed25519 => 0x01,
            Self::Cosignature => 0x04,
        }
    }
}

/// What a signing key is for. The three sets are disjoint: no key serves two purposes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeyKind {
    /// Signs checkpoints of the log whose origin is the key's name (type 0x01).
    Log,
    /// Signs entries (type 0x01).
    Actor,
    /// Cosigns checkpoints of others (type 0x04).
    Cosigner,
}

impl KeyKind {
    /// Signature type of such keys.
    pub fn algorithm(self) -> Algorithm {
        match self {
            Self::Log | Self::Actor => Algorithm::Ed25519,
            Self::Cosigner => Algorithm::Cosignature,
        }
    }
}

impl fmt::Display for KeyKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Log => "log",
            Self::Actor => "actor",
            Self::Cosigner => "cosigner",
        })
    }
}

/// Why a key was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Empty, or holds a Unicode space, a control character or `+`.
    #[error(
        "{0:?} is no key name: it must not be empty nor hold spaces, control characters or '+'"
    )]
    Name(String),
    /// Not `name+hex8+base64`.
    #[error("a verifier key is written name+hex8+base64")]
    Form,
    /// A signature type that is not supported here.
    #[error(
        "signature type 0x{0:02x} is not supported (0x01 Ed25519 and 0x04 Ed25519 cosignature are)"
    )]
    Algorithm(u8),
    /// The public key has a wrong length.
    #[error("an Ed25519 public key has 32 bytes, not {0}")]
    Length(usize),
    /// The 32 bytes are no point of the curve (ZIP-215 decoding).
    #[error("the public key is no point of the curve")]
    Point,
    /// The written ID is not the one of this name and key.
    #[error("key ID {written} does not belong to this name and key, {computed} does")]
    Id {
        /// As written.
        written: KeyId,
        /// As computed.
        computed: KeyId,
    },
}

/// Whether a text may be the name of a key.
pub fn is_key_name(name: &str) -> bool {
    !name.is_empty()
        && !name
            .chars()
            .any(|c| c.is_whitespace() || c < ' ' || c == '+')
}

/// A public key with its name. [`fmt::Display`] and [`FromStr`] are the verifier key `name+hex8+base64`.
#[derive(Clone, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    id: KeyId,
    algorithm: Algorithm,
    pub(super) key: VerificationKey,
}

impl VerifierKey {
    /// A key from its parts.
    ///
    /// # Errors
    /// [`KeyError::Name`], [`KeyError::Point`].
    pub fn from_ed25519(
        name: &str,
        public: [u8; 32],
        algorithm: Algorithm,
    ) -> Result<Self, KeyError> {
        if !is_key_name(name) {
            return Err(KeyError::Name(name.to_owned()));
        }
        let key = VerificationKey::try_from(public).map_err(|_| KeyError::Point)?;
        let digest = Sha256::new()
            .chain_update(name)
            .chain_update([b'\n', algorithm.byte()])
            .chain_update(public)
            .finalize();
        let id = KeyId([digest[0], digest[1], digest[2], digest[3]]);
        Ok(Self {
            name: name.to_owned(),
            id,
            algorithm,
            key,
        })
    }

    /// Name of the key; of a log's key, its origin.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// ID of the key.
    pub fn id(&self) -> KeyId {
        self.id
    }

    /// Signature type.
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The 32 bytes of the public key, as given: two encodings of one point stay two keys.
    pub fn public(&self) -> [u8; 32] {
        self.bytes().into()
    }

    pub(super) fn bytes(&self) -> VerificationKeyBytes {
        self.key.into()
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = vec![self.algorithm.byte()];
        bytes.extend_from_slice(&self.public());
        write!(f, "{}+{}+{}", self.name, self.id, text::to_base64(&bytes))
    }
}

impl fmt::Debug for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VerifierKey({self})")
    }
}

impl FromStr for VerifierKey {
    type Err = KeyError;

    fn from_str(vkey: &str) -> Result<Self, KeyError> {
        let mut parts = vkey.splitn(3, '+');
        let (Some(name), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(KeyError::Form);
        };
        let hex = id.len() == 8 && id.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        let written = u32::from_str_radix(id, 16)
            .ok()
            .filter(|_| hex)
            .ok_or(KeyError::Form)?;
        let bytes = text::base64(key).ok_or(KeyError::Form)?;
        let (&algorithm, public) = bytes.split_first().ok_or(KeyError::Form)?;
        let algorithm = match algorithm {
            0x01 => Algorithm::Ed25519,
            0x04 => Algorithm::Cosignature,
            other => return Err(KeyError::Algorithm(other)),
        };
        let public = public
            .try_into()
            .map_err(|_| KeyError::Length(public.len()))?;
        let key = Self::from_ed25519(name, public, algorithm)?;
        let written = KeyId(written.to_be_bytes());
        if key.id != written {
            return Err(KeyError::Id {
                written,
                computed: key.id,
            });
        }
        Ok(key)
    }
}

/// A secret key with its name and purpose. Has no `Display`; its `Debug` shows the public half only.
#[derive(Clone)]
pub struct SigningKey {
    secret: ed25519_zebra::SigningKey,
    kind: KeyKind,
    verifier: VerifierKey,
}

impl SigningKey {
    /// The key of a seed (the 32 secret bytes of RFC 8032). Where the seed comes from is the caller's affair.
    ///
    /// # Errors
    /// [`KeyError::Name`].
    pub fn from_seed(name: &str, seed: [u8; 32], kind: KeyKind) -> Result<Self, KeyError> {
        let secret = ed25519_zebra::SigningKey::from(seed);
        let public = secret.verification_key().into();
        let verifier = VerifierKey::from_ed25519(name, public, kind.algorithm())?;
        Ok(Self {
            secret,
            kind,
            verifier,
        })
    }

    /// The seed, for storing it. Whoever has it signs.
    pub fn to_seed(&self) -> [u8; 32] {
        self.secret.to_bytes()
    }

    /// What the key is for.
    pub fn kind(&self) -> KeyKind {
        self.kind
    }

    /// The public half.
    pub fn verifier(&self) -> &VerifierKey {
        &self.verifier
    }

    pub(crate) fn sign_bytes(&self, message: &[u8]) -> [u8; 64] {
        Signature::to_bytes(&self.secret.sign(message))
    }

    /// A line of this key around the bytes that follow the key ID.
    pub(crate) fn line(&self, signature: Vec<u8>) -> SignatureLine {
        SignatureLine {
            name: self.verifier.name.clone(),
            id: self.verifier.id,
            signature,
        }
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "SigningKey({}, {}, secret not shown)",
            self.kind, self.verifier
        )
    }
}
