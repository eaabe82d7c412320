//! The percentile distribution of a histogram as text, the `.hgrm` format.
//!
//! The output equals byte for byte that of `outputPercentileDistribution` of the Java HdrHistogram 2.1.11 for
//! the same buckets in milliseconds, with five ticks per half distance to 100 %; the suite `histograms`
//! compares them. The crate's own quantile iterator is not used: its steps of 0.1 accumulate a rounding
//! error, so it misses a value that lies exactly on a tick.

use std::fmt;

use vayu_shared::latency::LatencyBuckets;
use vayu_shared::units::{MILLISECOND, to_ms};

/// Ticks per half distance from a percentile to 100 %, as most tools print them.
const TICKS_PER_HALF: u128 = 5;
/// Percentiles are written with twelve fraction digits.
const TRILLION: u128 = 1_000_000_000_000;

/// Returns the percentile distribution of `buckets` in milliseconds: value, percentile, cumulative count, and
/// 1 / (1 − percentile); then mean, standard deviation and maximum according to the buckets.
#[must_use]
pub fn hgrm(buckets: &LatencyBuckets) -> String {
    Distribution(buckets).to_string()
}

struct Distribution<'a>(&'a LatencyBuckets);

impl fmt::Display for Distribution<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let titles = ["Value", "Percentile", "TotalCount", "1/(1-Percentile)"];
        let [value, percentile, count, inverted] = titles;
        writeln!(
            f,
            "{value:>12} {percentile:>14} {count:>10} {inverted:>14}\n"
        )?;
        self.write_ticks(f)?;
        self.write_footer(f)
    }
}

impl Distribution<'_> {
    fn write_ticks(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let total = self.0.count();
        let (mut tick, mut counted) = (Tick::FIRST, 0);
        for bucket in self.0.recorded() {
            counted += bucket.count;
            let (value, above) = (to_ms(bucket.highest_ns), total - counted);
            while tick.is_reached(above, total) {
                let (percentile, inverted) = (tick.percentile(), tick.inverted());
                writeln!(f, "{value:12.3} {percentile} {counted:>10} {inverted:14.2}")?;
                tick = tick.next();
                if above == 0 {
                    // All samples are counted, so further ticks are equal: one line, and one for 100 %.
                    writeln!(f, "{value:12.3} 1.000000000000 {total:>10}")?;
                    break;
                }
            }
        }
        Ok(())
    }

    fn write_footer(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ms = |nanos: f64| nanos / MILLISECOND as f64;
        let (mean, stddev) = (ms(self.0.mean_ns()), ms(self.0.stddev_ns()));
        let (max, total) = (to_ms(self.0.highest_ns()), self.0.count());
        let (buckets, steps) = (self.0.doublings(), self.0.steps());
        writeln!(
            f,
            "#[Mean    = {mean:12.3}, StdDeviation   = {stddev:12.3}]"
        )?;
        writeln!(f, "#[Max     = {max:12.3}, Total count    = {total:12}]")?;
        writeln!(f, "#[Buckets = {buckets:12}, SubBuckets     = {steps:12}]")
    }
}

/// A percentile as an exact fraction, 1 − `left` / `whole`. It does not accumulate rounding errors. Neither
/// number exceeds 20 times the total count: `whole` doubles only while a share of at least 2 ×
/// `TICKS_PER_HALF` / `whole` of all samples, and at least one sample, is above.
#[derive(Clone, Copy)]
struct Tick {
    left: u128,
    whole: u128,
}

impl Tick {
    const FIRST: Self = Self {
        left: 2 * TICKS_PER_HALF,
        whole: 2 * TICKS_PER_HALF,
    };

    /// Returns the next tick. Each half distance halves the step.
    fn next(self) -> Self {
        match self.left - 1 {
            TICKS_PER_HALF => Self {
                left: 2 * TICKS_PER_HALF,
                whole: 2 * self.whole,
            },
            left => Self { left, ..self },
        }
    }

    /// Returns whether so few samples are above that the counted ones reach the percentile.
    fn is_reached(self, above: u64, total: u64) -> bool {
        u128::from(above) * self.whole <= self.left * u128::from(total)
    }

