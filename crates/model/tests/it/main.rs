//! The exact bytes of events, and what is refused as not being them.

mod body;
mod entry;
mod header;
mod ids;
mod time;
