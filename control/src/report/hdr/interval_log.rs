//! The interval log of a run, HdrHistogram's log format 1.3 (`.hlog`).
//!
//! A header, then one line per interval and kind of latency. Lines are created one at a time from stored
//! histograms, so a log of any length needs no more memory than its longest line. (The writer in the
//! `hdrhistogram` crate takes decoded histograms, and writes neither version nor legend.)
//!
//! Format: `HistogramLogWriter` and `HistogramLogReader` of the Java HdrHistogram 2.1.11.

use std::fmt;
use std::iter::once;

use base64::display::Base64Display;
use base64::engine::general_purpose::STANDARD;
use vayu_shared::units::{Nanos, to_ms, to_seconds};

/// The header of a log, to be written once. Displays as whole lines.
#[derive(Clone, Copy, Debug)]
pub struct LogHead<'a> {
    /// Run id. Must not contain line breaks.
    pub run: &'a str,
    /// Wall-clock time of the run's epoch, in milliseconds since the Unix epoch. The log's timestamps are
    /// relative to it.
    pub started_ms: i64,
}

impl fmt::Display for LogHead<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let started = self.started_ms as f64 / 1000.0;
        // Readers in C accept lines of at most 127 characters.
        writeln!(f, "#[Vayu Engine, {}]", self.run)?;
        writeln!(f, "#[Values in nanoseconds, Interval_Max in milliseconds]")?;
        writeln!(f, "#[Histogram log format version 1.3]")?;
        writeln!(f, "#[StartTime: {started:.3} (seconds since epoch)]")?;
        writeln!(f, "#[BaseTime: {started:.3} (seconds since epoch)]")?;
        writeln!(
            f,
            r#""StartTimestamp","Interval_Length","Interval_Max","Interval_Compressed_Histogram""#
        )
    }
}

/// The histogram of one interval. Displays as one line, with its line end.
#[derive(Clone, Copy, Debug)]
pub struct Interval<'a> {
    /// Kind of latency, like `response`. Characters that a tag must not contain (commas, blanks and line
    /// breaks) are written as `_`.
    pub tag: &'a str,
    /// Start, relative to the run's epoch.
    pub start_ns: Nanos,
    /// Length of the interval.
    pub length_ns: Nanos,
    /// Maximum value. Informational only: readers use the maximum of the histogram.
    pub max_ns: Nanos,
    /// The histogram in the V2 deflate interchange format.
    pub v2_deflate: &'a [u8],
}

impl fmt::Display for Interval<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "Tag={},{:.3},{:.3},{:.3},{}",
            self.tag.replace([',', ' ', '\r', '\n'], "_"),
            to_seconds(self.start_ns),
            to_seconds(self.length_ns),
            to_ms(self.max_ns),
            Base64Display::new(self.v2_deflate, &STANDARD)
        )
    }
}

/// Returns the log in pieces: the header, then a line per interval in the given order, which should be by
/// start.
pub fn interval_log<'a>(
    head: LogHead<'_>,
    intervals: impl IntoIterator<Item = Interval<'a>>,
) -> impl Iterator<Item = String> {
    let lines = intervals.into_iter().map(|interval| interval.to_string());
    once(head.to_string()).chain(lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: LogHead<'_> = LogHead {
        run: "run_1704200000000",
        started_ms: 1_704_200_000_007,
    };

    #[test]
    fn a_log_is_a_head_and_a_line_per_interval() {
        let first = Interval {
            tag: "response",
            start_ns: 0,
            length_ns: 1_000_000_000,
            max_ns: 12_345_678,
            v2_deflate: b"first",
        };
        let second = Interval {
            tag: "schedule lag, ours",
            start_ns: 1_000_000_000,
            length_ns: 250_400_000,
            max_ns: 999,
            v2_deflate: b"second",
        };
        let log: String = interval_log(HEAD, [first, second]).collect();
        let expected = r#"#[Vayu Engine, run_1704200000000]
#[Values in nanoseconds, Interval_Max in milliseconds]
#[Histogram log format version 1.3]
#[StartTime: 1704200000.007 (seconds since epoch)]
#[BaseTime: 1704200000.007 (seconds since epoch)]
"StartTimestamp","Interval_Length","Interval_Max","Interval_Compressed_Histogram"
Tag=response,0.000,1.000,12.346,Zmlyc3Q=
Tag=schedule_lag__ours,1.000,0.250,0.001,c2Vjb25k
"#;
        assert_eq!(log, expected, "\n{log}");
    }

    #[test]
    fn lines_come_one_at_a_time() {
        let endless = std::iter::repeat(Interval {
            tag: "service",
            start_ns: 0,
            length_ns: 1,
            max_ns: 1,
            v2_deflate: &[],
        });
        assert_eq!(interval_log(HEAD, endless).take(1_000).count(), 1_000);
    }
}
