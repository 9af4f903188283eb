//! The failure table: one module a row, by the name of the row.
//!
//! In all rows: what was acknowledged still holds at its level, no two signed checkpoints contradict each other, and a
//! start succeeds or refuses in one clear sentence.

mod bit_flip;
mod clock_back;
mod damaged_frame_in_the_middle;
mod directory_not_synced;
mod disk_full;
mod erasure;
mod fsync_error;
mod killed_between_any_two_steps;
mod lab;
mod lost_state;
mod model;
mod restored_backup;
mod second_writer;
mod store_fails;
mod torn_frame;
mod witness_state;
