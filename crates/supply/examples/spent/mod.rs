//! What a process used of the processor, for the examples that measure. Not a benchmark by itself.

use std::time::Instant;

/// Seconds of processor time of this process where Linux says it: other work on the machine then does not count.
pub(crate) fn spent(start: Instant) -> f64 {
    let said = std::fs::read_to_string("/proc/self/schedstat").ok();
    let nanoseconds = said.and_then(|t| t.split(' ').next()?.parse::<f64>().ok());
    nanoseconds.map_or_else(|| start.elapsed().as_secs_f64(), |n| n / 1e9)
}
