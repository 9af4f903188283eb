//! What an operator's systems are made of, what is known to be wrong with it, and who is affected.
//!
//! Three readers and one question: versions and names of packages, software bills of materials, advisories; then which
//! component an advisory concerns. Every answer says what was *not assessed and why*: nothing is guessed. Regulations on
//! the Security Protection of CII, Art. 19; Cybersecurity Law Art. 35; GB/T 39204 (supply chain).
//!
//! Does *no* I/O, reads no clock and keeps nothing: bytes come in, records go out. Does not grade, warn or decide; a match is
//! derived and never an event.

pub mod advisory;
pub mod name;
pub mod sbom;
pub mod version;
