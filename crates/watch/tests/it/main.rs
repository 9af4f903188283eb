//! Rules over events: against a literal reading of them, in any order of arrival, and the traps of this field by name.

mod agree;
mod bad;
mod ends;
mod naive;
mod oracle;
mod random;
mod traps;
mod world;
