//! Pseudo-random numbers: SplitMix64 (Steele, Lea, Flood 2014). Ten lines, the same on every machine; *not* for secrets.

/// A stream of numbers that hangs on its seed alone.
#[derive(Clone, Debug)]
pub(super) struct Rng(u64);

impl Rng {
    /// A stream of its own for each `stream` of a seed.
    pub(super) fn new(seed: u64, stream: u64) -> Self {
        let mut rng = Self(seed);
        let key = rng.next();
        Self(key ^ stream.wrapping_mul(0xd134_2543_de82_ef95))
    }

    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Uniform in `low..=high`. The bias of the multiplication is below 2⁻³² for ranges that fit 32 bits.
    pub(super) fn range(&mut self, low: i64, high: i64) -> i64 {
        debug_assert!(low <= high);
        let width = (high - low) as u64 + 1;
        low + ((u128::from(self.next()) * u128::from(width)) >> 64) as i64
    }

    /// True in `percent` of 100 calls.
    pub(super) fn percent(&mut self, percent: i64) -> bool {
        self.range(1, 100) <= percent
    }

    pub(super) fn below(&mut self, n: usize) -> usize {
        self.range(0, n as i64 - 1) as usize
    }

    pub(super) fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }
}
