//! Passwords: how they are hashed and compared, and how many of these at once.

use std::sync::atomic::{AtomicUsize, Ordering};

use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::Semaphore;

/// Fewest characters of a password.
pub const MIN_PASSWORD: usize = 8;
/// Most bytes of a password.
pub const MAX_PASSWORD: usize = 256;

/// 19 MiB, two passes, one lane: the second of the choices that OWASP gives for Argon2id (2023).
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;

/// Bytes of salt and of hash.
const SALT: usize = 16;
const HASH: usize = 32;

/// Hashes at once: two cores, 38 MiB.
const AT_ONCE: usize = 2;
/// Those that may wait: at 30 ms each the last waits two seconds, and then the answer is "busy".
const MAY_WAIT: usize = 128;

/// The password is not acceptable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a password has {MIN_PASSWORD} characters or more, at most {MAX_PASSWORD} bytes, and does not contain the account"
)]
pub struct Weak;

/// Checks a new password. Length and not being the account is all that is asked: rules about kinds of characters make
/// people write passwords down.
///
/// # Errors
/// [`Weak`].
pub fn check_strength(account: &str, password: &str) -> Result<(), Weak> {
    let long_enough = password.chars().count() >= MIN_PASSWORD && password.len() <= MAX_PASSWORD;
    let names_account = password.to_lowercase().contains(&account.to_lowercase());
    if long_enough && !names_account {
        Ok(())
    } else {
        Err(Weak)
    }
}

/// Hashes, a few at a time.
#[derive(Debug)]
pub(crate) struct Hasher {
    slots: Semaphore,
    waiting: AtomicUsize,
}

pub(crate) struct Busy;

impl Hasher {
    pub(crate) fn new() -> Self {
        Self {
            slots: Semaphore::new(AT_ONCE),
            waiting: AtomicUsize::new(0),
        }
    }

    /// Salt and hash of a new password.
    pub(crate) async fn make(&self, password: &str) -> Result<Vec<u8>, Busy> {
        let mut salt = [0; SALT];
        getrandom::fill(&mut salt).map_err(|_| Busy)?;
        let hash = self.run(password, salt).await?;
        Ok([&salt[..], &hash[..]].concat())
    }

    /// Whether `stored` is of this password. `None` (no such account) takes the same time and is false.
    pub(crate) async fn check(&self, password: &str, stored: Option<&[u8]>) -> Result<bool, Busy> {
        let salt = stored
            .and_then(|s| s.get(..SALT))
            .and_then(|s| s.try_into().ok())
            .unwrap_or([0; SALT]);
        let hash = self.run(password, salt).await?;
        let known = stored.and_then(|s| s.get(SALT..)).unwrap_or(&[]);
        // Every byte is looked at whatever the first ones say.
        let differs = hash.iter().zip(known).fold(0, |d, (a, b)| d | (a ^ b));
        Ok(known.len() == HASH && differs == 0)
    }

    async fn run(&self, password: &str, salt: [u8; SALT]) -> Result<[u8; HASH], Busy> {
        if self.waiting.fetch_add(1, Ordering::Relaxed) >= MAY_WAIT {
            self.waiting.fetch_sub(1, Ordering::Relaxed);
            return Err(Busy);
        }
        let slot = self.slots.acquire().await;
        self.waiting.fetch_sub(1, Ordering::Relaxed);
        let _slot = slot.map_err(|_| Busy)?;
        // What is longer than any password that could have been set is cut: it cannot match, and costs no more.
        let mut bytes = password.as_bytes().to_vec();
        bytes.truncate(MAX_PASSWORD + 1);
        tokio::task::spawn_blocking(move || {
            let params = Params::new(MEMORY_KIB, PASSES, 1, Some(HASH))
                .expect("constants within the limits of Argon2");
            let mut out = [0; HASH];
            Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
                .hash_password_into(&bytes, &salt, &mut out)
                .map(|()| out)
                .map_err(|_| Busy)
        })
        .await
        .unwrap_or(Err(Busy))
    }
}
