//! How fast this build hashes on this machine.
//!
//! `sha2` falls to a hundredth of its speed when it is compiled for AVX and SHA instructions together with fat LTO
//! (llvm/llvm-project#142368). Nothing else would show it, so it is measured at each start.

use std::time::{Duration, Instant};

use tlog::{Sha256, TreeHash};

/// Below this a build is wrong, or the machine is not one to run a node on: MB/s.
pub const SLOW_MB_S: f64 = 300.0;

/// SHA-256 of long input on one core, MB/s; takes about as long as it is told.
pub fn hash_speed(time: Duration) -> f64 {
    let data = vec![7; 1 << 16];
    let start = Instant::now();
    let mut bytes = 0;
    while start.elapsed() < time {
        std::hint::black_box(Sha256::leaf(std::hint::black_box(&data)));
        bytes += data.len();
    }
    bytes as f64 / 1e6 / start.elapsed().as_secs_f64()
}