    /// Formats twelve fraction digits, rounding half up as Java does.
    fn percentile(self) -> String {
        let doubled = 2 * TRILLION * (self.whole - self.left) + self.whole;
        let trillionths = doubled / (2 * self.whole);
        format!("{}.{:012}", trillionths / TRILLION, trillionths % TRILLION)
    }

    /// Returns 1 / (1 − percentile), computed with the same floating-point operations as the reference.
    fn inverted(self) -> f64 {
        1.0 / (1.0 - (self.whole - self.left) as f64 / self.whole as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use vayu_shared::latency::LatencyHistogram;
    use vayu_shared::units::{MICROSECOND, SECOND};

    fn hgrm_of(spans: impl IntoIterator<Item = u64>) -> String {
        let mut histogram = LatencyHistogram::default();
        spans.into_iter().for_each(|span| histogram.record(span));
        let bytes = histogram.to_v2_deflate();
        hgrm(&LatencyBuckets::from_v2_deflate(&bytes).expect("just encoded"))
    }

    #[test]
    fn ten_values_on_the_ticks() {
        let text = hgrm_of((1..=10).map(|n| n * MILLISECOND));
        let expected = r"       Value     Percentile TotalCount 1/(1-Percentile)

       1.000 0.000000000000          1           1.00
       1.000 0.100000000000          1           1.11
       2.001 0.200000000000          2           1.25
       3.000 0.300000000000          3           1.43
       4.002 0.400000000000          4           1.67
       5.001 0.500000000000          5           2.00
       6.001 0.550000000000          6           2.22
       6.001 0.600000000000          6           2.50
       7.000 0.650000000000          7           2.86
       7.000 0.700000000000          7           3.33
       8.004 0.750000000000          8           4.00
       8.004 0.775000000000          8           4.44
       8.004 0.800000000000          8           5.00
       9.003 0.825000000000          9           5.71
       9.003 0.850000000000          9           6.67
       9.003 0.875000000000          9           8.00
       9.003 0.887500000000          9           8.89
       9.003 0.900000000000          9          10.00
      10.002 0.912500000000         10          11.43
      10.002 1.000000000000         10
#[Mean    =        5.500, StdDeviation   =        2.872]
#[Max     =       10.002, Total count    =           10]
#[Buckets =           32, SubBuckets     =         2048]
";
        assert_eq!(text, expected, "\n{text}");
    }

    #[test]
    fn nothing_recorded_is_a_head_and_zeros() {
        let expected = r"       Value     Percentile TotalCount 1/(1-Percentile)

#[Mean    =        0.000, StdDeviation   =        0.000]
#[Max     =        0.000, Total count    =            0]
#[Buckets =           32, SubBuckets     =         2048]
";
        assert_eq!(hgrm_of([]), expected);
    }

    #[test]
    fn percentiles_are_exact_however_close_to_all() {
        let mut tick = Tick::FIRST;
        // Five steps per half distance: twelve halvings, then two steps.
        for _ in 0..5 * 12 + 2 {
            tick = tick.next();
        }
        // 1 - 8 / (10 * 2^12) = 0.9998046875, then a step of 1 / (10 * 2^12).
        assert_eq!(tick.percentile(), "0.999804687500");
        assert_eq!(tick.next().percentile(), "0.999829101563");
    }

    proptest! {
        #[test]
        fn counts_rise_to_the_total(
            spans in prop::collection::vec(0..100 * SECOND, 1..2_000),
            same in 0usize..2_000,
        ) {
            let total = spans.len() + same;
            let text = hgrm_of(spans.into_iter().chain(vec![70 * MICROSECOND; same]));
            let counts: Vec<usize> = text
                .lines()
                .skip(2)
                .filter(|line| !line.starts_with('#'))
                .map(|line| line.split_whitespace().nth(2).expect("three columns").parse().expect("a count"))
                .collect();
            prop_assert!(counts.is_sorted(), "{}", text);
            prop_assert_eq!(counts.last(), Some(&total), "{}", text);
        }
    }
}
