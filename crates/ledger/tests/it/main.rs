//! The ledger from outside: what goes in comes back, provably, whatever happens in between.

mod audit;
mod failures;
mod life;
mod parsers;
mod support;
mod witness;
