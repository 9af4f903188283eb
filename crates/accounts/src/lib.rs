//! Accounts of a node: who may sign in, sessions, tokens of other systems, hooks by which those are told.
//!
//! **Is not** part of the ledger and not derived from it: secrets are not history (`docs/adr/0005`). It knows no roles: an
//! account speaks for a person, and what that person may do is the register's. Times are arguments.
//!
//! Of passwords only Argon2id (RFC 9106) hashes are kept, of sessions and tokens only SHA-256 hashes: they are 256 random
//! bits, so nothing slow is needed. Secrets that sign what hooks are told are kept themselves.

mod hook;
mod lockout;
mod password;
mod session;
mod store;
mod token;

pub use hook::{Delivery, DeliveryState, Hook, HookCounts};
pub use password::{MAX_PASSWORD, MIN_PASSWORD, Weak, check_strength};
pub use session::{ABSOLUTE, IDLE, SignInError, SignedIn};
pub use store::{Account, AccountError, Accounts, Who};
pub use token::Token;
