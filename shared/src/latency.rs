//! A latency distribution: an HDR histogram with exact sum, minimum and maximum.
//!
//! The precision is three significant digits from one microsecond to one hour, and one nanosecond below.
//! Larger values are recorded as one hour; the exact maximum still covers them. Merging is bucket by bucket,
//! so recording in parts loses nothing.

mod buckets;

use std::fmt;

use hdrhistogram::Histogram;
use hdrhistogram::serialization::{Serializer, V2DeflateSerializer};
use serde::{Deserialize, Serialize};

use crate::units::{Nanos, SECOND};

pub use buckets::{Bucket, LatencyBuckets};

/// Smallest distinguishable difference. At one nanosecond, three digits hold from one microsecond on, for a
/// third more memory than at one microsecond.
const LOWEST_NS: u64 = 1;
/// Largest value with its own bucket.
const HIGHEST_NS: u64 = 3_600 * SECOND;
const SIGNIFICANT_DIGITS: u8 = 3;

/// The percentiles in every report, with their names in the API.
pub const PERCENTILES: [(&str, f64); 7] = [
    ("p50", 0.50),
    ("p75", 0.75),
    ("p90", 0.90),
    ("p95", 0.95),
    ("p99", 0.99),
    ("p999", 0.999),
    ("p9999", 0.9999),
];

/// Minimum number of samples beyond a percentile of [`PERCENTILES`]. With fewer, the percentile is not
/// meaningful: the next run may differ by chance alone.
pub const SAMPLES_BEYOND: u64 = 10;

/// A distribution of durations in nanoseconds.
#[derive(Clone)]
pub struct LatencyHistogram {
    buckets: Histogram<u64>,
    sum: u128,
    min: Nanos,
    max: Nanos,
}

impl Default for LatencyHistogram {
    fn default() -> Self {
        let buckets = Histogram::new_with_bounds(LOWEST_NS, HIGHEST_NS, SIGNIFICANT_DIGITS)
            .expect("the bounds are constants that the crate accepts");
        Self {
            buckets,
            sum: 0,
            min: Nanos::MAX,
            max: 0,
        }
    }
}

impl LatencyHistogram {
    /// Records one duration.
    pub fn record(&mut self, span: Nanos) {
        self.buckets.saturating_record(span);
        self.sum += u128::from(span);
        self.min = self.min.min(span);
        self.max = self.max.max(span);
    }

    /// Records the same duration `count` times.
    pub fn record_many(&mut self, span: Nanos, count: u64) {
        if count == 0 {
            return;
        }
        self.buckets.saturating_record_n(span, count);
        self.sum += u128::from(span) * u128::from(count);
        self.min = self.min.min(span);
        self.max = self.max.max(span);
    }

    /// Adds all counts of `other`.
    pub fn merge(&mut self, other: &Self) {
        if other.count() == 0 {
            return;
        }
        self.buckets
            .add(&other.buckets)
            .expect("all latency histograms have the same bounds");
        self.sum += other.sum;
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
    }

    /// Resets everything and keeps the allocation.
    pub fn clear(&mut self) {
        if self.count() > 0 {
            self.buckets.reset();
        }
        (self.sum, self.min, self.max) = (0, Nanos::MAX, 0);
    }

    /// Returns the number of recorded durations.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.buckets.len()
    }

    /// Returns the duration that a fraction `quantile` (0 to 1) of all durations does not exceed, capped at
    /// the exact maximum. Returns 0 if nothing was recorded.
    #[must_use]
    pub fn quantile(&self, quantile: f64) -> Nanos {
        self.buckets.value_at_quantile(quantile).min(self.max)
    }

    /// Returns the exact mean, or 0 if nothing was recorded.
    #[must_use]
    pub fn mean(&self) -> f64 {
        if self.count() == 0 {
            0.0
        } else {
            self.sum as f64 / self.count() as f64
        }
    }

    /// Returns the statistics for a report.
    #[must_use]
    pub fn stats(&self) -> LatencyStats {
        LatencyStats {
            count: self.count(),
            min_ns: if self.count() == 0 { 0 } else { self.min },
            max_ns: self.max,
            mean_ns: self.mean(),
            stddev_ns: self.buckets.stdev(),
            percentiles_ns: PERCENTILES.map(|(_, quantile)| self.quantile(quantile)),
        }
    }

    /// Serializes the buckets in HdrHistogram's interchange format (V2, deflated).
    /// [`LatencyBuckets::from_v2_deflate`] reads it.
    #[must_use]
    pub fn to_v2_deflate(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        V2DeflateSerializer::new()
            .serialize(&self.buckets, &mut bytes)
            .expect("writing to memory does not fail");
        bytes
    }
}

