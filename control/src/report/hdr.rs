//! Latency distributions in the formats of HdrHistogram, for other tools.
//!
//! Three formats: a percentile distribution as text (`.hgrm`), one histogram as base64 of its interchange
//! format, and the interval log of a run (`.hlog`). This module converts bytes and buckets to text; it
//! measures, aggregates, reads and sends nothing.

mod interval_log;
mod percentiles;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

pub use interval_log::{Interval, LogHead, interval_log};
pub use percentiles::hgrm;

/// Encodes a histogram as text that every HdrHistogram reads: base64 of the V2 deflate format, in which
/// `v2_deflate` must be. Values are nanoseconds. The text has no line break.
#[must_use]
pub fn v2_base64(v2_deflate: &[u8]) -> String {
    STANDARD.encode(v2_deflate)
}

#[cfg(test)]
mod tests {
    use super::*;
    use vayu_shared::latency::{LatencyBuckets, LatencyHistogram};

    #[test]
    fn a_histogram_as_text_is_its_bytes_and_begins_like_all_of_them() {
        let mut histogram = LatencyHistogram::default();
        histogram.record(1_000_000);
        let text = v2_base64(&histogram.to_v2_deflate());
        // The cookie of the format, 0x1c849314, and the upper half of a length.
        assert!(text.starts_with("HISTFAAA"), "{text}");
        let bytes = STANDARD.decode(&text).expect("base64");
        let buckets = LatencyBuckets::from_v2_deflate(&bytes).expect("a histogram");
        assert_eq!(buckets.count(), 1);
    }

    #[test]
    fn base64_is_padded_and_not_that_of_urls() {
        assert_eq!(v2_base64(&[0xfb, 0xff]), "+/8=");
    }
}
