//! The one source of variety: a small generator with integer arithmetic, so that a seed means the same rows on every
//! platform and in every version of every library. Not for secrets.

/// splitmix64.
#[derive(Clone, Debug)]
pub(crate) struct Random(u64);

impl Random {
    /// Streams of one seed are independent of each other.
    pub(crate) fn new(seed: u64, stream: u64) -> Self {
        let mut random = Self(seed);
        let mixed = random.next();
        Self(mixed ^ stream.wrapping_mul(0xd605_1d8e_4a2f_6b35))
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// 0 up to, not including, `bound`; 0 when that is 0.
    pub(crate) fn below(&mut self, bound: u32) -> u32 {
        // The product of two 32-bit numbers, halved: always below 2^32.
        u32::try_from(((self.next() >> 32) * u64::from(bound)) >> 32).unwrap_or_default()
    }

    /// `low` to `high`, both included.
    pub(crate) fn between(&mut self, low: u32, high: u32) -> i64 {
        i64::from(low + self.below(high.saturating_sub(low) + 1))
    }

    /// True so many times in a thousand.
    pub(crate) fn chance(&mut self, per_mille: u32) -> bool {
        self.below(1000) < per_mille
    }

    /// A duration of roughly exponential distribution: `-log2` of a uniform number with its fraction drawn straight.
    pub(crate) fn around(&mut self, mean: i64) -> i64 {
        const LN_2_PER_MILLE: i64 = 693;
        let bits = self.next();
        let zeros = bits.leading_zeros();
        let fraction = bits.checked_shl(zeros + 1).unwrap_or_default() >> 48;
        let log = (i64::from(zeros) + 1) * 65_536 - i64::try_from(fraction).unwrap_or_default();
        mean * log * LN_2_PER_MILLE / (1000 * 65_536)
    }

    pub(crate) fn pick<'a, T>(&mut self, items: &'a [T]) -> Option<&'a T> {
        items.get(self.below(u32::try_from(items.len()).unwrap_or(u32::MAX)) as usize)
    }

    /// 32 hexadecimal digits.
    pub(crate) fn hex(&mut self) -> String {
        format!("{:016x}{:016x}", self.next(), self.next())
    }
}
