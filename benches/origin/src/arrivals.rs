//! Arrival timestamps of requests at `/`, used to verify how evenly they were sent.
//!
//! Each executor writes to its own preallocated ring of timestamps. The report merges and sorts them, which
//! may block the reporting executor for several hundred milliseconds. Recording is off until it is started.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use serde_json::{Value, json};

/// Capacity of each executor's ring, in arrivals. Older arrivals are overwritten.
const RING_SLOTS: usize = 2_000_000;

/// Arrival times seen by one executor, in nanoseconds since the start of the origin. Only that executor
/// records.
#[derive(Debug, Default)]
pub(crate) struct ArrivalLog {
    ring: OnceLock<Box<[AtomicU64]>>,
    recorded: AtomicU64,
}

impl ArrivalLog {
    /// Clears the log and allocates room for [`RING_SLOTS`] arrivals.
    pub(crate) fn start(&self) {
        self.start_with(RING_SLOTS);
    }

    fn start_with(&self, slots: usize) {
        self.ring
            .get_or_init(|| (0..slots).map(|_| AtomicU64::new(0)).collect());
        self.recorded.store(0, Relaxed);
    }

    /// Records one arrival. Does nothing before [`ArrivalLog::start`].
    pub(crate) fn record(&self, at_ns: u64) {
        let Some(ring) = self.ring.get() else { return };
        let sequence = self.recorded.fetch_add(1, Relaxed);
        ring[sequence as usize % ring.len()].store(at_ns, Relaxed);
    }

    fn remembered(&self) -> impl Iterator<Item = u64> {
        let ring = self.ring.get().map_or(&[][..], |ring| ring);
        let length = ring.len().min(self.recorded.load(Relaxed) as usize);
        ring[..length].iter().map(|slot| slot.load(Relaxed))
    }
}

/// Merges the logs of all executors into the JSON of `/arrivals`. `count` covers all arrivals, the other
/// fields only those still in the rings. Fields without data are null.
pub(crate) fn report<'a>(logs: impl Iterator<Item = &'a ArrivalLog> + Clone) -> Value {
    let count: u64 = logs.clone().map(|log| log.recorded.load(Relaxed)).sum();
    let mut times: Vec<u64> = logs.flat_map(ArrivalLog::remembered).collect();
    times.sort_unstable();
    let mut gaps: Vec<u64> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
    gaps.sort_unstable();
    json!({
        "count": count,
        "first_ns": times.first(),
        "last_ns": times.last(),
        "gaps": {
            "p50_ns": percentile(&gaps, 50),
            "p99_ns": percentile(&gaps, 99),
            "max_ns": gaps.last(),
        },
    })
}

/// Returns the nearest-rank percentile of sorted values.
fn percentile(sorted: &[u64], percent: usize) -> Option<u64> {
    let rank = (sorted.len() * percent).div_ceil(100);
    sorted.get(rank.saturating_sub(1)).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_recorded_before_the_start() {
        let log = ArrivalLog::default();
        log.record(5);
        let report = report([&log].into_iter());
        assert_eq!(report["count"], 0);
        assert!(report["first_ns"].is_null() && report["gaps"]["p50_ns"].is_null());
    }

    #[test]
    fn logs_merge_into_one_sequence() {
        let logs = [ArrivalLog::default(), ArrivalLog::default()];
        for log in &logs {
            log.start_with(8);
        }
        logs[0].record(100);
        logs[1].record(110);
        logs[0].record(150);
        let report = report(logs.iter());
        assert_eq!(report["count"], 3);
        assert_eq!(
            (&report["first_ns"], &report["last_ns"]),
            (&json!(100), &json!(150))
        );
        assert_eq!(
            report["gaps"],
            json!({"p50_ns": 10, "p99_ns": 40, "max_ns": 40})
        );
    }

    #[test]
    fn a_full_ring_keeps_the_newest() {
        let log = ArrivalLog::default();
        log.start_with(4);
        for at_ns in 1..=10 {
            log.record(at_ns);
        }
        let report = report([&log].into_iter());
        assert_eq!(report["count"], 10);
        assert_eq!(
            (&report["first_ns"], &report["last_ns"]),
            (&json!(7), &json!(10))
        );
    }

    #[test]
    fn percentiles_take_the_nearest_rank() {
        let values: Vec<u64> = (1..=100).collect();
        assert_eq!(percentile(&values, 50), Some(50));
        assert_eq!(percentile(&values, 99), Some(99));
        assert_eq!(percentile(&[7], 50), Some(7));
        assert_eq!(percentile(&[], 50), None);
    }
}
