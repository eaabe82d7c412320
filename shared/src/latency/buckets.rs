//! The buckets of a distribution that was stored, to render it for other tools.
//!
//! The interchange format of HdrHistogram holds counts per bucket and nothing
//! else, so the exact sum, minimum and maximum of a
//! [`LatencyHistogram`](super::LatencyHistogram) do not come back from it. What
//! does come back is a type of its own: every number it gives is as coarse as
//! the buckets, and it cannot be taken for, or merged with, exact ones.

use hdrhistogram::Histogram;
use hdrhistogram::serialization::{DeserializeError, Deserializer};

use crate::units::Nanos;

/// Counts per bucket; see the module.
pub struct LatencyBuckets(Histogram<u64>);

/// One bucket that is not empty.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bucket {
    /// The longest span it takes, in nanoseconds.
    pub highest_ns: Nanos,
    /// How many spans it holds.
    pub count: u64,
}

impl LatencyBuckets {
    /// Reads what [`LatencyHistogram::to_v2_deflate`](super::LatencyHistogram::to_v2_deflate) gave.
    ///
    /// # Errors
    /// When the bytes are not a histogram in that format.
    pub fn from_v2_deflate(bytes: &[u8]) -> Result<Self, DeserializeError> {
        Deserializer::new().deserialize(&mut &*bytes).map(Self)
    }

    /// The buckets that hold something, shortest spans first.
    pub fn recorded(&self) -> impl Iterator<Item = Bucket> {
        self.0.iter_recorded().map(|value| Bucket {
            highest_ns: value.value_iterated_to(),
            count: value.count_at_value(),
        })
    }

    /// Spans in all buckets.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.0.len()
    }

    /// The mean in nanoseconds, each span taken for the middle of its bucket; 0 without spans.
    #[must_use]
    pub fn mean_ns(&self) -> f64 {
        self.0.mean()
    }

    /// The standard deviation in nanoseconds, likewise.
    #[must_use]
    pub fn stddev_ns(&self) -> f64 {
        self.0.stdev()
    }

    /// The longest span of the highest bucket that holds something; 0 without spans.
    #[must_use]
    pub fn highest_ns(&self) -> Nanos {
        self.0.max()
    }

    /// How often the range of values doubles, in the sense of HdrHistogram's "buckets".
    #[must_use]
    pub fn doublings(&self) -> u8 {
        self.0.buckets()
    }

    /// In how many equal steps one doubling is divided, HdrHistogram's "sub buckets":
    /// enough to tell twice the significant digits apart, as a power of two.
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
