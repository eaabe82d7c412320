//! What is known of a run while it goes on, for those who watch.
//!
//! Watchers read it at their own pace; none of them can hold the run up.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use tokio::sync::watch;
use vayu_shared::units::{MILLISECOND, Nanos};

use super::{Moment, StopSwitch};
use crate::store::{NewMetric, RunStatus};
use crate::summary::RunSummary;
use crate::wall_clock::Begun;

/// Metrics kept in memory; older ones are in the store.
const METRICS_KEPT: usize = 10_000;
/// Intervals kept in memory, and nowhere else: ten minutes of 100 ms each.
const MOMENTS_KEPT: usize = 6_000;

/// A run in progress.
pub struct Live {
    /// Its id.
    pub id: String,
    /// When it was asked for. Its timestamps are counted from here.
    pub begun: Begun,
    /// Ends it.
    pub stop: StopSwitch,
    /// Whether it is over and its end waits to be stored.
    is_storing: AtomicBool,
    state: watch::Sender<LiveState>,
    metrics: RwLock<VecDeque<NewMetric>>,
    summary: RwLock<Arc<RunSummary>>,
    moments: RwLock<VecDeque<Moment>>,
    /// How many moments there have been; touched by a new status as well.
    pulse: watch::Sender<u64>,
}

/// What watchers wait for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LiveState {
    /// How far the run is. A last status is told only once everything about
    /// the run can be read from the store.
    pub status: RunStatus,
    /// How many metrics there have been.
    pub metrics: u64,
}

/// The metrics after one that a watcher already has.
pub enum LiveMetrics {
    /// These follow.
    Next(Vec<NewMetric>),
    /// Those that follow are not in memory any more.
    InStore,
}

/// Moments that a watcher does not have yet.
#[derive(Debug, Default)]
pub struct KeptMoments {
    /// The number of the first, counted from 1; some before it may be gone.
    pub first: u64,
    /// In their order.
    pub moments: Vec<Moment>,
}

