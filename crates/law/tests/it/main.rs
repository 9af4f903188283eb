//! The shipped packs load; each kind of fault is named with file and id.

mod faults;
mod shipped;
