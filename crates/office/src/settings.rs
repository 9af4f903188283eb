//! `node.toml` and the key files.
//!
//! A key file is one line of 64 hexadecimal digits, mode 0600. One that others can read is refused, not repaired: who
//! may have read it has to be thought about by a person.

use std::{
    fs,
    io::Write,
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::Path,
};

use model::{OrganCode, PseudonymKey};
use serde::{Deserialize, Serialize};
use tlog::{
    checkpoint::Origin,
    note::{KeyKind, SigningKey},
};

use crate::{NodeInfo, OpenError};

pub(crate) const LISTEN: &str = "127.0.0.1:7878";

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Settings {
    /// Origin of the log.
    pub(crate) origin: String,
    /// Address of the server.
    #[serde(default = "listen")]
    pub(crate) listen: String,
    /// Serve entry bundles to everybody.
    #[serde(default)]
    pub(crate) public_log: bool,
    /// Zone of times that name none, e.g. `+08:00`.
    #[serde(default = "zone")]
    pub(crate) zone: String,
    pub(crate) organ: OrganSettings,
    /// Where other systems may be told of findings.
    #[serde(default, skip_serializing_if = "is_usual")]
    pub(crate) hooks: crate::HookRules,
}

fn is_usual(rules: &crate::HookRules) -> bool {
    *rules == crate::HookRules::default()
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OrganSettings {
    pub(crate) code: OrganCode,
    pub(crate) name: String,
}

/// Beijing time, which is the time of every organ that the law here is about.
pub(crate) const ZONE: &str = "+08:00";

fn zone() -> String {
    ZONE.to_owned()
}

fn listen() -> String {
    LISTEN.to_owned()
}

pub(crate) struct Node {
    pub(crate) origin: Origin,
    pub(crate) log_key: SigningKey,
    pub(crate) pseudonym_key: PseudonymKey,
    pub(crate) info: NodeInfo,
}

/// Reads settings and keys of a node.
pub(crate) fn read(dir: &Path) -> Result<Node, OpenError> {
    let path = dir.join("node.toml");
    let wrong = |reason: String| OpenError::Settings {
        path: path.clone(),
        reason,
    };
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
            return Err(OpenError::NoNode(dir.to_owned()));
        }
        Err(e) => return Err(wrong(e.to_string())),
    };
    let settings: Settings = toml::from_str(&text).map_err(|e| wrong(e.to_string()))?;
    let origin = Origin::new(&settings.origin).map_err(|e| wrong(format!("origin: {e}")))?;
    let log_key = SigningKey::from_seed(
        origin.as_str(),
        key(&dir.join("keys/log.key"))?,
        KeyKind::Log,
    )
    .map_err(|e| wrong(format!("origin: {e}")))?;
    let pseudonym_key = PseudonymKey::new(key(&dir.join("keys/pseudonym.key"))?);
    let info = NodeInfo {
        origin: origin.as_str().to_owned(),
        key: log_key.verifier().clone(),
        organ: settings.organ.code,
        organ_name: settings.organ.name,
        listen: settings.listen,
        zone: settings
            .zone
            .parse()
            .map_err(|e| wrong(format!("zone: {e}")))?,
        public_log: settings.public_log,
        hooks: settings.hooks,
        dir: dir.to_owned(),
    };
    Ok(Node {
        origin,
        log_key,
        pseudonym_key,
        info,
    })
}

fn key(path: &Path) -> Result<[u8; 32], OpenError> {
    let wrong = |reason: &str| OpenError::Key {
        path: path.to_owned(),
        reason: reason.to_owned(),
    };
    let meta = fs::metadata(path).map_err(|e| wrong(&e.to_string()))?;
    if meta.permissions().mode() & 0o077 != 0 {
        return Err(wrong(
            "others can read this key; find out who did, then `chmod 600` it",
        ));
    }
    let text = fs::read_to_string(path).map_err(|e| wrong(&e.to_string()))?;
    let hex = text.trim_end();
    if hex.len() != 64 || !hex.is_ascii() {
        return Err(wrong("not a key: expected 64 hexadecimal digits"));
    }
    let mut out = [0; 32];
    for (i, byte) in out.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&hex[2 * i..2 * i + 2], 16)
            .map_err(|_| wrong("not a key: expected 64 hexadecimal digits"))?;
    }
    Ok(out)
}

/// Writes a new key file; fails if there is one.
pub(crate) fn write_key(path: &Path, key: &[u8; 32]) -> std::io::Result<()> {
    let mut text = model::hex(key);
    text.push('\n');
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}
