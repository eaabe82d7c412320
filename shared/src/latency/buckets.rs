//! The buckets of a stored distribution, for export to other tools.
//!
//! HdrHistogram's interchange format contains counts per bucket only, so the exact sum, minimum and maximum
//! of a [`LatencyHistogram`](super::LatencyHistogram) are lost in it. The deserialized form is therefore a
//! separate type: all its values are as coarse as the buckets, and it cannot be mistaken for, or merged with,
//! exact values.

use hdrhistogram::Histogram;
use hdrhistogram::serialization::{DeserializeError, Deserializer};

use crate::units::Nanos;

/// Counts per bucket; see the module documentation.
pub struct LatencyBuckets(Histogram<u64>);

/// One non-empty bucket.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bucket {
    /// Upper bound of the bucket, in nanoseconds.
    pub highest_ns: Nanos,
    /// Number of durations in the bucket.
    pub count: u64,
}

impl LatencyBuckets {
    /// Deserializes the output of
    /// [`LatencyHistogram::to_v2_deflate`](super::LatencyHistogram::to_v2_deflate).
    ///
    /// # Errors
    /// Returns an error if the bytes are not a histogram in that format.
    pub fn from_v2_deflate(bytes: &[u8]) -> Result<Self, DeserializeError> {
        Deserializer::new().deserialize(&mut &*bytes).map(Self)
    }

    /// Returns the non-empty buckets in ascending order.
    pub fn recorded(&self) -> impl Iterator<Item = Bucket> {
        self.0.iter_recorded().map(|value| Bucket {
            highest_ns: value.value_iterated_to(),
            count: value.count_at_value(),
        })
    }

    /// Returns the number of durations in all buckets.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.0.len()
    }

    /// Returns the mean in nanoseconds, with each duration taken as the middle of its bucket. Returns 0 if
    /// empty.
    #[must_use]
    pub fn mean_ns(&self) -> f64 {
        self.0.mean()
    }

    /// Returns the standard deviation in nanoseconds, computed in the same way.
    #[must_use]
    pub fn stddev_ns(&self) -> f64 {
        self.0.stdev()
    }

    /// Returns the upper bound of the highest non-empty bucket, or 0 if empty.
    #[must_use]
    pub fn highest_ns(&self) -> Nanos {
        self.0.max()
    }

    /// Returns how often the value range doubles: HdrHistogram's number of "buckets".
    #[must_use]
    pub fn doublings(&self) -> u8 {
        self.0.buckets()
    }

    /// Returns the number of equal steps per doubling, HdrHistogram's "sub buckets": the next power of two
    /// that distinguishes twice the significant digits.
    #[must_use]
    pub fn steps(&self) -> u64 {
        (2 * 10_u64.pow(self.0.sigfig().into())).next_power_of_two()
    }
}

#[cfg(test)]
mod tests {
    use super::super::LatencyHistogram;
    use super::*;
    use crate::units::SECOND;
    use proptest::prelude::*;

    fn recorded(spans: &[Nanos]) -> LatencyHistogram {
        let mut histogram = LatencyHistogram::default();
        spans.iter().for_each(|&span| histogram.record(span));
        histogram
    }

    fn decoded(histogram: &LatencyHistogram) -> LatencyBuckets {
        LatencyBuckets::from_v2_deflate(&histogram.to_v2_deflate()).expect("just encoded")
    }

    #[test]
    fn nothing_comes_back_as_nothing() {
        let buckets = decoded(&recorded(&[]));
        assert_eq!(buckets.recorded().count(), 0);
        assert_eq!((buckets.count(), buckets.highest_ns()), (0, 0));
        assert_eq!((buckets.mean_ns(), buckets.stddev_ns()), (0.0, 0.0));
    }

    #[test]
    fn the_layout_is_that_of_three_digits_from_a_microsecond_to_an_hour() {
        let buckets = decoded(&recorded(&[]));
        assert_eq!((buckets.doublings(), buckets.steps()), (32, 2048));
    }

    #[test]
    fn what_is_no_histogram_is_refused() {
        let whole = recorded(&[5_000, 70_000]).to_v2_deflate();
        let damaged: [(&str, &[u8]); 4] = [
            ("nothing", &[]),
            ("text", b"HISTFAAAAB"),
            ("half of one", &whole[..whole.len() / 2]),
            ("one without its head", &whole[4..]),
        ];
        for (what, bytes) in damaged {
            assert!(
                LatencyBuckets::from_v2_deflate(bytes).is_err(),
                "{what} was read"
            );
        }
    }

    proptest! {
        #[test]
        fn every_bucket_comes_back_as_it_was(
            spans in prop::collection::vec(prop_oneof![0u64..10_000, 0..10 * SECOND, 0..9_000 * SECOND], 0..300),
        ) {
            let histogram = recorded(&spans);
            let before: Vec<Bucket> = LatencyBuckets(histogram.buckets.clone()).recorded().collect();
            let after = decoded(&histogram);
            prop_assert_eq!(after.recorded().collect::<Vec<_>>(), before);
            prop_assert_eq!(after.count(), spans.len() as u64);
        }
    }
}
