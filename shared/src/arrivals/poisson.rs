//! The gaps of one shard's Poisson stream. Each gap is a pure function of its index.
//!
//! Uniform numbers come from a counter and a hash, so a stream has no state and any two iterations yield the
//! same gaps. The hash is the finaliser of SplitMix64 (Steele, Lea, Flood: "Fast Splittable Pseudorandom
//! Number Generators", OOPSLA 2014, with the constants of Vigna's public-domain splitmix64.c). A gap is its
//! uniform number transformed by the inverse of the exponential distribution. Good enough to schedule
//! arrivals, not suitable for secrets.

use crate::units::{Nanos, SECOND};

/// The increment of SplitMix64's counter: 2^64 divided by the golden ratio.
const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

/// The gaps of one shard.
#[derive(Clone, Copy, Debug)]
pub(super) struct Gaps {
    start: u64,
    mean_ns: f64,
}

impl Gaps {
    /// Creates the gaps of `shard` with a mean of `mean_ns` nanoseconds.
    pub(super) fn new(seed: u64, shard: u64, mean_ns: f64) -> Self {
        // Hashed twice, so that neither neighbouring seeds nor neighbouring shards start near each other in
        // the generator's sequence.
        let of_seed = mix(seed.wrapping_add(GOLDEN));
        Self {
            start: mix(of_seed.wrapping_add(shard)),
            mean_ns,
        }
    }

    /// Returns the mean rate, per second.
    pub(super) fn per_second(self) -> f64 {
        SECOND as f64 / self.mean_ns
    }

    /// Returns the gap before arrival `index`, in whole nanoseconds.
    pub(super) fn gap(self, index: u64) -> Nanos {
        (-self.uniform(index).ln() * self.mean_ns).round() as Nanos
    }

    /// Returns number `index` of the stream, in (0, 1]. Zero is excluded because it has no logarithm.
    fn uniform(self, index: u64) -> f64 {
        const STEP: f64 = 1.0 / (1u64 << 53) as f64;
        let counter = (index.wrapping_add(1)).wrapping_mul(GOLDEN);
        let bits = mix(self.start.wrapping_add(counter)) >> 11;
        (bits + 1) as f64 * STEP
    }
}

fn mix(mut bits: u64) -> u64 {
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_splitmix64() {
        // The first numbers of splitmix64.c from the state 1234567.
        let expected = [
            6_457_827_717_110_365_317,
            3_203_168_211_198_807_973,
            9_817_491_932_198_370_423,
        ];
        for (index, number) in (1..).zip(expected) {
            assert_eq!(
                mix(1_234_567u64.wrapping_add(GOLDEN.wrapping_mul(index))),
                number
            );
        }
    }

    #[test]
    fn uniform_numbers_fill_the_unit_interval_evenly() {
        let gaps = Gaps::new(0, 0, 1.0);
        let mut tenths = [0u32; 10];
        for index in 0..100_000 {
            let number = gaps.uniform(index);
            assert!(number > 0.0 && number <= 1.0, "number {index} is {number}");
            tenths[((number * 10.0) as usize).min(9)] += 1;
        }
        // Standard deviation of a tenth: 95.
        let even = tenths.iter().all(|count| (9_600..=10_400).contains(count));
        assert!(even, "{tenths:?}");
    }
}
