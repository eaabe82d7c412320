//! Live state of an active run, for watchers.
//!
//! Watchers read it at their own pace; none of them can delay the run.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use tokio::sync::watch;
use vayu_shared::units::{MILLISECOND, Nanos};

use super::{LiveSample, StopSwitch};
use crate::store::{NewMetric, RunStatus};
use crate::summary::RunSummary;
use crate::wall_clock::WallClockStart;

/// Number of metrics kept in memory. Older ones are in the store.
const METRICS_KEPT: usize = 10_000;
/// Number of live samples kept in memory, and nowhere else: ten minutes at 100 ms.
const MAX_LIVE_SAMPLES: usize = 6_000;

/// An active run.
pub struct Live {
    /// Id.
    pub id: String,
    /// Time of the request to start the run. Timestamps of the run are relative to it.
    pub begun: WallClockStart,
    /// Stops the run.
    pub stop: StopSwitch,
    /// Whether the run has ended and its end is not stored yet.
    is_storing: AtomicBool,
    state: watch::Sender<LiveState>,
    metrics: RwLock<VecDeque<NewMetric>>,
    summary: RwLock<Arc<RunSummary>>,
    samples: RwLock<VecDeque<LiveSample>>,
    /// Number of live samples so far. Also notified when the status changes.
    pulse: watch::Sender<u64>,
}

/// State that watchers wait for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LiveState {
    /// Status of the run. A final status is published only once all data of the run can be read from the
    /// store.
    pub status: RunStatus,
    /// Number of metrics so far.
    pub metrics: u64,
}

/// The metrics that follow those a watcher already has.
pub enum NewMetrics {
    /// The next metrics.
    Next(Vec<NewMetric>),
    /// The next metrics are no longer in memory.
    InStore,
}

/// Live samples that a watcher does not have yet.
#[derive(Debug, Default)]
pub struct LiveSamples {
    /// Sequence number of the first, starting at 1. Earlier ones may have been dropped.
    pub first: u64,
    /// The live samples, in order.
    pub samples: Vec<LiveSample>,
}

impl Live {
    /// Creates the state of a run that has not started and that `stop` stops.
    #[must_use]
    pub fn new(id: String, begun: WallClockStart, stop: StopSwitch) -> Self {
        let (state, _) = watch::channel(LiveState {
            status: RunStatus::Pending,
            metrics: 0,
        });
        Self {
            id,
            begun,
            is_storing: AtomicBool::new(false),
            stop,
            state,
            metrics: RwLock::default(),
            summary: RwLock::default(),
            samples: RwLock::default(),
            pulse: watch::channel(0).0,
        }
    }

    /// Converts an instant of the run to milliseconds since 1970.
    #[must_use]
    pub fn timestamp_ms(&self, elapsed: Nanos) -> i64 {
        self.begun.at_ms + (elapsed / MILLISECOND) as i64
    }

    /// Returns a receiver that is notified of state changes.
    #[must_use]
    pub fn watch(&self) -> watch::Receiver<LiveState> {
        self.state.subscribe()
    }

    /// Returns a receiver that is notified of every live sample and of status changes.
    #[must_use]
    pub fn pulse(&self) -> watch::Receiver<u64> {
        self.pulse.subscribe()
    }

    /// Returns the status of the run.
    #[must_use]
    pub fn status(&self) -> RunStatus {
        self.state.borrow().status
    }

    /// Returns whether the run has ended and its end is not stored yet. Its numbers are final then.
    #[must_use]
    pub fn is_storing(&self) -> bool {
        self.is_storing.load(Ordering::Relaxed)
    }

    /// Marks the run as ended but not stored yet.
    pub fn set_storing(&self) {
        self.is_storing.store(true, Ordering::Relaxed);
        // Wakes those who wait for the end, which have nothing else to wait for.
        self.state.send_modify(|_| ());
    }

