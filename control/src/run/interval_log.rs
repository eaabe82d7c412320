//! Splits a run's distributions into intervals for its histogram log.
//!
//! An interval starts out as one second. After [`LOG_INTERVALS`] intervals of one length the length doubles,
//! so that the log of a week stays small.

use vayu_shared::latency::LatencyHistogram;
use vayu_shared::limits::LOG_INTERVALS;
use vayu_shared::snapshot::Latencies;
use vayu_shared::units::Nanos;

use super::Tick;
use crate::store::NewInterval;

/// Histogram log of a run.
#[derive(Default)]
pub struct IntervalLog {
    gathered: Latencies,
    began: Nanos,
    ended: Nanos,
    seconds: u64,
    written: u64,
}

impl IntervalLog {
    /// Adds a second. Returns the rows of the interval it completes, if any.
    pub fn add(&mut self, tick: &Tick) -> Vec<NewInterval> {
        if self.seconds == 0 {
            self.began = tick.second_began;
        }
        self.gathered.merge(&tick.second);
        self.ended = tick.elapsed;
        self.seconds += 1;
        if self.seconds < self.seconds_per_stretch() {
            return Vec::new();
        }
        self.cut()
    }

    /// Returns the rows gathered since the last interval.
    pub fn cut(&mut self) -> Vec<NewInterval> {
        let (start, length) = (self.began, self.ended.saturating_sub(self.began));
        let row = |name, histogram: &LatencyHistogram| {
            let is_empty = histogram.count() == 0;
            (!is_empty).then(|| NewInterval {
                name,
                start_ns: start as i64,
                length_ns: length as i64,
                max_ns: i64::try_from(histogram.stats().max_ns).unwrap_or(i64::MAX),
                histogram: histogram.to_v2_deflate(),
            })
        };
        let rows = [
            row("response", &self.gathered.response),
            row("service", &self.gathered.service),
            row("scheduleLag", &self.gathered.schedule_lag),
        ];
        self.gathered.clear();
        self.seconds = 0;
        self.written += 1;
        rows.into_iter().flatten().collect()
    }

    fn seconds_per_stretch(&self) -> u64 {
        1 << (self.written / LOG_INTERVALS).min(16)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::summary::RunSummary;
    use vayu_shared::snapshot::Gauges;
    use vayu_shared::units::SECOND;

    fn tick(second: u64) -> Tick {
        let mut latencies = Latencies::default();
        latencies.response.record(1_000 + second);
        Tick {
            elapsed: (second + 1) * SECOND,
            rps: 0.0,
            error_rate: 0.0,
            send_rate: 0.0,
            sent: 0,
            expected: 0,
            gauges: Gauges::default(),
            summary: RunSummary::default(),
            second_began: second * SECOND,
            second: latencies,
        }
    }

    #[test]
    fn stretches_grow_and_nothing_is_left_out() {
        let mut log = IntervalLog::default();
        let mut rows: Vec<NewInterval> =
            (0..LOG_INTERVALS).flat_map(|n| log.add(&tick(n))).collect();
        assert_eq!(rows.len() as u64, LOG_INTERVALS);
        let more = (0..5).flat_map(|n| log.add(&tick(LOG_INTERVALS + n)));
        rows.extend(more);
        rows.extend(log.cut());
        let lengths: Vec<i64> = rows[LOG_INTERVALS as usize..]
            .iter()
            .map(|row| row.length_ns / SECOND as i64)
            .collect();
        assert_eq!(lengths, [2, 2, 1]);
        let ends = rows
            .windows(2)
            .all(|pair| pair[0].start_ns + pair[0].length_ns == pair[1].start_ns);
        assert!(ends, "stretches follow on each other");
        assert!(log.cut().is_empty());
    }
}