impl Live {
    /// A run that has not begun, and that `stop` ends.
    #[must_use]
    pub fn new(id: String, begun: Begun, stop: StopSwitch) -> Self {
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
            moments: RwLock::default(),
            pulse: watch::channel(0).0,
        }
    }

    /// An instant of the run in milliseconds since 1970.
    #[must_use]
    pub fn timestamp_ms(&self, elapsed: Nanos) -> i64 {
        self.begun.at_ms + (elapsed / MILLISECOND) as i64
    }

    /// Tells of changes.
    #[must_use]
    pub fn watch(&self) -> watch::Receiver<LiveState> {
        self.state.subscribe()
    }

    /// Tells of every moment, and of changes of the status.
    #[must_use]
    pub fn pulse(&self) -> watch::Receiver<u64> {
        self.pulse.subscribe()
    }

    /// How far the run is.
    #[must_use]
    pub fn status(&self) -> RunStatus {
        self.state.borrow().status
    }

    /// Whether it is over and its end could not be stored yet: its numbers are the last ones.
    #[must_use]
    pub fn is_storing(&self) -> bool {
        self.is_storing.load(Ordering::Relaxed)
    }

    /// It is over, and its end could not be stored yet.
    pub fn set_storing(&self) {
        self.is_storing.store(true, Ordering::Relaxed);
        // Whoever waits for its end waits for nothing else.
        self.state.send_modify(|_| ());
    }

    /// The numbers so far.
    #[must_use]
    pub fn summary(&self) -> Arc<RunSummary> {
        Arc::clone(&self.summary.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The metrics with an id above `after`.
    #[must_use]
    pub fn metrics_after(&self, after: i64) -> LiveMetrics {
        let metrics = self.metrics.read().unwrap_or_else(PoisonError::into_inner);
        let is_complete = (metrics.len() as u64) == self.state.borrow().metrics;
        let reaches_back = metrics
            .front()
            .is_none_or(|oldest| oldest.id <= after.saturating_add(1));
        if !is_complete && !reaches_back {
            return LiveMetrics::InStore;
        }
        let from = metrics.partition_point(|metric| metric.id <= after);
        LiveMetrics::Next(metrics.range(from..).cloned().collect())
    }

    /// The run is as far as `status`.
    pub fn set_status(&self, status: RunStatus) {
        self.state.send_modify(|state| state.status = status);
        self.pulse.send_modify(|_| ());
    }

    /// The numbers so far are these.
    pub fn set_summary(&self, summary: RunSummary) {
        *self.summary.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(summary);
    }

    /// Up to `most` of the moments kept after the first `seen`.
    #[must_use]
    pub fn moments_after(&self, seen: u64, most: usize) -> KeptMoments {
        let moments = self.moments.read().unwrap_or_else(PoisonError::into_inner);
        let count = *self.pulse.borrow();
        let gone = count - moments.len() as u64;
        // A number beyond the last is of another run.
        let seen = if seen > count { 0 } else { seen };
        let skip = usize::try_from(seen.saturating_sub(gone)).unwrap_or(usize::MAX);
        KeptMoments {
            first: seen.max(gone) + 1,
            moments: moments.iter().skip(skip).take(most).cloned().collect(),
        }
    }

    /// The last moment, once there is one.
    #[must_use]
    pub fn last_moment(&self) -> Option<Moment> {
        let moments = self.moments.read().unwrap_or_else(PoisonError::into_inner);
        moments.back().cloned()
    }

    /// One more interval is over.
    pub fn add_moment(&self, moment: Moment) {
        let mut moments = self.moments.write().unwrap_or_else(PoisonError::into_inner);
        if moments.len() == MOMENTS_KEPT {
            moments.pop_front();
        }
        moments.push_back(moment);
        // Counted while the lock is held: a reader sees both or neither.
        self.pulse.send_modify(|count| *count += 1);
    }

    /// More metrics, with ascending ids.
    pub fn add_metrics(&self, more: &[NewMetric]) {
        let mut metrics = self.metrics.write().unwrap_or_else(PoisonError::into_inner);
        metrics.extend(more.iter().cloned());
        let excess = metrics.len().saturating_sub(METRICS_KEPT);
        metrics.drain(..excess);
        // Counted while the lock is held: a reader sees both or neither.
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
            LiveMetrics::Next(metrics) => Some(metrics.iter().map(|metric| metric.id).collect()),
            LiveMetrics::InStore => None,
        }
    }

    #[test]
    fn a_late_comer_gets_everything_from_memory_or_is_sent_to_the_store() {
        let live = Live::new("run_1".into(), Begun::now(), StopSwitch::default());
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
        let live = Live::new("run_1".into(), Begun::now(), StopSwitch::default());
        let read = |seen, most| -> (u64, Vec<u64>) {
            let kept = live.moments_after(seen, most);
            (
                kept.first,
                kept.moments.iter().map(|m| m.completed).collect(),
            )
        };
        let add = |completed| {
            live.add_moment(Moment {
                completed,
                ..Moment::default()
            });
        };
        assert_eq!(read(0, 10), (1, vec![]));
        (1..=5).for_each(add);
        assert_eq!(read(0, 2), (1, vec![1, 2]));
        assert_eq!(read(3, 10), (4, vec![4, 5]));
        assert_eq!(read(5, 10), (6, vec![]));
        assert_eq!(read(9, 1), (1, vec![1]), "a number of another run");
        (6..=5 + MOMENTS_KEPT as u64).for_each(add);
        assert_eq!(read(0, 2), (6, vec![6, 7]));
        assert_eq!(read(7, 2), (8, vec![8, 9]));
        let last = live.last_moment().map(|moment| moment.completed);
        assert_eq!(last, Some(5 + MOMENTS_KEPT as u64));
    }
}