    /// Returns the summary so far.
    #[must_use]
    pub fn summary(&self) -> Arc<RunSummary> {
        Arc::clone(&self.summary.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Returns the metrics with an id above `after`.
    #[must_use]
    pub fn metrics_after(&self, after: i64) -> NewMetrics {
        let metrics = self.metrics.read().unwrap_or_else(PoisonError::into_inner);
        let is_complete = (metrics.len() as u64) == self.state.borrow().metrics;
        let reaches_back = metrics
            .front()
            .is_none_or(|oldest| oldest.id <= after.saturating_add(1));
        if !is_complete && !reaches_back {
            return NewMetrics::InStore;
        }
        let from = metrics.partition_point(|metric| metric.id <= after);
        NewMetrics::Next(metrics.range(from..).cloned().collect())
    }

    /// Sets the status.
    pub fn set_status(&self, status: RunStatus) {
        self.state.send_modify(|state| state.status = status);
        self.pulse.send_modify(|_| ());
    }

    /// Sets the summary so far.
    pub fn set_summary(&self, summary: RunSummary) {
        *self.summary.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(summary);
    }

    /// Returns up to `most` of the kept live samples after the first `seen`.
    #[must_use]
    pub fn live_samples_after(&self, seen: u64, most: usize) -> LiveSamples {
        let samples = self.samples.read().unwrap_or_else(PoisonError::into_inner);
        let count = *self.pulse.borrow();
        let gone = count - samples.len() as u64;
        // A number beyond the last one is from another run.
        let seen = if seen > count { 0 } else { seen };
        let skip = usize::try_from(seen.saturating_sub(gone)).unwrap_or(usize::MAX);
        LiveSamples {
            first: seen.max(gone) + 1,
            samples: samples.iter().skip(skip).take(most).cloned().collect(),
        }
    }

    /// Returns the latest live sample, if any.
    #[must_use]
    pub fn last_live_sample(&self) -> Option<LiveSample> {
        let samples = self.samples.read().unwrap_or_else(PoisonError::into_inner);
        samples.back().cloned()
    }

    /// Adds the live sample of an interval.
    pub fn add_live_sample(&self, sample: LiveSample) {
        let mut samples = self.samples.write().unwrap_or_else(PoisonError::into_inner);
        if samples.len() == MAX_LIVE_SAMPLES {
            samples.pop_front();
        }
        samples.push_back(sample);
        // Counted while the lock is held, so that a reader sees both or neither.
        self.pulse.send_modify(|count| *count += 1);
    }

    /// Adds metrics, with ascending ids.
    pub fn add_metrics(&self, more: &[NewMetric]) {
        let mut metrics = self.metrics.write().unwrap_or_else(PoisonError::into_inner);
        metrics.extend(more.iter().cloned());
        let excess = metrics.len().saturating_sub(METRICS_KEPT);
        metrics.drain(..excess);
        // Counted while the lock is held, so that a reader sees both or neither.
        self.state
            .send_modify(|state| state.metrics += more.len() as u64);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metrics(ids: std::ops::Range<i64>) -> Vec<NewMetric> {
        ids.map(|id| NewMetric {
            id,
            timestamp: 0,
            name: "rps",
            value: 0.0,
        })
        .collect()
    }

    fn ids(live: &Live, after: i64) -> Option<Vec<i64>> {
        match live.metrics_after(after) {
            NewMetrics::Next(metrics) => Some(metrics.iter().map(|metric| metric.id).collect()),
            NewMetrics::InStore => None,
        }
    }

    #[test]
    fn a_late_comer_gets_everything_from_memory_or_is_sent_to_the_store() {
        let live = Live::new("run_1".into(), WallClockStart::now(), StopSwitch::default());
        assert_eq!(ids(&live, 0), Some(vec![]));
        live.add_metrics(&metrics(50..55));
        assert_eq!(ids(&live, 0), Some(vec![50, 51, 52, 53, 54]));
        assert_eq!(ids(&live, 52), Some(vec![53, 54]));
        live.add_metrics(&metrics(55..55 + METRICS_KEPT as i64));
        assert_eq!(ids(&live, 0), None);
        assert_eq!(ids(&live, 53), None);
        assert_eq!(ids(&live, 54).map(|ids| ids.len()), Some(METRICS_KEPT));
    }

    #[test]
    fn moments_are_kept_up_to_a_bound_and_read_in_parts() {
        let live = Live::new("run_1".into(), WallClockStart::now(), StopSwitch::default());
        let read = |seen, most| -> (u64, Vec<u64>) {
            let kept = live.live_samples_after(seen, most);
            (
                kept.first,
                kept.samples.iter().map(|m| m.completed).collect(),
            )
        };
        let add = |completed| {
            live.add_live_sample(LiveSample {
                completed,
                ..LiveSample::default()
            });
        };
        assert_eq!(read(0, 10), (1, vec![]));
        (1..=5).for_each(add);
        assert_eq!(read(0, 2), (1, vec![1, 2]));
        assert_eq!(read(3, 10), (4, vec![4, 5]));
        assert_eq!(read(5, 10), (6, vec![]));
        assert_eq!(read(9, 1), (1, vec![1]), "a number of another run");
        (6..=5 + MAX_LIVE_SAMPLES as u64).for_each(add);
        assert_eq!(read(0, 2), (6, vec![6, 7]));
        assert_eq!(read(7, 2), (8, vec![8, 9]));
        let last = live.last_live_sample().map(|sample| sample.completed);
        assert_eq!(last, Some(5 + MAX_LIVE_SAMPLES as u64));
    }
}
