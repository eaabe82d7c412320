//! What is known of a run while it goes on, for those who watch.
//!
//! Watchers read it at their own pace; none of them can hold the run up.

use std::collections::VecDeque;
use std::sync::{Arc, PoisonError, RwLock};

use tokio::sync::watch;
use vayu_shared::summary::RunSummary;

use super::StopSwitch;
use crate::store::{NewMetric, RunStatus};

/// Metrics kept in memory; older ones are in the store.
const METRICS_KEPT: usize = 10_000;

/// A run in progress.
pub struct Live {
    /// Its id.
    pub id: String,
    /// Ends it.
    pub stop: StopSwitch,
    state: watch::Sender<LiveState>,
    metrics: RwLock<VecDeque<NewMetric>>,
    summary: RwLock<Arc<RunSummary>>,
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

impl Live {
    /// A run that has not begun, and that `stop` ends.
    #[must_use]
    pub fn new(id: String, stop: StopSwitch) -> Self {
        let (state, _) = watch::channel(LiveState {
            status: RunStatus::Pending,
            metrics: 0,
        });
        Self {
            id,
            stop,
            state,
            metrics: RwLock::default(),
            summary: RwLock::default(),
        }
    }

    /// Tells of changes.
    #[must_use]
    pub fn watch(&self) -> watch::Receiver<LiveState> {
        self.state.subscribe()
    }

    /// How far the run is.
    #[must_use]
    pub fn status(&self) -> RunStatus {
        self.state.borrow().status
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
        let reaches_back = metrics.front().is_none_or(|oldest| oldest.id <= after + 1);
        if !is_complete && !reaches_back {
            return LiveMetrics::InStore;
        }
        let from = metrics.partition_point(|metric| metric.id <= after);
        LiveMetrics::Next(metrics.range(from..).cloned().collect())
    }

    /// The run is as far as `status`.
    pub fn set_status(&self, status: RunStatus) {
        self.state.send_modify(|state| state.status = status);
    }

    /// The numbers so far are these.
    pub fn set_summary(&self, summary: RunSummary) {
        *self.summary.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(summary);
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
        let live = Live::new("run_1".into(), StopSwitch::default());
        assert_eq!(ids(&live, 0), Some(vec![]));
        live.add_metrics(&metrics(50..55));
        assert_eq!(ids(&live, 0), Some(vec![50, 51, 52, 53, 54]));
        assert_eq!(ids(&live, 52), Some(vec![53, 54]));
        live.add_metrics(&metrics(55..55 + METRICS_KEPT as i64));
        assert_eq!(ids(&live, 0), None);
        assert_eq!(ids(&live, 53), None);
        assert_eq!(ids(&live, 54).map(|ids| ids.len()), Some(METRICS_KEPT));
    }
}