/// Compares bucket by bucket: the crate's own comparison includes an internal maximum, which differs between
/// a cleared and a new histogram.
impl PartialEq for LatencyHistogram {
    fn eq(&self, other: &Self) -> bool {
        let buckets = |histogram: &Self| -> Vec<(u64, u64)> {
            let recorded = histogram.buckets.iter_recorded();
            recorded
                .map(|value| (value.value_iterated_to(), value.count_at_value()))
                .collect()
        };
        (self.sum, self.min, self.max) == (other.sum, other.min, other.max)
            && buckets(self) == buckets(other)
    }
}

/// Prints the statistics instead of thousands of buckets.
impl fmt::Debug for LatencyHistogram {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.stats().fmt(f)
    }
}

/// Statistics of a distribution. Durations are in nanoseconds, and 0 if `count` is 0.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LatencyStats {
    /// Number of recorded durations.
    pub count: u64,
    /// Exact minimum.
    pub min_ns: Nanos,
    /// Exact maximum.
    pub max_ns: Nanos,
    /// Exact mean.
    pub mean_ns: f64,
    /// Standard deviation, computed from the buckets.
    pub stddev_ns: f64,
    /// The values of [`PERCENTILES`], in the same order.
    pub percentiles_ns: [Nanos; PERCENTILES.len()],
}

impl LatencyStats {
    /// Returns the percentile named `name` in [`PERCENTILES`], or 0 for an unknown name.
    #[must_use]
    pub fn percentile(&self, name: &str) -> Nanos {
        PERCENTILES
            .iter()
            .position(|(known, _)| *known == name)
            .map_or(0, |index| self.percentiles_ns[index])
    }

    /// Returns the number of samples beyond each of [`PERCENTILES`], in the same order.
    #[must_use]
    pub fn beyond(&self) -> [u64; PERCENTILES.len()] {
        PERCENTILES.map(|(_, quantile)| {
            // The subtraction compensates for rounding errors in products that are integers.
            let up_to = (quantile * self.count as f64 - 1e-6).ceil().max(0.0);
            self.count.saturating_sub(up_to as u64)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn recorded(spans: &[Nanos]) -> LatencyHistogram {
        let mut histogram = LatencyHistogram::default();
        spans.iter().for_each(|&span| histogram.record(span));
        histogram
    }

    #[test]
    fn an_empty_distribution_is_all_zero() {
        assert_eq!(recorded(&[]).stats(), LatencyStats::default());
    }

    #[test]
    fn a_percentile_stands_on_the_samples_beyond_it() {
        for (count, beyond) in [
            (0, [0; 7]),
            (1, [0; 7]),
            (10, [5, 2, 1, 0, 0, 0, 0]),
            (1_000, [500, 250, 100, 50, 10, 1, 0]),
            (9_999, [4_999, 2_499, 999, 499, 99, 9, 0]),
            (100_000, [50_000, 25_000, 10_000, 5_000, 1_000, 100, 10]),
        ] {
            let stats = LatencyStats {
                count,
                ..LatencyStats::default()
            };
            assert_eq!(stats.beyond(), beyond, "{count}");
        }
    }

    #[test]
    fn extremes_and_mean_are_exact() {
        let stats = recorded(&[1_234_567, 7_654_321, 2 * HIGHEST_NS]).stats();
        assert_eq!(stats.min_ns, 1_234_567);
        assert_eq!(stats.max_ns, 2 * HIGHEST_NS);
        let mean = (1_234_567 + 7_654_321 + 2 * HIGHEST_NS) as f64 / 3.0;
        assert!((stats.mean_ns - mean).abs() < 1.0);
    }

    #[test]
    fn clearing_leaves_nothing() {
        let mut histogram = recorded(&[5_000, 9_000]);
        histogram.clear();
        assert_eq!(histogram, LatencyHistogram::default());
    }

    proptest! {
        #[test]
        fn merging_parts_equals_recording_the_whole(
            left in prop::collection::vec(0u64..100 * SECOND, 0..200),
            right in prop::collection::vec(0u64..100 * SECOND, 0..200),
        ) {
            let whole = recorded(&[left.clone(), right.clone()].concat());
            let (mut a, mut b) = (recorded(&left), recorded(&right));
            let other_way = { let mut c = b.clone(); c.merge(&a); c };
            a.merge(&b);
            prop_assert_eq!(&a, &whole);
            prop_assert_eq!(&other_way, &whole);
            b.merge(&LatencyHistogram::default());
            prop_assert_eq!(b, recorded(&right));
        }

        #[test]
        fn quantiles_are_within_a_thousandth(
            mut spans in prop::collection::vec(prop_oneof![1u64..10_000, 10_000..60 * SECOND], 1..300),
        ) {
            let histogram = recorded(&spans);
            spans.sort_unstable();
            for (_, quantile) in PERCENTILES {
                let rank = (quantile * spans.len() as f64).ceil().max(1.0) as usize - 1;
                let (exact, got) = (spans[rank] as f64, histogram.quantile(quantile) as f64);
                prop_assert!((got - exact).abs() <= exact / 1000.0, "{} is {} of {}", quantile, got, exact);
            }
        }
    }
}
